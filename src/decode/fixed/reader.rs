//! What a reader asks for, which reads between finding a frame and lending it.

use super::FixedDecoder;
use crate::contract::{Extent, Framing};
use crate::decode::core::End;
use crate::decode::drive::{Found, FoundPiece};
use crate::decode::frame::{Event, Frame, Piece};
use crate::error::EofError;

impl<F: Framing, B: AsRef<[u8]> + AsMut<[u8]>> FixedDecoder<F, B> {
    /// The next frame and its length, if they are seen at once. Before the first [`find`](Self::find), this is always `None`.
    #[inline]
    pub(crate) fn see(&mut self) -> Option<(Extent, usize)> {
        if self.core.is_incomplete() {
            return None;
        }
        match self.core.see_end() {
            End::At { len, extent } => Some((extent, len)),
            End::Missing | End::Unclear => None,
        }
    }

    /// The frame that was seen.
    #[inline]
    pub(crate) fn lend_seen(&mut self, (extent, len): (Extent, usize)) -> Option<Frame<'_>> {
        self.core.lend_plain(extent, len)
    }

    /// Finds the next frame or stretch, where [`see`](Self::see) has not seen one. `ended`: the stream has.
    pub(crate) fn find(&mut self, ended: bool) -> Result<Option<Found>, EofError> {
        self.prepare();
        if ended { self.core.find_at_eof() } else { Ok(self.core.find_unseen()?) }
    }

    /// Finds the next piece or stretch. `ended`: the stream has.
    pub(crate) fn find_piece(&mut self, ended: bool) -> Result<Option<FoundPiece>, EofError> {
        self.prepare();
        if ended { self.core.find_piece_at_eof() } else { Ok(self.core.find_piece()?) }
    }

    /// The frame that was found, until the next call.
    pub(crate) fn lend(&mut self, extent: Extent) -> Option<Frame<'_>> {
        self.core.lend(0, extent)
    }

    /// The piece that was found, until the next call.
    pub(crate) fn lend_piece(&mut self, found: FoundPiece) -> Option<Piece<'_>> {
        self.core.lend_piece(found)
    }

    /// The event that was found, until the next call.
    pub(crate) fn event(&mut self, found: Found) -> Option<Event<'_>> {
        self.core.event(found)
    }
}
