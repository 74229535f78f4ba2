//! Frames borrowed from a chunk, and the one that straddles two.

use crate::contract::{Extent, Framing, Located, Progress};
use crate::decode::decoder::Decoder;
use crate::decode::deframer::Step;
use crate::decode::frame::Frame;
use crate::decode::walk::Walk;
use crate::error::DecodeError;

/// The frames of a chunk: see [`Decoder::frames_in`].
///
/// Not an [`Iterator`], as the frame that straddles two chunks is borrowed from the decoder.
#[derive(Debug)]
pub struct ChunkFrames<'d, 'c, F: Framing> {
    decoder: &'d mut Decoder<F>,
    /// In what of the chunk has not been handed out or taken into the decoder. The decoder hears of it when it has to know.
    walk: Walk<'c>,
    /// Whether the place is at the start of a frame of which nothing is known.
    fresh: bool,
}

impl<'d, 'c, F: Framing> ChunkFrames<'d, 'c, F> {
    #[inline]
    pub(super) fn new(decoder: &'d mut Decoder<F>, chunk: &'c [u8]) -> Self {
        let fresh = decoder.buffer.is_empty() && decoder.deframer.is_fresh();
        // Where a frame straddles, its first bytes are in the buffer and have not been passed.
        let start = decoder.position().wrapping_add(decoder.buffered().len() as u64);
        let walk = Walk::new(decoder.framing(), chunk, start.wrapping_add(chunk.len() as u64));
        Self { decoder, walk, fresh }
    }

    /// The next frame that is whole.
    ///
    /// # Errors
    ///
    /// As [`Decoder::next_frame`].
    #[inline(always)]
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        if self.fresh {
            if let Some(frame) = self.walk.next(self.decoder.framing()) {
                return Ok(Some(frame));
            }
        }
        self.next_apart()
    }

    /// The next frame where the walk finds none: it straddles, or is not plain to see.
    #[inline(always)]
    fn next_apart(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        let (rest, fresh, frame) = self.decoder.look(self.walk.rest(), self.walk.offset(), self.fresh);
        self.walk.go_on_with(rest);
        self.fresh = fresh;
        frame
    }
}

impl<F: Framing> ChunkFrames<'_, '_, F> {
    /// Hands every frame that is whole to `take`, as calling [`next_frame`](Self::next_frame) until there is none would.
    ///
    /// Quicker than that for short frames: a loop for each kind of framing is made part of the caller. Cost: some 4 KiB of code
    /// for a framing named in the type, 11 KiB for one chosen at run time.
    ///
    /// ```
    /// use anysplit::{Decoder, Delimited};
    ///
    /// let mut decoder = Decoder::new(Delimited::line());
    /// let mut lengths = Vec::new();
    /// for chunk in [&b"one\nthr"[..], b"ee\nfive!\n"] {
    ///     decoder.frames_in(chunk)?.for_each(|frame| lengths.push(frame.payload().len()))?;
    /// }
    /// assert_eq!(lengths, [3, 5, 5]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Decoder::next_frame`]. The frames before it have been handed out.
    #[inline]
    pub fn for_each(self, mut take: impl FnMut(Frame<'_>)) -> Result<(), DecodeError> {
        self.try_for_each(|frame| {
            take(frame);
            Ok(())
        })
    }

    /// As [`for_each`](Self::for_each), and stops where `take` fails. The rest of the chunk is taken into the decoder then.
    ///
    /// # Errors
    ///
    /// What `take` returns, and as [`Decoder::next_frame`].
    #[inline]
    pub fn try_for_each<E: From<DecodeError>>(
        mut self,
        mut take: impl FnMut(Frame<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        loop {
            if self.fresh {
                self.walk.try_for_each(self.decoder.framing(), &mut take)?;
            }
            match self.next_apart()? {
                Some(frame) => take(frame)?,
                None => return Ok(()),
            }
        }
    }
}

impl<F: Framing> Drop for ChunkFrames<'_, '_, F> {
    /// One call and no more, so that it is made part of every caller, and nothing takes the address of the place.
    #[inline(always)]
    fn drop(&mut self) {
        self.decoder.leave_chunk(self.walk.rest(), self.walk.offset(), self.fresh);
    }
}

/// How much of a chunk is looked at first to find the end of a frame that began before it, at the least.
const STRIDE: usize = 64;

/// What [`ChunkFrames`] does where there is more to do than to go from frame to frame.
impl<F: Framing> Decoder<F> {
    /// The next frame from here, with all care; then what is left of the chunk, and whether that begins with a frame of
    /// which nothing is known. If this one is such a frame, the walk has found none here.
    #[inline(never)]
    fn look<'c: 'd, 'd>(
        &'d mut self,
        rest: &'c [u8],
        offset: u64,
        fresh: bool,
    ) -> (&'c [u8], bool, Result<Option<Frame<'d>>, DecodeError>) {
        if fresh {
            self.settle(offset, fresh);
            debug_assert!(self.buffer.is_empty(), "what is fresh begins in the chunk");
            match self.framing().last_bytes().map(|last| last.begun()) {
                // All of it has been searched, unless a frame is there that is over the limit.
                Some(Some(begun)) if rest.len() as u64 <= self.framing().max_payload_len() => {
                    self.deframer.begin_search_at(rest.len().saturating_sub(begun));
                }
                None if self.deframer.waits(rest) => {
                    self.append(rest);
                    return (&[], false, Ok(None));
                }
                _ => {}
            }
        } else if let Some((extent, after)) = self.complete(rest) {
            return (after, true, Ok(self.give(extent)));
        } else {
            self.release_keeping_memory();
        }
        let mut rest = rest;
        let (extent, in_chunk) = match self.find_across(&mut rest) {
            Ok(Some(found)) => found,
            Ok(None) => return (rest, false, Ok(None)),
            Err(error) => return (rest, false, Err(error)),
        };
        if in_chunk {
            let offset = self.deframer.position().saturating_sub(extent.frame_len());
            let frame = Frame::new(rest, extent, offset);
            let after = frame.and_then(|frame| rest.get(frame.len()..)).unwrap_or_default();
            return (after, true, Ok(frame));
        }
        // What comes after the frame is in the buffer only where it was there before.
        let fresh = extent.fits(self.buffer.len()) == Some(self.buffer.len());
        (rest, fresh, Ok(self.give(extent)))
    }

    /// Puts to the frame in the buffer what it lacks and no more, where it is there and plain to see. The commonest case of
    /// what [`find_across`](Self::find_across) does, without its care. Gives the frame's extent, and what is left of the chunk.
    fn complete<'c>(&mut self, rest: &'c [u8]) -> Option<(Extent, &'c [u8])> {
        let before = self.buffer.len();
        // Behind a frame that was handed out from the buffer, neither is so.
        let lacking = if self.deframer.is_waiting() {
            self.deframer.lacking_known(before)
        } else if self.deframer.has_searched(before) {
            self.framing().last_bytes()?.set().find(rest)?.wrapping_add(1)
        } else {
            return None;
        };
        let (here, after) = rest.split_at_checked(lacking)?;
        self.append(here);
        let framing = self.framing();
        let extent = match framing.last_bytes() {
            Some(last) => {
                let extent = last.ending(framing, &self.buffer);
                extent.filter(|extent| extent.payload_len() <= framing.max_payload_len())
            }
            None => framing.locate(&self.buffer, Progress::default()).ok().and_then(Located::known),
        };
        match extent {
            Some(extent) if extent.fits(self.buffer.len()) == Some(self.buffer.len()) => {
                let end = self.position().saturating_add(self.buffer.len() as u64);
                self.deframer.pass_frames_to(end);
                Some((extent, after))
            }
            _ => {
                self.buffer.truncate(before);
                None
            }
        }
    }

