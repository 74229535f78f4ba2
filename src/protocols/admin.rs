//! Sign-on, monitoring, and protocols that precede another.

use super::layouts::{counts_all, counts_rest, multiples};
use super::network::ldap;
use crate::framing::by_first_byte::{ByFirstByte, ByteRange};
use crate::framing::delimited::Delimited;
use crate::framing::either::Either;
use crate::framing::fixed::Fixed;
use crate::framing::forbid::Forbid;
use crate::framing::length_field::{Layout, LengthField, Trailer};
use crate::framing::prefix::Prefix;
use crate::framing::require::{Condition, Require};
use crate::framing::then::Then;
use crate::literal::Literal;
use crate::number::{Binary, Varint};
use crate::scan::ByteSet;

/// Kerberos over TCP: a length of 32 bits, whose first bit must be 0.
///
/// ```text
///  offset   0   1   2   3    4
///  wire     00  00  00  05   6a 03 02 01 05                 5 bytes
///           length           payload
/// ```
///
/// ```
/// use anysplit::{Framing, protocols};
///
/// let mut wire = [0; 9];
/// protocols::kerberos().encode_into(b"\x6a\x03\x02\x01\x05", &mut wire)?;
/// assert_eq!(wire, *b"\0\0\0\x05\x6a\x03\x02\x01\x05");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused in both directions: lengths over the limit, and so every length whose first bit is 1. That bit is reserved.
/// Servers differ: MIT krb5kdc answers such a length with the error `KRB_ERR_FIELD_TOOLONG`, and closes the connection.
/// A server can answer frame by frame.
///
/// Limit: 1 MiB, which the specification does not set. Specification: RFC 4120, section 7.2.2.
#[must_use]
pub const fn kerberos() -> Prefix<Binary> {
    Prefix::u32_be().with_max_payload_len(1 << 20)
}

/// SNMP over TCP: each message is a BER sequence, the byte `30` and a length.
///
/// ```text
///  offset   0    1    2
///  wire     30   0b   02 01 01  04 04 70 75 62 6c  a0 …     version 2c, community "publ", a request
///           tag  length
/// ```
///
/// The message is the complete frame.
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let start = b"\x30\x03\x02\x01\x01";
/// assert_eq!(Deframer::new(protocols::snmp()).step(start)?, Step::Frame(Extent::new(2, 3, 0).with_message_header(2)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: a tag other than `30`, and the indefinite length. Agents differ in the longest message
/// that they take; in version 3 each message contains its sender's limit, `msgMaxSize`. An agent can answer frame by
/// frame.
///
/// Limit: 8 MiB; agents must take at least 8192 bytes. Specification: RFC 3430, section 2.1; RFC 3417, section 8.
#[must_use]
pub const fn snmp() -> LengthField<Varint> {
    ldap()
}

/// The framing that [`zabbix`] returns.
pub type Zabbix = ByFirstByte<Require<LengthField<Binary>>, [(ByteRange, Require<LengthField<Binary>>); 4]>;

/// Zabbix: `ZBXD`, flags, and two little-endian numbers. The first number is the length.
///
/// ```text
///  offset   0 1 2 3   4    5           9           13
///  wire     Z B X D   01   02 00 00 00 00 00 00 00 h i      2 bytes
///           magic     fl   length      reserved    payload
///  wire     Z B X D   05   02 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  h i    flag 4: numbers of 64 bits
/// ```
///
/// With flag 4 the two numbers have 64 bits, and 32 bits without it. With flag 2 the payload is compressed, and the
/// second number is its length before compression. The message is the complete frame.
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::zabbix());
/// decoder.push(b"ZBXD\x01\x02\0\0\0\0\0\0\0hiZBXD\x05\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0!")?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"hi");
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"!");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: another magic, flags whose lowest bit is 0, and flags above 7. Servers differ: an agent
/// also takes a request in a line of text without this header, which is refused here. A server can answer frame by
/// frame.
///
/// Limit: 8 MiB; Zabbix's own is 1 GiB. Specification: Zabbix 6.0 manual, "Header" (appendix, protocols).
#[must_use]
pub const fn zabbix() -> Zabbix {
    const fn message(number: Binary, header: u16) -> Require<LengthField<Binary>> {
        let conditions = [constant!(Condition::bytes(0, b"ZBXD"))];
        Require::from_parts(conditions, LengthField::from_parts(number, counts_rest(5, number, header)))
    }
    const SHORT: Require<LengthField<Binary>> = message(Binary::u32_le(), 13);
    const LONG: Require<LengthField<Binary>> = message(Binary::u64_le(), 21);
    ByFirstByte::from_table([
        (ByteRange::new(1, 1), SHORT),
        (ByteRange::new(3, 3), SHORT),
        (ByteRange::new(5, 5), LONG),
        (ByteRange::new(7, 7), LONG),
    ])
    .choosing_at(4)
}

