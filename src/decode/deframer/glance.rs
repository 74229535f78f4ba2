//! One look at the frame at hand, for decoders whose bytes can stay where they are.

use super::Deframer;
use crate::contract::{Extent, Framing, Located};
use crate::decode::next::{Next, next};
#[cfg(any(feature = "tokio", feature = "futures"))]
use crate::decode::quick::{ByteEnd, Quick};
use crate::decode::state::Phase;

/// What a look at the bytes at hand has found.
pub(crate) enum Glance {
    /// A complete frame after `filler` bytes between frames. Both have been passed.
    Frame { filler: usize, extent: Extent },
    /// More bytes are needed.
    Incomplete,
    /// Nothing is known: [`Deframer::step`] decides.
    Unclear,
}

impl<F: Framing> Deframer<F> {
    /// Looks at `input`, as [`step`](Self::step) does, for the common case: nothing is skipped, and the stream goes on.
    #[inline(never)]
    pub(crate) fn glance(&mut self, input: &[u8]) -> Glance {
        self.look_at(input)
    }

    /// As [`glance`](Self::glance), but first looks for what `quick`, made from the same framing, can find without `locate`.
    #[cfg(any(feature = "tokio", feature = "futures"))]
    #[inline]
    pub(crate) fn glance_quick(&mut self, quick: &Quick, input: &[u8]) -> Glance {
        if self.state.is_missing(input.len()) {
            return Glance::Incomplete;
        }
        if self.state.is_fresh() {
            if let Some(extent) = quick.extent(input) {
                if extent.split(input).is_some() {
                    self.state.pass_simple(extent.len_in_memory());
                    return Glance::Frame { filler: 0, extent };
                }
                let len = extent.frame_len();
                if len <= isize::MAX as u64 {
                    self.state.wait_for_simple(len);
                    return Glance::Incomplete;
                }
            }
        }
        if let Quick::Byte { last, end, max } = *quick {
            return self.glance_last(input, last, end, max);
        }
        self.glance(input)
    }

    /// As [`glance`](Self::glance), where this byte ends a frame. Out of line, so that the search costs a prefix no registers.
    #[cfg(any(feature = "tokio", feature = "futures"))]
    #[inline(never)]
    fn glance_last(&mut self, input: &[u8], last: u8, end: ByteEnd, max: u64) -> Glance {
        if self.state.is_untouched() {
            let before = memchr::memchr(last, input).and_then(|at| input.get(..at));
            if let Some((extent, len)) = before.and_then(|before| end.frame(before, max)) {
                self.state.pass_simple(len);
                return Glance::Frame { filler: 0, extent };
            }
        }
        self.glance(input)
    }

    /// As [`glance`](Self::glance), made part of the caller.
    #[inline(always)]
    pub(crate) fn look_at(&mut self, input: &[u8]) -> Glance {
        if self.state.is_missing(input.len()) {
            return Glance::Incomplete;
        }
        let previous = self.state.progress().previous;
        let (filler, extent) = match self.state.phase() {
            Phase::Fresh if input.is_empty() => return Glance::Incomplete,
            Phase::Fresh | Phase::Simple => match self.next(input) {
                Next::Complete { filler, extent } => (filler, extent),
                Next::Known(extent) if self.has_room(extent.frame_len()) => {
                    self.state.know(extent);
                    return Glance::Incomplete;
                }
                Next::Open(located) => {
                    self.wait_for(input, located);
                    return Glance::Incomplete;
                }
                Next::Known(_) | Next::Other => {
                    // Filler may have written a word of its own.
                    self.state.progress_mut().previous = previous;
                    self.state.restart_frame();
                    return Glance::Unclear;
                }
            },
            Phase::Wait(_) => match self.state.known_extent() {
                Some(extent) if extent.fits(input.len()).is_some() && self.check_all(extent, input).is_ok() => {
                    (0, extent)
                }
                _ => return Glance::Unclear,
            },
            _ => return Glance::Unclear,
        };
        self.state.pass(filler.wrapping_add(extent.len_in_memory()) as u64);
        Glance::Frame { filler, extent }
    }

    /// Passes the filler at the front of `input`, and returns its length. Call it after a [glance](Self::glance) at `input` was unclear.
    pub(crate) fn pass_filler(&mut self, input: &[u8]) -> usize {
        if !self.state.is_after_glance() {
            return 0;
        }
        let mut progress = self.state.progress();
        match self.framing.locate(input, &mut progress) {
            Ok(Located::Filler(len)) if len > 0 && len <= input.len() => {
                *self.state.progress_mut() = progress;
                self.state.pass_filler(len as u64);
                len
            }
            _ => 0,
        }
    }

    /// Locates the frame at the front of `input`, where its end [may be](crate::decode::state::State::may_end), and keeps the answer, so
    /// that the next call searches only new bytes.
    #[inline]
    pub(crate) fn take_note(&mut self, input: &[u8]) {
        match self.framing.locate(input, self.state.progress_mut()) {
            Ok(Located::Known(extent)) if self.has_room(extent.frame_len()) => self.state.know(extent),
            Ok(located @ (Located::Wait(_) | Located::Header(_) | Located::Search { .. })) => {
                self.wait_for(input, located);
            }
            // An error, or filler: a step decides.
            _ => self.state.restart_frame(),
        }
    }

    fn next(&mut self, input: &[u8]) -> Next {
        let before = self.state.before();
        next(&self.framing, input, before, self.state.progress_mut())
    }
}
