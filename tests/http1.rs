//! Where the body of an HTTP/1 message ends: RFC 9112, section 6.3, and attempts to smuggle requests.

#![cfg(feature = "alloc")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "http1/framing.rs"]
mod framing;
#[path = "http1/messages.rs"]
mod messages;

use anysplit::DecodeErrorKind as Kind;
use anysplit::http1::{Body, Question, body_of_request, body_of_response};
use proptest::prelude::*;

fn request(fields: &str) -> Result<Body, Kind> {
    body_of_request(format!("POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n").as_bytes()).map_err(|error| error.kind)
}

fn response(status: &str, fields: &str, question: Question) -> Result<Body, Kind> {
    body_of_response(format!("HTTP/1.1 {status}\r\n{fields}\r\n").as_bytes(), question).map_err(|error| error.kind)
}

#[test]
fn requests_follow_section_6_3() {
    assert_eq!(request(""), Ok(Body::Empty));
    assert_eq!(request("Content-Length: 0\r\n"), Ok(Body::Empty));
    assert_eq!(request("content-length:\t 5 \r\n"), Ok(Body::Counted(5)));
    assert_eq!(request("Transfer-Encoding: Chunked\r\n"), Ok(Body::Chunked));
    assert_eq!(request("Content-Length: 18446744073709551615\r\n"), Ok(Body::Counted(u64::MAX)));
}

#[test]
fn responses_follow_section_6_3() {
    let other = Question::Other;
    let five = "Content-Length: 5\r\n";
    assert_eq!(response("200 OK", five, other), Ok(Body::Counted(5)));
    assert_eq!(response("200 OK", five, Question::Head), Ok(Body::Empty));
    assert_eq!(response("304 Not Modified", five, other), Ok(Body::Empty));
    assert_eq!(response("204", "", other), Ok(Body::Empty));
    assert_eq!(response("100 Continue", "", other), Ok(Body::Interim));
    assert_eq!(response("101 Switching Protocols", "", other), Ok(Body::Empty));
    assert_eq!(response("200 OK", "", Question::Connect), Ok(Body::Empty));
    assert_eq!(response("407 No", five, Question::Connect), Ok(Body::Counted(5)));
    assert_eq!(response("200 OK", "", other), Ok(Body::UntilClose));
    assert_eq!(response("200 OK", "Content-Length: 0\r\n", other), Ok(Body::Empty));
    assert_eq!(response("200 OK", "Transfer-Encoding: chunked\r\n", other), Ok(Body::Chunked));
    assert_eq!(response("200 OK", "Transfer-Encoding: chunked\r\n", Question::Head), Ok(Body::Empty));
    for status in ["204 No Content", "103 Early Hints"] {
        assert_eq!(response(status, five, other), Err(Kind::ForbiddenField));
        assert_eq!(response(status, "Transfer-Encoding: chunked\r\n", other), Err(Kind::ForbiddenField));
    }
    assert_eq!(response("200 OK", five, Question::Connect), Err(Kind::ForbiddenField));
}

/// Each is described in public reports of readers that disagreed.
#[test]
fn attempts_to_smuggle_are_refused() {
    let fields = [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 5 5\r\n",
        "Content-Length: 5_0\r\n",
        "Content-Length: 5;a\r\n",
        "Content-Length: \x0b5\r\n",
        "Content-Length:\r\n",
        "Content-Length: \r\n 5\r\n",
        "Content-Length : 5\r\n",
        " Content-Length: 5\r\n",
        "Content-Length: 18446744073709551616\r\n",
        "Content-Length\r\n",
        "Content-Length: 5\n",
        "X: a\nContent-Length: 5\r\n",
        "X: a\rContent-Length: 5\r\n",
        "X: a\r\r\n",
        "X: a\0\r\n",
        "X\0: a\r\n",
        ": a\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: \"chunked\"\r\n",
        "Transfer-Encoding: \x0bchunked\r\n",
        "Transfer-Encoding: \x0cchunked\r\n",
        "Transfer-Encoding: chunked\x0c\r\n",
        "Content-Length: 5\x0c\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding\t: chunked\r\n",
        "Transfer-Encoding:\r\n chunked\r\n",
        "X: y\r\n Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: \r\n",
        "\r\nContent-Length: 5\r\n",
    ];
    for fields in fields {
        assert!(request(fields).is_err(), "{fields:?}");
        assert!(response("200 OK", fields, Question::Other).is_err(), "{fields:?}");
    }
    let headers = [
        &b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"[..],
        b"POST / HTTP/1.1 \r\n\r\n",
        b"POST  / HTTP/1.1\r\n\r\n",
        b" POST / HTTP/1.1\r\n\r\n",
        b"POST /a b HTTP/1.1\r\n\r\n",
        b"POST / HTTP/2.0\r\n\r\n",
        b"POST / http/1.1\r\n\r\n",
        b"POST /\r\n\r\n",
        b"\r\nPOST / HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\n",
        b"POST / HTTP/1.1\n\n",
        b"",
    ];
    for header in headers {
        assert!(body_of_request(header).is_err(), "{}", header.escape_ascii());
    }
    for header in
        [&b"HTTP/1.1 20\r\n\r\n"[..], b"HTTP/1.1  200\r\n\r\n", b"HTTP/1.1 2000\r\n\r\n", b"HTTP/1.1 099 x\r\n\r\n"]
    {
        assert!(body_of_response(header, Question::Other).is_err(), "{}", header.escape_ascii());
    }
}

#[test]
fn errors_name_the_byte() {
    let at = |header: &[u8]| body_of_request(header).unwrap_err();
    let error = at(b"POST / HTTP/1.1\r\nContent-Length: 5a\r\n\r\n");
    assert_eq!((error.at, error.kind), (34, Kind::NotADigit { found: b'a', radix: 10 }));
    let error = at(b"POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n");
    assert_eq!((error.at, error.kind), (36, Kind::Repeated));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// An accepted header has at most one length, as a reader of a few lines finds it.
    #[test]
    fn accepted_headers_have_one_reading(
        lines in prop::collection::vec(
            prop::sample::select(&[
                "Content-Length: 5", "Content-Length: 6", "content-length:7", "Transfer-Encoding: chunked", "X: y", " Z: y",
                "Transfer-Encoding: gzip", "Content-Length : 8", "Host: a",
            ][..]),
            0..4,
        ),
        at in any::<prop::sample::Index>(),
        by in prop::option::of(any::<u8>()),
    ) {
        let lines: Vec<String> = lines.iter().map(|line| format!("{line}\r\n")).collect();
        let mut header = format!("POST / HTTP/1.1\r\n{}\r\n", lines.concat()).into_bytes();
        if let Some(by) = by {
            let at = at.index(header.len());
            header[at] = by;
        }
        let Ok(body) = body_of_request(&header) else { return Ok(()) };
        let text = String::from_utf8_lossy(&header).to_ascii_lowercase();
        let values = |name: &str| -> Vec<String> {
            let lines = text.split("\r\n").filter_map(|line| line.split_once(':'));
            lines.filter(|(found, _)| found.trim() == name).map(|(_, value)| value.trim().to_owned()).collect()
        };
        let (lengths, codings) = (values("content-length"), values("transfer-encoding"));
        let expected = match (&lengths[..], &codings[..]) {
            ([], []) => Body::Empty,
            ([length], []) => match length.parse().unwrap() {
                0 => Body::Empty,
                len => Body::Counted(len),
            },
            ([], [coding]) if coding == "chunked" => Body::Chunked,
            other => panic!("{other:?} accepted"),
        };
        prop_assert_eq!(body, expected);
    }
}
