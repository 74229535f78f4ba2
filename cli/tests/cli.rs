//! Runs the command-line tool as a person or a script does.
#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread;

/// The result of a run, as text. Output that is not UTF-8 has escapes, except for the ends of lines.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

fn start(arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anysplit"));
    let pipes = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    pipes.spawn().unwrap()
}

fn run(arguments: &[&str], input: impl AsRef<[u8]>) -> Run {
    let mut child = start(arguments);
    let mut stdin = child.stdin.take().unwrap();
    let input = input.as_ref().to_vec();
    // The tool may stop reading before the end.
    let writer = thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = |bytes: Vec<u8>| match String::from_utf8(bytes) {
        Ok(text) if text.chars().all(|c| c == '\n' || !c.is_control()) => text,
        Ok(text) => text.as_bytes().escape_ascii().to_string().replace("\\n", "\n"),
        Err(error) => error.as_bytes().escape_ascii().to_string().replace("\\n", "\n"),
    };
    Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// Checks that the run succeeds, prints this and writes nothing to stderr.
#[track_caller]
fn gives(arguments: &[&str], input: impl AsRef<[u8]>, out: &str) {
    let run = run(arguments, input);
    assert_eq!(run.err, "");
    assert_eq!((run.out.as_str(), run.code), (out, Some(0)));
}

/// Checks that the run fails with this exit code, and these words on stderr.
#[track_caller]
fn fails(arguments: &[&str], input: impl AsRef<[u8]>, code: i32, words: &str) -> Run {
    let run = run(arguments, input);
    assert!(run.err.contains(words), "{}", run.err);
    assert_eq!(run.code, Some(code));
    run
}

const ADVERTISED: &[u8] = b"00267217a7c7 HEAD\0thin-pack ofs-delta\n001e7d1665144 refs/heads/main\n0000";

#[test]
fn text_is_a_line_a_frame() {
    let line = "       0      34  0026  7217a7c7 HEAD\\0thin-pack ofs-delta\\n
      38      26  001e  7d1665144 refs/heads/main\\n
      68       0  0000  (control)
";
    gives(&["decode", "pkt-line"], ADVERTISED, line);
    let run = run(&["decode", "--shorten", "8", "pkt-line"], ADVERTISED);
    assert_eq!(run.out.lines().next(), Some("       0      34  0026  7217a7c7 … 26 more"));
}

#[test]
fn text_shows_binary_headers_in_hex_and_all_payload_bytes() {
    let wire = b"\x00\x05hello\x00\x04\\\xff\r\x07\x00\x00";
    let out = "       0       5  00 05  hello
       7       4  00 04  \\\\\\xff\\r\\x07
      13       0  00 00  \n";
    gives(&["decode", "u16be"], wire, out);
    gives(&["decode", "type:P=2,Q=u8"], b"PhiQ\x01!", "       0       2  P  hi\n       3       1  Q 01  !\n");
    gives(&["decode", "line"], b"one\r\ntwo", "       0       3  one\n       5       3  two\n");
}

#[test]
fn hex_shows_all_bytes_and_what_they_are() {
    let out = "frame 1  header 2  payload 18  trailer 1
         0  31 38 3a 61 62 63 64 65  66 67 68 69 6a 6b 6c 6d  |18:abcdefghijklm|
        16  6e 6f 70 71 72 2c                                 |nopqr,|

frame 2  header 2  trailer 1
        22  30 3a 2c                                          |0:,|
"
    .replace("header 2  payload", "header 3  payload");
    gives(&["decode", "-f", "hex", "netstring"], b"18:abcdefghijklmnopqr,0:,", &out);
}

#[test]
fn json_is_an_object_a_line_and_the_error_is_the_last() {
    let out = r#"{"offset":0,"len":5,"header":"0005","text":"h\"llo","trailer":"","control":false}
{"offset":7,"len":2,"header":"0002","hex":"00ff","trailer":"","control":false}
{"error":"stream ended inside a header, 1 of at least 2 bytes","frame_offset":11,"offset":12}
"#;
    let run = fails(&["decode", "--format", "json", "u16be"], b"\0\x05h\"llo\0\x02\0\xff\0", 1, "inside a header");
    assert_eq!(run.out, out);
    let over = fails(&["decode", "--format", "json", "u16be,max=1"], b"\0\x05hello", 1, "over the limit of 1");
    assert_eq!(
        over.out,
        "{\"error\":\"payload of at least 5 bytes is over the limit of 1\",\"frame_offset\":0,\"offset\":0}\n"
    );
    let skipped = run_skipping("json");
    assert_eq!(skipped.out.lines().nth(1).unwrap(), r#"{"offset":3,"skipped":7}"#);
}

fn run_skipping(format: &str) -> Run {
    let run = run(&["decode", "--skip-oversize", "-f", format, "u16be,max=2"], b"\0\x01a\0\x05hello\0\x02bb");
    assert_eq!(run.err, "skipped: byte 3: a frame of 7 bytes, over the limit, was skipped\n");
    assert_eq!(run.code, Some(0));
    run
}

#[test]
fn raw_prints_unchanged_payloads() {
    gives(&["decode", "-f", "raw", "netstring"], b"3:one,0:,4:t\0o\n,", "onet\\x00o\n");
    gives(&["decode", "-f", "raw", "--separator", "\\n", "netstring"], b"3:one,0:,3:two,", "one\n\ntwo\n");
    gives(&["decode", "-f", "raw", "--separator", ";", "--pieces", "netstring"], b"3:one,0:,3:two,", "one;;two;");
    for pieces in [&["--pieces"][..], &[]] {
        let arguments = [&["decode", "-f", "raw", "--separator", ";", "pkt-line"], pieces].concat();
        gives(&arguments, b"0005a00000005b", "a;b;");
    }
    assert_eq!(run_skipping("raw").out, "abb");
}

#[test]
fn pieces_of_a_bad_frame_are_written_before_the_error() {
    let wire = b"3:one,3:two;";
    let whole = fails(&["decode", "-f", "raw", "netstring"], wire, 1, "byte 11: ';' where ',' belongs");
    let pieces = fails(
        &["decode", "-f", "raw", "--pieces", "--read-size", "1", "netstring"],
        wire,
        1,
        "byte 11: ';' where ',' belongs",
    );
    assert_eq!((whole.out.as_str(), pieces.out.as_str()), ("one", "onetwo"));
    assert_eq!(whole.err, pieces.err);
}

#[test]
fn count_reports_number_and_lengths() {
    let out = "frames                   3 in all
controls                 1 of them without a message
payload                 60 bytes
around                  12 bytes of headers and trailers
shortest                26 bytes
longest                 34 bytes
mean                    30 bytes
";
    gives(&["decode", "-f", "count", "pkt-line"], ADVERTISED, out);
    gives(&["decode", "-f", "count", "--pieces", "pkt-line"], ADVERTISED, out);
    let nothing = "frames                   0 in all
payload                  0 bytes
around                   0 bytes of headers and trailers
";
    gives(&["decode", "-f", "count", "u8"], b"", nothing);
    assert!(run_skipping("count").out.contains("skipped                  1 frames over the limit\n"));
}

#[test]
fn read_size_does_not_change_the_output() {
    let streams: [(&str, &[u8]); 10] = [
        ("pkt-line", ADVERTISED),
        ("ascii:5", b"00005hello0000xworld, and more after it"),
        ("netstring", b"5:hello,5:world;5:again,"),
        ("u16be,max=8", b"\0\x05hello\0\x09too long!\0\x01a"),
        ("line,crlf,max=8", b"one\r\ntwo\nthis is too long\nfour"),
        ("type:P=3,Q=delim:;", b"PoneQtwo;Xthree"),
        ("field:offset=1,size=2,trailer=\\0", b"a\0\x01A\0b\0\x02BB\0c\0\x05C"),
        ("slip,max=3", b"\xc0a\xdb\xdc\xc0\xc0long\xc0b\xdb!\xc0c\xc0end"),
        ("cobs,max=3", b"\x02a\0\x05b\0\x02c\0\x06hello\0\x02d\0"),
        ("line then u16be,start=$", b"READY\r\n$\0\x03one$\0\x03two?"),
    ];
    for (spec, stream) in streams {
        for format in ["text", "hex", "json", "raw", "count"] {
            for more in [&[][..], &["--skip-oversize"], &["--pieces"], &["--pieces", "--skip-oversize"]] {
                let arguments = [&["decode", "-f", format, spec], more].concat();
                let whole = run(&arguments, stream);
                for size in ["1", "2", "3", "7"] {
                    let split = run(&[&arguments[..], &["--read-size", size]].concat(), stream);
                    assert_eq!(split, whole, "{arguments:?} {size}");
                }
            }
        }
        let reframed = run(&["reframe", spec, "varint"], stream);
        assert_eq!(run(&["reframe", spec, "varint", "--read-size", "1"], stream), reframed);
    }
}

#[test]
fn fault_is_shown_after_earlier_frames_with_bytes_around_it() {
    let run = run(&["decode", "ascii:5"], b"00005hello00005world0000xagain!");
    assert_eq!(run.out, "       0       5  00005  hello\n      10       5  00005  world\n");
    let err = "error: byte 24: 'x' where a decimal digit is due (in the frame that begins at byte 20)

         0  30 30 30 30 35 68 65 6c  6c 6f 30 30 30 30 35 77  |00005hello00005w|
        16  6f 72 6c 64 30 30 30 30  78 61 67 61 69 6e 21     |orld0000xagain! |
                                     ^^
";
    assert_eq!((run.err.as_str(), run.code), (err, Some(1)));
}

#[test]
fn early_end_reports_what_it_cut() {
    let run = fails(&["decode", "u32be"], b"\0\0\0\x05hel", 1, "inside a payload, 3 of 5 bytes");
    assert!(run.err.contains("                                 ^ the stream ends here\n"), "{}", run.err);
    fails(&["decode", "u32be"], b"\0\0", 1, "inside a header, 2 of at least 4 bytes (frame begins at byte 0)");
    fails(&["decode", "netstring"], b"5:hello", 1, "before the frame's trailer was whole");
    let cut = fails(&["decode", "delim:;"], b"a;bc", 1, "after 2 bytes of a message whose delimiter is missing");
    assert!(cut.err.ends_with("`unterminated=take` in the SPEC.\n"));
    gives(&["decode", "-f", "raw", "delim:;,unterminated=take"], b"a;bc", "abc");
}

#[test]
fn frame_over_the_limit_comes_with_advice() {
    let run = fails(&["decode", "u32be"], b"GET / HTTP/1.1", 1, "over the limit of 8388608");
    assert!(
        run.err.ends_with("Raise the limit with `max=` in the SPEC, or pass over such frames with --skip-oversize.\n")
    );
    fails(&["encode", "--messages", "line,max=2", "u8"], "abc\n", 1, "Raise the limit with `max=` in --messages.");
}

#[test]
fn wrong_usage_and_bad_specs_have_an_exit_code_of_their_own() {
    let caret = "error: bad SPEC\n\n  u32be,mx=10\n        ^ expected an option of a length prefix";
    assert!(fails(&["decode", "u32be,mx=10"], "", 2, "mx=10").err.starts_with(caret));
    fails(&["explain", "fixed:0"], "", 2, "        ^ a fixed length of 0 bytes never ends");
    fails(&["reframe", "line", "lines"], "", 2, "  lines\n  ^ expected a framing");
    fails(&["encode", "u8", "--messages", "?"], "", 2, "  ?\n  ^ expected a framing");
    fails(&["decode"], "", 2, "required arguments");
    fails(&["decode", "line", "no/such/file"], "", 2, "cannot open no/such/file");
    fails(&["decode", "line", "."], "", 2, "cannot");
    fails(&["decode", "line", "--read-size", "0"], "", 2, "--read-size");
    fails(&["decode", "line", "--separator", ";"], "", 2, "--separator goes with --format raw only");
    fails(&["decode", "line", "-f", "raw", "--separator", "\\q"], "", 2, "an escape is one of");
}

#[test]
fn lines_are_encoded_in_every_framing() {
    gives(&["encode", "netstring"], "one\ntwo\r\n\n", "3:one,3:two,0:,");
    gives(&["encode", "u16be"], "hello", "\\x00\\x05hello");
    gives(&["encode", "line,crlf"], "one\ntwo\n", "one\\r\ntwo\\r\n");
    gives(&["encode", "--messages", "delim:;", "pkt-line"], "a;b\n;", "0005a0006b\n");
    gives(&["encode", "--hex", "u8"], "00ff\n68 65 6C 6c 6f\n\n", "\\x02\\x00\\xff\\x05hello\\x00");
    gives(&["encode", "close"], "only\n", "only");
}

#[test]
fn length_inside_the_message_is_filled_in() {
    let hex = "01 02 0000 68656c6c6f\n03 04 ffff\n";
    let out = "\\x01\\x02\\x00\\x09hello\\x03\\x04\\x00\\x04".replace("\\x09", "\\t");
    gives(&["encode", "--hex", "field:offset=2,size=2,adjust=-4"], hex, &out);
    gives(&["encode", "type:A=(field:offset=0,size=1),B=2"], "A_hello\nBok\n", "A\\x05helloBok");
    // The number grows from one byte to two, and the bytes after it move.
    let long = "x".repeat(200);
    let out = format!("\\xc8\\x01{long}");
    gives(&["encode", "--hex", "field:number=varint"], format!("00{}\n", "78".repeat(200)), &out);
}

#[test]
fn refused_message_is_named_and_earlier_ones_are_written() {
    let run = fails(&["encode", "delim:\\,"], "one\ntwo,three\nfour\n", 1, "message 2, at byte 4 of the input");
    assert_eq!(run.out, "one,");
    assert!(run.err.ends_with("was refused: a delimiter begins at byte 3 of the message\n"));
    fails(&["encode", "--hex", "u8"], "616\n", 1, "an odd number of hexadecimal digits");
    fails(&["encode", "--hex", "u8"], "6g\n", 1, "'g' at byte 1 of the line");
    fails(&["encode", "close"], "one\ntwo\n", 1, "message 2");
    fails(&["encode", "u8"], "x".repeat(300), 1, "300 does not fit");
}

#[test]
fn reframing_keeps_the_messages() {
    gives(&["reframe", "u16be", "delim:\\0"], b"\0\x03one\0\0\0\x03two", "one\\x00\\x00two\\x00");
    gives(&["reframe", "type:P=2,Q=u8", "netstring"], b"PhiQ\x05hello", "3:Phi,6:Qhello,");
    gives(&["reframe", "netstring", "type:P=2,Q=u8"], "3:Phi,6:Qhello,", "PhiQ\\x05hello");
    gives(&["reframe", "field:offset=1,size=1", "line"], b"a\x03one", "a\\x03one\n");
    let run = run(&["reframe", "pkt-line", "u8"], b"0005a00000005b");
    assert_eq!(run.out, "\\x01a\\x01b");
    assert_eq!(run.err, "note: 1 control frame, which carry no message, left out\n");
    assert_eq!(run.code, Some(0));
}

#[test]
fn explain_draws_the_wire() {
    let run = Command::new(env!("CARGO_BIN_EXE_anysplit")).args(["explain", "netstring,max=1k"]).output().unwrap();
    let expected = "netstring,max=1024
  decimal digits and a colon ahead of every message, a comma after it
  max           payloads of at most 1024 bytes

  offset  0  1  2  3  4  5  6  7
  wire   35 3a 68 65 6c 6c 6f 2c
         ┬──── ┬───────────── ┬─
         │     │              └ trailer ,
         │     └ payload hello
         └ header  says 5

  told by   a number ahead of the message
  limit     payloads of 1024 bytes (1 KiB)
  overhead  3 to 6 bytes a message
  empty     messages can be sent
";
    assert_eq!(String::from_utf8(run.stdout).unwrap(), expected);
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
        let pictures = |out: &str| out[out.find("\n\n  offset ").unwrap()..out.find("\n  told by").unwrap()].to_owned();
        let again = run(&["explain", &said], "");
        assert_eq!((again.code, pictures(&again.out)), (Some(0), pictures(&explained.out)), "{said}");
        assert!(run(&["protocols", "--spec", protocol.name], "").out.contains(&said));
    }
}

/// As a person looks at a capture, with reads of several sizes: the frames are where the dissector's messages are.
#[test]
fn every_capture_decodes_by_name_as_the_dissector_does() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/protocols");
    let mut streams = 0;
    for protocol in anysplit::protocols::ALL {
        for role in ["client", "server"] {
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
            let offset = |line: &str| line.split([':', ',']).nth(1).unwrap().parse::<usize>().unwrap();
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
            let same = ["ftp", "git", "memcached", "redis", "smtp", "imap"].contains(&protocol.name) || few == many;
            assert!(same && few.iter().all(|begin| many.contains(begin)), "{file}");
        }
    }
    assert!(streams > 80, "{streams} streams");
}

