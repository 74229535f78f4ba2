//! MAVLink packets, versions 1 and 2.

use crate::contract::{Envelope, Extent, Framing, Located, NextStart, Part, Patch, Progress};
use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError};
use crate::short::ShortBytes;

mod common;
mod crc;

pub(crate) use common::COMMON;

/// MAVLink packets, versions 1 and 2: a start byte, a length, and a CRC that ends with a byte which the message's number chooses.
///
/// ```text
///  offset   0   1   2    3    4   5   6             6+n
///  wire     fe  09  00   01   01  00  …             …          version 1
///           start len seq system  id  payload       CRC-16/MCRF4XX, little-endian
///                        component
///  offset   0   1   2    3    4   5   6   7   10    10+n  12+n
///  wire     fd  09  00   00   00  01  01  …   …     …     13 bytes, if bit 0 of byte 2 is set
///           start len flags   seq         id  payload CRC signature
///               └────────── covered ────────────────┘
/// ```
///
/// The message is the packet without its CRC: header, payload, and in a signed packet the signature. [`fill`](Self::fill) writes
/// the length.
///
/// The table has the extra byte of each message that may come, in the order of their numbers: that of [`common`](Self::common), or what the generator
/// of a dialect writes. It is the sum's last byte, so a packet of a dialect that defines the message otherwise is rejected.
///
/// # Errors
///
/// - [`DecodeErrorKind::UnknownType`] at another first byte.
/// - [`DecodeErrorKind::Forbidden`] at the flags, if bits are set that change the packet in a way that is not known here.
/// - [`DecodeErrorKind::Oversize`] at the length.
/// - [`DecodeErrorKind::Custom`] at the end of a message number that is not in the table.
/// - [`DecodeErrorKind::Check`] at the CRC.
///
/// Encoding refuses the same, and a wrong length: [`EncodeError::LengthDisagrees`].
///
/// # Cost
///
/// One search in the table for a packet, and the CRC. A signed packet is returned in one piece and is copied once, because the CRC
/// stands inside.
///
/// # Examples
///
/// ```
/// use anysplit::{Decoder, Framing, Mavlink};
///
/// // HEARTBEAT has the number 0 and the extra byte 50.
/// let framing = Mavlink::new([(0, 50)])?;
/// let mut message = *b"\xfe\x00\x00\x01\x01\x00\x00\x00\x00\x00\x02\x03\x51\x04\x03";
/// framing.fill(&mut message)?;
/// let mut wire = Vec::new();
/// framing.encode(&message, &mut wire)?;
/// assert_eq!((wire[1], wire.len()), (9, 17));
///
/// let mut decoder = Decoder::new(framing);
/// decoder.push(&wire)?;
/// assert_eq!(decoder.next_frame()?.unwrap().message().to_vec(), message);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Specification
///
/// MAVLink developer guide, "Packet serialization" and "Message signing". Zeros that version 2 leaves out at the payload's end are for
/// the code after this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mavlink<T = &'static [(u32, u8)]> {
    table: T,
    max: u64,
}

const V1: u8 = 0xfe;
const V2: u8 = 0xfd;
/// In the flags: the packet is signed.
const SIGNED: u8 = 1;
const SIGNATURE_LEN: usize = 13;
const CRC_LEN: usize = 2;
const MAX: u64 = 255;

/// What the first bytes of a packet are.
#[derive(Clone, Copy)]
struct Header {
    len: u16,
    signed: bool,
    payload: u8,
    extra: u8,
}

impl Header {
    /// The packet on the wire. If it is signed, the CRC is not at its end.
    const fn extent(self) -> Extent {
        let payload = self.payload as u64;
        match self.signed {
            false => Extent::new(self.len, payload, 2).with_message_header(self.len).checked(),
            true => Extent::new(self.len, payload + (CRC_LEN + SIGNATURE_LEN) as u64, 0)
                .with_message_header(self.len)
                .checked()
                .rewritten()
                .in_one_piece(),
        }
    }

    /// Bytes of the message after the payload.
    const fn after(self) -> usize {
        if self.signed { SIGNATURE_LEN } else { 0 }
    }
}

