//! Desktops and studios.

use super::layouts::{counts_all, counts_rest};
use crate::framing::by_first_byte::{ByFirstByte, ByteRange};
use crate::framing::delimited::Delimited;
use crate::framing::either::Either;
use crate::framing::fixed::Fixed;
use crate::framing::forbid::Forbid;
use crate::framing::length_field::{Layout, LengthField, Second, Trailer};
use crate::framing::prefix::Prefix;
use crate::framing::require::{Condition, Require};
use crate::framing::stuffed::{Slip, Stuffed};
use crate::framing::then::Then;
use crate::literal::Literal;
use crate::number::Binary;
use crate::scan::ByteSet;

/// The framing that [`dbus`] returns.
pub type Dbus = ByFirstByte<DbusFrame, [(ByteRange, DbusFrame); 8]>;

type DbusFrame = Either<Either<DbusMessage, DbusLine>, DbusBig>;
type DbusBig = ByFirstByte<Either<DbusMessage, DbusLine>, [(ByteRange, Either<DbusMessage, DbusLine>); 2]>;
type DbusMessage = Require<LengthField<Binary>>;
type DbusLine = Forbid<Delimited<[[u8; 2]; 1]>>;

/// D-Bus: lines of authentication, and then messages with two lengths. The first byte of a message gives its byte
/// order.
///
/// ```text
///  offset   0   1   2   3   4           8           12          16
///  wire     l   01  00  01  02 00 00 00 01 00 00 00 0b 00 00 00 11 bytes … 00 00 00 00 00   h i
///           │   ty  fl  ver body length serial      fields      fields, padded to 8         body
///           l: little-endian, B: big-endian
///
///  wire     00 A U T H _ E X T E R N A L _ 3 0 \r \n       the first line, after a zero byte
/// ```
///
/// The second byte distinguishes `BEGIN` from a big-endian message. The message is the complete frame.
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::dbus());
/// decoder.push(b"\0AUTH ANONYMOUS\r\nBEGIN\r\nl\x01\0\x01\x02\0\0\0\x01\0\0\0\x03\0\0\0abc\0\0\0\0\0hi")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"\0AUTH ANONYMOUS");
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"BEGIN");
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"abc\0\0\0\0\0hi");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: message types other than 1 to 4, and protocol versions other than 1; a lone CR and a
/// lone LF in a line. Servers differ: dbus-daemon refuses messages over its `max_message_size`, 32 MiB unless its
/// configuration sets another. A peer can answer frame by frame.
///
/// Limits: 128 MiB for a message, as in the specification; 16 KiB for a line, as in libdbus. Specification: D-Bus
/// specification 0.43, "Message Format" and "Authentication Protocol".
#[must_use]
pub const fn dbus() -> Dbus {
    const fn message(number: Binary, order: u8) -> DbusMessage {
        let mut layout = counts_rest(4, number, 16);
        layout.second = Some(Second { multiple: 8, ..Second::new(12, number) });
        layout.max = (128 << 20) - 16;
        layout.required[0] = Some((0, Literal::byte(order)));
        let conditions =
            [constant!(Condition::one_of(1, ByteSet::range(1, 4))), constant!(Condition::one_of(3, ByteSet::of(1)))];
        Require::from_parts(conditions, LengthField::from_parts(number, layout))
    }
    const LINE: DbusLine =
        Forbid::from_parts(ByteSet::of(b'\r').with(b'\n'), Delimited::two(*b"\r\n").with_max_payload_len(16 * 1024));
    const BIG: DbusBig = DbusBig::from_table([
        (ByteRange::new(1, 4), Either::A(message(Binary::u32_be(), b'B'))),
        (ByteRange::new(b'E', b'E'), Either::B(LINE)),
    ])
    .choosing_at(1);
    let line: DbusFrame = Either::A(Either::B(LINE));
    ByFirstByte::from_table([
        (ByteRange::new(b'l', b'l'), Either::A(Either::A(message(Binary::u32_le(), b'l')))),
        (ByteRange::new(b'B', b'B'), Either::B(BIG)),
        // AUTH after a zero byte, or after the zero byte of another write; CANCEL, DATA, ERROR, AGREE_UNIX_FD,
        // NEGOTIATE_UNIX_FD, OK, REJECTED.
        (ByteRange::new(0, 0), line),
        (ByteRange::new(b'A', b'A'), line),
        (ByteRange::new(b'C', b'E'), line),
        (ByteRange::new(b'N', b'N'), line),
        (ByteRange::new(b'O', b'O'), line),
        (ByteRange::new(b'R', b'R'), line),
    ])
}

