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
//! An asynchronous UART that loses bytes:
//!
//! ```
//! use core::pin::pin;
//! use core::task::{Context, Poll, Waker};
//!
//! use anysplit::embedded::FrameReader;
//! use anysplit::order::Order;
//! use anysplit::sum::Crc;
//! use anysplit::sum::SumForm;
//! use anysplit::{Event, Recovery, Stuffed};
//!
//! async fn receive(uart: impl embedded_io_async::Read) -> (usize, u64) {
//!     const CRC: Crc = Crc::new(16, 0x1021, 0, 0, false, false);
//!     let framing = Stuffed::cobs().with_max_payload_len(32).with_sum(CRC, SumForm::Binary(Order::Big));
//!     let mut reader = FrameReader::new(uart, framing, [0; 48]).with_recovery(Recovery::Resync);
//!     let mut frames = 0;
//!     // A timer that fires first drops the future, and calls `idle`.
//!     while let Ok(Some(event)) = reader.read_event_async().await {
//!         frames += usize::from(matches!(event, Event::Frame(_)));
//!     }
//!     (frames, reader.skipped().bytes)
//! }
//!
//! // A frame, one with a changed byte, and a frame.
//! let wire: &[u8] = b"\x0c123456789\x31\xc3\0\x0c12345678?\x31\xc3\0\x0c123456789\x31\xc3\0";
//! let received = pin!(receive(wire)).poll(&mut Context::from_waker(Waker::noop()));
//! assert_eq!(received, Poll::Ready((2, 13)));
//! # use core::future::Future;
//! ```
//!
//! The methods for asynchronous transports end in `_async`. Those of the reader are cancel safe. Those of the writer are not,
//! because it has no queue; it reports a frame that was cut: see [`WriteError::Broken`].
//!
//! Without these traits, use [`FixedDecoder`](crate::FixedDecoder) and [`encode_into`](Framing::encode_into).

use core::fmt;

use embedded_io::{Error as _, ErrorKind};

use crate::contract::{Envelope, Framing, encode};
use crate::decode::drive::Found;
use crate::decode::fixed::FixedDecoder;
use crate::decode::frame::{Event, Frame, Piece};
use crate::decode::recovery::{Recovery, Skips};
use crate::error::{Bytes, DecodeError, EncodeError, EofError};

/// Reads frames from a reader, in a buffer that the caller provides: an array or a slice.
///
/// The buffer is a limit of its own: a longer frame, header and trailer included, is rejected with
/// [`DecodeErrorKind::Oversize`](crate::DecodeErrorKind::Oversize), unless the payload is taken in pieces. If only the end of the
/// stream ends a frame, the buffer must hold one byte more. The reader fills all free room with one call, so a large buffer saves
/// calls. A payload that must be decoded, as in SLIP and COBS, is decoded in the buffer.
#[derive(Debug)]
pub struct FrameReader<R, F, B> {
    inner: R,
    decoder: FixedDecoder<F, B>,
    exact: bool,
    ended: bool,
    /// How many bytes the reader claimed, and the room that it was offered, if that was less.
    overrun: Option<(usize, usize)>,
}

/// Why no frame was returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadError<E> {
    /// The transport's error. Nothing was lost: the next call continues.
    Io(E),
    /// The bytes are no frame. Every later call returns the same.
    Decode(DecodeError),
    /// The stream ended inside a frame. Every later call returns the same.
    End(EofError),
    /// The reader claims more bytes than it was offered room for. No byte of them is used. Every later call returns the same.
    Overrun {
        /// How many bytes it claims to have read.
        claimed: usize,
        /// How many it was offered room for.
        offered: usize,
    },
}

impl<E: fmt::Display> fmt::Display for ReadError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Decode(error) => error.fmt(f),
            Self::End(error) => error.fmt(f),
            Self::Overrun { claimed, offered } => {
                write!(f, "the reader claims {}, and was offered room for {offered}", Bytes(*claimed as u64))
            }
        }
    }
}

impl<E: core::error::Error> core::error::Error for ReadError<E> {}

