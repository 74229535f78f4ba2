//! JSON text sequences.

use super::json::{Json, is_space};
use super::search::{self, Found, Grammar, Memory, Room};
use crate::contract::{DEFAULT_MAX_PAYLOAD_LEN, Envelope, Extent, Framing, Located, NextStart, Part, Progress};
use crate::error::{DecodeErrorKind, EncodeError, FrameError};
use crate::short::ShortBytes;

/// JSON text sequences: a record separator, a JSON text, a line feed.
///
/// ```text
///  offset   0  1  2  3  4  5  6  7  8
///  wire     RS {  }  \n RS 1  2  \n ...
///           ▔  ────  ▔                  header 1e, payload {}, trailer 0a
///                       ▔  ────  ▔      payload 12
/// ```
///
/// The separator never occurs inside a text, so a reader that meets a text that was cut finds the next one. White space
/// between two texts, and separators that follow each other, are filler. Up to 15 bytes of white space may stand between the
/// separator and the text; they belong to the header.
///
/// What is judged of a text, and its limits, are those of [`Json`].
///
/// # Errors
///
/// Those of [`Json`], and:
///
/// - [`DecodeErrorKind::Mismatch`] where a separator is missing, and where no white space follows a text. A number or word
///   that the next separator cuts off may be incomplete, so it is an error; the end of the stream cuts it too;
/// - [`DecodeErrorKind::HeaderTooLong`] for more than 15 bytes of white space after the separator.
///
/// Take [`Recovery::Resync`](crate::Recovery::Resync) for sequences that may be damaged: the next text begins at the next
/// separator. [`Recovery::SkipFrame`](crate::Recovery::SkipFrame) skips a wrong text up to and including the next line feed, and
/// a text that was cut has none.
///
/// Encoding refuses what [`Json`] refuses.
///
/// # Cost
///
/// Each byte is read once, for every split, except those of the header. Does not allocate.
///
/// # Examples
///
/// ```
/// use anysplit::values::JsonSeq;
/// use anysplit::{Decoder, Event, Framing, Recovery};
///
/// let mut wire = Vec::new();
/// JsonSeq::new().encode(b"{}", &mut wire)?;
/// JsonSeq::new().encode(b"12", &mut wire)?;
/// assert_eq!(wire, b"\x1e{}\n\x1e12\n");
///
/// // The first text was cut.
/// let mut decoder = Decoder::new(JsonSeq::new()).with_recovery(Recovery::Resync);
/// decoder.push(b"\x1e{\"a\":\x1e12\n")?;
/// let Some(Event::Skipped(stretch)) = decoder.next_event()? else { panic!() };
/// assert_eq!((stretch.offset, stretch.len, stretch.reason.offset), (0, 6, 6));
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"12");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Specification
///
/// RFC 7464. Section 2.1 lets a reader take an array, an object or a string without white space after it; here that is an
/// error, as every writer must write a line feed (section 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct JsonSeq {
    max: u64,
}

const SEPARATOR: u8 = 0x1e;

/// The longest header: the separator and white space.
const MAX_HEADER: u16 = 16;

impl JsonSeq {
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

impl Default for JsonSeq {
    fn default() -> Self {
        Self::new()
    }
}

/// A text with white space after it.
struct Text;

impl Grammar for Text {
    fn read(&self, memory: &mut Memory, bytes: &[u8], at: usize, room: Room) -> Result<Found, FrameError> {
        Ok(match Json::new().read(memory, bytes, at, room)? {
            Found::End { payload, .. } => Found::End { payload, trailer: 1 },
            more => more,
        })
    }

    fn filler(&self, input: &[u8]) -> usize {
        Json::new().filler(input)
    }

    fn may_end(&self, memory: &Memory) -> bool {
        Json::new().may_end(memory)
    }

    fn is_separator(&self, byte: u8) -> bool {
        is_space(byte)
    }

    fn end_of_rejected(&self, bytes: &[u8]) -> Option<(usize, u16)> {
        Json::new().end_of_rejected(bytes)
    }
}

/// Returns how many bytes stand between two texts.
fn filler(input: &[u8]) -> usize {
    let is_filler = |at: usize, byte: u8| {
        is_space(byte) || byte == SEPARATOR && input.get(at.saturating_add(1)) == Some(&SEPARATOR)
    };
    input.iter().enumerate().take_while(|&(at, &byte)| is_filler(at, byte)).count()
}

/// Returns the length of the header, if it is complete.
fn header_len(input: &[u8]) -> Result<Option<u16>, FrameError> {
    let Some((&found, after)) = input.split_first() else { return Ok(None) };
    if found != SEPARATOR {
        return Err(FrameError::new(0, DecodeErrorKind::Mismatch { found, expected: SEPARATOR }));
    }
    for (len, &byte) in (1_u16..).zip(after) {
        if !is_space(byte) {
            return Ok(Some(len));
        }
        if len == MAX_HEADER {
            return Err(FrameError::new(len.into(), DecodeErrorKind::HeaderTooLong { max: MAX_HEADER.into() }));
        }
    }
    Ok(None)
}

impl Framing for JsonSeq {
    /// The last word of `carry` is the header's length.
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let [.., known] = progress.carry;
        if known == 0 {
            let filler = filler(input);
            if filler > 0 {
                return Ok(Located::Filler(filler));
            }
        }
        let header = match u16::try_from(known) {
            Ok(len @ 1..) => len,
            _ => match header_len(input)? {
                Some(len) => len,
                None => return Ok(Located::Header((input.len() as u64).saturating_add(1).max(3))),
            },
        };
        let [.., word] = &mut progress.carry;
        *word = header.into();
        progress.enter(header.into());
        let text = input.get(usize::from(header)..).unwrap_or_default();
        let located = search::locate(&Text, self.max, text, progress);
        progress.leave(header.into());
        let around = |extent: Extent| Ok(extent.nested_after_literal(header)?.checked());
        match located.map_err(|error| error.shifted(header.into()))? {
            Located::Known(extent) => Ok(Located::Known(around(extent)?)),
            Located::Search { so_far, least } => {
                Ok(Located::Search { so_far: around(so_far)?, least: least.saturating_add(header.into()) })
            }
            other => other.nested(header),
        }
    }

    fn check(&self, part: Part<'_>, _: &mut u64) -> Result<(), FrameError> {
        match part.trailer() {
            Some(&[found]) if !is_space(found) => {
                let kind = DecodeErrorKind::Mismatch { found, expected: b'\n' };
                Err(FrameError::new(part.trailer_start(), kind))
            }
            _ => Ok(()),
        }
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        search::envelope(&Text, self.max, message, b"")?;
        Ok(Envelope::around(ShortBytes::new(&[SEPARATOR])?, b"\n"))
    }

    fn next_start(&self, input: &[u8], from: usize) -> NextStart {
        NextStart::at_word(input, from, &[SEPARATOR])
    }

    fn max_payload_len(&self) -> u64 {
        self.max
    }
}
