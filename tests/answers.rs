//! Answers that need the question: every answer gets the framing of its request, in every cut and by every way of reading.

#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::Read;

use anysplit::answers::{AnswerError, AnswerErrorKind, Answers, Expectation, Expecting, Full, Next, OneFrame, Reframe};
use anysplit::contract::FrameError;
use anysplit::io::FrameReader;
use anysplit::join::Candidate;
use anysplit::number::Binary;
use anysplit::{
    ByteSet, Chunked, Condition, DecodeError, DecodeErrorKind, Decoder, Delimited, Dotted, Either, Fixed, FixedDecoder,
    Frame, Framing, LengthField, Piece, Prefix, Recovery, Require, SmallDecoder,
};
use proptest::collection::vec as several;
use proptest::prelude::*;
use proptest::sample::Index;

#[path = "answers/protocols.rs"]
mod of_protocols;
#[cfg(all(feature = "tokio", feature = "embedded-io"))]
#[path = "answers/readers.rs"]
mod of_readers;
#[cfg(all(feature = "tokio", feature = "embedded-io"))]
#[path = "common/transport.rs"]
#[allow(dead_code, unreachable_pub, reason = "shared with other tests")]
mod transport;

/// What a client of a made-up protocol asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// One line.
    Line,
    /// A line, and after one of success lines to a dot.
    List,
    ListBody,
    /// As many bytes.
    Bytes(u64),
    /// Chunks up to the last.
    Chunks,
}

type AnyAnswer = Either<Either<Delimited<[[u8; 2]; 1]>, Dotted>, Either<Fixed, Chunked>>;

const LINE: AnyAnswer = Either::A(Either::A(Delimited::crlf()));

impl Expectation for Asked {
    type Framing = AnyAnswer;

    fn framing(&self) -> AnyAnswer {
        match self {
            Self::Line | Self::List => LINE,
            Self::ListBody => Either::A(Either::B(Dotted::new())),
            Self::Bytes(len) => Either::B(Either::A(Fixed::new(*len).unwrap())),
            Self::Chunks => Either::B(Either::B(Chunked::new())),
        }
    }

    fn next(&mut self, frame: &Candidate<'_>) -> Result<Next<AnyAnswer>, FrameError> {
        assert_eq!(frame.continues, *self == Self::ListBody || (*self == Self::Chunks && frame.continues));
        Ok(match self {
            Self::List if frame.payload.starts_with(b"+OK") => {
                *self = Self::ListBody;
                Next::Framing(self.framing())
            }
            Self::List if !frame.payload.starts_with(b"-ERR") => {
                return Err(FrameError::new(0, DecodeErrorKind::Custom("neither +OK nor -ERR")));
            }
            Self::Chunks if !frame.is_control => Next::Same,
            _ => Next::Done,
        })
    }

    fn reads_payload(&self) -> bool {
        *self == Self::List
    }
}

/// A frame as it was seen: its offset, its payload, what it belonged to, and whether it was the first or last of its answer.
type Seen = (u64, Vec<u8>, Asked, bool, bool);

/// How a stream ended: clean, or with an error of the decoder or of the answers.
#[derive(Clone, Debug, PartialEq)]
enum End {
    Clean,
    Stream(DecodeError),
    Cut(u64),
    Answer(AnswerError),
}

/// Requests with the bytes of their answers.
type Script = Vec<(Asked, Vec<u8>)>;

fn script() -> impl Strategy<Value = Script> {
    let answer = prop_oneof![
        "[a-z ]{0,9}".prop_map(|text| (Asked::Line, format!("{text}\r\n").into_bytes())),
        "[a-z]{0,4}".prop_map(|text| (Asked::List, format!("-ERR{text}\r\n").into_bytes())),
        several("[.a-z]{0,5}", 0..4).prop_map(|lines| {
            let mut wire = b"+OK\r\n".to_vec();
            match &lines[..] {
                [] => wire.extend(Dotted::new().no_lines()),
                lines => drop(Dotted::new().encode(lines.join("\r\n").as_bytes(), &mut wire).unwrap()),
            }
            (Asked::List, wire)
        }),
        several(any::<u8>(), 1..12).prop_map(|bytes| (Asked::Bytes(bytes.len() as u64), bytes)),
        several(several(any::<u8>(), 1..6), 0..3).prop_map(|chunks| {
            let mut wire = Vec::new();
            for chunk in chunks {
                Chunked::new().encode(&chunk, &mut wire).unwrap();
            }
            wire.extend(Chunked::LAST);
            (Asked::Chunks, wire)
        }),
    ];
    several(answer, 0..8)
}

