//! A line a frame.

use std::io::Write;

use crate::escape::{digit, show, show_some};
use crate::failure::Failure;
use crate::output::Output;
use crate::sink::{FrameView, Place, Sink};
use crate::style::Palette;

mod header;

/// In a file or a pipe, payloads are aligned after headers of up to this many columns.
const WIDEST: usize = 24;

/// A payload has at least this many columns, however narrow the terminal is.
const LEAST: usize = 12;

/// A narrower terminal has no column for the payload's length.
const NARROW: usize = 72;

pub(crate) struct Text {
    palette: Palette,
    /// At most this many bytes of a payload are shown.
    shorten: usize,
    /// The columns of a line. A longer header or payload is shortened.
    columns: Option<usize>,
    /// The columns of the widest header so far.
    width: usize,
    /// The columns of the header when the names of the columns were last written.
    named: Option<usize>,
}

impl Text {
    pub(crate) fn new(palette: Palette, shorten: Option<usize>, columns: Option<usize>) -> Self {
        Self { palette, shorten: shorten.unwrap_or(usize::MAX), columns, width: 0, named: None }
    }

    fn has_lengths(&self) -> bool {
        self.columns.is_none_or(|columns| columns >= NARROW)
    }

    /// The columns that a header before a payload may have on the terminal.
    fn header_room(&self) -> Option<usize> {
        self.columns.map(|columns| (columns * 2 / 5).saturating_sub(8).max(LEAST))
    }

    /// Writes the names of the columns, at the beginning and when the first header comes.
    fn names(&mut self, place: Place, out: &mut Vec<u8>) -> Result<(), Failure> {
        if self.named.is_some_and(|named| named > 0 || self.width == 0) {
            return Ok(());
        }
        let faint = &self.palette.faint;
        self.named = Some(self.width);
        let indent = " ".repeat(place.columns().chars().count());
        let length = if self.has_lengths() { "  length" } else { "" };
        write!(out, "{}{indent}{:>6} {:>9} {:>7}{length}  ", faint.open, "frame", "offset", "wire")?;
        if self.width > 0 {
            write!(out, "{:width$}  ", "header", width = self.width)?;
        }
        writeln!(out, "payload{}", faint.close)?;
        Ok(())
    }
}

/// Appends `bytes` as digits with blanks between them, in at most `columns` columns.
fn digits(bytes: &[u8], kind: bool, columns: usize, out: &mut Vec<u8>) -> usize {
    let mut used = 0_usize;
    for (index, &byte) in bytes.iter().enumerate() {
        // A type stands for itself.
        let kind = kind && index == 0 && byte.is_ascii_graphic();
        let width = usize::from(index > 0) + if kind { 1 } else { 2 };
        let more = if index + 1 < bytes.len() { 2 } else { 0 };
        if used + width + more > columns {
            out.extend_from_slice(" …".as_bytes());
            return used + 2;
        }
        used += width;
        if index > 0 {
            out.push(b' ');
        }
        if kind {
            out.push(byte);
        } else {
            out.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
        }
    }
    used
}

impl Text {
    /// Appends the header, and returns its width in columns.
    fn header(&self, frame: &FrameView<'_>, header: &[u8], columns: usize, out: &mut Vec<u8>) -> usize {
        if !header::is_text(frame.framing, header) {
            return digits(header, frame.has_type, columns, out);
        }
        let start = out.len();
        let mut shown = Vec::new();
        if show_some(header, columns, &Default::default(), &mut shown) < header.len() {
            shown.clear();
            show_some(header, columns - 2, &Default::default(), &mut shown);
            shown.extend_from_slice(" …".as_bytes());
        }
        out.extend_from_slice(&shown);
        String::from_utf8_lossy(&out[start..]).chars().count()
    }
}

impl Sink for Text {
    fn frame(&mut self, frame: &FrameView<'_>, out: &mut Output) -> Result<(), Failure> {
        let (header, payload) = frame.shown();
        let FrameView { number, offset, wire_len, place, .. } = *frame;
        let place_columns = place.columns();
        let mut start = format!("{number:>6} {offset:>9} {wire_len:>7}");
        if self.has_lengths() {
            start += &format!(" {:>7}", payload.len());
        }
        let mut used = place_columns.chars().count() + start.len() + 2;
        // Without a payload the header has the line.
        let room = match payload {
            [] => self.columns.map(|columns| columns.saturating_sub(used).max(LEAST)),
            _ => self.header_room(),
        };
        let mut text = Vec::new();
        let columns = self.header(frame, header, room.unwrap_or(usize::MAX), &mut text);
        let widest = self.header_room().unwrap_or(WIDEST);
        if columns <= widest || !payload.is_empty() {
            self.width = self.width.max(columns.min(widest));
        }
        let may_come = self.named.is_none() && header::is_optional(frame.framing);
        if may_come || columns > 0 && self.named.is_none_or(|named| named == 0) {
            self.width = self.width.max("header".len());
        }
        self.names(frame.place, &mut out.buffer)?;
        let Palette { faint, header, escape, bad, .. } = &self.palette;
        let line = &mut out.buffer;
        write!(line, "{place_columns}{}{start}{}  ", faint.open, faint.close)?;
        if self.width > 0 {
            let blanks = self.width.saturating_sub(columns) + 2;
            write!(line, "{}", header.open)?;
            line.extend_from_slice(&text);
            write!(line, "{}{:blanks$}", header.close, "")?;
            used += columns + blanks;
        }
        let shown = payload.get(..self.shorten).unwrap_or(payload);
        let room = self.columns.map_or(usize::MAX, |columns| columns.saturating_sub(used).max(LEAST));
        let mut more = payload.len() - shown.len();
        if more > 0 || show_some(shown, room, escape, &mut Vec::new()) < shown.len() {
            let reserved = format!(" … {} more", payload.len()).chars().count();
            more = payload.len() - show_some(shown, room.saturating_sub(reserved), escape, line);
            write!(line, "{} … {more} more{}", faint.open, faint.close)?;
        } else {
            show(shown, escape, line);
        }
        if frame.is_control {
            write!(line, "{}(control){}", faint.open, faint.close)?;
        }
        if frame.is_damaged {
            write!(line, " {}(passed on with a wrong bit){}", bad.open, bad.close)?;
        }
        // No blanks at the end of a line.
        line.truncate(line.trim_ascii_end().len());
        line.push(b'\n');
        Ok(out.relieve()?)
    }

    fn gap(&mut self, offset: u64, len: u64, place: Place, out: &mut Output) -> Result<(), Failure> {
        let (columns, note) = (place.columns(), &self.palette.note);
        let length = if self.has_lengths() { "        " } else { "" };
        writeln!(out.buffer, "{columns}       {offset:>9} {len:>7}{length}  {}missing{}", note.open, note.close)?;
        Ok(out.relieve()?)
    }

    fn opened(&mut self, client: &str, server: &str, place: Place, out: &mut Output) -> Result<(), Failure> {
        let faint = &self.palette.faint;
        let stream = place.stream.map(|stream| format!("{stream:>4}  ")).unwrap_or_default();
        writeln!(out.buffer, "{stream}{}{client} → {server}{}", faint.open, faint.close)?;
        Ok(out.relieve()?)
    }

    fn closed(&mut self, place: Place, out: &mut Output) -> Result<(), Failure> {
        let faint = &self.palette.faint;
        let stream = place.stream.map(|stream| format!("{stream:>4}  ")).unwrap_or_default();
        writeln!(out.buffer, "{stream}{}closed{}", faint.open, faint.close)?;
        Ok(out.relieve()?)
    }
}