impl<E> From<DecodeError> for ReadError<E> {
    fn from(error: DecodeError) -> Self {
        EofError::from(error).into()
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
    /// Creates a reader for a new stream.
    pub const fn new(inner: R, framing: F, buffer: B) -> Self {
        Self { inner, decoder: FixedDecoder::new(framing, buffer), exact: false, ended: false, overrun: None }
    }

    /// Sets the policy for rejected frames. A stored error stays.
    #[must_use]
    pub fn with_recovery(self, recovery: Recovery) -> Self {
        Self { decoder: self.decoder.with_recovery(recovery), ..self }
    }

    /// Makes the reader never take a byte after the current frame, so that other code can take over the stream after it.
    #[must_use]
    pub fn exact(mut self) -> Self {
        self.exact = true;
        self
    }

    /// Continues with another framing. Bytes already read stay, and so do the policy and the count of what was
    /// skipped.
    pub fn with_framing<G: Framing>(self, framing: G) -> FrameReader<R, G, B> {
        let Self { inner, decoder, exact, ended, overrun } = self;
        FrameReader { inner, decoder: decoder.with_framing(framing), exact, ended, overrun }
    }

    /// As [`with_framing`](Self::with_framing), for one of the same type. An error or the end that was reached stays.
    pub fn set_framing(&mut self, framing: F) {
        self.decoder.set_framing(framing);
    }

    /// Returns the framing.
    pub const fn framing(&self) -> &F {
        self.decoder.framing()
    }

    /// Returns the reader inside.
    pub const fn get_ref(&self) -> &R {
        &self.inner
    }

    /// Returns the reader inside. Bytes taken from it are missing here.
    pub const fn get_mut(&mut self) -> &mut R {
        &mut self.inner
    }

    /// Returns the reader. Bytes that were read and not returned are lost: see [`buffered`](Self::buffered).
    pub fn into_inner(self) -> R {
        self.inner
    }

    /// Returns the offset in the stream of the first byte that was neither returned nor skipped.
    pub const fn position(&self) -> u64 {
        self.decoder.position()
    }

    /// Returns what was skipped so far.
    pub const fn skipped(&self) -> &Skips {
        self.decoder.skipped()
    }

    /// Returns whether a rejected frame is being skipped, whose end has not arrived.
    pub const fn is_skipping(&self) -> bool {
        self.decoder.is_skipping()
    }

    /// Returns the bytes that were read and not returned.
    pub fn buffered(&self) -> &[u8] {
        self.decoder.buffered()
    }

    /// Reports that the line was silent for longer than a frame may pause. Returns a frame that the silence ends, and `None`
    /// when there is no other: see [`FixedDecoder::idle`](crate::FixedDecoder::idle).
    ///
    /// # Errors
    ///
    /// A [`DecodeError`] if the policy does not skip an unfinished frame. Every later call returns it again.
    pub fn idle(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        self.decoder.idle()
    }

    /// As [`idle`](Self::idle), but also returns what was skipped.
    ///
    /// # Errors
    ///
    /// As [`idle`](Self::idle).
    pub fn idle_event(&mut self) -> Result<Option<Event<'_>>, DecodeError> {
        self.decoder.idle_event()
    }

    /// How many bytes of free room to offer.
    fn offer<E>(&mut self) -> Result<usize, ReadError<E>> {
        if let Some((claimed, offered)) = self.overrun {
            return Err(ReadError::Overrun { claimed, offered });
        }
        let len = if self.exact { self.decoder.need().max(1) } else { usize::MAX };
        Ok(self.decoder.room(len).len())
    }

    /// Takes note of a read of at most `offered` bytes.
    fn filled<E>(&mut self, count: usize, offered: usize) -> Result<(), ReadError<E>> {
        if count > offered {
            self.overrun = Some((count, offered));
            return Err(ReadError::Overrun { claimed: count, offered });
        }
        self.ended = count == 0;
        self.decoder.commit(count);
        Ok(())
    }
}

