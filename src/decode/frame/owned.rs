//! Frames that own their bytes.

use alloc::vec::Vec;

use bytes::{Buf, Bytes};

use super::{Frame, Message};
use crate::contract::Extent;
use crate::decode::recovery::Stretch;

/// One complete frame that owns its bytes, without having copied them.
///
/// It shares the block of memory in which it arrived, which is freed with the last frame that lies in it: to keep a
/// few bytes for long, copy them.
///
/// It dereferences to its payload, so that a frame can be passed on wherever bytes are expected.
///
/// ```
/// use anysplit::{Decoder, Prefix};
///
/// let mut decoder = Decoder::new(Prefix::netstring());
/// decoder.push(b"5:hello,")?;
/// let frame = decoder.next_bytes()?.unwrap();
/// assert_eq!(&frame[1..3], b"el");
/// assert_eq!(std::str::from_utf8(&frame)?, "hello");
/// assert_eq!((&frame.header()[..], &frame.trailer()[..]), (&b"5:"[..], &b","[..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct OwnedFrame {
    /// The complete frame. If opening rewrote it, the bytes are the header, the opened payload, and the unused rest of the
    /// wire.
    bytes: Bytes,
    /// With the length of the opened payload. That on the wire follows from all the bytes.
    extent: Extent,
    offset: u64,
}

impl OwnedFrame {
    /// A frame that lies in these bytes as it came.
    #[inline]
    pub(crate) const fn new(bytes: Bytes, extent: Extent, offset: u64) -> Self {
        Self { bytes, extent, offset }
    }

    /// A frame whose payload has been opened and is `payload_len` bytes long.
    #[inline]
    pub(crate) const fn opened(bytes: Bytes, extent: Extent, payload_len: usize, offset: u64) -> Self {
        Self { bytes, extent: extent.with_payload_len(payload_len as u64), offset }
    }

    /// The extent on the wire.
    #[inline]
    fn wire_extent(&self) -> Extent {
        let around = self.extent.header_len().wrapping_add(self.extent.trailer_len());
        self.extent.with_payload_len(self.bytes.len().wrapping_sub(around) as u64)
    }

    /// The frame, borrowed.
    #[inline]
    #[must_use]
    pub fn frame(&self) -> Frame<'_> {
        let payload = self.bytes.get(self.payload_range()).unwrap_or_default();
        Frame::with_payload(&self.bytes, payload, self.wire_extent(), self.offset)
    }

    /// All of the frame, as it stood on the wire. `None` if its payload was rewritten. No copy.
    #[inline]
    #[must_use]
    pub fn wire(&self) -> Option<Bytes> {
        (!self.extent.is_rewritten()).then(|| self.bytes.clone())
    }

    /// The bytes before the payload. No copy.
    #[must_use]
    pub fn header(&self) -> Bytes {
        self.bytes.slice(..self.extent.header_len().min(self.bytes.len()))
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
        if range.end < self.bytes.len() {
            self.bytes.truncate(range.end);
        }
        self.bytes.advance(range.start.min(self.bytes.len()));
        self.bytes
    }

    /// The bytes after the payload. No copy.
    #[must_use]
    pub fn trailer(&self) -> Bytes {
        self.bytes.slice(self.bytes.len().saturating_sub(self.extent.trailer_len())..)
    }

    /// The message: what `encode` was given, and takes again to give this frame. Empty for a control frame.
    #[must_use]
    pub fn message(&self) -> Message<'_> {
        self.frame().message()
    }

    /// Whether it carries no message, as git's flush packet `0000`.
    #[must_use]
    pub const fn is_control(&self) -> bool {
        self.extent.is_control()
    }

    /// Where the frame begins, in bytes from the start of the stream.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    #[inline]
    fn payload_range(&self) -> core::ops::Range<usize> {
        let start = self.extent.header_len();
        // All of it is in memory.
        start..start.wrapping_add(usize::try_from(self.extent.payload_len()).unwrap_or(usize::MAX))
    }
}

/// The payload.
impl core::ops::Deref for OwnedFrame {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.bytes.get(self.payload_range()).unwrap_or_default()
    }
}

/// The payload.
impl AsRef<[u8]> for OwnedFrame {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self
    }
}

/// The payload. No copy.
impl From<OwnedFrame> for Bytes {
    fn from(frame: OwnedFrame) -> Self {
        frame.into_payload()
    }
}

impl core::fmt::Debug for OwnedFrame {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.frame().fmt(f)
    }
}

