//! Every adapter returns the same frames and the same errors for the same bytes of every framing, however they are cut.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use anysplit::contract::{Envelope, Extent, FrameError, Located, Part, Progress, ShortBytes};
use anysplit::io::{Cause, cause};
use anysplit::number::{Binary, Varint};
use anysplit::{
    Body, ByType, DecodeError, DecodeErrorKind, Decoder, Delimited, EncodeError, Encoder, EofError, Fixed, Frame,
    Framing, LengthField, OwnedEvent, Piece, Prefix, Recovery, Stretch, Stuffed, Then, Unterminated, UntilClose,
};
use bytes::{Buf, Bytes, BytesMut};
use futures::executor::block_on;
use futures::{SinkExt, StreamExt};
use nom::bytes::streaming::{tag, take};
use nom::combinator::verify;
use nom::multi::length_data;
use nom::number::streaming::be_u8;
use nom::sequence::{preceded, terminated};
use nom::{IResult, Parser};

type Any = Box<dyn Framing + Send + Sync>;

/// The events of a stream, one after the other.
#[derive(Clone, Debug, PartialEq)]
enum Event {
    Frame { offset: u64, header: Vec<u8>, payload: Vec<u8>, trailer: Vec<u8> },
    Skipped(Stretch),
    Decode(DecodeError),
    End(EofError),
    Clean,
}

impl Event {
    fn frame(frame: &Frame<'_>) -> Self {
        Self::Frame {
            offset: frame.offset(),
            header: frame.header().to_vec(),
            payload: frame.payload().to_vec(),
            trailer: frame.trailer().to_vec(),
        }
    }

    fn of(event: &anysplit::Event<'_>) -> Self {
        match event {
            anysplit::Event::Frame(frame) => Self::frame(frame),
            anysplit::Event::Skipped(stretch) => Self::Skipped(*stretch),
        }
    }

    fn owned(event: &OwnedEvent) -> Self {
        match event {
            OwnedEvent::Frame(frame) => Self::frame(&frame.frame()),
            OwnedEvent::Skipped(stretch) => Self::Skipped(*stretch),
        }
    }

    fn end(error: EofError) -> Self {
        match error {
            EofError::Decode(error) => Self::Decode(error),
            truncated @ EofError::Truncated { .. } => Self::End(truncated),
        }
    }

    fn io(error: &io::Error) -> Self {
        match cause(error) {
            Some(Cause::Decode(found)) => {
                assert_eq!(error.kind(), ErrorKind::InvalidData);
                Self::Decode(found)
            }
            Some(Cause::End(found)) => {
                assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
                Self::End(found)
            }
            other => panic!("{error:?} carries {other:?}"),
        }
    }

    fn is_last(&self) -> bool {
        match self {
            Self::Frame { .. } | Self::Skipped(_) => false,
            Self::Decode(_) | Self::End(_) | Self::Clean => true,
        }
    }
}

/// A transport that returns its bytes in chunks of one length, and is interrupted, not ready or timed out in between.
struct Cuts<'a> {
    rest: &'a [u8],
    chunk: usize,
    troubles: VecDeque<ErrorKind>,
    turn: usize,
}

impl<'a> Cuts<'a> {
    fn new(bytes: &'a [u8], chunk: usize) -> Self {
        Self { rest: bytes, chunk, troubles: VecDeque::new(), turn: 0 }
    }

    fn with_troubles(mut self, troubles: &[ErrorKind]) -> Self {
        self.troubles = troubles.iter().copied().collect();
        self
    }

    /// Every other call fails.
    fn trouble(&mut self) -> Option<ErrorKind> {
        self.turn += 1;
        if self.turn % 2 == 0 {
            return None;
        }
        let trouble = self.troubles.pop_front()?;
        self.troubles.push_back(trouble);
        Some(trouble)
    }

    fn give(&mut self, room: &mut [u8]) -> usize {
        assert!(!room.is_empty(), "a read into no room cannot be told from the end");
        let (here, after) = self.rest.split_at(self.rest.len().min(self.chunk).min(room.len()));
        room[..here.len()].copy_from_slice(here);
        self.rest = after;
        here.len()
    }
}

impl Read for Cuts<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match self.trouble() {
            Some(kind) => Err(kind.into()),
            None => Ok(self.give(room)),
        }
    }
}

/// `WouldBlock` is `Pending` for asynchronous transports.
fn poll(trouble: Option<ErrorKind>, cx: &mut Context<'_>) -> Option<Poll<io::Error>> {
    match trouble? {
        ErrorKind::WouldBlock => {
            cx.waker().wake_by_ref();
            Some(Poll::Pending)
        }
        kind => Some(Poll::Ready(kind.into())),
    }
}

impl tokio::io::AsyncRead for Cuts<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        room: &mut tokio::io::ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(trouble) = poll(self.trouble(), cx) {
            return trouble.map(Err);
        }
        let count = self.give(room.initialize_unfilled());
        room.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl futures::io::AsyncRead for Cuts<'_> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<io::Result<usize>> {
        if let Some(trouble) = poll(self.trouble(), cx) {
            return trouble.map(Err);
        }
        Poll::Ready(Ok(self.give(room)))
    }
}

impl embedded_io::ErrorType for Cuts<'_> {
    type Error = embedded_io::ErrorKind;
}

impl embedded_io::Read for Cuts<'_> {
    fn read(&mut self, room: &mut [u8]) -> Result<usize, embedded_io::ErrorKind> {
        match self.trouble() {
            Some(kind) => Err(embedded(kind)),
            None => Ok(self.give(room)),
        }
    }
}

/// The embedded traits of the two kinds have the same names, so each kind has a type.
struct AsyncCuts<'a>(Cuts<'a>);

impl embedded_io::ErrorType for AsyncCuts<'_> {
    type Error = embedded_io::ErrorKind;
}

impl embedded_io_async::Read for AsyncCuts<'_> {
    async fn read(&mut self, room: &mut [u8]) -> Result<usize, embedded_io::ErrorKind> {
        match self.0.trouble() {
            Some(kind) => Err(embedded(kind)),
            None => Ok(self.0.give(room)),
        }
    }
}

fn embedded(kind: ErrorKind) -> embedded_io::ErrorKind {
    match kind {
        ErrorKind::Interrupted => embedded_io::ErrorKind::Interrupted,
        _ => embedded_io::ErrorKind::TimedOut,
    }
}

