//! Lines, and blocks of bytes that some lines announce.

use crate::contract::{DEFAULT_MAX_PAYLOAD_LEN, Envelope, Extent, Framing, Located, Part, Patch, Progress};
use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError};
use crate::framing::text::{self, Digits, Line, LineEnd, Lone, NUL, is_blank};
use crate::literal::Literal;
use crate::short::ShortBytes;

/// Lines of text, and the blocks of bytes that some of them announce: memcached, NATS, Redis, IMAP's literals.
///
/// ```text
///  a rule: VALUE, the third field after the word
///
///  wire     VALUE key 0 5\r\n      hello   \r\n         END     \r\n
///           header                   payload trailer         payload trailer
///  message  VALUE key 0 5\r\n      hello                END
/// ```
///
/// The word at a line's start chooses its rule, and the [`BlockRule`] names the field of the line that holds the number of
/// bytes. The line and its block are one message: the line with its end is the message header. A line without a rule is a
/// message of its own, without its end.
///
/// ```
/// use anysplit::{BlockRule, Decoder, EncodeError, Framing, LineThenBlock};
///
/// let framing = LineThenBlock::new([BlockRule::word("VALUE")?.in_field(3)?])?;
/// let mut wire = Vec::new();
/// framing.encode(b"VALUE key 0 5\r\nhello", &mut wire)?;
/// framing.encode(b"END", &mut wire)?;
/// assert_eq!(wire, b"VALUE key 0 5\r\nhello\r\nEND\r\n");
/// let refused = framing.encode(b"VALUE key 0 4\r\nhello", &mut wire);
/// assert_eq!(refused, Err(EncodeError::LengthDisagrees { found: 4, expected: 5 }));
///
/// let mut decoder = Decoder::new(framing);
/// decoder.push(&wire)?;
/// let frame = decoder.next_frame()?.unwrap();
/// assert_eq!((frame.header(), frame.payload()), (&b"VALUE key 0 5\r\n"[..], &b"hello"[..]));
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"END");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The limit counts a block's bytes; lines have a limit of their own.
///
/// Leading zeros are read: `05` is 5. The grammars of IMAP (`1*DIGIT`) and RESP ("one or more decimal digits") allow
/// them, and servers of memcached and NATS read them. A Redis server refuses them. They are never written, but a
/// message may contain them.
///
/// # Errors
///
/// - [`DecodeErrorKind::Forbidden`] for NUL in a line, and [`DecodeErrorKind::Mismatch`] for a CR without its LF, at the byte
///   after it, and for an LF without its CR where lines end with CR LF;
/// - [`DecodeErrorKind::HeaderTooLong`] for a line longer than its limit, 8 KiB by default, at the first byte after it;
/// - once the line has ended, because only then its fields are known: [`DecodeErrorKind::NoLength`] at its end for a
///   line without the field; [`DecodeErrorKind::NotADigit`] and [`DecodeErrorKind::NumberTooLarge`] at the digit, and
///   [`DecodeErrorKind::Oversize`] at the field's first byte;
/// - [`DecodeErrorKind::Mismatch`] at the first byte after a block that differs from its trailer, and at an opening brace of
///   [`BlockRule::braces`] that is inside quotes.
///
/// # Cost
///
/// Each line is searched once as it arrives, and its fields are read when it is complete. Each rule costs a comparison.
///
/// # Specification
///
/// memcached, doc/protocol.txt; Redis serialization protocol; NATS, "Client Protocol"; RFC 9051, section 4.3, and
/// RFC 7888 for IMAP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LineThenBlock<R> {
    rules: R,
    pub(crate) bare_lf: bool,
    pub(crate) block_trailer: bool,
    pub(crate) max_line: u16,
    pub(crate) max: u64,
}

