//! Calls in any order, over chunks of many frames, return what single steps over the complete stream return.

#![cfg(all(feature = "spec", feature = "protocols"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use anysplit::decode::{Deframer, Step};
use anysplit::{AnyFraming, DecodeError, Decoder, Encoder, EofError, Event, FixedDecoder, Frame, Recovery};

const FRAMINGS: [&str; 26] = [
    "u32be,max=300",
    "u16le,max=300",
    "varint,max=300",
    "netstring,max=300",
    "u8,trailer=;",
    "line,max=300",
    "line,crlf,max=300",
    "line,keep",
    "delim:>>|;",
    "slip,max=300",
    "cobs,max=300",
    "cobs,empty,sum=CRC-16/MODBUS,max=300",
    "@hdlc",
    "anyline,max=300",
    "line then u16be,max=300",
    "line then slip,max=300",
    "line then anyline,max=300",
    "first:a-m=(line),\\0-`=(u8),n-\\xff=(fixed:3)",
    "header:l,max=300",
    "block:braces,max=300",
    "(u8,max=200),sum=CRC-8/SMBUS",
    "@ubx",
    "@mavlink",
    "@nmea",
    "@midi",
    "@http2",
];

/// More than any frame of these framings.
const LARGE: usize = 32 << 20;

/// A linear congruential generator (Knuth, MMIX).
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }
}

/// Offset and payload of each frame; bytes that were skipped; how the stream ended.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    frames: Vec<(u64, Vec<u8>)>,
    skipped: (u64, u64),
    end: Option<EofError>,
}

impl Seen {
    fn frame(&mut self, frame: &Frame<'_>) {
        self.frames.push((frame.offset(), frame.payload().to_vec()));
    }

    fn event(&mut self, event: &Event<'_>) {
        if let Event::Frame(frame) = event {
            self.frame(frame);
        }
    }
}

/// The stream by steps alone.
fn by_steps(framing: &AnyFraming, recovery: Recovery, stream: &[u8]) -> Seen {
    let mut deframer = Deframer::new(framing).with_recovery(recovery);
    let (mut window, mut ended, mut seen) = (stream.to_vec(), false, Seen::default());
    loop {
        let step = match ended {
            false => deframer.step(&window).map(Some).map_err(EofError::from),
            true => deframer.finish(&window),
        };
        match step {
            Ok(Some(Step::Frame(extent))) => {
                let len = extent.fits(window.len()).unwrap();
                let offset = deframer.position() - len as u64;
                seen.frame(&Frame::open(framing, &mut window, extent, offset).unwrap());
                window.drain(..len);
            }
            Ok(Some(Step::Discard { at, len })) => drop(window.drain(at..at + len)),
            Ok(Some(Step::Skipped { len, .. })) => drop(window.drain(..len)),
            Ok(Some(Step::Need(_))) => ended = true,
            Ok(None) => break,
            Err(error) => {
                seen.end = Some(error);
                break;
            }
        }
    }
    seen.skipped = (deframer.skipped().stretches, deframer.skipped().bytes);
    seen
}

/// One chunk, by a call of any kind. Some calls leave frames to the next one.
fn feed(
    decoder: &mut Decoder<&AnyFraming>,
    chunk: &[u8],
    random: &mut Random,
    seen: &mut Seen,
) -> Result<(), DecodeError> {
    let most = if random.one_in(3) { random.below(4) } else { usize::MAX };
    if random.one_in(4) {
        decoder.need();
    }
    match random.below(8) {
        kind @ 0..=3 => {
            decoder.push(chunk).unwrap();
            for _ in 0..most {
                let more = match kind {
                    0 => decoder.next_frame()?.map(|frame| seen.frame(&frame)),
                    1 => decoder.next_event()?.map(|event| seen.event(&event)),
                    2 => {
                        decoder.next_bytes()?.map(|frame| seen.frames.push((frame.offset(), frame.payload().to_vec())))
                    }
                    _ => decoder.next_batch()?.map(|batch| batch.iter().for_each(|frame| seen.frame(&frame))),
                };
                if more.is_none() {
                    break;
                }
            }
        }
        4 => decoder.frames_in(chunk).unwrap().for_each(|frame| seen.frame(&frame))?,
        5 => {
            let (mut left, frames) = (most, decoder.frames_in(chunk).unwrap());
            let stopped = frames.try_for_each(|frame| {
                seen.frame(&frame);
                left = left.saturating_sub(1);
                if left == 0 { Err(None) } else { Ok(()) }
            });
            if let Err(Some(error)) = stopped.map_err(|error: Option<DecodeError>| error) {
                return Err(error);
            }
        }
        6 => {
            let mut frames = decoder.frames_in(chunk).unwrap();
            for _ in 0..most {
                let Some(frame) = frames.next_frame()? else { break };
                seen.frame(&frame);
            }
        }
        _ => {
            let mut frames = decoder.frames_in(chunk).unwrap();
            for _ in 0..most {
                let Some(event) = frames.next_event()? else { break };
                seen.event(&event);
            }
        }
    }
    Ok(())
}

