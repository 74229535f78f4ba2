//! Every limit at one below, at it, and one above, in both directions.

#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use anysplit::contract::DEFAULT_MAX_PAYLOAD_LEN;
use anysplit::contract::ShortBytes;
use anysplit::number::{Ascii, Binary, Bits, Number, Varint};
use anysplit::order::Order;
use anysplit::{
    Body, ByType, DecodeErrorKind, Decoder, Delimited, EncodeError, Fixed, Framing, LengthField, Prefix, Recovery,
    UntilClose,
};
use common::{decode, decode_error, encode, messages, refused};

/// Payloads of the limit and of one byte less pass both ways; one byte more passes neither. `loose`
/// is the same framing with a limit that does not matter.
fn limit_is<F: Framing + Copy>(max: usize, framing: F, loose: F) {
    for len in [max.saturating_sub(1), max] {
        let message = vec![b'x'; len];
        assert_eq!(messages(framing, &encode(framing, &message)), [message]);
    }
    let over = vec![b'x'; max + 1];
    assert_eq!(refused(framing, &over), EncodeError::Oversize { len: max as u64 + 1, max: max as u64 });
    let (frame, _, kind) = decode_error(framing, &encode(loose, &over));
    assert_eq!((frame, kind), (0, DecodeErrorKind::Oversize { len: max as u64 + 1, max: max as u64 }));
    skips(framing, &encode(loose, &over));
}

/// A frame over the limit is skipped completely, and the frame after it is found, by single bytes and all at once.
fn skips<F: Framing + Copy>(framing: F, over: &[u8]) {
    let good = encode(framing, b"");
    let stream = [over, &good, &good].concat();
    for len in [1, stream.len()] {
        let mut decoder = Decoder::new(&framing as &dyn Framing).with_recovery(Recovery::SkipOversize);
        let mut frames = 0;
        for chunk in stream.chunks(len) {
            decoder.push(chunk).unwrap();
            while decoder.next_frame().unwrap().is_some() {
                frames += 1;
            }
        }
        assert_eq!((decoder.skipped().stretches, decoder.skipped().bytes), (1, over.len() as u64));
        assert_eq!(frames, 2);
    }
}

#[test]
fn limit_of_a_prefix_counts_the_payload() {
    for max in [0, 1, 5, 100] {
        let limit = max as u64;
        limit_is(max, Prefix::u16_be().with_max_payload_len(limit), Prefix::u16_be());
        limit_is(max, Prefix::ascii5().with_max_payload_len(limit), Prefix::ascii5());
        limit_is(max, Prefix::hex4().with_max_payload_len(limit), Prefix::hex4());
        limit_is(max, Prefix::leb128().with_max_payload_len(limit), Prefix::leb128());
        limit_is(max, Prefix::netstring().with_max_payload_len(limit), Prefix::netstring());
        // After any adjustment too.
        let adjusted = Prefix::u16_le().with_length_adjustment(-7).self_inclusive();
        limit_is(max, adjusted.with_max_payload_len(limit), adjusted);
        // But the trailer does not count.
        let trailer = Prefix::u8().with_trailer(b"\r\n").unwrap();
        limit_is(max, trailer.with_max_payload_len(limit), trailer);
    }
}

#[test]
fn dropped_delimiter_does_not_count() {
    for max in [0, 1, 5, 100] {
        let limit = max as u64;
        limit_is(max, Delimited::line().with_max_payload_len(limit), Delimited::line());
        limit_is(max, Delimited::line().with_crlf().with_max_payload_len(limit), Delimited::line().with_crlf());
        let long = Delimited::new(b"--a-rather-long-boundary--").unwrap();
        limit_is(max, long.with_max_payload_len(limit), long);
    }
}

