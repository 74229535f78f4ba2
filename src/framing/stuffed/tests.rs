#![allow(clippy::unwrap_used, reason = "a test may panic")]

extern crate std;

use std::vec;
use std::vec::Vec;

use super::*;
use crate::contract::AtEof;

/// What a stream holds: messages and rejected frames, by their offset and their length on the wire.
#[derive(Debug, PartialEq, Eq)]
enum Event {
    Frame { message: Vec<u8>, offset: usize, len: usize },
    Rejected { error: FrameError, offset: usize, len: usize },
}

fn frame(message: &[u8], offset: usize, len: usize) -> Event {
    Event::Frame { message: message.to_vec(), offset, len }
}

fn rejected(at: usize, kind: DecodeErrorKind, offset: usize, len: usize) -> Event {
    Event::Rejected { error: FrameError::new(at, kind), offset, len }
}

/// Decodes `stream`, that many bytes at a time, as a decoder that skips rejected frames does. `pieces`: payloads are
/// opened and removed as they come.
fn taken<S: Stuffing>(framing: &Stuffed<S>, stream: &[u8], step: usize, pieces: bool) -> Vec<Event> {
    let (mut events, mut window, mut chunks) = (vec![], vec![], stream.chunks(step));
    let (mut progress, mut offset, mut error) = (Progress::default(), 0, None);
    let (mut message, mut memo) = (vec![], 0);
    loop {
        let consumed = usize::try_from(progress.consumed).unwrap();
        let header = u8::from(framing.stuffing.begins_with_header() && !window.is_empty());
        match framing.locate(&window, &mut progress) {
            Ok(Located::Filler(len)) => {
                assert!(error.is_none() && consumed == 0);
                window.drain(..len);
                offset += len;
                progress = Progress::default();
            }
            Ok(Located::Known(extent)) => {
                let plain = Extent::new(header.into(), extent.payload_len(), 1);
                assert!(extent == plain.rewritten() || extent == plain && !progress.lenient);
                let wire: Vec<u8> = window.drain(..extent.fits(window.len()).unwrap()).collect();
                let len = consumed + wire.len();
                let (header, rest) = wire.split_at(header.into());
                let mut payload = rest[..rest.len() - 1].to_vec();
                let opened = framing.open(header, &mut payload, progress.consumed, &mut memo);
                assert!(
                    extent.is_rewritten() || payload[..opened] == rest[..rest.len() - 1],
                    "plain, and as it stands"
                );
                message.extend_from_slice(&payload[..opened]);
                events.push(match error.take() {
                    Some(error) => Event::Rejected { error, offset, len },
                    None => Event::Frame { message: message.clone(), offset, len },
                });
                offset += len;
                (progress, message, memo) = (Progress::default(), vec![], 0);
            }
            Ok(Located::Search { so_far, least }) => {
                let (start, rest) = window.split_at_mut(header.into());
                assert_eq!(so_far, Extent::new(header.into(), rest.len() as u64, 0).rewritten());
                let have = start.len() + rest.len();
                assert_eq!((progress.scanned, least), (have, have as u64 + 1));
                if pieces || progress.lenient {
                    let opened = framing.open(start, rest, progress.consumed, &mut memo);
                    message.extend_from_slice(&rest[..opened]);
                    progress.consumed += so_far.payload_len();
                    progress.scanned = header.into();
                    window.truncate(header.into());
                }
                let Some(chunk) = chunks.next() else {
                    assert_eq!(framing.at_eof(&window, &mut progress), Ok(AtEof::Truncated));
                    return events;
                };
                window.extend_from_slice(chunk);
            }
            Ok(located) => {
                assert_eq!((located, window.len(), consumed), (Located::Header(2), 0, 0));
                let Some(chunk) = chunks.next() else {
                    assert_eq!(framing.at_eof(&window, &mut progress), Ok(AtEof::Clean));
                    return events;
                };
                window.extend_from_slice(chunk);
            }
            Err(found) => {
                // It is final: the same progress gives the same error, with more bytes too.
                assert_eq!(framing.locate(&[&window[..], b"x\xc0\0"].concat(), &mut progress.clone()), Err(found));
                assert!(error.is_none() && found.at < window.len(), "{found} in {window:x?}");
                error = Some(FrameError { at: consumed + found.at, ..found });
                progress = Progress { consumed: progress.consumed, lenient: true, ..Progress::default() };
            }
        }
    }
}

