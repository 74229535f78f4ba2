//! The rules of the specification one by one, with exact bytes: what is accepted, and what is refused at which byte.

use anysplit::answers::Reframe;
use anysplit::join::Split;
use anysplit::rtmp::{ABORT, ChunkError, ChunkErrorKind, ChunkFraming, Chunks, MessageHeader, SET_CHUNK_SIZE, Taken};
use anysplit::{DecodeErrorKind as Kind, Decoder, EncodeError, EofError, Framing, Truncated};

use super::twin::{End, Seen};
use super::{agree, by_decoder, joined};

/// These bytes, after the handshake, are frames that end here, and then this error follows.
#[track_caller]
fn refuses(before: &[u8], bytes: &[u8], offset: usize, kind: Kind) {
    let stream = [before, bytes].concat();
    let error = End::Stream(before.len() as u64, (before.len() + offset) as u64, kind);
    assert_eq!(agree(&stream, false, &[]).1, error);
    // The byte before does not prove it.
    let last = match kind {
        Kind::Oversize { .. } => offset + 2,
        _ => offset,
    };
    let cut = End::Cut(before.len() as u64);
    let shorter = agree(&stream[..before.len() + last], false, &[]).1;
    assert!(shorter == cut || last == 0, "{shorter:?}");
}

/// Set Chunk Size.
const THREE: &[u8] = b"\x02\0\0\0\0\0\x04\x01\0\0\0\0\0\0\0\x03";

#[test]
fn headers_that_the_specification_forbids_are_refused_at_their_byte() {
    let begun = &[THREE, b"\x06\0\0\x28\0\0\x05\x09\x01\0\0\0hel"].concat()[..];
    let not_begun = Kind::Custom("a chunk of type 1, 2 or 3 on a chunk stream that has not begun");
    for kind in [&b"\x43"[..], b"\x83", b"\xc3"] {
        refuses(THREE, kind, 0, not_begun);
    }
    refuses(b"", b"\x82", 0, not_begun);
    refuses(b"", b"\xc2", 0, not_begun);
    refuses(THREE, b"\x40\x01", 1, not_begun);
    refuses(THREE, b"\xc1\x01\x01", 2, not_begun);
    let inside = Kind::Custom("a chunk of type 0 inside a message");
    refuses(begun, b"\x06", 0, inside);
    let long = [THREE, b"\0\0\0\0\x28\0\0\x05\x09\x01\0\0\0hel"].concat();
    refuses(&long, b"\0\0", 1, inside);
    // The same chunk stream in the longer form.
    refuses(&long, b"\x01\0\0", 2, inside);
    // A length or a type that changes in the middle: each byte on its own.
    refuses(begun, b"\x46\0\0\0\x01", 4, Kind::Mismatch { found: 1, expected: 0 });
    refuses(begun, b"\x46\0\0\0\0\0\x04", 6, Kind::Mismatch { found: 4, expected: 5 });
    refuses(begun, b"\x46\0\0\0\0\0\x05\x08", 7, Kind::Mismatch { found: 8, expected: 9 });
    let rule = Kind::Custom("a message of type 1 or 2 has 4 bytes and is on chunk stream 2");
    refuses(THREE, b"\x42\0\0\0\0\0\x03\x01", 7, rule);
    refuses(THREE, b"\x42\0\0\0\0\0\x05\x02", 7, rule);
    refuses(THREE, b"\x03\0\0\0\0\0\x04\x01", 7, rule);
    refuses(THREE, b"\x03\0\0\0\0\0\x04\x02", 7, rule);
}

#[test]
fn length_is_bounded_by_the_limit() {
    let header = |len: u32| [b"\x04\0\0\0", &len.to_be_bytes()[1..], b"\x08\0\0\0\0"].concat();
    for len in [4999, 5000] {
        assert_eq!(agree(&header(len), false, &[]).1, End::Cut(0));
    }
    refuses(b"", &header(5001), 4, Kind::Oversize { len: 5001, max: 5000 });
    // Without a limit below it, up to the greatest number.
    let mut chunks = Chunks::<1>::after_handshake().with_max_message_len(u64::MAX);
    let mut decoder = Decoder::new(chunks.framing());
    chunks.prepare(&mut decoder);
    decoder.push(&[&header(0xff_ffff)[..], &[0; 128]].concat()).unwrap();
    let frame = decoder.next_frame().unwrap().unwrap();
    let Taken::Chunk(chunk) = chunks.take(&frame).unwrap() else { panic!() };
    assert_eq!((chunk.len, chunk.is_first, chunk.is_last), (0xff_ffff, true, false));
    let kind = ChunkErrorKind::Truncated { chunk_stream: 4, missing: 0xff_ffff - 128 };
    assert_eq!(chunks.finish(), Err(ChunkError { offset: 140, kind }));
}

