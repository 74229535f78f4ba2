//! The chunks of an HTTP/1.1 body.

use crate::contract::{DEFAULT_MAX_PAYLOAD_LEN, Envelope, Extent, Framing, Located, Part, Progress};
use crate::error::{DecodeErrorKind, EncodeError, FrameError};
use crate::framing::text::{self, CONTROLS, Digits, LineEnd, Lone};
use crate::short::ShortBytes;

/// The chunks of an HTTP/1.1 body: a size in hexadecimal digits on a line, the bytes, and a line end.
///
/// ```text
///  offset   0   1   2   3   4   5   6   7   8   9      0   1   2   3   4
///  wire     5   \r  \n  h   e   l   l   o   \r  \n     0   \r  \n  \r  \n
///           header        payload             trailer       the last chunk: a control frame
/// ```
///
/// A frame is one chunk. Its header is the complete line, with the extensions that may follow the size. The last
/// chunk, of size 0, is a control frame ([`Frame::is_control`](crate::Frame::is_control)): it carries no message, and
/// all of it is header, with the trailer fields and the empty line that ends them. The bytes after it are no chunk: a
/// reader goes on with another framing, as [`Decoder::with_framing`](crate::Decoder::with_framing) does.
///
/// `encode` writes no extensions and refuses an empty message, which would be the last chunk; that is [`Chunked::LAST`].
///
/// ```
/// use anysplit::{Chunked, Decoder, Framing, EncodeError};
///
/// let mut wire = Vec::new();
/// Chunked::new().encode(b"hello", &mut wire)?;
/// wire.extend_from_slice(Chunked::LAST);
/// assert_eq!(wire, b"5\r\nhello\r\n0\r\n\r\n");
/// assert_eq!(Chunked::new().encode(b"", &mut wire), Err(EncodeError::Empty));
///
/// let mut decoder = Decoder::new(Chunked::new());
/// decoder.push(b"5;sig=1\r\nhello\r\n0\r\nDigest: x\r\n\r\nHTTP/1.1 200 OK\r\n")?;
/// let frame = decoder.next_frame()?.unwrap();
/// assert_eq!((frame.header(), frame.payload()), (&b"5;sig=1\r\n"[..], &b"hello"[..]));
/// let last = decoder.next_frame()?.unwrap();
/// assert!(last.is_control());
/// assert_eq!(last.header(), b"0\r\nDigest: x\r\n\r\n");
/// assert_eq!(decoder.into_parts().rest, b"HTTP/1.1 200 OK\r\n"[..]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Leading zeros are read, as the grammar allows them (`chunk-size = 1*HEXDIG`): `05` is 5. They are never written.
///
/// # Errors
///
/// Each at the first byte that proves it:
///
/// - [`DecodeErrorKind::NotADigit`] for a line that does not begin with a hexadecimal digit, and for a byte after the
///   digits that is no digit, no blank, no semicolon and no line end;
/// - [`DecodeErrorKind::Mismatch`] for a byte after blanks that is no semicolon and no line end: `5 0` is not 5;
/// - [`DecodeErrorKind::Forbidden`] for a control byte other than a tab in an extension or a trailer field;
/// - [`DecodeErrorKind::Mismatch`] for a CR without an LF, or an LF without a CR, anywhere in a header, and for a chunk
///   that is not followed by CR LF: request smuggling needs readers that are lenient here;
/// - [`DecodeErrorKind::NumberTooLarge`] for a size of more than 32 digits or over 2^64 − 1;
/// - [`DecodeErrorKind::Oversize`] at the digit that makes the size greater than the limit;
/// - [`DecodeErrorKind::HeaderTooLong`] for a line, or a last chunk, longer than the limit for headers.
///
/// # Cost
///
/// Every byte of a header is read once, however it arrives.
///
/// # Specification
///
/// RFC 9112, section 7.1. In extensions and trailer fields only the line ends and control bytes are checked. Blanks between
/// the size and the line end are read, which the grammar does not have and servers accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chunked {
    max: u64,
    pub(crate) max_header: u16,
}

/// More digits than any size needs, leading zeros included.
const MAX_DIGITS: usize = 32;

impl Chunked {
    /// The last chunk, without trailer fields.
    pub const LAST: &'static [u8] = b"0\r\n\r\n";

    /// The default limit for headers: 8 KiB, what most servers allow for a field line.
    pub const DEFAULT_MAX_HEADER_LEN: u16 = 8192;

    /// Chunks of at most [`DEFAULT_MAX_PAYLOAD_LEN`](crate::contract::DEFAULT_MAX_PAYLOAD_LEN).
    #[must_use]
    pub const fn new() -> Self {
        Self { max: DEFAULT_MAX_PAYLOAD_LEN, max_header: Self::DEFAULT_MAX_HEADER_LEN }
    }

    /// Sets the limit for the payload of each chunk, in bytes. Binds both directions.
    #[must_use]
    pub const fn with_max_payload_len(mut self, max: u64) -> Self {
        self.max = max;
        self
    }

