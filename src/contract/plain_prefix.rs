//! Frames that are known by a number alone.

use crate::literal::Literal;
use crate::number::AnyNumber;

/// A number that is the first thing in every frame, and says how many bytes of payload follow it. Behind them is nothing, or
/// always the same few bytes.
///
/// ```
/// use anysplit::PlainPrefix;
/// use anysplit::number::Binary;
///
/// // `00 05 hello`, and so for all lengths below 100. What other numbers mean, `Framing::locate` knows.
/// let prefix = PlainPrefix::new(Binary::u16_be().into(), 100);
/// assert_eq!((prefix.below(), prefix.trailer()), (100, None));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlainPrefix {
    number: AnyNumber,
    below: u64,
    trailer: Option<Literal>,
}

impl PlainPrefix {
    /// Each number below `below` is ahead of so many bytes of payload.
    #[inline]
    #[must_use]
    pub const fn new(number: AnyNumber, below: u64) -> Self {
        Self { number, below, trailer: None }
    }

    /// The same with these bytes after every payload.
    #[inline]
    #[must_use]
    pub const fn with_trailer(mut self, trailer: Literal) -> Self {
        self.trailer = Some(trailer);
        self
    }

    /// How the number stands on the wire.
    #[inline]
    #[must_use]
    pub const fn number(&self) -> &AnyNumber {
        &self.number
    }

    /// What stands after every payload.
    #[inline]
    #[must_use]
    pub const fn trailer(&self) -> Option<&Literal> {
        self.trailer.as_ref()
    }

    /// The least number of which nothing is said.
    #[inline]
    #[must_use]
    pub const fn below(&self) -> u64 {
        self.below
    }
}
