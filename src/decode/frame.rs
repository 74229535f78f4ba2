//! Frames as they are handed out.

use crate::contract::Extent;

/// One whole frame, borrowed from the bytes it arrived in.
///
/// ```text
///  netstring     5 : h e l l o ,
///                header payload  trailer        wire = all of it
/// ```
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// Begins with the frame. Where that ends is seldom asked, and then computed.
    input: &'a [u8],
    payload: &'a [u8],
    extent: Extent,
    offset: u64,
}

impl<'a> Frame<'a> {
    /// The frame of this extent at the front of `input`, if all of it is there. `offset` is where `input` begins in the
    /// stream.
    #[inline]
    #[must_use]
    pub fn new(input: &'a [u8], extent: Extent, offset: u64) -> Option<Self> {
        let (payload, _) = extent.cut(input)?;
        Some(Self::cut(input, payload, extent, offset))
    }

    /// The frame at the front of `input` with this payload, as its extent says.
    #[inline]
    pub(crate) const fn cut(input: &'a [u8], payload: &'a [u8], extent: Extent, offset: u64) -> Self {
        Self { input, payload, extent, offset }
    }

    /// All of the frame, as it stood on the wire.
    #[inline]
    #[must_use]
    pub fn wire(&self) -> &'a [u8] {
        self.input.get(..self.len()).unwrap_or_default()
    }

    /// The length of all of the frame in bytes. Never 0.
    #[inline]
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "no frame is empty")]
    pub const fn len(&self) -> usize {
        // All of it is in memory.
        self.payload.len().wrapping_add(self.extent.header_len()).wrapping_add(self.extent.trailer_len())
    }

    /// What stands ahead of the payload: a length prefix, a type byte, a header.
    #[inline]
    #[must_use]
    pub fn header(&self) -> &'a [u8] {
        self.input.get(..self.extent.header_len()).unwrap_or_default()
    }

    /// The payload.
    #[inline]
    #[must_use]
    pub const fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// What stands after the payload: a delimiter, a comma, padding.
    #[inline]
    #[must_use]
    pub fn trailer(&self) -> &'a [u8] {
        let start = self.len().wrapping_sub(self.extent.trailer_len());
        self.input.get(start..self.len()).unwrap_or_default()
    }

    /// The message: what `encode` was given, and takes again to give this frame. Empty for a control frame.
    #[inline]
    #[must_use]
    pub fn message(&self) -> Message<'a> {
        if self.extent.is_control() {
            return Message { message_header: &[], payload: &[] };
        }
        Message {
            message_header: self.input.get(..self.extent.message_header_len()).unwrap_or_default(),
            payload: self.payload,
        }
    }

    /// Where the frame begins, in bytes from the start of the stream.
    #[inline]
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// The lengths of its parts.
    #[inline]
    #[must_use]
    pub const fn extent(&self) -> Extent {
        self.extent
    }

    /// Whether it carries no message, as git's flush packet `0000`.
    #[inline]
    #[must_use]
    pub const fn is_control(&self) -> bool {
        self.extent.is_control()
    }
}

/// The same bytes, parted in the same way, at the same offset.
impl PartialEq for Frame<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.wire(), self.extent, self.offset) == (other.wire(), other.extent, other.offset)
    }
}

impl Eq for Frame<'_> {}

impl core::hash::Hash for Frame<'_> {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        (self.wire(), self.extent, self.offset).hash(state);
    }
}

impl core::fmt::Debug for Frame<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "Frame {{ offset: {}, header: \"{}\", payload: \"{}\", trailer: \"{}\" }}",
            self.offset,
            self.header().escape_ascii(),
            self.payload().escape_ascii(),
            self.trailer().escape_ascii()
        )
    }
}

/// A message in the two parts in which it stands on the wire: the message_header, from the frame's header, and the payload.
///
/// Compares with bytes as if it were in one piece.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    message_header: &'a [u8],
    payload: &'a [u8],
}

impl<'a> Message<'a> {
    /// The part that stands in the header: a type byte or a header. Empty for most framings.
    #[inline]
    #[must_use]
    pub const fn message_header(&self) -> &'a [u8] {
        self.message_header
    }

    /// The part after it.
    #[inline]
    #[must_use]
    pub const fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// Its length in bytes.
    #[inline]
    #[must_use]
    pub const fn len(&self) -> usize {
        // Both lie in one frame, so the sum is the length of something in memory.
        self.message_header.len() + self.payload.len()
    }

    /// Whether it has no bytes.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The message in one piece. One copy.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn to_vec(&self) -> alloc::vec::Vec<u8> {
        [self.message_header, self.payload].concat()
    }
}

impl PartialEq<[u8]> for Message<'_> {
    fn eq(&self, other: &[u8]) -> bool {
        other
            .split_at_checked(self.message_header.len())
            .is_some_and(|parts| parts == (self.message_header, self.payload))
    }
}

impl PartialEq<&[u8]> for Message<'_> {
    fn eq(&self, other: &&[u8]) -> bool {
        *self == **other
    }
}

impl<const N: usize> PartialEq<&[u8; N]> for Message<'_> {
    fn eq(&self, other: &&[u8; N]) -> bool {
        *self == other[..]
    }
}

impl<const N: usize> PartialEq<[u8; N]> for Message<'_> {
    fn eq(&self, other: &[u8; N]) -> bool {
        *self == other[..]
    }
}

/// Part of a frame whose payload is passed on as it comes: see `next_piece` of the decoder, and `read_piece` of the
/// readers.
///
/// A frame is one `Start`, any number of `Data`, and one `End`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// A frame begins.
    Start {
        /// Its header.
        header: &'a [u8],
        /// The length of its payload in bytes, if its header announces that.
        len: Option<u64>,
        /// Whether it is a control frame, which carries no message and has no payload.
        control: bool,
    },
    /// The next bytes of its payload. At least one, and as many as there are.
    Data(&'a [u8]),
    /// The frame is whole.
    End {
        /// Its trailer.
        trailer: &'a [u8],
    },
}

