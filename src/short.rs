//! Short runs of bytes, held by value.

use crate::error::EncodeError;

/// Up to `N` bytes by value, without an allocation. `N` is at most 255.
///
/// Without `N` the type holds the header that an encoder writes before a message. An expression that names the type
/// alone needs brackets: `<ShortBytes>::CAPACITY`.
///
/// ```
/// use anysplit::contract::ShortBytes;
/// use anysplit::EncodeError;
///
/// const PING: Result<ShortBytes<4>, EncodeError> = ShortBytes::new(b"ping");
/// let mut bytes = PING?;
/// assert_eq!(bytes.as_slice(), b"ping");
/// assert_eq!(bytes.push(b"!"), Err(EncodeError::HeaderTooLong { max: 4 }));
/// assert_eq!(bytes.len(), 4);
/// # Ok::<(), EncodeError>(())
/// ```
#[derive(Clone, Copy)]
pub struct ShortBytes<const N: usize = 47> {
    /// At most `N`.
    len: u8,
    /// The bytes after `len` may have any value.
    bytes: [u8; N],
}

impl<const N: usize> ShortBytes<N> {
    /// The greatest length in bytes.
    pub const CAPACITY: usize = N;

    /// Returns a value without bytes.
    #[inline]
    #[must_use]
    pub const fn empty() -> Self {
        const { assert!(N <= 255, "the length must fit one byte") };
        Self { len: 0, bytes: [0; N] }
    }

    /// Copies `bytes`.
    ///
    /// # Errors
    ///
    /// [`EncodeError::HeaderTooLong`] for more than `N` bytes.
    #[inline]
    pub const fn new(bytes: &[u8]) -> Result<Self, EncodeError> {
        if bytes.len() > N {
            return Err(EncodeError::HeaderTooLong { max: N });
        }
        let mut short = Self::empty();
        let mut at = 0;
        // A `const fn` cannot call `copy_from_slice`.
        while at < bytes.len() {
            short.bytes[at] = bytes[at];
            at += 1;
        }
        let [len, ..] = bytes.len().to_le_bytes();
        short.len = len;
        Ok(short)
    }

    /// Copies an array, whose length the compiler checks.
    pub(crate) const fn of<const LEN: usize>(bytes: [u8; LEN]) -> Self {
        const { assert!(LEN <= N, "the array is longer than the capacity") };
        match Self::new(&bytes) {
            Ok(short) => short,
            Err(_) => Self::empty(),
        }
    }

    /// Appends `bytes`.
    ///
    /// # Errors
    ///
    /// [`EncodeError::HeaderTooLong`] if there would be more than `N` bytes. Nothing is then appended.
    #[inline]
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        let start = usize::from(self.len);
        let end = start.saturating_add(bytes.len());
        let (Some(room), Ok(len)) = (self.bytes.get_mut(start..end), u8::try_from(end)) else {
            return Err(EncodeError::HeaderTooLong { max: N });
        };
        room.copy_from_slice(bytes);
        self.len = len;
        Ok(())
    }

    /// Appends the first `len` bytes of `word`, at most 8. Stores the complete word at once if it has room.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
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

    /// Returns the bytes.
    #[inline]
    #[must_use]
    pub const fn as_slice(&self) -> &[u8] {
        match self.bytes.split_at_checked(self.len as usize) {
            Some((bytes, _)) => bytes,
            None => &[],
        }
    }

    /// Returns the length in the type that holds it.
    #[inline]
    pub(crate) const fn len_u8(&self) -> u8 {
        self.len
    }
}

impl ShortBytes {
    /// Writes `value` in decimal digits, at most 20.
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
}

impl<const N: usize> Default for ShortBytes<N> {
    fn default() -> Self {
        Self::empty()
    }
}

impl<const N: usize> core::ops::Deref for ShortBytes<N> {
    type Target = [u8];
    #[inline]
    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl<const N: usize> AsRef<[u8]> for ShortBytes<N> {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl<const N: usize> PartialEq for ShortBytes<N> {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl<const N: usize> Eq for ShortBytes<N> {}

impl<const N: usize> core::hash::Hash for ShortBytes<N> {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.as_slice().hash(state);
    }
}

impl<const N: usize> core::fmt::Debug for ShortBytes<N> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("ShortBytes").field(&self.as_slice()).finish()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use core::hash::{BuildHasher, BuildHasherDefault};
    use std::collections::hash_map::DefaultHasher;
    use std::string::ToString;

    use super::*;

    #[test]
    fn short_bytes_over_capacity_are_refused_and_unchanged() {
        const TOO_LONG: Result<ShortBytes<3>, EncodeError> = ShortBytes::new(b"four");
        assert_eq!(TOO_LONG, Err(EncodeError::HeaderTooLong { max: 3 }));
        let mut bytes = ShortBytes::<3>::new(b"ab").unwrap();
        assert_eq!(bytes.push(b"cd"), Err(EncodeError::HeaderTooLong { max: 3 }));
        assert_eq!(bytes.push_word(*b"cdefghij", 2), Err(EncodeError::HeaderTooLong { max: 3 }));
        assert_eq!(bytes.as_slice(), b"ab");
        bytes.push(b"c").unwrap();
        assert_eq!((bytes.as_slice(), bytes.len()), (&b"abc"[..], ShortBytes::<3>::CAPACITY));
        assert_eq!(<ShortBytes>::CAPACITY, 47);
    }

    #[test]
    fn short_bytes_of_every_length_hold_what_was_copied() {
        let all: [u8; 255] = core::array::from_fn(|at| u8::try_from(at).unwrap());
        for len in 0..=255 {
            let bytes = ShortBytes::<255>::new(&all[..len]).unwrap();
            assert_eq!((bytes.as_slice(), bytes.len(), bytes.is_empty()), (&all[..len], len, len == 0));
            assert_eq!(usize::from(bytes.len_u8()), len);
        }
        assert_eq!(ShortBytes::<255>::new(&[0; 256]), Err(EncodeError::HeaderTooLong { max: 255 }));
        assert_eq!(ShortBytes::<0>::default().as_slice(), b"");
        assert_eq!(ShortBytes::<2>::of(*b"ok").as_slice(), b"ok");
    }

    #[test]
    fn push_word_at_every_place_appends_as_push_does() {
        for start in 0..=12 {
            for len in 0..=8 {
                let before = ShortBytes::<12>::new(&[b'.'; 12][..start]).unwrap();
                let (mut by_word, mut by_slice) = (before, before);
                let word = by_word.push_word(*b"abcdefgh", len);
                assert_eq!(word, by_slice.push(&b"abcdefgh"[..len.into()]));
                assert_eq!(by_word, by_slice);
            }
        }
    }

    #[test]
    fn equality_and_hash_ignore_the_bytes_after_the_end() {
        let mut word = ShortBytes::<16>::empty();
        word.push_word(*b"abcdefgh", 3).unwrap();
        let plain = ShortBytes::new(b"abc").unwrap();
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        assert_eq!(word, plain);
        assert_eq!(hasher.hash_one(word), hasher.hash_one(plain));
        assert_ne!(word, ShortBytes::new(b"abcd").unwrap());
    }

    #[test]
    fn decimal_of_every_length_reads_as_the_number() {
        for value in (0..20).flat_map(|log| [10_u64.pow(log) - 1, 10_u64.pow(log)]).chain([u64::MAX]) {
            assert_eq!(ShortBytes::decimal(value).as_slice(), value.to_string().as_bytes());
        }
    }
}
