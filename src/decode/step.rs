//! What a deframer asks of its caller.

use core::num::NonZeroUsize;

use crate::contract::Extent;
use crate::decode::recovery::Stretch;

/// What to do with the bytes at the front of the buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A complete, intact frame is there. Where it [is rewritten](Extent::is_rewritten), [`Frame::open`](crate::Frame::open)
    /// opens it. The next step's input begins after it.
    Frame(Extent),
    /// `len` bytes at index `at` are of no use: remove them, and step again.
    Discard {
        /// Index of the first of them. The bytes before it stay.
        at: usize,
        /// How many.
        len: usize,
    },
    /// A rejected frame has been skipped. Remove the first `len` bytes of the buffer, and go on.
    Skipped {
        /// How many bytes of the frame are still in the buffer.
        len: usize,
        /// What was skipped.
        stretch: Stretch,
    },
    /// At least this many bytes more are needed.
    Need(NonZeroUsize),
}

/// As [`Step`], for a frame that is returned in pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PieceStep {
    /// A frame begins, and its header is there. It stays at the front until `End`.
    Start { extent: Extent, announced: bool },
    /// `len` bytes of payload at index `at`, as they are on the wire. The next step's input is without them.
    Data { at: usize, len: usize },
    /// The frame is complete and intact. The next step's input is without these first bytes, the header and the trailer.
    End { len: usize },
    /// No piece.
    Other(Step),
    /// The stream ended here, cleanly.
    Clean,
}
