//! CRC-16/MCRF4XX, eight bytes at a time and without a table.
//!
//! Most of the work on a packet is its CRC. [`Crc`](crate::sum::Crc) takes four bits at a time, for any polynomial. MAVLink's
//! has only four terms, so a division by it is a few shifts.
//!
//! ```text
//!  P = 1 + s⁴ + s¹¹ + s¹⁶    the polynomial 1021 with its lowest bit first; s is a shift to the left
//!  t                         eight bytes, the register added to the first two
//!  q = t / P modulo s⁶⁴      1 / P = (1 + u)(1 + u²)(1 + u⁴)(1 + u⁸) with u = s⁴ + s¹¹ + s¹⁶
//!  register                  what q P has above the 64 bits of t
//! ```

/// The register at the start.
pub(super) const START: u64 = 0xffff;

/// Returns the register after these bytes.
pub(super) fn update(register: u64, bytes: &[u8]) -> u64 {
    let (mut register, mut rest) = (register, bytes);
    while let Some((word, after)) = rest.split_first_chunk() {
        let mut q = u64::from_le_bytes(*word) ^ register;
        q ^= q << 4 ^ q << 11 ^ q << 16;
        q ^= q << 8 ^ q << 22 ^ q << 32;
        q ^= q << 16 ^ q << 44;
        q ^= q << 32;
        register = q >> 48 ^ q >> 53 ^ q >> 60;
        rest = after;
    }
    rest.iter().fold(register, |register, &byte| {
        let t = (u64::from(byte) ^ register) & 0xff;
        let q = (t ^ t << 4) & 0xff;
        register >> 8 ^ q << 8 ^ q << 3 ^ q >> 4
    })
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
