//! A framing chosen at run time.

use alloc::boxed::Box;

use crate::contract::{AtEof, Envelope, Framing, Located, NextStart, Part, Patch, Progress, Shape};
use crate::error::{EncodeError, FrameError};
use crate::framing::after::After;
use crate::framing::blocks::Blocks;
use crate::framing::by_first_byte::{ByFirstByte, ByteRange};
use crate::framing::by_type::{Body, ByType};
use crate::framing::checked::Checked;
use crate::framing::chunked::Chunked;
use crate::framing::delimited::{Delimited, DelimiterTable, Delimiters};
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
use crate::framing::limit::Limit;
use crate::framing::line_then_block::{BlockRule, LineThenBlock};
use crate::framing::masked::Masked;
use crate::framing::mavlink::Mavlink;
use crate::framing::midi::Midi;
use crate::framing::prefix::Prefix;
use crate::framing::require::Require;
use crate::framing::smp_serial::SmpSerial;
use crate::framing::stuffed::{AnyStuffing, Cobs, CobsVariant, Escaping, HexLine, Slip, Stuffed};
use crate::framing::then::Then;
use crate::framing::universal_line::UniversalLine;
use crate::framing::until_close::UntilClose;
use crate::framing::values::{AnyValues, Ber, Cbor, Json, JsonSeq, MessagePack, Resp};
use crate::number::{AnyNumber, Number, for_each_number};
use crate::sum::{AnySum, Crc, Plain};

/// Any framing of the crate, chosen at run time.
///
/// Every framing whose parts are all the crate's own converts to it with [`From`].
///
/// ```
/// use anysplit::{AnyFraming, Decoder, Delimited, Framing, Prefix};
///
/// for framing in [AnyFraming::from(Prefix::u16_be()), AnyFraming::from(Delimited::line())] {
///     let mut wire = Vec::new();
///     framing.encode(b"hello", &mut wire)?;
///     let mut decoder = Decoder::new(framing);
///     decoder.push(&wire)?;
///     assert_eq!(decoder.next_frame()?.unwrap().payload(), b"hello");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// With the `spec` feature it has a form in one line of text, such as `u16be` and `line`, for configuration files and
/// command lines: see the module `spec`.
///
/// Cost: that of the framing, and one branch for each call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnyFraming {
    /// Messages of one length.
    Fixed(Fixed),
    /// A number before the payload.
    Prefix(Prefix<AnyNumber>),
    /// A number inside the packet's header.
    LengthField(LengthField<AnyNumber>),
    /// A delimiter after every message.
    Delimited(Delimited<DelimiterTable>),
    /// The first byte is a type.
    ByType(Box<AnyByType>),
    /// One message, until the stream ends.
    UntilClose(UntilClose),
    /// The chunks of an HTTP body.
    Chunked(Chunked),
    /// Header fields, and one holds the length.
    HeaderBlock(Box<HeaderBlock>),
    /// HTTP/1 messages.
    Http1(Http1),
    /// Lines, and some announce a block.
    LineThenBlock(LineThenBlock<Box<[BlockRule]>>),
    /// Start bytes before every frame of another framing.
    Enclosed(Box<Enclosed<AnyFraming>>),
    /// The first byte chooses, and the chosen framing reads it too.
    ByFirstByte(AnyByFirstByte),
    /// SLIP.
    Slip(Stuffed<Slip>),
    /// COBS.
    Cobs(Stuffed<Cobs>),
    /// Another stuffing, or one with a checksum inside.
    Stuffed(Box<Stuffed<AnyStuffing, Option<AnySum>>>),
    /// One frame of the first, then frames of the second.
    Then(Box<Then<AnyFraming, AnyFraming>>),
    /// Bytes of the message before every frame of another framing.
    After(Box<After<AnyFraming>>),
    /// A checksum in every frame.
    Checked(Box<Checked<AnyFraming, AnySum>>),
    /// A checksum after each block of the payload.
    Blocks(Box<Blocks<AnyFraming, AnySum>>),
    /// Another framing's frames, escaped after a start byte.
    EscapedFrame(Box<EscapedFrame<AnyFraming>>),
    /// A payload with a doubled byte.
    Doubled(Doubled),
    /// Lines to a line of one dot.
    Dotted(Dotted),
    /// MAVLink.
    Mavlink(AnyMavlink),
    /// MIDI.
    Midi(Midi),
    /// The Simple Management Protocol on a console.
    SmpSerial(SmpSerial),
    /// Lines that end with CR, LF or CR LF.
    UniversalLine(UniversalLine),
    /// Bytes that the payloads of another framing must not have.
    Forbid(Box<Forbid<AnyFraming>>),
    /// Bytes that the frames of another framing must have.
    Require(Box<Require<AnyFraming>>),
    /// A key in the header that masks the payload.
    Masked(Box<Masked<AnyFraming>>),
    /// Values that end themselves.
    Values(AnyValues),
    /// A protocol's framing, by name.
    Protocol(Named),
}

