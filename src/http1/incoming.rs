//! HTTP/1 messages as expectations.

use crate::answers::{Expectation, Next};
use crate::contract::DEFAULT_MAX_PAYLOAD_LEN;
use crate::error::{DecodeErrorKind, FrameError};
use crate::framing::chunked::Chunked;
use crate::framing::either::Either;
use crate::framing::fixed::Fixed;
use crate::framing::header_block::HeaderBlock;
use crate::framing::http1::{Http1, judge_trailers};
use crate::framing::until_close::UntilClose;
use crate::http1::{Body, Question, body_of_request, body_of_response};
use crate::join::Candidate;

/// The framings that the frames of an HTTP/1 message have: the header; then a body of known length, chunks, or the rest of the
/// stream.
pub type MessageFraming = Either<HeaderBlock, Either<Fixed, Either<Chunked, UntilClose>>>;

/// An HTTP/1 message that is expected, for [`Answers`](crate::answers::Answers): a request, or the answer to one.
///
/// The first frame is the header. [`body`](Self::body) then returns what follows: nothing, one frame, or chunks. The last
/// chunk is a control frame with the trailer fields. Answers of 100 to 199 except 101 come before the answer, as headers of
/// their own.
///
/// ```
/// use anysplit::answers::{Answers, Expecting};
/// use anysplit::http1::{Body, Incoming, Question};
/// use anysplit::{Decoder, Piece};
///
/// // A client that has sent HEAD and GET, and takes bodies of any size in pieces.
/// let mut answers = Answers::<Incoming, 8>::new();
/// answers.expect(Incoming::answer(Question::Head))?;
/// answers.expect(Incoming::answer(Question::Other).with_max_body_len(1 << 40))?;
/// let mut decoder = Decoder::new(Expecting::nothing());
/// decoder.push(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")?;
/// decoder.push(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n")?;
/// let (mut body, mut messages) = (Vec::new(), 0);
/// loop {
///     answers.prepare(&mut decoder);
///     let in_body = answers.next_expectation().is_some_and(|incoming| incoming.body().is_some());
///     let offset = decoder.position();
///     let Some(piece) = decoder.next_piece()? else { break };
///     let answer = answers.take_piece(&piece, offset)?;
///     match piece {
///         Piece::Start { header, .. } if !in_body => println!("{}, {:?}", header.escape_ascii(), answer.expectation.body()),
///         Piece::Data(bytes) => body.extend_from_slice(bytes),
///         _ => {}
///     }
///     messages += usize::from(answer.is_last);
/// }
/// answers.finish()?;
/// assert_eq!((&body[..], messages), (&b"hello"[..], 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Those of [`body_of_request`] and [`body_of_response`], also for trailer fields, where a length or a coding is refused; and
/// [`DecodeErrorKind::Oversize`] for a body over the limit. The limit applies to each chunk;
/// [`Messages`](crate::http1::Messages) applies it to the complete body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Incoming {
    /// `None`: a request.
    question: Option<Question>,
    /// How the body after the last header ends.
    body: Option<Body>,
    max_header: u16,
    max_body: u64,
}

impl Incoming {
    const fn new(question: Option<Question>) -> Self {
        Self { question, body: None, max_header: Http1::DEFAULT_MAX_HEADER_LEN, max_body: DEFAULT_MAX_PAYLOAD_LEN }
    }

    /// Expects a request.
    #[must_use]
    pub const fn request() -> Self {
        Self::new(None)
    }

    /// Expects the answer to a request of this kind.
    #[must_use]
    pub const fn answer(question: Question) -> Self {
        Self::new(Some(question))
    }

    /// Sets the limit for the header, 16 KiB by default.
    #[must_use]
    pub const fn with_max_header_len(mut self, max: u16) -> Self {
        self.max_header = max;
        self
    }

    /// Sets the limit for a body of known length, for each chunk, and for a body up to the end of the stream, 8 MiB by default.
    #[must_use]
    pub const fn with_max_body_len(mut self, max: u64) -> Self {
        self.max_body = max;
        self
    }

    /// Returns what was asked. `None` for a request.
    #[must_use]
    pub const fn question(&self) -> Option<Question> {
        self.question
    }

    /// Returns how the body ends. `None` before the header came.
    #[must_use]
    pub const fn body(&self) -> Option<Body> {
        self.body
    }

    /// The limit for the header.
    #[cfg(feature = "alloc")]
    pub(super) const fn max_header_len(&self) -> u16 {
        self.max_header
    }

    /// The limit for the body.
    #[cfg(feature = "alloc")]
    pub(super) const fn max_body_len(&self) -> u64 {
        self.max_body
    }
}

impl Expectation for Incoming {
    type Framing = MessageFraming;

    fn framing(&self) -> MessageFraming {
        Either::A(HeaderBlock::without_length().with_max_header_len(self.max_header))
    }

    fn next(&mut self, frame: &Candidate<'_>) -> Result<Next<MessageFraming>, FrameError> {
        match self.body {
            Some(Body::Chunked) if !frame.is_control => return Ok(Next::Same),
            Some(Body::Chunked) => {
                judge_trailers(frame.header)?;
                return Ok(Next::Done);
            }
            None | Some(Body::Interim) => {}
            Some(_) => return Ok(Next::Done),
        }
        let body = match self.question {
            None => body_of_request(frame.header)?,
            Some(question) => body_of_response(frame.header, question)?,
        };
        self.body = Some(body);
        let max = self.max_body;
        Ok(match body {
            Body::Empty => Next::Done,
            Body::Interim => Next::Same,
            Body::Counted(len) if len > max => {
                return Err(FrameError::new(0, DecodeErrorKind::Oversize { len, max }));
            }
            // The length is not 0.
            Body::Counted(len) => {
                Fixed::new(len).map_or(Next::Done, |framing| Next::Framing(Either::B(Either::A(framing))))
            }
            Body::Chunked => Next::Framing(Either::B(Either::B(Either::A(Chunked::new().with_max_payload_len(max))))),
            Body::UntilClose => {
                Next::Framing(Either::B(Either::B(Either::B(UntilClose::new().with_max_payload_len(max)))))
            }
        })
    }

    fn reads_payload(&self) -> bool {
        false
    }

    fn may_end(&self) -> bool {
        self.body == Some(Body::UntilClose)
    }
}
