//! Laws 8 and 9: errors are exact and sticky, and no input panics.

use std::boxed::Box;
use std::format;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

use super::shared::{POLICIES, equal, in_stream, must, open};
use crate::testing::drivers::DriverKind;
use crate::testing::model::{Memory, model_within};
use crate::testing::outcome::{Collected, Driver, OwnedEvent, Refused, outcome, show};
use crate::testing::{Law, Violation};
use crate::{Closed, DecodeError, DecodeErrorKind, Decoder, EofError, FixedDecoder, Framing, Recovery};

/// Law 8: an error comes with the byte that proves it and names a byte that arrived, is the same from every later call
/// in any order, takes no more bytes and loses none.
///
/// # Errors
///
/// [`Violation`].
pub fn errors_exact_and_sticky(framing: &dyn Framing, stream: &[u8]) -> Result<(), Violation> {
    for recovery in POLICIES {
        exact(framing, stream, recovery)
            .and_then(|()| sticky(framing, stream, recovery))
            .map_err(|violation| in_stream(violation, stream).with_case(&format!("{recovery:?}")))?;
        for kind in DriverKind::ALL {
            sticky_of(open(kind, framing, recovery, stream), stream)
                .map_err(|violation| in_stream(violation, stream).with_case(&format!("by {kind:?}, {recovery:?}")))?;
        }
    }
    Ok(())
}

/// Law 8 for a driver of your own: after an error it returns the same error for more bytes, and for the end.
///
/// # Errors
///
/// [`Violation`].
pub fn sticky_of(mut driver: Box<dyn Driver + '_>, stream: &[u8]) -> Result<(), Violation> {
    let law = Law::ErrorsExactAndSticky;
    let mut collected = Collected::at_most(stream.len());
    let Err(Refused { error, .. }) = driver.feed(stream, &mut collected) else { return Ok(()) };
    let before = collected.events().to_vec();
    for chunk in [&b""[..], stream] {
        let again = driver.feed(chunk, &mut collected).map_err(|refused| (refused.error, refused.untaken));
        equal(law, Err((error, chunk.len())), again, "more bytes after the error")?;
    }
    equal(law, Err(EofError::Decode(error)), driver.end(&mut collected), "the end after the error")?;
    equal(law, &before[..], collected.events(), "frames after the error")?;
    Ok(())
}

fn exact(framing: &dyn Framing, stream: &[u8], recovery: Recovery) -> Result<(), Violation> {
    let law = Law::ErrorsExactAndSticky;
    let mut driver = open(DriverKind::NextEvent, framing, recovery, stream);
    let mut collected = Collected::at_most(stream.len());
    let Err(Refused { error, .. }) = driver.feed(stream, &mut collected) else { return Ok(()) };
    // Filler may come between the last frame and the wrong one.
    let start = collected.events().last().map_or(0, OwnedEvent::end);
    must(start <= error.frame_offset, law, "a wrong frame after the last good one", || format!("{error:?}"))?;
    must(error.frame_offset <= error.offset, law, "a wrong byte inside the frame", || format!("{error:?}"))?;
    if matches!(error.kind, DecodeErrorKind::Oversize { .. }) {
        // The fault may be proved before the first byte over the limit arrives.
        return Ok(());
    }
    must(error.offset < stream.len() as u64, law, "a wrong byte that has come", || format!("{error:?}"))?;
    // Without that byte there is no error.
    let before = usize::try_from(error.offset).ok().and_then(|offset| stream.get(..offset)).unwrap_or_default();
    let mut driver = open(DriverKind::NextEvent, framing, recovery, stream);
    let mut collected = Collected::at_most(stream.len());
    match driver.feed(before, &mut collected) {
        Ok(()) => Ok(()),
        Err(Refused { error: early, .. }) => {
            Err(Violation::new(law, format!("no error without byte {}", error.offset), early.to_string()))
        }
    }
}

/// The calls of a decoder. Each must return the error after the first one.
const CALLS: usize = 13;

/// Those of them that return a frame in pieces.
const PIECES: [usize; 2] = [4, 8];

