//! `anysplit explain`.

use crate::run::{gives, run};

#[test]
fn explain_draws_the_wire() {
    let expected = "netstring,max=1024
  decimal digits and a colon before every message, a comma after it
  max           payloads of at most 1024 bytes

  offset  0  1  2  3  4  5  6  7
  wire   35 3a 68 65 6c 6c 6f 2c
         ┬──── ┬───────────── ┬─
         │     │              └ trailer ,
         │     └ payload hello
         └ header  says 5

  found by  the length before the message
  limit     payloads of 1024 bytes (1 KiB)
  overhead  3 to 6 bytes a message
  empty     messages can be sent
";
    gives(&["explain", "netstring,max=1k"], "", expected);
}

#[test]
fn explain_draws_stuffed_frames() {
    let slip = "slip
  c0 before and after every message; inside, db dc stands for c0, db dd for db
  RFC 1055

  offset  0  1  2  3  4  5  6
  wire   c0 61 db dc 00 62 c0
         ┬─ ┬───────────── ┬─
         │  │              └ trailer \\xc0
         │  └ payload stands for a\\xc0\\0b
         └ filler  \\xc0

  found by  a delimiter that no message can hold
  limit     payloads of 8388608 bytes (8 MiB)
  overhead  2 bytes a message, and one for each c0 and db in it
  empty     messages cannot be sent
";
    gives(&["explain", "slip"], "", slip);
    let cobs = run_explain("cobs,max=9");
    assert!(cobs.contains("\n  max           payloads of at most 9 bytes\n"), "{cobs}");
    assert!(cobs.contains("\n  wire   03 61 c0 02 62 00\n         ┬─ ┬────────── ┬─\n"), "{cobs}");
    assert!(cobs.contains("\n         │  └ payload stands for a\\xc0\\0b\n"), "{cobs}");
}

#[test]
fn explain_draws_start_bytes_and_the_inner_frame() {
    let out = "u16be,start=\\x02
  every message comes after its length, 2 bytes in network order (big-endian)
  start         \\x02 stands before every frame

  offset  0  1  2  3  4  5  6  7
  wire   02 00 05 68 65 6c 6c 6f
         ┬─ ┬──── ┬─────────────
         │  │     └ payload hello
         │  └ header  says 5
         └ header  \\x02

  found by  the length before the message, after the start bytes
  limit     payloads of 65535 bytes
";
    let explained = run_explain("u16be,start=\\x02");
    assert!(explained.starts_with(out), "{explained}");
    let explained = run_explain("delim:\\x1c\\r,start=\\x0b");
    assert!(explained.contains("\n  every message ends with \\x1c\\r\n  start         \\x0b stands"), "{explained}");
    assert!(explained.contains("  found by  start bytes before the message and a delimiter after it\n"), "{explained}");
    let explained = run_explain("(type:P=2,Q=u8),start=$");
    assert!(explained.contains("         │  │  │  └ payload hello\n         │  │  └ header  says 5\n"), "{explained}");
    assert!(explained.contains("         │  └ type    Q\n         └ header  $\n"), "{explained}");
}

#[test]
fn explain_draws_both_framings_of_then() {
    let out = "line then u16be
  one message in the first of these framings, and all later ones in the second:
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

  found by  a delimiter after the message; after the first message, the length before the message
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
fn explain_counts_up_to_the_longest_message() {
    for (spec, overhead) in [
        ("varint", "1 to 4 bytes a message"),
        ("netstring", "3 to 9 bytes a message"),
        ("cobs", "2 to 33028 bytes a message: the delimiter, and one for each 254 in a row without a zero"),
        ("(u8),sum=xor,block=2", "1 to 129 bytes a message"),
        ("u8,max=none", "1 byte a message"),
    ] {
        let out = run_explain(spec);
        assert!(out.contains(&format!("\n  overhead  {overhead}\n")), "{out}");
    }
}

#[test]
fn explain_names_the_sentinel_of_cobs_and_one_byte() {
    let out = run_explain("cobs,sentinel=0xff");
    assert!(out.contains("\n  ff after every message; inside, "), "{out}");
    assert!(out.contains(",\n  then each byte is XORed with ff\n"), "{out}");
    assert!(run_explain("fixed:1").contains("\n  every message has 1 byte, with nothing around it\n"));
    assert!(run_explain("field:size=1,after=1").contains(" the number has 1 byte\n"));
}
