//! The framings, with small limits, so that short inputs reach every answer.

use anysplit::answers::Expecting;
use anysplit::contract::Located;
use anysplit::number::{Ascii, Bcd, Binary, Bits, Escaped, Varint};
use anysplit::order::Order;
use anysplit::rtmp::{ChunkFraming, Chunks};
use anysplit::stuffing::{CobsVariant, Escaping, HexLine};
use anysplit::sum::SumForm;
use anysplit::values::{Ber, Cbor, Json, JsonSeq, MessagePack, Resp};
use anysplit::{
    After, BlockRule, Blocks, Body, ByFirstByte, ByType, ByteSet, Checked, Chunked, Condition, Delimited, Dotted,
    Doubled, Either, Enclosed, EscapedFrame, Fixed, FixedDecoder, Forbid, HeaderBlock, Http1, LengthField,
    LineThenBlock, Masked, Mavlink, Midi, Prefix, Require, SmpSerial, Stuffed, Then, UniversalLine, UntilClose, sum,
};

#[path = "../../../tests/common/in_chunks.rs"]
mod in_chunks;

use in_chunks::InChunks;

// The five that programs use most, and the numbers of a prefix.
crate::framings! {
    check_fixed, fault_fixed, b"abcde": Fixed::new(7).unwrap();
    check_by_type, fault_by_type, b"aabcd": ByType::lengths([(b'a', 6), (b'b', 0), (0, 2)]).unwrap();
    check_ascii5, fault_ascii5, b"00002": Prefix::ascii5().with_max_payload_len(12);
    check_u8, fault_u8, b"\x06abcd": Prefix::u8().with_max_payload_len(9);
    check_u16_be, fault_u16_be, b"\0\x04abc": Prefix::u16_be().with_max_payload_len(9);
    check_u32_le, fault_u32_le, b"\x04\0\0\0a": Prefix::u32_le().with_max_payload_len(9);
    check_line, fault_line, b"abcd\r": Delimited::line().with_max_payload_len(6);
    check_crlf, fault_crlf, b"abcd\r": Delimited::new(b"\r\n").unwrap().with_max_payload_len(6);
}

// All other numbers, before a payload.
crate::framings! {
    check_u16_le, fault_u16_le, b"\x04\0abc": Prefix::new(Binary::u16_le()).with_max_payload_len(9);
    check_u24_be, fault_u24_be, b"\0\0\x05ab": Prefix::new(Binary::u24_be()).with_max_payload_len(9);
    check_u32_be, fault_u32_be, b"\0\0\0\x04a": Prefix::new(Binary::u32_be()).with_max_payload_len(9);
    check_u48_be, fault_u48_be, b"\0\0\0\0\0": Prefix::new(Binary::u48_be()).with_max_payload_len(9);
    check_u48_le, fault_u48_le, b"\x05\0\0\0\0": Prefix::new(Binary::u48_le()).with_max_payload_len(9);
    check_u64_le, fault_u64_le, b"\x05\0\0\0\0": Prefix::new(Binary::u64_le()).with_max_payload_len(9);
    check_u24_le, fault_u24_le, b"\x05\0\0ab": Prefix::new(Binary::u24_le()).with_max_payload_len(9);
    check_u64_be, fault_u64_be, b"\0\0\0\0\0": Prefix::new(Binary::u64_be()).with_max_payload_len(9);
    check_bits, fault_bits, b"\xf0\x05abc": Prefix::new(Bits::new(Binary::u16_be(), 0x0fff).unwrap()).with_max_payload_len(9);
    check_hex4, fault_hex4, b"0003a": Prefix::new(Ascii::hex4()).with_max_payload_len(9);
    check_hex_line, fault_hex_line, b"4\r\nab": Prefix::new(Ascii::hex_ended_by(b"\r\n").unwrap()).with_max_payload_len(20);
    check_netstring, fault_netstring, b"4:abc": Prefix::netstring().with_max_payload_len(12);
    check_octets, fault_octets, b"4 abc": Prefix::new(Ascii::decimal_ended_by(b" ").unwrap()).with_max_payload_len(12);
    check_bcd, fault_bcd, b"\0\x04abc": Prefix::new(Bcd::four_digits()).with_max_payload_len(9);
    check_leb128, fault_leb128, b"\x05abcd": Prefix::leb128().with_max_payload_len(130);
    check_leb128_u32, fault_leb128_u32, b"\x05abcd": Prefix::new(Varint::leb128_u32()).with_max_payload_len(130);
    check_mqtt, fault_mqtt, b"\x05abcd": Prefix::new(Varint::mqtt()).with_max_payload_len(130);
    check_quic, fault_quic, b"\x05abcd": Prefix::new(Varint::quic()).with_max_payload_len(9);
    check_ber_length, fault_ber_length, b"\x05abcd": Prefix::new(Varint::ber()).with_max_payload_len(130);
    check_escaped_number, fault_escaped_number, b"\x05abcd":
        Prefix::new(Escaped::new(0x7f).unwrap().with_step(0x7e, Binary::u16_be()).unwrap()).with_max_payload_len(130);
}

