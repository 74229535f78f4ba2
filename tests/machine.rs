//! Random sequences of every call of `Decoder`, against a simple model.
//!
//! `ANYSPLIT_MACHINE=1000000 cargo test --release --all-features --test machine` runs a million sequences.

#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use anysplit::{AnyFraming, DecodeError, Decoder, Piece, Recovery};
use bytes::BufMut;
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

use crate::model::{Answer, Kind, Model};

#[path = "machine/model.rs"]
mod model;

/// How a callback behaves.
#[derive(Clone, Copy, Debug)]
enum Callback {
    Goes,
    Fails,
    Panics,
}

#[derive(Clone, Debug)]
enum Call {
    Push(Vec<u8>),
    Spare(usize, Vec<u8>),
    ReadWith(Vec<u8>, Callback),
    ReadWithLie(usize),
    FramesIn(Vec<u8>, usize),
    EventsIn(Vec<u8>, usize),
    ForEach(Vec<u8>, usize, Callback),
    NextFrame,
    NextEvent,
    NextBytes,
    NextBatch,
    NextPieces,
    Need,
    Finish,
    FinishEvent,
    FinishBytes,
    FinishPieces,
    WithFraming(Kind),
    WithRecovery(Recovery),
    IntoParts,
    Reset,
}

const POLICIES: [Recovery; 5] =
    [Recovery::Fail, Recovery::SkipOversize, Recovery::SkipFrame, Recovery::Resync, Recovery::ResyncConfirmed];

/// Bytes that are likely to mean something to the kinds of framing.
fn chunk() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        4 => prop::sample::select(b"\n\r\xc0\xdb\xdc\xdd:,".to_vec()),
        4 => 0_u8..8,
        2 => b'0'..=b'9',
        2 => Just(b'a'),
        1 => any::<u8>(),
    ];
    let good = prop::sample::select(vec![&b"\x02hi"[..], b"2:hi,", b"hi\n", b"hi\r\n", b"\xc0hi\xc0", b"9:ninebytes,"]);
    prop_oneof![
        3 => prop::collection::vec(byte, 0..9),
        2 => prop::collection::vec(good, 0..4).prop_map(|parts| parts.concat()),
    ]
}

fn kind() -> impl Strategy<Value = Kind> {
    prop::sample::select(Kind::ALL.to_vec())
}

fn policy() -> impl Strategy<Value = Recovery> {
    prop::sample::select(POLICIES.to_vec())
}

fn callback() -> impl Strategy<Value = Callback> {
    prop_oneof![3 => Just(Callback::Goes), 1 => Just(Callback::Fails), 1 => Just(Callback::Panics)]
}

struct Machine;

impl ReferenceStateMachine for Machine {
    type State = Model;
    type Transition = Call;

    fn init_state() -> BoxedStrategy<Model> {
        (kind(), policy()).prop_map(|(kind, policy)| Model::new(kind, policy)).boxed()
    }

    fn transitions(_: &Model) -> BoxedStrategy<Call> {
        prop_oneof![
            6 => chunk().prop_map(Call::Push),
            2 => (0_usize..20, chunk()).prop_map(|(len, chunk)| Call::Spare(len, chunk)),
            2 => (chunk(), callback()).prop_map(|(chunk, callback)| Call::ReadWith(chunk, callback)),
            1 => (0_usize..9).prop_map(Call::ReadWithLie),
            4 => (chunk(), 0_usize..6).prop_map(|(chunk, most)| Call::FramesIn(chunk, most)),
            3 => (chunk(), 0_usize..6).prop_map(|(chunk, most)| Call::EventsIn(chunk, most)),
            4 => (chunk(), 0_usize..4, callback()).prop_map(|(chunk, most, callback)| Call::ForEach(chunk, most, callback)),
            6 => Just(Call::NextFrame),
            4 => Just(Call::NextEvent),
            3 => Just(Call::NextBytes),
            3 => Just(Call::NextBatch),
            6 => Just(Call::NextPieces),
            3 => Just(Call::Need),
            1 => Just(Call::Finish),
            1 => Just(Call::FinishEvent),
            1 => Just(Call::FinishBytes),
            1 => Just(Call::FinishPieces),
            1 => kind().prop_map(Call::WithFraming),
            1 => policy().prop_map(Call::WithRecovery),
            1 => Just(Call::IntoParts),
            1 => Just(Call::Reset),
        ]
        .boxed()
    }