/// The framing of a protocol, with its name. Equal to another of the same name and limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    name: &'static str,
    /// `None`: the protocol's own limit.
    max: Option<u64>,
    framing: Box<AnyFraming>,
}

impl Named {
    #[cfg(feature = "protocols")]
    pub(crate) fn new(name: &'static str, framing: AnyFraming) -> Self {
        Self { name, max: None, framing: Box::new(framing) }
    }

    /// Returns the protocol's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the limit, if it is not the protocol's own.
    #[must_use]
    pub const fn other_max_payload_len(&self) -> Option<u64> {
        self.max
    }

    /// Returns the framing without the name.
    #[must_use]
    pub fn framing(&self) -> &AnyFraming {
        &self.framing
    }
}

/// The table of an [`AnyFraming`] by type.
pub type AnyByType = ByType<AnyFraming, Box<[(u8, Body<AnyFraming>)]>>;

/// [`Mavlink`] with a table of any length.
pub type AnyMavlink = Mavlink<Box<[(u32, u8)]>>;

/// The table of an [`AnyFraming`] by first byte.
pub type AnyByFirstByte = ByFirstByte<AnyFraming, Box<[(ByteRange, AnyFraming)]>>;

macro_rules! for_each_framing {
    ($any:expr, $framing:ident => $code:expr) => {
        match $any {
            AnyFraming::Fixed($framing) => $code,
            AnyFraming::Prefix($framing) => $code,
            AnyFraming::LengthField($framing) => $code,
            AnyFraming::Delimited($framing) => $code,
            AnyFraming::ByType($framing) => $code,
            AnyFraming::UntilClose($framing) => $code,
            AnyFraming::Chunked($framing) => $code,
            AnyFraming::HeaderBlock($framing) => $code,
            AnyFraming::Http1($framing) => $code,
            AnyFraming::LineThenBlock($framing) => $code,
            AnyFraming::Enclosed($framing) => $code,
            AnyFraming::ByFirstByte($framing) => $code,
            AnyFraming::Slip($framing) => $code,
            AnyFraming::Cobs($framing) => $code,
            AnyFraming::Stuffed($framing) => $code,
            AnyFraming::Then($framing) => $code,
            AnyFraming::After($framing) => $code,
            AnyFraming::Checked($framing) => $code,
            AnyFraming::Blocks($framing) => $code,
            AnyFraming::EscapedFrame($framing) => $code,
            AnyFraming::Doubled($framing) => $code,
            AnyFraming::Dotted($framing) => $code,
            AnyFraming::Mavlink($framing) => $code,
            AnyFraming::Midi($framing) => $code,
            AnyFraming::SmpSerial($framing) => $code,
            AnyFraming::UniversalLine($framing) => $code,
            AnyFraming::Forbid($framing) => $code,
            AnyFraming::Require($framing) => $code,
            AnyFraming::Masked($framing) => $code,
            AnyFraming::Values($framing) => $code,
            AnyFraming::Protocol(Named { framing: $framing, .. }) => $code,
        }
    };
}

