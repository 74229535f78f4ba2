//! Banks, exchanges and carriers.

use super::layouts::counts_all;
use crate::framing::header_block::HeaderBlock;
use crate::framing::length_field::LengthField;
use crate::framing::prefix::{Prefix, Rules};
use crate::framing::require::{Condition, Require};
use crate::number::{Ascii, Bcd, Binary};

/// FIX in its tag=value form: the second field holds the number of bytes after it, up to the checksum field.
///
/// ```text
///  wire     8=FIX.4.2 ␁  9=5 ␁     35=0 ␁          10=161 ␁
///           header                   5 bytes         7 bytes
///                                  payload
/// ```
///
/// The message is the complete frame. `encode` refuses one whose `9=` is wrong; `encode_with` puts the digits in. The
/// checksum is not checked, and its seven bytes are the last of the payload.
///
/// ```
/// use anysplit::{Framing, protocols};
///
/// let mut wire = Vec::new();
/// protocols::fix().encode_with(&mut wire, |out| {
///     out.extend_from_slice(b"8=FIX.4.2\x019=0\x0135=0\x0110=161\x01");
/// })?;
/// assert_eq!(wire, b"8=FIX.4.2\x019=5\x0135=0\x0110=161\x01");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused in both directions: a message whose first field is not `8=`, whose second is not `9=`, or that has no `10=`
/// where the body ends, because a length that is too small would swallow the next message. Peers differ: by the
/// specification they drop a message whose checksum is wrong, and go on. A peer can answer frame by frame.
///
/// Limits: 64 bytes for the first two fields, 8 MiB for the rest. Specification: FIX 4.4, volume 1, "FIX message format
/// and delimiters"; BodyLength is field 9.
#[must_use]
pub const fn fix() -> Require<HeaderBlock> {
    const FIX: HeaderBlock =
        constant!(constant!(constant!(HeaderBlock::new("9")).with_separator(b'=')).with_fields_ended_by(1));
    let conditions = [
        constant!(Condition::bytes(0, b"8=")),
        constant!(constant!(Condition::bytes(7, b"10=")).from_payload_end()),
        constant!(constant!(Condition::bytes(1, b"\x01")).from_payload_end()),
    ];
    let block = FIX.with_start_line().with_length_first().with_length_excluding(7).with_max_header_len(64);
    Require::from_parts(conditions, block)
}

const FOUR_DIGITS: Ascii = constant!(Ascii::decimal(4));

/// ISO 8583 messages after four decimal digits. The standard leaves the header to the two sides; this one is common.
///
/// ```text
///  offset   0   1   2   3    4
///  wire     0   0   2   0    0 8 0 0 8 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0       a network message: 20 bytes
///           length           payload
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let message = b"002008008000000000000000";
/// assert_eq!(Deframer::new(protocols::iso8583()).step(message)?, Step::Frame(Extent::new(4, 20, 0)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: anything but four digits before a message. Servers differ by agreement: the length of some
/// counts itself, and others have a header of their own between length and message. A server can answer frame by frame.
///
/// Where the length counts itself, use [`Prefix::self_inclusive`]. Limit: 9999 bytes.
#[must_use]
pub const fn iso8583() -> Prefix<Ascii> {
    Prefix::from_parts(FOUR_DIGITS, Rules::DEFAULT)
}

/// ISO 8583 messages after four hexadecimal digits.
///
/// ```text
///  wire     0   0   1   4    0 8 0 0 …                      20 bytes
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let message = b"001408008000000000000000";
/// assert_eq!(Deframer::new(protocols::iso8583_hex()).step(message)?, Step::Frame(Extent::new(4, 20, 0)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: anything but four hexadecimal digits before a message. Servers differ by agreement: the
/// length of some counts itself. A server can answer frame by frame.
///
/// Limit: 65,535 bytes.
#[must_use]
pub const fn iso8583_hex() -> Prefix<Ascii> {
    Prefix::hex4()
}

/// ISO 8583 messages after two bytes of binary-coded decimal.
///
/// ```text
///  wire     00  20    0 8 0 0 …                             20 bytes
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let message = b"\x00\x2008008000000000000000";
/// assert_eq!(Deframer::new(protocols::iso8583_bcd()).step(message)?, Step::Frame(Extent::new(2, 20, 0)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: halves of a byte above 9 in the length. Servers differ by agreement: the length of some
/// counts itself. A server can answer frame by frame.
///
/// Limit: 9999 bytes.
#[must_use]
pub const fn iso8583_bcd() -> Prefix<Bcd> {
    Prefix::from_parts(Bcd::four_digits(), Rules::DEFAULT)
}

/// ISO 8583 messages after two bytes in network order.
///
/// ```text
///  wire     00  14    0 8 0 0 …                             20 bytes
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let message = b"\x00\x1408008000000000000000";
/// assert_eq!(Deframer::new(protocols::iso8583_binary()).step(message)?, Step::Frame(Extent::new(2, 20, 0)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: nothing; every length is read. Servers differ by agreement: the length of some counts
/// itself. A server can answer frame by frame.
///
/// Limit: 65,535 bytes.
#[must_use]
pub const fn iso8583_binary() -> Prefix<Binary> {
    Prefix::u16_be()
}

/// SMPP: a header of 16 bytes that begins with the length of all.
///
/// ```text
///  offset   0           4           8           12
///  wire     00 00 00 10 00 00 00 15 00 00 00 00 00 00 00 02         enquire_link
///           length      command     status      sequence
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let enquire_link = b"\x00\x00\x00\x10\x00\x00\x00\x15\x00\x00\x00\x00\x00\x00\x00\x02";
/// let extent = Extent::new(16, 0, 0).with_message_header(16);
/// assert_eq!(Deframer::new(protocols::smpp()).step(enquire_link)?, Step::Frame(extent));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: lengths below 16. Servers differ: many close the connection for a length over a limit of
/// their own, and answer a command that they do not know with `generic_nack`. A server can answer frame by frame.
///
/// Limit: 8 MiB; the specification sets none, and most messages have less than 64 KiB. Specification: SMPP 3.4,
/// section 3.2.
#[must_use]
pub const fn smpp() -> LengthField<Binary> {
    LengthField::from_parts(Binary::u32_be(), counts_all(0, Binary::u32_be(), 16))
}
