//! A JSON object a line. README.md has the table of the keys.

use std::io::Write;

use anysplit::{DecodeError, EofError, Stretch};
use serde::Serialize;
use serde_json::{Serializer, Value, ser::Formatter};

use crate::escape::{digit, is_wild};
use crate::failure::Failure;
use crate::output::Output;
use crate::sink::{FrameView, Place, Sink};

pub(crate) struct Json;

fn hex(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for &byte in bytes {
        out.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
    out.push(b'"');
}

/// Compact, with `\u` escapes for what a terminal would act on: DEL, C1 controls, and characters that are invisible or change
/// the direction of the line.
struct Tame;

impl Formatter for Tame {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> std::io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_wild) {
            let (plain, wild) = rest.split_at(at);
            out.write_all(plain.as_bytes())?;
            let mut after = wild.chars();
            if let Some(c) = after.next() {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            }
            rest = after.as_str();
        }
        out.write_all(rest.as_bytes())
    }
}

fn string(text: &str, out: &mut Vec<u8>) -> Result<(), Failure> {
    Ok(text.serialize(&mut Serializer::with_formatter(out, Tame)).map_err(std::io::Error::from)?)
}

/// Begins an object with what all lines have in common.
fn begin(kind: &str, place: Place, out: &mut Vec<u8>) -> Result<(), Failure> {
    write!(out, "{{\"kind\":\"{kind}\"")?;
    if let Some(stream) = place.stream {
        write!(out, ",\"stream\":{stream}")?;
    }
    if let Some(from) = place.from {
        write!(out, ",\"from\":\"{}\"", from.name())?;
    }
    if let Some((packet, time)) = place.packet {
        let (seconds, rest) = (time / 1_000_000_000, time % 1_000_000_000);
        write!(out, ",\"packet\":{packet},\"time\":\"{seconds}.{rest:09}\"")?;
    }
    Ok(())
}

/// Writes a line with these keys, in this order.
fn line(kind: &str, place: Place, keys: &[(&str, Value)], out: &mut Output) -> Result<(), Failure> {
    begin(kind, place, &mut out.buffer)?;
    for (key, value) in keys {
        write!(out.buffer, ",\"{key}\":")?;
        match value {
            Value::String(text) => string(text, &mut out.buffer)?,
            other => write!(out.buffer, "{other}")?,
        }
    }
    out.buffer.extend_from_slice(b"}\n");
    Ok(out.relieve()?)
}

impl Json {
    /// Writes a line that is no part of a stream.
    pub(crate) fn line(kind: &str, keys: &[(&str, Value)], out: &mut Output) -> Result<(), Failure> {
        line(kind, Place::default(), keys, out)
    }
}

impl Sink for Json {
    fn frame(&mut self, frame: &FrameView<'_>, out: &mut Output) -> Result<(), Failure> {
        let text = &mut out.buffer;
        let (header, payload) = (frame.header, frame.payload);
        begin("frame", frame.place, text)?;
        let FrameView { number, offset, wire_len, .. } = frame;
        write!(text, ",\"frame\":{number},\"offset\":{offset},\"wire_len\":{wire_len},\"len\":{}", payload.len())?;
        text.extend_from_slice(b",\"header\":");
        hex(header, text);
        match core::str::from_utf8(payload) {
            Ok(payload) => {
                text.extend_from_slice(b",\"text\":");
                string(payload, text)?;
            }
            Err(_) => {
                text.extend_from_slice(b",\"hex\":");
                hex(payload, text);
            }
        }
        text.extend_from_slice(b",\"trailer\":");
        hex(frame.trailer, text);
        write!(text, ",\"control\":{}", frame.is_control)?;
        if frame.is_damaged {
            text.extend_from_slice(b",\"damaged\":true");
        }
        text.extend_from_slice(b"}\n");
        Ok(out.relieve()?)
    }

    fn skipped(&mut self, stretch: &Stretch, place: Place, out: &mut Output) -> Result<(), Failure> {
        let Stretch { offset, len, reason, .. } = stretch;
        let keys = [("offset", (*offset).into()), ("len", (*len).into()), ("reason", reason.kind.to_string().into())];
        line("skipped", place, &keys, out)
    }

    fn bad(&mut self, stretch: &Stretch, place: Place, out: &mut Output) -> Result<(), Failure> {
        self.skipped(stretch, place, out)
    }

    fn gap(&mut self, offset: u64, len: u64, place: Place, out: &mut Output) -> Result<(), Failure> {
        line("gap", place, &[("offset", offset.into()), ("len", len.into())], out)
    }

    fn opened(&mut self, client: &str, server: &str, place: Place, out: &mut Output) -> Result<(), Failure> {
        line("opened", place, &[("client", client.into()), ("server", server.into())], out)
    }

    fn closed(&mut self, place: Place, out: &mut Output) -> Result<(), Failure> {
        line("closed", place, &[], out)
    }

    fn failed(&mut self, error: &EofError, frames: u64, place: Place, out: &mut Output) -> Result<(), Failure> {
        let (error, offset, frame_offset) = match error {
            EofError::Decode(DecodeError { kind, offset, frame_offset }) => (kind.to_string(), offset, frame_offset),
            EofError::Truncated { frame_offset, end, part } => (format!("stream ended {part}"), end, frame_offset),
        };
        let keys = [
            ("error", error.into()),
            ("offset", (*offset).into()),
            ("frame_offset", (*frame_offset).into()),
            ("frames", frames.into()),
        ];
        line("error", place, &keys, out)
    }
}
