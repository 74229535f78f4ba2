//! Why something cannot be built.

use core::fmt;

use super::shown::{Bytes, Shown};

/// Why a framing or a number representation cannot be built as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ConfigError {
    /// A fixed length of 0: a stream of such frames never advances.
    ZeroLength,
    /// A width outside what the representation has.
    Width {
        /// The width asked for.
        found: usize,
        /// The least allowed.
        min: usize,
        /// The greatest allowed.
        max: usize,
    },
    /// An empty delimiter, terminator or trailer.
    EmptyLiteral,
    /// A delimiter, terminator or trailer longer than the place for it.
    LiteralTooLong {
        /// Its length in bytes.
        len: usize,
        /// The greatest allowed.
        max: usize,
    },
    /// A terminator whose first byte is one of the digits that it should end.
    LiteralStartsWithDigit {
        /// That byte.
        found: u8,
    },
    /// A table or set without an entry.
    Empty,
    /// More entries than the framing has room for.
    TooMany {
        /// How many were given.
        found: usize,
        /// How many it takes.
        max: usize,
    },
    /// The same type byte twice in a table.
    DuplicateType {
        /// That byte.
        found: u8,
    },
    /// One delimiter is a prefix of another (or the same), so the longer could never be found.
    PrefixOfAnother {
        /// Index of the shorter delimiter in the set.
        shorter: usize,
        /// Index of the longer one.
        longer: usize,
    },
    /// A bit mask that is empty, has holes, or does not fit the width.
    BitMask {
        /// The mask.
        found: u64,
    },
    /// A unit or a multiple of 0, or greater than is supported.
    Unit {
        /// The value asked for.
        found: u64,
        /// The greatest allowed.
        max: u64,
    },
    /// Parts of a header that overlap or lie outside it, or options that exclude each other; the text names them.
    Conflict(&'static str),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ZeroLength => f.write_str("a fixed length must be at least 1 byte"),
            Self::Width { found, min, max } => {
                write!(f, "a width of {found} is outside {min} to {max}")
            }
            Self::EmptyLiteral => f.write_str("a delimiter, terminator or trailer needs at least one byte"),
            Self::LiteralTooLong { len, max } => {
                write!(
                    f,
                    "a delimiter, terminator or trailer of {} is too long: the maximum is {max}",
                    Bytes(len as u64)
                )
            }
            Self::LiteralStartsWithDigit { found } => {
                write!(f, "a terminator cannot begin with the digit {}", Shown(found))
            }
            Self::Empty => f.write_str("at least one entry is needed"),
            Self::TooMany { found, max } => write!(f, "{found} entries are too many: the maximum is {max}"),
            Self::DuplicateType { found } => {
                write!(f, "the type byte {} is in the table twice", Shown(found))
            }
            Self::PrefixOfAnother { shorter, longer } => write!(
                f,
                "delimiter {} begins with delimiter {}, so it could never be found",
                longer.saturating_add(1),
                shorter.saturating_add(1)
            ),
            Self::BitMask { found } => {
                write!(f, "the bit mask {found:#x} is not one run of bits that fits the width")
            }
            Self::Unit { found, max } => {
                write!(f, "a unit or multiple of {found} is outside 1 to {max}")
            }
            Self::Conflict(text) => f.write_str(text),
        }
    }
}

impl core::error::Error for ConfigError {}
