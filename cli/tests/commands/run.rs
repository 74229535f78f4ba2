//! Runs the tool, and checks what it prints.

use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::thread;

/// The result of a run, as text. Output that is not UTF-8 has escapes, except for the ends of lines.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn start(arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anysplit"));
    let pipes = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    pipes.spawn().unwrap()
}

pub(crate) fn run(arguments: &[&str], input: impl AsRef<[u8]>) -> Run {
    let mut child = start(arguments);
    let mut stdin = child.stdin.take().unwrap();
    let input = input.as_ref().to_vec();
    // The tool may stop reading before the end.
    let writer = thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = |bytes: Vec<u8>| match String::from_utf8(bytes) {
        Ok(text) if text.chars().all(|c| c == '\n' || !c.is_control()) => text,
        Ok(text) => text.as_bytes().escape_ascii().to_string().replace("\\n", "\n"),
        Err(error) => error.as_bytes().escape_ascii().to_string().replace("\\n", "\n"),
    };
    Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// Checks that the run succeeds, prints this and writes nothing to stderr.
#[track_caller]
pub(crate) fn gives(arguments: &[&str], input: impl AsRef<[u8]>, out: &str) {
    let run = run(arguments, input);
    assert_eq!(run.err, "");
    assert_eq!((run.out.as_str(), run.code), (out, Some(0)));
}

/// Checks that the run fails with this exit code, and these words on stderr.
#[track_caller]
pub(crate) fn fails(arguments: &[&str], input: impl AsRef<[u8]>, code: i32, words: &str) -> Run {
    let run = run(arguments, input);
    assert!(run.err.contains(words), "{}", run.err);
    assert_eq!(run.code, Some(code));
    run
}

/// Sends `part` `count` times. Returns the peak memory of the tool in KiB by then, and what it wrote, counted.
#[cfg(target_os = "linux")]
pub(crate) fn peak_memory(arguments: &[&str], part: &[u8], count: usize) -> (u64, u64) {
    let mut child = start(arguments);
    let mut stdout = child.stdout.take().unwrap();
    let reader = thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()).unwrap());
    let mut stdin = child.stdin.take().unwrap();
    for _ in 0..count {
        stdin.write_all(part).unwrap();
    }
    let peak = peak_so_far(&child);
    drop(stdin);
    assert!(child.wait().unwrap().success());
    (peak, reader.join().unwrap())
}

/// The peak memory of a running tool in KiB.
#[cfg(target_os = "linux")]
pub(crate) fn peak_so_far(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
