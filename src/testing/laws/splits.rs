//! Laws 2 and 3: how the bytes were cut never shows, and a frame comes with its last byte.

use std::boxed::Box;
use std::format;
use std::string::ToString;
use std::vec::Vec;

use super::shared::{POLICIES, equal, in_stream, must};
use crate::testing::outcome::{Event, Outcome, Seen, Way, chunks, outcome, show};
use crate::testing::ways::WayIn;
use crate::testing::{Law, Violation};
use crate::{Decoder, Framing, Oversize};

/// What the plain way in makes of the stream in one piece.
fn whole<F: Framing + ?Sized>(framing: &F, stream: &[u8], oversize: Oversize) -> Result<Outcome, Violation> {
    outcome(WayIn::NextFrame.open(framing, oversize), stream, &[]).map_err(|violation| in_stream(violation, stream))
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
