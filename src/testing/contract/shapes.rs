//! The promises of a framing for all its frames, beside the answers of `locate` for each.

use std::format;
use std::vec::Vec;

use super::must;
use crate::contract::shape::{Ends, Kind};
use crate::contract::{Extent, FrameError, Located, Progress, ShortBytes};
use crate::literal::Literal;
use crate::number::{AnyNumber, Decoded, Number};
use crate::testing::Violation;
use crate::{ByteSet, Framing};

fn located(framing: &dyn Framing, input: &[u8], previous: u32) -> Result<Located, FrameError> {
    framing.locate(input, &mut Progress { previous, ..Progress::default() })
}

/// The flags of a frame whose header is known by its shape.
fn with_trailer(header: u16, payload: u64, trailer: Option<&Literal>) -> Extent {
    let extent = Extent::new(header, payload, trailer.map_or(0, Literal::len_u16));
    if trailer.is_some() { extent.checked() } else { extent }
}

/// Every number of a prefix precedes as many bytes of payload, from the least to the greatest.
pub(super) fn numbers(framing: &dyn Framing) -> Result<(), Violation> {
    let Kind::Prefix { number, below, trailer } = framing.shape().0 else { return Ok(()) };
    let greatest = below.saturating_sub(1).min(number.max());
    for value in [0, 1, greatest / 2, greatest].into_iter().filter(|value| *value < below && *value <= greatest) {
        let mut header = ShortBytes::empty();
        let written = number.encode(value, &mut header);
        let found = located(framing, &header, 0);
        let len = u16::try_from(header.len()).unwrap_or(u16::MAX);
        let expected = Located::Known(with_trailer(len, value, trailer.as_ref()));
        must(written.is_ok() && found == Ok(expected), "the frame that the number of the shape announces", || {
            format!("{found:?} and not {expected:?} for {value}, written {}", header.escape_ascii())
        })?;
    }
    Ok(())
}

/// Checks that the shape agrees with `answer` about the frame at the front of `input`.
pub(super) fn agree(
    framing: &dyn Framing,
    input: &[u8],
    previous: u32,
    answer: Result<Located, FrameError>,
) -> Result<(), Violation> {
    let shape = framing.shape();
    must(shape == framing.shape(), "the same shape each time", || format!("{shape:?}"))?;
    if let Some(last) = awaited(shape.0) {
        let is_quiet =
            last.find(input).is_none() && (input.len() as u64) < shape.0.quiet_below(framing.max_payload_len());
        let asks = matches!(answer, Ok(Located::Search { .. } | Located::Header(_) | Located::Wait(_)));
        must(asks || !is_quiet, "more bytes asked for until the byte that the shape promises", || {
            format!("{answer:?}")
        })?;
    }
    match (shape.0, answer) {
        (Kind::Until { .. } | Kind::Unknown, _) => Ok(()),
        (_, Ok(Located::Filler(_))) => {
            must(false, "no filler between frames that a shape promises", || format!("{answer:?}"))
        }
        (Kind::ByHeader, Ok(Located::Known(extent))) => by_header(framing, input, previous, extent),
        (Kind::ByHeader, _) => Ok(()),
        (Kind::Prefix { number, below, trailer }, _) => {
            let Ok(Decoded::Value { value, len }) = number.decode(input, u64::MAX) else {
                let is_part = matches!(number, AnyNumber::Binary(number) if input.len() < number.width());
                return must(answer.is_ok() || !is_part, "more bytes asked for until the number is complete", || {
                    format!("{answer:?}")
                });
            };
            if value >= below {
                return Ok(());
            }
            let expected =
                Located::Known(with_trailer(u16::try_from(len).unwrap_or(u16::MAX), value, trailer.as_ref()));
            must(answer == Ok(expected), "the frame that the number of the shape announces", || {
                format!("{answer:?} and not {expected:?} for {value}")
            })
        }
        (Kind::Ends { last, how }, Ok(Located::Known(extent))) => {
            must(extent.header_len() == 0, "frames without a header", || format!("{extent:?}"))?;
            let Some(len) = extent.fits(input.len()).filter(|_| !last.is_empty()) else { return Ok(()) };
            // From the first to the last of the bytes that may end the frame.
            let candidates = (1..=len).filter(|&len| last.contains(input[len - 1]));
            let mut ends: Vec<(usize, u16)> = Vec::new();
            for len in candidates {
                if let Some(trailer) = trailer_len(how, &input[..len]) {
                    ends.push((len, trailer));
                    break;
                }
            }
            let expected = ends
                .first()
                .map(|&(len, trailer)| Extent::new(0, (len as u64).saturating_sub(trailer.into()), trailer));
            must(expected == Some(extent), "the first end that the shape confirms", || {
                format!("{expected:?} and not {extent:?} for {}", input[..len].escape_ascii())
            })
        }
        (Kind::Ends { last, how }, Ok(Located::Search { so_far, .. })) => {
            must(so_far.header_len() == 0, "frames without a header", || format!("{so_far:?}"))?;
            no_end(last, how, input, answer)
        }
        (Kind::Ends { last, how }, Ok(Located::Wait(_) | Located::Header(_))) => no_end(last, how, input, answer),
        // A frame over the limit has an end too.
        (Kind::Ends { .. }, Err(_)) => Ok(()),
    }
}

