#![allow(clippy::unwrap_used, reason = "a test may panic")]

extern crate std;

use super::*;
use crate::framing::testing::cuts_agree;
use crate::number::Ascii;
use crate::{Decoder, Delimited, Either, EofError, Fixed, Piece, Prefix, Recovery, Truncated, UntilClose};
use std::vec::Vec;

type Inner = Either<Either<Prefix<Ascii>, Fixed>, Either<Delimited<[[u8; 2]; 1]>, UntilClose>>;

fn mixed() -> ByFirstByte<Inner, [(ByteRange, Inner); 4]> {
    let digits = Prefix::new(Ascii::decimal_ended_by(b" ").unwrap());
    let line = Delimited::new(*b"\r\n").unwrap().with_max_payload_len(6);
    ByFirstByte::new([
        (b'0'..=b'9', Either::A(Either::A(digits))),
        (b'F'..=b'F', Either::A(Either::B(Fixed::new(3).unwrap()))),
        (b'\r'..=b'/', Either::B(Either::A(line))),
        (b'U'..=b'Z', Either::B(Either::B(UntilClose::new()))),
    ])
    .unwrap()
}

const WIRE: &[u8] = b"5 helloFix<13\r\n0 \r\n<\r\n- \r-\r\nF\r\nUntil\r\n";
const MESSAGES: [&[u8]; 8] = [b"hello", b"Fix", b"", b"", b"", b"- \r-", b"F\r\n", b"Until\r\n"];

fn wire() -> Vec<u8> {
    // '<' is in no range of the table above: '-' to '/' stand for it.
    WIRE.iter().map(|&byte| if byte == b'<' { b'-' } else { byte }).collect()
}

fn messages() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = MESSAGES.iter().map(|message| message.to_vec()).collect();
    all[2] = b"-13".to_vec();
    all.insert(5, b"-".to_vec());
    all
}

#[test]
fn every_cut_gives_the_same_messages() {
    let (wire, messages) = (wire(), messages());
    for step in 1..wire.len() {
        let mut decoder = Decoder::new(mixed());
        let mut seen: Vec<Vec<u8>> = Vec::new();
        for chunk in wire.chunks(step) {
            decoder.push(chunk).unwrap();
            while let Some(frame) = decoder.next_frame().unwrap() {
                seen.push(frame.message().to_vec());
            }
        }
        while let Some(frame) = decoder.finish().unwrap() {
            seen.push(frame.message().to_vec());
        }
        assert_eq!(seen, messages, "in chunks of {step}");
    }
}

#[test]
fn frame_in_pieces_is_the_same_frame() {
    let (wire, messages) = (wire(), messages());
    for step in 1..wire.len() {
        let mut decoder = Decoder::new(mixed());
        let mut seen: Vec<Vec<u8>> = Vec::new();
        let mut take = |piece: Piece<'_>| match piece {
            Piece::Start { header, .. } => seen.push(header.to_vec()),
            Piece::Data(data) => seen.last_mut().unwrap().extend_from_slice(data),
            Piece::End { .. } => {}
            Piece::Skipped(_) => panic!(),
        };
        for chunk in wire.chunks(step) {
            decoder.push(chunk).unwrap();
            while let Some(piece) = decoder.next_piece().unwrap() {
                take(piece);
            }
        }
        while let Some(piece) = decoder.finish_piece().unwrap() {
            take(piece);
        }
        // The digits are a header that is not part of the message.
        let expected: Vec<Vec<u8>> = { messages.iter().enumerate() }
            .map(|(index, message)| match index {
                0 => b"5 hello".to_vec(),
                3 => b"0 ".to_vec(),
                _ => message.clone(),
            })
            .collect();
        assert_eq!(seen, expected, "in chunks of {step}");
    }
}

