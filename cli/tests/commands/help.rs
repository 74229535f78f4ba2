//! The help of every command, the manual of SPECs, and what errors of a SPEC suggest.

use std::process::Command;

use crate::run::{fails, gives, run};

fn commands() -> Vec<String> {
    let help = run(&["--help"], "").out;
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap().to_owned();
    list.lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .collect()
}

#[test]
fn every_help_fits_a_screen() {
    let mut screens = vec![vec!["--help".to_owned()]];
    screens.extend(commands().into_iter().map(|command| vec![command, "--help".to_owned()]));
    assert!(screens.len() > 7, "{screens:?}");
    for screen in screens {
        let arguments: Vec<_> = screen.iter().map(String::as_str).collect();
        let help = run(&arguments, "").out;
        // The prompt takes the last line.
        assert!(help.lines().count() < 40, "{screen:?} has {} lines:\n{help}", help.lines().count());
        assert!(help.lines().all(|line| line.chars().count() <= 80), "{screen:?}:\n{help}");
    }
}

#[test]
fn short_help_fits_a_narrow_screen_and_names_the_long_one() {
    for command in commands().iter().map(String::as_str).chain([""]) {
        let mut tool = Command::new(env!("CARGO_BIN_EXE_anysplit"));
        tool.args([command, "-h"].iter().filter(|argument| !argument.is_empty())).env("COLUMNS", "60");
        let help = String::from_utf8(tool.output().unwrap().stdout).unwrap();
        assert!(help.lines().count() < 40, "{command} has {} lines:\n{help}", help.lines().count());
        assert!(help.lines().all(|line| line.chars().count() <= 60), "{command}:\n{help}");
        assert!(help.contains("--help`"), "{command}:\n{help}");
    }
    let short = run(&["decode", "-h"], "").out;
    assert!(short.contains("--stream") && !short.contains("--separator"), "{short}");
    assert!(run(&["decode", "--help"], "").out.contains("--separator"));
}

#[test]
fn manual_has_a_drawing_for_each_word() {
    let manual = run(&["help", "spec"], "").out;
    assert!(manual.starts_with("A SPEC is a framing in one line of text"), "{manual}");
    assert!(manual.matches("\n  offset ").count() > 120, "{}", manual.matches("\n  offset ").count());
    let word = "OPTIONS of field

field:offset=0,size=1,unit=4,pad=4
  the message's own header holds its length
  offset        the number begins at byte 0 of the message
  size          the number has 1 byte
  unit          the number counts units of 4 bytes
  pad           payloads are padded to a multiple of 4 bytes

  offset  0  1  2  3  4  5  6  7  8
  wire   02 68 65 6c 6c 6f 00 00 00
";
    let shown = run(&["help", "spec", "unit"], "").out;
    assert!(shown.starts_with(word), "{shown}");
    fails(&["help", "spec", "unti"], "", 2, "did you mean unit or until");
    assert_eq!(run(&["help", "decode"], ""), run(&["decode", "--help"], ""));
    fails(&["help", "decdoe"], "", 2, "did you mean decode");
}

