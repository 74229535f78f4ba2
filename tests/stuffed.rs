//! SLIP and COBS keep the laws: against twins that a reader can check by eye, on any bytes in any split.

#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "common/stuffed.rs"]
#[allow(unreachable_pub, clippy::unwrap_used, reason = "shared with the fuzz targets")]
mod twins;

use anysplit::stuffed::{Cobs, Slip, StuffedDecoder, Stuffing, encode_all};
use anysplit::{DecodeErrorKind, EncodeError, EofError, Truncated};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use twins::Event::{self, Frame, FrameError};
use twins::{Seen, at, by_need, cobs, decoded, slip};

/// The cuts in chunks, empty ones included.
fn cut<'a>(stream: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let (mut rest, mut chunks) = (stream, Vec::new());
    for &len in cuts {
        let (chunk, after) = rest.split_at(len.min(rest.len()));
        chunks.push(chunk);
        rest = after;
    }
    chunks.push(rest);
    chunks
}

/// Bytes with a meaning more often than others.
fn bytes(special: &'static [u8]) -> impl Strategy<Value = u8> {
    prop_oneof![3 => select(special), 1 => any::<u8>()]
}

fn streams() -> impl Strategy<Value = Vec<u8>> {
    let special = prop_oneof![Just(&[0xc0, 0xdb, 0xdc, 0xdd, b'a'][..]), Just(&[0, 1, 2, 3, 0xff][..]),];
    special.prop_flat_map(|special| vec(bytes(special), 0..400))
}

fn payloads() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let short = vec(bytes(&[0, 0xc0, 0xdb, 0xdc, 0xff]), 0..20);
    // Around the longest run of COBS.
    let long = (250..260_usize, 0..3_usize, bytes(&[0, 7]))
        .prop_map(|(len, times, byte)| [vec![7; len], vec![byte; times]].concat().repeat(times.max(1)));
    vec(prop_oneof![3 => short, 1 => long], 0..8)
}

fn limits() -> impl Strategy<Value = usize> {
    prop_oneof![0..10_usize, Just(1 << 20)]
}

