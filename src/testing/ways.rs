//! The ways in and out that the crate has.

use std::boxed::Box;
use std::format;
use std::vec::Vec;

use bytes::BufMut;

use super::outcome::{Event, Refused, Seen, Way};
use super::{Law, Violation};
use crate::{Closed, DecodeError, Decoder, Deframer, EofError, Frame, Framing, Oversize, Piece, Step};

/// The ways in and out that the crate has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum WayIn {
    /// [`Decoder::push`] and [`Decoder::next_frame`].
    NextFrame,
    /// [`Decoder::push`] and [`Decoder::next_bytes`].
    NextBytes,
    /// [`Decoder::push`] and [`Decoder::next_batch`].
    NextBatch,
    /// [`Decoder::spare`] and [`Decoder::next_frame`].
    Spare,
    /// [`Decoder::read_with`], as much as it needs.
    ReadWith,
    /// [`Decoder::frames_in`], to the end.
    ChunkFrames,
    /// [`Decoder::frames_in`] and [`ChunkFrames::for_each`](crate::ChunkFrames::for_each).
    ForEach,
    /// [`Decoder::frames_in`], left after the first frame.
    FramesInLeft,
    /// [`Decoder::next_piece`] and [`Decoder::finish_piece`].
    Pieces,
    /// The first frame with [`Decoder::next_piece`], the second with [`Decoder::next_frame`], and so on.
    Mixed,
    /// [`Decoder::push`] alone, and everything from [`Decoder::finish`].
    FinishOnly,
    /// [`Deframer::step`].
    Deframer,
}

impl WayIn {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::NextFrame,
        Self::NextBytes,
        Self::NextBatch,
        Self::Spare,
        Self::ReadWith,
        Self::ChunkFrames,
        Self::ForEach,
        Self::FramesInLeft,
        Self::Pieces,
        Self::Mixed,
        Self::FinishOnly,
        Self::Deframer,
    ];

    /// Whether frames come out as soon as they are whole.
    #[must_use]
    pub const fn is_prompt(self) -> bool {
        !matches!(self, Self::FinishOnly | Self::FramesInLeft)
    }

    /// Whether an error can come when part of its frame has been handed out.
    #[must_use]
    pub const fn is_in_pieces(self) -> bool {
        matches!(self, Self::Pieces | Self::Mixed)
    }

    /// This way into a new decoder.
    #[must_use]
    pub fn open<'f, F: Framing + ?Sized>(self, framing: &'f F, oversize: Oversize) -> Box<dyn Way + 'f> {
        match self {
            Self::Deframer => Box::new(Raw {
                deframer: Deframer::new(framing).with_oversize(oversize),
                buffer: Vec::new(),
                failed: false,
            }),
            _ => Box::new(Buffered {
                way: self,
                decoder: Decoder::new(framing).with_oversize(oversize),
                piece: None,
                turn: false,
            }),
        }
    }
}

/// A frame that comes in pieces.
struct Unfinished {
    offset: u64,
    header: Vec<u8>,
    payload: Vec<u8>,
    len: Option<u64>,
}

struct Buffered<F> {
    way: WayIn,
    decoder: Decoder<F>,
    piece: Option<Unfinished>,
    turn: bool,
}

impl<F: Framing> Buffered<F> {
    /// One call of the way out, and whether there may be more.
    fn next(&mut self, seen: &mut Seen) -> Result<bool, DecodeError> {
        let decoder = &mut self.decoder;
        match self.way {
            WayIn::NextBytes => {
                let frame = decoder.next_bytes()?;
                if let Some(frame) = &frame {
                    seen.frame(&frame.frame());
                }
                Ok(frame.is_some())
            }
            WayIn::NextBatch => {
                let Some(batch) = decoder.next_batch()? else { return Ok(false) };
                batch.iter().for_each(|frame| seen.frame(&frame));
                let owned: Vec<_> = batch.clone().into_iter().map(|frame| frame.wire()).collect();
                let borrowed: Vec<_> = batch.iter().map(|frame| frame.wire().to_vec()).collect();
                if owned != borrowed {
                    seen.complain(Violation::new(Law::AnySplit, format!("{borrowed:?}"), format!("{owned:?}")));
                }
                Ok(true)
            }
            WayIn::Pieces => self.next_piece(seen),
            WayIn::Mixed if self.turn || self.piece.is_some() => self.next_piece(seen),
            _ => {
                let frame = decoder.next_frame()?;
                if let Some(frame) = &frame {
                    seen.frame(frame);
                    self.turn = true;
                }
                Ok(frame.is_some())
            }
        }
    }

