//! A JSON object a line.

use std::io::Write;

use anysplit::{DecodeError, EofError, Stretch};
use serde_json::{json, to_writer};

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

impl Sink for Json {
    fn frame(&mut self, frame: &FrameView<'_>, out: &mut Output) -> Result<(), Failure> {
        let line = &mut out.buffer;
        write!(line, "{{\"offset\":{},\"len\":{},\"header\":", frame.offset, frame.payload.len())?;
        hex(frame.header, line);
        match core::str::from_utf8(frame.payload) {
            Ok(text) => {
                line.extend_from_slice(b",\"text\":");
                to_writer(&mut *line, text).map_err(std::io::Error::from)?;
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
