//! `anysplit guess`.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anysplit::protocols;

use self::rank::{Confidence, Guess, Misfit, Ranking, joined, rank};
use self::sample::Sample;
use self::walk::Walk;
use crate::escape;
use crate::failure::Failure;
use crate::output::Output;
use crate::spec::quoted;
use crate::style::{Palette, Span, When};

mod evidence;
mod generic;
mod rank;
mod sample;
mod signature;
mod walk;

#[cfg(test)]
mod figures;
#[cfg(test)]
mod tests;

/// Find the framings that fit an unknown stream, the likeliest first
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// What one side sent; standard input if it is not given or `-`
    file: Option<PathBuf>,
    /// What the other side sent
    other: Option<PathBuf>,
    /// Look at the first N bytes; more take longer and are seldom needed
    #[arg(long, value_name = "N", value_parser = size, default_value = "64k")]
    bytes: usize,
    /// Skip the first N bytes of each stream, such as a preamble
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    skip: u64,
    /// Show N guesses at most
    #[arg(long, value_name = "N", default_value_t = 3)]
    top: usize,
}

const EXAMPLES: &str = "\
Every named protocol is tried, and lengths, delimiters and stuffings of all kinds. Each guess has its reasons in bits: \
with 10 bits, one in a thousand streams of other bytes would fit as well. Text is lines at least, and that is no \
proof of a protocol.

The exit code is 1 if nothing fits.

Examples:
  anysplit guess capture.bin
  anysplit guess client.bin server.bin
  anysplit guess --skip 24 --bytes 4k dump.bin";

/// How many framings that do not fit are shown.
const MISFITS: usize = 3;

/// A number of bytes, such as 16k.
fn size(text: &str) -> Result<usize, String> {
    let (digits, unit) = match text.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1 << 10),
        None => text.strip_suffix('M').map_or((text, 1), |digits| (digits, 1 << 20)),
    };
    let bytes = digits.parse::<usize>().ok().and_then(|number| number.checked_mul(unit));
    bytes
        .filter(|bytes| (1..=MOST_BYTES).contains(bytes))
        .ok_or_else(|| "a size from 1 to 1M, such as 4096 or 16k".to_owned())
}

const MOST_BYTES: usize = 1 << 20;

/// The beginning of a stream.
struct Beginning {
    name: String,
    bytes: Vec<u8>,
    complete: bool,
}

pub(crate) fn run(arguments: &Arguments, color: When) -> Result<(), Failure> {
    let files = [arguments.file.as_deref(), arguments.other.as_deref()];
    let paths: Vec<_> = if arguments.other.is_some() { files.to_vec() } else { vec![files[0]] };
    let streams: Vec<_> = paths.into_iter().map(|path| beginning(path, arguments)).collect::<Result<_, _>>()?;
    let samples: Vec<_> = streams.iter().map(|stream| Sample::new(&stream.bytes, stream.complete)).collect();
    let ranking = rank(&samples, |_| false);
    if let Some(file) = ranking.file {
        return Err(Failure::Data(format!("these bytes look like {file}, and not like a stream of frames")));
    }
    let palette = Palette::stdout(color);
    let mut text = String::new();
    shown(&streams, &ranking, arguments, &palette, &mut text);
    let mut out = Output::new();
    out.write(text.as_bytes())?;
    out.flush()?;
    if ranking.guesses.is_empty() {
        return Err(Failure::Data("nothing fits".to_owned()));
    }
    Ok(())
}

fn beginning(path: Option<&Path>, arguments: &Arguments) -> Result<Beginning, Failure> {
    let path = path.filter(|path| *path != Path::new("-"));
    let name = path.map_or("standard input".to_owned(), |path| printed(path.as_os_str().as_encoded_bytes()));
    let failed = |what: &str, error: io::Error| Failure::Usage(format!("cannot {what} {name}: {error}"));
    let mut source: Box<dyn Read> = match path {
        None => Box::new(io::stdin().lock()),
        Some(path) => Box::new(File::open(path).map_err(|error| failed("open", error))?),
    };
    io::copy(&mut source.by_ref().take(arguments.skip), &mut io::sink()).map_err(|error| failed("read", error))?;
    let mut bytes = Vec::new();
    let most = arguments.bytes as u64 + 1;
    source.take(most).read_to_end(&mut bytes).map_err(|error| failed("read", error))?;
    let complete = bytes.len() <= arguments.bytes;
    bytes.truncate(arguments.bytes);
    Ok(Beginning { name, bytes, complete })
}

