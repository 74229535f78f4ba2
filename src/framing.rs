//! The contract that all framings share.

use core::num::NonZeroUsize;

use crate::error::{Cut, Fault, Refusal};
use crate::head::Head;
use crate::number::at_least_one;

pub(crate) mod by_first_byte;
pub(crate) mod by_type;
pub(crate) mod chunked;
pub(crate) mod delimited;
pub(crate) mod either;
pub(crate) mod enclosed;
pub(crate) mod fixed;
pub(crate) mod header_block;
pub(crate) mod last_bytes;
pub(crate) mod length_field;
pub(crate) mod limit;
pub(crate) mod line_then_block;
pub(crate) mod plain_prefix;
pub(crate) mod prefix;
#[cfg(all(test, feature = "alloc"))]
pub(crate) mod testing;
pub(crate) mod until_close;

pub use last_bytes::LastBytes;
pub use plain_prefix::PlainPrefix;

/// The limit of every framing whose wire form sets no smaller one: 8 MiB of payload.
pub const DEFAULT_MAX_PAYLOAD_LEN: u64 = 8 * 1024 * 1024;

/// What goes around a message on the wire, in both directions.
///
/// A framing is a small immutable value. It holds no buffer, does no I/O and allocates nothing, and one value can serve
/// any number of connections at once, by reference.
///
/// ```text
///  frame = head ‖ payload ‖ tail         all on the wire
///  head  = front ‖ rest of the head      the front is the part of the head that belongs to the message
///  message = front ‖ payload             what is given to encode, and what decoding gives back
/// ```
///
/// For most framings the front is empty and the message is the payload. In [`ByType`](crate::ByType) the front is the
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
/// use anysplit::{Envelope, Extent, Fault, FaultKind, Framing, Head, Located, Progress, Refusal};
///
/// struct Signed;
///
/// impl Framing for Signed {
///     fn locate(&self, input: &[u8], _: Progress) -> Result<Located, Fault> {
///         match *input {
///             [] => Ok(Located::head(2)),
///             [found, ..] if found != b'+' && found != b'-' => {
///                 Err(Fault::new(0, FaultKind::UnknownType { found }))
///             }
///             [_] => Ok(Located::head(1)),
///             // The sign is the front: it is part of the message.
///             [_, len, ..] => Ok(Located::Known(Extent::new(2, len.into(), 0).with_front(1))),
///         }
///     }
///
///     fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, Refusal> {
///         let (&sign, payload) = message.split_first().ok_or(Refusal::Empty)?;
///         if sign != b'+' && sign != b'-' {
///             return Err(Refusal::UnknownType { found: sign });
///         }
///         let value = payload.len() as u64;
///         let len = u8::try_from(payload.len()).map_err(|_| Refusal::DoesNotFit { value, max: 255 })?;
///         Ok(Envelope::new(Head::new(&[sign, len])?).skipping(1))
///     }
/// }
///
/// let mut wire = [0; 7];
/// assert_eq!(Signed.encode_into(b"+hello", &mut wire), Ok(7));
/// assert_eq!(&wire, b"+\x05hello");
/// assert_eq!(Signed.encode_into(b"?hello", &mut wire), Err(Refusal::UnknownType { found: b'?' }));
/// ```
pub trait Framing {
    /// Where the frame at the front of `input` ends, as soon as that is known.
    ///
    /// `input` begins with the first byte of a frame and holds what has arrived of it, and perhaps of frames behind it.
    /// `progress` says how far earlier calls with the same frame got, and is [`Progress::default`] at the first.
    ///
    /// The answer for a longer input agrees with every answer for a shorter one: a [`Located::Known`] extent stays as
    /// it is, but for a fault in the tail; a fault stays the same fault. `need` never exceeds what the frame really
    /// lacks. So a head in which a byte can still be wrong is not `Known`.
    ///
    /// # Errors
    ///
    /// A [`Fault`] at the first byte that proves that no frame begins here. A payload over the limit is
    /// [`FaultKind::Oversize`](crate::FaultKind::Oversize), unless `progress.unlimited`.
    fn locate(&self, input: &[u8], progress: Progress) -> Result<Located, Fault>;

    /// What goes around `message` on the wire.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] for every message that decoding would not give back the same.
    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, Refusal>;

    /// What the end of the stream means for `rest`, the bytes of which [`locate`](Self::locate) made no whole frame.
    ///
    /// Where `progress.passed` is not 0, a frame has begun of which the payload so far is gone, so that `rest` may be
    /// empty and the end not clean.
    ///
    /// Provided: nothing left is a clean end, anything else was cut.
    ///
    /// # Errors
    ///
    /// A [`Fault`] where `rest` is no beginning of a frame.
    fn at_end(&self, rest: &[u8], progress: Progress) -> Result<AtEnd, Fault> {
        if rest.is_empty() && progress.passed == 0 {
            return Ok(AtEnd::Clean);
        }
        Ok(AtEnd::Cut(self.locate(rest, progress)?.cut(rest.len(), progress)))
    }

