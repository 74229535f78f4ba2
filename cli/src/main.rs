//! The command-line tool: messages in a byte stream, at a terminal or in a pipe.
//!
//! One module for each subcommand. `stream` is the loop that all of them share; it passes what it finds to a `Sink`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod decode;
mod encode;
mod escape;
mod explain;
mod failure;
mod formats;
mod guess;
mod hex;
mod input;
mod join;
mod output;
mod protocols;
mod reframe;
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
    /// When to use colours: auto, always or never. NO_COLOR is respected
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
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
  2  wrong usage, a bad SPEC, or a file that cannot be read or written";

#[derive(Subcommand)]
enum Command {
    Decode(decode::Arguments),
    Encode(encode::Arguments),
    Reframe(reframe::Arguments),
    Guess(guess::Arguments),
    Explain(explain::Arguments),
    Protocols(protocols::Arguments),
    Sizes(sizes::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let color = arguments.color;
    let result = match arguments.command {
        Command::Decode(arguments) => decode::run(&arguments, color),
        Command::Encode(arguments) => encode::run(&arguments, color),
        Command::Reframe(arguments) => reframe::run(&arguments, color),
        Command::Guess(arguments) => guess::run(&arguments, color),
        Command::Explain(arguments) => explain::run(&arguments, color),
        Command::Protocols(arguments) => protocols::run(&arguments, color),
        Command::Sizes(arguments) => sizes::run(&arguments, color),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(color),
    }
}