#[test]
fn protocol_takes_another_limit() {
    let line = [&b"x".repeat(2000)[..], b"\r\n"].concat();
    fails(&["decode", "@smtp"], &line, 1, "the limit of 998");
    gives(&["decode", "-f", "raw", "@smtp,max=4k"], &line, &"x".repeat(2000));
    fails(&["decode", "@smtp,mx=1"], "", 2, "expected the option max");
}

#[test]
fn lengths_in_lines_and_header_fields_are_filled_in() {
    let line = "VALUE key 0 0\r\nhello\0";
    gives(&["encode", "--messages", "delim:\\0", "block:VALUE:3"], line, "VALUE key 0 5\\r\nhello\\r\n");
    let sip = "OPTIONS x\r\nl: 0\r\n\r\nhi\0";
    gives(&["encode", "--messages", "delim:\\0", "@sip"], sip, "OPTIONS x\\r\nl: 2\\r\n\\r\nhi");
}

#[test]
fn serial_lines_are_read_and_written() {
    gives(&["encode", "slip"], "hello\n", "\\xc0hello\\xc0");
    gives(&["encode", "--hex", "cobs"], "11 22 00 33\n", "\\x03\\x11\\\"\\x023\\x00");
    gives(
        &["decode", "slip"],
        b"\xc0one\xc0\xc0t\xdb\xdcwo\xc0",
        "       1       3  one\n       6       4  t\\xc0wo\n",
    );
    gives(&["reframe", "cobs", "netstring"], b"\x03hi\0\x01\0", "2:hi,0:,");
    gives(
        &["decode", "-f", "json", "cobs"],
        b"\x02a\0",
        "{\"offset\":0,\"len\":1,\"header\":\"\",\"text\":\"a\",\"trailer\":\"00\",\"control\":false}\n",
    );
    // Bad frames are skipped, and reported.
    let run = fails(
        &["decode", "-f", "raw", "--separator", "\\n", "slip,max=3"],
        b"a\xdb!\xc0b\xc0long\xc0c\xc0",
        1,
        "2 frames were bad",
    );
    assert_eq!(run.out, "b\nc\n");
    assert!(run.err.contains("bad frame: byte 2"), "{}", run.err);
    let run = fails(&["decode", "-f", "count", "cobs"], b"\x02a\0\x05b\0\x02c", 1, "ended");
    assert!(run.out.contains("bad                      1 frames passed over"), "{}", run.out);
    fails(&["decode", "slip,mx=3"], "", 2, "expected the option max");
    fails(&["decode", "slip,max=x"], "", 2, "slip,max=x\n           ^ expected a size");
    fails(&["encode", "slip"], "\n", 1, "was refused");
    // The offsets of skipped frames are right.
    let run = fails(&["decode", "-f", "json", "slip"], b"a\xc0b\xdb!\xc0c\xc0d", 1, "after 1 bytes of a message");
    let out = r#"{"offset":0,"len":1,"header":"","text":"a","trailer":"c0","control":false}
{"error":"'!' where 0xdc belongs","frame_offset":2,"offset":4}
{"offset":6,"len":1,"header":"","text":"c","trailer":"c0","control":false}
{"error":"stream ended after 1 bytes of a message whose delimiter is missing","frame_offset":8,"offset":9}
"#;
    assert_eq!(run.out, out);
    assert!(!run.err.contains("unterminated=take"), "{}", run.err);
    // A skipped frame that the end cuts is reported as both.
    let run = fails(&["decode", "slip"], b"\xdb!abc", 1, "being skipped");
    assert!(run.err.starts_with("bad frame: byte 1: '!' where 0xdc belongs"), "{}", run.err);
    // In pieces too, and of any length.
    gives(&["decode", "-f", "raw", "--separator", ";", "--pieces", "slip"], b"\xc0t\xdb\xdcwo\xc0", "t\\xc0wo;");
    let hex = "frame 1  payload 3  trailer 1  opened from 5 on the wire
         1  61 c0 62 c0                                       |a.b.|
";
    gives(&["decode", "-f", "hex", "slip"], b"\xc0a\xdb\xdcb\xc0", hex);
    gives(
        &["decode", "-f", "count", "--skip-oversize", "cobs"],
        b"\x02a\0",
        "frames                   1 in all
payload                  1 bytes
around                   2 bytes of headers and trailers
shortest                 1 bytes
longest                  1 bytes
mean                     1 bytes
",
    );
}

