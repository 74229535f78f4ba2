//! What the readers share: a decoder and the block that the transport writes into.

use std::io;

use crate::adapt::counters::Counters;
use crate::adapt::trace::Traced;
use crate::contract::{Extent, Framing};
use crate::decode::chunk::ChunkFrames;
use crate::decode::decoder::Decoder;
use crate::decode::drive::{Found, FoundPiece};
use crate::decode::frame::{Batch, Event, Frame, OwnedFrame, Piece};
use crate::error::{DecodeError, EofError};

mod block;

pub(crate) use self::block::BLOCK_LEN;
use self::block::Block;

/// A frame or a stretch that was found, and whether a frame is in the block, or else in the decoder.
pub(crate) type FoundIn = (Found, bool);

#[derive(Debug)]
pub(crate) struct Inlet<F> {
    decoder: Decoder<F>,
    block: Block,
    exact: bool,
    ended: bool,
    /// The reader claimed more bytes than it was offered room for: the place in the stream is lost.
    overrun: bool,
    /// Whether a stream of its frames has ended with an error.
    #[cfg_attr(not(feature = "tokio"), allow(dead_code, reason = "only tokio has such streams"))]
    failed: bool,
    /// How many frames were returned.
    frames: u64,
    traced: Traced,
}

impl<F: Framing> Inlet<F> {
    pub(crate) fn new(decoder: Decoder<F>) -> Self {
        // The decoder of another reader may have seen the end.
        let ended = decoder.has_ended();
        let (block, traced) = (Block::new(BLOCK_LEN), Traced::new());
        Self { decoder, block, exact: false, ended, overrun: false, failed: false, frames: 0, traced }
    }

    pub(crate) fn set_block_len(&mut self, len: usize) {
        self.collect();
        self.block = Block::new(len.max(1));
    }

    pub(crate) const fn set_exact(&mut self, exact: bool) {
        self.exact = exact;
    }

    pub(crate) const fn decoder(&self) -> &Decoder<F> {
        &self.decoder
    }

    pub(crate) fn buffered(&self) -> usize {
        self.decoder.buffered().len().saturating_add(self.block.window().len())
    }

    pub(crate) fn heap(&self) -> usize {
        self.decoder.capacity().saturating_add(self.block.bytes.len())
    }

    pub(crate) const fn has_ended(&self) -> bool {
        self.ended
    }

    #[cfg(feature = "tokio")]
    pub(crate) const fn has_failed(&self) -> bool {
        self.failed
    }

    #[cfg(feature = "tokio")]
    pub(crate) const fn set_failed(&mut self, failed: bool) {
        self.failed = failed;
    }

    pub(crate) fn map<G: Framing>(mut self, change: impl FnOnce(Decoder<F>) -> Decoder<G>) -> Inlet<G> {
        self.collect();
        let Self { decoder, block, exact, ended, overrun, failed, frames, traced, .. } = self;
        let decoder = change(decoder);
        Inlet { decoder, block, exact, ended, overrun, failed, frames, traced }
    }

    pub(crate) fn set_framing(&mut self, framing: F) {
        self.decoder.set_framing(framing);
    }

    pub(crate) fn into_decoder(mut self) -> Decoder<F> {
        self.collect();
        self.decoder
    }

    /// Moves the rest of the block into the decoder.
    fn collect(&mut self) {
        if !self.block.window().is_empty() {
            self.decoder.take_in(self.block.window());
            self.block.keep(0);
        }
    }