#[test]
fn errors_of_a_spec_suggest_what_was_meant() {
    for (spec, hint) in [
        ("redis", "Did you mean `@redis`?"),
        ("redis,max=1M", "Did you mean `@redis,max=1M`?"),
        ("crlf", "`crlf` is an option of a framing, as in `line,crlf`."),
        ("@snmpp", "Did you mean `@smpp`, `@snmp` or `@smtp`?"),
        ("lin", "  lin\n  ^ expected a framing\n\nDid you mean `line`"),
        ("@nothing-like-it", "`anysplit protocols` lists the names."),
        ("u32be,max=64MB", "Did you mean `u32be,max=64M`?"),
        ("u32be,max=64MiB", "Did you mean `u32be,max=64M`?"),
        ("u32be,max=1m,self", "Did you mean `u32be,max=1M,self`?"),
        ("netsring", "Did you mean `netstring`?"),
        ("u16", "Did you mean `u16be` or `u16le`?"),
        ("u16_be", "Did you mean `u16be`?"),
        ("U32BE", "Did you mean `u32be`?"),
        ("U32BE,max=1k", "Did you mean `u32be,max=1k`?"),
        ("Prefix::u32_be()", "Did you mean `u32be`?"),
        ("Delimited::line()", "Did you mean `line`?"),
        ("u32be, max=1k", "Did you mean `u32be,max=1k`?"),
        ("u32be , max=1k", "Did you mean `u32be,max=1k`?"),
        ("line  then  u8", "Did you mean `line then u8`?"),
        ("anysplit::Prefix::u16_le", "Did you mean `u16le`?"),
        ("u32be max=1k", "Did you mean `u32be,max=1k`?"),
        ("@redis-messages", "Did you mean `@redis`?"),
        ("cobs,crc16,max=9", "Did you mean `cobs,sum=CRC-16/MODBUS,max=9`, `cobs,sum=CRC-16/XMODEM,max=9` or `"),
        ("(u8),sum=crc-32", "Did you mean `(u8),sum=CRC-32/ISO-HDLC`?"),
        ("line,clrf", "Did you mean `line,crlf`?"),
        ("field:ofset=2,size=2", "Did you mean `field:offset=2,size=2`?"),
        ("LengthField", "Did you mean `field:offset=2,size=2`?"),
        ("xyzzyxyzzy", "`anysplit help spec` lists the framings"),
    ] {
        fails(&["decode", spec], "", 2, hint);
    }
    // A word of the explanation is no suggestion.
    assert!(!fails(&["decode", "line,lf"], "", 2, "expected an option of lines").err.contains("Did you mean"));
    fails(
        &["decode", "capture.bin", "u16be,max=4k"],
        "",
        2,
        "The SPEC comes before the file: u16be,max=4k capture.bin",
    );
}

#[test]
fn names_of_the_library_and_of_protocols_are_understood() {
    gives(&["encode", "leb128"], "hi\n", "\\x02hi");
    assert_eq!(run(&["protocols", "@redis"], ""), run(&["protocols", "redis"], ""));
    assert!(run(&["protocols", "@redis"], "").out.contains("@redis "));
}

#[test]
fn limits_are_those_of_the_number() {
    for (spec, limit) in [
        ("field:offset=1,size=1", "payloads of 255 bytes"),
        ("field:offset=2,size=2,adjust=-4", "payloads of 65531 bytes"),
        ("field:offset=2,size=2,after=2,unit=4,pad=4", "payloads of 262140 bytes"),
        ("(field:offset=1,size=1),must=0:a", "payloads of 255 bytes"),
        ("u64be,max=none", "limit     none"),
        ("u32be,max=none", "no limit except that of the number"),
    ] {
        let explained = run(&["explain", spec], "").out;
        assert!(explained.contains(limit), "{explained}");
    }
}

#[test]
fn drawings_with_the_same_parts_are_folded() {
    let explained = run(&["explain", "type:A=u8,B=u8,C=u8"], "").out;
    assert_eq!(explained.matches("\n  wire ").count(), 1, "{explained}");
    assert!(explained.contains("  2 more kinds of frames have the same parts\n"), "{explained}");
}

#[test]
fn completions_and_manual_page_know_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = run(&["completions", shell], "").out;
        assert!(commands().iter().all(|command| script.contains(command.as_str())), "{shell}");
        assert!(script.contains("skip-oversize"), "{shell}");
    }
    let page = run(&["man"], "").out;
    assert!(
        page.contains(".TH anysplit 1") && commands().iter().all(|command| page.contains(command.as_str())),
        "{page}"
    );
    assert!(
        page.contains(
            "\n.SH NAME\nanysplit \\- Splits byte streams into messages and joins messages into byte streams\n.SH"
        ),
        "{page}"
    );
    assert!(page.contains("\n.SH DESCRIPTION\nA SPEC describes a framing in one line"), "{page}");
    let page = run(&["man", "decode"], "").out;
    assert!(page.contains(".TH anysplit-decode 1") && page.contains("skip\\-oversize"), "{page}");
    fails(&["man", "nothing"], "", 2, "there is no command");
}
