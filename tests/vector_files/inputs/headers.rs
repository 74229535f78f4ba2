//! Header fields, lines that announce a block, chunks, HTTP/1 messages.

use super::{Group, case, none, refused};

pub(crate) fn group() -> Group {
    Group {
        file: "headers",
        about: "Header fields, lines that announce a block of bytes, chunks, and HTTP/1 messages.",
        cases: vec![
            case(
                "a length among the header fields",
                "header:Content-Length",
                b"Content-Length: 5\r\n\r\nhellocontent-length:2\r\nX: y\r\n\r\nhi",
                &["hello", "hi"],
            )
            .of("LSP 3.17, base protocol, header part"),
            none("no length", "header:Content-Length", b"X: y\r\n\r\n").fails("no_length", 7),
            none("two lengths", "header:l", b"l: 1\r\nl: 1\r\n").fails("repeated", 11),
            case("two names for the length", "header:Content-Length|l", b"l: 2\r\n\r\nhi", &["hi"]),
            none("a field that is forbidden", "header:l,forbid=t", b"l: 1\r\nt: x\r\n").fails("forbidden_field", 11),
            case("an equals sign", "header:l,separator=\\=", b"l=2\r\n\r\nhi", &["hi"]),
            case("a start line", "header:l,startline,keep", b"GET /\r\nl: 2\r\n\r\nhi", &["GET /\r\nl: 2\r\n\r\nhi"]),
            case("lines that LF ends", "header:l,lf", b"l: 2\n\nhi", &["hi"]),
            case("a field that a byte ends", "header:l,fieldend=;,separator=\\=,lengthfirst", b"l=2;hi", &["l=2;hi"]),
            case("no payload without a length", "header:l,missing=empty,startline", b"HI\r\n\r\n", &["HI\r\n\r\n"]),
            case(
                "a NUL after every payload",
                "header:l,startline,until=\\0,blanklines",
                b"A\r\n\r\nhi\0\r\nB\r\nl:2\r\n\r\na\0\0",
                &[&b"A\r\n\r\nhi"[..], b"", b"B\r\nl:2\r\n\r\na\0"],
            )
            .of("STOMP 1.2, frames and body"),
            case("blanks before the separator", "header:l,blanks", b"l : 2\r\n\r\nhi", &["hi"]),
            none("another case", "header:l,case,maxheader=40", b"L: 2\r\n\r\nhi").fails("no_length", 7),
            none("a header over its limit", "header:l,maxheader=8", b"x: 12345678").fails("header_too_long", 8),
            case("bytes that the length does not count", "header:l,uncounted=2", b"l: 2\r\n\r\nhi\r\n", &["hi\r\n"]),
            case("a header alone", "header:,startline,missing=empty", b"hello\r\n\r\n", &["hello\r\n\r\n"]),
            none("a letter in the length", "header:l", b"l: 5x\r\n\r\n").fails("not_a_digit", 4),
            none("the end inside a header", "header:l", b"l: 5\r\n").cut_in("header"),
            case(
                "a number in the third field",
                "block:VALUE:3",
                b"VALUE k 0 5\r\nhello\r\nEND\r\n",
                &["VALUE k 0 5\r\nhello", "END"],
            )
            .of("memcached, doc/protocol.txt"),
            case("a number in the last field", "block:MSG:last", b"MSG a 2\r\nhi\r\n", &["MSG a 2\r\nhi"]),
            case(
                "a number after a sign",
                "block:$:rest:none=-1",
                b"$5\r\nhello\r\n$-1\r\n+OK\r\n",
                &["$5\r\nhello", "$-1", "+OK"],
            )
            .of("Redis serialization protocol specification"),
            case("a number in braces", "block:braces,notrailer", b"a {5+}\r\nhello\r\n", &["a {5+}\r\nhello", ""]),
            case("a word in any case", "block:msg:1:nocase", b"MSG 2\r\nhi\r\n", &["MSG 2\r\nhi"]),
            case("fields between spaces", "block:a:2:sp", b"a b 2\r\nhi\r\n", &["a b 2\r\nhi"]),
            case("a line that LF ends, and its block", "block:a:1,lf,notrailer", b"a 2\nhi", &["a 2\nhi"]),
            none("a line over its limit", "block:a:1,maxline=4", b"a 100\r\n").fails("header_too_long", 4),
            case(
                "chunks, and the last one",
                "chunked",
                b"5\r\nhello\r\nB\r\nhello world\r\n0\r\n\r\n",
                &["hello", "hello world", ""],
            )
            .of("RFC 9112, section 7.1"),
            case("a chunk with an extension", "chunked", b"2;a=b\r\nhi\r\n", &["hi"]),
            none("a chunk without its end", "chunked", b"2\r\nhi!!").fails("mismatch", 5),
            none("a chunk whose end is cut", "chunked", b"2\r\nhi\r").cut_in("trailer"),
            none("a chunk's line over its limit", "chunked,maxheader=8", b"2;aaaaaaaaaa").fails("header_too_long", 8),
            case(
                "a header with its body",
                "http1",
                b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\n\r\n",
                &["POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", "GET / HTTP/1.1\r\n\r\n"],
            )
            .of("RFC 9112, section 6"),
            case(
                "a header, its chunks, and the last one",
                "http1",
                b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\nA: b\r\n\r\nGET / HTTP/1.1\r\n\r\n",
                &["PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", "hel", "lo", "", "GET / HTTP/1.1\r\n\r\n"],
            )
            .of("RFC 9112, section 7.1"),
            case(
                "answers without a body",
                "http1",
                b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
                &["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"],
            )
            .of("RFC 9112, section 6.3"),
            case(
                "an answer to HEAD",
                "http1,answers=HEAD",
                b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
                &["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"],
            )
            .of("RFC 9112, section 6.3"),
            case(
                "an answer to CONNECT",
                "http1,answers=CONNECT,maxheader=100",
                b"HTTP/1.1 200 OK\r\n\r\n",
                &["HTTP/1.1 200 OK\r\n\r\n"],
            )
            .of("RFC 9112, section 6.3"),
            case("a body up to the end", "http1", b"HTTP/1.1 200 OK\r\n\r\nhello", &["HTTP/1.1 200 OK\r\n\r\nhello"])
                .of("RFC 9112, section 6.3"),
            none("a second length", "http1", b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n")
                .fails("repeated", 35),
            none(
                "a length and a coding",
                "http1",
                b"GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            )
            .fails("forbidden_field", 35),
            none("a body that is cut", "http1", b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhel").cut_in("payload"),
        ],
        refused: vec![
            refused("a header that is not complete", "header:,startline,missing=empty", &[b"hello"], "too_short"),
            refused("a body of another length", "http1", &[b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhi"], "length_disagrees"),
            refused("a second line without a block", "block:a:1", &[b"x\r\ny"], "contains_delimiter"),
        ],
    }
}
