//! From frame to frame over bytes that are all there: where nearly all of the time goes, and the place of every shortcut.
//!
//! Every shortcut rests on a promise of the framing, its [`Shape`](crate::contract::Shape). What the promise leaves open,
//! [`Framing::locate`] decides. Only plain frames are walked over, and only those that leave nothing for the next one:
//! frames that are rewritten are for the slow path.
//!
//! Before you change this: the speed of the loops depends on how the compiler keeps `rest` and `end` in registers. A second way
//! out of a loop, or one more field of [`Walk`], has cost a third of it. Count with
//! `cargo bench -p anysplit-benches --bench instructions`.

use alloc::vec::Vec;
use core::cell::Cell;

use crate::contract::shape::Kind;
use crate::contract::{Extent, Framing, Progress};
use crate::decode::frame::Frame;
use crate::decode::next::{Next, next};
use crate::decode::quick::Quick;
use crate::decode::state::Before;

mod by_end;
mod by_header;

use by_header::SameHeader;

/// A place in bytes of a stream, at the start of a frame.
///
/// Passed by value, so that it can live in registers while a caller goes from frame to frame: through memory, each
/// frame's address would come twice as late.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walk<'c> {
    rest: &'c [u8],
    /// Stream offset of the end of `rest`. That of its beginning follows.
    end: u64,
    same: SameHeader,
}

impl<'c> Walk<'c> {
    /// At the start of `rest`, which ends at this offset of the stream.
    #[inline(always)]
    pub(crate) const fn new(rest: &'c [u8], end: u64) -> Self {
        Self { rest, end, same: SameHeader::NONE }
    }

    /// Goes on from here, after what has been walked over. It ends where that ended.
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

    /// The next frame, if it is complete and nothing is wrong with it. Otherwise the place stays. `quick` is of the framing's shape.
    #[inline(always)]
    pub(crate) fn next<F: Framing + ?Sized>(&mut self, framing: &F, quick: &Quick) -> Option<Frame<'c>> {
        if self.same.is_guess() {
            if self.same.matches(self.rest) {
                // Another frame cannot begin with the same header.
                return self.take(self.same.extent());
            }
            self.same.forget();
        }
        if let Some(extent) = quick.extent(self.rest) {
            return self.take_and_learn(extent);
        }
        match framing.shape().0 {
            Kind::ByHeader | Kind::Prefix { trailer: None, .. } => self.next_by_header(framing),
            Kind::Ends { .. } => self.next_by_end(framing),
            Kind::Prefix { .. } | Kind::Until { .. } | Kind::Unknown => {
                let (extent, rest) = locate_slow(framing, self.rest)?;
                let (frame, after) = frame(rest, self.end, extent)?;
                self.rest = after;
                Some(frame)
            }
        }
    }

    /// Calls `take` with all frames from here that [`next`](Self::next) would return.
    ///
    /// Where `take` panics, the place is after the frame that it was called with.
    #[inline(always)]
    pub(crate) fn try_for_each<F: Framing + ?Sized, E>(
        &mut self,
        framing: &F,
        quick: Quick,
        take: &mut impl FnMut(Frame<'c>) -> Result<(), E>,
    ) -> Result<(), E> {
        let (rest, end) = (self.rest, self.end);
        let place = Place { walk: self, unwound: Cell::new(None) };
        let (rest, result) = match framing.shape().0 {
            Kind::Ends { .. } => by_end::for_each_frame(framing, rest, end, &place.unwound, take),
            _ => by_header::for_each_frame(framing, quick, rest, end, &place.unwound, take),
        };
        place.walk.go_on_with(rest);
        result
    }

    /// Appends the extents of all frames from here that [`next`](Self::next) would return, up to `most` in all. They lie one
    /// after the other: the framing has a shape, and so no filler.
    pub(crate) fn collect<F: Framing + ?Sized>(
        &mut self,
        framing: &F,
        quick: Quick,
        extents: &mut Vec<Extent>,
        most: usize,
    ) {
        /// As far as `extent_of` goes. Returns the rest where it stopped.
        #[inline(always)]
        fn push_each<'c>(
            mut rest: &'c [u8],
            extents: &mut Vec<Extent>,
            most: usize,
            extent_of: impl Fn(&[u8]) -> Option<Extent>,
        ) -> &'c [u8] {
            while let Some((extent, after)) = extent_of(rest)
                .and_then(|extent| Some((extent, extent.split(rest)?.1)))
                .filter(|_| extents.len() < most)
            {
                extents.push(extent);
                rest = after;
            }
            rest
        }
        match quick {
            Quick::Big32 { .. } | Quick::Binary { .. } => {
                self.rest = push_each(self.rest, extents, most, |input| quick.extent(input));
            }
            Quick::Byte { .. } | Quick::Locate { .. } | Quick::Any { .. } => {}
        }
        while extents.len() < most {
            let Some(frame) = self.next(framing, &quick) else { break };
            extents.push(frame.extent());
        }
    }

    /// The frame of this extent, if all of it is there. Goes on after it.
    #[inline(always)]
    fn take(&mut self, extent: Extent) -> Option<Frame<'c>> {
        let (frame, after) = frame(self.rest, self.end, extent)?;
        self.rest = after;
        Some(frame)
    }
}

/// Where a walk is when a caller's panic ends it.
struct Place<'w, 'c> {
    walk: &'w mut Walk<'c>,
    unwound: Cell<Option<&'c [u8]>>,
}

impl Drop for Place<'_, '_> {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(rest) = self.unwound.get() {
            self.walk.go_on_with(rest);
        }
    }
}

/// Calls `take`. If it panics, `rest` is where the walk is.
#[inline(always)]
fn call<'c, E>(
    take: &mut impl FnMut(Frame<'c>) -> Result<(), E>,
    frame: Frame<'c>,
    rest: &'c [u8],
    unwound: &Cell<Option<&'c [u8]>>,
) -> Result<(), E> {
    /// Dropped only while unwinding: nothing is stored on the way that all frames take.
    struct OnUnwind<'p, 'c>(&'p Cell<Option<&'c [u8]>>, &'c [u8]);
    impl Drop for OnUnwind<'_, '_> {
        // Made part of the caller, so that its fields stay in registers.
        #[inline(always)]
        fn drop(&mut self) {
            self.0.set(Some(self.1));
        }
    }
    let guard = OnUnwind(unwound, rest);
    let result = take(frame);
    core::mem::forget(guard);
    result
}

/// Splits the frame of this extent off the start of `rest`, if `rest` has all of it. `end` is the offset in the stream at
/// which `rest` ends.
#[inline(always)]
fn frame(rest: &[u8], end: u64, extent: Extent) -> Option<(Frame<'_>, &[u8])> {
    let (payload, after) = extent.split(rest)?;
    Some((Frame::with_payload(rest, payload, extent, end.wrapping_sub(rest.len() as u64)), after))
}

/// The next frame's extent and the bytes from its first on, after filler, if it is complete, intact and not rewritten, and
/// leaves nothing for the frame after it. Out of line, so that the slow path costs the fast path no registers.
#[inline(never)]
fn locate_slow<'c, F: Framing + ?Sized>(framing: &F, rest: &'c [u8]) -> Option<(Extent, &'c [u8])> {
    let mut progress = Progress::default();
    match next(framing, rest, Before::Frame, &mut progress) {
        Next::Complete { filler, extent } if !extent.is_rewritten() && progress.next == 0 => {
            Some((extent, rest.get(filler..)?))
        }
        _ => None,
    }
}
