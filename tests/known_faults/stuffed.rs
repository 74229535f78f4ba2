//! SLIP and COBS.

use anysplit::stuffing::Stuffing;
use anysplit::{DecodeErrorKind, Framing, Stuffed};

#[path = "../common/stuffed.rs"]
#[allow(dead_code, unreachable_pub, reason = "shared, and of use in parts")]
mod twins;

/// A payload, or the offsets of a frame and of its wrong byte.
type As<T> = Result<T, (usize, usize, DecodeErrorKind)>;

fn decoded<S: Stuffing + Copy>(framing: Stuffed<S>, max: usize, chunks: &[&[u8]]) -> Vec<As<Vec<u8>>> {
    let (events, _) = twins::decoded(framing, max, chunks.iter().copied());
    let outcomes = events.into_iter().map(|event| match event {
        twins::Event::Frame { payload, .. } => Ok(payload),
        twins::Event::Skipped { offset, at, kind, .. } => Err((offset, at, kind)),
    });
    outcomes.collect()
}

/// Exactly these events come out, however the stream is cut in three, and byte by byte.
#[track_caller]
fn gives<S: Stuffing + Copy>(framing: Stuffed<S>, max: usize, stream: &[u8], expected: &[As<&[u8]>]) {
    let expected: Vec<As<Vec<u8>>> = expected.iter().map(|event| event.map(<[u8]>::to_vec)).collect();
    assert_eq!(decoded(framing, max, &stream.chunks(1).collect::<Vec<_>>()), expected);
    for first in 0..=stream.len() {
        for second in first..=stream.len() {
            let chunks = [&stream[..first], &stream[first..second], &stream[second..]];
            assert_eq!(decoded(framing, max, &chunks), expected, "cut at {first} and {second}");
        }
    }
}

const fn no_escape(found: u8) -> DecodeErrorKind {
    DecodeErrorKind::Mismatch { found, expected: 0xdc }
}

/// A decoder that drops a frame at a bad escape, but keeps its first bytes, puts them before the next frame.
#[test]
fn slip_frame_after_a_bad_escape_has_no_stale_byte() {
    gives(Stuffed::slip(), 99, b"ab\xdbcd\xc0ef\xc0", &[Err((0, 3, no_escape(b'c'))), Ok(b"ef")]);
    gives(Stuffed::slip(), 99, b"ab\xdb\xdb\xdc\xc0ef\xc0", &[Err((0, 3, no_escape(0xdb))), Ok(b"ef")]);
}

/// RFC 1055's own code takes any byte after ESC unchanged, END included, and so joins two frames.
#[test]
fn slip_end_after_an_escape_ends_the_frame() {
    gives(Stuffed::slip(), 99, b"ab\xdb\xc0cd\xc0", &[Err((0, 3, no_escape(0xc0))), Ok(b"cd")]);
}

/// A sender that begins with END, as RFC 1055 advises, adds an empty frame before each for a receiver that counts ENDs.
#[test]
fn slip_end_before_a_frame_is_no_empty_frame() {
    gives(Stuffed::slip(), 99, b"\xc0a\xc0\xc0b\xc0\xc0\xc0\xc0c\xc0", &[Ok(b"a"), Ok(b"b"), Ok(b"c")]);
}

/// A decoder that remembers the escape in its caller's chunk forgets it with the chunk.
#[test]
fn slip_escape_at_the_end_of_a_chunk_is_not_forgotten() {
    gives(Stuffed::slip(), 99, b"\xdb\xdc\xdb\xdd\xc0", &[Ok(b"\xc0\xdb")]);
}

/// An encoder that escapes END and not ESC writes bytes that decode to another payload.
#[test]
fn slip_escape_in_the_payload_is_escaped() {
    let mut wire = Vec::new();
    Stuffed::slip().encode(b"\xdb\xdc\xc0\xdd", &mut wire).unwrap();
    assert_eq!(wire, b"\xc0\xdb\xdd\xdc\xdb\xdc\xdd\xc0");
    gives(Stuffed::slip(), 99, &wire, &[Ok(b"\xdb\xdc\xc0\xdd")]);
}

