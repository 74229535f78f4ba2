//! Byte search.

#[cfg(feature = "alloc")]
pub(crate) mod blocks;

/// A set of byte values, such as those with which the frames of a framing can end.
///
/// ```
/// use anysplit::ByteSet;
///
/// let set = ByteSet::of(b'\n').with(0);
/// assert!(set.contains(0) && !set.contains(b'n'));
/// assert_eq!(set.find(b"to the\nend"), Some(6));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ByteSet(Values);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Values {
    None,
    One(u8),
    Two([u8; 2]),
    Three([u8; 3]),
    /// One bit for each value.
    Many([u64; 4]),
}

impl ByteSet {
    /// Creates an empty set.
    pub const EMPTY: Self = Self(Values::None);

    /// Creates a set of this byte alone.
    #[must_use]
    pub const fn of(byte: u8) -> Self {
        Self(Values::One(byte))
    }

    /// Adds `byte` to the set.
    #[must_use]
    pub fn with(self, byte: u8) -> Self {
        Self(match self.0 {
            _ if self.contains(byte) => return self,
            Values::None => Values::One(byte),
            Values::One(a) => Values::Two([a, byte]),
            Values::Two([a, b]) => Values::Three([a, b, byte]),
            Values::Three(three) => Values::Many(three.into_iter().chain([byte]).fold([0; 4], set)),
            Values::Many(bits) => Values::Many(set(bits, byte)),
        })
    }

    /// Returns whether the set is empty.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self.0, Values::None)
    }

    /// Returns whether `byte` is in the set.
    #[must_use]
    pub fn contains(&self, byte: u8) -> bool {
        match &self.0 {
            Values::None => false,
            Values::One(a) => *a == byte,
            Values::Two(two) => two.contains(&byte),
            Values::Three(three) => three.contains(&byte),
            Values::Many(bits) => is_set(bits, byte),
        }
    }

    /// Returns the index of the first of them in `haystack`. Uses vector instructions for up to three values.
    #[inline]
    #[must_use]
    pub fn find(&self, haystack: &[u8]) -> Option<usize> {
        // By far the most common case, so it does not go through a jump table.
        if let Values::One(a) = self.0 {
            return memchr::memchr(a, haystack);
        }
        match self.0 {
            Values::None => None,
            Values::One(a) => memchr::memchr(a, haystack),
            Values::Two([a, b]) => memchr::memchr2(a, b, haystack),
            Values::Three([a, b, c]) => memchr::memchr3(a, b, c, haystack),
            Values::Many(bits) => haystack.iter().position(|&byte| is_set(&bits, byte)),
        }
    }
}

fn set(mut bits: [u64; 4], byte: u8) -> [u64; 4] {
    bits[usize::from(byte >> 6)] |= 1 << (byte & 63);
    bits
}

#[inline]
fn is_set(bits: &[u64; 4], byte: u8) -> bool {
    bits[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
}

#[cfg(test)]
pub(crate) mod tests {
    extern crate std;

    use super::*;
    use std::vec::Vec;

    pub(crate) fn set_of(bytes: &[u8]) -> ByteSet {
        bytes[1..].iter().fold(ByteSet::of(bytes[0]), |set, &byte| set.with(byte))
    }

    /// Bytes with runs of hits and gaps of all lengths around the block size.
    pub(crate) fn haystack() -> Vec<u8> {
        let gaps = [0, 1, 2, 7, 8, 15, 31, 62, 63, 64, 65, 0, 127, 128, 129, 3, 300, 0, 0, 0, 191, 5, 192, 40];
        let mut bytes = Vec::new();
        for (i, gap) in gaps.into_iter().enumerate() {
            bytes.extend((b'a'..=b'p').cycle().take(gap));
            bytes.push(b"\n\0;\xff,"[i % 5]);
        }
        bytes
    }

    #[test]
    fn set_contains_only_the_added_bytes() {
        for n in 1..=6 {
            let bytes = &[0, 63, 64, 255, 128, 127][..n];
            let set = set_of(bytes).with(bytes[0]);
            for byte in 0..=255 {
                assert_eq!(set.contains(byte), bytes.contains(&byte), "{bytes:?} {byte}");
            }
        }
    }

    #[test]
    fn first_byte_is_found_at_every_alignment() {
        let haystack = haystack();
        for bytes in [&b"\n"[..], b"\n\0", b"\n\0;", b"\n\0;\xff", b"\0", b"z"] {
            for start in 0..haystack.len() {
                let part = &haystack[start..];
                assert_eq!(set_of(bytes).find(part), part.iter().position(|byte| bytes.contains(byte)));
            }
        }
    }

    #[test]
    fn empty_set_finds_nothing() {
        assert_eq!(ByteSet::EMPTY.find(&haystack()), None);
        assert_eq!(ByteSet::EMPTY.with(7), ByteSet::of(7));
        assert!((0..=255).all(|byte| !ByteSet::EMPTY.contains(byte)));
    }
}
