//! How many frames, and how long.

use std::fmt::Write;

use anysplit::{Piece, Stretch};

use crate::failure::Failure;
use crate::output::{Output, print_at_interrupt};
use crate::sink::{FrameView, Place, Sink};

#[derive(Default)]
pub(crate) struct Count {
    frames: u64,
    controls: u64,
    /// Bytes of payload.
    payload: u64,
    /// Bytes of header and trailer.
    around: u64,
    least: Option<u64>,
    greatest: u64,
    skipped: u64,
    bad: u64,
    /// Bytes of frames that were skipped.
    skipped_bytes: u64,
    /// Bytes of the header and of the payload of the frame whose pieces are arriving.
    current: (u64, u64),
}

impl Count {
    #[inline]
    fn add(&mut self, payload: u64, control: bool) {
        self.frames += 1;
        if control {
            self.controls += 1;
            return;
        }
        self.payload = self.payload.saturating_add(payload);
        self.least = Some(self.least.map_or(payload, |least| least.min(payload)));
        self.greatest = self.greatest.max(payload);
    }

    /// The lines that are shown.
    fn totals(&self) -> String {
        let mut text = String::new();
        let mut line = |name: &str, number: u64, unit: &str| {
            let unit = match number {
                1 => unit.replacen("bytes", "byte", 1).replacen("frames", "frame", 1),
                _ => unit.to_owned(),
            };
            let _ = writeln!(text, "{name:<10}{number:>16} {unit}");
        };
        line("frames", self.frames, "in all");
        if self.controls > 0 {
            line("controls", self.controls, "of them without a message");
        }
        line("payload", self.payload, "bytes");
        line("around", self.around, "bytes of headers and trailers");
        if let Some(least) = self.least {
            line("shortest", least, "bytes");
            line("longest", self.greatest, "bytes");
            line("mean", self.payload / (self.frames - self.controls), "bytes");
        }
        if self.bad > 0 {
            line("bad", self.bad, "frames skipped");
        }
        if self.skipped > 0 {
            line("skipped", self.skipped, "frames over the limit");
            line("", self.skipped_bytes, "bytes");
        }
        text
    }
}

impl Sink for Count {
    #[inline]
    fn frame(&mut self, frame: &FrameView<'_>, _: &mut Output) -> Result<(), Failure> {
        let payload = frame.payload.len() as u64;
        self.around += frame.wire_len.saturating_sub(payload);
        self.add(payload, frame.is_control);
        Ok(())
    }

    fn piece(&mut self, piece: Piece<'_>, control: bool, _: &mut Output) -> Result<(), Failure> {
        match piece {
            Piece::Start { header, .. } => self.current = (header.len() as u64, 0),
            Piece::Data(data) => self.current.1 += data.len() as u64,
            Piece::End { trailer } => {
                self.around += self.current.0 + trailer.len() as u64;
                self.add(self.current.1, control);
            }
            Piece::Skipped(_) => {}
        }
        Ok(())
    }

    fn skipped(&mut self, stretch: &Stretch, _: Place, _: &mut Output) -> Result<(), Failure> {
        self.skipped += 1;
        self.skipped_bytes = self.skipped_bytes.saturating_add(stretch.len);
        Ok(())
    }

    fn bad(&mut self, _: &Stretch, _: Place, _: &mut Output) -> Result<(), Failure> {
        self.bad += 1;
        Ok(())
    }

    fn idle(&mut self, _: &mut Output) -> Result<(), Failure> {
        print_at_interrupt(self.totals());
        Ok(())
    }

    fn end(&mut self, out: &mut Output) -> Result<(), Failure> {
        out.buffer.extend_from_slice(self.totals().as_bytes());
        Ok(())
    }
}
