//! Numbers on the wire: binary, ASCII, variable-length.
//!
//! A number representation serves as a length prefix. It also reports how many bytes a number takes.
//!
//! | representation | 5 on the wire | greatest |
//! | --- | --- | --- |
//! | [`Binary`] of 1 to 8 bytes, in either byte order | `00 00 00 05` | 2^(8 × width) − 1 |
//! | [`Bits`]: some bits of a binary number | `?0 05` | what the bits hold |
//! | [`Ascii`] decimal or hex, of fixed width | `00005` | 99,999 |
//! | [`Ascii`] decimal or hex, ended by a terminator | `5:` | 2^64 − 1, or a lower limit |
//! | [`Bcd`] of 1 to 8 bytes | `00 05` | 9,999 |
//! | [`Escaped`]: small ones in the first byte, which announces a wider number for others | `05` | 2^64 − 1, or less |
//! | [`Varint::leb128`] | `05` | 2^64 − 1 |
//! | [`Varint::quic`] (RFC 9000) | `05` | 2^62 − 1 |
//! | [`Varint::mqtt`] | `05` | 268,435,455 |
//! | [`Varint::ber`] (X.690 definite length) | `05` | 2^64 − 1 |
//!
//! [`AnyNumber`] is any of these, chosen at run time. Other representations implement [`Number`].

use core::num::NonZeroUsize;

use crate::error::{EncodeError, FrameError};
use crate::short::ShortBytes;

mod any;
mod ascii;
mod bcd;
mod binary;
mod escaped;
mod fields;
#[cfg(test)]
mod testing;
mod varint;

pub use any::AnyNumber;
pub(crate) use any::BuiltIn;
#[cfg(feature = "alloc")]
pub(crate) use any::for_each_number;
pub use ascii::Ascii;
pub use bcd::Bcd;
pub use binary::{Binary, Bits};
pub use escaped::Escaped;
pub use varint::Varint;

/// How a number from 0 to [`max`](Self::max) is written on the wire. Small, immutable, valid in both directions.
///
/// ```
/// use anysplit::number::{Decoded, Number};
/// use anysplit::contract::{FrameError, ShortBytes};
/// use anysplit::{DecodeErrorKind, EncodeError, Framing, Prefix};
/// use core::num::NonZeroUsize;
///
/// /// One letter: `a` means 0, `z` means 25.
/// struct Letter;
///
/// impl Number for Letter {
///     fn max(&self) -> u64 {
///         25
///     }
///     fn encoded_len(&self, value: u64) -> Option<usize> {
///         (value <= 25).then_some(1)
///     }
///     fn encode(&self, value: u64, out: &mut ShortBytes) -> Result<(), EncodeError> {
///         match u8::try_from(value) {
///             Ok(value) if value <= 25 => out.push(&[b'a' + value]),
///             _ => Err(EncodeError::DoesNotFit { value, max: 25 }),
///         }
///     }
///     fn decode(&self, input: &[u8], _limit: u64) -> Result<Decoded, FrameError> {
///         match input.first() {
///             None => Ok(Decoded::Incomplete(NonZeroUsize::MIN)),
///             Some(letter @ b'a'..=b'z') => Ok(Decoded::Value { value: u64::from(letter - b'a'), len: 1 }),
///             Some(_) => Err(FrameError::new(0, DecodeErrorKind::Custom("not a letter from a to z"))),
///         }
///     }
/// }
///
/// let mut wire = Vec::new();
/// Prefix::new(Letter).encode(b"hello", &mut wire)?;
/// assert_eq!(wire, b"fhello");
/// # Ok::<(), EncodeError>(())
/// ```
pub trait Number {
    /// Returns the greatest number that can be written.
    fn max(&self) -> u64;

    /// Returns how many bytes `value` takes, or `None` if it does not fit.
    fn encoded_len(&self, value: u64) -> Option<usize>;

    /// Appends `value` to `out`.
    ///
    /// # Errors
    ///
    /// [`EncodeError::DoesNotFit`] for a value over [`max`](Self::max). Nothing is then appended.
    fn encode(&self, value: u64, out: &mut ShortBytes) -> Result<(), EncodeError>;

    /// Reads the number at the start of `input`. If it is incomplete, reports how many more bytes it has at least.
    ///
    /// `limit` is the greatest value that the caller accepts. It is for a representation of unlimited width, such as
    /// digits up to a terminator: that fails with
    /// [`DecodeErrorKind::NumberTooLarge`](crate::DecodeErrorKind::NumberTooLarge) at the first byte that proves a
    /// greater value. Other representations ignore `limit`, and the caller compares.
    ///
    /// # Errors
    ///
    /// A [`FrameError`] at the first byte that proves that this is no number of this form. The bytes after that
    /// one never change the error.
    fn decode(&self, input: &[u8], limit: u64) -> Result<Decoded, FrameError>;

    /// Returns the width in bytes, if every value has the same. Default: `None`.
    fn fixed_len(&self) -> Option<usize> {
        None
    }

