//! The answers about the frame at the front of some bytes, for each number of them.

use std::format;
use std::vec::Vec;

use super::must;
use crate::contract::{AtEof, Extent, FrameError, Located, Progress};
use crate::testing::Violation;
use crate::{DecodeErrorKind, Framing};

type Answer = Result<Located, FrameError>;

/// An answer, and the progress after it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Answered {
    answer: Answer,
    progress: Progress,
}

/// Calls `locate` once, and checks that it writes only the fields that are the framing's.
fn ask(framing: &dyn Framing, input: &[u8], before: Progress) -> Result<Answered, Violation> {
    let mut progress = before;
    let answer = framing.locate(input, &mut progress);
    let kept = (progress.consumed, progress.previous, progress.lenient);
    must(kept == (before.consumed, before.previous, before.lenient), "what the decoder wrote left alone", || {
        format!("{progress:?} after {before:?}")
    })?;
    let fits = answer.is_err() || progress.scanned <= input.len();
    must(fits, "no more scanned than there is", || format!("{} of {}", progress.scanned, input.len()))?;
    let mut again = before;
    let second = framing.locate(input, &mut again);
    must((second, again) == (answer, progress), "the same answer to the same question", || {
        format!("{second:?} with {again:?}, and {answer:?} with {progress:?} before")
    })?;
    Ok(Answered { answer, progress })
}

/// The part of an answer that must be equal for a frame or filler, however it was found.
fn essence(Answered { answer, progress }: Answered) -> (Answer, Option<u32>) {
    let is_over = matches!(answer, Ok(Located::Known(_) | Located::Filler(_)));
    (answer, is_over.then_some(progress.next))
}

pub(super) fn agree(framing: &dyn Framing, bytes: &[u8], previous: u32) -> Result<(), Violation> {
    let strict = answers(framing, bytes, Progress { previous, ..Progress::default() })?;
    for (len, &answered) in strict.iter().enumerate() {
        let at = |violation: Violation| violation.with_case(&format!("with {len} bytes"));
        within_limit(framing, answered.answer).map_err(at)?;
        end(framing, &bytes[..len], answered).map_err(at)?;
    }
    gone(framing, bytes, &strict)?;
    let lenient = answers(framing, bytes, Progress { previous, lenient: true, ..Progress::default() })
        .map_err(|violation| violation.with_case("leniently"))?;
    leniently(&strict, &lenient)
}

/// Returns the answers for each prefix of `bytes`, which agree with each other.
fn answers(framing: &dyn Framing, bytes: &[u8], first: Progress) -> Result<Vec<Answered>, Violation> {
    let all = (0..=bytes.len()).map(|len| ask(framing, &bytes[..len], first)).collect::<Result<Vec<_>, _>>()?;
    for (len, &answered) in all.iter().enumerate() {
        let at = |violation: Violation| violation.with_case(&format!("with {len} bytes"));
        alone(len, answered.answer).map_err(at)?;
        if let Some(&longer) = all.get(len + 1) {
            grown(len, answered, longer).map_err(at)?;
        }
        least(answered.answer, &all).map_err(at)?;
        if !matches!(answered.answer, Ok(Located::Wait(_) | Located::Header(_) | Located::Search { .. })) {
            continue;
        }
        // Resumed at any later length, without the scanned bytes.
        for (later, &expected) in all.iter().enumerate().skip(len) {
            let found = ask(framing, &bytes[..later], answered.progress).map_err(at)?;
            must(essence(found) == essence(expected), "the same answer resumed as from the start", || {
                format!("{found:?} for {later} bytes from {:?}, and {expected:?} from the start", answered.progress)
            })
            .map_err(at)?;
        }
    }
    Ok(all)
}

/// Checks one answer by itself.
fn alone(len: usize, answer: Answer) -> Result<(), Violation> {
    let have = len as u64;
    let in_the_input = |extent: Extent| {
        let end = (extent.header_len() as u64).checked_add(extent.payload_len());
        end.is_some_and(|end| end <= have)
    };
    match answer {
        Ok(Located::Known(extent)) => {
            must(extent.frame_len() > 0, "a frame of at least one byte", || format!("{extent:?}"))
        }
        Ok(Located::Wait(total) | Located::Header(total)) => {
            must(total > have, "a least length above what is there", || format!("{total} with {have} bytes"))
        }
        Ok(Located::Search { so_far, least }) => {
            must(least > have, "a least length above what is there", || format!("{least} with {have} bytes"))?;
            must(in_the_input(so_far), "a header and payload bytes of the input", || format!("{so_far:?} in {have}"))
        }
        Ok(Located::Filler(filler)) => {
            must(filler > 0 && filler <= len, "filler of at least one byte of the input", || format!("{filler}"))
        }
        // The fault may be proved before the first byte over the limit arrives.
        Err(FrameError { kind: DecodeErrorKind::Oversize { .. }, .. }) => Ok(()),
        Err(error) => must(error.at < len, "a wrong byte that has come", || format!("{error:?} in {len} bytes")),
    }
}

