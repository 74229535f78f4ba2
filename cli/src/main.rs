//! The command-line tool: messages in a byte stream, at a terminal or in a pipe.
//!
//! One module for each subcommand, or a folder for several. `flow` decodes one direction and passes what it finds to a `Sink`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Failure;
use output::end_lines_on_interrupt;

mod capture;
mod decode;
mod encode;
mod escape;
mod explain;
mod failure;
mod fault;
mod flow;
mod formats;
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

/// Splits byte streams into messages and joins messages into byte streams
///
/// A SPEC says in one line of text what goes around a message on the wire (a shell wants some of them quoted):
///
///   u16be  u32le,max=64M  varint  ascii:5  hex:4        a length ahead of the message
///   netstring  pkt-line                                 the same, with rules of its own
///   line  line,crlf  delim:\0  delim:;,start=$           a delimiter after it
///   fixed:512                                           messages of one length
///   field:offset=2,size=2,adjust=-4                     a length inside the message's header
///   header:Content-Length  block:VALUE:3  chunked       lines of text that say how many bytes follow
///   type:P=8,Q=(u16be,max=100)  first:0-9=u8,<=line     the first byte tells
///   close                                               one message, until the end
///   slip  cobs  cobs,max=4k                             stuffed bytes, for serial lines
///   u16be,start=\xaa  (chunked),start=$                 bytes before every frame of another SPEC
///   line then u16be                                     one message in the first, the others in the second
///   @dns  @postgres  @http2,max=1M                      a protocol's own: see `anysplit protocols`
///
/// `anysplit explain SPEC` draws what it means.
#[derive(Parser)]
#[command(name = "anysplit", version, verbatim_doc_comment, max_term_width = 100, after_help = EXAMPLES)]
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
        display_order = 900
    )]
    color: style::When,
}

const EXAMPLES: &str = "\
Examples:
  git upload-pack --advertise-refs . | anysplit decode pkt-line
  printf 'one\\ntwo\\n' | anysplit encode netstring
  anysplit reframe u32be 'delim:\\0' capture.bin | xargs -0 -n1 echo
  anysplit decode --format json line,crlf session.log
  anysplit explain field:offset=4,size=2,after=2,padlen=6
  anysplit decode @tls capture.bin
  anysplit decode --skip 24 'field:offset=8,size=4,order=le,after=4' capture.pcap
  find . -type f -printf '%s\\n' | anysplit sizes --lengths

Exit codes:
  0  all is well
  1  the stream or a message is bad, and stderr says where
  2  wrong usage, a bad SPEC, or a file that cannot be read or written
  130  interrupted";

#[derive(Subcommand)]
enum Command {
    Decode(decode::Arguments),
    Encode(encode::Arguments),
    Reframe(reframe::Arguments),
    Connect(live::connect::Arguments),
    Listen(live::listen::Arguments),
    Proxy(live::proxy::Arguments),
    Explain(explain::Arguments),
    Protocols(protocols::Arguments),
    Sizes(sizes::Arguments),
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
        Command::Explain(arguments) => explain::run(&arguments, color),
        Command::Protocols(arguments) => protocols::run(&arguments, color),
        Command::Sizes(arguments) => sizes::run(&arguments, color),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(color).into(),
    }
}

/// Prints help that was asked for, or what is wrong with the arguments.
fn usage(error: &clap::Error) -> ExitCode {
    // The message repeats arguments, and a terminal must not act on them.
    let is_wild = |argument: std::ffi::OsString| argument.to_string_lossy().chars().any(escape::is_wild);
    let printed = match error.use_stderr() && std::env::args_os().any(is_wild) {
        true => {
            let lines: Vec<_> = error.render().to_string().lines().map(escape::tame).collect();
            failure::write_all(&(lines.join("\n") + "\n"))
        }
        false => error.print(),
    };
    match printed.map_err(Failure::from) {
        // Whoever closes stderr wants no message.
        Ok(()) | Err(Failure::Gone) => ExitCode::from(if error.use_stderr() { 2 } else { 0 }),
        Err(failure) => failure.report(style::When::Auto).into(),
    }
}
