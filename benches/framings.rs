//! Decoding and encoding beside the peers, in one group a question: `operation/framing/size/implementation`.
//!
//! `cargo bench --all-features --bench framings`. Every bench asserts its result. Ratios within a group mean something;
//! nanoseconds are those of the machine. tokio-util's codecs hand out `BytesMut` or `String`, which is more work than a
//! borrowed slice; the loop by hand does less, as it keeps no frame that straddles two chunks.

#![allow(missing_docs, clippy::unwrap_used, reason = "a bench may panic")]

use std::hint::black_box;

use anysplit::{Decoder, Delimited, Framing, Prefix};
use bytes::BytesMut;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tokio_util::codec::{Decoder as _, Encoder as _, LengthDelimitedCodec, LinesCodec};

const CHUNK: usize = 8192;
const FRAMES: usize = 4096;

fn wire(framing: &impl Framing, size: usize) -> Vec<u8> {
    let mut wire = Vec::new();
    for i in 0..FRAMES {
        let message: Vec<u8> = (0..size).map(|j| b'a' + u8::try_from((i + j) % 26).unwrap()).collect();
        framing.encode(&message, &mut wire).unwrap();
    }
    wire
}

fn frames_in(framing: &impl Framing, wire: &[u8]) -> (usize, usize) {
    let mut decoder = Decoder::new(framing);
    let (mut frames, mut bytes) = (0, 0);
    for chunk in wire.chunks(CHUNK) {
        let mut found = decoder.frames_in(chunk).unwrap();
        while let Some(frame) = found.next_frame().unwrap() {
            frames += 1;
            bytes += black_box(frame.payload()).len();
        }
    }
    (frames, bytes)
}

fn batches(framing: &impl Framing, wire: &[u8]) -> (usize, usize) {
    let mut decoder = Decoder::new(framing);
    let (mut frames, mut bytes) = (0, 0);
    for chunk in wire.chunks(CHUNK) {
        decoder.push(chunk).unwrap();
        while let Some(batch) = decoder.next_batch().unwrap() {
            for frame in &mut batch.iter() {
                frames += 1;
                bytes += black_box(frame.payload()).len();
            }
        }
    }
    (frames, bytes)
}

/// The loop that everybody writes, over bytes that are all there.
fn by_hand(mut rest: &[u8]) -> (usize, usize) {
    let (mut frames, mut bytes) = (0, 0);
    while let Some((head, behind)) = rest.split_first_chunk() {
        let len = usize::try_from(u32::from_be_bytes(*head)).unwrap();
        if len > 8 << 20 {
            break;
        }
        let Some((payload, next)) = behind.split_at_checked(len) else { break };
        frames += 1;
        bytes += black_box(payload).len();
        rest = next;
    }
    (frames, bytes)
}

fn tokio_codec<T: AsRef<[u8]>>(mut decode: impl FnMut(&mut BytesMut) -> Option<T>, wire: &[u8]) -> (usize, usize) {
    let mut buffer = BytesMut::new();
    let (mut frames, mut bytes) = (0, 0);
    for chunk in wire.chunks(CHUNK) {
        buffer.extend_from_slice(chunk);
        while let Some(payload) = decode(&mut buffer) {
            frames += 1;
            bytes += black_box(payload.as_ref()).len();
        }
    }
    (frames, bytes)
}