#[test]
fn chunk_streams_are_as_many_as_the_table_has_places() {
    let header = |id: u8| [id, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0];
    let full: Vec<u8> = (3..9).flat_map(header).collect();
    assert_eq!(agree(&full, false, &[]).1, End::Clean);
    assert_eq!(agree(&[&full[..], b"\xc4"].concat(), false, &[]).1, End::Clean);
    refuses(&full, b"\x09", 0, Kind::Custom("more chunk streams than the table has places"));
    refuses(&full, b"\x42", 0, Kind::Custom("more chunk streams than the table has places"));
    let none = Chunks::<0>::after_handshake().framing();
    assert!(matches!(Decoder::new(none).push(b"\x03"), Ok(())));
}

#[test]
fn chunk_size_is_bounded() {
    let set = |size: u32| [&THREE[..12], &size.to_be_bytes()].concat();
    for size in [1, 0x7fff_ffff] {
        assert_eq!(agree(&set(size), false, &[]).1, End::Clean);
    }
    for found in [0, 0x8000_0000, u32::MAX] {
        let error = ChunkError { offset: 15, kind: ChunkErrorKind::ChunkSize { found } };
        assert_eq!(agree(&set(found), false, &[]), (vec![], End::Chunk(error)));
        // The message in chunks of one byte, and the error at the last of them.
        let parts = found.to_be_bytes().map(|byte| [0xc2, byte]);
        let split = [&set(1)[..], b"\x42\0\0\0\0\0\x04\x01", &parts.concat()[1..]].concat();
        let error = ChunkError { offset: 30, kind: ChunkErrorKind::ChunkSize { found } };
        assert_eq!(agree(&split, false, &[]).1, End::Chunk(error));
    }
}

#[test]
fn chunk_size_applies_after_its_message_in_the_middle_of_another() {
    // A message of seven bytes in chunks of three. After its first chunk the size changes to 1.
    let stream = [THREE, b"\x06\0\0\0\0\0\x07\x09\0\0\0\0abc\x82\0\0\0\0\0\0\xc2\x01\xc6d\xc6e\xc6f\xc6g"].concat();
    let (seen, end) = agree(&stream, false, &[]);
    assert_eq!(end, End::Clean);
    let lens: Vec<_> = seen.iter().map(|(.., payload)| payload.len()).collect();
    assert_eq!(lens, [4, 3, 3, 1, 1, 1, 1, 1]);
    assert_eq!(joined(&seen)[2].1, b"abcdefg");
}

/// The headers of the chunks in a stream.
fn headers(stream: &[u8]) -> Vec<(u32, u32, bool, bool)> {
    let (seen, end) = agree(stream, false, &[]);
    assert_eq!(end, End::Clean);
    let of = |(_, taken, _): &Seen| match taken {
        Taken::Chunk(chunk) => (chunk.message.timestamp, chunk.len, chunk.is_first, chunk.is_last),
        other => panic!("{other:?}"),
    };
    seen.iter().map(of).collect()
}

#[test]
fn chunks_of_type_3_begin_messages_like_the_one_before() {
    let stream = b"\x04\0\0\x64\0\0\x01\x08\x01\0\0\0a\xc4b\x84\0\0\x07c\xc4d\x44\0\0\x01\0\0\0\x08\xc4\xc4";
    let expected = [(100, 1), (200, 1), (207, 1), (214, 1), (215, 0), (216, 0), (217, 0)];
    assert_eq!(headers(stream), expected.map(|(timestamp, len)| (timestamp, len, true, true)));
}

#[test]
fn extended_timestamps_are_in_chunks_of_type_3_too() {
    // A message of five bytes in two chunks; one that begins with type 3, and adds the difference in its header; one of type 2 without.
    let stream = [
        THREE,
        b"\x04\xff\xff\xff\0\0\x05\x08\0\0\0\0\xff\xff\xff\xf0hel\xc4\xff\xff\xff\xf0lo",
        b"\xc4\0\0\0\x11hel\xc4\0\0\0\x11lo\x84\0\0\x01hel\xc4lo",
    ];
    let expected = [(0xffff_fff0, true), (0xffff_fff0, false), (1, true), (1, false), (2, true), (2, false)]
        .map(|(timestamp, is_first)| (timestamp, 5, is_first, !is_first));
    assert_eq!(headers(&stream.concat())[1..], expected);
    // A sender that leaves the field out: the payload is in its place.
    refuses(&stream.concat()[..THREE.len() + 19], b"\xc4lo", 1, Kind::Mismatch { found: b'l', expected: 0xff });
    let begun = &stream.concat()[..THREE.len() + 19];
    refuses(begun, b"\xc4\xff\xff\xff\xf1", 4, Kind::Mismatch { found: 0xf1, expected: 0xf0 });
}

