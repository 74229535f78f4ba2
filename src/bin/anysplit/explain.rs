//! `anysplit explain`.

use std::fmt::Write;

use anysplit::number::{Decoded, Number};
use anysplit::{AnyFraming, Body, EncodeError, Framing, Progress};

use crate::escape;
use crate::failure::Failure;
use crate::output::Output;
use crate::stuffed::{Kind, Spec, Stuffed};
use crate::style::{Palette, Span, When};

/// Draw what a SPEC means: the bytes of a sample message, what is what, and the limits
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The framing to explain, such as `u16be,self`: see `anysplit --help`
    spec: String,
    /// The message that is drawn, in place of `hello`; escapes such as `\n` and `\x00` can be used
    #[arg(long, value_name = "TEXT", value_parser = escape::read)]
    sample: Option<Bytes>,
}

/// Spelt out, as a plain `Vec` would be an option that can stand several times.
type Bytes = std::vec::Vec<u8>;

const EXAMPLES: &str = "\
Examples:
  anysplit explain u32be
  anysplit explain 'delim:\\r\\n|\\n'
  anysplit explain field:offset=2,size=2,adjust=-4
  anysplit explain --sample 'hello world' pkt-line";

pub(crate) fn run(arguments: &Arguments, color: When) -> Result<(), Failure> {
    let palette = Palette::stdout(color);
    let mut text = String::new();
    let framing = match Spec::read(&arguments.spec)? {
        Spec::Framing(framing) => framing,
        Spec::Stuffed(stuffed) => {
            stuffing(stuffed, arguments.sample.as_deref().unwrap_or(b"a\xc0\0b"), &palette, &mut text);
            let mut out = Output::new();
            out.write(text.as_bytes())?;
            return Ok(out.flush()?);
        }
    };
    describe(&framing, &palette, &mut text);
    let sample = arguments.sample.clone().unwrap_or_else(|| fitting(&framing));
    for (framing, message) in samples(&framing, &sample) {
        draw(&framing, &message, &palette, &mut text);
    }
    facts(&framing, &sample, &palette, &mut text);
    let mut out = Output::new();
    out.write(text.as_bytes())?;
    Ok(out.flush()?)
}

/// SLIP and COBS: the sample above its wire.
fn stuffing(stuffed: Stuffed, sample: &[u8], palette: &Palette, text: &mut String) {
    let Span { open, close } = &palette.header;
    let (what, specification, overhead) = match stuffed.kind {
        Kind::Slip => (
            "c0 ahead of every message and after it; inside, c0 is written db dc, and db is written db dd",
            "RFC 1055",
            "2 bytes a message, and one for each c0 and db in it",
        ),
        Kind::Cobs => (
            "00 after every message; inside, each zero is replaced by how far it is to the next",
            "S. Cheshire and M. Baker, \"Consistent Overhead Byte Stuffing\", 1999",
            "2 bytes a message, and one for every 254 in a row without a zero",
        ),
    };
    let _ = writeln!(text, "{open}{}{close}\n  {what}\n  {specification}\n", stuffed.name());
    let digits = |bytes: &[u8]| bytes.iter().fold(String::new(), |line, byte| format!("{line} {byte:02x}"));
    let mut wire = Vec::new();
    match stuffed.encode(sample, &mut wire) {
        Err(refusal) => {
            let _ = writeln!(text, "  the sample is refused: {refusal}\n");
        }
        Ok(_) => {
            let Palette { payload: Span { open, close }, .. } = palette;
            let _ = writeln!(text, "  payload {open}{}{close}\n  wire    {}\n", digits(sample), digits(&wire));
        }
    }
    let Span { open, close } = &palette.faint;
    let limit = match stuffed.max {
        u64::MAX => "none".to_owned(),
        max => format!("payloads of {}{}", bytes_of(max), rounded(max)),
    };
    let empty = if stuffed.encode(b"", &mut Vec::new()).is_ok() { "can" } else { "cannot" };
    let _ = writeln!(text, "  {open}told by   {close}a delimiter that no message can hold");
    let _ = writeln!(text, "  {open}limit     {close}{limit}\n  {open}overhead  {close}{overhead}");
    let _ = writeln!(text, "  {open}empty     {close}messages {empty} be sent");
}

