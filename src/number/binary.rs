//! Binary numbers: complete bytes in one of the two byte orders, and runs of bits inside them.

use crate::error::{ConfigError, EncodeError, FrameError};
use crate::number::any::BuiltIn;
use crate::number::{Decoded, Number, at_least_one};
use crate::order::Order;
use crate::short::ShortBytes;

/// An unsigned binary number of 1 to 8 bytes, most or least significant byte first.
///
/// ```text
///  offset            0   1   2   3
///  Binary::u32_be   00  00  00  05      5, network order
///  Binary::u32_le   05  00  00  00      5, little-endian order
///  Binary::u24_be   00  00  05
/// ```
///
/// ```
/// use anysplit::number::{Binary, Decoded, Number};
/// use anysplit::contract::ShortBytes;
/// use anysplit::EncodeError;
///
/// let mut out = ShortBytes::empty();
/// Binary::u16_be().encode(258, &mut out)?;
/// Binary::u16_le().encode(258, &mut out)?;
/// assert_eq!(out.as_slice(), [1, 2, 2, 1]);
/// assert_eq!(Binary::u16_be().decode(&out, u64::MAX), Ok(Decoded::Value { value: 258, len: 2 }));
///
/// let refused = Binary::u16_be().encode(65_536, &mut out);
/// assert_eq!(refused, Err(EncodeError::DoesNotFit { value: 65_536, max: 65_535 }));
/// # Ok::<(), EncodeError>(())
/// ```
///
/// Errors: every run of bytes is a number, so decoding never fails. Encoding refuses a number too great for the width.
///
/// Cost: constant time; one read of 8 bytes if the input has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Binary {
    /// The bits of a `u64` that the number does not have: `64 - 8 * width`, at most 56.
    shift: u8,
    /// In bytes, 1 to 8.
    width: u8,
    order: Order,
}

impl Binary {
    /// The greatest width in bytes.
    pub const MAX_WIDTH: usize = 8;

    /// Creates a number of `width` bytes in this order.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Width`] outside 1 to 8.
    pub const fn new(width: usize, order: Order) -> Result<Self, ConfigError> {
        // A `const fn` cannot call `u8::try_from`.
        Ok(match width {
            1 => Self::of(1, order),
            2 => Self::of(2, order),
            3 => Self::of(3, order),
            4 => Self::of(4, order),
            5 => Self::of(5, order),
            6 => Self::of(6, order),
            7 => Self::of(7, order),
            8 => Self::of(8, order),
            found => return Err(ConfigError::Width { found, min: 1, max: Self::MAX_WIDTH }),
        })
    }

    /// `width` is 1 to 8.
    const fn of(width: u8, order: Order) -> Self {
        Self { shift: 64 - 8 * width, width, order }
    }

    /// Creates a number of one byte: 0 to 255.
    #[must_use]
    pub const fn u8() -> Self {
        Self::of(1, Order::NETWORK)
    }

    /// Creates a number of two bytes in network order: 0 to 65,535.
    #[must_use]
    pub const fn u16_be() -> Self {
        Self::of(2, Order::Big)
    }

    /// Creates a number of two bytes in little-endian order: 0 to 65,535.
    #[must_use]
    pub const fn u16_le() -> Self {
        Self::of(2, Order::Little)
    }

    /// Creates a number of three bytes in network order: 0 to 2^24 − 1.
    #[must_use]
    pub const fn u24_be() -> Self {
        Self::of(3, Order::Big)
    }

    /// Creates a number of three bytes in little-endian order: 0 to 2^24 − 1.
    #[must_use]
    pub const fn u24_le() -> Self {
        Self::of(3, Order::Little)
    }

    /// Creates a number of four bytes in network order: 0 to 2^32 − 1.
    #[must_use]
    pub const fn u32_be() -> Self {
        Self::of(4, Order::Big)
    }

    /// Creates a number of four bytes in little-endian order: 0 to 2^32 − 1.
    #[must_use]
    pub const fn u32_le() -> Self {
        Self::of(4, Order::Little)
    }

    /// Creates a number of six bytes in network order: 0 to 2^48 − 1.
    #[must_use]
    pub const fn u48_be() -> Self {
        Self::of(6, Order::Big)
    }

    /// Creates a number of six bytes in little-endian order: 0 to 2^48 − 1.
    #[must_use]
    pub const fn u48_le() -> Self {
        Self::of(6, Order::Little)
    }

