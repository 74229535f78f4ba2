//! A line a frame.

use std::io::Write;

use crate::escape::{digit, show};
use crate::failure::Failure;
use crate::output::Output;
use crate::stream::{FrameView, Sink};
use crate::style::Palette;

pub(crate) struct Text {
    palette: Palette,
    shorten: Option<usize>,
    /// The widest header so far, in columns: later headers are aligned with it.
    width: usize,
}

impl Text {
    pub(crate) fn new(palette: Palette, shorten: Option<usize>) -> Self {
        Self { palette, shorten, width: 0 }
    }

    /// Appends the header, as text if all of it is printable and otherwise in hex, and returns its width in columns.
    fn header(&self, frame: &FrameView<'_>, out: &mut Vec<u8>) -> usize {
        let header = frame.header;
        if header.iter().all(u8::is_ascii_graphic) {
            out.extend_from_slice(header);
            return header.len();
        }
        let mut columns = 0_usize;
        for (index, &byte) in header.iter().enumerate() {
            // A type stands for itself.
            let kind = index == 0 && frame.has_type && byte.is_ascii_graphic();
            let blank: &[u8] = if index == 0 { b"" } else { b" " };
            out.extend_from_slice(blank);
            if kind {
                out.push(byte);
            } else {
                out.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
            }
            columns = columns.saturating_add(blank.len() + if kind { 1 } else { 2 });
        }
        columns
    }
}

impl Sink for Text {
    fn frame(&mut self, frame: &FrameView<'_>, out: &mut Output) -> Result<(), Failure> {
        let Palette { faint, header, escape, .. } = &self.palette;
        let line = &mut out.buffer;
        let payload = frame.payload;
        write!(line, "{}{:>8} {:>7}{}  {}", faint.open, frame.offset, payload.len(), faint.close, header.open)?;
        let columns = self.header(frame, line);
        line.extend_from_slice(header.close.as_bytes());
        self.width = self.width.max(columns);
        if self.width > 0 {
            line.resize(line.len() + self.width - columns + 2, b' ');
        }
        let shown = payload.get(..self.shorten.unwrap_or(usize::MAX)).unwrap_or(payload);
        show(shown, escape, line);
        if shown.len() < payload.len() {
            write!(line, "{} … {} more{}", faint.open, payload.len() - shown.len(), faint.close)?;
        }
        if frame.is_control {
            write!(line, "{}(control){}", faint.open, faint.close)?;
        }
        line.push(b'\n');
        Ok(out.relieve()?)
    }
}