/// Makes call `index`. Returns whether it returned something, or its error.
fn call(decoder: &mut Decoder<&dyn Framing>, index: usize) -> (&'static str, Result<bool, DecodeError>) {
    let closed = |closed| match closed {
        Closed::Failed(error) => Err(error),
        // It takes no bytes after the end, and has no error to report.
        Closed::Ended(_) => Ok(false),
    };
    match index % CALLS {
        0 => ("next_frame", decoder.next_frame().map(|frame| frame.is_some())),
        1 => ("next_event", decoder.next_event().map(|event| event.is_some())),
        2 => ("next_bytes", decoder.next_bytes().map(|frame| frame.is_some())),
        3 => ("next_batch", decoder.next_batch().map(|batch| batch.is_some())),
        4 => ("next_piece", decoder.next_piece().map(|piece| piece.is_some())),
        5 => ("finish", decoder.finish().map(|frame| frame.is_some()).map_err(DecodeError::from)),
        6 => ("finish_event", decoder.finish_event().map(|event| event.is_some()).map_err(DecodeError::from)),
        7 => ("finish_bytes", decoder.finish_bytes().map(|frame| frame.is_some()).map_err(DecodeError::from)),
        8 => ("finish_piece", decoder.finish_piece().map(|piece| piece.is_some()).map_err(DecodeError::from)),
        9 => ("push", decoder.push(b"").map(|()| false).or_else(closed)),
        10 => ("spare", decoder.spare(4).map(|_| false).or_else(closed)),
        11 => ("read_with", decoder.read_with(4, |_| Ok::<_, ()>(0)).map(|_| false).or_else(closed)),
        _ => {
            let mut frames = match decoder.frames_in(b"") {
                Ok(frames) => frames,
                Err(error) => return ("frames_in", closed(error)),
            };
            let first = frames.next_frame().map(|frame| frame.is_some());
            let again = frames.next_event().map(|event| event.is_some());
            match (first, again) {
                (Err(first), Err(again)) if first != again => ("frames_in, which had another error", Err(again)),
                (Err(_), Ok(_)) => ("frames_in, which had an error", Ok(true)),
                (Ok(true), _) => ("frames_in", Ok(true)),
                (_, again) => ("frames_in", again),
            }
        }
    }
}

/// Whichever call finds the error, or the end that cuts a frame, all calls return it afterwards, in any order.
fn sticky(framing: &dyn Framing, stream: &[u8], recovery: Recovery) -> Result<(), Violation> {
    let law = Law::ErrorsExactAndSticky;
    let failed = {
        let mut driver = open(DriverKind::NextEvent, framing, recovery, stream);
        let mut collected = Collected::at_most(stream.len());
        let fed = driver.feed(stream, &mut collected).map_err(|refused| refused.error);
        let ended = fed.and_then(|()| driver.end(&mut collected).map_err(DecodeError::from));
        let skips = collected.events().iter().filter_map(|event| match event {
            OwnedEvent::Skipped(stretch) => Some(stretch.reason),
            OwnedEvent::Frame { .. } => None,
        });
        // A frame that is larger than any memory can still be taken in pieces.
        let is_beyond_memory = skips
            .chain(ended.err())
            .any(|error| matches!(error.kind, DecodeErrorKind::Oversize { max, .. } if max >= isize::MAX as u64));
        ended.map_err(|error| (error, fed.is_err(), is_beyond_memory))
    };
    let Err((error, before_the_end, is_beyond_memory)) = failed else { return Ok(()) };
    for first in 0..CALLS {
        if is_beyond_memory && PIECES.contains(&first) {
            continue;
        }
        let mut decoder = Decoder::new(framing).with_recovery(recovery);
        if decoder.push(stream).is_err() {
            return Err(Violation::new(law, "an open decoder", "a closed one"));
        }
        // At most a frame, a stretch or three pieces for each byte.
        let mut budget = stream.len() * 3 + 8;
        let mut found = call(&mut decoder, first);
        while matches!(found.1, Ok(true)) && budget > 0 {
            budget -= 1;
            found = call(&mut decoder, first);
        }
        if let (_, Ok(_)) = found {
            // Calls that find nothing, or no end, leave it to others.
            found = (
                "finish",
                loop {
                    match decoder.finish_event() {
                        Ok(Some(_)) if budget > 0 => budget -= 1,
                        Ok(_) => break Ok(false),
                        Err(error) => break Err(error.into()),
                    }
                },
            );
        }
        equal(law, Err(error), found.1, found.0)?;
        let (position, skipped) = (decoder.position(), *decoder.skipped());
        for next in (first..first + CALLS).chain((first..first + CALLS).rev()) {
            let (name, found) = call(&mut decoder, next);
            equal(law, Err(error), found, &format!("{name} after the error"))?;
            equal(law, 0, decoder.need(), &format!("need after the error and {name}"))?;
            equal(law, position, decoder.position(), &format!("the position after the error and {name}"))?;
            equal(law, skipped, *decoder.skipped(), &format!("the skipped bytes after the error and {name}"))?;
        }
        let closed: Result<(), Closed> = Err(Closed::Failed(error));
        equal(law, closed, decoder.push(b"more"), "push after the error")?;
        let parts = decoder.into_parts();
        let left = usize::try_from(parts.position).ok().and_then(|position| stream.get(position..)).unwrap_or_default();
        equal(law, show(left), show(&parts.rest), "what is left after the error")?;
    }
    fixed_sticky(framing, stream, recovery, before_the_end)
}

