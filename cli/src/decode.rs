//! `anysplit decode`.

use std::path::Path;

use crate::capture::{self, Endpoint, Id, List, Wanted};
use crate::failure::Failure;
use crate::flow::Options;
use crate::formats::{Count, Format, Hex, Json, Shown};
use crate::input::{Growing, Input, Opened, Source, byte_count};
use crate::join::{Joining, joins};
use crate::output::Output;
use crate::policy::Policy;
use crate::serial;
use crate::spec;
use crate::stream::run as pump;
use crate::style::{Palette, When};

/// Show the messages of a stream, of a capture or of a serial line
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The framing, such as `u16be` or `line`: see `help spec`.
    /// Or messages of several frames, such as `@mysql-messages`
    spec: String,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    shown: Shown,
    /// Skip the first N bytes. Offsets count them
    #[arg(long, value_name = "N", value_parser = byte_count, default_value_t = 0, hide_default_value = true)]
    skip: u64,
    /// With raw, count: allow payloads larger than memory
    #[arg(long)]
    pieces: bool,
    #[command(flatten)]
    policy: Policy,
    /// Wait for more at the end of the file, as it grows
    #[arg(long, requires = "file")]
    follow: bool,
    /// Set the serial device FILE to N bits a second, 8N1
    #[arg(long, value_name = "N", requires = "file", conflicts_with = "follow")]
    baud: Option<u32>,
    /// Capture: this conversation, by Wireshark's number
    #[arg(long, value_name = "N")]
    stream: Option<Id>,
    /// Capture: only what ADDRESS:PORT or :PORT sent
    #[arg(long, value_name = "ENDPOINT")]
    from: Option<Endpoint>,
    /// Capture: the framing of what the server sends
    #[arg(long, value_name = "SPEC")]
    server_spec: Option<String>,
    /// Treat a capture file as a plain stream
    #[arg(long, conflicts_with_all = ["stream", "from", "server_spec"])]
    plain: bool,
}

const EXAMPLES: &str = "\
Examples:
  printf '5:hello,6:world!,' | anysplit decode netstring
  anysplit decode @redis capture.pcapng --stream 2
  anysplit decode @websocket-messages capture.pcapng --stream 3
  tcpdump -i lo -U -w - port 6379 | anysplit decode @redis --stream 0
  anysplit decode slip /dev/ttyUSB0 --baud 115200";

pub(crate) fn run(arguments: &Arguments, color: When) -> Result<(), Failure> {
    let client = spec::read_messages(&arguments.spec, arguments.source.file.as_deref())?;
    let server = arguments.server_spec.as_deref().map(|text| spec::read_messages(text, None)).transpose()?;
    let joins = joins(&client) || server.as_ref().is_some_and(joins);
    let framing = client.framing().clone();
    let Arguments { shown, stream, from, .. } = arguments;
    shown.check()?;
    if arguments.pieces && !matches!(shown.format, Format::Raw | Format::Count) {
        return Err(Failure::Usage("--pieces goes with --format raw and --format count only".to_owned()));
    }
    if arguments.pieces && joins {
        return Err(Failure::Usage("--pieces is for frames, and this SPEC joins them to messages".to_owned()));
    }
    let (skip, pieces) = (arguments.skip, arguments.pieces);
    let options = Options { skip, pieces, ..arguments.policy.options(&framing, color) };
    let mut opened = open(arguments)?;
    let out = &mut Output::new();
    // With `--skip`, the rest is an ordinary stream, never a capture.
    let kind = match arguments.plain || skip > 0 || arguments.baud.is_some() {
        true => None,
        false => opened.peek(capture::kind_of)?.flatten(),
    };
    if let Some(kind) = kind {
        if arguments.follow && stream.is_none() {
            return Err(Failure::Usage("--follow of a capture needs --stream".to_owned()));
        }
        let list = match shown.format {
            Format::Text | Format::Hex => List::Text,
            Format::Json => List::Json,
            Format::Raw | Format::Count => List::None,
        };
        let sides = [client.clone(), server.unwrap_or(client)];
        let framings = sides.each_ref().map(|messages| messages.framing().clone());
        let wanted = Wanted { framings, stream: *stream, from: *from, options, list };
        let mut sink = shown.sink(color);
        return match joins {
            true => capture::run(kind, opened, wanted, &mut Joining::new(&sides, &mut *sink), out),
            false => capture::run(kind, opened, wanted, &mut *sink, out),
        };
    }
    if stream.is_some() || from.is_some() || server.is_some() {
        let why = "--stream, --from and --server-spec are for captures, and the input is not one";
        return Err(Failure::Usage(why.to_owned()));
    }
    let input = Input::new(opened, arguments.source.read_size).skipping(skip);
    if joins {
        let mut sink = shown.sink(color);
        return pump(framing, input, options, &mut Joining::new(&[client.clone(), client], &mut *sink), out);
    }
    // One copy of the loop for each format.
    match shown.format {
        Format::Text => pump(framing, input, options, &mut shown.text(color), out),
        Format::Hex => pump(framing, input, options, &mut Hex::new(Palette::stdout(color)), out),
        Format::Json => pump(framing, input, options, &mut Json, out),
        Format::Raw => pump(framing, input, options, &mut shown.raw(), out),
        Format::Count => pump(framing, input, options, &mut Count::default(), out),
    }
}

fn open(arguments: &Arguments) -> Result<Opened, Failure> {
    let path = arguments.source.file.as_deref().filter(|path| *path != Path::new("-"));
    match (path, arguments.baud) {
        (Some(path), Some(baud)) => Ok(Opened::endless(Box::new(serial::open(path, Some(baud))?), path)),
        (Some(path), None) if arguments.follow => Ok(Opened::endless(Box::new(Growing::open(path)?), path)),
        _ => Opened::new(&arguments.source),
    }
}
