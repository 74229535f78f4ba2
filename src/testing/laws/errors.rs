//! Laws 8 and 9: errors are exact and sticky, and no input panics.

use std::boxed::Box;
use std::format;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::string::{String, ToString};
use std::vec::Vec;

use super::shared::{POLICIES, equal, in_stream, must};
use crate::testing::outcome::{Event, Refused, Seen, Way, outcome, show};
use crate::testing::ways::WayIn;
use crate::testing::{Law, Violation};
use crate::{Closed, DecodeError, DecodeErrorKind, Decoder, EofError, Framing, Oversize};

/// Law 8: an error comes with the byte that proves it and names one that was there, is the same from every call from
/// then on, takes no more bytes and loses none.
///
/// # Errors
///
/// [`Violation`].
pub fn errors_exact_and_sticky<F: Framing + ?Sized>(framing: &F, stream: &[u8]) -> Result<(), Violation> {
    for oversize in POLICIES {
        let exact = exact(framing, stream, oversize).and_then(|()| sticky(framing, stream, oversize));
        exact.map_err(|violation| in_stream(violation, stream).with_case(&format!("{oversize:?}")))?;
        for way in WayIn::ALL {
            sticky_of(way.open(framing, oversize), stream)
                .map_err(|violation| in_stream(violation, stream).with_case(&format!("by {way:?}, {oversize:?}")))?;
        }
    }
    Ok(())
}

/// Law 8 for a way in of your own: after an error it gives the same error for more bytes, and for the end.
///
/// # Errors
///
/// [`Violation`].
pub fn sticky_of(mut way: Box<dyn Way + '_>, stream: &[u8]) -> Result<(), Violation> {
    let law = Law::ErrorsExactAndSticky;
    let mut seen = Seen::at_most(stream.len());
    let Err(Refused { error, .. }) = way.feed(stream, &mut seen) else { return Ok(()) };
    let before = seen.events().to_vec();
    for chunk in [&b""[..], stream] {
        let again = way.feed(chunk, &mut seen).map_err(|refused| (refused.error, refused.untaken));
        equal(law, Err((error, chunk.len())), again, "more bytes after the error")?;
    }
    equal(law, Err(EofError::Decode(error)), way.end(&mut seen), "the end after the error")?;
    equal(law, &before[..], seen.events(), "frames after the error")?;
    Ok(())
}

fn exact<F: Framing + ?Sized>(framing: &F, stream: &[u8], oversize: Oversize) -> Result<(), Violation> {
    let law = Law::ErrorsExactAndSticky;
    let mut way = WayIn::NextFrame.open(framing, oversize);
    let mut seen = Seen::at_most(stream.len());
    let Err(Refused { error, .. }) = way.feed(stream, &mut seen) else { return Ok(()) };
    let start = seen.events().last().map_or(0, Event::end);
    equal(law, start, error.frame, "where the faulty frame begins")?;
    must(error.frame <= error.offset, law, "a wrong byte inside the frame", || format!("{error:?}"))?;
    if matches!(error.kind, DecodeErrorKind::Oversize { .. }) {
        // It can be plain before the first byte over the limit comes.
        return Ok(());
    }
    must(error.offset < stream.len() as u64, law, "a wrong byte that has come", || format!("{error:?}"))?;
    // Without that byte there is no fault.
    let innocent = usize::try_from(error.offset).ok().and_then(|offset| stream.get(..offset)).unwrap_or_default();
    let mut way = WayIn::NextFrame.open(framing, oversize);
    let mut seen = Seen::at_most(stream.len());
    match way.feed(innocent, &mut seen) {
        Ok(()) => Ok(()),
        Err(Refused { error: early, .. }) => {
            Err(Violation::new(law, format!("no error without byte {}", error.offset), early.to_string()))
        }
    }
}

fn sticky<F: Framing + ?Sized>(framing: &F, stream: &[u8], oversize: Oversize) -> Result<(), Violation> {
    let law = Law::ErrorsExactAndSticky;
    let mut decoder = Decoder::new(framing).with_oversize(oversize);
    if decoder.push(stream).is_err() {
        return Err(Violation::new(law, "an open decoder", "a closed one"));
    }
    let mut budget = stream.len();
    let error = loop {
        match decoder.next_frame() {
            Ok(Some(_)) if budget > 0 => budget -= 1,
            Ok(_) => return Ok(()),
            Err(error) if error.is_skipped() && budget > 0 => budget -= 1,
            Err(error) => break error,
        }
    };
    let position = decoder.position();
    for _ in 0..2 {
        let failed: Result<(), DecodeError> = Err(error);
        equal(law, failed, decoder.next_frame().map(|_| ()), "next_frame after the error")?;
        equal(law, failed, decoder.next_bytes().map(|_| ()), "next_bytes after the error")?;
        equal(law, failed, decoder.next_batch().map(|_| ()), "next_batch after the error")?;
        equal(law, failed, decoder.next_piece().map(|_| ()), "next_piece after the error")?;
        let closed: Result<(), Closed> = Err(Closed::Failed(error));
        equal(law, closed, decoder.push(b"more"), "push after the error")?;
        equal(law, closed, decoder.spare(4).map(|_| ()), "spare after the error")?;
        equal(law, closed, decoder.read_with(4, |_| Ok::<_, ()>(4)).map(|_| ()), "read_with after the error")?;
        equal(law, closed, decoder.frames_in(b"more").map(|_| ()), "frames_in after the error")?;
        equal(law, 0, decoder.need(), "need after the error")?;
        let end = Err(EofError::Decode(error));
        equal(law, end, decoder.finish().map(|_| ()), "finish after the error")?;
        equal(law, end, decoder.finish_piece().map(|_| ()), "finish_piece after the error")?;
        equal(law, position, decoder.position(), "the position after the error")?;
    }
    let parts = decoder.into_parts();
    let left = usize::try_from(parts.position).ok().and_then(|position| stream.get(position..)).unwrap_or_default();
    equal(law, show(left), show(&parts.rest), "what is left after the error")
}

/// Law 9: no way in panics or loops on `stream`, cut at `cuts`, nor does encoding it as a message.
///
/// # Errors
///
/// [`Violation`].
pub fn no_panic<F: Framing + ?Sized>(framing: &F, stream: &[u8], cuts: &[usize]) -> Result<(), Violation> {
    let all = || {
        let framing = &framing;
        for oversize in POLICIES {
            for way in WayIn::ALL {
                let result = outcome(way.open(framing, oversize), stream, cuts);
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
