//! Memory follows the bytes that arrived: measured at the allocator.

#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use allocation_counter::measure;
use anysplit::decode::Deframer;
use anysplit::delimited::Lines;
use anysplit::join::{Joined, Joiner, MessagePiece, OncRpc};
use anysplit::number::{AnyNumber, Ascii, Binary, Bits, Varint};
use anysplit::order::Order;
use anysplit::stuffing::{Cobs, Slip, Stuffing};
use anysplit::{
    BlockRule, Body, ByType, Chunked, Decoder, Delimited, Enclosed, Encoder, Fixed, Framing, HeaderBlock, Http1,
    LengthField, LineThenBlock, Piece, Prefix, Recovery, Stuffed, UntilClose,
};
use bytes::Buf;

/// Less than this is not released while any of it is in use.
const LITTLE: u64 = 8192;

/// A block of frames of less than 16 KiB may be twice as long, and is released with its last byte.
const LEFT: usize = 2 * 16_384;

/// A limit that does not matter.
const MOST: u64 = u64::MAX / 4;

/// Takes all frames by one of the ways.
fn take<F: Framing>(decoder: &mut Decoder<F>, way: usize) {
    match way {
        0 => while decoder.next_frame().unwrap().is_some() {},
        1 => while decoder.next_bytes().unwrap().is_some() {},
        2 => while decoder.next_batch().unwrap().is_some() {},
        _ => while decoder.next_piece().unwrap().is_some() {},
    }
}

const WAYS: [usize; 4] = [0, 1, 2, 3];

/// Returns the peak of bytes in use meanwhile.
fn peak(run: impl FnOnce()) -> u64 {
    measure(run).bytes_max
}

/// Returns the bytes in use afterwards that were not before.
fn kept(run: impl FnOnce()) -> i64 {
    measure(run).bytes_current
}

#[test]
fn idle_decoder_owns_no_heap() {
    assert_eq!(measure(|| drop(Decoder::new(Prefix::u32_be()))).count_total, 0);
    for way in WAYS {
        let mut decoder = Decoder::new(Prefix::u32_be());
        for len in [0_u32, 1, 100, 1 << 20] {
            let frame = [&len.to_be_bytes()[..], &vec![b'x'; len as usize]].concat();
            let kept = kept(|| {
                for chunk in frame.chunks(1500) {
                    decoder.push(chunk).unwrap();
                    take(&mut decoder, way);
                }
                // Frames returned by reference are released with the next call.
                assert_eq!(decoder.need(), 4);
            });
            assert_eq!((decoder.capacity(), kept), (0, 0), "after {len} bytes by way {way}");
        }
    }
}

#[test]
fn idle_encoder_owns_no_heap() {
    let message = vec![b'x'; 1 << 20];
    let shared = bytes::Bytes::from_static(&[b'x'; 4096]);
    let mut encoder = Encoder::new(Prefix::u32_be());
    let kept = kept(|| {
        for _ in 0..100 {
            encoder.push(&message[..1000]).unwrap();
            encoder.push_bytes(shared.clone()).unwrap();
            encoder.push(&message).unwrap();
            encoder.advance(encoder.remaining());
        }
    });
    assert_eq!(kept, 0);
}

/// The encoder reserves as much as last time, but not for a refused message.
#[test]
fn refused_message_leaves_an_idle_encoder_without_heap() {
    let mut encoder = Encoder::new(Prefix::u8());
    let kept = kept(|| {
        for _ in 0..1000 {
            encoder.push(&[b'x'; 255]).unwrap();
        }
        encoder.advance(encoder.remaining());
        assert!(encoder.push(&[b'x'; 256]).is_err());
    });
    assert_eq!(kept, 0);
}

#[test]
fn million_announced_bytes_cost_nothing() {
    let mut decoder = Decoder::new(Prefix::u32_be());
    let peak = peak(|| {
        for byte in 1_000_000_u32.to_be_bytes() {
            decoder.push(&[byte]).unwrap();
            assert!(decoder.next_frame().unwrap().is_none());
        }
    });
    assert_eq!(decoder.need(), 1_000_000);
    assert!(peak < 1024, "{peak}");
    assert!(decoder.capacity() < 1024, "{}", decoder.capacity());
}