/// Which lines announce a block, and where they give its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BlockRule {
    /// `None` means every line.
    pub(crate) word: Option<Literal>,
    pub(crate) ignores_case: bool,
    /// Whether fields end at a space alone, and a tab is a byte like any other.
    pub(crate) only_space: bool,
    pub(crate) place: Place,
    /// Texts in the number's place in a line without a block.
    pub(crate) without: [Option<Literal>; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// All of the line after the word, without a blank between.
    Body,
    /// The index of the field, where 1 is the first after the word.
    Nth(u8),
    Last,
    /// In braces at the line's end.
    Braces,
}

/// The number in a line before a block.
struct Announced {
    /// Bytes in the block.
    len: u64,
    /// Where its digits are in the line.
    at: usize,
    digits: usize,
    /// Whether the sender waits for the peer's consent after the line, so that the block is a frame of its own.
    waits: bool,
    /// Whether the line has an opening quote, without its closing one, before the number.
    in_quotes: bool,
}

impl Announced {
    /// Returns why a line with this number is rejected.
    fn error(&self) -> Option<FrameError> {
        let kind = DecodeErrorKind::Mismatch { expected: b'"', found: b'{' };
        self.in_quotes.then(|| FrameError::new(self.at.saturating_sub(1), kind))
    }
}

impl BlockRule {
    const fn of(word: Option<Literal>, place: Place) -> Self {
        Self { word, ignores_case: false, only_space: false, place, without: [None; 2] }
    }

    /// Lines whose first word is `word`, and the last of the fields after it.
    ///
    /// # Errors
    ///
    /// As [`Literal::new`].
    pub const fn word(word: &str) -> Result<Self, ConfigError> {
        match Literal::new(word.as_bytes()) {
            Ok(word) => Ok(Self::of(Some(word), Place::Last)),
            Err(error) => Err(error),
        }
    }

    /// Lines that begin with `sign`, and all of the line after it: `$5`.
    ///
    /// # Errors
    ///
    /// As [`Literal::new`].
    pub const fn sign(sign: &str) -> Result<Self, ConfigError> {
        match Literal::new(sign.as_bytes()) {
            Ok(sign) => Ok(Self::of(Some(sign), Place::Body)),
            Err(error) => Err(error),
        }
    }

    /// Lines that end with digits in braces, as IMAP's literals: `{5}`, and `{5+}`.
    ///
    /// ```text
    ///  wire     a X {5}\r\n                     a frame: the sender waits for the peer's consent
    ///           hello                           the next frame: the block alone
    ///
    ///  wire     a X {5+}\r\n      hello         one frame: the sender does not wait
    ///           * 1 FETCH {5}\r\n hello         one frame: a server, whose lines begin with `*`, does not wait
    /// ```
    ///
    /// A frame never contains a place where the peer waits (RFC 9051, section 4.3; RFC 7888). The word that a line leaves for
    /// the next frame ([`Progress::next`]) is the length of the block that it announces, so blocks of their own are written by
    /// an [`Encoder`](crate::Encoder), or by [`envelope_after`](Framing::envelope_after). A block of no bytes stays with its
    /// line.
    ///
    /// The frame after the block is the next line, although IMAP takes it for the same command.
    ///
    /// Braces after an opening quote whose closing one is missing are an error in both directions, because servers do not
    /// agree on whether a block follows.
    #[must_use]
    pub const fn braces() -> Self {
        Self::of(None, Place::Braces)
    }

    /// Sets the field of the number: 1 is the first after the word.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] for field 0, and where the rule is not made by [`word`](Self::word).
    pub const fn in_field(mut self, field: u8) -> Result<Self, ConfigError> {
        match (self.place, field) {
            (_, 0) => Err(ConfigError::Conflict("fields are counted from 1")),
            (Place::Nth(_) | Place::Last, _) => {
                self.place = Place::Nth(field);
                Ok(self)
            }
            _ => Err(ConfigError::Conflict("only a line that begins with a word has fields")),
        }
    }

    /// Lets the word be in upper or lower case.
    #[must_use]
    pub const fn ignoring_case(mut self) -> Self {
        self.ignores_case = true;
        self
    }

