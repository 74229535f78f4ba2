//! Frames that their headers tell.

use super::{Walk, frame, locate_apart};
use crate::contract::{Extent, Framing, PlainPrefix};
use crate::decode::frame::Frame;
use crate::literal::Literal;
use crate::number::{AnyNumber, Decoded, Number};
use crate::order::Order;

impl<'c> Walk<'c> {
    #[inline(always)]
    pub(super) fn next_by_header<F: Framing + ?Sized>(&mut self, framing: &F) -> Option<Frame<'c>> {
        self.next_told(framing).or_else(|| self.take(locate_apart(framing, self.rest)?))
    }

    #[inline(always)]
    fn next_told<F: Framing + ?Sized>(&mut self, framing: &F) -> Option<Frame<'c>> {
        if self.alike.is_guess() {
            if self.alike.matches(self.rest) {
                // Another frame cannot begin with the same header.
                return self.take(self.alike.extent);
            }
            self.alike.mask = 0;
        }
        let extent = framing.locate_by_header(self.rest)?;
        self.alike.learn(self.rest, extent);
        self.take(extent)
    }
}

/// Frames are often as long as the one before. Then their headers are the same, which is sooner seen than what they mean:
/// so the place of the next frame need not wait for a number to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alike {
    /// The first 8 bytes of a frame, as far as they are its header.
    seen: u64,
    /// Which bits these are. 0 where nothing is guessed.
    mask: u64,
    /// Of every frame with that header.
    extent: Extent,
    /// The length of the payload of the last frame that was told by its header.
    last: u64,
}

impl Alike {
    pub(super) const NONE: Self = Self { seen: 0, mask: 0, extent: Extent::new(0, 0, 0), last: u64::MAX };

    /// To the frame of this extent at the front of `input`. No guess where its header is empty or longer than 8 bytes.
    #[inline(always)]
    fn to(input: &[u8], extent: Extent) -> Self {
        let mut alike = Self { last: extent.payload_len(), ..Self::NONE };
        alike.learn(input, extent);
        alike
    }

    #[inline(always)]
    const fn is_guess(&self) -> bool {
        self.mask != 0
    }

    #[inline(always)]
    fn matches(&self, input: &[u8]) -> bool {
        input.first_chunk().is_some_and(|word| u64::from_le_bytes(*word) & self.mask == self.seen)
    }

    /// Hears of a frame that its header told. It takes two of one length to make a guess, and one of another to give it up:
    /// where lengths are mixed, hardly any time is spent on guesses that would be wrong.
    #[inline(always)]
    fn learn(&mut self, input: &[u8], extent: Extent) {
        if extent.payload_len() != self.last {
            self.last = extent.payload_len();
        } else if let (Some(word), 0..=8) = (input.first_chunk(), extent.header_len()) {
            let unused = 64_usize.wrapping_sub(extent.header_len().wrapping_mul(8));
            self.mask = u32::try_from(unused).ok().and_then(|unused| u64::MAX.checked_shr(unused)).unwrap_or(0);
            self.seen = u64::from_le_bytes(*word) & self.mask;
            self.extent = extent;
        }
    }
}

