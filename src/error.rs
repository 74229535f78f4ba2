//! The error types, nothing else.
//!
//! | type | says | from |
//! | --- | --- | --- |
//! | [`ConfigError`] | this framing cannot be built | constructors |
//! | [`EncodeError`] | this message cannot be sent in this framing | encoding |
//! | [`FrameError`], [`DecodeError`] | these bytes are no frame | decoding |
//! | [`EofError`] | the stream ended inside a frame | the end of the stream |
//! | [`Closed`] | no bytes are taken after an error or the end | `push` |

use core::fmt;

/// A byte as a person reads it: the character in quotes where it prints, hex where it does not.
struct Shown(u8);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            b'\'' | b'\\' => write!(f, "0x{:02x}", self.0),
            0x21..=0x7e => write!(f, "'{}'", char::from(self.0)),
            other => write!(f, "0x{other:02x}"),
        }
    }
}

/// Purpose a framing or a number representation cannot be built as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConfigError {
    /// A fixed length of 0: a stream of them has no end.
    ZeroLength,
    /// A width outside what the representation has.
    Width {
        /// The width asked for.
        found: usize,
        /// The least allowed.
        min: usize,
        /// The greatest allowed.
        max: usize,
    },
    /// An empty delimiter, end mark or trailer.
    EmptyLiteral,
    /// A mark longer than the place for it.
    LiteralTooLong {
        /// Its length in bytes.
        len: usize,
        /// The greatest allowed.
        max: usize,
    },
    /// An end mark whose first byte is one of the digits it is to end.
    LiteralStartsWithDigit {
        /// That byte.
        found: u8,
    },
    /// A table or set without an entry.
    Empty,
    /// More entries than the framing has room for.
    TooMany {
        /// How many were given.
        found: usize,
        /// How many it takes.
        max: usize,
    },
    /// The same type byte twice in a table.
    DuplicateType {
        /// That byte.
        found: u8,
    },
    /// One delimiter is a prefix of another (or the same), so the longer could never be found.
    PrefixOfAnother {
        /// Index of the shorter delimiter in the set.
        shorter: usize,
        /// Index of the longer one.
        longer: usize,
    },
    /// A bit mask that is empty, has holes, or does not fit the width.
    BitMask {
        /// The mask.
        found: u64,
    },
    /// A unit or a multiple of 0, or greater than is supported.
    Unit {
        /// The value asked for.
        found: u64,
        /// The greatest allowed.
        max: u64,
    },
    /// Parts of a header that overlap, lie outside it, or options that exclude each other; the text says which.
    Conflict(&'static str),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ZeroLength => f.write_str("a fixed length of 0 bytes never ends"),
            Self::Width { found, min, max } => {
                write!(f, "a width of {found} is outside {min} to {max}")
            }
            Self::EmptyLiteral => f.write_str("a delimiter or mark needs at least one byte"),
            Self::LiteralTooLong { len, max } => {
                write!(f, "a mark of {len} bytes is longer than {max}")
            }
            Self::LiteralStartsWithDigit { found } => {
                write!(f, "an end mark cannot begin with the digit {}", Shown(found))
            }
            Self::Empty => f.write_str("at least one entry is needed"),
            Self::TooMany { found, max } => write!(f, "{found} entries are more than {max}"),
            Self::DuplicateType { found } => {
                write!(f, "the type byte {} stands in the table twice", Shown(found))
            }
            Self::PrefixOfAnother { shorter, longer } => write!(
                f,
                "delimiter {} begins with delimiter {}, so it could never be found",
                longer.saturating_add(1),
                shorter.saturating_add(1)
            ),
            Self::BitMask { found } => {
                write!(f, "the bit mask {found:#x} is not one run of bits that fits the width")
            }
            Self::Unit { found, max } => {
                write!(f, "a unit or multiple of {found} is outside 1 to {max}")
            }
            Self::Conflict(text) => f.write_str(text),
        }
    }
}

impl core::error::Error for ConfigError {}