#[test]
fn message_is_written_by_the_first_framing_that_reads_it() {
    let mut out = [0; 16];
    let mut written = |message: &[u8]| mixed().encode_into(message, &mut out).map(|len| out[..len].to_vec());
    assert_eq!(written(b"-13"), Ok(b"3 -13".to_vec()));
    let lines = ByFirstByte::new([(b'a'..=b'z', Delimited::line())]).unwrap();
    assert_eq!(lines.encode_into(b"hello", &mut [0; 9]), Ok(6));
    assert_eq!(lines.encode_into(b"Hello", &mut [0; 9]), Err(EncodeError::UnknownType { found: b'H' }));
    assert_eq!(lines.encode_into(b"he\nlo", &mut [0; 9]), Err(EncodeError::ContainsDelimiter { at: 2 }));
}

#[test]
fn message_of_one_framing_is_not_patched_for_another() {
    let field = crate::LengthField::new(0, crate::number::Binary::u8()).unwrap();
    let framing = ByFirstByte::new([
        (0..=b' ', Either::A(Prefix::u8().with_max_payload_len(1))),
        (b'!'..=0xff, Either::B(field)),
    ])
    .unwrap();
    let written = |message: &[u8]| {
        let mut out = Vec::new();
        framing.encode_with(&mut out, |out| out.extend_from_slice(message)).map(|_| out)
    };
    assert_eq!(written(b"0"), Ok(b"\x010".to_vec()));
    // A message of the other framing: the filled-in length changes the byte that it begins with.
    assert_eq!(written(b"0hello"), Err(EncodeError::UnknownType { found: 5 }));
    let long = [&[0][..], &[b'x'; 40]].concat();
    assert_eq!(written(&[&b"0"[..], &long[1..]].concat()), Ok([&[40][..], &long[1..]].concat()));
}

#[test]
fn unknown_type_is_refused() {
    let typed = crate::ByType::new([(b'Q', crate::Body::Framed(Prefix::u32_be()))]).unwrap();
    let framing = ByFirstByte::new([(b'A'..=b'Z', Either::A(typed)), (0..=0, Either::B(Prefix::u32_be()))]).unwrap();
    let mut out = [0; 16];
    let mut written = |message: &[u8]| framing.encode_into(message, &mut out).map(|len| out[..len].to_vec());
    assert_eq!(written(b"Qhi"), Ok(b"Q\0\0\0\x02hi".to_vec()));
    assert_eq!(written(b"Rhi"), Err(EncodeError::UnknownType { found: b'R' }));
    assert_eq!(written(b"\0hi"), Ok(b"\0\0\0\x03\0hi".to_vec()));
}

#[test]
fn first_byte_in_no_range_or_in_two_is_an_error() {
    let mut decoder = Decoder::new(mixed());
    decoder.push(b"Fix?").unwrap();
    assert!(decoder.next_frame().unwrap().is_some());
    let error = decoder.next_frame().unwrap_err();
    assert_eq!((error.offset, error.kind), (3, DecodeErrorKind::UnknownType { found: b'?' }));
    let of =
        |ranges: [RangeInclusive<u8>; 2]| ByFirstByte::new(ranges.map(|range| (range, UntilClose::new()))).map(|_| ());
    assert_eq!(of([0..=9, 9..=10]), Err(ConfigError::DuplicateType { found: 9 }));
    assert_eq!(of([5..=6, 0..=200]), Err(ConfigError::DuplicateType { found: 5 }));
    #[allow(clippy::reversed_empty_ranges)]
    let empty = of([0..=4, 9..=5]);
    assert!(matches!(empty, Err(ConfigError::Conflict(_))));
    assert_eq!(of([0..=4, 5..=255]), Ok(()));
    let none: [(RangeInclusive<u8>, UntilClose); 0] = [];
    assert_eq!(ByFirstByte::new(none).map(|_| ()), Err(ConfigError::Empty));
}

