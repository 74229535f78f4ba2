//! What a framing is, in words.

use std::fmt::Write;

use anysplit::number::Number;
use anysplit::stuffing::Stuffing;
use anysplit::{AnyFraming, Body, protocols};

use super::shown::{bytes_of, printed};
use super::text_form::split;
use crate::style::{Palette, Span};
use crate::vocabulary::{Family, meaning};

/// Describes the framing in words, from the parts of its text form.
pub(super) fn describe(framing: &AnyFraming, palette: &Palette, text: &mut String) {
    let Span { open, close } = &palette.header;
    let _ = writeln!(text, "{open}{framing}{close}");
    body(framing, text);
    text.push('\n');
}

/// The kind of framing, and its options.
fn body(framing: &AnyFraming, text: &mut String) {
    let canonical = framing.to_string();
    let mut parts = split(&canonical, ',').into_iter();
    let first = parts.next().unwrap_or_default();
    let (name, argument) = first.split_once(':').unwrap_or((first, ""));
    match inner(framing) {
        Some(inner) if first.starts_with('(') => body(inner, text),
        _ => {
            let _ = writeln!(text, "  {}", kind(innermost(framing), name, argument));
        }
    }
    if matches!(framing, AnyFraming::ByType(_) | AnyFraming::ByFirstByte(_) | AnyFraming::Then(_)) {
        return;
    }
    let family = Family::of(first.split(':').next().unwrap_or_default());
    let first_option = argument.split_once('=').filter(|_| family == Family::Field);
    for (name, value) in first_option.into_iter().chain(parts.map(|part| part.split_once('=').unwrap_or((part, "")))) {
        let _ = writeln!(text, "  {}", meaning(family, name, value));
    }
}

/// The framing inside one that is made of another.
pub(super) fn inner(framing: &AnyFraming) -> Option<&AnyFraming> {
    Some(match framing {
        AnyFraming::Enclosed(enclosed) => enclosed.inner(),
        AnyFraming::Forbid(forbid) => forbid.inner(),
        AnyFraming::Require(require) => require.inner(),
        AnyFraming::Checked(checked) => checked.inner(),
        AnyFraming::Blocks(blocks) => blocks.inner(),
        AnyFraming::After(after) => after.inner(),
        AnyFraming::Masked(masked) => masked.inner(),
        AnyFraming::EscapedFrame(escaped) => escaped.inner(),
        _ => return None,
    })
}

fn innermost(framing: &AnyFraming) -> &AnyFraming {
    inner(framing).map_or(framing, innermost)
}

/// A count of bytes that is given as text.
fn counted(count: &str) -> String {
    count.parse().map_or_else(|_| format!("{count} bytes"), bytes_of)
}

