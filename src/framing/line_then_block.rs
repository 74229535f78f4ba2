//! Lines, some of which announce a block of bytes.

use crate::contract::{DEFAULT_MAX_PAYLOAD_LEN, Envelope, Extent, Framing, Located, Patch, Progress};
use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError};
use crate::literal::Literal;
use crate::number::at_least_one;
use crate::short::ShortBytes;

/// Lines of text, some of which announce a block of bytes after them: memcached, NATS, Redis, IMAP's literals.
///
/// ```text
///  a rule: VALUE, the third field after the word
///
///  wire     VALUE key 0 5\r\n      hello   \r\n         END     \r\n
///           header                   payload trailer         payload trailer
///  message  VALUE key 0 5\r\n      hello                END
/// ```
///
/// The word at a line's start chooses its rule, and a [`BlockRule`] says which field of the line holds the number of
/// bytes. The line and its block are one message: the line, its end included, is the message_header. A line without a rule is a
/// message of its own, without its end.
///
/// ```
/// use anysplit::{BlockRule, Decoder, Framing, LineThenBlock, EncodeError};
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
/// Errors:
///
/// - [`DecodeErrorKind::HeaderTooLong`] for a line longer than its limit, 8 KiB unless set otherwise;
/// - at the line's end, which is what proves how many fields there are, [`DecodeErrorKind::NoLength`] for a line without the
///   field, and [`DecodeErrorKind::NotADigit`], [`DecodeErrorKind::NumberTooLarge`] and [`DecodeErrorKind::Oversize`] at the field's byte;
/// - [`DecodeErrorKind::Mismatch`] where the block is not followed by its trailer.
///
/// The limit counts a block's bytes; lines have their own.
///
/// Cost: each line is searched once as it comes, and its fields are read when it is whole. A rule costs a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LineThenBlock<R> {
    rules: R,
    pub(crate) bare_lf: bool,
    pub(crate) block_trailer: bool,
    pub(crate) max_line: u16,
    pub(crate) max: u64,
}

/// Which lines announce a block, and where they say how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BlockRule {
    /// `None` stands for every line.
    pub(crate) word: Option<Literal>,
    pub(crate) ignores_case: bool,
    pub(crate) place: Place,
    /// What stands in the number's place in a line without a block.
    pub(crate) without: [Option<Literal>; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// All of the line after the word, without a blank between.
    Body,
    /// Counted from 1, the first after the word.
    Nth(u8),
    Last,
    /// In braces at the line's end.
    Braces,
}

/// What a line says.
enum Says {
    Nothing,
    Block { value: u64, at: usize, digits: usize },
}

