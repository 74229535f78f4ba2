//! JSON texts, one after the other.

use super::search::{Found, Grammar, Memory, Room, framing_of_values};
use crate::contract::{DEFAULT_MAX_PAYLOAD_LEN, NextStart};
use crate::error::{DecodeErrorKind, FrameError};

/// JSON texts one after the other: newline-delimited JSON, JSON lines, concatenated JSON.
///
/// ```text
///  offset   0  1  2  3  4  5  6  7  8  9 10 11 12
///  wire     [  1  ]  {  }  \n 4  2  \n "  ]  "  \n
///           ────────                               payload [1]
///                    ─────                         payload {}, and the line feed after it is filler
///                             ────── ▔             payload 42, and its trailer: a number ends with a separator
///                                       ────────   payload "]"
/// ```
///
/// White space (blank, tab, CR, LF) between two texts is filler. An array, an object and a string end with their last
/// byte. A bare number and a bare word (`true`, `false`, `null`) end only where white space follows, which is then the
/// frame's trailer, or with the stream: `1` may go on with `2`. White space inside a text belongs to it, line feeds too.
///
/// The encoder writes a line feed after a bare number or word, and nothing after other texts, so that a text may stand
/// inside another framing. To write a line for each text, for readers of lines, encode texts without line feeds by
/// [`Delimited::line`](crate::Delimited::line): this framing reads that too.
///
/// # What is judged
///
/// All of the grammar: brackets by their kind, commas, colons, keys, escapes, the form of numbers, no control byte in a
/// string. Not judged: whether strings are UTF-8, whether surrogates come in pairs, whether a number fits any type,
/// whether keys repeat. A byte order mark is an error, as RFC 8259 forbids to send one.
///
/// # Errors
///
/// - [`DecodeErrorKind::Forbidden`] at the first byte that cannot stand there;
/// - [`DecodeErrorKind::TooDeep`] at the bracket that opens level 129 of arrays and objects ([`Json::MAX_DEPTH`] is 128);
/// - [`DecodeErrorKind::Oversize`] at the first byte of the text over the limit. Separators do not count.
///
/// Encoding refuses a message that is not exactly one text, without white space around it:
/// [`EncodeError::Malformed`](crate::EncodeError::Malformed) with the byte,
/// [`EncodeError::TooShort`](crate::EncodeError::TooShort) for a text that is not complete,
/// [`EncodeError::WrongLength`](crate::EncodeError::WrongLength) for bytes after it, and
/// [`EncodeError::Empty`](crate::EncodeError::Empty).
///
/// With [`Recovery::SkipFrame`](crate::Recovery::SkipFrame) a rejected text is skipped up to and including the next line
/// feed after the wrong byte. With [`Recovery::Resync`](crate::Recovery::Resync) a text may begin after any line feed.
///
/// # Cost
///
/// Each byte is read once, for every split. No allocation: 32 bytes hold the state.
///
/// # Examples
///
/// ```
/// use anysplit::values::Json;
/// use anysplit::{DecodeErrorKind, Decoder, EncodeError, Framing};
///
/// let mut wire = Vec::new();
/// Json::new().encode(b"{\"a\":[1,2]}", &mut wire)?;
/// Json::new().encode(b"42", &mut wire)?;
/// assert_eq!(wire, b"{\"a\":[1,2]}42\n");
/// assert_eq!(Json::new().encode(b"[1", &mut wire), Err(EncodeError::TooShort { len: 2, min: 3 }));
///
/// let mut decoder = Decoder::new(Json::new());
/// decoder.push(b"{\"a\":\"}\"}{} 4")?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"{\"a\":\"}\"}");
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"{}");
/// assert_eq!(decoder.next_frame()?, None);
/// decoder.push(b"2")?;
/// assert_eq!(decoder.finish()?.unwrap().payload(), b"42");
///
/// let mut decoder = Decoder::new(Json::new());
/// decoder.push(b"[1}")?;
/// let error = decoder.next_frame().unwrap_err();
/// assert_eq!((error.offset, error.kind), (2, DecodeErrorKind::Forbidden { found: b'}' }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Specification
///
/// RFC 8259, sections 2 to 8, for one text. Newline-delimited JSON and JSON lines are texts with a line feed after each.
/// RFC 8259 does not say how texts follow each other; readers differ in whether `1[2]` is two texts. Here it is an error,
/// as a number that was cut would look the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Json {
    max: u64,
}

