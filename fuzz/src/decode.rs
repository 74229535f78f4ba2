//! Every way through a decoder, and that all give the same.

use anysplit::contract::Extent;
use anysplit::decode::Skips;
use anysplit::{
    Closed, DecodeError, DecodeErrorKind, Decoder, Deframer, EofError, FixedDecoder, Frame, Framing, Piece, Recovery,
    Step, Stretch, Truncated,
};
use bytes::BufMut;

use crate::config::Config;
use crate::input::Input;

/// Every policy.
pub const POLICIES: [Recovery; 4] = [Recovery::Fail, Recovery::SkipOversize, Recovery::SkipFrame, Recovery::Resync];

/// What came out of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub events: Vec<Event>,
    /// `None` for a clean end.
    pub end: Option<EofError>,
    pub position: u64,
}

impl Outcome {
    /// Without what was skipped, as a caller sees it who asks for frames.
    pub(crate) fn frames(&self) -> Self {
        let events = self.events.iter().filter(|event| event.is_frame()).cloned().collect();
        Self { events, ..*self }
    }

    /// What a decoder counts of what was skipped.
    pub(crate) fn skips(&self) -> Skips {
        let mut skips = Skips::default();
        for event in &self.events {
            if let Event::Skipped(stretch) = event {
                skips.stretches += 1;
                skips.bytes += stretch.len;
                skips.last_reason = Some(stretch.reason);
            }
        }
        skips
    }
}

/// What a decoder returns before the stream is over or has failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Frame {
        offset: u64,
        /// Bytes on the wire.
        len: u64,
        header: Vec<u8>,
        payload: Vec<u8>,
        trailer: Vec<u8>,
        control: bool,
        /// What pieces do not tell.
        whole: Option<(Extent, Vec<u8>)>,
    },
    Skipped(Stretch),
}

impl Event {
    pub(crate) fn of(event: anysplit::Event) -> Self {
        match event {
            anysplit::Event::Frame(frame) => Self::frame(frame),
            anysplit::Event::Skipped(stretch) => Self::Skipped(stretch),
        }
    }

    pub(crate) fn frame(frame: Frame) -> Self {
        let (header, payload, trailer) = (frame.header(), frame.payload(), frame.trailer());
        let extent = frame.extent();
        assert_eq!(extent.frame_len(), frame.wire_len() as u64);
        assert_eq!(header.len(), extent.header_len());
        assert_eq!(trailer.len(), extent.trailer_len());
        match frame.wire() {
            Some(wire) => {
                assert_eq!([header, payload, trailer].concat(), wire, "a frame is its three parts");
                assert_eq!(extent.payload_len(), payload.len() as u64);
            }
            None => {
                assert!(extent.is_rewritten());
                assert!(payload.len() as u64 <= extent.payload_len(), "opened, it is no longer");
            }
        }
        let message = frame.message();
        if frame.is_control() {
            assert!(message.is_empty() && payload.is_empty());
        } else {
            assert_eq!(message.len(), extent.message_header_len() + payload.len());
            assert!(message.to_vec().ends_with(payload));
            assert!(message.as_slice().is_none_or(|slice| message == *slice));
        }
        Self::Frame {
            offset: frame.offset(),
            len: frame.wire_len() as u64,
            header: header.to_vec(),
            payload: payload.to_vec(),
            trailer: trailer.to_vec(),
            control: frame.is_control(),
            whole: Some((extent, message.to_vec())),
        }
    }

    pub(crate) const fn is_frame(&self) -> bool {
        matches!(self, Self::Frame { .. })
    }

    /// The message of a frame that carries one.
    pub(crate) fn message(&self) -> Option<&[u8]> {
        match self {
            Self::Frame { control: false, whole: Some((_, message)), .. } => Some(message),
            _ => None,
        }
    }

    /// First byte of the frame, and the byte after it.
    pub fn span(&self) -> (u64, u64) {
        let (Self::Frame { offset, len, .. } | Self::Skipped(Stretch { offset, len, .. })) = *self;
        (offset, offset + len)
    }

    pub(crate) fn in_pieces(&self) -> Self {
        match self.clone() {
            // Pieces do not say what of a header belongs to the message.
            Self::Frame { offset, len, header, payload, trailer, control, .. } => {
                Self::Frame { offset, len, header, payload, trailer, control, whole: None }
            }
            skipped => skipped,
        }
    }
}

