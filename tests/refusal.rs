//! A message that would not come back the same is refused before a byte is written.

#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use anysplit::contract::FrameError;
use anysplit::number::{Ascii, Binary, Varint};
use anysplit::{
    Body, ByType, DecodeErrorKind, Delimited, EncodeError, Encoder, Fixed, Framing, LengthField, Prefix, UntilClose,
};
use bytes::Buf;
use common::{encode, messages, refused};

#[test]
fn size_other_than_the_fixed_one_is_refused() {
    let five = Fixed::new(5).unwrap();
    assert_eq!(encode(five, b"hello"), b"hello");
    assert_eq!(refused(five, b"hell"), EncodeError::WrongLength { len: 4, expected: 5 });
    assert_eq!(refused(five, b"hello!"), EncodeError::WrongLength { len: 6, expected: 5 });
    assert_eq!(refused(five, b""), EncodeError::WrongLength { len: 0, expected: 5 });
}

#[test]
fn delimiter_inside_a_message_is_refused() {
    assert_eq!(refused(Delimited::nul(), b"a\0b"), EncodeError::ContainsDelimiter { at: 1 });
    assert_eq!(refused(Delimited::line(), b"a\n"), EncodeError::ContainsDelimiter { at: 1 });
    assert_eq!(refused(Delimited::new(b"\r\n").unwrap(), b"a\r\nb"), EncodeError::ContainsDelimiter { at: 1 });
    assert_eq!(encode(Delimited::new(b"\r\n").unwrap(), b"a\nb\r"), b"a\nb\r\r\n");
}

#[test]
fn start_of_delimiter_that_the_next_completes_is_refused() {
    // `a\r` and the LF after it would read as `a`.
    assert_eq!(refused(Delimited::line(), b"a\r"), EncodeError::ContainsDelimiter { at: 1 });
    assert_eq!(messages(Delimited::line().with_crlf(), &encode(Delimited::line().with_crlf(), b"a\r")), [b"a\r"]);
    // `a` and `ab` after it: `aab` ends one byte early of `aabb`.
    let either = Delimited::any_of([&b"bb"[..], b"aab"]).unwrap();
    assert!(matches!(refused(either, b"ab"), EncodeError::ContainsDelimiter { .. }));
}

#[test]
fn missing_or_early_kept_delimiter_is_refused() {
    let kept = Delimited::line().keeping_delimiter();
    assert_eq!(encode(kept, b"hello\n"), b"hello\n");
    assert_eq!(refused(kept, b"hello"), EncodeError::NotTerminated);
    assert_eq!(refused(kept, b""), EncodeError::NotTerminated);
    assert_eq!(refused(kept, b"a\nb\n"), EncodeError::ContainsDelimiter { at: 1 });
}

#[test]
fn length_that_does_not_fit_digits_or_field_is_refused() {
    assert_eq!(refused(Prefix::ascii(1).unwrap(), &[0; 10]), EncodeError::DoesNotFit { value: 10, max: 9 });
    assert_eq!(refused(Prefix::u8(), &[0; 256]), EncodeError::DoesNotFit { value: 256, max: 255 });
    // The bytes of the number count too.
    assert_eq!(encode(Prefix::u8().self_inclusive(), &[0; 254])[0], 255);
    assert_eq!(refused(Prefix::u8().self_inclusive(), &[0; 255]), EncodeError::DoesNotFit { value: 256, max: 255 });
    let capped = Prefix::new(Ascii::netstring().with_max_digits(1).unwrap());
    assert_eq!(refused(capped, &[0; 10]), EncodeError::DoesNotFit { value: 10, max: 9 });
}

#[test]
fn length_that_no_number_gives_is_refused() {
    // The number is 3 less than the length.
    let three_more = Prefix::u8().with_length_adjustment(3);
    assert_eq!(encode(three_more, b"abc"), b"\0abc");
    assert_eq!(refused(three_more, b"ab"), EncodeError::TooShort { len: 2, min: 3 });
    // Numbers below 4 are control frames.
    let controls = Prefix::u8().with_control_frames_below(4);
    assert_eq!(encode(controls, b"abcd"), b"\x04abcd");
    assert_eq!(refused(controls, b"abc"), EncodeError::TooShort { len: 3, min: 4 });
    let words = LengthField::new(0, Binary::u8()).unwrap().with_unit(4).unwrap();
    assert_eq!(encode(words, b"\x01abcd"), b"\x01abcd");
    assert_eq!(refused(words, b"\x01abc"), EncodeError::NotAMultiple { len: 3, unit: 4 });
}

