//! Errors are exact and sticky, and frames before them are delivered.

#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use anysplit::decode::Skips;
use anysplit::number::{Ascii, Binary, Varint};
use anysplit::{
    Body, ByType, Closed, DecodeError, DecodeErrorKind, Decoder, Delimited, Event, Fixed, Framing, LengthField, Prefix,
    Recovery, Stretch,
};
use common::{decode, decode_error, messages};

fn not_a_digit(found: u8) -> DecodeErrorKind {
    DecodeErrorKind::NotADigit { found, radix: 10 }
}

#[test]
fn five_digits_cut_after_each_of_them_decode() {
    for at in 0..=5 {
        let (begin, rest) = b"00005hello".split_at(at);
        let mut decoder = Decoder::new(Prefix::ascii5());
        decoder.push(begin).unwrap();
        assert!(decoder.next_frame().unwrap().is_none());
        assert_eq!(decoder.need(), if at < 5 { 5 - at } else { 5 });
        decoder.push(rest).unwrap();
        assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"hello");
    }
}

#[test]
fn signs_blanks_and_letters_are_no_digits() {
    assert_eq!(decode_error(Prefix::ascii5(), b"+0005hello"), (0, 0, not_a_digit(b'+')));
    assert_eq!(decode_error(Prefix::ascii5(), b"0000a"), (0, 4, not_a_digit(b'a')));
    assert_eq!(decode_error(Prefix::ascii5(), b" 0005"), (0, 0, not_a_digit(b' ')));
    assert_eq!(decode_error(Prefix::ascii5(), b"00_05"), (0, 2, not_a_digit(b'_')));
    assert_eq!(decode_error(Prefix::hex4(), b"000g"), (0, 3, DecodeErrorKind::NotADigit { found: b'g', radix: 16 }));
    assert_eq!(decode_error(Prefix::netstring(), b":"), (0, 0, not_a_digit(b':')));
    assert_eq!(decode_error(Prefix::netstring(), b"-1:"), (0, 0, not_a_digit(b'-')));
}

#[test]
fn great_numbers_are_over_the_limit_and_never_overflow() {
    let oversize = |len| DecodeErrorKind::Oversize { len, max: anysplit::contract::DEFAULT_MAX_PAYLOAD_LEN };
    assert_eq!(decode_error(Prefix::ascii(10).unwrap(), b"4294967295"), (0, 0, oversize(4_294_967_295)));
    assert_eq!(decode_error(Prefix::ascii(20).unwrap(), b"18446744073709551615"), (0, 0, oversize(u64::MAX)));
    assert_eq!(decode_error(Prefix::u64_be(), &[0xff; 8]), (0, 0, oversize(u64::MAX)));
    // One more than 64 bits can hold.
    let max = u64::MAX;
    assert_eq!(
        decode_error(Prefix::ascii(20).unwrap(), b"18446744073709551616"),
        (0, 19, DecodeErrorKind::NumberTooLarge { max })
    );
    // A netstring is over the limit at the digit that proves it.
    assert_eq!(decode_error(Prefix::netstring(), b"18446744073709551615:").1, 7);
    // Adjusted beyond 64 bits.
    let up = Prefix::u64_be().with_length_adjustment(i64::MAX).with_max_payload_len(1 << 40);
    assert!(matches!(decode_error(up, &[0xff; 8]).2, DecodeErrorKind::Oversize { .. }));
}

#[test]
fn overlong_varint_is_an_error_at_the_byte_that_proves_it() {
    assert_eq!(decode_error(Prefix::leb128(), b"\x80\x00"), (0, 1, DecodeErrorKind::NotShortest));
    let eleven = [0x80; 11];
    assert_eq!(decode_error(Prefix::leb128(), &eleven), (0, 9, DecodeErrorKind::NumberTooLarge { max: u64::MAX }));
    let max = (1 << 28) - 1;
    let mqtt = Prefix::new(Varint::mqtt());
    assert_eq!(decode_error(mqtt, b"\x80\x80\x80\x80\x01"), (0, 3, DecodeErrorKind::NumberTooLarge { max }));
}

