//! The results of `check` and `open` for a complete frame, in one part and in several.

use std::format;
use std::vec::Vec;

use super::must;
use crate::Framing;
use crate::contract::{Extent, FrameError, Part};
use crate::testing::Violation;

/// Checks that `check` and `open` agree on the frame in all of `wire`, in one part and in several.
pub(super) fn agree(framing: &dyn Framing, extent: Extent, wire: &[u8]) -> Result<(), Violation> {
    let Some((payload, _)) = extent.split(wire) else { return Ok(()) };
    let splits = splits(payload.len());
    let mut intact = true;
    if extent.is_checked() {
        let whole = framing.check(Part::all(extent, wire), &mut 0);
        intact = whole.is_ok();
        if let Err(error) = whole {
            must(error.at < wire.len(), "a wrong byte of the frame", || format!("{error:?} in {}", wire.len()))?;
        }
        let again = framing.check(Part::all(extent, wire), &mut 0);
        must(whole == again, "the same check of the same frame", || format!("{again:?} after {whole:?}"))?;
        for sizes in splits.iter().filter(|_| !extent.is_in_one_piece()) {
            // If the end was searched for, the length is unknown until the last part.
            for known in [true, false] {
                let found = check_in_parts(framing, extent, wire, sizes, known);
                must(found == whole, "the same check in parts as in one", || {
                    format!("{found:?} in payload parts of {sizes:?} bytes and not {whole:?}")
                })?;
            }
        }
    }
    if extent.is_rewritten() && intact {
        let header = &wire[..extent.header_len()];
        let mut opened = payload.to_vec();
        let len = framing.open(header, &mut opened, 0, &mut 0);
        must(len <= payload.len(), "an opened payload that has not grown", || format!("{len} of {}", payload.len()))?;
        opened.truncate(len);
        let max = framing.max_payload_len();
        must(len as u64 <= max, "an opened payload within the limit", || format!("{len} bytes over {max}"))?;
        for sizes in splits.iter().filter(|_| !extent.is_in_one_piece()) {
            let found = open_in_parts(framing, header, payload, sizes);
            must(found == opened, "the same payload opened in parts as in one", || {
                format!("{} in parts of {sizes:?} bytes and not {}", found.escape_ascii(), opened.escape_ascii())
            })?;
        }
    }
    Ok(())
}

/// Ways to cut a payload of `len` bytes: nowhere, at one place, at every byte, and unevenly.
fn splits(len: usize) -> Vec<Vec<usize>> {
    /// For a longer payload, not every place is tried.
    const MOST: usize = 64;
    let step = (len / MOST).max(1);
    let mut splits: Vec<Vec<usize>> = (0..=len).step_by(step).map(|at| [at, len - at].to_vec()).collect();
    splits.push([len].to_vec());
    splits.push([1].repeat(len));
    let mut uneven = Vec::new();
    let (mut left, mut next) = (len, 1);
    while left > 0 {
        let size = next.min(left);
        uneven.push(size);
        left -= size;
        next = next % 5 + 2;
    }
    splits.push(uneven);
    splits
}

/// As the decoder does: the header alone, the payload in parts, then the trailer alone.
fn check_in_parts(
    framing: &dyn Framing,
    extent: Extent,
    wire: &[u8],
    sizes: &[usize],
    known: bool,
) -> Result<(), FrameError> {
    let early = if known { extent } else { extent.with_payload_len(u64::MAX) };
    let header = &wire[..extent.header_len()];
    let mut sum = 0;
    let mut at = 0;
    let mut part = |len: usize, is_last: bool| {
        let extent = if is_last { extent } else { early };
        let part = Part { extent, header, at: at as u64, bytes: &wire[at..at + len], is_last };
        at += len;
        framing.check(part, &mut sum)
    };
    part(extent.header_len(), false)?;
    for &size in sizes {
        part(size, false)?;
    }
    part(extent.trailer_len(), true)
}

fn open_in_parts(framing: &dyn Framing, header: &[u8], payload: &[u8], sizes: &[usize]) -> Vec<u8> {
    let (mut at, mut memo, mut opened) = (0, 0, Vec::new());
    // An empty part is never passed on.
    for &size in sizes.iter().filter(|size| **size > 0) {
        let mut part = payload[at..at + size].to_vec();
        let len = framing.open(header, &mut part, at as u64, &mut memo);
        part.truncate(len);
        opened.extend_from_slice(&part);
        at += size;
    }
    opened
}
