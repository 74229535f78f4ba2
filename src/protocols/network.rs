//! The network's own protocols.

use super::layouts::{counts_all, counts_rest};
use crate::framing::length_field::{Layout, LengthField};
use crate::framing::prefix::{Prefix, Rules};
use crate::framing::require::{Condition, Require};
use crate::literal::Literal;
use crate::number::{Binary, Varint};
use crate::scan::ByteSet;

/// DNS over TCP, and inside TLS: 16 bits of length before every message.
///
/// ```text
///  offset   0   1    2   3   4 …
///  wire     00  1d   12  34  01 …                           29 bytes: a query for example.com
///           length   payload
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let query = b"\x00\x1d\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x03com\x00\x00\x01\x00\x01";
/// assert_eq!(Deframer::new(protocols::dns()).step(query)?, Step::Frame(Extent::new(2, 29, 0)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: nothing; every length is read. Servers differ: Unbound drops a connection with a message
/// shorter than the DNS header of 12 bytes. A server can answer frame by frame, in any order.
///
/// Limit: 65,535 bytes. Specification: RFC 7766, section 8; RFC 1035, section 4.2.2; RFC 7858, section 3.3.
#[must_use]
pub const fn dns() -> Prefix<Binary> {
    Prefix::u16_be()
}

/// The framing that [`tls`] returns.
pub type Tls = Require<LengthField<Binary>>;

/// TLS records: a type, a version, and 16 bits of length.
///
/// ```text
///  offset   0   1   2    3   4    5
///  wire     15  03  03   00  02   01  00                    an alert: close_notify
///           ty  version  length   payload
/// ```
///
/// The message is the record, header included.
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let alert = b"\x15\x03\x03\x00\x02\x01\x00";
/// assert_eq!(Deframer::new(protocols::tls()).step(alert)?, Step::Frame(Extent::new(5, 2, 0).with_message_header(5)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: types other than 20 to 24, and versions other than SSL 3 to TLS 1.3. A hello in the form
/// of SSL 2 is refused by that. Peers differ: those of TLS 1.3 ignore the version, as section 5.1 asks. A peer can answer
/// frame by frame.
///
/// Limit: 18,432 bytes, TLS 1.2's 2^14 + 2048; TLS 1.3's is 2^14 + 256. Specification: RFC 8446, sections 5.1 and 5.2;
/// RFC 5246, section 6.2.
#[must_use]
pub const fn tls() -> Tls {
    let mut layout = counts_rest(3, Binary::u16_be(), 5);
    layout.max = 18_432;
    let conditions = [
        constant!(Condition::one_of(0, ByteSet::range(20, 24))),
        constant!(Condition::one_of(1, ByteSet::of(3))),
        constant!(Condition::one_of(2, ByteSet::range(0, 4))),
    ];
    Require::from_parts(conditions, LengthField::from_parts(Binary::u16_be(), layout))
}

/// BGP: a marker of 16 bytes `ff`, the length of all, and a type.
///
/// ```text
///  offset   0                     16  17   18
///  wire     ff ff ff … 16 of them 00  13   04               a KEEPALIVE: no more than its header
///           marker                length   type
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let mut keepalive = [0xff; 19];
/// keepalive[16..].copy_from_slice(&[0x00, 0x13, 0x04]);
/// let extent = Extent::new(19, 0, 0).with_message_header(19);
/// assert_eq!(Deframer::new(protocols::bgp()).step(&keepalive)?, Step::Frame(extent));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: a marker with another byte than `ff`, and lengths below 19. Peers differ: those that have
/// agreed on extended messages send more than 4096 bytes. A peer can answer frame by frame.
///
/// Limit: 4096 bytes in all; with extended messages (RFC 8654) 65,535. Specification: RFC 4271, section 4.1.
#[must_use]
pub const fn bgp() -> LengthField<Binary> {
    const ONES: Literal = constant!(Literal::new(&[0xff; 15]));
    let mut layout = counts_all(16, Binary::u16_be(), 19);
    layout.max = 4096 - 19;
    layout.required = [Some((0, ONES)), Some((15, Literal::byte(0xff)))];
    LengthField::from_parts(Binary::u16_be(), layout)
}

/// LDAP: each message is a BER sequence, the byte `30` and a length.
///
/// ```text
///  offset   0    1    2
///  wire     30   0c   02 01 01 60 07 02 01 03 04 00 80 00   a bind, without a name: 12 bytes
///           tag  length
/// ```
///
/// The message is the complete frame. Other protocols in BER have another tag: `LengthField::new(1, Varint::ber())`.
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let bind = b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00";
/// assert_eq!(Deframer::new(protocols::ldap()).step(bind)?, Step::Frame(Extent::new(2, 12, 0).with_message_header(2)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: a tag other than `30`, and the indefinite length. Servers differ: OpenLDAP's has a limit of
/// 262,143 bytes before the bind and of 4,194,303 after it. A server can answer frame by frame, in any order.
///
/// Limit: 8 MiB. Lengths may be in more bytes than they need, and must be definite. Specification: RFC 4511,
/// section 5.1.
#[must_use]
pub const fn ldap() -> LengthField<Varint> {
    let mut layout = Layout::new(1);
    layout.required[0] = Some((0, Literal::byte(0x30)));
    LengthField::from_parts(Varint::ber().allowing_longer_forms(), layout)
}

