//! Byte search.
//!
//! One search for the next byte is `memchr`'s work. Finding *all* of them is quicker in blocks where they lie close
//! together: one comparison of a block gives a bit for every byte, and the bits are handed out one by one.

/// Bytes compared at once: one bit of a `u64` for each.
const BLOCK: usize = 64;

/// So many blocks without a hit, and `memchr`, which has wider vectors, takes over. At this length of gap the two are
/// about as fast.
const SPARSE: usize = 4;

/// The byte values that a search looks for. Never none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ByteSet {
    One(u8),
    Two([u8; 2]),
    Three([u8; 3]),
    /// A bit for each value.
    Many([u64; 4]),
}

impl ByteSet {
    /// The same with `byte` as well.
    pub(crate) fn with(self, byte: u8) -> Self {
        match self {
            _ if self.contains(byte) => self,
            Self::One(a) => Self::Two([a, byte]),
            Self::Two([a, b]) => Self::Three([a, b, byte]),
            Self::Three(three) => Self::Many(three.into_iter().chain([byte]).fold([0; 4], set)),
            Self::Many(bits) => Self::Many(set(bits, byte)),
        }
    }

    pub(crate) fn contains(&self, byte: u8) -> bool {
        match self {
            Self::One(a) => *a == byte,
            Self::Two(two) => two.contains(&byte),
            Self::Three(three) => three.contains(&byte),
            Self::Many(bits) => is_set(bits, byte),
        }
    }

    /// The index of the first of them in `haystack`.
    #[inline]
    pub(crate) fn find(&self, haystack: &[u8]) -> Option<usize> {
        match *self {
            Self::One(a) => memchr::memchr(a, haystack),
            Self::Two([a, b]) => memchr::memchr2(a, b, haystack),
            Self::Three([a, b, c]) => memchr::memchr3(a, b, c, haystack),
            Self::Many(bits) => haystack.iter().position(|&byte| is_set(&bits, byte)),
        }
    }

    /// Calls `visit` with the index of each of them in `haystack`, in order, for as long as it returns true.
    #[inline]
    pub(crate) fn each(&self, haystack: &[u8], mut visit: impl FnMut(usize) -> bool) {
        match *self {
            Self::One(a) => each_hit(haystack, |byte| byte == a, |rest| memchr::memchr_iter(a, rest), visit),
            Self::Two([a, b]) => {
                each_hit(haystack, |byte| (byte == a) | (byte == b), |rest| memchr::memchr2_iter(a, b, rest), visit);
            }
            Self::Three([a, b, c]) => each_hit(
                haystack,
                |byte| (byte == a) | (byte == b) | (byte == c),
                |rest| memchr::memchr3_iter(a, b, c, rest),
                visit,
            ),
            Self::Many(bits) => {
                for (at, _) in haystack.iter().enumerate().filter(|&(_, &byte)| is_set(&bits, byte)) {
                    if !visit(at) {
                        return;
                    }
                }
            }
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

/// ```text
///  dense:  compare a block, visit its hits    ──4 blocks without a hit, or less than a block left──▶  sparse
///  sparse: memchr for the next hit, visit it  ──a gap below 4 blocks──▶  dense
/// ```
#[inline(always)]
fn each_hit<'h, I: Iterator<Item = usize>>(
    haystack: &'h [u8],
    hit: impl Fn(u8) -> bool + Copy,
    search: impl Fn(&'h [u8]) -> I,
    mut visit: impl FnMut(usize) -> bool,
) {
    let mut start = 0;
    loop {
        let mut empty = 0;
        for block in haystack[start..].chunks_exact(BLOCK).filter_map(<[u8]>::first_chunk) {
            let rows = hits(block, hit);
            if rows & rows.wrapping_sub(1) != 0 {
                let mut bits = transposed(rows);
                while bits != 0 {
                    if !visit(start + bits.trailing_zeros() as usize) {
                        return;
                    }
                    bits &= bits - 1;
                }
                empty = 0;
            } else if rows != 0 {
                // One hit, the usual case for lines of text, needs no transposition.
                let bit = rows.trailing_zeros() as usize;
                if !visit(start + bit % 8 * 8 + bit / 8) {
                    return;
                }
                empty = 0;
            } else {
                empty += 1;
            }
            start += BLOCK;
            if empty == SPARSE {
                break;
            }
        }
        // Where the gap began in which the blocks gave up, to within a block.
        let mut behind = start - empty * BLOCK;
        let sparse = start;
        let mut found = search(&haystack[sparse..]);
        loop {
            let Some(at) = found.next().map(|ahead| sparse + ahead) else { return };
            if !visit(at) {
                return;
            }
            let gap = at - behind;
            behind = at + 1;
            if gap < SPARSE * BLOCK {
                break;
            }
        }
        start = behind;
    }
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
        bytes[1..].iter().fold(ByteSet::One(bytes[0]), |set, &byte| set.with(byte))
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

    #[test]
    fn every_hit_is_visited_in_order_wherever_the_bytes_begin_and_end() {
        let haystack = haystack();
        for bytes in [&b"\n"[..], b"\n\0", b"\n\0;", b"\n\0;\xff", b"\0", b"z"] {
            let set = set_of(bytes);
            for start in 0..130 {
                for end in (start..haystack.len()).step_by(7).chain([haystack.len()]) {
                    let part = &haystack[start..end];
                    let naive: Vec<_> = (0..part.len()).filter(|&at| bytes.contains(&part[at])).collect();
                    let mut found = Vec::new();
                    set.each(part, |at| {
                        found.push(at);
                        true
                    });
                    assert_eq!(found, naive, "{bytes:?} in {start}..{end}");
                    assert_eq!(set.find(part), naive.first().copied());
                }
            }
        }
    }

    #[test]
    fn a_visit_that_returns_false_is_the_last() {
        let haystack = haystack();
        for bytes in [&b"\n"[..], b"\n\0", b"\n\0;", b"\n\0;\xff"] {
            for last in 1..5 {
                let mut visits = 0;
                set_of(bytes).each(&haystack, |_| {
                    visits += 1;
                    visits < last
                });
                assert_eq!(visits, last);
            }
        }
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
