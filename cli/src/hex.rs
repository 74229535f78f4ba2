//! Rows of bytes in hex, with the characters beside them.

use std::io::Write;

use crate::escape::digit;
use crate::style::{Palette, Span};

/// Columns before the first byte's digits.
const MARGIN: usize = 12;

/// The columns of a row of 16 bytes.
const WIDE: usize = 80;

/// The form of all rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grid {
    /// Bytes in a row.
    pub(crate) row_len: usize,
}

impl Grid {
    /// Rows that fit a terminal of this many columns, or long ones if there is no terminal.
    pub(crate) fn new(columns: Option<usize>) -> Self {
        Self { row_len: if columns.is_some_and(|columns| columns < WIDE) { 8 } else { 16 } }
    }

    /// Appends one row: `offset` is that of its first cell, and a cell without a byte stays blank.
    pub(crate) fn row<'a>(
        self,
        offset: u64,
        cells: impl Iterator<Item = Option<(u8, &'a Span)>> + Clone,
        palette: &Palette,
        out: &mut Vec<u8>,
    ) {
        let faint = &palette.faint;
        // Writing to a vector does not fail.
        let _ = write!(out, "{}{offset:>10}{}  ", faint.open, faint.close);
        let mut brush = Brush::default();
        for (index, cell) in cells.clone().chain(std::iter::repeat(None)).take(self.row_len).enumerate() {
            brush.take(cell.map(|(_, span)| span), out);
            out.extend_from_slice(&cell.map_or([b' '; 2], |(byte, _)| [digit(byte >> 4), digit(byte & 15)]));
            if index == self.row_len / 2 - 1 {
                out.push(b' ');
            }
            out.push(b' ');
        }
        brush.take(None, out);
        let _ = write!(out, " {}|{}", faint.open, faint.close);
        for cell in cells {
            brush.take(cell.map(|(_, span)| span), out);
            out.push(match cell {
                None => b' ',
                Some((byte @ b' '..=b'~', _)) => byte,
                Some(_) => b'.',
            });
        }
        brush.take(None, out);
        let _ = writeln!(out, "{}|{}", faint.open, faint.close);
    }

    /// The column in which the digits of a row's byte begin.
    pub(crate) fn column(self, index: usize) -> usize {
        MARGIN + 3 * index + usize::from(index >= self.row_len / 2)
    }
}

/// Changes the style only where a cell's style differs from that of the cell before.
#[derive(Default)]
struct Brush<'a>(Option<&'a Span>);

impl<'a> Brush<'a> {
    fn take(&mut self, span: Option<&'a Span>, out: &mut Vec<u8>) {
        if self.0.map(std::ptr::from_ref) != span.map(std::ptr::from_ref) {
            out.extend_from_slice(self.0.map_or("", |old| &old.close).as_bytes());
            out.extend_from_slice(span.map_or("", |new| &new.open).as_bytes());
            self.0 = span;
        }
    }
}
