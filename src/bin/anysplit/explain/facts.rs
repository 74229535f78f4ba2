//! What holds for every message.

use std::fmt::Write;

use anysplit::{AnyFraming, Framing};

use super::samples::samples;
use super::shown::{bytes_of, rounded};
use crate::style::{Palette, Span};

/// What holds for every message.
pub(super) fn facts(framing: &AnyFraming, sample: &[u8], palette: &Palette, text: &mut String) {
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
