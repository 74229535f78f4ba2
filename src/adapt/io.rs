//! Frames over [`std::io::Read`] and [`std::io::Write`]: sockets, pipes, files, standard input, TLS sessions.
//!
//! ```
//! use anysplit::Delimited;
//! use anysplit::io::{FrameReader, FrameWriter};
//!
//! let mut wire = Vec::new();
//! let mut writer = FrameWriter::new(&mut wire, Delimited::line());
//! writer.write(b"hello")?;
//! writer.write(b"world")?;
//! writer.flush()?;
//! drop(writer);
//! assert_eq!(wire, b"hello\nworld\n");
//!
//! let mut reader = FrameReader::new(&wire[..], Delimited::line());
//! while let Some(frame) = reader.read_frame()? {
//!     println!("{}", frame.payload().escape_ascii());
//! }
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Both ends of one socket: give the reader and the writer a reference each (`&TcpStream` reads and writes), or halves
//! made by `try_clone`.
//!
//! # What sockets do
//!
//! | what happens | the result here |
//! | --- | --- |
//! | `read` returns part of a frame, or several | complete frames are returned, one with each call |
//! | a signal interrupts a call | the call is repeated |
//! | `WouldBlock`, or a time-out, in mid-frame | the error is returned unchanged; call again, and nothing is lost |
//! | `read` returns 0 between frames | `Ok(None)` |
//! | `read` returns 0 inside a frame | `UnexpectedEof`, with an [`EofError`](crate::EofError) that names what was cut |
//! | bytes that are no frame | `InvalidData`, with a [`DecodeError`](crate::DecodeError) |
//! | bytes that are no frame, with a [`Recovery`] policy that skips them | the next frame; `read_event` returns what was skipped |
//! | a message that the framing refuses | `InvalidInput`, with an [`EncodeError`](crate::EncodeError); nothing was sent |
//! | `write` takes part of a frame | the rest goes with the next call; [`FrameWriter::unsent`] returns its length |
//!
//! [`cause`] returns the typed error of an [`std::io::Error`].

use std::io::{self, ErrorKind, Read, Write};

use bytes::{Bytes, BytesMut};

use crate::adapt::inlet::{Inlet, frame_reader};
use crate::adapt::outlet::{Outlet, write_zero};
use crate::adapt::stream::frame_stream;
use crate::contract::Framing;
use crate::decode::decoder::Decoder;
use crate::decode::drive::Found;
use crate::decode::frame::{Batch, Event, Frame, OwnedFrame, Piece};
use crate::decode::recovery::{Recovery, Skips};
use crate::encoder::Encoder;

mod error;

pub use self::error::{Cause, cause};
pub use crate::adapt::counters::Counters;
pub use crate::adapt::inlet::Frames;

/// Reads frames from a reader.
///
/// Each call reads up to 64 KiB, which may be more than the frame, into a block that the readers of a thread share. A reader that
/// has returned `WouldBlock` between two frames owns no heap memory. If other code takes over the stream after a frame, see
/// [`exact`](Self::exact).
///
/// | call | returns | copies |
/// | --- | --- | --- |
/// | [`read_frame`](Self::read_frame) | a borrowed frame | the frames that span two reads, and those that are rewritten |
/// | [`read_event`](Self::read_event) | a borrowed frame, or what was skipped | the same |
/// | [`read_frames`](Self::read_frames) | all frames of one read, borrowed: the fastest | the same |
/// | [`read_bytes`](Self::read_bytes), [`read_batch`](Self::read_batch) | owned frames | once |
/// | [`read_piece`](Self::read_piece) | payloads larger than memory | once |
#[derive(Debug)]
pub struct FrameReader<R, F> {
    inlet: Inlet<F>,
    inner: R,
}

