//! Frames known by their headers.
//!
//! ```text
//!  loop: read the number at the front; if the frame is complete, call `take`, and go on after it
//! ```
//!
//! Departures from the plain loop, and why:
//!
//! 1. The number's type is matched once per walk: each kind has a loop of its own.
//! 2. After two frames of one length the next header is compared with the last one, which is faster than decoding it, and
//!    lets the next address not wait for it. One header that differs ends that: mixed lengths hardly pay for it.
//! 3. There are two loops, for mixed and for equal lengths, so that either has registers enough.

use core::cell::Cell;

use super::{Walk, call, frame, locate_slow};
use crate::contract::shape::Kind;
use crate::contract::{Extent, Framing, Progress};
use crate::decode::frame::Frame;
use crate::decode::quick::Quick;
use crate::number::{AnyNumber, Decoded, Number};
use crate::order::Order;

/// The extent of the frame at the front, if its header is complete.
#[inline(always)]
fn extent_of<F: Framing + ?Sized>(framing: &F, input: &[u8]) -> Option<Extent> {
    framing.locate(input, &mut Progress::default()).ok()?.known().filter(Extent::is_plain)
}

/// Does the same as [`extent_of`], out of line.
#[inline(never)]
fn extent_of_slow<F: Framing + ?Sized>(framing: &F, input: &[u8]) -> Option<Extent> {
    extent_of(framing, input)
}

impl<'c> Walk<'c> {
    #[inline(always)]
    pub(super) fn next_by_header<F: Framing + ?Sized>(&mut self, framing: &F) -> Option<Frame<'c>> {
        self.take_and_learn(extent_of_slow(framing, self.rest)?)
    }

    /// Takes the frame of this extent, if it is complete.
    #[inline(always)]
    pub(super) fn take_and_learn(&mut self, extent: Extent) -> Option<Frame<'c>> {
        self.same.learn(self.rest, extent);
        self.take(extent)
    }
}

/// The header of the last frame, if the frame before had the same length: the next frame often has the same header.
#[derive(Clone, Copy, Debug)]
pub(super) struct SameHeader {
    /// The first 8 bytes of a frame, as far as they are its header.
    seen: u64,
    /// Which bits these are. 0 if there is no guess.
    mask: u64,
    /// The extent of every frame with that header.
    extent: Extent,
    /// The length of the payload of the last frame.
    last: u64,
}

impl SameHeader {
    pub(super) const NONE: Self = Self { seen: 0, mask: 0, extent: Extent::new(0, 0, 0), last: u64::MAX };

    /// Learns from the frame of this extent at the front of `input`. No guess if its header is empty or longer than 8 bytes.
    #[inline(always)]
    fn of(input: &[u8], extent: Extent) -> Self {
        let mut same = Self { last: extent.payload_len(), ..Self::NONE };
        same.learn(input, extent);
        same
    }

    /// The extent of every frame with the guessed header.
    #[inline(always)]
    pub(super) const fn extent(&self) -> Extent {
        self.extent
    }

    /// Ends a guess that was wrong.
    #[inline(always)]
    pub(super) const fn forget(&mut self) {
        self.mask = 0;
    }

    #[inline(always)]
    pub(super) const fn is_guess(&self) -> bool {
        self.mask != 0
    }

    #[inline(always)]
    pub(super) fn matches(&self, input: &[u8]) -> bool {
        input.first_chunk().is_some_and(|word| u64::from_le_bytes(*word) & self.mask == self.seen)
    }

