//! Sets of values of a byte, and what else the parts share.

use std::collections::HashMap as StdMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map with a plain hash: its keys come from the code and not from an attacker.
pub type HashMap<K, V> = StdMap<K, V, BuildHasherDefault<Plain>>;

#[derive(Default)]
pub struct Plain(u64);

impl Hasher for Plain {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            self.write_u64(u64::from_le_bytes(word));
        }
    }
    fn write_u8(&mut self, value: u8) {
        self.write_u64(u64::from(value));
    }
    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }
    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
    fn write_u128(&mut self, value: u128) {
        self.write_u64(value as u64);
        self.write_u64((value >> 64) as u64);
    }
    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }
    fn finish(&self) -> u64 {
        self.0.rotate_left(20)
    }
}

/// A set of values of a byte.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Set([u64; 4]);

impl Set {
    pub const ALL: Self = Self([u64::MAX; 4]);
    pub const NONE: Self = Self([0; 4]);

    pub fn of(value: u8) -> Self {
        let mut set = Self::NONE;
        set.insert(value);
        set
    }

    pub fn insert(&mut self, value: u8) {
        self.0[usize::from(value) / 64] |= 1 << (value % 64);
    }

    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub fn values(&self) -> impl Iterator<Item = u8> + use<> {
        let mut words = self.0;
        std::iter::from_fn(move || {
            let at = words.iter().position(|word| *word != 0)?;
            let bit = words[at].trailing_zeros();
            words[at] &= words[at] - 1;
            Some((at as u32 * 64 + bit) as u8)
        })
    }

    /// The only value of the set.
    pub fn only(&self) -> Option<u8> {
        let mut values = self.values();
        let first = values.next()?;
        values.next().is_none().then_some(first)
    }
}

/// A set for each byte of the input.
pub type Sets = Vec<Set>;

/// The bytes of a set of bytes.
pub fn each(mut bytes: u32) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let at = (bytes != 0).then(|| bytes.trailing_zeros())?;
        bytes &= bytes - 1;
        Some(at as usize)
    })
}
