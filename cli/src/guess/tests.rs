//! Guesses on streams that are made here.

use anysplit::{AnyFraming, Framing};

use super::rank::{Confidence, Ranking, rank};
use super::sample::{Numbers, Sample};
use super::signature::looks_like;

/// Messages of mixed lengths with bytes that differ.
fn messages() -> Vec<Vec<u8>> {
    let mut numbers = Numbers::new(5);
    (0..30_u8)
        .map(|at| {
            let len = 3 + numbers.below(90);
            let bytes = (0..len).map(|_| u8::try_from(numbers.below(200)).unwrap_or_default());
            [1, at % 3, 0x40].into_iter().chain(bytes).collect()
        })
        .collect()
}

fn written(spec: &str, messages: &[Vec<u8>]) -> Vec<u8> {
    let framing: AnyFraming = spec.parse().expect("a SPEC");
    let mut wire = Vec::new();
    for message in messages {
        framing.encode(message, &mut wire).expect("a message that can be sent");
    }
    wire
}

fn guessed(bytes: &[u8]) -> Ranking {
    rank(&[Sample::new(bytes, true)], |_| false)
}

/// The first guess has these frames.
#[track_caller]
fn finds(spec: &str, wire: &[u8]) {
    let framing: AnyFraming = spec.parse().expect("a SPEC");
    let truth = super::walk::Walk::of(&framing, &Sample::new(wire, true));
    let ranking = guessed(wire);
    let first = ranking.guesses.first().unwrap_or_else(|| panic!("nothing for {spec}"));
    assert!(first.walks[0].ends().eq(truth.ends()), "{spec} is taken for {:?}", first.specs);
}

#[test]
fn lengths_in_every_form_are_found() {
    let messages = messages();
    for spec in [
        "u16be",
        "u16le",
        "u32be",
        "u32le",
        "u64be",
        "u32be,self",
        "varint",
        "ascii:4",
        "hex:4,self",
        "netstring",
        "pkt-line",
        "ascii,end=\\x20",
        "ascii,end=\\n",
        "cobs",
        "slip",
    ] {
        finds(spec, &written(spec, &messages));
    }
}

#[test]
fn length_in_a_header_is_found_at_its_offset() {
    for (spec, at) in [
        ("field:offset=3,size=2", 3),
        ("field:offset=4,size=4,order=le,after=4", 4),
        ("field:offset=1,size=2,adjust=-3", 1),
    ] {
        let framing: AnyFraming = spec.parse().expect("a SPEC");
        let mut wire = Vec::new();
        for (index, message) in messages().iter().enumerate() {
            let kind = u8::try_from(index % 4).unwrap_or_default();
            let header = [vec![0xa0 + kind; at], vec![0; 8]].concat();
            framing
                .encode_with(&mut wire, |out: &mut Vec<u8>| out.extend_from_slice(&[header, message.clone()].concat()))
                .expect("a packet");
        }
        finds(spec, &wire);
    }
}

#[test]
fn frame_that_the_end_cuts_does_not_matter() {
    let mut wire = written("u32be", &messages());
    wire.truncate(wire.len() - 3);
    finds("u32be", &wire);
}

#[test]
fn text_is_lines_but_no_proof_of_a_protocol() {
    let words = ["time", "and", "again", "a", "reader", "of", "some", "long", "sentences", "loses", "the", "thread"];
    let mut numbers = Numbers::new(3);
    let mut prose = String::new();
    for _ in 0..60 {
        let line: Vec<_> = (0..4 + numbers.below(8)).map(|_| words[numbers.below(words.len())]).collect();
        prose.push_str(&line.join(" "));
        prose.push('\n');
    }
    let ranking = guessed(prose.as_bytes());
    let first = ranking.guesses.first().expect("lines");
    assert_eq!((first.specs[0].as_str(), first.confidence), ("line", Confidence::Low));
    assert!(first.names.is_empty());
}

#[test]
fn lines_that_begin_in_many_ways_are_lines() {
    for file in ["LICENSE-MIT", "LICENSE-APACHE", "README.md", "docs/guide.md", "CONTRIBUTING.md"] {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
        let ranking = guessed(&std::fs::read(path).expect(file));
        let first = ranking.guesses.first().unwrap_or_else(|| panic!("nothing for {file}"));
        assert_eq!((first.specs[0].as_str(), first.confidence), ("line", Confidence::Low), "{file}");
    }
}

#[test]
fn protocol_of_two_directions_is_named_as_a_pair() {
    let client = b"\x05\x01\x00\x05\x01\x00\x03\x09localhost\x00\x50";
    let server = b"\x05\x00\x05\x00\x00\x01\x7f\x00\x00\x01\x04\x38";
    let samples = [Sample::new(client, true), Sample::new(server, true)];
    let ranking = rank(&samples, |_| false);
    assert_eq!(ranking.guesses.first().expect("a guess").specs, ["@socks5", "@socks5-replies"]);
}

#[test]
fn files_are_known_by_their_first_bytes() {
    assert_eq!(looks_like(b"\x1f\x8b\x08\0"), Some("gzip"));
    assert_eq!(looks_like(b"\x16\x03\x01\0\x05"), None);
    assert_eq!(guessed(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR").file, Some("a PNG picture"));
}

#[test]
fn hostile_bytes_are_guessed_without_a_panic() {
    let wire = written("u16be", &messages());
    let mut numbers = Numbers::new(9);
    for round in 0..60 {
        let mut bytes = wire.clone();
        for _ in 0..=round {
            let at = numbers.below(bytes.len());
            bytes[at] = u8::try_from(numbers.below(256)).unwrap_or_default();
        }
        bytes.truncate(numbers.below(bytes.len()));
        let ranking = rank(&[Sample::new(&bytes, round % 2 == 0)], |_| false);
        assert!(ranking.guesses.iter().all(|guess| guess.score.is_finite()));
    }
    for bytes in [vec![0; 70_000], vec![0xff; 5000], b"\n".repeat(5000), b"[".repeat(70_000), Vec::new(), vec![7]] {
        assert!(guessed(&bytes).guesses.iter().all(|guess| guess.score.is_finite()), "{:?}", bytes.first());
    }
}
