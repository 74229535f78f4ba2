//! Whether a computed vector is what its input says by hand, and whether its parts agree with its bytes.

use anysplit::AnyFraming;

use super::format::{Decode, Encode, End, Event};
use super::inputs::{self, Case};
use super::run;

/// Returns what differs.
pub(crate) fn decode(case: &Case, vector: &Decode) -> Result<(), String> {
    let (mut messages, mut lens, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
    let mut from = 0;
    for event in &vector.events {
        let (offset, len) = match event {
            Event::Frame { offset, wire_len, header, payload, trailer, message, .. } => {
                messages.push(message.0.clone());
                lens.push(*wire_len);
                let wire = &vector.input.0[usize::try_from(*offset).unwrap()..][..usize::try_from(*wire_len).unwrap()];
                let around = header.0.len() + trailer.0.len();
                if !wire.starts_with(&header.0) || !wire.ends_with(&trailer.0) || payload.0.len() + around > wire.len()
                {
                    return Err(format!("{event:?} is not at its place"));
                }
                (*offset, *wire_len)
            }
            Event::Skipped { offset, len, .. } => {
                skipped.push((*offset, *len));
                (*offset, *len)
            }
        };
        if offset < from || offset + len > vector.input.0.len() as u64 {
            return Err(format!("{event:?} begins before {from}, or ends after the input"));
        }
        from = offset + len;
    }
    if messages != case.messages || skipped != case.skipped {
        return Err(format!("other messages or stretches: {:#?}, {:?}", vector.events, vector.end));
    }
    if case.wire_lens.as_ref().is_some_and(|expected| *expected != lens) {
        return Err(format!("{lens:?} where somebody else has {:?}", case.wire_lens));
    }
    let agrees = match (&vector.end, &case.end) {
        (End::Clean, inputs::End::Clean) => true,
        (End::Error { error, .. }, inputs::End::Error(kind, offset)) => error.kind == *kind && error.offset == *offset,
        (End::Truncated { offset, part, .. }, inputs::End::Truncated(expected)) => {
            part == expected && *offset == vector.input.0.len() as u64
        }
        _ => false,
    };
    if agrees { Ok(()) } else { Err(format!("another end: {:?}", vector.end)) }
}

/// Returns what differs: the bytes must be decoded to the messages.
pub(crate) fn encode(vector: &Encode) -> Result<(), String> {
    let framing: AnyFraming = vector.framing.parse().map_err(|error| format!("{error}"))?;
    let (events, end) = run::decode(&framing, anysplit::Recovery::Fail, run::Way::Push, &[&vector.wire.0]);
    let messages = events.iter().filter_map(|event| match event {
        Event::Frame { message, .. } => Some(message),
        Event::Skipped { .. } => None,
    });
    if messages.eq(&vector.messages) && end == End::Clean { Ok(()) } else { Err(format!("{events:?}, {end:?}")) }
}