/// Purpose an encoder refuses a message. Nothing was written.
///
/// An encoder refuses what would not come back the same: see law 4 in the crate's DESIGN.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EncodeError {
    /// The payload is over the framing's `max_payload_len`.
    Oversize {
        /// Its length in bytes.
        len: u64,
        /// The limit.
        max: u64,
    },
    /// The message is shorter than the framing's messages can be.
    TooShort {
        /// Its length in bytes.
        len: u64,
        /// The least it can be.
        min: u64,
    },
    /// Messages of this framing, or of this type, have another length.
    WrongLength {
        /// The message's length in bytes.
        len: u64,
        /// The length agreed.
        expected: u64,
    },
    /// A number does not fit the representation it is to be written in.
    DoesNotFit {
        /// The number.
        value: u64,
        /// The greatest that fits.
        max: u64,
    },
    /// A length that is not a whole number of the units the field counts in.
    NotAMultiple {
        /// The length in bytes.
        len: u64,
        /// The unit in bytes.
        unit: u64,
    },
    /// A delimiter begins inside the message, or would together with the delimiter after it.
    ContainsDelimiter {
        /// Where it begins, in bytes from the start of the message.
        at: usize,
    },
    /// A message that must carry its own delimiter at its end does not.
    NotTerminated,
    /// The table has no such type.
    UnknownType {
        /// The message's first byte.
        found: u8,
    },
    /// The length field inside the message does not say how long the message is.
    LengthDisagrees {
        /// What it says.
        found: u64,
        /// What it should say.
        expected: u64,
    },
    /// A byte that the framing fixes is another in the message.
    Mismatch {
        /// Where, in bytes from the start of the message.
        at: usize,
        /// The byte there.
        found: u8,
        /// The byte wanted.
        expected: u8,
    },
    /// A byte of the message's own header that does not decode.
    Header(FrameError),
    /// An empty message, which the framing could not tell from no message.
    Empty,
    /// What goes ahead of the message is longer than a [`ShortBytes`](crate::ShortBytes) holds.
    HeaderTooLong {
        /// The capacity in bytes.
        max: usize,
    },
    /// The output has no room for the frame.
    NoRoom {
        /// The frame's length in bytes.
        need: u64,
        /// The room there is.
        have: u64,
    },
    /// An earlier message ends with the stream, so none can follow it.
    AfterLast,
    /// A reason of the user's own framing or number.
    Custom(&'static str),
}

impl EncodeError {
    /// The same refusal of a message that begins `by` bytes earlier.
    #[must_use]
    pub(crate) const fn shifted(self, by: usize) -> Self {
        let more = by as u64;
        match self {
            Self::TooShort { len, min } => {
                Self::TooShort { len: len.saturating_add(more), min: min.saturating_add(more) }
            }
            Self::WrongLength { len, expected } => {
                Self::WrongLength { len: len.saturating_add(more), expected: expected.saturating_add(more) }
            }
            Self::ContainsDelimiter { at } => Self::ContainsDelimiter { at: at.saturating_add(by) },
            Self::Mismatch { at, found, expected } => Self::Mismatch { at: at.saturating_add(by), found, expected },
            Self::Header(fault) => Self::Header(fault.shifted(by)),
            other => other,
        }
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Oversize { len, max } => {
                write!(f, "payload of {len} bytes is over the limit of {max}")
            }
            Self::TooShort { len, min } => {
                write!(f, "message of {len} bytes is shorter than the least of {min}")
            }
            Self::WrongLength { len, expected } => {
                write!(f, "message of {len} bytes where {expected} are agreed")
            }
            Self::DoesNotFit { value, max } => {
                write!(f, "{value} does not fit: the greatest number here is {max}")
            }
            Self::NotAMultiple { len, unit } => {
                write!(f, "length {len} is not a multiple of the unit {unit}")
            }
            Self::ContainsDelimiter { at } => {
                write!(f, "a delimiter begins at byte {at} of the message")
            }
            Self::NotTerminated => f.write_str("message does not end with its delimiter"),
            Self::UnknownType { found } => {
                write!(f, "no message type {} in the table", Shown(found))
            }
            Self::LengthDisagrees { found, expected } => {
                write!(f, "the length field says {found} where {expected} is right")
            }
            Self::Mismatch { at, found, expected } => {
                write!(f, "byte {at} is {} where {} belongs", Shown(found), Shown(expected))
            }
            Self::Header(fault) => write!(f, "in the message's own header: {fault}"),
            Self::Empty => f.write_str("an empty message cannot be told from none"),
            Self::HeaderTooLong { max } => {
                write!(f, "what goes ahead of the message is longer than {max} bytes")
            }
            Self::NoRoom { need, have } => {
                write!(f, "frame of {need} bytes, room for {have}")
            }
            Self::AfterLast => f.write_str("the message before this one ends with the stream"),
            Self::Custom(text) => f.write_str(text),
        }
    }
}

