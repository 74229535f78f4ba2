//! Complete HTTP/1 messages.

use alloc::vec::Vec;
use core::fmt;

use crate::answers::{AnswerError, AnswerErrorKind, Answers, Expecting, Full};
use crate::decode::decoder::Decoder;
use crate::decode::frame::Frame;
use crate::error::{Closed, DecodeError, DecodeErrorKind, EofError};
use crate::http1::{Body, Incoming, MessageFraming, Question};

/// Turns the bytes of an HTTP/1 connection, cut anywhere, into complete messages: header, body and trailer fields.
///
/// A server reads requests:
///
/// ```
/// use anysplit::http1::Messages;
///
/// let mut requests = Messages::requests();
/// let mut seen = Vec::new();
/// for chunk in [&b"POST /a HTTP/1.1\r\nContent-Le"[..], b"ngth: 5\r\n\r\nhel", b"loGET /b HTTP/1.1\r\n\r\n"] {
///     requests.push(chunk)?;
///     while let Some(request) = requests.next_message()? {
///         seen.push((request.header()[..7].to_vec(), request.body().to_vec()));
///     }
/// }
/// assert!(requests.finish()?.is_none());
/// assert_eq!(seen, [(b"POST /a".to_vec(), b"hello".to_vec()), (b"GET /b ".to_vec(), b"".to_vec())]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A client adds what it asked with each request, because the answer to HEAD has no body:
///
/// ```
/// use anysplit::http1::{Messages, Question};
///
/// let mut answers = Messages::answers();
/// answers.expect(Question::Head)?;
/// answers.expect(Question::Other)?;
/// answers.push(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")?;
/// answers.push(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nDigest: x\r\n\r\n")?;
/// assert_eq!(answers.next_message()?.unwrap().body(), b"");
/// let answer = answers.next_message()?.unwrap();
/// assert_eq!((answer.body(), answer.trailers()), (&b"hello"[..], &b"Digest: x\r\n"[..]));
/// assert!(answers.next_message()?.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// It is [`Answers`] over a [`Decoder`]. For bodies larger than memory, and for readers, use these two: see [`Incoming`].
///
/// # Limits
///
/// 16 KiB for the header, 8 MiB for the complete body, chunks joined, and at most `N` requests without an answer, 16 by default.
///
/// # Errors
///
/// A [`MessageError`]. It stays: every later call returns the same. Answer a request that is refused, and close the connection.
///
/// # Cost
///
/// One copy of the header and of the body. A connection with no message begun owns no heap memory.
#[derive(Debug)]
pub struct Messages<const N: usize = 16> {
    decoder: Decoder<Expecting<MessageFraming>>,
    answers: Answers<Incoming, N>,
    is_server: bool,
    max_header: u16,
    max_body: u64,
    parts: Parts,
    is_complete: bool,
    error: Option<MessageError>,
}

/// The message that has begun, or that was returned last.
#[derive(Debug, Default)]
struct Parts {
    header: Vec<u8>,
    body: Vec<u8>,
    trailers: Vec<u8>,
    offset: u64,
    end: Option<Body>,
    question: Option<Question>,
}

impl Messages {
    /// Reads requests, as a server does.
    #[must_use]
    pub fn requests() -> Self {
        Self::new(true)
    }

    /// Reads answers, as a client does. Each needs a call of [`expect`](Self::expect).
    #[must_use]
    pub fn answers() -> Self {
        Self::new(false)
    }
}

impl<const N: usize> Messages<N> {
    fn new(is_server: bool) -> Self {
        let incoming = Incoming::request();
        Self {
            decoder: Decoder::new(Expecting::nothing()),
            answers: Answers::new(),
            is_server,
            max_header: incoming.max_header_len(),
            max_body: incoming.max_body_len(),
            parts: Parts::default(),
            is_complete: false,
            error: None,
        }
    }