#[test]
fn other_types_continue_a_message_and_leave_its_timestamp() {
    let begun = [THREE, b"\x04\0\0\x64\0\0\x07\x08\0\0\0\0abc"].concat();
    let stream = [&begun[..], b"\x84\0\0\x05def\x44\xff\xff\xff\0\0\x07\x08\0\0\0\x09g\xc4\0\0\0\x09abc"].concat();
    let (seen, end) = agree(&stream, false, &[]);
    assert!(matches!(end, End::Chunk(ChunkError { kind: ChunkErrorKind::Truncated { missing: 4, .. }, .. })));
    let times = seen.iter().map(|(_, taken, _)| match taken {
        Taken::Chunk(chunk) => (chunk.message.timestamp, chunk.is_first),
        _ => panic!(),
    });
    assert_eq!(times.collect::<Vec<_>>()[1..], [(100, true), (100, false), (100, false), (109, true)]);
}

#[test]
fn first_chunk_of_chunk_stream_2_may_have_type_1() {
    // librtmp's answer to a ping.
    let (seen, end) = agree(b"\x42\0\0\x05\0\0\x06\x04\0\x07\0\0\0\x09", false, &[]);
    assert_eq!(end, End::Clean);
    let Taken::Chunk(chunk) = seen[0].1 else { panic!() };
    let message = MessageHeader { chunk_stream: 2, message_type: 4, message_stream: 0, timestamp: 5 };
    assert_eq!((chunk.message, chunk.is_first, chunk.is_last), (message, true, true));
}

#[test]
fn abort_message_drops_what_has_begun() {
    let abort = |id: u8| [b"\x42\0\0\0\0\0\x04\x02\0\0\0".as_slice(), &[0xc2, id]].concat();
    let begun = [THREE, b"\x06\0\0\x28\0\0\x05\x09\x01\0\0\0hel"].concat();
    let aborts = |stream: &[u8]| {
        let (seen, end) = agree(stream, false, &[]);
        let all = seen.iter().filter_map(|(_, taken, _)| match taken {
            Taken::Chunk(chunk) => chunk.aborts,
            _ => None,
        });
        (all.collect::<Vec<_>>(), end)
    };
    assert_eq!(aborts(&[&begun[..], &abort(6)].concat()), (vec![6], End::Clean));
    // A message may begin in its place, also with type 3 and the same length.
    assert_eq!(aborts(&[&begun[..], &abort(6), b"\xc6abc\xc6de"].concat()), (vec![6], End::Clean));
    // Of a chunk stream without a message, or without anything.
    assert_eq!(aborts(&[&begun[..], b"\xc6lo", &abort(6)].concat()), (vec![], End::Clean));
    assert_eq!(aborts(&[THREE, &abort(6)].concat()), (vec![], End::Clean));
    assert_eq!(aborts(&[THREE, &abort(0)].concat()), (vec![], End::Clean));
}

#[test]
fn handshake_comes_in_the_parts_that_the_peer_answers() {
    let stream = [&[3][..], &[b'1'; 1536], &[b'2'; 1536], THREE].concat();
    let mut chunks = Chunks::<2>::new();
    let mut decoder = Decoder::new(chunks.framing());
    let mut seen = vec![];
    for (at, byte) in stream.iter().enumerate() {
        decoder.push(&[*byte]).unwrap();
        chunks.prepare(&mut decoder);
        if let Some(frame) = decoder.next_frame().unwrap() {
            seen.push((at + 1, chunks.take(&frame).unwrap(), frame.payload()[0], frame.payload().len()));
        }
    }
    assert_eq!(seen[..2], [(1537, Taken::Hello, b'1', 1536), (3073, Taken::Echo, b'2', 1536)]);
    assert_eq!((seen.len(), seen[2].0, chunks.chunk_size()), (3, 3089, 3));
    chunks.finish().unwrap();
    for len in [0, 1, 1536, 1537, 1538, 3072, 3073, 3074] {
        agree(&stream[..len], true, &[]);
    }
    let handshake = ChunkError { offset: 1537, kind: ChunkErrorKind::Handshake };
    assert_eq!(by_decoder(&stream[..1537], true, &[]).1, End::Chunk(handshake));
    // Encrypted RTMP.
    let version = Kind::Mismatch { found: 6, expected: 3 };
    assert_eq!(agree(b"\x06", true, &[]).1, End::Stream(0, 0, version));
}

