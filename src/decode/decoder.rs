//! Bytes in, frames out.

use alloc::vec::Vec;
use core::convert::Infallible;

use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::contract::{Extent, Framing, Progress};
use crate::decode::deframer::{Deframer, Oversize, PieceStep, Step, Stream};
use crate::decode::frame::{Batch, Frame, OwnedFrame, Piece};
use crate::decode::walk::Walk;
use crate::error::{Closed, DecodeError, EofError};

use crate::decode::chunk::ChunkFrames;

/// Turns the bytes of a stream, cut anywhere, back into frames.
///
/// Give it what arrived, take out what is whole, and tell it when the stream ends:
///
/// ```
/// use anysplit::{Decoder, Delimited};
///
/// let mut decoder = Decoder::new(Delimited::line());
/// for chunk in [&b"hel"[..], b"lo\nwor", b"ld\n"] {
///     decoder.push(chunk)?;
///     while let Some(frame) = decoder.next_frame()? {
///         println!("{}", frame.payload().escape_ascii());
///     }
/// }
/// assert!(decoder.finish()?.is_none());
/// assert_eq!(decoder.position(), 12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Ways in
///
/// [`push`](Self::push) copies a chunk into the decoder. [`spare`](Self::spare) lets a reader write into it. Neither
/// copies where [`frames_in`](Self::frames_in) is used: it borrows frames from the chunk itself, and keeps only the one
/// that the chunk's end cuts.
///
/// # Ways out
///
/// | call | gives | copies |
/// | --- | --- | --- |
/// | [`next_frame`](Self::next_frame) | a borrowed frame | nothing |
/// | [`next_bytes`](Self::next_bytes) | an owned frame that shares the block it arrived in | nothing |
/// | [`next_batch`](Self::next_batch) | all whole frames at once, owned | nothing |
/// | [`next_piece`](Self::next_piece) | a payload of any size, piece by piece | nothing |
///
/// # Memory
///
/// It follows what has arrived, never what was announced: at most twice the bytes of the unfinished frame and one
/// chunk, and for the moment in which a block grows, the block before it. Up to 32 KiB that shorter frames came in may stay
/// until the decoder is empty. A decoder that holds no byte of a frame has no heap memory.
///
/// # Errors
///
/// Frames before a fault are delivered first. Then every call gives the same [`DecodeError`], and no more bytes are
/// taken, until [`reset`](Self::reset) or [`into_parts`](Self::into_parts).
#[derive(Debug)]
pub struct Decoder<F> {
    pub(super) deframer: Deframer<F>,
    pub(super) buffer: BytesMut,
    /// Bytes after the kept header that have been handed out by reference, and go at the next call.
    pub(super) given: usize,
}

/// What is left of a decoder: see [`Decoder::into_parts`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Parts<F> {
    /// The framing.
    pub framing: F,
    /// Bytes that came and belong to no frame that was handed out.
    pub rest: BytesMut,
    /// Offset in the stream of the first byte of `rest`.
    pub position: u64,
}

/// A piece that was found and not yet lent out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FoundPiece {
    step: PieceStep,
    /// Length of the header that was at the front of the buffer before the step.
    kept: usize,
}

/// Growing in one step to what a short frame lacks saves the steps in between; so small a promise cannot hurt.
const EAGER: usize = 256;

/// Memory of less than this is not worth giving back while any of it is in use: a decoder that is fed blocks of 8 KiB
/// would make a new one for each.
const SHED: usize = 16384;

/// An empty block of no more than this is kept, however few bytes come.
const LITTLE: usize = 4096;

impl<F: Framing> Decoder<F> {
    /// At the start of a stream. No allocation.
    pub fn new(framing: F) -> Self {
        Self { deframer: Deframer::new(framing), buffer: BytesMut::new(), given: 0 }
    }

    /// The same with another policy for frames over the limit.
    #[must_use]
    pub fn with_oversize(mut self, oversize: Oversize) -> Self {
        self.deframer = self.deframer.with_oversize(oversize);
        self
    }

