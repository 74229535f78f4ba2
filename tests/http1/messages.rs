//! Complete messages: in every split, against readers of other people, and attempts to smuggle requests through.

use anysplit::answers::{AnswerErrorKind, Answers, Expecting};
use anysplit::http1::{Body, Incoming, MessageError, Messages, Question};
use anysplit::{Chunked, DecodeErrorKind as Kind, Decoder, Framing, Piece};
use proptest::collection::vec as several;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// A message as it was seen: offset, header, body, trailer fields, and how the body ended.
type Seen = (u64, Vec<u8>, Vec<u8>, Vec<u8>, Body);

fn read(mut messages: Messages, stream: &[u8], cuts: &[usize]) -> (Vec<Seen>, Option<MessageError>) {
    let mut all = Vec::new();
    let mut begin = 0;
    let mut error = None;
    let mut keep = |message: anysplit::http1::Message<'_>| {
        let parts = (message.header().to_vec(), message.body().to_vec(), message.trailers().to_vec());
        all.push((message.offset(), parts.0, parts.1, parts.2, message.end()));
    };
    'stream: {
        for &end in cuts.iter().chain([&stream.len()]) {
            messages.push(&stream[begin..end]).unwrap();
            begin = end;
            loop {
                match messages.next_message() {
                    Ok(Some(message)) => keep(message),
                    Ok(None) => break,
                    Err(found) => {
                        error = Some(found);
                        break 'stream;
                    }
                }
            }
        }
        loop {
            match messages.finish() {
                Ok(Some(message)) => keep(message),
                Ok(None) => break,
                Err(found) => {
                    error = Some(found);
                    break;
                }
            }
        }
    }
    if let Some(error) = error {
        assert_eq!(messages.next_message().unwrap_err(), error, "the error stays");
        assert_eq!(messages.finish().unwrap_err(), error, "the error stays");
    }
    (all, error)
}

fn expecting(questions: &[Question]) -> Messages {
    let mut messages = Messages::answers();
    questions.iter().for_each(|question| messages.expect(*question).unwrap());
    messages
}

/// Reads answers in pieces. The bodies of all messages, with whether each was complete.
fn pieces(questions: &[Question], stream: &[u8], cuts: &[usize]) -> Option<Vec<Vec<u8>>> {
    let mut answers = Answers::<Incoming, 16>::new();
    questions.iter().for_each(|question| answers.expect(Incoming::answer(*question)).unwrap());
    let mut decoder = Decoder::new(Expecting::nothing());
    let (mut bodies, mut body, mut begin) = (vec![], vec![], 0);
    let mut take = |answers: &mut Answers<Incoming, 16>, piece: Piece<'_>, offset| {
        let is_last = answers.take_piece(&piece, offset).ok()?.is_last;
        if let Piece::Data(bytes) = piece {
            body.extend_from_slice(bytes);
        }
        if is_last {
            bodies.push(std::mem::take(&mut body));
        }
        Some(())
    };
    for &end in cuts.iter().chain([&stream.len()]) {
        decoder.push(&stream[begin..end]).ok()?;
        begin = end;
        loop {
            answers.prepare(&mut decoder);
            let offset = decoder.position();
            let Some(piece) = decoder.next_piece().ok()? else { break };
            take(&mut answers, piece, offset)?;
        }
    }
    loop {
        answers.prepare(&mut decoder);
        let offset = decoder.position();
        let Some(piece) = decoder.finish_piece().ok()? else { break };
        take(&mut answers, piece, offset)?;
    }
    let ends_empty = answers.is_inside();
    answers.finish().ok()?;
    if ends_empty {
        bodies.push(vec![]);
    }
    Some(bodies)
}