/// What the framing is, in words: its text form is taken apart.
fn describe(framing: &AnyFraming, palette: &Palette, text: &mut String) {
    let Span { open, close } = &palette.header;
    let _ = writeln!(text, "{open}{framing}{close}");
    let canonical = framing.to_string();
    let mut parts = split(&canonical, ',').into_iter();
    let first = parts.next().unwrap_or_default();
    let (name, argument) = first.split_once(':').unwrap_or((first, ""));
    let _ = writeln!(text, "  {}", kind(framing, name, argument));
    let first_option = argument.split_once('=').filter(|_| matches!(framing, AnyFraming::LengthField(_)));
    let options = parts.map(|part| part.split_once('=').unwrap_or((part, "")));
    if matches!(framing, AnyFraming::ByType(_) | AnyFraming::ByFirstByte(_)) {
        return text.push('\n');
    }
    for (name, value) in first_option.into_iter().chain(options) {
        let _ = writeln!(text, "  {}", option(name, value, matches!(framing, AnyFraming::HeaderBlock(_))));
    }
    text.push('\n');
}

/// The parts between separators, but for those after a backslash or in parentheses.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut escaped) = (Vec::new(), 0, 0_u32, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            c if c == separator && depth == 0 => {
                parts.push(text.get(start..at).unwrap_or_default());
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

