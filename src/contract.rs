//! The contract that all framings share.

use core::num::NonZeroUsize;

use crate::error::{EncodeError, FrameError, Truncated};
use crate::number::at_least_one;
use crate::short::ShortBytes;

#[cfg(feature = "alloc")]
pub(crate) mod encode;
pub(crate) mod last_bytes;
pub(crate) mod plain_prefix;

pub(crate) use last_bytes::LastBytes;
pub(crate) use plain_prefix::PlainPrefix;

/// The limit of every framing whose wire form sets no smaller one: 8 MiB of payload.
pub const DEFAULT_MAX_PAYLOAD_LEN: u64 = 8 * 1024 * 1024;

/// What goes around a message on the wire, in both directions.
///
/// A framing is a small immutable value. It holds no buffer, does no I/O and allocates nothing, and one value can serve
/// any number of connections at once, by reference.
///
/// ```text
///  frame = header ‖ payload ‖ trailer         all on the wire
///  header  = message_header ‖ rest of the header      the message_header is the part of the header that belongs to the message
///  message = message_header ‖ payload             what is given to encode, and what decoding gives back
/// ```
///
/// For most framings the message_header is empty and the message is the payload. In [`ByType`](crate::ByType) the message_header is the
/// type byte; in [`LengthField`](crate::LengthField) it is the whole header.
///
/// Two methods are all that a framing must have. The laws that they must keep are in the crate's DESIGN.md, and the
/// `testing` feature checks them for any framing.
///
/// # Example
///
/// A framing of one's own: a sign byte `-` or `+`, then as many bytes as a second byte says.
///
/// ```
/// use core::num::NonZeroUsize;
/// use anysplit::{Envelope, Extent, FrameError, DecodeErrorKind, Framing, ShortBytes, Located, Progress, EncodeError};
///
/// struct Signed;
///
/// impl Framing for Signed {
///     fn locate(&self, input: &[u8], _: Progress) -> Result<Located, FrameError> {
///         match *input {
///             [] => Ok(Located::header(2)),
///             [found, ..] if found != b'+' && found != b'-' => {
///                 Err(FrameError::new(0, DecodeErrorKind::UnknownType { found }))
///             }
///             [_] => Ok(Located::header(1)),
///             // The sign is the message_header: it is part of the message.
///             [_, len, ..] => Ok(Located::Known(Extent::new(2, len.into(), 0).with_message_header(1))),
///         }
///     }
///
///     fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
///         let (&sign, payload) = message.split_first().ok_or(EncodeError::Empty)?;
///         if sign != b'+' && sign != b'-' {
///             return Err(EncodeError::UnknownType { found: sign });
///         }
///         let value = payload.len() as u64;
///         let len = u8::try_from(payload.len()).map_err(|_| EncodeError::DoesNotFit { value, max: 255 })?;
///         Ok(Envelope::new(ShortBytes::new(&[sign, len])?).skipping(1))
///     }
/// }
///
/// let mut wire = [0; 7];
/// assert_eq!(Signed.encode_into(b"+hello", &mut wire), Ok(7));
/// assert_eq!(&wire, b"+\x05hello");
/// assert_eq!(Signed.encode_into(b"?hello", &mut wire), Err(EncodeError::UnknownType { found: b'?' }));
/// ```
pub trait Framing {
    /// Where the frame at the front of `input` ends, as soon as that is known.
    ///
    /// `input` begins with the first byte of a frame and holds what has arrived of it, and perhaps of frames after it.
    /// `progress` says how far earlier calls with the same frame got, and is [`Progress::default`] at the first.
    ///
    /// The answer for a longer input agrees with every answer for a shorter one: a [`Located::Known`] extent stays as
    /// it is, but for a fault in the trailer; a fault stays the same fault. `need` never exceeds what the frame really
    /// lacks. So a header in which a byte can still be wrong is not `Known`.
    ///
    /// # Errors
    ///
    /// A [`FrameError`] at the first byte that proves that no frame begins here. A payload over the limit is
    /// [`DecodeErrorKind::Oversize`](crate::DecodeErrorKind::Oversize), unless `progress.unlimited`.
    fn locate(&self, input: &[u8], progress: Progress) -> Result<Located, FrameError>;

