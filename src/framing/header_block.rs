//! Header fields on separate lines; one of them is the length of the payload.

use crate::contract::{DEFAULT_MAX_PAYLOAD_LEN, Envelope, Extent, Framing, Located, Part, Patch, Progress};
use crate::error::{ConfigError, EncodeError, FrameError};
use crate::framing::text;
use crate::short::ShortBytes;

mod name;
mod read;

pub(crate) use self::name::Name;
use self::read::Header;
pub(crate) use crate::framing::text::LineEnd;

/// Header fields, one on each line, up to an empty line; one of them is the length of the payload.
///
/// ```text
///  wire     Content-Length: 5\r\n          the name in upper or lower case, blanks before the digits or none
///           Content-Type: text/plain\r\n   any other fields, in any order
///           \r\n                           the end of the header
///           hello                          the payload
/// ```
///
/// It has two uses:
///
/// - As built, the fields are a length prefix in words: the message is the payload, `encode` writes one field with
///   its length, and decoding leaves the other fields in [`Frame::header`](crate::Frame::header). The Language Server
///   Protocol is of this kind.
/// - With [`keeping_header`](Self::keeping_header) the message is header and payload, as in SIP, STOMP, FIX or HTTP,
///   where the fields belong to the message. `encode` takes a message whose length field is right and refuses any other;
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
/// It is strict where two readers of one stream could see two different streams, which is how requests are smuggled:
/// a second length field is an error whatever its value, and so are a sign, a blank between name and colon, a length
/// continued on the next line, and, unless [`allowing_bare_lf`](Self::allowing_bare_lf), an LF without its CR.
///
/// Leading zeros are read, as the grammars of HTTP and SIP (`1*DIGIT`) and FIX's integers allow them: `05` is 5. They are
/// never written, but a message that keeps its header may have them.
///
/// The frame is the header with its payload. An HTTP client that sends `Expect: 100-continue` waits after the header for an
/// answer: for such streams use a framing of the header alone (`Delimited` with an empty line), and another for the body.
///
/// # Errors
///
/// Each at the first byte that proves it:
///
/// - [`DecodeErrorKind::HeaderTooLong`] where the header does not end within its limit, 8 KiB by default;
/// - [`DecodeErrorKind::NotADigit`], [`DecodeErrorKind::NumberTooLarge`] and [`DecodeErrorKind::Oversize`] in the length;
/// - [`DecodeErrorKind::Repeated`] at the end of a second length field's line, [`DecodeErrorKind::ForbiddenField`] at the end
///   of the line of a field that is [forbidden](Self::forbidding);
/// - [`DecodeErrorKind::NoLength`] at the end of a header without a length, where one is needed;
/// - [`DecodeErrorKind::Oversize`] in a payload without a length, at the first byte over the limit;
/// - [`DecodeErrorKind::Mismatch`] for an LF without its CR, and for another byte than that of
///   [`ended_by`](Self::ended_by) after a payload with a length.
///
/// # Cost
///
/// The header is searched once as it arrives. Of a line without an end, each call reads at most 64 bytes,
/// and only if it is the length's line. A payload without a length is searched once for its end.
///
/// # Specification
///
/// RFC 9110, section 8.6, and RFC 9112, section 6, for HTTP; RFC 3261, section 20.14, for SIP; LSP 3.17, "Base Protocol";
/// STOMP 1.2, "STOMP Frames"; FIX 4.4, volume 1, "FIX message format and delimiters".
///
/// [`DecodeErrorKind::ForbiddenField`]: crate::DecodeErrorKind::ForbiddenField
/// [`DecodeErrorKind::HeaderTooLong`]: crate::DecodeErrorKind::HeaderTooLong
/// [`DecodeErrorKind::Mismatch`]: crate::DecodeErrorKind::Mismatch
/// [`DecodeErrorKind::NoLength`]: crate::DecodeErrorKind::NoLength
/// [`DecodeErrorKind::NotADigit`]: crate::DecodeErrorKind::NotADigit
/// [`DecodeErrorKind::NumberTooLarge`]: crate::DecodeErrorKind::NumberTooLarge
/// [`DecodeErrorKind::Oversize`]: crate::DecodeErrorKind::Oversize
/// [`DecodeErrorKind::Repeated`]: crate::DecodeErrorKind::Repeated
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HeaderBlock {
    /// The first one is written.
    pub(crate) names: [Option<Name>; 2],
    pub(crate) forbidden: Option<Name>,
    /// Between name and value.
    pub(crate) separator: u8,
    /// With [`LineEnd::Byte`], the header ends with the line of the length, and not with an empty one.
    pub(crate) line: LineEnd,
    pub(crate) start_line: bool,
    pub(crate) missing: Missing,
    pub(crate) blank_lines: bool,
    /// Blanks may be before the separator.
    pub(crate) blanks: bool,
    /// Names are compared as they are, upper and lower case.
    pub(crate) matches_case: bool,
    /// The length must be the first field.
    pub(crate) length_first: bool,
    keeps_header: bool,
    pub(crate) max_header: u16,
    pub(crate) max: u64,
    /// Bytes of payload that the length does not count.
    pub(crate) length_excludes: u16,
}

