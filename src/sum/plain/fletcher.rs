//! Fletcher's two sums of bytes, modulo 256.
//!
//! The second sum has the first byte as often as there are bytes, and the last byte once. In columns of 16 bytes,
//!
//! ```text
//!  sums    = each column, added
//!  before  = what `sums` was before each row, added
//!  first   = Σ sums[i]
//!  second  = Σ (16 − i) × sums[i] + 16 × Σ before[i]
//! ```
//!
//! so that each row takes two additions of 16 bytes at once.

/// Bytes in a row.
const ROW: usize = 16;

/// Fewer bytes than this are added one by one.
const FEW: usize = 2 * ROW;

/// Every other byte of a word, which leaves room for the sum of 256 bytes in each lane of 16 bits.
const LANES: u64 = 0x00ff_00ff_00ff_00ff;

/// Returns the state after `bytes`: the first sum in the lowest byte, the second in the one above.
pub(super) fn update(state: u64, bytes: &[u8]) -> u64 {
    let [mut first, mut second, ..] = state.to_le_bytes();
    match bytes.first_chunk() {
        Some(row) if bytes.len() >= FEW => {
            let [sum, weighted] = of_many(row, bytes);
            let [len, ..] = bytes.len().to_le_bytes();
            second = second.wrapping_add(weighted).wrapping_add(len.wrapping_mul(first));
            first = first.wrapping_add(sum);
        }
        _ => {
            for &byte in bytes {
                first = first.wrapping_add(byte);
                second = second.wrapping_add(first);
            }
        }
    }
    u64::from(u16::from_le_bytes([first, second]))
}

/// Returns the two sums of `bytes`, which begin with `row`.
#[inline]
fn of_many(row: &[u8; ROW], bytes: &[u8]) -> [u8; 2] {
    // Zeros before the first byte change nothing: they complete the first row.
    let mut padded = [0; 2 * ROW];
    padded[ROW..].copy_from_slice(row);
    let (rows_start, mut sums) = (bytes.len() % ROW, [0; ROW]);
    sums.copy_from_slice(&padded[rows_start..][..ROW]);
    let mut before = [0; ROW];
    add_rows(&mut sums, &mut before, bytes.get(rows_start..).unwrap_or_default());

    let ([low, high], [before_low, before_high]) = (words(&sums), words(&before));
    let (low, high) = (lanes(low), lanes(high));
    let (before_low, before_high) = (lanes(before_low), lanes(before_high));
    let (even, odd) = (low.0 + high.0, low.1 + high.1);
    let before = before_low.0 + before_low.1 + before_high.0 + before_high.1;
    // No lane but the last overflows: the greatest sum of the three before it is 3 × 8 × 10 × 255.
    let weighted = top(even, 0x0008_0006_0004_0002).wrapping_add(top(odd, 0x0007_0005_0003_0001));
    let eights = top(low.0 + low.1 + 2 * before, 0x0008_0008_0008_0008);
    [top(even + odd, 0x0001_0001_0001_0001), weighted.wrapping_add(eights)]
}

/// Adds whole rows. Out of line, so that the compiler keeps both arrays in one register each.
#[inline(never)]
fn add_rows(sums: &mut [u8; ROW], before: &mut [u8; ROW], bytes: &[u8]) {
    let (mut all, mut earlier) = (*sums, *before);
    for row in bytes.chunks_exact(ROW) {
        for (to, from) in earlier.iter_mut().zip(&all) {
            *to = to.wrapping_add(*from);
        }
        for (to, from) in all.iter_mut().zip(row) {
            *to = to.wrapping_add(*from);
        }
    }
    (*sums, *before) = (all, earlier);
}

/// Returns the two halves of a row.
#[inline]
fn words(row: &[u8; ROW]) -> [u64; 2] {
    let word = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes));
    [word(row.first_chunk()), word(row.last_chunk())]
}

/// Returns the bytes of a word in lanes of 16 bits: the first, the third and so on, and the others.
#[inline]
const fn lanes(word: u64) -> (u64, u64) {
    (word & LANES, word >> 8 & LANES)
}

/// Multiplies the lanes with weights, the last weight for the first lane, and returns the low byte of their sum.
#[inline]
const fn top(lanes: u64, weights: u64) -> u8 {
    let [.., low, _] = lanes.wrapping_mul(weights).to_le_bytes();
    low
}
