//! Numbers whose first byte holds small values itself, and announces a wider number for others.

use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError};
use crate::number::{AnyNumber, Binary, Decoded, Number, at_least_one};
use crate::order::Order;
use crate::short::ShortBytes;

/// A number in some bits of its first byte, where the greatest values of these bits announce that the number itself
/// comes after that byte.
///
/// ```text
///  WebSocket: the low 7 bits, 126 announces 16 bits, 127 announces 64
///
///  offset     0    1    2
///  5         05                        the bit above the 7 is another field's: 0 when written anew
///  5         85                        and passed over when read
///  300       7e   01   2c
///  65 536    7f   00   00   00   00   00   01   00   00
///
///  CoAP over TCP: the high 4 bits, 13 announces 8 bits and counts from 13, 14 announces 16 bits and counts from 269
///
///  5         50
///  20        d0   07
/// ```
///
/// ```
/// use anysplit::number::{Binary, Decoded, Escaped, Number};
/// use anysplit::{FrameError, DecodeErrorKind, ShortBytes};
///
/// let length = Escaped::new(0x7f)?.with_step(126, Binary::u16_be())?.with_step(127, Binary::u64_be())?;
/// let mut out = ShortBytes::empty();
/// length.encode(300, &mut out)?;
/// assert_eq!(out.as_slice(), [0x7e, 0x01, 0x2c]);
/// assert_eq!(length.decode(&[0xfe, 0x01, 0x2c], u64::MAX)?, Decoded::Value { value: 300, len: 3 });
///
/// // 5 in three bytes, where one would do.
/// assert_eq!(length.decode(&[0x7e, 0x00, 0x05], u64::MAX), Err(FrameError::new(2, DecodeErrorKind::NotShortest)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Where the least step is 0, no value stands in the first byte, and its bits only choose the width: with the mask
/// `0x02`, `with_step(0, u8)` and `with_step(1, u64_be)` make the flags and length of a ZMTP frame.
///
/// Errors, when read, each at the first byte that proves it:
///
/// - [`DecodeErrorKind::NotShortest`] for a number in more bytes than it needs, unless allowed;
/// - [`DecodeErrorKind::NumberTooLarge`] for one over [`max`](Number::max);
/// - [`DecodeErrorKind::ReservedForm`] for a value of the bits above the least step that is no step.
///
/// Cost: constant time, at most 9 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Escaped {
    /// One unbroken run of bits.
    mask: u8,
    max: u64,
    /// Those that are there come first, by rising value, each of a greater reach than the one before.
    steps: [Option<Step>; Escaped::STEPS],
    longer: bool,
}

/// A value of the first byte's bits that announces a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Step {
    value: u8,
    number: Binary,
    /// Is added to the number after the first byte.
    base: u64,
}

impl Step {
    /// The greatest value it can stand for.
    const fn reach(&self) -> u64 {
        self.base.saturating_add(self.number.greatest())
    }
}

impl Escaped {
    /// How many steps there may be.
    pub const STEPS: usize = 4;

    /// The bits of the first byte that `mask` has set. Without a step they are all of the number.
    ///
    /// # Errors
    ///
    /// [`ConfigError::BitMask`] for a mask that is 0 or has a hole.
    pub const fn new(mask: u8) -> Result<Self, ConfigError> {
        if mask == 0 {
            return Err(ConfigError::BitMask { found: 0 });
        }
        let run = mask >> mask.trailing_zeros();
        if run & run.wrapping_add(1) != 0 {
            return Err(ConfigError::BitMask { found: mask as u64 });
        }
        Ok(Self { mask, max: run as u64, steps: [None; Self::STEPS], longer: false })
    }

    /// The same, where `value` in the bits announces `number` after the first byte.
    ///
    /// # Errors
    ///
    /// As [`with_step_from`](Self::with_step_from).
    pub const fn with_step(self, value: u8, number: Binary) -> Result<Self, ConfigError> {
        self.with_step_from(value, number, 0)
    }

