//! Frames over tokio: any framing as a codec of [`tokio_util::codec`], and a reader and a writer of this crate's own.
//!
//! # Which to use
//!
//! In new code, [`FrameReader`] and [`FrameWriter`]. In code that has a `Framed`, or combines streams and sinks, [`Codec`].
//!
//! | | [`Codec`] in `Framed` | [`FrameReader`], [`FrameWriter`] |
//! | --- | --- | --- |
//! | is | a `Stream` and a `Sink`, with all their combinators | both of these too, with methods to await |
//! | memory of an idle connection | 8 KiB for each direction | none |
//! | a frame received | owned, not copied | borrowed, not copied; or owned, or in pieces, copied once |
//! | a payload sent | copied into the buffer | `Bytes` are shared, writes are vectored |
//! | a future that is dropped | loses no bytes | loses no bytes |
//!
//! ```
//! use anysplit::Prefix;
//! use anysplit::tokio::{FrameReader, FrameWriter};
//!
//! # ::tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let (client, server) = ::tokio::io::duplex(16);
//! let mut writer = FrameWriter::new(client, Prefix::u16_be());
//! let mut reader = FrameReader::new(server, Prefix::u16_be());
//!
//! writer.write(b"hello").await?;
//! writer.flush().await?;
//! assert_eq!(reader.read_frame().await?.unwrap().payload(), b"hello");
//!
//! writer.shutdown().await?;
//! assert!(reader.read_frame().await?.is_none());
//! # Ok::<(), std::io::Error>(())
//! # })?;
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! With `Framed`:
//!
//! ```
//! use anysplit::Prefix;
//! use anysplit::tokio::Codec;
//! use futures::{SinkExt, StreamExt};
//! use tokio_util::codec::Framed;
//!
//! # ::tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let (client, server) = ::tokio::io::duplex(64);
//! let mut client = Framed::new(client, Codec::new(Prefix::u32_be()));
//! let mut server = Framed::new(server, Codec::new(Prefix::u32_be()));
//!
//! client.send("hello").await?;
//! assert_eq!(&*server.next().await.unwrap()?, b"hello");
//!
//! // A codec sends items of many types: `close` and `flush` need one by name.
//! SinkExt::<&[u8]>::close(&mut client).await?;
//! assert!(server.next().await.is_none());
//! # Ok::<(), std::io::Error>(())
//! # })?;
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Errors are [`std::io::Error`]s as those of [`anysplit::io`](crate::io), and [`cause`](crate::io::cause) returns
//! the typed error.

use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::io::{self, ErrorKind};

use ::tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use bytes::{Bytes, BytesMut};

use crate::adapt::inlet::{Frames, Inlet, frame_reader};
use crate::adapt::outlet::{Outlet, write_zero};
use crate::adapt::stream::frame_stream;
use crate::contract::Framing;
use crate::decode::decoder::Decoder;
use crate::decode::drive::Found;
use crate::decode::frame::{Batch, Event, Frame, OwnedEvent, OwnedFrame, Piece};
use crate::decode::recovery::{Recovery, Skips};
use crate::encoder::Encoder;

mod items;

pub use crate::adapt::codec::{Codec, EventCodec};
pub use crate::adapt::counters::Counters;

impl<F: Framing> tokio_util::codec::Decoder for Codec<F> {
    type Item = OwnedFrame;
    type Error = io::Error;

    fn decode(&mut self, src: &mut BytesMut) -> io::Result<Option<OwnedFrame>> {
        Ok(self.decode_frame(src)?)
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> io::Result<Option<OwnedFrame>> {
        Ok(self.decode_frame_at_eof(src)?)
    }
}

impl<F: Framing> tokio_util::codec::Decoder for EventCodec<F> {
    type Item = OwnedEvent;
    type Error = io::Error;

    fn decode(&mut self, src: &mut BytesMut) -> io::Result<Option<OwnedEvent>> {
        Ok(self.decode_event(src)?)
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> io::Result<Option<OwnedEvent>> {
        Ok(self.decode_event_at_eof(src)?)
    }
}

/// Everything that is `AsRef<[u8]>` can be sent: `Bytes`, `Vec<u8>`, `&[u8]`, `&str`, `String`, an [`OwnedFrame`].
impl<F: Framing, M: AsRef<[u8]>> tokio_util::codec::Encoder<M> for Codec<F> {
    type Error = io::Error;

