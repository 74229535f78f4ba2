//! The words of the SPEC language: every framing and every option, with an example and what it means.
//!
//! `explain` takes its sentences from here, and `help spec` its examples.

/// A framing, by the word that it begins with.
pub(crate) struct FramingWord {
    pub(crate) word: &'static str,
    /// A SPEC with it.
    pub(crate) example: &'static str,
}

const fn framing(word: &'static str, example: &'static str) -> FramingWord {
    FramingWord { word, example }
}

/// The framings, in the order of the manual.
pub(crate) const FRAMINGS: &[FramingWord] = &[
    framing("u8", "u8"),
    framing("u16be", "u16be"),
    framing("u64le", "u32le"),
    framing("varint", "varint"),
    framing("varint32", "varint32"),
    framing("quic", "quic"),
    framing("mqtt", "mqtt"),
    framing("ber", "ber"),
    framing("bcd", "bcd:2"),
    framing("escaped", "escaped:0x7f,step=126:u16be,step=127:u64be"),
    framing("ascii", "ascii:5"),
    framing("hex", "hex:4"),
    framing("netstring", "netstring"),
    framing("pkt-line", "pkt-line"),
    framing("field", "field:offset=2,size=2,adjust=-4"),
    framing("line", "line"),
    framing("anyline", "anyline"),
    framing("delim", "delim:;|\\0"),
    framing("dots", "dots"),
    framing("fixed", "fixed:5"),
    framing("type", "type:P=2,Q=u16be"),
    framing("first", "first:0-9=(ascii,end=\\x20),<=line"),
    framing("header", "header:Content-Length"),
    framing("block", "block:VALUE:3"),
    framing("chunked", "chunked"),
    framing("http1", "http1"),
    framing("close", "close"),
    framing("slip", "slip"),
    framing("cobs", "cobs"),
    framing("escape", "escape:~:}"),
    framing("hexline", "hexline:\\:,sum=sum8-twos"),
    framing("doubled", "doubled:\\x10:\\x03"),
    framing("smp", "smp"),
    framing("midi", "midi"),
    framing("mavlink", "mavlink:0=50"),
    framing("json", "json"),
    framing("json-seq", "json-seq"),
    framing("cbor", "cbor"),
    framing("msgpack", "msgpack"),
    framing("resp", "resp"),
    framing("asn1", "asn1"),
    framing("@", "@dns"),
    framing("then", "line then u16be"),
    framing("()", "(fixed:5),start=$"),
];

/// An option.
pub(crate) struct OptionWord {
    pub(crate) name: &'static str,
    /// The families that have it. An option can mean different things in two families.
    pub(crate) of: &'static [Family],
    /// A SPEC with it.
    pub(crate) example: &'static str,
    /// What it means. `{}` is the value, `{0}`, `{1}` and `{2}` the parts of a value with colons.
    meaning: &'static str,
}

/// Framings with the same options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// `u16be`, `varint`, `ascii`, `netstring` and others: a length before the message.
    Prefix,
    /// `field`
    Field,
    /// `line`
    Line,
    /// `delim`
    Delim,
    /// `header`
    Header,
    /// `block`
    Block,
    /// `chunked`
    Chunked,
    /// `http1`
    Http1,
    /// `slip`
    Slip,
    /// `cobs`
    Cobs,
    /// `escape`
    Escape,
    /// `hexline`
    HexLine,
    /// `doubled`
    Doubled,
    /// A framing in parentheses.
    Around,
    /// Framings that have a limit and no other option.
    Limit,
}

use Family::{
    Around, Block, Chunked, Cobs, Delim, Doubled, Escape, Field, Header, HexLine, Http1, Limit, Line, Prefix, Slip,
};

impl Family {
    pub(crate) const ALL: [Self; 15] = [
        Prefix, Field, Line, Delim, Header, Block, Chunked, Http1, Slip, Cobs, Escape, HexLine, Doubled, Around, Limit,
    ];

