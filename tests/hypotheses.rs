//! The hypotheses of the theorems in `proofs/theory`, for every framing, under the same names.
//!
//! Each is tried on all short streams over a small alphabet, for all framings of `common/small.rs`, and on random streams for
//! random configurations. `ANYSPLIT_EXHAUSTIVE=1` makes the short streams one byte longer.

#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "hypotheses/broken.rs"]
mod broken;
mod common;
#[path = "common/small.rs"]
mod small;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;
use std::path::Path;

use anysplit::contract::{Extent, FrameError, Located, NextStart, Part, Progress};
use anysplit::decode::{Deframer, Step};
use anysplit::testing::cases;
use anysplit::{DecodeError, DecodeErrorKind, EofError, Framing, Recovery, Stretch};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;

type Answer = Result<Located, FrameError>;

/// A stream in three parts: what came before, the bytes of the window, and more bytes.
struct Case<'a> {
    framing: &'a dyn Framing,
    before: &'a [u8],
    bytes: &'a [u8],
    more: &'a [u8],
}

thread_local! {
    /// How often a conclusion was judged, because its premises held.
    static JUDGED: Cell<u64> = const { Cell::new(0) };
}

fn judged() {
    JUDGED.set(JUDGED.get() + 1);
}

/// Fails with both values if they differ.
fn same<T: PartialEq + Debug>(found: &T, expected: &T) -> Result<(), String> {
    judged();
    if found == expected { Ok(()) } else { Err(format!("{found:?} and not {expected:?}")) }
}

fn must(holds: bool, what: impl Debug) -> Result<(), String> {
    judged();
    if holds { Ok(()) } else { Err(format!("{what:?}")) }
}

/// Locates from the start of a frame, and returns the word that is left as well.
fn locate(framing: &dyn Framing, word: u32, bytes: &[u8]) -> (Answer, u32) {
    let mut progress = Progress { previous: word, ..Progress::default() };
    (framing.locate(bytes, &mut progress), progress.next)
}

