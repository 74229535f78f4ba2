//! Law 7: the end of the stream reports what was cut.

use std::boxed::Box;
use std::format;
use std::string::{String, ToString};

use super::shared::{IN_ORDER, encode_all, equal, in_stream, must, open};
use crate::contract::{Located, Progress};
use crate::testing::drivers::DriverKind;
use crate::testing::outcome::{Collected, Driver, OwnedEvent, Refused};
use crate::testing::{Law, Violation};
use crate::{DecodeErrorKind, EofError, Framing, Recovery, Truncated};

/// Law 7: a stream of these messages (those that the framing takes), ended at every byte, ends clean between frames,
/// and otherwise reports the cut part and its frame, with the received and expected lengths. Each driver reports it,
/// and again at every later call.
///
/// # Errors
///
/// [`Violation`].
pub fn end_reports_what_was_cut<M: AsRef<[u8]>>(framing: &dyn Framing, messages: &[M]) -> Result<(), Violation> {
    let (wire, _) = encode_all(framing, messages);
    for len in 0..=wire.len() {
        let stream = &wire[..len];
        let end = one_end(framing, stream).map_err(|violation| in_stream(violation, stream))?;
        for kind in DriverKind::ALL {
            // Good frames are decoded alike under each of them. Under `Resync` an unfinished frame may hold others.
            let recovery = IN_ORDER[len % IN_ORDER.len()];
            repeated(kind.open(framing, recovery, wire.len().saturating_add(1)), stream, end)
                .map_err(|violation| in_stream(violation, stream).with_case(&format!("by {kind:?}, {recovery:?}")))?;
        }
    }
    Ok(())
}

/// Returns the rest of `stream` after the filler at its front, with the progress.
fn after_filler<'s>(framing: &dyn Framing, stream: &'s [u8], previous: u32) -> (&'s [u8], Progress) {
    let (mut rest, mut progress) = (stream, Progress { previous, ..Progress::default() });
    loop {
        let mut after = progress;
        match framing.locate(rest, &mut after) {
            Ok(Located::Filler(len)) if len > 0 => {
                rest = rest.get(len..).unwrap_or_default();
                progress = Progress { previous: after.next, ..Progress::default() };
            }
            _ => return (rest, progress),
        }
    }
}

/// Returns the word that the frames at the front of `stream` leave, up to offset `end`.
fn previous_at(framing: &dyn Framing, stream: &[u8], end: u64) -> u32 {
    let (mut at, mut previous) = (0, 0);
    while (at as u64) < end {
        let mut progress = Progress { previous, ..Progress::default() };
        let rest = stream.get(at..).unwrap_or_default();
        at += match framing.locate(rest, &mut progress) {
            Ok(Located::Filler(len)) => len,
            Ok(Located::Known(extent)) => extent.fits(rest.len()).unwrap_or(usize::MAX),
            _ => return previous,
        }
        .max(1);
        previous = progress.next;
    }
    previous
}

/// `stream` is the beginning of a stream of good frames. Returns how it ends.
fn one_end(framing: &dyn Framing, stream: &[u8]) -> Result<Result<(), EofError>, Violation> {
    let law = Law::EofNamesWhatWasCut;
    let mut driver = open(DriverKind::NextFrame, framing, Recovery::Fail, stream);
    let mut collected = Collected::at_most(stream.len());
    driver
        .feed(stream, &mut collected)
        .map_err(|Refused { error, .. }| Violation::new(law, "a beginning of good frames", error.to_string()))?;
    let start = collected.events().last().map_or(0, OwnedEvent::end);
    let before = collected.events().len();
    let rest = usize::try_from(start).ok().and_then(|start| stream.get(start..)).unwrap_or_default();
    let (rest, mut progress) = after_filler(framing, rest, previous_at(framing, stream, start));
    let start = (stream.len() - rest.len()) as u64;
    let end = driver.end(&mut collected);
    let completed = collected.events().get(before..).unwrap_or_default();
    let have = rest.len() as u64;
    let expected = match framing.locate(rest, &mut progress) {
        _ if rest.is_empty() => None,
        Err(error) => return Err(Violation::new(law, "the beginning of a good frame", error.to_string())),
        Ok(Located::Known(extent)) => {
            let (header, payload) = (extent.header_len() as u64, extent.payload_len());
            Some(if have < header {
                Truncated::Header { have, need: header }
            } else if have < header.saturating_add(payload) {
                Truncated::Payload { have: have - header, need: payload }
            } else {
                Truncated::Trailer { have: have - header - payload, need: extent.trailer_len() as u64 }
            })
        }
        Ok(Located::Wait(need) | Located::Header(need)) => Some(Truncated::Header { have, need }),
        Ok(Located::Search { .. }) => Some(Truncated::Unterminated { have }),
        Ok(Located::Filler(_)) => None,
    };
    if let [event] = completed {
        equal(law, stream.len() as u64, event.end(), "where the message ends that the end completes")?;
        must(expected.is_some() && end.is_ok(), law, "a frame from the end where one has begun", || {
            format!("{event:?}, {end:?}")
        })?;
        return Ok(end);
    }
    must(completed.is_empty(), law, "at most one frame from the end", || format!("{completed:?}"))?;
    let cut = matches!(expected, Some(Truncated::Unterminated { .. } | Truncated::Header { .. }));
    if let (true, Err(EofError::Decode(error))) = (cut, end) {
        // Bytes that could have begun a delimiter may make the message too long when the end completes it.
        // In a message that the end completes, bytes that its check asks for may also be missing.
        let right = match error.kind {
            DecodeErrorKind::Oversize { len, max } => len > max,
            DecodeErrorKind::Mismatch { .. } | DecodeErrorKind::Forbidden { .. } | DecodeErrorKind::Check { .. } => {
                true
            }
            _ => false,
        };
        must(right && error.frame_offset == start, law, "a cut frame, or one that its end makes wrong", || {
            error.to_string()
        })?;
        return Ok(end);
    }
    let expected = match expected {
        None => Ok(()),
        Some(part) => Err(EofError::Truncated { frame_offset: start, end: stream.len() as u64, part }),
    };
    equal(law, expected, end, "")?;
    Ok(end)
}

/// Checks that the stream ends like this, and that after an error every call returns it again.
fn repeated(mut driver: Box<dyn Driver + '_>, stream: &[u8], end: Result<(), EofError>) -> Result<(), Violation> {
    let law = Law::EofNamesWhatWasCut;
    let mut collected = Collected::at_most(stream.len());
    driver
        .feed(stream, &mut collected)
        .map_err(|Refused { error, .. }| Violation::new(law, "a beginning of good frames", error.to_string()))?;
    let found = driver.end(&mut collected);
    // Under a policy that skips, a message that the end makes too long is skipped.
    let skips = matches!(end, Err(EofError::Decode(_))) && found != end;
    must(found == end || skips, law, &format!("{end:?}"), || format!("{found:?}"))?;
    let before = collected.events().len();
    equal(law, found, driver.end(&mut collected), "the end once more")?;
    if let Err(error) = found {
        let again = driver.feed(b"", &mut collected).map_err(|refused| EofError::from(refused.error));
        equal(law, Err(error), again, "an empty chunk after the end")?;
        let again =
            driver.feed(stream, &mut collected).map_err(|refused| (EofError::from(refused.error), refused.untaken));
        equal(law, Err((error, stream.len())), again, "more bytes after the end")?;
        equal(law, found, driver.end(&mut collected), "the end after that")?;
    }
    let events = collected.events().len();
    must(events == before, law, "nothing after the end", || -> String { format!("{} events", events - before) })
}
