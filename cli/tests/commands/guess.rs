//! `anysplit guess`.

use std::path::Path;

use crate::run::{fails, run};

fn capture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/protocols").join(name).to_str().unwrap().to_owned()
}

#[test]
fn guess_names_the_protocol_and_the_command_to_go_on_with() {
    let file = capture("postgres/client.bin");
    let shown = run(&["guess", &file], "");
    assert_eq!((shown.code, shown.err.as_str()), (Some(0), ""));
    assert!(shown.out.contains("1145 bytes, the whole stream\n"), "{}", shown.out);
    assert!(shown.out.contains("\n1. @postgres  PostgreSQL messages, version 3\n   18 frames of 5 to 115 bytes, up to the last byte\n   high confidence, "), "{}", shown.out);
    assert!(shown.out.contains("\nGo on with:\n  anysplit decode @postgres "), "{}", shown.out);
    assert!(shown.out.contains("\nDid not fit, although the first frames did:\n  @"), "{}", shown.out);
    // The command that the output suggests works.
    assert_eq!(run(&["decode", "-f", "count", "@postgres", &file], "").code, Some(0));
}

#[test]
fn guess_reads_both_directions_and_passes_over_a_preamble() {
    let (client, server) = (capture("modbus/client.bin"), capture("modbus/server.bin"));
    let shown = run(&["guess", &client, &server], "").out;
    assert!(shown.contains("\n1. @modbus "), "{shown}");
    assert!(shown.matches("  anysplit decode @modbus ").count() == 2, "{shown}");
    let stream = [b"hello, I am a preamble\n".to_vec(), std::fs::read(capture("tls/client.bin")).unwrap()].concat();
    let shown = run(&["guess", "--skip", "23"], &stream).out;
    assert!(shown.contains("  anysplit decode --skip 23 @tls -\n"), "{shown}");
    assert!(run(&["guess", "--bytes", "512", "--skip", "23"], &stream).out.contains("512 bytes, its beginning"));
}

#[test]
fn guess_says_when_nothing_fits() {
    fails(&["guess"], b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", 1, "these bytes look like a PNG picture");
    fails(&["guess"], "", 1, "nothing fits: the input is empty");
    fails(&["guess", "--stream", "1", &capture("dns/client.bin")], "", 2, "--stream is for captures");
    fails(&["guess", "--bytes", "0"], "", 2, "a size from 1 to 1M");
    fails(&["guess", "no/such/file"], "", 2, "cannot open no/such/file");
}

#[test]
fn guess_reads_both_sides_of_a_capture() {
    let file = |name: &str| format!("{}/tests/data/captures/{name}", env!("CARGO_MANIFEST_DIR"));
    let one = file("postgres.pcapng");
    let shown = run(&["guess", &one], "");
    assert_eq!((shown.code, shown.err.as_str()), (Some(0), ""));
    assert!(
        shown.out.starts_with("the client 127.0.0.1:45030: 1145 bytes, the whole stream\nthe server "),
        "{}",
        shown.out
    );
    assert!(shown.out.contains(&format!("\nGo on with:\n  anysplit decode @postgres {one}\n")), "{}", shown.out);
    // From standard input, and less of it.
    let shown = run(&["guess", "--bytes", "500"], std::fs::read(&one).unwrap());
    assert!(shown.out.contains(": 500 bytes, its beginning\n"), "{}", shown.out);
    assert!(shown.out.contains("  anysplit decode @postgres -\n"), "{}", shown.out);
    // One of several conversations.
    let several = file("three.pcapng");
    let list = run(&["guess", &several], "");
    assert!(list.out.starts_with("stream  client ") && list.err.contains("choose one with --stream"), "{list:?}");
    let shown = run(&["guess", &several, "--stream", "1"], "").out;
    assert!(shown.contains(&format!("  anysplit decode @memcached {several} --stream 1\n")), "{shown}");
    // Up to the first byte that is not in the capture.
    let shown = run(&["guess", &file("missing.pcap")], "");
    assert!(shown.err.is_empty() && shown.out.contains("897 bytes, its beginning"), "{shown:?}");
}

#[test]
fn guess_prints_json() {
    let shown = run(&["guess", "-f", "json", "--top", "1", &capture("postgres/client.bin")], "");
    assert_eq!((shown.code, shown.err.as_str()), (Some(0), ""));
    let first = shown.out.lines().next().unwrap();
    let start =
        r#"{"kind":"guess","place":1,"specs":["@postgres"],"names":["postgres"],"same":[],"confidence":"high","bits":"#;
    assert!(first.starts_with(start) && first.ends_with(r#""frames":[18],"unfinished":[0]}"#), "{first}");
    assert!(shown.out.lines().skip(1).all(|line| line.starts_with(r#"{"kind":"misfit","spec":"@"#)), "{}", shown.out);
    fails(&["guess", "-f", "json"], b"", 1, "nothing fits");
}

#[test]
fn guess_names_a_protocol_by_the_fixed_bytes_of_its_frames() {
    let capture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/captures/bgp.pcap");
    let run = run(&["guess", capture], "");
    assert!(run.out.contains("\n1. @bgp  BGP messages\n"), "{}", run.out);
    assert!(run.out.contains(&format!("\n  anysplit decode @bgp {capture}\n")), "{}", run.out);
}
