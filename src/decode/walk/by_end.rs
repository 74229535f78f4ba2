//! Frames without headers, known by their last bytes.
//!
//! ```text
//!  find the first last byte; if a frame ends there, call `take`, and go on after it            (first)
//!  if that frame was short:
//!      find up to a few thousand places of last bytes, a pair of blocks at a time              (Places)
//!      for each place: if a frame ends there, call `take`                                      (hand_out)
//! ```
//!
//! Departures from the plain loop, and why:
//!
//! 1. Places of short frames are found ahead, because a search per frame costs more than the frame.
//! 2. `hand_out` has one way out, so that all of it stays in registers.
//! 3. Each kind of end is compiled for itself, so that the kind is matched once per walk and not once per frame.

use core::cell::Cell;

use super::{Walk, call};
use crate::contract::shape::{Ends, Kind, ends_with, line_ending};
use crate::contract::{Extent, Framing};
use crate::decode::frame::Frame;
use crate::scan::ByteSet;
use crate::scan::blocks::{PAIR, Places};

/// Where frames are as long, `memchr` finds their ends sooner, as it has wider vectors.
const SPARSE: usize = 512;

/// Runs `$code` for the kind of end at hand, compiled for it alone: with `$cut`, which returns the payload and the extent of
/// the frame that is all of some bytes, if one ends with the last of them.
macro_rules! for_each_kind {
    ($ends:expr, $cut:ident => $code:expr) => {
        match $ends {
            Ends::Each | Ends::Kept => {
                let trailer = matches!($ends, Ends::Each).into();
                let $cut = |wire| Some(cut(wire, trailer));
                $code
            }
            Ends::Lines => {
                let $cut = |wire| Some(cut(wire, line_ending(wire)));
                $code
            }
            Ends::Delimiter(delimiter, trailer) => {
                let $cut = |wire| ends_with(wire, delimiter).then(|| cut(wire, trailer));
                $code
            }
            Ends::Confirmed(end) => {
                let $cut = |wire| end.trailer_len(wire).map(|trailer| cut(wire, trailer));
                $code
            }
        }
    };
}

/// The payload and the extent of a frame. `None`: shorter than its own trailer.
type Found<'c> = Option<(&'c [u8], Extent)>;

/// All of `wire` is a frame with a trailer of this length.
#[inline(always)]
fn cut(wire: &[u8], trailer: u16) -> Found<'_> {
    let payload = wire.get(..wire.len().wrapping_sub(trailer.into()))?;
    Some((payload, Extent::new(0, payload.len() as u64, trailer)))
}

impl<'c> Walk<'c> {
    #[inline(always)]
    pub(super) fn next_by_end<F: Framing + ?Sized>(&mut self, framing: &F) -> Option<Frame<'c>> {
        let Kind::Ends { last, how } = framing.shape().0 else { return None };
        let max = framing.max_payload_len();
        let (frame, after) = for_each_kind!(how, cut => first(self.rest, self.end, last, max, cut))?;
        self.rest = after;
        Some(frame)
    }
}

/// Calls `take` with all complete frames. Returns the rest where it stopped.
#[inline(always)]
pub(super) fn for_each_frame<'c, F: Framing + ?Sized, E>(
    framing: &F,
    rest: &'c [u8],
    end: u64,
    unwound: &Cell<Option<&'c [u8]>>,
    take: &mut impl FnMut(Frame<'c>) -> Result<(), E>,
) -> (&'c [u8], Result<(), E>) {
    let Kind::Ends { last, how } = framing.shape().0 else { return (rest, Ok(())) };
    let max = framing.max_payload_len();
    for_each_kind!(how, cut => for_each_cut(rest, end, last, max, cut, unwound, take))
}

