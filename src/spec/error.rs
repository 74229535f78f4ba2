//! What is wrong with a text form, and where.

use core::fmt;

use crate::error::ConfigError;

/// How deep framings may be nested: in parentheses, and after ` then `.
pub const MAX_DEPTH: usize = 16;

/// What is wrong with the text form of a framing, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SpecError {
    /// In characters, counted from 1. One after the last if the text ends too early.
    pub column: usize,
    /// What is wrong.
    pub kind: SpecErrorKind,
}

/// What is wrong with the text form of a framing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SpecErrorKind {
    /// Something else was expected.
    Expected(&'static str),
    /// The text can be read, but its framing cannot be built.
    Config(ConfigError),
    /// An option is given twice.
    Repeated,
    /// Framings are nested deeper than this.
    TooDeep {
        /// The greatest depth.
        max: usize,
    },
}

impl SpecError {
    /// Returns `text`, which must be the text that was parsed, and below it a line with a caret at the column and the error.
    ///
    /// ```
    /// let text = "fixed:0";
    /// let error = text.parse::<anysplit::AnyFraming>().unwrap_err();
    /// assert_eq!(error.rendered(text).to_string(), "fixed:0\n      ^ a fixed length must be at least 1 byte");
    /// ```
    ///
    /// Control characters are shown as `·`, so that the column is right.
    pub fn rendered<'a>(&'a self, text: &'a str) -> impl fmt::Display + 'a {
        Rendered { error: self, text }
    }
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: {}", self.column, self.kind)
    }
}

impl fmt::Display for SpecErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expected(what) => write!(f, "expected {what}"),
            Self::Config(error) => error.fmt(f),
            Self::Repeated => f.write_str("the same option again"),
            Self::TooDeep { max } => write!(f, "framings stand more than {max} deep inside one another"),
        }
    }
}

impl core::error::Error for SpecError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.kind {
            SpecErrorKind::Config(error) => Some(error),
            _ => None,
        }
    }
}

struct Rendered<'a> {
    error: &'a SpecError,
    text: &'a str,
}

impl fmt::Display for Rendered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.text.chars() {
            write!(f, "{}", if character.is_control() { '·' } else { character })?;
        }
        let before = self.error.column.saturating_sub(1);
        f.write_str("\n")?;
        for _ in 0..before {
            f.write_str(" ")?;
        }
        write!(f, "^ {}", self.error.kind)
    }
}
