//! What is kept of a framing's promises, for calls that take frames one by one.

use crate::contract::shape::{Ends, Kind};
use crate::contract::{Extent, Framing};
use crate::number::{AnyNumber, Binary};
use crate::order::Order;

/// The promises of the commonest framings, kept where frames are taken one by one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Quick {
    /// A prefix of 32 bits, big-endian. The commonest form saves the shift, which the address of the next frame would have to
    /// wait for.
    Big32 { below: u64 },
    /// Any other binary number.
    Binary { number: Binary, below: u64 },
    /// Frames without a header, which this byte ends.
    Byte { last: u8, end: ByteEnd, max: u64 },
    /// Ask `locate`.
    Unknown,
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
    #[inline]
    pub(crate) fn of<F: Framing + ?Sized>(framing: &F) -> Self {
        match framing.shape().0 {
            Kind::Prefix { number: AnyNumber::Binary(number), below, trailer: None } => {
                match (number.order(), number.width_u16()) {
                    (Order::Big, 4) => Self::Big32 { below },
                    _ => Self::Binary { number, below },
                }
            }
            Kind::Ends { last, how } => {
                let end = match how {
                    Ends::Kept => ByteEnd::Kept,
                    Ends::Each => ByteEnd::Trailer,
                    Ends::Lines => ByteEnd::Line,
                    Ends::Delimiter(..) | Ends::Confirmed(_) => return Self::Unknown,
                };
                last.only().map_or(Self::Unknown, |last| Self::Byte { last, end, max: framing.max_payload_len() })
            }
            _ => Self::Unknown,
        }
    }

    /// The extent of the frame at the front of `input`, if its number is there and covered.
    #[inline(always)]
    pub(crate) fn extent(&self, input: &[u8]) -> Option<Extent> {
        let (value, below, width) = match *self {
            Self::Big32 { below } => (u64::from(u32::from_be_bytes(*input.first_chunk()?)), below, 4),
            Self::Binary { number, below } => {
                let value = match number.order() {
                    Order::Big => number.read_big(input),
                    Order::Little => number.read_little(input),
                };
                (value?, below, number.width_u16())
            }
            Self::Byte { .. } | Self::Unknown => return None,
        };
        (value < below).then_some(Extent::new(width, value, 0))
    }
}
