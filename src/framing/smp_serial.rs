//! mcuboot's and Zephyr's management protocol on a console.

use crate::contract::{Envelope, Extent, Framing, Located, NextStart, Part, Progress};
use crate::error::{DecodeErrorKind, EncodeError, FrameError};
use crate::sum::{Crc, Sum};

/// Packets of the Simple Management Protocol on a serial console: lines of base64, with a length and a CRC inside.
///
/// ```text
///  inside   00 0a    8 bytes   …                         length of what follows, message, CRC-16/XMODEM
///  wire     06 09    A A o C A A A A A …        0a       the first line, 120 characters at most
///  wire     04 14    …                          0a       the lines after it
/// ```
///
/// The length, the message and the CRC are one run of bytes in base64, cut into lines. A frame ends with the line that holds the
/// last of them.
///
/// # Errors
///
/// - [`DecodeErrorKind::Mismatch`] in the two bytes before a line.
/// - [`DecodeErrorKind::Forbidden`] at a byte that is no base64 or stands where none can, and at the end of a line that is not a
///   multiple of four characters long.
/// - [`DecodeErrorKind::TooShort`] and [`DecodeErrorKind::Oversize`] at the character that completes the length.
/// - [`DecodeErrorKind::Check`] at the last byte of the frame.
///
/// # Cost
///
/// Every byte is read once to find the end, once for the check, and once to undo the base64, in place. The frame comes in one
/// piece.
///
/// # Examples
///
/// ```
/// use anysplit::{Decoder, Framing, SmpSerial};
///
/// let mut wire = Vec::new();
/// SmpSerial::new().encode(b"\x02\x00\x00\x01\x00\x00\x01\x00\xbf", &mut wire)?;
/// assert!(wire.starts_with(b"\x06\x09AAsC") && wire.ends_with(b"\n"));
///
/// let mut decoder = Decoder::new(SmpSerial::new());
/// decoder.push(&wire)?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"\x02\x00\x00\x01\x00\x00\x01\x00\xbf");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Specification
///
/// Zephyr documentation, "SMP over console"; RFC 4648, section 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SmpSerial {
    max: u64,
}

const CRC: Crc = Crc::new(16, 0x1021, 0, 0, false, false);
const FIRST: [u8; 2] = [0x06, 0x09];
const NEXT: [u8; 2] = [0x04, 0x14];
/// What a line of 120 characters holds.
const LINE: usize = 90;
/// The length and the CRC.
const AROUND: u64 = 4;
const MAX: u64 = 0xffff - 2;

impl SmpSerial {
    /// Creates the framing. The limit is what the length can announce, 65,533 bytes.
    #[must_use]
    pub const fn new() -> Self {
        Self { max: MAX }
    }

    /// Sets the limit, in bytes of the message, at most 65,533. Binds both directions.
    #[must_use]
    pub const fn with_max_payload_len(mut self, max: u64) -> Self {
        self.max = if max < MAX { max } else { MAX };
        self
    }
}

impl Default for SmpSerial {
    fn default() -> Self {
        Self::new()
    }
}

/// Where a reader of the lines is.
#[derive(Clone, Copy, Default)]
struct Reader {
    /// Bytes of the line so far, 2 at most: those before the base64.
    mark: u8,
    /// Characters of the group of four so far.
    group: u8,
    /// Whether one of them is `=`, which ends the base64.
    padded: bool,
    /// Bits that do not make a byte yet.
    bits: u8,
    /// Bytes so far.
    count: u32,
    /// What their first two announce.
    len: u16,
}

/// What one byte of the wire adds.
enum Adds {
    Nothing,
    Byte(u8),
    /// The frame ends with it.
    End,
}

impl Reader {
    fn unpack([one, other]: [u64; 2]) -> Self {
        let ([mark, group, padded, bits, ..], [a, b, c, d, e, f, ..]) = (one.to_le_bytes(), other.to_le_bytes());
        let (count, len) = (u32::from_le_bytes([a, b, c, d]), u16::from_le_bytes([e, f]));
        Self { mark, group, padded: padded == 1, bits, count, len }
    }

    fn pack(self) -> [u64; 2] {
        let ([a, b, c, d], [e, f]) = (self.count.to_le_bytes(), self.len.to_le_bytes());
        let one = u32::from_le_bytes([self.mark, self.group, self.padded.into(), self.bits]);
        [one.into(), u64::from_le_bytes([a, b, c, d, e, f, 0, 0])]
    }

