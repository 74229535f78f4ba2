//! Job queues and log collectors.

use super::layouts::counts_rest;
use crate::framing::by_first_byte::{ByFirstByte, ByteRange};
use crate::framing::delimited::{Delimited, Lines, Unterminated};
use crate::framing::either::Either;
use crate::framing::fixed::Fixed;
use crate::framing::forbid::Forbid;
use crate::framing::length_field::LengthField;
use crate::framing::line_then_block::{BlockRule, LineThenBlock};
use crate::framing::require::{Condition, Require};
use crate::framing::values::MessagePack;
use crate::literal::Literal;
use crate::number::Binary;
use crate::scan::ByteSet;

/// The framing that [`beanstalkd`] returns.
pub type Beanstalkd = LineThenBlock<[BlockRule; 4]>;

/// beanstalkd: lines, and a job's body after each line that puts or returns a job.
///
/// ```text
///  wire     p u t _ 0 _ 0 _ 6 0 _ 5 \r \n   h e l l o   \r \n     the fourth field is the length
///           R E S E R V E D _ 1 _ 5 \r \n   h e l l o   \r \n     the second
///           D E L E T E D \r \n                                   a line alone
/// ```
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::beanstalkd());
/// decoder.push(b"RESERVED 1 5\r\nhello\r\nDELETED\r\n")?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"hello");
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"DELETED");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Requests and answers are read. Refused in both directions: a lone CR, a lone LF and NUL in a line, and a body
/// without CR LF after it. Servers differ: beanstalkd reads a lone LF as a part of the line. It answers a line that is
/// too long with `BAD_FORMAT`, and a body without CR LF with `EXPECTED_CRLF`, and goes on. A server can answer frame by
/// frame.
///
/// Limits: 224 bytes for a line, as in beanstalkd, and 8 MiB for a body; the server's own limit is 65,535 bytes by
/// default. Specification: beanstalkd, doc/protocol.txt, "Producer Commands" and "Worker Commands".
#[must_use]
pub const fn beanstalkd() -> Beanstalkd {
    const fn rule(word: &str, field: u8) -> BlockRule {
        constant!(constant!(BlockRule::word(word)).splitting_at_space().in_field(field))
    }
    const RULES: [BlockRule; 4] = [rule("put", 4), rule("RESERVED", 2), rule("FOUND", 2), rule("OK", 1)];
    LineThenBlock::from_rules(RULES).with_max_line_len(224)
}

/// The framing that [`gearman`] returns.
pub type Gearman = ByFirstByte<GearmanFrame, [(ByteRange, GearmanFrame); 2]>;

type GearmanFrame = Either<Require<LengthField<Binary>>, Forbid<Delimited<Lines>>>;

/// Gearman: packets with a header of 12 bytes, and lines of text for administrators.
///
/// ```text
///  offset   0   1 2 3   4           8           12
///  wire     00  R E Q   00 00 00 10 00 00 00 02 h i         ECHO_REQ with 2 bytes
///           magic       type        length      payload
///
///  wire     s t a t u s \n                                  a line: the first byte is not zero
/// ```
///
/// The message of a packet is the complete packet.
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let echo = b"\0REQ\0\0\0\x10\0\0\0\x02hi";
/// let extent = Extent::new(12, 2, 0).with_message_header(12);
/// assert_eq!(Deframer::new(protocols::gearman()).step(echo)?, Step::Frame(extent));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: any magic but `\0REQ` and `\0RES`; NUL, and a CR that is not before an LF, in a line.
/// Servers differ: gearmand reads such bytes in a line, and answers a line that it does not know with one that begins
/// with `ERR`. A server can answer frame by frame.
///
/// Limits: 8 MiB a packet, 8 KiB a line; the specification sets none. Specification: Gearman, PROTOCOL, "Binary Packet" and
/// "Administrative Protocol".
#[must_use]
pub const fn gearman() -> Gearman {
    let conditions =
        [constant!(Condition::bytes(0, b"\0RE")), constant!(Condition::one_of(3, ByteSet::of(b'Q').with(b'S')))];
    let packet = LengthField::from_parts(Binary::u32_be(), counts_rest(8, Binary::u32_be(), 12));
    let line = Delimited::line().with_unterminated(Unterminated::Fail).with_max_payload_len(8192);
    let line = Forbid::from_parts(ByteSet::of(0).with(b'\r'), line);
    ByFirstByte::from_table([
        (ByteRange::new(0, 0), Either::A(Require::from_parts(conditions, packet))),
        (ByteRange::new(1, 0xff), Either::B(line)),
    ])
}

