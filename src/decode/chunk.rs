//! Frames borrowed from a chunk, and the one that spans two.

use crate::contract::shape::Kind;
use crate::contract::{Extent, Framing, Located, Progress};
use crate::decode::core::{Core, ended};
use crate::decode::drive::{self, Found};
use crate::decode::frame::{Event, Frame};
use crate::decode::walk::{Walk, locate_complete};
use crate::decode::window::Window;
use crate::error::DecodeError;

/// The frames of a chunk: see [`Decoder::frames_in`](crate::Decoder::frames_in).
///
/// Not an [`Iterator`], because the frame that spans two chunks is borrowed from the decoder.
#[derive(Debug)]
pub struct ChunkFrames<'d, 'c, F: Framing> {
    core: &'d mut Core<F>,
    /// Walks the part of the chunk that has been neither returned nor taken into the decoder.
    walk: Walk<'c>,
    /// Whether the walk is at the start of a frame about which nothing is known. The decoder then lags the walk, and
    /// `commit` brings it here.
    fresh: bool,
}

impl<'d, 'c, F: Framing> ChunkFrames<'d, 'c, F> {
    #[inline(always)]
    pub(super) fn new(core: &'d mut Core<F>, chunk: &'c [u8]) -> Self {
        let fresh = core.block.is_empty() && core.deframer.state.is_fresh();
        // A chunk in which no frame ends is taken at once.
        let chunk = if !fresh && core.append_incomplete(chunk) { &[] } else { chunk };
        // The first bytes of a frame that spans two chunks are in the buffer and have not been passed.
        let start = core.deframer.state.window_offset().wrapping_add(core.block.len() as u64);
        let walk = Walk::new(core.framing(), core.quick, chunk, start.wrapping_add(chunk.len() as u64));
        Self { core, walk, fresh }
    }

    /// The next complete frame. Stretches that the recovery policy skips are only counted.
    ///
    /// # Errors
    ///
    /// As [`Decoder::next_frame`](crate::Decoder::next_frame).
    #[inline(always)]
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        if self.fresh {
            if let Some(frame) = self.walk.next(self.core.framing()) {
                return Ok(Some(frame));
            }
        }
        if self.is_done() { Ok(None) } else { self.next_slow() }
    }

    /// The next complete frame, or what was skipped in its place, in the order of the stream.
    ///
    /// # Errors
    ///
    /// As [`Decoder::next_frame`](crate::Decoder::next_frame).
    pub fn next_event(&mut self) -> Result<Option<Event<'_>>, DecodeError> {
        if self.fresh {
            if let Some(frame) = self.walk.next(self.core.framing()) {
                return Ok(Some(Event::Frame(frame)));
            }
        }
        let (rest, fresh, event) = self.core.next_in_chunk(self.walk.rest(), self.walk.offset(), self.fresh);
        self.walk.go_on_with(rest);
        self.fresh = fresh;
        event
    }

    /// Whether the decoder has taken the whole chunk, and misses bytes of the frame at hand.
    #[inline(always)]
    fn is_done(&self) -> bool {
        !self.fresh && self.walk.rest().is_empty() && self.core.deframer.state.is_missing(self.core.block.len())
    }

    /// Slow path of [`next_frame`](Self::next_frame): the frame spans two chunks, or the walk cannot decide.
    #[inline(always)]
    fn next_slow(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        let (rest, fresh, frame) = self.core.next_frame_in_chunk(self.walk.rest(), self.walk.offset(), self.fresh);
        self.walk.go_on_with(rest);
        self.fresh = fresh;
        frame
    }

    /// Calls `take` with every complete frame, as calling [`next_frame`](Self::next_frame) until there is none would.
    ///
    /// Faster than that for short frames: a loop for each kind of framing is made part of the caller. Cost: some 4 KiB of code
    /// for a framing named in the type, 11 KiB for one chosen at run time.
    ///
    /// If `take` panics, the stream is as if the loop had stopped after the frame that it was called with.
    ///
    /// ```
    /// use anysplit::{Decoder, Delimited};
    ///
    /// let mut decoder = Decoder::new(Delimited::line());
    /// let mut lengths = Vec::new();
    /// for chunk in [&b"one\nthr"[..], b"ee\nfive!\n"] {
    ///     decoder.frames_in(chunk)?.for_each(|frame| lengths.push(frame.payload().len()))?;
    /// }
    /// assert_eq!(lengths, [3, 5, 5]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Decoder::next_frame`](crate::Decoder::next_frame). The frames before it have been returned.
    #[inline]
    pub fn for_each(self, mut take: impl FnMut(Frame<'_>)) -> Result<(), DecodeError> {
        self.try_for_each(|frame| {
            take(frame);
            Ok(())
        })
    }

    /// As [`for_each`](Self::for_each), and stops where `take` fails. The rest of the chunk is taken into the decoder then.
    ///
    /// # Errors
    ///
    /// What `take` returns, and as [`Decoder::next_frame`](crate::Decoder::next_frame).
    #[inline]
    pub fn try_for_each<E: From<DecodeError>>(
        mut self,
        mut take: impl FnMut(Frame<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.is_done() {
            return Ok(());
        }
        loop {
            if self.fresh {
                self.walk.try_for_each(self.core.framing(), &mut take)?;
            }
            match self.next_slow()? {
                Some(frame) => take(frame)?,
                None => return Ok(()),
            }
        }
    }
}

impl<F: Framing> Drop for ChunkFrames<'_, '_, F> {
    /// One call at most, so that it is made part of every caller, and nothing takes the address of the place.
    #[inline(always)]
    fn drop(&mut self) {
        if !self.is_done() {
            self.core.buffer_rest(self.walk.rest(), self.walk.offset(), self.fresh);
        }
    }
}

/// The rest of a chunk, whether it begins with a frame about which nothing is known, and the result.
type InChunk<'c, T> = (&'c [u8], bool, Result<Option<T>, DecodeError>);

