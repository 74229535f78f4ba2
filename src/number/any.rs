//! A number representation chosen at run time.

use crate::error::{EncodeError, FrameError};
use crate::number::{Ascii, Bcd, Binary, Bits, Decoded, Escaped, Number, Varint};
use crate::short::ShortBytes;

/// Any number representation of the crate, chosen at run time.
///
/// ```
/// use anysplit::number::{AnyNumber, Ascii, Binary, Number};
///
/// let mut out = anysplit::ShortBytes::empty();
/// for number in [AnyNumber::from(Ascii::decimal5()), Binary::u16_be().into()] {
///     number.encode(5, &mut out)?;
/// }
/// assert_eq!(out.as_slice(), b"00005\x00\x05");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Cost: one branch beside that of the representation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AnyNumber {
    /// Whole bytes.
    Binary(Binary),
    /// Some bits of whole bytes.
    Bits(Bits),
    /// Digits.
    Ascii(Ascii),
    /// Variable length.
    Varint(Varint),
    /// Binary-coded decimal.
    Bcd(Bcd),
    /// Bits of the first byte, some values of which announce a wider number.
    Escaped(Escaped),
}

/// Runs the same code for whichever number it is, compiled for each on its own.
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
    fn encode_word(&self, value: u64) -> Option<([u8; 8], u8)> {
        for_each_number!(self, number => number.encode_word(value))
    }

    #[inline]
    fn encode(&self, value: u64, out: &mut ShortBytes) -> Result<(), EncodeError> {
        for_each_number!(self, number => number.encode(value, out))
    }

    #[inline]
    fn decode(&self, input: &[u8], useful: u64) -> Result<Decoded, FrameError> {
        for_each_number!(self, number => number.decode(input, useful))
    }

    #[inline]
    fn fixed_len(&self) -> Option<usize> {
        for_each_number!(self, number => number.fixed_len())
    }

    #[inline]
    fn overwrite(&self, value: u64, field: &mut [u8]) -> Result<(), EncodeError> {
        for_each_number!(self, number => number.overwrite(value, field))
    }

    #[inline]
    fn rewrite(&self, value: u64, field: &[u8], out: &mut ShortBytes) -> Result<(), EncodeError> {
        for_each_number!(self, number => number.rewrite(value, field, out))
    }

    #[inline]
    fn to_any(&self) -> Option<AnyNumber> {
        Some(*self)
    }
}

impl From<Binary> for AnyNumber {
    fn from(number: Binary) -> Self {
        Self::Binary(number)
    }
}

impl From<Bits> for AnyNumber {
    fn from(number: Bits) -> Self {
        Self::Bits(number)
    }
}

impl From<Ascii> for AnyNumber {
    fn from(number: Ascii) -> Self {
        Self::Ascii(number)
    }
}

impl From<Bcd> for AnyNumber {
    fn from(number: Bcd) -> Self {
        Self::Bcd(number)
    }
}

impl From<Escaped> for AnyNumber {
    fn from(number: Escaped) -> Self {
        Self::Escaped(number)
    }
}

impl From<Varint> for AnyNumber {
    fn from(number: Varint) -> Self {
        Self::Varint(number)
    }
}
