//! The error types, nothing else.
//!
//! | type | means | from |
//! | --- | --- | --- |
//! | [`ConfigError`] | this framing cannot be built | constructors |
//! | [`EncodeError`] | this message cannot be sent in this framing | encoding |
//! | [`FrameError`], [`DecodeError`] | these bytes are no frame | decoding |
//! | [`EofError`] | the stream ended inside a frame | the end of the stream |
//! | [`Closed`] | no bytes are taken after an error or the end | `push` |

use core::fmt;

mod config;
mod shown;

pub use config::ConfigError;
use shown::Shown;
pub(crate) use shown::{Bytes, Counted};

/// Why an encoder refuses a message. Nothing was written.
///
/// An encoder refuses a message that would not come back the same: see law 4 in the crate's DESIGN.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
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
    /// A length that is not a multiple of the unit that the field counts in.
    NotAMultiple {
        /// The length in bytes.
        len: u64,
        /// The unit in bytes.
        unit: u64,
    },
    /// A delimiter begins inside the message, or would begin there together with the delimiter after it.
    ContainsDelimiter {
        /// Where it begins, in bytes from the start of the message.
        at: usize,
    },
    /// The message must end with its own delimiter and does not.
    NotTerminated,
    /// The table has no such type.
    UnknownType {
        /// The message's first byte.
        found: u8,
    },
    /// The length field inside the message holds another length than the message has.
    LengthDisagrees {
        /// The number in it.
        found: u64,
        /// The right number.
        expected: u64,
    },
    /// A byte of the message differs from the one that the framing fixes.
    Mismatch {
        /// Where, in bytes from the start of the message.
        at: usize,
        /// The byte there.
        found: u8,
        /// The byte that belongs there.
        expected: u8,
    },
    /// A checksum inside the message does not match the bytes that it covers.
    Check {
        /// The sum in the message.
        found: u64,
        /// The sum of the bytes.
        computed: u64,
    },
    /// A byte that the protocol forbids in a message, or in this place of it.
    Forbidden {
        /// Where, in bytes from the start of the message.
        at: usize,
        /// The byte there.
        found: u8,
    },
    /// The message's own header does not decode.
    Header(FrameError),
    /// The message is no value of the format, as this error of its bytes proves. See [`values`](crate::values).
    Malformed(FrameError),
    /// The message is empty. In this framing an empty message looks like no message.
    Empty,
    /// The bytes before the message are longer than a [`ShortBytes`](crate::contract::ShortBytes) or an
    /// [`Extent`](crate::contract::Extent) can hold.
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
    /// An earlier message lasts until the end of the stream, so no message can follow it.
    AfterLast,
    /// Another reason: from a framing or number of your own, or from a framing of the crate that combines others.
    Custom(&'static str),
}

impl EncodeError {
    /// The same error for a message that begins `by` bytes earlier.
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
            Self::Forbidden { at, found } => Self::Forbidden { at: at.saturating_add(by), found },
            Self::Header(fault) => Self::Header(fault.shifted(by)),
            Self::Malformed(fault) => Self::Malformed(fault.shifted(by)),
            other => other,
        }
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Oversize { len, max } => {
                write!(f, "payload of {} is over the limit of {max}", Bytes(len))
            }
            Self::TooShort { len, min } => {
                write!(f, "message of {} is too short: the minimum is {min}", Bytes(len))
            }
            Self::WrongLength { len, expected } => {
                write!(f, "message of {}, but the framing expects {expected}", Bytes(len))
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
                write!(f, "the length field holds {found}, but {expected} is right")
            }
            Self::Mismatch { at, found, expected } => {
                write!(f, "expected {} at byte {at}, found {}", Shown(expected), Shown(found))
            }
            Self::Check { found, computed } => {
                write!(f, "the message's checksum {found:#x} does not match the computed {computed:#x}")
            }
            Self::Forbidden { at, found } => {
                write!(f, "byte {at} is {}, which is forbidden there", Shown(found))
            }
            Self::Header(fault) => write!(f, "in the message's own header: {fault}"),
            Self::Malformed(fault) => write!(f, "in the message: {fault}"),
            Self::Empty => f.write_str("an empty message would look like no message"),
            Self::HeaderTooLong { max } => {
                write!(f, "the header of the message is longer than {}", Bytes(max as u64))
            }
            Self::NoRoom { need, have } => {
                write!(f, "the frame needs {}, but the output has room for {have}", Bytes(need))
            }
            Self::AfterLast => f.write_str("the message before this one lasts until the end of the stream"),
            Self::Custom(text) => f.write_str(text),
        }
    }
}

impl core::error::Error for EncodeError {}