/// The framing that [`x11`] returns.
pub type X11 = Then<LengthField<Binary>, X11Request>;

type X11Request =
    ByFirstByte<Either<LengthField<Binary>, X11Zero>, [(ByteRange, Either<LengthField<Binary>, X11Zero>); 2]>;
type X11Zero = ByFirstByte<LengthField<Binary>, [(ByteRange, LengthField<Binary>); 2]>;

/// X11, what a little-endian client sends: the set-up, and then requests. The length of a request is counted in words
/// of four bytes.
///
/// ```text
///  offset   0   1   2   3   4           8
///  wire     12  00  02  00  61 62 63 64                     two words: 8 bytes
///  wire     12  00  00  00  03 00 00 00 61 62 63 64         0 announces 32 bits: three words, 12 bytes
///           op  │   length  the longer length
///
///  offset   0   1   2       4       6       8       10      12
///  wire     l   00  0b 00   00 00   12 00   10 00   00 00   18 bytes, 2 of padding, 16 bytes       the set-up
///                   version         name    data            name and data of the authorisation
/// ```
///
/// A length of 0 means that 32 bits of length follow, which needs the BIG-REQUESTS extension in the server. The message
/// is the complete request.
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::x11());
/// decoder.push(b"l\0\x0b\0\0\0\0\0\0\0\0\0\x12\0\x02\0abcd\x12\0\0\0\x03\0\0\0abcd")?;
/// assert_eq!(decoder.next_frame()?.unwrap().wire_len(), 12);
/// assert_eq!(decoder.next_frame()?.unwrap().wire_len(), 8);
/// assert_eq!(decoder.next_frame()?.unwrap().wire_len(), 12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: a big-endian set-up (`B`), and lengths that are shorter than the header. Servers differ
/// in the longest request that they take, which they announce in the answer to the set-up. A server can answer frame by
/// frame.
///
/// Limit: 16 MiB a request, as in X.Org. Specification: X Window System Protocol 11, chapter 8 and appendix B; Big
/// Requests Extension.
#[must_use]
pub const fn x11() -> X11 {
    let mut setup = counts_rest(8, Binary::u16_le(), 12);
    setup.second = Some(Second { multiple: 4, ..Second::new(6, Binary::u16_le()) });
    setup.trailer = Trailer::Multiple(4);
    setup.required[0] = Some((0, Literal::byte(b'l')));
    const fn request(offset: u16, number: Binary, header: u16) -> LengthField<Binary> {
        let mut layout = counts_all(offset, number, header);
        layout.unit = 4;
        layout.max = 16 << 20;
        LengthField::from_parts(number, layout)
    }
    const SHORT: LengthField<Binary> = request(2, Binary::u16_le(), 4);
    const LONG: LengthField<Binary> = request(4, Binary::u32_le(), 8);
    const ZERO: X11Zero =
        X11Zero::from_table([(ByteRange::new(0, 0), LONG), (ByteRange::new(1, 0xff), SHORT)]).choosing_at(3);
    let requests =
        X11Request::from_table([(ByteRange::new(1, 0xff), Either::A(SHORT)), (ByteRange::new(0, 0), Either::B(ZERO))]);
    Then::new(LengthField::from_parts(Binary::u16_le(), setup), requests.choosing_at(2))
}

/// The framing that [`x11_server`] returns.
pub type X11Server = Then<Require<LengthField<Binary>>, X11Answers>;

type X11Answers = ByFirstByte<Either<Fixed, LengthField<Binary>>, [(ByteRange, Either<Fixed, LengthField<Binary>>); 5]>;

