//! One message, which lasts until the end of the stream.

use core::num::NonZeroUsize;

use crate::contract::{AtEof, DEFAULT_MAX_PAYLOAD_LEN, Envelope, Extent, Framing, Located, Progress};
use crate::error::{DecodeErrorKind, EncodeError, FrameError};
use crate::short::ShortBytes;

/// One message, ended by the end of the stream: HTTP/1.0 bodies, finger, whois, a request ended by half-close.
///
/// ```text
///  offset   0   1   2   3   4   5
///  wire     h   e   l   l   o   end of stream
/// ```
///
/// Whether the peer had finished or died cannot be told from such a stream. Nothing received is no message.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UntilClose {
    max: u64,
}

impl UntilClose {
    /// With the default limit, [`DEFAULT_MAX_PAYLOAD_LEN`].
    #[must_use]
    pub const fn new() -> Self {
        Self { max: DEFAULT_MAX_PAYLOAD_LEN }
    }

    /// The same with another limit, in bytes of payload.
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
    fn locate(&self, input: &[u8], progress: Progress) -> Result<Located, FrameError> {
        let len = (input.len() as u64).saturating_add(progress.passed);
        if len > self.max && !progress.unlimited {
            // `max - passed` is less than the input's length here, so it fits.
            let at = usize::try_from(self.max.saturating_sub(progress.passed)).unwrap_or(input.len());
            let len = self.max.saturating_add(1);
            return Err(FrameError::new(at, DecodeErrorKind::Oversize { len, max: self.max }));
        }
        Ok(Located::Open { header: 0, scanned: input.len(), need: NonZeroUsize::MIN })
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let len = message.len() as u64;
        match len {
            0 => Err(EncodeError::Empty),
            _ if len > self.max => Err(EncodeError::Oversize { len, max: self.max }),
            _ => Ok(Envelope::new(ShortBytes::empty()).as_last()),
        }
    }

    fn at_eof(&self, rest: &[u8], progress: Progress) -> Result<AtEof, FrameError> {
        if rest.is_empty() && progress.passed == 0 {
            return Ok(AtEof::Clean);
        }
        self.locate(rest, progress)?;
        Ok(AtEof::Frame(Extent::new(0, rest.len() as u64, 0)))
    }

    fn max_payload_len(&self) -> u64 {
        self.max
    }
}
