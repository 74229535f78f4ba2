//! What can be wrong with the frames of a message.

use core::fmt;

use crate::error::{Bytes, Counted};

/// A frame in a place where it must not be.
///
/// The [`Joiner`](crate::join::Joiner) stays failed until `reset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct JoinError {
    /// Where the message begins, in bytes from the start of the stream.
    pub message_offset: u64,
    /// Where the frame begins that proves the error.
    pub offset: u64,
    /// What is wrong.
    pub kind: JoinErrorKind,
}

/// What is wrong with a frame of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum JoinErrorKind {
    /// The message is longer than the limit.
    Oversize {
        /// The least length that it can have, in bytes.
        len: u64,
        /// The limit.
        max: u64,
    },
    /// The message has more parts than the limit.
    TooManyParts {
        /// The limit.
        max: u64,
    },
    /// A sequence number that is not the one after that of the part before.
    Sequence {
        /// The number on the wire.
        found: u64,
        /// The right number.
        expected: u64,
    },
    /// A frame continues a message, and none has begun.
    NothingToContinue,
    /// A frame begins a message, or is of another kind, before the message is complete.
    Interrupted,
    /// An empty part, where the protocol forbids it.
    EmptyPart,
    /// Bytes other than filler stand between two frames of a message: the decoder skipped a frame, or a frame was not passed on.
    Gap,
    /// The rule reads payloads, or takes other bytes of a frame than its payload, so the frames must be complete.
    NeedsFrames,
    /// The stream ended inside the message.
    Truncated {
        /// How many of its parts arrived.
        parts: u64,
        /// How many of its bytes arrived.
        len: u64,
    },
    /// Another reason, of a rule of your own or of the crate's.
    Custom(&'static str),
}

impl fmt::Display for JoinErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Oversize { len, max } => write!(f, "message of at least {} is over the limit of {max}", Bytes(len)),
            Self::TooManyParts { max } => {
                write!(f, "message of more than {}, which is the limit", Counted(max, "part"))
            }
            Self::Sequence { found, expected } => write!(f, "sequence number {found} where {expected} belongs"),
            Self::NothingToContinue => f.write_str("a frame continues a message, and none has begun"),
            Self::Interrupted => f.write_str("the message before is not complete"),
            Self::EmptyPart => f.write_str("an empty part is forbidden"),
            Self::Gap => f.write_str("frames are missing inside the message"),
            Self::NeedsFrames => f.write_str("the rule needs complete frames"),
            Self::Truncated { parts, len } => {
                write!(f, "the stream ended inside a message, after {} in {}", Bytes(len), Counted(parts, "part"))
            }
            Self::Custom(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.offset, self.kind)?;
        if self.offset != self.message_offset {
            write!(f, " (in the message that begins at byte {})", self.message_offset)?;
        }
        Ok(())
    }
}

impl core::error::Error for JoinErrorKind {}

impl core::error::Error for JoinError {}
