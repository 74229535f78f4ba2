//! The fixpoint catches the framings that a split breaks.

use super::contract::{DOUBLED, SUMMED, compare};
use super::*;

/// A framing, and the bytes that its streams are made of.
type Small = (Broken, &'static [u8]);

/// Every framing above that a split shows, over a few bytes. The fixpoint needs no hint.
#[test]
fn fixpoint_catches_each_framing_that_breaks_a_split() {
    let small = |framing: Broken, alphabet: &'static [u8]| (framing, alphabet);
    let unknown = |locate: Locate| Broken { locate, shape: Shape::UNKNOWN, ..GOOD };
    let search = |locate: Locate| Broken { locate, shape: Shape::UNKNOWN, ..LINE };
    let good =
        [small(GOOD, b"\0\x01\x02"), small(SUMMED, b"\0\x01\x02"), small(LINE, b"ab\n"), small(DOUBLED, b"!a\0")];
    for (framing, alphabet) in good {
        let found = testing::fixpoint_within(&framing, alphabet, 300).unwrap();
        assert!(found.frames > 0, "{found:?}");
    }
    let broken: [(&str, Small); 17] = [
        ("lines that run together", small(search(last_line), b"ab\n")),
        (
            "a frame that waits for the next byte",
            small(
                unknown(|input, progress| match good_locate(input, progress)? {
                    Located::Known(extent) if extent.frame_len() >= input.len() as u64 => {
                        Ok(Located::Header(input.len() as u64 + 1))
                    }
                    located => Ok(located),
                }),
                b"\0\x01\x02",
            ),
        ),
        (
            "a need that reaches into the next frame",
            small(
                unknown(|input, progress| match input {
                    [] | [_] => Ok(Located::Header(4)),
                    _ => good_locate(input, progress),
                }),
                b"\0\x01\x02",
            ),
        ),
        (
            "an error that moves",
            small(
                unknown(|input, progress| match input {
                    [b'\n', _, ..] => {
                        Err(FrameError::new(input.len() - 1, DecodeErrorKind::ReservedForm { found: b'\n' }))
                    }
                    [b'\n'] => Ok(Located::Header(2)),
                    _ => good_locate(input, progress),
                }),
                b"\n\x01",
            ),
        ),
        (
            "an extent that changes",
            small(
                unknown(|input, _| match *input {
                    [] => Ok(Located::Header(1)),
                    [len, ..] => Ok(Located::Known(Extent::new(1, u64::from(len).min(input.len() as u64), 0))),
                }),
                b"\0\x02\x03",
            ),
        ),
        (
            "an extent that comes and goes",
            small(
                unknown(|input, progress| match input.len() {
                    3 => Ok(Located::Header(4)),
                    _ => good_locate(input, progress),
                }),
                b"\0\x01\x03",
            ),
        ),
        (
            "a wait that misses an answer",
            small(
                unknown(|input, progress| match input {
                    [] => Ok(Located::Wait(3)),
                    _ => good_locate(input, progress),
                }),
                b"\0\x01\x02",
            ),
        ),
        (
            "a scan that goes too far",
            small(
                search(|input, progress| {
                    let from = progress.scanned.min(input.len());
                    Ok(match input[from..].windows(2).position(|two| two == b"\r\n") {
                        Some(at) => Located::Known(Extent::new(0, (from + at) as u64, 2)),
                        None => self::search(input, progress),
                    })
                }),
                b"a\r\n",
            ),
        ),
        (
            "a search that takes payload back",
            small(
                search(|input, progress| match line(input, progress)? {
                    Located::Search { least, .. } => {
                        let len = if input.len() % 2 == 0 { 0 } else { input.len() as u64 };
                        Ok(Located::Search { so_far: Extent::new(0, len, 0), least })
                    }
                    located => Ok(located),
                }),
                b"ab\n",
            ),
        ),
        (
            "a search whose flags change",
            small(
                search(|input, progress| match line(input, progress)? {
                    Located::Known(extent) => Ok(Located::Known(extent.checked())),
                    located => Ok(located),
                }),
                b"ab\n",
            ),
        ),
        (
            "a check that forgets earlier parts",
            small(
                Broken {
                    check: |part, _| {
                        compare(part, part.payload().iter().fold(0, |sum, &byte| (sum + u64::from(byte)) & 0xff))
                    },
                    ..SUMMED
                },
                b"\0\x01\x02",
            ),
        ),
        (
            "an opening that forgets earlier parts",
            small(
                Broken { open: |header, payload, at, _| (DOUBLED.open)(header, payload, at, &mut 0), ..DOUBLED },
                b"!a\0",
            ),
        ),
        (
            "a header that says something else",
            small(
                Broken {
                    locate: |input, _| match *input {
                        [] | [_] => Ok(Located::Header(2)),
                        [len, next, ..] => {
                            Ok(Located::Known(Extent::new(1, u64::from(len.max(1)) + u64::from(next & 1), 0)))
                        }
                    },
                    ..GOOD
                },
                b"\x01\x02",
            ),
        ),
        (
            "a shape with another number",
            small(Broken { shape: Shape::prefix(Binary::u16_le().into(), 200), ..GOOD }, b"\0\x01\x02"),
        ),
        (
            "a shape with another end",
            small(
                Broken { shape: Shape::ends_where(&LF, &Says(|wire| (wire.len() > 2).then_some(1))), ..LINE },
                b"ab\n",
            ),
        ),
        (
            "checked frames that are known by their headers",
            small(Broken { shape: Shape::by_header(), ..SUMMED }, b"\0\x01\x02"),
        ),
        (
            "frames without end",
            small(
                unknown(|input, progress| match input {
                    [0xff, ..] => Ok(Located::Known(Extent::new(0, 0, 0))),
                    _ => good_locate(input, progress),
                }),
                b"\x01\xff",
            ),
        ),
    ];
    let mut missed = Vec::new();
    for (name, (framing, alphabet)) in broken {
        if let Ok(found) = testing::fixpoint_within(&framing, alphabet, 300) {
            missed.push(format!("{name}: {found:?}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
