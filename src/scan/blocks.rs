//! Many bytes at once.
//!
//! One search for the next byte is `memchr`'s work. Finding *all* of them is quicker in blocks where they lie close
//! together: one comparison of a block gives a bit for every byte, and the bits are handed out one by one.

use super::{ByteSet, Values};

/// Bytes compared at once: one bit of a `u64` for each.
pub(crate) const BLOCK: usize = 64;

impl ByteSet {
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
    use crate::scan::tests::{haystack, set_of};
    use std::vec::Vec;

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
    fn every_single_bit_is_transposed() {
        for row in 0..8 {
            for column in 0..8 {
                assert_eq!(transposed(1 << (8 * row + column)), 1 << (8 * column + row));
            }
        }
    }
}
