//! `cargo bench -p anysplit-benches --bench ratios`: the table of docs/performance.md, from one run.
//!
//! The contenders of a row take turns, round after round, each time at another place in memory, all rows ten times
//! over, and the least time of each counts: other load makes a run slower, never faster. `-- --test` runs everything
//! once, `-- tcp` and any other word only the sections whose name contains it.

#![allow(
    clippy::type_complexity,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "a bench may panic, and its numbers are small"
)]

use std::hint::black_box;
use std::time::Instant;

use anysplit::number::{Binary, Number};
use anysplit::{AnyFraming, Body, ByType, Decoder, Delimited, Encoder, Framing, LengthField, Mavlink, Prefix, Stuffed};
use bytes::{Buf, Bytes, BytesMut};

use crate::common::tcp::{Passed, by_hand, ours_std, ours_tokio, tokio_util};
use crate::common::{Input, Moved, Sizes, Sum, ours, payloads, peers};
use crate::table::{Bench, Goal};

mod common;
#[path = "ratios/table.rs"]
mod table;

/// Bytes of wire in each run: more than the first-level cache, less than the second.
const ABOUT: usize = 256 * 1024;

type Run<'a> = Box<dyn FnMut(&[u8]) -> Sum + 'a>;

/// How often everything is measured. Other load comes and goes by the second, so the least time of each contender
/// is taken from the complete run, and not from one stretch of it.
const PASSES: usize = 10;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let test = arguments.iter().any(|argument| argument == "--test");
    let only = arguments.into_iter().find(|argument| !argument.starts_with('-'));
    let (passes, rounds) = if test { (1, 1) } else { (PASSES, 40) };
    let mut bench = Bench::new(rounds, only);
    for _ in 0..passes {
        prefixes(&mut bench);
        others(&mut bench);
        owned(&mut bench);
        lines(&mut bench);
        stuffed(&mut bench);
        packets(&mut bench);
        large(&mut bench, test);
        run_time(&mut bench);
        trickle(&mut bench);
        encode(&mut bench);
        idle(&mut bench);
        tcp(&mut bench, test);
    }
    bench.print();
}

const CHUNKS: [(&str, usize); 2] = [("8 KiB", 8192), ("64 KiB", 65_536)];

const SMALL: [Sizes; 3] = [Sizes::Equal(16), Sizes::Equal(64), Sizes::Mixed(127)];

fn prefixes(bench: &mut Bench) {
    if !bench
        .section("prefix", "Length prefix of 32 bits, frames borrowed from the chunk by `for_each`; time per frame.")
    {
        return;
    }
    let framing = Prefix::u32_be();
    for sizes in SMALL {
        let input = Input::new(&framing, sizes, ABOUT);
        for (name, chunk) in CHUNKS {
            bench.frames(
                &format!("{sizes} B in {name}"),
                &input,
                Box::new(move |wire| ours::borrowed(&framing, wire, chunk)),
                vec![
                    ("slice loop over one piece", Goal::AtMost(1.1), Box::new(peers::bare)),
                    ("slice loop with a carry", Goal::AtMost(1.1), Box::new(move |w| peers::bare_chunks(w, chunk))),
                    ("tokio-util", Goal::TimesFaster(15.0), Box::new(move |wire| peers::tokio_length(wire, chunk))),
                ],
            );
            bench.frames(
                &format!("{sizes} B in {name}, `frames_in`, `next_frame`"),
                &input,
                Box::new(move |wire| ours::one_by_one(&framing, wire, chunk)),
                vec![("slice loop over one piece", Goal::AtMost(1.1), Box::new(peers::bare))],
            );
        }
    }
}

/// The time of a slice loop over frames of these payloads, for rows whose wire it could not read.
fn bare(sizes: Sizes) -> (Input, Run<'static>) {
    (Input::new(&Prefix::u32_be(), sizes, ABOUT), Box::new(peers::bare))
}

