//! The text form: written text is read back, and a text that cannot be read has a good error.
#![cfg(feature = "spec")]
#![allow(clippy::unwrap_used)]

#[path = "spec/errors.rs"]
mod errors;
#[path = "common/specs.rs"]
mod specs;

use anysplit::delimited::{DelimiterTable, Unterminated};
use anysplit::http1::Question;
use anysplit::number::{Ascii, Bcd, Binary, Bits, Escaped, Number, Varint};
use anysplit::order::Order;
use anysplit::spec::SpecError;
use anysplit::spec::SpecErrorKind;
use anysplit::{
    AnyFraming, BlockRule, Body, ByFirstByte, ByType, ByteSet, Chunked, Condition, ConfigError, Delimited, Either,
    Enclosed, Fixed, Forbid, Framing, HeaderBlock, Http1, LengthField, Limit, LineThenBlock, Masked, Prefix, Require,
    Stuffed, Then, UniversalLine, UntilClose,
};

#[track_caller]
fn parsed(text: &str) -> AnyFraming {
    text.parse().unwrap_or_else(|error: SpecError| panic!("\n{}", error.rendered(text)))
}

/// `text` is read as `framing`, and `framing` is written as `written`.
#[track_caller]
fn reads(text: &str, framing: impl Into<AnyFraming>, written: &str) {
    let framing = framing.into();
    assert_eq!(parsed(text), framing);
    assert_eq!(framing.to_string(), written);
    assert_eq!(parsed(written), framing);
}

/// `text` is the written form of `framing`.
#[track_caller]
fn is(text: &str, framing: impl Into<AnyFraming>) {
    reads(text, framing, text);
}

#[test]
fn fixed_lengths_and_the_end_of_the_stream() {
    is("fixed:512", Fixed::new(512).unwrap());
    reads("fixed:4k", Fixed::new(4096).unwrap(), "fixed:4096");
    is("close", UntilClose::new());
    is("close,max=10", UntilClose::new().with_max_payload_len(10));
    is("close,max=none", UntilClose::new().with_max_payload_len(u64::MAX));
}

#[test]
fn prefixes_of_every_number() {
    is("ascii:5", Prefix::ascii5());
    is("hex:4", Prefix::hex4());
    is("u8", Prefix::u8());
    reads("u8be", Prefix::u8(), "u8");
    is("u8le", Prefix::new(Binary::new(1, Order::Little).unwrap()));
    is("u16be", Prefix::u16_be());
    is("u16le", Prefix::u16_le());
    is("u24le", Prefix::u24_le());
    is("u32be", Prefix::u32_be());
    is("u40be", Prefix::new(Binary::new(5, Order::Big).unwrap()));
    is("u48le", Prefix::new(Binary::u48_le()));
    is("u56le", Prefix::new(Binary::new(7, Order::Little).unwrap()));
    is("u64le", Prefix::u64_le());
    is("varint", Prefix::leb128());
    is("varint32", Prefix::new(Varint::leb128_u32()));
    is("quic", Prefix::new(Varint::quic()));
    is("mqtt", Prefix::new(Varint::mqtt()));
    is("ber", Prefix::new(Varint::ber()));
    is("netstring", Prefix::netstring());
    is("pkt-line", Prefix::pkt_line());
    let host = if cfg!(target_endian = "big") { "u16be" } else { "u16le" };
    reads("u16ne", Prefix::new(Binary::new(2, Order::HOST).unwrap()), host);
}

