//! Every way through a decoder, and that all give the same.

use anysplit::{
    Closed, DecodeError, DecodeErrorKind, Decoder, Deframer, EofError, Frame, Framing, Oversize, Piece, Step, Truncated,
};
use bytes::BufMut;

use crate::config::Config;
use crate::input::Input;

/// What came out of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub events: Vec<Event>,
    /// `None` for a clean end.
    pub end: Option<EofError>,
    pub position: u64,
}

/// What a decoder gives before the stream is over or has failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Frame { offset: u64, header: Vec<u8>, message_header: usize, payload: Vec<u8>, trailer: Vec<u8>, control: bool },
    Skipped(DecodeError),
}

impl Event {
    pub(crate) fn frame(frame: Frame) -> Self {
        let (header, payload, trailer) = (frame.header(), frame.payload(), frame.trailer());
        assert_eq!([header, payload, trailer].concat(), frame.wire(), "a frame is its three parts");
        assert_eq!(frame.extent().frame_len(), frame.wire().len() as u64);
        assert_eq!(frame.extent().payload_len(), payload.len() as u64);
        if frame.is_control() {
            assert!(frame.message().is_empty() && payload.is_empty());
        } else {
            assert_eq!(frame.message().message_header().len() + payload.len(), frame.message().len());
            assert_eq!(frame.message().to_vec(), [&header[..frame.extent().message_header_len()], payload].concat());
        }
        Self::Frame {
            offset: frame.offset(),
            header: header.to_vec(),
            message_header: frame.extent().message_header_len(),
            payload: payload.to_vec(),
            trailer: trailer.to_vec(),
            control: frame.is_control(),
        }
    }

    /// First byte of the frame, and the byte after it.
    pub fn span(&self) -> (u64, u64) {
        match self {
            Self::Frame { offset, header, payload, trailer, .. } => {
                (*offset, offset + (header.len() + payload.len() + trailer.len()) as u64)
            }
            Self::Skipped(error) => match error.kind {
                DecodeErrorKind::Skipped { len } => (error.frame, error.frame + len),
                kind => panic!("not skipped: {kind:?}"),
            },
        }
    }

    pub(crate) fn without_extent(&self) -> Self {
        match self.clone() {
            // Pieces do not say what of a header is message_header.
            Self::Frame { offset, header, payload, trailer, control, .. } => {
                Self::Frame { offset, header, message_header: 0, payload, trailer, control }
            }
            skipped => skipped,
        }
    }
}

/// Collects what a decoder gives, and checks what holds at every step.
struct Run<'a, F> {
    decoder: Decoder<F>,
    stream: &'a [u8],
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
    /// Whether it failed before it ended.
    failed: bool,
}

impl<'a, F: Framing> Run<'a, F> {
    fn new(framing: F, oversize: Oversize, stream: &'a [u8], expected: Option<&'a Expected>) -> Self {
        let decoder = Decoder::new(framing).with_oversize(oversize);
        assert_eq!(decoder.capacity(), 0, "a new decoder owns no heap");
        Self { decoder, stream, given: 0, longest: 0, events: Vec::new(), expected }
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
        if let Event::Frame { .. } = event {
            let (begin, end) = event.span();
            let parts = match &event {
                Event::Frame { header, payload, trailer, .. } => [&header[..], payload, trailer].concat(),
                Event::Skipped(_) => unreachable!(),
            };
            assert_eq!(parts, self.stream[begin as usize..end as usize], "a frame is bytes of the stream");
        }
        assert!(event.span().1 <= self.given as u64, "no frame before its last byte");
        self.events.push(event);
    }