/// The end of the stream, by calls of any kind after the first.
fn end(decoder: &mut Decoder<&AnyFraming>, random: &mut Random, seen: &mut Seen) -> Result<(), EofError> {
    while let Some(frame) = decoder.finish()? {
        seen.frame(&frame);
        // An error comes again with the next `finish`.
        match random.below(4) {
            0 => drop(decoder.next_frame().map(|frame| frame.map(|frame| seen.frame(&frame)))),
            1 => drop(decoder.next_event().map(|event| event.map(|event| seen.event(&event)))),
            2 => drop(
                decoder.next_batch().map(|batch| batch.map(|batch| batch.iter().for_each(|frame| seen.frame(&frame)))),
            ),
            _ => {
                if let Some(frame) = decoder.finish_bytes()? {
                    seen.frame(&frame.frame());
                }
            }
        }
    }
    Ok(())
}

fn by_calls(framing: &AnyFraming, recovery: Recovery, stream: &[u8], random: &mut Random) -> Seen {
    let mut decoder = Decoder::new(framing).with_recovery(recovery);
    let (mut rest, mut seen) = (stream, Seen::default());
    let result = loop {
        if rest.is_empty() {
            break Ok(());
        }
        let most = [3, 60, 130, 1000][random.below(4)];
        let (chunk, after) = rest.split_at((1 + random.below(most)).min(rest.len()));
        rest = after;
        if let Err(error) = feed(&mut decoder, chunk, random, &mut seen) {
            break Err(error.into());
        }
    };
    seen.end = result.and_then(|()| end(&mut decoder, random, &mut seen)).err();
    seen.skipped = (decoder.skipped().stretches, decoder.skipped().bytes);
    seen
}

/// By calls of any kind of a decoder in `memory` bytes, or by calls of one kind if `random` is `None`.
fn in_memory(
    framing: &AnyFraming,
    recovery: Recovery,
    stream: &[u8],
    memory: usize,
    mut random: Option<&mut Random>,
) -> Seen {
    let mut decoder = FixedDecoder::new(framing, vec![0; memory]).with_recovery(recovery);
    let (mut rest, mut seen) = (stream, Seen::default());
    let mut choose = |most| random.as_mut().map_or(0, |random| random.below(most));
    let result = 'all: loop {
        if rest.is_empty() {
            break Ok(());
        }
        let len = match choose(4) {
            0 => rest.len(),
            1 => 1,
            _ => 1 + choose(70),
        };
        let chunk = &rest[..len.min(rest.len())];
        if choose(4) == 3 {
            decoder.need();
        }
        let taken = match choose(2) {
            0 => decoder.push(chunk).unwrap(),
            _ => {
                let room = decoder.spare(chunk.len()).unwrap();
                let len = room.len();
                room.copy_from_slice(&chunk[..len]);
                decoder.commit(len);
                len
            }
        };
        rest = &rest[taken..];
        // Some calls leave frames to the next one, if there is room for it.
        let most = if taken > 0 && choose(3) == 2 { choose(4) } else { usize::MAX };
        for _ in 0..most {
            let more = match choose(2) {
                0 => decoder.next_frame().map(|frame| frame.map(|frame| seen.frame(&frame))),
                _ => decoder.next_event().map(|event| event.map(|event| seen.event(&event))),
            };
            match more {
                Ok(Some(())) => {}
                Ok(None) => break,
                Err(error) => break 'all Err(error.into()),
            }
        }
    };
    let mut last = || loop {
        let more = match choose(2) {
            0 => decoder.finish()?.map(|frame| seen.frame(&frame)),
            _ => decoder.finish_event()?.map(|event| seen.event(&event)),
        };
        if more.is_none() {
            return Ok(());
        }
    };
    seen.end = result.and_then(|()| last()).err();
    seen.skipped = (decoder.skipped().stretches, decoder.skipped().bytes);
    seen
}