proptest! {
    #[test]
    fn any_bytes_in_any_split_are_what_the_twin_says(
        stream in streams(), cuts in vec(0..9_usize, 0..60), max in limits(),
    ) {
        for chunks in [cut(&stream, &cuts), cut(&stream, &vec![1; stream.len()]), cut(&stream, &[])] {
            prop_assert_eq!(decoded(Slip, max, chunks.clone()), slip(&stream, max));
            prop_assert_eq!(decoded(Cobs, max, chunks), cobs(&stream, max));
        }
        prop_assert_eq!(by_need(Slip, max, &stream), slip(&stream, max).0);
        prop_assert_eq!(by_need(Cobs, max, &stream), cobs(&stream, max).0);
    }

    #[test]
    fn what_was_encoded_comes_back_and_no_frame_holds_a_delimiter(
        payloads in payloads(), cuts in vec(0..300_usize, 0..9),
    ) {
        fn comes_back<S: Stuffing>(stuffing: S, payloads: &[Vec<u8>], cuts: &[usize], lead: usize) {
            let wire = encode_all(stuffing, payloads).unwrap();
            let (events, end) = decoded(stuffing, 1 << 20, cut(&wire, cuts));
            let seen: Vec<_> = events.into_iter().map(|event| match event {
                Frame { payload, .. } => payload,
                FrameError { .. } => panic!("{event:?}"),
            }).collect();
            assert_eq!((&seen[..], end), (payloads, None));
            let delimiters = wire.iter().filter(|&&byte| byte == S::DELIMITER).count();
            assert_eq!(delimiters, payloads.len() * lead);
            let len: u64 = payloads.iter().map(|payload| stuffing.encoded_len(payload)).sum();
            assert_eq!(len, wire.len() as u64);
        }
        comes_back(Cobs, &payloads, &cuts, 1);
        let full: Vec<_> = payloads.into_iter().filter(|payload| !payload.is_empty()).collect();
        comes_back(Slip, &full, &cuts, 2);
    }

    #[test]
    fn a_frame_is_right_whatever_came_before_its_delimiter(noise in streams(), payload in vec(any::<u8>(), 1..60)) {
        // SLIP begins with an END. In COBS the noise needs one.
        let wire = [&noise[..], &encode_all(Slip, &[&payload]).unwrap()].concat();
        let (events, end) = decoded(Slip, 1 << 20, wire.chunks(7));
        prop_assert_eq!(end, None);
        prop_assert!(matches!(events.last(), Some(Frame { payload: last, .. }) if *last == payload), "{:?}", events);
        let wire = [&noise[..], &[0], &encode_all(Cobs, &[&payload]).unwrap()].concat();
        let (events, end) = decoded(Cobs, 1 << 20, wire.chunks(7));
        prop_assert_eq!(end, None);
        prop_assert!(matches!(events.last(), Some(Frame { payload: last, .. }) if *last == payload), "{:?}", events);
    }

    #[test]
    fn what_has_no_room_is_refused_and_nothing_is_written(payload in vec(bytes(&[0, 0xc0, 0xdb]), 0..300), less in 1..9_usize) {
        fn refused<S: Stuffing>(stuffing: S, payload: &[u8], less: usize) {
            let need = stuffing.encoded_len(payload);
            let have = at(need).saturating_sub(less);
            let mut out = vec![0xaa; have];
            let mut slot = &mut out[..];
            assert_eq!(stuffing.encode(payload, &mut slot), Err(EncodeError::NoRoom { need, have: have as u64 }));
            assert_eq!(slot.len(), have);
            assert!(out.iter().all(|&byte| byte == 0xaa));
        }
        refused(Cobs, &payload, less);
        if payload.is_empty() {
            prop_assert_eq!(Slip.encode(&payload, &mut Vec::new()), Err(EncodeError::Empty));
        } else {
            refused(Slip, &payload, less);
        }
    }
}

/// Every stream of up to seven bytes of a small alphabet, in every cut in two.
#[test]
fn every_short_stream_is_what_the_twin_says_in_every_cut() {
    fn all(alphabet: &[u8], check: &dyn Fn(&[u8])) {
        let mut streams = vec![Vec::new()];
        for _ in 0..7 {
            streams = streams.iter().flat_map(|s| alphabet.iter().map(|b| [&s[..], &[*b]].concat())).collect();
            streams.iter().for_each(|stream| check(stream));
        }
    }
    fn checked<S: Stuffing>(stuffing: S, twin: fn(&[u8], usize) -> Seen) -> impl Fn(&[u8]) {
        move |stream| {
            for max in [1, 9] {
                let expected = twin(stream, max);
                for cut in 0..=stream.len() {
                    assert_eq!(
                        decoded(stuffing, max, [&stream[..cut], &stream[cut..]]),
                        expected,
                        "{stream:x?} at {cut}"
                    );
                }
                let alone = stream.chunks(1).flat_map(|byte| [&[], byte]);
                assert_eq!(decoded(stuffing, max, alone), expected, "{stream:x?} byte by byte");
                assert_eq!(by_need(stuffing, max, stream), expected.0);
            }
        }
    }
    all(&[0xc0, 0xdb, 0xdc, b'a'], &checked(Slip, slip));
    all(&[0, 1, 2, 3], &checked(Cobs, cobs));
    all(&[0, 1, 2, 4], &checked(Cobs, cobs));
}

/// What comes of the stream, the same whole, byte by byte, with empty chunks, and cut in two at every place.
fn every_cut<S: Stuffing>(stuffing: S, max: usize, stream: &[u8]) -> Vec<Event> {
    let whole = decoded(stuffing, max, [stream]);
    assert_eq!(decoded(stuffing, max, stream.chunks(1).flat_map(|byte| [&[], byte])), whole);
    assert_eq!(decoded(stuffing, max, stream.chunks(1)), whole);
    for (a, b) in (0..=stream.len()).map(|cut| stream.split_at(cut)) {
        assert_eq!(decoded(stuffing, max, [a, b]), whole, "cut at {} of {}", a.len(), stream.escape_ascii());
    }
    whole.0
}

