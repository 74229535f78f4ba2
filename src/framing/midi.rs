//! MIDI messages on a serial line, with running status.

use crate::contract::{DEFAULT_MAX_PAYLOAD_LEN, Envelope, Extent, Framing, Located, NextStart, Progress};
use crate::error::{DecodeErrorKind, EncodeError, FrameError};
use crate::short::ShortBytes;

/// MIDI 1.0 messages on a serial line.
///
/// ```text
///  wire     90 39 2e    35 2f       f0 7e … f7        f8
///           note on     note on     system exclusive  timing clock
///                       under the same status
/// ```
///
/// A message is its bytes on the wire. One that begins with a data byte, below `80`, has the status of the channel message before it
/// (*running status*): the decoder keeps that status from frame to frame to know the length, and a system message other than
/// a real-time message ends it. A real-time message, `f8` to `ff`, may stand inside another one; it is then a byte of that
/// message.
///
/// There is no check. After bytes are lost, the next status byte begins a message.
///
/// # Errors
///
/// - [`DecodeErrorKind::Forbidden`] at a data byte without a status, at a status byte inside another message, and at `f7` without
///   `f0`.
/// - [`DecodeErrorKind::UnknownType`] at `f4` and `f5`, which no message has.
/// - [`DecodeErrorKind::Oversize`] at the first byte over the limit.
///
/// Encoding refuses a message that is not exactly one, after those before it: [`EncodeError::Malformed`]. A message that begins with
/// a data byte needs an [`Encoder`](crate::Encoder), which knows the status before it.
///
/// # Cost
///
/// Every byte is read once. Nothing is copied.
///
/// # Examples
///
/// ```
/// use anysplit::{Decoder, Midi};
///
/// let mut decoder = Decoder::new(Midi::new());
/// decoder.push(b"\x90\x39\x2e\x35\xf8\x2f\xc0\x05")?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"\x90\x39\x2e");
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"\x35\xf8\x2f");
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"\xc0\x05");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Specification
///
/// MIDI 1.0 detailed specification, document version 4.2, "Data format" and table 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Midi {
    max: u64,
}

impl Midi {
    /// Creates the framing, with the default limit.
    #[must_use]
    pub const fn new() -> Self {
        Self { max: DEFAULT_MAX_PAYLOAD_LEN }
    }

    /// Sets the limit, in bytes of a message. Binds both directions.
    #[must_use]
    pub const fn with_max_payload_len(mut self, max: u64) -> Self {
        self.max = max;
        self
    }
}

impl Default for Midi {
    fn default() -> Self {
        Self::new()
    }
}

const SYSEX: u8 = 0xf0;
const SYSEX_END: u8 = 0xf7;

const fn is_status(byte: u8) -> bool {
    byte >= 0x80
}

const fn is_real_time(byte: u8) -> bool {
    byte >= 0xf8
}

/// Returns how many data bytes a status has: `None` for system exclusive.
const fn data_len(status: u8) -> Option<u64> {
    match status {
        0x80..=0xbf | 0xe0..=0xef | 0xf2 => Some(2),
        0xc0..=0xdf | 0xf1 | 0xf3 => Some(1),
        SYSEX => None,
        _ => Some(0),
    }
}

/// Returns the running status after a message with this status.
fn left(status: u8, previous: u32) -> u32 {
    match status {
        0x80..=0xef => status.into(),
        0xf8.. => previous,
        _ => 0,
    }
}

