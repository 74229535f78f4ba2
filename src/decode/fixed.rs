//! A decoder in a fixed array.

use crate::contract::{Extent, Framing};
use crate::decode::deframer::Deframer;
use crate::decode::drive::{self, Found, FoundPiece};
use crate::decode::frame::{Event, Frame, Piece};
use crate::decode::recovery::{Recovery, Skips};
use crate::decode::window::{FixedWindow, Window};
use crate::error::{Closed, DecodeError, EofError};

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
    deframer: Deframer<F>,
    window: FixedWindow<B>,
    /// Bytes after the kept header that were returned, and are removed by the next call.
    lent: usize,
}

impl<F: Framing, B: AsRef<[u8]> + AsMut<[u8]>> FixedDecoder<F, B> {
    /// Creates a decoder for a new stream, over this memory, such as `[0; 256]` or a `&mut [u8]`.
    pub const fn new(framing: F, memory: B) -> Self {
        Self { deframer: Deframer::new(framing), window: FixedWindow::new(memory), lent: 0 }
    }

    /// Sets the policy for rejected frames. A stored error stays.
    #[must_use]
    pub fn with_recovery(self, recovery: Recovery) -> Self {
        Self { deframer: self.deframer.with_recovery(recovery), ..self }
    }

    /// Takes the next bytes of the stream, as many as there is room for, and returns how many it took. There is room for at least
    /// one when [`next_frame`](Self::next_frame) has returned `None`.
    ///
    /// Cost: one copy of the chunk; sometimes one of the buffered bytes.
    ///
    /// # Errors
    ///
    /// [`Closed`] after an error or after the end. No byte was taken.
    pub fn push(&mut self, chunk: &[u8]) -> Result<usize, Closed> {
        let room = self.spare(chunk.len())?;
        let len = room.len();
        room.copy_from_slice(chunk.get(..len).unwrap_or_default());
        self.commit(len);
        Ok(len)
    }