fn others(bench: &mut Bench) {
    if !bench.section("others", "Every other length-prefixed framing, borrowed in 8 KiB by `for_each`; time per frame.")
    {
        return;
    }
    let sizes = Sizes::Equal(64);
    let (plain, mut slice_loop) = bare(sizes);
    let mut one = |bench: &mut Bench, name: &str, input: &Input, expected: Sum, own: &dyn Fn(&[u8]) -> Sum| {
        let mut here = f64::MAX;
        let mut there = f64::MAX;
        // Their wires differ, so they take turns in this loop.
        let mut moved = (Moved::new(input.wire()), Moved::new(plain.wire()));
        for round in 0..bench.rounds {
            let wire = moved.0.to(round);
            let start = Instant::now();
            assert_eq!(own(black_box(wire)), expected);
            here = here.min(start.elapsed().as_secs_f64() * 1e9 / expected.frames as f64);
            let wire = moved.1.to(round);
            let start = Instant::now();
            assert_eq!(slice_loop(black_box(wire)), plain.expected);
            there = there.min(start.elapsed().as_secs_f64() * 1e9 / plain.expected.frames as f64);
        }
        bench.row(name, here, "ns", "slice loop, 32 bits", there, Goal::AtMost(2.5));
    };
    macro_rules! each {
        ($($name:literal: $framing:expr;)*) => {$({
            let framing = $framing;
            let input = Input::new(&framing, sizes, ABOUT);
            one(bench, $name, &input, input.expected, &|wire| ours::borrowed(&framing, wire, 8192));
        })*};
    }
    each! {
        "five decimal digits": Prefix::ascii5();
        "four hexadecimal digits": Prefix::hex4();
        "varint": Prefix::leb128();
        "16 bits, little-endian": Prefix::u16_le();
        "64 bits": Prefix::u64_be();
    }
    let all = payloads(sizes, ABOUT);
    let mut bodies = Sum::default();
    all.iter().for_each(|payload| bodies.add(payload));
    let by_type = ByType::new([(b'P', Body::Len(8)), (b'Q', Body::Framed(Prefix::u16_be()))]).unwrap();
    let input = Input::of(&by_type, all.iter().map(|payload| [b"Q", &payload[..]].concat()).collect());
    one(bench, "by type", &input, bodies, &|wire| ours::borrowed(&by_type, wire, 8192));
    let field = LengthField::new(2, Binary::u16_be()).unwrap();
    let packets = all.iter().map(|payload| {
        let mut packet = [&[0, 1, 0, 0], &payload[..]].concat();
        field.fill(&mut packet).unwrap();
        packet
    });
    let input = Input::of(&field, packets.collect());
    one(bench, "field at an offset", &input, bodies, &|wire| ours::borrowed(&field, wire, 8192));
}

fn owned(bench: &mut Bench) {
    if !bench.section("owned", "Length prefix of 32 bits, pushed and owned; time per frame.") {
        return;
    }
    let framing = Prefix::u32_be();
    for sizes in SMALL {
        let input = Input::new(&framing, sizes, ABOUT);
        for (name, chunk) in CHUNKS {
            let tokio = move |wire: &[u8]| peers::tokio_length(wire, chunk);
            bench.frames(
                &format!("{sizes} B in {name}, a batch"),
                &input,
                Box::new(move |wire| ours::batch(&framing, wire, chunk)),
                vec![
                    ("slice loop", Goal::AtMost(2.3), Box::new(peers::bare)),
                    ("tokio-util", Goal::TimesFaster(8.0), Box::new(tokio)),
                ],
            );
            bench.frames(
                &format!("{sizes} B in {name}, each a `Bytes` of a batch"),
                &input,
                Box::new(move |wire| ours::payloads(&framing, wire, chunk)),
                vec![("slice loop", Goal::AtMost(4.5), Box::new(peers::bare))],
            );
            bench.frames(
                &format!("{sizes} B in {name}, `next_bytes`"),
                &input,
                Box::new(move |wire| ours::bytes(&framing, wire, chunk)),
                vec![("slice loop", Goal::AtMost(4.5), Box::new(peers::bare))],
            );
        }
    }
}

