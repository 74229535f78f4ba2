//! Every law detects the framings and drivers that break it.

#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use anysplit::contract::{
    AtEof, Envelope, Extent, FrameEnd, FrameError, Literal, Located, Part, Progress, Shape, ShortBytes,
};
use anysplit::number::{AnyNumber, Ascii, Binary, Varint};
use anysplit::testing::{self, Collected, Driver, DriverKind, Law, Refused, Violation};
use anysplit::{ByteSet, DecodeErrorKind, Decoder, EncodeError, EofError, Framing, Prefix, Recovery};

#[path = "broken/contract.rs"]
mod contract;
#[path = "broken/fixpoint.rs"]
mod fixpoint;
#[path = "broken/newcomer.rs"]
mod newcomer;

type Locate = fn(&[u8], &mut Progress) -> Result<Located, FrameError>;

/// A byte of length before the payload, with one thing wrong.
#[derive(Clone, Copy)]
struct Broken {
    locate: Locate,
    envelope: fn(&[u8]) -> Result<Envelope<'static>, EncodeError>,
    at_eof: fn(&[u8], &mut Progress) -> Result<AtEof, FrameError>,
    check: fn(Part<'_>, &mut u64) -> Result<(), FrameError>,
    open: fn(&[u8], &mut [u8], u64, &mut u64) -> usize,
    seal: fn(&[u8], &mut [u8]),
    max: u64,
    shape: Shape<'static>,
}

const GOOD: Broken = Broken {
    locate: good_locate,
    envelope: good_envelope,
    at_eof: good_end,
    check: |_, _| Ok(()),
    open: |_, payload, _, _| payload.len(),
    seal: |_, _| {},
    max: u64::MAX,
    shape: Shape::by_header(),
};

impl Framing for Broken {
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        (self.locate)(input, progress)
    }
    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        (self.envelope)(message)
    }
    fn at_eof(&self, rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
        (self.at_eof)(rest, progress)
    }
    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        (self.check)(part, sum)
    }
    fn open(&self, header: &[u8], payload: &mut [u8], at: u64, memo: &mut u64) -> usize {
        (self.open)(header, payload, at, memo)
    }
    fn seal(&self, message: &[u8], frame: &mut [u8]) {
        (self.seal)(message, frame);
    }
    fn max_payload_len(&self) -> u64 {
        self.max
    }
    fn shape(&self) -> Shape<'_> {
        self.shape
    }
}

fn good_locate(input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
    Prefix::u8().locate(input, progress)
}

fn good_end(rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
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

/// Some law catches it without a hint.
fn must_be_found(framing: &Broken) {
    assert!(testing::check_all(framing, 500).is_err());
}

#[test]
fn good_framing_breaks_no_law() {
    assert_eq!(testing::check_all(&GOOD, 200), Ok(()));
}

#[test]
fn message_without_its_first_byte_breaks_law_1() {
    let shortened = |message: &[u8]| match message {
        [] => good_envelope(message),
        [_, rest @ ..] => good_envelope(rest).map(|envelope| envelope.skipping(1)),
    };
    let broken = Broken { envelope: shortened, ..GOOD };
    must_break(Law::RoundTrip, testing::round_trip(&broken, &[b"hello"]));
    must_be_found(&broken);
}

/// The answer of a search that has found no end.
fn search(input: &[u8], progress: &mut Progress) -> Located {
    progress.scanned = input.len();
    let len = input.len() as u64;
    Located::Search { so_far: Extent::new(0, len, 0), least: len + 1 }
}

/// The last line end in the input, so that lines that arrive together become one.
fn last_line(input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
    Ok(match input.iter().rposition(|byte| *byte == b'\n') {
        Some(at) => Located::Known(Extent::new(0, at as u64, 1)),
        None => search(input, progress),
    })
}

#[test]
fn lines_that_run_together_break_law_2() {
    let broken = Broken { locate: last_line, shape: Shape::UNKNOWN, ..GOOD };
    must_break(Law::AnySplit, testing::any_split(&broken, b"a\nb\n", &[2]));
    must_break(Law::Contract, testing::contract(&broken, b"a\nb\n"));
    must_be_found(&broken);
}

#[test]
fn frame_that_waits_for_the_next_byte_breaks_law_3() {
    let late = |input: &[u8], progress: &mut Progress| match good_locate(input, progress)? {
        Located::Known(extent) if extent.frame_len() >= input.len() as u64 => {
            Ok(Located::Header(input.len() as u64 + 1))
        }
        located => Ok(located),
    };
    let broken = Broken { locate: late, shape: Shape::UNKNOWN, ..GOOD };
    must_break(Law::NeitherLateNorGreedy, testing::neither_late_nor_greedy(&broken, b"\x01a\x01b"));
    must_be_found(&broken);
}

#[test]
fn need_that_reaches_into_the_next_frame_breaks_law_3() {
    let greedy = |input: &[u8], progress: &mut Progress| match input {
        [] => Ok(Located::Header(4)),
        _ => good_locate(input, progress),
    };
    let broken = Broken { locate: greedy, ..GOOD };
    must_break(Law::NeitherLateNorGreedy, testing::neither_late_nor_greedy(&broken, b"\x01a\x01b"));
    must_break(Law::Contract, testing::contract(&broken, b"\x01a\x01b"));
    must_be_found(&broken);
}

/// One line end, searched for correctly.
fn line(input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
    let from = progress.scanned.min(input.len());
    Ok(match input[from..].iter().position(|byte| *byte == b'\n') {
        Some(at) => Located::Known(Extent::new(0, (from + at) as u64, 1)),
        None => search(input, progress),
    })
}

fn line_envelope(message: &[u8]) -> Result<Envelope<'static>, EncodeError> {
    match message.iter().position(|byte| *byte == b'\n') {
        Some(at) => Err(EncodeError::ContainsDelimiter { at }),
        None => Ok(Envelope::new(ShortBytes::empty()).with_trailer(b"\n")),
    }
}

