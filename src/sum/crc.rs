//! Cyclic redundancy checks.

use super::bytes_for;
use super::catalogue;
use crate::sum::Sum;

/// A cyclic redundancy check of 1 to 64 bits, by its parameters or by its name in the catalogue.
///
/// ```
/// use anysplit::sum::{Crc, Sum};
///
/// let modbus = Crc::named("CRC-16/MODBUS").unwrap();
/// assert_eq!(modbus.of(b"123456789"), 0x4b37);
/// assert_eq!(modbus, Crc::new(16, 0x8005, 0xffff, 0, true, true));
/// ```
///
/// Cost: two look-ups for each byte, in a table of 16 entries that is part of the value (152 bytes). A program that has
/// kilobytes to spare can implement [`Sum`] with a larger table.
///
/// Specification: Ross N. Williams, "A Painless Guide to CRC Error Detection Algorithms", 1993, the model of section 15.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Crc {
    /// What four bits that are shifted out add to the register.
    table: [u64; 16],
    init: u64,
    xor: u64,
    width: u8,
    reflects_input: bool,
    reflects_output: bool,
}

impl Crc {
    /// Creates the algorithm with these parameters: the width in bits, the generator polynomial without its highest term,
    /// the register at the start, what the result is XORed with, whether each byte is read from its lowest bit on, and
    /// whether the register is reversed at the end. A width outside 1 to 64 becomes the nearest that is allowed.
    #[must_use]
    pub const fn new(width: u8, poly: u64, init: u64, xor: u64, reflects_input: bool, reflects_output: bool) -> Self {
        let width = if width == 0 {
            1
        } else if width > 64 {
            64
        } else {
            width
        };
        let mut crc = Self {
            table: [0; 16],
            init: init & mask(width),
            xor: xor & mask(width),
            width,
            reflects_input,
            reflects_output,
        };
        let poly = crc.aligned(poly & mask(width));
        let mut index = 0;
        while index < crc.table.len() {
            let mut register = if reflects_input { index as u64 } else { (index as u64) << 60 };
            let mut bit = 0;
            while bit < 4 {
                register = match reflects_input {
                    true if register & 1 == 1 => (register >> 1) ^ poly,
                    true => register >> 1,
                    false if register >> 63 == 1 => (register << 1) ^ poly,
                    false => register << 1,
                };
                bit += 1;
            }
            crc.table[index] = register;
            index += 1;
        }
        crc
    }

    /// Returns the algorithm of this name, such as `CRC-32/ISO-HDLC`, or `None`.
    ///
    /// The names are those of the "Catalogue of parametrised CRC algorithms" by Greg Cook, which the `crc` crate has too,
    /// from 8 to 64 bits.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        catalogue::ALL.iter().find(|row| row.name == name).map(catalogue::Row::crc)
    }

    /// Returns the name in the catalogue, if the algorithm has one.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        catalogue::ALL.iter().find(|row| row.crc() == *self).map(|row| row.name)
    }

    /// Returns the width on the wire in bytes.
    #[inline]
    pub(crate) const fn bytes(&self) -> usize {
        bytes_for(self.width)
    }

    /// Returns the width in bits.
    #[must_use]
    pub const fn bits(&self) -> u8 {
        self.width
    }

    /// Returns the parameters in the order of [`new`](Self::new): the polynomial, the start, the XOR, and the reflections.
    #[cfg(feature = "spec")]
    pub(crate) const fn parameters(&self) -> (u64, u64, u64, bool, bool) {
        // What the lowest bit adds in its last shift is the polynomial itself.
        let poly = match self.reflects_input {
            true => reverse(self.table[8], self.width),
            false => self.table[1] >> (64 - self.width),
        };
        (poly, self.init, self.xor, self.reflects_input, self.reflects_output)
    }

    /// A value of `width` bits as the register holds it: reversed at the low end, or unchanged at the high end.
    const fn aligned(&self, value: u64) -> u64 {
        if self.reflects_input { reverse(value, self.width) } else { value << (64 - self.width) }
    }
}

/// The lowest `width` bits, of 1 to 64.
const fn mask(width: u8) -> u64 {
    u64::MAX >> (64 - width)
}

/// The lowest `width` bits in reverse order.
const fn reverse(value: u64, width: u8) -> u64 {
    value.reverse_bits() >> (64 - width)
}

impl Sum for Crc {
    #[inline]
    fn width(&self) -> usize {
        self.bytes()
    }

    #[inline]
    fn start(&self) -> u64 {
        self.aligned(self.init)
    }

    #[inline]
    fn update(&self, state: u64, bytes: &[u8]) -> u64 {
        let mut state = state;
        if self.reflects_input {
            for &byte in bytes {
                state ^= u64::from(byte);
                state = self.table[usize::from(low_byte(state) & 15)] ^ (state >> 4);
                state = self.table[usize::from(low_byte(state) & 15)] ^ (state >> 4);
            }
        } else {
            for &byte in bytes {
                state ^= u64::from(byte) << 56;
                state = self.table[usize::from(low_byte(state >> 60))] ^ (state << 4);
                state = self.table[usize::from(low_byte(state >> 60))] ^ (state << 4);
            }
        }
        state
    }

    #[inline]
    fn finish(&self, state: u64, _: &[u8]) -> u64 {
        let register = if self.reflects_input { state } else { state >> (64 - self.width) };
        let value = match self.reflects_input == self.reflects_output {
            true => register,
            false => reverse(register, self.width),
        };
        value ^ self.xor
    }
}

#[inline]
const fn low_byte(state: u64) -> u8 {
    state.to_le_bytes()[0]
}

impl core::fmt::Debug for Crc {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.name() {
            Some(name) => write!(f, "Crc({name})"),
            None => f
                .debug_struct("Crc")
                .field("width", &self.width)
                .field("init", &self.init)
                .field("table", &self.table)
                .finish_non_exhaustive(),
        }
    }
}
