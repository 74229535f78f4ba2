//! Numbers in digits, decimal or hexadecimal.

use core::num::NonZeroUsize;

use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError};
use crate::literal::Literal;
use crate::number::any::BuiltIn;
use crate::number::{Decoded, Number, at_least_one};
use crate::short::ShortBytes;

mod digits;

use digits::{Radix, ZEROS, each};

/// A number in ASCII digits: of fixed width with leading zeros, ended by a terminator without them, or both.
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
/// use anysplit::contract::{FrameError, ShortBytes};
/// use anysplit::DecodeErrorKind;
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
/// Digits are `0` to `9`. Radix 16 also has `a` to `f`; decoding accepts `A` to `F` too. There is no sign, blank,
/// underscore or `0x`. A number of fixed width has exactly that many digits. A number ended by a terminator has no leading
/// zero, except `0` itself. So every number has one form, apart from the case of hexadecimal digits.
///
/// Errors of decoding, each at the first byte that proves it:
///
/// - [`DecodeErrorKind::NotADigit`] for a byte that is no digit and does not begin a terminator that may begin there;
/// - [`DecodeErrorKind::Mismatch`] for a wrong byte where the terminator must begin or continue;
/// - [`DecodeErrorKind::LeadingZero`] for a digit after a first `0`, if a terminator ends the number;
/// - [`DecodeErrorKind::NumberTooLarge`] for more than [`max`](Number::max) or 2^64 − 1. If a terminator ends the number,
///   also for more than the caller's limit.
///
/// Cost: constant time for a fixed width, which is read eight digits at a time. Otherwise linear in the digits: at most
/// one more than the greatest number has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ascii {
    /// Never more than the digits hold.
    max: u64,
    radix: Radix,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Form {
    /// `width` is 1 to 20, or to 16 for hexadecimal digits.
    Fixed {
        width: u8,
        terminator: Option<Literal>,
    },
    Ended {
        terminator: Literal,
    },
}

impl Ascii {
    /// The greatest width of a decimal number, in digits.
    pub const MAX_DECIMAL_WIDTH: usize = 20;

    /// The greatest width of a hexadecimal number, in digits.
    pub const MAX_HEX_WIDTH: usize = 16;

    /// Creates a number of exactly `width` decimal digits.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Width`] outside 1 to 20.
    pub const fn decimal(width: usize) -> Result<Self, ConfigError> {
        Self::fixed(Radix::Decimal, width)
    }

    /// Creates a number of exactly `width` hexadecimal digits.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Width`] outside 1 to 16.
    pub const fn hex(width: usize) -> Result<Self, ConfigError> {
        Self::fixed(Radix::Hex, width)
    }

    /// Creates a number of decimal digits up to this terminator.
    ///
    /// ```
    /// use anysplit::number::{Ascii, Decoded, Number};
    /// use anysplit::contract::FrameError;
    /// use anysplit::DecodeErrorKind;
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
    pub const fn decimal_ended_by(terminator: &[u8]) -> Result<Self, ConfigError> {
        Self::ended(Radix::Decimal, terminator)
    }

