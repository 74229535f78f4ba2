//! Every framing of the crate with small limits, and an alphabet of the bytes that mean something to it.

use anysplit::number::{Ascii, Bcd, Binary, Bits, Escaped, Varint};
use anysplit::order::Order;
use anysplit::stuffing::Escaping;
use anysplit::sum::SumForm;
use anysplit::values::{Ber, Cbor, Json, JsonSeq, MessagePack, Resp};
use anysplit::*;

#[path = "in_chunks.rs"]
mod in_chunks;

use in_chunks::InChunks;

/// A name, the framing, and its alphabet.
pub(crate) type Small = (&'static str, Box<dyn Framing>, &'static [u8]);

/// What follows a chunk of two bytes: a chunk of type 3 begins another message of that length.
fn rtmp_chunk() -> rtmp::ChunkFraming<1> {
    let mut chunks = rtmp::Chunks::after_handshake().with_max_message_len(2);
    let mut decoder = Decoder::new(chunks.framing());
    decoder.push(b"\x03\0\0\x01\0\0\x02\x08\x01\0\0\0ab").unwrap();
    chunks.prepare(&mut decoder);
    chunks.take(&decoder.next_frame().unwrap().unwrap()).unwrap();
    chunks.framing()
}

macro_rules! small {
    ($($name:ident: $framing:expr, $alphabet:expr;)*) => {
        /// Every framing.
        pub(crate) fn small() -> Vec<Small> {
            vec![$((stringify!($name), Box::new($framing), $alphabet)),*]
        }
    };
}