    /// Creates a number of eight bytes in network order: 0 to 2^64 − 1.
    #[must_use]
    pub const fn u64_be() -> Self {
        Self::of(8, Order::Big)
    }

    /// Creates a number of eight bytes in little-endian order: 0 to 2^64 − 1.
    #[must_use]
    pub const fn u64_le() -> Self {
        Self::of(8, Order::Little)
    }

    /// Returns the width in bytes, 1 to 8.
    #[inline]
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width as usize
    }

    /// Returns the order of the bytes. For one byte it makes no difference.
    #[inline]
    #[must_use]
    pub const fn order(&self) -> Order {
        self.order
    }

    /// Returns the greatest number, 2^(8 × width) − 1.
    #[inline]
    pub(super) const fn greatest(&self) -> u64 {
        // `shift` is below 64, so this is `>>` without its panic.
        u64::MAX.wrapping_shr(self.shift as u32)
    }

    /// Returns the width in bytes.
    #[inline]
    pub(crate) const fn width_u16(&self) -> u16 {
        self.width as u16
    }

    /// Reads the number in network order at the start of `input`, if that has 8 bytes.
    #[inline]
    pub(crate) fn read_big(&self, input: &[u8]) -> Option<u64> {
        Some(u64::from_be_bytes(*input.first_chunk()?).wrapping_shr(self.shift.into()))
    }

    /// Reads the number in little-endian order at the start of `input`, if that has 8 bytes.
    #[inline]
    pub(crate) fn read_little(&self, input: &[u8]) -> Option<u64> {
        let shift = self.shift.into();
        // The shifts remove the bytes after the number.
        Some(u64::from_le_bytes(*input.first_chunk()?).wrapping_shl(shift).wrapping_shr(shift))
    }

    /// Reads the number at the start of `input`, if it is complete.
    #[inline]
    fn read(&self, input: &[u8]) -> Option<u64> {
        if self.width == 4 && self.order == Order::Big {
            // The commonest form needs no shift, which would delay the address of the next frame.
            return input.first_chunk::<4>().map(|word| u32::from_be_bytes(*word).into());
        }
        // One read serves every width.
        let value = match self.order {
            Order::Big => self.read_big(input),
            Order::Little => self.read_little(input),
        };
        value.or_else(|| self.read_near_end(input))
    }

    /// Reads as [`read`](Self::read) does, if `input` has fewer than 8 bytes.
    fn read_near_end(&self, input: &[u8]) -> Option<u64> {
        let bytes = input.get(..self.width())?.iter();
        let join = |value, &byte| value << 8 | u64::from(byte);
        Some(match self.order {
            Order::Big => bytes.fold(0, join),
            Order::Little => bytes.rfold(0, join),
        })
    }

    /// Returns the bytes of `value` at the start of a word, and their count, if `value` fits.
    #[inline]
    pub(super) fn encode_word(&self, value: u64) -> Option<([u8; 8], u8)> {
        if value > self.greatest() {
            return None;
        }
        let word = match self.order {
            Order::Big => value.wrapping_shl(self.shift.into()).to_be_bytes(),
            Order::Little => value.to_le_bytes(),
        };
        Some((word, self.width))
    }

    /// Returns the result for the first `have` bytes, fewer than `width`.
    #[inline]
    fn incomplete(&self, have: usize) -> Decoded {
        Decoded::Incomplete(at_least_one(self.width().saturating_sub(have)))
    }
}

impl Number for Binary {
    #[inline]
    fn max(&self) -> u64 {
        self.greatest()
    }

    #[inline]
    fn encoded_len(&self, value: u64) -> Option<usize> {
        (value <= self.greatest()).then_some(self.width())
    }

    #[inline]
    fn encode(&self, value: u64, out: &mut ShortBytes) -> Result<(), EncodeError> {
        match self.encode_word(value) {
            Some((word, width)) => out.push_word(word, width),
            None => Err(EncodeError::DoesNotFit { value, max: self.greatest() }),
        }
    }

    #[inline]
    fn decode(&self, input: &[u8], _: u64) -> Result<Decoded, FrameError> {
        Ok(match self.read(input) {
            Some(value) => Decoded::Value { value, len: self.width() },
            None => self.incomplete(input.len()),
        })
    }

    #[inline]
    fn fixed_len(&self) -> Option<usize> {
        Some(self.width())
    }

