//! Examples from specifications, by section.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use anysplit::contract::{Located, Progress, ShortBytes};
use anysplit::decode::{Deframer, Step};
use anysplit::number::{Ascii, Binary, Decoded, Number, Varint};
use anysplit::{DecodeErrorKind, Delimited, Frame, Framing, Http1, LengthField, Prefix};

/// The frame of one message. These tests run without an allocator in the crate too.
fn encode<F: Framing>(framing: F, message: &[u8]) -> Vec<u8> {
    let mut wire = vec![0; message.len() + 64];
    let len = framing.encode_into(message, &mut wire).unwrap();
    wire.truncate(len);
    wire
}

/// All messages of a stream that ends clean.
fn messages<F: Framing>(framing: F, stream: &[u8]) -> Vec<Vec<u8>> {
    let mut deframer = Deframer::new(&framing as &dyn Framing);
    let (mut rest, mut messages) = (stream, Vec::new());
    while let Step::Frame(extent) = deframer.step(rest).unwrap() {
        let frame = Frame::new(rest, extent, 0).unwrap();
        messages.push(frame.message().parts().concat());
        rest = &rest[frame.wire_len()..];
    }
    assert_eq!(deframer.finish(rest), Ok(None));
    messages
}

/// Where the first frame of a stream is wrong, and the error.
fn fault<F: Framing>(framing: F, stream: &[u8]) -> (u64, DecodeErrorKind) {
    let error = Deframer::new(&framing as &dyn Framing).step(stream).unwrap_err();
    assert_eq!(error.frame_offset, 0);
    (error.offset, error.kind)
}

/// Returns the payload's length that this header announces.
fn announced<F: Framing>(framing: F, header: &[u8]) -> u64 {
    match framing.locate(header, &mut Progress::default()) {
        Ok(Located::Known(extent)) if extent.header_len() == header.len() => extent.payload_len(),
        other => panic!("{other:?}"),
    }
}

/// Checks the bytes of a number, both ways.
fn number<N: Number>(number: N, value: u64, bytes: &[u8]) {
    let mut out = ShortBytes::empty();
    number.encode(value, &mut out).unwrap();
    assert_eq!(out.as_slice(), bytes);
    assert_eq!(number.decode(bytes, u64::MAX), Ok(Decoded::Value { value, len: bytes.len() }));
}

/// Checks that the message is encoded to this wire, and decoded from it.
fn vector<F: Framing + Copy>(framing: F, message: &[u8], wire: &[u8]) {
    assert_eq!(encode(framing, message), wire);
    assert_eq!(messages(framing, wire), [message]);
}

/// D. J. Bernstein, "Netstrings", 1997-02-01, section 2.
#[test]
fn netstrings_of_the_paper() {
    let hello = b"\x31\x32\x3a\x68\x65\x6c\x6c\x6f\x20\x77\x6f\x72\x6c\x64\x21\x2c";
    vector(Prefix::netstring(), b"hello world!", hello);
    vector(Prefix::netstring(), b"", b"0:,");
}

/// git, gitprotocol-common, "pkt-line format", the examples at its end.
#[test]
fn pkt_lines_of_the_documentation() {
    vector(Prefix::pkt_line(), b"a\n", b"0006a\n");
    vector(Prefix::pkt_line(), b"a", b"0005a");
    vector(Prefix::pkt_line(), b"foobar\n", b"000bfoobar\n");
    vector(Prefix::pkt_line(), b"", b"0004");
}