    /// Nothing is whole: what must be true then.
    fn idle(&mut self) {
        let need = self.decoder.need();
        assert!(need > 0, "without a frame something is needed");
        let after = self.decoder.buffered().len();
        let (position, given) = (self.decoder.position(), self.given as u64);
        assert_eq!(position + after as u64, given, "every byte is handed out, discarded or buffered");
        assert_eq!(self.decoder.buffered(), &self.stream[position as usize..self.given]);
        let most = 2 * (after + self.longest) + 512;
        assert!(self.decoder.capacity() <= most, "{} bytes of heap for {after}", self.decoder.capacity());
        let Some(expected) = self.expected else { return };
        match expected.outcome.events.get(self.events.len()) {
            // The end of the stream completes it.
            Some(_) if self.events.len() >= expected.before_end => {}
            Some(next) => {
                let end = next.span().1;
                assert!(given < end, "handed out with its last byte");
                assert!(given + need as u64 <= end, "needs {need} bytes at {given}, for an end at {end}");
            }
            // What is too long only because nothing more came is an error of the end.
            None => assert!(!expected.failed || self.given < self.stream.len(), "late: {:?}", expected.outcome.end),
        }
    }

    /// The decoder has failed: it stays so.
    fn failed(mut self, error: DecodeError) -> Outcome {
        assert!(!error.is_skipped());
        assert!(error.frame <= error.offset);
        let buffered = self.decoder.buffered().to_vec();
        for _ in 0..2 {
            assert_eq!(self.decoder.next_frame().err(), Some(error));
            assert_eq!(self.decoder.next_bytes().err(), Some(error));
            assert_eq!(self.decoder.next_batch().err(), Some(error));
            assert_eq!(self.decoder.next_piece().err(), Some(error));
            assert_eq!(self.decoder.finish().err(), Some(EofError::Decode(error)));
            assert_eq!(self.decoder.finish_piece().err(), Some(EofError::Decode(error)));
            assert_eq!(self.decoder.push(b"a").err(), Some(Closed::Failed(error)));
            assert_eq!(self.decoder.spare(1).err(), Some(Closed::Failed(error)));
            assert_eq!(self.decoder.frames_in(b"a").err(), Some(Closed::Failed(error)));
            assert_eq!(self.decoder.need(), 0);
        }
        assert_eq!(self.decoder.buffered(), buffered);
        self.left(Some(EofError::Decode(error)))
    }

    fn left(self, end: Option<EofError>) -> Outcome {
        let position = self.decoder.position();
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
            match self.decoder.finish() {
                Ok(Some(frame)) => {
                    let event = Event::frame(frame);
                    self.take(event);
                }
                Ok(None) => break None,
                Err(EofError::Decode(error)) if error.is_skipped() => self.take(Event::Skipped(error)),
                Err(error) => break Some(error),
            }
        };
        for _ in 0..2 {
            match self.decoder.finish() {
                Ok(frame) => assert_eq!((frame.map(Event::frame), end), (None, None)),
                Err(error) => assert_eq!(Some(error), end),
            }
            if !matches!(end, Some(EofError::Decode(_))) {
                assert_eq!(self.decoder.push(b"a").err(), Some(Closed::Ended(self.given as u64)));
            }
            assert!(self.decoder.push(b"a").is_err());
        }
        self.left(end)
    }

    /// Takes frames one by one until there is none. The error, if there is one.
    fn drain(&mut self) -> Result<(), DecodeError> {
        loop {
            match self.decoder.next_frame() {
                Ok(Some(frame)) => {
                    let event = Event::frame(frame);
                    self.take(event);
                }
                Ok(None) => {
                    self.idle();
                    return Ok(());
                }
                Err(error) if error.is_skipped() => self.take(Event::Skipped(error)),
                Err(error) => return Err(error),
            }
        }
    }

    fn drain_bytes(&mut self) -> Result<(), DecodeError> {
        loop {
            match self.decoder.next_bytes() {
                Ok(Some(frame)) => {
                    assert_eq!(frame.header(), frame.frame().header());
                    assert_eq!(frame.payload(), frame.frame().payload());
                    assert_eq!(frame.wire(), frame.frame().wire());
                    let event = Event::frame(frame.frame());
                    self.take(event);
                }
                Ok(None) => {
                    self.idle();
                    return Ok(());
                }
                Err(error) if error.is_skipped() => self.take(Event::Skipped(error)),
                Err(error) => return Err(error),
            }
        }
    }

    fn drain_batch(&mut self) -> Result<(), DecodeError> {
        loop {
            match self.decoder.next_batch() {
                Ok(Some(batch)) => {
                    assert!(!batch.is_empty());
                    let events: Vec<_> = batch.iter().map(Event::frame).collect();
                    assert_eq!(events.len(), batch.len());
                    let owned: Vec<_> = batch.into_iter().map(|frame| Event::frame(frame.frame())).collect();
                    assert_eq!(events, owned);
                    events.into_iter().for_each(|event| self.take(event));
                }
                Ok(None) => {
                    self.idle();
                    return Ok(());
                }
                Err(error) if error.is_skipped() => self.take(Event::Skipped(error)),
                Err(error) => return Err(error),
            }
        }
    }

    /// The frames of one chunk; after `most` of them the rest is left for later.
    fn frames_in(&mut self, chunk: &[u8], most: usize) -> Result<(), DecodeError> {
        self.offered(chunk.len());
        let mut taken = Vec::new();
        let mut frames = self.decoder.frames_in(chunk).expect("neither failed nor ended");
        let mut result = Ok(());
        let mut whole = false;
        while taken.len() < most {
            match frames.next_frame() {
                Ok(Some(frame)) => taken.push(Event::frame(frame)),
                Ok(None) => {
                    whole = true;
                    break;
                }
                Err(error) if error.is_skipped() => taken.push(Event::Skipped(error)),
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
        }
        drop(frames);
        taken.into_iter().for_each(|event| self.take(event));
        if whole {
            self.idle();
        }
        result
    }
}