    /// What goes around `message` on the wire.
    ///
    /// # Errors
    ///
    /// A [`EncodeError`] for every message that decoding would not give back the same.
    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError>;

    /// What the end of the stream means for `rest`, the bytes of which [`locate`](Self::locate) made no whole frame.
    ///
    /// Where `progress.passed` is not 0, a frame has begun of which the payload so far is gone, so that `rest` may be
    /// empty and the end not clean.
    ///
    /// Provided: nothing left is a clean end, anything else was cut.
    ///
    /// # Errors
    ///
    /// A [`FrameError`] where `rest` is no beginning of a frame.
    fn at_eof(&self, rest: &[u8], progress: Progress) -> Result<AtEof, FrameError> {
        if rest.is_empty() && progress.passed == 0 {
            return Ok(AtEof::Clean);
        }
        Ok(AtEof::Truncated(self.locate(rest, progress)?.cut(rest.len(), progress)))
    }

    /// The extent of the frame at the front of `input`, where its header alone tells it.
    ///
    /// What goes from frame to frame asks here first, and [`locate`](Self::locate) where there is no answer. An answer is
    /// what `locate` says, and stays so whatever follows the header: a frame with the same header is as long. No answer means
    /// nothing. Provided: none. A framing overrides it to be faster.
    #[inline]
    fn locate_by_header(&self, input: &[u8]) -> Option<Extent> {
        let _ = input;
        None
    }

    /// The number that every frame begins with, for a framing whose frames are that number, so many bytes of payload, and
    /// perhaps a trailer that is always the same. Provided: none.
    ///
    /// A framing that gives one is faster where many frames are taken at once: which kind of number it is, is then asked once
    /// and not for each. Always the same answer, which agrees with [`locate`](Self::locate).
    #[inline]
    fn plain_prefix(&self) -> Option<PlainPrefix> {
        None
    }

