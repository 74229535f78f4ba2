//! Every adapter gives what the decoder gives, and writes what the framing encodes, whatever its transport does.

use std::future::Future;
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use anysplit::embedded::{self, ReadError, WriteError};
use anysplit::io::{Cause, cause};
use anysplit::{Decoder, EncodeError, Encoder, EofError, Framing, OwnedEvent, OwnedFrame, Recovery};
use bytes::{Buf, Bytes, BytesMut};
use futures::{Sink, Stream};

use crate::decode::{Event, Outcome, OwnedPiece, POLICIES, Pieces, beyond_memory, same_in_pieces, whole};
use crate::input::Input;

/// What a transport does next, from the cuts of the input over and over again.
#[derive(Clone)]
struct Plan<'a> {
    cuts: &'a [u8],
    turn: usize,
    troubles: usize,
}

#[derive(Clone, Copy)]
enum Turn {
    /// Up to so many bytes go.
    Bytes(usize),
    Interrupted,
    NotNow,
}

impl<'a> Plan<'a> {
    fn new(cuts: &'a [u8]) -> Self {
        Self { cuts, turn: 0, troubles: 0 }
    }

    fn next(&mut self) -> Turn {
        let cut = match self.cuts.len() {
            0 => 255,
            len => self.cuts[self.turn % len],
        };
        self.turn += 1;
        let turn = match cut {
            // One that never gets out of trouble is no transport.
            _ if self.troubles == 3 => Turn::Bytes(1),
            0..40 => Turn::Interrupted,
            40..90 => Turn::NotNow,
            90..=250 => Turn::Bytes(1 + usize::from(cut % 24)),
            _ => Turn::Bytes(1 << (cut - 245)),
        };
        self.troubles = if let Turn::Bytes(_) = turn { 0 } else { self.troubles + 1 };
        turn
    }
}

fn trouble(turn: Turn) -> Result<usize, ErrorKind> {
    match turn {
        Turn::Bytes(most) => Ok(most),
        Turn::Interrupted => Err(ErrorKind::Interrupted),
        Turn::NotNow => Err(ErrorKind::WouldBlock),
    }
}

/// Gives a stream.
struct Source<'a> {
    rest: &'a [u8],
    given: u64,
    plan: Plan<'a>,
}

impl<'a> Source<'a> {
    fn new(input: &Input<'a>) -> Self {
        Self { rest: input.stream, given: 0, plan: Plan::new(input.cuts) }
    }

    fn read(&mut self, room: &mut [u8]) -> Result<usize, ErrorKind> {
        assert!(!room.is_empty(), "a read into no room cannot be told from the end");
        let most = trouble(self.plan.next())?;
        let (here, after) = self.rest.split_at(self.rest.len().min(most).min(room.len()));
        room[..here.len()].copy_from_slice(here);
        self.rest = after;
        self.given += here.len() as u64;
        Ok(here.len())
    }
}

/// Takes a stream.
struct Sunk<'a> {
    bytes: Vec<u8>,
    plan: Plan<'a>,
}

impl<'a> Sunk<'a> {
    fn new(input: &Input<'a>) -> Self {
        Self { bytes: Vec::new(), plan: Plan::new(input.cuts) }
    }

    fn take(&mut self, slices: &[IoSlice]) -> Result<usize, ErrorKind> {
        assert!(slices.iter().any(|slice| !slice.is_empty()), "a write of nothing");
        let mut most = trouble(self.plan.next())?;
        let before = self.bytes.len();
        for slice in slices {
            let here = slice.len().min(most);
            self.bytes.extend_from_slice(&slice[..here]);
            most -= here;
        }
        Ok(self.bytes.len() - before)
    }
}

/// To an asynchronous transport, "not now" is `Pending`, and it wakes at once.
fn polled<T>(result: Result<T, ErrorKind>, cx: &Context) -> Poll<io::Result<T>> {
    match result {
        Err(ErrorKind::WouldBlock) => {
            cx.waker().wake_by_ref();
            Poll::Pending
        }
        result => Poll::Ready(result.map_err(io::Error::from)),
    }
}

impl Read for Source<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        Ok(Source::read(self, room)?)
    }
}

