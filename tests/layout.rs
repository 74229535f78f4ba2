//! The layout of the sources: no circles, no long files, no retired names, and imports that go down.

// Miri reads no files.
#![cfg(not(miri))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "layout/code.rs"]
mod code;
#[path = "layout/graph.rs"]
mod graph;

use std::fs;
use std::path::Path;

use code::{Token, test_items, tokens};
use graph::{Arrows, Graph, Sources, between_rooms, circles, is_test_file};

/// A file has at most this many lines, without its tests.
const MOST_LINES: usize = 600;

/// Longer tests of a module stand in a file beside it.
const MOST_TEST_LINES: usize = 150;

/// Names that were replaced.
const RETIRED: [&str; 18] = [
    "Refusal",
    "Fault",
    "FaultKind",
    "Cut",
    "EndError",
    "AtEnd",
    "Outbox",
    "FrameBytes",
    "FramesIn",
    "Amendment",
    "amendment",
    "Mark",
    "Rest",
    "Doing",
    "Why",
    "head",
    "tail",
    "front",
];

/// From top to bottom. `lib` reexports everything, so an import from it is an import from the top.
const LAYERS: [&[&str]; 4] = [
    &[
        "cli",
        "lib",
        "testing",
        "spec",
        "protocols",
        "adapt",
        "answers",
        "join",
        "http1",
        "rtmp",
        "guide",
        "choosing",
        "stuffing",
    ],
    WINGS,
    &["contract"],
    &["number", "order", "scan", "short", "literal", "sum", "error"],
];

/// These do not import from each other.
const WINGS: &[&str] = &["framing", "decode", "encoder"];

/// The root of the repository.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Loads the sources in these folders, those that are there.
fn sources_in(folders: &[&str]) -> Sources {
    fn read(folder: &Path, name: &str, sources: &mut Sources) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{name}/{}", path.file_name().unwrap().to_str().unwrap());
            if path.is_dir() {
                // What Cargo has built for a package inside.
                if !name.ends_with("/target") {
                    read(&path, &name, sources);
                }
            } else if name.ends_with(".rs") {
                sources.insert(name, fs::read_to_string(&path).unwrap().replace('\r', ""));
            }
        }
    }
    let root = Path::new(ROOT);
    let mut sources = Sources::new();
    for folder in folders.iter().filter(|folder| root.join(folder).exists()) {
        read(&root.join(folder), folder, &mut sources);
    }
    sources
}

/// Loads the files of the library and of the tool.
fn sources() -> Sources {
    sources_in(&["src", "cli/src"])
}

/// Loads sources that are made up.
fn made_up(files: &[(&str, &str)]) -> Sources {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

fn arrows(sources: &Sources) -> Arrows {
    Graph::of(sources).arrows()
}

/// Fails with a list of all faults, one a line.
#[track_caller]
fn none(what: &str, wrong: &[String]) {
    assert!(wrong.is_empty(), "{what}:\n  {}", wrong.join("\n  "));
}

/// Returns the lines of each test module.
fn test_modules(source: &str) -> Vec<usize> {
    let tokens = tokens(source);
    let of_tests = test_items(&tokens).into_iter().filter_map(|item| {
        let is_module = tokens[item.clone()].windows(3).any(|three| three[0].is("mod") && three[2].is("{"));
        let (first, last) = (tokens[item.start].line, tokens[item.end - 1].line);
        is_module.then_some(last - first + 1)
    });
    of_tests.collect()
}

/// Counts the lines outside test modules.
fn lines(source: &str) -> usize {
    source.lines().count() - test_modules(source).into_iter().sum::<usize>()
}

fn long_files(sources: &Sources) -> Vec<String> {
    let test_files = Graph::of(sources).test_files;
    let files = sources.iter().filter(|(path, _)| !is_test_file(path) && !test_files.contains(*path));
    let lens = files.map(|(path, source)| (path, lines(source)));
    lens.filter(|(_, len)| *len > MOST_LINES).map(|(path, len)| format!("{path} has {len} lines")).collect()
}

fn long_test_modules(sources: &Sources) -> Vec<String> {
    let modules =
        sources.iter().flat_map(|(path, source)| test_modules(source).into_iter().map(move |len| (path, len)));
    modules.filter(|(_, len)| *len > MOST_TEST_LINES).map(|(path, len)| format!("{path} has {len} of tests")).collect()
}

fn retired_names(sources: &Sources) -> Vec<String> {
    let mut found = Vec::new();
    for (path, source) in sources {
        let tokens = tokens(source);
        for (at, token) in tokens.iter().enumerate() {
            let before = at.checked_sub(1).map(|before| &tokens[before]);
            let comes_after = |text: &str| before.is_some_and(|before| before.is(text));
            let is_call = comes_after(".") && tokens.get(at + 1).is_some_and(|after| after.is("("));
            let retired = match token.text.as_str() {
                // A method of `VecDeque`.
                "front" => !is_call,
                // A variant may have that name.
                "Oversize" => comes_after("enum"),
                name => RETIRED.contains(&name),
            };
            if retired {
                found.push(format!("{path}:{} {}", token.line, token.text));
            }
        }
    }
    found
}

/// Returns the module right below the crate's root that contains a file.
fn top_module(path: &str) -> &str {
    let path = path.strip_prefix("src/").unwrap_or(path);
    path.split('/').next().unwrap_or(path).trim_end_matches(".rs")
}

fn layer(path: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&top_module(path)))
}

