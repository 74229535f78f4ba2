//! Any chunks, damaged chunks, any bytes; and any messages, which come back.

use std::collections::BTreeMap;

use anysplit::join::Split;
use anysplit::rtmp::{ABORT, ChunkError, ChunkErrorKind, MessageHeader, SET_CHUNK_SIZE};
use proptest::collection::vec as several;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::twin::{End, Twin};
use super::{MAX, Messages, N, agree, joined};

/// A chunk with a header of any type, legal or not. Its payload is as long as the header demands.
#[derive(Clone, Debug)]
struct Piece {
    kind: u8,
    /// The chunk stream, and whether its id has the longer form of two.
    id: (u32, bool),
    fields: Vec<u8>,
    /// Whether the stream ends here if the header is wrong. If not, the header is left out.
    is_kept: bool,
}

fn piece() -> impl Strategy<Value = Piece> {
    let time = select(vec![&[0, 0, 0][..], &[0, 0, 5], &[0xff, 0xff, 0xff], &[0xff, 0xff, 0xfe]]);
    let len = prop_oneof![
        4 => (0..9_u32).boxed(),
        2 => Just(4).boxed(),
        1 => select(vec![127, 128, 129, 260, 4999, 5000, 5001, 0xff_ffff]).boxed()
    ];
    let message_type = select(vec![SET_CHUNK_SIZE, ABORT, 8, 9, 20]);
    let id = (select(vec![2_u32, 2, 3, 4, 63, 64, 65, 319, 320, 65_599]), any::<bool>());
    (0..4_u8, id, time, len, message_type, any::<[u8; 4]>(), prop::bool::weighted(0.1)).prop_map(
        |(kind, id, time, len, message_type, message_stream, is_kept)| {
            let message_type = if id.0 == 2 && len == 4 && message_type > 2 { 1 + kind % 2 } else { message_type };
            let all = [time, &len.to_be_bytes()[1..], &[message_type], &message_stream].concat();
            Piece { kind, id, fields: all[..[11, 7, 3, 0][usize::from(kind)]].to_vec(), is_kept }
        },
    )
}

fn basic(kind: u8, (id, is_long): (u32, bool)) -> Vec<u8> {
    let [low, high, ..] = id.saturating_sub(64).to_le_bytes();
    match id {
        ..64 => vec![kind << 6 | id as u8],
        64..320 if !is_long => vec![kind << 6, low],
        _ => vec![kind << 6 | 1, low, high],
    }
}

/// Puts chunks together. `fill` are the bytes of payloads.
fn put_together(pieces: &[Piece], fill: &[u8]) -> Vec<u8> {
    let (mut stream, mut fill) = (vec![], fill.iter().cycle());
    for piece in pieces {
        let start = stream.len();
        stream.extend(basic(piece.kind, piece.id));
        stream.extend(&piece.fields);
        loop {
            match Twin::read(&stream, false, N, MAX) {
                (_, End::Cut(_), (_, Some(right))) => stream.push(right),
                (_, End::Cut(_), (missing, None)) => stream.extend(fill.by_ref().take(missing)),
                (_, End::Stream(..) | End::Chunk(ChunkError { kind: ChunkErrorKind::ChunkSize { .. }, .. }), _) => {
                    if piece.is_kept {
                        return stream;
                    }
                    stream.truncate(start);
                    break;
                }
                _ => break,
            }
        }
    }
    stream
}

fn fill() -> impl Strategy<Value = Vec<u8>> {
    // Small numbers are sizes of chunks, and chunk streams.
    prop_oneof![Just(vec![0, 0, 0, 3]), Just(vec![0, 0, 0, 4, 0, 0, 0, 2, 7]), several(any::<u8>(), 1..9)]
}

