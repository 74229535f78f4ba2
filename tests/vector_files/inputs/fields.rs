//! A number inside the message's own header, and tables of types.

use super::{Group, case, none, refused};

pub(crate) fn group() -> Group {
    Group {
        file: "fields",
        about: "A length inside the message's own header; a first byte or a type that chooses.",
        cases: vec![
            case(
                "a packet that counts all of itself",
                "field:offset=2,size=2,adjust=-4",
                b"\0\x01\0\x09hello",
                &[b"\0\x01\0\x09hello"],
            ),
            none("a packet shorter than its header", "field:offset=2,size=2,adjust=-4", b"\0\x01\0\x03")
                .fails("too_short", 2),
            case("a header of eight bytes", "field:offset=1,size=1,header=8", b"A\x02......hi", &[b"A\x02......hi"]),
            case("bytes after the number", "field:offset=1,size=1,after=2", b"A\x02..hi", &[b"A\x02..hi"]),
            case("little-endian", "field:offset=1,size=2,order=le", b"A\x02\0hi", &[b"A\x02\0hi"]),
            case("in network order", "field:offset=1,size=2,order=be", b"A\0\x02hi", &[b"A\0\x02hi"]),
            case("twelve of sixteen bits", "field:size=2,mask=0x0fff", b"\x00\x02hi", &[b"\x00\x02hi"]),
            case("bits beside the length", "field:size=2,mask=0x0fff", b"\xf0\x02hi", &[b"\xf0\x02hi"]),
            case("another number", "field:offset=1,number=mqtt", b"\x30\x02hi\xc0\0", &[&b"\x30\x02hi"[..], b"\xc0\0"])
                .of("MQTT 5.0, section 2.1"),
            case("a number with options", "field:number=(ascii:2,greatest=20)", b"02hi", &[b"02hi"]),
            case("words of four bytes", "field:size=1,unit=4", b"\x01abcd\0", &[&b"\x01abcd"[..], b"\0"]),
            case("a trailer", "field:offset=1,size=1,trailer=\\xce", b"A\x02hi\xce", &[b"A\x02hi"]),
            case(
                "payloads of whole words",
                "field:size=1,pad=4",
                b"\x02hi\0\0\0\x03you\0",
                &[b"\x02hi", &b"\0"[..], b"\x03you"],
            ),
            case("the length of the padding", "field:size=1,header=2,padlen=1", b"\x02\x03hi\0\0\0", &[b"\x02\x03hi"]),
            case("two lengths", "field:size=1,after=1,second=1:u8", b"\x02\x03hiyou", &[b"\x02\x03hiyou"]),
            case(
                "a second length in words",
                "field:size=1,after=1,second=1:u8,secondunit=3",
                b"\x02\x01hiyou",
                &[b"\x02\x01hiyou"],
            ),
            case(
                "a second part, padded",
                "field:size=1,after=1,second=1:u8,secondpad=4",
                b"\x02\x03hi\0\0\0.",
                &[b"\x02\x03hi\0\0\0."],
            ),
            case("bytes that the header requires", "field:offset=2,size=1,require=0:ab", b"ab\x02hi", &[b"ab\x02hi"]),
            none("another byte than required", "field:offset=2,size=1,require=0:ab", b"ax").fails("mismatch", 1),
            case(
                "more header if a bit is set",
                "field:offset=1,size=1,extra=0:0x80:4",
                b"\0\x02hi\x80\x02keyshi",
                &[&b"\0\x02hi"[..], b"\x80\x02keyshi"],
            ),
            none("a payload below the least", "field:size=1,min=2", b"\x01!").fails("too_short", 0),
            none("a payload over the limit", "field:offset=1,size=1,max=2", b"A\x03").fails("oversize", 1),
            none("the end inside the header", "field:offset=1,size=1,after=2", b"A\x02.").cut_in("header"),
            case(
                "types of fixed and of announced length",
                "type:P=2,Q=u16be",
                b"PhiQ\0\x05helloP!!",
                &["Phi", "Qhello", "P!!"],
            ),
            none("an unknown type", "type:P=2,Q=u16be", b"R").fails("unknown_type", 0),
            case("a type with options", "type:P=2,Q=(u16be,max=4)", b"Q\0\x04four", &["Qfour"]),
            none("a type over its limit", "type:P=2,Q=(u16be,max=4)", b"Q\0\x05").fails("oversize", 1),
            case("digits or a line", "first:0-9=(ascii,end=\\x20),<=line", b"5 hello<34>hi\n", &["hello", "<34>hi"])
                .of("RFC 6587, section 3.4"),
            none("a first byte of neither", "first:0-9=(ascii,end=\\x20),<=line", b"x").fails("unknown_type", 0),
            case(
                "the third byte chooses",
                "first@2:\\x01=(fixed:4),\\x02-\\x09=(fixed:7)",
                b"ab\x01dab\x02defg",
                &[&b"ab\x01d"[..], b"ab\x02defg"],
            ),
        ],
        refused: vec![
            refused("a length that is wrong", "field:offset=1,size=1", &[b"A\x02hi", b"A\x03hi"], "length_disagrees"),
            refused("a message without its header", "field:offset=1,size=1,after=2", &[b"A"], "too_short"),
            refused("another byte than required", "field:offset=2,size=1,require=0:ab", &[b"xb\0"], "mismatch"),
            refused("a type that the table does not have", "type:P=2", &[b"Phi", b"Rhi"], "unknown_type"),
            refused("a type with another length", "type:P=2", &[b"P!"], "wrong_length"),
        ],
    }
}