#[test]
fn options_of_prefixes() {
    is("u32be,max=1048576", Prefix::u32_be().with_max_payload_len(1 << 20));
    reads("u32be,max=1M", Prefix::u32_be().with_max_payload_len(1 << 20), "u32be,max=1048576");
    reads("u32be,max=8M", Prefix::u32_be(), "u32be");
    is("u16be,self", Prefix::u16_be().self_inclusive());
    is("u16be,adjust=-2", Prefix::u16_be().with_length_adjustment(-2));
    reads("u16be,adjust=+2", Prefix::u16_be().with_length_adjustment(2), "u16be,adjust=2");
    is("u16be,adjust=-9223372036854775808", Prefix::u16_be().with_length_adjustment(i64::MIN));
    is("u16be,control=3,trailer=\\,\\x20", Prefix::u16_be().with_control_frames_below(3).with_trailer(b", ").unwrap());
    is("pkt-line,max=100", Prefix::pkt_line().with_max_payload_len(100));
    let pkt_line = Prefix::pkt_line();
    reads("hex:4,self,control=3,max=65516", pkt_line, "pkt-line");
    let all_default = "pkt-line,max=8388608";
    is(all_default, Prefix::hex4().self_inclusive().with_control_frames_below(3));
    is("netstring,digits=9", Prefix::new(Ascii::netstring().with_max_digits(9).unwrap()).with_trailer(b",").unwrap());
    reads("ascii,end=:,trailer=\\,", Prefix::netstring(), "netstring");
    is("netstring,max=1000,control=1", Prefix::netstring().with_max_payload_len(1000).with_control_frames_below(1));
}

#[test]
fn options_of_numbers() {
    is("ascii,end=\\x20", Prefix::new(Ascii::decimal_ended_by(b" ").unwrap()));
    is("hex,end=\\r\\n", Prefix::new(Ascii::hex_ended_by(b"\r\n").unwrap()));
    is("ascii:5,end=:", Prefix::new(Ascii::decimal5().followed_by(b":").unwrap()));
    is("ascii,end=;,greatest=500", Prefix::new(Ascii::decimal_ended_by(b";").unwrap().with_max(500)));
    is("ascii:5,greatest=999", Prefix::new(Ascii::decimal5().with_max(999)));
    reads("ascii:5,digits=3", Prefix::new(Ascii::decimal5().with_max(999)), "ascii:5,greatest=999");
    is("u16be,mask=0x3fff", Prefix::new(Bits::new(Binary::u16_be(), 0x3fff).unwrap()));
    reads("u16be,mask=15", Prefix::new(Bits::new(Binary::u16_be(), 15).unwrap()), "u16be,mask=0xf");
    is("varint,longer", Prefix::new(Varint::leb128().allowing_longer_forms()));
    reads("quic,max=9,longer", parsed("quic,longer,max=9"), "quic,longer,max=9");
}

#[test]
fn delimiters_and_lines() {
    is("line", Delimited::line());
    is("line,crlf", Delimited::line().with_crlf());
    let all = Delimited::line()
        .with_crlf()
        .keeping_delimiter()
        .with_unterminated(Unterminated::Fail)
        .with_max_payload_len(80);
    is("line,crlf,keep,unterminated=fail,max=80", all);
    reads("line,unterminated=take", Delimited::line(), "line");
    is("delim:\\r\\n", Delimited::new(b"\r\n").unwrap());
    is("delim:\\n|\\0", Delimited::any_of([b"\n", b"\0"]).unwrap());
    is("delim:\\n|\\0,write=2,keep", {
        Delimited::any_of([b"\n", b"\0"]).unwrap().writing(1).unwrap().keeping_delimiter()
    });
    is("delim:;,unterminated=take", Delimited::byte(b';').with_unterminated(Unterminated::Take));
    reads("delim:\\n|\\r\\n,unterminated=take,write=1", Delimited::line(), "line");
    is("delim:\\,|\\||\\(|\\)|\\\\|=|:|\\x20|\\xff", {
        Delimited::any_of([b",", b"|", b"(", b")", b"\\", b"=", b":", b" ", b"\xff"]).unwrap()
    });
    reads("delim:§ \\=\\:", Delimited::new("§ =:".as_bytes()).unwrap(), "delim:\\xc2\\xa7\\x20=:");
}

