//! Frames over [`futures`' `AsyncRead` and `AsyncWrite`](asynchronous_codec): any framing as a codec of
//! [`asynchronous_codec`], for smol, async-std and every other runtime.
//!
//! ```
//! use anysplit::Delimited;
//! use anysplit::futures::Codec;
//! use asynchronous_codec::{FramedRead, FramedWrite};
//! use futures::io::Cursor;
//! use futures::{SinkExt, TryStreamExt};
//!
//! # futures::executor::block_on(async {
//! let mut wire = Vec::new();
//! let mut writer = FramedWrite::new(&mut wire, Codec::new(Delimited::line()));
//! writer.send(b"hello").await?;
//! writer.send(b"world").await?;
//! assert_eq!(wire, b"hello\nworld\n");
//!
//! let mut reader = FramedRead::new(Cursor::new(&wire), Codec::new(Delimited::line()));
//! assert_eq!(reader.try_next().await?.unwrap().payload(), &b"hello"[..]);
//! assert_eq!(reader.try_next().await?.unwrap().payload(), &b"world"[..]);
//! assert!(reader.try_next().await?.is_none());
//! # Ok::<(), std::io::Error>(())
//! # })?;
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Errors are [`std::io::Error`]s as those of [`anysplit::io`](crate::io), and [`cause`](crate::io::cause) returns
//! the typed error.

use std::io;

use asynchronous_codec::{Decoder, Encoder};
use bytes::BytesMut;

use crate::contract::Framing;
use crate::decode::frame::{OwnedEvent, OwnedFrame};

pub use crate::adapt::codec::{Codec, EventCodec};

impl<F: Framing> Decoder for Codec<F> {
    type Item = OwnedFrame;
    type Error = io::Error;

    fn decode(&mut self, src: &mut BytesMut) -> io::Result<Option<OwnedFrame>> {
        Ok(self.decode_frame(src)?)
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> io::Result<Option<OwnedFrame>> {
        Ok(self.decode_frame_at_eof(src)?)
    }
}

impl<F: Framing> Encoder for Codec<F> {
    type Item<'a> = &'a [u8];
    type Error = io::Error;

    fn encode(&mut self, message: &[u8], dst: &mut BytesMut) -> io::Result<()> {
        Ok(self.encode_message(message, dst)?)
    }
}

impl<F: Framing> Decoder for EventCodec<F> {
    type Item = OwnedEvent;
    type Error = io::Error;

    fn decode(&mut self, src: &mut BytesMut) -> io::Result<Option<OwnedEvent>> {
        Ok(self.decode_event(src)?)
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> io::Result<Option<OwnedEvent>> {
        Ok(self.decode_event_at_eof(src)?)
    }
}

impl<F: Framing> Encoder for EventCodec<F> {
    type Item<'a> = &'a [u8];
    type Error = io::Error;

    fn encode(&mut self, message: &[u8], dst: &mut BytesMut) -> io::Result<()> {
        Ok(self.encode_message(message, dst)?)
    }
}
