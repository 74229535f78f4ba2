//! What the codecs share: frames out of a buffer that the transport's adapter owns.

use bytes::{Buf, BytesMut};

use crate::contract::{Extent, Framing};
use crate::decode::deframer::{Deframer, Oversize, Step};
use crate::decode::frame::OwnedFrame;
use crate::error::{DecodeError, EncodeError, EofError};

/// Any framing as a codec.
///
/// Frames share the buffer that they arrived in, without a copy. No memory is reserved for what a header announces.
///
/// After an error the stream is over: the error is given once, and whatever comes after it is thrown away, so that a
/// loop over the stream ends with the stream. The buffer is left alone until the next call.
#[derive(Clone, Debug)]
pub struct Codec<F> {
    deframer: Deframer<F>,
    told: bool,
    /// Whether a frame was encoded that lasts to the end of the stream.
    ended: bool,
}

impl<F: Framing> Codec<F> {
    /// At the start of a stream.
    pub const fn new(framing: F) -> Self {
        Self { deframer: Deframer::new(framing), told: false, ended: false }
    }

    /// At this offset of a stream, at the start of a frame: for a protocol that changes in mid-stream.
    pub const fn at(framing: F, position: u64) -> Self {
        Self { deframer: Deframer::at(framing, position), told: false, ended: false }
    }

    /// The same, passing over frames whose payload is over the limit.
    #[must_use]
    pub fn skipping_oversize(self) -> SkippingCodec<F> {
        let Self { deframer, told, ended } = self;
        SkippingCodec { codec: Self { deframer: deframer.with_oversize(Oversize::Skip), told, ended }, held: false }
    }

    /// The framing.
    pub const fn framing(&self) -> &F {
        self.deframer.framing()
    }

    /// Offset in the stream of the first byte that was neither handed out nor skipped.
    pub const fn position(&self) -> u64 {
        self.deframer.position()
    }

    /// The next frame.
    pub(crate) fn decode_frame(&mut self, buffer: &mut BytesMut) -> Result<Option<OwnedFrame>, DecodeError> {
        if self.told {
            buffer.clear();
            return Ok(None);
        }
        loop {
            let step = self.deframer.step(buffer).inspect_err(|_| self.told = true)?;
            if let Step::Need(_) = step {
                return Ok(None);
            }
            if let Some(frame) = self.obey(step, buffer)? {
                return Ok(Some(frame));
            }
        }
    }

    /// The next frame at the end of the stream.
    pub(crate) fn decode_frame_at_end(&mut self, buffer: &mut BytesMut) -> Result<Option<OwnedFrame>, EofError> {
        if self.told {
            buffer.clear();
            return Ok(None);
        }
        loop {
            let Some(step) = self.deframer.finish(buffer).inspect_err(|_| self.told = true)? else { return Ok(None) };
            if let Some(frame) = self.obey(step, buffer)? {
                return Ok(Some(frame));
            }
        }
    }

    /// Whether the stream is inside a frame that is being skipped.
    const fn is_inside_frame(&self) -> bool {
        !self.told && self.deframer.is_inside_frame()
    }

    /// Does what a step asks.
    fn obey(&self, step: Step, buffer: &mut BytesMut) -> Result<Option<OwnedFrame>, DecodeError> {
        match step {
            Step::Frame(extent) => return Ok(split(buffer, extent, self.deframer.position())),
            Step::Discard { at, len } => remove(buffer, at, len),
            Step::Skipped { len, error } => {
                remove(buffer, 0, len);
                return Err(error);
            }
            Step::Need(_) => {}
        }
        Ok(None)
    }

    pub(crate) fn encode_message(&mut self, message: &[u8], buffer: &mut BytesMut) -> Result<(), EncodeError> {
        if self.ended {
            return Err(EncodeError::AfterLast);
        }
        let envelope = self.deframer.framing().envelope(message)?;
        envelope.write_to(message, buffer)?;
        self.ended = envelope.is_last();
        Ok(())
    }
}

/// Takes the frame of this extent off the front of `buffer`. `end` is where it ends in the stream.
fn split(buffer: &mut BytesMut, extent: Extent, end: u64) -> Option<OwnedFrame> {
    let len = extent.fits(buffer.len())?;
    let wire = buffer.split_to(len).freeze();
    Some(OwnedFrame::new(wire, extent, end.saturating_sub(extent.frame_len())))
}

/// Removes `len` bytes at index `at`. Only a header is ever ahead of them, and it is short.
fn remove(buffer: &mut BytesMut, at: usize, len: usize) {
    let end = at.saturating_add(len).min(buffer.len());
    let at = at.min(end);
    buffer.copy_within(..at, end - at);
    buffer.advance(end - at);
}

/// A [`Codec`] that passes over frames whose payload is over the limit, and goes on after them.
///
/// Its items are results: an `Err` is a frame that was skipped, with a count of its bytes. An error of the stream itself
/// would end the stream.
#[derive(Clone, Debug)]
pub struct SkippingCodec<F> {
    codec: Codec<F>,
    /// Whether the buffer holds one byte that is no part of the stream any more.
    ///
    /// `asynchronous_codec` does not ask what the end of the stream means where the buffer is empty, as it may be in the
    /// middle of a frame that is being skipped.
    held: bool,
}

impl<F: Framing> SkippingCodec<F> {
    /// The framing.
    pub const fn framing(&self) -> &F {
        self.codec.framing()
    }

    /// Offset in the stream of the first byte that was neither handed out nor skipped.
    pub const fn position(&self) -> u64 {
        self.codec.position()
    }

    pub(crate) fn decode_frame(
        &mut self,
        buffer: &mut BytesMut,
    ) -> Result<Option<Result<OwnedFrame, DecodeError>>, DecodeError> {
        self.release(buffer);
        let item = match self.codec.decode_frame(buffer) {
            Err(error) if error.is_skipped() => Some(Err(error)),
            result => result?.map(Ok),
        };
        if item.is_none() && buffer.is_empty() && self.codec.is_inside_frame() {
            buffer.extend_from_slice(&[0]);
            self.held = true;
        }
        Ok(item)
    }

    pub(crate) fn decode_frame_at_end(
        &mut self,
        buffer: &mut BytesMut,
    ) -> Result<Option<Result<OwnedFrame, DecodeError>>, EofError> {
        self.release(buffer);
        match self.codec.decode_frame_at_end(buffer) {
            Err(EofError::Decode(error)) if error.is_skipped() => Ok(Some(Err(error))),
            result => result.map(|frame| frame.map(Ok)),
        }
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
