//! Digits in machine words: eight are read or written together.

use crate::error::ConfigError;
use crate::literal::Literal;
use crate::number::Ascii;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Radix {
    Decimal,
    Hex,
}

impl Radix {
    /// Returns 10 or 16.
    pub(super) const fn value(self) -> u8 {
        match self {
            Self::Decimal => 10,
            Self::Hex => 16,
        }
    }

    /// Returns `found`, if a number of this radix can have that width.
    pub(super) const fn width(self, found: usize) -> Result<u8, ConfigError> {
        let max = match self {
            Self::Decimal => Ascii::MAX_DECIMAL_WIDTH,
            Self::Hex => Ascii::MAX_HEX_WIDTH,
        };
        if found == 0 || found > max {
            return Err(ConfigError::Width { found, min: 1, max });
        }
        // At most 20.
        let [width, ..] = found.to_le_bytes();
        Ok(width)
    }

    /// Returns the greatest number that both this many digits and a `u64` hold.
    pub(super) const fn greatest(self, digits: u8) -> u64 {
        match (self.value() as u64).checked_pow(digits as u32) {
            Some(next) => next - 1,
            None => u64::MAX,
        }
    }

    /// Creates a terminator that does not begin with a digit.
    pub(super) const fn terminator(self, bytes: &[u8]) -> Result<Literal, ConfigError> {
        let terminator = Literal::new(bytes);
        if terminator.is_ok() {
            let found = bytes[0];
            let digit = match self {
                Self::Decimal => found.is_ascii_digit(),
                Self::Hex => found.is_ascii_hexdigit(),
            };
            if digit {
                return Err(ConfigError::LiteralStartsWithDigit { found });
            }
        }
        terminator
    }

    /// Returns the value of this byte as a digit.
    #[inline]
    pub(super) fn digit(self, byte: u8) -> Option<u64> {
        char::from(byte).to_digit(self.value().into()).map(u64::from)
    }

    /// Returns the value of the digit 1 before `digits` more: at most 19 decimal or 15 hexadecimal ones, so it fits.
    pub(super) fn power(self, digits: usize) -> u64 {
        let digits = u32::try_from(digits).unwrap_or(u32::MAX);
        u64::from(self.value()).saturating_pow(digits)
    }

    /// Returns how many digits `value` has without leading zeros; 1 for 0.
    pub(super) fn digits_of(self, value: u64) -> usize {
        let log = value.checked_ilog(self.value().into()).unwrap_or(0);
        usize::try_from(log).unwrap_or(0) + 1
    }

    /// Returns the digits of `value` after leading zeros, and how many there are without those zeros; 1 for 0.
    pub(super) fn write(self, value: u64) -> ([u8; Ascii::MAX_DECIMAL_WIDTH], usize) {
        let mut digits = [b'0'; Ascii::MAX_DECIMAL_WIDTH];
        let mut rest = value;
        let mut count = 0;
        for place in digits.iter_mut().rev() {
            // Divisions by constants: one by a variable is many times slower.
            let (digit, higher) = match self {
                Self::Decimal => (rest % 10, rest / 10),
                Self::Hex => (rest % 16, rest / 16),
            };
            let [digit, ..] = digit.to_le_bytes();
            *place = if digit < 10 { b'0' + digit } else { b'a' - 10 + digit };
            rest = higher;
            count += 1;
            if rest == 0 {
                break;
            }
        }
        (digits, count)
    }

    /// Reads the number in the first `width` bytes of `input`, if these are complete, are digits, and fit a `u64`.
    #[inline]
    pub(super) fn read(self, input: &[u8], width: usize) -> Option<u64> {
        if width > 8 { self.read_long(input, width) } else { self.read_short(input, width) }
    }

    /// Reads as [`read`](Self::read) does, for a width of 9 to 20: eight digits at a time.
    fn read_long(self, input: &[u8], width: usize) -> Option<u64> {
        let (high, low) = input.get(..width)?.split_at_checked(width - 8)?;
        let high = self.read(high, high.len())?.checked_mul(self.power(8))?;
        high.checked_add(self.read_short(low, 8)?)
    }

    /// Reads as [`read`](Self::read) does, for a width of 1 to 8.
    ///
    /// All digits are read together, as the bytes of one word:
    ///
    /// ```text
    ///  input     '0' '1' '2' '3' '4'  h   e   l      width 5
    ///  word      '0' '0' '0' '0' '1' '2' '3' '4'     first byte least significant; shifted up, zeros below
    ///  pairs      00      00      12      34         each first digit counts tens
    ///  fours          0000            1234           each first pair counts hundreds
    ///  eight                  00001234
    /// ```
    #[inline]
    fn read_short(self, input: &[u8], width: usize) -> Option<u64> {
        let shift = u32::try_from(8_usize.checked_sub(width)?).ok()? * 8;
        let word = match input.first_chunk::<8>() {
            Some(word) => u64::from_le_bytes(*word),
            None => input.get(..width)?.iter().rfold(0, |word, &byte| word << 8 | u64::from(byte)),
        };
        // `shift` is below 64, because the width is not 0.
        self.read_word(word.wrapping_shl(shift) | (ZEROS & !u64::MAX.wrapping_shl(shift)))
    }

