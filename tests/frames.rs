//! The methods of frames, messages and batches.

#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::hash::{DefaultHasher, Hash, Hasher};

use anysplit::contract::{Extent, Literal};
use anysplit::{Body, ByType, DecodeError, DecodeErrorKind, Decoder, Delimited, Fixed, Frame, Framing, Prefix};

/// Types of one byte, which are part of the message and not of the payload.
fn typed() -> ByType<Fixed, [(u8, Body<Fixed>); 2]> {
    ByType::lengths([(b'H', 4), (b'-', 0)]).unwrap()
}

#[test]
fn message_compares_as_one_run_of_bytes() {
    let mut decoder = Decoder::new(typed());
    decoder.push(b"Hello-").unwrap();
    let frame = decoder.next_frame().unwrap().unwrap();
    let message = frame.message();
    assert_eq!((message.as_slice(), message.len()), (Some(&b"Hello"[..]), 5));
    assert_eq!(message, b"Hello");
    assert_eq!(message, *b"Hello");
    assert_eq!(message, &b"Hello"[..]);
    assert_eq!(message, b"Hello"[..]);
    assert_ne!(message, b"ello");
    assert_ne!(message, *b"Jello");
    assert_ne!(message, *b"Hell");
    assert_ne!(message, &b"Hellos"[..]);
    assert_ne!(message, b""[..]);
    assert!(!message.is_empty());
    assert_eq!(format!("{message:?}"), r#"Message("Hello")"#);
    // As a slice, a frame is its payload.
    assert_eq!((&frame[..], frame.len(), frame.as_ref()), (&b"ello"[..], 4, &b"ello"[..]));
    // A message header alone is a message too.
    let frame = decoder.next_frame().unwrap().unwrap();
    assert_eq!((frame.message().len(), frame.message().is_empty()), (1, false));
}

#[test]
fn message_without_bytes_is_empty() {
    let mut decoder = Decoder::new(Delimited::line());
    decoder.push(b"\n").unwrap();
    let frame = decoder.next_frame().unwrap().unwrap();
    assert!(frame.message().is_empty());
    assert_eq!(frame.message(), b"");
}

#[test]
fn frame_is_equal_to_one_of_the_same_bytes_parts_and_place() {
    let hash = |frame: &Frame<'_>| {
        let mut hasher = DefaultHasher::new();
        frame.hash(&mut hasher);
        hasher.finish()
    };
    let frame = Frame::new(b"\x02hi?", Extent::new(1, 2, 0), 7).unwrap();
    // Bytes after the frame are not part of it.
    let same = Frame::new(b"\x02hi!", Extent::new(1, 2, 0), 7).unwrap();
    assert_eq!((frame, hash(&frame)), (same, hash(&same)));
    for other in [
        Frame::new(b"\x02ho", Extent::new(1, 2, 0), 7).unwrap(),
        Frame::new(b"\x02hi", Extent::new(1, 1, 1), 7).unwrap(),
        Frame::new(b"\x02hi", Extent::new(1, 2, 0), 8).unwrap(),
    ] {
        assert_ne!(frame, other);
        assert_ne!(hash(&frame), hash(&other));
    }
    assert_eq!(Frame::new(b"\x02h", Extent::new(1, 2, 0), 7), None);
}

/// Frames as long as the one before are known by their headers. All bytes are zero except the headers, so a header that
/// is read too widely or too narrowly would pass for another.
#[test]
fn no_header_is_taken_for_another() {
    for first in [0, 1, 5, 9, 127, 128, 200, 255] {
        for third in 0..=u8::MAX {
            let lengths = [first, first, third, third, first, 0, 0, 0, 0, 0, 0, 0, 0];
            let wire: Vec<u8> = lengths
                .iter()
                .flat_map(|len| [*len].into_iter().chain(std::iter::repeat_n(0, (*len).into())))
                .collect();
            let mut decoder = Decoder::new(Prefix::u8());
            let mut found = Vec::new();
            decoder.frames_in(&wire).unwrap().for_each(|frame| found.push(frame.payload().len())).unwrap();
            assert_eq!(found, lengths.map(usize::from));
        }
    }
}

/// Every way to take a frame takes the next one.
/// The offset and the payload of each frame.
type Seen = Vec<(u64, Vec<u8>)>;

/// Returns the frames that `for_each` passes from a chunk, and how it ends.
fn each(framing: impl Framing, chunk: &[u8]) -> (Seen, Result<(), DecodeError>) {
    let mut decoder = Decoder::new(framing);
    let mut frames = Vec::new();
    let frames_in = decoder.frames_in(chunk).unwrap();
    let result = frames_in.for_each(|frame| frames.push((frame.offset(), frame.payload().to_vec())));
    (frames, result)
}

