//! The command-line tool: messages in a byte stream, at a terminal or in a pipe.
//!
//! One module for each subcommand, or a folder for several. `flow` decodes one direction and passes what it finds to a `Sink`.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use failure::Failure;
use output::end_lines_on_interrupt;

mod asked;
mod capture;
mod completions;
mod decode;
mod encode;
mod escape;
mod explain;
mod failure;
mod fault;
mod flow;
mod formats;
mod guess;
mod help;
mod hex;
mod input;
mod join;
mod lane;
mod live;
mod looks;
mod output;
mod policy;
mod protocols;
mod reframe;
mod serial;
mod sink;
mod sizes;
mod spec;
mod stream;
mod style;
mod transcode;
mod vocabulary;

/// `--help` shows all of it, and `-h` its first line.
const ABOUT: &str = "\
Splits byte streams into messages and joins messages into byte streams

A SPEC describes a framing in one line of text:

  u16be  u32le,max=64M  varint  ascii:5   a length before it
  line,crlf  delim:;|\\0  fixed:512        a delimiter after it, or none
  field:offset=2,size=2                   a length inside its header
  slip  cobs  (u8),sum=CRC-16/XMODEM      for serial lines
  @dns  @postgres  @http2,max=1M          the framing of a protocol

`anysplit help spec` is the manual, and `anysplit explain SPEC` draws one.";

#[derive(Parser)]
#[command(name = "anysplit", version, about = ABOUT, long_about = None, max_term_width = 80, disable_help_subcommand = true, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Colours: auto, always or never
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true,
        display_order = 900,
        hide_default_value = true
    )]
    color: style::When,
}

const EXAMPLES: &str = "\
Examples:
  printf 'one\\ntwo\\n' | anysplit encode netstring
  anysplit guess capture.bin

Exit code: 0 success, 1 bad stream or message, 2 wrong usage, 130 interrupt";

#[derive(Subcommand)]
enum Command {
    Decode(decode::Arguments),
    Encode(encode::Arguments),
    Reframe(reframe::Arguments),
    Connect(live::connect::Arguments),
    Listen(live::listen::Arguments),
    Proxy(live::proxy::Arguments),
    Guess(guess::Arguments),
    Explain(explain::Arguments),
    Protocols(protocols::Arguments),
    Sizes(sizes::Arguments),
    Help(help::Arguments),
    Completions(completions::Arguments),
    Man(completions::Page),
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let color = arguments.color;
    end_lines_on_interrupt();
    let result = match arguments.command {
        Command::Decode(arguments) => decode::run(&arguments, color),
        Command::Encode(arguments) => encode::run(&arguments, color),
        Command::Reframe(arguments) => reframe::run(&arguments, color),
        Command::Connect(arguments) => live::connect::run(&arguments, color),
        Command::Listen(arguments) => live::listen::run(&arguments, color),
        Command::Proxy(arguments) => live::proxy::run(&arguments, color),
        Command::Guess(arguments) => guess::run(&arguments, color),
        Command::Explain(arguments) => explain::run(&arguments, color),
        Command::Protocols(arguments) => protocols::run(&arguments, color),
        Command::Completions(arguments) => completions::run(&arguments, Arguments::command()),
        Command::Man(arguments) => completions::page(&arguments, Arguments::command()),
        Command::Help(arguments) => help::run(&arguments, Arguments::command(), color),
        Command::Sizes(arguments) => sizes::run(&arguments, color),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(color).into(),
    }
}

/// Prints help that was asked for, or what is wrong with the arguments.
fn usage(error: &clap::Error) -> ExitCode {
    let arguments: Vec<_> =
        std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect();
    if error.kind() == clap::error::ErrorKind::DisplayHelp && arguments.iter().any(|argument| argument == "-h") {
        let command = Arguments::command();
        let name = arguments.iter().find(|argument| command.find_subcommand(argument).is_some());
        let text = help::short(command.clone(), name.map(String::as_str));
        return ended(output::print(text), 0);
    }
    // The message repeats arguments, and a terminal must not act on them.
    let is_wild = |argument: &String| argument.chars().any(escape::is_wild);
    let printed = match error.use_stderr() && arguments.iter().any(is_wild) {
        true => {
            let lines: Vec<_> = error.render().to_string().lines().map(escape::tame).collect();
            failure::write_all(&(lines.join("\n") + "\n"))
        }
        false => error.print(),
    };
    ended(printed.map_err(Failure::from), if error.use_stderr() { 2 } else { 0 })
}

fn ended(printed: Result<(), Failure>, code: u8) -> ExitCode {
    match printed {
        // Whoever closes stderr wants no message.
        Ok(()) | Err(Failure::Gone) => ExitCode::from(code),
        Err(failure) => failure.report(style::When::Auto).into(),
    }
}