fn lines(bench: &mut Bench) {
    if !bench.section(
        "delimiters",
        "Borrowed by `for_each`, against a search over the same bytes in one piece; time per frame.",
    ) {
        return;
    }
    let line = Delimited::line();
    for (sizes, most) in [
        (Sizes::Equal(16), 0.5),
        (Sizes::Equal(64), 0.5),
        (Sizes::Mixed(127), 0.5),
        (Sizes::Equal(256), 1.0),
        (Sizes::Equal(1024), 1.2),
    ] {
        let input = Input::new(&line, sizes, ABOUT);
        for (chunks, chunk) in CHUNKS {
            let mut others: Vec<(&str, Goal, Run<'_>)> =
                vec![("`memchr_iter`", Goal::AtMost(most), Box::new(peers::memchr_lines))];
            if most == 0.5 {
                let tokio = Box::new(move |wire: &[u8]| peers::tokio_lines(wire, chunk));
                others.push(("tokio-util", Goal::TimesFaster(12.0), tokio));
            }
            let own = Box::new(move |wire: &[u8]| ours::borrowed(&line, wire, chunk));
            bench.frames(&format!("lines of {sizes} B in {chunks}"), &input, own, others);
        }
        bench.frames(
            &format!("lines of {sizes} B in 8 KiB, `frames_in`, `next_frame`"),
            &input,
            Box::new(|wire| ours::one_by_one(&line, wire, 8192)),
            vec![("`memchr_iter`", Goal::AtMost(most), Box::new(peers::memchr_lines))],
        );
    }
    for sizes in [Sizes::Equal(16), Sizes::Equal(64), Sizes::Equal(1024)] {
        let three = Delimited::any_of([b"\n", b"\0", b";"]).unwrap();
        let input = Input::new(&three, sizes, ABOUT);
        for (chunks, chunk) in CHUNKS {
            bench.frames(
                &format!("three delimiters, {sizes} B in {chunks}"),
                &input,
                Box::new(|wire| ours::borrowed(&three, wire, chunk)),
                vec![("`memchr3_iter`", Goal::AtMost(1.0), Box::new(|wire| peers::memchr3(wire, *b"\n\0;")))],
            );
        }
        for (name, delimiter) in [("CRLF", &b"\r\n"[..]), ("16 bytes", b"\r\n--boundary--\r\n")] {
            let framing = Delimited::new(delimiter).unwrap();
            let input = Input::new(&framing, sizes, ABOUT);
            for (chunks, chunk) in CHUNKS {
                bench.frames(
                    &format!("{name}, {sizes} B in {chunks}"),
                    &input,
                    Box::new(|wire| ours::borrowed(&framing, wire, chunk)),
                    vec![("`memmem`", Goal::AtMost(1.0), Box::new(move |wire| peers::memmem(wire, delimiter)))],
                );
            }
        }
    }
}

fn stuffed(bench: &mut Bench) {
    if !bench.section(
        "stuffed",
        "SLIP and COBS in 8 KiB by `for_each`, against the cobs crate and a handwritten loop; time per frame.",
    ) {
        return;
    }
    let (slip, cobs) = (Stuffed::slip(), Stuffed::cobs());
    for sizes in SMALL {
        let input = Input::new(&cobs, sizes, ABOUT);
        bench.frames(
            &format!("COBS, {sizes} B"),
            &input,
            Box::new(move |wire| ours::borrowed(&cobs, wire, 8192)),
            vec![
                ("cobs", Goal::TimesFaster(1.0), Box::new(|wire| peers::cobs(wire, 8192))),
                ("corncobs", Goal::TimesFaster(1.0), Box::new(|wire| peers::corncobs(wire, 8192))),
                ("corncobs, all in memory", Goal::AtMost(4.0), Box::new(peers::corncobs_complete)),
            ],
        );
        let input = Input::new(&slip, sizes, ABOUT);
        bench.frames(
            &format!("SLIP, {sizes} B"),
            &input,
            Box::new(move |wire| ours::borrowed(&slip, wire, 8192)),
            vec![
                ("slip-codec", Goal::TimesFaster(1.0), Box::new(|wire| peers::slip_codec(wire, 8192))),
                ("loop by hand", Goal::AtMost(4.0), Box::new(peers::slip)),
            ],
        );
    }
    let input = Input::new(&cobs, Sizes::Equal(64), ABOUT);
    let mut runs: [Run<'_>; 2] = [
        Box::new(|_| encoded(&input, |payload, out| cobs.encode_into(payload, out).unwrap())),
        Box::new(|_| encoded(&input, peers::cobs_encode)),
    ];
    let times = bench.least(input.wire(), input.expected, input.expected.frames, &mut runs);
    bench.row("COBS, 64 B encoded", times[0], "ns", "cobs", times[1], Goal::TimesFaster(1.0));
}

fn packets(bench: &mut Bench) {
    let text = "MAVLink and UBX in 8 KiB by `for_each` of a decoder that resynchronises, against the crates' readers; time per frame.";
    if !bench.section("packets", text) {
        return;
    }
    for sizes in SMALL {
        let input = Input::mavlink(sizes, ABOUT);
        let framing = Mavlink::common();
        bench.frames(
            &format!("MAVLink, {sizes} B"),
            &input,
            Box::new(move |wire| ours::resynchronised(&framing, wire, 8192)),
            vec![("mavlink", Goal::TimesFaster(1.0), Box::new(|wire| peers::mavlink(wire, 8192)))],
        );
        let input = Input::ubx(sizes, ABOUT);
        let framing = common::ubx();
        bench.frames(
            &format!("UBX, {sizes} B"),
            &input,
            Box::new(move |wire| ours::resynchronised(&framing, wire, 8192)),
            vec![("ublox", Goal::TimesFaster(1.0), Box::new(|wire| peers::ublox(wire, 8192)))],
        );
    }
}

/// Every payload encoded into the same room.
fn encoded(input: &Input, encode: impl Fn(&[u8], &mut [u8]) -> usize) -> Sum {
    let mut room = [0; 8192];
    let mut sum = Sum::default();
    for payload in &input.payloads {
        let len = encode(black_box(payload), &mut room);
        black_box(&room[..len]);
        sum.add(payload);
    }
    sum
}

fn large(bench: &mut Bench, test: bool) {
    if !bench.section(
        "large",
        "Long payloads, a MiB in all; the other is one `memcpy` of all bytes into a buffer that was used before.",
    ) {
        return;
    }
    let framing = Prefix::u32_be();
    let rounds = std::mem::replace(&mut bench.rounds, if test { 1 } else { 8 });
    for len in [65_536, 1 << 20] {
        let input = Input::new(&framing, Sizes::Equal(len), 4 << 20);
        for (name, chunk) in CHUNKS {
            let mut buffer = Vec::with_capacity(len + 65_536);
            let copy = |wire: &[u8]| {
                for frame in wire.chunks(4 + len) {
                    buffer.clear();
                    frame.chunks(chunk).for_each(|chunk| buffer.extend_from_slice(chunk));
                    black_box(&buffer);
                }
                input.expected
            };
            let mut runs: Vec<Run<'_>> = vec![
                Box::new(|wire| ours::pushed(&framing, wire, chunk)),
                Box::new(|wire| ours::borrowed(&framing, wire, chunk)),
                Box::new(copy),
            ];
            let times = bench.least(input.wire(), input.expected, input.wire().len() as u64 >> 10, &mut runs);
            let [pushed, borrowed, copy] = times[..] else { unreachable!() };
            bench.row(
                &format!("{} KiB pushed in {name}", len >> 10),
                pushed,
                "ns/KiB",
                "`memcpy`",
                copy,
                Goal::AtMost(1.1),
            );
            let work = format!("{} KiB in {name}, all spanning two chunks", len >> 10);
            bench.row(&work, borrowed, "ns/KiB", "`memcpy`", copy, Goal::AtMost(1.1));
        }
        let mut runs: Vec<Run<'_>> =
            vec![Box::new(|wire| ours::borrowed(&framing, wire, wire.len())), Box::new(peers::bare)];
        let times = bench.least(input.wire(), input.expected, input.expected.frames, &mut runs);
        let work = format!("{} KiB, borrowed whole: no copy", len >> 10);
        // The time is for a frame, and not for a KiB: a copy would take ten thousand times as long.
        bench.row(&work, times[0], "ns a frame", "slice loop", times[1], Goal::AtMost(100.0));
    }
    bench.rounds = rounds;
}