    /// The family of the framing whose text form begins with this word.
    pub(crate) fn of(word: &str) -> Self {
        match word {
            "field" => Field,
            "line" => Line,
            "delim" => Delim,
            "header" => Header,
            "block" => Block,
            "chunked" => Chunked,
            "http1" => Http1,
            "slip" => Slip,
            "cobs" => Cobs,
            "escape" => Escape,
            "hexline" => HexLine,
            "doubled" => Doubled,
            word if word.starts_with('(') => Around,
            "fixed" | "close" | "anyline" | "dots" | "midi" | "smp" | "mavlink" | "json" | "json-seq" | "cbor"
            | "msgpack" | "resp" | "asn1" => Limit,
            word if word.starts_with('@') => Limit,
            _ => Prefix,
        }
    }

    /// What the manual calls it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Prefix => "lengths before messages (u16be, varint, ascii, netstring and others)",
            Field => "field",
            Line => "line",
            Delim => "delim",
            Header => "header",
            Block => "block",
            Chunked => "chunked",
            Http1 => "http1",
            Slip => "slip",
            Cobs => "cobs",
            Escape => "escape",
            HexLine => "hexline",
            Doubled => "doubled",
            Around => "any framing in parentheses",
            Limit => "all others that have a limit, and every @NAME",
        }
    }
}

const fn option(name: &'static str, of: &'static [Family], example: &'static str, meaning: &'static str) -> OptionWord {
    OptionWord { name, of, example, meaning }
}

const STUFFED: &[Family] = &[Slip, Cobs, Escape, HexLine];

