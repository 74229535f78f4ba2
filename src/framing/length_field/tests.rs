//! Tests of `length_field.rs` at its edges.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

extern crate std;

use super::*;
use crate::framing::testing::{cuts_agree, prefixes_agree};
use crate::number::Binary;
use crate::number::{Ascii, Bits, Varint};
use std::vec::Vec;

const fn mismatch(found: u8, expected: u8) -> DecodeErrorKind {
    DecodeErrorKind::Mismatch { found, expected }
}

/// Returns the framing without the shortcut.
fn slow<N: Number>(framing: LengthField<N>) -> LengthField<N> {
    LengthField { layout: Layout { plain: Plain::NONE, ..framing.layout }, number: framing.number }
}

#[test]
fn required_bytes_that_contradict_each_other_accept_no_packet() {
    let framing = LengthField::new(2, Binary::u16_be()).unwrap();
    let framing = framing.with_magic_at(0, b"ab").unwrap().with_magic_at(1, b"c").unwrap();
    for wire in [b"ab\0\x05hello", b"ac\0\x05hello"] {
        let error = framing.locate(wire, &mut Progress::default()).unwrap_err();
        assert_eq!((error.at, matches!(error.kind, DecodeErrorKind::Mismatch { .. })), (1, true));
    }
}

#[test]
fn required_bytes_after_the_eighth_are_compared() {
    let framing = LengthField::new(10, Binary::u8()).unwrap().with_magic_at(6, b"1234").unwrap();
    let located = framing.locate(b"......1234\x01h", &mut Progress::default());
    assert_eq!(located.unwrap().known().unwrap().payload_len(), 1);
    for at in 6..10 {
        let mut wire = *b"......1234\x01h";
        wire[at] ^= 1;
        assert_eq!(framing.locate(&wire, &mut Progress::default()).unwrap_err().at, at);
    }
}

