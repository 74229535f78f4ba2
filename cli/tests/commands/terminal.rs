//! What a terminal shows, what it must not get, and the screens of the help.

use std::process::Command;

use crate::run::{fails, run};

/// Runs a shell's command on a terminal of this many columns, and returns what it shows.
#[cfg(target_os = "linux")]
fn on_terminal(columns: u32, command: &str) -> Option<String> {
    let tool = env!("CARGO_BIN_EXE_anysplit");
    let line = format!("stty cols {columns} rows 40; anysplit() {{ '{tool}' \"$@\"; }}; {command}");
    let output = Command::new("script").args(["-qec", &format!("bash -c {}", quoted(&line)), "/dev/null"]).output();
    // The program `script` is part of Debian, and not of every system.
    let output = output.ok()?;
    Some(String::from_utf8(output.stdout).unwrap().replace('\r', ""))
}

#[cfg(target_os = "linux")]
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(target_os = "linux")]
#[test]
fn rows_fit_the_terminal() {
    let stream = "printf 'short\\n%200s\\n%0200d\\n\\xe4\\xb8\\x96%200s\\n' | tr ' ' '\\0' |";
    for (columns, names) in
        [(60, " frame    offset    wire  payload"), (160, " frame    offset    wire  length  payload")]
    {
        let Some(shown) = on_terminal(columns, &format!("{stream} anysplit decode line --color never")) else { return };
        let lines: Vec<_> = shown.lines().collect();
        assert_eq!((lines.len(), lines[0]), (5, names), "{shown}");
        assert!(lines.iter().all(|line| line.chars().count() <= columns as usize), "{shown}");
        assert!(lines[2].contains(" … ") && lines[2].ends_with(" more"), "{shown}");
        // Nothing is shortened on request.
        let full = on_terminal(columns, &format!("{stream} anysplit decode line --color never --full")).unwrap();
        assert!(!full.contains('…') && full.contains(&"\\0".repeat(200)), "{full}");
    }
    let header = "printf '\\1%0300d' | tr '0' 'h' | anysplit decode u8 --color never";
    assert!(on_terminal(60, header).unwrap().contains("01      h"));
    let names = "printf 'GET /%0300d HTTP/1.1\\r\\n\\r\\n' | anysplit decode @http1 --color never";
    let shown = on_terminal(80, names).unwrap();
    assert!(shown.lines().all(|line| line.chars().count() <= 80) && shown.contains("GET /000"), "{shown}");
}

/// The file of a capture, for the commands of a shell.
#[cfg(target_os = "linux")]
fn capture(name: &str) -> String {
    quoted(&format!("{}/tests/data/captures/{name}", env!("CARGO_MANIFEST_DIR")))
}

