//! Values that end themselves, by name.

use crate::framing::values::{Cbor, Json, JsonSeq, MessagePack, Resp};

/// JSON texts one after the other, such as newline-delimited JSON: see [`Json`].
///
/// ```text
///  wire     { " a " : 1 }   [ 2 ] \n
/// ```
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::json());
/// decoder.push(b"{\"a\":\"}\"}[2]\n")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"{\"a\":\"}\"}");
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"[2]");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: bytes that are not JSON, if the end of the text depends on them. Readers differ: some take a
/// second value of a name, others the first; that does not change where a text ends. A peer can answer frame by frame.
///
/// Limit: 8 MiB. Specification: RFC 8259, sections 2 to 7.
#[must_use]
pub const fn json() -> Json {
    Json::new()
}

/// JSON text sequences: see [`JsonSeq`].
///
/// ```text
///  wire     1e   { " a " : 1 }   0a
/// ```
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::json_seq());
/// decoder.push(b"\x1e{\n\"a\":1}\n\x1e[2]\n")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"{\n\"a\":1}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: a text without its record separator. Readers differ: RFC 7464 lets one skip a text that was cut,
/// and here it is an error. A peer can answer frame by frame.
///
/// Limit: 8 MiB. Specification: RFC 7464, section 2.
#[must_use]
pub const fn json_seq() -> JsonSeq {
    JsonSeq::new()
}

/// CBOR data items one after the other: see [`Cbor`].
///
/// ```text
///  wire     82  01  02        an array of two items
/// ```
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::cbor());
/// decoder.push(b"\x82\x01\x02\x65hello")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"\x82\x01\x02");
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"\x65hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: first bytes that the specification reserves. Readers differ: some take only definite lengths. A
/// peer can answer frame by frame.
///
/// Limit: 8 MiB. Specification: RFC 8949, section 3; RFC 8742.
#[must_use]
pub const fn cbor() -> Cbor {
    Cbor::new()
}

/// MessagePack values one after the other: see [`MessagePack`].
///
/// ```text
///  wire     92  01  02        an array of two values
/// ```
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::msgpack());
/// decoder.push(b"\x92\x01\x02\xa5hello")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"\x92\x01\x02");
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"\xa5hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: the byte `c1`, which is never used. Readers differ: old ones do not know the types of later
/// versions of the specification. A peer can answer frame by frame.
///
/// Limit: 8 MiB. Specification: MessagePack specification, formats.
#[must_use]
pub const fn msgpack() -> MessagePack {
    MessagePack::new()
}

/// Complete replies and commands of Redis, RESP 2 and 3, with all their elements: see [`Resp`].
///
/// ```text
///  wire     * 2 \r \n   $ 5 \r \n h e l l o \r \n   : 7 \r \n
/// ```
///
/// `protocols::redis` reads the same streams with a frame for each element.
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::resp_replies());
/// decoder.push(b"*2\r\n$5\r\nhello\r\n:7\r\n+OK\r\n")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"*2\r\n$5\r\nhello\r\n:7\r\n");
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"+OK\r\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: types that RESP 3 does not have. Servers differ: Redis reads inline commands too, which are no
/// values. A server can answer frame by frame.
///
/// Limit: 8 MiB. Specification: Redis serialization protocol specification.
#[must_use]
pub const fn resp_replies() -> Resp {
    Resp::new()
}
