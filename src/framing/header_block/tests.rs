//! What `header_block.rs` promises, compared with naive twins and examples.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

extern crate std;

use super::*;
use crate::error::DecodeErrorKind;
use crate::framing::testing::{cuts_agree, prefixes_agree};
use crate::{Decoder, Recovery};
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

fn lsp() -> HeaderBlock {
    HeaderBlock::new("Content-Length").unwrap()
}

fn sip() -> HeaderBlock {
    lsp().or_named("l").unwrap().with_start_line().with_blank_lines_between()
}

fn stomp() -> HeaderBlock {
    lsp().with_start_line().allowing_bare_lf().ended_by(0).with_blank_lines_between()
}

fn fix() -> HeaderBlock {
    HeaderBlock::new("9")
        .unwrap()
        .with_start_line()
        .with_separator(b'=')
        .unwrap()
        .with_fields_ended_by(1)
        .unwrap()
        .with_length_excluding(7)
}

fn http() -> HeaderBlock {
    lsp().with_start_line().empty_without_length().forbidding("Transfer-Encoding").unwrap()
}

/// As a person reads a header: split it into lines, and these at the colon.
fn naive(text: &str) -> Option<(usize, u64)> {
    let header = text.find("\r\n\r\n")? + 4;
    let lengths: Vec<_> = { text[..header].lines() }
        .filter_map(|line| line.split_once(':'))
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map(|(_, value)| value.trim().strip_prefix('+').map_or(value.trim(), |_| "x").parse().ok())
        .collect();
    match lengths[..] {
        [Some(length)] => Some((header, length)),
        _ => None,
    }
}

#[test]
fn headers_are_read_as_by_the_naive_twin() {
    let names = ["Content-Length", "content-length", "CONTENT-LENGTH", "Content-Lengths", "Content-Lengt", "X"];
    let values = [": 5", ":5", ":  \t5 ", ": 05", ":", ": ", ": 5x", ": -5", ": 5 5", ": +5", ":x"];
    for before in ["", "A: b\r\n", "Content-Type: x\r\n y\r\n"] {
        for name in names {
            for value in values {
                for after in ["", "C: d\r\n", "Content-Length: 5\r\n"] {
                    let text = format!("{before}{name}{value}\r\n{after}\r\nhello");
                    let found = prefixes_agree(&lsp(), text.as_bytes());
                    let expected = naive(&text);
                    let found = found.ok().map(|extent| (extent.header_len(), extent.payload_len()));
                    assert_eq!(found, expected, "{text}");
                }
            }
        }
    }
}

#[test]
fn every_cut_gives_the_same_messages() {
    let streams: [(HeaderBlock, &[u8], &[&str]); 4] = [
        (
            lsp(),
            b"Content-Length: 2\r\n\r\nhiA: b\r\nContent-length:0\r\n\r\nContent-Length: 1\r\n\r\n!",
            &["hi", "", "!"],
        ),
        (
            sip(),
            b"\r\n\r\nOPTIONS sip:a SIP/2.0\r\nl: 2\r\n\r\nhi\r\nSIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
            &["", "", "OPTIONS sip:a SIP/2.0\r\nl: 2\r\n\r\nhi", "", "SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"],
        ),
        (
            stomp(),
            b"SEND\na:b\r\n\nhello\0\nSEND\ncontent-length:3\n\na\0b\0\r\n\nRECEIPT\n\n\0",
            &["SEND\na:b\r\n\nhello", "", "SEND\ncontent-length:3\n\na\0b", "", "", "RECEIPT\n\n"],
        ),
        (
            fix(),
            b"8=FIX.4.2\x019=5\x0135=0\x0110=161\x018=FIXT.1.1\x019=05\x0135=1\x0110=000\x01",
            &["8=FIX.4.2\x019=5\x0135=0\x0110=161\x01", "8=FIXT.1.1\x019=05\x0135=1\x0110=000\x01"],
        ),
    ];
    for (framing, wire, expected) in streams {
        let seen = cuts_agree(&framing, wire).unwrap();
        assert_eq!(seen.iter().map(|(_, len)| len).sum::<usize>(), wire.len());
        let seen: Vec<_> = seen.into_iter().map(|(message, _)| String::from_utf8(message).unwrap()).collect();
        assert_eq!(seen, expected);
    }
}

