//! What can be wrong with the chunks of a stream.

use core::fmt;

use crate::error::Bytes;

/// A frame in a place where it must not be, or a message that is wrong.
///
/// [`Chunks`](crate::rtmp::Chunks) stays failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ChunkError {
    /// Where it is wrong, in bytes from the start of the stream.
    pub offset: u64,
    /// What is wrong.
    pub kind: ChunkErrorKind,
}

/// What is wrong with the chunks of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ChunkErrorKind {
    /// A Set Chunk Size message with 0, or with a number above 2,147,483,647. The offset is that of the message's last byte.
    ChunkSize {
        /// The number in it.
        found: u32,
    },
    /// The stream ended after the first part of the handshake and before the second.
    Handshake,
    /// The stream ended inside a message.
    Truncated {
        /// Its chunk stream.
        chunk_stream: u32,
        /// How many of its bytes are missing.
        missing: u32,
    },
    /// The frame does not follow the one before: the decoder skipped a frame, or a frame was not passed on.
    Gap {
        /// Where the frame before ended.
        expected: u64,
    },
    /// The frame was read without a call of [`Chunks::prepare`](crate::rtmp::Chunks::prepare) before it, so perhaps with the wrong
    /// framing.
    NotPrepared,
}

impl fmt::Display for ChunkErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ChunkSize { found } => write!(f, "chunk size {found} is not between 1 and 2147483647"),
            Self::Handshake => f.write_str("the stream ended inside the handshake"),
            Self::Truncated { chunk_stream, missing } => {
                write!(
                    f,
                    "the stream ended {} before the end of a message on chunk stream {chunk_stream}",
                    Bytes(missing.into())
                )
            }
            Self::Gap { expected } => write!(f, "frames are missing after byte {expected}"),
            Self::NotPrepared => f.write_str("a frame was read before the decoder had its framing"),
        }
    }
}

impl fmt::Display for ChunkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.offset, self.kind)
    }
}

impl core::error::Error for ChunkErrorKind {}

impl core::error::Error for ChunkError {}
