//! Where a reader's bytes lie until they have been looked at.

use std::cell::Cell;
use std::vec::Vec;

/// Large enough that a busy connection is read in few calls, small enough to stay in the cache.
pub(crate) const BLOCK_LEN: usize = 64 * 1024;

std::thread_local! {
    /// A block that no reader of this thread is using. So a thousand idle connections own no block at all.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Room for one read, and the part of it that has not been looked at.
///
/// It holds bytes only between two frames of one read. What the end of a read cuts goes to the decoder.
#[derive(Debug)]
pub(super) struct Block {
    /// Empty, or of `len` bytes.
    pub(super) bytes: Vec<u8>,
    len: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Block {
    pub(super) const fn new(len: usize) -> Self {
        Self { bytes: Vec::new(), len, start: 0, end: 0 }
    }

    #[inline]
    pub(super) fn window(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// Keeps the last `len` bytes of the window.
    #[inline]
    pub(super) fn keep(&mut self, len: usize) {
        self.start = self.end.saturating_sub(len);
    }

    #[inline]
    pub(super) fn room(&mut self) -> &mut [u8] {
        if self.bytes.is_empty() {
            self.take_spare();
        }
        self.start = 0;
        self.end = 0;
        &mut self.bytes
    }

    #[inline(never)]
    fn take_spare(&mut self) {
        if self.len == BLOCK_LEN {
            self.bytes = SPARE.try_with(Cell::take).unwrap_or_default();
        }
        // Zeroed by the allocator where it can, so that pages nobody writes to cost nothing.
        if self.bytes.is_empty() {
            self.bytes = std::vec![0; self.len];
        }
    }

    /// Gives the memory to the next reader of this thread.
    pub(super) fn give_back(&mut self) {
        let bytes = core::mem::take(&mut self.bytes);
        self.start = 0;
        self.end = 0;
        if bytes.len() == BLOCK_LEN {
            // A thread that is ending has no use for it.
            let _ = SPARE.try_with(|spare| spare.set(bytes));
        }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        self.give_back();
    }
}