impl Mavlink {
    /// Creates the framing of the common dialect.
    #[must_use]
    pub const fn common() -> Self {
        Self { table: &COMMON, max: MAX }
    }
}

impl<T: AsRef<[(u32, u8)]>> Mavlink<T> {
    /// Creates the framing of the messages in the table, each with the byte that its CRC ends with.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] if the numbers do not ascend, or one has more than 24 bits.
    pub fn new(table: T) -> Result<Self, ConfigError> {
        let ascends = table.as_ref().windows(2).all(|pair| pair[0].0 < pair[1].0);
        if !ascends || table.as_ref().last().is_some_and(|(number, _)| *number > 0xff_ffff) {
            return Err(ConfigError::Conflict("message numbers ascend, and have 24 bits at most"));
        }
        Ok(Self { table, max: MAX })
    }

    /// Returns the table.
    #[must_use]
    pub fn table(&self) -> &[(u32, u8)] {
        self.table.as_ref()
    }

    /// Returns this framing with the same table in another type.
    #[cfg(feature = "alloc")]
    pub(crate) fn with_same_table<U>(&self, table: U) -> Mavlink<U> {
        Mavlink { table, max: self.max }
    }

    /// Writes the length of the payload into a message.
    ///
    /// # Errors
    ///
    /// An [`EncodeError`] if the message has no complete header or is too long. It is then unchanged.
    pub fn fill(&self, message: &mut [u8]) -> Result<(), EncodeError> {
        if let (Some(Patch { bytes, .. }), Some(place)) = (self.patch(message)?, message.get_mut(1..2)) {
            place.copy_from_slice(&bytes);
        }
        Ok(())
    }

    /// Reads a header that may be incomplete. `None` means that more bytes are needed.
    fn header(&self, input: &[u8], lenient: bool) -> Result<Option<Header>, FrameError> {
        let len = match input.first() {
            None => return Ok(None),
            Some(&V1) => 6,
            Some(&V2) => 10,
            Some(&found) => return Err(FrameError::new(0, DecodeErrorKind::UnknownType { found })),
        };
        let Some(&payload) = input.get(1) else { return Ok(None) };
        if u64::from(payload) > self.max && !lenient {
            return Err(FrameError::new(1, DecodeErrorKind::Oversize { len: payload.into(), max: self.max }));
        }
        let signed = len == 10 && input.get(2).is_some_and(|flags| flags & SIGNED != 0);
        if let Some(&found) = input.get(2).filter(|&&flags| len == 10 && flags & !SIGNED != 0 && !lenient) {
            return Err(FrameError::new(2, DecodeErrorKind::Forbidden { found }));
        }
        let number = match (len, input) {
            (6, &[_, _, _, _, _, id, ..]) => id.into(),
            (10, &[_, _, _, _, _, _, _, a, b, c, ..]) => u32::from_le_bytes([a, b, c, 0]),
            _ => return Ok(None),
        };
        let extra = match self.extra(number) {
            Some(extra) => extra,
            None if lenient => 0,
            None => {
                let kind = DecodeErrorKind::Custom("the table has no such message");
                return Err(FrameError::new(usize::from(len) - 1, kind));
            }
        };
        Ok(Some(Header { len, signed, payload, extra }))
    }

    fn extra(&self, number: u32) -> Option<u8> {
        let table = self.table();
        let at = table.binary_search_by_key(&number, |&(number, _)| number).ok()?;
        table.get(at).map(|&(_, extra)| extra)
    }

    /// Reads the header of a message, and returns how long its payload is.
    fn header_of(&self, message: &[u8]) -> Result<(Header, usize), EncodeError> {
        let short = |min| EncodeError::TooShort { len: message.len() as u64, min };
        let header = self.header(message, false).map_err(EncodeError::Header)?;
        let header = header.ok_or(short(if message.first() == Some(&V2) { 10 } else { 6 }))?;
        let min = usize::from(header.len) + header.after();
        Ok((header, message.len().checked_sub(min).ok_or(short(min as u64))?))
    }

    /// The CRC of the bytes from the length to the end of the payload.
    fn sum(header: Header, covered: &[u8]) -> u64 {
        crc::update(crc::update(crc::START, covered), &[header.extra])
    }
}

