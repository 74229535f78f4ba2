//! What the trait promises of each method.

use std::format;
use std::string::String;
use std::vec::Vec;

use super::outcome::show;
use super::{Law, Violation};
use crate::literal::Literal;
use crate::number::Number;
use crate::{AtEof, DecodeErrorKind, Extent, FrameError, Framing, Located, Progress, ShortBytes};

type Answer = Result<Located, FrameError>;

/// The answers of `locate`, `at_eof` and the shortcuts for the frames at the front of `stream` agree with each other: for
/// a longer input with those for shorter ones, resumed with those from scratch, by the header or the end with those by all.
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
        Ok(Located::Header { scanned, .. } | Located::Open { scanned, .. }) => Some(scanned),
        _ => None,
    }
}

/// The length of the header, where the answer says that the payload has begun.
fn header(answer: Answer) -> u16 {
    match answer {
        Ok(Located::Open { header, .. }) => header,
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
                let progress = Progress { scanned, header: header(answer), ..first };
                let found = framing.locate(&stream[..later], progress);
                must(found == expected, "the same answer resumed as from scratch", || {
                    format!("{found:?} for {later} bytes from {scanned}, and {expected:?} from scratch")
                })
                .map_err(at)?;
            }
        }
    }
    let last = answers.last().copied().unwrap_or(Ok(Located::header(1)));
    if let Ok(Located::Known(extent)) = last {
        for (len, &answer) in answers.iter().enumerate() {
            if let Ok(Located::Header { need, .. } | Located::Open { need, .. }) = answer {
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
        Ok(Located::Header { scanned, .. }) => {
            must(scanned <= len, "no more scanned than there is", || format!("{scanned} of {len}"))
        }
        Ok(Located::Open { header, scanned, .. }) => {
            must(usize::from(header) <= scanned && scanned <= len, "header <= scanned <= length", || {
                format!("header {header}, scanned {scanned}, length {len}")
            })
        }
        Ok(Located::Known(_)) => Ok(()),
        // It can be plain before the first byte over the limit comes.
        Err(FrameError { kind: DecodeErrorKind::Oversize { .. }, .. }) => Ok(()),
        Err(fault) => must(fault.at < len, "a wrong byte that has come", || format!("{fault:?} in {len} bytes")),
    }
}

/// An answer and that for one byte more.
fn grown(len: usize, shorter: Answer, longer: Answer) -> Result<(), Violation> {
    let agrees = match (shorter, longer) {
        (Err(fault), other) => other == Err(fault),
        (Ok(Located::Known(extent)), Ok(other)) => other == Located::Known(extent),
        // Only a byte of the trailer that has just come can be wrong.
        (Ok(Located::Known(extent)), Err(fault)) => {
            let trailer = extent.frame_len().saturating_sub(extent.trailer_len() as u64);
            fault.at >= len && (trailer..extent.frame_len()).contains(&(fault.at as u64))
        }
        (Ok(Located::Header { scanned, .. }), Ok(Located::Header { scanned: later, .. })) => scanned <= later,
        (Ok(Located::Open { header, scanned, .. }), Ok(Located::Open { header: same, scanned: later, .. })) => {
            header == same && scanned <= later
        }
        (Ok(Located::Open { .. }), Ok(Located::Header { .. })) => false,
        (Ok(Located::Open { header, scanned, .. }), Ok(Located::Known(extent))) => {
            let payload_end = (extent.header_len() as u64).saturating_add(extent.payload_len());
            extent.header_len() == usize::from(header) && scanned as u64 <= payload_end
        }
        (Ok(Located::Header { .. }), _) | (Ok(Located::Open { .. }), Err(_)) => true,
    };
    must(agrees, "an answer that agrees with that for one byte less", || format!("{longer:?} after {shorter:?}"))
}

/// Without the limit nothing changes but the fault of being over it.
fn off_limit<F: Framing + ?Sized>(framing: &F, input: &[u8], answer: Answer) -> Result<(), Violation> {
    let unlimited = framing.locate(input, Progress { unlimited: true, ..Progress::default() });
    let agrees = match (answer, unlimited) {
        (Err(FrameError { kind: DecodeErrorKind::Oversize { .. }, .. }), _) => true,
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
    let at_eof = framing.at_eof(input, Progress::default());
    let agrees = match at_eof {
        Ok(AtEof::Clean) => input.is_empty(),
        Ok(AtEof::Frame(extent)) => !input.is_empty() && extent.frame_len() == input.len() as u64,
        Ok(AtEof::Truncated(_)) => !input.is_empty() && answer.is_ok(),
        Err(fault) => !input.is_empty() && answer.map_or_else(|earlier| earlier == fault, |_| true),
    };
    must(agrees, "an end that agrees with what was located", || format!("{at_eof:?} after {answer:?}"))?;
    if let Some(scanned) = scanned(answer) {
        let progress = Progress { scanned, header: header(answer), ..Progress::default() };
        let resumed = framing.at_eof(input, progress);
        must(resumed == at_eof, "the same end resumed as from scratch", || format!("{resumed:?} and not {at_eof:?}"))?;
    }
    Ok(())
}

/// Payload that was passed on and is gone changes nothing but the counts.
fn passed<F: Framing + ?Sized>(framing: &F, stream: &[u8], answers: &[Answer]) -> Result<(), Violation> {
    let Some(&whole) = answers.last() else { return Ok(()) };
    let without = |header: usize, passed: usize| [&stream[..header], &stream[header + passed..]].concat();
    for (len, &answer) in answers.iter().enumerate() {
        let Ok(Located::Open { header, scanned, .. }) = answer else { continue };
        let (said, header) = (header, usize::from(header));
        let gone = scanned - header;
        let progress = Progress { scanned: header, passed: gone as u64, header: said, unlimited: false };
        let found = framing.locate(&without(header, gone), progress);
        let expected = match whole {
            Ok(Located::Known(extent)) => {
                let left = extent.payload_len().saturating_sub(gone as u64);
                Ok(Located::Known(rebuilt(extent, left)))
            }
            Ok(Located::Open { header, scanned, need }) => Ok(Located::Open { header, scanned: scanned - gone, need }),
            Ok(located) => Ok(located),
            Err(fault) => Err(FrameError { at: fault.at.saturating_sub(gone), ..fault }),
        };
        must(found == expected, "the same answer with payload passed on", || {
            format!("{found:?} and not {expected:?} with {gone} bytes passed, seen in the first {len}")
        })?;
    }
    if let Ok(Located::Known(extent)) = whole {
        let announced = answers.get(extent.header_len()).copied() == Some(whole);
        let end = usize::try_from(extent.payload_len()).ok().and_then(|len| len.checked_add(extent.header_len()));
        if let (true, Some(trailer)) = (announced, end.and_then(|end| stream.get(end..))) {
            let input = [&stream[..extent.header_len()], trailer].concat();
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
    Extent::new(short(extent.header_len()), payload, short(extent.trailer_len()))
        .with_message_header(short(extent.message_header_len()))
}

/// The shortcuts say of every frame what `locate` says, and nothing of what is none.
fn shortcuts<F: Framing + ?Sized>(framing: &F, stream: &[u8]) -> Result<(), Violation> {
    by_number(framing)?;
    let mut rest = stream;
    loop {
        let located = framing.locate(rest, Progress::default());
        by_header(framing, rest, located)?;
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
        let mut header = ShortBytes::empty();
        let written = prefix.number().encode(value, &mut header);
        let located = framing.locate(&header, Progress::default());
        let trailer = prefix.trailer().map_or(0, Literal::len_u16);
        let expected = u16::try_from(header.len()).map(|len| Located::Known(Extent::new(len, value, trailer)));
        must(written.is_ok() && located.ok() == expected.ok(), "the frame that a plain prefix announces", || {
            format!("{located:?} for {value}, written {}", show(&header))
        })?;
    }
    Ok(())
}

fn by_header<F: Framing + ?Sized>(framing: &F, input: &[u8], located: Answer) -> Result<(), Violation> {
    let Some(extent) = framing.locate_by_header(input) else { return Ok(()) };
    must(located == Ok(Located::Known(extent)), "the answer of locate by the header alone", || {
        format!("{extent:?} and not {located:?}")
    })?;
    // What follows the header, or as much of it as was enough, makes no difference.
    let header = input.get(..extent.header_len()).unwrap_or(input);
    for filler in [0, 0x80, 0xff, b'0', b'\n'] {
        let other = [header, &[filler; 16]].concat();
        let found = framing.locate(&other, Progress::default());
        must(found == Ok(Located::Known(extent)), "the same frame by the same header", || {
            format!("{found:?} and not {extent:?} in {}", show(&other))
        })?;
    }
    Ok(())
}
