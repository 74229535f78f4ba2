//! [`nom`] and frames, both ways: a streaming parser as a framing, and payloads into parsers.
//!
//! ```
//! use anysplit::Decoder;
//! use anysplit::nom::{parse_payload, parser};
//! use nom::bytes::streaming::tag;
//! use nom::multi::length_data;
//! use nom::number::streaming::be_u16;
//! use nom::sequence::preceded;
//! use nom::{IResult, Parser};
//!
//! // A frame is what the parser consumes: a magic number, and data after a 16-bit length.
//! fn packet(input: &[u8]) -> IResult<&[u8], &[u8]> {
//!     preceded(tag(&b"PK"[..]), length_data(be_u16)).parse(input)
//! }
//!
//! let mut decoder = Decoder::new(parser(packet));
//! decoder.push(b"PK\x00\x02hiPK\x00")?;
//! let frame = decoder.next_frame()?.unwrap();
//! assert_eq!(frame.wire(), Some(&b"PK\x00\x02hi"[..]));
//! assert_eq!(parse_payload(&frame, packet)?, b"hi");
//! assert!(decoder.next_frame()?.is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use core::fmt;
use core::num::NonZeroUsize;

use ::nom::error::{Error, ErrorKind};
use ::nom::{Err, IResult, Needed};

use crate::contract::{DEFAULT_MAX_PAYLOAD_LEN, Envelope, Extent, Framing, Located, Progress};
use crate::decode::frame::Frame;
use crate::error::{Bytes, DecodeErrorKind, EncodeError, FrameError};
use crate::short::ShortBytes;

/// A function that is a streaming parser of bytes: `fn(&[u8]) -> IResult<&[u8], O>`.
///
/// Implemented for all such functions; `O` may borrow from the input.
pub trait ParseFn<'a> {
    /// The parser's result.
    type Output;

    /// Parses the front of `input`.
    ///
    /// # Errors
    ///
    /// The parser's own.
    fn parse_fn(&self, input: &'a [u8]) -> IResult<&'a [u8], Self::Output>;
}