impl Write for Sunk<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, slices: &[IoSlice]) -> io::Result<usize> {
        Ok(self.take(slices)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        trouble(self.plan.next())?;
        Ok(())
    }
}

impl tokio::io::AsyncRead for Source<'_> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context, room: &mut tokio::io::ReadBuf) -> Poll<io::Result<()>> {
        let result = Source::read(&mut self, room.initialize_unfilled());
        polled(result, cx).map_ok(|count| room.advance(count))
    }
}

impl tokio::io::AsyncWrite for Sunk<'_> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context, slices: &[IoSlice]) -> Poll<io::Result<usize>> {
        polled(self.take(slices), cx)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        match self.plan.next() {
            Turn::NotNow => polled(Err(ErrorKind::WouldBlock), cx),
            _ => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

/// For codecs, whose hosts take an interrupted call for an error.
struct Uninterrupted<T>(T);

impl Uninterrupted<Source<'_>> {
    fn read(&mut self, room: &mut [u8]) -> Result<usize, ErrorKind> {
        loop {
            match self.0.read(room) {
                Err(ErrorKind::Interrupted) => {}
                result => return result,
            }
        }
    }
}

impl Uninterrupted<Sunk<'_>> {
    fn take(&mut self, slices: &[IoSlice]) -> Result<usize, ErrorKind> {
        loop {
            match self.0.take(slices) {
                Err(ErrorKind::Interrupted) => {}
                result => return result,
            }
        }
    }
}

impl tokio::io::AsyncRead for Uninterrupted<Source<'_>> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context, room: &mut tokio::io::ReadBuf) -> Poll<io::Result<()>> {
        let result = self.read(room.initialize_unfilled());
        polled(result, cx).map_ok(|count| room.advance(count))
    }
}

impl futures::AsyncRead for Uninterrupted<Source<'_>> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context, room: &mut [u8]) -> Poll<io::Result<usize>> {
        polled(self.read(room), cx)
    }
}

impl tokio::io::AsyncWrite for Uninterrupted<Sunk<'_>> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context, bytes: &[u8]) -> Poll<io::Result<usize>> {
        polled(self.take(&[IoSlice::new(bytes)]), cx)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl futures::AsyncWrite for Uninterrupted<Sunk<'_>> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context, bytes: &[u8]) -> Poll<io::Result<usize>> {
        polled(self.take(&[IoSlice::new(bytes)]), cx)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn no_std(kind: ErrorKind) -> embedded_io::ErrorKind {
    match kind {
        ErrorKind::Interrupted => embedded_io::ErrorKind::Interrupted,
        _ => embedded_io::ErrorKind::TimedOut,
    }
}

impl embedded_io::ErrorType for Source<'_> {
    type Error = embedded_io::ErrorKind;
}

impl embedded_io::Read for Source<'_> {
    fn read(&mut self, room: &mut [u8]) -> Result<usize, embedded_io::ErrorKind> {
        Source::read(self, room).map_err(no_std)
    }
}

impl embedded_io::ErrorType for Sunk<'_> {
    type Error = embedded_io::ErrorKind;
}

impl embedded_io::Write for Sunk<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, embedded_io::ErrorKind> {
        self.take(&[IoSlice::new(bytes)]).map_err(no_std)
    }

    fn flush(&mut self) -> Result<(), embedded_io::ErrorKind> {
        Ok(())
    }
}

/// The embedded traits of the two kinds have the same names, so each kind has a type.
struct Awaited<T>(T);

impl<T> embedded_io::ErrorType for Awaited<T> {
    type Error = embedded_io::ErrorKind;
}

impl embedded_io_async::Read for Awaited<Source<'_>> {
    async fn read(&mut self, room: &mut [u8]) -> Result<usize, embedded_io::ErrorKind> {
        std::future::poll_fn(|cx| polled(self.0.read(room), cx)).await.map_err(|error| no_std(error.kind()))
    }
}

impl embedded_io_async::Write for Awaited<Sunk<'_>> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, embedded_io::ErrorKind> {
        std::future::poll_fn(|cx| polled(self.0.take(&[IoSlice::new(bytes)]), cx))
            .await
            .map_err(|error| no_std(error.kind()))
    }

    async fn flush(&mut self) -> Result<(), embedded_io::ErrorKind> {
        Ok(())
    }
}

