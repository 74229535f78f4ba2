//! A decoder whose bytes are in a block that grows.

use super::{Core, End, STRIDE};
use crate::contract::{Extent, Framing};
use crate::decode::block::Block;
use crate::decode::deframer::Deframer;
use crate::decode::deframer::glance::Glance;
use crate::decode::frame::OwnedFrame;
use crate::decode::quick::Quick;
use crate::decode::window::Window;
use crate::error::DecodeError;

/// If at most this many bytes are known to be missing, they are probably those of a header.
const HEADER: usize = 16;

impl<F: Framing> Core<F, Block> {
    pub(in crate::decode) fn new(framing: F) -> Self {
        let quick = Quick::of(&framing);
        Self { deframer: Deframer::new(framing), window: Block::default(), lent: 0, quick }
    }

    #[inline]
    pub(in crate::decode) fn append(&mut self, bytes: &[u8]) {
        if !self.window.has_room_for(bytes.len()) {
            self.make_room_for(bytes);
        }
        self.window.append(bytes);
    }

    /// Makes room for the next bytes, and for more of their frame.
    #[cold]
    #[inline(never)]
    fn make_room_for(&mut self, bytes: &[u8]) {
        let have = self.window.len();
        let missing = match self.deframer.state.missing_known(have) {
            _ if have == 0 && self.deframer.state.is_looking() => self.quick.missing(bytes),
            _ if have == 0 => Some(0),
            ..=HEADER if self.quick.asks_locate() => None,
            missing => Some(missing).filter(|&missing| missing > bytes.len()),
        };
        self.window.grow(bytes.len(), missing);
    }

    /// Takes a chunk, and [looks ahead](Self::look_ahead) in it.
    #[inline(always)]
    pub(in crate::decode) fn take(&mut self, chunk: &[u8]) {
        self.look_ahead(chunk);
        self.append(chunk);
    }

    /// Takes a short chunk that continues a frame. If it does not complete the frame, the next call need not look at it.
    #[inline(always)]
    pub(in crate::decode) fn take_few(&mut self, chunk: &[u8]) {
        self.take(chunk);
        if matches!(self.quick, Quick::Locate { max: 0, .. }) {
            self.take_note();
        }
    }

    /// Takes the first bytes of a frame, a few, if they plainly do not complete it. Returns whether it has taken them.
    #[inline(never)]
    pub(in crate::decode) fn take_first(&mut self, chunk: &[u8]) -> bool {
        let (false, Some(len)) = (chunk.is_empty(), self.quick.unfinished(chunk)) else { return false };
        self.append(chunk);
        self.deframer.state.wait_for_simple(len);
        true
    }

    /// Looks for the end of the frame at hand in what has just arrived, and keeps the answer.
    #[inline(never)]
    fn take_note(&mut self) {
        if self.deframer.state.may_end(self.window.len()) {
            self.locate();
        }
    }

    /// See [`Deframer::take_note`]. Out of line, as the code for `locate` is large.
    #[inline(never)]
    fn locate(&mut self) {
        self.deframer.take_note(self.window.bytes());
    }

    /// The next complete frame, brought to the front of the buffer.
    #[inline]
    pub(in crate::decode) fn find_frame(&mut self) -> Result<Option<Extent>, DecodeError> {
        if self.lent > 0 {
            self.release();
        }
        if let Quick::Byte { last, end, max } = self.quick {
            return match self.see_last(last, end, max) {
                Some((extent, len)) => {
                    self.deframer.state.pass_simple(len);
                    Ok(Some(extent))
                }
                None => self.find_frame_slow(),
            };
        }
        match self.see_number() {
            End::At { len, extent } => {
                self.deframer.state.pass_simple(len);
                Ok(Some(extent))
            }
            End::Missing => Ok(None),
            End::Unclear => self.find_frame_slow(),
        }
    }

