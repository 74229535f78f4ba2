//! Serial lines and radios: positioning, telemetry, radio control, music.

use super::layouts::counts_rest;
use crate::framing::checked::{Checked, Edge, Place};
use crate::framing::delimited::Delimited;
use crate::framing::enclosed::Enclosed;
use crate::framing::escaped_frame::EscapedFrame;
use crate::framing::length_field::{Layout, LengthField};
use crate::framing::mavlink::Mavlink;
use crate::framing::midi::Midi;
use crate::framing::prefix::Prefix;
use crate::framing::require::{Condition, Require};
use crate::framing::smp_serial::SmpSerial;
use crate::framing::stuffed::Escaping;
use crate::literal::Literal;
use crate::number::{Binary, Bits};
use crate::order::Order;
use crate::scan::ByteSet;
use crate::sum::{Crc, Plain, SumForm};

const BIG: SumForm = SumForm::Binary(Order::Big);
const LITTLE: SumForm = SumForm::Binary(Order::Little);

/// The framing that [`ubx`] returns.
pub type Ubx = Checked<LengthField<Binary>, Plain>;

/// UBX, u-blox receivers: two sync bytes, class and number, a length, and two sums.
///
/// ```text
///  offset   0   1    2   3    4   5    6   7     8   9
///  wire     b5  62   06  01   02  00   0a  04    17  49          a poll of CFG-MSG
///           sync     class id length   payload   sums
///                    └───── covered ───────┘
/// ```
///
/// The message is the packet without its sums; `fill` writes the length.
///
/// ```
/// use anysplit::{Decoder, Framing, protocols};
///
/// let mut wire = Vec::new();
/// protocols::ubx().encode(b"\xb5\x62\x06\x01\x02\x00\x0a\x04", &mut wire)?;
/// assert_eq!(wire, b"\xb5\x62\x06\x01\x02\x00\x0a\x04\x17\x49");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: other sync bytes; when read, a wrong sum. Devices differ: many send NMEA sentences on the
/// same line, which `Resync` skips. A device can answer frame by frame.
///
/// Limit: 65,535 bytes of payload. Specification: u-blox M10 SPG 5.10 interface description, sections 3.2 and 3.4.
#[must_use]
pub const fn ubx() -> Ubx {
    const SYNC: Literal = constant!(Literal::new(&[0xb5, 0x62]));
    let mut layout = counts_rest(4, Binary::u16_le(), 6);
    layout.required[0] = Some((0, SYNC));
    let field = LengthField::from_parts(Binary::u16_le(), layout);
    Checked::of_plain(field, Plain::Fletcher16Mod256, LITTLE, (Edge::Start(2), Edge::End))
}

/// The framing that [`nmea`] returns.
pub type Nmea = Checked<Require<Delimited<[[u8; 1]; 1]>>, Plain>;

/// NMEA 0183 sentences, with their checksum: `$` or `!`, the fields, `*`, two digits, CR LF.
///
/// ```text
///  wire     $ G P G L L , , , , , , V , N  *   6 4  \r \n
///           payload                        trailer
///             └───────── covered ───────┘
/// ```
///
/// The message is the sentence from `$` or `!` to the byte before `*`. A sentence without a checksum, which the standard
/// allows for some, is an error.
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::nmea());
/// decoder.push(b"$GPGLL,,,,,,V,N*64\r\n")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"$GPGLL,,,,,,V,N");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: first bytes other than `!` to `$`, and `*` inside a sentence; when read, a wrong checksum,
/// and a line that does not end with CR LF. Devices differ: some send sentences without a checksum. Nothing is answered, so
/// a reader can work frame by frame.
///
/// Limit: 1,024 bytes; the standard's is 82, which receivers exceed. Specification: NMEA 0183 version 4.11, section 5.3.
#[must_use]
pub const fn nmea() -> Nmea {
    let inner = Delimited::byte(b'*').with_max_payload_len(1024);
    // Between the two stand `"` and `#`, with which no sentence begins.
    let inner = Require::from_parts([constant!(Condition::one_of(0, ByteSet::range(b'!', b'$')))], inner);
    Checked::of_plain(inner, Plain::Xor, SumForm::HexUpper, (Edge::Start(1), Edge::PayloadEnd))
        .placed(Place::Trailer { before: None, after: Some(constant!(Literal::new(b"\r\n"))) })
}

