//! Shared by the unit tests of the framings: checks the promises of `Framing::locate` on one input.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

extern crate std;

use std::string::String;
use std::vec::Vec;

use crate::contract::{Extent, Framing, Located, Part, Progress};
use crate::error::{DecodeError, FrameError};
use crate::{Decoder, EofError, Frame};

/// Locates the frame at the front of every prefix of `input`, from the start and resumed from the last answer, and
/// checks that answers agree, that no least length is too great, that nothing is late, and that the frame is intact.
#[track_caller]
pub(crate) fn prefixes_agree(framing: &dyn Framing, input: &[u8]) -> Result<Extent, FrameError> {
    let mut settled: Option<Result<Extent, FrameError>> = None;
    let mut progress = Progress::default();
    let mut least = 0;
    for end in 0..=input.len() {
        let place = std::format!("at {end} of {}", input.escape_ascii());
        let answer = framing.locate(&input[..end], &mut Progress::default());
        let resumed = framing.locate(&input[..end], &mut progress);
        assert_eq!(answer, resumed, "afresh and going on, {place}");
        match answer {
            Ok(Located::Known(extent)) => {
                assert!(settled.is_none_or(|settled| settled == Ok(extent)), "{settled:?} became {extent:?}, {place}");
                assert!(extent.frame_len() >= least, "needs {least}, has {}", extent.frame_len());
                settled = Some(Ok(extent));
            }
            Err(error) => {
                match settled {
                    None => assert_eq!(error.at + 1, end, "{error} comes late or early, {place}"),
                    Some(settled) => assert_eq!(settled, Err(error), "{place}"),
                }
                settled = Some(Err(error));
            }
            Ok(Located::Wait(now) | Located::Header(now) | Located::Search { least: now, .. }) => {
                assert_eq!(settled, None, "{place}");
                assert!(progress.scanned <= end, "{place}");
                least = least.max(now);
            }
            Ok(Located::Filler(len)) => panic!("filler of {len} bytes, {place}"),
        }
    }
    let extent = settled.unwrap_or_else(|| panic!("{} is no complete frame", input.escape_ascii()))?;
    if extent.is_checked() && extent.fits(input.len()).is_some() {
        framing.check(Part::all(extent, input), &mut 0)?;
    }
    Ok(extent)
}

/// A stream's messages with the length of each frame, or its error.
pub(crate) type Seen = Result<Vec<(Vec<u8>, usize)>, String>;

fn message(frame: &Frame<'_>) -> (Vec<u8>, usize) {
    (frame.message().to_vec(), frame.wire_len())
}

/// Decodes `wire` in one piece, byte by byte, and in two pieces cut at every place, and checks that the results agree.
#[track_caller]
pub(crate) fn cuts_agree(framing: &dyn Framing, wire: &[u8]) -> Seen {
    let whole = seen(framing, &mut [wire].into_iter());
    assert_eq!(seen(framing, &mut wire.chunks(1)), whole);
    assert_eq!(seen(framing, &mut wire.chunks(1).flat_map(|byte| [&[], byte])), whole);
    for cut in 0..=wire.len() {
        let (a, b) = wire.split_at(cut);
        assert_eq!(seen(framing, &mut [a, b].into_iter()), whole, "cut at {cut}");
    }
    // A reader that takes no more than `need` stops exactly at the end of every frame.
    let mut decoder = Decoder::new(framing);
    let (mut rest, mut found) = (wire, Vec::new());
    loop {
        match decoder.next_frame() {
            Ok(Some(frame)) => {
                found.push(message(&frame));
                assert!(decoder.buffered().is_empty(), "bytes after a frame were taken");
            }
            Ok(None) if rest.is_empty() => break,
            Ok(None) => {
                assert!(decoder.need() > 0);
                let (now, later) = rest.split_at(decoder.need().min(rest.len()));
                decoder.push(now).unwrap();
                rest = later;
            }
            Err(_) => break,
        }
    }
    if let Ok(whole) = &whole {
        assert!(whole.starts_with(&found));
    }
    whole
}

fn seen(framing: &dyn Framing, chunks: &mut dyn Iterator<Item = &[u8]>) -> Seen {
    let text = |error: DecodeError| std::format!("{error:?}");
    let mut decoder = Decoder::new(framing);
    let mut found = Vec::new();
    for chunk in chunks {
        if decoder.push(chunk).is_err() {
            break;
        }
        while let Some(frame) = decoder.next_frame().map_err(text)? {
            found.push(message(&frame));
        }
    }
    loop {
        match decoder.finish() {
            Ok(Some(frame)) => found.push(message(&frame)),
            Ok(None) => return Ok(found),
            Err(EofError::Decode(error)) => return Err(text(error)),
            Err(error) => return Err(std::format!("{error:?}")),
        }
    }
}
