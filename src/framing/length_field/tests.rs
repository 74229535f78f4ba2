//! What `length_field.rs` says, at its edges.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

extern crate std;

use super::*;
use crate::framing::testing::{cuts_agree, prefixes_agree};
use crate::number::{Ascii, Bits};
use std::vec::Vec;

const fn mismatch(found: u8, expected: u8) -> DecodeErrorKind {
    DecodeErrorKind::Mismatch { found, expected }
}

#[test]
fn the_header_alone_tells_the_extent_of_every_number_that_has_one() {
    for (after, adjustment) in [0, 1, 3].into_iter().flat_map(|after| (-7..=7).map(move |by| (after, by))) {
        for max in [0, 4, 9] {
            let framing = LengthField::new(1, Binary::u8()).with_header_after(after).unwrap();
            let framing = framing.with_length_adjustment(adjustment).with_max_payload_len(max);
            for value in 0..=255 {
                let header = [b'a', value, 0, 0, 0];
                let all = framing.locate(&header, Progress::default()).ok().and_then(Located::known);
                assert_eq!(framing.locate_by_header(&header), all, "{value} in {framing:?}");
            }
        }
    }
}

#[test]
fn where_more_than_the_number_counts_the_header_alone_tells_nothing() {
    let plain = LengthField::new(1, Binary::u8()).with_header_after(2).unwrap();
    let header = b"a\x02bchi";
    assert_eq!(plain.locate_by_header(header), Some(Extent::new(4, 2, 0).with_message_header(4)));
    let others = [
        plain.with_unit(2).unwrap(),
        plain.with_second(2, Binary::u8()).unwrap(),
        plain.with_trailer(b"!").unwrap(),
        plain.with_required(0, b"a").unwrap(),
        plain.with_extra(0, 1, 1).unwrap(),
    ];
    for other in others {
        assert_eq!(other.locate_by_header(header), None, "{other:?}");
    }
}

#[test]
fn some_bits_of_a_byte_make_the_header_longer_and_the_others_do_not() {
    let framing = LengthField::new(1, Bits::new(Binary::u8(), 0x7f).unwrap()).with_extra(1, 0x80, 4).unwrap();
    let extent = |header, payload| Ok(Extent::new(header, payload, 0).with_message_header(header));
    assert_eq!(prefixes_agree(&framing, b"\xff\x02hi"), extent(2, 2));
    assert_eq!(prefixes_agree(&framing, b"\0\x82keyshi"), extent(6, 2));
    let framing = LengthField::new(1, Binary::u8()).with_extra(0, 0x30, 3).unwrap();
    for (byte, more) in [(0xcf, 0), (0x10, 3), (0xef, 6), (0x30, 9)] {
        let wire = [&[byte, 1][..], &[0; 10]].concat();
        assert_eq!(prefixes_agree(&framing, &wire), extent(2 + more, 1));
    }
}

#[test]
fn what_no_header_can_have_is_not_built() {
    let field = LengthField::new(2, Binary::u16_be()).with_header_len(6).unwrap();
    assert_eq!((field.offset(), field.header_after()), (2, 2));
    let conflict = |text| Err(ConfigError::Conflict(text));

    assert_eq!(field.with_padding_to(0), Err(ConfigError::Unit { found: 0, max: 256 }));
    assert_eq!(field.with_padding_to(257), Err(ConfigError::Unit { found: 257, max: 256 }));
    assert!(field.with_padding_to(256).is_ok());

    let across = "the bytes lie across the length field";
    let after = "the bytes lie after the header: give the header's length first";
    assert_eq!(field.with_required(1, b"xy"), conflict(across));
    assert_eq!(field.with_required(3, b"x"), conflict(across));
    assert_eq!(field.with_required(5, b"xy"), conflict(after));
    let two = field.with_required(0, b"xy").unwrap().with_required(4, b"xy").unwrap();
    assert_eq!(two.with_required(4, b"x"), Err(ConfigError::TooMany { found: 3, max: 2 }));

    for mask in [0, 0b101, 0b1011_0000] {
        assert_eq!(field.with_extra(0, mask, 1), Err(ConfigError::BitMask { found: mask.into() }));
    }
    for mask in [1, 0b1110, 0x80, 0xff] {
        assert!(field.with_extra(0, mask, 1).is_ok());
    }
    assert_eq!(field.with_extra(0, 1, 0), Err(ConfigError::Unit { found: 0, max: 255 }));
    let announced = "what announces header bytes must not lie after the length field's start";
    assert_eq!(field.with_extra(3, 1, 1), conflict(announced));
    assert!(field.with_extra(2, 1, 1).is_ok());
}