/// One answer of a server, with its question and its body.
fn answer() -> impl Strategy<Value = (Question, Vec<u8>, Vec<u8>)> {
    let body = || several(any::<u8>(), 0..30);
    prop_oneof![
        body().prop_map(|body| {
            let wire = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
            (Question::Other, [wire, body.clone()].concat(), body)
        }),
        several(several(any::<u8>(), 1..9), 0..4).prop_map(|chunks| {
            let mut wire = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
            for chunk in &chunks {
                Chunked::new().encode(chunk, &mut wire).unwrap();
            }
            wire.extend(b"0\r\nDigest: x\r\n\r\n");
            (Question::Other, wire, chunks.concat())
        }),
        Just((Question::Head, b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n".to_vec(), vec![])),
        Just((Question::Other, b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n".to_vec(), vec![])),
        Just((Question::Other, b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(), vec![])),
    ]
}

pub(crate) fn places(cuts: &[Index], len: usize) -> Vec<usize> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(len + 1)).collect();
    places.sort_unstable();
    places
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn answers_come_back_in_every_split(
        answers in several(answer(), 0..6),
        until_close in prop::option::of(several(any::<u8>(), 0..9)),
        cuts in several(any::<Index>(), 0..8),
    ) {
        let mut stream: Vec<u8> = answers.iter().flat_map(|(_, wire, _)| wire).copied().collect();
        let mut questions: Vec<Question> = answers.iter().map(|(question, ..)| *question).collect();
        let mut expected: Vec<Vec<u8>> = answers.into_iter().map(|(_, _, body)| body).collect();
        if let Some(body) = until_close {
            stream.extend(b"HTTP/1.0 200 OK\r\n\r\n");
            stream.extend(&body);
            questions.push(Question::Other);
            expected.push(body);
        }
        let whole = read(expecting(&questions), &stream, &[]);
        prop_assert_eq!(whole.1, None);
        prop_assert_eq!(whole.0.iter().map(|seen| seen.2.clone()).collect::<Vec<_>>(), expected.clone());
        let every: Vec<usize> = (0..stream.len()).collect();
        for cuts in [&places(&cuts, stream.len())[..], &every] {
            prop_assert_eq!(&read(expecting(&questions), &stream, cuts), &whole);
            prop_assert_eq!(pieces(&questions, &stream, cuts), Some(expected.clone()));
        }
    }

    /// Lines that servers have taken for different things, in any order, with bodies of both kinds: the outcome is the same in
    /// every split, and what is accepted is what `httparse` and a plain reader of chunks make of it.
    #[test]
    fn accepted_requests_are_those_of_other_readers(
        requests in several(
            (
                select(&START_LINES[..]),
                several(select(&FIELDS[..]), 0..4),
                select(&BODIES[..]),
            ),
            1..4,
        ),
        damage in several((any::<Index>(), any::<u8>()), 0..2),
        cuts in several(any::<Index>(), 0..8),
    ) {
        let mut stream = Vec::new();
        for (start, fields, body) in requests {
            stream.extend(start.as_bytes());
            fields.iter().for_each(|field| stream.extend(field.as_bytes()));
            stream.extend(b"\r\n");
            stream.extend(body.as_bytes());
        }
        for (at, by) in damage {
            let at = at.index(stream.len());
            stream[at] = by;
        }
        let whole = read(Messages::requests(), &stream, &[]);
        prop_assert_eq!(&read(Messages::requests(), &stream, &places(&cuts, stream.len())), &whole);
        prop_assert_eq!(&read(Messages::requests(), &stream, &(0..stream.len()).collect::<Vec<_>>()), &whole);
        let other = other_reader(&stream);
        let ours: Vec<_> = whole.0.iter().map(|seen| (seen.0, seen.1.clone(), seen.2.clone())).collect();
        prop_assert!(other.len() >= ours.len(), "{} of {} {:?}", other.len(), ours.len(), whole.1);
        prop_assert_eq!(&other[..ours.len()], &ours[..]);
    }
}

const START_LINES: [&str; 5] = [
    "POST / HTTP/1.1\r\n",
    "GET /a?b HTTP/1.1\r\n",
    "PUT * HTTP/1.0\r\n",
    "POST  / HTTP/1.1\r\n",
    "\r\nGET / HTTP/1.1\r\n",
];

const FIELDS: [&str; 20] = [
    "Content-Length: 5\r\n",
    "content-length:5\r\n",
    "Content-Length: 05\r\n",
    "Content-Length: 0\r\n",
    "Content-Length: +5\r\n",
    "Content-Length: 5, 5\r\n",
    "Content-Length: 6\r\n",
    "Content-Length : 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "transfer-encoding:\tchunked \r\n",
    "Transfer-Encoding: gzip, chunked\r\n",
    "Transfer-Encoding: xchunked\r\n",
    "Transfer-Encoding: chunked, identity\r\n",
    "Transfer_Encoding: chunked\r\n",
    "Host: a\r\n",
    "X: y\r\n",
    " Folded: z\r\n",
    "X:\r\n",
    "X: a\rb\r\n",
    "X: a\nContent-Length: 5\r\n",
];

const BODIES: [&str; 9] = [
    "",
    "",
    "hello",
    "5\r\nhello\r\n0\r\n\r\n",
    "05;a=b\r\nhello\r\n0\r\nA: b\r\n\r\n",
    "0\r\n\r\n",
    "5\nhello\n0\n\n",
    "5\r\nhelloxx0\r\n\r\n",
    "5 \r\nhello\r\n0\r\n\r\n",
];

/// Requests, as `httparse` and a reader of a few lines see them: offset, header and body.
fn other_reader(stream: &[u8]) -> Vec<(u64, Vec<u8>, Vec<u8>)> {
    let (mut seen, mut at) = (Vec::new(), 0);
    loop {
        let rest = &stream[at..];
        let mut fields = [httparse::EMPTY_HEADER; 32];
        let mut request = httparse::Request::new(&mut fields);
        let Ok(httparse::Status::Complete(len)) = request.parse(rest) else { return seen };
        let values = |name: &str| -> Vec<&[u8]> {
            let fields = request.headers.iter().filter(|field| field.name.eq_ignore_ascii_case(name));
            fields.map(|field| field.value.trim_ascii()).collect()
        };
        let after = &rest[len..];
        // A chunked body, or else the first length, as RFC 9112 has it.
        let body = if values("transfer-encoding").iter().any(|value| value.to_ascii_lowercase().ends_with(b"chunked")) {
            chunks(after)
        } else {
            let length =
                values("content-length").first().map_or(Some(0), |value| std::str::from_utf8(value).ok()?.parse().ok());
            length.and_then(|length: usize| Some((after.get(..length)?.to_vec(), length)))
        };
        let Some((body, body_len)) = body else { return seen };
        seen.push((at as u64, rest[..len].to_vec(), body));
        at += len + body_len;
    }
}

/// A chunked body and its length on the wire.
fn chunks(stream: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let Ok(httparse::Status::Complete((line, size))) = httparse::parse_chunk_size(&stream[at..]) else {
            return None;
        };
        at += line;
        if size == 0 {
            let mut fields = [httparse::EMPTY_HEADER; 32];
            let Ok(httparse::Status::Complete((len, _))) = httparse::parse_headers(&stream[at..], &mut fields) else {
                return None;
            };
            return Some((body, at + len));
        }
        let end = at + usize::try_from(size).ok()?;
        body.extend_from_slice(stream.get(at..end)?);
        (stream.get(end..end + 2)? == b"\r\n").then_some(())?;
        at = end + 2;
    }
}

/// `httparse` and we agree about the header alone: what we accept it accepts, and it ends at the same byte.
#[test]
fn accepted_headers_end_where_httparse_ends() {
    let pieces: Vec<&[u8]> = [
        &b"GET / HTTP/1.1"[..],
        b"HTTP/1.1 200 OK",
        b"\r\n",
        b"\n",
        b"\r",
        b"A: b",
        b": ",
        b" ",
        b"\t",
        b"\0",
        b"\x7f",
        b"\xff",
        b"C:",
    ]
    .to_vec();
    let mut state = 7_u64;
    let mut accepted = 0;
    let count = std::env::var("ANYSPLIT_HTTP1").ok().and_then(|count| count.parse().ok()).unwrap_or(100_000);
    for _ in 0..count {
        let mut header = Vec::new();
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 40).unwrap()
        };
        header.extend_from_slice(pieces[next() % 2]);
        for _ in 0..next() % 6 {
            // A line end is the likeliest, so that many headers are complete.
            header.extend_from_slice(if next() % 3 == 0 { b"\r\n" } else { pieces[next() % pieces.len()] });
        }
        if next() % 2 == 0 {
            header.extend_from_slice(b"\r\n\r\n");
        }
        let is_request = header.starts_with(b"GET");
        let mut messages = if is_request { Messages::requests() } else { expecting(&[Question::Head]) };
        messages.push(&header).unwrap();
        let Ok(Some(message)) = messages.next_message() else { continue };
        accepted += 1;
        let mut fields = [httparse::EMPTY_HEADER; 16];
        let theirs = if is_request {
            httparse::Request::new(&mut fields).parse(&header)
        } else {
            httparse::Response::new(&mut fields).parse(&header)
        };
        assert_eq!(theirs, Ok(httparse::Status::Complete(message.header().len())), "{}", header.escape_ascii());
    }
    assert!(accepted > count / 100, "{accepted}");
}