fn kind(framing: &AnyFraming, name: &str, argument: &str) -> String {
    match (framing, name) {
        (AnyFraming::Fixed(_), _) => format!("every message has {argument} bytes, with nothing around them"),
        (AnyFraming::Protocol(named), _) => {
            let protocol = named.protocol();
            let (title, specification, proof) = (protocol.title, protocol.specification, protocol.proof);
            format!("{title}\n  {specification}\n  {proof}\n  the same as {}", protocol.any_framing())
        }
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
            let mut text = "the first byte of a frame tells what it is the beginning of:".to_owned();
            for (range, framing) in by_first_byte.table() {
                let shown = match (range.start(), range.end()) {
                    (start, end) if start == end => printed(&[*start]),
                    (start, end) => format!("{} to {}", printed(&[*start]), printed(&[*end])),
                };
                let _ = write!(text, "\n    {shown:<12} {framing}");
            }
            text
        }
        (AnyFraming::HeaderBlock(_), _) => match split(argument, '|')[..] {
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
        (AnyFraming::Chunked(_), _) => "a line with a size in hexadecimal digits ahead of every chunk".to_owned(),
        (_, "line") => "every message ends with LF; one CR before it is dropped too".to_owned(),
        (AnyFraming::Delimited(_), _) => match split(argument, '|')[..] {
            [one] => format!("every message ends with {one}"),
            ref several => format!("every message ends with {}", several.join(" or ")),
        },
        (_, "netstring") => "decimal digits and a colon ahead of every message, a comma after it".to_owned(),
        (_, "pkt-line") => {
            "four hexadecimal digits ahead of every message, which count themselves; 0000 to 0003 are control frames"
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
        "require" => {
            let (at, bytes) = value.split_once(':').unwrap_or((value, ""));
            format!("{name:<13} the header has {bytes} at byte {at}")
        }
        other => other.to_owned(),
    }
}

/// Bytes as text.
fn printed(bytes: &[u8]) -> String {
    let mut shown = Vec::new();
    escape::show(bytes, &Span::default(), &mut shown);
    String::from_utf8_lossy(&shown).into_owned()
}

/// A message that the framing can carry, if no other is wanted.
fn fitting(framing: &AnyFraming) -> Vec<u8> {
    const SAMPLE: &[u8] = b"hello";
    if samples(framing, SAMPLE).iter().any(|(framing, message)| framing.envelope(message).is_ok()) {
        return SAMPLE.to_vec();
    }
    let len = match framing.envelope(SAMPLE) {
        Err(EncodeError::TooShort { min, .. }) => Some(min),
        Err(EncodeError::Oversize { max, .. } | EncodeError::DoesNotFit { max, .. }) => Some(max),
        _ => None,
    };
    len.and_then(|len| of_len(SAMPLE, len)).unwrap_or_else(|| SAMPLE.to_vec())
}

/// Messages made of `sample`: one, or one of each kind, with the framing that they are drawn in.
fn samples(framing: &AnyFraming, sample: &[u8]) -> Vec<(AnyFraming, Vec<u8>)> {
    match framing {
        AnyFraming::Protocol(named) => {
            let framing = named.protocol().any_framing();
            samples(
                &named.other_max_payload_len().map_or(framing.clone(), |max| framing.with_max_payload_len(max)),
                sample,
            )
        }
        AnyFraming::ByFirstByte(by_first_byte) => {
            let kinds = by_first_byte.table().iter().flat_map(|(range, inner)| {
                samples(inner, sample).into_iter().filter_map(|(inner, mut message)| {
                    let begins = |message: &[u8]| {
                        let mut wire = Vec::new();
                        inner.encode(message, &mut wire).is_ok()
                            && wire.first().is_some_and(|first| range.contains(first))
                    };
                    if !begins(&message) {
                        // Where the first byte is the message's own, it can be one that belongs here.
                        *message.first_mut()? = *range.start();
                        message = mended(&inner, message);
                    }
                    begins(&message).then_some((inner, message))
                })
            });
            kinds.collect()
        }
        _ => messages(framing, sample).into_iter().map(|message| (framing.clone(), message)).collect(),
    }
}

/// As [`samples`], for a framing that holds none.
fn messages(framing: &AnyFraming, sample: &[u8]) -> Vec<Vec<u8>> {
    match framing {
        AnyFraming::HeaderBlock(block) if block.keeps_header() => {
            let canonical = framing.to_string();
            let mut parts = split(&canonical, ',').into_iter();
            let name = parts.next().and_then(|first| split(first.split_once(':')?.1, '|').first().copied());
            let options: Vec<_> = parts.map(|part| part.split_once('=').unwrap_or((part, ""))).collect();
            let value =
                |name: &str| options.iter().find(|(option, _)| *option == name).map(|(_, value)| unescaped(value));
            let (end, blank) = match (value("fieldend"), value("lf")) {
                (Some(end), _) => (end, Vec::new()),
                (None, Some(_)) => (b"\n".to_vec(), b"\n".to_vec()),
                (None, None) => (b"\r\n".to_vec(), b"\r\n".to_vec()),
            };
            let start = value("startline").map_or(Vec::new(), |_| [b"START", &end[..]].concat());
            let separator = value("separator").unwrap_or(b":".to_vec());
            let uncounted = value("uncounted").and_then(|len| String::from_utf8(len).ok()?.parse().ok()).unwrap_or(0);
            let payload = of_len(sample, uncounted.max(sample.len() as u64)).unwrap_or_default();
            let name = unescaped(name.unwrap_or_default());
            let len = (payload.len() as u64).saturating_sub(uncounted).to_string();
            vec![[&start, &name, &separator, len.as_bytes(), &end, &blank, &payload].concat()]
        }
        AnyFraming::LineThenBlock(_) => {
            let canonical = framing.to_string();
            let rules =
                split(&canonical, ',').first().and_then(|first| Some(first.split_once(':')?.1)).unwrap_or_default();
            let line = framing.envelope(sample).is_ok().then(|| sample.to_vec());
            let first = split(rules, '|').first().map(|rule| {
                let rule = split(rule, ':');
                let (word, place) =
                    (rule.first().copied().unwrap_or_default(), rule.get(1).copied().unwrap_or_default());
                let (word, len) = (unescaped(word), sample.len());
                let line = match (place, place.parse::<usize>()) {
                    ("rest", _) => [&word, len.to_string().as_bytes()].concat(),
                    ("last", _) => [&word, format!(" x {len}").as_bytes()].concat(),
                    (_, Ok(field)) => [&word, " x".repeat(field - 1).as_bytes(), format!(" {len}").as_bytes()].concat(),
                    _ => format!("line {{{len}}}").into_bytes(),
                };
                [&line, &b"\r\n"[..], sample].concat()
            });
            line.into_iter().chain(first).collect()
        }
        AnyFraming::ByType(by_type) => {
            let kinds = by_type.table().iter().filter_map(|(kind, rest)| {
                let rest = match rest {
                    Body::Len(len) => of_len(sample, *len)?,
                    // The first of its own will do.
                    Body::Framed(framing) => samples(framing, sample).into_iter().next()?.1,
                };
                Some([&[*kind][..], &rest].concat())
            });
            kinds.take(MOST_TYPES).collect()
        }
        AnyFraming::Fixed(fixed) => of_len(sample, fixed.len()).into_iter().collect(),
        AnyFraming::LengthField(field) => {
            let mut message = vec![0; usize::from(field.offset())];
            let mut number = anysplit::ShortBytes::empty();
            let _ = field.number().encode(0, &mut number);
            message.extend_from_slice(&number);
            message.resize(message.len() + usize::from(field.header_after()), 0);
            message.extend_from_slice(sample);
            vec![mended(framing, message)]
        }
        AnyFraming::Delimited(delimited) if delimited.keeps_delimiter() => {
            vec![[sample, delimited.written()].concat()]
        }
        AnyFraming::Enclosed(enclosed) if enclosed.rest().keeps_delimiter() => {
            vec![[sample, enclosed.rest().written()].concat()]
        }
        _ => vec![sample.to_vec()],
    }
}

/// The bytes of a word of the text form.
fn unescaped(text: &str) -> Vec<u8> {
    let mut plain = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next() {
                Some(special @ (',' | '|' | '(' | ')' | '=' | ':')) => plain.push(special),
                Some(other) => plain.extend(['\\', other]),
                None => {}
            },
            c => plain.push(c),
        }
    }
    // What is printed can be read.
    escape::read(&plain).unwrap_or_default()
}

