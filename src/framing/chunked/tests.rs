#![allow(clippy::unwrap_used, reason = "a test may panic")]

extern crate std;

use super::*;
use crate::framing::testing::{cuts_agree, prefixes_agree};
use std::vec::Vec;

/// Follows the specification, without regard to speed. Returns the length of the header, and the size.
fn naive(input: &[u8]) -> Option<(usize, u64)> {
    let line = input.windows(2).position(|pair| pair == b"\r\n")?;
    let digits = input[..line].split(|byte| b"; \t".contains(byte)).next()?;
    let size = u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    if size > 0 {
        return Some((line + 2, size));
    }
    let end = input[line..].windows(4).position(|four| four == b"\r\n\r\n")?;
    Some((line + end + 4, 0))
}

#[test]
fn chunks_and_extensions_are_found_as_by_the_naive_twin() {
    let samples: [&[u8]; 9] = [
        b"5\r\nhello\r\n",
        b"05\r\nhello\r\n",
        b"a;name=value;other=\"x y\"\r\n0123456789\r\n",
        b"1 \t;x\r\n!\r\n",
        b"0\r\n\r\n",
        b"000;last\r\n\r\n",
        b"0\r\nA: b\r\n\r\n",
        b"0\r\nExpires: Wed\r\nDigest: x\r\n\r\n",
        b"1F\r\n0123456789012345678901234567890\r\n",
    ];
    for sample in samples {
        let found = prefixes_agree(&Chunked::new(), sample);
        let (header, size) = naive(sample).unwrap();
        let extent = found.unwrap();
        assert_eq!((extent.header_len(), extent.payload_len()), (header, size));
        assert_eq!(extent.is_control(), size == 0);
        assert_eq!(extent.fits(sample.len()), Some(sample.len()));
    }
}

#[test]
fn every_cut_gives_the_same_chunks() {
    let wire = b"5\r\nhello\r\n1;x=y\r\n\r\r\n0\r\nA: b\r\nC:\r\n\r\n";
    let seen = cuts_agree(&Chunked::new(), wire);
    let messages: Vec<_> = seen.unwrap().into_iter().map(|(message, _)| message).collect();
    assert_eq!(messages, [&b"hello"[..], b"\r", b""]);
}

#[test]
fn errors_lie_at_the_byte_that_proves_them() {
    let digit = |found| DecodeErrorKind::NotADigit { found, radix: 16 };
    let wrong = |found, expected| DecodeErrorKind::Mismatch { found, expected };
    let cases: [(&[u8], usize, DecodeErrorKind); 13] = [
        (b"\n", 0, digit(b'\n')),
        (b"\r\n", 0, digit(b'\r')),
        (b" 5\r\n", 0, digit(b' ')),
        (b"-5\r\n", 0, digit(b'-')),
        (b"0x5\r\n", 1, digit(b'x')),
        (b"5\nhello\r\n", 1, wrong(b'\n', b'\r')),
        (b"5\rhello\r\n", 2, wrong(b'h', b'\n')),
        (b"5;a\nhello\r\n", 3, wrong(b'\n', b'\r')),
        (b"5;a\rb\r\nhello\r\n", 4, wrong(b'b', b'\n')),
        (b"0\r\nA: b\n\r\n", 7, wrong(b'\n', b'\r')),
        (b"0\r\nA: b\r\nC\rD", 11, wrong(b'D', b'\n')),
        (b"11\r\n", 1, DecodeErrorKind::Oversize { len: 17, max: 16 }),
        (b"000000000000000000000000000000000", 32, DecodeErrorKind::HeaderTooLong { max: 32 }),
    ];
    let framing = Chunked::new().with_max_payload_len(16).with_max_header_len(32);
    for (wire, at, kind) in cases {
        assert_eq!(prefixes_agree(&framing, wire), Err(FrameError::new(at, kind)), "{}", wire.escape_ascii());
    }
    let zeros = [b'0'; 40];
    assert_eq!(prefixes_agree(&Chunked::new(), &zeros), Err(text::too_large(32)));
    let large = text::too_large(16);
    let unlimited = Chunked::new().with_max_payload_len(u64::MAX);
    assert_eq!(prefixes_agree(&unlimited, b"fffffffffffffffff"), Err(large));
}

