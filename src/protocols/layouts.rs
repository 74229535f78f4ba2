//! Layouts of headers that several protocols share.

use crate::framing::length_field::Layout;
use crate::number::Binary;
use crate::scan::ByteSet;

/// A header of `header` bytes, with `number` at `offset`, which counts the bytes after the header.
pub(super) const fn counts_rest(offset: u16, number: Binary, header: u16) -> Layout {
    let mut layout = Layout::new(offset);
    let end = offset + number.width_u16();
    layout.after = header - end;
    layout
}

/// As above, but the number counts the complete packet.
pub(super) const fn counts_all(offset: u16, number: Binary, header: u16) -> Layout {
    let mut layout = counts_rest(offset, number, header);
    layout.adjustment = Some(layout.after as i64 - header as i64);
    layout
}

/// The bytes that are multiples of `unit`, which divides 256.
pub(super) const fn multiples(unit: u8) -> ByteSet {
    let mut set = ByteSet::of(0);
    let mut next = unit;
    while next != 0 {
        set = set.with(next);
        next = next.wrapping_add(unit);
    }
    set
}
