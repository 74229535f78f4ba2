//! Bytes ahead of a message.

use crate::error::EncodeError;

/// Bytes that go ahead of a message, in place: at most [`ShortBytes::CAPACITY`].
#[derive(Clone, Copy)]
pub struct ShortBytes {
    len: u8,
    bytes: [u8; Self::CAPACITY],
}

impl ShortBytes {
    /// The most bytes that a header made by an encoder has.
    pub const CAPACITY: usize = 47;

    /// No bytes.
    #[inline]
    #[must_use]
    pub const fn empty() -> Self {
        Self { len: 0, bytes: [0; Self::CAPACITY] }
    }

    /// These bytes.
    ///
    /// # Errors
    ///
    /// [`EncodeError::HeaderTooLong`] if there are more than [`ShortBytes::CAPACITY`].
    #[inline]
    pub fn new(bytes: &[u8]) -> Result<Self, EncodeError> {
        let mut header = Self::empty();
        header.push(bytes)?;
        Ok(header)
    }

    /// Appends these bytes.
    ///
    /// # Errors
    ///
    /// [`EncodeError::HeaderTooLong`] if the header would have more than [`ShortBytes::CAPACITY`]. It is then unchanged.
    #[inline]
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        let start = usize::from(self.len);
        let end = start.saturating_add(bytes.len());
        let (Some(room), Ok(len)) = (self.bytes.get_mut(start..end), u8::try_from(end)) else {
            return Err(EncodeError::HeaderTooLong { max: Self::CAPACITY });
        };
        room.copy_from_slice(bytes);
        self.len = len;
        Ok(())
    }

    /// `value` in decimal digits, of which it has at most 20.
    pub(crate) fn decimal(value: u64) -> Self {
        let mut digits = [b'0'; 20];
        let mut rest = value;
        let mut first = digits.len();
        for (at, digit) in digits.iter_mut().enumerate().rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            first = at;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        Self::new(&digits[first..]).unwrap_or_default()
    }

    /// Appends the first `len` bytes of `word`, at most 8, in one store where there is room for all of it.
    #[inline]
    pub(crate) fn push_word(&mut self, word: [u8; 8], len: u8) -> Result<(), EncodeError> {
        let start = usize::from(self.len);
        match self.bytes.get_mut(start..).and_then(<[u8]>::first_chunk_mut) {
            Some(room) => {
                *room = word;
                self.len = self.len.saturating_add(len.min(8));
                Ok(())
            }
            None => self.push(word.get(..len.into()).unwrap_or(&word)),
        }
    }

    /// The bytes.
    #[inline]
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}

impl Default for ShortBytes {
    fn default() -> Self {
        Self::empty()
    }
}

impl core::ops::Deref for ShortBytes {
    type Target = [u8];
    #[inline]
    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl AsRef<[u8]> for ShortBytes {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl PartialEq for ShortBytes {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for ShortBytes {}

impl core::fmt::Debug for ShortBytes {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("ShortBytes").field(&self.as_slice()).finish()
    }
}
