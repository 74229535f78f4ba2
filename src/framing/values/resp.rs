//! Replies of the Redis protocol.

use super::levels::{self, Levels};
use super::search::{Found, Grammar, Memory, Room, framing_of_values, skip};
use crate::contract::DEFAULT_MAX_PAYLOAD_LEN;
use crate::error::{DecodeErrorKind, FrameError};

/// Values of the Redis serialization protocol, RESP 2 and 3, one after the other: replies, pushes, and commands as arrays.
///
/// ```text
///  wire     *2\r\n:1\r\n$2\r\nhi\r\n+OK\r\n ...
///           ────────────────────────           payload: an array of the number 1 and the string hi
///                                   ───────    payload: the simple string OK
/// ```
///
/// There is nothing between two values. The encoder writes the value alone.
///
/// | first byte | value | ends |
/// | --- | --- | --- |
/// | `+` `-` `:` `,` `(` | simple string and error, number, double, big number | with its line |
/// | `_` `#` | null, boolean | with its line: `_`, `#t` or `#f` |
/// | `$` `!` `=` | bulk string and error, verbatim string | after the announced number of bytes and CR LF; `$-1` with its line |
/// | `*` `~` `>` | array, set, push | after the announced number of values; `*-1` with its line |
/// | `%` | map | after twice the announced number of values |
/// | `\|` | attribute | after twice the announced number of values, and the value that they describe: all of it is one payload |
/// | `$?` | streamed string | after its chunks; `;0` is the last |
/// | `*?` `~?` `>?` `%?` | streamed array, set, push and map | with the line `.` |
///
/// # What is judged
///
/// Lengths and counts are digits without a sign or an unnecessary zero, as Redis writes them; numbers after `:` are digits with
/// at most one sign. Lines end with CR LF, and hold no CR or LF before. Not judged: the text of doubles and big numbers,
/// the format of verbatim strings, and which values a server may send where.
///
/// # Errors
///
/// - [`DecodeErrorKind::UnknownType`] for another first byte, which may be an inline command;
/// - [`DecodeErrorKind::NotADigit`], [`DecodeErrorKind::LeadingZero`] and [`DecodeErrorKind::NumberTooLarge`] in a number;
/// - [`DecodeErrorKind::Mismatch`] where CR or LF or a certain byte is missing, [`DecodeErrorKind::Forbidden`] for an LF in a
///   line, and a `.` or `?` in the wrong place;
/// - [`DecodeErrorKind::Oversize`] at the byte that proves that the value exceeds the limit: the last one of the line that
///   announces too much, as each value takes at least three bytes;
/// - [`DecodeErrorKind::TooDeep`] for streamed values inside each other. There may be [`Resp::MAX_DEPTH`] levels, 32, if at
///   most one more value must follow each of them. A level followed by up to 14 values counts as two, by up to 126 as
///   three, and so on. Values with a count may be nested as deep as the limit allows.
///
/// Encoding refuses a message that is not exactly one value:
/// [`EncodeError::Malformed`](crate::EncodeError::Malformed), [`EncodeError::TooShort`](crate::EncodeError::TooShort),
/// [`EncodeError::WrongLength`](crate::EncodeError::WrongLength), [`EncodeError::Empty`](crate::EncodeError::Empty).
///
/// A value over the limit can be skipped if it is well-formed. A rejected value of another kind has no end.
///
/// # Cost
///
/// Each byte of a line is read once; a line with a number, of at most 24 bytes, again while it is incomplete. Strings are
/// not looked at. Does not allocate.
///
/// # Examples
///
/// ```
/// use anysplit::values::Resp;
/// use anysplit::{DecodeErrorKind, Decoder, EncodeError, Framing};
///
/// let mut wire = Vec::new();
/// Resp::new().encode(b"*2\r\n:1\r\n$2\r\nhi\r\n", &mut wire)?;
/// Resp::new().encode(b"+OK\r\n", &mut wire)?;
/// assert_eq!(wire, b"*2\r\n:1\r\n$2\r\nhi\r\n+OK\r\n");
/// assert_eq!(Resp::new().encode(b"$2\r\nhi", &mut wire), Err(EncodeError::TooShort { len: 6, min: 8 }));
///
/// let mut decoder = Decoder::new(Resp::new());
/// decoder.push(&wire)?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"*2\r\n:1\r\n$2\r\nhi\r\n");
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"+OK\r\n");
/// decoder.push(b"*1\r\nGET")?;
/// let error = decoder.next_frame().unwrap_err();
/// assert_eq!((error.offset, error.kind), (25, DecodeErrorKind::UnknownType { found: b'G' }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Specification
///
/// Redis serialization protocol specification, redis.io/docs/latest/develop/reference/protocol-spec, and RESP3,
/// github.com/redis/redis-specifications, `protocol/RESP3.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Resp {
    max: u64,
}

