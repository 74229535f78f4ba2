//! Remote calls and serialised messages.

use super::layouts::counts_rest;
use crate::framing::header_block::HeaderBlock;
use crate::framing::length_field::LengthField;
use crate::framing::prefix::Prefix;
use crate::number::{Binary, Varint};

/// gRPC messages, inside the DATA frames of one HTTP/2 stream: a byte of flags and 32 bits of length.
///
/// ```text
///  offset   0    1   2   3   4    5
///  wire     00   00  00  00  05   h e l l o
///           zip  length           payload
/// ```
///
/// The message is the complete frame, because its first byte shows whether the payload is compressed.
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let message = b"\x00\x00\x00\x00\x05hello";
/// assert_eq!(Deframer::new(protocols::grpc()).step(message)?, Step::Frame(Extent::new(5, 5, 0).with_message_header(5)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: messages over the limit. The byte of flags is not looked at. Servers differ in their limits,
/// and refuse flags above 1. A server can answer frame by frame, as a call with streams does.
///
/// Limit: 4 MiB, the default of most implementations. Specification: gRPC, "gRPC over HTTP2",
/// Length-Prefixed-Message.
#[must_use]
pub const fn grpc() -> LengthField<Binary> {
    let mut layout = counts_rest(1, Binary::u32_be(), 5);
    layout.max = 4 * 1024 * 1024;
    LengthField::from_parts(Binary::u32_be(), layout)
}

/// Language Server Protocol, and the Debug Adapter Protocol: header fields, an empty line, and JSON.
///
/// ```text
///  wire     C o n t e n t - L e n g t h : _ 2 \r \n  \r \n   { }
///           header                                             payload
/// ```
///
/// ```
/// use anysplit::{Framing, protocols};
///
/// let mut wire = Vec::new();
/// protocols::lsp().encode(b"{}", &mut wire)?;
/// assert_eq!(wire, b"Content-Length: 2\r\n\r\n{}");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused in both directions: a header without a length or with two, and a CR, LF or NUL alone in a header. Servers
/// differ: some read lines that end with LF alone. A server can answer frame by frame.
///
/// Limits: 8 KiB of header, 8 MiB of payload. Specification: LSP 3.17, "Base Protocol".
#[must_use]
pub const fn lsp() -> HeaderBlock {
    const LSP: HeaderBlock = constant!(HeaderBlock::new("Content-Length"));
    LSP
}

/// Protocol buffers one after the other, each after a varint with its length.
///
/// ```text
///  offset   0    1   2   3
///  wire     03   08  96  01                                 a message of 3 bytes: field 1 is 150
/// ```
///
/// The format of Java's `writeDelimitedTo`, C++'s `SerializeDelimitedToOstream` and prost's `encode_length_delimited`.
/// A length in more bytes than it needs is read too.
///
/// ```
/// use anysplit::{Framing, protocols};
///
/// let mut wire = [0; 4];
/// protocols::protobuf().encode_into(b"\x08\x96\x01", &mut wire)?;
/// assert_eq!(wire, *b"\x03\x08\x96\x01");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Refused in both directions: lengths in more than five bytes or over the limit. No reader is known to differ. A peer can
/// answer frame by frame.
///
/// Limit: 8 MiB; the format's own is 2 GiB. Specification: Protocol Buffers, "Techniques: Streaming Multiple Messages",
/// and "Encoding: Base 128 Varints".
#[must_use]
pub const fn protobuf() -> Prefix<Varint> {
    Prefix::from_parts(Varint::leb128_u32().allowing_longer_forms(), crate::framing::prefix::Rules::DEFAULT)
}

/// Thrift's framed transport: 32 bits of length.
///
/// ```text
///  offset   0   1   2   3    4
///  wire     00  00  00  11   80 01 00 01  00 00 00 04 p i n g  00 00 00 00  00      a call of ping()
///           length           payload
/// ```
///
/// ```
/// use anysplit::contract::Extent;
/// use anysplit::decode::{Deframer, Step};
/// use anysplit::protocols;
///
/// let call = b"\x00\x00\x00\x11\x80\x01\x00\x01\x00\x00\x00\x04ping\x00\x00\x00\x00\x00";
/// assert_eq!(Deframer::new(protocols::thrift()).step(call)?, Step::Frame(Extent::new(4, 17, 0)));
/// # Ok::<(), anysplit::DecodeError>(())
/// ```
///
/// Refused in both directions: lengths over the limit, so a call without framing, which begins with `80 01`, too. Servers
/// differ in their limits. A server can answer frame by frame.
///
/// Limit: 16,384,000 bytes, the greatest frame of most implementations. Specification: Apache Thrift, "Thrift Remote
/// Procedure Call", framed transport.
#[must_use]
pub const fn thrift() -> Prefix<Binary> {
    Prefix::u32_be().with_max_payload_len(16_384_000)
}