/// Collects what a decoder returns, and checks what holds at every step.
struct Run<'a, F> {
    decoder: Decoder<F>,
    stream: &'a [u8],
    /// Whether what was skipped is collected too.
    with_skips: bool,
    /// Bytes of the stream that the decoder has.
    given: usize,
    longest: usize,
    events: Vec<Event>,
    /// What all comes to in the end, where it is known already.
    expected: Option<&'a Expected>,
}

/// What all comes to in the end.
pub struct Expected {
    outcome: Outcome,
    /// How many events there were before the stream ended.
    before_end: usize,
    recovery: Recovery,
    /// Whether it failed before it ended.
    failed: bool,
}

impl<'a, F: Framing> Run<'a, F> {
    fn new(framing: F, recovery: Recovery, stream: &'a [u8], with_skips: bool, expected: Option<&'a Expected>) -> Self {
        let decoder = Decoder::new(framing).with_recovery(recovery);
        assert_eq!(decoder.capacity(), 0, "a new decoder owns no heap");
        Self { decoder, stream, with_skips, given: 0, longest: 0, events: Vec::new(), expected }
    }

    fn offered(&mut self, len: usize) {
        self.given += len;
        self.longest = self.longest.max(len);
    }

    fn push(&mut self, chunk: &[u8]) {
        self.decoder.push(chunk).expect("neither failed nor ended");
        self.offered(chunk.len());
    }

    fn take(&mut self, event: Event) {
        let (begin, end) = event.span();
        assert!(begin < end, "at least one byte");
        assert!(end <= self.given as u64, "no frame before its last byte");
        match &event {
            Event::Frame { header, payload, trailer, whole, .. } => {
                let wire = &self.stream[begin as usize..end as usize];
                assert!(wire.starts_with(header) && wire.ends_with(trailer), "a frame is bytes of the stream");
                if whole.as_ref().is_some_and(|(extent, _)| !extent.is_rewritten()) {
                    assert_eq!([&header[..], payload, trailer].concat(), wire);
                }
            }
            Event::Skipped(stretch) => {
                assert_eq!(stretch.reason.frame_offset, stretch.offset);
                if !self.with_skips {
                    return;
                }
            }
        }
        self.events.push(event);
    }

    /// Nothing is complete: what must be true then.
    fn idle(&mut self) {
        let need = self.decoder.need();
        assert!(need > 0, "without a frame something is needed");
        let after = self.decoder.buffered().len();
        let (position, given) = (self.decoder.position(), self.given as u64);
        assert_eq!(position + after as u64, given, "every byte is returned, discarded or buffered");
        assert_eq!(self.decoder.buffered(), &self.stream[position as usize..self.given]);
        let most = 2 * (after + self.longest) + 512;
        assert!(self.decoder.capacity() <= most, "{} bytes of heap for {after}", self.decoder.capacity());
        // While a rejected frame is searched, others wait inside it.
        let Some(expected) = self.expected.filter(|expected| expected.recovery != Recovery::Resync) else { return };
        let events = &expected.outcome.events;
        let passed = events[..expected.before_end].iter().take_while(|event| event.span().1 <= given).count();
        let known = events[..passed].iter().filter(|event| self.with_skips || event.is_frame()).count();
        assert_eq!(self.events.len(), known, "each with its last byte");
        match events.get(passed) {
            // The end of the stream completes it.
            Some(_) if passed >= expected.before_end => {}
            Some(next) => {
                let end = next.span().1;
                assert!(given + need as u64 <= end, "needs {need} bytes at {given}, for an end at {end}");
            }
            // What is too long only because nothing more came is an error of the end.
            None => assert!(!expected.failed || self.given < self.stream.len(), "late: {:?}", expected.outcome.end),
        }
    }

    /// Every call returns the error.
    fn stays(&mut self, error: DecodeError) {
        for _ in 0..2 {
            assert_eq!(self.decoder.next_frame().err(), Some(error));
            assert_eq!(self.decoder.next_event().err(), Some(error));
            assert_eq!(self.decoder.next_bytes().err(), Some(error));
            assert_eq!(self.decoder.next_batch().err(), Some(error));
            assert_eq!(self.decoder.next_piece().err(), Some(error));
            assert_eq!(self.decoder.finish().err(), Some(EofError::from(error)));
            assert_eq!(self.decoder.finish_event().err(), Some(EofError::from(error)));
            assert_eq!(self.decoder.finish_bytes().err(), Some(EofError::from(error)));
            assert_eq!(self.decoder.finish_piece().err(), Some(EofError::from(error)));
            assert_eq!(self.decoder.push(b"a").err(), Some(Closed::Failed(error)));
            assert_eq!(self.decoder.spare(1).map(drop).err(), Some(Closed::Failed(error)));
            assert_eq!(self.decoder.frames_in(b"a").map(drop).err(), Some(Closed::Failed(error)));
            assert_eq!(self.decoder.need(), 0);
        }
    }

