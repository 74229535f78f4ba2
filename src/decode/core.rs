//! What the calls of a decoder and the frames of a chunk share.

use core::task::Poll;

use crate::contract::shape::{Kind, Quick};
use crate::contract::{Extent, Framing, Located, Progress};
use crate::decode::block::Block;
use crate::decode::deframer::Deframer;
use crate::decode::drive::{self, Found, FoundPiece};
use crate::decode::frame::{Event, Frame, OwnedFrame, Piece};
use crate::decode::window::Window;
use crate::error::{Closed, DecodeError, EofError};

/// All of a decoder: the state, the bytes, and what of them was returned.
#[derive(Debug)]
pub(crate) struct Core<F> {
    pub(super) deframer: Deframer<F>,
    pub(super) block: Block,
    /// Bytes after the kept header that were returned, and are removed by the next call.
    pub(super) lent: usize,
    pub(super) quick: Quick,
}

impl<F: Framing> Core<F> {
    pub(super) fn new(framing: F) -> Self {
        let quick = Quick::of(&framing.shape());
        Self { deframer: Deframer::new(framing), block: Block::default(), lent: 0, quick }
    }

    pub(super) const fn framing(&self) -> &F {
        self.deframer.framing()
    }

    pub(super) const fn position(&self) -> u64 {
        self.deframer.position()
    }

    pub(super) fn buffered(&self) -> &[u8] {
        self.block.bytes().get(self.deframer.state.kept().saturating_add(self.lent)..).unwrap_or_default()
    }

    /// Removes what was returned, and a header that was passed on.
    pub(super) fn remove_kept(&mut self) {
        self.release();
        self.block.remove(0, self.deframer.state.kept().min(self.block.len()));
    }

