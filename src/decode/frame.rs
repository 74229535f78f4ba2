//! Frames as they are returned.

use crate::contract::{Extent, Framing};
use crate::decode::recovery::Stretch;

/// One complete frame, borrowed from the bytes it arrived in.
///
/// ```text
///  netstring     5 : h e l l o ,
///                header payload trailer        wire = all of it
/// ```
///
/// Header and trailer are as on the wire. So is the payload, unless the frame is rewritten, as in SLIP and COBS: then it is the
/// decoded payload, and the bytes on the wire are not kept.
///
/// It dereferences to its payload. [`payload`](Self::payload) returns the same bytes, and they live as long as those that the
/// frame borrows.
///
/// ```
/// use anysplit::{Decoder, Prefix};
///
/// let mut decoder = Decoder::new(Prefix::netstring());
/// decoder.push(b"5:hello,")?;
/// let frame = decoder.next_frame()?.unwrap();
/// assert_eq!((&frame[1..3], frame.len()), (&b"el"[..], 5));
/// assert_eq!(std::str::from_utf8(&frame)?, "hello");
/// assert_eq!(frame.wire_len(), 8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// Begins with the frame and may extend past its end, which is computed on demand.
    input: &'a [u8],
    payload: &'a [u8],
    extent: Extent,
    offset: u64,
}

impl<'a> Frame<'a> {
    /// Borrows the frame of this extent at the start of `input`, or `None` if `input` is shorter than it. `offset` is where
    /// `input` begins in the stream. A payload that the wire stuffs or escapes stays so.
    #[inline]
    #[must_use]
    pub fn new(input: &'a [u8], extent: Extent, offset: u64) -> Option<Self> {
        let (payload, _) = extent.split(input)?;
        Some(Self::with_payload(input, payload, extent, offset))
    }

    /// The frame of this extent at the front of `input`, opened in place by its framing, if all of it is there. For those
    /// who have a buffer of their own: see [`Step::Frame`](crate::decode::Step::Frame).
    ///
    /// ```
    /// use anysplit::decode::{Deframer, Step};
    /// use anysplit::{Frame, Stuffed};
    ///
    /// let mut deframer = Deframer::new(Stuffed::slip());
    /// let mut buffer = *b"a\xdb\xdcb\xc0";
    /// let Step::Frame(extent) = deframer.step(&buffer)? else { panic!() };
    /// let frame = Frame::open(deframer.framing(), &mut buffer, extent, 0).unwrap();
    /// assert_eq!(frame.payload(), b"a\xc0b");
    /// # Ok::<(), anysplit::DecodeError>(())
    /// ```
    #[must_use]
    pub fn open<F: Framing + ?Sized>(framing: &F, input: &'a mut [u8], extent: Extent, offset: u64) -> Option<Self> {
        if !extent.is_rewritten() {
            return Self::new(input, extent, offset);
        }
        let len = extent.fits(input.len())?;
        let (header, rest) = input.split_at_mut_checked(extent.header_len())?;
        let payload = rest.get_mut(..len.checked_sub(extent.header_len() + extent.trailer_len())?)?;
        let opened = framing.open(header, payload, 0, &mut 0);
        Self::opened(input, extent, offset, opened)
    }

    /// The frame of this extent at the front of `input`, where its payload has been opened and is `len` bytes long.
    #[inline]
    pub(crate) fn opened(input: &'a [u8], extent: Extent, offset: u64, len: usize) -> Option<Self> {
        let payload = input.get(extent.header_len()..)?.get(..len)?;
        Some(Self::with_payload(input, payload, extent, offset))
    }

    /// The frame of this extent at the front of `input`, with this payload.
    #[inline]
    pub(crate) const fn with_payload(input: &'a [u8], payload: &'a [u8], extent: Extent, offset: u64) -> Self {
        Self { input, payload, extent, offset }
    }

