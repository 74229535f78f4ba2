//! Mutation testing in minutes: the mutants that `cargo mutants` lists, all of them in one build.
//!
//! ```text
//! cargo run --release --manifest-path tests/mutants/Cargo.toml --target-dir target/mutants/tool [-- FILE ...]
//! ```
//!
//! `cargo mutants` builds the crate once for each mutant. Here a copy of the crate contains all, and each run of its
//! tests activates one. Mutants that do not compile are left out; a test program that never reaches a mutant is not run
//! for it. FILE ...: only the mutants of these files are tried. It fails if a mutant survives that `explained.txt` does
//! not explain. Needs `cargo-mutants`, and a nightly toolchain so that a `const fn` can ask for its mutant.

mod weave;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use weave::{Mutant, weave};

/// The code that decides where a frame ends, and what surrounds a message.
const CORE: &[&str] = &[
    "src/contract.rs",
    "src/contract/*.rs",
    "src/decode/*.rs",
    "src/decode/*/*.rs",
    "src/encoder.rs",
    "src/framing/*.rs",
    "src/framing/*/*.rs",
    "src/literal.rs",
    "src/number.rs",
    "src/number/*.rs",
    "src/number/*/*.rs",
    "src/order.rs",
    "src/order/fields.rs",
    "src/scan.rs",
    "src/scan/*.rs",
    "src/short.rs",
];

/// Test programs, the fast ones first, without those that need other features, sockets or a terminal.
const TESTS: &[&str] = &[
    "lib",
    "frames",
    "regressions",
    "ends",
    "errors",
    "limits",
    "refusal",
    "vectors",
    "known_faults",
    "spec",
    "text_forms",
    "stuffed",
    "broken",
    "machine",
    "memory",
    "protocols",
    "seeds",
    "any_split",
    "round_trip",
    "twins",
    "exhaustive",
];

/// Run only for mutants that no other program reaches: code that only the adapters use.
const LAST: &str = "adapters";

const FEATURES: &str = "protocols,spec,testing,tokio,futures,embedded-io,nom";

/// A module that the copy has beside the crate's own.
const MUTATION: &str = r#"//! Which mutant is alive.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Its number, or one of the two that follow.
static ALIVE: AtomicUsize = AtomicUsize::new(UNKNOWN);
const UNKNOWN: usize = usize::MAX - 1;
/// No mutant is alive, and the numbers that are met are written to a file.
const WRITING: usize = usize::MAX;
static SEEN: [AtomicBool; 1 << 14] = [const { AtomicBool::new(false) }; 1 << 14];

const fn never(_: usize) -> bool {
    false
}

#[inline]
fn now(number: usize) -> bool {
    let alive = ALIVE.load(Ordering::Relaxed);
    alive == number || (alive >= UNKNOWN && meet(number))
}

#[cold]
fn meet(number: usize) -> bool {
    if ALIVE.load(Ordering::Relaxed) == UNKNOWN {
        let alive = std::env::var("MUTANT").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
        ALIVE.store(alive, Ordering::Relaxed);
        return now(number);
    }
    if !SEEN[number].swap(true, Ordering::Relaxed) {
        use std::io::Write;
        let path = std::env::var("MUTANTS_SEEN").expect("a file");
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        // In one call: other threads write too.
        let _ = file.and_then(|mut file| file.write_all(std::format!("{number}\n").as_bytes()));
    }
    false
}

/// Whether this mutant is alive. No mutant is alive while constants are evaluated.
#[inline]
pub(crate) const fn is(number: usize) -> bool {
    core::intrinsics::const_eval_select((number,), never, now)
}
"#;

/// A test program, or some of its tests.
struct Test {
    name: String,
    program: PathBuf,
    /// How the names of the tests begin; all for none.
    only: Option<String>,
    /// The time of the tests without a mutant.
    time: Duration,
    seen: BTreeSet<usize>,
}

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the crate");
    let tree = root.join("target/mutants/tree");
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let mutants = list(&root);
    println!("{} mutants", mutants.len());
    copy(&root, &tree);
    let mut left_out = BTreeSet::new();
    let lost = build(&root, &tree, &mutants, &mut left_out);
    println!("{} do not compile, {} have no place", left_out.len() - lost.len(), lost.len());
    let mut tests = Vec::new();
    for mut test in programs(&tree) {
        baseline(&tree, &mut test);
        // A program that measures memory must load the active mutant before.
        match test.time > WHOLE && test.name != "memory" {
            true => tests.extend(parts(&tree, &test)),
            false => tests.push(test),
        }
    }
    tests.sort_by_key(|test| test.time);
    for test in &tests {
        println!("{:>7.2} s, {:>4} mutants   {}", test.time.as_secs_f64(), test.seen.len(), test.name);
    }
    for mutant in mutants.iter().filter(|mutant| lost.contains(&mutant.number)) {
        println!("no place  {}", mutant.name);
    }
    if !judge(&tree, &mutants, &wanted, &left_out, &tests) {
        std::process::exit(1);
    }
}

