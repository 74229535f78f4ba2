//! Made-up messages, streams and splits.

use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

use proptest::collection::vec as several;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use proptest::sample::Index;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};

use super::laws::{
    any_split, end_says_what_it_cut, errors_exact_and_sticky, linear, memory, neither_late_nor_greedy, no_panic,
    refusal, round_trip,
};
use super::{Law, Violation, contract};
use crate::{DecodeErrorKind, EncodeError, Framing};

/// Messages of up to `most` bytes: empty ones, text, bytes that framings like to use for themselves, any bytes.
pub fn messages(most: usize) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        4 => prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'0'), Just(b'1'), Just(b'5'), Just(b':'), Just(b','), Just(0)],
        2 => b'a'..=b'c',
        2 => 0_u8..8,
        1 => any::<u8>(),
    ];
    prop_oneof![1 => Just(Vec::new()), 9 => several(byte, 0..=most)]
}

/// Where to cut a stream: nowhere, at every byte, or anywhere, twice at the same index too.
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
    /// The indices, for a stream of `len` bytes.
    #[must_use]
    pub fn cuts(&self, len: usize) -> Vec<usize> {
        match &self.0 {
            None => (0..len).collect(),
            Some(cuts) => cuts.iter().map(|cut| cut.index(len + 1)).collect(),
        }
    }
}