    /// Lends the frame at the front of the buffer, which the deframer has passed.
    pub(super) fn lend(&mut self, extent: Extent) -> Option<Frame<'_>> {
        self.lent = extent.fits(self.block.len()).unwrap_or_default();
        drive::lend(&self.deframer, &mut self.block, extent)
    }

    pub(super) fn event(&mut self, found: Found) -> Option<Event<'_>> {
        match found {
            Found::Frame(extent) => self.lend(extent).map(Event::Frame),
            Found::Skipped(stretch) => Some(Event::Skipped(stretch)),
        }
    }

    /// Removes what was returned, and the memory with the last of it.
    #[inline]
    pub(super) fn release(&mut self) {
        if self.lent > 0 || (self.block.is_empty() && self.block.capacity() > 0) {
            self.release_keeping_memory();
            self.block.release_memory();
        }
    }

    /// As [`release`](Self::release), while more bytes are about to come.
    #[inline]
    pub(super) fn release_keeping_memory(&mut self) {
        if self.lent > 0 {
            let (at, len) = (self.deframer.state.kept(), self.lent);
            self.lent = 0;
            if at == 0 && len == self.block.len() {
                self.block.clear();
            } else {
                self.block.remove(at, len);
            }
        }
    }

    #[inline]
    pub(super) fn append(&mut self, bytes: &[u8]) {
        let missing = self.deframer.state.missing_known(self.block.len());
        self.block.append(bytes, missing);
    }

    /// Adds a byte to an unfinished frame, if that takes neither memory nor a look at the frame.
    #[inline]
    pub(super) fn append_byte(&mut self, byte: u8) -> bool {
        let state = &self.deframer.state;
        self.lent == 0 && state.is_open() && state.is_missing(self.block.len()) && self.block.append_byte(byte)
    }

    /// Whether the frame at hand is still incomplete, with the bytes that have arrived since the last look at it. Only its
    /// length or its last byte is examined.
    #[inline]
    pub(super) fn is_incomplete(&mut self) -> bool {
        let bytes = self.block.bytes();
        if self.deframer.state.is_missing(bytes.len()) {
            return true;
        }
        match self.deframer.state.searched() {
            Some(searched) if self.lent == 0 => match bytes.split_at_checked(searched) {
                Some((_, more)) => search_on(&mut self.deframer, searched, more),
                None => false,
            },
            _ => false,
        }
    }

    /// Takes the bytes of a chunk that leave the frame at hand incomplete, or that are few. Otherwise nothing has happened.
    #[inline(never)]
    pub(super) fn append_incomplete(&mut self, more: &[u8]) -> bool {
        if self.lent > 0 {
            return false;
        }
        let have = self.block.len();
        if self.deframer.state.is_missing(have.saturating_add(more.len())) {
            self.append(more);
            return true;
        }
        if self.deframer.state.searched() != Some(have) {
            return false;
        }
        if search_on(&mut self.deframer, have, more) {
            self.append(more);
            return true;
        }
        let asks = more.len() <= drive::STRIDE && !matches!(self.framing().shape().0, Kind::Ends { .. });
        if asks {
            self.append(more);
            self.deframer.locate_on(self.block.bytes());
        }
        asks
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

    /// Slow path of [`next_frame`](Self::next_frame).
    #[inline(never)]
    pub(super) fn next_frame_slow(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        Ok(self.find_frame()?.and_then(|extent| self.lend(extent)))
    }

    /// The complete, plain frame after what was returned, and its length, where `locate` is all that is needed to see it.
    #[inline]
    pub(super) fn locate_fresh(&self) -> Option<(Extent, usize)> {
        if !self.deframer.state.is_fresh() {
            return None;
        }
        let rest = self.block.bytes().get(self.lent..)?;
        let extent = match self.quick.extent(rest) {
            Some(extent) => extent,
            None => locate_plain(self.deframer.framing(), rest)?,
        };
        Some((extent, extent.fits(rest.len())?))
    }

    /// Fast path of [`find`](Self::find) for a plain frame that came in two parts: it begins, or it is complete.
    /// `Ready(None)`: bytes of it are missing.
    fn find_plain(&mut self) -> Poll<Option<Extent>> {
        if self.lent == 0 {
            if let Some(searched) = self.deframer.state.searched() {
                return self.find_by_end(searched);
            }
        }
        self.release();
        let bytes = self.block.bytes();
        if let Some(extent) = self.deframer.state.plain_extent().filter(|extent| extent.fits(bytes.len()).is_some()) {
            self.deframer.state.pass(extent.frame_len());
            return Poll::Ready(Some(extent));
        }
        if !self.deframer.state.is_fresh() {
            return Poll::Pending;
        }
        match self.quick.extent(bytes) {
            Some(extent) if extent.fits(bytes.len()).is_none() && extent.frame_len() <= isize::MAX as u64 => {
                self.deframer.state.know(extent);
                Poll::Ready(None)
            }
            Some(_) => Poll::Pending,
            None => self.find_by_end(0),
        }
    }

    /// Does the work of [`find_plain`](Self::find_plain) after `searched` bytes without an end of the frame. The frame ends at
    /// the next byte that may end it, or no such byte has arrived.
    fn find_by_end(&mut self, searched: usize) -> Poll<Option<Extent>> {
        let bytes = self.block.bytes();
        let Some(more) = bytes.get(searched..).filter(|more| !more.is_empty()) else { return Poll::Pending };
        let Kind::Ends { last, .. } = self.framing().shape().0 else {
            let is_incomplete = searched > 0 && self.deframer.locate_on(bytes);
            return if is_incomplete { Poll::Ready(None) } else { Poll::Pending };
        };
        match last.find(more) {
            Some(at) => {
                let wire = bytes.get(..searched.saturating_add(at).saturating_add(1)).unwrap_or_default();
                let Some(extent) = ended(self.deframer.framing(), wire) else { return Poll::Pending };
                self.deframer.state.pass_plain(extent.frame_len());
                Poll::Ready(Some(extent))
            }
            None if search_on(&mut self.deframer, searched, more) => Poll::Ready(None),
            None => Poll::Pending,
        }
    }

    /// The next frame or stretch.
    pub(super) fn find(&mut self) -> Result<Option<Found>, DecodeError> {
        self.release();
        drive::find(&mut self.deframer, &mut self.block)
    }

    /// The next complete frame at the front of the buffer.
    #[inline]
    pub(super) fn find_frame(&mut self) -> Result<Option<Extent>, DecodeError> {
        if let Poll::Ready(found) = self.find_plain() {
            return Ok(found);
        }
        loop {
            match self.find()? {
                Some(Found::Frame(extent)) => return Ok(Some(extent)),
                Some(Found::Skipped(_)) => {}
                None => return Ok(None),
            }
        }
    }

    /// The next frame at the end of the stream.
    pub(super) fn find_frame_at_eof(&mut self) -> Result<Option<Extent>, EofError> {
        self.release();
        loop {
            match drive::find_at_eof(&mut self.deframer, &mut self.block)? {
                Some(Found::Frame(extent)) => return Ok(Some(extent)),
                Some(Found::Skipped(_)) => {}
                None => return Ok(None),
            }
        }
    }

    /// Takes the frame at the front of the buffer, which the deframer has passed.
    pub(super) fn split(&mut self, extent: Extent) -> OwnedFrame {
        let offset = self.deframer.position().saturating_sub(extent.frame_len());
        if extent.is_rewritten() {
            let len = self.deframer.open(extent, self.block.bytes_mut());
            return OwnedFrame::opened(self.block.split_to(extent.len_in_memory()), extent, len, offset);
        }
        OwnedFrame::new(self.block.split_to(extent.len_in_memory()), extent, offset)
    }

    /// The next piece, if there is one.
    pub(crate) fn find_piece(&mut self) -> Result<Option<FoundPiece>, DecodeError> {
        self.release();
        drive::find_piece(&mut self.deframer, &mut self.block)
    }

    /// The piece that was found, until the next call.
    pub(crate) fn lend_piece(&mut self, found: FoundPiece) -> Option<Piece<'_>> {
        drive::lend_piece(found, self.block.bytes(), &mut self.lent)
    }

    /// Takes the next bytes of the stream, even after an error, which they then only follow.
    #[cfg(feature = "std")]
    pub(crate) fn take_in(&mut self, chunk: &[u8]) {
        self.release_keeping_memory();
        self.append(chunk);
        self.release();
    }
}

