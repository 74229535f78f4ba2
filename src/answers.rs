//! Answers that depend on the request: the sender of a request adds an expectation, which chooses the framing of the answer.
//!
//! Some answers cannot be read without the request. A POP3 server answers `LIST` with many lines and `NOOP` with one, an
//! HTTP server sends no body after HEAD, and PostgreSQL answers a request for TLS with a single byte that is not a frame. An
//! [`Expectation`] knows the framing of one answer. [`Answers`] is a queue of expectations: each answer takes the first one, so
//! several requests may be sent before the first answer.
//!
//! ```text
//!  sent       LIST          NOOP                expect(List)  expect(Line)
//!  received   +OK\r\n       1 120\r\n.\r\n      +OK\r\n
//!             a line        lines to a dot      a line
//!             └──────── List ──────────┘        └ Line ┘
//! ```
//!
//! ```
//! use anysplit::answers::{Answers, Expectation, Expecting, Next};
//! use anysplit::contract::FrameError;
//! use anysplit::join::Candidate;
//! use anysplit::{Decoder, Delimited, Dotted, Either};
//!
//! /// What a POP3 client expects: one line, or lines up to a dot after a line of success.
//! #[derive(Debug, PartialEq)]
//! enum Reply {
//!     Line,
//!     List,
//!     ListBody,
//! }
//!
//! impl Expectation for Reply {
//!     type Framing = Either<Delimited<[[u8; 2]; 1]>, Dotted>;
//!
//!     fn framing(&self) -> Self::Framing {
//!         Either::A(Delimited::crlf())
//!     }
//!
//!     fn next(&mut self, frame: &Candidate<'_>) -> Result<Next<Self::Framing>, FrameError> {
//!         if *self == Self::List && frame.payload.starts_with(b"+OK") {
//!             *self = Self::ListBody;
//!             return Ok(Next::Framing(Either::B(Dotted::new())));
//!         }
//!         Ok(Next::Done)
//!     }
//! }
//!
//! let mut decoder = Decoder::new(Expecting::nothing());
//! let mut answers = Answers::<Reply, 16>::new();
//! // LIST and NOOP are sent.
//! answers.expect(Reply::List)?;
//! answers.expect(Reply::Line)?;
//! let mut seen = Vec::new();
//! for chunk in [&b"+OK 1 message\r\n1 120\r\n."[..], b"\r\n+OK\r\n"] {
//!     decoder.push(chunk)?;
//!     loop {
//!         answers.prepare(&mut decoder);
//!         let Some(frame) = decoder.next_frame()? else { break };
//!         let answer = answers.take(&frame)?;
//!         seen.push((frame.payload().to_vec(), answer.is_last));
//!     }
//! }
//! answers.finish()?;
//! assert_eq!(seen, [(b"+OK 1 message".to_vec(), false), (b"1 120".to_vec(), true), (b"+OK".to_vec(), true)]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Like a [`Joiner`](crate::join::Joiner), it takes one frame at a time, from any source of frames: the decoders and readers
//! that implement [`Reframe`]. Call [`prepare`](Answers::prepare) before each frame: it sets the framing if it changes.
//!
//! | call | when |
//! | --- | --- |
//! | [`Answers::expect`] | before the request is sent |
//! | [`Answers::prepare`] | before each call that reads a frame or a piece |
//! | [`Answers::take`], [`Answers::take_piece`] | with each frame, or with each piece |
//! | [`Answers::finish`] | at the end of the stream |
//!
//! A byte that no request asked for is an error of the decoder: [`DecodeErrorKind::NothingExpected`]. If one thread sends while
//! another waits for bytes, let the second first read bytes into a [`Decoder`](crate::Decoder) and then call `prepare`. Then
//! the expectation is there, because it was added before the request was sent. Leave the decoder's
//! [`Recovery`](crate::Recovery) at `Fail`: after a skipped answer, each answer would be taken for the answer to the request
//! before.
//!
//! [`DecodeErrorKind::NothingExpected`]: crate::DecodeErrorKind::NothingExpected

