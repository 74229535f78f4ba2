//! One direction of a stream: bytes in, frames to a [`Sink`].

use anysplit::{AnyFraming, DecodeError, Decoder, EofError, Event, Piece, Recovery, Stretch};

use crate::asked::Side;
use crate::explain::bytes_of;
use crate::failure::{Failure, write_all};
use crate::fault;
use crate::output::Output;
use crate::sink::{FrameView, Place, Sink};
use crate::style::{Palette, When};

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

/// Why no more bytes are taken.
pub(crate) enum Stop {
    /// These bytes are no frame, or the stream ended inside one.
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

/// A decoder, and what is known of the stream that it decodes.
pub(crate) struct Flow {
    decoder: Decoder<AnyFraming>,
    framing: AnyFraming,
    options: Options,
    pub(crate) place: Place,
    /// The number of frames so far, in this direction.
    frames: u64,
    /// Every frame whose number is a multiple of this is marked as damaged.
    pub(crate) damage: Option<u64>,
    /// What HTTP/1 responses answer, if the other direction is read too.
    pub(crate) http1: Option<Side>,
    /// Whether the frame of the next pieces is a control frame.
    in_control: bool,
}

impl Flow {
    pub(crate) fn new(framing: AnyFraming, options: Options, place: Place) -> Self {
        let decoder = Decoder::new(framing.clone()).with_recovery(options.recovery);
        Self { decoder, framing, options, place, frames: 0, damage: None, http1: None, in_control: false }
    }

    /// Starts again with the byte at `offset`, after bytes that were lost. The count of frames goes on.
    pub(crate) fn restart(&mut self, offset: u64) {
        self.decoder = Decoder::new(self.framing.clone()).with_recovery(self.options.recovery);
        self.options.skip = offset;
        // A request or a response may be among them.
        self.http1 = None;
    }

    pub(crate) const fn frames(&self) -> u64 {
        self.frames
    }

    /// Offset of the first byte that was neither part of a complete frame nor skipped.
    pub(crate) fn position(&self) -> u64 {
        self.decoder.position().saturating_add(self.options.skip)
    }

    /// Passes on the frames that are complete with these bytes.
    pub(crate) fn feed<S: Sink + ?Sized>(&mut self, chunk: &[u8], sink: &mut S, out: &mut Output) -> Result<(), Stop> {
        if self.options.pieces {
            // The decoder takes bytes until it fails, and after that nothing more is pushed.
            let _ = self.decoder.push(chunk);
            while let Some(piece) = self.decoder.next_piece()? {
                pass(piece, &mut self.in_control, &mut self.frames, self.options, self.place, sink, out)?;
            }
            return Ok(());
        }
        if self.http1.is_some() {
            // As above.
            let _ = self.decoder.push(chunk);
            return self.take_http1(false, sink, out);
        }
        let Self { decoder, framing, options, place, frames, damage, .. } = self;
        let Ok(mut events) = decoder.frames_in(chunk) else { return Ok(()) };
        while let Some(event) = events.next_event()? {
            take(&event, framing, frames, *damage, *options, *place, sink, out)?;
        }
        Ok(())
    }

    /// The stream is at its end.
    pub(crate) fn finish<S: Sink + ?Sized>(&mut self, sink: &mut S, out: &mut Output) -> Result<(), Stop> {
        if self.http1.is_some() && !self.options.pieces {
            return self.take_http1(true, sink, out);
        }
        let Self { decoder, framing, options, place, frames, damage, in_control, .. } = self;
        if options.pieces {
            while let Some(piece) = decoder.finish_piece()? {
                pass(piece, in_control, frames, *options, *place, sink, out)?;
            }
            return Ok(());
        }
        while let Some(event) = decoder.finish_event()? {
            take(&event, framing, frames, *damage, *options, *place, sink, out)?;
        }
        Ok(())
    }

    /// Passes on the frames that are complete, each response in the framing that its request asks for.
    fn take_http1<S: Sink + ?Sized>(&mut self, at_end: bool, sink: &mut S, out: &mut Output) -> Result<(), Stop> {
        let Self { decoder, options, place, frames, damage, http1: Some(side), .. } = self else { return Ok(()) };
        loop {
            side.prepare(decoder);
            let event = if at_end { decoder.finish_event()? } else { decoder.next_event()? };
            let Some(event) = event else { return Ok(()) };
            if let Event::Frame(frame) = &event {
                side.see(frame);
            }
            take(&event, &side.framing, frames, *damage, *options, *place, sink, out)?;
        }
    }

