//! Faults that the adapters have had, each with its test.

#![cfg(all(feature = "tokio", feature = "futures", feature = "embedded-io", feature = "nom"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::cell::Cell;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};

use allocation_counter::measure;
use anysplit::contract::{Envelope, Extent, FrameError, Located, Progress};
use anysplit::delimited::Unterminated;
use anysplit::io::{Cause, cause};
use anysplit::{
    DecodeErrorKind, Decoder, Delimited, EncodeError, EofError, Event, Framing, Piece, Prefix, Recovery, Stuffed,
    Truncated,
};
use futures::executor::block_on;

use transport::{Awaited, Plan, Sink, Source};

#[path = "common/transport.rs"]
#[allow(dead_code, unreachable_pub, reason = "shared with other tests")]
mod transport;

/// A transport that returns a few bytes a call.
fn source(bytes: &[u8], at_a_time: usize) -> Source {
    Source::new(bytes, Plan::chunks(at_a_time))
}

/// Reading into 64 KiB, and returning a frame that shares them.
#[test]
fn owned_frame_of_one_byte_owns_no_block() {
    let mut kept = Vec::with_capacity(200);
    let measured = measure(|| {
        let wire = b"\x01a".repeat(100);
        let mut reader = anysplit::tokio::FrameReader::new(source(&wire, 2), Prefix::u8());
        while let Some(frame) = block_on(reader.read_bytes()).unwrap() {
            kept.push(frame);
        }
        let mut reader = anysplit::io::FrameReader::new(source(&wire, 2), Prefix::u8());
        while let Some(frame) = reader.read_bytes().unwrap() {
            kept.push(frame);
        }
    });
    assert_eq!(kept.len(), 200);
    // The thread keeps one block for the next reader.
    let owned = measured.bytes_current - 64 * 1024;
    assert!(owned < 200 * 128, "{owned} bytes for 200 frames of one byte");
}

/// Reserving a block of the decoder's own for every read, and keeping it while a frame is unfinished.
#[test]
fn unfinished_frame_owns_no_block() {
    let (mut client, server) = tokio::io::duplex(64);
    let mut reader = anysplit::tokio::FrameReader::new(server, Prefix::u32_be());
    block_on(async {
        tokio::io::AsyncWriteExt::write_all(&mut client, b"\0\x10\0\0").await.unwrap();
        assert!(futures::poll!(std::pin::pin!(reader.read_bytes())).is_pending());
        assert!(reader.capacity() <= 512, "{} bytes for 4 of a frame", reader.capacity());
        assert!(futures::poll!(std::pin::pin!(reader.read_batch())).is_pending());
        assert!(reader.capacity() <= 512, "{} bytes for 4 of a frame", reader.capacity());
    });
}

/// Any loop over a reader, and the error that ends it. The error comes again at every later call.
macro_rules! loops {
    ($reader:ident, $make:expr, $($name:literal: $call:expr),* $(,)?) => {[$(
        ($name, {
            let mut $reader = $make;
            let error = loop {
                match $call {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("{}: a clean end", $name),
                    Err(error) => break error,
                }
            };
            assert_eq!(cause(&$call.map(drop).unwrap_err()), cause(&error), "{}", $name);
            error
        })
    ),*]};
}

/// Asking for a batch, and taking the end for a clean one although part of a frame is left.
#[test]
fn loop_over_a_reader_never_takes_a_cut_for_a_clean_end() {
    let wire = &b"\x02hi\x05he"[..];
    let part = Truncated::Payload { have: 2, need: 5 };
    let cut = Some(Cause::End(EofError::Truncated { frame_offset: 3, end: 6, part }));
    let make = || anysplit::io::FrameReader::new(source(wire, 4), Prefix::u8());
    let waiting = || anysplit::tokio::FrameReader::new(source(wire, 4), Prefix::u8());
    let found = loops!(reader, make(),
        "read_frame": reader.read_frame(),
        "read_event": reader.read_event(),
        "read_bytes": reader.read_bytes(),
        "read_batch": reader.read_batch(),
        "read_piece": reader.read_piece(),
        "read_frames": reader.read_frames().and_then(|frames| match frames {
            None => Ok(None),
            Some(frames) => frames.for_each(|_| {}).map(Some),
        }),
    );
    let asynchronous = loops!(reader, waiting(),
        "read_frame, async": block_on(reader.read_frame()),
        "read_event, async": block_on(reader.read_event()),
        "read_bytes, async": block_on(reader.read_bytes()),
        "read_batch, async": block_on(reader.read_batch()),
        "read_piece, async": block_on(reader.read_piece()),
        "read_frames, async": block_on(reader.read_frames()).and_then(|frames| match frames {
            None => Ok(None),
            Some(frames) => frames.for_each(|_| {}).map(Some),
        }),
    );
    for (name, error) in found.into_iter().chain(asynchronous) {
        assert_eq!((error.kind(), cause(&error)), (ErrorKind::UnexpectedEof, cut), "{name}");
    }
}