    fn encode(&mut self, message: M, dst: &mut BytesMut) -> io::Result<()> {
        Ok(self.encode_message(message.as_ref(), dst)?)
    }
}

/// As for [`Codec`].
impl<F: Framing, M: AsRef<[u8]>> tokio_util::codec::Encoder<M> for EventCodec<F> {
    type Error = io::Error;

    fn encode(&mut self, message: M, dst: &mut BytesMut) -> io::Result<()> {
        Ok(self.encode_message(message.as_ref(), dst)?)
    }
}

/// Reads frames from an asynchronous reader, like [`anysplit::io::FrameReader`](crate::io::FrameReader).
///
/// While it waits between two frames, it owns no heap memory.
///
/// # Cancel safety
///
/// All its futures may be dropped at any point, as `select!` does: bytes that were read stay in the reader, and the next call
/// continues with them.
#[derive(Debug)]
pub struct FrameReader<R, F> {
    inlet: Inlet<F>,
    inner: R,
}

frame_reader! {
    /// Makes the reader never take a byte after the current frame. See
    /// [`io::FrameReader::exact`](crate::io::FrameReader::exact).
}

impl<R: AsyncRead + Unpin, F: Framing> FrameReader<R, F> {
    /// Returns the next frame, borrowed; `None` at a clean end. Cancel safe.
    ///
    /// # Errors
    ///
    /// As [`io::FrameReader::read_frame`](crate::io::FrameReader::read_frame).
    #[inline]
    pub async fn read_frame(&mut self) -> io::Result<Option<Frame<'_>>> {
        loop {
            if let Some(seen) = self.inlet.see() {
                return Ok(self.inlet.lend_seen(seen));
            }
            match self.inlet.find()? {
                Some(found @ (Found::Frame(_), _)) => return Ok(self.inlet.lend(found)),
                Some((Found::Skipped(_), _)) => {}
                None if self.inlet.has_ended() => return Ok(self.inlet.finish()?),
                None => self.fill().await?,
            }
        }
    }

    /// Returns the next frame, or what was skipped in its place, in the order of the stream; `None` at a clean end. Cancel
    /// safe.
    ///
    /// # Errors
    ///
    /// As [`read_frame`](Self::read_frame).
    pub async fn read_event(&mut self) -> io::Result<Option<Event<'_>>> {
        loop {
            if let Some(seen) = self.inlet.see() {
                return Ok(self.inlet.lend_seen(seen).map(Event::Frame));
            }
            match self.inlet.find()? {
                Some(found) => return Ok(self.inlet.event(found)),
                None if self.inlet.has_ended() => return Ok(self.inlet.finish_event()?),
                None => self.fill().await?,
            }
        }
    }

    /// Returns the frames of one read, borrowed, perhaps no frame; `None` at a clean end. Frames that are not taken are returned by
    /// the next call. Cancel safe.
    ///
    /// # Errors
    ///
    /// As [`read_frame`](Self::read_frame).
    pub async fn read_frames(&mut self) -> io::Result<Option<Frames<'_, F>>> {
        if self.inlet.needs_read()? {
            self.fill_once().await?;
        }
        self.inlet.frames()
    }

    /// Returns the next frame, owned; `None` at a clean end. Copied once. Cancel safe.
    ///
    /// # Errors
    ///
    /// As [`read_frame`](Self::read_frame).
    pub async fn read_bytes(&mut self) -> io::Result<Option<OwnedFrame>> {
        let Self { inlet, inner } = self;
        poll_fn(|cx| poll_bytes(inlet, inner, cx)).await
    }

    /// Returns all frames that have arrived, owned, at least one; `None` at a clean end. Copied once. Cancel safe.
    ///
    /// # Errors
    ///
    /// As [`read_frame`](Self::read_frame).
    pub async fn read_batch(&mut self) -> io::Result<Option<Batch>> {
        loop {
            if let Some(batch) = self.inlet.next_batch()? {
                return Ok(Some(batch));
            }
            if self.inlet.has_ended() {
                return Ok(self.inlet.finish_batch()?);
            }
            self.fill().await?;
        }
    }

    /// Returns the next piece of a frame: its payload is returned as it arrives; `None` at a clean end. Cancel safe.
    ///
    /// # Errors
    ///
    /// As [`read_frame`](Self::read_frame).
    pub async fn read_piece(&mut self) -> io::Result<Option<Piece<'_>>> {
        loop {
            if let Some(found) = self.inlet.find_piece()? {
                return Ok(self.inlet.lend_piece(found));
            }
            if self.inlet.has_ended() {
                return Ok(self.inlet.finish_piece()?);
            }
            self.fill_once().await?;
        }
    }

    /// Reads until a frame may be complete.
    async fn fill(&mut self) -> io::Result<()> {
        let Self { inlet, inner } = self;
        poll_fn(|cx| poll_fill(inlet, inner, cx)).await
    }

    /// One read. Returns whether a frame may be complete.
    async fn fill_once(&mut self) -> io::Result<bool> {
        let Self { inlet, inner } = self;
        poll_fn(|cx| poll_fill_once(inlet, inner, cx)).await
    }
}

