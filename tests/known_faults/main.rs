//! Faults that framing code is known for, and faults that this crate has had, each with its test.
//!
//! If a fault was published, or can be read in the source of a released version, the comment names the source.
//!
//! | file | faults of |
//! | --- | --- |
//! | `lengths` | numbers that announce the length of a payload |
//! | `digits` | the same as text |
//! | `delimiters` | marks after a payload |
//! | `streams` | state between two calls |
//! | `encoders` | encoded output |
//! | `stuffed` | SLIP and COBS |
//! | `splits` | law 2: how the bytes were cut |
//! | `costs` | laws 5 and 6: memory and work |
//! | `errors` | law 8: errors that stay |
//! | `peers` | messages and streams that a peer reads differently |
//! | `callbacks` | law 9: a callback that panics |

#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod callbacks;
mod costs;
mod delimiters;
mod digits;
mod encoders;
mod errors;
mod lengths;
mod peers;
mod splits;
mod streams;
mod stuffed;

use anysplit::{DecodeErrorKind, Decoder, EncodeError, EofError, Event, Framing, Recovery};

/// The outcome: payloads, the offset and length of skipped frames, and the end.
#[derive(Debug, PartialEq)]
struct Seen {
    payloads: Vec<Vec<u8>>,
    skipped: Vec<(u64, u64)>,
    end: Result<(), EofError>,
}

impl Seen {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Frame(frame) => self.payloads.push(frame.payload().to_vec()),
            Event::Skipped(stretch) => self.skipped.push((stretch.offset, stretch.len)),
        }
    }
}

fn seen<F: Framing>(mut decoder: Decoder<F>, chunks: &[&[u8]]) -> Seen {
    let mut seen = Seen { payloads: Vec::new(), skipped: Vec::new(), end: Ok(()) };
    for chunk in chunks {
        decoder.push(chunk).unwrap();
        loop {
            match decoder.next_event() {
                Ok(Some(event)) => seen.take(event),
                Ok(None) => break,
                Err(error) => return Seen { end: Err(error.into()), ..seen },
            }
        }
    }
    loop {
        match decoder.finish_event() {
            Ok(Some(event)) => seen.take(event),
            Ok(None) => return seen,
            Err(error) => return Seen { end: Err(error), ..seen },
        }
    }
}

/// Returns the outcome, which is equal for every cut: all of them for short streams, else every two.
#[track_caller]
fn however_cut<F: Framing>(framing: F, recovery: Recovery, stream: &[u8]) -> Seen {
    let decoder = || Decoder::new(&framing as &dyn Framing).with_recovery(recovery);
    let whole = seen(decoder(), &[stream]);
    let bytes: Vec<_> = stream.chunks(1).collect();
    assert_eq!(seen(decoder(), &bytes), whole, "one byte at a time");
    for first in 0..=stream.len() {
        for second in first..=stream.len() {
            let chunks = [&stream[..first], &stream[first..second], &stream[second..]];
            assert_eq!(seen(decoder(), &chunks), whole, "cut at {first} and {second}");
        }
    }
    if stream.len() <= 10 {
        for cuts in 0_u32..1 << stream.len().saturating_sub(1) {
            let mut chunks = Vec::new();
            let mut begin = 0;
            for at in 1..=stream.len() {
                if at == stream.len() || cuts >> (at - 1) & 1 == 1 {
                    chunks.push(&stream[begin..at]);
                    begin = at;
                }
            }
            assert_eq!(seen(decoder(), &chunks), whole, "cuts {cuts:b}");
        }
    }
    whole
}

/// Checks that exactly these payloads and a clean end come out, however the stream is cut.
#[track_caller]
fn gives(framing: impl Framing, stream: &[u8], payloads: &[&[u8]]) {
    let seen = however_cut(framing, Recovery::Fail, stream);
    assert_eq!(seen.end, Ok(()));
    assert_eq!(seen.payloads, payloads);
}

/// Checks that these payloads, and then this error at this offset come out, however the stream is cut.
#[track_caller]
fn fails(framing: impl Framing, stream: &[u8], payloads: &[&[u8]], offset: u64, kind: DecodeErrorKind) {
    let seen = however_cut(framing, Recovery::Fail, stream);
    assert_eq!(seen.payloads, payloads);
    match seen.end {
        Err(EofError::Decode(error)) => assert_eq!((error.offset, error.kind), (offset, kind)),
        other => panic!("{other:?} where {kind:?} is right"),
    }
}

/// Checks that these payloads, and these skipped frames (offset and length) come out, however the stream is cut.
#[track_caller]
fn skips(framing: impl Framing, stream: &[u8], payloads: &[&[u8]], skipped: &[(u64, u64)]) {
    for recovery in [Recovery::SkipOversize, Recovery::SkipFrame] {
        let seen = however_cut(&framing, recovery, stream);
        assert_eq!(seen.end, Ok(()));
        assert_eq!(seen.payloads, payloads);
        assert_eq!(seen.skipped, skipped);
    }
}

#[track_caller]
fn refuses(framing: impl Framing, message: &[u8], error: EncodeError) {
    let mut out = b"kept".to_vec();
    assert_eq!(framing.encode(message, &mut out), Err(error));
    assert_eq!(out, b"kept");
}