fn cuts() -> impl Strategy<Value = Vec<Index>> {
    several(any::<Index>(), 0..8)
}

fn places(cuts: &[Index], len: usize) -> Vec<usize> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(len + 1)).collect();
    places.sort_unstable();
    places
}

fn seen(answers: &mut Answers<Asked, 8>, frame: &Frame<'_>) -> Result<Seen, End> {
    let answer = answers.take(frame).map_err(End::Answer)?;
    let payload = if frame.is_control() { b"(control)".to_vec() } else { frame.payload().to_vec() };
    Ok((frame.offset(), payload, *answer.expectation, answer.is_first, answer.is_last))
}

fn of_eof(error: anysplit::EofError) -> End {
    match error {
        anysplit::EofError::Decode(error) => End::Stream(error),
        anysplit::EofError::Truncated { end, .. } => End::Cut(end),
    }
}

fn asked(script: &[Asked]) -> Answers<Asked, 8> {
    let mut answers = Answers::new();
    script.iter().for_each(|asked| answers.expect(*asked).unwrap());
    answers
}

/// Reads a stream whose questions were all sent before.
fn by_decoder(script: &[Asked], stream: &[u8], cuts: &[usize]) -> (Vec<Seen>, End) {
    let (mut answers, mut decoder, mut all, mut begin) = (asked(script), Decoder::new(Expecting::nothing()), vec![], 0);
    let mut read = || {
        for &end in cuts.iter().chain([&stream.len()]) {
            decoder.push(&stream[begin..end]).unwrap();
            begin = end;
            loop {
                answers.prepare(&mut decoder);
                let Some(frame) = decoder.next_frame().map_err(End::Stream)? else { break };
                all.push(seen(&mut answers, &frame)?);
            }
        }
        loop {
            answers.prepare(&mut decoder);
            let Some(frame) = decoder.finish().map_err(of_eof)? else { break };
            all.push(seen(&mut answers, &frame)?);
        }
        answers.finish().map_err(End::Answer)
    };
    let end = read().err().unwrap_or(End::Clean);
    // An error stays.
    match end {
        End::Stream(error) => {
            answers.expect(Asked::Line).ok();
            answers.prepare(&mut decoder);
            assert_eq!(decoder.next_frame().err(), Some(error));
        }
        End::Answer(error) => assert_eq!(answers.finish(), Err(error)),
        _ => {}
    }
    (all, end)
}

fn by_fixed_decoder(script: &[Asked], stream: &[u8]) -> (Vec<Seen>, End) {
    let (mut answers, mut all) = (asked(script), vec![]);
    let mut decoder = FixedDecoder::new(Expecting::nothing(), [0; 256]);
    let mut read = || {
        for byte in stream {
            assert_eq!(decoder.push(&[*byte]).unwrap(), 1);
            loop {
                answers.prepare(&mut decoder);
                let Some(frame) = decoder.next_frame().map_err(End::Stream)? else { break };
                all.push(seen(&mut answers, &frame)?);
            }
        }
        answers.prepare(&mut decoder);
        if let Some(frame) = decoder.finish().map_err(of_eof)? {
            all.push(seen(&mut answers, &frame)?);
        }
        answers.finish().map_err(End::Answer)
    };
    let end = read().err().unwrap_or(End::Clean);
    (all, end)
}

/// Reads answers without an error.
fn by_small_decoder(script: &[Asked], stream: &[u8]) -> Vec<Seen> {
    let (mut answers, mut all) = (asked(script), vec![]);
    let mut decoder = SmallDecoder::new(Expecting::nothing(), [0; 256]);
    for byte in stream {
        assert_eq!(decoder.push(&[*byte]), 1);
        loop {
            answers.prepare(&mut decoder);
            let Some(frame) = decoder.next_frame() else { break };
            all.push(seen(&mut answers, &frame).unwrap());
        }
    }
    assert_eq!((decoder.skipped(), answers.finish()), (0, Ok(())));
    all
}

/// Returns at most `len` bytes a call.
struct Slow<'a>(&'a [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        let len = room.len().min(self.1);
        self.0.read(&mut room[..len])
    }
}

