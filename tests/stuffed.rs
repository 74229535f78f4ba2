//! SLIP and COBS agree with twins that a reader can check by eye, on any bytes in any split, and with published bytes.

#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "common/stuffed.rs"]
#[allow(unreachable_pub, clippy::unwrap_used, reason = "shared with the fuzz target")]
mod twins;

use anysplit::stuffing::{Escaping, Stuffing};
use anysplit::{DecodeErrorKind, Decoder, EncodeError, Framing, Stuffed};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use twins::Event::{self, Frame, Skipped};
use twins::{Seen, by_need, cobs, decoded, encoded, slip};

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

/// Bytes with a meaning are more frequent.
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

fn payload_of(event: Event) -> Vec<u8> {
    match event {
        Frame { payload, .. } => payload,
        Skipped { .. } => panic!("{event:?}"),
    }
}

proptest! {
    #[test]
    fn any_bytes_in_any_split_decode_as_the_twin_decodes_them(
        stream in streams(), cuts in vec(0..9_usize, 0..60), max in limits(),
    ) {
        for chunks in [cut(&stream, &cuts), cut(&stream, &vec![1; stream.len()]), cut(&stream, &[])] {
            prop_assert_eq!(decoded(Stuffed::slip(), max, chunks.clone()), slip(&stream, max));
            prop_assert_eq!(decoded(Stuffed::cobs(), max, chunks), cobs(&stream, max));
        }
        prop_assert_eq!(by_need(Stuffed::slip(), max, &stream), slip(&stream, max));
        prop_assert_eq!(by_need(Stuffed::cobs(), max, &stream), cobs(&stream, max));
    }

    #[test]
    fn encoded_messages_come_back_and_hold_no_delimiter(payloads in payloads(), cuts in vec(0..300_usize, 0..9)) {
        fn come_back<S: Stuffing + Copy>(framing: Stuffed<S>, payloads: &[Vec<u8>], cuts: &[usize], delimiters: usize) {
            let wire = encoded(&framing, payloads);
            let (events, end) = decoded(framing, 1 << 20, cut(&wire, cuts));
            let found: Vec<_> = events.into_iter().map(payload_of).collect();
            assert_eq!((&found[..], end), (payloads, None));
            let delimiter = framing.stuffing().delimiter();
            let all = wire.iter().filter(|&&byte| byte == delimiter).count();
            assert_eq!(all, payloads.len() * delimiters);
            let len: u64 = payloads.iter().map(|payload| framing.encoded_len(payload).unwrap()).sum();
            assert_eq!(len, wire.len() as u64);
        }
        come_back(Stuffed::cobs(), &payloads, &cuts, 1);
        let full: Vec<_> = payloads.into_iter().filter(|payload| !payload.is_empty()).collect();
        come_back(Stuffed::slip(), &full, &cuts, 2);
    }

    #[test]
    fn frame_after_noise_and_a_delimiter_is_right(noise in streams(), payload in vec(any::<u8>(), 1..60)) {
        // SLIP begins with an END. In COBS the noise needs a zero after it.
        let wire = [&noise[..], &encoded(&Stuffed::slip(), &[&payload])].concat();
        let (events, end) = decoded(Stuffed::slip(), 1 << 20, wire.chunks(7));
        prop_assert_eq!(end, None);
        prop_assert!(matches!(events.last(), Some(Frame { payload: last, .. }) if *last == payload), "{:?}", events);
        let wire = [&noise[..], &[0], &encoded(&Stuffed::cobs(), &[&payload])].concat();
        let (events, end) = decoded(Stuffed::cobs(), 1 << 20, wire.chunks(7));
        prop_assert_eq!(end, None);
        prop_assert!(matches!(events.last(), Some(Frame { payload: last, .. }) if *last == payload), "{:?}", events);
    }
}

/// Every stream of up to seven bytes of a small alphabet, in every cut in two.
#[test]
fn every_short_stream_decodes_as_the_twin_in_every_cut() {
    fn all(alphabet: &[u8], check: &dyn Fn(&[u8])) {
        let mut streams = vec![Vec::new()];
        for _ in 0..7 {
            streams = streams.iter().flat_map(|s| alphabet.iter().map(|b| [&s[..], &[*b]].concat())).collect();
            streams.iter().for_each(|stream| check(stream));
        }
    }
    fn checked<S: Stuffing + Copy>(framing: Stuffed<S>, twin: fn(&[u8], usize) -> Seen) -> impl Fn(&[u8]) {
        move |stream| {
            for max in [1, 9] {
                let expected = twin(stream, max);
                for cut in 0..=stream.len() {
                    assert_eq!(
                        decoded(framing, max, [&stream[..cut], &stream[cut..]]),
                        expected,
                        "{stream:x?} at {cut}"
                    );
                }
                let alone = stream.chunks(1).flat_map(|byte| [&[], byte]);
                assert_eq!(decoded(framing, max, alone), expected, "{stream:x?} byte by byte");
                assert_eq!(by_need(framing, max, stream), expected);
            }
        }
    }
    all(&[0xc0, 0xdb, 0xdc, b'a'], &checked(Stuffed::slip(), slip));
    all(&[0, 1, 2, 3], &checked(Stuffed::cobs(), cobs));
    all(&[0, 1, 2, 4], &checked(Stuffed::cobs(), cobs));
}