#[test]
fn netstring_with_leading_zero_or_wrong_trailer_is_an_error() {
    assert_eq!(decode_error(Prefix::netstring(), b"05:hello,"), (0, 1, DecodeErrorKind::LeadingZero));
    let wrong = DecodeErrorKind::Mismatch { found: b';', expected: b',' };
    assert_eq!(decode_error(Prefix::netstring(), b"5:hello;"), (0, 7, wrong));
    assert_eq!(decode_error(Prefix::netstring(), b"1:a,5:hello;"), (4, 11, wrong));
}

#[test]
fn length_below_its_own_header_is_an_error() {
    let prefix = Prefix::u16_be().self_inclusive();
    assert_eq!(decode_error(prefix, b"\0\x01"), (0, 0, DecodeErrorKind::TooShort { len: 1, min: 2 }));
    assert_eq!(messages(prefix, b"\0\x02\0\x03a"), [&b""[..], b"a"]);
    let field = LengthField::new(2, Binary::u16_be()).unwrap().with_length_adjustment(-4);
    assert_eq!(decode_error(field, b"ab\0\x03"), (0, 2, DecodeErrorKind::TooShort { len: 3, min: 4 }));
    assert_eq!(
        decode_error(Prefix::pkt_line().with_control_frames_below(3), b"0003").2,
        DecodeErrorKind::TooShort { len: 3, min: 4 }
    );
}

#[test]
fn unknown_type_and_wrong_magic_are_errors_at_their_byte() {
    let by_type = ByType::lengths([(b'P', 1)]).unwrap();
    let mut decoder = Decoder::new(by_type);
    decoder.push(b"PaX").unwrap();
    assert_eq!(decoder.next_frame().unwrap().unwrap().message(), b"Pa");
    let error = DecodeError { frame_offset: 2, offset: 2, kind: DecodeErrorKind::UnknownType { found: b'X' } };
    assert_eq!(decoder.next_frame(), Err(error));

    let magic = LengthField::new(0, Binary::u8()).unwrap().with_header_len(3).unwrap().with_magic_at(1, b"ab").unwrap();
    let wrong = DecodeErrorKind::Mismatch { found: b'x', expected: b'b' };
    assert_eq!(decode_error(magic, b"\x05axhello"), (0, 2, wrong));
}

#[test]
fn frames_before_an_error_come_first_in_any_split() {
    let (messages, end) = decode(Prefix::netstring(), b"1:a,2:bc,x");
    assert_eq!(messages, [&b"a"[..], b"bc"]);
    assert!(end.is_err());
    let mut decoder = Decoder::new(Prefix::netstring());
    decoder.push(b"1:a,2:bc,x").unwrap();
    assert_eq!(decoder.next_batch().unwrap().unwrap().len(), 2);
    assert!(decoder.next_batch().is_err());
}

/// An error is reported as early as the bytes prove it, even if the frames of a chunk are borrowed.
#[test]
fn fault_is_reported_by_the_chunk_that_proves_it() {
    let mut decoder = Decoder::new(Prefix::netstring());
    let mut frames = decoder.frames_in(b"2:hi,x").unwrap();
    assert_eq!(frames.next_frame().unwrap().unwrap().payload(), b"hi");
    let error = frames.next_frame().unwrap_err();
    assert_eq!((error.offset, error.kind), (5, not_a_digit(b'x')));
    let mut decoder = Decoder::new(Delimited::line().with_max_payload_len(3));
    let mut frames = decoder.frames_in(b"abc\nabcd").unwrap();
    assert_eq!(frames.next_frame().unwrap().unwrap().payload(), b"abc");
    let error = frames.next_frame().unwrap_err();
    assert_eq!((error.offset, error.kind), (7, DecodeErrorKind::Oversize { len: 4, max: 3 }));
}

#[test]
fn error_stays_and_takes_or_loses_no_bytes() {
    let mut decoder = Decoder::new(Prefix::netstring());
    decoder.push(b"1:a,x1:b,").unwrap();
    assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"a");
    let error = DecodeError { frame_offset: 4, offset: 4, kind: not_a_digit(b'x') };
    for _ in 0..3 {
        assert_eq!(decoder.next_frame(), Err(error));
        assert_eq!(decoder.push(b"1:c,"), Err(Closed::Failed(error)));
        assert_eq!(decoder.finish().unwrap_err(), error.into());
    }
    let parts = decoder.into_parts();
    assert_eq!((&parts.rest[..], parts.position), (&b"x1:b,"[..], 4));
}