/// The header of a frame and its flags do not change, with one exception: at its end the frame may turn out to be plain. If it has no
/// check, it then need not be in one piece either.
fn stays(so_far: Extent, later: Extent) -> bool {
    let fixed = |extent: Extent| {
        let flags = [extent.is_control(), extent.is_checked()];
        (extent.header_len(), extent.message_header_len(), flags)
    };
    let in_one_piece = match (so_far.is_rewritten(), later.is_checked() || later.is_rewritten()) {
        (true, false) => so_far.is_in_one_piece() || !later.is_in_one_piece(),
        _ => so_far.is_in_one_piece() == later.is_in_one_piece(),
    };
    fixed(so_far) == fixed(later) && (so_far.is_rewritten() || !later.is_rewritten()) && in_one_piece
}

/// Compares an answer with that for one byte more.
fn grown(len: usize, shorter: Answered, longer: Answered) -> Result<(), Violation> {
    let agrees = match (shorter.answer, longer.answer) {
        (Err(error), other) => other == Err(error),
        (Ok(Located::Known(_)), _) => essence(shorter) == essence(longer),
        (Ok(Located::Filler(len)), Ok(Located::Filler(later))) => later >= len,
        (Ok(Located::Filler(_)), _) => false,
        (Ok(Located::Wait(total)), other) if (len as u64).saturating_add(1) < total => {
            matches!(other, Ok(Located::Wait(_) | Located::Header(_)))
        }
        (Ok(Located::Search { so_far, .. }), Ok(Located::Search { so_far: later, .. } | Located::Known(later))) => {
            stays(so_far, later) && so_far.payload_len() <= later.payload_len()
        }
        (Ok(Located::Search { .. }), Ok(_)) => false,
        (Ok(Located::Wait(_) | Located::Header(_)), _) | (Ok(Located::Search { .. }), Err(_)) => true,
    };
    must(agrees, "an answer that agrees with that for one byte less", || format!("{longer:?} after {shorter:?}"))
}

/// A least length does not exceed the frame's, and an answer that waits for n bytes does not change before.
fn least(answer: Answer, all: &[Answered]) -> Result<(), Violation> {
    let (Ok(Located::Wait(least) | Located::Header(least) | Located::Search { least, .. }), Some(last)) =
        (answer, all.last())
    else {
        return Ok(());
    };
    // Filler precedes the frame, and does not count.
    let Ok(Located::Known(extent)) = last.answer else { return Ok(()) };
    let len = extent.frame_len();
    must(least <= len, "a least length no greater than the frame's", || format!("{least} for a frame of {len} bytes"))
}

/// No frame over the limit is located.
fn within_limit(framing: &dyn Framing, answer: Answer) -> Result<(), Violation> {
    let (Ok(Located::Known(extent)) | Ok(Located::Search { so_far: extent, .. })) = answer else { return Ok(()) };
    let max = framing.max_payload_len();
    // The length of a rewritten payload is known only after it is opened.
    let fits = extent.is_rewritten() || extent.payload_len() <= max;
    must(fits, &format!("a payload of at most max_payload_len, {max}"), || format!("{extent:?}"))
}

/// Checks the end of the stream after bytes that are no complete frame.
fn end(framing: &dyn Framing, input: &[u8], answered: Answered) -> Result<(), Violation> {
    let Answered { answer, progress } = answered;
    let so_far = match answer {
        Err(_) | Ok(Located::Filler(_)) => return Ok(()),
        Ok(Located::Known(extent)) if extent.fits(input.len()).is_some() => return Ok(()),
        Ok(Located::Known(extent) | Located::Search { so_far: extent, .. }) => Some(extent),
        Ok(_) => None,
    };
    let mut at_end = progress;
    let at_eof = framing.at_eof(input, &mut at_end);
    let agrees = match at_eof {
        Ok(AtEof::Clean) => input.is_empty(),
        Ok(AtEof::Frame(extent)) => {
            let same = so_far.is_none_or(|so_far| stays(so_far, extent));
            // A known extent is final; only its trailer may be missing.
            let is_known = matches!(answer, Ok(Located::Known(_)));
            let same = same && (!is_known || so_far.map(|so_far| so_far.payload_len()) == Some(extent.payload_len()));
            !input.is_empty() && extent.frame_len() == input.len() as u64 && same
        }
        Ok(AtEof::Truncated) => !input.is_empty(),
        Err(error) => !input.is_empty() && error.at <= input.len(),
    };
    must(agrees, "an end that agrees with what was located", || format!("{at_eof:?} after {answer:?}"))?;
    // Locates once more first, as the decoder does.
    let resumed = ask(framing, input, progress)?;
    let mut at_end = resumed.progress;
    let again = framing.at_eof(input, &mut at_end);
    must(again == at_eof, "the same end resumed as from the start", || format!("{again:?} and not {at_eof:?}"))
}

