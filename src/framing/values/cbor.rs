//! CBOR data items, one after the other.

use super::levels::{self, Levels};
use super::search::{Found, Grammar, Memory, Room, big_endian, framing_of_values, skip};
use crate::contract::DEFAULT_MAX_PAYLOAD_LEN;
use crate::error::{DecodeErrorKind, FrameError};

/// CBOR data items one after the other: a CBOR sequence.
///
/// ```text
///  offset   0  1  2  3  4  5  6  7
///  wire     82 01 61 61 9f 02 ff 18 ...
///           ───────────                payload: an array of 2, the number 1, the text "a"
///                       ────────       payload: an array of any length, the number 2, and the break
/// ```
///
/// There is nothing between two items, and none needs anything after it. The encoder writes the item alone.
///
/// # What is judged
///
/// Whether the item is well-formed: lengths and counts, what may stand in a string of any length, where a break may stand
/// (not after the key of a pair), reserved values. Not judged: whether it is valid (texts in UTF-8, keys that
/// repeat, what a tag may hold), and whether a number has its shortest form.
///
/// # Errors
///
/// - [`DecodeErrorKind::Forbidden`] for a reserved first byte, a break or a chunk in the wrong place, and a simple value
///   below 32 in two bytes;
/// - [`DecodeErrorKind::Oversize`] at the byte that proves that the item exceeds the limit: the last one of a count or
///   length that announces too much, as each item takes at least one byte;
/// - [`DecodeErrorKind::TooDeep`] for arrays and maps of indefinite length inside each other. Those of definite length, and
///   tags, have no limit but that of the bytes. There may be [`Cbor::MAX_DEPTH`] levels, 32, where at most one more item is
///   due outside each of them; a level outside which up to 14 are due counts as two, up to 126 as three, and so on.
///
/// Encoding refuses a message that is not exactly one item:
/// [`EncodeError::Malformed`](crate::EncodeError::Malformed), [`EncodeError::TooShort`](crate::EncodeError::TooShort),
/// [`EncodeError::WrongLength`](crate::EncodeError::WrongLength), [`EncodeError::Empty`](crate::EncodeError::Empty).
///
/// A rejected item has no end: after an item that is not well-formed, no recovery but
/// [`Resync`](crate::Recovery::Resync) finds a next one, and that one only by trying each byte. An item over the limit can
/// be skipped if it is well-formed.
///
/// # Cost
///
/// Each header is read once, and again while it is incomplete, at most 9 bytes. Strings are not looked at. Does not allocate.
///
/// # Examples
///
/// ```
/// use anysplit::values::Cbor;
/// use anysplit::{DecodeErrorKind, Decoder, EncodeError, Framing};
///
/// let mut wire = Vec::new();
/// Cbor::new().encode(b"\x82\x01\x61a", &mut wire)?;
/// Cbor::new().encode(b"\x9f\x02\xff", &mut wire)?;
/// assert_eq!(wire, b"\x82\x01\x61a\x9f\x02\xff");
/// assert_eq!(Cbor::new().encode(b"\x82\x01", &mut wire), Err(EncodeError::TooShort { len: 2, min: 3 }));
///
/// let mut decoder = Decoder::new(Cbor::new());
/// decoder.push(&wire)?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"\x82\x01\x61a");
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"\x9f\x02\xff");
/// decoder.push(b"\x81\xff")?;
/// let error = decoder.next_frame().unwrap_err();
/// assert_eq!((error.offset, error.kind), (8, DecodeErrorKind::Forbidden { found: 0xff }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Specification
///
/// RFC 8949, section 3 and appendix C, for one item; RFC 8742 for the sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cbor {
    max: u64,
}

impl Cbor {
    /// Arrays and maps of indefinite length that may be open at the same time.
    pub const MAX_DEPTH: u8 = levels::MAX_DEPTH;

    /// Creates the framing with the default limit, [`DEFAULT_MAX_PAYLOAD_LEN`].
    #[must_use]
    pub const fn new() -> Self {
        Self { max: DEFAULT_MAX_PAYLOAD_LEN }
    }

    /// Sets the limit for an item, in bytes. Binds both directions.
    #[must_use]
    pub const fn with_max_payload_len(mut self, max: u64) -> Self {
        self.max = max;
        self
    }
}