/// The framing that [`rtcm3`] returns.
pub type Rtcm3 = Checked<Require<LengthField<Bits>>, Crc>;

/// RTCM 3 messages: `d3`, six zero bits, ten bits of length, and a CRC of 24 bits.
///
/// ```text
///  offset   0    1   2    3              22
///  wire     d3   00  13   3e d7 d3 02 …  36 0b 98         a reference station, 1005
///           sync length   payload        CRC-24/LTE-A
///           └────────── covered ──────┘
/// ```
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::rtcm3());
/// decoder.push(
///     b"\xd3\x00\x13\x3e\xd7\xd3\x02\x02\x98\x0e\xde\xef\x34\xb4\xbd\x62\xac\x09\x41\x98\x6f\x33\x36\x0b\x98",
/// )?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload().len(), 19);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: a first byte other than `d3`, and reserved bits that are not 0; when read, a wrong CRC. No
/// receiver is known to differ. Nothing is answered, so a reader can work frame by frame.
///
/// Limit: 1,023 bytes of payload. Specification: RTCM 10403.3, section 4, table 4-1.
#[must_use]
pub const fn rtcm3() -> Rtcm3 {
    const LENGTH: Bits = constant!(Bits::new(Binary::u16_be(), 0x03ff));
    let inner = LengthField::from_parts(LENGTH, Layout::new(1));
    let inner = Require::from_parts(
        [Condition::byte(0, 0xd3), constant!(Condition::one_of(1, ByteSet::masked(0xfc, 0)))],
        inner,
    );
    Checked::of_crc(inner, Crc::new(24, 0x86_4cfb, 0, 0, false, false), BIG, (Edge::Start(0), Edge::End))
}

/// The framing that [`sbp`] returns.
pub type Sbp = Checked<LengthField<Binary>, Crc>;

/// Swift Navigation's binary protocol: `55`, type, sender, a byte of length, and a CRC.
///
/// ```text
///  offset   0    1   2    3   4    5    6            10  11
///  wire     55   02  0b   42  00   04   ab cd ef 01  …   …
///           sync type     sender   len  payload      CRC-16/XMODEM, little-endian
///                └──────────── covered ───────────┘
/// ```
///
/// ```
/// use anysplit::{Framing, protocols};
///
/// let mut wire = Vec::new();
/// protocols::sbp().encode(b"\x55\xff\xff\x42\x00\x00", &mut wire)?;
/// assert_eq!(wire.len(), 8);
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused in both directions: a first byte other than `55`; when read, a wrong CRC. No device is known to differ. A device
/// can answer frame by frame.
///
/// Limit: 255 bytes of payload. Specification: Swift Navigation Binary Protocol 4.0, section 3, "Message framing".
#[must_use]
pub const fn sbp() -> Sbp {
    let mut layout = counts_rest(5, Binary::u8(), 6);
    layout.required[0] = Some((0, Literal::byte(0x55)));
    let field = LengthField::from_parts(Binary::u8(), layout);
    Checked::of_crc(field, Crc::new(16, 0x1021, 0, 0, false, false), LITTLE, (Edge::Start(1), Edge::End))
}

/// The framing that [`crsf`] returns.
pub type Crsf = Checked<Require<LengthField<Binary>>, Crc>;

/// Crossfire and ExpressLRS: an address, a length that counts type, payload and CRC, and a CRC of 8 bits.
///
/// ```text
///  offset   0    1    2     3            …
///  wire     c8   18   16    22 bytes     …
///           addr len  type  payload      CRC-8/DVB-S2
///                     └─── covered ──┘
/// ```
///
/// ```
/// use anysplit::{Framing, protocols};
///
/// let mut wire = Vec::new();
/// protocols::crsf().encode(b"\xc8\x04\x28\x00\xea", &mut wire)?;
/// assert_eq!(wire, b"\xc8\x04\x28\x00\xea\x54");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused in both directions: first bytes other than `c8` to `ee`, and lengths outside 2 to 62; when read, a wrong CRC.
/// Devices differ: the first byte is `c8` for some and the receiver's address for others. A device can answer frame by
/// frame.
///
/// Limit: 60 bytes of payload, 64 in all. Addresses from `c8` to `ee` begin a frame. Specification: TBS CRSF
/// specification, "Frame construction".
#[must_use]
pub const fn crsf() -> Crsf {
    let mut layout = counts_rest(1, Binary::u8(), 3);
    layout.adjustment = Some(-1);
    layout.max = 60;
    let inner = LengthField::from_parts(Binary::u8(), layout);
    let inner = Require::from_parts([constant!(Condition::one_of(0, ByteSet::range(0xc8, 0xee)))], inner);
    Checked::of_crc(inner, Crc::new(8, 0xd5, 0, 0, false, false), BIG, (Edge::Start(2), Edge::End))
}

