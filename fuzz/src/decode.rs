//! Every way through a decoder, and that all give the same: the laws of `anysplit::testing`, and what is checked beside them.

use std::collections::BTreeSet;

use anysplit::contract::{FrameError, Located, Progress};
use anysplit::decode::Skips;
use anysplit::testing::{self, Collected, Driver, DriverKind, Outcome, OwnedEvent, Refused, Violation, chunks};
use anysplit::{DecodeError, DecodeErrorKind, Decoder, EofError, Framing, Recovery, Truncated};

use crate::config::Config;
use crate::input::Input;
use crate::outcome::{POLICIES, beyond_memory, whole};

fn keeps(result: Result<(), Violation>) {
    result.unwrap_or_else(|violation| panic!("{violation}"));
}

/// How the frames of one chunk are taken.
#[derive(Clone, Copy, Debug)]
enum Way {
    Frame,
    Bytes,
    Batch,
    /// The iterator over the chunk is dropped after this many frames. The rest is taken at once.
    Left(usize),
    /// As before, but the rest is taken with the next chunk.
    Lazy(usize),
    /// A callback stops after this many frames. The rest is taken at once.
    Stopped(usize),
}

/// A driver whose way changes with each chunk.
struct Turns<'f> {
    decoder: Decoder<&'f dyn Framing>,
    turn: usize,
    given: u64,
    longest: usize,
}

impl<'f> Turns<'f> {
    const WAYS: [Way; 8] = [
        Way::Frame,
        Way::Left(usize::MAX),
        Way::Bytes,
        Way::Left(3),
        Way::Batch,
        Way::Lazy(2),
        Way::Stopped(1),
        Way::Lazy(1),
    ];

    fn new(framing: &'f dyn Framing, recovery: Recovery, turn: usize) -> Self {
        let decoder = Decoder::new(framing).with_recovery(recovery);
        assert_eq!(decoder.capacity(), 0, "a new decoder owns no heap");
        Self { decoder, turn, given: 0, longest: 0 }
    }

    /// Takes the rest, with one of the calls that can continue after any other call.
    fn drain(&mut self, way: Way, collected: &mut Collected) -> Result<(), DecodeError> {
        let decoder = &mut self.decoder;
        collected.drain::<DecodeError>(|collected| match way {
            Way::Bytes => Ok(decoder.next_bytes()?.map(|frame| collected.frame(&frame.frame())).is_some()),
            Way::Batch => {
                let Some(batch) = decoder.next_batch()? else { return Ok(false) };
                batch.iter().for_each(|frame| collected.frame(&frame));
                Ok(true)
            }
            _ => Ok(decoder.next_frame()?.map(|frame| collected.frame(&frame)).is_some()),
        })?;
        // Nothing is complete: what must be true then.
        assert!(decoder.need() > 0, "without a frame something is needed");
        let after = decoder.buffered().len();
        assert_eq!(decoder.position() + after as u64, self.given, "every byte is returned, discarded or buffered");
        let most = 2 * (after + self.longest) + 512;
        assert!(decoder.capacity() <= most, "{} bytes of heap for {after}", decoder.capacity());
        Ok(())
    }
}

impl Driver for Turns<'_> {
    fn feed(&mut self, chunk: &[u8], collected: &mut Collected) -> Result<(), Refused> {
        let way = Self::WAYS[self.turn % Self::WAYS.len()];
        self.turn += 1;
        self.given += chunk.len() as u64;
        self.longest = self.longest.max(chunk.len());
        match way {
            Way::Left(most) | Way::Lazy(most) => {
                let mut frames = self.decoder.frames_in(chunk).expect("neither failed nor ended");
                let mut left = most;
                collected.drain(|collected| {
                    let Some(rest) = left.checked_sub(1) else { return Ok(false) };
                    left = rest;
                    Ok::<_, DecodeError>(frames.next_frame()?.map(|frame| collected.frame(&frame)).is_some())
                })?;
            }
            Way::Stopped(most) => {
                let frames = self.decoder.frames_in(chunk).expect("neither failed nor ended");
                let mut left = most;
                let stopped = frames.try_for_each::<Option<DecodeError>>(|frame| {
                    collected.frame(&frame);
                    left -= 1;
                    if left == 0 { Err(None) } else { Ok(()) }
                });
                if let Err(Some(error)) = stopped {
                    return Err(error.into());
                }
            }
            _ => self.decoder.push(chunk).expect("neither failed nor ended"),
        }
        if !matches!(way, Way::Lazy(_)) {
            self.drain(way, collected)?;
        }
        Ok(())
    }

    fn end(&mut self, collected: &mut Collected) -> Result<(), EofError> {
        collected.drain(|collected| Ok(self.decoder.finish()?.map(|frame| collected.frame(&frame)).is_some()))
    }

    fn skipped(&self) -> Option<Skips> {
        Some(*self.decoder.skipped())
    }

    fn reports_stretches(&self) -> bool {
        false
    }

    fn left(self: Box<Self>) -> (u64, Vec<u8>) {
        let parts = self.decoder.into_parts();
        (parts.position, parts.rest.to_vec())
    }
}