#[test]
fn errors_lie_at_the_byte_that_proves_them() {
    let digit = |found| DecodeErrorKind::NotADigit { found, radix: 10 };
    let wrong = |found, expected| DecodeErrorKind::Mismatch { found, expected };
    let cases: [(&str, usize, DecodeErrorKind); 15] = [
        ("A: b\r\n\r\n", 7, DecodeErrorKind::NoLength),
        ("\r\n", 1, DecodeErrorKind::NoLength),
        ("Content-Length: x", 16, digit(b'x')),
        ("Content-Length:\r\n", 15, digit(b'\r')),
        ("Content-Length: -1", 16, digit(b'-')),
        ("Content-Length: 1\rx", 18, wrong(b'x', b'\n')),
        ("Content-Length: 1\r\r\n", 18, wrong(b'\r', b'\n')),
        ("Content-Length: 1\n", 17, wrong(b'\n', b'\r')),
        ("A: b\nContent-Length: 1\r\n", 4, wrong(b'\n', b'\r')),
        ("Content-Length : 1\r\n", 14, wrong(b' ', b':')),
        ("Content-Length: 1\r\n 2\r\n", 19, digit(b' ')),
        ("Content-Length: 1\r\nContent-Length: 1\r\n", 37, DecodeErrorKind::Repeated),
        ("Content-Length: 101", 18, DecodeErrorKind::Oversize { len: 101, max: 100 }),
        ("Content-Length: 1 2\r\n", 18, digit(b'2')),
        ("\n", 0, wrong(b'\n', b'\r')),
    ];
    for (wire, at, kind) in cases {
        let framing = lsp().with_max_payload_len(100);
        assert_eq!(prefixes_agree(&framing, wire.as_bytes()), Err(FrameError::new(at, kind)), "{wire:?}");
        cuts_agree(&framing, wire.as_bytes()).unwrap_err();
    }
    let nines = HeaderBlock::new("L").unwrap().with_max_payload_len(u64::MAX);
    assert_eq!(prefixes_agree(&nines, b"L:99999999999999999999"), Err(text::too_large(21)));
    let smuggled = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n";
    assert_eq!(prefixes_agree(&http(), smuggled), Err(FrameError::new(44, DecodeErrorKind::ForbiddenField)));
    assert_eq!(prefixes_agree(&http(), b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").map(|extent| extent.payload_len()), Ok(0));
}

#[test]
fn header_that_does_not_end_in_time_is_an_error() {
    for (filler, max) in [("x", 40), ("A: b\r\n", 40), ("y", 200), ("A: b\r\n", 200)] {
        let wire = filler.repeat(300);
        let framing = lsp().with_max_header_len(max);
        assert_eq!(prefixes_agree(&framing, wire.as_bytes()), Err(text::too_long(max)));
    }
    let exact = b"Content-Length: 5\r\nA: b\r\n\r\nhello";
    assert!(prefixes_agree(&lsp().with_max_header_len(27), exact).is_ok());
    assert!(prefixes_agree(&lsp().with_max_header_len(26), exact).is_err());
    let blanks = format!("Content-Length: {}5\r\n\r\n", " ".repeat(100));
    assert_eq!(prefixes_agree(&lsp(), blanks.as_bytes()), Err(text::too_large(63)));
    let long = format!("Other: {}\r\nContent-Length: 5\r\n\r\nhello", "x".repeat(300));
    assert_eq!(prefixes_agree(&lsp(), long.as_bytes()).map(|extent| extent.payload_len()), Ok(5));
}

#[test]
fn message_whose_length_disagrees_is_refused() {
    let mut out = [0; 128];
    for len in [0, 1, 9, 10, 99] {
        let message = "x".repeat(len);
        let written = lsp().encode_into(message.as_bytes(), &mut out).unwrap();
        assert_eq!(out[..written], *format!("Content-Length: {len}\r\n\r\n{message}").as_bytes());
    }
    assert_eq!(
        sip().encode_into(b"A\r\nl: 3\r\n\r\nhi", &mut out),
        Err(EncodeError::LengthDisagrees { found: 3, expected: 2 })
    );
    assert!(matches!(sip().encode_into(b"\r\nA\r\nl: 0\r\n\r\n", &mut out), Err(EncodeError::Custom(_))));
    assert_eq!(sip().encode_into(b"A\r\nl: 2", &mut out), Err(EncodeError::TooShort { len: 7, min: 11 }));
    assert_eq!(stomp().encode_into(b"A\n\nhe\0lo", &mut out), Err(EncodeError::ContainsDelimiter { at: 5 }));
    assert_eq!(stomp().encode_into(b"A\n\nhello", &mut out), Ok(9));
    assert_eq!(&out[..9], b"A\n\nhello\0");
    assert_eq!(
        http().encode_into(b"GET / HTTP/1.1\r\n\r\nbody", &mut out),
        Err(EncodeError::LengthDisagrees { found: 0, expected: 4 })
    );
}

#[test]
fn encode_with_puts_the_digits_in() {
    let mut out = Vec::new();
    sip().encode_with(&mut out, |out| out.extend_from_slice(b"A\r\nContent-Length: 0\r\n\r\nhello, world")).unwrap();
    fix().encode_with(&mut out, |out| out.extend_from_slice(b"8=FIX.4.2\x019=000\x0135=0\x0110=161\x01")).unwrap();
    assert_eq!(
        out.escape_ascii().to_string(),
        r"A\r\nContent-Length: 12\r\n\r\nhello, world8=FIX.4.2\x019=5\x0135=0\x0110=161\x01"
    );
}

#[test]
fn start_line_is_not_read_as_a_field() {
    let empty = |len| Ok(Extent::new(len, 0, 0).with_message_header(len));
    assert_eq!(prefixes_agree(&http(), b"Content-Length: 5\r\nA: b\r\n\r\n"), empty(27));
    assert_eq!(prefixes_agree(&http(), b"Content-Length: x\r\n\r\n"), empty(21));
    assert_eq!(prefixes_agree(&http(), b"Content-Length: 5\r\n 6\r\n\r\n"), empty(25));
    assert_eq!(prefixes_agree(&http(), b"Transfer-Encoding: x\r\n\r\n"), empty(24));
    let fields = b"9=1\x019=1\x0110=161\x01";
    assert_eq!(prefixes_agree(&fix(), fields), Ok(Extent::new(8, 8, 0).with_message_header(8)));
}

#[test]
fn error_in_a_later_field_lies_at_its_byte() {
    let digit = |found| DecodeErrorKind::NotADigit { found, radix: 10 };
    let cases: [(HeaderBlock, &[u8], usize, DecodeErrorKind); 5] = [
        (http(), b"GET\r\nContent-Length: x", 21, digit(b'x')),
        (http(), b"GET\r\nContent-Length: 1\r\n 2\r\n", 24, digit(b' ')),
        (http(), b"GET\r\nA: b\r\nContent-Length: 1\r\n 2\r\n", 30, digit(b' ')),
        (lsp(), b"A: b\r\nContent-Length: 1\r\n 2\r\n", 25, digit(b' ')),
        (fix(), b"8=FIX.4.2\x019=5x\x01", 13, digit(b'x')),
    ];
    for (framing, wire, at, kind) in cases {
        assert_eq!(prefixes_agree(&framing, wire), Err(FrameError::new(at, kind)), "{}", wire.escape_ascii());
    }
}

#[test]
fn forbidden_field_is_found_in_a_line_of_any_length() {
    for len in [1, 60, 70, 200] {
        let wire = format!("GET / HTTP/1.1\r\nTransfer-Encoding: {}\r\n\r\n", "x".repeat(len));
        let error = FrameError::new(wire.len() - 3, DecodeErrorKind::ForbiddenField);
        assert_eq!(prefixes_agree(&http(), wire.as_bytes()), Err(error), "{len}");
    }
}

#[test]
fn name_is_compared_with_all_its_bytes() {
    // No byte of a name, short or long.
    for name in ["9", "a-name-of-thirty-one-bytes-long"] {
        assert!(HeaderBlock::new(name).unwrap().with_fields_ended_by(0).is_ok());
    }
    // The separator and the blank that are written after the name are compared too.
    for forbidden in ["Content-Length:", "content-length"] {
        assert!(matches!(lsp().forbidding(forbidden), Err(ConfigError::Conflict(_))));
    }
    for other in ["Content-Length: ", "Content-Length::", "Content-Length: 5"] {
        assert!(lsp().forbidding(other).is_ok());
    }
}

#[test]
fn blank_line_between_headers_has_no_limit() {
    for max in [0, 1] {
        let framing = sip().with_max_header_len(max);
        let seen = cuts_agree(&framing, b"\r\n\r\n").unwrap();
        assert_eq!(seen, [(Vec::new(), 2), (Vec::new(), 2)]);
    }
    assert_eq!(sip().locate(b"", &mut Progress::default()), Ok(Located::Header(2)));
    assert_eq!(stomp().locate(b"", &mut Progress::default()), Ok(Located::Header(1)));
}

#[test]
fn payload_of_the_limit_passes_and_one_byte_more_does_not() {
    let mut out = [0; 64];
    let five = |framing: HeaderBlock| framing.with_max_payload_len(5);
    let (over, refused) = (DecodeErrorKind::Oversize { len: 6, max: 5 }, Err(EncodeError::Oversize { len: 6, max: 5 }));
    assert_eq!((lsp().max_payload_len(), five(lsp()).max_payload_len()), (DEFAULT_MAX_PAYLOAD_LEN, 5));
    assert_eq!(five(lsp()).encode_into(b"hello", &mut out), Ok(26));
    assert_eq!(five(lsp()).encode_into(b"hello!", &mut out), refused);
    assert_eq!(prefixes_agree(&five(lsp()), b"Content-Length: 6"), Err(FrameError::new(16, over)));
    assert_eq!(five(http()).encode_into(b"A\r\nContent-Length: 6\r\n\r\nhello!", &mut out), refused);
    assert_eq!(http().encode_into(b"GET / HTTP/1.1\r\n\r\n", &mut out), Ok(18));

    // Without a length, each byte that is not the end counts.
    assert_eq!(five(stomp()).encode_into(b"A\n\nhello", &mut out), Ok(9));
    assert_eq!(five(stomp()).encode_into(b"A\n\nhello!", &mut out), refused);
    let extent = Extent::new(3, 5, 1).with_message_header(3);
    assert_eq!(prefixes_agree(&five(stomp()), b"A\n\nhello\0"), Ok(extent));
    assert_eq!(prefixes_agree(&five(stomp()), b"A\n\nhello!"), Err(FrameError::new(8, over)));
    // For any number of bytes that were passed on before.
    for cut in 0..=8 {
        let mut decoder = Decoder::new(five(stomp()));
        let mut failed = None;
        for chunk in [&b"A\n\nhello!"[..cut], &b"A\n\nhello!"[cut..]] {
            decoder.push(chunk).unwrap();
            failed = failed.or_else(|| {
                loop {
                    match decoder.next_piece() {
                        Ok(Some(_)) => {}
                        Ok(None) => return None,
                        Err(error) => return Some((error.offset, error.kind)),
                    }
                }
            });
        }
        assert_eq!(failed, Some((8, over)), "cut at {cut}");
    }
    // What is skipped has no limit.
    for step in 1..=12 {
        let mut decoder = Decoder::new(five(stomp())).with_recovery(Recovery::SkipOversize);
        let mut seen = Vec::new();
        for chunk in b"A\n\nhello, world\0B\n\nhi\0".chunks(step) {
            decoder.push(chunk).unwrap();
            while let Some(frame) = decoder.next_frame().unwrap() {
                seen.push(frame.message().to_vec());
            }
        }
        assert_eq!(seen, [b"B\n\nhi"], "in chunks of {step}");
        assert_eq!((decoder.skipped().stretches, decoder.skipped().bytes), (1, 16));
    }
}

#[test]
fn header_over_its_limit_is_refused() {
    assert_eq!(lsp().with_max_header_len(21).encoded_len(b"hello"), Ok(26));
    assert_eq!(lsp().with_max_header_len(20).envelope(b"hello"), Err(EncodeError::HeaderTooLong { max: 20 }));
    assert_eq!(lsp().with_max_header_len(19).envelope(b"hello"), Err(EncodeError::HeaderTooLong { max: 19 }));
}

#[test]
fn byte_after_a_payload_with_a_length_is_judged() {
    for (wire, expected) in
        [(b"A\ncontent-length:1\n\n!\0", Ok(())), (b"A\ncontent-length:1\n\n!x", Err(text::mismatch(21, b'x', 0)))]
    {
        let extent = Extent::new(20, 1, 1).with_message_header(20).checked();
        assert_eq!(stomp().locate(wire, &mut Progress::default()), Ok(Located::Known(extent)));
        assert_eq!(stomp().check(Part::all(extent, wire), &mut 0), expected);
        assert_eq!(cuts_agree(&stomp(), wire).is_ok(), expected.is_ok());
    }
}

#[test]
fn header_is_read_once_however_it_arrives() {
    let cases: [(HeaderBlock, &[u8]); 4] = [
        (lsp(), b"A: b\r\nContent-Length: 5\r\nC: d\r\n\r\nhello"),
        (sip(), b"OPTIONS\r\nl: 5\r\nC: d\r\n\r\nhello"),
        (fix(), b"8=FIX.4.2\x019=5\x0135=0\x0110=161\x01"),
        (stomp(), b"SEND\nA:b\n\nhello\0"),
    ];
    for (framing, wire) in cases {
        let complete = framing.locate(wire, &mut Progress::default()).unwrap().known().unwrap();
        let mut progress = Progress::default();
        for len in 0..=wire.len() {
            // Complete lines that were read before may be anything.
            let mut input = wire[..len].to_vec();
            let line = Header::load(&progress.carry).line;
            input[..line].fill(b'?');
            match framing.locate(&input, &mut progress).unwrap() {
                Located::Known(extent) => assert_eq!(extent, complete),
                Located::Header(_) => assert!(len < complete.header_len()),
                Located::Search { so_far, least } => {
                    let expected = Extent::new(10, len as u64 - 10, 0).with_message_header(10);
                    assert_eq!((so_far, least), (expected, len as u64 + 1));
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn search_goes_on_after_payload_bytes_are_gone() {
    let wire = b"A\n\nhello\0";
    for framing in [stomp(), stomp().with_max_payload_len(5)] {
        let mut progress = Progress::default();
        assert!(matches!(framing.locate(&wire[..6], &mut progress), Ok(Located::Search { .. })));
        (progress.consumed, progress.scanned) = (3, progress.scanned - 3);
        let extent = Extent::new(3, 2, 1).with_message_header(3);
        assert_eq!(framing.locate(b"A\n\nlo\0", &mut progress), Ok(Located::Known(extent)));
    }
    let four = stomp().with_max_payload_len(4);
    let mut progress = Progress::default();
    assert!(matches!(four.locate(&wire[..6], &mut progress), Ok(Located::Search { .. })));
    (progress.consumed, progress.scanned) = (3, progress.scanned - 3);
    let over = FrameError::new(4, DecodeErrorKind::Oversize { len: 5, max: 4 });
    assert_eq!(four.locate(b"A\n\nlo\0", &mut progress), Err(over));
    progress.lenient = true;
    assert_eq!(
        four.locate(b"A\n\nlo\0", &mut progress).map(Located::known),
        Ok(Some(Extent::new(3, 2, 1).with_message_header(3)))
    );
}

#[test]
fn header_of_65535_bytes_is_read_and_written() {
    let framing = http().with_max_header_len(u16::MAX);
    let mut out = std::vec![0; 70_000];
    for (len, fits) in [(65_535, true), (65_536, false)] {
        let message = format!("GET\r\nA:{}\r\nContent-Length: 2\r\n\r\nhi", "x".repeat(len - 30));
        let written = framing.encode_into(message.as_bytes(), &mut out);
        let located = framing.locate(message.as_bytes(), &mut Progress::default());
        if fits {
            assert_eq!(written, Ok(len + 2));
            let extent = Extent::new(u16::MAX, 2, 0).with_message_header(u16::MAX);
            assert_eq!(located, Ok(Located::Known(extent)));
            let nested = located.unwrap().nested(1);
            assert!(matches!(nested, Err(FrameError { kind: DecodeErrorKind::HeaderTooLong { max: 65_535 }, .. })));
        } else {
            assert_eq!(written, Err(EncodeError::Header(text::too_long(u16::MAX))));
            assert_eq!(located, Err(text::too_long(u16::MAX)));
        }
    }
}

#[test]
fn memory_of_a_header_survives_its_words() {
    let length = Some(read::Length { value: u64::MAX, at: 65_000, digits: 64 });
    for length in [None, length] {
        let header = Header { len: 65_535, length, ..Header::default() };
        assert_eq!(Header::load(&header.store()), header);
    }
    assert_eq!(Header::load(&[0; 4]), Header::default());
}
