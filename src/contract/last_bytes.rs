//! Frames that are known by how they end.

#[cfg(feature = "alloc")]
use crate::contract::{Extent, Framing};
use crate::scan::ByteSet;

/// With which bytes the frames of a framing without headers end, and what else must be known to see where.
///
/// ```
/// use anysplit::{ByteSet, LastBytes};
///
/// let lf = ByteSet::of(b'\n');
/// // Every LF ends a frame.
/// assert_eq!(LastBytes::each(&lf).set(), &lf);
/// // An LF after a CR ends a frame, and both are its trailer.
/// assert_eq!(LastBytes::by(&lf, b"\r\n", 2).set(), &lf);
/// // An LF may end a frame: `Framing::ending` knows.
/// assert_eq!(LastBytes::some(&lf).set(), &lf);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastBytes<'a> {
    set: &'a ByteSet,
    ends: Ends<'a>,
}

/// Which of the bytes end a frame, and what of the frame is its trailer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends<'a> {
    /// All of them. The byte is the trailer.
    Each,
    /// All of them. The byte is payload.
    Kept,
    /// All of them. The byte is the trailer, with a CR ahead of it.
    Lines,
    /// Those that are the last of these bytes. So many of them are the trailer.
    By(&'a [u8], u16),
    /// Those of which [`Framing::ending`](crate::Framing::ending) says so.
    Some,
}

impl<'a> LastBytes<'a> {
    /// A frame may end with one of these bytes. [`Framing::ending`](crate::Framing::ending) says whether one does.
    #[inline]
    #[must_use]
    pub const fn some(set: &'a ByteSet) -> Self {
        Self { set, ends: Ends::Some }
    }

    /// Each of these bytes ends a frame, and is its trailer. Quicker than to be asked about each.
    #[inline]
    #[must_use]
    pub const fn each(set: &'a ByteSet) -> Self {
        Self { set, ends: Ends::Each }
    }

    /// Each of these bytes ends a frame, and is the last of its payload.
    #[inline]
    #[must_use]
    pub const fn kept(set: &'a ByteSet) -> Self {
        Self { set, ends: Ends::Kept }
    }

    /// Each of these bytes ends a frame, and is its trailer, together with a CR ahead of it.
    #[inline]
    #[must_use]
    pub const fn lines(set: &'a ByteSet) -> Self {
        Self { set, ends: Ends::Lines }
    }

    /// A frame ends where `delimiter` does, whose last byte is the one in `set`. The last `trailer` bytes of it are the frame's
    /// trailer: all, or none where it is payload.
    #[inline]
    #[must_use]
    pub const fn by(set: &'a ByteSet, delimiter: &'a [u8], trailer: u16) -> Self {
        Self { set, ends: Ends::By(delimiter, trailer) }
    }

    /// These bytes.
    #[inline]
    #[must_use]
    pub const fn set(&self) -> &'a ByteSet {
        self.set
    }

    #[cfg(feature = "alloc")]
    #[inline]
    pub(crate) const fn ends(&self) -> Ends<'a> {
        self.ends
    }

    /// How many bytes at the end of some in which no frame ends may be part of an end, if that is known.
    #[cfg(feature = "alloc")]
    #[inline]
    pub(crate) const fn begun(&self) -> Option<usize> {
        match self.ends {
            Ends::Each | Ends::Kept | Ends::Lines => Some(1),
            Ends::By(delimiter, _) => Some(delimiter.len()),
            Ends::Some => None,
        }
    }

    /// The extent of the frame that is all of `wire`, if a frame ends with its last byte, which is one of these. At none
    /// of the bytes before it does one end.
    #[cfg(feature = "alloc")]
    #[inline]
    pub(crate) fn ending<F: Framing + ?Sized>(&self, framing: &F, wire: &[u8]) -> Option<Extent> {
        let trailer = match self.ends {
            Ends::Each => 1,
            Ends::Kept => 0,
            Ends::Lines => line_ending(wire),
            Ends::By(delimiter, trailer) if ends_with(wire, delimiter) => trailer,
            Ends::By(..) => return None,
            Ends::Some => return framing.ending(wire),
        };
        Some(Extent::new(0, wire.len().checked_sub(trailer.into())? as u64, trailer))
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