/// Polls once: `None` where it is not ready, and then it is dropped, as `select!` does.
fn once<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => Some(result),
        Poll::Pending => None,
    }
}

/// Polls until it is ready.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(result) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return result;
        }
    }
}

/// What one call of a reader comes to.
enum Answer {
    Events(Vec<Event>),
    /// The transport's own trouble: the call is to be made again.
    Again,
    End(Option<EofError>),
}

impl Answer {
    fn io(error: io::Error) -> Self {
        match cause(&error) {
            Some(Cause::Decode(found)) => {
                assert_eq!(error.kind(), ErrorKind::InvalidData);
                Self::End(Some(EofError::Decode(found)))
            }
            Some(Cause::End(found)) => {
                assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
                Self::End(Some(found))
            }
            None => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock, "interrupted calls are made again");
                Self::Again
            }
            other => panic!("{error:?} carries {other:?}"),
        }
    }

    /// One event, or the end.
    fn one(result: io::Result<Option<Event>>) -> Self {
        match result {
            Ok(Some(event)) => Self::Events(vec![event]),
            Ok(None) => Self::End(None),
            Err(error) => Self::io(error),
        }
    }
}

fn owned(frame: &OwnedFrame) -> Event {
    Event::frame(frame.frame())
}

fn answer(pieces: &mut Pieces, result: io::Result<Option<OwnedPiece>>, position: u64) -> Answer {
    match result {
        Ok(Some(piece)) => Answer::Events(pieces.add(piece, position).into_iter().collect()),
        Ok(None) => Answer::End(None),
        Err(error) => Answer::io(error),
    }
}

