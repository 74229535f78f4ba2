//! Bytes, and counts of them, as text.

use crate::escape;
use crate::style::Span;

/// Bytes as text.
pub(super) fn printed(bytes: &[u8]) -> String {
    let mut shown = Vec::new();
    escape::show(bytes, &Span::default(), &mut shown);
    String::from_utf8_lossy(&shown).into_owned()
}

pub(crate) fn bytes_of(count: u64) -> String {
    format!("{count} byte{}", if count == 1 { "" } else { "s" })
}

/// A count in larger units, where that is shorter and exact.
pub(super) fn rounded(len: u64) -> String {
    for (unit, name) in [(1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")] {
        if len >= unit && len % unit == 0 {
            return format!(" ({} {name})", len / unit);
        }
    }
    String::new()
}
