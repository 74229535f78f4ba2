//! Every adapter that reads, as one function from a framing, a policy and a plan of the transport to what came, and the
//! comparison with the decoder. The modules that include it have `transport` beside it.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use anysplit::decode::Skips;
use anysplit::embedded::{self, ReadError};
use anysplit::io::{Cause, Frames, cause};
use anysplit::testing::{Collected, DriverKind, Outcome, OwnedEvent, OwnedPiece, PiecesSoFar, outcome};
use anysplit::{Decoder, EofError, Event, Framing, OwnedFrame, Recovery};
use futures::Stream;

use super::transport::{Awaited, Plan, Source, drive};

/// The adapter that reads from the transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    Io,
    Tokio,
    TokioCodec,
    FuturesCodec,
    Embedded,
    EmbeddedAsync,
}

/// The call that is made until the stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Frame,
    Event,
    Piece,
    Bytes,
    Batch,
    /// The frames of one read, one by one.
    Frames,
    /// The events of one read, one by one.
    Events,
    /// The frames of one read, by a callback.
    ForEach,
    /// A frame, an owned one, those of a read, a batch, and so on, with the reader taken apart and put together in between.
    Mixed,
}

/// The ways of each host. Codecs have the first two, and readers with a fixed buffer the first three.
const WAYS: [Way; 9] =
    [Way::Frame, Way::Event, Way::Piece, Way::Bytes, Way::Batch, Way::Frames, Way::Events, Way::ForEach, Way::Mixed];

impl Way {
    /// Whether it returns what was skipped.
    pub const fn reports_stretches(self) -> bool {
        matches!(self, Self::Event | Self::Events | Self::Piece)
    }
}

/// One way to read.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    pub host: Host,
    pub way: Way,
    /// Whether it reads no byte after a frame.
    pub exact: bool,
    /// The longest read in bytes, or the length of the buffer of readers that have a fixed one.
    pub block: usize,
}

/// Every way to read.
pub fn all() -> impl Iterator<Item = (Host, Way)> {
    let hosts = [
        (Host::Io, 9),
        (Host::Tokio, 9),
        (Host::TokioCodec, 2),
        (Host::FuturesCodec, 2),
        (Host::Embedded, 3),
        (Host::EmbeddedAsync, 3),
    ];
    hosts.into_iter().flat_map(|(host, ways)| WAYS.into_iter().take(ways).map(move |way| (host, way)))
}

/// What a reader gave.
#[derive(Debug)]
pub struct Read {
    events: Vec<OwnedEvent>,
    end: Result<(), EofError>,
    position: Option<u64>,
    skipped: Option<Skips>,
}

/// The result of one call.
enum Answer {
    Came,
    /// The transport returned an error of its own; the call must be repeated.
    Again,
    End(Result<(), EofError>),
}

impl Answer {
    fn io(error: &io::Error) -> Self {
        match cause(error) {
            Some(Cause::Decode(found)) => {
                assert_eq!(error.kind(), ErrorKind::InvalidData);
                Self::End(Err(EofError::Decode(found)))
            }
            Some(Cause::End(found)) => {
                assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
                Self::End(Err(found))
            }
            None => {
                assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error:?}");
                Self::Again
            }
            other => panic!("{error:?} carries {other:?}"),
        }
    }

    /// At most one thing, or the end.
    fn one<T>(result: io::Result<Option<T>>, take: impl FnOnce(T)) -> Self {
        match result {
            Ok(Some(found)) => {
                take(found);
                Self::Came
            }
            Ok(None) => Self::End(Ok(())),
            Err(error) => Self::io(&error),
        }
    }

    /// Collects the frames of one read.
    fn group<F: Framing>(result: io::Result<Option<Frames<'_, F>>>, way: Way, collected: &mut Collected) -> Self {
        let mut frames = match result {
            Ok(Some(frames)) => frames,
            Ok(None) => return Self::End(Ok(())),
            Err(error) => return Self::io(&error),
        };
        let result = match way {
            Way::ForEach => frames.for_each(|frame| collected.frame(&frame)),
            Way::Events => {
                collected.drain(|collected| Ok(frames.next_event()?.map(|event| collected.event(&event)).is_some()))
            }
            _ => collected.drain(|collected| Ok(frames.next_frame()?.map(|frame| collected.frame(&frame)).is_some())),
        };
        result.map_or_else(|error| Self::io(&error), |()| Self::Came)
    }

    fn embedded<T>(result: Result<Option<T>, ReadError<embedded_io::ErrorKind>>, take: impl FnOnce(T)) -> Self {
        match result {
            Ok(found) => Self::one(Ok(found), take),
            Err(ReadError::Io(kind)) => {
                assert_eq!(kind, embedded_io::ErrorKind::TimedOut, "interrupted calls are made again");
                Self::Again
            }
            Err(ReadError::Decode(error)) => Self::End(Err(EofError::Decode(error))),
            Err(ReadError::End(error)) => Self::End(Err(error)),
            Err(other) => panic!("{other:?}"),
        }
    }
}

