//! The drivers of the crate: every way to pass bytes in and take frames out.

use std::boxed::Box;
use std::format;
use std::vec;
use std::vec::Vec;

use bytes::BufMut;

use super::outcome::{Collected, Driver, OwnedEvent, Refused};
use super::{Law, Violation};
use crate::decode::Deframer;
use crate::decode::Skips;
use crate::{Closed, DecodeError, Decoder, EofError, FixedDecoder, Framing, Piece, Recovery};

mod steps;

use steps::Steps;

/// The drivers of the crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DriverKind {
    /// [`Decoder::push`] and [`Decoder::next_event`].
    NextEvent,
    /// [`Decoder::push`] and [`Decoder::next_frame`].
    NextFrame,
    /// [`Decoder::push`] and [`Decoder::next_bytes`].
    NextBytes,
    /// [`Decoder::push`] and [`Decoder::next_batch`].
    NextBatch,
    /// [`Decoder::spare`] and [`Decoder::next_frame`].
    Spare,
    /// [`Decoder::read_with`], as much as is needed.
    ReadWith,
    /// [`Decoder::frames_in`] and [`ChunkFrames::next_frame`](crate::decode::ChunkFrames::next_frame).
    ChunkFrames,
    /// [`Decoder::frames_in`] and [`ChunkFrames::next_event`](crate::decode::ChunkFrames::next_event).
    ChunkEvents,
    /// [`Decoder::frames_in`], left after the first event.
    ChunkEventsLeft,
    /// [`Decoder::frames_in`] and [`ChunkFrames::for_each`](crate::decode::ChunkFrames::for_each).
    ForEach,
    /// [`Decoder::next_piece`] and [`Decoder::finish_piece`].
    Pieces,
    /// The first frame with [`Decoder::next_frame`], the second with [`Decoder::next_piece`], and so on.
    Mixed,
    /// [`Decoder::push`] alone, and everything from [`Decoder::finish_event`].
    FinishOnly,
    /// [`FixedDecoder::next_event`].
    Fixed,
    /// [`FixedDecoder::next_frame`].
    FixedFrames,
    /// [`FixedDecoder::next_piece`].
    FixedPieces,
    /// [`Deframer::step`].
    Deframer,
}

impl DriverKind {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::NextEvent,
        Self::NextFrame,
        Self::NextBytes,
        Self::NextBatch,
        Self::Spare,
        Self::ReadWith,
        Self::ChunkFrames,
        Self::ChunkEvents,
        Self::ChunkEventsLeft,
        Self::ForEach,
        Self::Pieces,
        Self::Mixed,
        Self::FinishOnly,
        Self::Fixed,
        Self::FixedFrames,
        Self::FixedPieces,
        Self::Deframer,
    ];

    /// Returns whether frames come out as soon as they are complete.
    #[must_use]
    pub const fn is_prompt(self) -> bool {
        !matches!(self, Self::FinishOnly | Self::ChunkEventsLeft)
    }

    /// Returns whether an error can come after part of its frame was returned.
    #[must_use]
    pub const fn is_in_pieces(self) -> bool {
        matches!(self, Self::Pieces | Self::Mixed | Self::FixedPieces)
    }

    /// Returns whether its memory does not grow, so that a longer frame is over the limit.
    #[must_use]
    pub const fn is_fixed(self) -> bool {
        matches!(self, Self::Fixed | Self::FixedFrames | Self::FixedPieces)
    }

    /// Returns whether every skipped stretch comes out in its place. The others count them.
    #[must_use]
    pub const fn reports_stretches(self) -> bool {
        matches!(
            self,
            Self::NextEvent
                | Self::ChunkEvents
                | Self::ChunkEventsLeft
                | Self::Pieces
                | Self::FinishOnly
                | Self::Fixed
                | Self::FixedPieces
                | Self::Deframer
        )
    }

    /// Creates a decoder of this kind. `memory` is the size of those that do not grow: a longer frame, and an unfinished one of
    /// that length, is over the limit.
    #[must_use]
    pub fn open<'f>(self, framing: &'f dyn Framing, recovery: Recovery, memory: usize) -> Box<dyn Driver + 'f> {
        let pieces = PiecesSoFar::default();
        match self {
            Self::Deframer => {
                let deframer = Deframer::new(framing).with_recovery(recovery);
                Box::new(Steps::new(deframer))
            }
            Self::Fixed | Self::FixedFrames | Self::FixedPieces => {
                let decoder = FixedDecoder::new(framing, vec![0; memory.max(1)]).with_recovery(recovery);
                Box::new(InFixed { kind: self, decoder, pieces })
            }
            _ => {
                let decoder = Decoder::new(framing).with_recovery(recovery);
                Box::new(InDecoder { kind: self, decoder, pieces, turn: false })
            }
        }
    }
}

