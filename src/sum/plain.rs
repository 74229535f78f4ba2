//! Sums that need no polynomial.

use crate::sum::Sum;

mod fletcher;

/// A checksum that is made by adding or by XOR.
///
/// ```
/// use anysplit::sum::{Plain, Sum};
///
/// assert_eq!(Plain::Xor.of(b"GPGLL,5300.97914,N,00259.98174,E,125926,A"), 0x28);
/// assert_eq!(Plain::Internet.of(b"\x45\x00\x00\x1c"), 0xbae3);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Plain {
    /// All bytes, XORed: NMEA 0183. Also called LRC or BCC. 1 byte.
    Xor,
    /// All bytes, added modulo 256: M-Bus, IEC 60870-5-101, GDB, FIX. 1 byte.
    Sum8,
    /// 255 minus [`Sum8`](Self::Sum8), its one's complement: XBee. 1 byte.
    Sum8Ones,
    /// 0 minus [`Sum8`](Self::Sum8), its two's complement: the LRC of Modbus ASCII, Intel HEX. 1 byte.
    Sum8Twos,
    /// All bytes, added modulo 65,536. 2 bytes.
    Sum16,
    /// 65,535 minus [`Sum16`](Self::Sum16), its one's complement. 2 bytes.
    Sum16Ones,
    /// 0 minus [`Sum16`](Self::Sum16), its two's complement. 2 bytes.
    Sum16Twos,
    /// The Internet checksum: the one's complement of the one's complement sum of 16-bit words, an odd last byte padded
    /// with a zero. 2 bytes. Specification: RFC 1071, section 1.
    Internet,
    /// Two sums of bytes modulo 255, the second in the high byte. 2 bytes. Specification: J. Fletcher, 1982.
    Fletcher16,
    /// The same modulo 256: UBX. In little-endian order the first sum comes first. 2 bytes. Specification: RFC 1145,
    /// section 2, as u-blox has it.
    Fletcher16Mod256,
    /// Two sums of 16-bit little-endian words modulo 65,535, an odd last byte padded with a zero. 4 bytes.
    Fletcher32,
    /// Adler-32. 4 bytes. Specification: RFC 1950, section 8.2.
    Adler32,
}

impl Plain {
    /// All of them, with their names in the text form.
    pub const ALL: [(&'static str, Self); 12] = [
        ("xor", Self::Xor),
        ("sum8", Self::Sum8),
        ("sum8-ones", Self::Sum8Ones),
        ("sum8-twos", Self::Sum8Twos),
        ("sum16", Self::Sum16),
        ("sum16-ones", Self::Sum16Ones),
        ("sum16-twos", Self::Sum16Twos),
        ("internet", Self::Internet),
        ("fletcher16", Self::Fletcher16),
        ("fletcher16-mod256", Self::Fletcher16Mod256),
        ("fletcher32", Self::Fletcher32),
        ("adler32", Self::Adler32),
    ];

    /// Returns the sum of this name in the text form, such as `sum8` or `adler32`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(other, _)| *other == name).map(|(_, sum)| *sum)
    }

    /// Returns the width on the wire in bytes.
    #[inline]
    pub(crate) const fn bytes(self) -> usize {
        match self {
            Self::Xor | Self::Sum8 | Self::Sum8Ones | Self::Sum8Twos => 1,
            Self::Fletcher32 | Self::Adler32 => 4,
            _ => 2,
        }
    }

    /// Returns the name in the text form.
    #[must_use]
    pub fn name(&self) -> &'static str {
        Self::ALL.iter().find(|(_, sum)| sum == self).map_or("", |(name, _)| name)
    }
}

/// Two sums, below 2^24 each, and for sums of words the byte of a word whose second has not arrived.
#[derive(Clone, Copy)]
struct Pair {
    first: u32,
    second: u32,
    /// The half word, and a bit above it: 0 without one.
    half: u16,
}

impl Pair {
    const fn unpack(state: u64) -> Self {
        let [a, b, c, d, e, f, g, h] = state.to_le_bytes();
        Self {
            first: u32::from_le_bytes([a, b, c, 0]),
            second: u32::from_le_bytes([d, e, f, 0]),
            half: u16::from_le_bytes([g, h]),
        }
    }