    /// Splits the line at spaces alone, as memcached does: a tab is then part of a word.
    #[must_use]
    pub const fn splitting_at_space(mut self) -> Self {
        self.only_space = true;
        self
    }

    /// Lets `text` in the number's place mean that there is no block, such as Redis's `-1`.
    ///
    /// # Errors
    ///
    /// As [`Literal::new`], and [`ConfigError::TooMany`] for a third text.
    pub const fn without_block(mut self, text: &str) -> Result<Self, ConfigError> {
        let text = match Literal::new(text.as_bytes()) {
            Ok(text) => text,
            Err(error) => return Err(error),
        };
        match self.without {
            [None, _] => self.without[0] = Some(text),
            [_, None] => self.without[1] = Some(text),
            _ => return Err(ConfigError::TooMany { found: 3, max: 2 }),
        }
        Ok(self)
    }

    /// Returns the place of the number in a line of this rule. `Some(None)` if the number is missing.
    fn number(&self, line: &[u8]) -> Option<Option<(usize, usize)>> {
        let word = self.word.as_ref().map_or(&[][..], Literal::as_slice);
        let there = line.get(..word.len())?;
        if there != word && !(self.ignores_case && there.eq_ignore_ascii_case(word)) {
            return None;
        }
        let after = word.len();
        let found = match self.place {
            Place::Body => Some((after, line.len())),
            Place::Braces if is_response_text(line) => return None,
            Place::Braces => {
                let inside = line.strip_suffix(b"}")?;
                let inside = inside.strip_suffix(b"+").unwrap_or(inside);
                let open = memchr::memrchr(b'{', inside)?;
                let digits = inside.get(open + 1..)?;
                // Text in braces that is no number makes a line like any other.
                let number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
                return number.then_some(Some((open + 1, inside.len())));
            }
            _ if line.get(after).is_some_and(|&next| !self.splits_at(next)) => return None,
            Place::Nth(field) => self.fields(line, after).nth(usize::from(field).saturating_sub(1)),
            Place::Last => self.fields(line, after).last(),
        };
        Some(found)
    }

    /// Returns whether the number at index `at` announces a block that is sent only after the peer's consent.
    fn waits(&self, line: &[u8], at: usize, digits: usize) -> bool {
        self.place == Place::Braces && line.get(at + digits) == Some(&b'}') && !line.starts_with(b"* ")
    }

    const fn splits_at(&self, byte: u8) -> bool {
        byte == b' ' || is_blank(byte) && !self.only_space
    }

    /// Returns the fields of `line` from index `from` on, each as its start and end.
    fn fields<'l>(&'l self, line: &'l [u8], from: usize) -> impl Iterator<Item = (usize, usize)> + 'l {
        let mut at = from;
        core::iter::from_fn(move || {
            let blanks = line.get(at..)?.iter().take_while(|&&byte| self.splits_at(byte)).count();
            let start = at + blanks;
            let len = line.get(start..)?.iter().take_while(|&&byte| !self.splits_at(byte)).count();
            at = start + len;
            (len > 0).then_some((start, at))
        })
    }
}

/// Returns whether a line of IMAP ends with text for people, in which braces mean nothing: a status response or a
/// continuation request (RFC 9051, section 9, `resp-text`).
fn is_response_text(line: &[u8]) -> bool {
    let mut words = line.split(|&byte| byte == b' ');
    let first = words.next().unwrap_or_default();
    let is_status = |word: &[u8]| {
        [&b"OK"[..], b"NO", b"BAD", b"BYE", b"PREAUTH"].iter().any(|status| word.eq_ignore_ascii_case(status))
    };
    first == b"+" || !first.is_empty() && words.next().is_some_and(is_status)
}

/// Returns whether these bytes of a line have an opening quote without its closing one. In quotes, a backslash escapes the
/// byte after it.
fn ends_in_quotes(line: &[u8]) -> bool {
    let (mut quoted, mut escaped) = (false, false);
    for &byte in line {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ => {}
        }
    }
    quoted
}