    /// Takes note of a frame. Two of one length make a guess, and one of another length ends it.
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

/// Calls `take` with all complete frames. Returns the rest where it stopped.
#[inline(always)]
pub(super) fn for_each_frame<'c, F: Framing + ?Sized, E>(
    framing: &F,
    quick: Quick,
    mut rest: &'c [u8],
    end: u64,
    unwound: &Cell<Option<&'c [u8]>>,
    take: &mut impl FnMut(Frame<'c>) -> Result<(), E>,
) -> (&'c [u8], Result<(), E>) {
    loop {
        let result;
        (rest, result) = match quick {
            Quick::Big32 { below } => {
                for_each_of(rest, end, None, |input| plain(big_32(input)?, below, 4), unwound, take)
            }
            Quick::Binary { number, below } => {
                let width = number.width_u16();
                match number.order() {
                    Order::Big => {
                        let extent_of = |input: &[u8]| plain(number.read_big(input)?, below, width);
                        for_each_of(rest, end, None, extent_of, unwound, take)
                    }
                    Order::Little => {
                        let extent_of = |input: &[u8]| plain(number.read_little(input)?, below, width);
                        for_each_of(rest, end, None, extent_of, unwound, take)
                    }
                }
            }
            Quick::Byte { .. } | Quick::Locate { .. } | Quick::Any { .. } => match framing.shape().0 {
                Kind::Prefix { number: AnyNumber::Varint(number), below, trailer: None } => {
                    for_each_of(rest, end, None, |input| decoded(input, &number, below, 0), unwound, take)
                }
                Kind::Prefix { number: AnyNumber::Ascii(number), below, trailer: None } => {
                    for_each_of(rest, end, None, |input| decoded(input, &number, below, 0), unwound, take)
                }
                Kind::Prefix { number: AnyNumber::Ascii(number), below, trailer: Some(trailer) } => {
                    match trailer.as_slice() {
                        &[trailer] => {
                            let extent_of = |input: &[u8]| decoded(input, &number, below, 1);
                            for_each_of(rest, end, Some(trailer), extent_of, unwound, take)
                        }
                        _ => (rest, Ok(())),
                    }
                }
                Kind::ByHeader | Kind::Prefix { trailer: None, .. } => {
                    for_each_of(rest, end, None, |input| extent_of(framing, input), unwound, take)
                }
                Kind::Prefix { .. } | Kind::Ends { .. } | Kind::Until { .. } | Kind::Unknown => (rest, Ok(())),
            },
        };
        if result.is_err() {
            return (rest, result);
        }
        if quick.unfinished(rest).is_some() {
            return (rest, Ok(()));
        }
        // A header that the promise does not cover, or a frame that is not all there.
        let Some((frame, after)) = locate_slow(framing, rest).and_then(|(extent, rest)| frame(rest, end, extent))
        else {
            return (rest, Ok(()));
        };
        rest = after;
        if let Err(error) = call(take, frame, rest, unwound) {
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

/// The extent of a frame whose header is a number of any length. `complete` compares the trailer.
#[inline(always)]
fn decoded(input: &[u8], number: &impl Number, below: u64, trailer: u16) -> Option<Extent> {
    match number.decode(input, below) {
        Ok(Decoded::Value { value, len }) if value < below => {
            let extent = Extent::new(u16::try_from(len).ok()?, value, trailer);
            Some(if trailer > 0 { extent.checked() } else { extent })
        }
        _ => None,
    }
}

/// The frame of this extent, if it is complete and ends with this byte.
#[inline(always)]
fn complete<'c>(rest: &'c [u8], end: u64, extent: Extent, trailer: Option<u8>) -> Option<(Frame<'c>, &'c [u8])> {
    let (frame, after) = frame(rest, end, extent)?;
    let last = || rest.get(rest.len().wrapping_sub(after.len()).wrapping_sub(1)).copied();
    (trailer.is_none() || trailer == last()).then_some((frame, after))
}

/// Calls `take` for each frame while `extent_of` returns an extent, the frame is complete and its last byte is `trailer`.
#[inline(always)]
fn for_each_of<'c, E>(
    mut rest: &'c [u8],
    end: u64,
    trailer: Option<u8>,
    extent_of: impl Fn(&[u8]) -> Option<Extent>,
    unwound: &Cell<Option<&'c [u8]>>,
    take: &mut impl FnMut(Frame<'c>) -> Result<(), E>,
) -> (&'c [u8], Result<(), E>) {
    loop {
        let mut last = u64::MAX;
        let same = loop {
            let input = rest;
            let Some(extent) = extent_of(input) else { return (rest, Ok(())) };
            let Some((frame, after)) = complete(input, end, extent, trailer) else { return (rest, Ok(())) };
            rest = after;
            if let Err(error) = call(take, frame, rest, unwound) {
                return (rest, Err(error));
            }
            if extent.payload_len() == last {
                break SameHeader::of(input, extent);
            }
            last = extent.payload_len();
        };
        if same.is_guess() {
            while same.matches(rest) {
                let Some((frame, after)) = complete(rest, end, same.extent, trailer) else { return (rest, Ok(())) };
                rest = after;
                if let Err(error) = call(take, frame, rest, unwound) {
                    return (rest, Err(error));
                }
            }
        }
    }
}