/// Each stream is one request that carries another, from public reports of pairs of servers that disagreed. It is refused
/// before the second request is seen.
#[test]
fn smuggled_requests_are_never_seen() {
    let inner = "GET /admin HTTP/1.1\r\nHost: b\r\n\r\n";
    let with_body = |fields: &str, body: &str| format!("POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n{body}{inner}");
    let chunked = |chunks: &str| with_body("Transfer-Encoding: chunked\r\n", chunks);
    let refused = [
        // CL.TE and TE.CL, in both orders.
        with_body("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        with_body("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "5c\r\n"),
        // TE.TE: a coding that one of two readers does not see.
        with_body("Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n", "0\r\n\r\n"),
        with_body("Transfer-Encoding: cow\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        with_body("Transfer-Encoding: xchunked\r\nContent-Length: 4\r\n", "5c\r\n"),
        with_body("Transfer-Encoding : chunked\r\nContent-Length: 4\r\n", "5c\r\n"),
        with_body("Transfer-Encoding:\x0bchunked\r\nContent-Length: 4\r\n", "5c\r\n"),
        with_body("Transfer-Encoding: \x00chunked\r\n", "0\r\n\r\n"),
        with_body("Transfer-Encoding: chunk\r\n ed\r\n", "0\r\n\r\n"),
        with_body("Foo: bar\r\n Transfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        with_body("Foo: bar\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        with_body("Foo: bar\rTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        with_body("Transfer-Encoding: 'chunked'\r\n", "0\r\n\r\n"),
        with_body("Transfer-Encoding: chunked;a=b\r\n", "0\r\n\r\n"),
        with_body("Transfer-Encoding: ,chunked\r\n", "0\r\n\r\n"),
        with_body("Transfer-Encoding: chunked,\r\n", "0\r\n\r\n"),
        with_body("Transfer-Encoding: identity, chunked\r\n", "0\r\n\r\n"),
        with_body("Transfer-Encoding: identity\r\n", ""),
        with_body("Transfer-Encoding:\r\n", ""),
        with_body(" Transfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        with_body("Transfer-Encoding\r\n", ""),
        with_body("Transfer-Encod\u{131}ng: chunked\r\n", "0\r\n\r\n"),
        // Two lengths, and lengths that readers of integers take in different ways.
        with_body("Content-Length: 0\r\nContent-Length: 32\r\n", ""),
        with_body("Content-Length: 32\r\nContent-Length: 32\r\n", ""),
        with_body("Content-Length: 0, 32\r\n", ""),
        with_body("Content-Length: +32\r\n", ""),
        with_body("Content-Length: -0\r\n", ""),
        with_body("Content-Length: 0x20\r\n", ""),
        with_body("Content-Length: 0_0\r\n", ""),
        with_body("Content-Length: 0 0\r\n", ""),
        with_body("Content-Length: \u{660}\r\n", ""),
        with_body("Content-Length: 18446744073709551616\r\n", ""),
        with_body("Content-Length:\r\n", ""),
        with_body("Content-Length: 0\r\n 32\r\n", ""),
        with_body("Content-Length : 32\r\n", ""),
        with_body("Content-Length\0: 32\r\n", ""),
        with_body("X: a\r\n\x0b\r\nContent-Length: 32\r\n", ""),
        // HTTP/1.0, where a reader need not know chunks.
        format!("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}"),
        format!("POST / HTTP/1.1\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}"),
        // A request line of HTTP/0.9, and lines before the first.
        format!("GET /\r\n\r\n{inner}"),
        format!("\r\n{inner}"),
        format!("POST / HTTP/1.1\r\n Host: a\r\n\r\n{inner}"),
        // Chunk sizes and their lines.
        chunked("0x0\r\n\r\n"),
        chunked("+0\r\n\r\n"),
        chunked("-0\r\n\r\n"),
        chunked("0_0\r\n\r\n"),
        chunked("\r\n0\r\n\r\n"),
        chunked(" 0\r\n\r\n"),
        chunked(";a\r\n\r\n"),
        chunked("0\n\r\n"),
        chunked("0\r\r\n\r\n"),
        chunked("0\r\n\n"),
        chunked("0 0\r\n\r\n"),
        chunked("0;\n\r\n"),
        chunked("0;a=\"\x00\"\r\n\r\n"),
        chunked("0;a\rb\r\n\r\n"),
        chunked("0;a\nb\r\n\r\n"),
        chunked("0\r\nTransfer-Encoding: chunked\r\n\r\n"),
        chunked("0\r\nContent-Length: 32\r\n\r\n"),
        chunked("0\r\nX : y\r\n\r\n"),
        chunked("0\r\nX: y\r\n z\r\n\r\n"),
        chunked("0\r\nX\r\n\r\n"),
        chunked("0\r\nX: \x00\r\n\r\n"),
        chunked("0\r\nX: a\nY: b\r\n\r\n"),
        chunked("5\r\nhello0\r\n\r\n"),
        chunked("5\r\nhello\n0\r\n\r\n"),
        chunked("5\r\nhello\r0\r\n\r\n"),
        chunked("10000000000000005\r\nhello\r\n0\r\n\r\n"),
        chunked("fffffffffffffffff\r\n"),
        chunked("5;\r\nhelloxx0\r\n\r\n"),
    ];
    for stream in refused {
        let (seen, error) = read(Messages::requests(), stream.as_bytes(), &[]);
        assert!(seen.is_empty() && error.is_some(), "{stream:?} {seen:?} {error:?}");
        let every: Vec<usize> = (0..stream.len()).collect();
        assert_eq!(read(Messages::requests(), stream.as_bytes(), &every), (seen, error), "{stream:?}");
    }
    // Here all readers that follow RFC 9112 see the same: one request whose body is the other, or two requests.
    let decided = [
        (with_body("Content-Length: 032\r\n", ""), vec![inner]),
        (with_body("Content-Length:32\r\n", ""), vec![inner]),
        (with_body("Transfer-Encoding: CHUNKED\t\r\n", "0\r\n\r\n"), vec!["", ""]),
        (with_body("Transfer_Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), vec!["0\r\n\r\n", ""]),
        (with_body("X-Content-Length: 32\r\n", ""), vec!["", ""]),
        (chunked("5;a=\"b;c\"\r\nhello\r\n0;x\r\nX: y\r\n\r\n"), vec!["hello", ""]),
        (chunked("00005\r\nhello\r\n000\r\n\r\n"), vec!["hello", ""]),
    ];
    for (stream, bodies) in decided {
        let (seen, error) = read(Messages::requests(), stream.as_bytes(), &[]);
        assert_eq!(error, None, "{stream:?}");
        let found: Vec<&[u8]> = seen.iter().map(|seen| &seen.2[..]).collect();
        assert_eq!(found, bodies.iter().map(|body| body.as_bytes()).collect::<Vec<_>>(), "{stream:?}");
    }
}

/// An answer to a request that was never sent, and an answer that is longer than the question allows.
#[test]
fn answers_cannot_be_smuggled_after_head() {
    let (seen, error) = read(
        expecting(&[Question::Head, Question::Other]),
        b"HTTP/1.1 200 OK\r\nContent-Length: 33\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n",
        &[],
    );
    assert_eq!(seen.len(), 2);
    assert!(
        matches!(error, Some(MessageError::Stream(anysplit::EofError::Decode(error))) if error.kind == Kind::NothingExpected && error.offset == 77)
    );
}

#[test]
fn body_limit_counts_all_chunks() {
    let stream = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n";
    for (max, right) in [(5, false), (6, true)] {
        let (seen, error) = read(Messages::requests().with_max_body_len(max), stream, &[]);
        assert_eq!(seen.len(), usize::from(right));
        let kind = error.map(|error| match error {
            MessageError::Answer(error) => (error.offset, error.kind),
            MessageError::Stream(_) => panic!(),
        });
        assert_eq!(kind, (!right).then_some((55, AnswerErrorKind::Frame(Kind::Oversize { len: 6, max: 5 }))));
    }
    let stream = b"POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\n";
    let (_, error) = read(Messages::requests().with_max_body_len(5), stream, &[]);
    let Some(MessageError::Answer(error)) = error else { panic!() };
    assert_eq!(error.kind, AnswerErrorKind::Frame(Kind::Oversize { len: 6, max: 5 }));
}

#[test]
fn interim_answers_come_before_the_answer() {
    let stream = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
    for cut in 0..=stream.len() {
        let (seen, error) = read(expecting(&[Question::Other]), stream, &[cut]);
        assert_eq!(error, None);
        let found: Vec<_> = seen.iter().map(|seen| (seen.4, &seen.2[..])).collect();
        assert_eq!(found, [(Body::Interim, &b""[..]), (Body::Interim, b""), (Body::Counted(2), b"hi")]);
    }
}

#[test]
fn end_of_the_stream_is_judged_by_the_body() {
    let close = b"HTTP/1.0 200 OK\r\n\r\n";
    let (seen, error) = read(expecting(&[Question::Other]), close, &[]);
    assert_eq!((seen.len(), error, seen[0].4), (1, None, Body::UntilClose));
    // The first answer lasts until the end, so the second never comes.
    let (seen, error) = read(expecting(&[Question::Other; 2]), close, &[]);
    assert_eq!(seen.len(), 1);
    let Some(MessageError::Answer(error)) = error else { panic!() };
    assert_eq!(error.kind, AnswerErrorKind::Unanswered { requests: 1 });
    // Cut before the body, in it, and between the chunks.
    for stream in [
        &b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n"[..],
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhel",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n",
        b"POST / HT",
    ] {
        let (seen, error) = read(Messages::requests(), stream, &[]);
        assert!(seen.is_empty() && error.is_some(), "{}", stream.escape_ascii());
    }
    assert_eq!(read(Messages::requests(), b"", &[]), (vec![], None));
}

#[test]
fn tunnel_begins_after_the_answer() {
    let mut messages = expecting(&[Question::Connect]);
    messages.push(b"HTTP/1.1 200 OK\r\n\r\n\x16\x03").unwrap();
    assert_eq!(messages.next_message().unwrap().unwrap().end(), Body::Empty);
    assert_eq!(messages.into_decoder().into_parts().rest, &b"\x16\x03"[..]);
}