#[test]
fn every_end_is_reported() {
    let stream = [THREE, b"\x06\0\0\x28\0\0\x05\x09\x01\0\0\0hel\xc6lo"].concat();
    for len in 0..stream.len() {
        let expected = match len {
            0 | 16 => End::Clean,
            1..16 => End::Cut(0),
            17..31 => End::Cut(16),
            31 => {
                let kind = ChunkErrorKind::Truncated { chunk_stream: 6, missing: 2 };
                End::Chunk(ChunkError { offset: 31, kind })
            }
            _ => End::Cut(31),
        };
        assert_eq!(agree(&stream[..len], false, &[]).1, expected, "{len}");
    }
    // The part that was cut.
    let mut decoder = Decoder::new(Chunks::<1>::after_handshake().framing());
    decoder.push(&stream[..12]).unwrap();
    let EofError::Truncated { part, end, .. } = decoder.finish().unwrap_err() else { panic!() };
    assert_eq!((end, matches!(part, Truncated::Payload { .. })), (12, true));
}

#[test]
fn frames_that_were_lost_or_read_with_another_framing_are_noticed() {
    let begin = || {
        let mut chunks = Chunks::<2>::after_handshake();
        let mut decoder = Decoder::new(chunks.framing());
        decoder.push(&[THREE, b"\xc2\0\0\0\x03", THREE].concat()[..]).unwrap();
        chunks.prepare(&mut decoder);
        chunks.take(&decoder.next_frame().unwrap().unwrap()).unwrap();
        (chunks, decoder)
    };
    // Not prepared.
    let (mut chunks, mut decoder) = begin();
    let mut without = Chunks::<2>::after_handshake();
    let frame = decoder.next_frame();
    assert!(frame.is_err(), "the framing does not know the chunk stream");
    let (_, mut other) = begin();
    chunks.prepare(&mut other);
    let frame = other.next_frame().unwrap().unwrap();
    let not_prepared = ChunkError { offset: 16, kind: ChunkErrorKind::NotPrepared };
    assert_eq!(without.take(&frame), Err(not_prepared));
    assert_eq!(without.finish(), Err(not_prepared), "the error stays");
    chunks.take(&frame).unwrap();
    assert_eq!(chunks.take(&frame), Err(ChunkError { offset: 16, kind: ChunkErrorKind::Gap { expected: 20 } }));
    // Another decoder was prepared.
    struct Nobody;
    impl Reframe<ChunkFraming<2>> for Nobody {
        fn set_framing(&mut self, _: ChunkFraming<2>) {}
    }
    let (mut chunks, _) = begin();
    chunks.prepare(&mut Nobody);
    let mut decoder = Decoder::new(anysplit::Fixed::new(16).unwrap());
    decoder.push(&[THREE, THREE].concat()).unwrap();
    decoder.next_frame().unwrap().unwrap();
    let frame = decoder.next_frame().unwrap().unwrap();
    assert_eq!(chunks.take(&frame), Err(not_prepared));
}