/// Returns imports that do not go down, and files that have no layer.
fn misplaced(sources: &Sources) -> Vec<String> {
    let graph = Graph::of(sources);
    let homeless = graph.files.iter().filter(|path| layer(path).is_none());
    let mut wrong: Vec<_> = homeless.map(|path| format!("{path} has no layer")).collect();
    for (from, targets) in graph.arrows() {
        for (target, line) in targets {
            let (Some(above), Some(below)) = (layer(&from), layer(&target)) else { continue };
            if below < above {
                wrong.push(format!("{from}:{line} imports up, from {target}"));
            } else if WINGS.contains(&top_module(&from))
                && WINGS.contains(&top_module(&target))
                && top_module(&from) != top_module(&target)
            {
                wrong.push(format!("{from}:{line} imports from another wing, {target}"));
            }
        }
    }
    wrong
}

#[test]
fn sources_of_the_crate_have_no_import_circle() {
    none("imports in a circle", &circles(&between_rooms(&arrows(&sources()))));
}

#[test]
fn sources_of_the_crate_have_at_most_600_lines() {
    none("files that are too long", &long_files(&sources()));
}

#[test]
fn tests_fuzz_targets_and_benches_have_at_most_600_lines() {
    let sources = sources_in(&["tests", "fuzz", "benches", "examples", "cli/tests"]);
    let lens = sources.iter().map(|(path, source)| (path, source.lines().count()));
    let long = lens.filter(|(_, len)| *len > MOST_LINES).map(|(path, len)| format!("{path} has {len} lines"));
    none("files that are too long", &long.collect::<Vec<_>>());
}

/// Cargo finds no test programs by itself in this folder: one that no `Cargo.toml` lists would never run.
#[test]
fn every_test_program_is_listed() {
    let manifest = |name: &str| fs::read_to_string(Path::new(ROOT).join(name)).unwrap();
    let (library, tests) = (manifest("Cargo.toml"), manifest("tests/Cargo.toml"));
    let sources = sources_in(&["tests"]);
    let is_program = |path: &str| !path.contains('/') || (path.ends_with("/main.rs") && !path.contains("/src/"));
    let programs: Vec<_> =
        sources.keys().filter_map(|path| path.strip_prefix("tests/")).filter(|path| is_program(path)).collect();
    assert!(programs.len() > 40, "{} programs", programs.len());
    let is_listed = |path: &str| {
        tests.contains(&format!("path = \"{path}\"")) || library.contains(&format!("path = \"tests/{path}\""))
    };
    let forgotten = programs.into_iter().filter(|path| !is_listed(path)).map(str::to_owned);
    none("test programs that no Cargo.toml lists", &forgotten.collect::<Vec<_>>());
}

#[test]
fn long_unit_tests_stand_in_a_file_of_their_own() {
    none("modules with long tests inside", &long_test_modules(&sources()));
}

#[test]
fn sources_of_the_crate_have_no_retired_name() {
    none("names that are retired", &retired_names(&sources()));
}

#[test]
fn sources_of_the_crate_import_down_only() {
    none("imports that do not go down", &misplaced(&sources()));
}

#[test]
fn sources_of_the_crate_are_all_in_the_graph() {
    let sources = sources();
    let Graph { files, test_files, .. } = Graph::of(&sources);
    let missing: Vec<_> =
        sources.into_keys().filter(|path| !files.contains(path) && !test_files.contains(path)).collect();
    none("files that no module declares", &missing);
}

#[test]
fn circle_of_two_files_is_found() {
    let sources = made_up(&[
        ("src/lib.rs", "mod a;\nmod b;"),
        ("src/a.rs", "use crate::b::{\n    B,\n};"),
        ("src/b.rs", "fn b(_: super::a::A) {}"),
    ]);
    assert_eq!(circles(&arrows(&sources)), ["src/a.rs:2 → src/b.rs:1 → src/a.rs"]);
}