#[test]
fn end_of_stream_truncates_as_the_framing_does() {
    let mut decoder = Decoder::new(mixed());
    decoder.push(b"-half a line\r\n").unwrap();
    let error = decoder.next_frame().unwrap_err();
    assert_eq!((error.offset, error.kind), (6, DecodeErrorKind::Oversize { len: 7, max: 6 }));
    let mut decoder = Decoder::new(mixed());
    decoder.push(b"-ha").unwrap();
    let part = Truncated::Unterminated { have: 3 };
    assert_eq!(decoder.finish().unwrap_err(), EofError::Truncated { frame_offset: 0, end: 3, part });
}

/// All that comes of `wire` in pieces, however it is cut in two.
fn in_pieces<F: Framing>(framing: &F, wire: &[u8]) -> Vec<u8> {
    let cut_at = |cut: usize| {
        let mut decoder = Decoder::new(framing);
        let mut seen = Vec::new();
        for chunk in [&wire[..cut], &wire[cut..]] {
            decoder.push(chunk).unwrap();
            while let Some(piece) = decoder.next_piece().unwrap() {
                match piece {
                    Piece::Start { header, .. } => seen.extend_from_slice(header),
                    Piece::Data(data) => seen.extend_from_slice(data),
                    Piece::End { .. } => seen.push(b'|'),
                    Piece::Skipped(_) => panic!(),
                }
            }
        }
        seen
    };
    let expected = cut_at(0);
    for cut in 1..=wire.len() {
        assert_eq!(cut_at(cut), expected, "cut at {cut}");
    }
    expected
}

#[test]
fn extent_is_that_of_the_chosen_framing() {
    let line = Delimited::new(*b"\r\n").unwrap();
    let framing = ByFirstByte::new([(0..=255, line)]).unwrap();
    let wire = b"hello\r\n\r\na\r\n";
    let extent = Extent::new(0, 5, 2);
    assert_eq!(framing.locate(wire, &mut Progress::default()), Ok(Located::Known(extent)));
    let messages: Vec<_> = cuts_agree(&framing, wire).unwrap().into_iter().map(|(message, _)| message).collect();
    assert_eq!(messages, [&b"hello"[..], b"", b"a"]);
    assert_eq!(in_pieces(&framing, wire), b"hello||a|");
    // And with a header of one byte.
    let header = crate::HeaderBlock::new("l").unwrap().allowing_bare_lf().ended_by(0);
    let framing = ByFirstByte::new([(b'\n'..=b'\n', header)]).unwrap();
    let wire = b"\nhello\0\n\0\na\n\0";
    let messages: Vec<_> = cuts_agree(&framing, wire).unwrap().into_iter().map(|(message, _)| message).collect();
    assert_eq!(messages, [&b"\nhello"[..], b"\n", b"\na\n"]);
    assert_eq!(in_pieces(&framing, wire), b"\nhello|\n|\na\n|");
}

#[test]
fn first_byte_makes_no_delimiter_with_later_bytes() {
    assert_eq!(in_pieces(&mixed(), b"\ra\nb\r\n"), b"\ra\nb|");
}

#[test]
fn frame_over_the_limit_at_its_first_byte_is_skipped() {
    let skipped = |line: Delimited<[[u8; 2]; 1]>| {
        let framing = ByFirstByte::new([(0..=255, line)]).unwrap();
        let wire = b"\ra\nb\r\nxyz\r\n";
        for step in 1..=wire.len() {
            let mut decoder = Decoder::new(&framing).with_recovery(Recovery::SkipOversize);
            for chunk in wire.chunks(step) {
                decoder.push(chunk).unwrap();
                assert!(decoder.next_frame().unwrap().is_none());
            }
            let skips = decoder.skipped();
            assert_eq!((skips.stretches, skips.bytes), (2, 11), "in chunks of {step}");
            assert_eq!(skips.last_reason.map(|reason| reason.frame_offset), Some(6));
        }
    };
    let line = Delimited::new(*b"\r\n").unwrap();
    skipped(line.with_max_payload_len(0));
    // Even a delimiter alone is too long, so the first byte proves it.
    skipped(line.keeping_delimiter().with_max_payload_len(1));
}

