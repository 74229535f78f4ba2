//! Field buses, metering, building automation and debuggers on serial lines.

use core::num::NonZeroU16;

use super::layouts::counts_rest;
use crate::contract::DEFAULT_MAX_PAYLOAD_LEN;
use crate::framing::after::After;
use crate::framing::blocks::Blocks;
use crate::framing::by_first_byte::{ByFirstByte, ByteRange};
use crate::framing::by_type::{Body, ByType};
use crate::framing::checked::{Checked, Edge, Place};
use crate::framing::delimited::Delimited;
use crate::framing::either::Either;
use crate::framing::enclosed::Enclosed;
use crate::framing::fixed::Fixed;
use crate::framing::length_field::{Layout, LengthField, Second};
use crate::framing::require::{Condition, Require};
use crate::framing::stuffed::{Escaping, HexLine, Stuffed};
use crate::literal::Literal;
use crate::number::Binary;
use crate::order::Order;
use crate::scan::ByteSet;
use crate::sum::{Crc, Plain, SumForm};

const BIG: SumForm = SumForm::Binary(Order::Big);
const LITTLE: SumForm = SumForm::Binary(Order::Little);

/// The framing that [`modbus_rtu_requests`] and [`modbus_rtu_responses`] return.
pub type ModbusRtu<const N: usize> =
    Checked<After<ByType<LengthField<Binary>, [(u8, Body<LengthField<Binary>>); N]>>, Crc>;

/// The CRC of Modbus.
const MODBUS: Crc = Crc::new(16, 0x8005, 0xffff, 0, true, true);

/// A number of one byte that ends a header of `header` bytes and counts what follows.
const fn counted(header: u16) -> Body<LengthField<Binary>> {
    let mut layout = Layout::new(header - 1);
    layout.max = 252;
    Body::Framed(LengthField::from_parts(Binary::u8(), layout))
}

/// Modbus RTU, from the client: the function code determines the length of a request, and a CRC follows.
///
/// ```text
///  offset   0    1    2   3    4   5     6   7
///  wire     01   03   00  00   00  02    c4  0b             read two registers of unit 1
///           unit code start    count     CRC-16/MODBUS, little-endian
///           └────── covered ────────┘
/// ```
///
/// The standard separates frames by 3.5 characters of silence. Without a clock the length follows from the function code:
/// the public codes 1 to 8, 11, 12, 15 to 17, 20 to 24 are known, and 43 with MEI type 14. The message is the frame
/// without its CRC.
///
/// ```
/// use anysplit::{Framing, protocols};
///
/// let mut wire = Vec::new();
/// protocols::modbus_rtu_requests().encode(b"\x01\x03\x00\x00\x00\x02", &mut wire)?;
/// assert_eq!(wire, b"\x01\x03\x00\x00\x00\x02\xc4\x0b");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused in both directions: function codes without a known length; when read, a wrong CRC. Devices differ: those with
/// functions of their own need a framing of their own. A device can answer frame by frame.
///
/// Limit: 256 bytes in all. Specification: MODBUS over Serial Line 1.02, section 2.5.1; MODBUS Application Protocol 1.1b3,
/// section 6.
#[must_use]
pub fn modbus_rtu_requests() -> ModbusRtu<19> {
    let table = [
        (1, Body::Len(4)),
        (2, Body::Len(4)),
        (3, Body::Len(4)),
        (4, Body::Len(4)),
        (5, Body::Len(4)),
        (6, Body::Len(4)),
        (7, Body::Len(0)),
        (8, Body::Len(4)),
        (11, Body::Len(0)),
        (12, Body::Len(0)),
        (15, counted(5)),
        (16, counted(5)),
        (17, Body::Len(0)),
        (20, counted(1)),
        (21, counted(1)),
        (22, Body::Len(6)),
        (23, counted(9)),
        (24, Body::Len(2)),
        (43, Body::Len(3)),
    ];
    let inner = After::one_byte(ByType::from_table(table));
    Checked::of_crc(inner, MODBUS, LITTLE, (Edge::Start(0), Edge::End))
}

