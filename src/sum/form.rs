//! How a checksum is written.

use crate::error::{DecodeErrorKind, FrameError};
use crate::order::Order;
use crate::short::ShortBytes;

/// How a checksum is written: in binary or in digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SumForm {
    /// As many bytes as the sum is wide.
    Binary(Order),
    /// Two hexadecimal digits for each byte, the highest first, written in lower case: GDB. Both cases are read.
    HexLower,
    /// The same in upper case: NMEA 0183.
    HexUpper,
    /// As many decimal digits as the greatest sum has, with leading zeros: FIX.
    Decimal,
}

/// The most bytes that a sum takes: the decimal digits of 64 bits.
const MOST: usize = MOST_U16 as usize;
const MOST_U16: u16 = 20;

impl SumForm {
    /// Returns the length on the wire of a sum that is `width` bytes wide.
    pub(crate) const fn len(self, width: usize) -> usize {
        self.len_u16(width) as usize
    }

    /// Returns the length in the type that headers are counted in.
    pub(crate) const fn len_u16(self, width: usize) -> u16 {
        let lens = match self {
            Self::Binary(_) => [0, 1, 2, 3, 4, 5, 6, 7, 8],
            Self::HexLower | Self::HexUpper => [0, 2, 4, 6, 8, 10, 12, 14, 16],
            Self::Decimal => [0, 3, 5, 8, 10, 13, 15, 17, MOST_U16],
        };
        lens[if width < 8 { width } else { 8 }]
    }

    /// Returns the bytes of a sum on the wire.
    pub(crate) fn write(self, sum: u64, width: usize) -> ShortBytes<MOST> {
        let len = self.len(width);
        let mut bytes = [0; MOST];
        let mut rest = sum;
        // From the last byte to the first.
        for byte in bytes[..len].iter_mut().rev() {
            let radix = match self {
                Self::Binary(_) => 256,
                Self::HexLower | Self::HexUpper => 16,
                Self::Decimal => 10,
            };
            let [digit, ..] = (rest % radix).to_le_bytes();
            rest /= radix;
            *byte = match (self, digit) {
                (Self::Binary(_), digit) => digit,
                (_, 0..=9) => b'0' + digit,
                (Self::HexUpper, _) => b'A' - 10 + digit,
                _ => b'a' - 10 + digit,
            };
        }
        if self == Self::Binary(Order::Little) {
            bytes[..len].reverse();
        }
        ShortBytes::new(&bytes[..len]).unwrap_or(ShortBytes::empty())
    }

    /// Reads a sum from bytes of the right length.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::NotADigit`] at the first byte that is none.
    #[inline]
    pub(crate) fn read(self, bytes: &[u8]) -> Result<u64, FrameError> {
        let radix = match self {
            Self::Binary(order) => return Ok(read_binary(order, bytes)),
            Self::Decimal => 10,
            _ => 16,
        };
        read_digits(radix, bytes)
    }
}

#[inline]
fn read_binary(order: Order, bytes: &[u8]) -> u64 {
    let add = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
    match (order, bytes) {
        // The commonest width saves the loop.
        (Order::Big, &[high, low]) | (Order::Little, &[low, high]) => u16::from_le_bytes([low, high]).into(),
        (Order::Big, _) => bytes.iter().fold(0, add),
        (Order::Little, _) => bytes.iter().rfold(0, add),
    }
}

fn read_digits(radix: u8, bytes: &[u8]) -> Result<u64, FrameError> {
    let mut sum = 0_u64;
    for (at, &found) in bytes.iter().enumerate() {
        let digit = char::from(found).to_digit(radix.into());
        let digit = digit.ok_or(FrameError::new(at, DecodeErrorKind::NotADigit { found, radix }))?;
        // A sum that is too large for its width is another one than the computed.
        sum = sum.saturating_mul(radix.into()).saturating_add(digit.into());
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_read_back_as_written() {
        for form in [
            SumForm::Binary(Order::Big),
            SumForm::Binary(Order::Little),
            SumForm::HexLower,
            SumForm::HexUpper,
            SumForm::Decimal,
        ] {
            for width in 1..=8 {
                let max = u64::MAX >> (64 - 8 * width);
                for sum in [0, 1, 0xab, max / 3, max] {
                    let bytes = form.write(sum, width);
                    assert_eq!((bytes.len(), form.read(&bytes)), (form.len(width), Ok(sum)), "{form:?}");
                }
            }
        }
        assert_eq!(SumForm::HexUpper.write(0xab, 1).as_slice(), b"AB");
        assert_eq!(SumForm::HexLower.write(0xab, 1).as_slice(), b"ab");
        assert_eq!(SumForm::Decimal.write(7, 1).as_slice(), b"007");
        assert_eq!(SumForm::Binary(Order::Little).write(0x0102, 2).as_slice(), b"\x02\x01");
        let error = FrameError::new(1, DecodeErrorKind::NotADigit { found: b'g', radix: 16 });
        assert_eq!(SumForm::HexLower.read(b"ag"), Err(error));
        assert_eq!(SumForm::Decimal.read(b"999"), Ok(999));
    }
}