impl Resp {
    /// Streamed arrays, sets, pushes and maps that may be open at the same time.
    pub const MAX_DEPTH: u8 = levels::MAX_DEPTH;

    /// Creates the framing with the default limit, [`DEFAULT_MAX_PAYLOAD_LEN`].
    #[must_use]
    pub const fn new() -> Self {
        Self { max: DEFAULT_MAX_PAYLOAD_LEN }
    }

    /// Sets the limit for a value, in bytes. Binds both directions.
    #[must_use]
    pub const fn with_max_payload_len(mut self, max: u64) -> Self {
        self.max = max;
        self
    }
}

framing_of_values!(Resp, separator: b"");

/// The least length of a value: a type and CR LF.
const LEAST: u64 = 3;

/// The longest string that the memory can count.
const MOST: u64 = (1 << 60) - 1;

/// Where the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// At the start of a line.
    Start,
    /// In a line of text.
    Line,
    /// In a string: how many bytes remain, with the CR LF after it, and whether it is a chunk of a streamed string.
    Content(u64, bool),
    /// At the start of a chunk.
    Chunk,
}

impl State {
    /// Bits 0 and 1 the state, bit 2 whether it is a chunk, and bits 3 to 63 the bytes left.
    const fn load(word: u64) -> Self {
        match word & 3 {
            1 => Self::Line,
            2 => Self::Content(word >> 3, word & 4 != 0),
            3 => Self::Chunk,
            _ => Self::Start,
        }
    }

    const fn store(self) -> u64 {
        match self {
            Self::Start => 0,
            Self::Line => 1,
            Self::Content(left, is_chunk) => left << 3 | if is_chunk { 6 } else { 2 },
            Self::Chunk => 3,
        }
    }
}

impl Grammar for Resp {
    const LEAST: u64 = LEAST;

    fn read(&self, memory: &mut Memory, bytes: &[u8], at: usize, room: Room) -> Result<Found, FrameError> {
        let (mut levels, mut state) = match *memory {
            [0, 0, 0, 0] => (Levels::START, State::Start),
            [.., last] => (Levels::load(memory), State::load(last)),
        };
        let mut at = at;
        loop {
            if state == State::Start && levels.is_complete() {
                return Ok(Found::End { payload: at, trailer: 0 });
            }
            let rest = bytes.get(at..).unwrap_or_default();
            let read = match state {
                State::Start => start(rest, &mut levels, room, at),
                State::Line => text(rest),
                State::Content(left, is_chunk) => content(rest, left, is_chunk),
                State::Chunk => chunk(rest, levels, room, at),
            };
            let (len, next) = read.map_err(|error| error.shifted(at))?;
            at = at.saturating_add(len);
            let stays = len == 0;
            if stays && next == state {
                *memory = levels.store(state.store());
                let here = match state {
                    State::Start => 0,
                    State::Line => 2,
                    State::Content(left, is_chunk) => left.saturating_add(if is_chunk { 4 } else { 0 }),
                    State::Chunk => 4,
                };
                return Ok(Found::More { scanned: at, missing: least(levels).saturating_add(here).max(1) });
            }
            state = next;
        }
    }
}

/// Returns the least length of the values and marks that are due.
const fn least(levels: Levels) -> u64 {
    levels.due().saturating_mul(LEAST)
}

type Read = Result<(usize, State), FrameError>;