    /// Takes the next bytes of the stream. Any number, 0 included: the end of the stream is [`finish`](Self::finish).
    ///
    /// Cost: one copy.
    ///
    /// # Errors
    ///
    /// [`Closed`] after an error or after the end. The bytes are not taken.
    #[inline]
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), Closed> {
        match chunk {
            // The stream trickles in, into the unfinished frame that is there.
            &[byte] if self.deframer.lacks(self.buffer.len()) && self.buffer.len() < self.buffer.capacity() => {
                self.buffer.put_u8(byte);
                Ok(())
            }
            _ => self.push_chunk(chunk),
        }
    }

    #[inline(never)]
    fn push_chunk(&mut self, chunk: &[u8]) -> Result<(), Closed> {
        self.check_open()?;
        self.release();
        self.append(chunk);
        Ok(())
    }

    /// Room for `len` bytes more of the stream, to be written to through [`BufMut`]. What is not written is not taken.
    ///
    /// ```
    /// use anysplit::{Decoder, Prefix};
    /// use bytes::BufMut;
    ///
    /// let mut decoder = Decoder::new(Prefix::u8());
    /// decoder.spare(64)?.put_slice(b"\x02hi");
    /// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"hi");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub fn spare(&mut self, len: usize) -> Result<impl BufMut, Closed> {
        self.check_open()?;
        self.release();
        self.buffer.reserve(len);
        Ok((&mut self.buffer).limit(len))
    }

    /// Lets `read` fill up to `len` bytes of room with what comes next in the stream, and gives what `read` gives.
    ///
    /// For readers that want initialised memory, such as [`std::io::Read`]. Cost: `len` bytes of zeros are written
    /// first.
    ///
    /// ```
    /// use anysplit::{Decoder, Prefix};
    /// use std::io::Read;
    ///
    /// let mut stream = &b"\x05hello\x05world"[..];
    /// let mut decoder = Decoder::new(Prefix::u8());
    /// // Never more than the frame lacks, so that the stream stays at its end.
    /// while decoder.next_frame()?.is_none() {
    ///     let need = decoder.need();
    ///     decoder.read_with(need, |room| stream.read(room))??;
    /// }
    /// assert_eq!(stream, b"\x05world");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push); inside, what `read` gives. An error of `read` takes no bytes.
    pub fn read_with<E>(
        &mut self,
        len: usize,
        read: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<Result<usize, E>, Closed> {
        self.check_open()?;
        self.release();
        let before = self.buffer.len();
        self.buffer.resize(before.saturating_add(len), 0);
        let result = read(self.buffer.get_mut(before..).unwrap_or_default());
        let count = result.as_ref().map_or(0, |&count| count.min(len));
        self.buffer.truncate(before.saturating_add(count));
        Ok(result)
    }

    /// The next frame, borrowed, if it is whole.
    ///
    /// If [`next_piece`](Self::next_piece) has begun a frame, what is left of that is passed over first.
    ///
    /// # Errors
    ///
    /// [`DecodeError`], each time the same, but for [`DecodeErrorKind::Skipped`](crate::DecodeErrorKind::Skipped).
    #[inline]
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        if self.deframer.lacks(self.buffer.len()) {
            return Ok(None);
        }
        match self.fresh(|framing, rest| framing.locate_by_header(rest)) {
            Some((extent, len)) => Ok(self.give_fresh(extent, len)),
            None => self.find_frame(),
        }
    }

    /// The next frame, owned, if it is whole. It shares the decoder's memory; nothing is copied.
    ///
    /// # Errors
    ///
    /// As [`next_frame`](Self::next_frame).
    #[inline]
    pub fn next_bytes(&mut self) -> Result<Option<OwnedFrame>, DecodeError> {
        if self.given == 0 {
            if let Some((extent, len)) = self.fresh(|framing, rest| framing.locate_by_header(rest)) {
                let offset = self.deframer.position();
                self.deframer.pass_fresh(len);
                let wire = self.buffer.split_to(len).freeze();
                self.shed(len);
                return Ok(Some(OwnedFrame::new(wire, extent, offset)));
            }
        }
        let extent = self.find()?;
        Ok(extent.and_then(|extent| self.split(extent)))
    }

    /// All frames that are whole, owned, in one block with an index; `None` if there is none. Nothing is copied.
    ///
    /// # Errors
    ///
    /// As [`next_frame`](Self::next_frame): the frames before the fault come first, the error at the next call.
    pub fn next_batch(&mut self) -> Result<Option<Batch>, DecodeError> {
        let Some(first) = self.find()? else { return Ok(None) };
        let offset = self.deframer.position().saturating_sub(first.frame_len());
        let all = &self.buffer[..];
        let Some(after) = first.fits(all.len()).and_then(|len| all.get(len..)) else { return Ok(None) };
        // As many as there are, if they are all as long as the first.
        let mut extents = Vec::with_capacity((all.len() / (all.len() - after.len()).max(1)).clamp(1, MOST));
        extents.push(first);
        let end = offset.saturating_add(all.len() as u64);
        let mut walk = Walk::new(self.deframer.framing(), after, end);
        let Ok(()) = walk.try_for_each(self.deframer.framing(), &mut |frame| {
            extents.push(frame.extent());
            Ok::<_, Infallible>(())
        });
        let len = all.len() - walk.rest().len();
        self.deframer.pass_frames_to(walk.offset());
        let block = self.buffer.split_to(len).freeze();
        self.shed(len);
        Ok(Some(Batch::new(block, extents, offset)))
    }

    /// Takes the next bytes of the stream, and gives the frames that are whole with them, borrowed from `chunk` itself.
    ///
    /// Only the frame that the chunk's end cuts is copied, and so is all that is not asked for before the iterator is
    /// dropped.
    ///
    /// ```
    /// use anysplit::{Decoder, Prefix};
    ///
    /// let mut decoder = Decoder::new(Prefix::u8());
    /// let mut seen = Vec::new();
    /// for chunk in [&b"\x02hi\x03y"[..], b"ou\x01!"] {
    ///     let mut frames = decoder.frames_in(chunk)?;
    ///     while let Some(frame) = frames.next_frame()? {
    ///         seen.push(frame.payload().to_vec());
    ///     }
    /// }
    /// assert_eq!(seen, [&b"hi"[..], b"you", b"!"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    #[inline]
    pub fn frames_in<'d, 'c>(&'d mut self, chunk: &'c [u8]) -> Result<ChunkFrames<'d, 'c, F>, Closed> {
        self.check_open()?;
        self.release();
        Ok(ChunkFrames::new(self, chunk))
    }

    /// The next piece of a frame whose payload is passed on as it comes, so that it may be larger than memory.
    ///
    /// The limit holds here too: set one to suit with the framing's `with_max_payload_len`.
    ///
    /// ```
    /// use anysplit::{Decoder, Piece, Prefix};
    ///
    /// let mut decoder = Decoder::new(Prefix::u8());
    /// decoder.push(b"\x05hel")?;
    /// assert_eq!(decoder.next_piece()?, Some(Piece::Start { header: b"\x05", len: Some(5), control: false }));
    /// assert_eq!(decoder.next_piece()?, Some(Piece::Data(b"hel")));
    /// assert_eq!(decoder.next_piece()?, None);
    /// decoder.push(b"lo")?;
    /// assert_eq!(decoder.next_piece()?, Some(Piece::Data(b"lo")));
    /// assert_eq!(decoder.next_piece()?, Some(Piece::End { trailer: b"" }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`next_frame`](Self::next_frame). A fault after the header, such as a wrong trailer, comes after pieces of the
    /// frame have been handed out: it is not whole before its `End`. A frame without announced length that grows over
    /// the limit fails, or is skipped, after its `Start`.
    pub fn next_piece(&mut self) -> Result<Option<Piece<'_>>, DecodeError> {
        let found = self.find_piece()?;
        Ok(found.and_then(|found| self.lend_piece(found)))
    }

    /// How many bytes more there must be at least before the next frame is whole: 0 if it is, or after an error. Never
    /// more than the frame lacks, so that a reader that takes no more than this never takes a byte of what follows it.
    pub fn need(&mut self) -> usize {
        self.release();
        self.deframer.need(&self.buffer)
    }

    /// Offset in the stream of the first byte that was neither handed out nor skipped.
    pub fn position(&self) -> u64 {
        self.deframer.position()
    }

    /// Bytes that came and were not handed out.
    pub fn buffered(&self) -> &[u8] {
        self.buffer.get(self.deframer.kept().saturating_add(self.given)..).unwrap_or_default()
    }

    /// Bytes of heap memory in use.
    pub fn capacity(&self) -> usize {
        self.buffer.capacity()
    }

    /// The framing.
    pub const fn framing(&self) -> &F {
        self.deframer.framing()
    }

    /// The stream has ended: gives the frames that are left, one a call, the message that the end completes among them,
    /// and `None` for a clean end.
    ///
    /// # Errors
    ///
    /// [`EofError`] if the stream ended inside a frame; each time the same.
    ///
    /// ```
    /// use anysplit::{Truncated, Decoder, EofError, Prefix};
    ///
    /// let mut decoder = Decoder::new(Prefix::u32_be());
    /// decoder.push(b"\x00\x00\x00\x05")?;
    /// let cut = Truncated::Payload { have: 0, need: 5 };
    /// assert_eq!(decoder.finish(), Err(EofError::Truncated { frame: 0, end: 4, cut }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn finish(&mut self) -> Result<Option<Frame<'_>>, EofError> {
        let Some(extent) = self.find_at_end()? else { return Ok(None) };
        Ok(self.give(extent))
    }

    /// As [`finish`](Self::finish), for frames that are to be owned. Nothing is copied.
    ///
    /// # Errors
    ///
    /// As [`finish`](Self::finish).
    pub fn finish_bytes(&mut self) -> Result<Option<OwnedFrame>, EofError> {
        let extent = self.find_at_end()?;
        Ok(extent.and_then(|extent| self.split(extent)))
    }

    /// As [`finish`](Self::finish), for a payload that is passed on in pieces.
    ///
    /// # Errors
    ///
    /// As [`finish`](Self::finish).
    pub fn finish_piece(&mut self) -> Result<Option<Piece<'_>>, EofError> {
        loop {
            self.release();
            let kept = self.deframer.kept();
            match self.deframer.finish_piece(&self.buffer)? {
                None => return Ok(None),
                Some(PieceStep::Other(step)) => {
                    self.obey(step)?;
                }
                Some(step) => return Ok(self.piece(step, kept)),
            }
        }
    }

    /// The same stream with another framing from here on: a protocol that changes in mid-stream. Bytes that came early
    /// stay, and so do the position and the policy.
    ///
    /// ```
    /// use anysplit::{Decoder, Delimited, Prefix};
    ///
    /// let mut decoder = Decoder::new(Delimited::line());
    /// decoder.push(b"UPGRADE\n\x00\x05hello")?;
    /// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"UPGRADE");
    /// let mut decoder = decoder.with_framing(Prefix::u16_be());
    /// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_framing<G: Framing>(self, framing: G) -> Decoder<G> {
        let oversize = self.deframer.oversize();
        let parts = self.into_parts();
        let deframer = Deframer::at(framing, parts.position).with_oversize(oversize);
        Decoder { deframer, buffer: parts.rest, given: 0 }
    }

    /// The framing and all bytes that were not handed out.
    pub fn into_parts(mut self) -> Parts<F> {
        self.release();
        let kept = self.deframer.kept().min(self.buffer.len());
        self.buffer.advance(kept);
        Parts { position: self.deframer.position(), framing: self.deframer.into_framing(), rest: self.buffer }
    }

    /// Goes back to the start of a stream: for a new connection, or after an error. What is buffered is lost.
    pub fn reset(&mut self) {
        self.buffer = BytesMut::new();
        self.given = 0;
        self.deframer.reset();
    }

    /// Hands out the frame at the front of the buffer, which the deframer has passed.
    #[inline]
    pub(super) fn give(&mut self, extent: Extent) -> Option<Frame<'_>> {
        let offset = self.deframer.position().saturating_sub(extent.frame_len());
        let frame = Frame::new(&self.buffer, extent, offset);
        self.given = frame.map_or(0, |frame| frame.len());
        frame
    }

    /// Removes what has been handed out, and the memory with the last of it.
    #[inline]
    pub(super) fn release(&mut self) {
        if self.given > 0 || (self.buffer.is_empty() && self.buffer.capacity() > 0) {
            self.release_memory();
        }
    }

    #[inline(never)]
    fn release_memory(&mut self) {
        self.release_keeping_memory();
        if self.buffer.is_empty() {
            self.buffer = BytesMut::new();
        }
    }

    /// As [`release`](Self::release), while more bytes are about to come.
    #[inline]
    pub(super) fn release_keeping_memory(&mut self) {
        if self.given > 0 {
            let (at, len) = (self.deframer.kept(), self.given);
            self.given = 0;
            if at == 0 && len == self.buffer.len() {
                self.buffer.clear();
            } else {
                self.remove(at, len);
            }
        }
    }

    /// Gives back the memory of `gone` bytes that have just left, where less than that is left behind them.
    #[inline]
    fn shed(&mut self, gone: usize) {
        if self.buffer.is_empty() {
            // Its capacity may be 0 while it still holds the block that it came to the end of.
            self.buffer = BytesMut::new();
        } else if gone >= SHED && gone > self.buffer.len() {
            self.buffer = BytesMut::from(&self.buffer[..]);
        }
    }

    /// Removes `len` bytes at index `at`.
    #[inline]
    fn remove(&mut self, at: usize, len: usize) {
        let end = at.saturating_add(len).min(self.buffer.len());
        if at > 0 {
            // Only a header is ever kept, and it is short.
            self.buffer.copy_within(..at.min(end), end - at.min(end));
        }
        self.buffer.advance(end.saturating_sub(at));
        self.shed(len);
    }

    #[inline]
    pub(super) fn append(&mut self, bytes: &[u8]) {
        if self.buffer.is_empty() && self.buffer.capacity() > bytes.len().max(LITTLE / 2).saturating_mul(2) {
            // Left from a longer frame.
            self.buffer = BytesMut::new();
        }
        let room = self.buffer.capacity() - self.buffer.len();
        if room < bytes.len() {
            // No more than twice what will be there then.
            let doubled = self.buffer.len().saturating_add(bytes.len().saturating_mul(2));
            let lacking = self.deframer.lacking_known(self.buffer.len());
            self.buffer.reserve(bytes.len().max(lacking.min(doubled.max(EAGER))));
        }
        self.buffer.extend_from_slice(bytes);
    }

    #[inline]
    fn check_open(&mut self) -> Result<(), Closed> {
        match self.deframer.stream() {
            Stream::Open => Ok(()),
            _ => self.closed(),
        }
    }

    #[cold]
    fn closed(&mut self) -> Result<(), Closed> {
        self.release();
        // A step after the end would change what the end is told to mean.
        if self.deframer.stream() == Stream::Failed {
            self.deframer.step(&self.buffer).map_err(Closed::Failed)?;
        }
        Err(Closed::Ended(self.position().saturating_add(self.buffered().len() as u64)))
    }

    /// The whole frame after what was handed out, and its length, where `locate` is all that is needed to see it.
    ///
    /// What was handed out stays at the front meanwhile. It goes when no whole frame is left.
    #[inline]
    fn fresh(&self, locate: impl FnOnce(&F, &[u8]) -> Option<Extent>) -> Option<(Extent, usize)> {
        if !self.deframer.is_fresh() {
            return None;
        }
        let rest = self.buffer.get(self.given..)?;
        let extent = locate(self.framing(), rest)?;
        Some((extent, extent.fits(rest.len())?))
    }

    /// Hands out that frame.
    #[inline]
    fn give_fresh(&mut self, extent: Extent, len: usize) -> Option<Frame<'_>> {
        let (start, offset) = (self.given, self.deframer.position());
        self.given = start.saturating_add(len);
        self.deframer.pass_fresh(len);
        self.buffer.get(start..).and_then(|rest| Frame::new(rest, extent, offset))
    }

    /// As [`next_frame`](Self::next_frame), with all care.
    #[inline(never)]
    fn find_frame(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        if let Some((extent, len)) = self.fresh(|framing, rest| framing.locate(rest, Progress::default()).ok()?.known())
        {
            return Ok(self.give_fresh(extent, len));
        }
        Ok(self.find()?.and_then(|extent| self.give(extent)))
    }

    /// The next whole frame at the front of the buffer.
    #[inline]
    fn find(&mut self) -> Result<Option<Extent>, DecodeError> {
        loop {
            self.release();
            match self.deframer.step(&self.buffer)? {
                Step::Frame(extent) => return Ok(Some(extent)),
                step => {
                    if !self.obey(step)? {
                        return Ok(None);
                    }
                }
            }
        }
    }

    /// The next frame at the end of the stream.
    fn find_at_end(&mut self) -> Result<Option<Extent>, EofError> {
        loop {
            self.release();
            match self.deframer.finish(&self.buffer)? {
                None => return Ok(None),
                Some(Step::Frame(extent)) => return Ok(Some(extent)),
                Some(step) => {
                    self.obey(step)?;
                }
            }
        }
    }

    /// Does what a step asks, and says whether there may be more to do without more bytes.
    #[cold]
    pub(super) fn obey(&mut self, step: Step) -> Result<bool, DecodeError> {
        match step {
            Step::Need(_) => return Ok(false),
            Step::Discard { at, len } => self.remove(at, len),
            Step::Skipped { len, error } => {
                self.remove(0, len);
                return Err(error);
            }
            // The callers take frames themselves.
            Step::Frame(_) => {}
        }
        Ok(true)
    }

    fn split(&mut self, extent: Extent) -> Option<OwnedFrame> {
        let len = extent.fits(self.buffer.len())?;
        let offset = self.deframer.position().saturating_sub(extent.frame_len());
        let wire: Bytes = self.buffer.split_to(len).freeze();
        self.shed(len);
        Some(OwnedFrame::new(wire, extent, offset))
    }

    /// Lends out a piece. `kept` is the length of the header that was at the front before the step.
    fn piece(&mut self, step: PieceStep, kept: usize) -> Option<Piece<'_>> {
        match step {
            PieceStep::Start { extent, announced } => Some(Piece::Start {
                header: self.buffer.get(..extent.header_len())?,
                len: announced.then_some(extent.payload_len()),
                control: extent.is_control(),
            }),
            PieceStep::Data { at, len } => {
                self.given = len;
                Some(Piece::Data(self.buffer.get(at..)?.get(..len)?))
            }
            PieceStep::End { len } => {
                self.given = len;
                Some(Piece::End { trailer: self.buffer.get(kept..len)? })
            }
            PieceStep::Other(_) => None,
        }
    }
}

