//! HTTP/1 messages: the header determines where the body ends.

use crate::contract::{AtEof, DEFAULT_MAX_PAYLOAD_LEN, Envelope, Extent, Framing, Located, Part, Progress};
use crate::error::{DecodeErrorKind, EncodeError, FrameError};
use crate::framing::chunked::Chunked;
use crate::framing::header_block::HeaderBlock;
use crate::framing::text;
use crate::short::ShortBytes;

mod body;

pub(crate) use body::judge_trailers;
pub use body::{Body, Question, body_of_request, body_of_response};

/// HTTP/1 requests and responses, with their bodies. The header determines where the body ends, by RFC 9112, section 6.3.
///
/// ```text
///  wire     POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n   hello           header and body are one frame
///
///  wire     PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n   a frame with an empty payload: the client waits
///           hello                                                              a frame without a header
///
///  wire     HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n         a frame with an empty payload
///           5\r\n   hello   \r\n                                          a frame for each chunk
///           0\r\n  \r\n                                                   the last: an empty payload
/// ```
///
/// A response begins with `HTTP/`, which no request can, so one value reads either side. The header is part of the message.
/// Each chunk is a message of its own, without its size, and an empty message ends the body; the header of that last frame
/// holds the trailer fields. [`join::HttpMessages`](crate::join::HttpMessages) joins these frames.
///
/// ```
/// use anysplit::{Decoder, Framing, Http1};
///
/// let request = b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello";
/// let mut wire = Vec::new();
/// Http1::new().encode(request, &mut wire)?;
/// assert_eq!(wire, request);
///
/// let mut decoder = Decoder::new(Http1::new());
/// decoder.push(&wire)?;
/// let frame = decoder.next_frame()?.unwrap();
/// assert_eq!((frame.header(), frame.payload()), (&b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n"[..], &b"hello"[..]));
///
/// decoder.push(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"");
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"hello");
/// assert_eq!(decoder.next_frame()?.unwrap().header(), b"0\r\n\r\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// One direction does not show what a response answers. A response is taken as the answer to a request other than HEAD and CONNECT,
/// unless [`answering`](Self::answering) names the method. Where requests of several methods are sent on one connection, use
/// [`http1`](crate::http1): there the program adds an expectation before each request.
///
/// A client that sends `Expect: 100-continue` waits after the header for an answer, so the header is a frame of its own, and
/// the body is the next one. A body of more than 2,147,483,646 bytes stays with its header, because the word that a frame
/// leaves for the next one ([`Progress::next`]) holds no greater length. If the server refuses the header, the client may not
/// send the body: the program then resets the decoder.
///
/// The stream may end between two frames of one message. No frame is cut, so that is a clean end of the frames;
/// [`Joiner::finish`](crate::join::Joiner::finish) reports it.
///
/// The bytes that are written for a chunk, or for a body without its header, depend on the message before: use an
/// [`Encoder`](crate::Encoder).
///
/// # Errors
///
/// - The header: [`DecodeErrorKind::HeaderTooLong`] over the limit, 16 KiB by default, and what [`http1`](crate::http1) lists as
///   refused. A header is judged when its empty line has arrived. Only a lone CR, a lone LF and NUL are reported earlier.
/// - The body: [`DecodeErrorKind::Oversize`] for a body, or a chunk, over the limit.
/// - Chunks: the errors of [`Chunked`], with the header limit of this framing; a length or a coding in a trailer field.
///
/// # Cost
///
/// The header is searched once as it arrives, and read once when it is complete. A counted body is not looked at.
///
/// # Specification
///
/// RFC 9112, sections 2 to 8; stricter where readers differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Http1 {
    pub(crate) question: Question,
    pub(crate) max_header: u16,
    max: u64,
}

/// The word that a frame leaves if a chunk comes next.
const IN_CHUNKS: u32 = 1;

/// The word that a header leaves if a body of `len` bytes comes next, as a frame of its own. [`Then`](crate::Then) needs one bit.
pub(crate) fn word_of(len: u64) -> Option<u32> {
    u32::try_from(len).ok()?.checked_add(IN_CHUNKS).filter(|word| word >> 31 == 0)
}

impl Http1 {
    /// The default limit for headers: 16 KiB, what most servers allow.
    pub const DEFAULT_MAX_HEADER_LEN: u16 = 16 << 10;

    /// Requests and responses. Responses answer a request other than HEAD and CONNECT.
    #[must_use]
    pub const fn new() -> Self {
        Self { question: Question::Other, max_header: Self::DEFAULT_MAX_HEADER_LEN, max: DEFAULT_MAX_PAYLOAD_LEN }
    }

    /// Sets what the responses answer. Requests are read as before.
    ///
    /// ```
    /// use anysplit::http1::Question;
    /// use anysplit::{Decoder, Http1};
    ///
    /// let mut decoder = Decoder::new(Http1::new().answering(Question::Head));
    /// decoder.push(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")?;
    /// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn answering(mut self, question: Question) -> Self {
        self.question = question;
        self
    }

    /// Sets the limit for a header, for a chunk's line, and for the last chunk with its trailer fields, in bytes. It applies to
    /// encoding and decoding.
    #[must_use]
    pub const fn with_max_header_len(mut self, max: u16) -> Self {
        self.max_header = max;
        self
    }

    /// Sets the limit for a body of known length, for each chunk, and for a body up to the end of the stream, in bytes. It binds
    /// both directions.
    #[must_use]
    pub const fn with_max_payload_len(mut self, max: u64) -> Self {
        self.max = max;
        self
    }

    /// Returns what the responses answer.
    #[must_use]
    pub const fn question(&self) -> Question {
        self.question
    }

    const fn chunked(&self) -> Chunked {
        Chunked::new().with_max_payload_len(self.max).with_max_header_len(self.max_header)
    }

    /// As [`Framing::locate`], for a frame that is a chunk.
    fn locate_chunk(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let located = self.chunked().locate(input, progress)?;
        Ok(match located {
            Located::Known(extent) if extent.is_control() => {
                if !progress.lenient {
                    judge_trailers(input.get(..extent.header_len()).unwrap_or_default())?;
                }
                Located::Known(Extent::new(text::header_len(extent.header_len())?, 0, 0))
            }
            Located::Known(_) => {
                progress.next = IN_CHUNKS;
                located
            }
            other => other,
        })
    }
}

