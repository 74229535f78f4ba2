//! Factories, vehicles, meters and buildings.

use super::layouts::{counts_all, counts_rest};
use crate::framing::length_field::{Layout, LengthField};
use crate::framing::require::{Condition, Require};
use crate::literal::Literal;
use crate::number::Binary;
use crate::scan::ByteSet;

/// EtherNet/IP: a header of 24 bytes with the length of the rest, little-endian.
///
/// ```text
///  offset   0   1   2   3   4           8           12          20          24
///  wire     65  00  04  00  00 00 00 00 00 00 00 00 8 bytes     00 00 00 00 01 00 00 00     RegisterSession
///           command length  session     status      context     options     payload
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let mut register = [0; 28];
/// (register[0], register[2], register[24]) = (0x65, 4, 1);
/// let extent = Extent::new(24, 4, 0).with_message_header(24);
/// assert_eq!(Deframer::new(protocols::enip()).step(&register)?, Step::Frame(extent));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: options other than 0, because a receiver must discard such packets, and commands above
/// 255, which do not exist. Servers differ: OpenER answers a command that it does not know with status 1. A server can
/// answer frame by frame.
///
/// Limit: 65,535 bytes after the header; the specification's is 65,511. Specification: CIP networks library, volume 2,
/// sections 2-3 and 2-4.
#[must_use]
pub const fn enip() -> LengthField<Binary> {
    let mut layout = counts_rest(2, Binary::u16_le(), 24);
    layout.required = [Some((1, Literal::byte(0))), Some((20, Literal::of_four([0; 4])))];
    LengthField::from_parts(Binary::u16_le(), layout)
}

/// IEC 60870-5-104: the byte `68`, the length of the rest, and four control bytes.
///
/// ```text
///  offset   0    1    2   3   4   5    6
///  wire     68   04   07  00  00  00                        STARTDT act: no more than the control bytes
///           start len control          payload
/// ```
///
/// The message is the complete frame. Its payload here is the part after the control bytes.
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let start = b"\x68\x04\x07\x00\x00\x00";
/// assert_eq!(Deframer::new(protocols::iec104()).step(start)?, Step::Frame(Extent::new(6, 0, 0).with_message_header(6)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: another start byte, and lengths below 4 and above 253. Stations differ: lib60870 also
/// reads the lengths 254 and 255. A station can answer frame by frame.
///
/// Limit: 253 bytes after the length. Specification: IEC 60870-5-104, section 5.
#[must_use]
pub const fn iec104() -> LengthField<Binary> {
    let mut layout = Layout::new(1);
    layout.after = 4;
    layout.adjustment = Some(0);
    layout.max = 253 - 4;
    layout.required[0] = Some((0, Literal::byte(0x68)));
    LengthField::from_parts(Binary::u8(), layout)
}

/// The framing that [`opcua`] returns.
pub type OpcUa = Require<LengthField<Binary>>;

/// OPC UA over TCP: three letters, a chunk type, and 32 bits of length that count all, little-endian.
///
/// ```text
///  offset   0 1 2   3   4   5   6   7   8
///  wire     M S G   F   0c  00  00  00  01 00 00 00         12 bytes in all
///           type    chunk length        payload
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let chunk = b"MSGF\x0c\0\0\0\x01\0\0\0";
/// assert_eq!(Deframer::new(protocols::opcua()).step(chunk)?, Step::Frame(Extent::new(8, 4, 0).with_message_header(8)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: types whose first letter is not that of `HEL`, `ACK`, `ERR`, `RHE`, `OPN`, `MSG` or
/// `CLO`, and chunk types other than `F`, `C` and `A`. Servers differ in the longest chunk that they take, which they
/// announce in `ACK`. A server can answer frame by frame; the reader must join chunks.
///
/// Limit: 8 MiB; the peers agree on their own in `HEL` and `ACK`. Specification: OPC 10000-6, sections 6.7.2.2 and
/// 7.1.2.2.
#[must_use]
pub const fn opcua() -> OpcUa {
    const TYPES: ByteSet = ByteSet::of(b'H').with(b'A').with(b'E').with(b'R').with(b'O').with(b'M').with(b'C');
    const CHUNKS: ByteSet = ByteSet::of(b'F').with(b'C').with(b'A');
    let conditions = [constant!(Condition::one_of(0, TYPES)), constant!(Condition::one_of(3, CHUNKS))];
    Require::from_parts(conditions, LengthField::from_parts(Binary::u32_le(), counts_all(4, Binary::u32_le(), 8)))
}

