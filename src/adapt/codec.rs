//! What the codecs share: frames out of a buffer that the host owns.

use bytes::{Buf, BytesMut};

use crate::adapt::trace::Traced;
use crate::contract::{Extent, Framing, encode};
use crate::decode::deframer::Deframer;
use crate::decode::deframer::glance::Glance;
use crate::decode::drive::{self, Found};
use crate::decode::frame::{OwnedEvent, OwnedFrame};
use crate::decode::quick::Quick;
use crate::decode::recovery::{Recovery, Skips};
use crate::error::{DecodeError, EncodeError, EofError};

/// Any framing as a codec.
///
/// Frames share the buffer in which they arrived, without a copy. A frame that is rewritten is opened there. No memory is
/// reserved because a header announces a length.
///
/// After an error the stream has ended: the error is returned once, and the bytes after it are dropped, so that a loop over the
/// stream ends. To continue after a rejected frame, see [`with_recovery`](Self::with_recovery).
#[derive(Clone, Debug)]
pub struct Codec<F> {
    deframer: Deframer<F>,
    quick: Quick,
    /// Whether an error was returned, so that the stream is over.
    failed: bool,
    /// What the last message that was encoded left for the next one.
    previous: u32,
    /// Whether a frame was encoded that lasts to the end of the stream.
    ended: bool,
    traced: Traced,
}

impl<F: Framing> Codec<F> {
    /// Creates a codec for a new stream.
    pub fn new(framing: F) -> Self {
        Self::at(framing, 0)
    }

    /// Creates a codec that begins at this offset of a stream, at the start of a frame: for a protocol that changes in mid-stream.
    pub fn at(framing: F, position: u64) -> Self {
        let quick = Quick::of(&framing);
        let deframer = Deframer::at(framing, position);
        Self { deframer, quick, failed: false, previous: 0, ended: false, traced: Traced::new() }
    }

    /// Sets the policy for rejected frames. Skipped frames are items of the stream, which continues after them.
    #[must_use]
    pub fn with_recovery(self, recovery: Recovery) -> EventCodec<F> {
        EventCodec { codec: Self { deframer: self.deframer.with_recovery(recovery), ..self }, held: false }
    }

    /// Returns the framing.
    pub const fn framing(&self) -> &F {
        self.deframer.framing()
    }

    /// Returns the offset in the stream of the first byte that was neither returned nor skipped.
    pub const fn position(&self) -> u64 {
        self.deframer.position()
    }

    /// The next frame.
    #[inline]
    pub(crate) fn decode_frame(&mut self, buffer: &mut BytesMut) -> Result<Option<OwnedFrame>, DecodeError> {
        Ok(self.find(buffer)?.and_then(|found| self.take(found, buffer).into_frame()))
    }

    /// The next frame at the end of the stream.
    pub(crate) fn decode_frame_at_eof(&mut self, buffer: &mut BytesMut) -> Result<Option<OwnedFrame>, EofError> {
        Ok(self.find_at_eof(buffer)?.and_then(|found| self.take(found, buffer).into_frame()))
    }

    #[inline]
    fn find(&mut self, buffer: &mut BytesMut) -> Result<Option<Found>, DecodeError> {
        match self.deframer.glance_quick(&self.quick, buffer) {
            Glance::Frame { filler, extent } => {
                if filler > 0 {
                    buffer.advance(filler);
                }
                Ok(Some(Found::Frame(extent)))
            }
            Glance::Incomplete => Ok(None),
            Glance::Unclear => self.find_slow(buffer),
        }
    }

    /// Slow path of [`find`](Self::find).
    #[inline(never)]
    fn find_slow(&mut self, mut buffer: &mut BytesMut) -> Result<Option<Found>, DecodeError> {
        if self.failed {
            buffer.clear();
            return Ok(None);
        }
        let found = drive::find(&mut self.deframer, &mut buffer);
        self.traced.skips(self.deframer.skipped());
        found.inspect_err(|error| {
            self.failed = true;
            self.traced.failed(error);
        })
    }

