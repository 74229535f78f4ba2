//! The chunks of an HTTP/1.1 body.

use crate::contract::{DEFAULT_MAX_PAYLOAD_LEN, Envelope, Extent, Framing, Located, Progress};
use crate::error::{DecodeErrorKind, EncodeError, FrameError};
use crate::number::at_least_one;
use crate::short::ShortBytes;

/// The chunks of an HTTP/1.1 body: a size in hexadecimal digits on a line, the bytes, and a line end.
///
/// ```text
///  offset   0   1   2   3   4   5   6   7   8   9      0   1   2   3   4
///  wire     5   \r  \n  h   e   l   l   o   \r  \n     0   \r  \n  \r  \n
///           header        payload             trailer       the last chunk: a control frame
/// ```
///
/// A frame is one chunk. Its header is the whole line, with the extensions that may stand after the size. The last
/// chunk, of size 0, is a control frame ([`Frame::is_control`](crate::Frame::is_control)): it carries no message, and
/// all of it is header, the trailer fields and the empty line that ends them included. What follows it is no chunk, so a
/// reader that meets it goes on with another framing, as [`Decoder::with_framing`](crate::Decoder::with_framing) does.
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
/// Errors, each at the first byte that proves it:
///
/// - [`DecodeErrorKind::NotADigit`] for a line that does not begin with a hexadecimal digit, and for a byte after the digits
///   that is no digit, no blank, no semicolon and no line end;
/// - [`DecodeErrorKind::Mismatch`] for a CR without an LF, or an LF without a CR, anywhere in a header, and for a chunk whose
///   bytes are not followed by CR LF: lenience here is what request smuggling lives on;
/// - [`DecodeErrorKind::NumberTooLarge`] for a size of more than 32 digits or over 2^64 − 1;
/// - [`DecodeErrorKind::HeaderTooLong`] for a line, or a last chunk, longer than the limit for headers.
///
/// Cost: every byte of a header is searched once, but for the digits, at most 32, which each call reads.
///
/// Specification: RFC 9112, section 7.1. What stands in extensions and trailers is not looked at, but for line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chunked {
    max: u64,
    pub(crate) max_header: u16,
}

/// More digits than any size needs, zeros ahead of it included.
const MAX_DIGITS: usize = 32;

/// What is known of a line that begins with a size.
enum Size {
    /// The digits and the byte after them are there.
    Known { value: u64, digits: usize },
    /// Digits alone.
    Unfinished,
}

impl Chunked {
    /// The last chunk, without trailer fields.
    pub const LAST: &'static [u8] = b"0\r\n\r\n";

    /// The limit for headers, unless another is set: 8 KiB, what most servers allow for a field line.
    pub const DEFAULT_MAX_HEADER_LEN: u16 = 8192;

    /// Chunks to [`DEFAULT_MAX_PAYLOAD_LEN`](crate::DEFAULT_MAX_PAYLOAD_LEN).
    #[must_use]
    pub const fn new() -> Self {
        Self { max: DEFAULT_MAX_PAYLOAD_LEN, max_header: Self::DEFAULT_MAX_HEADER_LEN }
    }

    /// The same with another limit, in bytes of payload, for each chunk.
    #[must_use]
    pub const fn with_max_payload_len(mut self, max: u64) -> Self {
        self.max = max;
        self
    }

    /// The same with another limit for a chunk's line, and for the last chunk with its trailer fields, in bytes.
    #[must_use]
    pub const fn with_max_header_len(mut self, max: u16) -> Self {
        self.max_header = max;
        self
    }

    /// Reads the size at the front of `input`.
    fn size(&self, input: &[u8], unlimited: bool) -> Result<Size, FrameError> {
        let mut value = 0_u64;
        for (at, &found) in input.iter().enumerate() {
            let digit = match found {
                b'0'..=b'9' => found - b'0',
                b'a'..=b'f' => found - b'a' + 10,
                b'A'..=b'F' => found - b'A' + 10,
                b';' | b' ' | b'\t' | b'\r' if at > 0 => return Ok(Size::Known { value, digits: at }),
                b'\n' if at > 0 => {
                    return Err(FrameError::new(at, DecodeErrorKind::Mismatch { found, expected: b'\r' }));
                }
                _ => return Err(FrameError::new(at, DecodeErrorKind::NotADigit { found, radix: 16 })),
            };
            value = match value.checked_mul(16).and_then(|value| value.checked_add(digit.into())) {
                Some(value) if at < MAX_DIGITS => value,
                _ => return Err(FrameError::new(at, DecodeErrorKind::NumberTooLarge { max: u64::MAX })),
            };
            if value > self.max && !unlimited {
                return Err(FrameError::new(at, DecodeErrorKind::Oversize { len: value, max: self.max }));
            }
        }
        Ok(Size::Unfinished)
    }
}

impl Default for Chunked {
    fn default() -> Self {
        Self::new()
    }
}