    /// The error with offsets of the input, and its explanation. `byte` returns a byte of the input, if it is still there.
    pub(crate) fn explain(&self, error: EofError, byte: impl Fn(u64) -> Option<u8>) -> (EofError, String) {
        let (skip, position) = (self.options.skip, self.position());
        let error = shifted(error, skip);
        let held = |offset: u64| {
            let index = offset.checked_sub(position).and_then(|index| usize::try_from(index).ok())?;
            self.decoder.buffered().get(index).copied()
        };
        let Options { spec, color, .. } = self.options;
        let byte = |offset: u64| byte(offset).or_else(|| held(offset));
        let text = fault::explained(&error, self.frames, &self.framing, byte, spec, &Palette::stderr(color));
        (error, text)
    }

    /// The failure to report for a stream that was read to its end, if part of it was bad.
    pub(crate) fn verdict(&self) -> Result<(), Failure> {
        let skipped = self.decoder.skipped();
        match (self.options.recovery, skipped.stretches) {
            (_, 0) | (Recovery::SkipOversize, _) => Ok(()),
            _ if self.options.ignore_skipped => Ok(()),
            (Recovery::Resync | Recovery::ResyncConfirmed, _) => {
                let belong = if skipped.bytes == 1 { "belongs" } else { "belong" };
                Err(Failure::Data(format!("{} {belong} to no frame", bytes_of(skipped.bytes))))
            }
            (_, 1) => Err(Failure::Data("1 frame was bad".to_owned())),
            (_, bad) => Err(Failure::Data(format!("{bad} frames were bad"))),
        }
    }
}

#[inline]
#[expect(clippy::too_many_arguments, reason = "the parts of a flow, beside the decoder that lends the event")]
fn take<S: Sink + ?Sized>(
    event: &Event<'_>,
    framing: &AnyFraming,
    frames: &mut u64,
    damage: Option<u64>,
    options: Options,
    place: Place,
    sink: &mut S,
    out: &mut Output,
) -> Result<(), Failure> {
    match event {
        Event::Frame(frame) => {
            *frames = frames.saturating_add(1);
            let mut view = FrameView::new(frame, framing, *frames, options.skip, place);
            view.is_damaged = damage.is_some_and(|every| *frames % every == 0);
            sink.frame(&view, out)
        }
        Event::Skipped(stretch) => passed_over(stretch, options, place, sink, out),
    }
}

fn pass<S: Sink + ?Sized>(
    piece: Piece<'_>,
    in_control: &mut bool,
    frames: &mut u64,
    options: Options,
    place: Place,
    sink: &mut S,
    out: &mut Output,
) -> Result<(), Failure> {
    match piece {
        Piece::Skipped(stretch) => return passed_over(&stretch, options, place, sink, out),
        Piece::Start { control, .. } => *in_control = control,
        Piece::End { .. } => *frames = frames.saturating_add(1),
        Piece::Data(_) => {}
    }
    sink.piece(piece, *in_control, out)
}

/// Reports that a frame was skipped.
#[cold]
fn passed_over<S: Sink + ?Sized>(
    stretch: &Stretch,
    options: Options,
    place: Place,
    sink: &mut S,
    out: &mut Output,
) -> Result<(), Failure> {
    let offset = stretch.offset.saturating_add(options.skip);
    let stretch = &Stretch { offset, reason: moved(stretch.reason, options.skip), ..*stretch };
    let (len, reason) = (bytes_of(stretch.len), stretch.reason);
    let (what, text) = match options.recovery {
        Recovery::SkipOversize => {
            sink.skipped(stretch, place, out)?;
            ("skipped", format!("byte {offset}: a frame of {len}, over the limit, was skipped"))
        }
        Recovery::Resync | Recovery::ResyncConfirmed => {
            sink.skipped(stretch, place, out)?;
            ("skipped", format!("byte {offset}: {len}, searched for frames: {reason}"))
        }
        _ => {
            sink.bad(stretch, place, out)?;
            ("bad frame", reason.to_string())
        }
    };
    out.flush()?;
    let note = Palette::stderr(options.color).note;
    // If stderr is closed, nobody can be notified.
    let _ = write_all(&format!("{}{what}:{} {}{text}\n", note.open, note.close, place.words()));
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
