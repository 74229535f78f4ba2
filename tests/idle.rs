//! Silence on a line, which the caller reports: every reader gives up an unfinished frame as the policy says.

#![cfg(all(feature = "std", feature = "tokio", feature = "embedded-io"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::{self, ErrorKind, Read};
use std::task::{Context, Poll};

use anysplit::{
    Decoder, Delimited, Doubled, Event, Prefix, Recovery, Then, embedded, io as blocking, tokio as asynchronous,
};
use futures::FutureExt;
use tokio::io::{AsyncRead, ReadBuf};

/// What a line brings: bytes, or silence. At the end the stream ends.
struct Line(VecDeque<&'static [u8]>);

/// An unfinished frame, then silence, then another frame with the beginning of a third, and silence again.
fn line() -> Line {
    Line([&b"\x05hel"[..], b"", b"\x02hi\x03yo", b"", b"\x03you"].into())
}

impl Line {
    /// `None` is silence.
    fn next(&mut self, room: &mut [u8]) -> Option<usize> {
        let Some(bytes) = self.0.pop_front() else { return Some(0) };
        room[..bytes.len()].copy_from_slice(bytes);
        Some(bytes.len()).filter(|len| *len > 0)
    }
}

impl Read for Line {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.next(room).ok_or(ErrorKind::TimedOut.into())
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.next(room.initialize_unfilled()) {
            Some(len) => {
                room.advance(len);
                Poll::Ready(Ok(()))
            }
            None => Poll::Pending,
        }
    }
}

impl embedded_io_async::ErrorType for Line {
    type Error = Infallible;
}

impl embedded_io_async::Read for Line {
    async fn read(&mut self, room: &mut [u8]) -> Result<usize, Infallible> {
        match self.next(room) {
            Some(len) => Ok(len),
            None => std::future::pending().await,
        }
    }
}

/// One of the readers: reads until a frame, the end or silence comes.
trait Reader {
    /// `None` is silence.
    fn read(&mut self) -> Option<Vec<u8>>;
    fn idle(&mut self) -> Result<Option<u64>, ()>;
}

/// How many bytes were skipped.
fn skipped(event: Option<Event<'_>>) -> Option<u64> {
    match event {
        Some(Event::Skipped(stretch)) => Some(stretch.len),
        Some(Event::Frame(_)) => panic!("no frame is complete"),
        None => None,
    }
}

impl Reader for blocking::FrameReader<Line, Prefix<anysplit::number::Binary>> {
    fn read(&mut self) -> Option<Vec<u8>> {
        match self.read_frame() {
            Ok(frame) => Some(frame.map(|frame| frame.payload().to_vec()).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::TimedOut => None,
            Err(error) => panic!("{error}"),
        }
    }
    fn idle(&mut self) -> Result<Option<u64>, ()> {
        self.idle_event().map(skipped).map_err(drop)
    }
}

impl Reader for asynchronous::FrameReader<Line, Prefix<anysplit::number::Binary>> {
    fn read(&mut self) -> Option<Vec<u8>> {
        let frame = self.read_frame().now_or_never()?.unwrap();
        Some(frame.map(|frame| frame.payload().to_vec()).unwrap_or_default())
    }
    fn idle(&mut self) -> Result<Option<u64>, ()> {
        self.idle_event().map(skipped).map_err(drop)
    }
}

impl Reader for embedded::FrameReader<Line, Prefix<anysplit::number::Binary>, [u8; 16]> {
    fn read(&mut self) -> Option<Vec<u8>> {
        let frame = self.read_frame_async().now_or_never()?.unwrap();
        Some(frame.map(|frame| frame.payload().to_vec()).unwrap_or_default())
    }
    fn idle(&mut self) -> Result<Option<u64>, ()> {
        self.idle_event().map(skipped).map_err(drop)
    }
}

fn readers(recovery: Recovery) -> [Box<dyn Reader>; 3] {
    [
        Box::new(blocking::FrameReader::new(line(), Prefix::u8()).with_recovery(recovery)),
        Box::new(asynchronous::FrameReader::new(line(), Prefix::u8()).with_recovery(recovery)),
        Box::new(embedded::FrameReader::new(line(), Prefix::u8(), [0; 16]).with_recovery(recovery)),
    ]
}

#[test]
fn every_reader_skips_an_unfinished_frame_at_silence() {
    for mut reader in readers(Recovery::SkipFrame) {
        assert_eq!(reader.read(), None);
        assert_eq!(reader.idle(), Ok(Some(4)));
        assert_eq!(reader.idle(), Ok(None));
        assert_eq!(reader.read().unwrap(), b"hi");
        assert_eq!(reader.read(), None);
        assert_eq!(reader.idle(), Ok(Some(3)));
        assert_eq!(reader.idle(), Ok(None));
        assert_eq!(reader.read().unwrap(), b"you");
        // The end of the stream.
        assert_eq!(reader.read().unwrap(), b"");
    }
}

#[test]
fn bytes_that_are_read_already_are_judged_at_silence() {
    for mut reader in readers(Recovery::SkipFrame) {
        assert_eq!(reader.read(), None);
        assert_eq!(reader.idle(), Ok(Some(4)));
        assert_eq!(reader.read().unwrap(), b"hi");
        // The third frame's beginning came with the second frame.
        assert_eq!(reader.idle(), Ok(Some(3)));
        assert_eq!(reader.read(), None);
        assert_eq!(reader.idle(), Ok(None));
        assert_eq!(reader.read().unwrap(), b"you");
    }
}

#[test]
fn silence_in_a_frame_is_an_error_that_stays_without_a_policy() {
    for mut reader in readers(Recovery::Fail) {
        assert_eq!(reader.read(), None);
        assert_eq!(reader.idle(), Err(()));
        assert_eq!(reader.idle(), Err(()));
    }
}

/// A framing that refuses every frame has nothing to refuse before a byte has come.
#[test]
fn silence_before_the_first_byte_is_nothing() {
    let framing = Then::new(Doubled::dle_etx(), Delimited::line());
    for recovery in [Recovery::Fail, Recovery::SkipOversize, Recovery::SkipFrame, Recovery::Resync] {
        let mut decoder = Decoder::new(&framing).with_recovery(recovery);
        assert_eq!(decoder.idle_event(), Ok(None));
        assert_eq!(decoder.idle(), Ok(None));
        assert_eq!(decoder.finish(), Ok(None));
    }
}