    /// One read: `read` writes to the room that it is given, and returns how many bytes. 0 is the end of the stream. Returns whether
    /// a frame may be complete: if not, a caller that waits for one reads again.
    ///
    /// To be called only when nothing was found. An error of `read` takes no bytes.
    #[inline]
    pub(crate) fn fill<E: From<io::Error>>(
        &mut self,
        read: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<bool, E> {
        debug_assert!(self.block.window().is_empty(), "all that was read has been looked at");
        if self.overrun {
            return Err(overrun().into());
        }
        self.traced.skips(self.decoder.skipped());
        let want = if self.exact { self.decoder.need().max(1) } else { usize::MAX };
        let room = self.block.room();
        let offered = room.len().min(want);
        let count = read(room.get_mut(..offered).unwrap_or_default())?;
        if count > offered {
            // Nobody knows what it has read, and the block may hold bytes of another connection.
            self.overrun = true;
            self.park();
            return Err(overrun().into());
        }
        if count == 0 {
            self.end();
        } else if self.decoder.take_part(room.get(..count).unwrap_or_default()) {
            return Ok(!self.decoder.is_incomplete());
        }
        self.block.end = count;
        Ok(true)
    }

    /// The stream has ended.
    #[cold]
    fn end(&mut self) {
        self.ended = true;
        self.park();
        let offset = self.decoder.position().saturating_add(self.decoder.buffered().len() as u64);
        self.traced.ended(offset);
    }

    /// Nothing will come for a while.
    pub(crate) fn park(&mut self) {
        self.decoder.take_in(self.block.window());
        self.block.give_back();
    }

    /// The next frame in the block, and its length, where that is seen at once.
    #[inline]
    pub(crate) fn see(&self) -> Option<(Extent, usize)> {
        self.decoder.see_in(self.block.window())
    }

    /// The frame that was seen.
    #[inline]
    pub(crate) fn lend_seen(&mut self, (extent, len): (Extent, usize)) -> Option<Frame<'_>> {
        self.frames = self.frames.wrapping_add(1);
        let (start, offset) = (self.block.start, self.decoder.pass_in(len));
        self.block.start = start.wrapping_add(len);
        Frame::new(self.block.bytes.get(start..self.block.end)?, extent, offset)
    }

    #[inline]
    pub(crate) fn find(&mut self) -> Result<Option<FoundIn>, DecodeError> {
        let mut rest = self.block.window();
        let found = self.decoder.find_in(&mut rest);
        let left = rest.len();
        self.block.keep(left);
        found.inspect_err(|error| self.traced.failed(error))
    }

