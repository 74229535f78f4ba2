//! The promises of each method of the trait.

use std::format;
use std::string::String;

use super::outcome::show;
use super::{Law, Violation};
use crate::Framing;
use crate::contract::{Located, Part, Progress};

mod answers;
mod parts;
mod shapes;
mod starts;

/// At most this many bytes of a frame are tried one by one.
const MOST: usize = 1024;

/// The answers of all methods that decode agree with each other for the frames at the front of `stream`.
///
/// | method | its answers agree |
/// | --- | --- |
/// | `locate` | for a longer input with those for a shorter one, resumed with those from the start, lenient with strict, after removed payload with those before |
/// | `at_eof` | with those of `locate`, and resumed |
/// | `next_start` | for a longer input with those for a shorter one |
/// | `check` and `open` | in parts with those in one part; opening never grows |
/// | `shape` | with `locate`, for all frames in the stream |
/// | `max_payload_len` | with every frame located |
///
/// The work grows with the square of the frames' lengths, up to 1,024 bytes of each.
///
/// # Errors
///
/// [`Violation`].
pub fn contract(framing: &dyn Framing, stream: &[u8]) -> Result<(), Violation> {
    walk(framing, stream).map_err(|violation| violation.with_case(&format!("in the stream {}", show(stream))))
}

fn broken(expected: impl Into<String>, found: impl Into<String>) -> Violation {
    Violation::new(Law::Contract, expected, found)
}

fn must(holds: bool, expected: &str, found: impl FnOnce() -> String) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(broken(expected, found())) }
}

/// Checks the promises about the frame, or the error, at the front of `input`.
pub(super) fn agree(framing: &dyn Framing, input: &[u8], previous: u32) -> Result<(), Violation> {
    let located = framing.locate(input, &mut Progress { previous, ..Progress::default() });
    shapes::agree(framing, input, previous, located)?;
    answers::agree(framing, input, previous)?;
    shapes::resumed(framing, input)?;
    match located {
        Ok(Located::Known(extent)) if extent.fits(input.len()) == Some(input.len()) => {
            parts::agree(framing, extent, input)
        }
        _ => Ok(()),
    }
}

fn walk(framing: &dyn Framing, stream: &[u8]) -> Result<(), Violation> {
    shapes::numbers(framing)?;
    // The first few frames are looked at closely: each costs the square of its length.
    let mut close = 3;
    let (mut rest, mut previous) = (stream, 0);
    loop {
        let at = |violation: Violation| violation.with_case(&format!("at {}", stream.len() - rest.len()));
        let mut progress = Progress { previous, ..Progress::default() };
        let located = framing.locate(rest, &mut progress);
        shapes::agree(framing, rest, previous, located).map_err(at)?;
        if close > 0 {
            close -= 1;
            let input = rest.get(..MOST).unwrap_or(rest);
            answers::agree(framing, input, previous).map_err(at)?;
            starts::agree(framing, input).map_err(at)?;
            shapes::resumed(framing, input).map_err(at)?;
        }
        let len = match located {
            Ok(Located::Known(extent)) => match extent.fits(rest.len()) {
                Some(len) if extent.is_checked() => {
                    parts::agree(framing, extent, &rest[..len]).map_err(at)?;
                    if framing.check(Part::all(extent, rest), &mut 0).is_err() {
                        return Ok(());
                    }
                    len
                }
                Some(len) => {
                    parts::agree(framing, extent, &rest[..len]).map_err(at)?;
                    len
                }
                None => return Ok(()),
            },
            Ok(Located::Filler(len)) => len,
            _ => return Ok(()),
        };
        must(len > 0 && len <= rest.len(), "a frame or filler of at least one byte", || format!("{located:?}"))
            .map_err(at)?;
        (rest, previous) = (&rest[len..], progress.next);
    }
}