fn by_reader(script: &[Asked], stream: &[u8], len: usize) -> (Vec<Seen>, End) {
    let (mut answers, mut all) = (asked(script), vec![]);
    let mut reader = FrameReader::new(Slow(stream, len), Expecting::nothing());
    let mut read = || {
        loop {
            answers.prepare(&mut reader);
            let frame = reader.read_frame().map_err(|error| match anysplit::io::cause(&error) {
                Some(anysplit::io::Cause::Decode(error)) => End::Stream(error),
                Some(anysplit::io::Cause::End(error)) => of_eof(error),
                _ => panic!("{error}"),
            })?;
            let Some(frame) = frame else { break };
            all.push(seen(&mut answers, &frame)?);
        }
        answers.finish().map_err(End::Answer)
    };
    let end = read().err().unwrap_or(End::Clean);
    (all, end)
}

/// Reads in pieces what an expectation lets come in pieces, and the rest in frames.
fn by_pieces(script: &[Asked], stream: &[u8], cuts: &[usize]) -> (Vec<Seen>, End) {
    let (mut answers, mut decoder, mut all, mut begin) = (asked(script), Decoder::new(Expecting::nothing()), vec![], 0);
    let mut frame_at = (0, false, false, vec![]);
    let mut read = || {
        for &end in cuts.iter().chain([&stream.len()]) {
            decoder.push(&stream[begin..end]).unwrap();
            begin = end;
            loop {
                answers.prepare(&mut decoder);
                if answers.next_expectation().is_some_and(Expectation::reads_payload) {
                    let Some(frame) = decoder.next_frame().map_err(End::Stream)? else { break };
                    all.push(seen(&mut answers, &frame)?);
                    continue;
                }
                let offset = decoder.position();
                let Some(piece) = decoder.next_piece().map_err(End::Stream)? else { break };
                let answer = answers.take_piece(&piece, offset).map_err(End::Answer)?;
                match piece {
                    Piece::Start { control, .. } => frame_at = (offset, control, answer.is_first, vec![]),
                    Piece::Data(bytes) => frame_at.3.extend(bytes),
                    Piece::End { .. } => {
                        let (offset, control, is_first, payload) = std::mem::take(&mut frame_at);
                        let payload = if control { b"(control)".to_vec() } else { payload };
                        all.push((offset, payload, *answer.expectation, is_first, answer.is_last));
                    }
                    Piece::Skipped(_) => panic!(),
                }
            }
        }
        answers.prepare(&mut decoder);
        assert!(decoder.finish().map_err(of_eof)?.is_none());
        answers.finish().map_err(End::Answer)
    };
    let end = read().err().unwrap_or(End::Clean);
    (all, end)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// All requests are sent first, and then the answers come, cut anywhere.
    #[test]
    fn pipelined_answers_are_the_same_in_every_split(script in script(), cuts in cuts(), len in 1_usize..9) {
        let stream: Vec<u8> = script.iter().flat_map(|(_, answer)| answer).copied().collect();
        let asked: Vec<Asked> = script.iter().map(|(asked, _)| *asked).collect();
        let whole = by_decoder(&asked, &stream, &[]);
        prop_assert_eq!(&whole.1, &End::Clean);
        // Each answer begins where its bytes do, and ends with them.
        let firsts: Vec<u64> = whole.0.iter().filter(|seen| seen.3).map(|seen| seen.0).collect();
        let starts = script.iter().scan(0, |at, (_, answer)| Some(std::mem::replace(at, *at + answer.len() as u64)));
        prop_assert_eq!(firsts, starts.collect::<Vec<u64>>());
        prop_assert_eq!(whole.0.iter().filter(|seen| seen.4).count(), script.len());

        let every: Vec<usize> = (0..stream.len()).collect();
        for cuts in [&places(&cuts, stream.len())[..], &every] {
            prop_assert_eq!(&by_decoder(&asked, &stream, cuts), &whole);
            prop_assert_eq!(&by_pieces(&asked, &stream, cuts), &whole);
        }
        prop_assert_eq!(&by_fixed_decoder(&asked, &stream), &whole);
        prop_assert_eq!(&by_reader(&asked, &stream, len), &whole);
        prop_assert_eq!(&by_small_decoder(&asked, &stream), &whole.0);
    }

    /// The next request is sent after each answer: the outcome is that of a pipeline.
    #[test]
    fn one_request_at_a_time_gives_the_same(script in script(), cuts in cuts()) {
        let stream: Vec<u8> = script.iter().flat_map(|(_, answer)| answer).copied().collect();
        let asked: Vec<Asked> = script.iter().map(|(asked, _)| *asked).collect();
        let mut answers = Answers::<Asked, 8>::new();
        let (mut decoder, mut all) = (Decoder::new(Expecting::nothing()), vec![]);
        let mut begin = 0;
        for (asked, answer) in &script {
            answers.expect(*asked).unwrap();
            let mut ends: Vec<usize> = cuts.iter().map(|cut| begin + cut.index(answer.len() + 1)).collect();
            ends.sort_unstable();
            ends.push(begin + answer.len());
            for end in ends {
                decoder.push(&stream[begin..end]).unwrap();
                begin = end;
                loop {
                    answers.prepare(&mut decoder);
                    let Some(frame) = decoder.next_frame().unwrap() else { break };
                    all.push(seen(&mut answers, &frame).unwrap());
                }
            }
            prop_assert_eq!(answers.unanswered(), 0);
        }
        prop_assert_eq!(decoder.finish().unwrap(), None);
        prop_assert_eq!(answers.finish(), Ok(()));
        prop_assert_eq!(all, by_decoder(&asked, &stream, &[]).0);
    }

    /// Whatever a server sends, the outcome is the same in every split, errors and offsets included.
    #[test]
    fn hostile_answers_are_the_same_in_every_split(
        script in script(),
        damage in several((any::<Index>(), any::<u8>(), any::<bool>()), 0..3),
        more in several(any::<u8>(), 0..4),
        cuts in cuts(),
        len in 1_usize..9,
    ) {
        let mut stream: Vec<u8> = script.iter().flat_map(|(_, answer)| answer).copied().collect();
        stream.extend(more);
        for (at, by, remove) in damage {
            if !stream.is_empty() {
                let at = at.index(stream.len());
                if remove { stream.truncate(at) } else { stream[at] = by }
            }
        }
        let asked: Vec<Asked> = script.iter().map(|(asked, _)| *asked).collect();
        let whole = by_decoder(&asked, &stream, &[]);
        let every: Vec<usize> = (0..stream.len()).collect();
        for cuts in [&places(&cuts, stream.len())[..], &every] {
            prop_assert_eq!(&by_decoder(&asked, &stream, cuts), &whole);
        }
        prop_assert_eq!(&by_fixed_decoder(&asked, &stream), &whole);
        prop_assert_eq!(&by_reader(&asked, &stream, len), &whole);
    }
}

