//! From a stream to what is done with its frames.

use anysplit::{AnyFraming, DecodeError, DecodeErrorKind, Decoder, EofError, Frame, Oversize, Piece, Truncated};

use crate::failure::{Failure, write_all};
use crate::hex;
use crate::input::Input;
use crate::output::Output;
use crate::stuffed::Spec;
use crate::style::{Palette, When};

/// What there is to show of a frame.
pub(crate) struct FrameView<'a> {
    /// In bytes from the start of the stream.
    pub(crate) offset: u64,
    pub(crate) header: &'a [u8],
    /// As much of the header belongs to the message.
    pub(crate) message_header: &'a [u8],
    pub(crate) payload: &'a [u8],
    pub(crate) trailer: &'a [u8],
    pub(crate) wire_len: u64,
    pub(crate) is_control: bool,
}

impl<'a> FrameView<'a> {
    /// A payload that has taken so many bytes on the wire.
    pub(crate) const fn payload(offset: u64, wire_len: u64, payload: &'a [u8]) -> Self {
        Self { offset, header: &[], message_header: &[], payload, trailer: &[], wire_len, is_control: false }
    }
}

impl<'a> From<&'a Frame<'_>> for FrameView<'a> {
    #[inline]
    fn from(frame: &'a Frame<'_>) -> Self {
        Self {
            offset: frame.offset(),
            header: frame.header(),
            message_header: frame.header().get(..frame.extent().message_header_len()).unwrap_or_default(),
            payload: frame.payload(),
            trailer: frame.trailer(),
            wire_len: frame.wire().len() as u64,
            is_control: frame.is_control(),
        }
    }
}

/// What is done with the frames of a stream.
pub(crate) trait Sink {
    fn frame(&mut self, frame: &FrameView<'_>, out: &mut Output) -> Result<(), Failure>;

    /// A frame was wrong, and there may be more after it.
    fn bad(&mut self, _: &EofError, _: &mut Output) -> Result<(), Failure> {
        Ok(())
    }

    /// Part of a frame, where the user asked for payloads in pieces, and whether it is a control frame.
    fn piece(&mut self, _: Piece<'_>, _control: bool, _: &mut Output) -> Result<(), Failure> {
        Ok(())
    }

    /// A frame over the limit was passed over.
    fn skipped(&mut self, _: &DecodeError, _: &mut Output) -> Result<(), Failure> {
        Ok(())
    }

    /// All that has come is done with, and more may be long in coming.
    fn idle(&mut self, _: &mut Output) -> Result<(), Failure> {
        Ok(())
    }

    /// The stream is at its end, or is no use from here on.
    fn end(&mut self, _: Option<&EofError>, _: &mut Output) -> Result<(), Failure> {
        Ok(())
    }
}

/// How a stream is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) oversize: Oversize,
    /// Payloads are passed on as they come, and frames are not held.
    pub(crate) pieces: bool,
    pub(crate) color: When,
    /// Where the user said what the framing is.
    pub(crate) spec: &'static str,
}

/// Reads the stream to its end, and hands all there is in it to `sink`.
pub(crate) fn run(
    spec: Spec,
    mut input: Input,
    options: Options,
    sink: &mut impl Sink,
    out: &mut Output,
) -> Result<(), Failure> {
    let framing = match spec {
        Spec::Framing(framing) => framing,
        Spec::Stuffed(stuffed) => return stuffed.run(input, options, sink, out),
    };
    let mut decoder = Decoder::new(framing).with_oversize(options.oversize);
    let result = pump(&mut decoder, &mut input, options, sink, out);
    let error = match result {
        Ok(()) => None,
        Err(Stop::Bad(error)) => Some(error),
        Err(Stop::Failed(failure)) => {
            // What was finished before is not lost with what failed.
            out.flush()?;
            return Err(failure);
        }
    };
    sink.end(error.as_ref(), out)?;
    out.flush()?;
    match error {
        None => Ok(()),
        Some(error) => Err(Failure::Data(explained(&error, &decoder, &input, options))),
    }
}

