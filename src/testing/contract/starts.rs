//! Where the next frame may begin.

use std::format;

use super::{broken, must};
use crate::Framing;
use crate::contract::NextStart;
use crate::testing::Violation;

/// The answer of `next_start` for a longer input agrees with its answer for a shorter one.
pub(super) fn agree(framing: &dyn Framing, input: &[u8]) -> Result<(), Violation> {
    for from in [0, 1] {
        let mut before = NextStart::NotBefore(0);
        for len in from..=input.len() {
            let input = &input[..len];
            let next = framing.next_start(input, from);
            let agrees = match (before, next) {
                (NextStart::At(before), NextStart::At(at)) => before == at,
                (NextStart::At(_), NextStart::NotBefore(_)) => false,
                (NextStart::NotBefore(before), NextStart::At(at)) => at >= before.max(from) && at <= len,
                (NextStart::NotBefore(before), NextStart::NotBefore(at)) => at >= before && at <= len,
            };
            if !agrees {
                let found = format!("{next:?} for {len} bytes from {from}");
                let expected = match before {
                    NextStart::NotBefore(at) => format!("a next start from {} to {len}", at.max(from)),
                    before @ NextStart::At(_) => format!("the next start {before:?}, which fewer bytes gave"),
                };
                return Err(broken(expected, found));
            }
            before = next;
        }
        resumed(framing, input, from)?;
    }
    Ok(())
}

/// The start is found at the same place after the bytes that are not needed are removed.
fn resumed(framing: &dyn Framing, input: &[u8], from: usize) -> Result<(), Violation> {
    let NextStart::At(expected) = framing.next_start(input, from) else { return Ok(()) };
    for len in from..input.len() {
        let NextStart::NotBefore(gone) = framing.next_start(&input[..len], from) else { return Ok(()) };
        // If no byte is removed, the first byte is still that of the rejected frame.
        let found = framing.next_start(&input[gone..], if gone == 0 { from } else { 0 });
        let agrees = found == NextStart::At(expected.saturating_sub(gone));
        must(agrees, "the same next start without the bytes before it", || {
            format!("{found:?} after {gone} of {input:?}")
        })?;
    }
    Ok(())
}