#[test]
fn one_framing_then_another_is_read_and_written() {
    let (text, wire) = ("READY\none\ntwo\n", b"READY\n\0\x03one\0\x03two");
    gives(&["encode", "line then u16be"], text, "READY\n\\x00\\x03one\\x00\\x03two");
    gives(&["reframe", "line then u16be", "line"], wire, text);
    let out = "       0       5  READY\n       6       3  00 03  one\n      11       3  00 03  two\n";
    gives(&["decode", "line then u16be"], wire, out);
    gives(&["encode", "line then slip"], "READY\none\n", "READY\n\\xc0one\\xc0");
    // The rest is a serial line, where a bad frame is skipped.
    let run = fails(&["decode", "-f", "raw", "fixed:2 then slip"], b"hi\xdb!\xc0one\xc0", 1, "1 frame was bad");
    assert_eq!(run.out, "hione");
    // Lengths inside messages are filled in.
    let hex = "01 00 6869\n00 02 6869\n";
    gives(&["encode", "--hex", "line then field:offset=1,size=1"], hex, "\\x01\\x00hi\n\\x00\\x02hi");
    gives(&["encode", "--hex", "field:offset=1,size=1 then u8"], hex, "\\x01\\x02hi\\x04\\x00\\x02hi");
}

#[test]
fn bytes_at_the_start_are_skipped_and_counted() {
    let wire = b"MAGIC\0\x01a\0\x03two\0\x05cut";
    let cut = fails(&["decode", "--skip", "5", "u16be"], wire, 1, "stream ended at byte 18 inside a payload");
    assert_eq!(cut.out, "       5       1  00 01  a\n       8       3  00 03  two\n");
    assert!(cut.err.contains("         0  4d 41 47 49 43 00 01 61"), "{}", cut.err);
    for size in ["1", "2", "3", "6"] {
        assert_eq!(run(&["decode", "--skip", "5", "--read-size", size, "u16be"], wire), cut);
    }
    let json = run(&["decode", "-f", "json", "--skip", "5", "--skip-oversize", "u16be,max=1"], &wire[..13]);
    let out = r#"{"offset":5,"len":1,"header":"0001","text":"a","trailer":"","control":false}
{"offset":8,"skipped":5}
"#;
    assert_eq!((json.out.as_str(), json.code), (out, Some(0)));
    assert_eq!(json.err, "skipped: byte 8: a frame of 5 bytes, over the limit, was skipped\n");
    gives(&["reframe", "--skip", "5", "u16be", "line"], &wire[..13], "a\ntwo\n");
    gives(&["decode", "--skip", "13", "u16be"], &wire[..13], "");
    fails(&["decode", "--skip", "14", "u16be"], &wire[..13], 1, "stream ended at byte 13, 1 bytes before the end");
}