    /// The complete frame, as on the wire. `None` if its payload was rewritten.
    #[inline]
    #[must_use]
    pub fn wire(&self) -> Option<&'a [u8]> {
        if self.extent.is_rewritten() { None } else { self.input.get(..self.wire_len()) }
    }

    /// The length of the frame on the wire in bytes. Never 0.
    #[inline]
    #[must_use]
    pub fn wire_len(&self) -> usize {
        self.extent.len_in_memory()
    }

    /// The bytes before the payload: a length prefix, a type byte, a header.
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

    /// The bytes after the payload: a delimiter, a comma, padding, a checksum.
    #[inline]
    #[must_use]
    pub fn trailer(&self) -> &'a [u8] {
        let end = self.wire_len();
        self.input.get(end.wrapping_sub(self.extent.trailer_len())..end).unwrap_or_default()
    }

    /// The message that `encode` was called with. Encoding it again gives this frame. Empty for a control frame.
    #[inline]
    #[must_use]
    pub fn message(&self) -> Message<'a> {
        let message_header = self.extent.message_header_len();
        if self.extent.is_control() {
            return Message { header: &[], payload: &[] };
        }
        if message_header == 0 {
            return Message { header: &[], payload: self.payload };
        }
        let start = self.extent.message_header_start();
        let end = start.wrapping_add(message_header);
        if end == self.extent.header_len() {
            // One run of bytes: the payload follows the message header.
            let end = end.wrapping_add(self.payload.len());
            return Message { header: &[], payload: self.input.get(start..end).unwrap_or_default() };
        }
        Message { header: self.input.get(start..end).unwrap_or_default(), payload: self.payload }
    }

    /// Where the frame begins, in bytes from the start of the stream.
    #[inline]
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// The lengths of its parts on the wire.
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

/// The payload.
impl core::ops::Deref for Frame<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.payload
    }
}

/// The payload.
impl AsRef<[u8]> for Frame<'_> {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self.payload
    }
}

/// The same bytes in the same parts, at the same offset.
impl PartialEq for Frame<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.header(), self.payload, self.trailer(), self.extent, self.offset)
            == (other.header(), other.payload, other.trailer(), other.extent, other.offset)
    }
}

impl Eq for Frame<'_> {}

impl core::hash::Hash for Frame<'_> {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        (self.header(), self.payload, self.trailer(), self.extent, self.offset).hash(state);
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

/// A message, borrowed from its frame: one slice, or two if framing bytes are between its parts, as in a frame of type, length and
/// payload.
///
/// It can be compared with bytes like one slice.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// Not empty only if framing bytes stand after it.
    header: &'a [u8],
    payload: &'a [u8],
}

impl<'a> Message<'a> {
    /// The message as one slice. `None` if framing bytes are in the middle of it.
    #[inline]
    #[must_use]
    pub const fn as_slice(&self) -> Option<&'a [u8]> {
        if self.header.is_empty() { Some(self.payload) } else { None }
    }

    /// Its two parts. The first is empty if the message is one run of bytes.
    #[inline]
    #[must_use]
    pub const fn parts(&self) -> [&'a [u8]; 2] {
        [self.header, self.payload]
    }

    /// Its length in bytes.
    #[inline]
    #[must_use]
    pub const fn len(&self) -> usize {
        // Both lie in one frame, so the sum is the length of something in memory.
        self.header.len() + self.payload.len()
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
        [self.header, self.payload].concat()
    }
}

/// Its bytes as text, with escapes, as those of a frame.
impl core::fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Message(\"{}{}\")", self.header.escape_ascii(), self.payload.escape_ascii())
    }
}

impl PartialEq<[u8]> for Message<'_> {
    fn eq(&self, other: &[u8]) -> bool {
        other.split_at_checked(self.header.len()).is_some_and(|parts| parts == (self.header, self.payload))
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

/// A frame, or what was skipped in its place: see [`Decoder::next_event`](crate::Decoder::next_event).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A frame.
    Frame(Frame<'a>),
    /// A rejected frame was skipped.
    Skipped(Stretch),
}

/// A piece of a frame, whose payload is returned as it arrives: see `next_piece` of the decoder, and `read_piece` of the
/// readers.
///
/// A frame is one `Start`, any number of `Data`, and one `End`. If the decoder skips rejected frames, a `Skipped` can take the
/// place of each of these: then discard the pieces of the frame.
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
    /// The next bytes of its payload, opened where the frame is rewritten. At least one, and as many as there are.
    Data(&'a [u8]),
    /// The frame is complete and intact.
    End {
        /// Its trailer.
        trailer: &'a [u8],
    },
    /// A rejected frame was skipped.
    Skipped(Stretch),
}

#[cfg(feature = "alloc")]
pub use owned::{Batch, BatchIntoIter, OwnedEvent, OwnedFrame};

#[cfg(feature = "alloc")]
mod owned;