/// The bytes that may end a frame.
fn awaited(kind: Kind<'_>) -> Option<ByteSet> {
    match kind {
        Kind::Until { last, escape } => Some(ByteSet::of(last).with(escape.unwrap_or(last))),
        Kind::Ends { last, .. } => Some(*last),
        _ => None,
    }
}

/// The length of the trailer if a frame that is all of `wire` ends with its last byte.
fn trailer_len(how: Ends<'_>, wire: &[u8]) -> Option<u16> {
    match how {
        Ends::Each => Some(1),
        Ends::Kept => Some(0),
        Ends::Lines => Some(if matches!(wire, [.., b'\r', _]) { 2 } else { 1 }),
        Ends::Delimiter(delimiter, trailer) => wire.ends_with(delimiter).then_some(trailer),
        Ends::Confirmed(end) => end.trailer_len(wire),
    }
}

fn no_end(
    last: &crate::ByteSet,
    how: Ends<'_>,
    input: &[u8],
    answer: Result<Located, FrameError>,
) -> Result<(), Violation> {
    let mut ends = (1..=input.len()).filter(|&len| last.contains(input[len - 1]));
    let found = ends.find(|&len| trailer_len(how, &input[..len]).is_some());
    must(found.is_none(), "no end that the shape confirms where none is located", || {
        format!("{found:?} in {} and {answer:?}", input.escape_ascii())
    })
}

/// Checks that a search for a byte may resume as if all bytes were scanned except the last.
pub(super) fn resumed(framing: &dyn Framing, input: &[u8]) -> Result<(), Violation> {
    let Kind::Ends { how: Ends::Each | Ends::Kept | Ends::Lines, .. } = framing.shape().0 else { return Ok(()) };
    for len in 0..input.len() {
        if !matches!(
            located(framing, &input[..len], 0),
            Ok(Located::Search { .. } | Located::Header(_) | Located::Wait(_))
        ) {
            return Ok(());
        }
        let mut progress = Progress { scanned: len.saturating_sub(1), ..Progress::default() };
        let found = framing.locate(input, &mut progress);
        let expected = located(framing, input, 0);
        must(found == expected, "the same answer by the bytes after those scanned", || {
            format!("{found:?} and not {expected:?}, scanned {len} but 1")
        })?;
    }
    Ok(())
}

/// The bytes after the header make no difference, and nothing is checked.
fn by_header(framing: &dyn Framing, input: &[u8], previous: u32, extent: Extent) -> Result<(), Violation> {
    must(!extent.is_checked(), "no check of frames known by their headers", || format!("{extent:?}"))?;
    let Some(header) = input.get(..extent.header_len()) else { return Ok(()) };
    for (byte, len) in [(0, 0), (0, 16), (0x80, 16), (0xff, 16), (b'0', 16), (b'\n', 16)] {
        let other = [header, &[byte; 16][..len]].concat();
        let found = located(framing, &other, previous);
        must(found == Ok(Located::Known(extent)), "the same frame by the same header", || {
            format!("{found:?} and not {extent:?} in {}", other.escape_ascii())
        })?;
    }
    Ok(())
}
