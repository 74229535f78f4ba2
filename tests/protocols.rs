//! The framings of the protocols, on bytes that other programs exchanged: see tests/data/README.md.

#![cfg(all(feature = "protocols", feature = "testing"))]

use std::fs;
use std::path::PathBuf;

use anysplit::protocols::{self, Proof, Protocol};
use anysplit::{AnyFraming, Decoder, Framing, Limit, Progress};

/// One side of one protocol's captures.
struct Side {
    protocol: &'static Protocol,
    role: &'static str,
    stream: Vec<u8>,
    /// Lengths of the messages as the dissector has them, if there is one.
    lengths: Option<Vec<usize>>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/protocols")
}

fn sides() -> impl Iterator<Item = Side> {
    protocols::ALL.iter().flat_map(|protocol| {
        ["client", "server"].into_iter().filter_map(move |role| {
            let path = folder().join(protocol.name).join(role);
            let stream = fs::read(path.with_extension("bin")).ok()?;
            let text = fs::read_to_string(path.with_extension("len")).ok();
            let lengths = text.map(|text| text.lines().map(|line| line.parse().expect("a length a line")).collect());
            Some(Side { protocol, role, stream, lengths })
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

/// Protocols where a message of the dissector's may be several frames: a command with its lines or elements.
const COARSE: [&str; 5] = ["ftp", "git", "memcached", "redis", "smtp"];

/// Protocols where a frame may be several of the dissector's messages: a line, and the literal that it announces.
const FINE: [&str; 1] = ["imap"];

#[test]
fn frames_of_every_capture_are_those_of_the_dissector() {
    for Side { protocol, role, stream, lengths } in sides() {
        let frames = decode(&protocol.framing(), &stream, &[])
            .unwrap_or_else(|error| panic!("{} {role}: {error}", protocol.name));
        // A flag before a frame is no part of it.
        let flags = if protocol.name == "hdlc" { frames.len() } else { 0 };
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
    let other_forms = ["http-chunked", "imap", "irc", "ldap", "lsp", "memcached", "syslog", "ftp", "minecraft"];
    for Side { protocol, role, stream, .. } in sides() {
        let framing = protocol.framing();
        let mut decoder = Decoder::new(&framing);
        decoder.push(&stream).unwrap();
        while let Some(frame) = decoder.next_frame().unwrap() {
            // A MIDI message without a status needs the one before it.
            if frame.is_control() || protocol.name == "midi" && frame.payload()[0] < 0x80 {
                continue;
            }
            let message = frame.message().to_vec();
            let mut wire = Vec::new();
            framing.encode(&message, &mut wire).unwrap_or_else(|refusal| panic!("{} {role}: {refusal}", protocol.name));
            if !other_forms.contains(&protocol.name) && frame.trailer().iter().any(|&byte| byte != 0) {
                let end = usize::try_from(frame.offset()).unwrap() + frame.wire_len();
                // A flag before a frame is no part of it.
                let begin = end - wire.len();
                assert_eq!(&wire[..], &stream[begin..end], "{} {role} at {}", protocol.name, frame.offset());
            }
            let mut again = Decoder::new(&framing);
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
    assert!(sides().all(|side| !side.stream.is_empty() || (side.protocol.name, side.role) == ("syslog", "server")));
    for protocol in protocols::ALL {
        assert_eq!(protocol.proof != Proof::Specification, there.contains(&protocol.name), "{}", protocol.name);
    }
}

#[test]
fn documents_list_every_protocol_and_its_proof() {
    let text = fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/choosing.md")).unwrap();
    let listed: Vec<&str> = text.lines().filter(|line| line.starts_with("| `@")).collect();
    let expected: Vec<String> = { protocols::ALL.iter() }
        .map(|Protocol { name, title, specification, proof, .. }| {
            let proof = match proof {
                Proof::Dissected(programs) => format!("as Wireshark dissects: {programs}"),
                Proof::Captured(programs) => format!("whole: {programs}"),
                _ => "specification".to_owned(),
            };
            format!("| `@{name}` | {title} | {specification} | {proof} |")
        })
        .collect();
    assert_eq!(listed, expected);
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
