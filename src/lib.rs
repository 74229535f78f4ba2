//! Framing for byte streams, in both directions: messages to bytes, and bytes, **cut anywhere**, back to the same
//! messages.
//!
//! A byte stream (TCP, a Unix socket, a pipe, a serial line, a TLS session) has no messages in it. `send` may take half
//! of the bytes that it is given; `recv` may return one byte, or three messages and a half. So every protocol has a rule for
//! where a message ends: a fixed length, a length before it, a delimiter after it, or the end of the stream. Such a rule is a
//! *framing*, and a message on the wire is a *frame*. This crate has the framings that protocols use.
//!
//! ```text
//!  messages ──encode──▶ bytes ──▶ any transport ──▶ chunks, cut anywhere ──decode──▶ the same messages
//!            Framing               (the program's)                         Framing
//! ```
//!
//! ```
//! use anysplit::{Decoder, Framing, Prefix};
//!
//! let framing = Prefix::ascii5();
//!
//! let mut wire = Vec::new();
//! framing.encode(b"hello", &mut wire)?;
//! framing.encode(b"world", &mut wire)?;
//! assert_eq!(wire, b"00005hello00005world");
//!
//! let mut decoder = Decoder::new(framing);
//! for chunk in wire.chunks(7) {
//!     decoder.push(chunk)?;
//!     while let Some(frame) = decoder.next_frame()? {
//!         println!("{} bytes at {}", frame.payload().len(), frame.offset());
//!     }
//! }
//! // The stream has ended. Some framings return a last frame here; it is an error if a frame is incomplete.
//! while let Some(frame) = decoder.finish()? {
//!     println!("{} bytes at {}", frame.payload().len(), frame.offset());
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The promise
//!
//! **The result does not depend on how the bytes are split.** One chunk, one byte at a time, and every split between give the same
//! frames, errors, skipped bytes and offsets, empty chunks included.
//!
//! # The framings
//!
//! | framing | on the wire for `hello` | where a message ends |
//! | --- | --- | --- |
//! | [`Fixed`] | `hello` | by agreement |
//! | [`ByType`] | `Hello`: the first byte is the type | a table maps the type to a length or a framing |
//! | [`Prefix`] | `00005hello`, `00 00 00 05 hello`, `05 hello`, `5:hello,` | a [number] before it is the length |
//! | [`LengthField`] | a packet with its length inside its header | a number inside it is the length |
//! | [`Delimited`] | `hello\r\n`, `hello\0` | at a delimiter |
//! | [`UniversalLine`] | `hello\r`, `hello\n`, `hello\r\n` | at any of these line ends |
//! | [`HeaderBlock`] | `Content-Length: 5`, an empty line, `hello` | a header field is the length |
//! | [`LineThenBlock`] | `VALUE key 0 5\r\nhello\r\n` | at the line's end, or a number in the line is a length |
//! | [`Chunked`] | `5\r\nhello\r\n` | a number in the line before it is the length |
//! | [`Http1`] | `POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello` | the header says: after a length, after chunks, or at the end of the stream |
//! | [`Stuffed`] | `c0 hello c0`, `06 hello 00` | at a delimiter that is escaped in messages: SLIP, COBS, HDLC |
//! | [`Doubled`] | `10 02 hello 10 03` | at DLE ETX, or another pair whose first byte is doubled in messages |
//! | [`Dotted`] | `hello\r\n.\r\n` | at a line of one dot |
//! | [`values`] | `{"hello": 5}` | where the JSON, CBOR, MessagePack, RESP or BER value ends |
//! | [`Mavlink`], [`Midi`], [`SmpSerial`] | packets of these protocols | as the protocol defines it |
//! | [`UntilClose`] | `hello` and the end of the stream | at the end of the stream |
//!
//! These are made of other framings:
//!
//! | framing | is for |
//! | --- | --- |
//! | [`Enclosed`] | start bytes before every frame: `\x0bhello\x1c\r` |
//! | [`Checked`] | a checksum in every frame: `05 hello 80 63` |
//! | [`Blocks`] | a checksum after each block of a payload, as in DNP3 |
//! | [`EscapedFrame`] | frames that are escaped after a start byte, their length included, as in XBee |
//! | [`Masked`] | a key in the header that masks the payload, as WebSocket clients send it |
//! | [`Forbid`] | bytes that a payload must not contain |
//! | [`Require`] | bytes that a frame must contain: sync words, versions, reserved bits |
//! | [`After`] | a few bytes of the message before every frame |
//! | [`Then`] | one frame of one framing, then frames of another: a greeting, then packets |
//! | [`ByFirstByte`] | several framings; the first byte of a frame, or a later one, chooses |
//! | [`Either`], [`AnyFraming`] | one of two framings; any framing of the crate, chosen at run time |
//!
//! These types belong to their configurations: [`Body`] ([`ByType`]), [`BlockRule`] ([`LineThenBlock`]), [`ByteRange`]
//! ([`ByFirstByte`]), [`ByteSet`] ([`Forbid`]), [`Condition`] ([`Require`]), [`Edge`] ([`Checked`]), and those in
//! [`delimited`] ([`Delimited`]). [`Limit`] sets the limit of any framing.
//!
//! On serial lines, which lose bytes, choose a framing whose delimiter occurs inside no frame: see [`Stuffed`]. For a protocol with
//! sync bytes, a length and a checksum, see [`Enclosed`], [`Checked`] and [`Recovery::Resync`]. Checksums are in [`sum`].
//!
//! A framing of your own implements two methods, or up to five if it has a checksum or rewrites payloads: see [`Framing`] and
//! [`contract`]. A stuffing of your own implements three: see [`Stuffing`](stuffing::Stuffing).
//!
//! # What is built on them
//!
//! | type or module | does |
//! | --- | --- |
//! | [`Decoder`] | takes bytes in and returns frames: [`Frame`], [`Event`], [`Piece`] |
//! | [`FixedDecoder`] | is a decoder in memory of fixed size, without an allocator |
//! | [`SmallDecoder`] | is the decoder with the least code: it skips damaged bytes and reports no errors |
//! | [`Encoder`] | takes messages in and returns bytes |
//! | [`decode::Deframer`] | is a decoder without a buffer, for programs that have one |
//! | [`io::FrameReader`], [`io::FrameWriter`] | reads frames from any [`Read`](std::io::Read), writes messages to any [`Write`](std::io::Write) |
//! | [`answers`] | reads answers whose framing depends on the request |
//! | [`http1`] | reads HTTP/1 messages, and determines where their bodies end |
//! | [`rtmp`] | follows the handshake and the chunks of an RTMP connection |
//! | [`join`] | joins messages that span several frames, and splits them |
//!
//! A decoder stops at the first error, or skips the bad frame and continues: see [`Recovery`].
//!
//! Readers and writers over [`std::io`] are in [`io`]; features add readers and writers over other transports.
//! [`order`] converts byte order.
//!
//! The [`guide`] explains what sockets do and names the call for each case. [`choosing`] compares the framings, their costs, and
//! what known protocols use. [`guide::own_framing`] shows how to write a framing of your own; with the feature `tokio`,
//! `guide::from_tokio_util` shows the framing for each codec of `tokio_util`.
//!
//! # Features
//!
//! | feature | default | adds |
//! | --- | --- | --- |
//! | `std` | yes | [`io`], and everything else that needs the standard library; implies `alloc` |
//! | `alloc` | yes | [`Decoder`], [`Encoder`], [`AnyFraming`], encoding into `bytes::BufMut` |
//! | `tokio` | no | `anysplit::tokio`: codecs of `tokio_util`, and a cancel-safe reader and writer |
//! | `futures` | no | `anysplit::futures`: codecs of `asynchronous_codec` |
//! | `embedded-io` | no | `anysplit::embedded`: `embedded_io` and `embedded_io_async`, in a fixed buffer |
//! | `tracing` | no | log events of the readers and codecs: rejected frames, skips, the end of the stream |
//! | `defmt` | no | `defmt::Format` for the error types |
//! | `nom` | no | `anysplit::nom` uses a streaming parser as a framing, and passes payloads to parsers |
//! | `spec` | no | a text form for [`AnyFraming`]; implies `alloc` |
//! | `protocols` | no | `protocols`: the framings of known protocols, by name |
//! | `testing` | no | `testing`: property tests for framings of your own; implies `std` |
//!
//! The framings, SLIP and COBS included, the numbers, byte order, [`FixedDecoder`], [`SmallDecoder`] and
//! [`decode::Deframer`] need no feature.

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod adapt;
pub mod answers;
#[cfg(feature = "std")]
pub mod choosing;
pub mod contract;
// The decoder and the adapters use some of it alone.
#[cfg_attr(not(feature = "alloc"), allow(dead_code))]
pub mod decode;
#[cfg(feature = "alloc")]
mod encoder;
mod error;
mod framing;
#[cfg(feature = "std")]
pub mod guide;
pub mod http1;
pub mod join;
mod literal;
pub mod number;
pub mod order;
#[cfg(feature = "protocols")]
pub mod protocols;
pub mod rtmp;
mod scan;
mod short;
#[cfg(feature = "spec")]
pub mod spec;
pub mod stuffing;
pub mod sum;
#[cfg(feature = "testing")]
pub mod testing;