/// After the end, every kind of call returns the same error.
#[test]
fn cut_is_reported_the_same_by_every_later_call() {
    let mut reader = anysplit::io::FrameReader::new(&b"\x05he"[..], Prefix::u8());
    let first = cause(&reader.read_batch().unwrap_err()).unwrap();
    for _ in 0..2 {
        assert_eq!(cause(&reader.read_frame().unwrap_err()), Some(first));
        assert_eq!(cause(&reader.read_event().unwrap_err()), Some(first));
        assert_eq!(cause(&reader.read_bytes().unwrap_err()), Some(first));
        assert_eq!(cause(&reader.read_piece().unwrap_err()), Some(first));
        assert_eq!(cause(&reader.read_frames().unwrap_err()), Some(first));
        assert_eq!(cause(&reader.read_batch().unwrap_err()), Some(first));
    }
}

/// A group was asked of a reader whose decoder had already seen the end with another reader.
#[test]
fn cut_is_reported_the_same_by_a_reader_that_is_put_together_anew() {
    let mut reader = anysplit::io::FrameReader::new(&b"\x05he"[..], Prefix::u8());
    let first = cause(&reader.read_frame().unwrap_err()).unwrap();
    let (inner, decoder) = reader.into_parts();
    let mut reader = anysplit::io::FrameReader::from_parts(inner, decoder);
    assert_eq!(cause(&reader.read_frames().unwrap_err()), Some(first));
    assert_eq!(cause(&reader.read_event().unwrap_err()), Some(first));
}

/// A message that only the end completes was missing from the batches.
#[test]
fn batch_has_the_message_that_the_end_completes() {
    let mut reader = anysplit::io::FrameReader::new(&b"one\ntwo"[..], Delimited::line());
    let mut lines = Vec::new();
    while let Some(batch) = reader.read_batch().unwrap() {
        lines.extend(batch.iter().map(|frame| frame.payload().to_vec()));
    }
    assert_eq!(lines, [b"one", b"two"]);
}

/// The frames of the end were lent once, even if nobody took them.
#[test]
fn frames_that_are_dropped_unread_come_with_the_next_call() {
    let mut reader = anysplit::io::FrameReader::new(source(b"one\ntwo", 5), Delimited::line());
    let mut waiting = anysplit::tokio::FrameReader::new(source(b"one\ntwo", 5), Delimited::line());
    let (mut lines, mut others) = (Vec::new(), Vec::new());
    for turn in 0..20 {
        let Some(mut frames) = reader.read_frames().unwrap() else { break };
        if turn % 3 == 2 {
            lines.extend(frames.next_frame().unwrap().map(|frame| frame.payload().to_vec()));
        }
    }
    for turn in 0..20 {
        let Some(mut frames) = block_on(waiting.read_frames()).unwrap() else { break };
        if turn % 3 == 2 {
            others.extend(frames.next_frame().unwrap().map(|frame| frame.payload().to_vec()));
        }
    }
    assert_eq!(lines, [b"one", b"two"]);
    assert_eq!(others, lines);
    assert!(reader.read_frames().unwrap().is_none());
}

/// Asking for a group after a frame of the end was taken alone.
#[test]
fn frames_are_read_in_groups_after_one_of_the_end() {
    let block = Delimited::line();
    let mut reader = anysplit::io::FrameReader::new(&b"one\ntwo"[..], block);
    assert_eq!(reader.read_bytes().unwrap().unwrap().payload(), &b"one"[..]);
    assert_eq!(reader.read_bytes().unwrap().unwrap().payload(), &b"two"[..]);
    assert!(reader.read_frames().unwrap().is_none());
    assert!(reader.read_batch().unwrap().is_none());
}

