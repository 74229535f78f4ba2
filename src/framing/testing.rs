//! What the unit tests of the framings share: the promises of `Framing::locate`, checked on one input.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

extern crate std;

use std::string::String;
use std::vec::Vec;

use crate::contract::{Extent, Framing, Located, Progress};
use crate::error::{DecodeError, FrameError};
use crate::{Decoder, EofError};

/// Asks for the frame at the front of every beginning of `input`, both afresh and going on from the last answer, and
/// checks that answers agree, that `need` is never too much, and that nothing comes late.
#[track_caller]
pub(crate) fn prefixes_agree(framing: &impl Framing, input: &[u8]) -> Result<Extent, FrameError> {
    let mut settled: Option<Result<Extent, FrameError>> = None;
    let mut progress = Progress::default();
    let mut least = 0;
    for end in 0..=input.len() {
        let answer = framing.locate(&input[..end], Progress::default());
        let resumed = framing.locate(&input[..end], progress);
        match (answer, resumed) {
            (Ok(Located::Known(extent)), Ok(Located::Known(same))) => {
                assert_eq!(extent, same, "at {end} of {}", input.escape_ascii());
                assert!(settled.is_none_or(|settled| settled == Ok(extent)), "{settled:?} became {extent:?} at {end}");
                assert!(extent.frame_len() >= least, "needs {least}, has {}", extent.frame_len());
                settled = Some(Ok(extent));
            }
            (Err(fault), Err(same)) => {
                assert_eq!(fault, same, "at {end} of {}", input.escape_ascii());
                match settled {
                    None => assert!(fault.at < end, "{fault} is no byte of the first {end}"),
                    // A known frame whose trailer is wrong.
                    Some(Ok(extent)) => assert!(fault.at as u64 >= extent.frame_len() - extent.trailer_len() as u64),
                    Some(Err(settled)) => assert_eq!(settled, fault),
                }
                if !matches!(settled, Some(Err(_))) {
                    assert_eq!(fault.at + 1, end, "{fault} comes late or early");
                }
                settled = Some(Err(fault));
            }
            (
                Ok(Located::Header { need, scanned } | Located::Open { need, scanned, .. }),
                Ok(
                    Located::Header { need: same, scanned: resumed }
                    | Located::Open { need: same, scanned: resumed, .. },
                ),
            ) => {
                assert_eq!((need, scanned), (same, resumed), "at {end} of {}", input.escape_ascii());
                assert_eq!(settled, None);
                assert!(scanned <= end);
                least = least.max(end as u64 + need.get() as u64);
                progress.scanned = scanned;
                progress.header = match answer {
                    Ok(Located::Open { header, .. }) => header,
                    _ => 0,
                };
            }
            (fresh, resumed) => panic!("afresh {fresh:?}, going on {resumed:?} at {end} of {}", input.escape_ascii()),
        }
    }
    settled.unwrap_or_else(|| panic!("{} is no whole frame", input.escape_ascii()))
}

/// A stream's messages with the length of each frame, or its error.
pub(crate) type Seen = Result<Vec<(Vec<u8>, usize)>, String>;

/// Decodes `wire` in one piece, byte by byte, in two pieces cut at every place, and in pieces of its payloads, and
/// checks that all is the same.
#[track_caller]
pub(crate) fn cuts_agree<F: Framing>(framing: &F, wire: &[u8]) -> Seen {
    let whole = seen(framing, [wire].into_iter());
    assert_eq!(seen(framing, wire.chunks(1)), whole);
    assert_eq!(seen(framing, wire.chunks(1).flat_map(|byte| [&[], byte])), whole);
    for cut in 0..=wire.len() {
        let (a, b) = wire.split_at(cut);
        assert_eq!(seen(framing, [a, b].into_iter()), whole, "cut at {cut}");
    }
    // A reader that takes no more than it is said to need meets every frame's end exactly.
    let mut decoder = Decoder::new(framing);
    let (mut rest, mut found) = (wire, Vec::new());
    loop {
        match decoder.next_frame() {
            Ok(Some(frame)) => found.push((frame.message().to_vec(), frame.wire().len())),
            Ok(None) if rest.is_empty() => break,
            Ok(None) => {
                assert!(decoder.need() > 0);
                let (now, later) = rest.split_at(decoder.need().min(rest.len()));
                decoder.push(now).unwrap();
                rest = later;
            }
            Err(_) => break,
        }
        assert!(found.is_empty() || rest.is_empty() || decoder.buffered().len() <= wire.len());
    }
    if let Ok(whole) = &whole {
        assert!(whole.starts_with(&found));
    }
    whole
}

fn seen<'a, F: Framing>(framing: &F, chunks: impl Iterator<Item = &'a [u8]>) -> Seen {
    let text = |error: DecodeError| std::format!("{error:?}");
    let mut decoder = Decoder::new(framing);
    let mut found = Vec::new();
    for chunk in chunks {
        if decoder.push(chunk).is_err() {
            break;
        }
        while let Some(frame) = decoder.next_frame().map_err(text)? {
            found.push((frame.message().to_vec(), frame.wire().len()));
        }
    }
    loop {
        match decoder.finish() {
            Ok(Some(frame)) => found.push((frame.message().to_vec(), frame.wire().len())),
            Ok(None) => return Ok(found),
            Err(EofError::Decode(error)) => return Err(text(error)),
            Err(error) => return Err(std::format!("{error:?}")),
        }
    }
}
