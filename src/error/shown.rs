//! Bytes as a person reads them.

use core::fmt;

/// A byte as a person reads it: the character in quotes where it prints, hex where it does not.
pub(super) struct Shown(pub(super) u8);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            b'\'' | b'\\' => write!(f, "0x{:02x}", self.0),
            0x21..=0x7e => write!(f, "'{}'", char::from(self.0)),
            other => write!(f, "0x{other:02x}"),
        }
    }
}