#[cfg(feature = "alloc")]
pub use owned::{Batch, BatchIntoIter, OwnedFrame};

#[cfg(feature = "alloc")]
mod owned {
    use alloc::vec::Vec;

    use bytes::{Buf, Bytes};

    use super::Frame;
    use crate::contract::Extent;

    /// One whole frame that owns its bytes, without having copied them.
    ///
    /// It shares the block of memory in which it arrived, which is freed with the last frame that lies in it: to keep a
    /// few bytes for long, copy them.
    #[derive(Clone, PartialEq, Eq, Hash)]
    pub struct OwnedFrame {
        wire: Bytes,
        extent: Extent,
        offset: u64,
    }

    impl OwnedFrame {
        #[inline]
        pub(crate) const fn new(wire: Bytes, extent: Extent, offset: u64) -> Self {
            Self { wire, extent, offset }
        }

        /// The frame, borrowed.
        #[inline]
        #[must_use]
        pub fn frame(&self) -> Frame<'_> {
            let range = self.payload_range();
            Frame::cut(&self.wire, self.wire.get(range).unwrap_or_default(), self.extent, self.offset)
        }

        /// All of the frame, as it stood on the wire. No copy.
        #[inline]
        #[must_use]
        pub fn wire(&self) -> Bytes {
            self.wire.clone()
        }

        /// What stands ahead of the payload. No copy.
        #[must_use]
        pub fn header(&self) -> Bytes {
            self.wire.slice(..self.extent.header_len().min(self.wire.len()))
        }

        /// The payload. No copy; [`into_payload`](Self::into_payload) saves a reference count.
        #[must_use]
        pub fn payload(&self) -> Bytes {
            self.clone().into_payload()
        }

        /// The payload, and nothing else. No copy.
        #[inline]
        #[must_use]
        pub fn into_payload(mut self) -> Bytes {
            let range = self.payload_range();
            if range.end < self.wire.len() {
                self.wire.truncate(range.end);
            }
            self.wire.advance(range.start.min(range.end));
            self.wire
        }

        /// Where the frame begins, in bytes from the start of the stream.
        #[must_use]
        pub const fn offset(&self) -> u64 {
            self.offset
        }

        #[inline]
        fn payload_range(&self) -> core::ops::Range<usize> {
            self.extent.header_len()..self.wire.len().saturating_sub(self.extent.trailer_len())
        }
    }

    impl core::fmt::Debug for OwnedFrame {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            self.frame().fmt(f)
        }
    }

    /// Whole frames that lie one after the other in one block of memory: the cheapest way to own them.
    #[derive(Clone, Debug, Default)]
    pub struct Batch {
        block: Bytes,
        extents: Vec<Extent>,
        offset: u64,
    }

    impl Batch {
        #[inline]
        pub(crate) const fn new(block: Bytes, extents: Vec<Extent>, offset: u64) -> Self {
            Self { block, extents, offset }
        }

        /// How many frames there are.
        #[must_use]
        pub fn len(&self) -> usize {
            self.extents.len()
        }

        /// Whether there is none.
        #[must_use]
        pub fn is_empty(&self) -> bool {
            self.extents.is_empty()
        }

        /// The frames, borrowed.
        #[inline]
        pub fn iter(&self) -> impl Iterator<Item = Frame<'_>> {
            let end = self.offset.wrapping_add(self.block.len() as u64);
            let mut rest = &self.block[..];
            self.extents.iter().map_while(move |&extent| {
                let (payload, after) = extent.cut(rest)?;
                let frame = Frame::cut(rest, payload, extent, end.wrapping_sub(rest.len() as u64));
                rest = after;
                Some(frame)
            })
        }
    }

    impl Batch {
        /// The payloads, each with a share in the block: the cheapest way to own them one by one. No copy.
        #[inline]
        pub fn payloads(&self) -> impl Iterator<Item = Bytes> {
            let mut at: usize = 0;
            self.extents.iter().map(move |extent| {
                let start = at.saturating_add(extent.header_len());
                at = at.saturating_add(extent.whole_len());
                // The block holds all frames of the batch.
                self.block.slice(start..at.saturating_sub(extent.trailer_len()))
            })
        }
    }

    impl IntoIterator for Batch {
        type Item = OwnedFrame;
        type IntoIter = BatchIntoIter;

        fn into_iter(self) -> BatchIntoIter {
            BatchIntoIter { block: self.block, extents: self.extents.into_iter(), offset: self.offset, at: 0 }
        }
    }

    /// The frames of a [`Batch`], each with a share in its block.
    #[derive(Clone, Debug)]
    pub struct BatchIntoIter {
        block: Bytes,
        extents: alloc::vec::IntoIter<Extent>,
        offset: u64,
        /// Where the next frame begins in the block. A slice of it costs less than to split it.
        at: usize,
    }

    impl Iterator for BatchIntoIter {
        type Item = OwnedFrame;

        #[inline]
        fn next(&mut self) -> Option<OwnedFrame> {
            let extent = self.extents.next()?;
            let end = self.at.saturating_add(extent.whole_len());
            // The block holds all frames of the batch.
            let wire = self.block.slice(self.at.min(end)..end.min(self.block.len()));
            let offset = self.offset.saturating_add(self.at as u64);
            self.at = end;
            Some(OwnedFrame::new(wire, extent, offset))
        }

        fn size_hint(&self) -> (usize, Option<usize>) {
            self.extents.size_hint()
        }
    }
}