    /// The bytes with which a frame can end, for a framing without headers whose frames end at the first such byte that ends
    /// one. Provided: none.
    ///
    /// A framing that gives some is faster where frames are short: these bytes are found many at a time. Always the same
    /// answer; the empty set promises nothing.
    #[inline]
    fn last_bytes(&self) -> Option<LastBytes<'_>> {
        None
    }

    /// The extent of the frame that is all of `wire`, if a frame ends with its last byte, which is one of
    /// [`last_bytes`](Self::last_bytes). At none of the bytes before it does one end. The limit is left to the caller.
    /// Asked only where [some](LastBytes::some) of these bytes end a frame. Provided: none.
    #[inline]
    fn ending(&self, wire: &[u8]) -> Option<Extent> {
        let _ = wire;
        None
    }

    /// What of `message` the framing decides itself, such as the number in a length field inside it.
    ///
    /// `encode_with` puts it in where the [`envelope`](Self::envelope) refuses the message as it stands. Provided: nothing.
    ///
    /// # Errors
    ///
    /// A [`EncodeError`] where the message has no place for it.
    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        let _ = message;
        Ok(None)
    }

    /// How many bytes a frame has ahead of its message, as far as that can be told without the message.
    ///
    /// `encode_with` leaves so much room, and moves the message only where the guess was wrong. Provided: 0.
    fn header_room(&self) -> usize {
        0
    }

    /// The greatest payload in bytes that is sent or accepted. Provided: no limit.
    fn max_payload_len(&self) -> u64 {
        u64::MAX
    }

    /// The length of `message`'s frame in bytes.
    ///
    /// # Errors
    ///
    /// As [`envelope`](Self::envelope).
    fn encoded_len(&self, message: &[u8]) -> Result<u64, EncodeError> {
        Ok(self.envelope(message)?.frame_len(message))
    }

    /// Writes the frame of `message` to the front of `out` and gives its length in bytes. Needs no allocator.
    ///
    /// # Errors
    ///
    /// As [`envelope`](Self::envelope), and [`EncodeError::NoRoom`]. Nothing was written.
    fn encode_into(&self, message: &[u8], out: &mut [u8]) -> Result<usize, EncodeError> {
        self.envelope(message)?.write_into(message, out)
    }

    /// Appends the frame of `message` to `out` and gives its length in bytes.
    ///
    /// Cost: one copy of the message. To send without copying, see [`Envelope::slices`] and
    /// [`Encoder`](crate::Encoder).
    ///
    /// # Errors
    ///
    /// As [`envelope`](Self::envelope), and [`EncodeError::NoRoom`] for an output that cannot grow. Nothing was written.
    #[cfg(feature = "alloc")]
    #[inline]
    fn encode<B: bytes::BufMut>(&self, message: &[u8], out: &mut B) -> Result<usize, EncodeError>
    where
        Self: Sized,
    {
        self.append(message, out).map(|(len, _)| len)
    }

    /// As [`encode`](Self::encode), and says too whether the frame lasts until the end of the stream, so that none can
    /// follow: see [`Envelope::is_last`].
    ///
    /// # Errors
    ///
    /// As [`encode`](Self::encode).
    #[cfg(feature = "alloc")]
    #[inline]
    fn append<B: bytes::BufMut>(&self, message: &[u8], out: &mut B) -> Result<(usize, bool), EncodeError>
    where
        Self: Sized,
    {
        let envelope = self.envelope(message)?;
        Ok((envelope.write_to(message, out)?, envelope.is_last()))
    }

    /// Appends a frame whose message `write` appends to `out`: what has to go ahead of it is put in afterwards.
    ///
    /// No byte of the message moves where [`header_room`](Self::header_room) was right, as it is for every prefix of
    /// fixed width. `write` must leave alone what was in `out` before.
    ///
    /// A length field inside the message is put in too: `write` writes any number there (for a field of variable
    /// width, 0 in its shortest form).
    ///
    /// ```
    /// use anysplit::{Framing, Prefix};
    /// use std::io::Write;
    ///
    /// let mut out = Vec::new();
    /// Prefix::u32_be().encode_with(&mut out, |out| write!(out, "{}", 6 * 7).unwrap())?;
    /// assert_eq!(out, b"\x00\x00\x00\x0242");
    /// # Ok::<(), anysplit::EncodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`envelope`](Self::envelope). `out` is then as it was before.
    #[cfg(feature = "alloc")]
    fn encode_with<O: crate::Output>(&self, out: &mut O, write: impl FnOnce(&mut O)) -> Result<usize, EncodeError>
    where
        Self: Sized,
    {
        self.try_encode_with(out, |out| {
            write(out);
            Ok(())
        })
    }

    /// As [`encode_with`](Self::encode_with), for a `write` that can fail.
    ///
    /// # Errors
    ///
    /// What `write` returns, and as [`envelope`](Self::envelope). `out` is then as it was before.
    #[cfg(feature = "alloc")]
    fn try_encode_with<O, E>(&self, out: &mut O, write: impl FnOnce(&mut O) -> Result<(), E>) -> Result<usize, E>
    where
        Self: Sized,
        O: crate::Output,
        E: From<EncodeError>,
    {
        crate::contract::encode::encode_with(self, out, write).map(|(len, _)| len)
    }
}

macro_rules! forward_framing {
    ($($kind:ty),*) => {$(
        impl<F: Framing + ?Sized> Framing for $kind {
            #[inline]
            fn locate(&self, input: &[u8], progress: Progress) -> Result<Located, FrameError> {
                (**self).locate(input, progress)
            }
            #[inline]
            fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
                (**self).envelope(message)
            }
            #[inline]
            fn at_eof(&self, rest: &[u8], progress: Progress) -> Result<AtEof, FrameError> {
                (**self).at_eof(rest, progress)
            }
            #[inline]
            fn locate_by_header(&self, input: &[u8]) -> Option<Extent> {
                (**self).locate_by_header(input)
            }
            #[inline]
            fn plain_prefix(&self) -> Option<PlainPrefix> {
                (**self).plain_prefix()
            }
            #[inline]
            fn last_bytes(&self) -> Option<LastBytes<'_>> {
                (**self).last_bytes()
            }
            #[inline]
            fn ending(&self, wire: &[u8]) -> Option<Extent> {
                (**self).ending(wire)
            }
            #[inline]
            fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
                (**self).patch(message)
            }
            #[inline]
            fn header_room(&self) -> usize {
                (**self).header_room()
            }
            #[inline]
            fn max_payload_len(&self) -> u64 {
                (**self).max_payload_len()
            }
        }
    )*};
}