    /// The same, where `value` in the bits announces `number` after the first byte, and `base` is added to it.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] for a value that the bits do not hold or that is not above the step before, for a
    /// number that reaches no further than that, and for a base that leaves numbers out; [`ConfigError::TooMany`] for a
    /// fifth step.
    pub const fn with_step_from(mut self, value: u8, number: Binary, base: u64) -> Result<Self, ConfigError> {
        let step = Step { value, number, base };
        if value > self.mask >> self.mask.trailing_zeros() {
            return Err(ConfigError::Conflict("a step is greater than its bits hold"));
        }
        let mut least = value as u64;
        let mut at = 0;
        while at < Self::STEPS {
            match self.steps[at] {
                None if base > least => {
                    return Err(ConfigError::Conflict(
                        "between a step's base and the step before are numbers without a form",
                    ));
                }
                None => {
                    self.steps[at] = Some(step);
                    self.max = step.reach();
                    return Ok(self);
                }
                Some(before) if before.value >= value || before.reach() >= step.reach() => {
                    return Err(ConfigError::Conflict("steps must rise, in value and in reach"));
                }
                Some(before) => {
                    least = before.reach().saturating_add(1);
                    at += 1;
                }
            }
        }
        Err(ConfigError::TooMany { found: Self::STEPS + 1, max: Self::STEPS })
    }

    /// The same with `max` as the greatest number.
    ///
    /// One that the widest step cannot hold changes nothing: the steps say what is possible, and this allows less of it.
    #[must_use]
    pub const fn with_max(mut self, max: u64) -> Self {
        if max < self.max {
            self.max = max;
        }
        self
    }

    /// The same, reading numbers in more bytes than they need as well. The shortest form is still what is written.
    #[must_use]
    pub const fn allowing_longer_forms(mut self) -> Self {
        self.longer = true;
        self
    }

    /// Which bits of the first byte they are.
    #[must_use]
    pub const fn mask(&self) -> u8 {
        self.mask
    }

    /// Whether numbers in more bytes than they need are read too.
    #[must_use]
    pub const fn allows_longer_forms(&self) -> bool {
        self.longer
    }