    fn preconditions(model: &Model, call: &Call) -> bool {
        match call {
            // If the change comes inside a frame, the rest depends on how many of its bytes were already removed.
            Call::WithFraming(_) | Call::WithRecovery(_) | Call::IntoParts => model.is_at_start() && !model.eof,
            _ => true,
        }
    }

    fn apply(mut model: Model, call: &Call) -> Model {
        model.expected.clear();
        if let Call::Push(_)
        | Call::Spare(..)
        | Call::ReadWith(..)
        | Call::ReadWithLie(_)
        | Call::FramesIn(..)
        | Call::EventsIn(..)
        | Call::ForEach(..) = call
        {
            if !model.is_open() {
                model.expected.push(Answer::Closed);
                return model;
            }
        }
        match call {
            Call::Push(chunk) | Call::ReadWith(chunk, Callback::Goes) => model.bytes.extend_from_slice(chunk),
            Call::Spare(len, chunk) => model.bytes.extend_from_slice(&chunk[..chunk.len().min(*len)]),
            Call::ReadWith(..) | Call::ReadWithLie(_) => {}
            Call::FramesIn(chunk, most) => {
                model.bytes.extend_from_slice(chunk);
                take(&mut model, *most, Model::next_frame);
            }
            Call::EventsIn(chunk, most) => {
                model.bytes.extend_from_slice(chunk);
                take(&mut model, *most, Model::next_event);
            }
            Call::ForEach(chunk, most, callback) => {
                model.bytes.extend_from_slice(chunk);
                let most = if let Callback::Goes = callback { usize::MAX } else { *most + 1 };
                take(&mut model, most, Model::next_frame);
            }
            Call::NextFrame | Call::NextBytes => {
                let answer = model.next_frame();
                model.expected.push(answer);
            }
            Call::NextEvent => {
                let answer = model.next_event();
                model.expected.push(answer);
            }
            Call::NextBatch => {
                // All frames before something else: that is for the next call, unless it is the first.
                loop {
                    let mut ahead = model.clone();
                    let first = model.expected.is_empty();
                    let answer = if first { ahead.next_frame() } else { ahead.next_event() };
                    if first || matches!(answer, Answer::Frame { .. }) {
                        model = ahead;
                        model.expected.push(answer.clone());
                    }
                    if !matches!(answer, Answer::Frame { .. }) {
                        break;
                    }
                }
            }
            Call::NextPieces => model.expected = model.next_pieces(),
            Call::Need => model.look(),
            Call::Finish | Call::FinishBytes => {
                model.eof = true;
                let answer = model.next_frame();
                model.expected.push(answer);
            }
            Call::FinishEvent => {
                model.eof = true;
                let answer = model.next_event();
                model.expected.push(answer);
            }
            Call::FinishPieces => {
                model.eof = true;
                model.expected = model.next_pieces();
            }
            Call::WithFraming(kind) => model.kind = *kind,
            Call::WithRecovery(recovery) => model.recovery = *recovery,
            Call::IntoParts => {
                model.offset = 0;
                model.skipped = (0, 0);
            }
            Call::Reset => model = Model::new(model.kind, model.recovery),
        }
        model
    }
}