impl Case<'_> {
    fn all(&self) -> Vec<u8> {
        [self.bytes, self.more].concat()
    }

    /// The word at the start of the bytes, if a frame begins there.
    fn word(&self) -> Option<u32> {
        let (mut rest, mut word) = (self.before, 0);
        while !rest.is_empty() {
            let (answer, next) = locate(self.framing, word, rest);
            let len = match answer {
                Ok(Located::Known(extent)) => extent.fits(rest.len())?,
                Ok(Located::Filler(len)) => len,
                _ => return None,
            };
            // A framing that breaks its promises may name no byte, or more than there are.
            (rest, word) = (rest.get(len..).filter(|_| len > 0)?, next);
        }
        Some(word)
    }

    /// The complete, intact frame at the front of the bytes.
    fn frame(&self) -> Option<(Extent, &[u8])> {
        let (Ok(Located::Known(extent)), _) = locate(self.framing, self.word()?, self.bytes) else { return None };
        let wire = &self.bytes[..extent.fits(self.bytes.len())?];
        let intact = !extent.is_checked() || self.framing.check(whole(extent, wire), &mut 0).is_ok();
        intact.then_some((extent, wire))
    }

    /// Calls `check` with each step that is taken after `before`, under each policy.
    fn steps(&self, policies: &[Recovery], check: impl Fn(&Taken<'_>) -> Result<(), String>) -> Result<(), String> {
        for &recovery in policies {
            let mut state = Fed::new(self.framing, recovery);
            if state.run(self.before).is_err() {
                continue;
            }
            state.window.extend_from_slice(self.bytes);
            loop {
                let before = state.clone();
                let Some(step) = state.step() else { break };
                let is_error = step.is_err();
                check(&Taken { before, step, after: state.clone(), more: self.more })
                    .map_err(|text| format!("{text}, under {recovery:?}"))?;
                if is_error {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// The frame as one part.
fn whole(extent: Extent, wire: &[u8]) -> Part<'_> {
    Part { extent, header: &wire[..extent.header_len()], at: 0, bytes: wire, is_last: true }
}

/// A decoder's state and its window.
#[derive(Clone)]
struct Fed<'f> {
    deframer: Deframer<&'f dyn Framing>,
    window: Vec<u8>,
    ended: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Event {
    Frame(u64, Extent, Vec<u8>),
    Skipped(Stretch),
}

/// Everything that a run returns, and the bytes that remain in the window.
type Outcome = (Vec<Event>, Option<DecodeError>, u64, Vec<u8>);

impl<'f> Fed<'f> {
    fn new(framing: &'f dyn Framing, recovery: Recovery) -> Self {
        Self { deframer: Deframer::new(framing).with_recovery(recovery), window: Vec::new(), ended: false }
    }

    /// One step. `None`: more bytes are needed.
    fn step(&mut self) -> Option<Result<Step, DecodeError>> {
        let step = if self.ended {
            self.deframer.finish(&self.window).map_err(|error| match error {
                EofError::Decode(error) => error,
                EofError::Truncated { frame_offset, end, part } => {
                    DecodeError { frame_offset, offset: end, kind: DecodeErrorKind::Truncated(part) }
                }
            })
        } else {
            self.deframer.step(&self.window).map(Some)
        };
        match step {
            Ok(None | Some(Step::Need(_))) => return None,
            Ok(Some(Step::Frame(extent))) => drop(self.window.drain(..extent.fits(self.window.len()).unwrap())),
            Ok(Some(Step::Discard { at, len })) => drop(self.window.drain(at..at + len)),
            Ok(Some(Step::Skipped { len, .. })) => drop(self.window.drain(..len)),
            Err(_) => {}
        }
        Some(step.map(|step| step.unwrap()))
    }

    /// Feeds bytes, and takes steps to the end.
    fn run(&mut self, bytes: &[u8]) -> Result<Vec<Event>, (Vec<Event>, DecodeError)> {
        self.window.extend_from_slice(bytes);
        let mut events = Vec::new();
        // Some steps take no byte: one for each frame and stretch, at most.
        for _ in 0..8 + 4 * self.window.len() {
            let window = self.window.clone();
            match self.step() {
                None => return Ok(events),
                Some(Ok(Step::Frame(extent))) => {
                    let wire = window[..extent.fits(window.len()).unwrap()].to_vec();
                    events.push(Event::Frame(self.deframer.position() - extent.frame_len(), extent, wire));
                }
                Some(Ok(Step::Skipped { stretch, .. })) => events.push(Event::Skipped(stretch)),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err((events, error)),
            }
        }
        panic!("a run does not end: \"{}\"", self.window.escape_ascii());
    }

    /// As [`run`](Self::run), with all that can be seen of the decoder afterwards.
    fn outcome(mut self, bytes: &[u8]) -> Outcome {
        let (events, error) = match self.run(bytes) {
            Ok(events) => (events, None),
            Err((events, error)) => (events, Some(error)),
        };
        (events, error, self.deframer.position(), self.window)
    }
}

/// A step, with the states and windows around it.
struct Taken<'a> {
    before: Fed<'a>,
    step: Result<Step, DecodeError>,
    after: Fed<'a>,
    more: &'a [u8],
}

impl Taken<'_> {
    /// The step is the same if more bytes follow, and these bytes come after the rest of the window.
    fn is_stable(&self) -> Result<(), String> {
        let mut longer = self.before.clone();
        longer.window.extend_from_slice(self.more);
        same(&longer.step(), &Some(self.step))?;
        same(&longer.window, &[&self.after.window[..], self.more].concat())?;
        same(&longer.deframer.position(), &self.after.deframer.position())
    }

    /// All later results are the same without this step.
    fn does_not_show(&self) -> Result<(), String> {
        same(&self.after.clone().outcome(self.more), &self.before.clone().outcome(self.more))
    }

    fn skips(&self) -> bool {
        self.before.deframer.is_skipping()
    }
}

const ALL: [Recovery; 4] = [Recovery::Fail, Recovery::SkipOversize, Recovery::SkipFrame, Recovery::Resync];
const SKIPPING: [Recovery; 2] = [Recovery::SkipOversize, Recovery::SkipFrame];

/// The answers about the next start in the bytes, after a rejected frame and elsewhere.
fn starts(case: &Case<'_>, check: impl Fn(usize, NextStart, NextStart) -> Result<(), String>) -> Result<(), String> {
    for from in 0..=case.bytes.len().min(1) {
        check(from, case.framing.next_start(case.bytes, from), case.framing.next_start(&case.all(), from))?;
    }
    Ok(())
}

type Check = fn(&Case<'_>) -> Result<(), String>;

macro_rules! hypotheses {
    ($($name:ident: $check:expr;)*) => {
        $(
            #[test]
            fn $name() {
                holds($check);
            }
        )*

        const CHECKS: &[(&str, Check)] = &[$((stringify!($name), $check)),*];
    };
}

// Of `Split.v`.
hypotheses! {
    empty_asks_for_more: |case| {
        ALL.into_iter().try_for_each(|recovery| same(&Fed::new(case.framing, recovery).step(), &None))
    };
    frame_is_stable: |case| case.steps(&ALL, |taken| match taken.step {
        Ok(Step::Frame(_) | Step::Skipped { .. }) => taken.is_stable(),
        _ => Ok(()),
    });
    error_is_stable: |case| case.steps(&ALL, |taken| match taken.step {
        Err(_) => taken.is_stable(),
        _ => Ok(()),
    });
    discarded_bytes_do_not_show: |case| case.steps(&ALL, |taken| match taken.step {
        Ok(Step::Discard { .. }) => taken.does_not_show(),
        _ => Ok(()),
    });
    // `run` panics if it does not end.
    every_run_ends: |case| {
        for recovery in ALL {
            let mut state = Fed::new(case.framing, recovery);
            let went = state.run(case.before).is_ok() && state.run(&case.all()).is_ok();
            must(went || state.step().is_some_and(|step| step.is_err()), "an error that stays")?;
        }
        Ok(())
    };

    // Of `Framing.v`.
    nothing_is_judged_before_a_byte: |case| {
        let Some(word) = case.word() else { return Ok(()) };
        let (answer, _) = locate(case.framing, word, &[]);
        must(matches!(answer, Ok(Located::Known(_) | Located::Wait(_) | Located::Header(_) | Located::Search { .. })), answer)
    };
    frames_are_not_empty: |case| {
        let Some(word) = case.word() else { return Ok(()) };
        match locate(case.framing, word, case.bytes) {
            (Ok(Located::Known(extent)), _) => must(extent.frame_len() > 0, extent),
            _ => Ok(()),
        }
    };
    known_is_final: |case| {
        let Some(word) = case.word() else { return Ok(()) };
        let found = locate(case.framing, word, case.bytes);
        match found.0 {
            Ok(Located::Known(_)) => same(&locate(case.framing, word, &case.all()), &found),
            _ => Ok(()),
        }
    };
    fault_is_final: |case| {
        let Some(word) = case.word() else { return Ok(()) };
        let (found, _) = locate(case.framing, word, case.bytes);
        match found {
            Err(_) => same(&locate(case.framing, word, &case.all()).0, &found),
            _ => Ok(()),
        }
    };
    filler_lies_within_the_input: |case| {
        let Some(word) = case.word() else { return Ok(()) };
        match locate(case.framing, word, case.bytes) {
            (Ok(Located::Filler(len)), _) => must(len > 0 && len <= case.bytes.len(), len),
            _ => Ok(()),
        }
    };
    filler_in_parts_is_one_filler: |case| {
        let Some(word) = case.word() else { return Ok(()) };
        let (Ok(Located::Filler(len)), next) = locate(case.framing, word, case.bytes) else { return Ok(()) };
        let all = case.all();
        let longer = locate(case.framing, word, &all);
        if longer == (Ok(Located::Filler(len)), next) {
            return Ok(());
        }
        let (Ok(Located::Filler(more)), last) = longer else { return Err(format!("{longer:?} after {len}")) };
        must(more > len, more)?;
        same(&locate(case.framing, next, &all[len..]), &(Ok(Located::Filler(more - len)), last))
    };

    // Of `Recovery.v`.
    skip_begins_alike: |case| case.steps(&SKIPPING, |taken| {
        // A step that begins to skip leaves a state that goes on as if more had come at once.
        if taken.skips() || !taken.after.deframer.is_skipping() { Ok(()) } else { taken.does_not_show() }
    });
    skipped_frame_is_not_empty: |case| case.steps(&SKIPPING, |taken| match taken.step {
        Ok(Step::Skipped { stretch, .. }) => must(stretch.len > 0, stretch),
        _ => Ok(()),
    });
    skipped_bytes_lie_within_the_input: |case| case.steps(&SKIPPING, |taken| {
        let there = taken.before.window.len();
        match taken.step {
            Ok(Step::Discard { at, len }) => must(len > 0 && at + len <= there, (at, len, there)),
            Ok(Step::Skipped { len, .. }) => must(len <= there, (len, there)),
            _ => Ok(()),
        }
    });
    skipped_bytes_do_not_show: |case| case.steps(&SKIPPING, |taken| match taken.step {
        Ok(Step::Discard { .. }) if taken.skips() => taken.does_not_show(),
        _ => Ok(()),
    });
    end_of_a_skipped_frame_is_stable: |case| case.steps(&SKIPPING, |taken| match taken.step {
        Ok(Step::Skipped { .. }) => taken.is_stable(),
        _ => Ok(()),
    });
    failed_skip_is_stable: |case| case.steps(&SKIPPING, |taken| match taken.step {
        Err(_) if taken.skips() => taken.is_stable(),
        _ => Ok(()),
    });

    // Of `Resync.v`.
    next_start_lies_within_the_input: |case| starts(case, |from, found, _| match found {
        NextStart::At(at) => must(from <= at && at <= case.bytes.len(), (from, found)),
        NextStart::NotBefore(_) => Ok(()),
    });
    no_start_is_claimed_beyond_the_input: |case| starts(case, |_, found, _| match found {
        NextStart::NotBefore(at) => must(at <= case.bytes.len(), found),
        NextStart::At(_) => Ok(()),
    });
    next_start_is_stable: |case| starts(case, |_, found, longer| match found {
        NextStart::At(_) => same(&longer, &found),
        NextStart::NotBefore(_) => Ok(()),
    });
    bytes_before_the_next_start_do_not_show: |case| starts(case, |_, found, longer| match found {
        NextStart::NotBefore(gone) if gone > 0 => {
            let expected = match case.framing.next_start(&case.all()[gone..], 0) {
                NextStart::At(at) => NextStart::At(gone + at),
                NextStart::NotBefore(at) => NextStart::NotBefore(gone + at),
            };
            same(&longer, &expected)
        }
        _ => Ok(()),
    });

    // Of `Resume.v`.
    resumed_search_equals_a_new_one: |case| {
        let mut fresh = Fed::new(case.framing, Recovery::Fail);
        if fresh.run(case.before).is_err() || !fresh.window.is_empty() {
            return Ok(());
        }
        let mut resumed = fresh.clone();
        resumed.window.extend_from_slice(case.bytes);
        if resumed.step().is_some() {
            return Ok(());
        }
        resumed.window.extend_from_slice(case.more);
        fresh.window = case.all();
        same(&resumed.step(), &fresh.step())
    };
    waiting_misses_nothing: |case| {
        let Some(word) = case.word() else { return Ok(()) };
        let (Ok(Located::Wait(len)), _) = locate(case.framing, word, case.bytes) else { return Ok(()) };
        let all = case.all();
        let (answer, _) = locate(case.framing, word, &all);
        must(all.len() as u64 >= len || matches!(answer, Ok(Located::Wait(_) | Located::Header(_))), answer)
    };
    end_does_not_see_the_search: |case| {
        for recovery in ALL {
            let mut resumed = Fed::new(case.framing, recovery);
            let mut at_once = resumed.clone();
            let parts = [case.before, case.bytes, case.more];
            if parts.iter().any(|part| resumed.run(part).is_err()) || at_once.run(&parts.concat()).is_err() {
                continue;
            }
            (resumed.ended, at_once.ended) = (true, true);
            same(&resumed.outcome(&[]), &at_once.outcome(&[]))?;
        }
        Ok(())
    };

    // Of `Opened.v`.
    opening_never_grows: |case| {
        let Some((extent, wire)) = case.frame().filter(|(extent, _)| extent.is_rewritten()) else { return Ok(()) };
        let opened = open(case.framing, extent, wire, &[]);
        must(opened.len() as u64 <= extent.payload_len(), opened)
    };
    opened_parts_are_the_opened_payload: |case| {
        let rewritten = |(extent, _): &(Extent, &[u8])| extent.is_rewritten() && !extent.is_in_one_piece();
        let Some((extent, wire)) = case.frame().filter(rewritten) else { return Ok(()) };
        let whole = open(case.framing, extent, wire, &[]);
        let len = usize::try_from(extent.payload_len()).unwrap();
        (1..len).try_for_each(|cut| same(&open(case.framing, extent, wire, &[cut]), &whole))?;
        same(&open(case.framing, extent, wire, &(1..len).collect::<Vec<_>>()), &whole)
    };
    checked_parts_are_the_checked_frame: |case| {
        let Some(word) = case.word() else { return Ok(()) };
        let (Ok(Located::Known(extent)), _) = locate(case.framing, word, case.bytes) else { return Ok(()) };
        let Some(len) = extent.fits(case.bytes.len()) else { return Ok(()) };
        if !extent.is_checked() || extent.is_in_one_piece() {
            return Ok(());
        }
        let wire = &case.bytes[..len];
        let at_once = case.framing.check(whole(extent, wire), &mut 0);
        let (start, end) = (extent.header_len(), len - extent.trailer_len());
        (start..=end).try_for_each(|cut| {
            let mut sum = 0;
            let parts = [0..start, start..cut, cut..end, end..len];
            let found = parts.into_iter().try_for_each(|range| {
                let is_last = range.start == end && range.end == len;
                let (at, bytes) = (range.start as u64, &wire[range]);
                case.framing.check(Part { extent, header: &wire[..start], at, bytes, is_last }, &mut sum)
            });
            same(&found, &at_once)
        })
    };
}

/// Opens a payload in parts that end at these indices of it.
fn open(framing: &dyn Framing, extent: Extent, wire: &[u8], cuts: &[usize]) -> Vec<u8> {
    let (header, rest) = wire.split_at(extent.header_len());
    let payload = &rest[..usize::try_from(extent.payload_len()).unwrap()];
    let (mut memo, mut at, mut opened) = (0, 0, Vec::new());
    for &end in cuts.iter().chain([&payload.len()]) {
        let mut part = payload[at..end].to_vec();
        let len = framing.open(header, &mut part, at as u64, &mut memo);
        opened.extend_from_slice(&part[..len]);
        at = end;
    }
    opened
}

/// All streams of one length over the alphabet: the greatest length that has at most 700 streams.
/// `ANYSPLIT_EXHAUSTIVE` adds to that length.
fn streams(alphabet: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let more: u32 = std::env::var("ANYSPLIT_EXHAUSTIVE").ok().and_then(|more| more.parse().ok()).unwrap_or(0);
    let len = more + (1..).take_while(|len| alphabet.len().pow(*len) <= 700).last().unwrap();
    (0..alphabet.len().pow(len)).map(move |mut number| {
        let mut digit = || {
            let byte = alphabet[number % alphabet.len()];
            number /= alphabet.len();
            byte
        };
        (0..len).map(|_| digit()).collect()
    })
}

fn try_case(check: Check, framing: &dyn Framing, stream: &[u8], first: usize, second: usize) -> Result<(), String> {
    let (before, bytes, more) = (&stream[..first], &stream[first..second], &stream[second..]);
    check(&Case { framing, before, bytes, more }).map_err(|text| {
        format!("{text}: \"{}\" \"{}\" \"{}\"", before.escape_ascii(), bytes.escape_ascii(), more.escape_ascii())
    })
}

/// Tries one hypothesis on everything.
fn holds(check: Check) {
    JUDGED.set(0);
    for (name, framing, alphabet) in small::small() {
        for stream in streams(alphabet) {
            for second in 0..=stream.len() {
                for first in 0..=second {
                    try_case(check, &framing, &stream, first, second).unwrap_or_else(|text| panic!("{name}: {text}"));
                }
            }
        }
    }
    assert!(JUDGED.get() > 100, "its premises hold only {} times", JUDGED.get());
    let random = (common::configs(), cases(), any::<Index>(), any::<Index>());
    let config = ProptestConfig { cases: 4 * common::CASES, failure_persistence: None, ..ProptestConfig::default() };
    let result = TestRunner::new(config).run(&random, |(config, case, one, other)| {
        let framing = config.build().unwrap();
        let stream = case.stream(&framing);
        let (one, other) = (one.index(stream.len() + 1), other.index(stream.len() + 1));
        try_case(check, &framing, &stream, one.min(other), one.max(other)).map_err(TestCaseError::fail)
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

/// Every hypothesis of the theory is tested here, and nothing else is.
#[test]
#[cfg(not(miri))]
fn theory_and_tests_have_the_same_hypotheses() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let mut named = BTreeSet::new();
    for entry in fs::read_dir(root.join("proofs/theory")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "v") {
            continue;
        }
        let mut in_promises = false;
        for line in fs::read_to_string(&path).unwrap().lines() {
            // A record of promises, each a field with its name.
            in_promises = in_promises && line != "}." || line.contains("Prop := {");
            let field = line.strip_prefix("  ").filter(|_| in_promises);
            let field = field.filter(|line| line.starts_with(char::is_alphabetic) && line.contains(" : "));
            let single = line.trim_start().strip_prefix("Hypothesis ");
            let Some((name, rest)) = single.or(field).and_then(|line| line.split_once(" : ")) else { continue };
            // All promises of a record at once.
            if !rest.starts_with("keeps_") && !rest.ends_with("alike F.") && !rest.ends_with("alike F K.") {
                named.insert(name.trim().to_owned());
            }
        }
    }
    let tested: BTreeSet<String> = CHECKS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(named, tested);
    assert!(named.len() > 20);
}
