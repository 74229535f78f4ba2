//! One message, which lasts until the end of the stream.

use crate::contract::{AtEof, DEFAULT_MAX_PAYLOAD_LEN, Envelope, Extent, Framing, Located, Progress};
use crate::error::{EncodeError, FrameError};
use crate::short::ShortBytes;

/// One message, ended by the end of the stream: HTTP/1.0 bodies, finger, whois, a request ended by half-close.
///
/// ```text
///  offset   0   1   2   3   4   5
///  wire     h   e   l   l   o   end of stream
/// ```
///
/// Such a stream does not show whether the peer finished or died. If nothing was received, there is no message.
///
/// ```
/// use anysplit::{Decoder, UntilClose};
///
/// let mut decoder = Decoder::new(UntilClose::new());
/// decoder.push(b"hel")?;
/// decoder.push(b"lo")?;
/// assert!(decoder.next_frame()?.is_none());
/// assert_eq!(decoder.finish()?.unwrap().payload(), b"hello");
/// assert!(decoder.finish()?.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Errors: [`DecodeErrorKind::Oversize`](crate::DecodeErrorKind::Oversize) at the first byte over the limit. The encoder refuses an empty message.
///
/// Cost: constant time for each call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UntilClose {
    max: u64,
}

impl UntilClose {
    /// Creates the framing with the default limit, [`DEFAULT_MAX_PAYLOAD_LEN`].
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

impl Default for UntilClose {
    fn default() -> Self {
        Self::new()
    }
}

impl Framing for UntilClose {
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let here = input.len() as u64;
        progress.judge_len(0, input.len(), self.max)?;
        progress.scanned = input.len();
        Ok(Located::Search { so_far: Extent::new(0, here, 0), least: here.saturating_add(1) })
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let len = message.len() as u64;
        match len {
            0 => Err(EncodeError::Empty),
            _ if len > self.max => Err(EncodeError::Oversize { len, max: self.max }),
            _ => Ok(Envelope::new(ShortBytes::empty()).as_last()),
        }
    }

    fn at_eof(&self, rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
        if rest.is_empty() && progress.consumed == 0 {
            return Ok(AtEof::Clean);
        }
        self.locate(rest, progress)?;
        Ok(AtEof::Frame(Extent::new(0, rest.len() as u64, 0)))
    }

    fn max_payload_len(&self) -> u64 {
        self.max
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::error::DecodeErrorKind;

    #[test]
    fn limit_counts_bytes_that_are_consumed() {
        let framing = UntilClose::new().with_max_payload_len(4);
        let mut progress = Progress { consumed: 3, ..Progress::default() };
        let so_far = Extent::new(0, 1, 0);
        assert_eq!(framing.locate(b"a", &mut progress), Ok(Located::Search { so_far, least: 2 }));
        let oversize = FrameError::new(1, DecodeErrorKind::Oversize { len: 5, max: 4 });
        assert_eq!(framing.locate(b"ab", &mut progress), Err(oversize));
        progress.lenient = true;
        assert!(framing.locate(b"ab", &mut progress).is_ok());
        assert_eq!(framing.at_eof(b"", &mut progress), Ok(AtEof::Frame(Extent::new(0, 0, 0))));
        assert_eq!(framing.at_eof(b"", &mut Progress::default()), Ok(AtEof::Clean));
    }
}