/// Modbus RTU, from the server: see [`modbus_rtu_requests`].
///
/// ```text
///  offset   0    1    2    3   4    5   6     7   8
///  wire     01   03   04   00  06   00  05    da  31         two registers: 6 and 5
///           unit code len  payload            CRC-16/MODBUS, little-endian
///           └────────── covered ────────┘
///  wire     01   83   02                      c0  f1         an exception: the code with its highest bit
/// ```
///
/// Function 43 is not known in this direction: no length announces its objects.
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::modbus_rtu_responses());
/// decoder.push(b"\x01\x03\x04\x00\x06\x00\x05\xda\x31\x01\x83\x02\xc0\xf1")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message().to_vec(), b"\x01\x03\x04\x00\x06\x00\x05");
/// assert_eq!(decoder.next_frame()?.unwrap().message().to_vec(), b"\x01\x83\x02");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: function codes without a known length; when read, a wrong CRC. Devices differ: those with
/// functions of their own need a framing of their own. A client can work frame by frame.
#[must_use]
pub fn modbus_rtu_responses() -> ModbusRtu<36> {
    const FIFO: LengthField<Binary> = {
        let mut layout = Layout::new(0);
        layout.max = 252;
        LengthField::from_parts(Binary::u16_be(), layout)
    };
    const CODES: [u8; 18] = [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 15, 16, 17, 20, 21, 22, 23, 24];
    let mut table = [(0, Body::Len(1)); 36];
    let mut at = 0;
    while at < CODES.len() {
        let body = match CODES[at] {
            1..=4 | 12 | 17 | 20 | 21 | 23 => counted(1),
            5 | 6 | 8 | 11 | 15 | 16 => Body::Len(4),
            7 => Body::Len(1),
            22 => Body::Len(6),
            _ => Body::Framed(FIFO),
        };
        table[at] = (CODES[at], body);
        table[at + CODES.len()] = (CODES[at] | 0x80, Body::Len(1));
        at += 1;
    }
    let inner = After::one_byte(ByType::from_table(table));
    Checked::of_crc(inner, MODBUS, LITTLE, (Edge::Start(0), Edge::End))
}

/// Modbus ASCII: `:`, two hexadecimal digits for each byte, the LRC, CR LF.
///
/// ```text
///  wire     :   1 1 0 3 0 0 6 B 0 0 0 3   7 E   \r \n      read three registers of unit 17
///               payload                   LRC
/// ```
///
/// The message is the bytes that the digits stand for, without the LRC, their two's complement sum.
///
/// ```
/// use anysplit::{Framing, protocols};
///
/// let mut wire = Vec::new();
/// protocols::modbus_ascii().encode(b"\x11\x03\x00\x6b\x00\x03", &mut wire)?;
/// assert_eq!(wire, b":1103006B00037E\r\n");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused when read: anything but pairs of hexadecimal digits, a line without a byte, and a wrong LRC. No device is known
/// to differ. A device can answer frame by frame.
///
/// Limit: 254 bytes. Specification: MODBUS over Serial Line 1.02, section 2.5.2.
#[must_use]
pub const fn modbus_ascii() -> Stuffed<HexLine, Plain> {
    Stuffed::of_parts(HexLine::new(b':'), Plain::Sum8Twos, BIG, 254)
}

