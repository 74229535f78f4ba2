//! What is shown of the guesses.

use std::fmt::Write as _;

use anysplit::{DecodeError, protocols};
use serde_json::Value;

use super::evidence::Evidence;
use super::rank::{Guess, Misfit, Ranking, joined};
use super::source::{Beginning, Origin};
use super::walk::Walk;
use crate::failure::Failure;
use crate::formats::Json;
use crate::output::Output;
use crate::style::{Palette, Span};

/// How many framings that do not fit are shown.
const MISFITS: usize = 3;

/// The streams, the guesses with their reasons, and what to do next.
pub(super) fn text(
    streams: &[Beginning],
    origin: &Origin,
    ranking: &Ranking,
    top: usize,
    palette: &Palette,
    text: &mut String,
) {
    let faint = &palette.faint;
    for Beginning { name, bytes, complete } in streams {
        let part = if *complete { "the whole stream" } else { "its beginning" };
        let _ = writeln!(text, "{}{name}: {} bytes, {part}{}", faint.open, bytes.len(), faint.close);
    }
    let _ = writeln!(text, "{}{} framings tried{}\n", faint.open, ranking.tried, faint.close);
    for (place, guess) in ranking.guesses.iter().take(top).enumerate() {
        one(place + 1, guess, palette, text);
    }
    if let Some(guess) = ranking.guesses.first() {
        let _ = writeln!(text, "Go on with:");
        for command in origin.commands(&guess.specs) {
            let _ = writeln!(text, "  {command}");
        }
    }
    let near = near(ranking);
    if !near.is_empty() {
        let _ = writeln!(text, "\nDid not fit, although the first frames did:");
    }
    for misfit in near {
        let (frames, spec) = (misfit.frames, &misfit.spec);
        let _ = writeln!(text, "  {spec}: {frames} frames, then {}", misfit.error);
    }
}

/// The misfits that are shown.
fn near(ranking: &Ranking) -> Vec<&Misfit> {
    let mut near: Vec<&Misfit> = Vec::new();
    for misfit in ranking.misfits.iter().filter(|misfit| misfit.frames > 1 && !misfit.spec.starts_with("field:")) {
        let is_new = near.iter().all(|other| (other.frames, other.error) != (misfit.frames, misfit.error));
        if is_new && near.len() < MISFITS {
            near.push(misfit);
        }
    }
    near
}

/// A line for each guess and for each framing that came far.
pub(super) fn json(ranking: &Ranking, top: usize) -> Result<(), Failure> {
    let mut out = Output::new();
    for (place, guess) in ranking.guesses.iter().take(top).enumerate() {
        let Evidence { chain, lines, columns, end } = guess.evidence;
        let list = |count: fn(&Walk) -> usize| guess.walks.iter().map(count).collect::<Vec<_>>().into();
        let keys = [
            ("place", (place + 1).into()),
            ("specs", guess.specs.clone().into()),
            ("names", guess.names.clone().into()),
            ("same", guess.same.clone().into()),
            ("confidence", if place == 0 { guess.confidence.word().into() } else { Value::Null }),
            ("bits", tenths(guess.score)),
            ("chain", tenths(chain)),
            ("lines", tenths(lines)),
            ("columns", tenths(columns)),
            ("end", tenths(end)),
            ("frames", list(|walk| walk.frames.len())),
            ("unfinished", list(|walk| walk.unfinished)),
        ];
        Json::line("guess", &keys, &mut out)?;
    }
    for misfit in near(ranking) {
        let DecodeError { kind, offset, frame_offset } = misfit.error;
        let keys = [
            ("spec", misfit.spec.clone().into()),
            ("frames", misfit.frames.into()),
            ("error", kind.to_string().into()),
            ("offset", offset.into()),
            ("frame_offset", frame_offset.into()),
        ];
        Json::line("misfit", &keys, &mut out)?;
    }
    Ok(out.flush()?)
}

fn tenths(bits: f64) -> Value {
    ((bits * 10.0).round() / 10.0).into()
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
    let sure = match place {
        1 => format!("{} confidence", guess.confidence.word()),
        _ => "less likely".to_owned(),
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