impl<T> Mavlink<T> {
    /// Sets the limit, in bytes of the payload, at most 255. Binds both directions.
    #[must_use]
    pub const fn with_max_payload_len(mut self, max: u64) -> Self {
        self.max = if max < MAX { max } else { MAX };
        self
    }
}

impl<T: AsRef<[(u32, u8)]>> Framing for Mavlink<T> {
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        Ok(match self.header(input, progress.lenient)? {
            Some(header) => Located::Known(header.extent()),
            None => {
                let header = if input.first() == Some(&V2) { 10 } else { 6 };
                let signature =
                    if header == 10 && input.get(2).is_some_and(|flags| flags & SIGNED != 0) { 13 } else { 0 };
                let payload = input.get(1).copied().unwrap_or_default();
                Located::Header(header + u64::from(payload) + CRC_LEN as u64 + signature)
            }
        })
    }

    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        let Ok(Some(header)) = self.header(part.header, true) else { return Ok(()) };
        let end = u64::from(header.len) + u64::from(header.payload);
        if part.at == 0 {
            *sum = crc::START;
        } else if part.at == u64::from(header.len) {
            // The header may not have arrived.
            *sum = crc::update(crc::START, part.header.get(1..).unwrap_or_default());
        }
        *sum = crc::update(*sum, part.within(1, end));
        if !part.is_last {
            return Ok(());
        }
        let computed = crc::update(*sum, &[header.extra]);
        let found = match *part.within(end, end + CRC_LEN as u64) {
            [low, high] => u64::from(u16::from_le_bytes([low, high])),
            _ => return Ok(()),
        };
        match found == computed {
            true => Ok(()),
            false => {
                let at = usize::from(header.len) + usize::from(header.payload);
                Err(FrameError::new(at, DecodeErrorKind::Check { found, computed }))
            }
        }
    }

    /// The signature takes the place of the CRC.
    fn open(&self, _: &[u8], payload: &mut [u8], _: u64, _: &mut u64) -> usize {
        let Some(crc) = payload.len().checked_sub(CRC_LEN + SIGNATURE_LEN) else { return payload.len() };
        payload.copy_within(crc + CRC_LEN.., crc);
        payload.len() - CRC_LEN
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let (header, len) = self.header_of(message)?;
        if len != usize::from(header.payload) {
            return Err(EncodeError::LengthDisagrees { found: header.payload.into(), expected: len as u64 });
        }
        if header.signed {
            return Ok(Envelope::Rewritten { len: message.len() as u64 + CRC_LEN as u64 });
        }
        let sum = Self::sum(header, message.get(1..).unwrap_or_default());
        let [low, high, ..] = sum.to_le_bytes();
        Ok(Envelope::new(ShortBytes::empty()).with_computed_trailer(ShortBytes::new(&[low, high])?))
    }

    fn seal(&self, message: &[u8], frame: &mut [u8]) {
        let (Ok((header, len)), true) = (self.header_of(message), frame.len() == message.len() + CRC_LEN) else {
            return;
        };
        let end = usize::from(header.len) + len;
        let (packet, signature) = message.split_at(end);
        let [low, high, ..] = Self::sum(header, packet.get(1..).unwrap_or_default()).to_le_bytes();
        frame[..end].copy_from_slice(packet);
        frame[end..end + CRC_LEN].copy_from_slice(&[low, high]);
        frame[end + CRC_LEN..].copy_from_slice(signature);
    }

    /// At the next byte that begins a packet of either version.
    fn next_start(&self, input: &[u8], from: usize) -> NextStart {
        match memchr::memchr2(V1, V2, input.get(from..).unwrap_or_default()) {
            Some(at) => NextStart::At(from.saturating_add(at)),
            None => NextStart::NotBefore(from.max(input.len())),
        }
    }

    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        // The length may be wrong, and over the limit.
        let mut lead = ShortBytes::<10>::new(message.get(..10).unwrap_or(message))?;
        if lead.len() > 1 {
            let mut bytes = [0; 10];
            bytes[..lead.len()].copy_from_slice(&lead);
            bytes[1] = 0;
            lead = ShortBytes::new(&bytes[..lead.len()])?;
        }
        let header = self.header(&lead, false).map_err(EncodeError::Header)?;
        let short = |min| EncodeError::TooShort { len: message.len() as u64, min };
        let header = header.ok_or(short(if message.first() == Some(&V2) { 10 } else { 6 }))?;
        let min = usize::from(header.len) + header.after();
        let value = message.len().checked_sub(min).ok_or(short(min as u64))? as u64;
        let len = u8::try_from(value).map_err(|_| EncodeError::DoesNotFit { value, max: MAX })?;
        if value > self.max {
            return Err(EncodeError::Oversize { len: value, max: self.max });
        }
        Ok(Some(Patch { at: 1, len: 1, bytes: ShortBytes::new(&[len])? }))
    }

    fn max_payload_len(&self) -> u64 {
        self.max
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    extern crate std;

    use std::vec::Vec;

    use super::*;
    use crate::framing::testing::{cuts_agree, prefixes_agree};

    #[test]
    fn heartbeats_are_those_of_pymavlink() {
        for wire in [
            &b"\xfe\x09\x00\x01\x01\x00\x00\x00\x00\x00\x02\x03\x51\x04\x03\x7d\xdd"[..],
            b"\xfd\x09\x00\x00\x00\x01\x01\x00\x00\x00\x00\x00\x00\x00\x02\x03\x51\x04\x03\xe7\x1e",
        ] {
            let message = wire[..wire.len() - 2].to_vec();
            let mut again = Vec::new();
            Mavlink::common().encode(&message, &mut again).unwrap();
            assert_eq!(again, wire);
            assert_eq!(cuts_agree(&Mavlink::common(), wire), Ok([(message, wire.len())].to_vec()));
        }
    }

    #[test]
    fn packets_with_and_without_signature_come_back() {
        let framing = Mavlink::common();
        for header in [
            &b"\xfe\x03\x07\x01\x02\x64"[..],
            b"\xfd\x03\x00\x00\x07\x01\x02\x64\x00\x00",
            b"\xfd\x03\x01\x00\x07\x01\x02\x64\x00\x00",
        ] {
            let mut message = [header, b"\xfe\xfd\x5a"].concat();
            if header[0] == V2 && header[2] == 1 {
                message.extend([0xfd; SIGNATURE_LEN]);
            }
            let mut wire = Vec::new();
            framing.encode(&message, &mut wire).unwrap();
            assert_eq!(wire.len(), message.len() + 2);
            assert_eq!(cuts_agree(&framing, &wire), Ok([(message, wire.len())].to_vec()));
            assert!(prefixes_agree(&framing, &wire).is_ok());
            for at in 1..header.len() + 5 {
                let mut damaged = wire.clone();
                damaged[at] ^= 0x80;
                let (mut end, mut sum) = (Progress::default(), 0);
                let intact = match framing.locate(&damaged, &mut end) {
                    Ok(Located::Known(extent)) => framing.check(Part::all(extent, &damaged), &mut sum),
                    other => other.map(drop),
                };
                assert!(intact.is_err() || at == 1, "{at}");
            }
        }
    }

    #[test]
    fn header_errors_are_where_they_are_proved() {
        let error = |wire: &[u8]| prefixes_agree(&Mavlink::common().with_max_payload_len(9), wire).unwrap_err();
        assert_eq!(error(b"a"), FrameError::new(0, DecodeErrorKind::UnknownType { found: b'a' }));
        assert_eq!(error(b"\xfe\x0a"), FrameError::new(1, DecodeErrorKind::Oversize { len: 10, max: 9 }));
        assert_eq!(error(b"\xfd\x09\x02"), FrameError::new(2, DecodeErrorKind::Forbidden { found: 2 }));
        assert_eq!(error(b"\xfe\x09\x00\x01\x01\x03").at, 5);
        assert_eq!(error(b"\xfd\x09\x00\x00\x00\x01\x01\x00\x00\x77").at, 9);
        assert!(Mavlink::new([(1, 0), (1, 0)]).is_err());
        assert!(Mavlink::new([(0x100_0000, 0)]).is_err());
    }
}
