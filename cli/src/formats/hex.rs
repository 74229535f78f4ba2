//! All bytes in hex.

use std::io::Write;

use crate::failure::Failure;
use crate::hex::Grid;
use crate::output::Output;
use crate::sink::{FrameView, Place, Sink};
use crate::style::{Palette, stdout_columns};

pub(crate) struct Hex {
    palette: Palette,
    grid: Grid,
    /// Whether something was shown, so that a blank line comes next.
    begun: bool,
}

impl Hex {
    pub(crate) fn new(palette: Palette) -> Self {
        Self { palette, grid: Grid::new(stdout_columns()), begun: false }
    }
}

impl Sink for Hex {
    fn frame(&mut self, frame: &FrameView<'_>, out: &mut Output) -> Result<(), Failure> {
        let Palette { faint, header, payload, trailer, .. } = &self.palette;
        let FrameView { place, number, offset, wire_len, .. } = *frame;
        let (blank, columns) = (if self.begun { "\n" } else { "" }, place.columns());
        let blanks = if columns.is_empty() { "" } else { "  " };
        self.begun = true;
        write!(out.buffer, "{blank}{}{blanks}frame {number}  wire {wire_len}", columns.trim_start())?;
        let parts = [
            ("header", frame.header, header),
            ("payload", frame.payload, payload),
            ("trailer", frame.trailer, trailer),
        ];
        for (name, bytes, span) in parts {
            if !bytes.is_empty() {
                write!(out.buffer, "  {}{name} {}{}", span.open, bytes.len(), span.close)?;
            }
        }
        if frame.is_control {
            write!(out.buffer, "  {}control{}", faint.open, faint.close)?;
        }
        if !frame.is_on_wire {
            write!(out.buffer, "  {}decoded, not as on the wire{}", faint.open, faint.close)?;
        }
        if frame.is_damaged {
            write!(out.buffer, "  {}passed on with a wrong bit{}", self.palette.bad.open, self.palette.bad.close)?;
        }
        out.buffer.push(b'\n');
        let cells = parts.into_iter().flat_map(|(_, bytes, span)| bytes.iter().map(move |&byte| (byte, span)));
        let mut offset = offset;
        let mut cells = cells.map(Some).peekable();
        while cells.peek().is_some() {
            let row: Vec<_> = cells.by_ref().take(self.grid.row_len).collect();
            self.grid.row(offset, row.iter().copied(), &self.palette, &mut out.buffer);
            offset = offset.saturating_add(row.len() as u64);
            out.relieve()?;
        }
        Ok(())
    }
    fn gap(&mut self, offset: u64, len: u64, place: Place, out: &mut Output) -> Result<(), Failure> {
        let (blank, note) = (if self.begun { "\n" } else { "" }, &self.palette.note);
        self.begun = true;
        let arrow = place.from.map_or("", |from| from.arrow());
        writeln!(out.buffer, "{blank}{arrow}  {}byte {offset}: {len} bytes are missing{}", note.open, note.close)?;
        Ok(out.relieve()?)
    }

    fn opened(&mut self, client: &str, server: &str, place: Place, out: &mut Output) -> Result<(), Failure> {
        let (blank, faint) = (if self.begun { "\n" } else { "" }, &self.palette.faint);
        self.begun = true;
        let stream = place.stream.map(|stream| format!("{stream}  ")).unwrap_or_default();
        writeln!(out.buffer, "{blank}{stream}{}{client} → {server}{}", faint.open, faint.close)?;
        Ok(out.relieve()?)
    }
}