impl BlockRule {
    const fn of(word: Option<Literal>, place: Place) -> Self {
        Self { word, ignores_case: false, place, without: [None; 2] }
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
    /// What follows the block is the next line, though IMAP takes it for the same command.
    #[must_use]
    pub const fn braces() -> Self {
        Self::of(None, Place::Braces)
    }

    /// The same with the number in another field: 1 is the first after the word.
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

    /// The same with the word in upper or lower case.
    #[must_use]
    pub const fn ignoring_case(mut self) -> Self {
        self.ignores_case = true;
        self
    }

    /// The same, where `text` in the number's place says that there is no block, as Redis's `-1`.
    ///
    /// # Errors
    ///
    /// As [`Literal::new`], and [`ConfigError::TooMany`] for a third text.
    pub const fn without_block(mut self, text: &str) -> Result<Self, ConfigError> {
        let mark = match Literal::new(text.as_bytes()) {
            Ok(mark) => mark,
            Err(error) => return Err(error),
        };
        match self.without {
            [None, _] => self.without[0] = Some(mark),
            [_, None] => self.without[1] = Some(mark),
            _ => return Err(ConfigError::TooMany { found: 3, max: 2 }),
        }
        Ok(self)
    }

    /// Where the number stands in a line of this rule. `Some(None)` if it should stand there and does not.
    fn number(&self, line: &[u8]) -> Option<Option<(usize, usize)>> {
        let word = self.word.as_ref().map_or(&[][..], Literal::as_slice);
        let there = line.get(..word.len())?;
        if there != word && !(self.ignores_case && there.eq_ignore_ascii_case(word)) {
            return None;
        }
        let after = word.len();
        let found = match self.place {
            Place::Body => Some((after, line.len())),
            Place::Braces => {
                let inside = line.strip_suffix(b"}")?;
                let inside = inside.strip_suffix(b"+").unwrap_or(inside);
                let open = memchr::memrchr(b'{', inside)?;
                let digits = inside.get(open + 1..)?;
                // What is no number in braces is a line like any other.
                let number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
                return number.then_some(Some((open + 1, inside.len())));
            }
            _ if line.get(after).is_some_and(|&next| !is_blank(next)) => return None,
            Place::Nth(field) => fields(line, after).nth(usize::from(field).saturating_sub(1)),
            Place::Last => fields(line, after).last(),
        };
        Some(found)
    }
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// The fields of `line` from index `from` on, as where they begin and end.
fn fields(line: &[u8], from: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut at = from;
    core::iter::from_fn(move || {
        let start = at + line.get(at..)?.iter().position(|&byte| !is_blank(byte))?;
        let len = line[start..].iter().position(|&byte| is_blank(byte)).unwrap_or(line.len() - start);
        at = start + len;
        Some((start, at))
    })
}

impl<R: AsRef<[BlockRule]>> LineThenBlock<R> {
    /// Lines and blocks by these rules, of which the first that fits a line counts. Lines end with CR LF, blocks too.
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
    /// The limit for lines, unless another is set: 8 KiB.
    pub const DEFAULT_MAX_LINE_LEN: u16 = 8192;

    /// Rules that are known to be right.
    pub(crate) const fn from_rules(rules: R) -> Self {
        let (max_line, max) = (Self::DEFAULT_MAX_LINE_LEN, DEFAULT_MAX_PAYLOAD_LEN);
        Self { rules, bare_lf: false, block_trailer: true, max_line, max }
    }

    /// The same with lines that end with LF, and one CR before it or none. Blocks still end with CR LF.
    #[must_use]
    pub const fn allowing_bare_lf(mut self) -> Self {
        self.bare_lf = true;
        self
    }

    /// The same with nothing after a block.
    #[must_use]
    pub const fn without_block_trailer(mut self) -> Self {
        self.block_trailer = false;
        self
    }

    /// The same with another limit for a line, in bytes, its end included.
    #[must_use]
    pub const fn with_max_line_len(mut self, max: u16) -> Self {
        self.max_line = max;
        self
    }

    /// The same with another limit, in bytes of a block. Binds both directions.
    #[must_use]
    pub const fn with_max_payload_len(mut self, max: u64) -> Self {
        self.max = max;
        self
    }

    /// The same rules, kept in another way.
    #[cfg(feature = "alloc")]
    pub(crate) fn with_same_rules<T>(self, rules: T) -> LineThenBlock<T> {
        let Self { rules: _, bare_lf, block_trailer, max_line, max } = self;
        LineThenBlock { rules, bare_lf, block_trailer, max_line, max }
    }

    fn trailer(&self) -> &'static [u8] {
        if self.block_trailer { b"\r\n" } else { b"" }
    }

    /// The first line of `input`, its end searched for at and after `from`: where its content and its end ends.
    fn line(&self, input: &[u8], from: usize) -> Option<(usize, usize)> {
        let mut from = from;
        loop {
            let lf = from + memchr::memchr(b'\n', input.get(from..)?)?;
            let content = if lf > 0 && input[lf - 1] == b'\r' { lf - 1 } else { lf };
            if self.bare_lf || content < lf {
                return Some((content, lf + 1));
            }
            from = lf + 1;
        }
    }
}

impl<R: AsRef<[BlockRule]>> LineThenBlock<R> {
    /// The rules, in the order in which they were given.
    pub fn rules(&self) -> &[BlockRule] {
        self.rules.as_ref()
    }

