//! How good the guesses are, on streams that other programs exchanged and on bytes that are no such streams.
//!
//! The weights were chosen on the streams of every second protocol, by name; the other half was looked at only as these
//! figures. `ANYSPLIT_FIGURES=1 cargo test -p anysplit-cli guess -- --nocapture` prints all of them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anysplit::{AnyFraming, protocols};

use super::rank::{Confidence, Guess, joined, rank};
use super::sample::{Numbers, Sample};
use super::walk::Walk;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// One direction of a protocol's capture.
struct Stream {
    name: &'static str,
    role: String,
    /// 0: the weights were chosen on it. 1: they were not.
    half: usize,
    bytes: Vec<u8>,
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// The captures of protocols. Each second name belongs to the other half.
fn streams() -> Vec<Stream> {
    let folder = root().join("tests/data/protocols");
    let captured = protocols::ALL.iter().filter(|protocol| folder.join(protocol.name).is_dir());
    let mut all = Vec::new();
    for (place, protocol) in captured.enumerate() {
        for path in files(&folder.join(protocol.name)) {
            let bytes = fs::read(&path).unwrap();
            if path.extension().is_some_and(|extension| extension == "bin") && !bytes.is_empty() {
                let role = path.file_stem().unwrap().to_string_lossy().into_owned();
                all.push(Stream { name: protocol.name, role, half: place % 2, bytes });
            }
        }
    }
    assert!(all.len() > 200, "{} streams", all.len());
    all
}

/// From this length on, a stream has enough bytes.
const ENOUGH: usize = 16;

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    streams: usize,
    first: usize,
    in_three: usize,
    /// Wrong in the first place, and sure of it.
    wrong: usize,
    none: usize,
}

impl Tally {
    fn add(&mut self, place: Option<usize>, first: Option<&Guess>) {
        self.streams += 1;
        self.first += usize::from(place == Some(0));
        self.in_three += usize::from(place.is_some_and(|place| place < 3));
        let sure = first.is_some_and(|guess| guess.confidence == Confidence::High);
        self.wrong += usize::from(sure && place != Some(0));
        self.none += usize::from(first.is_none());
    }

    fn row(&self, what: &str, text: &mut String) {
        let percent = |count: usize| (count * 1000 + self.streams / 2) / self.streams.max(1);
        let shown = |count: usize| format!("{count} ({}.{} %)", percent(count) / 10, percent(count) % 10);
        let Self { streams, first, in_three, wrong, none } = *self;
        writeln!(text, "| {what} | {streams} | {} | {} | {} | {none} |", shown(first), shown(in_three), shown(wrong))
            .unwrap();
    }
}

/// What kind of framing a SPEC is.
fn kind(spec: &str) -> &'static str {
    fn of(framing: &AnyFraming) -> &'static str {
        match framing {
            AnyFraming::Protocol(named) => of(named.framing()),
            AnyFraming::Enclosed(enclosed) => of(enclosed.inner()),
            AnyFraming::Forbid(forbid) => of(forbid.inner()),
            AnyFraming::Require(require) => of(require.inner()),
            AnyFraming::Then(then) => of(then.rest()),
            AnyFraming::Masked(masked) => of(masked.inner()),
            AnyFraming::Fixed(_) => "fixed",
            AnyFraming::Prefix(_) => "prefix",
            AnyFraming::LengthField(_) => "field",
            AnyFraming::Delimited(_) | AnyFraming::UniversalLine(_) | AnyFraming::Dotted(_) => "delimiter",
            AnyFraming::HeaderBlock(_)
            | AnyFraming::LineThenBlock(_)
            | AnyFraming::Chunked(_)
            | AnyFraming::Http1(_) => "text header",
            AnyFraming::Stuffed(_) | AnyFraming::Slip(_) | AnyFraming::Cobs(_) | AnyFraming::EscapedFrame(_) => {
                "stuffed"
            }
            AnyFraming::Checked(_) | AnyFraming::Blocks(_) | AnyFraming::Mavlink(_) => "checked",
            AnyFraming::ByType(_) | AnyFraming::ByFirstByte(_) => "table",
            _ => "others",
        }
    }
    spec.parse().map_or("none", |framing| of(&framing))
}

