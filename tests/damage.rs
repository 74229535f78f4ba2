//! Law 10: every place and every kind of damage, in trains of frames.

#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use anysplit::contract::{Envelope, Extent, FrameError, Located, NextStart, Part, Progress, ShortBytes};
use anysplit::testing::{self, Damage, Survivors};
use anysplit::{DecodeErrorKind, Decoder, Delimited, Enclosed, EncodeError, Event, Framing, Prefix, Recovery, Stuffed};

/// `aa 55`, a length byte, the payload, and the sum of the length and the payload, inverted.
struct Synced;

const SYNC: [u8; 2] = [0xaa, 0x55];

fn sum(bytes: &[u8]) -> u8 {
    !bytes.iter().fold(0, |sum: u8, &byte| sum.wrapping_mul(3).wrapping_add(byte))
}

impl Framing for Synced {
    fn locate(&self, input: &[u8], _: &mut Progress) -> Result<Located, FrameError> {
        for (at, (&found, expected)) in input.iter().zip(SYNC).enumerate() {
            if found != expected {
                return Err(FrameError::new(at, DecodeErrorKind::Mismatch { expected, found }));
            }
        }
        Ok(match input.get(2) {
            Some(&len) => Located::Known(Extent::new(3, len.into(), 1).checked()),
            None => Located::Header(4),
        })
    }

    fn check(&self, part: Part<'_>, _: &mut u64) -> Result<(), FrameError> {
        let Some(&[found]) = part.trailer() else { return Ok(()) };
        let computed = sum(part.within(2, part.trailer_start() as u64));
        if found == computed {
            return Ok(());
        }
        let kind = DecodeErrorKind::Check { found: found.into(), computed: computed.into() };
        Err(FrameError::new(part.trailer_start(), kind))
    }

    fn next_start(&self, input: &[u8], from: usize) -> NextStart {
        NextStart::at_word(input, from, &SYNC)
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let value = message.len() as u64;
        let len = u8::try_from(message.len()).map_err(|_| EncodeError::DoesNotFit { value, max: 255 })?;
        let trailer = sum(&[&[len], message].concat());
        let envelope = Envelope::new(ShortBytes::new(&[SYNC[0], SYNC[1], len])?);
        Ok(envelope.with_computed_trailer(ShortBytes::new(&[trailer])?))
    }
}

/// Messages of mixed lengths, half of them with sync words, delimiters and whole headers inside.
fn train() -> Vec<Vec<u8>> {
    (0..20_u8)
        .map(|at| match at % 4 {
            0 => vec![at; usize::from(at) / 2],
            1 => vec![0xaa, 0x55, 3, at, 0xaa],
            2 => vec![0xc0, 0xdb, 0, at, b',', b'1', b':', b'x', b','],
            _ => b"hello".to_vec(),
        })
        .collect()
}

/// At every byte: each bit flipped, the byte dropped or doubled, one or four others added, five lost, and bursts of two bytes to
/// `burst`.
fn all_damage(wire: &[u8], burst: usize) -> impl Iterator<Item = Damage> {
    (0..wire.len()).flat_map(move |at| {
        let flipped = (0..8).map(move |bit| (1, vec![wire[at] ^ 1 << bit]));
        let others = [
            (1, vec![]),
            (0, vec![wire[at]]),
            (0, vec![0xaa]),
            (3, vec![0, 0xff, 0x55]),
            (5, vec![]),
            (0, vec![0x55; 4]),
        ];
        let bursts = (2..=burst).filter_map(move |len| {
            let noise = wire.get(at..at + len)?.iter().zip((1_u8..).map(|number| number.wrapping_mul(0x9d)));
            Some((len, noise.map(|(byte, noise)| byte ^ noise).collect()))
        });
        flipped.chain(others).chain(bursts).map(move |(len, by)| Damage { at, len, by })
    })
}

fn survive(framing: &dyn Framing, messages: &[Vec<u8>]) -> Survivors {
    survive_each(framing, messages, 4, 1)
}

