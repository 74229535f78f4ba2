//! `SmallDecoder` returns the frames that `Recovery::Resync` returns, for every framing, and no framing makes it panic or loop.

#![cfg(all(feature = "testing", feature = "protocols"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::cell::Cell;

use anysplit::contract::{Envelope, Extent, FrameError, Located, NextStart, Part, Progress};
use anysplit::order::Order;
use anysplit::sum::{Crc, SumForm};
use anysplit::testing::Damage;
use anysplit::{
    After, Checked, DecodeErrorKind, Decoder, Delimited, Enclosed, EncodeError, FixedDecoder, Framing, Prefix,
    Recovery, SmallDecoder, Stuffed, Then,
};
use proptest::prelude::*;

#[path = "common/serial.rs"]
mod serial;
#[path = "common/small.rs"]
mod small;

/// Numbers that are the same in every run: Knuth's MMIX.
#[derive(Clone)]
struct Numbers(Cell<u64>);

impl Numbers {
    fn below(&self, bound: u64) -> u64 {
        self.0.set(self.0.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
        (self.0.get() >> 33) % bound
    }

    fn index(&self, bound: usize) -> usize {
        usize::try_from(self.below(bound as u64)).unwrap()
    }
}

/// Offset and message of each frame.
type Seen = Vec<(u64, Vec<u8>)>;

/// Feeds a stream in chunks of these lengths, in turn. Returns the frames, and how many bytes were skipped.
fn by_small(framing: &dyn Framing, memory: &mut [u8], stream: &[u8], cuts: &[usize]) -> (Seen, u64) {
    let mut decoder = SmallDecoder::new(framing, memory);
    let (mut seen, mut rest, mut cuts) = (Vec::new(), stream, cuts.iter().cycle());
    while !rest.is_empty() {
        let taken = decoder.push(&rest[..rest.len().min(*cuts.next().unwrap())]);
        assert!(taken > 0, "there is room for a byte");
        rest = &rest[taken..];
        while let Some(frame) = decoder.next_frame() {
            seen.push((frame.offset(), frame.message().to_vec()));
        }
    }
    (seen, decoder.skipped())
}

/// In as much memory, with all that a `FixedDecoder` has besides.
fn by_fixed(framing: &dyn Framing, room: usize, stream: &[u8]) -> Seen {
    let mut decoder = FixedDecoder::new(framing, vec![0; room]).with_recovery(Recovery::Resync);
    let (mut seen, mut rest) = (Vec::new(), stream);
    while !rest.is_empty() {
        let taken = decoder.push(rest).unwrap();
        rest = &rest[taken..];
        while let Some(frame) = decoder.next_frame().unwrap() {
            seen.push((frame.offset(), frame.message().to_vec()));
        }
    }
    seen
}

fn by_resync(framing: &dyn Framing, stream: &[u8]) -> Seen {
    let mut decoder = Decoder::new(framing).with_recovery(Recovery::Resync);
    decoder.push(stream).unwrap();
    let mut seen = Vec::new();
    while let Some(frame) = decoder.next_frame().unwrap() {
        seen.push((frame.offset(), frame.message().to_vec()));
    }
    seen
}

#[track_caller]
fn agree(name: &str, framing: &dyn Framing, memory: &mut [u8], stream: &[u8], cuts: &[usize]) -> usize {
    let expected = by_resync(framing, stream);
    for cuts in [cuts, &[1], &[usize::MAX]] {
        let (found, _) = by_small(framing, memory, stream, cuts);
        assert_eq!(found, expected, "{name} in chunks of {cuts:?}: {}", stream.escape_ascii());
    }
    expected.len()
}

#[test]
fn frames_of_every_serial_protocol_are_those_of_resync() {
    let mut memory = vec![0; 200_000];
    let numbers = Numbers(Cell::new(7));
    for serial in serial::ALL {
        let framing = serial.framing();
        for messages in [Some(serial.train()), serial::recorded(&*framing, serial.name)].into_iter().flatten() {
            let wire = serial::encoded(&*framing, &messages);
            let found = agree(serial.name, &*framing, &mut memory, &wire, &[7]);
            assert_eq!(found, messages.len(), "{}", serial.name);
            for _ in 0..100 {
                let mut stream = wire.clone();
                for _ in 0..1 + numbers.below(4) {
                    let by = (0..numbers.below(4)).map(|_| wire[numbers.index(wire.len())]).collect();
                    stream = Damage { at: numbers.index(wire.len()), len: numbers.index(6), by }.done_to(&stream);
                }
                agree(serial.name, &*framing, &mut memory, &stream, &[1 + numbers.index(30), 1 + numbers.index(9)]);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn frames_of_every_framing_are_those_of_resync(
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..60),
        cuts in prop::collection::vec(1_usize..12, 1..4),
    ) {
        let mut memory = [0; 100];
        for (name, framing, alphabet) in small::small() {
            let stream: Vec<u8> = places.iter().map(|place| *place.get(alphabet)).collect();
            agree(name, &*framing, &mut memory, &stream, &cuts);
        }
    }
}

/// Frames of short messages, with noise in them or after them.
fn with_noise(framing: &dyn Framing, parts: &[(Vec<u8>, Vec<u8>, usize)]) -> Vec<u8> {
    let mut stream = Vec::new();
    for (message, noise, at) in parts {
        let mut frame = Vec::new();
        if Framing::encode(&framing, message, &mut frame).is_ok() {
            let at = *at % (frame.len() + 1);
            frame.splice(at..at, noise.iter().copied());
        }
        stream.extend_from_slice(&frame);
    }
    stream
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn frames_in_a_small_memory_are_those_of_a_fixed_decoder(
        parts in prop::collection::vec(
            (
                prop::collection::vec(prop_oneof![Just(0), Just(b'\n'), Just(b'\r'), Just(3), any::<u8>()], 0..12),
                prop::collection::vec(prop_oneof![Just(0), Just(b'\n'), Just(1), any::<u8>()], 0..3),
                0..20_usize,
            ),
            1..8,
        ),
        cuts in prop::collection::vec(1..40_usize, 1..5),
    ) {
        const CRC: Crc = Crc::new(16, 0x1021, 0xffff, 0, false, false);
        let form = SumForm::Binary(Order::Big);
        let framings: [&dyn Framing; 16] = [
            &Prefix::u8().with_max_payload_len(12),
            &Prefix::u16_be().with_max_payload_len(12),
            &Prefix::netstring().with_max_payload_len(12),
            &Delimited::line().with_max_payload_len(12),
            &Stuffed::slip().with_max_payload_len(8),
            &Stuffed::cobs().with_max_payload_len(12).with_sum(CRC, form),
            &Checked::new(Prefix::u8().with_max_payload_len(12), CRC, form).unwrap(),
            &Enclosed::new(b"\n", Prefix::u8().with_max_payload_len(12)).unwrap(),
            &Then::new(Prefix::u8().with_max_payload_len(3), Prefix::u16_be().with_max_payload_len(12)),
            &After::new(1, Prefix::u8().with_max_payload_len(12)).unwrap(),
            // Without a limit of their own: the memory is the limit.
            &Prefix::u16_be(),
            &Prefix::netstring(),
            &Delimited::line(),
            &Stuffed::slip(),
            &Stuffed::cobs().with_sum(CRC, form),
            &Checked::new(Prefix::u8(), CRC, form).unwrap(),
        ];
        for framing in framings {
            let stream = with_noise(framing, &parts);
            let (found, skipped) = by_small(framing, &mut [0; 32], &stream, &cuts);
            prop_assert_eq!(&found, &by_fixed(framing, 32, &stream), "{}", stream.escape_ascii());
            prop_assert_eq!(by_small(framing, &mut [0; 32], &stream, &[1]), (found, skipped));
        }
    }
}

#[test]
fn frame_that_does_not_fit_is_skipped() {
    let lines = by_small(&Delimited::line(), &mut [0; 8], b"one\nmuch too long\ntwo\n", &[1]);
    assert_eq!(lines, (vec![(0, b"one".to_vec()), (18, b"two".to_vec())], 14));
    // With an announced length too.
    let prefixed = by_small(&Prefix::u16_be(), &mut [0; 8], b"\x00\x1f\x00\x02hi", &[9]);
    assert_eq!(prefixed, (vec![(2, b"hi".to_vec())], 2));
}

#[test]
fn clear_drops_an_unfinished_frame() {
    let mut decoder = SmallDecoder::new(Prefix::u8(), [0; 8]);
    decoder.push(b"\x05he");
    assert!(decoder.next_frame().is_none());
    decoder.clear();
    decoder.push(b"\x02hi");
    assert_eq!(decoder.next_frame().unwrap().payload(), b"hi");
    assert_eq!((decoder.skipped(), decoder.framing().max_payload_len()), (3, 255));
}

/// A framing that answers whatever the numbers say.
struct Liar(Numbers);

impl Liar {
    /// Small numbers, and now and then the greatest.
    fn len(&self) -> u64 {
        match self.0.below(12) {
            0 => u64::MAX,
            1 => isize::MAX as u64,
            len => len - 2,
        }
    }

    fn index(&self) -> usize {
        usize::try_from(self.len()).unwrap_or(usize::MAX)
    }

    fn extent(&self) -> Extent {
        let lens = (self.0.below(4), self.0.below(4));
        let extent = Extent::new(u16::try_from(lens.0).unwrap(), self.len(), u16::try_from(lens.1).unwrap());
        let extent = if self.0.below(2) == 0 { extent.checked() } else { extent };
        let extent = if self.0.below(2) == 0 { extent.rewritten() } else { extent };
        if self.0.below(4) == 0 { extent.with_message_header(u16::try_from(lens.0).unwrap()) } else { extent }
    }

    fn error(&self) -> FrameError {
        FrameError::new(self.index(), DecodeErrorKind::NoLength)
    }
}

impl Framing for Liar {
    fn locate(&self, _: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        progress.scanned = self.index();
        progress.consumed = self.len();
        progress.next = u32::try_from(self.0.below(3)).unwrap();
        Ok(match self.0.below(6) {
            0 => Located::Known(self.extent()),
            1 => Located::Filler(self.index()),
            2 => Located::Wait(self.len()),
            3 => Located::Header(self.len()),
            4 => Located::Search { so_far: self.extent(), least: self.len() },
            _ => return Err(self.error()),
        })
    }

    fn check(&self, part: Part<'_>, _: &mut u64) -> Result<(), FrameError> {
        let _ = (part.payload(), part.trailer(), part.trailer_start());
        if self.0.below(2) == 0 { Ok(()) } else { Err(self.error()) }
    }

    fn open(&self, _: &[u8], _: &mut [u8], _: u64, _: &mut u64) -> usize {
        self.index()
    }

    fn next_start(&self, _: &[u8], _: usize) -> NextStart {
        if self.0.below(2) == 0 { NextStart::At(self.index()) } else { NextStart::NotBefore(self.index()) }
    }

    fn envelope(&self, _: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        Err(EncodeError::Empty)
    }
}

/// Feeds 64 bytes, and expects no more frames than bytes.
#[track_caller]
fn survives(framing: &dyn Framing, room: usize) -> u64 {
    let mut memory = vec![0; room];
    let mut decoder = SmallDecoder::new(framing, &mut memory[..]);
    let (mut rest, mut frames, stream) = (&[b'a'; 64][..], 0_usize, 64);
    while !rest.is_empty() {
        let taken = decoder.push(rest);
        assert!(taken > 0, "there is room for a byte, in {room}");
        rest = &rest[taken..];
        while let Some(frame) = decoder.next_frame() {
            frames += 1;
            assert!(frames <= stream, "more frames than bytes, in {room}");
            assert!(frame.payload().len() <= room && frame.offset() <= stream as u64);
            let _ = (frame.header(), frame.trailer(), frame.message().to_vec(), frame.wire());
        }
    }
    decoder.clear();
    decoder.skipped()
}

#[test]
fn no_framing_makes_it_panic_or_loop() {
    for seed in 0..4000 {
        for room in 0..9 {
            survives(&Liar(Numbers(Cell::new(seed))), room);
        }
    }
}

/// Gives the same answers always.
struct Same(Located, NextStart);

impl Framing for Same {
    fn locate(&self, _: &[u8], _: &mut Progress) -> Result<Located, FrameError> {
        Ok(self.0)
    }

    fn check(&self, _: Part<'_>, _: &mut u64) -> Result<(), FrameError> {
        Err(FrameError::new(0, DecodeErrorKind::NoLength))
    }

    fn next_start(&self, _: &[u8], _: usize) -> NextStart {
        self.1
    }

    fn envelope(&self, _: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        Err(EncodeError::Empty)
    }
}

#[test]
fn one_answer_for_ever_ends() {
    let extent = |payload| Extent::new(0, payload, 0);
    let located = [
        Located::Filler(0),
        Located::Filler(1),
        Located::Filler(usize::MAX),
        Located::Known(extent(0)),
        Located::Known(extent(1)),
        Located::Known(extent(1).checked()),
        Located::Known(extent(u64::MAX)),
        Located::Known(Extent::new(u16::MAX, 0, u16::MAX)),
        Located::Wait(0),
        Located::Header(u64::MAX),
        Located::Search { so_far: extent(u64::MAX), least: 0 },
    ];
    let starts = [0, 1, 2, 9, usize::MAX].map(|at| [NextStart::At(at), NextStart::NotBefore(at)]);
    for located in located {
        for start in starts.as_flattened() {
            for room in 0..4 {
                survives(&Same(located, *start), room);
            }
        }
    }
}

#[test]
fn memory_without_room_skips_every_byte() {
    for framing in [Same(Located::Header(1), NextStart::At(0)), Same(Located::Filler(1), NextStart::At(0))] {
        assert_eq!(survives(&framing, 0), 64);
    }
    // Room for a byte, and frames of one.
    let mut decoder = SmallDecoder::new(anysplit::Delimited::line(), [0; 1]);
    let mut frames = 0;
    for byte in b"\na\n\nbb\n" {
        assert_eq!(decoder.push(&[*byte]), 1);
        while let Some(frame) = decoder.next_frame() {
            assert!(frame.payload().is_empty());
            frames += 1;
        }
    }
    assert_eq!((frames, decoder.skipped()), (2, 5));
}
