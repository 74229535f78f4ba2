//! The search for the next frame after a rejected one, byte by byte: [`Recovery::Resync`].

use super::Deframer;
use crate::contract::{Framing, Located, NextStart, Progress};
use crate::decode::recovery::Recovery;
use crate::decode::state::Phase;
use crate::decode::step::{PieceStep, Step};
use crate::error::{DecodeError, DecodeErrorKind, FrameError, Truncated};

/// How many bytes of the next frame are looked at to confirm the one before it.
const CONFIRMING: usize = 64;

impl<F: Framing> Deframer<F> {
    /// Whether the next frame may begin inside the one at hand, if that is rejected. Not once bytes of it were passed on.
    pub(super) fn resynchronises(&self) -> bool {
        self.recovery.searches() && self.state.purpose().is_none() && self.room > 0
    }

    /// Looks at every place where the next frame may begin, until one is accepted or more bytes are needed.
    #[cold]
    pub(super) fn hunt(&mut self, input: &[u8], pieces: bool) -> Result<PieceStep, DecodeError> {
        // Bytes at the front of the input that are known to belong to the stretch.
        let mut gone = 0_usize;
        let step = loop {
            let rest = input.get(gone..).unwrap_or_default();
            if let Phase::Hunt { from } = self.state.phase() {
                if rest.is_empty() && self.state.is_eof() {
                    break self.end_cleanly();
                }
                let (len, found) = self.next_start(rest, from);
                self.state.hunt_past(len, found);
                gone = gone.saturating_add(len);
                if !found {
                    self.state.wait_for((rest.len() - len) as u64 + 1, 1);
                    break self.missing(input.get(gone..).unwrap_or_default());
                }
                continue;
            }
            match self.look(rest, pieces) {
                Ok(Some(step)) => break step,
                Ok(None) => {}
                // It is stored, and comes with the next call.
                Err(_) if gone > 0 => break PieceStep::Other(Step::Discard { at: 0, len: 0 }),
                Err(error) => return Err(error),
            }
        };
        Ok(match step {
            step if gone == 0 => step,
            PieceStep::Other(Step::Skipped { len, stretch }) => {
                PieceStep::Other(Step::Skipped { len: len.saturating_add(gone), stretch })
            }
            PieceStep::Other(Step::Discard { at: 0, len }) => {
                PieceStep::Other(Step::Discard { at: 0, len: len.saturating_add(gone) })
            }
            // No other step comes before the stretch has ended.
            _ => PieceStep::Other(Step::Discard { at: 0, len: gone }),
        })
    }

    /// How many bytes at the front of `input` begin no frame, and whether one may begin after them.
    fn next_start(&self, input: &[u8], from: usize) -> (usize, bool) {
        if input.len() < from {
            return (0, false);
        }
        match self.framing.next_start(input, from) {
            NextStart::At(at) if at >= from && at <= input.len() => (at, true),
            NextStart::NotBefore(_) if self.state.is_eof() => (input.len(), true),
            // Without room for one byte more it would never be found.
            NextStart::NotBefore(0) if self.is_full(input) => (1, false),
            NextStart::NotBefore(at) => (at.min(input.len()), false),
            // No answer to the question: one byte on.
            NextStart::At(_) => (from, true),
        }
    }

    /// Checks that a frame follows the complete one of `len` bytes at the front, if the policy asks for that. Returns how many
    /// bytes are needed to decide, or 0.
    ///
    /// # Errors
    ///
    /// If the bytes after it do not begin a frame.
    #[cold]
    pub(super) fn confirm(&self, input: &[u8], len: usize) -> Result<u64, FrameError> {
        if self.recovery != Recovery::ResyncConfirmed {
            return Ok(0);
        }
        let after = input.get(len..).unwrap_or_default();
        let begin = after.get(..CONFIRMING).unwrap_or(after);
        let mut progress = Progress { previous: self.state.progress().next, ..Progress::default() };
        let judged = self.framing.locate(begin, &mut progress).and_then(|located| match located {
            Located::Known(extent) if extent.fits(after.len()).is_some() => self.check_all(extent, after).map(|()| 0),
            Located::Known(extent) => Ok(extent.frame_len()),
            Located::Filler(_) => Ok(0),
            // A header, or a search, that is longer than what is looked at.
            _ if begin.len() == CONFIRMING => Ok(0),
            _ => Ok(begin.len() as u64 + 1),
        });
        let least = judged.map_err(|error| FrameError { at: len.saturating_add(error.at), ..error })?;
        let needed = least.saturating_add(len as u64);
        // What the memory has no room for will never be there.
        let decided = least == 0 || self.state.is_eof() || !self.has_room(needed);
        Ok(if decided { 0 } else { needed })
    }

    /// The stream has ended. No bytes are left, and at most a stretch is still open.
    pub(super) fn end_cleanly(&mut self) -> PieceStep {
        let Some((stretch, cut)) = self.state.end_hunt() else { return PieceStep::Clean };
        if cut && !self.state.is_silent() {
            let (frame_offset, offset) = (stretch.offset, self.state.frame_offset());
            let kind = DecodeErrorKind::Truncated(Truncated::Skipped { have: stretch.len });
            self.state.fail(match stretch.reason.kind {
                DecodeErrorKind::Truncated(_) => stretch.reason,
                _ => DecodeError { frame_offset, offset, kind },
            });
        }
        PieceStep::Other(Step::Skipped { len: 0, stretch })
    }

    /// Reports the stretch that ends before the frame at hand.
    pub(super) fn end_hunt(&mut self) -> Option<PieceStep> {
        let (stretch, _) = self.state.end_hunt()?;
        Some(PieceStep::Other(Step::Skipped { len: 0, stretch }))
    }
}
