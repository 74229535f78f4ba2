//! Where a framing's frames end in a sample, and how likely other bytes are to pass for a frame.

use anysplit::decode::{Deframer, Step};
use anysplit::{AnyFraming, DecodeError, EofError};

use super::sample::Sample;

/// What a framing makes of a sample.
#[derive(Clone, Debug, Default)]
pub(crate) struct Walk {
    /// Where each frame begins and ends, and the length of its header.
    pub(crate) frames: Vec<Span>,
    /// Why there are no more frames.
    pub(crate) error: Option<DecodeError>,
    /// Delimiters before frames.
    pub(crate) delimiters: usize,
    /// Bytes of an unfinished frame at the end.
    pub(crate) unfinished: usize,
}

/// One frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) header: usize,
    pub(crate) end: usize,
}

impl Walk {
    /// Splits the sample.
    pub(crate) fn of(framing: &AnyFraming, sample: &Sample<'_>) -> Self {
        let bytes = sample.bytes();
        let (mut walk, mut at) = (Self::default(), 0);
        let mut deframer = Deframer::new(framing);
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            // The end of the sample is not the end of a longer stream.
            let step = match deframer.step(rest) {
                Ok(Step::Need(_)) if sample.is_complete() => match deframer.finish(rest) {
                    Ok(Some(step)) => step,
                    Ok(None) => break,
                    Err(EofError::Decode(error)) => {
                        walk.error = Some(error);
                        break;
                    }
                    Err(EofError::Truncated { .. }) => break,
                },
                Ok(step) => step,
                Err(error) => {
                    walk.error = Some(error);
                    break;
                }
            };
            match step {
                Step::Frame(extent) => {
                    let Some(len) = extent.fits(rest.len()).filter(|len| *len > 0) else { break };
                    walk.frames.push(Span { start: at, header: extent.header_len(), end: at + len });
                    at += len;
                }
                Step::Discard { at: 0, len } if len > 0 => {
                    walk.delimiters += 1;
                    at += len;
                }
                Step::Discard { .. } | Step::Skipped { .. } | Step::Need(_) => break,
            }
        }
        walk.unfinished = bytes.len().saturating_sub(at);
        walk
    }

    /// Where the frames end.
    pub(crate) fn ends(&self) -> impl Iterator<Item = usize> {
        self.frames.iter().map(|frame| frame.end)
    }

    /// Whether there are several frames, all equally long.
    pub(crate) fn has_one_length(&self) -> bool {
        let mut lens = self.frames.iter().skip(1).map(|frame| frame.end - frame.start);
        self.frames.len() > 3 && lens.next().is_some_and(|first| lens.all(|len| len == first))
    }

    /// Bytes in complete frames.
    pub(crate) fn explained(&self) -> usize {
        self.frames.last().map_or(0, |last| last.end)
    }
}

/// The bytes after the complete frame at the front of these bytes, if there is one.
pub(super) fn after_frame<'b>(deframer: &mut Deframer<&AnyFraming>, bytes: &'b [u8]) -> Option<&'b [u8]> {
    let mut rest = bytes;
    // Filler may stand before the frame.
    for _ in 0..MOST_FILLER {
        match deframer.step(rest) {
            Ok(Step::Frame(extent)) => return rest.get(extent.fits(rest.len())?..),
            Ok(Step::Discard { at: 0, len }) if len > 0 => rest = rest.get(len..)?,
            _ => return None,
        }
    }
    None
}

const MOST_FILLER: usize = 8;
