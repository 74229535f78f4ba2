//! Checksums: CRCs by their catalogue names, arithmetic sums, and those of your own.
//!
//! A [`Sum`] is the arithmetic alone. [`Checked`](crate::Checked) puts one into the frames of any framing, and
//! [`Stuffed::with_sum`](crate::Stuffed::with_sum) puts one inside a stuffing.
//!
//! ```
//! use anysplit::sum::{AnySum, Crc, Plain, Sum};
//!
//! assert_eq!(Crc::named("CRC-32/ISO-HDLC").unwrap().of(b"123456789"), 0xcbf4_3926);
//! assert_eq!(Plain::Adler32.of(b"Wikipedia"), 0x11e6_0398);
//! assert_eq!(AnySum::named("CRC-8/SMBUS"), Some(Crc::new(8, 7, 0, 0, false, false).into()));
//! ```

mod catalogue;
mod crc;
mod form;
mod plain;

pub use crc::Crc;
pub use form::SumForm;
pub use plain::Plain;

/// A checksum over bytes that are passed in parts.
///
/// Between two parts there is a state of 8 bytes. That is what [`Framing::check`](crate::Framing::check) keeps, so a frame
/// can be checked while it is returned in pieces.
///
/// # Examples
///
/// A sum in which every byte is rotated in.
///
/// ```
/// use anysplit::sum::Sum;
///
/// struct Rotated;
///
/// impl Sum for Rotated {
///     fn width(&self) -> usize {
///         2
///     }
///
///     fn update(&self, state: u64, bytes: &[u8]) -> u64 {
///         bytes.iter().fold(state, |sum, &byte| u64::from((sum as u16).rotate_left(1)) ^ u64::from(byte))
///     }
/// }
///
/// assert_eq!(Rotated.of(b"\x01\x01"), 3);
/// ```
pub trait Sum {
    /// Returns the width on the wire in bytes, 1 to 8. Always the same.
    fn width(&self) -> usize;

    /// Returns the state before the first byte. Default: 0.
    fn start(&self) -> u64 {
        0
    }

    /// Returns the state after `bytes`. How the bytes are cut into parts must not matter.
    fn update(&self, state: u64, bytes: &[u8]) -> u64;

    /// Returns the sum, which fits [`width`](Self::width) bytes. Default: the state.
    ///
    /// `header` is the frame's header, for protocols whose sums include a value that the header chooses, as in MAVLink.
    /// Inside a stuffing it is empty.
    fn finish(&self, state: u64, header: &[u8]) -> u64 {
        let _ = header;
        state
    }

    /// Returns the sum of `bytes`, for a frame without a header.
    fn of(&self, bytes: &[u8]) -> u64 {
        self.finish(self.update(self.start(), bytes), &[])
    }
}

impl<S: Sum + ?Sized> Sum for &S {
    #[inline]
    fn width(&self) -> usize {
        (**self).width()
    }
    #[inline]
    fn start(&self) -> u64 {
        (**self).start()
    }
    #[inline]
    fn update(&self, state: u64, bytes: &[u8]) -> u64 {
        (**self).update(state, bytes)
    }
    #[inline]
    fn finish(&self, state: u64, header: &[u8]) -> u64 {
        (**self).finish(state, header)
    }
}

/// No sum: it takes no byte.
impl Sum for () {
    fn width(&self) -> usize {
        0
    }
    fn update(&self, state: u64, _: &[u8]) -> u64 {
        state
    }
}

/// A sum, or no sum, which takes no byte.
impl<S: Sum> Sum for Option<S> {
    fn width(&self) -> usize {
        self.as_ref().map_or(0, Sum::width)
    }
    fn start(&self) -> u64 {
        self.as_ref().map_or(0, Sum::start)
    }
    fn update(&self, state: u64, bytes: &[u8]) -> u64 {
        self.as_ref().map_or(state, |sum| sum.update(state, bytes))
    }
    fn finish(&self, state: u64, header: &[u8]) -> u64 {
        self.as_ref().map_or(state, |sum| sum.finish(state, header))
    }
}

/// Any sum of the crate, chosen at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AnySum {
    /// A cyclic redundancy check.
    Crc(Crc),
    /// Another sum.
    Plain(Plain),
}

impl AnySum {
    /// Returns the sum of this name: of the CRC catalogue, or one of [`Plain::ALL`].
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Crc::named(name).map(Self::Crc).or_else(|| Plain::named(name).map(Self::Plain))
    }
}

impl From<Crc> for AnySum {
    fn from(sum: Crc) -> Self {
        Self::Crc(sum)
    }
}

impl From<Plain> for AnySum {
    fn from(sum: Plain) -> Self {
        Self::Plain(sum)
    }
}

impl Sum for AnySum {
    #[inline]
    fn width(&self) -> usize {
        match self {
            Self::Crc(sum) => sum.width(),
            Self::Plain(sum) => sum.width(),
        }
    }
    #[inline]
    fn start(&self) -> u64 {
        match self {
            Self::Crc(sum) => sum.start(),
            Self::Plain(sum) => sum.start(),
        }
    }
    #[inline]
    fn update(&self, state: u64, bytes: &[u8]) -> u64 {
        match self {
            Self::Crc(sum) => sum.update(state, bytes),
            Self::Plain(sum) => sum.update(state, bytes),
        }
    }
    #[inline]
    fn finish(&self, state: u64, header: &[u8]) -> u64 {
        match self {
            Self::Crc(sum) => sum.finish(state, header),
            Self::Plain(sum) => sum.finish(state, header),
        }
    }
}