    /// The steps: the value in the bits, the number it announces, and what is added to that.
    pub fn steps(&self) -> impl Iterator<Item = (u8, Binary, u64)> + '_ {
        self.steps.iter().flatten().map(|step| (step.value, step.number, step.base))
    }

    /// The greatest number that the steps have room for.
    #[cfg(feature = "spec")]
    pub(crate) fn reach(&self) -> u64 {
        let bits = self.mask.wrapping_shr(self.mask.trailing_zeros());
        self.steps.iter().flatten().last().map_or(bits.into(), Step::reach)
    }

    /// The first byte's bits below which they are the number.
    #[inline]
    const fn inline(&self) -> u8 {
        match self.steps[0] {
            Some(step) => step.value,
            // Wraps for all 8 bits, where 255 needs a word of its own: see `in_first`.
            None => u8::MAX,
        }
    }

    /// Whether these bits are the number themselves.
    #[inline]
    const fn in_first(&self, bits: u8) -> bool {
        self.steps[0].is_none() || bits < self.inline()
    }

    /// The step that writes `value`, or none where the first byte holds it.
    fn step_for(&self, value: u64) -> Option<Step> {
        if u8::try_from(value).is_ok_and(|bits| self.in_first(bits)) {
            return None;
        }
        self.steps.iter().flatten().copied().find(|step| step.base <= value && value <= step.reach())
    }

    /// The least value that the step at `index` may stand for when read.
    fn least(&self, index: usize) -> u64 {
        match index.checked_sub(1).and_then(|before| self.steps.get(before).copied().flatten()) {
            _ if self.longer => 0,
            Some(before) => before.reach().saturating_add(1),
            None => u64::from(self.inline()),
        }
    }

    /// Purpose no number of this step that begins with `bytes` can be right, if so.
    ///
    /// The numbers are `first`, `first + stride` and so on, as the bytes to come are all zeros, or more.
    fn hopeless(&self, index: usize, step: &Step, bytes: &[u8]) -> Option<DecodeErrorKind> {
        let rest = (step.number.width().saturating_sub(bytes.len())).saturating_mul(8);
        let value =
            |bytes: &mut dyn Iterator<Item = &u8>| bytes.fold(0, |sum: u128, &byte| sum << 8 | u128::from(byte));
        // In 128 bits: no shift is over 64, and nothing overflows.
        let (first, stride) = match step.number.order() {
            Order::Big => (value(&mut bytes.iter()) << rest, 1),
            Order::Little => (value(&mut bytes.iter().rev()), 1_u128 << (8 * bytes.len())),
        };
        let (first, base) = (first + u128::from(step.base), u128::from(step.base));
        let last = first + ((1_u128 << rest) - 1) * stride;
        let (least, max) = (u128::from(self.least(index)), u128::from(self.max));
        if last < least.max(base) {
            return Some(DecodeErrorKind::NotShortest);
        }
        let candidate = first + least.saturating_sub(first).div_ceil(stride) * stride;
        (candidate > max).then_some(DecodeErrorKind::NumberTooLarge { max: self.max })
    }

    /// `value`'s shortest form, with `others` in the first byte's other bits.
    fn write(&self, value: u64, others: u8, out: &mut ShortBytes) -> Result<(), EncodeError> {
        let refusal = EncodeError::DoesNotFit { value, max: self.max };
        if value > self.max {
            return Err(refusal);
        }
        let shift = self.mask.trailing_zeros();
        let step = self.step_for(value);
        let bits = match step {
            Some(step) => step.value,
            None => u8::try_from(value).map_err(|_| refusal)?,
        };
        let mut bytes = ShortBytes::new(&[others & !self.mask | bits.wrapping_shl(shift)])?;
        if let Some(step) = step {
            step.number.encode(value.saturating_sub(step.base), &mut bytes)?;
        }
        out.push(&bytes)
    }
}

impl Number for Escaped {
    #[inline]
    fn max(&self) -> u64 {
        self.max
    }

    fn encoded_len(&self, value: u64) -> Option<usize> {
        (value <= self.max).then(|| 1 + self.step_for(value).map_or(0, |step| step.number.width()))
    }

    fn encode(&self, value: u64, out: &mut ShortBytes) -> Result<(), EncodeError> {
        self.write(value, 0, out)
    }

    fn decode(&self, input: &[u8], _: u64) -> Result<Decoded, FrameError> {
        let Some((&first, after)) = input.split_first() else {
            // Where no value stands in the first byte, a number follows it.
            let widths = self.steps.iter().flatten().map(|step| step.number.width());
            let after = if self.in_first(0) { 0 } else { widths.min().unwrap_or_default() };
            return Ok(Decoded::More(at_least_one(1 + after)));
        };
        let bits = (first & self.mask) >> self.mask.trailing_zeros();
        let too_large = FrameError::new(0, DecodeErrorKind::NumberTooLarge { max: self.max });
        if self.in_first(bits) {
            let value = u64::from(bits);
            return if value > self.max { Err(too_large) } else { Ok(Decoded::Value { value, len: 1 }) };
        }
        let found = self.steps.iter().flatten().enumerate().find(|(_, step)| step.value == bits);
        let Some((index, step)) = found else {
            return Err(FrameError::new(0, DecodeErrorKind::ReservedForm { found: first }));
        };
        let there = after.get(..step.number.width()).unwrap_or(after);
        for at in 0..=there.len() {
            if let Some(kind) = self.hopeless(index, step, &there[..at]) {
                return Err(FrameError::new(at, kind));
            }
        }
        Ok(match step.number.decode(there, u64::MAX)? {
            Decoded::More(need) => Decoded::More(need),
            Decoded::Value { value, len } => Decoded::Value { value: value.saturating_add(step.base), len: 1 + len },
        })
    }

