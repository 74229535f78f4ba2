//! The answers of a framing about the bytes of a frame.

use crate::contract::Framing;
use crate::error::{DecodeErrorKind, FrameError, Truncated};

/// What a framing remembers of a frame between two calls of [`locate`](crate::Framing::locate).
///
/// At the start of a frame everything except `previous` is zero. The decoder passes the same value to each call for the frame. If it
/// removes payload bytes in between, it subtracts their number from `scanned`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Progress {
    /// Where the search continues: an index into the input, never above its length. Written by the framing.
    pub scanned: usize,
    /// How many payload bytes between the header and the rest of the input were removed: returned in pieces, or skipped. Written by
    /// the decoder. They count towards the limit, but not in the extent.
    pub consumed: u64,
    /// Four numbers for the framing: a count, a depth, a length of the header. Written by the framing. They must not be indexes
    /// after the header, because the bytes there move.
    pub carry: [u64; 4],
    /// The `next` of the frame or the filler before this frame. 0 at the start of the stream.
    pub previous: u32,
    /// What this frame leaves for the next one, such as that it ended with a CR. Written by the framing.
    pub next: u32,
    /// The frame is rejected: report where it ends, and ignore the limit and wrong payload bytes. `next` is then as always, or 0
    /// where the peer does not go on after a rejected frame.
    pub lenient: bool,
}

impl Progress {
    /// Adapts the memory to an inner framing, whose frames begin `by` bytes later.
    #[inline]
    pub(crate) const fn enter(&mut self, by: usize) {
        self.scanned = self.scanned.saturating_sub(by);
    }

    /// Judges a payload whose length was not announced: `here` bytes of it are in the input, from `start` on.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::Oversize`] at the first byte over the limit.
    #[inline]
    pub(crate) fn judge_len(&self, start: usize, here: usize, max: u64) -> Result<(), FrameError> {
        if self.lenient || (here as u64).saturating_add(self.consumed) <= max {
            return Ok(());
        }
        // `max - consumed` is less than `here`, so it fits.
        let left = usize::try_from(max.saturating_sub(self.consumed)).unwrap_or(here);
        let kind = DecodeErrorKind::Oversize { len: max.saturating_add(1), max };
        Err(FrameError::new(start.saturating_add(left), kind))
    }

    /// Undoes [`enter`](Self::enter).
    #[inline]
    pub(crate) const fn leave(&mut self, by: usize) {
        self.scanned = self.scanned.saturating_add(by);
    }
}

/// What is known of where a frame ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Located {
    /// The lengths of all parts. This answer is final. Bytes of the frame may still be missing.
    Known(Extent),
    /// The answer cannot change before the frame has this many bytes, or the stream ends.
    Wait(u64),
    /// The header is incomplete. Any new byte may change the answer; the frame has at least this many bytes.
    Header(u64),
    /// The payload has begun, nothing before it announced its length, and its end has not arrived.
    Search {
        /// The header, the flags, and as `payload` the bytes of the input that are payload for certain. A frame that is
        /// [rewritten](Extent::rewritten) may turn out at its end to be plain.
        so_far: Extent,
        /// The frame has at least this many bytes, counted as the input is.
        least: u64,
    },
    /// This many bytes, at least 1, are between two frames: flags, heart-beats, blanks. They are dropped and not reported.
    Filler(usize),
}

impl Located {
    /// The extent, if it is known.
    #[inline]
    #[must_use]
    pub const fn known(self) -> Option<Extent> {
        match self {
            Self::Known(extent) => Some(extent),
            _ => None,
        }
    }

    /// Returns this answer for a frame whose header is `by` bytes longer.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::HeaderTooLong`] for a header over 65,535 bytes; [`DecodeErrorKind::Custom`] for filler, which
    /// has no place inside a frame.
    #[inline]
    pub(crate) fn nested(self, by: u16) -> Result<Self, FrameError> {
        Ok(match self {
            Self::Known(extent) => Self::Known(extent.nested(by)?),
            Self::Wait(len) => Self::Wait(len.saturating_add(by.into())),
            Self::Header(least) => Self::Header(least.saturating_add(by.into())),
            Self::Search { so_far, least } => {
                Self::Search { so_far: so_far.nested(by)?, least: least.saturating_add(by.into()) }
            }
            Self::Filler(_) => {
                return Err(FrameError::new(by.into(), DecodeErrorKind::Custom("filler inside a frame")));
            }
        })
    }

