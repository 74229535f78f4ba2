//! One of two framings.

use crate::contract::{AtEof, Envelope, Extent, Framing, LastBytes, Located, Patch, PlainPrefix, Progress};
use crate::error::{EncodeError, FrameError};

/// One of two framings, chosen at run time, without an allocator. Nested for more than two.
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
/// Cost: one branch a call, and for many frames at once one branch for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Either<A, B> {
    /// The first.
    A(A),
    /// The second.
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
    fn locate(&self, input: &[u8], progress: Progress) -> Result<Located, FrameError> {
        each!(self, framing => framing.locate(input, progress))
    }
    #[inline]
    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        each!(self, framing => framing.envelope(message))
    }
    #[inline]
    fn at_eof(&self, rest: &[u8], progress: Progress) -> Result<AtEof, FrameError> {
        each!(self, framing => framing.at_eof(rest, progress))
    }
    #[inline]
    fn locate_by_header(&self, input: &[u8]) -> Option<Extent> {
        each!(self, framing => framing.locate_by_header(input))
    }
    #[inline]
    fn plain_prefix(&self) -> Option<PlainPrefix> {
        each!(self, framing => framing.plain_prefix())
    }
    #[inline]
    fn last_bytes(&self) -> Option<LastBytes<'_>> {
        each!(self, framing => framing.last_bytes())
    }
    #[inline]
    fn ending(&self, wire: &[u8]) -> Option<Extent> {
        each!(self, framing => framing.ending(wire))
    }
    #[inline]
    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        each!(self, framing => framing.patch(message))
    }
    #[inline]
    fn header_room(&self) -> usize {
        each!(self, framing => framing.header_room())
    }
    #[inline]
    fn max_payload_len(&self) -> u64 {
        each!(self, framing => framing.max_payload_len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Delimited, Prefix};

    #[test]
    fn each_side_answers_as_its_framing_does() {
        type Side = Either<Delimited<crate::Lines>, Prefix<crate::number::Binary>>;
        let (a, b) = (Delimited::line(), Prefix::u16_be().with_max_payload_len(9));
        let first = Progress::default();
        for input in [&b""[..], b"\0\x02hi\n\0\x01!", b"hi", b"\0\x0a\nhi", b"hi\n"] {
            assert_eq!(Side::A(a).locate(input, first), a.locate(input, first));
            assert_eq!(Side::B(b).locate(input, first), b.locate(input, first));
            assert_eq!(Side::A(a).at_eof(input, first), a.at_eof(input, first));
            assert_eq!(Side::A(a).envelope(input), a.envelope(input));
            assert_eq!(Side::B(b).envelope(input), b.envelope(input));
            assert_eq!(Side::B(b).locate_by_header(input), b.locate_by_header(input));
            assert_eq!(Side::A(a).ending(input), a.ending(input));
        }
        assert_eq!((Side::A(a).last_bytes(), Side::B(b).last_bytes()), (a.last_bytes(), None));
        assert_eq!((Side::A(a).plain_prefix(), Side::B(b).plain_prefix()), (None, b.plain_prefix()));
        assert_eq!((Side::B(b).header_room(), Side::B(b).max_payload_len()), (2, 9));
    }
}
