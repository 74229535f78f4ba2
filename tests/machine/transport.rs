//! Transports that misbehave as a script says, and remember what they did.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What the next read does.
#[derive(Clone, Debug)]
pub(crate) enum Arrival {
    /// As many of these as there is room for. The rest come with the next reads.
    Bytes(Vec<u8>),
    Interrupted,
    NotReady,
    TimedOut,
}

/// What a read did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    Gave(Vec<u8>),
    /// The end of the stream.
    Ended,
    /// An error, which the caller sees.
    Failed,
    /// Asked to wait.
    Waits,
}

/// A stream to read. With nothing in its script it is not ready, or at its end.
#[derive(Debug, Default)]
pub(crate) struct Source {
    pub(crate) script: VecDeque<Arrival>,
    pub(crate) closed: bool,
    pub(crate) log: VecDeque<Done>,
}

impl Source {
    fn give(&mut self, room: &mut [u8]) -> Poll<Result<usize, ErrorKind>> {
        assert!(!room.is_empty(), "a read into no room cannot be told from the end");
        assert_ne!(self.log.back(), Some(&Done::Ended), "the end is not asked for again");
        let step = match self.script.pop_front() {
            Some(Arrival::Bytes(mut bytes)) => {
                let rest = bytes.split_off(bytes.len().min(room.len()));
                if !rest.is_empty() {
                    self.script.push_front(Arrival::Bytes(rest));
                }
                room[..bytes.len()].copy_from_slice(&bytes);
                // The rest of the room is the transport's to scribble on.
                room[bytes.len()..].fill(0xee);
                self.log.push_back(if bytes.is_empty() { Done::Ended } else { Done::Gave(bytes.clone()) });
                return Poll::Ready(Ok(bytes.len()));
            }
            None if self.closed => {
                self.log.push_back(Done::Ended);
                return Poll::Ready(Ok(0));
            }
            step => step,
        };
        room.fill(0xee);
        match step {
            Some(Arrival::Interrupted) => Poll::Ready(Err(ErrorKind::Interrupted)),
            Some(Arrival::TimedOut) => {
                self.log.push_back(Done::Failed);
                Poll::Ready(Err(ErrorKind::TimedOut))
            }
            _ => {
                self.log.push_back(Done::Waits);
                Poll::Pending
            }
        }
    }

    /// A transport that does not wait calls that an error.
    fn give_now(&mut self, room: &mut [u8]) -> Result<usize, ErrorKind> {
        match self.give(room) {
            Poll::Ready(result) => result,
            Poll::Pending => {
                *self.log.back_mut().unwrap() = Done::Failed;
                Err(ErrorKind::WouldBlock)
            }
        }
    }
}

impl Read for Source {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        Ok(self.give_now(room)?)
    }
}

impl AsyncRead for Source {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, room: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.give(room.initialize_unfilled()).map(|given| {
            room.advance(given?);
            Ok(())
        })
    }
}

fn embedded(kind: ErrorKind) -> embedded_io::ErrorKind {
    match kind {
        ErrorKind::Interrupted => embedded_io::ErrorKind::Interrupted,
        _ => embedded_io::ErrorKind::TimedOut,
    }
}

impl embedded_io::ErrorType for Source {
    type Error = embedded_io::ErrorKind;
}

impl embedded_io::Read for Source {
    fn read(&mut self, room: &mut [u8]) -> Result<usize, embedded_io::ErrorKind> {
        self.give_now(room).map_err(embedded)
    }
}

/// The embedded traits of the two kinds have the same names, so each kind has a type.
#[derive(Debug, Default)]
pub(crate) struct AsyncSource(pub(crate) Source);

impl embedded_io::ErrorType for AsyncSource {
    type Error = embedded_io::ErrorKind;
}

impl embedded_io_async::Read for AsyncSource {
    async fn read(&mut self, room: &mut [u8]) -> Result<usize, embedded_io::ErrorKind> {
        poll_fn(|_| self.0.give(room)).await.map_err(embedded)
    }
}

/// What the next write or flush does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Departure {
    /// At most so many bytes are taken.
    Takes(usize),
    /// No byte is taken, and no error reported.
    Zero,
    Interrupted,
    NotReady,
    TimedOut,
}

#[derive(Debug, Default)]
pub(crate) struct Drain {
    pub(crate) script: VecDeque<Departure>,
    /// Takes everything when the script is at its end, or else is not ready.
    pub(crate) open: bool,
    /// Whether a write looks at more than the first slice.
    pub(crate) vectored: bool,
    pub(crate) taken: Vec<u8>,
    pub(crate) flushes: usize,
    pub(crate) shut: bool,
    /// The error of the last call, if that was one; `WouldBlock` where it asked to wait.
    pub(crate) trouble: Option<ErrorKind>,
}

/// A stream to write to. A copy of it is the same stream.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sink(pub(crate) Rc<RefCell<Drain>>);

impl Sink {
    fn take(&self, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let mut drain = self.0.borrow_mut();
        assert!(!drain.shut, "nothing is written after the end");
        let step = drain.script.pop_front();
        drain.trouble = None;
        let most = match step {
            Some(Departure::Takes(most)) => most,
            Some(Departure::Zero) => {
                drain.trouble = Some(ErrorKind::WriteZero);
                0
            }
            None if drain.open => usize::MAX,
            step => return drain.fail(step),
        };
        let before = drain.taken.len();
        let slices = if drain.vectored { slices } else { &slices[..slices.len().min(1)] };
        for slice in slices {
            let room = most.saturating_sub(drain.taken.len() - before);
            drain.taken.extend_from_slice(&slice[..slice.len().min(room)]);
        }
        Poll::Ready(Ok(drain.taken.len() - before))
    }

    fn flush_or_end(&self, shut: bool) -> Poll<io::Result<()>> {
        let mut drain = self.0.borrow_mut();
        let step = drain.script.pop_front();
        drain.trouble = None;
        match step {
            Some(Departure::Takes(_) | Departure::Zero) => {}
            None if drain.open => {}
            step => return drain.fail(step),
        }
        drain.flushes += 1;
        drain.shut |= shut;
        Poll::Ready(Ok(()))
    }
}

impl Drain {
    fn fail<T>(&mut self, step: Option<Departure>) -> Poll<io::Result<T>> {
        let kind = match step {
            Some(Departure::Interrupted) => ErrorKind::Interrupted,
            Some(Departure::TimedOut) => ErrorKind::TimedOut,
            _ => ErrorKind::WouldBlock,
        };
        self.trouble = Some(kind);
        match kind {
            ErrorKind::WouldBlock => Poll::Pending,
            kind => Poll::Ready(Err(kind.into())),
        }
    }
}

fn now<T>(polled: Poll<io::Result<T>>) -> io::Result<T> {
    match polled {
        Poll::Ready(result) => result,
        Poll::Pending => Err(ErrorKind::WouldBlock.into()),
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        now(self.take(&[IoSlice::new(bytes)]))
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        now(self.take(slices))
    }

    fn flush(&mut self) -> io::Result<()> {
        now(self.flush_or_end(false))
    }
}

impl AsyncWrite for Sink {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.take(&[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.take(slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.borrow().vectored
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.flush_or_end(false)
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.flush_or_end(true)
    }
}

/// Polls so many times, and drops the future if it is not done then.
pub(crate) fn drive<T>(future: impl Future<Output = T>, polls: usize) -> Option<T> {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    (0..polls.max(1)).find_map(|_| match future.as_mut().poll(&mut cx) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    })
}