#[test]
fn first_byte_chooses_after_it_has_passed() {
    // Without a header nothing of the frame stays in the input.
    let framing = mixed();
    let mut progress = Progress::default();
    let so_far = Extent::new(0, 2, 0);
    assert_eq!(framing.locate(b"-a", &mut progress), Ok(Located::Search { so_far, least: 4 }));
    (progress.consumed, progress.scanned) = (2, 0);
    for input in [&b""[..], b"5 "] {
        let answer = framing.locate(input, &mut progress);
        assert!(matches!(answer, Ok(Located::Search { .. })), "{answer:?}");
    }
    assert_eq!(framing.locate(b"5 \r\n", &mut progress), Ok(Located::Known(Extent::new(0, 2, 2))));
    assert_eq!(progress.next, 0);
}

#[test]
fn checked_and_rewritten_frames_round_trip() {
    let (cobs, netstring, line) = (crate::Stuffed::new(crate::stuffing::Cobs), Prefix::netstring(), Delimited::line());
    let table: [(RangeInclusive<u8>, &dyn Framing); 3] =
        [(b'a'..=b'z', &line), (b'0'..=b'9', &netstring), (0..=9, &cobs)];
    let framing = ByFirstByte::new(table.clone()).unwrap();
    let copy = framing;
    let mut wire = Vec::new();
    for message in [&b"line"[..], b"A\0B", b"Net\0string\n"] {
        framing.encode(message, &mut wire).unwrap();
    }
    assert_eq!(wire, b"line\n3:A\0B,11:Net\0string\n,");
    // Lines come first, but none begins with such a byte.
    let cobs_first = ByFirstByte::new([table[2].clone(), table[1].clone()]).unwrap();
    assert_eq!(cobs_first.encode(b"a\0b", &mut wire), Ok(5));
    // A run of 12 bytes has a code outside the range, so that a netstring is written.
    assert_eq!(cobs_first.encode(b"hello, world", &mut wire), Ok(16));
    assert!(wire.ends_with(b"\x02a\x02b\x0012:hello, world,"));
    let seen: Vec<_> = cuts_agree(&copy, &wire).unwrap().into_iter().map(|(message, _)| message).collect();
    let messages = [&b"line"[..], b"A\0B", b"Net\0string\n", b"a\0b", b"hello, world"];
    assert_eq!(seen, messages);
    // The first code of COBS is the header.
    assert_eq!(in_pieces(&copy, b"\x02a\x02b\0line\n"), b"\x02a\0b|line|");
    assert!(cuts_agree(&copy, b"1:a;").unwrap_err().contains("offset: 3"));
}

#[test]
fn long_frame_that_is_rewritten_is_written() {
    let cobs = crate::Stuffed::new(crate::stuffing::Cobs);
    let framing = ByFirstByte::new([(0xff..=0xff, cobs)]).unwrap();
    let message = [b'x'; 300];
    let mut wire = Vec::new();
    assert_eq!(framing.encode(&message, &mut wire), Ok(303));
    assert_eq!(cuts_agree(&framing, &wire).unwrap(), [(message.to_vec(), 303)]);
    assert_eq!(framing.encode(b"short", &mut wire), Err(EncodeError::UnknownType { found: 6 }));
}

#[test]
fn first_error_is_reported_where_no_framing_takes_the_message() {
    let framing = ByFirstByte::new([
        (0..=b'0', Prefix::u8().with_max_payload_len(1)),
        (b'1'..=b'9', Prefix::u8().with_max_payload_len(3)),
    ])
    .unwrap();
    assert_eq!(framing.envelope(b"hello"), Err(EncodeError::Oversize { len: 5, max: 1 }));
}

