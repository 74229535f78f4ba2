//! Values in the Basic Encoding Rules of ASN.1.

use super::search::{Found, Grammar, Memory, Room, big_endian, framing_of_values, skip};
use crate::contract::DEFAULT_MAX_PAYLOAD_LEN;
use crate::error::{DecodeErrorKind, FrameError};

/// Values in the Basic Encoding Rules of ASN.1, one after the other: LDAP, SNMP, and everything in DER or CER.
///
/// ```text
///  offset   0  1  2  3  4  5  6  7  8  9 10
///  wire     30 03 02 01 05 30 80 02 01 05 00 00
///           ──────────────                       payload: a sequence of 3 bytes
///                          ────────────────────  payload: a sequence of indefinite length, ended by 00 00
/// ```
///
/// There is nothing between two values. The encoder writes the value alone.
///
/// # What is judged
///
/// Identifiers and lengths, of the value itself and of those inside a value of indefinite length. The contents of a value of
/// definite length are skipped and not looked at, even if they are values in turn. Lengths may be longer than they
/// need be, as BER allows and LDAP servers write.
///
/// # Errors
///
/// - [`DecodeErrorKind::Forbidden`] for the end `00 00` outside of an indefinite length, another value with the tag 0, a
///   long tag that begins with `80`, and an indefinite length of a primitive value;
/// - [`DecodeErrorKind::ReservedForm`] for a length that begins with `ff`;
/// - [`DecodeErrorKind::NumberTooLarge`] for a tag of more than 8 bytes after the first, and a length of more than 8;
/// - [`DecodeErrorKind::Oversize`] at the last byte of a length that proves that the value exceeds the limit;
/// - [`DecodeErrorKind::TooDeep`] where more than [`Ber::MAX_DEPTH`] values of indefinite length are open.
///
/// Encoding refuses a message that is not exactly one value:
/// [`EncodeError::Malformed`](crate::EncodeError::Malformed), [`EncodeError::TooShort`](crate::EncodeError::TooShort),
/// [`EncodeError::WrongLength`](crate::EncodeError::WrongLength), [`EncodeError::Empty`](crate::EncodeError::Empty).
///
/// A value over the limit can be skipped if it is well-formed. A rejected value of another kind has no end.
///
/// # Cost
///
/// Each header is read once, and again while it is incomplete, at most 18 bytes. Contents are not looked at. Does not allocate.
///
/// # Examples
///
/// ```
/// use anysplit::values::Ber;
/// use anysplit::{DecodeErrorKind, Decoder, EncodeError, Framing};
///
/// let mut wire = Vec::new();
/// Ber::new().encode(b"\x30\x03\x02\x01\x05", &mut wire)?;
/// Ber::new().encode(b"\x30\x80\x02\x01\x05\0\0", &mut wire)?;
/// assert_eq!(wire, b"\x30\x03\x02\x01\x05\x30\x80\x02\x01\x05\0\0");
/// assert_eq!(Ber::new().encode(b"\x30\x03", &mut wire), Err(EncodeError::TooShort { len: 2, min: 5 }));
///
/// let mut decoder = Decoder::new(Ber::new());
/// decoder.push(&wire)?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"\x30\x03\x02\x01\x05");
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"\x30\x80\x02\x01\x05\0\0");
/// decoder.push(b"\x04\x80")?;
/// let error = decoder.next_frame().unwrap_err();
/// assert_eq!((error.offset, error.kind), (13, DecodeErrorKind::Forbidden { found: 0x80 }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Specification
///
/// ITU-T X.690 (2021), section 8.1: identifiers (8.1.2), lengths (8.1.3), the end of contents (8.1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ber {
    max: u64,
}

impl Ber {
    /// Values of indefinite length that may be open at the same time.
    pub const MAX_DEPTH: u8 = 128;

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

framing_of_values!(Ber, separator: b"");

/// The memory is how many values of indefinite length are open, the bytes of contents to skip, and 1 once the value has
/// begun.
impl Grammar for Ber {
    const LEAST: u64 = 2;

