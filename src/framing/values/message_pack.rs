//! MessagePack values, one after the other.

use super::search::{Found, Grammar, Memory, Room, big_endian, framing_of_values, skip};
use crate::contract::DEFAULT_MAX_PAYLOAD_LEN;
use crate::error::{DecodeErrorKind, FrameError};

/// MessagePack values one after the other.
///
/// ```text
///  offset   0  1  2  3  4  5
///  wire     92 01 a1 61 c0 ...
///           ───────────          payload: an array of 2, the number 1, the string "a"
///                       ──       payload: nil
/// ```
///
/// There is nothing between two values, and none needs anything after it. The encoder writes the value alone.
///
/// # What is judged
///
/// The lengths and counts, and that `c1` does not occur. Not judged: whether strings are UTF-8, whether keys repeat,
/// what an extension holds, and whether a number has its shortest form.
///
/// # Errors
///
/// - [`DecodeErrorKind::Forbidden`] for `c1`;
/// - [`DecodeErrorKind::Oversize`] at the byte that proves that the value exceeds the limit: the last one of a count or
///   length that announces too much, as each value takes at least one byte.
///
/// Arrays and maps may be nested as deep as the limit allows: what counts is only how many values are due.
///
/// Encoding refuses a message that is not exactly one value:
/// [`EncodeError::Malformed`](crate::EncodeError::Malformed), [`EncodeError::TooShort`](crate::EncodeError::TooShort),
/// [`EncodeError::WrongLength`](crate::EncodeError::WrongLength), [`EncodeError::Empty`](crate::EncodeError::Empty).
///
/// A value over the limit can be skipped. A value with `c1` in it has no end.
///
/// # Cost
///
/// Each header is read once, and again while it is incomplete, at most 5 bytes. Contents are not looked at. Does not allocate.
///
/// # Examples
///
/// ```
/// use anysplit::values::MessagePack;
/// use anysplit::{DecodeErrorKind, Decoder, EncodeError, Framing};
///
/// let mut wire = Vec::new();
/// MessagePack::new().encode(b"\x92\x01\xa1a", &mut wire)?;
/// MessagePack::new().encode(b"\xc0", &mut wire)?;
/// assert_eq!(wire, b"\x92\x01\xa1a\xc0");
/// assert_eq!(MessagePack::new().encode(b"\x92\x01", &mut wire), Err(EncodeError::TooShort { len: 2, min: 3 }));
///
/// let mut decoder = Decoder::new(MessagePack::new());
/// decoder.push(&wire)?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"\x92\x01\xa1a");
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"\xc0");
/// decoder.push(b"\x91\xc1")?;
/// let error = decoder.next_frame().unwrap_err();
/// assert_eq!((error.offset, error.kind), (6, DecodeErrorKind::Forbidden { found: 0xc1 }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Specification
///
/// The MessagePack specification, `spec.md` of github.com/msgpack/msgpack, section Formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MessagePack {
    max: u64,
}

impl MessagePack {
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

framing_of_values!(MessagePack, separator: b"");

/// The memory is the count of values that are due, and the bytes of contents to skip.
impl Grammar for MessagePack {
    fn read(&self, memory: &mut Memory, bytes: &[u8], at: usize, room: Room) -> Result<Found, FrameError> {
        let [due, left, ..] = *memory;
        let (mut due, mut left, mut at) = (if due == 0 && left == 0 { 1 } else { due }, left, at);
        loop {
            (at, left) = skip(bytes, at, left);
            if left == 0 && due == 0 {
                return Ok(Found::End { payload: at, trailer: 0 });
            }
            let rest = bytes.get(at..).unwrap_or_default();
            let header = if left > 0 { None } else { header(rest).map_err(|error| error.shifted(at))? };
            let Some(Header { len, content, values }) = header else {
                [memory[0], memory[1]] = [due, left];
                return Ok(Found::More { scanned: at, missing: left.saturating_add(due) });
            };
            let proof = at.saturating_add(len).saturating_sub(1);
            at = at.saturating_add(len);
            left = content;
            let more = due.saturating_sub(1).saturating_add(values);
            room.check(at, left.saturating_add(more)).map_err(|kind| FrameError::new(proof, kind))?;
            due = more;
        }
    }
}

/// The bytes before the content of a value.
struct Header {
    len: usize,
    /// Bytes that follow it.
    content: u64,
    /// Values that follow it.
    values: u64,
}

/// The header at the front of `input`, if it is complete.
fn header(input: &[u8]) -> Result<Option<Header>, FrameError> {
    let Some((&first, after)) = input.split_first() else { return Ok(None) };
    let content = |content| Ok(Some(Header { len: 1, content, values: 0 }));
    let values = |values| Ok(Some(Header { len: 1, content: 0, values }));
    let low = |bits: u8| u64::from(first & bits);
    // The number of a string, an array or a map of this width, after which `more` bytes stand for each that it counts.
    let number = |width: usize| after.get(..width).map(big_endian);
    let bytes = |width, extra: u64| {
        Ok(number(width).map(|number| Header { len: 1 + width, content: number.saturating_add(extra), values: 0 }))
    };
    let counted = |width, each: u64| {
        Ok(number(width).map(|number| Header { len: 1 + width, content: 0, values: number.saturating_mul(each) }))
    };
    match first {
        0x80..=0x8f => values(2 * low(15)),
        0x90..=0x9f => values(low(15)),
        0xa0..=0xbf => content(low(31)),
        0xc1 => Err(FrameError::new(0, DecodeErrorKind::Forbidden { found: first })),
        0xc4 | 0xd9 => bytes(1, 0),
        0xc5 | 0xda => bytes(2, 0),
        0xc6 | 0xdb => bytes(4, 0),
        // An extension has a type of one byte.
        0xc7 => bytes(1, 1),
        0xc8 => bytes(2, 1),
        0xc9 => bytes(4, 1),
        0xcc | 0xd0 => content(1),
        0xcd | 0xd1 => content(2),
        0xca | 0xce | 0xd2 => content(4),
        0xcb | 0xcf | 0xd3 => content(8),
        0xd4..=0xd8 => content((1 << (first - 0xd4)) + 1),
        0xdc => counted(2, 1),
        0xdd => counted(4, 1),
        0xde => counted(2, 2),
        0xdf => counted(4, 2),
        0x00..=0x7f | 0xc0 | 0xc2 | 0xc3 | 0xe0..=0xff => content(0),
    }
}