/// Calls until the end, and then again, to see that it stays the end.
fn collect(mut next: impl FnMut() -> Answer) -> (Vec<Event>, Option<EofError>) {
    let mut events = Vec::new();
    let mut again = 0;
    loop {
        match next() {
            Answer::Events(more) => {
                events.extend(more);
                again = 0;
            }
            Answer::Again => again += 1,
            Answer::End(end) => {
                // A reader that was put together anew may be asked for frames, and give a group of none.
                let mut rest =
                    (0..8).map(|_| next()).filter(|answer| !matches!(answer, Answer::Events(none) if none.is_empty()));
                for answer in rest.by_ref().take(2) {
                    let Answer::End(same) = answer else { panic!("something after the end") };
                    assert_eq!(same, end, "the end and errors come again at every call");
                }
                return (events, end);
            }
        }
        assert!(again < 100_000, "a stream has an end");
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Frame,
    Event,
    Frames,
    EventsOfRead,
    Bytes,
    Batch,
    Piece,
    /// A frame, some bytes, a batch, over and over again, and the reader taken apart and put together in between.
    Mixed,
}

const WAYS: [Way; 8] =
    [Way::Frame, Way::Event, Way::Frames, Way::EventsOfRead, Way::Bytes, Way::Batch, Way::Piece, Way::Mixed];

impl Way {
    /// Whether it returns what was skipped.
    const fn has_skips(self) -> bool {
        matches!(self, Self::Event | Self::EventsOfRead | Self::Piece)
    }
}

/// How a reader is set up.
#[derive(Clone, Copy, Debug)]
struct Setup {
    exact: bool,
    block: usize,
}

/// What came with one read.
fn group(mut next: impl FnMut() -> io::Result<Option<Event>>) -> Answer {
    let mut events = Vec::new();
    loop {
        match next() {
            Ok(Some(event)) => events.push(event),
            Ok(None) => return Answer::Events(events),
            // It comes again at the next call.
            Err(_) if !events.is_empty() => return Answer::Events(events),
            Err(error) => return Answer::io(error),
        }
    }
}

/// One call by one of the ways, of a reader that waits or of one that is awaited.
macro_rules! call {
    ($reader:ident, $way:expr, $pieces:ident, $wait:ident) => {
        match $way {
            Way::Frame | Way::Mixed => {
                Answer::one(call!(@ $wait, $reader.read_frame()).map(|frame| frame.map(Event::frame)))
            }
            Way::Bytes => Answer::one(call!(@ $wait, $reader.read_bytes()).map(|frame| frame.as_ref().map(owned))),
            Way::Batch => match call!(@ $wait, $reader.read_batch()) {
                Ok(Some(batch)) => {
                    assert!(!batch.is_empty());
                    Answer::Events(batch.iter().map(Event::frame).collect())
                }
                // A message that the end completes.
                Ok(None) => Answer::one(call!(@ $wait, $reader.read_bytes()).map(|frame| frame.as_ref().map(owned))),
                Err(error) => Answer::io(error),
            },
            Way::Event => Answer::one(call!(@ $wait, $reader.read_event()).map(|event| event.map(Event::of))),
            Way::Frames => match call!(@ $wait, $reader.read_frames()) {
                Ok(Some(mut frames)) => group(|| Ok(frames.next_frame()?.map(Event::frame))),
                Ok(None) => Answer::End(None),
                Err(error) => Answer::io(error),
            },
            Way::EventsOfRead => match call!(@ $wait, $reader.read_frames()) {
                Ok(Some(mut frames)) => group(|| Ok(frames.next_event()?.map(Event::of))),
                Ok(None) => Answer::End(None),
                Err(error) => Answer::io(error),
            },
            Way::Piece => {
                let piece = call!(@ $wait, $reader.read_piece()).map(|piece| piece.map(OwnedPiece::from));
                let position = $reader.position();
                answer(&mut $pieces, piece, position)
            }
        }
    };
    (@ waits, $result:expr) => { $result };
    (@ awaited, $future:expr) => {
        match once($future) {
            Some(result) => result,
            None => return Answer::Again,
        }
    };
}

/// Through a reader of `anysplit::io` or of `anysplit::tokio`.
macro_rules! through_reader {
    ($name:ident, $module:ident, $wait:ident) => {
        fn $name(framing: &dyn Framing, recovery: Recovery, input: &Input, way: Way, setup: Setup) -> Outcome {
            use anysplit::$module::FrameReader;
            let make = |source, decoder| {
                let mut reader = FrameReader::from_parts(source, decoder).with_block_len(setup.block);
                reader.set_exact(setup.exact);
                reader
            };
            let mut reader = Some(make(Source::new(input), Decoder::new(framing).with_recovery(recovery)));
            let mut pieces = Pieces::default();
            let mut calls = 0;
            let (events, end) = collect(|| {
                calls += 1;
                let way = match way {
                    Way::Mixed => [Way::Frame, Way::Bytes, Way::Frames, Way::Batch][calls % 4],
                    way => way,
                };
                if calls % 5 == 0 && way == Way::Mixed {
                    let (source, decoder) = reader.take().expect("put back").into_parts();
                    reader = Some(make(source, decoder));
                }
                let reader = reader.as_mut().expect("put back");
                let answer = call!(reader, way, pieces, $wait);
                if let (true, Answer::Events(events), Way::Frame | Way::Event | Way::Bytes) =
                    (setup.exact, &answer, way)
                {
                    for event in events {
                        // Unless it was found inside a longer one that was rejected.
                        let exact = reader.get_ref().given == event.span().1 || recovery == Recovery::Resync;
                        assert!(exact, "nothing is taken beyond a frame");
                    }
                }
                answer
            });
            Outcome { events, end, position: reader.expect("put back").position() }
        }
    };
}

through_reader!(through_io, io, waits);
through_reader!(through_tokio, tokio, awaited);

/// Through a codec in its host. An error comes once, and then the stream is over.
fn through_codec<T>(
    mut host: impl Stream<Item = io::Result<T>> + Unpin,
    event: impl Fn(T) -> Event,
) -> (Vec<Event>, Option<EofError>) {
    let mut events = Vec::new();
    let mut end = None;
    let mut over = 0;
    let mut calls = 0;
    while over < 3 {
        calls += 1;
        assert!(calls < 100_000, "a stream has an end");
        match Pin::new(&mut host).poll_next(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => {}
            Poll::Ready(None) => over += 1,
            Poll::Ready(Some(item)) => {
                assert!(over == 0 && end.is_none(), "something after the end");
                match item {
                    Ok(item) => events.push(event(item)),
                    Err(error) => match Answer::io(error) {
                        Answer::End(error) => end = error,
                        _ => panic!("no error of a stream"),
                    },
                }
            }
        }
    }
    (events, end)
}

fn event(event: OwnedEvent) -> Event {
    match event {
        OwnedEvent::Frame(frame) => owned(&frame),
        OwnedEvent::Skipped(stretch) => Event::Skipped(stretch),
    }
}

fn codecs(framing: &dyn Framing, recovery: Recovery, input: &Input, expected: &Outcome) {
    let expected = (expected.events.clone(), expected.end);
    let source = || Uninterrupted(Source::new(input));
    if recovery == Recovery::Fail {
        let codec = anysplit::tokio::Codec::new(framing);
        let host = tokio_util::codec::FramedRead::new(source(), codec);
        assert_eq!(through_codec(host, |frame| owned(&frame)), expected, "tokio-util");
        let codec = anysplit::futures::Codec::new(framing);
        let host = asynchronous_codec::FramedRead::new(source(), codec);
        assert_eq!(through_codec(host, |frame| owned(&frame)), expected, "asynchronous-codec");
    }
    let codec = anysplit::tokio::Codec::new(framing).with_recovery(recovery);
    let host = tokio_util::codec::FramedRead::new(source(), codec);
    assert_eq!(through_codec(host, event), expected, "tokio-util, events");
    let codec = anysplit::futures::Codec::new(framing).with_recovery(recovery);
    let host = asynchronous_codec::FramedRead::new(source(), codec);
    assert_eq!(through_codec(host, event), expected, "asynchronous-codec, events");
}

/// What a reader with a fixed buffer comes to: as [`Answer`], and where there is no room for a frame.
fn embedded_answer<T>(
    result: Result<Option<T>, ReadError<embedded_io::ErrorKind>>,
    take: impl FnOnce(T) -> Vec<Event>,
) -> Result<Answer, (u64, usize)> {
    match result {
        Ok(Some(found)) => Ok(Answer::Events(take(found))),
        Ok(None) => Ok(Answer::End(None)),
        Err(ReadError::Io(kind)) => {
            assert_eq!(kind, embedded_io::ErrorKind::TimedOut, "interrupted calls are made again");
            Ok(Answer::Again)
        }
        Err(ReadError::Decode(error)) => Ok(Answer::End(Some(EofError::Decode(error)))),
        Err(ReadError::End(error)) => Ok(Answer::End(Some(error))),
        Err(ReadError::NoRoom { need, have }) => Err((need, have)),
        Err(other) => panic!("{other:?}"),
    }
}

/// What is asked of a reader with a fixed buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ask {
    Frame,
    Event,
    Piece,
}