#[test]
fn trailer_other_than_cr_lf_is_an_error() {
    let framing = Chunked::new();
    for (wire, expected) in [
        (&b"5\r\nhello\r\n"[..], Ok(())),
        (b"5\r\nhelloX\n", Err(text::mismatch(8, b'X', b'\r'))),
        (b"5\r\nhello\rX", Err(text::mismatch(9, b'X', b'\n'))),
        (b"5\r\nhello\n\r", Err(text::mismatch(8, b'\n', b'\r'))),
    ] {
        let located = framing.locate(wire, &mut Progress::default());
        let extent = Extent::new(3, 5, 2).checked();
        assert_eq!(located, Ok(Located::Known(extent)));
        assert_eq!(framing.check(Part::all(extent, wire), &mut 0), expected, "{}", wire.escape_ascii());
        assert_eq!(cuts_agree(&framing, wire).is_ok(), expected.is_ok());
    }
}

#[test]
fn header_of_65535_bytes_is_read_and_one_byte_more_is_not() {
    let framing = Chunked::new().with_max_header_len(u16::MAX);
    for (len, expected) in [(65_535, Ok(65_535)), (65_536, Err(text::too_long(65_535)))] {
        let wire = std::format!("1;{}\r\n!\r\n", "x".repeat(len - 4));
        assert_eq!(located(&framing, wire.as_bytes(), 1000).map(|extent| extent.header_len()), expected);
        let wire = std::format!("0\r\nA:{}\r\n\r\n", "x".repeat(len - 9));
        assert_eq!(located(&framing, wire.as_bytes(), 1000).map(|extent| extent.header_len()), expected);
    }
}

/// The results of `locate` for a wire that arrives in steps of `step` bytes.
fn located(framing: &Chunked, wire: &[u8], step: usize) -> Result<Extent, FrameError> {
    let mut progress = Progress::default();
    let mut len = 0;
    loop {
        len = (len + step).min(wire.len());
        match framing.locate(&wire[..len], &mut progress)? {
            Located::Known(extent) => return Ok(extent),
            other => assert!(len < wire.len(), "{other:?}"),
        }
    }
}

#[test]
fn header_is_looked_at_once_however_it_arrives() {
    let wire = b"00001a;x=y\r\nabcdefghijklmnopqrstuvwxyz\r\n";
    let mut progress = Progress::default();
    for len in 0..10 {
        // The bytes already scanned may be anything.
        let mut input = wire[..len].to_vec();
        input[..len.saturating_sub(1)].fill(b'?');
        assert!(matches!(Chunked::new().locate(&input, &mut progress), Ok(Located::Header(_))), "{len}");
    }
    assert_eq!(progress.scanned, 9);
    assert_eq!(progress.carry, [26, 6, 1, 0]);
}

#[test]
fn what_is_encoded_comes_back() {
    for len in [1, 9, 10, 15, 16, 17, 255, 256, 4095, 4096] {
        let message = std::vec![b'x'; len];
        let mut wire = std::vec![0; len + 16];
        let written = Chunked::new().encode_into(&message, &mut wire).unwrap();
        assert_eq!(wire[..written], *std::format!("{len:x}\r\n{}\r\n", "x".repeat(len)).as_bytes());
        let extent = prefixes_agree(&Chunked::new(), &wire[..written]).unwrap();
        assert_eq!(extent.payload_len(), len as u64);
    }
}

#[test]
fn least_counts_all_of_the_shortest_frame() {
    let need = |wire: &[u8]| match Chunked::new().locate(wire, &mut Progress::default()) {
        Ok(Located::Header(least)) => usize::try_from(least).unwrap() - wire.len(),
        other => panic!("{other:?}"),
    };
    for len in 0..5 {
        assert_eq!(need(&Chunked::LAST[..len]), 5 - len);
    }
    for (wire, least) in [(&b"5"[..], 5), (b"5;x", 9), (b"5\r", 8), (b"0;x", 4), (b"0\r\nA: b", 4), (b"0\r\nA: b\r", 3)]
    {
        assert_eq!(need(wire), least, "{}", wire.escape_ascii());
    }
}

#[test]
fn message_at_the_limit_is_written_and_longer_is_refused() {
    let mut wire = [0; 16];
    let five = Chunked::new().with_max_payload_len(5);
    assert_eq!(five.encode_into(b"hello", &mut wire), Ok(10));
    assert_eq!(five.encode_into(b"hello!", &mut wire), Err(EncodeError::Oversize { len: 6, max: 5 }));
    assert_eq!(Chunked::new().with_max_header_len(3).encode_into(b"hello", &mut wire), Ok(10));
    for max in [0, 1, 2] {
        let refused = EncodeError::HeaderTooLong { max: max.into() };
        assert_eq!(Chunked::new().with_max_header_len(max).encode_into(b"hello", &mut wire), Err(refused));
    }
}
