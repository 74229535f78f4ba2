//! What the readers share: a decoder and the block that the transport writes into.

use std::cell::Cell;
use std::io;
use std::vec::Vec;

use crate::contract::Framing;
use crate::decode::chunk::ChunkFrames;
use crate::decode::decoder::{Decoder, Found, FoundPiece};
use crate::decode::frame::{Batch, Frame, OwnedFrame, Piece};
use crate::error::{DecodeError, EofError};

/// Large enough that a busy connection is read in few calls, small enough to stay in the cache.
pub(crate) const BLOCK_LEN: usize = 64 * 1024;

std::thread_local! {
    /// A block that no reader of this thread is using: a thousand idle connections own none at all.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Room for one read, and what of it has not been looked at.
///
/// It holds bytes only between two frames of one read: what the end of a read cuts goes to the decoder.
#[derive(Debug)]
struct Block {
    /// Empty, or of `len` bytes.
    bytes: Vec<u8>,
    len: usize,
    start: usize,
    end: usize,
}

impl Block {
    const fn new(len: usize) -> Self {
        Self { bytes: Vec::new(), len, start: 0, end: 0 }
    }

    #[inline]
    fn window(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// Keeps the last `len` bytes of the window.
    #[inline]
    fn keep(&mut self, len: usize) {
        self.start = self.end.saturating_sub(len);
    }

    fn room(&mut self) -> &mut [u8] {
        if self.bytes.is_empty() {
            if self.len == BLOCK_LEN {
                self.bytes = SPARE.try_with(Cell::take).unwrap_or_default();
            }
            // Zeroed by the allocator where it can, so that pages nobody writes to cost nothing.
            if self.bytes.is_empty() {
                self.bytes = std::vec![0; self.len];
            }
        }
        self.start = 0;
        self.end = 0;
        &mut self.bytes
    }

    /// Gives the memory to the next reader of this thread.
    fn give_back(&mut self) {
        let bytes = core::mem::take(&mut self.bytes);
        self.start = 0;
        self.end = 0;
        if bytes.len() == BLOCK_LEN {
            // A thread that is ending has no use for it.
            let _ = SPARE.try_with(|spare| spare.set(bytes));
        }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        self.give_back();
    }
}

#[derive(Debug)]
pub(crate) struct Inlet<F> {
    decoder: Decoder<F>,
    block: Block,
    exact: bool,
    ended: bool,
    /// Whether the frames that the end left have been lent out.
    finished: bool,
}

impl<F: Framing> Inlet<F> {
    pub(crate) fn new(decoder: Decoder<F>) -> Self {
        Self { decoder, block: Block::new(BLOCK_LEN), exact: false, ended: false, finished: false }
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

    pub(crate) fn map<G: Framing>(mut self, change: impl FnOnce(Decoder<F>) -> Decoder<G>) -> Inlet<G> {
        self.collect();
        let Self { decoder, block, exact, ended, finished } = self;
        Inlet { decoder: change(decoder), block, exact, ended, finished }
    }

    pub(crate) fn into_decoder(mut self) -> Decoder<F> {
        self.collect();
        self.decoder
    }

    /// Moves what is left of the block into the decoder.
    fn collect(&mut self) {
        if !self.block.window().is_empty() {
            self.decoder.take_in(self.block.window());
            self.block.keep(0);
        }
    }

    /// Room for the next read. To be asked for only when nothing was found.
    pub(crate) fn room(&mut self) -> &mut [u8] {
        debug_assert!(self.block.window().is_empty(), "all that was read has been looked at");
        let want = if self.exact { self.decoder.need().max(1) } else { usize::MAX };
        let room = self.block.room();
        let len = room.len().min(want);
        room.get_mut(..len).unwrap_or_default()
    }

    /// What came of a read: so many bytes of the room, or the end.
    pub(crate) fn filled(&mut self, count: usize) {
        // A reader that claims more than it was offered is not believed.
        self.block.end = count.min(self.block.bytes.len());
        if count == 0 {
            self.ended = true;
            self.park();
        }
    }

    /// Nothing will come for a while.
    pub(crate) fn park(&mut self) {
        self.decoder.take_in(self.block.window());
        self.block.give_back();
    }

    /// Room to read straight into the decoder, for frames that are to be owned.
    #[cfg(feature = "tokio")]
    pub(crate) fn spare(&mut self) -> Result<impl bytes::BufMut, crate::error::Closed> {
        self.collect();
        if self.exact {
            let need = self.decoder.need().max(1);
            return self.decoder.spare(need.min(self.block.len));
        }
        // Room that is there is used up before more is made, so that a trickle does not grow it. But there must be some: a
        // read into none cannot be told from the end.
        let room = self.decoder.room();
        self.decoder.spare(if room <= self.block.len / 4 { self.block.len } else { room })
    }

    #[inline]
    pub(crate) fn find(&mut self) -> Result<Option<Found>, DecodeError> {
        let mut rest = self.block.window();
        let found = self.decoder.find_in(&mut rest);
        let left = rest.len();
        self.block.keep(left);
        found
    }

    /// The frame that was found, until the next call.
    #[inline]
    pub(crate) fn lend(&mut self, found: Found) -> Option<Frame<'_>> {
        let start = self.block.start;
        if found.in_chunk {
            let len = found.extent.fits(self.block.window().len()).unwrap_or_default();
            self.block.start = start.saturating_add(len);
        }
        self.decoder.lend(found, self.block.bytes.get(start..self.block.end).unwrap_or_default())
    }

    pub(crate) fn find_piece(&mut self) -> Result<Option<FoundPiece>, DecodeError> {
        self.collect();
        self.decoder.find_piece()
    }

    pub(crate) fn lend_piece(&mut self, found: FoundPiece) -> Option<Piece<'_>> {
        self.decoder.lend_piece(found)
    }

    pub(crate) fn next_bytes(&mut self) -> Result<Option<OwnedFrame>, DecodeError> {
        self.collect();
        self.decoder.next_bytes()
    }

    pub(crate) fn next_batch(&mut self) -> Result<Option<Batch>, DecodeError> {
        self.collect();
        self.decoder.next_batch()
    }

    pub(crate) fn finish(&mut self) -> Result<Option<Frame<'_>>, EofError> {
        self.decoder.finish()
    }

    pub(crate) fn finish_piece(&mut self) -> Result<Option<Piece<'_>>, EofError> {
        self.decoder.finish_piece()
    }

    /// As [`finish`](Self::finish), owned.
    pub(crate) fn finish_bytes(&mut self) -> Result<Option<OwnedFrame>, EofError> {
        self.decoder.finish_bytes()
    }

    /// Whether a group of frames can be looked for without another read.
    pub(crate) fn has_more(&mut self) -> bool {
        !self.block.window().is_empty() || (!self.decoder.buffered().is_empty() && self.decoder.need() == 0)
    }

    /// What the end left: frames once, then nothing, or the same error at every call.
    pub(crate) fn frames_at_end(&mut self) -> io::Result<Option<Frames<'_, F>>> {
        if core::mem::replace(&mut self.finished, true) {
            self.decoder.finish()?;
            return Ok(None);
        }
        Ok(Some(Frames { source: Source::End(&mut self.decoder) }))
    }

    /// All frames of what has been read.
    pub(crate) fn frames(&mut self) -> io::Result<Frames<'_, F>> {
        let (start, end) = (self.block.start, self.block.end);
        self.block.keep(0);
        let window = self.block.bytes.get(start..end).unwrap_or_default();
        Ok(Frames { source: Source::Block(self.decoder.frames_in(window).map_err(io::Error::from)?) })
    }
}

