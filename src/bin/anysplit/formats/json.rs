//! A JSON object a line.

use std::io::Write;

use anysplit::{DecodeError, DecodeErrorKind, EofError};
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
        write!(line, "{{\"offset\":{},\"header\":", frame.offset)?;
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

    fn skipped(&mut self, error: &DecodeError, out: &mut Output) -> Result<(), Failure> {
        let DecodeErrorKind::Skipped { len } = error.kind else { return Ok(()) };
        Ok(writeln!(out.buffer, "{}", json!({ "offset": error.frame, "skipped": len }))?)
    }

    fn bad(&mut self, error: &EofError, out: &mut Output) -> Result<(), Failure> {
        self.end(Some(error), out)
    }

    fn end(&mut self, error: Option<&EofError>, out: &mut Output) -> Result<(), Failure> {
        let line = match error {
            None => return Ok(()),
            Some(EofError::Decode(fault)) => {
                json!({ "error": fault.kind.to_string(), "offset": fault.offset, "frame": fault.frame })
            }
            Some(EofError::Truncated { frame, end, cut }) => {
                json!({ "error": format!("stream ended {cut}"), "offset": end, "frame": frame })
            }
        };
        Ok(writeln!(out.buffer, "{line}")?)
    }
}