impl Framing for AnyFraming {
    #[inline]
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        match self {
            // The most common number is decoded inline: that costs no more than the branch to a call.
            Self::Prefix(prefix) => match prefix.number() {
                AnyNumber::Binary(number) => prefix.rules().locate(number, input, progress),
                _ => self.locate_apart(input, progress),
            },
            _ => self.locate_apart(input, progress),
        }
    }
    #[inline]
    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        for_each_framing!(self, framing => framing.envelope(message))
    }
    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        for_each_framing!(self, framing => framing.check(part, sum))
    }
    fn open(&self, header: &[u8], payload: &mut [u8], at: u64, memo: &mut u64) -> usize {
        for_each_framing!(self, framing => framing.open(header, payload, at, memo))
    }
    fn seal(&self, message: &[u8], frame: &mut [u8]) {
        for_each_framing!(self, framing => framing.seal(message, frame));
    }
    fn at_eof(&self, rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
        for_each_framing!(self, framing => framing.at_eof(rest, progress))
    }
    fn next_start(&self, input: &[u8], from: usize) -> NextStart {
        for_each_framing!(self, framing => framing.next_start(input, from))
    }
    #[inline]
    fn envelope_after(&self, previous: u32, message: &[u8]) -> Result<(Envelope<'_>, u32), EncodeError> {
        for_each_framing!(self, framing => framing.envelope_after(previous, message))
    }
    fn seal_after(&self, previous: u32, message: &[u8], frame: &mut [u8]) {
        for_each_framing!(self, framing => framing.seal_after(previous, message, frame));
    }
    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        for_each_framing!(self, framing => framing.patch(message))
    }
    #[inline]
    fn max_payload_len(&self) -> u64 {
        for_each_framing!(self, framing => framing.max_payload_len())
    }
    #[inline]
    fn encode<B: bytes::BufMut>(&self, message: &[u8], out: &mut B) -> Result<usize, EncodeError> {
        for_each_framing!(self, framing => framing.encode(message, out))
    }
    // Called once for many frames, so it is not inlined into every caller's loop.
    #[inline(never)]
    fn shape(&self) -> Shape<'_> {
        for_each_framing!(self, framing => framing.shape())
    }
}

impl AnyFraming {
    #[inline(never)]
    fn locate_apart(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        match self {
            Self::Prefix(prefix) => for_each_number!(prefix.number(), number => {
                prefix.rules().locate(number, input, progress)
            }),
            other => for_each_framing!(other, framing => framing.locate(input, progress)),
        }
    }
}

impl<N: Number + Into<AnyNumber>> From<Prefix<N>> for AnyFraming {
    fn from(framing: Prefix<N>) -> Self {
        let (number, rules) = framing.into_parts();
        Self::Prefix(Prefix::from_parts(number.into(), rules))
    }
}

impl<N: Number + Into<AnyNumber>> From<LengthField<N>> for AnyFraming {
    fn from(framing: LengthField<N>) -> Self {
        let (number, layout) = framing.into_parts();
        Self::LengthField(LengthField::from_parts(number.into(), layout))
    }
}

impl<S: Delimiters> From<Delimited<S>> for AnyFraming {
    /// Copies the delimiters.
    fn from(framing: Delimited<S>) -> Self {
        Self::Delimited(framing.to_table())
    }
}

impl<F: Framing + Clone + Into<AnyFraming>, T: AsRef<[(u8, Body<F>)]>> From<ByType<F, T>> for AnyFraming {
    fn from(framing: ByType<F, T>) -> Self {
        Self::ByType(Box::new(framing.map(|framing| framing.clone().into())))
    }
}

impl From<HeaderBlock> for AnyFraming {
    fn from(framing: HeaderBlock) -> Self {
        Self::HeaderBlock(Box::new(framing))
    }
}

impl<R: AsRef<[BlockRule]>> From<LineThenBlock<R>> for AnyFraming {
    /// Copies the rules.
    fn from(framing: LineThenBlock<R>) -> Self {
        let rules = Box::from(framing.rules());
        Self::LineThenBlock(framing.with_same_rules(rules))
    }
}