impl<'a, P, O> ParseFn<'a> for P
where
    P: Fn(&'a [u8]) -> IResult<&'a [u8], O>,
{
    type Output = O;

    fn parse_fn(&self, input: &'a [u8]) -> IResult<&'a [u8], O> {
        self(input)
    }
}

/// A streaming parser as a framing, with the default limit, [`DEFAULT_MAX_PAYLOAD_LEN`].
pub const fn parser<P>(parser: P) -> Parsed<P>
where
    P: for<'a> ParseFn<'a>,
{
    Parsed { parser, max: DEFAULT_MAX_PAYLOAD_LEN }
}

/// A framing whose frame is what a streaming [`nom`] parser consumes: see [`parser`].
///
/// All of the frame is payload: there is no header and no trailer. A message to be encoded is such a frame, and is refused
/// if the parser does not consume exactly that.
///
/// The parser must be made of nom's `streaming` parts, and its answer must depend on the bytes alone.
///
/// # Limit
///
/// The parser never sees more than `max` bytes of a frame, and no more are buffered. If it needs more, the frame is over the
/// limit; a byte that it only looks at counts. Only the parser knows where a frame ends, so no end of a rejected frame can be
/// found: the error stays under every [`Recovery`](crate::Recovery) policy but [`Resync`](crate::Recovery::Resync).
///
/// # Cost
///
/// The parser runs once a frame if it reports how many bytes it needs ([`Needed::Size`]): it is not called again before they
/// are there, unless the stream ends. So an error in the bytes at hand is reported at the latest when those bytes have arrived.
/// With [`Needed::Unknown`], and with parsers that ask for a byte at a time, it runs again for every chunk: that is not
/// linear, and a framing of the crate does better.
#[derive(Clone, Copy, Debug)]
pub struct Parsed<P> {
    parser: P,
    max: u64,
}

impl<P> Parsed<P> {
    /// Sets the limit, in bytes of the frame.
    #[must_use]
    pub const fn with_max_payload_len(mut self, max: u64) -> Self {
        self.max = max;
        self
    }

    /// A frame over the limit is reported at its first byte, however many bytes of it have arrived.
    const fn oversize(&self) -> FrameError {
        FrameError::new(0, DecodeErrorKind::Oversize { len: self.max.saturating_add(1), max: self.max })
    }
}

/// The result of a parser, reduced to what a framing needs.
enum Parse {
    /// It consumed this many bytes.
    Done(usize),
    /// It needs this many bytes more.
    More(NonZeroUsize),
}

impl<P: for<'a> ParseFn<'a>> Parsed<P> {
    fn run(&self, input: &[u8]) -> Result<Parse, FrameError> {
        match self.parser.parse_fn(input) {
            Ok((rest, _)) => match input.len().saturating_sub(rest.len()) {
                0 => Err(FrameError::new(0, DecodeErrorKind::Custom("the parser consumed nothing"))),
                len => Ok(Parse::Done(len)),
            },
            Err(Err::Incomplete(Needed::Size(need))) => Ok(Parse::More(need)),
            Err(Err::Incomplete(Needed::Unknown)) => Ok(Parse::More(NonZeroUsize::MIN)),
            Err(Err::Error(error) | Err::Failure(error)) => {
                let at = input.len().saturating_sub(error.input.len());
                Err(FrameError::new(at, DecodeErrorKind::Custom(describe(error.code))))
            }
        }
    }
}

/// nom's description of a kind of error, which it lends for as long as the kind lives.
fn describe(kind: ErrorKind) -> &'static str {
    macro_rules! forever {
        ($($name:ident)*) => {
            match kind {
                $(ErrorKind::$name => {
                    const KIND: &ErrorKind = &ErrorKind::$name;
                    KIND.description()
                })*
                _ => "the parser failed",
            }
        };
    }
    forever!(
        Tag MapRes MapOpt Alt IsNot IsA SeparatedList SeparatedNonEmptyList Many0 Many1 ManyTill Count TakeUntil
        LengthValue TagClosure Alpha Digit HexDigit OctDigit BinDigit AlphaNumeric Space MultiSpace LengthValueFn Eof
        Switch TagBits OneOf NoneOf Char CrLf TakeWhile1 Complete Fix Not Permutation Verify TakeTill1 Many0Count
        Many1Count Float Satisfy ManyMN TakeWhileMN Escaped EscapedTransform NonEmpty TooLarge Fail Many Fold Precedence
    )
}

impl<P: for<'a> ParseFn<'a>> Framing for Parsed<P> {
    fn locate(&self, input: &[u8], _: &mut Progress) -> Result<Located, FrameError> {
        if input.is_empty() {
            return Ok(Located::Header(1));
        }
        // However many bytes have arrived, the parser sees the same, so that its answers agree. A rejected frame is judged
        // like any other: there is no other way to find its end.
        let most = usize::try_from(self.max).unwrap_or(usize::MAX);
        let seen = input.get(..most).unwrap_or(input);
        match self.run(seen)? {
            Parse::Done(len) => Ok(Located::Known(Extent::new(0, len as u64, 0))),
            Parse::More(need) => {
                let least = (seen.len() as u64).saturating_add(need.get() as u64);
                if least > self.max { Err(self.oversize()) } else { Ok(Located::Wait(least)) }
            }
        }
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let len = message.len() as u64;
        if len > self.max {
            return Err(EncodeError::Oversize { len, max: self.max });
        }
        match self.run(message).map_err(EncodeError::Header)? {
            Parse::Done(found) if found == message.len() => Ok(Envelope::new(ShortBytes::empty())),
            Parse::Done(found) => Err(EncodeError::WrongLength { len, expected: found as u64 }),
            Parse::More(need) => Err(EncodeError::TooShort { len, min: len.saturating_add(need.get() as u64) }),
        }
    }

    fn max_payload_len(&self) -> u64 {
        self.max
    }
}

/// Why a parser does not take a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Where the parser failed, in bytes from the start of the stream. In a frame that was rewritten it counts the header
    /// and the opened payload.
    pub offset: u64,
    /// Where the frame begins, in bytes from the start of the stream.
    pub frame_offset: u64,
    /// What is wrong.
    pub kind: ParseErrorKind,
}