/// The events of the stream, the same in one piece, byte by byte, with empty chunks, and cut in two at every place.
#[track_caller]
fn every_cut<S: Stuffing + Copy>(framing: Stuffed<S>, max: usize, stream: &[u8]) -> Vec<Event> {
    let whole = decoded(framing, max, [stream]);
    assert_eq!(decoded(framing, max, stream.chunks(1).flat_map(|byte| [&[], byte])), whole);
    assert_eq!(decoded(framing, max, stream.chunks(1)), whole);
    for (a, b) in (0..=stream.len()).map(|cut| stream.split_at(cut)) {
        assert_eq!(decoded(framing, max, [a, b]), whole, "cut at {} of {}", a.len(), stream.escape_ascii());
    }
    whole.0
}

fn frame(payload: &[u8], offset: usize, wire_len: usize) -> Event {
    Frame { payload: payload.to_vec(), offset, wire_len }
}

const fn skipped(offset: usize, len: usize, at: usize, kind: DecodeErrorKind) -> Event {
    Skipped { offset, len, at, kind }
}

#[test]
fn cobs_is_written_as_another_crate_writes_it() {
    let mut payloads: Vec<Vec<u8>> = vec![vec![0], vec![0, 0], vec![0xc0], vec![0xdb, 0xdc], (0..=255).collect()];
    for len in [1, 252, 253, 254, 255, 256, 507, 508, 509, 1000] {
        payloads.push(vec![7; len]);
        payloads.push([vec![7; len], vec![0]].concat());
        payloads.push([vec![0], vec![7; len]].concat());
    }
    for payload in &payloads {
        let mut theirs = ::cobs::encode_vec(payload);
        theirs.push(0);
        assert_eq!(encoded(&Stuffed::cobs(), &[payload]), theirs);
        assert_eq!(cobs(&theirs, 9999).0, [frame(payload, 0, theirs.len())]);
    }
}

/// RFC 1055, "Protocol", and the table of the COBS paper as Wikipedia has it.
#[test]
fn published_examples_are_written_and_read() {
    assert_eq!(encoded(&Stuffed::slip(), &[b"\xc0\xdb"]), b"\xc0\xdb\xdc\xdb\xdd\xc0");
    assert_eq!(Stuffed::slip().encode(b"", &mut Vec::new()), Err(EncodeError::Empty));
    let cases: [(&[u8], &[u8]); 6] = [
        (b"", b"\x01\x00"),
        (b"\x00", b"\x01\x01\x00"),
        (b"\x00\x00", b"\x01\x01\x01\x00"),
        (b"\x11\x22\x00\x33", b"\x03\x11\x22\x02\x33\x00"),
        (b"\x11\x22\x33\x44", b"\x05\x11\x22\x33\x44\x00"),
        (b"\x11\x00\x00\x00", b"\x02\x11\x01\x01\x01\x00"),
    ];
    for (payload, wire) in cases {
        assert_eq!(encoded(&Stuffed::cobs(), &[payload]), wire);
        assert_eq!(every_cut(Stuffed::cobs(), 9, wire), [frame(payload, 0, wire.len())]);
    }
}

#[test]
fn rejected_frame_is_skipped_and_the_next_is_right() {
    let wrong = |found| DecodeErrorKind::Mismatch { found, expected: 0xdc };
    assert_eq!(
        every_cut(Stuffed::slip(), 9, b"a\xdbxyz\xc0\xc0b\xc0\xdb\xc0c\xc0"),
        [skipped(0, 6, 2, wrong(b'x')), frame(b"b", 7, 2), skipped(9, 2, 10, wrong(0xc0)), frame(b"c", 11, 2)]
    );
    assert_eq!(
        every_cut(Stuffed::cobs(), 9, b"\x05ab\0\0\x02c\0"),
        [skipped(0, 4, 3, DecodeErrorKind::EndsEarly { missing: 2 }), frame(b"c", 5, 3)]
    );
}

