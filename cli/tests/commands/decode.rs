//! `anysplit decode`: every format, errors, and what is shown when.

use std::io::{Read, Write};
use std::thread;

use crate::run::{Run, fails, gives, run, start};

const ADVERTISED: &[u8] = b"00267217a7c7 HEAD\0thin-pack ofs-delta\n001e7d1665144 refs/heads/main\n0000";

#[test]
fn text_is_a_line_a_frame() {
    let line = " frame    offset    wire  length  header  payload
     1         0      38      34  0026    7217a7c7 HEAD\\0thin-pack ofs-delta\\n
     2        38      30      26  001e    7d1665144 refs/heads/main\\n
     3        68       4       0  0000    (control)
";
    gives(&["decode", "pkt-line"], ADVERTISED, line);
    let run = run(&["decode", "--shorten", "8", "pkt-line"], ADVERTISED);
    assert_eq!(run.out.lines().nth(1), Some("     1         0      38      34  0026    7217a7c7 … 26 more"));
}

#[test]
fn text_shows_binary_headers_in_hex_and_all_payload_bytes() {
    let wire = b"\x00\x05hello\x00\x04\\\xff\r\x07\x00\x00";
    let out = format!(
        "{NAMES}
     1         0       7       5  00 05   hello
     2         7       6       4  00 04   \\\\\\xff\\r\\x07
     3        13       2       0  00 00\n"
    );
    gives(&["decode", "u16be"], wire, &out);
    let out = " frame    offset    wire  length  payload
     1         0       5       3  one
     2         5       3       3  two\n";
    gives(&["decode", "line"], b"one\r\ntwo", out);
}

const NAMES: &str = " frame    offset    wire  length  header  payload";

#[test]
fn text_shows_a_message_in_one_piece_after_its_type() {
    // A first byte that is the complete header stays with the message, but not in JSON. The names come again with the first header.
    let out = format!(
        " frame    offset    wire  length  payload
     1         0       3       3  Phi
{NAMES}
     2         3       3       1  Q 01    !\n"
    );
    gives(&["decode", "type:P=2,Q=u8"], b"PhiQ\x01!", &out);
    let out = r#"{"kind":"frame","frame":1,"offset":0,"wire_len":3,"len":2,"header":"50","text":"hi","trailer":"","control":false}
{"kind":"frame","frame":2,"offset":3,"wire_len":3,"len":1,"header":"5101","text":"!","trailer":"","control":false}
"#;
    gives(&["decode", "-f", "json", "type:P=2,Q=u8"], b"PhiQ\x01!", out);
}

