//! The sum of most frames, in few steps.

use super::{Checked, Lens};
use crate::contract::{Framing, Part};
use crate::sum::Sum;

impl<F: Framing, S: Sum> Checked<F, S> {
    /// Returns the sum on the wire, where it is, and the computed one, of a complete frame whose sum stands alone after it, and
    /// which has no other check: most frames. `None` for others.
    #[inline]
    pub(super) fn of_complete<'a>(&self, part: &Part<'a>) -> Option<(&'a [u8], usize, u64)> {
        let len = self.trailer_len;
        let extent = part.extent.inside_check(len);
        // A sum takes at least one byte, and in a header none after the inner frame.
        let is_alone = len == self.sum_len;
        if !is_alone || !part.is_last || part.at > 0 || extent.is_checked() {
            return None;
        }
        let (bytes, found) = part.bytes.split_at_checked(part.bytes.len().checked_sub(len.into())?)?;
        let (header, end) = (extent.header_len() as u64, bytes.len() as u64);
        let (from, to) =
            self.covered(Lens { header, payload_end: end.saturating_sub(extent.trailer_len() as u64), end });
        let covered = bytes.get(usize::try_from(from).ok()?..usize::try_from(to).ok()?)?;
        let computed = self.sum.finish(self.sum.update(self.sum.start(), covered), part.header);
        Some((found, bytes.len(), computed))
    }
}
