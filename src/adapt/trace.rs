//! Events for `tracing`, with the feature of that name; without it nothing.
//!
//! | level | event | fields |
//! | --- | --- | --- |
//! | `WARN` | a frame was rejected, and the stream is over | `error`, `frame_offset` |
//! | `DEBUG` | rejected frames were skipped | `stretches`, `bytes`, `reason` |
//! | `DEBUG` | the stream ended | `offset` |

use crate::decode::recovery::Skips;
use crate::error::{DecodeError, EofError};

/// What has been reported of one stream, so that nothing is reported twice.
#[derive(Clone, Debug)]
pub(crate) struct Traced {
    #[cfg(feature = "tracing")]
    skipped: Skips,
    #[cfg(feature = "tracing")]
    failed: bool,
    #[cfg(feature = "tracing")]
    ended: bool,
}

impl Traced {
    /// Nothing has been reported.
    pub(crate) const fn new() -> Self {
        Self {
            #[cfg(feature = "tracing")]
            skipped: Skips { stretches: 0, bytes: 0, last_reason: None },
            #[cfg(feature = "tracing")]
            failed: false,
            #[cfg(feature = "tracing")]
            ended: false,
        }
    }
}

#[cfg(feature = "tracing")]
impl Traced {
    /// Reports what was skipped since the last report.
    pub(crate) fn skips(&mut self, skips: &Skips) {
        if skips.stretches > self.skipped.stretches {
            let stretches = skips.stretches - self.skipped.stretches;
            let bytes = skips.bytes.saturating_sub(self.skipped.bytes);
            let reason = skips.last_reason.as_ref().map(tracing::field::display);
            tracing::debug!(target: "anysplit", stretches, bytes, reason, "rejected frames were skipped");
            self.skipped = *skips;
        }
    }

    /// Reports the error that ended the stream, once.
    pub(crate) fn failed(&mut self, error: &DecodeError) {
        if !core::mem::replace(&mut self.failed, true) {
            tracing::warn!(target: "anysplit", %error, frame_offset = error.frame_offset, "a frame was rejected");
        }
    }

    /// Reports that the stream ended inside a frame, once.
    pub(crate) fn cut(&mut self, error: &EofError) {
        match error {
            EofError::Decode(error) => self.failed(error),
            EofError::Truncated { frame_offset, .. } if !core::mem::replace(&mut self.failed, true) => {
                tracing::warn!(target: "anysplit", %error, frame_offset, "a frame was rejected");
            }
            EofError::Truncated { .. } => {}
        }
    }

    /// Reports the end of the stream, once.
    pub(crate) fn ended(&mut self, offset: u64) {
        if !core::mem::replace(&mut self.ended, true) {
            tracing::debug!(target: "anysplit", offset, "the stream ended");
        }
    }
}

#[cfg(not(feature = "tracing"))]
#[allow(clippy::unused_self, reason = "the signatures are those that the feature has")]
impl Traced {
    #[inline(always)]
    pub(crate) const fn skips(&mut self, _: &Skips) {}
    #[inline(always)]
    pub(crate) const fn failed(&mut self, _: &DecodeError) {}
    #[inline(always)]
    pub(crate) const fn cut(&mut self, _: &EofError) {}
    #[inline(always)]
    pub(crate) const fn ended(&mut self, _: u64) {}
}