/// X11, what a server sends to a little-endian client: the answer to the set-up, and then replies, events and errors.
///
/// ```text
///  offset   0   1   2       4           8         32
///  wire     01  xx  07 00   01 00 00 00 24 bytes  61 62 63 64     a reply: 32 bytes and one word
///               seq         words                 payload
///  wire     02  xx  07 00   28 bytes                              an event: 32 bytes
/// ```
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::x11_server());
/// decoder.push(b"\0\x02\x0b\0\0\0\x01\0no\0\0")?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"no\0\0");
/// decoder.push(&[2; 32])?;
/// assert_eq!(decoder.next_frame()?.unwrap().wire_len(), 32);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Generic events (35) have a length, as replies do. Refused in both directions: an answer to the set-up whose first
/// byte is not 0, 1 or 2. No server is known to differ. A client can continue frame by frame.
///
/// Limit: 16 MiB a reply; the field's is 16 GiB. Specification: X Window System Protocol 11, chapter 8 and appendix B;
/// Generic Event Extension.
#[must_use]
pub const fn x11_server() -> X11Server {
    let mut setup = counts_rest(6, Binary::u16_le(), 8);
    setup.unit = 4;
    let mut reply = Layout::new(4);
    reply.after = 24;
    reply.unit = 4;
    reply.max = 16 << 20;
    let reply = LengthField::from_parts(Binary::u32_le(), reply);
    const EVENT: Fixed = constant!(Fixed::new(32));
    let answers = X11Answers::from_table([
        (ByteRange::new(0, 0), Either::A(EVENT)),
        (ByteRange::new(1, 1), Either::B(reply)),
        (ByteRange::new(2, 34), Either::A(EVENT)),
        (ByteRange::new(35, 35), Either::B(reply)),
        (ByteRange::new(36, 0xff), Either::A(EVENT)),
    ]);
    let conditions = [constant!(Condition::one_of(0, ByteSet::range(0, 2)))];
    Then::new(Require::from_parts(conditions, LengthField::from_parts(Binary::u16_le(), setup)), answers)
}

/// The framing that [`osc`] returns.
pub type Osc = Require<Prefix<Binary>>;

/// OSC 1.0 over TCP: 32 bits of length before every packet.
///
/// ```text
///  offset   0   1   2   3    4
///  wire     00  00  00  0c   / a \0 \0   , i \0 \0   00 00 00 01      the message /a with the integer 1
///           length           payload
/// ```
///
/// ```
/// use anysplit::{Framing, protocols};
///
/// let mut wire = [0; 16];
/// protocols::osc().encode_into(b"/a\0\0,i\0\0\0\0\0\x01", &mut wire)?;
/// assert_eq!(&wire, b"\0\0\0\x0c/a\0\0,i\0\0\0\0\0\x01");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused in both directions: lengths that are no multiple of four, and packets that begin neither with `/` nor with
/// `#`. Servers differ: liblo also reads SLIP, and recognises it by the first bytes of the connection. A server can
/// answer frame by frame.
///
/// Limit: 8 MiB. Specification: Open Sound Control 1.0, "OSC Packets".
#[must_use]
pub const fn osc() -> Osc {
    let conditions = [
        constant!(Condition::one_of(3, super::layouts::multiples(4))),
        constant!(Condition::one_of(4, ByteSet::of(b'/').with(b'#'))),
    ];
    Require::from_parts(conditions, Prefix::u32_be())
}

/// OSC 1.1 over TCP and serial lines: SLIP, with a delimiter before and after every packet.
///
/// ```text
///  wire     c0   / a \0 \0   , i \0 \0   00 00 00 01   c0
/// ```
///
/// ```
/// use anysplit::{Framing, protocols};
///
/// let mut wire = Vec::new();
/// protocols::osc_slip().encode(b"/a\0\0,\0\0\0", &mut wire)?;
/// assert_eq!(wire, b"\xc0/a\0\0,\0\0\0\xc0");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused when read: a `db` before any byte but `dc` and `dd`. Refused when written: an empty message. Servers differ:
/// liblo also reads packets after a length, as in OSC 1.0, and recognises them by the first bytes of the connection. A
/// server can answer frame by frame.
///
/// Limit: 8 MiB. Specification: Open Sound Control 1.1, "Stream-oriented transport"; RFC 1055.
#[must_use]
pub const fn osc_slip() -> Stuffed<Slip> {
    Stuffed::slip()
}