fn cuts() -> impl Strategy<Value = Vec<Index>> {
    several(any::<Index>(), 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_chunks_are_those_of_the_twin(pieces in several(piece(), 0..24), fill in fill(), cuts in cuts()) {
        agree(&put_together(&pieces, &fill), false, &cuts);
    }

    #[test]
    fn any_damage_is_what_the_twin_sees(
        pieces in several(piece(), 1..12),
        fill in fill(),
        damage in several((any::<Index>(), any::<u8>(), 0..3_u8), 1..4),
        cuts in cuts(),
    ) {
        let mut stream = put_together(&pieces, &fill);
        for (at, byte, how) in damage {
            let at = at.index(stream.len() + 1);
            match how {
                0 if at < stream.len() => stream[at] = byte,
                1 if at < stream.len() => drop(stream.remove(at)),
                _ => stream.insert(at, byte),
            }
        }
        agree(&stream, false, &cuts);
    }

    #[test]
    fn any_bytes_are_read_as_the_twin_reads_them(stream in several(any::<u8>(), 0..99), cuts in cuts()) {
        agree(&stream, false, &cuts);
        agree(&[&[3; 3073][..], &stream].concat(), true, &cuts);
    }
}

/// What a sender does next.
#[derive(Clone, Debug)]
enum Step {
    /// Goes on with the message of this chunk stream, or begins this one if there is none.
    Send(usize, u8, u32, Vec<u8>),
    /// Sets another chunk size.
    Resize(u32),
    /// Drops the message of a chunk stream.
    Abort(usize),
}

const IDS: [u32; 5] = [3, 63, 64, 319, 65_599];

fn step() -> impl Strategy<Value = Step> {
    let timestamp = prop_oneof![any::<u32>(), select(vec![0, 0xff_fffe, 0xff_ffff, 0x100_0000, u32::MAX])];
    prop_oneof![
        8 => (0..5_usize, 3..=255_u8, timestamp, several(any::<u8>(), 0..40))
            .prop_map(|(slot, message_type, timestamp, payload)| Step::Send(slot, message_type, timestamp, payload)),
        1 => prop_oneof![1..9_u32, select(vec![1, 128, 0x7fff_ffff])].prop_map(Step::Resize),
        1 => (0..5_usize).prop_map(Step::Abort),
    ]
}

/// Sends messages on five chunk streams at once: the bytes, and the messages in the order in which they are complete.
fn send(steps: &[Step], first_size: u32) -> (Vec<u8>, Messages) {
    let resize = Step::Resize(first_size);
    let (mut wire, mut complete, mut size) = (vec![], vec![], 128);
    let mut open: BTreeMap<u32, (Split<'_, MessageHeader>, MessageHeader, &[u8])> = BTreeMap::new();
    let control = |message_type| MessageHeader { chunk_stream: 2, message_type, message_stream: 0, timestamp: 0 };
    for step in std::iter::once(&resize).chain(steps) {
        match step {
            Step::Send(slot, message_type, timestamp, payload) => {
                let (chunk_stream, message_type) = (IDS[*slot], *message_type);
                let message_stream = u32::from(message_type) << 24 | 5;
                let header = MessageHeader { chunk_stream, message_type, message_stream, timestamp: *timestamp };
                let begin = || (Split::new(header, payload, 1), header, &payload[..]);
                let (split, header, payload) = open.entry(chunk_stream).or_insert_with(begin);
                split.set_max_part_len(size as usize);
                let part = split.next_part().unwrap().unwrap();
                wire.extend(part.slices().unwrap().concat());
                if part.is_last() {
                    complete.push((*header, payload.to_vec()));
                    open.remove(&chunk_stream);
                }
            }
            Step::Resize(next) => {
                let payload = next.to_be_bytes();
                Split::new(control(SET_CHUNK_SIZE), &payload, size as usize).encode(&mut wire).unwrap();
                complete.push((control(SET_CHUNK_SIZE), payload.to_vec()));
                size = *next;
            }
            Step::Abort(slot) => {
                let payload = IDS[*slot].to_be_bytes();
                Split::new(control(ABORT), &payload, size as usize).encode(&mut wire).unwrap();
                complete.push((control(ABORT), payload.to_vec()));
                open.remove(&IDS[*slot]);
            }
        }
    }
    for (mut split, header, payload) in open.into_values() {
        split.set_max_part_len(size as usize);
        while let Some(part) = split.next_part().unwrap() {
            wire.extend(part.slices().unwrap().concat());
        }
        complete.push((header, payload.to_vec()));
    }
    (wire, complete)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn messages_on_all_chunk_streams_come_back(steps in several(step(), 0..40), first in 1..9_u32, cuts in cuts()) {
        let (wire, sent) = send(&steps, first);
        let (seen, end) = agree(&wire, false, &cuts);
        prop_assert_eq!(end, End::Clean);
        prop_assert_eq!(joined(&seen), sent);
    }
}
