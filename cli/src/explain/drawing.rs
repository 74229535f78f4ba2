//! A frame, byte by byte.

use std::fmt::Write;

use anysplit::contract::{Extent, Located, Progress};
use anysplit::number::{Decoded, Number};
use anysplit::stuffing::{StuffedRun, Stuffing};
use anysplit::{AnyFraming, Body, EscapedFrame, Framing};

use super::shown::{bytes_of, printed};
use crate::style::{Palette, Span};

/// A run of bytes of a frame.
struct Segment<'a, 'p> {
    name: &'static str,
    bytes: &'a [u8],
    note: String,
    span: &'p Span,
}

/// The segments of a frame; some may be empty.
fn segments<'a, 'p>(framing: &AnyFraming, wire: &'a [u8], palette: &'p Palette) -> Option<Vec<Segment<'a, 'p>>> {
    let segment = |name, bytes, note, span| Segment { name, bytes, note, span };
    // Framings in which another framing holds the rest of the bytes.
    let (before, inner, rest) = match framing {
        AnyFraming::Protocol(named) => return segments(named.framing(), wire, palette),
        AnyFraming::Then(then) => return segments(then.first(), wire, palette),
        AnyFraming::ByFirstByte(by_first_byte) => {
            let byte = wire.get(usize::from(by_first_byte.offset()))?;
            let (_, inner) = by_first_byte.table().iter().find(|(range, _)| range.contains(*byte))?;
            return segments(inner, wire, palette);
        }
        AnyFraming::Enclosed(enclosed) => {
            let (start, rest) = wire.split_at_checked(enclosed.start().as_slice().len())?;
            (segment("header", start, String::new(), &palette.header), Some(enclosed.inner()), rest)
        }
        AnyFraming::Checked(checked) => {
            let added = known(framing, wire)?.trailer_len().checked_sub(known(checked.inner(), wire)?.trailer_len())?;
            let (inner, sum) = wire.split_at_checked(wire.len().checked_sub(added)?)?;
            let mut all = segments(checked.inner(), inner, palette)?;
            all.push(segment("check", sum, String::new(), &palette.trailer));
            return Some(all);
        }
        AnyFraming::Blocks(blocks) => {
            let mut all = segments(blocks.inner(), wire, palette)?;
            all.retain(|segment| segment.name != "payload" && segment.name != "trailer");
            let extent = known(framing, wire)?;
            let end = wire.len().checked_sub(extent.trailer_len())?;
            let sum_len = blocks.sum_len();
            for both in wire.get(extent.header_len()..end)?.chunks(sum_len + usize::from(blocks.block_len())) {
                let (payload, sum) = both.split_at_checked(both.len().checked_sub(sum_len)?)?;
                all.push(segment("payload", payload, printed(payload), &palette.payload));
                all.push(segment("check", sum, String::new(), &palette.trailer));
            }
            all.push(segment("trailer", wire.get(end..)?, String::new(), &palette.trailer));
            return Some(all);
        }
        AnyFraming::EscapedFrame(escaped) => return escaped_segments(escaped, wire, palette),
        AnyFraming::ByType(by_type) => {
            let (kind, rest) = wire.split_at_checked(1)?;
            let (_, body) = by_type.table().iter().find(|(other, _)| [*other] == *kind)?;
            let inner = match body {
                Body::Len(_) => None,
                Body::Framed(framing) => Some(framing),
            };
            (segment("type", kind, String::new(), &palette.note), inner, rest)
        }
        _ => return plain_segments(framing, wire, palette),
    };
    let inner = match inner {
        Some(inner) => segments(inner, rest, palette)?,
        None => vec![segment("payload", rest, String::new(), &palette.payload)],
    };
    Some(std::iter::once(before).chain(inner).collect())
}

/// The extent of the frame, if it is known.
fn known(framing: &AnyFraming, wire: &[u8]) -> Option<Extent> {
    framing.locate(wire, &mut Progress::default()).ok()?.known()
}

/// The segments of the inner frame, where their bytes are on the wire.
fn escaped_segments<'a, 'p>(
    escaped: &EscapedFrame<AnyFraming>,
    wire: &'a [u8],
    palette: &'p Palette,
) -> Option<Vec<Segment<'a, 'p>>> {
    let (start, mut rest) = wire.split_at_checked(1)?;
    let (mut state, mut opened, mut lens) = (0, Vec::new(), Vec::new());
    let mut len = 0_usize;
    for &byte in rest {
        len += 1;
        let byte = match escaped.escaping().unstuff(&mut state, byte, &[]).ok()? {
            StuffedRun::Nothing => continue,
            StuffedRun::Plain(_) => byte,
            StuffedRun::Byte(byte) => byte,
        };
        opened.push(byte);
        lens.push(len);
        len = 0;
    }
    let mut all = vec![Segment { name: "header", bytes: start, note: String::new(), span: &palette.header }];
    let mut lens = lens.into_iter();
    for Segment { name, bytes, note, span } in segments(escaped.inner(), &opened, palette)? {
        let (here, after) = rest.split_at_checked(lens.by_ref().take(bytes.len()).sum())?;
        let note = match (note.is_empty(), here.len() > bytes.len()) {
            (true, true) => format!("stands for {}", printed(bytes)),
            _ => note,
        };
        all.push(Segment { name, bytes: here, note, span });
        rest = after;
    }
    Some(all)
}

