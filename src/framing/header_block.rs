//! Header fields on lines of their own, one of which says how long the payload is.

use crate::contract::{AtEof, DEFAULT_MAX_PAYLOAD_LEN, Envelope, Extent, Framing, Located, Patch, Progress};
use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError, Truncated};
use crate::number::at_least_one;
use crate::short::ShortBytes;

/// Header fields, a line each, up to an empty line; one of them says how many bytes follow.
///
/// ```text
///  wire     Content-Length: 5\r\n          the name in upper or lower case, blanks ahead of the digits or none
///           Content-Type: text/plain\r\n   any other fields, in any order
///           \r\n                           the end of the header
///           hello                          the payload
/// ```
///
/// In two uses:
///
/// - As built, the fields are a length prefix in words: the message is the payload, `encode` writes the one field
///   that says its length, and decoding leaves what other fields there were in
///   [`Frame::header`](crate::Frame::header). So the Language Server Protocol is spoken.
/// - With [`keeping_header`](Self::keeping_header) the message is all of it, as in SIP, STOMP, FIX or HTTP, where the
///   fields are the message's own. `encode` takes a message whose field is right and refuses any other;
///   [`encode_with`](Framing::encode_with) puts the digits in.
///
/// ```
/// use anysplit::{Decoder, Framing, HeaderBlock};
///
/// let framing = HeaderBlock::new("Content-Length")?;
/// let mut wire = Vec::new();
/// framing.encode(b"hello", &mut wire)?;
/// assert_eq!(wire, b"Content-Length: 5\r\n\r\nhello");
///
/// let mut decoder = Decoder::new(framing);
/// decoder.push(b"Content-Type: text/plain\r\ncontent-length:5\r\n\r\nhello")?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Strict where two readers of one stream could take it for two different streams, which is how requests are smuggled:
/// a second length field is a fault whatever it says, and so are a sign, a blank between name and colon, a length
/// continued on the next line, and, unless [`allowing_bare_lf`](Self::allowing_bare_lf), an LF without its CR.
///
/// Errors, each at the first byte that proves it:
///
/// - [`DecodeErrorKind::HeaderTooLong`] where the header has not ended within its limit, 8 KiB unless set otherwise;
/// - [`DecodeErrorKind::NotADigit`], [`DecodeErrorKind::NumberTooLarge`] and [`DecodeErrorKind::Oversize`] in the length;
/// - [`DecodeErrorKind::Repeated`] at the end of a second length field's line, and at that of a field that
///   [`forbidding`](Self::forbidding) names;
/// - [`DecodeErrorKind::NoLength`] at the end of a header that has no length, where one is needed;
/// - [`DecodeErrorKind::Mismatch`] for an LF without its CR.
///
/// Cost: the header is searched once as it comes, and read once more when it is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HeaderBlock {
    /// The first is written.
    pub(crate) names: [Option<Name>; 2],
    pub(crate) forbidden: Option<Name>,
    /// Between name and value.
    pub(crate) separator: u8,
    pub(crate) line: LineEnd,
    pub(crate) start_line: bool,
    pub(crate) missing: Missing,
    pub(crate) blank_lines: bool,
    keeps_header: bool,
    pub(crate) max_header: u16,
    pub(crate) max: u64,
    /// Bytes of payload that the length does not count.
    pub(crate) uncounted: u16,
}

/// What ends a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum LineEnd {
    CrLf,
    /// LF, with a CR before it or without.
    Lf,
    /// The header then ends with the line of the length, and not with an empty one.
    Byte(u8),
}

impl LineEnd {
    const fn last(self) -> u8 {
        match self {
            Self::CrLf | Self::Lf => b'\n',
            Self::Byte(byte) => byte,
        }
    }

    const fn written(self) -> &'static [u8] {
        match self {
            Self::CrLf => b"\r\n",
            Self::Lf => b"\n",
            Self::Byte(_) => b"",
        }
    }

    /// The least bytes it has.
    const fn least(self) -> usize {
        match self {
            Self::CrLf => 2,
            _ => 1,
        }
    }
}