/// The frame whose pieces are arriving.
#[derive(Default)]
pub struct PiecesSoFar {
    frame: Option<UnfinishedFrame>,
}

struct UnfinishedFrame {
    offset: u64,
    header: Vec<u8>,
    payload: Vec<u8>,
    len: Option<u64>,
    control: bool,
}

/// A [`Piece`] with bytes of its own.
#[derive(Debug)]
pub enum OwnedPiece {
    /// The header, the length of the payload if it is known, and whether it is a control frame.
    Start(Vec<u8>, Option<u64>, bool),
    /// Bytes of the payload.
    Data(Vec<u8>),
    /// The trailer.
    End(Vec<u8>),
    /// A rejected frame was skipped.
    Skipped(crate::Stretch),
}

impl From<Piece<'_>> for OwnedPiece {
    fn from(piece: Piece<'_>) -> Self {
        match piece {
            Piece::Start { header, len, control } => Self::Start(header.to_vec(), len, control),
            Piece::Data(bytes) => Self::Data(bytes.to_vec()),
            Piece::End { trailer } => Self::End(trailer.to_vec()),
            Piece::Skipped(stretch) => Self::Skipped(stretch),
        }
    }
}

impl PiecesSoFar {
    /// Whether a frame has begun that is not complete.
    const fn is_inside(&self) -> bool {
        self.frame.is_some()
    }

    /// Takes the next piece, after which the decoder is at `position`. Returns whether a frame or a stretch is complete.
    pub fn take(&mut self, piece: OwnedPiece, position: u64, collected: &mut Collected) -> bool {
        match (piece, &mut self.frame) {
            (OwnedPiece::Start(header, len, control), slot @ None) => {
                let offset = position.saturating_sub(header.len() as u64);
                *slot = Some(UnfinishedFrame { offset, header, payload: Vec::new(), len, control });
                false
            }
            (OwnedPiece::Data(bytes), Some(frame)) => {
                if bytes.is_empty() {
                    collected.complain(Violation::new(Law::AnySplit, "a piece of at least one byte", "an empty one"));
                }
                frame.payload.extend_from_slice(&bytes);
                false
            }
            (OwnedPiece::End(trailer), slot @ Some(_)) => {
                if let Some(UnfinishedFrame { offset, header, payload, len, control }) = slot.take() {
                    if len.is_some_and(|len| len != payload.len() as u64) {
                        let expected = format!("pieces of {len:?} bytes as announced");
                        collected.complain(Violation::new(Law::AnySplit, expected, format!("{}", payload.len())));
                    }
                    let wire_len = position.saturating_sub(offset);
                    let frame =
                        OwnedEvent::Frame { offset, wire_len, header, payload, trailer, control, message: None };
                    collected.push(frame);
                }
                true
            }
            (OwnedPiece::Skipped(stretch), slot) => {
                *slot = None;
                collected.push(OwnedEvent::Skipped(stretch));
                true
            }
            (piece, frame) => {
                let expected = if frame.is_some() { "more of a frame, or its end" } else { "a frame's start" };
                collected.complain(Violation::new(Law::AnySplit, expected, format!("{piece:?}")));
                false
            }
        }
    }
}

