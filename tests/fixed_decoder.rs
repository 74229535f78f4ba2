//! `FixedDecoder` in little memory: frames that fit are returned, longer ones are rejected, whatever the chunks and the calls are.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use anysplit::{
    DecodeErrorKind, Delimited, Event, Fixed, FixedDecoder, Framing, HeaderBlock, Prefix, Recovery, Stuffed,
};
use proptest::prelude::*;

/// One of each kind whose frames are found without asking the framing, and some of the others.
fn framings() -> Vec<(&'static str, Box<dyn Framing>)> {
    vec![
        ("u8", Box::new(Prefix::u8())),
        ("u16 big", Box::new(Prefix::u16_be())),
        ("u32 big", Box::new(Prefix::u32_be())),
        ("u32 little", Box::new(Prefix::u32_le())),
        ("varint", Box::new(Prefix::leb128())),
        ("netstring", Box::new(Prefix::netstring())),
        ("lines", Box::new(Delimited::line())),
        ("CRLF", Box::new(Delimited::crlf())),
        ("LF or NUL", Box::new(Delimited::any_of([b"\n", b"\0"]).unwrap())),
        ("COBS", Box::new(Stuffed::cobs())),
        ("SLIP", Box::new(Stuffed::slip())),
        ("headers", Box::new(HeaderBlock::new("L").unwrap())),
    ]
}

/// How bytes go in and frames come out.
#[derive(Clone, Copy, Debug)]
enum Calls {
    Push,
    Spare,
    Events,
}

/// The frame of a message. What may stand between two frames is not part of it.
fn frame(framing: &dyn Framing, message: &[u8]) -> Vec<u8> {
    let mut wire = Vec::new();
    (&framing).encode(message, &mut wire).unwrap();
    wire
}

fn without_filler<'w>(name: &str, wire: &'w [u8]) -> &'w [u8] {
    if name == "SLIP" { wire.strip_prefix(b"\xc0").unwrap_or(wire) } else { wire }
}