#[test]
fn shortcut_of_every_number_gives_what_the_fields_give() {
    for (after, adjustment) in [0, 1, 3].into_iter().flat_map(|after| (-7..=7).map(move |by| (after, by))) {
        for max in [0, 4, 9] {
            let framing = LengthField::new(1, Binary::u8()).unwrap().with_header_after(after).unwrap();
            let framing = framing.with_length_adjustment(adjustment).with_max_payload_len(max);
            for value in 0..=255 {
                for len in 0..=5 {
                    let header = &[b'a', value, 0, 0, 0][..len];
                    for lenient in [false, true] {
                        let mut progress = Progress { lenient, ..Progress::default() };
                        let located = framing.locate(header, &mut progress);
                        let expected = slow(framing).locate(header, &mut progress);
                        assert_eq!(located, expected, "{value} in {framing:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn shape_promises_headers_unless_a_literal_is_checked() {
    let plain = LengthField::new(1, Binary::u8()).unwrap().with_header_after(2).unwrap();
    for told in [
        plain,
        plain.with_unit(2).unwrap(),
        plain.with_second_length_at(2, Binary::u8()).unwrap(),
        plain.with_magic_at(0, b"a").unwrap(),
        plain.with_optional_header(0, 1, 1).unwrap(),
        plain.with_padding_to(4).unwrap(),
        plain.with_pad_len_at(2).unwrap(),
    ] {
        assert_eq!(told.shape(), Shape::by_header(), "{told:?}");
    }
    assert_eq!(plain.with_trailer(b"!").unwrap().shape(), Shape::UNKNOWN);
}

#[test]
fn explicit_adjustment_wins_in_every_order_of_calls() {
    let field = LengthField::new(2, Binary::u16_be()).unwrap();
    let expected = field.with_header_after(8).unwrap().with_length_adjustment(-4);
    assert_eq!(field.with_length_adjustment(-4).with_header_after(8), Ok(expected));
    assert_eq!(field.with_length_adjustment(-4).with_header_len(12), Ok(expected));
    assert_eq!(field.with_header_len(12).unwrap().with_length_adjustment(-4), expected);
    let header_of = |number| [0, 1, 0, number];
    let payload_len = |framing: LengthField<Binary>, number| {
        let located = framing.locate(&header_of(number), &mut Progress::default());
        located.unwrap().known().unwrap().payload_len()
    };
    assert_eq!(payload_len(field.with_length_adjustment(-4).with_header_after(8).unwrap(), 17), 5);
    assert_eq!(payload_len(field.with_length_adjustment(0).with_header_after(8).unwrap(), 13), 5);
    // The last one counts.
    assert_eq!(
        payload_len(field.with_length_adjustment(0).with_length_adjustment(8).with_header_after(8).unwrap(), 5),
        5
    );
}

#[test]
fn default_adjustment_follows_the_header_after_the_field() {
    let field = LengthField::new(2, Binary::u16_be()).unwrap();
    for after in [0, 1, 8] {
        let framing = field.with_header_after(3).unwrap().with_header_after(after).unwrap();
        let extent = Extent::new(4 + after, 5, 0).with_message_header(4 + after);
        let located = framing.locate(&[0, 1, 0, 5], &mut Progress::default());
        assert_eq!(located, Ok(Located::Known(extent)));
    }
}

#[test]
fn header_over_65535_bytes_is_refused_where_that_is_certain() {
    let too_long = ConfigError::Conflict("the header is longer than 65,535 bytes");
    assert_eq!(LengthField::new(65_534, Binary::u16_be()), Err(too_long));
    assert_eq!(LengthField::new(65_535, Varint::leb128()), Err(too_long));
    let longest = LengthField::new(65_534, Binary::u8()).unwrap();
    assert_eq!(longest.with_header_after(1), Err(too_long));
    assert_eq!(LengthField::new(1, Binary::u8()).unwrap().with_header_after(65_534), Err(too_long));
    let mut wire = std::vec![0; 65_534];
    wire.extend(b"\x02hi");
    let extent = Extent::new(65_535, 2, 0).with_message_header(65_535);
    assert_eq!(longest.locate(&wire, &mut Progress::default()), Ok(Located::Known(extent)));
    assert!(longest.envelope(&wire).is_ok());
}

#[test]
fn header_over_65535_bytes_is_an_error_where_the_wire_makes_it() {
    let decodes_as = DecodeErrorKind::HeaderTooLong { max: 65_535 };
    let encodes_as = EncodeError::HeaderTooLong { max: 65_535 };
    let variable = LengthField::new(65_534, Varint::leb128()).unwrap();
    let announced = LengthField::new(65_534, Binary::u8()).unwrap().with_optional_header(0, 0xff, 1).unwrap();
    let mut wire = std::vec![0; 65_534];
    wire[0] = 1;
    for end in 0..=3 {
        let wire = [&wire[..], &b"\x80\x02hi"[..end]].concat();
        let located = variable.locate(&wire, &mut Progress::default());
        match end {
            0 => assert_eq!(located, Ok(Located::Header(65_535))),
            _ => assert_eq!(located, Err(FrameError::new(0, decodes_as))),
        }
    }
    wire.push(0);
    assert_eq!(announced.locate(&wire, &mut Progress::default()), Err(FrameError::new(0, decodes_as)));
    wire.push(0);
    assert_eq!(announced.envelope(&wire), Err(encodes_as));
    assert_eq!(announced.fill(&mut wire), Err(encodes_as));
    wire[65_534] = 0x80;
    wire[65_535] = 1;
    wire.resize(65_537 + 200, 0);
    assert_eq!(variable.envelope(&wire), Err(encodes_as));
    assert_eq!(variable.fill(&mut wire), Err(encodes_as));
    let mut out = Vec::new();
    let length_of_two_bytes = [&std::vec![1; 65_534][..], &[0; 200]].concat();
    let encoded = variable.encode_with(&mut out, |out| out.extend_from_slice(&length_of_two_bytes));
    assert_eq!(encoded, Err(encodes_as));
    assert!(out.is_empty());
}

#[test]
fn binary_number_that_ends_the_header_is_waited_for() {
    let located = |framing: LengthField<Binary>, input| framing.locate(input, &mut Progress::default());
    let field = LengthField::new(2, Binary::u16_be()).unwrap();
    for input in [&b""[..], b"a", b"ab", b"ab\0"] {
        assert_eq!(located(field, input), Ok(Located::Wait(4)));
        assert_eq!(located(field.with_header_after(3).unwrap(), input), Ok(Located::Header(7)));
        assert_eq!(located(field.with_magic_at(0, b"ab").unwrap(), input), Ok(Located::Header(4)));
    }
    let digits = LengthField::new(1, Ascii::decimal(2).unwrap()).unwrap();
    assert_eq!(digits.locate(b"a", &mut Progress::default()), Ok(Located::Header(3)));
}

#[test]
fn literal_trailer_is_checked_and_padding_is_not() {
    let field = LengthField::new(0, Binary::u8()).unwrap();
    let ended = field.with_trailer(b"end").unwrap();
    assert_eq!(prefixes_agree(&ended, b"\x02hiend"), Ok(Extent::new(1, 2, 3).with_message_header(1).checked()));
    assert_eq!(prefixes_agree(&ended, b"\x02hieXY"), Err(FrameError::new(4, mismatch(b'X', b'n'))));
    let padded = field.with_padding_to(4).unwrap();
    assert_eq!(prefixes_agree(&padded, b"\x02hiXY"), Ok(Extent::new(1, 2, 2).with_message_header(1)));
}

#[test]
fn masked_bits_alone_make_the_header_longer() {
    let framing =
        LengthField::new(1, Bits::new(Binary::u8(), 0x7f).unwrap()).unwrap().with_optional_header(1, 0x80, 4).unwrap();
    let extent = |header, payload| Ok(Extent::new(header, payload, 0).with_message_header(header));
    assert_eq!(prefixes_agree(&framing, b"\xff\x02hi"), extent(2, 2));
    assert_eq!(prefixes_agree(&framing, b"\0\x82keyshi"), extent(6, 2));
    let framing = LengthField::new(1, Binary::u8()).unwrap().with_optional_header(0, 0x30, 3).unwrap();
    for (byte, more) in [(0xcf, 0), (0x10, 3), (0xef, 6), (0x30, 9)] {
        let wire = [&[byte, 1][..], &[0; 10]].concat();
        assert_eq!(prefixes_agree(&framing, &wire), extent(2 + more, 1));
    }
}

#[test]
fn what_no_header_can_have_is_refused() {
    let field = LengthField::new(2, Binary::u16_be()).unwrap().with_header_len(6).unwrap();
    assert_eq!((field.offset(), field.header_after()), (2, 2));
    let conflict = |text| Err(ConfigError::Conflict(text));

    assert_eq!(field.with_padding_to(0), Err(ConfigError::Unit { found: 0, max: 256 }));
    assert_eq!(field.with_padding_to(257), Err(ConfigError::Unit { found: 257, max: 256 }));
    assert!(field.with_padding_to(256).is_ok());

    let across = "the bytes overlap the length field";
    let after = "the bytes are after the header: set the header's length first";
    assert_eq!(field.with_magic_at(1, b"xy"), conflict(across));
    assert_eq!(field.with_magic_at(3, b"x"), conflict(across));
    assert_eq!(field.with_magic_at(5, b"xy"), conflict(after));
    let two = field.with_magic_at(0, b"xy").unwrap().with_magic_at(4, b"xy").unwrap();
    assert_eq!(two.with_magic_at(4, b"x"), Err(ConfigError::TooMany { found: 3, max: 2 }));

    for mask in [0, 0b101, 0b1011_0000] {
        assert_eq!(field.with_optional_header(0, mask, 1), Err(ConfigError::BitMask { found: mask.into() }));
    }
    for mask in [1, 0b1110, 0x80, 0xff] {
        assert!(field.with_optional_header(0, mask, 1).is_ok());
    }
    assert_eq!(field.with_optional_header(0, 1, 0), Err(ConfigError::Unit { found: 0, max: 255 }));
    let announced = "what announces header bytes must not lie after the length field's start";
    assert_eq!(field.with_optional_header(3, 1, 1), conflict(announced));
    assert!(field.with_optional_header(2, 1, 1).is_ok());
}

#[test]
fn first_of_two_errors_is_reported() {
    // Whichever of the required bytes was named first.
    let required = LengthField::new(1, Binary::u8()).unwrap().with_header_len(4).unwrap();
    let required = required.with_magic_at(3, b"c").unwrap().with_magic_at(0, b"a").unwrap();
    assert_eq!(prefixes_agree(&required, b"x\0by"), Err(FrameError::new(0, mismatch(b'x', b'a'))));
    assert_eq!(prefixes_agree(&required, b"a\0by"), Err(FrameError::new(3, mismatch(b'y', b'c'))));
    let twice =
        LengthField::new(1, Binary::u8()).unwrap().with_magic_at(0, b"a").unwrap().with_magic_at(0, b"b").unwrap();
    assert_eq!(prefixes_agree(&twice, b"x"), Err(FrameError::new(0, mismatch(b'x', b'a'))));

    // A wrong byte on either side of bytes that are not digits.
    let digits = LengthField::new(1, Ascii::decimal(2).unwrap()).unwrap().with_header_len(4).unwrap();
    let digits = digits.with_magic_at(0, b"a").unwrap().with_magic_at(3, b"b").unwrap();
    let none = DecodeErrorKind::NotADigit { found: b'?', radix: 10 };
    let wrong = |wire| digits.locate(wire, &mut Progress::default());
    assert_eq!(wrong(b"x0?b"), Err(FrameError::new(0, mismatch(b'x', b'a'))));
    assert_eq!(wrong(b"a0?y"), Err(FrameError::new(2, none)));

    // A length over the limit is proved by its last byte.
    let short = LengthField::new(1, Binary::u8()).unwrap().with_header_len(4).unwrap().with_max_payload_len(5);
    let short = short.with_magic_at(0, b"a").unwrap();
    let over = |len| FrameError::new(1, DecodeErrorKind::Oversize { len, max: 5 });
    let wrong = |framing: LengthField<Binary>, wire| framing.locate(wire, &mut Progress::default());
    let after = short.with_magic_at(2, b"b").unwrap();
    assert_eq!(wrong(after, b"x\x06b."), Err(FrameError::new(0, mismatch(b'x', b'a'))));
    assert_eq!(wrong(after, b"a\x06y."), Err(over(6)));
    // Two numbers say how long it is, and the second comes later.
    let between = after.with_second_length_at(3, Binary::u8()).unwrap();
    assert_eq!(wrong(between, b"a\x06y\0"), Err(FrameError::new(2, mismatch(b'y', b'b'))));
    let later = short.with_second_length_at(2, Binary::u8()).unwrap().with_magic_at(3, b"b").unwrap();
    assert_eq!(wrong(later, b"a\x05\x02y"), Err(over(7)));
}

#[test]
fn required_byte_at_the_header_end_ends_an_empty_frame() {
    let framing =
        LengthField::new(0, Binary::u8()).unwrap().with_header_len(2).unwrap().with_magic_at(1, b"x").unwrap();
    assert_eq!(prefixes_agree(&framing, b"\0x"), Ok(Extent::new(2, 0, 0).with_message_header(2)));
    assert_eq!(cuts_agree(&framing, b"\0x\x01xa"), Ok([(b"\0x".to_vec(), 2), (b"\x01xa".to_vec(), 3)].to_vec()));
}

#[test]
fn two_numbers_are_added() {
    let framing = LengthField::new(0, Binary::u8()).unwrap().with_header_len(4).unwrap();
    let framing = framing.with_second_length_at(2, Binary::u16_be()).unwrap();
    assert_eq!(prefixes_agree(&framing, b"\x02a\0\x03hello"), Ok(Extent::new(4, 5, 0).with_message_header(4)));
    let mut packet = *b"\0a\0\x03hello";
    framing.fill(&mut packet).unwrap();
    assert_eq!(&packet, b"\x02a\0\x03hello");
    assert_eq!(framing.fill(&mut b"\0a\0\x06hello".to_vec()), Err(EncodeError::TooShort { len: 9, min: 10 }));
    assert_eq!(framing.fill(&mut b"\0a\0".to_vec()), Err(EncodeError::TooShort { len: 3, min: 4 }));
}

#[test]
fn impossible_payload_lengths_are_errors() {
    let framing = LengthField::new(0, Binary::u64_be()).unwrap().with_max_payload_len(u64::MAX);
    let locate = |framing: LengthField<Binary>, value: u64| {
        let located = framing.locate(&value.to_be_bytes(), &mut Progress::default());
        located.map(|located| located.known().unwrap().payload_len()).map_err(|error| error.kind)
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
fn packet_whose_length_does_not_fit_is_refused() {
    let refused = |framing: LengthField<Binary>, len| framing.envelope(&std::vec![0; len]).unwrap_err();
    let bytes = LengthField::new(0, Binary::u8()).unwrap();
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

#[test]
fn second_length_has_a_unit_and_padding() {
    let field = LengthField::new(0, Binary::u8()).unwrap().with_header_len(2).unwrap();
    let none = ConfigError::Conflict("there is no second length field: give it first");
    assert_eq!((field.with_second_unit(4), field.with_second_padding_to(4)), (Err(none), Err(none)));
    let field = field.with_second_length_at(1, Binary::u8()).unwrap();
    let zero = ConfigError::Unit { found: 0, max: 255 };
    assert_eq!((field.with_second_unit(0), field.with_second_padding_to(0)), (Err(zero), Err(zero)));
    // Three units of 5 bytes, padded to 16, and one byte that the first number counts.
    let field = field.with_second_unit(5).unwrap().with_second_padding_to(8).unwrap();
    let located = field.locate(&[1, 3], &mut Progress::default()).unwrap();
    assert_eq!(located.known().unwrap().payload_len(), 17);
    let mut packet = [0; 19];
    packet[1] = 3;
    field.fill(&mut packet).unwrap();
    assert_eq!(packet[0], 1);
    assert_eq!(field.fill(&mut packet[..17]), Err(EncodeError::TooShort { len: 17, min: 18 }));
    // The greatest numbers overflow nothing.
    let widest = LengthField::new(0, Binary::u64_be()).unwrap().with_header_after(8).unwrap();
    let widest = widest.with_second_length_at(8, Binary::u64_be()).unwrap();
    let widest = widest.with_second_unit(255).unwrap().with_second_padding_to(255).unwrap();
    let error = widest.locate(&[0xff; 16], &mut Progress::default()).unwrap_err();
    assert!(matches!(error.kind, DecodeErrorKind::Oversize { len: u64::MAX, .. }));
}
