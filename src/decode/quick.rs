//! What is kept of a framing's promises, for calls that take frames one by one.

use crate::contract::shape::{Ends, Kind};
use crate::contract::{Extent, Framing};
use crate::number::{AnyNumber, Binary};
use crate::order::Order;

/// A search of fewer bytes than this is not worth a call.
pub(crate) const FEW: usize = 16;

/// The promises of the commonest framings, kept where frames are taken one by one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Quick {
    /// Frames without a header, which this byte ends.
    Byte { last: u8, end: ByteEnd, max: u64 },
    /// Ask `locate`. In fewer than `max` bytes without `last` it finds neither a frame nor an error; `max` is 0 where nothing is
    /// promised.
    Locate { last: u8, max: u64 },
    /// A prefix of 32 bits, big-endian. The commonest form saves the shift, which the address of the next frame would have to
    /// wait for.
    Big32 { below: u64 },
    /// Any other binary number.
    Binary { number: Binary, below: u64 },
    /// As `Locate`, where each of these bytes may be the last. The byte after `escape` may be an error too.
    Any { bytes: [u8; 3], escape: Option<u8>, max: u64 },
}

/// What the byte that ends a frame is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ByteEnd {
    /// The last of the payload.
    Kept,
    /// The trailer.
    Trailer,
    /// The trailer, with a CR before it.
    Line,
}

impl ByteEnd {
    /// The extent of the frame that is `before` and the byte that ends it, and its length, if that is not over the limit.
    #[inline]
    pub(crate) fn frame(self, before: &[u8], max: u64) -> Option<(Extent, usize)> {
        let trailer = match (self, before) {
            (Self::Kept, _) => 0,
            (Self::Line, [.., b'\r']) => 2,
            _ => 1,
        };
        let len = before.len().wrapping_add(1);
        let payload = len.wrapping_sub(trailer.into()) as u64;
        (payload <= max).then_some((Extent::new(0, payload, trailer), len))
    }
}

impl Quick {
    /// No promises.
    pub(crate) const UNKNOWN: Self = Self::Locate { last: 0, max: 0 };

    /// For a window in which no more bytes than `room` fit: a frame that is longer is for the deframer to reject.
    pub(crate) fn within(mut self, room: usize) -> Self {
        let room = room as u64;
        let width = self.width().unwrap_or(0).into();
        if width > room {
            return Self::UNKNOWN;
        }
        match &mut self {
            Self::Big32 { below: limit } | Self::Binary { below: limit, .. } => {
                *limit = (*limit).min(room.saturating_add(1).saturating_sub(width));
            }
            Self::Byte { max: limit, .. } | Self::Locate { max: limit, .. } | Self::Any { max: limit, .. } => {
                *limit = (*limit).min(room);
            }
        }
        self
    }

    #[inline]
    pub(crate) fn of<F: Framing + ?Sized>(framing: &F) -> Self {
        let kind = framing.shape().0;
        let quiet = kind.quiet_below(framing.max_payload_len());
        match kind {
            Kind::Prefix { number: AnyNumber::Binary(number), below, trailer: None } => {
                match (number.order(), number.width_u16()) {
                    (Order::Big, 4) => Self::Big32 { below },
                    _ => Self::Binary { number, below },
                }
            }
            Kind::Ends { last, how } => {
                let (Some(last), max) = (last.only(), framing.max_payload_len()) else {
                    return match (last.few(), quiet) {
                        (Some(bytes), 1..) => Self::Any { bytes, escape: None, max: quiet },
                        _ => Self::UNKNOWN,
                    };
                };
                match how {
                    Ends::Kept => Self::Byte { last, end: ByteEnd::Kept, max },
                    Ends::Each => Self::Byte { last, end: ByteEnd::Trailer, max },
                    Ends::Lines => Self::Byte { last, end: ByteEnd::Line, max },
                    Ends::Delimiter(..) => Self::Locate { last, max: quiet },
                    Ends::Confirmed(_) => Self::UNKNOWN,
                }
            }
            Kind::Until { last, escape: None } => Self::Locate { last, max: quiet },
            Kind::Until { last, escape: Some(escape) } => {
                Self::Any { bytes: [last, escape, escape], escape: Some(escape), max: quiet }
            }
            _ => Self::UNKNOWN,
        }
    }