    /// What a line, without its end, says of a block.
    fn says(&self, line: &[u8], unlimited: bool) -> Result<Says, FrameError> {
        let found = self.rules().iter().find_map(|rule| Some((rule, rule.number(line)?)));
        let Some((rule, place)) = found else { return Ok(Says::Nothing) };
        let (start, end) = place.ok_or(FrameError::new(line.len(), DecodeErrorKind::NoLength))?;
        let number = &line[start..end];
        if rule.without.iter().flatten().any(|text| text.as_slice() == number) {
            return Ok(Says::Nothing);
        }
        if number.is_empty() {
            return Err(FrameError::new(line.len(), DecodeErrorKind::NoLength));
        }
        let mut value = 0_u64;
        for (at, &found) in number.iter().enumerate() {
            let at = start + at;
            if !found.is_ascii_digit() {
                return Err(FrameError::new(at, DecodeErrorKind::NotADigit { found, radix: 10 }));
            }
            value = { value.checked_mul(10) }
                .and_then(|value| value.checked_add((found - b'0').into()))
                .ok_or(FrameError::new(at, DecodeErrorKind::NumberTooLarge { max: u64::MAX }))?;
        }
        if value > self.max && !unlimited {
            return Err(FrameError::new(start, DecodeErrorKind::Oversize { len: value, max: self.max }));
        }
        Ok(Says::Block { value, at: start, digits: number.len() })
    }
}

impl<R: AsRef<[BlockRule]>> Framing for LineThenBlock<R> {
    fn locate(&self, input: &[u8], progress: Progress) -> Result<Located, FrameError> {
        let bounded = input.get(..self.max_line.into()).unwrap_or(input);
        let Some((content, end)) = self.line(bounded, progress.scanned.min(bounded.len())) else {
            if input.len() > bounded.len() {
                return Err(FrameError::new(
                    bounded.len(),
                    DecodeErrorKind::HeaderTooLong { max: self.max_line.into() },
                ));
            }
            let half = usize::from(bounded.ends_with(b"\r"));
            let need = if self.bare_lf { 1 } else { 2 - half };
            return Ok(Located::Header { need: at_least_one(need), scanned: bounded.len() });
        };
        let line = &bounded[..content];
        // A line is within its limit, which has 16 bits.
        let header = u16::try_from(end).unwrap_or(u16::MAX);
        match self.says(line, progress.unlimited)? {
            Says::Nothing => {
                let ending = u16::try_from(end - content).unwrap_or(u16::MAX);
                Ok(Located::Known(Extent::new(0, content as u64, ending)))
            }
            Says::Block { value, .. } => {
                let left = usize::try_from(value.saturating_sub(progress.passed)).ok();
                if let Some(at) = left.and_then(|left| end.checked_add(left)) {
                    let after = input.get(at..).unwrap_or_default();
                    for (index, (&found, &expected)) in after.iter().zip(self.trailer()).enumerate() {
                        if found != expected {
                            return Err(FrameError::new(at + index, DecodeErrorKind::Mismatch { found, expected }));
                        }
                    }
                }
                let trailer = if self.block_trailer { 2 } else { 0 };
                Ok(Located::Known(Extent::new(header, value, trailer).with_message_header(header)))
            }
        }
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let line = self.line(message, 0);
        let (content, end) = line.unwrap_or((message.len(), message.len()));
        // Its end is counted too: there are limits in which not even an empty line has room.
        let Some(max) = u64::from(self.max_line).checked_sub(2) else {
            return Err(EncodeError::NoRoom { need: (content as u64).saturating_add(2), have: self.max_line.into() });
        };
        if content as u64 > max {
            return Err(EncodeError::Oversize { len: content as u64, max });
        }
        // The limit is judged by the block's true length, not by what its line says.
        match (line, self.says(&message[..content], true).map_err(EncodeError::Header)?) {
            (None, Says::Nothing) if self.bare_lf && message.ends_with(b"\r") => {
                Err(EncodeError::ContainsDelimiter { at: message.len() - 1 })
            }
            (None, Says::Nothing) => Ok(Envelope::new(ShortBytes::empty()).with_trailer(b"\r\n")),
            (None, Says::Block { .. }) => Err(EncodeError::NotTerminated),
            (Some(_), Says::Nothing) => Err(EncodeError::ContainsDelimiter { at: content }),
            (Some(_), Says::Block { value, .. }) => {
                let len = (message.len() - end) as u64;
                match len {
                    _ if len > self.max => Err(EncodeError::Oversize { len, max: self.max }),
                    _ if len != value => Err(EncodeError::LengthDisagrees { found: value, expected: len }),
                    _ => Ok(Envelope::new(ShortBytes::empty()).with_trailer(self.trailer())),
                }
            }
        }
    }

    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        let Some((content, end)) = self.line(message, 0) else { return Ok(None) };
        match self.says(&message[..content], true).map_err(EncodeError::Header)? {
            Says::Nothing => Ok(None),
            Says::Block { at, digits, .. } => {
                let bytes = ShortBytes::decimal((message.len() - end) as u64);
                Ok(Some(Patch { at, len: digits, bytes }))
            }
        }
    }