macro_rules! reader {
    (
        $(#[$doc:meta])*
        $frame:ident, $event:ident, $piece:ident, $fill:ident, $read:path $(, $async:ident, $await:ident)?
    ) => {
        impl<R: $read, F: Framing, B: AsRef<[u8]> + AsMut<[u8]>> FrameReader<R, F, B> {
            /// Returns the next frame, borrowed; `None` at a clean end. Stretches that the [`Recovery`] policy skips are
            /// only counted: see [`skipped`](Self::skipped).
            $(#[$doc])*
            ///
            /// # Errors
            ///
            /// [`ReadError`]. A transport's `Interrupted` is tried again.
            pub $($async)? fn $frame(&mut self) -> Result<Option<Frame<'_>>, ReadError<R::Error>> {
                loop {
                    if let Some(seen) = self.decoder.see() {
                        return Ok(self.decoder.lend_seen(seen));
                    }
                    match self.decoder.find(self.ended)? {
                        Some(Found::Frame(extent)) => return Ok(self.decoder.lend(extent)),
                        Some(Found::Skipped(_)) => {}
                        None if self.ended => return Ok(None),
                        None => self.$fill()$(.$await)??,
                    }
                }
            }

            /// Returns the next frame, or what was skipped in its place, in the order of the stream; `None` at a clean
            /// end.
            $(#[$doc])*
            ///
            /// # Errors
            ///
            /// [`ReadError`].
            pub $($async)? fn $event(&mut self) -> Result<Option<Event<'_>>, ReadError<R::Error>> {
                loop {
                    if let Some(seen) = self.decoder.see() {
                        return Ok(self.decoder.lend_seen(seen).map(Event::Frame));
                    }
                    match self.decoder.find(self.ended)? {
                        Some(found) => return Ok(self.decoder.event(found)),
                        None if self.ended => return Ok(None),
                        None => self.$fill()$(.$await)??,
                    }
                }
            }

            /// Returns the next piece of a frame: its payload is returned as it arrives, so that it may be larger than the buffer;
            /// `None` at a clean end. What must fit is listed at [`FixedDecoder`](crate::FixedDecoder).
            $(#[$doc])*
            ///
            /// # Errors
            ///
            /// [`ReadError`].
            pub $($async)? fn $piece(&mut self) -> Result<Option<Piece<'_>>, ReadError<R::Error>> {
                loop {
                    match self.decoder.find_piece(self.ended)? {
                        Some(found) => return Ok(self.decoder.lend_piece(found)),
                        None if self.ended => return Ok(None),
                        None => self.$fill()$(.$await)??,
                    }
                }
            }

            /// One read.
            $($async)? fn $fill(&mut self) -> Result<(), ReadError<R::Error>> {
                let offered = self.offer()?;
                loop {
                    match self.inner.read(self.decoder.room(offered))$(.$await)? {
                        Ok(count) => return self.filled(count, offered),
                        Err(error) if error.kind() == ErrorKind::Interrupted => {}
                        Err(error) => return Err(ReadError::Io(error)),
                    }
                }
            }
        }
    };
}

reader!(read_frame, read_event, read_piece, fill, embedded_io::Read);
reader!(
    #[doc = ""]
    #[doc = "Cancel safe, as far as the transport's `read` is."]
    read_frame_async,
    read_event_async,
    read_piece_async,
    fill_async,
    embedded_io_async::Read,
    async,
    await
);

/// Writes messages to a writer, without a queue: header, payload and trailer are written one after the other, and the
/// payload is not copied.
///
/// If every write sends a packet, use a buffered transport.
///
/// A frame that is rewritten, as those of SLIP and COBS are, is built in a buffer first, which must hold all of it: see
/// [`with_buffer`](Self::with_buffer).
///
/// ```
/// use anysplit::Stuffed;
/// use anysplit::embedded::FrameWriter;
///
/// let mut wire = [0; 16];
/// let mut writer = FrameWriter::new(&mut wire[..], Stuffed::slip()).with_buffer([0; 12]);
/// writer.write(b"a\xc0b")?;
/// drop(writer);
/// assert!(wire.windows(4).any(|bytes| bytes == b"a\xdb\xdcb"));
/// # Ok::<(), anysplit::embedded::WriteError<embedded_io::SliceWriteError>>(())
/// ```
#[derive(Debug)]
pub struct FrameWriter<W, F, B = [u8; 0]> {
    inner: W,
    framing: F,
    /// Where frames that are rewritten are built.
    buffer: B,
    state: Sent,
    /// What the last message left for the next one.
    previous: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    Complete,
    /// Part of a frame was written, and its rest never will be.
    Part,
    /// A frame that lasts to the end of the stream.
    Last,
}

/// Why a message was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteError<E> {
    /// The transport's error. Part of the frame may have been written, and then nothing can follow it:
    /// [`WriteError::Broken`].
    Io(E),
    /// The framing refuses the message, or the buffer has no room for a frame that is rewritten
    /// ([`EncodeError::NoRoom`]). Nothing was written.
    Refused(EncodeError),
    /// The transport took no byte of those offered, and reported no error. As for [`WriteError::Io`].
    Zero,
    /// An earlier message was cut, by an error or by a future that was dropped. Nothing more is written, because the
    /// other side would take it for the rest of that message.
    Broken,
}

