//! Messages in, bytes out.

use alloc::collections::VecDeque;

use bytes::{Buf, Bytes, BytesMut};

use crate::contract::encode::{self, Written};
use crate::contract::{Envelope, Framing};
use crate::error::EncodeError;

/// A queue of frames to send, for a transport that may take only some of their bytes.
///
/// It is a [`Buf`]: write what [`chunk`](Buf::chunk) or [`chunks_vectored`](Buf::chunks_vectored) returns, then
/// [`advance`](Buf::advance) by what the transport took, at any byte.
///
/// ```
/// use anysplit::{Encoder, Prefix};
/// use bytes::Buf;
///
/// let mut encoder = Encoder::new(Prefix::u8());
/// encoder.push(b"hello")?;
/// encoder.push(b"you")?;
/// let mut sent = Vec::new();
/// while encoder.has_remaining() {
///     // This transport takes three bytes at a time.
///     let taken = encoder.chunk().len().min(3);
///     sent.extend_from_slice(&encoder.chunk()[..taken]);
///     encoder.advance(taken);
/// }
/// assert_eq!(sent, b"\x05hello\x03you");
/// # Ok::<(), anysplit::EncodeError>(())
/// ```
///
/// Small frames are put one after the other in one block, so that a thousand of them are sent in a few slices. Payloads of
/// at least [`Encoder::SHARE_FROM`] bytes that are given as [`Bytes`] are not copied.
///
/// Use it for a framing whose frames depend on the message before, such as [`Then`](crate::Then): the encoder remembers what the
/// next frame needs to know.
///
/// The queue has no limit: to slow down the code that produces the messages, look at [`remaining`](Buf::remaining) before a push.
/// When all bytes are sent, it owns no heap memory. The next frame allocates as many bytes as were queued last, up to 64 KiB.
#[derive(Debug)]
pub struct Encoder<F> {
    framing: F,
    /// Blocks that are complete, before `last` on the wire. No block is empty.
    blocks: VecDeque<Bytes>,
    /// Bytes in `blocks`.
    queued: usize,
    last: BytesMut,
    /// The most bytes that `last` held since its block was made, up to [`BLOCK_LEN`]. The next block is made for as many.
    most: u32,
    /// What the last message left for the next one.
    previous: u32,
    /// Whether frames are a number and the message, which is faster to write.
    is_prefixed: bool,
    /// Whether a frame was queued that lasts to the end of the stream.
    ended: bool,
}

/// A block is made larger than this only for bytes that are there.
const BLOCK_LEN: u32 = 64 * 1024;

impl<F: Framing> Encoder<F> {
    /// From this payload length in bytes, sharing is cheaper than copying.
    pub const SHARE_FROM: usize = 2048;

    /// Creates an empty queue for a new stream. Does not allocate.
    pub fn new(framing: F) -> Self {
        let is_prefixed = encode::is_prefixed(&framing);
        Self {
            framing,
            blocks: VecDeque::new(),
            queued: 0,
            last: BytesMut::new(),
            most: 0,
            previous: 0,
            is_prefixed,
            ended: false,
        }
    }

    /// Queues the frame of `message`, and returns its length in bytes. One copy of the message.
    ///
    /// # Errors
    ///
    /// As [`Framing::envelope`]; [`EncodeError::AfterLast`] after a frame that lasts to the end of the stream. Nothing was
    /// queued.
    #[inline]
    pub fn push(&mut self, message: &[u8]) -> Result<usize, EncodeError> {
        self.check_open()?;
        if self.last.capacity() == 0 {
            self.last.reserve(usize::try_from(core::mem::take(&mut self.most)).unwrap_or_default());
        }
        if self.is_prefixed {
            if let Some(len) = encode::write_prefixed(&self.framing, message, &mut self.last) {
                return Ok(len);
            }
        }
        match encode::append(&self.framing, self.previous, message, &mut self.last) {
            Ok(written) => Ok(self.note(written)),
            Err(error) => {
                self.release_empty();
                Err(error)
            }
        }
    }

