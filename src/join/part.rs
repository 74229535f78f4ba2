//! What a `Joiner` returns: messages, parts and pieces.

use crate::decode::frame::{Frame, Piece};

/// What a frame is for its message: see [`Joiner::next_part`](crate::join::Joiner::next_part).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextPart<'f> {
    /// A part of a message.
    Part(MessagePart<'f>),
    /// A control frame, which belongs to no message.
    Control(Frame<'f>),
}

/// A part of a message, borrowed from its frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessagePart<'f> {
    /// The header of its frame.
    pub header: &'f [u8],
    /// Its bytes of the message.
    pub payload: &'f [u8],
    /// Whether the message begins with it.
    pub is_first: bool,
    /// Whether the message ends with it.
    pub is_last: bool,
}

/// A piece of a message: see [`Joiner::next_piece`](crate::join::Joiner::next_piece).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessagePiece<'p> {
    /// A part begins.
    Start {
        /// The header of its frame.
        header: &'p [u8],
        /// The length of the part in bytes, if its header announces it.
        len: Option<u64>,
        /// Whether the message begins with it.
        is_first: bool,
    },
    /// The next bytes of the message.
    Data(&'p [u8]),
    /// A part ends.
    End {
        /// The trailer of its frame.
        trailer: &'p [u8],
        /// Whether the message ends with it.
        is_last: bool,
    },
    /// A piece of a control frame, or what was skipped between two messages.
    Control(Piece<'p>),
}

/// A message, or a control frame: see [`Joiner::next_message`](crate::join::Joiner::next_message).
#[cfg(feature = "alloc")]
#[derive(Clone, Copy, Debug)]
pub enum Joined<'a> {
    /// A complete message.
    Message(JoinedMessage<'a>),
    /// A control frame, which belongs to no message.
    Control(Frame<'a>),
}

/// A complete message: borrowed from its frame if it is one part, and otherwise from the joiner.
#[cfg(feature = "alloc")]
#[derive(Clone, Copy, Debug)]
pub struct JoinedMessage<'a> {
    pub(super) payload: &'a [u8],
    pub(super) first_header: &'a [u8],
    pub(super) offset: u64,
    pub(super) parts: u64,
}

#[cfg(feature = "alloc")]
impl<'a> JoinedMessage<'a> {
    /// Its bytes.
    #[must_use]
    pub const fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// The header of its first frame: the opcode of a WebSocket message, or the start line and the fields of an HTTP/1 message.
    #[must_use]
    pub const fn first_header(&self) -> &'a [u8] {
        self.first_header
    }

    /// Where its first frame begins, in bytes from the start of the stream.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns the number of its parts.
    #[must_use]
    pub const fn parts(&self) -> u64 {
        self.parts
    }
}
