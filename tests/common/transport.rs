//! Transports that follow a plan: short reads and writes, interruptions, waits and errors. They implement the traits of
//! every adapter.

use std::cell::{Ref, RefCell, RefMut};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What a transport does with one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Passes up to this many bytes.
    Bytes(usize),
    Interrupted,
    /// An asynchronous transport is pending, and wakes at once. Others return `WouldBlock`.
    NotReady,
    TimedOut,
}

impl Turn {
    fn error(self) -> Option<ErrorKind> {
        match self {
            Self::Bytes(_) => None,
            Self::Interrupted => Some(ErrorKind::Interrupted),
            Self::NotReady => Some(ErrorKind::WouldBlock),
            Self::TimedOut => Some(ErrorKind::TimedOut),
        }
    }
}

/// The turns of a transport. After the last one it passes as many bytes as fit.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    turns: VecDeque<Turn>,
    repeats: bool,
}

impl Plan {
    /// These turns, over and over again. Some bytes pass in every round.
    pub fn repeating(turns: impl IntoIterator<Item = Turn>) -> Self {
        let mut turns: VecDeque<_> = turns.into_iter().collect();
        if !turns.iter().any(|turn| matches!(turn, Turn::Bytes(1..))) {
            turns.push_back(Turn::Bytes(1));
        }
        Self { turns, repeats: true }
    }

    /// This many bytes with each call.
    pub fn chunks(len: usize) -> Self {
        Self::repeating([Turn::Bytes(len)])
    }

    /// The plan without errors, for hosts that take an interrupted call for the end of the stream.
    pub fn without_errors(&self) -> Self {
        let turns = self.turns.iter().filter(|turn| matches!(turn, Turn::Bytes(_) | Turn::NotReady));
        Self { turns: turns.copied().collect(), ..*self }
    }

    pub fn extend(&mut self, turns: impl IntoIterator<Item = Turn>) {
        self.turns.extend(turns);
    }

    pub fn clear(&mut self) {
        self.turns.clear();
    }

    fn next(&mut self) -> Option<Turn> {
        let turn = self.turns.pop_front()?;
        if self.repeats {
            self.turns.push_back(turn);
        }
        Some(turn)
    }
}

/// What a read did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    Gave(Vec<u8>),
    /// The end of the stream.
    Ended,
    /// An error, which the caller sees.
    Failed,
    /// Asked to wait.
    Waits,
}

/// A stream to read.
#[derive(Clone, Debug, Default)]
pub struct Source {
    pub bytes: Vec<u8>,
    /// How many of them were read.
    pub given: usize,
    pub plan: Plan,
    /// Whether the stream ends after these bytes. Otherwise the next read is not ready.
    pub closed: bool,
    pub log: VecDeque<Done>,
    /// The read that returns the last byte claims this many bytes more than it had room for.
    pub claims: usize,
}

impl Source {
    /// A stream of these bytes and its end.
    pub fn new(bytes: &[u8], plan: Plan) -> Self {
        Self { bytes: bytes.to_vec(), plan, closed: true, ..Self::default() }
    }

    fn give(&mut self, room: &mut [u8]) -> Poll<Result<usize, ErrorKind>> {
        assert!(!room.is_empty(), "a read into no room cannot be told from the end");
        let turn = self.plan.next().unwrap_or(Turn::Bytes(usize::MAX));
        let rest = &self.bytes[self.given..];
        let most = match turn {
            Turn::Bytes(most) if self.closed || !rest.is_empty() => most,
            Turn::Interrupted => return Poll::Ready(Err(ErrorKind::Interrupted)),
            Turn::TimedOut => {
                self.log.push_back(Done::Failed);
                return Poll::Ready(Err(ErrorKind::TimedOut));
            }
            _ => {
                self.log.push_back(Done::Waits);
                return Poll::Pending;
            }
        };
        let len = rest.len().min(most).min(room.len());
        let (here, after) = room.split_at_mut(len);
        here.copy_from_slice(&rest[..len]);
        // The rest of the room is the transport's to scribble on.
        after.iter_mut().take(64).for_each(|byte| *byte = 0xee);
        self.log.push_back(if len == 0 { Done::Ended } else { Done::Gave(here.to_vec()) });
        self.given += len;
        let claims = self.claims > 0 && self.given == self.bytes.len();
        Poll::Ready(Ok(if claims { room.len() + self.claims } else { len }))
    }

    /// A transport that does not wait calls that an error.
    fn give_now(&mut self, room: &mut [u8]) -> Result<usize, ErrorKind> {
        match self.give(room) {
            Poll::Ready(result) => result,
            Poll::Pending => {
                self.log.pop_back();
                self.log.push_back(Done::Failed);
                Err(ErrorKind::WouldBlock)
            }
        }
    }
}

fn wake<T, E>(polled: Poll<Result<T, E>>, cx: &Context<'_>) -> Poll<io::Result<T>>
where
    io::Error: From<E>,
{
    if polled.is_pending() {
        cx.waker().wake_by_ref();
    }
    polled.map(|result| Ok(result?))
}

impl Read for Source {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        Ok(self.give_now(room)?)
    }
}

impl AsyncRead for Source {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, room: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        wake(self.give(room.initialize_unfilled()), cx).map_ok(|count| room.advance(count))
    }
}