/// All at once.
pub fn whole(framing: &dyn Framing, oversize: Oversize, stream: &[u8]) -> Outcome {
    expected(framing, oversize, stream).outcome
}

fn expected(framing: &dyn Framing, oversize: Oversize, stream: &[u8]) -> Expected {
    let mut run = Run::new(framing, oversize, stream, None);
    run.push(stream);
    let result = run.drain();
    let before_end = run.events.len();
    let failed = result.is_err();
    let outcome = match result {
        Ok(()) => run.finish(),
        Err(error) => run.failed(error),
    };
    Expected { outcome, before_end, failed }
}

/// Through every way in and out.
#[derive(Clone, Copy, Debug)]
enum Way {
    Frames,
    Bytes,
    Batches,
    ChunkFrames,
    /// The iterator is left after so many frames, and what it left is taken at once.
    FramesInLeft(usize),
    /// As before, with what it left lying until the next chunk.
    FramesInLazy(usize),
    /// Nothing is taken before the end.
    Lazy,
    /// The way changes with each chunk.
    Mixed,
    Spare,
}

fn in_chunks(
    way: Way,
    framing: &dyn Framing,
    oversize: Oversize,
    input: &Input,
    chunks: &[&[u8]],
    expected: &Expected,
) -> Outcome {
    const MIXED: [Way; 6] =
        [Way::Frames, Way::ChunkFrames, Way::Bytes, Way::FramesInLeft(1), Way::Batches, Way::FramesInLazy(2)];
    let mut run = Run::new(framing, oversize, input.stream, Some(expected));
    for (number, chunk) in chunks.iter().enumerate() {
        let way = match way {
            Way::Mixed => MIXED[(number + input.cuts.len()) % MIXED.len()],
            way => way,
        };
        let result = match way {
            Way::ChunkFrames => run.frames_in(chunk, usize::MAX),
            Way::FramesInLeft(most) => run.frames_in(chunk, most).and_then(|()| run.drain()),
            Way::FramesInLazy(most) => run.frames_in(chunk, most),
            Way::Spare => {
                run.decoder.spare(chunk.len() + 3).expect("neither failed nor ended").put_slice(chunk);
                run.offered(chunk.len() + 3);
                run.given -= 3;
                run.drain()
            }
            Way::Frames | Way::Bytes | Way::Batches | Way::Lazy | Way::Mixed => {
                run.push(chunk);
                match way {
                    Way::Bytes => run.drain_bytes(),
                    Way::Batches => run.drain_batch(),
                    Way::Frames => run.drain(),
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

/// Never more than the frame lacks is read.
fn by_need(framing: &dyn Framing, oversize: Oversize, stream: &[u8], expected: &Expected) -> Outcome {
    let mut run = Run::new(framing, oversize, stream, Some(expected));
    loop {
        let before = run.events.len();
        if let Err(error) = run.drain() {
            return run.failed(error);
        }
        if run.events.len() > before {
            assert_eq!(run.events.len(), before + 1, "one frame at a time");
            assert_eq!(run.events[before].span().1, run.given as u64, "read beyond the frame");
        }
        let need = run.decoder.need();
        let rest = &stream[run.given..];
        if rest.is_empty() {
            return run.finish();
        }
        let there = need.min(rest.len());
        let read = run.decoder.read_with(there, |room| {
            room.copy_from_slice(&rest[..there]);
            Ok::<_, ()>(there)
        });
        assert_eq!(read, Ok(Ok(there)));
        run.offered(there);
    }
}

/// A frame that is passed on in pieces: its offset, its header, the length announced, the payload so far.
type Begun = (u64, Vec<u8>, Option<u64>, bool, Vec<u8>);

/// In pieces. With `drop_every` every so many frames are given up after their first piece.
fn in_pieces(
    framing: &dyn Framing,
    oversize: Oversize,
    stream: &[u8],
    chunks: &[&[u8]],
    drop_every: Option<usize>,
) -> (Outcome, bool) {
    let mut decoder = Decoder::new(framing).with_oversize(oversize);
    let mut events = Vec::new();
    let mut open: Option<Begun> = None;
    let mut rest = chunks.iter();
    let mut over = false;
    let mut started = 0_usize;
    let mut dropped = false;
    let end = loop {
        let piece = if over { decoder.finish_piece() } else { decoder.next_piece().map_err(EofError::Decode) };
        match piece {
            Ok(Some(Piece::Start { header, len, control })) => {
                assert!(open.is_none(), "one frame at a time");
                let header = header.to_vec();
                let begin = decoder.position() - header.len() as u64;
                assert_eq!(header, &stream[begin as usize..][..header.len()]);
                open = Some((begin, header, len, control, Vec::new()));
                started += 1;
                if drop_every.is_some_and(|every| started % every == 0) {
                    open = None;
                    dropped = true;
                    // What is left of the frame is passed over, and the next one given.
                    let next = if over { decoder.finish() } else { decoder.next_frame().map_err(EofError::Decode) };
                    match next {
                        Ok(Some(frame)) => events.push(Event::frame(frame)),
                        Ok(None) if over => break None,
                        Ok(None) => {}
                        Err(EofError::Decode(error)) if error.is_skipped() => events.push(Event::Skipped(error)),
                        Err(error) => break Some(error),
                    }
                }
            }
            Ok(Some(Piece::Data(data))) => {
                assert!(!data.is_empty());
                let (_, _, len, control, payload) = open.as_mut().expect("begun");
                payload.extend_from_slice(data);
                assert!(!*control && len.is_none_or(|len| payload.len() as u64 <= len));
            }
            Ok(Some(Piece::End { trailer })) => {
                let (offset, header, len, control, payload) = open.take().expect("begun");
                assert!(len.is_none_or(|len| payload.len() as u64 == len));
                events.push(Event::Frame {
                    offset,
                    header,
                    message_header: 0,
                    payload,
                    trailer: trailer.to_vec(),
                    control,
                });
            }
            Ok(None) if over => break None,
            Ok(None) => {
                // The trailer comes in one piece, and padding is a trailer.
                let stays = 64 + usize::from(u8::MAX);
                assert!(decoder.buffered().len() <= stays || open.is_none(), "a payload stays where it should pass");
                match rest.next() {
                    Some(chunk) => decoder.push(chunk).expect("neither failed nor ended"),
                    None => over = true,
                }
            }
            Err(EofError::Decode(error)) if error.is_skipped() => {
                open = None;
                events.push(Event::Skipped(error));
            }
            Err(error) => break Some(error),
        }
    };
    for _ in 0..2 {
        match end {
            Some(error) => {
                assert_eq!(decoder.finish_piece(), Err(error));
                assert_eq!(decoder.finish().err(), Some(error));
            }
            None => assert_eq!(decoder.finish_piece(), Ok(None)),
        }
        assert!(decoder.push(b"a").is_err());
    }
    let position = decoder.position();
    (Outcome { events: events.iter().map(Event::without_extent).collect(), end, position }, dropped)
}

/// With a buffer that is not the decoder's.
fn by_steps(framing: &dyn Framing, oversize: Oversize, stream: &[u8], chunks: &[&[u8]]) -> Outcome {
    let mut deframer = Deframer::new(framing).with_oversize(oversize);
    let mut buffer = Vec::new();
    let mut events = Vec::new();
    let mut rest = chunks.iter();
    let mut over = false;
    let mut steps = 0;
    let end = loop {
        steps += 1;
        assert!(steps <= 8 * (stream.len() + chunks.len()) + 16, "a loop without progress");
        let step =
            if over { deframer.finish(&buffer) } else { deframer.step(&buffer).map(Some).map_err(EofError::Decode) };
        match step {
            Ok(Some(Step::Frame(extent))) => {
                let offset = deframer.position() - extent.frame_len();
                let frame = Frame::new(&buffer, extent, offset).expect("whole");
                events.push(Event::frame(frame));
                buffer.drain(..frame_len(extent));
            }
            Ok(Some(Step::Discard { at, len })) => drop(buffer.drain(at..at + len)),
            Ok(Some(Step::Skipped { len, error })) => {
                buffer.drain(..len);
                events.push(Event::Skipped(error));
            }
            Ok(Some(Step::Need(need))) => {
                assert!(!over, "need is not among the answers at the end");
                // A wrong trailer is looked for with its first byte.
                assert!(need.get() <= deframer.need(&buffer), "more than the frame lacks");
                match rest.next() {
                    Some(chunk) => buffer.extend_from_slice(chunk),
                    None => over = true,
                }
            }
            Ok(None) => break None,
            Err(EofError::Decode(error)) if error.is_skipped() => panic!("a step says so otherwise"),
            Err(error) => {
                if over {
                    assert_eq!(deframer.finish(&buffer), Err(error), "the end comes again at every call");
                } else if let EofError::Decode(fault) = error {
                    assert_eq!(deframer.step(&buffer), Err(fault));
                    let more = [&buffer[..], b"and more"].concat();
                    assert_eq!(deframer.step(&more), Err(fault), "more bytes change nothing");
                }
                break Some(error);
            }
        }
    };
    Outcome { events, end, position: deframer.position() }
}

fn frame_len(extent: anysplit::Extent) -> usize {
    usize::try_from(extent.frame_len()).expect("it is in memory")
}

/// Whether some frame here is told otherwise by pieces, as it does not fit the address space.
pub(crate) fn beyond_memory(outcome: &Outcome) -> bool {
    matches!(
        outcome.end,
        Some(EofError::Decode(DecodeError { kind: DecodeErrorKind::Oversize { max, .. }, .. })) if max == isize::MAX as u64
    )
}

/// The same but for what pieces cannot say.
pub(crate) fn same_in_pieces(found: &Outcome, expected: &Outcome) {
    let events: Vec<_> = expected.events.iter().map(Event::without_extent).collect();
    assert_eq!(found.events, events);
    assert_eq!(found.end, expected.end);
}

/// All ways, for one policy.
fn all_ways(config: &Config, input: &Input, oversize: Oversize) -> Outcome {
    let framing = &*config.framing;
    let stream = input.stream;
    let all = expected(framing, oversize, stream);
    let expected = &all.outcome;
    let chunks = input.chunks();
    let bytes: Vec<_> = stream.chunks(1).collect();
    for chunks in [&chunks, &bytes] {
        for way in [
            Way::Frames,
            Way::Bytes,
            Way::Batches,
            Way::ChunkFrames,
            Way::FramesInLeft(1),
            Way::FramesInLeft(3),
            Way::FramesInLazy(1),
            Way::Lazy,
            Way::Mixed,
            Way::Spare,
        ] {
            let found = in_chunks(way, framing, oversize, input, chunks, &all);
            assert_eq!(found, *expected, "{way:?} in {} chunks", chunks.len());
        }
        assert_eq!(by_steps(framing, oversize, stream, chunks), *expected, "by steps");
        if !beyond_memory(expected) && framing.max_payload_len() < isize::MAX as u64 {
            let (pieces, _) = in_pieces(framing, oversize, stream, chunks, None);
            same_in_pieces(&pieces, expected);
            for every in [1, 2] {
                let (pieces, dropped) = in_pieces(framing, oversize, stream, chunks, Some(every));
                if !dropped {
                    same_in_pieces(&pieces, expected);
                }
                only_what_was_there(&pieces, expected);
            }
        }
    }
    assert_eq!(by_need(framing, oversize, stream, &all), *expected, "by need");
    all.outcome
}

/// No frame but those that are there otherwise too, in their order, up to the fault.
fn only_what_was_there(found: &Outcome, expected: &Outcome) {
    let mut rest = expected.events.iter().map(Event::without_extent);
    let fault = match expected.end {
        Some(EofError::Decode(error)) => error.frame,
        _ => u64::MAX,
    };
    for event in &found.events {
        // A frame that was given up may be as long as it likes, so beyond the fault, or a skip, all is different.
        if event.span().0 >= fault || matches!(event, Event::Skipped(_)) {
            return;
        }
        match rest.find(|other| other.span().0 >= event.span().0) {
            Some(other @ Event::Frame { .. }) => assert_eq!(*event, other),
            Some(Event::Skipped(_)) => return,
            None => panic!("a frame out of nothing: {event:?}"),
        }
    }
}

/// What each frame that came, and each error, has to keep to.
fn sound(config: &Config, outcome: &Outcome, stream: &[u8]) {
    let mut after = 0;
    for event in &outcome.events {
        let (begin, end) = event.span();
        assert_eq!(begin, after, "frames lie one after the other");
        after = end;
        if let Event::Frame { payload, .. } = event {
            assert!(payload.len() as u64 <= config.framing.max_payload_len(), "the limit");
        }
    }
    match outcome.end {
        None => assert_eq!(after, stream.len() as u64, "a clean end"),
        Some(EofError::Truncated { frame, end, cut }) => {
            assert_eq!((frame, end), (after, stream.len() as u64));
            let there = end - frame;
            match cut {
                Truncated::Header { have, need } => assert!(have == there && have < need),
                Truncated::Payload { have, need } => assert!(have <= there && have < need),
                Truncated::Trailer { have, need } => assert!(have <= there && have < need),
                Truncated::Unterminated { have } | Truncated::Skipped { have } => assert_eq!(have, there),
                _ => {}
            }
        }
        Some(EofError::Decode(error)) => {
            assert_eq!(error.frame, after);
            // Where a kept delimiter has no room left, the limit lies ahead of what came.
            let ahead = matches!(error.kind, DecodeErrorKind::Oversize { .. }) && config.label.contains("keeps: true");
            assert!(ahead || error.offset <= stream.len() as u64, "a fault lies in what came");
        }
    }
}

/// The skip policy against a decoder that takes everything.
fn skip_invents_nothing(limited: &Config, unlimited: &Config, stream: &[u8], skipped: &Outcome) {
    let max = limited.framing.max_payload_len();
    let all = whole(&*unlimited.framing, Oversize::Fail, stream);
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
    // Behind a fault nothing can be compared: a frame that is skipped is not looked at.
    if matches!(all.end, None | Some(EofError::Truncated { .. })) {
        assert_eq!(found.next(), None, "a frame out of nothing");
    }
}

/// All that is checked of decoding. Whether the bytes described a framing.
pub fn check(data: &[u8]) -> bool {
    let input = Input::new(data);
    let Some(config) = crate::config::config(input.config, false) else { return false };
    let failing = all_ways(&config, &input, Oversize::Fail);
    sound(&config, &failing, input.stream);
    let skipping = all_ways(&config, &input, Oversize::Skip);
    sound(&config, &skipping, input.stream);
    assert!(skipping.events.starts_with(&failing.events));
    if let Some(unlimited) = crate::config::config(input.config, true) {
        skip_invents_nothing(&config, &unlimited, input.stream, &skipping);
    }
    true
}