/// A decoder takes no bytes after it has failed: nothing else closes it here.
fn refused(closed: Closed, untaken: usize) -> Refused {
    match closed {
        Closed::Failed(error) => Refused { error, untaken },
        Closed::Ended(at) => panic!("closed at {at} before the end"),
    }
}

struct InDecoder<'f> {
    kind: DriverKind,
    decoder: Decoder<&'f dyn Framing>,
    pieces: PiecesSoFar,
    /// Whether the next frame is taken in pieces.
    turn: bool,
}

impl<'f> InDecoder<'f> {
    fn takes_pieces(&self) -> bool {
        match self.kind {
            DriverKind::Pieces => true,
            DriverKind::Mixed => self.turn || self.pieces.is_inside(),
            _ => false,
        }
    }

    /// Makes one call, and returns whether there may be more.
    fn next(&mut self, collected: &mut Collected) -> Result<bool, DecodeError> {
        if self.takes_pieces() {
            let piece = self.decoder.next_piece().map(|piece| piece.map(OwnedPiece::from));
            return self.take_piece(piece, collected);
        }
        let decoder = &mut self.decoder;
        match self.kind {
            DriverKind::NextBytes => {
                let frame = decoder.next_bytes()?;
                if let Some(frame) = &frame {
                    owned(frame, collected);
                }
                Ok(frame.is_some())
            }
            DriverKind::NextBatch => {
                let Some(batch) = decoder.next_batch()? else { return Ok(false) };
                let before = collected.events().len();
                batch.iter().for_each(|frame| collected.frame(&frame));
                let mut same = Collected::at_most(usize::MAX);
                batch.clone().into_iter().for_each(|frame| owned(&frame, &mut same));
                let payloads: Vec<_> = batch.payloads().collect();
                let borrowed: Vec<_> = batch.iter().map(|frame| frame.payload().to_vec()).collect();
                if collected.events().get(before..) != Some(same.events()) || payloads != borrowed {
                    let expected = format!("{:?}", collected.events().get(before..));
                    let found = format!("{:?} and the payloads {payloads:?}", same.events());
                    collected.complain(Violation::new(Law::AnySplit, expected, found));
                }
                if batch.is_empty() || batch.len() != borrowed.len() {
                    let found = format!("{} frames of {}", borrowed.len(), batch.len());
                    collected.complain(Violation::new(Law::AnySplit, "at least one frame in a batch", found));
                }
                Ok(true)
            }
            DriverKind::NextEvent | DriverKind::ChunkEvents | DriverKind::ChunkEventsLeft => {
                let event = decoder.next_event()?;
                if let Some(event) = &event {
                    collected.event(event);
                }
                Ok(event.is_some())
            }
            _ => {
                let frame = decoder.next_frame()?;
                if let Some(frame) = &frame {
                    collected.frame(frame);
                    self.turn = true;
                }
                Ok(frame.is_some())
            }
        }
    }

    fn take_piece<E>(&mut self, piece: Result<Option<OwnedPiece>, E>, collected: &mut Collected) -> Result<bool, E> {
        match piece {
            Ok(Some(piece)) => {
                if self.pieces.take(piece, self.decoder.position(), collected) {
                    self.turn = false;
                }
                Ok(true)
            }
            Ok(None) => Ok(false),
            Err(error) => {
                self.pieces = PiecesSoFar::default();
                Err(error)
            }
        }
    }

    /// Takes no more than `need`, as long as there is more.
    fn read_with(&mut self, chunk: &[u8], collected: &mut Collected) -> Result<(), Refused> {
        let mut rest = chunk;
        loop {
            collected
                .drain(|collected| self.next(collected))
                .map_err(|error| Refused { error, untaken: rest.len() })?;
            if rest.is_empty() || collected.is_stuck() {
                return Ok(());
            }
            let need = self.decoder.need();
            if need == 0 {
                let expected = "bytes needed where no frame is complete";
                collected.complain(Violation::new(Law::NeitherLateNorGreedy, expected, "none"));
                return Ok(());
            }
            let read = |room: &mut [u8]| {
                let (here, after) = rest.split_at(room.len().min(rest.len()));
                room[..here.len()].copy_from_slice(here);
                rest = after;
                Ok::<_, std::convert::Infallible>(here.len())
            };
            // An announcement may exceed memory, and no more than the rest of the chunk can come.
            let len = need.min(chunk.len());
            if let Err(closed) = self.decoder.read_with(len, read) {
                return Err(refused(closed, rest.len()));
            }
        }
    }
}

