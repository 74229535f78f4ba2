//! Laws 1 and 4: encoded messages come back, and a message that would not is refused.

use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

use bytes::Buf;

use super::shared::{append, encode_all, equal, must};
use crate::contract::{Envelope, Located, Progress};
use crate::testing::outcome::show;
use crate::testing::{Law, Violation};
use crate::{Decoder, EncodeError, Encoder, Framing};

/// Law 1: decoding gives back the messages that were encoded. Those that the framing refuses are left out.
///
/// # Errors
///
/// [`Violation`].
pub fn round_trip<M: AsRef<[u8]>>(framing: &dyn Framing, messages: &[M]) -> Result<(), Violation> {
    let law = Law::RoundTrip;
    let (wire, sent) = encode_all(framing, messages);
    let mut decoder = Decoder::new(framing);
    let mut came: Vec<(u64, Vec<u8>)> = Vec::new();
    let case = || format!("in the stream {}", show(&wire));
    let error = |error: &dyn std::fmt::Display| {
        Err(Violation::new(law, format!("{} messages", sent.len()), error.to_string()).with_case(&case()))
    };
    if let Err(closed) = decoder.push(&wire) {
        return error(&closed);
    }
    loop {
        // The end may complete the last of them; until then none may be missing.
        let frame = match decoder.next_frame() {
            Ok(Some(frame)) => Some((frame.offset(), frame.message().to_vec(), frame.is_control())),
            Ok(None) => None,
            Err(failed) => return error(&failed),
        };
        let (offset, message, control) = match frame {
            Some(frame) => frame,
            None => match decoder.finish() {
                Ok(Some(frame)) => (frame.offset(), frame.message().to_vec(), frame.is_control()),
                Ok(None) => break,
                Err(failed) => return error(&failed),
            },
        };
        must(!control, law, "messages alone", || format!("a control frame at {offset}"))?;
        // Filler before a frame is part of what was written for it.
        let offset = match sent.get(came.len()) {
            Some((start, _)) if is_filler(framing, &wire, *start, offset) => *start,
            _ => offset,
        };
        came.push((offset, message));
        if came.len() > sent.len() {
            break;
        }
    }
    let sent: Vec<_> = sent.iter().map(|(offset, message)| (*offset, message.to_vec())).collect();
    equal(law, Messages(&sent), Messages(&came), &case())
}

/// Returns whether only filler is written from `start` to `offset`.
fn is_filler(framing: &dyn Framing, wire: &[u8], start: u64, offset: u64) -> bool {
    let (mut at, mut previous) = (0, 0);
    while let Some(rest) = wire.get(at..).filter(|_| (at as u64) < offset) {
        let mut progress = Progress { previous, ..Progress::default() };
        let (len, is_filler) = match framing.locate(rest, &mut progress) {
            Ok(Located::Filler(len)) => (len, true),
            Ok(Located::Known(extent)) => (extent.fits(rest.len()).unwrap_or(usize::MAX), false),
            _ => return false,
        };
        if len == 0 || (at as u64 >= start && !is_filler) {
            return false;
        }
        at = at.saturating_add(len);
        previous = progress.next;
    }
    at as u64 == offset
}

#[derive(PartialEq)]
struct Messages<'m>(&'m [(u64, Vec<u8>)]);

impl std::fmt::Debug for Messages<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(at, bytes)| format!("{at}: {}", show(bytes)))).finish()
    }
}

/// Law 4: each of these messages is refused before a byte is written, by every call that encodes, or comes back the
/// same before any other message.
///
/// # Errors
///
/// [`Violation`].
pub fn refusal<M: AsRef<[u8]>>(framing: &dyn Framing, messages: &[M]) -> Result<(), Violation> {
    let mut last: Option<&[u8]> = None;
    for message in messages.iter().map(AsRef::as_ref) {
        one_refusal(framing, message)
            .map_err(|violation| violation.with_case(&format!("message {}", show(message))))?;
        let accepted = framing.envelope(message).is_ok_and(|envelope| !envelope.is_last());
        if accepted {
            // Alone, twice, and on either side of another: no message forges a second one or swallows the next.
            let other = last.unwrap_or(message);
            for sequence in [&[message][..], &[message, message], &[other, message], &[message, other]] {
                round_trip(framing, sequence)
                    .map_err(|violation| Violation { law: Law::EncoderRefuses, ..violation })?;
            }
            last = Some(message);
        }
    }
    Ok(())
}