impl<R: AsRef<[BlockRule]>> LineThenBlock<R> {
    /// Creates a framing of lines and blocks, all ended by CR LF. The first rule that fits a line counts.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Empty`] without a rule: such lines are [`Delimited`](crate::Delimited).
    pub fn new(rules: R) -> Result<Self, ConfigError> {
        if rules.as_ref().is_empty() {
            return Err(ConfigError::Empty);
        }
        Ok(Self::from_rules(rules))
    }
}

impl<R> LineThenBlock<R> {
    /// The default limit for lines: 8 KiB.
    pub const DEFAULT_MAX_LINE_LEN: u16 = 8192;

    /// Creates one from rules that are known to be valid.
    pub(crate) const fn from_rules(rules: R) -> Self {
        let (max_line, max) = (Self::DEFAULT_MAX_LINE_LEN, DEFAULT_MAX_PAYLOAD_LEN);
        Self { rules, bare_lf: false, block_trailer: true, max_line, max }
    }

    /// Lets lines end with LF, and one optional CR before it. Blocks still end with CR LF.
    #[must_use]
    pub const fn allowing_bare_lf(mut self) -> Self {
        self.bare_lf = true;
        self
    }

    /// Omits the CR LF after a block.
    #[must_use]
    pub const fn without_block_trailer(mut self) -> Self {
        self.block_trailer = false;
        self
    }

    /// Sets the limit for a line in bytes, its end included. Binds both directions.
    #[must_use]
    pub const fn with_max_line_len(mut self, max: u16) -> Self {
        self.max_line = max;
        self
    }

    /// Sets the limit for a block, in bytes. Binds both directions.
    #[must_use]
    pub const fn with_max_payload_len(mut self, max: u64) -> Self {
        self.max = max;
        self
    }

    /// Replaces the container of the rules.
    #[cfg(feature = "alloc")]
    pub(crate) fn with_same_rules<T>(self, rules: T) -> LineThenBlock<T> {
        let Self { rules: _, bare_lf, block_trailer, max_line, max } = self;
        LineThenBlock { rules, bare_lf, block_trailer, max_line, max }
    }

    fn trailer(&self) -> &'static [u8] {
        if self.block_trailer { b"\r\n" } else { b"" }
    }

    const fn end(&self) -> LineEnd {
        if self.bare_lf { LineEnd::Lf } else { LineEnd::CrLf }
    }

    /// Returns the first line of `input`. Its end is searched for from `from` on.
    fn line(&self, input: &[u8], from: usize, lenient: bool) -> Result<Option<Line>, FrameError> {
        if lenient {
            return text::find_line(input, 0, from, self.end(), Lone::Data);
        }
        let found = text::find_line(input, 0, from, self.end(), Lone::IsError);
        text::allow(input, from, text::searched(&found, input.len()), &NUL)?;
        found
    }

    /// As [`line`](Self::line), of a message.
    fn line_of(&self, message: &[u8]) -> Result<Option<Line>, EncodeError> {
        self.line(message, 0, false).map_err(|error| {
            // The byte after a lone CR proves the error.
            let at = match (error.kind, self.end()) {
                (DecodeErrorKind::Mismatch { expected: b'\n', .. }, _) => error.at.saturating_sub(1),
                _ => error.at,
            };
            EncodeError::Forbidden { at, found: message.get(at).copied().unwrap_or_default() }
        })
    }

    /// The end of a rejected line, which may be longer than its limit.
    fn locate_long(&self, input: &[u8], progress: &mut Progress) -> Located {
        match text::find_line(input, 0, progress.scanned, self.end(), Lone::Data) {
            Ok(Some(line)) => {
                let end = line.next.saturating_sub(line.content);
                Located::Known(Extent::new(0, line.content as u64, u16::try_from(end).unwrap_or(2)))
            }
            _ => {
                let len = input.len() - self.end().again(input);
                progress.scanned = len;
                Located::Search { so_far: Extent::new(0, len as u64, 0), least: (input.len() as u64).saturating_add(1) }
            }
        }
    }
}