impl<F: Into<AnyFraming>> From<Enclosed<F>> for AnyFraming {
    fn from(framing: Enclosed<F>) -> Self {
        Self::Enclosed(Box::new(framing.map(Into::into)))
    }
}

impl<F: Into<AnyFraming>> From<Forbid<F>> for AnyFraming {
    fn from(framing: Forbid<F>) -> Self {
        Self::Forbid(Box::new(framing.map(Into::into)))
    }
}

impl<F: Into<AnyFraming>> From<Masked<F>> for AnyFraming {
    fn from(framing: Masked<F>) -> Self {
        Self::Masked(Box::new(framing.map(Into::into)))
    }
}

impl<F: Into<AnyFraming>> From<Require<F>> for AnyFraming {
    fn from(framing: Require<F>) -> Self {
        Self::Require(Box::new(framing.map(Into::into)))
    }
}

impl From<Stuffed<Slip>> for AnyFraming {
    fn from(framing: Stuffed<Slip>) -> Self {
        Self::Slip(framing)
    }
}

impl From<Stuffed<Cobs>> for AnyFraming {
    fn from(framing: Stuffed<Cobs>) -> Self {
        Self::Cobs(framing)
    }
}

macro_rules! stuffed {
    ($({$($generics:tt)*})? $stuffing:ty, $sum:ty, $into:expr) => {
        impl$(<$($generics)*>)? From<Stuffed<$stuffing, $sum>> for AnyFraming {
            fn from(framing: Stuffed<$stuffing, $sum>) -> Self {
                Self::Stuffed(Box::new(framing.map(Into::into, $into)))
            }
        }
    };
}

stuffed!(CobsVariant, (), |()| None);
stuffed!(Escaping, (), |()| None);
stuffed!(HexLine, (), |()| None);
stuffed!({S: Into<AnyStuffing>} S, Crc, |sum| Some(sum.into()));
stuffed!({S: Into<AnyStuffing>} S, Plain, |sum| Some(sum.into()));
stuffed!({S: Into<AnyStuffing>} S, AnySum, Some);

impl<A: Into<AnyFraming>, B: Into<AnyFraming>> From<Then<A, B>> for AnyFraming {
    fn from(framing: Then<A, B>) -> Self {
        Self::Then(Box::new(framing.map(Into::into, Into::into)))
    }
}

impl<F: Into<AnyFraming>, S: Into<AnySum>> From<Checked<F, S>> for AnyFraming {
    fn from(framing: Checked<F, S>) -> Self {
        Self::Checked(Box::new(framing.map(Into::into, Into::into)))
    }
}

impl<F: Into<AnyFraming>, S: Into<AnySum>> From<Blocks<F, S>> for AnyFraming {
    fn from(framing: Blocks<F, S>) -> Self {
        Self::Blocks(Box::new(framing.map(Into::into, Into::into)))
    }
}

impl<F: Into<AnyFraming>> From<EscapedFrame<F>> for AnyFraming {
    fn from(framing: EscapedFrame<F>) -> Self {
        Self::EscapedFrame(Box::new(framing.map(Into::into)))
    }
}

impl<T: AsRef<[(u32, u8)]>> From<Mavlink<T>> for AnyFraming {
    fn from(framing: Mavlink<T>) -> Self {
        let table = Box::from(framing.table());
        Self::Mavlink(framing.with_same_table(table))
    }
}

macro_rules! from_plain {
    ($($name:ident)*) => {$(
        impl From<$name> for AnyFraming {
            fn from(framing: $name) -> Self {
                Self::$name(framing)
            }
        }
    )*};
}

from_plain!(Chunked Doubled Dotted Fixed Http1 Midi SmpSerial UniversalLine UntilClose);

impl<F: Into<AnyFraming>> From<After<F>> for AnyFraming {
    fn from(framing: After<F>) -> Self {
        Self::After(Box::new(framing.map(Into::into)))
    }
}