    const fn pack(self) -> u64 {
        let ([a, b, c, _], [d, e, f, _]) = (self.first.to_le_bytes(), self.second.to_le_bytes());
        let [g, h] = self.half.to_le_bytes();
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }

    /// Returns the state after `change`.
    fn change(state: u64, change: impl FnOnce(&mut Self)) -> u64 {
        let mut pair = Self::unpack(state);
        change(&mut pair);
        pair.pack()
    }

    /// Adds one number to the first sum, and the first to the second. All are below `modulus`, at most 65,536.
    const fn add(&mut self, number: u32, modulus: u32) {
        self.first = (self.first + number) % modulus;
        self.second = (self.second + self.first) % modulus;
    }

    /// Passes 16-bit words, each the first byte and the second, to `take`. A byte without its second stays in `half`.
    fn words(&mut self, bytes: &[u8], mut take: impl FnMut(&mut Self, [u8; 2])) {
        for &byte in bytes {
            match self.half.to_le_bytes() {
                [first, 1] => {
                    self.half = 0;
                    take(self, [first, byte]);
                }
                _ => self.half = u16::from_le_bytes([byte, 1]),
            }
        }
    }

    /// Passes the last word, padded with a zero, if its first byte has arrived.
    fn ended(mut self, take: impl FnOnce(&mut Self, [u8; 2])) -> Self {
        if let [first, 1] = self.half.to_le_bytes() {
            take(&mut self, [first, 0]);
        }
        self
    }

    /// The second sum above the first, which has this many bits.
    fn joined(self, bits: u8) -> u64 {
        u64::from(self.second) << bits | u64::from(self.first)
    }
}

fn internet(pair: &mut Pair, word: [u8; 2]) {
    let sum = pair.first + u32::from(u16::from_be_bytes(word));
    // The carry is added at the other end.
    pair.first = (sum & 0xffff) + (sum >> 16);
}

fn fletcher32(pair: &mut Pair, word: [u8; 2]) {
    pair.add(u32::from(u16::from_le_bytes(word)) % 65_535, 65_535);
}

const ADLER: u32 = 65_521;

impl Sum for Plain {
    #[inline]
    fn width(&self) -> usize {
        self.bytes()
    }

    fn start(&self) -> u64 {
        match self {
            Self::Adler32 => Pair { first: 1, second: 0, half: 0 }.pack(),
            _ => 0,
        }
    }

    fn update(&self, state: u64, bytes: &[u8]) -> u64 {
        match self {
            Self::Xor => bytes.iter().fold(state, |sum, &byte| sum ^ u64::from(byte)),
            Self::Sum8 | Self::Sum8Ones | Self::Sum8Twos | Self::Sum16 | Self::Sum16Ones | Self::Sum16Twos => {
                bytes.iter().fold(state, |sum, &byte| sum.wrapping_add(u64::from(byte)))
            }
            Self::Internet => Pair::change(state, |pair| pair.words(bytes, internet)),
            Self::Fletcher16 => Pair::change(state, |pair| {
                bytes.iter().for_each(|&byte| pair.add(u32::from(byte) % 255, 255));
            }),
            Self::Fletcher16Mod256 => fletcher::update(state, bytes),
            Self::Fletcher32 => Pair::change(state, |pair| pair.words(bytes, fletcher32)),
            Self::Adler32 => Pair::change(state, |pair| bytes.iter().for_each(|&byte| pair.add(byte.into(), ADLER))),
        }
    }

    fn finish(&self, state: u64, _: &[u8]) -> u64 {
        let pair = || Pair::unpack(state);
        match self {
            Self::Xor | Self::Fletcher16Mod256 => state,
            Self::Sum8 => state & 0xff,
            Self::Sum8Ones => !state & 0xff,
            Self::Sum8Twos => state.wrapping_neg() & 0xff,
            Self::Sum16 => state & 0xffff,
            Self::Sum16Ones => !state & 0xffff,
            Self::Sum16Twos => state.wrapping_neg() & 0xffff,
            Self::Internet => u64::from(!pair().ended(internet).first & 0xffff),
            Self::Fletcher16 => pair().joined(8),
            Self::Fletcher32 => pair().ended(fletcher32).joined(16),
            Self::Adler32 => pair().joined(16),
        }
    }
}
