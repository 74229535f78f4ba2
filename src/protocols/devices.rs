//! Devices, files and media.

use super::layouts::{counts_all, counts_rest};
use crate::framing::delimited::Delimited;
use crate::framing::enclosed::Enclosed;
use crate::framing::forbid::Forbid;
use crate::framing::length_field::{Extra, Layout, LengthField};
use crate::framing::prefix::Prefix;
use crate::framing::require::{Condition, Require};
use crate::literal::Literal;
use crate::number::{Ascii, Binary, Bits, Escaped};
use crate::scan::ByteSet;

/// Modbus/TCP: a header of 6 bytes that ends with the length of the rest.
///
/// ```text
///  offset   0   1    2   3    4   5    6    7
///  wire     00  01   00  00   00  06   01   03 00 00 00 02  read two registers of unit 1
///           transact protocol length   unit function …
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let read = b"\x00\x01\x00\x00\x00\x06\x01\x03\x00\x00\x00\x02";
/// assert_eq!(Deframer::new(protocols::modbus()).step(read)?, Step::Frame(Extent::new(6, 6, 0).with_message_header(6)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: another protocol than 0, and less than two bytes after the header, which are unit and
/// function. No server is known to differ. A server can answer frame by frame.
///
/// Limit: 254 bytes after the header. Specification: MODBUS Messaging on TCP/IP, implementation guide 1.0b,
/// section 3.1.3.
#[must_use]
pub const fn modbus() -> LengthField<Binary> {
    const ZERO: Literal = constant!(Literal::new(&[0, 0]));
    let mut layout = counts_rest(4, Binary::u16_be(), 6);
    layout.min = 2;
    layout.max = 254;
    layout.required[0] = Some((2, ZERO));
    LengthField::from_parts(Binary::u16_be(), layout)
}

/// TPKT, under ISO transport: RDP, H.323, S7. Version 3, and 16 bits of length that count all.
///
/// ```text
///  offset   0    1    2   3    4
///  wire     03   00   00  0b   06 e0 00 00 00 00 00         a connection request
///           ver  0    length   payload
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let request = b"\x03\x00\x00\x0b\x06\xe0\x00\x00\x00\x00\x00";
/// assert_eq!(Deframer::new(protocols::tpkt()).step(request)?, Step::Frame(Extent::new(4, 7, 0).with_message_header(4)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: versions other than 3, and lengths below 4. Servers differ: those of RDP also read fast-path
/// packets, which begin with another byte. A server can answer frame by frame.
///
/// Limit: 65,535 bytes in all. RDP's own fast-path packets have another form. Specification: RFC 1006, section 6;
/// RFC 2126, section 4.3.
#[must_use]
pub const fn tpkt() -> LengthField<Binary> {
    let mut layout = counts_all(2, Binary::u16_be(), 4);
    layout.required[0] = Some((0, Literal::byte(3)));
    LengthField::from_parts(Binary::u16_be(), layout)
}

/// The framing that [`hl7`] returns.
pub type Hl7 = Enclosed<Forbid<Delimited<[[u8; 2]; 1]>>>;

/// HL7's minimal lower layer protocol: the byte `0b`, the message, `1c`, `0d`.
///
/// ```text
///  wire     0b   M S H | ^ ~ \ & | …   1c  0d
///           header payload               trailer
/// ```
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::hl7());
/// decoder.push(b"\x0bMSH|^~\\&|A\r\x1c\r")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"MSH|^~\\&|A\r");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: control bytes in a block, other than the CR after each segment. Servers differ: some take
/// `1c` without its `0d` for an end, which is an error here, at the byte after it. CR and LF between blocks, which some
/// senders write, are skipped. A server can answer frame by frame.
///
/// Limit: 8 MiB. Specification: HL7 version 3,
/// "Transport Specification: MLLP, Release 1".
#[must_use]
pub const fn hl7() -> Hl7 {
    const CONTROLS: ByteSet = ByteSet::range(0, 0x1f).without(b'\r');
    const LINE_ENDS: ByteSet = ByteSet::of(b'\r').with(b'\n');
    Enclosed::by_byte(0x0b, LINE_ENDS, Forbid::from_parts(CONTROLS, Delimited::two([0x1c, 0x0d])))
}

/// DICOM's upper layer: a type, a zero, and 32 bits of length.
///
/// ```text
///  offset   0    1    2   3   4   5    6
///  wire     05   00   00  00  00  04   00 00 00 00          A-RELEASE-RQ
///           ty   0    length           payload
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let release = b"\x05\x00\x00\x00\x00\x04\x00\x00\x00\x00";
/// assert_eq!(Deframer::new(protocols::dicom()).step(release)?, Step::Frame(Extent::new(6, 4, 0).with_message_header(6)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: lengths over the limit. The type is not looked at. Servers differ: each aborts an
/// association in which a PDU is longer than it announced. A server can answer frame by frame.
///
/// Limit: 8 MiB; the field's is 4 GiB. Specification: DICOM PS3.8, section 9.3.
#[must_use]
pub const fn dicom() -> LengthField<Binary> {
    LengthField::from_parts(Binary::u32_be(), counts_rest(2, Binary::u32_be(), 6))
}