#[test]
fn hello_cut_between_cr_and_lf_is_within_a_limit_of_five() {
    let crlf = Delimited::new(b"\r\n").unwrap().with_max_payload_len(5);
    assert_eq!(messages(crlf, b"hello\r\n"), [b"hello"]);
    assert_eq!(decode_error(crlf, b"hello!\r\n"), (0, 5, DecodeErrorKind::Oversize { len: 6, max: 5 }));
    assert_eq!(messages(Delimited::line().with_max_payload_len(5), b"hello\r\n"), [b"hello"]);
    // This CR is not part of a line end.
    assert_eq!(decode_error(crlf, b"hello\r\r\n"), (0, 5, DecodeErrorKind::Oversize { len: 6, max: 5 }));
    assert_eq!(messages(crlf, b"hell\r\r\n"), [b"hell\r"]);
}

#[test]
fn kept_delimiter_counts() {
    let kept = Delimited::new(b"\r\n").unwrap().keeping_delimiter();
    assert_eq!(messages(kept.with_max_payload_len(7), b"hello\r\n"), [b"hello\r\n"]);
    assert_eq!(
        decode_error(kept.with_max_payload_len(6), b"hello\r\n").2,
        DecodeErrorKind::Oversize { len: 7, max: 6 }
    );
    assert_eq!(refused(kept.with_max_payload_len(6), b"hello\r\n"), EncodeError::Oversize { len: 7, max: 6 });
}

#[test]
fn oversize_is_reported_with_the_byte_that_proves_it() {
    let mut decoder = Decoder::new(Delimited::new(b"\r\n").unwrap().with_max_payload_len(3));
    for (byte, fails) in b"abc\rd".iter().zip([false, false, false, false, true]) {
        decoder.push(&[*byte]).unwrap();
        assert_eq!(decoder.next_frame().is_err(), fails, "{}", byte.escape_ascii());
    }
    let mut decoder = Decoder::new(Prefix::netstring().with_max_payload_len(99));
    for (byte, fails) in b"100".iter().zip([false, false, true]) {
        decoder.push(&[*byte]).unwrap();
        assert_eq!(decoder.next_frame().is_err(), fails);
    }
}

#[test]
fn message_until_close_has_a_limit() {
    let framing = UntilClose::new().with_max_payload_len(5);
    assert_eq!(messages(framing, b"hello"), [b"hello"]);
    assert_eq!(decode_error(framing, b"hello!"), (0, 5, DecodeErrorKind::Oversize { len: 6, max: 5 }));
    assert_eq!(encode(framing, b"hello"), b"hello");
    assert_eq!(refused(framing, b"hello!"), EncodeError::Oversize { len: 6, max: 5 });
}

#[test]
fn limit_of_length_field_counts_the_payload_alone() {
    let framing = LengthField::new(2, Binary::u8()).unwrap().with_length_adjustment(-3).with_max_payload_len(2);
    for (packet, fits) in [(&b"ab\x04x"[..], true), (b"ab\x05xx", true), (b"ab\x06xxx", false)] {
        assert_eq!(framing.encode(packet, &mut Vec::new()).is_ok(), fits);
        assert_eq!(decode(framing, packet).1.is_ok(), fits);
    }
    assert_eq!(decode_error(framing, b"ab\x06xxx"), (0, 2, DecodeErrorKind::Oversize { len: 3, max: 2 }));
}

#[test]
fn framing_after_a_type_has_its_own_limit() {
    let table = [(b'a', Body::Framed(Prefix::u8().with_max_payload_len(1))), (b'b', Body::Framed(Prefix::u8()))];
    let framing = ByType::new(table).unwrap();
    let framing = &framing;
    assert_eq!(messages(framing, b"b\x02xx"), [b"bxx"]);
    assert_eq!(decode_error(framing, b"a\x02xx"), (0, 1, DecodeErrorKind::Oversize { len: 2, max: 1 }));
    assert_eq!(refused(framing, b"axx"), EncodeError::Oversize { len: 2, max: 1 });
}

#[test]
fn the_default_limit_is_eight_mebibytes() {
    let max = DEFAULT_MAX_PAYLOAD_LEN;
    assert_eq!(max, 8 << 20);
    let header = |len: u64| u32::try_from(len).unwrap().to_be_bytes();
    let mut decoder = Decoder::new(Prefix::u32_be());
    decoder.push(&header(max)).unwrap();
    assert_eq!(decoder.next_frame(), Ok(None));
    assert_eq!(
        decode_error(Prefix::u32_be(), &header(max + 1)),
        (0, 0, DecodeErrorKind::Oversize { len: max + 1, max })
    );
}