    /// Slow path of [`find_frame`](Self::find_frame).
    #[inline(never)]
    fn find_frame_slow(&mut self) -> Result<Option<Extent>, DecodeError> {
        match self.find_end() {
            End::At { len, extent } => {
                self.deframer.state.pass_simple(len);
                Ok(Some(extent))
            }
            End::Missing => Ok(None),
            End::Unclear => self.find_frame_unclear(),
        }
    }

    #[inline(never)]
    fn find_frame_unclear(&mut self) -> Result<Option<Extent>, DecodeError> {
        // `find_frame` has removed what was returned.
        match self.deframer.glance(self.window.bytes()) {
            Glance::Frame { filler, extent } => {
                self.window.remove(0, filler);
                Ok(Some(extent))
            }
            Glance::Incomplete => {
                self.window.release_memory();
                Ok(None)
            }
            Glance::Unclear => self.step_to_frame(),
        }
    }

    /// Looks at the next frame, which is in the buffer, or in `rest`, the bytes that come after it. Returns whether a frame is in
    /// `rest`, or else in the buffer. Without a frame, all of `rest` is in the buffer.
    #[inline]
    pub(in crate::decode) fn glance_in(&mut self, rest: &mut &[u8]) -> (Glance, bool) {
        self.release_keeping_memory();
        if !self.window.is_empty() {
            return (self.complete(rest), false);
        }
        let mut glance = self.deframer.glance(rest);
        while matches!(glance, Glance::Unclear) {
            let len @ 1.. = self.deframer.pass_filler(rest) else { break };
            *rest = rest.get(len..).unwrap_or_default();
            glance = self.deframer.glance(rest);
        }
        let in_rest = matches!(glance, Glance::Frame { .. });
        if !in_rest {
            self.append(rest);
            *rest = &[];
        }
        (glance, in_rest)
    }

    /// Adds bytes of a chunk to the unfinished frame until it is complete.
    fn complete(&mut self, rest: &mut &[u8]) -> Glance {
        let (before, all) = (self.window.len(), *rest);
        // As much as there is already: the frame's first part is no worse a guess than another.
        let mut stride = before.max(STRIDE);
        loop {
            let glance = self.deframer.glance(self.window.bytes());
            let len = match glance {
                Glance::Frame { filler, extent } => {
                    // The bytes after the frame stay in the chunk.
                    let len = filler.wrapping_add(extent.len_in_memory());
                    if let Some(taken) = len.checked_sub(before) {
                        self.window.truncate(len);
                        *rest = all.get(taken..).unwrap_or_default();
                    }
                    return glance;
                }
                Glance::Incomplete if rest.is_empty() => return glance,
                Glance::Incomplete => self.deframer.state.missing_known(self.window.len()).max(stride),
                Glance::Unclear => rest.len(),
            };
            stride = stride.saturating_mul(2);
            let (here, after) = rest.split_at(len.min(rest.len()));
            self.append(here);
            *rest = after;
            if matches!(glance, Glance::Unclear) {
                return glance;
            }
        }
    }

    /// Takes the frame at the front of the buffer, which the deframer has passed.
    #[inline]
    pub(in crate::decode) fn split(&mut self, extent: Extent) -> OwnedFrame {
        let len = extent.len_in_memory();
        let offset = self.deframer.state.frame_offset().wrapping_sub(len as u64);
        let opened = extent.is_rewritten().then(|| self.deframer.open(extent, self.window.bytes_mut()));
        let bytes = self.window.split_to(len);
        match opened {
            Some(len) => OwnedFrame::opened(bytes, extent, len, offset),
            None => OwnedFrame::new(bytes, extent, offset),
        }
    }

    /// Takes the next bytes of the stream, even after an error, which they then only follow.
    #[cfg(feature = "std")]
    pub(crate) fn take_in(&mut self, chunk: &[u8]) {
        self.release_keeping_memory();
        self.append(chunk);
        self.release();
    }
}
