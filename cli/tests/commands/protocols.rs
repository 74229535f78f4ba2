//! The known protocols, by name, in every command.

use crate::run::{fails, gives, run};

#[test]
fn every_name_of_messages_is_listed_and_explained() {
    for joined in anysplit::protocols::JOINED {
        let name = format!("@{}", joined.name);
        let listed = run(&["protocols", joined.name], "");
        assert!(listed.out.contains(&format!("{name} ")) && listed.out.contains(joined.title), "{}", listed.out);
        let explained = run(&["explain", &format!("{name},max=64k")], "").out;
        for part in
            [&format!("{name},max=65536\n"), joined.title, "messages of 65536 bytes", &format!("@{}", joined.protocol)]
        {
            assert!(explained.contains(part), "{part}: {explained}");
        }
    }
}

#[test]
fn every_protocol_is_explained_with_sample_and_text_form() {
    for protocol in anysplit::protocols::ALL {
        let name = format!("@{}", protocol.name);
        let explained = run(&["explain", &name], "");
        assert_eq!((explained.code, explained.err.as_str()), (Some(0), ""));
        assert!(explained.out.contains("\n  offset "), "{}", explained.out);
        assert!(!explained.out.contains("refused"), "{}", explained.out);
        // The text form shown can replace the name, with the same pictures.
        let said = protocol.any_framing().to_string();
        assert!(explained.out.contains(&format!("\n  the same as {said}\n")), "{}", explained.out);
        let pictures =
            |out: &str| out[out.find("\n\n  offset ").unwrap()..out.find("\n  found by").unwrap()].to_owned();
        let again = run(&["explain", &said], "");
        assert_eq!((again.code, pictures(&again.out)), (Some(0), pictures(&explained.out)), "{said}");
        assert!(run(&["protocols", "--spec", protocol.name], "").out.contains(&said));
    }
}

#[test]
fn readme_counts_the_protocols() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    assert!(readme.contains(&format!(", and {} protocols by name", anysplit::protocols::ALL.len())));
}

/// As a person looks at a capture, with reads of several sizes: the frames are where the dissector's messages are.
#[test]
fn every_capture_decodes_by_name_as_the_dissector_does() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/protocols");
    let mut streams = 0;
    for protocol in anysplit::protocols::ALL {
        for role in ["client", "server", "client-2", "server-2"] {
            let path = folder.join(protocol.name).join(role);
            let Some(file) =
                path.with_extension("bin").to_str().filter(|file| std::fs::exists(file).unwrap()).map(str::to_owned)
            else {
                continue;
            };
            streams += 1;
            let name = format!("@{}", protocol.name);
            let shown = |size: &str| {
                let run = run(&["decode", "-f", "json", "--read-size", size, &name, &file], "");
                assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{file}");
                run.out
            };
            let whole = shown("65536");
            for size in ["1", "7", "1000"] {
                assert_eq!(shown(size), whole, "{file} in reads of {size}");
            }
            let offset = |line: &str| {
                let (_, rest) = line.split_once("\"offset\":").unwrap();
                rest.split(',').next().unwrap().parse::<usize>().unwrap()
            };
            let frames: Vec<usize> = whole.lines().map(offset).collect();
            let Ok(text) = std::fs::read_to_string(path.with_extension("len")) else { continue };
            let mut begin = 0;
            let mut messages = Vec::new();
            for line in text.lines() {
                messages.push(begin);
                begin += line.parse::<usize>().unwrap();
            }
            let (few, many) = if frames.len() < messages.len() { (&frames, &messages) } else { (&messages, &frames) };
            // For some protocols one message is several frames, or the other way round: docs/choosing.md lists them.
            let same = ["ftp", "gearman", "git", "http1", "memcached", "pop3", "redis", "smtp", "imap"]
                .contains(&protocol.name)
                || few == many;
            assert!(same && few.iter().all(|begin| many.contains(begin)), "{file}");
        }
    }
    assert!(streams > 80, "{streams} streams");
}

#[test]
fn protocol_takes_another_limit() {
    fails(&["decode", "@dns,max=4"], b"\0\x05hello", 1, "more than 4 bytes");
    gives(&["decode", "-f", "raw", "@dns,max=5"], b"\0\x05hello", "hello");
    fails(&["decode", "@smtp,mx=1"], "", 2, "expected the option max");
}
