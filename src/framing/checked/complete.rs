//! The check of most frames, in few steps.

use super::{Checked, Lens, Place};
use crate::contract::{Framing, Part};
use crate::error::FrameError;
use crate::sum::Sum;

impl<F: Framing, S: Sum> Checked<F, S> {
    /// Judges a complete frame whose sum stands alone after it, and which has no other check: most frames. `None` for others.
    #[inline]
    pub(super) fn check_complete(&self, part: &Part<'_>) -> Option<Result<(), FrameError>> {
        let Place::Trailer { before: None, after: None } = self.place else { return None };
        let len = self.trailer_len();
        let extent = part.extent.inside_check(len);
        if !part.is_last || part.at > 0 || extent.is_checked() {
            return None;
        }
        let (bytes, trailer) = part.bytes.split_at_checked(part.bytes.len().checked_sub(len.into())?)?;
        let (header, end) = (extent.header_len() as u64, bytes.len() as u64);
        let (from, to) =
            self.covered(Lens { header, payload_end: end.saturating_sub(extent.trailer_len() as u64), end });
        let covered = bytes.get(usize::try_from(from).ok()?..usize::try_from(to).ok()?)?;
        let computed = self.sum.finish(self.sum.update(self.sum.start(), covered), part.header);
        Some(self.compare(trailer, bytes.len(), computed))
    }
}
