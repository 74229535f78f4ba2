//! All bytes in hex.

use std::io::Write;

use crate::failure::Failure;
use crate::hex;
use crate::output::Output;
use crate::stream::{FrameView, Sink};
use crate::style::Palette;

pub(crate) struct Hex {
    palette: Palette,
    /// Frames so far.
    number: u64,
}

impl Hex {
    pub(crate) fn new(palette: Palette) -> Self {
        Self { palette, number: 0 }
    }
}

impl Sink for Hex {
    fn frame(&mut self, frame: &FrameView<'_>, out: &mut Output) -> Result<(), Failure> {
        let Palette { faint, header, payload, trailer, .. } = &self.palette;
        self.number = self.number.saturating_add(1);
        let blank = if self.number == 1 { "" } else { "\n" };
        write!(out.buffer, "{blank}frame {}", self.number)?;
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
            write!(out.buffer, "  {}opened from {} on the wire{}", faint.open, frame.wire_len, faint.close)?;
        }
        out.buffer.push(b'\n');
        let cells = parts.into_iter().flat_map(|(_, bytes, span)| bytes.iter().map(move |&byte| (byte, span)));
        let mut offset = frame.offset;
        let mut cells = cells.map(Some).peekable();
        while cells.peek().is_some() {
            let row: Vec<_> = cells.by_ref().take(hex::ROW).collect();
            hex::row(offset, row.iter().copied(), &self.palette, &mut out.buffer);
            offset = offset.saturating_add(hex::ROW as u64);
            out.relieve()?;
        }
        Ok(())
    }
}