#[test]
fn memory_follows_a_frame_that_trickles_in() {
    for chunk_len in [1, 7, 100, 4096, 65_536] {
        let chunk = vec![b'x'; chunk_len];
        for arrived in [0, 1, 100, 5000, 100_000, 300_000] {
            // The old block and the new one exist together for a moment, when a block grows.
            let peak = peak(|| {
                let mut decoder = Decoder::new(Prefix::u32_be());
                decoder.push(&1_000_000_u32.to_be_bytes()).unwrap();
                for _ in 0..arrived / chunk_len {
                    decoder.push(&chunk).unwrap();
                    assert!(decoder.next_frame().unwrap().is_none());
                }
                assert!(decoder.capacity() <= 2 * arrived + chunk_len + 512, "{} for {arrived}", decoder.capacity());
            });
            let most = 3 * arrived as u64 + chunk_len as u64 + LITTLE;
            assert!(peak <= most, "{peak} for {arrived} in chunks of {chunk_len}");
        }
    }
}

#[test]
fn long_frame_leaves_no_memory_to_the_next_byte() {
    let frame = [&(1_u32 << 20).to_be_bytes()[..], &vec![b'x'; 1 << 20]].concat();
    // The chunks extend over the frame's end: some of the next frame is always there.
    let stream = [&frame[..], &frame[..], &[0]].concat();
    for way in WAYS {
        let mut decoder = Decoder::new(Prefix::u32_be());
        let kept = kept(|| {
            for chunk in stream.chunks(1000) {
                decoder.push(chunk).unwrap();
                take(&mut decoder, way);
            }
        });
        assert_eq!(decoder.buffered(), [0]);
        assert!(kept <= i64::try_from(LITTLE).unwrap(), "{kept} by way {way}");
    }
    let mut decoder = Decoder::new(Delimited::line());
    let line = [&vec![b'x'; 100_000][..], b"\ny"].concat();
    let kept = kept(|| {
        for chunk in line.chunks(1000) {
            let mut frames = decoder.frames_in(chunk).unwrap();
            while frames.next_frame().unwrap().is_some() {}
        }
    });
    assert!(kept <= i64::try_from(LITTLE).unwrap(), "{kept} by frames_in");
}

#[test]
fn skipped_frame_takes_no_memory() {
    let mut decoder = Decoder::new(Prefix::u32_be().with_max_payload_len(10)).with_recovery(Recovery::SkipOversize);
    decoder.push(&(1_u32 << 24).to_be_bytes()).unwrap();
    let chunk = vec![b'x'; 4096];
    let peak = peak(|| {
        for _ in 0..(1 << 24) / 4096 {
            decoder.push(&chunk).unwrap();
            let _ = decoder.next_frame();
        }
    });
    assert!(peak <= 2 * 4096 + LITTLE, "{peak}");
}

#[test]
fn pieces_of_any_length_pass_in_constant_memory() {
    const LEN: u64 = 1 << 40;
    let framing = Prefix::u64_be().with_max_payload_len(u64::MAX);
    let mut decoder = Decoder::new(framing);
    decoder.push(&LEN.to_be_bytes()).unwrap();
    let chunk = vec![b'x'; 65_536];
    let mut passed = 0;
    let peak = peak(|| {
        for _ in 0..4000 {
            decoder.push(&chunk).unwrap();
            while let Some(piece) = decoder.next_piece().unwrap() {
                match piece {
                    Piece::Start { len, .. } => assert_eq!(len, Some(LEN)),
                    Piece::Data(data) => passed += data.len() as u64,
                    piece => panic!("{piece:?} where there is more to come"),
                }
            }
        }
    });
    assert_eq!((passed, decoder.position()), (4000 * 65_536, 8 + 4000 * 65_536));
    assert!(peak <= 4 * 65_536, "{peak}");
}

/// Passes a message of at least `total` bytes, in fragments of 256 MiB, through a decoder and a joiner, in pieces.
fn pass_in_parts(total: u64) {
    const PART: u32 = 1 << 28;
    let fragments = LengthField::new(0, Bits::new(Binary::u32_be(), 0x7fff_ffff).unwrap()).unwrap();
    let mut decoder = Decoder::new(fragments.with_max_payload_len(PART.into()));
    let mut joiner = Joiner::new(OncRpc).with_max_message_len(u64::MAX);
    let chunk = vec![b'x'; 65_536];
    let (mut passed, mut is_complete) = (0, false);
    let peak = peak(|| {
        let mut take = |decoder: &mut Decoder<_>, passed: &mut u64| loop {
            let offset = decoder.position();
            let Some(piece) = decoder.next_piece().unwrap() else { break };
            match joiner.next_piece(piece, offset).unwrap() {
                MessagePiece::Data(data) => *passed += data.len() as u64,
                MessagePiece::End { is_last, .. } => is_complete = is_last,
                _ => {}
            }
        };
        while passed < total {
            let last = if passed + u64::from(PART) >= total { 1 << 31 } else { 0 };
            decoder.push(&(PART | last).to_be_bytes()).unwrap();
            for _ in 0..PART / 65_536 {
                decoder.push(&chunk).unwrap();
                take(&mut decoder, &mut passed);
            }
        }
    });
    assert!(is_complete && passed >= total && !joiner.is_inside());
    assert!(peak <= 4 * 65_536, "{peak}");
}