/// What is wrong with bytes on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The payload is longer than the framing's `max_payload_len`, or than memory can address, or the frame is longer than the memory of
    /// a [`FixedDecoder`](crate::FixedDecoder).
    ///
    /// [`Recovery::SkipOversize`](crate::Recovery::SkipOversize) skips such a frame. Every other error stays with that policy.
    Oversize {
        /// The announced length of the payload in bytes; if it is not announced, the least that it can be.
        len: u64,
        /// The limit.
        max: u64,
    },
    /// A byte that is no digit where a digit is expected.
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
    /// A number in more bytes than it needs, where only the shortest form is allowed.
    NotShortest,
    /// A first byte that the representation reserves, or that means an indefinite length.
    ReservedForm {
        /// That byte.
        found: u8,
    },
    /// A length below the smallest one that is valid here, such as a length that counts its own field and is smaller than
    /// that field; or a frame with fewer bytes than every frame of this framing has.
    TooShort {
        /// The length in bytes.
        len: u64,
        /// The smallest valid length.
        min: u64,
    },
    /// A delimiter inside a run of bytes whose length was announced, as in COBS.
    EndsEarly {
        /// How many bytes of the run are missing.
        missing: u64,
    },
    /// A type byte that the table does not have.
    UnknownType {
        /// That byte.
        found: u8,
    },
    /// A byte differs from the one that the framing fixes.
    Mismatch {
        /// The byte on the wire.
        found: u8,
        /// The byte that belongs there.
        expected: u8,
    },
    /// A header that does not end within its limit.
    HeaderTooLong {
        /// The greatest length of such a header, in bytes.
        max: u64,
    },
    /// A header without the length of the payload, where one is required.
    NoLength,
    /// A header with a second length of the payload.
    Repeated,
    /// A header with a field that the framing forbids, because it would give the payload another end.
    ForbiddenField,
    /// A byte that the protocol forbids in a message, or in this place of it.
    Forbidden {
        /// That byte.
        found: u8,
    },
    /// A value inside more values than the format's framing can keep apart. See [`values`](crate::values).
    TooDeep {
        /// The greatest depth.
        max: u64,
    },
    /// A byte where no answer is expected: see [`answers`](crate::answers).
    NothingExpected,
    /// A checksum that does not match the bytes that it covers.
    Check {
        /// The sum on the wire.
        found: u64,
        /// The sum of the bytes.
        computed: u64,
    },
    /// The frame was cut by the end of the stream, or by a silence that [`Decoder::idle`](crate::Decoder::idle) reported. Also the
    /// reason of a skipped stretch.
    Truncated(Truncated),
    /// Another reason: from a framing, number or stuffing of your own, or from a framing of the crate that combines others.
    Custom(&'static str),
}

impl fmt::Display for DecodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            // The next number above the limit is what is known of a payload that was not announced.
            Self::Oversize { len, max } if len == max.saturating_add(1) => {
                write!(f, "payload of more than {}, which is the limit", Bytes(max))
            }
            Self::Oversize { len, max } => {
                write!(f, "payload of {} is over the limit of {max}", Bytes(len))
            }
            Self::NotADigit { found, radix: 16 } => {
                write!(f, "expected a hexadecimal digit, found {}", Shown(found))
            }
            Self::NotADigit { found, .. } => {
                write!(f, "expected a decimal digit, found {}", Shown(found))
            }
            Self::LeadingZero => f.write_str("a number begins with an unnecessary zero"),
            Self::NumberTooLarge { max } => {
                write!(f, "a number is greater than {max}, the greatest allowed")
            }
            Self::NotShortest => f.write_str("a number takes more bytes than it needs"),
            Self::ReservedForm { found } => {
                write!(f, "{} is reserved as the first byte of a number", Shown(found))
            }
            Self::TooShort { len, min } => {
                write!(f, "length {len} is too short: the minimum is {min}")
            }
            Self::EndsEarly { missing } => {
                write!(f, "the frame ends {} too early", Bytes(missing))
            }
            Self::UnknownType { found } => write!(f, "unknown frame type {}", Shown(found)),
            Self::Mismatch { found, expected } => {
                write!(f, "expected {}, found {}", Shown(expected), Shown(found))
            }
            Self::HeaderTooLong { max } => write!(f, "the header does not end within {}", Bytes(max)),
            Self::NoLength => f.write_str("the header does not give the length of the payload"),
            Self::Repeated => f.write_str("the header gives the length of the payload more than once"),
            Self::NothingExpected => f.write_str("no request asked for this byte"),
            Self::ForbiddenField => f.write_str("the header has a field that is forbidden"),
            Self::Forbidden { found } => write!(f, "{} is forbidden here", Shown(found)),
            Self::TooDeep { max } => write!(f, "values are nested more than {max} deep"),
            Self::Check { found, computed } => {
                write!(f, "checksum {found:#x} does not match the computed {computed:#x}")
            }
            Self::Truncated(part) => write!(f, "cut {part}"),
            Self::Custom(text) => f.write_str(text),
        }
    }
}

