//! What the trait promises of each method.

use std::format;
use std::string::String;
use std::vec::Vec;

use super::outcome::show;
use super::{Law, Violation};
use crate::mark::Mark;
use crate::number::Number;
use crate::{AtEnd, Extent, Fault, FaultKind, Framing, Head, Located, Progress};

type Answer = Result<Located, Fault>;

/// The answers of `locate`, `at_end` and the shortcuts for the frames at the front of `stream` agree with each other: for
/// a longer input with those for shorter ones, resumed with those from scratch, by the head or the end with those by all.
///
/// The work grows with the square of the first frame's length.
///
/// # Errors
///
/// [`Violation`].
pub fn contract<F: Framing + ?Sized>(framing: &F, stream: &[u8]) -> Result<(), Violation> {
    one_frame(framing, stream)
        .and_then(|()| shortcuts(framing, stream))
        .map_err(|violation| violation.with_case(&format!("in the stream {}", show(stream))))
}

fn broken(expected: impl Into<String>, found: impl Into<String>) -> Violation {
    Violation::new(Law::Contract, expected, found)
}

fn must(holds: bool, expected: &str, found: impl FnOnce() -> String) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(broken(expected, found())) }
}

fn scanned(answer: Answer) -> Option<usize> {
    match answer {
        Ok(Located::Head { scanned, .. } | Located::Open { scanned, .. }) => Some(scanned),
        _ => None,
    }
}

/// The length of the head, where the answer says that the payload has begun.
fn head(answer: Answer) -> u16 {
    match answer {
        Ok(Located::Open { head, .. }) => head,
        _ => 0,
    }
}

fn one_frame<F: Framing + ?Sized>(framing: &F, stream: &[u8]) -> Result<(), Violation> {
    let first = Progress::default();
    let answers: Vec<Answer> = (0..=stream.len()).map(|len| framing.locate(&stream[..len], first)).collect();
    for (len, &answer) in answers.iter().enumerate() {
        let here = &stream[..len];
        let at = |violation: Violation| violation.with_case(&format!("with {len} bytes"));
        alone(len, answer).map_err(at)?;
        end(framing, here, answer).map_err(at)?;
        off_limit(framing, here, answer).map_err(at)?;
        if let Some(&longer) = answers.get(len + 1) {
            grown(len, answer, longer).map_err(at)?;
        }
        // Taken up again at any later time, without what was scanned being looked at.
        if let Some(scanned) = scanned(answer) {
            for (later, &expected) in answers.iter().enumerate().skip(len) {
                let progress = Progress { scanned, head: head(answer), ..first };
                let found = framing.locate(&stream[..later], progress);
                must(found == expected, "the same answer resumed as from scratch", || {
                    format!("{found:?} for {later} bytes from {scanned}, and {expected:?} from scratch")
                })
                .map_err(at)?;
            }
        }
    }
    let last = answers.last().copied().unwrap_or(Ok(Located::head(1)));
    if let Ok(Located::Known(extent)) = last {
        for (len, &answer) in answers.iter().enumerate() {
            if let Ok(Located::Head { need, .. } | Located::Open { need, .. }) = answer {
                let lacks = extent.frame_len().saturating_sub(len as u64);
                must(need.get() as u64 <= lacks, "no more needed than the frame lacks", || {
                    format!("{need} with {len} bytes of {}", extent.frame_len())
                })?;
            }
        }
        must(extent.frame_len() > 0, "a frame of at least one byte", || format!("{extent:?}"))?;
    }
    passed(framing, stream, &answers)
}

/// What an answer must be by itself.
fn alone(len: usize, answer: Answer) -> Result<(), Violation> {
    match answer {
        Ok(Located::Head { scanned, .. }) => {
            must(scanned <= len, "no more scanned than there is", || format!("{scanned} of {len}"))
        }
        Ok(Located::Open { head, scanned, .. }) => {
            must(usize::from(head) <= scanned && scanned <= len, "head <= scanned <= length", || {
                format!("head {head}, scanned {scanned}, length {len}")
            })
        }
        Ok(Located::Known(_)) => Ok(()),
        // It can be plain before the first byte over the limit comes.
        Err(Fault { kind: FaultKind::Oversize { .. }, .. }) => Ok(()),
        Err(fault) => must(fault.at < len, "a wrong byte that has come", || format!("{fault:?} in {len} bytes")),
    }
}