fn owned(frame: &crate::OwnedFrame, collected: &mut Collected) {
    collected.frame(&frame.frame());
    let parts = (frame.header(), frame.payload(), frame.offset(), frame.wire(), frame.clone().into_payload());
    let borrowed = frame.frame();
    let same = parts.0 == borrowed.header()
        && parts.1 == borrowed.payload()
        && parts.2 == borrowed.offset()
        && parts.3.as_deref() == borrowed.wire()
        && parts.4 == borrowed.payload();
    if !same {
        collected.complain(Violation::new(Law::AnySplit, format!("{borrowed:?}"), format!("{parts:?}")));
    }
}

impl Driver for InDecoder<'_> {
    fn feed(&mut self, chunk: &[u8], collected: &mut Collected) -> Result<(), Refused> {
        let untaken = |closed| refused(closed, chunk.len());
        match self.kind {
            DriverKind::FinishOnly => return self.decoder.push(chunk).map_err(untaken),
            DriverKind::ChunkFrames => {
                let mut frames = self.decoder.frames_in(chunk).map_err(untaken)?;
                return Ok(collected.drain(|collected| {
                    let frame = frames.next_frame()?;
                    if let Some(frame) = &frame {
                        collected.frame(frame);
                    }
                    Ok::<_, DecodeError>(frame.is_some())
                })?);
            }
            DriverKind::ChunkEvents | DriverKind::ChunkEventsLeft => {
                let mut frames = self.decoder.frames_in(chunk).map_err(untaken)?;
                let mut left = false;
                return Ok(collected.drain(|collected| {
                    if left {
                        return Ok(false);
                    }
                    left = self.kind == DriverKind::ChunkEventsLeft;
                    let event = frames.next_event()?;
                    if let Some(event) = &event {
                        collected.event(event);
                    }
                    Ok::<_, DecodeError>(event.is_some())
                })?);
            }
            DriverKind::ForEach => {
                let frames = self.decoder.frames_in(chunk).map_err(untaken)?;
                let ended = frames.try_for_each::<Option<DecodeError>>(|frame| {
                    collected.frame(&frame);
                    if collected.is_stuck() { Err(None) } else { Ok(()) }
                });
                return match ended {
                    Err(Some(error)) => Err(error.into()),
                    Err(None) | Ok(()) => Ok(()),
                };
            }
            DriverKind::ReadWith => return self.read_with(chunk, collected),
            DriverKind::Spare => self.decoder.spare(chunk.len()).map_err(untaken)?.put_slice(chunk),
            _ => self.decoder.push(chunk).map_err(untaken)?,
        }
        Ok(collected.drain(|collected| self.next(collected))?)
    }

    fn end(&mut self, collected: &mut Collected) -> Result<(), EofError> {
        if self.kind == DriverKind::ChunkEventsLeft {
            collected.drain(|collected| self.next(collected))?;
        }
        collected.drain(|collected| {
            if self.takes_pieces() {
                let piece = self.decoder.finish_piece().map(|piece| piece.map(OwnedPiece::from));
                return self.take_piece(piece, collected);
            }
            match self.kind {
                DriverKind::NextBytes => {
                    let frame = self.decoder.finish_bytes()?;
                    if let Some(frame) = &frame {
                        owned(frame, collected);
                    }
                    Ok(frame.is_some())
                }
                kind if kind.reports_stretches() => {
                    let event = self.decoder.finish_event()?;
                    if let Some(event) = &event {
                        collected.event(event);
                    }
                    Ok(event.is_some())
                }
                _ => {
                    let frame = self.decoder.finish()?;
                    if let Some(frame) = &frame {
                        collected.frame(frame);
                        self.turn = true;
                    }
                    Ok(frame.is_some())
                }
            }
        })
    }

    fn need(&mut self) -> Option<usize> {
        self.kind.is_prompt().then(|| self.decoder.need())
    }

    fn capacity(&mut self) -> Option<usize> {
        // Calling `need` releases the bytes that were lent out.
        let _ = self.decoder.need();
        Some(self.decoder.capacity())
    }

    fn skipped(&self) -> Option<Skips> {
        Some(*self.decoder.skipped())
    }

    fn reports_stretches(&self) -> bool {
        self.kind.reports_stretches()
    }

    fn left(self: Box<Self>) -> (u64, Vec<u8>) {
        let parts = self.decoder.into_parts();
        (parts.position, parts.rest.to_vec())
    }
}

