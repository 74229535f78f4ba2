//! A decoder over any window.

use crate::contract::{Extent, Framing};
use crate::decode::deframer::Deframer;
use crate::decode::deframer::glance::Glance;
use crate::decode::drive::{self, Found, FoundPiece};
use crate::decode::frame::{Event, Frame, Piece};
use crate::decode::quick::{ByteEnd, FEW, Quick};
use crate::decode::recovery::Recovery;
use crate::decode::window::{SHORT, Window, is_free_of};
use crate::error::{Closed, DecodeError, EofError};

#[cfg(feature = "alloc")]
mod growing;

/// All of a decoder: the state, the bytes, and what of them was returned.
#[derive(Clone, Debug)]
pub(crate) struct Core<F, W> {
    pub(super) deframer: Deframer<F>,
    pub(super) window: W,
    /// Bytes after the kept header that were returned, and are removed later. 0 while anything is known of the next frame.
    pub(super) lent: usize,
    pub(super) quick: Quick,
}

/// What a look for the end of a frame has found.
pub(super) enum End {
    /// A complete frame of `len` bytes.
    At { len: usize, extent: Extent },
    /// More bytes are needed.
    Missing,
    /// Nothing has happened: another look decides.
    Unclear,
}

/// How much of a chunk is looked at first to find the end of a frame that began before it, at the least. No more than this is searched
/// before the decoder has it.
pub(super) const STRIDE: usize = 64;

impl<F, W> Core<F, W> {
    /// With no promises of the framing.
    pub(super) const fn over(deframer: Deframer<F>, window: W) -> Self {
        Self { deframer, window, lent: 0, quick: Quick::UNKNOWN }
    }
}

impl<F: Framing, W: Window> Core<F, W> {
    pub(super) const fn framing(&self) -> &F {
        self.deframer.framing()
    }

    pub(super) const fn position(&self) -> u64 {
        self.deframer.position()
    }

    pub(super) fn buffered(&self) -> &[u8] {
        self.window.bytes().get(self.deframer.state.kept().saturating_add(self.lent)..).unwrap_or_default()
    }

    /// Removes what was returned, and a header that was passed on.
    pub(super) fn remove_kept(&mut self) {
        self.release();
        self.window.remove(0, self.deframer.state.kept().min(self.window.len()));
    }