/// A count above the room offered shows bytes that another connection has left in the thread's block.
#[test]
fn reader_that_claims_too_much_is_an_error() {
    const SECRET: &[u8] = b"another connection's secret";
    // Leaves its bytes in the block of this thread.
    let mut other = anysplit::io::FrameReader::new(SECRET, Delimited::line());
    assert_eq!(other.read_frame().unwrap().unwrap().payload(), SECRET);
    drop(other);

    let claiming = || Source { claims: 20, ..source(b"\x01", 1) };
    for exact in [true, false] {
        let mut reader = anysplit::io::FrameReader::new(claiming(), Prefix::u8());
        reader.set_exact(exact);
        for _ in 0..3 {
            let error = reader.read_frame().unwrap_err();
            assert_eq!((error.kind(), cause(&error)), (ErrorKind::InvalidData, None));
            assert_eq!(reader.read_bytes().unwrap_err().kind(), ErrorKind::InvalidData);
            assert_eq!(reader.read_frames().unwrap_err().kind(), ErrorKind::InvalidData);
            assert_eq!((reader.position(), reader.buffered()), (0, 0));
        }
    }
    let mut reader = anysplit::embedded::FrameReader::new(claiming(), Prefix::u8(), [0; 32]).exact();
    let mut waiting = anysplit::embedded::FrameReader::new(Awaited(claiming()), Prefix::u8(), [0; 32]).exact();
    let overrun = anysplit::embedded::ReadError::Overrun { claimed: 21, offered: 1 };
    for _ in 0..3 {
        assert_eq!(reader.read_frame(), Err(overrun));
        assert_eq!(reader.read_piece(), Err(overrun));
        assert_eq!(block_on(waiting.read_frame_async()), Err(overrun));
        assert_eq!((reader.buffered(), waiting.buffered()), (&b""[..], &b""[..]));
    }
}

/// An asynchronous reader can only claim too much by replacing the buffer that it was given.
#[test]
fn asynchronous_reader_with_a_buffer_of_its_own_is_an_error() {
    struct Swaps;
    impl tokio::io::AsyncRead for Swaps {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            room: &mut tokio::io::ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            let mut other = tokio::io::ReadBuf::new(Box::leak(Box::new([0; 100])));
            other.advance(50);
            *room = other;
            Poll::Ready(Ok(()))
        }
    }
    let mut reader = anysplit::tokio::FrameReader::new(Swaps, Prefix::u8()).exact();
    for _ in 0..3 {
        assert_eq!(block_on(reader.read_frame()).unwrap_err().kind(), ErrorKind::InvalidData);
        assert_eq!(block_on(reader.read_bytes()).unwrap_err().kind(), ErrorKind::InvalidData);
    }
}

fn counted(input: &[u8]) -> nom::IResult<&[u8], &[u8]> {
    use nom::Parser;
    nom::multi::length_data(nom::number::streaming::be_u32).parse(input)
}

/// A parser was called again and again without its limit, so all bytes were kept until it knew the frame's end.
#[test]
fn parser_buffers_no_more_than_its_limit_while_skipping() {
    let framing = anysplit::nom::parser(counted).with_max_payload_len(1000);
    let expected = DecodeErrorKind::Oversize { len: 1001, max: 1000 };
    let chunk = [0; 4096];
    for recovery in [Recovery::Fail, Recovery::SkipOversize, Recovery::SkipFrame] {
        let mut decoder = Decoder::new(framing).with_recovery(recovery);
        decoder.push(&(64_u32 << 20).to_be_bytes()).unwrap();
        let mut error = decoder.next_frame().map(drop);
        for _ in 0..100 {
            if error.is_err() || decoder.push(&chunk).is_err() {
                break;
            }
            error = decoder.next_frame().map(drop);
            assert!(decoder.capacity() <= 2 * (1000 + chunk.len()));
        }
        assert_eq!(error.map_err(|error| error.kind), Err(expected), "{recovery:?}");
    }
}

/// The result of a parser for a frame over the limit does not depend on how much of it has arrived.
#[test]
fn parser_over_its_limit_answers_alike_for_every_cut() {
    use nom::Parser;
    use nom::bytes::streaming::{tag, take_while};
    // It needs to see a byte beyond the spaces.
    fn spaces(input: &[u8]) -> nom::IResult<&[u8], &[u8]> {
        nom::sequence::terminated(take_while(|byte| byte == b' '), tag(&b"."[..])).parse(input)
    }
    let framing = anysplit::nom::parser(spaces).with_max_payload_len(8);
    for spaces in 0..20 {
        let wire = [&b" ".repeat(spaces)[..], b".x"].concat();
        let outcome = |chunk: usize| {
            let mut decoder = Decoder::new(framing);
            for chunk in wire.chunks(chunk) {
                if decoder.push(chunk).is_err() {
                    break;
                }
                match decoder.next_frame() {
                    Ok(Some(frame)) => return Ok(frame.payload().len()),
                    Ok(None) => {}
                    Err(error) => return Err(error),
                }
            }
            panic!("neither a frame nor an error")
        };
        assert_eq!(outcome(1), outcome(100), "{spaces} spaces");
        assert_eq!(outcome(1).is_ok(), spaces < 8);
    }
}

