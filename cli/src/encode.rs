//! `anysplit encode`.

use crate::failure::Failure;
use crate::input::{Input, Source};
use crate::output::Output;
use crate::spec;
use crate::style::When;
use crate::transcode::Messages;

/// Write messages, one a line, in a framing
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The framing that is written, such as `u16be`: see `help spec`
    spec: String,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    messages: Messages,
}

const EXAMPLES: &str = "\
A length field inside the messages is filled in. A message that the framing cannot carry ends the program with exit \
code 1; those before it are written.

Examples:
  printf 'one\\ntwo\\n' | anysplit encode netstring
  echo 'hello' | anysplit encode u16be | nc localhost 7000
  echo '01 00 0000 68656c6c6f' | anysplit encode --hex field:offset=2,size=2
  find . -print0 | anysplit encode --messages 'delim:\\0' varint";

pub(crate) fn run(arguments: &Arguments, color: When) -> Result<(), Failure> {
    let to = spec::read_before(&arguments.spec, arguments.source.file.as_deref())?;
    let messages = arguments.messages.read()?;
    messages.transcode(Input::open(&arguments.source)?, to, &mut Output::new(), color)
}
