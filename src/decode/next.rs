//! One look at the frame at the front of some bytes.

use crate::contract::{Extent, Framing, Located, Part, Progress};
use crate::decode::state::Before;

/// What `locate` and `check` say of the bytes that follow a frame, or begin a stream.
pub(crate) enum Next {
    /// A complete, intact frame after `filler` bytes between frames.
    Complete { filler: usize, extent: Extent },
    /// No filler, and a frame of this extent. Bytes of it are missing.
    Known(Extent),
    /// No filler, and a frame whose end is not known.
    Open(Located),
    /// Anything else: an error, or filler and no complete frame after it.
    Other,
}

/// Looks at the bytes that follow `before`. `progress` is the framing's memory of them.
#[inline]
pub(crate) fn next<F: Framing + ?Sized>(
    framing: &F,
    bytes: &[u8],
    mut before: Before,
    progress: &mut Progress,
) -> Next {
    let mut rest = bytes;
    loop {
        match framing.locate(rest, progress) {
            Ok(Located::Filler(len)) if len > 0 => match rest.get(len..) {
                Some(after) if !after.is_empty() => {
                    (rest, before) = (after, before.and_filler());
                    *progress = Progress { previous: progress.next, ..Progress::default() };
                }
                _ => return Next::Other,
            },
            Ok(Located::Known(extent)) if extent.fits(rest.len()).is_some() => {
                if extent.is_checked() && framing.check(Part::all(extent, rest), &mut 0).is_err() {
                    return Next::Other;
                }
                return Next::Complete { filler: bytes.len() - rest.len(), extent: before.mark(extent) };
            }
            // Filler that stands before an incomplete frame is removed first.
            _ if rest.len() < bytes.len() => return Next::Other,
            Ok(Located::Known(extent)) => return Next::Known(extent),
            Ok(located @ (Located::Wait(_) | Located::Header(_) | Located::Search { .. })) => {
                return Next::Open(located);
            }
            _ => return Next::Other,
        }
    }
}