impl<F: Framing + Clone + Into<AnyFraming>, T: AsRef<[(ByteRange, F)]>> From<ByFirstByte<F, T>> for AnyFraming {
    fn from(framing: ByFirstByte<F, T>) -> Self {
        Self::ByFirstByte(framing.map(|framing| framing.clone().into()))
    }
}

impl<A: Into<AnyFraming>, B: Into<AnyFraming>> From<Either<A, B>> for AnyFraming {
    fn from(framing: Either<A, B>) -> Self {
        match framing {
            Either::A(framing) => framing.into(),
            Either::B(framing) => framing.into(),
        }
    }
}

impl Limit for AnyFraming {
    fn with_max_payload_len(self, max: u64) -> Self {
        match self {
            Self::Fixed(framing) => Self::Fixed(framing.with_max_payload_len(max)),
            Self::Prefix(framing) => Self::Prefix(framing.with_max_payload_len(max)),
            Self::LengthField(framing) => Self::LengthField(framing.with_max_payload_len(max)),
            Self::Delimited(framing) => Self::Delimited(framing.with_max_payload_len(max)),
            Self::ByType(framing) => Self::ByType(Box::new(framing.with_max_payload_len(max))),
            Self::UntilClose(framing) => Self::UntilClose(framing.with_max_payload_len(max)),
            Self::Chunked(framing) => Self::Chunked(framing.with_max_payload_len(max)),
            Self::HeaderBlock(framing) => Self::HeaderBlock(Box::new(framing.with_max_payload_len(max))),
            Self::Http1(framing) => Self::Http1(framing.with_max_payload_len(max)),
            Self::LineThenBlock(framing) => Self::LineThenBlock(framing.with_max_payload_len(max)),
            Self::Enclosed(framing) => Self::Enclosed(Box::new(framing.with_max_payload_len(max))),
            Self::ByFirstByte(framing) => Self::ByFirstByte(framing.with_max_payload_len(max)),
            Self::Slip(framing) => Self::Slip(framing.with_max_payload_len(max)),
            Self::Cobs(framing) => Self::Cobs(framing.with_max_payload_len(max)),
            Self::Stuffed(framing) => Self::Stuffed(Box::new(framing.with_max_payload_len(max))),
            Self::Then(framing) => Self::Then(Box::new(framing.with_max_payload_len(max))),
            Self::After(framing) => Self::After(Box::new(framing.with_max_payload_len(max))),
            Self::Checked(framing) => Self::Checked(Box::new(framing.with_max_payload_len(max))),
            Self::Blocks(framing) => Self::Blocks(Box::new(framing.with_max_payload_len(max))),
            Self::EscapedFrame(framing) => Self::EscapedFrame(Box::new(framing.with_max_payload_len(max))),
            Self::Doubled(framing) => Self::Doubled(framing.with_max_payload_len(max)),
            Self::Dotted(framing) => Self::Dotted(framing.with_max_payload_len(max)),
            Self::Mavlink(framing) => Self::Mavlink(framing.with_max_payload_len(max)),
            Self::Midi(framing) => Self::Midi(framing.with_max_payload_len(max)),
            Self::SmpSerial(framing) => Self::SmpSerial(framing.with_max_payload_len(max)),
            Self::UniversalLine(framing) => Self::UniversalLine(framing.with_max_payload_len(max)),
            Self::Forbid(framing) => Self::Forbid(Box::new(framing.with_max_payload_len(max))),
            Self::Require(framing) => Self::Require(Box::new(framing.with_max_payload_len(max))),
            Self::Masked(framing) => Self::Masked(Box::new(framing.with_max_payload_len(max))),
            Self::Values(framing) => Self::Values(framing.with_max_payload_len(max)),
            Self::Protocol(Named { name, framing, .. }) => {
                Self::Protocol(Named { name, max: Some(max), framing: Box::new(framing.with_max_payload_len(max)) })
            }
        }
    }
}

macro_rules! from_values {
    ($($values:ident)*) => {$(
        impl From<$values> for AnyFraming {
            fn from(framing: $values) -> Self {
                Self::Values(framing.into())
            }
        }
    )*};
}

