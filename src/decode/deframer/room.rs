//! What becomes of a frame for which the memory has no room.

use super::Deframer;
use crate::contract::{Extent, Framing};
use crate::decode::state::Purpose;
use crate::decode::step::{PieceStep, Step};
use crate::error::{DecodeError, DecodeErrorKind, FrameError};
use crate::number::at_least_one;

/// More than half of the address space cannot be held in one piece.
const ADDRESSABLE: u64 = isize::MAX as u64;

impl<F: Framing> Deframer<F> {
    /// Sets the length that no input exceeds, at most `u32::MAX - 1` bytes: a longer frame is over the limit.
    #[inline]
    pub(crate) fn set_room(&mut self, room: usize) {
        self.room = u32::try_from(room).unwrap_or(u32::MAX).min(u32::MAX - 1);
    }

    /// Whether [`set_room`](Self::set_room) was called.
    #[inline]
    pub(crate) const fn has_limit(&self) -> bool {
        self.room != u32::MAX
    }

    /// How long an input can be.
    #[inline]
    pub(super) const fn room(&self) -> u64 {
        if self.room == u32::MAX { ADDRESSABLE } else { self.room as u64 }
    }

    /// Asks for more bytes. If there is no room for any, the frame at hand is over the limit.
    pub(super) fn need(&mut self, input: &[u8]) -> Result<Option<PieceStep>, DecodeError> {
        if !self.is_full(input) {
            return Ok(Some(self.missing(input)));
        }
        let kind = DecodeErrorKind::Oversize { len: self.room().saturating_add(1), max: self.room() };
        match (self.state.purpose(), self.state.reason()) {
            (None, _) => self.reject(FrameError::new(0, kind), self.state.progress()),
            // There is no room even for the part of the frame that stays while its payload is passed on.
            (Some(purpose), reason) => {
                let frame_offset = self.state.frame_offset();
                let error = DecodeError { frame_offset, offset: frame_offset, kind };
                let error = reason.filter(|_| purpose == Purpose::Rejected).unwrap_or(error);
                self.state.fail(error);
                Err(error)
            }
        }
    }

    /// Whether there is no room for a byte after these.
    pub(super) const fn is_full(&self, input: &[u8]) -> bool {
        !self.has_room(input.len() as u64 + 1)
    }

    /// Whether an input can be as long as this.
    #[inline]
    pub(super) const fn has_room(&self, len: u64) -> bool {
        len <= self.room()
    }

    pub(super) fn missing(&self, input: &[u8]) -> PieceStep {
        let missing = usize::try_from(self.state.missing(input.len())).unwrap_or(usize::MAX);
        PieceStep::Other(Step::Need(at_least_one(missing)))
    }

    /// The error of a located frame for which there is no room.
    pub(super) fn oversize(&self, extent: Extent) -> FrameError {
        let around = extent.header_len().saturating_add(extent.trailer_len());
        let max = self.room().saturating_sub(around as u64);
        FrameError::new(0, DecodeErrorKind::Oversize { len: extent.payload_len(), max })
    }
}