/// So many types of a table are drawn.
const MOST_TYPES: usize = 8;

/// The sample over and over, in so many bytes, if they are not too many to be drawn.
fn of_len(sample: &[u8], len: u64) -> Option<Vec<u8>> {
    let len = usize::try_from(len).ok().filter(|len| *len <= LONGEST)?;
    let filler = if sample.is_empty() { b"." } else { sample };
    Some(filler.iter().copied().cycle().take(len).collect())
}

/// Messages of a greater fixed length are not drawn.
const LONGEST: usize = 1 << 20;

/// The packet with all that its framing demands of it, as far as that can be done.
fn mended(framing: &AnyFraming, mut packet: Vec<u8>) -> Vec<u8> {
    for _ in 0..1024 {
        if let Ok(Some(patch)) = framing.patch(&packet) {
            let end = patch.at.saturating_add(patch.len);
            if end <= packet.len() {
                packet.splice(patch.at..end, patch.bytes.iter().copied());
            }
        }
        let refusal = framing.envelope(&packet).err().or(framing.patch(&packet).err());
        match refusal {
            Some(EncodeError::Mismatch { at, expected, .. }) if at < packet.len() => packet[at] = expected,
            // Up to a whole unit.
            Some(EncodeError::NotAMultiple { .. }) => packet.push(0),
            _ => break,
        }
    }
    packet
}

/// A run of bytes of a frame.
struct Segment<'a> {
    name: &'static str,
    bytes: &'a [u8],
    note: String,
    span: &'a Span,
}