/// A decoder of `first@2` in a few lines: `F` a frame of four bytes, `L` a line, digits a length of one byte at offset 0.
fn naive(mut rest: &[u8]) -> (Vec<Vec<u8>>, Option<(usize, DecodeErrorKind)>) {
    let (mut frames, mut at) = (Vec::new(), 0);
    loop {
        let len = match rest.get(2) {
            None => return (frames, None),
            Some(b'F') => 4,
            Some(b'L') => match rest.iter().position(|byte| *byte == b'\n') {
                Some(end) => end + 1,
                None => return (frames, None),
            },
            Some(b'0'..=b'9') => 1 + usize::from(rest[0]),
            Some(&found) => return (frames, Some((at + 2, DecodeErrorKind::UnknownType { found }))),
        };
        if len < 3 {
            return (frames, Some((at, DecodeErrorKind::TooShort { len: len as u64, min: 3 })));
        }
        let Some(frame) = rest.get(..len) else { return (frames, None) };
        frames.push(frame.to_vec());
        (rest, at) = (&rest[len..], at + len);
    }
}

type Boxed = std::boxed::Box<dyn Framing>;

fn later() -> ByFirstByte<Boxed, [(ByteRange, Boxed); 3]> {
    use std::boxed::Box;
    let digits: Boxed = Box::new(crate::LengthField::new(0, crate::number::Binary::u8()).unwrap());
    let table: [(core::ops::RangeInclusive<u8>, Boxed); 3] = [
        (b'F'..=b'F', Box::new(Fixed::new(4).unwrap())),
        (b'L'..=b'L', Box::new(Delimited::byte(b'\n').keeping_delimiter())),
        (b'0'..=b'9', digits),
    ];
    ByFirstByte::new(table).unwrap().choosing_at(2)
}

#[test]
fn later_byte_chooses_as_a_naive_decoder_does() {
    let bytes = [b'F', b'L', b'5', b'\n', 2, 4, b'x'];
    let mut stream = [0; 6];
    for number in 0..bytes.len().pow(6) {
        let mut left = number;
        for byte in &mut stream {
            *byte = bytes[left % bytes.len()];
            left /= bytes.len();
        }
        let mut decoder = Decoder::new(later());
        let (mut frames, mut fault) = (Vec::new(), None);
        for byte in stream {
            if decoder.push(&[byte]).is_err() {
                break;
            }
            loop {
                match decoder.next_frame() {
                    Ok(Some(frame)) => frames.push([frame.message().to_vec(), frame.trailer().to_vec()].concat()),
                    Ok(None) => break,
                    Err(error) => {
                        fault = Some((usize::try_from(error.offset).unwrap(), error.kind));
                        break;
                    }
                }
            }
            if fault.is_some() {
                break;
            }
        }
        assert_eq!((frames, fault), naive(&stream), "{}", stream.escape_ascii());
    }
}

#[test]
fn frame_that_ends_before_the_byte_is_no_frame() {
    let mut decoder = Decoder::new(later());
    decoder.push(b"\x01a5").unwrap();
    assert_eq!(decoder.next_frame().unwrap_err().kind, DecodeErrorKind::TooShort { len: 2, min: 3 });
    assert!(later().encode(b"\x01a", &mut Vec::new()).is_err());
    assert_eq!(later().encode(b"\x02a5", &mut Vec::new()), Ok(3));
    let mut decoder = Decoder::new(later());
    decoder.push(b"ab").unwrap();
    assert!(matches!(decoder.finish(), Err(EofError::Truncated { .. })));
}

#[test]
fn filler_before_a_frame_that_a_later_byte_chooses_is_refused() {
    let framing = ByFirstByte::new([(0..=0xff, crate::Stuffed::slip())]).unwrap().choosing_at(1);
    let mut decoder = Decoder::new(framing);
    decoder.push(b"\xc0\xc0a\xc0").unwrap();
    assert_eq!(decoder.next_frame().unwrap_err().kind, DecodeErrorKind::Custom(FILLER));
    assert!(framing.encode(b"a", &mut Vec::new()).is_err());
}