    /// Which part of the frame the end of the stream cut, when `have` bytes of it are in the input.
    pub(crate) fn truncated(self, have: usize, consumed: u64) -> Truncated {
        let have = have as u64;
        match self {
            Self::Wait(need) | Self::Header(need) => Truncated::Header { have, need },
            Self::Search { .. } | Self::Filler(_) => Truncated::Unterminated { have: have.saturating_add(consumed) },
            Self::Known(extent) => {
                let header = u64::from(extent.header);
                let payload = extent.payload.saturating_add(consumed);
                let after_header = have.saturating_sub(header).saturating_add(consumed);
                if have < header {
                    Truncated::Header { have, need: header }
                } else if after_header < payload {
                    Truncated::Payload { have: after_header, need: payload }
                } else {
                    Truncated::Trailer { have: after_header - payload, need: extent.trailer.into() }
                }
            }
        }
    }
}

/// The lengths of a frame's parts, in bytes on the wire, and what must be done with it.
///
/// ```text
///  frame   = header ‖ payload ‖ trailer
///  message = message header ‖ payload       the message header is the part of the header that belongs to the message
/// ```
///
/// The bytes of the frame may still be missing. An extent has 16 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Extent {
    payload: u64,
    header: u16,
    message_header: u16,
    trailer: u16,
    flags: u16,
}

const CHECKED: u16 = 1;
const REWRITTEN: u16 = 2;
const CONTROL: u16 = 4;
const IN_ONE_PIECE: u16 = 8;
const OPENS_IN_PIECES: u16 = 1 << 9;
const AFTER_FILLER_SHIFT: u32 = 8;
const AFTER_FILLER: u16 = 1 << AFTER_FILLER_SHIFT;
/// How many checks stand around the innermost one: four bits.
const DEPTH_SHIFT: u32 = 4;
const DEPTH: u16 = 15 << DEPTH_SHIFT;
/// How many bytes after the start of the header the message header begins: four bits.
const START_SHIFT: u32 = 12;

impl Extent {
    /// A frame of `header`, `payload` and `trailer` bytes without a message header.
    #[inline]
    #[must_use]
    pub const fn new(header: u16, payload: u64, trailer: u16) -> Self {
        Self { payload, header, message_header: 0, trailer, flags: 0 }
    }

    /// Makes the first `len` bytes of the header part of the message. At most all of the header.
    #[inline]
    #[must_use]
    pub const fn with_message_header(mut self, len: u16) -> Self {
        self.message_header = if len < self.header { len } else { self.header };
        self
    }

    /// Marks a control frame: one that carries no message, such as git's flush packet `0000`.
    #[inline]
    #[must_use]
    pub const fn as_control(mut self) -> Self {
        self.flags |= CONTROL;
        self
    }

    /// Asks for [`check`](crate::Framing::check) before the frame is returned.
    #[inline]
    #[must_use]
    pub const fn checked(mut self) -> Self {
        self.flags |= CHECKED;
        self
    }

    /// Asks for [`open`](crate::Framing::open): the payload on the wire is not the message's payload.
    #[inline]
    #[must_use]
    pub const fn rewritten(mut self) -> Self {
        self.flags |= REWRITTEN;
        self
    }

    /// Says that [`check`](crate::Framing::check) or [`open`](crate::Framing::open) needs the complete frame: its payload
    /// is returned in one piece.
    #[inline]
    #[must_use]
    pub const fn in_one_piece(mut self) -> Self {
        self.flags |= IN_ONE_PIECE;
        self
    }

    /// Asks for a check that needs the complete frame. If `open` may be called for parts of the frame, that is noted.
    #[must_use]
    pub(crate) const fn checked_in_one_piece(mut self) -> Self {
        if !self.is_in_one_piece() {
            self.flags |= OPENS_IN_PIECES;
        }
        self.checked().in_one_piece()
    }