/// Does every `step`-th damage to the stream of these messages.
fn survive_each(framing: &dyn Framing, messages: &[Vec<u8>], burst: usize, step: usize) -> Survivors {
    let mut wire = Vec::new();
    for message in messages {
        let len = usize::try_from(framing.encoded_len(message).unwrap()).unwrap();
        let start = wire.len();
        wire.resize(start + len, 0);
        framing.encode_into(message, &mut wire[start..]).unwrap();
    }
    let mut total = Survivors::default();
    for damage in all_damage(&wire, burst).step_by(step) {
        let one = testing::nothing_undamaged_is_lost(framing, messages, &damage).unwrap();
        total.untouched += one.untouched;
        total.forged += one.forged;
        total.lost += one.lost;
    }
    total
}

#[test]
fn no_untouched_frame_is_lost_after_any_damage_to_summed_frames() {
    let survivors = survive(&Synced, &train());
    // The sum has 8 bits, and it is right by chance once in 256 times.
    assert!(survivors.lost * 100 < survivors.untouched, "{survivors:?}");
    assert!(survivors.untouched > 10_000, "{survivors:?}");
}

#[test]
fn no_untouched_frame_is_lost_after_any_damage_to_stuffed_frames() {
    let messages: Vec<_> = train().into_iter().filter(|message| !message.is_empty()).collect();
    assert_eq!(survive(&Stuffed::slip(), &messages).lost, 0);
    assert_eq!(survive(&Stuffed::cobs(), &messages).lost, 0);
}

#[test]
fn no_untouched_frame_is_lost_after_any_damage_to_lines() {
    let messages: Vec<_> = (0..20).map(|number| format!("$number {number}").into_bytes()).collect();
    assert_eq!(survive(&Delimited::crlf(), &messages).lost, 0);
    assert_eq!(survive(&Enclosed::new(b"$", Delimited::crlf()).unwrap(), &messages).lost, 0);
    let lost = survive(&Prefix::netstring().with_max_payload_len(99), &messages).lost;
    assert!(lost < 20, "{lost} frames");
}

#[test]
fn a_stream_that_is_joined_in_the_middle_is_read_from_its_next_frame() {
    let mut wire = Vec::new();
    for message in train() {
        Synced.encode(&message, &mut wire).unwrap();
    }
    let frames = |from: usize| {
        let mut decoder = Decoder::new(Synced).with_recovery(Recovery::Resync);
        decoder.push(&wire[from..]).unwrap();
        let mut frames = Vec::new();
        while let Some(event) = decoder.next_event().unwrap() {
            if let Event::Frame(frame) = event {
                frames.push((from as u64 + frame.offset(), frame.payload().to_vec()));
            }
        }
        frames
    };
    let all = frames(0);
    assert_eq!(all.len(), 20);
    for from in 0..wire.len() {
        let rest: Vec<_> = all.iter().filter(|(offset, _)| *offset >= from as u64).cloned().collect();
        let found = frames(from);
        assert!(found.ends_with(&rest), "from {from}");
    }
}

#[test]
fn frame_after_a_stretch_is_confirmed_by_the_next() {
    // A sync word and a length, and no check. The payload of the first frame, whose sync word is damaged, holds a frame.
    let framing = Enclosed::new(b"\xaa\x55", Prefix::u8()).unwrap();
    let wire = b"\xab\x55\x06\xaa\x55\x01xyz\xaa\x55\x02hi\xaa\x55\x02yo";
    let found = |recovery, stream: &[u8]| {
        let mut decoder = Decoder::new(framing).with_recovery(recovery);
        let mut payloads = Vec::new();
        for byte in stream.chunks(1) {
            decoder.push(byte).unwrap();
            while let Some(frame) = decoder.next_frame().unwrap() {
                payloads.push(String::from_utf8_lossy(frame.payload()).into_owned());
            }
        }
        let held = payloads.len();
        while let Ok(Some(frame)) = decoder.finish() {
            payloads.push(String::from_utf8_lossy(frame.payload()).into_owned());
        }
        (payloads.join(" "), held, decoder.skipped().bytes)
    };
    assert_eq!(found(Recovery::Resync, wire), ("x hi yo".to_owned(), 3, 5));
    assert_eq!(found(Recovery::ResyncConfirmed, wire), ("hi yo".to_owned(), 2, 9));
    // The next frame must be complete; the end of the stream confirms as well.
    assert_eq!(found(Recovery::ResyncConfirmed, &wire[..wire.len() - 1]).1, 0);
    assert_eq!(found(Recovery::ResyncConfirmed, &wire[..14]), ("hi".to_owned(), 0, 9));
    // A good frame before another damage goes with it.
    let again = [&wire[..14], b"!", &wire[14..]].concat();
    assert_eq!(found(Recovery::ResyncConfirmed, &again), ("yo".to_owned(), 0, 15));
}