fn run_time(bench: &mut Bench) {
    if !bench.section(
        "run time",
        "A framing chosen at run time against the same framing named in the type, borrowed in 8 KiB; time per frame.",
    ) {
        return;
    }
    for sizes in SMALL {
        macro_rules! each {
            ($($spec:literal: $framing:expr;)*) => {$({
                let (named, any) = ($framing, $spec.parse::<AnyFraming>().unwrap());
                let input = Input::new(&named, sizes, ABOUT);
                bench.frames(
                    &format!("`{}`, {sizes} B", $spec),
                    &input,
                    Box::new(|wire| ours::borrowed(&any, wire, 8192)),
                    vec![("named", Goal::AtMost(1.3), Box::new(|wire| ours::borrowed(&named, wire, 8192)))],
                );
            })*};
        }
        each! {
            "u32be": Prefix::u32_be();
            "ascii:5": Prefix::ascii5();
            "varint": Prefix::leb128();
            "line": Delimited::line();
        }
    }
}

fn trickle(bench: &mut Bench) {
    if !bench.section("trickle", "Each byte is pushed alone, and `next_frame` is called after it; time per byte.") {
        return;
    }
    let framing = Prefix::u32_be();
    for len in [64, 4096] {
        let input = Input::new(&framing, Sizes::Equal(len), 64 * 1024);
        #[inline(never)]
        fn push(frame: &mut Vec<u8>, byte: u8) {
            frame.push(byte);
        }
        #[inline(never)]
        fn whole(frame: &[u8]) -> bool {
            frame.first_chunk().is_some_and(|&header| frame.len() == 4 + u32::from_be_bytes(header) as usize)
        }
        let by_hand = |wire: &[u8]| {
            let (mut frame, mut sum) = (Vec::new(), Sum::default());
            for &byte in wire {
                push(&mut frame, byte);
                if whole(&frame) {
                    sum.add(&frame[4..]);
                    frame = Vec::new();
                }
            }
            sum
        };
        let mut runs: Vec<Run<'_>> = vec![
            Box::new(|wire| ours::pushed(&framing, wire, 1)),
            Box::new(by_hand),
            Box::new(|wire| peers::tokio_length(wire, 1)),
        ];
        let times = bench.least(input.wire(), input.expected, input.wire().len() as u64, &mut runs);
        let work = format!("{len} B");
        bench.row(&work, times[0], "ns", "`Vec::push` and a call each", times[1], Goal::AtMost(1.3));
        bench.row(&work, times[0], "ns", "tokio-util", times[2], Goal::TimesFaster(1.0));
    }
}

