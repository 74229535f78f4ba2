//! Reads numbers from text, and reports the place of a word that is no number.

use std::fmt;

/// At most this much of a word that is no number is kept to be shown.
const SHOWN: usize = 32;

/// Reads numbers with blanks, commas or line ends between them, in pieces cut anywhere.
#[derive(Debug)]
pub(crate) struct Numbers {
    state: State,
    /// The place of the next byte, line and column counted from 1, in bytes.
    line: u64,
    column: u64,
    /// The first bytes of the current word.
    word: Vec<u8>,
    /// Where the current word begins.
    start: u64,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Between,
    /// A first `0`, which may become `0x`.
    Zero,
    Decimal(u64),
    /// `0x`, which must be followed by digits.
    Prefix,
    Hex(u64),
    Bad(Purpose),
}

#[derive(Clone, Copy, Debug)]
enum Purpose {
    NoNumber,
    TooLarge,
}

/// A word that is no number, and its place.
#[derive(Debug)]
pub(crate) struct Bad {
    line: u64,
    column: u64,
    word: Vec<u8>,
    why: Purpose,
}

impl fmt::Display for Bad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, word, why } = self;
        let more = if word.len() > SHOWN { "…" } else { "" };
        let word = word.get(..word.len().min(SHOWN)).unwrap_or_default().escape_ascii();
        write!(f, "line {line}, column {column}: `{word}{more}` is ")?;
        match why {
            Purpose::NoNumber => f.write_str("no number: digits belong here, or 0x and hexadecimal digits"),
            Purpose::TooLarge => write!(f, "over {}", u64::MAX),
        }
    }
}

impl Numbers {
    pub(crate) fn new() -> Self {
        Self { state: State::Between, line: 1, column: 1, word: Vec::new(), start: 1 }
    }

    /// Passes the numbers that end in `chunk` to `each`.
    pub(crate) fn push(&mut self, chunk: &[u8], mut each: impl FnMut(u64)) -> Result<(), Bad> {
        for &byte in chunk {
            if matches!(byte, b'\n' | b' ' | b',' | b'\t' | b'\r' | 0x0c) {
                if let Some(number) = self.end()? {
                    each(number);
                }
                if byte == b'\n' {
                    self.line = self.line.saturating_add(1);
                    self.column = 0;
                }
            } else {
                if let State::Between = self.state {
                    self.word.clear();
                    self.start = self.column;
                }
                if self.word.len() <= SHOWN {
                    self.word.push(byte);
                } else if let State::Bad(why) = self.state {
                    return Err(self.bad(why));
                }
                self.state = self.state.with(byte);
            }
            self.column = self.column.saturating_add(1);
        }
        Ok(())
    }

    /// The number that ends here, if there is one.
    pub(crate) fn end(&mut self) -> Result<Option<u64>, Bad> {
        let number = match self.state {
            State::Between => None,
            State::Zero => Some(0),
            State::Decimal(value) | State::Hex(value) => Some(value),
            State::Prefix => return Err(self.bad(Purpose::NoNumber)),
            State::Bad(why) => return Err(self.bad(why)),
        };
        self.state = State::Between;
        Ok(number)
    }

    fn bad(&mut self, why: Purpose) -> Bad {
        Bad { line: self.line, column: self.start, word: std::mem::take(&mut self.word), why }
    }
}

impl State {
    /// The state after one more byte of a word.
    fn with(self, byte: u8) -> Self {
        let digit = |radix| char::from(byte).to_digit(radix);
        let more = |value: u64, radix: u32, form: fn(u64) -> Self| match digit(radix) {
            Some(digit) => {
                let value = value.checked_mul(radix.into()).and_then(|value| value.checked_add(digit.into()));
                value.map_or(Self::Bad(Purpose::TooLarge), form)
            }
            None => Self::Bad(Purpose::NoNumber),
        };
        match self {
            Self::Between if byte == b'0' => Self::Zero,
            Self::Zero if matches!(byte, b'x' | b'X') => Self::Prefix,
            Self::Between | Self::Zero => more(0, 10, Self::Decimal),
            Self::Decimal(value) => more(value, 10, Self::Decimal),
            Self::Prefix => more(0, 16, Self::Hex),
            Self::Hex(value) => more(value, 16, Self::Hex),
            // Digits make it larger; anything else makes it no number.
            Self::Bad(Purpose::TooLarge) if digit(16).is_some() => self,
            Self::Bad(_) => Self::Bad(Purpose::NoNumber),
        }
    }
}