impl Default for Http1 {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether a header is that of a response.
pub(crate) fn is_response(header: &[u8]) -> bool {
    header.starts_with(b"HTTP/")
}

/// Returns how the body of a request or response ends, and whether the client waits for an answer to the header.
pub(crate) fn body_of(header: &[u8], question: Question) -> Result<(Body, bool), FrameError> {
    if is_response(header) { Ok((body_of_response(header, question)?, false)) } else { body::judge_request(header) }
}

impl Framing for Http1 {
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        match progress.previous {
            0 => {}
            IN_CHUNKS => return self.locate_chunk(input, progress),
            // The limit was judged with the header.
            word => return Ok(Located::Known(Extent::new(0, (word - IN_CHUNKS).into(), 0))),
        }
        // The first number of `carry` is the length of a header before a body up to the end of the stream. While a header is
        // incomplete it is 0.
        let body_until_close = |len: u16, progress: &mut Progress| {
            let start = usize::from(len);
            let here = input.len().saturating_sub(start);
            progress.judge_len(start, here, self.max)?;
            progress.scanned = input.len();
            progress.carry = [len.into(), 0, 0, 0];
            let so_far = Extent::new(len, here as u64, 0).with_message_header(len);
            Ok(Located::Search { so_far, least: (input.len() as u64).saturating_add(1) })
        };
        if let Ok(len @ 1..) = u16::try_from(progress.carry[0]) {
            return body_until_close(len, progress);
        }
        let header = HeaderBlock::without_length().with_max_header_len(self.max_header);
        let extent = match header.locate(input, progress)? {
            Located::Known(extent) => extent,
            other => return Ok(other),
        };
        let len = text::header_len(extent.header_len())?;
        let (body, waits) = body_of(input.get(..extent.header_len()).unwrap_or_default(), self.question)?;
        let payload = match body {
            Body::Empty | Body::Interim => 0,
            Body::Chunked => {
                progress.next = IN_CHUNKS;
                0
            }
            Body::Counted(len) if len > self.max && !progress.lenient => {
                let at = extent.header_len().saturating_sub(1);
                return Err(FrameError::new(at, DecodeErrorKind::Oversize { len, max: self.max }));
            }
            Body::Counted(len) => match word_of(len).filter(|_| waits) {
                Some(word) => {
                    progress.next = word;
                    0
                }
                None => len,
            },
            Body::UntilClose => return body_until_close(len, progress),
        };
        Ok(Located::Known(Extent::new(len, payload, 0).with_message_header(len)))
    }

    /// Only chunks have something to check: the line end after them.
    fn check(&self, part: Part<'_>, _: &mut u64) -> Result<(), FrameError> {
        text::check_trailer(part, b"\r\n")
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        Ok(self.envelope_after(0, message)?.0)
    }

    fn envelope_after(&self, previous: u32, message: &[u8]) -> Result<(Envelope<'_>, u32), EncodeError> {
        if previous > IN_CHUNKS {
            let (found, expected) = (u64::from(previous - IN_CHUNKS), message.len() as u64);
            return match found == expected {
                true => Ok((Envelope::new(ShortBytes::empty()), 0)),
                false => Err(EncodeError::LengthDisagrees { found, expected }),
            };
        }
        if previous == IN_CHUNKS {
            return match message {
                [] if usize::from(self.max_header) < Chunked::LAST.len() => {
                    Err(EncodeError::HeaderTooLong { max: self.max_header.into() })
                }
                [] => Ok((Envelope::new(ShortBytes::new(Chunked::LAST)?), 0)),
                chunk => Ok((Envelope::around(self.chunked().size_line(chunk.len() as u64)?, b"\r\n"), IN_CHUNKS)),
            };
        }
        // The message's own length is judged below, not the one that its header announces.
        let mut progress = Progress { lenient: true, ..Progress::default() };
        let extent = match self.locate(message, &mut progress).map_err(EncodeError::Header)? {
            Located::Known(extent) | Located::Search { so_far: extent, .. } => extent,
            Located::Wait(least) | Located::Header(least) => {
                return Err(EncodeError::TooShort { len: message.len() as u64, min: least });
            }
            Located::Filler(_) => return Err(EncodeError::Custom("no message of HTTP/1")),
        };
        let len = (message.len() as u64).saturating_sub(extent.header_len() as u64);
        match extent.payload_len() {
            _ if len > self.max => Err(EncodeError::Oversize { len, max: self.max }),
            expected if expected != len => Err(EncodeError::LengthDisagrees { found: expected, expected: len }),
            _ if progress.carry[0] > 0 => Ok((Envelope::new(ShortBytes::empty()).as_last(), 0)),
            _ => Ok((Envelope::new(ShortBytes::empty()), progress.next)),
        }
    }

    fn at_eof(&self, rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
        match self.locate(rest, progress)? {
            Located::Search { so_far, .. } => Ok(AtEof::Frame(so_far)),
            _ if rest.is_empty() => Ok(AtEof::Clean),
            _ => Ok(AtEof::Truncated),
        }
    }

    fn max_payload_len(&self) -> u64 {
        self.max
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests;
