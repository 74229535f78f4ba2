//! Payloads in which one byte is doubled, ended by that byte and another: DLE ETX, Telnet.

use crate::contract::{DEFAULT_MAX_PAYLOAD_LEN, Envelope, Extent, Framing, Located, NextStart, Progress};
use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError};
use crate::short::ShortBytes;

/// A payload in which an escape byte is doubled, ended by the escape byte and an end byte.
///
/// ```text
///  message             61  10      03  62
///  DLE STX … DLE ETX   10  02  61  10  10  03  62  10  03
///                      start   payload             trailer
/// ```
///
/// The pair that begins a frame is that of an [`Enclosed`](crate::Enclosed) around it: `10 02` for DLE STX, `ff fa` for a
/// subnegotiation of Telnet, and nothing for the records of TN3270, which end with `ff ef`.
///
/// # Errors
///
/// - [`DecodeErrorKind::Forbidden`] at a byte after a single escape byte that is neither the escape byte nor the end byte.
/// - [`DecodeErrorKind::Oversize`] at the first byte that exceeds the limit, which counts the bytes of the message.
///
/// # Cost
///
/// One search for the escape byte. A payload without one is borrowed; otherwise the frame is copied once.
///
/// # Examples
///
/// ```
/// use anysplit::{Decoder, Doubled, Enclosed, Framing};
///
/// let framing = Enclosed::new(b"\x10\x02", Doubled::dle_etx())?;
/// let mut wire = Vec::new();
/// framing.encode(b"a\x10\x03b", &mut wire)?;
/// assert_eq!(wire, b"\x10\x02a\x10\x10\x03b\x10\x03");
///
/// let mut decoder = Decoder::new(framing);
/// decoder.push(&wire)?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"a\x10\x03b");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Specification
///
/// ISO 1745, section 2.5, and ISO 2111, transparent text, for DLE; RFC 855, RFC 856 and RFC 885 for Telnet's `ff`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Doubled {
    escape: u8,
    end: u8,
    max: u64,
}

impl Doubled {
    /// Creates payloads in which `escape` is doubled, ended by `escape` and `end`, with the default limit.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] if both are one byte.
    pub const fn new(escape: u8, end: u8) -> Result<Self, ConfigError> {
        if escape == end {
            return Err(ConfigError::Conflict("escape byte and end byte must differ"));
        }
        Ok(Self { escape, end, max: DEFAULT_MAX_PAYLOAD_LEN })
    }

    /// Creates payloads that end with DLE ETX, `10 03`.
    #[must_use]
    pub const fn dle_etx() -> Self {
        Self { escape: 0x10, end: 0x03, max: DEFAULT_MAX_PAYLOAD_LEN }
    }

    /// Creates Telnet's payloads that end with IAC and this command: `f0` (SE) ends a subnegotiation, `ef` (EOR) a record.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] if the command is IAC.
    pub const fn telnet(command: u8) -> Result<Self, ConfigError> {
        Self::new(0xff, command)
    }

    /// Sets the limit, in bytes of the message. Binds both directions.
    #[must_use]
    pub const fn with_max_payload_len(mut self, max: u64) -> Self {
        self.max = max;
        self
    }

    /// Returns the byte that is doubled.
    #[must_use]
    pub const fn escape(&self) -> u8 {
        self.escape
    }

    /// Returns the byte that ends a frame after a single escape byte.
    #[must_use]
    pub const fn end(&self) -> u8 {
        self.end
    }

    fn oversize(&self, at: usize) -> FrameError {
        FrameError::new(at, DecodeErrorKind::Oversize { len: self.max.saturating_add(1), max: self.max })
    }
}