forward_framing!(&F);
#[cfg(feature = "alloc")]
forward_framing!(alloc::boxed::Box<F>, alloc::rc::Rc<F>, alloc::sync::Arc<F>);

/// The lengths of a frame's three parts. All of the frame may still be on its way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Extent {
    payload: u64,
    header: u16,
    message_header: u16,
    trailer: u16,
    /// Not a `bool`, so that no byte is left over: 16 bytes that are copied in one.
    control: u16,
}

impl Extent {
    /// A frame of `header`, `payload` and `trailer` bytes whose message_header is empty.
    #[inline]
    #[must_use]
    pub const fn new(header: u16, payload: u64, trailer: u16) -> Self {
        Self { payload, header, message_header: 0, trailer, control: 0 }
    }

    /// The same, with the first `message_header` bytes of the header belonging to the message. At most the header is taken.
    #[inline]
    #[must_use]
    pub const fn with_message_header(mut self, message_header: u16) -> Self {
        self.message_header = if message_header < self.header { message_header } else { self.header };
        self
    }

    /// The same, as a control frame: one that carries no message, such as git's flush packet `0000`.
    #[inline]
    #[must_use]
    pub const fn as_control(mut self) -> Self {
        self.control = 1;
        self
    }

    /// Bytes ahead of the payload.
    #[inline]
    #[must_use]
    pub const fn header_len(&self) -> usize {
        self.header as usize
    }

    /// Bytes of the header that belong to the message, at its start. Never more than [`header_len`](Self::header_len).
    #[inline]
    #[must_use]
    pub const fn message_header_len(&self) -> usize {
        self.message_header as usize
    }

    /// Bytes of payload.
    #[inline]
    #[must_use]
    pub const fn payload_len(&self) -> u64 {
        self.payload
    }

    /// Bytes after the payload.
    #[inline]
    #[must_use]
    pub const fn trailer_len(&self) -> usize {
        self.trailer as usize
    }

    /// Bytes of the whole frame: header, payload and trailer. `u64::MAX` stands for itself and all above.
    #[inline]
    #[must_use]
    pub const fn frame_len(&self) -> u64 {
        self.payload.saturating_add(self.header as u64 + self.trailer as u64)
    }

    /// Whether this is a control frame, which carries no message.
    #[inline]
    #[must_use]
    pub const fn is_control(&self) -> bool {
        self.control != 0
    }

    /// The frame's length, if that many bytes are there.
    #[inline]
    #[must_use]
    pub const fn fits(&self, available: usize) -> Option<usize> {
        match self.payload.checked_add(self.header as u64 + self.trailer as u64) {
            // `usize` has at most 64 bits on every target, and `len` is at most `available` where it is cut down.
            #[allow(clippy::cast_possible_truncation)]
            Some(len) if len <= available as u64 => Some(len as usize),
            _ => None,
        }
    }

    /// The length of a frame that is known to be in memory, so that nothing here can overflow.
    #[cfg(feature = "alloc")]
    #[inline]
    pub(crate) fn whole_len(&self) -> usize {
        let around = usize::from(self.header).wrapping_add(self.trailer.into());
        usize::try_from(self.payload).unwrap_or(usize::MAX).wrapping_add(around)
    }

    /// The payload of the frame at the front of `input` and what comes after the frame, if all of it is there.
    #[inline(always)]
    pub(crate) fn cut<'a>(&self, input: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let (payload, after) =
            input.get(self.header.into()..)?.split_at_checked(usize::try_from(self.payload).ok()?)?;
        Some((payload, after.get(self.trailer.into()..)?))
    }

    /// The same frame inside another whose header is `by` bytes longer. The message_header grows with it.
    #[inline]
    pub(crate) const fn nested(mut self, by: u16) -> Self {
        self.header = self.header.saturating_add(by);
        self.message_header = self.message_header.saturating_add(by);
        self
    }
}