/// Diameter: a version, 24 bits of length that count all, and the rest of a header of 20 bytes.
///
/// ```text
///  offset   0    1   2   3    4    5   6   7    8           12          16         20
///  wire     01   00  00  14   80   00  01  18   00 00 00 00 xx xx xx xx xx xx xx xx
///           ver  length       fl   command      application hop-by-hop  end-to-end
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let watchdog = b"\x01\x00\x00\x14\x80\x00\x01\x18\0\0\0\0\0\0\0\x01\0\0\0\x01";
/// let extent = Extent::new(20, 0, 0).with_message_header(20);
/// assert_eq!(Deframer::new(protocols::diameter()).step(watchdog)?, Step::Frame(extent));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: versions other than 1, and lengths below 20. Lengths that are no multiple of four, which the
/// specification forbids, are read. Servers differ in the longest message that they take. A server can answer frame by
/// frame.
///
/// Limit: 8 MiB; the field's is 16 MiB. Specification: RFC 6733, section 3.
#[must_use]
pub const fn diameter() -> LengthField<Binary> {
    let mut layout = counts_all(1, Binary::u24_be(), 20);
    layout.required[0] = Some((0, Literal::byte(1)));
    LengthField::from_parts(Binary::u24_be(), layout)
}

/// OpenFlow, all versions: a header of 8 bytes with 16 bits of length that count all.
///
/// ```text
///  offset   0    1    2   3    4   5   6   7
///  wire     04   02   00  08   00  00  00  01               ECHO_REQUEST, version 1.3
///           ver  ty   length   transaction
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let echo = b"\x04\x02\x00\x08\x00\x00\x00\x01";
/// assert_eq!(Deframer::new(protocols::openflow()).step(echo)?, Step::Frame(Extent::new(8, 0, 0).with_message_header(8)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: lengths below 8. Switches differ in the versions that they speak, which are not looked at
/// here. A switch can answer frame by frame.
///
/// Limit: 65,535 bytes in all. Specification: OpenFlow switch specification 1.5.1, section 7.1.1.
#[must_use]
pub const fn openflow() -> LengthField<Binary> {
    LengthField::from_parts(Binary::u16_be(), counts_all(2, Binary::u16_be(), 8))
}

/// Bitcoin messages of the network with this magic number: main `f9 be b4 d9`, test `0b 11 09 07`, regtest `fa bf b5 da`.
///
/// ```text
///  offset   0            4                                16           20           24
///  wire     f9 be b4 d9  v e r a c k \0 \0 \0 \0 \0 \0    00 00 00 00  5d f6 e0 e2
///           magic        command                          length       checksum     payload
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let verack = b"\xf9\xbe\xb4\xd9verack\0\0\0\0\0\0\0\0\0\0\x5d\xf6\xe0\xe2";
/// let extent = Extent::new(24, 0, 0).with_message_header(24);
/// assert_eq!(Deframer::new(protocols::bitcoin(*b"\xf9\xbe\xb4\xd9")).step(verack)?, Step::Frame(extent));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: another magic number. Peers differ: Bitcoin Core drops a message whose checksum is wrong and
/// goes on, and closes the connection for a wrong magic number. A peer can answer frame by frame.
///
/// Limit: 4,000,000 bytes, Bitcoin Core's. The reader must check the checksum. Specification: Bitcoin developer
/// reference, "Message Headers".
#[must_use]
pub const fn bitcoin(magic: [u8; 4]) -> LengthField<Binary> {
    let mut layout = counts_rest(16, Binary::u32_le(), 24);
    layout.max = 4_000_000;
    layout.required[0] = Some((0, Literal::of_four(magic)));
    LengthField::from_parts(Binary::u32_le(), layout)
}

/// Minecraft packets before compression is agreed on: a varint of at most three bytes.
///
/// ```text
///  offset   0    1    2
///  wire     01   00                                         a status request: packet 0, empty
///           len  payload
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// assert_eq!(Deframer::new(protocols::minecraft()).step(b"\x01\x00")?, Step::Frame(Extent::new(1, 1, 0)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: lengths over the limit. Peers differ: proxies write three bytes whatever the length is, so
/// longer forms are read; of more than three bytes, the usual server reads none. The ping of clients before version 1.7,
/// which begins with `fe`, is no packet. A peer can answer frame by frame.
///
/// Limit: 2,097,151 bytes, three bytes of seven bits. Specification: the community's protocol documentation, "Packet
/// format"; there is no other.
#[must_use]
pub const fn minecraft() -> Prefix<Varint> {
    Prefix::from_parts(Varint::leb128_u32().allowing_longer_forms(), Rules::DEFAULT).with_max_payload_len((1 << 21) - 1)
}
