//! What can be wrong with an answer.

use core::fmt;

use crate::error::DecodeErrorKind;

/// The queue of [`Answers`](crate::answers::Answers) has no place for another expectation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Full {
    /// As many requests have no answer yet.
    pub max: usize,
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} requests have no answer yet, which is the limit", self.max)
    }
}

impl core::error::Error for Full {}

/// A frame that is no answer.
///
/// [`Answers`](crate::answers::Answers) stays failed until `reset`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AnswerError {
    /// Where it is wrong, in bytes from the start of the stream.
    pub offset: u64,
    /// What is wrong.
    pub kind: AnswerErrorKind,
}

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AnswerErrorKind {
    /// No request waits for this answer.
    NoRequest,
    /// The stream ended before these requests had a complete answer.
    Unanswered {
        /// How many.
        requests: usize,
    },
    /// The expectation refuses the frame.
    Frame(DecodeErrorKind),
    /// The expectation reads the payload, so the frame must not come in pieces.
    NeedsFrame,
    /// The decoder skipped a frame, so nobody knows which request the next answer belongs to.
    Skipped,
    /// The frame was read without a call of [`Answers::prepare`](crate::answers::Answers::prepare) before it, so perhaps with
    /// the wrong framing; or a piece without its start.
    NotPrepared,
}

impl fmt::Display for AnswerErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NoRequest => f.write_str("no request waits for this answer"),
            Self::Unanswered { requests: 1 } => f.write_str("the stream ended before a request had its answer"),
            Self::Unanswered { requests } => write!(f, "the stream ended before {requests} requests had their answers"),
            Self::Frame(kind) => kind.fmt(f),
            Self::NeedsFrame => f.write_str("the expectation reads the payload and needs the complete frame"),
            Self::Skipped => f.write_str("a frame was skipped, and with it perhaps an answer"),
            Self::NotPrepared => f.write_str("a frame was read before the decoder had its framing"),
        }
    }
}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.offset, self.kind)
    }
}

impl core::error::Error for AnswerErrorKind {}

impl core::error::Error for AnswerError {}