/// RADIUS over TCP: a code, an identifier, and 16 bits of length that count all.
///
/// ```text
///  offset   0    1    2   3    4          20
///  wire     0c   01   00  14   16 bytes                     Status-Server, without attributes
///           code id   length   authenticator  payload
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let mut status = [0; 20];
/// (status[0], status[3]) = (12, 20);
/// assert_eq!(Deframer::new(protocols::radius()).step(&status)?, Step::Frame(Extent::new(20, 0, 0).with_message_header(20)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: lengths below 20 and above 4096. A server must close the connection at such a length.
/// Servers differ: those that implement RFC 7930 take packets of up to 65,535 bytes. A server can answer frame by
/// frame.
///
/// Limit: 4096 bytes in all. Specification: RFC 6613, section 2.6.4; RFC 2865, section 3.
#[must_use]
pub const fn radius() -> LengthField<Binary> {
    let mut layout = counts_all(2, Binary::u16_be(), 20);
    layout.max = 4096 - 20;
    LengthField::from_parts(Binary::u16_be(), layout)
}

/// The framing that [`tacacs`] returns.
pub type Tacacs = Require<LengthField<Binary>>;

/// TACACS+: a header of 12 bytes that ends with the length of the body.
///
/// ```text
///  offset   0    1    2    3    4           8           12
///  wire     c0   01   01   00   12 34 56 78 00 00 00 05 5 bytes
///           ver  type seq  flags session    length      payload, obfuscated
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let start = b"\xc0\x01\x01\0\x12\x34\x56\x78\0\0\0\x05\x01\x02\x03\x04\x05";
/// assert_eq!(Deframer::new(protocols::tacacs()).step(start)?, Step::Frame(Extent::new(12, 5, 0).with_message_header(12)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: versions other than 12.0 and 12.1, and types other than 1 to 3. Servers differ: many
/// close the connection after one session, unless both sides set flag 4 (single connection). A server can answer frame
/// by frame.
///
/// Limit: 65,535 bytes; the specification advises servers to set a limit. Specification: RFC 8907, section 4.1.
#[must_use]
pub const fn tacacs() -> Tacacs {
    let mut layout = counts_rest(8, Binary::u32_be(), 12);
    layout.max = u16::MAX as u64;
    let conditions = [
        constant!(Condition::one_of(0, ByteSet::range(0xc0, 0xc1))),
        constant!(Condition::one_of(1, ByteSet::range(1, 3))),
    ];
    Require::from_parts(conditions, LengthField::from_parts(Binary::u32_be(), layout))
}

/// The framing that [`rpki_rtr`] returns.
pub type RpkiRtr = Require<LengthField<Binary>>;

/// RPKI to router: a header of 8 bytes that ends with a length of all.
///
/// ```text
///  offset   0    1    2   3    4           8
///  wire     01   02   00  00   00 00 00 08                  Reset Query, version 1
///           ver  type session  length      payload
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let query = b"\x01\x02\0\0\0\0\0\x08";
/// assert_eq!(Deframer::new(protocols::rpki_rtr()).step(query)?, Step::Frame(Extent::new(8, 0, 0).with_message_header(8)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: versions above 2, type 5 and types above 11, and lengths below 8. Caches differ in the
/// versions that they speak, and answer other versions with an Error Report. A cache can answer frame by frame.
///
/// Limit: 64 KiB in all, which the specification does not set. Specification: RFC 8210, section 5.1; RFC 6810, section 5.
#[must_use]
pub const fn rpki_rtr() -> RpkiRtr {
    let mut layout = counts_all(4, Binary::u32_be(), 8);
    layout.max = 65_536 - 8;
    let conditions = [
        constant!(Condition::one_of(0, ByteSet::range(0, 2))),
        constant!(Condition::one_of(1, ByteSet::range(0, 11).without(5))),
    ];
    Require::from_parts(conditions, LengthField::from_parts(Binary::u32_be(), layout))
}