/// A decoder in memory that does not grow.
struct InFixed<'f> {
    kind: DriverKind,
    decoder: FixedDecoder<&'f dyn Framing, Vec<u8>>,
    pieces: PiecesSoFar,
}

impl<'f> InFixed<'f> {
    fn next(&mut self, collected: &mut Collected) -> Result<bool, DecodeError> {
        match self.kind {
            DriverKind::FixedPieces => {
                let piece = self.decoder.next_piece()?.map(OwnedPiece::from);
                Ok(self.take_piece(piece, collected))
            }
            DriverKind::FixedFrames => {
                let frame = self.decoder.next_frame()?;
                if let Some(frame) = &frame {
                    collected.frame(frame);
                }
                Ok(frame.is_some())
            }
            _ => {
                let event = self.decoder.next_event()?;
                if let Some(event) = &event {
                    collected.event(event);
                }
                Ok(event.is_some())
            }
        }
    }

    fn take_piece(&mut self, piece: Option<OwnedPiece>, collected: &mut Collected) -> bool {
        let Some(piece) = piece else { return false };
        self.pieces.take(piece, self.decoder.position(), collected);
        true
    }
}

impl Driver for InFixed<'_> {
    fn feed(&mut self, chunk: &[u8], collected: &mut Collected) -> Result<(), Refused> {
        let mut rest = chunk;
        loop {
            let taken = self.decoder.push(rest).map_err(|closed| refused(closed, rest.len()))?;
            let before = rest.len();
            rest = &rest[taken..];
            collected
                .drain(|collected| self.next(collected))
                .map_err(|error| Refused { error, untaken: rest.len() })?;
            if rest.is_empty() || collected.is_stuck() {
                return Ok(());
            }
            if rest.len() == before {
                let found = format!("none of {before} bytes at {}", self.decoder.position());
                collected.complain(Violation::new(Law::Memory, "room for a byte where no frame is complete", found));
                return Ok(());
            }
        }
    }

    fn end(&mut self, collected: &mut Collected) -> Result<(), EofError> {
        collected.drain(|collected| match self.kind {
            DriverKind::FixedPieces => {
                let piece = self.decoder.finish_piece()?.map(OwnedPiece::from);
                Ok(self.take_piece(piece, collected))
            }
            DriverKind::FixedFrames => {
                let frame = self.decoder.finish()?;
                if let Some(frame) = &frame {
                    collected.frame(frame);
                }
                Ok(frame.is_some())
            }
            _ => {
                let event = self.decoder.finish_event()?;
                if let Some(event) = &event {
                    collected.event(event);
                }
                Ok(event.is_some())
            }
        })
    }

    fn need(&mut self) -> Option<usize> {
        Some(self.decoder.need())
    }

    fn skipped(&self) -> Option<Skips> {
        Some(*self.decoder.skipped())
    }

    fn reports_stretches(&self) -> bool {
        self.kind.reports_stretches()
    }

    fn left(self: Box<Self>) -> (u64, Vec<u8>) {
        (self.decoder.position(), self.decoder.buffered().to_vec())
    }
}