#[test]
fn number_that_is_smaller_than_the_limit_is_the_limit() {
    for (max, framing) in [(255, Prefix::u8()), (65_535, Prefix::u16_be())] {
        assert_eq!(framing.max_payload_len(), max as u64);
        let message = vec![b'x'; max];
        assert_eq!(messages_once(framing, &encode(framing, &message)), [message]);
        let value = max as u64 + 1;
        assert_eq!(refused(framing, &vec![b'x'; max + 1]), EncodeError::DoesNotFit { value, max: max as u64 });
    }
    assert_eq!(Prefix::ascii5().max_payload_len(), 99_999);
    // A number that counts more or less than the payload changes the greatest payload.
    assert_eq!(Prefix::u8().with_length_adjustment(-3).max_payload_len(), 252);
    assert_eq!(Prefix::u8().with_length_adjustment(3).max_payload_len(), 258);
    assert_eq!(Prefix::u16_be().self_inclusive().max_payload_len(), 65_533);
    assert!(!Fixed::new(1).unwrap().is_empty());
    assert_eq!(refused(Prefix::ascii5(), &vec![0; 100_000]), EncodeError::DoesNotFit { value: 100_000, max: 99_999 });
}

/// In one piece, because every split of a long stream takes long.
fn messages_once<F: Framing>(framing: F, stream: &[u8]) -> Vec<Vec<u8>> {
    let (messages, end) = common::decode_chunks(framing, &[stream]);
    assert_eq!(end, Ok(()));
    messages
}

/// Every number at its greatest, and one above.
#[test]
fn numbers_above_their_greatest_are_refused() {
    let widths = (1..=8).map(|width| Binary::new(width, Order::Big).unwrap());
    for number in widths {
        ends_at(&number, if number.width() == 8 { u64::MAX } else { (1 << (8 * number.width())) - 1 });
    }
    ends_at(&Bits::new(Binary::u16_be(), 0x0ff0).unwrap(), 255);
    ends_at(&Ascii::decimal(3).unwrap(), 999);
    ends_at(&Ascii::hex(16).unwrap(), u64::MAX);
    ends_at(&Ascii::decimal(20).unwrap(), u64::MAX);
    ends_at(&Ascii::netstring().with_max_digits(2).unwrap(), 99);
    ends_at(&Varint::leb128(), u64::MAX);
    ends_at(&Varint::leb128_u32(), u32::MAX.into());
    ends_at(&Varint::mqtt(), (1 << 28) - 1);
    ends_at(&Varint::quic(), (1 << 62) - 1);
    ends_at(&Varint::ber(), u64::MAX);
    // A reference is the number that it refers to.
    ends_at(&&Binary::u16_be(), u16::MAX.into());
    ends_at(&&Varint::mqtt(), (1 << 28) - 1);
    assert_eq!((&&Binary::u16_be()).fixed_len(), Some(2));
    assert_eq!((&&Varint::mqtt()).fixed_len(), None);
    let mut header = ShortBytes::empty();
    (&&Bits::new(Binary::u16_be(), 0x0ff0).unwrap()).rewrite(0x12, &[0xff; 2], &mut header).unwrap();
    assert_eq!(header.as_slice(), [0xf1, 0x2f]);
}

fn ends_at(number: &dyn Number, max: u64) {
    use anysplit::number::Decoded;
    assert_eq!(number.max(), max);
    for value in [0, 1, max / 2, max - 1, max] {
        let mut bytes = ShortBytes::empty();
        number.encode(value, &mut bytes).unwrap();
        assert_eq!(number.encoded_len(value), Some(bytes.len()));
        assert_eq!(number.decode(&bytes, u64::MAX), Ok(Decoded::Value { value, len: bytes.len() }));
    }
    if let Some(value) = max.checked_add(1) {
        let mut bytes = ShortBytes::empty();
        assert_eq!(number.encode(value, &mut bytes), Err(EncodeError::DoesNotFit { value, max }));
        assert!(bytes.is_empty());
        assert_eq!(number.encoded_len(value), None);
    }
}