fn kind(framing: &AnyFraming, name: &str, argument: &str) -> String {
    match (framing, name) {
        (AnyFraming::Fixed(_), _) => format!("every message has {}, with nothing around it", counted(argument)),
        (AnyFraming::Protocol(named), _) => {
            let Some(protocol) = protocols::by_name(named.name()) else { return String::new() };
            let (title, specification, proof) = (protocol.title, protocol.specification, protocol.proof);
            format!("{title}\n  {specification}\n  {proof}\n  the same as {}", protocol.any_framing())
        }
        (AnyFraming::UntilClose(_), _) => "one message, which lasts until the end of the stream".to_owned(),
        (AnyFraming::LengthField(_), _) => "the message's own header holds its length".to_owned(),
        (AnyFraming::ByType(by_type), _) => {
            let mut text = "the first byte of a message is its type, and decides what follows:".to_owned();
            for (kind, rest) in by_type.table() {
                let shown = printed(&[*kind]);
                let _ = match rest {
                    Body::Len(len) => write!(text, "\n    {shown:<5} {}", bytes_of(*len)),
                    Body::Framed(framing) => write!(text, "\n    {shown:<5} {framing}"),
                };
            }
            text
        }
        (AnyFraming::ByFirstByte(by_first_byte), _) => {
            let mut text = match by_first_byte.offset() {
                0 => "the first byte of a frame decides what the frame is:".to_owned(),
                offset => format!("the byte at offset {offset} of a frame decides what the frame is:"),
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
            [one] => format!("header fields before the payload; {one} is its length"),
            ref several => {
                format!(
                    "header fields before the payload; {} is its length",
                    several.join(" or ")
                )
            }
        },
        (AnyFraming::LineThenBlock(_), _) => {
            let mut text = "lines, some of which announce a block of bytes:".to_owned();
            for rule in split(argument, '|') {
                let _ = write!(text, "\n    {rule}");
            }
            text
        }
        (AnyFraming::Then(then), _) => {
            let (first, rest) = (then.first(), then.rest());
            format!(
                "one message in the first of these framings, and all later ones in the second:\n    {first}\n    {rest}"
            )
        }
        (AnyFraming::Stuffed(_), "escape") => {
            let (delimiter, escape) = argument.split_once(':').unwrap_or((argument, ""));
            format!("{delimiter} after every message; inside, {delimiter} and {escape} are escaped with {escape}")
        }
        (AnyFraming::Stuffed(_), "hexline") => {
            format!("{argument}, two hexadecimal digits for every byte of the message, CR LF")
        }
        (AnyFraming::UniversalLine(_), _) => "every message ends with CR, LF or CR LF; LF is written".to_owned(),
        (AnyFraming::Slip(_), _) | (AnyFraming::Stuffed(_), "slip") => {
            "c0 before and after every message; inside, db dc stands for c0, db dd for db\n  RFC 1055"
                .to_owned()
        }
        (AnyFraming::Cobs(_), _) | (AnyFraming::Stuffed(_), "cobs") => {
            let sentinel = match framing {
                AnyFraming::Stuffed(stuffed) => stuffed.stuffing().delimiter(),
                _ => 0,
            };
            let then = if sentinel == 0 { String::new() } else { format!(",\n  then each byte is XORed with {sentinel:02x}") };
            format!(
                "{sentinel:02x} after every message; inside, each zero becomes the distance to the next{then}\n  \
                 S. Cheshire and M. Baker, \"Consistent Overhead Byte Stuffing\", 1999"
            )
        }
        (AnyFraming::Doubled(_), _) => {
            let (escape, end) = argument.split_once(':').unwrap_or((argument, ""));
            format!("{escape} {end} after every message; inside, {escape} is written twice")
        }
        (AnyFraming::Dotted(_), _) => {
            "lines, and after them a line of one dot; a line that begins with a dot is sent\n  with another dot before it\n  RFC 5321, section 4.5.2"
                .to_owned()
        }
        (AnyFraming::Mavlink(_), _) => {
            "MAVLink packets, versions 1 and 2; the message's number chooses one more byte\n  that the CRC covers"
                .to_owned()
        }
        (AnyFraming::Midi(_), _) => {
            "MIDI messages; one without a status byte has the status of the one before it".to_owned()
        }
        (AnyFraming::SmpSerial(_), _) => {
            "lines of base64 after 06 09 or 04 14, with a length, the message and a CRC".to_owned()
        }
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
        (AnyFraming::Chunked(_), _) => "a line with a size in hexadecimal digits before every chunk".to_owned(),
        (AnyFraming::Http1(_), _) => {
            "HTTP/1 requests and responses: a header up to an empty line, and the body that\n  it announces. A chunk is a message of its own, and so is a body that the\n  client sends only after an answer. @http1-messages joins them\n  RFC 9112"
                .to_owned()
        }
        (_, "line") => "every message ends with LF; one CR before it is dropped too".to_owned(),
        (AnyFraming::Delimited(_), _) => match split(argument, '|')[..] {
            [one] => format!("every message ends with {one}"),
            ref several => format!("every message ends with {}", several.join(" or ")),
        },
        (_, "netstring") => "decimal digits and a colon before every message, a comma after it".to_owned(),
        (_, "pkt-line") => {
            "every message comes after its length in four hexadecimal digits, which count\n  themselves; 0000 to 0002 are control frames"
                .to_owned()
        }
        (_, "ascii" | "hex") => {
            let radix = if name == "hex" { "hexadecimal" } else { "decimal" };
            match argument {
                "" => format!("every message comes after its length in {radix} digits"),
                width => format!("every message comes after its length in {width} {radix} digits"),
            }
        }
        (_, "bcd") => {
            format!("every message comes after its length in {}, two decimal digits in each", counted(argument))
        }
        (_, "escaped") => {
            format!("every message comes after its length, in the bits {argument} of a byte")
        }
        (_, "varint" | "varint32") => "every message comes after its length, a LEB128 number".to_owned(),
        (_, "quic") => "every message comes after its length, a QUIC number (RFC 9000)".to_owned(),
        (_, "mqtt") => {
            "every message comes after its length, an MQTT number: LEB128 to 4 bytes".to_owned()
        }
        (_, "ber") => "every message comes after its length, as BER writes one (X.690)".to_owned(),
        (AnyFraming::Prefix(prefix), _) => {
            let order = match name.get(name.len().saturating_sub(2)..) {
                Some("le") => ", little-endian",
                Some("be") => " in network order (big-endian)",
                _ => "",
            };
            let width = prefix.number().fixed_len().unwrap_or_default();
            let s = if width == 1 { "" } else { "s" };
            format!("every message comes after its length, {width} byte{s}{order}")
        }
        _ => String::new(),
    }
}
