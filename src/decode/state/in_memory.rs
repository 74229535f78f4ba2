//! Questions and changes between two steps, for decoders that keep their bytes in place.

use super::{Phase, State};
use crate::contract::{Extent, Progress};

impl State {
    /// Whether nothing is known of the frame at hand, and it is [fresh](Self::is_fresh).
    #[inline]
    pub(crate) const fn is_untouched(&self) -> bool {
        self.is_fresh() && self.least == 0
    }

    /// Stream offset of the window's first byte, as if the header that is kept stood right before the rest.
    #[inline]
    pub(crate) const fn window_offset(&self) -> u64 {
        self.frame_offset.wrapping_add(self.progress.consumed)
    }

    /// How many bytes the frame at hand is missing as far as is known, with `have` in the window; 0 if the payload is passed on as it comes.
    #[inline]
    pub(crate) fn missing_known(&self, have: usize) -> usize {
        match self.phase {
            Phase::Fresh | Phase::Simple | Phase::Wait(_) => {
                usize::try_from(self.need.saturating_sub(have as u64)).unwrap_or(usize::MAX)
            }
            _ => 0,
        }
    }

    /// The extent of the located frame at hand, if it is not what a search has found.
    #[inline]
    pub(crate) const fn known_extent(&self) -> Option<Extent> {
        match self.phase {
            Phase::Wait(extent) if self.hunted.is_none() => Some(self.before.mark(extent)),
            _ => None,
        }
    }

    /// How many bytes of the window are known not to end the frame, which follows a frame that left nothing.
    #[inline]
    pub(crate) fn searched(&self) -> usize {
        usize::try_from(self.least.saturating_sub(1)).unwrap_or(usize::MAX)
    }

    /// No end of the frame at hand begins before this index of the `have` bytes in the window.
    #[inline]
    pub(crate) const fn search_on(&mut self, scanned: usize, have: usize) {
        self.progress.scanned = scanned;
        (self.least, self.need) = (have as u64 + 1, have as u64 + 1);
    }

    /// Whether the end of the frame at hand is looked for, and nothing is being skipped.
    #[inline]
    pub(crate) const fn is_looking(&self) -> bool {
        matches!(self.phase, Phase::Fresh | Phase::Simple)
    }

    /// Whether the next byte may end the frame at hand, the `have` bytes in the window do not, and nothing is being skipped.
    #[inline]
    pub(crate) const fn is_searching(&self, have: usize) -> bool {
        self.least == have as u64 + 1 && self.is_looking()
    }

    /// Whether the frame at hand was looked at in vain, and nothing is being skipped.
    pub(crate) const fn is_after_glance(&self) -> bool {
        matches!(self.phase, Phase::Locate) && self.hunted.is_none() && !self.is_eof()
    }

    /// Whether the end of the frame at hand is not known, and may be among the `have` bytes in the window.
    #[inline]
    pub(crate) const fn may_end(&self, have: usize) -> bool {
        self.is_looking() && !self.is_missing(have)
    }

    /// The next `len` bytes do not end the frame at hand, whose end is [searched](Self::is_searching) for.
    #[inline]
    pub(crate) const fn search_past(&mut self, len: usize) {
        self.least = self.least.wrapping_add(len as u64);
        self.need = self.least;
    }

    /// The frame at hand, which is [fresh](Self::is_fresh), has this length.
    #[inline]
    pub(crate) const fn wait_for_simple(&mut self, len: u64) {
        (self.least, self.need) = (len, len);
    }

    /// The frame at hand, which is [fresh](Self::is_fresh) and has `len` bytes, was passed on and left nothing.
    #[inline]
    pub(crate) fn pass_simple(&mut self, len: usize) {
        debug_assert!(self.is_fresh());
        self.frame_offset = self.frame_offset.wrapping_add(len as u64);
        if self.least > 0 {
            self.progress = Progress::default();
            (self.least, self.need) = (0, 1);
        }
    }

    /// Plain frames were passed on from the start of one, up to this offset. They left nothing.
    #[inline]
    pub(crate) fn pass_frames_to(&mut self, offset: u64) {
        self.frame_offset = offset;
        self.progress = Progress::default();
        self.phase = if self.is_eof() { Phase::Locate } else { Phase::Fresh };
        (self.least, self.need) = (0, 1);
    }

    /// Whether nothing is known of the frame at hand, and nothing is being skipped.
    pub(crate) const fn is_between_frames(&self) -> bool {
        self.purpose().is_none() && self.hunted.is_none()
    }
}