    /// The decoder has failed: it stays so.
    fn failed(mut self, error: DecodeError) -> Outcome {
        assert!(error.frame_offset <= error.offset);
        let buffered = self.decoder.buffered().to_vec();
        self.stays(error);
        assert_eq!(self.decoder.buffered(), buffered);
        self.left(Some(EofError::Decode(error)))
    }

    fn left(self, end: Option<EofError>) -> Outcome {
        let position = self.decoder.position();
        if let Some(Expected { outcome, .. }) = self.expected {
            assert_eq!(*self.decoder.skipped(), outcome.skips(), "what was skipped is counted");
        }
        let failed = matches!(end, Some(EofError::Decode(_)));
        let parts = self.decoder.into_parts();
        assert_eq!(parts.position, position);
        let rest = &self.stream[position as usize..];
        if failed {
            assert!(rest.starts_with(&parts.rest), "what is left is what came");
        } else {
            assert_eq!(parts.rest, rest);
        }
        Outcome { events: self.events, end, position }
    }

    fn finish(mut self) -> Outcome {
        let end = loop {
            let result = match self.with_skips {
                true => self.decoder.finish_event().map(|event| event.map(Event::of)),
                false => self.decoder.finish().map(|frame| frame.map(Event::frame)),
            };
            match result {
                Ok(Some(event)) => self.take(event),
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        match end {
            Some(error) => self.stays(error.into()),
            None => {
                for _ in 0..2 {
                    assert_eq!(self.decoder.finish(), Ok(None));
                    assert_eq!(self.decoder.finish_piece(), Ok(None));
                    assert_eq!(self.decoder.push(b"a").err(), Some(Closed::Ended(self.given as u64)));
                }
            }
        }
        self.left(end)
    }

    /// Takes what `next` returns, until there is nothing. The error, if there is one.
    fn drain_by(
        &mut self,
        mut next: impl FnMut(&mut Decoder<F>) -> Result<Option<Event>, DecodeError>,
    ) -> Result<(), DecodeError> {
        while let Some(event) = next(&mut self.decoder)? {
            self.take(event);
        }
        self.idle();
        Ok(())
    }

    fn drain(&mut self) -> Result<(), DecodeError> {
        match self.with_skips {
            true => self.drain_by(|decoder| Ok(decoder.next_event()?.map(Event::of))),
            false => self.drain_by(|decoder| Ok(decoder.next_frame()?.map(Event::frame))),
        }
    }

    fn drain_bytes(&mut self) -> Result<(), DecodeError> {
        self.drain_by(|decoder| {
            Ok(decoder.next_bytes()?.map(|frame| {
                assert_eq!(frame.header(), frame.frame().header());
                assert_eq!(frame.payload(), frame.frame().payload());
                assert_eq!(frame.wire().as_deref(), frame.frame().wire());
                Event::frame(frame.frame())
            }))
        })
    }

    fn drain_batch(&mut self) -> Result<(), DecodeError> {
        while let Some(batch) = self.decoder.next_batch()? {
            assert!(!batch.is_empty());
            let events: Vec<_> = batch.iter().map(Event::frame).collect();
            assert_eq!(events.len(), batch.len());
            let owned: Vec<_> = batch.into_iter().map(|frame| Event::frame(frame.frame())).collect();
            assert_eq!(events, owned);
            events.into_iter().for_each(|event| self.take(event));
        }
        self.idle();
        Ok(())
    }

    /// What there is in one chunk; after `most` of it the rest is left for later.
    fn frames_in(&mut self, chunk: &[u8], most: usize) -> Result<(), DecodeError> {
        self.offered(chunk.len());
        let mut taken = Vec::new();
        let mut frames = self.decoder.frames_in(chunk).expect("neither failed nor ended");
        let mut result = Ok(());
        let mut all = false;
        while taken.len() < most {
            let next = match self.with_skips {
                true => frames.next_event().map(|event| event.map(Event::of)),
                false => frames.next_frame().map(|frame| frame.map(Event::frame)),
            };
            match next {
                Ok(Some(event)) => taken.push(event),
                Ok(None) => {
                    all = true;
                    break;
                }
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
        }
        drop(frames);
        taken.into_iter().for_each(|event| self.take(event));
        if all {
            self.idle();
        }
        result
    }

    /// The frames of one chunk, by a callback that stops after `most` of them.
    fn for_each(&mut self, chunk: &[u8], most: usize) -> Result<(), DecodeError> {
        self.offered(chunk.len());
        let mut taken = Vec::new();
        let frames = self.decoder.frames_in(chunk).expect("neither failed nor ended");
        let result = frames.try_for_each::<Option<DecodeError>>(|frame| {
            taken.push(Event::frame(frame));
            if taken.len() < most { Ok(()) } else { Err(None) }
        });
        taken.into_iter().for_each(|event| self.take(event));
        match result {
            Ok(()) => self.idle(),
            Err(Some(error)) => return Err(error),
            Err(None) => {}
        }
        Ok(())
    }
}

/// All at once, with what was skipped.
pub fn whole(framing: &dyn Framing, recovery: Recovery, stream: &[u8]) -> Outcome {
    expected(framing, recovery, stream).outcome
}

fn expected(framing: &dyn Framing, recovery: Recovery, stream: &[u8]) -> Expected {
    let mut run = Run::new(framing, recovery, stream, true, None);
    run.push(stream);
    let result = run.drain();
    let before_end = run.events.len();
    let failed = result.is_err();
    let outcome = match result {
        Ok(()) => run.finish(),
        Err(error) => run.failed(error),
    };
    Expected { outcome, before_end, recovery, failed }
}

/// Through every way in and out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Events,
    Frames,
    Bytes,
    Batches,
    ChunkEvents,
    ChunkFrames,
    /// A callback that stops after so many frames, and what it left is taken at once.
    ForEach(usize),
    /// The iterator is left after so many events, and what it left is taken at once.
    ChunkEventsLeft(usize),
    /// As before, with what it left lying until the next chunk.
    ChunkEventsLazy(usize),
    ChunkFramesLazy(usize),
    /// Nothing is taken before the end.
    Lazy,
    /// The way changes with each chunk.
    Mixed,
    Spare,
}

const WAYS: [Way; 15] = [
    Way::Events,
    Way::Frames,
    Way::Bytes,
    Way::Batches,
    Way::ChunkEvents,
    Way::ChunkFrames,
    Way::ForEach(usize::MAX),
    Way::ForEach(2),
    Way::ChunkEventsLeft(1),
    Way::ChunkEventsLeft(3),
    Way::ChunkEventsLazy(1),
    Way::ChunkFramesLazy(1),
    Way::Lazy,
    Way::Mixed,
    Way::Spare,
];

impl Way {
    /// Whether it returns what was skipped.
    const fn has_skips(self) -> bool {
        matches!(
            self,
            Self::Events | Self::ChunkEvents | Self::ChunkEventsLeft(_) | Self::ChunkEventsLazy(_) | Self::Spare
        )
    }
}

fn in_chunks(
    way: Way,
    framing: &dyn Framing,
    recovery: Recovery,
    input: &Input,
    chunks: &[&[u8]],
    expected: &Expected,
) -> Outcome {
    const MIXED: [Way; 8] = [
        Way::Frames,
        Way::ChunkFrames,
        Way::Bytes,
        Way::ChunkEventsLeft(1),
        Way::Batches,
        Way::ChunkEventsLazy(2),
        Way::ForEach(1),
        Way::Events,
    ];
    let mut run = Run::new(framing, recovery, input.stream, way.has_skips(), Some(expected));
    for (number, chunk) in chunks.iter().enumerate() {
        let way = match way {
            Way::Mixed => MIXED[(number + input.cuts.len()) % MIXED.len()],
            way => way,
        };
        let result = match way {
            Way::ChunkEvents | Way::ChunkFrames => run.frames_in(chunk, usize::MAX),
            Way::ForEach(most) => run.for_each(chunk, most).and_then(|()| run.drain()),
            Way::ChunkEventsLeft(most) => run.frames_in(chunk, most).and_then(|()| run.drain()),
            Way::ChunkEventsLazy(most) | Way::ChunkFramesLazy(most) => run.frames_in(chunk, most),
            Way::Spare => {
                let mut rest = *chunk;
                while !rest.is_empty() {
                    let mut room = run.decoder.spare(rest.len() + 3).expect("neither failed nor ended");
                    let (here, after) = rest.split_at(rest.len().min(room.remaining_mut()));
                    room.put_slice(here);
                    drop(room);
                    run.offered(here.len() + 3);
                    run.given -= 3;
                    rest = after;
                }
                run.drain()
            }
            Way::Events | Way::Frames | Way::Bytes | Way::Batches | Way::Lazy | Way::Mixed => {
                run.push(chunk);
                match way {
                    Way::Bytes => run.drain_bytes(),
                    Way::Batches => run.drain_batch(),
                    Way::Events | Way::Frames => run.drain(),
                    _ => Ok(()),
                }
            }
        };
        if let Err(error) = result {
            return run.failed(error);
        }
    }
    run.finish()
}

/// Never more than the frame is missing is read.
fn by_need(framing: &dyn Framing, recovery: Recovery, stream: &[u8], expected: &Expected) -> Outcome {
    let mut run = Run::new(framing, recovery, stream, true, Some(expected));
    loop {
        let before = run.events.len();
        if let Err(error) = run.drain() {
            return run.failed(error);
        }
        if run.events.len() > before && recovery != Recovery::Resync {
            assert_eq!(run.events.len(), before + 1, "one event at a time");
            assert_eq!(run.events[before].span().1, run.given as u64, "read beyond the frame");
        }
        let need = run.decoder.need();
        let rest = &stream[run.given..];
        if rest.is_empty() {
            return run.finish();
        }
        let mut offered = 0;
        let read = run.decoder.read_with(need, |room| {
            offered = room.len();
            assert!(!room.is_empty() && room.len() <= need);
            let len = room.len().min(rest.len());
            room[..len].copy_from_slice(&rest[..len]);
            Ok::<_, ()>(len)
        });
        run.offered(read.expect("neither failed nor ended").expect("it reads"));
        run.longest = run.longest.max(offered);
    }
}

/// In memory that does not grow, with room for all of the stream.
fn fixed(framing: &dyn Framing, recovery: Recovery, stream: &[u8], chunks: &[&[u8]]) -> (Outcome, Skips) {
    let mut decoder = FixedDecoder::new(framing, vec![0; stream.len() + 1]).with_recovery(recovery);
    let mut events = Vec::new();
    let mut failed = None;
    'chunks: for chunk in chunks {
        assert_eq!(decoder.push(chunk), Ok(chunk.len()));
        loop {
            match decoder.next_event() {
                Ok(Some(event)) => events.push(Event::of(event)),
                Ok(None) => break,
                Err(error) => {
                    failed = Some(EofError::Decode(error));
                    break 'chunks;
                }
            }
        }
        assert!(decoder.need() > 0);
    }
    while failed.is_none() {
        match decoder.finish_event() {
            Ok(Some(event)) => events.push(Event::of(event)),
            Ok(None) => break,
            Err(error) => failed = Some(error),
        }
    }
    if let Some(error) = failed {
        assert_eq!(decoder.next_frame().err(), Some(error.into()));
        assert_eq!(decoder.next_piece().err(), Some(error.into()));
        assert_eq!(decoder.finish().err(), Some(error));
    }
    assert!(decoder.push(b"a").is_err());
    let position = decoder.position();
    assert!(stream[position as usize..].starts_with(decoder.buffered()));
    (Outcome { events, end: failed, position }, *decoder.skipped())
}

/// A piece that owns its bytes.
pub(crate) enum OwnedPiece {
    Start { header: Vec<u8>, len: Option<u64>, control: bool },
    Data(Vec<u8>),
    End { trailer: Vec<u8> },
    Skipped(Stretch),
}

impl From<Piece<'_>> for OwnedPiece {
    fn from(piece: Piece) -> Self {
        match piece {
            Piece::Start { header, len, control } => Self::Start { header: header.to_vec(), len, control },
            Piece::Data(data) => Self::Data(data.to_vec()),
            Piece::End { trailer } => Self::End { trailer: trailer.to_vec() },
            Piece::Skipped(stretch) => Self::Skipped(stretch),
        }
    }
}

