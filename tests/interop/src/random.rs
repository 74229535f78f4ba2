//! Random numbers that are the same in every run.

/// The generator xorshift64.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Returns another generator, which gives other numbers.
    pub(crate) fn next(&mut self) -> Self {
        self.below(1);
        Self::new(self.0)
    }

    /// Returns a number below `end`, which must not be 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or_default() % end
    }

    /// Returns the length of the next chunk of `left` bytes: mostly short, sometimes all.
    pub(crate) fn cut(&mut self, left: usize) -> usize {
        let most = [1, 2, 7, 64, left][self.below(5)];
        1 + self.below(most.clamp(1, left))
    }
}
