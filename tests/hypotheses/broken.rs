//! Framings that break one hypothesis each.

use anysplit::contract::Envelope;
use anysplit::{EncodeError, Prefix};

use super::*;

/// A byte of length, with one thing wrong.
struct Broken {
    locate: fn(&[u8]) -> Answer,
    next_start: fn(&[u8], usize) -> NextStart,
}

impl Framing for Broken {
    fn locate(&self, input: &[u8], _: &mut Progress) -> Answer {
        (self.locate)(input)
    }
    fn next_start(&self, input: &[u8], from: usize) -> NextStart {
        (self.next_start)(input, from)
    }
    fn envelope(&self, _: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        Err(EncodeError::Empty)
    }
}

fn good(input: &[u8]) -> Answer {
    Prefix::u8().with_max_payload_len(3).locate(input, &mut Progress::default())
}

#[test]
fn framings_that_break_a_hypothesis_are_found() {
    let good_start: fn(&[u8], usize) -> NextStart = |_, from| NextStart::At(from);
    let with = |locate| Broken { locate, next_start: good_start };
    let changes = |input: &[u8]| match (input.len(), good(input)?) {
        (4.., Located::Known(_)) => Ok(Located::Known(Extent::new(1, 2, 0))),
        (_, located) => Ok(located),
    };
    let moves = |input: &[u8]| match good(input) {
        Err(error) => Err(FrameError { at: input.len() - 1, ..error }),
        located => located,
    };
    let empty = |input: &[u8]| match input {
        [0, ..] => Ok(Located::Known(Extent::new(0, 0, 0))),
        _ => good(input),
    };
    let judges = |input: &[u8]| match input {
        [] => Err(FrameError::new(0, DecodeErrorKind::NoLength)),
        _ => good(input),
    };
    let fills = |input: &[u8]| match input {
        [0, rest @ ..] => Ok(Located::Filler(if rest.is_empty() { 1 } else { 3 })),
        _ => good(input),
    };
    let misses = |input: &[u8]| match input {
        [] => Ok(Located::Wait(3)),
        _ => good(input),
    };
    let jumps = |input: &[u8], from: usize| match input.len() {
        3 => NextStart::At(from + 1),
        _ => NextStart::At(from),
    };
    let drops = |input: &[u8], _: usize| match input.len() {
        2 => NextStart::NotBefore(2),
        _ => NextStart::At(input.len()),
    };
    let broken = [
        ("known_is_final", with(changes)),
        ("frame_is_stable", with(changes)),
        ("fault_is_final", with(moves)),
        ("error_is_stable", with(moves)),
        ("frames_are_not_empty", with(empty)),
        ("nothing_is_judged_before_a_byte", with(judges)),
        ("empty_asks_for_more", with(judges)),
        ("filler_lies_within_the_input", with(fills)),
        ("filler_in_parts_is_one_filler", with(fills)),
        ("waiting_misses_nothing", with(misses)),
        ("resumed_search_equals_a_new_one", with(changes)),
        ("next_start_is_stable", Broken { locate: good, next_start: jumps }),
        ("next_start_lies_within_the_input", Broken { locate: good, next_start: |_, from| NextStart::At(from + 9) }),
        ("no_start_is_claimed_beyond_the_input", Broken { locate: good, next_start: |_, _| NextStart::NotBefore(9) }),
        ("bytes_before_the_next_start_do_not_show", Broken { locate: good, next_start: drops }),
    ];
    for (name, framing) in broken {
        let (_, check) = CHECKS.iter().find(|(each, _)| *each == name).unwrap();
        let found = streams(b"\0\x01\x02\x09").any(|stream| {
            let mut cuts = (0..=stream.len()).flat_map(|second| (0..=second).map(move |first| (first, second)));
            cuts.any(|(first, second)| try_case(*check, &framing, &stream, first, second).is_err())
        });
        assert!(found, "{name} holds for a framing that breaks it");
    }
}