/// Takes at most `most` answers, up to the first that is neither a frame nor a stretch.
fn take(model: &mut Model, most: usize, next: fn(&mut Model) -> Answer) {
    for _ in 0..most {
        let answer = next(model);
        let last = matches!(answer, Answer::Nothing | Answer::Error);
        model.expected.push(answer);
        if last {
            break;
        }
    }
}

fn answer<T, E>(result: Result<Option<T>, E>, show: impl FnOnce(T) -> Answer) -> Answer {
    match result {
        Ok(Some(found)) => show(found),
        Ok(None) => Answer::Nothing,
        Err(_) => Answer::Error,
    }
}

/// Calls for pieces until one is no data.
fn pieces<E>(
    decoder: &mut Decoder<AnyFraming>,
    next: fn(&mut Decoder<AnyFraming>) -> Result<Option<Piece<'_>>, E>,
) -> Vec<Answer> {
    let mut data = Vec::new();
    loop {
        let answer = answer(next(decoder), Answer::from);
        match answer {
            Answer::Data(bytes) => data.extend(bytes),
            answer if data.is_empty() => return vec![answer],
            answer => return vec![Answer::Data(data), answer],
        }
    }
}

#[derive(Debug)]
struct Stop;

impl From<DecodeError> for Stop {
    fn from(_: DecodeError) -> Self {
        Self
    }
}

/// Calls `take` of the frames of a chunk with a callback that fails or panics with the frame of this number.
fn for_each(decoder: &mut Decoder<AnyFraming>, chunk: &[u8], most: usize, callback: Callback) -> Vec<Answer> {
    let mut seen = Vec::new();
    let Ok(frames) = decoder.frames_in(chunk) else { return vec![Answer::Closed] };
    let result = catch_unwind(AssertUnwindSafe(|| {
        frames.try_for_each(|found| {
            seen.push(Answer::from(found));
            match callback {
                Callback::Fails if seen.len() > most => Err(Stop),
                Callback::Panics if seen.len() > most => std::panic::resume_unwind(Box::new(())),
                _ => Ok(()),
            }
        })
    }));
    match (result, callback) {
        (Ok(Ok(())), _) => seen.push(Answer::Nothing),
        // The callback's own error came with a frame that it was called with.
        (Ok(Err(Stop)), Callback::Fails) if seen.len() > most => {}
        (Ok(Err(Stop)), _) => seen.push(Answer::Error),
        (Err(_), _) => {}
    }
    seen
}

struct Test {
    decoder: Decoder<AnyFraming>,
}

impl StateMachineTest for Test {
    type SystemUnderTest = Self;
    type Reference = Machine;

    fn init_test(model: &Model) -> Self {
        Self { decoder: Decoder::new(model.kind.framing()).with_recovery(model.recovery) }
    }

