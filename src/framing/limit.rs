//! One way to set the limit of every framing.

use crate::contract::Framing;
use crate::framing::after::After;
use crate::framing::blocks::Blocks;
use crate::framing::by_first_byte::{ByFirstByte, ByteRange};
use crate::framing::by_type::{Body, ByType};
use crate::framing::checked::Checked;
use crate::framing::chunked::Chunked;
use crate::framing::delimited::{Delimited, Delimiters};
use crate::framing::dotted::Dotted;
use crate::framing::doubled::Doubled;
use crate::framing::either::Either;
use crate::framing::enclosed::Enclosed;
use crate::framing::escaped_frame::EscapedFrame;
use crate::framing::fixed::Fixed;
use crate::framing::forbid::Forbid;
use crate::framing::header_block::HeaderBlock;
use crate::framing::http1::Http1;
use crate::framing::length_field::LengthField;
use crate::framing::line_then_block::{BlockRule, LineThenBlock};
use crate::framing::masked::Masked;
use crate::framing::mavlink::Mavlink;
use crate::framing::midi::Midi;
use crate::framing::prefix::Prefix;
use crate::framing::require::Require;
use crate::framing::smp_serial::SmpSerial;
use crate::framing::stuffed::{Stuffed, Stuffing};
use crate::framing::then::Then;
use crate::framing::universal_line::UniversalLine;
use crate::framing::until_close::UntilClose;
use crate::framing::values::{AnyValues, Ber, Cbor, Json, JsonSeq, MessagePack, Resp};
use crate::number::Number;
use crate::sum::Sum;

/// A framing whose limit can be set, whatever framing it is.
///
/// Most framings have a method of the same name that is a `const fn`; this one calls it.
///
/// ```
/// use anysplit::{ByFirstByte, Delimited, Either, EncodeError, Framing, Limit, Prefix};
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
    /// Sets the limit, in bytes of payload. It applies to encoding and decoding.
    ///
    /// A framing that holds others sets it for each of them. A length that both sides have agreed on, as in
    /// [`Fixed`](crate::Fixed), stays.
    #[must_use]
    fn with_max_payload_len(self, max: u64) -> Self;
}

impl Limit for Fixed {
    /// Returns it unchanged: a fixed length has no limit.
    fn with_max_payload_len(self, _: u64) -> Self {
        self
    }
}

macro_rules! has_a_limit {
    ($($({$($generics:tt)*})? $framing:ty;)*) => {$(
        impl$(<$($generics)*>)? Limit for $framing {
            fn with_max_payload_len(self, max: u64) -> Self {
                // Calls the inherent method.
                <$framing>::with_max_payload_len(self, max)
            }
        }
    )*};
}

has_a_limit! {
    Chunked;
    Dotted;
    Doubled;
    HeaderBlock;
    Http1;
    Midi;
    SmpSerial;
    {T: AsRef<[(u32, u8)]>} Mavlink<T>;
    UniversalLine;
    UntilClose;
    AnyValues;
    Ber;
    Cbor;
    Json;
    JsonSeq;
    MessagePack;
    Resp;
    {N: Number} Prefix<N>;
    {N: Number} LengthField<N>;
    {S: Delimiters} Delimited<S>;
    {S: Stuffing, C: Sum} Stuffed<S, C>;
    {R: AsRef<[BlockRule]>} LineThenBlock<R>;
}

impl<F: Limit> Limit for Enclosed<F> {
    fn with_max_payload_len(self, max: u64) -> Self {
        self.map(|inner| inner.with_max_payload_len(max))
    }
}

impl<F: Limit> Limit for Forbid<F> {
    fn with_max_payload_len(self, max: u64) -> Self {
        self.map(|inner| inner.with_max_payload_len(max))
    }
}

impl<F: Limit> Limit for Masked<F> {
    fn with_max_payload_len(self, max: u64) -> Self {
        self.map(|inner| inner.with_max_payload_len(max))
    }
}

