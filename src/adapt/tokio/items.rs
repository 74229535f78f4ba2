//! Readers as streams of frames, and writers as sinks of messages.

use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::io;

use ::tokio::io::{AsyncRead, AsyncWrite};
use futures_core::Stream;
use futures_sink::Sink;

use super::{FrameReader, FrameStream, FrameWriter, poll_bytes};
use crate::contract::Framing;
use crate::decode::frame::OwnedFrame;

// The framing and the queue are never pinned.
impl<R: Unpin, F> Unpin for FrameReader<R, F> {}
impl<W: Unpin, F> Unpin for FrameWriter<W, F> {}
impl<S: Unpin, F, G> Unpin for FrameStream<S, F, G> {}

/// The frames, owned, as [`FrameReader::read_bytes`] returns them. The stream ends after an error.
///
/// ```
/// use anysplit::Delimited;
/// use anysplit::tokio::FrameReader;
/// use futures::TryStreamExt;
///
/// # ::tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let reader = FrameReader::new(&b"one\ntwo\n"[..], Delimited::line());
/// let lengths: Vec<usize> = reader.map_ok(|line| line.len()).try_collect().await?;
/// assert_eq!(lengths, [3, 3]);
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
impl<R: AsyncRead + Unpin, F: Framing> Stream for FrameReader<R, F> {
    type Item = io::Result<OwnedFrame>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<OwnedFrame>>> {
        let Self { inlet, inner } = self.get_mut();
        if inlet.has_failed() {
            return Poll::Ready(None);
        }
        let result = ready!(poll_bytes(inlet, inner, cx));
        inlet.set_failed(result.is_err());
        Poll::Ready(result.transpose())
    }
}

/// Everything that gives bytes can be sent, as by [`FrameWriter::write`]. To share a long payload, call
/// [`FrameWriter::write_bytes`].
///
/// ```
/// use anysplit::Delimited;
/// use anysplit::tokio::FrameWriter;
/// use futures::SinkExt;
///
/// # ::tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let mut writer = FrameWriter::new(Vec::new(), Delimited::line());
/// SinkExt::feed(&mut writer, "one").await?;
/// SinkExt::feed(&mut writer, String::from("two")).await?;
/// writer.flush().await?;
/// assert_eq!(writer.get_ref(), b"one\ntwo\n");
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
impl<W: AsyncWrite + Unpin, F: Framing, M: AsRef<[u8]>> Sink<M> for FrameWriter<W, F> {
    type Error = io::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { outlet, inner } = self.get_mut();
        outlet.poll_room(inner, cx, 0)
    }

    fn start_send(self: Pin<&mut Self>, message: M) -> io::Result<()> {
        Ok(self.get_mut().outlet.push(message.as_ref())?)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { outlet, inner } = self.get_mut();
        outlet.poll_flush(inner, cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { outlet, inner } = self.get_mut();
        outlet.poll_close(inner, cx)
    }
}

/// As that of [`FrameReader`].
impl<S: AsyncRead + Unpin, F: Framing, G: Framing> Stream for FrameStream<S, F, G> {
    type Item = io::Result<OwnedFrame>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<OwnedFrame>>> {
        Pin::new(&mut self.get_mut().reader).poll_next(cx)
    }
}

/// As that of [`FrameWriter`].
impl<S: AsyncWrite + Unpin, F: Framing, G: Framing, M: AsRef<[u8]>> Sink<M> for FrameStream<S, F, G> {
    type Error = io::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { reader, outlet } = self.get_mut();
        outlet.poll_room(reader.get_mut(), cx, 0)
    }

    fn start_send(self: Pin<&mut Self>, message: M) -> io::Result<()> {
        Ok(self.get_mut().outlet.push(message.as_ref())?)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { reader, outlet } = self.get_mut();
        outlet.poll_flush(reader.get_mut(), cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { reader, outlet } = self.get_mut();
        outlet.poll_close(reader.get_mut(), cx)
    }
}