thread_local! {
    /// The count of bytes that a framing has looked at.
    static LOOKED_AT: Cell<usize> = const { Cell::new(0) };
}

/// Lines, and a count of the bytes that are looked at.
struct CountedLines;

impl Framing for CountedLines {
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let fresh = input.get(progress.scanned..).unwrap_or_default();
        LOOKED_AT.set(LOOKED_AT.get() + fresh.len());
        match fresh.iter().position(|&byte| byte == b'\n') {
            Some(at) => Ok(Located::Known(Extent::new(0, (progress.scanned + at) as u64, 1))),
            None => {
                progress.scanned = input.len();
                let so_far = Extent::new(0, input.len() as u64, 0);
                Ok(Located::Search { so_far, least: input.len() as u64 + 1 })
            }
        }
    }

    fn envelope(&self, _: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        Err(EncodeError::Empty)
    }
}

/// Asking how much of a frame is missing read all of it, for every byte that arrived.
#[test]
fn exact_reader_looks_at_each_byte_a_few_times() {
    let wire = [&b"x".repeat(5000)[..], b"\n"].concat();
    let looked_at = |read: &mut dyn FnMut() -> usize| {
        LOOKED_AT.set(0);
        assert_eq!(read(), 5000);
        let count = LOOKED_AT.get();
        assert!(count <= 4 * wire.len(), "{count} bytes looked at for {}", wire.len());
    };
    looked_at(&mut || {
        let mut reader = anysplit::io::FrameReader::new(&wire[..], CountedLines).exact();
        reader.read_frame().unwrap().unwrap().payload().len()
    });
    looked_at(&mut || {
        let mut reader = anysplit::io::FrameReader::new(&wire[..], CountedLines).exact();
        reader.read_bytes().unwrap().unwrap().payload().len()
    });
    looked_at(&mut || {
        let mut reader = anysplit::tokio::FrameReader::new(&wire[..], CountedLines).exact();
        block_on(reader.read_bytes()).unwrap().unwrap().payload().len()
    });
    looked_at(&mut || {
        let mut reader = anysplit::embedded::FrameReader::new(&wire[..], CountedLines, vec![0; 6000]).exact();
        reader.read_frame().unwrap().unwrap().payload().len()
    });
}

/// A skipped frame leaves a host's buffer empty, and `asynchronous_codec` then does not call the codec at the end.
#[test]
fn end_inside_a_skipped_frame_is_reported_by_every_stream() {
    use anysplit::decode::OwnedEvent;
    use futures::StreamExt;
    let framing = Delimited::line().with_max_payload_len(3).with_unterminated(Unterminated::Fail);
    let wire = &b"one\nmuch too long"[..];
    let check = |events: Vec<io::Result<OwnedEvent>>| {
        let [Ok(OwnedEvent::Frame(frame)), Ok(OwnedEvent::Skipped(stretch)), Err(error)] = &events[..] else {
            panic!("{events:?}")
        };
        assert_eq!(frame.payload(), &b"one"[..]);
        assert_eq!((stretch.offset, stretch.len), (4, 13));
        let part = Truncated::Skipped { have: 13 };
        assert_eq!(cause(error), Some(Cause::End(EofError::Truncated { frame_offset: 4, end: 17, part })));
    };
    for at_a_time in [1, 2, 5, 100] {
        let codec = anysplit::futures::Codec::new(framing).with_recovery(Recovery::SkipOversize);
        let reader = futures::io::AllowStdIo::new(source(wire, at_a_time));
        check(block_on(asynchronous_codec::FramedRead::new(reader, codec.clone()).collect()));
        check(block_on(tokio_util::codec::FramedRead::new(source(wire, at_a_time), codec).collect()));
    }
}