/// What is wrong with a payload, for a parser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// The parser failed.
    Nom(ErrorKind),
    /// The payload ends too early: the parser needs at least this many bytes more, if it reports how many.
    Short(Option<NonZeroUsize>),
    /// The parser left this many bytes at the end.
    Left(usize),
    /// The frame was rewritten, so that its bytes on the wire are gone.
    Rewritten,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: ", self.offset)?;
        match self.kind {
            ParseErrorKind::Nom(kind) => write!(f, "parser failed in {}", kind.description())?,
            ParseErrorKind::Short(Some(need)) => write!(f, "payload ends {} too early", Bytes(need.get() as u64))?,
            ParseErrorKind::Short(None) => f.write_str("payload ends too early")?,
            ParseErrorKind::Left(len) => write!(f, "{} of payload left over", Bytes(len as u64))?,
            ParseErrorKind::Rewritten => f.write_str("the frame's bytes on the wire are gone")?,
        }
        write!(f, " (in the frame that begins at byte {})", self.frame_offset)
    }
}

impl core::error::Error for ParseError {}

/// Runs a parser on a frame's payload. The parser must take all of it.
///
/// ```
/// use anysplit::nom::{ParseErrorKind, parse_payload};
/// use anysplit::{Decoder, Prefix};
/// use nom::number::be_u16;
///
/// let mut decoder = Decoder::new(Prefix::u8());
/// decoder.push(b"\x02\x12\x34\x03\x12\x34\x56")?;
/// assert_eq!(parse_payload(&decoder.next_frame()?.unwrap(), be_u16())?, 0x1234);
///
/// let error = parse_payload(&decoder.next_frame()?.unwrap(), be_u16()).unwrap_err();
/// assert_eq!((error.offset, error.kind), (6, ParseErrorKind::Left(1)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`ParseError`], with the offset in the stream.
pub fn parse_payload<'a, P>(frame: &Frame<'a>, parser: P) -> Result<P::Output, ParseError>
where
    P: ::nom::Parser<&'a [u8], Error = Error<&'a [u8]>>,
{
    parse(frame, frame.payload(), frame.header().len(), parser)
}

/// As [`parse_payload`], for all of the frame: header, payload and trailer.
///
/// # Errors
///
/// [`ParseError`], with the offset in the stream; [`ParseErrorKind::Rewritten`] for a frame that was rewritten.
pub fn parse_wire<'a, P>(frame: &Frame<'a>, parser: P) -> Result<P::Output, ParseError>
where
    P: ::nom::Parser<&'a [u8], Error = Error<&'a [u8]>>,
{
    let gone = ParseError { offset: frame.offset(), frame_offset: frame.offset(), kind: ParseErrorKind::Rewritten };
    parse(frame, frame.wire().ok_or(gone)?, 0, parser)
}

/// `at` is where `bytes` begin in the frame.
fn parse<'a, P>(frame: &Frame<'a>, bytes: &'a [u8], at: usize, mut parser: P) -> Result<P::Output, ParseError>
where
    P: ::nom::Parser<&'a [u8], Error = Error<&'a [u8]>>,
{
    let error = |left: usize, kind| {
        let index = at.saturating_add(bytes.len().saturating_sub(left));
        ParseError { offset: frame.offset().saturating_add(index as u64), frame_offset: frame.offset(), kind }
    };
    match parser.parse(bytes) {
        Ok(([], output)) => Ok(output),
        Ok((rest, _)) => Err(error(rest.len(), ParseErrorKind::Left(rest.len()))),
        Err(Err::Incomplete(Needed::Size(need))) => Err(error(0, ParseErrorKind::Short(Some(need)))),
        Err(Err::Incomplete(Needed::Unknown)) => Err(error(0, ParseErrorKind::Short(None))),
        Err(Err::Error(found) | Err::Failure(found)) => Err(error(found.input.len(), ParseErrorKind::Nom(found.code))),
    }
}
