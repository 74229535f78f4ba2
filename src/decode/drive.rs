//! The one driver of the state machine, over any buffer.

use crate::contract::{Extent, Framing};
use crate::decode::deframer::Deframer;
use crate::decode::frame::Piece;
use crate::decode::recovery::Stretch;
use crate::decode::step::{PieceStep, Step};
use crate::decode::window::Window;
use crate::error::{DecodeError, EofError};

/// What was found, and not yet returned.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found {
    /// A frame at the front of the window.
    Frame(Extent),
    /// A rejected frame was skipped.
    Skipped(Stretch),
}

/// A piece that was found, and not yet returned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FoundPiece {
    step: PieceStep,
    /// Length of the header that was at the front of the window before the step.
    kept: usize,
}

/// Does what a step asks, and returns what was found. `None`: go on. A [`Step::Need`] is for the caller.
#[inline]
pub(crate) fn apply<W: Window>(step: Step, window: &mut W) -> Option<Found> {
    match step {
        Step::Frame(extent) => Some(Found::Frame(extent)),
        Step::Discard { at, len } => {
            window.remove(at, len);
            None
        }
        Step::Skipped { len, stretch } => {
            window.remove(0, len);
            Some(Found::Skipped(stretch))
        }
        Step::Need(_) => None,
    }
}

/// Finds the next frame or stretch.
pub(crate) fn find<F: Framing, W: Window>(
    deframer: &mut Deframer<F>,
    window: &mut W,
) -> Result<Option<Found>, DecodeError> {
    loop {
        let step = deframer.step(window.bytes())?;
        if let Step::Need(_) = step {
            return Ok(None);
        }
        if let Some(found) = apply(step, window) {
            return Ok(Some(found));
        }
    }
}

/// Finds the next frame or stretch at the end of the stream.
pub(crate) fn find_at_eof<F: Framing, W: Window>(
    deframer: &mut Deframer<F>,
    window: &mut W,
) -> Result<Option<Found>, EofError> {
    while let Some(step) = deframer.finish(window.bytes())? {
        if let Some(found) = apply(step, window) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Finds the next frame or stretch of what is there after a silence.
pub(crate) fn find_at_silence<F: Framing, W: Window>(
    deframer: &mut Deframer<F>,
    window: &mut W,
) -> Result<Option<Found>, DecodeError> {
    while let Some(step) = deframer.idle(window.bytes())? {
        if let Some(found) = apply(step, window) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Finds the next piece or stretch.
pub(crate) fn find_piece<F: Framing, W: Window>(
    deframer: &mut Deframer<F>,
    window: &mut W,
) -> Result<Option<FoundPiece>, DecodeError> {
    loop {
        let kept = deframer.state.kept();
        let step = deframer.step_piece(window.bytes())?;
        if let PieceStep::Other(Step::Need(_)) = step {
            return Ok(None);
        }
        if let Some(found) = found_piece(deframer, window, step, kept) {
            return Ok(Some(found));
        }
    }
}

/// Finds the next piece or stretch at the end of the stream.
pub(crate) fn find_piece_at_eof<F: Framing, W: Window>(
    deframer: &mut Deframer<F>,
    window: &mut W,
) -> Result<Option<FoundPiece>, EofError> {
    loop {
        let kept = deframer.state.kept();
        let Some(step) = deframer.finish_piece(window.bytes())? else { return Ok(None) };
        if let Some(found) = found_piece(deframer, window, step, kept) {
            return Ok(Some(found));
        }
    }
}

/// Does what a step asks, and opens the piece that it found.
fn found_piece<F: Framing, W: Window>(
    deframer: &mut Deframer<F>,
    window: &mut W,
    step: PieceStep,
    kept: usize,
) -> Option<FoundPiece> {
    match step {
        PieceStep::Other(Step::Skipped { len, .. }) => {
            window.remove(0, len);
            Some(FoundPiece { step, kept })
        }
        PieceStep::Other(step) => {
            apply(step, window);
            None
        }
        PieceStep::Data { at, len } => {
            let opened = deframer.open_piece(window.bytes_mut(), at, len);
            // Opening may leave fewer bytes. The others are removed at once.
            window.remove(at.saturating_add(opened), len.saturating_sub(opened));
            (opened > 0).then_some(FoundPiece { step: PieceStep::Data { at, len: opened }, kept })
        }
        step => Some(FoundPiece { step, kept }),
    }
}

/// Bytes of the window that are returned with a piece, after the header at its front, and go at the next call.
pub(crate) fn lend_piece<'w>(found: FoundPiece, window: &'w [u8], lent: &mut usize) -> Option<Piece<'w>> {
    match found.step {
        PieceStep::Start { extent, announced } => Some(Piece::Start {
            header: window.get(..extent.header_len())?,
            len: (announced && !extent.is_rewritten()).then_some(extent.payload_len()),
            control: extent.is_control(),
        }),
        PieceStep::Data { at, len } => {
            *lent = len;
            Some(Piece::Data(window.get(at..)?.get(..len)?))
        }
        PieceStep::End { len } => {
            *lent = len;
            Some(Piece::End { trailer: window.get(found.kept..len)? })
        }
        PieceStep::Other(Step::Skipped { stretch, .. }) => Some(Piece::Skipped(stretch)),
        PieceStep::Other(_) | PieceStep::Clean => None,
    }
}

/// How many bytes are missing at least until there is something to return; 0 if there is, or after an error.
pub(crate) fn need<F: Framing, W: Window>(deframer: &mut Deframer<F>, window: &mut W) -> usize {
    loop {
        match deframer.peek(window.bytes()) {
            Err(missing) => return missing,
            Ok(step) => {
                apply(step, window);
            }
        }
    }
}

/// Whether the end of the stream leaves a frame or a stretch. It stays.
#[cfg(feature = "std")]
pub(crate) fn has_more_at_eof<F: Framing, W: Window>(
    deframer: &mut Deframer<F>,
    window: &mut W,
) -> Result<bool, EofError> {
    loop {
        let before = deframer.state;
        match deframer.finish(window.bytes())? {
            None => return Ok(false),
            Some(step @ Step::Discard { .. }) => {
                apply(step, window);
            }
            Some(_) => {
                deframer.state = before;
                return Ok(true);
            }
        }
    }
}