#[test]
fn answer_without_a_request_is_an_error_of_its_own() {
    let (seen, end) = by_decoder(&[Asked::Line], b"yes\r\nand more", &[]);
    assert_eq!(seen.len(), 1);
    let kind = DecodeErrorKind::NothingExpected;
    assert_eq!(end, End::Stream(DecodeError { frame_offset: 5, offset: 5, kind }));
    // No byte is no answer.
    assert_eq!(by_decoder(&[], b"", &[]), (vec![], End::Clean));
}

#[test]
fn missing_answers_are_reported_at_the_end() {
    let (_, end) = by_decoder(&[Asked::Line, Asked::List, Asked::Line], b"yes\r\n+OK\r\n", &[]);
    let kind = AnswerErrorKind::Unanswered { requests: 2 };
    assert_eq!(end, End::Answer(AnswerError { offset: 10, kind }));
    let (_, end) = by_decoder(&[Asked::Line], b"ye", &[]);
    assert_eq!(end, End::Cut(2));
}

#[test]
fn expectations_are_limited_and_the_queue_goes_round() {
    let mut answers = Answers::<Asked, 3>::new();
    let mut decoder = Decoder::new(Expecting::nothing());
    for _ in 0..3 {
        answers.expect(Asked::Line).unwrap();
    }
    for round in 0..10_u64 {
        assert_eq!(answers.expect(Asked::Line), Err(Full { max: 3 }));
        decoder.push(b"hi\r\n").unwrap();
        answers.prepare(&mut decoder);
        let frame = decoder.next_frame().unwrap().unwrap();
        assert!(answers.take(&frame).unwrap().is_last);
        assert_eq!((frame.offset(), answers.unanswered()), (round * 4, 2));
        answers.expect(Asked::Line).unwrap();
    }
    assert_eq!(Answers::<Asked, 0>::new().expect(Asked::Line), Err(Full { max: 0 }));
}