    /// Queues the frame of `message`, and returns its length in bytes. A payload of at least [`Encoder::SHARE_FROM`] bytes
    /// is shared, not copied.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub fn push_bytes(&mut self, message: Bytes) -> Result<usize, EncodeError> {
        if message.len() < Self::SHARE_FROM {
            return self.push(&message);
        }
        self.check_open()?;
        let (envelope, next) = self.framing.envelope_after(self.previous, &message)?;
        let need = envelope.frame_len(&message);
        let len = usize::try_from(need).map_err(|_| EncodeError::NoRoom { need, have: usize::MAX as u64 })?;
        let Envelope::Around(around) = envelope else { return self.push(&message) };
        self.last.extend_from_slice(around.header());
        let before = self.last.split().freeze();
        self.last.extend_from_slice(around.trailer());
        let shared = message.slice(around.skip().min(message.len())..);
        let written = Written { len, is_last: envelope.is_last(), next };
        self.queue(before);
        self.queue(shared);
        Ok(self.note(written))
    }

    /// Queues a frame whose message `write` writes: see [`Framing::encode_with`].
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub fn push_with(&mut self, write: impl FnOnce(&mut BytesMut)) -> Result<usize, EncodeError> {
        self.try_push_with(|out| {
            write(out);
            Ok(())
        })
    }

    /// As [`push_with`](Self::push_with), for a `write` that can fail.
    ///
    /// # Errors
    ///
    /// What `write` returns, and as [`push`](Self::push).
    pub fn try_push_with<E: From<EncodeError>>(
        &mut self,
        write: impl FnOnce(&mut BytesMut) -> Result<(), E>,
    ) -> Result<usize, E> {
        self.check_open()?;
        // The callback has an output of its own, so that it cannot change queued bytes.
        let mut apart = self.last.split_off(self.last.len());
        let result = encode::append_with(&self.framing, self.previous, &mut apart, write);
        self.last.unsplit(apart);
        match result {
            Ok(written) => Ok(self.note(written)),
            Err(error) => {
                self.release_empty();
                Err(error)
            }
        }
    }

    /// Queues the frames of all `messages`, or no frame, and returns their total length in bytes.
    ///
    /// ```
    /// use anysplit::{Delimited, Encoder};
    /// use bytes::Buf;
    ///
    /// let mut encoder = Encoder::new(Delimited::line());
    /// encoder.push_batch(["MULTI", "SET a 1", "EXEC"])?;
    /// assert_eq!(encoder.chunk(), b"MULTI\nSET a 1\nEXEC\n");
    /// // The second is refused, so the first is not queued.
    /// assert!(encoder.push_batch(["MULTI", "SET a 1\nFLUSHALL"]).is_err());
    /// assert_eq!(encoder.remaining(), 19);
    /// # Ok::<(), anysplit::EncodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push), for the first message that is refused. No message is then queued.
    pub fn push_batch<M: AsRef<[u8]>>(&mut self, messages: impl IntoIterator<Item = M>) -> Result<usize, EncodeError> {
        let mut unit = Unit::new(self);
        let mut len = 0_usize;
        for message in messages {
            // All of it is in memory.
            len = len.wrapping_add(unit.encoder.push(message.as_ref())?);
        }
        unit.is_complete = true;
        Ok(len)
    }

    /// Queues bytes that go to the wire unchanged, such as a control frame.
    ///
    /// # Errors
    ///
    /// [`EncodeError::AfterLast`] after a frame that lasts to the end of the stream.
    pub fn push_raw(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.check_open()?;
        self.last.extend_from_slice(bytes);
        Ok(())
    }

    /// Continues with another framing. Queued frames stay as they are.
    pub fn with_framing<G: Framing>(self, framing: G) -> Encoder<G> {
        let is_prefixed = encode::is_prefixed(&framing);
        Encoder {
            framing,
            blocks: self.blocks,
            queued: self.queued,
            last: self.last,
            most: self.most,
            previous: 0,
            is_prefixed,
            ended: self.ended,
        }
    }

    /// Returns the framing.
    pub const fn framing(&self) -> &F {
        &self.framing
    }

    /// Takes note of a frame that was queued, and returns its length.
    #[inline]
    const fn note(&mut self, written: Written) -> usize {
        self.ended = written.is_last;
        self.previous = written.next;
        written.len
    }

    /// Frees the memory that a refused message has made in an empty queue.
    fn release_empty(&mut self) {
        if self.last.is_empty() {
            self.last = BytesMut::new();
        }
    }

    fn check_open(&self) -> Result<(), EncodeError> {
        if self.ended { Err(EncodeError::AfterLast) } else { Ok(()) }
    }

    fn queue(&mut self, block: Bytes) {
        if !block.is_empty() {
            self.queued = self.queued.saturating_add(block.len());
            self.blocks.push_back(block);
        }
    }
}

/// Takes back the frames that were queued since it was made, unless all of them are there, also if an iterator panics.
struct Unit<'e, F: Framing> {
    encoder: &'e mut Encoder<F>,
    start: usize,
    previous: u32,
    ended: bool,
    is_complete: bool,
}

impl<'e, F: Framing> Unit<'e, F> {
    fn new(encoder: &'e mut Encoder<F>) -> Self {
        let (start, previous, ended) = (encoder.last.len(), encoder.previous, encoder.ended);
        Self { encoder, start, previous, ended, is_complete: false }
    }
}

impl<F: Framing> Drop for Unit<'_, F> {
    fn drop(&mut self) {
        if !self.is_complete {
            self.encoder.last.truncate(self.start);
            (self.encoder.previous, self.encoder.ended) = (self.previous, self.ended);
            self.encoder.release_empty();
        }
    }
}

impl<F> Buf for Encoder<F> {
    /// Returns the number of unsent bytes.
    #[inline]
    fn remaining(&self) -> usize {
        self.queued.saturating_add(self.last.len())
    }

    #[inline]
    fn chunk(&self) -> &[u8] {
        self.blocks.front().map_or(&self.last[..], |block| &block[..])
    }

    #[cfg(feature = "std")]
    fn chunks_vectored<'a>(&'a self, slices: &mut [std::io::IoSlice<'a>]) -> usize {
        let last = if self.last.is_empty() { None } else { Some(&self.last[..]) };
        let parts = self.blocks.iter().map(|block| &block[..]).chain(last);
        let mut count = 0;
        for (slice, part) in slices.iter_mut().zip(parts) {
            *slice = std::io::IoSlice::new(part);
            count += 1;
        }
        count
    }

    /// # Panics
    ///
    /// If `count` is more than [`remaining`](Buf::remaining), as the trait requires.
    fn advance(&mut self, mut count: usize) {
        self.most = u32::try_from(self.last.len()).unwrap_or(u32::MAX).min(BLOCK_LEN).max(self.most);
        while let Some(block) = self.blocks.front_mut() {
            let here = count.min(block.len());
            block.advance(here);
            self.queued -= here;
            count -= here;
            if !block.is_empty() {
                return;
            }
            self.blocks.pop_front();
        }
        self.last.advance(count);
        if self.last.is_empty() {
            self.last = BytesMut::new();
            self.blocks = VecDeque::new();
        }
    }
}
