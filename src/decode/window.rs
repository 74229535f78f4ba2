//! Bytes that have arrived and are not done with.

/// Fewer bytes than this are worth neither a loop nor a call.
pub(crate) const SHORT: usize = 4;

/// The bytes at hand, in one run.
pub(crate) trait Window {
    /// All of them.
    fn bytes(&self) -> &[u8];
    /// All of them, so that a frame can be opened in place.
    fn bytes_mut(&mut self) -> &mut [u8];
    /// How many there are.
    fn len(&self) -> usize;
    /// Whether it is full: no byte more fits.
    #[inline]
    fn is_full(&self) -> bool {
        false
    }
    /// Adds bytes, if there is memory for them after the others. Returns whether there was.
    #[inline]
    fn append_in_place(&mut self, _bytes: &[u8]) -> bool {
        false
    }
    /// Adds fewer than [`SHORT`] bytes, if all are `quiet`, and there is memory for them after the others. Returns whether it has added
    /// them.
    #[inline(always)]
    fn append_if(&mut self, bytes: &[u8], quiet: impl Fn(u8) -> bool) -> bool {
        match *bytes {
            [a] => quiet(a) && self.append_in_place(&[a]),
            [a, b] => quiet(a) && quiet(b) && self.append_in_place(&[a, b]),
            [a, b, c] => quiet(a) && quiet(b) && quiet(c) && self.append_in_place(&[a, b, c]),
            _ => false,
        }
    }
    /// Removes `len` bytes at index `at`. The bytes before them are a header, which is short.
    fn remove(&mut self, at: usize, len: usize);
    /// Removes all bytes, and keeps the memory.
    fn clear(&mut self) {
        self.remove(0, self.len());
    }
    /// Gives the memory back, if the window is empty and the memory is its own.
    fn release_memory(&mut self) {}
    /// As [`release_memory`](Self::release_memory), if it is more than short frames need.
    #[cfg(any(feature = "std", feature = "embedded-io"))]
    #[inline]
    fn release_large(&mut self) {}
}

/// Whether this byte is not among these bytes, from 4 to 16. They are compared at once, in two parts that may overlap.
#[inline(always)]
pub(crate) fn is_free_of(bytes: &[u8], byte: u8) -> bool {
    let is_free = |part: &[u8]| part.iter().fold(true, |free, &other| free & (other != byte));
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        return is_free(first) & is_free(last);
    }
    let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) else { return false };
    is_free(first) & is_free(last)
}

/// A window in bytes that do not grow.
#[derive(Clone, Debug, Default)]
pub(crate) struct FixedWindow<B> {
    bytes: B,
    start: usize,
    end: usize,
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> FixedWindow<B> {
    /// An empty one.
    pub(crate) const fn new(bytes: B) -> Self {
        Self { bytes, start: 0, end: 0 }
    }

    /// Room for more bytes, at most `len`: of all that is free, if that much is needed.
    #[inline]
    pub(crate) fn room(&mut self, len: usize) -> &mut [u8] {
        if self.start > 0 {
            self.move_to_front(len);
        }
        let free = self.bytes.as_mut().get_mut(self.end..).unwrap_or_default();
        let len = len.min(free.len());
        free.get_mut(..len).unwrap_or_default()
    }

    /// Moves the bytes to the front, if there is no room for `len` more after them.
    #[inline(never)]
    fn move_to_front(&mut self, len: usize) {
        let all = self.bytes.as_mut();
        if all.len().saturating_sub(self.end) < len {
            all.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
    }

    /// Writes the first of these bytes to the room, as many as fit, and returns them. They are [taken](Self::grow) later.
    #[inline]
    pub(crate) fn write<'c>(&mut self, bytes: &'c [u8]) -> &'c [u8] {
        let room = self.room(bytes.len());
        let written = bytes.get(..room.len()).unwrap_or_default();
        room.copy_from_slice(written);
        written
    }

    /// The first `len` bytes of the room were written.
    #[inline]
    pub(crate) fn grow(&mut self, len: usize) {
        let free = self.capacity().saturating_sub(self.end);
        self.end += len.min(free);
    }

    /// How many bytes fit in all.
    #[inline]
    pub(crate) fn capacity(&self) -> usize {
        self.bytes.as_ref().len()
    }

    /// Gives the memory back.
    pub(crate) fn into_inner(self) -> B {
        self.bytes
    }
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> Window for FixedWindow<B> {
    fn bytes(&self) -> &[u8] {
        self.bytes.as_ref().get(self.start..self.end).unwrap_or_default()
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        self.bytes.as_mut().get_mut(self.start..self.end).unwrap_or_default()
    }

    #[inline]
    fn len(&self) -> usize {
        self.end - self.start
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.len() == self.capacity()
    }

    #[inline]
    fn append_in_place(&mut self, bytes: &[u8]) -> bool {
        let end = self.end.wrapping_add(bytes.len());
        let Some(room) = self.bytes.as_mut().get_mut(self.end..end) else { return false };
        room.copy_from_slice(bytes);
        self.end = end;
        true
    }

    fn remove(&mut self, at: usize, len: usize) {
        let end = self.start.saturating_add(at).saturating_add(len).min(self.end);
        let at = at.min(end - self.start);
        self.bytes.as_mut().copy_within(self.start..self.start + at, end - at);
        self.start = end - at;
        if self.start == self.end {
            self.clear();
        }
    }

    fn clear(&mut self) {
        (self.start, self.end) = (0, 0);
    }
}

#[cfg(feature = "alloc")]
impl Window for &mut bytes::BytesMut {
    fn bytes(&self) -> &[u8] {
        self
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        self
    }

    fn len(&self) -> usize {
        bytes::BytesMut::len(self)
    }

    fn remove(&mut self, at: usize, len: usize) {
        let end = at.saturating_add(len).min(Window::len(self));
        let at = at.min(end);
        self.copy_within(..at, end - at);
        bytes::Buf::advance(*self, end - at);
    }
}