framing_of_values!(Cbor, separator: b"");

const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;
const BREAK: u8 = 0xff;

/// The longest string that the memory can count.
const MOST: u64 = (1 << 62) - 1;

/// The last word of the memory is the bytes of a string to skip, times 4, and which kind of string is open: 0 for none,
/// 2 for bytes, 3 for text.
impl Grammar for Cbor {
    fn read(&self, memory: &mut Memory, bytes: &[u8], at: usize, room: Room) -> Result<Found, FrameError> {
        let (mut levels, last) = match *memory {
            [0, 0, 0, 0] => (Levels::START, 0),
            [.., last] => (Levels::load(memory), last),
        };
        let (mut left, mut open, mut at) = (last >> 2, last & 3, at);
        loop {
            (at, left) = skip(bytes, at, left);
            if left == 0 && open == 0 && levels.is_complete() {
                return Ok(Found::End { payload: at, trailer: 0 });
            }
            let due = levels.due().saturating_add(u64::from(open != 0));
            let rest = bytes.get(at..).unwrap_or_default();
            let header = if left > 0 { None } else { header(rest, open).map_err(|error| error.shifted(at))? };
            let Some(Header { first, argument, len }) = header else {
                *memory = levels.store(left << 2 | open);
                return Ok(Found::More { scanned: at, missing: left.saturating_add(due) });
            };
            let forbidden = Err(FrameError::new(at, DecodeErrorKind::Forbidden { found: first }));
            let end = at.saturating_add(len);
            // The last byte of the header proves what it announces.
            let proved = |kind| FrameError::new(end.saturating_sub(1), kind);
            let kind = first >> 5;
            let (string, items) = match (kind, argument) {
                (BYTES | TEXT, Some(len)) => (len, 0),
                (ARRAY, Some(count)) => (0, count),
                (MAP, Some(count)) => (0, count.saturating_mul(2)),
                (TAG, _) => (0, 1),
                _ => (0, 0),
            };
            let after = levels.due().saturating_sub(1).saturating_add(string).saturating_add(items);
            room.check(end, after).map_err(proved)?;
            if string > MOST {
                return Err(proved(DecodeErrorKind::Oversize { len: string, max: MOST }));
            }
            match (kind, argument) {
                _ if first == BREAK && open != 0 => open = 0,
                _ if first == BREAK && levels.close() => {}
                _ if first == BREAK => return forbidden,
                // A chunk of the string that is open.
                (_, Some(_)) if open == u64::from(kind) && open != 0 => {}
                _ if open != 0 => return forbidden,
                (ARRAY | MAP, None) => levels.open(kind == MAP).map_err(proved)?,
                (_, argument) => {
                    levels.take(items).map_err(proved)?;
                    open = if argument.is_none() { kind.into() } else { 0 };
                }
            }
            (at, left) = (end, string);
        }
    }
}

/// The bytes before the content of an item.
struct Header {
    first: u8,
    /// `None`: of indefinite length, or a break.
    argument: Option<u64>,
    len: usize,
}

/// The header at the front of `input`, if it is complete. RFC 8949, section 3. `open` is the kind of the string that is
/// open.
fn header(input: &[u8], open: u64) -> Result<Option<Header>, FrameError> {
    let Some((&first, after)) = input.split_first() else { return Ok(None) };
    let (major, info) = (first >> 5, first & 31);
    if open != 0 && open != u64::from(major) && first != BREAK {
        return Err(FrameError::new(0, DecodeErrorKind::Forbidden { found: first }));
    }
    let width = match info {
        0..24 => return Ok(Some(Header { first, argument: Some(info.into()), len: 1 })),
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        31 if !matches!(major, 0 | 1 | 6) => return Ok(Some(Header { first, argument: None, len: 1 })),
        _ => return Err(FrameError::new(0, DecodeErrorKind::Forbidden { found: first })),
    };
    // A simple value that the first byte alone could hold.
    if let (0xf8, Some(&found @ 0..32)) = (first, after.first()) {
        return Err(FrameError::new(1, DecodeErrorKind::Forbidden { found }));
    }
    Ok(after.get(..width).map(|number| Header { first, argument: Some(big_endian(number)), len: 1 + width }))
}