/// Frames of mixed lengths, now and then with damage. Those of a protocol are what a client of it has sent.
fn stream(spec: &str, framing: &AnyFraming, random: &mut Random) -> Vec<u8> {
    let mut wire = match spec.strip_prefix('@') {
        Some(name) => {
            let path = format!("{}/data/protocols/{name}/client.bin", env!("CARGO_MANIFEST_DIR"));
            let mut wire = std::fs::read(path).unwrap();
            wire.truncate(random.below(3000));
            wire
        }
        // The encoder ends lines with LF.
        None if spec.ends_with("anyline,max=300") => {
            let lines = encoded(framing, random);
            lines.split(|&byte| byte == b'\n').collect::<Vec<_>>().join(&b"\r\n"[..])
        }
        None => encoded(framing, random),
    };
    if random.one_in(2) {
        for _ in 0..=random.below(4) {
            let at = random.below(wire.len() + 1);
            match random.below(3) {
                0 if at < wire.len() => wire[at] ^= 1 << random.below(8),
                1 if at < wire.len() => drop(wire.remove(at)),
                _ => wire.insert(at, b"\n\0\r;\xc0\x7e"[random.below(6)]),
            }
        }
    }
    wire
}

fn encoded(framing: &AnyFraming, random: &mut Random) -> Vec<u8> {
    let mut encoder = Encoder::new(framing);
    for _ in 0..random.below(20) {
        let alphabet: &[u8] =
            [&b"abc"[..], b"\xc0\xdb\x7e\x7d\0", b"x {3}\r\n>>;:,01\xb5\x62\xfd\xfe$"][random.below(3)];
        let len = [4, 40, 200][random.below(3)];
        let message: Vec<u8> = (0..random.below(len)).map(|_| alphabet[random.below(alphabet.len())]).collect();
        // Some framings refuse it: the delimiter is inside, or is missing.
        let _ = encoder.push(&message).or_else(|_| encoder.push(&[&message[..], b"\n"].concat()));
    }
    let mut wire = Vec::new();
    while let [_, ..] = bytes::Buf::chunk(&encoder) {
        let len = bytes::Buf::chunk(&encoder).len();
        wire.extend_from_slice(bytes::Buf::chunk(&encoder));
        bytes::Buf::advance(&mut encoder, len);
    }
    wire
}

/// `ANYSPLIT_CALLS=1000000 cargo test --release --all-features --test mixed_calls` for more cases.
#[test]
fn calls_in_any_order_return_the_frames_of_single_steps() {
    let cases = std::env::var("ANYSPLIT_CALLS").ok().and_then(|cases| cases.parse().ok()).unwrap_or(3000);
    let framings: Vec<AnyFraming> = FRAMINGS.iter().map(|spec| spec.parse().unwrap()).collect();
    for case in 0..cases {
        let mut random = Random(case);
        let at = random.below(framings.len());
        let recovery =
            [Recovery::Fail, Recovery::SkipOversize, Recovery::SkipFrame, Recovery::Resync, Recovery::ResyncConfirmed]
                [random.below(5)];
        let stream = stream(FRAMINGS[at], &framings[at], &mut random);
        let expected = by_steps(&framings[at], recovery, &stream);
        let found = by_calls(&framings[at], recovery, &stream, &mut random);
        let name = format!("case {case}: {} with {recovery:?}: {}", FRAMINGS[at], stream.escape_ascii());
        assert_eq!(found, expected, "{name}");

        let found = in_memory(&framings[at], recovery, &stream, LARGE, Some(&mut random));
        assert_eq!(found, expected, "{name}, in memory");
        // In less memory, some frames are over the limit.
        let memory = 1 + random.below(64);
        let expected = in_memory(&framings[at], recovery, &stream, memory, None);
        let found = in_memory(&framings[at], recovery, &stream, memory, Some(&mut random));
        assert_eq!(found, expected, "{name}, in {memory} bytes");
    }
}
