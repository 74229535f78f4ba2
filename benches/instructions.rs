//! `cargo bench --bench instructions --features spec`: instructions for each frame, counted by valgrind.
//!
//! A count is the same in every run under any load, so it can judge a change where times
//! cannot. `-- --test` runs everything once without counting, `-- lines` and any other word only the rows with it.

#![allow(
    clippy::type_complexity,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "a bench may panic, and its numbers are small"
)]

use std::hint::black_box;
use std::process::Command;

use anysplit::{AnyFraming, Delimited, Framing, Prefix, Stuffed};

use crate::common::{Input, Sizes, Sum, ours, peers};

mod common;

/// One pass over all bytes of an input, and its expected result.
struct Case {
    wire: Vec<u8>,
    expected: Sum,
    run: Box<dyn Fn(&[u8]) -> Sum>,
}

fn case<F: Framing + 'static>(framing: F, sizes: Sizes, run: fn(&F, &[u8], usize) -> Sum) -> Case {
    let input = Input::new(&framing, sizes, ABOUT);
    Case { wire: input.wire().to_vec(), expected: input.expected, run: Box::new(move |wire| run(&framing, wire, 8192)) }
}

fn peer(framing: impl Framing, sizes: Sizes, run: fn(&[u8]) -> Sum) -> Case {
    let input = Input::new(&framing, sizes, ABOUT);
    Case { wire: input.wire().to_vec(), expected: input.expected, run: Box::new(run) }
}

fn encode<F: Framing + 'static>(framing: F, sizes: Sizes) -> Case {
    let input = Input::new(&framing, sizes, ABOUT);
    let Input { payloads, expected, .. } = input;
    Case {
        wire: Vec::new(),
        expected,
        run: Box::new(move |_| {
            let mut out = Vec::with_capacity(2 * ABOUT);
            ours::encode(&framing, black_box(&payloads), &mut out);
            black_box(&out);
            expected
        }),
    }
}

fn any(spec: &str) -> AnyFraming {
    spec.parse().unwrap()
}

const ABOUT: usize = 64 * 1024;
const SAME: Sizes = Sizes::Equal(64);
const MIXED: Sizes = Sizes::Mixed(127);

type Make = fn() -> Case;

#[rustfmt::skip]
const CASES: &[(&str, Make)] = &[
    ("u32be, 64 B, slice loop", || peer(Prefix::u32_be(), SAME, peers::bare)),
    ("u32be, 64 B, for_each", || case(Prefix::u32_be(), SAME, ours::borrowed)),
    ("u32be, 64 B, next_frame", || case(Prefix::u32_be(), SAME, ours::one_by_one)),
    ("u32be, 64 B, pushed", || case(Prefix::u32_be(), SAME, ours::pushed)),
    ("u32be, 64 B, next_batch", || case(Prefix::u32_be(), SAME, ours::batch)),
    ("u32be, 64 B, next_bytes", || case(Prefix::u32_be(), SAME, ours::bytes)),
    ("u32be, 64 B, tokio-util", || peer(Prefix::u32_be(), SAME, |wire| peers::tokio_length(wire, 8192))),
    ("u32be, 1-127 B, slice loop", || peer(Prefix::u32_be(), MIXED, peers::bare)),
    ("u32be, 1-127 B, for_each", || case(Prefix::u32_be(), MIXED, ours::borrowed)),
    ("u32be, 1-127 B, next_frame", || case(Prefix::u32_be(), MIXED, ours::one_by_one)),
    ("u32be, 1-127 B, pushed", || case(Prefix::u32_be(), MIXED, ours::pushed)),
    ("u32be, 1-127 B, next_batch", || case(Prefix::u32_be(), MIXED, ours::batch)),
    ("ascii:5, 1-127 B, for_each", || case(Prefix::ascii5(), MIXED, ours::borrowed)),
    ("varint, 1-127 B, for_each", || case(Prefix::leb128(), MIXED, ours::borrowed)),
    ("netstring, 1-127 B, for_each", || case(Prefix::netstring(), MIXED, ours::borrowed)),
    ("u32be at run time, 1-127 B, for_each", || case(any("u32be"), MIXED, ours::borrowed)),
    ("u32be at run time, 1-127 B, next_frame", || case(any("u32be"), MIXED, ours::one_by_one)),
    ("lines, 64 B, memchr", || peer(Delimited::line(), SAME, peers::memchr_lines)),
    ("lines, 64 B, for_each", || case(Delimited::line(), SAME, ours::borrowed)),
    ("lines, 64 B, next_frame", || case(Delimited::line(), SAME, ours::one_by_one)),
    ("lines, 64 B, tokio-util", || peer(Delimited::line(), SAME, |wire| peers::tokio_lines(wire, 8192))),
    ("lines, 1-127 B, for_each", || case(Delimited::line(), MIXED, ours::borrowed)),
    ("CRLF, 64 B, for_each", || case(Delimited::crlf(), SAME, ours::borrowed)),
    ("SLIP, 1-127 B, for_each", || case(Stuffed::slip(), MIXED, ours::borrowed)),
    ("COBS, 1-127 B, for_each", || case(Stuffed::cobs(), MIXED, ours::borrowed)),
    ("u32be, 64 B, encode", || encode(Prefix::u32_be(), SAME)),
    ("ascii:5, 64 B, encode", || encode(Prefix::ascii5(), SAME)),
    ("lines, 64 B, encode", || encode(Delimited::line(), SAME)),
];

/// Runs this many passes.
fn passes(Case { wire, expected, run }: &Case, passes: u64) {
    for _ in 0..passes {
        assert_eq!(run(black_box(wire)), *expected);
    }
}

/// Counts the instructions of this program with this many passes of a case.
fn instructions(name: &str, passes: u64) -> Option<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().unwrap())
        .args(["--run", name, &passes.to_string()])
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let count = said.lines().find_map(|line| line.split_once("Collected :"));
    Some(count.unwrap().1.trim().parse().unwrap())
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [run, name, count] = &arguments[..] {
        if run == "--run" {
            let (_, make) = CASES.iter().find(|(case, _)| case == name).unwrap();
            return passes(&make(), count.parse().unwrap());
        }
    }
    let test = arguments.iter().any(|argument| argument == "--test");
    let only = arguments.iter().find(|argument| !argument.starts_with('-'));
    if !test {
        println!("| a frame | instructions |\n| --- | --: |");
    }
    for (name, make) in CASES.iter().filter(|(name, _)| only.is_none_or(|only| name.contains(only.as_str()))) {
        let case = make();
        if test {
            passes(&case, 1);
            continue;
        }
        let (Some(one), Some(three)) = (instructions(name, 1), instructions(name, 3)) else {
            println!("valgrind, which counts the instructions, is not installed");
            return;
        };
        // The cost of two more passes: work that is done once is not counted.
        #[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
        let each = (three - one) as f64 / (2 * case.expected.frames) as f64;
        println!("| {name} | {each:.1} |");
    }
}