    /// The extent of the frame at the front of `input`, where its head alone tells it.
    ///
    /// What goes from frame to frame asks here first, and [`locate`](Self::locate) where there is no answer. An answer is
    /// what `locate` says, and stays so whatever follows the head: a frame with the same head is as long. No answer means
    /// nothing. Provided: none. A framing overrides it to be faster.
    #[inline]
    fn locate_by_head(&self, input: &[u8]) -> Option<Extent> {
        let _ = input;
        None
    }

    /// The number that every frame begins with, for a framing whose frames are that number, so many bytes of payload, and
    /// perhaps a tail that is always the same. Provided: none.
    ///
    /// A framing that gives one is faster where many frames are taken at once: which kind of number it is, is then asked once
    /// and not for each. Always the same answer, which agrees with [`locate`](Self::locate).
    #[inline]
    fn plain_prefix(&self) -> Option<PlainPrefix> {
        None
    }

    /// The bytes with which a frame can end, for a framing without heads whose frames end at the first such byte that ends
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
    /// A [`Refusal`] where the message has no place for it.
    fn amendment(&self, message: &[u8]) -> Result<Option<Amendment>, Refusal> {
        let _ = message;
        Ok(None)
    }

    /// How many bytes a frame has ahead of its message, as far as that can be told without the message.
    ///
    /// `encode_with` leaves so much room, and moves the message only where the guess was wrong. Provided: 0.
    fn head_room(&self) -> usize {
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
    fn encoded_len(&self, message: &[u8]) -> Result<u64, Refusal> {
        Ok(self.envelope(message)?.frame_len(message))
    }

    /// Writes the frame of `message` to the front of `out` and gives its length in bytes. Needs no allocator.
    ///
    /// # Errors
    ///
    /// As [`envelope`](Self::envelope), and [`Refusal::NoRoom`]. Nothing was written.
    fn encode_into(&self, message: &[u8], out: &mut [u8]) -> Result<usize, Refusal> {
        self.envelope(message)?.write_into(message, out)
    }

    /// Appends the frame of `message` to `out` and gives its length in bytes.
    ///
    /// Cost: one copy of the message. To send without copying, see [`Envelope::slices`] and
    /// [`Outbox`](crate::Outbox).
    ///
    /// # Errors
    ///
    /// As [`envelope`](Self::envelope), and [`Refusal::NoRoom`] for an output that cannot grow. Nothing was written.
    #[cfg(feature = "alloc")]
    #[inline]
    fn encode<B: bytes::BufMut>(&self, message: &[u8], out: &mut B) -> Result<usize, Refusal>
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
    fn append<B: bytes::BufMut>(&self, message: &[u8], out: &mut B) -> Result<(usize, bool), Refusal>
    where
        Self: Sized,
    {
        let envelope = self.envelope(message)?;
        Ok((envelope.write_to(message, out)?, envelope.is_last()))
    }

    /// Appends a frame whose message `write` appends to `out`: what has to go ahead of it is put in afterwards.
    ///
    /// No byte of the message moves where [`head_room`](Self::head_room) was right, as it is for every prefix of
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
    /// # Ok::<(), anysplit::Refusal>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`envelope`](Self::envelope). `out` is then as it was before.
    #[cfg(feature = "alloc")]
    fn encode_with<O: crate::Output>(&self, out: &mut O, write: impl FnOnce(&mut O)) -> Result<usize, Refusal>
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
        E: From<Refusal>,
    {
        crate::output::encode_with(self, out, write).map(|(len, _)| len)
    }
}

macro_rules! forward_framing {
    ($($kind:ty),*) => {$(
        impl<F: Framing + ?Sized> Framing for $kind {
            #[inline]
            fn locate(&self, input: &[u8], progress: Progress) -> Result<Located, Fault> {
                (**self).locate(input, progress)
            }
            #[inline]
            fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, Refusal> {
                (**self).envelope(message)
            }
            #[inline]
            fn at_end(&self, rest: &[u8], progress: Progress) -> Result<AtEnd, Fault> {
                (**self).at_end(rest, progress)
            }
            #[inline]
            fn locate_by_head(&self, input: &[u8]) -> Option<Extent> {
                (**self).locate_by_head(input)
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
            fn amendment(&self, message: &[u8]) -> Result<Option<Amendment>, Refusal> {
                (**self).amendment(message)
            }
            #[inline]
            fn head_room(&self) -> usize {
                (**self).head_room()
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
    head: u16,
    front: u16,
    tail: u16,
    /// Not a `bool`, so that no byte is left over: 16 bytes that are copied in one.
    control: u16,
}

impl Extent {
    /// A frame of `head`, `payload` and `tail` bytes whose front is empty.
    #[inline]
    #[must_use]
    pub const fn new(head: u16, payload: u64, tail: u16) -> Self {
        Self { payload, head, front: 0, tail, control: 0 }
    }

    /// The same, with the first `front` bytes of the head belonging to the message. At most the head is taken.
    #[inline]
    #[must_use]
    pub const fn with_front(mut self, front: u16) -> Self {
        self.front = if front < self.head { front } else { self.head };
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
    pub const fn head_len(&self) -> usize {
        self.head as usize
    }

    /// Bytes of the head that belong to the message, at its start. Never more than [`head_len`](Self::head_len).
    #[inline]
    #[must_use]
    pub const fn front_len(&self) -> usize {
        self.front as usize
    }

    /// Bytes of payload.
    #[inline]
    #[must_use]
    pub const fn payload_len(&self) -> u64 {
        self.payload
    }

    /// Bytes behind the payload.
    #[inline]
    #[must_use]
    pub const fn tail_len(&self) -> usize {
        self.tail as usize
    }

    /// Bytes of the whole frame: head, payload and tail. `u64::MAX` stands for itself and all above.
    #[inline]
    #[must_use]
    pub const fn frame_len(&self) -> u64 {
        self.payload.saturating_add(self.head as u64 + self.tail as u64)
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
        match self.payload.checked_add(self.head as u64 + self.tail as u64) {
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
        let around = usize::from(self.head).wrapping_add(self.tail.into());
        usize::try_from(self.payload).unwrap_or(usize::MAX).wrapping_add(around)
    }

    /// The payload of the frame at the front of `input` and what comes behind the frame, if all of it is there.
    #[inline(always)]
    pub(crate) fn cut<'a>(&self, input: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let (payload, behind) = input.get(self.head.into()..)?.split_at_checked(usize::try_from(self.payload).ok()?)?;
        Some((payload, behind.get(self.tail.into()..)?))
    }

    /// The same frame inside another whose head is `by` bytes longer. The front grows with it.
    #[inline]
    pub(crate) const fn nested(mut self, by: u16) -> Self {
        self.head = self.head.saturating_add(by);
        self.front = self.front.saturating_add(by);
        self
    }
}

/// How far earlier calls of [`Framing::locate`] got with the same frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Progress {
    /// What the last answer gave as `scanned`: no end of the frame begins before this index. A framing may trust it or
    /// start afresh, but pays for that with work that is not linear. Never more than the input's length.
    pub scanned: usize,
    /// Payload bytes that stood between the head and the rest of the input, were passed on, and are gone.
    ///
    /// A framing that answered [`Located::Open`] counts them for the limit, and not in the extent. One that announces
    /// the length is asked once more when all of the payload is gone, to look at the tail: it answers with the same
    /// extent as before, or a fault.
    pub passed: u64,
    /// The head's length, where the last answer was [`Located::Open`], and 0 where it was not: it says in which of the two
    /// `scanned` lies. So a head need not be read again for every chunk of a payload that is searched for its end. A
    /// framing that holds another hands on both, less the bytes that it has ahead of it.
    pub head: u16,
    /// Whether the limit is off, because the frame is known to be over it and is being skipped.
    pub unlimited: bool,
}

/// What is known of where a frame ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Located {
    /// Everything. The bytes may still be on their way.
    Known(Extent),
    /// Not yet: the head is unfinished.
    Head {
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
        /// Length of the head in bytes.
        head: u16,
        /// Every byte from the head's end to this index is payload. To be handed to the next call as
        /// [`Progress::scanned`]. Never less than `head` nor more than the input's length.
        scanned: usize,
        /// At least this many bytes more belong to the frame.
        need: NonZeroUsize,
    },
}

impl Located {
    /// A head that lacks at least `need` bytes (0 is taken for 1).
    #[inline]
    #[must_use]
    pub const fn head(need: usize) -> Self {
        Self::Head { need: at_least_one(need), scanned: 0 }
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
    pub(crate) fn cut(self, have: usize, progress: Progress) -> Cut {
        let have = have as u64;
        match self {
            Self::Head { need, .. } => Cut::Head { have, need: have.saturating_add(need.get() as u64) },
            Self::Open { .. } => Cut::Unterminated { have: have.saturating_add(progress.passed) },
            Self::Known(extent) => {
                let head = u64::from(extent.head);
                let payload = extent.payload.saturating_add(progress.passed);
                let behind = have.saturating_sub(head).saturating_add(progress.passed);
                if have < head {
                    Cut::Head { have, need: head }
                } else if behind < payload {
                    Cut::Payload { have: behind, need: payload }
                } else {
                    Cut::Tail { have: behind - payload, need: u64::from(extent.tail) }
                }
            }
        }
    }

    /// The same answer for a frame whose head is `by` bytes longer.
    #[inline]
    pub(crate) fn nested(self, by: u16) -> Self {
        match self {
            Self::Known(extent) => Self::Known(extent.nested(by)),
            Self::Head { need, scanned } => Self::Head { need, scanned: scanned.saturating_add(by.into()) },
            Self::Open { head, scanned, need } => {
                Self::Open { head: head.saturating_add(by), scanned: scanned.saturating_add(by.into()), need }
            }
        }
    }
}

/// What the end of the stream means for the bytes left over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AtEnd {
    /// Nothing is left.
    Clean,
    /// The end completes a frame, which is all that is left.
    Frame(Extent),
    /// The end cuts a frame.
    Cut(Cut),
}

/// What goes around one message: `head ‖ message[skip..] ‖ tail` is its frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    head: Head,
    skip: usize,
    tail: &'a [u8],
    last: bool,
}

impl<'a> Envelope<'a> {
    /// `head` ahead of the message, nothing behind it.
    #[inline]
    #[must_use]
    pub const fn new(head: Head) -> Self {
        Self { head, skip: 0, tail: &[], last: false }
    }

    /// The same, with this tail behind the message.
    #[inline]
    #[must_use]
    pub const fn with_tail(mut self, tail: &'a [u8]) -> Self {
        self.tail = tail;
        self
    }

    /// The same, with the first `skip` bytes of the message left out, as they stand in the head.
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
    pub(crate) fn nested(self, front: &[u8]) -> Result<Self, Refusal> {
        let mut head = Head::new(front)?;
        head.push(&self.head)?;
        Ok(Self { head, skip: self.skip.saturating_add(front.len()), ..self })
    }

    /// The bytes ahead of what is left of the message.
    #[inline]
    #[must_use]
    pub const fn head(&self) -> &Head {
        &self.head
    }

    /// How many bytes at the start of the message are not written, because the head has them.
    #[inline]
    #[must_use]
    pub const fn skip(&self) -> usize {
        self.skip
    }

    /// The bytes behind the message.
    #[inline]
    #[must_use]
    pub const fn tail(&self) -> &'a [u8] {
        self.tail
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
    /// # Ok::<(), anysplit::Refusal>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn slices<'s>(&'s self, message: &'s [u8]) -> [&'s [u8]; 3] {
        [self.head.as_slice(), message.get(self.skip..).unwrap_or_default(), self.tail]
    }

    /// The length of `message`'s frame in bytes.
    #[inline]
    #[must_use]
    pub fn frame_len(&self, message: &[u8]) -> u64 {
        let [head, payload, tail] = self.slices(message);
        // All of it is in memory.
        (head.len() as u64).wrapping_add(payload.len() as u64).wrapping_add(tail.len() as u64)
    }

    fn write_into(&self, message: &[u8], out: &mut [u8]) -> Result<usize, Refusal> {
        let need = self.frame_len(message);
        let mut room = &mut *out;
        if need > room.len() as u64 {
            return Err(Refusal::NoRoom { need, have: room.len() as u64 });
        }
        let mut written = 0;
        for part in self.slices(message) {
            let (here, behind) = room.split_at_mut(part.len());
            here.copy_from_slice(part);
            written += part.len();
            room = behind;
        }
        Ok(written)
    }

    #[cfg(feature = "alloc")]
    #[inline]
    pub(crate) fn write_to<B: bytes::BufMut>(&self, message: &[u8], out: &mut B) -> Result<usize, Refusal> {
        let need = self.frame_len(message);
        let have = out.remaining_mut() as u64;
        if need > have {
            return Err(Refusal::NoRoom { need, have });
        }
        let [head, payload, tail] = self.slices(message);
        put_short(head, out);
        out.put_slice(payload);
        put_short(tail, out);
        // All of it is in memory.
        Ok(head.len().wrapping_add(payload.len()).wrapping_add(tail.len()))
    }
}

/// Heads and tails are too short for a call of `memcpy` each: the commonest lengths are copied in place.
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
pub struct Amendment {
    /// Where the bytes to be replaced begin, from the start of the message.
    pub at: usize,
    /// How many they are.
    pub len: usize,
    /// What takes their place.
    pub bytes: Head,
}
