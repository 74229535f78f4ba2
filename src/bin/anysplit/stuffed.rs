//! SLIP and COBS, which are no framings: their payloads are not their wire.

use anysplit::stuffed::{Cobs, Slip, StuffedDecoder, Stuffing};
use anysplit::{AnyFraming, DecodeError, EncodeError, EofError, Framing, SpecError};

use crate::failure::{Failure, refused, write_all};
use crate::input::Input;
use crate::output::Output;
use crate::stream::{FrameView, Options, Sink};
use crate::style::Palette;

/// What a SPEC stands for.
#[derive(Clone)]
pub(crate) enum Spec {
    Framing(AnyFraming),
    Stuffed(Stuffed),
}

/// A stuffing, and its limit in bytes of payload.
#[derive(Clone, Copy)]
pub(crate) struct Stuffed {
    pub(crate) kind: Kind,
    pub(crate) max: u64,
}

#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Slip,
    Cobs,
}

impl Spec {
    pub(crate) fn read(text: &str) -> Result<Self, Failure> {
        let (name, options) = text.split_at(text.find(',').unwrap_or(text.len()));
        let kind = match name {
            "slip" => Kind::Slip,
            "cobs" => Kind::Cobs,
            _ => return text.parse().map(Self::Framing).map_err(|error| refused(text, error)),
        };
        // The option is that of `close`, a letter longer.
        let limited: Result<AnyFraming, SpecError> = format!("close{options}").parse();
        let max = limited.map_err(|error| refused(text, SpecError { column: error.column - 1, ..error }))?;
        Ok(Self::Stuffed(Stuffed { kind, max: max.max_payload_len() }))
    }
}

impl Stuffed {
    pub(crate) const fn name(self) -> &'static str {
        match self.kind {
            Kind::Slip => "slip",
            Kind::Cobs => "cobs",
        }
    }

    /// Appends the frame of `payload`.
    pub(crate) fn encode(self, payload: &[u8], out: &mut Vec<u8>) -> Result<usize, EncodeError> {
        let len = payload.len() as u64;
        match self.kind {
            _ if len > self.max => Err(EncodeError::Oversize { len, max: self.max }),
            Kind::Slip => Slip.encode(payload, out),
            Kind::Cobs => Cobs.encode(payload, out),
        }
    }

    /// Reads the stream to its end, and hands all payloads in it to `sink`.
    pub(crate) fn run(
        self,
        input: Input,
        options: Options,
        sink: &mut impl Sink,
        out: &mut Output,
    ) -> Result<(), Failure> {
        match self.kind {
            Kind::Slip => pump(StuffedDecoder::new(Slip).with_max_payload_len(self.max), input, options, sink, out),
            Kind::Cobs => pump(StuffedDecoder::new(Cobs).with_max_payload_len(self.max), input, options, sink, out),
        }
    }
}

fn pump<S: Stuffing>(
    mut decoder: StuffedDecoder<S>,
    mut input: Input,
    options: Options,
    sink: &mut impl Sink,
    out: &mut Output,
) -> Result<(), Failure> {
    let mut bad = 0_u64;
    while input.advance()? {
        for chunk in input.chunks() {
            decoder.push(chunk);
            loop {
                match decoder.next_frame() {
                    Ok(Some(frame)) => {
                        let (offset, wire_len) = (frame.offset(), frame.wire_len());
                        sink.frame(&FrameView::payload(offset, wire_len, frame.payload()), out)?;
                    }
                    Ok(None) => break,
                    Err(error) => {
                        bad = bad.saturating_add(1);
                        note(&error, options, sink, out)?;
                    }
                }
            }
        }
        sink.idle(out)?;
        out.flush()?;
    }
    // All that was whole has been taken.
    let error = decoder.finish().err();
    sink.end(error.as_ref(), out)?;
    out.flush()?;
    match (error, bad) {
        (Some(error), _) => Err(Failure::Data(error.to_string())),
        (None, 0) => Ok(()),
        (None, 1) => Err(Failure::Data("1 frame was bad".to_owned())),
        (None, bad) => Err(Failure::Data(format!("{bad} frames were bad"))),
    }
}

/// Says that a frame is wrong. What follows it may be right.
fn note(error: &DecodeError, options: Options, sink: &mut impl Sink, out: &mut Output) -> Result<(), Failure> {
    sink.bad(&EofError::Decode(*error), out)?;
    out.flush()?;
    let note = Palette::stderr(options.color).note;
    // Nobody is left to tell if stderr is closed.
    let _ = write_all(&format!("{}bad frame:{} {error}\n", note.open, note.close));
    Ok(())
}
