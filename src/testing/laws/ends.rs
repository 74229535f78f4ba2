//! Law 7: the end of the stream says what it cut.

use std::format;
use std::string::ToString;
use std::vec::Vec;

use super::shared::{equal, in_stream, must, write};
use crate::testing::outcome::{Event, Refused, Seen};
use crate::testing::ways::WayIn;
use crate::testing::{Law, Violation};
use crate::{DecodeErrorKind, EofError, Framing, Located, Oversize, Progress, Truncated};

/// Law 7: a stream of these messages (those that the framing takes), ended at every byte, ends clean between frames,
/// and otherwise says in which part of which frame, with what was there and what was due.
///
/// # Errors
///
/// [`Violation`].
pub fn end_says_what_it_cut<F: Framing + ?Sized, M: AsRef<[u8]>>(framing: &F, messages: &[M]) -> Result<(), Violation> {
    let mut wire = Vec::new();
    for message in messages.iter().map(AsRef::as_ref) {
        let Ok(envelope) = framing.envelope(message) else { continue };
        write(&envelope, message, &mut wire);
        if envelope.is_last() {
            break;
        }
    }
    for len in 0..=wire.len() {
        one_end(framing, &wire[..len]).map_err(|violation| in_stream(violation, &wire[..len]))?;
    }
    Ok(())
}

/// `stream` is the beginning of a stream of good frames.
fn one_end<F: Framing + ?Sized>(framing: &F, stream: &[u8]) -> Result<(), Violation> {
    let law = Law::EofNamesWhatWasCut;
    let mut way = WayIn::NextFrame.open(framing, Oversize::Fail);
    let mut seen = Seen::at_most(stream.len());
    way.feed(stream, &mut seen)
        .map_err(|Refused { error, .. }| Violation::new(law, "a beginning of good frames", error.to_string()))?;
    let start = seen.events().last().map_or(0, Event::end);
    let before = seen.events().len();
    let rest = usize::try_from(start).ok().and_then(|start| stream.get(start..)).unwrap_or_default();
    let end = way.end(&mut seen);
    let completed: Vec<_> = seen.events().iter().skip(before).cloned().collect();
    let have = rest.len() as u64;
    let expected = match framing.locate(rest, Progress::default()) {
        _ if rest.is_empty() => None,
        Err(fault) => return Err(Violation::new(law, "the beginning of a good frame", fault.to_string())),
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
        Ok(Located::Header { need, .. }) => {
            Some(Truncated::Header { have, need: have.saturating_add(need.get() as u64) })
        }
        Ok(Located::Open { .. }) => Some(Truncated::Unterminated { have }),
    };
    if let [event] = &completed[..] {
        equal(law, stream.len() as u64, event.end(), "where the message ends that the end completes")?;
        must(expected.is_some() && end.is_ok(), law, "a frame from the end where one has begun", || {
            format!("{event:?}, {end:?}")
        })?;
        return Ok(());
    }
    must(completed.is_empty(), law, "at most one frame from the end", || format!("{completed:?}"))?;
    if let (Some(Truncated::Unterminated { .. }), Err(EofError::Decode(error))) = (expected, end) {
        // What could have been the beginning of a delimiter makes the message too long where the end completes it.
        let over = matches!(error.kind, DecodeErrorKind::Oversize { len, max } if len > max) && error.frame == start;
        return must(over, law, "a cut frame, or one over the limit", || error.to_string());
    }
    let expected = match expected {
        None => Ok(()),
        Some(cut) => Err(EofError::Truncated { frame: start, end: stream.len() as u64, cut }),
    };
    equal(law, expected, end, "")
}