    /// Lends the plain frame of `len` bytes after what was returned, and passes it.
    #[inline]
    pub(super) fn lend_plain(&mut self, extent: Extent, len: usize) -> Option<Frame<'_>> {
        let (start, offset) = (self.lent, self.deframer.state.frame_offset());
        self.lent = start.wrapping_add(len);
        self.deframer.state.pass_simple(len);
        Frame::new(self.window.bytes().get(start..)?, extent, offset)
    }

    /// Lends the frame that comes after what was returned and some filler, and which the deframer has passed.
    #[inline]
    pub(super) fn lend(&mut self, filler: usize, extent: Extent) -> Option<Frame<'_>> {
        let (start, len) = (self.lent.wrapping_add(filler), extent.len_in_memory());
        self.lent = start.wrapping_add(len);
        let offset = self.deframer.state.frame_offset().wrapping_sub(len as u64);
        Frame::open(self.deframer.framing(), self.window.bytes_mut().get_mut(start..)?, extent, offset)
    }

    pub(super) fn event(&mut self, found: Found) -> Option<Event<'_>> {
        match found {
            Found::Frame(extent) => self.lend(0, extent).map(Event::Frame),
            Found::Skipped(stretch) => Some(Event::Skipped(stretch)),
        }
    }

    /// Removes what was returned, and the memory with the last of it.
    #[inline]
    pub(super) fn release(&mut self) {
        self.release_keeping_memory();
        self.window.release_memory();
    }

    /// As [`release`](Self::release), while more bytes are about to come.
    #[inline]
    pub(super) fn release_keeping_memory(&mut self) {
        if self.lent > 0 {
            self.remove_lent();
        }
    }

    #[inline(never)]
    fn remove_lent(&mut self) {
        let (at, len) = (self.deframer.state.kept(), self.lent);
        self.lent = 0;
        if at == 0 && len == self.window.len() {
            self.window.clear();
        } else {
            self.window.remove(at, len);
        }
    }

    /// Searches a chunk, which the window does not count yet, for the byte that ends the frame at hand. The next call need not search the
    /// bytes before that byte again.
    #[inline(never)]
    fn look_for_end(&mut self, chunk: &[u8]) {
        let (at, max) = match self.quick {
            Quick::Byte { last, max, .. } | Quick::Locate { last, max } => (memchr::memchr(last, chunk), max),
            Quick::Any { bytes: [a, b, c], escape, max } if !self.is_after(escape) => {
                (memchr::memchr3(a, b, c, chunk), max)
            }
            _ => return,
        };
        self.search_past(at.unwrap_or(chunk.len()), max);
    }

    /// The frame at hand does not end in the next `len` bytes.
    #[inline]
    fn search_past(&mut self, len: usize, max: u64) {
        if (self.window.len().wrapping_add(len) as u64) < max {
            self.deframer.state.search_past(len);
        }
    }

    #[inline]
    pub(super) fn check_open(&mut self) -> Result<(), Closed> {
        if self.deframer.state.is_open() { Ok(()) } else { self.closed() }
    }

    #[cold]
    pub(super) fn closed(&mut self) -> Result<(), Closed> {
        self.release();
        Err(match self.deframer.error() {
            Some(error) => Closed::Failed(error),
            None => Closed::Ended(self.position().saturating_add(self.buffered().len() as u64)),
        })
    }

    /// Whether the next frame has not begun: all that was buffered has been returned.
    #[inline]
    pub(super) fn is_before_frame(&self) -> bool {
        self.lent == self.window.len() && self.deframer.state.is_untouched()
    }

    /// Whether the bytes at hand are known to be too few for a frame, and there is room for more.
    #[inline]
    pub(super) fn is_incomplete(&self) -> bool {
        self.deframer.state.is_missing(self.window.len()) && !self.window.is_full()
    }

    /// Looks at the bytes after what was returned, where a number at their front is all there is to see.
    #[inline(always)]
    fn see_number(&mut self) -> End {
        if !self.deframer.state.is_fresh() {
            return End::Unclear;
        }
        let Some(rest) = self.window.bytes().get(self.lent..) else { return End::Unclear };
        let Some(extent) = self.quick.extent(rest) else { return End::Unclear };
        // As `Frame::new` does it, so that it is done once.
        match extent.split(rest) {
            Some(_) => End::At { len: extent.len_in_memory(), extent },
            None => self.wait_for(extent),
        }
    }

    /// The complete frame after what was returned, and its length, where the byte that ends it is all there is to see, and it was not
    /// searched for before.
    #[inline(always)]
    fn see_last(&self, last: u8, end: ByteEnd, max: u64) -> Option<(Extent, usize)> {
        if !self.deframer.state.is_untouched() {
            return None;
        }
        let rest = self.window.bytes().get(self.lent..)?;
        end.frame(rest.get(..memchr::memchr(last, rest)?)?, max)
    }

    /// Looks for the end of the next frame, where a number or its last byte is all there is to see. Nothing is passed.
    #[cfg(any(feature = "std", feature = "embedded-io"))]
    #[inline(never)]
    pub(super) fn see_end(&mut self) -> End {
        let seen = match self.quick {
            Quick::Byte { last, end, max } => match self.see_last(last, end, max) {
                Some((extent, len)) => End::At { len, extent },
                None => End::Unclear,
            },
            _ => self.see_number(),
        };
        if let End::Unclear = seen { self.find_end() } else { seen }
    }

    /// Goes on where [`see_number`](Self::see_number) and [`see_last`](Self::see_last) have seen nothing: searches the new bytes of a
    /// frame that a byte ends.
    #[inline(always)]
    pub(super) fn find_end(&mut self) -> End {
        if !self.deframer.state.is_fresh() {
            return End::Unclear;
        }
        let rest = self.window.bytes().get(self.lent..).unwrap_or_default();
        let Quick::Byte { last, end, max } = self.quick else {
            return match self.quick.width() {
                Some(width) if !rest.is_empty() && rest.len() < width.into() => {
                    self.release();
                    self.deframer.state.wait_for_simple(width.into());
                    End::Missing
                }
                _ => End::Unclear,
            };
        };
        if self.deframer.state.is_untouched() {
            return self.search_on(rest.len(), max);
        }
        let searched = self.deframer.state.searched();
        let found = match *rest.get(searched..).unwrap_or_default() {
            // Not worth a call.
            [byte] if byte != last => None,
            [byte, ..] if byte == last => Some(0),
            ref unseen => memchr::memchr(last, unseen),
        };
        let Some(at) = found else { return self.search_on(rest.len(), max) };
        match rest.get(..searched.wrapping_add(at)).and_then(|before| end.frame(before, max)) {
            Some((extent, len)) => End::At { len, extent },
            None => End::Unclear,
        }
    }

    /// Records the extent of an incomplete frame.
    #[inline(always)]
    fn wait_for(&mut self, extent: Extent) -> End {
        let len = extent.frame_len();
        if len > isize::MAX as u64 {
            return End::Unclear;
        }
        if self.lent > 0 {
            self.release();
        }
        self.deframer.state.wait_for_simple(len);
        End::Missing
    }

    /// Records that no frame ends in the first `len` bytes.
    fn search_on(&mut self, len: usize, max: u64) -> End {
        if len == 0 || len as u64 >= max {
            return End::Unclear;
        }
        self.release();
        self.deframer.state.search_on(len.wrapping_sub(1), len);
        End::Missing
    }

    /// See [`Decoder::next_frame`](crate::Decoder::next_frame).
    #[inline]
    pub(super) fn next_frame(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        if let Quick::Byte { last, end, max } = self.quick {
            return match self.see_last(last, end, max) {
                Some((extent, len)) => Ok(self.lend_plain(extent, len)),
                None => self.next_frame_slow(),
            };
        }
        match self.see_number() {
            End::At { len, extent } => Ok(self.lend_plain(extent, len)),
            End::Missing => Ok(None),
            End::Unclear => self.next_frame_slow(),
        }
    }

    /// Slow path of [`next_frame`](Self::next_frame).
    #[inline(never)]
    fn next_frame_slow(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        match self.find_end() {
            End::At { len, extent } => Ok(self.lend_plain(extent, len)),
            End::Missing => Ok(None),
            End::Unclear => self.look_for_frame(),
        }
    }

    /// Takes a chunk of few bytes that go on with the frame at hand, if there is memory for them, and they plainly do not complete it.
    /// Returns whether it has taken it.
    #[inline(always)]
    pub(super) fn take_quiet(&mut self, chunk: &[u8]) -> bool {
        // In two calls, so that all further tests of the length are made once.
        if chunk.len() < SHORT { self.take_if_quiet(chunk) } else { chunk.len() < FEW && self.take_if_quiet(chunk) }
    }

    #[inline(always)]
    fn take_if_quiet(&mut self, chunk: &[u8]) -> bool {
        let have = self.window.len();
        let is_short = chunk.len() < SHORT;
        debug_assert!(!self.deframer.state.is_missing(have) || (self.deframer.state.is_open() && self.lent == 0));
        if self.deframer.state.is_missing(have.wrapping_add(chunk.len())) {
            return if is_short { self.window.append_if(chunk, |_| true) } else { self.window.append_in_place(chunk) };
        }
        if !self.deframer.state.is_searching(have) {
            return false;
        }
        let is_taken = match self.quick {
            _ if !is_short => self.is_quiet(chunk) && self.window.append_in_place(chunk),
            Quick::Byte { last, max, .. } | Quick::Locate { last, max } => {
                self.has_room_below(max, chunk) && self.window.append_if(chunk, |byte| byte != last)
            }
            Quick::Any { bytes: [a, b, c], escape, max } => {
                self.has_room_below(max, chunk)
                    && !self.is_after(escape)
                    && self.window.append_if(chunk, |byte| byte != a && byte != b && byte != c)
            }
            Quick::Big32 { .. } | Quick::Binary { .. } => false,
        };
        if is_taken {
            self.deframer.state.search_past(chunk.len());
        }
        is_taken
    }

    /// Whether a chunk, at least `SHORT` bytes and fewer than `FEW`, does not end the frame at hand.
    #[inline(never)]
    fn is_quiet(&self, chunk: &[u8]) -> bool {
        match self.quick {
            Quick::Byte { last, max, .. } | Quick::Locate { last, max } => {
                self.has_room_below(max, chunk) && is_free_of(chunk, last)
            }
            Quick::Any { bytes: [a, b, c], escape, max } => {
                self.has_room_below(max, chunk)
                    && !self.is_after(escape)
                    && [a, b, c].iter().all(|&last| is_free_of(chunk, last))
            }
            Quick::Big32 { .. } | Quick::Binary { .. } => false,
        }
    }

    /// Whether there are fewer than `max` bytes with this chunk.
    #[inline(always)]
    fn has_room_below(&self, max: u64, chunk: &[u8]) -> bool {
        (self.window.len().wrapping_add(chunk.len()) as u64) < max
    }

    /// Whether the last byte is an escape, so that the next one may be wrong.
    #[inline(always)]
    fn is_after(&self, escape: Option<u8>) -> bool {
        escape.is_some() && self.window.bytes().last().copied() == escape
    }

    /// [Searches](Self::look_for_end) a chunk if it is short, but worth a search, and everything before it was searched.
    #[inline(always)]
    pub(super) fn look_ahead(&mut self, chunk: &[u8]) {
        if (FEW..=STRIDE).contains(&chunk.len()) && self.deframer.state.is_searching(self.window.len()) {
            self.look_for_end(chunk);
        }
    }

    /// As [`next_frame`](Self::next_frame), in less code: only calls are made part of the caller.
    #[inline(always)]
    pub(super) fn next_frame_of_any(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        if self.quick.asks_locate() { self.look_for_frame() } else { self.next_frame_quick() }
    }

    /// As [`next_frame`](Self::next_frame), out of line.
    #[inline(never)]
    fn next_frame_quick(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        self.next_frame()
    }

    /// As [`next_frame`](Self::next_frame), where its end cannot be seen at once.
    #[inline(never)]
    fn look_for_frame(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        match self.deframer.look_at(self.window.bytes().get(self.lent..).unwrap_or_default()) {
            Glance::Frame { filler, extent } => Ok(self.lend(filler, extent)),
            Glance::Incomplete => {
                self.release();
                // In a full window, only a step reports that the frame is too long.
                if self.window.is_full() { self.look_step_by_step() } else { Ok(None) }
            }
            Glance::Unclear => self.look_step_by_step(),
        }
    }

    /// As [`next_frame`](Self::next_frame), step by step.
    fn look_step_by_step(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        Ok(self.step_to_frame()?.and_then(|extent| self.lend(0, extent)))
    }

    /// Sets the policy for rejected frames.
    pub(super) fn with_recovery(mut self, recovery: Recovery) -> Self {
        self.deframer = self.deframer.with_recovery(recovery);
        self
    }

    /// Continues with another framing, whose promises are in `quick`.
    pub(super) fn with_framing<G: Framing>(mut self, framing: G, quick: Quick) -> Core<G, W> {
        self.remove_kept();
        Core { deframer: self.deframer.with_framing(framing), window: self.window, lent: 0, quick }
    }

    /// As [`with_framing`](Self::with_framing), for one of the same type. An error or the end that was reached stays.
    pub(super) fn set_framing(&mut self, framing: F, quick: Quick) {
        if self.deframer.error().is_none() {
            self.remove_kept();
        }
        self.quick = quick;
        self.deframer.set_framing(framing);
    }

    /// Goes back to the start of a stream.
    pub(super) fn reset(&mut self) {
        self.window.clear();
        self.window.release_memory();
        self.lent = 0;
        self.deframer.reset();
    }

    /// How many more bytes the next frame needs at least.
    pub(super) fn need(&mut self) -> usize {
        self.release();
        drive::need(&mut self.deframer, &mut self.window)
    }

    /// The next frame or stretch, brought to the front of the window.
    #[cfg(feature = "std")]
    pub(super) fn find_next(&mut self) -> Result<Option<Found>, DecodeError> {
        if self.is_incomplete() {
            return Ok(None);
        }
        self.release_keeping_memory();
        match self.see_end() {
            End::At { len, extent } => {
                self.deframer.state.pass_simple(len);
                Ok(Some(Found::Frame(extent)))
            }
            End::Missing => Ok(None),
            End::Unclear => self.find_unseen(),
        }
    }

    /// The next frame or stretch, brought to the front of the window, after [`see_end`](Self::see_end) has found no frame.
    #[cfg(any(feature = "std", feature = "embedded-io"))]
    pub(super) fn find_unseen(&mut self) -> Result<Option<Found>, DecodeError> {
        self.release_keeping_memory();
        match self.deframer.glance(self.window.bytes()) {
            Glance::Frame { filler, extent } => {
                self.window.remove(0, filler);
                Ok(Some(Found::Frame(extent)))
            }
            Glance::Incomplete if !self.window.is_full() => {
                // What comes next may be taken as it is, and would keep the memory of a longer frame.
                self.window.release_large();
                Ok(None)
            }
            Glance::Incomplete | Glance::Unclear => self.find(),
        }
    }

    /// The next frame or stretch, step by step.
    pub(super) fn find(&mut self) -> Result<Option<Found>, DecodeError> {
        self.release();
        drive::find(&mut self.deframer, &mut self.window)
    }

    /// Finds the next frame, step by step.
    fn step_to_frame(&mut self) -> Result<Option<Extent>, DecodeError> {
        loop {
            match self.find()? {
                Some(Found::Frame(extent)) => return Ok(Some(extent)),
                Some(Found::Skipped(_)) => {}
                None => return Ok(None),
            }
        }
    }

    /// The next frame or stretch at the end of the stream.
    pub(super) fn find_at_eof(&mut self) -> Result<Option<Found>, EofError> {
        self.release();
        drive::find_at_eof(&mut self.deframer, &mut self.window)
    }

    /// The next frame at the end of the stream.
    pub(super) fn find_frame_at_eof(&mut self) -> Result<Option<Extent>, EofError> {
        loop {
            match self.find_at_eof()? {
                Some(Found::Frame(extent)) => return Ok(Some(extent)),
                Some(Found::Skipped(_)) => {}
                None => return Ok(None),
            }
        }
    }

    /// The next piece at the end of the stream.
    pub(super) fn find_piece_at_eof(&mut self) -> Result<Option<FoundPiece>, EofError> {
        self.release();
        drive::find_piece_at_eof(&mut self.deframer, &mut self.window)
    }

    /// The next frame or stretch after a silence.
    pub(super) fn find_at_silence(&mut self) -> Result<Option<Found>, DecodeError> {
        self.release();
        drive::find_at_silence(&mut self.deframer, &mut self.window)
    }

    /// See [`Decoder::idle`](crate::Decoder::idle).
    pub(super) fn idle(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        while let Some(found) = self.find_at_silence()? {
            if let Found::Frame(extent) = found {
                return Ok(self.lend(0, extent));
            }
        }
        Ok(None)
    }

    /// The next piece, if there is one.
    pub(crate) fn find_piece(&mut self) -> Result<Option<FoundPiece>, DecodeError> {
        self.release();
        if self.deframer.state.is_fresh() && self.is_incomplete() {
            // A call for the whole frame has read its number, and waits for its end. Pieces come sooner.
            if let Some(extent) = self.quick.extent(self.window.bytes()) {
                self.deframer.state.know(extent);
            }
        }
        drive::find_piece(&mut self.deframer, &mut self.window)
    }

    /// The piece that was found, until the next call.
    pub(crate) fn lend_piece(&mut self, found: FoundPiece) -> Option<Piece<'_>> {
        drive::lend_piece(found, self.window.bytes(), &mut self.lent)
    }
}
