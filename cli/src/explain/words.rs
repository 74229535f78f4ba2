//! What a framing is, in words.

use std::fmt::Write;

use anysplit::number::Number;
use anysplit::{AnyFraming, Body, protocols};

use super::shown::printed;
use super::text_form::split;
use crate::style::{Palette, Span};

/// Describes the framing in words, from the parts of its text form.
pub(super) fn describe(framing: &AnyFraming, palette: &Palette, text: &mut String) {
    let Span { open, close } = &palette.header;
    let _ = writeln!(text, "{open}{framing}{close}");
    body(framing, text);
    text.push('\n');
}

/// The kind of framing, and its options.
fn body(framing: &AnyFraming, text: &mut String) {
    if let AnyFraming::Enclosed(enclosed) = framing {
        body(enclosed.inner(), text);
        let _ = writeln!(text, "  {}", option("start", &printed(enclosed.start().as_slice()), false));
        return;
    }
    let canonical = framing.to_string();
    let mut parts = split(&canonical, ',').into_iter();
    let first = parts.next().unwrap_or_default();
    let (name, argument) = first.split_once(':').unwrap_or((first, ""));
    let _ = writeln!(text, "  {}", kind(framing, name, argument));
    let first_option = argument.split_once('=').filter(|_| matches!(framing, AnyFraming::LengthField(_)));
    let options = parts.map(|part| part.split_once('=').unwrap_or((part, "")));
    if matches!(framing, AnyFraming::ByType(_) | AnyFraming::ByFirstByte(_) | AnyFraming::Then(_)) {
        return;
    }
    for (name, value) in first_option.into_iter().chain(options) {
        let _ = writeln!(text, "  {}", option(name, value, matches!(framing, AnyFraming::HeaderBlock(_))));
    }
}

