//! Binary numbers: whole bytes in one of the two byte orders, and runs of bits inside them.

use crate::error::{ConfigError, EncodeError, FrameError};
use crate::number::{AnyNumber, Decoded, Number, at_least_one};
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
/// use anysplit::{ShortBytes, EncodeError};
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
/// Errors: every run of bytes is a number, so decoding never fails. Encoding refuses what the width does not hold.
///
/// Cost: constant time; one read of 8 bytes where the input has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Binary {
    /// The bits of a `u64` that the number lacks: `64 - 8 * width`, at most 56.
    shift: u8,
    /// In bytes, 1 to 8.
    width: u8,
    order: Order,
}

impl Binary {
    /// The greatest width in bytes.
    pub const MAX_WIDTH: usize = 8;

    /// `width` bytes in this order.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Width`] outside 1 to 8.
    pub const fn new(width: usize, order: Order) -> Result<Self, ConfigError> {
        // Spelt out, as `u8::try_from` cannot be called in a `const fn`.
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

    /// One byte: 0 to 255.
    #[must_use]
    pub const fn u8() -> Self {
        Self::of(1, Order::NETWORK)
    }

    /// Two bytes, network order: 0 to 65 535.
    #[must_use]
    pub const fn u16_be() -> Self {
        Self::of(2, Order::Big)
    }

    /// Two bytes, little-endian order: 0 to 65 535.
    #[must_use]
    pub const fn u16_le() -> Self {
        Self::of(2, Order::Little)
    }

    /// Three bytes, network order: 0 to 2^24 − 1.
    #[must_use]
    pub const fn u24_be() -> Self {
        Self::of(3, Order::Big)
    }

    /// Three bytes, little-endian order: 0 to 2^24 − 1.
    #[must_use]
    pub const fn u24_le() -> Self {
        Self::of(3, Order::Little)
    }

    /// Four bytes, network order: 0 to 2^32 − 1.
    #[must_use]
    pub const fn u32_be() -> Self {
        Self::of(4, Order::Big)
    }

    /// Four bytes, little-endian order: 0 to 2^32 − 1.
    #[must_use]
    pub const fn u32_le() -> Self {
        Self::of(4, Order::Little)
    }

    /// Six bytes, network order: 0 to 2^48 − 1.
    #[must_use]
    pub const fn u48_be() -> Self {
        Self::of(6, Order::Big)
    }

    /// Six bytes, little-endian order: 0 to 2^48 − 1.
    #[must_use]
    pub const fn u48_le() -> Self {
        Self::of(6, Order::Little)
    }

    /// Eight bytes, network order: 0 to 2^64 − 1.
    #[must_use]
    pub const fn u64_be() -> Self {
        Self::of(8, Order::Big)
    }

    /// Eight bytes, little-endian order: 0 to 2^64 − 1.
    #[must_use]
    pub const fn u64_le() -> Self {
        Self::of(8, Order::Little)
    }

    /// The width in bytes, 1 to 8.
    #[inline]
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width as usize
    }

    /// The order of the bytes. For one byte it makes no difference.
    #[inline]
    #[must_use]
    pub const fn order(&self) -> Order {
        self.order
    }

    /// The greatest number, 2^(8 × width) − 1.
    #[inline]
    pub(super) const fn greatest(&self) -> u64 {
        // As `>>`; the wrapping form has no panic in it, and `shift` is below 64.
        u64::MAX.wrapping_shr(self.shift as u32)
    }

    /// The width in bytes.
    #[cfg(feature = "alloc")]
    #[inline]
    pub(crate) const fn width_u16(&self) -> u16 {
        self.width as u16
    }

    /// The number at the front of `input`, of which 8 bytes are there. Its order is the network's.
    #[inline]
    pub(crate) fn read_big(&self, input: &[u8]) -> Option<u64> {
        Some(u64::from_be_bytes(*input.first_chunk()?).wrapping_shr(self.shift.into()))
    }

