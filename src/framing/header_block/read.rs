//! Reading a header, line by line, as it arrives.

use super::{HeaderBlock, Missing, Name};
use crate::error::{DecodeErrorKind, FrameError};
use crate::framing::text::{self, Digits, LineEnd, Lone, NUL};

/// How many bytes of a length's line are read at most: more blanks and digits than any length needs. It bounds the bytes
/// that every call reads again.
const MAX_FIELD: usize = 64;

/// The number in a length field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Length {
    pub(super) value: u64,
    /// Where its digits are in the header.
    pub(super) at: usize,
    pub(super) digits: usize,
}

/// What is known of a header. All indexes lie in the header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Header {
    /// Its length in bytes, the empty line included. 0 until it is complete.
    pub(super) len: usize,
    pub(super) length: Option<Length>,
    /// Where the first line without an end begins.
    pub(super) line: usize,
    /// Whether the line before that one is the length's.
    pub(super) after_length: bool,
}

impl Header {
    /// ```text
    ///  word 0   the header's length
    ///  word 1   where the first line without an end begins, times 2, and 1 after the line of the length
    ///  word 2   the number in the length field
    ///  word 3   where its digits are, times 256, and how many they are, at most 64. 0 where there is no length
    /// ```
    pub(super) fn load(&[len, line, value, place]: &[u64; 4]) -> Self {
        let index = |index| usize::try_from(index).unwrap_or(usize::MAX);
        let length = Length { value, at: index(place >> 8), digits: index(place & 0xff) };
        Self {
            len: index(len),
            length: (place != 0).then_some(length),
            line: index(line >> 1),
            after_length: line & 1 != 0,
        }
    }

    /// The words that [`load`](Self::load) reads.
    pub(super) fn store(&self) -> [u64; 4] {
        let line = (self.line as u64) << 1 | u64::from(self.after_length);
        let (value, place) =
            self.length.map_or((0, 0), |length| (length.value, (length.at as u64) << 8 | length.digits as u64));
        [self.len as u64, line, value, place]
    }
}

impl HeaderBlock {
    /// Reads on in the header at the front of `input`. `header` is what is known of it, and its first `scanned` bytes hold
    /// no line end but those of the lines before `header.line`.
    ///
    /// Returns how many bytes it is missing at least: 0 where it is complete.
    pub(super) fn read(
        &self,
        input: &[u8],
        scanned: usize,
        header: &mut Header,
        lenient: bool,
    ) -> Result<usize, FrameError> {
        let bounded = text::within(input, self.max_header);
        let mut from = scanned;
        loop {
            let start = header.line;
            let found = text::find_line(bounded, start, from, self.line, Lone::IsError);
            if let Err(error) = text::allow(bounded, from, text::searched(&found, bounded.len()), &NUL) {
                self.field(bounded, header, error.at, lenient)?;
                return Err(error);
            }
            let line = match found {
                Ok(Some(line)) => line,
                Ok(None) => {
                    self.field(bounded, header, bounded.len(), lenient)?;
                    return self.missing_bytes(input, bounded.get(start..).unwrap_or_default());
                }
                Err(error) => {
                    // An error in the field lies before the end of its line.
                    self.field(bounded, header, error.at.saturating_add(1), lenient)?;
                    return Err(error);
                }
            };
            let last = line.next - 1;
            let length = self.field(bounded, header, line.next, lenient)?;
            let is_empty = line.content == start && !self.ends_with_length();
            if !is_empty && self.is_field(start) {
                let content = &bounded[start..line.content];
                if self.forbidden.is_some_and(|name| self.has_name(content, &name)) {
                    return Err(FrameError::new(last, DecodeErrorKind::ForbiddenField));
                }
                if length.is_some() && header.length.is_some() {
                    return Err(FrameError::new(last, DecodeErrorKind::Repeated));
                }
            }
            header.length = header.length.or(length);
            if is_empty || length.is_some() && self.ends_with_length() {
                if header.length.is_none() && self.missing == Missing::Error {
                    return Err(FrameError::new(last, DecodeErrorKind::NoLength));
                }
                header.len = line.next;
                return Ok(0);
            }
            (header.line, header.after_length) = (line.next, length.is_some());
            from = line.next;
        }
    }

    /// The least number of bytes that a header is missing if its last line has no end.
    fn missing_bytes(&self, input: &[u8], line: &[u8]) -> Result<usize, FrameError> {
        if input.len() > self.max_header.into() {
            return Err(text::too_long(self.max_header));
        }
        // The line may be the start of the empty line.
        let is_last = self.ends_with_length() || line.is_empty() || line == b"\r";
        let lines = if is_last { 1 } else { 2 };
        Ok((lines * self.line.least()).saturating_sub(self.line.begun(line)).max(1))
    }

