//! `cargo bench -p anysplit-benches --bench framing [-- FILTER]`: names are `group/framing/payload-chunk/implementation`.

#![allow(
    clippy::type_complexity,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "a bench may panic, and its numbers are small"
)]

use std::hint::black_box;
use std::time::Duration;

use anysplit::number::Binary;
use anysplit::{AnyFraming, Body, ByType, Delimited, Encoder, LengthField, Prefix};
use bytes::{Bytes, BytesMut};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};

use crate::common::{Input, Sizes, Sum, ours, payloads, peers};

mod common;

/// Bytes of wire in each run: more than the first-level cache, less than the second on most machines.
const ABOUT: usize = 256 * 1024;
const CHUNKS: [(&str, usize); 5] = [("whole", ABOUT * 4), ("64K", 65_536), ("8K", 8192), ("1500", 1500), ("1", 1)];

fn group<'c>(criterion: &'c mut Criterion, name: &str) -> BenchmarkGroup<'c, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1)).sample_size(20);
    group
}

fn bench(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, input: &Input, mut run: impl FnMut(&[u8]) -> Sum) {
    group.throughput(Throughput::Elements(input.expected.frames));
    group.bench_function(name, |bencher| {
        bencher.iter(|| assert_eq!(run(black_box(input.wire())), input.expected));
    });
}

/// How fast do frames come out, borrowed, for each framing?
fn decode(criterion: &mut Criterion) {
    let mut group = group(criterion, "decode");
    for sizes in [Sizes::Equal(16), Sizes::Equal(64), Sizes::Mixed(127), Sizes::Equal(1024)] {
        let u32_be = Prefix::u32_be();
        let input = Input::new(&u32_be, sizes, ABOUT);
        let mut peer = |name: &str, run: fn(&[u8]) -> Sum| {
            bench(&mut group, &format!("u32be/{sizes}-8K/{name}"), &input, run);
        };
        peer("slice-loop", peers::bare);
        peer("slice-loop-chunks", |wire| peers::bare_chunks(wire, 8192));
        peer("tokio-util", |wire| peers::tokio_length(wire, 8192));
        peer("wire-codec-whole", peers::wire_length);
        peer("nom-whole", peers::nom_length);
        peer("bytecodec", |wire| peers::bytecodec_length(wire, 8192));
        peer("std-bufread", |wire| peers::std_length(wire, 8192));
        peer("anysplit-next", |wire| ours::one_by_one(&Prefix::u32_be(), wire, 8192));
        let mut own = |name: &str, framing: &dyn Fn(&[u8]) -> Sum, input: &Input| {
            bench(&mut group, &format!("{name}/{sizes}-8K/anysplit"), input, framing);
        };
        own("u32be", &|wire| ours::borrowed(&u32_be, wire, 8192), &input);
        macro_rules! each {
            ($($name:literal: $framing:expr;)*) => {$({
                let framing = $framing;
                let input = Input::new(&framing, sizes, ABOUT);
                own($name, &|wire| ours::borrowed(&framing, wire, 8192), &input);
            })*};
        }
        each! {
            "u16le": Prefix::u16_le();
            "ascii5": Prefix::ascii5();
            "hex4": Prefix::hex4();
            "varint": Prefix::leb128();
            "netstring": Prefix::netstring();
            "any-u32be": "u32be".parse::<AnyFraming>().unwrap();
        }
        let (field, by_type) = (field(), by_type());
        let input = field_input(sizes, ABOUT);
        own("field", &|wire| ours::borrowed(&field, wire, 8192), &input);
        let input = Input::of(&by_type, typed(sizes, ABOUT));
        bench(&mut group, &format!("type/{sizes}-8K/anysplit"), &retyped(input), |wire| {
            ours::borrowed(&by_type, wire, 8192)
        });
        let long = Prefix::u64_be();
        let input = Input::new(&long, sizes, ABOUT);
        bench(&mut group, &format!("u64be/{sizes}-8K/asynchronous-codec"), &input, |wire| {
            peers::asynchronous_length(wire, 8192)
        });
        bench(&mut group, &format!("u64be/{sizes}-8K/anysplit"), &input, |wire| ours::borrowed(&long, wire, 8192));
        let varint = Prefix::leb128();
        let input = Input::new(&varint, sizes, ABOUT);
        bench(&mut group, &format!("varint/{sizes}-8K/wire-codec-whole"), &input, peers::wire_varint);
    }
    group.finish();
}

