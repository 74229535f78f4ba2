//! One frame of one framing, then frames of another.

use crate::contract::{AtEof, Envelope, Extent, Framing, Located, NextStart, Part, Patch, Progress};
use crate::error::{DecodeErrorKind, EncodeError, FrameError};
use crate::framing::nested::{share_words, shared_word};

/// Exactly one frame of a first framing, such as a preamble or a greeting, and then frames of another.
///
/// ```text
///  first: a line of its own             rest: a length before every message
///  offset   0   1   2   3   4   5       6   7   8   9   10  11      12  13
///  wire     R   E   A   D   Y   \n      00  05  h   e   l   l  …
///           payload             trailer header  payload
/// ```
///
/// The first message of a stream belongs to the first framing. A decoder and an [`Encoder`](crate::Encoder) remember whether it
/// has passed, in one bit of [`Progress::next`]. The framing `rest` has the other 31 bits.
///
/// ```
/// use anysplit::{Decoder, Delimited, Encoder, Prefix, Then};
/// use bytes::Buf;
///
/// let framing = Then::new(Delimited::line(), Prefix::u16_be());
/// let mut encoder = Encoder::new(framing);
/// encoder.push(b"READY")?;
/// encoder.push(b"hello")?;
/// encoder.push(b"")?;
/// let wire = encoder.copy_to_bytes(encoder.remaining());
/// assert_eq!(wire, &b"READY\n\x00\x05hello\x00\x00"[..]);
///
/// let mut decoder = Decoder::new(framing);
/// decoder.push(&wire)?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"READY");
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"hello");
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`encode`](Framing::encode), [`encode_into`](Framing::encode_into) and the other calls without a memory write the first message
/// of a stream. For later ones use an [`Encoder`](crate::Encoder), or [`envelope_after`](Framing::envelope_after).
///
/// A stream that ends before its first byte is clean. If the first framing lasts until the end of the stream, nothing
/// follows it. A first frame that has to be checked is returned in one piece. `first` must not be a framing that rewrites
/// its payload, such as [`Stuffed`](crate::Stuffed): such frames are errors in both directions.
///
/// Errors: those of the current framing, and [`DecodeErrorKind::Custom`] for a rewritten first frame and for a framing
/// that leaves more than 31 bits.
///
/// Cost: one branch for each call beside that of the current framing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Then<A, B> {
    first: A,
    rest: B,
}

/// `open` does not know which frame of the stream it sees.
const REWRITTEN: &str = "the first framing of `Then` rewrites its payload";
const WORD: &str = "a framing inside `Then` leaves more than 31 bits for the next frame";

impl<A, B> Then<A, B> {
    /// Returns a framing of one frame of `first`, and then frames of `rest`.
    pub const fn new(first: A, rest: B) -> Self {
        Self { first, rest }
    }

    /// Returns the framing of the first frame.
    #[must_use]
    pub const fn first(&self) -> &A {
        &self.first
    }

    /// Returns the framing of all other frames.
    #[must_use]
    pub const fn rest(&self) -> &B {
        &self.rest
    }

    /// Replaces both framings.
    pub(crate) fn map<C, D>(self, first: impl FnOnce(A) -> C, rest: impl FnOnce(B) -> D) -> Then<C, D> {
        Then::new(first(self.first), rest(self.rest))
    }
}

/// Returns whether the first frame has passed, from the word that a frame left.
const fn has_passed(word: u32) -> bool {
    word & 1 == 1
}

/// Returns the word that stores an inner framing's word and whether the first frame has passed.
const fn word(inner: u32, passed: bool) -> Option<u32> {
    shared_word(inner, 1, passed as u32)
}

/// Calls an inner framing with its own words in `progress`.
///
/// Its word is written back for every answer, so that a rejected frame does not start the stream again.
#[inline]
fn inside<T>(
    progress: &mut Progress,
    call: impl FnOnce(&mut Progress) -> Result<T, FrameError>,
) -> Result<T, FrameError> {
    let passed = has_passed(progress.previous);
    share_words(progress, 1, passed.into(), WORD, call)
}

