//! Frames borrowed from a chunk, and the one that spans two.

use core::mem::ManuallyDrop;

use crate::contract::{Extent, Framing};
use crate::decode::block::Block;
use crate::decode::core::{Core, STRIDE};
use crate::decode::deframer::glance::Glance;
use crate::decode::frame::{Event, Frame};
use crate::decode::quick::FEW;
use crate::decode::walk::Walk;
use crate::decode::window::Window;
use crate::error::DecodeError;

/// The frames of a chunk: see [`Decoder::frames_in`](crate::Decoder::frames_in).
///
/// Not an [`Iterator`], because the frame that spans two chunks is borrowed from the decoder.
#[derive(Debug)]
pub struct ChunkFrames<'d, 'c, F: Framing> {
    core: &'d mut Core<F, Block>,
    /// Walks the part of the chunk that has been neither returned nor taken into the decoder.
    walk: Walk<'c>,
    /// Whether the walk is at the start of a frame about which nothing is known. The decoder then lags the walk, and
    /// `commit` brings it here.
    fresh: bool,
    /// Whether the chunk was taken, and completes no frame.
    taken: bool,
}

impl<'d, 'c, F: Framing> ChunkFrames<'d, 'c, F> {
    /// Of a chunk that the decoder has taken.
    #[inline(always)]
    pub(super) fn taken(core: &'d mut Core<F, Block>) -> Self {
        // An empty walk has no place in the stream.
        Self { core, walk: Walk::new(&[], 0), fresh: false, taken: true }
    }

    #[inline(always)]
    pub(super) fn new(core: &'d mut Core<F, Block>, chunk: &'c [u8]) -> Self {
        let fresh = core.window.is_empty() && core.deframer.state.is_fresh();
        // A few bytes that go on with a frame are not worth a walk.
        if !fresh && chunk.len() <= STRIDE {
            core.take_few(chunk);
            return Self { core, walk: Walk::new(&[], 0), fresh, taken: false };
        }
        if fresh && chunk.len() < FEW && core.take_first(chunk) {
            return Self::taken(core);
        }
        // The first bytes of a frame that spans two chunks are in the buffer and have not been passed.
        let start = core.deframer.state.window_offset().wrapping_add(core.window.len() as u64);
        let walk = Walk::new(chunk, start.wrapping_add(chunk.len() as u64));
        Self { core, walk, fresh, taken: false }
    }

    /// The next complete frame. Stretches that the recovery policy skips are only counted.
    ///
    /// # Errors
    ///
    /// As [`Decoder::next_frame`](crate::Decoder::next_frame).
    #[inline(always)]
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        if self.fresh {
            if let Some(frame) = self.walk.next(self.core.framing(), &self.core.quick) {
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
            if let Some(frame) = self.walk.next(self.core.framing(), &self.core.quick) {
                return Ok(Some(Event::Frame(frame)));
            }
        }
        let (rest, fresh, event) = self.core.next_event_in_chunk(self.walk.rest(), self.walk.offset(), self.fresh);
        self.walk.go_on_with(rest);
        self.fresh = fresh;
        event
    }