/// 9P, version 2000 and its kin: a header of 7 bytes that begins with the length of all, little-endian.
///
/// ```text
///  offset   0   1   2   3    4    5   6    7
///  wire     13  00  00  00   64   ff  ff   00 20 00 00 06 00 9 P 2 0 0 0
///           length           ty   tag      payload
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let version = b"\x13\x00\x00\x00\x64\xff\xff\x00\x20\x00\x00\x06\x009P2000";
/// assert_eq!(Deframer::new(protocols::p9()).step(version)?, Step::Frame(Extent::new(7, 12, 0).with_message_header(7)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: a length below the 7 bytes of the header. Servers differ: each refuses messages over the
/// `msize` that it agreed on in the first exchange. A server can answer frame by frame.
///
/// Limit: 8 MiB, where the peers agree on one, `msize`. Specification: Plan 9 manual, intro(5).
#[must_use]
pub const fn p9() -> LengthField<Binary> {
    LengthField::from_parts(Binary::u32_le(), counts_all(0, Binary::u32_le(), 7))
}

/// ONC RPC over TCP: fragments of records, with 31 bits of length and one bit that marks the last.
///
/// ```text
///  offset   0   1   2   3    4
///  wire     80  00  00  28   40 bytes                       the only fragment of its record
///           L   length       payload
/// ```
///
/// The message is the fragment, header included, because the header shows whether the record goes on.
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let fragment = b"\x80\x00\x00\x04\x00\x00\x00\x01";
/// assert_eq!(Deframer::new(protocols::onc_rpc()).step(fragment)?, Step::Frame(Extent::new(4, 4, 0).with_message_header(4)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: fragments over the limit. Servers differ in the longest record that they take. A server can
/// answer when the last fragment of a record has arrived, and work frame by frame.
///
/// Limit: 8 MiB for each fragment. Specification: RFC 5531, section 11.
#[must_use]
pub const fn onc_rpc() -> LengthField<Bits> {
    const LENGTH: Bits = constant!(Bits::new(Binary::u32_be(), 0x7fff_ffff));
    LengthField::from_parts(LENGTH, Layout::new(0))
}

/// RTP and RTCP over TCP: 16 bits of length before every packet.
///
/// ```text
///  offset   0   1    2
///  wire     00  0c   80 60 00 01 …                          a packet of 12 bytes
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let packet = b"\x00\x0c\x80\x60\x00\x01\x00\x00\x00\x00\x12\x34\x56\x78";
/// assert_eq!(Deframer::new(protocols::rtp()).step(packet)?, Step::Frame(Extent::new(2, 12, 0)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: nothing; every length is read, 0 too. No peer is known to differ. A peer can answer frame by
/// frame.
///
/// Limit: 65,535 bytes. Specification: RFC 4571, section 2.
#[must_use]
pub const fn rtp() -> Prefix<Binary> {
    Prefix::u16_be()
}

/// Android Debug Bridge, requests of clients to the host's server: four hexadecimal digits and the request.
///
/// ```text
///  wire     0 0 0 c   h o s t : v e r s i o n
/// ```
///
/// The answer is `OKAY` or `FAIL`, and then, for most requests, a string in the same form.
///
/// ```
/// use anysplit::{Decoder, Fixed, protocols};
///
/// let mut decoder = Decoder::new(Fixed::new(4)?);
/// decoder.push(b"OKAY00040029")?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"OKAY");
/// assert_eq!(decoder.with_framing(protocols::adb()).next_frame()?.unwrap().payload(), b"0029");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: anything but four hexadecimal digits before a request. Servers differ: adb's own refuses a
/// request of no bytes. A server can answer frame by frame.
///
/// Limit: 65,535 bytes. Specification: Android Open Source Project, adb, OVERVIEW.TXT, "client <-> server protocol".
#[must_use]
pub const fn adb() -> Prefix<Ascii> {
    Prefix::hex4()
}

/// The framing that [`coap`] returns.
pub type Coap = Require<LengthField<Escaped>>;

/// CoAP over TCP: four bits of length, or more if these bits announce it, and a token whose length is beside them.
///
/// ```text
///  offset   0    1     2
///  wire     00   e1                                         a Capabilities and Settings message, empty
///  wire     d1   00   02   aa   13 bytes                    13 of options and payload, a token of one byte
///           │    len  code token payload
///           length and token length, four bits each
/// ```
///
/// The length counts options and payload. The message is the complete frame.
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let get = b"\x51\x01\xaa\xb4test";
/// assert_eq!(Deframer::new(protocols::coap()).step(get)?, Step::Frame(Extent::new(3, 5, 0).with_message_header(3)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: token lengths from 9 to 15, which are format errors (RFC 7252, section 3). Peers differ:
/// each refuses messages over the size that it announced, 1152 bytes until then. A peer can answer frame by frame.
///
/// Limit: 8 MiB, where the peers announce their own. Specification: RFC 8323, section 3.2.
#[must_use]
pub const fn coap() -> Coap {
    const LENGTH: Escaped = constant!(
        constant!(constant!(constant!(Escaped::new(0xf0)).with_step_from(13, Binary::u8(), 13)).with_step_from(
            14,
            Binary::u16_be(),
            269
        ))
        .with_step_from(15, Binary::u32_be(), 65_805)
    );
    let mut layout = Layout::new(0);
    layout.after = 1;
    layout.extra = Some(Extra { at: 0, mask: 0x0f, unit: 1 });
    let conditions = [constant!(Condition::one_of(0, low_halves(8)))];
    Require::from_parts(conditions, LengthField::from_parts(LENGTH, layout))
}

/// The bytes whose lower four bits are at most `most`.
const fn low_halves(most: u8) -> ByteSet {
    let mut set = ByteSet::EMPTY;
    let mut high = 0;
    while high < 16 {
        set = set.and(ByteSet::range(high << 4, high << 4 | most));
        high += 1;
    }
    set
}