/// Puts pieces together.
#[derive(Default)]
pub(crate) struct Pieces {
    begun: Option<Begun>,
}

/// A frame that is passed on in pieces.
struct Begun {
    offset: u64,
    header: Vec<u8>,
    /// The length announced.
    len: Option<u64>,
    control: bool,
    payload: Vec<u8>,
}

impl Pieces {
    /// `position` is that of the first byte that was not returned with this piece. Returns what it completes.
    pub(crate) fn add(&mut self, piece: OwnedPiece, position: u64) -> Option<Event> {
        match piece {
            OwnedPiece::Start { header, len, control } => {
                assert!(self.begun.is_none(), "one frame at a time");
                let offset = position - header.len() as u64;
                self.begun = Some(Begun { offset, header, len, control, payload: Vec::new() });
                None
            }
            OwnedPiece::Data(data) => {
                assert!(!data.is_empty());
                let begun = self.begun.as_mut().expect("begun");
                begun.payload.extend_from_slice(&data);
                assert!(!begun.control && begun.len.is_none_or(|len| begun.payload.len() as u64 <= len));
                None
            }
            OwnedPiece::End { trailer } => {
                let Begun { offset, header, len, control, payload } = self.begun.take().expect("begun");
                assert!(len.is_none_or(|len| payload.len() as u64 == len));
                Some(Event::Frame { offset, len: position - offset, header, payload, trailer, control, whole: None })
            }
            OwnedPiece::Skipped(stretch) => {
                // What there was of the frame is void.
                self.begun = None;
                Some(Event::Skipped(stretch))
            }
        }
    }

