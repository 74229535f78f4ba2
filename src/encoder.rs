//! Messages in, bytes out.

use alloc::collections::VecDeque;

use bytes::{Buf, Bytes, BytesMut};

use crate::contract::Framing;
use crate::error::EncodeError;

/// Frames on their way out: queues them, and gives their bytes to a transport that takes as many as it likes.
///
/// It is a [`Buf`]: write what [`chunk`](Buf::chunk) or [`chunks_vectored`](Buf::chunks_vectored) gives, then
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
/// Small frames lie one after the other in one block, so that a thousand of them leave in a few slices. Payloads of
/// at least [`Encoder::SHARE_FROM`] bytes that are given as [`Bytes`] are not copied.
///
/// It has no bound: to push back on whoever produces the messages, look at [`remaining`](Buf::remaining) before a push.
/// When all is sent, it holds no heap memory. The next frame makes room for as much as was last queued, to 64 KiB.
#[derive(Debug)]
pub struct Encoder<F> {
    framing: F,
    /// Blocks that are not added to any more, before `last` on the wire. None is empty.
    blocks: VecDeque<Bytes>,
    /// Bytes in `blocks`.
    queued: usize,
    last: BytesMut,
    /// The most bytes that `last` held since its block was made, to [`BLOCK_LEN`]: the next is made for as many at once.
    most: u32,
    /// Whether a frame was queued that lasts to the end of the stream.
    ended: bool,
}

/// No block is made larger than this before there are bytes for it.
const BLOCK_LEN: u32 = 64 * 1024;

impl<F: Framing> Encoder<F> {
    /// From this length of payload sharing is cheaper than copying.
    pub const SHARE_FROM: usize = 2048;

    /// With nothing in it. No allocation.
    pub fn new(framing: F) -> Self {
        Self { framing, blocks: VecDeque::new(), queued: 0, last: BytesMut::new(), most: 0, ended: false }
    }

    /// Queues the frame of `message`, and gives its length in bytes. One copy of the message.
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
        match self.framing.append(message, &mut self.last) {
            Ok((len, is_last)) => {
                self.ended = is_last;
                Ok(len)
            }
            Err(refusal) => {
                if self.last.is_empty() {
                    self.last = BytesMut::new();
                }
                Err(refusal)
            }
        }
    }

    /// Queues the frame of `message`, and gives its length in bytes. A payload of at least [`Encoder::SHARE_FROM`] bytes
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
        let envelope = self.framing.envelope(&message)?;
        let len = usize::try_from(envelope.frame_len(&message))
            .map_err(|_| EncodeError::NoRoom { need: u64::MAX, have: usize::MAX as u64 })?;
        self.last.extend_from_slice(envelope.header());
        let before = self.last.split().freeze();
        self.last.extend_from_slice(envelope.trailer());
        self.ended = envelope.is_last();
        let shared = message.slice(envelope.skip().min(message.len())..);
        self.queue(before);
        self.queue(shared);
        Ok(len)
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
        let (len, last) = crate::contract::encode::encode_with(&self.framing, &mut self.last, write)?;
        self.ended = last;
        Ok(len)
    }

    /// Queues bytes that are on the wire as they are, such as a control frame.
    ///
    /// # Errors
    ///
    /// [`EncodeError::AfterLast`] after a frame that lasts to the end of the stream.
    pub fn push_raw(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.check_open()?;
        self.last.extend_from_slice(bytes);
        Ok(())
    }

    /// The same queue with another framing from here on. What is queued leaves as it was framed.
    pub fn with_framing<G: Framing>(self, framing: G) -> Encoder<G> {
        Encoder {
            framing,
            blocks: self.blocks,
            queued: self.queued,
            last: self.last,
            most: self.most,
            ended: self.ended,
        }
    }

    /// The framing.
    pub const fn framing(&self) -> &F {
        &self.framing
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

impl<F> Buf for Encoder<F> {
    /// Bytes that are still unsent.
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
    /// If `count` is more than [`remaining`](Buf::remaining), as the trait wants it.
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