/// Reads the line with which a value begins, if enough of it is there, and returns its length and what follows.
fn start(input: &[u8], levels: &mut Levels, room: Room, at: usize) -> Read {
    let Some((&first, line)) = input.split_first() else { return Ok((0, State::Start)) };
    let forbidden = |at: usize, found| Err(FrameError::new(at, DecodeErrorKind::Forbidden { found }));
    match first {
        b'+' | b'-' | b',' | b'(' => {
            levels.take(0).map_err(|kind| FrameError::new(0, kind))?;
            Ok((1, State::Line))
        }
        b':' => {
            let len = integer(line)?;
            end_value(len, levels)
        }
        b'_' => {
            let len = exactly(line, b"\r\n", 1)?;
            end_value(len, levels)
        }
        b'#' => match line.first() {
            None => Ok((0, State::Start)),
            Some(b't' | b'f') => {
                let len = exactly(line.get(1..).unwrap_or_default(), b"\r\n", 2)?;
                end_value(len, levels)
            }
            Some(&found) => forbidden(1, found),
        },
        b'.' => {
            let mut after = *levels;
            if !after.close() {
                return forbidden(0, first);
            }
            let len = exactly(line, b"\r\n", 1)?;
            if len > 0 {
                *levels = after;
            }
            Ok((len, State::Start))
        }
        b'$' | b'!' | b'=' | b'*' | b'~' | b'>' | b'%' | b'|' => {
            let is_string = matches!(first, b'$' | b'!' | b'=');
            let may_be_null = matches!(first, b'$' | b'*');
            let may_stream = matches!(first, b'$' | b'*' | b'~' | b'>' | b'%');
            match line.first() {
                Some(b'-') if may_be_null => {
                    let len = exactly(line, b"-1\r\n", 1)?;
                    return end_value(len, levels);
                }
                Some(b'?') if may_stream => {
                    let len = exactly(line, b"?\r\n", 1)?;
                    if len == 0 {
                        return Ok((0, State::Start));
                    }
                    let proved = |kind| FrameError::new(len.saturating_sub(1), kind);
                    if is_string {
                        levels.take(0).map_err(proved)?;
                        return Ok((len, State::Chunk));
                    }
                    levels.open(first == b'%').map_err(proved)?;
                    return Ok((len, State::Start));
                }
                _ => {}
            }
            let others = least(*levels).saturating_sub(LEAST);
            let Some((number, len)) = number(line)? else { return Ok((0, State::Start)) };
            let proved = |kind| FrameError::new(len.saturating_sub(1), kind);
            let end = at.saturating_add(len);
            if is_string {
                let left = number.saturating_add(2);
                room.check(end, left.saturating_add(others)).map_err(proved)?;
                fits(left).map_err(proved)?;
                levels.take(0).map_err(proved)?;
                return Ok((len, State::Content(left, false)));
            }
            let values = match first {
                b'%' => number.saturating_mul(2),
                // The value that the attribute describes is one more.
                b'|' => number.saturating_mul(2).saturating_add(1),
                _ => number,
            };
            room.check(end, values.saturating_mul(LEAST).saturating_add(others)).map_err(proved)?;
            levels.take(values).map_err(proved)?;
            Ok((len, State::Start))
        }
        found => Err(FrameError::new(0, DecodeErrorKind::UnknownType { found })),
    }
}

/// The value ends with its line of `len` bytes, which is 0 where it is incomplete.
fn end_value(len: usize, levels: &mut Levels) -> Read {
    if len > 0 {
        levels.take(0).map_err(|kind| FrameError::new(len.saturating_sub(1), kind))?;
    }
    Ok((len, State::Start))
}

fn fits(left: u64) -> Result<(), DecodeErrorKind> {
    if left > MOST { Err(DecodeErrorKind::Oversize { len: left, max: MOST }) } else { Ok(()) }
}

/// Reads text up to its CR LF. The CR waits for the byte after it.
fn text(input: &[u8]) -> Read {
    match memchr::memchr2(b'\r', b'\n', input) {
        None => Ok((input.len(), State::Line)),
        Some(at) => match (input.get(at), input.get(at.saturating_add(1))) {
            (Some(b'\r'), None) => Ok((at, State::Line)),
            (Some(b'\r'), Some(b'\n')) => Ok((at.saturating_add(2), State::Start)),
            (Some(b'\r'), Some(&found)) => {
                let kind = DecodeErrorKind::Mismatch { found, expected: b'\n' };
                Err(FrameError::new(at.saturating_add(1), kind))
            }
            _ => Err(FrameError::new(at, DecodeErrorKind::Forbidden { found: b'\n' })),
        },
    }
}

