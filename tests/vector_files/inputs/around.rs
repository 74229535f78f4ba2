//! Framings around others: checksums, conditions, masks, one after the other.

use super::{Group, case, none, refused};

pub(crate) fn group() -> Group {
    Group {
        file: "around",
        about: "Framings around others: checksums, conditions, masks, one framing after another.",
        cases: vec![
            case("a CRC after every frame", "(u8),sum=CRC-16/XMODEM", b"\x05hello\x80\x63", &["hello"]),
            none("another CRC", "(u8),sum=CRC-16/XMODEM", b"\x05hellO\x80\x63").fails("check", 6),
            case("a CRC by its parameters", "(u8),sum=crc:16:0x1021:0:0", b"\x05hello\x80\x63", &["hello"]),
            case("a reflected CRC by its parameters", "(u8),sum=crc:8:0x31:0:0:in:out", b"\0\0", &[""]),
            case("a sum of eight bits", "(u8),sum=sum8", b"\x01a\x62", &["a"]),
            case("a little-endian sum of 16 bits", "(u8),sum=sum16,form=le", b"\x01a\x62\0", &["a"]),
            case("the internet checksum", "(u8),sum=internet", b"\x01a\xfe\x9e", &["a"]),
            case("Fletcher's checksum", "(u8),sum=fletcher16,from=payload", b"\x05abcde\xc8\xf0", &["abcde"]),
            case(
                "Fletcher's checksum, modulo 256",
                "(u8),sum=fletcher16-mod256,from=payload",
                b"\x01a\x61\x61",
                &["a"],
            ),
            case(
                "Fletcher's checksum of 32 bits",
                "(u8),sum=fletcher32,from=payload",
                b"\x05abcde\xf0\x4f\xc7\x29",
                &["abcde"],
            ),
            case("Adler's checksum", "(u8),sum=adler32,from=payload", b"\x09Wikipedia\x11\xe6\x03\x98", &["Wikipedia"]),
            case("a sum's complement", "(u8),sum=sum8-ones", b"\x01a\x9d", &["a"]),
            case("a sum to zero", "(u8),sum=sum8-twos", b"\x01a\x9e", &["a"]),
            case("a sum in hexadecimal digits", "(u8),sum=xor,form=hex", b"\x01a60", &["a"]),
            case("a sum in decimal digits", "(u8),sum=xor,form=dec", b"\x01a096", &["a"]),
            case(
                "NMEA 0183",
                "(delim:*,start=$),sum=xor,form=HEX,from=payload,to=trailer,after=\\r\\n",
                b"$hello*62\r\n",
                &["hello"],
            )
            .of("NMEA 0183 version 4.11, section 5.3"),
            case("a byte before the sum", "(u8),sum=xor,before=*", b"\x01a*\x60", &["a"]),
            none("another byte before the sum", "(u8),sum=xor,before=*", b"\x01a+\x60").fails("mismatch", 2),
            case(
                "a sum inside the header",
                "(field:size=1,after=1),sum=xor,at=1,from=payload,to=end",
                b"\x02\x01hi",
                &[b"\x02\x01hi"],
            ),
            case("a sum after every two bytes", "(u8),sum=xor,block=2", b"\x05he\x0dll\0oo", &["hello"]),
            case("bytes that must stand there", "(u8),must=1:a", b"\x02ab", &["ab"]),
            none("another byte than must stand there", "(u8),must=1:a", b"\x02b").fails("mismatch", 1),
            case("the last byte of the payload", "(u8),must=-1:z", b"\x02az", &["az"]),
            case("one of some values", "(u16be),allow=2:a-z", b"\0\x05hello", &["hello"]),
            none("none of these values", "(u16be),allow=2:a-z", b"\0\x05H").fails("forbidden", 2),
            case("two equal bytes", "(field:offset=1,size=1,after=2),same=2:1", b"A\x02\x02.hi", &[b"A\x02\x02.hi"]),
            none("two bytes that differ", "(field:offset=1,size=1,after=2),same=2:1", b"A\x02\x03")
                .fails("mismatch", 2),
            case("a byte below the payload's length", "(field:size=1,after=1),below=1", b"\x02\x01hi", &["\x02\x01hi"]),
            none("a byte above the payload's length", "(field:size=1,after=1),below=1", b"\x02\x05hi")
                .fails("too_short", 1),
            case("a forbidden byte in a payload", "(u8),forbid=\\n", b"\x02hi\x02a\n", &["hi"]).fails("forbidden", 5),
            case(
                "masked by a key in the header",
                "(field:offset=1,size=1,after=4),mask=0:0x80",
                b"\x80\x05\x01\x02\x04\x08\x69\x67\x68\x64\x6e\0\x02....hi",
                &[&b"\x80\x05\x01\x02\x04\x08hello"[..], b"\0\x02....hi"],
            ),
            case("a byte of the message before each frame", "(u16be),skip=1", b"A\0\x02hi", &["Ahi"]),
            case("start bytes before any framing", "(fixed:5),start=$", b"$hello$world", &["hello", "world"]),
            case("a line, then lengths", "line then u16be", b"READY\n\0\x05hello\0\0", &["READY", "hello", ""]),
            case("a line, a byte, then lengths", "line then fixed:1 then u8", b"A\nB\x01C\x01D", &["A", "B", "C", "D"]),
            none("a first frame that is cut", "line,unterminated=fail then u16be", b"READY").cut_in("unterminated"),
            case("MAVLink with a table", "mavlink:0=50", b"\xfd\x01\0\0\0\x01\x01\0\0\0\x05", &[] as &[&[u8]])
                .cut_in("trailer"),
        ],
        refused: vec![
            refused("a byte that must stand there", "(u8),must=1:a", &[b"a", b"b"], "mismatch"),
            refused("a forbidden byte", "(u8),forbid=\\n", &[b"a\n"], "forbidden"),
            refused("a message without its skipped byte", "(u16be),skip=1", &[b""], "too_short"),
        ],
    }
}
