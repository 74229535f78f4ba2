//! Instructions for each frame, counted by valgrind, ours beside those of other code on the same bytes.
//!
//! ```text
//! cargo bench -p anysplit-benches --bench instructions                the table
//! cargo bench -p anysplit-benches --bench instructions -- lines       only rows with this word
//! cargo bench -p anysplit-benches --bench instructions -- --write     renews benches/instructions.md
//! cargo bench -p anysplit-benches --bench instructions -- --check     fails where a row has grown or exceeds its goal
//! ```
//!
//! A count is the same in every run under any load, so it can judge a change where times cannot. `-- --test` runs everything
//! once without counting.

#![allow(
    clippy::type_complexity,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a bench may panic, and its numbers are small"
)]

use std::collections::HashMap;
use std::fmt::Write;
use std::hint::black_box;
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anysplit::{AnyFraming, Delimited, Framing, HeaderBlock, Mavlink, Prefix, Stuffed};

use crate::common::{Input, Sizes, Sum, ours, peers};

mod common;

/// One pass over all bytes of an input, and its expected result.
struct Case {
    wire: Vec<u8>,
    expected: Sum,
    run: Box<dyn Fn(&[u8]) -> Sum>,
}

type Make = Box<dyn Fn() -> Case + Sync>;

/// Our work beside another's.
struct Row {
    name: String,
    ours: Make,
    other: &'static str,
    theirs: Make,
    /// How many times their instructions ours may take.
    goal: f64,
}

const ABOUT: usize = 64 * 1024;
const WHOLE: usize = 8192;
const SAME: Sizes = Sizes::Equal(64);
const MIXED: Sizes = Sizes::Mixed(127);
/// Ours may grow by this part of the committed count.
const GROWTH: f64 = 0.03;
/// A ratio is compared as it is printed: 1.004 is not more than 1.
const EVEN: f64 = 0.005;
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.md");

/// The wire of a framing, read in chunks.
fn read(framing: impl Framing, sizes: Sizes, chunk: usize, run: impl Fn(&[u8], usize) -> Sum + 'static) -> Case {
    let input = Input::new(&framing, sizes, ABOUT);
    Case { wire: input.wire().to_vec(), expected: input.expected, run: Box::new(move |wire| run(wire, chunk)) }
}

/// Ours.
fn own<F: Framing + Clone + 'static>(framing: F, sizes: Sizes, chunk: usize, run: fn(&F, &[u8], usize) -> Sum) -> Case {
    read(framing.clone(), sizes, chunk, move |wire, chunk| run(&framing, wire, chunk))
}

/// Payloads written into a `Vec` that is large enough.
fn written(sizes: Sizes, write: impl Fn(&[Vec<u8>], &mut Vec<u8>) + 'static) -> Case {
    let Input { payloads, expected, .. } = Input::new(&Prefix::u32_be(), sizes, ABOUT);
    Case {
        wire: Vec::new(),
        expected,
        run: Box::new(move |_| {
            let mut out = Vec::with_capacity(2 * ABOUT);
            write(black_box(&payloads), &mut out);
            black_box(&out);
            expected
        }),
    }
}

fn any(spec: &str) -> AnyFraming {
    spec.parse().unwrap()
}

struct Table(Vec<Row>);

impl Table {
    fn row(
        &mut self,
        name: impl Into<String>,
        ours: impl Fn() -> Case + Sync + 'static,
        other: &'static str,
        theirs: impl Fn() -> Case + Sync + 'static,
        goal: f64,
    ) {
        self.0.push(Row { name: name.into(), ours: Box::new(ours), other, theirs: Box::new(theirs), goal });
    }