mod error;
mod expecting;
mod reframe;

pub use error::{AnswerError, AnswerErrorKind, Full};
pub use expecting::{Expecting, OneFrame};
pub use reframe::Reframe;

use crate::contract::Framing;
use crate::decode::frame::{Frame, Piece};
use crate::error::FrameError;
use crate::join::Candidate;

/// What the answer to one request looks like: see the [module](self).
///
/// A small value that holds the question and, while its answer arrives, how much of the answer has arrived.
pub trait Expectation {
    /// The framings that the frames of an answer have: one, or several with [`Either`](crate::Either).
    type Framing: Framing;

    /// Returns the framing of the answer's first frame.
    fn framing(&self) -> Self::Framing;

    /// Takes a frame of the answer, and returns what follows it. `frame.continues` is set after the first frame.
    ///
    /// # Errors
    ///
    /// A [`FrameError`] if the frame must not be in this answer. Its index counts from the frame's start.
    fn next(&mut self, frame: &Candidate<'_>) -> Result<Next<Self::Framing>, FrameError>;

    /// Returns whether `frame` begins the answer to this request. Default: yes, so answers come in the order of the
    /// requests.
    ///
    /// For protocols that answer in any order, such as NBD: compare the handle. The first expectation that returns true gets
    /// the answer. All waiting expectations must then have the same [`framing`](Self::framing).
    fn is_answered_by(&self, frame: &Candidate<'_>) -> bool {
        let _ = frame;
        true
    }

    /// Returns whether [`next`](Self::next) reads the payload of the next frame. [`Answers::take_piece`] refuses such a
    /// frame. Default: yes.
    fn reads_payload(&self) -> bool {
        true
    }

    /// Returns whether the end of the stream completes the answer here, as for an empty HTTP body that lasts until the end of the
    /// stream. Default: no.
    fn may_end(&self) -> bool {
        false
    }
}

/// What follows a frame of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Next<F> {
    /// The answer is complete.
    Done,
    /// Another frame of the answer, with the same framing.
    Same,
    /// Another frame of the answer, with this framing.
    Framing(F),
}

/// A frame, or a piece of one, in the answer that it belongs to.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer<'a, E> {
    /// What was expected, after the frame.
    pub expectation: &'a E,
    /// Whether the answer begins with it.
    pub is_first: bool,
    /// Whether the answer ends with it.
    pub is_last: bool,
}

/// The expectations of the requests that were sent and not answered, at most `N`. See the [module](self).
///
/// # Errors
///
/// An [`AnswerError`], with the offset of the frame. It stays: every later call returns the same until
/// [`reset`](Self::reset).
///
/// # Cost
///
/// Constant time for each call, and no allocation. With [`Expectation::is_answered_by`] up to `N` calls of it for each
/// answer.
#[derive(Clone, Debug)]
pub struct Answers<E: Expectation, const N: usize> {
    queue: [Option<E>; N],
    first: usize,
    len: usize,
    /// The answer that has begun, or the last one that was complete.
    current: Option<E>,
    is_open: bool,
    /// What the decoder does not have yet.
    pending: Option<Expecting<E::Framing>>,
    /// What follows the frame that is returned in pieces, and whether its answer begins with it.
    piece: Option<(Next<E::Framing>, bool)>,
    /// The end of what was taken, for the error at the end of the stream.
    position: u64,
    error: Option<AnswerError>,
}

