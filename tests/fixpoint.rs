//! All states that a decoder can reach, for every framing.

#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "common/small.rs"]
mod small;

use std::fs;
use std::path::Path;

use anysplit::testing;
use small::small;

#[test]
fn every_framing_reaches_a_fixpoint() {
    let (mut all, mut wrong) = (0, Vec::new());
    for (name, framing, alphabet) in small() {
        let found = match testing::fixpoint(&framing, alphabet) {
            Ok(found) => found,
            Err(violation) => {
                wrong.push(format!("{name}: {violation}"));
                continue;
            }
        };
        println!("{name}: {found:?}");
        // Only the end of the stream ends the message of `UntilClose`.
        if !found.is_complete || (found.frames == 0 && name != "until_close") {
            wrong.push(format!("{name}: {found:?}"));
        }
        all += found.transitions;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(all > 10_000, "{all} transitions");
}

/// All bytes, where that ends soon.
#[test]
fn framings_reach_a_fixpoint_over_all_bytes() {
    use anysplit::*;
    let every: Vec<u8> = (0..=255).collect();
    let framings: [(&str, Box<dyn Framing>); 8] = [
        ("fixed", Box::new(Fixed::new(2).unwrap())),
        ("u8", Box::new(Prefix::u8().with_max_payload_len(1))),
        ("u16_be", Box::new(Prefix::u16_be().with_max_payload_len(1))),
        ("by_type", Box::new(ByType::lengths([(b'a', 1), (b'b', 0)]).unwrap())),
        ("ascii2", Box::new(Prefix::ascii(2).unwrap().with_max_payload_len(0))),
        ("netstring", Box::new(Prefix::netstring().with_max_payload_len(1))),
        ("line", Box::new(Delimited::line().with_max_payload_len(1))),
        ("slip", Box::new(Stuffed::slip().with_max_payload_len(1))),
    ];
    for (name, framing) in framings {
        let found = testing::fixpoint_within(&framing, &every, 400_000)
            .unwrap_or_else(|violation| panic!("{name}: {violation}"));
        println!("{name}: {found:?}");
        assert!(found.is_complete, "{name}: {found:?}");
    }
}

#[test]
fn search_without_a_small_limit_reports_that_it_is_not_complete() {
    let found = testing::fixpoint_within(&anysplit::Delimited::line(), b"a\r\n", 10_000).unwrap();
    assert!(!found.is_complete && found.transitions <= 10_000 && found.kept > 4, "{found:?}");
}

/// The list has every framing of the crate.
#[test]
#[cfg(not(miri))]
fn list_of_framings_is_complete() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let list = fs::read_to_string(root.join("tests/common/small.rs")).unwrap();
    let (mut missing, mut count) = (Vec::new(), 0);
    for folder in ["src/framing", "src/framing/values", "src/rtmp"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "rs") || path.ends_with("any.rs") {
                continue;
            }
            let source = fs::read_to_string(&path).unwrap();
            let code = source.split("#[cfg(test)]").next().unwrap();
            for line in code.lines().filter(|line| line.starts_with("impl") && line.contains(" Framing for ")) {
                let name = line.split(" Framing for ").nth(1).unwrap();
                let name = name.split(|c: char| !c.is_alphanumeric()).next().unwrap();
                count += 1;
                let is_listed = list.contains(&format!("{name}::")) || list.contains(&format!("{name}<"));
                if !is_listed && !["AnyValues", "AnyFraming"].contains(&name) {
                    missing.push(name.to_owned());
                }
            }
        }
    }
    assert!(missing.is_empty() && count > 25, "{count} framings, not in tests/common/small.rs: {missing:?}");
}