/// A frame longer than half of the address space is refused with its header; one exactly as long is accepted.
#[test]
fn longest_frame_in_one_piece_is_half_of_the_address_space() {
    const HALF: u64 = isize::MAX as u64;
    let framing = Prefix::u64_be().with_max_payload_len(u64::MAX);
    for (payload, fits) in [(HALF - 9, true), (HALF - 8, true), (HALF - 7, false)] {
        let mut decoder = Decoder::new(framing);
        decoder.push(&payload.to_be_bytes()).unwrap();
        match decoder.next_frame() {
            Ok(none) => assert!(none.is_none() && fits, "{payload}"),
            Err(error) => {
                assert_eq!((error.kind, fits), (DecodeErrorKind::Oversize { len: payload, max: HALF - 8 }, false));
            }
        }
        assert_eq!(decoder.need() as u64, if fits { payload } else { 0 });
    }
}

/// The digits prove the payload too long before the header is complete, and the rest of the header is still needed.
#[test]
fn need_inside_the_header_of_a_skipped_frame_is_not_zero() {
    let framing = Prefix::new(Ascii::decimal_ended_by(b"::").unwrap()).with_max_payload_len(10);
    let mut decoder = Decoder::new(&framing as &dyn Framing).with_recovery(Recovery::SkipOversize);
    for (byte, need) in b"100::".iter().zip([3, 2, 2, 1, 100]) {
        decoder.push(&[*byte]).unwrap();
        assert_eq!(decoder.next_frame(), Ok(None));
        assert!((1..=need).contains(&decoder.need()), "{} after {}", decoder.need(), byte.escape_ascii());
    }
    assert_eq!(decoder.need(), 100);
}

#[test]
fn output_may_fill_its_room_to_the_last_byte() {
    let mut room = [0; 3];
    Order::Big.put_uint(&mut &mut room[..], 0x01_0203, 3).unwrap();
    assert_eq!(room, [1, 2, 3]);
    Order::Little.put_int(&mut &mut room[..], -2, 3).unwrap();
    assert_eq!(room, [0xfe, 0xff, 0xff]);
    assert!(Order::Big.put_uint(&mut &mut room[..2], 0, 3).is_err());
    assert_eq!(Prefix::u8().encode(b"hi", &mut &mut room[..]), Ok(3));
    assert_eq!(&room, b"\x02hi");
    assert_eq!(Prefix::u8().encode(b"hi", &mut &mut room[..2]), Err(EncodeError::NoRoom { need: 3, have: 2 }));
    assert_eq!(Prefix::u32_be().encode(b"", &mut &mut room[..]), Err(EncodeError::NoRoom { need: 4, have: 3 }));
    assert_eq!(Prefix::u64_be().encode(b"!", &mut &mut [0; 8][..]), Err(EncodeError::NoRoom { need: 9, have: 8 }));
}

#[test]
fn length_is_as_wide_as_it_has_to_be() {
    fn both_sides_of_each_width<N: Number + Copy>(number: N) {
        for len in [0, 1, 9, 10, 63, 64, 127, 128, 200, 255, 256, 999, 1000, 16_383, 16_384] {
            let (mut expected, message) = (ShortBytes::empty(), vec![b'x'; len]);
            number.encode(len as u64, &mut expected).unwrap();
            let wire = encode(Prefix::new(number), &message);
            assert_eq!(wire, [&expected[..], &message].concat());
            assert_eq!(messages(Prefix::new(number), &wire), [message]);
        }
    }
    both_sides_of_each_width(Varint::leb128());
    both_sides_of_each_width(Varint::quic());
    both_sides_of_each_width(Varint::ber());
    both_sides_of_each_width(Ascii::netstring());
}

#[test]
fn headers_are_equal_where_their_bytes_are() {
    let header = |bytes| <ShortBytes>::new(bytes).unwrap();
    assert_eq!(header(b"ab"), header(b"ab"));
    assert_ne!(header(b"ab"), header(b"ac"));
    assert_ne!(header(b"ab"), header(b"ab\0"));
    assert_eq!(format!("{:?}", header(b"ab")), "ShortBytes([97, 98])");
}