impl<E: Expectation, const N: usize> Default for Answers<E, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E: Expectation, const N: usize> Answers<E, N> {
    /// Creates an empty queue, before the first request of a stream.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            queue: [const { None }; N],
            first: 0,
            len: 0,
            current: None,
            is_open: false,
            pending: Some(Expecting::nothing()),
            piece: None,
            position: 0,
            error: None,
        }
    }

    /// Adds what the next request asks for. Call it before the request is sent.
    ///
    /// # Errors
    ///
    /// [`Full`] if `N` requests have no answer yet. Nothing was added: send the request later.
    pub fn expect(&mut self, expectation: E) -> Result<(), Full> {
        if self.len >= N {
            return Err(Full { max: N });
        }
        if self.len == 0 && !self.is_open {
            self.pending = Some(Expecting::some(expectation.framing()));
        }
        let at = self.place(self.len);
        if let Some(place) = self.queue.get_mut(at) {
            *place = Some(expectation);
            self.len = self.len.saturating_add(1);
        }
        Ok(())
    }

    /// Gives the decoder or reader the framing of the next frame, if it changes.
    pub fn prepare(&mut self, decoder: &mut impl Reframe<Expecting<E::Framing>>) {
        if let Some(framing) = self.pending.take() {
            decoder.set_framing(framing);
        }
    }

    /// Takes the next frame of the decoder, and returns which answer it belongs to.
    ///
    /// # Errors
    ///
    /// [`AnswerError`], each time the same.
    pub fn take(&mut self, frame: &Frame<'_>) -> Result<Answer<'_, E>, AnswerError> {
        self.position = frame.offset();
        let candidate = Candidate {
            header: frame.header(),
            payload: frame.payload(),
            is_control: frame.is_control(),
            continues: self.is_open,
            is_plain: frame.wire().is_some(),
        };
        let (next, is_first) = self.judge(&candidate, false)?;
        self.position = frame.offset().saturating_add(frame.wire_len() as u64);
        let is_last = self.follow(next);
        self.answer(is_first, is_last)
    }

    /// Takes the next piece of the decoder, for frames that may be larger than memory. `offset` is the decoder's position
    /// before the call that returned the piece. The answer is complete with the piece for which `is_last` is set, an `End`.
    ///
    /// # Errors
    ///
    /// [`AnswerError`], each time the same. [`AnswerErrorKind::NeedsFrame`] if [`Expectation::reads_payload`]: take that frame
    /// in one piece, and the next in pieces.
    pub fn take_piece(&mut self, piece: &Piece<'_>, offset: u64) -> Result<Answer<'_, E>, AnswerError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        self.position = offset;
        match *piece {
            Piece::Start { header, len, control } => {
                let candidate = Candidate {
                    header,
                    payload: &[],
                    is_control: control,
                    continues: self.is_open,
                    is_plain: len.is_some(),
                };
                let (next, is_first) = self.judge(&candidate, true)?;
                self.piece = Some((next, is_first));
                self.answer(is_first, false)
            }
            Piece::Data(_) => {
                let is_first = self.piece.as_ref().is_some_and(|(_, is_first)| *is_first);
                self.answer(is_first, false)
            }
            Piece::End { .. } => {
                let Some((next, is_first)) = self.piece.take() else {
                    return Err(self.fail(offset, AnswerErrorKind::NotPrepared));
                };
                let is_last = self.follow(next);
                self.answer(is_first, is_last)
            }
            Piece::Skipped(_) => Err(self.fail(offset, AnswerErrorKind::Skipped)),
        }
    }

    /// The stream has ended.
    ///
    /// # Errors
    ///
    /// [`AnswerErrorKind::Unanswered`] if a request has no complete answer, and the error that came before.
    pub fn finish(&mut self) -> Result<(), AnswerError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        self.end_answer();
        match self.unanswered() {
            0 => Ok(()),
            requests => Err(self.fail(self.position, AnswerErrorKind::Unanswered { requests })),
        }
    }

    /// Completes an answer that the end of the stream may complete, and returns whether there was one.
    pub(crate) fn end_answer(&mut self) -> bool {
        let ends = self.is_open && self.piece.is_none() && self.current.as_ref().is_some_and(Expectation::may_end);
        ends && self.follow(Next::Done)
    }

    /// Returns the expectation of the next frame: that of the answer that has begun, or the first that waits.
    pub fn next_expectation(&self) -> Option<&E> {
        if self.is_open { self.current.as_ref() } else { self.queue.get(self.first).and_then(Option::as_ref) }
    }

    /// Returns how many requests have no complete answer.
    pub const fn unanswered(&self) -> usize {
        self.len.saturating_add(self.is_open as usize)
    }

    /// Returns whether an answer has begun and is not complete.
    pub const fn is_inside(&self) -> bool {
        self.is_open
    }

    /// Goes back to the start of a stream. All expectations are dropped. Reset the decoder too.
    pub fn reset(&mut self) {
        *self = Self::new();
    }

    /// Finds what follows a frame, and whether its answer begins with it.
    fn judge(&mut self, frame: &Candidate<'_>, in_pieces: bool) -> Result<(Next<E::Framing>, bool), AnswerError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        if self.pending.is_some() || self.piece.is_some() {
            return Err(self.fail(self.position, AnswerErrorKind::NotPrepared));
        }
        let is_first = !self.is_open;
        if is_first {
            let mut waiting =
                (0..self.len).filter_map(|index| Some((index, self.queue.get(self.place(index))?.as_ref()?)));
            let Some((index, _)) = waiting.find(|(_, waits)| waits.is_answered_by(frame)) else {
                return Err(self.fail(self.position, AnswerErrorKind::NoRequest));
            };
            self.current = self.remove(index);
        }
        let Some(current) = &mut self.current else {
            return Err(self.fail(self.position, AnswerErrorKind::NoRequest));
        };
        self.is_open = true;
        if in_pieces && current.reads_payload() {
            return Err(self.fail(self.position, AnswerErrorKind::NeedsFrame));
        }
        match current.next(frame) {
            Ok(next) => Ok((next, is_first)),
            Err(FrameError { at, kind }) => {
                Err(self.fail(self.position.saturating_add(at as u64), AnswerErrorKind::Frame(kind)))
            }
        }
    }

    /// Goes on to what follows a frame, and returns whether its answer is complete.
    fn follow(&mut self, next: Next<E::Framing>) -> bool {
        match next {
            Next::Same => return false,
            Next::Framing(framing) => {
                self.pending = Some(Expecting::some(framing));
                return false;
            }
            Next::Done => {}
        }
        self.is_open = false;
        let first = self.queue.get(self.first).and_then(Option::as_ref);
        self.pending = Some(first.map_or(Expecting::nothing(), |first| Expecting::some(first.framing())));
        true
    }

    fn answer(&self, is_first: bool, is_last: bool) -> Result<Answer<'_, E>, AnswerError> {
        let none = AnswerError { offset: self.position, kind: AnswerErrorKind::NoRequest };
        let expectation = self.current.as_ref().ok_or(none)?;
        Ok(Answer { expectation, is_first, is_last })
    }

    /// The place in the queue of the expectation that waits as number `index`, 0 for the first.
    const fn place(&self, index: usize) -> usize {
        // `first` and `index` are at most `N`, and no array of more than half of the address space exists.
        let at = self.first.saturating_add(index);
        if at >= N { at.saturating_sub(N) } else { at }
    }

    /// Removes the expectation that waits as number `index`. Those before it move up.
    fn remove(&mut self, index: usize) -> Option<E> {
        let at = self.place(index);
        let removed = self.queue.get_mut(at)?.take();
        for index in (0..index).rev() {
            let (from, to) = (self.place(index), self.place(index.saturating_add(1)));
            self.queue.swap(from, to);
        }
        self.first = self.place(1);
        self.len = self.len.saturating_sub(1);
        removed
    }

    #[cold]
    fn fail(&mut self, offset: u64, kind: AnswerErrorKind) -> AnswerError {
        let error = AnswerError { offset, kind };
        self.error = Some(error);
        error
    }
}