/// Codecs keep the word that a message leaves for the next one.
#[test]
fn codecs_agree_with_the_encoder() {
    use anysplit::Then;
    use bytes::{Buf, BytesMut};
    let framing = Then::new(Delimited::line(), Stuffed::cobs());
    let messages = [&b"READY"[..], b"a\0b", b"", b"hello"];
    let mut encoder = anysplit::Encoder::new(framing);
    let mut ours = anysplit::tokio::Codec::new(framing);
    let mut theirs = anysplit::futures::Codec::new(framing).with_recovery(Recovery::SkipFrame);
    let (mut one, mut other) = (BytesMut::new(), BytesMut::new());
    let mut embedded =
        anysplit::embedded::FrameWriter::new(Sink::new(Plan::default(), false), framing).with_buffer([0; 20]);
    for message in messages {
        encoder.push(message).unwrap();
        tokio_util::codec::Encoder::encode(&mut ours, message, &mut one).unwrap();
        asynchronous_codec::Encoder::encode(&mut theirs, message, &mut other).unwrap();
        embedded.write(message).unwrap();
    }
    let wire = encoder.copy_to_bytes(encoder.remaining());
    assert_eq!((&one[..], &other[..], &embedded.into_inner().taken()[..]), (&wire[..], &wire[..], &wire[..]));
}

/// Without room for a rewritten frame nothing is written, and the next message can be.
#[test]
fn embedded_writer_without_room_writes_nothing() {
    use anysplit::embedded::{FrameWriter, WriteError};
    let mut writer = FrameWriter::new(Sink::new(Plan::default(), false), Stuffed::cobs()).with_buffer([0; 5]);
    assert_eq!(writer.write(b"hello"), Err(WriteError::Refused(EncodeError::NoRoom { need: 7, have: 5 })));
    writer.write(b"abc").unwrap();
    assert_eq!(writer.into_inner().taken(), b"\x04abc\0");
    let mut writer = FrameWriter::new(Sink::new(Plan::default(), false), Prefix::u8());
    writer.write(b"needs no buffer").unwrap();
}

/// Pieces, events and counts of a reader that skips.
#[test]
fn reader_goes_on_after_a_skipped_stretch() {
    let framing = || Delimited::line().with_max_payload_len(3);
    let wire = &b"one\nmuch too long\ntwo\n"[..];
    let reader = || anysplit::io::FrameReader::new(source(wire, 3), framing());
    let mut frames = reader().with_recovery(Recovery::SkipOversize);
    assert_eq!(frames.read_frame().unwrap().unwrap().payload(), b"one");
    assert_eq!(frames.read_frame().unwrap().unwrap().payload(), b"two");
    assert!(frames.read_frame().unwrap().is_none());
    assert_eq!((frames.skipped().stretches, frames.skipped().bytes), (1, 14));
    assert!(!frames.is_skipping());

    let mut events = reader().with_recovery(Recovery::SkipOversize);
    assert!(matches!(events.read_event().unwrap(), Some(Event::Frame(_))));
    assert!(matches!(events.read_event().unwrap(), Some(Event::Skipped(stretch)) if stretch.offset == 4));
    assert!(matches!(events.read_event().unwrap(), Some(Event::Frame(frame)) if frame.offset() == 18));
    assert!(events.read_event().unwrap().is_none());

    let mut pieces = reader().with_recovery(Recovery::SkipOversize);
    let mut skipped = 0;
    while let Some(piece) = pieces.read_piece().unwrap() {
        skipped += usize::from(matches!(piece, Piece::Skipped(_)));
    }
    assert_eq!(skipped, 1);

    let mut embedded =
        anysplit::embedded::FrameReader::new(source(wire, 3), framing(), [0; 6]).with_recovery(Recovery::SkipOversize);
    assert_eq!(embedded.read_frame().unwrap().unwrap().payload(), b"one");
    assert!(matches!(embedded.read_event().unwrap(), Some(Event::Skipped(stretch)) if stretch.len == 14));
    assert_eq!(embedded.read_frame().unwrap().unwrap().payload(), b"two");
    assert_eq!(embedded.read_frame(), Ok(None));
    assert_eq!(embedded.skipped().stretches, 1);
}

#[test]
fn skipped_stretch_that_is_ready_needs_no_read() {
    let framing = Prefix::u8().with_max_payload_len(1);
    // It would block after these bytes.
    let once = Source { closed: false, ..source(b"\x02hi", 3) };
    let mut reader = anysplit::io::FrameReader::new(once, framing).with_recovery(Recovery::SkipOversize);
    for _ in 0..3 {
        drop(reader.read_frames().unwrap().unwrap());
    }
    let event = reader.read_event().unwrap().unwrap();
    assert!(matches!(event, Event::Skipped(stretch) if (stretch.offset, stretch.len) == (0, 3)));
}
