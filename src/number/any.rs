//! A number representation chosen at run time.

use crate::error::{EncodeError, FrameError};
use crate::number::{Ascii, Bcd, Binary, Bits, Decoded, Escaped, Number, Varint};
use crate::short::ShortBytes;

/// Any number representation of the crate, chosen at run time.
///
/// ```
/// use anysplit::number::{AnyNumber, Ascii, Binary, Number};
///
/// let mut out = anysplit::contract::ShortBytes::empty();
/// for number in [AnyNumber::from(Ascii::decimal5()), Binary::u16_be().into()] {
///     number.encode(5, &mut out)?;
/// }
/// assert_eq!(out.as_slice(), b"00005\x00\x05");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Cost: one branch more than the representation itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AnyNumber {
    /// Complete bytes.
    Binary(Binary),
    /// Some bits of complete bytes.
    Bits(Bits),
    /// Digits.
    Ascii(Ascii),
    /// Variable length.
    Varint(Varint),
    /// Binary-coded decimal.
    Bcd(Bcd),
    /// Bits of the first byte. Some of their values announce a wider number.
    Escaped(Escaped),
}

/// Runs the same code for each representation, compiled separately for each.
macro_rules! for_each_number {
    ($any:expr, $number:ident => $code:expr) => {
        match $any {
            $crate::number::AnyNumber::Binary($number) => $code,
            $crate::number::AnyNumber::Bits($number) => $code,
            $crate::number::AnyNumber::Ascii($number) => $code,
            $crate::number::AnyNumber::Varint($number) => $code,
            $crate::number::AnyNumber::Bcd($number) => $code,
            $crate::number::AnyNumber::Escaped($number) => $code,
        }
    };
}
#[cfg(feature = "alloc")]
pub(crate) use for_each_number;

impl Number for AnyNumber {
    #[inline]
    fn max(&self) -> u64 {
        for_each_number!(self, number => number.max())
    }

    #[inline]
    fn encoded_len(&self, value: u64) -> Option<usize> {
        for_each_number!(self, number => number.encoded_len(value))
    }

    #[inline]
    fn encode(&self, value: u64, out: &mut ShortBytes) -> Result<(), EncodeError> {
        for_each_number!(self, number => number.encode(value, out))
    }

    #[inline]
    fn decode(&self, input: &[u8], limit: u64) -> Result<Decoded, FrameError> {
        for_each_number!(self, number => number.decode(input, limit))
    }

    #[inline]
    fn fixed_len(&self) -> Option<usize> {
        for_each_number!(self, number => number.fixed_len())
    }

    #[inline]
    fn rewrite(&self, value: u64, field: &[u8], out: &mut ShortBytes) -> Result<(), EncodeError> {
        for_each_number!(self, number => number.rewrite(value, field, out))
    }

    #[inline]
    fn built_in(&self) -> Option<BuiltIn<'_>> {
        for_each_number!(self, number => number.built_in())
    }
}

/// A reference to a representation of the crate. Other crates cannot name this type.
#[derive(Clone, Copy, Debug)]
pub enum BuiltIn<'a> {
    /// See [`AnyNumber::Binary`].
    Binary(&'a Binary),
    /// See [`AnyNumber::Bits`].
    Bits(&'a Bits),
    /// See [`AnyNumber::Ascii`].
    Ascii(&'a Ascii),
    /// See [`AnyNumber::Varint`].
    Varint(&'a Varint),
    /// See [`AnyNumber::Bcd`].
    Bcd(&'a Bcd),
    /// See [`AnyNumber::Escaped`].
    Escaped(&'a Escaped),
}

impl BuiltIn<'_> {
    /// Returns what [`Number::encode`] would append, and its length, if it fits a word and that is faster.
    #[inline]
    #[must_use]
    pub fn encode_word(self, value: u64) -> Option<([u8; 8], u8)> {
        match self {
            Self::Binary(number) => number.encode_word(value),
            Self::Ascii(number) => number.encode_word(value),
            Self::Varint(number) => number.encode_word(value),
            Self::Bits(_) | Self::Bcd(_) | Self::Escaped(_) => None,
        }
    }

    /// Copies the representation.
    #[inline]
    pub(crate) fn to_any(self) -> AnyNumber {
        match self {
            Self::Binary(number) => (*number).into(),
            Self::Bits(number) => (*number).into(),
            Self::Ascii(number) => (*number).into(),
            Self::Varint(number) => (*number).into(),
            Self::Bcd(number) => (*number).into(),
            Self::Escaped(number) => (*number).into(),
        }
    }
}

impl From<Binary> for AnyNumber {
    #[inline]
    fn from(number: Binary) -> Self {
        Self::Binary(number)
    }
}

impl From<Bits> for AnyNumber {
    #[inline]
    fn from(number: Bits) -> Self {
        Self::Bits(number)
    }
}

impl From<Ascii> for AnyNumber {
    #[inline]
    fn from(number: Ascii) -> Self {
        Self::Ascii(number)
    }
}

impl From<Bcd> for AnyNumber {
    #[inline]
    fn from(number: Bcd) -> Self {
        Self::Bcd(number)
    }
}

impl From<Escaped> for AnyNumber {
    #[inline]
    fn from(number: Escaped) -> Self {
        Self::Escaped(number)
    }
}

impl From<Varint> for AnyNumber {
    #[inline]
    fn from(number: Varint) -> Self {
        Self::Varint(number)
    }
}