    /// Reads answers, for a client that sends up to `N` requests before the first answer.
    ///
    /// ```
    /// use anysplit::http1::{Messages, Question};
    ///
    /// let mut answers = Messages::<2>::pipelined();
    /// answers.expect(Question::Other)?;
    /// answers.expect(Question::Other)?;
    /// assert!(answers.expect(Question::Other).is_err());
    /// # Ok::<(), anysplit::answers::Full>(())
    /// ```
    #[must_use]
    pub fn pipelined() -> Self {
        Self::new(false)
    }

    /// Sets the limit for a header, in bytes. For the expectations that are added later.
    #[must_use]
    pub const fn with_max_header_len(mut self, max: u16) -> Self {
        self.max_header = max;
        self
    }

    /// Sets the limit for a complete body, in bytes. For the expectations that are added later.
    #[must_use]
    pub const fn with_max_body_len(mut self, max: u64) -> Self {
        self.max_body = max;
        self
    }

    fn incoming(&self, incoming: Incoming) -> Incoming {
        incoming.with_max_header_len(self.max_header).with_max_body_len(self.max_body)
    }

    /// Adds what the next request asks for. Call it before the request is sent.
    ///
    /// # Errors
    ///
    /// [`Full`] if `N` requests have no answer yet. Nothing was added.
    pub fn expect(&mut self, question: Question) -> Result<(), Full> {
        self.answers.expect(self.incoming(Incoming::answer(question)))
    }

    /// Takes the next bytes of the stream, any number.
    ///
    /// # Errors
    ///
    /// [`Closed`] after an error of the stream or after its end.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), Closed> {
        self.decoder.push(chunk)
    }

    /// Returns the next message, if it is complete. Answers of 100 to 199 except 101 are messages of their own, with
    /// [`Body::Interim`].
    ///
    /// # Errors
    ///
    /// [`MessageError`], each time the same.
    pub fn next_message(&mut self) -> Result<Option<Message<'_>>, MessageError> {
        match self.read(false) {
            Ok(true) => Ok(Some(self.message())),
            Ok(false) => Ok(None),
            Err(error) => Err(*self.error.insert(error)),
        }
    }

    /// The stream has ended: returns the remaining messages, one with each call, also a message that the end completes, and
    /// `None` for a clean end.
    ///
    /// # Errors
    ///
    /// [`MessageError`] if the stream ended inside a message, or before every request had its answer; each time the same.
    pub fn finish(&mut self) -> Result<Option<Message<'_>>, MessageError> {
        match self.read(true) {
            Ok(true) => Ok(Some(self.message())),
            Ok(false) => Ok(None),
            Err(error) => Err(*self.error.insert(error)),
        }
    }

    /// Returns how many requests have no complete answer. For a server always 0 or 1.
    pub const fn unanswered(&self) -> usize {
        self.answers.unanswered()
    }

    /// Returns the decoder, after a message that ends HTTP on this connection: CONNECT, or 101. It has the bytes that were already
    /// received: see [`Decoder::with_framing`].
    #[must_use]
    pub fn into_decoder(self) -> Decoder<Expecting<MessageFraming>> {
        self.decoder
    }

    fn message(&self) -> Message<'_> {
        Message { parts: &self.parts }
    }

    /// Reads up to the end of the next message.
    fn read(&mut self, at_eof: bool) -> Result<bool, MessageError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        if core::mem::take(&mut self.is_complete) {
            self.parts = Parts::default();
        }
        loop {
            if self.is_server && self.answers.unanswered() == 0 {
                let request = self.incoming(Incoming::request());
                // The queue is empty, so there is a place, unless `N` is 0.
                let _ = self.answers.expect(request);
            }
            let expected = self.answers.next_expectation().copied();
            self.answers.prepare(&mut self.decoder);
            let frame = if at_eof { self.decoder.finish()? } else { self.decoder.next_frame()? };
            let Some(frame) = frame else { return if at_eof { self.end() } else { Ok(false) } };
            let answer = self.answers.take(&frame)?;
            let (incoming, is_last) = (*answer.expectation, answer.is_last);
            self.parts.add(&frame, expected.and_then(|expected| expected.body()), &incoming)?;
            if is_last || incoming.body() == Some(Body::Interim) {
                self.is_complete = true;
                return Ok(true);
            }
        }
    }

    /// The stream has ended, and there is no other frame.
    fn end(&mut self) -> Result<bool, MessageError> {
        // Completes a body without bytes that lasts until the end.
        self.is_complete = self.answers.end_answer();
        let is_waiting = self.is_server && !self.answers.is_inside();
        if !self.is_complete && !is_waiting {
            self.answers.finish()?;
        }
        Ok(self.is_complete)
    }
}