/// Takes events until the last, and then once more to check that an error stays.
fn collect(mut next: impl FnMut() -> Event) -> Vec<Event> {
    let mut events = Vec::new();
    loop {
        events.push(next());
        if events.last().is_some_and(Event::is_last) {
            assert_eq!(events.last(), Some(&next()), "the end and errors come again at every call");
            return events;
        }
        assert!(events.len() < 10_000, "a stream has an end");
    }
}

/// Calls again after an error of the transport.
fn again<T>(mut call: impl FnMut() -> Option<T>) -> T {
    for _ in 0..100_000 {
        if let Some(result) = call() {
            return result;
        }
    }
    panic!("the transport gets out of trouble");
}

/// Returns an event, or `None` if the error is the transport's own.
fn told(result: io::Result<Option<Event>>) -> Option<Event> {
    match result {
        Ok(event) => Some(event.unwrap_or(Event::Clean)),
        Err(error) if cause(&error).is_none() => None,
        Err(error) => Some(Event::io(&error)),
    }
}

fn told_embedded(
    result: Result<Option<Event>, anysplit::embedded::ReadError<embedded_io::ErrorKind>>,
) -> Option<Event> {
    use anysplit::embedded::ReadError;
    match result {
        Ok(event) => Some(event.unwrap_or(Event::Clean)),
        Err(ReadError::Io(_)) => None,
        Err(ReadError::Decode(error)) => Some(Event::Decode(error)),
        Err(ReadError::End(error)) => Some(Event::End(error)),
        Err(error) => panic!("{error}"),
    }
}

fn decoder(framing: &Any, recovery: Recovery) -> Decoder<&Any> {
    Decoder::new(framing).with_recovery(recovery)
}

/// Events of a stream that returns an error once and then ends.
fn stream_events(mut next: impl FnMut() -> Option<io::Result<Event>>) -> Vec<Event> {
    let mut events = Vec::new();
    while !events.last().is_some_and(Event::is_last) {
        events.push(match next() {
            Some(Ok(event)) => event,
            Some(Err(error)) => Event::io(&error),
            None => Event::Clean,
        });
    }
    for _ in 0..3 {
        assert!(next().is_none(), "a stream that failed is over");
    }
    events
}

/// The events that the decoder returns, and that all adapters must return.
fn expected(framing: &Any, recovery: Recovery, wire: &[u8]) -> Vec<Event> {
    let mut decoder = decoder(framing, recovery);
    decoder.push(wire).unwrap();
    let mut events = Vec::new();
    loop {
        let event = match decoder.next_event() {
            Ok(Some(event)) => Event::of(&event),
            Ok(None) => break,
            Err(error) => Event::end(error.into()),
        };
        events.push(event);
        if events.last().is_some_and(Event::is_last) {
            return events;
        }
    }
    loop {
        let event = match decoder.finish_event() {
            Ok(Some(event)) => Event::of(&event),
            Ok(None) => Event::Clean,
            Err(error) => Event::end(error),
        };
        events.push(event);
        if events.last().is_some_and(Event::is_last) {
            return events;
        }
    }
}

/// Joins pieces.
#[derive(Default)]
struct Pieces {
    header: Vec<u8>,
    payload: Vec<u8>,
}

impl Pieces {
    fn add(&mut self, piece: &Piece<'_>) -> Option<Event> {
        match piece {
            Piece::Start { header, .. } => {
                self.header = header.to_vec();
                self.payload.clear();
                None
            }
            Piece::Data(data) => {
                assert!(!data.is_empty());
                self.payload.extend_from_slice(data);
                None
            }
            Piece::End { trailer } => {
                // Pieces do not have an offset in the stream.
                let (header, payload, trailer) = (self.header.clone(), self.payload.clone(), trailer.to_vec());
                Some(Event::Frame { offset: 0, header, payload, trailer })
            }
            Piece::Skipped(stretch) => Some(Event::Skipped(*stretch)),
        }
    }
}

/// Events of payloads taken in pieces, where an error of a frame comes after its first pieces.
fn collect_pieces(mut next: impl FnMut(&mut Pieces) -> Option<Event>) -> Vec<Event> {
    let mut pieces = Pieces::default();
    collect(|| again(|| next(&mut pieces)))
}