fn field() -> LengthField<Binary> {
    LengthField::new(2, Binary::u16_be()).unwrap()
}

/// Packets of two bytes of type, the length, and the payload.
fn field_input(sizes: Sizes, about: usize) -> Input {
    let packets = payloads(sizes, about).into_iter().map(|payload| {
        let mut packet = vec![0, 1, 0, 0];
        packet.extend_from_slice(&payload);
        field().fill(&mut packet).unwrap();
        packet
    });
    let mut input = Input::of(&field(), packets.collect());
    input.expected = Sum::default();
    payloads(sizes, about).iter().for_each(|payload| input.expected.add(payload));
    input
}

fn by_type() -> ByType<Prefix<Binary>, [(u8, Body<Prefix<Binary>>); 2]> {
    ByType::new([(b'P', Body::Len(8)), (b'Q', Body::Framed(Prefix::u16_be()))]).unwrap()
}

fn typed(sizes: Sizes, about: usize) -> Vec<Vec<u8>> {
    payloads(sizes, about).iter().map(|payload| [b"Q", &payload[..]].concat()).collect()
}

/// The type is not part of the payload.
fn retyped(mut input: Input) -> Input {
    input.expected = Sum::default();
    input.payloads.iter().for_each(|message| input.expected.add(&message[1..]));
    input
}

/// What does it cost to own the frames?
fn owned(criterion: &mut Criterion) {
    let mut group = group(criterion, "owned");
    let framing = Prefix::u32_be();
    for sizes in [Sizes::Equal(16), Sizes::Equal(64), Sizes::Mixed(127)] {
        let input = Input::new(&framing, sizes, ABOUT);
        for (name, chunk) in [("8K", 8192), ("64K", 65_536)] {
            let mut run = |who: &str, run: &dyn Fn(&[u8]) -> Sum| {
                bench(&mut group, &format!("u32be/{sizes}-{name}/{who}"), &input, run);
            };
            run("slice-loop", &peers::bare);
            run("anysplit-batch", &|wire| ours::batch(&framing, wire, chunk));
            run("anysplit-payloads", &|wire| ours::payloads(&framing, wire, chunk));
            run("anysplit-bytes", &|wire| ours::bytes(&framing, wire, chunk));
            run("tokio-util", &|wire| peers::tokio_length(wire, chunk));
        }
    }
    group.finish();
}