/// How far earlier calls of [`Framing::locate`] got with the same frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Progress {
    /// What the last answer gave as `scanned`: no end of the frame begins before this index. A framing may trust it or
    /// start afresh, but pays for that with work that is not linear. Never more than the input's length.
    pub scanned: usize,
    /// Payload bytes that stood between the header and the rest of the input, were passed on, and are gone.
    ///
    /// A framing that answered [`Located::Open`] counts them for the limit, and not in the extent. One that announces
    /// the length is asked once more when all of the payload is gone, to look at the trailer: it answers with the same
    /// extent as before, or a fault.
    pub passed: u64,
    /// The header's length, where the last answer was [`Located::Open`], and 0 where it was not: it says in which of the two
    /// `scanned` lies. So a header need not be read again for every chunk of a payload that is searched for its end. A
    /// framing that holds another hands on both, less the bytes that it has ahead of it.
    pub header: u16,
    /// Whether the limit is off, because the frame is known to be over it and is being skipped.
    pub unlimited: bool,
}

/// What is known of where a frame ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Located {
    /// Everything. The bytes may still be on their way.
    Known(Extent),
    /// Not yet: the header is unfinished.
    Header {
        /// At least this many bytes more belong to the frame.
        need: NonZeroUsize,
        /// To be handed to the next call as [`Progress::scanned`].
        ///
        /// More than the input's length says that there is nothing new to see before so many bytes are there: the next
        /// call comes then, or at the end of the stream, and with a `scanned` of 0.
        scanned: usize,
    },
    /// Not yet: the payload has begun, nothing ahead of it says how long it is, and its end has not come.
    Open {
        /// Length of the header in bytes.
        header: u16,
        /// Every byte from the header's end to this index is payload. To be handed to the next call as
        /// [`Progress::scanned`]. Never less than `header` nor more than the input's length.
        scanned: usize,
        /// At least this many bytes more belong to the frame.
        need: NonZeroUsize,
    },
}

impl Located {
    /// A header that lacks at least `need` bytes (0 is taken for 1).
    #[inline]
    #[must_use]
    pub const fn header(need: usize) -> Self {
        Self::Header { need: at_least_one(need), scanned: 0 }
    }

    /// The extent, where it is known.
    #[cfg(feature = "alloc")]
    #[inline]
    pub(crate) const fn known(self) -> Option<Extent> {
        match self {
            Self::Known(extent) => Some(extent),
            _ => None,
        }
    }

    /// What the end of the stream cuts, where `have` bytes of the frame are there.
    pub(crate) fn cut(self, have: usize, progress: Progress) -> Truncated {
        let have = have as u64;
        match self {
            Self::Header { need, .. } => Truncated::Header { have, need: have.saturating_add(need.get() as u64) },
            Self::Open { .. } => Truncated::Unterminated { have: have.saturating_add(progress.passed) },
            Self::Known(extent) => {
                let header = u64::from(extent.header);
                let payload = extent.payload.saturating_add(progress.passed);
                let after = have.saturating_sub(header).saturating_add(progress.passed);
                if have < header {
                    Truncated::Header { have, need: header }
                } else if after < payload {
                    Truncated::Payload { have: after, need: payload }
                } else {
                    Truncated::Trailer { have: after - payload, need: u64::from(extent.trailer) }
                }
            }
        }
    }

    /// The same answer for a frame whose header is `by` bytes longer.
    #[inline]
    pub(crate) fn nested(self, by: u16) -> Self {
        match self {
            Self::Known(extent) => Self::Known(extent.nested(by)),
            Self::Header { need, scanned } => Self::Header { need, scanned: scanned.saturating_add(by.into()) },
            Self::Open { header, scanned, need } => {
                Self::Open { header: header.saturating_add(by), scanned: scanned.saturating_add(by.into()), need }
            }
        }
    }
}

/// What the end of the stream means for the bytes left over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AtEof {
    /// Nothing is left.
    Clean,
    /// The end completes a frame, which is all that is left.
    Frame(Extent),
    /// The end cuts a frame.
    Truncated(Truncated),
}

/// What goes around one message: `header ‖ message[skip..] ‖ trailer` is its frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    header: ShortBytes,
    skip: usize,
    trailer: &'a [u8],
    last: bool,
}

