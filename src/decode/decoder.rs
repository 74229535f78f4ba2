//! Bytes in, frames out.

use alloc::vec::Vec;

use bytes::{BufMut, BytesMut};

use crate::contract::Framing;
use crate::contract::shape::Kind;
use crate::decode::block::Block;
use crate::decode::chunk::ChunkFrames;
use crate::decode::core::Core;
use crate::decode::frame::{Batch, Event, Frame, OwnedFrame, Piece};
use crate::decode::quick::Quick;
use crate::decode::recovery::{Recovery, Skips};
use crate::decode::walk::Walk;
use crate::decode::window::Window;
use crate::error::{Closed, DecodeError, EofError};

/// Turns the bytes of a stream, cut anywhere, back into frames.
///
/// Push the bytes that arrived, take the complete frames, and report the end of the stream:
///
/// ```
/// use anysplit::{Decoder, Delimited};
///
/// let mut decoder = Decoder::new(Delimited::line());
/// for chunk in [&b"hel"[..], b"lo\nwor", b"ld\n"] {
///     decoder.push(chunk)?;
///     while let Some(frame) = decoder.next_frame()? {
///         println!("{}", frame.payload().escape_ascii());
///     }
/// }
/// // The line end of the last line may be missing.
/// while let Some(frame) = decoder.finish()? {
///     println!("{}", frame.payload().escape_ascii());
/// }
/// assert_eq!(decoder.position(), 12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Input
///
/// [`push`](Self::push) copies a chunk into the decoder. With [`spare`](Self::spare) and [`read_with`](Self::read_with) a reader
/// writes into the decoder's buffer. [`frames_in`](Self::frames_in) borrows frames from the chunk itself: of a large
/// chunk without damage, it copies only a frame that spans two chunks, and frames that are rewritten.
///
/// # Output
///
/// | call | returns | copies |
/// | --- | --- | --- |
/// | [`next_frame`](Self::next_frame) | a borrowed frame | nothing |
/// | [`next_event`](Self::next_event) | a borrowed frame, or what was skipped | nothing |
/// | [`next_bytes`](Self::next_bytes) | an owned frame that shares the block it arrived in | nothing |
/// | [`next_batch`](Self::next_batch) | many complete frames at once, owned | nothing |
/// | [`next_piece`](Self::next_piece) | a payload of any size, piece by piece | nothing |
///
/// # Memory
///
/// Memory follows the bytes that arrived, never an announced length: at most twice the bytes of the unfinished frame, or 256
/// bytes, plus one chunk, and for the moment in which a block grows, the old block. Up to 32 KiB that were allocated for
/// shorter frames may stay until the decoder is empty. A decoder with an empty buffer has no heap memory.
///
/// # Errors
///
/// Frames before an error are returned first. Then every call returns the same [`DecodeError`], and no more bytes are
/// taken, until [`reset`](Self::reset) or [`into_parts`](Self::into_parts). A rejected frame that the
/// [`Recovery`] policy skips is not an error: `next_frame` continues after it, [`skipped`](Self::skipped) counts it, and
/// `next_event` returns it.
///
/// ```
/// use anysplit::{Decoder, Delimited, Event, Recovery};
///
/// let line = Delimited::line().with_max_payload_len(5);
/// let mut decoder = Decoder::new(line).with_recovery(Recovery::SkipOversize);
/// decoder.push(b"one\nmuch too long\ntwo\n")?;
/// let mut events = Vec::new();
/// while let Some(event) = decoder.next_event()? {
///     events.push(match event {
///         Event::Frame(frame) => frame.payload().to_vec(),
///         Event::Skipped(stretch) => format!("{} skipped at {}", stretch.len, stretch.offset).into_bytes(),
///     });
/// }
/// assert_eq!(events, [&b"one"[..], b"14 skipped at 4", b"two"]);
/// assert_eq!(decoder.skipped().stretches, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Decoder<F> {
    pub(super) core: Core<F, Block>,
}

/// The parts of a decoder: see [`Decoder::into_parts`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Parts<F> {
    /// The framing.
    pub framing: F,
    /// Received bytes that belong to no returned frame.
    pub rest: BytesMut,
    /// Offset in the stream of the first byte of `rest`.
    pub position: u64,
}

