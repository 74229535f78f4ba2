//! The web.

use super::layouts::counts_rest;
use crate::framing::by_first_byte::{ByFirstByte, ByteRange};
use crate::framing::chunked::Chunked;
use crate::framing::either::Either;
use crate::framing::fixed::Fixed;
use crate::framing::http1::Http1;
use crate::framing::length_field::{Extra, Layout, LengthField, Trailer};
use crate::framing::masked::Masked;
use crate::framing::require::{Condition, Require};
use crate::literal::Literal;
use crate::number::{Binary, Escaped};
use crate::scan::ByteSet;

/// The framing that [`http2`] returns.
pub type Http2 = ByFirstByte<Http2Frame, [(ByteRange, Http2Frame); 2]>;

type Http2Frame = Either<LengthField<Binary>, Require<Fixed>>;

/// HTTP/2: the client's preface of 24 bytes, then frames with a header of 9 bytes.
///
/// ```text
///  offset   0   1   2   3   4    5   6   7   8
///  wire     00  00  00  04  00   00  00  00  00             SETTINGS, empty
///           length      ty  fl   stream
///
///  wire     P R I _ * _ H T T P / 2 . 0 \r \n \r \n S M \r \n \r \n
/// ```
///
/// The message is the frame, header included.
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::http2());
/// decoder.push(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")?;
/// assert_eq!(decoder.next_frame()?.unwrap().wire_len(), 24);
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"\0\0\0\x04\0\0\0\0\0");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: any other preface, such as a request of HTTP/1.1. Servers differ: each closes the
/// connection for a frame that is longer than its settings allow. A server can answer frame by frame.
///
/// Limit: 4 MiB, as gRPC's settings allow. A peer allows 16,384 bytes until its `SETTINGS_MAX_FRAME_SIZE` says more;
/// `with_max_payload_len` sets what was agreed, up to 5 MiB, where a length begins as the preface does. For more, build
/// `LengthField::new(0, Binary::u24_be()).with_header_len(9)`, and remove the preface first. Specification: RFC 9113,
/// sections 3.4 and 4.1.
#[must_use]
pub const fn http2() -> Http2 {
    const PREFACE: Require<Fixed> = Require::from_parts(
        [constant!(Condition::bytes(0, b"PRI * HTTP/2.0")), constant!(Condition::bytes(14, b"\r\n\r\nSM\r\n\r\n"))],
        constant!(Fixed::new(24)),
    );
    let mut layout = counts_rest(0, Binary::u24_be(), 9);
    // What gRPC's settings ask for. Text, such as an answer of HTTP/1.1, would be a longer frame.
    layout.max = 4 << 20;
    let frame = LengthField::from_parts(Binary::u24_be(), layout);
    ByFirstByte::from_table([
        (ByteRange::new(0, b'O'), Either::A(frame)),
        (ByteRange::new(b'P', b'P'), Either::B(PREFACE)),
    ])
}

/// HTTP/1 messages from either side: header and body, or header and chunks. See [`Http1`].
///
/// ```text
///  wire     P O S T _ / _ H T T P / 1 . 1 \r \n   C o n t e n t - L e n g t h : _ 5 \r \n   \r \n   h e l l o
///           header                                                                               payload
/// ```
///
/// The message is header and body. A chunk is a frame of its own; `@http1-messages` joins them.
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::http1());
/// decoder.push(b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Responses to HEAD and CONNECT have no body, which the response alone does not show: use
/// [`Http1::answering`], or [`http1`](crate::http1).
///
/// Refused in both directions: what [`http1`](crate::http1) lists, such as two lengths, a lone CR or LF, and NUL. Blank lines before
/// a request, which RFC 9112 lets a server skip, are refused too. Servers differ: many end lines at a lone LF, and some take two equal
/// lengths. A server can answer frame by frame: a header with `Expect: 100-continue` is a frame of its own.
///
/// Limits: 16 KiB for a header, and [`DEFAULT_MAX_PAYLOAD_LEN`](crate::contract::DEFAULT_MAX_PAYLOAD_LEN) for a body or a chunk. Specification: RFC
/// 9112.
#[must_use]
pub const fn http1() -> Http1 {
    Http1::new()
}

/// The chunks of an HTTP/1.1 body: see [`Chunked`].
///
/// ```text
///  wire     5 \r \n   h e l l o   \r \n                     a chunk
///           0 \r \n  \r \n                                  the last: a control frame
/// ```
///
/// ```
/// use anysplit::{Decoder, protocols};
///
/// let mut decoder = Decoder::new(protocols::http_chunked());
/// decoder.push(b"5\r\nhello\r\n0\r\n\r\n")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"hello");
/// assert!(decoder.next_frame()?.unwrap().is_control());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: anything but blanks and a semicolon after a size, and control bytes in extensions and
/// trailer fields. Servers differ: some read lines that end with LF alone, and other bytes after a size, by which
/// requests have been smuggled. A server can take the body frame by frame, and answers when the last chunk has arrived.
///
/// Limits: 8 MiB for each chunk, 8 KiB for each line. Specification: RFC 9112, section 7.1.
#[must_use]
pub const fn http_chunked() -> Chunked {
    Chunked::new()
}

