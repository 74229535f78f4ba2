//! The framing of HTTP/1 messages: every law for its frames, and its messages against `Messages`.

use anysplit::http1::{Messages, Question};
use anysplit::join::{HttpMessages, JoinErrorKind, Joined, Joiner, MessagePiece, NextPart};
use anysplit::{Decoder, Http1, Piece};
use proptest::collection::vec as several;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::messages::places;

const REQUESTS: [&str; 7] = [
    "PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
    "POST / HTTP/1.1\r\ncontent-length:0\r\n\r\n",
    "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;a=b\r\nlo\r\n0\r\n\r\n",
    "PUT / HTTP/1.1\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n000\r\nDigest: x\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: 20\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
];

const RESPONSES: [&str; 5] = [
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n00a\r\n0123456789\r\n0\r\n\r\n",
    "HTTP/1.1 204 No Content\r\n\r\n",
];

/// A header and a body: all of a message that `Messages` and the joiner both return.
type Seen = (Vec<u8>, Vec<u8>);

/// Joined from the frames, and whether the stream ended in an error.
pub(crate) fn joined(rule: HttpMessages, stream: &[u8], cuts: &[usize]) -> (Vec<Seen>, bool) {
    let mut decoder = Decoder::new(Http1::new());
    let mut joiner = Joiner::new(rule);
    let (mut seen, mut begin) = (vec![], 0);
    for &end in cuts.iter().chain([&stream.len()]) {
        if decoder.push(&stream[begin..end]).is_err() {
            return (seen, true);
        }
        begin = end;
        loop {
            let frame = match decoder.next_frame() {
                Ok(Some(frame)) => frame,
                Ok(None) => break,
                Err(_) => return (seen, true),
            };
            loop {
                match joiner.next_message(&frame) {
                    Ok(Some(Joined::Message(message))) => {
                        seen.push((message.first_header().to_vec(), message.payload().to_vec()));
                    }
                    Ok(Some(Joined::Control(frame))) => panic!("{frame:?} is no control frame"),
                    Ok(None) => break,
                    Err(_) => return (seen, true),
                }
            }
        }
    }
    loop {
        let frame = match decoder.finish() {
            Ok(Some(frame)) => frame,
            Ok(None) => return (seen, joiner.finish().is_err()),
            Err(_) => return (seen, true),
        };
        while let Ok(Some(Joined::Message(message))) = joiner.next_message(&frame) {
            seen.push((message.first_header().to_vec(), message.payload().to_vec()));
        }
    }
}

/// As the expectations read them.
fn expected(mut messages: Messages, stream: &[u8]) -> (Vec<Seen>, bool) {
    let mut seen = vec![];
    messages.push(stream).unwrap();
    loop {
        match messages.finish() {
            Ok(Some(message)) => seen.push((message.header().to_vec(), message.body().to_vec())),
            Ok(None) => return (seen, false),
            Err(_) => return (seen, true),
        }
    }
}

