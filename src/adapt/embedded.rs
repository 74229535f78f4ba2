//! Frames over [`embedded_io`] and [`embedded_io_async`], in a fixed buffer and without an allocator.
//!
//! ```
//! use anysplit::Prefix;
//! use anysplit::embedded::{FrameReader, FrameWriter};
//!
//! let mut wire = [0; 16];
//! let mut writer = FrameWriter::new(&mut wire[..], Prefix::u8());
//! writer.write(b"hello")?;
//! writer.write(b"you")?;
//!
//! let mut reader = FrameReader::new(&wire[..10], Prefix::u8(), [0; 8]);
//! assert_eq!(reader.read_frame().unwrap().unwrap().payload(), b"hello");
//! assert_eq!(reader.read_frame().unwrap().unwrap().payload(), b"you");
//! assert!(reader.read_frame().unwrap().is_none());
//! # Ok::<(), anysplit::embedded::WriteError<embedded_io::SliceWriteError>>(())
//! ```
//!
//! The methods of asynchronous transports end in `_async`. A reader's are cancel safe; a writer's are not, because it
//! has no buffer, and it says so: see [`WriteError::Broken`].

use core::fmt;

use embedded_io::{Error as _, ErrorKind};

use crate::contract::{Extent, Framing};
use crate::decode::deframer::{Deframer, Oversize, PieceStep, Step};
use crate::decode::frame::{Frame, Piece};
use crate::error::{DecodeError, EncodeError, EofError};

/// Takes frames out of a reader, in a buffer that the caller provides: an array or a slice.
///
/// The buffer must hold the largest frame, header and trailer included, unless the payload is taken in pieces; and one byte
/// more where only the end of the stream says that a frame is over. It is read into as far as it is free, so a large one
/// saves calls.
#[derive(Debug)]
pub struct FrameReader<R, F, B> {
    inner: R,
    deframer: Deframer<F>,
    buffer: B,
    /// What is in the buffer and not done with: `start <= end <= buffer.len()`.
    start: usize,
    end: usize,
    /// Bytes at `start`, after a kept header, that were lent out and go at the next call.
    given: usize,
    exact: bool,
    ended: bool,
}

/// Purpose no frame came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadError<E> {
    /// The transport's error. Nothing was lost: the next call goes on.
    Io(E),
    /// The bytes are no frame. Comes again at every call, but for [`DecodeErrorKind::Skipped`](crate::DecodeErrorKind::Skipped).
    Decode(DecodeError),
    /// The stream ended inside a frame. Comes again at every call.
    End(EofError),
    /// The frame does not fit the buffer. Comes again at every call; taking the payload in pieces gets past it.
    NoRoom {
        /// The least length in bytes that the frame has, unless the stream ends here.
        need: u64,
        /// The buffer's length.
        have: usize,
    },
}

impl<E: fmt::Display> fmt::Display for ReadError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Decode(error) => error.fmt(f),
            Self::End(error) => error.fmt(f),
            Self::NoRoom { need, have } => write!(f, "frame of at least {need} bytes in a buffer of {have}"),
        }
    }
}

impl<E: core::error::Error> core::error::Error for ReadError<E> {}

impl<E> From<DecodeError> for ReadError<E> {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl<E> From<EofError> for ReadError<E> {
    fn from(error: EofError) -> Self {
        match error {
            EofError::Truncated { .. } => Self::End(error),
            EofError::Decode(error) => Self::Decode(error),
        }
    }
}

impl<R, F: Framing, B: AsRef<[u8]> + AsMut<[u8]>> FrameReader<R, F, B> {
    /// At the start of a stream.
    pub const fn new(inner: R, framing: F, buffer: B) -> Self {
        let deframer = Deframer::new(framing);
        Self { inner, deframer, buffer, start: 0, end: 0, given: 0, exact: false, ended: false }
    }

    /// The same with another policy for frames over the framing's limit.
    #[must_use]
    pub fn with_oversize(mut self, oversize: Oversize) -> Self {
        self.deframer = self.deframer.with_oversize(oversize);
        self
    }

    /// The same, never taking a byte beyond the frame at hand, so that the stream can be handed on after any frame.
    #[must_use]
    pub fn exact(mut self) -> Self {
        self.exact = true;
        self
    }

    /// The same stream with another framing from here on. What was read ahead stays.
    pub fn with_framing<G: Framing>(mut self, framing: G) -> FrameReader<R, G, B> {
        self.release();
        let kept = self.deframer.kept();
        let deframer = Deframer::at(framing, self.position()).with_oversize(self.deframer.oversize());
        let Self { inner, buffer, start, end, exact, ended, .. } = self;
        FrameReader { inner, deframer, buffer, start: start.saturating_add(kept).min(end), end, given: 0, exact, ended }
    }

