//! What the policies of a decoder skip.

use anysplit::Recovery::{Resync, SkipFrame, SkipOversize};

use super::{Group, case, none};

pub(crate) fn group() -> Group {
    let crc = "(u8,start=\\xaa),sum=CRC-8/SMBUS";
    Group {
        file: "recovery",
        about: "Rejected frames that a policy skips.",
        cases: vec![
            case("a line over the limit is skipped", "line,max=5", b"one\nmuch too long\ntwo\n", &["one", "two"])
                .skips(SkipOversize, &[(4, 14)]),
            case("a payload over the limit is skipped", "u8,max=2", b"\x02hi\x03you\x01!", &["hi", "!"])
                .skips(SkipOversize, &[(3, 4)]),
            case("another error stays", "ascii:2,max=5", b"06sixsix0x", &[] as &[&[u8]])
                .skips(SkipOversize, &[(0, 8)])
                .fails("not_a_digit", 9),
            none("the end of a skipped payload never comes", "u8,max=2", b"\x05hel")
                .skips(SkipOversize, &[(0, 4)])
                .cut_in("skipped"),
            case("a damaged frame is skipped", "(u8),sum=xor", b"\x01a\x60\x01b\x60\x01c\x62", &["a", "c"])
                .skips(SkipFrame, &[(3, 3)]),
            case(
                "a wrong escape is skipped to the delimiter",
                "slip",
                b"\xc0one\xc0\xc0a\xdba\xc0\xc0two\xc0",
                &["one", "two"],
            )
            .skips(SkipFrame, &[(6, 4)]),
            case("a damaged COBS frame is skipped", "cobs", b"\x06hel\0\x03hi\0", &["hi"]).skips(SkipFrame, &[(0, 5)]),
            none("no end to skip to", "u8,start=\\xaa", b"\xab\x01a").skips(SkipFrame, &[]).fails("mismatch", 0),
            case("bytes before the first frame", crc, b"xy\xaa\x01a\xfa", &["a"]).skips(Resync, &[(0, 2)]),
            case(
                "a lost byte",
                "u16be,start=\\xaa\\x55,trailer=\\xce,max=9",
                b"\xaaU\0\x02hi\xce\xaaU\0\x02h\xce\xaaU\0\x01!\xce",
                &["hi", "!"],
            )
            .skips(Resync, &[(7, 6)]),
            case("garbage between lines", "line,start=!", b"!a\n??!b\n", &["a", "b"]).skips(Resync, &[(3, 2)]),
            none("a candidate at the end of the stream", "u16be,start=\\xaa", b"\xaa\0\x05hel")
                .skips(Resync, &[(0, 6)])
                .cut_in("payload"),
        ],
        refused: vec![],
    }
}
