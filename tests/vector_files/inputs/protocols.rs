//! The first frames of the streams that programs exchanged, and the examples of specifications: see tests/data/README.md.

use std::fs;
use std::path::{Path, PathBuf};

use anysplit::protocols::{self, Proof, Protocol};
use anysplit::{AnyFraming, Decoder};

use super::{Case, Group, case};

/// The most bytes and frames of a stream.
const MOST: (usize, usize) = (300, 4);

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}

/// The messages of the first frames that are not too long, and how many bytes they take.
fn beginning(framing: &AnyFraming, stream: &[u8]) -> (Vec<Vec<u8>>, usize) {
    let mut decoder = Decoder::new(framing);
    decoder.push(stream).expect("a new decoder takes bytes");
    let (mut messages, mut end) = (Vec::new(), 0);
    while let Some(frame) = decoder.next_frame().expect("frames of a capture") {
        let next = usize::try_from(frame.offset()).expect("an offset in memory") + frame.wire_len();
        if messages.len() == MOST.1 || next > MOST.0 && !messages.is_empty() || next > 4 * MOST.0 {
            break;
        }
        messages.push(frame.message().to_vec());
        end = next;
    }
    (messages, end)
}

fn captured(protocol: &Protocol, role: &str) -> Option<Case> {
    let path = data().join("protocols").join(protocol.name).join(role);
    let stream = fs::read(path.with_extension("bin")).ok()?;
    let (messages, end) = beginning(&protocol.framing(), &stream);
    if messages.is_empty() {
        return None;
    }
    let name = format!("{}, what a {role} sends", protocol.title);
    let case = case(&name, &format!("@{}", protocol.name), &stream[..end], &messages);
    let Proof::Dissected(programs) = protocol.proof else {
        return Some(case.of(&format!("{}; {}", protocol.specification, protocol.proof)));
    };
    let case = case.of(&format!("{}; captured from {programs}", protocol.specification));
    // Where the dissector shows other units, the lengths are compared in tests/protocols.rs.
    if ["ftp", "gearman", "git", "imap", "memcached", "pop3", "redis", "smtp"].contains(&protocol.name) {
        return Some(case);
    }
    let text = fs::read_to_string(path.with_extension("len")).expect("the lengths of the dissector");
    let lens = text.lines().take(messages.len()).map(|line| line.parse().expect("a length"));
    Some(Case { wire_lens: Some(lens.collect()), ..case })
}

/// The first of the examples in hexadecimal digits.
fn example(protocol: &Protocol) -> Option<Case> {
    let text = fs::read_to_string(data().join("examples").join(protocol.name).with_extension("txt")).ok()?;
    let digits = text.lines().find(|line| !line.starts_with('#'))?;
    let bytes = super::super::format::bytes(digits.trim()).expect("digits");
    let (messages, end) = beginning(&protocol.framing(), &bytes);
    let name = format!("{}, an example", protocol.title);
    let case = case(&name, &format!("@{}", protocol.name), &bytes[..end], &messages);
    Some(case.of(text.lines().next()?.trim_start_matches("# ")))
}

pub(crate) fn group() -> Group {
    let mut cases = Vec::new();
    for protocol in protocols::ALL {
        let both = ["client", "server"].map(|role| captured(protocol, role));
        cases.extend(both.into_iter().flatten());
        cases.extend(example(protocol));
    }
    Group {
        file: "protocols",
        about: "Known protocols by name, on what programs sent each other.",
        cases,
        refused: vec![],
    }
}
