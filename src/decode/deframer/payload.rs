//! Steps inside a frame whose payload goes as it comes: passed on in pieces, dropped, or skipped.

use super::Deframer;
use crate::contract::{AtEof, Extent, Framing, Located, Part, Progress};
use crate::decode::state::{Phase, Purpose};
use crate::decode::step::{PieceStep, Step};
use crate::error::{DecodeError, FrameError, Truncated};

impl<F: Framing> Deframer<F> {
    /// Begins to pass on a payload. The header is there.
    pub(super) fn begin(&mut self, input: &[u8], extent: Extent, known: bool) -> Result<PieceStep, DecodeError> {
        let header = input.get(..extent.header_len()).unwrap_or(input);
        // What the header alone announces, so that it does not matter how much of the payload came with it.
        let mut progress = Progress { previous: self.state.progress().previous, lenient: true, ..Progress::default() };
        let announced = match self.framing.locate(header, &mut progress) {
            Ok(Located::Known(announced)) => announced.header_len() == header.len(),
            _ => false,
        };
        if known {
            self.state.enter(extent, Purpose::Pieces);
        } else {
            self.state.enter_open(extent, Purpose::Pieces);
        }
        if let Err(error) = self.check_part(extent, known, header, header, 0, false) {
            let before = self.state.progress();
            self.reject_checked(error, extent, before)?;
            return Ok(PieceStep::Other(Step::Discard { at: 0, len: 0 }));
        }
        Ok(PieceStep::Start { extent, announced })
    }

    /// Looks for the end of the payload that goes as it comes.
    pub(super) fn search_body(
        &mut self,
        input: &[u8],
        so_far: Extent,
        purpose: Purpose,
    ) -> Result<Option<PieceStep>, DecodeError> {
        let before = self.state.progress();
        let located = match self.framing.locate(input, self.state.progress_mut()) {
            Ok(located) => located,
            Err(error) => match self.locate_before(input, error, before, true) {
                Some(located) => located,
                None => return self.reject(error, before),
            },
        };
        let header = so_far.header_len();
        let gone = before.consumed;
        match located {
            Located::Known(extent) => {
                let total = extent.with_payload_len(extent.payload_len().saturating_add(gone));
                self.state.enter(total, purpose);
                Ok(None)
            }
            Located::Search { so_far: found, .. } if found.payload_len() > 0 => {
                let there = input.len().saturating_sub(header);
                let len = usize::try_from(found.payload_len()).unwrap_or(usize::MAX).min(there);
                self.pass_on(input, so_far, false, purpose, len)
            }
            other => self.more_of_body(input, other, purpose),
        }
    }

    /// As [`more`](Self::more), inside a payload.
    pub(super) fn more_of_body(
        &mut self,
        input: &[u8],
        located: Located,
        purpose: Purpose,
    ) -> Result<Option<PieceStep>, DecodeError> {
        if !self.state.is_eof() {
            return self.more(input, located);
        }
        let before = self.state.progress();
        match self.framing.at_eof(input, self.state.progress_mut()) {
            Ok(AtEof::Frame(extent)) if extent.fits(input.len()).is_some() => {
                let total = extent.with_payload_len(extent.payload_len().saturating_add(before.consumed));
                self.state.enter(total, purpose);
                Ok(None)
            }
            Ok(_) => self.truncate(input, located.truncated(input.len(), before.consumed)),
            Err(error) => self.reject(error, before),
        }
    }