/// The extent of the plain frame that ends with the last byte of `wire`, which may end one.
#[inline]
pub(super) fn ended<F: Framing + ?Sized>(framing: &F, wire: &[u8]) -> Option<Extent> {
    let Kind::Ends { how, .. } = framing.shape().0 else { return None };
    let trailer = how.trailer_len(wire)?;
    let payload = wire.len().checked_sub(trailer.into())? as u64;
    (payload <= framing.max_payload_len()).then_some(Extent::new(0, payload, trailer))
}

/// Records that no frame ends in `more`, which follows the first `have` bytes. Returns `false` if a frame may end there, if
/// the frame is over the limit, or if frames are not found by their last bytes.
#[inline]
fn search_on<F: Framing>(deframer: &mut Deframer<F>, have: usize, more: &[u8]) -> bool {
    let framing = deframer.framing();
    let Kind::Ends { last, how } = framing.shape().0 else { return false };
    let Some(begun) = how.begun() else { return false };
    let total = have.saturating_add(more.len());
    if last.find(more).is_some() || total.saturating_add(begun) as u64 > framing.max_payload_len() {
        return false;
    }
    deframer.state.begin_search_at(total.saturating_sub(begun), total);
    true
}

/// The extent of the plain frame at the front, if it is known and leaves nothing.
#[inline(never)]
fn locate_plain<F: Framing + ?Sized>(framing: &F, rest: &[u8]) -> Option<Extent> {
    let mut progress = Progress::default();
    match framing.locate(rest, &mut progress) {
        Ok(Located::Known(extent)) if extent.is_plain() && progress.next == 0 => Some(extent),
        _ => None,
    }
}
