//! The decoder's memory: one block that grows with the bytes that arrive.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::decode::window::Window;

/// Bytes that have arrived and are not done with. Memory follows them, never what a header announces.
#[derive(Debug, Default)]
pub(crate) struct Block {
    bytes: BytesMut,
}

/// For a frame that is missing at most this many bytes, the block grows in one step. The length was only announced, but so little
/// memory does no harm.
const EAGER: usize = 256;

/// A block that grows for a frame of unknown length has at least this much room, and is `EAGER` bytes long: most frames are shorter, and
/// each step of growing costs a copy.
const LEAST: usize = 128;

/// Memory of less than this is not worth giving back while any of it is in use: a decoder that is fed blocks of 8 KiB
/// would make a new one for each.
const SHED: usize = 16384;

/// At most this many bytes are moved to the front when those before them are removed.
const FEW: usize = 256;

/// An empty block of at most this size is kept, even if only a few bytes arrive next.
const LITTLE: usize = 4096;

/// The least room that is offered to a reader that asks for more.
const ROOM: usize = 8192;

impl Block {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(crate) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// Whether there is room for `len` more bytes. Drops an empty block first if it is much larger than they need.
    #[inline]
    pub(crate) fn has_room_for(&mut self, len: usize) -> bool {
        if self.bytes.is_empty() {
            self.drop_if_large(len);
        }
        self.bytes.capacity() - self.bytes.len() >= len
    }

    /// Adds bytes.
    #[inline]
    pub(crate) fn append(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Drops an empty block that is left from a longer frame, when `len` bytes come next.
    #[inline(never)]
    fn drop_if_large(&mut self, len: usize) {
        if self.bytes.capacity() > len.max(LITTLE / 2).saturating_mul(2) {
            self.drop_memory();
        }
    }

    /// Makes room for the next `len` bytes. `missing`: how many the frame still needs, these included. `None`: it needs more than these,
    /// and nobody knows how many.
    #[inline]
    pub(crate) fn grow(&mut self, len: usize, missing: Option<usize>) {
        // No more than twice what will be there then.
        let doubled = self.bytes.len().saturating_add(len.saturating_mul(2));
        let room = match missing {
            Some(missing) => missing.min(doubled.max(EAGER)),
            None => LEAST.max(EAGER.saturating_sub(self.bytes.len())),
        };
        let room = len.max(room);
        if self.bytes.capacity() == 0 {
            self.bytes = BytesMut::with_capacity(room);
        } else {
            self.bytes.reserve(room);
        }
    }

    /// How much room may be made for a caller that asks for `len`: what has arrived grows to at most its double.
    fn offer(&self, len: usize) -> usize {
        len.min(self.bytes.len().max(ROOM))
    }

    /// Room for up to `len` bytes, to be written to.
    pub(crate) fn spare(&mut self, len: usize) -> impl BufMut {
        let len = self.offer(len);
        self.bytes.reserve(len);
        (&mut self.bytes).limit(len)
    }

    /// Has `read` fill up to `len` bytes of room. What it claims beyond the room that it was offered is not taken, nor is
    /// anything if it fails or panics.
    pub(crate) fn read_with<E>(
        &mut self,
        len: usize,
        read: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<usize, E> {
        struct Shorten<'b>(&'b mut BytesMut, usize);
        impl Drop for Shorten<'_> {
            fn drop(&mut self) {
                self.0.truncate(self.1);
            }
        }
        let before = self.bytes.len();
        let offered = self.offer(len);
        self.bytes.resize(before.saturating_add(offered), 0);
        let mut shorten = Shorten(&mut self.bytes, before);
        let result = read(shorten.0.get_mut(before..).unwrap_or_default());
        if let Ok(count) = result {
            if count <= offered {
                shorten.1 = before.saturating_add(count);
            }
        }
        result
    }

    /// Keeps the first `len` bytes.
    #[inline]
    pub(crate) fn truncate(&mut self, len: usize) {
        self.bytes.truncate(len);
    }

    /// Splits the first `len` bytes off, to be shared.
    #[inline(always)]
    pub(crate) fn split_to(&mut self, len: usize) -> Bytes {
        let bytes = self.bytes.split_to(len).freeze();
        self.shed(len);
        bytes
    }

    /// Gives back the memory of `gone` bytes that were just removed, if fewer bytes than that remain.
    #[inline]
    fn shed(&mut self, gone: usize) {
        if self.bytes.is_empty() {
            // Its capacity may be 0 while it still holds the memory that it came to the end of.
            self.drop_memory();
        } else if gone >= SHED && gone > self.bytes.len() {
            self.bytes = BytesMut::from(&self.bytes[..]);
        }
    }

    /// Gives all memory back.
    #[inline(never)]
    fn drop_memory(&mut self) {
        self.bytes = BytesMut::new();
    }

    /// Removes `len` bytes at index `at`, and leaves the bytes after them where they are.
    #[inline(never)]
    fn remove_any(&mut self, at: usize, len: usize) {
        let end = at.saturating_add(len).min(self.bytes.len());
        // The header that stays is short.
        self.bytes.copy_within(..at.min(end), end - at.min(end));
        self.bytes.advance(end.saturating_sub(at));
        self.shed(len);
    }

    pub(crate) fn into_inner(self) -> BytesMut {
        self.bytes
    }
}

impl From<BytesMut> for Block {
    fn from(bytes: BytesMut) -> Self {
        Self { bytes }
    }
}

impl Window for Block {
    #[inline]
    fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    #[inline]
    fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    #[inline]
    fn append_in_place(&mut self, bytes: &[u8]) -> bool {
        let has_room = self.bytes.capacity() - self.bytes.len() >= bytes.len();
        if has_room {
            self.append(bytes);
        }
        has_room
    }

    #[inline]
    fn remove(&mut self, at: usize, len: usize) {
        let left = self.bytes.len().saturating_sub(len);
        if at == 0 && left > 0 && left <= len.min(FEW) && self.bytes.capacity() <= LITTLE {
            // At the front again, they leave the room after them. A larger block gets smaller with what is passed.
            self.bytes.copy_within(len.., 0);
            self.bytes.truncate(left);
        } else if len > 0 {
            self.remove_any(at, len);
        }
    }

    #[inline]
    fn len(&self) -> usize {
        self.bytes.len()
    }

    #[inline]
    fn clear(&mut self) {
        self.bytes.clear();
    }

    #[inline]
    fn release_memory(&mut self) {
        if self.bytes.is_empty() && self.bytes.capacity() > 0 {
            self.drop_memory();
        }
    }

    #[cfg(any(feature = "std", feature = "embedded-io"))]
    #[inline]
    fn release_large(&mut self) {
        if self.bytes.is_empty() {
            self.drop_if_large(0);
        }
    }
}
