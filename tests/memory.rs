//! Memory follows what has arrived: measured at the allocator.

#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use allocation_counter::measure;
use anysplit::stuffed::{Cobs, Slip, StuffedDecoder, Stuffing, encode_all};
use anysplit::{Decoder, Delimited, Framing, Outbox, Oversize, Piece, Prefix};
use bytes::Buf;

/// Less than this is not worth giving back while any of it is in use.
const LITTLE: u64 = 8192;

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

/// The most bytes that were in use meanwhile.
fn peak(run: impl FnOnce()) -> u64 {
    measure(run).bytes_max
}

/// Bytes in use afterwards that were not before.
fn kept(run: impl FnOnce()) -> i64 {
    measure(run).bytes_current
}

#[test]
fn an_idle_decoder_owns_no_heap() {
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
                // What was handed out by reference goes with the next call.
                assert_eq!(decoder.need(), 4);
            });
            assert_eq!((decoder.capacity(), kept), (0, 0), "after {len} bytes by way {way}");
        }
    }
}

#[test]
fn an_idle_outbox_owns_no_heap() {
    let message = vec![b'x'; 1 << 20];
    let shared = bytes::Bytes::from_static(&[b'x'; 4096]);
    let mut outbox = Outbox::new(Prefix::u32_be());
    let kept = kept(|| {
        for _ in 0..100 {
            outbox.push(&message[..1000]).unwrap();
            outbox.push_bytes(shared.clone()).unwrap();
            outbox.push(&message).unwrap();
            outbox.advance(outbox.remaining());
        }
    });
    assert_eq!(kept, 0);
}

#[test]
fn a_million_announced_bytes_cost_nothing() {
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
            // The old block and the new one exist for a moment, where a block grows.
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
fn a_long_frame_leaves_no_memory_to_the_byte_behind_it() {
    let frame = [&(1_u32 << 20).to_be_bytes()[..], &vec![b'x'; 1 << 20]].concat();
    // The chunks go across the frame's end: some of the next frame is always there.
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
fn a_skipped_frame_takes_no_memory() {
    let mut decoder = Decoder::new(Prefix::u32_be().with_max_payload_len(10)).with_oversize(Oversize::Skip);
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
                    Piece::End { .. } => panic!("there is more to come"),
                }
            }
        }
    });
    assert_eq!((passed, decoder.position()), (4000 * 65_536, 8 + 4000 * 65_536));
    assert!(peak <= 4 * 65_536, "{peak}");
}

fn take_stuffed<S: Stuffing>(decoder: &mut StuffedDecoder<S>) {
    while !matches!(decoder.next_frame(), Ok(None)) {}
}

fn stuffed_lines_own_what_has_arrived<S: Stuffing>(stuffing: S, byte: u8) {
    assert_eq!(measure(|| drop(StuffedDecoder::new(stuffing))).count_total, 0);
    // An idle line owns no heap.
    let mut decoder = StuffedDecoder::new(stuffing);
    for len in [1, 100, 1 << 20] {
        let wire = encode_all(stuffing, &[vec![byte; len]]).unwrap();
        for chunk_len in [1500, 1 << 16, 1 << 22] {
            let kept = kept(|| {
                for chunk in wire.chunks(chunk_len) {
                    decoder.push(chunk);
                    take_stuffed(&mut decoder);
                }
            });
            assert_eq!((decoder.capacity(), kept), (0, 0), "after {len} bytes");
        }
    }
    // A busy one owns as much as has come, for every length of the chunks; also behind a longer frame.
    for chunk_len in [1, 100, 4096] {
        let long = encode_all(stuffing, &[vec![byte; 50_000]]).unwrap();
        let wire = [&long[..], &long[..long.len() - 1]].concat();
        for arrived in [long.len() + 10, long.len() + 1000, wire.len()] {
            let mut decoder = StuffedDecoder::new(stuffing);
            let kept = kept(|| {
                for chunk in wire[..arrived].chunks(chunk_len) {
                    decoder.push(chunk);
                    take_stuffed(&mut decoder);
                }
            });
            let most = 2 * (arrived - long.len()) + chunk_len;
            assert!(kept <= i64::try_from(most).unwrap() + 8192, "{kept} for {arrived} in {chunk_len}");
        }
    }
    // Noise is not kept, nor what is over the limit.
    let noise = [byte.max(1); 4096];
    let peak = peak(|| {
        let mut decoder = StuffedDecoder::new(stuffing).with_max_payload_len(1000);
        for _ in 0..1000 {
            decoder.push(&noise);
            take_stuffed(&mut decoder);
        }
    });
    assert!(peak <= 2 * 4096 + LITTLE, "{peak}");
}

#[test]
fn the_memory_of_stuffed_lines_follows_what_has_arrived() {
    stuffed_lines_own_what_has_arrived(Slip, b'x');
    stuffed_lines_own_what_has_arrived(Slip, 0xdb);
    stuffed_lines_own_what_has_arrived(Cobs, b'x');
    stuffed_lines_own_what_has_arrived(Cobs, 0);
}
