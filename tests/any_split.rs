//! How the bytes were cut never shows, for every framing.

#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use anysplit::delimited::Unterminated;
use anysplit::number::{Ascii, Binary, Bits, Varint};
use anysplit::stuffing::{Cobs, Escaping};
use anysplit::sum::SumForm;
use anysplit::*;

macro_rules! laws_hold {
    ($($name:ident: $framing:expr;)*) => {$(
        #[test]
        fn $name() {
            // As a trait object, so that the laws are compiled once and not for every type.
            let framing: &dyn Framing = &$framing;
            if let Err(violation) = testing::check_all(framing, common::CASES) {
                panic!("{violation}");
            }
        }
    )*};
}

laws_hold! {
    fixed: Fixed::new(5).unwrap();
    u8: Prefix::u8();
    u16_be: Prefix::u16_be();
    u32_le_small: Prefix::u32_le().with_max_payload_len(10);
    ascii5: Prefix::ascii5();
    ascii2_small: Prefix::ascii(2).unwrap().with_max_payload_len(7);
    netstring: Prefix::netstring();
    netstring_small: Prefix::netstring().with_max_payload_len(9);
    pkt_line: Prefix::pkt_line();
    leb128: Prefix::leb128();
    quic: Prefix::new(Varint::quic());
    ber: Prefix::new(Varint::ber()).with_max_payload_len(130);
    mqtt_inclusive: Prefix::new(Varint::mqtt()).self_inclusive();
    octet_counting: Prefix::new(Ascii::decimal_ended_by(b" ").unwrap());
    http_chunks: Prefix::new(Ascii::hex_ended_by(b"\r\n").unwrap()).with_trailer(b"\r\n").unwrap();
    u8_adjusted: Prefix::u8().with_length_adjustment(-3);
    u8_adjusted_up: Prefix::u8().with_length_adjustment(3).with_max_payload_len(20);
    u16_inclusive_trailer: Prefix::u16_be().self_inclusive().with_trailer(b"\xce").unwrap();
    field: LengthField::new(2, Binary::u16_be()).unwrap();
    field_inclusive: LengthField::new(2, Binary::u16_be()).unwrap().with_length_adjustment(-4);
    field_after: LengthField::new(1, Binary::u8()).unwrap().with_header_len(4).unwrap().with_max_payload_len(16);
    field_unit: LengthField::new(0, Binary::u8()).unwrap().with_unit(4).unwrap();
    field_padding: LengthField::new(0, Binary::u8()).unwrap().with_padding_to(8).unwrap();
    field_pad_len: LengthField::new(0, Binary::u8()).unwrap().with_header_len(3).unwrap().with_pad_len_at(1).unwrap();
    field_trailer: LengthField::new(1, Binary::u8()).unwrap().with_trailer(b"\xce").unwrap().with_max_payload_len(8);
    field_second: LengthField::new(0, Binary::u8()).unwrap().with_header_len(3).unwrap().with_second_length_at(1, Binary::u8()).unwrap();
    field_second_padded: LengthField::new(0, Binary::u8()).unwrap().with_header_len(3).unwrap()
        .with_second_length_at(1, Binary::u8()).unwrap().with_second_padding_to(4).unwrap();
    field_second_unit: LengthField::new(0, Binary::u8()).unwrap().with_header_len(3).unwrap()
        .with_second_length_at(1, Binary::u8()).unwrap().with_second_unit(3).unwrap();
    field_required: LengthField::new(2, Binary::u8()).unwrap().with_header_len(5).unwrap()
        .with_magic_at(0, b"ab").unwrap().with_magic_at(3, b"c").unwrap();
    field_bits: LengthField::new(0, Bits::new(Binary::u16_be(), 0x0fff).unwrap()).unwrap();
    field_varint: LengthField::new(1, Varint::mqtt()).unwrap();
    masked: Masked::new(1, 0x80, LengthField::new(1, Bits::new(Binary::u8(), 0x7f).unwrap()).unwrap().with_header_after(4).unwrap()).unwrap();
    masked_websocket: Masked::new(1, 0x80, LengthField::new(1, Bits::new(Binary::u8(), 0x7f).unwrap()).unwrap().with_optional_header(1, 0x80, 4).unwrap()).unwrap();
    masked_line: Masked::new(0, 1, Delimited::line()).unwrap();
    line: Delimited::line();
    line_small: Delimited::line().with_max_payload_len(5);
    line_kept: Delimited::line().keeping_delimiter().with_max_payload_len(9);
    line_kept_failing: Delimited::line().keeping_delimiter().with_unterminated(Unterminated::Fail);
    crlf: Delimited::new(b"\r\n").unwrap();
    crlf_small: Delimited::new(b"\r\n").unwrap().with_max_payload_len(5);
    crlf_kept: Delimited::new(b"\r\n").unwrap().keeping_delimiter();
    nul: Delimited::nul();
    several: Delimited::any_of([&b"\r\n"[..], b"\n", b"ab"]).unwrap();
    several_small: Delimited::any_of([&b"\r\n\r\n"[..], b"\n\n"]).unwrap().with_max_payload_len(4);
    long: Delimited::new(b"--boundary-of-a-mime-part\r\n").unwrap();
    until_close: UntilClose::new();
    until_close_small: UntilClose::new().with_max_payload_len(10);
    by_type_lengths: ByType::lengths([(b'a', 2), (b'b', 0), (0, 5)]).unwrap();
    by_type_prefix: ByType::new([(b'a', Body::Len(2)), (b'b', Body::Framed(Prefix::u16_be()))]).unwrap();
    by_type_lines: ByType::new([(b'a', Body::Len(2)), (b'b', Body::Framed(Delimited::line()))]).unwrap();
    by_type_close: ByType::new([(b'a', Body::Len(2)), (b'b', Body::Framed(UntilClose::new()))]).unwrap();
    by_type_field: ByType::new([(b'a', Body::Len(2)), (b'b', Body::Framed(LengthField::new(1, Binary::u8()).unwrap()))]).unwrap();
    by_type_several: ByType::new([
        (b'a', Body::Len(2)),
        (b'b', Body::Framed(Box::new(Prefix::netstring()) as Box<dyn Framing>)),
        (b'c', Body::Framed(Box::new(Delimited::new(b"\r\n").unwrap()))),
    ]).unwrap();
    slip: Stuffed::slip();
    slip_small: Stuffed::slip().with_max_payload_len(4);
    cobs: Stuffed::cobs();
    cobs_small: Stuffed::cobs().with_max_payload_len(3);
    cobs_enclosed: Enclosed::new(b"$", Stuffed::cobs()).unwrap();
    enclosed: Enclosed::new(b"\x0b", Delimited::new(b"\x1c\r").unwrap()).unwrap();
    enclosed_small: Enclosed::new(b"ab", Prefix::u8().with_max_payload_len(3)).unwrap();
    header_block: HeaderBlock::new("l").unwrap();
    header_block_without_length: HeaderBlock::without_length();
    header_block_small: HeaderBlock::new("l").unwrap().with_max_payload_len(5);
    chunked: Chunked::new();
    chunked_small: Chunked::new().with_max_payload_len(5);
    http1: Http1::new();
    http1_small: Http1::new().with_max_payload_len(5).with_max_header_len(60);
    braces: LineThenBlock::new([BlockRule::braces()]).unwrap();
    sign: LineThenBlock::new([BlockRule::sign("$").unwrap()]).unwrap().with_max_payload_len(20);
    // The first framing rewrites, so its frames are refused.
    then_doubled: Then::new(Doubled::dle_etx(), Delimited::line());
    then_lines: Then::new(Delimited::line(), Prefix::u8());
    then_slip: Then::new(Prefix::u16_be(), Stuffed::slip());
    by_first_byte: ByFirstByte::new([
        (b'0'..=b'9', Box::new(Prefix::netstring()) as Box<dyn Framing>),
        (0xc0..=0xc0, Box::new(Delimited::line())),
        (0..=5, Box::new(Prefix::u8().with_trailer(b"!").unwrap())),
    ]).unwrap();
    by_a_later_byte: ByFirstByte::new([
        (b'0'..=b'9', Box::new(Prefix::netstring()) as Box<dyn Framing>),
        (b':'..=b':', Box::new(Prefix::netstring().with_max_payload_len(9))),
        (b'a'..=b'c', Box::new(Delimited::line().with_max_payload_len(20))),
        (0xc0..=0xff, Box::new(Fixed::new(5).unwrap())),
        (0..=9, Box::new(LengthField::new(0, Binary::u8()).unwrap().with_trailer(b"!").unwrap())),
    ]).unwrap().choosing_at(1);
    by_a_byte_that_is_not_in_the_header: ByFirstByte::new([
        (0..=9, Box::new(Prefix::u8().with_trailer(b"!").unwrap()) as Box<dyn Framing>),
        (b'a'..=b'z', Box::new(Delimited::line())),
        (b'A'..=b'Z', Box::new(Stuffed::new(Cobs))),
    ]).unwrap().choosing_at(2);
    dle: Enclosed::new(b"\x10\x02", Doubled::dle_etx()).unwrap();
    telnet_records_small: Doubled::telnet(0xef).unwrap().with_max_payload_len(6);
    dots: Dotted::new();
    dots_small: Dotted::new().with_max_payload_len(6);
    midi: Midi::new();
    midi_small: Midi::new().with_max_payload_len(4);
    mavlink: Mavlink::common();
    mavlink_small: Mavlink::new([(0, 50), (1, 124)]).unwrap().with_max_payload_len(9);
    smp: SmpSerial::new();
    smp_small: SmpSerial::new().with_max_payload_len(5);
    empty_frames: Stuffed::new(Escaping::xor(b'#', b'}', 0x20).unwrap().with_also_escaped(ByteSet::of(b'$')).unwrap())
        .with_empty_frames().unwrap().with_max_payload_len(9);
    empty_cobs: Stuffed::cobs().with_empty_frames().unwrap();
    blocks: Blocks::new(Prefix::u8(), 4, sum::Plain::Fletcher16, SumForm::Binary(order::Order::Little)).unwrap();
    // Frames of the second kind announce no length, and are refused.
    blocks_by_first_byte: Blocks::new(
        ByFirstByte::new([
            (b'a'..=b'm', Box::new(Prefix::u8()) as Box<dyn Framing>),
            (b'n'..=b'z', Box::new(Delimited::byte(b'*').with_max_payload_len(2))),
        ]).unwrap(),
        3, sum::Plain::Sum8, SumForm::HexLower,
    ).unwrap();
    blocks_text: Blocks::new(Prefix::u8(), 3, sum::Plain::Sum8, SumForm::HexLower).unwrap();
    escaped: EscapedFrame::new(Escaping::hdlc(), Prefix::u8()).unwrap();
    escaped_by_first_byte: EscapedFrame::new(
        Escaping::hdlc(),
        ByFirstByte::new([
            (b'a'..=b'm', Box::new(Prefix::u8()) as Box<dyn Framing>),
            (b'n'..=b'z', Box::new(Delimited::byte(b'*').with_max_payload_len(2))),
        ]).unwrap(),
    ).unwrap();
    escaped_checked: EscapedFrame::new(
        Escaping::hdlc().with_control_characters(1 << 0x11 | 1 << 0x13).unwrap(),
        Checked::new(Prefix::u16_be().with_max_payload_len(300), sum::Plain::Sum8Ones, SumForm::Binary(order::Order::Big)).unwrap(),
    ).unwrap();
    escaped_field: EscapedFrame::new(
        Escaping::codes(0xc0, 0xdb, 0xdc, 0xdd).unwrap(),
        LengthField::new(1, Binary::u8()).unwrap().with_trailer(b"\xce").unwrap(),
    ).unwrap();
}