/// An owned frame, or what was skipped in its place. Codecs with a [`Recovery`](crate::Recovery) policy return it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OwnedEvent {
    /// A frame.
    Frame(OwnedFrame),
    /// A rejected frame was skipped.
    Skipped(Stretch),
}

/// Complete frames that follow each other in one block of memory: the cheapest way to own them.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    block: Bytes,
    extents: Vec<Extent>,
    /// Where the frames begin in the block, and the lengths of their opened payloads. Empty where the frames are plain and
    /// nothing stands between them.
    places: Vec<(usize, usize)>,
    offset: u64,
}

impl Batch {
    #[inline]
    pub(crate) const fn new(block: Bytes, extents: Vec<Extent>, places: Vec<(usize, usize)>, offset: u64) -> Self {
        Self { block, extents, places, offset }
    }

    /// A batch of this frame alone.
    #[cfg(feature = "std")]
    pub(crate) fn of(frame: OwnedFrame) -> Self {
        let (extent, payload_len) = (frame.wire_extent(), frame.payload_range().len());
        Self::new(frame.bytes, alloc::vec![extent], alloc::vec![(0, payload_len)], frame.offset)
    }

    /// How many frames there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.extents.len()
    }

    /// Whether there are no frames.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.extents.is_empty()
    }

    /// The frames, borrowed.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = Frame<'_>> {
        let end = self.offset.wrapping_add(self.block.len() as u64);
        let mut rest = &self.block[..];
        let (is_plain, mut index) = (self.places.is_empty(), 0_usize);
        self.extents.iter().map_while(move |&extent| {
            if !is_plain {
                index = index.wrapping_add(1);
                return self.placed(index.wrapping_sub(1), extent);
            }
            let (payload, after) = extent.split(rest)?;
            let frame = Frame::with_payload(rest, payload, extent, end.wrapping_sub(rest.len() as u64));
            rest = after;
            Some(frame)
        })
    }

    /// The frame with this index, whose place was recorded. Out of line, because plain frames need no places.
    #[inline(never)]
    fn placed(&self, index: usize, extent: Extent) -> Option<Frame<'_>> {
        let &(start, len) = self.places.get(index)?;
        let rest = self.block.get(start..)?;
        let (payload, _) = extent.split(rest)?;
        let offset = self.offset.saturating_add(start as u64);
        Some(Frame::with_payload(rest, payload.get(..len)?, extent, offset))
    }

    /// The payloads, each with a share in the block: the cheapest way to own them one by one. No copy.
    #[inline]
    pub fn payloads(&self) -> impl Iterator<Item = Bytes> {
        let mut at: usize = 0;
        let mut places = self.places.iter();
        self.extents.iter().map(move |extent| {
            let place = places.next();
            at = place.map_or(at, |&(start, _)| start);
            let start = at.saturating_add(extent.header_len());
            at = at.saturating_add(extent.len_in_memory());
            let end = match place {
                Some(&(_, len)) => start.saturating_add(len),
                None => at.saturating_sub(extent.trailer_len()),
            };
            // The block holds all frames of the batch.
            self.block.slice(start..end)
        })
    }
}

impl IntoIterator for Batch {
    type Item = OwnedFrame;
    type IntoIter = BatchIntoIter;

    fn into_iter(self) -> BatchIntoIter {
        BatchIntoIter {
            block: self.block,
            extents: self.extents.into_iter(),
            places: self.places.into_iter(),
            offset: self.offset,
            at: 0,
        }
    }
}

/// The frames of a [`Batch`], each with a share in its block.
#[derive(Clone, Debug)]
pub struct BatchIntoIter {
    block: Bytes,
    extents: alloc::vec::IntoIter<Extent>,
    places: alloc::vec::IntoIter<(usize, usize)>,
    offset: u64,
    /// Where the next frame begins in the block. A slice of it costs less than to split it.
    at: usize,
}

impl Iterator for BatchIntoIter {
    type Item = OwnedFrame;

    #[inline]
    fn next(&mut self) -> Option<OwnedFrame> {
        let extent = self.extents.next()?;
        let place = self.places.next();
        self.at = place.map_or(self.at, |(start, _)| start);
        let end = self.at.saturating_add(extent.len_in_memory());
        // The block holds all frames of the batch.
        let bytes = self.block.slice(self.at.min(end)..end.min(self.block.len()));
        let offset = self.offset.saturating_add(self.at as u64);
        self.at = end;
        Some(match place {
            Some((_, len)) => OwnedFrame::opened(bytes, extent, len, offset),
            None => OwnedFrame::new(bytes, extent, offset),
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.extents.size_hint()
    }
}
