//! One limit for framings that hold others.

use core::ops::RangeInclusive;

use crate::contract::Framing;
use crate::framing::by_first_byte::ByFirstByte;
use crate::framing::by_type::{Body, ByType};
use crate::framing::chunked::Chunked;
use crate::framing::delimited::Delimited;
use crate::framing::either::Either;
use crate::framing::enclosed::Enclosed;
use crate::framing::fixed::Fixed;
use crate::framing::header_block::HeaderBlock;
use crate::framing::length_field::LengthField;
use crate::framing::line_then_block::LineThenBlock;
use crate::framing::prefix::Prefix;
use crate::framing::until_close::UntilClose;
use crate::number::Number;

/// A framing whose limit can be set, whatever framing it is: what `with_max_payload_len` of one that holds others
/// asks of these.
///
/// ```
/// use anysplit::{ByFirstByte, Delimited, Either, Framing, Limit, Prefix, EncodeError};
///
/// let framing = ByFirstByte::new([
///     (0..=0, Either::A(Prefix::u16_be())),
///     (b' '..=b'~', Either::B(Delimited::line())),
/// ])?
/// .with_max_payload_len(5);
/// assert_eq!(framing.max_payload_len(), 5);
/// assert_eq!(framing.encode_into(b"hello!", &mut [0; 9]), Err(EncodeError::Oversize { len: 6, max: 5 }));
/// # Ok::<(), anysplit::ConfigError>(())
/// ```
pub trait Limit: Framing + Sized {
    /// The same with another limit, in bytes of payload. Binds both directions.
    ///
    /// Where both sides have agreed on a length, as with [`Fixed`](crate::Fixed), there is none to set. What holds
    /// several framings sets it for each.
    #[must_use]
    fn limited_to(self, max: u64) -> Self;
}

impl Limit for Fixed {
    /// As it is: its length is agreed.
    fn limited_to(self, _: u64) -> Self {
        self
    }
}

macro_rules! has_a_limit {
    ($($({$($generics:tt)*})? $framing:ty;)*) => {$(
        impl$(<$($generics)*>)? Limit for $framing {
            fn limited_to(self, max: u64) -> Self {
                self.with_max_payload_len(max)
            }
        }
    )*};
}

has_a_limit! {
    Chunked;
    HeaderBlock;
    UntilClose;
    {N: Number} Prefix<N>;
    {N: Number} LengthField<N>;
    {S: crate::Delimiters} Delimited<S>;
    {S: crate::Delimiters} Enclosed<S>;
    {R: AsRef<[crate::BlockRule]>} LineThenBlock<R>;
}

impl<A: Limit, B: Limit> Limit for Either<A, B> {
    fn limited_to(self, max: u64) -> Self {
        self.with_max_payload_len(max)
    }
}

impl<A: Limit, B: Limit> Either<A, B> {
    /// The same with another limit, in bytes of payload. Binds both directions.
    #[must_use]
    pub fn with_max_payload_len(self, max: u64) -> Self {
        match self {
            Self::A(framing) => Self::A(framing.limited_to(max)),
            Self::B(framing) => Self::B(framing.limited_to(max)),
        }
    }
}

impl<F: Limit, T: AsRef<[(RangeInclusive<u8>, F)]> + AsMut<[(RangeInclusive<u8>, F)]>> Limit for ByFirstByte<F, T>
where
    F: Clone,
{
    fn limited_to(self, max: u64) -> Self {
        self.with_max_payload_len(max)
    }
}

impl<F, T> ByFirstByte<F, T>
where
    F: Limit + Clone,
    T: AsRef<[(RangeInclusive<u8>, F)]> + AsMut<[(RangeInclusive<u8>, F)]>,
{
    /// The same with another limit, in bytes of payload, for each of its framings. Binds both directions.
    #[must_use]
    pub fn with_max_payload_len(mut self, max: u64) -> Self {
        for (_, framing) in self.table_mut() {
            *framing = framing.clone().limited_to(max);
        }
        self
    }
}

impl<F, T> Limit for ByType<F, T>
where
    F: Limit + Clone,
    T: AsRef<[(u8, Body<F>)]> + AsMut<[(u8, Body<F>)]>,
{
    fn limited_to(self, max: u64) -> Self {
        self.with_max_payload_len(max)
    }
}

impl<F, T> ByType<F, T>
where
    F: Limit + Clone,
    T: AsRef<[(u8, Body<F>)]> + AsMut<[(u8, Body<F>)]>,
{
    /// The same with another limit, in bytes of payload, for each of its framings. Binds both directions. Types that
    /// have a length keep it.
    #[must_use]
    pub fn with_max_payload_len(mut self, max: u64) -> Self {
        for (_, rest) in self.table_mut() {
            if let Body::Framed(framing) = rest {
                *framing = framing.clone().limited_to(max);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::{BlockRule, DecodeErrorKind, Located, Progress};

    #[test]
    fn every_framing_in_a_table_has_the_limit_that_the_table_was_given() {
        let types = [(b'a', Body::Framed(Either::A(Prefix::u8()))), (b'b', Body::Framed(Either::B(Chunked::new())))];
        let typed = ByType::new([types[0], types[1], (b'c', Body::Len(9))]).unwrap();
        let block = LineThenBlock::new([BlockRule::braces()]).unwrap();
        let all = ByFirstByte::new([(b'a'..=b'c', Either::A(typed)), (b'd'..=b'z', Either::B(block))]).unwrap();
        let all = all.with_max_payload_len(3);
        for (wire, len) in [(&b"a\x04"[..], 4), (b"b4\r\n", 4), (b"d{4}\r\n", 4)] {
            let kind = all.locate(wire, Progress::default()).unwrap_err().kind;
            assert_eq!(kind, DecodeErrorKind::Oversize { len, max: 3 });
        }
        assert!(matches!(all.locate(b"c", Progress::default()), Ok(Located::Known(_))));
        assert_eq!(Fixed::new(9).unwrap().limited_to(3), Fixed::new(9).unwrap());
    }
}
