//! Byte search.
//!
//! One search for the next byte is `memchr`'s work. Finding *all* of them is quicker in blocks where they lie close
//! together: one comparison of a block gives a bit for every byte, and the bits are handed out one by one.

/// Bytes compared at once: one bit of a `u64` for each.
pub(crate) const BLOCK: usize = 64;

/// A set of byte values: those with which a framing's frames can end.
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
    /// A bit for each value.
    Many([u64; 4]),
}

impl ByteSet {
    /// No byte.
    pub const EMPTY: Self = Self(Values::None);

    /// This byte alone.
    #[must_use]
    pub const fn of(byte: u8) -> Self {
        Self(Values::One(byte))
    }

    /// The same with `byte` as well.
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

    /// Whether it has no byte.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self.0, Values::None)
    }

    /// Whether `byte` is one of them.
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

    /// The index of the first of them in `haystack`. The vector instructions of the machine search for up to three.
    #[inline]
    #[must_use]
    pub fn find(&self, haystack: &[u8]) -> Option<usize> {
        match self.0 {
            Values::None => None,
            Values::One(a) => memchr::memchr(a, haystack),
            Values::Two([a, b]) => memchr::memchr2(a, b, haystack),
            Values::Three([a, b, c]) => memchr::memchr3(a, b, c, haystack),
            Values::Many(bits) => haystack.iter().position(|&byte| is_set(&bits, byte)),
        }
    }

    /// Marks the blocks at the front of `haystack` and gives how many it marked: a bit for each byte, in an order that
    /// [`in_order`] turns into that of the bytes. None if less than a block is there, or for a set that is searched
    /// byte by byte.
    #[inline(never)]
    pub(crate) fn mark(&self, haystack: &[u8], marks: &mut [u64; BLOCKS]) -> usize {
        match self.0 {
            Values::One(a) => mark(haystack, marks, |byte| byte == a),
            Values::Two([a, b]) => mark(haystack, marks, |byte| (byte == a) | (byte == b)),
            Values::Three([a, b, c]) => mark(haystack, marks, |byte| (byte == a) | (byte == b) | (byte == c)),
            Values::None | Values::Many(_) => 0,
        }
    }
}

/// Blocks that are marked at a time.
pub(crate) const BLOCKS: usize = 4;

#[inline(always)]
fn mark(haystack: &[u8], marks: &mut [u64; BLOCKS], hit: impl Fn(u8) -> bool + Copy) -> usize {
    let mut count = 0;
    for (mark, block) in marks.iter_mut().zip(haystack.chunks_exact(BLOCK).filter_map(<[u8]>::first_chunk)) {
        *mark = hits(block, hit);
        count += 1;
    }
    count
}

fn set(mut bits: [u64; 4], byte: u8) -> [u64; 4] {
    bits[usize::from(byte >> 6)] |= 1 << (byte & 63);
    bits
}

