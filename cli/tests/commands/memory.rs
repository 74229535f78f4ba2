//! Streams of any length take little memory.

use crate::run::peak_memory;

/// In KiB.
const LITTLE: u64 = 32 * 1024;

fn streams_in_little_memory(mebibytes: usize) {
    let frame = [&(1_u32 << 16).to_be_bytes()[..], &[b'x'; 1 << 16]].concat();
    let part = frame.repeat(16);
    let payload = (mebibytes as u64) << 20;
    let (peak, _) = peak_memory(&["decode", "-f", "count", "u32be"], &part, mebibytes);
    assert!(peak < LITTLE, "{peak} KiB");
    let (peak, written) = peak_memory(&["reframe", "u32be", "varint"], &part, mebibytes);
    assert!(peak < LITTLE && written == payload + 3 * 16 * mebibytes as u64, "{peak} KiB, {written}");

    // All input is one payload.
    let part = [b'x'; 1 << 20];
    let arguments = ["decode", "-f", "raw", "--pieces", "close,max=none"];
    let (peak, written) = peak_memory(&arguments, &part, mebibytes);
    assert!(peak < LITTLE && written == payload, "{peak} KiB, {written}");
}

#[test]
fn long_stream_takes_little_memory() {
    streams_in_little_memory(64);
}

#[test]
#[ignore = "sends three times a gibibyte"]
fn very_long_stream_takes_little_memory() {
    streams_in_little_memory(1024);
}