/// How many frames a batch makes room for before it has met them.
const MOST: usize = 512;

/// In two steps, find and lend, for callers that read more bytes in a loop until something is found.
impl<F: Framing> Decoder<F> {
    /// Finds the next frame in the buffer and in `rest`, what of a chunk comes after it. Takes off `rest` what is done
    /// with: all of it where there is no frame.
    #[inline]
    #[cfg(feature = "std")]
    pub(crate) fn find_in(&mut self, rest: &mut &[u8]) -> Result<Option<Found>, DecodeError> {
        self.release_keeping_memory();
        if self.buffer.is_empty() && self.deframer.is_fresh() {
            let extent = self.framing().locate_by_header(rest);
            if let Some((extent, len)) = extent.and_then(|extent| Some((extent, extent.fits(rest.len())?))) {
                self.deframer.pass_fresh(len);
                return Ok(Some(Found { extent, in_chunk: true }));
            }
        }
        let found = self.find_across(rest)?;
        Ok(found.map(|(extent, in_chunk)| Found { extent, in_chunk }))
    }

    /// The frame that was found at the front of `chunk` or of the buffer, until the next call.
    #[inline]
    #[cfg(feature = "std")]
    pub(crate) fn lend<'a>(&'a mut self, found: Found, chunk: &'a [u8]) -> Option<Frame<'a>> {
        let offset = self.deframer.position().saturating_sub(found.extent.frame_len());
        if found.in_chunk {
            return Frame::new(chunk, found.extent, offset);
        }
        let frame = Frame::new(&self.buffer, found.extent, offset);
        self.given = frame.map_or(0, |frame| frame.len());
        frame
    }