    /// The frame that was found, until the next call. A frame that is rewritten is opened where it lies.
    #[inline]
    pub(crate) fn lend(&mut self, found: FoundIn) -> Option<Frame<'_>> {
        let extent = match found {
            (Found::Frame(extent), is_in_block) => {
                self.frames = self.frames.wrapping_add(1);
                if !is_in_block {
                    return self.decoder.lend_found(extent);
                }
                extent
            }
            (Found::Skipped(_), _) => return None,
        };
        let offset = self.decoder.position().saturating_sub(extent.frame_len());
        let start = self.block.start;
        let len = extent.fits(self.block.window().len())?;
        self.block.start = start.saturating_add(len);
        let frame = self.block.bytes.get_mut(start..self.block.end)?;
        Frame::open(self.decoder.framing(), frame, extent, offset)
    }

    /// The event that was found, until the next call.
    pub(crate) fn event(&mut self, found: FoundIn) -> Option<Event<'_>> {
        match found {
            (Found::Frame(_), _) => self.lend(found).map(Event::Frame),
            (Found::Skipped(stretch), _) => Some(Event::Skipped(stretch)),
        }
    }

    pub(crate) fn find_piece(&mut self) -> Result<Option<FoundPiece>, DecodeError> {
        self.collect();
        self.decoder.find_piece().inspect_err(|error| self.traced.failed(error))
    }

    pub(crate) fn lend_piece(&mut self, found: FoundPiece) -> Option<Piece<'_>> {
        self.decoder.lend_piece(found).inspect(|piece| self.frames = self.frames.wrapping_add(ends(piece)))
    }

    pub(crate) fn next_bytes(&mut self) -> Result<Option<OwnedFrame>, DecodeError> {
        self.collect();
        let found = self.decoder.next_bytes().inspect_err(|error| self.traced.failed(error))?;
        self.count(found.is_some().into());
        Ok(found)
    }

    pub(crate) fn next_batch(&mut self) -> Result<Option<Batch>, DecodeError> {
        self.collect();
        let found = self.decoder.next_batch().inspect_err(|error| self.traced.failed(error))?;
        self.count(found.as_ref().map_or(0, |batch| batch.len() as u64));
        Ok(found)
    }

    /// The line is silent: see [`Decoder::idle`].
    pub(crate) fn idle(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        self.collect();
        let found = self.decoder.idle().inspect_err(|error| self.traced.failed(error))?;
        self.frames = self.frames.wrapping_add(found.is_some().into());
        Ok(found)
    }

    /// As [`idle`](Self::idle), but also returns what was skipped.
    pub(crate) fn idle_event(&mut self) -> Result<Option<Event<'_>>, DecodeError> {
        self.collect();
        let found = self.decoder.idle_event().inspect_err(|error| self.traced.failed(error))?;
        self.frames = self.frames.wrapping_add(is_frame(found.as_ref()));
        Ok(found)
    }

    pub(crate) fn finish(&mut self) -> Result<Option<Frame<'_>>, EofError> {
        let found = self.decoder.finish().inspect_err(|error| self.traced.cut(error))?;
        self.frames = self.frames.wrapping_add(found.is_some().into());
        Ok(found)
    }

    pub(crate) fn finish_event(&mut self) -> Result<Option<Event<'_>>, EofError> {
        let found = self.decoder.finish_event().inspect_err(|error| self.traced.cut(error))?;
        self.frames = self.frames.wrapping_add(is_frame(found.as_ref()));
        Ok(found)
    }

    pub(crate) fn finish_piece(&mut self) -> Result<Option<Piece<'_>>, EofError> {
        let found = self.decoder.finish_piece().inspect_err(|error| self.traced.cut(error))?;
        self.frames = self.frames.wrapping_add(found.as_ref().map_or(0, ends));
        Ok(found)
    }

    /// As [`finish`](Self::finish), owned.
    pub(crate) fn finish_bytes(&mut self) -> Result<Option<OwnedFrame>, EofError> {
        let found = self.decoder.finish_bytes().inspect_err(|error| self.traced.cut(error))?;
        self.count(found.is_some().into());
        Ok(found)
    }

    /// As [`finish`](Self::finish), in a batch of one.
    pub(crate) fn finish_batch(&mut self) -> Result<Option<Batch>, EofError> {
        Ok(self.finish_bytes()?.map(Batch::of))
    }

    const fn count(&mut self, frames: u64) {
        self.frames = self.frames.wrapping_add(frames);
    }

    pub(crate) fn counters(&self) -> Counters {
        Counters { frames: self.frames, bytes: self.decoder.position(), skipped: *self.decoder.skipped() }
    }

    /// Whether another read is needed before a group of frames can be looked for.
    pub(crate) fn needs_read(&mut self) -> Result<bool, DecodeError> {
        if let Some(error) = self.decoder.failed() {
            return Err(error);
        }
        // A skipped stretch may be ready when all its bytes have left the buffer.
        let may_have_more = !self.decoder.buffered().is_empty() || self.decoder.is_skipping();
        let has_more = !self.block.window().is_empty() || (may_have_more && self.decoder.need() == 0);
        Ok(!self.ended && !has_more)
    }

    /// All frames of the bytes that were read. After the end the remaining ones, until they are taken; then nothing, or the
    /// same error at every call.
    pub(crate) fn frames(&mut self) -> io::Result<Option<Frames<'_, F>>> {
        let source = if self.ended {
            self.collect();
            if !self.decoder.has_more_at_eof()? {
                return Ok(None);
            }
            Source::End(&mut self.decoder)
        } else {
            let (start, end) = (self.block.start, self.block.end);
            self.block.keep(0);
            Source::Block(self.decoder.frames_in(self.block.bytes.get(start..end).unwrap_or_default())?)
        };
        Ok(Some(Frames { source, count: &mut self.frames, traced: &mut self.traced }))
    }
}

