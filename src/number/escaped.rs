//! Numbers whose first byte holds small values itself, and announces a wider number for others.

use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError};
use crate::number::any::BuiltIn;
use crate::number::{Binary, Decoded, Number, at_least_one};
use crate::order::Order;
use crate::short::ShortBytes;

/// A number in some bits of its first byte. The greatest values of these bits announce that the number itself comes
/// after that byte.
///
/// ```text
///  WebSocket: the low 7 bits, 126 announces 16 bits, 127 announces 64
///
///  offset     0    1    2
///  5         05                        the bit above the 7 is another field's: 0 when encoded,
///  5         85                        ignored when decoded
///  300       7e   01   2c
///  65,536    7f   00   00   00   00   00   01   00   00
///
///  CoAP over TCP: the high 4 bits, 13 announces 8 bits and counts from 13, 14 announces 16 bits and counts from 269
///
///  5         50
///  20        d0   07
/// ```
///
/// ```
/// use anysplit::number::{Binary, Decoded, Escaped, Number};
/// use anysplit::contract::{FrameError, ShortBytes};
/// use anysplit::DecodeErrorKind;
///
/// let length = Escaped::new(0x7f)?.with_step(126, Binary::u16_be())?.with_step(127, Binary::u64_be())?;
/// let mut out = ShortBytes::empty();
/// length.encode(300, &mut out)?;
/// assert_eq!(out.as_slice(), [0x7e, 0x01, 0x2c]);
/// assert_eq!(length.decode(&[0xfe, 0x01, 0x2c], u64::MAX)?, Decoded::Value { value: 300, len: 3 });
///
/// // 5 needs one byte, and has three.
/// assert_eq!(length.decode(&[0x7e, 0x00, 0x05], u64::MAX), Err(FrameError::new(2, DecodeErrorKind::NotShortest)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// If the least step is 0, the first byte holds no value, and its bits only choose the width. So the flags and length
/// of a ZMTP frame are the mask `0x02` with `with_step(0, u8)` and `with_step(1, u64_be)`.
///
/// Errors of decoding, each at the first byte that proves it:
///
/// - [`DecodeErrorKind::NotShortest`] for a number in more bytes than it needs, unless allowed;
/// - [`DecodeErrorKind::NumberTooLarge`] for a number over [`max`](Number::max);
/// - [`DecodeErrorKind::ReservedForm`] for bits above the least step that are no step.
///
/// Cost: constant time, at most 9 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Escaped {
    /// One unbroken run of bits.
    mask: u8,
    max: u64,
    /// Without gaps, by rising value. Each has a greater reach than the one before.
    steps: [Option<Step>; Escaped::STEPS],
    longer: bool,
}

/// A value of the first byte's bits that announces a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Step {
    value: u8,
    number: Binary,
    /// Added to the number after the first byte.
    base: u64,
}

impl Step {
    /// Returns the greatest value that the step can mean.
    const fn reach(&self) -> u64 {
        self.base.saturating_add(self.number.greatest())
    }
}

impl Escaped {
    /// The greatest count of steps.
    pub const STEPS: usize = 4;

    /// Selects the bits of the first byte that `mask` has set. Without a step they are the complete number.
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

    /// Adds a step: `value` in the bits announces `number` after the first byte.
    ///
    /// # Errors
    ///
    /// As [`with_step_from`](Self::with_step_from).
    pub const fn with_step(self, value: u8, number: Binary) -> Result<Self, ConfigError> {
        self.with_step_from(value, number, 0)
    }

    /// Adds a step: `value` in the bits announces `number` after the first byte, and `base` is added to that.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] for a value that the bits cannot hold or that is not above the step before, for a
    /// number that reaches no further than that step, and for a base that leaves numbers out; [`ConfigError::TooMany`]
    /// for a fifth step.
    pub const fn with_step_from(mut self, value: u8, number: Binary, base: u64) -> Result<Self, ConfigError> {
        let step = Step { value, number, base };
        if value > self.mask >> self.mask.trailing_zeros() {
            return Err(ConfigError::Conflict("a step does not fit into its bits"));
        }
        let mut least = value as u64;
        let mut at = 0;
        while at < Self::STEPS {
            match self.steps[at] {
                None if base > least => {
                    return Err(ConfigError::Conflict("some numbers between two steps cannot be written"));
                }
                None => {
                    self.steps[at] = Some(step);
                    self.max = step.reach();
                    return Ok(self);
                }
                Some(before) if before.value >= value || before.reach() >= step.reach() => {
                    return Err(ConfigError::Conflict(
                        "steps must be in ascending order, and so must their greatest numbers",
                    ));
                }
                Some(before) => {
                    least = before.reach().saturating_add(1);
                    at += 1;
                }
            }
        }
        Err(ConfigError::TooMany { found: Self::STEPS + 1, max: Self::STEPS })
    }