frame_reader! {
    /// Makes the reader never take a byte after the current frame, so that other code can take over the stream after it.
    ///
    /// This needs at least two reads for each frame, and one for every byte if a delimiter ends the frame. Use it for a greeting or
    /// an upgrade. Bytes that were already read stay in the reader. After a rejected frame, a policy that searches for the next one
    /// may have read further.
    ///
    /// ```
    /// use anysplit::Delimited;
    /// use anysplit::io::FrameReader;
    /// use std::io::Read;
    ///
    /// let mut stream = &b"STARTTLS\n\x16\x03\x01"[..];
    /// let mut reader = FrameReader::new(&mut stream, Delimited::line()).exact();
    /// assert_eq!(reader.read_frame()?.unwrap().payload(), b"STARTTLS");
    /// assert_eq!(stream, b"\x16\x03\x01");
    /// # Ok::<(), std::io::Error>(())
    /// ```
}

impl<R: Read, F: Framing> FrameReader<R, F> {
    /// Returns the next frame, borrowed; `None` at a clean end. Stretches that the [`Recovery`] policy skips are only
    /// counted: see [`skipped`](Self::skipped).
    ///
    /// # Errors
    ///
    /// The errors of the reader inside, except `Interrupted`. After `WouldBlock` and time-outs call again; no byte is lost.
    /// `InvalidData` and `UnexpectedEof` carry a [`DecodeError`](crate::DecodeError) or an [`EofError`](crate::EofError), and every
    /// later call returns them again. A reader that claims more bytes than it was offered room for is `InvalidData` too, at every
    /// call, and no byte of it is used.
    #[inline]
    pub fn read_frame(&mut self) -> io::Result<Option<Frame<'_>>> {
        match self.inlet.see() {
            Some(seen) => Ok(self.inlet.lend_seen(seen)),
            None => self.read_frame_slow(),
        }
    }

    /// As [`read_frame`](Self::read_frame), where nothing is seen at once.
    #[inline(never)]
    fn read_frame_slow(&mut self) -> io::Result<Option<Frame<'_>>> {
        loop {
            match self.inlet.find()? {
                Some(found @ (Found::Frame(_), _)) => return Ok(self.inlet.lend(found)),
                Some((Found::Skipped(_), _)) => {}
                None if self.inlet.has_ended() => return Ok(self.inlet.finish()?),
                None => self.fill()?,
            }
            if let Some(seen) = self.inlet.see() {
                return Ok(self.inlet.lend_seen(seen));
            }
        }
    }

    /// Returns the next frame, or what was skipped in its place, in the order of the stream; `None` at a clean end.
    ///
    /// ```
    /// use anysplit::io::FrameReader;
    /// use anysplit::{Delimited, Event, Recovery};
    ///
    /// let line = Delimited::line().with_max_payload_len(5);
    /// let mut reader = FrameReader::new(&b"one\nmuch too long\ntwo\n"[..], line).with_recovery(Recovery::SkipOversize);
    /// assert!(matches!(reader.read_event()?, Some(Event::Frame(frame)) if frame.payload() == b"one"));
    /// assert!(matches!(reader.read_event()?, Some(Event::Skipped(stretch)) if stretch.len == 14));
    /// assert!(matches!(reader.read_event()?, Some(Event::Frame(frame)) if frame.payload() == b"two"));
    /// assert!(reader.read_event()?.is_none());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`read_frame`](Self::read_frame).
    pub fn read_event(&mut self) -> io::Result<Option<Event<'_>>> {
        loop {
            if let Some(seen) = self.inlet.see() {
                return Ok(self.inlet.lend_seen(seen).map(Event::Frame));
            }
            match self.inlet.find()? {
                Some(found) => return Ok(self.inlet.event(found)),
                None if self.inlet.has_ended() => return Ok(self.inlet.finish_event()?),
                None => self.fill()?,
            }
        }
    }

    /// Returns the frames of one read, borrowed, perhaps no frame; `None` at a clean end. Frames that are not taken are returned by
    /// the next call.
    ///
    /// ```
    /// use anysplit::Prefix;
    /// use anysplit::io::FrameReader;
    ///
    /// let mut reader = FrameReader::new(&b"\x02hi\x03you"[..], Prefix::u8());
    /// let mut count = 0;
    /// while let Some(mut frames) = reader.read_frames()? {
    ///     while let Some(frame) = frames.next_frame()? {
    ///         count += frame.payload().len();
    ///     }
    /// }
    /// assert_eq!(count, 5);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`read_frame`](Self::read_frame).
    pub fn read_frames(&mut self) -> io::Result<Option<Frames<'_, F>>> {
        if self.inlet.needs_read()? {
            self.fill_once()?;
        }
        self.inlet.frames()
    }

    /// Returns the next frame, owned; `None` at a clean end.
    ///
    /// # Errors
    ///
    /// As [`read_frame`](Self::read_frame).
    pub fn read_bytes(&mut self) -> io::Result<Option<OwnedFrame>> {
        loop {
            if let Some(frame) = self.inlet.next_bytes()? {
                return Ok(Some(frame));
            }
            if self.inlet.has_ended() {
                return Ok(self.inlet.finish_bytes()?);
            }
            self.fill()?;
        }
    }

    /// Returns all frames that have arrived, owned, at least one; `None` at a clean end.
    ///
    /// # Errors
    ///
    /// As [`read_frame`](Self::read_frame).
    pub fn read_batch(&mut self) -> io::Result<Option<Batch>> {
        loop {
            if let Some(batch) = self.inlet.next_batch()? {
                return Ok(Some(batch));
            }
            if self.inlet.has_ended() {
                return Ok(self.inlet.finish_batch()?);
            }
            self.fill()?;
        }
    }

    /// Returns the next piece of a frame: its payload is returned as it arrives; `None` at a clean end. Needs one block of memory
    /// for a payload of any size. See [`Decoder::next_piece`].
    ///
    /// # Errors
    ///
    /// As [`read_frame`](Self::read_frame).
    pub fn read_piece(&mut self) -> io::Result<Option<Piece<'_>>> {
        loop {
            if let Some(found) = self.inlet.find_piece()? {
                return Ok(self.inlet.lend_piece(found));
            }
            if self.inlet.has_ended() {
                return Ok(self.inlet.finish_piece()?);
            }
            self.fill_once()?;
        }
    }

    /// Reads until a frame may be complete.
    #[inline(never)]
    fn fill(&mut self) -> io::Result<()> {
        while !self.fill_once()? {}
        Ok(())
    }

    /// One read. Returns whether a frame may be complete.
    #[inline]
    fn fill_once(&mut self) -> io::Result<bool> {
        let Self { inlet, inner } = self;
        loop {
            match inlet.fill(|room| inner.read(room)) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    inlet.park();
                    return Err(error);
                }
                Ok(filled) => return Ok(filled),
            }
        }
    }
}

