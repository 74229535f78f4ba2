//! HTTP/1 without headers, for tests that try all short streams. The machine-code proofs use it too.

use anysplit::contract::{Envelope, FrameError, Located, Part, Progress};
use anysplit::{EncodeError, Framing, Http1};

/// The chunks of HTTP/1 messages. The shortest header has 16 bytes, too many to try all of their kind.
pub(crate) struct InChunks(pub(crate) Http1);

impl Framing for InChunks {
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let outer = core::mem::replace(&mut progress.previous, 1);
        let located = self.0.locate(input, progress);
        (progress.previous, progress.next) = (outer, 0);
        located
    }

    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        self.0.check(part, sum)
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        Ok(self.0.envelope_after(1, message)?.0)
    }

    fn max_payload_len(&self) -> u64 {
        self.0.max_payload_len()
    }
}