    fn next_piece(&mut self, seen: &mut Seen) -> Result<bool, DecodeError> {
        let piece = match self.decoder.next_piece() {
            Ok(piece) => piece.map(Owned::from),
            Err(error) => {
                self.piece = None;
                return Err(error);
            }
        };
        Ok(self.take(piece, seen))
    }

    fn take(&mut self, piece: Option<Owned>, seen: &mut Seen) -> bool {
        let Some(piece) = piece else { return false };
        match (piece, &mut self.piece) {
            (Owned::Start(header, len), slot @ None) => {
                let offset = self.decoder.position().saturating_sub(header.len() as u64);
                *slot = Some(Unfinished { offset, header, payload: Vec::new(), len });
            }
            (Owned::Data(bytes), Some(unfinished)) => {
                if bytes.is_empty() {
                    seen.complain(Violation::new(Law::AnySplit, "a piece of at least one byte", "an empty one"));
                }
                unfinished.payload.extend_from_slice(&bytes);
            }
            (Owned::End(trailer), slot @ Some(_)) => {
                if let Some(Unfinished { offset, header, payload, len }) = slot.take() {
                    if len.is_some_and(|len| len != payload.len() as u64) {
                        let expected = format!("pieces of {len:?} bytes as announced");
                        seen.complain(Violation::new(Law::AnySplit, expected, format!("{}", payload.len())));
                    }
                    seen.push(Event::Frame { offset, header, payload, trailer });
                    self.turn = false;
                }
            }
            (piece, unfinished) => {
                let expected = if unfinished.is_some() { "more of a frame, or its end" } else { "a frame's start" };
                seen.complain(Violation::new(Law::AnySplit, expected, format!("{piece:?}")));
            }
        }
        true
    }
}

/// A [`Piece`] with bytes of its own.
#[derive(Debug)]
enum Owned {
    Start(Vec<u8>, Option<u64>),
    Data(Vec<u8>),
    End(Vec<u8>),
}

impl From<Piece<'_>> for Owned {
    fn from(piece: Piece<'_>) -> Self {
        match piece {
            Piece::Start { header, len, .. } => Self::Start(header.to_vec(), len),
            Piece::Data(bytes) => Self::Data(bytes.to_vec()),
            Piece::End { trailer } => Self::End(trailer.to_vec()),
        }
    }
}

/// A decoder that takes no bytes has failed: nothing else closes it here.
fn refused(closed: Closed, untaken: usize) -> Refused {
    match closed {
        Closed::Failed(error) => Refused { error, untaken },
        Closed::Ended(at) => panic!("closed at {at} before the end"),
    }
}

impl<F: Framing> Way for Buffered<F> {
    fn feed(&mut self, chunk: &[u8], seen: &mut Seen) -> Result<(), Refused> {
        match self.way {
            WayIn::FinishOnly => return self.decoder.push(chunk).map_err(|closed| refused(closed, chunk.len())),
            WayIn::ChunkFrames | WayIn::FramesInLeft => {
                let mut frames = self.decoder.frames_in(chunk).map_err(|closed| refused(closed, chunk.len()))?;
                let mut left = false;
                return Ok(seen.drain::<DecodeError>(|seen| {
                    if left {
                        return Ok(false);
                    }
                    let frame = frames.next_frame()?;
                    if let Some(frame) = &frame {
                        seen.frame(frame);
                    }
                    left = self.way == WayIn::FramesInLeft;
                    Ok(frame.is_some())
                })?);
            }
            WayIn::ForEach => {
                let frames = self.decoder.frames_in(chunk).map_err(|closed| refused(closed, chunk.len()))?;
                let mut ended = frames.try_for_each::<Option<DecodeError>>(|frame| {
                    seen.frame(&frame);
                    if seen.is_stuck() { Err(None) } else { Ok(()) }
                });
                // A skipped frame is an error that decoding goes on after.
                return Ok(seen.drain::<DecodeError>(|seen| match std::mem::replace(&mut ended, Ok(())) {
                    Err(Some(error)) => Err(error),
                    Err(None) => Ok(false),
                    Ok(()) => self.next(seen),
                })?);
            }
            WayIn::ReadWith => {
                let mut rest = chunk;
                loop {
                    seen.drain::<DecodeError>(|seen| self.next(seen))
                        .map_err(|error| Refused { error, untaken: rest.len() })?;
                    if rest.is_empty() || seen.is_stuck() {
                        return Ok(());
                    }
                    let need = self.decoder.need();
                    if need == 0 {
                        let expected = "bytes needed where no frame is whole";
                        seen.complain(Violation::new(Law::NeitherLateNorGreedy, expected, "none"));
                        return Ok(());
                    }
                    let read = |room: &mut [u8]| {
                        let (here, after) = rest.split_at(room.len().min(rest.len()));
                        room[..here.len()].copy_from_slice(here);
                        rest = after;
                        Ok::<_, std::convert::Infallible>(here.len())
                    };
                    // An announcement may ask for more than there is memory: what is there is all that can come.
                    let len = need.min(chunk.len());
                    match self.decoder.read_with(len, read) {
                        Ok(Ok(_)) => {}
                        Err(closed) => return Err(refused(closed, rest.len())),
                    }
                }
            }
            WayIn::Spare => match self.decoder.spare(chunk.len()) {
                Ok(mut room) => room.put_slice(chunk),
                Err(closed) => return Err(refused(closed, chunk.len())),
            },
            _ => self.decoder.push(chunk).map_err(|closed| refused(closed, chunk.len()))?,
        }
        Ok(seen.drain::<DecodeError>(|seen| self.next(seen))?)
    }