/// The next frame, owned.
fn poll_bytes<R: AsyncRead + Unpin, F: Framing>(
    inlet: &mut Inlet<F>,
    inner: &mut R,
    cx: &mut Context<'_>,
) -> Poll<io::Result<Option<OwnedFrame>>> {
    loop {
        if let Some(frame) = inlet.next_bytes()? {
            return Poll::Ready(Ok(Some(frame)));
        }
        if inlet.has_ended() {
            return Poll::Ready(Ok(inlet.finish_bytes()?));
        }
        ready!(poll_fill(inlet, inner, cx))?;
    }
}

/// Reads until a frame may be complete.
fn poll_fill<R: AsyncRead + Unpin, F: Framing>(
    inlet: &mut Inlet<F>,
    inner: &mut R,
    cx: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    while !ready!(poll_fill_once(inlet, inner, cx))? {}
    Poll::Ready(Ok(()))
}

/// One read. Returns whether a frame may be complete.
#[inline]
fn poll_fill_once<R: AsyncRead + Unpin, F: Framing>(
    inlet: &mut Inlet<F>,
    inner: &mut R,
    cx: &mut Context<'_>,
) -> Poll<io::Result<bool>> {
    loop {
        match inlet.fill(|room| poll_once(Pin::new(&mut *inner), cx, room)) {
            Ok(filled) => return Poll::Ready(Ok(filled)),
            Err(Poll::Ready(error)) if error.kind() == ErrorKind::Interrupted => {}
            // A thousand connections that wait own no block.
            Err(stopped) => {
                inlet.park();
                return stopped.map(Err);
            }
        }
    }
}

/// One poll, and how many bytes it wrote to the room.
fn poll_once<R: AsyncRead>(
    inner: Pin<&mut R>,
    cx: &mut Context<'_>,
    room: &mut [u8],
) -> Result<usize, Poll<io::Error>> {
    let start = room.as_ptr();
    let mut room = ReadBuf::new(room);
    match inner.poll_read(cx, &mut room) {
        // It has put another buffer in the place of this one.
        Poll::Ready(Ok(())) if room.filled().as_ptr() != start => Ok(usize::MAX),
        Poll::Ready(Ok(())) => Ok(room.filled().len()),
        Poll::Ready(Err(error)) => Err(Poll::Ready(error)),
        Poll::Pending => Err(Poll::Pending),
    }
}

/// Writes messages to an asynchronous writer.
///
/// [`write`](Self::write) queues a frame, [`flush`](Self::flush) sends the queue with vectored writes. The queue has a limit: with
/// 64 KiB unsent, `write` waits for the transport, so that back-pressure reaches the sender. Unsent bytes are lost when the writer
/// is dropped: call `flush` or [`shutdown`](Self::shutdown) before.
///
/// # Cancel safety
///
/// All its futures may be dropped at any point. Unsent bytes stay in the queue, and the next call continues with the first of
/// them. A `write` that is dropped has not taken its message; a `write` that has returned `Ok` has.
#[derive(Debug)]
pub struct FrameWriter<W, F> {
    outlet: Outlet<F>,
    inner: W,
}

impl<W, F: Framing> FrameWriter<W, F> {
    /// Creates a writer for a new stream. Does not allocate.
    pub fn new(inner: W, framing: F) -> Self {
        Self::from_parts(inner, Encoder::new(framing))
    }

    /// Creates a writer in the middle of a stream: the queue of `encoder` is sent first.
    pub const fn from_parts(inner: W, encoder: Encoder<F>) -> Self {
        Self { outlet: Outlet::new(encoder), inner }
    }

    /// Returns the writer and what is queued. Nothing is sent.
    pub fn into_parts(self) -> (W, Encoder<F>) {
        (self.inner, self.outlet.into_encoder())
    }