#[cfg(feature = "embedded-io")]
pub use adapt::embedded;
#[cfg(feature = "futures")]
pub use adapt::futures;
#[cfg(feature = "std")]
pub use adapt::io;
#[cfg(feature = "nom")]
pub use adapt::nom;
#[cfg(feature = "tokio")]
pub use adapt::tokio;
/// The crate whose buffer types this crate's calls take and return.
#[cfg(feature = "alloc")]
pub use bytes;
pub use contract::Framing;
#[cfg(feature = "alloc")]
pub use decode::decoder::Decoder;
pub use decode::fixed::FixedDecoder;
#[cfg(feature = "alloc")]
pub use decode::frame::OwnedFrame;
pub use decode::frame::{Event, Frame, Message, Piece};
pub use decode::recovery::{Recovery, Stretch};
pub use decode::small::SmallDecoder;
#[cfg(feature = "alloc")]
pub use encoder::Encoder;
pub use error::{Closed, ConfigError, DecodeError, DecodeErrorKind, EncodeError, EofError, Truncated};
pub use framing::after::After;
#[cfg(feature = "alloc")]
pub use framing::any::{self, AnyFraming};
pub use framing::blocks::Blocks;
pub use framing::by_first_byte::{ByFirstByte, ByteRange};
pub use framing::by_type::{Body, ByType};
pub use framing::checked::{Checked, Edge};
pub use framing::chunked::Chunked;
pub use framing::delimited::{self, Delimited};
pub use framing::dotted::Dotted;
pub use framing::doubled::Doubled;
pub use framing::either::Either;
pub use framing::enclosed::Enclosed;
pub use framing::escaped_frame::EscapedFrame;
pub use framing::fixed::Fixed;
pub use framing::forbid::Forbid;
pub use framing::header_block::HeaderBlock;
pub use framing::http1::Http1;
pub use framing::length_field::LengthField;
pub use framing::limit::Limit;
pub use framing::line_then_block::{BlockRule, LineThenBlock};
pub use framing::masked::Masked;
pub use framing::mavlink::Mavlink;
pub use framing::midi::Midi;
pub use framing::prefix::Prefix;
pub use framing::require::{Condition, Require};
pub use framing::smp_serial::SmpSerial;
pub use framing::stuffed::Stuffed;
pub use framing::then::Then;
pub use framing::universal_line::UniversalLine;
pub use framing::until_close::UntilClose;
pub use framing::values;
pub use scan::ByteSet;

/// The examples of the documents, compiled with the tests.
#[cfg(all(doctest, feature = "std"))]
mod documents {
    #[doc = include_str!("../COMPARE.md")]
    mod compare {}
    #[doc = include_str!("../DESIGN.md")]
    mod design {}
    #[doc = include_str!("../README.md")]
    mod readme {}
    #[doc = include_str!("../SECURITY.md")]
    mod security {}
}
