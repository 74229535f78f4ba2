//! `anysplit reframe`.

use crate::run::{gives, run};

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