fn list(root: &Path) -> Vec<Mutant> {
    let mut command = Command::new("cargo");
    command.args(["mutants", "--list", "--json", "-e", "src/*/testing.rs", "-e", "src/**/tests.rs"]).current_dir(root);
    CORE.iter().for_each(|file| {
        command.args(["-f", file]);
    });
    let output = command.stderr(Stdio::inherit()).output().expect("cargo-mutants");
    let list: Value = serde_json::from_slice(&output.stdout).expect("a list");
    let all = list.as_array().expect("a list").iter();
    let mut all: Vec<_> = all.map(|value| Mutant::new(value).expect("known fields")).collect();
    let mut ends = HashMap::new();
    all.retain(|mutant| {
        // The unit tests are at the end of a file.
        let end = ends.entry(mutant.file.clone()).or_insert_with(|| {
            let text = fs::read_to_string(root.join(&mutant.file)).expect("a source");
            text.lines().position(|line| line.starts_with("mod tests {")).unwrap_or(usize::MAX)
        });
        mutant.start.0 <= *end
    });
    // 0 is no mutant.
    all.iter_mut().enumerate().for_each(|(at, mutant)| mutant.number = at + 1);
    all
}

/// All files that git knows of, because the tests read files of every sort.
fn copy(root: &Path, tree: &Path) {
    let output = Command::new("git").args(["ls-files"]).current_dir(root).output().expect("git");
    for name in String::from_utf8(output.stdout).expect("names").lines() {
        let (from, to) = (root.join(name), tree.join(name));
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        let bytes = fs::read(from).expect("a file");
        if fs::read(&to).ok().as_ref() != Some(&bytes) && !name.starts_with("src/") {
            fs::write(to, bytes).expect("a copy");
        } else if !to.exists() {
            fs::write(to, bytes).expect("a copy");
        }
    }
}

/// Weaves until the rest compiles. Returns the mutants without a place.
fn build(root: &Path, tree: &Path, mutants: &[Mutant], left_out: &mut BTreeSet<usize>) -> BTreeSet<usize> {
    let mut lost = BTreeSet::new();
    loop {
        let mut places: HashMap<String, Vec<(usize, Range<usize>)>> = HashMap::new();
        let mut by_file: BTreeMap<&str, Vec<Mutant>> = BTreeMap::new();
        for mutant in mutants.iter().filter(|mutant| !left_out.contains(&mutant.number)) {
            by_file.entry(&mutant.file).or_default().push(mutant.clone());
        }
        for name in sources(root) {
            let mut text = fs::read_to_string(root.join(&name)).expect("a source");
            if let Some(mutants) = by_file.get(&*name) {
                let (woven, found, without) = weave(&text, mutants);
                text = woven;
                places.insert(name.clone(), found);
                left_out.extend(&without);
                lost.extend(without);
            }
            if name == "src/lib.rs" {
                text = text.replacen(
                    "#![no_std]",
                    "#![no_std]\n#![feature(core_intrinsics, const_eval_select)]\n#![allow(internal_features, warnings)]",
                    1,
                );
                text += "\nmod mutation;\n";
            }
            let to = tree.join(&name);
            if fs::read_to_string(&to).ok().as_deref() != Some(&text) {
                fs::write(to, text).expect("a source");
            }
        }
        fs::write(tree.join("src/mutation.rs"), MUTATION).expect("a source");
        let errors = errors(tree, &places);
        if errors.is_empty() {
            return lost;
        }
        println!("{} do not compile", errors.len());
        left_out.extend(errors);
    }
}

fn sources(root: &Path) -> Vec<String> {
    let output = Command::new("git").args(["ls-files", "src/*.rs"]).current_dir(root).output().expect("git");
    String::from_utf8(output.stdout).expect("names").lines().map(str::to_owned).collect()
}

fn cargo(tree: &Path) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(tree).arg("+nightly").env("CARGO_TARGET_DIR", tree.join("../target"));
    // Every variant is compiled, and no lint is checked.
    command.env("RUSTFLAGS", "--cap-lints=allow -Zcrate-attr=allow(warnings)").env("CARGO_INCREMENTAL", "1");
    command
}

