//! A JSON object a line.

use std::io::Write;

use anysplit::{DecodeError, EndError, FaultKind};
use serde_json::{json, to_writer};

use crate::escape::digit;
use crate::failure::Failure;
use crate::output::Output;
use crate::stream::{Shown, Sink};

pub(crate) struct Json;

fn hex(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for &byte in bytes {
        out.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
    out.push(b'"');
}

impl Sink for Json {
    fn frame(&mut self, frame: &Shown<'_>, out: &mut Output) -> Result<(), Failure> {
        let line = &mut out.buffer;
        write!(line, "{{\"offset\":{},\"head\":", frame.offset)?;
        hex(frame.head, line);
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
        line.extend_from_slice(b",\"tail\":");
        hex(frame.tail, line);
        writeln!(line, ",\"control\":{}}}", frame.is_control)?;
        Ok(out.relieve()?)
    }

    fn skipped(&mut self, error: &DecodeError, out: &mut Output) -> Result<(), Failure> {
        let FaultKind::Skipped { len } = error.kind else { return Ok(()) };
        Ok(writeln!(out.buffer, "{}", json!({ "offset": error.frame, "skipped": len }))?)
    }

    fn bad(&mut self, error: &EndError, out: &mut Output) -> Result<(), Failure> {
        self.end(Some(error), out)
    }

    fn end(&mut self, error: Option<&EndError>, out: &mut Output) -> Result<(), Failure> {
        let line = match error {
            None => return Ok(()),
            Some(EndError::Fault(fault)) => {
                json!({ "error": fault.kind.to_string(), "offset": fault.offset, "frame": fault.frame })
            }
            Some(EndError::Cut { frame, end, cut }) => {
                json!({ "error": format!("stream ended {cut}"), "offset": end, "frame": frame })
            }
        };
        Ok(writeln!(out.buffer, "{line}")?)
    }
}