/// An accumulator that is reset when its buffer is full takes the rest of the frame for a frame.
#[test]
fn rest_of_a_stuffed_frame_over_the_limit_is_no_frame() {
    let over = DecodeErrorKind::Oversize { len: 4, max: 3 };
    gives(Stuffed::cobs(), 3, b"\x07abcd\x02e\0\x02f\0", &[Err((0, 4, over)), Ok(b"f")]);
    gives(Stuffed::slip(), 3, b"abcdefghi\xc0f\xc0", &[Err((0, 3, over)), Ok(b"f")]);
}

/// A code that points past the frame makes a decoder of complete frames read beyond its buffer, and one of streams take
/// the next frame's bytes.
#[test]
fn cobs_code_past_the_delimiter_rejects_that_frame_alone() {
    let short = |missing| DecodeErrorKind::EndsEarly { missing };
    gives(Stuffed::cobs(), 99, b"\x05ab\0\x02c\0", &[Err((0, 3, short(2))), Ok(b"c")]);
    gives(Stuffed::cobs(), 99, b"\xff\0\x02c\0", &[Err((0, 1, short(254))), Ok(b"c")]);
    gives(Stuffed::cobs(), 99, b"\x02a\x02\0\x02c\0", &[Err((0, 3, short(1))), Ok(b"c")]);
}

/// The zero of a code belongs between two runs, and not after the last.
#[test]
fn cobs_zero_between_runs_is_none_after_the_last() {
    gives(Stuffed::cobs(), 99, b"\x02a\0", &[Ok(b"a")]);
    gives(Stuffed::cobs(), 99, b"\x02a\x01\0", &[Ok(b"a\0")]);
    gives(Stuffed::cobs(), 99, b"\x01\x01\x01\0", &[Ok(b"\0\0")]);
    gives(Stuffed::cobs(), 99, b"\x01\0\x01\0", &[Ok(b""), Ok(b"")]);
}

/// A run of 254 bytes has no zero after it, and needs no code after it at the end of a payload. Some encoders write one.
#[test]
fn cobs_full_run_at_the_end_has_both_its_forms() {
    let run = [b'x'; 254];
    let mut wire = Vec::new();
    Stuffed::cobs().encode(&run, &mut wire).unwrap();
    assert_eq!(wire, [&b"\xff"[..], &run, b"\0"].concat());
    for wire in [wire, [&b"\xff"[..], &run, b"\x01\0"].concat()] {
        assert_eq!(decoded(Stuffed::cobs(), 254, &[&wire]), [Ok(run.to_vec())]);
        assert_eq!(decoded(Stuffed::cobs(), 254, &wire.chunks(1).collect::<Vec<_>>()), [Ok(run.to_vec())]);
    }
    let mut wire = Vec::new();
    Stuffed::cobs().encode(&[&run[..], &[0]].concat(), &mut wire).unwrap();
    assert_eq!(wire, [&b"\xff"[..], &run, b"\x01\x01\0"].concat());
}

/// A reader that joins in the middle gets half a frame first: an error or a wrong payload, and then correct frames.
#[test]
fn reader_that_joins_midway_is_right_after_a_delimiter() {
    let mut wire = Vec::new();
    Stuffed::slip().encode(b"a\xc0\xdbb", &mut wire).unwrap();
    for from in 1..wire.len() {
        let stream = [&wire[from..], &wire].concat();
        assert_eq!(decoded(Stuffed::slip(), 99, &[&stream]).last(), Some(&Ok(b"a\xc0\xdbb".to_vec())), "from {from}");
    }
    let mut wire = Vec::new();
    Stuffed::cobs().encode(b"ab\0cd", &mut wire).unwrap();
    for from in 1..wire.len() {
        let stream = [&wire[from..], &wire].concat();
        assert_eq!(decoded(Stuffed::cobs(), 99, &[&stream]).last(), Some(&Ok(b"ab\0cd".to_vec())), "from {from}");
    }
}