#[test]
fn message_in_parts_passes_in_constant_memory() {
    pass_in_parts(1 << 30);
}

#[test]
#[ignore = "some minutes"]
fn message_of_two_to_the_forty_bytes_passes_in_constant_memory() {
    pass_in_parts(1 << 40);
}

#[test]
fn million_empty_parts_cost_no_memory() {
    let stream = [b"\0\0\0\0".repeat(1_000_000), b"\x80\0\0\0".to_vec()].concat();
    let mut decoder = Decoder::new(LengthField::new(0, Bits::new(Binary::u32_be(), 0x7fff_ffff).unwrap()).unwrap());
    let mut parts = 0;
    let allocated = measure(|| {
        let mut joiner = Joiner::new(OncRpc).with_max_parts(2_000_000);
        let mut frames = decoder.frames_in(&stream).unwrap();
        while let Some(frame) = frames.next_frame().unwrap() {
            if let Some(Joined::Message(message)) = joiner.next_message(&frame).unwrap() {
                assert_eq!((message.payload(), message.first_header()), (&b""[..], &b"\0\0\0\0"[..]));
                parts = message.parts();
            }
        }
    });
    assert_eq!(parts, 1_000_001);
    // The header of the first part.
    assert!(allocated.bytes_max <= 16, "{allocated:?}");
}

/// A framing for each representation of a length and each way to end a frame, with limits that do not matter.
fn framings() -> Vec<(String, Box<dyn Framing>)> {
    let mut all: Vec<(String, Box<dyn Framing>)> = Vec::new();
    let mut add = |name: &str, framing: Box<dyn Framing>| all.push((name.to_owned(), framing));
    add("fixed", Box::new(Fixed::new(100_000).unwrap()));
    add("fixed, small", Box::new(Fixed::new(3).unwrap()));
    let numbers: [(&str, AnyNumber); 15] = [
        ("u8", Binary::u8().into()),
        ("u16be", Binary::u16_be().into()),
        ("u24le", Binary::new(3, Order::Little).unwrap().into()),
        ("u32be", Binary::u32_be().into()),
        ("u64be", Binary::u64_be().into()),
        ("bits", Bits::new(Binary::u32_be(), 0x00ff_fff0).unwrap().into()),
        ("ascii5", Ascii::decimal5().into()),
        ("ascii20", Ascii::decimal(20).unwrap().into()),
        ("hex16", Ascii::hex(16).unwrap().into()),
        ("digits:", Ascii::decimal_ended_by(b":").unwrap().into()),
        ("leb128", Varint::leb128().into()),
        ("mqtt", Varint::mqtt().into()),
        ("quic", Varint::quic().into()),
        ("ber", Varint::ber().into()),
        ("hex\r\n", Ascii::hex_ended_by(b"\r\n").unwrap().into()),
    ];
    for (name, number) in numbers {
        for max in [MOST, 1000] {
            let prefix = Prefix::new(number).with_max_payload_len(max);
            add(&format!("prefix {name} max {max}"), Box::new(prefix));
            add(&format!("prefix {name},"), Box::new(prefix.with_trailer(b",").unwrap()));
            let field = LengthField::new(2, number).unwrap().with_header_after(3).unwrap().with_max_payload_len(max);
            add(&format!("field {name} max {max}"), Box::new(field));
            add(&format!("field {name} padded"), Box::new(field.with_padding_to(8).unwrap()));
        }
    }
    for max in [MOST, 1000] {
        add(&format!("line max {max}"), Box::new(Delimited::line().with_max_payload_len(max)));
        let aab = Delimited::new("aaaaab").unwrap().with_max_payload_len(max);
        add(&format!("aaaaab max {max}"), Box::new(aab));
        let long = Delimited::new("x".repeat(40)).unwrap().keeping_delimiter().with_max_payload_len(max);
        add(&format!("40 bytes, kept, max {max}"), Box::new(long));
        let several = Delimited::any_of(["\r\n", "\0", "xxy"]).unwrap().with_max_payload_len(max);
        add(&format!("several max {max}"), Box::new(several));
        let rest = Delimited::new(b"\x1c\r").unwrap().with_max_payload_len(max);
        add(&format!("enclosed max {max}"), Box::new(Enclosed::new(b"\x0b", rest).unwrap()));
        add(&format!("until close max {max}"), Box::new(UntilClose::new().with_max_payload_len(max)));
        let block = HeaderBlock::new("Content-Length").unwrap().with_max_payload_len(max);
        add(&format!("header block max {max}"), Box::new(block));
        add(&format!("chunked max {max}"), Box::new(Chunked::new().with_max_payload_len(max)));
        add(&format!("http1 max {max}"), Box::new(Http1::new().with_max_payload_len(max)));
        let sign = BlockRule::sign("$").unwrap();
        let lines = LineThenBlock::new([sign]).unwrap().with_max_payload_len(max);
        add(&format!("line then block max {max}"), Box::new(lines));
        let u32be: Box<dyn Framing> = Box::new(Prefix::u32_be().with_max_payload_len(max));
        let line: Box<dyn Framing> = Box::new(Delimited::line());
        let table = [(b'x', Body::Framed(u32be)), (0, Body::Framed(line)), (255, Body::Len(50_000))];
        add(&format!("by type max {max}"), Box::new(ByType::new(table).unwrap()));
    }
    #[cfg(feature = "protocols")]
    for protocol in anysplit::protocols::ALL {
        add(protocol.name, Box::new(protocol.framing()));
    }
    all
}