#[test]
fn decoder_after_reset_starts_again() {
    let mut decoder = Decoder::new(Prefix::u8().with_max_payload_len(1)).with_recovery(Recovery::SkipOversize);
    decoder.push(b"\x05ab").unwrap();
    assert!(decoder.next_frame().unwrap().is_none());
    decoder.reset();
    assert_eq!(decoder.position(), 0);
    decoder.push(b"\x01a\x02bc\x01d").unwrap();
    assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"a");
    let kind = DecodeErrorKind::Oversize { len: 2, max: 1 };
    let stretch = Stretch { offset: 2, len: 3, reason: DecodeError { frame_offset: 2, offset: 2, kind } };
    assert_eq!(decoder.next_event(), Ok(Some(Event::Skipped(stretch))));
    assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"d");
    let skipped = Skips { stretches: 1, bytes: 3, last_reason: Some(stretch.reason) };
    assert_eq!(decoder.skipped(), &skipped);
}

#[test]
fn skipped_bytes_are_never_searched_for_frames() {
    let mut decoder = Decoder::new(Prefix::u8().with_max_payload_len(2)).with_recovery(Recovery::SkipOversize);
    decoder.push(b"\x06\x01a\x01b\x01c\x01d").unwrap();
    assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"d");
    assert_eq!((decoder.skipped().stretches, decoder.skipped().bytes), (1, 7));
}

#[test]
fn change_of_protocol_loses_nothing_at_any_split() {
    let stream = b"UPGRADE\r\n\0\x05hello5:world,";
    for first in 0..=stream.len() {
        for second in first..=stream.len() {
            let mut chunks = [&stream[..first], &stream[first..second], &stream[second..]].into_iter();
            fn next<F: Framing>(decoder: &mut Decoder<F>, chunks: &mut dyn Iterator<Item = &'static [u8]>) -> Vec<u8> {
                loop {
                    if let Some(frame) = decoder.next_frame().unwrap() {
                        return frame.payload().to_vec();
                    }
                    decoder.push(chunks.next().unwrap()).unwrap();
                }
            }
            let mut decoder = Decoder::new(Delimited::line());
            assert_eq!(next(&mut decoder, &mut chunks), b"UPGRADE");
            let mut decoder = decoder.with_framing(Prefix::u16_be());
            assert_eq!(next(&mut decoder, &mut chunks), b"hello");
            assert_eq!(decoder.position(), 16);
            let mut decoder = decoder.with_framing(Prefix::netstring());
            assert_eq!(next(&mut decoder, &mut chunks), b"world");
            assert!(decoder.finish().unwrap().is_none());
        }
    }
}

#[test]
fn change_of_protocol_inside_a_chunk_loses_nothing() {
    let mut decoder = Decoder::new(Delimited::line());
    let mut frames = decoder.frames_in(b"a\nb\n\0\x01c\0").unwrap();
    assert_eq!(frames.next_frame().unwrap().unwrap().payload(), b"a");
    assert_eq!(frames.next_frame().unwrap().unwrap().payload(), b"b");
    drop(frames);
    let mut decoder = decoder.with_framing(Prefix::u16_be());
    assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"c");
    assert_eq!((decoder.buffered(), decoder.position()), (&b"\0"[..], 7));
}

#[test]
fn connection_costs_at_most_312_bytes_beside_its_framing() {
    fn cost<F>() -> usize {
        size_of::<Decoder<F>>() - size_of::<F>()
    }
    assert!(cost::<Fixed>() <= 312, "{}", cost::<Fixed>());
    assert!(cost::<Prefix<Binary>>() <= 312);
    assert!(cost::<Prefix<Ascii>>() <= 312);
    assert!(cost::<&Delimited<[&[u8]; 2]>>() <= 312);
    assert!(cost::<ByType<Fixed, [(u8, Body<Fixed>); 1]>>() <= 312);
}