    /// Sets the limit for a chunk's line, and for the last chunk with its trailer fields, in bytes. Binds both directions.
    #[must_use]
    pub const fn with_max_header_len(mut self, max: u16) -> Self {
        self.max_header = max;
        self
    }

    /// Continues to read the size at the front of `header`, where the byte at `from` may be the first after the digits
    /// and blanks. Returns the index of that byte, and whether it has arrived and is valid.
    fn read_size(
        &self,
        header: &[u8],
        from: usize,
        size: &mut Digits,
        lenient: bool,
    ) -> Result<(usize, bool), FrameError> {
        size.read::<16>(header, |size| match size.value {
            _ if size.count > MAX_DIGITS => Err(text::NUMBER_TOO_LARGE),
            len if len > self.max && !lenient => Err(DecodeErrorKind::Oversize { len, max: self.max }),
            _ => Ok(()),
        })?;
        let digits = size.count;
        let at = if digits > 0 { text::after_blanks(header, digits.max(from)) } else { 0 };
        match header.get(at) {
            None => Ok((at, false)),
            Some(b';' | b'\r') if digits > 0 => Ok((at, true)),
            Some(b'\n') if digits > 0 => Err(text::mismatch(at, b'\n', b'\r')),
            Some(&found) if at > digits => Err(text::mismatch(at, found, b';')),
            Some(&found) => Err(text::not_a_digit(at, found, 16)),
        }
    }
}

impl Chunked {
    /// Returns the line before a chunk of `len` bytes.
    pub(crate) fn size_line(&self, len: u64) -> Result<ShortBytes, EncodeError> {
        match len {
            0 => Err(EncodeError::Empty),
            _ if len > self.max => Err(EncodeError::Oversize { len, max: self.max }),
            _ => {
                let digits = (u64::BITS - len.leading_zeros()).div_ceil(4);
                let mut header = ShortBytes::empty();
                for place in (0..digits).rev() {
                    let digit = usize::try_from(len >> (4 * place) & 0x0f).unwrap_or_default();
                    header.push(&b"0123456789abcdef"[digit..=digit])?;
                }
                header.push(b"\r\n")?;
                if header.len() > usize::from(self.max_header) {
                    return Err(EncodeError::HeaderTooLong { max: self.max_header.into() });
                }
                Ok(header)
            }
        }
    }
}

impl Default for Chunked {
    fn default() -> Self {
        Self::new()
    }
}

/// The state of a header that is not complete.
struct Begun {
    size: Digits,
    /// Whether the byte after the digits has arrived.
    is_known: bool,
    /// Where the first line without an end begins.
    line: usize,
}

impl Begun {
    fn load(&[value, count, is_known, line]: &[u64; 4]) -> Self {
        let index = |index| usize::try_from(index).unwrap_or(usize::MAX);
        Self { size: Digits { value, count: index(count) }, is_known: is_known != 0, line: index(line) }
    }

    const fn store(&self) -> [u64; 4] {
        [self.size.value, self.size.count as u64, self.is_known as u64, self.line as u64]
    }
}

impl Framing for Chunked {
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        if input.is_empty() {
            return Ok(Located::Header(Self::LAST.len() as u64));
        }
        let header = text::within(input, self.max_header);
        let mut begun = Begun::load(&progress.carry);
        if !begun.is_known {
            let at;
            (at, begun.is_known) = self.read_size(header, progress.scanned, &mut begun.size, progress.lenient)?;
            if !begun.is_known {
                progress.scanned = at;
                progress.carry = begun.store();
                // Two line ends, or a line end, a byte and a line end.
                let missing = if begun.size.value == 0 { 4 } else { 5 };
                return text::incomplete(input, self.max_header, missing);
            }
        }
        let size = begun.size.value;
        let mut from = progress.scanned.max(begun.size.count);
        let end = loop {
            let found = text::find_line(header, begun.line, from, LineEnd::CrLf, Lone::IsError);
            text::allow(header, from, text::searched(&found, header.len()), &CONTROLS)?;
            match found? {
                // The trailer fields of the last chunk are lines too, up to an empty one.
                Some(line) if size > 0 || line.content == begun.line => break line.next,
                Some(line) => (begun.line, from) = (line.next, line.next),
                None => {
                    let half = LineEnd::CrLf.begun(header);
                    progress.scanned = header.len() - half;
                    progress.carry = begun.store();
                    // The rest of the shortest frame after this line.
                    let after = match size {
                        0 if progress.scanned == begun.line => 0,
                        0 => 2,
                        _ => size.saturating_add(2),
                    };
                    let missing = if half == 0 { 2 } else { 1 };
                    return text::incomplete(input, self.max_header, after.saturating_add(missing));
                }
            }
        };
        let len = text::header_len(end)?;
        Ok(Located::Known(match size {
            0 => Extent::new(len, 0, 0).as_control(),
            _ => Extent::new(len, size, 2).checked(),
        }))
    }

    fn check(&self, part: Part<'_>, _: &mut u64) -> Result<(), FrameError> {
        text::check_trailer(part, b"\r\n")
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        Ok(Envelope::around(self.size_line(message.len() as u64)?, b"\r\n"))
    }

    fn max_payload_len(&self) -> u64 {
        self.max
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests;