#[test]
fn messages_that_would_not_come_back_are_refused() {
    let header = MessageHeader { chunk_stream: 3, message_type: 8, message_stream: 1, timestamp: 0 };
    let write = |header: MessageHeader, payload: &[u8]| {
        let mut wire = vec![];
        let written = Split::new(header, payload, 1 << 24).encode(&mut wire);
        assert_eq!(written.unwrap_or(0), wire.len());
        written.map(|_| wire)
    };
    for (id, basic) in [
        (2, &b"\x02"[..]),
        (63, b"\x3f"),
        (64, b"\0\0"),
        (319, b"\0\xff"),
        (320, b"\x01\0\x01"),
        (65_599, b"\x01\xff\xff"),
    ] {
        let wire = write(MessageHeader { chunk_stream: id, ..header }, b"").unwrap();
        assert_eq!(wire, [basic, b"\0\0\0\0\0\0\x08\x01\0\0\0"].concat());
    }
    for id in [0, 1] {
        let refused = write(MessageHeader { chunk_stream: id, ..header }, b"");
        assert_eq!(refused, Err(EncodeError::Custom("chunk streams 0 and 1 do not exist")));
    }
    let refused = write(MessageHeader { chunk_stream: 65_600, ..header }, b"");
    assert_eq!(refused, Err(EncodeError::DoesNotFit { value: 65_600, max: 65_599 }));
    let mut long = vec![0; 0xff_ffff];
    assert_eq!(write(header, &long).unwrap().len(), 12 + 0xff_ffff);
    long.push(0);
    assert_eq!(write(header, &long), Err(EncodeError::Oversize { len: 1 << 24, max: 0xff_ffff }));
    let rule = Err(EncodeError::Custom("a message of type 1 or 2 has 4 bytes and is on chunk stream 2"));
    let control = |chunk_stream, message_type| MessageHeader { chunk_stream, message_type, ..header };
    for kind in [SET_CHUNK_SIZE, ABORT] {
        assert_eq!(write(control(3, kind), b"\0\0\0\x01"), rule);
        assert_eq!(write(control(2, kind), b"\0\0\x01"), rule);
        assert_eq!(write(control(2, kind), b"\0\0\0\0\x01"), rule);
        assert!(write(control(2, kind), b"\0\0\0\x01").is_ok());
        assert!(write(control(2, kind), b"\x7f\xff\xff\xff").is_ok());
    }
    let zero = EncodeError::Custom("a chunk size is at least 1");
    assert_eq!(write(control(2, SET_CHUNK_SIZE), &[0; 4]), Err(zero));
    let top = EncodeError::DoesNotFit { value: 0x8000_0000, max: 0x7fff_ffff };
    assert_eq!(write(control(2, SET_CHUNK_SIZE), b"\x80\0\0\0"), Err(top));
    assert!(write(control(2, ABORT), &[0; 4]).is_ok());
}

/// A reader in the middle of a stream: a message has begun on chunk stream 6, one with an extended timestamp on 4, and one is complete
/// on 3.
fn middle() -> ChunkFraming<5> {
    let stream = [
        THREE,
        b"\x06\0\0\x28\0\0\x05\x09\x01\0\0\0hel",
        b"\x04\xff\xff\xff\0\0\x05\x09\x01\0\0\0\x01\0\0\x02hel",
        b"\x03\0\0\0\0\0\x02\x09\x01\0\0\0he",
    ]
    .concat();
    let mut chunks = Chunks::<5>::after_handshake().with_max_message_len(9);
    let mut decoder = Decoder::new(chunks.framing());
    decoder.push(&stream).unwrap();
    loop {
        chunks.prepare(&mut decoder);
        let Some(frame) = decoder.next_frame().unwrap() else { return chunks.framing() };
        chunks.take(&frame).unwrap();
    }
}

#[test]
fn framing_refuses_messages_that_are_not_one_chunk() {
    let framing = middle();
    let mut out = [0; 99];
    assert_eq!(framing.encode_into(b"\xc6lo", &mut out), Ok(3));
    assert_eq!(framing.encode_into(b"\xc6l", &mut out), Err(EncodeError::LengthDisagrees { found: 3, expected: 2 }));
    assert_eq!(framing.encode_into(b"\xc6lol", &mut out), Err(EncodeError::LengthDisagrees { found: 3, expected: 4 }));
    assert_eq!(framing.encode_into(b"", &mut out), Err(EncodeError::TooShort { len: 0, min: 1 }));
    assert_eq!(framing.encode_into(b"\xc4\x01", &mut out), Err(EncodeError::TooShort { len: 2, min: 5 }));
    let oversize = EncodeError::Oversize { len: 10, max: 9 };
    assert_eq!(framing.encode_into(b"\x03\0\0\0\0\0\x0a\x08\0\0\0\0abc", &mut out), Err(oversize));
    assert!(matches!(framing.encode_into(b"\x06", &mut out), Err(EncodeError::Header(_))));
}

#[cfg(feature = "testing")]
#[test]
fn framings_of_a_stream_keep_the_laws() {
    for framing in [middle(), Chunks::after_handshake().framing(), Chunks::new().framing()] {
        if let Err(violation) = anysplit::testing::check_all(&framing, 24) {
            panic!("{violation}");
        }
        for start in
            [&b"\xc6lo"[..], b"\xc4\x01\0\0\x02lo", b"\x46\0\0\0\0\0\x05\x09lo", b"\x03\xff\xff\xff\0\0\x01\x02"]
        {
            if let Err(violation) = anysplit::testing::contract(&framing, start) {
                panic!("{violation}");
            }
        }
    }
}