    /// Lowers the greatest number to `max`. A `max` over the present greatest number changes nothing.
    #[must_use]
    pub const fn with_max(mut self, max: u64) -> Self {
        if max < self.max {
            self.max = max;
        }
        self
    }

    /// Accepts numbers in more bytes than they need too. Encoding still writes the shortest form.
    #[must_use]
    pub const fn allowing_longer_forms(mut self) -> Self {
        self.longer = true;
        self
    }

    /// Returns the mask of the bits in the first byte.
    #[must_use]
    pub const fn mask(&self) -> u8 {
        self.mask
    }

    /// Returns whether decoding accepts numbers in more bytes than they need.
    #[must_use]
    pub const fn allows_longer_forms(&self) -> bool {
        self.longer
    }

    /// Returns the steps: the value in the bits, the number it announces, and the base.
    pub fn steps(&self) -> impl Iterator<Item = (u8, Binary, u64)> + '_ {
        self.steps.iter().flatten().map(|step| (step.value, step.number, step.base))
    }

    /// Returns the greatest number that the steps hold.
    #[cfg(feature = "spec")]
    pub(crate) fn reach(&self) -> u64 {
        let bits = self.mask.wrapping_shr(self.mask.trailing_zeros());
        self.steps.iter().flatten().last().map_or(bits.into(), Step::reach)
    }

    /// Returns the least step. Lower bits are the number themselves.
    #[inline]
    const fn inline(&self) -> u8 {
        match self.steps[0] {
            Some(step) => step.value,
            // Without a step 255 is a number too: see `in_first`.
            None => u8::MAX,
        }
    }

    /// Returns whether these bits are the number themselves.
    #[inline]
    const fn in_first(&self, bits: u8) -> bool {
        self.steps[0].is_none() || bits < self.inline()
    }

    /// Returns the step that writes `value`, or `None` if the first byte holds it.
    fn step_for(&self, value: u64) -> Option<Step> {
        if u8::try_from(value).is_ok_and(|bits| self.in_first(bits)) {
            return None;
        }
        self.steps.iter().flatten().copied().find(|step| step.base <= value && value <= step.reach())
    }

    /// Returns the least value that the step at `index` may have when decoded.
    fn least(&self, index: usize) -> u64 {
        match index.checked_sub(1).and_then(|before| self.steps.get(before).copied().flatten()) {
            _ if self.longer => 0,
            Some(before) => before.reach().saturating_add(1),
            None => u64::from(self.inline()),
        }
    }

    /// Returns the error, if no number of this step that begins with `bytes` is valid.
    ///
    /// Those numbers are `first`, whose missing bytes are zeros, then `first + stride` and so on up to `last`.
    fn error_after(&self, index: usize, step: &Step, bytes: &[u8]) -> Option<DecodeErrorKind> {
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

    /// Appends the shortest form of `value`, with `others` in the first byte's other bits.
    fn write(&self, value: u64, others: u8, out: &mut ShortBytes) -> Result<(), EncodeError> {
        let refused = EncodeError::DoesNotFit { value, max: self.max };
        if value > self.max {
            return Err(refused);
        }
        let shift = self.mask.trailing_zeros();
        let step = self.step_for(value);
        let bits = match step {
            Some(step) => step.value,
            None => u8::try_from(value).map_err(|_| refused)?,
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
            // If the first byte holds no value, a number follows it.
            let widths = self.steps.iter().flatten().map(|step| step.number.width());
            let after = if self.in_first(0) { 0 } else { widths.min().unwrap_or_default() };
            return Ok(Decoded::Incomplete(at_least_one(1 + after)));
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
        let number = after.get(..step.number.width()).unwrap_or(after);
        for at in 0..=number.len() {
            if let Some(kind) = self.error_after(index, step, &number[..at]) {
                return Err(FrameError::new(at, kind));
            }
        }
        Ok(match step.number.decode(number, u64::MAX)? {
            Decoded::Incomplete(need) => Decoded::Incomplete(need),
            Decoded::Value { value, len } => Decoded::Value { value: value.saturating_add(step.base), len: 1 + len },
        })
    }

    fn fixed_len(&self) -> Option<usize> {
        self.steps[0].is_none().then_some(1)
    }

    fn rewrite(&self, value: u64, field: &[u8], out: &mut ShortBytes) -> Result<(), EncodeError> {
        self.write(value, field.first().copied().unwrap_or_default(), out)
    }

    #[inline]
    fn built_in(&self) -> Option<BuiltIn<'_>> {
        Some(BuiltIn::Escaped(self))
    }
}

#[cfg(test)]
mod tests;