#[test]
fn frame_without_prepare_is_refused() {
    let mut answers = Answers::<Asked, 2>::new();
    answers.expect(Asked::Line).unwrap();
    answers.expect(Asked::Bytes(2)).unwrap();
    let mut decoder = Decoder::new(Expecting::nothing());
    answers.prepare(&mut decoder);
    decoder.push(b"hi\r\nyes\r\n").unwrap();
    let frame = decoder.next_frame().unwrap().unwrap();
    answers.take(&frame).unwrap();
    // With the framing of the answer before, it would be a line.
    let frame = decoder.next_frame().unwrap().unwrap();
    let error = AnswerError { offset: 4, kind: AnswerErrorKind::NotPrepared };
    assert_eq!(answers.take(&frame).unwrap_err(), error);
    assert_eq!(answers.finish(), Err(error));
    answers.reset();
    assert_eq!((answers.finish(), answers.unanswered()), (Ok(()), 0));
}

#[test]
fn error_of_an_expectation_has_the_offset_of_the_stream() {
    let (seen, end) = by_decoder(&[Asked::Line, Asked::List], b"yes\r\nno\r\n", &[3]);
    assert_eq!(seen.len(), 1);
    let kind = AnswerErrorKind::Frame(DecodeErrorKind::Custom("neither +OK nor -ERR"));
    assert_eq!(end, End::Answer(AnswerError { offset: 5, kind }));
}

#[test]
fn payload_that_is_read_must_not_come_in_pieces() {
    let mut answers = asked(&[Asked::List]);
    let mut decoder = Decoder::new(Expecting::nothing());
    answers.prepare(&mut decoder);
    decoder.push(b"+OK\r\n").unwrap();
    let piece = decoder.next_piece().unwrap().unwrap();
    let error = answers.take_piece(&piece, 0).unwrap_err();
    assert_eq!(error.kind, AnswerErrorKind::NeedsFrame);
}

#[test]
fn skipped_piece_is_refused() {
    let mut answers = Answers::<OneFrame<Prefix<Binary>>, 4>::new();
    let framing = Prefix::u8().with_max_payload_len(3);
    answers.expect(OneFrame(framing)).unwrap();
    let mut decoder = Decoder::new(Expecting::nothing()).with_recovery(Recovery::SkipOversize);
    answers.prepare(&mut decoder);
    decoder.push(b"\x04long\x02hi").unwrap();
    let piece = decoder.next_piece().unwrap().unwrap();
    assert_eq!(answers.take_piece(&piece, 0).unwrap_err().kind, AnswerErrorKind::Skipped);
}

/// A master of Modbus RTU on a small machine: the answers come on a line with noise, and one does not come.
#[test]
fn small_decoder_takes_the_framing_of_each_answer() {
    let mut decoder = SmallDecoder::new(Expecting::nothing(), [0; 16]);
    let mut answers = Answers::<OneFrame<Require<Prefix<Binary>>>, 1>::new();
    let from = |unit| Require::new(Prefix::u8()).with(Condition::one_of(1, ByteSet::of(unit)).unwrap()).unwrap();
    let mut seen = Vec::new();
    for (unit, bytes) in [(7, &b"??\x02\x07a"[..]), (8, b"\x02\x07b\x03\x08"), (9, b"\x02\x09d")] {
        answers.expect(OneFrame(from(unit))).unwrap();
        answers.prepare(&mut decoder);
        decoder.push(bytes);
        while let Some(frame) = decoder.next_frame() {
            answers.take(&frame).unwrap();
            seen.push(frame.payload().to_vec());
            answers.prepare(&mut decoder);
        }
        if answers.unanswered() > 0 {
            // Silence.
            decoder.clear();
            answers.reset();
        }
    }
    assert_eq!((seen, decoder.skipped()), (vec![b"\x07a".to_vec(), b"\x09d".to_vec()], 7));
}

#[test]
fn framing_set_after_an_error_or_the_end_leaves_it() {
    let mut decoder = Decoder::new(Prefix::u8().with_max_payload_len(3));
    decoder.push(b"\x02hi\x04").unwrap();
    decoder.next_frame().unwrap().unwrap();
    let error = decoder.next_frame().unwrap_err();
    decoder.set_framing(Prefix::u8());
    assert_eq!(decoder.next_frame(), Err(error));
    assert!(decoder.push(b"x").is_err());
    let mut decoder = Decoder::new(Prefix::u8());
    decoder.push(b"\x02hi").unwrap();
    decoder.next_frame().unwrap().unwrap();
    assert_eq!(decoder.finish(), Ok(None));
    Reframe::set_framing(&mut decoder, Prefix::u16_be());
    assert!(decoder.push(b"x").is_err());
    assert_eq!(decoder.finish(), Ok(None));
}
