//! Laws 2 and 3: how the bytes were cut never shows, and a frame is returned with its last byte.

use std::boxed::Box;
use std::format;
use std::string::ToString;
use std::vec::Vec;

use super::shared::{IN_ORDER, POLICIES, equal, in_stream, must, open};
use crate::testing::drivers::DriverKind;
use crate::testing::model::{Memory, model, model_within};
use crate::testing::outcome::{Collected, Driver, Outcome, OwnedEvent, chunks, outcome, show};
use crate::testing::{Law, Violation};
use crate::{Decoder, Framing, Piece, Recovery};

/// Returns the outcome of the simplest driver for the stream in one piece, which must equal that of the model.
fn whole(framing: &dyn Framing, stream: &[u8], recovery: Recovery) -> Result<Outcome, Violation> {
    let found = outcome(open(DriverKind::NextEvent, framing, recovery, stream), stream, &[])
        .map_err(|violation| in_stream(violation, stream).with_case(&format!("{recovery:?}, in one chunk")))?;
    let expected = model(framing, stream, recovery);
    let (law, case) = (Law::AnySplit, "by the framing's answers about all bytes at once");
    equal(law, &expected.events, &found.events, case)
        .and_then(|()| equal(law, expected.end, found.end, case))
        .and_then(|()| match expected.end {
            // If a rejected frame cannot be skipped to its end, part of it may be gone.
            Err(_) if recovery != Recovery::Fail => Ok(()),
            _ => equal(law, (expected.position, expected.left), (found.position, found.left.clone()), case),
        })
        .map_err(|violation| in_stream(violation, stream).with_case(&format!("{recovery:?}")))?;
    Ok(found)
}

/// Sizes of memory: just enough for every frame of this outcome, and half of that.
fn tight(expected: &Outcome, recovery: Recovery) -> [usize; 2] {
    /// No search for an end looks back over more bytes.
    const SEARCHED: usize = 64;
    let frames = expected.events.iter().filter(|event| event.is_frame());
    let longest = frames.map(OwnedEvent::wire_len).max().unwrap_or(8);
    let longest = usize::try_from(longest).unwrap_or(usize::MAX);
    // While a frame is skipped, the bytes stay that may begin its end, or the next one.
    let more = if recovery == Recovery::Fail { 0 } else { SEARCHED };
    [longest.max(1), longest.div_ceil(2).max(1)].map(|size| size.saturating_add(more))
}

/// Law 2: frames, errors, skipped stretches, their offsets and the rest are the same as for the stream in one piece,
/// when `stream` is cut at `cuts`, for every driver of the crate.
///
/// # Errors
///
/// [`Violation`].
pub fn any_split(framing: &dyn Framing, stream: &[u8], cuts: &[usize]) -> Result<(), Violation> {
    for recovery in POLICIES {
        let expected = whole(framing, stream, recovery)?;
        let at = |violation: Violation, driver: &str| {
            let cuts = chunks(stream, cuts).iter().map(|chunk| chunk.len().to_string()).collect::<Vec<_>>();
            in_stream(violation, stream)
                .with_case(&format!("by {driver}, {recovery:?}, in chunks of {} bytes", cuts.join("+")))
        };
        for kind in DriverKind::ALL {
            if kind.is_fixed() {
                let in_pieces = kind.is_in_pieces();
                let sizes = if in_pieces { [stream.len() + 1; 2] } else { tight(&expected, recovery) };
                for room in sizes {
                    let expected = model_within(Memory { room, in_pieces }, framing, stream, recovery);
                    // Of a frame that cannot be skipped to its end, part may be gone.
                    let partly = in_pieces || (expected.end.is_err() && recovery != Recovery::Fail);
                    same_as(&expected, kind.open(framing, recovery, room), stream, cuts, partly)
                        .map_err(|violation| at(violation, &format!("{kind:?} in {room} bytes")))?;
                }
                continue;
            }
            let driver = kind.open(framing, recovery, stream.len());
            same_as(&expected, driver, stream, cuts, kind.is_in_pieces())
                .map_err(|violation| at(violation, &format!("{kind:?}")))?;
        }
        dropped(framing, &expected, recovery, stream, cuts)
            .map_err(|violation| at(violation, "every second frame begun in pieces and dropped"))?;
    }
    Ok(())
}

/// Law 2 for a driver of your own: equal to `expected`, which reports stretches. `in_pieces`: an error may come
/// after part of its frame was returned, and then that part is not left.
///
/// # Errors
///
/// [`Violation`].
pub fn same_as(
    expected: &Outcome,
    driver: Box<dyn Driver + '_>,
    stream: &[u8],
    cuts: &[usize],
    in_pieces: bool,
) -> Result<(), Violation> {
    let found = outcome(driver, stream, cuts)?;
    let law = Law::AnySplit;
    let events = |events: &[OwnedEvent]| -> Vec<OwnedEvent> {
        let events = events.iter().filter(|event| found.reports_stretches || event.is_frame());
        events.map(|event| if in_pieces { event.in_pieces() } else { event.clone() }).collect()
    };
    let case = if found.reports_stretches { "" } else { "frames alone" };
    equal(law, events(&expected.events), events(&found.events), case)?;
    equal(law, expected.end, found.end, "")?;
    if let (Some(expected), Some(found)) = (expected.skipped, found.skipped) {
        equal(law, expected, found, "the count of what was skipped")?;
    }
    if !in_pieces {
        equal(law, (expected.position, show(&expected.left)), (found.position, show(&found.left)), "")?;
    }
    Ok(())
}