#[test]
fn number_that_grows_by_counting_itself_round_trips() {
    let leb = Prefix::leb128().self_inclusive();
    for len in [0, 1, 125, 126, 127, 128, 129] {
        let message = vec![b'x'; len];
        assert_eq!(messages(leb, &encode(leb, &message)), [message]);
    }
    let digits = Prefix::new(Ascii::decimal_ended_by(b" ").unwrap()).self_inclusive();
    for len in [0, 1, 6, 7, 8, 9, 95, 96, 97, 98] {
        let message = vec![b'x'; len];
        assert_eq!(messages(digits, &encode(digits, &message)), [message]);
    }
}

#[test]
fn wrong_length_field_or_header_is_refused() {
    let field = LengthField::new(1, Binary::u8()).unwrap().with_header_len(4).unwrap().with_magic_at(2, b"ok").unwrap();
    assert_eq!(encode(field, b"a\x02okhi"), b"a\x02okhi");
    assert_eq!(refused(field, b"a\x03okhi"), EncodeError::LengthDisagrees { found: 3, expected: 2 });
    assert_eq!(refused(field, b"a\x02oxhi"), EncodeError::Mismatch { at: 3, found: b'x', expected: b'k' });
    assert!(matches!(refused(field, b"a\x02o"), EncodeError::TooShort { .. } | EncodeError::LengthDisagrees { .. }));
    assert!(matches!(refused(field, b""), EncodeError::TooShort { .. }));
    let varint = LengthField::new(0, Varint::leb128()).unwrap();
    let fault = FrameError { at: 1, kind: DecodeErrorKind::NotShortest };
    assert_eq!(refused(varint, b"\x80\0"), EncodeError::Header(fault));
}

#[test]
fn unknown_type_and_wrong_length_of_a_type_are_refused() {
    let framing = ByType::new([(b'P', Body::Len(2)), (b'L', Body::Framed(Delimited::line()))]).unwrap();
    let framing = &framing;
    assert_eq!(encode(framing, b"Phi"), b"Phi");
    assert_eq!(refused(framing, b"Xhi"), EncodeError::UnknownType { found: b'X' });
    assert_eq!(refused(framing, b"P"), EncodeError::WrongLength { len: 1, expected: 3 });
    assert_eq!(refused(framing, b""), EncodeError::TooShort { len: 0, min: 1 });
    // Offsets count from the start of the message, its type included.
    assert_eq!(refused(framing, b"La\nb"), EncodeError::ContainsDelimiter { at: 2 });
}

#[test]
fn message_until_close_is_refused_if_empty_or_not_the_first() {
    assert_eq!(refused(UntilClose::new(), b""), EncodeError::Empty);
    let mut encoder = Encoder::new(UntilClose::new());
    encoder.push(b"hello").unwrap();
    assert_eq!(encoder.push(b"more"), Err(EncodeError::AfterLast));
    assert_eq!(encoder.push_raw(b"more"), Err(EncodeError::AfterLast));
    assert_eq!(encoder.remaining(), 5);
}

#[test]
fn output_without_room_is_an_error() {
    let mut room = [b'#'; 6];
    let refusal = EncodeError::NoRoom { need: 7, have: 6 };
    assert_eq!(Prefix::u16_be().encode_into(b"hello", &mut room), Err(refusal));
    assert_eq!(&room, b"######");
    assert_eq!(Prefix::u16_be().encode(b"hello", &mut &mut room[..]), Err(refusal));
    assert_eq!(&room, b"######");
}

#[test]
fn earlier_output_stays_after_a_refused_message() {
    let mut out = b"before".to_vec();
    let result = Delimited::line().encode_with(&mut out, |out| out.extend_from_slice(b"a\nb"));
    assert_eq!(result, Err(EncodeError::ContainsDelimiter { at: 1 }));
    assert_eq!(out, b"before");
    let result = Prefix::u8().try_encode_with(&mut out, |out| {
        out.extend_from_slice(b"half");
        Err(EncodeError::Custom("no more"))
    });
    assert_eq!(result, Err(EncodeError::Custom("no more")));
    assert_eq!(out, b"before");
}