#[test]
fn oversize_is_reported_at_the_first_byte_over_the_limit() {
    let over = DecodeErrorKind::Oversize { len: 4, max: 3 };
    let slip = Stuffed::slip();
    assert_eq!(
        every_cut(slip, 3, b"abc\xc0abcd\xc0e\xc0"),
        [frame(b"abc", 0, 4), skipped(4, 5, 7, over), frame(b"e", 9, 2)]
    );
    assert_eq!(every_cut(slip, 3, b"\xdb\xdcbc\xdb\xdd\xc0"), [skipped(0, 7, 5, over)]);
    let cobs = Stuffed::cobs();
    assert_eq!(every_cut(cobs, 3, b"\x05abcd\0\x04abc\0"), [skipped(0, 6, 4, over), frame(b"abc", 6, 5)]);
    assert_eq!(every_cut(cobs, 3, b"\x03ab\x02c\0"), [skipped(0, 6, 4, over)]);
}

#[test]
fn end_of_the_stream_reports_what_it_cut() {
    let slip = |wire| decoded(Stuffed::slip(), 9, [wire]);
    assert_eq!(slip(b""), (vec![], None));
    assert_eq!(slip(b"\xc0\xc0"), (vec![], None));
    assert_eq!(slip(b"\xc0ab\xc0"), (vec![frame(b"ab", 1, 3)], None));
    assert_eq!(slip(b"\xc0ab\xc0c"), (vec![frame(b"ab", 1, 3)], Some(4)));
    assert_eq!(slip(b"\xc0ab\xdb"), (vec![], Some(1)));
    // A rejected frame whose delimiter is missing is both.
    let wrong = DecodeErrorKind::Mismatch { found: b'c', expected: 0xdc };
    assert_eq!(slip(b"\xc0ab\xdbcd"), (vec![skipped(1, 5, 4, wrong)], Some(1)));
}

#[test]
fn need_is_two_before_a_frame_and_one_inside() {
    fn needs<S: Stuffing + Copy>(framing: Stuffed<S>, wire: &[u8]) -> Vec<usize> {
        let mut decoder = Decoder::new(framing);
        let first = decoder.need();
        let rest = wire.iter().map(|&byte| {
            decoder.push(&[byte]).unwrap();
            decoder.next_frame().unwrap();
            decoder.need()
        });
        [&[first], &rest.collect::<Vec<_>>()[..]].concat()
    }
    assert_eq!(needs(Stuffed::slip(), b"\xc0a\xdb\xdc\xc0b\xc0"), [2, 2, 1, 1, 1, 2, 1, 2]);
    assert_eq!(needs(Stuffed::cobs(), b"\0\x03ab\0\0"), [2, 2, 1, 1, 1, 2, 2]);
}

#[test]
fn payload_can_be_passed_on_in_pieces() {
    let mut decoder = Decoder::new(Stuffed::slip());
    let mut payload = Vec::new();
    for chunk in [&b"\xc0a\xdb"[..], b"\xdc", b"b\xdb\xdd", b"c\xc0"] {
        decoder.push(chunk).unwrap();
        while let Some(piece) = decoder.next_piece().unwrap() {
            if let anysplit::Piece::Data(bytes) = piece {
                payload.extend_from_slice(bytes);
            }
        }
        assert_eq!(decoder.buffered(), b"", "nothing is kept");
    }
    assert_eq!(payload, b"a\xc0b\xdbc");
}

/// The decoder does not look at bytes that cannot end a frame. The one after an escape can be wrong.
#[test]
fn byte_after_an_escape_is_refused_as_soon_as_it_comes() {
    fn check<F: Framing>(framing: F, escape: u8) {
        let mut pushed = Decoder::new(&framing);
        let mut borrowed = Decoder::new(&framing);
        for byte in [b'a', b'b', b'c', escape] {
            pushed.push(&[byte]).unwrap();
            assert!(pushed.next_frame().unwrap().is_none());
            borrowed.frames_in(&[byte]).unwrap().for_each(|_| unreachable!()).unwrap();
        }
        pushed.push(b"a").unwrap();
        assert_eq!(pushed.next_frame().unwrap_err().offset, 4);
        let refused = borrowed.frames_in(b"a").unwrap().for_each(|_| unreachable!());
        assert_eq!(refused.unwrap_err().offset, 4);
    }
    check(Stuffed::slip(), 0xdb);
    check(Stuffed::new(Escaping::codes(0xc1, 0x10, 0xdc, 0xdd).unwrap()), 0x10);
}
