//! What `http1.rs` promises, compared with a naive twin and examples.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

extern crate std;

use super::*;
use crate::framing::testing::{cuts_agree, prefixes_agree};
use crate::{Decoder, Encoder, Piece};
use bytes::Buf;
use std::string::String;
use std::vec::Vec;

/// By splitting text, with no thought for speed: the messages of the frames, and whether all of the text belongs to them.
fn naive(text: &str, to_head: bool) -> (Vec<String>, bool) {
    let (mut all, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let Some(end) = rest.find("\r\n\r\n") else { return (all, false) };
        let (header, mut after) = rest.split_at(end + 4);
        let field = |name: &str| header.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let status = header.strip_prefix("HTTP/1.1 ").and_then(|line| line.get(..3));
        let none = status.is_some_and(|status| status.starts_with('1') || ["204", "304"].contains(&status) || to_head);
        let len = field("Content-Length:").map(|len| len.parse::<usize>().unwrap());
        if none || status.is_none() && len.is_none() && field("Transfer-Encoding:").is_none() {
            all.push(header.into());
        } else if field("Transfer-Encoding:").is_some() {
            all.push(header.into());
            loop {
                let Some((line, more)) = after.split_once("\r\n") else { return (all, false) };
                let size = usize::from_str_radix(line, 16).unwrap();
                if size == 0 {
                    // The trailer fields, with the line end before them.
                    let trailers = &after[line.len()..];
                    let Some(end) = trailers.find("\r\n\r\n") else { return (all, false) };
                    all.push(String::new());
                    after = &trailers[end + 4..];
                    break;
                }
                if more.len() < size + 2 {
                    return (all, false);
                }
                all.push(more[..size].into());
                after = &more[size + 2..];
            }
        } else if let Some(len) = len {
            if after.len() < len {
                return (all, false);
            }
            all.push([header, &after[..len]].concat());
            after = &after[len..];
        } else {
            all.push(rest.into());
            after = "";
        }
        rest = after;
    }
    (all, true)
}

const STREAMS: [&str; 8] = [
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nDigest: x\r\nA: b\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
    "HTTP/1.1 204 No Content\r\n\r\n",
    "HTTP/1.1 200 OK\r\n\r\nup to the end",
];

#[test]
fn messages_are_those_of_the_naive_twin() {
    for one in STREAMS {
        for other in STREAMS {
            let text = [one, other].concat();
            for to_head in [false, true] {
                let framing = if to_head { Http1::new().answering(Question::Head) } else { Http1::new() };
                // The end of the stream may not be the end of a message.
                for end in (0..=text.len()).rev().step_by(if to_head { 7 } else { 1 }) {
                    let mut decoder = Decoder::new(framing);
                    decoder.push(&text.as_bytes()[..end]).unwrap();
                    let (mut found, mut is_all) = (Vec::new(), true);
                    let twin = naive(&text[..end], to_head);
                    // The body that an answer to HEAD does not have would be read as a header.
                    let is_header =
                        |message: &String| ["GET", "POST", "HTTP"].iter().any(|word| message.starts_with(word));
                    if to_head && !twin.0.iter().all(is_header) {
                        continue;
                    }
                    loop {
                        match decoder.finish() {
                            Ok(Some(frame)) => found.push(String::from_utf8(frame.message().to_vec()).unwrap()),
                            Ok(None) => break,
                            Err(_) => {
                                is_all = false;
                                break;
                            }
                        }
                    }
                    if is_all != twin.1 {
                        // Cut between two chunks, no frame is cut.
                        assert!(is_all && found == twin.0, "{:?}", &text[..end]);
                        continue;
                    }
                    assert_eq!((found, is_all), twin, "{:?}", &text[..end]);
                }
            }
        }
    }
}

