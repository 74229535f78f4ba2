//! Searches many bytes at once.
//!
//! `memchr` finds the next byte. Finding *all* of them is faster in blocks where they lie close
//! together: one comparison of a block gives a bit for every byte, and the bits are returned one by one.

use super::{ByteSet, Values};

/// Bytes compared at once: one bit of a `u64` for each.
const BLOCK: usize = 64;

/// Blocks are searched two at a time: one test is enough if neither contains a hit.
pub(crate) const PAIR: usize = 2 * BLOCK;

/// Places are found at most this far from the start.
const AHEAD: usize = 2048;

/// Room for this many places. A pair is searched only if there is room for a hit at each of its bytes.
const ROOM: usize = 2 * PAIR;

/// The places of the bytes found.
pub(crate) struct Places {
    places: [u16; ROOM],
    len: usize,
}

impl Places {
    pub(crate) const fn new() -> Self {
        Self { places: [0; ROOM], len: 0 }
    }

    /// Returns the count of places.
    #[inline]
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Returns the places from the first to the last, each an index into the searched bytes.
    #[inline]
    pub(crate) fn as_slice(&self) -> &[u16] {
        self.places.get(..self.len).unwrap_or_default()
    }

    /// Finds the bytes of `set` in pairs of blocks at the front of `haystack`, and returns how many bytes it searched,
    /// 2048 at most. 0 if `haystack` is shorter than a pair, or for a set that is searched byte by byte.
    #[inline(never)]
    pub(crate) fn find(&mut self, set: &ByteSet, haystack: &[u8]) -> usize {
        match set.0 {
            Values::One(a) => self.find_hits(haystack, |byte| byte == a),
            Values::Two([a, b]) => self.find_hits(haystack, |byte| (byte == a) | (byte == b)),
            Values::Three([a, b, c]) => self.find_hits(haystack, |byte| (byte == a) | (byte == b) | (byte == c)),
            Values::None | Values::Many(_) => {
                self.len = 0;
                0
            }
        }
    }

    #[inline(always)]
    fn find_hits(&mut self, haystack: &[u8], hit: impl Fn(u8) -> bool + Copy) -> usize {
        let (mut len, mut start) = (0_usize, 0_u16);
        for pair in haystack.get(..AHEAD).unwrap_or(haystack).chunks_exact(PAIR) {
            let (Some(first), Some(second)) = (pair.first_chunk(), pair.last_chunk()) else { break };
            let (first, second) = (hits(first, hit), hits(second, hit));
            if first | second != 0 {
                let Some(room) = self.room(len) else { break };
                let after = len.wrapping_add(spread(first, start, room));
                let Some(room) = self.room(after) else { break };
                len = after.wrapping_add(spread(second, start.wrapping_add(64), room));
            }
            start = start.wrapping_add(128);
        }
        self.len = len;
        start.into()
    }

    /// Room for the places of one block.
    #[inline(always)]
    fn room(&mut self, from: usize) -> Option<&mut [u16; BLOCK]> {
        self.places.get_mut(from..)?.first_chunk_mut()
    }
}

/// Writes the places of the hits of the block that begins at `start`, and returns how many there are.
#[inline(always)]
fn spread(hits: u64, start: u16, room: &mut [u16; BLOCK]) -> usize {
    if hits & hits.wrapping_sub(1) == 0 {
        // One hit or none, the usual case for lines of text, needs no transposition.
        let bit = first(hits);
        room[0] = start.wrapping_add(bit % 8 * 8 + bit / 8);
        return (hits != 0).into();
    }
    let (mut bits, mut len) = (transposed(hits), 0_usize);
    while bits != 0 {
        room[len % BLOCK] = start.wrapping_add(first(bits));
        len = len.wrapping_add(1);
        bits &= bits.wrapping_sub(1);
    }
    len
}

/// The lowest bit that is set, or 64.
#[inline(always)]
fn first(bits: u64) -> u16 {
    u16::try_from(bits.trailing_zeros()).unwrap_or_default()
}

/// Bit `8 * column + row` is set if byte `8 * row + column` is a hit.
///
/// In this order no lane has to move: the comparison works on complete vectors, each row of 8 bytes sets another bit,
/// and the rows are merged. In x86-64 without extensions that is about 20 vector instructions.
#[inline(always)]
fn hits(block: &[u8; BLOCK], hit: impl Fn(u8) -> bool + Copy) -> u64 {
    let mut marked = [0; BLOCK];
    for (i, (mark, &byte)) in marked.iter_mut().zip(block).enumerate() {
        *mark = if hit(byte) { 1 << (i / 8) } else { 0_u8 };
    }
    let rows = marked.chunks_exact(8).filter_map(<[u8]>::first_chunk);
    rows.fold(0, |merged, row| merged | u64::from_le_bytes(*row))
}

/// Swaps rows and columns of the 8 by 8 bits: single bits, then pairs, then fours.
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

    /// The first bytes of `haystack`, as many as `Places` searches at once, and the places found in them.
    fn found<'a>(set: &ByteSet, haystack: &'a [u8]) -> (&'a [u8], Vec<usize>) {
        let mut places = Places { places: [u16::MAX; ROOM], len: ROOM };
        let searched = places.find(set, haystack);
        assert_eq!(places.len(), places.as_slice().len());
        (&haystack[..searched], places.as_slice().iter().map(|&place| place as usize).collect())
    }

    fn naive(bytes: &[u8], haystack: &[u8]) -> Vec<usize> {
        (0..haystack.len()).filter(|&at| bytes.contains(&haystack[at])).collect()
    }

    #[test]
    fn every_hit_is_found_at_every_alignment() {
        let haystack = haystack();
        for bytes in [&b"\n"[..], b"\n\0", b"\n\0;", b"\n\0;\xff", b"\0", b"z"] {
            let set = set_of(bytes);
            for start in 0..=PAIR {
                for end in (start..haystack.len()).step_by(7).chain([haystack.len()]) {
                    let part = &haystack[start..end];
                    let (searched, places) = found(&set, part);
                    assert_eq!(places, naive(bytes, searched), "{bytes:?} in {start}..{end}");
                    let whole = if bytes.len() > 3 { 0 } else { part.len().min(AHEAD) / PAIR };
                    assert_eq!(searched.len(), whole * PAIR);
                }
            }
        }
        assert_eq!(found(&ByteSet::EMPTY, &haystack), (&[][..], Vec::new()));
    }

    #[test]
    fn search_stops_if_places_of_a_block_may_have_no_room() {
        for (every, pairs) in [(1, 2), (2, 3), (3, 5), (8, 12), (9, 14), (11, 16), (300, 16)] {
            let haystack: Vec<u8> = (1..=PAIR * 20).map(|at| u8::from(at % every == 0)).collect();
            let (searched, places) = found(&ByteSet::of(1), &haystack);
            assert_eq!(places, naive(&[1], searched));
            assert_eq!(searched.len(), pairs * PAIR, "every {every}");
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
