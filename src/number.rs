//! Numbers on the wire: binary, ASCII, variable-length.
//!
//! A length prefix is a number representation used as a header, and the same types answer how many bytes a number takes
//! as text and as binary.
//!
//! | representation | 5 on the wire | greatest |
//! | --- | --- | --- |
//! | [`Binary`] of 1 to 8 bytes, either byte order | `00 00 00 05` | 2^(8 × width) − 1 |
//! | [`Bits`]: some bits of a binary number | `?0 05` | what the bits hold |
//! | [`Ascii`] decimal or hex, of fixed width | `00005` | 99 999 |
//! | [`Ascii`] decimal or hex, ended by a mark | `5:` | 2^64 − 1, or less if so built |
//! | [`Bcd`] of 1 to 8 bytes | `00 05` | 9 999 |
//! | [`Escaped`]: small ones in the first byte, which announces a wider number for others | `05` | 2^64 − 1, or less |
//! | [`Varint::leb128`] | `05` | 2^64 − 1 |
//! | [`Varint::quic`] (RFC 9000) | `05` | 2^62 − 1 |
//! | [`Varint::mqtt`] | `05` | 268 435 455 |
//! | [`Varint::ber`] (X.690 definite length) | `05` | 2^64 − 1 |
//!
//! [`AnyNumber`] is any of these, chosen at run time.

use core::num::NonZeroUsize;

use crate::error::{EncodeError, FrameError};
use crate::short::ShortBytes;

mod any;
mod ascii;
mod bcd;
mod binary;
mod escaped;
mod from_fn;
mod varint;

pub use any::AnyNumber;
#[cfg(feature = "alloc")]
pub(crate) use any::for_each_number;
pub use ascii::Ascii;
pub use bcd::Bcd;
pub use binary::{Binary, Bits};
pub use escaped::Escaped;
pub use from_fn::{FromFn, from_fn};
pub use varint::Varint;

/// How a number from 0 to [`max`](Self::max) stands on the wire. Small, immutable, valid in both directions.
///
/// For a representation of one's own implement this trait, or use [`from_fn`].
pub trait Number {
    /// The greatest number that can be written.
    fn max(&self) -> u64;

    /// How many bytes `value` takes, or `None` if it does not fit.
    fn encoded_len(&self, value: u64) -> Option<usize>;

    /// Appends `value` to `out`.
    ///
    /// # Errors
    ///
    /// [`EncodeError::DoesNotFit`] for a value over [`max`](Self::max). Nothing was appended.
    fn encode(&self, value: u64, out: &mut ShortBytes) -> Result<(), EncodeError>;

    /// The bytes of `value` at the front of a word, and how many they are, where there are at most 8 and that is cheaper
    /// than [`encode`](Self::encode), which says the same. Provided: `None`.
    #[inline]
    fn encode_word(&self, value: u64) -> Option<([u8; 8], u8)> {
        let _ = value;
        None
    }

    /// Reads the number at the front of `input`, or says how many more bytes it has at least.
    ///
    /// `useful` is the greatest value that the caller can accept. A representation whose width has no bound of its
    /// own, such as digits ended by a mark, fails with
    /// [`DecodeErrorKind::NumberTooLarge`](crate::DecodeErrorKind::NumberTooLarge) at the first byte that proves a greater one.
    /// Others read to the end and leave the comparison to the caller.
    ///
    /// # Errors
    ///
    /// A [`FrameError`] at the first byte that proves that no number of this form stands here. How much more input there is
    /// never changes it.
    fn decode(&self, input: &[u8], useful: u64) -> Result<Decoded, FrameError>;

    /// The width in bytes, if every value has the same. Provided: none.
    fn fixed_len(&self) -> Option<usize> {
        None
    }

    /// The same representation chosen at run time, if it is one of the crate's. Provided: none.
    #[inline]
    fn to_any(&self) -> Option<AnyNumber> {
        None
    }