#[test]
fn circle_inside_a_room_is_no_circle_between_rooms() {
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let sources = |other: &str| {
        Sources::from_iter([
            file("src/lib.rs", "mod decode; mod number;"),
            file("src/decode.rs", "pub mod a; pub mod b;"),
            file("src/decode/a.rs", "use crate::decode::b::B; pub struct A(B);"),
            file("src/decode/b.rs", other),
            file("src/number.rs", "pub mod x; pub fn n() { x::x(); }"),
            file("src/number/x.rs", "use crate::number::n; pub fn x() { n(); }"),
        ])
    };
    none("a circle of a file and its own folder", &circles(&between_rooms(&arrows(&sources("pub struct B;")))));
    let circle = sources("use crate::decode::a::A; pub struct B(A);");
    assert_eq!(circles(&between_rooms(&arrows(&circle))).len(), 1);
}

#[test]
fn circle_of_three_files_is_found_once() {
    let sources = made_up(&[
        ("src/lib.rs", "mod a; mod b; mod c;"),
        ("src/a.rs", "use crate::b::B;"),
        ("src/b.rs", "use crate::{c::C as D};"),
        ("src/c.rs", "macro_rules! c { () => { $crate::a::A } }"),
    ]);
    assert_eq!(circles(&arrows(&sources)), ["src/a.rs:1 → src/b.rs:1 → src/c.rs:1 → src/a.rs"]);
}

#[test]
fn circle_through_reexports_is_found() {
    let sources = made_up(&[
        ("src/lib.rs", "mod a; mod b;\npub use a::x::X;"),
        ("src/a.rs", "pub(crate) mod x;"),
        ("src/a/x.rs", "use crate::b::*;"),
        ("src/b.rs", "use crate::X;"),
    ]);
    assert_eq!(circles(&arrows(&sources)), ["src/a/x.rs:1 → src/b.rs:1 → src/a/x.rs"]);
}

#[test]
fn circle_through_an_imported_module_is_found() {
    let sources = made_up(&[
        ("src/lib.rs", "mod a; mod b;"),
        ("src/a.rs", "pub(crate) mod x;"),
        ("src/a/x.rs", "use crate::b::B;"),
        ("src/b.rs", "use crate::a;\nfn b() { a::x::x() }"),
    ]);
    assert_eq!(circles(&arrows(&sources)), ["src/a/x.rs:1 → src/b.rs:2 → src/a/x.rs"]);
}

#[test]
fn circle_of_a_parent_that_calls_its_child_is_found() {
    let sources = made_up(&[
        ("src/lib.rs", "mod a;"),
        ("src/a.rs", "mod x;\nfn a() { x::x() }"),
        ("src/a/x.rs", "use super::A;"),
    ]);
    assert_eq!(circles(&arrows(&sources)), ["src/a.rs:2 → src/a/x.rs:1 → src/a.rs"]);
}

#[test]
fn circle_of_a_reexport_that_is_used_is_found() {
    let parent = |used: &str| {
        made_up(&[
            ("src/lib.rs", "mod a;"),
            ("src/a.rs", &format!("mod x;\npub(crate) use x::X;\nstruct A({used});")),
            ("src/a/x.rs", "use super::A;"),
        ])
    };
    assert_eq!(circles(&arrows(&parent("X"))), ["src/a.rs:2 → src/a/x.rs:1 → src/a.rs"]);
    none("a parent that only hands on", &circles(&arrows(&parent("u8"))));
}

#[test]
fn circle_in_test_code_is_ignored() {
    let sources = made_up(&[
        ("src/lib.rs", "mod a; mod b;"),
        (
            "src/a.rs",
            "#[cfg(all(test, feature = \"x\"))] mod tests;\n#[cfg(test)] mod inline { use crate::b::B; }\n\
             #[cfg(test)] use crate::{b::B};",
        ),
        ("src/a/tests.rs", "use crate::b::B;"),
        ("src/b.rs", "use crate::a::A;"),
    ]);
    none("a circle of test code", &circles(&arrows(&sources)));
    let sources = made_up(&[
        ("src/lib.rs", "mod a; mod b;"),
        ("src/a.rs", "#[cfg(any(test, feature = \"x\"))]\nuse crate::b::B;"),
        ("src/b.rs", "use crate::a::A;"),
    ]);
    assert_eq!(circles(&arrows(&sources)).len(), 1);
}

#[test]
fn file_of_601_lines_is_found() {
    let text = |count: usize| "// x\n".repeat(count);
    let file = |text: String| made_up(&[("src/lib.rs", "mod a;"), ("src/a.rs", &text)]);
    none("600 lines", &long_files(&file(text(600))));
    assert_eq!(long_files(&file(text(601))), ["src/a.rs has 601 lines"]);
    let tests = "#[cfg(all(test, feature = \"x\"))]\nmod tests {\n}\n";
    none("600 lines and tests", &long_files(&file(text(600) + tests)));
    assert_eq!(long_files(&file(text(600) + tests + "fn a() {}\n")), ["src/a.rs has 601 lines"]);
    assert_eq!(long_files(&file(text(600) + "mod tests {\n}\n")), ["src/a.rs has 602 lines"]);
}

