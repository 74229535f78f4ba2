//! What the laws share.

use std::format;
use std::string::String;
use std::vec::Vec;

use crate::testing::outcome::show;
use crate::testing::{Law, Violation};
use crate::{Envelope, Oversize};

pub(super) const POLICIES: [Oversize; 2] = [Oversize::Fail, Oversize::Skip];

/// Both, or the law is broken.
pub(super) fn equal<T: PartialEq + std::fmt::Debug>(
    law: Law,
    expected: T,
    found: T,
    case: &str,
) -> Result<(), Violation> {
    if expected == found {
        return Ok(());
    }
    Err(Violation::new(law, format!("{expected:?}"), format!("{found:?}")).with_case(case))
}

pub(super) fn must(holds: bool, law: Law, expected: &str, found: impl FnOnce() -> String) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(Violation::new(law, expected, found())) }
}

pub(super) fn in_stream(violation: Violation, stream: &[u8]) -> Violation {
    violation.with_case(&format!("in the stream {}", show(stream)))
}

pub(super) fn write(envelope: &Envelope<'_>, message: &[u8], out: &mut Vec<u8>) {
    for part in envelope.slices(message) {
        out.extend_from_slice(part);
    }
}
