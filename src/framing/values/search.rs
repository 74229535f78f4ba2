//! The part of the search for a value's end that does not depend on the format: limits, resumption, rejected values.

use crate::contract::{AtEof, Envelope, Extent, Located, Progress};
use crate::error::{DecodeErrorKind, EncodeError, FrameError};
use crate::short::ShortBytes;

/// What the search keeps between two calls. All zero at the start of a value.
pub(super) type Memory = [u64; 4];

/// The first words of the memory after an error in a value whose end must be found nevertheless. No format leaves them.
const LOST: [u64; 3] = [u64::MAX; 3];

fn is_lost(progress: &Progress) -> bool {
    progress.carry.starts_with(&LOST)
}

/// How far the search came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The value ends before index `payload`, and `trailer` bytes after it belong to the frame.
    End { payload: usize, trailer: u16 },
    /// The value goes on. It was read up to index `scanned`, and at least `missing` bytes must follow from there.
    More { scanned: usize, missing: u64 },
}

/// How long the value may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// Where it must end at the latest, as an index of the input.
    left: u64,
    consumed: u64,
    max: u64,
}

impl Room {
    const UNLIMITED: Self = Self { left: u64::MAX, consumed: 0, max: u64::MAX };

    /// Checks that a value has room that goes on for `announced` bytes at least after index `at`.
    pub(super) fn check(self, at: usize, announced: u64) -> Result<(), DecodeErrorKind> {
        match (at as u64).checked_add(announced) {
            Some(end) if end <= self.left => Ok(()),
            end => Err(DecodeErrorKind::Oversize {
                len: end.map_or(u64::MAX, |end| end.saturating_add(self.consumed)),
                max: self.max,
            }),
        }
    }
}

/// A format whose values end themselves.
pub(super) trait Grammar {
    /// The least length of a frame in bytes.
    const LEAST: u64 = 1;

    /// Goes on from index `at` of `bytes`, which begin with the value.
    ///
    /// # Errors
    ///
    /// A [`FrameError`] at the first byte that proves that this is no value, or that it has no room.
    fn read(&self, memory: &mut Memory, bytes: &[u8], at: usize, room: Room) -> Result<Found, FrameError>;

    /// Returns how many bytes of `input` stand between two values.
    fn filler(&self, input: &[u8]) -> usize {
        let _ = input;
        0
    }

    /// Returns whether the value is complete where a separator follows, or the stream ends.
    fn may_end(&self, memory: &Memory) -> bool {
        let _ = memory;
        false
    }

    /// Returns whether this byte is such a separator.
    fn is_separator(&self, byte: u8) -> bool {
        let _ = byte;
        false
    }

    /// Returns where a rejected value ends: how many of these bytes belong to it, and to its trailer. `None`: not here.
    fn end_of_rejected(&self, bytes: &[u8]) -> Option<(usize, u16)> {
        let _ = bytes;
        None
    }
}

/// Skips `left` bytes from index `at` on, or those that are there. Returns where they end, and how many are left.
pub(super) fn skip(bytes: &[u8], at: usize, left: u64) -> (usize, u64) {
    let there = bytes.len().saturating_sub(at);
    // What does not fit in `usize` is more than is there.
    let len = usize::try_from(left).unwrap_or(usize::MAX).min(there);
    (at.saturating_add(len), left.saturating_sub(len as u64))
}