    const fn is_inside(&self) -> bool {
        self.begun.is_some()
    }
}

/// In pieces. With `drop_every` every so many frames are given up after their first piece.
fn in_pieces(
    framing: &dyn Framing,
    recovery: Recovery,
    stream: &[u8],
    chunks: &[&[u8]],
    drop_every: Option<usize>,
) -> (Outcome, bool) {
    let mut decoder = Decoder::new(framing).with_recovery(recovery);
    let mut events = Vec::new();
    let mut pieces = Pieces::default();
    let mut rest = chunks.iter();
    let mut over = false;
    let mut started = 0_usize;
    let mut dropped = false;
    let end = loop {
        let piece = if over { decoder.finish_piece() } else { decoder.next_piece().map_err(EofError::from) };
        let piece = piece.map(|piece| piece.map(OwnedPiece::from));
        let position = decoder.position();
        match piece {
            Ok(Some(piece)) => {
                let starts = matches!(piece, OwnedPiece::Start { .. });
                if let OwnedPiece::Start { header, .. } = &piece {
                    assert!(stream[..position as usize].ends_with(header));
                    started += 1;
                }
                events.extend(pieces.add(piece, position));
                if starts && drop_every.is_some_and(|every| started % every == 0) {
                    pieces = Pieces::default();
                    dropped = true;
                    // What is left of the frame is passed over, and the next one returned.
                    let next = if over { decoder.finish_event() } else { decoder.next_event().map_err(EofError::from) };
                    match next {
                        Ok(Some(event)) => events.push(Event::of(event)),
                        Ok(None) if over => break None,
                        Ok(None) => {}
                        Err(error) => break Some(error),
                    }
                }
            }
            Ok(None) if over => break None,
            Ok(None) => {
                // The trailer comes in one piece, and padding is a trailer.
                let stays = 64 + usize::from(u8::MAX);
                assert!(
                    decoder.buffered().len() <= stays || !pieces.is_inside(),
                    "a payload stays where it should pass"
                );
                match rest.next() {
                    Some(chunk) => decoder.push(chunk).expect("neither failed nor ended"),
                    None => over = true,
                }
            }
            Err(error) => break Some(error),
        }
    };
    for _ in 0..2 {
        match end {
            Some(error) => {
                assert_eq!(decoder.finish_piece(), Err(error));
                assert_eq!(decoder.finish().err(), Some(error));
                assert_eq!(decoder.next_piece().err(), Some(error.into()));
            }
            None => assert_eq!(decoder.finish_piece(), Ok(None)),
        }
        assert!(decoder.push(b"a").is_err());
    }
    let position = decoder.position();
    (Outcome { events: events.iter().map(Event::in_pieces).collect(), end, position }, dropped)
}