/// Fluentd's forward protocol: values of MessagePack, one after the other.
///
/// ```text
///  wire     93   a1 61   00   81 a1 6b 01                   ["a", 0, {"k": 1}]
///           array tag    time record
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let event = b"\x93\xa1a\x00\x81\xa1k\x01";
/// assert_eq!(Deframer::new(protocols::fluentd()).step(event)?, Step::Frame(Extent::new(0, 8, 0)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Events, batches of events, the messages of the handshake and acknowledgements are such values. Refused in both
/// directions: the byte `c1`, which begins no value. Servers differ: Fluentd reads JSON if a connection begins with `{`
/// or `[`. A server can answer frame by frame.
///
/// Limit: 8 MiB, which the specification does not set. Specification: Fluentd, "Forward Protocol Specification v1", event
/// modes; MessagePack specification, "Formats".
#[must_use]
pub const fn fluentd() -> MessagePack {
    MessagePack::new()
}

/// The framing that [`gelf`] returns.
pub type Gelf = Forbid<Delimited<[[u8; 1]; 1]>>;

/// GELF over TCP: JSON texts, each ended by a zero byte.
///
/// ```text
///  wire     { " v e r s i o n " : " 1 . 1 " , … }   00
/// ```
///
/// ```
/// use anysplit::{Framing, protocols};
///
/// let mut wire = Vec::new();
/// protocols::gelf().encode(b"{}", &mut wire)?;
/// assert_eq!(wire, b"{}\0");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused in both directions: control bytes other than tab, CR and LF, because JSON does not allow them. Servers
/// differ: Graylog ends messages at LF if its `use_null_delimiter` is off. Nothing is answered, so a server can work
/// frame by frame.
///
/// Limit: 8 MiB; Graylog's own is 2 MiB by default. Specification: Graylog documentation, "GELF via TCP".
#[must_use]
pub const fn gelf() -> Gelf {
    const CONTROLS: ByteSet = ByteSet::range(1, 0x1f).without(b'\t').without(b'\n').without(b'\r');
    Forbid::from_parts(CONTROLS, Delimited::nul())
}

/// The framing that [`lumberjack`] returns.
pub type Lumberjack = ByFirstByte<LumberjackFrame, [(ByteRange, LumberjackFrame); 4]>;

type LumberjackFrame = Either<Require<Fixed>, LengthField<Binary>>;

/// Lumberjack 2, the protocol of Beats and Logstash: the version `2`, a type, and fields that depend on the type.
///
/// ```text
///  offset   0  1  2           6           10
///  wire     2  W  00 00 00 01                              a window of one event
///           2  J  00 00 00 01 00 00 00 02 { }              the event 1, 2 bytes of JSON
///           2  C  00 00 00 64 100 bytes                    frames, compressed
///           2  A  00 00 00 01                              an acknowledgement
/// ```
///
/// The second byte, the type, chooses the form of the frame. The message is the complete frame; the reader must inflate
/// the payload of `C` and read the frames in it.
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::lumberjack());
/// decoder.push(b"2W\0\0\0\x012J\0\0\0\x01\0\0\0\x02{}")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"2W\0\0\0\x01");
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"{}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: other versions, and the type `D` of version 1, which has a length for each of its keys
/// and values. Servers differ: Logstash reads version 1 too. A server can answer frame by frame; one acknowledgement
/// answers a window of events.
///
/// Limit: 8 MiB. Specification: Lumberjack protocol, PROTOCOL.md, "Data framing"; Elastic's go-lumber for version 2.
#[must_use]
pub const fn lumberjack() -> Lumberjack {
    const TWO: Literal = Literal::byte(b'2');
    const SHORT: Require<Fixed> = Require::from_parts([constant!(Condition::bytes(0, b"2"))], constant!(Fixed::new(6)));
    let mut compressed = counts_rest(2, Binary::u32_be(), 6);
    compressed.required[0] = Some((0, TWO));
    let mut json = counts_rest(6, Binary::u32_be(), 10);
    json.required[0] = Some((0, TWO));
    ByFirstByte::from_table([
        (ByteRange::new(b'J', b'J'), Either::B(LengthField::from_parts(Binary::u32_be(), json))),
        (ByteRange::new(b'C', b'C'), Either::B(LengthField::from_parts(Binary::u32_be(), compressed))),
        (ByteRange::new(b'W', b'W'), Either::A(SHORT)),
        (ByteRange::new(b'A', b'A'), Either::A(SHORT)),
    ])
    .choosing_at(1)
}
