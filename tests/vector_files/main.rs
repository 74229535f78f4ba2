//! The vectors in `vectors/`: every split of each gives what the file says, and the files are those of the inputs here.
//!
//! `ANYSPLIT_WRITE_VECTORS=1 cargo test --all-features --test vector_files files_are` writes them.

#![cfg(all(feature = "spec", feature = "protocols"))]
// Miri reads no files.
#![cfg(not(miri))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod check;
mod format;
mod inputs;
mod run;

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use anysplit::{AnyFraming, Recovery};
use format::{Decode, Encode, End, Event, File, Hex, Refused};
use inputs::{Case, Group};
use run::Way;

/// The root of the repository.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn folder() -> PathBuf {
    Path::new(ROOT).join("vectors")
}

fn framing(text: &str) -> AnyFraming {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn decode_vector(case: &Case) -> Result<Decode, String> {
    // Byte by byte, which shows when each event comes.
    let chunks = run::singles(&case.wire);
    let framing = case.framing.parse().map_err(|error| format!("{error}"))?;
    let (events, end) = run::decode(&framing, case.recovery, Way::Push, &chunks);
    let vector = Decode {
        name: case.name.clone(),
        source: case.source.clone(),
        framing: case.framing.clone(),
        recovery: format::policy(case.recovery).to_owned(),
        input: Hex(case.wire.clone()),
        events,
        end,
    };
    check::decode(case, &vector)?;
    Ok(vector)
}

/// The messages of a stream that ends clean, encoded again. `None` where a message does not stand alone: a control frame, a
/// MIDI message without its status.
fn encode_vector(case: &Case, vector: &Decode) -> Result<Option<Encode>, String> {
    let is_control = |event: &Event| matches!(event, Event::Frame { control: true, .. });
    if vector.end != End::Clean || vector.events.is_empty() || case.recovery != Recovery::Fail || case.decode_only {
        return Ok(None);
    }
    if vector.events.iter().any(is_control) || case.framing.contains("midi") {
        return Ok(None);
    }
    let (wire, refused) = run::encode(&framing(&case.framing), &case.messages);
    if let Some((at, error)) = refused {
        return Err(format!("message {at} is refused: {error}"));
    }
    let encode = Encode {
        name: case.name.clone(),
        source: case.source.clone().filter(|_| wire == case.wire),
        framing: case.framing.clone(),
        messages: case.messages.iter().cloned().map(Hex).collect(),
        wire: Hex(wire),
        refused: None,
    };
    check::encode(&encode)?;
    Ok(Some(encode))
}

fn refused_vector(refused: &inputs::Refused) -> Result<Encode, String> {
    let (wire, found) = run::encode(&framing(refused.framing), &refused.messages);
    let (at, error) = found.ok_or("nothing is refused")?;
    if at + 1 != refused.messages.len() {
        return Err(format!("message {at} is refused: {error}"));
    }
    let reason = Refused::new(&refused.messages[at], error);
    if reason.kind != refused.kind {
        return Err(format!("refused by {}", reason.kind));
    }
    let encode = Encode {
        name: refused.name.to_owned(),
        source: None,
        framing: refused.framing.to_owned(),
        messages: refused.messages[..at].iter().cloned().map(Hex).collect(),
        wire: Hex(wire),
        refused: Some(reason),
    };
    check::encode(&encode)?;
    Ok(encode)
}

/// The contents of a file, and what its inputs say otherwise.
fn file(group: &Group) -> (File, Vec<String>) {
    let mut wrong = Vec::new();
    let mut note = |name: &str, framing: &str, error: String| wrong.push(format!("{name}, {framing}: {error}"));
    let (mut decode, mut encode) = (Vec::new(), Vec::new());
    for case in &group.cases {
        let vector = decode_vector(case).and_then(|vector| {
            encode.extend(encode_vector(case, &vector)?);
            Ok(vector)
        });
        match vector {
            Ok(vector) => decode.push(vector),
            Err(error) => note(&case.name, &case.framing, error),
        }
    }
    for refused in &group.refused {
        match refused_vector(refused) {
            Ok(vector) => encode.push(vector),
            Err(error) => note(refused.name, refused.framing, error),
        }
    }
    let (schema, about) = (String::from("schema.json"), group.about.to_owned());
    (File { schema, version: format::VERSION, about, decode, encode }, wrong)
}

fn files() -> Vec<(String, File)> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths
        .retain(|path| path.extension().is_some_and(|extension| extension == "json") && !path.ends_with("schema.json"));
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let file = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path.file_stem().unwrap().to_string_lossy().into_owned(), file)
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn files_are_those_of_the_inputs() {
    let mut all_wrong = Vec::new();
    for group in inputs::groups() {
        let path = folder().join(group.file).with_extension("json");
        let (file, wrong) = file(&group);
        all_wrong.extend(wrong);
        let text = format::write(&file);
        if std::env::var_os("ANYSPLIT_WRITE_VECTORS").is_some() {
            fs::write(&path, text).unwrap();
        } else {
            let found = fs::read_to_string(&path).unwrap_or_default();
            assert!(found == text, "{} differs; ANYSPLIT_WRITE_VECTORS=1 writes it again", path.display());
        }
    }
    assert!(all_wrong.is_empty(), "{}", all_wrong.join("\n"));
}