    /// The framing.
    pub const fn framing(&self) -> &F {
        self.deframer.framing()
    }

    /// The reader inside.
    pub const fn get_ref(&self) -> &R {
        &self.inner
    }

    /// The reader inside. Bytes taken from it are missing here.
    pub const fn get_mut(&mut self) -> &mut R {
        &mut self.inner
    }

    /// The reader. Bytes that were read ahead are lost: see [`buffered`](Self::buffered).
    pub fn into_inner(self) -> R {
        self.inner
    }

    /// Offset in the stream of the first byte that was neither handed out nor skipped.
    pub const fn position(&self) -> u64 {
        self.deframer.position()
    }

    /// Bytes that were read and not handed out.
    pub fn buffered(&self) -> &[u8] {
        let start = self.start.saturating_add(self.deframer.kept()).saturating_add(self.given);
        self.buffer.as_ref().get(start..self.end).unwrap_or_default()
    }

    #[inline]
    fn window(&self) -> &[u8] {
        self.buffer.as_ref().get(self.start..self.end).unwrap_or_default()
    }

    fn release(&mut self) {
        let given = core::mem::take(&mut self.given);
        if given > 0 {
            self.remove(self.deframer.kept(), given);
        }
    }

    /// Removes `len` bytes at index `at` of the window. Only a header is ever ahead of them, and it is short.
    fn remove(&mut self, at: usize, len: usize) {
        let window = self.end.saturating_sub(self.start);
        let (at, len) = (at.min(window), len.min(window.saturating_sub(at)));
        let start = self.start.saturating_add(len);
        if at > 0 && len > 0 {
            self.buffer.as_mut().copy_within(self.start..self.start.saturating_add(at), start);
        }
        self.start = start;
    }

    /// Does what a step asks. Gives a frame if it is one, and `Err(())` where more bytes are needed.
    fn obey(&mut self, step: Step) -> Result<Result<Option<Extent>, ()>, DecodeError> {
        match step {
            Step::Frame(extent) => return Ok(Ok(Some(extent))),
            Step::Need(_) => return Ok(Err(())),
            Step::Discard { at, len } => self.remove(at, len),
            Step::Skipped { len, error } => {
                self.remove(0, len);
                return Err(error);
            }
        }
        Ok(Ok(None))
    }

    fn find(&mut self) -> Result<Option<Extent>, DecodeError> {
        self.release();
        loop {
            let window = self.buffer.as_ref().get(self.start..self.end).unwrap_or_default();
            let step = self.deframer.step(window)?;
            match self.obey(step)? {
                Ok(None) => {}
                Ok(found) => return Ok(found),
                Err(()) => return Ok(None),
            }
        }
    }

    fn find_at_end(&mut self) -> Result<Option<Extent>, EofError> {
        self.release();
        loop {
            let window = self.buffer.as_ref().get(self.start..self.end).unwrap_or_default();
            let Some(step) = self.deframer.finish(window)? else { return Ok(None) };
            if let Ok(Some(extent)) = self.obey(step)? {
                return Ok(Some(extent));
            }
        }
    }

    /// The frame that was found, until the next call.
    fn lend(&mut self, extent: Extent) -> Option<Frame<'_>> {
        let offset = self.position().saturating_sub(extent.frame_len());
        self.given = extent.fits(self.window().len())?;
        Frame::new(self.window(), extent, offset)
    }

    fn find_piece(&mut self) -> Result<Option<(PieceStep, usize)>, DecodeError> {
        self.release();
        loop {
            let kept = self.deframer.kept();
            let window = self.buffer.as_ref().get(self.start..self.end).unwrap_or_default();
            match self.deframer.step_piece(window)? {
                PieceStep::Other(step) => {
                    if self.obey(step)?.is_err() {
                        return Ok(None);
                    }
                }
                step => return Ok(Some((step, kept))),
            }
        }
    }

    fn find_piece_at_end(&mut self) -> Result<Option<(PieceStep, usize)>, EofError> {
        self.release();
        loop {
            let kept = self.deframer.kept();
            let window = self.buffer.as_ref().get(self.start..self.end).unwrap_or_default();
            match self.deframer.finish_piece(window)? {
                None => return Ok(None),
                Some(PieceStep::Other(step)) => {
                    let _ = self.obey(step)?;
                }
                Some(step) => return Ok(Some((step, kept))),
            }
        }
    }

