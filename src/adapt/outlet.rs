//! What the writers share: a queue of frames with a bound.

use std::io::{self, IoSlice};

use bytes::{Buf, Bytes};

use crate::error::Refusal;
use crate::framing::Framing;
use crate::outbox::Outbox;

/// With so many bytes unsent, a writer waits for the transport before it takes another message.
pub(crate) const LIMIT: usize = 64 * 1024;

/// Slices given to one vectored write. A frame takes at most three, and small ones share one.
const SLICES: usize = 64;

#[derive(Debug)]
pub(crate) struct Outlet<F> {
    outbox: Outbox<F>,
    limit: usize,
}

impl<F: Framing> Outlet<F> {
    pub(crate) const fn new(outbox: Outbox<F>) -> Self {
        Self { outbox, limit: LIMIT }
    }

    pub(crate) fn set_limit(&mut self, limit: usize) {
        self.limit = limit.max(1);
    }

    pub(crate) fn push(&mut self, message: &[u8]) -> Result<usize, Refusal> {
        self.outbox.push(message)
    }

    pub(crate) fn push_bytes(&mut self, message: Bytes) -> Result<usize, Refusal> {
        self.outbox.push_bytes(message)
    }

    pub(crate) fn push_with(&mut self, write: impl FnOnce(&mut bytes::BytesMut)) -> Result<usize, Refusal> {
        self.outbox.push_with(write)
    }

    pub(crate) fn push_raw(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.outbox.push_raw(bytes)
    }

    pub(crate) const fn framing(&self) -> &F {
        self.outbox.framing()
    }

    pub(crate) fn map<G: Framing>(self, framing: G) -> Outlet<G> {
        Outlet { outbox: self.outbox.with_framing(framing), limit: self.limit }
    }
}

impl<F> Outlet<F> {
    pub(crate) fn into_outbox(self) -> Outbox<F> {
        self.outbox
    }

    #[inline]
    pub(crate) fn unsent(&self) -> usize {
        self.outbox.remaining()
    }

    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.unsent() >= self.limit
    }

    /// Lets `write` take some of what is unsent, and gives what it gives.
    pub(crate) fn write_with<T>(
        &mut self,
        write: impl FnOnce(&[IoSlice<'_>]) -> T,
        count: impl FnOnce(&T) -> Option<usize>,
    ) -> T {
        let mut slices = [IoSlice::new(&[]); SLICES];
        let filled = self.outbox.chunks_vectored(&mut slices);
        let result = write(slices.get(..filled).unwrap_or_default());
        if let Some(count) = count(&result) {
            // A writer that claims more than it was offered is not believed.
            let offered = slices.iter().map(|slice| slice.len()).sum::<usize>();
            self.outbox.advance(count.min(offered));
        }
        result
    }
}

/// A transport that takes none of the bytes offered will take none of the next either.
pub(crate) fn write_zero() -> io::Error {
    io::Error::new(io::ErrorKind::WriteZero, "the transport took 0 bytes of a frame")
}