fn encode(bench: &mut Bench) {
    if !bench.section("encode", "A 32-bit length and the payload into a buffer that is large enough; time per frame.") {
        return;
    }
    let framing = Prefix::u32_be();
    let any: AnyFraming = "u32be".parse().unwrap();
    let all = payloads(Sizes::Equal(64), ABOUT);
    let shared: Vec<Bytes> = all.iter().map(|payload| Bytes::from(payload.clone())).collect();
    let expected = Input::new(&framing, Sizes::Equal(64), ABOUT);
    let sum = expected.expected;
    let whole = expected.wire().len();
    let (mut a, mut b, mut c) = (Vec::with_capacity(whole), Vec::with_capacity(whole), Vec::with_capacity(whole));
    let mut d = BytesMut::with_capacity(whole);
    let mut runs: Vec<Run<'_>> = vec![
        Box::new(|_| {
            a.clear();
            ours::encode(&framing, black_box(&all), &mut a);
            assert_eq!(a.len(), whole);
            sum
        }),
        Box::new(|_| {
            b.clear();
            ours::encode(&any, black_box(&all), &mut b);
            assert_eq!(b.len(), whole);
            sum
        }),
        Box::new(|_| {
            c.clear();
            for payload in black_box(&all) {
                c.extend_from_slice(&u32::try_from(payload.len()).unwrap().to_be_bytes());
                c.extend_from_slice(payload);
            }
            assert_eq!(c.len(), whole);
            sum
        }),
        Box::new(|_| {
            d.clear();
            peers::tokio_encode(black_box(&shared), &mut d);
            assert_eq!(d.len(), whole);
            sum
        }),
    ];
    let times = bench.least(&[], sum, sum.frames, &mut runs);
    drop(runs);
    assert_eq!(a, expected.wire());
    bench.row("64 B", times[0], "ns", "`extend_from_slice` twice", times[2], Goal::AtMost(1.2));
    bench.row("64 B", times[0], "ns", "tokio-util", times[3], Goal::TimesFaster(2.5));
    bench.row("64 B, chosen at run time", times[1], "ns", "named", times[0], Goal::AtMost(1.3));

    let (short, long) = (vec![b'a'; 2048], vec![b'a'; 65_536]);
    let envelope = |message: &[u8]| {
        for _ in 0..1000 {
            black_box(framing.envelope(black_box(message)).unwrap());
        }
        Sum::default()
    };
    let encoder = |message: Vec<u8>| {
        let message = Bytes::from(message);
        move |_: &[u8]| {
            for _ in 0..100 {
                let mut encoder = Encoder::new(framing);
                for _ in 0..10 {
                    encoder.push_bytes(message.clone()).unwrap();
                }
                black_box(encoder.remaining());
            }
            Sum::default()
        }
    };
    let mut runs: Vec<Run<'_>> = vec![
        Box::new(|_| envelope(&long)),
        Box::new(|_| envelope(&short)),
        Box::new(encoder(long.clone())),
        Box::new(encoder(short.clone())),
    ];
    let times = bench.least(&[], Sum::default(), 1000, &mut runs);
    bench.row("64 KiB by `Envelope`", times[0], "ns", "2 KiB", times[1], Goal::AtMost(1.1));
    bench.row("64 KiB by `Encoder`", times[2], "ns", "2 KiB", times[3], Goal::AtMost(1.1));
}