/// The framing that [`stun`] returns.
pub type Stun = ByFirstByte<StunFrame, [(ByteRange, StunFrame); 2]>;

type StunFrame = Either<Require<LengthField<Binary>>, LengthField<Binary>>;

/// STUN and TURN over TCP: messages with a header of 20 bytes, and channel data padded to four.
///
/// ```text
///  offset   0   1   2   3    4            8           20
///  wire     00  01  00  00   21 12 a4 42  12 bytes                  a binding request
///           type    length   cookie       transaction payload
///
///  wire     40  00  00  05   h e l l o  00 00 00                    channel data: 5 bytes and their padding
/// ```
///
/// The message is the complete frame without the padding after channel data. The padding is written as zeros.
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::stun());
/// decoder.push(b"\0\x01\0\0\x21\x12\xa4\x42transaction!\x40\0\0\x05hello\0\0\0")?;
/// assert_eq!(decoder.next_frame()?.unwrap().wire_len(), 20);
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: messages without the magic cookie, such as those of RFC 3489, and messages whose length
/// is no multiple of four. Peers differ: RFC 8656 allows channels from `4000` to `4fff`, but coturn's client uses those
/// of RFC 5766, up to `7fff`, so all of these are read. A server can answer frame by frame.
///
/// Limit: 65,535 bytes. Specification: RFC 8489, sections 5 and 6.2.2; RFC 8656, sections 12 and 12.5.
#[must_use]
pub const fn stun() -> Stun {
    let mut message = counts_rest(2, Binary::u16_be(), 20);
    message.required[0] = Some((4, Literal::of_four([0x21, 0x12, 0xa4, 0x42])));
    let conditions = [constant!(Condition::one_of(3, multiples(4)))];
    let message = Require::from_parts(conditions, LengthField::from_parts(Binary::u16_be(), message));
    let mut data = counts_rest(2, Binary::u16_be(), 4);
    data.trailer = Trailer::Multiple(4);
    ByFirstByte::from_table([
        (ByteRange::new(0, 0x3f), Either::A(message)),
        (ByteRange::new(0x40, 0x7f), Either::B(LengthField::from_parts(Binary::u16_be(), data))),
    ])
}

/// The framing that [`proxy`] returns.
pub type Proxy = ByFirstByte<ProxyHeader, [(ByteRange, ProxyHeader); 2]>;

type ProxyHeader = Either<Require<Forbid<Delimited<[[u8; 2]; 1]>>>, Require<LengthField<Binary>>>;

/// The PROXY protocol's header, version 1 or 2: what a load balancer sends before the client's own bytes.
///
/// ```text
///  wire     P R O X Y _ T C P 4 _ 192.0.2.1 _ 192.0.2.2 _ 56324 _ 443 \r \n         version 1: a line
///
///  offset   0                                    12   13   14  15   16
///  wire     0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a  21   11   00  0c   12 bytes        version 2
///           signature                            ver  fam  length   payload
/// ```
///
/// One header opens the connection; the bytes after it belong to another protocol.
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::proxy());
/// decoder.push(b"PROXY UNKNOWN\r\nGET / HTTP/1.1\r\n\r\n")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"PROXY UNKNOWN");
/// let mut rest = decoder.with_framing(protocols::tls());
/// assert!(rest.next_frame().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: other signatures, versions and commands, and control bytes in a line. A server must not
/// read the header unless both sides agreed on it. Servers differ: nginx before 1.13.11 and Postfix before 3.5 read
/// version 1 only. Nothing is answered, so a server can work frame by frame.
///
/// Limits: 107 bytes for version 1, 65,535 for version 2. Specification: W. Tarreau, "The PROXY protocol, versions 1 & 2",
/// 2020, sections 2.1 and 2.2.
#[must_use]
pub const fn proxy() -> Proxy {
    const LINE: Require<Forbid<Delimited<[[u8; 2]; 1]>>> = Require::from_parts(
        [constant!(Condition::bytes(0, b"PROXY "))],
        Forbid::from_parts(ByteSet::range(0, 0x1f), Delimited::two(*b"\r\n").with_max_payload_len(105)),
    );
    let conditions = [
        constant!(Condition::bytes(0, b"\r\n\r\n\0\r\nQUIT\n")),
        constant!(Condition::one_of(12, ByteSet::range(0x20, 0x21))),
    ];
    let second = LengthField::from_parts(Binary::u16_be(), counts_rest(14, Binary::u16_be(), 16));
    ByFirstByte::from_table([
        (ByteRange::new(b'P', b'P'), Either::A(LINE)),
        (ByteRange::new(b'\r', b'\r'), Either::B(Require::from_parts(conditions, second))),
    ])
}

