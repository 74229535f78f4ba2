//! Bytes that have arrived and are not done with.

/// The bytes at hand, in one run.
pub(crate) trait Window {
    /// All of them.
    fn bytes(&self) -> &[u8];
    /// All of them, so that a frame can be opened in place.
    fn bytes_mut(&mut self) -> &mut [u8];
    /// Removes `len` bytes at index `at`. The bytes before them are a header, which is short.
    fn remove(&mut self, at: usize, len: usize);
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
    pub(crate) fn room(&mut self, len: usize) -> &mut [u8] {
        let all = self.bytes.as_mut();
        if self.start > 0 && (self.start == self.end || all.len() - self.end < len) {
            all.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        let end = self.end.saturating_add(len).min(all.len());
        all.get_mut(self.end..end).unwrap_or_default()
    }

    /// The first `len` bytes of the room were written.
    pub(crate) fn grow(&mut self, len: usize) {
        self.end = self.end.saturating_add(len).min(self.bytes.as_ref().len());
    }

    /// How many bytes fit in all.
    pub(crate) fn capacity(&self) -> usize {
        self.bytes.as_ref().len()
    }

    /// Removes everything.
    pub(crate) const fn clear(&mut self) {
        (self.start, self.end) = (0, 0);
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

    fn remove(&mut self, at: usize, len: usize) {
        let end = self.start.saturating_add(at).saturating_add(len).min(self.end);
        let at = at.min(end - self.start);
        self.bytes.as_mut().copy_within(self.start..self.start + at, end - at);
        self.start = end - at;
        if self.start == self.end {
            self.clear();
        }
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

    fn remove(&mut self, at: usize, len: usize) {
        let end = at.saturating_add(len).min(self.len());
        let at = at.min(end);
        self.copy_within(..at, end - at);
        bytes::Buf::advance(*self, end - at);
    }
}
