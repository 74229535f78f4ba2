//! Frames that are known by how they end.

use super::Walk;
use crate::contract::last_bytes::{Ends, ends_with, line_ending};
use crate::contract::{Extent, Framing};
use crate::decode::frame::Frame;
use crate::scan::ByteSet;
use crate::scan::blocks::{PAIR, Places};

/// Where frames are as long, `memchr` finds their ends sooner, as it has wider vectors.
const SPARSE: usize = 512;

/// Does the same for each kind of end, compiled for it alone: with `$cut`, which gives the payload and the extent of the
/// frame that is all of some bytes, if one ends with the last of them.
macro_rules! for_each_kind {
    ($framing:expr, $ends:expr, $cut:ident => $code:expr) => {
        match $ends {
            Ends::Each => {
                let $cut = |wire| Some(cut(wire, 1));
                $code
            }
            Ends::Kept => {
                let $cut = |wire| Some(cut(wire, 0));
                $code
            }
            Ends::Lines => {
                let $cut = |wire| Some(cut(wire, line_ending(wire)));
                $code
            }
            Ends::By(delimiter, trailer) => {
                let $cut = |wire| ends_with(wire, delimiter).then(|| cut(wire, trailer));
                $code
            }
            Ends::Some => {
                let $cut = |wire| $framing.ending(wire).map(|extent| Some((extent.cut(wire)?.0, extent)));
                $code
            }
        }
    };
}

/// The payload and the extent of a frame. `None` is none that there can be.
type Truncated<'c> = Option<(&'c [u8], Extent)>;

/// All of `wire` is a frame with a trailer of this length.
#[inline(always)]
fn cut(wire: &[u8], trailer: u16) -> Truncated<'_> {
    let payload = wire.get(..wire.len().wrapping_sub(trailer.into()))?;
    Some((payload, Extent::new(0, payload.len() as u64, trailer)))
}

impl<'c> Walk<'c> {
    #[inline(always)]
    pub(super) fn next_by_end<F: Framing + ?Sized>(&mut self, framing: &F) -> Option<Frame<'c>> {
        let last = framing.last_bytes()?;
        let max = framing.max_payload_len();
        let (frame, after) =
            for_each_kind!(framing, last.ends(), cut => first(self.rest, self.end, last.set(), max, cut))?;
        self.rest = after;
        Some(frame)
    }
}

/// Hands all whole frames to `take`. Gives what is left where it stopped.
#[inline(always)]
pub(super) fn each<'c, F: Framing + ?Sized, E>(
    framing: &F,
    rest: &'c [u8],
    end: u64,
    take: &mut impl FnMut(Frame<'c>) -> Result<(), E>,
) -> (&'c [u8], Result<(), E>) {
    let Some(last) = framing.last_bytes() else { return (rest, Ok(())) };
    let max = framing.max_payload_len();
    for_each_kind!(framing, last.ends(), cut => each_cut(rest, end, last.set(), max, cut, take))
}

#[inline(always)]
fn each_cut<'c, E>(
    mut rest: &'c [u8],
    end: u64,
    set: &ByteSet,
    max: u64,
    cut: impl Fn(&'c [u8]) -> Option<Truncated<'c>>,
    take: &mut impl FnMut(Frame<'c>) -> Result<(), E>,
) -> (&'c [u8], Result<(), E>) {
    while let Some((frame, after)) = first(rest, end, set, max, &cut) {
        let len = rest.len().wrapping_sub(after.len());
        rest = after;
        if let Err(error) = take(frame) {
            return (rest, Err(error));
        }
        if len < SPARSE && rest.len() >= PAIR {
            let result;
            (rest, result) = each_short(rest, end, set, max, &cut, take);
            if result.is_err() {
                return (rest, result);
            }
        }
    }
    (rest, Ok(()))
}

/// The first frame of `rest`, which ends at this offset of the stream, and what comes after it.
#[inline(always)]
fn first<'c>(
    rest: &'c [u8],
    end: u64,
    set: &ByteSet,
    max: u64,
    cut: impl Fn(&'c [u8]) -> Option<Truncated<'c>>,
) -> Option<(Frame<'c>, &'c [u8])> {
    let mut len = 0_usize;
    loop {
        len = len.wrapping_add(set.find(rest.get(len..)?)?).wrapping_add(1);
        let (wire, after) = rest.split_at_checked(len)?;
        if let Some(cut) = cut(wire) {
            let (payload, extent) = cut.filter(|(payload, _)| payload.len() as u64 <= max)?;
            return Some((Frame::cut(wire, payload, extent, end.wrapping_sub(rest.len() as u64)), after));
        }
    }
}

/// Frames that are short, as far as whole pairs of blocks go. Gives what is left where it stopped.
///
/// The places where many may end are found first, and then handed out in a loop that has nothing else to do.
#[inline(always)]
fn each_short<'c, E>(
    all: &'c [u8],
    end: u64,
    set: &ByteSet,
    max: u64,
    cut: &impl Fn(&'c [u8]) -> Option<Truncated<'c>>,
    take: &mut impl FnMut(Frame<'c>) -> Result<(), E>,
) -> (&'c [u8], Result<(), E>) {
    let offset = end.wrapping_sub(all.len() as u64);
    let (mut start, mut searched) = (0_usize, 0_usize);
    let mut places = Places::new();
    let mut result = Ok(());
    while let Some(unseen) = all.get(searched..) {
        let from = searched;
        searched = searched.wrapping_add(places.find(set, unseen));
        let (after, stop) = hand_out(Found { all, from, places: &places, start, offset, max }, cut, take);
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

/// Bytes of which is known where frames may end in them.
struct Found<'p, 'c> {
    all: &'c [u8],
    /// The places count from here.
    from: usize,
    places: &'p Places,
    /// Where the next frame begins.
    start: usize,
    /// Of `all`, in the stream.
    offset: u64,
    /// The greatest payload.
    max: u64,
}

/// Hands out the frames that end at these places. Gives where the next begins, and if it stopped before the last place, why:
/// an error of `take`, or nothing, where the frame is for somebody else to look at.
///
/// For the compiler to keep all of the loop in registers, it has one way out.
#[inline(always)]
fn hand_out<'c, E>(
    found: Found<'_, 'c>,
    cut: impl Fn(&'c [u8]) -> Option<Truncated<'c>>,
    take: &mut impl FnMut(Frame<'c>) -> Result<(), E>,
) -> (usize, Option<Result<(), E>>) {
    let Found { all, from, places, mut start, offset, max } = found;
    let mut stop = None;
    for &place in places.as_slice() {
        let end = from.wrapping_add(usize::from(place)).wrapping_add(1);
        let frame = all.get(start..end).and_then(|wire| match cut(wire) {
            Some(cut) => {
                let (payload, extent) = cut.filter(|(payload, _)| payload.len() as u64 <= max)?;
                Some(Some(Frame::cut(wire, payload, extent, offset.wrapping_add(start as u64))))
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
        if let Err(error) = take(frame) {
            stop = Some(Err(error));
            break;
        }
    }
    (start, stop)
}