/// Frames come with the chunk that has their last byte, whatever its length.
fn prompt(mut driver: Box<dyn Driver + '_>, expected: &Outcome, stream: &[u8], cuts: &[usize]) {
    let mut collected = Collected::at_most(stream.len());
    let mut given = 0;
    for chunk in chunks(stream, cuts) {
        if driver.feed(chunk, &mut collected).is_err() {
            return;
        }
        given += chunk.len() as u64;
        if given == stream.len() as u64 {
            // The end may complete one of the frames.
            return;
        }
        let reported = |event: &&OwnedEvent| driver.reports_stretches() || event.is_frame();
        let known = expected.events.iter().filter(reported).filter(|event| event.end() <= given).count();
        let found = collected.events().iter().filter(reported).count();
        assert_eq!(found, known, "each with its last byte, after {given} bytes");
    }
}

/// The ways of one policy that no law of `testing` knows.
fn all_ways(framing: &dyn Framing, input: &Input, recovery: Recovery) -> Outcome {
    let stream = input.stream;
    let expected = whole(framing, recovery, stream);
    let cuts = input.cut_at();
    for turn in [input.cuts.len(), input.cuts.len() + 3] {
        let turns = || Box::new(Turns::new(framing, recovery, turn));
        keeps(testing::same_as(&expected, turns(), stream, &cuts, false));
        keeps(testing::same_as(&expected, turns(), stream, &every_byte(stream), false));
    }
    for kind in DriverKind::ALL.into_iter().filter(|kind| kind.is_prompt() && !kind.is_fixed()) {
        // While a rejected frame is searched, others wait inside it. Frames in pieces may be larger than memory.
        if recovery != Recovery::Resync && !(kind.is_in_pieces() && beyond_memory(framing, &expected)) {
            prompt(kind.open(framing, recovery, stream.len()), &expected, stream, &cuts);
        }
    }
    expected
}

fn every_byte(stream: &[u8]) -> Vec<usize> {
    (1..stream.len()).collect()
}

/// The laws, for any stream. Where frames are larger than memory, those that come in pieces are left out.
fn laws(framing: &dyn Framing, input: &Input, outcomes: &[Outcome; 4]) {
    let stream = input.stream;
    for cuts in [input.cut_at(), every_byte(stream)] {
        if !outcomes.iter().any(|outcome| beyond_memory(framing, outcome)) {
            keeps(testing::any_split(framing, stream, &cuts));
            continue;
        }
        for (recovery, expected) in POLICIES.into_iter().zip(outcomes) {
            for kind in DriverKind::ALL.into_iter().filter(|kind| !kind.is_in_pieces() && !kind.is_fixed()) {
                let driver = kind.open(framing, recovery, stream.len());
                keeps(
                    testing::same_as(expected, driver, stream, &cuts, false)
                        .map_err(|violation| violation.with_case(&format!("by {kind:?}, {recovery:?}, at {cuts:?}"))),
                );
            }
        }
    }
    keeps(testing::neither_late_nor_greedy(framing, stream));
    keeps(testing::errors_exact_and_sticky(framing, stream));
    keeps(testing::memory(framing, stream, &input.cut_at()));
}

/// The bytes between frames, with what the framing may have kept of the frames before them.
struct Between<'a> {
    framing: &'a dyn Framing,
    stream: &'a [u8],
    at: usize,
    /// Several after a stretch, which may or may not count as a frame.
    words: Vec<u32>,
}

impl Between<'_> {
    /// Checks that the bytes up to `begin` are filler, such as the delimiters between SLIP frames.
    fn pass_filler(&mut self, begin: u64) {
        let begin = begin as usize;
        assert!(begin >= self.at, "frames lie one after the other");
        let words = std::mem::take(&mut self.words);
        self.words = words.into_iter().filter_map(|word| self.after_filler(self.at, begin, word)).collect();
        assert!(!self.words.is_empty(), "frames lie one after the other");
        self.at = begin;
    }

    /// The word after the filler from here to there, or `None` if it is not all filler.
    fn after_filler(&self, mut at: usize, begin: usize, mut word: u32) -> Option<u32> {
        while at < begin {
            let (Ok(Located::Filler(len @ 1..)), next) = self.locate(at, word, false) else { return None };
            (at, word) = (at + len, next);
        }
        (at == begin).then_some(word)
    }

    /// Passes a frame or a stretch.
    fn pass(&mut self, event: &OwnedEvent) {
        self.pass_filler(event.offset());
        assert!(event.wire_len() > 0, "at least one byte");
        let is_skipped = matches!(event, OwnedEvent::Skipped(_));
        let next = self.words.iter().map(|&word| self.locate(self.at, word, is_skipped).1);
        let kept = self.words.iter().copied().chain([0]).filter(|_| is_skipped);
        self.words = next.chain(kept).collect::<BTreeSet<_>>().into_iter().collect();
        self.at = event.end() as usize;
    }

    fn locate(&self, at: usize, previous: u32, lenient: bool) -> (Result<Located, FrameError>, u32) {
        let mut progress = Progress { previous, lenient, ..Progress::default() };
        (self.framing.locate(&self.stream[at..], &mut progress), progress.next)
    }
}