/// The framing that [`hsms`] returns.
pub type Hsms = Require<LengthField<Binary>>;

/// HSMS, SECS-II over TCP: 32 bits of length, which also count the header of ten bytes after them.
///
/// ```text
///  offset   0   1   2   3    4   5   6   7   8    9    10
///  wire     00  00  00  0a   ff  ff  00  00  00   01   00 00 00 01        Select.req
///           length           session         P    S    system bytes
/// ```
///
/// The message is the complete frame.
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let select = b"\0\0\0\x0a\xff\xff\0\0\0\x01\0\0\0\x01";
/// assert_eq!(Deframer::new(protocols::hsms()).step(select)?, Step::Frame(Extent::new(14, 0, 0).with_message_header(14)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: lengths below 10, presentation types other than 0, and session types above 9. Peers
/// differ: the standard lets a peer answer a type that it does not support with Reject.req and go on. A peer can answer
/// frame by frame.
///
/// Limit: 8 MiB; the field's is 4 GiB. Specification: SEMI E37, section 8.2.
#[must_use]
pub const fn hsms() -> Hsms {
    let mut layout = Layout::new(0);
    layout.after = 10;
    layout.adjustment = Some(0);
    let conditions = [constant!(Condition::bytes(8, b"\0")), constant!(Condition::one_of(9, ByteSet::range(0, 9)))];
    Require::from_parts(conditions, LengthField::from_parts(Binary::u32_be(), layout))
}

/// The framing that [`doip`] returns.
pub type Doip = Require<LengthField<Binary>>;

/// DoIP, diagnostics of vehicles: a version, its complement, a type, and 32 bits of length.
///
/// ```text
///  offset   0    1    2   3    4   5   6   7    8
///  wire     02   fd   00  05   00  00  00  07   0e 00 00 00 00 00 00      routing activation request
///           ver  ~ver type     length           payload
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let request = b"\x02\xfd\0\x05\0\0\0\x07\x0e\0\0\0\0\0\0";
/// assert_eq!(Deframer::new(protocols::doip()).step(request)?, Step::Frame(Extent::new(8, 7, 0).with_message_header(8)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: versions other than 1 to 4 and 255, and a second byte that is not the complement of one
/// of these. Whether the second byte is the complement of the first is not checked. Entities differ in the longest
/// message that they take; they answer a longer one, or one of another version, with a negative acknowledgement. An
/// entity can answer frame by frame.
///
/// Limit: 8 MiB; the field's is 4 GiB. Specification: ISO 13400-2, section 9.2 (generic DoIP header).
#[must_use]
pub const fn doip() -> Doip {
    let conditions = [
        constant!(Condition::one_of(0, ByteSet::range(1, 4).with(0xff))),
        constant!(Condition::one_of(1, ByteSet::range(0xfb, 0xfe).with(0))),
    ];
    Require::from_parts(conditions, LengthField::from_parts(Binary::u32_be(), counts_rest(4, Binary::u32_be(), 8)))
}

/// SOME/IP over TCP: a header of 16 bytes. Its length counts the last 8 bytes of the header too.
///
/// ```text
///  offset   0           4           8           12   13   14   15    16
///  wire     12 34 00 01 00 00 00 0a 00 00 00 01 01   01   00   00    h i
///           message     length      request     ver  if   ty   ret   payload
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let request = b"\x12\x34\0\x01\0\0\0\x0a\0\0\0\x01\x01\x01\0\0hi";
/// assert_eq!(Deframer::new(protocols::someip()).step(request)?, Step::Frame(Extent::new(16, 2, 0).with_message_header(16)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: lengths below 8, and protocol versions other than 1. Peers differ: some send magic
/// cookies between their messages. A magic cookie has the form of a message, and is read as one. A peer can answer
/// frame by frame.
///
/// Limit: 8 MiB; the field's is 4 GiB. Specification: AUTOSAR, SOME/IP protocol specification, section 4.1 (header) and
/// 4.2.1.3 (TCP).
#[must_use]
pub const fn someip() -> LengthField<Binary> {
    let mut layout = counts_rest(4, Binary::u32_be(), 16);
    layout.adjustment = Some(0);
    layout.required[0] = Some((12, Literal::byte(1)));
    LengthField::from_parts(Binary::u32_be(), layout)
}