#[inline(always)]
fn for_each_cut<'c, E>(
    mut rest: &'c [u8],
    end: u64,
    set: &ByteSet,
    max: u64,
    cut: impl Fn(&'c [u8]) -> Option<Found<'c>>,
    unwound: &Cell<Option<&'c [u8]>>,
    take: &mut impl FnMut(Frame<'c>) -> Result<(), E>,
) -> (&'c [u8], Result<(), E>) {
    while let Some((frame, after)) = first(rest, end, set, max, &cut) {
        let len = rest.len().wrapping_sub(after.len());
        rest = after;
        if let Err(error) = call(take, frame, rest, unwound) {
            return (rest, Err(error));
        }
        if len < SPARSE && rest.len() >= PAIR {
            let result;
            (rest, result) = for_each_short(rest, end, set, max, &cut, unwound, take);
            if result.is_err() {
                return (rest, result);
            }
        }
    }
    (rest, Ok(()))
}

/// Returns the first frame of `rest` and the bytes after it. `rest` ends at offset `end` of the stream.
#[inline(always)]
fn first<'c>(
    rest: &'c [u8],
    end: u64,
    set: &ByteSet,
    max: u64,
    cut: impl Fn(&'c [u8]) -> Option<Found<'c>>,
) -> Option<(Frame<'c>, &'c [u8])> {
    let mut len = 0_usize;
    loop {
        len = len.wrapping_add(set.find(rest.get(len..)?)?).wrapping_add(1);
        let (wire, after) = rest.split_at_checked(len)?;
        if let Some(found) = cut(wire) {
            let (payload, extent) = found.filter(|(payload, _)| payload.len() as u64 <= max)?;
            return Some((Frame::with_payload(wire, payload, extent, end.wrapping_sub(rest.len() as u64)), after));
        }
    }
}

/// Short frames, as far as complete pairs of blocks go. Returns the rest where it stopped.
#[inline(always)]
fn for_each_short<'c, E>(
    all: &'c [u8],
    end: u64,
    set: &ByteSet,
    max: u64,
    cut: &impl Fn(&'c [u8]) -> Option<Found<'c>>,
    unwound: &Cell<Option<&'c [u8]>>,
    take: &mut impl FnMut(Frame<'c>) -> Result<(), E>,
) -> (&'c [u8], Result<(), E>) {
    let offset = end.wrapping_sub(all.len() as u64);
    let (mut start, mut searched) = (0_usize, 0_usize);
    let mut places = Places::new();
    let mut result = Ok(());
    while let Some(unseen) = all.get(searched..) {
        let from = searched;
        searched = searched.wrapping_add(places.find(set, unseen));
        let (after, stop) = hand_out(Candidates { all, from, places: &places, start, offset, max }, cut, unwound, take);
        start = after;
        if let Some(stop) = stop {
            result = stop;
            break;
        }
        if searched.wrapping_sub(from) >= places.len().wrapping_mul(SPARSE) {
            break;
        }
    }
    (all.get(start..).unwrap_or_default(), result)
}

/// Input with the places of candidate last bytes.
struct Candidates<'p, 'c> {
    all: &'c [u8],
    /// The places count from here.
    from: usize,
    places: &'p Places,
    /// Where the next frame begins.
    start: usize,
    /// Where `all` begins in the stream.
    offset: u64,
    /// The greatest payload.
    max: u64,
}

/// Calls `take` with the frames that end at these places. Returns where the next one begins, and if it stopped before the
/// last place, why: an error of `take`, or `Ok(())` where the slow path must decide.
#[inline(always)]
fn hand_out<'c, E>(
    candidates: Candidates<'_, 'c>,
    cut: impl Fn(&'c [u8]) -> Option<Found<'c>>,
    unwound: &Cell<Option<&'c [u8]>>,
    take: &mut impl FnMut(Frame<'c>) -> Result<(), E>,
) -> (usize, Option<Result<(), E>>) {
    /// Dropped only while unwinding.
    struct OnUnwind<'p, 'c>(&'p Cell<Option<&'c [u8]>>, &'c [u8], usize);
    impl Drop for OnUnwind<'_, '_> {
        #[inline(always)]
        fn drop(&mut self) {
            self.0.set(self.1.get(self.2..));
        }
    }
    let Candidates { all, from, places, mut start, offset, max } = candidates;
    let mut stop = None;
    for &place in places.as_slice() {
        let end = from.wrapping_add(usize::from(place)).wrapping_add(1);
        let frame = all.get(start..end).and_then(|wire| match cut(wire) {
            Some(found) => {
                let (payload, extent) = found.filter(|(payload, _)| payload.len() as u64 <= max)?;
                Some(Some(Frame::with_payload(wire, payload, extent, offset.wrapping_add(start as u64))))
            }
            None => Some(None),
        });
        let frame = match frame {
            Some(Some(frame)) => frame,
            Some(None) => continue,
            None => {
                stop = Some(Ok(()));
                break;
            }
        };
        start = end;
        let guard = OnUnwind(unwound, all, end);
        let result = take(frame);
        core::mem::forget(guard);
        if let Err(error) = result {
            stop = Some(Err(error));
            break;
        }
    }
    (start, stop)
}