/// Returns the mutants that contain errors of the compiler.
fn errors(tree: &Path, places: &HashMap<String, Vec<(usize, Range<usize>)>>) -> BTreeSet<usize> {
    let mut command = cargo(tree);
    command.args(["check", "--lib", "--message-format=json", "--features", FEATURES]);
    let output = command.stderr(Stdio::null()).output().expect("cargo");
    let mut bad = BTreeSet::new();
    let mut elsewhere = Vec::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Ok(value) = serde_json::from_str::<Value>(line) else { continue };
        let message = &value["message"];
        if value["reason"] != "compiler-message" || message["level"] != "error" {
            continue;
        }
        let spans = message["spans"].as_array().cloned().unwrap_or_default();
        let found: Vec<usize> = spans
            .iter()
            .filter(|span| span["is_primary"] == true)
            .filter_map(|span| {
                let at = usize::try_from(span["byte_start"].as_u64()?).ok()?;
                let places = places.get(span["file_name"].as_str()?)?;
                let inner = places.iter().filter(|(_, range)| range.contains(&at)).min_by_key(|(_, range)| range.len());
                inner.map(|(number, _)| *number)
            })
            .collect();
        if found.is_empty() && !spans.is_empty() {
            elsewhere.push(message["rendered"].as_str().unwrap_or_default().to_owned());
        }
        bad.extend(found);
    }
    if bad.is_empty() && !elsewhere.is_empty() {
        panic!("errors outside of mutants:\n{}", elsewhere.join("\n"));
    }
    bad
}

fn programs(tree: &Path) -> Vec<Test> {
    let mut command = cargo(tree);
    command.args(["test", "--no-run", "--message-format=json", "--features", FEATURES, "--lib"]);
    TESTS.iter().chain([&LAST]).filter(|name| **name != "lib").for_each(|name| {
        command.args(["--test", name]);
    });
    command.env("CARGO_PROFILE_TEST_OPT_LEVEL", "2").env("CARGO_PROFILE_TEST_DEBUG", "0");
    let output = command.stderr(Stdio::inherit()).output().expect("cargo");
    assert!(output.status.success(), "the tests build");
    let mut tests = Vec::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Ok(value) = serde_json::from_str::<Value>(line) else { continue };
        let Some(program) = value["executable"].as_str() else { continue };
        if value["profile"]["test"] != true {
            continue;
        }
        let lib = value["target"]["kind"][0] == "lib";
        let name = if lib { "lib" } else { value["target"]["name"].as_str().unwrap_or_default() };
        let (time, seen) = (Duration::ZERO, BTreeSet::new());
        tests.push(Test { name: name.to_owned(), program: program.into(), only: None, time, seen });
    }
    tests
}

/// Programs that take longer are split: few mutants are reached by all of it.
const WHOLE: Duration = Duration::from_millis(500);

/// The unit tests of each module, or each test, as a program of its own.
fn parts(tree: &Path, whole: &Test) -> Vec<Test> {
    let output = Command::new(&whole.program).args(["--list", "--format", "terse"]).output().expect("a list of tests");
    let list = String::from_utf8(output.stdout).expect("names");
    let names = list.lines().filter_map(|line| line.strip_suffix(": test"));
    let names: BTreeSet<&str> = match whole.name == "lib" {
        true => names.filter_map(|name| name.rsplit_once("::").map(|(module, _)| module)).collect(),
        false => names.collect(),
    };
    let mut parts = Vec::new();
    for only in names {
        let mut part = Test {
            name: format!("{} {only}", whole.name),
            program: whole.program.clone(),
            only: Some(only.to_owned()),
            time: Duration::ZERO,
            seen: BTreeSet::new(),
        };
        baseline(tree, &mut part);
        parts.push(part);
    }
    parts
}

/// Runs a test program; `None` if it takes too long.
fn run(tree: &Path, test: &Test, mutant: usize, most: Duration) -> Option<bool> {
    let mut command = Command::new(&test.program);
    command.current_dir(tree).env("MUTANT", mutant.to_string()).env("MUTANTS_SEEN", seen(tree, test));
    command.env("PROPTEST_CASES", "16").env("PROPTEST_RNG_SEED", "1").env("PROPTEST_FAILURE_PERSISTENCE", "off");
    command
        .env("RUST_BACKTRACE", "0")
        .env("RUST_TEST_THREADS", "1")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .stdin(Stdio::null());
    // A mutant that takes all memory is caught before it harms this machine.
    let mut child = limited(command, test.only.as_deref()).spawn().expect("a test program");
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            return Some(status.success());
        }
        if start.elapsed() > most {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn limited(command: Command, only: Option<&str>) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -v 4000000; exec \"$0\" --quiet \"$@\""]).arg(command.get_program()).args(only);
    for (key, value) in command.get_envs() {
        if let Some(value) = value {
            shell.env(key, value);
        }
    }
    if let Some(folder) = command.get_current_dir() {
        shell.current_dir(folder);
    }
    shell.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null());
    shell
}

