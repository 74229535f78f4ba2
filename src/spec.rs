//! The text form of a framing: one line for a configuration file or a command line.
//!
//! [`str::parse`] reads an [`AnyFraming`], and [`Display`](core::fmt::Display) writes it. A text that was written is read
//! back as an equal value.
//!
//! ```
//! use anysplit::{AnyFraming, Framing, Prefix};
//!
//! let framing: AnyFraming = "u32be,max=1M".parse()?;
//! assert_eq!(framing, Prefix::u32_be().with_max_payload_len(1 << 20).into());
//! assert_eq!(framing.to_string(), "u32be,max=1048576");
//!
//! let error = "u32be,mx=1M".parse::<AnyFraming>().unwrap_err();
//! assert_eq!(error.column, 7);
//! assert!(error.rendered("u32be,mx=1M").to_string().starts_with("u32be,mx=1M\n      ^ expected an option"));
//! # Ok::<(), anysplit::spec::SpecError>(())
//! ```
//!
//! # Examples
//!
//! | text | framing | `hello` on the wire |
//! | --- | --- | --- |
//! | `fixed:5` | [`Fixed`] | `hello` |
//! | `ascii:5` | [`Prefix`], five decimal digits | `00005hello` |
//! | `hex:4` | [`Prefix`], four hexadecimal digits | `0005hello` |
//! | `u16be` | [`Prefix`], 16 bits in network order | `00 05 hello` |
//! | `u16be,self` | [`Prefix`], 16 bits that count themselves too | `00 07 hello` |
//! | `u16be,mask=0x3fff` | [`Prefix`], the lower 14 of 16 bits | `00 05 hello` |
//! | `bcd:2` | [`Prefix`], two bytes of two decimal digits each | `00 05 hello` |
//! | `varint`, also `leb128` | [`Prefix`], LEB128 | `05 hello` |
//! | `escaped:0x7f,step=126:u16be,step=127:u64be` | [`Prefix`], 7 bits; 126 and 127 announce more | `05 hello` |
//! | `ascii,end=\x20` | [`Prefix`], digits that a space ends (RFC 6587) | `5 hello` |
//! | `netstring` | [`Prefix`] | `5:hello,` |
//! | `pkt-line` | [`Prefix`], git's packets | `0009hello` |
//! | `line,crlf` | [`Delimited`] | `hello\r\n` |
//! | `delim:\n\|\0` | [`Delimited`], ended by one of two; the first is written | `hello\n` |
//! | `delim:\x1c\r,start=\x0b` | [`Enclosed`] | `\x0b hello \x1c\r` |
//! | `type:P=2,Q=u16be` | [`ByType`] | `Q 00 05 hello` |
//! | `type:P=2,Q=(u16be,max=100)` | [`ByType`], whose inner framing has an option | `Q 00 05 hello` |
//! | `first:0-9=(ascii,end=\x20),<=line` | [`ByFirstByte`]: digits are a count, `<` begins a line | `5 hello` |
//! | `first@2:\x01=(fixed:4),\x02-\x09=(fixed:7)` | [`ByFirstByte`]: the third byte chooses | `hello\x03!` |
//! | `field:offset=2,size=2,adjust=-4` | [`LengthField`], a length of the complete packet | `00 01 00 09 hello` |
//! | `header:Content-Length` | [`HeaderBlock`] | `Content-Length: 5\r\n\r\n hello` |
//! | `header:,startline,missing=empty` | [`HeaderBlock`] without a length, whose message is the header | `hello\r\n\r\n` |
//! | `block:VALUE:3` | [`LineThenBlock`], the third field after VALUE | `VALUE k 0 5\r\n hello \r\n` |
//! | `chunked` | [`Chunked`] | `5\r\n hello \r\n` |
//! | `http1` | [`Http1`] | `POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n hello` |
//! | `close` | [`UntilClose`] | `hello` and the end of the stream |
//! | `line,crlf,forbid=\0\r` | [`Forbid`], lines without NUL and CR | `hello\r\n` |
//! | `(u16be),allow=2:a-z` | [`Require`], a payload that begins with a letter | `00 05 hello` |
//! | `(field:offset=1,size=1,after=4),mask=0:0x80` | [`Masked`], a key at the end of the header | `80 05 01 02 04 08 69 67 68 64 6e` |
//! | `anyline` | [`UniversalLine`], ended by CR, LF or CR LF | `hello\n` |
//! | `slip` | [`Stuffed`], SLIP | `c0 hello c0` |
//! | `cobs,max=4k` | [`Stuffed`], COBS, and messages to 4 KiB | `06 hello 00` |
//! | `escape:~:},lead,sum=CRC-16/IBM-SDLC,form=le` | [`Stuffed`], HDLC with its check sequence inside | `7e hello bd 34 7e` |
//! | `hexline::,sum=sum8-twos` | [`Stuffed`], digits on a line, Modbus ASCII | `:68656C6C6FEC\r\n` |
//! | `doubled:\x10:\x03,start=\x10\x02` | [`Doubled`] in an [`Enclosed`], DLE STX to DLE ETX | `10 02 hello 10 03` |
//! | `dots` | [`Dotted`], lines to a line of one dot | `hello\r\n.\r\n` |
//! | `mavlink`, `mavlink:0=50\|1=124` | [`Mavlink`], with the common dialect or a table of extra CRC bytes | a packet |
//! | `midi` | [`Midi`] | a message, such as `90 39 2e` |
//! | `smp` | [`SmpSerial`] | `06 09 AAdoZWxsb8Ni 0a` |
//! | `json` | [`Json`](crate::values::Json) | a text of JSON, such as `"hello"` |
//! | `json-seq` | [`JsonSeq`](crate::values::JsonSeq) | `1e "hello" 0a` |
//! | `cbor`, `msgpack`, `resp`, `asn1` | [`values`](crate::values) of these formats; `asn1` is BER | a value, such as `65 hello` |
//! | `u16be,start=\xaa\x55` | [`Enclosed`], a length after two bytes | `aa 55 00 05 hello` |
//! | `(fixed:5),start=$` | [`Enclosed`], which takes any framing in parentheses | `$hello` |
//! | `(u8),sum=CRC-16/XMODEM` | [`Checked`], a CRC after every frame | `05 hello 80 63` |
//! | `(delim:*,start=$),sum=xor,form=HEX,from=payload,to=trailer,after=\r\n` | [`Checked`], NMEA 0183 | `$hello*62\r\n` |
//! | `(u8),sum=xor,block=2` | [`Blocks`], a sum after every two bytes of payload | `05 he 0d ll 00 o 6f` |
//! | `(u8),escape=~:}` | [`EscapedFrame`], all after `~` escaped | `7e 05 hello` |
//! | `line then u16be` | [`Then`], one line and then lengths | `hello\n`, after it `00 05 hello` |
//! | `@dns` | a protocol's, by name (feature `protocols`) | `00 05 hello` |
//! | `@dns,max=4096` | a protocol's with another limit | `00 05 hello` |
//!
//! Names of messages of several frames, such as `@mysql-messages`, stand for a framing and the rule that joins its frames. They are read
//! as [`AnyMessages`](crate::join::AnyMessages), as every framing is too, with `max` as their one option.
//!
//! Every framing of the crate has a text form. So has each protocol's framing without its name: `anysplit explain @mqtt`
//! shows `field:offset=1,number=mqtt`. A number, a stuffing or a framing of your own has
//! none.
//!
//! # Grammar
//!
//! In EBNF. Options are in any order, each at most once. Exceptions: `require` is allowed twice; `step` four times, by
//! rising value; `must`, `allow`, `same` and `below` six times together.
//!
//! ```text
//! framing   = one { " then " one } ;
//! one       = named | "(" framing ")" ( { "," ( wrapopt | condition ) } | { "," checkopt } ) ;
//! named     = "fixed" ":" size
//!           | "@" name                            { "," limit }  (* a protocol's, with that feature *)
//!           | ( "close" | "anyline" )             { "," limit }
//!           | "slip"                              { "," sumopt }     (* with "empty" too, as every stuffing *)
//!           | "cobs"                              { "," ( "sentinel" "=" size | "reduced" | "lead" | sumopt ) }
//!           | "escape" ":" byte ":" byte          { "," ( "xor" "=" size | "codes" "=" byte byte | "control" "=" size | "also" "=" bytes
//!                                                       | "lead" | sumopt ) }
//!           | "hexline" ":" byte                  { "," sumopt }
//!           | "doubled" ":" byte ":" byte         { "," ( limit | wrapopt ) }
//!           | "mavlink" [ ":" extra { "|" extra } ] { "," limit }
//!           | ( "dots" | "midi" | "smp" )         { "," limit }
//!           | ( "json" | "json-seq" | "cbor" | "msgpack" | "resp" | "asn1" ) { "," limit }
//!           | ( number | "netstring" | "pkt-line" ) { "," ( numopt | prefixopt ) }
//!           | "line"                              { "," ( "crlf" | delimopt ) }
//!           | "delim" ":" bytes { "|" bytes }     { "," ( "write" "=" size | delimopt ) }
//!           | "type" ":" entry                    { "," entry }
//!           | "first" [ "@" size ] ":" choice                  { "," choice }
//!           | "field" ":" fieldopt                { "," fieldopt }
//!           | "header" ":" [ bytes [ "|" bytes ] ] { "," headeropt }
//!           | "block" ":" rule { "|" rule }       { "," blockopt }
//!           | "chunked"                           { "," ( limit | "maxheader" "=" size ) }
//!           | "http1"                             { "," ( limit | "maxheader" "=" size | "answers" "=" ( "HEAD" | "CONNECT" ) ) } ;
//!
//! number    = binary | ( "ascii" | "hex" ) [ ":" size ] | "bcd" ":" size | "varint" | "leb128" | "varint32" | "quic" | "mqtt"
//!           | "ber" | "escaped" ":" size ;
//! binary    = "u8" | "u8le" | ( "u16" | "u24" | "u32" | "u40" | "u48" | "u56" | "u64" ) order ;
//! order     = "be" | "le" | "ne" ;
//! numopt    = "end" "=" bytes | "digits" "=" size | "greatest" "=" size | "mask" "=" size | "longer"
//!           | "step" "=" size ":" binary [ "+" size ] ;
//!
//! limit     = "max" "=" ( size | "none" ) ;
//! start     = "start" "=" bytes ;
//! wrapopt   = start | "between" "=" bytes | "forbid" "=" bytes ;
//! condition = "must" "=" place ":" bytes | "allow" "=" place ":" values { "|" values }
//!           | "same" "=" size ":" size | "below" "=" size ;
//! place     = [ "-" ] size ;
//! values    = byte [ "-" byte ] ;
//! prefixopt = limit | start | "adjust" "=" signed | "self" | "trailer" "=" bytes | "control" "=" size ;
//! delimopt  = limit | wrapopt | "keep" | "unterminated" "=" ( "take" | "fail" ) ;
//! entry     = byte "=" ( size | inner ) ;
//! choice    = byte [ "-" byte ] "=" inner ;
//! inner     = named without options | "(" framing ")" ;
//! fieldopt  = limit | "min" "=" size | "offset" "=" size | "size" "=" size | "order" "=" order | "mask" "=" size
//!           | "number" "=" ( number | "(" number { "," numopt } ")" )
//!           | "header" "=" size | "after" "=" size | "adjust" "=" signed | "unit" "=" size
//!           | "trailer" "=" bytes | "pad" "=" size | "padlen" "=" size
//!           | "second" "=" size ":" binary | "secondunit" "=" size | "secondpad" "=" size | "require" "=" size ":" bytes
//!           | "extra" "=" size ":" size [ ":" size ] ;
//! headeropt = limit | "forbid" "=" bytes | "separator" "=" byte | "startline" | "lf" | "fieldend" "=" byte
//!           | "missing" "=" "empty" | "until" "=" byte | "blanklines" | "blanks" | "case"
//!           | "lengthfirst" | "keep" | "uncounted" "=" size
//!           | "maxheader" "=" size ;
//! rule      = ( word ":" ( "rest" | "last" | size ) | "braces" ) { ":" ( "nocase" | "sp" | "none" "=" word ) } ;
//! blockopt  = limit | "lf" | "notrailer" | "maxline" "=" size ;
//!
//! checkopt  = "sum" "=" sum | "form" "=" ( "be" | "le" | "hex" | "HEX" | "dec" ) | ( "from" | "to" ) "=" edge
//!           | "at" "=" size | ( "before" | "after" ) "=" bytes                     (* "sum" is required *)
//!           | "block" "=" size ;                                                   (* with "sum" and "form" alone *)
//!           (* or, after parentheses, "skip" "=" size, "mask" "=" size ":" size, or "escape" "=" byte ":" byte with "xor", "codes", "control" *)
//! extra     = size "=" size ;
//! sumopt    = limit | "sum" "=" sum | "form" "=" ( "be" | "le" | "hex" | "HEX" | "dec" ) ;
//! sum       = (* a name of the CRC catalogue *) | "xor" | "sum8" [ ones ] | "sum16" [ ones ] | "internet"
//!           | "fletcher16" [ "-mod256" ] | "fletcher32" | "adler32"
//!           | "crc" ":" size ":" size ":" size ":" size [ ":in" ] [ ":out" ] ;
//! ones      = "-ones" | "-twos" ;
//! edge      = size | "payload" | "trailer" | "end" ;
//!
//! size      = digit { digit } [ "k" | "K" | "M" | "G" | "T" ] | "0x" hexdigit { hexdigit } ;
//! signed    = [ "+" | "-" ] size ;
//! bytes     = { byte } ;
//! word      = byte { byte } ;
//! byte      = any character but \ , | ( )          itself, in UTF-8
//!           | "\r" | "\n" | "\t" | "\0" | "\x" hexdigit hexdigit
//!           | "\" followed by one of \ , | ( ) = : ;
//! ```
//!
//! The byte that is a type is a single ASCII character or an escape, and `=` and `:` need one there and in words. Words
//! and the names of header fields are UTF-8. Blanks count: they may be only in bytes and in ` then `. Bytes and words end
//! before ` then `: write its first blank as `\x20` where it belongs to them.
//!
//! `a then b then c` means `a then (b then c)`: one frame of `a`, one of `b`, and then frames of `c`. Framings are nested at
//! most [`MAX_DEPTH`] deep, in parentheses and after ` then `.
//!
//! The suffixes are powers of 1024. Sizes are written without them. The order `ne` is that of the host that reads the text;
//! it is written as the `be` or `le` that it was.
//!
//! # Options
//!
//! | option | of | means |
//! | --- | --- | --- |
//! | `max` | all that have a limit | greatest payload in bytes; `none` is 2^64 − 1 |
//! | `end` | `ascii`, `hex` | the terminator after the digits. Without a width it ends them |
//! | `digits`, `greatest` | `ascii`, `hex` | how many digits at most, the greatest number |
//! | `mask` | `u16be` … | the bits that are the number |
//! | `longer` | `varint` … `ber`, `escaped` | forms that are longer than necessary are read too |
//! | `step` | `escaped` | this value of the bits announces that number; the size after `+` is added to it |
//! | `adjust` | prefix, `field` | is added to the number, as [`with_length_adjustment`] has it; see below for `field` |
//! | `self` | prefix | the number counts its own bytes |
//! | `trailer` | prefix, `field` | bytes after the payload |
//! | `control` | prefix | numbers below this are control frames |
//! | `start` | prefix, `line`, `delim`, parentheses | bytes before every frame |
//! | `between` | with `start` | these bytes are skipped between frames |
//! | `forbid` | `line`, `delim`, parentheses | these bytes are errors in a payload |
//! | `must` | parentheses | these bytes are at this offset of the frame, or with `-` before the payload's end; six conditions at most |
//! | `allow` | parentheses | the byte at this offset has one of these values |
//! | `same` | parentheses | the byte at the first offset equals the one at the second |
//! | `below` | parentheses | the byte at this offset is less than the payload's length |
//! | `crlf` | `line` | is written with CR LF |
//! | `write` | `delim` | which delimiter is written, counted from 1 |
//! | `keep` | `line`, `delim` | the delimiter is part of the payload |
//! | `unterminated` | `line`, `delim` | whether the end of the stream ends a message: `line` takes it, `delim` fails |
//! | `min` | `field` | least payload in bytes |
//! | `offset` | `field` | where the number begins in the packet; default 0 |
//! | `size`, `order` | `field` | its width in bytes, and `be` (the default), `le` or `ne` |
//! | `number` | `field` | any other number |
//! | `header` | `field` | length of the complete header; the number then counts what follows it, unless `adjust` is given |
//! | `after` | `field` | header bytes after the number, which then counts what follows them, unless `adjust` is given |
//! | `unit` | `field` | what the number counts, in bytes |
//! | `pad` | `field` | payloads are padded to a multiple of this |
//! | `padlen` | `field` | offset of the header byte that holds the length of the padding |
//! | `second` | `field` | a second number at this offset, which adds to the payload |
//! | `secondunit` | `field` | what the second number counts, in bytes |
//! | `secondpad` | `field` | the bytes that the second number counts are padded to a multiple of this |
//! | `require` | `field` | these bytes are at this offset |
//! | `extra` | `field` | offset of a byte, those of its bits that announce more header, and their unit; default 1 |
//! | `forbid` | `header` | a field of this name is an error |
//! | `separator` | `header` | stands between name and value, in place of `:` |
//! | `startline` | `header` | the first line is no field |
//! | `lf` | `header`, `block` | lines end with LF, one CR before it or none |
//! | `fieldend` | `header` | this byte ends a field, and the length ends the header |
//! | `missing` | `header` | without a length there is no payload |
//! | `until` | `header` | this byte is after every payload, and ends one without a length |
//! | `blanklines` | `header` | blank lines between messages are control frames |
//! | `blanks` | `header` | blanks may be before the separator |
//! | `case` | `header` | names are case-sensitive |
//! | `lengthfirst` | `header` | the length is the first field |
//! | `keep` | `header` | the header is part of the message, as with `startline`, `fieldend` and `until` |
//! | `uncounted` | `header` | bytes of payload that the length does not count |
//! | `maxheader` | `header`, `chunked`, `http1` | greatest header in bytes |
//! | `answers` | `http1` | `HEAD` or `CONNECT`, if the responses answer that method: they then have no body |
//! | `nocase` | a rule of `block` | the word in upper or lower case |
//! | `sp` | a rule of `block` | fields are split at spaces, and not at tabs |
//! | `none` | a rule of `block` | this in the number's place means that there is no block; twice at most |
//! | `sentinel`, `reduced` | `cobs` | another delimiter than 0; COBS/R |
//! | `lead` | `cobs`, `escape` | a delimiter before every frame too |
//! | `xor`, `codes` | `escape` | an escaped byte is XORed with this, `0x20` if not given; or two bytes that stand for delimiter and escape |
//! | `control` | `escape` | control characters to be escaped, a bit for each |
//! | `also` | `escape` | other bytes that are escaped when written |
//! | `empty` | stuffings | a delimiter alone is an empty frame |
//! | `block` | `(…),sum=` | the sum is after every block of this many payload bytes |
//! | `escape` | `(…)` | a start byte, and the escape byte for all that follows it; with `xor`, `codes` and `control` |
//! | `sum` | parentheses, stuffings | a checksum after every frame, or of the message inside the stuffing; for a CRC of your own its width, polynomial, start and XOR |
//! | `form` | with `sum` | binary in the order `be` (the default) or `le`, or digits: `hex`, `HEX`, `dec` |
//! | `from`, `to` | parentheses with `sum` | the covered bytes: an offset, `payload` (its start), `trailer` (the payload's end), `end` |
//! | `at` | parentheses with `sum` | the sum is at this offset in the header |
//! | `before`, `after` | parentheses with `sum` | fixed bytes around the sum |
//! | `skip` | parentheses | this many bytes of the message, 1 to 15, are before every frame |
//! | `mask` | parentheses | `1:0x80`: if byte 1 of the header has a bit of 0x80, the last four bytes of the header mask the payload |
//! | `notrailer` | `block` | no CR LF after a block |
//! | `maxline` | `block` | greatest line in bytes, its end included |
//!
//! The number of a `field` counts the bytes after the header. With `adjust` it counts the bytes after the number, less the
//! adjustment. For a header of 12 bytes whose third and fourth are the number, and the payload `hello`:
//!
//! | text | the number counts | its value |
//! | --- | --- | --- |
//! | `field:offset=2,size=2,after=8` | what follows the header | 5 |
//! | `field:offset=2,size=2,after=8,adjust=0` | what follows the number | 13 |
//! | `field:offset=2,size=2,after=8,adjust=-4` | the complete packet | 17 |
//!
//! A rule of `block` has the word that a line begins with, and the place of the number of bytes after it: `rest`, all of the
//! line; `last`, the last field; or the field of that number, from 1. `braces` is every line that ends with a number in
//! braces; without a plus after the number, the block is a frame of its own.
//!
//! `pkt-line` is `hex:4,self,control=3,max=65516`, and `netstring` is `ascii,end=:,trailer=\,`; options that you give replace
//! these.
//!
//! [`with_length_adjustment`]: crate::Prefix::with_length_adjustment
//! [`Fixed`]: crate::Fixed
//! [`Prefix`]: crate::Prefix
//! [`Delimited`]: crate::Delimited
//! [`ByType`]: crate::ByType
//! [`LengthField`]: crate::LengthField
//! [`UntilClose`]: crate::UntilClose
//! [`Enclosed`]: crate::Enclosed
//! [`Checked`]: crate::Checked
//! [`Stuffed`]: crate::Stuffed
//! [`Blocks`]: crate::Blocks
//! [`EscapedFrame`]: crate::EscapedFrame
//! [`Doubled`]: crate::Doubled
//! [`Dotted`]: crate::Dotted
//! [`Mavlink`]: crate::Mavlink
//! [`Midi`]: crate::Midi
//! [`SmpSerial`]: crate::SmpSerial
//! [`Then`]: crate::Then
//! [`ByFirstByte`]: crate::ByFirstByte
//! [`HeaderBlock`]: crate::HeaderBlock
//! [`LineThenBlock`]: crate::LineThenBlock
//! [`Chunked`]: crate::Chunked
//! [`Http1`]: crate::Http1
//! [`Forbid`]: crate::Forbid
//! [`Masked`]: crate::Masked
//! [`Require`]: crate::Require
//! [`UniversalLine`]: crate::UniversalLine

use core::str::FromStr;

use crate::framing::any::AnyFraming;

mod error;
mod lex;
mod messages;
mod parse;
mod print;

pub use error::{MAX_DEPTH, SpecError, SpecErrorKind};

impl FromStr for AnyFraming {
    type Err = SpecError;

    /// Reads the text form: see [`spec`](crate::spec).
    ///
    /// Cost: proportional to the text, and the sorting of a list of delimiters.
    fn from_str(text: &str) -> Result<Self, SpecError> {
        parse::whole(text)
    }
}
