//! The framings of the protocols, on bytes that other programs exchanged: see tests/data/README.md.

#![cfg(all(feature = "protocols", feature = "testing"))]

use std::fs;
use std::path::PathBuf;

use anysplit::contract::Progress;
use anysplit::protocols::{self, Proof, Protocol};
use anysplit::{AnyFraming, Decoder, Encoder, Framing, Limit};
use bytes::Buf;

/// One side of one protocol's captures.
struct Side {
    protocol: &'static Protocol,
    role: String,
    stream: Vec<u8>,
    /// Lengths of the messages as the dissector has them, if there is one.
    lengths: Option<Vec<usize>>,
}

/// The root of the repository.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/protocols")
}

/// All streams: `client.bin` and `server.bin`, and where a framing counts from the start of a connection, those of more
/// connections, `client-2.bin` and so on.
fn sides() -> impl Iterator<Item = Side> {
    protocols::ALL.iter().flat_map(|protocol| {
        let files = fs::read_dir(folder().join(protocol.name)).into_iter().flatten();
        let mut paths: Vec<PathBuf> = files.map(|entry| entry.expect("an entry").path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "bin"));
        paths.sort();
        paths.into_iter().map(move |path| {
            let role = path.file_stem().expect("a name").to_string_lossy().into_owned();
            assert!(role.starts_with("client") || role.starts_with("server"), "{}", path.display());
            let stream = fs::read(&path).expect("a readable file");
            let text = fs::read_to_string(path.with_extension("len")).ok();
            let lengths = text.map(|text| text.lines().map(|line| line.parse().expect("a length a line")).collect());
            Side { protocol, role, stream, lengths }
        })
    })
}

/// The lengths of the frames, with the stream cut at these places.
fn decode(framing: &AnyFraming, stream: &[u8], cuts: &[usize]) -> Result<Vec<usize>, String> {
    let mut decoder = Decoder::new(framing);
    let mut lengths = Vec::new();
    let mut begin = 0;
    for &end in cuts.iter().chain([&stream.len()]) {
        decoder.push(&stream[begin..end]).map_err(|error| error.to_string())?;
        begin = end;
        while let Some(frame) = decoder.next_frame().map_err(|error| error.to_string())? {
            lengths.push(frame.wire_len());
        }
    }
    while let Some(frame) = decoder.finish().map_err(|error| error.to_string())? {
        lengths.push(frame.wire_len());
    }
    Ok(lengths)
}

/// The end of each when they follow one another.
fn ends(lengths: &[usize]) -> Vec<usize> {
    lengths
        .iter()
        .scan(0, |end, len| {
            *end += len;
            Some(*end)
        })
        .collect()
}

/// Protocols where a message of the dissector's may be several frames: a command with its lines or elements, or a
/// header with its chunks.
const COARSE: [&str; 8] = ["ftp", "gearman", "git", "http1", "memcached", "pop3", "redis", "smtp"];

/// Protocols where a frame may be several of the dissector's messages: a line, and the literal that it announces.
const FINE: [&str; 1] = ["imap"];

#[test]
fn frames_of_every_capture_are_those_of_the_dissector() {
    for Side { protocol, role, stream, lengths } in sides() {
        let frames = decode(&protocol.framing(), &stream, &[])
            .unwrap_or_else(|error| panic!("{} {role}: {error}", protocol.name));
        // A flag before a frame is no part of it.
        let flags = if ["hdlc", "osc-slip"].contains(&protocol.name) { frames.len() } else { 0 };
        assert_eq!(frames.iter().sum::<usize>() + flags, stream.len());
        let Some(lengths) = lengths else {
            assert!(matches!(protocol.proof, Proof::Captured(_)), "{}", protocol.name);
            continue;
        };
        assert!(matches!(protocol.proof, Proof::Dissected(_)), "{}", protocol.name);
        if COARSE.contains(&protocol.name) {
            let frames = ends(&frames);
            assert!(ends(&lengths).iter().all(|end| frames.contains(end)), "{} {role}", protocol.name);
        } else if FINE.contains(&protocol.name) {
            let lengths = ends(&lengths);
            assert!(ends(&frames).iter().all(|end| lengths.contains(end)), "{} {role}", protocol.name);
        } else {
            assert_eq!(frames, lengths, "{} {role}", protocol.name);
        }
    }
}