impl Framing for Midi {
    /// `carry`: 1 more than the first byte, and the data bytes so far.
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let [mut first, mut data, ..] = progress.carry;
        let mut at = progress.scanned;
        let refuse = |at, kind| Err(FrameError::new(at, kind));
        let over = |at: usize| !progress.lenient && progress.consumed.saturating_add(at as u64) >= self.max;
        let oversize = DecodeErrorKind::Oversize { len: self.max.saturating_add(1), max: self.max };
        if first == 0 {
            let Some(&found) = input.first() else { return Ok(Located::Header(1)) };
            match found {
                0xf4 | 0xf5 if !progress.lenient => return refuse(0, DecodeErrorKind::UnknownType { found }),
                SYSEX_END if !progress.lenient => return refuse(0, DecodeErrorKind::Forbidden { found }),
                0..0x80 if progress.previous == 0 && !progress.lenient => {
                    return refuse(0, DecodeErrorKind::Forbidden { found });
                }
                _ if over(0) => return refuse(0, oversize),
                _ => {}
            }
            first = u64::from(found) + 1;
            data = u64::from(!is_status(found));
            at = 1;
        }
        let [byte, ..] = first.wrapping_sub(1).to_le_bytes();
        let [running, ..] = progress.previous.to_le_bytes();
        let status = if is_status(byte) { byte } else { running };
        let total = match (status, is_status(byte)) {
            // A data byte without a status is skipped alone.
            (0, false) => Some(1),
            _ => data_len(status),
        };
        let frame = |len: usize, progress: &mut Progress| {
            progress.scanned = len;
            progress.next = left(status, progress.previous);
            Ok(Located::Known(Extent::new(0, len as u64, 0)))
        };
        loop {
            if total.is_some_and(|total| data >= total) {
                return frame(at, progress);
            }
            match input.get(at) {
                None => break,
                Some(_) if over(at) => return refuse(at, oversize),
                Some(&SYSEX_END) if status == SYSEX => return frame(at + 1, progress),
                // Another message begins here.
                Some(&found) if is_status(found) && !is_real_time(found) && !progress.lenient => {
                    return refuse(at, DecodeErrorKind::Forbidden { found });
                }
                Some(&found) => data = data.saturating_add(u64::from(!is_real_time(found))),
            }
            at += 1;
        }
        progress.scanned = at;
        progress.carry = [first, data, 0, 0];
        let missing = total.map_or(1, |total| total.saturating_sub(data));
        let so_far = Extent::new(0, at as u64, 0);
        Ok(Located::Search { so_far, least: (at as u64).saturating_add(missing) })
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        Ok(self.envelope_after(0, message)?.0)
    }

    fn envelope_after(&self, previous: u32, message: &[u8]) -> Result<(Envelope<'_>, u32), EncodeError> {
        let len = message.len() as u64;
        if len > self.max {
            return Err(EncodeError::Oversize { len, max: self.max });
        }
        let mut progress = Progress { previous, ..Progress::default() };
        match self.locate(message, &mut progress).map_err(EncodeError::Malformed)? {
            Located::Known(extent) if extent.frame_len() == len => {
                Ok((Envelope::new(ShortBytes::empty()), progress.next))
            }
            Located::Known(extent) => Err(EncodeError::WrongLength { len, expected: extent.frame_len() }),
            _ if message.is_empty() => Err(EncodeError::Empty),
            Located::Search { least, .. } => Err(EncodeError::TooShort { len, min: least }),
            _ => Err(EncodeError::NotTerminated),
        }
    }

    /// At the next status byte.
    fn next_start(&self, input: &[u8], from: usize) -> NextStart {
        match input.get(from..).unwrap_or_default().iter().position(|&byte| is_status(byte)) {
            Some(at) => NextStart::At(from.saturating_add(at)),
            None => NextStart::NotBefore(from.max(input.len())),
        }
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
    use crate::framing::testing::cuts_agree;
    use crate::{Decoder, Encoder};

    #[test]
    fn every_status_has_its_length_in_every_cut() {
        let stream =
            b"\x90\x01\x02\x03\xfe\x04\xc5\x06\x07\xf8\x08\xf1\x09\xf2\x0a\x0b\xf6\xe0\x0c\x0d\xf0\x0e\xf9\x0f\xf7\xff";
        let lengths = [3, 3, 2, 1, 1, 1, 2, 3, 1, 3, 5, 1];
        let frames = cuts_agree(&Midi::new(), stream).unwrap();
        assert_eq!(frames.iter().map(|(_, len)| *len).collect::<Vec<_>>(), lengths);
        for wire in [&b"\x90\x01\x80"[..], b"\xf6\x01", b"\xf7", b"\xf4", b"\xf0\x01\x90", b"\xc0\x01\x02\xf0\xf7\x03"]
        {
            assert!(cuts_agree(&Midi::new(), wire).is_err());
        }
        let small = Midi::new().with_max_payload_len(2);
        assert!(cuts_agree(&small, b"\xf0\xf7\xc0\x01").is_ok());
        assert!(cuts_agree(&small, b"\xf0\x01\xf7").is_err());
        assert!(cuts_agree(&small, b"\x90\x01\x02").is_err());
    }

    #[test]
    fn encoder_keeps_the_running_status() {
        let mut encoder = Encoder::new(Midi::new());
        assert!(encoder.push(b"\x01\x02").is_err());
        for message in [&b"\x90\x01\x02"[..], b"\x03\x04", b"\xf8", b"\x05\x06", b"\xf6"] {
            encoder.push(message).unwrap();
        }
        assert!(encoder.push(b"\x01\x02").is_err());
        assert!(encoder.push(b"\x90\x01\x02\x03\x04").is_err());
        assert!(encoder.push(b"\xf0\x01").is_err());
        let mut decoder = Decoder::new(Midi::new());
        decoder.push(b"\x90\x01\x02\x03\x04\xf8\x05\x06\xf6").unwrap();
        let mut count = 0;
        while decoder.next_frame().unwrap().is_some() {
            count += 1;
        }
        assert_eq!(count, 5);
    }
}
