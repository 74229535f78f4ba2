//! Bytes in, frames out.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::deframer::{Deframer, Oversize, PieceStep, Step, Stream};
use crate::error::{Closed, DecodeError, EndError};
use crate::frame::{Batch, Frame, FrameBytes};
use crate::framing::{Extent, Framing};

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
/// chunk. A decoder that holds no byte of a frame has no heap memory.
///
/// # Errors
///
/// Frames before a fault are delivered first. Then every call gives the same [`DecodeError`], and no more bytes are
/// taken, until [`reset`](Self::reset) or [`into_parts`](Self::into_parts).
#[derive(Debug)]
pub struct Decoder<F> {
    deframer: Deframer<F>,
    buffer: BytesMut,
    /// Bytes behind the kept head that have been handed out by reference, and go at the next call.
    given: usize,
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

/// Part of a frame whose payload is passed on as it comes: see [`Decoder::next_piece`].
///
/// A frame is one `Start`, any number of `Data`, and one `End`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// A frame begins.
    Start {
        /// Its head.
        head: &'a [u8],
        /// The length of its payload in bytes, if its head announces that.
        len: Option<u64>,
    },
    /// The next bytes of its payload. At least one, and as many as there are.
    Data(&'a [u8]),
    /// The frame is whole.
    End {
        /// Its tail.
        tail: &'a [u8],
    },
}

/// Growing in one step to what a short frame lacks saves the steps in between; so small a promise cannot hurt.
const EAGER: usize = 256;

/// Memory of less than this is not worth giving back while any of it is in use.
const SHED: usize = 4096;

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
    /// [`DecodeError`], each time the same, but for [`FaultKind::Skipped`](crate::FaultKind::Skipped).
    #[inline]
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        match self.find()? {
            Some(extent) => {
                let offset = self.deframer.position().saturating_sub(extent.frame_len());
                let frame = Frame::new(&self.buffer, extent, offset);
                self.given = frame.map_or(0, |frame| frame.wire().len());
                Ok(frame)
            }
            None => Ok(None),
        }
    }

    /// The next frame, owned, if it is whole. It shares the decoder's memory; nothing is copied.
    ///
    /// # Errors
    ///
    /// As [`next_frame`](Self::next_frame).
    pub fn next_bytes(&mut self) -> Result<Option<FrameBytes>, DecodeError> {
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
        let mut len = first.fits(self.buffer.len()).unwrap_or_default();
        let mut extents = alloc::vec![first];
        loop {
            let mut more = [Extent::default(); BATCH];
            let rest = self.buffer.get(len..).unwrap_or_default();
            let found = self.deframer.framing().locate_many(rest, &mut more);
            let more = more.get(..found).unwrap_or_default();
            let taken = more.iter().map(|extent| extent.fits(rest.len()).unwrap_or_default()).sum::<usize>();
            self.deframer.pass_frames(taken);
            len = len.saturating_add(taken);
            extents.extend_from_slice(more);
            if found < BATCH {
                break;
            }
        }
        let block = self.buffer.split_to(len.min(self.buffer.len())).freeze();
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
    pub fn frames_in<'d, 'c>(&'d mut self, chunk: &'c [u8]) -> Result<FramesIn<'d, 'c, F>, Closed> {
        self.check_open()?;
        self.release();
        Ok(FramesIn { decoder: self, rest: chunk, extents: [Extent::default(); BATCH], found: 0, next: 0 })
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
    /// assert_eq!(decoder.next_piece()?, Some(Piece::Start { head: b"\x05", len: Some(5) }));
    /// assert_eq!(decoder.next_piece()?, Some(Piece::Data(b"hel")));
    /// assert_eq!(decoder.next_piece()?, None);
    /// decoder.push(b"lo")?;
    /// assert_eq!(decoder.next_piece()?, Some(Piece::Data(b"lo")));
    /// assert_eq!(decoder.next_piece()?, Some(Piece::End { tail: b"" }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`next_frame`](Self::next_frame). A fault behind the head, such as a wrong tail, comes after pieces of the
    /// frame have been handed out: it is not whole before its `End`. A frame without announced length that grows over
    /// the limit fails, or is skipped, after its `Start`.
    pub fn next_piece(&mut self) -> Result<Option<Piece<'_>>, DecodeError> {
        loop {
            self.release();
            let kept = self.deframer.kept();
            match self.deframer.step_piece(&self.buffer)? {
                PieceStep::Other(step) => {
                    if !self.obey(step)? {
                        return Ok(None);
                    }
                }
                step => return Ok(self.piece(step, kept)),
            }
        }
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
    /// [`EndError`] if the stream ended inside a frame; each time the same.
    ///
    /// ```
    /// use anysplit::{Cut, Decoder, EndError, Prefix};
    ///
    /// let mut decoder = Decoder::new(Prefix::u32_be());
    /// decoder.push(b"\x00\x00\x00\x05")?;
    /// let cut = Cut::Payload { have: 0, need: 5 };
    /// assert_eq!(decoder.finish(), Err(EndError::Cut { frame: 0, end: 4, cut }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn finish(&mut self) -> Result<Option<Frame<'_>>, EndError> {
        loop {
            self.release();
            match self.deframer.finish(&self.buffer)? {
                None => return Ok(None),
                Some(Step::Frame(extent)) => {
                    let offset = self.deframer.position().saturating_sub(extent.frame_len());
                    let frame = Frame::new(&self.buffer, extent, offset);
                    self.given = frame.map_or(0, |frame| frame.wire().len());
                    return Ok(frame);
                }
                Some(step) => {
                    self.obey(step)?;
                }
            }
        }
    }

    /// As [`finish`](Self::finish), for a payload that is passed on in pieces.
    ///
    /// # Errors
    ///
    /// As [`finish`](Self::finish).
    pub fn finish_piece(&mut self) -> Result<Option<Piece<'_>>, EndError> {
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

    /// Removes what has been handed out, and the memory with the last of it.
    #[inline]
    fn release(&mut self) {
        if self.given > 0 {
            let (at, len) = (self.deframer.kept(), self.given);
            self.given = 0;
            self.remove(at, len);
        }
        if self.buffer.is_empty() && self.buffer.capacity() > 0 {
            self.buffer = BytesMut::new();
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
            // Only a head is ever kept, and it is short.
            self.buffer.copy_within(..at.min(end), end - at.min(end));
        }
        self.buffer.advance(end.saturating_sub(at));
        self.shed(len);
    }

    #[inline]
    fn append(&mut self, bytes: &[u8]) {
        if self.buffer.is_empty() && self.buffer.capacity() / 2 > bytes.len().max(SHED / 2) {
            // Left from a longer frame.
            self.buffer = BytesMut::new();
        }
        let room = self.buffer.capacity() - self.buffer.len();
        if room < bytes.len() {
            self.buffer.reserve(bytes.len().max(self.deframer.lacking_known(self.buffer.len()).min(EAGER)));
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
        match self.deframer.step(&self.buffer) {
            Err(error) if self.deframer.stream() == Stream::Failed => Err(Closed::Failed(error)),
            _ => Err(Closed::Ended(self.position().saturating_add(self.buffered().len() as u64))),
        }
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

    /// Does what a step asks, and says whether there may be more to do without more bytes.
    #[cold]
    fn obey(&mut self, step: Step) -> Result<bool, DecodeError> {
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

    fn split(&mut self, extent: Extent) -> Option<FrameBytes> {
        let len = extent.fits(self.buffer.len())?;
        let offset = self.deframer.position().saturating_sub(extent.frame_len());
        let wire: Bytes = self.buffer.split_to(len).freeze();
        self.shed(len);
        Some(FrameBytes::new(wire, extent, offset))
    }

    /// Lends out a piece. `kept` is the length of the head that was at the front before the step.
    fn piece(&mut self, step: PieceStep, kept: usize) -> Option<Piece<'_>> {
        match step {
            PieceStep::Start { extent, announced } => Some(Piece::Start {
                head: self.buffer.get(..extent.head_len())?,
                len: announced.then_some(extent.payload_len()),
            }),
            PieceStep::Data { at, len } => {
                self.given = len;
                Some(Piece::Data(self.buffer.get(at..)?.get(..len)?))
            }
            PieceStep::End { len } => {
                self.given = len;
                Some(Piece::End { tail: self.buffer.get(kept..len)? })
            }
            PieceStep::Other(_) => None,
        }
    }
}

/// How many frames are looked for at a time.
const BATCH: usize = 32;

/// The frames of a chunk: see [`Decoder::frames_in`].
///
/// Not an [`Iterator`], as the frame that straddles two chunks is borrowed from the decoder.
#[derive(Debug)]
pub struct FramesIn<'d, 'c, F: Framing> {
    decoder: &'d mut Decoder<F>,
    /// What of the chunk has not been handed out or taken into the decoder.
    rest: &'c [u8],
    extents: [Extent; BATCH],
    found: usize,
    next: usize,
}

impl<F: Framing> FramesIn<'_, '_, F> {
    /// The next frame that is whole.
    ///
    /// # Errors
    ///
    /// As [`Decoder::next_frame`].
    #[inline]
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        if self.next < self.found {
            if let Some(&extent) = self.extents.get(self.next) {
                self.next += 1;
                return Ok(self.take(extent));
            }
        }
        self.look()
    }

    /// The frame at the front of the chunk.
    #[inline]
    fn take(&mut self, extent: Extent) -> Option<Frame<'_>> {
        let offset = self.decoder.deframer.position();
        let frame = Frame::new(self.rest, extent, offset)?;
        let len = frame.wire().len();
        self.decoder.deframer.pass_frames(len);
        self.rest = self.rest.get(len..).unwrap_or_default();
        Some(frame)
    }

    fn look(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        self.decoder.release_keeping_memory();
        if self.decoder.buffer.is_empty() && self.decoder.deframer.is_fresh() {
            self.found = self.decoder.framing().locate_many(self.rest, &mut self.extents);
            self.next = 0;
            if let Some(&extent) = self.extents.get(..self.found).and_then(<[Extent]>::first) {
                self.next = 1;
                return Ok(self.take(extent));
            }
        }
        self.step()
    }

    /// One frame, with the decoder's help.
    fn step(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        let Some((extent, in_chunk)) = self.find()? else { return Ok(None) };
        let offset = self.decoder.deframer.position().saturating_sub(extent.frame_len());
        if in_chunk {
            let frame = Frame::new(self.rest, extent, offset);
            let len = frame.map_or(0, |frame| frame.wire().len());
            self.rest = self.rest.get(len..).unwrap_or_default();
            return Ok(frame);
        }
        let frame = Frame::new(&self.decoder.buffer, extent, offset);
        self.decoder.given = frame.map_or(0, |frame| frame.wire().len());
        Ok(frame)
    }

    /// Finds the next frame, and says whether it is at the front of the chunk (or else of the decoder's buffer).
    fn find(&mut self) -> Result<Option<(Extent, bool)>, DecodeError> {
        // The chunk from where bytes of it were copied behind the buffer's unfinished frame, to see where that ends.
        let mut copied: Option<&[u8]> = None;
        let mut stride = STRIDE;
        loop {
            let decoder = &mut *self.decoder;
            let in_chunk = decoder.buffer.is_empty();
            let input = if in_chunk { self.rest } else { &decoder.buffer[..] };
            match decoder.deframer.step(input)? {
                Step::Frame(extent) => {
                    if let (false, Some(copied)) = (in_chunk, copied) {
                        // What lies behind the frame was not meant to be copied: it stays in the chunk.
                        let len = extent.fits(decoder.buffer.len()).unwrap_or_default();
                        let behind = (decoder.buffer.len() - len).saturating_add(self.rest.len());
                        self.rest = copied.get(copied.len().saturating_sub(behind)..).unwrap_or_default();
                        decoder.buffer.truncate(len);
                    }
                    return Ok(Some((extent, in_chunk)));
                }
                Step::Need(_) if self.rest.is_empty() => return Ok(None),
                Step::Need(_) if in_chunk => {
                    decoder.append(self.rest);
                    self.rest = &[];
                    return Ok(None);
                }
                Step::Need(need) => {
                    let len = if decoder.deframer.is_waiting() { need.get() } else { need.get().max(stride) };
                    stride = stride.saturating_mul(2);
                    let (here, behind) = self.rest.split_at(len.min(self.rest.len()));
                    decoder.append(here);
                    copied = copied.or(Some(self.rest));
                    self.rest = behind;
                }
                Step::Discard { at: 0, len } if in_chunk => self.rest = self.rest.get(len..).unwrap_or_default(),
                Step::Skipped { len, error } if in_chunk => {
                    self.rest = self.rest.get(len..).unwrap_or_default();
                    return Err(error);
                }
                step => {
                    // Bytes are removed from the middle, which only the buffer allows.
                    if in_chunk {
                        decoder.append(self.rest);
                        self.rest = &[];
                    }
                    copied = None;
                    decoder.obey(step)?;
                }
            }
        }
    }
}

/// How much of a chunk is looked at first to find the end of a frame that began before it.
const STRIDE: usize = 64;

impl<F: Framing> Drop for FramesIn<'_, '_, F> {
    fn drop(&mut self) {
        self.decoder.release_keeping_memory();
        if !self.rest.is_empty() {
            self.decoder.append(self.rest);
        }
        self.decoder.release();
    }
}

impl<F: Framing> Decoder<F> {
    /// As [`release`](Self::release), while more bytes are about to come.
    #[inline]
    fn release_keeping_memory(&mut self) {
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
}