/// Decodes `stream` in chunks of every length, in pieces too, and checks that it makes no difference.
#[track_caller]
fn every_way<S: Stuffing>(framing: &Stuffed<S>, stream: &[u8]) -> Vec<Event> {
    let all = taken(framing, stream, stream.len().max(1), false);
    for step in 1..=stream.len() {
        assert_eq!(taken(framing, stream, step, false), all, "{step} bytes at a time");
        assert_eq!(taken(framing, stream, step, true), all, "{step} bytes at a time, in pieces");
    }
    all
}

#[track_caller]
fn written<S: Stuffing>(framing: &Stuffed<S>, message: &[u8]) -> Vec<u8> {
    let len = usize::try_from(framing.encoded_len(message).unwrap()).unwrap();
    let mut wire = vec![0xaa; len + 1];
    assert_eq!(framing.encode_into(message, &mut wire[..len]), Ok(len));
    assert_eq!(wire.pop(), Some(0xaa));
    wire
}

#[test]
fn slip_writes_and_reads_the_bytes_of_rfc_1055() {
    let cases: [(&[u8], &[u8]); 5] = [
        (b"a", b"\xc0a\xc0"),
        (b"\xc0", b"\xc0\xdb\xdc\xc0"),
        (b"\xdb", b"\xc0\xdb\xdd\xc0"),
        (b"a\xc0\xdbb\xdc\xdd", b"\xc0a\xdb\xdc\xdb\xddb\xdc\xdd\xc0"),
        (b"\xdb\xdc", b"\xc0\xdb\xdd\xdc\xc0"),
    ];
    for (message, wire) in cases {
        assert_eq!(written(&Stuffed::slip(), message), wire);
        assert_eq!(every_way(&Stuffed::slip(), wire), [frame(message, 1, wire.len() - 1)]);
        // The leading delimiter is optional.
        assert_eq!(every_way(&Stuffed::slip(), &wire[1..]), [frame(message, 0, wire.len() - 1)]);
    }
}

#[test]
fn cobs_writes_and_reads_the_bytes_of_the_paper() {
    let run = |range: core::ops::RangeInclusive<u8>| range.collect::<Vec<u8>>();
    let mut cases: Vec<(Vec<u8>, Vec<u8>)> = vec![
        (b"".to_vec(), b"\x01\0".to_vec()),
        (b"\0".to_vec(), b"\x01\x01\0".to_vec()),
        (b"\0\0".to_vec(), b"\x01\x01\x01\0".to_vec()),
        (b"\x11\x22\0\x33".to_vec(), b"\x03\x11\x22\x02\x33\0".to_vec()),
        (b"\x11\x22\x33\x44".to_vec(), b"\x05\x11\x22\x33\x44\0".to_vec()),
        (b"\x11\0\0\0".to_vec(), b"\x02\x11\x01\x01\x01\0".to_vec()),
        // The start of an IP header.
        (
            b"\x45\0\0\x2c\x4c\x79\0\0\x40\x06\x4f\x37".to_vec(),
            b"\x02\x45\x01\x04\x2c\x4c\x79\x01\x05\x40\x06\x4f\x37\0".to_vec(),
        ),
    ];
    let long = run(1..=254);
    cases.push((long.clone(), [b"\xff", &long[..], b"\0"].concat()));
    cases.push(([b"\0", &long[..]].concat(), [b"\x01\xff", &long[..], b"\0"].concat()));
    cases.push(([&long[..], b"\xff"].concat(), [b"\xff", &long[..], b"\x02\xff\0"].concat()));
    cases.push(([&long[..], b"\0"].concat(), [b"\xff", &long[..], b"\x01\x01\0"].concat()));
    cases.push(([&long[1..], b"\0"].concat(), [b"\xfe", &long[1..], b"\x01\0"].concat()));
    for (message, wire) in &cases {
        assert_eq!(written(&Stuffed::cobs(), message), *wire);
        assert_eq!(every_way(&Stuffed::cobs(), wire), [frame(message, 0, wire.len())]);
    }
    // Some encoders end a full run with a code that stands for nothing.
    let needless = [b"\xff", &long[..], b"\x01\0"].concat();
    assert_eq!(every_way(&Stuffed::cobs(), &needless), [frame(&long, 0, 257)]);
}