/// The slow paths of [`ChunkFrames`], where the walk cannot go from frame to frame.
impl<F: Framing> Core<F> {
    #[inline(never)]
    fn next_frame_in_chunk<'c: 'd, 'd>(
        &'d mut self,
        mut rest: &'c [u8],
        offset: u64,
        mut fresh: bool,
    ) -> InChunk<'c, Frame<'d>> {
        if fresh {
            self.commit(offset, fresh);
            if self.begin_spanning(rest) {
                return (&[], false, Ok(None));
            }
        } else if let Some((extent, after)) = self.finish_spanning(rest) {
            self.lent = extent.len_in_memory();
            let frame_offset = self.deframer.state.frame_offset().wrapping_sub(extent.frame_len());
            return (after, true, Ok(Frame::new(self.block.bytes(), extent, frame_offset)));
        } else {
            self.release_keeping_memory();
        }
        if self.block.is_empty() && self.deframer.state.is_fresh() {
            if let Some((extent, after)) = self.take_rewritten(rest, offset) {
                // Not fresh for the walk: the next frame is probably rewritten too, and the walk would look at it in vain.
                return (after, false, Ok(self.lend(extent)));
            }
        }
        loop {
            let found;
            (rest, fresh, found) = self.find_in_chunk(rest, offset, fresh);
            match found {
                Ok(Some((Found::Frame(extent), in_chunk))) => {
                    let (rest, fresh, frame) = self.lend_in_chunk(rest, extent, in_chunk);
                    return (rest, fresh, Ok(frame));
                }
                // The walk has not been here.
                Ok(Some((Found::Skipped(_), _))) => fresh = false,
                Ok(None) => return (rest, fresh, Ok(None)),
                Err(error) => return (rest, fresh, Err(error)),
            }
        }
    }

    fn next_in_chunk<'c: 'd, 'd>(&'d mut self, rest: &'c [u8], offset: u64, fresh: bool) -> InChunk<'c, Event<'d>> {
        let (rest, fresh, found) = self.find_in_chunk(rest, offset, fresh);
        match found {
            Ok(Some((Found::Frame(extent), in_chunk))) => {
                let (rest, fresh, frame) = self.lend_in_chunk(rest, extent, in_chunk);
                (rest, fresh, Ok(frame.map(Event::Frame)))
            }
            Ok(Some((Found::Skipped(stretch), _))) => (rest, fresh, Ok(Some(Event::Skipped(stretch)))),
            Ok(None) => (rest, fresh, Ok(None)),
            Err(error) => (rest, fresh, Err(error)),
        }
    }

    /// Finds the next frame or stretch from here, and whether a frame is at the front of the chunk's rest, or else of the
    /// buffer. If the place is fresh, the walk has found no frame here.
    fn find_in_chunk<'c>(&mut self, rest: &'c [u8], offset: u64, fresh: bool) -> InChunk<'c, (Found, bool)> {
        if fresh {
            self.commit(offset, fresh);
            if self.begin_spanning(rest) {
                return (&[], false, Ok(None));
            }
        } else if let Some((extent, after)) = self.finish_spanning(rest) {
            return (after, true, Ok(Some((Found::Frame(extent), false))));
        } else {
            self.release_keeping_memory();
        }
        let mut rest = rest;
        match drive::find_across(&mut self.deframer, &mut self.block, &mut rest) {
            Ok(None) => (rest, false, Ok(None)),
            Ok(Some((Found::Skipped(stretch), _))) => {
                let fresh = self.block.is_empty() && self.deframer.state.is_fresh();
                (rest, fresh, Ok(Some((Found::Skipped(stretch), false))))
            }
            Ok(Some(found)) => (rest, false, Ok(Some(found))),
            Err(error) => (rest, false, Err(error)),
        }
    }

    /// Lends the frame at the front of the chunk's rest, or else of the buffer.
    fn lend_in_chunk<'c: 'd, 'd>(
        &'d mut self,
        rest: &'c [u8],
        extent: Extent,
        in_chunk: bool,
    ) -> (&'c [u8], bool, Option<Frame<'d>>) {
        let at_start = self.deframer.state.is_fresh();
        if !in_chunk {
            // Bytes after the frame are in the buffer only if they were there before.
            let fresh = at_start && extent.fits(self.block.len()) == Some(self.block.len());
            return (rest, fresh, self.lend(extent));
        }
        let (frame, after) = rest.split_at(extent.fits(rest.len()).unwrap_or(rest.len()));
        if extent.is_rewritten() {
            self.append(frame);
            return (after, at_start, self.lend(extent));
        }
        let offset = self.deframer.position().saturating_sub(extent.frame_len());
        (after, at_start, Frame::new(frame, extent, offset))
    }

    /// Takes note of a plain frame that the chunk's end cuts, and takes its first bytes. Nothing has happened where there is
    /// more to it.
    #[inline]
    fn begin_spanning(&mut self, rest: &[u8]) -> bool {
        debug_assert!(self.block.is_empty(), "what is fresh begins in the chunk");
        if let Some(extent) = self.quick.extent(rest) {
            return self.know_spanning(extent, rest);
        }
        let framing = self.deframer.framing();
        if let Kind::Ends { how, .. } = framing.shape().0 {
            let max = framing.max_payload_len();
            let Some(begun) = how.begun().filter(|&begun| rest.len().saturating_add(begun) as u64 <= max) else {
                return false;
            };
            // The walk has searched all of it.
            self.deframer.state.begin_search_at(rest.len().saturating_sub(begun), rest.len());
            self.append(rest);
            return true;
        }
        let mut progress = Progress::default();
        match framing.locate(rest, &mut progress) {
            Ok(Located::Known(extent)) if extent.is_plain() && progress.next == 0 && !rest.is_empty() => {
                self.know_spanning(extent, rest)
            }
            _ => false,
        }
    }

    /// Takes the frame at the front, after filler, into the buffer, if it is complete and rewritten. `rest` begins at this
    /// offset of the stream. Returns the frame's extent, and what follows it.
    fn take_rewritten<'c>(&mut self, rest: &'c [u8], offset: u64) -> Option<(Extent, &'c [u8])> {
        let Kind::Unknown = self.framing().shape().0 else { return None };
        let (extent, from) = locate_complete(self.framing(), rest).filter(|(extent, _)| extent.is_rewritten())?;
        let (frame, after) = from.split_at_checked(extent.len_in_memory())?;
        self.append(frame);
        self.deframer.state.pass_frames_to(offset.wrapping_add((rest.len() - after.len()) as u64));
        Some((extent, after))
    }

    /// Takes the first bytes of the plain frame of this extent, unless it is complete or too long to be held.
    fn know_spanning(&mut self, extent: Extent, rest: &[u8]) -> bool {
        let spans = extent.frame_len() <= isize::MAX as u64 && extent.fits(rest.len()).is_none();
        if spans {
            self.deframer.state.know(extent);
            self.append(rest);
        }
        spans
    }

    /// Fast path of `find_across`, for a frame whose missing bytes are all in the chunk. Returns the frame's extent, and the
    /// rest of the chunk.
    fn finish_spanning<'c>(&mut self, rest: &'c [u8]) -> Option<(Extent, &'c [u8])> {
        if self.lent > 0 {
            return None;
        }
        let before = self.block.len();
        if let Some(extent) = self.deframer.state.plain_extent() {
            let (here, after) = rest.split_at_checked(extent.len_in_memory().checked_sub(before)?)?;
            self.append(here);
            self.deframer.state.pass(extent.frame_len());
            return Some((extent, after));
        }
        if self.deframer.state.searched() != Some(before) {
            return None;
        }
        let Kind::Ends { last, .. } = self.framing().shape().0 else { return None };
        let (here, after) = rest.split_at_checked(last.find(rest)?.wrapping_add(1))?;
        self.append(here);
        let extent = ended(self.deframer.framing(), self.block.bytes());
        match extent {
            Some(extent) => self.deframer.state.pass_plain(extent.frame_len()),
            None => self.block.truncate(before),
        }
        Some((extent?, after))
    }

    /// Takes the part of a chunk that was not returned into the buffer.
    #[inline(never)]
    fn buffer_rest(&mut self, rest: &[u8], offset: u64, fresh: bool) {
        if fresh || !rest.is_empty() || self.lent > 0 || self.block.is_empty() {
            self.commit(offset, fresh);
            self.append(rest);
            self.release();
        }
    }

    /// Advances the deframer past the frames returned from the chunk; drops those returned from the buffer.
    #[inline]
    fn commit(&mut self, offset: u64, fresh: bool) {
        if fresh {
            self.deframer.state.pass_frames_to(offset);
        }
        self.release_keeping_memory();
    }
}