impl<E: fmt::Display> fmt::Display for WriteError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Refused(error) => error.fmt(f),
            Self::Zero => f.write_str("the transport took 0 bytes of a frame"),
            Self::Broken => f.write_str("an earlier frame was cut while it was written"),
        }
    }
}

impl<E: core::error::Error> core::error::Error for WriteError<E> {}

impl<E> From<EncodeError> for WriteError<E> {
    fn from(error: EncodeError) -> Self {
        Self::Refused(error)
    }
}

impl<W, F: Framing> FrameWriter<W, F> {
    /// Creates a writer for a new stream, without a buffer.
    pub const fn new(inner: W, framing: F) -> Self {
        Self { inner, framing, buffer: [], state: Sent::Complete, previous: 0 }
    }
}

impl<W, F: Framing, B> FrameWriter<W, F, B> {
    /// Sets the buffer in which frames that are rewritten are built: an array or a slice. No other frame needs it.
    #[must_use]
    pub fn with_buffer<C: AsMut<[u8]>>(self, buffer: C) -> FrameWriter<W, F, C> {
        let Self { inner, framing, state, previous, .. } = self;
        FrameWriter { inner, framing, buffer, state, previous }
    }

    /// Continues with another framing.
    pub fn with_framing<G: Framing>(self, framing: G) -> FrameWriter<W, G, B> {
        let Self { inner, buffer, state, .. } = self;
        FrameWriter { inner, framing, buffer, state, previous: 0 }
    }

    /// Returns the framing.
    pub const fn framing(&self) -> &F {
        &self.framing
    }

    /// Returns the writer inside.
    pub const fn get_ref(&self) -> &W {
        &self.inner
    }

    /// Returns the writer inside.
    pub const fn get_mut(&mut self) -> &mut W {
        &mut self.inner
    }

    /// Returns the writer.
    pub fn into_inner(self) -> W {
        self.inner
    }
}

macro_rules! writer {
    ($(#[$doc:meta])* $message:ident, $flush:ident, $write:path $(, $async:ident, $await:ident)?) => {
        impl<W: $write, F: Framing, B: AsMut<[u8]>> FrameWriter<W, F, B> {
            /// Writes the frame of `message`.
            $(#[$doc])*
            ///
            /// # Errors
            ///
            /// [`WriteError`]. A transport's `Interrupted` is tried again.
            pub $($async)? fn $message(&mut self, message: &[u8]) -> Result<(), WriteError<W::Error>> {
                match self.state {
                    Sent::Complete => {}
                    Sent::Part => return Err(WriteError::Broken),
                    Sent::Last => return Err(EncodeError::AfterLast.into()),
                }
                let (envelope, next) = self.framing.envelope_after(self.previous, message)?;
                let after = if envelope.is_last() { Sent::Last } else { Sent::Complete };
                let parts = match &envelope {
                    Envelope::Around(around) => around.slices(message),
                    Envelope::Rewritten { .. } => {
                        let buffer = self.buffer.as_mut();
                        let seal = |frame: &mut [u8]| self.framing.seal_after(self.previous, message, frame);
                        let len = encode::write_into(&envelope, message, buffer, seal)?;
                        [buffer.get(..len).unwrap_or_default(), &[], &[]]
                    }
                };
                for part in parts {
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
                self.previous = next;
                Ok(())
            }

            /// Flushes the writer inside.
            ///
            /// # Errors
            ///
            /// What it returns.
            pub $($async)? fn $flush(&mut self) -> Result<(), W::Error> {
                self.inner.flush()$(.$await)?
            }
        }
    };
}

writer!(write, flush, embedded_io::Write);
writer!(
    #[doc = ""]
    #[doc = "Not cancel safe: a future dropped in the middle of a frame makes every later call return [`WriteError::Broken`]."]
    write_async,
    flush_async,
    embedded_io_async::Write,
    async,
    await
);