#[test]
fn types_with_lengths_and_framings_inside() {
    let bounded = || AnyFraming::from(Prefix::u16_be().with_max_payload_len(100));
    is("type:P=8,Q=u16be", ByType::new([(b'P', Body::Len(8)), (b'Q', Body::Framed(Prefix::u16_be()))]).unwrap());
    is("type:P=8,Q=(u16be,max=100)", ByType::new([(b'P', Body::Len(8)), (b'Q', Body::Framed(bounded()))]).unwrap());
    let inner = ByType::new([(b'\0', Body::Framed(bounded()))]).unwrap();
    is("type:\\==(type:\\0=(u16be,max=100)),\\,=0", {
        ByType::new([(b'=', Body::Framed(inner.into())), (b',', Body::Len::<AnyFraming>(0))]).unwrap()
    });
    let (fixed, set) = (Fixed::new(8).unwrap(), Delimited::any_of([b"\n", b"\0"]).unwrap());
    is("type:P=fixed:8,Q=delim:\\n|\\0", {
        ByType::new([(b'P', Body::Framed(AnyFraming::from(fixed))), (b'Q', Body::Framed(set.into()))]).unwrap()
    });
    reads("type:P=(fixed:8)", ByType::new([(b'P', Body::Framed(fixed))]).unwrap(), "type:P=fixed:8");
}

fn length_field<N: Number>(offset: u16, number: N) -> LengthField<N> {
    LengthField::new(offset, number).unwrap()
}

#[test]
fn length_fields() {
    let field = length_field(2, Binary::u16_be());
    is("field:offset=2,size=2", field);
    is("field:offset=2,size=2,adjust=-4", field.with_length_adjustment(-4));
    reads("field:size=3,order=le", length_field(0, Binary::u24_le()), "field:offset=0,size=3,order=le");
    reads("field:size=2,offset=2,header=8", field.with_header_len(8).unwrap(), "field:offset=2,size=2,after=4");
    let adjusted = field.with_header_after(4).unwrap().with_length_adjustment(0);
    is("field:offset=2,size=2,after=4,adjust=0", adjusted);
    // The same on the wire, in another text form.
    let adjusted = field.with_length_adjustment(4).with_header_after(4).unwrap();
    is("field:offset=2,size=2,after=4,adjust=4", adjusted);
    assert_ne!(parsed("field:offset=2,size=2,after=4"), adjusted.into());
    let masked = Bits::new(Binary::u16_be(), 0x3fff).unwrap();
    is("field:offset=0,size=2,mask=0x3fff", length_field(0, masked));
    is("field:offset=1,number=varint", length_field(1, Varint::leb128()));
    is("field:offset=1,number=(ascii,end=:)", length_field(1, Ascii::netstring()));
    reads("field:number=u16be", length_field(0, Binary::u16_be()), "field:offset=0,size=2");
    let fast_cgi = length_field(4, Binary::u16_be()).with_header_after(2).unwrap().with_pad_len_at(6).unwrap();
    is("field:offset=4,size=2,after=2,padlen=6,max=1000", fast_cgi.with_max_payload_len(1000));
    let memcached = length_field(8, Binary::u32_be()).with_header_len(24).unwrap();
    is("field:offset=8,size=4,after=12,second=2:u16be,require=0:\\x80", {
        memcached.with_second_length_at(2, Binary::u16_be()).unwrap().with_magic_at(0, b"\x80").unwrap()
    });
    is("field:offset=4,size=4,order=le,after=8,second=12:u32le,secondunit=2,secondpad=8", {
        let dbus = length_field(4, Binary::u32_le()).with_header_len(16).unwrap();
        let dbus = dbus.with_second_length_at(12, Binary::u32_le()).unwrap();
        dbus.with_second_unit(2).unwrap().with_second_padding_to(8).unwrap()
    });
    is("field:offset=2,size=2,unit=4,pad=8", field.with_unit(4).unwrap().with_padding_to(8).unwrap());
    is("field:offset=3,size=4,trailer=\\xce,require=0:\\x01,require=1:\\0", {
        let amqp = length_field(3, Binary::u32_be()).with_trailer(b"\xce").unwrap();
        amqp.with_magic_at(0, b"\x01").unwrap().with_magic_at(1, b"\0").unwrap()
    });
}