/// gitprotocol-v2, "Packet-Line Framing": 0000 flush, 0001 delimiter, 0002 response end.
#[test]
fn pkt_line_controls_carry_no_message() {
    for header in [b"0000", b"0001", b"0002"] {
        let Ok(Step::Frame(extent)) = Deframer::new(Prefix::pkt_line()).step(header) else { panic!() };
        let frame = Frame::new(header, extent, 0).unwrap();
        assert!(frame.is_control());
        assert_eq!((frame.header(), frame.payload()), (&header[..], &b""[..]));
        assert_eq!(Prefix::pkt_line().control(u64::from(header[3] - b'0')).unwrap().as_slice(), header);
    }
    let stream = b"0000000100020006a\n";
    assert_eq!(messages(Prefix::pkt_line(), stream), [&b""[..], b"", b"", b"a\n"]);
    // A length in capitals is one too: "pkt-len = 4*(HEXDIG)".
    assert_eq!(messages(Prefix::pkt_line(), b"000Bfoobar\n"), [b"foobar\n"]);
}

/// gitprotocol-common: "The maximum length of a pkt-line's data component is 65516 bytes".
#[test]
fn longest_pkt_line_has_65516_bytes_of_data() {
    assert_eq!(&encode(Prefix::pkt_line(), &[b'x'; 65_516])[..4], b"fff0");
    assert!(Prefix::pkt_line().envelope(&[b'x'; 65_517]).is_err());
}

/// RFC 1035, section 4.2.2, and RFC 7766, section 8: DNS over TCP, two bytes of length, exclusive of themselves.
#[test]
fn dns_messages_over_tcp_have_two_bytes_of_length() {
    // A query for "." with no record type worth the name: a header alone.
    let query = b"\x12\x34\x01\0\0\0\0\0\0\0\0\0";
    vector(Prefix::u16_be(), query, &[&b"\0\x0c"[..], query].concat());
}

/// RFC 6587, section 3.4.1: MSG-LEN, a space, the message; "NONZERO-DIGIT *DIGIT".
#[test]
fn syslog_by_octet_counting() {
    let syslog = Prefix::new(Ascii::decimal_ended_by(b" ").unwrap());
    let message = b"<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - hello";
    vector(syslog, message, &[format!("{} ", message.len()).as_bytes(), message].concat());
    assert_eq!(fault(syslog, b"05 hello"), (1, DecodeErrorKind::LeadingZero));
}

/// MQTT 5.0, section 1.5.5, table 1-1: the borders of each length.
#[test]
fn mqtt_remaining_lengths() {
    let borders: [(u64, &[u8]); 8] = [
        (0, &[0x00]),
        (127, &[0x7f]),
        (128, &[0x80, 0x01]),
        (16_383, &[0xff, 0x7f]),
        (16_384, &[0x80, 0x80, 0x01]),
        (2_097_151, &[0xff, 0xff, 0x7f]),
        (2_097_152, &[0x80, 0x80, 0x80, 0x01]),
        (268_435_455, &[0xff, 0xff, 0xff, 0x7f]),
    ];
    let packets = LengthField::new(1, Varint::mqtt()).unwrap().with_max_payload_len(u64::MAX);
    assert_eq!(Varint::mqtt().max(), 268_435_455);
    for (len, bytes) in borders {
        number(Varint::mqtt(), len, bytes);
        assert_eq!(announced(packets, &[&[0x30], bytes].concat()), len);
    }
    // Section 3.12.1: PINGREQ.
    vector(packets, b"\xc0\0", b"\xc0\0");
}

/// RFC 9000, appendix A.1.
#[test]
fn quic_integers() {
    let samples: [(u64, &[u8]); 4] = [
        (151_288_809_941_952_652, &[0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c]),
        (494_878_333, &[0x9d, 0x7f, 0x3e, 0x7d]),
        (15_293, &[0x7b, 0xbd]),
        (37, &[0x25]),
    ];
    let prefix = Prefix::new(Varint::quic()).with_max_payload_len(u64::MAX);
    for (len, bytes) in samples {
        number(Varint::quic(), len, bytes);
        assert_eq!(announced(prefix, bytes), len);
    }
    // "the two-byte sequence 0x4025 also decodes to 37"
    assert_eq!(fault(prefix, &[0x40, 0x25]), (1, DecodeErrorKind::NotShortest));
    let longer = Prefix::new(Varint::quic().allowing_longer_forms());
    assert_eq!(messages(longer, &[&[0x40, 0x02][..], b"hi"].concat()), [b"hi"]);
}