    /// Whether the line that begins here is a field, and not the start line.
    const fn is_field(&self, start: usize) -> bool {
        start > 0 || !self.start_line
    }

    /// Judges the line at `header.line`, which has arrived up to `end`. Returns the length if it is that field, complete.
    fn field(&self, bytes: &[u8], header: &Header, end: usize, lenient: bool) -> Result<Option<Length>, FrameError> {
        let start = header.line;
        let Some(line) = bytes.get(start..end).filter(|_| self.is_field(start)) else { return Ok(None) };
        if self.length_first && header.length.is_none() {
            self.first_field(line).map_err(|error| error.shifted(start))?;
        }
        match line.first() {
            // A length that goes on in the next line.
            Some(&found) if header.after_length && text::is_blank(found) => Err(text::not_a_digit(start, found, 10)),
            _ => match self.length(line, lenient) {
                Ok(length) => Ok(length.map(|length| Length { at: start + length.at, ..length })),
                Err(error) => Err(error.shifted(start)),
            },
        }
    }

    fn has_name(&self, line: &[u8], name: &Name) -> bool {
        name.matches(line, self.separator) && (!self.matches_case || line.starts_with(name.as_slice()))
    }

    /// Judges the start of the first field, which must be the length.
    fn first_field(&self, line: &[u8]) -> Result<(), FrameError> {
        let Some(name) = &self.names[0] else { return Ok(()) };
        let name = name.as_slice().iter().chain([&self.separator]);
        for (at, (&found, &expected)) in line.iter().zip(name).enumerate() {
            if self.blanks && at > 0 && text::is_blank(found) {
                break;
            }
            if !found.eq_ignore_ascii_case(&expected) {
                return Err(text::mismatch(at, found, expected));
            }
        }
        Ok(())
    }

    /// The length in a line that begins with its name, once the line is complete with its end.
    fn length(&self, line: &[u8], lenient: bool) -> Result<Option<Length>, FrameError> {
        let Some(name) = self.names.iter().flatten().find(|name| self.has_name(line, name)) else {
            return Ok(None);
        };
        let line = line.get(..MAX_FIELD).unwrap_or(line);
        let mut at = name.as_slice().len();
        if self.blanks {
            at = text::after_blanks(line, at);
        }
        // Readers disagree on a blank between name and separator.
        match line.get(at) {
            Some(&found) if found != self.separator => return Err(text::mismatch(at, found, self.separator)),
            Some(_) => {}
            None if line.len() == MAX_FIELD => return Err(text::too_large(MAX_FIELD - 1)),
            None => return Ok(None),
        }
        let first = text::after_blanks(line, at + 1);
        let mut digits = Digits::default();
        let field = line.get(first..).unwrap_or_default();
        digits.read::<10>(field, |digits| self.judge(digits.value, lenient)).map_err(|error| error.shifted(first))?;
        let Digits { value, count } = digits;
        let at = text::after_blanks(line, first + count);
        let length = Some(Length { value, at: first, digits: count });
        match (line.get(at..).unwrap_or_default(), self.line) {
            (&[found, ..], _) if count == 0 => Err(text::not_a_digit(at, found, 10)),
            ([b'\r', b'\n', ..], LineEnd::CrLf | LineEnd::Lf) | ([b'\n', ..], LineEnd::Lf) => Ok(length),
            (&[found, ..], LineEnd::Byte(end)) if found == end => Ok(length),
            (&[b'\r', found, ..], LineEnd::CrLf | LineEnd::Lf) => Err(text::mismatch(at + 1, found, b'\n')),
            (&[b'\n', ..], LineEnd::CrLf) => Err(text::mismatch(at, b'\n', b'\r')),
            ([] | [b'\r'], _) if line.len() == MAX_FIELD => Err(text::too_large(MAX_FIELD - 1)),
            ([], _) | ([b'\r'], LineEnd::CrLf | LineEnd::Lf) => Ok(None),
            (&[found, ..], _) => Err(text::not_a_digit(at, found, 10)),
        }
    }

    /// Judges a length, digit by digit.
    fn judge(&self, value: u64, lenient: bool) -> Result<(), DecodeErrorKind> {
        match value.checked_add(self.length_excludes.into()) {
            None => Err(text::NUMBER_TOO_LARGE),
            Some(len) if len > self.max && !lenient => Err(DecodeErrorKind::Oversize { len, max: self.max }),
            Some(_) => Ok(()),
        }
    }
}