/// Through a reader of `anysplit::embedded`. Returns what came, and where a frame had no room, what it said of it.
macro_rules! through_embedded {
    ($name:ident, $source:expr, $frame:ident, $event:ident, $piece:ident, $wait:ident) => {
        fn $name(
            framing: &dyn Framing,
            recovery: Recovery,
            input: &Input,
            ask: Ask,
            room: usize,
            exact: bool,
        ) -> (Outcome, Option<(u64, usize)>) {
            let mut reader =
                embedded::FrameReader::new($source(Source::new(input)), framing, vec![0; room]).with_recovery(recovery);
            if exact {
                reader = reader.exact();
            }
            let mut pieces = Pieces::default();
            let mut full = None;
            let (events, end) = collect(|| {
                let answer = match ask {
                    Ask::Frame => embedded_answer(call!(@ $wait, reader.$frame()), |frame| vec![Event::frame(frame)]),
                    Ask::Event => embedded_answer(call!(@ $wait, reader.$event()), |event| vec![Event::of(event)]),
                    Ask::Piece => {
                        let piece = call!(@ $wait, reader.$piece()).map(|piece| piece.map(OwnedPiece::from));
                        let position = reader.position();
                        embedded_answer(piece, |piece| pieces.add(piece, position).into_iter().collect())
                    }
                };
                answer.unwrap_or_else(|no_room| {
                    assert!(full.is_none_or(|before| before == no_room), "it comes again at every call");
                    full = Some(no_room);
                    Answer::End(None)
                })
            });
            (Outcome { events, end, position: reader.position() }, full)
        }
    };
}

