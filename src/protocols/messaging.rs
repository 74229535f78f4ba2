//! Message brokers and queues.

use super::layouts::{counts_all, counts_rest};
use crate::framing::by_first_byte::{ByFirstByte, ByteRange};
use crate::framing::either::Either;
use crate::framing::fixed::Fixed;
use crate::framing::header_block::HeaderBlock;
use crate::framing::length_field::{Layout, LengthField, Trailer};
use crate::framing::line_then_block::{BlockRule, LineThenBlock};
use crate::framing::prefix::Prefix;
use crate::framing::require::{Condition, Require};
use crate::framing::then::Then;
use crate::literal::Literal;
use crate::number::{Binary, Escaped, Varint};
use crate::scan::ByteSet;

/// The framing that [`amqp091`] and [`amqp10`] return.
pub type Amqp = ByFirstByte<AmqpFrame, [(ByteRange, AmqpFrame); 2]>;

type AmqpFrame = Either<LengthField<Binary>, Require<Fixed>>;

const HEADER: Require<Fixed> = Require::from_parts([constant!(Condition::bytes(0, b"AMQP"))], constant!(Fixed::new(8)));

/// AMQP 0-9-1: a header of 8 bytes opens the client's stream; then frames, each with the mark `ce` after it.
///
/// ```text
///  offset   0   1   2    3   4   5   6    7
///  wire     08  00  00   00  00  00  00   ce              a heartbeat: no payload
///           ty  channel  length           end
///
///  wire     A   M   Q   P   00  00  09  01                the protocol header
/// ```
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::amqp091());
/// decoder.push(b"AMQP\x00\x00\x09\x01\x08\x00\x00\x00\x00\x00\x00\xce")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"AMQP\x00\x00\x09\x01");
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"\x08\x00\x00\x00\x00\x00\x00");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: a protocol header that does not begin with `AMQP`, a frame without its end `ce`, types above
/// 8. Servers differ: RabbitMQ refuses frames over the `frame-max` that it agreed on, 128 KiB at first, and answers a
/// protocol header that it does not speak with its own. A server can answer frame by frame.
///
/// Limit: 8 MiB, where the peers agree on one by `frame-max`. Specification: AMQP 0-9-1, sections 4.2.2 and 4.2.3.
#[must_use]
pub const fn amqp091() -> Amqp {
    let mut layout = counts_rest(3, Binary::u32_be(), 7);
    layout.trailer = Trailer::Literal(Literal::byte(0xce));
    let frame = LengthField::from_parts(Binary::u32_be(), layout);
    ByFirstByte::from_table([(ByteRange::new(1, 8), Either::A(frame)), (ByteRange::new(b'A', b'A'), Either::B(HEADER))])
}

/// AMQP 1.0: headers of 8 bytes, one for each layer (SASL, then AMQP), and frames whose length counts all.
///
/// ```text
///  offset   0   1   2   3    4    5    6   7
///  wire     00  00  00  08   02   00   00  00             an empty frame, which keeps the connection alive
///           length           doff type channel
///
///  wire     A   M   Q   P   03  01  00  00                a protocol header: here, SASL
/// ```
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::amqp10());
/// decoder.push(b"AMQP\x00\x01\x00\x00\x00\x00\x00\x08\x02\x00\x00\x00")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"AMQP\x00\x01\x00\x00");
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"\x00\x00\x00\x08\x02\x00\x00\x00");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: a protocol header that does not begin with `AMQP`. Servers differ: each refuses frames
/// over its `max-frame-size`, and nobody may send more than 512 bytes before that is agreed on. A server can answer frame
/// by frame.
///
/// Limit: 8 MiB, where the peers agree on one by `max-frame-size`. A frame of 1 GiB would look like a protocol
/// header. Specification: OASIS AMQP 1.0, part 2, sections 2.2 and 2.3.
#[must_use]
pub const fn amqp10() -> Amqp {
    let frame = LengthField::from_parts(Binary::u32_be(), counts_all(0, Binary::u32_be(), 8));
    ByFirstByte::from_table([
        (ByteRange::new(0, b'@'), Either::A(frame)),
        (ByteRange::new(b'A', b'A'), Either::B(HEADER)),
    ])
}