    /// Whether [`open`](crate::Framing::open) may be called for parts of the frame, although it is returned in one piece.
    #[must_use]
    pub(crate) const fn opens_in_pieces(&self) -> bool {
        self.flags & OPENS_IN_PIECES != 0
    }

    /// Bytes before the payload.
    #[inline]
    #[must_use]
    pub const fn header_len(&self) -> usize {
        self.header as usize
    }

    /// Bytes at the start of the header that belong to the message. Never more than [`header_len`](Self::header_len).
    #[inline]
    #[must_use]
    pub const fn message_header_len(&self) -> usize {
        self.message_header as usize
    }

    /// Where in the header the message header begins. More than 0 only after a literal of another framing.
    #[inline]
    pub(crate) const fn message_header_start(&self) -> usize {
        (self.flags >> START_SHIFT) as usize
    }

    /// Bytes of payload on the wire.
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

    /// Bytes of the complete frame: header, payload and trailer. `u64::MAX` stands for itself and everything above.
    #[inline]
    #[must_use]
    pub const fn frame_len(&self) -> u64 {
        self.payload.saturating_add(self.header as u64 + self.trailer as u64)
    }

    /// Whether this is a control frame, which carries no message.
    #[inline]
    #[must_use]
    pub const fn is_control(&self) -> bool {
        self.flags & CONTROL != 0
    }

    /// Whether the frame has to pass [`check`](crate::Framing::check).
    #[inline]
    #[must_use]
    pub const fn is_checked(&self) -> bool {
        self.flags & CHECKED != 0
    }

    /// Whether the payload is rewritten by [`open`](crate::Framing::open).
    #[inline]
    #[must_use]
    pub const fn is_rewritten(&self) -> bool {
        self.flags & REWRITTEN != 0
    }

    /// Whether the payload is returned in one piece.
    #[inline]
    #[must_use]
    pub const fn is_in_one_piece(&self) -> bool {
        self.flags & IN_ONE_PIECE != 0
    }

    /// Marks the frame as one that follows the frame before it, or the start of the stream, with nothing but filler between.
    #[inline]
    #[must_use]
    pub(crate) const fn after_filler_if(mut self, follows: bool) -> Self {
        self.flags |= (follows as u16) << AFTER_FILLER_SHIFT;
        self
    }

    /// Whether it is known that nothing but filler stands between the frame before it, or the start of the stream, and this frame.
    #[must_use]
    pub(crate) const fn is_after_filler(&self) -> bool {
        self.flags & AFTER_FILLER != 0
    }

    /// Whether the frame can be borrowed unchanged from the input: there is nothing to check and nothing to rewrite.
    #[cfg(feature = "alloc")]
    #[inline]
    #[must_use]
    pub(crate) const fn is_plain(&self) -> bool {
        self.flags & (CHECKED | REWRITTEN) == 0
    }

    /// Returns this frame without its check.
    #[inline]
    #[must_use]
    pub(crate) const fn without_check(mut self) -> Self {
        self.flags &= !CHECKED;
        self
    }

    /// Returns this frame with `len` more bytes of trailer and a check around it. If the frame has a check of its own, both
    /// need the complete frame.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::HeaderTooLong`] for a trailer over 65,535 bytes.
    #[inline]
    pub(crate) fn with_check_around(mut self, len: u16) -> Result<Self, FrameError> {
        self.trailer = self.trailer.checked_add(len).ok_or_else(too_long)?;
        if self.is_checked() {
            let deeper = (self.flags & DEPTH).saturating_add(1 << DEPTH_SHIFT).min(DEPTH);
            self.flags = (self.flags & !DEPTH) | deeper | IN_ONE_PIECE;
        } else {
            self.flags = (self.flags & !DEPTH) | CHECKED;
        }
        Ok(self)
    }

    /// Undoes [`with_check_around`](Self::with_check_around).
    #[inline]
    pub(crate) const fn inside_check(mut self, len: u16) -> Self {
        self.trailer = self.trailer.saturating_sub(len);
        match self.flags & DEPTH {
            0 => self.flags &= !CHECKED,
            _ => self.flags -= 1 << DEPTH_SHIFT,
        }
        self
    }

