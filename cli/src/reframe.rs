//! `anysplit reframe`.

use crate::failure::Failure;
use crate::flow::Options;
use crate::input::{Input, Source, byte_count};
use crate::output::Output;
use crate::spec;
use crate::stream::run as pump;
use crate::style::When;
use crate::transcode::Transcoder;

/// Read messages in one framing and write them in another
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The framing of the stream, such as `u32be`: see `help spec`
    from: String,
    /// The framing that is written, such as `netstring`
    to: String,
    #[command(flatten)]
    source: Source,
    /// Skip the first N bytes of the stream, such as a preamble. Offsets still count them
    #[arg(long, value_name = "N", value_parser = byte_count, default_value_t = 0, hide_default_value = true)]
    skip: u64,
    /// Skip frames over the limit, instead of failing. With slip and cobs all bad frames are skipped anyway
    #[arg(long)]
    skip_oversize: bool,
}

const EXAMPLES: &str = "\
A length field inside the messages that are written is filled in. Control frames, such as git's 0000, carry no \
message and are left out. A message that the other framing cannot carry ends the program with exit code 1; those \
before it are written.

Examples:
  anysplit reframe line line,crlf unix.txt > dos.txt
  anysplit reframe u32be netstring capture.bin
  find . -print0 | anysplit reframe 'delim:\\0' line";

pub(crate) fn run(arguments: &Arguments, color: When) -> Result<(), Failure> {
    let (from, to) = (spec::read(&arguments.from)?, spec::read(&arguments.to)?);
    let recovery = spec::recovery(&from, arguments.skip_oversize);
    let input = Input::open(&arguments.source)?.skipping(arguments.skip);
    let options = Options { recovery, skip: arguments.skip, pieces: false, ignore_skipped: false, color, spec: "FROM" };
    pump(from, input, options, &mut Transcoder::new(to, false), &mut Output::new())
}
