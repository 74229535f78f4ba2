//! RTMP: follows one direction of a connection through its handshake and its chunks.
//!
//! RTMP cuts every message into chunks, so that a long one does not delay the others. Chunks of different *chunk streams*
//! alternate. The header of a chunk may omit fields, even the length: they are then those of the chunk before it on its chunk
//! stream. The chunk size can change during a connection. So the end of a chunk follows from earlier chunks. [`Chunks`] keeps
//! what it needs of them, and sets the framing of each frame.
//!
//! ```text
//!  handshake   03, 1536 bytes    C0 and C1, or S0 and S1: the peer answers them
//!              1536 bytes        C2 or S2
//!  chunk       type 0  04 000028 000005 08 01000000 ...    chunk stream 4, timestamp, length, message type, message stream
//!              type 1  44 000014 000005 08 ...             difference of the timestamps, length, message type
//!              type 2  84 000014 ...                       difference of the timestamps
//!              type 3  c4 ...                              the message goes on, or a new one with the same fields begins
//! ```
//!
//! The payload of a chunk has the chunk size, at first 128 bytes. The last chunk of a message has the rest of the message.
//!
//! ```
//! use anysplit::rtmp::{Chunks, Taken};
//! use anysplit::Decoder;
//!
//! // Up to 8 chunk streams, after the handshake.
//! let mut chunks = Chunks::<8>::after_handshake();
//! let mut decoder = Decoder::new(chunks.framing());
//! let mut messages = std::collections::BTreeMap::<u32, Vec<u8>>::new();
//! // Set Chunk Size: from now on 3 bytes.
//! decoder.push(b"\x02\0\0\0\0\0\x04\x01\0\0\0\0\0\0\0\x03")?;
//! // Five bytes of video on chunk stream 6, and between them three of audio on chunk stream 4.
//! decoder.push(b"\x06\0\0\x28\0\0\x05\x09\x01\0\0\0hel\x04\0\0\x28\0\0\x03\x08\x01\0\0\0abc\xc6lo")?;
//! # let mut seen = Vec::new();
//! loop {
//!     chunks.prepare(&mut decoder);
//!     let Some(frame) = decoder.next_frame()? else { break };
//!     let Taken::Chunk(chunk) = chunks.take(&frame)? else { continue };
//!     let message = messages.entry(chunk.message.chunk_stream).or_default();
//!     message.extend_from_slice(frame.payload());
//!     if chunk.is_last {
//!         println!("type {}: {} bytes", chunk.message.message_type, message.len());
//! #       seen.push((chunk.message.message_type, message.clone()));
//!         message.clear();
//!     }
//!     if let Some(chunk_stream) = chunk.aborts {
//!         messages.remove(&chunk_stream);
//!     }
//! }
//! chunks.finish()?;
//! # assert_eq!(seen, [(1, b"\0\0\0\x03".to_vec()), (8, b"abc".to_vec()), (9, b"hello".to_vec())]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A [`MessageHeader`] is a rule for [`Split`](crate::join::Split), which writes a message as chunks:
//!
//! ```
//! use anysplit::join::Split;
//! use anysplit::rtmp::MessageHeader;
//!
//! let header = MessageHeader { chunk_stream: 6, message_type: 9, message_stream: 1, timestamp: 40 };
//! let mut wire = Vec::new();
//! Split::new(header, b"hello", 3).encode(&mut wire)?;
//! assert_eq!(wire, b"\x06\0\0\x28\0\0\x05\x09\x01\0\0\0hel\xc6lo");
//! # Ok::<(), anysplit::EncodeError>(())
//! ```
//!
//! Between the parts you may write chunks of other chunk streams. On one chunk stream, begin a message only after the last part
//! of the message before it. After a Set Chunk Size, call [`set_max_part_len`](crate::join::Split::set_max_part_len) for each
//! message that has begun.
//!
//! The handshake needs no encoder: write the byte 3 and 1536 bytes of your own, then the 1536 bytes that the peer has sent.
//!
//! # Where programs differ
//!
//! | case | here |
//! | --- | --- |
//! | the extended timestamp in chunks of type 3 | is there if the last header of type 0, 1 or 2 on the chunk stream has one. FFmpeg, librtmp and nginx's module write it so. In the middle of a message its four bytes must equal those of that header; other bytes are an error. SRS takes them for payload |
//! | the first chunk of a chunk stream has type 1 | an error, except on chunk stream 2. librtmp may begin that one so, and its messages belong to no message stream |
//! | type 0 in the middle of a message | an error, as in SRS. nginx's module and FFmpeg continue the message |
//! | types 1 and 2 in the middle of a message | continue it. In type 1 length and message type must be the same, otherwise it is an error. The timestamp of the message stays |
//! | the difference of the timestamps for type 3 after type 0 | is the timestamp of type 0, as the specification has it. nginx's module takes 0 |
//! | Set Chunk Size and Abort Message | exactly 4 bytes, on chunk stream 2 |
//! | Abort Message | drops the message. FFmpeg and nginx's module ignore it, so do not send it to them |
//! | the version | is 3. Encrypted RTMP has 6 |
//!
//! # Limits
//!
//! 8 MiB for a message, and `N` chunk streams. In the recorded streams of the tests, FFmpeg, librtmp and nginx's module use at most
//! 5 in one direction.
//!
//! # Specification
//!
//! Adobe's Real Time Messaging Protocol 1.0, of 21 December 2012: the handshake in section 5.2, chunks in 5.3, Set Chunk Size
//! in 5.4.1, Abort Message in 5.4.2.

