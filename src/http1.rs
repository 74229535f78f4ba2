//! Where the body of an HTTP/1 message ends, by RFC 9112, section 6.3, and stricter where readers differ.
//!
//! An HTTP/1 message is a header up to its empty line, and then perhaps a body, whose framing follows from the header. For a
//! response it follows from the request too: the answer to HEAD has no body, whatever its `Content-Length` is.
//!
//! ```text
//!  wire     HTTP/1.1 200 OK\r\n Content-Length: 5\r\n \r\n   hello
//!           header                                       a body of known length, chunks, the rest of the stream, or none
//! ```
//!
//! | type or function | does |
//! | --- | --- |
//! | `Messages` (feature `alloc`) | takes bytes and returns complete messages: header, body, trailer fields |
//! | [`Incoming`] | expects a message frame by frame or in pieces, with [`Answers`](crate::answers::Answers) and any decoder or reader |
//! | [`Http1`](crate::Http1) | is a framing for one direction of a connection, if the requests are not known |
//! | [`body_of_request`], [`body_of_response`] | decide from the header how the body ends |
//!
//! # What is refused
//!
//! Everything that two readers could read differently:
//!
//! - `Content-Length` together with `Transfer-Encoding`; either of them twice, even with the same value; a list of lengths;
//! - any transfer coding but `chunked` alone; a transfer coding in HTTP/1.0;
//! - a length or a coding in a response of 1xx or 204, or in a 2xx answer to CONNECT;
//! - blanks before a colon; folded lines; an LF without its CR, a CR without its LF, and every other control byte but a tab.
//!
//! An error's index counts from the start of the header.

mod incoming;
#[cfg(feature = "alloc")]
mod messages;

pub use crate::framing::http1::{Body, Question, body_of_request, body_of_response};
pub use incoming::{Incoming, MessageFraming};
#[cfg(feature = "alloc")]
pub use messages::{Message, MessageError, Messages};