/// What every reader of frames has, whichever way it waits. The attributes are the documentation of `exact`.
macro_rules! frame_reader {
    ($(#[$exact:meta])+) => {
        impl<R, F: Framing> FrameReader<R, F> {
            /// At the start of a stream. No allocation.
            pub fn new(inner: R, framing: F) -> Self {
                Self::from_parts(inner, Decoder::new(framing))
            }

            /// In the middle of a stream: goes on where `decoder` is.
            pub fn from_parts(inner: R, decoder: Decoder<F>) -> Self {
                Self { inlet: Inlet::new(decoder), inner }
            }

            /// The reader and all that was read and not handed out, for whoever goes on with the stream.
            pub fn into_parts(self) -> (R, Decoder<F>) {
                (self.inner, self.inlet.into_decoder())
            }

            /// The same, reading up to `len` bytes at a time. With another length than the default of 64 KiB the block is the
            /// reader's own.
            #[must_use]
            pub fn with_block_len(mut self, len: usize) -> Self {
                self.inlet.set_block_len(len);
                self
            }

            $(#[$exact])+
            #[must_use]
            pub fn exact(mut self) -> Self {
                self.set_exact(true);
                self
            }

            /// Switches [`exact`](Self::exact) on or off.
            pub const fn set_exact(&mut self, exact: bool) {
                self.inlet.set_exact(exact);
            }

            /// The same stream with another framing from here on. What was read ahead stays.
            pub fn with_framing<G: Framing>(self, framing: G) -> FrameReader<R, G> {
                FrameReader { inlet: self.inlet.map(|decoder| decoder.with_framing(framing)), inner: self.inner }
            }

            /// The framing.
            pub const fn framing(&self) -> &F {
                self.inlet.decoder().framing()
            }

            /// The reader inside.
            pub const fn get_ref(&self) -> &R {
                &self.inner
            }

            /// The reader inside. Bytes taken from it are missing here.
            pub const fn get_mut(&mut self) -> &mut R {
                &mut self.inner
            }

            /// Offset in the stream of the first byte that was neither handed out nor skipped.
            pub fn position(&self) -> u64 {
                self.inlet.decoder().position()
            }

            /// Bytes that were read and not handed out.
            pub fn buffered(&self) -> usize {
                self.inlet.buffered()
            }

            /// Bytes of heap memory in use.
            pub fn capacity(&self) -> usize {
                self.inlet.heap()
            }

            /// Whether the reader inside has given its end. It is not asked again.
            pub const fn has_ended(&self) -> bool {
                self.inlet.has_ended()
            }
        }
    };
}

pub(crate) use frame_reader;

/// The frames that came with one read: see `read_frames` of the readers.
#[derive(Debug)]
pub struct Frames<'a, F: Framing> {
    source: Source<'a, F>,
}

#[derive(Debug)]
enum Source<'a, F: Framing> {
    Block(ChunkFrames<'a, 'a, F>),
    End(&'a mut Decoder<F>),
}

impl<F: Framing> Frames<'_, F> {
    /// The next frame that is whole.
    ///
    /// # Errors
    ///
    /// As `read_frame` of the readers.
    #[inline]
    pub fn next_frame(&mut self) -> io::Result<Option<Frame<'_>>> {
        match &mut self.source {
            Source::Block(frames) => Ok(frames.next_frame()?),
            Source::End(decoder) => Ok(decoder.finish()?),
        }
    }

    /// Hands every frame that is whole to `take`: quicker than [`next_frame`](Self::next_frame) for short frames.
    ///
    /// # Errors
    ///
    /// As [`next_frame`](Self::next_frame). The frames before it have been handed out.
    #[inline]
    pub fn for_each(self, mut take: impl FnMut(Frame<'_>)) -> io::Result<()> {
        match self.source {
            Source::Block(frames) => Ok(frames.for_each(take)?),
            Source::End(decoder) => {
                while let Some(frame) = decoder.finish()? {
                    take(frame);
                }
                Ok(())
            }
        }
    }
}