/// The framing that [`websocket`] returns.
pub type WebSocket = Require<LengthField<Escaped>>;

/// WebSocket frames, both directions: two bytes, a longer length if they announce it, and a key if the frame is masked.
///
/// ```text
///  offset   0   1    2   3   4   5    6
///  wire     81  05   h e l l o                              from a server: FIN, text, 5 bytes
///  wire     81  85   37  fa  21  3d   7f 9f 4d 51 58        from a client: masked, with the key after the length
///  wire     82  7e   01  00           256 bytes             126: 16 bits of length
///  wire     82  7f   00 00 00 00 00 01 00 00   64 KiB       127: 64 bits
/// ```
///
/// The message is the frame, header and key included, still masked. For the streams after the handshake.
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// // RFC 6455, section 5.7: "Hello", unmasked and masked.
/// let (server, client) = (b"\x81\x05Hello", b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
/// let mut deframer = Deframer::new(protocols::websocket());
/// assert_eq!(deframer.step(server)?, Step::Frame(Extent::new(2, 5, 0).with_message_header(2)));
/// assert_eq!(deframer.step(client)?, Step::Frame(Extent::new(6, 5, 0).with_message_header(6)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: reserved opcodes, the bits RSV2 and RSV3, and control frames without FIN. RSV1 is read,
/// because `permessage-deflate` uses it. Peers differ: a server closes the connection for a frame that is not masked, and a
/// client for one that is. A peer can answer frame by frame.
///
/// Limit: 8 MiB for each frame; the specification's is 2^63 − 1, and it demands the shortest length. Specification:
/// RFC 6455, section 5.2.
#[must_use]
pub const fn websocket() -> WebSocket {
    const LENGTH: Escaped = constant!(
        constant!(constant!(Escaped::new(0x7f)).with_step(126, Binary::u16_be())).with_step(127, Binary::u64_be())
    );
    // With or without FIN: continuation, text and binary. RSV1 marks compressed data. With FIN: close, ping and pong.
    const FIRST: ByteSet = ByteSet::range(0, 2)
        .and(ByteSet::range(0x40, 0x42))
        .and(ByteSet::range(0x80, 0x82))
        .and(ByteSet::range(0xc0, 0xc2))
        .and(ByteSet::range(0x88, 0x8a));
    let mut layout = Layout::new(1);
    layout.extra = Some(Extra { at: 1, mask: 0x80, unit: 4 });
    // 2^63 − 1.
    let frame = LengthField::from_parts(LENGTH.with_max(u64::MAX >> 1), layout);
    Require::from_parts([constant!(Condition::one_of(0, FIRST))], frame)
}

/// The framing that [`websocket_unmasked`] returns.
pub type WebSocketUnmasked = Masked<Require<LengthField<Escaped>>>;

/// WebSocket frames whose payloads are in the clear: [`websocket`], with the masks of clients taken off and put on.
///
/// ```text
///  wire     81  85   37  fa  21  3d   7f 9f 4d 51 58        from a client: masked
///  message  81  85   37  fa  21  3d   H  e  l  l  o
/// ```
///
/// The message is the frame, header and key included: the caller chooses the key. Frames without a key stay as they are. For
/// messages of several frames see [`join::WebSocket`](crate::join::WebSocket).
///
/// ```
/// use anysplit::{Decoder, Framing, protocols};
///
/// let mut wire = Vec::new();
/// protocols::websocket_unmasked().encode(b"\x81\x85\x37\xfa\x21\x3dHello", &mut wire)?;
/// assert_eq!(wire, b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
/// let mut decoder = Decoder::new(protocols::websocket_unmasked());
/// decoder.push(&wire)?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"Hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Refused in both directions: what [`websocket`] refuses. Peers differ: a server closes the connection for a frame that is not
/// masked, and a client for one that is. A peer can answer frame by frame.
///
/// Limit: as [`websocket`]. Specification: RFC 6455, sections 5.2 and 5.3.
#[must_use]
pub const fn websocket_unmasked() -> WebSocketUnmasked {
    Masked::from_parts(1, 0x80, websocket())
}

/// FastCGI records: a header of 8 bytes with the lengths of content and padding.
///
/// ```text
///  offset   0   1   2   3   4   5   6   7   8               13
///  wire     01  06  00  01  00  05  03  00  h e l l o       00 00 00
///           ver ty  id      length  pad     payload         trailer
/// ```
///
/// The message is the record without its padding, which is written as zeros.
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let record = b"\x01\x06\x00\x01\x00\x05\x03\x00hello\0\0\0";
/// assert_eq!(Deframer::new(protocols::fastcgi()).step(record)?, Step::Frame(Extent::new(8, 5, 3).with_message_header(8)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: versions other than 1. Servers differ: PHP-FPM takes one request at a time on a connection.
/// A server can answer frame by frame: a request ends with an empty record of its input.
///
/// Limit: 65,535 bytes. Specification: FastCGI 1.0, section 3.3.
#[must_use]
pub const fn fastcgi() -> LengthField<Binary> {
    let mut layout = counts_rest(4, Binary::u16_be(), 8);
    layout.trailer = Trailer::PadLen(6);
    layout.required[0] = Some((0, Literal::byte(1)));
    LengthField::from_parts(Binary::u16_be(), layout)
}