    fn apply(mut this: Self, model: &Model, call: Call) -> Self {
        let decoder = &mut this.decoder;
        let closed = |is_closed: bool| if is_closed { vec![Answer::Closed] } else { Vec::new() };
        let seen = match call {
            Call::Push(chunk) => closed(decoder.push(&chunk).is_err()),
            Call::Spare(len, chunk) => match decoder.spare(len) {
                Ok(mut room) => {
                    room.put_slice(&chunk[..chunk.len().min(len)]);
                    Vec::new()
                }
                Err(_) => closed(true),
            },
            Call::ReadWith(chunk, callback) => {
                let read = |room: &mut [u8]| {
                    room[..chunk.len()].copy_from_slice(&chunk);
                    match callback {
                        Callback::Goes => Ok(chunk.len()),
                        Callback::Fails => Err(()),
                        Callback::Panics => std::panic::resume_unwind(Box::new(())),
                    }
                };
                let result = catch_unwind(AssertUnwindSafe(|| decoder.read_with(64, read).is_err()));
                closed(result.unwrap_or(false))
            }
            Call::ReadWithLie(len) => closed(decoder.read_with(len, |room| Ok::<_, ()>(room.len() + 1)).is_err()),
            Call::FramesIn(chunk, most) => match decoder.frames_in(&chunk) {
                Ok(mut frames) => {
                    let mut seen = Vec::new();
                    while seen.len() < most && !matches!(seen.last(), Some(Answer::Nothing | Answer::Error)) {
                        seen.push(answer(frames.next_frame(), Answer::from));
                    }
                    seen
                }
                Err(_) => closed(true),
            },
            Call::EventsIn(chunk, most) => match decoder.frames_in(&chunk) {
                Ok(mut frames) => {
                    let mut seen = Vec::new();
                    while seen.len() < most && !matches!(seen.last(), Some(Answer::Nothing | Answer::Error)) {
                        seen.push(answer(frames.next_event(), Answer::from));
                    }
                    seen
                }
                Err(_) => closed(true),
            },
            Call::ForEach(chunk, most, callback) => for_each(decoder, &chunk, most, callback),
            Call::NextFrame => vec![answer(decoder.next_frame(), Answer::from)],
            Call::NextEvent => vec![answer(decoder.next_event(), Answer::from)],
            Call::NextBytes => vec![answer(decoder.next_bytes(), |owned| Answer::from(owned.frame()))],
            Call::NextBatch => match decoder.next_batch() {
                Ok(Some(batch)) => {
                    let owned: Vec<_> = batch.clone().into_iter().map(|owned| Answer::from(owned.frame())).collect();
                    assert_eq!(batch.iter().map(Answer::from).collect::<Vec<_>>(), owned);
                    owned
                }
                Ok(None) => vec![Answer::Nothing],
                Err(_) => vec![Answer::Error],
            },
            Call::NextPieces => pieces(decoder, Decoder::next_piece),
            Call::Need => {
                // The laws test the value. This checks that asking changes nothing.
                let need = decoder.need();
                assert_eq!(decoder.need(), need);
                Vec::new()
            }
            Call::Finish => vec![answer(decoder.finish(), Answer::from)],
            Call::FinishEvent => vec![answer(decoder.finish_event(), Answer::from)],
            Call::FinishBytes => vec![answer(decoder.finish_bytes(), |owned| Answer::from(owned.frame()))],
            Call::FinishPieces => pieces(decoder, Decoder::finish_piece),
            Call::WithFraming(kind) => return Self { decoder: this.decoder.with_framing(kind.framing()) },
            Call::WithRecovery(recovery) => return Self { decoder: this.decoder.with_recovery(recovery) },
            Call::IntoParts => {
                let position = this.decoder.position();
                let parts = this.decoder.into_parts();
                assert_eq!((parts.position, &parts.rest[..]), (position, &model.bytes[..]));
                let mut decoder = Decoder::new(parts.framing).with_recovery(model.recovery);
                decoder.push(&parts.rest).unwrap();
                return Self { decoder };
            }
            Call::Reset => {
                decoder.reset();
                Vec::new()
            }
        };
        assert_eq!(seen, model.expected);
        this
    }

    fn check_invariants(this: &Self, model: &Model) {
        let skips = this.decoder.skipped();
        assert_eq!((skips.stretches, skips.bytes), model.skipped);
        assert_eq!(skips.last_reason.is_some(), model.skipped.0 > 0);
        if !model.looked {
            assert_eq!(this.decoder.is_skipping(), model.skipping || model.hunted.is_some());
        }
        if model.is_at_start() {
            assert_eq!((this.decoder.position(), this.decoder.buffered()), (model.offset, &model.bytes[..]));
        }
    }
}

fn config() -> ProptestConfig {
    let cases = std::env::var("ANYSPLIT_MACHINE").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2_000);
    ProptestConfig {
        cases,
        max_shrink_iters: 20_000,
        max_local_rejects: u32::MAX,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

prop_state_machine! {
    #![proptest_config(config())]

    #[test]
    fn every_sequence_of_calls_agrees_with_the_model(sequential 1..40 => Test);
}
