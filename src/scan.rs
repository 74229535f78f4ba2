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

    /// Creates a set of the bytes from `first` to `last`, both included. Empty if `last` is less.
    #[must_use]
    pub const fn range(first: u8, last: u8) -> Self {
        let mut bits = [0; 4];
        let mut byte = first;
        while byte <= last {
            bits = set(bits, byte);
            if byte == u8::MAX {
                break;
            }
            byte += 1;
        }
        Self::of_bits(bits)
    }

    /// Creates a set of the bytes whose bits in `mask` are as in `bits`. Empty if `bits` has others.
    ///
    /// ```
    /// use anysplit::ByteSet;
    ///
    /// // The upper six bits are 0.
    /// assert_eq!(ByteSet::masked(0xfc, 0), ByteSet::range(0, 3));
    /// ```
    #[must_use]
    pub const fn masked(mask: u8, bits: u8) -> Self {
        let mut all = [0; 4];
        let mut byte = 0;
        loop {
            if byte & mask == bits {
                all = set(all, byte);
            }
            if byte == u8::MAX {
                return Self::of_bits(all);
            }
            byte += 1;
        }
    }

    /// Adds `byte` to the set.
    #[must_use]
    pub const fn with(self, byte: u8) -> Self {
        Self::of_bits(set(self.bits(), byte))
    }

    /// Adds all bytes of another set.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        let (one, other) = (self.bits(), other.bits());
        Self::of_bits([one[0] | other[0], one[1] | other[1], one[2] | other[2], one[3] | other[3]])
    }

    /// Removes `byte` from the set.
    #[must_use]
    pub const fn without(self, byte: u8) -> Self {
        let mut bits = self.bits();
        bits[(byte >> 6) as usize] &= !(1 << (byte & 63));
        Self::of_bits(bits)
    }

    /// One bit for each value.
    const fn bits(&self) -> [u64; 4] {
        let empty = [0; 4];
        match self.0 {
            Values::None => empty,
            Values::One(a) => set(empty, a),
            Values::Two([a, b]) => set(set(empty, a), b),
            Values::Three([a, b, c]) => set(set(set(empty, a), b), c),
            Values::Many(bits) => bits,
        }
    }

    /// The one form of this set, so that equal sets have equal forms.
    const fn of_bits(bits: [u64; 4]) -> Self {
        let len = bits[0].count_ones() + bits[1].count_ones() + bits[2].count_ones() + bits[3].count_ones();
        if len > 3 {
            return Self(Values::Many(bits));
        }
        let mut found = [0; 3];
        let mut next = 0;
        let mut byte = 0_u8;
        loop {
            if is_set(&bits, byte) {
                found[next] = byte;
                next += 1;
            }
            if byte == u8::MAX {
                break;
            }
            byte += 1;
        }
        Self(match len {
            0 => Values::None,
            1 => Values::One(found[0]),
            2 => Values::Two([found[0], found[1]]),
            _ => Values::Three(found),
        })
    }

    /// Returns the bytes of the set, in rising order.
    pub fn iter(&self) -> impl Iterator<Item = u8> + '_ {
        (0..=u8::MAX).filter(|&byte| self.contains(byte))
    }

    /// Returns whether the set is empty.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self.0, Values::None)
    }

    /// The byte of a set of one.
    pub(crate) const fn only(&self) -> Option<u8> {
        match self.0 {
            Values::One(byte) => Some(byte),
            _ => None,
        }
    }

    /// The bytes of a set of two or three, one of them perhaps twice.
    pub(crate) const fn few(&self) -> Option<[u8; 3]> {
        match self.0 {
            Values::Two([a, b]) => Some([a, b, b]),
            Values::Three(three) => Some(three),
            _ => None,
        }
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

const fn set(mut bits: [u64; 4], byte: u8) -> [u64; 4] {
    bits[(byte >> 6) as usize] |= 1 << (byte & 63);
    bits
}

#[inline]
const fn is_set(bits: &[u64; 4], byte: u8) -> bool {
    bits[(byte >> 6) as usize] >> (byte & 63) & 1 == 1
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
    fn sets_of_the_same_bytes_are_equal_however_they_were_made() {
        assert_eq!(ByteSet::of(9).with(3).with(7), ByteSet::of(7).with(9).with(3));
        assert_eq!(ByteSet::range(3, 5), ByteSet::of(5).with(4).with(3));
        assert_eq!(ByteSet::range(5, 3), ByteSet::EMPTY);
        assert_eq!(ByteSet::range(0, 255).iter().count(), 256);
        assert_eq!(ByteSet::range(3, 6).without(6), ByteSet::range(3, 5));
        assert_eq!(ByteSet::range(0, 2).and(ByteSet::of(9)).iter().collect::<Vec<_>>(), [0, 1, 2, 9]);
    }

    #[test]
    fn empty_set_finds_nothing() {
        assert_eq!(ByteSet::EMPTY.find(&haystack()), None);
        assert_eq!(ByteSet::EMPTY.with(7), ByteSet::of(7));
        assert!((0..=255).all(|byte| !ByteSet::EMPTY.contains(byte)));
    }
}