    fn lend_piece(&mut self, (step, kept): (PieceStep, usize)) -> Option<Piece<'_>> {
        match step {
            PieceStep::Start { extent, announced } => Some(Piece::Start {
                header: self.window().get(..extent.header_len())?,
                len: announced.then_some(extent.payload_len()),
                control: extent.is_control(),
            }),
            PieceStep::Data { at, len } => {
                self.given = len;
                Some(Piece::Data(self.window().get(at..)?.get(..len)?))
            }
            PieceStep::End { len } => {
                self.given = len;
                Some(Piece::End { trailer: self.window().get(kept..len)? })
            }
            PieceStep::Other(_) => None,
        }
    }

    /// Room for the next read. `whole` is the least length of the frame at hand, if it is wanted in one piece.
    fn room<E>(&mut self, whole: bool) -> Result<&mut [u8], ReadError<E>> {
        let have = self.buffer.as_ref().len();
        let lacking = self.deframer.need(self.window());
        let there = self.window().len();
        let full = if whole { there.saturating_add(lacking) > have } else { there >= have };
        // A frame that is being skipped needs room for a byte alone.
        if full && (there >= have || !self.deframer.is_inside_frame()) {
            return Err(ReadError::NoRoom { need: (there as u64).saturating_add(lacking.max(1) as u64), have });
        }
        if self.end >= have || there == 0 {
            // Once a frame at most: after this, the frame at hand has all of the buffer.
            self.buffer.as_mut().copy_within(self.start..self.end, 0);
            self.end = there;
            self.start = 0;
        }
        let room = self.buffer.as_mut().get_mut(self.end..).unwrap_or_default();
        let len = if self.exact { room.len().min(lacking.max(1)) } else { room.len() };
        Ok(room.get_mut(..len).unwrap_or_default())
    }

    fn filled(&mut self, count: usize) {
        self.ended = count == 0;
        // A reader that claims more than it was offered is not believed.
        self.end = self.end.saturating_add(count).min(self.buffer.as_ref().len());
    }
}

macro_rules! reader {
    ($(#[$doc:meta])* $frame:ident, $piece:ident, $fill:ident, $read:path $(, $async:ident, $await:ident)?) => {
        impl<R: $read, F: Framing, B: AsRef<[u8]> + AsMut<[u8]>> FrameReader<R, F, B> {
            /// The next frame, borrowed; `None` at a clean end.
            $(#[$doc])*
            ///
            /// # Errors
            ///
            /// [`ReadError`]. A transport's `Interrupted` is tried again.
            pub $($async)? fn $frame(&mut self) -> Result<Option<Frame<'_>>, ReadError<R::Error>> {
                loop {
                    if let Some(found) = self.find()? {
                        return Ok(self.lend(found));
                    }
                    if self.ended {
                        let found = self.find_at_end()?;
                        return Ok(found.and_then(|found| self.lend(found)));
                    }
                    self.$fill(true)$(.$await)??;
                }
            }

            /// The next piece of a frame whose payload is passed on as it comes, so that it may be larger than the
            /// buffer; `None` at a clean end. The buffer must hold the header and one byte more, and the header and the
            /// trailer; and of a [`LineThenBlock`](crate::LineThenBlock) the whole line.
            $(#[$doc])*
            ///
            /// # Errors
            ///
            /// [`ReadError`].
            pub $($async)? fn $piece(&mut self) -> Result<Option<Piece<'_>>, ReadError<R::Error>> {
                loop {
                    if let Some(found) = self.find_piece()? {
                        return Ok(self.lend_piece(found));
                    }
                    if self.ended {
                        let found = self.find_piece_at_end()?;
                        return Ok(found.and_then(|found| self.lend_piece(found)));
                    }
                    self.$fill(false)$(.$await)??;
                }
            }

            /// One read.
            $($async)? fn $fill(&mut self, whole: bool) -> Result<(), ReadError<R::Error>> {
                loop {
                    let room = self.room::<R::Error>(whole)?;
                    let len = room.len();
                    let start = self.end;
                    let room = self.buffer.as_mut().get_mut(start..start.saturating_add(len)).unwrap_or_default();
                    match self.inner.read(room)$(.$await)? {
                        Ok(count) => {
                            self.filled(count);
                            return Ok(());
                        }
                        Err(error) if error.kind() == ErrorKind::Interrupted => {}
                        Err(error) => return Err(ReadError::Io(error)),
                    }
                }
            }
        }
    };
}

reader!(read_frame, read_piece, fill, embedded_io::Read);
reader!(
    #[doc = ""]
    #[doc = "Cancel safe, as far as the transport's `read` is."]
    read_frame_async,
    read_piece_async,
    fill_async,
    embedded_io_async::Read,
    async,
    await
);

/// Puts messages into a writer, without a buffer: header, payload and trailer are written one after the other.
///
/// Give it a buffered transport where every write costs a packet.
#[derive(Debug)]
pub struct FrameWriter<W, F> {
    inner: W,
    framing: F,
    state: Sent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    Whole,
    /// Part of a frame went out, and its rest never will.
    Part,
    /// A frame that lasts to the end of the stream.
    Last,
}

/// Purpose a message was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteError<E> {
    /// The transport's error. Part of the frame may have gone, and then nothing can follow it: [`WriteError::Broken`].
    Io(E),
    /// The framing refuses the message. Nothing was written.
    Refused(EncodeError),
    /// The transport took none of the bytes offered, and gave no error. As for [`WriteError::Io`].
    Zero,
    /// An earlier message was cut, by an error or by a future that was dropped. Nothing more is written, because the
    /// other side would take it for the rest of that message.
    Broken,
}