/// Writes messages to a writer.
///
/// [`write`](Self::write) queues a frame, [`flush`](Self::flush) sends the queue, many frames with one system call, and
/// [`send`](Self::send) does both. With 64 KiB or more in the queue, `write` first sends until there is room.
/// With less, if the message would go beyond 64 KiB, `write` first sends what the writer inside takes, and then queues the message.
///
/// Like [`std::io::BufWriter`], it sends the unsent bytes when it is dropped and ignores errors then, so flush before.
///
/// # Which errors leave the message unsent
///
/// After an error of `write` the message was **not** taken: repeat the call. An error of `flush` is not about one message: the unsent bytes stay queued, and the next `flush` continues with the first of them.
#[derive(Debug)]
pub struct FrameWriter<W: Write, F: Framing> {
    /// `None` only while `into_parts` takes it apart: without `unsafe`, parts cannot be moved out of a type that implements `Drop`
    /// in another way.
    live: Option<Live<W, F>>,
}

#[derive(Debug)]
struct Live<W, F> {
    inner: W,
    outlet: Outlet<F>,
}

impl<W: Write, F: Framing> FrameWriter<W, F> {
    /// Creates a writer for a new stream. Does not allocate.
    pub fn new(inner: W, framing: F) -> Self {
        Self::from_parts(inner, Encoder::new(framing))
    }

    /// Creates a writer in the middle of a stream: the queue of `encoder` is sent first.
    pub fn from_parts(inner: W, encoder: Encoder<F>) -> Self {
        Self { live: Some(Live { inner, outlet: Outlet::new(encoder) }) }
    }

    /// Returns the writer and what is queued. Nothing is sent.
    pub fn into_parts(self) -> (W, Encoder<F>) {
        let Live { inner, outlet } = self.into_live();
        (inner, outlet.into_encoder())
    }

