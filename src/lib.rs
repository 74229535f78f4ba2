//! Framing for byte streams, in both directions: messages to bytes, and bytes, **cut anywhere**, back to the same
//! messages.
//!
//! A byte stream (TCP, a Unix socket, a pipe, a serial line, a TLS session) has no messages in it. `send` may take half
//! of what it is given; `recv` may return one byte, or three messages and a half. So messages must be of fixed length, or
//! say how long they are, or end with a mark, or end with the stream. This crate is the place where that is got right.
//!
//! ```text
//!  messages ──encode──▶ bytes ──▶ any transport ──▶ chunks, cut anywhere ──decode──▶ the same messages
//!            Framing              (yours, not ours)                        Framing
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
//! assert!(decoder.finish()?.is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The promise
//!
//! **How the bytes were cut never shows.** The frames, the errors, their offsets and all that is skipped are the same for
//! one chunk, for one byte at a time, and for every cut between, empty chunks included.
//!
//! # The framings
//!
//! | framing | on the wire for `hello` | says where a message ends by |
//! | --- | --- | --- |
//! | [`Fixed`] | `hello` | agreement |
//! | [`ByType`] | `Hello`: the first byte is the type | a table: type → length, or → another framing |
//! | [`Prefix`] | `00005hello`, `00 00 00 05 hello`, `05 hello`, `5:hello,` | a [number] ahead of it |
//! | [`LengthField`] | a packet with its length inside its header | a number inside it |
//! | [`Delimited`] | `hello\r\n`, `hello\0` | a mark after it |
//! | [`Enclosed`] | `\x0bhello\x1c\r` | a mark before it, and one after it |
//! | [`HeaderBlock`] | `Content-Length: 5`, an empty line, `hello` | a header field |
//! | [`LineThenBlock`] | `VALUE key 0 5\r\nhello\r\n` | its line's end, or a number in that line |
//! | [`Chunked`] | `5\r\nhello\r\n` | a number in the line ahead of it |
//! | [`ByFirstByte`] | any of the above | its first byte chooses the framing |
//! | [`UntilClose`] | `hello` and the end of the stream | the end of the stream |
//!
//! On serial lines, where bytes are lost, the delimiter must be one that no payload can hold: see
//! [`stuffed`], SLIP and COBS.
//!
//! A framing of one's own is two methods: see [`Framing`].
//!
//! # What is built on them
//!
//! [`Decoder`] takes bytes in and gives frames out; [`Encoder`] takes messages in and gives bytes out. [`Deframer`] is a
//! decoder without a buffer, for those who have one. Readers and writers over [`std::io`] are in `anysplit::io`, and a
//! feature each has those over other transports. [`order`] is the crate's other half: byte order.
//!
//! What sockets do, and the call that deals with each of it: the `guide`. Which framing to take, what each costs and what
//! the field's protocols chose: `choosing`.
//!
//! # Features
//!
//! | feature | default | adds |
//! | --- | --- | --- |
//! | `std` | yes | [`io`], and what else needs the standard library; implies `alloc` |
//! | `alloc` | yes | [`Decoder`], [`Encoder`], [`AnyFraming`], encoding into `bytes::BufMut` |
//! | `tokio` | no | `anysplit::tokio`: codecs of `tokio_util`, and a cancel-safe reader and writer |
//! | `futures` | no | `anysplit::futures`: codecs of `asynchronous_codec` |
//! | `embedded-io` | no | `anysplit::embedded`: `embedded_io` and `embedded_io_async`, in a fixed buffer |
//! | `nom` | no | `anysplit::nom`: a streaming parser as a framing, and payloads into parsers |
//! | `spec` | no | a text form for [`AnyFraming`]; implies `alloc` |
//! | `protocols` | no | `protocols`: the framings of the field's protocols, by name |
//! | `cli` | no | the command-line tool `anysplit`; implies `std`, `spec` and `protocols` |
//! | `testing` | no | `testing`: the laws, for framings of one's own; implies `std` |
//!
//! The framings, the numbers, byte order and [`Deframer`] need neither.

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod adapt;
#[cfg(feature = "std")]
pub mod choosing;
mod contract;
// The decoder and the adapters use some of it alone.
#[cfg_attr(not(feature = "alloc"), allow(dead_code))]
mod decode;
#[cfg(feature = "alloc")]
mod encoder;
mod error;
mod framing;
#[cfg(feature = "std")]
pub mod guide;
mod literal;
pub mod number;
pub mod order;
#[cfg(feature = "protocols")]
pub mod protocols;
mod scan;
mod short;
#[cfg(feature = "spec")]
pub mod spec;
#[cfg(feature = "alloc")]
pub mod stuffed;
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
#[cfg(feature = "alloc")]
pub use contract::encode::Output;
pub use contract::last_bytes::LastBytes;
pub use contract::plain_prefix::PlainPrefix;
pub use contract::{AtEof, DEFAULT_MAX_PAYLOAD_LEN, Envelope, Extent, Framing, Located, Patch, Progress};
#[cfg(feature = "alloc")]
pub use decode::chunk::ChunkFrames;
#[cfg(feature = "alloc")]
pub use decode::decoder::{Decoder, Parts};
pub use decode::deframer::{Deframer, Oversize, Step};
#[cfg(feature = "alloc")]
pub use decode::frame::{Batch, BatchIntoIter, OwnedFrame};
pub use decode::frame::{Frame, Message, Piece};
#[cfg(feature = "alloc")]
pub use encoder::Encoder;
pub use error::{Closed, ConfigError, DecodeError, DecodeErrorKind, EncodeError, EofError, FrameError, Truncated};
#[cfg(feature = "alloc")]
pub use framing::any::{AnyByFirstByte, AnyByType, AnyFraming};
pub use framing::by_first_byte::ByFirstByte;
pub use framing::by_type::{Body, ByType};
pub use framing::chunked::Chunked;
pub use framing::delimited::{Delimited, Delimiters, Lines};
pub use framing::either::Either;
pub use framing::enclosed::Enclosed;
pub use framing::fixed::Fixed;
pub use framing::header_block::HeaderBlock;
pub use framing::length_field::LengthField;
pub use framing::limit::Limit;
pub use framing::line_then_block::{BlockRule, LineThenBlock};
pub use framing::prefix::Prefix;
pub use framing::until_close::UntilClose;
pub use literal::Literal;
pub use scan::ByteSet;
pub use short::ShortBytes;
#[cfg(feature = "spec")]
pub use spec::{SpecError, SpecErrorKind};

/// The examples of the documents, compiled with the tests.
#[cfg(all(doctest, feature = "std"))]
mod documents {
    #[doc = include_str!("../README.md")]
    mod readme {}
}
