//! Bytes ahead of a message.

use crate::error::Refusal;

/// Bytes that go ahead of a message, in place: at most [`Head::CAPACITY`].
#[derive(Clone, Copy)]
pub struct Head {
    len: u8,
    bytes: [u8; Self::CAPACITY],
}

impl Head {
    /// The most bytes that a head made by an encoder has.
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
    /// [`Refusal::HeadTooLong`] if there are more than [`Head::CAPACITY`].
    #[inline]
    pub fn new(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut head = Self::empty();
        head.push(bytes)?;
        Ok(head)
    }

    /// Appends these bytes.
    ///
    /// # Errors
    ///
    /// [`Refusal::HeadTooLong`] if the head would have more than [`Head::CAPACITY`]. It is then unchanged.
    #[inline]
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let start = usize::from(self.len);
        let end = start.saturating_add(bytes.len());
        let (Some(room), Ok(len)) = (self.bytes.get_mut(start..end), u8::try_from(end)) else {
            return Err(Refusal::HeadTooLong { max: Self::CAPACITY });
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
    pub(crate) fn push_word(&mut self, word: [u8; 8], len: u8) -> Result<(), Refusal> {
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

impl Default for Head {
    fn default() -> Self {
        Self::empty()
    }
}

impl core::ops::Deref for Head {
    type Target = [u8];
    #[inline]
    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl AsRef<[u8]> for Head {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for Head {}

impl core::fmt::Debug for Head {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Head").field(&self.as_slice()).finish()
    }
}
