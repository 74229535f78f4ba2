//! A rule of the tests' own, for frames of any framing.

use anysplit::join::{Candidate, JoinErrorKind, Rule, Verdict};

/// A frame that begins with `+` is continued by the next.
#[derive(Clone, Copy)]
pub(crate) struct Plus;

impl Rule for Plus {
    fn judge(&self, frame: &Candidate<'_>, _: &mut u64) -> Result<Verdict, JoinErrorKind> {
        Ok(if frame.payload.first() == Some(&b'+') { Verdict::more().skipping(1) } else { Verdict::last() })
    }

    fn reads_payload(&self) -> bool {
        true
    }
}