fn frame(payload: &[u8], offset: usize, wire_len: usize) -> Event {
    Frame { payload: payload.to_vec(), offset, wire_len }
}

const fn fault(frame: usize, offset: usize, kind: DecodeErrorKind) -> Event {
    FrameError { frame, offset, kind }
}

#[test]
fn long_runs_and_every_byte_come_back_and_are_written_as_another_crate_writes_them() {
    let mut payloads: Vec<Vec<u8>> = vec![vec![0], vec![0, 0], vec![0xc0], vec![0xdb, 0xdc], (0..=255).collect()];
    for len in [1, 252, 253, 254, 255, 256, 507, 508, 509, 1000] {
        payloads.push(vec![7; len]);
        payloads.push([vec![7; len], vec![0]].concat());
        payloads.push([vec![0], vec![7; len]].concat());
    }
    fn comes_back<S: Stuffing>(stuffing: S, twin: fn(&[u8], usize) -> Seen, payloads: &[Vec<u8>]) {
        let payload_of = |event: &Event| match event {
            Frame { payload, .. } => payload.clone(),
            FrameError { .. } => panic!("{event:?}"),
        };
        for payload in payloads {
            let wire = encode_all(stuffing, &[payload]).unwrap();
            assert_eq!(twin(&wire, 9999).0.iter().map(payload_of).collect::<Vec<_>>(), [&payload[..]]);
        }
        let (events, end) = decoded(stuffing, 9999, [&encode_all(stuffing, payloads).unwrap()[..]]);
        assert_eq!((events.iter().map(payload_of).collect::<Vec<_>>(), end), (payloads.to_vec(), None));
    }
    comes_back(Slip, slip, &payloads);
    comes_back(Cobs, cobs, &payloads);
    for payload in &payloads {
        let mut theirs = ::cobs::encode_vec(payload);
        theirs.push(0);
        assert_eq!(encode_all(Cobs, &[payload]).unwrap(), theirs);
        assert_eq!(Cobs.encoded_len(payload), theirs.len() as u64);
    }
}

/// RFC 1055, "Protocol", and the table of the COBS paper as Wikipedia has it.
#[test]
fn the_published_examples_are_written() {
    assert_eq!(encode_all(Slip, &[b"\xc0\xdb"]).unwrap(), b"\xc0\xdb\xdc\xdb\xdd\xc0");
    assert_eq!(encode_all(Slip, &[b""]), Err(EncodeError::Empty));
    let cases: [(&[u8], &[u8]); 6] = [
        (b"", b"\x01\x00"),
        (b"\x00", b"\x01\x01\x00"),
        (b"\x00\x00", b"\x01\x01\x01\x00"),
        (b"\x11\x22\x00\x33", b"\x03\x11\x22\x02\x33\x00"),
        (b"\x11\x22\x33\x44", b"\x05\x11\x22\x33\x44\x00"),
        (b"\x11\x00\x00\x00", b"\x02\x11\x01\x01\x01\x00"),
    ];
    for (payload, wire) in cases {
        assert_eq!(encode_all(Cobs, &[payload]).unwrap(), wire);
        assert_eq!(every_cut(Cobs, 9, wire), [frame(payload, 0, wire.len())]);
    }
}

#[test]
fn a_bad_frame_is_reported_once_and_the_next_is_right() {
    let wrong = |found| DecodeErrorKind::Mismatch { found, expected: 0xdc };
    assert_eq!(
        every_cut(Slip, 9, b"a\xdbxyz\xc0\xc0b\xc0\xdb\xc0c\xc0"),
        [fault(0, 2, wrong(b'x')), frame(b"b", 7, 2), fault(9, 10, wrong(0xc0)), frame(b"c", 11, 2)]
    );
    assert_eq!(
        every_cut(Cobs, 9, b"\x05ab\0\0\x02c\0"),
        [fault(0, 3, DecodeErrorKind::TooShort { len: 0, min: 2 }), frame(b"c", 5, 3)]
    );
}