/// With a buffer that is not the decoder's.
fn by_steps(framing: &dyn Framing, recovery: Recovery, stream: &[u8], chunks: &[&[u8]]) -> Outcome {
    let mut deframer = Deframer::new(framing).with_recovery(recovery);
    let mut buffer = Vec::new();
    let mut events = Vec::new();
    let mut rest = chunks.iter();
    let mut over = false;
    let mut steps = 0;
    let end = loop {
        steps += 1;
        assert!(steps <= 8 * (stream.len() + chunks.len()) + 16, "a loop without progress");
        let step =
            if over { deframer.finish(&buffer) } else { deframer.step(&buffer).map(Some).map_err(EofError::from) };
        match step {
            Ok(Some(Step::Frame(extent))) => {
                let offset = deframer.position() - extent.frame_len();
                let frame = Frame::open(deframer.framing(), &mut buffer, extent, offset).expect("complete");
                events.push(Event::frame(frame));
                buffer.drain(..frame_len(extent));
            }
            Ok(Some(Step::Discard { at, len })) => drop(buffer.drain(at..at + len)),
            Ok(Some(Step::Skipped { len, stretch })) => {
                buffer.drain(..len);
                events.push(Event::Skipped(stretch));
            }
            Ok(Some(Step::Need(_))) => {
                assert!(!over, "need is not among the answers at the end");
                match rest.next() {
                    Some(chunk) => buffer.extend_from_slice(chunk),
                    None => over = true,
                }
            }
            Ok(None) => break None,
            Err(error) => {
                assert_eq!(deframer.finish(&buffer), Err(error), "an error comes again at every call");
                assert_eq!(deframer.step(&buffer), Err(error.into()));
                let more = [&buffer[..], b"and more"].concat();
                assert_eq!(deframer.step(&more), Err(error.into()), "more bytes change nothing");
                break Some(error);
            }
        }
    };
    Outcome { events, end, position: deframer.position() }
}

