//! The loop from a stream to a sink for its frames.

use anysplit::{
    AnyFraming, Body, DecodeError, DecodeErrorKind, Decoder, EofError, Event, Frame, Piece, Recovery, Stretch,
    Truncated,
};

use crate::failure::{Failure, write_all};
use crate::hex;
use crate::input::Input;
use crate::output::Output;
use crate::style::{Palette, When};

/// The parts of a frame that can be shown.
pub(crate) struct FrameView<'a> {
    /// In bytes from the start of the stream.
    pub(crate) offset: u64,
    /// As on the wire, as is the trailer.
    pub(crate) header: &'a [u8],
    pub(crate) payload: &'a [u8],
    pub(crate) trailer: &'a [u8],
    /// Two parts, if other bytes are in the middle of it.
    pub(crate) message: [&'a [u8]; 2],
    /// Whether the header begins with a byte of the message and contains no other.
    pub(crate) has_type: bool,
    pub(crate) wire_len: u64,
    pub(crate) is_control: bool,
    /// Whether the payload is as on the wire too.
    pub(crate) is_on_wire: bool,
    /// The frame itself. `None` for a message of several frames.
    pub(crate) frame: Option<&'a Frame<'a>>,
}

impl<'a> From<&'a Frame<'_>> for FrameView<'a> {
    #[inline]
    fn from(frame: &'a Frame<'_>) -> Self {
        let (header, message) = (frame.header(), frame.message().parts());
        let first = message.iter().find_map(|part| part.first());
        Self {
            offset: frame.offset(),
            header,
            payload: frame.payload(),
            trailer: frame.trailer(),
            message,
            has_type: frame.extent().message_header_len() == 1 && header.first() == first,
            wire_len: frame.wire_len() as u64,
            is_control: frame.is_control(),
            is_on_wire: frame.wire().is_some(),
            frame: Some(frame),
        }
    }
}

/// A consumer of the frames of a stream.
pub(crate) trait Sink {
    fn frame(&mut self, frame: &FrameView<'_>, out: &mut Output) -> Result<(), Failure>;

    /// A frame was wrong, and was skipped.
    fn bad(&mut self, _: &Stretch, _: &mut Output) -> Result<(), Failure> {
        Ok(())
    }

    /// Part of a frame, where the user asked for payloads in pieces, and whether it is a control frame. Skipped frames
    /// go to `bad` and `skipped`.
    fn piece(&mut self, _: Piece<'_>, _control: bool, _: &mut Output) -> Result<(), Failure> {
        Ok(())
    }

    /// A frame over the limit was skipped.
    fn skipped(&mut self, _: &Stretch, _: &mut Output) -> Result<(), Failure> {
        Ok(())
    }

    /// All input so far is processed, and the next may take long to arrive.
    fn idle(&mut self, _: &mut Output) -> Result<(), Failure> {
        Ok(())
    }

    /// The stream is at its end, or cannot be used after this point.
    fn end(&mut self, _: Option<&EofError>, _: &mut Output) -> Result<(), Failure> {
        Ok(())
    }
}

/// How a stream is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) recovery: Recovery,
    /// The offset in the input where the decoder's stream begins.
    pub(crate) skip: u64,
    /// Payloads are passed on as they arrive, and frames are not held.
    pub(crate) pieces: bool,
    /// Skipped bytes are no failure.
    pub(crate) ignore_skipped: bool,
    pub(crate) color: When,
    /// The option in which the user gave the framing.
    pub(crate) spec: &'static str,
}