    /// Each call that takes frames, in chunks of 8 KiB.
    fn calls(&mut self) {
        for sizes in [SAME, MIXED] {
            let name = |call| format!("u32be, {sizes} B, {call}");
            let prefix = Prefix::u32_be;
            let each = move || own(prefix(), sizes, WHOLE, ours::borrowed);
            let split = move || read(prefix(), sizes, WHOLE, peers::split_length);
            let buffered = move || read(prefix(), sizes, WHOLE, peers::wire_length_buffered);
            let tokio = move || read(prefix(), sizes, WHOLE, peers::tokio_length);
            let one_by_one = move || own(prefix(), sizes, WHOLE, ours::one_by_one);
            let pushed = move || own(prefix(), sizes, WHOLE, ours::pushed);
            let batch = move || own(prefix(), sizes, WHOLE, ours::batch);
            let bytes = move || own(prefix(), sizes, WHOLE, ours::bytes);
            self.row(
                name("for_each"),
                each,
                "slice loop",
                move || read(prefix(), sizes, 0, |wire, _| peers::bare(wire)),
                2.0,
            );
            self.row(name("frames_in, next_frame"), one_by_one, "our for_each", each, 2.0);
            self.row(name("push, next_frame"), pushed, "wire-codec in a buffer", buffered, 1.0);
            self.row(name("push, next_frame"), pushed, "our for_each", each, 2.0);
            self.row(name("read_frame"), move || own(prefix(), sizes, WHOLE, ours::read), "our for_each", each, 2.0);
            let tokio_read = move || own(prefix(), sizes, WHOLE, ours::read_tokio);
            self.row(name("tokio, read_frame"), tokio_read, "our for_each", each, 2.0);
            let embedded = move || own(prefix(), sizes, WHOLE, ours::read_embedded);
            self.row(name("embedded, read_frame"), embedded, "our for_each", each, 2.0);
            let framed = move || own(prefix(), sizes, WHOLE, ours::framed);
            let tokio_framed = move || read(prefix(), sizes, WHOLE, peers::tokio_framed_length);
            self.row(name("FramedRead"), framed, "tokio-util", tokio_framed, 1.0);
            self.row(name("push, next_batch"), batch, "split_to, freeze", split, 1.0);
            self.row(name("push, next_bytes"), bytes, "split_to, freeze", split, 1.1);
            self.row(name("push, next_bytes"), bytes, "tokio-util", tokio, 1.0);

            let name = |call| format!("lines, {sizes} B, {call}");
            let line = Delimited::line;
            let each = move || own(line(), sizes, WHOLE, ours::borrowed);
            let search = move || read(line(), sizes, 0, |wire, _| peers::memchr_lines(wire));
            let one_by_one = move || own(line(), sizes, WHOLE, ours::one_by_one);
            let pushed = move || own(line(), sizes, WHOLE, ours::pushed);
            let buffered = move || read(line(), sizes, WHOLE, peers::wire_lines_buffered);
            let bytes = move || own(line(), sizes, WHOLE, ours::bytes);
            let tokio = move || read(line(), sizes, WHOLE, peers::tokio_lines);
            self.row(name("for_each"), each, "memchr_iter", search, 1.0);
            self.row(name("frames_in, next_frame"), one_by_one, "our for_each", each, 2.0);
            self.row(name("push, next_frame"), pushed, "wire-codec in a buffer", buffered, 1.0);
            self.row(name("push, next_frame"), pushed, "our for_each", each, 2.0);
            self.row(name("read_frame"), move || own(line(), sizes, WHOLE, ours::read), "our for_each", each, 2.0);
            let tokio_read = move || own(line(), sizes, WHOLE, ours::read_tokio);
            self.row(name("tokio, read_frame"), tokio_read, "our for_each", each, 2.0);
            let embedded = move || own(line(), sizes, WHOLE, ours::read_embedded);
            self.row(name("embedded, read_frame"), embedded, "our for_each", each, 2.0);
            let framed = move || own(line(), sizes, WHOLE, ours::framed);
            let tokio_framed = move || read(line(), sizes, WHOLE, peers::tokio_framed_lines);
            self.row(name("FramedRead"), framed, "tokio-util, checked for UTF-8", tokio_framed, 1.0);
            self.row(name("push, next_bytes"), bytes, "tokio-util, checked for UTF-8", tokio, 1.0);
        }
    }