#[test]
fn start_bytes_are_written_and_read_before_any_framing() {
    gives(&["encode", "u16be,start=\\xaa\\x55"], "hi\n", "\\xaaU\\x00\\x02hi");
    gives(&["decode", "(cobs),start=$"], b"$\x02a\x02b\0", "       0       3  $  a\\0b\n");
    let (typed, wire) = ("(type:P=2,Q=u8),start=$", b"$Phi$Q\x02yo");
    gives(&["reframe", typed, "netstring"], wire, "3:Phi,3:Qyo,");
    gives(&["decode", typed], wire, "       0       2  $P  hi\n       4       2  24 51 02  yo\n");
    gives(&["encode", typed], "Phi\nQyo\n", "$Phi$Q\\x02yo");
    let run = fails(&["decode", "u8,start=$"], b"$\x01a?\x01b", 1, "byte 3: '?' where '$' belongs");
    assert_eq!(run.out, "       0       1  24 01  a\n");
}

#[test]
fn explain_draws_stuffed_frames() {
    let slip = "slip
  c0 ahead of every message and after it; inside, c0 is written db dc, and db is written db dd
  RFC 1055

  offset  0  1  2  3  4  5  6
  wire   c0 61 db dc 00 62 c0
         ┬─ ┬───────────── ┬─
         │  │              └ trailer \\xc0
         │  └ payload stands for a\\xc0\\0b
         └ filler  \\xc0

  told by   a delimiter that no message can hold
  limit     payloads of 8388608 bytes (8 MiB)
  overhead  2 bytes a message, and one for each c0 and db in it
  empty     messages cannot be sent
";
    gives(&["explain", "slip"], "", slip);
    let cobs = run_explain("cobs,max=9");
    assert!(cobs.contains("\n  max           payloads of at most 9 bytes\n"), "{cobs}");
    assert!(cobs.contains("\n  wire   03 61 c0 02 62 00\n         ┬───────────── ┬─\n"), "{cobs}");
    assert!(cobs.contains("\n         └ payload stands for a\\xc0\\0b\n"), "{cobs}");
}