    fn read(&self, memory: &mut Memory, bytes: &[u8], at: usize, room: Room) -> Result<Found, FrameError> {
        let [mut open, mut left, mut begun, _] = *memory;
        let mut at = at;
        loop {
            (at, left) = skip(bytes, at, left);
            if begun != 0 && left == 0 && open == 0 {
                return Ok(Found::End { payload: at, trailer: 0 });
            }
            let ends = open.saturating_mul(2);
            let rest = bytes.get(at..).unwrap_or_default();
            let header = if left > 0 { None } else { header(rest, open > 0).map_err(|error| error.shifted(at))? };
            let Some(Header { length, len }) = header else {
                *memory = [open, left, begun, 0];
                let missing = left.saturating_add(ends).max(if begun == 0 { Self::LEAST } else { 1 });
                return Ok(Found::More { scanned: at, missing });
            };
            at = at.saturating_add(len);
            let proved = |kind| FrameError::new(at.saturating_sub(1), kind);
            begun = 1;
            match length {
                Length::End => open = open.saturating_sub(1),
                Length::Definite(len) => {
                    room.check(at, len.saturating_add(ends)).map_err(proved)?;
                    left = len;
                }
                Length::Indefinite if open >= Self::MAX_DEPTH.into() => {
                    return Err(proved(DecodeErrorKind::TooDeep { max: Self::MAX_DEPTH.into() }));
                }
                Length::Indefinite => {
                    open = open.saturating_add(1);
                    room.check(at, open.saturating_mul(2)).map_err(proved)?;
                }
            }
        }
    }
}

enum Length {
    Definite(u64),
    Indefinite,
    /// The end of contents.
    End,
}

/// The identifier and the length.
struct Header {
    length: Length,
    len: usize,
}

/// The header at the front of `input`, if it is complete.
fn header(input: &[u8], may_end: bool) -> Result<Option<Header>, FrameError> {
    /// The most bytes of a tag after the first, and of a length after the first.
    const MOST: usize = 8;
    let Some((&first, after)) = input.split_first() else { return Ok(None) };
    let forbidden = |at: usize, found| Err(FrameError::new(at, DecodeErrorKind::Forbidden { found }));
    let mut at = 1_usize;
    match first {
        0 if !may_end => return forbidden(0, 0),
        0 => {
            return match after.first() {
                None => Ok(None),
                Some(0) => Ok(Some(Header { length: Length::End, len: 2 })),
                Some(&found) => forbidden(1, found),
            };
        }
        // The tag goes on: X.690, section 8.1.2.4.
        _ if first & 31 == 31 => {
            if after.first() == Some(&0x80) {
                return forbidden(1, 0x80);
            }
            match after.iter().position(|byte| byte & 0x80 == 0) {
                Some(last) if last < MOST => at = last.saturating_add(2),
                None if after.len() < MOST => return Ok(None),
                _ => return Err(FrameError::new(MOST, DecodeErrorKind::NumberTooLarge { max: (1 << 56) - 1 })),
            }
        }
        _ => {}
    }
    let Some(&length) = input.get(at) else { return Ok(None) };
    let digits = at.saturating_add(1);
    match length {
        0..=0x7f => Ok(Some(Header { length: Length::Definite(length.into()), len: digits })),
        0x80 if first & 0x20 != 0 => Ok(Some(Header { length: Length::Indefinite, len: digits })),
        0x80 => forbidden(at, length),
        0xff => Err(FrameError::new(at, DecodeErrorKind::ReservedForm { found: length })),
        _ => {
            let width = usize::from(length & 0x7f);
            if width > MOST {
                return Err(FrameError::new(at, DecodeErrorKind::NumberTooLarge { max: u64::MAX }));
            }
            let end = digits.saturating_add(width);
            let number = input.get(digits..end).map(big_endian);
            Ok(number.map(|number| Header { length: Length::Definite(number), len: end }))
        }
    }
}