    /// Whether the decoder has taken the whole chunk, and misses bytes of the frame at hand.
    #[inline(always)]
    fn is_done(&self) -> bool {
        self.taken
            || !self.fresh && self.walk.rest().is_empty() && self.core.deframer.state.is_missing(self.core.window.len())
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
    /// Faster than that for short frames: a loop for each kind of framing is made part of the caller. Cost: more code than a loop
    /// over `next_frame`, by 1 KiB for a prefix, 4.3 KiB for lines, and 9.3 KiB for a framing chosen at run time (x86-64, optimised for
    /// speed, LTO).
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
    pub fn try_for_each<E: From<DecodeError>>(self, mut take: impl FnMut(Frame<'_>) -> Result<(), E>) -> Result<(), E> {
        // A chunk that completes no frame is done with here: what a panic of `take` needs is stored after that.
        let mut this = ManuallyDrop::new(self);
        if this.is_done() {
            return Ok(());
        }
        let (walk, fresh) = (this.walk, this.fresh);
        let mut frames = ChunkFrames { core: &mut *this.core, walk, fresh, taken: false };
        loop {
            if frames.fresh {
                frames.walk.try_for_each(frames.core.framing(), frames.core.quick, &mut take)?;
            }
            let frame = match frames.fresh || !frames.walk.rest().is_empty() {
                true => frames.next_slow()?,
                // All of the chunk is in the buffer, or was.
                false if frames.core.is_before_frame() => return Ok(()),
                false => frames.core.next_frame_of_any()?,
            };
            match frame {
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

/// What a look at the rest of a chunk has found.
enum InRest {
    Frame(Passed),
    /// More bytes are needed.
    Incomplete,
    /// Nothing is known of what is in the buffer.
    Unclear,
}

/// A complete frame, after filler, in the chunk's rest, or else in the buffer. The deframer has passed it.
struct Passed {
    filler: usize,
    extent: Extent,
    in_chunk: bool,
}

/// The slow paths of [`ChunkFrames`], where the walk cannot go from frame to frame.
impl<F: Framing> Core<F, Block> {
    #[inline(never)]
    fn next_frame_in_chunk<'c: 'd, 'd>(
        &'d mut self,
        rest: &'c [u8],
        offset: u64,
        fresh: bool,
    ) -> InChunk<'c, Frame<'d>> {
        match self.glance_in_chunk(rest, offset, fresh) {
            (rest, InRest::Frame(passed)) => {
                let (rest, fresh, frame) = self.lend_in_chunk(rest, passed);
                (rest, fresh, Ok(frame))
            }
            (rest, InRest::Incomplete) => (rest, false, Ok(None)),
            (rest, InRest::Unclear) => (rest, false, self.next_frame_of_any()),
        }
    }

    fn next_event_in_chunk<'c: 'd, 'd>(
        &'d mut self,
        rest: &'c [u8],
        offset: u64,
        fresh: bool,
    ) -> InChunk<'c, Event<'d>> {
        match self.glance_in_chunk(rest, offset, fresh) {
            (rest, InRest::Frame(passed)) => {
                let (rest, fresh, frame) = self.lend_in_chunk(rest, passed);
                (rest, fresh, Ok(frame.map(Event::Frame)))
            }
            (rest, InRest::Incomplete) => (rest, false, Ok(None)),
            (rest, InRest::Unclear) => {
                let found = self.find();
                (rest, false, found.map(|found| found.and_then(|found| self.event(found))))
            }
        }
    }

    /// Looks at the next frame: see [`glance_in`](Self::glance_in). Returns the part of the chunk that is left: none, if a complete
    /// frame is not found.
    #[inline]
    fn glance_in_chunk<'c>(&mut self, mut rest: &'c [u8], offset: u64, fresh: bool) -> (&'c [u8], InRest) {
        if fresh {
            self.commit(offset, fresh);
            if !self.quick.asks_locate() {
                // The walk has found all that are complete.
                self.append(rest);
                return (&[], InRest::Unclear);
            }
        }
        if rest.is_empty() {
            return (rest, InRest::Unclear);
        }
        match self.glance_in(&mut rest) {
            (Glance::Frame { filler, extent }, in_chunk) => (rest, InRest::Frame(Passed { filler, extent, in_chunk })),
            (Glance::Incomplete, _) => {
                // Nothing is left of a chunk that ends with filler.
                self.window.release_memory();
                (rest, InRest::Incomplete)
            }
            (Glance::Unclear, _) => (rest, InRest::Unclear),
        }
    }

    /// Lends the frame that was passed.
    #[inline]
    fn lend_in_chunk<'c: 'd, 'd>(
        &'d mut self,
        rest: &'c [u8],
        Passed { filler, extent, in_chunk }: Passed,
    ) -> (&'c [u8], bool, Option<Frame<'d>>) {
        let len = extent.len_in_memory();
        if !in_chunk {
            // Bytes after the frame are in the buffer only if they were there before.
            let fresh = self.deframer.state.is_fresh() && filler.wrapping_add(len) == self.window.len();
            return (rest, fresh, self.lend(filler, extent));
        }
        let (frame, after) = rest.get(filler..).unwrap_or_default().split_at_checked(len).unwrap_or_default();
        if extent.is_rewritten() {
            self.append(frame);
            // The next frame is probably rewritten too, and the walk would look at it in vain.
            return (after, false, self.lend(0, extent));
        }
        let offset = self.deframer.state.frame_offset().wrapping_sub(extent.frame_len());
        (after, self.deframer.state.is_fresh(), Frame::new(frame, extent, offset))
    }

    /// Takes the part of a chunk that was not returned into the buffer.
    #[inline(never)]
    fn buffer_rest(&mut self, rest: &[u8], offset: u64, fresh: bool) {
        if fresh || !rest.is_empty() || self.lent > 0 || self.window.is_empty() {
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