impl<A: Framing, B: Framing> Then<A, B> {
    /// As [`Framing::locate`], for the first frame.
    fn locate_first(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let before = *progress;
        let located = match inside(progress, |progress| self.first.locate(input, progress)) {
            Ok(located) => located,
            Err(error) if !progress.lenient && self.begins_rewritten(input, error.at, before.previous) => {
                return Err(FrameError::new(0, DecodeErrorKind::Custom(REWRITTEN)));
            }
            Err(error) => return Err(error),
        };
        match located {
            Located::Known(extent) => {
                if extent.is_checked() && !progress.lenient && extent.fits(input.len()).is_none() {
                    // The same frame will be located again, from here on.
                    *progress = before;
                    return Ok(Located::Wait(extent.frame_len()));
                }
                self.refuse_rewritten(extent, input, before.previous, progress.lenient)?;
                let extent = self.settle(extent, input, progress.lenient)?;
                progress.next = 1;
                Ok(Located::Known(extent))
            }
            // An error names a byte that has arrived.
            Located::Search { so_far, .. } if input.is_empty() && so_far.is_rewritten() => Ok(Located::Wait(1)),
            Located::Search { so_far, least } => {
                let so_far = self.unchecked(so_far, progress.lenient)?;
                Ok(Located::Search { so_far, least })
            }
            other => Ok(other),
        }
    }

    /// Returns whether every first frame may be rewritten, as far as its bytes show before its end.
    fn rewrites_any(&self) -> bool {
        let located = self.first.locate(&[], &mut Progress::default());
        matches!(located, Ok(Located::Search { so_far, .. }) if so_far.is_rewritten())
    }

    /// Returns whether the bytes before an error prove that the first frame is rewritten. That is then the error, as if
    /// they had arrived alone.
    #[cold]
    fn begins_rewritten(&self, input: &[u8], at: usize, previous: u32) -> bool {
        let mut progress = Progress { previous: previous >> 1, ..Progress::default() };
        match self.first.locate(input.get(..at).unwrap_or_default(), &mut progress) {
            Ok(Located::Known(extent) | Located::Search { so_far: extent, .. }) => at > 0 && extent.is_rewritten(),
            _ => false,
        }
    }

    /// A frame that turned out to be plain may have begun as one that is rewritten, and that is an error already.
    fn refuse_rewritten(&self, extent: Extent, input: &[u8], previous: u32, lenient: bool) -> Result<(), FrameError> {
        let before_last = extent.fits(input.len()).unwrap_or(input.len()).saturating_sub(1);
        if !lenient && !extent.is_rewritten() && self.begins_rewritten(input, before_last, previous) {
            return Err(FrameError::new(0, DecodeErrorKind::Custom(REWRITTEN)));
        }
        Ok(())
    }

    /// Checks a complete first frame, because `check` does not know which frame of the stream it sees.
    fn settle(&self, extent: Extent, input: &[u8], lenient: bool) -> Result<Extent, FrameError> {
        let settled = self.unchecked(extent, lenient)?;
        if extent.is_checked() && !lenient {
            self.first.check(Part::all(extent, input), &mut 0)?;
        }
        Ok(settled)
    }

    /// Returns the same extent for a frame that needs no check once its end is known.
    fn unchecked(&self, extent: Extent, lenient: bool) -> Result<Extent, FrameError> {
        if extent.is_rewritten() && !lenient {
            return Err(FrameError::new(0, DecodeErrorKind::Custom(REWRITTEN)));
        }
        Ok(if extent.is_checked() { extent.without_check().in_one_piece() } else { extent })
    }
}

