//! Frames that are known by a number alone.

use crate::mark::Mark;
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
/// assert_eq!((prefix.below(), prefix.tail()), (100, None));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlainPrefix {
    number: AnyNumber,
    below: u64,
    tail: Option<Mark>,
}

impl PlainPrefix {
    /// Each number below `below` is ahead of so many bytes of payload.
    #[inline]
    #[must_use]
    pub const fn new(number: AnyNumber, below: u64) -> Self {
        Self { number, below, tail: None }
    }

    /// The same with these bytes behind every payload.
    #[inline]
    #[must_use]
    pub const fn with_tail(mut self, tail: Mark) -> Self {
        self.tail = Some(tail);
        self
    }

    /// How the number stands on the wire.
    #[inline]
    #[must_use]
    pub const fn number(&self) -> &AnyNumber {
        &self.number
    }

    /// What stands behind every payload.
    #[inline]
    #[must_use]
    pub const fn tail(&self) -> Option<&Mark> {
        self.tail.as_ref()
    }

    /// The least number of which nothing is said.
    #[inline]
    #[must_use]
    pub const fn below(&self) -> u64 {
        self.below
    }
}