    /// Sets the limit of the queue, in bytes. If that many are unsent, [`write`](Self::write) sends some before it takes the
    /// message. If fewer are unsent, it takes the message at once, so the queue may exceed the limit by one message.
    #[must_use]
    pub fn with_limit(mut self, limit: usize) -> Self {
        self.outlet.set_limit(limit);
        self
    }

    /// Continues with another framing. The queued frames are sent unchanged.
    pub fn with_framing<G: Framing>(self, framing: G) -> FrameWriter<W, G> {
        FrameWriter { outlet: self.outlet.map(framing), inner: self.inner }
    }

    /// Returns the framing.
    pub const fn framing(&self) -> &F {
        self.outlet.framing()
    }

    /// Returns the writer inside.
    pub const fn get_ref(&self) -> &W {
        &self.inner
    }

    /// Returns the writer inside. Bytes written to it go between those that are sent and those that are unsent.
    pub const fn get_mut(&mut self) -> &mut W {
        &mut self.inner
    }

    /// Returns how many frames were queued and how many bytes the transport has taken.
    pub fn counters(&self) -> Counters {
        self.outlet.counters()
    }

    /// Returns how many bytes are queued that the transport has not taken.
    pub fn unsent(&self) -> usize {
        self.outlet.unsent()
    }
}

impl<W: AsyncWrite + Unpin, F: Framing> FrameWriter<W, F> {
    /// Queues the frame of `message`, which is anything that is `AsRef<[u8]>`: a slice, a `Vec<u8>`, a `&str`, a `String`. With the
    /// limit reached it first sends until there is room. Cancel safe.
    ///
    /// # Errors
    ///
    /// `InvalidInput` with an [`EncodeError`](crate::EncodeError), or what the transport returns. The message was not taken.
    pub async fn write(&mut self, message: impl AsRef<[u8]>) -> io::Result<()> {
        let message = message.as_ref();
        self.outlet.wait_for_room(&mut self.inner, message.len()).await?;
        Ok(self.outlet.push(message)?)
    }

    /// As [`write`](Self::write), without copying a payload of some length: see [`Encoder::push_bytes`].
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub async fn write_bytes(&mut self, message: Bytes) -> io::Result<()> {
        self.outlet.wait_for_room(&mut self.inner, message.len()).await?;
        Ok(self.outlet.push_bytes(message)?)
    }

    /// As [`write`](Self::write), for a message that `write` writes: see [`Framing::encode_with`].
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub async fn write_with(&mut self, write: impl FnOnce(&mut BytesMut)) -> io::Result<()> {
        self.try_write_with(|out| {
            write(out);
            Ok(())
        })
        .await
    }

    /// As [`write_with`](Self::write_with), for a `write` that can fail, such as a serialiser.
    ///
    /// # Errors
    ///
    /// What `write` returns, and as [`write`](Self::write). The message was not taken.
    pub async fn try_write_with<E: From<io::Error>>(
        &mut self,
        write: impl FnOnce(&mut BytesMut) -> Result<(), E>,
    ) -> Result<(), E> {
        self.outlet.wait_for_room(&mut self.inner, 0).await?;
        self.outlet.push_with(write)
    }

    /// Queues the frames of all `messages`, or no frame, as one [`write`](Self::write): see [`Encoder::push_batch`].
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write), for the first message that is refused. No message is then queued.
    pub async fn write_batch<M: AsRef<[u8]>>(&mut self, messages: impl IntoIterator<Item = M>) -> io::Result<()> {
        self.outlet.wait_for_room(&mut self.inner, 0).await?;
        Ok(self.outlet.push_batch(messages)?)
    }

    /// Queues bytes that are on the wire as they are, such as a control frame, as [`write`](Self::write) does.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub async fn write_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.outlet.wait_for_room(&mut self.inner, bytes.len()).await?;
        Ok(self.outlet.push_raw(bytes)?)
    }

    /// Sends all that is queued, and flushes the writer inside. Cancel safe.
    ///
    /// # Errors
    ///
    /// What the transport returns, and `WriteZero`. What is unsent stays queued.
    pub async fn flush(&mut self) -> io::Result<()> {
        self.outlet.send_all(&mut self.inner).await
    }

    /// [`write`](Self::write) and [`flush`](Self::flush).
    ///
    /// If its future is dropped, the caller does not know whether the message was taken: in a `select!`, make the two calls
    /// separately.
    ///
    /// # Errors
    ///
    /// As both.
    pub async fn send(&mut self, message: impl AsRef<[u8]>) -> io::Result<()> {
        self.write(message).await?;
        self.flush().await
    }

    /// Sends all that is queued, and then the end of the stream. Cancel safe.
    ///
    /// # Errors
    ///
    /// As [`flush`](Self::flush).
    pub async fn shutdown(&mut self) -> io::Result<()> {
        self.outlet.shut_down(&mut self.inner).await
    }
}

