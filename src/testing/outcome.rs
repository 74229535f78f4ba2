//! What a stream gives, and every way to ask.

use std::boxed::Box;
use std::fmt;
use std::format;
use std::string::String;
use std::vec::Vec;

use bytes::BufMut;

use super::{Law, Violation};
use crate::{Closed, DecodeError, Decoder, Deframer, EofError, Frame, Framing, Oversize, Piece, Step};

/// One thing that came out of a stream.
#[derive(Clone, PartialEq, Eq)]
pub enum Event {
    /// A frame.
    Frame {
        /// Where it begins.
        offset: u64,
        /// Its header.
        header: Vec<u8>,
        /// Its payload.
        payload: Vec<u8>,
        /// Its trailer.
        trailer: Vec<u8>,
    },
    /// A frame over the limit that was skipped.
    Skipped(DecodeError),
}

impl Event {
    /// Stream offset of the first byte after it.
    #[must_use]
    pub fn end(&self) -> u64 {
        match self {
            Self::Frame { offset, header, payload, trailer } => {
                offset.saturating_add([header, payload, trailer].map(|part| part.len() as u64).iter().sum())
            }
            Self::Skipped(error) => match error.kind {
                crate::DecodeErrorKind::Skipped { len } => error.frame.saturating_add(len),
                _ => error.offset,
            },
        }
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frame { offset, header, payload, trailer } => write!(
                f,
                "frame at {offset} \"{}\" \"{}\" \"{}\"",
                header.escape_ascii(),
                payload.escape_ascii(),
                trailer.escape_ascii()
            ),
            Self::Skipped(error) => write!(f, "skipped: {error}"),
        }
    }
}

/// The frames of a stream so far.
#[derive(Debug)]
pub struct Seen {
    events: Vec<Event>,
    most: usize,
    complaint: Option<Violation>,
}

impl Seen {
    /// None so far, and `most` at the most: one a byte is all that a stream can hold.
    #[must_use]
    pub fn at_most(most: usize) -> Self {
        Self { events: Vec::new(), most, complaint: None }
    }

    /// All so far.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// A frame came out.
    pub fn frame(&mut self, frame: &Frame<'_>) {
        self.push(Event::Frame {
            offset: frame.offset(),
            header: frame.header().to_vec(),
            payload: frame.payload().to_vec(),
            trailer: frame.trailer().to_vec(),
        });
    }

    /// Something came out.
    pub fn push(&mut self, event: Event) {
        self.events.push(event);
    }

    /// The way in itself has seen that a law is broken. The first complaint stays.
    pub fn complain(&mut self, violation: Violation) {
        self.complaint.get_or_insert(violation);
    }

    /// Whether it makes no sense to go on: there were more than can be, as the decoder gives frames without taking
    /// bytes, or a law was broken.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        self.events.len() > self.most || self.complaint.is_some()
    }

    /// What is wrong, if anything is.
    ///
    /// # Errors
    ///
    /// [`Violation`] of law 9 where there is no end of frames, or what was complained of.
    pub fn check(&self) -> Result<(), Violation> {
        if let Some(complaint) = &self.complaint {
            return Err(complaint.clone());
        }
        if self.is_stuck() {
            let expected = format!("at most {} frames in as many bytes", self.most);
            return Err(Violation::new(Law::NoPanic, expected, "frames without end"));
        }
        Ok(())
    }

    /// Calls `next` until it has no more: `false`, or an error. An error that says what was skipped is an event.
    ///
    /// # Errors
    ///
    /// What `next` gives.
    pub fn drain<E: MaySkip>(&mut self, mut next: impl FnMut(&mut Self) -> Result<bool, E>) -> Result<(), E> {
        while !self.is_stuck() {
            match next(self) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => match error.skipped() {
                    Some(skipped) => self.push(Event::Skipped(skipped)),
                    None => return Err(error),
                },
            }
        }
        Ok(())
    }
}

/// An error that may only say that a frame was skipped.
pub trait MaySkip {
    /// That error.
    fn skipped(&self) -> Option<DecodeError>;
}