#[test]
fn splits_of_captured_streams_change_nothing() {
    // A generator with a fixed seed, so that a failure can be repeated.
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below.max(1) as u64).unwrap()
    };
    for Side { protocol, role, stream, .. } in sides() {
        let framing = protocol.framing();
        let whole = decode(&framing, &stream, &[]);
        let check = |cuts: &[usize]| {
            assert_eq!(decode(&framing, &stream, cuts), whole, "{} {role} cut at {cuts:?}", protocol.name);
        };
        check(&(0..stream.len()).collect::<Vec<_>>());
        let singles = if stream.len() <= 4096 { 0..stream.len() } else { 0..0 };
        for cut in singles {
            check(&[cut]);
        }
        for _ in 0..50 {
            let mut cuts: Vec<usize> = (0..=random(20)).map(|_| random(stream.len() + 1)).collect();
            cuts.sort_unstable();
            check(&cuts);
        }
    }
}

#[test]
fn captured_messages_encode_to_the_same_wire() {
    // If a length has several forms, or a line several ends, the wire of the same message may differ.
    let other_forms =
        ["gearman", "http-chunked", "imap", "irc", "ldap", "lsp", "memcached", "minecraft", "stun", "syslog", "ftp"];
    for Side { protocol, role, stream, .. } in sides() {
        let framing = protocol.framing();
        let mut decoder = Decoder::new(&framing);
        // The state that a frame leaves for the next one is the same in all three.
        let (mut encoder, mut again) = (Encoder::new(&framing), Decoder::new(&framing));
        decoder.push(&stream).unwrap();
        while let Some(frame) = decoder.next_frame().unwrap() {
            // A MIDI message without a status needs the one before it.
            if frame.is_control() || protocol.name == "midi" && frame.payload()[0] < 0x80 {
                continue;
            }
            let message = frame.message().to_vec();
            encoder.push(&message).unwrap_or_else(|refusal| panic!("{} {role}: {refusal}", protocol.name));
            let wire = encoder.copy_to_bytes(encoder.remaining());
            if !other_forms.contains(&protocol.name) && frame.trailer().iter().any(|&byte| byte != 0) {
                let end = usize::try_from(frame.offset()).unwrap() + frame.wire_len();
                // A flag before a frame is no part of it.
                let begin = end - wire.len();
                assert_eq!(&wire[..], &stream[begin..end], "{} {role} at {}", protocol.name, frame.offset());
            }
            again.push(&wire).unwrap();
            assert_eq!(again.next_frame().unwrap().unwrap().message(), message[..]);
        }
    }
}

