//! A sender and a receiver over loopback TCP, one of them in a separate thread or task.
//!
//! Every contender counts its system calls through [`Counted`].

use std::io::{self, IoSlice, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use anysplit::Prefix;
use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_util::codec::{FramedRead, FramedWrite, LengthDelimitedCodec};

use super::Sum;

/// The traffic of a connection, and the number of system calls on both sides.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Passed {
    pub(crate) sum: Sum,
    pub(crate) calls: u64,
}

/// A stream whose system calls are counted.
pub(crate) struct Counted<S> {
    inner: S,
    calls: Arc<AtomicU64>,
}

impl<S> Counted<S> {
    fn count(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }
}

impl<S: Read> Read for Counted<S> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.count();
        self.inner.read(room)
    }
}

impl<S: Write> Write for Counted<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.count();
        self.inner.write(bytes)
    }
    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.count();
        self.inner.write_vectored(slices)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, room: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.count();
        Pin::new(&mut self.inner).poll_read(cx, room)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.count();
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.count();
        Pin::new(&mut self.inner).poll_write_vectored(cx, slices)
    }
    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

fn blocking(
    send: impl FnOnce(Counted<TcpStream>) + Send + 'static,
    receive: impl FnOnce(Counted<TcpStream>) -> Sum,
) -> Passed {
    let calls = Arc::new(AtomicU64::new(0));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    let client = Counted { inner: client, calls: calls.clone() };
    let sender = std::thread::spawn(move || send(client));
    let sum = receive(Counted { inner: server, calls: calls.clone() });
    sender.join().unwrap();
    Passed { sum, calls: calls.load(Ordering::Relaxed) }
}

/// This crate's reader and writer over `std::net`.
pub(crate) fn ours_std(message: &'static [u8], count: usize) -> Passed {
    let framing = Prefix::u32_be();
    blocking(
        move |stream| {
            let mut writer = anysplit::io::FrameWriter::new(stream, framing);
            for _ in 0..count {
                writer.write(message).unwrap();
            }
            writer.flush().unwrap();
        },
        |stream| {
            let mut reader = anysplit::io::FrameReader::new(stream, framing);
            let mut sum = Sum::default();
            while let Some(frames) = reader.read_frames().unwrap() {
                frames.for_each(|frame| sum.add(frame.payload())).unwrap();
            }
            sum
        },
    )
}

/// A hand-written loop over `std::net`: one buffer of 64 KiB on either side.
pub(crate) fn by_hand(message: &'static [u8], count: usize) -> Passed {
    const BLOCK: usize = 64 * 1024;
    blocking(
        move |mut stream| {
            let mut block = Vec::with_capacity(BLOCK);
            for _ in 0..count {
                if block.len() + 4 + message.len() > BLOCK {
                    stream.write_all(&block).unwrap();
                    block.clear();
                }
                block.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
                if message.len() >= BLOCK {
                    // Too long to be worth a copy.
                    stream.write_all(&block).unwrap();
                    block.clear();
                    stream.write_all(message).unwrap();
                } else {
                    block.extend_from_slice(message);
                }
            }
            stream.write_all(&block).unwrap();
        },
        move |mut stream| {
            let mut block = vec![0; BLOCK.max(2 * message.len())];
            let (mut filled, mut sum) = (0, Sum::default());
            loop {
                let len = stream.read(&mut block[filled..]).unwrap();
                if len == 0 {
                    return sum;
                }
                filled += len;
                let mut rest = &block[..filled];
                while let Some((header, after)) = rest.split_first_chunk::<4>() {
                    let Some((payload, after)) = after.split_at_checked(u32::from_be_bytes(*header) as usize) else {
                        break;
                    };
                    sum.add(payload);
                    rest = after;
                }
                let left = rest.len();
                block.copy_within(filled - left..filled, 0);
                filled = left;
            }
        },
    )
}

fn asynchronous<S, R>(
    send: impl FnOnce(Counted<tokio::net::TcpStream>) -> S,
    receive: impl FnOnce(Counted<tokio::net::TcpStream>) -> R,
) -> Passed
where
    S: Future<Output = ()> + Send + 'static,
    R: Future<Output = Sum>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let calls = Arc::new(AtomicU64::new(0));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = tokio::net::TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        let sender = tokio::spawn(send(Counted { inner: client, calls: calls.clone() }));
        let sum = receive(Counted { inner: server, calls: calls.clone() }).await;
        sender.await.unwrap();
        Passed { sum, calls: calls.load(Ordering::Relaxed) }
    })
}

/// This crate's reader and writer over tokio.
pub(crate) fn ours_tokio(message: &'static [u8], count: usize) -> Passed {
    let framing = Prefix::u32_be();
    asynchronous(
        move |stream| async move {
            let mut writer = anysplit::tokio::FrameWriter::new(stream, framing);
            let shared = Bytes::from_static(message);
            for _ in 0..count {
                if message.len() < 2048 {
                    writer.write(message).await.unwrap();
                } else {
                    writer.write_bytes(shared.clone()).await.unwrap();
                }
            }
            writer.shutdown().await.unwrap();
        },
        |stream| async move {
            let mut reader = anysplit::tokio::FrameReader::new(stream, framing);
            let mut sum = Sum::default();
            while let Some(frames) = reader.read_frames().await.unwrap() {
                frames.for_each(|frame| sum.add(frame.payload())).unwrap();
            }
            sum
        },
    )
}

/// tokio-util's `FramedRead` and `FramedWrite`: with their defaults, or with buffers of this size.
pub(crate) fn tokio_util(message: &'static [u8], count: usize, buffers: Option<usize>) -> Passed {
    let codec = || LengthDelimitedCodec::builder().max_frame_length(8 << 20).new_codec();
    asynchronous(
        move |stream| async move {
            let mut writer = FramedWrite::new(stream, codec());
            if let Some(len) = buffers {
                writer.set_backpressure_boundary(len);
            }
            let message = Bytes::from_static(message);
            for _ in 0..count {
                writer.feed(message.clone()).await.unwrap();
            }
            SinkExt::<Bytes>::close(&mut writer).await.unwrap();
        },
        |stream| async move {
            let mut reader = match buffers {
                None => FramedRead::new(stream, codec()),
                Some(len) => FramedRead::with_capacity(stream, codec(), len),
            };
            let mut sum = Sum::default();
            while let Some(payload) = reader.next().await {
                sum.add(&payload.unwrap());
            }
            sum
        },
    )
}