/// The segments of a frame; some may be empty.
fn segments<'a>(framing: &AnyFraming, wire: &'a [u8], palette: &'a Palette) -> Option<Vec<Segment<'a>>> {
    let located = framing.locate(wire, Progress::default());
    let (header, trailer) = match located {
        Ok(anysplit::Located::Known(extent)) => (extent.header_len(), extent.trailer_len()),
        Ok(anysplit::Located::Open { header, .. }) => (usize::from(header), 0),
        _ => return None,
    };
    let (header, after) = wire.split_at_checked(header)?;
    let (payload, trailer) = after.split_at_checked(after.len().checked_sub(trailer)?)?;
    let segment = |name, bytes, note, span| Segment { name, bytes, note, span };
    let mut all = Vec::new();
    let number = |number: &anysplit::number::AnyNumber, bytes: &[u8]| match number.decode(bytes, u64::MAX) {
        Ok(Decoded::Value { value, len }) => (format!("says {value}"), len),
        _ => (String::new(), bytes.len()),
    };
    match framing {
        AnyFraming::LengthField(field) => {
            let (before, rest) = header.split_at_checked(field.offset().into())?;
            let (note, len) = number(field.number(), rest);
            let (length, after) = rest.split_at_checked(len)?;
            all.push(segment("header", before, String::new(), &palette.header));
            all.push(segment("length", length, note, &palette.note));
            all.push(segment("header", after, String::new(), &palette.header));
        }
        AnyFraming::ByType(by_type) => {
            let (kind, rest) = wire.split_at_checked(1)?;
            let entry = by_type.table().iter().find(|(other, _)| [*other] == *kind)?;
            let inner = match &entry.1 {
                Body::Len(_) => vec![segment("payload", payload, String::new(), &palette.payload)],
                Body::Framed(framing) => segments(framing, rest, palette)?,
            };
            return Some(std::iter::once(segment("type", kind, String::new(), &palette.note)).chain(inner).collect());
        }
        AnyFraming::Prefix(prefix) => {
            all.push(segment("header", header, number(prefix.number(), header).0, &palette.header));
        }
        _ => all.push(segment("header", header, String::new(), &palette.header)),
    }
    all.push(segment("payload", payload, String::new(), &palette.payload));
    all.push(segment("trailer", trailer, String::new(), &palette.trailer));
    Some(all)
}

/// From so many bytes on, only the first and the last of a segment are drawn.
const LONG: usize = 14;

/// ```text
///   offset   0  1  2  3  4  5  6
///   wire    00 05 68 65 6c 6c 6f
///           ┬──── ┬─────────────
///           │     └ payload  hello
///           └ header  says 5
/// ```
fn draw(framing: &AnyFraming, message: &[u8], palette: &Palette, text: &mut String) {
    let mut wire = Vec::new();
    if let Err(refusal) = framing.encode(message, &mut wire) {
        let _ = writeln!(text, "  the sample is refused: {refusal}\n");
        return;
    }
    let Some(mut segments) = segments(framing, &wire, palette) else { return };
    segments.retain(|segment| !segment.bytes.is_empty());
    let width = wire.len().to_string().len().max(2) + 1;
    let (mut ruler, mut bytes, mut lines) = (String::new(), String::new(), String::new());
    // In which column each segment begins.
    let mut columns = Vec::new();
    let (mut column, mut offset) = (0_usize, 0_usize);
    for Segment { bytes: all, span, .. } in &segments {
        columns.push(column);
        let Span { open, close } = span;
        let mut cells = 0_usize;
        for (index, byte) in all.iter().enumerate() {
            let shown = all.len() <= LONG || index < LONG / 2 || index + 3 >= all.len();
            if shown {
                let _ = write!(ruler, "{:>width$}", offset + index);
                let _ = write!(bytes, "{:blank$}{open}{byte:02x}{close}", "", blank = width - 2);
                cells += 1;
            } else if index == LONG / 2 {
                let _ = write!(ruler, "{:>width$}", "..");
                let _ = write!(bytes, "{:>width$}", "..");
                cells += 1;
            }
        }
        let line = format!("{:blank$}┬{:─<rest$} ", "", "", blank = width - 2, rest = cells * width - width + 1);
        lines.push_str(line.get(..line.len().saturating_sub(1)).unwrap_or_default());
        column += cells * width;
        offset += all.len();
    }
    let Span { open, close } = &palette.faint;
    let _ = writeln!(text, "  {open}offset{ruler}{close}\n  wire  {bytes}\n        {open}{lines}{close}");
    for (index, segment) in segments.iter().enumerate().rev() {
        let mut line = String::from("        ");
        let mut at = 0;
        for &column in columns.get(..index).unwrap_or_default() {
            let _ = write!(line, "{:blank$}│", "", blank = column + width - 2 - at);
            at = column + width - 1;
        }
        let blank = columns.get(index).map_or(0, |column| column + width - 2 - at);
        let _ = write!(line, "{:blank$}└", "");
        let Span { open: bright, close: dull } = segment.span;
        let _ = write!(text, "{open}{line}{close} {bright}{:<8}{dull}", segment.name);
        let note = match segment.name {
            _ if !segment.note.is_empty() => segment.note.clone(),
            "header" if segment.bytes.iter().all(|byte| *byte == 0) => bytes_of(segment.bytes.len() as u64),
            _ if segment.bytes.len() > 60 => bytes_of(segment.bytes.len() as u64),
            _ => {
                let mut shown = Vec::new();
                escape::show(segment.bytes, &Span::default(), &mut shown);
                String::from_utf8_lossy(&shown).into_owned()
            }
        };
        let _ = writeln!(text, "{note}");
    }
    text.push('\n');
}