    /// Returns free memory for up to `len` more bytes of the stream. [`commit`](Self::commit) takes what was written to it.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub fn spare(&mut self, len: usize) -> Result<&mut [u8], Closed> {
        self.release();
        if let Some(error) = self.deframer.error() {
            return Err(Closed::Failed(error));
        }
        if !self.deframer.state.is_open() {
            return Err(Closed::Ended(self.position().saturating_add(self.buffered().len() as u64)));
        }
        Ok(self.room(len))
    }

    /// As [`spare`](Self::spare), whatever has occurred.
    pub(crate) fn room(&mut self, len: usize) -> &mut [u8] {
        self.window.room(len)
    }

    /// Takes the first `len` bytes that were written to [`spare`](Self::spare).
    pub fn commit(&mut self, len: usize) {
        self.window.grow(len);
    }

    /// Returns the next frame, if it is complete. Stretches that the [`Recovery`] policy skips are only counted.
    ///
    /// # Errors
    ///
    /// [`DecodeError`], each time the same.
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        self.release();
        while let Some(found) = drive::find(&mut self.deframer, &mut self.window)? {
            if let Found::Frame(extent) = found {
                return Ok(self.lend(extent));
            }
        }
        Ok(None)
    }

    /// Returns the next frame, or what was skipped in its place, in the order of the stream.
    ///
    /// # Errors
    ///
    /// As [`next_frame`](Self::next_frame).
    pub fn next_event(&mut self) -> Result<Option<Event<'_>>, DecodeError> {
        self.release();
        let found = drive::find(&mut self.deframer, &mut self.window)?;
        Ok(found.and_then(|found| self.event(found)))
    }

    /// Returns the next piece of a frame: its payload is returned as it arrives, so that it may be larger than the memory.
    ///
    /// # Errors
    ///
    /// As [`Decoder::next_piece`](crate::Decoder::next_piece).
    pub fn next_piece(&mut self) -> Result<Option<Piece<'_>>, DecodeError> {
        self.release();
        let found = drive::find_piece(&mut self.deframer, &mut self.window)?;
        Ok(found.and_then(|found| self.lend_piece(found)))
    }

    /// The stream has ended: returns the remaining frames, one with each call, and `None` for a clean end.
    ///
    /// # Errors
    ///
    /// [`EofError`] if the stream ended inside a frame; each time the same.
    pub fn finish(&mut self) -> Result<Option<Frame<'_>>, EofError> {
        while let Some(found) = self.find(true)? {
            if let Found::Frame(extent) = found {
                return Ok(self.lend(extent));
            }
        }
        Ok(None)
    }

    /// As [`finish`](Self::finish), but also returns what was skipped.
    ///
    /// # Errors
    ///
    /// As [`finish`](Self::finish).
    pub fn finish_event(&mut self) -> Result<Option<Event<'_>>, EofError> {
        let found = self.find(true)?;
        Ok(found.and_then(|found| self.event(found)))
    }

    /// As [`finish`](Self::finish), for a payload that is returned in pieces.
    ///
    /// # Errors
    ///
    /// As [`finish`](Self::finish).
    pub fn finish_piece(&mut self) -> Result<Option<Piece<'_>>, EofError> {
        let found = self.find_piece(true)?;
        Ok(found.and_then(|found| self.lend_piece(found)))
    }

    /// Reports a silence on the line, as [`Decoder::idle`](crate::Decoder::idle): later bytes do not belong to an unfinished frame.
    /// Returns the remaining frames, one with each call.
    ///
    /// # Errors
    ///
    /// As [`Decoder::idle`](crate::Decoder::idle).
    pub fn idle(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        self.release();
        while let Some(found) = drive::find_at_silence(&mut self.deframer, &mut self.window)? {
            if let Found::Frame(extent) = found {
                return Ok(self.lend(extent));
            }
        }
        Ok(None)
    }

    /// As [`idle`](Self::idle), but also returns what was skipped.
    ///
    /// # Errors
    ///
    /// As [`idle`](Self::idle).
    pub fn idle_event(&mut self) -> Result<Option<Event<'_>>, DecodeError> {
        self.release();
        let found = drive::find_at_silence(&mut self.deframer, &mut self.window)?;
        Ok(found.and_then(|found| self.event(found)))
    }

    /// Returns how many more bytes the next frame needs at least: 0 if it is complete, or after an error.
    pub fn need(&mut self) -> usize {
        self.release();
        drive::need(&mut self.deframer, &mut self.window)
    }

    /// Returns what was skipped so far.
    pub const fn skipped(&self) -> &Skips {
        self.deframer.skipped()
    }

    /// Returns whether a rejected frame is being skipped, whose end has not arrived.
    pub const fn is_skipping(&self) -> bool {
        self.deframer.is_skipping()
    }

    /// Returns the offset in the stream of the first byte that was neither returned nor skipped.
    pub const fn position(&self) -> u64 {
        self.deframer.position()
    }

    /// Returns the received bytes that were not returned yet.
    pub fn buffered(&self) -> &[u8] {
        self.window.bytes().get(self.deframer.state.kept().saturating_add(self.lent)..).unwrap_or_default()
    }

    /// Returns the framing.
    pub const fn framing(&self) -> &F {
        self.deframer.framing()
    }

    /// Continues with another framing. Bytes that were already received stay, and so do the position, the policy and the count of
    /// what was skipped.
    pub fn with_framing<G: Framing>(mut self, framing: G) -> FixedDecoder<G, B> {
        self.release();
        self.window.remove(0, self.deframer.state.kept().min(self.window.bytes().len()));
        FixedDecoder { deframer: self.deframer.with_framing(framing), window: self.window, lent: 0 }
    }

    /// Continues with another framing of the same type, as [`with_framing`](Self::with_framing) does. An error or the
    /// end that was reached stays.
    pub fn set_framing(&mut self, framing: F) {
        self.release();
        if self.deframer.error().is_none() {
            self.window.remove(0, self.deframer.state.kept().min(self.window.bytes().len()));
        }
        self.deframer.set_framing(framing);
    }

    /// Goes back to the start of a stream: for a new connection, or after an error. What is buffered is lost.
    pub fn reset(&mut self) {
        self.window.clear();
        self.lent = 0;
        self.deframer.reset();
    }

    /// Returns the framing and the memory.
    pub fn into_inner(self) -> (F, B) {
        (self.deframer.into_framing(), self.window.into_inner())
    }

    /// Finds the next frame or stretch. `ended`: the stream has.
    pub(crate) fn find(&mut self, ended: bool) -> Result<Option<Found>, EofError> {
        self.release();
        match ended {
            true => drive::find_at_eof(&mut self.deframer, &mut self.window),
            false => Ok(drive::find(&mut self.deframer, &mut self.window)?),
        }
    }

    /// Finds the next piece or stretch. `ended`: the stream has.
    pub(crate) fn find_piece(&mut self, ended: bool) -> Result<Option<FoundPiece>, EofError> {
        self.release();
        match ended {
            true => drive::find_piece_at_eof(&mut self.deframer, &mut self.window),
            false => Ok(drive::find_piece(&mut self.deframer, &mut self.window)?),
        }
    }

    /// The frame that was found, until the next call.
    pub(crate) fn lend(&mut self, extent: Extent) -> Option<Frame<'_>> {
        self.lent = extent.fits(self.window.bytes().len()).unwrap_or_default();
        drive::lend(&self.deframer, &mut self.window, extent)
    }

    /// The piece that was found, until the next call.
    pub(crate) fn lend_piece(&mut self, found: FoundPiece) -> Option<Piece<'_>> {
        drive::lend_piece(found, self.window.bytes(), &mut self.lent)
    }

    /// The event that was found, until the next call.
    pub(crate) fn event(&mut self, found: Found) -> Option<Event<'_>> {
        match found {
            Found::Frame(extent) => self.lend(extent).map(Event::Frame),
            Found::Skipped(stretch) => Some(Event::Skipped(stretch)),
        }
    }

    /// Removes what was returned.
    fn release(&mut self) {
        self.deframer.set_room(self.window.capacity());
        let lent = core::mem::take(&mut self.lent);
        if lent > 0 {
            self.window.remove(self.deframer.state.kept(), lent);
        }
    }
}
