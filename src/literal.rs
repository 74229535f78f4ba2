//! A few bytes that stand on the wire as they are.

use crate::error::{ConfigError, DecodeErrorKind, FrameError};

/// A short run of bytes that the wire carries as it is: an end mark, a trailer, a magic number. 1 to 15 bytes, in place.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Literal {
    len: u8,
    bytes: [u8; Self::CAPACITY],
}

impl Literal {
    /// The greatest length in bytes.
    pub const CAPACITY: usize = 15;

    /// These bytes.
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyLiteral`] for none, [`ConfigError::LiteralTooLong`] for more than [`Literal::CAPACITY`].
    pub const fn new(bytes: &[u8]) -> Result<Self, ConfigError> {
        if bytes.is_empty() {
            return Err(ConfigError::EmptyLiteral);
        }
        if bytes.len() > Self::CAPACITY {
            return Err(ConfigError::LiteralTooLong { len: bytes.len(), max: Self::CAPACITY });
        }
        let mut mark = Self { len: 0, bytes: [0; Self::CAPACITY] };
        // A loop, as slices cannot be copied in a `const fn`.
        while (mark.len as usize) < bytes.len() {
            mark.bytes[mark.len as usize] = bytes[mark.len as usize];
            mark.len += 1;
        }
        Ok(mark)
    }

    /// One byte.
    #[must_use]
    pub const fn byte(byte: u8) -> Self {
        let mut bytes = [0; Self::CAPACITY];
        bytes[0] = byte;
        Self { len: 1, bytes }
    }

    /// Four bytes.
    #[cfg(feature = "protocols")]
    pub(crate) const fn of_four([a, b, c, d]: [u8; 4]) -> Self {
        Self { len: 4, bytes: [a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] }
    }

    /// The bytes. Never empty.
    #[inline]
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The length in bytes, 1 to 15.
    #[inline]
    pub(crate) const fn len_u16(&self) -> u16 {
        self.len as u16
    }

    /// Compares what is there of `input` with the mark.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::Mismatch`] at the first byte that differs, with `at` counted from the start of `input`.
    #[inline]
    pub(crate) fn check(&self, input: &[u8]) -> Result<(), FrameError> {
        for (at, (&found, &expected)) in input.iter().zip(self.as_slice()).enumerate() {
            if found != expected {
                return Err(FrameError::new(at, DecodeErrorKind::Mismatch { found, expected }));
            }
        }
        Ok(())
    }
}

impl AsRef<[u8]> for Literal {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl core::fmt::Debug for Literal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Literal(\"{}\")", self.as_slice().escape_ascii())
    }
}