#[test]
fn explain_draws_start_bytes_and_the_inner_frame() {
    let out = "u16be,start=\\x02
  a number of 2 bytes in network order (big-endian) ahead of every message says how many bytes it has
  start         \\x02 stands ahead of every message

  offset  0  1  2  3  4  5  6  7
  wire   02 00 05 68 65 6c 6c 6f
         ┬─ ┬──── ┬─────────────
         │  │     └ payload hello
         │  └ header  says 5
         └ header  \\x02

  told by   a number ahead of the message, and there is a mark ahead of the frame
  limit     payloads of 65535 bytes
";
    let explained = run_explain("u16be,start=\\x02");
    assert!(explained.starts_with(out), "{explained}");
    let explained = run_explain("delim:\\x1c\\r,start=\\x0b");
    assert!(explained.contains("\n  every message ends with \\x1c\\r\n  start         \\x0b stands"), "{explained}");
    assert!(explained.contains("  told by   a mark ahead of the message and a delimiter after it\n"), "{explained}");
    let explained = run_explain("(type:P=2,Q=u8),start=$");
    assert!(explained.contains("         │  │  │  └ payload hello\n         │  │  └ header  says 5\n"), "{explained}");
    assert!(explained.contains("         │  └ type    Q\n         └ header  $\n"), "{explained}");
}