/// HDLC and PPP on asynchronous lines: flags, octet stuffing, and a check sequence of 16 bits.
///
/// ```text
///  wire     7e   ff  7d 23  c0 21   …  …        7e
///           flag address …  protocol   FCS-16   flag
/// ```
///
/// The sequence covers the message before stuffing, and stands inside it. A flag is written before each frame too; a reader
/// takes one flag between two frames as well. The message is address, control and what follows them.
///
/// ```
/// use anysplit::{Decoder, Framing, protocols};
///
/// let mut wire = Vec::new();
/// protocols::hdlc().encode(b"\xff\x03\x7e", &mut wire)?;
/// assert_eq!(wire[..6], *b"\x7e\xff\x03\x7d\x5e\xae");
/// let mut decoder = Decoder::new(protocols::hdlc());
/// decoder.push(&wire)?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"\xff\x03\x7e");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused when read: a wrong check sequence, and a flag right after an escape. Peers differ: many omit address and control
/// once they have agreed on that (RFC 1662, section 3.2), and all drop a damaged frame in silence. A peer can answer frame
/// by frame.
///
/// For the check sequence of 32 bits: [`hdlc_fcs32`]. Limit: 8 MiB.
/// Specification: RFC 1662, sections 3.1, 4.2 and C.2.
#[must_use]
pub const fn hdlc() -> Stuffed<Escaping, Crc> {
    const FCS16: Crc = Crc::new(16, 0x1021, 0xffff, 0xffff, true, true);
    Stuffed::of_parts(Escaping::hdlc(), FCS16, LITTLE, DEFAULT_MAX_PAYLOAD_LEN)
}

/// HDLC and PPP with a check sequence of 32 bits: as [`hdlc`] otherwise.
///
/// ```text
///  wire     7e   ff  03  c0 21   …  …           7e
///           flag address …       FCS-32         flag
/// ```
///
/// ```
/// use anysplit::{Framing, protocols};
///
/// let mut wire = Vec::new();
/// protocols::hdlc_fcs32().encode(b"123456789", &mut wire)?;
/// assert_eq!(wire, b"\x7e123456789\x26\x39\xf4\xcb\x7e");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused when read: a wrong check sequence, and a flag right after an escape. Peers differ: all drop a damaged frame in
/// silence. A peer can answer frame by frame.
///
/// Limit: 8 MiB. Specification: RFC 1662, sections 3.1, 4.2 and C.3.
#[must_use]
pub const fn hdlc_fcs32() -> Stuffed<Escaping, Crc> {
    const FCS32: Crc = Crc::new(32, 0x04c1_1db7, 0xffff_ffff, 0xffff_ffff, true, true);
    Stuffed::of_parts(Escaping::hdlc(), FCS32, LITTLE, DEFAULT_MAX_PAYLOAD_LEN)
}

/// The framing that [`dnp3`] returns.
pub type Dnp3 = Blocks<Checked<LengthField<Binary>, Crc>, Crc>;

/// DNP3's link layer: a header with a CRC, and user data in blocks of 16 bytes, each with a CRC.
///
/// ```text
///  offset   0   1   2   3    4   5    6   7    8   9    10         26  27
///  wire     05  64  05  c0   01  00   00  04   e9  21                          RESET LINK, from 1024 to 1
///           start   len ctrl dest.    source   CRC      16 bytes   CRC   …
///           └──────────── covered ─────────┘            payload
/// ```
///
/// The length counts what is after it but the CRCs. The header's CRC is verified before the length is used. The message is the header with
/// its CRC, and the user data; `fill` of the inner framing writes the length and the header's CRC.
///
/// ```
/// use anysplit::{Decoder, Framing, protocols};
///
/// let framing = protocols::dnp3();
/// let mut message = *b"\x05\x64\x00\xc4\x01\x00\x00\x04\x00\x00\xc0\xc1\x01";
/// framing.inner().fill(&mut message)?;
/// let mut wire = Vec::new();
/// framing.encode(&message, &mut wire)?;
/// assert_eq!((wire[2], wire.len()), (8, 15));
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused when read: other start bytes, and a wrong checksum of the header or of a block. Stations differ: most drop a
/// damaged frame in silence, and the master asks again. A station can answer frame by frame.
///
/// Limit: 250 bytes of user data. Specification: IEEE 1815-2012, sections 9.2.4.1 and 9.2.4.2.
#[must_use]
pub const fn dnp3() -> Dnp3 {
    const DNP: Crc = Crc::new(16, 0x3d65, 0, 0xffff, true, true);
    // The compiler evaluates it.
    const BLOCK: NonZeroU16 = NonZeroU16::new(16).unwrap();
    let mut layout = counts_rest(2, Binary::u8(), 10);
    layout.required[0] = Some((0, constant!(Literal::new(&[0x05, 0x64]))));
    layout.adjustment = Some(2);
    layout.max = 250;
    let field = LengthField::from_parts(Binary::u8(), layout);
    let header = Checked::of_crc(field, DNP, LITTLE, (Edge::Start(0), Edge::Start(8))).placed(Place::Header(8));
    Blocks::of_parts(header, BLOCK, DNP, LITTLE)
}

