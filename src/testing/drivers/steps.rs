//! A deframer whose steps are obeyed over a buffer.

use std::boxed::Box;
use std::format;
use std::vec::Vec;

use crate::decode::Skips;
use crate::decode::{Deframer, Step};
use crate::testing::outcome::{Collected, Driver, OwnedEvent, Refused};
use crate::testing::{Law, Violation};
use crate::{DecodeError, EofError, Frame, Framing};

/// A deframer and a buffer, as an adapter has them.
pub(super) struct Steps<'f> {
    deframer: Deframer<&'f dyn Framing>,
    buffer: Vec<u8>,
    /// How many bytes of the stream were taken.
    fed: u64,
    failed: bool,
}

impl<'f> Steps<'f> {
    pub(super) const fn new(deframer: Deframer<&'f dyn Framing>) -> Self {
        Self { deframer, buffer: Vec::new(), fed: 0, failed: false }
    }

    /// Does what a step requests, and returns whether there may be more.
    fn obey(&mut self, step: Step, collected: &mut Collected) -> bool {
        match step {
            Step::Frame(extent) => {
                let offset = self.deframer.position().saturating_sub(extent.frame_len());
                match Frame::open(self.deframer.framing(), &mut self.buffer, extent, offset) {
                    Some(frame) => {
                        collected.frame(&frame);
                        let len = frame.wire_len();
                        self.buffer.drain(..len);
                    }
                    None => {
                        let expected = "a frame that is there";
                        collected.complain(Violation::new(Law::AnySplit, expected, format!("{extent:?}")));
                    }
                }
            }
            Step::Discard { at, len } => {
                self.buffer.drain(at..at + len);
            }
            Step::Skipped { len, stretch } => {
                self.buffer.drain(..len);
                collected.push(OwnedEvent::Skipped(stretch));
            }
            Step::Need(_) => return false,
        }
        true
    }
}

impl Driver for Steps<'_> {
    fn feed(&mut self, chunk: &[u8], collected: &mut Collected) -> Result<(), Refused> {
        let before = self.buffer.len();
        self.buffer.extend_from_slice(chunk);
        if self.failed {
            // It returns the same error for more bytes, and they are not taken.
            let error = self.deframer.step(&self.buffer).map(|_| ());
            self.buffer.truncate(before);
            return error.map_err(|error| Refused { error, untaken: chunk.len() });
        }
        self.fed = self.fed.saturating_add(chunk.len() as u64);
        let drained = collected.drain(|collected| {
            let step = self.deframer.step(&self.buffer)?;
            Ok::<_, DecodeError>(self.obey(step, collected))
        });
        self.failed = drained.is_err();
        Ok(drained?)
    }

    fn end(&mut self, collected: &mut Collected) -> Result<(), EofError> {
        let ended = collected.drain(|collected| match self.deframer.finish(&self.buffer)? {
            Some(Step::Need(need)) => {
                let found = format!("a need of {need} bytes");
                collected.complain(Violation::new(Law::EofNamesWhatWasCut, "no need after the end", found));
                Ok(false)
            }
            Some(step) => Ok(self.obey(step, collected)),
            None => Ok(false),
        });
        self.failed = ended.is_err();
        ended
    }

    fn need(&mut self) -> Option<usize> {
        // A copy, so that nothing is taken: the bytes that a step asks to remove go with the next call.
        match self.deframer.clone().step(&self.buffer) {
            Ok(Step::Need(need)) => Some(need.get()),
            Ok(_) => None,
            Err(_) => Some(0),
        }
    }

    fn skipped(&self) -> Option<Skips> {
        Some(*self.deframer.skipped())
    }

    fn left(self: Box<Self>) -> (u64, Vec<u8>) {
        // Header bytes that were passed on may still be in the buffer.
        let position = self.deframer.position();
        let len = usize::try_from(self.fed.saturating_sub(position)).unwrap_or(usize::MAX);
        let at = self.buffer.len().saturating_sub(len);
        (position, self.buffer.get(at..).unwrap_or_default().to_vec())
    }
}