/// Checks what must hold for every frame and every error.
fn sound(config: &Config, outcome: &Outcome, stream: &[u8]) {
    let mut between = Between { framing: &*config.framing, stream, at: 0, words: vec![0] };
    for event in &outcome.events {
        between.pass(event);
        match event {
            OwnedEvent::Frame { payload, .. } => {
                assert!(payload.len() as u64 <= config.framing.max_payload_len(), "the limit");
            }
            OwnedEvent::Skipped(stretch) => assert_eq!(stretch.reason.frame_offset, stretch.offset),
        }
    }
    match outcome.end {
        Ok(()) => between.pass_filler(stream.len() as u64),
        Err(EofError::Truncated { frame_offset, end, part: Truncated::Skipped { have } }) => {
            // The stretch came first.
            let Some(OwnedEvent::Skipped(stretch)) = outcome.events.last() else { panic!("no stretch before its end") };
            assert_eq!((stretch.offset, stretch.len), (frame_offset, have));
            assert_eq!((between.at, end), (stream.len(), stream.len() as u64));
        }
        Err(EofError::Truncated { frame_offset, end, part }) => {
            match outcome.events.last() {
                // It was searched for other frames.
                Some(OwnedEvent::Skipped(stretch)) if stretch.offset == frame_offset => {
                    assert_eq!(stretch.len, end - frame_offset);
                }
                _ => between.pass_filler(frame_offset),
            }
            assert_eq!(end, stream.len() as u64);
            let there = end - frame_offset;
            match part {
                Truncated::Header { have, need } => assert!(have == there && have < need),
                Truncated::Payload { have, need } => assert!(have <= there && have < need),
                Truncated::Trailer { have, need } => assert!(have <= there && have < need),
                Truncated::Unterminated { have } => assert_eq!(have, there),
                _ => {}
            }
        }
        Err(EofError::Decode(error)) => {
            between.pass_filler(error.frame_offset);
            // If a kept delimiter has no room left, the limit may lie after the bytes received.
            let ahead = matches!(error.kind, DecodeErrorKind::Oversize { .. }) && config.label.contains("keeps: true");
            assert!(ahead || error.offset <= stream.len() as u64, "an error lies in what came");
        }
    }
}

/// The skip policy against a decoder that takes everything.
fn skip_invents_nothing(limited: &Config, unlimited: &Config, stream: &[u8], skipped: &Outcome) {
    let max = limited.framing.max_payload_len();
    let all = whole(&*unlimited.framing, Recovery::Fail, stream);
    let mut found = skipped.events.iter();
    for event in &all.events {
        match (event, found.next()) {
            (_, Some(same)) if same == event => {}
            (OwnedEvent::Frame { payload, .. }, Some(skip @ OwnedEvent::Skipped(_))) => {
                assert_eq!((skip.offset(), skip.end()), (event.offset(), event.end()));
                // A table has one limit for each type. `max` is the greatest of these limits.
                let table = limited.label.starts_with("ByType");
                assert!(payload.len() as u64 > max || table, "skipped for no reason");
            }
            (_, other) => panic!("{other:?} where {event:?} belongs"),
        }
    }
    // After an error nothing can be compared: a frame that is skipped is not looked at.
    match (all.end, found.next()) {
        (Err(EofError::Decode(_)), _) | (_, None) => {}
        // A frame over the limit, as far as it came.
        (Err(EofError::Truncated { frame_offset, end, .. }), Some(skip @ OwnedEvent::Skipped(_))) => {
            assert_eq!((skip.offset(), skip.end()), (frame_offset, end));
            assert_eq!(found.next(), None, "an event out of nothing");
        }
        (_, Some(event)) => panic!("an event out of nothing: {event:?}"),
    }
}

/// All that is checked of decoding. Whether the bytes described a framing.
pub fn check(data: &[u8]) -> bool {
    let input = Input::new(data);
    let Some(config) = crate::config::config(input.config, false) else { return false };
    let framing = &*config.framing;
    let outcomes = POLICIES.map(|recovery| all_ways(framing, &input, recovery));
    outcomes.iter().for_each(|outcome| sound(&config, outcome, input.stream));
    laws(framing, &input, &outcomes);
    let [failing, skipping, recovering, searching] = outcomes;
    assert!(failing.events.iter().all(OwnedEvent::is_frame), "nothing is skipped");
    assert!(skipping.events.starts_with(&failing.events));
    assert!(recovering.events.starts_with(&skipping.events));
    assert!(searching.events.starts_with(&failing.events), "good frames are the same");
    if let Some(unlimited) = crate::config::config(input.config, true) {
        skip_invents_nothing(&config, &unlimited, input.stream, &skipping);
    }
    true
}