fn fixed_sticky(
    framing: &dyn Framing,
    stream: &[u8],
    recovery: Recovery,
    before_the_end: bool,
) -> Result<(), Violation> {
    let law = Law::ErrorsExactAndSticky;
    let room = stream.len().saturating_add(1);
    // A frame that announces more than the memory holds is over the limit.
    let expected = model_within(Memory { room, in_pieces: false }, framing, stream, recovery).end;
    let mut decoder = FixedDecoder::new(framing, vec![0; room]).with_recovery(recovery);
    let taken = decoder.push(stream);
    equal(law, Ok(stream.len()), taken, "push into memory that is large enough")?;
    let mut budget = stream.len() + 1;
    let mut ended = !before_the_end;
    let found = loop {
        let event = if ended { decoder.finish_event() } else { decoder.next_event().map_err(EofError::from) };
        match event {
            Ok(Some(_)) if budget > 0 => budget -= 1,
            Ok(None) if !ended => ended = true,
            Ok(_) => break Ok(()),
            Err(error) => break Err(DecodeError::from(error)),
        }
    };
    equal(law, expected.map_err(DecodeError::from), found, "in fixed memory")?;
    let Err(error) = found else { return Ok(()) };
    for _ in 0..2 {
        let failed: Result<(), DecodeError> = Err(error);
        let end = |result: Result<(), EofError>| result.map_err(DecodeError::from);
        equal(law, failed, decoder.next_frame().map(|_| ()), "next_frame in fixed memory")?;
        equal(law, failed, decoder.next_event().map(|_| ()), "next_event in fixed memory")?;
        equal(law, failed, decoder.next_piece().map(|_| ()), "next_piece in fixed memory")?;
        equal(law, failed, end(decoder.finish().map(|_| ())), "finish in fixed memory")?;
        equal(law, failed, end(decoder.finish_event().map(|_| ())), "finish_event in fixed memory")?;
        equal(law, failed, end(decoder.finish_piece().map(|_| ())), "finish_piece in fixed memory")?;
        equal(law, Err(Closed::Failed(error)), decoder.push(b"more"), "push in fixed memory")?;
        equal(law, 0, decoder.need(), "need in fixed memory")?;
    }
    Ok(())
}

/// Law 9: no driver panics or loops on `stream`, cut at `cuts`, nor does encoding it as a message.
///
/// # Errors
///
/// [`Violation`].
pub fn no_panic(framing: &dyn Framing, stream: &[u8], cuts: &[usize]) -> Result<(), Violation> {
    let all = || {
        let framing = &framing;
        for recovery in POLICIES {
            for kind in DriverKind::ALL {
                let result = outcome(open(kind, framing, recovery, stream), stream, cuts);
                if let Err(violation @ Violation { law: Law::NoPanic, .. }) = result {
                    return Err(violation);
                }
            }
        }
        // Refused or not, it must return.
        let _ = framing.encode(stream, &mut Vec::new());
        let _ = framing.encode_with(&mut Vec::new(), |out| out.extend_from_slice(stream));
        Ok(())
    };
    match catch_unwind(AssertUnwindSafe(all)) {
        Ok(result) => result.map_err(|violation| in_stream(violation, stream)),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
            let text = format!("the panic: {}", text.unwrap_or_default());
            Err(in_stream(Violation::new(Law::NoPanic, "no panic", text), stream))
        }
    }
}