fn idle(bench: &mut Bench) {
    if !bench.section("idle", "Bytes of state of a decoder that waits, and of its heap.") {
        return;
    }
    let framing = Prefix::u32_be();
    let mut decoder = Decoder::new(&framing);
    decoder.push(&[0, 16, 0, 0]).unwrap();
    decoder.push(&vec![1; 1 << 20]).unwrap();
    assert_eq!(decoder.next_frame().unwrap().map(|frame| frame.payload().len()), Some(1 << 20));
    assert!(decoder.next_frame().unwrap().is_none());
    let state = size_of::<Decoder<&Prefix<Binary>>>() - size_of::<&Prefix<Binary>>();
    bench.row("state beside the framing", state as f64, "B", "goal", 64.0, Goal::AtMost(1.0));
    let heap = decoder.capacity() as f64;
    bench.row("heap after a frame of 1 MiB", heap, "B", "goal", 0.0_f64.max(f64::MIN_POSITIVE), Goal::AtMost(1.0));
    assert_eq!(framing.number().max(), u64::from(u32::MAX));
}

fn tcp(bench: &mut Bench, test: bool) {
    if !bench.section("tcp", "Loopback TCP, sent and received: time per frame, and system calls per frame.") {
        return;
    }
    for (len, defaults, equal) in [(64, 2.2, 1.0), (1024, 1.7, 1.0), (65_536, 1.0, 1.0)] {
        let count = if test { 10 } else { (32 << 20) / (len + 64) };
        let message: &'static [u8] = vec![b'a'; len].leak();
        let runs: [&dyn Fn() -> Passed; 5] = [
            &|| ours_std(message, count),
            &|| by_hand(message, count),
            &|| ours_tokio(message, count),
            &|| tokio_util(message, count, None),
            &|| tokio_util(message, count, Some(65_536)),
        ];
        let mut times = [f64::MAX; 5];
        let mut calls = [f64::MAX; 5];
        for _ in 0..if test { 1 } else { 4 } {
            for ((run, time), calls) in runs.iter().zip(&mut times).zip(&mut calls) {
                let start = Instant::now();
                let passed = run();
                *time = time.min(start.elapsed().as_secs_f64() * 1e9 / count as f64);
                *calls = calls.min(passed.calls as f64 / count as f64);
                assert_eq!(passed.sum.bytes, (len * count) as u64);
            }
        }
        let [std, hand, tokio, util, util_64] = times;
        bench.row(&format!("{len} B, std"), std, "ns", "by hand, std", hand, Goal::AtMost(1.0 / 0.95));
        bench.row(&format!("{len} B, std"), std, "ns", "tokio-util", util, Goal::TimesFaster(defaults));
        bench.row(&format!("{len} B, tokio"), tokio, "ns", "tokio-util", util, Goal::TimesFaster(defaults));
        bench.row(&format!("{len} B, tokio"), tokio, "ns", "tokio-util, 64 KiB", util_64, Goal::TimesFaster(equal));
        let most = if len == 65_536 { 1.0 } else { 1.0 / 7.0 };
        bench.row(&format!("{len} B, calls, tokio"), calls[2], "", "tokio-util", calls[3], Goal::AtMost(most));
        bench.row(&format!("{len} B, calls, std"), calls[0], "", "tokio-util", calls[3], Goal::AtMost(most));
    }
}