/// A number of at most 8 bytes.
pub(super) fn big_endian(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

/// Returns whether nothing of the value was read.
fn is_fresh(progress: &Progress) -> bool {
    progress.scanned == 0 && progress.consumed == 0 && progress.carry == Memory::default()
}

pub(super) fn locate<G: Grammar>(
    grammar: &G,
    max: u64,
    input: &[u8],
    progress: &mut Progress,
) -> Result<Located, FrameError> {
    if is_fresh(progress) {
        let filler = grammar.filler(input);
        if filler > 0 {
            return Ok(Located::Filler(filler));
        }
        if input.is_empty() {
            return Ok(Located::Header(G::LEAST));
        }
    }
    if is_lost(progress) {
        return Ok(locate_rejected(grammar, input, progress));
    }
    let room = match progress.lenient {
        true => Room::UNLIMITED,
        false => Room { left: max.saturating_sub(progress.consumed), consumed: progress.consumed, max },
    };
    // What does not fit in `usize` is above the input's length.
    let within = usize::try_from(room.left).unwrap_or(usize::MAX).min(input.len());
    let (bytes, over) = input.split_at_checked(within).unwrap_or((input, &[]));
    let mut memory = progress.carry;
    match grammar.read(&mut memory, bytes, progress.scanned, room) {
        Ok(Found::End { payload, trailer }) => Ok(Located::Known(Extent::new(0, payload as u64, trailer))),
        Ok(Found::More { scanned, missing }) => {
            if let Some(&byte) = over.first() {
                if grammar.may_end(&memory) && grammar.is_separator(byte) {
                    return Ok(Located::Known(Extent::new(0, within as u64, 1)));
                }
                let kind = DecodeErrorKind::Oversize { len: max.saturating_add(1), max };
                return Err(FrameError::new(within, kind));
            }
            (progress.scanned, progress.carry) = (scanned, memory);
            // A rejected value may end with any byte.
            let missing = if progress.lenient { 0 } else { missing };
            let least = (scanned as u64).saturating_add(missing).max((input.len() as u64).saturating_add(1));
            Ok(Located::Search { so_far: Extent::new(0, scanned as u64, 0), least })
        }
        Err(error) if progress.lenient => {
            progress.scanned = error.at.min(input.len());
            let [a, b, c, _] = &mut progress.carry;
            [*a, *b, *c] = LOST;
            Ok(locate_rejected(grammar, input, progress))
        }
        Err(error) => Err(error),
    }
}

/// The end of a value that is no value of the format.
#[cold]
fn locate_rejected<G: Grammar>(grammar: &G, input: &[u8], progress: &mut Progress) -> Located {
    let fresh = input.get(progress.scanned..).unwrap_or_default();
    match grammar.end_of_rejected(fresh) {
        Some((len, trailer)) => {
            let payload = progress.scanned.saturating_add(len) as u64;
            Located::Known(Extent::new(0, payload, trailer))
        }
        None => {
            progress.scanned = input.len();
            let len = input.len() as u64;
            Located::Search { so_far: Extent::new(0, len, 0), least: len.saturating_add(1) }
        }
    }
}

pub(super) fn at_eof<G: Grammar>(
    grammar: &G,
    max: u64,
    rest: &[u8],
    progress: &mut Progress,
) -> Result<AtEof, FrameError> {
    if rest.is_empty() && progress.consumed == 0 {
        return Ok(AtEof::Clean);
    }
    locate(grammar, max, rest, progress)?;
    let completes = !is_lost(progress) && progress.scanned == rest.len() && grammar.may_end(&progress.carry);
    Ok(if completes { AtEof::Frame(Extent::new(0, rest.len() as u64, 0)) } else { AtEof::Truncated })
}

/// Checks that `message` is exactly one value. A value that does not end with its last byte gets a separator.
pub(super) fn envelope<'a, G: Grammar>(
    grammar: &G,
    max: u64,
    message: &[u8],
    separator: &'a [u8],
) -> Result<Envelope<'a>, EncodeError> {
    let len = message.len() as u64;
    let Some(&first) = message.first() else { return Err(EncodeError::Empty) };
    if len > max {
        return Err(EncodeError::Oversize { len, max });
    }
    if grammar.filler(message) > 0 {
        return Err(EncodeError::Malformed(FrameError::new(0, DecodeErrorKind::Forbidden { found: first })));
    }
    let mut memory = Memory::default();
    match grammar.read(&mut memory, message, 0, Room::UNLIMITED).map_err(EncodeError::Malformed)? {
        Found::End { payload, .. } if payload < message.len() => {
            Err(EncodeError::WrongLength { len, expected: payload as u64 })
        }
        Found::More { scanned, missing } if !grammar.may_end(&memory) => {
            let min = (scanned as u64).saturating_add(missing).max(len.saturating_add(1));
            Err(EncodeError::TooShort { len, min })
        }
        Found::End { .. } => Ok(Envelope::new(ShortBytes::empty())),
        Found::More { .. } => Ok(Envelope::new(ShortBytes::empty()).with_trailer(separator)),
    }
}

/// Implements [`Framing`](crate::Framing) for a type with a field `max`, by the search above.
macro_rules! framing_of_values {
    ($framing:ty, separator: $separator:expr $(, $method:item)*) => {
        impl crate::contract::Framing for $framing {
            fn locate(
                &self,
                input: &[u8],
                progress: &mut crate::contract::Progress,
            ) -> Result<crate::contract::Located, crate::error::FrameError> {
                crate::framing::values::search::locate(self, self.max, input, progress)
            }

            fn at_eof(
                &self,
                rest: &[u8],
                progress: &mut crate::contract::Progress,
            ) -> Result<crate::contract::AtEof, crate::error::FrameError> {
                crate::framing::values::search::at_eof(self, self.max, rest, progress)
            }

            fn envelope(
                &self,
                message: &[u8],
            ) -> Result<crate::contract::Envelope<'_>, crate::error::EncodeError> {
                crate::framing::values::search::envelope(self, self.max, message, $separator)
            }

            fn max_payload_len(&self) -> u64 {
                self.max
            }

            $($method)*
        }

        impl Default for $framing {
            fn default() -> Self {
                Self::new()
            }
        }
    };
}

pub(super) use framing_of_values;