/// Skips a string and reads the CR LF after it.
fn content(input: &[u8], left: u64, is_chunk: bool) -> Read {
    let after = if is_chunk { State::Chunk } else { State::Start };
    if left > 2 {
        let (len, still) = skip(input, 0, left - 2);
        return Ok((len, State::Content(still + 2, is_chunk)));
    }
    let expected = if left == 2 { b'\r' } else { b'\n' };
    match input.first() {
        None => Ok((0, State::Content(left, is_chunk))),
        Some(&found) if found != expected => Err(FrameError::new(0, DecodeErrorKind::Mismatch { found, expected })),
        Some(_) if left == 2 => Ok((1, State::Content(1, is_chunk))),
        Some(_) => Ok((1, after)),
    }
}

/// Reads the line with which a chunk of a streamed string begins.
fn chunk(input: &[u8], levels: Levels, room: Room, at: usize) -> Read {
    let Some((&found, line)) = input.split_first() else { return Ok((0, State::Chunk)) };
    if found != b';' {
        return Err(FrameError::new(0, DecodeErrorKind::Mismatch { found, expected: b';' }));
    }
    let Some((number, len)) = number(line)? else { return Ok((0, State::Chunk)) };
    if number == 0 {
        return Ok((len, State::Start));
    }
    let proved = |kind| FrameError::new(len.saturating_sub(1), kind);
    let left = number.saturating_add(2);
    // The last chunk takes four bytes.
    let announced = left.saturating_add(4).saturating_add(least(levels));
    room.check(at.saturating_add(len), announced).map_err(proved)?;
    fits(left).map_err(proved)?;
    Ok((len, State::Content(left, true)))
}

/// Reads these bytes after a type and whatever else makes `before` bytes. Returns the length of all, or 0 where some have
/// not come.
fn exactly(line: &[u8], expected: &[u8], before: usize) -> Result<usize, FrameError> {
    for (at, &expected) in expected.iter().enumerate() {
        match line.get(at) {
            None => return Ok(0),
            Some(&found) if found != expected => {
                return Err(FrameError::new(before.saturating_add(at), DecodeErrorKind::Mismatch { found, expected }));
            }
            Some(_) => {}
        }
    }
    Ok(before.saturating_add(expected.len()))
}

/// Reads the digits after the type and their CR LF. Returns the number and the length of the line with its type.
fn number(line: &[u8]) -> Result<Option<(u64, usize)>, FrameError> {
    let mut number = 0_u64;
    for (at, &found) in line.iter().enumerate() {
        // The type stands before the line.
        let place = at.saturating_add(1);
        let error = |kind| Err(FrameError::new(place, kind));
        match found {
            b'\r' if at > 0 => {
                let len = exactly(line.get(at..).unwrap_or_default(), b"\r\n", place)?;
                return Ok((len > 0).then_some((number, len)));
            }
            b'0'..=b'9' if at == 1 && number == 0 => return error(DecodeErrorKind::LeadingZero),
            b'0'..=b'9' => {
                let digit = u64::from(found - b'0');
                match number.checked_mul(10).and_then(|number| number.checked_add(digit)) {
                    Some(more) => number = more,
                    None => return error(DecodeErrorKind::NumberTooLarge { max: u64::MAX }),
                }
            }
            _ => return error(DecodeErrorKind::NotADigit { found, radix: 10 }),
        }
    }
    Ok(None)
}

/// Reads a number that may have a sign. Returns the length of the line with its type, or 0 where it is incomplete.
fn integer(line: &[u8]) -> Result<usize, FrameError> {
    /// More than a number of 64 bits has.
    const MOST_DIGITS: usize = 20;
    let sign = usize::from(matches!(line.first(), Some(b'-' | b'+')));
    for (at, &found) in line.iter().enumerate().skip(sign) {
        let place = at.saturating_add(1);
        match found {
            b'\r' if at > sign => return exactly(line.get(at..).unwrap_or_default(), b"\r\n", place),
            b'0'..=b'9' if at.saturating_sub(sign) < MOST_DIGITS => {}
            b'0'..=b'9' => {
                return Err(FrameError::new(place, DecodeErrorKind::NumberTooLarge { max: u64::MAX }));
            }
            _ => return Err(FrameError::new(place, DecodeErrorKind::NotADigit { found, radix: 10 })),
        }
    }
    Ok(0)
}
