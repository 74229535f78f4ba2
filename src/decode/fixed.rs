//! A decoder in a fixed array.

use crate::contract::Framing;
use crate::decode::core::Core;
use crate::decode::deframer::Deframer;
use crate::decode::frame::{Event, Frame, Piece};
use crate::decode::quick::Quick;
use crate::decode::recovery::{Recovery, Skips};
use crate::decode::window::FixedWindow;
use crate::error::{Closed, DecodeError, EofError};

#[cfg(feature = "embedded-io")]
mod reader;

/// A decoder without an allocator: it has most calls of [`Decoder`](crate::Decoder) and uses memory that the caller provides.
/// [`push`](Self::push) takes as much of a chunk as there is room for.
///
/// The memory is a limit of its own: a longer frame, header and trailer included, is rejected with
/// [`DecodeErrorKind::Oversize`](crate::DecodeErrorKind::Oversize), like a frame over the framing's limit. For
/// a frame that the end of the stream ends, there must be room for the frame and one more byte.
///
/// With [`next_piece`](Self::next_piece) a payload may be larger than the memory. The memory must be large enough for each of these: the
/// header and one byte; the header and the trailer; the complete line of a [`LineThenBlock`](crate::LineThenBlock). The whole frame
/// must fit in two cases: if it is [in one piece](crate::contract::Extent::is_in_one_piece), or if the policy is `Resync` or
/// `ResyncConfirmed`.
///
/// ```
/// use anysplit::{FixedDecoder, Stuffed};
///
/// let mut decoder = FixedDecoder::new(Stuffed::slip(), [0; 64]);
/// let mut chunk = &b"\xc0hi\xc0\xc0a\xdb\xdcb\xc0"[..];
/// let mut lengths = [0; 2];
/// let mut count = 0;
/// while !chunk.is_empty() {
///     // Takes as much as there is room for.
///     let taken = decoder.push(chunk)?;
///     chunk = &chunk[taken..];
///     while let Some(frame) = decoder.next_frame()? {
///         lengths[count] = frame.payload().len();
///         count += 1;
///     }
/// }
/// assert_eq!(lengths, [2, 3]);
/// assert!(decoder.finish()?.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As with [`Decoder`](crate::Decoder).
#[derive(Clone, Debug)]
pub struct FixedDecoder<F, B> {
    /// What it keeps of the framing's promises is set by [`prepare`](Self::prepare): a `const fn` cannot ask a framing.
    core: Core<F, FixedWindow<B>>,
}

impl<F: Framing, B: AsRef<[u8]> + AsMut<[u8]>> FixedDecoder<F, B> {
    /// Creates a decoder for a new stream, over this memory, such as `[0; 256]` or a `&mut [u8]`.
    pub const fn new(framing: F, memory: B) -> Self {
        Self { core: Core::over(Deframer::new(framing), FixedWindow::new(memory)) }
    }

    /// Sets the policy for rejected frames. A stored error stays.
    #[must_use]
    pub fn with_recovery(self, recovery: Recovery) -> Self {
        Self { core: self.core.with_recovery(recovery) }
    }

    /// Takes the next bytes of the stream, as many as there is room for, and returns how many it took. There is room for at least
    /// one when [`next_frame`](Self::next_frame) has returned `None`.
    ///
    /// Cost: one copy of the chunk; sometimes one of the buffered bytes.
    ///
    /// # Errors
    ///
    /// [`Closed`] after an error or after the end. No byte was taken.
    #[inline]
    pub fn push(&mut self, chunk: &[u8]) -> Result<usize, Closed> {
        if self.core.take_quiet(chunk) {
            return Ok(chunk.len());
        }
        self.core.check_open()?;
        self.prepare();
        self.core.release();
        let written = self.core.window.write(chunk);
        self.core.look_ahead(written);
        self.core.window.grow(written.len());
        Ok(written.len())
    }