fn frame_len(extent: Extent) -> usize {
    usize::try_from(extent.frame_len()).expect("it is in memory")
}

/// Whether some frame here comes otherwise in pieces, as it does not fit the address space.
pub(crate) fn beyond_memory(outcome: &Outcome) -> bool {
    let beyond =
        |error: DecodeError| matches!(error.kind, DecodeErrorKind::Oversize { max, .. } if max == isize::MAX as u64);
    let skipped = |event: &Event| matches!(event, Event::Skipped(stretch) if beyond(stretch.reason));
    matches!(outcome.end, Some(EofError::Decode(error)) if beyond(error)) || outcome.events.iter().any(skipped)
}

/// The same but for what pieces cannot say.
pub(crate) fn same_in_pieces(found: &Outcome, expected: &Outcome) {
    let events: Vec<_> = expected.events.iter().map(Event::in_pieces).collect();
    let found_events: Vec<_> = found.events.iter().map(Event::in_pieces).collect();
    assert_eq!(found_events, events);
    assert_eq!(found.end, expected.end);
}

/// All ways, for one policy.
fn all_ways(config: &Config, input: &Input, recovery: Recovery) -> Outcome {
    let framing = &*config.framing;
    let stream = input.stream;
    let all = expected(framing, recovery, stream);
    let expected = &all.outcome;
    let frames = expected.frames();
    let chunks = input.chunks();
    let bytes: Vec<_> = stream.chunks(1).collect();
    for chunks in [&chunks, &bytes] {
        for way in WAYS {
            let found = in_chunks(way, framing, recovery, input, chunks, &all);
            let expected = if way.has_skips() { expected } else { &frames };
            assert_eq!(found, *expected, "{way:?} in {} chunks", chunks.len());
        }
        assert_eq!(by_steps(framing, recovery, stream, chunks), *expected, "by steps");
        assert_eq!(fixed(framing, recovery, stream, chunks), (expected.clone(), expected.skips()), "fixed");
        if !beyond_memory(expected) && framing.max_payload_len() < isize::MAX as u64 {
            let (pieces, _) = in_pieces(framing, recovery, stream, chunks, None);
            same_in_pieces(&pieces, expected);
            for every in [1, 2] {
                let (pieces, dropped) = in_pieces(framing, recovery, stream, chunks, Some(every));
                if !dropped {
                    same_in_pieces(&pieces, expected);
                }
                only_what_was_there(&pieces, expected);
            }
        }
    }
    assert_eq!(by_need(framing, recovery, stream, &all), *expected, "by need");
    all.outcome
}

/// No frame but those that are there otherwise too, in their order, up to the error.
fn only_what_was_there(found: &Outcome, expected: &Outcome) {
    let mut rest = expected.events.iter().map(Event::in_pieces);
    let failed_at = match expected.end {
        Some(EofError::Decode(error)) => error.frame_offset,
        _ => u64::MAX,
    };
    for event in &found.events {
        // A frame that was given up may be as long as it likes, so beyond the error, or a skip, all is different.
        if event.span().0 >= failed_at || matches!(event, Event::Skipped(_)) {
            return;
        }
        match rest.find(|other| other.span().0 >= event.span().0) {
            Some(other @ Event::Frame { .. }) => assert_eq!(*event, other),
            Some(Event::Skipped(_)) => return,
            None => panic!("a frame out of nothing: {event:?}"),
        }
    }
}

/// Whether bytes may stand between frames.
fn has_filler(config: &Config) -> bool {
    ["Stuffed", "slip", "Json", "json"].iter().any(|name| config.label.contains(name))
}