#[test]
fn test_module_of_151_lines_is_found() {
    let file = |count: usize| {
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "    // x\n".repeat(count - 3));
        made_up(&[("src/lib.rs", "mod a;"), ("src/a.rs", &tests)])
    };
    none("150 lines", &long_test_modules(&file(150)));
    assert_eq!(long_test_modules(&file(151)), ["src/a.rs has 151 of tests"]);
}

#[test]
fn retired_name_in_code_is_found() {
    let wrong = [
        ("struct Refusal;", "Refusal"),
        ("let\nhead = 1;", "head"),
        ("self.front = 1;", "front"),
        ("front(x)", "front"),
        ("fn f() -> Cut<'a> {}", "Cut"),
        ("pub enum Oversize { A }", "Oversize"),
        ("#[cfg(test)] mod tests { fn amendment() {} }", "amendment"),
    ];
    for (code, name) in wrong {
        let found = retired_names(&made_up(&[("src/a.rs", code)]));
        assert_eq!(found.len(), 1, "{code}: {found:?}");
        assert!(found[0].ends_with(name), "{code}: {found:?}");
    }
}

#[test]
fn retired_name_in_prose_is_ignored() {
    let text = "// head\n/* tail /* Cut */ Mark */ /// Why\n let a = (\"front\", 'x', r#\"Rest \" Rest\"#, b\"Fault\");\n\
                fn f<'head>(header: &'head u8) { queue.front(); queue.pop_front(); E::Oversize }";
    none("prose", &retired_names(&made_up(&[("src/a.rs", text)])));
}

#[test]
fn import_that_goes_up_is_found() {
    let sources = made_up(&[
        ("src/lib.rs", "mod contract; mod error; mod framing;\npub use framing::Prefix;"),
        ("src/contract.rs", "use crate::error::E;\nuse crate::Prefix;"),
        ("src/error.rs", "use crate::lost::Lost;"),
        ("src/framing.rs", "use crate::contract::Framing;"),
    ]);
    assert_eq!(
        misplaced(&sources),
        ["src/contract.rs:2 imports up, from src/framing.rs", "src/error.rs:1 imports up, from src/lib.rs"]
    );
}

#[test]
fn import_from_another_wing_is_found() {
    let sources = made_up(&[
        ("src/lib.rs", "mod decode; mod encoder; mod framing;"),
        ("src/decode.rs", "mod x; mod y;"),
        ("src/decode/x.rs", "use super::y::Y;\nuse crate::framing::Prefix;"),
        ("src/decode/y.rs", ""),
        ("src/encoder.rs", ""),
        ("src/framing.rs", "use crate::encoder::Encoder;"),
    ]);
    assert_eq!(
        misplaced(&sources),
        [
            "src/decode/x.rs:2 imports from another wing, src/framing.rs",
            "src/framing.rs:1 imports from another wing, src/encoder.rs"
        ]
    );
}

#[test]
fn file_without_a_layer_is_found() {
    let sources = made_up(&[("src/lib.rs", "mod new;"), ("src/new.rs", "")]);
    assert_eq!(misplaced(&sources), ["src/new.rs has no layer"]);
}

#[test]
fn tool_that_imports_from_the_library_is_followed() {
    let sources = made_up(&[
        ("src/lib.rs", "mod a;\npub use a::A;"),
        ("src/a.rs", ""),
        ("cli/src/main.rs", "mod x;\nfn main() { x::run() }"),
        ("cli/src/x.rs", "use anysplit::A;\nuse crate::Y;"),
    ]);
    assert_eq!(arrows(&sources)["cli/src/x.rs"].keys().collect::<Vec<_>>(), ["cli/src/main.rs", "src/a.rs"]);
    assert_eq!(circles(&arrows(&sources)), ["cli/src/main.rs:2 → cli/src/x.rs:2 → cli/src/main.rs"]);
}

#[test]
fn comments_and_literals_when_stripped_leave_the_code() {
    let source = "a // b\n/* c\n/* d */ e */ f \"g \\\" h\" 'i' '\\'' b'j' r##\"k\"# l\"## 'm n<'o> xr \"p\" br\"\\\"";
    let words = |tokens: Vec<Token>| tokens.into_iter().filter(Token::is_word).map(|token| (token.text, token.line));
    let expected = [("a", 1), ("f", 3), ("n", 3), ("xr", 3)].map(|(text, line)| (text.to_owned(), line));
    assert_eq!(words(tokens(source)).collect::<Vec<_>>(), expected);
}
