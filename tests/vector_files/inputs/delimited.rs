//! Delimiters, and the end of the stream.

use super::{Group, case, none, refused};

pub(crate) fn group() -> Group {
    Group {
        file: "delimited",
        about: "A delimiter after each message, or the end of the stream.",
        cases: vec![
            case("lines that LF or CR LF ends", "line", b"one\ntwo\r\n\nlast", &["one", "two", "", "last"]),
            case("a lone CR is data", "line", b"a\rb\n", &["a\rb"]),
            case("CR CR LF: one CR is part of the end", "line", b"a\r\r\n", &["a\r"]).decode_only(),
            case("lines written with CR LF", "line,crlf", b"one\r\ntwo\n", &["one", "two"]),
            none("an unterminated line that is an error", "line,unterminated=fail", b"last").cut_in("unterminated"),
            case("an unterminated message that is taken", "delim:;,unterminated=take", b"one;two", &["one", "two"]),
            none("an unterminated message", "delim:;", b"two").cut_in("unterminated"),
            case("NUL, or LF", "delim:\\n|\\0", b"one\ntwo\0\0", &["one", "two", ""]),
            case("the second delimiter is written", "delim:\\n|\\0,write=2", b"one\0", &["one"]),
            case("the delimiter is part of the message", "delim:\\n,keep", b"one\n\n", &["one\n", "\n"]),
            case("a delimiter of four bytes", "delim:\\r\\n\\r\\n", b"a\r\nb\r\n\r\n\r\n\r\n", &["a\r\nb", ""]),
            case("a delimiter that begins like the message", "delim:aab", b"aaab", &["a"]),
            case("part of a delimiter, then another byte", "delim:--end", b"-- -end--end", &["-- -end"]),
            case("the delimiter that ends first", "delim:a|bab", b"xbab", &["xb"]).cut_in("unterminated"),
            case("start and end bytes", "delim:\\x1c\\r,start=\\x0b", b"\x0bhello\x1c\r\x0b\x1c\r", &["hello", ""])
                .of("HL7, transport specification: MLLP, release 1"),
            none("another start byte", "delim:\\x1c\\r,start=\\x0b", b"hello").fails("mismatch", 0),
            case("blanks are skipped between frames", "line,start=!,between=\\x20", b"!a\n  !b\n", &["a", "b"]),
            case("lines without NUL and CR", "line,crlf,forbid=\\0\\r", b"one\r\n", &["one"]),
            case("a forbidden byte", "line,crlf,forbid=\\0\\r", b"one\r\ntw\0", &["one"]).fails("forbidden", 7),
            case("a line of the limit", "line,max=3", b"one\ntwo\r\n", &["one", "two"]),
            case("a line over the limit", "line,max=3", b"one\nfour\n", &["one"]).fails("oversize", 7),
            case("lines that CR, LF or CR LF ends", "anyline", b"a\rb\nc\r\n\r", &["a", "b", "c", ""]),
            case("all bytes to the end", "close", b"hello\nworld", &["hello\nworld"]),
            none("no bytes to the end", "close", b""),
            none("too many bytes to the end", "close,max=4", b"hello").fails("oversize", 4),
            case("DLE ETX, with DLE doubled", "doubled:\\x10:\\x03", b"a\x10\x10b\x10\x03", &[b"a\x10b"]),
            none("DLE and another byte", "doubled:\\x10:\\x03", b"a\x10b").fails("forbidden", 2),
            case("DLE STX to DLE ETX", "doubled:\\x10:\\x03,start=\\x10\\x02", b"\x10\x02hi\x10\x03", &["hi"]),
            case("lines to a line of one dot", "dots", b"one\r\n..two\r\n.\r\n\r\n.\r\n", &["one\r\n.two", ""])
                .of("RFC 5321, section 4.5.2"),
            case("a dot alone is a block without lines", "dots", b".\r\n", &[""]),
        ],
        refused: vec![
            refused("a CR that would be part of the line end", "line", &[b"a\r"], "contains_delimiter"),
            refused("a line end inside a line", "line", &[b"ok", b"a\nb"], "contains_delimiter"),
            refused(
                "a message that ends with the delimiter's start",
                "delim:\\r\\n",
                &[b"a\r\nb"],
                "contains_delimiter",
            ),
            refused("no delimiter where it is part of the message", "delim:\\n,keep", &[b"a"], "not_terminated"),
            refused("a forbidden byte", "line,crlf,forbid=\\0\\r", &[b"a\0"], "forbidden"),
            refused("a second message to the end", "close", &[b"one", b"two"], "after_last"),
            refused("an empty message to the end", "close", &[b""], "empty"),
        ],
    }
}