    /// The number at the front of `input`, of which 8 bytes are there. Its order is little-endian.
    #[inline]
    pub(crate) fn read_little(&self, input: &[u8]) -> Option<u64> {
        let shift = self.shift.into();
        // The bytes after the number are shifted out.
        Some(u64::from_le_bytes(*input.first_chunk()?).wrapping_shl(shift).wrapping_shr(shift))
    }

    /// The number at the front of `input`, if all of it is there.
    #[inline]
    fn read(&self, input: &[u8]) -> Option<u64> {
        if self.width == 4 && self.order == Order::Big {
            // The commonest form saves the shift, which the address of the next frame would have to wait for.
            return input.first_chunk::<4>().map(|word| u32::from_be_bytes(*word).into());
        }
        // One read for every width.
        let value = match self.order {
            Order::Big => self.read_big(input),
            Order::Little => self.read_little(input),
        };
        value.or_else(|| self.read_near_end(input))
    }

    /// As [`read`](Self::read) where `input` has fewer than 8 bytes.
    fn read_near_end(&self, input: &[u8]) -> Option<u64> {
        let bytes = input.get(..self.width())?.iter();
        let join = |value, &byte| value << 8 | u64::from(byte);
        Some(match self.order {
            Order::Big => bytes.fold(0, join),
            Order::Little => bytes.rfold(0, join),
        })
    }

    /// The bytes of `value`, which must fit, at the front or the end of the 8 as the order has it.
    #[inline]
    fn bytes(&self, value: u64) -> ([u8; 8], core::ops::Range<usize>) {
        match self.order {
            Order::Big => (value.to_be_bytes(), 8 - self.width()..8),
            Order::Little => (value.to_le_bytes(), 0..self.width()),
        }
    }