impl Parts {
    /// Adds a frame. `expected` is how the body ends, if the header has arrived.
    fn add(&mut self, frame: &Frame<'_>, expected: Option<Body>, incoming: &Incoming) -> Result<(), MessageError> {
        match expected {
            None | Some(Body::Interim) => {
                self.header = frame.header().to_vec();
                self.offset = frame.offset();
                (self.end, self.question) = (incoming.body(), incoming.question());
            }
            Some(_) if frame.is_control() => {
                // Without the line of the size, and without the empty line.
                let lines = frame.header();
                let start = lines.iter().position(|&byte| byte == b'\n').map_or(lines.len(), |at| at.saturating_add(1));
                let fields = lines.get(start..lines.len().saturating_sub(2)).unwrap_or_default();
                self.trailers = fields.to_vec();
            }
            Some(_) => {
                let (have, more) = (self.body.len() as u64, frame.payload().len() as u64);
                let (len, max) = (have.saturating_add(more), incoming.max_body_len());
                if len > max {
                    let kind = AnswerErrorKind::Frame(DecodeErrorKind::Oversize { len, max });
                    return Err(MessageError::Answer(AnswerError { offset: frame.offset(), kind }));
                }
                self.body.extend_from_slice(frame.payload());
            }
        }
        Ok(())
    }
}

/// A complete HTTP/1 message: see [`Messages`].
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    parts: &'a Parts,
}

impl<'a> Message<'a> {
    /// Returns the header: the start line, the fields, and the empty line.
    #[must_use]
    pub fn header(&self) -> &'a [u8] {
        &self.parts.header
    }

    /// Returns the body, chunks joined.
    #[must_use]
    pub fn body(&self) -> &'a [u8] {
        &self.parts.body
    }

    /// Returns the trailer fields that came after a chunked body, each with its line end.
    #[must_use]
    pub fn trailers(&self) -> &'a [u8] {
        &self.parts.trailers
    }

    /// Returns how the body ended.
    #[must_use]
    pub fn end(&self) -> Body {
        self.parts.end.unwrap_or(Body::Empty)
    }

    /// Returns what was asked. `None` for a request.
    #[must_use]
    pub fn question(&self) -> Option<Question> {
        self.parts.question
    }

    /// Returns where the message begins, in bytes from the start of the stream.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.parts.offset
    }
}

/// Bytes that are no HTTP/1 message, or a stream that ends too early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageError {
    /// A frame is malformed or too long, or the stream ended inside one.
    Stream(EofError),
    /// A header is refused, a body is too long, or the stream ended before all of a message came.
    Answer(AnswerError),
}

impl fmt::Display for MessageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream(error) => error.fmt(f),
            Self::Answer(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for MessageError {}

impl From<DecodeError> for MessageError {
    fn from(error: DecodeError) -> Self {
        Self::Stream(error.into())
    }
}

impl From<EofError> for MessageError {
    fn from(error: EofError) -> Self {
        Self::Stream(error)
    }
}

impl From<AnswerError> for MessageError {
    fn from(error: AnswerError) -> Self {
        Self::Answer(error)
    }
}