    /// Creates a number of hexadecimal digits up to this terminator.
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyLiteral`], [`ConfigError::LiteralTooLong`] over 15 bytes, and
    /// [`ConfigError::LiteralStartsWithDigit`].
    pub const fn hex_ended_by(terminator: &[u8]) -> Result<Self, ConfigError> {
        Self::ended(Radix::Hex, terminator)
    }

    /// Creates a number of five decimal digits: `00000` to `99999`.
    #[must_use]
    pub const fn decimal5() -> Self {
        Self { max: 99_999, radix: Radix::Decimal, form: Form::Fixed { width: 5, terminator: None } }
    }

    /// Creates a number of four hexadecimal digits, as in git's packet lines: `0000` to `ffff`.
    ///
    /// Specification: Git, `gitprotocol-common`, pkt-line format.
    #[must_use]
    pub const fn hex4() -> Self {
        Self { max: 0xffff, radix: Radix::Hex, form: Form::Fixed { width: 4, terminator: None } }
    }

    /// Creates a number of decimal digits up to a colon, as in a netstring: `0:` to `18446744073709551615:`.
    ///
    /// Specification: D. J. Bernstein, Netstrings (1997), section 2.
    #[must_use]
    pub const fn netstring() -> Self {
        Self { max: u64::MAX, radix: Radix::Decimal, form: Form::Ended { terminator: Literal::byte(b':') } }
    }

    /// Sets the terminator after a number of fixed width, such as `00005:`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] if the number has a terminator already; [`ConfigError::EmptyLiteral`],
    /// [`ConfigError::LiteralTooLong`] over 15 bytes, and [`ConfigError::LiteralStartsWithDigit`].
    pub const fn followed_by(mut self, terminator: &[u8]) -> Result<Self, ConfigError> {
        let Form::Fixed { width, terminator: None } = self.form else {
            return Err(ConfigError::Conflict("the number already has a terminator"));
        };
        let terminator = match self.radix.terminator(terminator) {
            Ok(terminator) => Some(terminator),
            Err(error) => return Err(error),
        };
        self.form = Form::Fixed { width, terminator };
        Ok(self)
    }

    /// Lowers the greatest number to `max`.
    ///
    /// A `max` over the present greatest number changes nothing, and is not an error. So a second call only lowers it
    /// further.
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

    /// Lowers the greatest number to what `digits` digits hold. Leading zeros do not count.
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
            Ok(width) => Ok(Self { max: radix.greatest(width), radix, form: Form::Fixed { width, terminator: None } }),
            Err(error) => Err(error),
        }
    }

    const fn ended(radix: Radix, terminator: &[u8]) -> Result<Self, ConfigError> {
        match radix.terminator(terminator) {
            Ok(terminator) => Ok(Self { max: u64::MAX, radix, form: Form::Ended { terminator } }),
            Err(error) => Err(error),
        }
    }

    /// Returns 10 or 16.
    #[must_use]
    pub const fn radix(&self) -> u8 {
        self.radix.value()
    }

    /// Returns the count of digits, or `None` if a terminator ends them.
    #[must_use]
    pub const fn width(&self) -> Option<usize> {
        match self.form {
            Form::Fixed { width, .. } => Some(width as usize),
            Form::Ended { .. } => None,
        }
    }

    /// Returns the terminator after the digits, if there is one.
    #[must_use]
    pub const fn terminator(&self) -> Option<&Literal> {
        match &self.form {
            Form::Fixed { terminator, .. } => terminator.as_ref(),
            Form::Ended { terminator } => Some(terminator),
        }
    }

    /// Returns the length of the terminator in bytes, 0 for none.
    #[inline]
    fn mark_len(&self) -> usize {
        self.terminator().map_or(0, |terminator| terminator.as_slice().len())
    }

    /// Decodes a number of `width` digits. `value` is their value, if that is known.
    fn decode_fixed(&self, input: &[u8], width: usize, value: Option<u64>) -> Result<Decoded, FrameError> {
        let value = match value {
            Some(value) => value,
            None => self.digits(input, width)?,
        };
        if let (Some(terminator), Some(after)) = (self.terminator(), input.get(width..)) {
            terminator.check(after).map_err(|error| error.shifted(width))?;
        }
        let len = width.saturating_add(self.mark_len());
        Ok(match NonZeroUsize::new(len.saturating_sub(input.len())) {
            Some(need) => Decoded::Incomplete(need),
            None => Decoded::Value { value, len },
        })
    }

    /// Reads the digits of a number of `width` one by one. Those that are missing count as zeros.
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

    /// Decodes a number up to its terminator, digit by digit.
    fn decode_ended(&self, input: &[u8], terminator: &Literal, limit: u64) -> Result<Decoded, FrameError> {
        let max = self.max.min(limit);
        let radix = u64::from(self.radix());
        let mut value = 0_u64;
        for (at, &found) in input.iter().enumerate() {
            let Some(digit) = self.radix.digit(found) else {
                if at == 0 || terminator.as_slice().first() != Some(&found) {
                    return Err(self.not_a_digit(at, found));
                }
                terminator.check(&input[at..]).map_err(|error| error.shifted(at))?;
                let len = at + terminator.as_slice().len();
                return Ok(match NonZeroUsize::new(len.saturating_sub(input.len())) {
                    Some(need) => Decoded::Incomplete(need),
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
        Ok(Decoded::Incomplete(at_least_one(first + terminator.as_slice().len())))
    }

    /// Returns the bytes of `value` at the start of a word, and their count, if `value` and its terminator fit a word.
    #[inline]
    pub(super) fn encode_word(&self, value: u64) -> Option<([u8; 8], u8)> {
        if value > self.max {
            return None;
        }
        let word = self.radix.write_short(value)?;
        // Leading zeros are the least significant bytes.
        let zeros = word.trailing_zeros() / 8;
        let ascii = self.radix.ascii(word);
        match &self.form {
            Form::Fixed { width: width @ ..=8, terminator: None } => {
                let unused = 8_u32.checked_sub((*width).into())?;
                Some((ascii.checked_shr(unused * 8).unwrap_or(0).to_le_bytes(), *width))
            }
            Form::Ended { terminator } => {
                let (&[terminator], Some(digits)) = (terminator.as_slice(), 8_u32.checked_sub(zeros.min(7))) else {
                    return None;
                };
                let terminator = u64::from(terminator).checked_shl(digits * 8)?;
                let word = ascii.checked_shr((8 - digits) * 8)? | terminator;
                Some((word.to_le_bytes(), u8::try_from(digits + 1).ok()?))
            }
            Form::Fixed { .. } => None,
        }
    }

    /// Encodes a number that does not fit a word, or reports why it cannot be encoded.
    #[inline(never)]
    fn encode_long(&self, value: u64, out: &mut ShortBytes) -> Result<(), EncodeError> {
        if value > self.max {
            return Err(EncodeError::DoesNotFit { value, max: self.max });
        }
        let (digits, significant) = self.radix.write(value);
        let count = self.width().unwrap_or(significant);
        let terminator = self.terminator().map_or(&[][..], Literal::as_slice);
        // Digits without their terminator must not remain.
        if out.len() + count + terminator.len() > <ShortBytes>::CAPACITY {
            return Err(EncodeError::HeaderTooLong { max: <ShortBytes>::CAPACITY });
        }
        out.push(&digits[Self::MAX_DECIMAL_WIDTH - count..])?;
        out.push(terminator)
    }

    /// Decodes a number and its terminator of one byte, if both are complete and correct in the first 8 bytes.
    #[inline]
    fn decode_ended_short(&self, input: &[u8], terminator: &Literal, max: u64) -> Option<Decoded> {
        let &[terminator] = terminator.as_slice() else { return None };
        let word = u64::from_le_bytes(*input.first_chunk()?);
        // The lowest set bit is the top bit of the first byte that is the terminator. The bits above it may be wrong.
        let others = word ^ each(terminator);
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
    fn decode(&self, input: &[u8], limit: u64) -> Result<Decoded, FrameError> {
        match &self.form {
            Form::Fixed { width, terminator } => {
                let width = usize::from(*width);
                let value = self.radix.read(input, width).filter(|value| *value <= self.max);
                match (value, terminator) {
                    (Some(value), None) => Ok(Decoded::Value { value, len: width }),
                    _ => self.decode_fixed(input, width, value),
                }
            }
            Form::Ended { terminator } => match self.decode_ended_short(input, terminator, self.max.min(limit)) {
                Some(decoded) => Ok(decoded),
                None => self.decode_ended(input, terminator, limit),
            },
        }
    }

    #[inline]
    fn fixed_len(&self) -> Option<usize> {
        self.width().map(|width| width + self.mark_len())
    }

    #[inline]
    fn built_in(&self) -> Option<BuiltIn<'_>> {
        Some(BuiltIn::Ascii(self))
    }
}

#[cfg(test)]
mod tests;