mod error;
mod framing;
mod write;

pub use error::{ChunkError, ChunkErrorKind};
pub use framing::ChunkFraming;

use crate::answers::Reframe;
use crate::contract::DEFAULT_MAX_PAYLOAD_LEN;
use crate::decode::frame::Frame;
use framing::{Header, MAX_CHUNK_SIZE, Stage};

/// The type of a message that sets the chunk size: its 4 bytes are a number in network order.
pub const SET_CHUNK_SIZE: u8 = 1;

/// The type of a message that drops the message that has begun on another chunk stream: its 4 bytes are the chunk stream in network
/// order.
pub const ABORT: u8 = 2;

/// What is known of a message besides its payload.
///
/// It is also a rule that splits a payload into chunks: see the [module](self).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MessageHeader {
    /// The chunk stream, 2 to 65,599. Messages of types 1 and 2 are on chunk stream 2.
    pub chunk_stream: u32,
    /// The type: 8 for audio, 9 for video, 20 for a command.
    pub message_type: u8,
    /// The message stream. 0 for messages that belong to the connection.
    pub message_stream: u32,
    /// The timestamp in milliseconds, which wraps around.
    pub timestamp: u32,
}

/// A chunk in the message that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Chunk {
    /// The message.
    pub message: MessageHeader,
    /// The length of the complete message in bytes.
    pub len: u32,
    /// Whether the message begins with this chunk.
    pub is_first: bool,
    /// Whether the message ends with this chunk.
    pub is_last: bool,
    /// With the last chunk of an Abort Message: the chunk stream whose message the sender drops. `None` if no message has begun
    /// there.
    pub aborts: Option<u32>,
}

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Taken {
    /// The first part of the handshake: C0 and C1, or S0 and S1. The payload is C1 or S1, 1536 bytes. The peer answers it.
    Hello,
    /// The second part of the handshake: C2 or S2, 1536 bytes.
    Echo,
    /// A chunk. The payload of the frame is its part of the message.
    Chunk(Chunk),
}

/// Follows one direction of an RTMP connection with at most `N` chunk streams. See the [module](self).
///
/// | call | when |
/// | --- | --- |
/// | [`prepare`](Self::prepare) | before each call that reads a frame |
/// | [`take`](Self::take) | with each frame |
/// | [`finish`](Self::finish) | at the end of the stream |
///
/// It takes frames from every decoder and reader that implements [`Reframe`]. Leave the decoder's [`Recovery`](crate::Recovery) at
/// `Fail`: the chunks after a skipped one cannot be read without it, so a gap is an error.
///
/// # Errors
///
/// A wrong header is an error of the decoder, at the first byte that proves it. Every other error is a [`ChunkError`]. It
/// stays: every later call returns the same.
///
/// # Cost
///
/// No allocation. Before each chunk the table of `N` places is copied, 28 bytes each; a header is compared with up to `N` of them.
#[derive(Clone, Debug)]
pub struct Chunks<const N: usize> {
    next: ChunkFraming<N>,
    /// Whether the decoder has the framing.
    is_prepared: bool,
    /// What has arrived of a Set Chunk Size or Abort Message.
    control: u32,
    /// The end of what was taken. `None` before the first frame.
    position: Option<u64>,
    error: Option<ChunkError>,
}

impl<const N: usize> Default for Chunks<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Chunks<N> {
    /// Begins with the handshake.
    #[must_use]
    pub const fn new() -> Self {
        Self::at(Stage::Hello)
    }

    /// Begins with the first chunk, after a handshake that the program has read itself.
    #[must_use]
    pub const fn after_handshake() -> Self {
        Self::at(Stage::Chunk)
    }

    const fn at(stage: Stage) -> Self {
        let next = ChunkFraming::new(stage, DEFAULT_MAX_PAYLOAD_LEN);
        Self { next, is_prepared: false, control: 0, position: None, error: None }
    }