#[test]
fn text_shows_headers_of_text_as_text_and_no_others() {
    let row = |spec: &str, wire: &[u8]| run(&["decode", spec], wire).out.lines().nth(1).unwrap().to_owned();
    // 0x35 is the length 53 here, and no digit.
    assert!(row("u8", &[&b"5"[..], &[b'x'; 0x35]].concat()).contains("  35      xxx"));
    assert!(row("ascii:1", b"5hello").ends_with("  5       hello"));
    assert!(row("@redis", b"$5\r\nhello\r\n").ends_with("  $5\\r\\n  hello"));
    let http = "       0  GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n";
    assert!(row("@http1", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").ends_with(http));
}

#[test]
fn hex_shows_all_bytes_and_what_they_are() {
    let out = "frame 1  wire 22  header 3  payload 18  trailer 1
         0  31 38 3a 61 62 63 64 65  66 67 68 69 6a 6b 6c 6d  |18:abcdefghijklm|
        16  6e 6f 70 71 72 2c                                 |nopqr,|

frame 2  wire 3  header 2  trailer 1
        22  30 3a 2c                                          |0:,|
";
    gives(&["decode", "-f", "hex", "netstring"], b"18:abcdefghijklmnopqr,0:,", out);
}

#[test]
fn json_has_no_byte_that_a_terminal_acts_on() {
    let text = "a\u{7f}\u{9b}31m\u{202e}\u{1b}[2J\u{e9}\u{1f600}\u{e0001}\n";
    let out = "{\"kind\":\"frame\",\"frame\":1,\"offset\":0,\"wire_len\":25,\"len\":24,\"header\":\"\",\"text\":\"a\\u007f\\u009b31m\\u202e\\u001b[2J\u{e9}\u{1f600}\\udb40\\udc01\",\
        \"trailer\":\"0a\",\"control\":false}\n";
    gives(&["decode", "-f", "json", "line"], text, out);
}

#[test]
fn json_is_an_object_a_line_and_the_error_is_the_last() {
    let out = r#"{"kind":"frame","frame":1,"offset":0,"wire_len":7,"len":5,"header":"0005","text":"h\"llo","trailer":"","control":false}
{"kind":"frame","frame":2,"offset":7,"wire_len":4,"len":2,"header":"0002","hex":"00ff","trailer":"","control":false}
{"kind":"error","error":"stream ended inside a header, 1 of at least 2 bytes","offset":12,"frame_offset":11,"frames":2}
"#;
    let run = fails(&["decode", "--format", "json", "u16be"], b"\0\x05h\"llo\0\x02\0\xff\0", 1, "inside a header");
    assert_eq!(run.out, out);
    let over = fails(&["decode", "--format", "json", "u16be,max=1"], b"\0\x05hello", 1, "over the limit of 1");
    let error = r#"{"kind":"error","error":"payload of 5 bytes is over the limit of 1","offset":0,"frame_offset":0,"frames":0}"#;
    assert_eq!(over.out.trim_end(), error);
    let skipped = run_skipping("json");
    let line = r#"{"kind":"skipped","offset":3,"len":7,"reason":"payload of 5 bytes is over the limit of 2"}"#;
    assert_eq!(skipped.out.lines().nth(1), Some(line));
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
    let words = "byte 11, after 1 frame: expected ',', found ';'";
    let whole = fails(&["decode", "-f", "raw", "netstring"], wire, 1, words);
    let pieces = fails(&["decode", "-f", "raw", "--pieces", "--read-size", "1", "netstring"], wire, 1, words);
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
    assert!(run_skipping("count").out.contains("skipped                  1 frame over the limit\n"));
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
    let out = format!(
        "{NAMES}\n     1         0      10       5  00005   hello\n     2        10      10       5  00005   world\n"
    );
    assert_eq!(run.out, out);
    let err =
        "error: byte 24, after 2 frames: expected a decimal digit, found 'x' (in the frame that begins at byte 20)

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
    fails(&["decode", "netstring"], b"5:hello", 1, "before the frame's trailer was complete");
    let cut = fails(&["decode", "delim:;"], b"a;bc", 1, "after 2 bytes of a message whose delimiter is missing");
    assert!(cut.err.ends_with("`unterminated=take` in the SPEC.\n"));
    gives(&["decode", "-f", "raw", "delim:;,unterminated=take"], b"a;bc", "abc");
}

#[test]
fn frame_over_the_limit_comes_with_advice() {
    // The first length is beyond all reason.
    let run = fails(&["decode", "u32be"], b"\xff\xff\xff\xff....", 1, "over the limit of 8388608");
    assert!(
        run.err.contains("\nThe SPEC is probably not the framing of this stream. If it is, raise the"),
        "{}",
        run.err
    );
    let run = fails(&["decode", "u32be,max=4"], b"\0\0\0\x01a\0\0\0\x09hello", 1, "over the limit of 4");
    assert!(run.err.ends_with("Raise the limit with `max=` in the SPEC, or skip such frames with --skip-oversize.\n"));
    fails(&["encode", "--messages", "line,max=2", "u8"], "abc\n", 1, "Raise the limit with `max=` in --messages.");
}

#[test]
fn first_bytes_of_another_format_are_recognised() {
    let looks: [(&[u8], &str); 9] = [
        (b"GET / HTTP/1.1\r\n", "These bytes look like an HTTP request. Its SPEC is @http1."),
        (b"HTTP/1.1 200 OK\r\n", "These bytes look like an HTTP response. Its SPEC is @http1."),
        (b"\x16\x03\x01\x02\0\x01\0\x01", "These bytes look like a TLS record. Its SPEC is @tls."),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "These bytes look like SSH. Its SPEC is @ssh."),
        (b"\x1f\x8b\x08\0\0\0\0\0", "These bytes look like gzip. Decompress them first."),
        (b"PK\x03\x04\x14\0\0\0", "These bytes look like a zip archive. Decompress them first."),
        (b"\x89PNG\r\n\x1a\n", "These bytes look like a PNG picture."),
        (b"\x7fELF\x02\x01\x01\0", "These bytes look like an ELF program."),
        (b"abcdefghijkl", "The SPEC is probably not the framing of this stream."),
    ];
    for (bytes, hint) in looks {
        for spec in ["netstring", "u32be,max=9"] {
            let run = fails(&["decode", spec], bytes, 1, "byte 0: ");
            assert!(run.err.contains(hint), "{}", run.err);
        }
    }
    // A framing is not recommended in place of itself, and later frames are looked at too.
    let tls = fails(&["decode", "@tls"], b"\x16\x03\x01\xff\xff....", 1, "byte 3: ");
    assert!(!tls.err.contains("look like"), "{}", tls.err);
    let later = fails(&["decode", "netstring"], b"3:one,HTTP/1.1 400 Bad Request", 1, "byte 6, after 1 frame: ");
    assert!(later.err.ends_with("The bytes of this frame look like an HTTP response. Its SPEC is @http1.\n"));
}

#[test]
fn bytes_at_the_start_are_skipped_and_counted() {
    let wire = b"MAGIC\0\x01a\0\x03two\0\x05cut";
    let cut = fails(
        &["decode", "--skip", "5", "u16be"],
        wire,
        1,
        "stream ended at byte 18, after 2 frames, inside a payload",
    );
    let out = format!(
        "{NAMES}\n     1         5       3       1  00 01   a\n     2         8       5       3  00 03   two\n"
    );
    assert_eq!(cut.out, out);
    assert!(cut.err.contains("         0  4d 41 47 49 43 00 01 61"), "{}", cut.err);
    for size in ["1", "2", "3", "6"] {
        assert_eq!(run(&["decode", "--skip", "5", "--read-size", size, "u16be"], wire), cut);
    }
    let json = run(&["decode", "-f", "json", "--skip", "5", "--skip-oversize", "u16be,max=1"], &wire[..13]);
    let out = r#"{"kind":"frame","frame":1,"offset":5,"wire_len":3,"len":1,"header":"0001","text":"a","trailer":"","control":false}
{"kind":"skipped","offset":8,"len":5,"reason":"payload of 3 bytes is over the limit of 1"}
"#;
    assert_eq!((json.out.as_str(), json.code), (out, Some(0)));
    assert_eq!(json.err, "skipped: byte 8: a frame of 5 bytes, over the limit, was skipped\n");
    // Bytes have the units of a SPEC.
    let after = [&[0; 1024][..], b"\0\x01a"].concat();
    assert_eq!(run(&["decode", "-f", "raw", "--skip", "1k", "u16be"], &after).out, "a");
    for size in ["", "k", "4x", "+4", "99999999999T"] {
        fails(&["decode", "--skip", size, "u16be"], "", 2, "a number of bytes, such as 24 or 4k");
    }
    gives(&["reframe", "--skip", "5", "u16be", "line"], &wire[..13], "a\ntwo\n");
    gives(&["decode", "--skip", "13", "u16be"], &wire[..13], "");
    fails(&["decode", "--skip", "14", "u16be"], &wire[..13], 1, "stream ended at byte 13, 1 byte before the end");
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

#[test]
fn resync_finds_the_frames_after_a_damaged_one() {
    // The length 5 has become 9.
    let wire = b"9:hello,5:world,";
    let found = fails(&["decode", "-f", "raw", "--resync", "netstring,max=99"], wire, 1, "8 bytes belong to no frame");
    assert_eq!(found.out, "world");
    assert!(found.err.contains("skipped: byte 0: 8 bytes"), "{}", found.err);
    fails(&["decode", "--resync", "--skip-oversize", "line"], "", 2, "cannot be used with");
    // The payload of the first frame, whose start is damaged, holds a frame that none follows.
    let wire = b"\xab\x55\x06\xaa\x55\x01xyz\xaa\x55\x02hi\xaa\x55\x02yo";
    for (option, shown, bytes) in [("--resync", "xhiyo", 5), ("--resync=confirmed", "hiyo", 9)] {
        let spec = r"u8,start=\xaa\x55";
        let found =
            fails(&["decode", "-f", "raw", option, spec], wire, 1, &format!("{bytes} bytes belong to no frame"));
        assert_eq!(found.out, shown);
    }
}

#[test]
fn name_of_messages_joins_their_frames() {
    let fragments = b"\x00\x00\x00\x03hel\x80\x00\x00\x02lo\x80\x00\x00\x00";
    let out = "{\"kind\":\"frame\",\"frame\":1,\"offset\":0,\"wire_len\":5,\"len\":5,\"header\":\"00000003\",\"text\":\"hello\",\"trailer\":\"\",\"control\":false}
{\"kind\":\"frame\",\"frame\":2,\"offset\":13,\"wire_len\":0,\"len\":0,\"header\":\"80000000\",\"text\":\"\",\"trailer\":\"\",\"control\":false}
";
    gives(&["decode", "-f", "json", "@onc-rpc-messages"], fragments, out);
    // One byte at a time.
    gives(&["decode", "--read-size", "1", "-f", "json", "@onc-rpc-messages"], fragments, out);
    gives(&["decode", "-f", "raw", "--separator", "|", "@onc-rpc-messages"], fragments, "hello||");
    // A masked message, with a ping between its frames, and one without a mask.
    let masked = b"\x01\x83\x37\xfa\x21\x3d\x7f\x9f\x4d\x89\x80\x00\x00\x00\x00\x80\x82\x37\xfa\x21\x3d\x5b\x95";
    gives(&["decode", "-f", "raw", "--separator", "|", "@websocket-messages"], masked, "|Hello|");
    gives(&["decode", "-f", "raw", "@websocket-messages"], b"\x01\x03Hel\x80\x02lo", "Hello");
}

#[test]
fn name_of_messages_reports_what_is_wrong_with_one() {
    let cut = b"\x00\x00\x00\x03hel";
    fails(&["decode", "@onc-rpc-messages"], cut, 1, "ended inside a message, after 3 bytes in 1 part");
    let arguments = ["decode", "--skip", "2", "@onc-rpc-messages,max=4"];
    let stream = b"xx\x00\x00\x00\x03hel\x80\x00\x00\x02lo";
    fails(
        &arguments,
        stream,
        1,
        "byte 9: message of at least 5 bytes is over the limit of 4 (in the message that begins at byte 2)",
    );
    fails(&["decode", "--pieces", "-f", "raw", "@onc-rpc-messages"], cut, 2, "--pieces");
    fails(&["decode", "@onc-rpc-message"], cut, 2, "Did you mean `@onc-rpc-messages`?");
    fails(&["encode", "@onc-rpc-messages"], cut, 2, "their frames are those of @onc-rpc\n");
}

/// Between curl and nginx: several requests on a connection, chunks, 100 Continue, 304 and 404.
#[test]
fn recorded_http_messages_are_shown_complete() {
    let file = |side: &str| format!("{}/../tests/data/protocols/http1/{side}.bin", env!("CARGO_MANIFEST_DIR"));
    let rows = |spec: &str, side: &str| {
        let shown = run(&["decode", "-f", "json", spec, &file(side)], "");
        assert_eq!((shown.code, &*shown.err), (Some(0), ""));
        let value = |line: &str, key: &str| line.split(key).nth(1)?.split([',', '"']).next().map(str::to_owned);
        let row = |line: &str| (value(line, "\"len\":").unwrap(), value(line, "\"header\":\"").unwrap());
        shown.out.lines().map(row).collect::<Vec<_>>()
    };
    let lengths = |rows: &[(String, String)]| rows.iter().map(|row| row.0.clone()).collect::<Vec<_>>().join(" ");
    let responses = rows("@http1-responses", "server");
    assert_eq!(lengths(&responses), "6 153 3000 63 26 0 0 0 0 0");
    assert_eq!(rows("@http1-messages", "server"), responses);
    let statuses: Vec<&str> = responses.iter().map(|row| &row.1[18..24]).collect();
    assert_eq!(
        statuses,
        ["323030", "343034", "323030", "323030", "323030", "333034", "313030", "323031", "313030", "323034"]
    );
    assert_eq!(lengths(&rows("@http1-requests", "client")), "0 0 0 0 0 0 3000 3000");
    fails(&["decode", "@http1-requests", &file("server")], "", 1, "byte 0: a response where requests are expected");
    fails(&["decode", "@http1-responses", &file("client")], "", 1, "byte 0: a request where responses are expected");
    fails(&["decode", "@http1-responses,max=100", &file("server")], "", 1, "over the limit of 100");
}
