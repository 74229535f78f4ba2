//! Messages of several frames: `decode @mysql-messages` and its like.

use anysplit::join::{AnyMessages, AnyRule, JoinError, Joined, Joiner};
use anysplit::{AnyFraming, EofError, Stretch};

use crate::asked::http1_of;
use crate::failure::Failure;
use crate::output::Output;
use crate::sink::{FrameView, Place, Side, Sink};

/// Joins the frames of messages, and passes the messages to another sink.
pub(crate) struct Joining<'a> {
    /// What the client sends, or a stream that is no capture, and what the server sends.
    sides: [OneSide; 2],
    inner: &'a mut dyn Sink,
}

struct OneSide {
    joiner: Joiner<AnyRule>,
    /// The limit on a message.
    max: u64,
    /// Messages and control frames so far.
    shown: u64,
    /// The difference between offsets in the input and in the decoder's stream.
    skip: u64,
    /// Of the last frame.
    place: Place,
    /// The frames ended in an error.
    failed: bool,
}

impl<'a> Joining<'a> {
    pub(crate) fn new(messages: &[AnyMessages; 2], inner: &'a mut dyn Sink) -> Self {
        let side = |messages: &AnyMessages| OneSide {
            joiner: messages.joiner(),
            max: messages.max_message_len(),
            shown: 0,
            skip: 0,
            place: Place::default(),
            failed: false,
        };
        Self { sides: messages.each_ref().map(side), inner }
    }

    fn side(&mut self, place: Place) -> (&mut OneSide, &mut dyn Sink) {
        let [client, server] = &mut self.sides;
        (if place.from == Some(Side::Server) { server } else { client }, self.inner)
    }
}

impl OneSide {
    /// Adapts the rule to what the next HTTP/1 response answers, which its framing knows.
    fn answer(&mut self, framing: &AnyFraming) {
        let AnyRule::HttpMessages(rule) = *self.joiner.rule() else { return };
        let adapted = http1_of(framing).map_or(rule, |http1| rule.answering(http1.question()));
        if adapted != rule && !self.joiner.is_inside() {
            self.joiner = Joiner::new(adapted.into()).with_max_message_len(self.max);
        }
    }
}

/// Whether the frames are parts of messages.
pub(crate) fn joins(messages: &AnyMessages) -> bool {
    messages.rule() != AnyRule::EachFrame
}

impl Sink for Joining<'_> {
    fn frame(&mut self, view: &FrameView<'_>, out: &mut Output) -> Result<(), Failure> {
        let FrameView { place, framing, .. } = *view;
        let Some(frame) = view.frame else { return Ok(()) };
        let skip = view.offset.saturating_sub(frame.offset());
        let (side, inner) = self.side(place);
        if *side.joiner.rule() == AnyRule::EachFrame {
            return inner.frame(view, out);
        }
        (side.skip, side.place) = (skip, place);
        side.answer(framing);
        loop {
            let joined = side.joiner.next_message(frame).map_err(|error| wrong(error, skip, place))?;
            side.shown = side.shown.saturating_add(u64::from(joined.is_some()));
            let number = side.shown;
            match joined {
                None => return Ok(()),
                Some(Joined::Control(frame)) => {
                    inner.frame(&FrameView::new(&frame, framing, number, skip, place), out)?;
                }
                Some(Joined::Message(message)) => {
                    let view = FrameView {
                        number,
                        place,
                        framing,
                        offset: message.offset().saturating_add(skip),
                        header: message.first_header(),
                        payload: message.payload(),
                        trailer: b"",
                        message: [message.payload(), b""],
                        has_type: false,
                        wire_len: message.payload().len() as u64,
                        is_control: false,
                        is_on_wire: false,
                        is_damaged: false,
                        frame: None,
                    };
                    inner.frame(&view, out)?;
                }
            }
        }
    }

    fn bad(&mut self, stretch: &Stretch, place: Place, out: &mut Output) -> Result<(), Failure> {
        self.inner.bad(stretch, place, out)
    }

    fn skipped(&mut self, stretch: &Stretch, place: Place, out: &mut Output) -> Result<(), Failure> {
        self.inner.skipped(stretch, place, out)
    }

    fn gap(&mut self, offset: u64, len: u64, place: Place, out: &mut Output) -> Result<(), Failure> {
        self.inner.gap(offset, len, place, out)
    }

    fn opened(&mut self, client: &str, server: &str, place: Place, out: &mut Output) -> Result<(), Failure> {
        self.inner.opened(client, server, place, out)
    }

    fn closed(&mut self, place: Place, out: &mut Output) -> Result<(), Failure> {
        self.inner.closed(place, out)
    }

    fn failed(&mut self, error: &EofError, frames: u64, place: Place, out: &mut Output) -> Result<(), Failure> {
        self.side(place).0.failed = true;
        self.inner.failed(error, frames, place, out)
    }

    fn idle(&mut self, out: &mut Output) -> Result<(), Failure> {
        self.inner.idle(out)
    }

    fn end(&mut self, out: &mut Output) -> Result<(), Failure> {
        self.inner.end(out)?;
        for side in &mut self.sides {
            match side.joiner.finish() {
                Err(error) if !side.failed => return Err(wrong(error, side.skip, side.place)),
                // An error of the frames is reported first.
                _ => {}
            }
        }
        Ok(())
    }
}

fn wrong(mut error: JoinError, skip: u64, place: Place) -> Failure {
    error.offset = error.offset.saturating_add(skip);
    error.message_offset = error.message_offset.saturating_add(skip);
    Failure::Data(format!("{}{error}", place.words()))
}
