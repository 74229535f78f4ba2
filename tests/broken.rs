//! Every law catches what breaks it.

#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::num::NonZeroUsize;

use anysplit::number::{AnyNumber, Ascii, Binary, Varint};
use anysplit::testing::{self, Law, Refused, Seen, Violation, Way, WayIn};
use anysplit::{
    AtEof, ByteSet, DecodeErrorKind, EncodeError, Envelope, EofError, Extent, FrameError, Framing, LastBytes, Literal,
    Located, Oversize, PlainPrefix, Prefix, Progress, ShortBytes,
};

/// What the framing says beside `locate` to be faster.
#[derive(Clone, Copy)]
enum Shortcut {
    None,
    ByHead(fn(&[u8]) -> Option<Extent>),
    ByEnd(fn(&[u8]) -> Option<Extent>),
    ByLastByte(fn(&'static ByteSet) -> LastBytes<'static>),
    ByNumber(PlainPrefix),
}

/// A byte of length ahead of the payload, with one thing wrong.
#[derive(Clone, Copy)]
struct Broken {
    locate: fn(&[u8], Progress) -> Result<Located, FrameError>,
    envelope: fn(&[u8]) -> Result<Envelope<'static>, EncodeError>,
    at_eof: fn(&[u8], Progress) -> Result<AtEof, FrameError>,
    shortcut: Shortcut,
}

const GOOD: Broken =
    Broken { locate: good_locate, envelope: good_envelope, at_eof: good_end, shortcut: Shortcut::ByHead(good_header) };

impl Framing for Broken {
    fn locate(&self, input: &[u8], progress: Progress) -> Result<Located, FrameError> {
        (self.locate)(input, progress)
    }
    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        (self.envelope)(message)
    }
    fn at_eof(&self, rest: &[u8], progress: Progress) -> Result<AtEof, FrameError> {
        (self.at_eof)(rest, progress)
    }
    fn locate_by_header(&self, input: &[u8]) -> Option<Extent> {
        match self.shortcut {
            Shortcut::ByHead(locate) => locate(input),
            _ => None,
        }
    }
    fn plain_prefix(&self) -> Option<PlainPrefix> {
        match self.shortcut {
            Shortcut::ByNumber(prefix) => Some(prefix),
            _ => None,
        }
    }
    fn last_bytes(&self) -> Option<LastBytes<'_>> {
        static LF: ByteSet = ByteSet::of(b'\n');
        match self.shortcut {
            Shortcut::ByEnd(_) => Some(LastBytes::some(&LF)),
            Shortcut::ByLastByte(last) => Some(last(&LF)),
            _ => None,
        }
    }
    fn ending(&self, wire: &[u8]) -> Option<Extent> {
        match self.shortcut {
            Shortcut::ByEnd(ending) => ending(wire),
            _ => None,
        }
    }
}

fn good_header(input: &[u8]) -> Option<Extent> {
    Prefix::u8().locate_by_header(input)
}

fn good_locate(input: &[u8], progress: Progress) -> Result<Located, FrameError> {
    Prefix::u8().locate(input, progress)
}

fn good_end(rest: &[u8], progress: Progress) -> Result<AtEof, FrameError> {
    Prefix::u8().at_eof(rest, progress)
}

fn good_envelope(message: &[u8]) -> Result<Envelope<'static>, EncodeError> {
    let len = u8::try_from(message.len()).map_err(|_| EncodeError::Oversize { len: message.len() as u64, max: 255 })?;
    Ok(Envelope::new(ShortBytes::new(&[len])?))
}

fn must_break(law: Law, result: Result<(), Violation>) {
    match result {
        Ok(()) => panic!("nothing found, and {law} is broken"),
        Err(violation) => assert_eq!(violation.law, law, "{violation}"),
    }
}

/// Some law catches it without being told where to look.
fn must_be_found(framing: &Broken) {
    assert!(testing::check_all(framing, 500).is_err());
}

#[test]
fn the_good_one_breaks_no_law() {
    assert_eq!(testing::check_all(&GOOD, 200), Ok(()));
}