    /// Returns free memory for up to `len` more bytes of the stream. [`commit`](Self::commit) takes what was written to it.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub fn spare(&mut self, len: usize) -> Result<&mut [u8], Closed> {
        self.core.check_open()?;
        self.core.release();
        Ok(self.room(len))
    }

    /// As [`spare`](Self::spare), whatever has occurred.
    pub(crate) fn room(&mut self, len: usize) -> &mut [u8] {
        self.prepare();
        self.core.window.room(len)
    }

    /// Takes the first `len` bytes that were written to [`spare`](Self::spare).
    pub fn commit(&mut self, len: usize) {
        self.core.window.grow(len);
    }

    /// Returns the next frame, if it is complete. Stretches that the [`Recovery`] policy skips are only counted.
    ///
    /// # Errors
    ///
    /// [`DecodeError`], each time the same.
    #[inline]
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        if self.core.is_incomplete() {
            return Ok(None);
        }
        self.prepare();
        self.core.next_frame_of_any()
    }

    /// Returns the next frame, or what was skipped in its place, in the order of the stream.
    ///
    /// # Errors
    ///
    /// As [`next_frame`](Self::next_frame).
    pub fn next_event(&mut self) -> Result<Option<Event<'_>>, DecodeError> {
        self.prepare();
        let found = self.core.find()?;
        Ok(found.and_then(|found| self.core.event(found)))
    }

    /// Returns the next piece of a frame: its payload is returned as it arrives, so that it may be larger than the memory.
    ///
    /// # Errors
    ///
    /// As [`Decoder::next_piece`](crate::Decoder::next_piece).
    pub fn next_piece(&mut self) -> Result<Option<Piece<'_>>, DecodeError> {
        self.prepare();
        let found = self.core.find_piece()?;
        Ok(found.and_then(|found| self.core.lend_piece(found)))
    }

    /// The stream has ended: returns the remaining frames, one with each call, and then `None`. Call it in a loop, as
    /// [`Decoder::finish`](crate::Decoder::finish).
    ///
    /// # Errors
    ///
    /// [`EofError`] if the stream ended inside a frame; each time the same.
    pub fn finish(&mut self) -> Result<Option<Frame<'_>>, EofError> {
        self.prepare();
        let extent = self.core.find_frame_at_eof()?;
        Ok(extent.and_then(|extent| self.core.lend(0, extent)))
    }

    /// As [`finish`](Self::finish), but also returns what was skipped.
    ///
    /// # Errors
    ///
    /// As [`finish`](Self::finish).
    pub fn finish_event(&mut self) -> Result<Option<Event<'_>>, EofError> {
        self.prepare();
        let found = self.core.find_at_eof()?;
        Ok(found.and_then(|found| self.core.event(found)))
    }

    /// As [`finish`](Self::finish), for a payload that is returned in pieces.
    ///
    /// # Errors
    ///
    /// As [`finish`](Self::finish).
    pub fn finish_piece(&mut self) -> Result<Option<Piece<'_>>, EofError> {
        self.prepare();
        let found = self.core.find_piece_at_eof()?;
        Ok(found.and_then(|found| self.core.lend_piece(found)))
    }

    /// Reports a silence on the line, as [`Decoder::idle`](crate::Decoder::idle): later bytes do not belong to an unfinished frame.
    /// Returns the remaining frames, one with each call, and then `None`. Call it in a loop.
    ///
    /// # Errors
    ///
    /// As [`Decoder::idle`](crate::Decoder::idle).
    pub fn idle(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        self.prepare();
        self.core.idle()
    }

    /// As [`idle`](Self::idle), but also returns what was skipped.
    ///
    /// # Errors
    ///
    /// As [`idle`](Self::idle).
    pub fn idle_event(&mut self) -> Result<Option<Event<'_>>, DecodeError> {
        self.prepare();
        let found = self.core.find_at_silence()?;
        Ok(found.and_then(|found| self.core.event(found)))
    }

    /// Returns how many more bytes the next frame needs at least: 0 if it is complete, or after an error.
    pub fn need(&mut self) -> usize {
        self.prepare();
        self.core.need()
    }

    /// Returns what was skipped so far.
    pub const fn skipped(&self) -> &Skips {
        self.core.deframer.skipped()
    }

    /// Returns whether a rejected frame is being skipped, whose end has not arrived.
    pub const fn is_skipping(&self) -> bool {
        self.core.deframer.is_skipping()
    }

    /// Returns the offset in the stream of the first byte that was neither returned nor skipped.
    pub const fn position(&self) -> u64 {
        self.core.deframer.position()
    }

    /// Returns the received bytes that were not returned yet.
    pub fn buffered(&self) -> &[u8] {
        self.core.buffered()
    }

    /// Returns the framing.
    pub const fn framing(&self) -> &F {
        self.core.deframer.framing()
    }

    /// Continues with another framing. Bytes that were already received stay, and so do the position, the policy and the count of
    /// what was skipped.
    pub fn with_framing<G: Framing>(self, framing: G) -> FixedDecoder<G, B> {
        let quick = Quick::of(&framing).within(self.core.window.capacity());
        FixedDecoder { core: self.core.with_framing(framing, quick) }
    }

    /// Continues with another framing of the same type, as [`with_framing`](Self::with_framing) does. An error or the
    /// end that was reached stays.
    pub fn set_framing(&mut self, framing: F) {
        let quick = Quick::of(&framing).within(self.core.window.capacity());
        self.core.set_framing(framing, quick);
    }

    /// Goes back to the start of a stream: for a new connection, or after an error. What is buffered is lost.
    pub fn reset(&mut self) {
        self.core.reset();
    }

    /// Returns the framing and the memory.
    pub fn into_inner(self) -> (F, B) {
        (self.core.deframer.into_framing(), self.core.window.into_inner())
    }

    /// Gives the deframer the limit of the memory, and stores the framing's promises, before anything else is done.
    #[inline]
    fn prepare(&mut self) {
        if !self.core.deframer.has_limit() {
            self.set_limit();
        }
    }

    #[cold]
    #[inline(never)]
    fn set_limit(&mut self) {
        let room = self.core.window.capacity();
        self.core.deframer.set_room(room);
        self.core.quick = Quick::of(self.core.framing()).within(room);
    }
}
