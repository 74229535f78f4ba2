//! One of two framings.

use crate::contract::{AtEof, Envelope, Framing, Located, NextStart, Part, Patch, Progress, Shape};
use crate::error::{EncodeError, FrameError};

/// One of two framings, chosen at run time, without an allocator. For more than two, nest it.
///
/// ```
/// use anysplit::{Delimited, Either, Framing, Prefix};
///
/// let text = true;
/// let framing = if text { Either::A(Delimited::line()) } else { Either::B(Prefix::u16_be()) };
/// let mut wire = [0; 8];
/// assert_eq!(framing.encode_into(b"hello", &mut wire), Ok(6));
/// assert_eq!(&wire[..6], b"hello\n");
/// ```
///
/// Cost: one branch for each call, and one branch for all frames that are found at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Either<A, B> {
    /// The first framing.
    A(A),
    /// The second framing.
    B(B),
}

macro_rules! each {
    ($either:expr, $framing:ident => $call:expr) => {
        match $either {
            Either::A($framing) => $call,
            Either::B($framing) => $call,
        }
    };
}

impl<A: Framing, B: Framing> Framing for Either<A, B> {
    #[inline]
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        each!(self, framing => framing.locate(input, progress))
    }
    #[inline]
    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        each!(self, framing => framing.envelope(message))
    }
    #[inline]
    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        each!(self, framing => framing.check(part, sum))
    }
    #[inline]
    fn open(&self, header: &[u8], payload: &mut [u8], at: u64, memo: &mut u64) -> usize {
        each!(self, framing => framing.open(header, payload, at, memo))
    }
    #[inline]
    fn seal(&self, message: &[u8], frame: &mut [u8]) {
        each!(self, framing => framing.seal(message, frame));
    }
    #[inline]
    fn at_eof(&self, rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
        each!(self, framing => framing.at_eof(rest, progress))
    }
    #[inline]
    fn next_start(&self, input: &[u8], from: usize) -> NextStart {
        each!(self, framing => framing.next_start(input, from))
    }
    #[inline]
    fn envelope_after(&self, previous: u32, message: &[u8]) -> Result<(Envelope<'_>, u32), EncodeError> {
        each!(self, framing => framing.envelope_after(previous, message))
    }
    #[inline]
    fn seal_after(&self, previous: u32, message: &[u8], frame: &mut [u8]) {
        each!(self, framing => framing.seal_after(previous, message, frame));
    }
    #[inline]
    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        each!(self, framing => framing.patch(message))
    }
    #[inline]
    fn max_payload_len(&self) -> u64 {
        each!(self, framing => framing.max_payload_len())
    }
    #[inline]
    fn shape(&self) -> Shape<'_> {
        each!(self, framing => framing.shape())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Delimited, Prefix};

    #[test]
    fn each_side_answers_as_its_framing_does() {
        type Side = Either<Delimited<crate::delimited::Lines>, Prefix<crate::number::Binary>>;
        let (a, b) = (Delimited::line(), Prefix::u16_be().with_max_payload_len(9));
        for input in [&b""[..], b"\0\x02hi\n\0\x01!", b"hi", b"\0\x0a\nhi", b"hi\n"] {
            let (mut one, mut other) = (Progress::default(), Progress::default());
            assert_eq!(Side::A(a).locate(input, &mut one), a.locate(input, &mut other));
            assert_eq!(one, other);
            assert_eq!(Side::A(a).at_eof(input, &mut one), a.at_eof(input, &mut other));
            let (mut one, mut other) = (Progress::default(), Progress::default());
            assert_eq!(Side::B(b).locate(input, &mut one), b.locate(input, &mut other));
            assert_eq!(one, other);
            assert_eq!(Side::A(a).envelope(input), a.envelope(input));
            assert_eq!(Side::B(b).envelope(input), b.envelope(input));
            assert_eq!(Side::B(b).envelope_after(0, input), b.envelope_after(0, input));
        }
        assert_eq!((Side::A(a).shape(), Side::B(b).shape()), (a.shape(), b.shape()));
        assert_eq!(Side::B(b).max_payload_len(), 9);
    }
}