/// 1 for the end of a frame.
const fn ends(piece: &Piece<'_>) -> u64 {
    matches!(piece, Piece::End { .. }) as u64
}

/// 1 for a frame.
const fn is_frame(event: Option<&Event<'_>>) -> u64 {
    matches!(event, Some(Event::Frame(_))) as u64
}

fn overrun() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the reader claims more bytes than it was offered room for")
}

/// What every reader of frames has, whichever way it waits. The attributes are the documentation of `exact`.
macro_rules! frame_reader {
    ($(#[$exact:meta])+) => {
        impl<R, F: Framing> FrameReader<R, F> {
            /// Creates a reader for a new stream. Does not allocate.
            pub fn new(inner: R, framing: F) -> Self {
                Self::from_parts(inner, Decoder::new(framing))
            }

            /// Creates a reader in the middle of a stream: it continues where `decoder` is.
            pub fn from_parts(inner: R, decoder: Decoder<F>) -> Self {
                Self { inlet: Inlet::new(decoder), inner }
            }

            /// Returns the reader inside, and the decoder with all bytes that were read and not returned.
            pub fn into_parts(self) -> (R, Decoder<F>) {
                (self.inner, self.inlet.into_decoder())
            }

            /// Sets how many bytes are read at a time, at most. With another length than the default of 64 KiB the block
            /// is the reader's own.
            #[must_use]
            pub fn with_block_len(mut self, len: usize) -> Self {
                self.inlet.set_block_len(len);
                self
            }

            /// Sets the policy for rejected frames. A stored error stays.
            #[must_use]
            pub fn with_recovery(self, recovery: Recovery) -> Self {
                Self { inlet: self.inlet.map(|decoder| decoder.with_recovery(recovery)), inner: self.inner }
            }

            $(#[$exact])+
            #[must_use]
            pub fn exact(mut self) -> Self {
                self.set_exact(true);
                self
            }

            /// Reports that the line was silent for longer than a frame may pause, after a read that timed out. Returns the
            /// remaining frames, one with each call, and then `None`. Call it in a loop: see [`Decoder::idle`].
            ///
            /// # Errors
            ///
            /// `InvalidData` with a [`DecodeError`](crate::DecodeError) if the policy does not skip an unfinished frame.
            /// Every later call returns it again.
            pub fn idle(&mut self) -> io::Result<Option<Frame<'_>>> {
                Ok(self.inlet.idle()?)
            }

            /// As [`idle`](Self::idle), but also returns what was skipped.
            ///
            /// # Errors
            ///
            /// As [`idle`](Self::idle).
            pub fn idle_event(&mut self) -> io::Result<Option<Event<'_>>> {
                Ok(self.inlet.idle_event()?)
            }

            /// Sets whether the reader is [`exact`](Self::exact).
            pub const fn set_exact(&mut self, exact: bool) {
                self.inlet.set_exact(exact);
            }

            /// Continues with another framing. Bytes already read stay, and so do the policy and the count of what
            /// was skipped.
            pub fn with_framing<G: Framing>(self, framing: G) -> FrameReader<R, G> {
                FrameReader { inlet: self.inlet.map(|decoder| decoder.with_framing(framing)), inner: self.inner }
            }

            /// Continues with another framing of the same type, as [`with_framing`](Self::with_framing) does. An error
            /// or the end that was reached stays.
            pub fn set_framing(&mut self, framing: F) {
                self.inlet.set_framing(framing);
            }

            /// Returns the framing.
            pub const fn framing(&self) -> &F {
                self.inlet.decoder().framing()
            }

            /// Returns the reader inside.
            pub const fn get_ref(&self) -> &R {
                &self.inner
            }

            /// Returns the reader inside. Bytes taken from it are missing here.
            pub const fn get_mut(&mut self) -> &mut R {
                &mut self.inner
            }

            /// Returns the offset in the stream of the first byte that was neither returned nor skipped.
            pub fn position(&self) -> u64 {
                self.inlet.decoder().position()
            }

            /// Returns how many frames and bytes arrived so far. Cost: an addition for each frame.
            pub fn counters(&self) -> Counters {
                self.inlet.counters()
            }

            /// Returns what was skipped so far.
            pub const fn skipped(&self) -> &Skips {
                self.inlet.decoder().skipped()
            }

            /// Returns whether a rejected frame is being skipped, whose end has not arrived.
            pub const fn is_skipping(&self) -> bool {
                self.inlet.decoder().is_skipping()
            }

            /// Returns how many bytes were read and not returned.
            pub fn buffered(&self) -> usize {
                self.inlet.buffered()
            }

            /// Returns how many bytes of heap memory are in use.
            pub fn capacity(&self) -> usize {
                self.inlet.heap()
            }

            /// Returns whether the reader inside has reported the end of the stream. It is not called again.
            pub const fn has_ended(&self) -> bool {
                self.inlet.has_ended()
            }
        }
    };
}

