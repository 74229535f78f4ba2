//! What a checksum covers, and where it stands.

use crate::literal::Literal;

/// A place in a frame, where the bytes that a checksum covers begin or end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edge {
    /// That many bytes after the start of the frame.
    Start(u16),
    /// The start of the payload, which is the end of the header.
    Payload,
    /// The end of the payload.
    PayloadEnd,
    /// The end of the inner frame, its trailer included. If the sum is in the header: the end of the payload.
    End,
}

impl Edge {
    /// Edges of a frame are in this order.
    pub(super) const fn rank(self) -> u8 {
        match self {
            Self::Start(_) => 0,
            Self::Payload => 1,
            Self::PayloadEnd => 2,
            Self::End => 3,
        }
    }
}

/// Where the sum stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// After the inner frame, between these bytes.
    Trailer { before: Option<Literal>, after: Option<Literal> },
    /// At this offset, in the header.
    Header(u16),
}

impl Place {
    /// How many bytes are added after the inner frame if the sum takes `sum_len`.
    pub(super) const fn trailer_len(&self, sum_len: u16) -> u16 {
        match self {
            Self::Trailer { before, after } => sum_len + len(before) + len(after),
            Self::Header(_) => 0,
        }
    }
}

const fn len(literal: &Option<Literal>) -> u16 {
    match literal {
        Some(literal) => literal.len_u16(),
        None => 0,
    }
}