/// The messages that come out, and the kind of the error that ends the stream.
fn decode(
    framing: &dyn Framing,
    room: usize,
    recovery: Recovery,
    stream: &[u8],
    cuts: &[usize],
    calls: Calls,
) -> (Vec<Vec<u8>>, Option<DecodeErrorKind>) {
    let mut decoder = FixedDecoder::new(framing, vec![0; room]).with_recovery(recovery);
    let (mut seen, mut rest, mut cuts) = (Vec::new(), stream, cuts.iter().cycle());
    while !rest.is_empty() {
        let chunk = &rest[..rest.len().min(*cuts.next().unwrap())];
        let taken = match calls {
            Calls::Spare => {
                let place = decoder.spare(chunk.len()).unwrap();
                let len = place.len();
                place.copy_from_slice(&chunk[..len]);
                decoder.commit(len);
                len
            }
            Calls::Push | Calls::Events => decoder.push(chunk).unwrap(),
        };
        assert!(taken > 0, "there is room for a byte");
        rest = &rest[taken..];
        loop {
            let found = match calls {
                Calls::Events => decoder.next_event().map(|event| match event {
                    Some(Event::Skipped(_)) => Some(None),
                    Some(Event::Frame(frame)) => Some(Some(frame.message().to_vec())),
                    None => None,
                }),
                Calls::Push | Calls::Spare => {
                    decoder.next_frame().map(|frame| frame.map(|frame| Some(frame.message().to_vec())))
                }
            };
            match found {
                Ok(Some(message)) => seen.extend(message),
                Ok(None) => break,
                Err(error) => return (seen, Some(error.kind)),
            }
        }
    }
    (seen, None)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn frames_that_fit_are_returned(
        messages in proptest::collection::vec(proptest::collection::vec(prop::sample::select(b"abc\xdb".as_slice()), 1..40), 1..8),
        room in 10..48_usize,
        cuts in proptest::collection::vec(1..70_usize, 1..5),
        calls in prop::sample::select(&[Calls::Push, Calls::Spare, Calls::Events][..]),
    ) {
        for (name, framing) in &framings() {
            let frames: Vec<_> = messages.iter().map(|message| frame(&**framing, message)).collect();
            let fits: Vec<_> = frames.iter().map(|frame| without_filler(name, frame).len() <= room).collect();
            let stream = frames.concat();
            let (seen, error) = decode(&**framing, room, Recovery::SkipFrame, &stream, &cuts, calls);
            let expected: Vec<_> =
                messages.iter().zip(&fits).filter(|(_, fits)| **fits).map(|(message, _)| message.clone()).collect();
            prop_assert_eq!(&seen, &expected, "{}", name);
            prop_assert!(error.is_none(), "{}: {:?}", name, error);

            let (seen, error) = decode(&**framing, room, Recovery::Fail, &stream, &cuts, calls);
            let before = fits.iter().take_while(|fits| **fits).count();
            prop_assert_eq!(&seen, &messages[..before], "{}", name);
            let oversize = matches!(error, Some(DecodeErrorKind::Oversize { .. }));
            // The last frame may be cut by the end of the stream before it is too long.
            prop_assert_eq!(oversize, before < messages.len(), "{}: {:?}", name, error);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// The frames do not depend on the chunks or on the calls, and after each `None` there is room for a byte, as `decode` asserts.
    #[test]
    fn there_is_room_after_the_last_frame_of_any_bytes(
        stream in proptest::collection::vec(prop::sample::select(b"\0\x01\x02\x05ab12:,\r\n\xc0\xdb\xdc\xff".as_slice()), 1..120),
        room in 1..24_usize,
        cuts in proptest::collection::vec(1..30_usize, 1..5),
        recovery in prop::sample::select(&[
            Recovery::Fail,
            Recovery::SkipOversize,
            Recovery::SkipFrame,
            Recovery::Resync,
            Recovery::ResyncConfirmed,
        ][..]),
    ) {
        for (name, framing) in &framings() {
            let whole = decode(&**framing, room, recovery, &stream, &[stream.len()], Calls::Push);
            for calls in [Calls::Push, Calls::Spare, Calls::Events] {
                prop_assert_eq!(&decode(&**framing, room, recovery, &stream, &cuts, calls), &whole, "{}", name);
            }
            prop_assert_eq!(&decode(&**framing, room, recovery, &stream, &[1], Calls::Events), &whole, "{}", name);
        }
    }
}

/// A frame that is one byte shorter than the memory, as long, and one byte longer.
#[test]
fn the_memory_is_a_limit() {
    for (name, framing) in &framings() {
        for cuts in [1, 2, 7, 64] {
            let message = [b'a'; 30];
            let wire = frame(&**framing, &message);
            let len = without_filler(name, &wire).len();
            for (room, expected) in [(len + 1, 1), (len, 1), (len - 1, 0)] {
                let (seen, error) = decode(&**framing, room, Recovery::Fail, &wire, &[cuts], Calls::Push);
                assert_eq!(seen.len(), expected, "{name}, {room} bytes");
                assert_eq!(error.is_some(), expected == 0, "{name}, {room} bytes: {error:?}");
            }
        }
    }
}

/// Memory for less than one frame, for one, and for more.
#[test]
fn a_frame_of_fixed_length_that_does_not_fit_is_rejected() {
    let framing = Fixed::new(8).unwrap();
    for (room, cuts) in (1..12).flat_map(|room| [1, 3, 64].map(|cuts| (room, cuts))) {
        let (seen, error) = decode(&framing, room, Recovery::Fail, b"12345678", &[cuts], Calls::Push);
        assert_eq!(seen.len(), usize::from(room >= 8), "{room} bytes");
        assert_eq!(matches!(error, Some(DecodeErrorKind::Oversize { .. })), room < 8, "{room} bytes: {error:?}");
    }
    let mut decoder = FixedDecoder::new(framing, []);
    assert_eq!(decoder.push(b"1"), Ok(0));
    assert!(matches!(decoder.next_frame().unwrap_err().kind, DecodeErrorKind::Oversize { .. }));
}

/// A decoder in a `static` is made by the compiler, and is then as good as any.
#[test]
fn a_constant_decoder_works() {
    const DECODER: FixedDecoder<Prefix<anysplit::number::Binary>, [u8; 8]> = FixedDecoder::new(Prefix::u8(), [0; 8]);
    let mut decoder = DECODER;
    assert_eq!(decoder.next_frame(), Ok(None));
    assert_eq!(decoder.need(), 1);
    assert_eq!(decoder.push(b"\x02hi\x07"), Ok(4));
    assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"hi");
    assert_eq!(decoder.need(), 7);
    assert_eq!(decoder.next_frame(), Ok(None));
    decoder.set_framing(Prefix::u16_be());
    assert_eq!(decoder.need(), 1);
    assert_eq!(decoder.push(b"\x01"), Ok(1));
    assert!(matches!(decoder.next_frame().unwrap_err().kind, DecodeErrorKind::Oversize { len: 0x701, max: 6 }));
}