impl Json {
    /// Arrays and objects that may be open at the same time.
    pub const MAX_DEPTH: u8 = 128;

    /// Creates the framing with the default limit, [`DEFAULT_MAX_PAYLOAD_LEN`].
    #[must_use]
    pub const fn new() -> Self {
        Self { max: DEFAULT_MAX_PAYLOAD_LEN }
    }

    /// Sets the limit for a text, in bytes. Binds both directions.
    #[must_use]
    pub const fn with_max_payload_len(mut self, max: u64) -> Self {
        self.max = max;
        self
    }
}

framing_of_values!(
    Json,
    separator: b"\n",
    fn next_start(&self, input: &[u8], _: usize) -> NextStart {
        match memchr::memchr(b'\n', input) {
            Some(at) => NextStart::At(at.saturating_add(1)),
            None => NextStart::NotBefore(input.len()),
        }
    }
);

impl Grammar for Json {
    fn read(&self, memory: &mut Memory, bytes: &[u8], at: usize, _: Room) -> Result<Found, FrameError> {
        let mut reader = Reader::load(memory);
        let mut at = at;
        while let Some((&byte, after)) = bytes.get(at..).and_then(<[u8]>::split_first) {
            match reader.take(byte).map_err(|kind| FrameError::new(at, kind))? {
                Taken::Inside => at = at.saturating_add(1),
                Taken::InString => at = at.saturating_add(1).saturating_add(plain(after)),
                Taken::Last => return Ok(Found::End { payload: at.saturating_add(1), trailer: 0 }),
                Taken::Separator => return Ok(Found::End { payload: at, trailer: 1 }),
            }
        }
        reader.store(memory);
        // More is missing where levels are open, but a text that turns out to be wrong may end with any line feed.
        Ok(Found::More { scanned: at, missing: 1 })
    }

    fn filler(&self, input: &[u8]) -> usize {
        input.iter().take_while(|byte| is_space(**byte)).count()
    }

    fn may_end(&self, memory: &Memory) -> bool {
        Reader::load(memory).may_end()
    }

    fn is_separator(&self, byte: u8) -> bool {
        is_space(byte)
    }

    fn end_of_rejected(&self, bytes: &[u8]) -> Option<(usize, u16)> {
        memchr::memchr(b'\n', bytes).map(|at| (at, 1))
    }
}

/// RFC 8259, section 2.
pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Returns how many bytes at the start of `bytes` mean themselves in a string.
fn plain(bytes: &[u8]) -> usize {
    bytes.iter().position(|&byte| byte == b'"' || byte == b'\\' || byte < b' ').unwrap_or(bytes.len())
}

/// Where the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Value,
    /// After `[`.
    ValueOrEnd,
    /// After `{`.
    KeyOrEnd,
    /// After a comma in an object.
    Key,
    Colon,
    /// After a value in an array or object.
    After,
    String,
    Escape,
    /// In `\u`, before digit 1 to 4.
    Hex(u8),
    Minus,
    /// After a first `0`.
    Zero,
    Integer,
    Point,
    Fraction,
    Exponent,
    ExponentSign,
    ExponentDigits,
    /// In `true`, `false` or `null`, before this byte of it.
    Word(u8, u8),
    /// After such a word outside of arrays and objects.
    AfterWord,
}

const WORDS: [&[u8]; 3] = [b"true", b"false", b"null"];