impl<R: AsRef<[BlockRule]>> LineThenBlock<R> {
    /// Returns the rules, in the order in which they were given.
    pub fn rules(&self) -> &[BlockRule] {
        self.rules.as_ref()
    }

    /// Returns the block that a line, without its end, announces; `None` for a line alone.
    fn announced(&self, line: &[u8], lenient: bool) -> Result<Option<Announced>, FrameError> {
        let found = self.rules().iter().find_map(|rule| Some((rule, rule.number(line)?)));
        let Some((rule, place)) = found else { return Ok(None) };
        let no_length = FrameError::new(line.len(), DecodeErrorKind::NoLength);
        let (at, end) = place.ok_or(no_length)?;
        let number = line.get(at..end).unwrap_or_default();
        if rule.without.iter().flatten().any(|text| text.as_slice() == number) {
            return Ok(None);
        }
        if number.is_empty() {
            return Err(no_length);
        }
        let mut digits = Digits::default();
        digits.read::<10>(number, |_| Ok(())).map_err(|error| error.shifted(at))?;
        let Digits { value: len, count } = digits;
        if let Some(&found) = number.get(count) {
            return Err(text::not_a_digit(at + count, found, 10));
        }
        if len > self.max && !lenient {
            return Err(FrameError::new(at, DecodeErrorKind::Oversize { len, max: self.max }));
        }
        let waits = len > 0 && rule.waits(line, at, count);
        if waits && len > u32::MAX.into() && !lenient {
            return Err(FrameError::new(at, DecodeErrorKind::Oversize { len, max: u32::MAX.into() }));
        }
        let in_quotes = rule.place == Place::Braces && ends_in_quotes(line.get(..at).unwrap_or_default());
        Ok(Some(Announced { len, at, digits: count, waits, in_quotes }))
    }

    /// As [`Framing::envelope`] for a line, with its block if it does not wait, and the word that it leaves.
    fn envelope_of_line(&self, message: &[u8]) -> Result<(Envelope<'_>, u32), EncodeError> {
        let line = self.line_of(message)?;
        let content = line.map_or(message.len(), |line| line.content);
        match line {
            Some(line) if line.next > self.max_line.into() => {
                return Err(EncodeError::Header(text::too_long(self.max_line)));
            }
            Some(_) => {}
            None => self.judge_line_alone(content as u64)?,
        }
        // The limit applies to the block's true length, not to the number in its line.
        let announced = self.announced(message.get(..content).unwrap_or(message), true).map_err(EncodeError::Header)?;
        if let Some(error) = announced.as_ref().and_then(Announced::error) {
            return Err(EncodeError::Header(error));
        }
        let alone = Envelope::around(ShortBytes::empty(), b"\r\n");
        match (line, announced) {
            (None, None) if self.bare_lf && message.ends_with(b"\r") => {
                Err(EncodeError::ContainsDelimiter { at: message.len() - 1 })
            }
            (None, None) if message.ends_with(b"\r") => {
                Err(EncodeError::Forbidden { at: message.len() - 1, found: b'\r' })
            }
            (None, None) => Ok((alone, 0)),
            (None, Some(block)) if block.waits => match u32::try_from(block.len) {
                Ok(next) if block.len <= self.max => Ok((alone, next)),
                _ => Err(EncodeError::Oversize { len: block.len, max: self.max.min(u32::MAX.into()) }),
            },
            (None, Some(_)) => Err(EncodeError::NotTerminated),
            (Some(_), None) => Err(EncodeError::ContainsDelimiter { at: content }),
            (Some(_), Some(block)) if block.waits => Err(EncodeError::ContainsDelimiter { at: content }),
            (Some(line), Some(block)) => {
                let len = message.len().saturating_sub(line.next) as u64;
                match len {
                    _ if len > self.max => Err(EncodeError::Oversize { len, max: self.max }),
                    _ if len != block.len => Err(EncodeError::LengthDisagrees { found: block.len, expected: len }),
                    _ => Ok((Envelope::around(ShortBytes::empty(), self.trailer()), 0)),
                }
            }
        }
    }
}