/// A name, whether stretches are returned, and the run itself.
type Adapter = (&'static str, bool, fn(&Any, Recovery, &[u8], usize) -> Vec<Event>);

const TROUBLES: [ErrorKind; 4] =
    [ErrorKind::Interrupted, ErrorKind::WouldBlock, ErrorKind::TimedOut, ErrorKind::Interrupted];

/// All frames of one read, and the error after them.
fn one_by_one<F: Framing>(mut frames: anysplit::io::Frames<'_, F>, ready: &mut VecDeque<Event>) {
    loop {
        match frames.next_frame() {
            Ok(Some(frame)) => ready.push_back(Event::frame(&frame)),
            Ok(None) => break,
            Err(error) => {
                ready.push_back(Event::io(&error));
                break;
            }
        }
    }
}

fn events_one_by_one<F: Framing>(mut frames: anysplit::io::Frames<'_, F>, ready: &mut VecDeque<Event>) {
    loop {
        match frames.next_event() {
            Ok(Some(event)) => ready.push_back(Event::of(&event)),
            Ok(None) => break,
            Err(error) => {
                ready.push_back(Event::io(&error));
                break;
            }
        }
    }
}

fn for_each<F: Framing>(frames: anysplit::io::Frames<'_, F>, ready: &mut VecDeque<Event>) {
    if let Err(error) = frames.for_each(|frame| ready.push_back(Event::frame(&frame))) {
        ready.push_back(Event::io(&error));
    }
}

const ADAPTERS: &[Adapter] = &[
    ("decoder, push", true, |framing, recovery, wire, chunk| {
        let mut decoder = decoder(framing, recovery);
        let mut chunks = wire.chunks(chunk);
        collect(|| {
            loop {
                match decoder.next_event() {
                    Ok(Some(event)) => return Event::of(&event),
                    Ok(None) => {}
                    Err(error) => return Event::end(error.into()),
                }
                match chunks.next() {
                    Some(chunk) => decoder.push(chunk).unwrap(),
                    None => {
                        return match decoder.finish_event() {
                            Ok(Some(event)) => Event::of(&event),
                            Ok(None) => Event::Clean,
                            Err(error) => Event::end(error),
                        };
                    }
                }
            }
        })
    }),
    ("io, read_frame", false, |framing, recovery, wire, chunk| {
        let inner = Cuts::new(wire, chunk).with_troubles(&TROUBLES);
        let mut reader = anysplit::io::FrameReader::from_parts(inner, decoder(framing, recovery));
        collect(|| again(|| told(reader.read_frame().map(|frame| frame.map(|frame| Event::frame(&frame))))))
    }),
    ("io, read_frame, blocks of 3 bytes", false, |framing, recovery, wire, chunk| {
        let inner = Cuts::new(wire, chunk);
        let reader = anysplit::io::FrameReader::from_parts(inner, decoder(framing, recovery));
        let mut reader = reader.with_block_len(3);
        collect(|| again(|| told(reader.read_frame().map(|frame| frame.map(|frame| Event::frame(&frame))))))
    }),
    ("io, exact", false, |framing, recovery, wire, chunk| {
        let inner = Cuts::new(wire, chunk).with_troubles(&TROUBLES);
        let mut reader = anysplit::io::FrameReader::from_parts(inner, decoder(framing, recovery)).exact();
        collect(|| {
            again(|| {
                let event = told(reader.read_frame().map(|frame| frame.map(|frame| Event::frame(&frame))));
                if let Some(Event::Frame { .. }) = event {
                    let taken = wire.len() - reader.get_ref().rest.len();
                    // Unless the frame was found inside a longer one that was rejected.
                    let exact = taken as u64 == reader.position() || recovery == Recovery::Resync;
                    assert!(exact, "nothing is taken beyond a frame");
                }
                event
            })
        })
    }),
    ("io, read_frames", false, |framing, recovery, wire, chunk| {
        let inner = Cuts::new(wire, chunk).with_troubles(&TROUBLES);
        let mut reader = anysplit::io::FrameReader::from_parts(inner, decoder(framing, recovery));
        let mut ready = VecDeque::new();
        collect(|| {
            while ready.is_empty() {
                match reader.read_frames() {
                    Ok(Some(frames)) => one_by_one(frames, &mut ready),
                    result => ready.extend(told(result.map(|_| None))),
                }
            }
            ready.pop_front().unwrap()
        })
    }),
    ("io, read_frames, for_each", false, |framing, recovery, wire, chunk| {
        let inner = Cuts::new(wire, chunk).with_troubles(&TROUBLES);
        let mut reader = anysplit::io::FrameReader::from_parts(inner, decoder(framing, recovery));
        let mut ready = VecDeque::new();
        collect(|| {
            while ready.is_empty() {
                match reader.read_frames() {
                    Ok(Some(frames)) => for_each(frames, &mut ready),
                    result => ready.extend(told(result.map(|_| None))),
                }
            }
            ready.pop_front().unwrap()
        })
    }),
    ("io, read_bytes", false, |framing, recovery, wire, chunk| {
        let inner = Cuts::new(wire, chunk).with_troubles(&TROUBLES);
        let mut reader = anysplit::io::FrameReader::from_parts(inner, decoder(framing, recovery));
        collect(|| again(|| told(reader.read_bytes().map(|frame| frame.map(|frame| Event::frame(&frame.frame()))))))
    }),
    ("io, read_batch", false, |framing, recovery, wire, chunk| {
        let inner = Cuts::new(wire, chunk).with_troubles(&TROUBLES);
        let mut reader = anysplit::io::FrameReader::from_parts(inner, decoder(framing, recovery));
        let mut ready = VecDeque::new();
        collect(|| {
            loop {
                if let Some(event) = ready.pop_front() {
                    return event;
                }
                match reader.read_batch() {
                    Ok(Some(batch)) => ready.extend(batch.iter().map(|frame| Event::frame(&frame))),
                    result => ready.extend(told(result.map(|_| None))),
                }
            }
        })
    }),
    ("tokio_util codec", true, |framing, recovery, wire, chunk| {
        let inner = Cuts::new(wire, chunk).with_troubles(&[ErrorKind::WouldBlock]);
        let codec = anysplit::tokio::Codec::new(framing);
        if recovery != Recovery::Fail {
            let mut stream = tokio_util::codec::FramedRead::new(inner, codec.with_recovery(recovery));
            return stream_events(|| block_on(stream.next()).map(|item| item.map(|event| Event::owned(&event))));
        }
        let mut stream = tokio_util::codec::FramedRead::new(inner, codec);
        stream_events(|| block_on(stream.next()).map(|item| item.map(|frame| Event::frame(&frame.frame()))))
    }),
    ("asynchronous_codec", true, |framing, recovery, wire, chunk| {
        let inner = Cuts::new(wire, chunk).with_troubles(&[ErrorKind::WouldBlock]);
        let codec = anysplit::futures::Codec::new(framing);
        if recovery != Recovery::Fail {
            let mut stream = asynchronous_codec::FramedRead::new(inner, codec.with_recovery(recovery));
            return stream_events(|| block_on(stream.next()).map(|item| item.map(|event| Event::owned(&event))));
        }
        let mut stream = asynchronous_codec::FramedRead::new(inner, codec);
        stream_events(|| block_on(stream.next()).map(|item| item.map(|frame| Event::frame(&frame.frame()))))
    }),
    ("tokio, read_frame", false, |framing, recovery, wire, chunk| {
        let inner = Cuts::new(wire, chunk).with_troubles(&TROUBLES);
        let mut reader = anysplit::tokio::FrameReader::from_parts(inner, decoder(framing, recovery));
        collect(|| again(|| told(block_on(reader.read_frame()).map(|frame| frame.map(|frame| Event::frame(&frame))))))
    }),
    ("tokio, exact", false, |framing, recovery, wire, chunk| {
        let inner = Cuts::new(wire, chunk).with_troubles(&TROUBLES);
        let mut reader = anysplit::tokio::FrameReader::from_parts(inner, decoder(framing, recovery)).exact();
        collect(|| {
            again(|| {
                let frame = block_on(reader.read_bytes());
                let event = told(frame.map(|frame| frame.map(|frame| Event::frame(&frame.frame()))));
                if let Some(Event::Frame { .. }) = event {
                    let taken = wire.len() - reader.get_ref().rest.len();
                    let exact = taken as u64 == reader.position() || recovery == Recovery::Resync;
                    assert!(exact, "nothing is taken beyond a frame");
                }
                event
            })
        })
    }),
    ("tokio, read_frames", false, |framing, recovery, wire, chunk| {
        let inner = Cuts::new(wire, chunk).with_troubles(&TROUBLES);
        let mut reader = anysplit::tokio::FrameReader::from_parts(inner, decoder(framing, recovery));
        let mut ready = VecDeque::new();
        collect(|| {
            while ready.is_empty() {
                match block_on(reader.read_frames()) {
                    Ok(Some(frames)) => one_by_one(frames, &mut ready),
                    result => ready.extend(told(result.map(|_| None))),
                }
            }
            ready.pop_front().unwrap()
        })
    }),
    ("tokio, read_frames, for_each", false, |framing, recovery, wire, chunk| {
        let inner = Cuts::new(wire, chunk).with_troubles(&TROUBLES);
        let mut reader = anysplit::tokio::FrameReader::from_parts(inner, decoder(framing, recovery));
        let mut ready = VecDeque::new();
        collect(|| {
            while ready.is_empty() {
                match block_on(reader.read_frames()) {
                    Ok(Some(frames)) => for_each(frames, &mut ready),
                    result => ready.extend(told(result.map(|_| None))),
                }
            }
            ready.pop_front().unwrap()
        })
    }),
    ("tokio, read_bytes", false, |framing, recovery, wire, chunk| {
        let inner = Cuts::new(wire, chunk).with_troubles(&TROUBLES);
        let mut reader = anysplit::tokio::FrameReader::from_parts(inner, decoder(framing, recovery));
        let next = |frame: Option<anysplit::OwnedFrame>| frame.map(|frame| Event::frame(&frame.frame()));
        collect(|| again(|| told(block_on(reader.read_bytes()).map(next))))
    }),
    ("embedded", false, |framing, recovery, wire, chunk| {
        let inner = Cuts::new(wire, chunk).with_troubles(&TROUBLES);
        let mut reader = anysplit::embedded::FrameReader::new(inner, framing, [0; 300]).with_recovery(recovery);
        collect(|| again(|| told_embedded(reader.read_frame().map(|frame| frame.map(|frame| Event::frame(&frame))))))
    }),
    ("embedded, exact", false, |framing, recovery, wire, chunk| {
        let inner = Cuts::new(wire, chunk);
        let reader = anysplit::embedded::FrameReader::new(inner, framing, [0; 300]);
        let mut reader = reader.with_recovery(recovery).exact();
        collect(|| {
            let frame = reader.read_frame();
            let event = told_embedded(frame.map(|frame| frame.map(|frame| Event::frame(&frame)))).unwrap();
            if let Event::Frame { .. } = event {
                let exact = reader.buffered().is_empty() || recovery == Recovery::Resync;
                assert!(exact, "nothing is taken beyond a frame");
            }
            event
        })
    }),
    ("embedded, async", false, |framing, recovery, wire, chunk| {
        let inner = AsyncCuts(Cuts::new(wire, chunk).with_troubles(&TROUBLES));
        let mut reader = anysplit::embedded::FrameReader::new(inner, framing, [0; 300]).with_recovery(recovery);
        collect(|| {
            again(|| {
                let frame = block_on(reader.read_frame_async());
                told_embedded(frame.map(|frame| frame.map(|frame| Event::frame(&frame))))
            })
        })
    }),
    ("io, read_event", true, |framing, recovery, wire, chunk| {
        let inner = Cuts::new(wire, chunk).with_troubles(&TROUBLES);
        let mut reader = anysplit::io::FrameReader::new(inner, framing).with_recovery(recovery);
        collect(|| again(|| told(reader.read_event().map(|event| event.map(|event| Event::of(&event))))))
    }),
    ("io, exact, read_event", true, |framing, recovery, wire, chunk| {
        let inner = Cuts::new(wire, chunk).with_troubles(&TROUBLES);
        let mut reader = anysplit::io::FrameReader::from_parts(inner, decoder(framing, recovery)).exact();
        collect(|| again(|| told(reader.read_event().map(|event| event.map(|event| Event::of(&event))))))
    }),
    ("io, read_frames, next_event", true, |framing, recovery, wire, chunk| {
        let inner = Cuts::new(wire, chunk).with_troubles(&TROUBLES);
        let mut reader = anysplit::io::FrameReader::from_parts(inner, decoder(framing, recovery));
        let mut ready = VecDeque::new();
        collect(|| {
            while ready.is_empty() {
                match reader.read_frames() {
                    Ok(Some(frames)) => events_one_by_one(frames, &mut ready),
                    result => ready.extend(told(result.map(|_| None))),
                }
            }
            ready.pop_front().unwrap()
        })
    }),
    ("tokio, read_event", true, |framing, recovery, wire, chunk| {
        let inner = Cuts::new(wire, chunk).with_troubles(&TROUBLES);
        let mut reader = anysplit::tokio::FrameReader::new(inner, framing).with_recovery(recovery);
        collect(|| again(|| told(block_on(reader.read_event()).map(|event| event.map(|event| Event::of(&event))))))
    }),
    ("tokio, read_batch", false, |framing, recovery, wire, chunk| {
        let inner = Cuts::new(wire, chunk).with_troubles(&TROUBLES);
        let mut reader = anysplit::tokio::FrameReader::from_parts(inner, decoder(framing, recovery));
        let mut ready = VecDeque::new();
        collect(|| {
            loop {
                if let Some(event) = ready.pop_front() {
                    return event;
                }
                match block_on(reader.read_batch()) {
                    Ok(Some(batch)) => ready.extend(batch.into_iter().map(|frame| Event::frame(&frame.frame()))),
                    result => ready.extend(told(result.map(|_| None))),
                }
            }
        })
    }),
    ("embedded, read_event", true, |framing, recovery, wire, chunk| {
        let inner = Cuts::new(wire, chunk).with_troubles(&TROUBLES);
        let mut reader = anysplit::embedded::FrameReader::new(inner, framing, [0; 300]).with_recovery(recovery);
        collect(|| again(|| told_embedded(reader.read_event().map(|event| event.map(|event| Event::of(&event))))))
    }),
    ("embedded, read_event_async", true, |framing, recovery, wire, chunk| {
        let inner = AsyncCuts(Cuts::new(wire, chunk).with_troubles(&TROUBLES));
        let mut reader = anysplit::embedded::FrameReader::new(inner, framing, [0; 300]).with_recovery(recovery).exact();
        collect(|| {
            again(|| {
                let event = block_on(reader.read_event_async());
                told_embedded(event.map(|event| event.map(|event| Event::of(&event))))
            })
        })
    }),
];

/// The readers that return payloads in pieces, compared with the decoder in pieces.
const IN_PIECES: &[Adapter] = &[
    ("decoder, pieces", true, |framing, recovery, wire, _| {
        let mut decoder = decoder(framing, recovery);
        decoder.push(wire).unwrap();
        collect_pieces(|pieces| match decoder.next_piece() {
            Ok(Some(piece)) => pieces.add(&piece),
            Ok(None) => match decoder.finish_piece() {
                Ok(Some(piece)) => pieces.add(&piece),
                Ok(None) => Some(Event::Clean),
                Err(error) => Some(Event::end(error)),
            },
            Err(error) => Some(Event::end(error.into())),
        })
    }),
    ("io, pieces", true, |framing, recovery, wire, chunk| {
        let inner = Cuts::new(wire, chunk).with_troubles(&TROUBLES);
        let mut reader = anysplit::io::FrameReader::from_parts(inner, decoder(framing, recovery));
        collect_pieces(|pieces| match reader.read_piece() {
            Ok(Some(piece)) => pieces.add(&piece),
            other => told(other.map(|_| None)),
        })
    }),
    ("tokio, pieces", true, |framing, recovery, wire, chunk| {
        let inner = Cuts::new(wire, chunk).with_troubles(&TROUBLES);
        let mut reader = anysplit::tokio::FrameReader::from_parts(inner, decoder(framing, recovery));
        collect_pieces(|pieces| match block_on(reader.read_piece()) {
            Ok(Some(piece)) => pieces.add(&piece),
            other => told(other.map(|_| None)),
        })
    }),
    ("embedded, pieces", true, |framing, recovery, wire, chunk| {
        let inner = Cuts::new(wire, chunk).with_troubles(&TROUBLES);
        let mut reader = anysplit::embedded::FrameReader::new(inner, framing, [0; 300]).with_recovery(recovery);
        collect_pieces(|pieces| match reader.read_piece() {
            Ok(Some(piece)) => pieces.add(&piece),
            other => told_embedded(other.map(|_| None)),
        })
    }),
    ("embedded, async pieces", true, |framing, recovery, wire, chunk| {
        let inner = AsyncCuts(Cuts::new(wire, chunk).with_troubles(&TROUBLES));
        let mut reader = anysplit::embedded::FrameReader::new(inner, framing, [0; 300]).with_recovery(recovery);
        collect_pieces(|pieces| match block_on(reader.read_piece_async()) {
            Ok(Some(piece)) => pieces.add(&piece),
            other => told_embedded(other.map(|_| None)),
        })
    }),
];

/// One byte of length, two magic bytes before the payload, one after: as a parser.
fn parsed(input: &[u8]) -> IResult<&[u8], &[u8]> {
    terminated(preceded(tag(&b"PK"[..]), length_data(be_u8)), tag(&b";"[..])).parse(input)
}

/// A parser that asks for its missing parts one after the other.
fn pair(input: &[u8]) -> IResult<&[u8], (&[u8], &[u8])> {
    (length_data(verify(be_u8, |&len| len < 0x80)), take(3_usize)).parse(input)
}

/// A length byte, the payload, and the sum of the payload's bytes modulo 256: a framing with a check.
struct Summed;

const SUMMED_MAX: u64 = 60;

impl Framing for Summed {
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        match *input {
            [] => Ok(Located::Header(1)),
            [len, ..] if u64::from(len) > SUMMED_MAX && !progress.lenient => {
                Err(FrameError::new(0, DecodeErrorKind::Oversize { len: len.into(), max: SUMMED_MAX }))
            }
            [len, ..] => Ok(Located::Known(Extent::new(1, len.into(), 1).checked())),
        }
    }

    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        *sum = part.payload().iter().fold(*sum, |sum, &byte| (sum + u64::from(byte)) & 0xff);
        match part.trailer() {
            Some(&[found]) if u64::from(found) != *sum => {
                let kind = DecodeErrorKind::Check { found: found.into(), computed: *sum };
                Err(FrameError::new(part.trailer_start(), kind))
            }
            _ => Ok(()),
        }
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let value = message.len() as u64;
        let len = u8::try_from(message.len()).ok().filter(|&len| u64::from(len) <= SUMMED_MAX);
        let len = len.ok_or(EncodeError::DoesNotFit { value, max: SUMMED_MAX })?;
        let sum = message.iter().fold(0, |sum: u8, &byte| sum.wrapping_add(byte));
        Ok(Envelope::new(ShortBytes::new(&[len])?).with_computed_trailer(ShortBytes::new(&[sum])?))
    }

    fn max_payload_len(&self) -> u64 {
        SUMMED_MAX
    }
}