/// The options, in the order of the manual.
pub(crate) const OPTIONS: &[OptionWord] = &[
    option(
        "max",
        &[Prefix, Field, Line, Delim, Header, Block, Chunked, Http1, Slip, Cobs, Escape, HexLine, Doubled, Limit],
        "u32be,max=64k",
        "payloads of at most {} bytes",
    ),
    // Lengths.
    option("self", &[Prefix], "u16be,self", "the number counts its own bytes too"),
    option("adjust", &[Prefix], "u16be,adjust=-1", "{} is added to the number"),
    option(
        "adjust",
        &[Field],
        "field:offset=2,size=2,adjust=-4",
        "{} is added to the number, which counts what is after it",
    ),
    option("trailer", &[Prefix, Field], "u8,trailer=\\r\\n", "{} after every payload, not counted"),
    option("control", &[Prefix], "u16be,self,control=2", "numbers below {} stand for control frames"),
    option("end", &[Prefix], "ascii,end=\\x20", "{} stands after the digits"),
    option("digits", &[Prefix], "ascii,end=:,digits=3", "at most {} digits"),
    option("greatest", &[Prefix], "ascii,end=:,greatest=500", "numbers to {}"),
    option(
        "mask",
        &[Prefix, Field],
        "u16be,mask=0x3fff",
        "the number is in the bits {}, and the other bits are ignored",
    ),
    option("longer", &[Prefix], "varint,longer", "numbers in more bytes than they need are read too"),
    option("step", &[Prefix], "escaped:0x7f,step=126:u16be", "{0} in the bits stands for the {1} after it"),
    option("offset", &[Field], "field:offset=1,size=1", "the number begins at byte {} of the message"),
    option("size", &[Field], "field:size=2", "the number has {} bytes"),
    option("order", &[Field], "field:size=2,order=le", "the number's byte order is {}"),
    option("number", &[Field], "field:offset=1,number=varint", "the number is written as {}"),
    option(
        "header",
        &[Field],
        "field:size=2,header=4",
        "the header has {} bytes, and the number counts what is after it",
    ),
    option(
        "after",
        &[Field],
        "field:size=2,after=2",
        "{} bytes of header follow the number; it counts what comes after",
    ),
    option("unit", &[Field], "field:size=1,unit=4,pad=4", "the number counts units of {} bytes"),
    option("min", &[Field], "field:size=1,min=2", "payloads of at least {} bytes"),
    option("pad", &[Field], "field:size=1,pad=4", "payloads are padded to a multiple of {} bytes"),
    option(
        "padlen",
        &[Field],
        "field:size=1,after=1,padlen=1",
        "byte {} gives the number of padding bytes after the payload",
    ),
    option(
        "second",
        &[Field],
        "field:size=1,after=2,second=1:u16be",
        "a second number, {1} at byte {0}, adds to the payload",
    ),
    option(
        "secondunit",
        &[Field],
        "field:size=1,after=1,second=1:u8,secondunit=2",
        "the second number counts units of {} bytes",
    ),
    option(
        "secondpad",
        &[Field],
        "field:size=1,after=1,second=1:u8,secondpad=4",
        "what the second number counts is padded to a multiple of {} bytes",
    ),
    option("require", &[Field], "field:offset=2,size=1,require=0:PK", "the header has {1} at byte {0}"),
    option(
        "extra",
        &[Field],
        "field:offset=1,size=1,extra=0:0x01:4",
        "the bits {1} of byte {0} announce more header, in {2}-byte units",
    ),
    // Start bytes and forbidden bytes.
    option("start", &[Prefix, Line, Delim, Doubled, Around], "u16be,start=\\xaa\\x55", "{} stands before every frame"),
    option(
        "between",
        &[Line, Delim, Doubled, Around],
        "line,start=$,between=\\x20",
        "the bytes {} are skipped between frames",
    ),
    option(
        "forbid",
        &[Line, Delim, Doubled, Around],
        "line,crlf,forbid=\\0\\r",
        "the bytes {} must not stand in a payload",
    ),
    // Delimiters.
    option("crlf", &[Line], "line,crlf", "written with CR LF"),
    option("write", &[Delim], "delim:\\n|\\0,write=2", "delimiter {} is written"),
    option("keep", &[Line, Delim], "line,keep", "the delimiter is part of the payload"),
    option(
        "unterminated",
        &[Line, Delim],
        "line,unterminated=fail",
        "at the end of the stream a message without a delimiter is: {}",
    ),
    // Headers of text.
    option("forbid", &[Header], "header:Content-Length,forbid=Transfer-Encoding", "a field {} is an error"),
    option("separator", &[Header], "header:LEN,separator==", "{} stands between name and value"),
    option(
        "startline",
        &[Header],
        "header:Content-Length,startline",
        "the first line is no field; the header is part of the message",
    ),
    option("lf", &[Header, Block], "header:length,lf", "lines end with LF, with one CR before it or none"),
    option(
        "fieldend",
        &[Header],
        "header:9,fieldend=\\x01,separator==",
        "{} ends a field; the length comes last; the header is kept",
    ),
    option("missing", &[Header], "header:,startline,missing=empty", "without a length the payload is {}"),
    option(
        "until",
        &[Header],
        "header:content-length,startline,lf,until=\\0",
        "{} stands after every payload; the header is part of the message",
    ),
    option(
        "blanklines",
        &[Header],
        "header:Content-Length,startline,blanklines",
        "blank lines between messages are control frames",
    ),
    option("blanks", &[Header], "header:Content-Length,blanks", "blanks may stand before the separator"),
    option("case", &[Header], "header:Content-Length,case", "names are case-sensitive"),
    option("lengthfirst", &[Header], "header:Content-Length,lengthfirst", "the length is the first field"),
    option("keep", &[Header], "header:Content-Length,keep", "the header is part of the message"),
    option("uncounted", &[Header], "header:Content-Length,uncounted=2", "{} bytes of payload are not counted"),
    option("maxheader", &[Header, Chunked, Http1], "header:Content-Length,maxheader=1k", "headers of at most {} bytes"),
    option("answers", &[Http1], "http1,answers=HEAD", "responses are the answers to {} requests"),
    option("maxline", &[Block], "block:VALUE:3,maxline=512", "lines of at most {} bytes, their ends included"),
    option("notrailer", &[Block], "block:VALUE:3,notrailer", "nothing stands after a block"),
    // Stuffings.
    option("sum", STUFFED, "slip,sum=CRC-16/IBM-SDLC,form=le", "{} after the message, inside the stuffing"),
    option("form", STUFFED, "slip,sum=CRC-16/IBM-SDLC,form=le", "the checksum is written as {}"),
    option("empty", STUFFED, "cobs,empty", "a delimiter alone is an empty frame"),
    option("sentinel", &[Cobs], "cobs,sentinel=3", "the delimiter is {}"),
    option("reduced", &[Cobs], "cobs,reduced", "COBS/R: the last byte can stand in place of the last code"),
    option("lead", &[Cobs, Escape], "escape:~:},lead", "a delimiter stands before every frame too"),
    option("xor", &[Escape, Around], "escape:~:},xor=0x21", "an escaped byte is XORed with {}"),
    option(
        "codes",
        &[Escape, Around],
        "escape:~:},codes=12",
        "the bytes {} stand for the delimiter and the escape byte",
    ),
    option(
        "control",
        &[Escape, Around],
        "escape:~:},control=0x00000011",
        "control characters are escaped, a bit for each: {}",
    ),
    option("also", &[Escape, Around], "escape:~:},also=\\x11\\x13", "the bytes {} are escaped when written, too"),
    // Around a framing.
    option("must", &[Around], "(u16be),must=2:h", "{1} at offset {0} of the frame; below 0, from the payload's end"),
    option("allow", &[Around], "(u16be),allow=2:a-z", "the byte at offset {0} is one of {1}"),
    option(
        "same",
        &[Around],
        "(field:offset=2,size=1),same=1:0",
        "the byte at offset {0} equals the one at offset {1}",
    ),
    option(
        "below",
        &[Around],
        "(field:offset=1,size=1),below=0",
        "the byte at offset {} is less than the payload's length",
    ),
    option("sum", &[Around], "(u8),sum=CRC-16/XMODEM", "the checksum {} of every frame stands after it"),
    option("form", &[Around], "(u8),sum=CRC-16/XMODEM,form=le", "the checksum is written as {}"),
    option("from", &[Around], "(u8),sum=xor,from=payload", "the checksum covers the bytes from {} on"),
    option("to", &[Around], "(u8,trailer=!),sum=xor,to=trailer", "the checksum covers the bytes up to {}"),
    option("at", &[Around], "(field:size=1,after=2),sum=sum16,at=1", "the checksum stands at offset {} of the header"),
    option("before", &[Around], "(line,start=$),sum=xor,form=HEX,before=*", "{} stands before the checksum"),
    option("after", &[Around], "(delim:*,start=$),sum=xor,form=HEX,after=\\r\\n", "{} stands after the checksum"),
    option("block", &[Around], "(u8),sum=xor,block=2", "a checksum stands after every {} bytes of payload"),
    option("skip", &[Around], "(u8),skip=1", "the first {} bytes of the message stand before the frame"),
    option(
        "mask",
        &[Around],
        "(field:offset=1,size=1,after=4),mask=0:0x80",
        "with a bit of {1} in byte {0}, the header ends with a masking key",
    ),
    option("escape", &[Around], "(u8),escape=~:}", "{0} begins a frame, and {1} escapes those two in all that follows"),
];

/// What the option means in this family.
pub(crate) fn meaning(family: Family, name: &str, value: &str) -> String {
    let word = OPTIONS.iter().find(|option| option.name == name && option.of.contains(&family));
    let Some(word) = word else { return format!("{name:<13} {value}") };
    if name == "max" && value == "none" {
        return format!("{name:<13} no limit except that of the number");
    }
    let mut parts = value.splitn(3, ':');
    let mut part = || parts.next().unwrap_or("1");
    let (first, second, third) = (part(), part(), part());
    let second = if word.meaning.contains("{2}") { second } else { value.split_once(':').map_or("", |(_, rest)| rest) };
    let meaning = word.meaning.replace("{0}", first).replace("{1}", second).replace("{2}", third).replace("{}", value);
    // The value is the only number of bytes in a sentence.
    let meaning = if value == "1" { meaning.replace("1 bytes", "1 byte") } else { meaning };
    format!("{name:<13} {meaning}")
}
