//! One direction of a connection, beside others: its errors end it and not the program.

use anysplit::{AnyFraming, EofError};

use crate::failure::{Failure, write_all};
use crate::flow::{Flow, Options, Stop};
use crate::output::Output;
use crate::sink::{Place, Sink};
use crate::style::{Palette, When};

/// Bytes that are kept, to be shown with a fault.
const RECENT: usize = 64;

pub(crate) struct Lane {
    pub(crate) flow: Flow,
    color: When,
    /// Lost bytes are no failure.
    ignores_loss: bool,
    /// The last bytes of the chunks before, and the chunk.
    recent: Vec<u8>,
    /// The offset in the stream after `recent`.
    end: u64,
    /// Nothing more is decoded.
    is_over: bool,
    /// Something was wrong.
    pub(crate) is_bad: bool,
}

impl Lane {
    pub(crate) fn new(framing: AnyFraming, options: Options, place: Place) -> Self {
        let flow = Flow::new(framing, options, place);
        Self {
            flow,
            color: options.color,
            ignores_loss: options.ignore_skipped,
            recent: Vec::new(),
            end: 0,
            is_over: false,
            is_bad: false,
        }
    }

    /// Whether frames are still looked for.
    pub(crate) const fn is_decoding(&self) -> bool {
        !self.is_over
    }

    /// Passes on the frames that are complete with these bytes. Reports an error and takes no more bytes after it.
    pub(crate) fn feed<S: Sink + ?Sized>(
        &mut self,
        bytes: &[u8],
        sink: &mut S,
        out: &mut Output,
    ) -> Result<(), Failure> {
        if self.is_over {
            return Ok(());
        }
        let gone = self.recent.len().saturating_sub(RECENT);
        self.recent.drain(..gone);
        self.recent.extend_from_slice(bytes);
        self.end = self.end.saturating_add(bytes.len() as u64);
        let result = self.flow.feed(bytes, sink, out);
        // A large chunk is not kept for the next one.
        let result = self.judge(result, sink, out);
        self.recent.drain(..self.recent.len().saturating_sub(RECENT));
        self.recent.shrink_to(2 * RECENT);
        result
    }

    /// These many bytes are missing. Decoding goes on after them if `searches`.
    pub(crate) fn miss<S: Sink + ?Sized>(
        &mut self,
        len: u64,
        searches: bool,
        sink: &mut S,
        out: &mut Output,
    ) -> Result<(), Failure> {
        if self.is_over {
            return Ok(());
        }
        let (offset, place) = (self.end, self.flow.place);
        self.is_bad |= !self.ignores_loss;
        self.end = self.end.saturating_add(len);
        self.recent.clear();
        sink.gap(offset, len, place, out)?;
        let unfinished = self.flow.position();
        let lost = match unfinished < offset {
            true => format!(", in the frame that begins at byte {unfinished}"),
            false => String::new(),
        };
        let next = match searches {
            true => "",
            false => ". Decoding of this direction ends here; --resync searches for the next frame",
        };
        let what = if self.ignores_loss { "skipped" } else { "error" };
        self.report(what, &format!("byte {offset}: {len} bytes are not in the capture{lost}{next}"), out)?;
        self.is_over = !searches;
        self.flow.restart(self.end);
        Ok(())
    }

    /// The stream is at its end.
    pub(crate) fn finish<S: Sink + ?Sized>(&mut self, sink: &mut S, out: &mut Output) -> Result<(), Failure> {
        if self.is_over {
            return Ok(());
        }
        let result = self.flow.finish(sink, out);
        self.judge(result, sink, out)?;
        match self.flow.verdict() {
            Err(Failure::Data(text)) if !self.is_over => {
                self.is_bad = true;
                self.report("error", &text, out)
            }
            _ => Ok(()),
        }
    }

    /// A datagram is at its end: the next byte begins a frame, whatever this one held.
    pub(crate) fn finish_datagram<S: Sink + ?Sized>(&mut self, sink: &mut S, out: &mut Output) -> Result<(), Failure> {
        self.finish(sink, out)?;
        self.is_over = false;
        self.flow.restart(self.end);
        Ok(())
    }

    fn judge<S: Sink + ?Sized>(
        &mut self,
        result: Result<(), Stop>,
        sink: &mut S,
        out: &mut Output,
    ) -> Result<(), Failure> {
        match result {
            Ok(()) => Ok(()),
            Err(Stop::Failed(failure)) => Err(failure),
            Err(Stop::Bad(error)) => self.fail(error, sink, out),
        }
    }

    fn fail<S: Sink + ?Sized>(&mut self, error: EofError, sink: &mut S, out: &mut Output) -> Result<(), Failure> {
        let start = self.end.saturating_sub(self.recent.len() as u64);
        let byte = |offset: u64| {
            let index = offset.checked_sub(start).and_then(|index| usize::try_from(index).ok())?;
            self.recent.get(index).copied()
        };
        let (error, text) = self.flow.explain(error, byte);
        sink.failed(&error, self.flow.frames(), self.flow.place, out)?;
        (self.is_over, self.is_bad) = (true, true);
        self.report("error", &text, out)
    }

    /// Writes a message about this direction to stderr, after the frames before it.
    pub(crate) fn report(&self, what: &str, text: &str, out: &mut Output) -> Result<(), Failure> {
        out.flush()?;
        let palette = Palette::stderr(self.color);
        let span = if what == "error" { &palette.bad } else { &palette.note };
        // If stderr is closed, nobody can be notified.
        let _ = write_all(&format!("{}{what}:{} {}{text}\n", span.open, span.close, self.flow.place.words()));
        Ok(())
    }
}
