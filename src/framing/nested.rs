//! A few bytes, then a frame of another framing: the only place that puts a frame inside another, and that shares the
//! words of `Progress` between two framings.

use crate::contract::{AtEof, Envelope, Extent, Framing, Located, Part, Patch, Progress};
use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError};

/// An error if the end of a frame is searched for, so that no length announces it. A framing that chooses between others may still
/// choose such a one.
pub(crate) fn announces_length(framing: &impl Framing, or: &'static str) -> Result<(), ConfigError> {
    match framing.locate(&[], &mut Progress::default()) {
        Ok(Located::Search { .. }) => Err(ConfigError::Conflict(or)),
        _ => Ok(()),
    }
}

/// A framing for the bytes after the first `len` of a frame.
///
/// ```text
///  inner frame =           inner header ‖ payload ‖ trailer
///  frame       =  before ‖ inner header ‖ payload ‖ trailer
///                 `len` bytes
/// ```
///
/// The owner checks the bytes before; everything after them is done here. The two directions share one pair of
/// words, `previous` and `next`, which are the inner framing's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nested<'f, F: ?Sized> {
    framing: &'f F,
    len: u16,
    /// Whether the bytes before belong to the message.
    in_message: bool,
}

impl<'f, F: Framing + ?Sized> Nested<'f, F> {
    /// Nests a framing after `len` bytes that are part of the message, such as a type byte.
    #[inline]
    pub(crate) const fn in_message(framing: &'f F, len: u16) -> Self {
        Self { framing, len, in_message: true }
    }

    /// Nests a framing after `len` bytes that are not part of the message, such as a start byte.
    #[inline]
    pub(crate) const fn around_message(framing: &'f F, len: u16) -> Self {
        Self { framing, len, in_message: false }
    }

    /// As [`Framing::locate`]. `input` contains all the bytes before.
    #[inline]
    pub(crate) fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let len = usize::from(self.len);
        progress.enter(len);
        let located = self.framing.locate(input.get(len..).unwrap_or_default(), progress);
        progress.leave(len);
        match located.map_err(|error| error.shifted(len))? {
            Located::Known(extent) => Ok(Located::Known(self.extent(extent)?)),
            Located::Search { so_far, least } => {
                Ok(Located::Search { so_far: self.extent(so_far)?, least: least.saturating_add(self.len.into()) })
            }
            other => other.nested(self.len),
        }
    }

    /// As [`Framing::at_eof`]. `input` contains all the bytes before, so an end is never clean.
    pub(crate) fn at_eof(&self, input: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
        let len = usize::from(self.len);
        progress.enter(len);
        let end = self.framing.at_eof(input.get(len..).unwrap_or_default(), progress);
        progress.leave(len);
        match end.map_err(|error| error.shifted(len))? {
            AtEof::Clean | AtEof::Truncated => Ok(AtEof::Truncated),
            AtEof::Frame(extent) => Ok(AtEof::Frame(self.extent(extent)?)),
        }
    }

    /// As [`Framing::check`].
    pub(crate) fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        let before = u64::from(self.len);
        // The first part contains the complete header, so only that part contains any of the bytes before.
        let skip = usize::try_from(before.saturating_sub(part.at)).unwrap_or(usize::MAX);
        let inner = Part {
            extent: part.extent.inner(self.len, self.in_message),
            header: part.header.get(usize::from(self.len)..).unwrap_or_default(),
            at: part.at.saturating_sub(before),
            bytes: part.bytes.get(skip..).unwrap_or_default(),
            is_last: part.is_last,
        };
        self.framing.check(inner, sum).map_err(|error| error.shifted(self.len.into()))
    }

    /// As [`Framing::open`].
    pub(crate) fn open(&self, header: &[u8], payload: &mut [u8], at: u64, memo: &mut u64) -> usize {
        self.framing.open(header.get(usize::from(self.len)..).unwrap_or_default(), payload, at, memo)
    }

    /// As [`Framing::envelope_after`], with these bytes before.
    pub(crate) fn envelope_after(
        &self,
        previous: u32,
        before: &[u8],
        message: &[u8],
    ) -> Result<(Envelope<'f>, u32), EncodeError> {
        let skip = self.skip();
        let inner = message.get(skip..).unwrap_or_default();
        let (envelope, next) = self.framing.envelope_after(previous, inner).map_err(|error| error.shifted(skip))?;
        // A header of the encoder's own is short. Only one that is part of the message can be too long.
        let room = usize::from(u16::MAX).saturating_sub(self.len.into());
        if inner.len() > room && self.header_len(&envelope, previous, inner) > room {
            return Err(EncodeError::HeaderTooLong { max: u16::MAX.into() });
        }
        if matches!(envelope, Envelope::Rewritten { .. }) && begins_with_filler(self.framing, previous) {
            return Err(EncodeError::Custom("a frame that begins with filler cannot be inside another"));
        }
        Ok((envelope.inside(before, skip)?, next))
    }

    /// As [`Framing::seal_after`], with these bytes before.
    pub(crate) fn seal_after(&self, previous: u32, before: &[u8], message: &[u8], frame: &mut [u8]) {
        if let Some((start, inner)) = frame.split_at_mut_checked(before.len()) {
            start.copy_from_slice(before);
            self.framing.seal_after(previous, message.get(self.skip()..).unwrap_or_default(), inner);
        }
    }

    /// As [`Framing::patch`].
    pub(crate) fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        let skip = self.skip();
        let patch = self.framing.patch(message.get(skip..).unwrap_or_default());
        Ok(patch
            .map_err(|error| error.shifted(skip))?
            .map(|inner| Patch { at: inner.at.saturating_add(skip), ..inner }))
    }

    /// Returns how many bytes of the message are before the inner framing's message.
    #[inline]
    fn skip(&self) -> usize {
        if self.in_message { self.len.into() } else { 0 }
    }

    /// Returns the extent of the frame whose inner frame has this extent.
    #[inline]
    fn extent(&self, inner: Extent) -> Result<Extent, FrameError> {
        if self.in_message { inner.nested(self.len) } else { inner.nested_after_literal(self.len) }
    }

    /// Returns the length of the header in the inner frame of `message`.
    fn header_len(&self, envelope: &Envelope<'_>, previous: u32, message: &[u8]) -> usize {
        let Envelope::Around(around) = envelope else { return 0 };
        if around.header().len() != around.skip() {
            return around.header().len();
        }
        // The frame begins with the message, and its header may be part of the message. If there is none, one byte
        // is enough to see that, so a long message is not searched again.
        for len in [1, u16::MAX.into()] {
            let mut progress = Progress { previous, lenient: true, ..Progress::default() };
            let start = message.get(..len).unwrap_or(message);
            if let Ok(Located::Known(extent) | Located::Search { so_far: extent, .. }) =
                self.framing.locate(start, &mut progress)
            {
                return extent.header_len();
            }
        }
        0
    }
}