/// Hands all whole frames to `take`. Gives what is left where it stopped.
///
/// Which kind of number the framing has is asked once, and each kind has a loop of its own.
#[inline(always)]
pub(super) fn each<'c, F: Framing + ?Sized, E>(
    framing: &F,
    mut rest: &'c [u8],
    end: u64,
    take: &mut impl FnMut(Frame<'c>) -> Result<(), E>,
) -> (&'c [u8], Result<(), E>) {
    let prefix = framing.plain_prefix();
    let below = prefix.as_ref().map_or(0, PlainPrefix::below);
    loop {
        let result;
        (rest, result) = match prefix.as_ref().map(|prefix| (prefix.number(), prefix.trailer().map(Literal::as_slice)))
        {
            Some((&AnyNumber::Binary(number), None)) => match (number.order(), number.width_u16()) {
                // The commonest form saves the shift, which the address of the next frame would have to wait for.
                (Order::Big, 4) => each_told(rest, end, None, |input| plain(big_32(input)?, below, 4), take),
                (Order::Big, width) => {
                    each_told(rest, end, None, |input| plain(number.read_big(input)?, below, width), take)
                }
                (Order::Little, width) => {
                    each_told(rest, end, None, |input| plain(number.read_little(input)?, below, width), take)
                }
            },
            Some((AnyNumber::Varint(number), None)) => {
                each_told(rest, end, None, |input| decoded(input, number, below, 0), take)
            }
            Some((AnyNumber::Ascii(number), None)) => {
                each_told(rest, end, None, |input| decoded(input, number, below, 0), take)
            }
            Some((AnyNumber::Ascii(number), Some(&[trailer]))) => {
                each_told(rest, end, Some(trailer), |input| decoded(input, number, below, 1), take)
            }
            _ => each_told(rest, end, None, |input| framing.locate_by_header(input), take),
        };
        if result.is_err() {
            return (rest, result);
        }
        // What the header alone does not tell, or is not all there.
        let Some((frame, after)) = locate_apart(framing, rest).and_then(|extent| frame(rest, end, extent)) else {
            return (rest, Ok(()));
        };
        rest = after;
        if let Err(error) = take(frame) {
            return (rest, Err(error));
        }
    }
}

#[inline(always)]
fn big_32(input: &[u8]) -> Option<u64> {
    input.first_chunk().map(|word| u32::from_be_bytes(*word).into())
}

/// The extent of a frame whose header is this number, of `width` bytes.
#[inline(always)]
fn plain(value: u64, below: u64, width: u16) -> Option<Extent> {
    (value < below).then_some(Extent::new(width, value, 0))
}

/// The same for a number of any length.
#[inline(always)]
fn decoded(input: &[u8], number: &impl Number, below: u64, trailer: u16) -> Option<Extent> {
    match number.decode(input, below) {
        Ok(Decoded::Value { value, len }) if value < below => {
            Some(Extent::new(u16::try_from(len).ok()?, value, trailer))
        }
        _ => None,
    }
}

/// The frame of this extent, if it is all there and ends with this byte.
#[inline(always)]
fn whole<'c>(rest: &'c [u8], end: u64, extent: Extent, trailer: Option<u8>) -> Option<(Frame<'c>, &'c [u8])> {
    let (frame, after) = frame(rest, end, extent)?;
    let last = || rest.get(rest.len().wrapping_sub(after.len()).wrapping_sub(1)).copied();
    (trailer.is_none() || trailer == last()).then_some((frame, after))
}

/// Hands out frames as far as `told` tells them, they are whole, and end with this byte.
///
/// Two loops, for lengths that are mixed and for those that are equal: so that the compiler has registers enough for what
/// either of them needs.
#[inline(always)]
fn each_told<'c, E>(
    mut rest: &'c [u8],
    end: u64,
    trailer: Option<u8>,
    told: impl Fn(&[u8]) -> Option<Extent>,
    take: &mut impl FnMut(Frame<'c>) -> Result<(), E>,
) -> (&'c [u8], Result<(), E>) {
    loop {
        let mut last = u64::MAX;
        let alike = loop {
            let input = rest;
            let Some(extent) = told(input) else { return (rest, Ok(())) };
            let Some((frame, after)) = whole(input, end, extent, trailer) else { return (rest, Ok(())) };
            rest = after;
            if let Err(error) = take(frame) {
                return (rest, Err(error));
            }
            if extent.payload_len() == last {
                break Alike::to(input, extent);
            }
            last = extent.payload_len();
        };
        if alike.is_guess() {
            while alike.matches(rest) {
                let Some((frame, after)) = whole(rest, end, alike.extent, trailer) else { return (rest, Ok(())) };
                rest = after;
                if let Err(error) = take(frame) {
                    return (rest, Err(error));
                }
            }
        }
    }
}