    fn max_payload_len(&self) -> u64 {
        self.max.max(self.max_line.into())
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    extern crate std;

    use super::*;
    use crate::framing::testing::{cuts_agree, prefixes_agree};
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    fn mixed() -> LineThenBlock<[BlockRule; 5]> {
        LineThenBlock::new([
            BlockRule::word("VALUE").unwrap().in_field(3).unwrap(),
            BlockRule::word("MSG").unwrap().ignoring_case(),
            BlockRule::sign("$").unwrap().without_block("-1").unwrap(),
            BlockRule::sign(";").unwrap().without_block("0").unwrap(),
            BlockRule::braces(),
        ])
        .unwrap()
        .with_max_payload_len(99)
        .with_max_line_len(40)
    }

    /// By splitting text, with no thought for speed: the lengths of line and block.
    fn naive(text: &str) -> Option<(usize, Option<u64>)> {
        let (line, _) = text.split_once("\r\n")?;
        let fields: Vec<&str> = line.split([' ', '\t']).filter(|field| !field.is_empty()).collect();
        let number = match line.chars().next() {
            Some('$') if line != "$-1" => Some(&line[1..]),
            Some(';') if line != ";0" => Some(&line[1..]),
            _ if line.starts_with("VALUE ") => Some(*fields.get(3)?),
            _ if line.starts_with("msg ") || line.starts_with("MSG ") => Some(*fields[1..].last()?),
            _ if line.ends_with('}') => line.rfind('{').map(|open| line[open + 1..].trim_end_matches(['}', '+'])),
            _ => None,
        };
        match number {
            Some(number) => Some((line.len(), Some(number.parse().ok().filter(|number| *number < 100)?))),
            None => Some((line.len(), None)),
        }
    }

    #[test]
    fn lines_are_read_as_the_naive_twin_reads_them() {
        let lines = [
            "",
            "END",
            "VALUE k 0 5",
            "VALUE  k\t0 5 77 ",
            "VALUE k 0",
            "VALUE k 0 x",
            "VALUES k 0 5",
            "VALUE k 0 -1",
            "MSG a 1 5",
            "msg a 1 b 5",
            "MSG  ",
            "MSGS a 1 5",
            "$5",
            "$05",
            "$-1",
            "$ 5",
            "$5 ",
            "$",
            "+5",
            ";0",
            ";5",
            "a LOGIN {5}",
            "a LOGIN {5+}",
            "a {} {x}",
            "{100}",
            "$99999999999999999999",
            "MSG a 100",
            "a\nb",
            "a\rb\r",
        ];
        for line in lines {
            let wire = format!("{line}\r\nhello\r\n");
            let located = mixed().locate(wire.as_bytes(), Progress::default());
            let found = match located {
                Ok(Located::Known(extent)) if extent.header_len() > 0 => {
                    Some((extent.header_len() - 2, Some(extent.payload_len())))
                }
                Ok(Located::Known(extent)) => Some((usize::try_from(extent.payload_len()).unwrap(), None)),
                other => {
                    assert!(other.is_err());
                    None
                }
            };
            let expected = if line == "a {} {x}" { Some((line.len(), None)) } else { naive(&wire) };
            assert_eq!(found, expected, "{line:?}");
            cuts_agree(&mixed(), wire.as_bytes()).ok();
        }
    }

    #[test]
    fn every_cut_gives_the_same_messages() {
        let wire = "VALUE k 0 5\r\nhe\r\no\r\nEND\r\n\r\n$-1\r\nmsg a 1 b 0\r\n\r\na\nb\r\n$2\r\n\r\n\r\n";
        let messages = ["VALUE k 0 5\r\nhe\r\no", "END", "", "$-1", "msg a 1 b 0\r\n", "a\nb", "$2\r\n\r\n"];
        let seen = cuts_agree(&mixed(), wire.as_bytes()).unwrap();
        let seen: Vec<_> = seen.into_iter().map(|(message, _)| String::from_utf8(message).unwrap()).collect();
        assert_eq!(seen, messages);
        let mut out = Vec::new();
        for message in messages {
            mixed().encode(message.as_bytes(), &mut out).unwrap();
        }
        assert_eq!(String::from_utf8(out).unwrap(), wire);

        let imap = LineThenBlock::new([BlockRule::braces()]).unwrap().without_block_trailer().allowing_bare_lf();
        let seen = cuts_agree(&imap, b"a LOGIN {2}\r\nme {3+}\nyou\r\nb\n").unwrap();
        let seen: Vec<_> = seen.iter().map(|(message, len)| (message.as_slice(), *len)).collect();
        assert_eq!(seen, [(&b"a LOGIN {2}\r\nme"[..], 15), (b" {3+}\nyou", 9), (b"", 2), (b"b", 2)]);
    }

    #[test]
    fn faults_lie_at_the_byte_that_proves_them() {
        let locate = |wire: &str| mixed().locate(wire.as_bytes(), Progress::default()).unwrap_err();
        assert_eq!(
            locate("VALUE k 0 5x\r\n"),
            FrameError::new(11, DecodeErrorKind::NotADigit { found: b'x', radix: 10 })
        );
        assert_eq!(locate("VALUE k 0 \r\n"), FrameError::new(10, DecodeErrorKind::NoLength));
        assert_eq!(locate("$100\r\n"), FrameError::new(1, DecodeErrorKind::Oversize { len: 100, max: 99 }));
        let trailer = |found, expected| DecodeErrorKind::Mismatch { found, expected };
        assert_eq!(prefixes_agree(&mixed(), b"$2\r\nhi!"), Err(FrameError::new(6, trailer(b'!', b'\r'))));
        assert_eq!(prefixes_agree(&mixed(), b"$2\r\nhi\r!"), Err(FrameError::new(7, trailer(b'!', b'\n'))));
        let long = "x".repeat(50);
        let fault = FrameError::new(40, DecodeErrorKind::HeaderTooLong { max: 40 });
        assert_eq!(prefixes_agree(&mixed(), long.as_bytes()), Err(fault));
        assert!(prefixes_agree(&mixed(), format!("{}\r\n", &long[..38]).as_bytes()).is_ok());
    }

    #[test]
    fn what_would_not_come_back_is_refused() {
        let refused = |message: &str| mixed().encode_into(message.as_bytes(), &mut [0; 99]).unwrap_err();
        assert_eq!(refused("$5"), EncodeError::NotTerminated);
        assert_eq!(refused("$5\r\nhell"), EncodeError::LengthDisagrees { found: 5, expected: 4 });
        assert_eq!(refused("END\r\n"), EncodeError::ContainsDelimiter { at: 3 });
        assert_eq!(refused("$-1\r\n"), EncodeError::ContainsDelimiter { at: 3 });
        assert_eq!(refused(&"x".repeat(39)), EncodeError::Oversize { len: 39, max: 38 });
        assert_eq!(refused(&format!("$100\r\n{}", "x".repeat(100))), EncodeError::Oversize { len: 100, max: 99 });
        assert!(matches!(refused("$x\r\n"), EncodeError::Header(_)));
        let lenient = mixed().allowing_bare_lf();
        assert_eq!(lenient.encode_into(b"a\r", &mut [0; 9]), Err(EncodeError::ContainsDelimiter { at: 1 }));
        assert_eq!(lenient.encode_into(b"a\nb", &mut [0; 9]), Err(EncodeError::ContainsDelimiter { at: 1 }));
    }

    #[test]
    fn the_digits_are_put_in() {
        let mut out = Vec::new();
        mixed().encode_with(&mut out, |out| out.extend_from_slice(b"MSG a 1 0\r\nhello, world")).unwrap();
        mixed().encode_with(&mut out, |out| out.extend_from_slice(b"END")).unwrap();
        assert_eq!(out, b"MSG a 1 12\r\nhello, world\r\nEND\r\n");
    }

    #[test]
    fn a_block_of_the_limit_passes_both_ways() {
        let message = format!("$99\r\n{}", "x".repeat(99));
        let wire = format!("{message}\r\n");
        let mut out = [0; 128];
        assert_eq!(mixed().encode_into(message.as_bytes(), &mut out), Ok(wire.len()));
        assert_eq!(out[..wire.len()], *wire.as_bytes());
        assert_eq!(prefixes_agree(&mixed(), wire.as_bytes()), Ok(Extent::new(5, 99, 2).with_message_header(5)));
        // A line is a payload too.
        assert_eq!(mixed().max_payload_len(), 99);
        assert_eq!(mixed().with_max_payload_len(9).max_payload_len(), 40);
    }
}