/// How fast are lines and other delimited messages found?
fn delimiters(criterion: &mut Criterion) {
    let mut group = group(criterion, "delimiters");
    for sizes in [Sizes::Equal(16), Sizes::Equal(64), Sizes::Mixed(127), Sizes::Equal(256), Sizes::Equal(1024)] {
        let line = Delimited::line();
        let input = Input::new(&line, sizes, ABOUT);
        let mut run = |who: &str, run: fn(&[u8]) -> Sum| {
            bench(&mut group, &format!("line/{sizes}-8K/{who}"), &input, run);
        };
        run("anysplit", |wire| ours::borrowed(&Delimited::line(), wire, 8192));
        run("anysplit-next", |wire| ours::one_by_one(&Delimited::line(), wire, 8192));
        run("memchr-whole", peers::memchr_lines);
        run("tokio-util", |wire| peers::tokio_lines(wire, 8192));
        run("asynchronous-codec", |wire| peers::asynchronous_lines(wire, 8192));
        run("wire-codec-whole", peers::wire_lines);
        run("std-bufread", |wire| peers::std_lines(wire, 8192));

        let three = Delimited::any_of([b"\n", b"\0", b";"]).unwrap();
        let input = Input::new(&three, sizes, ABOUT);
        bench(&mut group, &format!("any3/{sizes}-8K/anysplit"), &input, |wire| ours::borrowed(&three, wire, 8192));
        bench(&mut group, &format!("any3/{sizes}-8K/memchr3-whole"), &input, |wire| peers::memchr3(wire, *b"\n\0;"));
        bench(&mut group, &format!("any3/{sizes}-8K/tokio-util"), &input, |wire| {
            peers::tokio_any(wire, 8192, b"\n\0;")
        });
        for (name, delimiter) in [("crlf", &b"\r\n"[..]), ("long", b"\r\n--boundary--\r\n")] {
            let framing = Delimited::new(delimiter).unwrap();
            let input = Input::new(&framing, sizes, ABOUT);
            bench(&mut group, &format!("{name}/{sizes}-8K/anysplit"), &input, |wire| {
                ours::borrowed(&framing, wire, 8192)
            });
            bench(&mut group, &format!("{name}/{sizes}-8K/memmem-whole"), &input, |wire| {
                peers::memmem(wire, delimiter)
            });
        }
    }
    group.finish();
}

/// What does the size of the chunks cost?
fn chunks(criterion: &mut Criterion) {
    let mut group = group(criterion, "chunks");
    let (prefix, line) = (Prefix::u32_be(), Delimited::line());
    for sizes in [Sizes::Equal(64), Sizes::Mixed(127)] {
        let input = Input::new(&prefix, sizes, ABOUT);
        let lines = Input::new(&line, sizes, ABOUT);
        for (name, chunk) in CHUNKS {
            let mut run = |what: &str, who: &str, input: &Input, run: &dyn Fn(&[u8]) -> Sum| {
                bench(&mut group, &format!("{what}/{sizes}-{name}/{who}"), input, run);
            };
            run("u32be", "anysplit", &input, &|wire| ours::borrowed(&prefix, wire, chunk));
            run("u32be", "anysplit-pushed", &input, &|wire| ours::pushed(&prefix, wire, chunk));
            run("u32be", "slice-loop-chunks", &input, &|wire| peers::bare_chunks(wire, chunk));
            run("u32be", "tokio-util", &input, &|wire| peers::tokio_length(wire, chunk));
            run("line", "anysplit", &lines, &|wire| ours::borrowed(&line, wire, chunk));
            run("line", "tokio-util", &lines, &|wire| peers::tokio_lines(wire, chunk));
        }
    }
    group.finish();
}

