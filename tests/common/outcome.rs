//! What the decoder returns for a stream, to compare with.

use anysplit::testing::{self, DriverKind, Outcome, OwnedEvent};
use anysplit::{DecodeError, DecodeErrorKind, EofError, Framing, Recovery};

/// Every policy but `ResyncConfirmed`, which only the laws of `testing` check.
pub const POLICIES: [Recovery; 4] = [Recovery::Fail, Recovery::SkipOversize, Recovery::SkipFrame, Recovery::Resync];

/// What the decoder returns for all of the stream in one chunk, with what was skipped.
pub fn whole(framing: &dyn Framing, recovery: Recovery, stream: &[u8]) -> Outcome {
    let driver = DriverKind::NextEvent.open(framing, recovery, stream.len());
    testing::outcome(driver, stream, &[]).unwrap_or_else(|violation| panic!("{violation}"))
}

/// Whether frames in pieces need not give this outcome, because a frame of the stream is larger than any memory.
pub fn beyond_memory(framing: &dyn Framing, outcome: &Outcome) -> bool {
    const MOST: u64 = isize::MAX as u64;
    let beyond = |error: DecodeError| matches!(error.kind, DecodeErrorKind::Oversize { max, .. } if max > MOST / 2);
    let skipped = |event: &OwnedEvent| matches!(event, OwnedEvent::Skipped(stretch) if beyond(stretch.reason));
    framing.max_payload_len() >= MOST
        || matches!(outcome.end, Err(EofError::Decode(error)) if beyond(error))
        || outcome.events.iter().any(skipped)
}