#[test]
fn numbers_with_steps_and_in_decimal_digits_by_the_half_byte() {
    is("bcd:2", Prefix::new(Bcd::four_digits()));
    is("field:offset=1,number=bcd:3", length_field(1, Bcd::new(3).unwrap()));
    let web_socket = Escaped::new(0x7f).unwrap().with_step(126, Binary::u16_be()).unwrap();
    let web_socket = web_socket.with_step(127, Binary::u64_be()).unwrap();
    is("escaped:0x7f,step=126:u16be,step=127:u64be", Prefix::new(web_socket));
    is("escaped:0x7f,step=126:u16be,step=127:u64be,greatest=70000,longer,max=9", {
        Prefix::new(web_socket.with_max(70_000).allowing_longer_forms()).with_max_payload_len(9)
    });
    reads("escaped:15", Prefix::new(Escaped::new(15).unwrap()), "escaped:0x0f");
    let coap = Escaped::new(0xf0).unwrap().with_step_from(13, Binary::u8(), 13).unwrap();
    let coap = coap.with_step_from(14, Binary::u16_be(), 269).unwrap();
    is("field:offset=0,number=(escaped:0xf0,step=13:u8+13,step=14:u16be+269),after=1,extra=0:0x0f", {
        length_field(0, coap).with_header_after(1).unwrap().with_optional_header(0, 0x0f, 1).unwrap()
    });
    is(
        "field:offset=1,size=2,extra=1:0x80:4",
        length_field(1, Binary::u16_be()).with_optional_header(1, 0x80, 4).unwrap(),
    );
}

#[test]
fn start_marks_before_a_delimited_message() {
    is("delim:\\x1c\\r,start=\\x0b", Enclosed::new(b"\x0b", Delimited::new(b"\x1c\r").unwrap()).unwrap());
    is("line,crlf,start=$", Enclosed::new(b"$", Delimited::line().with_crlf()).unwrap());
    is("delim:;|\\,,write=2,keep,unterminated=take,max=9,start=<<", {
        let rest = Delimited::any_of([b";", b","]).unwrap().writing(1).unwrap().keeping_delimiter();
        Enclosed::new(b"<<", rest.with_unterminated(Unterminated::Take).with_max_payload_len(9)).unwrap()
    });
}

#[test]
fn start_bytes_before_frames_of_any_framing() {
    let start = |inner: AnyFraming| Enclosed::new(b"\x02", inner).unwrap();
    is("u16be,start=\\x02", Enclosed::new(b"\x02", Prefix::u16_be()).unwrap());
    reads("(u16be),start=\\x02", start(Prefix::u16_be().into()), "u16be,start=\\x02");
    reads("u16be,start=\\x02,max=9", start(parsed("u16be,max=9")), "u16be,max=9,start=\\x02");
    reads("(u16be,max=9),start=\\x02", start(parsed("u16be,max=9")), "u16be,max=9,start=\\x02");
    is("netstring,start=\\x02", start(Prefix::netstring().into()));
    is("(fixed:5),start=\\x02", start(Fixed::new(5).unwrap().into()));
    is("(cobs),start=\\x02", start(Stuffed::cobs().into()));
    is("(chunked,max=9),start=\\x02", start(parsed("chunked,max=9")));
    is("(type:P=8,Q=u16be),start=\\x02", start(parsed("type:P=8,Q=u16be")));
    // Another start before that.
    is("(u8,start=$),start=\\x02", start(parsed("u8,start=$")));
    is("(line then u8),start=\\x02", start(parsed("line then u8")));
    is("type:P=(u8,start=$),Q=((chunked),start=$)", {
        let start = |inner: &str| Body::Framed(AnyFraming::from(Enclosed::new(b"$", parsed(inner)).unwrap()));
        ByType::new([(b'P', start("u8")), (b'Q', start("chunked"))]).unwrap()
    });
    reads("((line))", Delimited::line(), "line");
}