fn owned(frame: &OwnedFrame, collected: &mut Collected) {
    collected.frame(&frame.frame());
    assert_eq!(frame.payload(), frame.frame().payload());
    assert_eq!(frame.wire().as_deref(), frame.frame().wire());
}

/// Calls until the end, and then again, to see that it stays the end.
fn collect(reader: Reader, stream: &[u8], mut next: impl FnMut(&mut Collected) -> Answer) -> Read {
    let mut collected = Collected::at_most(stream.len());
    let mut found = Read { events: Vec::new(), end: Ok(()), position: None, skipped: None };
    let mut again = 0;
    loop {
        match next(&mut collected) {
            Answer::Came => again = 0,
            Answer::Again => again += 1,
            Answer::End(end) => {
                found.end = end;
                break;
            }
        }
        collected.check().unwrap_or_else(|violation| panic!("{violation}"));
        assert!(again < 100_000, "a stream has an end");
    }
    found.events = collected.events().to_vec();
    // A reader that was put together anew may be asked for frames, and give a group of none. A host may read on.
    let mut left = 2;
    for _ in 0..64 + 8 * stream.len() {
        match next(&mut collected) {
            Answer::Came | Answer::Again => continue,
            Answer::End(end) => assert_eq!(end, found.end, "the end comes again at every call"),
        }
        left -= 1;
        if left == 0 {
            break;
        }
    }
    assert_eq!(left, 0, "the end comes again at every call: {reader:?}");
    assert_eq!(collected.events(), found.events, "nothing comes after the end");
    found
}

