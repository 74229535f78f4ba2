//! The correct outcome of a stream, from the framing's answers about all of its bytes at once: short and slow.

use std::vec::Vec;

use super::outcome::{Outcome, OwnedEvent, stretches};
use crate::contract::{AtEof, Extent, FrameError, Located, NextStart, Part, Progress};
use crate::{DecodeError, DecodeErrorKind, EofError, Framing, Recovery, Stretch, Truncated};

/// Returns the correct outcome of `stream`.
pub(super) fn model(framing: &dyn Framing, stream: &[u8], recovery: Recovery) -> Outcome {
    model_within(Memory { room: usize::MAX >> 1, in_pieces: false }, framing, stream, recovery)
}

/// What a decoder's memory holds.
#[derive(Clone, Copy)]
pub(super) struct Memory {
    /// How many bytes, at least 1.
    pub room: usize,
    /// Whether payloads leave it as they come.
    pub in_pieces: bool,
}

/// Returns the correct outcome of `stream` in this memory. Payloads that leave it as they come have room for the stream.
pub(super) fn model_within(memory: Memory, framing: &dyn Framing, stream: &[u8], recovery: Recovery) -> Outcome {
    let mut model = Model { framing, recovery, memory, events: Vec::new(), at: 0, previous: 0, hunted: None };
    let end = loop {
        let before = model.at;
        match model.next(stream) {
            // A frame of no bytes would be found for ever.
            Ok(true) if model.at > before => {}
            Ok(_) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    let left = stream.get(model.at..).unwrap_or_default().to_vec();
    let skipped = Some(stretches(&model.events));
    Outcome { events: model.events, reports_stretches: true, skipped, end, position: model.at as u64, left }
}

struct Model<'f> {
    framing: &'f dyn Framing,
    recovery: Recovery,
    memory: Memory,
    events: Vec<OwnedEvent>,
    at: usize,
    previous: u32,
    /// The stretch that is open under [`Recovery::Resync`].
    hunted: Option<Hunted>,
}

struct Hunted {
    offset: u64,
    reason: DecodeError,
    /// Whether a frame in it was rejected because the stream ended.
    cut: bool,
}

/// The frame at the front of some bytes.
enum Found {
    Frame(Extent),
    Filler(usize),
    Clean,
    Outlook(Truncated),
}

impl Model<'_> {
    /// Finds the frame at the front of `rest`. It sees the first `room` bytes only.
    fn find(&self, rest: &[u8], room: usize, progress: &mut Progress) -> Result<Found, FrameError> {
        let seen = rest.get(..room).unwrap_or(rest);
        let (most, all) = (room as u64, seen.len() as u64);
        let oversize = |len, max| Err(FrameError::new(0, DecodeErrorKind::Oversize { len, max }));
        let located = self.framing.locate(seen, progress)?;
        match located {
            Located::Filler(len) if len > 0 => return Ok(Found::Filler(len)),
            Located::Known(extent) if extent.fits(seen.len()).is_some() => return Ok(Found::Frame(extent)),
            Located::Known(extent) if extent.frame_len() > most && all > 0 && self.must_fit(extent) => {
                let around = extent.header_len().saturating_add(extent.trailer_len()) as u64;
                return oversize(extent.payload_len(), most.saturating_sub(around));
            }
            _ if all >= most => return oversize(most.saturating_add(1), most),
            _ => {}
        }
        Ok(match self.framing.at_eof(rest, progress)? {
            AtEof::Clean => Found::Clean,
            AtEof::Frame(extent) if extent.fits(rest.len()).is_some() => Found::Frame(extent),
            AtEof::Frame(_) | AtEof::Truncated => Found::Outlook(located.truncated(rest.len(), 0)),
        })
    }

    /// Whether all of the frame must be in the memory.
    fn must_fit(&self, extent: Extent) -> bool {
        !self.memory.in_pieces || extent.is_in_one_piece() || self.recovery.searches()
    }

    /// Whether the memory has room for what stays of a frame that is skipped: its header, and then a byte of its payload.
    fn can_skip(&self, rest: &[u8], lenient: &Progress) -> bool {
        let room = self.memory.room;
        let seen = rest.get(..room).unwrap_or(rest);
        match self.framing.locate(seen, &mut lenient.clone()) {
            Ok(Located::Known(extent)) if extent.header_len() <= seen.len() => {
                let after = extent.trailer_len().max(usize::from(extent.payload_len() > 0));
                let fits = extent.header_len().saturating_add(after) <= room;
                // The stream may end before the trailer has filled it.
                let gone = if extent.header_len() < room { extent.payload_len() } else { 0 };
                fits || (rest.len() as u64).saturating_sub(gone) < room as u64
            }
            Ok(Located::Search { so_far, .. }) if so_far.header_len() <= seen.len() => so_far.header_len() < room,
            Ok(_) => seen.len() < room,
            Err(_) => true,
        }
    }

    /// Goes on by one frame, and returns whether there was one.
    fn next(&mut self, stream: &[u8]) -> Result<bool, EofError> {
        let rest = stream.get(self.at..).unwrap_or_default();
        let mut progress = Progress { previous: self.previous, ..Progress::default() };
        let error = match self.find(rest, self.memory.room, &mut progress) {
            Ok(Found::Frame(extent)) => match self.check(extent, rest) {
                Ok(()) => {
                    if let Err(error) = self.confirm(extent, rest, progress.next) {
                        return Ok(self.hunt(rest, error));
                    }
                    self.end_hunt();
                    self.frame(extent, rest);
                    self.previous = progress.next;
                    return Ok(true);
                }
                Err(error) => return self.reject(rest, error, Some(extent), progress),
            },
            Ok(Found::Filler(len)) => {
                self.at = self.at.saturating_add(len);
                self.previous = progress.next;
                return Ok(true);
            }
            Ok(Found::Clean) => return self.clean(),
            Ok(Found::Outlook(part)) if self.recovery.searches() && !rest.is_empty() => {
                let kind = DecodeErrorKind::Truncated(part);
                return Ok(self.hunt(rest, FrameError::new(rest.len(), kind)));
            }
            Ok(Found::Outlook(part)) => {
                self.end_hunt();
                return Err(self.truncated(part, stream.len()));
            }
            Err(error) => error,
        };
        self.reject(rest, error, None, progress)
    }

    fn check(&self, extent: Extent, rest: &[u8]) -> Result<(), FrameError> {
        if extent.is_checked() { self.framing.check(Part::all(extent, rest), &mut 0) } else { Ok(()) }
    }

    /// As [`check`](Self::check), for a frame that is skipped: its header, its payload and its trailer on their own, so that no
    /// framing sees it as a whole.
    fn check_in_parts(&self, extent: Extent, rest: &[u8]) -> Result<(), FrameError> {
        let (header, after) = rest.split_at(extent.header_len());
        let (payload, after) =
            after.split_at(after.len().min(extent.len_in_memory() - header.len() - extent.trailer_len()));
        let trailer = &after[..extent.trailer_len()];
        let (mut at, mut sum) = (0, 0);
        for (bytes, is_last) in [(header, false), (payload, false), (trailer, true)] {
            if extent.is_checked() && (is_last || at == 0 || !bytes.is_empty()) {
                self.framing.check(Part { extent, header, at, bytes, is_last }, &mut sum)?;
            }
            at += bytes.len() as u64;
        }
        Ok(())
    }

    /// Under [`Recovery::ResyncConfirmed`], the frame after a stretch counts only if a frame follows it.
    fn confirm(&self, extent: Extent, rest: &[u8], previous: u32) -> Result<(), FrameError> {
        if self.recovery != Recovery::ResyncConfirmed || self.hunted.is_none() {
            return Ok(());
        }
        let len = extent.len_in_memory();
        // What the memory has no room for is not waited for.
        let after = &rest[len..rest.len().min(self.memory.room).max(len)];
        let mut progress = Progress { previous, ..Progress::default() };
        let next = match self.framing.locate(&after[..after.len().min(64)], &mut progress) {
            Ok(Located::Known(next)) if next.fits(after.len()).is_some() => self.check(next, after),
            located => located.map(drop),
        };
        next.map_err(|error| FrameError::new(len + error.at, error.kind))
    }

    fn frame(&mut self, extent: Extent, rest: &[u8]) {
        let Some((payload, _)) = extent.split(rest) else { return };
        let (mut payload, len) = (payload.to_vec(), extent.len_in_memory());
        let header = rest.get(..extent.header_len()).unwrap_or_default();
        if extent.is_rewritten() {
            let opened = self.framing.open(header, &mut payload, 0, &mut 0);
            payload.truncate(opened);
        }
        let message_header = header.get(extent.message_header_start()..).unwrap_or_default();
        let message_header = message_header.get(..extent.message_header_len()).unwrap_or_default();
        let message = if extent.is_control() { Vec::new() } else { [message_header, &payload].concat() };
        self.events.push(OwnedEvent::Frame {
            message: Some(message),
            offset: self.at as u64,
            wire_len: extent.frame_len(),
            header: header.to_vec(),
            payload,
            trailer: rest.get(len - extent.trailer_len()..len).unwrap_or_default().to_vec(),
            control: extent.is_control(),
        });
        self.at = self.at.saturating_add(len);
    }

    fn error(&self, error: FrameError) -> DecodeError {
        let frame_offset = self.at as u64;
        DecodeError { frame_offset, offset: frame_offset.saturating_add(error.at as u64), kind: error.kind }
    }

    fn truncated(&self, part: Truncated, end: usize) -> EofError {
        EofError::Truncated { frame_offset: self.at as u64, end: end as u64, part }
    }

    /// Rejects the current frame. `extent` is known if its check has failed.
    fn reject(
        &mut self,
        rest: &[u8],
        error: FrameError,
        extent: Option<Extent>,
        progress: Progress,
    ) -> Result<bool, EofError> {
        let reason = self.error(error);
        let oversize = matches!(error.kind, DecodeErrorKind::Oversize { .. });
        match self.recovery {
            Recovery::SkipFrame => {}
            Recovery::SkipOversize if oversize => {}
            Recovery::Resync | Recovery::ResyncConfirmed => return Ok(self.hunt(rest, error)),
            _ => return Err(EofError::Decode(reason)),
        }
        if let Some(extent) = extent {
            return Ok(self.skip(extent.frame_len(), reason, progress.next));
        }
        let mut lenient =
            Progress { previous: self.previous, next: progress.next, lenient: true, ..Progress::default() };
        let full = FrameError::new(
            0,
            DecodeErrorKind::Oversize {
                len: (self.memory.room as u64).saturating_add(1),
                max: self.memory.room as u64,
            },
        );
        let stuck = if self.recovery == Recovery::SkipOversize { self.error(full) } else { reason };
        if !self.can_skip(rest, &lenient) {
            return Err(EofError::Decode(stuck));
        }
        match self.find(rest, usize::MAX, &mut lenient) {
            Ok(Found::Frame(extent)) => {
                // A check that needs the complete frame is not asked about one that is over the limit.
                if self.recovery == Recovery::SkipOversize && !extent.is_in_one_piece() {
                    self.check_in_parts(extent, rest).map_err(|error| EofError::Decode(self.error(error)))?;
                }
                Ok(self.skip(extent.frame_len(), reason, lenient.next))
            }
            Ok(Found::Outlook(_)) => {
                let have = rest.len() as u64;
                let error = self.truncated(Truncated::Skipped { have }, self.at.saturating_add(rest.len()));
                self.skip(have, reason, 0);
                Err(error)
            }
            // Under this policy only the length may be wrong.
            Err(error) if self.recovery == Recovery::SkipOversize => Err(EofError::Decode(self.error(error))),
            Ok(Found::Filler(_) | Found::Clean) | Err(_) => Err(EofError::Decode(reason)),
        }
    }

    /// Goes on where the next frame may begin, after the start of the one at the front of `rest`.
    fn hunt(&mut self, rest: &[u8], error: FrameError) -> bool {
        let (offset, reason) = (self.at as u64, self.error(error));
        let hunted = self.hunted.get_or_insert(Hunted { offset, reason, cut: false });
        hunted.cut |= matches!(error.kind, DecodeErrorKind::Truncated(_));
        let (mut at, mut from) = (0, 1);
        while at < rest.len() {
            match self.framing.next_start(&rest[at..], from) {
                NextStart::At(next) => {
                    at += next;
                    break;
                }
                NextStart::NotBefore(0) => at = rest.len(),
                NextStart::NotBefore(next) => (at, from) = (at + next, 0),
            }
        }
        self.at = self.at.saturating_add(at);
        true
    }

    /// Reports the stretch that ends here.
    fn end_hunt(&mut self) -> Option<Hunted> {
        let hunted = self.hunted.take()?;
        let &Hunted { offset, reason, .. } = &hunted;
        self.events.push(OwnedEvent::Skipped(Stretch { offset, len: self.at as u64 - offset, reason }));
        Some(hunted)
    }

    /// Nothing is left of the stream.
    fn clean(&mut self) -> Result<bool, EofError> {
        match self.end_hunt() {
            Some(Hunted { offset, reason: DecodeError { kind: DecodeErrorKind::Truncated(part), .. }, .. }) => {
                Err(EofError::Truncated { frame_offset: offset, end: self.at as u64, part })
            }
            Some(Hunted { offset, cut: true, .. }) => {
                let (end, have) = (self.at as u64, self.at as u64 - offset);
                Err(EofError::Truncated { frame_offset: offset, end, part: Truncated::Skipped { have } })
            }
            _ => Ok(false),
        }
    }

    fn skip(&mut self, len: u64, reason: DecodeError, next: u32) -> bool {
        self.events.push(OwnedEvent::Skipped(Stretch { offset: self.at as u64, len, reason }));
        self.at = self.at.saturating_add(usize::try_from(len).unwrap_or(usize::MAX));
        self.previous = next;
        true
    }
}