#[test]
fn stuffed_frames() {
    is("json", anysplit::values::Json::new());
    is("json-seq", anysplit::values::JsonSeq::new());
    is("cbor", anysplit::values::Cbor::new());
    is("msgpack", anysplit::values::MessagePack::new());
    is("resp", anysplit::values::Resp::new());
    reads("asn1,max=4k", anysplit::values::Ber::new().with_max_payload_len(4096), "asn1,max=4096");
    is("slip", Stuffed::slip());
    is("cobs", Stuffed::cobs());
    reads("slip,max=4k", Stuffed::slip().with_max_payload_len(4096), "slip,max=4096");
    is("cobs,max=none", Stuffed::cobs().with_max_payload_len(u64::MAX));
    is("type:P=slip,Q=(cobs,max=3)", {
        let cobs = Stuffed::cobs().with_max_payload_len(3).into();
        ByType::new([(b'P', Body::Framed(AnyFraming::from(Stuffed::slip()))), (b'Q', Body::Framed(cobs))]).unwrap()
    });
}

#[test]
fn one_framing_then_another() {
    let (line, u16_be) = (Delimited::line(), Prefix::u16_be());
    is("line then u16be", Then::new(line, u16_be));
    is("line,crlf,max=80 then u16be,max=9", {
        Then::new(line.with_crlf().with_max_payload_len(80), u16_be.with_max_payload_len(9))
    });
    let three = Then::new(line, Then::new(Fixed::new(4).unwrap(), u16_be));
    is("line then fixed:4 then u16be", three);
    reads("line then (fixed:4 then u16be)", three, "line then fixed:4 then u16be");
    is("(line then fixed:4) then u16be", Then::new(Then::new(line, Fixed::new(4).unwrap()), u16_be));
    assert_ne!(parsed("(line then fixed:4) then u16be"), three.into());
    // A framing in a table stands in parentheses; options outside them belong to the table.
    let typed = |inner: AnyFraming| ByType::new([(b'P', Body::Framed(inner))]).unwrap();
    is("type:P=(line then u16be)", typed(Then::new(line, u16_be).into()));
    is("type:P=line then u16be", Then::new(typed(line.into()), u16_be));
    is("fixed:3 then line,start=$", Then::new(Fixed::new(3).unwrap(), Enclosed::new(b"$", line).unwrap()));
    // Bytes and words end there, except after an escape.
    let semicolon = Delimited::byte(b';');
    is("delim:; then u16be", Then::new(semicolon, u16_be));
    is("delim:;\\x20then\\x20u16be", Delimited::new(b"; then u16be").unwrap());
    reads("delim:a the u|then", parsed("delim:a\\x20the\\x20u|then"), "delim:a\\x20the\\x20u|then");
    is("header:l,separator== then line", Then::new(HeaderBlock::new("l").unwrap().with_separator(b'=').unwrap(), line));
    is("block:a:last:none=b then line", {
        let rule = BlockRule::word("a").unwrap().without_block("b").unwrap();
        Then::new(LineThenBlock::new([rule]).unwrap(), line)
    });
    #[cfg(feature = "protocols")]
    assert_eq!(parsed("@ssh then @dns,max=9").to_string(), "@ssh then @dns,max=9");
}

#[test]
fn limit_of_one_framing_then_another_is_set_for_both() {
    let both = parsed("line then u16be").with_max_payload_len(9);
    assert_eq!(both.to_string(), "line,max=9 then u16be,max=9");
}

#[test]
#[cfg(not(miri))]
fn long_list_of_delimiters_round_trips_through_text() {
    let table = DelimiterTable::new((0..20_000).map(|number| format!("{number:08}"))).unwrap();
    let list = Delimited::any_of(table).unwrap();
    let text = AnyFraming::from(list).to_string();
    assert_eq!(parsed(&text).to_string(), text);
    // The place of an error is found as well.
    let error = format!("{text}|000000012").parse::<AnyFraming>().unwrap_err();
    let kind = SpecErrorKind::Config(ConfigError::PrefixOfAnother { shorter: 1, longer: 20_000 });
    assert_eq!(error, SpecError { column: text.len() + 2, kind });
}

