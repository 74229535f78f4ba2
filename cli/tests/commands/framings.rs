//! Framings of the serial line, and those that hold another.

use crate::run::{fails, gives};

#[test]
fn serial_lines_are_read_and_written() {
    gives(&["encode", "slip"], "hello\n", "\\xc0hello\\xc0");
    gives(&["encode", "--hex", "cobs"], "11 22 00 33\n", "\\x03\\x11\\\"\\x023\\x00");
    gives(
        &["decode", "slip"],
        b"\xc0one\xc0\xc0t\xdb\xdcwo\xc0",
        " frame    offset    wire  length  payload
     1         1       4       3  one
     2         6       6       4  t\\xc0wo\n",
    );
    gives(&["reframe", "cobs", "netstring"], b"\x03hi\0\x01\0", "2:hi,0:,");
    gives(
        &["decode", "-f", "json", "cobs"],
        b"\x02a\0",
        "{\"kind\":\"frame\",\"frame\":1,\"offset\":0,\"wire_len\":3,\"len\":1,\"header\":\"02\",\"text\":\"a\",\"trailer\":\"00\",\"control\":false}\n",
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
    assert!(run.out.contains("bad                      1 frame skipped"), "{}", run.out);
    fails(&["decode", "slip,mx=3"], "", 2, "expected an option of slip: max");
    fails(&["decode", "slip,max=x"], "", 2, "slip,max=x\n           ^ expected a size");
    fails(&["encode", "slip"], "\n", 1, "was refused");
    // The offsets of skipped frames are right.
    let run = fails(&["decode", "-f", "json", "slip"], b"a\xc0b\xdb!\xc0c\xc0d", 1, "after 1 byte of a message");
    let out = r#"{"kind":"frame","frame":1,"offset":0,"wire_len":2,"len":1,"header":"","text":"a","trailer":"c0","control":false}
{"kind":"skipped","offset":2,"len":4,"reason":"expected 0xdc, found '!'"}
{"kind":"frame","frame":2,"offset":6,"wire_len":2,"len":1,"header":"","text":"c","trailer":"c0","control":false}
{"kind":"error","error":"stream ended after 1 byte of a message whose delimiter is missing","offset":9,"frame_offset":8,"frames":2}
"#;
    assert_eq!(run.out, out);
    assert!(!run.err.contains("unterminated=take"), "{}", run.err);
    // A skipped frame that the end cuts is reported as both.
    let run = fails(&["decode", "slip"], b"\xdb!abc", 1, "being skipped");
    assert!(run.err.starts_with("bad frame: byte 1: expected 0xdc, found '!'"), "{}", run.err);
    // In pieces too, and of any length.
    gives(&["decode", "-f", "raw", "--separator", ";", "--pieces", "slip"], b"\xc0t\xdb\xdcwo\xc0", "t\\xc0wo;");
    let hex = "frame 1  wire 5  payload 3  trailer 1  decoded, not as on the wire
         1  61 c0 62 c0                                       |a.b.|
";
    gives(&["decode", "-f", "hex", "slip"], b"\xc0a\xdb\xdcb\xc0", hex);
    gives(
        &["decode", "-f", "count", "--skip-oversize", "cobs"],
        b"\x02a\0",
        "frames                   1 in all
payload                  1 byte
around                   2 bytes of headers and trailers
shortest                 1 byte
longest                  1 byte
mean                     1 byte
",
    );
}

#[test]
fn one_framing_then_another_is_read_and_written() {
    let (text, wire) = ("READY\none\ntwo\n", b"READY\n\0\x03one\0\x03two");
    gives(&["encode", "line then u16be"], text, "READY\n\\x00\\x03one\\x00\\x03two");
    gives(&["reframe", "line then u16be", "line"], wire, text);
    let out = " frame    offset    wire  length  header  payload
     1         0       6       5          READY
     2         6       5       3  00 03   one
     3        11       5       3  00 03   two\n";
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
fn start_bytes_are_written_and_read_before_any_framing() {
    let names = " frame    offset    wire  length  header  payload\n";
    gives(&["encode", "u16be,start=\\xaa\\x55"], "hi\n", "\\xaaU\\x00\\x02hi");
    gives(
        &["decode", "(cobs),start=$"],
        b"$\x02a\x02b\0",
        &[names, "     1         0       6       3  24 02   a\\0b\n"].concat(),
    );
    let (typed, wire) = ("(type:P=2,Q=u8),start=$", b"$Phi$Q\x02yo");
    gives(&["reframe", typed, "netstring"], wire, "3:Phi,3:Qyo,");
    let rows = "     1         0       4       2  $P      hi\n     2         4       5       2  24 51 02  yo\n";
    gives(&["decode", typed], wire, &[names, rows].concat());
    gives(&["encode", typed], "Phi\nQyo\n", "$Phi$Q\\x02yo");
    let run = fails(&["decode", "u8,start=$"], b"$\x01a?\x01b", 1, "byte 3, after 1 frame: expected '$', found '?'");
    assert_eq!(run.out, [names, "     1         0       3       1  24 01   a\n"].concat());
}
