//! Framings whose methods contradict each other, or break what they promise.

use super::*;

#[test]
fn known_extent_that_changes_breaks_the_contract() {
    let broken = Broken {
        locate: |input, _| match *input {
            [] => Ok(Located::Header(1)),
            [len, ..] => Ok(Located::Known(Extent::new(1, u64::from(len).min(input.len() as u64), 0))),
        },
        ..GOOD
    };
    must_break(Law::Contract, testing::contract(&broken, b"\x05hello"));
    must_be_found(&broken);
}

#[test]
fn known_extent_that_comes_and_goes_breaks_the_contract() {
    let broken = Broken {
        locate: |input, progress| match input.len() {
            3 => Ok(Located::Header(4)),
            _ => good_locate(input, progress),
        },
        shape: Shape::UNKNOWN,
        ..GOOD
    };
    must_break(Law::Contract, testing::contract(&broken, b"\x05hello"));
    must_be_found(&broken);
}

#[test]
fn scanned_above_the_length_breaks_the_contract() {
    let broken = Broken {
        locate: |input, progress| {
            let located = good_locate(input, progress);
            progress.scanned = input.len() + 1;
            located
        },
        ..GOOD
    };
    must_break(Law::Contract, testing::contract(&broken, b"\x01a"));
    must_be_found(&broken);
}

#[test]
fn progress_of_the_decoder_overwritten_breaks_the_contract() {
    let broken = Broken {
        locate: |input, progress| {
            progress.consumed += 1;
            good_locate(input, progress)
        },
        ..GOOD
    };
    must_break(Law::Contract, testing::contract(&broken, b"\x01a"));
    must_be_found(&broken);
}

#[test]
fn wait_that_misses_an_answer_breaks_the_contract() {
    let broken = Broken {
        locate: |input, progress| match input {
            [] => Ok(Located::Wait(3)),
            _ => good_locate(input, progress),
        },
        shape: Shape::UNKNOWN,
        ..GOOD
    };
    must_break(Law::Contract, testing::contract(&broken, b"\x02ab"));
    must_be_found(&broken);
}

#[test]
fn least_length_that_is_there_already_breaks_the_contract() {
    let broken = Broken {
        locate: |input, progress| match input {
            [] => Ok(Located::Header(0)),
            _ => good_locate(input, progress),
        },
        ..GOOD
    };
    must_break(Law::Contract, testing::contract(&broken, b"\x01a"));
    must_be_found(&broken);
}

#[test]
fn search_that_takes_payload_back_breaks_the_contract() {
    let broken = Broken {
        locate: |input, progress| match line(input, progress)? {
            Located::Search { least, .. } => {
                let len = if input.len() % 2 == 0 { 0 } else { input.len() as u64 };
                Ok(Located::Search { so_far: Extent::new(0, len, 0), least })
            }
            located => Ok(located),
        },
        shape: Shape::UNKNOWN,
        ..LINE
    };
    must_break(Law::Contract, testing::contract(&broken, b"abc\n"));
    must_be_found(&broken);
}

#[test]
fn search_whose_flags_change_breaks_the_contract() {
    let broken = Broken {
        locate: |input, progress| match line(input, progress)? {
            Located::Known(extent) => Ok(Located::Known(extent.checked())),
            located => Ok(located),
        },
        shape: Shape::UNKNOWN,
        ..LINE
    };
    must_break(Law::Contract, testing::contract(&broken, b"abc\n"));
    must_be_found(&broken);
}

/// A line without a `b`, which is forbidden.
fn line_without_b(input: &[u8], progress: &mut Progress, judges: bool) -> Result<Located, FrameError> {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    match input[..end].iter().position(|byte| *byte == b'b') {
        Some(at) if judges => Err(FrameError::new(at, DecodeErrorKind::Forbidden { found: b'b' })),
        _ => line(input, progress),
    }
}

fn envelope_without_b(message: &[u8]) -> Result<Envelope<'static>, EncodeError> {
    match message.iter().position(|byte| *byte == b'b') {
        Some(at) => Err(EncodeError::ContainsDelimiter { at }),
        None => line_envelope(message),
    }
}

#[test]
fn payload_judged_leniently_breaks_the_contract() {
    let good = Broken {
        locate: |input, progress| line_without_b(input, progress, !progress.lenient),
        envelope: envelope_without_b,
        shape: Shape::UNKNOWN,
        ..LINE
    };
    assert_eq!(testing::contract(&good, b"axb\ncd\n"), Ok(()));
    let broken = Broken { locate: |input, progress| line_without_b(input, progress, true), ..good };
    must_break(Law::Contract, testing::contract(&broken, b"axb\ncd\n"));
}

#[test]
fn another_end_leniently_breaks_the_contract() {
    let broken = Broken {
        locate: |input, progress| match good_locate(input, progress)? {
            Located::Known(extent) if progress.lenient => {
                Ok(Located::Known(Extent::new(1, extent.payload_len() + 1, 0)))
            }
            located => Ok(located),
        },
        ..GOOD
    };
    must_break(Law::Contract, testing::contract(&broken, b"\x01ab"));
    must_be_found(&broken);
}

