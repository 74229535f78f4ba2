//! The decoder of one connection, without its bytes.

use core::num::NonZeroUsize;

use crate::contract::{AtEof, Extent, Framing, Located, Progress};
use crate::decode::recovery::{Recovery, Skips};
use crate::decode::state::{Phase, Purpose, State};
use crate::decode::step::{PieceStep, Step};
use crate::error::{DecodeError, DecodeErrorKind, EofError, FrameError, Truncated};

pub(crate) mod glance;
mod hunt;
mod payload;
#[cfg(feature = "testing")]
mod reach;
mod room;

/// Finds frames in bytes that the caller holds. It is a decoder without a buffer, and every adapter is built on it.
///
/// Most programs want [`Decoder`](crate::Decoder), or [`FixedDecoder`](crate::FixedDecoder) without an allocator. This is
/// for those that have a buffer of their own.
///
/// The caller keeps the bytes that are not done with, gives all of them to [`step`](Self::step), and does what the answer
/// asks for.
///
/// ```
/// use anysplit::Prefix;
/// use anysplit::decode::{Deframer, Step};
///
/// let mut deframer = Deframer::new(Prefix::u16_be());
/// let mut bytes: &[u8] = b"\x00\x02hi\x00\x03yo";
///
/// let Step::Frame(extent) = deframer.step(bytes)? else { panic!() };
/// assert_eq!((extent.header_len(), extent.payload_len()), (2, 2));
/// bytes = &bytes[4..];
/// let Step::Need(need) = deframer.step(bytes)? else { panic!() };
/// assert_eq!(need.get(), 1);
/// assert_eq!(deframer.position(), 4);
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Deframer<F> {
    framing: F,
    recovery: Recovery,
    /// No input is longer than this; `u32::MAX` stands for whatever can be addressed. Every connection has one.
    room: u32,
    pub(super) state: State,
}

impl<F: Framing> Deframer<F> {
    /// At the start of a stream.
    pub const fn new(framing: F) -> Self {
        Self::at(framing, 0)
    }

    /// At this offset of a stream, at the start of a frame.
    pub const fn at(framing: F, position: u64) -> Self {
        Self { framing, recovery: Recovery::Fail, room: u32::MAX, state: State::at(position) }
    }

    /// Sets the policy for rejected frames. A stored error stays.
    #[must_use]
    pub const fn with_recovery(mut self, recovery: Recovery) -> Self {
        self.recovery = recovery;
        self
    }

    /// Returns the framing.
    #[inline]
    pub const fn framing(&self) -> &F {
        &self.framing
    }

    /// Gives the framing back.
    pub fn into_framing(self) -> F {
        self.framing
    }

    /// Returns the policy for rejected frames.
    pub const fn recovery(&self) -> Recovery {
        self.recovery
    }

    /// Returns the offset in the stream of the first byte that was neither returned nor skipped.
    #[inline]
    pub const fn position(&self) -> u64 {
        self.state.position()
    }

    /// Returns what was skipped so far.
    pub const fn skipped(&self) -> &Skips {
        self.state.skips()
    }

    /// Whether bytes are being skipped: a rejected frame whose end has not arrived, or under [`Recovery::Resync`] all since one.
    pub const fn is_skipping(&self) -> bool {
        self.state.is_hunting() || self.is_skipping_frame()
    }

    const fn is_skipping_frame(&self) -> bool {
        matches!(self.state.purpose(), Some(purpose) if purpose.is_skipping())
    }

    /// Looks at `input`, all the bytes that are there from the start of the frame.
    ///
    /// After [`Step::Need`] the next input must be the same bytes, and perhaps more after them.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] where the bytes are no frame. Every later call returns the same.
    #[inline]
    pub fn step(&mut self, input: &[u8]) -> Result<Step, DecodeError> {
        match self.advance(input, false)? {
            PieceStep::Other(step) => Ok(step),
            PieceStep::Data { at, len } => Ok(Step::Discard { at, len }),
            PieceStep::End { len } => Ok(Step::Discard { at: 0, len }),
            PieceStep::Start { .. } => Ok(Step::Discard { at: 0, len: 0 }),
            PieceStep::Clean => Ok(Step::Need(NonZeroUsize::MIN)),
        }
    }