/// What is wrong, and at which of the bytes that were looked at: the error of a [`Framing`](crate::Framing) and of a
/// [`Number`](crate::number::Number). A decoder turns it into a [`DecodeError`] with stream offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FrameError {
    /// Index of the first byte that is wrong.
    pub at: usize,
    /// What is wrong.
    pub kind: DecodeErrorKind,
}

impl FrameError {
    /// An error of this kind at this index.
    #[inline]
    #[must_use]
    pub const fn new(at: usize, kind: DecodeErrorKind) -> Self {
        Self { at, kind }
    }

    /// The same error for bytes that begin `by` earlier.
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
/// Every frame before it was returned. The decoder stays failed until `reset`: every call returns the same error, and no
/// more bytes are taken. The bytes that it holds stay: `Decoder::into_parts` returns them.
///
/// In a [`Stretch`](crate::Stretch) it is the reason why a frame was skipped. Then the decoder continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DecodeError {
    /// Where the frame begins, in bytes from the start of the stream.
    pub frame_offset: u64,
    /// Where the first wrong byte is, in bytes from the start of the stream.
    pub offset: u64,
    /// What is wrong.
    pub kind: DecodeErrorKind,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.offset, self.kind)?;
        if self.offset != self.frame_offset {
            write!(f, " (in the frame that begins at byte {})", self.frame_offset)?;
        }
        Ok(())
    }
}

impl core::error::Error for DecodeError {}

/// Which part of a frame the end of the stream cut. Lengths are in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Truncated {
    /// The header: `need` is the least length it can have.
    Header {
        /// How many of its bytes arrived.
        have: u64,
        /// Bytes it has at least.
        need: u64,
    },
    /// The payload, also right before its first byte.
    Payload {
        /// How many of its bytes arrived.
        have: u64,
        /// Bytes it has.
        need: u64,
    },
    /// The trailer, after the payload.
    Trailer {
        /// How many of its bytes arrived.
        have: u64,
        /// Bytes it has.
        need: u64,
    },
    /// A payload whose delimiter did not arrive.
    Unterminated {
        /// How many bytes arrived since the frame began.
        have: u64,
    },
    /// A rejected frame that was being skipped. The stretch was returned before this error.
    Skipped {
        /// Bytes of it that were skipped.
        have: u64,
    },
}

impl fmt::Display for Truncated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Header { have, need } => {
                write!(f, "inside a header, {have} of at least {}", Bytes(need))
            }
            Self::Payload { have, need } => write!(f, "inside a payload, {have} of {}", Bytes(need)),
            Self::Trailer { have, need } => {
                write!(f, "before the frame's trailer was complete, {have} of {}", Bytes(need))
            }
            Self::Unterminated { have } => {
                write!(f, "after {} of a message whose delimiter is missing", Bytes(have))
            }
            Self::Skipped { have } => {
                write!(f, "after {} of a frame that was being skipped", Bytes(have))
            }
        }
    }
}

/// What the end of the stream cut, or what is wrong with the last bytes.
///
/// It stays: every later call returns it. The bytes of the cut frame stay too: `Decoder::into_parts` returns them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum EofError {
    /// The stream ended inside a frame.
    Truncated {
        /// Where the frame begins, in bytes from the start of the stream.
        frame_offset: u64,
        /// Where the stream ended.
        end: u64,
        /// Which part it cut.
        part: Truncated,
    },
    /// The bytes left over are no frame.
    Decode(DecodeError),
}

impl fmt::Display for EofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated { frame_offset, end, part } => {
                write!(f, "stream ended at byte {end} {part} (frame begins at byte {frame_offset})")
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
        match error.kind {
            DecodeErrorKind::Truncated(part) => {
                Self::Truncated { frame_offset: error.frame_offset, end: error.offset, part }
            }
            _ => Self::Decode(error),
        }
    }
}

impl From<EofError> for DecodeError {
    fn from(error: EofError) -> Self {
        match error {
            EofError::Truncated { frame_offset, end, part } => {
                Self { frame_offset, offset: end, kind: DecodeErrorKind::Truncated(part) }
            }
            EofError::Decode(error) => error,
        }
    }
}

/// Why a decoder takes no more bytes. It took no byte of those offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
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