/// What a header without a length means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Missing {
    FrameError,
    Empty,
    /// The payload lasts up to this byte, which stands after every payload.
    Until(u8),
}

/// A field's name, in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Name {
    len: u8,
    bytes: [u8; Name::CAPACITY],
}

impl Name {
    const CAPACITY: usize = 31;

    const fn new(name: &str) -> Result<Self, ConfigError> {
        let name = name.as_bytes();
        if name.is_empty() {
            return Err(ConfigError::EmptyLiteral);
        }
        if name.len() > Self::CAPACITY {
            return Err(ConfigError::LiteralTooLong { len: name.len(), max: Self::CAPACITY });
        }
        let mut bytes = [0; Self::CAPACITY];
        let mut len = 0;
        while (len as usize) < name.len() {
            if matches!(name[len as usize], b'\r' | b'\n') {
                return Err(ConfigError::Conflict("a field's name lies on one line"));
            }
            bytes[len as usize] = name[len as usize];
            len += 1;
        }
        Ok(Self { len, bytes })
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.len.into()).unwrap_or_default()
    }

    const fn contains(&self, wanted: u8) -> bool {
        let mut at = 0;
        while at < self.len as usize {
            if self.bytes[at] == wanted {
                return true;
            }
            at += 1;
        }
        false
    }

    /// Whether a line that is written with the name `other` begins as a field of this name does.
    const fn is_read_from(&self, other: &Self, separator: u8) -> bool {
        // The name, the separator and a blank.
        let mut at = 0;
        while at <= self.len {
            let written = if at < other.len {
                other.bytes[at as usize]
            } else if at == other.len {
                separator
            } else if at == other.len + 1 {
                b' '
            } else {
                return false;
            };
            let same = match at == self.len {
                true => written == separator || is_blank(written),
                false => written.eq_ignore_ascii_case(&self.bytes[at as usize]),
            };
            if !same {
                return false;
            }
            at += 1;
        }
        true
    }

    /// Whether a line's first bytes are this name and what may stand after it, and how long that is.
    fn matches(&self, line: &[u8], separator: u8) -> bool {
        let len = self.as_slice().len();
        line.get(..len).is_some_and(|name| name.eq_ignore_ascii_case(self.as_slice()))
            && matches!(line.get(len), Some(&next) if next == separator || is_blank(next))
    }
}

/// More blanks or digits than a length needs, and the bound on what is looked at again with each chunk.
const MAX_FIELD: usize = 64;

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// A length field's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Length {
    value: u64,
    /// Where its digits are in the header.
    at: usize,
    digits: usize,
}

/// A whole header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Block {
    /// Its length in bytes, the empty line included.
    len: usize,
    length: Option<Length>,
}

impl HeaderBlock {
    /// The limit for headers, unless another is set: 8 KiB, what most servers allow.
    pub const DEFAULT_MAX_HEADER_LEN: u16 = 8192;