fn bytes_of(count: u64) -> String {
    format!("{count} byte{}", if count == 1 { "" } else { "s" })
}

/// What holds for every message.
fn facts(framing: &AnyFraming, sample: &[u8], palette: &Palette, text: &mut String) {
    let Span { open, close } = &palette.faint;
    let mut fact = |name: &str, value: &str| {
        let _ = writeln!(text, "  {open}{name:<10}{close}{value}");
    };
    let tells = match framing {
        AnyFraming::Fixed(_) => "agreement",
        AnyFraming::Prefix(_) | AnyFraming::Chunked(_) => "a number ahead of the message",
        AnyFraming::HeaderBlock(_) => "a header field ahead of the payload",
        AnyFraming::LineThenBlock(_) => "the line ahead of a block",
        AnyFraming::ByFirstByte(_) => "the first byte of the frame, and what it belongs to",
        AnyFraming::Enclosed(_) => "a mark ahead of the message and a delimiter after it",
        AnyFraming::LengthField(_) => "a number inside the message",
        AnyFraming::Delimited(_) => "a delimiter after the message",
        AnyFraming::ByType(_) => "the first byte of the message",
        AnyFraming::Protocol(_) => "its specification",
        _ => "the end of the stream",
    };
    fact("told by", tells);
    match framing.max_payload_len() {
        u64::MAX => fact("limit", "none"),
        max => fact("limit", &format!("payloads of {}{}", bytes_of(max), rounded(max))),
    }
    let lens = [0, 1, sample.len(), 200, 1000, 20_000, 100_000];
    let messages = lens.into_iter().flat_map(|len| samples(framing, &vec![b'x'; len]));
    let overheads = messages.filter_map(|(framing, message)| {
        let frame = framing.encoded_len(&message).ok()?;
        frame.checked_sub(message.len() as u64)
    });
    let overheads: Vec<u64> = overheads.collect();
    if let (Some(&least), Some(&most)) = (overheads.iter().min(), overheads.iter().max()) {
        let range = if least == most { bytes_of(most) } else { format!("{least} to {}", bytes_of(most)) };
        let own = match framing {
            AnyFraming::LengthField(_) => ", as the header is part of it",
            AnyFraming::ByType(_) => ", as the type is part of it",
            _ => "",
        };
        fact("overhead", &format!("{range} a message{own}"));
    }
    match framing {
        AnyFraming::Fixed(_)
        | AnyFraming::LengthField(_)
        | AnyFraming::ByType(_)
        | AnyFraming::ByFirstByte(_)
        | AnyFraming::HeaderBlock(_)
        | AnyFraming::Protocol(_) => {}
        _ if framing.envelope(b"").is_ok() => fact("empty", "messages can be sent"),
        _ => fact("empty", "messages cannot be sent"),
    }
}

/// The same in larger units, where that is shorter and exact.
fn rounded(len: u64) -> String {
    for (unit, name) in [(1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")] {
        if len >= unit && len % unit == 0 {
            return format!(" ({} {name})", len / unit);
        }
    }
    String::new()
}
