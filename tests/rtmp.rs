//! RTMP: every cut of a stream gives the same result, which a naive reader of the complete stream gives too.

#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test may panic")]

#[path = "rtmp/any.rs"]
mod any;
#[path = "rtmp/recorded.rs"]
mod recorded;
#[path = "rtmp/rules.rs"]
mod rules;
#[path = "rtmp/twin.rs"]
mod twin;

use std::collections::BTreeMap;
use std::io::Read;

use anysplit::io::FrameReader;
use anysplit::rtmp::{Chunks, MessageHeader, Taken};
use anysplit::{Decoder, EofError, FixedDecoder, Frame};
use proptest::sample::Index;

use twin::{End, Seen, Twin};

/// The limit for messages in these tests, and how many chunk streams there are.
const MAX: u64 = 5000;
const N: usize = 6;

fn reader(handshake: bool) -> Chunks<N> {
    let chunks = if handshake { Chunks::new() } else { Chunks::after_handshake() };
    chunks.with_max_message_len(MAX)
}

fn of_eof(error: EofError) -> End {
    match error {
        EofError::Decode(error) => End::Stream(error.frame_offset, error.offset, error.kind),
        EofError::Truncated { frame_offset, .. } => End::Cut(frame_offset),
    }
}

fn taken(chunks: &mut Chunks<N>, frame: &Frame<'_>) -> Result<Seen, End> {
    let taken = chunks.take(frame).map_err(End::Chunk)?;
    Ok((frame.offset(), taken, frame.payload().to_vec()))
}

fn by_decoder(stream: &[u8], handshake: bool, cuts: &[usize]) -> (Vec<Seen>, End) {
    let (mut chunks, mut all, mut begin) = (reader(handshake), vec![], 0);
    let mut decoder = Decoder::new(chunks.framing());
    let mut read = || {
        for &end in cuts.iter().chain([&stream.len()]) {
            decoder.push(&stream[begin..end]).unwrap();
            begin = end;
            loop {
                chunks.prepare(&mut decoder);
                let Some(frame) = decoder.next_frame().map_err(|error| of_eof(error.into()))? else { break };
                all.push(taken(&mut chunks, &frame)?);
            }
        }
        chunks.prepare(&mut decoder);
        assert!(decoder.finish().map_err(of_eof)?.is_none());
        chunks.finish().map_err(End::Chunk)
    };
    let end = read().err().unwrap_or(End::Clean);
    if let End::Chunk(error) = end {
        assert_eq!(chunks.finish(), Err(error), "the error stays");
    }
    (all, end)
}

fn by_fixed_decoder(stream: &[u8], handshake: bool) -> (Vec<Seen>, End) {
    let (mut chunks, mut all) = (reader(handshake), vec![]);
    let mut decoder = FixedDecoder::new(chunks.framing(), [0; 5018]);
    let mut read = || {
        for byte in stream {
            assert_eq!(decoder.push(&[*byte]).unwrap(), 1);
            chunks.prepare(&mut decoder);
            if let Some(frame) = decoder.next_frame().map_err(|error| of_eof(error.into()))? {
                all.push(taken(&mut chunks, &frame)?);
            }
        }
        chunks.prepare(&mut decoder);
        assert!(decoder.finish().map_err(of_eof)?.is_none());
        chunks.finish().map_err(End::Chunk)
    };
    let end = read().err().unwrap_or(End::Clean);
    (all, end)
}

/// At most three bytes for each call.
struct Trickle<'a>(&'a [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let len = out.len().min(3);
        self.0.read(&mut out[..len])
    }
}

/// Reads up to the first error.
fn by_reader(stream: &[u8], handshake: bool) -> Vec<Seen> {
    let (mut chunks, mut all) = (reader(handshake), vec![]);
    let mut reader = FrameReader::new(Trickle(stream), chunks.framing());
    loop {
        chunks.prepare(&mut reader);
        let Ok(Some(frame)) = reader.read_frame() else { return all };
        let Ok(seen) = taken(&mut chunks, &frame) else { return all };
        all.push(seen);
    }
}

fn places(cuts: &[Index], len: usize) -> Vec<usize> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(len + 1)).collect();
    places.sort_unstable();
    places
}

/// All ways to read a stream give the result of the twin, which this returns.
#[track_caller]
fn agree(stream: &[u8], handshake: bool, cuts: &[Index]) -> (Vec<Seen>, End) {
    let (seen, end, _) = Twin::read(stream, handshake, N, MAX);
    let expected = (seen, end);
    assert_eq!(by_decoder(stream, handshake, &[]), expected, "{}", stream.escape_ascii());
    assert_eq!(by_decoder(stream, handshake, &places(cuts, stream.len())), expected);
    assert_eq!(by_decoder(stream, handshake, &(0..stream.len()).collect::<Vec<_>>()), expected);
    assert_eq!(by_fixed_decoder(stream, handshake), expected);
    assert_eq!(by_reader(stream, handshake), expected.0);
    expected
}

/// Complete messages, in the order of their last chunks.
type Messages = Vec<(MessageHeader, Vec<u8>)>;

/// Joins the messages of all chunk streams.
fn joined(seen: &[Seen]) -> Messages {
    let (mut open, mut complete) = (BTreeMap::<u32, Vec<u8>>::new(), vec![]);
    for (_, taken, payload) in seen {
        let Taken::Chunk(chunk) = taken else { continue };
        let message = open.entry(chunk.message.chunk_stream).or_default();
        if chunk.is_first {
            assert!(message.is_empty());
        }
        message.extend(payload);
        if chunk.is_last {
            assert_eq!(message.len(), chunk.len as usize);
            complete.push((chunk.message, std::mem::take(message)));
        }
        if let Some(aborted) = chunk.aborts {
            assert!(!open.remove(&aborted).unwrap().is_empty());
        }
    }
    complete
}
