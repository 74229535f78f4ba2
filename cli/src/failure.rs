//! Why the program ends early.

use std::io;
use std::process::ExitCode;

use anysplit::SpecError;

use crate::style::{Palette, When};

/// Why the program ends early, in the words for stderr.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The reader of the output wants no more of it, as `head -n 1` does. Nothing is wrong.
    Gone,
    /// The stream or a message is bad.
    Data(String),
    /// The user asked for something impossible.
    Usage(String),
}

impl Failure {
    /// Reports the failure on stderr.
    pub(crate) fn report(self, color: When) -> ExitCode {
        let (text, code) = match self {
            Self::Gone => return ExitCode::SUCCESS,
            Self::Data(text) => (text, 1),
            Self::Usage(text) => (text, 2),
        };
        let bad = Palette::stderr(color).bad;
        // If stderr is closed, nobody can be notified.
        let _ = write_all(&format!("{}error:{} {text}\n", bad.open, bad.close));
        ExitCode::from(code)
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
    let rendered = error.rendered(spec).to_string().replace('\n', "\n  ");
    Failure::Usage(format!("bad SPEC\n\n  {rendered}\n"))
}
