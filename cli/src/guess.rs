//! `anysplit guess`.

use std::path::PathBuf;

use self::rank::rank;
use self::sample::Sample;
use self::source::streams;
use crate::capture::Id;
use crate::failure::Failure;
use crate::input::byte_count;
use crate::output::print;
use crate::style::{Palette, When};

mod evidence;
mod generic;
mod rank;
mod report;
mod sample;
mod signature;
mod source;
mod walk;

#[cfg(test)]
mod figures;
#[cfg(test)]
mod tests;

/// Find the framings that fit an unknown stream, the likeliest first
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// What one side sent, or a capture; standard input if it is not given or `-`
    file: Option<PathBuf>,
    /// What the other side sent
    other: Option<PathBuf>,
    /// Look at the first N bytes; more take longer and are seldom needed
    #[arg(long, value_name = "N", value_parser = size, default_value = "64k")]
    bytes: usize,
    /// Skip the first N bytes of each stream, such as a preamble
    #[arg(long, value_name = "N", value_parser = byte_count, default_value_t = 0, hide_default_value = true)]
    skip: u64,
    /// Show N guesses at most
    #[arg(long, value_name = "N", default_value_t = 3)]
    top: usize,
    /// Capture: this conversation, by Wireshark's number
    #[arg(long, value_name = "N")]
    stream: Option<Id>,
    /// text or json
    #[arg(long, short, value_enum, default_value_t = Format::Text, hide_default_value = true, hide_possible_values = true)]
    format: Format,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    // For people.
    Text,
    // A line for each guess, and for each framing that came far.
    Json,
}

const EXAMPLES: &str = "\
Every named protocol is tried, and lengths, delimiters and stuffings of all kinds. Each guess has its reasons in bits: \
with 10 bits, one in a thousand streams of other bytes would fit as well. Text is lines at least, and that is no \
proof of a protocol.

The exit code is 1 if nothing fits.

Examples:
  anysplit guess capture.bin
  anysplit guess client.bin server.bin
  anysplit guess capture.pcapng --stream 2
  anysplit guess --skip 24 --bytes 4k dump.bin";

/// A number of bytes, such as 16k.
fn size(text: &str) -> Result<usize, String> {
    let bytes = byte_count(text).ok().and_then(|bytes| usize::try_from(bytes).ok());
    bytes
        .filter(|bytes| (1..=MOST_BYTES).contains(bytes))
        .ok_or_else(|| "a size from 1 to 1M, such as 4096 or 16k".to_owned())
}

const MOST_BYTES: usize = 1 << 20;

pub(crate) fn run(arguments: &Arguments, color: When) -> Result<(), Failure> {
    let Some((streams, origin)) = streams(arguments, color)? else { return Ok(()) };
    let samples: Vec<_> = streams.iter().map(|stream| Sample::new(&stream.bytes, stream.complete)).collect();
    let ranking = rank(&samples, |_| false);
    if let Some(file) = ranking.file {
        return Err(Failure::Data(format!("these bytes look like {file}, and not like a stream of frames")));
    }
    match arguments.format {
        Format::Text => {
            let mut text = String::new();
            report::text(&streams, &origin, &ranking, arguments.top, &Palette::stdout(color), &mut text);
            print(text)?;
        }
        Format::Json => report::json(&ranking, arguments.top)?,
    }
    if !ranking.guesses.is_empty() {
        return Ok(());
    }
    let is_empty = streams.iter().all(|stream| stream.bytes.is_empty());
    Err(Failure::Data(if is_empty { "nothing fits: the input is empty" } else { "nothing fits" }.to_owned()))
}