    /// Appends `value` to `out` and keeps the other bits of `field`, which holds a number of this representation.
    ///
    /// The width of `value` may differ from that of `field`. Default: [`encode`](Self::encode), for representations
    /// that use every bit of their bytes.
    ///
    /// # Errors
    ///
    /// As [`encode`](Self::encode).
    fn rewrite(&self, value: u64, field: &[u8], out: &mut ShortBytes) -> Result<(), EncodeError> {
        let _ = field;
        self.encode(value, out)
    }

    /// Returns the representation, if it is one of the crate's.
    ///
    /// Other crates cannot name the result, so they cannot override this method.
    #[doc(hidden)]
    #[inline]
    fn built_in(&self) -> Option<BuiltIn<'_>> {
        None
    }
}

impl<N: Number + ?Sized> Number for &N {
    #[inline]
    fn max(&self) -> u64 {
        (**self).max()
    }
    #[inline]
    fn encoded_len(&self, value: u64) -> Option<usize> {
        (**self).encoded_len(value)
    }
    #[inline]
    fn encode(&self, value: u64, out: &mut ShortBytes) -> Result<(), EncodeError> {
        (**self).encode(value, out)
    }
    #[inline]
    fn decode(&self, input: &[u8], limit: u64) -> Result<Decoded, FrameError> {
        (**self).decode(input, limit)
    }
    #[inline]
    fn fixed_len(&self) -> Option<usize> {
        (**self).fixed_len()
    }
    #[inline]
    fn rewrite(&self, value: u64, field: &[u8], out: &mut ShortBytes) -> Result<(), EncodeError> {
        (**self).rewrite(value, field, out)
    }
    #[inline]
    fn built_in(&self) -> Option<BuiltIn<'_>> {
        (**self).built_in()
    }
}

/// The result of [`Number::decode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decoded {
    /// The number is complete.
    Value {
        /// The number.
        value: u64,
        /// How many bytes it takes.
        len: usize,
    },
    /// The number has at least this many more bytes.
    Incomplete(NonZeroUsize),
}

/// Returns `n`, or 1 for 0.
#[inline]
pub(crate) const fn at_least_one(n: usize) -> NonZeroUsize {
    match NonZeroUsize::new(n) {
        Some(n) => n,
        None => NonZeroUsize::MIN,
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::format;
    use std::string::String;

    use super::*;
    use crate::order::Order;

    /// Every result for a value, and for a field with other bits.
    fn results<N: Number>(number: &N, value: u64) -> String {
        let (mut written, mut rewritten, field) = (ShortBytes::empty(), ShortBytes::empty(), [0x95; 32]);
        let len = number.encoded_len(value);
        let sizes = (number.max(), len, number.fixed_len());
        let built_in = number.built_in();
        let (any, word) = (built_in.map(BuiltIn::to_any), built_in.and_then(|number| number.encode_word(value)));
        let encoded = (number.encode(value, &mut written), written);
        let kept = (number.rewrite(value, &field[..len.unwrap_or(1)], &mut rewritten), rewritten);
        let decoded = (number.decode(b"x", 1), number.decode(&written, value));
        format!("{sizes:?} {any:?} {word:?} {encoded:?} {kept:?} {decoded:?}")
    }

    #[test]
    fn reference_and_any_number_give_the_same_results() {
        fn same<N: Number + Copy + Into<AnyNumber>>(number: N) {
            for value in [0, 1, 5, 62, 100, 300, 70_000, u64::MAX] {
                let expected = results(&number, value);
                let (reference, any) = (&number, number.into());
                assert_eq!(results(&reference, value), expected);
                assert_eq!(results(&any, value), expected);
                assert_eq!(number.built_in().map(BuiltIn::to_any), Some(any));
            }
        }
        same(Binary::new(3, Order::Little).unwrap());
        same(Bits::new(Binary::u16_be(), 0x0ff0).unwrap());
        same(Ascii::decimal5());
        same(Ascii::netstring().with_max(300));
        same(Bcd::four_digits());
        same(Escaped::new(0x3c).unwrap().with_step(14, Binary::u8()).unwrap());
        same(Varint::mqtt());
    }

    #[test]
    fn provided_methods_encode_and_know_no_width() {
        struct Byte;
        impl Number for Byte {
            fn max(&self) -> u64 {
                255
            }
            fn encoded_len(&self, value: u64) -> Option<usize> {
                Binary::u8().encoded_len(value)
            }
            fn encode(&self, value: u64, out: &mut ShortBytes) -> Result<(), EncodeError> {
                Binary::u8().encode(value, out)
            }
            fn decode(&self, input: &[u8], limit: u64) -> Result<Decoded, FrameError> {
                Binary::u8().decode(input, limit)
            }
        }
        let mut out = ShortBytes::empty();
        assert_eq!(Byte.rewrite(5, &[0xff; 3], &mut out), Ok(()));
        assert_eq!(out.as_slice(), [5]);
        assert_eq!(Byte.rewrite(256, &[0xff], &mut out), Err(EncodeError::DoesNotFit { value: 256, max: 255 }));
        assert_eq!(out.as_slice(), [5]);
        assert!(Byte.fixed_len().is_none() && Byte.built_in().is_none());
    }
}