/// KNXnet/IP over TCP: a header of six bytes, whose last two bytes are the length of the complete frame.
///
/// ```text
///  offset   0    1    2   3    4   5    6
///  wire     06   10   02  07   00  10   15 00 08 01 7f 00 00 01 d4 31     CONNECTIONSTATE_REQUEST
///           len  ver  service  total    payload
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let request = b"\x06\x10\x02\x07\x00\x10\x15\x00\x08\x01\x7f\x00\x00\x01\xd4\x31";
/// assert_eq!(Deframer::new(protocols::knx()).step(request)?, Step::Frame(Extent::new(6, 10, 0).with_message_header(6)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: another header length and another version. Servers differ: those with version 1 of the
/// tunnelling service speak UDP only. A server can answer frame by frame.
///
/// Limit: 65,535 bytes in all. Specification: ISO 22510 (EN 13321-2), section 5.2, common header; KNX specification 3.8.2.
#[must_use]
pub const fn knx() -> LengthField<Binary> {
    const START: Literal = constant!(Literal::new(b"\x06\x10"));
    let mut layout = counts_all(4, Binary::u16_be(), 6);
    layout.required[0] = Some((0, START));
    LengthField::from_parts(Binary::u16_be(), layout)
}

/// Beckhoff's ADS over TCP: two zero bytes, and 32 bits of length, which count an AMS header of 32 bytes and its data.
///
/// ```text
///  offset   0   1   2   3   4   5    6
///  wire     00  00  20  00  00  00   32 bytes               an AMS packet without data
///           zeros   length           payload
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let mut packet = [0; 38];
/// packet[2] = 32;
/// assert_eq!(Deframer::new(protocols::ads()).step(&packet)?, Step::Frame(Extent::new(6, 32, 0).with_message_header(6)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: a start other than two zero bytes, and lengths below 32. Servers differ: a local router
/// also reads commands of its own, which have another start. A server can answer frame by frame.
///
/// Limit: 8 MiB. Specification: Beckhoff Information System, "AMS/TCP Packet" and "AMS Header".
#[must_use]
pub const fn ads() -> LengthField<Binary> {
    const ZEROS: Literal = constant!(Literal::new(&[0, 0]));
    let mut layout = counts_rest(2, Binary::u32_le(), 6);
    layout.min = 32;
    layout.required[0] = Some((0, ZEROS));
    LengthField::from_parts(Binary::u32_le(), layout)
}

/// DLMS/COSEM's wrapper, meters over TCP: version 1, two ports, and 16 bits of length.
///
/// ```text
///  offset   0   1   2   3   4   5   6   7    8
///  wire     00  01  00  01  00  10  00  05   c4 01 c1 00 00       a response of 5 bytes
///           version from    to      length   payload
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let response = b"\0\x01\0\x01\0\x10\0\x05\xc4\x01\xc1\0\0";
/// assert_eq!(Deframer::new(protocols::dlms()).step(response)?, Step::Frame(Extent::new(8, 5, 0).with_message_header(8)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: versions other than 1. Meters differ in the longest APDU that they take, which they
/// announce when an association opens. A meter can answer frame by frame.
///
/// Limit: 65,535 bytes. Specification: IEC 62056-47, section 5.3.2 (wrapper protocol data unit); DLMS UA 1000-2.
#[must_use]
pub const fn dlms() -> LengthField<Binary> {
    const VERSION: Literal = constant!(Literal::new(&[0, 1]));
    let mut layout = counts_rest(6, Binary::u16_be(), 8);
    layout.required[0] = Some((0, VERSION));
    LengthField::from_parts(Binary::u16_be(), layout)
}