/// The input of an adversary: headers that announce much, then bytes without an end.
fn attacks(framing: &dyn Framing) -> Vec<Vec<u8>> {
    const LEN: usize = 20_000;
    const FILLS: [&[u8]; 11] =
        [b"\0", b"\x01", b"\x7f", b"\xff", b"x", b"a", b"9", b"\r", b"\n", b" ", b"Content-Length: 99999\r\n"];
    let mut headers: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"Content-Length: 9000000000000000000\r\n\r\n".to_vec(),
        b"ffffffff\r\n".to_vec(),
        b"$8388608\r\n".to_vec(),
        b"\x0b".to_vec(),
        b"x\xff\xff\xff\xff".to_vec(),
    ];
    // A correct frame, and its header with the greatest bytes and digits in it.
    for len in [3, 300, 40_000] {
        let mut wire = Vec::new();
        if (&framing).encode(&vec![b'x'; len], &mut wire).is_err() {
            continue;
        }
        let header = wire.len().saturating_sub(len).min(20);
        for byte in *b"\xff\x7f9f" {
            let digits =
                wire[..header].iter().map(|&was| if was < b' ' || was.is_ascii_hexdigit() { byte } else { was });
            headers.push(digits.collect());
        }
        headers.push(wire[..header].to_vec());
        headers.push(wire);
    }
    let fill = |fill: &[u8]| fill.iter().copied().cycle().take(LEN).collect::<Vec<_>>();
    // Four fills after each header, and others after the next.
    let fills = |at: usize| FILLS.iter().cycle().skip(4 * at).take(4);
    let after =
        |(at, header): (usize, &Vec<u8>)| fills(at).map(|byte| [&header[..], &fill(byte)].concat()).collect::<Vec<_>>();
    headers.iter().enumerate().flat_map(after).collect()
}

/// Feeds a stream, and compares the memory with the bytes that arrived. Returns the most bytes in the decoder.
fn attacked(framing: &dyn Framing, recovery: Recovery, stream: &[u8], chunk: usize, way: usize) -> usize {
    let mut decoder = Decoder::new(framing).with_recovery(recovery);
    let mut longest = 0;
    for chunk in stream.chunks(chunk) {
        longest = longest.max(decoder.buffered().len() + chunk.len());
        let failed = if way == 4 {
            let mut frames = decoder.frames_in(chunk).unwrap();
            loop {
                match frames.next_frame() {
                    Ok(Some(_)) => {}
                    Ok(None) => break false,
                    Err(_) => break true,
                }
            }
        } else {
            decoder.push(chunk).unwrap();
            loop {
                let more = match way {
                    0 => decoder.next_frame().map(|frame| frame.is_some()),
                    1 => decoder.next_bytes().map(|frame| frame.is_some()),
                    2 => decoder.next_batch().map(|batch| batch.is_some()),
                    _ => decoder.next_piece().map(|piece| piece.is_some()),
                };
                match more {
                    Ok(true) => {}
                    Ok(false) => break false,
                    Err(_) => break true,
                }
            }
        };
        if failed {
            break;
        }
        let need = decoder.need();
        assert!(need > 0);
        let there = decoder.buffered().len();
        assert!(decoder.capacity() >= there, "what is there lies in memory that counts");
        // The block of earlier, shorter frames stays as long as any byte of it is in use.
        let most = 2 * there + chunk.len() + LEFT;
        assert!(decoder.capacity() <= most, "{} of heap for {there}", decoder.capacity());
        if there == 0 && !matches!(way, 3) && recovery == Recovery::Fail {
            assert_eq!(decoder.capacity(), 0, "idle");
        }
    }
    while let Ok(Some(_)) = decoder.finish() {}
    longest
}