/// Reads the stream to its end, and passes everything in it to `sink`.
pub(crate) fn run(
    framing: AnyFraming,
    mut input: Input,
    options: Options,
    sink: &mut impl Sink,
    out: &mut Output,
) -> Result<(), Failure> {
    let mut decoder = Decoder::new(framing).with_recovery(options.recovery);
    let result = pump(&mut decoder, &mut input, options, sink, out);
    let error = match result {
        Ok(()) => None,
        Err(Stop::Bad(error)) => Some(error),
        Err(Stop::Failed(failure)) => {
            // A failure does not lose the output before it.
            out.flush()?;
            return Err(failure);
        }
    };
    let error = error.map(|error| shifted(error, options.skip));
    sink.end(error.as_ref(), out)?;
    out.flush()?;
    match (error, decoder.skipped().stretches) {
        (Some(error), _) => Err(Failure::Data(explained(&error, &decoder, &input, options))),
        (None, 0) => Ok(()),
        // The user asked to skip these.
        (None, _) if options.recovery == Recovery::SkipOversize || options.ignore_skipped => Ok(()),
        (None, _) if options.recovery == Recovery::Resync => {
            Err(Failure::Data(format!("{} bytes belong to no frame", decoder.skipped().bytes)))
        }
        (None, 1) => Err(Failure::Data("1 frame was bad".to_owned())),
        (None, bad) => Err(Failure::Data(format!("{bad} frames were bad"))),
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

impl From<EofError> for Stop {
    fn from(error: EofError) -> Self {
        Self::Bad(error)
    }
}

fn pump(
    decoder: &mut Decoder<AnyFraming>,
    input: &mut Input,
    options: Options,
    sink: &mut impl Sink,
    out: &mut Output,
) -> Result<(), Stop> {
    // Whether the frame of the next pieces is a control frame.
    let mut in_control = false;
    while input.advance()? {
        for chunk in input.chunks() {
            if options.pieces {
                // The decoder takes bytes until it fails, and after that nothing more is pushed.
                let _ = decoder.push(chunk);
                while let Some(piece) = decoder.next_piece()? {
                    pass(piece, &mut in_control, options, sink, out)?;
                }
                continue;
            }
            let Ok(mut frames) = decoder.frames_in(chunk) else { break };
            while let Some(event) = frames.next_event()? {
                take(&event, options, sink, out)?;
            }
        }
        // The next read may wait for long, and the reader of the output should not.
        sink.idle(out)?;
        out.flush().map_err(Failure::from)?;
    }
    if options.pieces {
        while let Some(piece) = decoder.finish_piece()? {
            pass(piece, &mut in_control, options, sink, out)?;
        }
    } else {
        while let Some(event) = decoder.finish_event()? {
            take(&event, options, sink, out)?;
        }
    }
    Ok(())
}

#[inline]
fn take(event: &Event<'_>, options: Options, sink: &mut impl Sink, out: &mut Output) -> Result<(), Failure> {
    match event {
        Event::Frame(frame) => {
            let mut frame = FrameView::from(frame);
            frame.offset = frame.offset.saturating_add(options.skip);
            sink.frame(&frame, out)
        }
        Event::Skipped(stretch) => passed_over(stretch, options, sink, out),
    }
}

fn pass(
    piece: Piece<'_>,
    in_control: &mut bool,
    options: Options,
    sink: &mut impl Sink,
    out: &mut Output,
) -> Result<(), Failure> {
    match piece {
        Piece::Skipped(stretch) => return passed_over(&stretch, options, sink, out),
        Piece::Start { control, .. } => *in_control = control,
        Piece::Data(_) | Piece::End { .. } => {}
    }
    sink.piece(piece, *in_control, out)
}

/// Reports that a frame was skipped.
#[cold]
fn passed_over(stretch: &Stretch, options: Options, sink: &mut impl Sink, out: &mut Output) -> Result<(), Failure> {
    let offset = stretch.offset.saturating_add(options.skip);
    let stretch = &Stretch { offset, reason: moved(stretch.reason, options.skip), ..*stretch };
    let Stretch { len, reason, .. } = stretch;
    let (what, text) = match options.recovery {
        Recovery::SkipOversize => {
            sink.skipped(stretch, out)?;
            ("skipped", format!("byte {offset}: a frame of {len} bytes, over the limit, was skipped"))
        }
        Recovery::Resync => {
            sink.skipped(stretch, out)?;
            ("skipped", format!("byte {offset}: {len} bytes, searched for frames: {reason}"))
        }
        _ => {
            sink.bad(stretch, out)?;
            ("bad frame", reason.to_string())
        }
    };
    out.flush()?;
    let note = Palette::stderr(options.color).note;
    // If stderr is closed, nobody can be notified.
    let _ = write_all(&format!("{}{what}:{} {text}\n", note.open, note.close));
    Ok(())
}

/// The same error with all offsets `by` bytes later.
fn shifted(error: EofError, by: u64) -> EofError {
    match error {
        EofError::Decode(error) => EofError::Decode(moved(error, by)),
        EofError::Truncated { frame_offset, end, part } => {
            EofError::Truncated { frame_offset: frame_offset.saturating_add(by), end: end.saturating_add(by), part }
        }
    }
}

fn moved(error: DecodeError, by: u64) -> DecodeError {
    let (frame_offset, offset) = (error.frame_offset.saturating_add(by), error.offset.saturating_add(by));
    DecodeError { frame_offset, offset, ..error }
}

/// The error, possible remedies, and the bytes around it.
fn explained(error: &EofError, decoder: &Decoder<AnyFraming>, input: &Input, options: Options) -> String {
    let palette = Palette::stderr(options.color);
    let mut text = format!("{error}\n\n").into_bytes();
    let (first, at, mark) = match error {
        EofError::Decode(error) => (error.frame_offset, error.offset, "^^"),
        EofError::Truncated { frame_offset, end, .. } => (*frame_offset, *end, "^ the stream ends here"),
    };
    let byte = |offset: u64| {
        let held = offset
            .checked_sub(decoder.position().saturating_add(options.skip))
            .and_then(|index| usize::try_from(index).ok());
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
    if let Some(hint) = hint(error, decoder.framing(), options.spec) {
        text.extend_from_slice(format!("\n{hint}\n").as_bytes());
    }
    String::from_utf8_lossy(&text).trim_end().to_owned()
}

/// What the user can do.
fn hint(error: &EofError, framing: &AnyFraming, spec: &str) -> Option<String> {
    match error {
        EofError::Decode(DecodeError { kind: DecodeErrorKind::Oversize { .. }, .. }) => {
            let skip = if spec == "--messages" { "" } else { ", or pass over such frames with --skip-oversize" };
            Some(format!("Raise the limit with `max=` in {spec}{skip}."))
        }
        EofError::Decode(DecodeError { kind: DecodeErrorKind::NotShortest, .. }) => {
            Some(format!("Such numbers are read with the option `longer` in {spec}."))
        }
        EofError::Truncated { part: Truncated::Unterminated { .. }, .. } if is_delimited(framing) => {
            Some(format!("Such a message is taken with the option `unterminated=take` in {spec}."))
        }
        _ => None,
    }
}

/// Whether the text form accepts the option `unterminated`.
fn is_delimited(framing: &AnyFraming) -> bool {
    match framing {
        AnyFraming::Delimited(_) => true,
        AnyFraming::Enclosed(enclosed) => is_delimited(enclosed.inner()),
        AnyFraming::Then(then) => is_delimited(then.first()) || is_delimited(then.rest()),
        AnyFraming::ByFirstByte(by_first_byte) => by_first_byte.table().iter().any(|(_, inner)| is_delimited(inner)),
        AnyFraming::ByType(by_type) => {
            by_type.table().iter().any(|(_, body)| matches!(body, Body::Framed(inner) if is_delimited(inner)))
        }
        _ => false,
    }
}
