//! The payloads as they are. Control frames have none.

use anysplit::Piece;

use crate::failure::Failure;
use crate::output::Output;
use crate::sink::{FrameView, Sink};

pub(crate) struct Raw {
    separator: Vec<u8>,
}

impl Raw {
    pub(crate) fn new(separator: Vec<u8>) -> Self {
        Self { separator }
    }
}

impl Sink for Raw {
    #[inline]
    fn frame(&mut self, frame: &FrameView<'_>, out: &mut Output) -> Result<(), Failure> {
        if frame.is_control {
            return Ok(());
        }
        out.write(frame.payload)?;
        Ok(out.write(&self.separator)?)
    }

    fn piece(&mut self, piece: Piece<'_>, control: bool, out: &mut Output) -> Result<(), Failure> {
        match piece {
            Piece::Data(data) => out.write(data)?,
            Piece::End { .. } if !control => out.write(&self.separator)?,
            Piece::Start { .. } | Piece::End { .. } | Piece::Skipped(_) => {}
        }
        Ok(())
    }
}