/// MQTT 3.1, 3.1.1 and 5: a byte of type and flags, then the length in one to four bytes of seven bits.
///
/// ```text
///  offset   0   1    2
///  wire     c0  00                                          PINGREQ: no more
///  wire     30  0a   00 03 t / a h e l l o                  PUBLISH: topic "t/a" and payload "hello"
///           ty  length
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let publish = b"\x30\x0a\x00\x03t/ahello";
/// let extent = Extent::new(2, 10, 0).with_message_header(2);
/// assert_eq!(Deframer::new(protocols::mqtt()).step(publish)?, Step::Frame(extent));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: lengths of more than four bytes, and in more bytes than needed. Types and flags are not
/// looked at. Servers differ: Mosquitto reads lengths in more bytes than needed. A server can answer frame by frame.
///
/// Limit: 8 MiB; the specification's is 268,435,455 bytes. Specification: OASIS MQTT 5.0, sections 2.1 and 1.5.5.
#[must_use]
pub const fn mqtt() -> LengthField<Varint> {
    LengthField::from_parts(Varint::mqtt(), Layout::new(1))
}

/// The framing that [`zmtp`] returns: three parts of the greeting, then frames.
pub type Zmtp = Then<Require<Fixed>, Then<Require<Fixed>, Then<Fixed, Require<LengthField<Escaped>>>>>;

/// ZeroMQ's ZMTP 3: a greeting of 64 bytes in three parts, then frames whose flags give the width of their length.
///
/// ```text
///  wire     ff 00 00 00 00 00 00 00 01 7f                   the signature, 10 bytes
///           03                                              the version: the peer waits for the signature before it
///           01  N U L L \0 …                                53 bytes: minor version, mechanism, filler
///
///  offset   0    1   2
///  wire     00   05  h e l l o                              a last frame of 5 bytes
///  wire     02   00 00 00 00 00 00 01 00  …                 the bit LONG: 64 bits of length, here 256 bytes
///           flags: 1 MORE, 2 LONG, 4 COMMAND
/// ```
///
/// The first three messages of a stream are the parts of the greeting. After them the message is the frame, flags and
/// length included. The reader must join frames with MORE. To write anything after the signature, use an
/// [`Encoder`](crate::Encoder), which remembers how far the stream is.
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::zmtp());
/// decoder.push(b"\xff\0\0\0\0\0\0\0\x01\x7f")?;
/// assert_eq!(decoder.next_frame()?.unwrap().wire_len(), 10);
/// decoder.push(&[&b"\x03\x01NULL"[..], &[0; 48], b"\x00\x05hello"].concat())?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"\x03");
/// assert_eq!(decoder.next_frame()?.unwrap().wire_len(), 53);
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"\x00\x05hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: another signature, versions below 3, flags that the specification reserves, and a command
/// with MORE. Servers differ: libzmq sends the signature, waits for the peer's, sends the version, and waits again; it
/// also speaks to versions 1 and 2, whose greetings are shorter. A peer can answer frame by frame.
///
/// Limit: 8 MiB; the specification's is 2^63 − 1. Specification: ZMTP 3.1, "Framing" and "Version negotiation".
#[must_use]
pub const fn zmtp() -> Zmtp {
    const SIGNATURE: Require<Fixed> =
        Require::from_parts([Condition::byte(0, 0xff), Condition::byte(9, 0x7f)], constant!(Fixed::new(10)));
    const VERSION: Require<Fixed> =
        Require::from_parts([constant!(Condition::one_of(0, ByteSet::range(3, 0xff)))], constant!(Fixed::new(1)));
    const REST: Fixed = constant!(Fixed::new(53));
    const LENGTH: Escaped =
        constant!(constant!(constant!(Escaped::new(0x02)).with_step(0, Binary::u8())).with_step(1, Binary::u64_be()));
    // 2^63 − 1.
    let length = LENGTH.with_max(u64::MAX >> 1).allowing_longer_forms();
    // A command is never followed by more of it.
    const FLAGS: ByteSet = ByteSet::range(0, 4).with(6);
    let conditions = [constant!(Condition::one_of(0, FLAGS))];
    let frame = Require::from_parts(conditions, LengthField::from_parts(length, Layout::new(0)));
    Then::new(SIGNATURE, Then::new(VERSION, Then::new(REST, frame)))
}

