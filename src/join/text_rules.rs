//! Rules for protocols of lines.

use crate::error::EncodeError;
use crate::join::split::{OutPart, SplitRule};
use crate::join::{Candidate, JoinErrorKind, Rule, Verdict};
use crate::short::ShortBytes;

/// Replies of SMTP and FTP servers: a line with `-` after its code is continued, and a line with a blank after the same code
/// is the last. For lines, such as the frames of `protocols::smtp` and `protocols::ftp`.
///
/// ```text
///  wire     250-mail.example\r\n      250-SIZE 1000\r\n      250 HELP\r\n
///           more                      more                   last
///  message  250-mail.example\r\n250-SIZE 1000\r\n250 HELP
/// ```
///
/// The message is the lines as they came, without the last line's end.
///
/// ```
/// use anysplit::join::{Joined, Joiner, Replies};
/// use anysplit::{Decoder, Delimited};
///
/// let mut decoder = Decoder::new(Delimited::crlf());
/// decoder.push(b"250-mail.example\r\n250 HELP\r\n354 go ahead\r\n")?;
/// let mut joiner = Joiner::new(Replies::smtp());
/// let mut replies = Vec::new();
/// while let Some(frame) = decoder.next_frame()? {
///     while let Some(Joined::Message(reply)) = joiner.next_message(&frame)? {
///         replies.push(reply.payload().to_vec());
///     }
/// }
/// assert_eq!(replies, [&b"250-mail.example\r\n250 HELP"[..], b"354 go ahead"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`JoinErrorKind::Custom`] for a reply that does not begin with three digits followed by `-`, a blank or the line's end, and in SMTP for a
/// line with another code inside a reply. In FTP the lines between the first and the last are free.
///
/// As a [`SplitRule`] it writes such a message line by line, whatever size is asked for, and refuses what a reader would take
/// for two replies, or for less than one.
///
/// Specification: RFC 5321, section 4.2.1; RFC 959, section 4.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replies {
    free_lines: bool,
    /// The code of the reply that is being written.
    code: u64,
}

impl Replies {
    /// Every line of a reply has the code.
    #[must_use]
    pub const fn smtp() -> Self {
        Self { free_lines: false, code: 0 }
    }

    /// Only the first line and the last need the code.
    #[must_use]
    pub const fn ftp() -> Self {
        Self { free_lines: true, code: 0 }
    }

    /// Whether a reply goes on after this line. `code` is that of the reply, 0 before its first line.
    fn goes_on(self, line: &[u8], code: &mut u64) -> Result<bool, JoinErrorKind> {
        let (found, after) = match *line {
            [a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', ref after @ ..] => {
                (u64::from(u32::from_be_bytes([0, a, b, c])), after.first())
            }
            _ => (0, None),
        };
        let goes_on = match after {
            Some(b'-') => Some(true),
            Some(b' ') | None => Some(false),
            Some(_) => None,
        };
        if *code == 0 {
            *code = found;
            return goes_on.filter(|_| found != 0).ok_or(JoinErrorKind::Custom("a reply begins without a code"));
        }
        match goes_on {
            Some(goes_on) if found == *code => Ok(goes_on),
            _ if self.free_lines => Ok(true),
            _ => Err(JoinErrorKind::Custom("a line of a reply has another code")),
        }
    }
}

impl Rule for Replies {
    fn judge(&self, frame: &Candidate<'_>, memo: &mut u64) -> Result<Verdict, JoinErrorKind> {
        if !frame.header.is_empty() {
            return Err(JoinErrorKind::Custom("a reply has no block of bytes"));
        }
        Ok(if self.goes_on(frame.payload, memo)? { Verdict::more().with_trailer() } else { Verdict::last() })
    }

    fn reads_payload(&self) -> bool {
        true
    }
}

impl SplitRule for Replies {
    fn part<'m>(&mut self, rest: &'m [u8], _: usize, is_first: bool) -> Result<OutPart<'m>, EncodeError> {
        if is_first {
            self.code = 0;
        }
        let end = rest.windows(2).position(|two| two == b"\r\n");
        let line = end.and_then(|end| rest.get(..end)).unwrap_or(rest);
        if let Some(at) = line.iter().position(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
            let found = line.get(at).copied().unwrap_or_default();
            return Err(EncodeError::Forbidden { at, found });
        }
        let mut code = self.code;
        let goes_on = self.goes_on(line, &mut code);
        self.code = code;
        match (goes_on, end) {
            (Ok(true), Some(_)) => Ok(OutPart::new(ShortBytes::empty(), line, false).with_trailer(b"\r\n").dropping(2)),
            (Ok(false), None) => Ok(OutPart::new(ShortBytes::empty(), line, true).with_trailer(b"\r\n")),
            (Ok(true), None) => Err(EncodeError::Custom("the last line of a reply announces another")),
            (Ok(false), Some(_)) => Err(EncodeError::Custom("a line ends a reply before its last line")),
            (Err(_), _) => Err(EncodeError::Custom("a line of a reply has no code, or another code")),
        }
    }
}

/// IMAP commands and responses with literals: a line that ends with the length of a literal is continued after the literal.
/// For the frames of `protocols::imap`.
///
/// ```text
///  wire     a LOGIN {2+}\r\n me      _ {3+}\r\n you      \r\n
///           more                     more                last
///  message  a LOGIN {2+}\r\nme {3+}\r\nyou         (`_` is a blank)
/// ```
///
/// The message is the command as it came, without the last line's end.
///
/// ```
/// # #[cfg(feature = "protocols")] {
/// use anysplit::join::{ImapCommands, Joined, Joiner};
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::imap());
/// decoder.push(b"a LOGIN {2+}\r\nme {3+}\r\nyou\r\nb NOOP\r\n")?;
/// let mut joiner = Joiner::new(ImapCommands);
/// let mut commands = Vec::new();
/// while let Some(frame) = decoder.next_frame()? {
///     while let Some(Joined::Message(command)) = joiner.next_message(&frame)? {
///         commands.push(command.payload().to_vec());
///     }
/// }
/// assert_eq!(commands, [&b"a LOGIN {2+}\r\nme {3+}\r\nyou"[..], b"b NOOP"]);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Specification: RFC 9051, section 4.3; RFC 7888.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImapCommands;

impl Rule for ImapCommands {
    fn judge(&self, frame: &Candidate<'_>, _: &mut u64) -> Result<Verdict, JoinErrorKind> {
        // The header is the line that announces a literal.
        Ok(if frame.header.is_empty() { Verdict::last() } else { Verdict::more().with_header() })
    }
}