#[test]
fn limit_that_only_the_framing_names_breaks_the_contract() {
    // Neither locating nor encoding keeps it.
    let broken = Broken { max: 100, ..GOOD };
    must_break(Law::Contract, testing::limit(&broken));
    must_break(Law::Contract, testing::contract(&broken, b"\x65"));
    assert_eq!(testing::contract(&broken, b"\x64"), Ok(()));
    must_be_found(&broken);
}

#[test]
fn limit_below_the_one_that_is_named_breaks_the_contract() {
    let broken = Broken {
        envelope: |message| match message.len() as u64 {
            len if len > 50 => Err(EncodeError::Oversize { len, max: 50 }),
            _ => good_envelope(message),
        },
        max: 255,
        ..GOOD
    };
    must_break(Law::Contract, testing::limit(&broken));
    must_be_found(&broken);
}

/// A length byte, the payload and its sum.
pub(super) const SUMMED: Broken = Broken {
    locate: |input, _| {
        Ok(match *input {
            [] => Located::Header(1),
            [len, ..] => Located::Known(Extent::new(1, len.into(), 1).checked()),
        })
    },
    envelope: |message| {
        let sum = message.iter().fold(0, |sum: u8, &byte| sum.wrapping_add(byte));
        Ok(good_envelope(message)?.with_computed_trailer(ShortBytes::new(&[sum])?))
    },
    check: |part, sum| {
        *sum = part.payload().iter().fold(*sum, |sum, &byte| (sum + u64::from(byte)) & 0xff);
        compare(part, *sum)
    },
    shape: Shape::UNKNOWN,
    ..GOOD
};

pub(super) fn compare(part: Part<'_>, computed: u64) -> Result<(), FrameError> {
    match part.trailer() {
        Some(&[found]) if u64::from(found) != computed => {
            let kind = DecodeErrorKind::Check { found: found.into(), computed };
            Err(FrameError::new(part.trailer_start(), kind))
        }
        _ => Ok(()),
    }
}

#[test]
fn good_checksum_breaks_no_law() {
    assert_eq!(testing::check_all(&SUMMED, 200), Ok(()));
    let mut decoder = Decoder::new(SUMMED);
    decoder.push(b"\x02ab\xc3\x01a!").unwrap();
    assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"ab");
    assert_eq!(decoder.next_frame().unwrap_err().offset, 6);
}

#[test]
fn check_that_forgets_earlier_parts_breaks_the_contract() {
    let broken = Broken {
        check: |part, _| compare(part, part.payload().iter().fold(0, |sum, &byte| (sum + u64::from(byte)) & 0xff)),
        ..SUMMED
    };
    must_break(Law::Contract, testing::contract(&broken, b"\x02ab\xc3"));
    must_be_found(&broken);
}

/// Every `!` of the payload is written twice, and a zero ends the frame.
pub(super) const DOUBLED: Broken = Broken {
    locate: |input, progress| {
        Ok(match input.iter().position(|byte| *byte == 0) {
            Some(at) => Located::Known(Extent::new(0, at as u64, 1).rewritten()),
            None => match search(input, progress) {
                Located::Search { so_far, least } => Located::Search { so_far: so_far.rewritten(), least },
                located => located,
            },
        })
    },
    envelope: |message| match message.iter().position(|byte| *byte == 0) {
        Some(at) => Err(EncodeError::ContainsDelimiter { at }),
        None => Ok(Envelope::Rewritten { len: (message.len() + marks(message) + 1) as u64 }),
    },
    at_eof: line_end,
    open: |_, payload, _, memo| {
        let mut len = 0;
        for at in 0..payload.len() {
            let byte = payload[at];
            if byte == b'!' && *memo == 0 {
                *memo = 1;
                continue;
            }
            *memo = 0;
            payload[len] = byte;
            len += 1;
        }
        len
    },
    seal: |message, frame| {
        let doubled = message.iter().flat_map(|&byte| std::iter::repeat_n(byte, if byte == b'!' { 2 } else { 1 }));
        frame.iter_mut().zip(doubled.chain([0])).for_each(|(place, byte)| *place = byte);
    },
    shape: Shape::UNKNOWN,
    ..GOOD
};

fn marks(message: &[u8]) -> usize {
    message.iter().filter(|byte| **byte == b'!').count()
}

#[test]
fn good_rewritten_framing_breaks_no_law() {
    assert_eq!(testing::round_trip(&DOUBLED, &[&b"a!b!!"[..], b"", b"!"]), Ok(()));
    assert_eq!(testing::check_all(&DOUBLED, 200), Ok(()));
}

#[test]
fn open_that_forgets_earlier_parts_breaks_the_contract() {
    let broken = Broken { open: |header, payload, at, _| (DOUBLED.open)(header, payload, at, &mut 0), ..DOUBLED };
    must_break(Law::Contract, testing::contract(&broken, b"a!!!!b\0"));
}

