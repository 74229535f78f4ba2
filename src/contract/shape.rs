//! What a framing promises about all of its frames, for speed.

use crate::literal::Literal;
use crate::number::AnyNumber;
use crate::scan::ByteSet;

/// Promises about all frames of a framing, for speed: see [`Framing::shape`](crate::Framing::shape).
///
/// Opaque, so that the engine can change. Every promise agrees with [`locate`](crate::Framing::locate), which decides
/// whatever the promise leaves open. A framing always returns the same shape.
///
/// ```
/// use anysplit::contract::Shape;
/// use anysplit::number::Binary;
///
/// // `00 05 hello`, and so for all lengths below 100. What other numbers mean, `locate` knows.
/// let shape = Shape::prefix(Binary::u16_be().into(), 100);
/// assert_ne!(shape, Shape::UNKNOWN);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape<'a>(pub(crate) Kind<'a>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind<'a> {
    Unknown,
    /// Frames are known by their headers: equal headers, equal extents.
    ByHeader,
    /// Every frame is this number, that many bytes of payload, and perhaps a trailer that is always the same.
    Prefix {
        number: AnyNumber,
        /// Exclusive upper bound of the numbers covered.
        below: u64,
        /// Judged by `check`.
        trailer: Option<Literal>,
    },
    /// In fewer bytes than the payload limit, without `last`, there is neither a frame nor an error, except at the byte after `escape`.
    Until {
        last: u8,
        escape: Option<u8>,
    },
    /// Frames have no header and end at some of these bytes.
    Ends {
        last: &'a ByteSet,
        how: Ends<'a>,
    },
}

impl Kind<'_> {
    /// Returns a length: a shorter input without a byte that may be the last holds neither a frame nor an error, if `max` is the
    /// payload limit. 0 where nothing is promised.
    pub(crate) fn quiet_below(&self, max: u64) -> u64 {
        match self {
            // A delimiter that is kept counts against the limit, which may be proved exceeded before any byte of it has come.
            Kind::Ends { how: Ends::Delimiter(delimiter, 0), .. } => {
                max.saturating_sub((delimiter.len() as u64).saturating_sub(1))
            }
            Kind::Until { .. }
            | Kind::Ends { how: Ends::Each | Ends::Kept | Ends::Lines | Ends::Delimiter(..), .. } => max,
            _ => 0,
        }
    }
}

