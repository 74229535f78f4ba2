//! Laws 5 and 6: memory follows what has arrived, and work is proportional to it.

use std::boxed::Box;
use std::cell::Cell;
use std::format;

use super::shared::{POLICIES, in_stream, must};
use crate::testing::outcome::{Event, Seen, Way, chunks};
use crate::testing::ways::WayIn;
use crate::testing::{Law, Violation};
use crate::{AtEof, EncodeError, Envelope, FrameError, Framing, Located, Progress};

/// Law 5: a decoder fed with `stream`, cut at `cuts`, never has more memory than twice what has arrived of the frame at
/// hand, and the chunk, and a little; and none at all between frames.
///
/// # Errors
///
/// [`Violation`].
pub fn memory<F: Framing + ?Sized>(framing: &F, stream: &[u8], cuts: &[usize]) -> Result<(), Violation> {
    for oversize in POLICIES {
        for way in WayIn::ALL {
            memory_of(way.open(framing, oversize), stream, cuts, way.is_prompt())
                .map_err(|violation| in_stream(violation, stream).with_case(&format!("by {way:?}, {oversize:?}")))?;
        }
    }
    Ok(())
}

/// Law 5 for a way in of your own. `prompt` says that it takes frames as soon as they are whole; one that does not
/// holds all that has arrived.
///
/// # Errors
///
/// [`Violation`].
pub fn memory_of(mut way: Box<dyn Way + '_>, stream: &[u8], cuts: &[usize], prompt: bool) -> Result<(), Violation> {
    /// Less than this is not worth giving back while any of it is in use.
    const LITTLE: u64 = 4096;
    let mut seen = Seen::at_most(stream.len());
    let mut arrived = 0;
    for chunk in chunks(stream, cuts) {
        if way.feed(chunk, &mut seen).is_err() || seen.is_stuck() {
            return Ok(());
        }
        arrived += chunk.len() as u64;
        let Some(capacity) = way.capacity() else { return Ok(()) };
        let capacity = capacity as u64;
        let done = if prompt { seen.events().last().map_or(0, Event::end) } else { 0 };
        let held = arrived.saturating_sub(done);
        let most = if held == 0 { 0 } else { 2 * held + chunk.len() as u64 + LITTLE };
        must(capacity <= most, Law::Memory, &format!("at most {most} bytes for {held} of a frame"), || {
            format!("{capacity} after {arrived} bytes of the stream")
        })?;
    }
    Ok(())
}

/// A framing that counts the bytes it is shown beyond what it has said to be done with.
struct Counting<'f, F: ?Sized> {
    framing: &'f F,
    shown: Cell<u64>,
}

impl<F: Framing + ?Sized> Framing for Counting<'_, F> {
    fn locate(&self, input: &[u8], progress: Progress) -> Result<Located, FrameError> {
        let located = self.framing.locate(input, progress);
        let looked_at = match located {
            Ok(Located::Known(extent)) => extent.fits(input.len()).unwrap_or(extent.header_len()),
            _ => input.len(),
        };
        let new = looked_at.saturating_sub(progress.scanned) as u64;
        self.shown.set(self.shown.get().saturating_add(new));
        located
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        self.framing.envelope(message)
    }

    fn at_eof(&self, rest: &[u8], progress: Progress) -> Result<AtEof, FrameError> {
        self.framing.at_eof(rest, progress)
    }
}

/// Law 6: fed one byte at a time, the bytes that `locate` is shown anew stay proportional to those of `stream`.
/// Conclusive for a stream of a few thousand bytes.
///
/// # Errors
///
/// [`Violation`].
pub fn linear<F: Framing + ?Sized>(framing: &F, stream: &[u8]) -> Result<(), Violation> {
    /// A short header may be looked at afresh with each of its bytes.
    const TIMES: u64 = 40;
    let most = TIMES * (stream.len() as u64) + 4096;
    for oversize in POLICIES {
        for way in [WayIn::NextFrame, WayIn::ChunkFrames, WayIn::ForEach, WayIn::Pieces, WayIn::Deframer] {
            let counting = Counting { framing, shown: Cell::new(0) };
            let mut seen = Seen::at_most(stream.len());
            let mut open = way.open(&counting, oversize);
            for byte in stream {
                if open.feed(std::slice::from_ref(byte), &mut seen).is_err() || seen.is_stuck() {
                    break;
                }
            }
            let shown = counting.shown.get();
            must(shown <= most, Law::Linear, &format!("at most {most} bytes looked at"), || format!("{shown}"))
                .map_err(|violation| {
                    let case = format!("{} bytes, one at a time, by {way:?}, {oversize:?}", stream.len());
                    in_stream(violation, stream).with_case(&case)
                })?;
        }
    }
    Ok(())
}
