//! The nine laws.

use std::boxed::Box;
use std::cell::Cell;
use std::format;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

use bytes::Buf;

use super::outcome::{Event, Outcome, Refused, Seen, Way, WayIn, chunks, outcome, show};
use super::{Law, Violation};
use crate::{
    AtEof, Closed, DecodeError, DecodeErrorKind, Decoder, EncodeError, Encoder, Envelope, EofError, FrameError,
    Framing, Located, Oversize, Progress, Truncated,
};

const POLICIES: [Oversize; 2] = [Oversize::Fail, Oversize::Skip];

/// Both, or the law is broken.
fn equal<T: PartialEq + std::fmt::Debug>(law: Law, expected: T, found: T, case: &str) -> Result<(), Violation> {
    if expected == found {
        return Ok(());
    }
    Err(Violation::new(law, format!("{expected:?}"), format!("{found:?}")).with_case(case))
}

fn must(holds: bool, law: Law, expected: &str, found: impl FnOnce() -> String) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(Violation::new(law, expected, found())) }
}

/// What the plain way in makes of the stream in one piece.
fn whole<F: Framing + ?Sized>(framing: &F, stream: &[u8], oversize: Oversize) -> Result<Outcome, Violation> {
    outcome(WayIn::NextFrame.open(framing, oversize), stream, &[]).map_err(|violation| in_stream(violation, stream))
}

fn in_stream(violation: Violation, stream: &[u8]) -> Violation {
    violation.with_case(&format!("in the stream {}", show(stream)))
}

/// Law 1: decoding gives back the messages that were encoded. Those that the framing refuses are left out.
///
/// # Errors
///
/// [`Violation`].
pub fn round_trip<F: Framing + ?Sized, M: AsRef<[u8]>>(framing: &F, messages: &[M]) -> Result<(), Violation> {
    let law = Law::RoundTrip;
    let mut wire = Vec::new();
    let mut sent: Vec<(u64, &[u8])> = Vec::new();
    for message in messages.iter().map(AsRef::as_ref) {
        let Ok(envelope) = framing.envelope(message) else { continue };
        sent.push((wire.len() as u64, message));
        write(&envelope, message, &mut wire);
        if envelope.is_last() {
            break;
        }
    }
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
        // The end may complete the last of them; until then nothing may be missing.
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
        came.push((offset, message));
        if came.len() > sent.len() {
            break;
        }
    }
    let sent: Vec<_> = sent.iter().map(|(offset, message)| (*offset, message.to_vec())).collect();
    equal(law, Messages(&sent), Messages(&came), &case())
}

#[derive(PartialEq)]
struct Messages<'m>(&'m [(u64, Vec<u8>)]);

impl std::fmt::Debug for Messages<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(at, bytes)| format!("{at}: {}", show(bytes)))).finish()
    }
}

fn write(envelope: &Envelope<'_>, message: &[u8], out: &mut Vec<u8>) {
    for part in envelope.slices(message) {
        out.extend_from_slice(part);
    }
}

/// Law 2: frames, errors, offsets, what is skipped and what is left are the same as for the stream in one piece, when
/// `stream` is cut at `cuts`, for every way in and out that the crate has.
///
/// # Errors
///
/// [`Violation`].
pub fn any_split<F: Framing + ?Sized>(framing: &F, stream: &[u8], cuts: &[usize]) -> Result<(), Violation> {
    for oversize in POLICIES {
        let expected = whole(framing, stream, oversize)?;
        for way in WayIn::ALL {
            same_as(&expected, way.open(framing, oversize), stream, cuts, way.is_in_pieces()).map_err(|violation| {
                let cuts = chunks(stream, cuts).iter().map(|chunk| chunk.len().to_string()).collect::<Vec<_>>();
                in_stream(violation, stream).with_case(&format!(
                    "by {way:?}, oversize frames {oversize:?}, in chunks of {} bytes",
                    cuts.join("+")
                ))
            })?;
        }
    }
    Ok(())
}

/// Law 2 for a way in of your own: the same as `expected`. `in_pieces` says that an error may come when part of its
/// frame has been handed out, and then that part is not left.
///
/// # Errors
///
/// [`Violation`].
pub fn same_as(
    expected: &Outcome,
    way: Box<dyn Way + '_>,
    stream: &[u8],
    cuts: &[usize],
    in_pieces: bool,
) -> Result<(), Violation> {
    let found = outcome(way, stream, cuts)?;
    let law = Law::AnySplit;
    equal(law, &expected.events, &found.events, "")?;
    equal(law, expected.end, found.end, "")?;
    if !in_pieces {
        equal(law, (expected.position, show(&expected.left)), (found.position, show(&found.left)), "")?;
    }
    Ok(())
}