    /// Bytes that can be taken without another allocation.
    #[cfg(feature = "tokio")]
    pub(crate) fn room(&self) -> usize {
        self.buffer.capacity().saturating_sub(self.buffer.len())
    }

    /// Takes the next bytes of the stream, even after an error, which they then only follow.
    #[cfg(feature = "std")]
    pub(crate) fn take_in(&mut self, chunk: &[u8]) {
        self.release_keeping_memory();
        self.append(chunk);
        self.release();
    }

    /// The next piece, if there is one.
    pub(crate) fn find_piece(&mut self) -> Result<Option<FoundPiece>, DecodeError> {
        loop {
            self.release();
            let kept = self.deframer.kept();
            match self.deframer.step_piece(&self.buffer)? {
                PieceStep::Other(step) => {
                    if !self.obey(step)? {
                        return Ok(None);
                    }
                }
                step => return Ok(Some(FoundPiece { step, kept })),
            }
        }
    }

    /// The piece that was found, until the next call.
    pub(crate) fn lend_piece(&mut self, found: FoundPiece) -> Option<Piece<'_>> {
        self.piece(found.step, found.kept)
    }
}

/// A frame that was found and not yet lent out.
#[cfg(feature = "std")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub(crate) extent: Extent,
    /// Whether it is at the front of the chunk, or else of the decoder's buffer.
    pub(crate) in_chunk: bool,
}