// Every limit is less than the embedded readers' buffer.
fn framings() -> Vec<(&'static str, Any)> {
    let lengths = ByType::lengths([(b'P', 2), (b'Q', 0), (b'R', 9)]).unwrap();
    let nested = ByType::new([
        (b'P', Body::Len(2)),
        (b'Q', Body::Framed(Prefix::u16_be().with_max_payload_len(60))),
        (b'\n', Body::Len(1)),
    ]);
    let line = Delimited::line().with_max_payload_len(40);
    let line_then_prefix = Then::new(line, Prefix::u16_be().with_max_payload_len(60));
    vec![
        ("fixed", Box::new(Fixed::new(5).unwrap())),
        ("fixed of one byte", Box::new(Fixed::new(1).unwrap())),
        ("by type", Box::new(lengths)),
        ("by type, nested", Box::new(nested.unwrap())),
        ("u8", Box::new(Prefix::u8().with_max_payload_len(40))),
        ("u16be", Box::new(Prefix::u16_be().with_max_payload_len(60))),
        ("u32le", Box::new(Prefix::u32_le().with_max_payload_len(40))),
        ("u32be, self-inclusive", Box::new(Prefix::u32_be().self_inclusive().with_max_payload_len(60))),
        ("u16be with a trailer", Box::new(Prefix::u16_be().with_max_payload_len(40).with_trailer(b"\r\n").unwrap())),
        ("ascii5", Box::new(Prefix::ascii5().with_max_payload_len(40))),
        ("netstring", Box::new(Prefix::netstring().with_max_payload_len(40))),
        ("pkt-line", Box::new(Prefix::pkt_line().with_max_payload_len(60))),
        ("leb128", Box::new(Prefix::new(Varint::leb128()).with_max_payload_len(40))),
        ("quic", Box::new(Prefix::new(Varint::quic()).with_max_payload_len(60))),
        ("mqtt", Box::new(Prefix::new(Varint::mqtt()).with_max_payload_len(60))),
        ("ber", Box::new(Prefix::new(Varint::ber()).with_max_payload_len(60))),
        ("length field", Box::new(LengthField::new(2, Binary::u16_be()).unwrap().with_max_payload_len(40))),
        (
            "length field with all there is",
            Box::new(
                LengthField::new(1, Binary::u8())
                    .unwrap()
                    .with_max_payload_len(60)
                    .with_header_len(4)
                    .unwrap()
                    .with_magic_at(0, b"h")
                    .unwrap()
                    .with_trailer(b"!")
                    .unwrap(),
            ),
        ),
        ("line", Box::new(Delimited::line().with_max_payload_len(40))),
        (
            "line, crlf, failing",
            Box::new(Delimited::line().with_crlf().with_unterminated(Unterminated::Fail).with_max_payload_len(60)),
        ),
        ("nul", Box::new(Delimited::nul().with_max_payload_len(60))),
        ("delimiter of three bytes", Box::new(Delimited::new(*b"ell").unwrap().with_max_payload_len(12))),
        ("delimiters", Box::new(Delimited::any_of([&b"\r\n"[..], b"o"]).unwrap().with_max_payload_len(60))),
        (
            "delimiter kept",
            Box::new(
                Delimited::byte(b'\n')
                    .keeping_delimiter()
                    .with_unterminated(Unterminated::Take)
                    .with_max_payload_len(60),
            ),
        ),
        ("until close", Box::new(UntilClose::new().with_max_payload_len(40))),
        ("slip", Box::new(Stuffed::slip().with_max_payload_len(60))),
        ("cobs", Box::new(Stuffed::cobs().with_max_payload_len(40))),
        ("summed", Box::new(Summed)),
        ("a line, then u16be", Box::new(line_then_prefix)),
        ("parser", Box::new(anysplit::nom::parser(parsed).with_max_payload_len(40))),
        ("parser in parts", Box::new(anysplit::nom::parser(pair).with_max_payload_len(40))),
    ]
}