through_embedded!(embedded_waiting, |source| source, read_frame, read_event, read_piece, waits);
through_embedded!(embedded_awaited, Awaited, read_frame_async, read_event_async, read_piece_async, awaited);

fn embedded(framing: &dyn Framing, recovery: Recovery, input: &Input, expected: &Outcome, pieces: bool) {
    let small = 1 + usize::from(input.cuts.first().copied().unwrap_or(0) % 64);
    for room in [small, input.stream.len() + 64] {
        for exact in [false, true] {
            for through in [embedded_waiting, embedded_awaited] {
                let (frames, full) = through(framing, recovery, input, Ask::Frame, room, exact);
                match full {
                    None => assert_eq!(frames, expected.frames(), "in {room} bytes"),
                    Some(_) => assert!(expected.frames().events.starts_with(&frames.events)),
                }
                let (found, full) = through(framing, recovery, input, Ask::Event, room, exact);
                match full {
                    None => assert_eq!(found, *expected, "in {room} bytes"),
                    Some((need, have)) => {
                        assert!(have == room && need > room as u64);
                        assert!(expected.events.starts_with(&found.events));
                        // While a rejected frame is searched, others wait inside it.
                        let next = expected.events.get(found.events.len());
                        if let Some(next) = next.filter(|_| recovery != Recovery::Resync) {
                            let (begin, end) = next.span();
                            // The header of a frame that is skipped stays, and there must be room for a byte after it.
                            let inside = !next.is_frame() && found.position <= end;
                            // Delimiters that carry nothing may still be to come.
                            let filler = input.stream.get(found.position as usize..begin as usize);
                            let before =
                                filler.is_some_and(|filler| filler.iter().all(|byte| matches!(byte, 0 | 0xc0)));
                            assert!(before || inside, "{found:?} before {next:?} in {room}");
                            // Whether the stream ends here would be known only by a read into room that is not there.
                            let last = end == input.stream.len() as u64;
                            assert!(last || need <= end - begin, "a frame of {} bytes needs {need}", end - begin);
                        }
                    }
                }
                if !pieces {
                    continue;
                }
                let (found, full) = through(framing, recovery, input, Ask::Piece, room, exact);
                let events: Vec<_> = expected.events.iter().map(Event::in_pieces).collect();
                match full {
                    None => same_in_pieces(&found, expected),
                    Some((_, have)) => {
                        assert_eq!(have, room);
                        let found: Vec<_> = found.events.iter().map(Event::in_pieces).collect();
                        assert!(events.starts_with(&found));
                        match events.get(found.len()) {
                            _ if recovery == Recovery::Resync => {}
                            // Lines that may announce a block have to be there in one piece.
                            _ if input.config.first().is_some_and(|first| *first >= 200) => {}
                            // No delimiter here is longer than 47 bytes.
                            Some(Event::Frame { header, .. }) => assert!(header.len() + 48 > room, "there is room"),
                            _ => {}
                        }
                    }
                }
            }
        }
    }
}

/// What the encoder makes of one message.
type Made = Result<Vec<u8>, EncodeError>;

/// The message as it is to be written: by copy, by reference, or by a closure.
#[derive(Clone, Copy)]
enum By {
    Copy,
    Share,
    Closure,
}

const BY: [By; 3] = [By::Copy, By::Share, By::Closure];

/// What each message should come to, by an encoder.
fn made(framing: &dyn Framing, messages: &[&[u8]], by: impl Fn(usize) -> By) -> Vec<Made> {
    let mut encoder = Encoder::new(framing);
    let frame = |(number, message): (usize, &&[u8])| {
        let len = match by(number) {
            By::Copy => encoder.push(message),
            By::Share => encoder.push_bytes(Bytes::copy_from_slice(message)),
            By::Closure => encoder.push_with(|out| out.extend_from_slice(message)),
        }?;
        assert_eq!(encoder.remaining(), len);
        Ok(encoder.copy_to_bytes(len).to_vec())
    };
    messages.iter().enumerate().map(frame).collect()
}