impl core::error::Error for EncodeError {}

/// What is wrong with bytes on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The payload is longer than the framing's `max_payload_len`, or than memory can address.
    ///
    /// The one fault that [`Oversize::Skip`](crate::Oversize::Skip) gets past.
    Oversize {
        /// The payload's length in bytes as announced; where it is not announced, the least it can be.
        len: u64,
        /// The limit.
        max: u64,
    },
    /// A byte that is no digit where a digit is due.
    NotADigit {
        /// That byte.
        found: u8,
        /// 10 or 16.
        radix: u8,
    },
    /// A number of free width that begins with a zero it does not need.
    LeadingZero,
    /// A number greater than the representation, or the limit on it, allows.
    NumberTooLarge {
        /// The greatest allowed.
        max: u64,
    },
    /// A number in more bytes than it needs, where the framing insists on the shortest form.
    NotShortest,
    /// A first byte that the representation reserves or that stands for an indefinite length.
    ReservedForm {
        /// That byte.
        found: u8,
    },
    /// A length smaller than what it is said to include.
    TooShort {
        /// The length on the wire, in bytes.
        len: u64,
        /// The least it can be.
        min: u64,
    },
    /// A type byte that the table does not have.
    UnknownType {
        /// That byte.
        found: u8,
    },
    /// A byte that the framing fixes is another.
    Mismatch {
        /// The byte on the wire.
        found: u8,
        /// The byte wanted.
        expected: u8,
    },
    /// A header made of text that is not over where it has to be.
    HeaderTooLong {
        /// The greatest length of such a header, in bytes.
        max: u64,
    },
    /// A header that must say how long the payload is, and does not.
    NoLength,
    /// A header that says a second time how long the payload is, or that says what contradicts a length.
    Repeated,
    /// Not a failure: a frame over the limit was skipped, whole, as [`Oversize::Skip`](crate::Oversize::Skip)
    /// asks. Decoding goes on after it.
    Skipped {
        /// The frame's length on the wire in bytes.
        len: u64,
    },
    /// A reason of the user's own framing or number.
    Custom(&'static str),
}

impl fmt::Display for DecodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Oversize { len, max } => {
                write!(f, "payload of at least {len} bytes is over the limit of {max}")
            }
            Self::NotADigit { found, radix: 16 } => {
                write!(f, "{} where a hexadecimal digit is due", Shown(found))
            }
            Self::NotADigit { found, .. } => {
                write!(f, "{} where a decimal digit is due", Shown(found))
            }
            Self::LeadingZero => f.write_str("a number begins with a needless zero"),
            Self::NumberTooLarge { max } => {
                write!(f, "a number is greater than {max}, the greatest allowed")
            }
            Self::NotShortest => f.write_str("a number takes more bytes than it needs"),
            Self::ReservedForm { found } => {
                write!(f, "{} is reserved as the first byte of a number", Shown(found))
            }
            Self::TooShort { len, min } => {
                write!(f, "length {len} is less than the {min} bytes it includes")
            }
            Self::UnknownType { found } => write!(f, "unknown frame type {}", Shown(found)),
            Self::Mismatch { found, expected } => {
                write!(f, "{} where {} belongs", Shown(found), Shown(expected))
            }
            Self::HeaderTooLong { max } => write!(f, "a header does not end within {max} bytes"),
            Self::NoLength => f.write_str("a header does not say how long the payload is"),
            Self::Repeated => f.write_str("a header says more than once how long the payload is"),
            Self::Skipped { len } => write!(f, "a frame of {len} bytes, over the limit, was skipped"),
            Self::Custom(text) => f.write_str(text),
        }
    }
}

/// A fault and where it lies in the bytes that were looked at: what a [`Framing`](crate::Framing) or a
/// [`Number`](crate::number::Number) reports. A decoder makes a [`DecodeError`] of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FrameError {
    /// Index of the first byte that is wrong.
    pub at: usize,
    /// What is wrong.
    pub kind: DecodeErrorKind,
}

