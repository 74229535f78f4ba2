//! Laws 5 and 6: memory follows the bytes that arrived, and work is proportional to them.

use std::boxed::Box;
use std::cell::Cell;
use std::format;

use super::shared::{POLICIES, in_stream, must, open};
use crate::contract::{AtEof, Envelope, FrameError, Located, NextStart, Part, Progress};
use crate::testing::drivers::DriverKind;
use crate::testing::outcome::{Collected, Driver, OwnedEvent, chunks};
use crate::testing::{Law, Violation};
use crate::{EncodeError, Framing};

/// Law 5: a decoder that is fed with `stream`, cut at `cuts`, never has more memory than twice the bytes of the current frame
/// that have arrived, the chunk, and a little. Between frames it has no memory.
///
/// # Errors
///
/// [`Violation`].
pub fn memory(framing: &dyn Framing, stream: &[u8], cuts: &[usize]) -> Result<(), Violation> {
    for recovery in POLICIES {
        for kind in DriverKind::ALL {
            memory_of(open(kind, framing, recovery, stream), stream, cuts, kind.is_prompt())
                .map_err(|violation| in_stream(violation, stream).with_case(&format!("by {kind:?}, {recovery:?}")))?;
        }
    }
    Ok(())
}

/// Law 5 for a driver of your own. `prompt`: it takes frames as soon as they are complete. Any other driver holds
/// all bytes that have arrived.
///
/// # Errors
///
/// [`Violation`].
pub fn memory_of(
    mut driver: Box<dyn Driver + '_>,
    stream: &[u8],
    cuts: &[usize],
    prompt: bool,
) -> Result<(), Violation> {
    /// Less than this is not released while any of it is in use.
    const LITTLE: u64 = 4096;
    let mut collected = Collected::at_most(stream.len());
    let mut arrived = 0;
    for chunk in chunks(stream, cuts) {
        if driver.feed(chunk, &mut collected).is_err() || collected.is_stuck() {
            return Ok(());
        }
        arrived += chunk.len() as u64;
        let Some(capacity) = driver.capacity() else { return Ok(()) };
        let capacity = capacity as u64;
        let done = if prompt { collected.events().last().map_or(0, OwnedEvent::end) } else { 0 };
        let held = arrived.saturating_sub(done);
        let most = if held == 0 { 0 } else { 2 * held + chunk.len() as u64 + LITTLE };
        must(capacity <= most, Law::Memory, &format!("at most {most} bytes for {held} of a frame"), || {
            format!("{capacity} after {arrived} bytes of the stream")
        })?;
    }
    Ok(())
}

/// A framing that counts the bytes it is shown, except those that it reported as scanned.
struct Counting<'f> {
    framing: &'f dyn Framing,
    shown: Cell<u64>,
}

impl Counting<'_> {
    fn count(&self, bytes: usize) {
        self.shown.set(self.shown.get().saturating_add(bytes as u64));
    }
}

/// It has no shape, so every method is called.
impl Framing for Counting<'_> {
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let scanned = progress.scanned;
        let located = self.framing.locate(input, progress);
        let looked_at = match located {
            Ok(Located::Known(extent)) => extent.fits(input.len()).unwrap_or(extent.header_len()),
            Ok(Located::Filler(len)) => len,
            _ => input.len(),
        };
        self.count(looked_at.saturating_sub(scanned));
        located
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        self.framing.envelope(message)
    }

    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        self.count(part.bytes.len());
        self.framing.check(part, sum)
    }

    fn open(&self, header: &[u8], payload: &mut [u8], at: u64, memo: &mut u64) -> usize {
        self.count(payload.len());
        self.framing.open(header, payload, at, memo)
    }

    fn at_eof(&self, rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
        self.framing.at_eof(rest, progress)
    }

    fn next_start(&self, input: &[u8], from: usize) -> NextStart {
        let next = self.framing.next_start(input, from);
        let (NextStart::At(looked_at) | NextStart::NotBefore(looked_at)) = next;
        self.count(looked_at);
        next
    }

    fn max_payload_len(&self) -> u64 {
        self.framing.max_payload_len()
    }
}

/// Law 6: fed one byte at a time, the framing sees a number of new bytes that is proportional to `stream`.
/// Conclusive for a stream of a few thousand bytes.
///
/// # Errors
///
/// [`Violation`].
pub fn linear(framing: &dyn Framing, stream: &[u8]) -> Result<(), Violation> {
    /// A short header may be read from the start with each of its bytes.
    const TIMES: u64 = 40;
    let most = TIMES * (stream.len() as u64) + 4096;
    for recovery in POLICIES {
        for kind in [
            DriverKind::NextEvent,
            DriverKind::ChunkFrames,
            DriverKind::ForEach,
            DriverKind::Pieces,
            DriverKind::Fixed,
            DriverKind::Deframer,
        ] {
            let counting = Counting { framing, shown: Cell::new(0) };
            let mut collected = Collected::at_most(stream.len());
            let mut driver = open(kind, &counting, recovery, stream);
            for byte in stream {
                if driver.feed(std::slice::from_ref(byte), &mut collected).is_err() || collected.is_stuck() {
                    break;
                }
            }
            let shown = counting.shown.get();
            must(shown <= most, Law::Linear, &format!("at most {most} bytes looked at"), || format!("{shown}"))
                .map_err(|violation| {
                    let case = format!("{} bytes, one at a time, by {kind:?}, {recovery:?}", stream.len());
                    in_stream(violation, stream).with_case(&case)
                })?;
        }
    }
    Ok(())
}
