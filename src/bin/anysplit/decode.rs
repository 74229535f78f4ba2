//! `anysplit decode`.

use anysplit::Oversize;

use crate::escape;
use crate::failure::Failure;
use crate::formats::{Count, Hex, Json, Raw, Text};
use crate::input::{Input, Source};
use crate::output::Output;
use crate::stream::{Options, run as pump};
use crate::stuffed::Spec;
use crate::style::{Palette, When};

/// Show the messages of a stream
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The framing of the stream, such as `u16be` or `line`: see `anysplit --help`
    spec: String,
    #[command(flatten)]
    source: Source,
    /// How the messages are shown
    #[arg(long, short, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// With `--format raw`: bytes after every payload, such as `\n` or `\0`
    #[arg(long, value_name = "BYTES", value_parser = escape::read)]
    separator: Option<Bytes>,
    /// With `--format text`: show no more than N bytes of every payload
    #[arg(long, value_name = "N")]
    shorten: Option<usize>,
    /// With `--format raw` or `count`: pass payloads on as they come, so that they may be larger than memory. Of a frame
    /// that turns out to be bad, the beginning has then been written
    #[arg(long)]
    pieces: bool,
    /// Pass over frames whose payload is over the limit, instead of failing
    #[arg(long)]
    skip_oversize: bool,
}

/// Spelt out, as a plain `Vec` would be an option that can stand several times.
type Bytes = std::vec::Vec<u8>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A line a frame: its offset, the payload's length, the header, the payload with escapes
    Text,
    /// All bytes in hex; header, payload and trailer in different colours
    Hex,
    /// A JSON object a line: offset, header, and the payload as `text` or else as `hex`; an error is the last
    Json,
    /// The payloads as they are
    Raw,
    /// How many frames there are, and how long
    Count,
}

const EXAMPLES: &str = "\
Whatever is wrong with the stream, the frames before it come first. Then stderr says at which byte and why, and shows the \
bytes around it; the exit code is 1.

Examples:
  git upload-pack --advertise-refs . | anysplit decode pkt-line
  anysplit decode -f hex u16be capture.bin
  anysplit decode -f json line,max=64k access.log | jq .text
  anysplit decode -f raw --separator '\\n' netstring queue.bin
  anysplit decode -f raw --pieces u64be,max=none backup.bin > contents
  anysplit decode -f count --read-size 1 varint capture.bin";

pub(crate) fn run(arguments: &Arguments, color: When) -> Result<(), Failure> {
    let spec = Spec::read(&arguments.spec)?;
    let format = arguments.format;
    let only = |option: &str, formats: &str| Failure::Usage(format!("--{option} goes with {formats} only"));
    if arguments.pieces && !matches!(format, Format::Raw | Format::Count) {
        return Err(only("pieces", "--format raw and --format count"));
    }
    if let (Spec::Stuffed(stuffed), true) = (&spec, arguments.pieces || arguments.skip_oversize) {
        let name = stuffed.name();
        let why = "whose frames come whole, and whose bad frames are passed over as it is";
        return Err(Failure::Usage(format!("--pieces and --skip-oversize do not go with {name}, {why}")));
    }
    if arguments.separator.is_some() && format != Format::Raw {
        return Err(only("separator", "--format raw"));
    }
    if arguments.shorten.is_some() && format != Format::Text {
        return Err(only("shorten", "--format text"));
    }
    let oversize = if arguments.skip_oversize { Oversize::Skip } else { Oversize::Fail };
    let options = Options { oversize, pieces: arguments.pieces, color, spec: "the SPEC" };
    let input = Input::open(&arguments.source)?;
    let palette = Palette::stdout(color);
    let out = &mut Output::new();
    match format {
        Format::Text => pump(spec, input, options, &mut Text::new(palette, arguments.shorten), out),
        Format::Hex => pump(spec, input, options, &mut Hex::new(palette), out),
        Format::Json => pump(spec, input, options, &mut Json, out),
        Format::Raw => pump(spec, input, options, &mut Raw::new(arguments.separator.clone().unwrap_or_default()), out),
        Format::Count => pump(spec, input, options, &mut Count::default(), out),
    }
}
