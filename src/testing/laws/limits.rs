//! Law 4 and the contract: a framing keeps the limit that it names.

use std::format;
use std::vec;
use std::vec::Vec;

use super::shared::{append, encode_all, fitting};
use crate::testing::outcome::show;
use crate::testing::{Law, Violation};
use crate::{Decoder, EncodeError, Framing};

/// [`max_payload_len`](Framing::max_payload_len) is the limit that encoding and decoding keep, where a message of that length
/// has at most 65,536 bytes: payloads of the limit and of one byte less are accepted, and one byte more is refused.
///
/// # Errors
///
/// [`Violation`].
pub fn limit(framing: &dyn Framing) -> Result<(), Violation> {
    /// Longer messages are not generated.
    const MOST: usize = 65_536;
    let max = framing.max_payload_len();
    let Some(limit) = usize::try_from(max).ok().filter(|limit| *limit < MOST) else { return Ok(()) };
    let case = |violation: Violation, message: &[u8]| violation.with_case(&format!("message {}", show(message)));
    let mut longest = None;
    // A refusal because of another limit, which must then be the limit of some messages only.
    let mut other: Option<(u64, Vec<u8>)> = None;
    for len in lengths(limit) {
        for message in attempts(framing, len) {
            match append(framing, 0, &message, &mut Vec::new()) {
                Ok(_) => {
                    let Some(found) = payload_len(framing, &message).map_err(|violation| case(violation, &message))?
                    else {
                        continue;
                    };
                    if found > max {
                        let expected = format!("no payload over max_payload_len, {max}");
                        let violation = Violation::new(Law::Contract, expected, format!("one of {found} bytes"));
                        return Err(case(violation, &message));
                    }
                    longest = longest.max(Some(found));
                }
                Err(EncodeError::Oversize { len, max: said }) if len <= max => {
                    if other.as_ref().is_none_or(|(before, _)| *before < said) {
                        other = Some((said, message));
                    }
                }
                Err(_) => {}
            }
        }
    }
    match other {
        // Messages of another kind may be longer. A line that may end with LF is read with one byte more than is written, as
        // it is written with CR LF.
        Some((said, message)) if longest.is_none_or(|longest| longest <= said) && said.saturating_add(1) < max => {
            let expected = format!("payloads up to max_payload_len, {max}");
            Err(case(Violation::new(Law::Contract, expected, format!("a limit of {said}")), &message))
        }
        _ => Ok(()),
    }
}

/// Returns lengths of messages whose payloads may be about as long as the limit: not all bytes need be payload.
fn lengths(limit: usize) -> impl Iterator<Item = usize> {
    (limit.saturating_sub(1)..=limit.saturating_add(1)).chain([limit.saturating_add(8), limit.saturating_add(64)])
}

/// Returns messages of about this length that the framing may take.
fn attempts(framing: &dyn Framing, len: usize) -> Vec<Vec<u8>> {
    let plain = vec![b'x'; len];
    let mut attempts = vec![plain.clone()];
    attempts.extend(fitting(framing, &plain));
    // The first byte may choose between kinds of messages.
    if len > 0 && len <= 1024 {
        for first in 0..=u8::MAX {
            let mut message = plain.clone();
            message[0] = first;
            attempts.extend(fitting(framing, &message));
        }
    }
    attempts
}

/// Returns the length of the payload of this message.
fn payload_len(framing: &dyn Framing, message: &[u8]) -> Result<Option<u64>, Violation> {
    let (wire, _) = encode_all(framing, &[message]);
    let mut decoder = Decoder::new(framing);
    let violation = |found: &dyn std::fmt::Display| {
        Violation::new(Law::EncoderRefuses, "the message, or its refusal by the encoder", format!("{found}"))
    };
    decoder.push(&wire).map_err(|closed| violation(&closed))?;
    if let Some(frame) = decoder.next_frame().map_err(|error| violation(&error))? {
        return Ok(Some(frame.payload().len() as u64));
    }
    let frame = decoder.finish().map_err(|error| violation(&error))?;
    Ok(frame.map(|frame| frame.payload().len() as u64))
}