    #[inline]
    fn built_in(&self) -> Option<BuiltIn<'_>> {
        Some(BuiltIn::Binary(self))
    }
}

/// A number in some neighbouring bits of a [`Binary`] number, such as a length that shares its bytes with flags.
///
/// ```text
///  Bits::new(Binary::u16_be(), 0x0fff)
///
///  offset     0         1
///  wire     a0 = 1010   05
///           ┌──┘  │      │
///           │    0000 00000101     the 12 bits of the mask: 5
///           1010                   the other bits: 0 when encoded, kept by `rewrite`, ignored when decoded
/// ```
///
/// ```
/// use anysplit::number::{Binary, Bits, Decoded, Number};
///
/// let length = Bits::new(Binary::u16_be(), 0x0fff)?;
/// assert_eq!(length.max(), 4095);
/// assert_eq!(length.decode(&[0xa0, 0x05], u64::MAX)?, Decoded::Value { value: 5, len: 2 });
///
/// let mut out = anysplit::contract::ShortBytes::empty();
/// length.rewrite(0x123, &[0xa0, 0x05], &mut out)?;
/// assert_eq!(out.as_slice(), [0xa1, 0x23]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Errors: every run of bytes is a number, so decoding never fails. Encoding refuses a number too great for the bits.
///
/// Cost: that of [`Binary`], a mask and a shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bits {
    /// One unbroken run of bits, at least one, inside the number's width.
    mask: u64,
    number: Binary,
}

impl Bits {
    /// Selects the bits of `number` that `mask` has set, counted from the number's least significant bit.
    ///
    /// # Errors
    ///
    /// [`ConfigError::BitMask`] for a mask that is 0, has a hole, or does not fit the number's width.
    pub const fn new(number: Binary, mask: u64) -> Result<Self, ConfigError> {
        if mask == 0 || mask > number.greatest() {
            return Err(ConfigError::BitMask { found: mask });
        }
        // A run of ones, shifted to the bottom, shares no bit with its successor. That of 2^64 − 1 is 0.
        let run = mask >> mask.trailing_zeros();
        if run & run.wrapping_add(1) != 0 {
            return Err(ConfigError::BitMask { found: mask });
        }
        Ok(Self { mask, number })
    }

    /// Returns the complete number that the bits are part of.
    #[inline]
    #[must_use]
    pub const fn number(&self) -> Binary {
        self.number
    }

    /// Returns the mask, counted from the complete number's least significant bit.
    #[inline]
    #[must_use]
    pub const fn mask(&self) -> u64 {
        self.mask
    }

    /// Returns the complete number with `value` in the bits and 0 in the others.
    #[inline]
    fn place(&self, value: u64) -> Result<u64, EncodeError> {
        let max = self.max();
        // The shift is below 64, as the mask is not 0, and loses no bit of a value up to `max`.
        if value > max { Err(EncodeError::DoesNotFit { value, max }) } else { Ok(value << self.mask.trailing_zeros()) }
    }
}

impl Number for Bits {
    #[inline]
    fn max(&self) -> u64 {
        self.mask.wrapping_shr(self.mask.trailing_zeros())
    }

    #[inline]
    fn encoded_len(&self, value: u64) -> Option<usize> {
        (value <= self.max()).then_some(self.number.width())
    }

    #[inline]
    fn encode(&self, value: u64, out: &mut ShortBytes) -> Result<(), EncodeError> {
        self.number.encode(self.place(value)?, out)
    }

    #[inline]
    fn decode(&self, input: &[u8], _: u64) -> Result<Decoded, FrameError> {
        Ok(match self.number.read(input) {
            Some(all) => Decoded::Value {
                value: (all & self.mask).wrapping_shr(self.mask.trailing_zeros()),
                len: self.number.width(),
            },
            None => self.number.incomplete(input.len()),
        })
    }

    #[inline]
    fn fixed_len(&self) -> Option<usize> {
        Some(self.number.width())
    }

    fn rewrite(&self, value: u64, field: &[u8], out: &mut ShortBytes) -> Result<(), EncodeError> {
        let placed = self.place(value)?;
        let all = if field.len() == self.number.width() { self.number.read(field) } else { None };
        self.number.encode(all.unwrap_or_default() & !self.mask | placed, out)
    }

    #[inline]
    fn built_in(&self) -> Option<BuiltIn<'_>> {
        Some(BuiltIn::Bits(self))
    }
}

#[cfg(test)]
mod tests;