const MESSAGES: &[&[u8]] = &[
    b"hello",
    b"",
    b"P12",
    b"Q",
    b"R123456789",
    b"Qhi",
    b"wor\nld",
    b"x",
    b"h",
    b"hello, world",
    b"\x00\x05\x00\x03abc",
    b"h\x00ab",
    b"h\x03ab!!!",
    b"line\n",
    b"PK\x03abc;",
    b"PK\x00;",
    b"\x02abcde",
    b"the quick brown fox jumps over the dogs",
];

/// Frames of all messages that the framing takes.
fn whole(framing: &Any) -> Vec<u8> {
    let mut encoder = Encoder::new(framing);
    for message in MESSAGES {
        let _ = encoder.push(message);
    }
    let wire = encoder.copy_to_bytes(encoder.remaining());
    assert!(!wire.is_empty());
    wire.to_vec()
}

/// A generator with a seed, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % end
    }
}

/// The frames unchanged, cut by the end at every byte, with every byte wrong in turn, and noise.
fn wires(framing: &Any) -> Vec<Vec<u8>> {
    let whole = whole(framing);
    let mut wires: Vec<Vec<u8>> = (0..=whole.len()).map(|len| whole[..len].to_vec()).collect();
    for at in 0..whole.len() {
        for change in [1, 0x80] {
            let mut wire = whole.clone();
            wire[at] ^= change;
            wires.push(wire);
        }
    }
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let likely = b"\n\r\0\x01\x02\x0305:,lePKQhello";
    for _ in 0..60 {
        let len = random.below(90);
        wires.push((0..len).map(|_| likely[random.below(likely.len())]).collect());
    }
    // Longer than every limit, so that frames are skipped.
    wires.push([b"50:".as_slice(), &[b'x'; 120], b"\n", &whole].concat());
    wires.push([b"\x32\0\0\0".as_slice(), &[0; 50], &whole].concat());
    wires.push([b"\x32".as_slice(), &[b'l'; 50], b"ello\n", &whole].concat());
    wires.push([b"00050".as_slice(), &[b'l'; 50], &whole].concat());
    wires.push([b"00050".as_slice(), &[b'l'; 30]].concat());
    wires.push([&[b'x'; 130], b"\xc0\xc0\xc0".as_slice(), &whole].concat());
    wires.push([&[b'\xdb'; 3], b"\xc0".as_slice(), &whole].concat());
    wires.push([b"\xff".as_slice(), &[b'z'; 254], b"\0", &whole].concat());
    wires.push([b"PK\x32".as_slice(), &[b'l'; 50], b";", &whole].concat());
    wires
}

