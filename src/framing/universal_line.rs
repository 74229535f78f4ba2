//! Lines that end with CR, LF or CR LF.

use crate::contract::{AtEof, DEFAULT_MAX_PAYLOAD_LEN, Envelope, Extent, Framing, Located, NextStart, Progress};
use crate::error::{EncodeError, FrameError};
use crate::scan::ByteSet;
use crate::short::ShortBytes;

/// Lines that end with CR, LF or CR LF, whichever comes: server-sent events, and text from machines of every kind.
///
/// ```text
///  offset   0   1   2    3   4   5    6   7   8
///  wire     A   \r  \n   B   \r  C    \n  \n          the lines A, B, C, and an empty one
///           payload trailer: the first byte of the end
/// ```
///
/// A line ends with the CR, so no line waits for a byte that may not come. An LF right after it belongs to the same end: it
/// is skipped, and no frame contains it. The encoder writes LF.
///
/// ```
/// use anysplit::{Decoder, Framing, UniversalLine};
///
/// let mut decoder = Decoder::new(UniversalLine::new());
/// let mut lines = Vec::new();
/// for chunk in [&b"A\r"[..], b"\nB\rC\n\n"] {
///     decoder.push(chunk)?;
///     while let Some(frame) = decoder.next_frame()? {
///         lines.push(frame.message().to_vec());
///     }
/// }
/// assert_eq!(lines, [&b"A"[..], b"B", b"C", b""]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// After a frame that ends with CR, [`Progress::next`] is 1. Under [`Recovery::Resync`](crate::Recovery::Resync), if the line after
/// that CR is rejected, an LF right after the rejected line is skipped too, even if that LF was an empty line of its own.
///
/// Errors: [`DecodeErrorKind::Oversize`](crate::DecodeErrorKind::Oversize) at the first payload byte over the limit. An unterminated last line is an error.
///
/// Cost: every byte is searched once, with vector instructions.
///
/// Specification: WHATWG HTML, section 9.2.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UniversalLine {
    max: u64,
}

const ENDS: ByteSet = ByteSet::of(b'\r').with(b'\n');

impl UniversalLine {
    /// Lines of at most [`DEFAULT_MAX_PAYLOAD_LEN`](crate::contract::DEFAULT_MAX_PAYLOAD_LEN).
    #[must_use]
    pub const fn new() -> Self {
        Self { max: DEFAULT_MAX_PAYLOAD_LEN }
    }

    /// Sets the limit, in bytes of payload. It applies to encoding and decoding.
    #[must_use]
    pub const fn with_max_payload_len(mut self, max: u64) -> Self {
        self.max = max;
        self
    }
}

impl Default for UniversalLine {
    fn default() -> Self {
        Self::new()
    }
}

impl Framing for UniversalLine {
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        if progress.previous == 1 && progress.consumed == 0 && input.first() == Some(&b'\n') {
            progress.next = 0;
            return Ok(Located::Filler(1));
        }
        if progress.previous == 1 && progress.consumed == 0 && input.is_empty() {
            return Ok(Located::Header(1));
        }
        let from = progress.scanned.min(input.len());
        let found = ENDS.find(input.get(from..).unwrap_or_default()).map(|at| from.saturating_add(at));
        let len = found.unwrap_or(input.len());
        progress.judge_len(0, len, self.max)?;
        let len = len as u64;
        match found {
            Some(at) => {
                progress.next = u32::from(input.get(at) == Some(&b'\r'));
                Ok(Located::Known(Extent::new(0, len, 1)))
            }
            None => {
                progress.scanned = input.len();
                Ok(Located::Search { so_far: Extent::new(0, len, 0), least: len.saturating_add(1) })
            }
        }
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let len = message.len() as u64;
        match ENDS.find(message) {
            _ if len > self.max => Err(EncodeError::Oversize { len, max: self.max }),
            Some(at) => Err(EncodeError::ContainsDelimiter { at }),
            None => Ok(Envelope::around(ShortBytes::empty(), b"\n")),
        }
    }

    fn at_eof(&self, rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
        Ok(if rest.is_empty() && progress.consumed == 0 { AtEof::Clean } else { AtEof::Truncated })
    }

    fn next_start(&self, input: &[u8], _: usize) -> NextStart {
        NextStart::after_end(self, input)
    }

    fn max_payload_len(&self) -> u64 {
        self.max
    }
}
