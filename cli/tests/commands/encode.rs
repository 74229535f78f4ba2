//! `anysplit encode`.

use crate::run::{fails, gives};

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
fn lengths_in_lines_and_header_fields_are_filled_in() {
    let line = "VALUE key 0 0\r\nhello\0";
    gives(&["encode", "--messages", "delim:\\0", "block:VALUE:3"], line, "VALUE key 0 5\\r\nhello\\r\n");
    let sip = "OPTIONS x\r\nl: 0\r\n\r\nhi\0";
    gives(&["encode", "--messages", "delim:\\0", "@sip"], sip, "OPTIONS x\\r\nl: 2\\r\n\\r\nhi");
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