/// The framing that [`dsmr`] returns.
pub type Dsmr = Checked<Require<Delimited<[[u8; 1]; 1]>>, Crc>;

/// Smart meters' P1 port: a telegram from `/` to `!`, four digits of CRC, CR LF.
///
/// ```text
///  wire     / I S k 5 \ 2 M T 3 8 2 - 1 0 0 0 \r \n … !   5 2 2 B  \r \n
///           payload                                   trailer
///           └──────────────────── covered ────────────┘  CRC-16/ARC
/// ```
///
/// The message is the telegram from `/` to the byte before `!`.
///
/// ```
/// use anysplit::{Framing, protocols};
///
/// let mut wire = Vec::new();
/// protocols::dsmr().encode(b"/ISk5\\2MT382-1000\r\n\r\n", &mut wire)?;
/// assert!(wire.ends_with(b"\r\n") && wire[21] == b'!');
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused in both directions: a first byte other than `/`, and `!` inside a telegram; when read, a wrong CRC or none.
/// Meters differ: those of DSMR 2 and 3 write no CRC. Nothing is answered, so a reader can work frame by frame.
///
/// Limit: 64 KiB, which no document sets. Specification: DSMR P1 companion standard 5.0.2, section 6.2.
#[must_use]
pub const fn dsmr() -> Dsmr {
    let inner = Delimited::byte(b'!').with_max_payload_len(65_536);
    let inner = Require::from_parts([Condition::byte(0, b'/')], inner);
    let crc = Crc::new(16, 0x8005, 0, 0, true, true);
    Checked::of_crc(inner, crc, SumForm::HexUpper, (Edge::Start(0), Edge::End))
        .placed(Place::Trailer { before: None, after: Some(constant!(Literal::new(b"\r\n"))) })
}

/// MAVLink, versions 1 and 2, with the messages of the common dialect. For another dialect: [`Mavlink::new`] with its table.
///
/// ```text
///  offset   0   1   2    3    4   5   6             6+n
///  wire     fe  09  00   01   01  00  …             7d dd      a heartbeat in version 1
///           start len seq system  id  payload       CRC-16/MCRF4XX, little-endian
///               └──────── covered, and the extra byte ┘
/// ```
///
/// The message is the packet without its CRC; a signature stands at its end. See [`Mavlink`].
///
/// ```
/// use anysplit::{Framing, protocols};
///
/// let mut wire = Vec::new();
/// protocols::mavlink().encode(b"\xfe\x09\x00\x01\x01\x00\x00\x00\x00\x00\x02\x03\x51\x04\x03", &mut wire)?;
/// assert!(wire.ends_with(b"\x7d\xdd"));
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused in both directions: messages that the table does not name, and flags that are not known here; when read also a
/// wrong CRC. Peers differ: a vehicle's dialect may have more messages, for which [`Mavlink::new`] takes another table. A peer can
/// answer frame by frame.
///
/// Limit: 255 bytes of payload. Specification: MAVLink developer guide, "Packet serialization", "Message signing".
#[must_use]
pub const fn mavlink() -> Mavlink {
    Mavlink::common()
}

/// A length of two bytes, frame data, and a sum over these.
const fn xbee_frame() -> Checked<Prefix<Binary>, Plain> {
    Checked::of_plain(Prefix::u16_be(), Plain::Sum8Ones, BIG, (Edge::Payload, Edge::End))
}

/// The framing that [`xbee`] returns.
pub type Xbee = Enclosed<Checked<Prefix<Binary>, Plain>>;

