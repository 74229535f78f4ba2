//! Generated messages, streams and splits.

use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

use proptest::collection::vec as several;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use proptest::sample::Index;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};

use super::laws::Damage;
use super::laws::shared::{encode_all, fitting};
use super::laws::{
    any_split, callbacks, end_reports_what_was_cut, errors_exact_and_sticky, limit, linear, memory,
    neither_late_nor_greedy, no_panic, nothing_undamaged_is_lost, refusal, round_trip,
};
use super::model::model;
use super::{Law, Violation, contract};
use crate::{Framing, Recovery};

/// Messages of up to `most` bytes: empty ones, text, bytes with a meaning in many framings, any bytes.
pub fn messages(most: usize) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        4 => prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'0'), Just(b'1'), Just(b'5'), Just(b':'), Just(b','), Just(0)],
        2 => b'a'..=b'c',
        2 => 0_u8..8,
        1 => any::<u8>(),
    ];
    prop_oneof![1 => Just(Vec::new()), 9 => several(byte, 0..=most)]
}

/// Where to cut a stream: nowhere, at every byte, or anywhere, also twice at the same index.
pub fn splits() -> impl Strategy<Value = Split> {
    prop_oneof![
        1 => Just(Split(None)),
        1 => Just(Split(Some(Vec::new()))),
        6 => several(any::<Index>(), 1..12).prop_map(|cuts| Split(Some(cuts))),
    ]
}

/// Where to cut a stream of any length.
#[derive(Clone, Debug)]
pub struct Split(Option<Vec<Index>>);

impl Split {
    /// Returns the indices, for a stream of `len` bytes.
    #[must_use]
    pub fn cuts(&self, len: usize) -> Vec<usize> {
        match &self.0 {
            None => (0..len).collect(),
            Some(cuts) => cuts.iter().map(|cut| cut.index(len + 1)).collect(),
        }
    }
}

/// Harm that a peer may do to a stream of good frames.
#[derive(Clone, Debug)]
enum Harm {
    Change(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    End(Index),
    Append(Vec<u8>),
}

/// Input for every law, generated for no framing in particular.
#[derive(Clone, Debug)]
pub struct Case {
    /// Messages, and the distance from the limit to which each is changed if it is near the limit.
    messages: Vec<(Vec<u8>, Option<i8>)>,
    harm: Vec<Harm>,
    split: Split,
}

/// All input of [`check_case`].
pub fn cases() -> BoxedStrategy<Case> {
    let near = prop_oneof![3 => Just(None), 1 => (-2_i8..=2).prop_map(Some)];
    let harm = prop_oneof![
        4 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Harm::Change(at, byte)),
        2 => (any::<Index>(), messages(4)).prop_map(|(at, bytes)| Harm::Insert(at, bytes)),
        2 => (any::<Index>(), 1_usize..4).prop_map(|(at, len)| Harm::Remove(at, len)),
        2 => any::<Index>().prop_map(Harm::End),
        3 => messages(12).prop_map(Harm::Append),
    ];
    (several((messages(24), near), 0..5), several(harm, 0..4), splits())
        .prop_map(|(messages, harm, split)| Case { messages, harm, split })
        .boxed()
}

impl Case {
    /// Returns messages for `framing`, many of them adapted to it.
    pub fn messages(&self, framing: &dyn Framing) -> Vec<Vec<u8>> {
        let limit = usize::try_from(framing.max_payload_len()).ok().filter(|limit| *limit <= 1024);
        let moved = self.messages.iter().map(|(message, near)| {
            let mut message = message.clone();
            if let (Some(limit), Some(near)) = (limit, near) {
                message.resize(limit.saturating_add_signed((*near).into()), b'x');
            }
            message
        });
        let fitted: Vec<_> = self.messages.iter().filter_map(|(message, _)| fitting(framing, message)).collect();
        moved.chain(fitted).collect()
    }

    /// Returns a stream for `framing`: frames, and harm done to them.
    pub fn stream(&self, framing: &dyn Framing) -> Vec<u8> {
        let (mut wire, _) = encode_all(framing, &self.messages(framing));
        for harm in &self.harm {
            match harm {
                Harm::Change(at, byte) if !wire.is_empty() => *at.get_mut(&mut wire) = *byte,
                Harm::Change(..) => {}
                Harm::Insert(at, bytes) => {
                    let at = at.index(wire.len() + 1);
                    wire.splice(at..at, bytes.iter().copied());
                }
                Harm::Remove(at, len) => {
                    let at = at.index(wire.len() + 1);
                    wire.drain(at..wire.len().min(at + len));
                }
                Harm::End(at) => wire.truncate(at.index(wire.len() + 1)),
                Harm::Append(bytes) => wire.extend_from_slice(bytes),
            }
        }
        wire
    }

    /// Returns damage to the frames of the messages, if there is any.
    fn damage(&self, framing: &dyn Framing) -> Option<Damage> {
        let (wire, _) = encode_all(framing, &self.messages(framing));
        let index = |at: &Index| at.index(wire.len() + 1);
        Some(match self.harm.first()? {
            Harm::Change(at, byte) => Damage { at: index(at), len: 1, by: vec![*byte] },
            Harm::Insert(at, bytes) => Damage { at: index(at), len: 0, by: bytes.clone() },
            Harm::Remove(at, len) => Damage { at: index(at), len: *len, by: Vec::new() },
            Harm::End(at) => Damage { at: index(at), len: wire.len(), by: Vec::new() },
            Harm::Append(bytes) => Damage { at: wire.len(), len: 0, by: bytes.clone() },
        })
    }