#[test]
fn explain_draws_both_framings_of_then() {
    let out = "line then u16be
  one message in the first of these framings, and all after it in the second:
    line
    u16be

  offset  0  1  2  3  4  5
  wire   68 65 6c 6c 6f 0a
         ┬───────────── ┬─
         │              └ trailer \\n
         └ payload hello

  offset  0  1  2  3  4  5  6
  wire   00 05 68 65 6c 6c 6f
         ┬──── ┬─────────────
         │     └ payload hello
         └ header  says 5

  told by   a delimiter after the message; after the first message, a number ahead of the message
";
    let explained = run_explain("line then u16be");
    assert!(explained.starts_with(out), "{explained}");
}

fn run_explain(spec: &str) -> String {
    let run = run(&["explain", spec], "");
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    run.out
}

#[test]
fn colours_are_for_terminals_or_on_request() {
    assert!(!run(&["decode", "line"], "a\0\n").out.contains("x1b"));
    let colours = run(&["decode", "line", "--color", "always"], "a\0\n").out;
    assert!(colours.contains("\\x1b[33m\\\\0\\x1b[0m"), "{colours}");
    assert!(fails(&["decode", "u8", "--color", "always"], "\x05", 1, "ended").err.starts_with("\\x1b[1m"));
}

#[test]
fn reader_that_closes_early_is_no_error() {
    let mut child = start(&["decode", "-f", "raw", "--separator", "\\n", "line"]);
    let mut stdin = child.stdin.take().unwrap();
    let writer = thread::spawn(move || while stdin.write_all(&b"all work and no play\n".repeat(1000)).is_ok() {});
    let mut some = [0; 21];
    child.stdout.take().unwrap().read_exact(&mut some).unwrap();
    assert_eq!(&some, b"all work and no play\n");
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn complete_frame_is_shown_before_the_stream_ends() {
    let mut child = start(&["decode", "-f", "raw", "u8"]);
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    for message in [b"one", b"two"] {
        stdin.write_all(&[&[3][..], message, b"\x05rest"].concat()[..4]).unwrap();
        let mut shown = [0; 3];
        stdout.read_exact(&mut shown).unwrap();
        assert_eq!(&shown, message);
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

/// Sends `part` `count` times. Returns the peak memory of the tool in KiB by then, and what it wrote, counted.
#[cfg(target_os = "linux")]
fn peak_memory(arguments: &[&str], part: &[u8], count: usize) -> (u64, u64) {
    let mut child = start(arguments);
    let mut stdout = child.stdout.take().unwrap();
    let reader = thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()).unwrap());
    let mut stdin = child.stdin.take().unwrap();
    for _ in 0..count {
        stdin.write_all(part).unwrap();
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak = line.trim().trim_end_matches(" kB").parse().unwrap();
    drop(stdin);
    assert!(child.wait().unwrap().success());
    (peak, reader.join().unwrap())
}

/// In KiB.
#[cfg(target_os = "linux")]
const LITTLE: u64 = 32 * 1024;

#[cfg(target_os = "linux")]
fn streams_in_little_memory(mebibytes: usize) {
    let frame = [&(1_u32 << 16).to_be_bytes()[..], &[b'x'; 1 << 16]].concat();
    let part = frame.repeat(16);
    let payload = (mebibytes as u64) << 20;
    let (peak, _) = peak_memory(&["decode", "-f", "count", "u32be"], &part, mebibytes);
    assert!(peak < LITTLE, "{peak} KiB");
    let (peak, written) = peak_memory(&["reframe", "u32be", "varint"], &part, mebibytes);
    assert!(peak < LITTLE && written == payload + 3 * 16 * mebibytes as u64, "{peak} KiB, {written}");

    // All input is one payload.
    let part = [b'x'; 1 << 20];
    let arguments = ["decode", "-f", "raw", "--pieces", "close,max=none"];
    let (peak, written) = peak_memory(&arguments, &part, mebibytes);
    assert!(peak < LITTLE && written == payload, "{peak} KiB, {written}");
}

#[test]
#[cfg(target_os = "linux")]
fn long_stream_takes_little_memory() {
    streams_in_little_memory(64);
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "sends three times a gibibyte"]
fn very_long_stream_takes_little_memory() {
    streams_in_little_memory(1024);
}

#[test]
fn sizes_shows_bytes_of_numbers_and_marks_the_best() {
    let out = "\
6 numbers from 0 to 70000, 66.67 % of them 0 or 1

  representation      5 is                     bytes  a number  ratio  shortest
  decimal, a mark     5:                          17      2.83   2.13    0.00 %
  decimal, 5 digits   00005                       30      5.00   3.75    0.00 %
  decimal, 10 digits  0000000005                  60     10.00   7.50    0.00 %
  decimal, 20 digits  00000000000000000005       120     20.00  15.00    0.00 %
  hex, a mark         5:                          17      2.83   2.13    0.00 %
  hex, 4 digits       0005                       does not fit: 1 of 6    0.00 %
  hex, 8 digits       00000005                    48      8.00   6.00    0.00 %
  hex, 16 digits      0000000000000005            96     16.00  12.00    0.00 %
  16 bits             00 05                      does not fit: 1 of 6    0.00 %
  32 bits             00 00 00 05                 24      4.00   3.00    0.00 %
  64 bits             00 00 00 00 00 00 00 05     48      8.00   6.00    0.00 %
* LEB128              05                           8      1.33   1.00  100.00 %
  QUIC                05                           9      1.50   1.13   83.33 %

  text against           shorter   as long    longer  does not fit
  16 bits                 0.00 %   66.67 %   16.67 %       16.67 %
  32 bits                83.33 %    0.00 %   16.67 %        0.00 %
  64 bits               100.00 %    0.00 %    0.00 %        0.00 %
  LEB128                  0.00 %    0.00 %  100.00 %        0.00 %
  QUIC                    0.00 %    0.00 %  100.00 %        0.00 %
";
    for text in ["0 1 1 0 70000 16\n", "0,1,1,0,70000,0x10", "\r\n\r\n0x0\t1, 1 ,00\n,70000\n  0X10,,\n"] {
        for size in ["1", "2", "3", "1000"] {
            gives(&["sizes", "--read-size", size], text, out);
        }
    }
    gives(&["sizes", "-", "--color", "never"], "0 1 1 0 70000 16", out);
}

#[test]
fn sizes_takes_numbers_for_lengths_of_messages() {
    let out = "
As lengths: 3 messages, 100000 bytes of payload

  framing    around 5      bytes  a message  ratio  shortest
  ascii:5    00005…           15       5.00   5.00    0.00 %
  u16be      00 05…           does not fit: 1 of 3    0.00 %
  u32be      00 00 00 05…     12       4.00   4.00    0.00 %
  varint     05…               5       1.67   1.67   66.67 %
  netstring  5:…,             13       4.33   4.33    0.00 %
* line       …\\n               3       1.00   1.00  100.00 %
";
    let run = run(&["sizes", "--lengths"], "0\n1\n99999\n");
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""));
    assert_eq!(run.out.split_once("\n\nAs lengths").map(|(_, after)| format!("\nAs lengths{after}")).unwrap(), out);
}