    /// Sets the limit of the queue, in bytes. If that many are unsent, [`write`](Self::write) sends some before it takes the
    /// message. If fewer are unsent, it takes the message at once, so the queue may exceed the limit by one message.
    #[must_use]
    pub fn with_limit(mut self, limit: usize) -> Self {
        self.live_mut().outlet.set_limit(limit);
        self
    }

    /// Continues with another framing. The queued frames are sent unchanged.
    pub fn with_framing<G: Framing>(self, framing: G) -> FrameWriter<W, G> {
        let Live { inner, outlet } = self.into_live();
        FrameWriter { live: Some(Live { inner, outlet: outlet.map(framing) }) }
    }

    /// Returns the framing.
    pub fn framing(&self) -> &F {
        self.live().outlet.framing()
    }

    /// Returns the writer inside.
    pub fn get_ref(&self) -> &W {
        &self.live().inner
    }

    /// Returns the writer inside. Bytes written to it go between those that are sent and those that are unsent.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.live_mut().inner
    }

    /// Returns how many bytes are queued that the transport has not taken.
    pub fn unsent(&self) -> usize {
        self.live().outlet.unsent()
    }

    /// Returns how many frames were queued and how many bytes the transport has taken.
    pub fn counters(&self) -> Counters {
        self.live().outlet.counters()
    }

    /// Queues the frame of `message`, which is anything that is `AsRef<[u8]>`: a slice, a `Vec<u8>`, a `&str`, a `String`. With the
    /// limit reached it first sends until there is room.
    ///
    /// # Errors
    ///
    /// `InvalidInput` with an [`EncodeError`](crate::EncodeError); or what the transport returns, `WouldBlock` among it. The message
    /// was not taken.
    #[inline]
    pub fn write(&mut self, message: impl AsRef<[u8]>) -> io::Result<()> {
        self.write_slice(message.as_ref())
    }

    fn write_slice(&mut self, message: &[u8]) -> io::Result<()> {
        Ok(self.outlet_with_room(message.len())?.push(message)?)
    }

    /// As [`write`](Self::write), without copying a payload of some length: see [`Encoder::push_bytes`].
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub fn write_bytes(&mut self, message: Bytes) -> io::Result<()> {
        Ok(self.outlet_with_room(message.len())?.push_bytes(message)?)
    }

    /// As [`write`](Self::write), for a message that `write` writes: see [`Framing::encode_with`].
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub fn write_with(&mut self, write: impl FnOnce(&mut BytesMut)) -> io::Result<()> {
        self.try_write_with(|out| {
            write(out);
            Ok(())
        })
    }

    /// As [`write_with`](Self::write_with), for a `write` that can fail, such as a serialiser.
    ///
    /// ```
    /// use anysplit::Prefix;
    /// use anysplit::io::FrameWriter;
    /// use bytes::BufMut;
    ///
    /// let mut writer = FrameWriter::new(Vec::new(), Prefix::u8());
    /// writer.try_write_with(|out| serde_json::to_writer(out.writer(), &[1, 2]).map_err(std::io::Error::from))?;
    /// writer.flush()?;
    /// assert_eq!(writer.get_ref(), b"\x05[1,2]");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What `write` returns, and as [`write`](Self::write). The message was not taken.
    pub fn try_write_with<E: From<io::Error>>(
        &mut self,
        write: impl FnOnce(&mut BytesMut) -> Result<(), E>,
    ) -> Result<(), E> {
        self.outlet_with_room(0)?.push_with(write)
    }

    /// Queues the frames of all `messages`, or no frame, as one [`write`](Self::write): see [`Encoder::push_batch`].
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write), for the first message that is refused. No message is then queued.
    pub fn write_batch<M: AsRef<[u8]>>(&mut self, messages: impl IntoIterator<Item = M>) -> io::Result<()> {
        Ok(self.outlet_with_room(0)?.push_batch(messages)?)
    }

    /// Queues bytes that are on the wire as they are, such as a control frame, as [`write`](Self::write) does.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub fn write_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        Ok(self.outlet_with_room(bytes.len())?.push_raw(bytes)?)
    }

    /// Sends all queued bytes, and flushes the writer inside.
    ///
    /// # Errors
    ///
    /// The errors of the transport, except `Interrupted`, and `WriteZero`. The unsent bytes stay queued: after
    /// `WouldBlock` and time-outs call again, and it continues with the first of them.
    pub fn flush(&mut self) -> io::Result<()> {
        let Live { inner, outlet } = self.live_mut();
        outlet.flush(inner)
    }

    /// [`write`](Self::write) and [`flush`](Self::flush). For transports that wait.
    ///
    /// # Errors
    ///
    /// As both. On a transport with a time-out or without blocking make the two calls yourself: an error of this one does not
    /// show whether the message was taken.
    pub fn send(&mut self, message: impl AsRef<[u8]>) -> io::Result<()> {
        self.write(message)?;
        self.flush()
    }

    fn outlet_with_room(&mut self, len: usize) -> io::Result<&mut Outlet<F>> {
        let Live { inner, outlet } = self.live_mut();
        outlet.make_room(inner, len)?;
        Ok(outlet)
    }

    fn live(&self) -> &Live<W, F> {
        self.live.as_ref().expect(WHOLE)
    }

    fn live_mut(&mut self) -> &mut Live<W, F> {
        self.live.as_mut().expect(WHOLE)
    }

    fn into_live(mut self) -> Live<W, F> {
        self.live.take().expect(WHOLE)
    }
}