#[test]
fn law_1_finds_a_message_that_comes_back_without_its_first_byte() {
    let shortened = |message: &[u8]| match message {
        [] => good_envelope(message),
        [_, rest @ ..] => good_envelope(rest).map(|envelope| envelope.skipping(1)),
    };
    let broken = Broken { envelope: shortened, ..GOOD };
    must_break(Law::RoundTrip, testing::round_trip(&broken, &[b"hello"]));
    must_be_found(&broken);
}

/// The last line end there is, so that lines which arrive together are one.
fn last_line(input: &[u8], _: Progress) -> Result<Located, FrameError> {
    Ok(match input.iter().rposition(|byte| *byte == b'\n') {
        Some(at) => Located::Known(Extent::new(0, at as u64, 1)),
        None => Located::Open { header: 0, scanned: input.len(), need: NonZeroUsize::MIN },
    })
}

#[test]
fn law_2_finds_lines_that_run_together_when_they_arrive_together() {
    let broken = Broken { locate: last_line, shortcut: Shortcut::None, ..GOOD };
    must_break(Law::AnySplit, testing::any_split(&broken, b"a\nb\n", &[2]));
    must_break(Law::Contract, testing::contract(&broken, b"a\nb\n"));
    must_be_found(&broken);
}

#[test]
fn law_3_finds_a_frame_that_waits_for_the_byte_after_it() {
    let late = |input: &[u8], progress: Progress| match good_locate(input, progress)? {
        Located::Known(extent) if extent.frame_len() >= input.len() as u64 => Ok(Located::header(1)),
        located => Ok(located),
    };
    let broken = Broken { locate: late, shortcut: Shortcut::None, ..GOOD };
    must_break(Law::NeitherLateNorGreedy, testing::neither_late_nor_greedy(&broken, b"\x01a\x01b"));
    must_be_found(&broken);
}

#[test]
fn law_3_finds_a_need_that_reaches_into_the_next_frame() {
    let greedy = |input: &[u8], progress: Progress| match input {
        [] => Ok(Located::header(4)),
        _ => good_locate(input, progress),
    };
    let broken = Broken { locate: greedy, ..GOOD };
    must_break(Law::NeitherLateNorGreedy, testing::neither_late_nor_greedy(&broken, b"\x01a\x01b"));
    must_break(Law::Contract, testing::contract(&broken, b"\x01a\x01b"));
    must_be_found(&broken);
}

/// One line end, searched for as it should be.
fn line(input: &[u8], progress: Progress) -> Result<Located, FrameError> {
    let from = progress.scanned.min(input.len());
    Ok(match input[from..].iter().position(|byte| *byte == b'\n') {
        Some(at) => Located::Known(Extent::new(0, (from + at) as u64, 1)),
        None => Located::Open { header: 0, scanned: input.len(), need: NonZeroUsize::MIN },
    })
}

fn line_envelope(message: &[u8]) -> Result<Envelope<'static>, EncodeError> {
    match message.iter().position(|byte| *byte == b'\n') {
        Some(at) => Err(EncodeError::ContainsDelimiter { at }),
        None => Ok(Envelope::new(ShortBytes::empty()).with_trailer(b"\n")),
    }
}

fn line_end(rest: &[u8], progress: Progress) -> Result<AtEof, FrameError> {
    Ok(match progress.passed + rest.len() as u64 {
        0 => AtEof::Clean,
        have => AtEof::Truncated(anysplit::Truncated::Unterminated { have }),
    })
}

fn line_of(wire: &[u8]) -> Option<Extent> {
    Some(Extent::new(0, wire.len() as u64 - 1, 1))
}

const LINE: Broken =
    Broken { locate: line, envelope: line_envelope, at_eof: line_end, shortcut: Shortcut::ByEnd(line_of) };

#[test]
fn the_good_line_breaks_no_law() {
    assert_eq!(testing::check_all(&LINE, 200), Ok(()));
}

#[test]
fn law_4_finds_a_message_that_forges_a_second_one() {
    let broken = Broken { envelope: |_| Ok(Envelope::new(ShortBytes::empty()).with_trailer(b"\n")), ..LINE };
    must_break(Law::EncodeError, testing::refusal(&broken, &[&b"hello"[..], b"a\nb"]));
    must_be_found(&broken);
}