/// An answer and that for one byte more.
fn grown(len: usize, shorter: Answer, longer: Answer) -> Result<(), Violation> {
    let agrees = match (shorter, longer) {
        (Err(fault), other) => other == Err(fault),
        (Ok(Located::Known(extent)), Ok(other)) => other == Located::Known(extent),
        // Only a byte of the tail that has just come can be wrong.
        (Ok(Located::Known(extent)), Err(fault)) => {
            let tail = extent.frame_len().saturating_sub(extent.tail_len() as u64);
            fault.at >= len && (tail..extent.frame_len()).contains(&(fault.at as u64))
        }
        (Ok(Located::Head { scanned, .. }), Ok(Located::Head { scanned: later, .. })) => scanned <= later,
        (Ok(Located::Open { head, scanned, .. }), Ok(Located::Open { head: same, scanned: later, .. })) => {
            head == same && scanned <= later
        }
        (Ok(Located::Open { .. }), Ok(Located::Head { .. })) => false,
        (Ok(Located::Open { head, scanned, .. }), Ok(Located::Known(extent))) => {
            let payload_end = (extent.head_len() as u64).saturating_add(extent.payload_len());
            extent.head_len() == usize::from(head) && scanned as u64 <= payload_end
        }
        (Ok(Located::Head { .. }), _) | (Ok(Located::Open { .. }), Err(_)) => true,
    };
    must(agrees, "an answer that agrees with that for one byte less", || format!("{longer:?} after {shorter:?}"))
}

/// Without the limit nothing changes but the fault of being over it.
fn off_limit<F: Framing + ?Sized>(framing: &F, input: &[u8], answer: Answer) -> Result<(), Violation> {
    let unlimited = framing.locate(input, Progress { unlimited: true, ..Progress::default() });
    let agrees = match (answer, unlimited) {
        (Err(Fault { kind: FaultKind::Oversize { .. }, .. }), _) => true,
        _ => answer == unlimited,
    };
    must(agrees, "the same answer without the limit", || format!("{unlimited:?} and not {answer:?}"))
}

/// The end of the stream, where the bytes are no whole frame.
fn end<F: Framing + ?Sized>(framing: &F, input: &[u8], answer: Answer) -> Result<(), Violation> {
    let whole = matches!(answer, Ok(Located::Known(extent)) if extent.fits(input.len()).is_some());
    if whole {
        return Ok(());
    }
    let at_end = framing.at_end(input, Progress::default());
    let agrees = match at_end {
        Ok(AtEnd::Clean) => input.is_empty(),
        Ok(AtEnd::Frame(extent)) => !input.is_empty() && extent.frame_len() == input.len() as u64,
        Ok(AtEnd::Cut(_)) => !input.is_empty() && answer.is_ok(),
        Err(fault) => !input.is_empty() && answer.map_or_else(|earlier| earlier == fault, |_| true),
    };
    must(agrees, "an end that agrees with what was located", || format!("{at_end:?} after {answer:?}"))?;
    if let Some(scanned) = scanned(answer) {
        let progress = Progress { scanned, head: head(answer), ..Progress::default() };
        let resumed = framing.at_end(input, progress);
        must(resumed == at_end, "the same end resumed as from scratch", || format!("{resumed:?} and not {at_end:?}"))?;
    }
    Ok(())
}