    /// Writes `value` over `field`, which holds a number of this representation, and keeps what else its bytes hold.
    ///
    /// Provided: all of `field` is the number, so it must have the length that `value` takes.
    ///
    /// # Errors
    ///
    /// [`EncodeError::DoesNotFit`] for a value over [`max`](Self::max), [`EncodeError::WrongLength`] where `value` takes
    /// another number of bytes. `field` is then unchanged.
    fn overwrite(&self, value: u64, field: &mut [u8]) -> Result<(), EncodeError> {
        let mut bytes = ShortBytes::empty();
        self.encode(value, &mut bytes)?;
        if bytes.len() != field.len() {
            return Err(EncodeError::WrongLength { len: field.len() as u64, expected: bytes.len() as u64 });
        }
        field.copy_from_slice(&bytes);
        Ok(())
    }

    /// Appends `value` to `out`, with what else the bytes of `field` hold, a number of this representation whose width
    /// may be another.
    ///
    /// Provided: as [`overwrite`](Self::overwrite) where the width is the same, else as [`encode`](Self::encode). A
    /// representation of several widths that shares its first byte with flags keeps them.
    ///
    /// # Errors
    ///
    /// As [`encode`](Self::encode).
    fn rewrite(&self, value: u64, field: &[u8], out: &mut ShortBytes) -> Result<(), EncodeError> {
        let mut bytes = ShortBytes::empty();
        self.encode(value, &mut bytes)?;
        if bytes.len() == field.len() {
            let mut merged = [0; ShortBytes::CAPACITY];
            let merged =
                merged.get_mut(..field.len()).ok_or(EncodeError::HeaderTooLong { max: ShortBytes::CAPACITY })?;
            merged.copy_from_slice(field);
            self.overwrite(value, merged)?;
            bytes = ShortBytes::new(merged)?;
        }
        out.push(&bytes)
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
    fn encode_word(&self, value: u64) -> Option<([u8; 8], u8)> {
        (**self).encode_word(value)
    }
    #[inline]
    fn decode(&self, input: &[u8], useful: u64) -> Result<Decoded, FrameError> {
        (**self).decode(input, useful)
    }
    #[inline]
    fn fixed_len(&self) -> Option<usize> {
        (**self).fixed_len()
    }
    #[inline]
    fn to_any(&self) -> Option<AnyNumber> {
        (**self).to_any()
    }
    #[inline]
    fn overwrite(&self, value: u64, field: &mut [u8]) -> Result<(), EncodeError> {
        (**self).overwrite(value, field)
    }
    #[inline]
    fn rewrite(&self, value: u64, field: &[u8], out: &mut ShortBytes) -> Result<(), EncodeError> {
        (**self).rewrite(value, field, out)
    }
}

/// What is known of the number at the front of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decoded {
    /// All of it.
    Value {
        /// The number.
        value: u64,
        /// How many bytes it takes.
        len: usize,
    },
    /// It has at least this many bytes more.
    More(NonZeroUsize),
}

/// `n`, or 1 for 0.
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

    /// All that a number says of a value, and of a field where other bits may stand.
    fn answers<N: Number>(number: &N, value: u64) -> String {
        let (mut written, mut rewritten, mut field) = (ShortBytes::empty(), ShortBytes::empty(), [0x95; 32]);
        let len = number.encoded_len(value);
        let sizes = (number.max(), len, number.fixed_len(), number.to_any());
        let word = number.encode_word(value);
        let encoded = (number.encode(value, &mut written), written);
        let again = (number.rewrite(value, &field[..len.unwrap_or(1)], &mut rewritten), rewritten);
        let over = (number.overwrite(value, &mut field[..len.unwrap_or(1)]), field);
        let beyond = (number.overwrite(value, &mut []), number.decode(b"x", 1), number.decode(&written, value));
        format!("{sizes:?} {word:?} {encoded:?} {again:?} {over:?} {beyond:?}")
    }

    #[test]
    fn a_reference_and_a_choice_at_run_time_answer_as_the_number_itself() {
        fn same<N: Number + Copy + Into<AnyNumber>>(number: N) {
            for value in [0, 1, 5, 62, 100, 300, 70_000, u64::MAX] {
                let itself = answers(&number, value);
                let (reference, chosen) = (&number, number.into());
                assert_eq!(answers(&reference, value), itself);
                assert_eq!(answers(&chosen, value), itself);
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
}
