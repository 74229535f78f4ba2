//! The rule of HTTP/1 messages.

use crate::framing::http1::{Body, Question, body_of, is_response, word_of};
use crate::join::{Candidate, JoinErrorKind, Rule, Verdict};

/// HTTP/1 messages: the header of the first frame, and the body as the message, with its chunks joined. For the frames of
/// [`Http1`](crate::Http1).
///
/// ```text
///  wire     POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n      3\r\n hel \r\n      2\r\n lo \r\n      0\r\n \r\n
///           more                                                        more              more             last
/// ```
///
/// The header is [`JoinedMessage::first_header`](crate::join::JoinedMessage::first_header). Trailer fields are in the header of the
/// last [part](crate::join::MessagePart). Responses of 100 to 199 are messages of their own.
///
/// ```
/// use anysplit::join::{HttpMessages, Joined, Joiner};
/// use anysplit::{Decoder, Http1};
///
/// let mut decoder = Decoder::new(Http1::new());
/// let mut joiner = Joiner::new(HttpMessages::from_clients());
/// decoder.push(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n")?;
/// let mut bodies = Vec::new();
/// while let Some(frame) = decoder.next_frame()? {
///     while let Some(Joined::Message(message)) = joiner.next_message(&frame)? {
///         assert_eq!(message.first_header(), b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
///         bodies.push(message.payload().to_vec());
///     }
/// }
/// assert_eq!(bodies, [b"hello"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// One direction does not show what a response answers: see [`Http1`](crate::Http1). A client that knows what it asked uses
/// [`http1::Messages`](crate::http1::Messages).
///
/// Specification: RFC 9112, sections 6 and 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpMessages {
    /// Whether responses are expected, and not requests. `None`: either.
    responses: Option<bool>,
    question: Question,
}

impl HttpMessages {
    const fn of(responses: Option<bool>) -> Self {
        Self { responses, question: Question::Other }
    }

    /// Takes requests. A response is an error.
    #[must_use]
    pub const fn from_clients() -> Self {
        Self::of(Some(false))
    }

    /// Takes responses. A request is an error.
    #[must_use]
    pub const fn from_servers() -> Self {
        Self::of(Some(true))
    }

    /// Takes either.
    #[must_use]
    pub const fn from_either() -> Self {
        Self::of(None)
    }

    /// Sets what the responses answer: the same as in [`Http1::answering`](crate::Http1::answering).
    #[must_use]
    pub const fn answering(mut self, question: Question) -> Self {
        self.question = question;
        self
    }
}

impl Rule for HttpMessages {
    fn judge(&self, frame: &Candidate<'_>, _: &mut u64) -> Result<Verdict, JoinErrorKind> {
        if frame.continues {
            // The size of the last chunk is 0, in any number of digits. A body that the client sends after an answer has no header.
            let is_last = frame.header.iter().find(|byte| **byte != b'0').is_none_or(|byte| !byte.is_ascii_hexdigit());
            return Ok(Verdict::last_if(is_last));
        }
        match (self.responses, is_response(frame.header)) {
            (Some(true), false) => return Err(JoinErrorKind::Custom("a request where responses are expected")),
            (Some(false), true) => return Err(JoinErrorKind::Custom("a response where requests are expected")),
            _ => {}
        }
        match body_of(frame.header, self.question) {
            Ok((Body::Chunked, _)) => Ok(Verdict::more()),
            Ok((Body::Counted(len), true)) if word_of(len).is_some() => Ok(Verdict::more().announcing(len)),
            Ok(_) => Ok(Verdict::last()),
            Err(_) => Err(JoinErrorKind::Custom("the frame does not begin with a header of HTTP/1")),
        }
    }
}