/// STOMP 1.0 to 1.2: a command, headers, an empty line, a body and a zero byte.
///
/// ```text
///  wire     S E N D \n  content-length:5 \n  \n    h e l l o    \0
///           header                                   payload      trailer
/// ```
///
/// Without a `content-length` the body lasts to the first zero byte. A line end between frames is a heart-beat, and a
/// control frame here. The message is the header and the body.
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::stomp());
/// decoder.push(b"SEND\ndestination:/q\n\nhello\0\n")?;
/// let frame = decoder.next_frame()?.unwrap();
/// assert_eq!((frame.header(), frame.payload()), (&b"SEND\ndestination:/q\n\n"[..], &b"hello"[..]));
/// assert!(decoder.next_frame()?.unwrap().is_control());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Names of fields are case-sensitive: `Content-Length` is no length. Refused in both directions: a CR in a header that
/// is not before an LF, and NUL. Servers differ: they take the first of two `content-length` fields, which are an error
/// here. A server can answer frame by frame.
///
/// Limits: 8 KiB of header, 8 MiB of body. A second `content-length` is a fault, although the specification uses the
/// first one. Specification: STOMP 1.2, "STOMP Frames", "Body", "Heart-beating".
#[must_use]
pub const fn stomp() -> HeaderBlock {
    const LENGTH: HeaderBlock = constant!(HeaderBlock::new("content-length"));
    LENGTH.with_start_line().allowing_bare_lf().ended_by(0).with_blank_lines_between().matching_case()
}

/// The framing that [`nats`] returns.
pub type Nats = LineThenBlock<[BlockRule; 4]>;

/// NATS: lines, and after `PUB`, `MSG` and their forms with headers the payload, whose length is the line's last field.
///
/// ```text
///  wire     P U B _ a . b _ 5 \r \n   h e l l o   \r \n
///           P I N G \r \n
/// ```
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::nats());
/// decoder.push(b"MSG a.b 9 inbox 5\r\nhello\r\n+OK\r\n")?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"hello");
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"+OK");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Lines end with LF too, as nats-server reads them; they are written with CR LF. Refused in both directions: a CR in a
/// line that is not before an LF, and NUL. Servers differ: nats-server closes the connection for a line over its
/// `max_control_line`, 4 KiB unless it is set. A server can answer frame by frame.
///
/// Limits: lines to 32 KiB, as a server's INFO may be longer than the 4 KiB that clients may send; payloads to 8 MiB,
/// where the server's own is 1 MiB by default. Specification: NATS, "Client Protocol".
#[must_use]
pub const fn nats() -> Nats {
    const RULES: [BlockRule; 4] = [
        constant!(BlockRule::word("MSG")).ignoring_case(),
        constant!(BlockRule::word("HMSG")).ignoring_case(),
        constant!(BlockRule::word("PUB")).ignoring_case(),
        constant!(BlockRule::word("HPUB")).ignoring_case(),
    ];
    LineThenBlock::from_rules(RULES).allowing_bare_lf().with_max_line_len(32 * 1024)
}

/// Kafka: 32 bits of length before every request and response.
///
/// ```text
///  offset   0   1   2   3    4   5   6   7   8   9  10  11  12  13
///  wire     00  00  00  0a   00  12  00  00  00  00  00  01  ff  ff       ApiVersions, version 0, no client id
///           length           payload
/// ```
///
/// ```
/// use anysplit::{Framing, protocols};
///
/// let mut wire = [0; 14];
/// protocols::kafka().encode_into(b"\x00\x12\x00\x00\x00\x00\x00\x01\xff\xff", &mut wire)?;
/// assert_eq!(wire, *b"\x00\x00\x00\x0a\x00\x12\x00\x00\x00\x00\x00\x01\xff\xff");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused in both directions: lengths over the limit. Servers differ: a broker closes the connection for a length over its
/// `socket.request.max.bytes`. A server can answer frame by frame, in the order of the requests.
///
/// Limit: 104,857,600 bytes, the broker's `socket.request.max.bytes`. The number is signed; negative numbers
/// are over the limit. Specification: Kafka protocol guide, "Protocol Primitives" and "Size".
#[must_use]
pub const fn kafka() -> Prefix<Binary> {
    Prefix::u32_be().with_max_payload_len(104_857_600)
}
