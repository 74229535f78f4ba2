//! Values that end themselves.

use super::{Group, case, none, refused};

pub(crate) fn group() -> Group {
    Group {
        file: "values",
        about: "Values that end themselves: JSON, CBOR, MessagePack, RESP, BER.",
        cases: vec![
            case("JSON texts", "json", b"{\"a\":[1,\"]\"]} \"hi\"\n12 ", &["{\"a\":[1,\"]\"]}", "\"hi\"", "12"])
                .of("RFC 8259"),
            case("a number that the end ends", "json", b"[] 12", &["[]", "12"]),
            none("a JSON text that is cut", "json", b"{\"a\":").cut_in("unterminated"),
            case("JSON text sequences", "json-seq", b"\x1e\"Hello world!\"\n\x1e1\n", &["\"Hello world!\"", "1"])
                .of("RFC 7464, section 2.2"),
            case(
                "CBOR",
                "cbor",
                b"\x19\x03\xe8\x83\x01\x02\x03\x9f\x01\x82\x02\x03\x9f\x04\x05\xff\xff",
                &[&b"\x19\x03\xe8"[..], b"\x83\x01\x02\x03", b"\x9f\x01\x82\x02\x03\x9f\x04\x05\xff\xff"],
            )
            .of("RFC 8949, appendix A"),
            case(
                "MessagePack",
                "msgpack",
                b"\x82\xa7compact\xc3\xa6schema\0\xc0",
                &[&b"\x82\xa7compact\xc3\xa6schema\0"[..], b"\xc0"],
            )
            .of("msgpack.org"),
            case(
                "RESP",
                "resp",
                b"*2\r\n$5\r\nhello\r\n$5\r\nworld\r\n:1\r\n",
                &["*2\r\n$5\r\nhello\r\n$5\r\nworld\r\n", ":1\r\n"],
            )
            .of("Redis serialization protocol specification, arrays"),
            case("BER", "asn1", b"\x30\x03\x02\x01\x05\x04\x02hi", &[&b"\x30\x03\x02\x01\x05"[..], b"\x04\x02hi"])
                .of("X.690"),
            case("BER of indefinite length", "asn1", b"\x30\x80\x02\x01\x05\0\0", &[b"\x30\x80\x02\x01\x05\0\0"]),
            none("a value over the limit", "cbor,max=2", b"\x19\x03\xe8").fails("oversize", 2),
        ],
        refused: vec![
            refused("half a JSON text", "json", &[b"[1]", b"[1"], "too_short"),
            refused("no JSON text", "json", &[b"[1}"], "malformed"),
            refused("two CBOR items", "cbor", &[b"\x01\x02"], "wrong_length"),
        ],
    }
}