    /// Takes in what of a chunk was not handed out.
    #[inline(never)]
    fn leave_chunk(&mut self, rest: &[u8], offset: u64, fresh: bool) {
        if fresh || !rest.is_empty() || self.given > 0 || self.buffer.is_empty() {
            self.settle(offset, fresh);
            self.append(rest);
            self.release();
        }
    }

    /// Hears of the frames that were handed out from the chunk, up to this offset, and lets go of those handed out from
    /// the buffer.
    #[inline]
    fn settle(&mut self, offset: u64, fresh: bool) {
        if fresh {
            self.deframer.pass_frames_to(offset);
        }
        self.release_keeping_memory();
    }

    /// Finds the next frame in the buffer and in `rest`, what of a chunk comes after it, and says whether it is at the
    /// message_header of `rest`, or else of the buffer. Takes off `rest` what goes into the buffer or is of no use.
    pub(super) fn find_across(&mut self, rest: &mut &[u8]) -> Result<Option<(Extent, bool)>, DecodeError> {
        // The chunk from where bytes of it were copied after the buffer's unfinished frame, to see where that ends.
        let mut copied: Option<&[u8]> = None;
        // As much as there is already: the frame's first part is no worse a guess than another.
        let mut stride = self.buffer.len().max(STRIDE);
        loop {
            let in_chunk = self.buffer.is_empty();
            let input = if in_chunk { *rest } else { &self.buffer[..] };
            match self.deframer.step(input)? {
                Step::Frame(extent) => {
                    if let (false, Some(copied)) = (in_chunk, copied) {
                        // What lies after the frame was not meant to be copied: it stays in the chunk.
                        let len = extent.fits(self.buffer.len()).unwrap_or_default();
                        let after = (self.buffer.len() - len).saturating_add(rest.len());
                        *rest = copied.get(copied.len().saturating_sub(after)..).unwrap_or_default();
                        self.buffer.truncate(len);
                    }
                    return Ok(Some((extent, in_chunk)));
                }
                Step::Need(_) if rest.is_empty() => return Ok(None),
                Step::Need(_) if in_chunk => {
                    self.append(rest);
                    *rest = &[];
                    return Ok(None);
                }
                Step::Need(need) => {
                    let len = match self.framing().last_bytes() {
                        _ if self.deframer.is_waiting() => need.get(),
                        // To where the frame may end and no further.
                        Some(last) => {
                            last.set().find(rest).map_or(rest.len(), |at| at.saturating_add(1)).max(need.get())
                        }
                        None => need.get().max(stride),
                    };
                    stride = stride.saturating_mul(2);
                    let (here, after) = rest.split_at(len.min(rest.len()));
                    self.append(here);
                    copied = copied.or(Some(*rest));
                    *rest = after;
                }
                Step::Discard { at: 0, len } if in_chunk => *rest = rest.get(len..).unwrap_or_default(),
                Step::Skipped { len, error } if in_chunk => {
                    *rest = rest.get(len..).unwrap_or_default();
                    return Err(error);
                }
                step => {
                    // Bytes are removed from the middle, which only the buffer allows.
                    if in_chunk {
                        self.append(rest);
                        *rest = &[];
                    }
                    copied = None;
                    self.obey(step)?;
                }
            }
        }
    }
}