/// What the file says, with the time at which each event comes in these chunks.
fn expected(vector: &Decode, chunks: &[&[u8]]) -> (Vec<Event>, End) {
    let mut events = vector.events.clone();
    for event in &mut events {
        let (Event::Frame { after, .. } | Event::Skipped { after, .. }) = event;
        *after = run::comes(*after, chunks);
    }
    let mut end = vector.end.clone();
    if let End::Error { after, .. } = &mut end {
        *after = run::comes(*after, chunks);
    }
    (events, end)
}

#[test]
fn every_split_of_every_vector_gives_what_the_file_says() {
    let (mut vectors, mut count) = (0, 0);
    for (file, contents) in files() {
        assert_eq!(contents.version, format::VERSION, "{file}");
        for vector in &contents.decode {
            let (framing, recovery) = (framing(&vector.framing), format::recovery(&vector.recovery));
            vectors += 1;
            for cuts in run::splits(vector.input.0.len()) {
                let chunks = run::chunks(&vector.input.0, &cuts);
                let expected = expected(vector, &chunks);
                for way in [Way::Push, Way::FramesIn] {
                    let found = run::decode(&framing, recovery, way, &chunks);
                    assert_eq!(found, expected, "{file}: {}, {way:?}, cut at {cuts:?}", vector.name);
                    count += 1;
                }
            }
        }
    }
    assert!(vectors > 300 && count > 100_000, "{count} splits of {vectors} vectors");
}

#[test]
fn every_message_is_encoded_or_refused_as_the_file_says() {
    for (file, contents) in files() {
        for vector in &contents.encode {
            let mut messages: Vec<Vec<u8>> = vector.messages.iter().map(|message| message.0.clone()).collect();
            messages.extend(vector.refused.iter().map(|refused| refused.message.0.clone()));
            let (wire, refused) = run::encode(&framing(&vector.framing), &messages);
            let refused = refused.map(|(at, error)| (at, Refused::new(&messages[at], error)));
            let expected =
                vector.refused.as_ref().map(|refused| (vector.messages.len(), &refused.kind, &refused.details));
            let found = refused.as_ref().map(|(at, refused)| (*at, &refused.kind, &refused.details));
            assert_eq!((&Hex(wire), found), (&vector.wire, expected), "{file}: {}", vector.name);
        }
    }
}

#[test]
fn names_in_a_file_differ() {
    for (file, contents) in files() {
        let mut names = HashSet::new();
        for vector in &contents.decode {
            assert!(names.insert(&vector.name), "{file}: {}", vector.name);
        }
        names.clear();
        for vector in &contents.encode {
            assert!(names.insert(&vector.name), "{file}: {}", vector.name);
        }
    }
}

/// The words of the text form, from its grammar.
fn words() -> Vec<String> {
    let source = fs::read_to_string(Path::new(ROOT).join("src/spec.rs")).unwrap();
    let grammar = source.split_once("//! framing   = ").unwrap().1.split_once("//! size ").unwrap().0;
    let mut words = Vec::new();
    for line in grammar.lines() {
        for word in line.split('"').skip(1).step_by(2) {
            let word = word.trim();
            // Comments hold quoted words too, which are words of the grammar.
            if word.trim_start_matches('-').starts_with(|char: char| char.is_ascii_alphabetic()) {
                words.push(word.to_owned());
            }
        }
    }
    words
}

#[test]
fn every_word_of_the_text_form_is_in_a_vector() {
    let mut used = HashSet::new();
    for (_, contents) in files() {
        let texts = contents
            .decode
            .iter()
            .map(|vector| &vector.framing)
            .chain(contents.encode.iter().map(|vector| &vector.framing));
        for text in texts {
            for token in text.split(|char: char| !char.is_ascii_alphanumeric() && char != '-') {
                used.insert(token.to_owned());
            }
        }
    }
    let words = words();
    assert!(words.len() > 100, "{words:?}");
    let in_some_order = |word: &str| ["be", "le"].iter().any(|order| used.contains(&format!("{word}{order}")));
    let in_some_form = |word: &str| {
        used.iter().any(|token| token.ends_with(word) && token.len() > word.len() && word.starts_with('-'))
    };
    let missing: Vec<_> = words
        .iter()
        // The order of the machine that reads it differs from machine to machine.
        .filter(|word| word.as_str() != "ne")
        .filter(|word| !used.contains(*word) && !in_some_order(word) && !in_some_form(word))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_protocol_is_in_a_vector() {
    let files = files();
    for protocol in anysplit::protocols::ALL {
        let name = format!("@{}", protocol.name);
        let is_there = files.iter().any(|(_, file)| file.decode.iter().any(|vector| vector.framing == name));
        assert!(is_there, "{name}");
    }
}