#[test]
fn chunks() {
    is("chunked", Chunked::new());
    is("chunked,maxheader=99,max=1000", Chunked::new().with_max_header_len(99).with_max_payload_len(1000));
}

#[test]
fn http1_messages() {
    is("http1", Http1::new());
    is("http1,answers=HEAD", Http1::new().answering(Question::Head));
    let limited = Http1::new().with_max_header_len(99).with_max_payload_len(1000);
    is("http1,answers=CONNECT,maxheader=99,max=1000", limited.answering(Question::Connect));
}

#[test]
fn header_blocks() {
    let length = || HeaderBlock::new("Content-Length").unwrap();
    is("header:Content-Length", length());
    is("header:Content-Length|l,startline,blanklines,maxheader=16384", {
        length().or_named("l").unwrap().with_start_line().with_blank_lines_between().with_max_header_len(16_384)
    });
    is("header:content-length,startline,lf,until=\\0,blanklines", {
        let stomp = HeaderBlock::new("content-length").unwrap().with_start_line().allowing_bare_lf();
        stomp.ended_by(0).with_blank_lines_between()
    });
    is("header:9,separator==,startline,fieldend=\\x01,uncounted=7,maxheader=64", {
        let fix = HeaderBlock::new("9").unwrap().with_separator(b'=').unwrap().with_fields_ended_by(1).unwrap();
        fix.with_start_line().with_length_excluding(7).with_max_header_len(64)
    });
    is("header:Content-Length,forbid=Transfer-Encoding,startline,missing=empty,max=9", {
        let http = length().forbidding("Transfer-Encoding").unwrap().with_start_line().empty_without_length();
        http.with_max_payload_len(9)
    });
    is("header:Content-Length,keep", length().keeping_header());
    is("header:,startline,missing=empty,maxheader=16384", HeaderBlock::without_length().with_max_header_len(16_384));
    reads("header:,lf", HeaderBlock::without_length().allowing_bare_lf(), "header:,startline,lf,missing=empty");
    reads("header:Content-Length,keep,startline", length().with_start_line(), "header:Content-Length,startline");
    // The last call undid an option.
    is("header:l,lf,keep", HeaderBlock::new("l").unwrap().with_fields_ended_by(b';').unwrap().allowing_bare_lf());
    is("header:l,missing=empty,keep", HeaderBlock::new("l").unwrap().ended_by(b';').empty_without_length());
}

#[test]
fn lines_that_announce_blocks() {
    let rule = |word: &str| BlockRule::word(word).unwrap();
    is("block:VALUE:3|MSG:last:nocase", {
        LineThenBlock::new([rule("VALUE").in_field(3).unwrap(), rule("MSG").ignoring_case()]).unwrap()
    });
    let redis = BlockRule::sign("$").unwrap().without_block("-1").unwrap().without_block("?").unwrap();
    is("block:$:rest:none=-1:none=?,maxline=65535", LineThenBlock::new([redis]).unwrap().with_max_line_len(u16::MAX));
    is("block:braces|braces:last|\\:\\=:rest:none=\\|,lf,notrailer,max=5", {
        let odd = BlockRule::sign(":=").unwrap().without_block("|").unwrap();
        let all = LineThenBlock::new([BlockRule::braces(), rule("braces"), odd]).unwrap();
        all.allowing_bare_lf().without_block_trailer().with_max_payload_len(5)
    });
    is("block:braces:nocase", LineThenBlock::new([BlockRule::braces().ignoring_case()]).unwrap());
}

