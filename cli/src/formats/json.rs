//! A JSON object a line.

use std::io::Write;

use anysplit::{DecodeError, EofError, Stretch};
use serde::Serialize;
use serde_json::{Serializer, json, ser::Formatter};

use crate::escape::digit;
use crate::failure::Failure;
use crate::output::Output;
use crate::stream::{FrameView, Sink};

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
        while let Some(at) = rest.find(|c: char| !c.is_ascii_graphic() && c != ' ' && c.escape_debug().len() != 1) {
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

impl Sink for Json {
    fn frame(&mut self, frame: &FrameView<'_>, out: &mut Output) -> Result<(), Failure> {
        let line = &mut out.buffer;
        write!(line, "{{\"offset\":{},\"len\":{},\"header\":", frame.offset, frame.payload.len())?;
        hex(frame.header, line);
        match core::str::from_utf8(frame.payload) {
            Ok(text) => {
                line.extend_from_slice(b",\"text\":");
                text.serialize(&mut Serializer::with_formatter(&mut *line, Tame)).map_err(std::io::Error::from)?;
            }
            Err(_) => {
                line.extend_from_slice(b",\"hex\":");
                hex(frame.payload, line);
            }
        }
        line.extend_from_slice(b",\"trailer\":");
        hex(frame.trailer, line);
        writeln!(line, ",\"control\":{}}}", frame.is_control)?;
        Ok(out.relieve()?)
    }

    fn skipped(&mut self, stretch: &Stretch, out: &mut Output) -> Result<(), Failure> {
        Ok(writeln!(out.buffer, "{}", json!({ "offset": stretch.offset, "skipped": stretch.len }))?)
    }

    fn bad(&mut self, stretch: &Stretch, out: &mut Output) -> Result<(), Failure> {
        wrong(&stretch.reason, out)
    }

    fn end(&mut self, error: Option<&EofError>, out: &mut Output) -> Result<(), Failure> {
        match error {
            None => Ok(()),
            Some(EofError::Decode(error)) => wrong(error, out),
            Some(EofError::Truncated { frame_offset, end, part }) => {
                line(&format!("stream ended {part}"), *end, *frame_offset, out)
            }
        }
    }
}

fn wrong(error: &DecodeError, out: &mut Output) -> Result<(), Failure> {
    line(&error.kind.to_string(), error.offset, error.frame_offset, out)
}

fn line(error: &str, offset: u64, frame_offset: u64, out: &mut Output) -> Result<(), Failure> {
    let line = json!({ "error": error, "offset": offset, "frame_offset": frame_offset });
    Ok(writeln!(out.buffer, "{line}")?)
}
