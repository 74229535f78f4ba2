//! What is written for one message.

use crate::error::EncodeError;
use crate::short::ShortBytes;

/// What is written for one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Envelope<'a> {
    /// `header ‖ message[skip..] ‖ trailer`: the message's bytes as they are, so that they need not be copied.
    Around(Around<'a>),
    /// [`seal`](crate::Framing::seal) writes the frame, which has exactly `len` bytes.
    Rewritten {
        /// The frame's length in bytes.
        len: u64,
    },
}

/// What goes around one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Around<'a> {
    header: ShortBytes,
    skip: usize,
    trailer: Trailer<'a>,
    last: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trailer<'a> {
    Fixed(&'a [u8]),
    Computed(ShortBytes<15>),
}

impl<'a> Envelope<'a> {
    /// `header` before the message, nothing after it.
    #[inline]
    #[must_use]
    pub const fn new(header: ShortBytes) -> Self {
        Self::Around(Around { header, skip: 0, trailer: Trailer::Fixed(&[]), last: false })
    }

    /// `header` before the message, `trailer` after it: what builds both in one step.
    #[inline(always)]
    pub(crate) const fn around(header: ShortBytes, trailer: &'a [u8]) -> Self {
        Self::Around(Around { header, skip: 0, trailer: Trailer::Fixed(trailer), last: false })
    }

    /// Puts these bytes after the message. No effect on a frame that is rewritten.
    #[inline]
    #[must_use]
    pub const fn with_trailer(self, trailer: &'a [u8]) -> Self {
        self.map(Trailer::Fixed(trailer))
    }

    /// Puts bytes that were computed from the message after it, such as a checksum. No effect on a frame that is
    /// rewritten.
    #[inline]
    #[must_use]
    pub const fn with_computed_trailer(self, trailer: ShortBytes<15>) -> Self {
        self.map(Trailer::Computed(trailer))
    }

    #[inline]
    const fn map(self, trailer: Trailer<'a>) -> Self {
        match self {
            Self::Around(around) => Self::Around(Around { trailer, ..around }),
            rewritten @ Self::Rewritten { .. } => rewritten,
        }
    }

    /// Leaves out the first `skip` bytes of the message, as they stand in the header. No effect on a frame that is
    /// rewritten.
    #[inline]
    #[must_use]
    pub const fn skipping(self, skip: usize) -> Self {
        match self {
            Self::Around(around) => Self::Around(Around { skip, ..around }),
            rewritten @ Self::Rewritten { .. } => rewritten,
        }
    }

    /// Marks a frame that lasts until the end of the stream, so that none can follow. No effect on a frame that is
    /// rewritten.
    #[inline]
    #[must_use]
    pub const fn as_last(self) -> Self {
        match self {
            Self::Around(around) => Self::Around(Around { last: true, ..around }),
            rewritten @ Self::Rewritten { .. } => rewritten,
        }
    }

    /// Puts `bytes` before this envelope. The first `skip` bytes of the message are among them.
    ///
    /// # Errors
    ///
    /// [`EncodeError::HeaderTooLong`] where the header has no room for it.
    pub(crate) fn inside(self, bytes: &[u8], skip: usize) -> Result<Self, EncodeError> {
        match self {
            Self::Around(around) => {
                let mut header = ShortBytes::new(bytes)?;
                header.push(&around.header)?;
                Ok(Self::Around(Around { header, skip: around.skip.saturating_add(skip), ..around }))
            }
            Self::Rewritten { len } => Ok(Self::Rewritten { len: len.saturating_add(bytes.len() as u64) }),
        }
    }

    /// Whether the frame lasts until the end of the stream, so that none can follow.
    #[inline]
    #[must_use]
    pub const fn is_last(&self) -> bool {
        matches!(self, Self::Around(Around { last: true, .. }))
    }

    /// The length of `message`'s frame in bytes.
    #[inline]
    #[must_use]
    pub fn frame_len(&self, message: &[u8]) -> u64 {
        match self {
            Self::Around(around) => around.frame_len(message),
            Self::Rewritten { len } => *len,
        }
    }

    /// The frame of `message` in three slices, for a vectored write that does not copy the payload. `None` for a frame
    /// that is rewritten.
    ///
    /// ```
    /// use anysplit::{Framing, Prefix};
    ///
    /// let netstring = Prefix::netstring();
    /// let envelope = netstring.envelope(b"hello")?;
    /// assert_eq!(envelope.slices(b"hello"), Some([&b"5:"[..], b"hello", b","]));
    /// # Ok::<(), anysplit::EncodeError>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn slices<'s>(&'s self, message: &'s [u8]) -> Option<[&'s [u8]; 3]> {
        match self {
            Self::Around(around) => Some(around.slices(message)),
            Self::Rewritten { .. } => None,
        }
    }
}

impl Around<'_> {
    /// The bytes before the part of the message that is written.
    #[inline]
    #[must_use]
    pub const fn header(&self) -> &ShortBytes {
        &self.header
    }

    /// How many bytes at the start of the message are not written, because the header has them.
    #[inline]
    #[must_use]
    pub const fn skip(&self) -> usize {
        self.skip
    }

    /// The bytes after the message.
    #[inline]
    #[must_use]
    pub fn trailer(&self) -> &[u8] {
        match &self.trailer {
            Trailer::Fixed(bytes) => bytes,
            Trailer::Computed(bytes) => bytes.as_slice(),
        }
    }

    /// The frame of `message` in three slices.
    #[inline]
    #[must_use]
    pub fn slices<'s>(&'s self, message: &'s [u8]) -> [&'s [u8]; 3] {
        [self.header.as_slice(), message.get(self.skip..).unwrap_or_default(), self.trailer()]
    }

    /// The length of `message`'s frame in bytes.
    #[inline]
    #[must_use]
    pub fn frame_len(&self, message: &[u8]) -> u64 {
        // All of it is in memory.
        let payload = message.len().saturating_sub(self.skip);
        self.header.len().wrapping_add(payload).wrapping_add(self.trailer().len()) as u64
    }
}

/// Bytes that the framing puts in the place of some of the message's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patch {
    /// Where the bytes to be replaced begin, from the start of the message.
    pub at: usize,
    /// How many they are.
    pub len: usize,
    /// What takes their place.
    pub bytes: ShortBytes,
}