small! {
    fixed: Fixed::new(3).unwrap(), b"ab";
    by_type_lengths: ByType::lengths([(b'a', 2), (b'b', 0), (0, 3)]).unwrap(), b"abc\0";
    ascii2: Prefix::ascii(2).unwrap().with_max_payload_len(4), b"0124a";
    ascii5: Prefix::ascii5().with_max_payload_len(2), b"012a";
    u8: Prefix::u8().with_max_payload_len(3), b"\0\x01\x03\x04";
    u16_be: Prefix::u16_be().with_max_payload_len(3), b"\0\x01\x03\x04";
    u16_le_inclusive: Prefix::u16_le().self_inclusive().with_max_payload_len(2), b"\0\x02\x04\x05";
    u24_le: Prefix::new(Binary::u24_le()).with_max_payload_len(2), b"\0\x01\x02\x03";
    u32_le: Prefix::u32_le().with_max_payload_len(2), b"\0\x01\x03";
    u64_be: Prefix::new(Binary::u64_be()).with_max_payload_len(1), b"\0\x01";
    bits: Prefix::new(Bits::new(Binary::u16_be(), 0x0fff).unwrap()).with_max_payload_len(3), b"\0\x03\xf0\x0f";
    hex4: Prefix::new(Ascii::hex4()).with_max_payload_len(2), b"012f";
    hex_line: Prefix::new(Ascii::hex_ended_by(b"\r\n").unwrap()).with_trailer(b"\r\n").unwrap().with_max_payload_len(2), b"12\r\n";
    netstring: Prefix::netstring().with_max_payload_len(3), b"013:,";
    octets: Prefix::new(Ascii::decimal_ended_by(b" ").unwrap()).with_max_payload_len(3), b"013 ";
    bcd: Prefix::new(Bcd::four_digits()).with_max_payload_len(3), b"\0\x03\x0a\x12";
    leb128: Prefix::leb128().with_max_payload_len(3), b"\0\x01\x80\x83";
    mqtt_longer: Prefix::new(Varint::mqtt().allowing_longer_forms()).with_max_payload_len(3), b"\0\x01\x80\x83";
    quic: Prefix::new(Varint::quic()).with_max_payload_len(3), b"\0\x03\x40";
    ber_length: Prefix::new(Varint::ber()).with_max_payload_len(3), b"\0\x01\x81\x82";
    escaped_number: Prefix::new(Escaped::new(0x7f).unwrap().with_step(0x7e, Binary::u16_be()).unwrap()).with_max_payload_len(3),
        b"\0\x03\x7e\xfe";
    controls: Prefix::pkt_line().with_max_payload_len(2), b"0456";
    adjusted: Prefix::u8().with_length_adjustment(-3).with_trailer(b"\xce").unwrap().with_max_payload_len(2), b"\x02\x03\x05\xce";
    field: LengthField::new(1, Binary::u8()).unwrap().with_header_len(3).unwrap().with_max_payload_len(2), b"\0\x01\x02\x03";
    field_padding: LengthField::new(0, Binary::u8()).unwrap().with_padding_to(4).unwrap().with_max_payload_len(3), b"\0\x01\x03";
    field_second: LengthField::new(0, Binary::u8()).unwrap().with_header_len(3).unwrap()
        .with_second_length_at(1, Binary::u8()).unwrap().with_max_payload_len(3), b"\0\x01\x02";
    field_magic: LengthField::new(1, Binary::u8()).unwrap().with_header_len(3).unwrap().with_magic_at(0, b"a").unwrap()
        .with_trailer(b"!").unwrap().with_max_payload_len(2), b"a!\x01\x02";
    line: Delimited::line().with_max_payload_len(3), b"a\r\n";
    line_kept: Delimited::line().keeping_delimiter().with_max_payload_len(3), b"a\r\n";
    crlf: Delimited::new(b"\r\n").unwrap().with_max_payload_len(3), b"a\r\n";
    delimiters: Delimited::any_of([&b"aba"[..], b"bb"]).unwrap().with_max_payload_len(3), b"abc";
    repeating: Delimited::new(b"aab").unwrap().with_max_payload_len(4), b"abc";
    universal_line: UniversalLine::new().with_max_payload_len(3), b"a\r\n";
    until_close: UntilClose::new().with_max_payload_len(4), b"ab";
    slip: Stuffed::slip().with_max_payload_len(3), b"a\xc0\xdb\xdc\xdd";
    cobs: Stuffed::cobs().with_max_payload_len(3), b"\0\x01\x02\x04\xff";
    stuffed_sum: Stuffed::slip().with_sum(sum::Plain::Sum8, SumForm::Binary(Order::Big)).with_max_payload_len(2), b"a\xc0\xdb\xdc\xdd";
    doubled: Doubled::dle_etx().with_max_payload_len(3), b"a\x10\x03";
    dotted: Dotted::new().with_max_payload_len(3), b"a.\r\n";
    chunked: Chunked::new().with_max_payload_len(2).with_max_header_len(5), b"02;\r\n";
    header_block: HeaderBlock::new("l").unwrap().with_max_payload_len(2).with_max_header_len(8), b"l:2\r\n";
    http1_chunks: InChunks(Http1::new().with_max_payload_len(2).with_max_header_len(5)), b"02;\r\n";
    line_then_block: LineThenBlock::new([BlockRule::sign("$").unwrap()]).unwrap().with_max_payload_len(3).with_max_line_len(4), b"$1a\r\n";
    by_first_byte: ByFirstByte::new([
        (0..=9, Box::new(Prefix::u8().with_max_payload_len(2)) as Box<dyn Framing>),
        (b'a'..=b'z', Box::new(Delimited::line().with_max_payload_len(2))),
    ]).unwrap(), b"a\x01\x02\n!";
    by_a_later_byte: ByFirstByte::new([
        (b'a'..=b'a', Box::new(Fixed::new(3).unwrap()) as Box<dyn Framing>),
        (b'\n'..=b'\n', Box::new(Delimited::line().with_max_payload_len(3))),
        (1..=1, Box::new(Prefix::u8().with_max_payload_len(3))),
    ]).unwrap().choosing_at(1), b"a\n\x01";
    by_type_framed: ByType::new([
        (b'a', Body::Len(1)),
        (b'b', Body::Framed(Box::new(Prefix::u8().with_max_payload_len(2)) as Box<dyn Framing>)),
        (b'\n', Body::Framed(Box::new(Delimited::line().with_max_payload_len(2)))),
    ]).unwrap(), b"ab\n\x01";
    either: Either::<Prefix<Binary>, Fixed>::A(Prefix::u8().with_max_payload_len(2)), b"\0\x01\x02\x03";
    enclosed: Enclosed::new(b"$$", Delimited::line().with_max_payload_len(2)).unwrap(), b"$a\r\n";
    enclosed_skipping: Enclosed::new(b"$", Prefix::u8().with_max_payload_len(2)).unwrap().skipping_between(ByteSet::of(b' ')).unwrap(),
        b"$ \x01\x02";
    then: Then::new(Delimited::line().with_max_payload_len(2), Prefix::u8().with_max_payload_len(2)), b"a\x01\x02\n";
    then_slip: Then::new(Prefix::u8().with_max_payload_len(2), Stuffed::slip().with_max_payload_len(2)), b"\x01\xc0\xdb\xdc";
    after: After::new(2, Prefix::u8().with_max_payload_len(2)).unwrap(), b"\0\x01\x03";
    masked: Masked::new(0, 0x80, LengthField::new(0, Bits::new(Binary::u8(), 0x7f).unwrap()).unwrap()
        .with_optional_header(0, 0x80, 4).unwrap().with_max_payload_len(1)).unwrap(), b"\0\x01\x81";
    checked: Checked::new(Prefix::u8().with_max_payload_len(3), sum::Plain::Sum8, SumForm::Binary(Order::Big)).unwrap(), b"\0\x01\x02\x03";
    checked_line: Checked::new(Delimited::line().with_max_payload_len(3), sum::Plain::Xor, SumForm::Binary(Order::Big)).unwrap(), b"a\n\x0b";
    blocks: Blocks::new(Prefix::u8().with_max_payload_len(3), 2, sum::Plain::Sum8, SumForm::Binary(Order::Big)).unwrap(), b"\0\x01\x02\x03";
    escaped_frame: EscapedFrame::new(Escaping::hdlc(), Prefix::u8().with_max_payload_len(2)).unwrap(), b"~}\x01\x21\x02";
    forbid: Forbid::new(ByteSet::of(b'x'), Delimited::line().with_max_payload_len(3)).unwrap(), b"ax\r\n";
    require: Require::new(Prefix::u8().with_max_payload_len(3)).with(Condition::bytes(1, b"a").unwrap()).unwrap(), b"\0\x02ab";
    mavlink: Mavlink::new([(0, 50), (1, 124)]).unwrap().with_max_payload_len(1), b"\xfe\0\xe1\x1a";
    midi: Midi::new().with_max_payload_len(3), b"\x01\x90\xc0\xf0\xf7\xf8";
    smp: SmpSerial::new().with_max_payload_len(3), b"\x06\x09AI=\n";
    ber: Ber::new().with_max_payload_len(4), b"\0\x01\x02\x30";
    cbor: Cbor::new().with_max_payload_len(3), b"\0\x41\x81\x5f\xff";
    json: Json::new().with_max_payload_len(4), b"1\"[]\n";
    json_seq: JsonSeq::new().with_max_payload_len(3), b"1\x1e\n";
    messagepack: MessagePack::new().with_max_payload_len(3), b"\0\xa1\x91\xc4";
    rtmp: rtmp_chunk(), b"\xc3\0\x01";
    resp: Resp::new().with_max_payload_len(6), b"$+1\r\n";
}