    /// Goes through a payload whose length is known, and then through the trailer.
    pub(super) fn go_through(
        &mut self,
        input: &[u8],
        extent: Extent,
        purpose: Purpose,
    ) -> Result<Option<PieceStep>, DecodeError> {
        let consumed = self.state.progress().consumed;
        let left = extent.payload_len().saturating_sub(consumed);
        let there = input.len().saturating_sub(extent.header_len());
        let len = usize::try_from(left).unwrap_or(usize::MAX).min(there);
        if len > 0 {
            return self.pass_on(input, extent, true, purpose, len);
        }
        let around = extent.header_len().saturating_add(extent.trailer_len());
        if left > 0 || input.len() < around {
            if self.state.is_eof() {
                let have = there as u64;
                let part = match left {
                    0 => Truncated::Trailer { have, need: extent.trailer_len() as u64 },
                    _ => Truncated::Payload { have: consumed, need: extent.payload_len() },
                };
                return self.truncate(input, part);
            }
            let need = left.saturating_add(around as u64);
            self.state.wait_for((input.len() as u64).saturating_add(1), need);
            return self.need(input);
        }
        let at = (extent.header_len() as u64).saturating_add(consumed);
        let trailer = input.get(extent.header_len()..around).unwrap_or_default();
        if purpose != Purpose::Rejected {
            let header = input.get(..extent.header_len()).unwrap_or_default();
            if let Err(error) = self.check_part(extent, true, header, trailer, at, true) {
                let before = self.state.progress();
                return self.reject_checked(error, extent, before);
            }
        }
        let frame_len = extent.frame_len();
        if purpose.is_skipping() {
            let skipped = self.state.skip(frame_len);
            return Ok(skipped.map(|stretch| PieceStep::Other(Step::Skipped { len: around, stretch })));
        }
        self.state.pass(frame_len);
        Ok(Some(match purpose {
            Purpose::Pieces => PieceStep::End { len: around },
            _ => PieceStep::Other(Step::Discard { at: 0, len: around }),
        }))
    }

    /// Passes `len` bytes of payload on, or skips them.
    pub(super) fn pass_on(
        &mut self,
        input: &[u8],
        extent: Extent,
        known: bool,
        purpose: Purpose,
        len: usize,
    ) -> Result<Option<PieceStep>, DecodeError> {
        let at = extent.header_len();
        let before = self.state.progress();
        let bytes = input.get(at..).and_then(|payload| payload.get(..len)).unwrap_or_default();
        if purpose != Purpose::Rejected {
            let start = (at as u64).saturating_add(before.consumed);
            let header = input.get(..at).unwrap_or_default();
            if let Err(error) = self.check_part(extent, known, header, bytes, start, false) {
                return self.reject_checked(error, extent, before);
            }
        }
        self.state.consume(len);
        Ok(Some(match purpose {
            Purpose::Pieces => PieceStep::Data { at, len },
            _ => PieceStep::Other(Step::Discard { at, len }),
        }))
    }

    /// Has the framing check a complete frame at the front of `input`.
    pub(super) fn check_all(&self, extent: Extent, input: &[u8]) -> Result<(), FrameError> {
        if extent.is_checked() { self.framing.check(Part::all(extent, input), &mut 0) } else { Ok(()) }
    }

    /// Has the framing check the header of a frame that is skipped only because it is over the limit.
    pub(super) fn check_header(
        &mut self,
        input: &[u8],
        extent: Extent,
        known: bool,
        purpose: Purpose,
    ) -> Result<Option<PieceStep>, DecodeError> {
        let header = input.get(..extent.header_len()).unwrap_or(input);
        if purpose == Purpose::Oversize {
            if let Err(error) = self.check_part(extent, known, header, header, 0, false) {
                let before = self.state.progress();
                return self.reject_checked(error, extent, before);
            }
        }
        Ok(None)
    }

    /// Has the framing check some bytes of a frame, which begin at this index of it.
    pub(super) fn check_part(
        &mut self,
        extent: Extent,
        known: bool,
        header: &[u8],
        bytes: &[u8],
        at: u64,
        is_last: bool,
    ) -> Result<(), FrameError> {
        // A frame in one piece comes here only while it is skipped because it is over the limit. It is then never complete in
        // memory, so its check cannot be asked.
        if !extent.is_checked() || extent.is_in_one_piece() {
            return Ok(());
        }
        let extent = if known { extent } else { extent.with_payload_len(u64::MAX) };
        let (sum, _) = self.state.memory();
        self.framing.check(Part { extent, header, at, bytes, is_last }, sum)
    }

    /// Opens the piece that [`PieceStep::Data`] named, in place: its length is then this.
    pub(crate) fn open_piece(&mut self, window: &mut [u8], at: usize, len: usize) -> usize {
        let rewritten = match self.state.phase() {
            Phase::OpenBody { so_far, .. } => so_far.is_rewritten(),
            Phase::Body { extent, .. } => extent.is_rewritten(),
            _ => false,
        };
        let Some((header, rest)) = window.split_at_mut_checked(at).filter(|_| rewritten) else { return len };
        let Some(payload) = rest.get_mut(..len) else { return len };
        // The step has counted these bytes already.
        let before = self.state.progress().consumed.saturating_sub(len as u64);
        let (_, memo) = self.state.memory();
        self.framing.open(header, payload, before, memo).min(len)
    }
}
