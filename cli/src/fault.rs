//! An error of the stream as a person reads it: what, where, the bytes around it, and what to do.

use anysplit::{AnyFraming, Body, DecodeError, DecodeErrorKind, EofError, Truncated};

use crate::hex::Grid;
use crate::looks;
use crate::style::{Palette, stderr_columns};

/// The error, possible remedies, and the bytes around it. `frames` came before it.
pub(crate) fn explained(
    error: &EofError,
    frames: u64,
    framing: &AnyFraming,
    byte: impl Fn(u64) -> Option<u8>,
    spec: &str,
    palette: &Palette,
) -> String {
    let mut text = format!("{}\n\n", sentence(error, frames)).into_bytes();
    let (first, at, mark) = match error {
        EofError::Decode(error) => (error.frame_offset, error.offset, "^^"),
        EofError::Truncated { frame_offset, end, .. } => (*frame_offset, *end, "^ the stream ends here"),
    };
    let grid = Grid::new(stderr_columns());
    let row = grid.row_len as u64;
    let marked = at / row * row;
    let rows = [marked.checked_sub(row), Some(marked), marked.checked_add(row)];
    for start in rows.into_iter().flatten() {
        let cells = (start..start.saturating_add(row)).map(|offset| {
            let span = match offset {
                offset if offset == at => &palette.bad,
                offset if offset < first => &palette.faint,
                _ => &palette.plain,
            };
            byte(offset).map(|byte| (byte, span))
        });
        if start == marked || cells.clone().any(|cell| cell.is_some()) {
            grid.row(start, cells, palette, &mut text);
        }
        if start == marked {
            let blanks = " ".repeat(grid.column(usize::try_from(at - marked).unwrap_or_default()));
            text.extend_from_slice(format!("{blanks}{}{mark}{}\n", palette.bad.open, palette.bad.close).as_bytes());
        }
    }
    let start: Vec<u8> = (first..).take(looks::NEEDED).map_while(byte).collect();
    if let Some(hint) = resemblance(&start, frames, framing, spec).or_else(|| hint(error, frames, framing, spec)) {
        text.extend_from_slice(format!("\n{hint}\n").as_bytes());
    }
    String::from_utf8_lossy(&text).trim_end().to_owned()
}

/// The error in one line.
pub(crate) fn sentence(error: &EofError, frames: u64) -> String {
    let after = match frames {
        0 => String::new(),
        1 => ", after 1 frame".to_owned(),
        frames => format!(", after {frames} frames"),
    };
    match error {
        EofError::Decode(DecodeError { frame_offset, offset, kind }) => {
            let frame = match offset == frame_offset {
                true => String::new(),
                false => format!(" (in the frame that begins at byte {frame_offset})"),
            };
            format!("byte {offset}{after}: {kind}{frame}")
        }
        EofError::Truncated { frame_offset, end, part } => {
            format!("stream ended at byte {end}{after}, {part} (frame begins at byte {frame_offset})")
        }
    }
}

/// What the frame's first bytes look like, if they look like another protocol.
fn resemblance(start: &[u8], frames: u64, framing: &AnyFraming, spec: &str) -> Option<String> {
    let look = looks::of(start)?;
    if let (AnyFraming::Protocol(named), Some(other)) = (framing, look.spec) {
        if other.strip_prefix('@') == Some(named.name()) {
            return None;
        }
    }
    let name = look.name;
    let which = if frames == 0 { "These bytes" } else { "The bytes of this frame" };
    Some(match (look.spec, look.advice) {
        (Some(other), _) if spec != "--messages" => format!("{which} look like {name}. Its SPEC is {other}."),
        (_, Some(advice)) => format!("{which} look like {name}. {advice}"),
        _ => format!("{which} look like {name}."),
    })
}

/// What the user can do.
fn hint(error: &EofError, frames: u64, framing: &AnyFraming, spec: &str) -> Option<String> {
    match error {
        EofError::Decode(DecodeError { kind: DecodeErrorKind::Oversize { len, max }, .. }) => {
            let skip = if spec == "--messages" { "" } else { ", or skip such frames with --skip-oversize" };
            let raise = format!("aise the limit with `max=` in {spec}{skip}.");
            // A length this far above the limit is hardly one, and a stream's first frame is seldom its longest.
            Some(match frames == 0 && len / 16 > *max {
                true => format!("{} is probably not the framing of this stream. If it is, r{raise}", upper(spec)),
                false => format!("R{raise}"),
            })
        }
        EofError::Decode(DecodeError { kind: DecodeErrorKind::NotShortest, .. }) if frames > 0 => {
            Some(format!("Such numbers are read with the option `longer` in {spec}."))
        }
        EofError::Truncated { part: Truncated::Unterminated { .. }, .. } if is_delimited(framing) => {
            Some(format!("Such a message is taken with the option `unterminated=take` in {spec}."))
        }
        EofError::Decode(_) if frames == 0 => {
            Some(format!("{} is probably not the framing of this stream.", upper(spec)))
        }
        _ => None,
    }
}

fn upper(spec: &str) -> String {
    match spec.strip_prefix("the ") {
        Some(rest) => format!("The {rest}"),
        None => spec.to_owned(),
    }
}

/// Whether the text form accepts the option `unterminated`.
fn is_delimited(framing: &AnyFraming) -> bool {
    match framing {
        AnyFraming::Delimited(_) => true,
        AnyFraming::Enclosed(enclosed) => is_delimited(enclosed.inner()),
        AnyFraming::Then(then) => is_delimited(then.first()) || is_delimited(then.rest()),
        AnyFraming::ByFirstByte(by_first_byte) => by_first_byte.table().iter().any(|(_, inner)| is_delimited(inner)),
        AnyFraming::ByType(by_type) => {
            by_type.table().iter().any(|(_, body)| matches!(body, Body::Framed(inner) if is_delimited(inner)))
        }
        _ => false,
    }
}