#[test]
fn long_header_confirms_with_its_first_64_bytes() {
    let framing = Delimited::new(b"\r\n").unwrap().with_max_payload_len(100);
    let held = |following: usize| {
        let mut decoder = Decoder::new(framing).with_recovery(Recovery::ResyncConfirmed);
        decoder.push(&[b'x'; 101]).unwrap();
        decoder.push(b"\r\ngood\r\n").unwrap();
        decoder.push(&vec![b'y'; following]).unwrap();
        decoder.next_frame().unwrap().is_none()
    };
    assert!(held(63));
    assert!(!held(64));
    assert!(!held(65));
}

#[test]
fn silence_ends_an_unfinished_frame_as_the_policy_says() {
    let wire = [&[0xaa, 0x55, 9][..], b"\xaa\x55\x02hi", &[sum(b"\x02hi")]].concat();
    for (recovery, skipped) in [(Recovery::SkipFrame, (1, 9)), (Recovery::Resync, (1, 3))] {
        let mut decoder = Decoder::new(Synced).with_recovery(recovery);
        decoder.push(&wire).unwrap();
        assert_eq!(decoder.next_frame(), Ok(None), "the first frame may still come");
        let found = decoder.idle().unwrap().map(|frame| frame.payload().to_vec());
        assert_eq!(found.is_some(), recovery == Recovery::Resync, "{found:?}");
        assert_eq!(decoder.idle().unwrap(), None);
        assert_eq!((decoder.skipped().stretches, decoder.skipped().bytes), skipped);
        assert!(!decoder.is_skipping());
        // The stream goes on.
        decoder.push(&wire[3..]).unwrap();
        assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"hi");
        assert_eq!(decoder.finish(), Ok(None));
    }
    for recovery in [Recovery::Fail, Recovery::SkipOversize] {
        let mut decoder = Decoder::new(Synced).with_recovery(recovery);
        decoder.push(&wire).unwrap();
        let error = decoder.idle().map(drop).unwrap_err();
        assert_eq!((error.frame_offset, error.offset), (0, 9));
        assert_eq!(decoder.idle().map(drop), Err(error));
        assert_eq!(decoder.next_frame().map(drop), Err(error));
    }
    let mut line = Decoder::new(Delimited::line());
    line.push(b"one\ntwo").unwrap();
    assert_eq!(line.idle().unwrap().unwrap().payload(), b"one");
    assert_eq!(line.idle().unwrap().unwrap().payload(), b"two");
    assert_eq!(line.idle(), Ok(None));
    line.push(b"three\n").unwrap();
    assert_eq!(line.next_frame().unwrap().unwrap().payload(), b"three");
}

/// A false delimiter ends inside the next, whose rest begins another that is false.
#[test]
fn delimiters_that_overlap_shift_through_empty_frames() {
    let framing = Delimited::any_of([&b"\r\n\r\n"[..], b"\n\n"]).unwrap().with_max_payload_len(4);
    let damage = Damage { at: 1, len: 0, by: b"\r\r0".to_vec() };
    let messages = [&b""[..], b"", b"0\r\r0", b"1"];
    let survivors = testing::nothing_undamaged_is_lost(&framing, &messages, &damage).unwrap();
    assert_eq!(survivors.untouched, 1, "the last one");
}

#[cfg(feature = "protocols")]
#[path = "damage/protocols.rs"]
mod protocols;
#[cfg(feature = "protocols")]
#[path = "common/serial.rs"]
mod serial;