#[test]
fn framings_chosen_by_the_first_byte() {
    let counted = Prefix::new(Ascii::decimal_ended_by(b" ").unwrap()).with_max_payload_len(65_536);
    is("first:1-9=(ascii,end=\\x20,max=65536),<=line", {
        ByFirstByte::new([(b'1'..=b'9', Either::A(counted)), (b'<'..=b'<', Either::B(Delimited::line()))]).unwrap()
    });
    let line = || AnyFraming::from(Delimited::line());
    is("first:--0=line,\\==fixed:3", {
        ByFirstByte::new([(b'-'..=b'0', line()), (b'='..=b'=', Fixed::new(3).unwrap().into())]).unwrap()
    });
    let inner = AnyFraming::from(ByFirstByte::new([(0..=0xff, line())]).unwrap());
    is("type:a=(first:\\0-\\xff=line)", ByType::new([(b'a', Body::Framed(inner))]).unwrap());
    is("first@3:\\x01=fixed:10,\\x04=fixed:22", {
        ByFirstByte::new([(1..=1, Fixed::new(10).unwrap()), (4..=4, Fixed::new(22).unwrap())]).unwrap().choosing_at(3)
    });
    reads("first@0:a=line", ByFirstByte::new([(b'a'..=b'a', line())]).unwrap(), "first:a=line");
    reads("first:-=(line)", ByFirstByte::new([(b'-'..=b'-', line())]).unwrap(), "first:-=line");
}

#[cfg(feature = "protocols")]
#[test]
fn protocols_with_another_limit() {
    let http2 = parsed("@http2,max=1M");
    assert_eq!(http2.to_string(), "@http2,max=1048576");
    assert_eq!((http2.max_payload_len(), parsed("@http2").max_payload_len()), (1 << 20, 4 << 20));
    assert_ne!(http2, parsed("@http2"));
    // A frame of 4,500,000 bytes, which is over the protocol's own limit.
    let http2 = http2.with_max_payload_len(5_000_000);
    let header = [&[0x44, 0xaa, 0x20][..], &[0; 6]].concat();
    let known = |framing: &AnyFraming| framing.locate(&header, &mut anysplit::contract::Progress::default());
    assert!(
        matches!(known(&http2), Ok(anysplit::contract::Located::Known(extent)) if extent.payload_len() == 4_500_000)
    );
    let kind = known(&parsed("@http2")).unwrap_err().kind;
    assert_eq!(kind, anysplit::DecodeErrorKind::Oversize { len: 4_500_000, max: 4 << 20 });
    assert_eq!(parsed("type:a=(@ssh,max=none)").to_string(), "type:a=(@ssh,max=none)");
    assert_eq!(parsed("@ssh,max=none").max_payload_len(), u64::MAX);
    // The text of each protocol of the table is its name, and can be read back.
    for protocol in anysplit::protocols::ALL {
        let framing = protocol.framing();
        assert_eq!(framing.to_string(), format!("@{}", protocol.name));
        assert_eq!(parsed(&framing.to_string()), framing);
        assert_eq!(parsed(&format!("@{},max=77", protocol.name)), framing.with_max_payload_len(77));
    }
}

