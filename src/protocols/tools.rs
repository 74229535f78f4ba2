//! Tools and small formats.

use super::layouts::counts_rest;
use crate::framing::by_first_byte::{ByFirstByte, ByteRange};
use crate::framing::delimited::{Delimited, Lines, Unterminated};
use crate::framing::either::Either;
use crate::framing::forbid::Forbid;
use crate::framing::length_field::LengthField;
use crate::framing::prefix::Prefix;
use crate::framing::require::{Condition, Require};
use crate::number::{Ascii, Binary};
use crate::scan::ByteSet;

/// git's pkt-line: four hexadecimal digits that count themselves, and the control packets `0000`, `0001` and `0002`.
///
/// ```text
///  wire     0 0 0 9   h e l l o
///           0 0 0 0                                         flush: a control frame
/// ```
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::git());
/// decoder.push(b"000eversion 2\n0000")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"version 2\n");
/// assert!(decoder.next_frame()?.unwrap().is_control());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: `0003`, which is neither a control packet nor a length, as git does; anything but
/// hexadecimal digits; and lengths over the limit. No peer is known to differ. A peer can answer frame by frame.
///
/// Limit: 65,516 bytes. The pack that a client pushes after its commands is no pkt-line. Specification:
/// gitprotocol-common, "pkt-line format".
#[must_use]
pub const fn git() -> Prefix<Ascii> {
    Prefix::pkt_line()
}

/// Netstrings: decimal digits, a colon, the bytes, a comma.
///
/// ```text
///  wire     5 :   h e l l o   ,
/// ```
///
/// ```
/// use anysplit::{Framing, protocols};
///
/// let mut wire = [0; 8];
/// protocols::netstring().encode_into(b"hello", &mut wire)?;
/// assert_eq!(&wire, b"5:hello,");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused in both directions: a sign, leading zeros, and another byte than the comma. No server is known to differ. A
/// server can answer frame by frame.
///
/// Limit: 8 MiB. Specification: D. J. Bernstein, "Netstrings", 1997-02-01.
#[must_use]
pub const fn netstring() -> Prefix<Ascii> {
    Prefix::netstring()
}

/// SCGI: the request's headers are one netstring. The length of the body after it is in their `CONTENT_LENGTH`.
///
/// ```text
///  wire     2 4 :   C O N T E N T _ L E N G T H \0 0 \0 S C G I \0 1 \0   ,
/// ```
///
/// ```
/// use anysplit::{Decoder, Fixed, protocols};
///
/// let mut decoder = Decoder::new(protocols::scgi());
/// decoder.push(b"24:CONTENT_LENGTH\x005\0SCGI\x001\0,hello")?;
/// assert!(decoder.next_frame()?.unwrap().payload().starts_with(b"CONTENT_LENGTH\x005\0"));
/// let mut body = decoder.with_framing(Fixed::new(5)?);
/// assert_eq!(body.next_frame()?.unwrap().payload(), b"hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: what is no netstring. That the first header is `CONTENT_LENGTH` is not looked at. Servers
/// differ: many refuse such a request. A server can work frame by frame, and answers when the body has arrived.
///
/// Limit: 64 KiB of headers, which the specification does not set. Specification: N. Schemenauer, "SCGI: A Simple Common
/// Gateway Interface alternative", 2008-06-23.
#[must_use]
pub const fn scgi() -> Prefix<Ascii> {
    Prefix::netstring().with_max_payload_len(65_536)
}

/// The framing that [`ssh`] returns.
pub type Ssh = ByFirstByte<SshFrame, [(ByteRange, SshFrame); 2]>;

type SshFrame = Either<Require<LengthField<Binary>>, Forbid<Delimited<Lines>>>;

/// SSH before encryption: lines of text up to the identification, then packets.
///
/// ```text
///  wire     S S H - 2 . 0 - x \r \n                         a line
///
///  offset   0   1   2   3    4     5         11
///  wire     00  00  00  0c   0a    15        10 bytes       SSH_MSG_NEWKEYS
///           length           pad   payload and padding
/// ```
///
/// The message of a packet is the complete packet; its payload here begins after the byte with the padding length.
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::ssh());
/// decoder.push(b"SSH-2.0-x\r\n\0\0\0\x0c\x0a\x15\0\0\0\0\0\0\0\0\0\0")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"SSH-2.0-x");
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"\x15\0\0\0\0\0\0\0\0\0\0");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// After `SSH_MSG_NEWKEYS` the lengths are encrypted, and no framing can read them. Lines before the identification may
/// be empty, long, and not ASCII. Refused in both directions: NUL in a line; a packet with less than four bytes of
/// padding, or without a payload beside them. Peers differ: OpenSSH takes at most 1024 lines before the identification. A
/// peer can answer frame by frame.
///
/// Limits: 8192 bytes a line, 253 for the identification, and 35,000 a packet. Specification: RFC 4253, sections 4.2, 6 and
/// 6.1.
#[must_use]
pub const fn ssh() -> Ssh {
    let mut layout = counts_rest(0, Binary::u32_be(), 5);
    // The number counts the byte after it, which is part of the header here.
    layout.adjustment = Some(0);
    layout.max = 35_000 - 5;
    // Padding of at least four bytes, and a payload that is not empty.
    let conditions = [constant!(Condition::one_of(4, ByteSet::range(4, 0xff))), Condition::below_payload_len(4)];
    let packet = Require::from_parts(conditions, LengthField::from_parts(Binary::u32_be(), layout));
    let line = Delimited::line().with_crlf().with_unterminated(Unterminated::Fail).with_max_payload_len(8192);
    let line = Forbid::from_parts(ByteSet::of(0), line);
    ByFirstByte::from_table([(ByteRange::new(0, 0), Either::A(packet)), (ByteRange::new(1, 0xff), Either::B(line))])
}