/// A way in with one thing wrong.
struct BrokenWay {
    inner: Box<dyn Way>,
    /// Everything that ever came.
    hoard: Vec<u8>,
    flaw: Flaw,
    failed: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Flaw {
    Hoards,
    ForgetsErrors,
    DropsAByteOfEveryThirdChunk,
    AsksForTooMuch,
}

fn broken_way(flaw: Flaw) -> Box<dyn Way> {
    static FRAMING: Prefix<anysplit::number::Ascii> = Prefix::netstring();
    let inner = WayIn::NextFrame.open(&FRAMING, Oversize::Fail);
    Box::new(BrokenWay { inner, hoard: Vec::new(), flaw, failed: false })
}

impl Way for BrokenWay {
    fn feed(&mut self, chunk: &[u8], seen: &mut Seen) -> Result<(), Refused> {
        self.hoard.extend_from_slice(chunk);
        if self.flaw == Flaw::ForgetsErrors && self.failed {
            return Ok(());
        }
        let drops = self.flaw == Flaw::DropsAByteOfEveryThirdChunk && self.hoard.len() % 3 == 0;
        let result = self.inner.feed(&chunk[usize::from(drops).min(chunk.len())..], seen);
        self.failed = result.is_err();
        result
    }
    fn end(&mut self, seen: &mut Seen) -> Result<(), EofError> {
        self.inner.end(seen)
    }
    fn need(&mut self) -> Option<usize> {
        let more = usize::from(self.flaw == Flaw::AsksForTooMuch) * 100;
        self.inner.need().map(|need| need + more)
    }
    fn capacity(&mut self) -> Option<usize> {
        if self.flaw == Flaw::Hoards { Some(self.hoard.capacity()) } else { self.inner.capacity() }
    }
    fn left(self: Box<Self>) -> (u64, Vec<u8>) {
        self.inner.left()
    }
}

#[test]
fn law_5_finds_a_decoder_that_keeps_what_is_done_with() {
    let stream = b"5:hello,".repeat(2000);
    let cuts: Vec<usize> = (0..stream.len()).step_by(8).collect();
    must_break(Law::Memory, testing::memory_of(broken_way(Flaw::Hoards), &stream, &cuts, true));
}

#[test]
fn law_2_finds_a_way_in_that_loses_bytes() {
    let framing = Prefix::netstring();
    let stream = b"5:hello,5:hello,";
    let expected = testing::outcome(WayIn::NextFrame.open(&framing, Oversize::Fail), stream, &[]).unwrap();
    let way = broken_way(Flaw::DropsAByteOfEveryThirdChunk);
    must_break(Law::AnySplit, testing::same_as(&expected, way, stream, &[1, 2, 3, 4], false));
}

#[test]
fn law_3_finds_a_way_in_that_asks_for_too_much() {
    must_break(Law::NeitherLateNorGreedy, testing::prompt_of(broken_way(Flaw::AsksForTooMuch), b"1:a,1:b,"));
}

#[test]
fn law_6_finds_a_search_that_begins_again_with_every_byte() {
    let forgetful = |input: &[u8], progress: Progress| match line(input, progress)? {
        Located::Open { header, need, .. } => Ok(Located::Open { header, need, scanned: 0 }),
        located => Ok(located),
    };
    let broken = Broken { locate: forgetful, ..LINE };
    let stream = [&[b'x'; 4000][..], b"\n"].concat();
    must_break(Law::Linear, testing::linear(&broken, &stream));
    must_be_found(&broken);
}

#[test]
fn law_7_finds_an_end_that_is_always_clean() {
    let broken = Broken { at_eof: |_, _| Ok(AtEof::Clean), ..GOOD };
    must_break(Law::EofNamesWhatWasCut, testing::end_says_what_it_cut(&broken, &[b"hello"]));
    must_break(Law::Contract, testing::contract(&broken, b"\x05he"));
    must_be_found(&broken);
}

#[test]
fn law_7_finds_an_end_that_names_the_wrong_part() {
    let broken = Broken {
        at_eof: |rest, _| match rest.len() as u64 {
            0 => Ok(AtEof::Clean),
            have => Ok(AtEof::Truncated(anysplit::Truncated::Header { have, need: have + 1 })),
        },
        ..GOOD
    };
    must_break(Law::EofNamesWhatWasCut, testing::end_says_what_it_cut(&broken, &[b"hello"]));
    must_be_found(&broken);
}

#[test]
fn law_8_finds_an_error_that_moves() {
    let broken = Broken {
        locate: |input, progress| match input {
            [b'\n', ..] => Err(FrameError::new(input.len() - 1, DecodeErrorKind::ReservedForm { found: b'\n' })),
            _ => good_locate(input, progress),
        },
        ..GOOD
    };
    must_break(Law::ErrorsExactAndSticky, testing::errors_exact_and_sticky(&broken, b"\x01a\nab"));
    must_break(Law::Contract, testing::contract(&broken, b"\nab"));
    must_be_found(&broken);
}

#[test]
fn law_8_finds_an_error_that_is_forgotten() {
    must_break(Law::ErrorsExactAndSticky, testing::sticky_of(broken_way(Flaw::ForgetsErrors), b"1:a;"));
}

#[test]
fn law_9_finds_a_panic() {
    let broken = Broken {
        locate: |input, progress| match input {
            [0xff, rest @ ..] => Ok(Located::Known(Extent::new(1, rest[0].into(), 0))),
            _ => good_locate(input, progress),
        },
        shortcut: Shortcut::None,
        ..GOOD
    };
    must_break(Law::NoPanic, testing::no_panic(&broken, b"\xff", &[]));
}

#[test]
fn law_9_finds_frames_without_end() {
    let broken = Broken {
        locate: |input, progress| match input {
            [0xff, ..] => Ok(Located::Known(Extent::new(0, 0, 0))),
            _ => good_locate(input, progress),
        },
        shortcut: Shortcut::None,
        ..GOOD
    };
    must_break(Law::NoPanic, testing::no_panic(&broken, b"\xff", &[]));
    must_break(Law::Contract, testing::contract(&broken, b"\xff"));
}

#[test]
fn the_contract_finds_a_length_that_changes() {
    let broken = Broken {
        locate: |input, _| match *input {
            [] => Ok(Located::header(1)),
            [len, ..] => Ok(Located::Known(Extent::new(1, u64::from(len).min(input.len() as u64), 0))),
        },
        ..GOOD
    };
    must_break(Law::Contract, testing::contract(&broken, b"\x05hello"));
    must_be_found(&broken);
}

#[test]
fn the_contract_finds_a_header_that_says_something_else() {
    let long = |input: &[u8]| Some(Extent::new(1, good_header(input)?.payload_len() + 1, 0));
    let broken = Broken { shortcut: Shortcut::ByHead(long), ..GOOD };
    must_break(Law::Contract, testing::contract(&broken, b"\x01a\x01b"));
    must_be_found(&broken);
}

#[test]
fn the_contract_finds_a_header_that_looks_after_itself() {
    // The byte after the header makes the length even.
    let even = |input: &[u8], _: Progress| match *input {
        [] | [_] => Ok(Located::header(2 - input.len())),
        [len, next, ..] => Ok(Located::Known(Extent::new(1, u64::from(len.max(1)) + u64::from(next & 1), 0))),
    };
    let by_header = |input: &[u8]| match *input {
        [len, next, ..] => Some(Extent::new(1, u64::from(len.max(1)) + u64::from(next & 1), 0)),
        _ => None,
    };
    let broken = Broken { locate: even, shortcut: Shortcut::ByHead(by_header), ..GOOD };
    must_break(Law::Contract, testing::contract(&broken, b"\x01a\x01b"));
}

#[test]
fn the_contract_finds_a_number_that_says_something_else() {
    let with = |number: AnyNumber, below| {
        let shortcut = Shortcut::ByNumber(PlainPrefix::new(number, below));
        // Without the limit of the good one, which its byte cannot reach.
        Broken { shortcut, ..GOOD }
    };
    for below in [0, 1, 100, 256, u64::MAX] {
        assert_eq!(testing::check_all(&with(Binary::u8().into(), below), 100), Ok(()), "below {below}");
    }
    for number in
        [Binary::u16_be().into(), Binary::u16_le().into(), Varint::leb128().into(), AnyNumber::from(Ascii::hex4())]
    {
        let broken = with(number, 200);
        must_break(Law::Contract, testing::contract(&broken, b"\x01a"));
        must_be_found(&broken);
    }
    let trailer = PlainPrefix::new(Binary::u8().into(), 100).with_trailer(Literal::byte(b','));
    let broken = Broken { shortcut: Shortcut::ByNumber(trailer), ..GOOD };
    must_break(Law::Contract, testing::contract(&broken, b"\x01a"));
    must_be_found(&broken);
    // Its greatest is too long a payload.
    let at_most_99 = |input: &[u8], progress| Prefix::u8().with_max_payload_len(99).locate(input, progress);
    for (below, found) in [(100, false), (101, true)] {
        let broken = Broken { locate: at_most_99, ..with(Binary::u8().into(), below) };
        assert_eq!(testing::contract(&broken, b"\x01a").is_err(), found, "below {below}");
    }
}

#[test]
fn the_contract_finds_an_end_that_says_something_else() {
    for ending in [|_: &[u8]| None, |wire: &[u8]| Some(Extent::new(0, wire.len() as u64, 0))] {
        let broken = Broken { shortcut: Shortcut::ByEnd(ending), ..LINE };
        must_break(Law::Contract, testing::contract(&broken, b"a\nb\n"));
    }
    // A first line that has no end runs into the second.
    let second = |wire: &[u8]| (wire.len() > 2).then(|| Extent::new(0, wire.len() as u64 - 1, 1));
    must_be_found(&Broken { shortcut: Shortcut::ByEnd(second), ..LINE });
}

#[test]
fn the_contract_finds_last_bytes_that_end_something_else() {
    let each = Broken { shortcut: Shortcut::ByLastByte(LastBytes::each), ..LINE };
    assert_eq!(testing::contract(&each, b"a\r\nb\n\n"), Ok(()));
    assert_eq!(testing::check_all(&each, 200), Ok(()));
    let broken = Broken { shortcut: Shortcut::ByLastByte(LastBytes::kept), ..LINE };
    must_break(Law::Contract, testing::contract(&broken, b"a\n"));
    must_be_found(&broken);
    let broken = Broken { shortcut: Shortcut::ByLastByte(LastBytes::lines), ..LINE };
    assert_eq!(testing::contract(&broken, b"a\nb\n"), Ok(()));
    must_break(Law::Contract, testing::contract(&broken, b"a\r\n"));
    must_be_found(&broken);
    let by = Broken { shortcut: Shortcut::ByLastByte(|set| LastBytes::by(set, b"\n", 1)), ..LINE };
    assert_eq!(testing::contract(&by, b"a\r\nb\n\n"), Ok(()));
    assert_eq!(testing::check_all(&by, 200), Ok(()));
    let kept = Broken { shortcut: Shortcut::ByLastByte(|set| LastBytes::by(set, b"\n", 0)), ..LINE };
    must_break(Law::Contract, testing::contract(&kept, b"a\n"));
    must_be_found(&kept);
    let longer = Broken { shortcut: Shortcut::ByLastByte(|set| LastBytes::by(set, b"\r\n", 2)), ..LINE };
    must_break(Law::Contract, testing::contract(&longer, b"a\n"));
    must_be_found(&longer);
}

#[test]
fn the_contract_finds_a_scan_that_goes_too_far() {
    let broken = Broken {
        locate: |input, progress| {
            let from = progress.scanned.min(input.len());
            Ok(match input[from..].windows(2).position(|two| two == b"\r\n") {
                Some(at) => Located::Known(Extent::new(0, (from + at) as u64, 2)),
                // A CR at the end may be half of a line end.
                None => Located::Open { header: 0, scanned: input.len(), need: NonZeroUsize::MIN },
            })
        },
        shortcut: Shortcut::None,
        ..LINE
    };
    must_break(Law::Contract, testing::contract(&broken, b"a\r\n"));
    must_be_found(&broken);
}

#[test]
fn a_violation_says_which_law_what_was_wanted_and_what_came() {
    let broken = Broken { locate: last_line, shortcut: Shortcut::None, ..GOOD };
    let violation = testing::any_split(&broken, b"a\nb\n", &[2]).unwrap_err();
    let text = violation.to_string();
    assert!(text.starts_with("law 2, any split is broken: expected [frame at 0"), "{text}");
    assert!(text.ends_with("in chunks of 2+2 bytes)"), "{text}");
}
