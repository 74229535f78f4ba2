//! The text form of a framing: one line for a configuration file or a command line.
//!
//! [`AnyFraming`] is read with [`str::parse`] and written with [`Display`](fmt::Display). What is written is read back
//! as an equal value.
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
//! # Ok::<(), anysplit::SpecError>(())
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
//! | `u16be,self` | the same, and the length counts itself | `00 07 hello` |
//! | `u16be,mask=0x3fff` | [`Prefix`], the lower 14 of 16 bits | `00 05 hello` |
//! | `bcd:2` | [`Prefix`], two bytes of two decimal digits each | `00 05 hello` |
//! | `varint` | [`Prefix`], LEB128 | `05 hello` |
//! | `escaped:0x7f,step=126:u16be,step=127:u64be` | [`Prefix`], 7 bits of which 126 and 127 announce more | `05 hello` |
//! | `ascii,end=\x20` | [`Prefix`], digits that a space ends (RFC 6587) | `5 hello` |
//! | `netstring` | [`Prefix`] | `5:hello,` |
//! | `pkt-line` | [`Prefix`], git's packets | `0009hello` |
//! | `line,crlf` | [`Delimited`] | `hello\r\n` |
//! | `delim:\n\|\0` | [`Delimited`], one of two ends it, the first is written | `hello\n` |
//! | `delim:\x1c\r,start=\x0b` | [`Enclosed`] | `\x0b hello \x1c\r` |
//! | `type:P=2,Q=u16be` | [`ByType`] | `Q 00 05 hello` |
//! | `type:P=2,Q=(u16be,max=100)` | the same, and the inner framing has an option | `Q 00 05 hello` |
//! | `first:0-9=(ascii,end=\x20),<=line` | [`ByFirstByte`]: digits are a count, `<` begins a line | `5 hello` |
//! | `field:offset=2,size=2,adjust=-4` | [`LengthField`], a length of the whole packet | `00 01 00 09 hello` |
//! | `header:Content-Length` | [`HeaderBlock`] | `Content-Length: 5\r\n\r\n hello` |
//! | `block:VALUE:3` | [`LineThenBlock`], the third field after VALUE | `VALUE k 0 5\r\n hello \r\n` |
//! | `chunked` | [`Chunked`] | `5\r\n hello \r\n` |
//! | `close` | [`UntilClose`] | `hello` and the end of the stream |
//! | `@dns` | a protocol's, by name (feature `protocols`) | `00 05 hello` |
//! | `@dns,max=4096` | the same with another limit | `00 05 hello` |
//!
//! Every framing of the crate can be said, and so can each of the protocols' without its name: `anysplit explain @mqtt`
//! shows `field:offset=1,number=mqtt`. A number made of closures ([`from_fn`]) and a framing of one's own cannot.
//! SLIP and COBS are no framings; the command-line tool has the names `slip` and `cobs` for them, with the option `max`.
//!
//! # Grammar
//!
//! In EBNF. Options stand in any order, each at most once, but for `require`, which may stand twice, and `step`, which may
//! stand four times, by rising value.
//!
//! ```text
//! framing   = "fixed" ":" size
//!           | "@" name                            { "," limit }  (* a protocol's, with that feature *)
//!           | "close"                             { "," limit }
//!           | ( number | "netstring" | "pkt-line" ) { "," ( numopt | prefixopt ) }
//!           | "line"                              { "," ( "crlf" | delimopt ) }
//!           | "delim" ":" bytes { "|" bytes }     { "," ( "write" "=" size | delimopt ) }
//!           | "type" ":" entry                    { "," entry }
//!           | "first" ":" choice                  { "," choice }
//!           | "field" ":" fieldopt                { "," fieldopt }
//!           | "header" ":" bytes [ "|" bytes ]    { "," headeropt }
//!           | "block" ":" rule { "|" rule }       { "," blockopt }
//!           | "chunked"                           { "," ( limit | "maxheader" "=" size ) } ;
//!
//! number    = binary | ( "ascii" | "hex" ) [ ":" size ] | "bcd" ":" size | "varint" | "varint32" | "quic" | "mqtt"
//!           | "ber" | "escaped" ":" size ;
//! binary    = "u8" | "u8le" | ( "u16" | "u24" | "u32" | "u40" | "u48" | "u56" | "u64" ) order ;
//! order     = "be" | "le" | "ne" ;
//! numopt    = "end" "=" bytes | "digits" "=" size | "greatest" "=" size | "mask" "=" size | "longer"
//!           | "step" "=" size ":" binary [ "+" size ] ;
//!
//! limit     = "max" "=" ( size | "none" ) ;
//! prefixopt = limit | "adjust" "=" signed | "self" | "trailer" "=" bytes | "control" "=" size ;
//! delimopt  = limit | "start" "=" bytes | "keep" | "unterminated" "=" ( "take" | "fail" ) ;
//! entry     = byte "=" ( size | inner ) ;
//! choice    = byte [ "-" byte ] "=" inner ;
//! inner     = framing without options | "(" framing ")" ;
//! fieldopt  = limit | "offset" "=" size | "size" "=" size | "order" "=" order | "mask" "=" size
//!           | "number" "=" ( number | "(" number { "," numopt } ")" )
//!           | "header" "=" size | "after" "=" size | "adjust" "=" signed | "unit" "=" size
//!           | "trailer" "=" bytes | "pad" "=" size | "padlen" "=" size
//!           | "second" "=" size ":" binary | "require" "=" size ":" bytes
//!           | "extra" "=" size ":" size [ ":" size ] ;
//! headeropt = limit | "forbid" "=" bytes | "separator" "=" byte | "startline" | "lf" | "fieldend" "=" byte
//!           | "missing" "=" "empty" | "until" "=" byte | "blanklines" | "keep" | "uncounted" "=" size
//!           | "maxheader" "=" size ;
//! rule      = ( word ":" ( "rest" | "last" | size ) | "braces" ) { ":" ( "nocase" | "none" "=" word ) } ;
//! blockopt  = limit | "lf" | "notrailer" | "maxline" "=" size ;
//!
//! size      = digit { digit } [ "k" | "K" | "M" | "G" | "T" ] | "0x" hexdigit { hexdigit } ;
//! signed    = [ "+" | "-" ] size ;
//! bytes     = { byte } ;
//! word      = byte { byte } ;
//! byte      = any character but \ , | ( )          as it is in UTF-8
//!           | "\r" | "\n" | "\t" | "\0" | "\x" hexdigit hexdigit
//!           | "\" followed by one of \ , | ( ) = : ;
//! ```
//!
//! The byte that is a type is a single ASCII character or an escape, and `=` and `:` need one there and in words. Words
//! and the names of header fields are UTF-8. Blanks count: there are none but those in bytes. Framings in parentheses go [`MAX_DEPTH`] deep at most.
//!
//! The suffixes are powers of 1024. Sizes are written without them. The order `ne`, that of the host which reads the
//! text, is written as the `be` or `le` that it was.
//!
//! # Options
//!
//! | option | of | means |
//! | --- | --- | --- |
//! | `max` | all that have a limit | greatest payload in bytes; `none` is 2^64 − 1 |
//! | `end` | `ascii`, `hex` | the mark after the digits. Without a width it ends them |
//! | `digits`, `greatest` | `ascii`, `hex` | how many digits at most, the greatest number |
//! | `mask` | `u16be` … | the bits that are the number |
//! | `longer` | `varint` … `ber`, `escaped` | needlessly long forms are read too |
//! | `step` | `escaped` | this value of the bits announces that number, to which what stands after `+` is added |
//! | `adjust` | prefix, `field` | is added to the number, as [`with_length_adjustment`] has it |
//! | `self` | prefix | the number counts its own bytes |
//! | `trailer` | prefix, `field` | bytes after the payload |
//! | `control` | prefix | numbers below this are control frames |
//! | `start` | `line`, `delim` | a mark ahead of every message |
//! | `crlf` | `line` | is written with CR LF |
//! | `write` | `delim` | which delimiter is written, counted from 1 |
//! | `keep` | `line`, `delim` | the delimiter is part of the payload |
//! | `unterminated` | `line`, `delim` | whether the end of the stream ends a message: `line` takes it, `delim` fails |
//! | `offset` | `field` | where the number begins in the packet; 0 if not said |
//! | `size`, `order` | `field` | its width in bytes, and `be` (if not said), `le` or `ne` |
//! | `number` | `field` | any other number |
//! | `header` | `field` | length of the whole header; the number then counts what follows it |
//! | `after` | `field` | header bytes after the number, which then counts what follows them |
//! | `unit` | `field` | what the number counts, in bytes |
//! | `pad` | `field` | payloads are padded to a multiple of this |
//! | `padlen` | `field` | offset of the header byte that says how much padding there is |
//! | `second` | `field` | a second number at this offset, which adds to the payload |
//! | `require` | `field` | these bytes stand at this offset |
//! | `extra` | `field` | offset of a byte, the bits of it that announce more header, and in what unit; 1 if not said |
//! | `forbid` | `header` | a field of this name is a fault |
//! | `separator` | `header` | stands between name and value, in place of `:` |
//! | `startline` | `header` | the first line is no field |
//! | `lf` | `header`, `block` | lines end with LF, one CR before it or none |
//! | `fieldend` | `header` | this byte ends a field, and the length ends the header |
//! | `missing` | `header` | without a length there is no payload |
//! | `until` | `header` | this byte stands after every payload, and ends one without a length |
//! | `blanklines` | `header` | blank lines between messages are control frames |
//! | `keep` | `header` | the header is part of the message, as it is with `startline`, `fieldend` and `until` |
//! | `uncounted` | `header` | bytes of payload that the length does not count |
//! | `maxheader` | `header`, `chunked` | greatest header in bytes |
//! | `nocase` | a rule of `block` | the word in upper or lower case |
//! | `none` | a rule of `block` | this in the number's place says that there is no block; twice at most |
//! | `notrailer` | `block` | no CR LF after a block |
//! | `maxline` | `block` | greatest line in bytes, its end included |
//!
//! A rule of `block` has the word that a line begins with, and where after it the number of bytes stands: `rest`, all of
//! the line; `last`, the last field; or the field of that number, from 1. `braces` is every line that ends with a number
//! in braces.
//!
//! `pkt-line` is `hex:4,self,control=4,max=65516`, and `netstring` is `ascii,end=:,trailer=\,`; the options given replace
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
//! [`ByFirstByte`]: crate::ByFirstByte
//! [`HeaderBlock`]: crate::HeaderBlock
//! [`LineThenBlock`]: crate::LineThenBlock
//! [`Chunked`]: crate::Chunked
//! [`from_fn`]: crate::number::from_fn