    /// Looks at `input`, the remaining bytes, after the stream has ended. Call it until it returns `None`, and carry out each
    /// [`Step`] as with [`step`](Self::step). It never returns [`Step::Need`].
    ///
    /// # Errors
    ///
    /// [`EofError`] if the stream ends inside a frame, or the bytes are wrong. Every later call returns the same.
    pub fn finish(&mut self, input: &[u8]) -> Result<Option<Step>, EofError> {
        self.state.end();
        match self.step(input)? {
            Step::Need(_) => Ok(None),
            step => Ok(Some(step)),
        }
    }

    /// Looks at `input` after a silence on the line, which ends an unfinished frame: the bytes that come next do not belong to
    /// it. Call it until it returns `None`, and carry out each [`Step`] as with [`step`](Self::step); then the stream goes
    /// on. It never returns [`Step::Need`].
    ///
    /// # Errors
    ///
    /// As [`finish`](Self::finish), but [`Recovery::SkipFrame`] and [`Recovery::Resync`] skip an unfinished frame.
    pub fn idle(&mut self, input: &[u8]) -> Result<Option<Step>, DecodeError> {
        self.state.fall_silent();
        let step = self.step(input);
        self.state.resume();
        Ok(match step? {
            Step::Need(_) => None,
            step => Some(step),
        })
    }

    /// As [`step`](Self::step), with the payload in pieces as it arrives.
    pub(crate) fn step_piece(&mut self, input: &[u8]) -> Result<PieceStep, DecodeError> {
        match self.advance(input, true)? {
            PieceStep::Clean => Ok(PieceStep::Other(Step::Need(NonZeroUsize::MIN))),
            step => Ok(step),
        }
    }

    /// As [`finish`](Self::finish), with the payload in pieces as it arrives.
    pub(crate) fn finish_piece(&mut self, input: &[u8]) -> Result<Option<PieceStep>, EofError> {
        self.state.end();
        match self.advance(input, true)? {
            PieceStep::Clean => Ok(None),
            step => Ok(Some(step)),
        }
    }

    /// As [`step`](Self::step), but a frame that is complete stays: how many bytes are missing at least until there is
    /// something to return. 0 if there is.
    pub(crate) fn peek(&mut self, input: &[u8]) -> Result<Step, usize> {
        let before = self.state;
        let pieces = matches!(before.purpose(), Some(Purpose::Pieces));
        match self.advance(input, pieces) {
            Ok(PieceStep::Other(Step::Need(need))) => Err(need.get()),
            Ok(PieceStep::Other(step @ Step::Discard { .. })) => Ok(step),
            Ok(PieceStep::Other(Step::Frame(extent))) => {
                let next = self.state.progress().previous;
                self.state = before;
                // So the end of the frame is not searched again.
                self.state.progress_mut().next = next;
                self.state.know(extent);
                Err(0)
            }
            Ok(PieceStep::Clean) => Err(0),
            _ => {
                self.state = before;
                Err(0)
            }
        }
    }

    /// The next frame of `input`, if it is complete and intact, and how much filler stands before it. Otherwise nothing has
    /// happened.
    #[cfg(feature = "alloc")]
    pub(crate) fn next_in_batch(&mut self, input: &[u8]) -> Option<(usize, Extent)> {
        let before = self.state;
        let mut filler = 0_usize;
        loop {
            match self.step(input.get(filler..).unwrap_or_default()) {
                Ok(Step::Frame(extent)) => return Some((filler, extent)),
                Ok(Step::Discard { at: 0, len }) if self.state.is_between_frames() => {
                    filler = filler.saturating_add(len);
                }
                _ => {
                    self.state = before;
                    return None;
                }
            }
        }
    }

    /// Continues with another framing, with the same policy and the same counts.
    pub(crate) fn with_framing<G>(self, framing: G) -> Deframer<G> {
        Deframer { framing, recovery: self.recovery, room: self.room, state: self.state.restarted() }
    }

    /// Continues with another framing, between two frames. The policy and the counts stay, and so does an error or the
    /// end that was reached.
    pub fn set_framing(&mut self, framing: F) {
        self.framing = framing;
        self.state = self.state.reframed();
    }

    /// The one step of all. With `pieces` the payload is returned in pieces as it arrives.
    fn advance(&mut self, input: &[u8], pieces: bool) -> Result<PieceStep, DecodeError> {
        if !pieces {
            self.state.drop_pieces();
        }
        match self.look(input, pieces)? {
            Some(step) => Ok(step),
            None => self.hunt(input, pieces),
        }
    }

