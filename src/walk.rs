//! From frame to frame over bytes that are all there: where nearly all of the time goes, and the only place with
//! shortcuts.
//!
//! Every shortcut rests on one of two promises of a framing, [`Framing::locate_by_head`] and [`Framing::last_bytes`].
//! What they leave undecided, [`Framing::locate`] decides.

use crate::frame::Frame;
use crate::framing::last_bytes::{Ends, line_ending};
use crate::framing::{Extent, Framing, Progress};
use crate::scan::blocks::{BLOCK, Places};

/// A place in bytes of a stream, at the start of a frame.
///
/// Handed about by value, so that it can live in registers while a caller goes from frame to frame: through memory, each
/// frame's address would come twice as late.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walk<'c> {
    rest: &'c [u8],
    /// Stream offset of the end of `rest`. That of its beginning follows.
    end: u64,
    /// Whether the framing has [`Framing::last_bytes`].
    by_end: bool,
    alike: Alike,
}

impl<'c> Walk<'c> {
    /// At the start of `rest`, which ends at this offset of the stream.
    #[inline]
    pub(crate) fn new<F: Framing + ?Sized>(framing: &F, rest: &'c [u8], end: u64) -> Self {
        Self { rest, end, by_end: framing.last_bytes().is_some(), alike: Alike::NONE }
    }

    /// From here on, which is behind what has been walked over and ends where that ended.
    #[inline(always)]
    pub(crate) const fn go_on_with(&mut self, rest: &'c [u8]) {
        self.rest = rest;
    }

    /// What has not been walked over.
    #[inline]
    pub(crate) const fn rest(&self) -> &'c [u8] {
        self.rest
    }

    /// Stream offset of [`rest`](Self::rest).
    #[inline]
    pub(crate) const fn offset(&self) -> u64 {
        self.end.wrapping_sub(self.rest.len() as u64)
    }

    /// The next frame, if it is whole and nothing is wrong with it. Otherwise the place stays.
    #[inline(always)]
    pub(crate) fn next<F: Framing + ?Sized>(&mut self, framing: &F) -> Option<Frame<'c>> {
        if self.by_end { self.next_by_end(framing) } else { self.next_by_head(framing) }
    }

    #[inline(always)]
    fn next_by_head<F: Framing + ?Sized>(&mut self, framing: &F) -> Option<Frame<'c>> {
        if self.alike.mask != 0 {
            if self.alike.matches(self.rest) {
                // Another frame cannot begin with the same head.
                return self.take(self.alike.extent);
            }
            self.alike.mask = 0;
        }
        match framing.locate_by_head(self.rest) {
            Some(extent) => {
                self.alike.learn(self.rest, extent);
                self.take(extent)
            }
            None => self.take(locate_apart(framing, self.rest)?),
        }
    }

    #[inline(always)]
    fn next_by_end<F: Framing + ?Sized>(&mut self, framing: &F) -> Option<Frame<'c>> {
        let (wire, behind, extent) = first_by_end(framing, self.rest)?;
        let (payload, _) = extent.cut(wire)?;
        let frame = Frame::cut(wire, payload, extent, self.offset());
        // Where the next frame begins is known as soon as the end is found, whatever the tail may be.
        self.rest = behind;
        Some(frame)
    }

    /// The frame of this extent, if all of it is there. Goes on behind it.
    #[inline(always)]
    fn take(&mut self, extent: Extent) -> Option<Frame<'c>> {
        let (payload, behind) = extent.cut(self.rest)?;
        let frame = Frame::cut(self.rest, payload, extent, self.offset());
        self.rest = behind;
        Some(frame)
    }

    /// Hands all frames from here that [`next`](Self::next) would give to `take`.
    #[inline(always)]
    pub(crate) fn try_for_each<F: Framing + ?Sized, E>(
        &mut self,
        framing: &F,
        take: &mut impl FnMut(Frame<'c>) -> Result<(), E>,
    ) -> Result<(), E> {
        if !self.by_end {
            while let Some(frame) = self.next_by_head(framing) {
                take(frame)?;
            }
            return Ok(());
        }
        while let Some(frame) = self.next_by_end(framing) {
            let len = frame.len();
            take(frame)?;
            if len < SPARSE && self.rest.len() >= BLOCK {
                let (rest, result) = each_by_end(framing, self.rest, self.offset(), take);
                self.rest = rest;
                result?;
            }
        }
        Ok(())
    }
}

/// The first frame, what comes behind it, and its extent.
#[inline(always)]
fn first_by_end<'c, F: Framing + ?Sized>(framing: &F, rest: &'c [u8]) -> Option<(&'c [u8], &'c [u8], Extent)> {
    let last = framing.last_bytes()?;
    let (wire, behind) = rest.split_at_checked(last.set().find(rest)?.wrapping_add(1))?;
    let found = match last.ending(framing, wire) {
        Some(extent) => (wire, behind, extent),
        None => later_by_end(framing, rest, wire.len())?,
    };
    (found.2.payload_len() <= framing.max_payload_len()).then_some(found)
}

/// Where none of these first bytes ends the frame.
#[inline(never)]
fn later_by_end<'c, F: Framing + ?Sized>(
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

/// Apart, so that what is not plain to see takes nothing from what is.
#[inline(never)]
fn locate_apart<F: Framing + ?Sized>(framing: &F, rest: &[u8]) -> Option<Extent> {
    framing.locate(rest, Progress::default()).ok()?.known()
}

/// Frames are often as long as the one before. Then their heads are the same, which is sooner seen than what they mean:
/// so the place of the next frame need not wait for a number to be read.
#[derive(Clone, Copy, Debug)]
struct Alike {
    /// The first 8 bytes of a frame, as far as they are its head.
    seen: u64,
    /// Which bits these are. 0 where nothing is guessed.
    mask: u64,
    /// Of every frame with that head.
    extent: Extent,
    /// The length of the payload of the last frame that was told by its head.
    last: u64,
}

impl Alike {
    const NONE: Self = Self { seen: 0, mask: 0, extent: Extent::new(0, 0, 0), last: u64::MAX };

    #[inline(always)]
    fn matches(&self, input: &[u8]) -> bool {
        input.first_chunk().is_some_and(|word| u64::from_le_bytes(*word) & self.mask == self.seen)
    }

    /// Hears of a frame that its head told. It takes two of one length to make a guess, and one of another to give it up:
    /// where lengths are mixed, hardly any time is spent on guesses that would be wrong.
    #[inline(always)]
    fn learn(&mut self, input: &[u8], extent: Extent) {
        if extent.payload_len() != self.last {
            self.last = extent.payload_len();
        } else if let (Some(word), 0..=8) = (input.first_chunk(), extent.head_len()) {
            let unused = 64_usize.wrapping_sub(extent.head_len().wrapping_mul(8));
            self.mask = u32::try_from(unused).ok().and_then(|unused| u64::MAX.checked_shr(unused)).unwrap_or(0);
            self.seen = u64::from_le_bytes(*word) & self.mask;
            self.extent = extent;
        }
    }
}

/// Where frames are as long, `memchr` finds their ends sooner, as it has wider vectors.
const SPARSE: usize = 256;

/// So far ahead places are found, before it is asked again whether frames are short.
const AHEAD: usize = 2048;

/// Frames that are short, as far as whole blocks of bytes go. Gives what is left where it stopped.
///
/// The places where many may end are found first, and then handed out in a loop that has nothing else to do. For the
/// compiler to keep all of that loop in registers, it has one way out, and each kind of end has a loop of its own.
#[inline(always)]
fn each_by_end<'c, F: Framing + ?Sized, E>(
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