macro_rules! reader {
    ($call:ident, $run:ident, $module:ident $(, $await:ident)?) => {
        async fn $call(
            reader: &mut anysplit::$module::FrameReader<Source, &dyn Framing>,
            way: Way,
            pieces: &mut PiecesSoFar,
            collected: &mut Collected,
        ) -> Answer {
            match way {
                Way::Frame | Way::Mixed => {
                    Answer::one(reader.read_frame()$(.$await)?, |frame| collected.frame(&frame))
                }
                Way::Event => Answer::one(reader.read_event()$(.$await)?, |event| collected.event(&event)),
                Way::Bytes => Answer::one(reader.read_bytes()$(.$await)?, |frame| owned(&frame, collected)),
                Way::Batch => Answer::one(reader.read_batch()$(.$await)?, |batch| {
                    assert!(!batch.is_empty());
                    batch.iter().for_each(|frame| collected.frame(&frame));
                }),
                Way::Frames | Way::Events | Way::ForEach => {
                    Answer::group(reader.read_frames()$(.$await)?, way, collected)
                }
                Way::Piece => {
                    let piece = reader.read_piece()$(.$await)?.map(|piece| piece.map(OwnedPiece::from));
                    Answer::one(piece, |piece| {
                        pieces.take(piece, reader.position(), collected);
                    })
                }
            }
        }

        fn $run(this: Reader, framing: &dyn Framing, recovery: Recovery, stream: &[u8], plan: &Plan) -> Read {
            use anysplit::$module::FrameReader;
            let make = |source, decoder| {
                let mut reader = FrameReader::from_parts(source, decoder).with_block_len(this.block);
                reader.set_exact(this.exact);
                reader
            };
            let decoder = Decoder::new(framing).with_recovery(recovery);
            let mut reader = Some(make(Source::new(stream, plan.clone()), decoder));
            let mut pieces = PiecesSoFar::default();
            let mut calls = 0;
            let mut found = collect(this, stream, |collected| {
                calls += 1;
                let mut way = this.way;
                if way == Way::Mixed {
                    way = [Way::Frame, Way::Bytes, Way::Frames, Way::Batch][calls % 4];
                    if calls % 5 == 0 {
                        let (source, decoder) = reader.take().expect("put back").into_parts();
                        reader = Some(make(source, decoder));
                    }
                }
                let reader = reader.as_mut().expect("put back");
                let answer = drive($call(reader, way, &mut pieces, collected), 1).unwrap_or(Answer::Again);
                let single = matches!(way, Way::Frame | Way::Event | Way::Bytes) && matches!(answer, Answer::Came);
                // Unless it was found inside a longer one that was rejected.
                if this.exact && single && recovery != Recovery::Resync {
                    let end = collected.events().last().map(OwnedEvent::end);
                    assert_eq!(end, Some(reader.get_ref().given as u64), "nothing is taken beyond a frame");
                }
                answer
            });
            let reader = reader.expect("put back");
            (found.position, found.skipped) = (Some(reader.position()), Some(*reader.skipped()));
            found
        }
    };
}

reader!(call_io, run_io, io);
reader!(call_tokio, run_tokio, tokio, await);

macro_rules! embedded {
    ($run:ident, $source:expr, $frame:ident, $event:ident, $piece:ident $(, $await:ident)?) => {
        fn $run(this: Reader, framing: &dyn Framing, recovery: Recovery, stream: &[u8], plan: &Plan) -> Read {
            let source = $source(Source::new(stream, plan.clone()));
            let mut reader =
                embedded::FrameReader::new(source, framing, vec![0; this.block]).with_recovery(recovery);
            if this.exact {
                reader = reader.exact();
            }
            let mut pieces = PiecesSoFar::default();
            let mut found = collect(this, stream, |collected| {
                let call = async {
                    match this.way {
                        Way::Frame => Answer::embedded(reader.$frame()$(.$await)?, |frame| collected.frame(&frame)),
                        Way::Event => Answer::embedded(reader.$event()$(.$await)?, |event| collected.event(&event)),
                        _ => {
                            let piece = reader.$piece()$(.$await)?.map(|piece| piece.map(OwnedPiece::from));
                            let position = reader.position();
                            Answer::embedded(piece, |piece| {
                                pieces.take(piece, position, collected);
                            })
                        }
                    }
                };
                let answer = drive(call, 1).unwrap_or(Answer::Again);
                let single = this.way != Way::Piece && matches!(answer, Answer::Came);
                let exact = reader.buffered().is_empty() || recovery == Recovery::Resync;
                assert!(!(this.exact && single) || exact, "nothing is taken beyond a frame");
                answer
            });
            (found.position, found.skipped) = (Some(reader.position()), Some(*reader.skipped()));
            found
        }
    };
}

embedded!(run_embedded, |source| source, read_frame, read_event, read_piece);
embedded!(run_embedded_async, Awaited, read_frame_async, read_event_async, read_piece_async, await);

