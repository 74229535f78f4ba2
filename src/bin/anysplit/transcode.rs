//! Messages from one framing to another: what `encode` and `reframe` have in common.

use anysplit::{AnyFraming, Body, EncodeError, Encoder};
use bytes::Buf;

use crate::escape::nibble;
use crate::failure::{Failure, write_all};
use crate::output::Output;
use crate::stream::{FrameView, Sink};
use crate::stuffed::{Spec, Stuffed};

/// So much is written at once.
const FULL: usize = 64 * 1024;

/// Frames every message anew.
pub(crate) struct Transcoder {
    encoder: Out,
    /// Whether messages hold a length that is to be put in.
    fills: bool,
    /// Whether messages are given in hexadecimal digits.
    hex: bool,
    /// Messages so far.
    messages: u64,
    /// Frames that have no message.
    controls: u64,
}

/// Frames on their way out.
enum Out {
    Framed(Box<Encoder<AnyFraming>>),
    Stuffed(Stuffed, Vec<u8>),
}

impl Transcoder {
    pub(crate) fn new(spec: Spec, hex: bool) -> Self {
        let (fills, encoder) = match spec {
            Spec::Framing(framing) => (fills(&framing), Out::Framed(Box::new(Encoder::new(framing)))),
            Spec::Stuffed(stuffed) => (false, Out::Stuffed(stuffed, Vec::new())),
        };
        Self { fills, encoder, hex, messages: 0, controls: 0 }
    }

    fn push(&mut self, message_header: &[u8], payload: &[u8]) -> Result<(), String> {
        let digits;
        let (message_header, payload) = match self.hex {
            true => {
                digits = from_hex(payload)?;
                (&[][..], &digits[..])
            }
            false => (message_header, payload),
        };
        let result = match &mut self.encoder {
            Out::Framed(encoder) if self.fills || !message_header.is_empty() => encoder.push_with(|out| {
                out.extend_from_slice(message_header);
                out.extend_from_slice(payload);
            }),
            Out::Framed(encoder) => encoder.push(payload),
            Out::Stuffed(stuffed, out) if message_header.is_empty() => stuffed.encode(payload, out),
            Out::Stuffed(stuffed, out) => stuffed.encode(&[message_header, payload].concat(), out),
        };
        result.map(drop).map_err(|refusal: EncodeError| refusal.to_string())
    }

    fn waiting(&self) -> usize {
        match &self.encoder {
            Out::Framed(encoder) => encoder.remaining(),
            Out::Stuffed(_, out) => out.len(),
        }
    }

    fn write(&mut self, out: &mut Output) -> Result<(), Failure> {
        match &mut self.encoder {
            Out::Framed(encoder) => {
                while encoder.has_remaining() {
                    let chunk = encoder.chunk();
                    out.write(chunk)?;
                    encoder.advance(chunk.len());
                }
            }
            Out::Stuffed(_, frames) => {
                out.write(frames)?;
                frames.clear();
            }
        }
        Ok(())
    }
}

/// Whether some message of this framing holds its own length.
fn fills(framing: &AnyFraming) -> bool {
    match framing {
        AnyFraming::LengthField(_) | AnyFraming::LineThenBlock(_) => true,
        AnyFraming::HeaderBlock(block) => block.keeps_header(),
        AnyFraming::ByFirstByte(by_first_byte) => by_first_byte.table().iter().any(|(_, framing)| fills(framing)),
        AnyFraming::Protocol(named) => fills(&named.protocol().any_framing()),
        AnyFraming::ByType(by_type) => {
            by_type.table().iter().any(|(_, rest)| matches!(rest, Body::Framed(framing) if fills(framing)))
        }
        _ => false,
    }
}

impl Sink for Transcoder {
    fn frame(&mut self, frame: &FrameView<'_>, out: &mut Output) -> Result<(), Failure> {
        if frame.is_control {
            self.controls = self.controls.saturating_add(1);
            return Ok(());
        }
        self.messages = self.messages.saturating_add(1);
        let pushed = self.push(frame.message_header, frame.payload);
        if pushed.is_err() || self.waiting() >= FULL {
            self.write(out)?;
        }
        pushed.map_err(|reason| {
            let (number, offset) = (self.messages, frame.offset);
            Failure::Data(format!("message {number}, at byte {offset} of the input, was refused: {reason}"))
        })
    }

    fn idle(&mut self, out: &mut Output) -> Result<(), Failure> {
        self.write(out)
    }

    fn end(&mut self, _: Option<&anysplit::EofError>, out: &mut Output) -> Result<(), Failure> {
        self.write(out)?;
        if self.controls > 0 {
            let (count, s) = (self.controls, if self.controls == 1 { "" } else { "s" });
            // Nobody is left to tell if stderr is closed.
            let _ = write_all(&format!("note: {count} control frame{s}, which carry no message, left out\n"));
        }
        Ok(())
    }
}

/// The bytes of hexadecimal digits, with blanks anywhere between two bytes.
fn from_hex(text: &[u8]) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut high = None;
    for (at, &digit) in text.iter().enumerate() {
        if high.is_none() && digit.is_ascii_whitespace() {
            continue;
        }
        let value = nibble(digit)
            .ok_or_else(|| format!("'{}' at byte {at} of the line is no hexadecimal digit", digit.escape_ascii()))?;
        match high.take() {
            None => high = Some(value << 4),
            Some(high) => bytes.push(high | value),
        }
    }
    match high {
        Some(_) => Err("an odd number of hexadecimal digits".to_owned()),
        None => Ok(bytes),
    }
}