#[test]
fn protocols_keep_the_contract_at_the_start_of_their_streams() {
    let mut broken = Vec::new();
    for Side { protocol, role, stream, .. } in sides() {
        let framing = protocol.framing();
        let start = &stream[..stream.len().min(300)];
        if let Err(violation) = anysplit::testing::contract(&framing, start) {
            broken.push(format!("{} {role}: {violation}", protocol.name));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_protocol_keeps_the_laws() {
    let mut broken = Vec::new();
    for protocol in protocols::ALL {
        let framing = protocol.framing();
        if let Err(violation) = anysplit::testing::check_all(&framing, 24) {
            broken.push(format!("{}: {violation}", protocol.name));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn captured_streams_of_the_table_exist() {
    let there: Vec<_> = sides().map(|side| side.protocol.name).collect();
    // Every stream in the folder is tested.
    for entry in fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(there.contains(&&*name), "{name}");
    }
    // A syslog server sends nothing.
    assert!(sides().all(|side| !side.stream.is_empty() || (side.protocol.name, &*side.role) == ("syslog", "server")));
}

/// The bytes of `tests/data/examples/NAME.txt`, a frame on each line, and the lines before them.
fn examples(name: &str) -> Option<(String, Vec<Vec<u8>>)> {
    let text = fs::read_to_string(folder().parent()?.join("examples").join(name).with_extension("txt")).ok()?;
    let (notes, frames): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with('#'));
    let byte = |line: &str, at: usize| u8::from_str_radix(&line[at..at + 2], 16).expect("hexadecimal digits");
    let frames = frames.iter().map(|line| (0..line.len()).step_by(2).map(|at| byte(line, at)).collect());
    Some((notes.join("\n"), frames.collect()))
}

/// A proof names programs whose streams are in `tests/data/protocols`, or a section whose bytes are in `tests/data/examples`.
#[test]
fn every_proof_names_bytes_that_are_tested() {
    let captured: Vec<_> = sides().map(|side| side.protocol.name).collect();
    for protocol in protocols::ALL {
        let name = protocol.name;
        assert!(!protocol.specification.is_empty(), "{name}");
        match protocol.proof {
            Proof::Dissected(programs) | Proof::Captured(programs) => {
                assert!(!programs.is_empty() && captured.contains(&name), "{name} names no captured stream");
            }
            Proof::Examples(section) => {
                let (notes, frames) = examples(name).unwrap_or_else(|| panic!("{name} has no examples"));
                assert!(notes.contains(section) && !frames.is_empty(), "{name}: {section}");
                let lengths: Vec<_> = frames.iter().map(Vec::len).collect();
                assert_eq!(decode(&protocol.framing(), &frames.concat(), &[]), Ok(lengths), "{name}");
            }
            _ => panic!("{name} has no proof"),
        }
    }
}

/// README counts them too.
#[test]
fn protocols_are_many_and_most_are_captured() {
    let captured = protocols::ALL.iter().filter(|protocol| !matches!(protocol.proof, Proof::Examples(_))).count();
    let all = protocols::ALL.len();
    println!("{all} protocols, {captured} with captures that other programs wrote");
    assert!(all >= 90 && captured >= 60, "{all} protocols, {captured} captured");
    let readme = fs::read_to_string(PathBuf::from(ROOT).join("README.md")).unwrap();
    assert!(readme.contains(&format!("each of {all} protocols")), "README.md counts others than {all}");
    assert!(readme.contains(&format!("{captured} are tested on streams")), "README.md counts others than {captured}");
}

#[test]
fn documents_list_every_protocol_and_its_proof() {
    let text = fs::read_to_string(PathBuf::from(ROOT).join("docs/choosing.md")).unwrap();
    let listed: Vec<&str> = text.lines().filter(|line| line.starts_with("| `@")).collect();
    let expected: Vec<String> = { protocols::ALL.iter() }
        .map(|Protocol { name, title, specification, proof, .. }| {
            let proof = match proof {
                Proof::Dissected(programs) => format!("as Wireshark dissects: {programs}"),
                Proof::Captured(programs) => format!("captured: {programs}"),
                Proof::Examples(section) => format!("examples of {section}"),
                _ => panic!("{name} has no proof"),
            };
            format!("| `@{name}` | {title} | {specification} | {proof} |")
        })
        .collect();
    assert_eq!(listed, expected);
}

/// Returns the public functions in the files of `src/protocols`, each with its documentation in one line.
fn documentation() -> Vec<(String, String)> {
    let folder = PathBuf::from(ROOT).join("src/protocols");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder of the protocols") {
        let mut lines = Vec::new();
        for line in fs::read_to_string(entry.expect("a file").path()).expect("text").lines() {
            let function = line.strip_prefix("pub const fn ").or(line.strip_prefix("pub fn "));
            if let Some(text) = line.strip_prefix("///") {
                lines.push(text.trim().to_owned());
            } else if let Some((name, _)) = function.and_then(|rest| rest.split_once('(')) {
                found.push((name.to_owned(), lines.join(" ")));
            } else if !line.starts_with("#[") {
                lines.clear();
            }
        }
    }
    found
}

/// Returns the public functions in a file of `src/protocols` that return a type which holds a generic type.
fn without_alias(source: &str) -> Vec<&str> {
    let functions = source.lines().filter(|line| line.starts_with("pub fn ") || line.starts_with("pub const fn "));
    functions
        .filter(|line| {
            let returned = line.split_once("-> ").map_or("", |(_, returned)| returned);
            returned.matches('<').count() > 1 || returned.contains('[')
        })
        .collect()
}

#[test]
fn protocols_whose_framings_are_nested_have_an_alias() {
    let source =
        "pub const fn a() -> Require<Prefix<Binary>> {\n}\npub fn b() -> Prefix<Binary> {\npub fn c() -> B<[R; 1]> {";
    assert_eq!(without_alias(source).len(), 2);
    let folder = PathBuf::from(ROOT).join("src/protocols");
    for entry in fs::read_dir(folder).expect("the folder of the protocols") {
        let source = fs::read_to_string(entry.expect("a file").path()).expect("text");
        assert_eq!(without_alias(&source), [""; 0]);
    }
}

/// Returns which question the documentation of a protocol does not answer.
fn unanswered(text: &str) -> Option<&'static str> {
    let has = |words: &[&str]| words.iter().any(|words| text.contains(words));
    if !has(&["Refused in both directions: ", "Refused when read: "]) {
        Some("what it refuses")
    } else if !has(&[" differ: ", " differ by agreement: ", " differ in ", " is known to differ"]) {
        Some("what its servers do differently")
    } else if !has(&["frame by frame"]) {
        Some("whether a server can answer frame by frame")
    } else {
        None
    }
}

#[test]
fn documentation_of_every_protocol_answers_three_questions() {
    let table = fs::read_to_string(PathBuf::from(ROOT).join("src/protocols.rs")).unwrap();
    let documentation = documentation();
    let mut open = Vec::new();
    for Protocol { name, .. } in protocols::ALL {
        // A row of the table begins with the name and ends with the call of the function.
        let row = table.lines().find(|line| line.trim().starts_with(&format!("\"{name}\","))).unwrap();
        let function = row.rsplit(", ").find_map(|call| call.split_once('(')).unwrap().0;
        let text = documentation.iter().find(|(found, _)| found == function);
        let (_, text) = text.unwrap_or_else(|| panic!("{name}: {function} has no documentation"));
        open.extend(unanswered(text).map(|what| format!("{name}: {what}")));
    }
    assert!(open.is_empty(), "{}", open.join("\n"));
    let text = "Refused in both directions: NUL. Servers differ: some read it. A server can answer frame by frame.";
    assert_eq!(unanswered(text), None);
    assert_eq!(unanswered(&text[..64]), Some("whether a server can answer frame by frame"));
    assert_eq!(unanswered(&text[..32]), Some("what its servers do differently"));
    assert_eq!(unanswered(&text[33..]), Some("what it refuses"));
}

/// The text form means the same as the name: on every capture, and without a capture, in the laws.
#[cfg(feature = "spec")]
#[test]
fn every_protocol_has_a_text_form_without_its_name() {
    for protocol in protocols::ALL {
        let text = protocol.any_framing().to_string();
        assert!(!text.starts_with('@'), "{text}");
        let said: AnyFraming = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(said, protocol.any_framing(), "{text}");
        assert_eq!(said.max_payload_len(), protocol.framing().max_payload_len(), "{text}");
        for max in [0, 10, 1000] {
            let other: AnyFraming = format!("@{},max={max}", protocol.name).parse().unwrap();
            let limited = said.clone().with_max_payload_len(max);
            assert_eq!(other.max_payload_len(), limited.max_payload_len(), "{text}");
        }
    }
    for Side { protocol, role, stream, .. } in sides() {
        let said: AnyFraming = protocol.any_framing().to_string().parse().unwrap();
        let named = protocol.framing();
        let whole = decode(&named, &stream, &[]);
        assert!(whole.is_ok());
        assert_eq!(decode(&said, &stream, &[]), whole, "{} {role}", protocol.name);
        let every: Vec<_> = (0..stream.len()).collect();
        assert_eq!(decode(&said, &stream, &every), whole, "{} {role}", protocol.name);
        // The same answers to all possible starts of a frame.
        for start in 0..stream.len().min(200) {
            let input = &stream[start..stream.len().min(start + 300)];
            let (mut one, mut other) = (Progress::default(), Progress::default());
            assert_eq!(said.locate(input, &mut one), named.locate(input, &mut other), "{} {role}", protocol.name);
            assert_eq!(said.at_eof(input, &mut one), named.at_eof(input, &mut other), "{} {role}", protocol.name);
            assert_eq!(one, other, "{} {role}", protocol.name);
            assert_eq!(said.envelope(input), named.envelope(input), "{} {role}", protocol.name);
            assert_eq!(said.patch(input), named.patch(input), "{} {role}", protocol.name);
        }
    }
}

#[cfg(feature = "spec")]
#[test]
fn every_protocol_has_a_text_form_that_reads_back() {
    for protocol in protocols::ALL {
        let text = format!("@{}", protocol.name);
        let framing: AnyFraming = text.parse().unwrap();
        assert_eq!(framing.to_string(), text);
        assert_eq!(framing.max_payload_len(), protocol.framing().max_payload_len());
        let nested = format!("type:P={text},Q=({text})");
        assert!(nested.parse::<AnyFraming>().is_ok(), "{nested}");
    }
    let error = "type:P=@nothing".parse::<AnyFraming>().unwrap_err();
    assert_eq!(error.to_string(), "column 9: expected the name of a protocol, such as dns, postgres or mqtt");
}