/// Removes the offsets, which pieces do not have.
fn without_offsets(mut events: Vec<Event>) -> Vec<Event> {
    for event in &mut events {
        if let Event::Frame { offset, .. } = event {
            *offset = 0;
        }
    }
    events
}

/// Every adapter gets another length of chunk for every stream, so that in the end each has had all.
const CHUNKS: [usize; 5] = [1, 2, 1000, 3, 7];

#[test]
fn every_adapter_agrees_with_the_decoder() {
    let (mut runs, mut streams, mut frames, mut skipped, mut errors) = (0, 0, 0, 0, 0);
    for (framing_name, framing) in &framings() {
        for wire in wires(framing) {
            let failing = expected(framing, Recovery::Fail, &wire);
            for recovery in [Recovery::Fail, Recovery::SkipOversize, Recovery::SkipFrame, Recovery::Resync] {
                let expected = expected(framing, recovery, &wire);
                if recovery != Recovery::Fail && expected == failing {
                    continue;
                }
                let is_skipped = |event: &&Event| matches!(event, Event::Skipped(_));
                let without: Vec<Event> = expected.iter().filter(|event| !is_skipped(event)).cloned().collect();
                let in_pieces = IN_PIECES[0].2(framing, recovery, &wire, 1);
                streams += 1;
                frames += expected.iter().filter(|event| matches!(event, Event::Frame { .. })).count();
                skipped += expected.iter().filter(is_skipped).count();
                errors += expected.iter().filter(|event| matches!(event, Event::Decode(_) | Event::End(_))).count();
                let whole = ADAPTERS.iter().map(|adapter| (adapter, if adapter.1 { &expected } else { &without }));
                let pieces = IN_PIECES.iter().map(|adapter| (adapter, &in_pieces));
                for ((name, _, run), expected) in whole.chain(pieces) {
                    let chunk = CHUNKS[(runs + streams) % CHUNKS.len()];
                    let found = run(framing, recovery, &wire, chunk);
                    let wire = wire.escape_ascii();
                    assert_eq!(&found, expected, "{name}: {framing_name}, {recovery:?}, \"{wire}\" by {chunk}");
                    runs += 1;
                }
                // Where nothing is wrong, it does not matter how the payload is taken.
                if expected.last() == Some(&Event::Clean) {
                    let wire = wire.escape_ascii();
                    assert_eq!(without_offsets(expected), in_pieces, "{framing_name}, {recovery:?}, \"{wire}\"");
                }
            }
        }
    }
    println!("{streams} streams with {frames} frames, {skipped} stretches and {errors} errors, {runs} runs");
}

