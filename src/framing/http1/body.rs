//! How the body after a header ends, by RFC 9112, section 6.3, and stricter where readers differ.

use crate::error::{DecodeErrorKind, FrameError};

/// How the body after a header ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Body {
    /// There is no body.
    Empty,
    /// There is no body, and the answer to the same request is still to come: 100 to 199, except 101.
    Interim,
    /// The body has this many bytes, at least 1.
    Counted(u64),
    /// The body comes in chunks.
    Chunked,
    /// The body ends with the stream.
    UntilClose,
}

/// What a response answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Question {
    /// HEAD: the answer has no body.
    Head,
    /// CONNECT: after an answer of 200 to 299 the stream is a tunnel.
    Connect,
    /// Any other method.
    Other,
}

/// What the fields mean for the body.
#[derive(Clone, Copy, Debug, Default)]
struct Fields {
    length: Option<(usize, u64)>,
    chunked: Option<usize>,
    /// `Expect: 100-continue`.
    waits: bool,
}

/// Returns how the body of a request ends. `header` is the header with its empty line.
///
/// ```
/// use anysplit::DecodeErrorKind;
/// use anysplit::http1::{Body, body_of_request};
///
/// assert_eq!(body_of_request(b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n")?, Body::Counted(5));
/// assert_eq!(body_of_request(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")?, Body::Empty);
/// let both = body_of_request(b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n");
/// assert_eq!(both.unwrap_err().kind, DecodeErrorKind::ForbiddenField);
/// # Ok::<(), anysplit::contract::FrameError>(())
/// ```
///
/// # Errors
///
/// A [`FrameError`] for everything that is refused: see [`http1`](crate::http1).
pub fn body_of_request(header: &[u8]) -> Result<Body, FrameError> {
    Ok(judge_request(header)?.0)
}

/// As [`body_of_request`], and whether the client waits for an answer to the header.
pub(super) fn judge_request(header: &[u8]) -> Result<(Body, bool), FrameError> {
    let (start, rest) = first_line(header)?;
    let mut words = start.split(|&byte| byte == b' ');
    let (method, target, version) = (words.next(), words.next(), words.next());
    let is_request = method.is_some_and(is_token)
        && target.is_some_and(|target| !target.is_empty() && target.iter().all(|byte| (0x21..0x7f).contains(byte)))
        && words.next().is_none();
    if !is_request {
        return Err(custom(0, "no request line of HTTP/1"));
    }
    let version = version.unwrap_or_default();
    let fields = fields(header, rest, version_of(version, start.len().saturating_sub(version.len()))?)?;
    let body = match fields {
        Fields { chunked: Some(_), .. } => Body::Chunked,
        Fields { length: Some((_, len @ 1..)), .. } => Body::Counted(len),
        _ => Body::Empty,
    };
    Ok((body, fields.waits))
}

/// Returns how the body of a response ends. `header` is the header with its empty line.
///
/// ```
/// use anysplit::http1::{Body, Question, body_of_response};
///
/// let not_modified = b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n";
/// assert_eq!(body_of_response(not_modified, Question::Other)?, Body::Empty);
/// # Ok::<(), anysplit::contract::FrameError>(())
/// ```
///
/// # Errors
///
/// As [`body_of_request`].
pub fn body_of_response(header: &[u8], question: Question) -> Result<Body, FrameError> {
    let (start, rest) = first_line(header)?;
    let version = start.get(..8).unwrap_or_default();
    let minor = version_of(version, 0)?;
    let status = match *start.get(8..).unwrap_or_default() {
        [b' ', a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9']
        | [b' ', a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', b' ', ..] => {
            u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0')
        }
        _ => return Err(custom(8, "no status of three digits")),
    };
    no_controls(start, 0)?;
    let fields = fields(header, rest, minor)?;
    let forbidden = fields.chunked.or(fields.length.map(|(at, _)| at));
    match (status, question) {
        // RFC 9110, sections 6.4.1 and 8.6, and RFC 9112, section 6.1: no such field can stand here.
        (100..=199 | 204, _) | (200..=299, Question::Connect) if forbidden.is_some() => {
            Err(FrameError::new(forbidden.unwrap_or_default(), DecodeErrorKind::ForbiddenField))
        }
        (101 | 204 | 304, _) | (200..=299, Question::Connect) => Ok(Body::Empty),
        (100..=199, _) => Ok(Body::Interim),
        (_, Question::Head) => Ok(Body::Empty),
        _ => Ok(match fields {
            Fields { chunked: Some(_), .. } => Body::Chunked,
            Fields { length: Some((_, 0)), .. } => Body::Empty,
            Fields { length: Some((_, len)), .. } => Body::Counted(len),
            _ => Body::UntilClose,
        }),
    }
}

/// Judges the trailer fields of a last chunk: its line, the fields, and the empty line.
pub(crate) fn judge_trailers(last_chunk: &[u8]) -> Result<(), FrameError> {
    let (_, rest) = first_line(last_chunk)?;
    let fields = fields(last_chunk, rest, 1)?;
    match fields.chunked.or(fields.length.map(|(at, _)| at)) {
        // RFC 9110, section 6.5.1: a field that determines the body's end cannot come after the body.
        Some(at) => Err(FrameError::new(at, DecodeErrorKind::ForbiddenField)),
        None => Ok(()),
    }
}

#[cold]
const fn custom(at: usize, text: &'static str) -> FrameError {
    FrameError::new(at, DecodeErrorKind::Custom(text))
}

/// The minor version, 0 or 1.
fn version_of(version: &[u8], at: usize) -> Result<u8, FrameError> {
    match version {
        b"HTTP/1.0" => Ok(0),
        b"HTTP/1.1" => Ok(1),
        _ => Err(custom(at, "no version of HTTP/1")),
    }
}

fn is_token(bytes: &[u8]) -> bool {
    let symbols = b"!#$%&'*+-.^_`|~";
    !bytes.is_empty() && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || symbols.contains(byte))
}

