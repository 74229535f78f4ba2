//! This crate. Nothing here is inlined into its caller, so that it is compiled the same wherever it is measured.

use anysplit::{Decoder, FixedDecoder, Framing, Recovery};

use futures::{FutureExt, StreamExt};

use super::{Chunks, Sum};

/// Borrowed from the chunk: `frames_in` and `for_each`.
#[inline(never)]
pub(crate) fn borrowed<F: Framing>(framing: &F, wire: &[u8], chunk: usize) -> Sum {
    let mut decoder = Decoder::new(framing);
    let mut sum = Sum::default();
    for chunk in wire.chunks(chunk) {
        decoder.frames_in(chunk).unwrap().for_each(|frame| sum.add(frame.payload())).unwrap();
    }
    sum
}

/// As `borrowed`, by a decoder that resynchronises.
#[inline(never)]
pub(crate) fn resynchronised<F: Framing>(framing: &F, wire: &[u8], chunk: usize) -> Sum {
    let mut decoder = Decoder::new(framing).with_recovery(Recovery::Resync);
    let mut sum = Sum::default();
    for chunk in wire.chunks(chunk) {
        decoder.frames_in(chunk).unwrap().for_each(|frame| sum.add(frame.payload())).unwrap();
    }
    sum
}

/// Borrowed from the chunk, one frame a call: `frames_in` and `next_frame`.
#[inline(never)]
pub(crate) fn one_by_one<F: Framing>(framing: &F, wire: &[u8], chunk: usize) -> Sum {
    let mut decoder = Decoder::new(framing);
    let mut sum = Sum::default();
    for chunk in wire.chunks(chunk) {
        let mut frames = decoder.frames_in(chunk).unwrap();
        while let Some(frame) = frames.next_frame().unwrap() {
            sum.add(frame.payload());
        }
    }
    sum
}

/// Pushed, then borrowed from the decoder: `next_frame`.
#[inline(never)]
pub(crate) fn pushed<F: Framing>(framing: &F, wire: &[u8], chunk: usize) -> Sum {
    let mut decoder = Decoder::new(framing);
    let mut sum = Sum::default();
    for chunk in wire.chunks(chunk) {
        decoder.push(chunk).unwrap();
        while let Some(frame) = decoder.next_frame().unwrap() {
            sum.add(frame.payload());
        }
    }
    sum
}

/// Pushed into a fixed array, then borrowed from it: `FixedDecoder`.
#[inline(never)]
pub(crate) fn fixed<F: Framing>(framing: &F, wire: &[u8], chunk: usize) -> Sum {
    let mut decoder = FixedDecoder::new(framing, [0; 16 << 10]);
    let mut sum = Sum::default();
    for mut chunk in wire.chunks(chunk) {
        while !chunk.is_empty() {
            let taken = decoder.push(chunk).unwrap();
            chunk = &chunk[taken..];
            while let Some(frame) = decoder.next_frame().unwrap() {
                sum.add(frame.payload());
            }
        }
    }
    sum
}

/// Owned, all frames of a chunk in one block: `next_batch`.
#[inline(never)]
pub(crate) fn batch<F: Framing>(framing: &F, wire: &[u8], chunk: usize) -> Sum {
    let mut decoder = Decoder::new(framing);
    let mut sum = Sum::default();
    for chunk in wire.chunks(chunk) {
        decoder.push(chunk).unwrap();
        while let Some(batch) = decoder.next_batch().unwrap() {
            for frame in batch.iter() {
                sum.add(frame.payload());
            }
        }
    }
    sum
}

/// Owned, one `Bytes` for each payload, from a batch: `payloads`.
#[inline(never)]
pub(crate) fn payloads<F: Framing>(framing: &F, wire: &[u8], chunk: usize) -> Sum {
    let mut decoder = Decoder::new(framing);
    let mut sum = Sum::default();
    for chunk in wire.chunks(chunk) {
        decoder.push(chunk).unwrap();
        while let Some(batch) = decoder.next_batch().unwrap() {
            for payload in batch.payloads() {
                sum.add(&payload);
            }
        }
    }
    sum
}

/// Owned, one `Bytes` for each payload, one a call: `next_bytes`.
#[inline(never)]
pub(crate) fn bytes<F: Framing>(framing: &F, wire: &[u8], chunk: usize) -> Sum {
    let mut decoder = Decoder::new(framing);
    let mut sum = Sum::default();
    for chunk in wire.chunks(chunk) {
        decoder.push(chunk).unwrap();
        while let Some(frame) = decoder.next_bytes().unwrap() {
            sum.add(&frame.into_payload());
        }
    }
    sum
}

/// Read from a transport that is never late: `FrameReader::read_frame`.
#[inline(never)]
pub(crate) fn read<F: Framing>(framing: &F, wire: &[u8], chunk: usize) -> Sum {
    let mut reader = anysplit::io::FrameReader::new(Chunks { rest: wire, chunk }, framing);
    let mut sum = Sum::default();
    while let Some(frame) = reader.read_frame().unwrap() {
        sum.add(frame.payload());
    }
    sum
}

/// As `read`, by the reader without an allocator.
#[inline(never)]
pub(crate) fn read_embedded<F: Framing>(framing: &F, wire: &[u8], chunk: usize) -> Sum {
    let mut reader = anysplit::embedded::FrameReader::new(Chunks { rest: wire, chunk }, framing, [0; 16 << 10]);
    let mut sum = Sum::default();
    while let Some(frame) = reader.read_frame().unwrap() {
        sum.add(frame.payload());
    }
    sum
}

/// As `read`, by the reader for tokio.
#[inline(never)]
pub(crate) fn read_tokio<F: Framing>(framing: &F, wire: &[u8], chunk: usize) -> Sum {
    let all = async {
        let mut reader = anysplit::tokio::FrameReader::new(Chunks { rest: wire, chunk }, framing);
        let mut sum = Sum::default();
        while let Some(frame) = reader.read_frame().await.unwrap() {
            sum.add(frame.payload());
        }
        sum
    };
    all.now_or_never().unwrap()
}

/// As `read_tokio`, by the codec in `FramedRead`.
#[inline(never)]
pub(crate) fn framed<F: Framing>(framing: &F, wire: &[u8], chunk: usize) -> Sum {
    let all = async {
        let codec = anysplit::tokio::Codec::new(framing);
        let mut frames = tokio_util::codec::FramedRead::new(Chunks { rest: wire, chunk }, codec);
        let mut sum = Sum::default();
        while let Some(frame) = frames.next().await {
            sum.add(&frame.unwrap().into_payload());
        }
        sum
    };
    all.now_or_never().unwrap()
}

/// Into a `Vec` that is large enough.
#[inline(never)]
pub(crate) fn encode<F: Framing>(framing: &F, payloads: &[Vec<u8>], out: &mut Vec<u8>) {
    for payload in payloads {
        framing.encode(payload, out).unwrap();
    }
}