type SocksAddress = ByFirstByte<SocksFrame, [(ByteRange, SocksFrame); 3]>;
type SocksFrame = Either<Require<Fixed>, LengthField<Binary>>;

/// Requests and replies of SOCKS 5: the byte at offset 3 is the type of the address.
const fn socks_address() -> SocksAddress {
    const FIVE: Condition = constant!(Condition::bytes(0, b"\x05"));
    const ZERO: Condition = constant!(Condition::bytes(2, b"\0"));
    const CONDITIONS: [Condition; 2] = [FIVE, ZERO];
    let mut name = Layout::new(4);
    // Two bytes of port follow the name.
    name.adjustment = Some(2);
    name.required = [Some((0, Literal::byte(5))), Some((2, Literal::byte(0)))];
    SocksAddress::from_table([
        (ByteRange::new(1, 1), Either::A(Require::from_parts(CONDITIONS, constant!(Fixed::new(10))))),
        (ByteRange::new(3, 3), Either::B(LengthField::from_parts(Binary::u8(), name))),
        (ByteRange::new(4, 4), Either::A(Require::from_parts(CONDITIONS, constant!(Fixed::new(22))))),
    ])
    .choosing_at(3)
}

/// The framing that [`socks5`] returns.
pub type Socks5 = Then<LengthField<Binary>, SocksAddress>;

/// SOCKS 5, what a client sends without a password: the methods that it knows, and a request. With a password, see
/// [`socks5_password`].
///
/// ```text
///  offset   0    1    2
///  wire     05   01   00                                    one method: no authentication
///           ver  count methods
///
///  offset   0    1    2    3    4
///  wire     05   01   00   01   7f 00 00 01   00 50         CONNECT to an IPv4 address
///  wire     05   01   00   03   02 a b        00 50         to a name, after its length
///  wire     05   01   00   04   16 bytes      00 50         to an IPv6 address
///           ver  cmd  0    type address       port
/// ```
///
/// The bytes after the request belong to another protocol: see [`Decoder::with_framing`](crate::Decoder::with_framing).
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::socks5());
/// decoder.push(b"\x05\x01\0\x05\x01\0\x03\x02ab\0\x50")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"\x05\x01\0");
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"ab\0\x50");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: other versions, an empty list of methods, a reserved byte other than 0, and other types
/// of addresses. Servers differ: if OpenSSH supports no method of the list, it closes the connection without the answer
/// `05 ff`. A server can answer frame by frame.
///
/// Limit: 257 bytes, by the fields. Specification: RFC 1928, sections 3, 4 and 5.
#[must_use]
pub const fn socks5() -> Socks5 {
    Then::new(socks_list(5), socks_address())
}

/// A version, a count of bytes, and these bytes, at least one.
const fn socks_list(version: u8) -> LengthField<Binary> {
    let mut list = counts_rest(1, Binary::u8(), 2);
    list.min = 1;
    list.required[0] = Some((0, Literal::byte(version)));
    LengthField::from_parts(Binary::u8(), list)
}

/// The framing that [`socks5_replies`] returns.
pub type Socks5Replies = Then<Require<Fixed>, SocksAddress>;