    /// Every other way to write a length, and framings chosen at run time.
    fn framings(&mut self) {
        fn bare() -> Case {
            read(Prefix::u32_be(), MIXED, 0, |wire, _| peers::bare(wire))
        }
        fn each<F: Framing + Clone + 'static>(framing: F) -> Case {
            own(framing, MIXED, WHOLE, ours::borrowed)
        }
        let name = |what| format!("{what}, 1-127 B, for_each");
        let loops = "slice loop over u32be";
        self.row(name("ascii:5"), || each(Prefix::ascii5()), loops, bare, 8.0);
        self.row(name("varint"), || each(Prefix::leb128()), loops, bare, 3.0);
        self.row(name("netstring"), || each(Prefix::netstring()), loops, bare, 11.0);
        self.row(name("CRLF"), || each(Delimited::crlf()), "our lines", || each(Delimited::line()), 1.2);
        self.row(name("u32be at run time"), || each(any("u32be")), "our u32be", || each(Prefix::u32_be()), 1.15);
        self.row(name("lines at run time"), || each(any("line")), "our lines", || each(Delimited::line()), 1.15);
        let slip = || read(Stuffed::slip(), MIXED, 0, |wire, _| peers::slip(wire));
        self.row(name("SLIP"), || each(Stuffed::slip()), "search and unstuff by hand", slip, 3.0);
        let cobs = || read(Stuffed::cobs(), MIXED, WHOLE, peers::cobs);
        self.row(name("COBS"), || each(Stuffed::cobs()), "cobs", cobs, 1.0);
        let corncobs = || read(Stuffed::cobs(), MIXED, WHOLE, peers::corncobs);
        self.row(name("COBS"), || each(Stuffed::cobs()), "corncobs", corncobs, 1.0);
        let complete = || read(Stuffed::cobs(), MIXED, 0, |wire, _| peers::corncobs_complete(wire));
        self.row(name("COBS"), || each(Stuffed::cobs()), "corncobs, all in memory", complete, 4.0);
        let slip_codec = || read(Stuffed::slip(), MIXED, WHOLE, peers::slip_codec);
        self.row(name("SLIP"), || each(Stuffed::slip()), "slip-codec", slip_codec, 1.0);
    }

    /// Packets of serial lines, in large chunks and in small ones.
    fn packets(&mut self) {
        fn case(input: Input, chunk: usize, run: fn(&[u8], usize) -> Sum) -> Case {
            let Input { expected, .. } = input;
            Case { wire: input.wire().to_vec(), expected, run: Box::new(move |wire| run(wire, chunk)) }
        }
        for chunk in [WHOLE, 64] {
            let name = |what| format!("{what}, 1-127 B, chunks of {chunk} B, resync, for_each");
            let mavlink = move |run| case(Input::mavlink(MIXED, ABOUT), chunk, run);
            let ours = |wire: &[u8], chunk| ours::resynchronised(&Mavlink::common(), wire, chunk);
            self.row(name("MAVLink"), move || mavlink(ours), "mavlink", move || mavlink(peers::mavlink), 1.0);
            let ubx = move |run| case(Input::ubx(MIXED, ABOUT), chunk, run);
            let ours = |wire: &[u8], chunk| ours::resynchronised(&common::ubx(), wire, chunk);
            self.row(name("UBX"), move || ubx(ours), "ublox", move || ubx(peers::ublox), 1.0);
        }
    }

    /// Chunks that are smaller than a frame.
    fn trickles(&mut self) {
        let line = Delimited::line;
        let prefix = Prefix::u32_be;
        for chunk in [1, 2, 7, 64] {
            let name = |what| format!("u32be, 64 B, chunks of {chunk} B, {what}");
            let by_hand = move || read(prefix(), SAME, chunk, peers::bare_chunks);
            let tokio = move || read(prefix(), SAME, chunk, peers::tokio_length);
            self.row(name("for_each"), move || own(prefix(), SAME, chunk, ours::borrowed), "by hand", by_hand, 1.3);
            self.row(
                name("push, next_frame"),
                move || own(prefix(), SAME, chunk, ours::pushed),
                "by hand",
                by_hand,
                1.3,
            );
            let fixed = move || own(prefix(), SAME, chunk, ours::fixed);
            self.row(name("FixedDecoder"), fixed, "by hand", by_hand, 1.3);
            let std = move || read(prefix(), SAME, chunk, peers::std_length);
            self.row(name("read_frame"), move || own(prefix(), SAME, chunk, ours::read), "BufReader", std, 1.3);
            self.row(
                name("push, next_bytes"),
                move || own(prefix(), SAME, chunk, ours::bytes),
                "tokio-util",
                tokio,
                1.0,
            );
            let name = |what| format!("lines, 64 B, chunks of {chunk} B, {what}");
            let by_hand = move || read(line(), SAME, chunk, peers::buffered_lines);
            let tokio = move || read(line(), SAME, chunk, |wire, chunk| peers::tokio_any(wire, chunk, b"\n"));
            self.row(name("for_each"), move || own(line(), SAME, chunk, ours::borrowed), "by hand", by_hand, 1.3);
            self.row(name("push, next_frame"), move || own(line(), SAME, chunk, ours::pushed), "by hand", by_hand, 1.3);
            let fixed = move || own(line(), SAME, chunk, ours::fixed);
            self.row(name("FixedDecoder"), fixed, "by hand", by_hand, 1.3);
            let std = move || read(line(), SAME, chunk, peers::std_lines);
            self.row(name("read_frame"), move || own(line(), SAME, chunk, ours::read), "BufReader", std, 1.3);
            self.row(name("push, next_bytes"), move || own(line(), SAME, chunk, ours::bytes), "tokio-util", tokio, 1.0);
            let name = format!("LF or NUL, 64 B, chunks of {chunk} B, push, next_frame");
            let either = || Delimited::any_of([b"\n", b"\0"]).unwrap();
            let tokio = move || read(either(), SAME, chunk, |wire, chunk| peers::tokio_any(wire, chunk, b"\n\0"));
            self.row(name, move || own(either(), SAME, chunk, ours::pushed), "tokio-util", tokio, 1.0);
            let name = format!("headers, 64 B, chunks of {chunk} B, push, next_frame");
            let headers = || HeaderBlock::new("Content-Length").unwrap();
            let by_hand = move || read(headers(), SAME, chunk, peers::buffered_headers);
            self.row(name, move || own(headers(), SAME, chunk, ours::pushed), "by hand", by_hand, 1.3);
            let name = |what| format!("{what}, 64 B, chunks of {chunk} B, for_each");
            let cobs = move || read(Stuffed::cobs(), SAME, chunk, peers::cobs);
            self.row(name("COBS"), move || own(Stuffed::cobs(), SAME, chunk, ours::borrowed), "cobs", cobs, 1.3);
            let slip = move || read(Stuffed::slip(), SAME, chunk, peers::slip_codec);
            self.row(name("SLIP"), move || own(Stuffed::slip(), SAME, chunk, ours::borrowed), "slip-codec", slip, 1.0);
        }
    }

    fn encoders(&mut self) {
        fn ours(framing: impl Framing + 'static) -> Case {
            written(SAME, move |payloads, out| ours::encode(&framing, payloads, out))
        }
        fn by_hand() -> Case {
            written(SAME, peers::length_encode)
        }
        self.row("u32be, 64 B, encode", || ours(Prefix::u32_be()), "by hand", by_hand, 2.0);
        self.row("ascii:5, 64 B, encode", || ours(Prefix::ascii5()), "u32be by hand", by_hand, 4.0);
        self.row("lines, 64 B, encode", || ours(Delimited::line()), "u32be by hand", by_hand, 7.0);
    }
}

