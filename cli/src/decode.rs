//! `anysplit decode`.

use anysplit::{AnyFraming, Recovery};

use crate::escape;
use crate::failure::Failure;
use crate::formats::{Count, Hex, Json, Raw, Text};
use crate::input::{Input, Source};
use crate::join::{JoinRule, Joining};
use crate::output::Output;
use crate::spec;
use crate::stream::{Options, Sink, run as pump};
use crate::style::{Palette, When};

/// Show the messages of a stream
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The framing of the stream, such as `u16be` or `line`: see `help spec`
    spec: String,
    #[command(flatten)]
    source: Source,
    /// Pass over the first N bytes, such as a preamble. Offsets count them
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    skip: u64,
    /// How the messages are shown: text, hex, json, raw (payloads as they are) or count
    #[arg(long, short, value_enum, default_value_t = Format::Text, hide_possible_values = true)]
    format: Format,
    /// With `--format raw`: bytes after every payload, such as `\n` or `\0`
    #[arg(long, value_name = "BYTES", value_parser = escape::read)]
    separator: Option<Bytes>,
    /// With `--format text`: N bytes of a payload at most
    #[arg(long, value_name = "N")]
    shorten: Option<usize>,
    /// With `--format raw` or `count`: pass payloads on as they come, however large, those of bad frames too
    #[arg(long)]
    pieces: bool,
    /// Join the frames of messages by a rule: mysql, onc-rpc, websocket-client, websocket-server, zmtp, http-chunks, tls,
    /// git-bands, smtp, ftp, imap
    #[arg(long, value_name = "RULE", value_enum, conflicts_with = "pieces", hide_possible_values = true)]
    join: Option<JoinRule>,
    /// With `--join`: messages of at most N bytes, 8 MiB if not given
    #[arg(long, value_name = "N", requires = "join", default_value_t = 8 << 20, hide_default_value = true)]
    max_message: u64,
    /// Pass over frames whose payload is over the limit. With slip and cobs all bad frames are passed over
    #[arg(long)]
    skip_oversize: bool,
    /// After a bad frame, search for the next from its second byte
    #[arg(long, conflicts_with = "skip_oversize")]
    resync: bool,
    /// With `--resync`: exit with 0 all the same
    #[arg(long, requires = "resync")]
    ignore_skipped: bool,
}

/// The full path, because clap lets an option of type `Vec` be repeated.
type Bytes = std::vec::Vec<u8>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A line a frame: its offset, the payload's length, the header, the payload with escapes
    Text,
    /// All bytes in hex; header, payload and trailer in different colours
    Hex,
    /// A JSON object a line: offset, length, header, and the payload as `text` or else as `hex`; an error is the last
    Json,
    /// The payloads as they are
    Raw,
    /// How many frames there are, and how long
    Count,
}

const EXAMPLES: &str = "\
The frames before an error come first. Then stderr shows where it is, and why.

Examples:
  git upload-pack --advertise-refs . | anysplit decode pkt-line
  anysplit decode -f hex u16be capture.bin
  anysplit decode -f raw --separator '\\n' netstring queue.bin
  anysplit decode --join websocket-client @websocket-unmasked capture.bin";

pub(crate) fn run(arguments: &Arguments, color: When) -> Result<(), Failure> {
    let framing = spec::read_before(&arguments.spec, arguments.source.file.as_deref())?;
    let format = arguments.format;
    let only = |option: &str, formats: &str| Failure::Usage(format!("--{option} goes with {formats} only"));
    if arguments.pieces && !matches!(format, Format::Raw | Format::Count) {
        return Err(only("pieces", "--format raw and --format count"));
    }
    if arguments.separator.is_some() && format != Format::Raw {
        return Err(only("separator", "--format raw"));
    }
    if arguments.shorten.is_some() && format != Format::Text {
        return Err(only("shorten", "--format text"));
    }
    let recovery = match arguments.resync {
        true => Recovery::Resync,
        false => spec::recovery(&framing, arguments.skip_oversize),
    };
    let options = Options {
        recovery,
        skip: arguments.skip,
        pieces: arguments.pieces,
        ignore_skipped: arguments.ignore_skipped,
        color,
        spec: "the SPEC",
    };
    let input = Input::open(&arguments.source)?.skipping(arguments.skip);
    let palette = Palette::stdout(color);
    let out = &mut Output::new();
    let shown = Shown { arguments, framing, input, options };
    match format {
        Format::Text => shown.by(Text::new(palette, arguments.shorten), out),
        Format::Hex => shown.by(Hex::new(palette), out),
        Format::Json => shown.by(Json, out),
        Format::Raw => shown.by(Raw::new(arguments.separator.clone().unwrap_or_default()), out),
        Format::Count => shown.by(Count::default(), out),
    }
}

/// A stream that is to be shown.
struct Shown<'a> {
    arguments: &'a Arguments,
    framing: AnyFraming,
    input: Input,
    options: Options,
}

impl Shown<'_> {
    fn by(self, mut sink: impl Sink, out: &mut Output) -> Result<(), Failure> {
        let Self { arguments, framing, input, options } = self;
        match arguments.join {
            Some(rule) => {
                let sink = &mut Joining::new(rule, arguments.max_message, options.skip, sink);
                pump(framing, input, options, sink, out)
            }
            None => pump(framing, input, options, &mut sink, out),
        }
    }
}