impl<A: Framing, B: Framing> Framing for Then<A, B> {
    #[inline]
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        if has_passed(progress.previous) {
            return inside(progress, |progress| self.rest.locate(input, progress));
        }
        self.locate_first(input, progress)
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        Ok(self.envelope_after(0, message)?.0)
    }

    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        // `locate` checks the first frame.
        self.rest.check(part, sum)
    }

    fn open(&self, header: &[u8], payload: &mut [u8], at: u64, memo: &mut u64) -> usize {
        // The first frame is not rewritten.
        self.rest.open(header, payload, at, memo)
    }

    fn seal(&self, message: &[u8], frame: &mut [u8]) {
        self.seal_after(0, message, frame);
    }

    fn at_eof(&self, rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
        if has_passed(progress.previous) {
            return inside(progress, |progress| self.rest.at_eof(rest, progress));
        }
        match inside(progress, |progress| self.first.at_eof(rest, progress))? {
            AtEof::Frame(extent) => {
                self.refuse_rewritten(extent, rest, progress.previous, progress.lenient)?;
                let extent = self.settle(extent, rest, progress.lenient)?;
                progress.next = 1;
                Ok(AtEof::Frame(extent))
            }
            other => Ok(other),
        }
    }

    fn next_start(&self, input: &[u8], from: usize) -> NextStart {
        self.rest.next_start(input, from)
    }

    fn envelope_after(&self, previous: u32, message: &[u8]) -> Result<(Envelope<'_>, u32), EncodeError> {
        if has_passed(previous) {
            let (envelope, next) = self.rest.envelope_after(previous >> 1, message)?;
            return Ok((envelope, word(next, true).ok_or(EncodeError::Custom(WORD))?));
        }
        match self.first.envelope_after(previous >> 1, message)?.0 {
            Envelope::Rewritten { .. } => Err(EncodeError::Custom(REWRITTEN)),
            // A reader refuses the first byte, and does not learn that this frame needs no change.
            _ if self.rewrites_any() => Err(EncodeError::Custom(REWRITTEN)),
            envelope => Ok((envelope, 1)),
        }
    }

    fn seal_after(&self, previous: u32, message: &[u8], frame: &mut [u8]) {
        if has_passed(previous) {
            self.rest.seal_after(previous >> 1, message, frame);
        }
    }

    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        // The message may be for either framing. After a wrong patch `envelope_after` still refuses it.
        match self.rest.patch(message) {
            Ok(Some(patch)) => Ok(Some(patch)),
            Ok(None) | Err(_) => self.first.patch(message),
        }
    }

    fn max_payload_len(&self) -> u64 {
        self.first.max_payload_len().max(self.rest.max_payload_len())
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    extern crate std;

    use super::*;
    use crate::framing::testing::cuts_agree;
    use crate::number::Binary;
    use crate::stuffing::Cobs;
    use crate::{Delimited, Encoder, Fixed, LengthField, Prefix, Stuffed, UntilClose};
    use bytes::Buf;
    use std::vec::Vec;

    fn written<A: Framing, B: Framing>(framing: Then<A, B>, messages: &[&[u8]]) -> Result<Vec<u8>, EncodeError> {
        let mut encoder = Encoder::new(framing);
        for message in messages {
            encoder.push(message)?;
        }
        Ok(encoder.copy_to_bytes(encoder.remaining()).to_vec())
    }

    #[test]
    fn first_frame_comes_once_and_others_follow() {
        let framing = Then::new(Fixed::new(3).unwrap(), Delimited::line());
        let wire = written(framing, &[b"one", b"two", b"three"]).unwrap();
        assert_eq!(wire, b"onetwo\nthree\n");
        let seen = cuts_agree(&framing, &wire).unwrap();
        assert_eq!(seen, [(b"one".to_vec(), 3), (b"two".to_vec(), 4), (b"three".to_vec(), 6)]);
        assert_eq!(cuts_agree(&framing, b""), Ok(Vec::new()));
        assert!(cuts_agree(&framing, b"on").is_err());
    }

    #[test]
    fn preambles_nest() {
        let framing = Then::new(Fixed::new(1).unwrap(), Then::new(Prefix::u8(), Delimited::line()));
        let wire = written(framing, &[b"a", b"bc", b"d", b"e"]).unwrap();
        assert_eq!(wire, b"a\x02bcd\ne\n");
        let seen: Vec<_> = cuts_agree(&framing, &wire).unwrap().into_iter().map(|(message, _)| message).collect();
        assert_eq!(seen, [&b"a"[..], b"bc", b"d", b"e"]);
    }

    #[test]
    fn check_of_first_frame_is_its_own() {
        let framing = Then::new(Prefix::netstring(), Prefix::u8());
        let wire = written(framing, &[b"hello", b"a"]).unwrap();
        assert_eq!(wire, b"5:hello,\x01a");
        assert_eq!(cuts_agree(&framing, &wire).unwrap(), [(b"hello".to_vec(), 8), (b"a".to_vec(), 2)]);
        assert!(cuts_agree(&framing, b"5:hello;\x01a").unwrap_err().contains("offset: 7"));
    }

    #[test]
    fn rest_may_rewrite_and_first_may_not() {
        let framing = Then::new(Delimited::line(), Stuffed::new(Cobs));
        let wire = written(framing, &[b"hi", b"a\0b"]).unwrap();
        assert_eq!(wire, b"hi\n\x02a\x02b\0");
        // Filler between later frames keeps the stage.
        let seen = cuts_agree(&framing, b"hi\n\0\0\x02a\x02b\0").unwrap();
        assert_eq!(seen, [(b"hi".to_vec(), 3), (b"a\0b".to_vec(), 5)]);
        let framing = Then::new(Stuffed::new(Cobs), Delimited::line());
        assert_eq!(framing.envelope(b"hi"), Err(EncodeError::Custom(REWRITTEN)));
        assert!(cuts_agree(&framing, b"\x03hi\0").is_err());
    }

    #[test]
    fn nothing_follows_a_first_frame_that_lasts_to_the_end() {
        let framing = Then::new(UntilClose::new(), Prefix::u8());
        assert_eq!(written(framing, &[b"hello", b"a"]), Err(EncodeError::AfterLast));
        assert_eq!(cuts_agree(&framing, b"hello").unwrap(), [(b"hello".to_vec(), 5)]);
    }

    #[test]
    fn length_inside_a_later_message_is_put_in() {
        let mut encoder = Encoder::new(Then::new(Delimited::line(), LengthField::new(1, Binary::u8()).unwrap()));
        encoder.push_with(|out| out.extend_from_slice(b"hi")).unwrap();
        encoder.push_with(|out| out.extend_from_slice(b"x?hello")).unwrap();
        assert_eq!(encoder.copy_to_bytes(encoder.remaining()), &b"hi\nx\x05hello"[..]);
    }

    /// Leaves one word after every frame of one byte.
    struct Leaves(u32);

    impl Framing for Leaves {
        fn locate(&self, _: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
            assert!(progress.previous == 0 || progress.previous == self.0);
            progress.next = self.0;
            Ok(Located::Known(Extent::new(0, 1, 0)))
        }

        fn envelope(&self, _: &[u8]) -> Result<Envelope<'_>, EncodeError> {
            Ok(Envelope::new(crate::contract::ShortBytes::empty()))
        }

        fn envelope_after(&self, previous: u32, message: &[u8]) -> Result<(Envelope<'_>, u32), EncodeError> {
            assert!(previous == 0 || previous == self.0);
            Ok((self.envelope(message)?, self.0))
        }
    }

    #[test]
    fn words_of_later_frames_are_kept_or_refused() {
        for (left, fits) in [(5, true), (u32::MAX >> 1, true), (1 << 31, false)] {
            let framing = Then::new(Fixed::new(1).unwrap(), Leaves(left));
            assert_eq!(written(framing, &[b"a", b"b", b"c"]).is_ok(), fits);
            let framing = Then::new(Fixed::new(1).unwrap(), Leaves(left));
            assert_eq!(cuts_agree(&framing, b"abc").is_ok(), fits);
        }
        // The first frame's own word is dropped.
        let framing = Then::new(Leaves(7), Leaves(3));
        assert_eq!(cuts_agree(&framing, b"abc").map(|seen| seen.len()), Ok(3));
    }
}