/// Runs this many passes.
fn passes(Case { wire, expected, run }: &Case, passes: u64) {
    for _ in 0..passes {
        assert_eq!(run(black_box(wire)), *expected);
    }
}

/// Counts the instructions of this program with this many passes of a case.
fn count(side: &str, row: usize, passes: u64) -> Option<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().unwrap())
        .args(["--run", side, &row.to_string(), &passes.to_string()])
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let count = said.lines().find_map(|line| line.split_once("Collected :"));
    Some(count.unwrap().1.trim().parse().unwrap())
}

/// Instructions for each frame: the cost of two more passes, so that work that is done once is not counted.
fn each(side: &str, row: usize, make: &Make) -> Option<f64> {
    let frames = make().expected.frames;
    Some((count(side, row, 3)? - count(side, row, 1)?) as f64 / (2 * frames) as f64)
}

/// A row of the committed table.
struct Known {
    ours: f64,
    waived: String,
}

/// The compiler that the committed table was counted with, and its rows.
fn committed() -> (String, HashMap<String, Known>) {
    let text = std::fs::read_to_string(FILE).unwrap_or_default();
    let compiler = text.lines().find_map(|line| line.strip_prefix("Compiler: ")).unwrap_or_default().to_owned();
    let rows = text.lines().filter_map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, ours, other, _, _, _, waived] = cells[..] else { return None };
        Some((format!("{name} | {other}"), Known { ours: ours.parse().ok()?, waived: waived.to_owned() }))
    });
    (compiler, rows.collect())
}

