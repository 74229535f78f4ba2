//! Frames that are known by how they end.

use super::Walk;
use crate::frame::Frame;
use crate::framing::last_bytes::{Ends, line_ending};
use crate::framing::{Extent, Framing};
use crate::scan::blocks::{BLOCK, Places};

impl<'c> Walk<'c> {
    #[inline(always)]
    pub(super) fn next_by_end<F: Framing + ?Sized>(&mut self, framing: &F) -> Option<Frame<'c>> {
        let (wire, behind, extent) = first(framing, self.rest)?;
        let (payload, _) = extent.cut(wire)?;
        let frame = Frame::cut(wire, payload, extent, self.offset());
        // Where the next frame begins is known as soon as the end is found, whatever the tail may be.
        self.rest = behind;
        Some(frame)
    }
}

/// Where frames are as long, `memchr` finds their ends sooner, as it has wider vectors.
const SPARSE: usize = 512;

/// So far ahead places are found, before it is asked again whether frames are short.
const AHEAD: usize = 2048;

/// Hands all whole frames to `take`. Gives what is left where it stopped.
#[inline(always)]
pub(super) fn each<'c, F: Framing + ?Sized, E>(
    framing: &F,
    mut rest: &'c [u8],
    end: u64,
    take: &mut impl FnMut(Frame<'c>) -> Result<(), E>,
) -> (&'c [u8], Result<(), E>) {
    while let Some((wire, behind, extent)) = first(framing, rest) {
        let Some((payload, _)) = extent.cut(wire) else { break };
        let frame = Frame::cut(wire, payload, extent, end.wrapping_sub(rest.len() as u64));
        rest = behind;
        if let Err(error) = take(frame) {
            return (rest, Err(error));
        }
        if wire.len() < SPARSE && rest.len() >= BLOCK {
            let result;
            (rest, result) = each_short(framing, rest, end.wrapping_sub(rest.len() as u64), take);
            if result.is_err() {
                return (rest, result);
            }
        }
    }
    (rest, Ok(()))
}

/// The first frame, what comes behind it, and its extent.
#[inline(always)]
fn first<'c, F: Framing + ?Sized>(framing: &F, rest: &'c [u8]) -> Option<(&'c [u8], &'c [u8], Extent)> {
    let last = framing.last_bytes()?;
    let (wire, behind) = rest.split_at_checked(last.set().find(rest)?.wrapping_add(1))?;
    let found = match last.ending(framing, wire) {
        Some(extent) => (wire, behind, extent),
        None => later_than(framing, rest, wire.len())?,
    };
    (found.2.payload_len() <= framing.max_payload_len()).then_some(found)
}

/// Where none of these first bytes ends the frame.
#[inline(never)]
fn later_than<'c, F: Framing + ?Sized>(
    framing: &F,
    rest: &'c [u8],
    mut len: usize,
) -> Option<(&'c [u8], &'c [u8], Extent)> {
    let last = framing.last_bytes()?;
    loop {
        len = len.wrapping_add(last.set().find(rest.get(len..)?)?).wrapping_add(1);
        let (wire, behind) = rest.split_at_checked(len)?;
        if let Some(extent) = last.ending(framing, wire) {
            return Some((wire, behind, extent));
        }
    }
}

/// Frames that are short, as far as whole blocks of bytes go. Gives what is left where it stopped.
///
/// The places where many may end are found first, and then handed out in a loop that has nothing else to do. For the
/// compiler to keep all of that loop in registers, it has one way out, and each kind of end has a loop of its own.
#[inline(always)]
fn each_short<'c, F: Framing + ?Sized, E>(
    framing: &F,
    all: &'c [u8],
    offset: u64,
    take: &mut impl FnMut(Frame<'c>) -> Result<(), E>,
) -> (&'c [u8], Result<(), E>) {
    let (mut start, mut searched) = (0_usize, 0_usize);
    let mut places = Places::new();
    let mut result = Ok(());
    while let (Some(last), Some(unseen)) = (framing.last_bytes(), all.get(searched..)) {
        let from = searched;
        searched = searched.wrapping_add(places.find(last.set(), unseen.get(..AHEAD).unwrap_or(unseen)));
        let found = Found { all, from, start, offset, places: &places, max: framing.max_payload_len() };
        let (end, stop) = match last.ends() {
            Ends::Each => hand_out(found, |wire| cut(wire, 1), take),
            Ends::Kept => hand_out(found, |wire| cut(wire, 0), take),
            Ends::Lines => hand_out(found, |wire| cut(wire, line_ending(wire)), take),
            Ends::Some => hand_out(found, |wire| cut_as(framing.ending(wire), wire), take),
        };
        start = end;
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

/// Hands out the frames that end at these places. `cut` gives what ends a frame, if one ends there. Gives where the next
/// begins, and if it stopped before the last place, why: an error of `take`, or nothing, where the frame is for somebody
/// else to look at.
#[inline(always)]
fn hand_out<'c, E>(
    found: Found<'_, 'c>,
    cut: impl Fn(&'c [u8]) -> Option<Cut<'c>>,
    take: &mut impl FnMut(Frame<'c>) -> Result<(), E>,
) -> (usize, Option<Result<(), E>>) {
    let Found { all, from, places, mut start, offset, max } = found;
    let mut stop = None;
    for &place in places.as_slice() {
        let end = from.wrapping_add(place as usize).wrapping_add(1);
        let cut = all.get(start..end).and_then(|wire| match cut(wire)? {
            Some((payload, _)) if payload.len() as u64 > max => None,
            cut => {
                Some(cut.map(|(payload, extent)| Frame::cut(wire, payload, extent, offset.wrapping_add(start as u64))))
            }
        });
        let frame = match cut {
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

/// The payload and the extent of a frame, or nothing, where no frame ends.
type Cut<'c> = Option<(&'c [u8], Extent)>;

/// All of `wire` is a frame with a tail of this length.
#[inline(always)]
fn cut(wire: &[u8], tail: u16) -> Option<Cut<'_>> {
    let payload = wire.get(..wire.len().wrapping_sub(tail.into()))?;
    Some(Some((payload, Extent::new(0, payload.len() as u64, tail))))
}

/// All of `wire` is a frame of this extent, if there is one.
#[inline(always)]
fn cut_as(extent: Option<Extent>, wire: &[u8]) -> Option<Cut<'_>> {
    let Some(extent) = extent else { return Some(None) };
    let (payload, _) = extent.cut(wire)?;
    Some(Some((payload, extent)))
}