/// How many bytes these bits take.
const fn bytes_for(bits: u8) -> usize {
    bits.div_ceil(8) as usize
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    /// The check values of the catalogue, as the `crc` crate computes them.
    #[test]
    fn crcs_agree_with_the_crc_crate() {
        macro_rules! agrees {
            ($($name:ident: $type:ty),*) => {$(
                let algorithm = &::crc::$name;
                let name = stringify!($name).replacen('_', "-", 1).replacen('_', "/", 1).replace('_', "-");
                let ours = Crc::named(&name).unwrap();
                assert_eq!(ours.of(b"123456789"), u64::from(algorithm.check), "{name}");
                let theirs = ::crc::Crc::<$type>::new(algorithm);
                for len in 0..40 {
                    let bytes = &b"the quick brown fox jumps over the lazy dog"[..len];
                    assert_eq!(ours.of(bytes), u64::from(theirs.checksum(bytes)), "{name}");
                }
            )*};
        }
        agrees!(
            CRC_8_SMBUS: u8, CRC_8_DVB_S2: u8, CRC_8_ROHC: u8, CRC_10_ATM: u16, CRC_12_UMTS: u16, CRC_14_DARC: u16,
            CRC_16_MODBUS: u16, CRC_16_DNP: u16, CRC_16_XMODEM: u16, CRC_16_IBM_SDLC: u16, CRC_24_LTE_A: u32,
            CRC_24_BLE: u32, CRC_31_PHILIPS: u32, CRC_32_ISO_HDLC: u32, CRC_32_MPEG_2: u32, CRC_40_GSM: u64,
            CRC_64_XZ: u64, CRC_64_ECMA_182: u64
        );
    }

    #[test]
    fn every_name_finds_its_own_sum() {
        for row in catalogue::ALL {
            assert_eq!(Crc::named(row.name).unwrap().name(), Some(row.name));
        }
        for (name, sum) in Plain::ALL {
            assert_eq!((AnySum::named(name), sum.name()), (Some(sum.into()), name));
        }
        assert_eq!(AnySum::named("CRC-16"), None);
    }

    #[test]
    fn parts_give_the_sum_of_the_complete_bytes() {
        let bytes: [u8; 333] = core::array::from_fn(|at| 255_u8.wrapping_sub(u8::try_from(at % 251).unwrap()));
        let crcs = catalogue::ALL.iter().map(|row| AnySum::Crc(row.crc()));
        for sum in crcs.chain(Plain::ALL.map(|(_, sum)| sum.into())) {
            let complete = sum.of(&bytes);
            assert!(sum.width() == 8 || complete >> (8 * sum.width()) == 0);
            for cut in [0, 1, 2, 77, bytes.len()] {
                let (one, other) = bytes.split_at(cut);
                let state = sum.update(sum.update(sum.start(), one), other);
                assert_eq!(sum.finish(state, &[]), complete, "{sum:?} cut at {cut}");
            }
        }
    }

    #[test]
    fn fletcher_sums_of_every_length_are_those_of_the_naive_twin() {
        let bytes: [u8; 150] = core::array::from_fn(|at| u8::try_from(255 - at * 31 % 256).unwrap());
        for (sum, modulus) in [(Plain::Fletcher16, 255), (Plain::Fletcher16Mod256, 256)] {
            for len in 0..=bytes.len() {
                let (mut first, mut second) = (0_u64, 0_u64);
                for &byte in &bytes[..len] {
                    first = (first + u64::from(byte)) % modulus;
                    second = (second + first) % modulus;
                }
                for cut in 0..=len {
                    let state = sum.update(sum.update(sum.start(), &bytes[..cut]), &bytes[cut..len]);
                    assert_eq!(sum.finish(state, &[]), second << 8 | first, "{len} bytes cut at {cut}");
                }
            }
        }
    }

    #[test]
    fn sums_have_their_published_values() {
        for (sum, bytes, value) in [
            (Plain::Xor, &b"\x01\x02\x04"[..], 7),
            (Plain::Sum8, b"\xff\x02", 1),
            (Plain::Sum8Ones, b"\xff\x02", 0xfe),
            (Plain::Sum8Twos, b"\xff\x02", 0xff),
            (Plain::Sum16, b"\xff\xff", 0x1fe),
            (Plain::Sum16Ones, b"\xff\xff", 0xfe01),
            (Plain::Sum16Twos, b"\xff\xff", 0xfe02),
            // RFC 1071, section 3: the sum is ddf2, and an odd byte is padded.
            (Plain::Internet, b"\x00\x01\xf2\x03\xf4\xf5\xf6\xf7", 0x220d),
            (Plain::Internet, b"\x01", 0xfeff),
            (Plain::Fletcher16, b"abcde", 0xc8f0),
            (Plain::Fletcher16, b"abcdefgh", 0x0627),
            (Plain::Fletcher16Mod256, b"\xff\x02", 0x0001),
            (Plain::Fletcher32, b"abcde", 0xf04f_c729),
            (Plain::Fletcher32, b"abcdefgh", 0xebe1_9591),
            (Plain::Adler32, b"Wikipedia", 0x11e6_0398),
        ] {
            assert_eq!(sum.of(bytes), value, "{sum:?}");
        }
    }

    #[cfg(feature = "spec")]
    #[test]
    fn parameters_make_the_same_crc() {
        for row in catalogue::ALL {
            let crc = row.crc();
            let (poly, init, xor, refin, refout) = crc.parameters();
            assert_eq!(Crc::new(crc.bits(), poly, init, xor, refin, refout), crc);
        }
    }
}