impl FrameError {
    /// A fault of this kind at this index.
    #[inline]
    #[must_use]
    pub const fn new(at: usize, kind: DecodeErrorKind) -> Self {
        Self { at, kind }
    }

    /// The same fault in bytes that begin `by` earlier.
    #[inline]
    #[must_use]
    pub const fn shifted(self, by: usize) -> Self {
        Self { at: self.at.saturating_add(by), kind: self.kind }
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.at, self.kind)
    }
}

impl core::error::Error for FrameError {}

/// Bytes in the stream that are no frame.
///
/// Every frame before it was delivered. Unless the kind is [`DecodeErrorKind::Skipped`], the decoder stays failed:
/// the same error again from every call, no more bytes taken, and those it holds kept for `into_parts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DecodeError {
    /// Where the frame begins, in bytes from the start of the stream.
    pub frame: u64,
    /// Where the first wrong byte lies, in bytes from the start of the stream.
    pub offset: u64,
    /// What is wrong.
    pub kind: DecodeErrorKind,
}

impl DecodeError {
    /// Whether decoding goes on: true for [`DecodeErrorKind::Skipped`] alone.
    #[must_use]
    pub const fn is_skipped(&self) -> bool {
        matches!(self.kind, DecodeErrorKind::Skipped { .. })
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.offset, self.kind)?;
        if self.offset != self.frame {
            write!(f, " (in the frame that begins at byte {})", self.frame)?;
        }
        Ok(())
    }
}

impl core::error::Error for DecodeError {}

/// Which part of a frame the end of the stream cut. Lengths are in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Truncated {
    /// The header: `need` is the least length it can have.
    Header {
        /// Bytes of it that came.
        have: u64,
        /// Bytes it has at least.
        need: u64,
    },
    /// The payload, also where not one byte of it came.
    Payload {
        /// Bytes of it that came.
        have: u64,
        /// Bytes it has.
        need: u64,
    },
    /// What follows the payload.
    Trailer {
        /// Bytes of it that came.
        have: u64,
        /// Bytes it has.
        need: u64,
    },
    /// A payload whose delimiter did not come.
    Unterminated {
        /// Bytes that came since the frame began.
        have: u64,
    },
    /// A frame over the limit, in the middle of being skipped.
    Skipped {
        /// Bytes of it that were skipped.
        have: u64,
    },
}

impl fmt::Display for Truncated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Header { have, need } => {
                write!(f, "inside a header, {have} of at least {need} bytes")
            }
            Self::Payload { have, need } => write!(f, "inside a payload, {have} of {need} bytes"),
            Self::Trailer { have, need } => {
                write!(f, "before the frame's trailer was whole, {have} of {need} bytes")
            }
            Self::Unterminated { have } => {
                write!(f, "after {have} bytes of a message whose delimiter is missing")
            }
            Self::Skipped { have } => {
                write!(f, "after {have} bytes of a frame that was being skipped as over the limit")
            }
        }
    }
}

/// What the end of the stream found unfinished.
///
/// Sticky: `finish` gives it again. The bytes of the cut frame stay for `into_parts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EofError {
    /// The stream ended inside a frame.
    Truncated {
        /// Where the frame begins, in bytes from the start of the stream.
        frame: u64,
        /// Where the stream ended.
        end: u64,
        /// Which part it cut.
        cut: Truncated,
    },
    /// The bytes left over are no frame.
    Decode(DecodeError),
}

impl fmt::Display for EofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated { frame, end, cut } => {
                write!(f, "stream ended at byte {end} {cut} (frame begins at byte {frame})")
            }
            Self::Decode(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for EofError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Truncated { .. } => None,
            Self::Decode(error) => Some(error),
        }
    }
}

impl From<DecodeError> for EofError {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

/// Purpose a decoder takes no more bytes. None of those offered were taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Closed {
    /// It has failed, with this error.
    Failed(DecodeError),
    /// `finish` was called at this stream offset.
    Ended(u64),
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => write!(f, "bytes offered after an error: {error}"),
            Self::Ended(at) => write!(f, "bytes offered after the end of the stream at byte {at}"),
        }
    }
}

impl core::error::Error for Closed {}