    /// The answer while fewer than `width` bytes are there.
    #[inline]
    fn more(&self, have: usize) -> Decoded {
        Decoded::More(at_least_one(self.width().saturating_sub(have)))
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
    fn encode_word(&self, value: u64) -> Option<([u8; 8], u8)> {
        if value > self.greatest() {
            return None;
        }
        let word = match self.order {
            Order::Big => value.wrapping_shl(self.shift.into()).to_be_bytes(),
            Order::Little => value.to_le_bytes(),
        };
        Some((word, self.width))
    }

    #[inline]
    fn decode(&self, input: &[u8], _: u64) -> Result<Decoded, FrameError> {
        Ok(match self.read(input) {
            Some(value) => Decoded::Value { value, len: self.width() },
            None => self.more(input.len()),
        })
    }

    #[inline]
    fn fixed_len(&self) -> Option<usize> {
        Some(self.width())
    }

    #[inline]
    fn to_any(&self) -> Option<AnyNumber> {
        Some((*self).into())
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
///           1010                   the rest: 0 when written anew, kept by `overwrite`, passed over when read
/// ```
///
/// ```
/// use anysplit::number::{Binary, Bits, Decoded, Number};
///
/// let length = Bits::new(Binary::u16_be(), 0x0fff)?;
/// assert_eq!(length.max(), 4095);
/// assert_eq!(length.decode(&[0xa0, 0x05], u64::MAX)?, Decoded::Value { value: 5, len: 2 });
///
/// let mut field = [0xa0, 0x05];
/// length.overwrite(0x123, &mut field)?;
/// assert_eq!(field, [0xa1, 0x23]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Errors: every run of bytes is a number, so decoding never fails. Encoding refuses what the bits do not hold.
///
/// Cost: as [`Binary`], and a mask and a shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bits {
    /// One unbroken run of bits, at least one, within the number's width.
    mask: u64,
    number: Binary,
}

impl Bits {
    /// The bits of `number` that `mask` has set, counted from the least significant bit of the whole number.
    ///
    /// # Errors
    ///
    /// [`ConfigError::BitMask`] for a mask that is 0, has a hole, or does not fit the number's width.
    pub const fn new(number: Binary, mask: u64) -> Result<Self, ConfigError> {
        if mask == 0 || mask > number.greatest() {
            return Err(ConfigError::BitMask { found: mask });
        }
        // At the bottom, a run of ones and its successor share no bit. 2^64 − 1 has the successor 0, which is right too.
        let run = mask >> mask.trailing_zeros();
        if run & run.wrapping_add(1) != 0 {
            return Err(ConfigError::BitMask { found: mask });
        }
        Ok(Self { mask, number })
    }

    /// The whole number that the bits are part of.
    #[inline]
    #[must_use]
    pub const fn number(&self) -> Binary {
        self.number
    }

    /// Which bits they are, counted from the least significant bit of the whole number.
    #[inline]
    #[must_use]
    pub const fn mask(&self) -> u64 {
        self.mask
    }

    /// The whole number with `value` in the bits and 0 in the rest.
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
            None => self.number.more(input.len()),
        })
    }

    #[inline]
    fn fixed_len(&self) -> Option<usize> {
        Some(self.number.width())
    }

    fn overwrite(&self, value: u64, field: &mut [u8]) -> Result<(), EncodeError> {
        let placed = self.place(value)?;
        let wrong = EncodeError::WrongLength { len: field.len() as u64, expected: self.number.width() as u64 };
        let before = self.number.read(field).filter(|_| field.len() == self.number.width()).ok_or(wrong)?;
        let (bytes, range) = self.number.bytes(before & !self.mask | placed);
        field.copy_from_slice(&bytes[range]);
        Ok(())
    }

    #[inline]
    fn to_any(&self) -> Option<AnyNumber> {
        Some((*self).into())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    const WIDE: usize = 64;

    /// What is one above the greatest is refused, and nothing is written.
    #[track_caller]
    pub(in crate::number) fn refuses_more(number: &impl Number) {
        let max = number.max();
        let Some(value) = max.checked_add(1) else { return };
        let mut out = ShortBytes::new(b"kept").unwrap();
        assert_eq!(number.encode(value, &mut out), Err(EncodeError::DoesNotFit { value, max }));
        assert_eq!(number.encoded_len(value), None);
        assert_eq!(out.as_slice(), b"kept");
    }

    /// Writes `value`, and reads it back alone, with bytes after it, and cut at every place. Gives its length.
    #[track_caller]
    pub(in crate::number) fn holds(number: &impl Number, value: u64) -> usize {
        let mut wire = ShortBytes::empty();
        number.encode(value, &mut wire).unwrap();
        assert_eq!(number.encoded_len(value), Some(wire.len()));
        assert!(number.fixed_len().is_none_or(|len| len == wire.len()));
        for after in [0x00, 0x01, b'0', b':', 0x80, 0xff] {
            let mut input = [after; WIDE];
            input[..wire.len()].copy_from_slice(&wire);
            for end in wire.len()..wire.len() + 10 {
                let decoded = number.decode(&input[..end], value);
                assert_eq!(decoded, Ok(Decoded::Value { value, len: wire.len() }), "{:02x?}", &input[..end]);
            }
        }
        answers_agree(number, &wire, u64::MAX);
        let mut field = [0; WIDE];
        number.overwrite(value, &mut field[..wire.len()]).unwrap();
        assert_eq!(&field[..wire.len()], wire.as_slice());
        wire.len()
    }

    /// Asks for the number at the front of every beginning of `input`, and checks the contract of `Number::decode`:
    ///
    /// - once there is a number or a fault, it stays;
    /// - a fault lies at the last byte of the shortest input that has it;
    /// - `need` is exact: some `need` bytes more, and no fewer, make a number.
    #[track_caller]
    pub(in crate::number) fn answers_agree(number: &impl Number, input: &[u8], useful: u64) {
        let mut settled = None;
        let mut least = 0;
        for end in 0..=input.len() {
            let answer = number.decode(&input[..end], useful);
            if settled.is_some() {
                assert_eq!(Some(answer), settled, "{:02x?} changed its mind at {end}", input);
                continue;
            }
            match answer {
                Ok(Decoded::More(need)) => {
                    assert!(end < number.fixed_len().unwrap_or(WIDE));
                    assert!(number.fixed_len().is_none_or(|len| len - end == need.get()));
                    least = least.max(end + need.get());
                    completes(number, &input[..end], need.get(), useful);
                }
                Ok(Decoded::Value { len, .. }) => {
                    assert_eq!(len, end, "{input:02x?} is a number late or early");
                    assert!(end >= least, "{input:02x?} was said to need {least}");
                    settled = Some(answer);
                }
                Err(fault) => {
                    assert_eq!(fault.at + 1, end, "{input:02x?} has its fault late or early");
                    settled = Some(answer);
                }
            }
        }
    }

    #[track_caller]
    fn completes(number: &impl Number, start: &[u8], need: usize, useful: u64) {
        let mut input = [0; WIDE];
        input[..start.len()].copy_from_slice(start);
        for left in (0..need).rev() {
            let end = start.len() + need - left;
            // The likely ones first, then all.
            let byte = [b'0', 0x01, 0x7f, 0x80].into_iter().chain(0..=255).find(|byte| {
                input[end - 1] = *byte;
                match number.decode(&input[..end], useful) {
                    Ok(Decoded::More(need)) => need.get() == left,
                    Ok(Decoded::Value { .. }) => left == 0,
                    Err(_) => false,
                }
            });
            assert!(byte.is_some(), "{start:02x?} cannot be completed with {need} bytes");
        }
    }

    fn every_binary() -> impl Iterator<Item = Binary> {
        (1..=8).flat_map(|width| [Order::Big, Order::Little].map(|order| Binary::new(width, order).unwrap()))
    }

    /// Byte by byte, with no thought for speed.
    fn naive(number: Binary, input: &[u8]) -> Option<u64> {
        let mut bytes = [0; 8];
        for (place, byte) in bytes.iter_mut().take(number.width()).enumerate() {
            let at = match number.order() {
                Order::Big => number.width() - 1 - place,
                Order::Little => place,
            };
            *byte = *input.get(at)?;
        }
        Some(u64::from_le_bytes(bytes))
    }

    #[test]
    fn a_width_outside_1_to_8_is_refused() {
        for found in [0, 9, 16, 256, 257, usize::MAX] {
            assert_eq!(Binary::new(found, Order::Big), Err(ConfigError::Width { found, min: 1, max: 8 }));
        }
    }

    #[test]
    fn the_constructors_have_the_width_and_order_of_their_names() {
        let named = [
            (Binary::u8(), 1, Order::Big),
            (Binary::u16_be(), 2, Order::Big),
            (Binary::u16_le(), 2, Order::Little),
            (Binary::u24_be(), 3, Order::Big),
            (Binary::u24_le(), 3, Order::Little),
            (Binary::u32_be(), 4, Order::Big),
            (Binary::u32_le(), 4, Order::Little),
            (Binary::u48_be(), 6, Order::Big),
            (Binary::u48_le(), 6, Order::Little),
            (Binary::u64_be(), 8, Order::Big),
            (Binary::u64_le(), 8, Order::Little),
        ];
        for (number, width, order) in named {
            assert_eq!(Ok(number), Binary::new(width, order));
            assert_eq!((number.width(), number.order()), (width, order));
        }
        assert!(size_of::<Binary>() <= 4);
    }

    #[test]
    fn binary_numbers_hold_every_value_around_a_byte_and_at_their_limit() {
        for number in every_binary() {
            let max = number.max();
            assert_eq!(max, u64::MAX >> (64 - 8 * number.width()));
            for value in (0..=600).chain((0..64).flat_map(|bit| [(1 << bit) - 1, 1 << bit, (1 << bit) + 1])) {
                if value <= max {
                    assert_eq!(holds(&number, value), number.width());
                }
            }
            holds(&number, max - 1);
            holds(&number, max);
            refuses_more(&number);
        }
    }

    #[test]
    fn binary_numbers_read_as_the_naive_twin_does_from_inputs_of_every_length() {
        let input = [0x81, 0x02, 0xf3, 0x04, 0x95, 0x06, 0xa7, 0x08, 0xb9, 0x0a, 0xcb];
        for number in every_binary() {
            for end in 0..=input.len() {
                let found = match number.decode(&input[..end], 0).unwrap() {
                    Decoded::Value { value, .. } => Some(value),
                    Decoded::More(need) => {
                        assert_eq!(need.get(), number.width() - end);
                        None
                    }
                };
                assert_eq!(found, naive(number, &input[..end]));
            }
        }
    }

    #[test]
    fn a_mask_that_is_empty_or_holed_or_too_wide_is_refused() {
        for found in [0, 0b101, 0xf0f0, 0x1_0000, 0x1_ffff, u64::MAX, 1 << 63 | 1] {
            assert_eq!(Bits::new(Binary::u16_be(), found), Err(ConfigError::BitMask { found }));
        }
        assert_eq!(Bits::new(Binary::u64_be(), u64::MAX - 2), Err(ConfigError::BitMask { found: u64::MAX - 2 }));
        assert!(Bits::new(Binary::u64_be(), u64::MAX).is_ok());
        assert!(Bits::new(Binary::u64_le(), 1 << 63).is_ok());
        assert!(Bits::new(Binary::u8(), 0x80).is_ok());
    }

    #[test]
    fn every_run_of_bits_holds_its_values_and_leaves_the_others_alone() {
        for number in every_binary() {
            let bits = 8 * number.width();
            for low in 0..bits {
                for high in [low, low + 1, low + 6, bits - 1] {
                    if high < low || high >= bits {
                        continue;
                    }
                    let mask = u64::MAX >> (63 - (high - low)) << low;
                    let some = Bits::new(number, mask).unwrap();
                    let max = u64::MAX >> (63 - (high - low));
                    assert_eq!((some.max(), some.mask(), some.number()), (max, mask, number));
                    assert_eq!(some.fixed_len(), Some(number.width()));
                    for value in [0, 1, max / 3, max] {
                        holds(&some, value);
                        let mut field = [0xa5; 8];
                        let field = &mut field[..number.width()];
                        some.overwrite(value, field).unwrap();
                        let all = naive(number, field).unwrap();
                        assert_eq!(all & mask, value << low);
                        assert_eq!(all & !mask, 0xa5a5_a5a5_a5a5_a5a5 >> (64 - bits) & !mask);
                        assert_eq!(some.decode(field, 0), Ok(Decoded::Value { value, len: number.width() }));
                    }
                    if let Some(value) = max.checked_add(1) {
                        let refused = Err(EncodeError::DoesNotFit { value, max });
                        assert_eq!(some.encode(value, &mut ShortBytes::empty()), refused);
                        assert_eq!(some.overwrite(value, &mut [0; 8][..number.width()]), refused);
                        assert_eq!(some.encoded_len(value), None);
                    }
                }
            }
        }
    }

    #[test]
    fn bits_go_only_over_a_field_of_their_own_width() {
        let some = Bits::new(Binary::u16_be(), 0x0fff).unwrap();
        for len in [0, 1, 3, 9] {
            let mut field = [0xee; 9];
            let refused = Err(EncodeError::WrongLength { len: len as u64, expected: 2 });
            assert_eq!(some.overwrite(5, &mut field[..len]), refused);
            assert_eq!(field, [0xee; 9]);
        }
    }
}