/// What a writer said to one message. `None`: it was not taken, for the transport's trouble.
fn taken(result: io::Result<()>) -> Option<Result<(), EncodeError>> {
    match result {
        Ok(()) => Some(Ok(())),
        Err(error) => match cause(&error) {
            Some(Cause::Encode(refusal)) => {
                assert_eq!(error.kind(), ErrorKind::InvalidInput);
                Some(Err(refusal))
            }
            None => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                None
            }
            other => panic!("{error:?} carries {other:?}"),
        },
    }
}

fn same_error(found: Result<(), EncodeError>, made: &Made) {
    assert_eq!(found.err(), made.as_ref().err().copied());
}

/// Through the writers of `anysplit::io` and `anysplit::tokio`, with little room in their queues.
fn writers(framing: &dyn Framing, input: &Input, messages: &[&[u8]]) {
    let by = |number: usize| BY[number % 3];
    let made = made(framing, messages, by);
    let wire: Vec<_> = made.iter().flatten().flatten().copied().collect();
    let limit = 1 + usize::from(input.cuts.last().copied().unwrap_or(0));

    let mut writer = anysplit::io::FrameWriter::new(Sunk::new(input), framing).with_limit(limit);
    for (number, message) in messages.iter().enumerate() {
        let said = loop {
            let result = match by(number) {
                By::Copy => writer.write(message),
                By::Share => writer.write_bytes(Bytes::copy_from_slice(message)),
                By::Closure => writer.write_with(|out| out.extend_from_slice(message)),
            };
            if let Some(said) = taken(result) {
                break said;
            }
        };
        same_error(said, &made[number]);
        assert!(wire.starts_with(&writer.get_ref().bytes), "no byte out of its place");
        if number % 4 == 3 {
            while taken(writer.flush()).is_none() {}
            assert_eq!(writer.unsent(), 0);
        }
    }
    while taken(writer.flush()).is_none() {}
    assert_eq!(writer.into_parts().0.bytes, wire, "io");

    let mut writer = anysplit::tokio::FrameWriter::new(Sunk::new(input), framing).with_limit(limit);
    for (number, message) in messages.iter().enumerate() {
        // A future that is not ready is dropped: its message was not taken.
        let said = loop {
            let said = match by(number) {
                By::Copy => once(writer.write(message)),
                By::Share => once(writer.write_bytes(Bytes::copy_from_slice(message))),
                By::Closure => once(writer.write_with(|out| out.extend_from_slice(message))),
            };
            if let Some(said) = said.and_then(taken) {
                break said;
            }
        };
        same_error(said, &made[number]);
        assert!(wire.starts_with(&writer.get_ref().bytes), "no byte out of its place");
        if number % 4 == 3 {
            while once(writer.flush()).and_then(taken).is_none() {}
            assert_eq!(writer.unsent(), 0);
        }
    }
    while taken(block_on(writer.shutdown())).is_none() {}
    assert_eq!(writer.into_parts().0.bytes, wire, "tokio");
}

