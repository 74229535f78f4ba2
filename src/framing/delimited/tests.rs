//! What `delimited.rs` says, held to naive twins and examples.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

extern crate std;

use super::*;
use crate::Decoder;
use crate::error::DecodeError;
use crate::literal::Literal;
use std::boxed::Box;
use std::format;
use std::vec;
use std::vec::Vec;

type Set = Vec<&'static [u8]>;

/// Sets that overlap one another and themselves, each with three bytes that make up the inputs.
fn sets() -> Vec<(Set, &'static [u8; 3])> {
    let sets: [&[&'static [u8]]; 15] = [
        &[b"c"],
        &[b"b", b"c"],
        &[b"a", b"b", b"c"],
        &[b"x", b"a", b"y", b"b", b"z"],
        &[b"ab"],
        &[b"aa"],
        &[b"aba"],
        &[b"abab", b"bb"],
        &[b"c", b"bc"],
        &[b"bc", b"c", b"abc"],
        &[b"ab", b"ba"],
        &[b"b", b"abc"],
        &[b"cabc", b"b", b"aac"],
        &[b"aab", b"aba", b"baa"],
        &[b"bab", b"aa", b"cc", b"cac"],
    ];
    let mut all: Vec<(Set, _)> = sets.iter().map(|set| (set.to_vec(), b"abc")).collect();
    all.push((vec![b"\n", b"\r\n"], b"x\r\n"));
    all.push((vec![b"\r\n", b"\n"], b"x\r\n"));
    all
}

/// The framing, and the same with the search for one long delimiter where there is but one.
fn framings(set: &Set) -> Vec<Delimited<Set>> {
    let framing = Delimited::any_of(set.clone()).unwrap();
    let mut all = vec![framing.clone()];
    if set.len() == 1 {
        all.push(Delimited { search: Search::Long, ..framing });
    }
    all.into_iter().flat_map(|framing| [framing.clone(), framing.keeping_delimiter()]).collect()
}

fn inputs(alphabet: &[u8], longest: usize) -> Vec<Vec<u8>> {
    let mut all = vec![vec![]];
    let mut begin = 0;
    for _ in 0..longest {
        let end = all.len();
        for i in begin..end {
            for &byte in alphabet {
                all.push([&all[i][..], &[byte]].concat());
            }
        }
        begin = end;
    }
    all
}

/// The definition: the first place where some delimiter ends, and there the longest.
fn naive_end(set: &Set, input: &[u8]) -> Option<(usize, usize)> {
    (1..=input.len()).find_map(|end| {
        let ending = set.iter().filter(|delimiter| input[..end].ends_with(delimiter));
        ending.map(|delimiter| (end - delimiter.len(), end)).min()
    })
}

/// What lies in the future of an input without an end.
struct Future {
    start: usize,
    end: usize,
}

/// The least start and the least end of a delimiter over every way the bytes could go on.
fn future(set: &Set, input: &[u8], endings: &[Vec<u8>]) -> Future {
    let ends = endings.iter().filter_map(|more| naive_end(set, &[input, more].concat()));
    ends.fold(Future { start: input.len(), end: usize::MAX }, |least, (start, end)| Future {
        start: least.start.min(start),
        end: least.end.min(end),
    })
}

/// What `locate` must say, from the definition and the future alone.
fn expected<S>(
    framing: &Delimited<S>,
    input: &[u8],
    end: Option<(usize, usize)>,
    future: &Future,
) -> Result<Located, FrameError> {
    let fault = |least: usize, answer| match least as u64 > framing.max {
        true => {
            let kind = DecodeErrorKind::Oversize { len: framing.max + 1, max: framing.max };
            Err(FrameError::new(usize::try_from(framing.max).unwrap(), kind))
        }
        false => Ok(answer),
    };
    let trailer = |start, end| u16::try_from(end - start).unwrap();
    match end {
        Some((_, end)) if framing.keeps => fault(end, Located::Known(Extent::new(0, end as u64, 0))),
        Some((start, end)) => fault(start, Located::Known(Extent::new(0, start as u64, trailer(start, end)))),
        None => {
            let least = match (framing.keeps, framing.takes_unterminated) {
                (true, false) if input.is_empty() => 0,
                (true, false) => future.end,
                (true, true) => input.len(),
                (false, _) => future.start,
            };
            let need = at_least_one(future.end - input.len());
            fault(least, Located::Open { header: 0, scanned: future.start, need })
        }
    }
}

fn scanned(answer: Result<Located, FrameError>) -> Option<usize> {
    match answer {
        Ok(Located::Open { scanned, .. }) => Some(scanned),
        _ => None,
    }
}

#[test]
fn locate_agrees_with_its_definition_for_every_short_input() {
    for (set, alphabet) in sets() {
        let endings = inputs(alphabet, set.iter().map(|delimiter| delimiter.len()).max().unwrap());
        for input in inputs(alphabet, if cfg!(debug_assertions) { 6 } else { 8 }) {
            let (end, future) = (naive_end(&set, &input), future(&set, &input, &endings));
            for framing in framings(&set) {
                for max in [0, 1, 2, 3, 5, 100] {
                    let framing = framing.clone().with_max_payload_len(max);
                    for framing in [framing.clone(), framing.taking_unterminated()] {
                        let answer = framing.locate(&input, Progress::default());
                        assert_eq!(answer, expected(&framing, &input, end, &future), "{framing:?} {input:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn answers_stay_the_same_as_bytes_arrive_and_as_searched_ones_are_passed_on() {
    // Unoptimised, two bytes more take a minute.
    let longest = if cfg!(debug_assertions) { 7 } else { 9 };
    for (set, alphabet) in sets() {
        for framing in framings(&set) {
            for max in [0, 2, 4, 100] {
                let framing = framing.clone().with_max_payload_len(max);
                for input in inputs(alphabet, longest).into_iter().filter(|input| input.len() == longest) {
                    answers_stay_the_same(&framing, &input);
                }
            }
        }
    }
}

fn answers_stay_the_same(framing: &Delimited<Set>, input: &[u8]) {
    let boundless = framing.clone().with_max_payload_len(u64::MAX);
    let mut settled = None;
    let mut resumed = Progress::default();
    let mut passing = Progress::default();
    let mut gone = 0;
    for len in 0..=input.len() {
        let scratch = framing.locate(&input[..len], Progress::default());
        assert!(settled.is_none_or(|earlier| earlier == scratch), "{framing:?} {input:?}");
        if scanned(scratch).is_none() {
            settled = Some(scratch);
        }
        // With what the last answer said.
        assert_eq!(framing.locate(&input[..len], resumed), scratch, "{framing:?} {input:?} {resumed:?}");
        resumed.scanned = scanned(scratch).unwrap_or(resumed.scanned);
        // With what was searched passed on and gone.
        let left = framing.locate(&input[gone..len], passing);
        match scratch {
            Ok(Located::Known(extent)) => {
                let payload = extent.payload_len() - gone as u64;
                let trailer = u16::try_from(extent.trailer_len()).unwrap();
                assert_eq!(left, Ok(Located::Known(Extent::new(0, payload, trailer))));
            }
            Ok(Located::Open { scanned, need, .. }) => {
                assert_eq!(left, Ok(Located::Open { header: 0, scanned: scanned - gone, need }));
                passing.passed = scanned as u64;
                gone = scanned;
            }
            Ok(Located::Header { .. }) => panic!("no header"),
            Err(fault) => assert_eq!(left, Err(FrameError::new(fault.at - gone, fault.kind)), "{framing:?} {input:?}"),
        }
        // With the limit off.
        let unlimited = framing.locate(&input[..len], Progress { unlimited: true, ..Progress::default() });
        assert_eq!(unlimited, boundless.locate(&input[..len], Progress::default()));
    }
}

/// Hides every method that has a provided one.
struct Plain<'a, F>(&'a F);

impl<F: Framing> Framing for Plain<'_, F> {
    fn locate(&self, input: &[u8], progress: Progress) -> Result<Located, FrameError> {
        self.0.locate(input, progress)
    }
    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        self.0.envelope(message)
    }
}

type Found = (Vec<(Extent, u64)>, Result<(), DecodeError>);

/// The frames of one chunk by the two ways of going through it, which must be the same.
fn frames<F: Framing>(framing: &F, input: &[u8]) -> Found {
    let mut decoder = Decoder::new(framing);
    let mut found = Vec::new();
    let end = decoder.frames_in(input).unwrap().for_each(|frame| found.push((frame.extent(), frame.offset())));
    let (mut decoder, mut one_by_one) = (Decoder::new(framing), Vec::new());
    let mut walk = decoder.frames_in(input).unwrap();
    let result = loop {
        match walk.next_frame() {
            Ok(Some(frame)) => one_by_one.push((frame.extent(), frame.offset())),
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    assert_eq!((&one_by_one, result), (&found, end));
    (found, end)
}

#[test]
fn the_frames_of_every_short_input_are_those_without_shortcuts() {
    let longest = if cfg!(debug_assertions) { 6 } else { 9 };
    for (set, alphabet) in sets() {
        for framing in framings(&set) {
            for max in [0, 1, 3, 100] {
                let framing = framing.clone().with_max_payload_len(max);
                for input in inputs(alphabet, longest) {
                    assert_eq!(frames(&framing, &input), frames(&Plain(&framing), &input), "{framing:?} {input:?}");
                }
            }
        }
    }
}

#[test]
fn the_frames_of_long_inputs_are_those_without_shortcuts() {
    for (set, alphabet) in sets() {
        for framing in framings(&set) {
            // So many of 256 bytes are not filling.
            for dense in [1, 3, 20, 120, 250] {
                let mut state = 1_u32;
                let input: Vec<u8> = (0..5000)
                    .map(|_| {
                        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        let [_, _, pick, random] = state.to_le_bytes();
                        if random < dense { alphabet[usize::from(pick) % 3] } else { b'-' }
                    })
                    .collect();
                for max in [5, 60, 5000] {
                    let framing = framing.clone().with_max_payload_len(max);
                    for input in [&input[..], &input[..63], &input[7..500]] {
                        let expected = frames(&Plain(&framing), input);
                        assert_eq!(frames(&framing, input), expected, "{framing:?} {dense}");
                    }
                }
            }
        }
    }
}

#[test]
fn every_message_comes_back_or_is_refused_where_an_earlier_delimiter_begins() {
    for (set, alphabet) in sets() {
        for (writes, written) in set.iter().enumerate() {
            for framing in framings(&set).into_iter().filter(|framing| framing.search != Search::Long || writes == 0) {
                let framing = framing.writing(writes).unwrap().with_max_payload_len(5);
                for message in inputs(alphabet, 6) {
                    comes_back_or_is_refused(&framing, &set, written, &message);
                }
            }
        }
    }
}

fn comes_back_or_is_refused(framing: &Delimited<Set>, set: &Set, written: &[u8], message: &[u8]) {
    let wire = if framing.keeps { message.to_vec() } else { [message, written].concat() };
    let expected = match naive_end(set, &wire) {
        _ if message.len() > 5 => Err(EncodeError::Oversize { len: message.len() as u64, max: 5 }),
        None => Err(EncodeError::NotTerminated),
        Some((_, end)) if framing.keeps && end == wire.len() => Ok(wire.len()),
        Some((start, end)) if !framing.keeps && (start, end) == (message.len(), wire.len()) => Ok(end),
        Some((at, _)) => Err(EncodeError::ContainsDelimiter { at }),
    };
    let mut out = [0; 16];
    let answer = framing.encode_into(message, &mut out);
    assert_eq!(answer, expected, "{framing:?} {message:?}");
    if let Ok(len) = answer {
        assert_eq!(out[..len], wire);
        let Ok(Located::Known(extent)) = framing.locate(&wire, Progress::default()) else {
            panic!("{framing:?} {message:?}")
        };
        assert_eq!((extent.payload_len(), extent.frame_len()), (message.len() as u64, len as u64));
    }
}

const OVER_5: DecodeErrorKind = DecodeErrorKind::Oversize { len: 6, max: 5 };

#[test]
fn a_line_is_too_long_at_the_first_byte_that_proves_it() {
    let line = Delimited::line().with_max_payload_len(5);
    let locate = |input: &[u8]| line.locate(input, Progress::default());
    let open = |scanned| Ok(Located::Open { header: 0, scanned, need: at_least_one(1) });
    assert_eq!(locate(b"hello"), open(5));
    assert_eq!(locate(b"hello\r"), open(5));
    assert_eq!(locate(b"hello\r\n"), Ok(Located::Known(Extent::new(0, 5, 2))));
    assert_eq!(locate(b"hellox"), Err(FrameError::new(5, OVER_5)));
    for input in [&b"hello\rX"[..], b"hello\r\r\n", b"helloooo\n", b"helloooo\r\nx"] {
        assert_eq!(locate(input), Err(FrameError::new(5, OVER_5)), "{input:?}");
    }
    // `hello` was passed on.
    let passed = Progress { passed: 5, ..Progress::default() };
    assert_eq!(line.locate(b"\r\n", passed), Ok(Located::Known(Extent::new(0, 0, 2))));
    assert_eq!(line.locate(b"\rX", passed), Err(FrameError::new(0, OVER_5)));
}

#[test]
fn the_end_of_the_stream_ends_a_last_line_or_cuts_it() {
    let line = Delimited::line().with_max_payload_len(6);
    let first = Progress::default();
    assert_eq!(line.at_eof(b"", first), Ok(AtEof::Clean));
    assert_eq!(line.at_eof(b"hello\r", first), Ok(AtEof::Frame(Extent::new(0, 6, 0))));
    assert_eq!(line.with_max_payload_len(5).at_eof(b"hello\r", first), Err(FrameError::new(5, OVER_5)));
    let cut = line.failing_unterminated();
    assert_eq!(cut.at_eof(b"hello\r", first), Ok(AtEof::Truncated(Truncated::Unterminated { have: 6 })));
    assert_eq!(cut.at_eof(b"", first), Ok(AtEof::Clean));

    let passed = Progress { passed: 5, ..first };
    assert_eq!(cut.at_eof(b"", passed), Ok(AtEof::Truncated(Truncated::Unterminated { have: 5 })));
    assert_eq!(line.at_eof(b"", passed), Ok(AtEof::Frame(Extent::new(0, 0, 0))));
    assert_eq!(line.with_max_payload_len(5).at_eof(b"\r", passed), Err(FrameError::new(0, OVER_5)));
    let skipping = Progress { unlimited: true, ..passed };
    let skipped = line.with_max_payload_len(5).at_eof(b"\r", skipping);
    assert_eq!(skipped, Ok(AtEof::Frame(Extent::new(0, 1, 0))));
}

#[test]
fn a_kept_delimiter_counts_for_the_limit() {
    let kept = Delimited::new(b"\r\n").unwrap().keeping_delimiter().with_max_payload_len(5);
    let first = Progress::default();
    assert_eq!(kept.locate(b"hel\r\n", first), Ok(Located::Known(Extent::new(0, 5, 0))));
    // Two bytes are still to come.
    assert_eq!(kept.locate(b"hell", first), Err(FrameError::new(5, OVER_5)));
    assert_eq!(kept.locate(b"hell\r\n", first), Err(FrameError::new(5, OVER_5)));
    // Or the end of the stream.
    let taking = kept.taking_unterminated();
    assert_eq!(taking.at_eof(b"hello", first), Ok(AtEof::Frame(Extent::new(0, 5, 0))));
    assert_eq!(taking.at_eof(b"hellos", first), Err(FrameError::new(5, OVER_5)));
}

#[test]
fn a_long_delimiter_is_found_however_it_arrives() {
    let mut boundary = b"\r\n--".to_vec();
    boundary.extend([b'-'; 60]);
    for delimiter in [boundary, vec![b'a'; 300], [vec![b'a'; 40], vec![b'b'], vec![b'a'; 40]].concat()] {
        let framing = Delimited::new(delimiter.clone()).unwrap();
        assert!(framing.search == Search::Long);
        let wire = [b"one", &delimiter[..], b"bb", &delimiter, b"", &delimiter, &delimiter[..20]].concat();
        assert_eq!(frames(&framing, &wire), frames(&Plain(&framing), &wire));
        assert_eq!(frames(&framing, &wire).0.len(), 3);
        assert_eq!(frames(&framing.clone().with_max_payload_len(2), &wire).0.len(), 0);
        let frame = 3 + delimiter.len();
        let mut progress = Progress::default();
        for len in 0..frame {
            let Ok(Located::Open { scanned, need, .. }) = framing.locate(&wire[..len], progress) else {
                panic!("{len}")
            };
            let lacks = if len < 3 { delimiter.len() } else { frame - len };
            assert_eq!((scanned, need.get()), (len.min(3), lacks));
            progress.scanned = scanned;
        }
        let trailer = u16::try_from(delimiter.len()).unwrap();
        let found = framing.locate(&wire[..frame], progress);
        assert_eq!(found, Ok(Located::Known(Extent::new(0, 3, trailer))));
    }
}

#[test]
fn sets_that_could_not_be_told_apart_are_refused() {
    let refused = |set: &[&[u8]]| Delimited::any_of(set).unwrap_err();
    assert_eq!(refused(&[]), ConfigError::Empty);
    assert_eq!(refused(&[b";", b""]), ConfigError::EmptyLiteral);
    assert_eq!(refused(&[b"ab", b";", b"a"]), ConfigError::PrefixOfAnother { shorter: 2, longer: 0 });
    assert_eq!(refused(&[b"a", b";", b"ab"]), ConfigError::PrefixOfAnother { shorter: 0, longer: 2 });
    assert_eq!(refused(&[b"a", b"a"]), ConfigError::PrefixOfAnother { shorter: 0, longer: 1 });
    assert_eq!(Delimited::new(b"").unwrap_err(), ConfigError::EmptyLiteral);
    let too_long = ConfigError::LiteralTooLong { len: 65536, max: 65535 };
    assert_eq!(Delimited::new(vec![b'a'; 65536]).unwrap_err(), too_long);
    assert!(Delimited::new(vec![b'a'; 65535]).is_ok());
    assert!(Delimited::byte(b';').writing(1).is_err());
}

#[test]
fn delimiters_are_held_in_many_ways() {
    fn ends<S: Delimiters>(framing: Result<Delimited<S>, ConfigError>) {
        let found = framing.unwrap().locate(b"hello;", Progress::default());
        assert_eq!(found, Ok(Located::Known(Extent::new(0, 5, 1))));
    }
    ends(Ok(Delimited::byte(b';')));
    ends(Delimited::new(b";"));
    ends(Delimited::new([b';']));
    ends(Delimited::new(";"));
    ends(Delimited::new(Literal::byte(b';')));
    ends(Delimited::any_of([Literal::byte(b';'), Literal::byte(b',')]));
    ends(Delimited::any_of(&[&b"\r\n"[..], b";"][..]));
    ends(Delimited::any_of(&[b";", b","]));
    ends(Delimited::any_of(vec![b"\r\n".to_vec(), b";".to_vec()]));
    ends(Delimited::any_of(Box::<[Box<[u8]>]>::from([Box::from(&b";"[..])])));
    ends(Delimited::any_of(Box::new([b";"]) as Box<dyn Delimiters>));
}

#[test]
fn constants_are_the_same_as_what_the_constructors_make_of_their_delimiters() {
    let made = Delimited::any_of(Lines).unwrap().taking_unterminated();
    assert!(made == Delimited::line());
    assert!(made.writing(1).unwrap() == Delimited::line().with_crlf());
    assert!(Delimited::any_of([[0]]).unwrap() == Delimited::nul());
    assert!(Delimited::any_of([*b"\r\n"]).unwrap() == Delimited::crlf());
    assert!(Delimited::any_of([*b"\x1c\r"]).unwrap() == Delimited::two(*b"\x1c\r"));
}

/// Asked before anybody has taken the frames that are whole.
#[test]
fn the_end_of_the_stream_finds_a_whole_message_first() {
    for framing in [Delimited::line(), Delimited::line().failing_unterminated()] {
        let found = framing.at_eof(b"a\r\nb", Progress::default());
        assert_eq!(found, Ok(AtEof::Frame(Extent::new(0, 1, 2))));
    }
}

#[test]
fn the_debug_form_shows_the_delimiters_as_text() {
    let text = "Delimited { delimiters: [\"\\n\", \"\\r\\n\"], max: 8388608, writes: 1, keeps: false, \
                takes_unterminated: true }";
    assert_eq!(format!("{:?}", Delimited::line().with_crlf()), text);
}