/// The most frames in a batch, so that its index stays small beside its block even where frames are empty.
const MOST: usize = 4096;

impl<F: Framing> Decoder<F> {
    /// Creates a decoder for a new stream. Does not allocate.
    pub fn new(framing: F) -> Self {
        Self { core: Core::new(framing) }
    }

    /// Sets the policy for rejected frames. A stored error stays.
    #[must_use]
    pub fn with_recovery(mut self, recovery: Recovery) -> Self {
        self.core = self.core.with_recovery(recovery);
        self
    }

    /// Takes the next bytes of the stream, any number. An empty chunk does not mean the end of the stream: call
    /// [`finish`](Self::finish) for that.
    ///
    /// Cost: one copy.
    ///
    /// # Errors
    ///
    /// [`Closed`] after an error or after the end. The bytes are not taken.
    // Inlined into every caller: there, its result need not be stored in memory.
    #[inline(always)]
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), Closed> {
        if self.core.take_quiet(chunk) {
            return Ok(());
        }
        self.core.check_open()?;
        self.core.release_keeping_memory();
        self.core.take(chunk);
        Ok(())
    }

    /// Returns room for up to `len` more bytes of the stream, to be written through [`BufMut`]. Only the written bytes are taken.
    ///
    /// The room is at most as large as the bytes that are buffered already, or 8 KiB: memory follows the bytes that arrived, also
    /// if `len` is a length that a header announced.
    ///
    /// ```
    /// use anysplit::{Decoder, Prefix};
    /// use bytes::BufMut;
    ///
    /// let mut decoder = Decoder::new(Prefix::u8());
    /// decoder.spare(64)?.put_slice(b"\x02hi");
    /// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"hi");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub fn spare(&mut self, len: usize) -> Result<impl BufMut, Closed> {
        self.core.check_open()?;
        self.core.release();
        Ok(self.core.window.spare(len))
    }

    /// Calls `read` with room for up to `len` bytes, takes what it writes as the next bytes of the stream, and returns its
    /// result.
    ///
    /// The room is limited as that of [`spare`](Self::spare). For readers that need initialised memory, such as
    /// [`std::io::Read`]. Cost: the room is filled with zeros first.
    ///
    /// ```
    /// use anysplit::{Decoder, Prefix};
    /// use std::io::Read;
    ///
    /// let mut stream = &b"\x05hello\x05world"[..];
    /// let mut decoder = Decoder::new(Prefix::u8());
    /// // Never read more than the frame needs, so that the stream stays at the frame's end.
    /// while decoder.next_frame()?.is_none() {
    ///     let need = decoder.need();
    ///     if decoder.read_with(need, |room| stream.read(room))?? == 0 {
    ///         decoder.finish()?; // an error if the stream ended inside the frame
    ///         break;
    ///     }
    /// }
    /// assert_eq!(stream, b"\x05world");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push); the inner result is that of `read`. After an error of `read`, or a count greater than the room, no
    /// bytes are taken.
    pub fn read_with<E>(
        &mut self,
        len: usize,
        read: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<Result<usize, E>, Closed> {
        self.core.check_open()?;
        self.core.release();
        Ok(self.core.window.read_with(len, read))
    }

    /// Returns the next frame, borrowed, if it is complete. Stretches that the [`Recovery`] policy skips are only counted.
    ///
    /// If [`next_piece`](Self::next_piece) has begun a frame, the rest of it is dropped first.
    ///
    /// # Errors
    ///
    /// [`DecodeError`], each time the same.
    #[inline]
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        if self.core.is_incomplete() {
            return Ok(None);
        }
        self.core.next_frame()
    }

    /// Returns the next frame, or what was skipped in its place, in the order of the stream.
    ///
    /// # Errors
    ///
    /// As [`next_frame`](Self::next_frame).
    pub fn next_event(&mut self) -> Result<Option<Event<'_>>, DecodeError> {
        let found = self.core.find()?;
        Ok(found.and_then(|found| self.core.event(found)))
    }

    /// Returns the next frame, owned, if it is complete. It shares the decoder's memory; nothing is copied.
    ///
    /// # Errors
    ///
    /// As [`next_frame`](Self::next_frame).
    #[inline]
    pub fn next_bytes(&mut self) -> Result<Option<OwnedFrame>, DecodeError> {
        if self.core.is_incomplete() {
            return Ok(None);
        }
        let extent = self.core.find_frame()?;
        Ok(extent.map(|extent| self.core.split(extent)))
    }

    /// Returns the complete frames, owned, in one block with an index, up to 4,096; `None` if there is none.
    /// Nothing is copied.
    ///
    /// # Errors
    ///
    /// As [`next_frame`](Self::next_frame): the frames before the error come first, the error with the next call.
    pub fn next_batch(&mut self) -> Result<Option<Batch>, DecodeError> {
        let Some(first) = self.core.find_frame()? else { return Ok(None) };
        let offset = self.core.deframer.position().saturating_sub(first.frame_len());
        let (mut extents, mut places) = (Vec::new(), Vec::new());
        let mut end = first.len_in_memory();
        let has_shape = !matches!(self.framing().shape().0, Kind::Until { .. } | Kind::Unknown);
        if has_shape && first.is_plain() && self.core.deframer.state.is_fresh() {
            let all = self.core.window.bytes();
            let after = all.get(end..).unwrap_or_default();
            // As many as there are, if they are all as long as the first.
            extents.reserve((all.len() / end.max(1)).clamp(1, MOST / 8));
            extents.push(first);
            let stream_end = offset.saturating_add(all.len() as u64);
            let mut walk = Walk::new(after, stream_end);
            walk.collect(self.core.deframer.framing(), self.core.quick, &mut extents, MOST);
            end = all.len() - walk.rest().len();
            self.core.deframer.state.pass_frames_to(walk.offset());
        } else {
            let (mut start, mut extent) = (0, first);
            loop {
                let frame = self.core.window.bytes_mut().get_mut(start..).unwrap_or_default();
                let len = match extent.is_rewritten() {
                    true => self.core.deframer.open(extent, frame),
                    false => usize::try_from(extent.payload_len()).unwrap_or(usize::MAX),
                };
                extents.push(extent);
                places.push((start, len));
                end = start.saturating_add(extent.len_in_memory());
                if extents.len() == MOST {
                    break;
                }
                let rest = self.core.window.bytes().get(end..).unwrap_or_default();
                let Some((filler, next)) = self.core.deframer.next_in_batch(rest) else { break };
                (start, extent) = (end.saturating_add(filler), next);
            }
        }
        let block = self.core.window.split_to(end);
        Ok(Some(Batch::new(block, extents, places, offset)))
    }

    /// Takes the next bytes of the stream, and returns the frames that they complete, borrowed from `chunk` itself.
    ///
    /// It copies:
    ///
    /// - a frame that spans two chunks, and frames that are rewritten;
    /// - the rest of the chunk after damage, where frames are skipped, and when the iterator is dropped;
    /// - a chunk of at most 64 bytes that continues a frame.
    ///
    /// ```
    /// use anysplit::{Decoder, Prefix};
    ///
    /// let mut decoder = Decoder::new(Prefix::u8());
    /// let mut seen = Vec::new();
    /// for chunk in [&b"\x02hi\x03y"[..], b"ou\x01!"] {
    ///     let mut frames = decoder.frames_in(chunk)?;
    ///     while let Some(frame) = frames.next_frame()? {
    ///         seen.push(frame.payload().to_vec());
    ///     }
    /// }
    /// assert_eq!(seen, [&b"hi"[..], b"you", b"!"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    // Made part of every caller, so that how frames are found is known there.
    #[inline(always)]
    pub fn frames_in<'d, 'c>(&'d mut self, chunk: &'c [u8]) -> Result<ChunkFrames<'d, 'c, F>, Closed> {
        if self.core.take_quiet(chunk) {
            return Ok(ChunkFrames::taken(&mut self.core));
        }
        self.core.check_open()?;
        self.core.release();
        Ok(ChunkFrames::new(&mut self.core, chunk))
    }

    /// Returns the next piece of a frame: its payload is returned as it arrives, so that it may be larger than memory.
    ///
    /// The framing's limit applies here too: set it with `with_max_payload_len`.
    ///
    /// ```
    /// use anysplit::{Decoder, Piece, Prefix};
    ///
    /// let mut decoder = Decoder::new(Prefix::u8());
    /// decoder.push(b"\x05hel")?;
    /// assert_eq!(decoder.next_piece()?, Some(Piece::Start { header: b"\x05", len: Some(5), control: false }));
    /// assert_eq!(decoder.next_piece()?, Some(Piece::Data(b"hel")));
    /// assert_eq!(decoder.next_piece()?, None);
    /// decoder.push(b"lo")?;
    /// assert_eq!(decoder.next_piece()?, Some(Piece::Data(b"lo")));
    /// assert_eq!(decoder.next_piece()?, Some(Piece::End { trailer: b"" }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`next_frame`](Self::next_frame). An error after the header, such as a wrong trailer or checksum, is
    /// returned after pieces of the frame: the frame is complete only with its `End`. If such a frame is skipped, a
    /// [`Piece::Skipped`] takes the place of the `End`.
    pub fn next_piece(&mut self) -> Result<Option<Piece<'_>>, DecodeError> {
        let found = self.core.find_piece()?;
        Ok(found.and_then(|found| self.core.lend_piece(found)))
    }

    /// Returns how many more bytes the next frame needs at least: 0 if it is complete, or after an error. Never
    /// more than are missing: a reader that reads only this many bytes never takes a byte after the frame.
    ///
    /// Cost: that of looking at the new bytes, once.
    pub fn need(&mut self) -> usize {
        self.core.need()
    }

    /// Returns what was skipped so far.
    pub const fn skipped(&self) -> &Skips {
        self.core.deframer.skipped()
    }

    /// Returns whether a rejected frame is being skipped, whose end has not arrived.
    pub const fn is_skipping(&self) -> bool {
        self.core.deframer.is_skipping()
    }

    /// Returns the offset in the stream of the first byte that was neither returned nor skipped.
    pub const fn position(&self) -> u64 {
        self.core.deframer.position()
    }

    /// Returns the received bytes that were not returned yet.
    pub fn buffered(&self) -> &[u8] {
        self.core.buffered()
    }

    /// Returns how many bytes of heap memory are in use.
    pub fn capacity(&self) -> usize {
        self.core.window.capacity()
    }

    /// Returns the framing.
    pub const fn framing(&self) -> &F {
        self.core.deframer.framing()
    }

    /// The stream has ended: returns the remaining frames, one with each call, and then `None`. Call it in a loop: the end may
    /// complete a frame, such as a last line without its line end.
    ///
    /// # Errors
    ///
    /// [`EofError`] if the stream ended inside a frame; each time the same, and from every other call too.
    ///
    /// ```
    /// use anysplit::{Decoder, EofError, Prefix, Truncated};
    ///
    /// let mut decoder = Decoder::new(Prefix::u32_be());
    /// decoder.push(b"\x00\x00\x00\x05")?;
    /// let part = Truncated::Payload { have: 0, need: 5 };
    /// assert_eq!(decoder.finish(), Err(EofError::Truncated { frame_offset: 0, end: 4, part }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn finish(&mut self) -> Result<Option<Frame<'_>>, EofError> {
        let extent = self.core.find_frame_at_eof()?;
        Ok(extent.and_then(|extent| self.core.lend(0, extent)))
    }

    /// As [`finish`](Self::finish), but also returns what was skipped.
    ///
    /// # Errors
    ///
    /// As [`finish`](Self::finish).
    pub fn finish_event(&mut self) -> Result<Option<Event<'_>>, EofError> {
        let found = self.core.find_at_eof()?;
        Ok(found.and_then(|found| self.core.event(found)))
    }

    /// As [`finish`](Self::finish), for frames that are to be owned. Nothing is copied.
    ///
    /// # Errors
    ///
    /// As [`finish`](Self::finish).
    pub fn finish_bytes(&mut self) -> Result<Option<OwnedFrame>, EofError> {
        let extent = self.core.find_frame_at_eof()?;
        Ok(extent.map(|extent| self.core.split(extent)))
    }

    /// As [`finish`](Self::finish), for a payload that is returned in pieces.
    ///
    /// # Errors
    ///
    /// As [`finish`](Self::finish).
    pub fn finish_piece(&mut self) -> Result<Option<Piece<'_>>, EofError> {
        let found = self.core.find_piece_at_eof()?;
        Ok(found.and_then(|found| self.core.lend_piece(found)))
    }

    /// Reports a silence on the line: later bytes do not belong to an unfinished frame. Returns the remaining frames, one with each
    /// call, and then `None`; after that the stream continues. Call it in a loop: a silence may complete a frame, or free the good
    /// frames after a damaged length.
    ///
    /// For protocols in which a silence ends a frame, such as Modbus RTU, and for lines that lose bytes: then the bytes of the next
    /// frame do not complete a frame whose end was lost. The decoder has no clock; the caller measures the silence.
    ///
    /// # Errors
    ///
    /// With [`Recovery::Fail`] and [`Recovery::SkipOversize`], a [`DecodeError`] for an unfinished frame; every later call returns it
    /// again. With [`Recovery::SkipFrame`] the frame is skipped; with [`Recovery::Resync`] its bytes are searched for other frames.
    ///
    /// ```
    /// use anysplit::{Decoder, Prefix, Recovery};
    ///
    /// let mut decoder = Decoder::new(Prefix::u16_be().with_max_payload_len(100)).with_recovery(Recovery::Resync);
    /// // The length 1 has become 50, so the next frame looks like a part of the payload.
    /// decoder.push(b"\x00\x32!\x00\x02hi")?;
    /// assert!(decoder.next_frame()?.is_none());
    /// // Nothing has come for a while.
    /// while let Some(frame) = decoder.idle()? {
    ///     assert_eq!((frame.offset(), frame.payload()), (3, &b"hi"[..]));
    /// }
    /// assert_eq!((decoder.skipped().stretches, decoder.skipped().bytes), (1, 3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn idle(&mut self) -> Result<Option<Frame<'_>>, DecodeError> {
        self.core.idle()
    }

    /// As [`idle`](Self::idle), but also returns what was skipped.
    ///
    /// # Errors
    ///
    /// As [`idle`](Self::idle).
    pub fn idle_event(&mut self) -> Result<Option<Event<'_>>, DecodeError> {
        let found = self.core.find_at_silence()?;
        Ok(found.and_then(|found| self.core.event(found)))
    }

    /// Continues with another framing, for a protocol that changes in mid-stream. Bytes that were already received stay, and so do
    /// the position, the policy and the count of what was skipped.
    ///
    /// ```
    /// use anysplit::{Decoder, Delimited, Prefix};
    ///
    /// let mut decoder = Decoder::new(Delimited::line());
    /// decoder.push(b"UPGRADE\n\x00\x05hello")?;
    /// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"UPGRADE");
    /// let mut decoder = decoder.with_framing(Prefix::u16_be());
    /// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_framing<G: Framing>(self, framing: G) -> Decoder<G> {
        let quick = Quick::of(&framing);
        Decoder { core: self.core.with_framing(framing, quick) }
    }

    /// Continues with another framing of the same type, as [`with_framing`](Self::with_framing) does. An error or the
    /// end that was reached stays.
    pub fn set_framing(&mut self, framing: F) {
        let quick = Quick::of(&framing);
        self.core.set_framing(framing, quick);
    }

    /// Returns the framing and all bytes that were not returned.
    pub fn into_parts(mut self) -> Parts<F> {
        self.core.remove_kept();
        let position = self.core.deframer.position();
        Parts { position, framing: self.core.deframer.into_framing(), rest: self.core.window.into_inner() }
    }

    /// Goes back to the start of a stream: for a new connection, or after an error. What is buffered is lost.
    pub fn reset(&mut self) {
        self.core.reset();
    }
}