/// Protocol Buffers, Encoding, "Base 128 Varints": 150 is 96 01.
#[test]
fn protocol_buffers_delimited_by_varints() {
    vector(Prefix::leb128(), &[b'x'; 150], &[&[0x96, 0x01][..], &[b'x'; 150]].concat());
}

/// X.690, section 8.1.3.5: "L = 201 can be encoded as 10000001 11001001".
#[test]
fn ber_lengths() {
    let ber = LengthField::new(1, Varint::ber()).unwrap();
    vector(ber, b"\x04\x02hi", b"\x04\x02hi");
    let long = [&[0x04, 0x81, 201][..], &[b'x'; 201]].concat();
    vector(ber, &long, &long);
    assert_eq!(fault(ber, b"\x30\x80"), (1, DecodeErrorKind::ReservedForm { found: 0x80 }));
}

/// RFC 9112, section 7.1: a chunk of a chunked body.
#[test]
fn http_chunks() {
    let chunks = Prefix::new(Ascii::hex_ended_by(b"\r\n").unwrap()).with_trailer(b"\r\n").unwrap();
    vector(chunks, b"Wikipedia in\r\n\r\nchunks", b"16\r\nWikipedia in\r\n\r\nchunks\r\n");
    assert_eq!(messages(chunks, b"4\r\nWiki\r\n0\r\n\r\n"), [&b"Wiki"[..], b""]);
}

/// RFC 9110, section 3.9, without the fields that are of no use here; RFC 9112, section 7.1.
#[test]
fn http1_messages() {
    let request = b"GET /hello.txt HTTP/1.1\r\nUser-Agent: curl/7.64.1\r\nHost: www.example.com\r\nAccept-Language: en, mi\r\n\r\n";
    vector(Http1::new(), request, request);
    let response = b"HTTP/1.1 200 OK\r\nServer: Apache\r\nContent-Length: 51\r\nVary: Accept-Encoding\r\nContent-Type: text/plain\r\n\r\n\
        Hello World! My content includes a trailing CRLF.\r\n";
    vector(Http1::new(), response, response);
    let chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWiki\r\n5\r\npedia\r\n0\r\n\r\n";
    let header = &chunks[..47];
    assert_eq!(messages(Http1::new(), chunks), [header, b"Wiki", b"pedia", b""]);
}

/// RFC 4253, section 6; RFC 8446, section 5.1; AMQP 0-9-1, section 4.2.3.
#[test]
fn packets_with_a_length_inside() {
    // TLS: type, version, length. An alert: fatal, handshake_failure.
    let tls = LengthField::new(3, Binary::u16_be()).unwrap().with_max_payload_len((1 << 14) + 256);
    vector(tls, b"\x15\x03\x03\0\x02\x02\x28", b"\x15\x03\x03\0\x02\x02\x28");
    // AMQP: type, channel, size, payload, frame-end. A heartbeat.
    let amqp = LengthField::new(3, Binary::u32_be()).unwrap().with_trailer(b"\xce").unwrap();
    vector(amqp, b"\x08\0\0\0\0\0\0", b"\x08\0\0\0\0\0\0\xce");
    // FastCGI: version, type, request id, content length, padding length, reserved.
    let fastcgi =
        LengthField::new(4, Binary::u16_be()).unwrap().with_header_len(8).unwrap().with_pad_len_at(6).unwrap();
    vector(fastcgi, b"\x01\x05\0\x01\0\x03\x05\0abc", b"\x01\x05\0\x01\0\x03\x05\0abc\0\0\0\0\0");
}

/// RFC 5321, section 2.3.8: lines end with CR LF and nothing else.
#[test]
fn smtp_lines() {
    vector(Delimited::new(b"\r\n").unwrap(), b"EHLO a", b"EHLO a\r\n");
    assert_eq!(messages(Delimited::new(b"\r\n").unwrap(), b"a\nb\rc\r\n"), [b"a\nb\rc"]);
}