/// What does it cost to make frames?
fn encode(criterion: &mut Criterion) {
    let mut group = group(criterion, "encode");
    for sizes in [Sizes::Equal(64), Sizes::Mixed(127), Sizes::Equal(1024)] {
        let payloads = payloads(sizes, ABOUT);
        let shared: Vec<Bytes> = payloads.iter().map(|payload| Bytes::from(payload.clone())).collect();
        let wire = Input::new(&Prefix::u32_be(), sizes, ABOUT).wire().to_vec();
        group.throughput(Throughput::Elements(payloads.len() as u64));
        let mut out = Vec::with_capacity(2 * ABOUT);
        group.bench_function(format!("u32be/{sizes}/extend"), |bencher| {
            bencher.iter(|| {
                out.clear();
                for payload in black_box(&payloads) {
                    out.extend_from_slice(&u32::try_from(payload.len()).unwrap().to_be_bytes());
                    out.extend_from_slice(payload);
                }
                assert_eq!(out.len(), wire.len());
            });
        });
        let mut own = |name: &str, framing: &dyn Fn(&[Vec<u8>], &mut Vec<u8>), expected: usize| {
            group.bench_function(format!("{name}/{sizes}/anysplit"), |bencher| {
                bencher.iter(|| {
                    out.clear();
                    framing(black_box(&payloads), &mut out);
                    assert_eq!(out.len(), expected);
                });
            });
        };
        own("u32be", &|payloads, out| ours::encode(&Prefix::u32_be(), payloads, out), wire.len());
        let any: AnyFraming = "u32be".parse().unwrap();
        own("any-u32be", &|payloads, out| ours::encode(&any, payloads, out), wire.len());
        let five = wire.len() + payloads.len();
        own("ascii5", &|payloads, out| ours::encode(&Prefix::ascii5(), payloads, out), five);
        let one = wire.len() - 3 * payloads.len();
        own("line", &|payloads, out| ours::encode(&Delimited::line(), payloads, out), one);
        let mut out = BytesMut::with_capacity(2 * ABOUT);
        group.bench_function(format!("u32be/{sizes}/tokio-util"), |bencher| {
            bencher.iter(|| {
                out.clear();
                peers::tokio_encode(black_box(&shared), &mut out);
                assert_eq!(out.len(), wire.len());
            });
        });
        group.bench_function(format!("u32be/{sizes}/anysplit-encoder"), |bencher| {
            bencher.iter(|| {
                let mut encoder = Encoder::new(Prefix::u32_be());
                for payload in black_box(&payloads) {
                    encoder.push(payload).unwrap();
                }
                assert_eq!(bytes::Buf::remaining(&encoder), wire.len());
            });
        });
    }
    group.finish();
}

/// What do long payloads cost, when the bytes count and not the frames?
fn large(criterion: &mut Criterion) {
    let mut group = group(criterion, "large");
    let framing = Prefix::u32_be();
    for len in [65_536, 1 << 20] {
        let input = Input::new(&framing, Sizes::Equal(len), 8 << 20);
        group.throughput(Throughput::Bytes(input.wire().len() as u64));
        let mut run = |name: &str, who: &str, run: &dyn Fn(&[u8]) -> Sum| {
            group.bench_function(format!("u32be/{len}-{name}/{who}"), |bencher| {
                bencher.iter(|| assert_eq!(run(black_box(input.wire())), input.expected));
            });
        };
        let mut buffer = Vec::with_capacity(len + 65_536);
        let buffer = std::cell::RefCell::new(&mut buffer);
        run("64K", "memcpy", &|wire| {
            let mut buffer = buffer.borrow_mut();
            for frame in wire.chunks(4 + len) {
                buffer.clear();
                frame.chunks(65_536).for_each(|chunk| buffer.extend_from_slice(chunk));
                black_box(&buffer);
            }
            input.expected
        });
        run("64K", "anysplit-pushed", &|wire| ours::pushed(&framing, wire, 65_536));
        run("64K", "anysplit", &|wire| ours::borrowed(&framing, wire, 65_536));
        run("whole", "anysplit", &|wire| ours::borrowed(&framing, wire, wire.len()));
        run("64K", "tokio-util", &|wire| peers::tokio_length(wire, 65_536));
    }
    group.finish();
}

/// What does a byte cost that arrives alone?
fn trickle(criterion: &mut Criterion) {
    let mut group = group(criterion, "trickle");
    let framing = Prefix::u32_be();
    for sizes in [Sizes::Equal(64), Sizes::Equal(4096)] {
        let input = Input::new(&framing, sizes, 64 * 1024);
        group.throughput(Throughput::Bytes(input.wire().len() as u64));
        let mut run = |who: &str, run: &dyn Fn(&[u8]) -> Sum| {
            group.bench_function(format!("u32be/{sizes}-1/{who}"), |bencher| {
                bencher.iter(|| assert_eq!(run(black_box(input.wire())), input.expected));
            });
        };
        run("anysplit", &|wire| ours::pushed(&framing, wire, 1));
        run("tokio-util", &|wire| peers::tokio_length(wire, 1));
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for question in [decode, owned, delimiters, chunks, encode, large, trickle] {
        question(&mut criterion);
    }
    criterion.final_summary();
}
