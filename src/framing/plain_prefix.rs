//! Frames that are known by a number alone.

use crate::number::AnyNumber;

/// A number that is the first thing in every frame, and says how many bytes of payload follow it, which are the rest.
///
/// ```
/// use anysplit::PlainPrefix;
/// use anysplit::number::Binary;
///
/// // `00 05 hello`, and so for all lengths below 100. What other numbers mean, `Framing::locate` knows.
/// let prefix = PlainPrefix::new(Binary::u16_be().into(), 100);
/// assert_eq!(prefix.below(), 100);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlainPrefix {
    number: AnyNumber,
    below: u64,
}

impl PlainPrefix {
    /// Each number below `below` is ahead of so many bytes of payload.
    #[inline]
    #[must_use]
    pub const fn new(number: AnyNumber, below: u64) -> Self {
        Self { number, below }
    }

    /// How the number stands on the wire.
    #[inline]
    #[must_use]
    pub const fn number(&self) -> &AnyNumber {
        &self.number
    }

    /// The least number of which nothing is said.
    #[inline]
    #[must_use]
    pub const fn below(&self) -> u64 {
        self.below
    }
}