/// As [`segments`], for a framing that contains no other.
fn plain_segments<'a, 'p>(framing: &AnyFraming, wire: &'a [u8], palette: &'p Palette) -> Option<Vec<Segment<'a, 'p>>> {
    let segment = |name, bytes, note, span| Segment { name, bytes, note, span };
    let mut located = framing.locate(wire, &mut Progress::default()).ok()?;
    let (filler, wire) = match located {
        Located::Filler(len) => wire.split_at_checked(len)?,
        _ => (&[][..], wire),
    };
    if !filler.is_empty() {
        located = framing.locate(wire, &mut Progress::default()).ok()?;
    }
    let extent = match located {
        Located::Known(extent) => extent,
        Located::Search { so_far, .. } => so_far,
        _ => return None,
    };
    let (header, after) = wire.split_at_checked(extent.header_len())?;
    let (payload, trailer) = after.split_at_checked(after.len().checked_sub(extent.trailer_len())?)?;
    let mut all = vec![segment("filler", filler, String::new(), &palette.faint)];
    let number = |number: &anysplit::number::AnyNumber, bytes: &[u8]| match number.decode(bytes, u64::MAX) {
        Ok(Decoded::Value { value, len }) => (format!("says {value}"), len),
        _ => (String::new(), bytes.len()),
    };
    match framing {
        AnyFraming::LengthField(field) => {
            let (before, rest) = header.split_at_checked(field.offset().into())?;
            let (note, len) = number(field.number(), rest);
            let (length, after) = rest.split_at_checked(len)?;
            all.push(segment("header", before, String::new(), &palette.header));
            all.push(segment("length", length, note, &palette.note));
            all.push(segment("header", after, String::new(), &palette.header));
        }
        AnyFraming::Prefix(prefix) => {
            all.push(segment("header", header, number(prefix.number(), header).0, &palette.header));
        }
        _ => all.push(segment("header", header, String::new(), &palette.header)),
    }
    let note = match extent.is_rewritten() {
        true => {
            let mut message = payload.to_vec();
            let len = framing.open(header, &mut message, 0, &mut 0);
            message.truncate(len);
            format!("stands for {}", printed(&message))
        }
        false => String::new(),
    };
    all.push(segment("payload", payload, note, &palette.payload));
    all.push(segment("trailer", trailer, String::new(), &palette.trailer));
    Some(all)
}

/// The names and lengths of the parts of this message's frame.
pub(super) fn shape(framing: &AnyFraming, message: &[u8]) -> Option<Vec<(&'static str, usize)>> {
    let (mut wire, palette) = (Vec::new(), Palette::default());
    framing.encode(message, &mut wire).ok()?;
    let segments = segments(framing, &wire, &palette)?;
    Some(segments.iter().map(|segment| (segment.name, segment.bytes.len())).collect())
}

/// From this many bytes on, only the first and the last of a segment are drawn.
const LONG: usize = 14;

/// ```text
///   offset   0  1  2  3  4  5  6
///   wire    00 05 68 65 6c 6c 6f
///           ┬──── ┬─────────────
///           │     └ payload  hello
///           └ header  says 5
/// ```
pub(super) fn draw(framing: &AnyFraming, message: &[u8], palette: &Palette, text: &mut String) {
    let mut wire = Vec::new();
    if let Err(refusal) = framing.encode(message, &mut wire) {
        let _ = writeln!(text, "  the sample is refused: {refusal}\n");
        return;
    }
    let Some(mut segments) = segments(framing, &wire, palette) else { return };
    segments.retain(|segment| !segment.bytes.is_empty());
    let width = wire.len().to_string().len().max(2) + 1;
    let (mut ruler, mut bytes, mut lines) = (String::new(), String::new(), String::new());
    // Returns the column in which each segment begins.
    let mut columns = Vec::new();
    let (mut column, mut offset) = (0_usize, 0_usize);
    for Segment { bytes: all, span, .. } in &segments {
        columns.push(column);
        let Span { open, close } = span;
        let mut cells = 0_usize;
        for (index, byte) in all.iter().enumerate() {
            let shown = all.len() <= LONG || index < LONG / 2 || index + 3 >= all.len();
            if shown {
                let _ = write!(ruler, "{:>width$}", offset + index);
                let _ = write!(bytes, "{:blank$}{open}{byte:02x}{close}", "", blank = width - 2);
                cells += 1;
            } else if index == LONG / 2 {
                let _ = write!(ruler, "{:>width$}", "..");
                let _ = write!(bytes, "{:>width$}", "..");
                cells += 1;
            }
        }
        let line = format!("{:blank$}┬{:─<rest$} ", "", "", blank = width - 2, rest = cells * width - width + 1);
        lines.push_str(line.get(..line.len().saturating_sub(1)).unwrap_or_default());
        column += cells * width;
        offset += all.len();
    }
    let Span { open, close } = &palette.faint;
    let _ = writeln!(text, "  {open}offset{ruler}{close}\n  wire  {bytes}\n        {open}{lines}{close}");
    for (index, segment) in segments.iter().enumerate().rev() {
        let mut line = String::from("        ");
        let mut at = 0;
        for &column in columns.get(..index).unwrap_or_default() {
            let _ = write!(line, "{:blank$}│", "", blank = column + width - 2 - at);
            at = column + width - 1;
        }
        let blank = columns.get(index).map_or(0, |column| column + width - 2 - at);
        let _ = write!(line, "{:blank$}└", "");
        let Span { open: bright, close: dull } = segment.span;
        let _ = write!(text, "{open}{line}{close} {bright}{:<8}{dull}", segment.name);
        let note = match segment.name {
            _ if !segment.note.is_empty() => segment.note.clone(),
            "header" if segment.bytes.iter().all(|byte| *byte == 0) => bytes_of(segment.bytes.len() as u64),
            _ if segment.bytes.len() > 60 => bytes_of(segment.bytes.len() as u64),
            _ => printed(segment.bytes),
        };
        let _ = writeln!(text, "{note}");
    }
    text.push('\n');
}