fn harmed(parts: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let bytes = select(&b"\r\n0 1:;aH\t\0,"[..]);
    let harm = (any::<Index>(), 0_usize..3, several(bytes, 0..3));
    let harms = prop_oneof![several(harm.clone(), 0..=0), several(harm, 1..4)];
    (several(select(parts), 0..5), harms).prop_map(|(parts, harms)| {
        let mut stream = parts.concat().into_bytes();
        for (at, len, by) in harms {
            let at = at.index(stream.len() + 1);
            let end = stream.len().min(at + len);
            stream.splice(at..end, by);
        }
        stream
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn joined_requests_are_those_of_messages(stream in harmed(&REQUESTS), cuts in several(any::<Index>(), 0..6)) {
        let found = joined(HttpMessages::from_clients(), &stream, &places(&cuts, stream.len()));
        prop_assert_eq!(found, expected(Messages::requests(), &stream));
    }

    #[test]
    fn joined_responses_are_those_of_messages(stream in harmed(&RESPONSES), cuts in several(any::<Index>(), 0..6)) {
        let mut messages = Messages::<64>::pipelined();
        for _ in 0..64 {
            messages.expect(Question::Other).unwrap();
        }
        let (found, failed) = joined(HttpMessages::from_servers(), &stream, &places(&cuts, stream.len()));
        let mut seen = vec![];
        messages.push(&stream).unwrap();
        let mut is_wrong = true;
        loop {
            match messages.finish() {
                Ok(Some(message)) => seen.push((message.header().to_vec(), message.body().to_vec())),
                Ok(None) => break,
                // The stream ends before there are 64 answers. A framing expects none, unless an interim answer announces it.
                Err(anysplit::http1::MessageError::Answer(error)) => {
                    is_wrong = !matches!(error.kind, anysplit::answers::AnswerErrorKind::Unanswered { .. });
                    break;
                }
                Err(_) => break,
            }
        }
        prop_assert!(found == seen && (failed == is_wrong || !is_wrong), "{}", stream.escape_ascii());
    }

    #[cfg(feature = "testing")]
    #[test]
    fn frames_keep_the_laws(
        requests in several(select(&REQUESTS[1..4]), 0..3),
        chunks in several(several(any::<u8>(), 1..20), 0..3),
        stream in harmed(&REQUESTS),
        answers in harmed(&RESPONSES),
        split in anysplit::testing::splits(),
        small in any::<bool>(),
    ) {
        use anysplit::testing;

        let framing = if small { Http1::new().with_max_payload_len(6).with_max_header_len(70) } else { Http1::new() };
        let mut messages: Vec<Vec<u8>> = requests.iter().map(|request| request.as_bytes().to_vec()).collect();
        messages.extend([&b"PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"[..], b"hello"].map(<[u8]>::to_vec));
        messages.push(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec());
        messages.extend(chunks);
        messages.push(vec![]);
        messages.push(b"HTTP/1.1 200 OK\r\n\r\nend".to_vec());
        let check = || {
            testing::round_trip(&framing, &messages)?;
            testing::refusal(&framing, &messages)?;
            testing::end_reports_what_was_cut(&framing, &messages)?;
            for stream in [&stream, &answers] {
                let cuts = split.cuts(stream.len());
                testing::no_panic(&framing, stream, &cuts)?;
                testing::contract(&framing, stream)?;
                testing::any_split(&framing, stream, &cuts)?;
                testing::neither_late_nor_greedy(&framing, stream)?;
                testing::memory(&framing, stream, &cuts)?;
                testing::errors_exact_and_sticky(&framing, stream)?;
                testing::callbacks(&framing, stream, &cuts)?;
            }
            testing::linear(&Http1::new(), REQUESTS.concat().repeat(8).as_bytes())
        };
        check().map_err(|violation: testing::Violation| TestCaseError::fail(violation.to_string()))?;
    }
}

#[test]
fn requests_and_responses_are_distinguished() {
    let (request, response) = (REQUESTS[1].as_bytes(), RESPONSES[0].as_bytes());
    for (rule, right, wrong) in
        [(HttpMessages::from_clients(), request, response), (HttpMessages::from_servers(), response, request)]
    {
        assert_eq!(joined(rule, right, &[]).0.len(), 1);
        let mut decoder = Decoder::new(Http1::new());
        decoder.push(wrong).unwrap();
        let error = Joiner::new(rule).next_message(&decoder.next_frame().unwrap().unwrap()).map(drop).unwrap_err();
        assert!(matches!(error.kind, JoinErrorKind::Custom(text) if text.contains("expected")), "{error}");
        let (seen, failed) = joined(HttpMessages::from_either(), &[right, wrong].concat(), &[]);
        assert_eq!((seen.len(), failed), (2, false));
    }
}

/// Chunks in pieces and part by part, with the trailer fields, and the limits of the message and of its parts.
#[test]
fn bodies_come_in_parts_and_in_pieces_within_limits() {
    let stream = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\nDigest: x\r\n\r\nGET / HTTP/1.1\r\n\r\n";
    let mut decoder = Decoder::new(Http1::new());
    decoder.push(stream).unwrap();
    let mut joiner = Joiner::new(HttpMessages::from_clients());
    let (mut body, mut last) = (vec![], vec![]);
    while let Some(frame) = decoder.next_frame().unwrap() {
        while let Some(NextPart::Part(part)) = joiner.next_part(&frame).unwrap() {
            body.extend_from_slice(part.payload);
            if part.is_last {
                last.push(part.header.to_vec());
            }
        }
    }
    assert_eq!(
        (&body[..], &last[..]),
        (&b"hello"[..], &[b"0\r\nDigest: x\r\n\r\n".to_vec(), b"GET / HTTP/1.1\r\n\r\n".to_vec()][..])
    );

    let mut decoder = Decoder::new(Http1::new());
    decoder.push(stream).unwrap();
    let mut joiner = Joiner::new(HttpMessages::from_clients());
    let (mut body, mut messages) = (vec![], 0);
    loop {
        let offset = decoder.position();
        let Some(piece) = decoder.next_piece().unwrap() else { break };
        match joiner.next_piece(piece, offset).unwrap() {
            MessagePiece::Data(bytes) => body.extend_from_slice(bytes),
            MessagePiece::End { is_last, .. } => messages += usize::from(is_last),
            _ => {}
        }
    }
    assert_eq!((&body[..], messages), (&b"hello"[..], 2));

    for (len, parts, error) in [
        (4, 9, Some(JoinErrorKind::Oversize { len: 5, max: 4 })),
        (5, 3, Some(JoinErrorKind::TooManyParts { max: 3 })),
        (5, 4, None),
        (6, 5, None),
    ] {
        let mut decoder = Decoder::new(Http1::new());
        decoder.push(stream).unwrap();
        let mut joiner = Joiner::new(HttpMessages::from_clients()).with_max_message_len(len).with_max_parts(parts);
        let mut found = None;
        while let Some(frame) = decoder.next_frame().unwrap() {
            if let Err(error) = joiner.next_message(&frame) {
                found = Some(error.kind);
                break;
            }
        }
        assert_eq!(found, error);
    }
}

/// The end between two chunks cuts no frame, but a message.
#[test]
fn end_between_chunks_cuts_the_message() {
    let stream = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n";
    assert_eq!(joined(HttpMessages::from_either(), stream, &[]), (vec![], true));
    let mut decoder = Decoder::new(Http1::new());
    decoder.push(stream).unwrap();
    while decoder.next_frame().unwrap().is_some() {}
    assert_eq!(decoder.finish(), Ok(None));
}

#[test]
fn answer_to_head_needs_the_question() {
    let stream = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut decoder = Decoder::new(Http1::new().answering(Question::Head));
    let mut joiner = Joiner::new(HttpMessages::from_servers().answering(Question::Head));
    decoder.push(stream).unwrap();
    for _ in 0..2 {
        let frame = decoder.next_frame().unwrap().unwrap();
        assert!(
            matches!(joiner.next_message(&frame), Ok(Some(Joined::Message(message))) if message.payload().is_empty())
        );
    }
    assert!(decoder.next_frame().unwrap().is_none() && joiner.finish().is_ok());
    // Without it the next header is taken for the body.
    let (seen, failed) = joined(HttpMessages::from_servers(), stream, &[]);
    assert!(failed && seen[0].1 == b"HTTP/");
    let mut decoder = Decoder::new(Http1::new());
    decoder.push(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
    assert!(matches!(decoder.next_piece(), Ok(Some(Piece::Start { len: None, .. }))));
}