/// What a peer may do to a stream of good frames.
#[derive(Clone, Debug)]
enum Harm {
    Change(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    End(Index),
    Append(Vec<u8>),
}

/// Input for every law, made for no framing in particular.
#[derive(Clone, Debug)]
pub struct Case {
    /// Messages, and how far from the limit each is to be moved if that is near.
    messages: Vec<(Vec<u8>, Option<i8>)>,
    harm: Vec<Harm>,
    split: Split,
}

/// All that [`check_case`] needs.
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
    /// Messages for `framing`, many of them made to fit.
    pub fn messages<F: Framing + ?Sized>(&self, framing: &F) -> Vec<Vec<u8>> {
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

    /// A stream for `framing`: frames, and what has been done to them.
    pub fn stream<F: Framing + ?Sized>(&self, framing: &F) -> Vec<u8> {
        let mut wire = Vec::new();
        for message in self.messages(framing) {
            if let Ok(envelope) = framing.envelope(&message) {
                envelope.slices(&message).iter().for_each(|part| wire.extend_from_slice(part));
            }
        }
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

    /// Where to cut a stream of `len` bytes.
    #[must_use]
    pub fn cuts(&self, len: usize) -> Vec<usize> {
        self.split.cuts(len)
    }
}

/// A message that `framing` takes, made of `message` by doing what each refusal asks for; `None` where that does not
/// help.
pub fn fitting<F: Framing + ?Sized>(framing: &F, message: &[u8]) -> Option<Vec<u8>> {
    let mut message = message.to_vec();
    // Each refusal puts one thing right, and the next may be about another.
    for _ in 0..24 {
        if let Ok(Some(patch)) = framing.patch(&message) {
            let end = patch.at.checked_add(patch.len)?;
            if end <= message.len() {
                message.splice(patch.at..end, patch.bytes.iter().copied());
            }
        }
        let refusal = match framing.envelope(&message) {
            Ok(_) => return Some(message),
            Err(refusal) => refusal,
        };
        match refusal {
            EncodeError::Oversize { len, max } => {
                let over = usize::try_from(len.saturating_sub(max)).ok()?;
                message.truncate(message.len().saturating_sub(over.max(1)));
            }
            EncodeError::TooShort { len, min } => {
                let lacking = usize::try_from(min.saturating_sub(len)).ok().filter(|lacking| *lacking < 4096)?;
                message.resize(message.len() + lacking.max(1), 0);
            }
            EncodeError::WrongLength { expected, .. } => {
                message.resize(usize::try_from(expected).ok().filter(|len| *len < 4096)?, 0);
            }
            EncodeError::NotAMultiple { .. } => message.push(0),
            EncodeError::ContainsDelimiter { at } => message.truncate(at),
            EncodeError::Mismatch { at, expected, .. } => *message.get_mut(at)? = expected,
            EncodeError::UnknownType { .. } | EncodeError::Empty => {
                let rest = message.get(1..).unwrap_or_default().to_vec();
                let known = |first: &u8| {
                    let message = [&[*first], &rest[..]].concat();
                    !matches!(framing.envelope(&message), Err(EncodeError::UnknownType { .. }))
                };
                // Where several types are known, the old first byte chooses one.
                let types: Vec<u8> = (0..=u8::MAX).filter(known).collect();
                let chosen = types.get(usize::from(message.first().copied().unwrap_or(0)) % types.len().max(1))?;
                message = [&[*chosen], &rest[..]].concat();
            }
            EncodeError::Header(fault) => match fault.kind {
                DecodeErrorKind::Mismatch { expected, .. } => *message.get_mut(fault.at)? = expected,
                _ => *message.get_mut(fault.at)? = b'0',
            },
            EncodeError::DoesNotFit { .. } => message.truncate(message.len() / 2),
            _ => return None,
        }
    }
    None
}

/// Every law, for one case.
///
/// # Errors
///
/// [`Violation`].
pub fn check_case<F: Framing + ?Sized>(framing: &F, case: &Case) -> Result<(), Violation> {
    let messages = case.messages(framing);
    round_trip(framing, &messages)?;
    refusal(framing, &messages)?;
    end_says_what_it_cut(framing, &messages)?;
    let stream = case.stream(framing);
    let cuts = case.cuts(stream.len());
    no_panic(framing, &stream, &cuts)?;
    contract(framing, &stream)?;
    any_split(framing, &stream, &cuts)?;
    neither_late_nor_greedy(framing, &stream)?;
    memory(framing, &stream, &cuts)?;
    errors_exact_and_sticky(framing, &stream)
}

/// A stream of `framing`'s frames long enough for [`linear`], with one long frame in it if there can be one.
fn long_stream<F: Framing + ?Sized>(framing: &F) -> Vec<u8> {
    const LEN: usize = 4096;
    let mut wire = Vec::new();
    // Its last frame has only begun.
    for len in [0, 7, 40, LEN, 200, 3, LEN] {
        let Some(message) = fitting(framing, &vec![b'x'; len]) else { continue };
        for _ in 0..LEN / message.len().max(512) {
            if let Ok(envelope) = framing.envelope(&message) {
                envelope.slices(&message).iter().for_each(|part| wire.extend_from_slice(part));
                if envelope.is_last() {
                    return wire;
                }
            }
        }
    }
    wire.pop();
    wire
}

/// Every law, for `cases` cases (or as many as the environment variable `PROPTEST_CASES` says), made smaller where one
/// breaks a law.
///
/// # Errors
///
/// The smallest [`Violation`] found.
pub fn check_all<F: Framing + ?Sized>(framing: &F, cases: u32) -> Result<(), Violation> {
    linear(framing, &long_stream(framing))?;
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(cases);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 2000, ..Config::default() };
    let check = |case: Case| check_case(framing, &case).map_err(|violation| TestCaseError::fail(violation.to_string()));
    match TestRunner::new(config).run(&self::cases(), check) {
        Ok(()) => Ok(()),
        Err(TestError::Fail(reason, case)) => Err(match check_case(framing, &case) {
            Err(violation) => violation,
            // A framing that answers now so, now so.
            Ok(()) => Violation::new(Law::Contract, "the same answer to the same question", reason.to_string())
                .with_case(&format!("{case:?}")),
        }),
        Err(TestError::Abort(reason)) => Err(Violation::new(Law::NoPanic, "cases to the end", reason.to_string())),
    }
}