from_values!(AnyValues Json JsonSeq Cbor MessagePack Resp Ber);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framing::delimited::Unterminated;
    use crate::number::{Ascii, Binary, Bits, Varint};

    /// Compares every answer to every prefix of `wire`, and to all of it at once.
    fn answers_as(framing: impl Framing + Clone + Into<AnyFraming>, wire: &[u8]) {
        let any: AnyFraming = framing.clone().into();
        for len in 0..=wire.len() {
            let input = &wire[..len];
            let (mut one, mut other) = (Progress::default(), Progress::default());
            assert_eq!(any.locate(input, &mut one), framing.locate(input, &mut other));
            assert_eq!(any.at_eof(input, &mut one), framing.at_eof(input, &mut other));
            assert_eq!(one, other);
            assert_eq!(any.envelope(input), framing.envelope(input));
            assert_eq!(any.patch(input), framing.patch(input));
        }
        assert_eq!((any.max_payload_len(), any.shape()), (framing.max_payload_len(), framing.shape()));
    }

    #[test]
    fn any_framing_answers_as_the_one_it_was_made_of() {
        let bits = Bits::new(Binary::u16_be(), 0x0fff).unwrap();
        answers_as(Fixed::new(3).unwrap(), b"onetwo333!");
        answers_as(Prefix::u16_be(), b"\x00\x01a\x00\x00\x00\x02bb\x00");
        answers_as(Prefix::new(bits), b"\xf0\x01a\x00\x00\x00\x02bb\x00");
        answers_as(Prefix::netstring(), b"1:a,0:,2:bb,1:c;");
        answers_as(Prefix::pkt_line(), b"0005a00000006bb000X");
        answers_as(Prefix::leb128(), b"\x01a\x00\x02bb\x80\x00");
        answers_as(Prefix::new(Varint::ber()), b"\x01a\x00\x02bb\x80\x00");
        answers_as(LengthField::new(1, bits).unwrap(), b"a\xf0\x01ab\x00\x00c\x00\x02bb\x00");
        answers_as(LengthField::new(0, Ascii::netstring()).unwrap(), b"1:a0:2:bb01:");
        answers_as(Delimited::line(), b"one\ntwo\r\n\r\n\nlast\r");
        answers_as(Delimited::any_of([&b"--"[..], b";"]).unwrap(), b"one-;--two;-");
        answers_as(Json::new(), b" [1,2]\n3 4");
        answers_as(Resp::new().with_max_payload_len(9), b"*1\r\n:1\r\n$4\r\nhello");
        answers_as(UntilClose::new().with_max_payload_len(4), b"hello");
        let table = [(b'P', Body::Len(2)), (b'Q', Body::Framed(Prefix::u16_be()))];
        answers_as(ByType::new(table).unwrap(), b"PhiQ\x00\x01aQ\x00\x00X");
    }

    #[test]
    fn framings_are_equal_where_they_do_the_same() {
        let lines = Delimited::any_of([&b"\n"[..], b"\r\n"]).unwrap().with_unterminated(Unterminated::Take);
        assert_eq!(AnyFraming::from(lines), AnyFraming::from(Delimited::line()));
        assert_ne!(AnyFraming::from(Prefix::u16_be()), AnyFraming::from(Prefix::u16_le()));
        let lengths = || ByType::lengths([(b'P', 2), (b'Q', 3)]).unwrap();
        assert_eq!(AnyFraming::from(lengths()), AnyFraming::from(lengths()));
        assert_ne!(AnyFraming::from(lengths()), AnyFraming::from(ByType::lengths([(b'P', 2)]).unwrap()));
    }

    #[test]
    fn any_framing_becomes_itself() {
        let inner = AnyFraming::from(Delimited::nul());
        let table = [(b'P', Body::Len(2)), (b'Q', Body::Framed(inner))];
        let any = AnyFraming::from(ByType::new(table).unwrap());
        let AnyFraming::ByType(by_type) = any.clone() else { panic!() };
        assert_eq!(AnyFraming::from(*by_type), any);
    }
}