fn one_refusal(framing: &dyn Framing, message: &[u8]) -> Result<(), Violation> {
    let law = Law::EncoderRefuses;
    // By reference, because the methods that write need a sized framing.
    let framing = &framing;
    let mut wire = Vec::new();
    let expected = append(framing, 0, message, &mut wire).map(|appended| appended.len);
    equal(law, framing.envelope(message), framing.envelope(message), "by envelope, asked again")?;
    if let Ok(Envelope::Rewritten { .. }) = framing.envelope(message) {
        // Every byte is written, whatever was there before.
        let mut sealed = vec![0xff; wire.len()];
        framing.seal(message, &mut sealed);
        equal(law, show(&wire), show(&sealed), "written by seal over other bytes")?;
    }
    equal(law, expected.map(|len| len as u64), framing.encoded_len(message), "by encoded_len")?;

    let mut out = vec![b'#'];
    equal(law, expected, framing.encode(message, &mut out), "by encode")?;
    equal(law, show(&[b"#", &wire[..]].concat()), show(&out), "written by encode")?;

    let mut room = vec![b'#'; wire.len()];
    equal(law, expected, framing.encode_into(message, &mut room), "by encode_into")?;
    equal(law, show(&wire), show(&room), "written by encode_into")?;
    if let Some(short) = wire.len().checked_sub(1) {
        let no_room = EncodeError::NoRoom { need: wire.len() as u64, have: short as u64 };
        let mut room = vec![b'#'; short];
        equal(law, Err(no_room), framing.encode_into(message, &mut room), "by encode_into with a byte too few")?;
        equal(law, show(&vec![b'#'; short]), show(&room), "written by encode_into with a byte too few")?;
        let mut room = &mut room[..];
        equal(law, Err(no_room), framing.encode(message, &mut room), "by encode with a byte too few")?;
        equal(law, short, room.len(), "room left by encode with a byte too few")?;
    }

    // If the framing fills something into the message, it may make a good message of a bad one.
    let mut out = b"#".to_vec();
    let with = framing.encode_with(&mut out, |out| out.extend_from_slice(message));
    match (expected, with) {
        (Ok(_), _) => {
            equal(law, expected, with, "by encode_with")?;
            equal(law, show(&[b"#", &wire[..]].concat()), show(&out), "written by encode_with")?;
        }
        (Err(_), Ok(len)) => {
            must(matches!(framing.patch(message), Ok(Some(_))), law, "a refusal by encode_with too", || show(&out))?;
            equal(law, out.len(), len + 1, "bytes written by encode_with")?;
        }
        (Err(_), Err(_)) => equal(law, show(b"#"), show(&out), "written by encode_with")?,
    }

    for push in 0..3 {
        let mut encoder = Encoder::new(framing);
        encoder.push_raw(b"#").map_err(|refusal| Violation::new(law, "room for raw bytes", refusal.to_string()))?;
        let (pushed, expected, wire) = match push {
            0 => (encoder.push(message), expected, wire.clone()),
            1 => (encoder.push_bytes(bytes::Bytes::copy_from_slice(message)), expected, wire.clone()),
            _ => (
                encoder.push_with(|out| out.extend_from_slice(message)),
                with,
                out.get(1..).unwrap_or_default().to_vec(),
            ),
        };
        equal(law, expected, pushed, "by the encoder")?;
        // Written with every count of bytes taken in turn.
        let (mut sent, mut step) = (Vec::new(), 1);
        while encoder.has_remaining() {
            let chunk = encoder.chunk();
            let taken = chunk.len().min(step);
            must(taken > 0, law, "bytes in the encoder's chunk", || String::from("none"))?;
            sent.extend_from_slice(&chunk[..taken]);
            encoder.advance(taken);
            step = step % 7 + 1;
        }
        equal(law, show(&[b"#", &wire[..]].concat()), show(&sent), "written by the encoder")?;
    }
    Ok(())
}