#[test]
fn delimiters_between_frames_are_filler() {
    assert_eq!(
        every_way(&Stuffed::slip(), b"\xc0\xc0\xc0a\xc0\xc0\xc0b\xc0\xc0"),
        [frame(b"a", 3, 2), frame(b"b", 7, 2)]
    );
    assert_eq!(every_way(&Stuffed::cobs(), b"\0\0\x02a\0\0\0\x01\0\0"), [frame(b"a", 2, 3), frame(b"", 7, 2)]);
    assert_eq!(every_way(&Stuffed::cobs(), b"\0\0\0"), []);
    assert_eq!(every_way(&Stuffed::slip(), b""), []);
    let mut progress = Progress::default();
    assert_eq!(Stuffed::slip().locate(b"\xc0\xc0a\xc0", &mut progress), Ok(Located::Filler(2)));
}

#[test]
fn rejected_frame_is_skipped_through_its_delimiter() {
    let wrong = |found| DecodeErrorKind::Mismatch { found, expected: 0xdc };
    assert_eq!(
        every_way(&Stuffed::slip(), b"a\xdbxyz\xc0\xc0b\xc0\xdb\xc0c\xc0"),
        [rejected(2, wrong(b'x'), 0, 6), frame(b"b", 7, 2), rejected(1, wrong(0xc0), 9, 2), frame(b"c", 11, 2)]
    );
    let short = |missing| DecodeErrorKind::EndsEarly { missing };
    assert_eq!(
        every_way(&Stuffed::cobs(), b"\x05ab\0\0\x02c\0\x02\0"),
        [rejected(3, short(2), 0, 4), frame(b"c", 5, 3), rejected(1, short(1), 8, 2)]
    );
}

#[test]
fn limit_counts_opened_bytes() {
    let over = DecodeErrorKind::Oversize { len: 4, max: 3 };
    let slip = Stuffed::slip().with_max_payload_len(3);
    assert_eq!(
        every_way(&slip, b"ab\xc0abc\xc0abcd\xc0e\xc0"),
        [frame(b"ab", 0, 3), frame(b"abc", 3, 4), rejected(3, over, 7, 5), frame(b"e", 12, 2)]
    );
    assert_eq!(every_way(&slip, b"\xdb\xdcb\xdb\xdd\xc0"), [frame(b"\xc0b\xdb", 0, 6)]);
    assert_eq!(every_way(&slip, b"\xdb\xdcbc\xdb\xdd\xc0"), [rejected(5, over, 0, 7)]);
    // The byte after an escape is judged first.
    let wrong = DecodeErrorKind::Mismatch { found: b'd', expected: 0xdc };
    assert_eq!(every_way(&slip, b"abc\xdbd\xc0"), [rejected(4, wrong, 0, 6)]);
    let cobs = Stuffed::cobs().with_max_payload_len(3);
    assert_eq!(
        every_way(&cobs, b"\x03ab\0\x04abc\0\x05abcd\0\x04abc\0"),
        [frame(b"ab", 0, 4), frame(b"abc", 4, 5), rejected(4, over, 9, 6), frame(b"abc", 15, 5)]
    );
    // The code stands for the zero before its run.
    assert_eq!(every_way(&cobs, b"\x03ab\x01\0\x03ab\x02c\0"), [frame(b"ab\0", 0, 5), rejected(4, over, 5, 6)]);
    let none = Stuffed::cobs().with_max_payload_len(0);
    let over = DecodeErrorKind::Oversize { len: 1, max: 0 };
    assert_eq!(
        every_way(&none, b"\x01\0\x02a\0\x01\x01\0"),
        [frame(b"", 0, 2), rejected(1, over, 2, 3), rejected(1, over, 5, 3)]
    );
    assert_eq!(every_way(&Stuffed::slip().with_max_payload_len(0), b"a\xc0"), [rejected(0, over, 0, 2)]);
    let unlimited = Stuffed::slip().with_max_payload_len(u64::MAX);
    assert_eq!(every_way(&unlimited, b"a\xc0"), [frame(b"a", 0, 2)]);
}