    /// Goes on until there is something to do, or a frame may begin further on only.
    fn look(&mut self, input: &[u8], pieces: bool) -> Result<Option<PieceStep>, DecodeError> {
        // A frame that may be rejected yet is not passed on.
        let early = pieces && !self.resynchronises();
        loop {
            let step = match self.state.phase() {
                Phase::Failed { .. } => return Err(self.failure()),
                _ if self.state.is_waiting_for(input.len(), early) => self.need(input)?,
                Phase::Fresh | Phase::Simple | Phase::Locate => {
                    let before = self.state.progress();
                    let located = self.framing.locate(input, self.state.progress_mut());
                    self.settle(input, located, before, early)?
                }
                Phase::Wait(extent) => self.wait(input, extent, pieces, early)?,
                Phase::Hunt { .. } => return Ok(None),
                Phase::Reject(purpose) => self.find_rejected_end(input, purpose)?,
                Phase::OpenBody { so_far, purpose } => self.search_body(input, so_far, purpose)?,
                Phase::Body { extent, purpose } => self.go_through(input, extent, purpose)?,
            };
            if step.is_some() {
                return Ok(step);
            }
        }
    }

    /// Goes on from what `locate` answered at the start of a frame, whose progress was `before`.
    fn settle(
        &mut self,
        input: &[u8],
        located: Result<Located, FrameError>,
        before: Progress,
        pieces: bool,
    ) -> Result<Option<PieceStep>, DecodeError> {
        let located = match located {
            Ok(located) => located,
            Err(error) => match self.locate_before(input, error, before, pieces) {
                Some(located) => located,
                None => return self.reject(error, before),
            },
        };
        match located {
            Located::Known(extent) => {
                let in_one_piece = !pieces || extent.is_in_one_piece();
                if !self.has_room(extent.frame_len()) && in_one_piece {
                    if input.is_empty() {
                        // The stream may end before the frame begins.
                        return self.more(input, Located::Header(1));
                    }
                    return self.reject(self.oversize(extent), before);
                }
                self.state.know(extent);
                Ok(None)
            }
            Located::Search { so_far, .. } if pieces && !so_far.is_in_one_piece() && !input.is_empty() => {
                self.begin(input, so_far, false).map(Some)
            }
            Located::Filler(len) if len > 0 && len <= input.len() => {
                self.state.pass_filler(len as u64);
                Ok(Some(PieceStep::Other(Step::Discard { at: 0, len })))
            }
            other => self.more(input, other),
        }
    }

    /// With pieces, what the bytes before an error prove is reported first, as if they had arrived alone.
    fn locate_before(&mut self, input: &[u8], error: FrameError, before: Progress, pieces: bool) -> Option<Located> {
        if !pieces {
            return None;
        }
        let mut progress = before;
        let located = self.framing.locate(input.get(..error.at)?, &mut progress).ok()?;
        let gains = match located {
            Located::Known(extent) => !extent.is_in_one_piece(),
            Located::Search { so_far, .. } => {
                let inside = matches!(self.state.phase(), Phase::OpenBody { .. });
                !so_far.is_in_one_piece() && error.at > 0 && (!inside || so_far.payload_len() > 0)
            }
            _ => false,
        };
        if gains {
            *self.state.progress_mut() = progress;
        }
        gains.then_some(located)
    }

    /// The end of the frame at the front is not known yet. Waits, or asks what the end of the stream means.
    fn more(&mut self, input: &[u8], located: Located) -> Result<Option<PieceStep>, DecodeError> {
        if !self.is_full(input) {
            if self.state.is_eof() {
                return self.at_eof(input, located);
            }
            self.wait_for(input, located);
        }
        self.need(input)
    }

    /// The end of the frame at the front is not known yet, and the stream goes on.
    #[inline]
    fn wait_for(&mut self, input: &[u8], located: Located) {
        let more = (input.len() as u64).saturating_add(1);
        let (least, need) = match located {
            Located::Wait(len) => (len, len),
            Located::Header(len) | Located::Search { least: len, .. } => (0, len),
            Located::Known(_) | Located::Filler(_) => (0, 0),
        };
        self.state.wait_for(least.max(more), need.max(more));
    }

    /// The stream has ended, and `locate` found no end of the frame at the front.
    fn at_eof(&mut self, input: &[u8], located: Located) -> Result<Option<PieceStep>, DecodeError> {
        let before = self.state.progress();
        match self.framing.at_eof(input, self.state.progress_mut()) {
            Ok(AtEof::Clean) if input.is_empty() && before.consumed == 0 => Ok(Some(self.end_cleanly())),
            Ok(AtEof::Frame(extent)) if extent.fits(input.len()).is_some() && !input.is_empty() => {
                if let Phase::Reject(purpose) = self.state.phase() {
                    self.state.enter_rejected(extent, purpose);
                    return self.check_header(input, extent, true, purpose);
                }
                self.state.know(extent);
                Ok(None)
            }
            Ok(_) => self.truncate(input, located.truncated(input.len(), before.consumed)),
            Err(error) => self.reject(error, before),
        }
    }

