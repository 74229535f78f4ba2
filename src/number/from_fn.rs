//! A number representation made of two closures.

use core::fmt;

use crate::error::{DecodeErrorKind, EncodeError, FrameError};
use crate::number::{Decoded, Number};
use crate::short::ShortBytes;

/// A number representation from 0 to `max` that writes with `encode` and reads with `decode`.
///
/// `encode` appends the bytes of a value, which is never over `max`. `decode` is given all the input there is and
/// answers as [`Number::decode`] must: the number, how many bytes it lacks at least, or the first byte that is wrong.
///
/// # Example
///
/// The length of two bytes of binary-coded decimal that many ISO 8583 links put ahead of a message.
///
/// ```text
///  offset    0   1
///  wire     01  23      123
/// ```
///
/// ```
/// use anysplit::number::{Decoded, Number, from_fn};
/// use anysplit::{FrameError, DecodeErrorKind, ShortBytes, EncodeError};
///
/// let bcd = from_fn(
///     9999,
///     |value, out| {
///         let pair = |hundreds: u64| u8::try_from(hundreds / 10 * 16 + hundreds % 10).unwrap_or(0);
///         out.push(&[pair(value / 100), pair(value % 100)])
///     },
///     |input| {
///         let mut value = 0;
///         for (at, &byte) in input.iter().take(2).enumerate() {
///             if byte >> 4 > 9 || byte & 15 > 9 {
///                 return Err(FrameError::new(at, DecodeErrorKind::Custom("not two decimal digits")));
///             }
///             value = value * 100 + u64::from(byte >> 4) * 10 + u64::from(byte & 15);
///         }
///         match (2_usize.saturating_sub(input.len())).try_into() {
///             Ok(need) => Ok(Decoded::More(need)),
///             Err(_) => Ok(Decoded::Value { value, len: 2 }),
///         }
///     },
/// );
///
/// let mut out = ShortBytes::empty();
/// bcd.encode(123, &mut out)?;
/// assert_eq!(out.as_slice(), [0x01, 0x23]);
/// assert_eq!(bcd.decode(&[0x01, 0x23, 0xff], 9999)?, Decoded::Value { value: 123, len: 2 });
/// assert_eq!(bcd.decode(&[0x0a], 9999).unwrap_err().at, 0);
/// assert_eq!(bcd.encode(10_000, &mut out), Err(EncodeError::DoesNotFit { value: 10_000, max: 9999 }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Cost: what the closures cost. [`Number::encoded_len`] calls `encode`.
pub const fn from_fn<E, D>(max: u64, encode: E, decode: D) -> FromFn<E, D>
where
    E: Fn(u64, &mut ShortBytes) -> Result<(), EncodeError>,
    D: Fn(&[u8]) -> Result<Decoded, FrameError>,
{
    FromFn { max, encode, decode }
}

/// A number representation made of two closures: see [`from_fn`].
#[derive(Clone, Copy)]
pub struct FromFn<E, D> {
    max: u64,
    encode: E,
    decode: D,
}

impl<E, D> fmt::Debug for FromFn<E, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromFn").field("max", &self.max).finish_non_exhaustive()
    }
}

impl<E, D> Number for FromFn<E, D>
where
    E: Fn(u64, &mut ShortBytes) -> Result<(), EncodeError>,
    D: Fn(&[u8]) -> Result<Decoded, FrameError>,
{
    #[inline]
    fn max(&self) -> u64 {
        self.max
    }

    fn encoded_len(&self, value: u64) -> Option<usize> {
        let mut bytes = ShortBytes::empty();
        self.encode(value, &mut bytes).ok().map(|()| bytes.len())
    }

    #[inline]
    fn encode(&self, value: u64, out: &mut ShortBytes) -> Result<(), EncodeError> {
        if value > self.max {
            return Err(EncodeError::DoesNotFit { value, max: self.max });
        }
        // A closure that fails half-way must not leave half a number, nor reach what stands there already.
        let mut bytes = ShortBytes::empty();
        (self.encode)(value, &mut bytes)?;
        out.push(&bytes)
    }

    #[inline]
    fn decode(&self, input: &[u8], _: u64) -> Result<Decoded, FrameError> {
        let decoded = (self.decode)(input)?;
        match decoded {
            Decoded::Value { value, len } if value > self.max => {
                Err(FrameError::new(len.saturating_sub(1), DecodeErrorKind::NumberTooLarge { max: self.max }))
            }
            _ => Ok(decoded),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::number::binary::tests::{answers_agree, holds};

    /// `=` and a byte of three times the value.
    fn tripled() -> impl Number + fmt::Debug {
        from_fn(
            50,
            |value, out| {
                out.push(b"=")?;
                match u8::try_from(value * 3) {
                    Ok(_) if value == 13 => Err(EncodeError::Custom("unlucky")),
                    Ok(byte) => out.push(&[byte]),
                    Err(_) => Err(EncodeError::Custom("never")),
                }
            },
            |input| match *input {
                [] => Ok(Decoded::More(2.try_into().unwrap())),
                [found, ..] if found != b'=' => {
                    Err(FrameError::new(0, DecodeErrorKind::Mismatch { found, expected: b'=' }))
                }
                [_] => Ok(Decoded::More(1.try_into().unwrap())),
                [_, byte, ..] if byte % 3 != 0 => Err(FrameError::new(1, DecodeErrorKind::Custom("no multiple of 3"))),
                [_, byte, ..] => Ok(Decoded::Value { value: u64::from(byte / 3), len: 2 }),
            },
        )
    }

    #[test]
    fn closures_write_and_read_numbers() {
        let number = tripled();
        for value in (0..=50).filter(|value| *value != 13) {
            assert_eq!(holds(&number, value), 2);
        }
        for byte in 0..=255 {
            answers_agree(&number, &[b'=', byte, 0], u64::MAX);
        }
        answers_agree(&number, b"?", u64::MAX);
        assert_eq!(number.max(), 50);
        assert_eq!(number.encoded_len(13), None);
    }

    #[test]
    fn the_greatest_number_binds_both_directions() {
        let number = tripled();
        assert_eq!(number.encode(51, &mut ShortBytes::empty()), Err(EncodeError::DoesNotFit { value: 51, max: 50 }));
        assert_eq!(number.decode(&[b'=', 150], 0), Ok(Decoded::Value { value: 50, len: 2 }));
        assert_eq!(
            number.decode(&[b'=', 153], 99),
            Err(FrameError::new(1, DecodeErrorKind::NumberTooLarge { max: 50 }))
        );
    }

    #[test]
    fn what_closures_cannot_show_is_left_out() {
        assert_eq!(std::format!("{:?}", tripled()), "FromFn { max: 50, .. }");
    }

    #[test]
    fn a_closure_that_fails_half_way_leaves_nothing_after() {
        let mut out = ShortBytes::new(b"kept").unwrap();
        assert_eq!(tripled().encode(13, &mut out), Err(EncodeError::Custom("unlucky")));
        assert_eq!(out.as_slice(), b"kept");
    }
}