#[test]
fn encoder_refuses_empty_slip_and_oversize() {
    let slip = Stuffed::slip().with_max_payload_len(3);
    assert_eq!(slip.max_payload_len(), 3);
    assert_eq!(slip.envelope(b""), Err(EncodeError::Empty));
    assert_eq!(slip.envelope(b"ab"), Ok(Envelope::Rewritten { len: 4 }));
    assert_eq!(slip.envelope(b"\xc0\xdb\xc0"), Ok(Envelope::Rewritten { len: 8 }));
    assert_eq!(slip.envelope(b"abcd"), Err(EncodeError::Oversize { len: 4, max: 3 }));
    let cobs = Stuffed::cobs().with_max_payload_len(0);
    assert_eq!(cobs.envelope(b""), Ok(Envelope::Rewritten { len: 2 }));
    assert_eq!(cobs.envelope(b"a"), Err(EncodeError::Oversize { len: 1, max: 0 }));
    let mut out = [0xaa; 5];
    assert_eq!(slip.encode_into(b"abc", &mut out[..4]), Err(EncodeError::NoRoom { need: 5, have: 4 }));
    assert_eq!(out, [0xaa; 5]);
}

#[test]
fn longest_encodings_are_as_documented() {
    for len in [1, 253, 254, 255, 508, 509, 1000] {
        assert_eq!(written(&Stuffed::slip(), &vec![0xc0; len]).len(), 2 * len + 2);
        assert_eq!(written(&Stuffed::slip(), &vec![b'a'; len]).len(), len + 2);
        for byte in [0, 7] {
            let wire = written(&Stuffed::cobs(), &vec![byte; len]);
            assert!((len + 2..=len + len / 254 + 2).contains(&wire.len()));
        }
    }
    assert_eq!(written(&Stuffed::cobs(), &[7; 1000]).len(), 1000 + 1000 / 254 + 2);
}

#[test]
fn frame_goes_on_after_its_payload_was_removed() {
    let slip = Stuffed::slip().with_max_payload_len(3);
    let mut progress = Progress::default();
    let so_far = |payload| Extent::new(0, payload, 0).rewritten();
    assert_eq!(slip.locate(b"a\xdb", &mut progress), Ok(Located::Search { so_far: so_far(2), least: 3 }));
    (progress.consumed, progress.scanned) = (2, 0);
    let mut emptied = progress;
    assert_eq!(slip.at_eof(b"", &mut emptied), Ok(AtEof::Truncated));
    assert_eq!(slip.locate(b"", &mut emptied), Ok(Located::Search { so_far: so_far(0), least: 1 }));
    // The delimiter is no filler: the frame has begun.
    let wrong = DecodeErrorKind::Mismatch { found: 0xc0, expected: 0xdc };
    assert_eq!(slip.locate(b"\xc0", &mut progress.clone()), Err(FrameError::new(0, wrong)));
    let known = Located::Known(Extent::new(0, 2, 1).rewritten());
    assert_eq!(slip.locate(b"\xdcb\xc0", &mut progress.clone()), Ok(known));
    let over = DecodeErrorKind::Oversize { len: 4, max: 3 };
    assert_eq!(slip.locate(b"\xdcbc\xc0", &mut progress), Err(FrameError::new(2, over)));
}