// Every other framing.
crate::framings! {
    check_adjusted, fault_adjusted, b"\0\x08abc":
        Prefix::u16_be().self_inclusive().with_trailer(b"\xce").unwrap().with_max_payload_len(9);
    check_controls, fault_controls, b"0009a": Prefix::pkt_line().with_max_payload_len(9);
    check_field, fault_field, b"ab\x05ab":
        LengthField::new(2, Binary::u8()).unwrap().with_header_len(4).unwrap().with_max_payload_len(9);
    check_field_padding, fault_field_padding, b"\x05abcd":
        LengthField::new(0, Binary::u8()).unwrap().with_padding_to(4).unwrap().with_max_payload_len(9);
    check_field_second, fault_field_second, b"\x02\x02abc":
        LengthField::new(0, Binary::u8()).unwrap().with_header_len(3).unwrap()
            .with_second_length_at(1, Binary::u8()).unwrap().with_max_payload_len(9);
    check_delimiters, fault_delimiters, b"acaca":
        Delimited::any_of([&b"aba"[..], b"bb"]).unwrap().with_max_payload_len(6);
    check_nul, fault_nul, b"abcde": Delimited::nul().with_max_payload_len(6);
    check_kept, fault_kept, b"abcde": Delimited::line().keeping_delimiter().with_max_payload_len(6);
    check_until_close, fault_until_close, b"abcde": UntilClose::new().with_max_payload_len(7);
    check_universal_line, fault_universal_line, b"abcde": UniversalLine::new().with_max_payload_len(6);
    check_slip, fault_slip, b"abcde": Stuffed::slip().with_max_payload_len(6);
    check_slip_sum, fault_slip_sum, b"abcde": Stuffed::slip().with_max_payload_len(6)
        .with_sum(sum::Plain::Sum8, SumForm::Binary(Order::Big));
    check_hdlc, fault_hdlc, b"abcde": Stuffed::new(Escaping::hdlc()).with_max_payload_len(6);
    check_hex_stuffed, fault_hex_stuffed, b":616\r": Stuffed::new(HexLine::new(b':')).with_max_payload_len(6);
    check_cobs_reduced, fault_cobs_reduced, b"\x06abcd": Stuffed::new(CobsVariant::new(0xaa).reduced()).with_max_payload_len(6);
    check_cobs, fault_cobs, b"\x06abcd": Stuffed::cobs().with_max_payload_len(6);
    check_doubled, fault_doubled, b"abcde": Doubled::dle_etx().with_max_payload_len(6);
    check_dotted, fault_dotted, b"abc\r\n": Dotted::new().with_max_payload_len(6);
    check_chunked, fault_chunked, b"4\r\nab": Chunked::new().with_max_payload_len(9).with_max_header_len(6);
    check_header_block, fault_header_block, b"l:4\r\n":
        HeaderBlock::new("l").unwrap().with_max_payload_len(9).with_max_header_len(9);
    check_http_header, fault_http_header, b"a\r\n:\r": HeaderBlock::without_length().with_max_header_len(9);
    check_braces, fault_braces, b"a{2}\r":
        LineThenBlock::new([BlockRule::braces()]).unwrap().with_max_payload_len(20).with_max_line_len(9);
    check_line_then_block, fault_line_then_block, b"$4\r\na":
        LineThenBlock::new([BlockRule::sign("$").unwrap()]).unwrap().with_max_payload_len(20).with_max_line_len(9);
    check_by_first_byte, fault_by_first_byte, b"\x05abcd": ByFirstByte::new([
        (0..=9, Either::A(Prefix::u8())),
        (b'a'..=b'z', Either::B(Delimited::line().with_max_payload_len(6))),
    ]).unwrap();
    check_by_type_framed, fault_by_type_framed, b"b\x05abc":
        ByType::new([(b'a', Body::Len(2)), (b'b', Body::Framed(Prefix::u8().with_max_payload_len(9)))]).unwrap();
    check_enclosed, fault_enclosed, b"$abcd": Enclosed::new(b"$", Delimited::line().with_max_payload_len(6)).unwrap();
    check_then, fault_then, b"abcd\r": Then::new(Delimited::line().with_max_payload_len(6), Prefix::u8());
    check_expecting, fault_expecting, b"\x05abcd": Expecting::some(Prefix::u8().with_max_payload_len(6));
    check_nothing, fault_nothing, b"abcde": Expecting::<Prefix<Binary>>::nothing();
    check_after, fault_after, b"ab\x05ab": After::new(2, Prefix::u8().with_max_payload_len(9)).unwrap();
    check_masked, fault_masked, b"a\x84abc": Masked::new(1, 0x80, LengthField::new(1, Bits::new(Binary::u8(), 0x7f).unwrap())
        .unwrap().with_optional_header(1, 0x80, 4).unwrap().with_max_payload_len(9)).unwrap();
    check_checked, fault_checked, b"\x05abcd":
        Checked::new(Prefix::u8().with_max_payload_len(6), sum::Plain::Sum8, SumForm::Binary(Order::Big)).unwrap();
    check_crc, fault_crc, b"\x05abcd": Checked::new(
        Prefix::u8().with_max_payload_len(6), sum::Crc::new(16, 0x1021, 0xffff, 0, false, false), SumForm::Binary(Order::Big),
    ).unwrap();
    check_blocks, fault_blocks, b"\x05abcd":
        Blocks::new(Prefix::u8().with_max_payload_len(6), 2, sum::Plain::Sum8, SumForm::Binary(Order::Big)).unwrap();
    check_escaped_frame, fault_escaped_frame, b"~\x05abc":
        EscapedFrame::new(Escaping::hdlc(), Prefix::u8().with_max_payload_len(6)).unwrap();
    check_forbid, fault_forbid, b"\x05abcd":
        Forbid::new(ByteSet::of(b'x'), Prefix::u8().with_max_payload_len(6)).unwrap();
    check_require, fault_require, b"\x05\x01abc":
        Require::new(Prefix::u8().with_max_payload_len(6)).with(Condition::bytes(1, b"\x01").unwrap()).unwrap();
    check_mavlink, fault_mavlink, b"\xfe\x01abc": Mavlink::new([(0, 50), (1, 124)]).unwrap().with_max_payload_len(6);
    check_midi, fault_midi, b"\xf0abcd": Midi::new().with_max_payload_len(6);
    check_smp, fault_smp, b"\x06\x09abc": SmpSerial::new().with_max_payload_len(6);
    check_ber, fault_ber, b"\x04\x05abc": Ber::new().with_max_payload_len(9);
    check_cbor, fault_cbor, b"\x45abcd": Cbor::new().with_max_payload_len(5);
    check_json, fault_json, b"\"abcd": Json::new().with_max_payload_len(9);
    check_json_seq, fault_json_seq, b"\x1eabcd": JsonSeq::new().with_max_payload_len(9);
    check_messagepack, fault_messagepack, b"\xa5abcd": MessagePack::new().with_max_payload_len(5);
    check_http1, fault_http1, b"GET /": Http1::new();
    check_http1_chunks, fault_http1_chunks, b"4\r\nab": InChunks(Http1::new().with_max_payload_len(20));
    check_rtmp, fault_rtmp, b"\xc3abcd": rtmp_chunk();
    check_resp, fault_resp, b"$4\r\na": Resp::new().with_max_payload_len(12);
}

/// What follows a chunk of six bytes: a chunk of type 3 begins another message of that length.
fn rtmp_chunk() -> ChunkFraming<1> {
    let mut chunks = Chunks::after_handshake();
    let mut decoder = FixedDecoder::new(chunks.framing(), [0; 32]);
    let _ = decoder.push(b"\x03\0\0\x01\0\0\x06\x08\x01\0\0\0abcdef");
    chunks.prepare(&mut decoder);
    if let Ok(Some(frame)) = decoder.next_frame() {
        let _ = chunks.take(&frame);
    }
    chunks.framing()
}

// Other faults than an error in place of an answer, each at one input of five bytes.
crate::faults! {
    fault_panic: |_| panic!("planted");
    fault_overflow: |input| Ok(Located::Wait(u64::from(input[4] + 200)));
    fault_need: |_| Ok(Located::Wait(9));
    fault_offset: |_| Ok(Located::Filler(2));
}