#[test]
fn announced_bytes_take_no_memory_in_any_framing() {
    for (name, framing) in framings() {
        let mut turn = 0;
        for stream in attacks(&*framing) {
            // The ways, the policies and the lengths of chunks take turns.
            turn += 1;
            let (way, chunk) = (turn % 5, [1, 7, 100, 4096][turn / 3 % 4]);
            let recovery =
                [Recovery::Fail, Recovery::SkipOversize, Recovery::SkipFrame, Recovery::Resync][turn / 2 % 3];
            // Byte by byte is slow.
            let stream = if chunk == 1 { &stream[..stream.len().min(4000)] } else { &stream[..] };
            let mut longest = 0;
            let measured = measure(|| longest = attacked(&*framing, recovery, stream, chunk, way));
            // The index of a batch has a place for each frame of a chunk, and there may be one in every byte.
            let index = if way == 2 { 64 * chunk as u64 } else { 0 };
            let most = 3 * longest as u64 + chunk as u64 + LITTLE + index;
            let beginning = stream[..stream.len().min(40)].escape_ascii();
            let peak = measured.bytes_max;
            assert!(peak <= most, "{name}: {peak} for {longest} in chunks of {chunk}, way {way}: {beginning}");
            assert_eq!(measured.bytes_current, 0, "{name}: all of it goes with the decoder");
        }
    }
}

/// The frames of any configuration, trickling in, and bytes that are no frames.
#[cfg(feature = "testing")]
#[test]
fn no_configuration_takes_more_memory_than_arrived() {
    use proptest::prelude::*;
    let bytes = prop_oneof![Just(0_u8), Just(0xff), Just(b'9'), Just(b'a'), Just(b'\r'), any::<u8>()];
    let fills = (bytes, 0_usize..3000);
    let streams = proptest::collection::vec(fills, 1..6);
    let chunks = prop_oneof![Just(1_usize), Just(7), Just(100), Just(4096)];
    let case = (common::configs(), streams, chunks, 0_usize..5, any::<bool>());
    let settings = ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(settings, |((config, fills, chunk, way, skips) in case)| {
        let framing = config.build().unwrap();
        let mut stream = Vec::new();
        for (byte, len) in fills {
            // Returns a frame if the bytes are a message, and otherwise the bytes.
            let message = vec![byte; len];
            if framing.encode_with(&mut stream, |out| out.extend_from_slice(&message)).is_err() {
                stream.extend_from_slice(&message);
            }
        }
        let recovery = if skips { Recovery::SkipFrame } else { Recovery::Fail };
        let mut longest = 0;
        let peak = peak(|| longest = attacked(&*framing, recovery, &stream, chunk, way));
        let index = if way == 2 { 64 * chunk as u64 } else { 0 };
        prop_assert!(peak <= 3 * longest as u64 + chunk as u64 + LITTLE + index, "{} for {}", peak, longest);
    });
}

/// The cost of an idle connection, beside its framing, is all on the stack.
#[test]
#[cfg(target_pointer_width = "64")]
fn the_state_of_a_connection_is_small() {
    fn beside<F: Framing>() -> [usize; 3] {
        [size_of::<Deframer<F>>(), size_of::<Decoder<F>>(), size_of::<Encoder<F>>()].map(|size| size - size_of::<F>())
    }
    fn small(sizes: [usize; 3]) {
        for (size, most) in sizes.into_iter().zip([256, 312, 88]) {
            assert!(size <= most, "{sizes:?}");
        }
    }
    small(beside::<&dyn Framing>());
    small(beside::<Box<dyn Framing>>());
    small(beside::<Fixed>());
    small(beside::<Prefix<Binary>>());
    small(beside::<LengthField<Binary>>());
    small(beside::<Delimited<Lines>>());
    small(beside::<UntilClose>());
    small(beside::<HeaderBlock>());
    small(beside::<Chunked>());
    small(beside::<Http1>());
    small(beside::<LineThenBlock<[BlockRule; 1]>>());
}