fn decode(c: &mut Criterion) {
    for size in [16, 64, 1024] {
        let expected = (FRAMES, FRAMES * size);
        let mut group = c.benchmark_group(format!("decode/u32be/{size}"));
        let bytes = wire(&Prefix::u32_be(), size);
        group.throughput(Throughput::Elements(FRAMES as u64));
        group.bench_function("by hand", |b| b.iter(|| assert_eq!(by_hand(black_box(&bytes)), expected)));
        group.bench_function("frames_in", |b| {
            b.iter(|| assert_eq!(frames_in(&Prefix::u32_be(), black_box(&bytes)), expected));
        });
        group.bench_function("next_batch", |b| {
            b.iter(|| assert_eq!(batches(&Prefix::u32_be(), black_box(&bytes)), expected));
        });
        group.bench_function("tokio-util", |b| {
            b.iter(|| {
                let mut codec = LengthDelimitedCodec::new();
                assert_eq!(tokio_codec(|buffer| codec.decode(buffer).unwrap(), black_box(&bytes)), expected);
            });
        });
        group.finish();

        let mut group = c.benchmark_group(format!("decode/others/{size}"));
        group.throughput(Throughput::Elements(FRAMES as u64));
        macro_rules! other {
            ($name:literal, $framing:expr) => {{
                let framing = $framing;
                let bytes = wire(&framing, size);
                group.bench_function($name, |b| {
                    b.iter(|| assert_eq!(frames_in(&framing, black_box(&bytes)), expected));
                });
            }};
        }
        other!("ascii:5", Prefix::ascii5());
        other!("hex:4", Prefix::hex4());
        other!("varint", Prefix::leb128());
        other!("netstring", Prefix::netstring());
        other!("u16le", Prefix::u16_le());
        group.finish();
    }
}

fn delimiters(c: &mut Criterion) {
    for size in [16, 64, 256, 1024] {
        let expected = (FRAMES, FRAMES * size);
        let mut group = c.benchmark_group(format!("delimiters/line/{size}"));
        let bytes = wire(&Delimited::line(), size);
        group.throughput(Throughput::Elements(FRAMES as u64));
        group.bench_function("memchr_iter", |b| {
            b.iter(|| {
                let (mut from, mut frames, mut sum) = (0, 0, 0);
                for end in memchr::memchr_iter(b'\n', black_box(&bytes)) {
                    frames += 1;
                    sum += black_box(&bytes[from..end]).len();
                    from = end + 1;
                }
                assert_eq!((frames, sum), expected);
            });
        });
        group.bench_function("frames_in", |b| {
            b.iter(|| assert_eq!(frames_in(&Delimited::line(), black_box(&bytes)), expected));
        });
        group.bench_function("tokio-util", |b| {
            b.iter(|| {
                let mut codec = LinesCodec::new();
                assert_eq!(tokio_codec(|buffer| codec.decode(buffer).unwrap(), black_box(&bytes)), expected);
            });
        });
        group.finish();
    }
}

fn encode(c: &mut Criterion) {
    for size in [16, 64, 1024] {
        let message = vec![b'a'; size];
        let whole = FRAMES * (size + 4);
        let mut group = c.benchmark_group(format!("encode/u32be/{size}"));
        group.throughput(Throughput::Elements(FRAMES as u64));
        group.bench_function("by hand", |b| {
            let mut out = Vec::with_capacity(whole);
            b.iter(|| {
                out.clear();
                for _ in 0..FRAMES {
                    let message = black_box(&message);
                    out.extend_from_slice(&u32::try_from(message.len()).unwrap().to_be_bytes());
                    out.extend_from_slice(message);
                }
                assert_eq!(black_box(&out).len(), whole);
            });
        });
        group.bench_function("encode", |b| {
            let mut out = Vec::with_capacity(whole);
            b.iter(|| {
                out.clear();
                for _ in 0..FRAMES {
                    Prefix::u32_be().encode(black_box(&message), &mut out).unwrap();
                }
                assert_eq!(black_box(&out).len(), whole);
            });
        });
        group.bench_function("tokio-util", |b| {
            let mut out = BytesMut::with_capacity(whole);
            let message = bytes::Bytes::from(message.clone());
            b.iter(|| {
                out.clear();
                let mut codec = LengthDelimitedCodec::new();
                for _ in 0..FRAMES {
                    codec.encode(black_box(message.clone()), &mut out).unwrap();
                }
                assert_eq!(black_box(&out).len(), whole);
            });
        });
        group.finish();
    }
}

criterion_group!(benches, decode, delimiters, encode);
criterion_main!(benches);
