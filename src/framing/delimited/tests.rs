//! Tests of `delimited.rs` against naive twins and examples.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

extern crate std;

use super::*;
use crate::error::DecodeError;
use crate::literal::Literal;
use crate::{Decoder, Recovery};
use std::boxed::Box;
use std::format;
use std::vec;
use std::vec::Vec;

type Set = Vec<&'static [u8]>;

/// Held in tables, with and without an index, so that all have one type.
type Held = Delimited<DelimiterTable>;

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

/// The framing by each search that the set allows.
fn framings(set: &Set) -> Vec<Held> {
    let framing = Delimited::any_of(DelimiterTable::new(set).unwrap()).unwrap();
    assert_ne!(framing.known.search, Search::Table);
    let mut all = vec![framing.clone(), Delimited::any_of(DelimiterTable::indexed(set)).unwrap()];
    if set.len() == 1 {
        all.push(Delimited { known: Known { search: Search::Long, ..framing.known }, ..framing });
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

/// The earliest possible start and end of the next delimiter, for an input without one.
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

/// What `locate` must return, from the definition and the future alone.
fn expected<S>(
    framing: &Delimited<S>,
    input: &[u8],
    end: Option<(usize, usize)>,
    future: &Future,
) -> Result<Located, FrameError> {
    let limited = |least: usize, answer| match least as u64 > framing.max {
        true => {
            let kind = DecodeErrorKind::Oversize { len: framing.max + 1, max: framing.max };
            Err(FrameError::new(usize::try_from(framing.max).unwrap(), kind))
        }
        false => Ok(answer),
    };
    let trailer = |start, end| u16::try_from(end - start).unwrap();
    match end {
        Some((_, end)) if framing.keeps => limited(end, Located::Known(Extent::new(0, end as u64, 0))),
        Some((start, end)) => limited(start, Located::Known(Extent::new(0, start as u64, trailer(start, end)))),
        None => {
            let least = match (framing.keeps, framing.unterminated) {
                (true, Unterminated::Fail) if input.is_empty() => 0,
                (true, Unterminated::Fail) => future.end,
                (true, Unterminated::Take) => input.len(),
                (false, _) => future.start,
            };
            let so_far = Extent::new(0, future.start as u64, 0);
            limited(least, Located::Search { so_far, least: future.end as u64 })
        }
    }
}

fn scanned(answer: Result<Located, FrameError>) -> Option<usize> {
    match answer {
        Ok(Located::Search { so_far, .. }) => usize::try_from(so_far.payload_len()).ok(),
        _ => None,
    }
}

#[test]
fn locate_agrees_with_its_definition() {
    for (set, alphabet) in sets() {
        let endings = inputs(alphabet, set.iter().map(|delimiter| delimiter.len()).max().unwrap());
        for input in inputs(alphabet, if cfg!(debug_assertions) { 6 } else { 8 }) {
            let (end, future) = (naive_end(&set, &input), future(&set, &input, &endings));
            for framing in framings(&set) {
                for max in [0, 1, 2, 3, 5, 100] {
                    let framing = framing.clone().with_max_payload_len(max);
                    for framing in [framing.clone(), framing.with_unterminated(Unterminated::Take)] {
                        let answer = framing.locate(&input, &mut Progress::default());
                        assert_eq!(answer, expected(&framing, &input, end, &future), "{framing:?} {input:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn answers_stay_the_same_as_bytes_come_and_go() {
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

fn answers_stay_the_same(framing: &Held, input: &[u8]) {
    let boundless = framing.clone().with_max_payload_len(u64::MAX);
    let mut settled = None;
    let mut resumed = Progress::default();
    let mut passing = Progress::default();
    let mut gone = 0;
    for len in 0..=input.len() {
        let scratch = framing.locate(&input[..len], &mut Progress::default());
        assert!(settled.is_none_or(|earlier| earlier == scratch), "{framing:?} {input:?}");
        if scanned(scratch).is_none() {
            settled = Some(scratch);
        }
        // With what the last answer left.
        let before = resumed;
        assert_eq!(framing.locate(&input[..len], &mut resumed), scratch, "{framing:?} {input:?} {before:?}");
        // After the searched bytes were passed on.
        let left = framing.locate(&input[gone..len], &mut passing);
        match scratch {
            Ok(Located::Known(extent)) => {
                let payload = extent.payload_len() - gone as u64;
                let trailer = u16::try_from(extent.trailer_len()).unwrap();
                assert_eq!(left, Ok(Located::Known(Extent::new(0, payload, trailer))));
            }
            Ok(Located::Search { so_far, least }) => {
                let scanned = usize::try_from(so_far.payload_len()).unwrap();
                let so_far = Extent::new(0, (scanned - gone) as u64, 0);
                assert_eq!(left, Ok(Located::Search { so_far, least: least - gone as u64 }));
                passing.consumed = scanned as u64;
                passing.scanned -= scanned - gone;
                gone = scanned;
            }
            Ok(other) => panic!("{other:?}"),
            Err(error) => assert_eq!(left, Err(FrameError::new(error.at - gone, error.kind)), "{framing:?} {input:?}"),
        }
        // With the limit off.
        let lenient = framing.locate(&input[..len], &mut Progress { lenient: true, ..Progress::default() });
        assert_eq!(lenient, boundless.locate(&input[..len], &mut Progress::default()));
    }
}

/// Hides every method that has a provided one.
struct Plain<'a, F>(&'a F);

impl<F: Framing> Framing for Plain<'_, F> {
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
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
fn frames_of_short_inputs_are_those_without_shape() {
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
fn frames_of_long_inputs_are_those_without_shape() {
    for (set, alphabet) in sets() {
        for framing in framings(&set) {
            // This many of 256 bytes are from the alphabet; the others are filling.
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
fn every_message_comes_back_or_is_refused() {
    for (set, alphabet) in sets() {
        for (writes, written) in set.iter().enumerate() {
            let framings = framings(&set).into_iter();
            for framing in framings.filter(|framing| framing.known.search != Search::Long || writes == 0) {
                let framing = framing.writing(writes).unwrap().with_max_payload_len(5);
                for message in inputs(alphabet, 6) {
                    comes_back_or_is_refused(&framing, &set, written, &message);
                }
            }
        }
    }
}

fn comes_back_or_is_refused(framing: &Held, set: &Set, written: &[u8], message: &[u8]) {
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
        let Ok(Located::Known(extent)) = framing.locate(&wire, &mut Progress::default()) else {
            panic!("{framing:?} {message:?}")
        };
        assert_eq!((extent.payload_len(), extent.frame_len()), (message.len() as u64, len as u64));
    }
}

const OVER_5: DecodeErrorKind = DecodeErrorKind::Oversize { len: 6, max: 5 };

#[test]
fn long_line_is_rejected_at_the_first_byte_that_proves_it() {
    let line = Delimited::line().with_max_payload_len(5);
    let locate = |input: &[u8]| line.locate(input, &mut Progress::default());
    let open = |scanned, least| Ok(Located::Search { so_far: Extent::new(0, scanned, 0), least });
    assert_eq!(locate(b"hello"), open(5, 6));
    assert_eq!(locate(b"hello\r"), open(5, 7));
    assert_eq!(locate(b"hello\r\n"), Ok(Located::Known(Extent::new(0, 5, 2))));
    assert_eq!(locate(b"hellox"), Err(FrameError::new(5, OVER_5)));
    for input in [&b"hello\rX"[..], b"hello\r\r\n", b"helloooo\n", b"helloooo\r\nx"] {
        assert_eq!(locate(input), Err(FrameError::new(5, OVER_5)), "{input:?}");
    }
    // `hello` was passed on.
    let passed = Progress { consumed: 5, ..Progress::default() };
    assert_eq!(line.locate(b"\r\n", &mut passed.clone()), Ok(Located::Known(Extent::new(0, 0, 2))));
    assert_eq!(line.locate(b"\rX", &mut passed.clone()), Err(FrameError::new(0, OVER_5)));
}

#[test]
fn eof_ends_a_last_line_or_truncates_it() {
    fn at_eof(line: &Delimited<Lines>, rest: &[u8], consumed: u64, lenient: bool) -> Result<AtEof, FrameError> {
        line.at_eof(rest, &mut Progress { consumed, lenient, ..Progress::default() })
    }
    let line = Delimited::line().with_max_payload_len(6);
    let short = line.with_max_payload_len(5);
    assert_eq!(at_eof(&line, b"", 0, false), Ok(AtEof::Clean));
    assert_eq!(at_eof(&line, b"hello\r", 0, false), Ok(AtEof::Frame(Extent::new(0, 6, 0))));
    assert_eq!(at_eof(&short, b"hello\r", 0, false), Err(FrameError::new(5, OVER_5)));
    let cut = line.with_unterminated(Unterminated::Fail);
    assert_eq!(at_eof(&cut, b"hello\r", 0, false), Ok(AtEof::Truncated));
    assert_eq!(at_eof(&cut, b"", 0, false), Ok(AtEof::Clean));

    assert_eq!(at_eof(&cut, b"", 5, false), Ok(AtEof::Truncated));
    assert_eq!(at_eof(&line, b"", 5, false), Ok(AtEof::Frame(Extent::new(0, 0, 0))));
    assert_eq!(at_eof(&short, b"\r", 5, false), Err(FrameError::new(0, OVER_5)));
    assert_eq!(at_eof(&short, b"\r", 5, true), Ok(AtEof::Frame(Extent::new(0, 1, 0))));
}

#[test]
fn kept_delimiter_counts_for_the_limit() {
    let kept = Delimited::new(b"\r\n").unwrap().keeping_delimiter().with_max_payload_len(5);
    let locate = |input| kept.locate(input, &mut Progress::default());
    assert_eq!(locate(b"hel\r\n"), Ok(Located::Known(Extent::new(0, 5, 0))));
    // Two bytes are still to come.
    assert_eq!(locate(b"hell"), Err(FrameError::new(5, OVER_5)));
    assert_eq!(locate(b"hell\r\n"), Err(FrameError::new(5, OVER_5)));
    // Or the end of the stream.
    let taking = kept.with_unterminated(Unterminated::Take);
    let at_eof = |rest| taking.at_eof(rest, &mut Progress::default());
    assert_eq!(at_eof(b"hello"), Ok(AtEof::Frame(Extent::new(0, 5, 0))));
    assert_eq!(at_eof(b"hellos"), Err(FrameError::new(5, OVER_5)));
}

#[test]
fn rejected_frame_is_skipped_through_its_next_delimiter() {
    let set: Set = vec![b"\r\n", b";"];
    for framing in framings(&set).into_iter().filter(|framing| !framing.keeps) {
        let mut decoder = Decoder::new(framing.with_max_payload_len(5)).with_recovery(Recovery::SkipFrame);
        for byte in b"hello;too long\r\nworld;" {
            decoder.push(&[*byte]).unwrap();
        }
        let mut found = Vec::new();
        while let Some(frame) = decoder.next_frame().unwrap() {
            found.push((frame.offset(), frame.payload().to_vec()));
        }
        assert_eq!(found, [(0, b"hello".to_vec()), (16, b"world".to_vec())]);
        assert_eq!((decoder.skipped().stretches, decoder.skipped().bytes), (1, 10));
    }
}

#[test]
fn long_delimiter_is_found_however_it_is_split() {
    let mut boundary = b"\r\n--".to_vec();
    boundary.extend([b'-'; 60]);
    for delimiter in [boundary, vec![b'a'; 300], [vec![b'a'; 40], vec![b'b'], vec![b'a'; 40]].concat()] {
        let framing = Delimited::new(delimiter.clone()).unwrap();
        assert!(framing.known.search == Search::Long);
        let wire = [b"one", &delimiter[..], b"bb", &delimiter, b"", &delimiter, &delimiter[..20]].concat();
        assert_eq!(frames(&framing, &wire), frames(&Plain(&framing), &wire));
        assert_eq!(frames(&framing, &wire).0.len(), 3);
        assert_eq!(frames(&framing.clone().with_max_payload_len(2), &wire).0.len(), 0);
        let frame = 3 + delimiter.len();
        let mut progress = Progress::default();
        for len in 0..frame {
            let Ok(Located::Search { so_far, least }) = framing.locate(&wire[..len], &mut progress) else {
                panic!("{len}")
            };
            let missing = if len < 3 { delimiter.len() } else { frame - len };
            assert_eq!((so_far.payload_len(), least), (len.min(3) as u64, (len + missing) as u64));
        }
        let trailer = u16::try_from(delimiter.len()).unwrap();
        let found = framing.locate(&wire[..frame], &mut progress);
        assert_eq!(found, Ok(Located::Known(Extent::new(0, 3, trailer))));
    }
}

#[test]
fn ambiguous_sets_are_refused() {
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
        let found = framing.unwrap().locate(b"hello;", &mut Progress::default());
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
    let table = DelimiterTable::new([&b"\r\n"[..], b";"]).unwrap();
    ends(Delimited::any_of(&table));
    ends(Delimited::any_of(Box::new(table.clone()) as Box<dyn Delimiters>));
    ends(Delimited::any_of(table));
    ends(Ok(Delimited::byte(b';').to_table()));
}

#[test]
fn constants_equal_what_the_constructors_make() {
    let made = Delimited::any_of(Lines).unwrap().with_unterminated(Unterminated::Take);
    assert!(made == Delimited::line());
    assert!(made.writing(1).unwrap() == Delimited::line().with_crlf());
    assert!(Delimited::any_of([[0]]).unwrap() == Delimited::nul());
    assert!(Delimited::any_of([*b"\r\n"]).unwrap() == Delimited::crlf());
    assert!(Delimited::any_of([*b"\x1c\r"]).unwrap() == Delimited::two(*b"\x1c\r"));
}

/// Asked before anybody has taken the frames that are complete.
#[test]
fn eof_finds_a_complete_message_first() {
    for unterminated in [Unterminated::Take, Unterminated::Fail] {
        let framing = Delimited::line().with_unterminated(unterminated);
        let found = framing.at_eof(b"a\r\nb", &mut Progress::default());
        assert_eq!(found, Ok(AtEof::Frame(Extent::new(0, 1, 2))));
    }
}

#[test]
fn debug_form_shows_the_delimiters_as_text() {
    let text = "Delimited { delimiters: [\"\\n\", \"\\r\\n\"], max: 8388608, writes: 1, keeps: false, \
                unterminated: Take }";
    assert_eq!(format!("{:?}", Delimited::line().with_crlf()), text);
}

/// As many delimiters as a table takes: `<` and three bytes that count.
fn numbered(len: usize) -> Vec<[u8; 4]> {
    (0..u32::try_from(len).unwrap())
        .map(|number| {
            let [_, a, b, c] = number.to_be_bytes();
            [b'<', a, b, c]
        })
        .collect()
}

#[test]
fn greatest_table_is_built_and_searched_in_linear_time() {
    // Nodes are looked at once for each byte, and once more for each of those that were taken before.
    let mut work = Vec::new();
    for len in [DelimiterTable::MAX_LEN / 2, DelimiterTable::MAX_LEN] {
        let words = numbered(len);
        let framing = Delimited::any_of(DelimiterTable::new(&words).unwrap()).unwrap();
        assert_eq!(framing.known.search, Search::Table);
        // Beginnings of delimiters that come to nothing, and then each of them.
        let wire: Vec<u8> = words.iter().flat_map(|word| [b"<<\0\xff\xff", &word[..]].concat()).collect();
        table::STEPS.set(0);
        let mut decoder = Decoder::new(&framing);
        let mut frames = 0;
        decoder
            .frames_in(&wire)
            .unwrap()
            .for_each(|frame| frames += usize::from(frame.payload() == b"<<\0\xff\xff"))
            .unwrap();
        assert_eq!(frames, len);
        work.push(table::STEPS.get());
        assert!(table::STEPS.get() <= 2 * wire.len(), "{} steps for {} bytes", table::STEPS.get(), wire.len());
        // Byte by byte, no byte is looked at again.
        let (some, _) = wire.split_at(9 * 100);
        table::STEPS.set(0);
        let mut decoder = Decoder::new(&framing);
        for byte in some {
            decoder.push(&[*byte]).unwrap();
            while decoder.next_frame().unwrap().is_some() {}
        }
        assert!(table::STEPS.get() <= 2 * some.len(), "{} steps for {} bytes", table::STEPS.get(), some.len());
        // The search of a message has the same bound.
        table::STEPS.set(0);
        assert_eq!(framing.envelope(&wire), Err(EncodeError::ContainsDelimiter { at: 5 }));
        assert!(framing.envelope(&b"<<\0\xff\xff".repeat(1000)).is_ok());
        assert!(table::STEPS.get() <= 10_050);
    }
    assert!(work[1] <= work[0] * 5 / 2, "{work:?}");
}

#[test]
fn long_delimiters_are_searched_for_in_linear_time() {
    let periodic = |end| [vec![b'a'; 60_000], vec![end]].concat();
    for words in [vec![periodic(b'b')], vec![periodic(b'b'), periodic(b'c')]] {
        let framing = Delimited::any_of(DelimiterTable::new(&words).unwrap()).unwrap();
        let wire = [vec![b'a'; 100_000], vec![b'b']].concat();
        table::STEPS.set(0);
        let mut progress = Progress::default();
        for len in (0..wire.len()).step_by(7) {
            let located = framing.locate(&wire[..len], &mut progress);
            let scanned = len.saturating_sub(60_000);
            assert_eq!(located.map(|located| located.known()), Ok(None));
            assert_eq!(progress.scanned, scanned);
        }
        let located = framing.locate(&wire, &mut progress);
        assert_eq!(located, Ok(Located::Known(Extent::new(0, 40_000, 60_001))));
        assert!(table::STEPS.get() <= 2 * wire.len(), "{} steps", table::STEPS.get());
        assert!(framing.envelope(&wire[..70_000]).is_ok_and(|envelope| envelope.frame_len(&wire[..70_000]) == 130_001));
    }
}

#[test]
fn too_many_delimiters_are_refused() {
    let many = numbered(65_536);
    let too_many = |found, max| Err(ConfigError::TooMany { found, max });
    assert_eq!(DelimiterTable::new(&many).map(|_| ()), too_many(65_536, 65_535));
    assert_eq!(Delimited::any_of(&many[..20_000]).map(|_| ()), too_many(20_000, 256));
    assert_eq!(Delimited::any_of(&many[..257]).map(|_| ()), too_many(257, 256));
    assert!(Delimited::any_of(&many[..256]).is_ok());
    assert!(Delimited::any_of(DelimiterTable::new(&many[..257]).unwrap()).is_ok());
}

#[test]
fn ambiguous_tables_are_refused() {
    let refused = |set: &[&[u8]]| DelimiterTable::new(set).unwrap_err();
    assert_eq!(refused(&[]), ConfigError::Empty);
    assert_eq!(refused(&[b";", b""]), ConfigError::EmptyLiteral);
    assert_eq!(refused(&[b"ab", b";", b"a"]), ConfigError::PrefixOfAnother { shorter: 2, longer: 0 });
    assert_eq!(refused(&[b"a", b";", b"ab"]), ConfigError::PrefixOfAnother { shorter: 0, longer: 2 });
    assert_eq!(refused(&[b"a", b"a"]), ConfigError::PrefixOfAnother { shorter: 0, longer: 1 });
    assert_eq!(refused(&[b"a", b"ab", b"aa"]), ConfigError::PrefixOfAnother { shorter: 0, longer: 2 });
    assert_eq!(refused(&[&[b'a'; 65_536]]), ConfigError::LiteralTooLong { len: 65_536, max: 65_535 });
}

#[test]
fn arrays_are_copied_and_need_no_allocator() {
    fn is_copy<T: Copy>(_: &T) {}
    let unequal = Delimited::any_of([&b"\n"[..], b";"]).unwrap();
    is_copy(&unequal);
    is_copy(&Delimited::any_of(&[b"\n", b";"]).unwrap());
    is_copy(&Delimited::line());
    assert!(size_of::<Delimited<Lines>>() <= 112, "{}", size_of::<Delimited<Lines>>());
}