/// Which kinds are taken for which: rows are the truth, columns the first guess.
#[derive(Default)]
struct Confusion(BTreeMap<&'static str, BTreeMap<&'static str, usize>>);

impl Confusion {
    fn add(&mut self, truth: &str, first: Option<&Guess>, right: bool) {
        let guessed = match (right, first) {
            (true, _) => "right",
            (false, Some(guess)) => kind(&guess.specs[0]),
            (false, None) => "nothing",
        };
        *self.0.entry(kind(truth)).or_default().entry(guessed).or_default() += 1;
    }

    fn table(&self, text: &mut String) {
        let mut columns: Vec<_> =
            self.0.values().flat_map(BTreeMap::keys).copied().filter(|kind| *kind != "right").collect();
        columns.sort_unstable();
        columns.dedup();
        columns.insert(0, "right");
        writeln!(text, "| truth | {} |\n| --- |{}", columns.join(" | "), " --- |".repeat(columns.len())).unwrap();
        for (truth, row) in &self.0 {
            let cells: Vec<_> =
                columns.iter().map(|column| row.get(column).map_or(String::new(), usize::to_string)).collect();
            writeln!(text, "| {truth} | {} |", cells.join(" | ")).unwrap();
        }
    }
}

/// Guesses every stream from its first `most` bytes.
fn measured(most: usize, hides_name: bool, mut each: impl FnMut(&Stream, Option<usize>, Option<&Guess>)) {
    for stream in streams() {
        let len = stream.bytes.len().min(most);
        let sample = Sample::new(&stream.bytes[..len], len == stream.bytes.len());
        let truth = Walk::of(&protocols::by_name(stream.name).unwrap().framing(), &sample);
        let ranking = rank(&[sample], |name| hides_name && name == stream.name);
        let is_right = |guess: &Guess| guess.walks[0].ends().eq(truth.ends());
        each(&stream, ranking.guesses.iter().position(is_right), ranking.guesses.first());
    }
}