#[test]
fn every_example_of_the_documentation_is_right() {
    let wire = |text: &str, message: &[u8]| {
        let mut out = Vec::new();
        parsed(text).encode(message, &mut out).unwrap();
        out.escape_ascii().to_string()
    };
    for (text, expected) in [
        ("fixed:5", "hello"),
        ("ascii:5", "00005hello"),
        ("hex:4", "0005hello"),
        ("u16be", "\\x00\\x05hello"),
        ("u16be,self", "\\x00\\x07hello"),
        ("u16be,mask=0x3fff", "\\x00\\x05hello"),
        ("varint", "\\x05hello"),
        ("ascii,end=\\x20", "5 hello"),
        ("netstring", "5:hello,"),
        ("pkt-line", "0009hello"),
        ("line,crlf", "hello\\r\\n"),
        ("delim:\\n|\\0", "hello\\n"),
        ("close", "hello"),
        ("bcd:2", "\\x00\\x05hello"),
        ("escaped:0x7f,step=126:u16be,step=127:u64be", "\\x05hello"),
        ("chunked", "5\\r\\nhello\\r\\n"),
        ("header:Content-Length", "Content-Length: 5\\r\\n\\r\\nhello"),
        ("delim:\\x1c\\r,start=\\x0b", "\\x0bhello\\x1c\\r"),
        ("line,crlf,start=$", "$hello\\r\\n"),
        ("u16be,start=\\xaa\\x55", "\\xaaU\\x00\\x05hello"),
        ("(fixed:5),start=$", "$hello"),
        ("slip", "\\xc0hello\\xc0"),
        ("cobs,max=4k", "\\x06hello\\x00"),
        ("line then u16be", "hello\\n"),
        ("first:0-9=(ascii,end=\\x20),<=line", "5 hello"),
    ] {
        assert_eq!(wire(text, b"hello"), expected, "{text}");
    }
    for text in ["type:P=2,Q=u16be", "type:P=2,Q=(u16be,max=100)"] {
        assert_eq!(wire(text, b"Qhello"), "Q\\x00\\x05hello");
    }
    let request = "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello";
    assert_eq!(wire("http1", request.as_bytes()), request.escape_default().to_string());
    assert_eq!(wire("block:VALUE:3", b"VALUE key 0 5\r\nhello"), "VALUE key 0 5\\r\\nhello\\r\\n");
    assert_eq!(wire("block:$:rest:none=-1", b"$-1"), "$-1\\r\\n");
    let masked = wire("field:offset=1,number=(escaped:0x7f,step=126:u16be),extra=1:0x80:4", b"\x81\x85keyshello");
    assert_eq!(masked, "\\x81\\x85keyshello");
    for (adjust, number) in [("", 5), (",adjust=0", 13), (",adjust=-4", 17)] {
        let packet = [&[0, 1, 0, number, 0, 0, 0, 0, 0, 0, 0, 0][..], b"hello"].concat();
        assert!(parsed(&format!("field:offset=2,size=2,after=8{adjust}")).envelope(&packet).is_ok());
    }
    assert_eq!(wire("field:offset=2,size=2,adjust=-4", b"\0\x01\0\x09hello"), "\\x00\\x01\\x00\\thello");
}

#[test]
fn forbidden_and_required_bytes() {
    let set = ByteSet::of(0).with(b'\r');
    is("line,forbid=\\0\\r", Forbid::new(set, Delimited::line()).unwrap());
    let masked = LengthField::new(1, Binary::u8()).unwrap().with_header_after(4).unwrap();
    is("(field:offset=1,size=1,after=4),mask=0:0x80", Masked::new(0, 0x80, masked).unwrap());
    is("(field:offset=1,size=1,after=4),mask=255:0x01", Masked::new(255, 1, masked).unwrap());
    for wrong in ["(u8),mask=0:0", "(u8),mask=0", "(u8),mask=256:1", "(u8),mask=0:256", "(u8),mask=0:1,skip=1"] {
        assert!(wrong.parse::<AnyFraming>().is_err(), "{wrong}");
    }
    is("(u16be),forbid=\\0", Forbid::new(ByteSet::of(0), Prefix::u16_be()).unwrap());
    let require = Require::new(Prefix::u16_be());
    is(
        "(u16be),allow=2:a-c|x",
        require.with(Condition::one_of(2, ByteSet::range(b'a', b'c').with(b'x')).unwrap()).unwrap(),
    );
    is("(u16be),same=1:0", require.with(Condition::same(1, 0).unwrap()).unwrap());
    let end = Condition::bytes(3, b"10=").unwrap().from_payload_end().unwrap();
    is("(u16be),must=-3:10=,below=0", require.with(end).unwrap().with(Condition::below_payload_len(0)).unwrap());
    let enclosed = Enclosed::new(b"$", Forbid::new(set, Delimited::line()).unwrap()).unwrap();
    is("line,forbid=\\0\\r,start=$,between=\\n", enclosed.skipping_between(ByteSet::of(b'\n')).unwrap());
    is("anyline,max=9", UniversalLine::new().with_max_payload_len(9));
    is("field:offset=0,size=1,min=2", LengthField::new(0, Binary::u8()).unwrap().with_min_payload_len(2));
}