    /// Returns this frame with `len` bytes of payload.
    #[inline]
    #[must_use]
    pub(crate) const fn with_payload_len(mut self, len: u64) -> Self {
        self.payload = len;
        self
    }

    /// The frame's length, if that many bytes are there.
    #[inline]
    #[must_use]
    pub const fn fits(&self, available: usize) -> Option<usize> {
        match self.payload.checked_add(self.header as u64 + self.trailer as u64) {
            // `usize` has at most 64 bits on every target, and `len` is at most `available` here.
            #[allow(clippy::cast_possible_truncation)]
            Some(len) if len <= available as u64 => Some(len as usize),
            _ => None,
        }
    }

    /// The length of a frame that is in memory, so that nothing here can overflow.
    #[inline]
    pub(crate) fn len_in_memory(&self) -> usize {
        let around = usize::from(self.header).wrapping_add(self.trailer.into());
        usize::try_from(self.payload).unwrap_or(usize::MAX).wrapping_add(around)
    }

    /// The payload of the frame at the front of `input` and the bytes after the frame, if the frame is complete.
    #[inline(always)]
    pub(crate) fn split<'a>(&self, input: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let (payload, after) =
            input.get(self.header.into()..)?.split_at_checked(usize::try_from(self.payload).ok()?)?;
        Some((payload, after.get(self.trailer.into()..)?))
    }

    /// Returns this frame inside another whose header is `by` bytes longer. These bytes belong to the message.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::HeaderTooLong`] for a header over 65,535 bytes; [`DecodeErrorKind::Custom`] where bytes that are
    /// no part of the message would stand inside the message header.
    #[inline]
    pub(crate) fn nested(mut self, by: u16) -> Result<Self, FrameError> {
        if self.message_header_start() > 0 {
            return Err(FrameError::new(0, DecodeErrorKind::Custom("a literal in the middle of a message header")));
        }
        self.header = self.longer_header(by)?;
        self.message_header = self.message_header.saturating_add(by);
        Ok(self)
    }

    /// Returns this frame inside another whose header is `by` bytes longer. These bytes are not part of the message.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::HeaderTooLong`] for a header over 65,535 bytes, and for a message header that begins after more
    /// than 15 bytes.
    #[inline]
    pub(crate) fn nested_after_literal(mut self, by: u16) -> Result<Self, FrameError> {
        self.header = self.longer_header(by)?;
        if self.message_header > 0 {
            let start = (self.flags >> START_SHIFT).saturating_add(by);
            if start > u16::MAX >> START_SHIFT {
                return Err(too_long());
            }
            self.flags = (self.flags & !(u16::MAX << START_SHIFT)) | (start << START_SHIFT);
        }
        Ok(self)
    }

    /// Undoes [`nested`](Self::nested), or [`nested_after_literal`](Self::nested_after_literal) where the bytes are no part of
    /// the message.
    pub(crate) const fn inner(mut self, by: u16, in_message: bool) -> Self {
        self.header = self.header.saturating_sub(by);
        if in_message {
            self.message_header = self.message_header.saturating_sub(by);
        } else if self.message_header > 0 {
            let start = (self.flags >> START_SHIFT).saturating_sub(by);
            self.flags = (self.flags & !(u16::MAX << START_SHIFT)) | (start << START_SHIFT);
        }
        self
    }

    #[inline]
    fn longer_header(&self, by: u16) -> Result<u16, FrameError> {
        self.header.checked_add(by).ok_or_else(too_long)
    }
}

#[cold]
const fn too_long() -> FrameError {
    FrameError::new(0, DecodeErrorKind::HeaderTooLong { max: u16::MAX as u64 })
}

/// Consecutive bytes of a frame, for [`check`](crate::Framing::check).
///
/// A complete frame comes as one part. A frame that is returned in pieces is checked in several, in order: the first has all
/// of the header, the last all of the trailer, and no part is cut inside either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// The frame's. Before the last part, the payload's length may be unknown, and is then `u64::MAX`.
    pub extent: Extent,
    /// The frame's header, with every part.
    pub header: &'a [u8],
    /// Where these bytes begin, from the frame's start, in bytes on the wire.
    pub at: u64,
    /// The bytes.
    pub bytes: &'a [u8],
    /// Whether they end with the frame.
    pub is_last: bool,
}