#[test]
fn sizes_of_no_numbers_are_zero() {
    for text in ["", "\n", " ,\t, \r\n"] {
        gives(&["sizes"], text, "no numbers\n");
        gives(&["sizes", "--lengths"], text, "no numbers\n");
    }
    #[cfg(unix)]
    gives(&["sizes", "/dev/null"], "", "no numbers\n");
}

#[test]
fn sizes_reports_the_place_of_a_word_that_is_no_number() {
    let no = |word: &str| format!("`{word}` is no number: digits belong here, or 0x and hexadecimal digits");
    for (text, place, what) in [
        ("1 2\n3, four 5\n", "line 2, column 4", no("four")),
        ("-1", "line 1, column 1", no("-1")),
        ("1\n\n  12a", "line 3, column 3", no("12a")),
        ("1.5", "line 1, column 1", no("1.5")),
        ("7 0x\n", "line 1, column 3", no("0x")),
        ("0x0x1", "line 1, column 1", no("0x0x1")),
        ("\u{fc}", "line 1, column 1", no("\\xc3\\xbc")),
        ("18446744073709551616", "line 1, column 1", "`18446744073709551616` is over 18446744073709551615".to_owned()),
        ("0x10000000000000000 ", "line 1, column 1", "`0x10000000000000000` is over 18446744073709551615".to_owned()),
        ("99999999999999999999999z", "line 1, column 1", no("99999999999999999999999z")),
    ] {
        for size in ["1", "1000"] {
            let run = fails(&["sizes", "--read-size", size], text, 1, &format!("error: {place}: {what}\n"));
            assert_eq!(run.out, "");
        }
    }
    // No more of it is kept than is shown.
    let long = [&b"1 "[..], &[b'x'; 100_000]].concat();
    fails(&["sizes"], long, 1, &format!("line 1, column 3: {}", no(&format!("{}…", "x".repeat(32)))));
    fails(&["sizes", "no/such/file"], "", 2, "cannot open no/such/file");
}