#[test]
fn a_payload_over_the_limit_is_an_error_at_the_first_byte_over_it() {
    let over = DecodeErrorKind::Oversize { len: 4, max: 3 };
    assert_eq!(every_cut(Slip, 3, b"abc\xc0abcd\xc0e\xc0")[1..], [fault(4, 7, over), frame(b"e", 9, 2)]);
    assert_eq!(every_cut(Slip, 3, b"\xdb\xdcbc\xdb\xdd\xc0"), [fault(0, 5, over)]);
    assert_eq!(every_cut(Cobs, 3, b"\x05abcd\0\x04abc\0"), [fault(0, 4, over), frame(b"abc", 6, 5)]);
    assert_eq!(every_cut(Cobs, 3, b"\x03ab\x02c\0"), [fault(0, 4, over)]);
}

#[test]
fn the_end_says_what_it_cut() {
    let end = |wire: &[u8]| {
        let mut decoder = StuffedDecoder::new(Slip);
        decoder.push(wire);
        while let Ok(Some(_)) = decoder.next_frame() {}
        decoder.finish().map(|frame| frame.is_none())
    };
    let cut = |frame, end, have| Err(EofError::Truncated { frame, end, cut: Truncated::Unterminated { have } });
    assert_eq!(end(b""), Ok(true));
    assert_eq!(end(b"\xc0\xc0"), Ok(true));
    assert_eq!(end(b"\xc0ab\xc0"), Ok(true));
    assert_eq!(end(b"\xc0ab\xc0c"), cut(4, 5, 1));
    assert_eq!(end(b"\xc0ab\xdb"), cut(1, 4, 3));
    // The frame was reported, and there is no other.
    assert_eq!(end(b"\xc0ab\xdbcd"), Ok(true));
}

#[test]
fn need_is_the_least_that_the_next_frame_can_take() {
    fn needs<S: Stuffing>(stuffing: S, max: u64, wire: &[u8]) -> Vec<usize> {
        let mut decoder = StuffedDecoder::new(stuffing).with_max_payload_len(max);
        let first = decoder.need();
        let rest = wire.iter().map(|&byte| {
            decoder.push(&[byte]);
            assert_eq!(decoder.need(), 0, "it was not looked at");
            // An error comes before the byte that it is about was passed over.
            while decoder.next_frame().is_err() {}
            decoder.need()
        });
        let rest: Vec<_> = rest.collect();
        [&[first], &rest[..]].concat()
    }
    // Behind a fault the delimiter, and then a frame, which has two bytes at least.
    assert_eq!(needs(Slip, 9, b"\xc0a\xdb\xdc\xc0b\xdb!c\xc0"), [2, 2, 1, 2, 1, 2, 1, 2, 3, 3, 2]);
    assert_eq!(needs(Cobs, 9, b"\0\x05abcd\0\x02\0"), [2, 2, 3, 3, 3, 2, 1, 2, 2, 2]);
    assert_eq!(needs(Cobs, 1, b"\x03ab\0"), [2, 3, 2, 3, 2]);
}

#[test]
fn a_payload_is_kept_until_it_is_whole_and_can_be_changed_in_place() {
    let mut decoder = StuffedDecoder::new(Slip);
    decoder.push(b"a");
    assert!(decoder.next_frame().unwrap().is_none());
    assert!(decoder.capacity() >= 1, "it is kept");
    decoder.push(b"b\xc0");
    let mut frame = decoder.next_frame().unwrap().unwrap();
    frame.payload_mut().reverse();
    assert_eq!(frame.payload(), b"ba");
}