impl Framing for Doubled {
    /// `carry`: the bytes of the message so far, and whether one of them was doubled. `scanned` is never between the two
    /// bytes of a pair.
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let [mut opened, mut doubled, ..] = progress.carry;
        let mut at = progress.scanned;
        loop {
            let rest = input.get(at..).unwrap_or_default();
            let plain = memchr::memchr(self.escape, rest).unwrap_or(rest.len());
            let room = self.max.saturating_sub(opened);
            if plain as u64 > room && !progress.lenient {
                return Err(self.oversize(at.saturating_add(usize::try_from(room).unwrap_or(usize::MAX))));
            }
            opened = opened.saturating_add(plain as u64);
            at = at.saturating_add(plain);
            let second = at.saturating_add(1);
            match input.get(second) {
                None => {
                    progress.scanned = at;
                    progress.carry = [opened, doubled, 0, 0];
                    let so_far = Extent::new(0, at as u64, 0).rewritten();
                    return Ok(Located::Search { so_far, least: (at as u64).saturating_add(2) });
                }
                Some(&found) if found == self.end => {
                    progress.scanned = at;
                    progress.carry = [opened, doubled, 0, 0];
                    let extent = Extent::new(0, at as u64, 2);
                    return Ok(Located::Known(if doubled == 0 { extent } else { extent.rewritten() }));
                }
                Some(&found) if found != self.escape && !progress.lenient => {
                    return Err(FrameError::new(second, DecodeErrorKind::Forbidden { found }));
                }
                Some(_) if opened >= self.max && !progress.lenient => return Err(self.oversize(second)),
                Some(_) => {
                    opened = opened.saturating_add(1);
                    doubled = 1;
                    at = at.saturating_add(2);
                }
            }
        }
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let len = message.len() as u64;
        if len > self.max {
            return Err(EncodeError::Oversize { len, max: self.max });
        }
        match memchr::memchr_iter(self.escape, message).count() as u64 {
            0 => {
                let envelope = Envelope::new(ShortBytes::empty());
                Ok(envelope.with_computed_trailer(ShortBytes::new(&[self.escape, self.end])?))
            }
            more => Ok(Envelope::Rewritten { len: len.saturating_add(more).saturating_add(2) }),
        }
    }

    fn seal(&self, message: &[u8], frame: &mut [u8]) {
        let mut places = frame.iter_mut();
        let mut write = |byte| places.next().into_iter().for_each(|place| *place = byte);
        for &byte in message {
            if byte == self.escape {
                write(byte);
            }
            write(byte);
        }
        write(self.escape);
        write(self.end);
    }

    /// `memo` is 1 between the two bytes of a pair.
    fn open(&self, _: &[u8], payload: &mut [u8], _: u64, memo: &mut u64) -> usize {
        let mut to = 0;
        for from in 0..payload.len() {
            let byte = payload[from];
            let is_second = *memo == 1;
            *memo = u64::from(byte == self.escape && !is_second);
            if !is_second {
                payload[to] = byte;
                to += 1;
            }
        }
        to
    }

    fn next_start(&self, input: &[u8], _: usize) -> NextStart {
        NextStart::after_end(self, input)
    }

    fn max_payload_len(&self) -> u64 {
        self.max
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::framing::testing::{cuts_agree, prefixes_agree};

    #[test]
    fn every_cut_gives_the_same_frames_and_errors() {
        let framing = Doubled::dle_etx().with_max_payload_len(4);
        for wire in [
            &b"ab\x10\x10\x03\x10\x03\x10\x03c\x10\x03"[..],
            b"\x10\x10\x10\x10\x10\x10\x10\x10\x10\x03",
            b"abc\x10\x10d",
            b"abcd\x10\x10",
            b"abcde",
            b"a\x10b",
            b"a\x10",
        ] {
            let _ = cuts_agree(&framing, wire);
        }
    }

    #[test]
    fn byte_after_a_single_escape_is_refused_where_it_stands() {
        let error = |wire: &[u8]| Doubled::dle_etx().locate(wire, &mut Progress::default()).unwrap_err();
        assert_eq!(error(b"ab\x10\x02"), FrameError::new(3, DecodeErrorKind::Forbidden { found: 2 }));
        let small = Doubled::dle_etx().with_max_payload_len(2);
        let oversize = DecodeErrorKind::Oversize { len: 3, max: 2 };
        let error = |wire: &[u8]| small.locate(wire, &mut Progress::default()).unwrap_err();
        assert_eq!(error(b"abc"), FrameError::new(2, oversize));
        assert_eq!(error(b"ab\x10\x10"), FrameError::new(3, oversize));
        assert!(prefixes_agree(&small, b"a\x10\x10\x10\x03").is_ok());
        assert!(Doubled::new(7, 7).is_err());
    }
}