/// Payload that was passed on and is gone changes nothing but the counts.
fn passed<F: Framing + ?Sized>(framing: &F, stream: &[u8], answers: &[Answer]) -> Result<(), Violation> {
    let Some(&whole) = answers.last() else { return Ok(()) };
    let without = |head: usize, passed: usize| [&stream[..head], &stream[head + passed..]].concat();
    for (len, &answer) in answers.iter().enumerate() {
        let Ok(Located::Open { head, scanned, .. }) = answer else { continue };
        let (said, head) = (head, usize::from(head));
        let gone = scanned - head;
        let progress = Progress { scanned: head, passed: gone as u64, head: said, unlimited: false };
        let found = framing.locate(&without(head, gone), progress);
        let expected = match whole {
            Ok(Located::Known(extent)) => {
                let left = extent.payload_len().saturating_sub(gone as u64);
                Ok(Located::Known(rebuilt(extent, left)))
            }
            Ok(Located::Open { head, scanned, need }) => Ok(Located::Open { head, scanned: scanned - gone, need }),
            Ok(located) => Ok(located),
            Err(fault) => Err(Fault { at: fault.at.saturating_sub(gone), ..fault }),
        };
        must(found == expected, "the same answer with payload passed on", || {
            format!("{found:?} and not {expected:?} with {gone} bytes passed, seen in the first {len}")
        })?;
    }
    if let Ok(Located::Known(extent)) = whole {
        let announced = answers.get(extent.head_len()).copied() == Some(whole);
        let end = usize::try_from(extent.payload_len()).ok().and_then(|len| len.checked_add(extent.head_len()));
        if let (true, Some(tail)) = (announced, end.and_then(|end| stream.get(end..))) {
            let input = [&stream[..extent.head_len()], tail].concat();
            let progress = Progress { passed: extent.payload_len(), unlimited: true, ..Progress::default() };
            let found = framing.locate(&input, progress);
            must(found == whole, "the same extent when all of the payload is gone", || {
                format!("{found:?} and not {whole:?}")
            })?;
        }
    }
    Ok(())
}

fn rebuilt(extent: Extent, payload: u64) -> Extent {
    let short = |len: usize| u16::try_from(len).unwrap_or(u16::MAX);
    Extent::new(short(extent.head_len()), payload, short(extent.tail_len())).with_front(short(extent.front_len()))
}

/// The shortcuts say of every frame what `locate` says, and nothing of what is none.
fn shortcuts<F: Framing + ?Sized>(framing: &F, stream: &[u8]) -> Result<(), Violation> {
    by_number(framing)?;
    let mut rest = stream;
    loop {
        let located = framing.locate(rest, Progress::default());
        by_head(framing, rest, located)?;
        let Ok(Located::Known(extent)) = located else { return Ok(()) };
        let Some(len) = extent.fits(rest.len()) else { return Ok(()) };
        must(len > 0, "a frame of at least one byte", || format!("{extent:?}"))?;
        if let Some(last) = framing.last_bytes().filter(|last| !last.set().is_empty()) {
            // Where frames end is told from their last bytes, from the first to the last.
            let candidates = (1..=len).filter(|&len| last.set().contains(rest[len - 1]));
            let found = candidates.map(|len| last.ending(framing, &rest[..len])).find(Option::is_some).flatten();
            must(found == Some(extent), "the extent of the first frame that ends with one of the last bytes", || {
                format!("{found:?} and not {extent:?} for {}", show(&rest[..len]))
            })?;
        }
        rest = &rest[len..];
    }
}

/// Every number of a plain prefix is ahead of as many bytes of payload, from the least to the greatest.
fn by_number<F: Framing + ?Sized>(framing: &F) -> Result<(), Violation> {
    let Some(prefix) = framing.plain_prefix() else { return Ok(()) };
    let greatest = prefix.below().saturating_sub(1).min(prefix.number().max());
    for value in [0, 1, greatest / 2, greatest].into_iter().filter(|value| *value < prefix.below()) {
        let mut head = Head::empty();
        let written = prefix.number().encode(value, &mut head);
        let located = framing.locate(&head, Progress::default());
        let tail = prefix.tail().map_or(0, Mark::len_u16);
        let expected = u16::try_from(head.len()).map(|len| Located::Known(Extent::new(len, value, tail)));
        must(written.is_ok() && located.ok() == expected.ok(), "the frame that a plain prefix announces", || {
            format!("{located:?} for {value}, written {}", show(&head))
        })?;
    }
    Ok(())
}

fn by_head<F: Framing + ?Sized>(framing: &F, input: &[u8], located: Answer) -> Result<(), Violation> {
    let Some(extent) = framing.locate_by_head(input) else { return Ok(()) };
    must(located == Ok(Located::Known(extent)), "the answer of locate by the head alone", || {
        format!("{extent:?} and not {located:?}")
    })?;
    // What follows the head, or as much of it as was enough, makes no difference.
    let head = input.get(..extent.head_len()).unwrap_or(input);
    for filler in [0, 0x80, 0xff, b'0', b'\n'] {
        let other = [head, &[filler; 16]].concat();
        let found = framing.locate(&other, Progress::default());
        must(found == Ok(Located::Known(extent)), "the same frame by the same head", || {
            format!("{found:?} and not {extent:?} in {}", show(&other))
        })?;
    }
    Ok(())
}
