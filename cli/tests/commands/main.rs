//! Runs the command-line tool as a person or a script does.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod captures;
mod decode;
mod disturbed;
mod encode;
mod explain;
mod framings;
mod guess;
mod help;
mod live;
#[cfg(target_os = "linux")]
mod memory;
mod protocols;
mod reframe;
mod run;
mod sizes;
mod terminal;

use run::{fails, run};

#[test]
fn wrong_usage_and_bad_specs_have_an_exit_code_of_their_own() {
    let caret = "error: bad SPEC\n\n  u32be,mx=10\n        ^ expected an option of a length prefix";
    assert!(fails(&["decode", "u32be,mx=10"], "", 2, "mx=10").err.starts_with(caret));
    fails(&["explain", "fixed:0"], "", 2, "        ^ a fixed length must be at least 1 byte");
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
fn colours_are_for_terminals_or_on_request() {
    assert!(!run(&["decode", "line"], "a\0\n").out.contains("x1b"));
    let colours = run(&["decode", "line", "--color", "always"], "a\0\n").out;
    assert!(colours.contains("\\x1b[35m\\\\0\\x1b[0m"), "{colours}");
    assert!(fails(&["decode", "u8", "--color", "always"], "\x05", 1, "ended").err.starts_with("\\x1b[1m"));
}