    /// The end of the stream, or a silence, cut the frame at hand. If it was being skipped, the stretch comes first.
    fn truncate(&mut self, input: &[u8], part: Truncated) -> Result<Option<PieceStep>, DecodeError> {
        let frame_offset = self.state.frame_offset();
        let end = self.state.position().saturating_add((input.len() - self.state.kept().min(input.len())) as u64);
        let skipping = self.is_skipping_frame();
        let have = end.saturating_sub(frame_offset);
        let part = if skipping { Truncated::Skipped { have } } else { part };
        let error = DecodeError { frame_offset, offset: end, kind: DecodeErrorKind::Truncated(part) };
        if self.state.is_hunting() && !self.resynchronises() {
            // The policy has changed since.
            return Ok(self.end_hunt());
        }
        if self.resynchronises() && !input.is_empty() {
            self.state.hunt(error, true);
            return Ok(None);
        }
        let silent = self.state.is_silent();
        if !skipping && silent && self.recovery == Recovery::SkipFrame {
            self.state.reject(error, None, self.state.progress(), Purpose::Rejected);
        }
        let stretch = match self.state.end_hunt() {
            Some((stretch, _)) => Some(stretch),
            None if self.is_skipping_frame() => self.state.skip(have),
            None => None,
        };
        if !silent || stretch.is_none() {
            self.state.fail(error);
        }
        match stretch {
            Some(stretch) => Ok(Some(PieceStep::Other(Step::Skipped { len: input.len(), stretch }))),
            None => Err(error),
        }
    }

    /// The frame's end is known. Returns it once it is complete and intact.
    fn wait(
        &mut self,
        input: &[u8],
        extent: Extent,
        pieces: bool,
        early: bool,
    ) -> Result<Option<PieceStep>, DecodeError> {
        let in_pieces = early && !extent.is_in_one_piece();
        if in_pieces && !input.is_empty() && input.len() >= extent.header_len() {
            return self.begin(input, extent, true).map(Some);
        }
        let Some(len) = extent.fits(input.len()).filter(|_| !in_pieces && !input.is_empty()) else {
            if self.state.is_eof() {
                return self.at_eof(input, Located::Known(extent));
            }
            if !in_pieces && !self.has_room(extent.frame_len()) && !input.is_empty() {
                return self.reject(self.oversize(extent), self.state.progress());
            }
            // A piece begins with the header, and a frame without one with its first byte.
            let least = if in_pieces { (extent.header_len() as u64).max(1) } else { extent.frame_len() };
            self.state.wait_for_known(extent, least);
            return self.need(input);
        };
        if let Err(error) = self.check_all(extent, input) {
            let before = self.state.progress();
            return self.reject_checked(error, extent, before);
        }
        if self.state.is_hunting() {
            let extent = extent.without_check();
            return match self.confirm(input, len) {
                Ok(0) => {
                    self.state.know(extent);
                    Ok(self.end_hunt())
                }
                Ok(least) => {
                    self.state.wait_for_known(extent, least);
                    self.need(input)
                }
                Err(error) => self.reject_checked(error, extent, self.state.progress()),
            };
        }
        if pieces {
            return self.begin(input, extent.without_check(), true).map(Some);
        }
        let extent = self.state.before().mark(extent);
        self.state.pass(len as u64);
        Ok(Some(PieceStep::Other(Step::Frame(extent))))
    }

    /// Looks for the end of a rejected frame while all of its bytes are still in the input.
    fn find_rejected_end(&mut self, input: &[u8], purpose: Purpose) -> Result<Option<PieceStep>, DecodeError> {
        match self.framing.locate(input, self.state.progress_mut()) {
            Ok(Located::Known(extent)) => {
                if input.len() < extent.header_len() {
                    return self.more(input, Located::Wait(extent.header_len() as u64));
                }
                self.state.enter_rejected(extent, purpose);
                self.check_header(input, extent, true, purpose)
            }
            Ok(Located::Search { so_far, .. }) if input.len() >= so_far.header_len() => {
                self.state.enter_open(so_far, purpose);
                self.check_header(input, so_far, false, purpose)
            }
            Ok(located @ (Located::Wait(_) | Located::Header(_) | Located::Search { .. })) => self.more(input, located),
            // It has no end that could be found.
            Ok(Located::Filler(_)) => Err(self.fail_with_reason(None)),
            Err(error) if purpose == Purpose::Oversize => Err(self.fail_with_reason(Some(error))),
            Err(_) => Err(self.fail_with_reason(None)),
        }
    }

