//! Law 9: a caller's panic or error in a callback leaves the stream as if the call had stopped there.

use std::boxed::Box;
use std::format;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::string::ToString;
use std::vec::Vec;

use super::shared::{POLICIES, equal, in_stream, must, open};
use crate::testing::drivers::DriverKind;
use crate::testing::outcome::{Collected, OwnedEvent, chunks, outcome, show};
use crate::testing::{Law, Violation};
use crate::{DecodeError, Decoder, EofError, Framing, Recovery};

/// How a callback stops the loop that calls it.
#[derive(Clone, Copy, Debug)]
enum Stop {
    Panic,
    Error,
}

/// The value of a callback's panic. No hook is called for it.
struct Stopped;

/// Law 9: a callback of [`ChunkFrames::for_each`](crate::decode::ChunkFrames::for_each) that panics with a frame, or returns an
/// error, leaves the stream after that frame, for `stream` cut at `cuts`. One of [`Decoder::read_with`] adds no bytes.
///
/// # Errors
///
/// [`Violation`].
pub fn callbacks(framing: &dyn Framing, stream: &[u8], cuts: &[usize]) -> Result<(), Violation> {
    /// Stops after each of the first frames, up to this many.
    const MOST: usize = 3;
    for recovery in POLICIES {
        let at = |violation: Violation| in_stream(violation, stream).with_case(&format!("{recovery:?}"));
        let expected = outcome(open(DriverKind::NextFrame, framing, recovery, stream), stream, &[]).map_err(at)?;
        for stop in [Stop::Panic, Stop::Error] {
            for after in 0..expected.events.len().min(MOST) {
                stopped(framing, stream, cuts, recovery, stop, after, &expected.events, expected.end).map_err(
                    |violation| at(violation).with_case(&format!("{stop:?} with frame {after}, cut at {cuts:?}")),
                )?;
            }
        }
        unread(framing, stream, recovery).map_err(at)?;
    }
    Ok(())
}

#[allow(clippy::too_many_arguments, reason = "all that describes one case")]
fn stopped(
    framing: &dyn Framing,
    stream: &[u8],
    cuts: &[usize],
    recovery: Recovery,
    stop: Stop,
    after: usize,
    expected: &[OwnedEvent],
    end: Result<(), EofError>,
) -> Result<(), Violation> {
    let law = Law::NoPanic;
    let mut decoder = Decoder::new(framing).with_recovery(recovery);
    let mut collected = Collected::at_most(stream.len());
    let mut fed = 0;
    let mut failed = None;
    let mut has_stopped = false;
    for chunk in chunks(stream, cuts) {
        let frames = match decoder.frames_in(chunk) {
            Ok(frames) => frames,
            Err(closed) => return Err(Violation::new(law, "an open decoder", closed.to_string())),
        };
        fed += chunk.len();
        let result = catch_unwind(AssertUnwindSafe(|| {
            frames.try_for_each::<Option<DecodeError>>(|frame| {
                collected.frame(&frame);
                match stop {
                    _ if has_stopped || collected.events().len() <= after => return Ok(()),
                    Stop::Panic => {
                        has_stopped = true;
                        resume_unwind(Box::new(Stopped))
                    }
                    Stop::Error => has_stopped = true,
                }
                Err(None)
            })
        }));
        let stopped_here = match result {
            Ok(Ok(())) => false,
            Ok(Err(Some(error))) => {
                failed = Some(error);
                break;
            }
            Ok(Err(None)) => true,
            Err(panic) if panic.is::<Stopped>() => true,
            Err(panic) => resume_unwind(panic),
        };
        if !stopped_here {
            continue;
        }
        let position = collected.events().last().map_or(0, OwnedEvent::end);
        equal(law, position, decoder.position(), "the position after the callback has stopped")?;
        let left = usize::try_from(position).ok().and_then(|position| stream.get(position..fed)).unwrap_or_default();
        equal(law, show(left), show(decoder.buffered()), "what is left after the callback has stopped")?;
    }
    let result = match failed {
        Some(error) => Err(EofError::from(error)),
        None => collected.drain(|collected| {
            let frame = decoder.finish()?;
            if let Some(frame) = &frame {
                collected.frame(frame);
            }
            Ok(frame.is_some())
        }),
    };
    collected.check()?;
    equal(law, expected, collected.events(), "frames before and after the callback has stopped")?;
    equal(law, end, result, "the end after the callback has stopped")
}

/// A reader that panics, fails or counts too many bytes has read nothing.
fn unread(framing: &dyn Framing, stream: &[u8], recovery: Recovery) -> Result<(), Violation> {
    let law = Law::NoPanic;
    let mut decoder = Decoder::new(framing).with_recovery(recovery);
    let (begin, _) = stream.split_at(stream.len() / 2);
    if decoder.push(begin).is_err() {
        return Ok(());
    }
    let before = (decoder.position(), decoder.buffered().to_vec());
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _ = decoder.read_with(8, |room| -> Result<usize, ()> {
            room.fill(b'#');
            resume_unwind(Box::new(Stopped))
        });
    }));
    must(panicked.is_err(), law, "the panic of the reader", || "none".to_string())?;
    equal(law, &before, &(decoder.position(), decoder.buffered().to_vec()), "after a reader that panics")?;
    let error = decoder.read_with(8, |room| {
        room.fill(b'#');
        Err::<usize, _>("broken pipe")
    });
    equal(law, Ok(Err("broken pipe")), error, "a reader that fails")?;
    let after: (u64, Vec<u8>) = (decoder.position(), decoder.buffered().to_vec());
    equal(law, before, after, "after a reader that fails")
}