/// Law 3: fed one byte at a time, every frame comes with its last byte, and `need` never reaches beyond a frame.
///
/// # Errors
///
/// [`Violation`].
pub fn neither_late_nor_greedy<F: Framing + ?Sized>(framing: &F, stream: &[u8]) -> Result<(), Violation> {
    for oversize in POLICIES {
        for way in WayIn::ALL.into_iter().filter(|way| way.is_prompt()) {
            prompt_of(way.open(framing, oversize), stream)
                .map_err(|violation| in_stream(violation, stream).with_case(&format!("by {way:?}, {oversize:?}")))?;
        }
        // A reader that takes what is needed and no more.
        let mut decoder = Decoder::new(framing).with_oversize(oversize);
        let mut taken = 0;
        loop {
            match decoder.next_frame() {
                Ok(Some(_)) => {
                    let early = decoder.buffered().len();
                    must(early == 0, Law::NeitherLateNorGreedy, "nothing read of what follows a frame", || {
                        format!("{early} bytes at {taken}")
                    })
                    .map_err(|violation| in_stream(violation, stream))?;
                    continue;
                }
                Ok(None) => {}
                Err(error) if error.is_skipped() => continue,
                Err(_) => break,
            }
            let rest = stream.get(taken..).unwrap_or_default();
            let here = rest.get(..decoder.need().min(rest.len())).unwrap_or_default();
            if here.is_empty() || decoder.push(here).is_err() {
                break;
            }
            taken += here.len();
        }
    }
    Ok(())
}

/// Law 3 for a way in of your own, one that gives frames as soon as they are whole.
///
/// # Errors
///
/// [`Violation`].
pub fn prompt_of(mut way: Box<dyn Way + '_>, stream: &[u8]) -> Result<(), Violation> {
    let law = Law::NeitherLateNorGreedy;
    let mut seen = Seen::at_most(stream.len());
    // What was needed after so many bytes.
    let mut needs = Vec::new();
    let mut failed = false;
    for (at, byte) in (0_u64..).zip(stream) {
        needs.push((at, way.need()));
        let before = seen.events().len();
        failed = way.feed(std::slice::from_ref(byte), &mut seen).is_err();
        for event in seen.events().iter().skip(before) {
            must(event.end() == at + 1, law, "a frame with its last byte", || {
                format!("{event:?}, which ends at {}, with byte {at}", event.end())
            })?;
        }
        if failed || seen.is_stuck() {
            break;
        }
    }
    if failed {
        let need = way.need().unwrap_or_default();
        must(need == 0, law, "no bytes needed after an error", || format!("{need} needed"))?;
    }
    let mut ends = seen.events().iter().map(Event::end).peekable();
    for (at, need) in needs {
        let Some(need) = need else { continue };
        must(need > 0, law, "bytes needed where no frame is whole", || format!("none at {at}"))?;
        while ends.next_if(|end| *end <= at).is_some() {}
        if let Some(end) = ends.peek() {
            must(need as u64 <= end - at, law, "no more needed than the frame lacks", || {
                format!("{need} needed at {at} for the frame that ends at {end}")
            })?;
        }
    }
    Ok(())
}

/// Law 4: each of these messages is refused before a byte is written, by every way to encode, or comes back the same
/// whatever follows it.
///
/// # Errors
///
/// [`Violation`].
pub fn refusal<F: Framing + ?Sized, M: AsRef<[u8]>>(framing: &F, messages: &[M]) -> Result<(), Violation> {
    let mut last: Option<&[u8]> = None;
    for message in messages.iter().map(AsRef::as_ref) {
        one_refusal(framing, message)
            .map_err(|violation| violation.with_case(&format!("message {}", show(message))))?;
        let accepted = framing.envelope(message).is_ok_and(|envelope| !envelope.is_last());
        if accepted {
            // Alone, twice, and on either side of another: no message forges a second one or swallows the next.
            let other = last.unwrap_or(message);
            for sequence in [&[message][..], &[message, message], &[other, message], &[message, other]] {
                round_trip(framing, sequence).map_err(|violation| Violation { law: Law::EncodeError, ..violation })?;
            }
            last = Some(message);
        }
    }
    Ok(())
}

fn one_refusal<F: Framing + ?Sized>(framing: &F, message: &[u8]) -> Result<(), Violation> {
    let law = Law::EncodeError;
    // By reference, as the methods that write want a sized framing.
    let framing = &framing;
    let result = framing.envelope(message);
    let mut wire = Vec::new();
    let expected = result.map(|envelope| {
        write(&envelope, message, &mut wire);
        wire.len()
    });
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

    // Where the framing puts something into the message itself, it may make a good message of a bad one.
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
