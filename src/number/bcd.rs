//! Numbers in binary-coded decimal.

use core::num::NonZeroUsize;

use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError};
use crate::number::any::BuiltIn;
use crate::number::{Decoded, Number};
use crate::short::ShortBytes;

/// A number in binary-coded decimal: two decimal digits in each byte, the more significant first, with leading zeros.
///
/// ```text
///  offset    0   1
///  wire     01  23      123, in two bytes
/// ```
///
/// ```
/// use anysplit::number::{Bcd, Decoded, Number};
/// use anysplit::contract::{FrameError, ShortBytes};
/// use anysplit::DecodeErrorKind;
///
/// let length = Bcd::new(2)?;
/// let mut out = ShortBytes::empty();
/// length.encode(123, &mut out)?;
/// assert_eq!(out.as_slice(), [0x01, 0x23]);
/// assert_eq!(length.decode(&out, u64::MAX)?, Decoded::Value { value: 123, len: 2 });
/// let error = FrameError::new(1, DecodeErrorKind::NotADigit { found: 0x2a, radix: 10 });
/// assert_eq!(length.decode(&[0x01, 0x2a], u64::MAX), Err(error));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Errors: [`DecodeErrorKind::NotADigit`] at the first byte with a half over 9. Cost: constant time, at most 8 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bcd {
    /// 1 to 8.
    width: u8,
}

impl Bcd {
    /// The greatest width in bytes.
    pub const MAX_WIDTH: usize = 8;

    /// Creates a number of `width` bytes, so of twice as many digits.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Width`] outside 1 to 8.
    pub const fn new(width: usize) -> Result<Self, ConfigError> {
        match (width, width.to_le_bytes()) {
            (1..=Self::MAX_WIDTH, [width, ..]) => Ok(Self { width }),
            (found, _) => Err(ConfigError::Width { found, min: 1, max: Self::MAX_WIDTH }),
        }
    }

    /// Creates a number of two bytes: 0 to 9999.
    #[must_use]
    pub const fn four_digits() -> Self {
        Self { width: 2 }
    }

    /// Returns the width in bytes.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width as usize
    }
}

impl Number for Bcd {
    #[inline]
    fn max(&self) -> u64 {
        // 10^16 at most.
        100_u64.saturating_pow(self.width.into()) - 1
    }

    fn encoded_len(&self, value: u64) -> Option<usize> {
        (value <= self.max()).then_some(self.width())
    }

    fn encode(&self, value: u64, out: &mut ShortBytes) -> Result<(), EncodeError> {
        let max = self.max();
        if value > max {
            return Err(EncodeError::DoesNotFit { value, max });
        }
        let mut bytes = [0; Self::MAX_WIDTH];
        let mut rest = value;
        for byte in bytes.iter_mut().take(self.width()).rev() {
            // Two digits below 10 fit a byte.
            *byte = u8::try_from(rest % 100 / 10 * 16 + rest % 10).unwrap_or_default();
            rest /= 100;
        }
        out.push(&bytes[..self.width()])
    }

    fn decode(&self, input: &[u8], _: u64) -> Result<Decoded, FrameError> {
        let mut value = 0;
        for (at, &found) in input.iter().take(self.width()).enumerate() {
            let (high, low) = (found >> 4, found & 0x0f);
            if high > 9 || low > 9 {
                return Err(FrameError::new(at, DecodeErrorKind::NotADigit { found, radix: 10 }));
            }
            value = value * 100 + u64::from(high) * 10 + u64::from(low);
        }
        Ok(match NonZeroUsize::new(self.width().saturating_sub(input.len())) {
            Some(need) => Decoded::Incomplete(need),
            None => Decoded::Value { value, len: self.width() },
        })
    }

    #[inline]
    fn fixed_len(&self) -> Option<usize> {
        Some(self.width())
    }

    #[inline]
    fn built_in(&self) -> Option<BuiltIn<'_>> {
        Some(BuiltIn::Bcd(self))
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::format;
    use std::string::String;

    use super::*;
    use crate::number::testing::{holds, obeys_contract, refuses_more};

    #[test]
    fn bcd_of_every_width_holds_its_values() {
        for width in 1..=8 {
            let number = Bcd::new(width).unwrap();
            let max = number.max();
            for value in [0, 1, 9, 10, 42, 99, 100, 1234, 9999, max / 3, max - 1, max] {
                if value <= max {
                    assert_eq!(holds(&number, value), width);
                }
            }
            assert_eq!(number.fixed_len(), Some(width));
            refuses_more(&number);
        }
    }

    #[test]
    fn bcd_width_outside_1_to_8_is_refused() {
        for found in [0, 9, 256, 257] {
            assert_eq!(Bcd::new(found), Err(ConfigError::Width { found, min: 1, max: 8 }));
        }
    }

    #[test]
    fn bcd_of_two_bytes_reads_as_its_hex_digits() {
        for value in 0..=0xffff_u16 {
            let input = value.to_be_bytes();
            let text: String = format!("{value:04x}");
            match (Bcd::four_digits().decode(&input, 0), text.parse::<u64>()) {
                (Ok(Decoded::Value { value, len: 2 }), Ok(naive)) => assert_eq!(value, naive),
                (Err(error), Err(_)) => {
                    assert_eq!(Some(error.at), { text }.find(|digit: char| digit > '9').map(|at| at / 2));
                }
                (found, _) => panic!("{found:?} for {text}"),
            }
            if value % 251 == 0 {
                obeys_contract(&Bcd::four_digits(), &input, 0);
            }
        }
    }
}