impl<R: AsRef<[BlockRule]>> Framing for LineThenBlock<R> {
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        if progress.previous > 0 && progress.consumed == 0 {
            progress.next = 0;
            let extent = Extent::new(0, progress.previous.into(), text::header_len(self.trailer().len())?);
            return Ok(Located::Known(if self.block_trailer { extent.checked() } else { extent }));
        }
        let bounded = text::within(input, self.max_line);
        if progress.lenient && progress.consumed > 0 {
            return Ok(self.locate_long(input, progress));
        }
        let Some(line) = self.line(bounded, progress.scanned, progress.lenient)? else {
            if progress.lenient && input.len() > bounded.len() {
                return Ok(self.locate_long(input, progress));
            }
            progress.scanned = bounded.len() - self.end().again(bounded);
            let missing = match self.bare_lf {
                true => 1,
                false if bounded.ends_with(b"\r") => 1,
                false => 2,
            };
            return text::incomplete(input, self.max_line, missing);
        };
        let content = bounded.get(..line.content).unwrap_or_default();
        let announced = self.announced(content, progress.lenient)?;
        let next = text::header_len(line.next)?;
        // A peer that waits learns of a rejected line, and does not send the block.
        progress.next = 0;
        let announced = match announced {
            Some(block) if !progress.lenient => {
                if let Some(error) = block.error() {
                    return Err(error);
                }
                let waits = block.waits.then(|| u32::try_from(block.len).unwrap_or(u32::MAX));
                progress.next = waits.unwrap_or_default();
                waits.is_none().then_some(block)
            }
            announced => announced.filter(|block| !block.waits),
        };
        Ok(Located::Known(match (announced, self.block_trailer) {
            (Some(block), true) => Extent::new(next, block.len, 2).with_message_header(next).checked(),
            (Some(block), false) => Extent::new(next, block.len, 0).with_message_header(next),
            (None, _) => Extent::new(0, line.content as u64, next.saturating_sub(text::header_len(line.content)?)),
        }))
    }

    fn check(&self, part: Part<'_>, _: &mut u64) -> Result<(), FrameError> {
        text::check_trailer(part, self.trailer())
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        Ok(self.envelope_of_line(message)?.0)
    }

    fn envelope_after(&self, previous: u32, message: &[u8]) -> Result<(Envelope<'_>, u32), EncodeError> {
        let len = message.len() as u64;
        match u64::from(previous) {
            0 => self.envelope_of_line(message),
            announced if announced != len => Err(EncodeError::LengthDisagrees { found: announced, expected: len }),
            _ => Ok((Envelope::around(ShortBytes::empty(), self.trailer()), 0)),
        }
    }

    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        let Some(line) = self.line_of(message)? else { return Ok(None) };
        let content = message.get(..line.content).unwrap_or_default();
        let announced = self.announced(content, true).map_err(EncodeError::Header)?.filter(|block| !block.waits);
        Ok(announced.map(|Announced { at, digits, .. }| {
            let len = message.len().saturating_sub(line.next) as u64;
            Patch { at, len: digits, bytes: ShortBytes::decimal(len) }
        }))
    }

    fn max_payload_len(&self) -> u64 {
        // The limit of a line includes its end.
        let end = if self.bare_lf { 1 } else { 2 };
        self.max.max(u64::from(self.max_line).saturating_sub(end))
    }
}

impl<R> LineThenBlock<R> {
    /// Checks the length of a line without a block, which is written with CR LF after it.
    fn judge_line_alone(&self, len: u64) -> Result<(), EncodeError> {
        // Some limits leave no room even for an empty line.
        match u64::from(self.max_line).checked_sub(2) {
            Some(max) if len > max => Err(EncodeError::Oversize { len, max }),
            Some(_) => Ok(()),
            None => Err(EncodeError::NoRoom { need: len.saturating_add(2), have: self.max_line.into() }),
        }
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests;