/// What a header without a length means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Missing {
    Error,
    Empty,
    /// The payload lasts up to this byte, which follows every payload.
    Until(u8),
}

impl HeaderBlock {
    /// The default limit for headers: 8 KiB, what most servers allow.
    pub const DEFAULT_MAX_HEADER_LEN: u16 = 8192;

    /// Lines ended by CR LF, and the length in the field of this name.
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyLiteral`] for no name, [`ConfigError::LiteralTooLong`] for one of more than 31 bytes,
    /// [`ConfigError::Conflict`] for one with a CR or an LF in it.
    pub const fn new(name: &str) -> Result<Self, ConfigError> {
        match Name::new(name) {
            Ok(name) => Ok(Self::of_names([Some(name), None])),
            Err(error) => Err(error),
        }
    }

    /// A start line and fields, each ended by CR LF, up to an empty line. No field is a length, and nothing follows the header,
    /// which is the message: an HTTP request or response whose body is read apart.
    ///
    /// ```
    /// use anysplit::{Decoder, Framing, HeaderBlock, UntilClose};
    ///
    /// let mut decoder = Decoder::new(HeaderBlock::without_length());
    /// decoder.push(b"HTTP/1.1 200 OK\r\nServer: a\r\n\r\nhello")?;
    /// assert_eq!(decoder.next_frame()?.unwrap().message(), b"HTTP/1.1 200 OK\r\nServer: a\r\n\r\n");
    /// let mut body = decoder.with_framing(UntilClose::new());
    /// assert_eq!(body.finish()?.unwrap().message(), b"hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn without_length() -> Self {
        let mut block = Self::of_names([None; 2]);
        block.missing = Missing::Empty;
        block.with_start_line()
    }

    const fn of_names(names: [Option<Name>; 2]) -> Self {
        Self {
            names,
            forbidden: None,
            separator: b':',
            line: LineEnd::CrLf,
            start_line: false,
            missing: Missing::Error,
            blank_lines: false,
            blanks: false,
            matches_case: false,
            length_first: false,
            keeps_header: false,
            max_header: Self::DEFAULT_MAX_HEADER_LEN,
            max: DEFAULT_MAX_PAYLOAD_LEN,
            length_excludes: 0,
        }
    }

    /// Sets another name that is read for the field, such as SIP's `l` for `Content-Length`.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and [`ConfigError::Conflict`] where there is no first name.
    pub const fn or_named(mut self, name: &str) -> Result<Self, ConfigError> {
        match Name::new(name) {
            Ok(_) if self.names[0].is_none() => {
                Err(ConfigError::Conflict("a second name of the length needs a first one"))
            }
            Ok(name) => {
                self.names[1] = Some(name);
                self.checked()
            }
            Err(error) => Err(error),
        }
    }

    /// Makes a field of this name an error, because it would give the message another end: `Transfer-Encoding` in HTTP.
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

    /// Makes the header part of the message.
    #[must_use]
    pub const fn keeping_header(mut self) -> Self {
        self.keeps_header = true;
        self
    }

    /// Adds a line before the fields that is not a field, such as a request line. The header becomes part of the message.
    #[must_use]
    pub const fn with_start_line(mut self) -> Self {
        self.start_line = true;
        self.keeps_header = true;
        self
    }

    /// Sets the byte between name and value.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] for CR, LF, and the byte that ends a field.
    pub const fn with_separator(mut self, separator: u8) -> Result<Self, ConfigError> {
        self.separator = separator;
        self.checked()
    }

    /// Lets lines end with LF, and one optional CR before it. They are written with LF alone.
    ///
    /// Replaces [`with_fields_ended_by`](Self::with_fields_ended_by).
    #[must_use]
    pub const fn allowing_bare_lf(mut self) -> Self {
        self.line = LineEnd::Lf;
        self
    }

    /// Lets fields end with `byte`, and the header with the field of the length, as in FIX. The header becomes part of the
    /// message.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] for a digit, a blank, the separator, and a byte of a name.
    pub const fn with_fields_ended_by(mut self, byte: u8) -> Result<Self, ConfigError> {
        self.line = LineEnd::Byte(byte);
        self.keeps_header = true;
        self.checked()
    }

    /// Returns `self` if what it encodes can be decoded.
    const fn checked(self) -> Result<Self, ConfigError> {
        if matches!(self.separator, b'\r' | b'\n') {
            return Err(ConfigError::Conflict("a line end cannot separate name and value"));
        }
        if let LineEnd::Byte(end) = self.line {
            if self.names[0].is_none() {
                return Err(ConfigError::Conflict("a header with such fields ends with its length, so it needs one"));
            }
            if end == self.separator || end.is_ascii_digit() || text::is_blank(end) {
                return Err(ConfigError::Conflict(
                    "the byte that ends a field cannot be the separator, a digit or a blank",
                ));
            }
            let mut at = 0;
            while at < self.names.len() {
                if matches!(&self.names[at], Some(name) if name.contains(end)) {
                    return Err(ConfigError::Conflict("the byte that ends a field is part of its name"));
                }
                at += 1;
            }
        }
        match (&self.names[0], &self.forbidden) {
            (Some(name), Some(forbidden)) if forbidden.is_read_from(name, self.separator) => {
                Err(ConfigError::Conflict("the field of the length is the forbidden field"))
            }
            _ => Ok(self),
        }
    }

    /// Returns whether the length field ends the header, rather than an empty line.
    const fn ends_with_length(&self) -> bool {
        matches!(self.line, LineEnd::Byte(_))
    }

    /// Lets a header without a length mean that there is no payload, as in a request of HTTP without a body.
    #[must_use]
    pub const fn empty_without_length(mut self) -> Self {
        self.missing = Missing::Empty;
        self
    }

    /// Puts `end` after every payload. Without a length, the first such byte ends the frame: STOMP's zero. The header
    /// becomes part of the message.
    #[must_use]
    pub const fn ended_by(mut self, end: u8) -> Self {
        self.missing = Missing::Until(end);
        self.keeps_header = true;
        self
    }

    /// Makes a blank line before a header a control frame: STOMP's heart-beat, SIP's keep-alive.
    #[must_use]
    pub const fn with_blank_lines_between(mut self) -> Self {
        self.blank_lines = true;
        self
    }

    /// Allows blanks between the name of the length and the separator, as SIP does. Without it they are an error.
    #[must_use]
    pub const fn allowing_blanks_before_separator(mut self) -> Self {
        self.blanks = true;
        self
    }

    /// Distinguishes upper and lower case in names, as STOMP does.
    #[must_use]
    pub const fn matching_case(mut self) -> Self {
        self.matches_case = true;
        self
    }

    /// Requires the length in the first field, as FIX does: after the start line, if there is one.
    #[must_use]
    pub const fn with_length_first(mut self) -> Self {
        self.length_first = true;
        self
    }

    /// Sets how many bytes of payload the length does not count.
    #[must_use]
    pub const fn with_length_excluding(mut self, len: u16) -> Self {
        self.length_excludes = len;
        self
    }

    /// Sets the limit for the header in bytes, its last line included. Binds both directions.
    #[must_use]
    pub const fn with_max_header_len(mut self, max: u16) -> Self {
        self.max_header = max;
        self
    }

    /// Sets the limit for the payload, in bytes. Binds both directions.
    #[must_use]
    pub const fn with_max_payload_len(mut self, max: u64) -> Self {
        self.max = max;
        self
    }

    /// Returns whether the header is part of the message.
    #[must_use]
    pub const fn keeps_header(&self) -> bool {
        self.keeps_header
    }

    /// Returns the length of a blank line at the front, or how many bytes it is missing; `None` for anything else.
    fn blank_line(&self, input: &[u8]) -> Option<Result<u16, u64>> {
        match (self.blank_lines, self.line, input) {
            (false, ..) | (_, LineEnd::Byte(_), _) => None,
            (_, LineEnd::Lf, [b'\n', ..]) => Some(Ok(1)),
            (_, _, [b'\r', b'\n', ..]) => Some(Ok(2)),
            (_, _, [b'\r']) => Some(Err(1)),
            _ => None,
        }
    }

    /// Returns the number in the length field before a payload of this length.
    fn counted(&self, payload: u64) -> Result<u64, EncodeError> {
        let min = u64::from(self.length_excludes);
        if payload > self.max {
            return Err(EncodeError::Oversize { len: payload, max: self.max });
        }
        payload.checked_sub(min).ok_or(EncodeError::TooShort { len: payload, min })
    }

    /// Returns the frame with this header.
    fn extent(&self, header: Header, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let len = text::header_len(header.len)?;
        let message_header = if self.keeps_header { len } else { 0 };
        let extent = |payload, trailer| Extent::new(len, payload, trailer).with_message_header(message_header);
        let end = match (header.length, self.missing) {
            (None, Missing::Until(end)) => end,
            (length, missing) => {
                // Each digit was checked against the limit with the sum.
                let payload = length.map_or(0, |length| length.value.saturating_add(self.length_excludes.into()));
                return Ok(Located::Known(match missing {
                    Missing::Until(_) => extent(payload, 1).checked(),
                    Missing::Error | Missing::Empty => extent(payload, 0),
                }));
            }
        };
        let from = progress.scanned.max(header.len);
        let found = memchr::memchr(end, input.get(from..).unwrap_or_default()).map(|at| from + at);
        let there = found.unwrap_or(input.len()).saturating_sub(header.len);
        progress.judge_len(header.len, there, self.max)?;
        if found.is_some() {
            return Ok(Located::Known(extent(there as u64, 1)));
        }
        progress.scanned = input.len();
        progress.carry = header.store();
        Ok(Located::Search { so_far: extent(there as u64, 0), least: (input.len() as u64).saturating_add(1) })
    }

    /// The message's own header, for writing.
    fn own_header(&self, message: &[u8]) -> Result<Header, EncodeError> {
        if self.blank_line(message).is_some_and(|blank| blank.is_ok()) {
            return Err(EncodeError::Custom(
                "a message cannot begin with a blank line, because blank lines separate messages",
            ));
        }
        let len = message.len() as u64;
        let mut header = Header::default();
        // The limit applies to the message's true length, not to the number in its field.
        match self.read(message, 0, &mut header, true).map_err(EncodeError::Header)? {
            0 => Ok(header),
            missing => Err(EncodeError::TooShort { len, min: len.saturating_add(missing as u64) }),
        }
    }

    /// The header of a payload of `len` bytes whose header is not part of the message.
    fn written_header(&self, len: u64) -> Result<ShortBytes, EncodeError> {
        let line_end: &[u8] = match self.line {
            LineEnd::CrLf => b"\r\n",
            LineEnd::Lf => b"\n",
            LineEnd::Byte(_) => b"",
        };
        let mut header = ShortBytes::empty();
        header.push(self.names[0].as_ref().map_or(&[], Name::as_slice))?;
        header.push(&[self.separator, b' '])?;
        header.push(&<ShortBytes>::decimal(self.counted(len)?))?;
        header.push(line_end)?;
        header.push(line_end)?;
        if header.len() > usize::from(self.max_header) {
            return Err(EncodeError::HeaderTooLong { max: self.max_header.into() });
        }
        Ok(header)
    }
}