impl<'a> Part<'a> {
    /// All of the frame at the front of `input`.
    #[inline]
    pub(crate) fn all(extent: Extent, input: &'a [u8]) -> Self {
        let len = extent.fits(input.len()).unwrap_or(input.len());
        let header = input.get(..extent.header_len()).unwrap_or(input);
        Self { extent, header, at: 0, bytes: input.get(..len).unwrap_or(input), is_last: true }
    }

    /// The bytes of this part whose index in the frame is in `from..to`.
    #[must_use]
    pub fn within(&self, from: u64, to: u64) -> &'a [u8] {
        let index = |at: u64| usize::try_from(at.saturating_sub(self.at)).unwrap_or(usize::MAX).min(self.bytes.len());
        self.bytes.get(index(from)..index(to)).unwrap_or_default()
    }

    /// The payload bytes of this part, as they are on the wire.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        let end = match self.is_last {
            true => self.end().saturating_sub(self.extent.trailer.into()),
            false => u64::MAX,
        };
        self.within(self.extent.header.into(), end)
    }

    /// The trailer, in the last part.
    #[must_use]
    pub fn trailer(&self) -> Option<&'a [u8]> {
        let start = self.bytes.len().checked_sub(self.extent.trailer.into())?;
        if self.is_last { self.bytes.get(start..) } else { None }
    }

    /// Where the trailer begins, from the frame's start. Meaningful in the last part.
    #[must_use]
    pub fn trailer_start(&self) -> usize {
        usize::try_from(self.end().saturating_sub(self.extent.trailer.into())).unwrap_or(usize::MAX)
    }

    /// Where these bytes end, from the frame's start.
    fn end(&self) -> u64 {
        self.at.saturating_add(self.bytes.len() as u64)
    }
}

/// Where the frame after a rejected one may begin, as an index of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NextStart {
    /// A frame may begin here, and no frame begins before.
    At(usize),
    /// No frame begins before this index, and no byte before it is needed to find where one begins.
    NotBefore(usize),
}

impl NextStart {
    /// Finds the first place from `from` on where `input` has `word`, or ends with its first bytes.
    ///
    /// ```
    /// use anysplit::contract::NextStart;
    ///
    /// assert_eq!(NextStart::at_word(b"\xaa\xaa\x55..", 1, b"\xaa\x55"), NextStart::At(1));
    /// assert_eq!(NextStart::at_word(b"\xaa...\xaa", 1, b"\xaa\x55"), NextStart::NotBefore(4));
    /// ```
    #[must_use]
    pub fn at_word(input: &[u8], from: usize, word: &[u8]) -> Self {
        let Some((&first, after)) = word.split_first() else { return Self::At(from) };
        let mut at = from.min(input.len());
        while let Some(found) = memchr::memchr(first, input.get(at..).unwrap_or_default()) {
            at = at.saturating_add(found);
            let rest = input.get(at.saturating_add(1)..).unwrap_or_default();
            if rest.starts_with(after) {
                return Self::At(at);
            }
            if after.starts_with(rest) {
                return Self::NotBefore(at);
            }
            at = at.saturating_add(1);
        }
        Self::NotBefore(input.len())
    }

    /// Finds the place after the next end that a lenient framing finds, such as the next delimiter.
    pub(crate) fn after_end<F: Framing + ?Sized>(framing: &F, input: &[u8]) -> Self {
        let mut progress = Progress { lenient: true, ..Progress::default() };
        match framing.locate(input, &mut progress) {
            Ok(Located::Known(extent)) => extent.fits(input.len()).map_or(Self::NotBefore(0), Self::At),
            // The next frame may begin with more of it.
            Ok(Located::Filler(_)) => Self::At(1),
            _ => Self::NotBefore(progress.scanned),
        }
    }
}

/// What the end of the stream means for the bytes left over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AtEof {
    /// No bytes are left.
    Clean,
    /// The end completes a frame, which has all the bytes left over.
    Frame(Extent),
    /// The end cuts a frame.
    Truncated,
}