#[cfg(target_os = "linux")]
#[test]
fn terminal_shows_the_text_of_the_tool_unchanged_and_in_colours() {
    let stream = quoted(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/protocols/postgres/client.bin"));
    for command in [
        "explain 'delim:\\r\\n|\\n'",
        "protocols redis --spec",
        "help spec delim",
        "help decode",
        "completions bash",
        "man",
        &format!("guess {stream}"),
        "sizes <<<'1 2 300'",
    ] {
        let Some(shown) = on_terminal(100, &format!("anysplit {command} --color never")) else { return };
        let piped = on_terminal(100, &format!("anysplit {command} --color never | cat")).unwrap();
        assert_eq!(shown, piped, "{command}");
        let colourful = on_terminal(100, &format!("TERM=xterm anysplit {command}")).unwrap();
        assert!(!colourful.contains("x1b["), "{command}: {colourful}");
    }
    let colourful = on_terminal(100, "TERM=xterm anysplit explain u8").unwrap();
    assert!(colourful.starts_with("\u{1b}[36mu8\u{1b}[0m\n"), "{colourful:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn lists_rows_and_errors_fit_a_narrow_terminal() {
    let list = format!("anysplit decode @redis {}", capture("three.pcapng"));
    let Some(shown) = on_terminal(60, &list) else { return };
    let rows = "     0  127.0.0.1:38118 → 127.0.0.1:6379\n        → 1826 bytes, ← 1542 bytes\n     1  127";
    assert!(shown.starts_with(rows), "{shown}");
    assert!(on_terminal(80, &list).unwrap().starts_with("stream  client "));
    for (columns, row) in [
        (60, "         0  05 68 65 6c  6c 6f 06 77  |.hello.w|\n"),
        (80, "         0  05 68 65 6c 6c 6f 06 77  6f 72 6c 64              |.hello.world    |\n"),
    ] {
        let error = on_terminal(columns, "printf '\\5hello\\6world' | anysplit decode u8 --color never").unwrap();
        assert!(error.contains(row), "{error}");
        let hex = on_terminal(columns, "printf '\\5hello\\6world' | anysplit decode fixed:12 -f hex --color never");
        assert!(hex.as_ref().unwrap().contains(row.split_once('|').unwrap().0.trim_end()), "{hex:?}");
    }
    for command in ["decode u8,zz", "decode zz", "decode field:offset=2,zz", &list.replace("anysplit ", "")] {
        let shown = on_terminal(60, &format!("anysplit {command} --color never")).unwrap();
        let reasons = shown.split("\n\n`").next().unwrap();
        assert!(reasons.lines().all(|line| line.chars().count() <= 60), "{shown}");
    }
}

/// Bytes on which a terminal would act: escapes, C1 controls in both forms, marks that turn the line around.
const WILD: &str = "a\\033[2J\\302\\2332J\\2332J\\342\\200\\256\\342\\200\\217\\0\\a\\rb";

/// Whether `shown` contains no such character.
fn is_tame(shown: &str) -> bool {
    shown.chars().all(|c| {
        c == '\n' || !c.is_control() && !matches!(c, '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    })
}

#[cfg(target_os = "linux")]
#[test]
fn terminal_gets_no_byte_that_it_acts_on() {
    let commands = [
        "decode line --color never",
        "decode line -f hex --color never",
        "decode line -f json",
        "decode line -f raw",
        "decode line -f raw --pieces",
        "decode line -f count",
        "encode u16be",
        "reframe line netstring",
    ];
    for command in commands {
        let Some(shown) = on_terminal(80, &format!("printf '{WILD}\\n' | anysplit {command}")) else { return };
        assert!(is_tame(&shown) && !shown.is_empty(), "{command}: {shown:?}");
    }
}

#[test]
fn messages_about_arguments_are_tame() {
    let wild = "\u{1b}[2J\u{9b}31m\u{202e}x";
    for arguments in [
        &["decode", wild][..],
        &["decode", "line", wild],
        &["decode", "line", wild, "--follow"],
        &["decode", "line", wild, "--baud", "9600"],
        &["decode", "line", "--format", wild],
        &["decode", "line", "--stream", wild],
        &["encode", wild],
        &["connect", wild, "line"],
        &["protocols", wild],
        &["guess", wild],
        &["connect", &format!("/{wild}"), "line"],
        &["listen", wild, "line"],
        &["proxy", "0", "localhost:1", wild],
        &[wild],
        &[&format!("--{wild}")],
    ] {
        let run = fails(arguments, "", 2, "error");
        // A run that had to be escaped for this comparison was not tame.
        assert!(is_tame(&run.err) && !run.err.contains("\\x1b") && run.err.contains('x'), "{arguments:?}: {}", run.err);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn closed_streams_and_full_disks_have_the_documented_exit_codes() {
    let tool = env!("CARGO_BIN_EXE_anysplit");
    let codes = [
        ("decode line <&-", 0),
        ("decode line >&-", 0),
        ("decode line 2>&-", 0),
        ("decode u8,max=1 2>&-", 1),
        ("decode line >/dev/full", 2),
        ("decode line >/dev/full 2>&-", 2),
        ("decode line -f json >/dev/full", 2),
        ("decode line -f hex >/dev/full", 2),
        ("decode line -f raw >/dev/full", 2),
        ("decode line -f count >/dev/full", 2),
        ("encode u8 >/dev/full", 2),
        ("reframe line u8 >/dev/full", 2),
        ("protocols >/dev/full", 2),
        ("explain line >/dev/full", 2),
        ("--help >/dev/full", 2),
        ("--version >/dev/full", 2),
        ("decode 2>&-", 2),
        ("decode 2>/dev/full", 2),
    ];
    for (command, code) in codes {
        let line = format!("printf 'hello\\n' | '{tool}' {command}");
        let output = Command::new("sh").args(["-c", &line]).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"), "{command}");
    }
}

/// Runs the commands of the README, in the folder of the captures, or in the root of the repository where they name files from
/// there. A last line of dots stands for more.
#[cfg(unix)]
#[test]
fn transcripts_of_the_readme_are_real() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let tool = std::path::Path::new(env!("CARGO_BIN_EXE_anysplit")).parent().unwrap().display().to_string();
    let path = format!("{tool}:{}", std::env::var("PATH").unwrap());
    let mut count = 0;
    for block in readme.split("```console\n").skip(1) {
        let block = format!("\n{}", block.split("```").next().unwrap());
        for transcript in block.split("\n$ ").skip(1) {
            let (command, expected) = transcript.split_once('\n').unwrap();
            let folder = if command.contains("tests/data") { "/.." } else { "/tests/data/captures" };
            let output = Command::new("sh")
                .args(["-c", &format!("{{ {command}; }} 2>&1")])
                .env("PATH", &path)
                .current_dir(format!("{}{folder}", env!("CARGO_MANIFEST_DIR")))
                .output()
                .unwrap();
            let shown = String::from_utf8(output.stdout).unwrap();
            match expected.trim_end().strip_suffix("...") {
                Some(start) => assert!(shown.starts_with(start), "{command}\n{shown}"),
                None => assert_eq!(shown.trim_end(), expected.trim_end(), "{command}"),
            }
            count += 1;
        }
    }
    assert!(count > 4, "{count} transcripts");
}

#[test]
fn json_is_as_documented() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    // The rows are: | `kind` | `key` `key` … | means |, and a key in brackets may be missing.
    let rows: Vec<(String, Vec<(String, bool)>)> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| `{\"kind\":\""))
        .map(|line| {
            let (kind, rest) = line.split_once('"').unwrap();
            let keys = rest.split('|').nth(1).unwrap().split_whitespace();
            let keys = keys.map(|key| (key.trim_matches(['[', ']', '`']).to_owned(), !key.starts_with('[')));
            (kind.to_owned(), keys.collect())
        })
        .collect();
    let captures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/captures");
    let capture = |file: &str| format!("{captures}/{file}");
    let runs: [(&[&str], &[u8]); 8] = [
        (&["guess", "-f", "json", "--top", "5", &capture("redis.pcap")], b""),
        (&["decode", "-f", "json", "u16be"], b"\0\x05hello\0\x02\0\xff\0"),
        (&["decode", "-f", "json", "--skip-oversize", "pkt-line,max=4"], b"00000005a000ahello!"),
        (&["decode", "-f", "json", "slip"], b"a\xdb!\xc0b\xc0"),
        (&["decode", "-f", "json", "--resync", "netstring"], b"9:x,3:one,"),
        (&["decode", "-f", "json", "@redis", &capture("missing.pcap")], b""),
        (&["decode", "-f", "json", "@redis", &capture("three.pcapng")], b""),
        (&["decode", "-f", "json", "@bgp", &capture("three.pcapng"), "--stream", "2"], b""),
    ];
    let mut seen = std::collections::BTreeSet::from(["closed".to_owned()]);
    for (arguments, input) in runs {
        for line in run(arguments, input).out.lines() {
            let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
            let kind = object["kind"].as_str().unwrap();
            seen.insert(kind.to_owned());
            let (_, keys) =
                rows.iter().find(|(of, _)| of == kind).unwrap_or_else(|| panic!("{kind} is not documented"));
            for key in object.keys().filter(|key| *key != "kind") {
                assert!(keys.iter().any(|(of, _)| of == key), "{kind} has no key {key} in README.md: {line}");
            }
            for (key, _) in keys.iter().filter(|(_, always)| *always) {
                assert!(object.contains_key(key), "{kind} always has {key}, says README.md: {line}");
            }
        }
    }
    let documented: Vec<_> = rows.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), {
        let mut sorted = documented;
        sorted.sort();
        sorted
    });
}