/// What a byte means for the text.
enum Taken {
    Inside,
    /// The bytes after it may mean themselves.
    InString,
    /// It is the last one.
    Last,
    /// The text ended before it.
    Separator,
}

/// The state of the search.
///
/// ```text
///  words 0 and 1   a bit for each level: whether it is an object
///  word 2          bits 0 to 15 the state, bit 16 whether the string is a key, bits 24 to 31 the depth
/// ```
#[derive(Clone, Copy, Debug)]
struct Reader {
    objects: u128,
    depth: u8,
    in_key: bool,
    state: State,
}

impl Reader {
    fn load(&[low, high, word, _]: &Memory) -> Self {
        let [state, more, in_key, depth, ..] = word.to_le_bytes();
        let state = match state {
            1 => State::ValueOrEnd,
            2 => State::KeyOrEnd,
            3 => State::Key,
            4 => State::Colon,
            5 => State::After,
            6 => State::String,
            7 => State::Escape,
            8 => State::Hex(more),
            9 => State::Minus,
            10 => State::Zero,
            11 => State::Integer,
            12 => State::Point,
            13 => State::Fraction,
            14 => State::Exponent,
            15 => State::ExponentSign,
            16 => State::ExponentDigits,
            17 => State::AfterWord,
            18..=20 => State::Word(state - 18, more),
            _ => State::Value,
        };
        let objects = u128::from(high) << 64 | u128::from(low);
        Self { objects, depth, in_key: in_key != 0, state }
    }

    fn store(&self, memory: &mut Memory) {
        let (state, more) = match self.state {
            State::Value => (0, 0),
            State::ValueOrEnd => (1, 0),
            State::KeyOrEnd => (2, 0),
            State::Key => (3, 0),
            State::Colon => (4, 0),
            State::After => (5, 0),
            State::String => (6, 0),
            State::Escape => (7, 0),
            State::Hex(digit) => (8, digit),
            State::Minus => (9, 0),
            State::Zero => (10, 0),
            State::Integer => (11, 0),
            State::Point => (12, 0),
            State::Fraction => (13, 0),
            State::Exponent => (14, 0),
            State::ExponentSign => (15, 0),
            State::ExponentDigits => (16, 0),
            State::AfterWord => (17, 0),
            State::Word(word, at) => (18 + word, at),
        };
        let [a, b, c, d, e, f, g, h, rest @ ..] = self.objects.to_le_bytes();
        let word = u64::from_le_bytes([state, more, u8::from(self.in_key), self.depth, 0, 0, 0, 0]);
        // The last word is another framing's.
        let [low, high, state, _] = memory;
        [*low, *high, *state] = [u64::from_le_bytes([a, b, c, d, e, f, g, h]), u64::from_le_bytes(rest), word];
    }

    /// Returns whether a separator or the end of the stream completes the text.
    fn may_end(&self) -> bool {
        let is_number = matches!(self.state, State::Zero | State::Integer | State::Fraction | State::ExponentDigits);
        self.depth == 0 && (is_number || self.state == State::AfterWord)
    }