/// The first line end in `input` at or after `from`, as the index after it. `None` where there is none yet.
fn line_end(input: &[u8], from: usize) -> Result<Option<usize>, FrameError> {
    let Some(rest) = input.get(from..) else { return Ok(None) };
    let Some(at) = memchr::memchr2(b'\r', b'\n', rest).map(|at| from + at) else { return Ok(None) };
    match (input[at], input.get(at + 1)) {
        (b'\n', _) => Err(FrameError::new(at, DecodeErrorKind::Mismatch { found: b'\n', expected: b'\r' })),
        (_, None) => Ok(None),
        (_, Some(b'\n')) => Ok(Some(at + 2)),
        (_, Some(&found)) => Err(FrameError::new(at + 1, DecodeErrorKind::Mismatch { found, expected: b'\n' })),
    }
}

impl Framing for Chunked {
    fn locate(&self, input: &[u8], progress: Progress) -> Result<Located, FrameError> {
        let bounded = input.get(..self.max_header.into()).unwrap_or(input);
        let too_long =
            || FrameError::new(bounded.len(), DecodeErrorKind::HeaderTooLong { max: self.max_header.into() });
        let unfinished = |need: usize, scanned: usize| {
            if input.len() > bounded.len() {
                Err(too_long())
            } else {
                Ok(Located::Header { need: at_least_one(need), scanned })
            }
        };
        let (value, digits) = match self.size(bounded, progress.unlimited)? {
            Size::Known { value, digits } => (value, digits),
            // A digit, and two line ends or a line end, a byte and a line end.
            Size::Unfinished if input.is_empty() => return Ok(Located::header(5)),
            Size::Unfinished => return unfinished(if bounded.iter().all(|&byte| byte == b'0') { 4 } else { 5 }, 0),
        };
        // No line end lies before `scanned`, or none that ended the header.
        let mut from = progress.scanned.max(digits);
        let end = loop {
            match line_end(bounded, from)? {
                // The trailer fields of the last chunk are lines too, up to an empty one.
                Some(end) if value > 0 || bounded[..end].ends_with(b"\n\r\n") => break end,
                Some(end) => from = end,
                None => {
                    let half = usize::from(bounded.ends_with(b"\r"));
                    let in_line = usize::from(!bounded[..bounded.len() - half].ends_with(b"\n"));
                    // What the shortest frame has after this line.
                    let after = if value > 0 {
                        usize::try_from(value).unwrap_or(usize::MAX).saturating_add(2)
                    } else {
                        2 * in_line
                    };
                    return unfinished(after.saturating_add(2 - half), bounded.len() - half);
                }
            }
        };
        // A header is within its limit, which has 16 bits.
        let header = u16::try_from(end).unwrap_or(u16::MAX);
        if value == 0 {
            return Ok(Located::Known(Extent::new(header, 0, 0).as_control()));
        }
        let left = usize::try_from(value.saturating_sub(progress.passed)).ok();
        if let Some(trailer) = left.and_then(|left| end.checked_add(left)) {
            let there = input.get(trailer..).unwrap_or_default();
            for (at, (&found, expected)) in there.iter().zip(*b"\r\n").enumerate() {
                if found != expected {
                    return Err(FrameError::new(trailer + at, DecodeErrorKind::Mismatch { found, expected }));
                }
            }
        }
        Ok(Located::Known(Extent::new(header, value, 2)))
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let len = message.len() as u64;
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
                if header.len() + 2 > usize::from(self.max_header) {
                    return Err(EncodeError::HeaderTooLong { max: self.max_header.into() });
                }
                header.push(b"\r\n")?;
                Ok(Envelope::new(header).with_trailer(b"\r\n"))
            }
        }
    }

    fn max_payload_len(&self) -> u64 {
        self.max
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    extern crate std;

    use super::*;
    use crate::framing::testing::{cuts_agree, prefixes_agree};
    use std::vec::Vec;

    /// As the specification has it, with no thought for speed: the length of the header, and the size.
    fn naive(input: &[u8]) -> Option<(usize, u64)> {
        let line = input.windows(2).position(|pair| pair == b"\r\n")?;
        let digits = input[..line].split(|byte| b"; \t".contains(byte)).next()?;
        let size = u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        if size > 0 {
            return Some((line + 2, size));
        }
        let end = input[line..].windows(4).position(|four| four == b"\r\n\r\n")?;
        Some((line + end + 4, 0))
    }

    #[test]
    fn chunks_extensions_and_trailers_are_found_as_the_naive_twin_finds_them() {
        let samples: [&[u8]; 9] = [
            b"5\r\nhello\r\n",
            b"05\r\nhello\r\n",
            b"a;name=value;other=\"x y\"\r\n0123456789\r\n",
            b"1 \t;x\r\n!\r\n",
            b"0\r\n\r\n",
            b"000;last\r\n\r\n",
            b"0\r\nA: b\r\n\r\n",
            b"0\r\nExpires: Wed\r\nDigest: x\r\n\r\n",
            b"1F\r\n0123456789012345678901234567890\r\n",
        ];
        for sample in samples {
            let found = prefixes_agree(&Chunked::new(), sample);
            let (header, size) = naive(sample).unwrap();
            let extent = found.unwrap();
            assert_eq!((extent.header_len(), extent.payload_len()), (header, size));
            assert_eq!(extent.is_control(), size == 0);
            assert_eq!(extent.fits(sample.len()), Some(sample.len()));
        }
    }

    #[test]
    fn every_cut_gives_the_same_chunks() {
        let wire = b"5\r\nhello\r\n1;x=y\r\n\r\r\n0\r\nA: b\r\nC:\r\n\r\n";
        let seen = cuts_agree(&Chunked::new(), wire);
        let messages: Vec<_> = seen.unwrap().into_iter().map(|(message, _)| message).collect();
        assert_eq!(messages, [&b"hello"[..], b"\r", b""]);
    }

    #[test]
    fn faults_lie_at_the_byte_that_proves_them() {
        let digit = |found| DecodeErrorKind::NotADigit { found, radix: 16 };
        let wrong = |found, expected| DecodeErrorKind::Mismatch { found, expected };
        let cases: [(&[u8], usize, DecodeErrorKind); 15] = [
            (b"\n", 0, digit(b'\n')),
            (b"\r\n", 0, digit(b'\r')),
            (b" 5\r\n", 0, digit(b' ')),
            (b"-5\r\n", 0, digit(b'-')),
            (b"0x5\r\n", 1, digit(b'x')),
            (b"5\nhello\r\n", 1, wrong(b'\n', b'\r')),
            (b"5\rhello\r\n", 2, wrong(b'h', b'\n')),
            (b"5;a\nhello\r\n", 3, wrong(b'\n', b'\r')),
            (b"5;a\rb\r\nhello\r\n", 4, wrong(b'b', b'\n')),
            (b"5\r\nhelloX\r\n", 8, wrong(b'X', b'\r')),
            (b"5\r\nhello\rX", 9, wrong(b'X', b'\n')),
            (b"0\r\nA: b\n\r\n", 7, wrong(b'\n', b'\r')),
            (b"0\r\nA: b\r\nC\rD", 11, wrong(b'D', b'\n')),
            (b"11\r\n", 1, DecodeErrorKind::Oversize { len: 17, max: 16 }),
            (b"000000000000000000000000000000000", 32, DecodeErrorKind::HeaderTooLong { max: 32 }),
        ];
        let framing = Chunked::new().with_max_payload_len(16).with_max_header_len(32);
        for (wire, at, kind) in cases {
            assert_eq!(prefixes_agree(&framing, wire), Err(FrameError::new(at, kind)), "{}", wire.escape_ascii());
        }
        let zeros = [b'0'; 40];
        let fault = FrameError::new(32, DecodeErrorKind::NumberTooLarge { max: u64::MAX });
        assert_eq!(prefixes_agree(&Chunked::new(), &zeros), Err(fault));
        let large = FrameError::new(16, DecodeErrorKind::NumberTooLarge { max: u64::MAX });
        let unlimited = Chunked::new().with_max_payload_len(u64::MAX);
        assert_eq!(prefixes_agree(&unlimited, b"fffffffffffffffff"), Err(large));
    }

    #[test]
    fn what_is_encoded_comes_back() {
        for len in [1, 9, 10, 15, 16, 17, 255, 256, 4095, 4096] {
            let message = std::vec![b'x'; len];
            let mut wire = std::vec![0; len + 16];
            let written = Chunked::new().encode_into(&message, &mut wire).unwrap();
            assert_eq!(wire[..written], *std::format!("{len:x}\r\n{}\r\n", "x".repeat(len)).as_bytes());
            let extent = prefixes_agree(&Chunked::new(), &wire[..written]).unwrap();
            assert_eq!(extent.payload_len(), len as u64);
        }
    }

    #[test]
    fn all_that_the_shortest_frame_lacks_is_asked_for() {
        let need = |wire: &[u8]| match Chunked::new().locate(wire, Progress::default()) {
            Ok(Located::Header { need, .. }) => need.get(),
            other => panic!("{other:?}"),
        };
        for len in 0..5 {
            assert_eq!(need(&Chunked::LAST[..len]), 5 - len);
        }
        for (wire, least) in
            [(&b"5"[..], 5), (b"5;x", 9), (b"5\r", 8), (b"0;x", 4), (b"0\r\nA: b", 4), (b"0\r\nA: b\r", 3)]
        {
            assert_eq!(need(wire), least, "{}", wire.escape_ascii());
        }
    }

    #[test]
    fn what_is_at_its_limit_is_written_and_what_is_over_it_refused() {
        let mut wire = [0; 16];
        let five = Chunked::new().with_max_payload_len(5);
        assert_eq!(five.encode_into(b"hello", &mut wire), Ok(10));
        assert_eq!(five.encode_into(b"hello!", &mut wire), Err(EncodeError::Oversize { len: 6, max: 5 }));
        assert_eq!(Chunked::new().with_max_header_len(3).encode_into(b"hello", &mut wire), Ok(10));
        for max in [0, 1, 2] {
            let refusal = EncodeError::HeaderTooLong { max: max.into() };
            assert_eq!(Chunked::new().with_max_header_len(max).encode_into(b"hello", &mut wire), Err(refusal));
        }
    }
}