    /// Sets the limit for a message, in bytes. 8 MiB by default; no message has more than 16,777,215 bytes.
    #[must_use]
    pub const fn with_max_message_len(mut self, max: u64) -> Self {
        self.next.max = max;
        self
    }

    /// Returns the framing of the next frame.
    #[must_use]
    pub const fn framing(&self) -> ChunkFraming<N> {
        self.next
    }

    /// Returns the chunk size, 128 at first.
    #[must_use]
    pub const fn chunk_size(&self) -> u32 {
        self.next.chunk_size
    }

    /// Gives the decoder or reader the framing of the next frame.
    pub fn prepare(&mut self, decoder: &mut impl Reframe<ChunkFraming<N>>) {
        if !self.is_prepared && self.error.is_none() {
            decoder.set_framing(self.next);
            self.is_prepared = true;
        }
    }

    /// Takes the next frame of the decoder, and returns what it is.
    ///
    /// # Errors
    ///
    /// [`ChunkError`], each time the same.
    pub fn take(&mut self, frame: &Frame<'_>) -> Result<Taken, ChunkError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let offset = frame.offset();
        if let Some(expected) = self.position.filter(|end| *end != offset) {
            return Err(self.fail(offset, ChunkErrorKind::Gap { expected }));
        }
        if !core::mem::take(&mut self.is_prepared) {
            return Err(self.fail(offset, ChunkErrorKind::NotPrepared));
        }
        let end = offset.saturating_add(frame.wire_len() as u64);
        self.position = Some(end);
        let taken = match self.next.stage {
            Stage::Hello => {
                self.next.stage = Stage::Echo;
                Taken::Hello
            }
            Stage::Echo => {
                self.next.stage = Stage::Chunk;
                Taken::Echo
            }
            Stage::Chunk => match self.next.read(frame.header(), true) {
                Ok(header) if frame.payload().len() as u64 == header.payload.into() => {
                    Taken::Chunk(self.follow(&header, frame.payload(), end)?)
                }
                // The decoder has another framing.
                _ => return Err(self.fail(offset, ChunkErrorKind::NotPrepared)),
            },
        };
        Ok(taken)
    }

    /// The stream has ended.
    ///
    /// # Errors
    ///
    /// [`ChunkErrorKind::Handshake`] between the two parts of the handshake, [`ChunkErrorKind::Truncated`] inside a message
    /// (one of them, if several have begun), and the error that came before. The offset is the end of the last frame.
    pub fn finish(&mut self) -> Result<(), ChunkError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let open = self.next.streams.iter().find(|stream| stream.missing > 0);
        let kind = match (self.next.stage, open) {
            (Stage::Echo, _) => ChunkErrorKind::Handshake,
            (_, Some(stream)) => ChunkErrorKind::Truncated { chunk_stream: stream.id, missing: stream.missing },
            _ => return Ok(()),
        };
        Err(self.fail(self.position.unwrap_or_default(), kind))
    }

    /// Goes on to what follows a chunk. `end` is where the chunk ends in the stream.
    fn follow(&mut self, header: &Header, payload: &[u8], end: u64) -> Result<Chunk, ChunkError> {
        let stream = header.stream;
        if let Some(place) = self.next.streams.get_mut(header.place) {
            *place = stream;
        }
        let is_last = stream.missing == 0;
        let before = if header.is_first { 0 } else { self.control };
        let mut aborts = None;
        if framing::is_control(stream.message_type) {
            self.control = payload.iter().fold(before, |number, &byte| number << 8 | u32::from(byte));
        }
        match (stream.message_type, self.control) {
            (SET_CHUNK_SIZE, 1..=MAX_CHUNK_SIZE) if is_last => self.next.chunk_size = self.control,
            (SET_CHUNK_SIZE, found) if is_last => {
                return Err(self.fail(end.saturating_sub(1), ChunkErrorKind::ChunkSize { found }));
            }
            (ABORT, id) if is_last => {
                let mut streams = self.next.streams.iter_mut();
                if let Some(dropped) = streams.find(|stream| stream.id == id && stream.missing > 0) {
                    dropped.missing = 0;
                    aborts = Some(id);
                }
            }
            _ => {}
        }
        Ok(Chunk {
            message: MessageHeader {
                chunk_stream: stream.id,
                message_type: stream.message_type,
                message_stream: stream.message_stream,
                timestamp: stream.timestamp,
            },
            len: stream.len,
            is_first: header.is_first,
            is_last,
            aborts,
        })
    }

    #[cold]
    fn fail(&mut self, offset: u64, kind: ChunkErrorKind) -> ChunkError {
        *self.error.insert(ChunkError { offset, kind })
    }
}