#[test]
fn cuts_and_prefixes_of_messages_agree() {
    for (index, stream) in STREAMS.iter().enumerate() {
        if index + 1 < STREAMS.len() {
            prefixes_agree(&Http1::new(), stream.as_bytes()).unwrap();
        }
        cuts_agree(&Http1::new(), stream.as_bytes()).unwrap();
        cuts_agree(&Http1::new(), [stream, STREAMS[1]].concat().as_bytes()).unwrap();
    }
    for wrong in ["3\r\nhel\r\n0\r\nContent-Length: 3\r\n\r\n", "3\r\nhel0\r\n\r\n", "3 0\r\n", "\r\n"] {
        let stream = ["POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", wrong].concat();
        cuts_agree(&Http1::new(), stream.as_bytes()).unwrap_err();
    }
    let both = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nhel";
    assert!(cuts_agree(&Http1::new(), both).is_err_and(|error| error.contains("ForbiddenField")));
}

#[test]
fn encoder_writes_what_the_decoder_reads() {
    let messages = [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"hel",
        b"0123456789abcdef!",
        b"",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\n\r\nlast",
    ];
    let mut encoder = Encoder::new(Http1::new());
    for message in messages {
        encoder.push(message).unwrap();
    }
    let wire = encoder.copy_to_bytes(encoder.remaining());
    let expected = b"GET / HTTP/1.1\r\n\r\nPOST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n11\r\n0123456789abcdef!\r\n0\r\n\r\n\
        POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n\r\nlast";
    assert_eq!(wire, &expected[..]);
    let mut decoder = Decoder::new(Http1::new());
    decoder.push(&wire).unwrap();
    for message in messages {
        assert_eq!(decoder.finish().unwrap().unwrap().message(), message);
    }
    assert_eq!(decoder.finish(), Ok(None));
}

#[test]
fn encoder_refuses_what_would_be_read_otherwise() {
    let refused: [(&[u8], EncodeError); 7] = [
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello!", EncodeError::LengthDisagrees { found: 5, expected: 6 }),
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n", EncodeError::LengthDisagrees { found: 5, expected: 0 }),
        (b"GET / HTTP/1.1\r\n\r\nhello", EncodeError::LengthDisagrees { found: 0, expected: 5 }),
        (
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
            EncodeError::LengthDisagrees { found: 0, expected: 12 },
        ),
        (b"GET / HTTP/1.1\r\n", EncodeError::TooShort { len: 16, min: 18 }),
        (b"", EncodeError::TooShort { len: 0, min: 2 }),
        (
            b"GET / HTTP/1.1\n\n",
            EncodeError::Header(FrameError::new(14, DecodeErrorKind::Mismatch { found: b'\n', expected: b'\r' })),
        ),
    ];
    for (message, error) in refused {
        assert_eq!(Http1::new().envelope(message).unwrap_err(), error, "{}", message.escape_ascii());
    }
    let small = Http1::new().with_max_header_len(4);
    assert_eq!(small.envelope_after(IN_CHUNKS, b""), Err(EncodeError::HeaderTooLong { max: 4 }));
    assert_eq!(small.envelope_after(IN_CHUNKS, b"a").unwrap().0.frame_len(b"a"), 6);
}

/// One below the limit, at it, and one above.
#[test]
fn limits_have_edges() {
    let chunks = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    for max in [4, 5, 6] {
        let framing = Http1::new().with_max_payload_len(max);
        let fits = max >= 5;
        for wire in [STREAMS[1], &[chunks, "5\r\nhello\r\n"].concat(), "HTTP/1.1 200 OK\r\n\r\nhello"] {
            let seen = cuts_agree(&framing, wire.as_bytes());
            assert_eq!(seen.is_ok(), fits, "{wire:?} {max}");
            assert!(fits || seen.is_err_and(|error| error.contains("Oversize { len: 5, max: 4 }")), "{wire:?}");
        }
        for message in [STREAMS[1], "HTTP/1.1 200 OK\r\n\r\nhello"] {
            let result = framing.envelope(message.as_bytes()).map(drop);
            assert_eq!(result, if fits { Ok(()) } else { Err(EncodeError::Oversize { len: 5, max: 4 }) });
        }
    }
    let header = STREAMS[0].len();
    for max in [header - 1, header, header + 1] {
        let framing = Http1::new().with_max_header_len(u16::try_from(max).unwrap());
        assert_eq!(cuts_agree(&framing, STREAMS[0].as_bytes()).is_ok(), max >= header);
        assert_eq!(framing.envelope(STREAMS[0].as_bytes()).is_ok(), max >= header);
    }
}