/// XBee radio modules, API mode 1: `7e`, a length, frame data, and a checksum.
///
/// ```text
///  offset   0    1   2    3                4+n
///  wire     7e   00  04   08  01  4e  44   64          asks for the command ND
///           start length  frame data       checksum: ff less the sum of the data
/// ```
///
/// The message is the frame data.
///
/// ```
/// use anysplit::{Framing, protocols};
///
/// let mut wire = Vec::new();
/// protocols::xbee().encode(b"\x08\x01ND", &mut wire)?;
/// assert_eq!(wire, b"\x7e\x00\x04\x08\x01ND\x64");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused when read: another start, and a wrong checksum. Modules differ: they drop a damaged frame in silence. A module can
/// answer frame by frame.
///
/// Limit: 65,535 bytes, which the length can announce; modules send a few hundred. Specification: Digi, XBee/XBee-PRO S2C
/// user guide, "API frame format".
#[must_use]
pub const fn xbee() -> Xbee {
    Enclosed::by_byte(0x7e, ByteSet::EMPTY, xbee_frame())
}

/// The framing that [`xbee_escaped`] returns.
pub type XbeeEscaped = EscapedFrame<Checked<Prefix<Binary>, Plain>>;

/// XBee radio modules, API mode 2: as [`xbee`], with everything after `7e` escaped.
///
/// ```text
///  wire     7e   00  02   23  7d 31   cb          frame data 23 11
///           start length  data        checksum
/// ```
///
/// `7e`, `7d`, `11` and `13` are sent as `7d` and the byte with bit 5 inverted, in the length and the checksum too. `11` and `13`
/// that come unescaped are flow control, and dropped.
///
/// ```
/// use anysplit::{Framing, protocols};
///
/// let mut wire = Vec::new();
/// protocols::xbee_escaped().encode(b"\x23\x11", &mut wire)?;
/// assert_eq!(wire, b"\x7e\x00\x02\x23\x7d\x31\xcb");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused when read: another start, a start inside a frame, and a wrong checksum. Modules differ: they drop a damaged frame in
/// silence. A module can answer frame by frame.
///
/// Limit: 65,535 bytes. Specification: Digi, XBee/XBee-PRO S2C user guide, "API operating mode", escaped characters.
#[must_use]
pub const fn xbee_escaped() -> XbeeEscaped {
    const FLOW_CONTROL: u32 = 1 << 0x11 | 1 << 0x13;
    EscapedFrame::of_parts(constant!(Escaping::hdlc().with_control_characters(FLOW_CONTROL)), xbee_frame())
}

/// The Simple Management Protocol of mcuboot and Zephyr on a serial console: lines of base64.
///
/// ```text
///  wire     06 09    A A o C A A A A …    0a       the first line
///  wire     04 14    …                    0a       the lines after it
/// ```
///
/// The message is the SMP header and its CBOR. See [`SmpSerial`].
///
/// ```
/// use anysplit::{Framing, protocols};
///
/// let mut wire = Vec::new();
/// protocols::smp_serial().encode(b"Hello, world!", &mut wire)?;
/// assert_eq!(wire, b"\x06\x09AA9IZWxsbywgd29ybGQhet4=\n");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused when read: other bytes before a line, what is no base64, and a wrong checksum. Consoles differ: they print text
/// between the frames, which [`Recovery::Resync`](crate::Recovery::Resync) skips. A device can answer frame by frame.
///
/// Limit: 65,533 bytes. Specification: Zephyr documentation, "SMP over console".
#[must_use]
pub const fn smp_serial() -> SmpSerial {
    SmpSerial::new()
}

/// MIDI 1.0 on a serial line, with running status.
///
/// ```text
///  wire     90 39 2e    35 2f       f0 7e … f7        f8
///           note on     note on     system exclusive  timing clock
/// ```
///
/// A message is its bytes on the wire; one that begins below `80` has the status of the channel message before it. See
/// [`Midi`].
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::midi());
/// decoder.push(b"\x90\x39\x2e\x35\x2f")?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"\x90\x39\x2e");
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"\x35\x2f");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: a status byte inside a message, and `f4`, `f5` and a lone `f7`; when read also a data byte
/// without a status. Instruments differ: most ignore such bytes. They answer no message but requests inside system exclusive
/// messages, frame by frame.
///
/// Limit: 8 MiB. Specification: MIDI 1.0 detailed specification 4.2, "Data format".
#[must_use]
pub const fn midi() -> Midi {
    Midi::new()
}
