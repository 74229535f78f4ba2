//! Numbers in digits, decimal or hexadecimal.

use core::num::NonZeroUsize;

use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError};
use crate::literal::Literal;
use crate::number::{AnyNumber, Decoded, Number, at_least_one};
use crate::short::ShortBytes;

/// A number in ASCII digits: of fixed width with leading zeros, ended by a mark without them, or both.
///
/// ```text
///                                                 0        5        255
///  Ascii::decimal(5)                          00000    00005      00255
///  Ascii::hex(4)                               0000     0005       00ff
///  Ascii::decimal_ended_by(b":")                 0:       5:       255:
///  Ascii::hex_ended_by(b"\r\n")               0\r\n    5\r\n     ff\r\n
///  Ascii::decimal(3) followed by b" "          000_     005_       255_     (_ is the blank)
/// ```
///
/// ```
/// use anysplit::number::{Ascii, Decoded, Number};
/// use anysplit::{FrameError, DecodeErrorKind, ShortBytes};
///
/// let length = Ascii::decimal(5)?;
/// let mut out = ShortBytes::empty();
/// length.encode(1234, &mut out)?;
/// assert_eq!(out.as_slice(), b"01234");
/// assert_eq!(length.decode(b"01234hello", u64::MAX)?, Decoded::Value { value: 1234, len: 5 });
///
/// let blank = FrameError::new(0, DecodeErrorKind::NotADigit { found: b' ', radix: 10 });
/// assert_eq!(length.decode(b" 1234", u64::MAX), Err(blank));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Digits are `0` to `9`, and for radix 16 also `a` to `f` (written) and `A` to `F` (read as well). There is no sign,
/// no blank, no underscore, no `0x`. A number of fixed width has exactly so many digits. One ended by a mark has no
/// leading zero except `0` itself. So every number has one form, but for the case of hexadecimal digits.
///
/// Errors, when read, each at the first byte that proves it:
///
/// - [`DecodeErrorKind::NotADigit`] for a byte that is neither a digit nor, where the mark may stand, its first byte;
/// - [`DecodeErrorKind::Mismatch`] for another byte where the mark has to stand or go on;
/// - [`DecodeErrorKind::LeadingZero`] for a digit after a first `0`, where a mark ends the number;
/// - [`DecodeErrorKind::NumberTooLarge`] for more than [`max`](Number::max) or 2^64 − 1, and, where a mark ends the number,
///   for more than is of use to the caller.
///
/// Cost: constant time for a fixed width, which is read eight digits at a time; else linear in the digits, of which at
/// most one more than the greatest number's is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ascii {
    /// Never over what the digits hold.
    max: u64,
    radix: Radix,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Form {
    /// `width` is 1 to the most digits that a `u64` has.
    Fixed {
        width: u8,
        mark: Option<Literal>,
    },
    Ended {
        mark: Literal,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Radix {
    Decimal,
    Hex,
}

impl Ascii {
    /// The greatest width of a decimal number, in digits.
    pub const MAX_DECIMAL_WIDTH: usize = 20;

    /// The greatest width of a hexadecimal number, in digits.
    pub const MAX_HEX_WIDTH: usize = 16;

    /// Exactly `width` decimal digits.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Width`] outside 1 to 20.
    pub const fn decimal(width: usize) -> Result<Self, ConfigError> {
        Self::fixed(Radix::Decimal, width)
    }

    /// Exactly `width` hexadecimal digits.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Width`] outside 1 to 16.
    pub const fn hex(width: usize) -> Result<Self, ConfigError> {
        Self::fixed(Radix::Hex, width)
    }

    /// Decimal digits up to this mark.
    ///
    /// ```
    /// use anysplit::number::{Ascii, Decoded, Number};
    /// use anysplit::{FrameError, DecodeErrorKind};
    ///
    /// let number = Ascii::decimal_ended_by(b":")?;
    /// assert_eq!(number.decode(b"12:abc", 1000)?, Decoded::Value { value: 12, len: 3 });
    /// assert_eq!(number.decode(b"012:", 1000), Err(FrameError::new(1, DecodeErrorKind::LeadingZero)));
    /// assert_eq!(number.decode(b"99999", 1000), Err(FrameError::new(3, DecodeErrorKind::NumberTooLarge { max: 1000 })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyLiteral`], [`ConfigError::LiteralTooLong`] over 15 bytes, and
    /// [`ConfigError::LiteralStartsWithDigit`].
    pub const fn decimal_ended_by(mark: &[u8]) -> Result<Self, ConfigError> {
        Self::ended(Radix::Decimal, mark)
    }

    /// Hexadecimal digits up to this mark.
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyLiteral`], [`ConfigError::LiteralTooLong`] over 15 bytes, and
    /// [`ConfigError::LiteralStartsWithDigit`].
    pub const fn hex_ended_by(mark: &[u8]) -> Result<Self, ConfigError> {
        Self::ended(Radix::Hex, mark)
    }

    /// Five decimal digits: `00000` to `99999`.
    #[must_use]
    pub const fn decimal5() -> Self {
        Self { max: 99_999, radix: Radix::Decimal, form: Form::Fixed { width: 5, mark: None } }
    }

    /// Four hexadecimal digits, as in git's packet lines: `0000` to `ffff`.
    ///
    /// Specification: Git, `gitprotocol-common`, pkt-line format.
    #[must_use]
    pub const fn hex4() -> Self {
        Self { max: 0xffff, radix: Radix::Hex, form: Form::Fixed { width: 4, mark: None } }
    }

    /// Decimal digits up to a colon, as ahead of a netstring: `0:` to `18446744073709551615:`.
    ///
    /// Specification: D. J. Bernstein, Netstrings (1997), section 2.
    #[must_use]
    pub const fn netstring() -> Self {
        Self { max: u64::MAX, radix: Radix::Decimal, form: Form::Ended { mark: Literal::byte(b':') } }
    }

    /// The same number of fixed width with this mark after it, such as `00005:`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] where there is a mark already; [`ConfigError::EmptyLiteral`],
    /// [`ConfigError::LiteralTooLong`] over 15 bytes, and [`ConfigError::LiteralStartsWithDigit`].
    pub const fn followed_by(mut self, mark: &[u8]) -> Result<Self, ConfigError> {
        let Form::Fixed { width, mark: None } = self.form else {
            return Err(ConfigError::Conflict("a number with a mark after it cannot have another"));
        };
        let mark = match self.radix.mark(mark) {
            Ok(mark) => Some(mark),
            Err(error) => return Err(error),
        };
        self.form = Form::Fixed { width, mark };
        Ok(self)
    }

    /// The same with `max` as the greatest number.
    ///
    /// One that the digits cannot hold changes nothing, and is not refused: the width says what is possible, and this
    /// allows less of it. A second call lowers it further or does nothing.
    ///
    /// ```
    /// use anysplit::number::{Ascii, Number};
    ///
    /// let number = Ascii::netstring().with_max(1000);
    /// assert_eq!(number.max(), 1000);
    /// assert_eq!(number.decode(b"1001", u64::MAX).unwrap_err().at, 3);
    /// ```
    #[must_use]
    pub const fn with_max(mut self, max: u64) -> Self {
        if max < self.max {
            self.max = max;
        }
        self
    }

    /// The same with at most so many digits that count: [`with_max`](Self::with_max) of the greatest number they hold.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Width`] outside 1 to 20 (hexadecimal: 16).
    pub const fn with_max_digits(self, digits: usize) -> Result<Self, ConfigError> {
        match self.radix.width(digits) {
            Ok(digits) => Ok(self.with_max(self.radix.greatest(digits))),
            Err(error) => Err(error),
        }
    }

    const fn fixed(radix: Radix, width: usize) -> Result<Self, ConfigError> {
        match radix.width(width) {
            Ok(width) => Ok(Self { max: radix.greatest(width), radix, form: Form::Fixed { width, mark: None } }),
            Err(error) => Err(error),
        }
    }

    const fn ended(radix: Radix, mark: &[u8]) -> Result<Self, ConfigError> {
        match radix.mark(mark) {
            Ok(mark) => Ok(Self { max: u64::MAX, radix, form: Form::Ended { mark } }),
            Err(error) => Err(error),
        }
    }

    /// 10 or 16.
    #[must_use]
    pub const fn radix(&self) -> u8 {
        self.radix.value()
    }

    /// The number of digits, or `None` where a mark ends them.
    #[must_use]
    pub const fn width(&self) -> Option<usize> {
        match self.form {
            Form::Fixed { width, .. } => Some(width as usize),
            Form::Ended { .. } => None,
        }
    }

    /// The mark after the digits, if there is one.
    #[must_use]
    pub const fn mark(&self) -> Option<&Literal> {
        match &self.form {
            Form::Fixed { mark, .. } => mark.as_ref(),
            Form::Ended { mark } => Some(mark),
        }
    }

    /// The length of the mark in bytes, 0 for none.
    #[inline]
    fn mark_len(&self) -> usize {
        self.mark().map_or(0, |mark| mark.as_slice().len())
    }

    /// A number of `width` digits whose digits are known to be `value`, or not, if that is `None`.
    fn decode_fixed(&self, input: &[u8], width: usize, value: Option<u64>) -> Result<Decoded, FrameError> {
        let value = match value {
            Some(value) => value,
            None => self.digits(input, width)?,
        };
        if let (Some(mark), Some(after)) = (self.mark(), input.get(width..)) {
            mark.check(after).map_err(|fault| fault.shifted(width))?;
        }
        let len = width.saturating_add(self.mark_len());
        Ok(match NonZeroUsize::new(len.saturating_sub(input.len())) {
            Some(need) => Decoded::More(need),
            None => Decoded::Value { value, len },
        })
    }

    /// The digits of a number of `width` as far as they are there, one by one; with zeros for those that are not.
    fn digits(&self, input: &[u8], width: usize) -> Result<u64, FrameError> {
        let mut value = 0_u64;
        for (at, &found) in input.iter().take(width).enumerate() {
            let digit = self.radix.digit(found).ok_or(self.not_a_digit(at, found))?;
            let place = self.radix.power(width - 1 - at);
            value = digit
                .checked_mul(place)
                .and_then(|digit| value.checked_add(digit))
                .filter(|value| *value <= self.max)
                .ok_or(FrameError::new(at, DecodeErrorKind::NumberTooLarge { max: self.max }))?;
        }
        Ok(value)
    }

    fn decode_ended(&self, input: &[u8], mark: &Literal, useful: u64) -> Result<Decoded, FrameError> {
        let max = self.max.min(useful);
        let radix = u64::from(self.radix());
        let mut value = 0_u64;
        for (at, &found) in input.iter().enumerate() {
            let Some(digit) = self.radix.digit(found) else {
                if at == 0 || mark.as_slice().first() != Some(&found) {
                    return Err(self.not_a_digit(at, found));
                }
                mark.check(&input[at..]).map_err(|fault| fault.shifted(at))?;
                let len = at + mark.as_slice().len();
                return Ok(match NonZeroUsize::new(len.saturating_sub(input.len())) {
                    Some(need) => Decoded::More(need),
                    None => Decoded::Value { value, len },
                });
            };
            if at > 0 && value == 0 {
                return Err(FrameError::new(at, DecodeErrorKind::LeadingZero));
            }
            value = value
                .checked_mul(radix)
                .and_then(|value| value.checked_add(digit))
                .filter(|value| *value <= max)
                .ok_or(FrameError::new(at, DecodeErrorKind::NumberTooLarge { max }))?;
        }
        let first = usize::from(input.is_empty());
        Ok(Decoded::More(at_least_one(first + mark.as_slice().len())))
    }

    /// A number that is not of at most 8 bytes, or not at all.
    #[inline(never)]
    fn encode_long(&self, value: u64, out: &mut ShortBytes) -> Result<(), EncodeError> {
        if value > self.max {
            return Err(EncodeError::DoesNotFit { value, max: self.max });
        }
        let (digits, significant) = self.radix.write(value);
        let count = self.width().unwrap_or(significant);
        let mark = self.mark().map_or(&[][..], Literal::as_slice);
        // All or nothing: the mark must not be refused when the digits are in.
        if out.len() + count + mark.len() > ShortBytes::CAPACITY {
            return Err(EncodeError::HeaderTooLong { max: ShortBytes::CAPACITY });
        }
        out.push(&digits[Self::MAX_DECIMAL_WIDTH - count..])?;
        out.push(mark)
    }

    /// A number and its mark of one byte that are all in the first 8 bytes, where nothing is wrong with it.
    #[inline]
    fn decode_ended_short(&self, input: &[u8], mark: &Literal, max: u64) -> Option<Decoded> {
        let &[mark] = mark.as_slice() else { return None };
        let word = u64::from_le_bytes(*input.first_chunk()?);
        // The top bit of the first byte that is the mark; what lies above it may be wrong.
        let others = word ^ each(mark);
        let marked = others.wrapping_sub(each(1)) & !others & each(0x80);
        let digits = marked.trailing_zeros() / 8;
        let [first, ..] = word.to_le_bytes();
        if !(1..8).contains(&digits) || (first == b'0' && digits > 1) {
            return None;
        }
        let unused = 64 - digits * 8;
        let value = self.radix.read_word(word.checked_shl(unused)? | (ZEROS & !u64::MAX.checked_shl(unused)?))?;
        let len = usize::try_from(digits).ok()? + 1;
        (value <= max).then_some(Decoded::Value { value, len })
    }

    #[cold]
    fn not_a_digit(&self, at: usize, found: u8) -> FrameError {
        FrameError::new(at, DecodeErrorKind::NotADigit { found, radix: self.radix() })
    }
}

impl Number for Ascii {
    #[inline]
    fn max(&self) -> u64 {
        self.max
    }

    fn encoded_len(&self, value: u64) -> Option<usize> {
        let digits = || self.width().unwrap_or_else(|| self.radix.digits_of(value));
        (value <= self.max).then(|| digits() + self.mark_len())
    }

    #[inline]
    fn encode(&self, value: u64, out: &mut ShortBytes) -> Result<(), EncodeError> {
        match self.encode_word(value) {
            Some((word, len)) => out.push_word(word, len),
            None => self.encode_long(value, out),
        }
    }

    #[inline]
    fn encode_word(&self, value: u64) -> Option<([u8; 8], u8)> {
        if value > self.max {
            return None;
        }
        let word = self.radix.write_short(value)?;
        // Zeros ahead of the number are the least significant bytes.
        let zeros = word.trailing_zeros() / 8;
        let ascii = self.radix.ascii(word);
        match &self.form {
            Form::Fixed { width: width @ ..=8, mark: None } => {
                let unused = 8_u32.checked_sub((*width).into())?;
                Some((ascii.checked_shr(unused * 8).unwrap_or(0).to_le_bytes(), *width))
            }
            Form::Ended { mark } => {
                let (&[mark], Some(digits)) = (mark.as_slice(), 8_u32.checked_sub(zeros.min(7))) else { return None };
                let mark = u64::from(mark).checked_shl(digits * 8)?;
                let word = ascii.checked_shr((8 - digits) * 8)? | mark;
                Some((word.to_le_bytes(), u8::try_from(digits + 1).ok()?))
            }
            Form::Fixed { .. } => None,
        }
    }

    #[inline]
    fn decode(&self, input: &[u8], useful: u64) -> Result<Decoded, FrameError> {
        match &self.form {
            Form::Fixed { width, mark } => {
                let width = usize::from(*width);
                let value = self.radix.read(input, width).filter(|value| *value <= self.max);
                match (value, mark) {
                    (Some(value), None) => Ok(Decoded::Value { value, len: width }),
                    _ => self.decode_fixed(input, width, value),
                }
            }
            Form::Ended { mark } => match self.decode_ended_short(input, mark, self.max.min(useful)) {
                Some(decoded) => Ok(decoded),
                None => self.decode_ended(input, mark, useful),
            },
        }
    }

    #[inline]
    fn fixed_len(&self) -> Option<usize> {
        self.width().map(|width| width + self.mark_len())
    }

    #[inline]
    fn to_any(&self) -> Option<AnyNumber> {
        Some((*self).into())
    }
}

impl Radix {
    const fn value(self) -> u8 {
        match self {
            Self::Decimal => 10,
            Self::Hex => 16,
        }
    }

    /// `found`, if a number of this radix can have that width.
    const fn width(self, found: usize) -> Result<u8, ConfigError> {
        let max = match self {
            Self::Decimal => Ascii::MAX_DECIMAL_WIDTH,
            Self::Hex => Ascii::MAX_HEX_WIDTH,
        };
        if found == 0 || found > max {
            return Err(ConfigError::Width { found, min: 1, max });
        }
        // At most 20.
        #[allow(clippy::cast_possible_truncation)]
        Ok(found as u8)
    }

    /// The greatest number that so many digits and a `u64` hold.
    const fn greatest(self, digits: u8) -> u64 {
        match (self.value() as u64).checked_pow(digits as u32) {
            Some(next) => next - 1,
            None => u64::MAX,
        }
    }

    /// A mark that no digit can be taken for the beginning of.
    const fn mark(self, bytes: &[u8]) -> Result<Literal, ConfigError> {
        let mark = Literal::new(bytes);
        if mark.is_ok() {
            let found = bytes[0];
            let digit = match self {
                Self::Decimal => found.is_ascii_digit(),
                Self::Hex => found.is_ascii_hexdigit(),
            };
            if digit {
                return Err(ConfigError::LiteralStartsWithDigit { found });
            }
        }
        mark
    }

    /// What this byte is worth as a digit.
    #[inline]
    fn digit(self, byte: u8) -> Option<u64> {
        char::from(byte).to_digit(self.value().into()).map(u64::from)
    }

    /// What the digit 1 is worth with so many digits after it: at most 19 decimal or 15 hexadecimal ones, which fits.
    fn power(self, digits: usize) -> u64 {
        let digits = u32::try_from(digits).unwrap_or(u32::MAX);
        u64::from(self.value()).saturating_pow(digits)
    }

    /// How many digits `value` has without leading zeros; 1 for 0.
    fn digits_of(self, value: u64) -> usize {
        let log = value.checked_ilog(self.value().into()).unwrap_or(0);
        usize::try_from(log).unwrap_or(0) + 1
    }

    /// The digits of `value` at the end, zeros ahead of them, and how many digits there are without those; 1 for 0.
    fn write(self, value: u64) -> ([u8; Ascii::MAX_DECIMAL_WIDTH], usize) {
        let mut digits = [b'0'; Ascii::MAX_DECIMAL_WIDTH];
        let mut rest = value;
        let mut count = 0;
        for place in digits.iter_mut().rev() {
            // Two divisions by constants, as one by a variable is many times slower.
            let (digit, ahead) = match self {
                Self::Decimal => (rest % 10, rest / 10),
                Self::Hex => (rest % 16, rest / 16),
            };
            let [digit, ..] = digit.to_le_bytes();
            *place = if digit < 10 { b'0' + digit } else { b'a' - 10 + digit };
            rest = ahead;
            count += 1;
            if rest == 0 {
                break;
            }
        }
        (digits, count)
    }

    /// The number in the first `width` bytes of `input`, if these are all there, all digits, and fit a `u64`.
    #[inline]
    fn read(self, input: &[u8], width: usize) -> Option<u64> {
        if width > 8 { self.read_long(input, width) } else { self.read_short(input, width) }
    }

    /// As [`read`](Self::read), for a width over 8, at most 20: eight digits at a time.
    fn read_long(self, input: &[u8], width: usize) -> Option<u64> {
        let (ahead, after) = input.get(..width)?.split_at_checked(width - 8)?;
        let ahead = self.read(ahead, ahead.len())?.checked_mul(self.power(8))?;
        ahead.checked_add(self.read_short(after, 8)?)
    }

    /// As [`read`](Self::read), for a width of 1 to 8.
    ///
    /// All digits are looked at together, as bytes of one word:
    ///
    /// ```text
    ///  input     '0' '1' '2' '3' '4'  h   e   l      width 5
    ///  word      '0' '0' '0' '0' '1' '2' '3' '4'     first byte least significant; moved up, zeros below
    ///  pairs      00      00      12      34         each digit worth 10 of the next
    ///  fours          0000            1234           each pair worth 100 of the next
    ///  eight                  00001234
    /// ```
    #[inline]
    fn read_short(self, input: &[u8], width: usize) -> Option<u64> {
        let shift = u32::try_from(8_usize.checked_sub(width)?).ok()? * 8;
        let word = match input.first_chunk::<8>() {
            Some(word) => u64::from_le_bytes(*word),
            None => input.get(..width)?.iter().rfold(0, |word, &byte| word << 8 | u64::from(byte)),
        };
        // `shift` is below 64 as the width is not 0.
        self.read_word(word.wrapping_shl(shift) | (ZEROS & !u64::MAX.wrapping_shl(shift)))
    }

    /// The number in 8 digits, the first in the least significant byte, or `None` if one is none.
    #[inline]
    const fn read_word(self, word: u64) -> Option<u64> {
        match self {
            Self::Decimal => read_decimal(word),
            Self::Hex => read_hex(word),
        }
    }

    /// The worth of each of the 8 digits of `value`, the first in the least significant byte, if it has no more.
    #[inline]
    const fn write_short(self, value: u64) -> Option<u64> {
        match self {
            // Halves, quarters and eighths of the digits, each pair of parts side by side. The products are divisions: by
            // 100 below 10 000, and by 10 below 100.
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

    /// The characters of 8 digits, of which each is worth so much.
    #[inline]
    const fn ascii(self, digits: u64) -> u64 {
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
const ZEROS: u64 = each(b'0');

/// One byte, eight times.
#[inline]
const fn each(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// All of 8 digits but the last two. Lengths are mostly so short that these are zeros; then the number is had in half
/// the time, for which the place of the next number has to wait.
const SIX_DIGITS: u64 = 0x0000_ffff_ffff_ffff;

/// The number in 8 decimal digits, the first in the least significant byte, or `None` if one is none.
///
/// Digits are the bytes `3x` that are still so with 6 added. A carry out of a byte comes only from `fa` and above,
/// and such a byte fails by itself.
#[inline]
const fn read_decimal(word: u64) -> Option<u64> {
    let high = each(0xf0);
    if (word & high) | ((word.wrapping_add(each(6)) & high) >> 4) != each(0x33) {
        return None;
    }
    // No product goes over its part: 9 * 10 + 9 in 8 bits, 99 * 100 + 99 in 16, 9999 * 10000 + 9999 in 32.
    let word = word & each(0x0f);
    if word & SIX_DIGITS == 0 {
        return Some((word >> 48 & 0xff) * 10 + (word >> 56));
    }
    let pairs = (word.wrapping_mul(10 << 8 | 1) >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100 << 16 | 1) >> 16) & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul(10_000 << 32 | 1) >> 32)
}

/// The number in 8 hexadecimal digits, the first in the least significant byte, or `None` if one is none.
///
/// With all bytes below 80, adding `80 - x` to each sets its top bit exactly where it is at least `x`, and none
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
    // 'a' ends in 1, and is worth 9 more.
    // Of digits and letters alone these have bit 6 set.
    let letters = word >> 6 & each(1);
    let word = (word & each(0x0f)).wrapping_add(letters).wrapping_add(letters << 3);
    if word & SIX_DIGITS == 0 {
        return Some((word >> 48 & 0xff) << 4 | word >> 56);
    }
    let pairs = (word << 4 | word >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs << 8 | pairs >> 16) & 0x0000_ffff_0000_ffff;
    Some((fours << 16 | fours >> 32) & 0xffff_ffff)
}

#[cfg(test)]
mod tests;