/// Removing passed payload changes only the counts.
fn gone(framing: &dyn Framing, bytes: &[u8], strict: &[Answered]) -> Result<(), Violation> {
    for (len, answered) in strict.iter().enumerate() {
        let Ok(Located::Search { so_far, .. }) = answered.answer else { continue };
        let Ok(all) = usize::try_from(so_far.payload_len()) else { continue };
        let header = so_far.header_len();
        for gone in [all, all / 2] {
            if gone == 0 || (gone < all && all > 8) {
                continue;
            }
            let at = |violation: Violation| {
                violation.with_case(&format!("with {gone} payload bytes gone that were seen with {len} bytes"))
            };
            let scanned = answered.progress.scanned.saturating_sub(gone).max(header.min(answered.progress.scanned));
            let before = Progress { scanned, consumed: gone as u64, ..answered.progress };
            for (later, expected) in strict.iter().enumerate().skip(len) {
                let input = [&bytes[..header], &bytes[header + gone..later]].concat();
                let found = ask(framing, &input, before).map_err(at)?;
                let expected = Answered { answer: without(expected.answer, header, gone), ..*expected };
                must(essence(found) == essence(expected), "the same answer without the payload that is gone", || {
                    format!("{found:?} and not {expected:?} for {later} bytes")
                })
                .map_err(at)?;
                end_after(framing, bytes, later, &input, found.progress, gone as u64, expected.answer).map_err(at)?;
            }
        }
    }
    Ok(())
}

/// Returns the answer with `gone` payload bytes missing from the input.
fn without(answer: Answer, header: usize, gone: usize) -> Answer {
    let less = |extent: Extent| extent.with_payload_len(extent.payload_len().saturating_sub(gone as u64));
    match answer {
        Ok(Located::Known(extent)) => Ok(Located::Known(less(extent))),
        Ok(Located::Search { so_far, least }) => {
            Ok(Located::Search { so_far: less(so_far), least: least.saturating_sub(gone as u64) })
        }
        Ok(located) => Ok(located),
        Err(error) if error.at >= header => Err(FrameError { at: error.at.saturating_sub(gone), ..error }),
        Err(error) => Err(error),
    }
}

/// Checks the end of the stream after removed payload: it cuts the same frame, or completes it.
fn end_after(
    framing: &dyn Framing,
    bytes: &[u8],
    later: usize,
    input: &[u8],
    progress: Progress,
    gone: u64,
    answer: Answer,
) -> Result<(), Violation> {
    let Ok(Located::Search { .. }) = answer else { return Ok(()) };
    let mut whole = Progress { previous: progress.previous, ..Progress::default() };
    let _ = framing.locate(&bytes[..later], &mut whole);
    let expected = framing.at_eof(&bytes[..later], &mut whole);
    let mut progress = progress;
    let found = framing.at_eof(input, &mut progress);
    let agrees = match (expected, found) {
        (Ok(AtEof::Frame(all)), Ok(AtEof::Frame(left))) => {
            all.with_payload_len(all.payload_len().saturating_sub(gone)) == left
        }
        (Ok(AtEof::Truncated), Ok(AtEof::Truncated)) => true,
        (Err(_), Err(_)) => true,
        _ => false,
    };
    must(agrees, "the same end without the payload that is gone", || format!("{found:?} and not {expected:?}"))
}

/// Lenient answers find the same ends as strict ones, but check neither limits nor payload bytes.
fn leniently(strict: &[Answered], lenient: &[Answered]) -> Result<(), Violation> {
    let last = strict.last().map(|answered| answered.answer);
    for (len, (strict_now, lenient_now)) in strict.iter().zip(lenient).enumerate() {
        let at = |violation: Violation| violation.with_case(&format!("with {len} bytes"));
        let found = lenient_now.answer;
        let case = || format!("leniently {found:?}, and strictly {:?}", strict_now.answer);
        let agrees = match (strict_now.answer, found) {
            (Ok(Located::Known(extent)), Ok(Located::Known(other))) => {
                // A rejected line whose peer waits for an answer is not followed by its block.
                let next = lenient_now.progress.next;
                extent.frame_len() == other.frame_len() && (next == 0 || next == strict_now.progress.next)
            }
            (Ok(Located::Filler(_)), other) => other == strict_now.answer,
            (Ok(Located::Known(_)), _) | (Ok(_), Err(_) | Ok(Located::Filler(_))) => false,
            // The end may be known sooner without checks.
            (Ok(_), Ok(Located::Known(extent))) => match last {
                Some(Ok(Located::Known(later))) => extent.frame_len() == later.frame_len(),
                _ => true,
            },
            (Ok(_), Ok(_)) | (Err(_), _) => true,
        };
        must(agrees, "the same end while `progress.lenient` is set", case).map_err(at)?;
        let Err(error) = found else { continue };
        // A length of more than 64 bits has an end that no number can hold.
        let judges_limit = matches!(error.kind, DecodeErrorKind::Oversize { len, .. } if len < u64::MAX);
        must(!judges_limit, "no limit while `progress.lenient` is set", case).map_err(at)?;
        let in_payload = lenient[..len].iter().any(|before| match before.answer {
            Ok(Located::Search { so_far, .. }) => error.at >= so_far.header_len(),
            _ => false,
        });
        must(!in_payload, "no payload byte judged while `progress.lenient` is set", case).map_err(at)?;
    }
    Ok(())
}