    /// How many bytes there are in all, as soon as they are announced.
    const fn total(&self) -> Option<u32> {
        if self.count < 2 { None } else { Some(self.len as u32 + 2) }
    }

    fn is_complete(&self) -> bool {
        self.total() == Some(self.count)
    }

    fn read(&mut self, found: u8) -> Result<Adds, DecodeErrorKind> {
        let forbidden = Err(DecodeErrorKind::Forbidden { found });
        if let Some(&expected) = { if self.count == 0 { FIRST } else { NEXT } }.get(usize::from(self.mark)) {
            self.mark += 1;
            return if found == expected {
                Ok(Adds::Nothing)
            } else {
                Err(DecodeErrorKind::Mismatch { found, expected })
            };
        }
        let six = match found {
            b'\n' if self.group != 0 => return forbidden,
            b'\n' if self.is_complete() => return Ok(Adds::End),
            // A line must have base64.
            b'\n' if self.padded || self.count == 0 => return forbidden,
            b'\n' => {
                self.mark = 0;
                return Ok(Adds::Nothing);
            }
            // The bits that no byte takes are zeros.
            b'=' if self.group < 2 || self.bits != 0 => return forbidden,
            b'=' => {
                self.padded = true;
                self.group = (self.group + 1) & 3;
                return Ok(Adds::Nothing);
            }
            _ if self.padded => return forbidden,
            b'A'..=b'Z' => found - b'A',
            b'a'..=b'z' => found - b'a' + 26,
            b'0'..=b'9' => found - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return forbidden,
        };
        let byte = match self.group {
            0 => None,
            1 => Some(self.bits << 2 | six >> 4),
            2 => Some(self.bits << 4 | six >> 2),
            _ => Some(self.bits << 6 | six),
        };
        self.bits = match self.group {
            0 => six,
            1 => six & 0x0f,
            2 => six & 0x03,
            _ => 0,
        };
        self.group = (self.group + 1) & 3;
        let Some(byte) = byte else { return Ok(Adds::Nothing) };
        match self.count {
            0 => self.len = u16::from_be_bytes([byte, 0]),
            1 => self.len |= u16::from(byte),
            _ if self.is_complete() => return forbidden,
            _ => {}
        }
        self.count += 1;
        Ok(Adds::Byte(byte))
    }
}