#[test]
fn captures_are_guessed_as_well_as_the_documents_say() {
    let (mut halves, mut short, mut confusion) = ([Tally::default(); 2], Tally::default(), Confusion::default());
    let (mut wrong, mut named, mut misnamed, mut misframed) = (String::new(), 0, 0, 0);
    measured(64 * 1024, false, |stream, place, first| {
        let tally = if stream.bytes.len() < ENOUGH { &mut short } else { &mut halves[stream.half] };
        tally.add(place, first);
        if stream.half == 1 && stream.bytes.len() >= ENOUGH {
            if let Some(names) = first.map(|guess| &guess.names).filter(|names| !names.is_empty()) {
                named += 1;
                misnamed += usize::from(!names.contains(&stream.name));
                misframed += usize::from(place != Some(0));
            }
            confusion.add(&format!("@{}", stream.name), first, place == Some(0));
        }
        if place != Some(0) {
            let guess = first
                .map_or("nothing".to_owned(), |guess| format!("{} ({:?})", joined(&guess.specs), guess.confidence));
            writeln!(wrong, "{} {} {}: {guess}; the right one is at {place:?}", stream.half, stream.name, stream.role)
                .unwrap();
        }
    });
    let mut text = String::from(
        "| streams | number | first guess right | one of three right | wrong with high confidence | no guess |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    halves[0].row("half that the weights were chosen on, 64 KiB", &mut text);
    halves[1].row("other half, 64 KiB", &mut text);
    if std::env::var_os("ANYSPLIT_FIGURES").is_some() {
        for most in [16 * 1024, 4 * 1024] {
            let mut tally = Tally::default();
            measured(most, false, |stream, place, first| {
                if stream.half == 1 && stream.bytes.len() >= ENOUGH {
                    tally.add(place, first);
                }
            });
            tally.row(&format!("other half, {} KiB", most / 1024), &mut text);
        }
        let mut tally = Tally::default();
        measured(64 * 1024, true, |stream, place, first| {
            if stream.half == 1 && stream.bytes.len() >= ENOUGH {
                tally.add(place, first);
            }
        });
        tally.row("other half, without the protocol's own name", &mut text);
        short.row("both halves, streams of fewer than 16 bytes", &mut text);
        confusion.table(&mut text);
        println!("{text}\nother half: {named} streams have a name, {misnamed} of them a wrong one\n{wrong}");
        println!("{misframed} streams with a name have other frames");
    }
    let document = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    for row in text.lines().filter(|line| line.contains(", 64 KiB |")) {
        assert!(document.contains(row), "cli/README.md has another row than\n{row}\n{wrong}");
    }
    let names = format!("The tool named {named} of these streams. {misnamed} of the names were wrong");
    assert!(document.contains(&names), "cli/README.md does not say:\n{names}");
    // "…, with the right frames."
    assert_eq!(misframed, 0, "{wrong}");
    for tally in halves {
        assert!(tally.first * 100 >= 70 * tally.streams, "{text}\n{wrong}");
        assert!(tally.in_three * 100 >= 90 * tally.streams, "{text}\n{wrong}");
        assert!(tally.wrong * 100 <= tally.streams, "{text}\n{wrong}");
    }
}

/// Bytes that are no streams of frames: pictures, video, compressed and random bytes, prose and source code. Files also
/// without their first bytes, by which they are known.
fn negatives() -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for path in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/negatives")) {
        let (name, bytes) = (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap());
        all.push((format!("{name} from byte 100"), bytes[100..].to_vec()));
        all.push((name, bytes));
    }
    let texts = [
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "README.md",
        "DESIGN.md",
        "src/contract.rs",
        "src/error.rs",
        "Cargo.toml",
        "tests/data/capture/capture.py",
        "tests/data/numbers/lines.txt",
        "tests/data/numbers/collect.sh",
        "tests/cases.json",
    ];
    for name in texts {
        all.push((name.to_owned(), fs::read(root().join(name)).unwrap()));
    }
    let mut numbers = Numbers::new(77);
    for len in [16, 64, 256, 1024, 4096, 16_384, 65_536, 100_000] {
        for (what, first, many) in [("bytes", 0, 256), ("letters", b'a', 26), ("small numbers", 0, 16)] {
            for _ in 0..4 {
                let bytes = (0..len).map(|_| first + u8::try_from(numbers.below(many)).unwrap()).collect();
                all.push((format!("{len} random {what}"), bytes));
            }
        }
    }
    all
}

#[test]
fn what_is_no_stream_of_frames_is_not_named() {
    let (mut tried, mut unsure, mut named) = (0, BTreeMap::<_, usize>::new(), String::new());
    for (name, bytes) in negatives() {
        for most in [1000, 4 * 1024, 16 * 1024, 64 * 1024] {
            let len = bytes.len().min(most);
            let ranking = rank(&[Sample::new(&bytes[..len], len == bytes.len())], |_| false);
            tried += 1;
            if let Some(guess) = ranking.guesses.first() {
                *unsure.entry(guess.confidence).or_default() += 1;
                // Lines of text are lines.
                let has_name = guess.specs.iter().any(|spec| spec.starts_with('@'));
                if guess.confidence == Confidence::High
                    || has_name
                    || !guess.names.is_empty()
                    || !guess.same_names().is_empty()
                {
                    writeln!(named, "{len} bytes of {name}: {guess:?}").unwrap();
                }
            }
            if len == bytes.len() {
                break;
            }
        }
    }
    if std::env::var_os("ANYSPLIT_FIGURES").is_some() {
        println!("negatives: {tried} samples, guesses by confidence: {unsure:?}");
    }
    assert!(named.is_empty(), "{named}");
    let document = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    assert!(document.contains(&format!("Of {tried} samples of pictures")), "{tried} samples");
    let medium = unsure.get(&Confidence::Medium).copied().unwrap_or_default();
    assert!(medium * 50 <= tried, "{medium} of {tried}");
}