impl Framing for HeaderBlock {
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        match self.blank_line(input) {
            Some(Ok(len)) => return Ok(Located::Known(Extent::new(len, 0, 0).as_control())),
            Some(Err(missing)) => return Ok(Located::Header((input.len() as u64).saturating_add(missing))),
            None => {}
        }
        let mut header = Header::load(&progress.carry);
        // While the end of a payload is searched for, its header is not read again.
        if header.len == 0 {
            let missing = self.read(input, progress.scanned, &mut header, progress.lenient)?;
            if missing > 0 {
                progress.scanned = input.len() - self.line.again(input);
                progress.carry = header.store();
                return Ok(Located::Header((input.len() as u64).saturating_add(missing as u64)));
            }
        }
        self.extent(header, input, progress)
    }

    fn check(&self, part: Part<'_>, _: &mut u64) -> Result<(), FrameError> {
        match self.missing {
            Missing::Until(end) => text::check_trailer(part, &[end]),
            Missing::Error | Missing::Empty => Ok(()),
        }
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        if !self.keeps_header {
            return self.written_header(message.len() as u64).map(Envelope::new);
        }
        let header = self.own_header(message)?;
        let payload = message.get(header.len..).unwrap_or_default();
        let len = payload.len() as u64;
        let envelope = Envelope::new(ShortBytes::empty());
        match (header.length, &self.missing) {
            (Some(length), missing) => match self.counted(len)? {
                expected if length.value != expected => {
                    Err(EncodeError::LengthDisagrees { found: length.value, expected })
                }
                _ => Ok(match missing {
                    Missing::Until(end) => envelope.with_trailer(core::slice::from_ref(end)),
                    Missing::Error | Missing::Empty => envelope,
                }),
            },
            (None, Missing::Until(end)) => match memchr::memchr(*end, payload) {
                Some(at) => Err(EncodeError::ContainsDelimiter { at: header.len + at }),
                None if len > self.max => Err(EncodeError::Oversize { len, max: self.max }),
                None => Ok(envelope.with_trailer(core::slice::from_ref(end))),
            },
            (None, _) if len > 0 => Err(EncodeError::LengthDisagrees { found: 0, expected: len }),
            (None, _) => Ok(envelope),
        }
    }

    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        if !self.keeps_header {
            return Ok(None);
        }
        let header = self.own_header(message)?;
        let Some(length) = header.length else { return Ok(None) };
        let value = self.counted((message.len() as u64).saturating_sub(header.len as u64))?;
        Ok(Some(Patch { at: length.at, len: length.digits, bytes: ShortBytes::decimal(value) }))
    }

    fn max_payload_len(&self) -> u64 {
        self.max
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests;