/// The framing that [`iec101`] and [`mbus`] return.
pub type Ft12 = ByFirstByte<Ft12Frame, [(ByteRange, Ft12Frame); 3]>;

type Ft12Frame = Either<Checked<Require<Either<LengthField<Binary>, Fixed>>, Plain>, Fixed>;

/// The format class FT 1.2, with fixed frames of `fixed` bytes before the sum.
const fn ft12(fixed: u64) -> Ft12 {
    const END: Place = Place::Trailer { before: None, after: Some(Literal::byte(0x16)) };
    let field = LengthField::from_parts(Binary::u8(), {
        let mut layout = counts_rest(1, Binary::u8(), 4);
        layout.max = 255;
        layout
    });
    let rules = [Condition::byte(0, 0x68), constant!(Condition::same(2, 1)), Condition::byte(3, 0x68)];
    let variable = Require::from_parts(rules, Either::A(field));
    let variable = Checked::of_plain(variable, Plain::Sum8, BIG, (Edge::Payload, Edge::End)).placed(END);
    let fixed = Require::from_parts([Condition::byte(0, 0x10)], Either::B(constant!(Fixed::new(fixed))));
    let fixed = Checked::of_plain(fixed, Plain::Sum8, BIG, (Edge::Start(1), Edge::End)).placed(END);
    ByFirstByte::from_table([
        (ByteRange::new(0x68, 0x68), Either::A(variable)),
        (ByteRange::new(0x10, 0x10), Either::A(fixed)),
        (ByteRange::new(0xe5, 0xe5), Either::B(constant!(Fixed::new(1)))),
    ])
}

/// IEC 60870-5-101, format class FT 1.2, with link addresses of one byte.
///
/// ```text
///  offset   0    1    2    3    4    5         …         …
///  wire     68   05   05   68   53   01  …     sum  16       5 bytes from the control field on
///           └──── header ────┘  ctrl address   trailer
///  wire     10   49   01                       4a   16       a fixed frame
///  wire     e5                                               a single character
/// ```
///
/// The sum covers what is between the second `68` and the sum, or all after `10`. The message is the frame without sum and
/// `16`.
///
/// ```
/// use anysplit::{Framing, protocols};
///
/// let mut wire = Vec::new();
/// protocols::iec101().encode(b"\x10\x49\x01", &mut wire)?;
/// protocols::iec101().encode(b"\x68\x02\x02\x68\x53\x01", &mut wire)?;
/// assert_eq!(wire, b"\x10\x49\x01\x4a\x16\x68\x02\x02\x68\x53\x01\x54\x16");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused in both directions: other first bytes, and two lengths that differ; when read, a wrong sum or end. Devices
/// differ: with link addresses of two bytes or none, fixed frames have another length. A device can answer frame by frame.
///
/// Limit: 255 bytes. Specification: IEC 60870-5-1, section 6.2.4; IEC 60870-5-2, section 3.2.
#[must_use]
pub const fn iec101() -> Ft12 {
    ft12(3)
}

