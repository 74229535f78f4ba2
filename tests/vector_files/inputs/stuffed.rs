//! Stuffings, and framings of serial protocols.

use super::{Group, case, none, refused};

pub(crate) fn group() -> Group {
    Group {
        file: "stuffed",
        about: "Delimiters that stuffing keeps out of the payload, and packets of serial protocols.",
        cases: vec![
            case("SLIP", "slip", b"\xc0hello\xc0\xc0a\xdb\xdcb\xdb\xddc\xc0", &[&b"hello"[..], b"a\xc0b\xdbc"])
                .of("RFC 1055"),
            case("SLIP without a delimiter before", "slip", b"a\xc0\xdb\xdc\xc0", &[&b"a"[..], b"\xc0"]),
            none("an escape and another byte", "slip", b"\xc0a\xdba").fails("mismatch", 3),
            none("the end inside a frame", "slip", b"\xc0hel").cut_in("unterminated"),
            none("filler alone", "slip", b"\xc0\xc0\xc0"),
            case("COBS with empty frames", "cobs,empty", b"\0\x02a\0", &["", "a"]),
            case(
                "COBS",
                "cobs",
                b"\x06hello\0\x03\x11\x22\x02\x33\0\x01\x01\0",
                &[&b"hello"[..], b"\x11\x22\0\x33", b"\0"],
            )
            .of("S. Cheshire and M. Baker, Consistent Overhead Byte Stuffing, 1999"),
            case(
                "COBS of a long run",
                "cobs",
                [&b"\xff"[..], &[1; 254], b"\x02a\0"].concat(),
                &[[&[1; 254][..], b"a"].concat()],
            ),
            none("a pointer past the end", "cobs", b"\x06hel\0").fails("ends_early", 4),
            case("COBS with another delimiter", "cobs,sentinel=10", b"\x0cboffe\n", &["hello"]),
            case("COBS/R", "cobs,reduced", b"ohell\0", &["hello"]),
            case("COBS with a delimiter before", "cobs,lead", b"\0\x06hello\0", &["hello"]),
            case(
                "HDLC with its check sequence",
                "escape:~:},lead,sum=CRC-16/IBM-SDLC,form=le",
                b"~123456789\x6e\x90~",
                &["123456789"],
            )
            .of("RFC 1662, section 4.2; the check value of CRC-16/IBM-SDLC is 906e"),
            none(
                "HDLC with another check sequence",
                "escape:~:},lead,sum=CRC-16/IBM-SDLC,form=le",
                b"~123456788\x6e\x90~",
            )
            .fails("check", 12),
            case("escaped bytes", "escape:~:}", b"a}^b}]c~", &["a~b}c"]),
            case("escaped with another mask", "escape:~:},xor=0x10", b"a}nb~", &["a~b"]),
            case("escaped by codes", "escape:\\xc0:\\xdb,codes=\\xdc\\xdd", b"a\xdb\xdcb\xc0", &[b"a\xc0b"]),
            case("control characters are escaped", "escape:~:},control=0x2000", b"a}-~", &["a\r"]),
            case("other bytes are escaped", "escape:#:},also=$", b"a}\x04#", &["a$"]),
            case("digits on a line", "hexline:\\:,sum=sum8-twos", b":68656C6C6FEC\r\n", &["hello"])
                .of("MODBUS over Serial Line 1.02, section 2.5.2"),
            none("a letter among the digits", "hexline:\\:,sum=sum8-twos", b":6G").fails("not_a_digit", 2),
            case(
                "MIDI with running status",
                "midi",
                b"\x90\x39\x2e\x3a\x2e\xf8",
                &[&b"\x90\x39\x2e"[..], b"\x3a\x2e", b"\xf8"],
            )
            .of("MIDI 1.0 detailed specification 4.2, data format"),
            case("SMP on a console", "smp", b"\x06\x09AAdoZWxsb8Ni\n", &["hello"])
                .of("Zephyr documentation, SMP over console"),
            case("every byte after the start is escaped", "(u8),escape=~:}", b"~\x02h}^", &["h~"]),
            case("the length is escaped too", "(u8),escape=~:},xor=0x20", b"~\x01!", &["!"]),
        ],
        refused: vec![
            refused("an empty message, which looks like filler", "slip", &[b"hi", b""], "empty"),
            refused("over the limit", "cobs,max=4", &[b"four", b"hello"], "oversize"),
        ],
    }
}