impl<F: Limit> Limit for Require<F> {
    fn with_max_payload_len(self, max: u64) -> Self {
        self.map(|inner| inner.with_max_payload_len(max))
    }
}

impl<A: Limit, B: Limit> Limit for Either<A, B> {
    fn with_max_payload_len(self, max: u64) -> Self {
        match self {
            Self::A(framing) => Self::A(framing.with_max_payload_len(max)),
            Self::B(framing) => Self::B(framing.with_max_payload_len(max)),
        }
    }
}

impl<F: Limit, S: Sum> Limit for Checked<F, S> {
    fn with_max_payload_len(self, max: u64) -> Self {
        self.map(|inner| inner.with_max_payload_len(max), |sum| sum)
    }
}

impl<F: Limit, S: Sum> Limit for Blocks<F, S> {
    fn with_max_payload_len(self, max: u64) -> Self {
        self.map(|inner| inner.with_max_payload_len(max), |sum| sum)
    }
}

impl<F: Limit> Limit for EscapedFrame<F> {
    fn with_max_payload_len(self, max: u64) -> Self {
        self.map(|inner| inner.with_max_payload_len(max))
    }
}

impl<F: Limit> Limit for After<F> {
    fn with_max_payload_len(self, max: u64) -> Self {
        self.map(|inner| inner.with_max_payload_len(max))
    }
}

impl<A: Limit, B: Limit> Limit for Then<A, B> {
    fn with_max_payload_len(self, max: u64) -> Self {
        self.map(|first| first.with_max_payload_len(max), |rest| rest.with_max_payload_len(max))
    }
}

impl<F, T> Limit for ByFirstByte<F, T>
where
    F: Limit + Clone,
    T: AsRef<[(ByteRange, F)]> + AsMut<[(ByteRange, F)]>,
{
    fn with_max_payload_len(mut self, max: u64) -> Self {
        for (_, framing) in self.table_mut() {
            *framing = framing.clone().with_max_payload_len(max);
        }
        self
    }
}

impl<F, T> Limit for ByType<F, T>
where
    F: Limit + Clone,
    T: AsRef<[(u8, Body<F>)]> + AsMut<[(u8, Body<F>)]>,
{
    /// Sets the limit for each framing in the table. Types that have a length keep it.
    fn with_max_payload_len(mut self, max: u64) -> Self {
        self.change(|framing| framing.clone().with_max_payload_len(max));
        self
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::DecodeErrorKind;
    use crate::contract::{Located, Progress};

    #[test]
    fn limit_of_a_table_is_set_for_every_framing_in_it() {
        let types = [(b'a', Body::Framed(Either::A(Prefix::u8()))), (b'b', Body::Framed(Either::B(Chunked::new())))];
        let typed = ByType::new([types[0], types[1], (b'c', Body::Len(9))]).unwrap();
        let block = LineThenBlock::new([BlockRule::braces()]).unwrap();
        let all = ByFirstByte::new([(b'a'..=b'c', Either::A(typed)), (b'd'..=b'z', Either::B(block))]).unwrap();
        let all = all.with_max_payload_len(3);
        for (wire, len) in [(&b"a\x04"[..], 4), (b"b4\r\n", 4), (b"d{4}\r\n", 4)] {
            let kind = all.locate(wire, &mut Progress::default()).unwrap_err().kind;
            assert_eq!(kind, DecodeErrorKind::Oversize { len, max: 3 });
        }
        assert!(matches!(all.locate(b"c", &mut Progress::default()), Ok(Located::Known(_))));
        let nine = Fixed::new(9).unwrap();
        assert_eq!(nine.with_max_payload_len(3), nine);
    }

    #[test]
    fn limit_of_a_framing_around_others_is_set_inside() {
        let enclosed = Enclosed::new(b"$", Prefix::u8()).unwrap().with_max_payload_len(3);
        assert_eq!(enclosed.max_payload_len(), 3);
        let then = Then::new(Prefix::u8(), Prefix::u16_be()).with_max_payload_len(3);
        assert_eq!((then.first().max_payload_len(), then.rest().max_payload_len()), (3, 3));
    }
}