/// Wired M-Bus, the same format class as [`iec101`].
///
/// ```text
///  wire     68   03   03   68   53 fe bd       0e   16       a control frame: bd sets 2,400 baud
///  wire     10   40   fe                       3e   16       a short frame: SND_NKE
///  wire     e5                                               acknowledgement
/// ```
///
/// ```
/// use anysplit::{Framing, protocols};
///
/// let mut wire = Vec::new();
/// protocols::mbus().encode(b"\x10\x40\xfe", &mut wire)?;
/// assert_eq!(wire, b"\x10\x40\xfe\x3e\x16");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused in both directions: other first bytes, and two lengths that differ; when read, a wrong sum or end. No meter is
/// known to differ. A device can answer frame by frame.
///
/// Limit: 255 bytes. Specification: EN 13757-2, section 5.2; The M-Bus: a documentation, section 5.2.
#[must_use]
pub const fn mbus() -> Ft12 {
    ft12(3)
}

/// The framing that [`esp3`] returns.
pub type Esp3 = Checked<Checked<LengthField<Binary>, Crc>, Crc>;

/// EnOcean Serial Protocol 3: the header has a CRC, and so have the data.
///
/// ```text
///  offset   0    1   2    3     4     5       6    7
///  wire     55   00  01   00    05    70      08   38        read the base address
///           sync length   opt.  type  CRC-8   data CRC-8/SMBUS
///                └── covered ───────┘         └──┘ covered
/// ```
///
/// The header's sum is verified before its lengths are used. The message is the packet without the last CRC; `fill`
/// writes the header's, and the length.
///
/// ```
/// use anysplit::{Framing, protocols};
///
/// let mut message = *b"\x55\x00\x00\x00\x05\x00\x08";
/// protocols::esp3().inner().fill(&mut message)?;
/// let mut wire = Vec::new();
/// protocols::esp3().encode(&message, &mut wire)?;
/// assert_eq!(wire, b"\x55\x00\x01\x00\x05\x70\x08\x38");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused in both directions: a first byte other than `55`; when read, a wrong CRC of the header or the data. No module is
/// known to differ. A peer can answer frame by frame.
///
/// Limit: 65,790 bytes. Specification: EnOcean Serial Protocol (ESP3) 1.51, sections 1.6 and 3.1.
#[must_use]
pub const fn esp3() -> Esp3 {
    const CRC8: Crc = Crc::new(8, 7, 0, 0, false, false);
    let mut layout = counts_rest(1, Binary::u16_be(), 6);
    layout.required[0] = Some((0, Literal::byte(0x55)));
    layout.second = Some(Second::new(3, Binary::u8()));
    let field = LengthField::from_parts(Binary::u16_be(), layout);
    let header = Checked::of_crc(field, CRC8, BIG, (Edge::Start(1), Edge::Start(5))).placed(Place::Header(5));
    Checked::of_crc(header, CRC8, BIG, (Edge::Payload, Edge::End))
}

/// The framing that [`gdb`] returns.
pub type Gdb = ByFirstByte<GdbFrame, [(ByteRange, GdbFrame); 5]>;

type GdbFrame = Either<Checked<Enclosed<Delimited<[[u8; 1]; 1]>>, Plain>, Fixed>;