/// Refuses control bytes other than a tab. `at` is where `text` begins.
fn no_controls(text: &[u8], at: usize) -> Result<(), FrameError> {
    match text.iter().position(|byte| byte.is_ascii_control() && *byte != b'\t') {
        None => Ok(()),
        Some(index) => {
            let found = text.get(index).copied().unwrap_or_default();
            Err(FrameError::new(at.saturating_add(index), DecodeErrorKind::Forbidden { found }))
        }
    }
}

/// The first line, and where the next begins.
fn first_line(header: &[u8]) -> Result<(&[u8], usize), FrameError> {
    line(header, 0)
}

/// The line at `start` without its end, and where the next begins.
fn line(header: &[u8], start: usize) -> Result<(&[u8], usize), FrameError> {
    let rest = header.get(start..).unwrap_or_default();
    let Some(end) = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n' | 0)) else {
        return Err(custom(header.len(), "a header without its empty line"));
    };
    let at = start.saturating_add(end);
    match (rest.get(end), rest.get(end.saturating_add(1))) {
        (Some(b'\r'), Some(b'\n')) => Ok((rest.get(..end).unwrap_or_default(), at.saturating_add(2))),
        (Some(b'\r'), Some(&found)) => {
            Err(FrameError::new(at.saturating_add(1), DecodeErrorKind::Mismatch { found, expected: b'\n' }))
        }
        (Some(b'\n'), _) => Err(FrameError::new(at, DecodeErrorKind::Mismatch { found: b'\n', expected: b'\r' })),
        (Some(0), _) => Err(FrameError::new(at, DecodeErrorKind::Forbidden { found: 0 })),
        _ => Err(custom(header.len(), "a header without its empty line")),
    }
}

/// Reads the fields from `start` up to the empty line, which ends the header.
fn fields(header: &[u8], mut start: usize, minor: u8) -> Result<Fields, FrameError> {
    let mut fields = Fields::default();
    loop {
        let (content, next) = line(header, start)?;
        if content.is_empty() {
            return if next == header.len() { Ok(fields) } else { Err(custom(next, "bytes after the header")) };
        }
        let Some(colon) = content.iter().position(|&byte| byte == b':') else {
            return Err(custom(start, "a field without a colon"));
        };
        let (name, value) = content.split_at(colon);
        if !is_token(name) {
            // A folded line begins with a blank, and readers disagree on a blank before the colon.
            return Err(custom(start, "a field name with a byte that is none of a name"));
        }
        let value = value.get(1..).unwrap_or_default();
        no_controls(value, start.saturating_add(colon).saturating_add(1))?;
        let blanks = value.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let at = start.saturating_add(colon).saturating_add(1).saturating_add(blanks);
        // Other blanks, such as a form feed, are no blanks of the grammar.
        let value = value.get(blanks..).unwrap_or_default();
        let end = value.iter().rposition(|byte| !matches!(byte, b' ' | b'\t')).map_or(0, |last| last.saturating_add(1));
        let value = value.get(..end).unwrap_or_default();
        if name.eq_ignore_ascii_case(b"content-length") {
            if fields.length.is_some() {
                return Err(FrameError::new(start, DecodeErrorKind::Repeated));
            }
            fields.length = Some((start, length(value).map_err(|error| error.shifted(at))?));
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if fields.chunked.is_some() {
                return Err(FrameError::new(start, DecodeErrorKind::Repeated));
            }
            if !value.eq_ignore_ascii_case(b"chunked") {
                return Err(custom(at, "a transfer coding other than chunked"));
            }
            if minor == 0 {
                return Err(FrameError::new(start, DecodeErrorKind::ForbiddenField));
            }
            fields.chunked = Some(start);
        }
        fields.waits |=
            name.eq_ignore_ascii_case(b"expect") && value.eq_ignore_ascii_case(b"100-continue") && minor > 0;
        if fields.length.is_some() && fields.chunked.is_some() {
            return Err(FrameError::new(start, DecodeErrorKind::ForbiddenField));
        }
        start = next;
    }
}

/// A length: digits and nothing else.
fn length(value: &[u8]) -> Result<u64, FrameError> {
    if value.is_empty() {
        return Err(FrameError::new(0, DecodeErrorKind::NoLength));
    }
    value.iter().enumerate().try_fold(0_u64, |sum, (at, &found)| {
        if !found.is_ascii_digit() {
            return Err(FrameError::new(at, DecodeErrorKind::NotADigit { found, radix: 10 }));
        }
        let next = sum.checked_mul(10).and_then(|sum| sum.checked_add(u64::from(found - b'0')));
        next.ok_or(FrameError::new(at, DecodeErrorKind::NumberTooLarge { max: u64::MAX }))
    })
}