#[test]
fn sizes_reads_the_greatest_numbers_and_any_zeros_before_them() {
    let zeros = "0".repeat(100_000);
    let greatest = u64::MAX;
    let run = run(&["sizes"], format!("{zeros}{greatest} 0x{zeros}{greatest:X}"));
    assert!(
        run.out.starts_with("2 numbers from 18446744073709551615 to 18446744073709551615, 0.00 % of them"),
        "{}",
        run.err
    );
    let unfit = run.out.lines().filter(|line| line.contains("does not fit: 2 of 2"));
    let unfit: Vec<_> = unfit.map(|line| line.get(2..18).unwrap().trim_end()).collect();
    assert_eq!(
        unfit,
        ["decimal, 5 digit", "decimal, 10 digi", "hex, 4 digits", "hex, 8 digits", "16 bits", "32 bits", "QUIC"]
    );
}

#[cfg(target_os = "linux")]
#[test]
fn sizes_of_many_numbers_take_little_memory() {
    let part = b"0 1 70000 123456789\n".repeat(20_000);
    let (one, _) = peak_memory(&["sizes"], &part, 1);
    // If they were kept, they would be more than 6 MiB.
    let (many, _) = peak_memory(&["sizes"], &part, 10);
    assert!(many < one + 2048, "{one} KiB, {many} KiB");
}