#[test]
fn answers_of_a_careless_stuffing_stay_within_the_input() {
    struct Careless(usize);
    impl Stuffing for Careless {
        fn delimiter(&self) -> u8 {
            b'\n'
        }
        fn unstuff(&self, _: &mut u64, _: u8, _: &[u8]) -> Result<StuffedRun, DecodeErrorKind> {
            Ok(StuffedRun::Plain(self.0))
        }
        fn stuff(&self, message: &[u8], _: &[u8], mut write: impl FnMut(&[u8])) {
            message.chunks(2).for_each(&mut write);
        }
    }
    for len in [0, 1, 2, usize::MAX] {
        let framing = Stuffed::new(Careless(len));
        assert_eq!(every_way(&framing, b"hello\nyou\n"), [frame(b"hello", 0, 6), frame(b"you", 6, 4)]);
        assert_eq!(written(&Stuffed::new(&Careless(len)), b"hello"), b"hello\n");
        // A frame of another length than the envelope's.
        framing.seal(b"hello", &mut [0; 4]);
        framing.seal(b"hello", &mut [0; 9]);
    }
}

#[test]
fn provided_end_of_a_frame_is_state_zero() {
    struct Pairs;
    impl Stuffing for Pairs {
        fn delimiter(&self) -> u8 {
            b'\n'
        }
        fn unstuff(&self, odd: &mut u64, first: u8, _: &[u8]) -> Result<StuffedRun, DecodeErrorKind> {
            *odd ^= 1;
            Ok(if *odd == 1 { StuffedRun::Byte(first) } else { StuffedRun::Nothing })
        }
        fn stuff(&self, message: &[u8], _: &[u8], mut write: impl FnMut(&[u8])) {
            message.iter().for_each(|&byte| write(&[byte, b'.']));
        }
    }
    let framing = Stuffed::new(&Pairs);
    let kind = DecodeErrorKind::Custom("a delimiter where the frame cannot end");
    assert_eq!(written(&framing, b"ab"), b"a.b.\n");
    assert_eq!(
        every_way(&framing, b"a.b.\na.b\nc.\n"),
        [frame(b"ab", 0, 5), rejected(3, kind, 5, 4), frame(b"c", 9, 3)]
    );
}

#[test]
fn first_code_of_cobs_is_the_header_and_a_message_without_a_zero_is_plain() {
    let located = |framing: &Stuffed<CobsVariant>, wire: &[u8]| framing.locate(wire, &mut Progress::default());
    let cases: [(&[u8], Extent); 4] = [
        (b"\x01\0", Extent::new(1, 0, 1)),
        (b"\x03ab\0", Extent::new(1, 2, 1)),
        (b"\x02a\x02b\0", Extent::new(1, 3, 1).rewritten()),
        (&[&[0xff], &[7; 254][..], &[1, 0]].concat(), Extent::new(1, 255, 1).rewritten()),
    ];
    for (wire, extent) in cases {
        assert_eq!(Stuffed::cobs().locate(wire, &mut Progress::default()), Ok(Located::Known(extent)));
        assert_eq!(located(&Stuffed::new(CobsVariant::new(0)), wire), Ok(Located::Known(extent)));
    }
    let reduced = Stuffed::new(CobsVariant::new(0).reduced());
    let extent = Extent::new(0, 3, 1).rewritten().in_one_piece();
    assert_eq!(located(&reduced, b"\x03ab\0"), Ok(Located::Known(extent)));
    let empty = Stuffed::cobs().taking_empty();
    assert_eq!(empty.locate(b"\0", &mut Progress::default()), Ok(Located::Known(Extent::new(0, 0, 1))));
}