const WHOLE: &str = "only a call that takes the writer itself takes its parts";

impl<W: Write, F: Framing> Drop for FrameWriter<W, F> {
    fn drop(&mut self) {
        if let Some(live) = &mut self.live {
            // A writer that panicked may do so again.
            if live.outlet.unsent() > 0 && !std::thread::panicking() {
                let _ = live.outlet.drain(&mut live.inner);
                let _ = live.inner.flush();
            }
        }
    }
}

/// Over a transport that waits.
impl<F: Framing> Outlet<F> {
    #[inline]
    pub(crate) fn make_room<W: Write>(&mut self, inner: &mut W, len: usize) -> io::Result<()> {
        while !self.has_room(len) {
            match self.write_once(inner) {
                // Below the limit a message is taken whatever the transport does.
                Err(error) if error.kind() == ErrorKind::WouldBlock && !self.is_full() => break,
                result => result?,
            }
        }
        Ok(())
    }

    pub(crate) fn flush<W: Write>(&mut self, inner: &mut W) -> io::Result<()> {
        self.drain(inner)?;
        loop {
            match inner.flush() {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }

    fn drain<W: Write>(&mut self, inner: &mut W) -> io::Result<()> {
        while self.unsent() > 0 {
            self.write_once(inner)?;
        }
        Ok(())
    }

    fn write_once<W: Write>(&mut self, inner: &mut W) -> io::Result<()> {
        match self.write_with(|slices| inner.write_vectored(slices), |result| result.as_ref().ok().copied()) {
            Ok(0) => Err(write_zero()),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            Err(error) => Err(error),
        }
    }
}

frame_stream! {
    /// Reads frames from a stream and writes messages to it: for a transport that cannot be split into two halves, such as a TLS
    /// session, a serial port or a pseudo-terminal.
    ///
    /// It is a [`FrameReader`] and the queue of a [`FrameWriter`] over one object. Messages are queued until
    /// [`flush`](Self::flush): flush before you wait for an answer. Nothing is sent when it is dropped.
    ///
    /// Both directions have the same framing, or with [`from_parts`](Self::from_parts) one each.
    ///
    /// ```
    /// use anysplit::Delimited;
    /// use anysplit::io::FrameStream;
    /// use std::net::{TcpListener, TcpStream};
    ///
    /// let listener = TcpListener::bind("127.0.0.1:0")?;
    /// let mut client = FrameStream::new(TcpStream::connect(listener.local_addr()?)?, Delimited::line());
    /// let mut server = FrameStream::new(listener.accept()?.0, Delimited::line());
    ///
    /// client.send("ping")?;
    /// assert_eq!(server.read_frame()?.unwrap().payload(), b"ping");
    /// server.send("pong")?;
    /// assert_eq!(client.read_frame()?.unwrap().payload(), b"pong");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    [Read], [Write], make_room, flush
}
