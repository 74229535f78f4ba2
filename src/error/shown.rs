//! Bytes and numbers as a person reads them.

use core::fmt;

/// A byte as a person reads it: the character in quotes if it prints, otherwise hex, and the name of a control that ends
/// or separates fields.
pub(super) struct Shown(pub(super) u8);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            b'\'' | b'\\' => write!(f, "0x{:02x}", self.0),
            0x21..=0x7e => write!(f, "'{}'", char::from(self.0)),
            0x00 => f.write_str("0x00 (NUL)"),
            b'\t' => f.write_str("0x09 (TAB)"),
            b'\n' => f.write_str("0x0a (LF)"),
            b'\r' => f.write_str("0x0d (CR)"),
            b' ' => f.write_str("0x20 (space)"),
            other => write!(f, "0x{other:02x}"),
        }
    }
}

/// A number of bytes: `1 byte`, `2 bytes`.
pub(crate) struct Bytes(pub(crate) u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Counted(self.0, "byte").fmt(f)
    }
}

/// A number of things, with the word for one of them.
pub(crate) struct Counted(pub(crate) u64, pub(crate) &'static str);

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.0, self.1, if self.0 == 1 { "" } else { "s" })
    }
}