fn printed(bytes: &[u8]) -> String {
    let mut shown = Vec::new();
    escape::show(bytes, &Span::default(), &mut shown);
    String::from_utf8_lossy(&shown).into_owned()
}

fn shown(streams: &[Beginning], ranking: &Ranking, arguments: &Arguments, palette: &Palette, text: &mut String) {
    let faint = &palette.faint;
    for Beginning { name, bytes, complete } in streams {
        let part = if *complete { "the whole stream" } else { "its beginning" };
        let _ = writeln!(text, "{}{name}: {} bytes, {part}{}", faint.open, bytes.len(), faint.close);
    }
    let _ = writeln!(text, "{}{} framings tried{}\n", faint.open, ranking.tried, faint.close);
    for (place, guess) in ranking.guesses.iter().take(arguments.top).enumerate() {
        one(place + 1, guess, palette, text);
    }
    if let Some(guess) = ranking.guesses.first() {
        let _ = writeln!(text, "Go on with:");
        for (stream, spec) in streams.iter().zip(&guess.specs) {
            let skip = if arguments.skip > 0 { format!("--skip {} ", arguments.skip) } else { String::new() };
            let file = if stream.name == "standard input" { "-".to_owned() } else { quoted(&stream.name) };
            let _ = writeln!(text, "  anysplit decode {skip}{} {file}", quoted(spec));
        }
    }
    let mut near: Vec<&Misfit> = Vec::new();
    for misfit in ranking.misfits.iter().filter(|misfit| misfit.frames > 1 && !misfit.spec.starts_with("field:")) {
        let is_new = near.iter().all(|other| (other.frames, other.error) != (misfit.frames, misfit.error));
        if is_new && near.len() < MISFITS {
            near.push(misfit);
        }
    }
    if !near.is_empty() {
        let _ = writeln!(text, "\nDid not fit, although the first frames did:");
    }
    for misfit in near {
        let (frames, spec) = (misfit.frames, &misfit.spec);
        let _ = writeln!(text, "  {spec}: {frames} frames, then {}", misfit.error);
    }
}

/// One guess: what it is, how sure it is, and why.
fn one(place: usize, guess: &Guess, palette: &Palette, text: &mut String) {
    let (Span { open, close }, faint) = (&palette.header, &palette.faint);
    let title = guess.names.first().and_then(|name| protocols::by_name(name)).map_or("", |protocol| protocol.title);
    let _ = writeln!(
        text,
        "{place}. {open}{}{close}{}{title}",
        joined(&guess.specs),
        if title.is_empty() { "" } else { "  " }
    );
    for walk in &guess.walks {
        let _ = writeln!(text, "   {}", frames(walk));
    }
    let sure = match guess.confidence {
        _ if place > 1 => "less likely",
        Confidence::High => "high confidence",
        Confidence::Medium => "medium confidence",
        Confidence::Low => "low confidence",
    };
    let _ = writeln!(text, "   {sure}, {:.0} bits:", guess.score);
    let end = if guess.evidence.end > 0.0 { "the last frame ends the stream" } else { "the last frame is cut" };
    for (bits, why) in [
        (guess.evidence.chain, "each frame begins where the one before it ends"),
        (guess.evidence.lines, "these are lines of text"),
        (guess.evidence.columns, "bytes at the same places of the frames are alike"),
        (guess.evidence.end, end),
    ] {
        if bits.abs() >= 0.5 {
            let _ = writeln!(text, "   {bits:>6.0}  {why}");
        }
    }
    let others = guess.same.iter().map(String::as_str).filter(|spec| !spec.starts_with('@'));
    let same: Vec<_> = guess.same_names().into_iter().take(6).chain(others.take(2)).collect();
    if !same.is_empty() {
        let _ = writeln!(text, "   {}the same frames: {}{}", faint.open, same.join("  "), faint.close);
    }
    text.push('\n');
}

/// The number of frames, their lengths, and the bytes of an unfinished frame.
fn frames(walk: &Walk) -> String {
    let lens = walk.frames.iter().map(|frame| frame.end - frame.start);
    let (least, most) = lens.fold((usize::MAX, 0), |(least, most), len| (least.min(len), most.max(len)));
    let lens = if least == most { format!("{most}") } else { format!("{least} to {most}") };
    let s = if walk.frames.len() == 1 { "" } else { "s" };
    let rest = match walk.unfinished {
        0 => ", up to the last byte".to_owned(),
        rest => format!(", and {rest} bytes of an unfinished one"),
    };
    format!("{} frame{s} of {lens} bytes{rest}", walk.frames.len())
}
