//! From frame to frame over bytes that are all there: where nearly all of the time goes, and the only place with
//! shortcuts.
//!
//! Every shortcut rests on one of two promises of a framing, [`Framing::locate_by_head`] and [`Framing::last_bytes`].
//! What they leave undecided, [`Framing::locate`] decides.

use crate::frame::Frame;
use crate::framing::{Extent, Framing, Progress};
use crate::scan::blocks::{BLOCK, BLOCKS, in_order};

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
        if self.by_end {
            let extent = first_by_end(framing, self.rest)?;
            return self.take(extent);
        }
        if self.alike.matches(self.rest) {
            // Another frame cannot begin with the same head.
            return self.take(self.alike.extent);
        }
        match framing.locate_by_head(self.rest) {
            Some(extent) => {
                self.alike.learn(self.rest, extent);
                self.take(extent)
            }
            None => self.take(locate_apart(framing, self.rest)?),
        }
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
            while let Some(frame) = self.next(framing) {
                take(frame)?;
            }
            return Ok(());
        }
        let (rest, result) = each_by_end(framing, self.rest, self.offset(), take);
        self.rest = rest;
        result
    }
}

#[inline]
fn first_by_end<F: Framing + ?Sized>(framing: &F, rest: &[u8]) -> Option<Extent> {
    let (set, mut end) = (framing.last_bytes()?, 0_usize);
    loop {
        end = end.wrapping_add(set.find(rest.get(end..)?)?).wrapping_add(1);
        if let Some(extent) = framing.ending(rest.get(..end)?) {
            return (extent.payload_len() <= framing.max_payload_len()).then_some(extent);
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
    /// Which bits these are.
    mask: u64,
    /// Of every frame with that head.
    extent: Extent,
    /// The length of the payload of the last frame that was told by its head.
    last: u64,
}

impl Alike {
    /// No frame matches this.
    const NONE: Self = Self { seen: 1, mask: 0, extent: Extent::new(0, 0, 0), last: u64::MAX };

    #[inline(always)]
    fn matches(&self, input: &[u8]) -> bool {
        input.first_chunk().is_some_and(|word| u64::from_le_bytes(*word) & self.mask == self.seen)
    }

    /// Hears of a frame that its head told. It takes two of one length to make a guess: where lengths are mixed, no time
    /// is spent on guesses that would be wrong.
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

/// So many bytes without an end, and `memchr`, which has wider vectors, is quicker than marks.
const SPARSE: usize = 256;

/// Gives what is left where it stopped.
///
/// Works with indices: blocks are marked without waiting for the frames in the block before.
#[inline(always)]
fn each_by_end<'c, F: Framing + ?Sized, E>(
    framing: &F,
    all: &'c [u8],
    offset: u64,
    take: &mut impl FnMut(Frame<'c>) -> Result<(), E>,
) -> (&'c [u8], Result<(), E>) {
    let max = framing.max_payload_len();
    // Where the frame begins, how far its end has been searched for, and how long the frame before it was.
    let (mut start, mut searched, mut before) = (0_usize, 0_usize, 0_usize);
    let mut marks = [0; BLOCKS];
    let result = 'all: loop {
        let (Some(set), Some(behind)) = (framing.last_bytes(), all.get(searched..)) else { break Ok(()) };
        let sparse = searched.wrapping_sub(start).max(before) >= SPARSE;
        let mut count = if sparse { 0 } else { set.mark(behind, &mut marks) };
        if count == 0 {
            let Some(at) = set.find(behind) else { break Ok(()) };
            // A block with that byte as its last.
            (marks[0], count) = (1 << (BLOCK - 1), 1);
            searched = searched.wrapping_add(at).wrapping_sub(BLOCK - 1);
        }
        for &mark in marks.iter().take(count) {
            let mut bits = if mark == 0 { 0 } else { in_order(mark) };
            while bits != 0 {
                let end = searched.wrapping_add(bits.trailing_zeros() as usize).wrapping_add(1);
                bits &= bits.wrapping_sub(1);
                let Some(wire) = all.get(start..end) else { break 'all Ok(()) };
                let Some(extent) = framing.ending(wire) else { continue };
                let (Some((payload, _)), true) = (extent.cut(wire), extent.payload_len() <= max) else {
                    break 'all Ok(());
                };
                let frame = Frame::cut(wire, payload, extent, offset.wrapping_add(start as u64));
                (start, before) = (end, wire.len());
                if let Err(error) = take(frame) {
                    break 'all Err(error);
                }
            }
            searched = searched.wrapping_add(BLOCK);
        }
    };
    (all.get(start..).unwrap_or_default(), result)
}