/// Over an asynchronous transport.
impl<F: Framing> Outlet<F> {
    async fn wait_for_room<W: AsyncWrite + Unpin>(&mut self, inner: &mut W, len: usize) -> io::Result<()> {
        if self.has_room(len) {
            return Ok(());
        }
        poll_fn(|cx| self.poll_room(inner, cx, len)).await
    }

    fn poll_room<W: AsyncWrite + Unpin>(
        &mut self,
        inner: &mut W,
        cx: &mut Context<'_>,
        len: usize,
    ) -> Poll<io::Result<()>> {
        match self.poll_until(inner, cx, |outlet| outlet.has_room(len)) {
            // Below the limit a message is taken whatever the transport does.
            Poll::Pending if !self.is_full() => Poll::Ready(Ok(())),
            polled => polled,
        }
    }

    async fn send_all<W: AsyncWrite + Unpin>(&mut self, inner: &mut W) -> io::Result<()> {
        poll_fn(|cx| self.poll_flush(inner, cx)).await
    }

    fn poll_flush<W: AsyncWrite + Unpin>(&mut self, inner: &mut W, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_until(inner, cx, |outlet| outlet.unsent() == 0))?;
        Pin::new(inner).poll_flush(cx)
    }

    async fn shut_down<W: AsyncWrite + Unpin>(&mut self, inner: &mut W) -> io::Result<()> {
        self.send_all(inner).await?;
        poll_fn(|cx| Pin::new(&mut *inner).poll_shutdown(cx)).await
    }

    fn poll_close<W: AsyncWrite + Unpin>(&mut self, inner: &mut W, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_until(inner, cx, |outlet| outlet.unsent() == 0))?;
        Pin::new(inner).poll_shutdown(cx)
    }

    /// Writes until enough has gone.
    fn poll_until<W: AsyncWrite + Unpin>(
        &mut self,
        inner: &mut W,
        cx: &mut Context<'_>,
        enough: impl Fn(&Self) -> bool,
    ) -> Poll<io::Result<()>> {
        while !enough(self) {
            let written = |polled: &Poll<io::Result<usize>>| match polled {
                Poll::Ready(Ok(count)) => Some(*count),
                _ => None,
            };
            match ready!(self.write_with(|slices| Pin::new(&mut *inner).poll_write_vectored(cx, slices), written)) {
                Ok(0) => return Poll::Ready(Err(write_zero())),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        Poll::Ready(Ok(()))
    }
}

frame_stream! {
    /// Reads frames from a stream and writes messages to it: for a transport that cannot be split into two halves, such as a
    /// TLS session.
    ///
    /// It is a [`FrameReader`] and the queue of a [`FrameWriter`] over one object, and like these a `Stream` and a `Sink`.
    /// Messages are queued until [`flush`](Self::flush): flush before you wait for an answer. Nothing is sent when it is dropped.
    /// Its futures are cancel safe as those of the two.
    ///
    /// Both directions have the same framing, or with [`from_parts`](Self::from_parts) one each.
    ///
    /// ```
    /// use anysplit::Delimited;
    /// use anysplit::tokio::FrameStream;
    ///
    /// # ::tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// let (near, far) = ::tokio::io::duplex(64);
    /// let mut client = FrameStream::new(near, Delimited::line());
    /// let mut server = FrameStream::new(far, Delimited::line());
    ///
    /// client.send("ping").await?;
    /// assert_eq!(server.read_frame().await?.unwrap().payload(), b"ping");
    /// server.send("pong").await?;
    /// assert_eq!(client.read_frame().await?.unwrap().payload(), b"pong");
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    [AsyncRead + Unpin], [AsyncWrite + Unpin], wait_for_room, send_all, async, await
}

impl<S: AsyncWrite + Unpin, F: Framing, G: Framing> FrameStream<S, F, G> {
    /// Sends all that is queued, and then the end of the stream. Cancel safe.
    ///
    /// # Errors
    ///
    /// As [`flush`](Self::flush).
    pub async fn shutdown(&mut self) -> io::Result<()> {
        self.outlet.shut_down(self.reader.get_mut()).await
    }
}