impl<E: fmt::Display> fmt::Display for WriteError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Zero => f.write_str("the transport took 0 bytes of a frame"),
            Self::Broken => f.write_str("an earlier frame was cut while it was written"),
        }
    }
}

impl<E: core::error::Error> core::error::Error for WriteError<E> {}

impl<E> From<EncodeError> for WriteError<E> {
    fn from(refusal: EncodeError) -> Self {
        Self::Refused(refusal)
    }
}

impl<W, F: Framing> FrameWriter<W, F> {
    /// At the start of a stream.
    pub const fn new(inner: W, framing: F) -> Self {
        Self { inner, framing, state: Sent::Whole }
    }

    /// The same stream with another framing from here on.
    pub fn with_framing<G: Framing>(self, framing: G) -> FrameWriter<W, G> {
        FrameWriter { inner: self.inner, framing, state: self.state }
    }

    /// The framing.
    pub const fn framing(&self) -> &F {
        &self.framing
    }

    /// The writer inside.
    pub const fn get_ref(&self) -> &W {
        &self.inner
    }

    /// The writer inside.
    pub const fn get_mut(&mut self) -> &mut W {
        &mut self.inner
    }

    /// The writer.
    pub fn into_inner(self) -> W {
        self.inner
    }
}

macro_rules! writer {
    ($(#[$doc:meta])* $message:ident, $flush:ident, $write:path $(, $async:ident, $await:ident)?) => {
        impl<W: $write, F: Framing> FrameWriter<W, F> {
            /// Writes the frame of `message`.
            $(#[$doc])*
            ///
            /// # Errors
            ///
            /// [`WriteError`]. A transport's `Interrupted` is tried again.
            pub $($async)? fn $message(&mut self, message: &[u8]) -> Result<(), WriteError<W::Error>> {
                match self.state {
                    Sent::Whole => {}
                    Sent::Part => return Err(WriteError::Broken),
                    Sent::Last => return Err(EncodeError::AfterLast.into()),
                }
                let envelope = self.framing.envelope(message)?;
                let after = if envelope.is_last() { Sent::Last } else { Sent::Whole };
                for part in envelope.slices(message) {
                    let mut rest = part;
                    while !rest.is_empty() {
                        // Set before the write: its future may be dropped when bytes have gone.
                        let before = core::mem::replace(&mut self.state, Sent::Part);
                        match self.inner.write(rest)$(.$await)? {
                            Ok(0) => {
                                self.state = before;
                                return Err(WriteError::Zero);
                            }
                            Ok(count) => rest = rest.get(count..).unwrap_or_default(),
                            Err(error) if error.kind() == ErrorKind::Interrupted => self.state = before,
                            Err(error) => {
                                self.state = before;
                                return Err(WriteError::Io(error));
                            }
                        }
                    }
                }
                self.state = after;
                Ok(())
            }

            /// Flushes the writer inside.
            ///
            /// # Errors
            ///
            /// What it gives.
            pub $($async)? fn $flush(&mut self) -> Result<(), W::Error> {
                self.inner.flush()$(.$await)?
            }
        }
    };
}

writer!(write, flush, embedded_io::Write);
writer!(
    #[doc = ""]
    #[doc = "Not cancel safe: a future dropped in the middle of a frame leaves [`WriteError::Broken`] behind."]
    write_async,
    flush_async,
    embedded_io_async::Write,
    async,
    await
);
