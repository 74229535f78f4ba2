//! Messages from one framing to another: what `encode` and `reframe` have in common.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anysplit::{AnyFraming, Body, Encoder};
use bytes::Buf;

use crate::escape::nibble;
use crate::failure::{Failure, write_all};
use crate::flow::Options;
use crate::input::Input;
use crate::output::Output;
use crate::sink::{FrameView, Sink};
use crate::spec;
use crate::stream;
use crate::style::When;

/// How the messages that are sent are read.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Messages {
    /// The framing in which messages are read
    #[arg(long, value_name = "SPEC", default_value = "line")]
    messages: String,
    /// Messages are hexadecimal digits, with blanks or not
    #[arg(long)]
    hex: bool,
}

impl Messages {
    pub(crate) fn read(&self) -> Result<Reading, Failure> {
        Ok(Reading { framing: spec::read(&self.messages)?, hex: self.hex })
    }
}

/// Messages, and their form.
pub(crate) struct Reading {
    framing: AnyFraming,
    hex: bool,
}

impl Reading {
    /// Writes the messages of standard input in this framing. Each is written once it is complete. `waits` is true while standard
    /// input has nothing more.
    pub(crate) fn send(
        self,
        framing: AnyFraming,
        out: &mut Output,
        color: When,
        waits: Arc<AtomicBool>,
    ) -> Result<(), Failure> {
        self.transcode(Input::stdin(waits), framing, out, color)
    }

    /// Writes the messages of an input in this framing.
    pub(crate) fn transcode(
        self,
        input: Input,
        framing: AnyFraming,
        out: &mut Output,
        color: When,
    ) -> Result<(), Failure> {
        let recovery = spec::recovery(&self.framing, false);
        let options = Options { recovery, skip: 0, pieces: false, ignore_skipped: false, color, spec: "--messages" };
        stream::run(self.framing, input, options, &mut Transcoder::new(framing, self.hex), out)
    }
}

/// This much is written at once.
const FULL: usize = 64 * 1024;

/// Writes every message in another framing.
pub(crate) struct Transcoder {
    encoder: Encoder<AnyFraming>,
    /// Whether messages contain a length that must be filled in.
    fills: bool,
    /// Whether messages are given in hexadecimal digits.
    hex: bool,
    /// Messages so far.
    messages: u64,
    /// Frames that have no message.
    controls: u64,
}

impl Transcoder {
    pub(crate) fn new(framing: AnyFraming, hex: bool) -> Self {
        Self { fills: fills(&framing), encoder: Encoder::new(framing), hex, messages: 0, controls: 0 }
    }

    fn push(&mut self, message: [&[u8]; 2]) -> Result<(), String> {
        let digits;
        let [first, rest] = match self.hex {
            true => {
                digits = from_hex(&message.concat())?;
                [&[][..], &digits[..]]
            }
            false => message,
        };
        let result = match self.fills || !first.is_empty() {
            true => self.encoder.push_with(|out| {
                out.extend_from_slice(first);
                out.extend_from_slice(rest);
            }),
            false => self.encoder.push(rest),
        };
        result.map(drop).map_err(|error| error.to_string())
    }

    fn write(&mut self, out: &mut Output) -> Result<(), Failure> {
        while self.encoder.has_remaining() {
            let chunk = self.encoder.chunk();
            out.write(chunk)?;
            let len = chunk.len();
            self.encoder.advance(len);
        }
        Ok(())
    }
}

/// Whether some messages of this framing contain their own length.
fn fills(framing: &AnyFraming) -> bool {
    match framing {
        AnyFraming::LengthField(_) | AnyFraming::LineThenBlock(_) => true,
        AnyFraming::HeaderBlock(block) => block.keeps_header(),
        AnyFraming::ByFirstByte(by_first_byte) => by_first_byte.table().iter().any(|(_, framing)| fills(framing)),
        AnyFraming::Enclosed(enclosed) => fills(enclosed.inner()),
        AnyFraming::Then(then) => fills(then.first()) || fills(then.rest()),
        AnyFraming::Protocol(named) => fills(named.framing()),
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
        let pushed = self.push(frame.message);
        if pushed.is_err() || self.encoder.remaining() >= FULL {
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

    fn end(&mut self, out: &mut Output) -> Result<(), Failure> {
        self.write(out)?;
        if self.controls > 0 {
            let (count, s) = (self.controls, if self.controls == 1 { "" } else { "s" });
            // If stderr is closed, nobody can be notified.
            let _ = write_all(&format!("note: {count} control frame{s}, which carry no message, left out\n"));
        }
        Ok(())
    }
}

/// Returns the bytes of hexadecimal digits, with blanks anywhere between two bytes.
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
