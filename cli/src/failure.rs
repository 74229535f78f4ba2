//! Why the program ends early.

use std::io;
use std::process::ExitCode;

use anysplit::spec::SpecError;
use anysplit::spec::SpecErrorKind;

use crate::escape;
use crate::style::{Palette, When, stderr_columns};

/// Why the program ends early, in the words for stderr.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The reader of the output wants no more of it, as `head -n 1` does. Nothing is wrong.
    Gone,
    /// The stream or a message is bad.
    Data(String),
    /// As `Data`, and stderr has the reasons already.
    Reported,
    /// The user asked for something impossible.
    Usage(String),
}

/// An exit code.
pub(crate) struct Code(u8);

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code.0)
    }
}

impl From<Code> for i32 {
    fn from(code: Code) -> Self {
        code.0.into()
    }
}

/// The exit code after an interrupt, as a shell gives it.
pub(crate) const INTERRUPTED: u8 = 130;

impl Failure {
    /// Reports the failure on stderr.
    pub(crate) fn report(self, color: When) -> Code {
        let (text, code) = match self {
            Self::Gone => return Code(0),
            Self::Reported => return Code(1),
            Self::Data(text) => (text, 1),
            Self::Usage(text) => (text, 2),
        };
        let bad = Palette::stderr(color).bad;
        // If stderr is closed, nobody can be notified.
        let _ = write_all(&format!("{}error:{} {text}\n", bad.open, bad.close));
        Code(code)
    }
}

/// Writes to stderr in one piece.
pub(crate) fn write_all(text: &str) -> io::Result<()> {
    io::Write::write_all(&mut io::stderr(), text.as_bytes())
}

/// An error of the output.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Gone,
            _ => Self::Usage(format!("cannot write: {error}")),
        }
    }
}

/// `spec` is wrong.
pub(crate) fn refused(spec: &str, error: SpecError) -> Failure {
    // One column for one column, so that the caret stays in place.
    let shown = |c: char| if c != '\n' && escape::is_wild(c) { char::REPLACEMENT_CHARACTER } else { c };
    let mut rendered = error.rendered(spec).to_string().chars().map(shown).collect::<String>();
    if let SpecErrorKind::Expected(expected) = error.kind {
        if expected.starts_with("a framing: ") {
            // The manual has the list, and a hint that names it follows.
            rendered = rendered.replace(expected, "a framing");
        }
    }
    let (spec, reason) = rendered.split_once('\n').unwrap_or((&rendered, ""));
    let room = stderr_columns().map_or(usize::MAX, |columns| columns.saturating_sub(2));
    let reason = wrapped(reason, room).replace('\n', "\n  ");
    Failure::Usage(format!("bad SPEC\n\n  {spec}\n  {reason}\n"))
}

/// Breaks a line between words. The lines after the first begin under the first one's second word, after the caret.
fn wrapped(line: &str, columns: usize) -> String {
    let caret = line.chars().take_while(|c| *c == ' ').count();
    // Far to the right there is no room.
    let indent = if caret + 2 < columns / 2 { caret + 2 } else { 4 };
    let mut text = " ".repeat(caret);
    let mut used = caret;
    for (index, word) in line.split_whitespace().enumerate() {
        let len = word.chars().count();
        if index > 1 && used + 1 + len > columns {
            text.push('\n');
            text.push_str(&" ".repeat(indent));
            used = indent;
        } else if index > 0 {
            text.push(' ');
            used += 1;
        }
        text.push_str(word);
        used += len;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reason_is_wrapped_after_its_caret() {
        assert_eq!(wrapped("  ^ expected one or two", 17), "  ^ expected one\n    or two");
        assert_eq!(wrapped("          ^ expected one or two", 17), "          ^ expected\n    one or two");
        assert_eq!(wrapped("  ^ expected one or two", usize::MAX), "  ^ expected one or two");
    }
}
