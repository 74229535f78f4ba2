//! What HTTP/1 responses answer: in a capture, the requests of the other direction show it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anysplit::http1::{Body, Question, body_of_response};
use anysplit::join::{HttpMessages, Joiner};
use anysplit::{AnyFraming, Decoder, Frame, Http1};

/// The requests of a connection that have no answer yet. Its two directions share it.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<VecDeque<Question>>>);

/// The most requests without an answer that are remembered.
const MOST: usize = 65_536;

impl Asked {
    fn lock(&self) -> MutexGuard<'_, VecDeque<Question>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One direction of HTTP/1.
pub(crate) struct Side {
    asked: Asked,
    is_server: bool,
    http1: Http1,
    /// The framing that the decoder has.
    pub(crate) framing: AnyFraming,
    /// Finds the ends of messages.
    joiner: Joiner<HttpMessages>,
}

/// The framing of HTTP/1 messages, if it is that one.
pub(crate) fn http1_of(framing: &AnyFraming) -> Option<Http1> {
    match framing {
        AnyFraming::Http1(http1) => Some(*http1),
        AnyFraming::Protocol(named) => http1_of(named.framing()),
        _ => None,
    }
}

/// The two directions of a connection, if both are HTTP/1 and the user has not set what the responses answer.
pub(crate) fn sides(framings: &[AnyFraming; 2]) -> Option<[Side; 2]> {
    let [client, server] = [http1_of(&framings[0])?, http1_of(&framings[1])?];
    if server.question() != Question::Other {
        return None;
    }
    let asked = Asked::default();
    let side = |is_server, http1: Http1| Side {
        asked: asked.clone(),
        is_server,
        http1,
        framing: http1.into(),
        joiner: joiner(Question::Other),
    };
    Some([side(false, client), side(true, server)])
}

fn joiner(question: Question) -> Joiner<HttpMessages> {
    let rule = HttpMessages::from_either().answering(question);
    Joiner::new(rule).with_max_message_len(u64::MAX).with_max_parts(u64::MAX)
}

impl Side {
    /// Sets the framing of the next response.
    pub(crate) fn prepare(&mut self, decoder: &mut Decoder<AnyFraming>) {
        if !self.is_server || self.joiner.is_inside() {
            return;
        }
        let question = self.asked.lock().front().copied().unwrap_or(Question::Other);
        let framing = AnyFraming::from(self.http1.answering(question));
        if framing != self.framing {
            self.joiner = joiner(question);
            decoder.set_framing(framing.clone());
            self.framing = framing;
        }
    }

    /// Takes note of a frame.
    pub(crate) fn see(&mut self, frame: &Frame<'_>) {
        let header = frame.header();
        if !self.is_server && !self.joiner.is_inside() {
            let question = match header {
                header if header.starts_with(b"HEAD ") => Question::Head,
                header if header.starts_with(b"CONNECT ") => Question::Connect,
                _ => Question::Other,
            };
            let mut asked = self.asked.lock();
            if asked.len() < MOST {
                asked.push_back(question);
            }
        }
        let is_interim = !self.joiner.is_inside() && body_of_response(header, Question::Other) == Ok(Body::Interim);
        while let Ok(Some(_)) = self.joiner.next_part(frame) {}
        if self.is_server && !is_interim && !self.joiner.is_inside() {
            self.asked.lock().pop_front();
        }
    }
}