#[inline]
fn is_set(bits: &[u64; 4], byte: u8) -> bool {
    bits[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
}

/// Bit `8 * column + row` says whether byte `8 * row + column` is a hit.
///
/// In this order no lane has to move: the comparison works on whole vectors, each row of 8 bytes sets another bit, and
/// the rows are merged. In x86-64 without extensions that is some 20 vector instructions.
#[inline(always)]
fn hits(block: &[u8; BLOCK], hit: impl Fn(u8) -> bool + Copy) -> u64 {
    let mut marked = [0; BLOCK];
    for (i, (mark, &byte)) in marked.iter_mut().zip(block).enumerate() {
        *mark = if hit(byte) { 1 << (i / 8) } else { 0_u8 };
    }
    let rows = marked.chunks_exact(8).filter_map(<[u8]>::first_chunk);
    rows.fold(0, |merged, row| merged | u64::from_le_bytes(*row))
}

/// The hits with bit `i` for byte `i`.
#[inline(always)]
pub(crate) const fn in_order(hits: u64) -> u64 {
    if hits & hits.wrapping_sub(1) == 0 {
        // One hit, the usual case for lines of text, needs no transposition.
        let bit = hits.trailing_zeros();
        return 1 << (bit % 8 * 8 + bit / 8);
    }
    transposed(hits)
}

/// The 8 by 8 bits with rows for columns: single bits, then pairs, then fours change places.
/// (Warren, Hacker's Delight, section 7-3.)
#[inline(always)]
const fn transposed(bits: u64) -> u64 {
    let swap = (bits ^ (bits >> 7)) & 0x00aa_00aa_00aa_00aa;
    let bits = bits ^ swap ^ (swap << 7);
    let swap = (bits ^ (bits >> 14)) & 0x0000_cccc_0000_cccc;
    let bits = bits ^ swap ^ (swap << 14);
    let swap = (bits ^ (bits >> 28)) & 0x0000_0000_f0f0_f0f0;
    bits ^ swap ^ (swap << 28)
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::vec::Vec;

    fn set_of(bytes: &[u8]) -> ByteSet {
        bytes[1..].iter().fold(ByteSet::of(bytes[0]), |set, &byte| set.with(byte))
    }

    /// Bytes with runs of hits and gaps of every length about the block size.
    fn haystack() -> Vec<u8> {
        let gaps = [0, 1, 2, 7, 8, 15, 31, 62, 63, 64, 65, 0, 127, 128, 129, 3, 300, 0, 0, 0, 191, 5, 192, 40];
        let mut bytes = Vec::new();
        for (i, gap) in gaps.into_iter().enumerate() {
            bytes.extend((b'a'..=b'p').cycle().take(gap));
            bytes.push(b"\n\0;\xff,"[i % 5]);
        }
        bytes
    }

    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else() {
        for n in 1..=6 {
            let bytes = &[0, 63, 64, 255, 128, 127][..n];
            let set = set_of(bytes).with(bytes[0]);
            for byte in 0..=255 {
                assert_eq!(set.contains(byte), bytes.contains(&byte), "{bytes:?} {byte}");
            }
        }
    }

    /// The indices of all hits in as many blocks as are marked, and how many bytes these are.
    fn marked(set: &ByteSet, haystack: &[u8]) -> (Vec<usize>, usize) {
        let mut marks = [u64::MAX; BLOCKS];
        let count = set.mark(haystack, &mut marks);
        let bits = marks[..count].iter().enumerate().flat_map(|(block, &mark)| {
            let bits = if mark == 0 { 0 } else { in_order(mark) };
            (0..BLOCK).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| block * BLOCK + bit)
        });
        (bits.collect(), count * BLOCK)
    }

    #[test]
    fn every_hit_has_its_bit_wherever_the_bytes_begin_and_end() {
        let haystack = haystack();
        for bytes in [&b"\n"[..], b"\n\0", b"\n\0;", b"\n\0;\xff", b"\0", b"z"] {
            let set = set_of(bytes);
            for start in 0..haystack.len() {
                for end in (start..haystack.len()).step_by(7).chain([haystack.len()]) {
                    let part = &haystack[start..end];
                    let mut naive: Vec<_> = (0..part.len()).filter(|&at| bytes.contains(&part[at])).collect();
                    assert_eq!(set.find(part), naive.first().copied());
                    let (found, searched) = marked(&set, part);
                    naive.retain(|&at| at < searched);
                    assert_eq!(found, naive, "{bytes:?} in {start}..{end}");
                    let whole = if bytes.len() > 3 { 0 } else { part.len() / BLOCK };
                    assert_eq!(searched, whole.min(BLOCKS) * BLOCK);
                }
            }
        }
    }

    #[test]
    fn the_empty_set_has_nothing() {
        assert_eq!(ByteSet::EMPTY.find(&haystack()), None);
        assert_eq!(ByteSet::EMPTY.with(7), ByteSet::of(7));
        assert!((0..=255).all(|byte| !ByteSet::EMPTY.contains(byte)));
    }

    #[test]
    fn every_single_bit_is_transposed() {
        for row in 0..8 {
            for column in 0..8 {
                assert_eq!(transposed(1 << (8 * row + column)), 1 << (8 * column + row));
            }
        }
    }
}