    /// Returns where to cut a stream of `len` bytes.
    #[must_use]
    pub fn cuts(&self, len: usize) -> Vec<usize> {
        self.split.cuts(len)
    }
}

/// Checks every law for one case.
///
/// # Errors
///
/// [`Violation`].
pub fn check_case(framing: &dyn Framing, case: &Case) -> Result<(), Violation> {
    let messages = case.messages(framing);
    round_trip(framing, &messages)?;
    refusal(framing, &messages)?;
    end_reports_what_was_cut(framing, &messages)?;
    if let Some(damage) = case.damage(framing) {
        nothing_undamaged_is_lost(framing, &messages, &damage)?;
    }
    let stream = case.stream(framing);
    let cuts = case.cuts(stream.len());
    no_panic(framing, &stream, &cuts)?;
    contract(framing, &stream)?;
    any_split(framing, &stream, &cuts)?;
    neither_late_nor_greedy(framing, &stream)?;
    memory(framing, &stream, &cuts)?;
    errors_exact_and_sticky(framing, &stream)?;
    callbacks(framing, &stream, &cuts)?;
    // Decoded messages can be sent again.
    round_trip(framing, &decoded(framing, &stream))
}

/// Returns the messages of the frames in `stream` that were decoded.
fn decoded(framing: &dyn Framing, stream: &[u8]) -> Vec<Vec<u8>> {
    let mut decoder = crate::Decoder::new(framing);
    let mut messages = Vec::new();
    if decoder.push(stream).is_ok() {
        while let Ok(Some(frame)) = decoder.next_frame() {
            if messages.len() > stream.len() {
                break;
            }
            if !frame.is_control() {
                messages.push(frame.message().to_vec());
            }
        }
    }
    messages
}

/// Returns `stream` with a byte changed in its first third, if most of the rest can still be decoded.
fn damaged(framing: &dyn Framing, stream: &[u8]) -> Option<Vec<u8>> {
    let mut damaged = stream.to_vec();
    let at = (stream.len() / 8..stream.len() / 3).find(|&at| {
        damaged[at] ^= 0x55;
        let events = model(framing, &damaged, Recovery::SkipFrame).events;
        let is_skipped = events.iter().any(|event| !event.is_frame());
        let goes_on = events.last().is_some_and(|event| event.end() > stream.len() as u64 / 2);
        if !(is_skipped && goes_on) {
            damaged[at] = stream[at];
        }
        is_skipped && goes_on
    });
    at.map(|_| damaged)
}

/// Checks short messages first, so that a mistake that shows with every message is not reported with a long one.
fn simple(framing: &dyn Framing) -> Result<(), Violation> {
    for len in [0, 1, 5] {
        let Some(message) = fitting(framing, &vec![b'a'; len]) else { continue };
        let (wire, _) = encode_all(framing, &[&message]);
        contract(framing, &wire)?;
        round_trip(framing, &[message])?;
    }
    Ok(())
}

/// Returns a stream of `framing`'s frames long enough for [`linear`], with one long frame in it if possible.
fn long_stream(framing: &dyn Framing) -> Vec<u8> {
    const LEN: usize = 4096;
    // Its last frame has only begun.
    let mut messages = Vec::new();
    for len in [0, 7, 40, LEN, 200, 3, LEN] {
        let Some(message) = fitting(framing, &vec![b'x'; len]) else { continue };
        for _ in 0..LEN / message.len().max(512) {
            messages.push(message.clone());
        }
    }
    let (mut wire, _) = encode_all(framing, &messages);
    wire.pop();
    wire
}

/// Checks every law for `cases` cases (or the number in the environment variable `PROPTEST_CASES`), and shrinks a case
/// that breaks a law.
///
/// # Errors
///
/// The smallest [`Violation`] found.
pub fn check_all(framing: &dyn Framing, cases: u32) -> Result<(), Violation> {
    simple(framing)?;
    limit(framing)?;
    let stream = long_stream(framing);
    linear(framing, &stream)?;
    if let Some(stream) = damaged(framing, &stream[..stream.len().min(2048)]) {
        linear(framing, &stream)?;
    }
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(cases);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 400, ..Config::default() };
    let check = |case: Case| check_case(framing, &case).map_err(|violation| TestCaseError::fail(violation.to_string()));
    match TestRunner::new(config).run(&self::cases(), check) {
        Ok(()) => Ok(()),
        Err(TestError::Fail(reason, case)) => Err(match check_case(framing, &case) {
            Err(violation) => violation,
            // The answers of the framing change from run to run.
            Ok(()) => Violation::new(Law::Contract, "the same answer to the same question", reason.to_string())
                .with_case(&format!("{case:?}")),
        }),
        Err(TestError::Abort(reason)) => Err(Violation::new(Law::NoPanic, "cases to the end", reason.to_string())),
    }
}
