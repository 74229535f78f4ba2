//! Decoding gives back the messages that were encoded, whatever they are.

#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use anysplit::delimited::Lines;
use anysplit::number::{Ascii, Binary, Number, Varint};
use anysplit::order::Order;
use anysplit::{Body, ByType, Decoder, Delimited, Encoder, Fixed, Framing, LengthField, Prefix, UntilClose, testing};
use bytes::Buf;
use proptest::prelude::*;

/// A set of framings that differ in the bytes around a message.
fn framings() -> Vec<Box<dyn Framing>> {
    vec![
        Box::new(Fixed::new(3).unwrap()),
        Box::new(Prefix::u8()),
        Box::new(Prefix::u16_le().self_inclusive()),
        Box::new(Prefix::ascii5()),
        Box::new(Prefix::netstring()),
        Box::new(Prefix::pkt_line()),
        Box::new(Prefix::new(Varint::ber())),
        Box::new(Prefix::new(Ascii::decimal_ended_by(b"\r\n").unwrap()).with_trailer(b"\r\n").unwrap()),
        Box::new(LengthField::new(2, Binary::u16_be()).unwrap().with_length_adjustment(-4)),
        Box::new(LengthField::new(1, Varint::mqtt()).unwrap()),
        Box::new(Delimited::<Lines>::line()),
        Box::new(Delimited::<Lines>::line().with_crlf()),
        Box::new(Delimited::new(b"\r\n").unwrap()),
        Box::new(Delimited::any_of([&b"aab"[..], b"ba"]).unwrap()),
        Box::new(ByType::new([(b'a', Body::Len(1)), (b'b', Body::Framed(Prefix::u8()))]).unwrap()),
        Box::new(UntilClose::new()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(24),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn messages_come_back_or_are_refused(messages in prop::collection::vec(testing::messages(300), 0..6)) {
        for framing in framings() {
            let fitted = messages.iter().filter_map(|message| testing::fitting(&framing, message));
            let all: Vec<_> = messages.iter().cloned().chain(fitted).collect();
            testing::round_trip(&framing, &all).map_err(|violation| TestCaseError::fail(violation.to_string()))?;
            testing::refusal(&framing, &all).map_err(|violation| TestCaseError::fail(violation.to_string()))?;
        }
    }

    #[test]
    fn decoded_messages_encode_to_the_same_wire(
        noise in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        // Lines are left out: CR LF is read and LF written.
        let one_wire: [Box<dyn Framing>; 4] = [
            Box::new(Prefix::u8()),
            Box::new(Prefix::netstring()),
            Box::new(Delimited::new(b"\r\n").unwrap()),
            Box::new(LengthField::new(0, Binary::u8()).unwrap()),
        ];
        for framing in one_wire {
            let mut decoder = Decoder::new(&framing);
            decoder.push(&noise).unwrap();
            while let Ok(Some(frame)) = decoder.next_frame() {
                let mut wire = Vec::new();
                framing.encode(&frame.message().to_vec(), &mut wire).unwrap();
                prop_assert_eq!(Some(&wire[..]), frame.wire());
            }
        }
    }
}

#[test]
fn every_framing_adapts_any_message() {
    for framing in framings() {
        for message in [&b""[..], b"a", b"hello", b"\r\n", &[0; 40]] {
            // An empty message looks like none at the end of the stream; all others can be made to fit.
            assert!(testing::fitting(&framing, message).is_some(), "\"{}\"", message.escape_ascii());
        }
    }
}

/// Short prefixes are written together with the message, and long ones by their envelope.
#[test]
fn prefix_is_written_as_its_envelope() {
    fn same<N: Number>(framing: &Prefix<N>, len: usize) {
        let message = vec![b'x'; len];
        let Ok(envelope) = framing.envelope(&message) else { return };
        let expected = envelope.slices(&message).unwrap().concat();
        let mut wire = b"#".to_vec();
        assert_eq!(framing.encode(&message, &mut wire), Ok(expected.len()));
        assert_eq!(wire[1..], expected);
    }
    for len in (0..300).chain([9_999, 10_000, 65_535, 65_536, 100_000]) {
        same(&Prefix::u8(), len);
        same(&Prefix::u16_le(), len);
        same(&Prefix::new(Binary::new(3, Order::Big).unwrap()), len);
        same(&Prefix::u32_be(), len);
        same(&Prefix::u64_be(), len);
        same(&Prefix::hex4(), len);
        same(&Prefix::ascii5(), len);
        same(&Prefix::ascii(9).unwrap(), len);
        same(&Prefix::leb128(), len);
        same(&Prefix::netstring(), len);
    }
}

#[test]
fn encoder_written_at_every_step_gives_the_same_stream() {
    let messages = [0, 1, 100, 2047, 2048, 2049, 5000].map(|len| vec![b'x'; len]);
    let framing = Prefix::netstring();
    let expected: Vec<u8> = messages.iter().flat_map(|message| common::encode(framing, message)).collect();
    for step in [1, 2, 3, 7, 100, 511, 10_000] {
        let mut encoder = Encoder::new(framing);
        for (at, message) in messages.iter().enumerate() {
            match at % 3 {
                0 => encoder.push(message).unwrap(),
                1 => encoder.push_bytes(message.clone().into()).unwrap(),
                _ => encoder.push_with(|out| out.extend_from_slice(message)).unwrap(),
            };
        }
        assert_eq!(encoder.remaining(), expected.len());
        let mut sent = Vec::new();
        while encoder.has_remaining() {
            // A transport that takes some of what a vectored write offers.
            let mut slices = [std::io::IoSlice::new(&[]); 4];
            let count = encoder.chunks_vectored(&mut slices);
            let offered = slices[..count].iter().flat_map(|slice| slice.iter().copied()).collect::<Vec<u8>>();
            let taken = step.min(offered.len());
            assert!(taken > 0);
            sent.extend_from_slice(&offered[..taken]);
            encoder.advance(taken);
        }
        assert_eq!(sent, expected, "by {step} bytes at a time");
    }
}