fn seen(tree: &Path, test: &Test) -> PathBuf {
    tree.join(format!("../seen-{}", test.name.replace([' ', ':'], "-")))
}

fn baseline(tree: &Path, test: &mut Test) {
    let path = seen(tree, test);
    let _ = fs::remove_file(&path);
    let most = Duration::from_secs(600);
    // Recording the mutants reached takes memory, which some tests measure.
    run(tree, test, usize::MAX, most);
    let start = Instant::now();
    assert_eq!(run(tree, test, 0, most), Some(true), "{} passes with no mutant alive", test.name);
    test.time = start.elapsed();
    let text = fs::read_to_string(path).unwrap_or_default();
    test.seen = text.lines().filter_map(|line| line.parse().ok()).collect();
}

/// Runs every wanted mutant, and prints those that no test detects. Returns whether each of these is explained.
fn judge(tree: &Path, mutants: &[Mutant], wanted: &[String], left_out: &BTreeSet<usize>, tests: &[Test]) -> bool {
    let is_wanted = |mutant: &&Mutant| wanted.is_empty() || wanted.contains(&mutant.file);
    let mutants: Vec<&Mutant> = mutants.iter().filter(is_wanted).collect();
    let (start, next) = (Instant::now(), AtomicUsize::new(0));
    let verdicts: Vec<OnceLock<Verdict>> = mutants.iter().map(|_| OnceLock::new()).collect();
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(mutant) = mutants.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let at = mutants.iter().position(|other| other.number == mutant.number).expect("its place");
                    let verdict = match left_out.contains(&mutant.number) {
                        true => Verdict::LeftOut,
                        false => verdict(tree, tests, mutant),
                    };
                    if verdict == Verdict::Lives {
                        println!("lives     {}", mutant.name);
                    }
                    let _ = verdicts[at].set(verdict);
                    if at % 100 == 99 {
                        println!("{} of {} after {} s", at + 1, mutants.len(), start.elapsed().as_secs());
                    }
                }
            });
        }
    });
    let all: Vec<_> = mutants.iter().zip(&verdicts).map(|(mutant, verdict)| (*mutant, verdict.get())).collect();
    let count = |wanted| all.iter().filter(|(_, verdict)| *verdict == Some(&wanted)).count();
    println!("{} caught, {} by a time-out", count(Verdict::Caught), count(Verdict::TimedOut));
    println!(
        "{} left out, {} live, in {} s",
        count(Verdict::LeftOut),
        count(Verdict::Lives),
        start.elapsed().as_secs()
    );
    let living = all.iter().filter(|(_, verdict)| *verdict == Some(&Verdict::Lives)).map(|(mutant, _)| *mutant);
    explained(&living.collect::<Vec<_>>(), wanted)
}

/// Why no test can detect some mutants: `FILE: CHANGE | WHY`, a line for each. The change may contain a `|`.
const EXPLAINED: &str = include_str!("../explained.txt");

/// Returns whether each of these mutants has its line, and each line its mutant.
fn explained(living: &[&Mutant], wanted: &[String]) -> bool {
    let lines = EXPLAINED.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut lines: Vec<&str> = lines.map(|line| line.rsplit_once(" | ").expect("a reason").0).collect();
    lines.retain(|line| wanted.is_empty() || wanted.iter().any(|file| line.starts_with(&format!("{file}: "))));
    let mut all = true;
    for mutant in living {
        match lines.iter().position(|line| *line == mutant.without_place()) {
            Some(at) => drop(lines.swap_remove(at)),
            None => {
                println!("not explained  {}", mutant.name);
                all = false;
            }
        }
    }
    for line in &lines {
        println!("explained, but noticed or not there  {line}");
    }
    all && lines.is_empty()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Caught,
    TimedOut,
    Lives,
    /// It does not compile, or has no place.
    LeftOut,
}

fn verdict(tree: &Path, tests: &[Test], mutant: &Mutant) -> Verdict {
    let module = mutant.file.trim_start_matches("src/").trim_end_matches(".rs").replace('/', "::") + "::tests";
    // The unit tests of its own file are the likeliest to detect it.
    let (own, others): (Vec<_>, Vec<_>) = tests.iter().partition(|test| test.only.as_ref() == Some(&module));
    let mut met: Vec<_> = own.into_iter().chain(others).filter(|test| test.seen.contains(&mutant.number)).collect();
    if met.iter().any(|test| !test.name.starts_with(LAST)) {
        met.retain(|test| !test.name.starts_with(LAST));
    }
    for test in met {
        match run(tree, test, mutant.number, test.time * 5 + Duration::from_secs(3)) {
            Some(true) => {}
            Some(false) => return Verdict::Caught,
            None => return Verdict::TimedOut,
        }
    }
    Verdict::Lives
}