pub(crate) use frame_reader;

/// The frames of one read: see `read_frames` of the readers.
#[derive(Debug)]
pub struct Frames<'a, F: Framing> {
    source: Source<'a, F>,
    count: &'a mut u64,
    traced: &'a mut Traced,
}

#[derive(Debug)]
enum Source<'a, F: Framing> {
    Block(ChunkFrames<'a, 'a, F>),
    End(&'a mut Decoder<F>),
}

impl<F: Framing> Frames<'_, F> {
    /// Returns the next complete frame. Stretches that the recovery policy skips are only counted.
    ///
    /// # Errors
    ///
    /// As `read_frame` of the readers.
    #[inline]
    pub fn next_frame(&mut self) -> io::Result<Option<Frame<'_>>> {
        let found = match &mut self.source {
            Source::Block(frames) => frames.next_frame().inspect_err(|error| self.traced.failed(error))?,
            Source::End(decoder) => decoder.finish().inspect_err(|error| self.traced.cut(error))?,
        };
        *self.count = self.count.wrapping_add(found.is_some().into());
        Ok(found)
    }

    /// Returns the next complete frame, or what was skipped in its place, in the order of the stream.
    ///
    /// # Errors
    ///
    /// As [`next_frame`](Self::next_frame).
    pub fn next_event(&mut self) -> io::Result<Option<Event<'_>>> {
        let found = match &mut self.source {
            Source::Block(frames) => frames.next_event().inspect_err(|error| self.traced.failed(error))?,
            Source::End(decoder) => decoder.finish_event().inspect_err(|error| self.traced.cut(error))?,
        };
        *self.count = self.count.wrapping_add(is_frame(found.as_ref()));
        Ok(found)
    }

    /// Calls `take` with every complete frame. For short frames this is faster than [`next_frame`](Self::next_frame).
    ///
    /// # Errors
    ///
    /// As [`next_frame`](Self::next_frame). The frames before the error have been returned.
    #[inline]
    pub fn for_each(self, mut take: impl FnMut(Frame<'_>)) -> io::Result<()> {
        let Self { source, count, traced } = self;
        match source {
            Source::Block(frames) => {
                // A number of its own, so that the loop keeps it in a register.
                let mut taken = 0_u64;
                let result = frames.for_each(|frame| {
                    taken = taken.wrapping_add(1);
                    take(frame);
                });
                *count = count.wrapping_add(taken);
                Ok(result.inspect_err(|error| traced.failed(error))?)
            }
            Source::End(decoder) => {
                while let Some(frame) = decoder.finish().inspect_err(|error| traced.cut(error))? {
                    *count = count.wrapping_add(1);
                    take(frame);
                }
                Ok(())
            }
        }
    }
}