impl<'a> Envelope<'a> {
    /// `header` ahead of the message, nothing after it.
    #[inline]
    #[must_use]
    pub const fn new(header: ShortBytes) -> Self {
        Self { header, skip: 0, trailer: &[], last: false }
    }

    /// The same, with this trailer after the message.
    #[inline]
    #[must_use]
    pub const fn with_trailer(mut self, trailer: &'a [u8]) -> Self {
        self.trailer = trailer;
        self
    }

    /// The same, with the first `skip` bytes of the message left out, as they stand in the header.
    #[inline]
    #[must_use]
    pub const fn skipping(mut self, skip: usize) -> Self {
        self.skip = skip;
        self
    }

    /// The same for a frame that lasts until the end of the stream, so that none can follow.
    #[inline]
    #[must_use]
    pub const fn as_last(mut self) -> Self {
        self.last = true;
        self
    }

    /// The same around a message with these bytes in front, which are left out too.
    pub(crate) fn nested(self, message_header: &[u8]) -> Result<Self, EncodeError> {
        let mut header = ShortBytes::new(message_header)?;
        header.push(&self.header)?;
        Ok(Self { header, skip: self.skip.saturating_add(message_header.len()), ..self })
    }

    /// The bytes ahead of what is left of the message.
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
    pub const fn trailer(&self) -> &'a [u8] {
        self.trailer
    }

    /// Whether the frame lasts until the end of the stream, so that none can follow.
    #[inline]
    #[must_use]
    pub const fn is_last(&self) -> bool {
        self.last
    }

    /// The frame of `message` in three slices, for a vectored write that does not copy the payload.
    ///
    /// ```
    /// use anysplit::{Framing, Prefix};
    ///
    /// let netstring = Prefix::netstring();
    /// let envelope = netstring.envelope(b"hello")?;
    /// assert_eq!(envelope.slices(b"hello"), [&b"5:"[..], b"hello", b","]);
    /// # Ok::<(), anysplit::EncodeError>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn slices<'s>(&'s self, message: &'s [u8]) -> [&'s [u8]; 3] {
        [self.header.as_slice(), message.get(self.skip..).unwrap_or_default(), self.trailer]
    }

    /// The length of `message`'s frame in bytes.
    #[inline]
    #[must_use]
    pub fn frame_len(&self, message: &[u8]) -> u64 {
        let [header, payload, trailer] = self.slices(message);
        // All of it is in memory.
        (header.len() as u64).wrapping_add(payload.len() as u64).wrapping_add(trailer.len() as u64)
    }

    fn write_into(&self, message: &[u8], out: &mut [u8]) -> Result<usize, EncodeError> {
        let need = self.frame_len(message);
        let mut room = &mut *out;
        if need > room.len() as u64 {
            return Err(EncodeError::NoRoom { need, have: room.len() as u64 });
        }
        let mut written = 0;
        for part in self.slices(message) {
            let (here, after) = room.split_at_mut(part.len());
            here.copy_from_slice(part);
            written += part.len();
            room = after;
        }
        Ok(written)
    }

    #[cfg(feature = "alloc")]
    #[inline]
    pub(crate) fn write_to<B: bytes::BufMut>(&self, message: &[u8], out: &mut B) -> Result<usize, EncodeError> {
        let need = self.frame_len(message);
        let have = out.remaining_mut() as u64;
        if need > have {
            return Err(EncodeError::NoRoom { need, have });
        }
        let [header, payload, trailer] = self.slices(message);
        put_short(header, out);
        out.put_slice(payload);
        put_short(trailer, out);
        // All of it is in memory.
        Ok(header.len().wrapping_add(payload.len()).wrapping_add(trailer.len()))
    }
}

/// Heads and trailers are too short for a call of `memcpy` each: the commonest lengths are copied in place.
#[cfg(feature = "alloc")]
#[inline]
fn put_short<B: bytes::BufMut>(bytes: &[u8], out: &mut B) {
    match *bytes {
        [] => {}
        [a] => out.put_u8(a),
        [a, b] => out.put_slice(&[a, b]),
        [a, b, c, d] => out.put_slice(&[a, b, c, d]),
        _ => out.put_slice(bytes),
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