    fn take(&mut self, byte: u8) -> Result<Taken, DecodeErrorKind> {
        let forbidden = Err(DecodeErrorKind::Forbidden { found: byte });
        let next = match (self.state, byte) {
            (State::String, b'"') if self.in_key => State::Colon,
            (State::String, b'"') => return Ok(self.complete()),
            (State::String, b'\\') => State::Escape,
            (State::String, 0..b' ') => return forbidden,
            (State::String, _) => return Ok(Taken::InString),
            (State::Escape, b'u') => State::Hex(1),
            (State::Escape, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') | (State::Hex(4), _)
                if self.state == State::Escape || byte.is_ascii_hexdigit() =>
            {
                self.state = State::String;
                return Ok(Taken::InString);
            }
            (State::Hex(digit), _) if byte.is_ascii_hexdigit() => State::Hex(digit.saturating_add(1)),
            (State::Word(word, at), _) if word_at(word, at) == Some(byte) => match word_left(word, at) {
                1 if self.depth == 0 => State::AfterWord,
                1 => State::After,
                _ => State::Word(word, at.saturating_add(1)),
            },
            (State::Minus, b'0') => State::Zero,
            (State::Minus, b'1'..=b'9') | (State::Integer, b'0'..=b'9') => State::Integer,
            (State::Zero | State::Integer, b'.') => State::Point,
            (State::Point | State::Fraction, b'0'..=b'9') => State::Fraction,
            (State::Zero | State::Integer | State::Fraction, b'e' | b'E') => State::Exponent,
            (State::Exponent, b'+' | b'-') => State::ExponentSign,
            (State::Exponent | State::ExponentSign | State::ExponentDigits, b'0'..=b'9') => State::ExponentDigits,
            _ if self.may_end() && is_space(byte) => return Ok(Taken::Separator),
            (State::Zero | State::Integer | State::Fraction | State::ExponentDigits, _) if self.depth > 0 => {
                self.state = State::After;
                return self.take_between(byte);
            }
            _ => return self.take_between(byte),
        };
        self.state = next;
        Ok(Taken::Inside)
    }

    /// Takes a byte outside of strings, numbers and words.
    fn take_between(&mut self, byte: u8) -> Result<Taken, DecodeErrorKind> {
        let in_object = self.depth > 0 && self.objects >> (self.depth - 1) & 1 != 0;
        self.state = match (self.state, byte) {
            (
                State::Value | State::ValueOrEnd | State::KeyOrEnd | State::Key | State::Colon | State::After,
                b' ' | b'\t' | b'\n' | b'\r',
            ) => return Ok(Taken::Inside),
            (State::ValueOrEnd, b']') | (State::KeyOrEnd, b'}') => return Ok(self.close()),
            (State::After, b']') if !in_object => return Ok(self.close()),
            (State::After, b'}') if in_object => return Ok(self.close()),
            (State::After, b',') if in_object => State::Key,
            (State::After, b',') => State::Value,
            (State::Colon, b':') => State::Value,
            (State::KeyOrEnd | State::Key, b'"') => {
                self.in_key = true;
                State::String
            }
            (State::Value | State::ValueOrEnd, _) => match byte {
                b'[' => self.open(false)?,
                b'{' => self.open(true)?,
                b'"' => {
                    self.in_key = false;
                    State::String
                }
                b'-' => State::Minus,
                b'0' => State::Zero,
                b'1'..=b'9' => State::Integer,
                b't' => State::Word(0, 1),
                b'f' => State::Word(1, 1),
                b'n' => State::Word(2, 1),
                found => return Err(DecodeErrorKind::Forbidden { found }),
            },
            (_, found) => return Err(DecodeErrorKind::Forbidden { found }),
        };
        Ok(Taken::Inside)
    }

    fn open(&mut self, is_object: bool) -> Result<State, DecodeErrorKind> {
        if self.depth >= Json::MAX_DEPTH {
            return Err(DecodeErrorKind::TooDeep { max: Json::MAX_DEPTH.into() });
        }
        let bit = 1 << self.depth;
        self.objects = if is_object { self.objects | bit } else { self.objects & !bit };
        self.depth += 1;
        Ok(if is_object { State::KeyOrEnd } else { State::ValueOrEnd })
    }

    fn close(&mut self) -> Taken {
        self.depth = self.depth.saturating_sub(1);
        self.complete()
    }

    /// A value that ends with its last byte is complete.
    fn complete(&mut self) -> Taken {
        self.state = State::After;
        if self.depth == 0 { Taken::Last } else { Taken::Inside }
    }
}

fn word_at(word: u8, at: u8) -> Option<u8> {
    WORDS.get(usize::from(word))?.get(usize::from(at)).copied()
}

fn word_left(word: u8, at: u8) -> u64 {
    let len = WORDS.get(usize::from(word)).map_or(0, |word| word.len());
    (len as u64).saturating_sub(at.into())
}