impl futures::AsyncRead for Source {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<io::Result<usize>> {
        wake(self.give(room), cx)
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

/// An asynchronous transport for `embedded-io-async`, whose traits have the names of those of `embedded-io`.
#[derive(Debug, Default)]
pub struct Awaited<T>(pub T);

impl<T> embedded_io::ErrorType for Awaited<T> {
    type Error = embedded_io::ErrorKind;
}

impl embedded_io_async::Read for Awaited<Source> {
    async fn read(&mut self, room: &mut [u8]) -> Result<usize, embedded_io::ErrorKind> {
        poll_fn(|cx| wake(self.0.give(room), cx)).await.map_err(|error| embedded(error.kind()))
    }
}

/// A stream to write to: the bytes that it has taken, and what it does next.
#[derive(Debug, Default)]
pub struct Drain {
    pub plan: Plan,
    /// Whether it takes everything after the last turn. Otherwise it is not ready then.
    pub open: bool,
    /// Whether a write looks at more than the first slice.
    pub vectored: bool,
    pub taken: Vec<u8>,
    pub flushes: usize,
    pub shut: bool,
    /// Whether the last flush failed. Under a plan that repeats the next one succeeds, so that a flush and a shutdown that are
    /// tried again together get past it.
    flush_failed: bool,
    /// The error of the last call: `WriteZero` if it took nothing, `WouldBlock` if it asked to wait.
    pub trouble: Option<ErrorKind>,
}

impl Drain {
    fn next(&mut self) -> Poll<io::Result<usize>> {
        assert!(!self.shut, "nothing is written after the end");
        let end = if self.open { Turn::Bytes(usize::MAX) } else { Turn::NotReady };
        let turn = self.plan.next().unwrap_or(end);
        self.trouble = turn.error();
        match turn {
            Turn::Bytes(most) => Poll::Ready(Ok(most)),
            Turn::NotReady => Poll::Pending,
            Turn::Interrupted => Poll::Ready(Err(ErrorKind::Interrupted.into())),
            Turn::TimedOut => Poll::Ready(Err(ErrorKind::TimedOut.into())),
        }
    }

    fn take(&mut self, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        assert!(slices.iter().any(|slice| !slice.is_empty()), "a write of nothing");
        self.next().map_ok(|most| {
            let before = self.taken.len();
            let slices = if self.vectored { slices } else { &slices[..1] };
            for slice in slices {
                let room = most - (self.taken.len() - before);
                self.taken.extend_from_slice(&slice[..slice.len().min(room)]);
            }
            if self.taken.len() == before {
                self.trouble = Some(ErrorKind::WriteZero);
            }
            self.taken.len() - before
        })
    }

    fn flush(&mut self, shut: bool) -> Poll<io::Result<()>> {
        let again = std::mem::take(&mut self.flush_failed) && self.plan.repeats;
        let done = if again { Poll::Ready(Ok(0)) } else { self.next() };
        self.flush_failed = !matches!(done, Poll::Ready(Ok(_)));
        done.map_ok(|_| {
            self.trouble = None;
            self.flushes += 1;
            self.shut |= shut;
        })
    }
}

/// A stream to write to. A clone of it is the same stream.
#[derive(Clone, Debug, Default)]
pub struct Sink(Rc<RefCell<Drain>>);

impl Sink {
    pub fn new(plan: Plan, vectored: bool) -> Self {
        Self(Rc::new(RefCell::new(Drain { plan, open: true, vectored, ..Drain::default() })))
    }

    pub fn borrow(&self) -> Ref<'_, Drain> {
        self.0.borrow()
    }

    pub fn borrow_mut(&self) -> RefMut<'_, Drain> {
        self.0.borrow_mut()
    }

    pub fn taken(&self) -> Vec<u8> {
        self.borrow().taken.clone()
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
        self.write_vectored(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        now(self.borrow_mut().take(slices))
    }

    fn flush(&mut self) -> io::Result<()> {
        now(self.borrow_mut().flush(false))
    }
}

impl AsyncWrite for Sink {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        wake(self.borrow_mut().take(&[IoSlice::new(bytes)]), cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        wake(self.borrow_mut().take(slices), cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.borrow().vectored
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        wake(self.borrow_mut().flush(false), cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        wake(self.borrow_mut().flush(true), cx)
    }
}

impl futures::AsyncWrite for Sink {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        AsyncWrite::poll_write(self, cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        AsyncWrite::poll_flush(self, cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        AsyncWrite::poll_shutdown(self, cx)
    }
}

impl embedded_io::ErrorType for Sink {
    type Error = embedded_io::ErrorKind;
}

impl embedded_io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, embedded_io::ErrorKind> {
        Write::write(self, bytes).map_err(|error| embedded(error.kind()))
    }

    fn flush(&mut self) -> Result<(), embedded_io::ErrorKind> {
        Write::flush(self).map_err(|error| embedded(error.kind()))
    }
}

impl embedded_io_async::Write for Awaited<Sink> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, embedded_io::ErrorKind> {
        let taken = poll_fn(|cx| Pin::new(&mut self.0).poll_write(cx, bytes)).await;
        taken.map_err(|error| embedded(error.kind()))
    }

    async fn flush(&mut self) -> Result<(), embedded_io::ErrorKind> {
        Ok(())
    }
}

/// Polls at most this many times, then drops the future if it is not ready, as `select!` does.
pub fn drive<T>(future: impl Future<Output = T>, polls: usize) -> Option<T> {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    (0..polls.max(1)).find_map(|_| match future.as_mut().poll(&mut cx) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    })
}
