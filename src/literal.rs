//! Fixed bytes on the wire.

use crate::error::{ConfigError, DecodeErrorKind, FrameError};
use crate::short::ShortBytes;

/// Bytes that are the same in every frame, such as a terminator, a trailer or a magic number: 1 to 15, by value.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Literal(ShortBytes<{ Literal::CAPACITY }>);

impl Literal {
    /// The greatest length in bytes.
    pub const CAPACITY: usize = 15;

    /// Copies `bytes`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyLiteral`] for no byte, [`ConfigError::LiteralTooLong`] for more than [`Literal::CAPACITY`].
    pub const fn new(bytes: &[u8]) -> Result<Self, ConfigError> {
        match ShortBytes::new(bytes) {
            _ if bytes.is_empty() => Err(ConfigError::EmptyLiteral),
            Ok(bytes) => Ok(Self(bytes)),
            Err(_) => Err(ConfigError::LiteralTooLong { len: bytes.len(), max: Self::CAPACITY }),
        }
    }

    /// Copies one byte.
    #[must_use]
    pub const fn byte(byte: u8) -> Self {
        Self(ShortBytes::of([byte]))
    }

    /// Copies four bytes.
    #[cfg(feature = "protocols")]
    pub(crate) const fn of_four(bytes: [u8; 4]) -> Self {
        Self(ShortBytes::of(bytes))
    }

    /// Returns the bytes. They are never empty.
    #[inline]
    #[must_use]
    pub const fn as_slice(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// Returns the length in bytes, 1 to 15.
    #[inline]
    pub(crate) const fn len_u16(&self) -> u16 {
        self.0.len_u8() as u16
    }

    /// Compares the start of `input` with the literal, as far as `input` goes.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::Mismatch`] at the first byte that differs; `at` counts from the start of `input`.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literal_of_1_to_15_bytes_is_accepted_and_others_refused() {
        assert_eq!(Literal::new(b""), Err(ConfigError::EmptyLiteral));
        for len in 1..=15 {
            let literal = Literal::new(&[b'x'; 15][..len]).unwrap();
            assert_eq!((literal.as_slice().len(), usize::from(literal.len_u16())), (len, len));
        }
        assert_eq!(Literal::new(&[b'x'; 16]), Err(ConfigError::LiteralTooLong { len: 16, max: 15 }));
        assert_eq!(Literal::byte(b':'), Literal::new(b":").unwrap());
    }

    #[test]
    fn check_reports_the_first_byte_that_differs() {
        let literal = Literal::new(b"\r\n").unwrap();
        for input in [&b""[..], b"\r", b"\r\n", b"\r\nmore"] {
            assert_eq!(literal.check(input), Ok(()));
        }
        let mismatch = DecodeErrorKind::Mismatch { found: b'x', expected: b'\n' };
        assert_eq!(literal.check(b"\rx"), Err(FrameError::new(1, mismatch)));
    }
}