fn compiler() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-V").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn main() -> ExitCode {
    let mut table = Table(Vec::new());
    table.calls();
    table.framings();
    table.packets();
    table.trickles();
    table.encoders();
    let rows = table.0;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [run, side, row, count] = &arguments[..] {
        if run == "--run" {
            let row = &rows[row.parse::<usize>().unwrap()];
            passes(&if side == "ours" { (row.ours)() } else { (row.theirs)() }, count.parse().unwrap());
            return ExitCode::SUCCESS;
        }
    }
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    if has("--test") {
        for row in &rows {
            passes(&(row.ours)(), 1);
            passes(&(row.theirs)(), 1);
        }
        return ExitCode::SUCCESS;
    }
    let word = arguments.iter().find(|argument| !argument.starts_with('-'));
    let wanted: Vec<usize> =
        (0..rows.len()).filter(|&row| word.is_none_or(|word| rows[row].name.contains(word.as_str()))).collect();

    let counts = Mutex::new(HashMap::new());
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(&row) = wanted.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let pair = (each("ours", row, &rows[row].ours), each("theirs", row, &rows[row].theirs));
                    counts.lock().unwrap().insert(row, pair);
                }
            });
        }
    });
    let counts = counts.into_inner().unwrap();

    let (counted_with, known) = committed();
    let same_compiler = counted_with == compiler();
    let mut text = String::from("| work | ours | beside | theirs | ratio | goal | waived |\n");
    text += "| --- | --: | --- | --: | --: | --: | --- |\n";
    let mut failures = Vec::new();
    for row in wanted {
        let (Some(ours), Some(theirs)) = counts[&row] else {
            println!("valgrind, which counts the instructions, is not installed");
            return ExitCode::SUCCESS;
        };
        let Row { name, other, goal, .. } = &rows[row];
        let known = known.get(&format!("{name} | {other}"));
        let ratio = ours / theirs;
        let exceeds = ratio > *goal + EVEN;
        let waived = known.filter(|_| exceeds).map_or("", |known| &known.waived);
        writeln!(text, "| {name} | {ours:.1} | {other} | {theirs:.1} | {ratio:.2} | {goal} | {waived} |").unwrap();
        if exceeds && waived.is_empty() {
            failures.push(format!("{name}: {ratio:.2} times {other}, and the goal is {goal}"));
        }
        match known {
            Some(known) if same_compiler && ours > known.ours * (1.0 + GROWTH) => {
                failures.push(format!("{name}: {ours:.1} instructions, and {} in the table", known.ours));
            }
            None if has("--check") => failures.push(format!("{name} beside {other} is not in the table")),
            _ => {}
        }
    }
    print!("{text}");
    if has("--check") && !same_compiler {
        println!("The table was counted with {counted_with}: growth is not judged.");
    }
    if has("--write") {
        failures.retain(|failure| !failure.contains("in the table"));
        if failures.is_empty() {
            let about = "# Instructions for each frame\n\n\
                `cargo bench -p anysplit-benches --bench instructions -- --write` writes this table, and `-- --check` compares it with the\n\
                code: a row may grow by 3 %. The goal is the greatest ratio, in hundredths, that is allowed; a row that exceeds it has the\n\
                reason in the column `waived`. Valgrind counts the instructions, for each frame: see the [bench](instructions.rs).\n";
            std::fs::write(FILE, format!("{about}\nCompiler: {}\n\n{text}", compiler())).unwrap();
        }
    }
    if has("--write") || has("--check") {
        for failure in &failures {
            eprintln!("{failure}");
        }
        return if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    ExitCode::SUCCESS
}
