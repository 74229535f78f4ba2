//! From frame to frame over bytes that are all there: where nearly all of the time goes, and the only place with
//! shortcuts.
//!
//! Every shortcut rests on a promise of a framing: [`Framing::locate_by_header`] with [`Framing::plain_prefix`], or
//! [`Framing::last_bytes`]. What they leave undecided, [`Framing::locate`] decides.

use crate::contract::{Extent, Framing, Progress};
use crate::decode::frame::Frame;

mod by_end;
mod by_header;

use by_header::Alike;

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
        let by_end = framing.last_bytes().is_some();
        Self { rest, end, by_end, alike: Alike::NONE }
    }

    /// From here on, which is after what has been walked over and ends where that ended.
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
        if self.by_end { self.next_by_end(framing) } else { self.next_by_header(framing) }
    }

    /// Hands all frames from here that [`next`](Self::next) would give to `take`.
    #[inline(always)]
    pub(crate) fn try_for_each<F: Framing + ?Sized, E>(
        &mut self,
        framing: &F,
        take: &mut impl FnMut(Frame<'c>) -> Result<(), E>,
    ) -> Result<(), E> {
        let (rest, result) = if self.by_end {
            by_end::each(framing, self.rest, self.end, take)
        } else {
            by_header::each(framing, self.rest, self.end, take)
        };
        self.go_on_with(rest);
        result
    }

    /// The frame of this extent, if all of it is there. Goes on after it.
    #[inline(always)]
    fn take(&mut self, extent: Extent) -> Option<Frame<'c>> {
        let (frame, after) = frame(self.rest, self.end, extent)?;
        self.rest = after;
        Some(frame)
    }
}

/// The frame of this extent at the front of `rest`, which ends at this offset of the stream, and what comes after it, if
/// all of the frame is there.
#[inline(always)]
fn frame(rest: &[u8], end: u64, extent: Extent) -> Option<(Frame<'_>, &[u8])> {
    let (payload, after) = extent.cut(rest)?;
    Some((Frame::cut(rest, payload, extent, end.wrapping_sub(rest.len() as u64)), after))
}

/// Apart, so that what is not plain to see takes nothing from what is.
#[inline(never)]
fn locate_apart<F: Framing + ?Sized>(framing: &F, rest: &[u8]) -> Option<Extent> {
    framing.locate(rest, Progress::default()).ok()?.known()
}