/// What each frame that came, and each error, has to keep to.
fn sound(config: &Config, outcome: &Outcome, stream: &[u8]) {
    let mut after = 0;
    let follows = |begin, after: u64| {
        // What stands between SLIP frames is filler: delimiters that carry nothing. Between JSON texts it is white space.
        let filler = stream.get(after as usize..begin as usize).unwrap_or_else(|| panic!("{begin} after {after}"));
        assert!(filler.iter().all(|byte| b"\xc0\0 \t\r\n\x1e".contains(byte)), "frames lie one after the other");
        assert!(begin == after || has_filler(config), "frames lie one after the other");
    };
    for event in &outcome.events {
        let (begin, end) = event.span();
        follows(begin, after);
        after = end;
        if let Event::Frame { payload, .. } = event {
            assert!(payload.len() as u64 <= config.framing.max_payload_len(), "the limit");
        }
    }
    match outcome.end {
        None => follows(stream.len() as u64, after),
        Some(EofError::Truncated { frame_offset, end, part: Truncated::Skipped { have } }) => {
            // The stretch came first.
            let Some(Event::Skipped(stretch)) = outcome.events.last() else { panic!("no stretch before its end") };
            assert_eq!((stretch.offset, stretch.len), (frame_offset, have));
            assert_eq!((after, end), (stream.len() as u64, stream.len() as u64));
        }
        Some(EofError::Truncated { frame_offset, end, part }) => {
            match outcome.events.last() {
                // It was searched for other frames.
                Some(Event::Skipped(stretch)) if stretch.offset == frame_offset => {
                    assert_eq!(stretch.len, end - frame_offset);
                }
                _ => follows(frame_offset, after),
            }
            assert_eq!(end, stream.len() as u64);
            let there = end - frame_offset;
            match part {
                Truncated::Header { have, need } => assert!(have == there && have < need),
                Truncated::Payload { have, need } => assert!(have <= there && have < need),
                Truncated::Trailer { have, need } => assert!(have <= there && have < need),
                Truncated::Unterminated { have } => assert_eq!(have, there),
                _ => {}
            }
        }
        Some(EofError::Decode(error)) => {
            follows(error.frame_offset, after);
            // Where a kept delimiter has no room left, the limit lies ahead of what came.
            let ahead = matches!(error.kind, DecodeErrorKind::Oversize { .. }) && config.label.contains("keeps: true");
            assert!(ahead || error.offset <= stream.len() as u64, "an error lies in what came");
        }
    }
}

/// The skip policy against a decoder that takes everything.
fn skip_invents_nothing(limited: &Config, unlimited: &Config, stream: &[u8], skipped: &Outcome) {
    let max = limited.framing.max_payload_len();
    let all = whole(&*unlimited.framing, Recovery::Fail, stream);
    let mut found = skipped.events.iter();
    for event in &all.events {
        match (event, found.next()) {
            (_, Some(same)) if same == event => {}
            (Event::Frame { payload, .. }, Some(skip @ Event::Skipped(_))) => {
                assert_eq!(skip.span(), event.span());
                // A table has a limit for each type, of which `max` is the greatest.
                let table = limited.label.starts_with("ByType");
                assert!(payload.len() as u64 > max || table, "skipped for no reason");
            }
            (_, other) => panic!("{other:?} where {event:?} belongs"),
        }
    }
    // After an error nothing can be compared: a frame that is skipped is not looked at.
    match (all.end, found.next()) {
        (Some(EofError::Decode(_)), _) | (_, None) => {}
        // A frame over the limit, as far as it came.
        (Some(EofError::Truncated { frame_offset, end, .. }), Some(Event::Skipped(stretch))) => {
            assert_eq!((stretch.offset, stretch.offset + stretch.len), (frame_offset, end));
            assert_eq!(found.next(), None, "an event out of nothing");
        }
        (_, Some(event)) => panic!("an event out of nothing: {event:?}"),
    }
}

/// All that is checked of decoding. Whether the bytes described a framing.
pub fn check(data: &[u8]) -> bool {
    let input = Input::new(data);
    let Some(config) = crate::config::config(input.config, false) else { return false };
    let [failing, skipping, recovering, searching] = POLICIES.map(|recovery| {
        let outcome = all_ways(&config, &input, recovery);
        sound(&config, &outcome, input.stream);
        outcome
    });
    assert!(!failing.events.iter().any(|event| !event.is_frame()), "nothing is skipped");
    assert!(skipping.events.starts_with(&failing.events));
    assert!(recovering.events.starts_with(&skipping.events));
    let until_error = failing.events.len();
    assert_eq!(searching.events.get(..until_error), Some(&failing.events[..]), "good frames are the same");
    if let Some(unlimited) = crate::config::config(input.config, true) {
        skip_invents_nothing(&config, &unlimited, input.stream, &skipping);
    }
    true
}