impl Framing for SmpSerial {
    /// `carry` holds a `Reader`, and whether a rejected frame has had its error.
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let [one, other, mut broken, _] = progress.carry;
        let mut reader = Reader::unpack([one, other]);
        let mut at = progress.scanned;
        while let Some(&found) = input.get(at) {
            let had = reader.count;
            match reader.read(found) {
                Ok(Adds::End) if !progress.lenient => {
                    progress.scanned = at;
                    let extent = Extent::new(2, at.saturating_sub(2) as u64, 1);
                    return Ok(Located::Known(extent.checked().rewritten().in_one_piece()));
                }
                Err(kind) if !progress.lenient => return Err(FrameError::new(at, kind)),
                Err(_) => broken = 1,
                _ => {}
            }
            // A rejected frame ends with the line of its error.
            let is_end = reader.is_complete() && reader.group == 0 || broken == 1;
            if progress.lenient && found == b'\n' && is_end {
                progress.scanned = at;
                return Ok(Located::Known(Extent::new(0, at as u64, 1)));
            }
            if !progress.lenient && had == 1 && reader.count == 2 {
                let (len, min) = (reader.len.into(), 2);
                if len < min {
                    return Err(FrameError::new(at, DecodeErrorKind::TooShort { len, min }));
                }
                if len - min > self.max {
                    return Err(FrameError::new(at, DecodeErrorKind::Oversize { len: len - min, max: self.max }));
                }
            }
            at += 1;
        }
        progress.scanned = at;
        let [one, other] = reader.pack();
        progress.carry = [one, other, broken, 0];
        // Any line may end a rejected frame.
        Ok(Located::Header((at as u64).saturating_add(1)))
    }

    /// The frame comes in one part.
    fn check(&self, part: Part<'_>, _: &mut u64) -> Result<(), FrameError> {
        let (mut reader, mut sum, mut found) = (Reader::default(), CRC.start(), 0);
        for &byte in part.bytes {
            let Ok(Adds::Byte(byte)) = reader.read(byte) else { continue };
            match reader.total() {
                Some(total) if reader.count + 2 > total => found = found << 8 | u64::from(byte),
                _ if reader.count > 2 => sum = CRC.update(sum, &[byte]),
                _ => {}
            }
        }
        let computed = CRC.finish(sum, &[]);
        match found == computed {
            true => Ok(()),
            false => Err(FrameError::new(part.trailer_start(), DecodeErrorKind::Check { found, computed })),
        }
    }

    fn open(&self, _: &[u8], payload: &mut [u8], _: u64, _: &mut u64) -> usize {
        let mut reader = Reader { mark: 2, ..Reader::default() };
        let mut to = 0;
        for from in 0..payload.len() {
            let Ok(Adds::Byte(byte)) = reader.read(payload[from]) else { continue };
            if reader.count > 2 {
                payload[to] = byte;
                to += 1;
            }
        }
        to.saturating_sub(2)
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let len = message.len() as u64;
        if len > self.max {
            return Err(EncodeError::Oversize { len, max: self.max });
        }
        let inside = len + AROUND;
        let (base64, lines) = (4 * inside.div_ceil(3), inside.div_ceil(LINE as u64));
        Ok(Envelope::Rewritten { len: base64 + 3 * lines })
    }

    fn seal(&self, message: &[u8], frame: &mut [u8]) {
        const CHARACTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut places = frame.iter_mut();
        let mut write = |byte| places.next().into_iter().for_each(|place| *place = byte);
        let [.., high, low] = (message.len() as u64 + 2).to_be_bytes();
        let [.., crc_high, crc_low] = CRC.of(message).to_be_bytes();
        let mut inside = [high, low].into_iter().chain(message.iter().copied()).chain([crc_high, crc_low]).peekable();
        let mut mark = FIRST;
        while inside.peek().is_some() {
            mark.into_iter().for_each(&mut write);
            mark = NEXT;
            for _ in 0..LINE / 3 {
                let Some(first) = inside.next() else { break };
                let (second, third) = (inside.next(), inside.next());
                let [a, b, c] = [first, second.unwrap_or(0), third.unwrap_or(0)];
                let character = |six: u8| CHARACTERS[usize::from(six & 0x3f)];
                write(character(a >> 2));
                write(character(a << 4 | b >> 4));
                write(second.map_or(b'=', |_| character(b << 2 | c >> 6)));
                write(third.map_or(b'=', |_| character(c)));
            }
            write(b'\n');
        }
    }

    /// At the next two bytes that begin a packet.
    fn next_start(&self, input: &[u8], from: usize) -> NextStart {
        NextStart::at_word(input, from, &FIRST)
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
    fn every_length_comes_back_in_every_cut() {
        for len in [0, 1, 2, 3, 88, 89, 90, 91, 92, 182, 183, 300] {
            let message: Vec<u8> = (0_u8..=255).cycle().take(len).collect();
            let mut wire = Vec::new();
            SmpSerial::new().encode(&message, &mut wire).unwrap();
            assert!(wire.split(|&byte| byte == b'\n').all(|line| line.len() <= 126));
            assert_eq!(cuts_agree(&SmpSerial::new(), &wire), Ok([(message, wire.len())].to_vec()));
            assert!(prefixes_agree(&SmpSerial::new(), &wire).is_ok());
        }
    }

    #[test]
    fn errors_are_where_they_are_proved() {
        let error = |wire: &[u8]| prefixes_agree(&SmpSerial::new().with_max_payload_len(9), wire).unwrap_err();
        assert_eq!(error(b"\x06\x08"), FrameError::new(1, DecodeErrorKind::Mismatch { found: 8, expected: 9 }));
        assert_eq!(error(b"\x06\x09A!"), FrameError::new(3, DecodeErrorKind::Forbidden { found: b'!' }));
        assert_eq!(error(b"\x06\x09AA\n"), FrameError::new(4, DecodeErrorKind::Forbidden { found: b'\n' }));
        assert_eq!(error(b"\x06\x09AAE"), FrameError::new(4, DecodeErrorKind::TooShort { len: 1, min: 2 }));
        assert_eq!(error(b"\x06\x09AAw"), FrameError::new(4, DecodeErrorKind::Oversize { len: 10, max: 9 }));
        assert_eq!(
            error(b"\x06\x09AAsC\n\x06"),
            FrameError::new(7, DecodeErrorKind::Mismatch { found: 6, expected: 4 })
        );
    }
}