    fn fixed_len(&self) -> Option<usize> {
        self.steps[0].is_none().then_some(1)
    }

    fn overwrite(&self, value: u64, field: &mut [u8]) -> Result<(), EncodeError> {
        let mut bytes = ShortBytes::empty();
        self.rewrite(value, field, &mut bytes)?;
        if bytes.len() != field.len() {
            return Err(EncodeError::WrongLength { len: field.len() as u64, expected: bytes.len() as u64 });
        }
        field.copy_from_slice(&bytes);
        Ok(())
    }

    fn rewrite(&self, value: u64, field: &[u8], out: &mut ShortBytes) -> Result<(), EncodeError> {
        self.write(value, field.first().copied().unwrap_or_default(), out)
    }

    #[inline]
    fn to_any(&self) -> Option<AnyNumber> {
        Some((*self).into())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::number::binary::tests::{answers_agree, holds};
    use std::vec::Vec;

    fn web_socket() -> Escaped {
        let number = Escaped::new(0x7f).unwrap().with_step(126, Binary::u16_be()).unwrap();
        number.with_step(127, Binary::u64_be()).unwrap().with_max(i64::MAX.unsigned_abs())
    }

    fn compact_size() -> Escaped {
        let number = Escaped::new(0xff).unwrap().with_step(0xfd, Binary::u16_le()).unwrap();
        number.with_step(0xfe, Binary::u32_le()).unwrap().with_step(0xff, Binary::u64_le()).unwrap()
    }

    fn coap() -> Escaped {
        let number = Escaped::new(0xf0).unwrap().with_step_from(13, Binary::u8(), 13).unwrap();
        let number = number.with_step_from(14, Binary::u16_be(), 269).unwrap();
        number.with_step_from(15, Binary::u32_be(), 65_805).unwrap()
    }

    fn zmtp() -> Escaped {
        let number = Escaped::new(0x02).unwrap().with_step(0, Binary::u8()).unwrap();
        number.with_step(1, Binary::u64_be()).unwrap().allowing_longer_forms()
    }

    fn all() -> [Escaped; 5] {
        [web_socket(), compact_size(), coap(), zmtp(), Escaped::new(0x3c).unwrap()]
    }

    /// Every form that the steps allow, tried one by one.
    fn naive(number: &Escaped, input: &[u8]) -> Option<(u64, usize)> {
        let bits = (*input.first()? & number.mask()) >> number.mask().trailing_zeros();
        let steps: Vec<_> = number.steps().collect();
        let Some(&(_, wide, base)) = steps.iter().find(|(value, ..)| *value == bits) else {
            return Some((bits.into(), 1));
        };
        let bytes = input.get(1..=wide.width())?;
        let value = match wide.order() {
            Order::Big => bytes.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte)),
            Order::Little => bytes.iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte)),
        };
        Some((value.checked_add(base)?, 1 + wide.width()))
    }

    #[test]
    fn escaped_numbers_hold_every_value_around_their_steps() {
        for number in all() {
            let edges = [0, 13, 126, 253, 255, 256, 269, 65_535, 65_536, 65_805, u32::MAX.into(), number.max()];
            for edge in edges {
                for value in edge.saturating_sub(3)..=edge.saturating_add(3) {
                    if value <= number.max() {
                        holds(&number, value);
                    } else {
                        let refused = Err(EncodeError::DoesNotFit { value, max: number.max() });
                        assert_eq!(number.encode(value, &mut ShortBytes::empty()), refused);
                        assert_eq!(number.encoded_len(value), None);
                    }
                }
            }
        }
    }

    #[test]
    fn escaped_numbers_read_as_the_naive_twin_does() {
        for number in all() {
            for first in 0..=255 {
                for second in [0x00, 0x01, 0x7d, 0x7e, 0xfc, 0xfd, 0xff] {
                    for last in [0x00, 0x01, 0x0c, 0x80, 0xff] {
                        let input = [first, second, 0, 0, 0, 0, 0, 0, last];
                        answers_agree(&number, &input, u64::MAX);
                        let number = number.allowing_longer_forms();
                        if let Ok(Decoded::Value { value, len }) = number.decode(&input, u64::MAX) {
                            assert_eq!(naive(&number, &input), Some((value, len)));
                            assert!(value <= number.max());
                        } else {
                            assert!(naive(&number, &input).is_none_or(|(value, _)| value > number.max()));
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_examples_of_the_specifications_are_read() {
        let value = |value, len| Ok(Decoded::Value { value, len });
        // RFC 6455, section 5.7: 256 bytes, and 64 KiB.
        assert_eq!(web_socket().decode(&[0x7e, 0x01, 0x00], 0), value(256, 3));
        assert_eq!(web_socket().decode(&[0x7f, 0, 0, 0, 0, 0, 1, 0, 0], 0), value(65_536, 9));
        // RFC 8323, section 3.2.
        assert_eq!(coap().decode(&[0xd0, 0x00], 0), value(13, 2));
        assert_eq!(coap().decode(&[0xe0, 0x00, 0x00], 0), value(269, 3));
        // Bitcoin developer reference, CompactSize unsigned integers: 515.
        assert_eq!(compact_size().decode(&[0xfd, 0x03, 0x02], 0), value(515, 3));
    }

    #[test]
    fn a_value_between_the_steps_is_reserved() {
        // CBOR's argument (RFC 8949, section 3): 24 to 27 announce, 28 to 31 are reserved or have no length.
        let mut cbor = Escaped::new(0x1f).unwrap();
        for (value, number) in
            [(24, Binary::u8()), (25, Binary::u16_be()), (26, Binary::u32_be()), (27, Binary::u64_be())]
        {
            cbor = cbor.with_step(value, number).unwrap();
        }
        for found in 28..=31 {
            assert_eq!(cbor.decode(&[found], 0), Err(FrameError::new(0, DecodeErrorKind::ReservedForm { found })));
        }
        assert_eq!(cbor.decode(&[0x18, 0x17], 0), Err(FrameError::new(1, DecodeErrorKind::NotShortest)));
        holds(&cbor, 24);
        assert_eq!(cbor.with_step(31, Binary::u8()).map_err(|_| ()), Err(()));
    }

    #[test]
    fn the_other_bits_of_the_first_byte_are_kept_when_the_width_changes() {
        let mut out = ShortBytes::empty();
        web_socket().rewrite(300, &[0x85], &mut out).unwrap();
        assert_eq!(out.as_slice(), [0xfe, 0x01, 0x2c]);
        let mut field = [0xfe, 0x00, 0x00];
        web_socket().overwrite(300, &mut field).unwrap();
        assert_eq!(field, [0xfe, 0x01, 0x2c]);
        let refused = Err(EncodeError::WrongLength { len: 3, expected: 1 });
        assert_eq!(web_socket().overwrite(3, &mut field), refused);
        assert_eq!(field, [0xfe, 0x01, 0x2c]);
    }

    #[test]
    fn steps_that_do_not_rise_are_refused() {
        assert_eq!(Escaped::new(0), Err(ConfigError::BitMask { found: 0 }));
        assert_eq!(Escaped::new(0b101), Err(ConfigError::BitMask { found: 5 }));
        let number = Escaped::new(0x0f).unwrap();
        assert!(number.with_step(16, Binary::u8()).is_err());
        let number = number.with_step(13, Binary::u16_be()).unwrap();
        assert!(number.with_step(13, Binary::u32_be()).is_err());
        assert!(number.with_step(14, Binary::u16_le()).is_err());
        assert!(number.with_step(14, Binary::u24_be()).is_ok());
    }

    #[test]
    fn a_base_that_leaves_numbers_out_and_a_fifth_step_are_refused() {
        let number = Escaped::new(0xff).unwrap();
        let gap = ConfigError::Conflict("between a step's base and the step before are numbers without a form");
        assert_eq!(number.with_step_from(250, Binary::u8(), 251), Err(gap));
        let number = number.with_step_from(250, Binary::u8(), 250).unwrap();
        assert_eq!(number.with_step_from(251, Binary::u16_be(), 507), Err(gap));
        let number = number.with_step_from(251, Binary::u16_be(), 506).unwrap();
        let number = number.with_step(252, Binary::u24_be()).unwrap().with_step(253, Binary::u32_be()).unwrap();
        assert_eq!(number.with_step(254, Binary::u64_be()), Err(ConfigError::TooMany { found: 5, max: 4 }));
    }

    #[test]
    fn a_greatest_number_only_ever_lowers_what_the_steps_hold() {
        let number = coap();
        assert_eq!(number.max(), 65_805 + u64::from(u32::MAX));
        assert_eq!(number.with_max(u64::MAX), number);
        let number = number.with_max(300);
        assert_eq!((number.max(), number.with_max(301).max(), number.with_max(12).max()), (300, 300, 12));
        #[cfg(feature = "spec")]
        assert_eq!((number.reach(), Escaped::new(0x3c).unwrap().reach()), (65_805 + u64::from(u32::MAX), 15));
        let too_large = |at, max| Err(FrameError::new(at, DecodeErrorKind::NumberTooLarge { max }));
        assert_eq!(number.decode(&[0xe0, 0, 31], 0), Ok(Decoded::Value { value: 300, len: 3 }));
        assert_eq!(number.decode(&[0xe0, 0, 32], 0), too_large(2, 300));
        assert_eq!(number.decode(&[0xe0, 1], 0), too_large(1, 300));
        assert_eq!(number.decode(&[0xf0], 0), too_large(0, 300));
        assert_eq!(number.with_max(12).decode(&[0xd0], 0), too_large(0, 12));
    }

    #[test]
    fn the_parts_can_be_read_off() {
        assert!(zmtp().allows_longer_forms());
        assert!(!coap().allows_longer_forms());
        assert_eq!((Escaped::new(0x3c).unwrap().fixed_len(), coap().fixed_len()), (Some(1), None));
    }

    #[test]
    fn both_orders_fail_at_the_first_byte_that_proves_it() {
        for order in [Order::Big, Order::Little] {
            for (base, max) in [(0, 300), (0, 0x1234), (250, 251), (100, 400), (7, u64::MAX)] {
                let number = Escaped::new(0xff).unwrap();
                let number = number.with_step_from(251, Binary::new(2, order).unwrap(), base).unwrap().with_max(max);
                for (low, high) in (0..=255).flat_map(|low| [0, 1, 2, 0x12, 0xff].map(|high| (low, high))) {
                    answers_agree(&number, &[251, low, high], 0);
                    answers_agree(&number, &[251, high, low], 0);
                }
            }
        }
        let number = Escaped::new(0xff).unwrap().with_step(253, Binary::u16_le()).unwrap().with_max(300);
        let fault = |at, kind| Err(FrameError::new(at, kind));
        // 80 is too small and 80 + 256 too large; 32 + 256 is neither.
        assert_eq!(number.decode(&[253, 80], 0), fault(1, DecodeErrorKind::NumberTooLarge { max: 300 }));
        assert_eq!(number.decode(&[253, 32, 1], 0), Ok(Decoded::Value { value: 288, len: 3 }));
        assert_eq!(number.decode(&[253, 32, 0], 0), fault(2, DecodeErrorKind::NotShortest));
        assert_eq!(number.decode(&[253, 32, 2], 0), fault(2, DecodeErrorKind::NumberTooLarge { max: 300 }));
    }

    #[test]
    fn the_first_byte_holds_what_is_below_the_least_step_wherever_its_bits_are() {
        let number = Escaped::new(0xf0).unwrap().with_step(14, Binary::u8()).unwrap();
        for value in 0..14 {
            assert_eq!(holds(&number, value), 1);
        }
        assert_eq!(holds(&number, 14), 2);
    }
}