fn kind(framing: &AnyFraming, name: &str, argument: &str) -> String {
    match (framing, name) {
        (AnyFraming::Fixed(_), _) => format!("every message has {argument} bytes, with nothing around them"),
        (AnyFraming::Protocol(named), _) => {
            let Some(protocol) = protocols::by_name(named.name()) else { return String::new() };
            let (title, specification, proof) = (protocol.title, protocol.specification, protocol.proof);
            format!("{title}\n  {specification}\n  {proof}\n  the same as {}", protocol.any_framing())
        }
        (AnyFraming::Masked(masked), _) => format!("frames of {}, some with masked payloads", masked.inner()),
        (AnyFraming::UntilClose(_), _) => "one message, which lasts until the end of the stream".to_owned(),
        (AnyFraming::LengthField(_), _) => "the message's own header holds its length".to_owned(),
        (AnyFraming::ByType(by_type), _) => {
            let mut text = "the first byte of a message is its type, and tells what follows:".to_owned();
            for (kind, rest) in by_type.table() {
                let shown = printed(&[*kind]);
                let _ = match rest {
                    Body::Len(len) => write!(text, "\n    {shown:<5} {len} bytes"),
                    Body::Framed(framing) => write!(text, "\n    {shown:<5} {framing}"),
                };
            }
            text
        }
        (AnyFraming::ByFirstByte(by_first_byte), _) => {
            let mut text = match by_first_byte.offset() {
                0 => "the first byte of a frame tells what it is the beginning of:".to_owned(),
                offset => format!("the byte at offset {offset} of a frame tells what the frame is:"),
            };
            for (range, framing) in by_first_byte.table() {
                let shown = match (range.start(), range.end()) {
                    (start, end) if start == end => printed(&[start]),
                    (start, end) => format!("{} to {}", printed(&[start]), printed(&[end])),
                };
                let _ = write!(text, "\n    {shown:<12} {framing}");
            }
            text
        }
        (AnyFraming::HeaderBlock(_), _) => match split(argument, '|')[..] {
            [""] => "a start line and header fields, up to an empty line, with nothing after them".to_owned(),
            [one] => format!("header fields ahead of the payload, of which {one} says how many bytes it has"),
            ref several => {
                format!(
                    "header fields ahead of the payload, of which {} says how many bytes it has",
                    several.join(" or ")
                )
            }
        },
        (AnyFraming::LineThenBlock(_), _) => {
            let mut text = "lines, of which some announce a block of bytes:".to_owned();
            for rule in split(argument, '|') {
                let _ = write!(text, "\n    {rule}");
            }
            text
        }
        (AnyFraming::Then(then), _) => {
            let (first, rest) = (then.first(), then.rest());
            format!(
                "one message in the first of these framings, and all after it in the second:\n    {first}\n    {rest}"
            )
        }
        (AnyFraming::Slip(_), _) => "c0 ahead of every message and after it; inside, c0 is written db dc, and db is \
                                     written db dd\n  RFC 1055"
            .to_owned(),
        (AnyFraming::Cobs(_), _) => {
            "00 after every message; inside, each zero is replaced by how far it is to the next\n  \
                                     S. Cheshire and M. Baker, \"Consistent Overhead Byte Stuffing\", 1999"
                .to_owned()
        }
        (AnyFraming::Doubled(_), _) => {
            let (escape, end) = argument.split_once(':').unwrap_or((argument, ""));
            format!("{escape} {end} after every message; inside, {escape} is written twice")
        }
        (AnyFraming::Dotted(_), _) => {
            "lines, and after them a line of one dot; a line that begins with a dot is sent with \
                                       another before it\n  RFC 5321, section 4.5.2"
                .to_owned()
        }
        (AnyFraming::Mavlink(_), _) => {
            "MAVLink packets, versions 1 and 2; the CRC covers all but the start byte, and a byte \
                                        that the message's number chooses"
                .to_owned()
        }
        (AnyFraming::Midi(_), _) => {
            "MIDI messages; one that begins below 80 has the status of the one before it".to_owned()
        }
        (AnyFraming::SmpSerial(_), _) => {
            "lines of base64 after 06 09 or 04 14, which hold a length, the message and a CRC".to_owned()
        }
        (AnyFraming::EscapedFrame(escaped), _) => format!(
            "{} before every frame of {}, which is escaped",
            printed(&[escaped.escaping().start()]),
            escaped.inner()
        ),
        (AnyFraming::Values(_), "json") => {
            "JSON texts one after the other, with white space between them or nothing\n  RFC 8259".to_owned()
        }
        (AnyFraming::Values(_), "json-seq") => {
            "JSON texts, each after a record separator (1e) and with a line feed after it\n  RFC 7464".to_owned()
        }
        (AnyFraming::Values(_), "cbor") => "CBOR data items one after the other\n  RFC 8949, RFC 8742".to_owned(),
        (AnyFraming::Values(_), "msgpack") => {
            "MessagePack values one after the other\n  spec.md of github.com/msgpack/msgpack".to_owned()
        }
        (AnyFraming::Values(_), "resp") => {
            "values of the Redis protocol, RESP 2 and 3, one after the other\n  github.com/redis/redis-specifications"
                .to_owned()
        }
        (AnyFraming::Values(_), _) => {
            "ASN.1 values in the Basic Encoding Rules, one after the other\n  ITU-T X.690".to_owned()
        }
        (AnyFraming::Chunked(_), _) => "a line with a size in hexadecimal digits ahead of every chunk".to_owned(),
        (_, "line") => "every message ends with LF; one CR before it is dropped too".to_owned(),
        (AnyFraming::Delimited(_), _) => match split(argument, '|')[..] {
            [one] => format!("every message ends with {one}"),
            ref several => format!("every message ends with {}", several.join(" or ")),
        },
        (_, "netstring") => "decimal digits and a colon ahead of every message, a comma after it".to_owned(),
        (_, "pkt-line") => {
            "four hexadecimal digits ahead of every message, which count themselves; 0000 to 0002 are control frames"
                .to_owned()
        }
        (_, "ascii" | "hex") => {
            let radix = if name == "hex" { "hexadecimal" } else { "decimal" };
            match argument {
                "" => format!("{radix} digits ahead of every message say how many bytes it has"),
                width => format!("{width} {radix} digits ahead of every message say how many bytes it has"),
            }
        }
        (_, "bcd") => {
            format!("{argument} bytes of two decimal digits each ahead of every message say how many bytes it has")
        }
        (_, "escaped") => {
            format!("the bits {argument} of the byte ahead of every message say how many bytes it has")
        }
        (_, "varint" | "varint32") => "a LEB128 number ahead of every message says how many bytes it has".to_owned(),
        (_, "quic") => "a QUIC number (RFC 9000) ahead of every message says how many bytes it has".to_owned(),
        (_, "mqtt") => {
            "an MQTT number, LEB128 to 4 bytes, ahead of every message says how many bytes it has".to_owned()
        }
        (_, "ber") => "a BER length (X.690) ahead of every message says how many bytes it has".to_owned(),
        (AnyFraming::Prefix(prefix), _) => {
            let order = match name.get(name.len().saturating_sub(2)..) {
                Some("le") => ", little-endian,",
                Some("be") => " in network order (big-endian)",
                _ => "",
            };
            let width = prefix.number().fixed_len().unwrap_or_default();
            let s = if width == 1 { "" } else { "s" };
            format!("a number of {width} byte{s}{order} ahead of every message says how many bytes it has")
        }
        _ => String::new(),
    }
}