/// Which of the last bytes end a frame, and how much of the frame is then its trailer.
#[derive(Clone, Copy)]
pub(crate) enum Ends<'a> {
    /// All of them. The byte is the trailer.
    Each,
    /// All of them. The byte is payload.
    Kept,
    /// All of them. The byte is the trailer, with a CR before it.
    Lines,
    /// Those that are the last of these bytes. That many of them are the trailer.
    Delimiter(&'a [u8], u16),
    /// Those that this confirms.
    #[cfg_attr(not(feature = "alloc"), allow(dead_code, reason = "asked by the walk, which needs a decoder"))]
    Confirmed(&'a dyn FrameEnd),
}

/// Confirms that a frame ends: see [`Shape::ends_where`].
pub trait FrameEnd {
    /// Returns the length of the trailer if a frame that is all of `wire` ends with its last byte. No earlier byte of `wire`
    /// ends a frame. The limit is left to the caller.
    fn trailer_len(&self, wire: &[u8]) -> Option<u16>;
}

impl<'a> Shape<'a> {
    /// No promise.
    pub const UNKNOWN: Self = Self(Kind::Unknown);

    /// Frames are known by their headers: frames with equal headers have equal extents and need no check, and `locate`
    /// needs no more than the header.
    #[inline]
    #[must_use]
    pub const fn by_header() -> Self {
        Self(Kind::ByHeader)
    }

    /// Every frame begins with `number`, and each number below `below` stands before that many bytes of payload. In fewer bytes than a
    /// binary number has, `locate` asks for more.
    #[inline]
    #[must_use]
    pub const fn prefix(number: AnyNumber, below: u64) -> Self {
        Self(Kind::Prefix { number, below, trailer: None })
    }

    /// As [`prefix`](Self::prefix), with these bytes after every payload. `check` judges them.
    #[inline]
    #[must_use]
    pub const fn prefix_and_trailer(number: AnyNumber, below: u64, trailer: Literal) -> Self {
        Self(Kind::Prefix { number, below, trailer: Some(trailer) })
    }

    /// As long as the input does not contain `last` and is shorter than the payload limit, `locate` returns neither a frame nor an
    /// error: it asks for more.
    #[inline]
    #[must_use]
    pub const fn until(last: u8) -> Self {
        Self(Kind::Until { last, escape: None })
    }

    /// As [`until`](Self::until), but a byte right after `escape` may be an error too.
    #[inline]
    #[must_use]
    pub const fn until_or_escaped(last: u8, escape: u8) -> Self {
        Self(Kind::Until { last, escape: Some(escape) })
    }

    /// Frames have no header, and each of these bytes ends one and is its trailer.
    #[inline]
    #[must_use]
    pub const fn ends_with(last: &'a ByteSet) -> Self {
        Self(Kind::Ends { last, how: Ends::Each })
    }

    /// Frames have no header, and each of these bytes ends one and is the last of its payload.
    #[inline]
    #[must_use]
    pub const fn ends_with_kept(last: &'a ByteSet) -> Self {
        Self(Kind::Ends { last, how: Ends::Kept })
    }

    /// Frames have no header, and each of these bytes ends one and is its trailer, together with a CR before it.
    #[inline]
    #[must_use]
    pub const fn lines(last: &'a ByteSet) -> Self {
        Self(Kind::Ends { last, how: Ends::Lines })
    }

    /// Frames have no header and end with `delimiter`, whose last byte is the one in `last`. Its last `trailer` bytes are
    /// the trailer: all of them, or none where it is payload.
    #[inline]
    #[must_use]
    pub const fn delimiter(last: &'a ByteSet, delimiter: &'a [u8], trailer: u16) -> Self {
        Self(Kind::Ends { last, how: Ends::Delimiter(delimiter, trailer) })
    }

    /// Frames have no header and end at the first of these bytes that `end` confirms. An empty set promises no more than
    /// that frames have no header.
    #[inline]
    #[must_use]
    pub const fn ends_where(last: &'a ByteSet, end: &'a dyn FrameEnd) -> Self {
        Self(Kind::Ends { last, how: Ends::Confirmed(end) })
    }
}

/// The same promise of the same framing; two that are confirmed elsewhere are taken to be equal.
impl PartialEq for Ends<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Each, Self::Each) | (Self::Kept, Self::Kept) | (Self::Lines, Self::Lines) => true,
            (Self::Delimiter(one, len), Self::Delimiter(other, other_len)) => (one, len) == (other, other_len),
            (Self::Confirmed(_), Self::Confirmed(_)) => true,
            _ => false,
        }
    }
}

impl Eq for Ends<'_> {}

impl core::fmt::Debug for Ends<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Each => f.write_str("Each"),
            Self::Kept => f.write_str("Kept"),
            Self::Lines => f.write_str("Lines"),
            Self::Delimiter(delimiter, len) => f.debug_tuple("Delimiter").field(delimiter).field(len).finish(),
            Self::Confirmed(_) => f.write_str("Confirmed"),
        }
    }
}

/// The length of the end of the line that is all of `wire`: 2 for CR and another byte, or else 1.
#[cfg(feature = "alloc")]
#[inline(always)]
pub(crate) const fn line_ending(wire: &[u8]) -> u16 {
    match wire {
        [.., b'\r', _] => 2,
        _ => 1,
    }
}

/// As `bytes.ends_with(delimiter)`, which makes a call even for two bytes.
#[cfg(feature = "alloc")]
#[inline(always)]
pub(crate) fn ends_with(bytes: &[u8], delimiter: &[u8]) -> bool {
    match *delimiter {
        [a, b] => matches!(*bytes, [.., c, d] if (a, b) == (c, d)),
        _ => bytes.ends_with(delimiter),
    }
}