/// The client waits after such a header. What is written after it is its body.
#[test]
fn header_that_expects_an_answer_is_a_frame() {
    let header = b"PUT / HTTP/1.1\r\nexpect: 100-Continue\r\nContent-Length: 5\r\n\r\n";
    let stream = [&header[..], b"hello", STREAMS[0].as_bytes()].concat();
    assert_eq!(cuts_agree(&Http1::new(), &stream).unwrap().len(), 3);
    let mut decoder = Decoder::new(Http1::new());
    decoder.push(header).unwrap();
    assert_eq!(decoder.next_frame().unwrap().unwrap().message(), header);
    decoder.push(b"hell").unwrap();
    assert_eq!(decoder.next_frame(), Ok(None));
    assert_eq!(decoder.need(), 1);
    decoder.push(b"o").unwrap();
    assert_eq!(decoder.next_frame().unwrap().unwrap().message(), b"hello");
    let mut encoder = Encoder::new(Http1::new());
    encoder.push(header).unwrap();
    assert_eq!(encoder.push(b"hell"), Err(EncodeError::LengthDisagrees { found: 5, expected: 4 }));
    encoder.push(b"hello").unwrap();
    encoder.push(STREAMS[0].as_bytes()).unwrap();
    assert_eq!(encoder.copy_to_bytes(encoder.remaining()), &stream[..]);
    // HTTP/1.0 has no such answer, a response expects none, and other expectations do not wait.
    for stream in [
        &b"PUT / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello"[..],
        b"HTTP/1.1 200 OK\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
        b"PUT / HTTP/1.1\r\nExpect: a\r\nContent-Length: 5\r\n\r\nhello",
    ] {
        assert_eq!(cuts_agree(&Http1::new(), stream).unwrap().len(), 1);
    }
    assert_eq!([word_of(1), word_of(2_147_483_646), word_of(2_147_483_647)], [Some(2), Some(0x7fff_ffff), None]);
    let limited = Http1::new().with_max_payload_len(4);
    assert!(cuts_agree(&limited, header).is_err_and(|error| error.contains("Oversize { len: 5, max: 4 }")));
}

/// A body of any size comes in pieces, after its header.
#[test]
fn header_comes_before_the_body_in_pieces() {
    let framing = Http1::new().with_max_payload_len(1 << 40);
    let mut decoder = Decoder::new(framing);
    decoder.push(b"PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1099511627776\r\n\r\n").unwrap();
    let start = decoder.next_piece().unwrap().unwrap();
    assert!(matches!(start, Piece::Start { len: Some(len), control: false, .. } if len == 1 << 40));
    decoder.push(&[0; 100]).unwrap();
    assert_eq!(decoder.next_piece(), Ok(Some(Piece::Data(&[0; 100][..]))));
}

#[test]
fn answers_to_connect_have_no_body_after_success() {
    let framing = Http1::new().answering(Question::Connect);
    let mut decoder = Decoder::new(framing);
    decoder.push(b"HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nnoHTTP/1.1 200 OK\r\n\r\n").unwrap();
    assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"no");
    assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"");
}

/// What was rejected is skipped to its end, if that is certain.
#[test]
fn only_messages_with_a_certain_end_are_skipped() {
    let framing = Http1::new().with_max_payload_len(4);
    let mut decoder = Decoder::new(framing).with_recovery(crate::Recovery::SkipFrame);
    let stream = [
        STREAMS[1],
        STREAMS[0],
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n2\r\nhi\r\n0\r\n\r\n",
    ];
    decoder.push(stream.concat().as_bytes()).unwrap();
    for payload in [&b""[..], b"", b"hi", b""] {
        assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), payload);
    }
    assert_eq!(decoder.next_frame(), Ok(None));
    assert_eq!(decoder.skipped().stretches, 2);
    decoder.push(b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n").unwrap();
    assert!(matches!(decoder.next_frame(), Err(error) if error.kind == DecodeErrorKind::Repeated));
}