    fn find_at_eof(&mut self, mut buffer: &mut BytesMut) -> Result<Option<Found>, EofError> {
        if self.failed {
            buffer.clear();
            return Ok(None);
        }
        let found = drive::find_at_eof(&mut self.deframer, &mut buffer);
        self.traced.skips(self.deframer.skipped());
        if matches!(found, Ok(None)) {
            self.traced.ended(self.deframer.position());
        }
        found.inspect_err(|error| {
            self.failed = true;
            self.traced.cut(error);
        })
    }

    /// Takes what was found off the buffer.
    #[inline]
    fn take(&self, found: Found, buffer: &mut BytesMut) -> OwnedEvent {
        match found {
            Found::Frame(extent) => OwnedEvent::Frame(self.split(extent, buffer)),
            Found::Skipped(stretch) => OwnedEvent::Skipped(stretch),
        }
    }

    #[inline]
    fn split(&self, extent: Extent, buffer: &mut BytesMut) -> OwnedFrame {
        let len = extent.len_in_memory();
        let offset = self.deframer.position().wrapping_sub(len as u64);
        let opened = extent.is_rewritten().then(|| self.deframer.open(extent, buffer));
        let bytes = buffer.split_to(len.min(buffer.len())).freeze();
        match opened {
            Some(len) => OwnedFrame::opened(bytes, extent, len, offset),
            None => OwnedFrame::new(bytes, extent, offset),
        }
    }

    pub(crate) fn encode_message(&mut self, message: &[u8], buffer: &mut BytesMut) -> Result<(), EncodeError> {
        if self.ended {
            return Err(EncodeError::AfterLast);
        }
        let written = encode::append(self.deframer.framing(), self.previous, message, buffer)?;
        self.previous = written.next;
        self.ended = written.is_last;
        Ok(())
    }
}

impl OwnedEvent {
    /// The frame, if it is one.
    fn into_frame(self) -> Option<OwnedFrame> {
        match self {
            Self::Frame(frame) => Some(frame),
            Self::Skipped(_) => None,
        }
    }
}

/// A [`Codec`] that skips rejected frames, and continues after them.
///
/// Its items are [`OwnedEvent`]s: frames and skipped stretches. The stream ends after an error that the policy does not skip.
#[derive(Clone, Debug)]
pub struct EventCodec<F> {
    codec: Codec<F>,
    /// Whether the buffer begins with one byte that is no part of the stream any more.
    ///
    /// `asynchronous_codec` does not ask what the end of the stream means where the buffer is empty, as it may be in the
    /// middle of a frame that is being skipped.
    held: bool,
}

impl<F: Framing> EventCodec<F> {
    /// Returns the framing.
    pub const fn framing(&self) -> &F {
        self.codec.framing()
    }

    /// Returns the offset in the stream of the first byte that was neither returned nor skipped.
    pub const fn position(&self) -> u64 {
        self.codec.position()
    }

    /// Returns what was skipped so far.
    pub const fn skipped(&self) -> &Skips {
        self.codec.deframer.skipped()
    }

    /// Returns whether a rejected frame is being skipped, whose end has not arrived.
    pub const fn is_skipping(&self) -> bool {
        self.codec.deframer.is_skipping()
    }

    pub(crate) fn decode_event(&mut self, buffer: &mut BytesMut) -> Result<Option<OwnedEvent>, DecodeError> {
        self.release(buffer);
        let found = self.codec.find(buffer)?;
        if found.is_none() && buffer.is_empty() && self.is_skipping() {
            buffer.extend_from_slice(&[0]);
            self.held = true;
        }
        Ok(found.map(|found| self.codec.take(found, buffer)))
    }

    pub(crate) fn decode_event_at_eof(&mut self, buffer: &mut BytesMut) -> Result<Option<OwnedEvent>, EofError> {
        self.release(buffer);
        let found = self.codec.find_at_eof(buffer)?;
        Ok(found.map(|found| self.codec.take(found, buffer)))
    }

    fn release(&mut self, buffer: &mut BytesMut) {
        if core::mem::take(&mut self.held) && !buffer.is_empty() {
            buffer.advance(1);
        }
    }

    pub(crate) fn encode_message(&mut self, message: &[u8], buffer: &mut BytesMut) -> Result<(), EncodeError> {
        self.codec.encode_message(message, buffer)
    }
}
