//! What holds for every message.

use std::fmt::Write;

use anysplit::contract::DEFAULT_MAX_PAYLOAD_LEN;
use anysplit::number::{AnyNumber, Number};
use anysplit::{AnyFraming, Framing, LengthField};

use super::samples::samples;
use super::shown::{bytes_of, rounded};
use super::text_form::split;
use super::words::inner;
use crate::style::{Palette, Span};

/// What holds for every message.
pub(super) fn facts(framing: &AnyFraming, sample: &[u8], palette: &Palette, text: &mut String) {
    let Span { open, close } = &palette.faint;
    let mut fact = |name: &str, value: &str| {
        let _ = writeln!(text, "  {open}{name:<10}{close}{value}");
    };
    fact("found by", &found_by(framing));
    match limit(framing) {
        u64::MAX => fact("limit", "none"),
        max => fact("limit", &format!("payloads of {}{}", bytes_of(max), rounded(max))),
    }
    // The longest message too, unless it takes more memory than an explanation should.
    let longest = limit(framing).min(DEFAULT_MAX_PAYLOAD_LEN);
    let one_kind = samples(framing, sample).len() == 1;
    let longest = usize::try_from(longest).ok().filter(|_| one_kind).unwrap_or(sample.len());
    let lens = [0, 1, sample.len(), 200, 1000, 20_000, 100_000, longest];
    let messages = lens.into_iter().flat_map(|len| samples(framing, &vec![b'x'; len]));
    let overheads = messages.filter_map(|(framing, message)| {
        let frame = framing.encoded_len(&message).ok()?;
        frame.checked_sub(message.len() as u64)
    });
    let overheads: Vec<u64> = overheads.collect();
    if let (Some(&least), Some(&most)) = (overheads.iter().min(), overheads.iter().max()) {
        let range = if least == most { bytes_of(most) } else { format!("{least} to {}", bytes_of(most)) };
        let own = match framing {
            AnyFraming::LengthField(_) => ", because the header is part of it",
            AnyFraming::ByType(_) => ", because the type is part of it",
            AnyFraming::Slip(_) => ", and one for each c0 and db in it",
            AnyFraming::Cobs(_) => ": the delimiter, and one for each 254 in a row without a zero",
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
        | AnyFraming::Then(_)
        | AnyFraming::Protocol(_) => {}
        _ if framing.envelope(b"").is_ok() => fact("empty", "messages can be sent"),
        _ => fact("empty", "messages cannot be sent"),
    }
}

/// The greatest payload: that of the framing, or what its number can announce.
fn limit(framing: &AnyFraming) -> u64 {
    let max = framing.max_payload_len();
    match framing {
        AnyFraming::LengthField(field) => max.min(announced(framing, field)),
        AnyFraming::Protocol(named) => max.min(limit(named.framing())),
        _ => inner(framing).map_or(max, |inner| max.min(limit(inner))),
    }
}

/// The greatest payload that the number of a length field can announce.
fn announced(framing: &AnyFraming, field: &LengthField<AnyNumber>) -> u64 {
    let canonical = framing.to_string();
    let options: Vec<_> = split(&canonical, ',').into_iter().filter_map(|part| part.split_once('=')).collect();
    let value = |name: &str| {
        let found = options.iter().find(|(option, _)| *option == name || option.strip_prefix("field:") == Some(name));
        found.and_then(|(_, value)| value.parse::<i128>().ok())
    };
    // More is added to these.
    if options.iter().any(|(option, _)| matches!(*option, "second" | "extra")) {
        return u64::MAX;
    }
    let counted = i128::from(field.number().max()) * value("unit").unwrap_or(1);
    let payload = match value("adjust") {
        Some(adjust) => counted + adjust - i128::from(field.header_after()),
        None => counted,
    };
    u64::try_from(payload.max(0)).unwrap_or(u64::MAX)
}

/// Names what shows a reader where a message ends.
fn found_by(framing: &AnyFraming) -> String {
    let text = match framing {
        AnyFraming::Fixed(_) => "agreement",
        AnyFraming::Prefix(_) | AnyFraming::Chunked(_) => "the length before the message",
        AnyFraming::HeaderBlock(_) => "a header field before the payload",
        AnyFraming::Http1(_) => "the header, which announces a length, chunks, the end of the stream, or no body",
        AnyFraming::LineThenBlock(_) => "the line before a block",
        AnyFraming::ByFirstByte(by_first_byte) if by_first_byte.offset() != 0 => {
            "a byte near the start of the frame, which chooses a framing"
        }
        AnyFraming::ByFirstByte(_) => "the first byte of the frame, which chooses a framing",
        AnyFraming::Enclosed(enclosed) => match enclosed.inner() {
            AnyFraming::Delimited(_) => "start bytes before the message and a delimiter after it",
            inner => return format!("{}, after the start bytes", found_by(inner)),
        },
        AnyFraming::LengthField(_) => "a number inside the message",
        AnyFraming::Delimited(_) => "a delimiter after the message",
        AnyFraming::ByType(_) => "the first byte of the message",
        AnyFraming::Slip(_) | AnyFraming::Cobs(_) | AnyFraming::Stuffed(_) | AnyFraming::Doubled(_) => {
            "a delimiter that no message can hold"
        }
        AnyFraming::UniversalLine(_) | AnyFraming::Dotted(_) => "a delimiter after the message",
        AnyFraming::Mavlink(_) => "a number in the header",
        AnyFraming::Midi(_) => "the first byte of the message",
        AnyFraming::SmpSerial(_) => "the length before the message, and the ends of lines",
        AnyFraming::Then(then) => {
            let (first, rest) = (found_by(then.first()), found_by(then.rest()));
            return if first == rest { first } else { format!("{first}; after the first message, {rest}") };
        }
        AnyFraming::Values(_) => "the value itself",
        AnyFraming::Protocol(named) => return found_by(named.framing()),
        AnyFraming::UntilClose(_) => "the end of the stream",
        framing => return inner(framing).map_or_else(|| "its own rules".to_owned(), found_by),
    };
    text.to_owned()
}