    /// Returns the length of the frame that begins with `bytes`. 0: these may be all of it, or only `locate` can tell. `None`: it is
    /// longer, and nobody knows by how much.
    pub(crate) fn missing(&self, bytes: &[u8]) -> Option<usize> {
        match *self {
            Self::Big32 { .. } | Self::Binary { .. } if bytes.len() < self.width().unwrap_or(0).into() => None,
            // Some numbers are left to `locate`, and so are some that lie in very few bytes.
            Self::Big32 { .. } | Self::Binary { .. } => {
                Some(self.extent(bytes).map_or(0, |extent| extent.len_in_memory()))
            }
            Self::Byte { last, .. } | Self::Locate { last, max: 1.. } if !bytes.ends_with(&[last]) => None,
            Self::Any { bytes: last, .. } if !bytes.last().is_some_and(|byte| last.contains(byte)) => None,
            Self::Byte { .. } | Self::Locate { .. } | Self::Any { .. } => Some(0),
        }
    }

    /// The complete frame at the front of `input`, and its length, if a number or its last byte is all there is to see.
    #[cfg(feature = "std")]
    #[inline]
    pub(crate) fn frame(&self, input: &[u8]) -> Option<(Extent, usize)> {
        if let Self::Byte { last, end, max } = *self {
            return end.frame(input.get(..memchr::memchr(last, input)?)?, max);
        }
        let extent = self.extent(input)?;
        extent.split(input)?;
        Some((extent, extent.len_in_memory()))
    }

    /// The length that the frame at the front has at least, if these bytes plainly do not complete it. Nothing is wrong with them then.
    #[inline]
    pub(crate) fn unfinished(&self, bytes: &[u8]) -> Option<u64> {
        let len = bytes.len() as u64;
        let is_quiet = match *self {
            Self::Big32 { .. } | Self::Binary { .. } => {
                let width = u64::from(self.width()?);
                let least = if len < width { width } else { self.extent(bytes)?.frame_len() };
                return (len < least && least <= isize::MAX as u64).then_some(least);
            }
            // In more bytes it would be searched for twice.
            _ if bytes.len() >= FEW => false,
            Self::Byte { last, max, .. } | Self::Locate { last, max } => len < max && !bytes.contains(&last),
            Self::Any { bytes: last, max, .. } => len < max && !bytes.iter().any(|byte| last.contains(byte)),
        };
        is_quiet.then(|| len.saturating_add(1))
    }

    /// The length of the header, if that is a binary number and nothing else.
    #[inline]
    pub(crate) const fn width(&self) -> Option<u16> {
        match self {
            Self::Big32 { .. } => Some(4),
            Self::Binary { number, .. } => Some(number.width_u16()),
            Self::Byte { .. } | Self::Locate { .. } | Self::Any { .. } => None,
        }
    }

    /// Whether the end of a frame is for `locate` to find.
    #[inline]
    pub(crate) const fn asks_locate(&self) -> bool {
        matches!(self, Self::Locate { .. } | Self::Any { .. })
    }

    /// The extent of the frame at the front of `input`, if its number is there and covered.
    #[inline(always)]
    pub(crate) fn extent(&self, input: &[u8]) -> Option<Extent> {
        if let Self::Big32 { below } = *self {
            let value = u64::from(u32::from_be_bytes(*input.first_chunk()?));
            return (value < below).then_some(Extent::new(4, value, 0));
        }
        let Self::Binary { number, below } = *self else { return None };
        let value = match number.order() {
            Order::Big => number.read_big(input),
            Order::Little => number.read_little(input),
        }?;
        (value < below).then_some(Extent::new(number.width_u16(), value, 0))
    }
}
