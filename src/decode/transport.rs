//! What the readers of the transports ask of a decoder.
//!
//! A loop that reads in between cannot return a borrowed frame from where it looks for one, so that to find a frame and
//! to lend it are two calls.

use crate::contract::shape::Kind;
use crate::contract::{Extent, Framing, Located, Progress};
use crate::decode::core::STRIDE;
use crate::decode::decoder::Decoder;
use crate::decode::deframer::glance::Glance;
use crate::decode::drive::{self, Found, FoundPiece};
use crate::decode::frame::{Frame, Piece};
use crate::decode::window::Window;
use crate::error::{DecodeError, EofError};

impl<F: Framing> Decoder<F> {
    /// Finds the next frame or stretch in what is buffered and in `rest`, which comes after it, and whether a frame is at
    /// the front of `rest`, or else of the buffer. Removes from `rest` what goes into the buffer or is of no use.
    #[inline]
    pub(crate) fn find_in(&mut self, rest: &mut &[u8]) -> Result<Option<(Found, bool)>, DecodeError> {
        if rest.is_empty() || self.take_part(rest) {
            *rest = &[];
            return Ok(self.core.find_next()?.map(|found| (found, false)));
        }
        if self.core.quick.asks_locate() && self.core.is_before_frame() {
            if let Some((extent, len)) = locate_plain(self.framing(), rest) {
                self.core.deframer.state.pass_simple(len);
                return Ok(Some((Found::Frame(extent), true)));
            }
        }
        match self.core.glance_in(rest) {
            (Glance::Frame { filler, extent }, in_rest) => {
                match in_rest {
                    true => *rest = rest.get(filler..).unwrap_or_default(),
                    false => self.core.window.remove(0, filler),
                }
                Ok(Some((Found::Frame(extent), in_rest)))
            }
            (Glance::Incomplete, _) => Ok(None),
            (Glance::Unclear, _) => Ok(self.core.find()?.map(|found| (found, false))),
        }
    }

    /// Removes what was returned, and takes the next bytes, if they are few and go on with what is buffered. Returns whether it has
    /// taken them.
    #[inline(always)]
    pub(crate) fn take_part(&mut self, bytes: &[u8]) -> bool {
        if self.core.take_quiet(bytes) {
            return true;
        }
        self.core.release_keeping_memory();
        let takes = bytes.len() <= STRIDE && !self.core.window.is_empty();
        if takes {
            self.core.take_few(bytes);
        }
        takes
    }

    /// Whether what is buffered is known to be too little for a frame.
    #[inline]
    pub(crate) fn is_incomplete(&self) -> bool {
        self.core.is_incomplete()
    }

    /// The complete frame at the front of `rest`, and its length, where nothing is buffered, and a number or its last byte is all there
    /// is to see.
    #[inline]
    pub(crate) fn see_in(&self, rest: &[u8]) -> Option<(Extent, usize)> {
        if self.core.is_before_frame() { self.core.quick.frame(rest) } else { None }
    }

    /// Passes the frame of `len` bytes that [`see_in`](Self::see_in) has seen, and returns its offset in the stream.
    #[inline]
    pub(crate) fn pass_in(&mut self, len: usize) -> u64 {
        let offset = self.core.deframer.state.frame_offset();
        self.core.deframer.state.pass_simple(len);
        offset
    }

    /// Lends the frame of this extent that was found in the buffer.
    pub(crate) fn lend_found(&mut self, extent: Extent) -> Option<Frame<'_>> {
        self.core.lend(0, extent)
    }

    /// Takes the next bytes of the stream, even after an error, which they then only follow.
    pub(crate) fn take_in(&mut self, chunk: &[u8]) {
        self.core.take_in(chunk);
    }

    /// Finds the next piece.
    pub(crate) fn find_piece(&mut self) -> Result<Option<FoundPiece>, DecodeError> {
        self.core.find_piece()
    }

    /// Lends the piece that was found, until the next call.
    pub(crate) fn lend_piece(&mut self, found: FoundPiece) -> Option<Piece<'_>> {
        self.core.lend_piece(found)
    }

    /// The error of a stream that has failed.
    pub(crate) fn failed(&self) -> Option<DecodeError> {
        self.core.deframer.error()
    }

    /// Whether the end of the stream has arrived.
    pub(crate) fn has_ended(&self) -> bool {
        !self.core.deframer.state.is_open() && self.failed().is_none()
    }

    /// Whether the end of the stream leaves a frame or a stretch. It stays.
    pub(crate) fn has_more_at_eof(&mut self) -> Result<bool, EofError> {
        self.core.release();
        drive::has_more_at_eof(&mut self.core.deframer, &mut self.core.window)
    }
}

/// The complete frame at the front, and its length, where its header is all there is to see, but not a plain binary number.
#[inline]
fn locate_plain<F: Framing + ?Sized>(framing: &F, rest: &[u8]) -> Option<(Extent, usize)> {
    let (Kind::ByHeader | Kind::Prefix { trailer: None, .. }) = framing.shape().0 else { return None };
    let mut progress = Progress::default();
    match framing.locate(rest, &mut progress) {
        Ok(Located::Known(extent)) if extent.is_plain() && progress.next == 0 => {
            Some((extent, extent.fits(rest.len())?))
        }
        _ => None,
    }
}