    /// Lines ended by CR LF, and the length in the field of this name.
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyLiteral`] for no name, [`ConfigError::LiteralTooLong`] for one of more than 31 bytes,
    /// [`ConfigError::Conflict`] for one with a CR or an LF in it.
    pub const fn new(name: &str) -> Result<Self, ConfigError> {
        match Name::new(name) {
            Ok(name) => Ok(Self {
                names: [Some(name), None],
                forbidden: None,
                separator: b':',
                line: LineEnd::CrLf,
                start_line: false,
                missing: Missing::FrameError,
                blank_lines: false,
                keeps_header: false,
                max_header: Self::DEFAULT_MAX_HEADER_LEN,
                max: DEFAULT_MAX_PAYLOAD_LEN,
                uncounted: 0,
            }),
            Err(error) => Err(error),
        }
    }

    /// The same with another name that the field may have when read, such as SIP's `l` for `Content-Length`.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub const fn or_named(mut self, name: &str) -> Result<Self, ConfigError> {
        match Name::new(name) {
            Ok(name) => {
                self.names[1] = Some(name);
                self.checked()
            }
            Err(error) => Err(error),
        }
    }

    /// The same, where a field of this name is a fault, as it would say in another way where the message ends:
    /// `Transfer-Encoding` in HTTP.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and [`ConfigError::Conflict`] where the length's own line would be taken for that field.
    pub const fn forbidding(mut self, name: &str) -> Result<Self, ConfigError> {
        match Name::new(name) {
            Ok(name) => {
                self.forbidden = Some(name);
                self.checked()
            }
            Err(error) => Err(error),
        }
    }

    /// The same with the whole of it as the message, header included.
    #[must_use]
    pub const fn keeping_header(mut self) -> Self {
        self.keeps_header = true;
        self
    }

    /// The same with a line ahead of the fields that is none itself, as a request line. The header is then part of the
    /// message.
    #[must_use]
    pub const fn with_start_line(mut self) -> Self {
        self.start_line = true;
        self.keeps_header = true;
        self
    }

    /// The same with another byte between name and value.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] for CR, LF, and the byte that ends a field.
    pub const fn with_separator(mut self, separator: u8) -> Result<Self, ConfigError> {
        self.separator = separator;
        self.checked()
    }

    /// The same with lines that end with LF, and one CR before it or none. Written with LF alone.
    ///
    /// Takes the place of [`with_fields_ended_by`](Self::with_fields_ended_by).
    #[must_use]
    pub const fn allowing_bare_lf(mut self) -> Self {
        self.line = LineEnd::Lf;
        self
    }

    /// The same with lines that end with `byte`, and a header that ends with the line of the length: FIX's fields. The header
    /// is then part of the message.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] for a digit, a blank, the separator, and a byte of a name.
    pub const fn with_fields_ended_by(mut self, byte: u8) -> Result<Self, ConfigError> {
        self.line = LineEnd::Byte(byte);
        self.keeps_header = true;
        self.checked()
    }

    /// As it is, if what it writes can be read.
    const fn checked(self) -> Result<Self, ConfigError> {
        if matches!(self.separator, b'\r' | b'\n') {
            return Err(ConfigError::Conflict("a line end cannot stand between name and value"));
        }
        if let LineEnd::Byte(end) = self.line {
            if end == self.separator || end.is_ascii_digit() || is_blank(end) {
                return Err(ConfigError::Conflict("what ends a field stands inside it: separator, digit or blank"));
            }
            let mut at = 0;
            while at < self.names.len() {
                if matches!(&self.names[at], Some(name) if name.contains(end)) {
                    return Err(ConfigError::Conflict("what ends a field stands in its name"));
                }
                at += 1;
            }
        }
        match (&self.names[0], &self.forbidden) {
            (Some(name), Some(forbidden)) if forbidden.is_read_from(name, self.separator) => {
                Err(ConfigError::Conflict("the line of the length would be taken for the field that is forbidden"))
            }
            _ => Ok(self),
        }
    }

    /// Whether the length field ends the header, rather than an empty line.
    const fn ends_with_length(&self) -> bool {
        matches!(self.line, LineEnd::Byte(_))
    }

    /// The same, where a header without a length has no payload, as a request of HTTP without a body.
    #[must_use]
    pub const fn empty_without_length(mut self) -> Self {
        self.missing = Missing::Empty;
        self
    }

    /// The same with `end` after every payload, which in a frame without a length is the first such byte: STOMP's zero.
    /// The header is then part of the message.
    #[must_use]
    pub const fn ended_by(mut self, end: u8) -> Self {
        self.missing = Missing::Until(end);
        self.keeps_header = true;
        self
    }

    /// The same, where a blank line ahead of a header is a control frame, as STOMP's heart-beat and SIP's keep-alive.
    #[must_use]
    pub const fn with_blank_lines_between(mut self) -> Self {
        self.blank_lines = true;
        self
    }

    /// The same with `len` bytes of payload that the length does not count.
    #[must_use]
    pub const fn with_uncounted(mut self, len: u16) -> Self {
        self.uncounted = len;
        self
    }

    /// The same with another limit for the header, in bytes, its last line included.
    #[must_use]
    pub const fn with_max_header_len(mut self, max: u16) -> Self {
        self.max_header = max;
        self
    }

    /// The same with another limit, in bytes of payload. Binds both directions.
    #[must_use]
    pub const fn with_max_payload_len(mut self, max: u64) -> Self {
        self.max = max;
        self
    }

    /// Whether the header is part of the message.
    #[must_use]
    pub const fn keeps_header(&self) -> bool {
        self.keeps_header
    }

    fn is_length(&self, line: &[u8]) -> bool {
        self.names.iter().flatten().any(|name| name.matches(line, self.separator))
    }

    /// The length in a line that begins with its name, once the line is whole, its end included.
    fn length(&self, line: &[u8], unlimited: bool) -> Result<Option<Length>, FrameError> {
        let Some(name) = self.names.iter().flatten().find(|name| name.matches(line, self.separator)) else {
            return Ok(None);
        };
        let mut at = name.as_slice().len();
        // A blank between name and separator is what readers disagree on.
        match line.get(at) {
            Some(&found) if found != self.separator => {
                return Err(FrameError::new(at, DecodeErrorKind::Mismatch { found, expected: self.separator }));
            }
            _ => at += 1,
        }
        let line = line.get(..MAX_FIELD).unwrap_or(line);
        let blanks = |line: &[u8], at: &mut usize| {
            while line.get(*at).copied().is_some_and(is_blank) {
                *at += 1;
            }
        };
        blanks(line, &mut at);
        let first = at;
        let mut value = 0_u64;
        while let Some(&digit) = line.get(at).filter(|byte| byte.is_ascii_digit()) {
            let next = value.checked_mul(10).and_then(|value| value.checked_add((digit - b'0').into()));
            value = next
                .filter(|value| value.checked_add(self.uncounted.into()).is_some())
                .ok_or(FrameError::new(at, DecodeErrorKind::NumberTooLarge { max: u64::MAX }))?;
            let len = value.saturating_add(self.uncounted.into());
            if len > self.max && !unlimited {
                return Err(FrameError::new(at, DecodeErrorKind::Oversize { len, max: self.max }));
            }
            at += 1;
        }
        let digits = at - first;
        blanks(line, &mut at);
        let after = line.get(at..).unwrap_or_default();
        match (after, self.line) {
            (&[found, ..], _) if digits == 0 => {
                Err(FrameError::new(at, DecodeErrorKind::NotADigit { found, radix: 10 }))
            }
            ([b'\r', b'\n', ..], LineEnd::CrLf | LineEnd::Lf) | ([b'\n', ..], LineEnd::Lf) => {
                Ok(Some(Length { value, at: first, digits }))
            }
            (&[found, ..], LineEnd::Byte(end)) if found == end => Ok(Some(Length { value, at: first, digits })),
            (&[b'\r', found, ..], LineEnd::CrLf | LineEnd::Lf) => {
                Err(FrameError::new(at + 1, DecodeErrorKind::Mismatch { found, expected: b'\n' }))
            }
            (&[b'\n', ..], LineEnd::CrLf) => {
                Err(FrameError::new(at, DecodeErrorKind::Mismatch { found: b'\n', expected: b'\r' }))
            }
            ([] | [b'\r'], _) if line.len() == MAX_FIELD => {
                Err(FrameError::new(MAX_FIELD - 1, DecodeErrorKind::NumberTooLarge { max: u64::MAX }))
            }
            ([], _) | ([b'\r'], LineEnd::CrLf | LineEnd::Lf) => Ok(None),
            (&[found, ..], _) => Err(FrameError::new(at, DecodeErrorKind::NotADigit { found, radix: 10 })),
        }
    }

    /// Where the line that ends with the byte at `end` has its content's end.
    fn content_end(&self, header: &[u8], start: usize, end: usize) -> Result<usize, FrameError> {
        let cr = end > start && header[end - 1] == b'\r';
        match self.line {
            LineEnd::CrLf if !cr => {
                Err(FrameError::new(end, DecodeErrorKind::Mismatch { found: b'\n', expected: b'\r' }))
            }
            LineEnd::CrLf | LineEnd::Lf if cr => Ok(end - 1),
            _ => Ok(end),
        }
    }

    /// The header at the front of `input`, if it is whole; else how many bytes it lacks at least.
    fn block(&self, input: &[u8], scanned: usize, unlimited: bool) -> Result<Result<Block, usize>, FrameError> {
        let bounded = input.get(..self.max_header.into()).unwrap_or(input);
        let last = self.line.last();
        let mut from = scanned.min(bounded.len());
        // The line that `from` lies in. One that begins far before holds no length: it was looked at when it was short.
        let back = from.saturating_sub(MAX_FIELD);
        let mut start = match memchr::memrchr(last, &bounded[back..from]) {
            Some(at) => Some(back + at + 1),
            None => (back == 0).then_some(0),
        };
        loop {
            let Some(end) = memchr::memchr(last, &bounded[from..]).map(|at| from + at) else {
                return self.unfinished(input, bounded, start, unlimited);
            };
            let begin = match start {
                Some(start) => start,
                None => memchr::memrchr(last, &bounded[..end]).map_or(0, |at| at + 1),
            };
            let is_field = begin > 0 || !self.start_line;
            let length = if is_field { self.field(bounded, begin, end + 1, unlimited)? } else { None };
            let line = &bounded[begin..self.content_end(bounded, begin, end)?];
            if line.is_empty() && !self.ends_with_length() {
                return self.whole(bounded, end + 1, unlimited).map(Ok);
            }
            if is_field {
                let forbidden = self.forbidden.is_some_and(|name| name.matches(line, self.separator));
                if forbidden || length.is_some() && self.find_length(&bounded[..begin], unlimited).is_some() {
                    return Err(FrameError::new(end, DecodeErrorKind::Repeated));
                }
            }
            if length.is_some() && self.ends_with_length() {
                return self.whole(bounded, end + 1, unlimited).map(Ok);
            }
            from = end + 1;
            start = Some(from);
        }
    }

    /// What a header lacks whose last line, from `start` on, has no end.
    fn unfinished(
        &self,
        input: &[u8],
        bounded: &[u8],
        start: Option<usize>,
        unlimited: bool,
    ) -> Result<Result<Block, usize>, FrameError> {
        let line = start.and_then(|start| bounded.get(start..));
        if let Some(start) = start {
            if start > 0 || !self.start_line {
                self.field(bounded, start, bounded.len(), unlimited)?;
            }
        }
        if input.len() > bounded.len() {
            return Err(FrameError::new(bounded.len(), DecodeErrorKind::HeaderTooLong { max: self.max_header.into() }));
        }
        let half = usize::from(self.line == LineEnd::CrLf && bounded.ends_with(b"\r"));
        // The line may be the empty one, of which half is there.
        let empty = self.line.last() == b'\n' && line.is_some_and(|line| line.is_empty() || line == b"\r");
        let lines = if empty || self.ends_with_length() { 1 } else { 2 };
        Ok(Err((lines * self.line.least()).saturating_sub(half).max(1)))
    }

    /// Looks at the field from `start` to `end`, and gives the length if it is that and whole.
    fn field(&self, header: &[u8], start: usize, end: usize, unlimited: bool) -> Result<Option<Length>, FrameError> {
        let line = &header[start..end];
        if let Some(&found) = line.first().filter(|&&first| is_blank(first)) {
            if self.continues_length(&header[..start]) {
                return Err(FrameError::new(start, DecodeErrorKind::NotADigit { found, radix: 10 }));
            }
        }
        self.length(line, unlimited).map_err(|fault| fault.shifted(start))
    }

    /// Whether the last line of these, which ends with them, is the length's.
    fn continues_length(&self, lines: &[u8]) -> bool {
        let Some((_, before)) = lines.split_last() else { return false };
        let start = memchr::memrchr(self.line.last(), before).map_or(0, |at| at + 1);
        (start > 0 || !self.start_line) && self.is_length(&before[start..])
    }

    /// The first length in these whole lines.
    fn find_length(&self, lines: &[u8], unlimited: bool) -> Option<Length> {
        let last = self.line.last();
        let mut start = 0;
        for end in memchr::memchr_iter(last, lines) {
            if start > 0 || !self.start_line {
                if let Ok(Some(length)) = self.length(&lines[start..=end], unlimited) {
                    return Some(Length { at: start + length.at, ..length });
                }
            }
            start = end + 1;
        }
        None
    }

    /// The header of `len` bytes, of which every line has been looked at.
    fn whole(&self, bounded: &[u8], len: usize, unlimited: bool) -> Result<Block, FrameError> {
        let length = self.find_length(&bounded[..len], unlimited);
        if length.is_none() && self.missing == Missing::FrameError {
            return Err(FrameError::new(len - 1, DecodeErrorKind::NoLength));
        }
        Ok(Block { len, length })
    }

    /// The length of a blank line at the front, or how many bytes it lacks; `None` for anything else.
    fn blank_line(&self, input: &[u8]) -> Option<Result<u16, usize>> {
        match (self.blank_lines, self.line, input) {
            (false, ..) | (_, LineEnd::Byte(_), _) => None,
            (_, LineEnd::Lf, [b'\n', ..]) => Some(Ok(1)),
            (_, _, [b'\r', b'\n', ..]) => Some(Ok(2)),
            (_, _, [b'\r']) => Some(Err(1)),
            _ => None,
        }
    }

    /// How many digits, in bytes of payload that are counted, a message of these lengths needs.
    fn counted(&self, payload: u64) -> Result<u64, EncodeError> {
        let min = u64::from(self.uncounted);
        if payload > self.max {
            return Err(EncodeError::Oversize { len: payload, max: self.max });
        }
        payload.checked_sub(min).ok_or(EncodeError::TooShort { len: payload, min })
    }

    /// The frame with this header.
    fn extent(&self, input: &[u8], block: Block, progress: Progress) -> Result<Located, FrameError> {
        // A header is within its limit, which has 16 bits.
        let header = u16::try_from(block.len).unwrap_or(u16::MAX);
        let message_header = if self.keeps_header { header } else { 0 };
        let end = match self.missing {
            Missing::Until(end) => Some(end),
            _ => None,
        };
        let Some(length) = block.length else {
            let Some(end) = end else {
                return Ok(Located::Known(Extent::new(header, 0, 0).with_message_header(message_header)));
            };
            let from = progress.scanned.clamp(block.len, input.len());
            let found = memchr::memchr(end, &input[from..]).map(|at| from + at);
            let payload = found.unwrap_or(input.len()) - block.len;
            if (payload as u64).saturating_add(progress.passed) > self.max && !progress.unlimited {
                // `max - passed` is less than the payload's length, so it fits.
                let left = usize::try_from(self.max.saturating_sub(progress.passed)).unwrap_or(payload);
                let kind = DecodeErrorKind::Oversize { len: self.max.saturating_add(1), max: self.max };
                return Err(FrameError::new(block.len + left, kind));
            }
            return Ok(match found {
                Some(_) => Located::Known(Extent::new(header, payload as u64, 1).with_message_header(message_header)),
                None => Located::Open { header, scanned: input.len(), need: at_least_one(1) },
            });
        };
        // Was checked digit by digit.
        let payload = length.value.saturating_add(self.uncounted.into());
        if let Some(expected) = end {
            let left = usize::try_from(payload.saturating_sub(progress.passed)).ok();
            let trailer = left.and_then(|left| block.len.checked_add(left));
            if let Some((at, &found)) = trailer.and_then(|at| Some((at, input.get(at)?))) {
                if found != expected {
                    return Err(FrameError::new(at, DecodeErrorKind::Mismatch { found, expected }));
                }
            }
        }
        Ok(Located::Known(Extent::new(header, payload, end.is_some().into()).with_message_header(message_header)))
    }

    /// The message's own header, for writing.
    fn own_block(&self, message: &[u8]) -> Result<Block, EncodeError> {
        if self.blank_line(message).is_some_and(|blank| blank.is_ok()) {
            return Err(EncodeError::Custom("a message cannot begin with a blank line, which stands between messages"));
        }
        let len = message.len() as u64;
        // The limit is judged by the message's true length, not by what its field says.
        match self.block(message, 0, true).map_err(EncodeError::Header)? {
            Ok(block) => Ok(block),
            Err(need) => Err(EncodeError::TooShort { len, min: len.saturating_add(need as u64) }),
        }
    }
}

impl Framing for HeaderBlock {
    fn locate(&self, input: &[u8], progress: Progress) -> Result<Located, FrameError> {
        match self.blank_line(input) {
            Some(Ok(len)) => return Ok(Located::Known(Extent::new(len, 0, 0).as_control())),
            Some(Err(need)) => return Ok(Located::header(need)),
            None => {}
        }
        if let (Missing::Until(_), 1.., true) =
            (self.missing, progress.header, usize::from(progress.header) <= input.len())
        {
            // The header said that there is no length, and is not read again while the end is searched for.
            return self.extent(input, Block { len: progress.header.into(), length: None }, progress);
        }
        let block = match self.block(input, progress.scanned, progress.unlimited)? {
            Ok(block) => block,
            Err(need) => return Ok(Located::Header { need: at_least_one(need), scanned: input.len() }),
        };
        self.extent(input, block, progress)
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        if !self.keeps_header {
            let value = self.counted(message.len() as u64)?;
            let mut header = ShortBytes::empty();
            header.push(self.names[0].as_ref().map_or(&[], Name::as_slice))?;
            header.push(&[self.separator, b' '])?;
            header.push(&ShortBytes::decimal(value))?;
            header.push(self.line.written())?;
            header.push(self.line.written())?;
            if header.len() > usize::from(self.max_header) {
                return Err(EncodeError::HeaderTooLong { max: self.max_header.into() });
            }
            return Ok(Envelope::new(header));
        }
        let block = self.own_block(message)?;
        let payload = &message[block.len..];
        let expected = self.counted(payload.len() as u64);
        let trailer: &[u8] = match &self.missing {
            Missing::Until(end) => core::slice::from_ref(end),
            _ => &[],
        };
        match (block.length, self.missing) {
            (Some(length), _) if length.value != expected? => {
                Err(EncodeError::LengthDisagrees { found: length.value, expected: expected? })
            }
            (None, Missing::Until(end)) => match memchr::memchr(end, payload) {
                Some(at) => Err(EncodeError::ContainsDelimiter { at: block.len + at }),
                None if payload.len() as u64 > self.max => {
                    Err(EncodeError::Oversize { len: payload.len() as u64, max: self.max })
                }
                None => Ok(Envelope::new(ShortBytes::empty()).with_trailer(trailer)),
            },
            (None, _) if !payload.is_empty() => {
                Err(EncodeError::LengthDisagrees { found: 0, expected: payload.len() as u64 })
            }
            _ => Ok(Envelope::new(ShortBytes::empty()).with_trailer(trailer)),
        }
    }

    fn at_eof(&self, rest: &[u8], progress: Progress) -> Result<AtEof, FrameError> {
        if rest.is_empty() && progress.passed == 0 {
            return Ok(AtEof::Clean);
        }
        let have = (rest.len() as u64).saturating_add(progress.passed);
        Ok(AtEof::Truncated(match self.locate(rest, progress)? {
            Located::Open { .. } => Truncated::Unterminated { have },
            located => located.cut(rest.len(), progress),
        }))
    }

    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        if !self.keeps_header {
            return Ok(None);
        }
        let block = self.own_block(message)?;
        let Some(length) = block.length else { return Ok(None) };
        let value = self.counted((message.len() - block.len) as u64)?;
        Ok(Some(Patch { at: length.at, len: length.digits, bytes: ShortBytes::decimal(value) }))
    }

    fn header_room(&self) -> usize {
        // For a payload of less than ten bytes; a longer one moves by a digit or two.
        self.envelope(b"").map_or(0, |envelope| envelope.header().len())
    }

    fn max_payload_len(&self) -> u64 {
        self.max
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests;