use core::fmt;
use core::str::FromStr;

use crate::error::ConfigError;
use crate::framing::any::AnyFraming;

mod lex;
mod parse;
mod print;

/// How deep framings may stand in parentheses inside one another.
pub const MAX_DEPTH: usize = 16;

impl FromStr for AnyFraming {
    type Err = SpecError;

    /// Reads the text form: see [`spec`](crate::spec).
    ///
    /// Cost: proportional to the text, but for [`Delimited::any_of`](crate::Delimited::any_of).
    fn from_str(text: &str) -> Result<Self, SpecError> {
        parse::whole(text)
    }
}

/// What is wrong with the text form of a framing, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SpecError {
    /// In characters, counted from 1. One after the last where the text ends too early.
    pub column: usize,
    /// What is wrong.
    pub kind: SpecErrorKind,
}

/// What is wrong with the text form of a framing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SpecErrorKind {
    /// Something else was expected.
    Expected(&'static str),
    /// The text can be read, but what it says cannot be built.
    Config(ConfigError),
    /// An option stands twice.
    Repeated,
    /// Parentheses go deeper than this.
    TooDeep {
        /// The greatest depth.
        max: usize,
    },
}

impl SpecError {
    /// `text`, which must be what was parsed, and below it a line with a caret at the column and what is wrong.
    ///
    /// ```
    /// let text = "fixed:0";
    /// let error = text.parse::<anysplit::AnyFraming>().unwrap_err();
    /// assert_eq!(error.rendered(text).to_string(), "fixed:0\n      ^ a fixed length of 0 bytes never ends");
    /// ```
    ///
    /// Control characters are shown as `·`, so that the column is right.
    pub fn rendered<'a>(&'a self, text: &'a str) -> impl fmt::Display + 'a {
        Rendered { error: self, text }
    }
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: {}", self.column, self.kind)
    }
}

impl fmt::Display for SpecErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expected(what) => write!(f, "expected {what}"),
            Self::Config(error) => error.fmt(f),
            Self::Repeated => f.write_str("the same option again"),
            Self::TooDeep { max } => write!(f, "parentheses go deeper than {max}"),
        }
    }
}

impl core::error::Error for SpecError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.kind {
            SpecErrorKind::Config(error) => Some(error),
            _ => None,
        }
    }
}

struct Rendered<'a> {
    error: &'a SpecError,
    text: &'a str,
}

impl fmt::Display for Rendered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.text.chars() {
            write!(f, "{}", if character.is_control() { '·' } else { character })?;
        }
        let before = self.error.column.saturating_sub(1);
        f.write_str("\n")?;
        for _ in 0..before {
            f.write_str(" ")?;
        }
        write!(f, "^ {}", self.error.kind)
    }
}
