//! CRC-16/MCRF4XX, four bytes at a time.
//!
//! Most of the work on a packet is its CRC. [`Crc`](crate::sum::Crc) holds its table in the value, so that table is small, and it
//! takes four bits at a time; here the tables are static.

/// The register at the start.
pub(super) const START: u64 = 0xffff;

/// The polynomial 1021, from the lowest bit to the highest.
const POLYNOMIAL: u16 = 0x8408;

/// Row k has what four bits of the register become after 4 (k + 1) shifts.
const TABLES: [[u16; 16]; 8] = {
    let mut tables = [[0; 16]; 8];
    let mut bits = 0;
    while bits < 16 {
        let (mut register, mut row) = (bits, 0);
        while row < 8 {
            let mut shift = 0;
            while shift < 4 {
                register = if register & 1 == 1 { register >> 1 ^ POLYNOMIAL } else { register >> 1 };
                shift += 1;
            }
            tables[row][bits as usize] = register;
            row += 1;
        }
        bits += 1;
    }
    tables
};

/// Returns the register after these bytes.
pub(super) fn update(register: u64, bytes: &[u8]) -> u64 {
    let [low, high, ..] = register.to_le_bytes();
    let mut register = u16::from_le_bytes([low, high]);
    let mut words = bytes.chunks_exact(4);
    for word in &mut words {
        let &[a, b, c, d] = word else { break };
        let [low, high] = register.to_le_bytes();
        let (a, b) = (a ^ low, b ^ high);
        // The eight lookups do not wait for each other.
        let of = |byte: u8, row: usize| TABLES[row][usize::from(byte & 15)] ^ TABLES[row - 1][usize::from(byte >> 4)];
        register = of(a, 7) ^ of(b, 5) ^ of(c, 3) ^ of(d, 1);
    }
    for &byte in words.remainder() {
        register ^= u16::from(byte);
        register = TABLES[0][usize::from(register & 15)] ^ register >> 4;
        register = TABLES[0][usize::from(register & 15)] ^ register >> 4;
    }
    register.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sum::{Crc, Sum};

    #[test]
    fn every_length_gives_the_crc_of_the_catalogue() {
        const CRC: Crc = Crc::new(16, 0x1021, 0xffff, 0, true, true);
        let bytes: [u8; 40] = core::array::from_fn(|at| u8::try_from(at * 37 % 251).unwrap_or_default());
        for len in 0..bytes.len() {
            let (one, other) = bytes[..len].split_at(len / 3);
            assert_eq!(update(update(START, one), other), CRC.of(&bytes[..len]));
        }
    }
}