/// GDB's remote protocol: packets from `$` to `#`, two digits of checksum, and acknowledgements.
///
/// ```text
///  wire     $    O K      #  9 a             a packet
///           header payload trailer
///  wire     +                                acknowledged; `-` asks again, 03 interrupts
///  wire     %    S t o p : …  #  x x         a notification
/// ```
///
/// The message of a packet is the text between `$` and `#`, with its escapes (`}`) and run lengths unchanged. An
/// acknowledgement is a message of one byte. A notification decodes, but is not encoded: its message could also be that of
/// a packet.
///
/// ```
/// use anysplit::{Decoder, Framing, protocols};
///
/// let mut wire = Vec::new();
/// protocols::gdb().encode(b"OK", &mut wire)?;
/// assert_eq!(wire, b"$OK#9a");
/// let mut decoder = Decoder::new(protocols::gdb());
/// decoder.push(b"+$E01#a6")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"+");
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"E01");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: other first bytes than `$`, `%`, `+`, `-` and 03, and `#` in a packet; when read, a wrong
/// checksum. Servers differ: gdbserver skips all bytes before a `$`, and does not look at checksums once both sides have
/// agreed on that. A server can answer frame by frame.
///
/// Limit: 8 MiB, where the peers agree on one, `PacketSize`. Specification: Debugging with GDB, appendix E.1.
#[must_use]
pub const fn gdb() -> Gdb {
    const ONE: GdbFrame = Either::B(constant!(Fixed::new(1)));
    const fn packet(start: u8) -> GdbFrame {
        let inner = Enclosed::by_byte(start, ByteSet::EMPTY, Delimited::byte(b'#'));
        let form = SumForm::HexLower;
        Either::A(Checked::of_plain(inner, Plain::Sum8, form, (Edge::Payload, Edge::PayloadEnd)))
    }
    ByFirstByte::from_table([
        (ByteRange::new(b'+', b'+'), ONE),
        (ByteRange::new(b'-', b'-'), ONE),
        (ByteRange::new(3, 3), ONE),
        (ByteRange::new(b'$', b'$'), packet(b'$')),
        (ByteRange::new(b'%', b'%'), packet(b'%')),
    ])
}

/// The framing that [`gdb_requests`] returns.
pub type GdbRequests = ByFirstByte<GdbRequest, [(ByteRange, GdbRequest); 4]>;

type GdbRequest = Either<Checked<Enclosed<Stuffed<Escaping>>, Plain>, Fixed>;

/// GDB's remote protocol, from GDB to the stub, with its escapes undone.
///
/// ```text
///  message  X 0 , 1 :            23
///  wire     $    X 0 , 1 :  7d   03  #  9 f           `#` is 23, and sent as 7d 03
///           header payload           trailer
/// ```
///
/// As [`gdb`] otherwise, without notifications, which only the stub sends. `#`, `$`, `}` and `*` are sent as `}` and the byte with bit
/// 5 inverted. A stub also sends run lengths. After the escapes are undone, they look like data: for its packets use
/// [`gdb`].
///
/// ```
/// use anysplit::{Decoder, Framing, protocols};
///
/// let mut wire = Vec::new();
/// protocols::gdb_requests().encode(b"X0,1:#", &mut wire)?;
/// assert_eq!(wire, b"$X0,1:}\x03#9f");
/// let mut decoder = Decoder::new(protocols::gdb_requests());
/// decoder.push(&wire)?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"X0,1:#");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused when read: another start, and a wrong sum. Stubs differ: while acknowledgements are on, they answer such a packet with
/// `-`, and GDB sends it again. A stub can answer frame by frame.
///
/// Limit: 8 MiB. Specification: Debugging with GDB, appendix E.1.
#[must_use]
pub const fn gdb_requests() -> GdbRequests {
    const ONE: GdbRequest = Either::B(constant!(Fixed::new(1)));
    const OTHERS: ByteSet = ByteSet::of(b'$').with(b'*');
    let escaping = constant!(Escaping::xor(b'#', b'}', 0x20)).also_escaping(OTHERS);
    let payload = Stuffed::new(escaping).taking_empty();
    let packet = Enclosed::by_byte(b'$', ByteSet::EMPTY, payload);
    let packet = Checked::of_plain(packet, Plain::Sum8, SumForm::HexLower, (Edge::Payload, Edge::PayloadEnd));
    ByFirstByte::from_table([
        (ByteRange::new(b'+', b'+'), ONE),
        (ByteRange::new(b'-', b'-'), ONE),
        (ByteRange::new(3, 3), ONE),
        (ByteRange::new(b'$', b'$'), Either::A(packet)),
    ])
}