/// A transport that takes a few bytes at a time, over several slices, and fails every other call.
#[derive(Default)]
struct Sink {
    bytes: Vec<u8>,
    at_a_time: usize,
    turn: usize,
    troubles: bool,
}

impl Sink {
    fn new(at_a_time: usize) -> Self {
        Self { at_a_time, troubles: true, ..Self::default() }
    }

    fn trouble(&mut self) -> Option<ErrorKind> {
        self.turn += 1;
        let troubles = [None, Some(ErrorKind::WouldBlock), None, Some(ErrorKind::Interrupted)];
        troubles[self.turn % 4].filter(|_| self.troubles)
    }

    fn take(&mut self, slices: &[IoSlice<'_>]) -> usize {
        let mut room = self.at_a_time;
        for slice in slices {
            let here = &slice[..slice.len().min(room)];
            self.bytes.extend_from_slice(here);
            room -= here.len();
        }
        self.at_a_time - room
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match self.trouble() {
            Some(kind) => Err(kind.into()),
            None => Ok(self.take(slices)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl tokio::io::AsyncWrite for Sink {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        tokio::io::AsyncWrite::poll_write_vectored(self, cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.trouble() {
            Some(_) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            None => Poll::Ready(Ok(self.take(slices))),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl futures::io::AsyncWrite for Sink {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        tokio::io::AsyncWrite::poll_write(self, cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl embedded_io::ErrorType for Sink {
    type Error = embedded_io::ErrorKind;
}

impl embedded_io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, embedded_io::ErrorKind> {
        Ok(self.take(&[IoSlice::new(bytes)]))
    }

    fn flush(&mut self) -> Result<(), embedded_io::ErrorKind> {
        Ok(())
    }
}

struct AsyncSink(Sink);

impl embedded_io::ErrorType for AsyncSink {
    type Error = embedded_io::ErrorKind;
}

impl embedded_io_async::Write for AsyncSink {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, embedded_io::ErrorKind> {
        Ok(self.0.take(&[IoSlice::new(bytes)]))
    }

    async fn flush(&mut self) -> Result<(), embedded_io::ErrorKind> {
        Ok(())
    }
}

/// All bytes sent, and the refused messages.
type Sent = (Vec<u8>, Vec<Option<EncodeError>>);

fn refused_by(result: io::Result<()>) -> Option<EncodeError> {
    let error = result.err()?;
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    match cause(&error) {
        Some(Cause::Encode(error)) => Some(error),
        other => panic!("{error:?} carries {other:?}"),
    }
}

fn refused_embedded(result: Result<(), anysplit::embedded::WriteError<embedded_io::ErrorKind>>) -> Option<EncodeError> {
    match result {
        Ok(()) => None,
        Err(anysplit::embedded::WriteError::Refused(error)) => Some(error),
        Err(error) => panic!("{error}"),
    }
}

type WriteAdapter = (&'static str, fn(&Any, &[&[u8]], usize) -> Sent);

const WRITERS: &[WriteAdapter] = &[
    ("io", |framing, messages, at_a_time| {
        let mut writer = anysplit::io::FrameWriter::new(Sink::new(at_a_time), framing).with_limit(20);
        let mut refused = Vec::new();
        for message in messages {
            // A failed write has not taken its message, so it can be repeated.
            let result = again(|| match writer.write(message) {
                Err(error) if cause(&error).is_none() => None,
                result => Some(result),
            });
            refused.push(refused_by(result));
        }
        again(|| writer.flush().ok());
        assert_eq!(writer.unsent(), 0);
        (writer.into_parts().0.bytes, refused)
    }),
    ("io, shared bytes", |framing, messages, at_a_time| {
        let mut writer = anysplit::io::FrameWriter::new(Sink::new(at_a_time), framing);
        let refused = messages.iter().map(|message| refused_by(writer.write_bytes(Bytes::copy_from_slice(message))));
        let refused = refused.collect();
        again(|| writer.flush().ok());
        (writer.into_parts().0.bytes, refused)
    }),
    ("tokio", |framing, messages, at_a_time| {
        let mut writer = anysplit::tokio::FrameWriter::new(Sink::new(at_a_time), framing).with_limit(20);
        let refused = messages.iter().map(|message| refused_by(block_on(writer.write(message)))).collect();
        block_on(writer.shutdown()).unwrap();
        (writer.into_parts().0.bytes, refused)
    }),
    ("tokio, shared bytes", |framing, messages, at_a_time| {
        let mut writer = anysplit::tokio::FrameWriter::new(Sink::new(at_a_time), framing);
        let mut refused = Vec::new();
        for message in messages {
            refused.push(refused_by(block_on(writer.write_bytes(Bytes::copy_from_slice(message)))));
        }
        block_on(writer.flush()).unwrap();
        (writer.into_parts().0.bytes, refused)
    }),
    ("tokio_util codec", |framing, messages, at_a_time| {
        let codec = anysplit::tokio::Codec::new(framing);
        let mut writer = tokio_util::codec::FramedWrite::new(Sink::new(at_a_time), codec);
        let mut refused = Vec::new();
        for (number, message) in messages.iter().enumerate() {
            refused.push(refused_by(block_on(async {
                match number % 4 {
                    0 => writer.feed(Bytes::copy_from_slice(message)).await,
                    1 => writer.feed(*message).await,
                    2 => writer.feed(message.to_vec()).await,
                    _ => writer.feed(BytesMut::from(*message)).await,
                }
            })));
        }
        block_on(SinkExt::<Bytes>::close(&mut writer)).unwrap();
        (writer.get_ref().bytes.clone(), refused)
    }),
    ("asynchronous_codec", |framing, messages, at_a_time| {
        let codec = anysplit::futures::Codec::new(framing);
        let mut writer = asynchronous_codec::FramedWrite::new(Sink::new(at_a_time), codec);
        let refused = messages.iter().map(|message| refused_by(block_on(writer.send(message)))).collect();
        (writer.bytes.clone(), refused)
    }),
    ("embedded", |framing, messages, at_a_time| {
        let mut writer = anysplit::embedded::FrameWriter::new(Sink::new(at_a_time), framing).with_buffer([0; 2000]);
        let refused = messages.iter().map(|message| refused_embedded(writer.write(message))).collect();
        (writer.into_inner().bytes, refused)
    }),
    ("embedded, async", |framing, messages, at_a_time| {
        let mut writer =
            anysplit::embedded::FrameWriter::new(AsyncSink(Sink::new(at_a_time)), framing).with_buffer([0; 2000]);
        let refused = messages.iter().map(|message| refused_embedded(block_on(writer.write_async(message)))).collect();
        (writer.into_inner().0.bytes, refused)
    }),
];

#[test]
fn every_writer_agrees_with_the_encoder() {
    let long = vec![b'a'; 700];
    let messages = [MESSAGES, &[&long[..]]].concat();
    for (framing_name, framing) in &framings() {
        let mut encoder = Encoder::new(framing);
        let refused: Vec<_> = messages.iter().map(|message| encoder.push(message).err()).collect();
        let wire = encoder.copy_to_bytes(encoder.remaining()).to_vec();
        for at_a_time in [1, 2, 5, 100, 10_000] {
            for (name, run) in WRITERS {
                let found = run(framing, &messages, at_a_time);
                assert_eq!(found, (wire.clone(), refused.clone()), "{name}: {framing_name}, {at_a_time} at a time");
            }
        }
    }
}

#[test]
fn parser_runs_once_for_each_frame_not_each_chunk() {
    use std::cell::Cell;
    thread_local!(static RUNS: Cell<usize> = const { Cell::new(0) });
    fn counted(input: &[u8]) -> IResult<&[u8], &[u8]> {
        RUNS.set(RUNS.get() + 1);
        length_data(nom::number::streaming::be_u32).parse(input)
    }
    let mut wire = Vec::new();
    for _ in 0..3 {
        wire.extend_from_slice(&10_000_u32.to_be_bytes());
        wire.extend_from_slice(&[7; 10_000]);
    }
    let mut decoder = Decoder::new(anysplit::nom::parser(counted));
    let mut frames = 0;
    for byte in wire.chunks(1) {
        decoder.push(byte).unwrap();
        frames += usize::from(decoder.next_frame().unwrap().is_some());
    }
    assert_eq!(frames, 3);
    // For every frame: the first byte, the length, the end. Trying the empty buffer costs no run.
    assert!(RUNS.get() <= 3 * 4, "{} runs for three frames of 10,000 bytes, one byte at a time", RUNS.get());
}

#[test]
fn frame_over_a_fixed_buffer_passes_in_pieces() {
    use anysplit::embedded::{FrameReader, ReadError};
    let mut wire = b"\x00\x64".to_vec();
    wire.extend_from_slice(&[b'x'; 100]);
    wire.extend_from_slice(b"\x00\x02hi");
    let inner = Cuts::new(&wire, 1);
    let mut reader = FrameReader::new(inner, Prefix::u16_be(), [0; 10]);
    for _ in 0..2 {
        assert_eq!(reader.read_frame(), Err(ReadError::NoRoom { need: 102, have: 10 }));
        assert_eq!(reader.get_ref().rest.len(), wire.len() - 2);
    }
    let mut passed = 0;
    loop {
        match reader.read_piece().unwrap().unwrap() {
            Piece::Start { header, len, control } => {
                assert_eq!((header, len, control), (&b"\x00\x64"[..], Some(100), false))
            }
            Piece::Data(data) => passed += data.len(),
            Piece::End { trailer } => break assert!(trailer.is_empty()),
            Piece::Skipped(stretch) => panic!("{stretch}"),
        }
    }
    assert_eq!(passed, 100);
    assert_eq!(reader.read_frame().unwrap().unwrap().payload(), b"hi");
    assert_eq!(reader.read_frame(), Ok(None));
}

#[test]
fn embedded_writer_writes_nothing_after_a_cut_frame() {
    use anysplit::embedded::{FrameWriter, WriteError};
    let mut room = [0; 7];
    let mut writer = FrameWriter::new(&mut room[..], Prefix::u8());
    writer.write(b"hi").unwrap();
    assert!(matches!(writer.write(b"hello"), Err(WriteError::Io(_))));
    assert_eq!(writer.write(b""), Err(WriteError::Broken));
}

#[test]
fn writer_that_is_dropped_sends_what_it_holds() {
    let mut wire = Vec::new();
    let mut writer = anysplit::io::FrameWriter::new(&mut wire, Prefix::u8());
    writer.write(b"hello").unwrap();
    assert_eq!(writer.unsent(), 6);
    drop(writer);
    assert_eq!(wire, b"\x05hello");
}

#[test]
fn idle_reader_owns_no_memory() {
    struct Idle<'a>(Cuts<'a>);
    impl Read for Idle<'_> {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            match self.0.give(room) {
                0 => Err(ErrorKind::WouldBlock.into()),
                count => Ok(count),
            }
        }
    }
    let mut reader = anysplit::io::FrameReader::new(Idle(Cuts::new(b"\x02hi\x05hel", 100)), Prefix::u8());
    assert_eq!(reader.capacity(), 0);
    assert_eq!(reader.read_frame().unwrap().unwrap().payload(), b"hi");
    assert_eq!(reader.read_frame().unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(reader.buffered(), 4);
    assert!(reader.capacity() <= 16, "{} bytes for 4 bytes of a frame", reader.capacity());
    reader.get_mut().0.rest = b"lo";
    assert_eq!(reader.read_frame().unwrap().unwrap().payload(), b"hello");
    assert_eq!(reader.read_frame().unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(reader.capacity(), 0);
}