impl MaySkip for DecodeError {
    fn skipped(&self) -> Option<DecodeError> {
        self.is_skipped().then_some(*self)
    }
}

impl MaySkip for EofError {
    fn skipped(&self) -> Option<DecodeError> {
        match self {
            Self::Decode(error) => error.skipped(),
            Self::Truncated { .. } => None,
        }
    }
}

/// A way to bring the bytes of one stream in and its frames out. Implement it for an adapter of your own and hand it to
/// [`outcome`], to see that it gives what all the others give.
pub trait Way {
    /// Takes the next chunk of the stream, and appends what is whole with it.
    ///
    /// # Errors
    ///
    /// [`Refused`]: the stream is no stream of frames. Nothing more will be fed.
    fn feed(&mut self, chunk: &[u8], seen: &mut Seen) -> Result<(), Refused>;

    /// The stream has ended.
    ///
    /// # Errors
    ///
    /// [`EofError`] where it ended inside a frame.
    fn end(&mut self, seen: &mut Seen) -> Result<(), EofError>;

    /// How many bytes the next frame lacks at least.
    fn need(&mut self) -> Option<usize>;

    /// Bytes of heap memory in use, where that can be told.
    fn capacity(&mut self) -> Option<usize>;

    /// Offset and bytes of what is left.
    fn left(self: Box<Self>) -> (u64, Vec<u8>);
}

/// Purpose a way in takes no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The error.
    pub error: DecodeError,
    /// How many bytes of the chunk at hand it has not taken.
    pub untaken: usize,
}

impl From<DecodeError> for Refused {
    fn from(error: DecodeError) -> Self {
        Self { error, untaken: 0 }
    }
}

/// All that a stream gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Frames, and skipped frames.
    pub events: Vec<Event>,
    /// How it ended. An error before the end of the stream is [`EofError::Decode`].
    pub end: Result<(), EofError>,
    /// Stream offset of the first byte that is left.
    pub position: u64,
    /// What is left, from there to the end of the stream.
    pub left: Vec<u8>,
}

/// The chunks of a stream that is cut at these indices. The same index twice makes an empty chunk.
pub fn chunks<'s>(stream: &'s [u8], cuts: &[usize]) -> Vec<&'s [u8]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| (*cut).min(stream.len())).collect();
    cuts.push(stream.len());
    cuts.sort_unstable();
    let mut start = 0;
    let chunk = |end: usize| {
        let chunk = stream.get(start..end).unwrap_or_default();
        start = end;
        chunk
    };
    cuts.into_iter().map(chunk).collect()
}

/// Feeds `stream`, cut at `cuts`, and says what came of it.
///
/// # Errors
///
/// [`Violation`] of law 9 where there is no end of frames, of law 2 where bytes are lost.
pub fn outcome(mut way: Box<dyn Way + '_>, stream: &[u8], cuts: &[usize]) -> Result<Outcome, Violation> {
    let mut seen = Seen::at_most(stream.len());
    let mut fed = 0;
    let mut end = Ok(());
    for chunk in chunks(stream, cuts) {
        let result = way.feed(chunk, &mut seen);
        seen.check()?;
        fed += chunk.len();
        if let Err(Refused { error, untaken }) = result {
            fed -= untaken;
            end = Err(EofError::Decode(error));
            break;
        }
    }
    if end.is_ok() {
        end = way.end(&mut seen);
        seen.check()?;
    }
    let (position, mut left) = way.left();
    let after = usize::try_from(position).ok().and_then(|position| stream.get(position..fed));
    if after != Some(&left[..]) {
        let expected = after.map_or(String::from("an offset within the stream"), show);
        return Err(Violation::new(Law::AnySplit, expected, format!("{} left at {position}", show(&left))));
    }
    left.extend_from_slice(stream.get(fed..).unwrap_or_default());
    Ok(Outcome { events: seen.events, end, position, left })
}

/// Bytes for people.
pub(super) fn show(bytes: &[u8]) -> String {
    match bytes.get(..256) {
        Some(start) => format!("\"{}\" and {} bytes more", start.escape_ascii(), bytes.len() - start.len()),
        None => format!("\"{}\"", bytes.escape_ascii()),
    }
}

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
