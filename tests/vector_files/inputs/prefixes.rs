//! Messages of one size, and a number before each message.

use super::{Group, case, none, refused};

pub(crate) fn group() -> Group {
    Group {
        file: "prefixes",
        about: "A fixed size, or a number before each message.",
        cases: vec![
            none("no bytes at all", "u16be", b""),
            case("five bytes a message", "fixed:5", b"helloworld", &["hello", "world"]),
            none("five bytes a message, cut", "fixed:5", b"hel").cut_in("payload"),
            case("one byte of length", "u8", b"\x05hello\0\x02hi", &["hello", "", "hi"]),
            case("one byte of length, little-endian", "u8le", b"\x02hi", &["hi"]),
            case("16 bits in network order", "u16be", b"\0\x05hello\0\0\0\x02hi", &["hello", "", "hi"]),
            case("16 bits, little-endian", "u16le", b"\x05\0hello\x02\0hi", &["hello", "hi"]),
            case("24 bits", "u24be", b"\0\0\x05hello", &["hello"]),
            case("24 bits, little-endian", "u24le", b"\x05\0\0hello", &["hello"]),
            case("32 bits in network order", "u32be", b"\0\0\0\x05hello\0\0\0\x02hi", &["hello", "hi"]),
            case("32 bits, little-endian", "u32le", b"\x05\0\0\0hello", &["hello"]),
            case("40 bits", "u40be", b"\0\0\0\0\x05hello", &["hello"]),
            case("48 bits", "u48le", b"\x05\0\0\0\0\0hello", &["hello"]),
            case("56 bits", "u56be", b"\0\0\0\0\0\0\x05hello", &["hello"]),
            case("64 bits", "u64be", b"\0\0\0\0\0\0\0\x05hello", &["hello"]),
            case("the length counts itself", "u16be,self", b"\0\x07hello\0\x02", &["hello", ""]),
            none("a length less than itself", "u16be,self", b"\0\x01").fails("too_short", 0),
            case("the lower 14 of 16 bits", "u16be,mask=0x3fff", b"\0\x05hello", &["hello"]),
            case("a number greater than the length by 3", "u8,adjust=-3", b"\x08hello", &["hello"]),
            none("an adjusted length below zero", "u8,adjust=-3", b"\x02hello").fails("too_short", 0),
            case("a trailer after each message", "u8,trailer=\\xce", b"\x02hi\xce\0\xce", &["hi", ""]),
            case("another trailer", "u8,trailer=\\xce", b"\x02hi\xce\x01!\xcf", &["hi"]).fails("mismatch", 6),
            case("start bytes before each length", "u16be,start=\\xaa\\x55", b"\xaaU\0\x02hi\xaaU\0\0", &["hi", ""]),
            case("numbers below 2 carry no message", "u8,control=2,self", b"\0\x01\x04abc", &["", "", "abc"]),
            case("a message of the limit", "u8,max=2", b"\x02hi", &["hi"]),
            case("a message over the limit", "u8,max=2", b"\x02hi\x03you", &["hi"]).fails("oversize", 3),
            none("a length of gigabytes", "u32be", b"\xff\xff\xff\xff").fails("oversize", 0),
            none("the end inside a header", "u32be", b"\0\0\0").cut_in("header"),
            none("the end between header and payload", "u32be", b"\0\0\0\x05").cut_in("payload"),
            case("the end inside a payload", "u32be", b"\0\0\0\x01!\0\0\0\x05hell", &["!"]).cut_in("payload"),
            none("the end before a trailer", "u8,trailer=\\xce", b"\x02hi").cut_in("trailer"),
            case("five decimal digits", "ascii:5", b"00005hello00000", &["hello", ""]),
            none("a letter among the digits", "ascii:5", b"0000x").fails("not_a_digit", 4),
            none("a blank among the digits", "ascii:5", b"    5hello").fails("not_a_digit", 0),
            case("four hexadecimal digits", "hex:4", b"0005hello000Bhello world", &["hello", "hello world"]),
            case("digits that a blank ends", "ascii,end=\\x20", b"5 hello11 hello world", &["hello", "hello world"])
                .of("RFC 6587, section 3.4.1"),
            none("a needless zero", "ascii,end=\\x20", b"05 hello").fails("leading_zero", 1),
            case(
                "hexadecimal digits that CR LF ends",
                "hex,end=\\r\\n,trailer=\\r\\n",
                b"b\r\nhello world\r\n",
                &["hello world"],
            ),
            case("three digits at most", "ascii,end=:,digits=3", b"5:hello", &["hello"]),
            none("a fourth digit", "ascii,end=:,digits=3", b"1234:").fails("number_too_large", 3),
            none("a number above the greatest", "ascii,end=:,greatest=99", b"100:").fails("number_too_large", 2),
            case("two bytes of decimal digits", "bcd:2", b"\0\x05hello\0\x11hello world", &["hello", "hello world"]),
            none("a letter in a decimal byte", "bcd:2", b"\0\x0f").fails("not_a_digit", 1),
            case(
                "LEB128",
                "varint",
                [&b"\x05hello\xac\x02"[..], &[b'x'; 300]].concat(),
                &[&b"hello"[..], &[b'x'; 300]],
            )
            .of("Protocol Buffers, encoding: 300 is ac 02"),
            case("LEB128 by its own name", "leb128", b"\x05hello", &["hello"]),
            none("LEB128 in more bytes than it needs", "varint", b"\x85\0hello").fails("not_shortest", 1),
            case("LEB128 over the limit", "varint,max=4", b"\x04four\x05hello", &["four"]).fails("oversize", 5),
            case("LEB128, cut inside a payload", "varint", b"\x02hi\x05hel", &["hi"]).cut_in("payload"),
            none("LEB128, cut inside a length", "varint", b"\x85").cut_in("header"),
            case("LEB128 in more bytes, allowed", "varint,longer", b"\x85\0hello", &["hello"]),
            case("LEB128 of 32 bits", "varint32", b"\x05hello", &["hello"]),
            none("LEB128 above 32 bits", "varint32", b"\xff\xff\xff\xff\x1f").fails("number_too_large", 4),
            case(
                "QUIC's integers",
                "quic",
                [&b"\x05hello\x40\x64"[..], &[b'x'; 100]].concat(),
                &[&b"hello"[..], &[b'x'; 100]],
            )
            .of("RFC 9000, section 16"),
            case(
                "MQTT's integers",
                "mqtt",
                [&b"\x05hello\x80\x01"[..], &[b'x'; 128]].concat(),
                &[&b"hello"[..], &[b'x'; 128]],
            )
            .of("MQTT 5.0, section 1.5.5"),
            case(
                "BER's lengths",
                "ber",
                [&b"\x05hello\x81\x80"[..], &[b'x'; 128]].concat(),
                &[&b"hello"[..], &[b'x'; 128]],
            )
            .of("X.690, section 8.1.3"),
            none("BER's indefinite length", "ber", b"\x80").fails("reserved_form", 0),
            case(
                "7 bits, and a number after 126",
                "escaped:0x7f,step=126:u16be,step=127:u64be",
                [&b"\x05hello\x7e\0\x7e"[..], &[b'x'; 126]].concat(),
                &[&b"hello"[..], &[b'x'; 126]],
            ),
            case(
                "4 bits, and a byte to which 13 is added",
                "escaped:0x0f,step=13:u8+13",
                [&b"\x05hello\x0d\x01"[..], &[b'x'; 14]].concat(),
                &[&b"hello"[..], &[b'x'; 14]],
            ),
            case("netstrings", "netstring", b"12:hello world!,0:,", &["hello world!", ""])
                .of("D. J. Bernstein, Netstrings, 1997, section 2"),
            none("a netstring without its comma", "netstring", b"5:hello;").fails("mismatch", 7),
            case("a netstring of digits and colons", "netstring", b"5:3:a,b,1:,,", &["3:a,b", ","]),
            none("a netstring with a needless zero", "netstring", b"05:hello,").fails("leading_zero", 1),
            none("a netstring cut before its comma", "netstring", b"5:hello").cut_in("trailer"),
            case("pkt-lines", "pkt-line", b"0006a\n0005a000bfoobar\n0004", &["a\n", "a", "foobar\n", ""])
                .of("gitprotocol-common(5), pkt-line format"),
            case("pkt-lines without a message", "pkt-line", b"0000000100020006a\n", &["", "", "", "a\n"])
                .of("gitprotocol-v2(5), Packet-Line Framing"),
            none("a pkt-line shorter than its header", "pkt-line", b"0003").fails("too_short", 0),
        ],
        refused: vec![
            refused("another size", "fixed:5", &[b"hello", b"hi"], "wrong_length"),
            refused("more than the number holds", "u8", &[b"hi", &[b'x'; 256]], "does_not_fit"),
            refused("more than five digits hold", "ascii:1", &[b"ten bytes!"], "does_not_fit"),
            refused("over the limit", "u32be,max=4", &[b"four", b"hello"], "oversize"),
            refused("a number above the greatest", "ascii,end=:,greatest=4", &[b"hello"], "does_not_fit"),
        ],
    }
}
