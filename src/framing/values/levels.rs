//! How many values are still due: for formats that announce counts, and whose values may also end with a mark.

use super::search::Memory;
use crate::error::DecodeErrorKind;

/// The most levels that end with a mark.
pub(super) const MAX_DEPTH: u8 = 32;

/// The most values that can be due on a level.
const MOST: u64 = (1 << 62) - 1;

/// The values that must still come.
///
/// A count gives the number of values to come, and counts inside counts are added up: an array of 2 in an array of 3 leaves
/// 2 + 2 values. Only a level that ends with a mark needs a count of its own, because the mark may come only where nothing
/// else is missing. The counts outside of it are on a stack of 32 groups of 4 bits:
///
/// ```text
///  group   bit 0: the next group belongs to the same number    bits 1 to 3: an octal digit, the least first
///  number  1 + the count × 4 + the flags of the level
/// ```
#[derive(Clone, Copy, Debug)]
pub(super) struct Levels {
    stack: u128,
    /// The count × 4 + the flags of the innermost level.
    here: u64,
}

/// The level holds pairs.
const PAIRS: u64 = 1;
/// The level has the first half of a pair.
const ODD: u64 = 2;

impl Levels {
    /// One value must come.
    pub(super) const START: Self = Self { stack: 0, here: 4 };

    /// The first three words of the memory.
    pub(super) fn load(&[low, high, here, _]: &Memory) -> Self {
        Self { stack: u128::from(high) << 64 | u128::from(low), here }
    }

    pub(super) fn store(self, last: u64) -> Memory {
        let [a, b, c, d, e, f, g, h, high @ ..] = self.stack.to_le_bytes();
        [u64::from_le_bytes([a, b, c, d, e, f, g, h]), u64::from_le_bytes(high), self.here, last]
    }

    const fn count(self) -> u64 {
        self.here >> 2
    }

    pub(super) const fn is_complete(self) -> bool {
        self.stack == 0 && self.count() == 0
    }

    /// The least number of values and marks that must still come.
    pub(super) const fn due(self) -> u64 {
        self.count() + if self.stack == 0 { 0 } else { 1 }
    }

    /// Takes one of the values to come. It holds this many more.
    pub(super) fn take(&mut self, holds: u64) -> Result<(), DecodeErrorKind> {
        match self.count() {
            0 if self.here & PAIRS != 0 => self.here ^= ODD,
            0 => {}
            _ => self.here -= 4,
        }
        let room = MOST - self.count();
        if holds > room {
            return Err(DecodeErrorKind::NumberTooLarge { max: room });
        }
        self.here += holds << 2;
        Ok(())
    }

    /// Takes one of the values to come. It ends with a mark.
    pub(super) fn open(&mut self, holds_pairs: bool) -> Result<(), DecodeErrorKind> {
        self.take(0)?;
        let mut octal = self.here + 1;
        let need = (66 - octal.leading_zeros()) / 3;
        let used = (131 - self.stack.leading_zeros()) / 4;
        if used + need > MAX_DEPTH.into() {
            return Err(DecodeErrorKind::TooDeep { max: MAX_DEPTH.into() });
        }
        let (mut groups, mut at) = (0_u128, 0_u32);
        while octal > 0 {
            let more = u128::from(octal > 7);
            groups |= (u128::from(octal & 7) << 1 | more) << at;
            at += 4;
            octal >>= 3;
        }
        self.stack = self.stack << at | groups;
        self.here = if holds_pairs { PAIRS } else { 0 };
        Ok(())
    }

    /// The mark has arrived. Returns whether it may stand here.
    pub(super) fn close(&mut self) -> bool {
        if self.stack == 0 || self.count() > 0 || self.here & ODD != 0 {
            return false;
        }
        let (mut octal, mut at) = (0_u64, 0_u32);
        loop {
            let [group, ..] = self.stack.to_le_bytes();
            self.stack >>= 4;
            octal |= u64::from(group >> 1 & 7).checked_shl(at).unwrap_or(0);
            at += 3;
            if group & 1 == 0 {
                break;
            }
        }
        self.here = octal.saturating_sub(1);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_come_back_as_they_were() {
        for (count, pairs) in [(1, false), (2, true), (7, false), (8, true), (1 << 20, true), (MOST, false)] {
            let mut levels = Levels::START;
            assert_eq!(levels.open(pairs), Ok(()));
            assert_eq!(levels.take(count), Ok(()));
            let before = levels;
            assert_eq!(levels.open(false), Ok(()));
            assert!(levels.close());
            let stored = Levels::load(&levels.store(0));
            assert_eq!((stored.stack, stored.here), (before.stack, before.here - 4));
            assert_eq!(levels.close(), count == 1 && !pairs, "{count}");
        }
    }
}