/// Puts messages into a codec's host.
fn into_host<'a, I>(
    mut host: impl Sink<I, Error = io::Error> + Unpin,
    messages: &[&'a [u8]],
    made: &[Made],
    item: impl Fn(&'a [u8]) -> I,
) {
    let cx = &mut Context::from_waker(Waker::noop());
    let mut host = Pin::new(&mut host);
    for (message, made) in messages.iter().zip(made) {
        while host.as_mut().poll_ready(cx).map(Result::unwrap).is_pending() {}
        let said = taken(host.as_mut().start_send(item(message))).expect("it only encodes");
        same_error(said, made);
    }
    while host.as_mut().poll_flush(cx).map(Result::unwrap).is_pending() {}
}

fn codecs_written(framing: &dyn Framing, input: &Input, messages: &[&[u8]], made: &[Made]) {
    let wire: Vec<_> = made.iter().flatten().flatten().copied().collect();
    let mut host =
        tokio_util::codec::FramedWrite::new(Uninterrupted(Sunk::new(input)), anysplit::tokio::Codec::new(framing));
    into_host(&mut host, messages, made, |message: &[u8]| BytesMut::from(message));
    assert_eq!(host.into_inner().0.bytes, wire, "tokio-util");
    let codec = anysplit::futures::Codec::new(framing);
    let mut host = asynchronous_codec::FramedWrite::new(Uninterrupted(Sunk::new(input)), codec);
    into_host(&mut host, messages, made, |message: &[u8]| message);
    assert_eq!(host.into_inner().0.bytes, wire, "asynchronous-codec");
}

/// Through the writers of `anysplit::embedded`, which have no queue: an error may cut a frame.
fn embedded_written(framing: &dyn Framing, input: &Input, messages: &[&[u8]], made: &[Made]) {
    // Frames that are rewritten are built in it.
    let room = made.iter().flatten().map(Vec::len).max().unwrap_or_default();
    let mut writer = embedded::FrameWriter::new(Awaited(Sunk::new(input)), framing).with_buffer(vec![0; room]);
    let mut wire = Vec::new();
    for (message, made) in messages.iter().zip(made) {
        let said = block_on(writer.write_async(message));
        match made {
            Ok(frame) => {
                assert_eq!(said, Ok(()));
                wire.extend_from_slice(frame);
            }
            Err(refusal) => assert_eq!(said, Err(WriteError::Refused(*refusal))),
        }
        assert_eq!(writer.get_ref().0.bytes, wire, "embedded-io-async");
    }

    let mut writer = embedded::FrameWriter::new(Sunk::new(input), framing).with_buffer(vec![0; room]);
    let mut wire = Vec::new();
    for (message, made) in messages.iter().zip(made) {
        let said = loop {
            let said = writer.write(message);
            // Nothing of the frame has gone, so it may be tried again.
            if said == Err(WriteError::Io(embedded_io::ErrorKind::TimedOut)) && writer.get_ref().bytes == wire {
                continue;
            }
            break said;
        };
        match (said, made) {
            (Ok(()), Ok(frame)) => wire.extend_from_slice(frame),
            (Err(WriteError::Refused(found)), Err(refusal)) => assert_eq!(found, *refusal),
            (Err(WriteError::Io(_)), Ok(frame)) => {
                let sent = writer.get_ref().bytes.clone();
                assert!(sent.len() < wire.len() + frame.len(), "all of it has gone");
                wire.extend_from_slice(frame);
                assert!(wire.starts_with(&sent));
                assert_eq!(writer.write(message), Err(WriteError::Broken), "nothing can follow a cut frame");
                assert_eq!(writer.get_ref().bytes, sent);
                return;
            }
            (said, made) => panic!("{said:?} for {made:?}"),
        }
        assert_eq!(writer.get_ref().bytes, wire, "embedded-io");
    }
}

/// All that is checked of adapters. Whether the bytes described a framing.
pub fn check(data: &[u8]) -> bool {
    let input = Input::new(data);
    let Some(config) = crate::config::config(input.config, false) else { return false };
    let framing = &*config.framing;
    // The blocks of readers, too, are cut by the input.
    let block = 1 + usize::from(input.cuts.get(1).copied().unwrap_or(255)) * 8;
    for recovery in POLICIES {
        let expected = whole(framing, recovery, input.stream);
        let frames = expected.frames();
        let pieces = !beyond_memory(&expected) && framing.max_payload_len() < isize::MAX as u64;
        for way in WAYS {
            let expected = if way.has_skips() { &expected } else { &frames };
            for exact in [false, true] {
                let setup = Setup { exact, block };
                for (name, through) in [("io", through_io as fn(&_, _, &_, _, _) -> _), ("tokio", through_tokio)] {
                    if way == Way::Piece {
                        if pieces {
                            same_in_pieces(&through(framing, recovery, &input, way, setup), expected);
                        }
                    } else {
                        let found = through(framing, recovery, &input, way, setup);
                        assert_eq!(found, *expected, "{name} {way:?} {setup:?}");
                    }
                }
            }
        }
        codecs(framing, recovery, &input, &expected);
        embedded(framing, recovery, &input, &expected, pieces);
    }
    let messages = input.chunks();
    writers(framing, &input, &messages);
    let made = made(framing, &messages, |_| By::Copy);
    codecs_written(framing, &input, &messages, &made);
    embedded_written(framing, &input, &messages, &made);
    true
}