#[test]
fn envelope_whose_length_is_wrong_breaks_law_1() {
    let broken = Broken {
        envelope: |message| match (DOUBLED.envelope)(message)? {
            Envelope::Rewritten { len } => Ok(Envelope::Rewritten { len: len + 1 }),
            envelope => Ok(envelope),
        },
        ..DOUBLED
    };
    assert!(testing::round_trip(&broken, &[&b"a"[..], b"b"]).is_err());
    must_break(Law::EncoderRefuses, testing::refusal(&broken, &[b"a"]));
    must_be_found(&broken);
}

#[test]
fn header_that_says_something_else_breaks_the_contract() {
    // The byte after the header makes the length even.
    let even = |input: &[u8], _: &mut Progress| match *input {
        [] | [_] => Ok(Located::Header(2)),
        [len, next, ..] => Ok(Located::Known(Extent::new(1, u64::from(len.max(1)) + u64::from(next & 1), 0))),
    };
    let broken = Broken { locate: even, ..GOOD };
    must_break(Law::Contract, testing::contract(&broken, b"\x01a\x01b"));
    must_be_found(&broken);
}

#[test]
fn checked_frames_known_by_header_break_the_contract() {
    let broken = Broken { shape: Shape::by_header(), ..SUMMED };
    must_break(Law::Contract, testing::contract(&broken, b"\x01aa"));
    must_be_found(&broken);
}

#[test]
fn shape_whose_number_says_something_else_breaks_the_contract() {
    let with = |number: AnyNumber, below| Broken { shape: Shape::prefix(number, below), ..GOOD };
    for below in [0, 1, 100, 256, u64::MAX] {
        assert_eq!(testing::check_all(&with(Binary::u8().into(), below), 50), Ok(()), "below {below}");
    }
    for number in
        [Binary::u16_be().into(), Binary::u16_le().into(), Varint::leb128().into(), AnyNumber::from(Ascii::hex4())]
    {
        let broken = with(number, 200);
        must_break(Law::Contract, testing::contract(&broken, b"\x01a"));
        must_be_found(&broken);
    }
    let shape = Shape::prefix_and_trailer(Binary::u8().into(), 100, Literal::byte(b','));
    let broken = Broken { shape, ..GOOD };
    must_break(Law::Contract, testing::contract(&broken, b"\x01a"));
    must_be_found(&broken);
    // Its greatest is too long a payload.
    let at_most_99 =
        |input: &[u8], progress: &mut Progress| Prefix::u8().with_max_payload_len(99).locate(input, progress);
    for (below, found) in [(100, false), (101, true)] {
        let broken = Broken { locate: at_most_99, ..with(Binary::u8().into(), below) };
        assert_eq!(testing::contract(&broken, b"\x01a").is_err(), found, "below {below}");
    }
}

#[test]
fn shape_that_confirms_another_end_breaks_the_contract() {
    static NEVER: Says = Says(|_| None);
    static NOTHING: Says = Says(|_| Some(0));
    static SECOND: Says = Says(|wire| (wire.len() > 2).then_some(1));
    for end in [&NEVER, &NOTHING, &SECOND] {
        let broken = Broken { shape: Shape::ends_where(&LF, end), ..LINE };
        must_break(Law::Contract, testing::contract(&broken, b"a\nb\n"));
        must_be_found(&broken);
    }
}

#[test]
fn shape_with_another_trailer_breaks_the_contract() {
    let with = |shape| Broken { shape, ..LINE };
    for shape in [Shape::ends_with(&LF), Shape::delimiter(&LF, b"\n", 1)] {
        assert_eq!(testing::contract(&with(shape), b"a\r\nb\n\n"), Ok(()));
        assert_eq!(testing::check_all(&with(shape), 100), Ok(()));
    }
    assert_eq!(testing::contract(&with(Shape::lines(&LF)), b"a\nb\n"), Ok(()));
    let wrong = [
        (Shape::ends_with_kept(&LF), &b"a\n"[..]),
        (Shape::lines(&LF), b"a\r\n"),
        (Shape::delimiter(&LF, b"\n", 0), b"a\n"),
        (Shape::delimiter(&LF, b"\r\n", 2), b"a\n"),
    ];
    for (shape, stream) in wrong {
        must_break(Law::Contract, testing::contract(&with(shape), stream));
        must_be_found(&with(shape));
    }
}

#[test]
fn scan_that_goes_too_far_breaks_the_contract() {
    let broken = Broken {
        locate: |input, progress| {
            let from = progress.scanned.min(input.len());
            Ok(match input[from..].windows(2).position(|two| two == b"\r\n") {
                Some(at) => Located::Known(Extent::new(0, (from + at) as u64, 2)),
                // A CR at the end may be half of a line end.
                None => search(input, progress),
            })
        },
        shape: Shape::UNKNOWN,
        ..LINE
    };
    must_break(Law::Contract, testing::contract(&broken, b"a\r\n"));
    must_be_found(&broken);
}