    fn end(&mut self, seen: &mut Seen) -> Result<(), EofError> {
        if self.way == WayIn::FramesInLeft {
            seen.drain::<DecodeError>(|seen| self.next(seen))?;
        }
        seen.drain(|seen| {
            if self.way.is_in_pieces() && (self.turn || self.piece.is_some() || self.way == WayIn::Pieces) {
                let piece = match self.decoder.finish_piece() {
                    Ok(piece) => piece.map(Owned::from),
                    Err(error) => {
                        self.piece = None;
                        return Err(error);
                    }
                };
                return Ok(self.take(piece, seen));
            }
            let frame = self.decoder.finish()?;
            if let Some(frame) = &frame {
                seen.frame(frame);
                self.turn = true;
            }
            Ok(frame.is_some())
        })
    }

    fn need(&mut self) -> Option<usize> {
        self.way.is_prompt().then(|| self.decoder.need())
    }

    fn capacity(&mut self) -> Option<usize> {
        // Asking for the need releases what was handed out.
        let _ = self.decoder.need();
        Some(self.decoder.capacity())
    }

    fn left(self: Box<Self>) -> (u64, Vec<u8>) {
        let parts = self.decoder.into_parts();
        (parts.position, parts.rest.to_vec())
    }
}

/// A deframer and a buffer, as an adapter has them.
struct Raw<F> {
    deframer: Deframer<F>,
    buffer: Vec<u8>,
    failed: bool,
}

impl<F: Framing> Raw<F> {
    fn obey(&mut self, step: Step, seen: &mut Seen) -> Result<bool, DecodeError> {
        match step {
            Step::Frame(extent) => {
                let offset = self.deframer.position().saturating_sub(extent.frame_len());
                match Frame::new(&self.buffer, extent, offset) {
                    Some(frame) => {
                        seen.frame(&frame);
                        self.buffer.drain(..frame.wire().len());
                    }
                    None => {
                        seen.complain(Violation::new(Law::AnySplit, "a frame that is there", format!("{extent:?}")));
                    }
                }
            }
            Step::Discard { at, len } => {
                self.buffer.drain(at..at + len);
            }
            Step::Skipped { len, error } => {
                self.buffer.drain(..len);
                return Err(error);
            }
            Step::Need(_) => return Ok(false),
        }
        Ok(true)
    }
}

impl<F: Framing> Way for Raw<F> {
    fn feed(&mut self, chunk: &[u8], seen: &mut Seen) -> Result<(), Refused> {
        let before = self.buffer.len();
        self.buffer.extend_from_slice(chunk);
        if self.failed {
            // It says the same again for more bytes, and then they are not taken.
            let error = seen.drain::<DecodeError>(|_| self.deframer.step(&self.buffer).map(|_| true));
            self.buffer.truncate(before);
            return error.map_err(|error| Refused { error, untaken: chunk.len() });
        }
        let drained = seen.drain::<DecodeError>(|seen| {
            let step = self.deframer.step(&self.buffer)?;
            self.obey(step, seen)
        });
        self.failed = drained.is_err();
        Ok(drained?)
    }

    fn end(&mut self, seen: &mut Seen) -> Result<(), EofError> {
        seen.drain(|seen| match self.deframer.finish(&self.buffer)? {
            Some(step) => Ok(self.obey(step, seen)?),
            None => Ok(false),
        })
    }

    fn need(&mut self) -> Option<usize> {
        Some(self.deframer.need(&self.buffer))
    }

    fn capacity(&mut self) -> Option<usize> {
        None
    }

    fn left(self: Box<Self>) -> (u64, Vec<u8>) {
        let after = self.buffer.get(self.deframer.kept()..).unwrap_or_default();
        (self.deframer.position(), after.to_vec())
    }
}