/// SOCKS 5, what a server sends: the method that it chose, and the reply to the request.
///
/// ```text
///  offset   0    1
///  wire     05   00                                         the method: no authentication
///
///  offset   0    1    2    3    4
///  wire     05   00   00   01   00 00 00 00   00 00         succeeded
///           ver  rep  0    type address       port
/// ```
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::socks5_replies());
/// decoder.push(b"\x05\0\x05\0\0\x01\0\0\0\0\0\0")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"\x05\0");
/// assert_eq!(decoder.next_frame()?.unwrap().wire_len(), 10);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: other versions, a reserved byte other than 0, and other types of addresses. Servers
/// differ: OpenSSH always replies with the address 0.0.0.0 and port 0. A client can continue frame by frame.
///
/// Limit: 257 bytes, by the fields. Specification: RFC 1928, sections 3, 5 and 6.
#[must_use]
pub const fn socks5_replies() -> Socks5Replies {
    Then::new(socks_choice(constant!(Condition::bytes(0, b"\x05"))), socks_address())
}

/// Two bytes, the first of them a version.
const fn socks_choice(version: Condition) -> Require<Fixed> {
    Require::from_parts([version], constant!(Fixed::new(2)))
}

/// The framing that [`socks5_password`] returns.
pub type Socks5Password = Then<LengthField<Binary>, Then<LengthField<Binary>, Then<Prefix<Binary>, SocksAddress>>>;

/// SOCKS 5, what a client sends if the server chose the method of names and passwords. RFC 1929 has one message for the name and the
/// password; here they are two frames.
///
/// ```text
///  offset   0    1    2
///  wire     05   02   00 02                                 two methods: none, and a password
///           ver  count methods
///
///  offset   0    1    2                       0    1
///  wire     01   03   a n n                   03   k e y    two frames: the name, and the password
///           ver  length name                  length password
///
///  then the request, as in `socks5`
/// ```
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::socks5_password());
/// decoder.push(b"\x05\x01\x02\x01\x03ann\x03key\x05\x01\0\x03\x02ab\0\x50")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"\x05\x01\x02");
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"ann");
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"key");
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"ab\0\x50");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: other versions, an empty list of methods, an empty name, and what [`socks5`] refuses in the request.
/// Servers differ: microsocks takes what one read returns for one message. It refuses a name if the password arrives with the next
/// read, and drops bytes that arrive too early. So send the name and the password with one write, and wait for each answer. A server cannot
/// answer frame by frame: the name has no answer before the password.
///
/// Limit: 257 bytes, by the fields. Specification: RFC 1929, section 2; RFC 1928, sections 3 to 5.
#[must_use]
pub const fn socks5_password() -> Socks5Password {
    let request = Then::new(Prefix::u8(), socks_address());
    Then::new(socks_list(5), Then::new(socks_list(1), request))
}

/// The framing that [`socks5_password_replies`] returns.
pub type Socks5PasswordReplies = Then<Require<Fixed>, Then<Require<Fixed>, SocksAddress>>;

/// SOCKS 5, what is sent by a server that asks for a name and a password: the method, whether the name and the password are right,
/// and the reply to the request.
///
/// ```text
///  offset   0    1
///  wire     05   02                                         the method: a name and a password
///  wire     01   00                                         they are right
///           ver  status
///
///  then the reply, as in `socks5-replies`
/// ```
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::socks5_password_replies());
/// decoder.push(b"\x05\x02\x01\0\x05\0\0\x01\0\0\0\0\0\0")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"\x05\x02");
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"\x01\0");
/// assert_eq!(decoder.next_frame()?.unwrap().wire_len(), 10);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: other versions, and what [`socks5_replies`] refuses in the reply. Servers differ: after a wrong
/// password microsocks answers `01 02` and closes the connection. A client can continue frame by frame.
///
/// Limit: 257 bytes, by the fields. Specification: RFC 1929, section 2; RFC 1928, sections 3, 5 and 6.
#[must_use]
pub const fn socks5_password_replies() -> Socks5PasswordReplies {
    let status = Then::new(socks_choice(constant!(Condition::bytes(0, b"\x01"))), socks_address());
    Then::new(socks_choice(constant!(Condition::bytes(0, b"\x05"))), status)
}