#[test]
fn of_two_faults_the_one_that_is_proved_first_is_reported() {
    // Whichever of the required bytes was named first.
    let required = LengthField::new(1, Binary::u8()).with_header_len(4).unwrap();
    let required = required.with_required(3, b"c").unwrap().with_required(0, b"a").unwrap();
    assert_eq!(prefixes_agree(&required, b"x\0by"), Err(FrameError::new(0, mismatch(b'x', b'a'))));
    assert_eq!(prefixes_agree(&required, b"a\0by"), Err(FrameError::new(3, mismatch(b'y', b'c'))));
    let twice = LengthField::new(1, Binary::u8()).with_required(0, b"a").unwrap().with_required(0, b"b").unwrap();
    assert_eq!(prefixes_agree(&twice, b"x"), Err(FrameError::new(0, mismatch(b'x', b'a'))));

    // A byte that is wrong on either side of digits that are none.
    let digits = LengthField::new(1, Ascii::decimal(2).unwrap()).with_header_len(4).unwrap();
    let digits = digits.with_required(0, b"a").unwrap().with_required(3, b"b").unwrap();
    let none = DecodeErrorKind::NotADigit { found: b'?', radix: 10 };
    let wrong = |wire| digits.locate(wire, Progress::default());
    assert_eq!(wrong(b"x0?b"), Err(FrameError::new(0, mismatch(b'x', b'a'))));
    assert_eq!(wrong(b"a0?y"), Err(FrameError::new(2, none)));

    // A length over the limit is proved by its last byte.
    let short = LengthField::new(1, Binary::u8()).with_header_len(4).unwrap().with_max_payload_len(5);
    let short = short.with_required(0, b"a").unwrap();
    let over = |len| FrameError::new(1, DecodeErrorKind::Oversize { len, max: 5 });
    let wrong = |framing: LengthField<Binary>, wire| framing.locate(wire, Progress::default());
    let after = short.with_required(2, b"b").unwrap();
    assert_eq!(wrong(after, b"x\x06b."), Err(FrameError::new(0, mismatch(b'x', b'a'))));
    assert_eq!(wrong(after, b"a\x06y."), Err(over(6)));
    // Two numbers say how long it is, and the second comes later.
    let between = after.with_second(3, Binary::u8()).unwrap();
    assert_eq!(wrong(between, b"a\x06y\0"), Err(FrameError::new(2, mismatch(b'y', b'b'))));
    let later = short.with_second(2, Binary::u8()).unwrap().with_required(3, b"b").unwrap();
    assert_eq!(wrong(later, b"a\x05\x02y"), Err(over(7)));
}

#[test]
fn a_required_byte_that_ends_the_header_ends_the_frame_of_an_empty_payload() {
    let framing = LengthField::new(0, Binary::u8()).with_header_len(2).unwrap().with_required(1, b"x").unwrap();
    assert_eq!(prefixes_agree(&framing, b"\0x"), Ok(Extent::new(2, 0, 0).with_message_header(2)));
    assert_eq!(cuts_agree(&framing, b"\0x\x01xa"), Ok([(b"\0x".to_vec(), 2), (b"\x01xa".to_vec(), 3)].to_vec()));
}

#[test]
fn what_two_numbers_count_is_added() {
    let framing = LengthField::new(0, Binary::u8()).with_header_len(4).unwrap();
    let framing = framing.with_second(2, Binary::u16_be()).unwrap();
    assert_eq!(prefixes_agree(&framing, b"\x02a\0\x03hello"), Ok(Extent::new(4, 5, 0).with_message_header(4)));
    let mut packet = *b"\0a\0\x03hello";
    framing.fill(&mut packet).unwrap();
    assert_eq!(&packet, b"\x02a\0\x03hello");
    assert_eq!(framing.fill(&mut b"\0a\0\x06hello".to_vec()), Err(EncodeError::TooShort { len: 9, min: 10 }));
    assert_eq!(framing.fill(&mut b"\0a\0".to_vec()), Err(EncodeError::TooShort { len: 3, min: 4 }));
}

#[test]
fn a_payload_of_less_than_nothing_is_too_short_and_one_beyond_every_number_too_long() {
    let framing = LengthField::new(0, Binary::u64_be()).with_max_payload_len(u64::MAX);
    let locate = |framing: LengthField<Binary>, value: u64| {
        let located = framing.locate(&value.to_be_bytes(), Progress::default());
        located.map(|located| located.known().unwrap().payload_len()).map_err(|fault| fault.kind)
    };
    let beyond = Err(DecodeErrorKind::Oversize { len: u64::MAX, max: u64::MAX });
    let doubled = framing.with_unit(2).unwrap();
    for adjustment in [-3, 0, 3] {
        assert_eq!(locate(doubled.with_length_adjustment(adjustment), u64::MAX), beyond);
    }
    assert_eq!(locate(framing.with_length_adjustment(3), u64::MAX - 2), beyond);
    assert_eq!(locate(framing.with_length_adjustment(3), u64::MAX - 3), Ok(u64::MAX));
    assert_eq!(locate(framing.with_length_adjustment(-3), u64::MAX), Ok(u64::MAX - 3));
    assert_eq!(locate(framing.with_length_adjustment(-3), 3), Ok(0));
    assert_eq!(locate(framing.with_length_adjustment(-3), 2), Err(DecodeErrorKind::TooShort { len: 2, min: 3 }));
}

#[test]
fn a_packet_is_refused_where_its_number_cannot_say_how_long_it_is() {
    let refused = |framing: LengthField<Binary>, len| framing.envelope(&std::vec![0; len]).unwrap_err();
    let bytes = LengthField::new(0, Binary::u8());
    assert_eq!(refused(bytes, 256), EncodeError::LengthDisagrees { found: 0, expected: 255 });
    assert_eq!(refused(bytes, 257), EncodeError::DoesNotFit { value: 256, max: 255 });
    let words = bytes.with_unit(4).unwrap();
    assert_eq!(refused(words, 1 + 4 * 255), EncodeError::LengthDisagrees { found: 0, expected: 255 });
    assert_eq!(refused(words, 1 + 4 * 256), EncodeError::DoesNotFit { value: 256, max: 255 });
    // Its number would be less than 0.
    let more = bytes.with_length_adjustment(3);
    assert_eq!(refused(more, 3), EncodeError::TooShort { len: 3, min: 4 });
    assert_eq!(more.envelope(&[0; 4]).map(|_| ()), Ok(()));
    let mut out = Vec::new();
    assert_eq!(more.encode_with(&mut out, |out| out.extend_from_slice(b"?hello")), Ok(6));
    assert_eq!(out, b"\x02hello");
}
