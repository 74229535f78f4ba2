//! The name of a header field.

use crate::error::ConfigError;
use crate::framing::text::is_blank;

/// A field's name, in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Name {
    len: u8,
    bytes: [u8; Name::CAPACITY],
}

impl Name {
    const CAPACITY: usize = 31;

    pub(super) const fn new(name: &str) -> Result<Self, ConfigError> {
        let name = name.as_bytes();
        if name.is_empty() {
            return Err(ConfigError::EmptyLiteral);
        }
        if name.len() > Self::CAPACITY {
            return Err(ConfigError::LiteralTooLong { len: name.len(), max: Self::CAPACITY });
        }
        let mut bytes = [0; Self::CAPACITY];
        let mut len = 0;
        // A loop, as slices cannot be copied in a `const fn`.
        while (len as usize) < name.len() {
            if matches!(name[len as usize], b'\r' | b'\n') {
                return Err(ConfigError::Conflict("a field's name cannot contain a line end"));
            }
            bytes[len as usize] = name[len as usize];
            len += 1;
        }
        Ok(Self { len, bytes })
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.len.into()).unwrap_or_default()
    }

    pub(super) const fn contains(&self, wanted: u8) -> bool {
        let mut at = 0;
        while at < self.len as usize {
            if self.bytes[at] == wanted {
                return true;
            }
            at += 1;
        }
        false
    }

    /// Whether a line that is written with the name `other` begins as a field of this name does.
    pub(super) const fn is_read_from(&self, other: &Self, separator: u8) -> bool {
        // The name, the separator and a blank.
        let mut at = 0;
        while at <= self.len {
            let written = if at < other.len {
                other.bytes[at as usize]
            } else if at == other.len {
                separator
            } else if at == other.len + 1 {
                b' '
            } else {
                return false;
            };
            let same = match at == self.len {
                true => written == separator || is_blank(written),
                false => written.eq_ignore_ascii_case(&self.bytes[at as usize]),
            };
            if !same {
                return false;
            }
            at += 1;
        }
        true
    }

    /// Whether the first bytes of a line are this name and a byte that may stand after it.
    #[inline]
    pub(super) fn matches(&self, line: &[u8], separator: u8) -> bool {
        let len = self.as_slice().len();
        line.get(..len).is_some_and(|name| name.eq_ignore_ascii_case(self.as_slice()))
            && matches!(line.get(len), Some(&next) if next == separator || is_blank(next))
    }
}