/// Through a codec in its host. An error comes once, and then the stream is over.
fn hosted<T>(
    this: Reader,
    stream: &[u8],
    mut host: impl Stream<Item = io::Result<T>> + Unpin,
    take: impl Fn(T, &mut Collected),
) -> Read {
    let mut end = None;
    collect(this, stream, |collected| {
        match (Pin::new(&mut host).poll_next(&mut Context::from_waker(Waker::noop())), end) {
            (Poll::Pending, _) => Answer::Again,
            (Poll::Ready(None), end) => Answer::End(end.unwrap_or(Ok(()))),
            (Poll::Ready(Some(item)), Some(_)) => panic!("{:?} after the end", item.map(drop)),
            (Poll::Ready(Some(Ok(item))), None) => {
                take(item, collected);
                Answer::Came
            }
            (Poll::Ready(Some(Err(error))), None) => {
                let Answer::End(error) = Answer::io(&error) else { panic!("{error:?} is no error of a stream") };
                end = Some(error);
                Answer::Came
            }
        }
    })
}

fn owned_event(event: anysplit::decode::OwnedEvent, collected: &mut Collected) {
    match event {
        anysplit::decode::OwnedEvent::Frame(frame) => owned(&frame, collected),
        anysplit::decode::OwnedEvent::Skipped(stretch) => collected.event(&Event::Skipped(stretch)),
    }
}

macro_rules! codec {
    ($run:ident, $module:ident, $host:ident) => {
        fn $run(this: Reader, framing: &dyn Framing, recovery: Recovery, stream: &[u8], plan: &Plan) -> Read {
            let source = Source::new(stream, plan.without_errors());
            let codec = anysplit::$module::Codec::new(framing);
            if this.way == Way::Event || recovery != Recovery::Fail {
                let host = $host::FramedRead::new(source, codec.with_recovery(recovery));
                return hosted(this, stream, host, owned_event);
            }
            hosted(this, stream, $host::FramedRead::new(source, codec), |frame: OwnedFrame, into| owned(&frame, into))
        }
    };
}

use tokio_util::codec as tokio_codec;

codec!(run_tokio_codec, tokio, tokio_codec);
codec!(run_futures_codec, futures, asynchronous_codec);

impl Reader {
    /// Reads all of the stream, in the chunks of the plan.
    pub fn read(self, framing: &dyn Framing, recovery: Recovery, stream: &[u8], plan: &Plan) -> Read {
        let run = match self.host {
            Host::Io => run_io,
            Host::Tokio => run_tokio,
            Host::TokioCodec => run_tokio_codec,
            Host::FuturesCodec => run_futures_codec,
            Host::Embedded => run_embedded,
            Host::EmbeddedAsync => run_embedded_async,
        };
        run(self, framing, recovery, stream, plan)
    }

    /// Reads, and compares with what the decoder returns for all of the stream in one chunk; a reader whose memory does not grow,
    /// with what a decoder in as much memory returns.
    pub fn check(self, framing: &dyn Framing, recovery: Recovery, stream: &[u8], plan: &Plan, expected: &Outcome) {
        let found = self.read(framing, recovery, stream, plan);
        let is_codec = matches!(self.host, Host::TokioCodec | Host::FuturesCodec);
        let reports = is_codec || self.way.reports_stretches();
        let in_pieces = self.way == Way::Piece;
        let case = || format!("{self:?}, {recovery:?}, \"{}\" by {plan:?}", stream.escape_ascii());
        let in_room;
        let expected = match self.host {
            Host::Embedded | Host::EmbeddedAsync => {
                let kind = if in_pieces { DriverKind::FixedPieces } else { DriverKind::Fixed };
                in_room = outcome(kind.open(framing, recovery, self.block), stream, &[])
                    .unwrap_or_else(|violation| panic!("{violation}: {}", case()));
                &in_room
            }
            _ => expected,
        };
        let events = expected.events.iter().filter(|event| reports || event.is_frame());
        let events: Vec<_> = events.map(|event| if in_pieces { event.in_pieces() } else { event.clone() }).collect();
        assert_eq!(found.events, events, "{}", case());
        assert_eq!(found.end, expected.end, "{}", case());
        assert!(found.skipped.is_none_or(|skipped| Some(skipped) == expected.skipped), "{}", case());
        // In pieces an error comes after part of its frame.
        let position = found.position.is_none_or(|position| in_pieces || position == expected.position);
        assert!(position, "{}: {:?}, not {}", case(), found.position, expected.position);
    }
}