#[test]
fn guess_of_equal_frames_ends_at_a_different_one() {
    let comma = DecodeErrorKind::Mismatch { found: b';', expected: b',' };
    // As many equal frames as a guess needs, one more and one fewer; then one with a wrong trailer.
    for alike in 0..5 {
        let wire = [b"1:a,".repeat(alike), b"1:b;".to_vec(), b"1:c,".repeat(9)].concat();
        let (frames, result) = each(Prefix::netstring(), &wire);
        assert_eq!(frames, (0..alike as u64).map(|at| (4 * at, b"a".to_vec())).collect::<Vec<_>>());
        let DecodeError { frame_offset, offset, kind } = result.unwrap_err();
        assert_eq!((frame_offset, offset, kind), (4 * alike as u64, 4 * alike as u64 + 3, comma));
        // Or one that is too long.
        let wire = [b"\x00\x01a".repeat(alike), b"\x00\x04bcde".to_vec(), b"\x00\x01a".repeat(9)].concat();
        let (frames, result) = each(Prefix::u16_be().with_max_payload_len(3), &wire);
        assert_eq!(frames.len(), alike);
        let oversize = DecodeErrorKind::Oversize { len: 4, max: 3 };
        assert_eq!(result.map_err(|error| (error.frame_offset, error.kind)), Err((3 * alike as u64, oversize)));
        // Or of another length, with the same first byte.
        let wire = [b"\x01\x00a".repeat(alike), b"\x01\x01".to_vec(), vec![b'z'; 257], b"\x00\x00".repeat(9)].concat();
        let (frames, result) = each(Prefix::u16_le(), &wire);
        assert_eq!((frames.len(), result), (alike + 10, Ok(())));
        assert_eq!(frames[alike], (3 * alike as u64, vec![b'z'; 257]));
    }
}

#[test]
fn owned_frame_may_follow_a_borrowed_one() {
    let mut decoder = Decoder::new(Prefix::u8());
    decoder.push(b"\x02hi\x03you\x01!").unwrap();
    assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"hi");
    assert_eq!(decoder.next_bytes().unwrap().unwrap().payload(), "you");
    assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"!");
    assert!(decoder.next_bytes().unwrap().is_none());
}

#[test]
fn owned_frames_know_their_place_in_the_stream() {
    let mut decoder = Decoder::new(Prefix::netstring());
    decoder.push(b"2:hi,0:,5:hello,").unwrap();
    let first = decoder.next_bytes().unwrap().unwrap();
    assert_eq!((first.offset(), first.payload()), (0, "hi".into()));
    let second = decoder.next_bytes().unwrap().unwrap();
    assert_eq!((second.offset(), second.payload()), (5, "".into()));
    let third = decoder.next_bytes().unwrap().unwrap();
    assert_eq!((third.offset(), third.into_payload()), (8, "hello".into()));
}

/// No way to take a frame depends on how the frame before was taken.
#[test]
fn frames_can_be_taken_by_every_method_in_turn() {
    let mut decoder = Decoder::new(Prefix::netstring());
    decoder.push(b"1:a,2:bc,3:def,4:ghij,5:klmno,6:pqrstu,").unwrap();
    assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"a");
    assert_eq!(decoder.next_bytes().unwrap().unwrap().payload(), "bc");
    assert_eq!(decoder.next_bytes().unwrap().unwrap().payload(), "def");
    assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"ghij");
    let batch = decoder.next_batch().unwrap().unwrap();
    assert_eq!(batch.iter().map(|frame| frame.offset()).collect::<Vec<_>>(), [22, 30]);
    assert_eq!(batch.payloads().collect::<Vec<_>>(), ["klmno", "pqrstu"]);
    assert_eq!(decoder.next_frame(), Ok(None));
}

#[test]
fn batch_returns_equal_frames_by_every_method() {
    let mut decoder = Decoder::new(Prefix::netstring());
    decoder.push(b"1:x,").unwrap();
    decoder.next_frame().unwrap().unwrap();
    decoder.push(b"2:hi,0:,5:hello,").unwrap();
    let batch = decoder.next_batch().unwrap().unwrap();
    assert_eq!((batch.len(), batch.is_empty()), (3, false));
    assert_eq!(
        batch.iter().map(|frame| (frame.offset(), frame.payload().len())).collect::<Vec<_>>(),
        [(4, 2), (9, 0), (12, 5)]
    );
    assert_eq!(batch.payloads().collect::<Vec<_>>(), ["hi", "", "hello"]);
    let mut frames = batch.into_iter();
    for (left, payload) in [(3, "hi"), (2, ""), (1, "hello")] {
        assert_eq!(frames.size_hint(), (left, Some(left)));
        assert_eq!(frames.next().unwrap().payload(), payload);
    }
    assert_eq!(frames.size_hint(), (0, Some(0)));
    assert!(frames.next().is_none());
    assert!(anysplit::decode::Batch::default().is_empty());
}

#[test]
fn frames_and_marks_show_their_bytes() {
    let mut decoder = Decoder::new(Prefix::netstring());
    decoder.push(b"5:hello,3:you,").unwrap();
    let borrowed = format!("{:?}", decoder.next_frame().unwrap().unwrap());
    assert_eq!(borrowed, r#"Frame { offset: 0, header: "5:", payload: "hello", trailer: "," }"#);
    let owned = format!("{:?}", decoder.next_bytes().unwrap().unwrap());
    assert_eq!(owned, r#"Frame { offset: 8, header: "3:", payload: "you", trailer: "," }"#);
    assert_eq!(format!("{:?}", Literal::new(b"\r\n").unwrap()), r#"Literal("\r\n")"#);
}