    #[cold]
    fn fail_with_reason(&mut self, error: Option<FrameError>) -> DecodeError {
        let error = match (error, self.state.reason()) {
            (None, Some(reason)) => reason,
            (error, _) => self.locate_error(error.unwrap_or(FrameError::new(0, DecodeErrorKind::NoLength))),
        };
        self.state.fail(error);
        error
    }

    /// The frame at hand is rejected: it will be skipped, or the stream is over.
    #[cold]
    fn reject(&mut self, error: FrameError, before: Progress) -> Result<Option<PieceStep>, DecodeError> {
        match self.state.purpose() {
            // It has no end that could be found.
            Some(Purpose::Rejected) => return Err(self.fail_with_reason(None)),
            Some(Purpose::Oversize) => return Err(self.fail_with_reason(Some(error))),
            _ => {}
        }
        let reason = self.locate_error_after(error, before.consumed);
        self.give_up(reason, None, before)
    }

    /// As [`reject`](Self::reject), after a failed check, whose index counts all bytes of the frame.
    #[cold]
    fn reject_checked(
        &mut self,
        error: FrameError,
        extent: Extent,
        before: Progress,
    ) -> Result<Option<PieceStep>, DecodeError> {
        let reason = self.locate_error_after(error, 0);
        self.give_up(reason, Some(extent), before)
    }

    fn give_up(
        &mut self,
        reason: DecodeError,
        extent: Option<Extent>,
        before: Progress,
    ) -> Result<Option<PieceStep>, DecodeError> {
        if self.resynchronises() {
            self.state.hunt(reason, false);
            return Ok(None);
        }
        if self.state.is_hunting() {
            // The policy has changed since.
            self.state.restart_frame();
            return Ok(self.end_hunt());
        }
        let oversize = matches!(reason.kind, DecodeErrorKind::Oversize { .. });
        let purpose = match self.recovery {
            Recovery::SkipOversize if oversize => Purpose::Oversize,
            // Some of the frame has been passed on.
            Recovery::SkipFrame | Recovery::Resync | Recovery::ResyncConfirmed => Purpose::Rejected,
            Recovery::Fail | Recovery::SkipOversize => {
                self.state.fail(reason);
                return Err(reason);
            }
        };
        // A frame that was being skipped for its length alone keeps that reason.
        let reason = self.state.reason().unwrap_or(reason);
        self.state.reject(reason, extent, before, purpose);
        Ok(None)
    }

    /// An error at an index of the input is an error at an offset of the stream.
    fn locate_error(&self, error: FrameError) -> DecodeError {
        self.locate_error_after(error, self.state.progress().consumed)
    }

    /// Makes that error if `gone` payload bytes have already left the input.
    fn locate_error_after(&self, error: FrameError, gone: u64) -> DecodeError {
        let frame_offset = self.state.frame_offset();
        let gone = if error.at >= self.state.kept() { gone } else { 0 };
        let offset = frame_offset.saturating_add(gone).saturating_add(error.at as u64);
        DecodeError { frame_offset, offset, kind: error.kind }
    }

    #[cold]
    fn failure(&self) -> DecodeError {
        let frame_offset = self.state.frame_offset();
        // A failure is stored with its error.
        let unknown = DecodeError { frame_offset, offset: frame_offset, kind: DecodeErrorKind::NoLength };
        self.state.reason().unwrap_or(unknown)
    }

    /// The error of a stream that has failed.
    pub(crate) fn error(&self) -> Option<DecodeError> {
        matches!(self.state.phase(), Phase::Failed { .. }).then(|| self.failure())
    }

    /// Back to the start of a stream.
    pub(crate) const fn reset(&mut self) {
        self.state = State::at(0);
    }

    /// Opens a frame that was returned by [`step`](Self::step), in place: the length of its payload is then this.
    pub(crate) fn open(&self, extent: Extent, window: &mut [u8]) -> usize {
        let Some((header, rest)) = window.split_at_mut_checked(extent.header_len()) else { return 0 };
        let len = usize::try_from(extent.payload_len()).unwrap_or(usize::MAX).min(rest.len());
        let (payload, _) = rest.split_at_mut(len);
        self.framing.open(header, payload, 0, &mut 0).min(len)
    }
}