enum Stop {
    Bad(EofError),
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<DecodeError> for Stop {
    fn from(error: DecodeError) -> Self {
        Self::Bad(error.into())
    }
}

fn pump<S: Sink>(
    decoder: &mut Decoder<AnyFraming>,
    input: &mut Input,
    options: Options,
    sink: &mut S,
    out: &mut Output,
) -> Result<(), Stop> {
    // Of the frame that the next pieces belong to.
    let mut in_control = false;
    let mut pass = |piece: Piece<'_>, sink: &mut S, out: &mut Output| {
        if let Piece::Start { control, .. } = piece {
            in_control = control;
        }
        sink.piece(piece, in_control, out)
    };
    let skip = |error: DecodeError, sink: &mut _, out: &mut _| passed_over(error, options.color, sink, out);
    while input.advance()? {
        for chunk in input.chunks() {
            if options.pieces {
                // It takes bytes for as long as it has not failed, and after that nothing more is pushed.
                let _ = decoder.push(chunk);
                loop {
                    match decoder.next_piece() {
                        Ok(Some(piece)) => pass(piece, sink, out)?,
                        Ok(None) => break,
                        Err(error) => skip(error, sink, out)?,
                    }
                }
                continue;
            }
            let Ok(mut frames) = decoder.frames_in(chunk) else { break };
            loop {
                match frames.next_frame() {
                    Ok(Some(frame)) => sink.frame(&(&frame).into(), out)?,
                    Ok(None) => break,
                    Err(error) => skip(error, sink, out)?,
                }
            }
        }
        // The next read may wait for long: whoever is downstream should not.
        sink.idle(out)?;
        out.flush().map_err(Failure::from)?;
    }
    loop {
        let error = match options.pieces {
            true => match decoder.finish_piece() {
                Ok(Some(piece)) => {
                    pass(piece, sink, out)?;
                    continue;
                }
                Ok(None) => return Ok(()),
                Err(error) => error,
            },
            false => match decoder.finish() {
                Ok(Some(frame)) => {
                    sink.frame(&(&frame).into(), out)?;
                    continue;
                }
                Ok(None) => return Ok(()),
                Err(error) => error,
            },
        };
        match error {
            EofError::Decode(error) => skip(error, sink, out)?,
            error => return Err(Stop::Bad(error)),
        }
    }
}

/// Goes on if `error` says that a frame was skipped.
fn passed_over(error: DecodeError, color: When, sink: &mut impl Sink, out: &mut Output) -> Result<(), Stop> {
    if !error.is_skipped() {
        return Err(error.into());
    }
    sink.skipped(&error, out)?;
    out.flush().map_err(Failure::from)?;
    let note = Palette::stderr(color).note;
    // Nobody is left to tell if stderr is closed.
    let _ = write_all(&format!("{}skipped:{} {error}\n", note.open, note.close));
    Ok(())
}

/// The error, what could be done about it, and the bytes around it.
fn explained(error: &EofError, decoder: &Decoder<AnyFraming>, input: &Input, options: Options) -> String {
    let palette = Palette::stderr(options.color);
    let mut text = format!("{error}\n\n").into_bytes();
    let (first, at, mark) = match error {
        EofError::Decode(fault) => (fault.frame, fault.offset, "^^"),
        EofError::Truncated { frame, end, .. } => (*frame, *end, "^ the stream ends here"),
    };
    let byte = |offset: u64| {
        let held = offset.checked_sub(decoder.position()).and_then(|index| usize::try_from(index).ok());
        input.byte(offset).or_else(|| held.and_then(|index| decoder.buffered().get(index).copied()))
    };
    let row = hex::ROW as u64;
    let marked = at / row * row;
    let rows = [marked.checked_sub(row), Some(marked), marked.checked_add(row)];
    for start in rows.into_iter().flatten() {
        let cells = (start..start.saturating_add(row)).map(|offset| {
            let span = match offset {
                offset if offset == at => &palette.bad,
                offset if offset < first => &palette.faint,
                _ => &palette.plain,
            };
            byte(offset).map(|byte| (byte, span))
        });
        if start == marked || cells.clone().any(|cell| cell.is_some()) {
            hex::row(start, cells, &palette, &mut text);
        }
        if start == marked {
            let blanks = " ".repeat(hex::column(usize::try_from(at - marked).unwrap_or_default()));
            text.extend_from_slice(format!("{blanks}{}{mark}{}\n", palette.bad.open, palette.bad.close).as_bytes());
        }
    }
    if let Some(hint) = hint(error, options.spec) {
        text.extend_from_slice(format!("\n{hint}\n").as_bytes());
    }
    String::from_utf8_lossy(&text).trim_end().to_owned()
}

/// What the user could do.
fn hint(error: &EofError, spec: &str) -> Option<String> {
    match error {
        EofError::Decode(DecodeError { kind: DecodeErrorKind::Oversize { .. }, .. }) => {
            let skip = if spec == "--messages" { "" } else { ", or pass over such frames with --skip-oversize" };
            Some(format!("Raise the limit with `max=` in {spec}{skip}."))
        }
        EofError::Decode(DecodeError { kind: DecodeErrorKind::NotShortest, .. }) => {
            Some(format!("Such numbers are read with the option `longer` in {spec}."))
        }
        EofError::Truncated { cut: Truncated::Unterminated { .. }, .. } => {
            Some(format!("Such a message is taken with the option `unterminated=take` in {spec}."))
        }
        _ => None,
    }
}