/// A frame that is begun in pieces and then dropped costs that frame and nothing else.
fn dropped(
    framing: &dyn Framing,
    expected: &Outcome,
    recovery: Recovery,
    stream: &[u8],
    cuts: &[usize],
) -> Result<(), Violation> {
    let law = Law::AnySplit;
    let mut decoder = Decoder::new(framing).with_recovery(recovery);
    let mut collected = Collected::at_most(stream.len());
    let mut begun = Vec::new();
    let mut end = Ok(());
    let mut pieces = true;
    'stream: for chunk in chunks(stream, cuts) {
        if decoder.push(chunk).is_err() {
            break;
        }
        while !collected.is_stuck() {
            if pieces {
                match decoder.next_piece() {
                    Ok(Some(Piece::Start { header, .. })) => {
                        let len = header.len() as u64;
                        begun.push(decoder.position().saturating_sub(len));
                        pieces = false;
                    }
                    Ok(Some(Piece::Skipped(stretch))) => collected.push(OwnedEvent::Skipped(stretch)),
                    Ok(Some(piece)) => return Err(Violation::new(law, "a frame's start", format!("{piece:?}"))),
                    Ok(None) => break,
                    Err(error) => {
                        end = Err(error.into());
                        break 'stream;
                    }
                }
                continue;
            }
            match decoder.next_event() {
                Ok(Some(event)) => {
                    pieces = matches!(event, crate::Event::Frame(_));
                    collected.event(&event);
                }
                Ok(None) => break,
                Err(error) => {
                    end = Err(error.into());
                    break 'stream;
                }
            }
        }
    }
    if end.is_ok() {
        end = collected.drain(|collected| {
            let event = decoder.finish_event()?;
            if let Some(event) = &event {
                collected.event(event);
            }
            Ok(event.is_some())
        });
    }
    let kept = expected.events.iter().filter(|event| !(event.is_frame() && begun.contains(&event.offset())));
    equal(law, kept.cloned().collect::<Vec<_>>(), collected.events().to_vec(), "")?;
    equal(law, expected.end, end, "")
}

/// Law 3: fed one byte at a time, every frame is returned with its last byte, and `need` never reaches beyond a frame.
///
/// Not under [`Resync`](Recovery::Resync), where a frame inside an unfinished one waits until that is rejected.
///
/// # Errors
///
/// [`Violation`].
pub fn neither_late_nor_greedy(framing: &dyn Framing, stream: &[u8]) -> Result<(), Violation> {
    for recovery in IN_ORDER {
        for kind in DriverKind::ALL.into_iter().filter(|kind| kind.is_prompt()) {
            prompt_of(open(kind, framing, recovery, stream), stream)
                .map_err(|violation| in_stream(violation, stream).with_case(&format!("by {kind:?}, {recovery:?}")))?;
        }
        frugal(framing, stream, recovery)
            .map_err(|violation| in_stream(violation, stream).with_case(&format!("{recovery:?}")))?;
    }
    Ok(())
}

/// A reader that takes no more than `need` reads nothing after a frame.
fn frugal(framing: &dyn Framing, stream: &[u8], recovery: Recovery) -> Result<(), Violation> {
    let mut decoder = Decoder::new(framing).with_recovery(recovery);
    let mut taken = 0;
    loop {
        match decoder.next_event() {
            Ok(Some(_)) => {
                let early = decoder.buffered().len();
                must(early == 0, Law::NeitherLateNorGreedy, "nothing read of what follows a frame", || {
                    format!("{early} bytes at {taken}")
                })?;
                continue;
            }
            Ok(None) => {}
            Err(_) => return Ok(()),
        }
        let rest = stream.get(taken..).unwrap_or_default();
        let here = rest.get(..decoder.need().min(rest.len())).unwrap_or_default();
        if here.is_empty() || decoder.push(here).is_err() {
            return Ok(());
        }
        taken += here.len();
    }
}

/// Law 3 for a driver of your own, one that returns frames as soon as they are complete.
///
/// # Errors
///
/// [`Violation`].
pub fn prompt_of(mut driver: Box<dyn Driver + '_>, stream: &[u8]) -> Result<(), Violation> {
    let law = Law::NeitherLateNorGreedy;
    let mut collected = Collected::at_most(stream.len());
    // The answers of `need` with the offset at which each was given.
    let mut needs = Vec::new();
    let mut failed = false;
    for (at, byte) in (0_u64..).zip(stream) {
        needs.push((at, driver.need()));
        let before = collected.events().len();
        failed = driver.feed(std::slice::from_ref(byte), &mut collected).is_err();
        for event in collected.events().iter().skip(before) {
            must(event.end() == at + 1, law, "a frame with its last byte", || {
                format!("{event:?}, which ends at {}, with byte {at}", event.end())
            })?;
        }
        if failed || collected.is_stuck() {
            break;
        }
    }
    if failed {
        let need = driver.need().unwrap_or_default();
        must(need == 0, law, "no bytes needed after an error", || format!("{need} needed"))?;
    }
    let mut ends = collected.events().iter().map(OwnedEvent::end).peekable();
    for (at, need) in needs {
        let Some(need) = need else { continue };
        must(need > 0, law, "bytes needed where no frame is complete", || format!("none at {at}"))?;
        while ends.next_if(|end| *end <= at).is_some() {}
        if let Some(end) = ends.peek() {
            must(need as u64 <= end - at, law, "no more needed than the frame is missing", || {
                format!("{need} needed at {at} for the frame that ends at {end}")
            })?;
        }
    }
    Ok(())
}