fn stuffed<S: Stuffing>(stuffing: S) -> Decoder<Stuffed<S>> {
    Decoder::new(Stuffed::new(stuffing)).with_recovery(Recovery::SkipFrame)
}

fn stuffed_wire<S: Stuffing>(stuffing: &S, message: &[u8]) -> Vec<u8> {
    let mut wire = Vec::new();
    Stuffed::new(stuffing).encode(message, &mut wire).unwrap();
    wire
}

fn take_stuffed<S: Stuffing>(decoder: &mut Decoder<Stuffed<S>>) {
    while decoder.next_frame().unwrap().is_some() {}
}

fn stuffed_lines_own_what_has_arrived<S: Stuffing + Copy>(stuffing: S, byte: u8) {
    assert_eq!(measure(|| drop(stuffed(stuffing))).count_total, 0);
    // An idle line owns no heap.
    let mut decoder = stuffed(stuffing);
    for len in [1, 100, 1 << 20] {
        let wire = stuffed_wire(&stuffing, &vec![byte; len]);
        for chunk_len in [1500, 1 << 16, 1 << 22] {
            let kept = kept(|| {
                for chunk in wire.chunks(chunk_len) {
                    decoder.push(chunk).unwrap();
                    take_stuffed(&mut decoder);
                }
            });
            assert_eq!((decoder.capacity(), kept), (0, 0), "after {len} bytes");
        }
    }
    // A busy line owns as much as has arrived, for every length of the chunks; also after a longer frame.
    for chunk_len in [1, 100, 4096] {
        let long = stuffed_wire(&stuffing, &vec![byte; 50_000]);
        let wire = [&long[..], &long[..long.len() - 1]].concat();
        for arrived in [long.len() + 10, long.len() + 1000, wire.len()] {
            let mut decoder = stuffed(stuffing);
            let kept = kept(|| {
                for chunk in wire[..arrived].chunks(chunk_len) {
                    decoder.push(chunk).unwrap();
                    take_stuffed(&mut decoder);
                }
            });
            let most = 2 * (arrived - long.len()) + chunk_len;
            assert!(kept <= i64::try_from(most).unwrap() + 8192, "{kept} for {arrived} in {chunk_len}");
        }
    }
    // Releasing memory does not mean a new block for every byte.
    let wire = stuffed_wire(&stuffing, &vec![byte; 50_000]);
    let blocks = measure(|| {
        let mut decoder = stuffed(stuffing);
        for chunk in wire.chunks(1) {
            decoder.push(chunk).unwrap();
            take_stuffed(&mut decoder);
        }
    });
    assert!(blocks.count_total <= 40, "{}", blocks.count_total);
    // Neither noise nor bytes over the limit are kept.
    let noise = [byte.max(1); 4096];
    let peak = peak(|| {
        let mut decoder =
            Decoder::new(Stuffed::new(stuffing).with_max_payload_len(1000)).with_recovery(Recovery::SkipFrame);
        for _ in 0..1000 {
            decoder.push(&noise).unwrap();
            take_stuffed(&mut decoder);
        }
    });
    assert!(peak <= 2 * 4096 + LITTLE, "{peak}");
}

#[test]
fn memory_of_stuffed_lines_follows_the_arrived_bytes() {
    stuffed_lines_own_what_has_arrived(Slip, b'x');
    stuffed_lines_own_what_has_arrived(Slip, 0xdb);
    stuffed_lines_own_what_has_arrived(Cobs, b'x');
    stuffed_lines_own_what_has_arrived(Cobs, 0);
}

#[test]
fn filler_at_the_end_of_a_chunk_leaves_no_memory() {
    let mut decoder = Decoder::new(Stuffed::slip());
    let mut frames = decoder.frames_in(b"\xc0a\xdb\xdcb\xc0\xc0").unwrap();
    assert_eq!(frames.next_frame().unwrap().unwrap().payload(), b"a\xc0b");
    assert!(frames.next_frame().unwrap().is_none());
    drop(frames);
    assert_eq!((decoder.buffered().len(), decoder.capacity()), (0, 0));
}