    /// Reads the number in 8 digits, the first in the least significant byte. Returns `None` if a byte is no digit.
    #[inline]
    pub(super) const fn read_word(self, word: u64) -> Option<u64> {
        match self {
            Self::Decimal => read_decimal(word),
            Self::Hex => read_hex(word),
        }
    }

    /// Returns the values of the 8 digits of `value`, the first in the least significant byte, if 8 digits hold it.
    #[inline]
    pub(super) const fn write_short(self, value: u64) -> Option<u64> {
        match self {
            // Splits the digits into halves, quarters and eighths. The products are divisions: by 100 for numbers below
            // 10,000, and by 10 for numbers below 100.
            Self::Decimal if value < 100_000_000 => {
                let fours = (value / 10_000) | ((value % 10_000) << 32);
                let hundreds = (fours.wrapping_mul(10_486) >> 20) & 0x0000_007f_0000_007f;
                let twos = hundreds | (fours.wrapping_sub(hundreds.wrapping_mul(100)) << 16);
                let tens = (twos.wrapping_mul(103) >> 10) & 0x000f_000f_000f_000f;
                Some(tens | (twos.wrapping_sub(tens.wrapping_mul(10)) << 8))
            }
            Self::Hex if value <= 0xffff_ffff => {
                let fours = (value << 16 | value) & 0x0000_ffff_0000_ffff;
                let twos = (fours << 8 | fours) & 0x00ff_00ff_00ff_00ff;
                Some(((twos << 4 | twos) & each(0x0f)).swap_bytes())
            }
            _ => None,
        }
    }

    /// Returns the characters of 8 digits that have these values.
    #[inline]
    pub(super) const fn ascii(self, digits: u64) -> u64 {
        match self {
            Self::Decimal => digits | ZEROS,
            Self::Hex => {
                let letters = digits.wrapping_add(each(6)) >> 4 & each(1);
                digits.wrapping_add(ZEROS).wrapping_add(letters.wrapping_mul((b'a' - b'0' - 10) as u64))
            }
        }
    }
}

/// Eight times the character `0`.
pub(super) const ZEROS: u64 = each(b'0');

/// Returns one byte, eight times.
#[inline]
pub(super) const fn each(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// The first six of 8 digits. In most lengths these are zeros. Such a number is read in half the time, so that
/// the next one can begin sooner.
const SIX_DIGITS: u64 = 0x0000_ffff_ffff_ffff;

/// Reads the number in 8 decimal digits, the first in the least significant byte. Returns `None` if a byte is no digit.
///
/// A digit is a byte `3x` that is still a `3x` after 6 is added. Only a byte from `fa` up carries into the next, and it
/// is no digit itself.
#[inline]
const fn read_decimal(word: u64) -> Option<u64> {
    let high = each(0xf0);
    if (word & high) | ((word.wrapping_add(each(6)) & high) >> 4) != each(0x33) {
        return None;
    }
    // Every sum fits its part: 9 * 10 + 9 in 8 bits, 99 * 100 + 99 in 16, 9999 * 10000 + 9999 in 32.
    let word = word & each(0x0f);
    if word & SIX_DIGITS == 0 {
        return Some((word >> 48 & 0xff) * 10 + (word >> 56));
    }
    let pairs = (word.wrapping_mul(10 << 8 | 1) >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100 << 16 | 1) >> 16) & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul(10_000 << 32 | 1) >> 32)
}

/// Reads the number in 8 hexadecimal digits, the first in the least significant byte. Returns `None` if a byte is no
/// digit.
///
/// All bytes are below 80. So adding `80 - x` sets the top bit of exactly the bytes that are at least `x`, and no byte
/// carries into the next.
#[inline]
const fn read_hex(word: u64) -> Option<u64> {
    let top = each(0x80);
    if word & top != 0 {
        return None;
    }
    let small = word | each(0x20);
    let digits = word.wrapping_add(each(0x80 - b'0')) & !word.wrapping_add(each(0x80 - b'9' - 1));
    let letters = small.wrapping_add(each(0x80 - b'a')) & !small.wrapping_add(each(0x80 - b'f' - 1));
    if (digits | letters) & top != top {
        return None;
    }
    // Only letters have bit 6 set. The low half of 'a' is 1, so each letter needs 9 more.
    let letters = word >> 6 & each(1);
    let word = (word & each(0x0f)).wrapping_add(letters).wrapping_add(letters << 3);
    if word & SIX_DIGITS == 0 {
        return Some((word >> 48 & 0xff) << 4 | word >> 56);
    }
    let pairs = (word << 4 | word >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs << 8 | pairs >> 16) & 0x0000_ffff_0000_ffff;
    Some((fours << 16 | fours >> 32) & 0xffff_ffff)
}