fn line_end(rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
    Ok(if rest.is_empty() && progress.consumed == 0 { AtEof::Clean } else { AtEof::Truncated })
}

static LF: ByteSet = ByteSet::of(b'\n');

/// Confirms every candidate.
struct Says(fn(&[u8]) -> Option<u16>);

impl FrameEnd for Says {
    fn trailer_len(&self, wire: &[u8]) -> Option<u16> {
        (self.0)(wire)
    }
}

const LINE: Broken = Broken {
    locate: line,
    envelope: line_envelope,
    at_eof: line_end,
    shape: Shape::ends_where(&LF, &Says(|_| Some(1))),
    ..GOOD
};

#[test]
fn good_line_breaks_no_law() {
    assert_eq!(testing::check_all(&LINE, 200), Ok(()));
}

#[test]
fn message_that_forges_a_second_one_breaks_law_4() {
    let broken = Broken { envelope: |_| Ok(Envelope::new(ShortBytes::empty()).with_trailer(b"\n")), ..LINE };
    must_break(Law::EncoderRefuses, testing::refusal(&broken, &[&b"hello"[..], b"a\nb"]));
    must_be_found(&broken);
}

/// A driver with one thing wrong.
struct BrokenDriver {
    inner: Box<dyn Driver>,
    /// All bytes that ever arrived.
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

fn broken_driver(flaw: Flaw) -> Box<dyn Driver> {
    static FRAMING: Prefix<anysplit::number::Ascii> = Prefix::netstring();
    let inner = DriverKind::NextEvent.open(&FRAMING, Recovery::Fail, 1 << 16);
    Box::new(BrokenDriver { inner, hoard: Vec::new(), flaw, failed: false })
}

impl Driver for BrokenDriver {
    fn feed(&mut self, chunk: &[u8], collected: &mut Collected) -> Result<(), Refused> {
        self.hoard.extend_from_slice(chunk);
        if self.flaw == Flaw::ForgetsErrors && self.failed {
            return Ok(());
        }
        let drops = self.flaw == Flaw::DropsAByteOfEveryThirdChunk && self.hoard.len() % 3 == 0;
        let result = self.inner.feed(&chunk[usize::from(drops).min(chunk.len())..], collected);
        self.failed = result.is_err();
        result
    }
    fn end(&mut self, collected: &mut Collected) -> Result<(), EofError> {
        self.inner.end(collected)
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
fn driver_that_hoards_breaks_law_5() {
    let stream = b"5:hello,".repeat(2000);
    let cuts: Vec<usize> = (0..stream.len()).step_by(8).collect();
    must_break(Law::Memory, testing::memory_of(broken_driver(Flaw::Hoards), &stream, &cuts, true));
}

#[test]
fn driver_that_loses_bytes_breaks_law_2() {
    let framing = Prefix::netstring();
    let stream = b"5:hello,5:hello,";
    let expected = testing::outcome(DriverKind::NextEvent.open(&framing, Recovery::Fail, 64), stream, &[]).unwrap();
    let driver = broken_driver(Flaw::DropsAByteOfEveryThirdChunk);
    must_break(Law::AnySplit, testing::same_as(&expected, driver, stream, &[1, 2, 3, 4], false));
}

#[test]
fn driver_that_asks_for_too_much_breaks_law_3() {
    must_break(Law::NeitherLateNorGreedy, testing::prompt_of(broken_driver(Flaw::AsksForTooMuch), b"1:a,1:b,"));
}

#[test]
fn search_that_begins_again_each_time_breaks_law_6() {
    let forgetful = |input: &[u8], progress: &mut Progress| {
        progress.scanned = 0;
        let located = line(input, progress)?;
        progress.scanned = 0;
        Ok(located)
    };
    let broken = Broken { locate: forgetful, ..LINE };
    let stream = [&[b'x'; 4000][..], b"\n"].concat();
    must_break(Law::Linear, testing::linear(&broken, &stream));
    must_be_found(&broken);
}

#[test]
fn end_that_is_always_clean_breaks_the_contract() {
    // A decoder takes it for a cut frame, because bytes remain.
    let broken = Broken { at_eof: |_, _| Ok(AtEof::Clean), ..GOOD };
    must_break(Law::Contract, testing::contract(&broken, b"\x05he"));
    must_be_found(&broken);
}

#[test]
fn end_that_completes_a_cut_frame_breaks_law_7() {
    let broken = Broken {
        at_eof: |rest, _| match rest.len() as u64 {
            0 => Ok(AtEof::Clean),
            len => Ok(AtEof::Frame(Extent::new(1, len - 1, 0))),
        },
        ..GOOD
    };
    must_break(Law::Contract, testing::contract(&broken, b"\x05he"));
    must_be_found(&broken);
}

/// A driver whose end is always clean, in front of the real one.
struct CleanEnd(Box<dyn Driver>);

impl Driver for CleanEnd {
    fn feed(&mut self, chunk: &[u8], collected: &mut Collected) -> Result<(), Refused> {
        self.0.feed(chunk, collected)
    }
    fn end(&mut self, collected: &mut Collected) -> Result<(), EofError> {
        let _ = self.0.end(collected);
        Ok(())
    }
    fn left(self: Box<Self>) -> (u64, Vec<u8>) {
        self.0.left()
    }
}

#[test]
fn driver_that_hides_a_truncation_breaks_law_2() {
    static NETSTRING: Prefix<Ascii> = Prefix::netstring();
    let open = || DriverKind::NextEvent.open(&NETSTRING, Recovery::Fail, 64);
    let expected = testing::outcome(open(), b"5:he", &[]).unwrap();
    must_break(Law::AnySplit, testing::same_as(&expected, Box::new(CleanEnd(open())), b"5:he", &[], false));
}

#[test]
fn error_that_moves_breaks_law_8() {
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
fn driver_that_forgets_its_error_breaks_law_8() {
    must_break(Law::ErrorsExactAndSticky, testing::sticky_of(broken_driver(Flaw::ForgetsErrors), b"1:a;"));
}

#[test]
fn framing_that_panics_breaks_law_9() {
    let broken = Broken {
        locate: |input, progress| match input {
            [0xff, rest @ ..] => Ok(Located::Known(Extent::new(1, rest[0].into(), 0))),
            _ => good_locate(input, progress),
        },
        shape: Shape::UNKNOWN,
        ..GOOD
    };
    must_break(Law::NoPanic, testing::no_panic(&broken, b"\xff", &[]));
}

#[test]
fn frames_without_end_break_law_9() {
    let broken = Broken {
        locate: |input, progress| match input {
            [0xff, ..] => Ok(Located::Known(Extent::new(0, 0, 0))),
            _ => good_locate(input, progress),
        },
        shape: Shape::UNKNOWN,
        ..GOOD
    };
    must_break(Law::NoPanic, testing::no_panic(&broken, b"\xff", &[]));
    must_break(Law::Contract, testing::contract(&broken, b"\xff"));
}

#[test]
fn violation_names_the_law_and_both_answers() {
    let broken = Broken { locate: last_line, shape: Shape::UNKNOWN, ..GOOD };
    let violation = testing::any_split(&broken, b"a\nb\n", &[2]).unwrap_err();
    let text = violation.to_string();
    assert!(text.starts_with("law 2, any split is broken: expected [frame of 4 bytes at 0"), "{text}");
    assert!(text.ends_with("in chunks of 2+2 bytes)"), "{text}");
}