/// Returns whether a rewriting framing writes filler before its frames, as SLIP does. Inside a frame that is an error.
pub(crate) fn begins_with_filler<F: Framing + ?Sized>(framing: &F, previous: u32) -> bool {
    let (message, mut frame) = ([0], [0; 32]);
    let Ok((Envelope::Rewritten { len }, _)) = framing.envelope_after(previous, &message) else { return false };
    let Some(frame) = usize::try_from(len).ok().and_then(|len| frame.get_mut(..len)) else { return false };
    framing.seal_after(previous, &message, frame);
    let mut progress = Progress { previous, ..Progress::default() };
    matches!(framing.locate(frame, &mut progress), Ok(Located::Filler(_)))
}

/// Returns the word that stores an inner framing's word above `bits` bits of the owner, which are `low`.
#[inline]
pub(crate) const fn shared_word(inner: u32, bits: u32, low: u32) -> Option<u32> {
    if inner > u32::MAX >> bits { None } else { Some(inner << bits | low) }
}

/// Calls an inner framing with its own words, which lie above the owner's `bits` bits in the words of `progress`. The
/// owner's bits of `next` become `low`. `too_large` is the error if the inner framing leaves a word that does not fit.
#[inline]
pub(crate) fn share_words<T>(
    progress: &mut Progress,
    bits: u32,
    low: u32,
    too_large: &'static str,
    call: impl FnOnce(&mut Progress) -> Result<T, FrameError>,
) -> Result<T, FrameError> {
    let previous = progress.previous;
    progress.previous >>= bits;
    progress.next >>= bits;
    let answer = call(progress);
    progress.previous = previous;
    match shared_word(progress.next, bits, low) {
        Some(next) => {
            progress.next = next;
            answer
        }
        None => {
            progress.next = low;
            answer.and(Err(FrameError::new(0, DecodeErrorKind::Custom(too_large))))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::DecodeErrorKind;
    use crate::contract::ShortBytes;

    /// A header of this many bytes, which is the message's own; then payload of 2 bytes, and their sum.
    struct Long(u16);

    impl Framing for Long {
        fn locate(&self, input: &[u8], _: &mut Progress) -> Result<Located, FrameError> {
            match input.len() < usize::from(self.0) {
                true => Ok(Located::Wait(self.0.into())),
                false => Ok(Located::Known(Extent::new(self.0, 2, 1).with_message_header(self.0).checked())),
            }
        }

        fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
            assert_eq!((part.extent.header_len(), part.extent.message_header_len()), (self.0.into(), self.0.into()));
            *sum += part.payload().iter().copied().map(u64::from).sum::<u64>();
            match part.trailer() {
                Some(&[found]) if u64::from(found) != *sum => {
                    let kind = DecodeErrorKind::Check { found: found.into(), computed: *sum };
                    Err(FrameError::new(part.trailer_start(), kind))
                }
                _ => Ok(()),
            }
        }

        fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
            let sum = message[self.0.into()..].iter().sum();
            Ok(Envelope::new(ShortBytes::empty()).with_computed_trailer(ShortBytes::new(&[sum])?))
        }
    }

    #[test]
    fn header_too_long_is_the_same_error_in_every_split() {
        let message = [7; 65_538];
        for (header, fits) in [(65_534, true), (65_535, false)] {
            let framing = Long(header);
            let nested = Nested::in_message(&framing, 1);
            let expected = FrameError::new(0, DecodeErrorKind::HeaderTooLong { max: 65_535 });
            for end in [1, 2, 65_534, 65_535, 65_536, 65_538] {
                let located = nested.locate(&message[..end], &mut Progress::default());
                match (end <= usize::from(header), fits) {
                    (true, _) => assert_eq!(located, Ok(Located::Wait(u64::from(header) + 1))),
                    (false, true) => assert!(matches!(located, Ok(Located::Known(_)))),
                    (false, false) => assert_eq!(located, Err(expected)),
                }
            }
            let envelope = nested.envelope_after(0, &[7], &message[..usize::from(header) + 3]);
            match fits {
                true => assert_eq!(envelope.unwrap().0.frame_len(&message[..65_537]), 65_538),
                false => assert_eq!(envelope, Err(EncodeError::HeaderTooLong { max: 65_535 })),
            }
        }
    }

    #[test]
    fn check_in_parts_counts_from_the_inner_frame() {
        let framing = Long(2);
        let nested = Nested::in_message(&framing, 1);
        let extent = Extent::new(3, 2, 1).with_message_header(3).checked();
        let frame = b"xhh\x01\x02\x04";
        let expected = Err(FrameError::new(5, DecodeErrorKind::Check { found: 4, computed: 3 }));
        for cut in [6, 5, 4, 3] {
            let (first, second) = frame.split_at(cut);
            let mut sum = 0;
            let mut answer =
                nested.check(Part { extent, header: &frame[..3], at: 0, bytes: first, is_last: cut == 6 }, &mut sum);
            if cut < 6 {
                assert_eq!(answer, Ok(()));
                answer = nested.check(
                    Part { extent, header: &frame[..3], at: cut as u64, bytes: second, is_last: true },
                    &mut sum,
                );
            }
            assert_eq!(answer, expected, "cut at {cut}");
        }
        assert_eq!(nested.check(Part::all(extent, b"xhh\x01\x02\x03"), &mut 0), Ok(()));
    }

    #[test]
    fn message_header_after_a_literal_begins_after_it() {
        let framing = Long(2);
        let nested = Nested::around_message(&framing, 1);
        let frame = b"xhh\x01\x02\x03";
        let Ok(Located::Known(extent)) = nested.locate(frame, &mut Progress::default()) else { panic!() };
        assert_eq!((extent.header_len(), extent.message_header_len()), (3, 2));
        assert_eq!(crate::Frame::new(frame, extent, 0).unwrap().message().as_slice(), Some(&b"hh\x01\x02"[..]));
        let (envelope, _) = nested.envelope_after(0, b"x", b"hh\x01\x02").unwrap();
        assert_eq!(envelope.slices(b"hh\x01\x02"), Some([&b"x"[..], b"hh\x01\x02", b"\x03"]));
    }

    /// Always filler, whatever the input is.
    struct Blank;

    impl Framing for Blank {
        fn locate(&self, input: &[u8], _: &mut Progress) -> Result<Located, FrameError> {
            Ok(if input.is_empty() { Located::Header(1) } else { Located::Filler(input.len()) })
        }

        fn envelope(&self, _: &[u8]) -> Result<Envelope<'_>, EncodeError> {
            Err(EncodeError::Empty)
        }
    }

    #[test]
    fn filler_inside_a_frame_is_an_error_and_its_end_not_clean() {
        let nested = Nested::in_message(&Blank, 1);
        assert_eq!(nested.locate(b"x", &mut Progress::default()), Ok(Located::Header(2)));
        for input in [&b"x "[..], b"x   "] {
            let error = nested.locate(input, &mut Progress::default()).unwrap_err();
            assert_eq!(error.at, 1);
        }
        assert_eq!(nested.at_eof(b"x", &mut Progress::default()), Ok(AtEof::Truncated));
    }
}