fn option(name: &str, value: &str, header: bool) -> String {
    match name {
        "max" => format!("{name:<13} payloads of at most {value} bytes"),
        "adjust" => format!("{name:<13} {value} is added to the number"),
        "self" => format!("{name:<13} the number counts its own bytes too"),
        "trailer" => format!("{name:<13} {value} after every payload, not counted"),
        "control" => format!("{name:<13} numbers below {value} stand for control frames"),
        "end" => format!("{name:<13} {value} stands after the digits"),
        "digits" => format!("{name:<13} at most {value} digits"),
        "greatest" => format!("{name:<13} numbers to {value}"),
        "mask" if value.contains(':') => {
            let (at, bits) = value.split_once(':').unwrap_or((value, ""));
            format!(
                "{name:<13} the bits {bits} of byte {at} mean that the header ends with a key that masks the payload"
            )
        }
        "mask" => format!("{name:<13} the number is in the bits {value}, the other bits are passed over"),
        "longer" => format!("{name:<13} numbers in more bytes than they need are read too"),
        "crlf" => format!("{name:<13} written with CR LF"),
        "write" => format!("{name:<13} delimiter {value} is written"),
        "keep" if header => format!("{name:<13} the header is part of the message"),
        "keep" => format!("{name:<13} the delimiter is part of the payload"),
        "unterminated" if value == "take" => format!("{name:<13} the end of the stream ends a message too"),
        "unterminated" => format!("{name:<13} the end of the stream does not end a message"),
        "start" => format!("{name:<13} {value} stands ahead of every message"),
        "step" => {
            let (bits, number) = value.split_once(':').unwrap_or((value, ""));
            match number.split_once('+') {
                Some((number, base)) => {
                    format!("{name:<13} {bits} in the bits stands for {base} and the {number} after it")
                }
                None => format!("{name:<13} {bits} in the bits stands for the {number} after it"),
            }
        }
        "extra" => {
            let mut parts = value.split(':');
            let (at, mask) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            let unit = parts.next().unwrap_or("1");
            format!("{name:<13} the bits {mask} of byte {at} count more header, in units of {unit}")
        }
        "block" => format!("{name:<13} a sum after every {value} bytes of payload"),
        "escape" => format!("{name:<13} {value} are the start byte and the escape byte"),
        "forbid" => format!("{name:<13} a field {value} is a fault"),
        "separator" => format!("{name:<13} {value} stands between name and value"),
        "startline" => format!("{name:<13} the first line is no field; the header is part of the message"),
        "lf" => format!("{name:<13} lines end with LF, one CR before it or none"),
        "fieldend" => {
            format!("{name:<13} {value} ends a field, and the length is the last; the header is part of the message")
        }
        "missing" => format!("{name:<13} without a length there is no payload"),
        "until" => format!("{name:<13} {value} stands after every payload; the header is part of the message"),
        "blanklines" => format!("{name:<13} blank lines between messages are control frames"),
        "uncounted" => format!("{name:<13} {value} bytes of payload are not counted"),
        "maxheader" => format!("{name:<13} headers of at most {value} bytes"),
        "maxline" => format!("{name:<13} lines of at most {value} bytes, their ends included"),
        "notrailer" => format!("{name:<13} nothing stands after a block"),
        "offset" => format!("{name:<13} the number begins at byte {value} of the message"),
        "size" => format!("{name:<13} it has {value} bytes"),
        "order" => format!("{name:<13} the least significant byte comes first"),
        "number" => format!("{name:<13} it is written as {value}"),
        "after" => format!("{name:<13} {value} bytes of header stand after it"),
        "unit" => format!("{name:<13} it counts units of {value} bytes"),
        "pad" => format!("{name:<13} payloads are padded to a multiple of {value} bytes"),
        "padlen" => format!("{name:<13} byte {value} says how many bytes of padding stand after the payload"),
        "second" => {
            let (at, number) = value.split_once(':').unwrap_or((value, ""));
            format!("{name:<13} a second number, {number} at byte {at}, is added to it")
        }
        "secondunit" => format!("{name:<13} the second number counts units of {value} bytes"),
        "secondpad" => format!("{name:<13} the bytes of the second number are padded to a multiple of {value}"),
        "require" => {
            let (at, bytes) = value.split_once(':').unwrap_or((value, ""));
            format!("{name:<13} the header has {bytes} at byte {at}")
        }
        other => other.to_owned(),
    }
}
