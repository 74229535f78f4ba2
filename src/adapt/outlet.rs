//! What the writers share: a queue of frames with a bound.

use std::io::{self, IoSlice};

use bytes::{Buf, Bytes, BytesMut};

use crate::adapt::counters::Counters;
use crate::contract::Framing;
use crate::encoder::Encoder;
use crate::error::EncodeError;

/// With this many bytes unsent, a writer waits for the transport before it takes another message. If a message would exceed
/// it, the writer first sends as much as the transport takes at once.
///
/// As long as the block of a reader: a write that went a little beyond it would cost the other side two reads.
pub(crate) const LIMIT: usize = 64 * 1024;

/// Header and trailer of a message are seldom longer.
const AROUND: usize = 16;

/// Slices given to one vectored write. A frame takes at most three, and small ones share one.
const SLICES: usize = 64;

#[derive(Debug)]
pub(crate) struct Outlet<F> {
    encoder: Encoder<F>,
    limit: usize,
    queued_frames: u64,
    sent_bytes: u64,
}

/// What a message's writer returned: an [`EncodeError`] reaches it as an [`io::Error`].
struct Failed<E>(E);

impl<E: From<io::Error>> From<EncodeError> for Failed<E> {
    fn from(error: EncodeError) -> Self {
        Self(io::Error::from(error).into())
    }
}

impl<F: Framing> Outlet<F> {
    pub(crate) const fn new(encoder: Encoder<F>) -> Self {
        Self { encoder, limit: LIMIT, queued_frames: 0, sent_bytes: 0 }
    }

    pub(crate) fn set_limit(&mut self, limit: usize) {
        self.limit = limit.max(1);
    }

    pub(crate) fn push(&mut self, message: &[u8]) -> Result<(), EncodeError> {
        self.encoder.push(message)?;
        self.queued_frames = self.queued_frames.wrapping_add(1);
        Ok(())
    }

    pub(crate) fn push_bytes(&mut self, message: Bytes) -> Result<(), EncodeError> {
        self.encoder.push_bytes(message)?;
        self.queued_frames = self.queued_frames.wrapping_add(1);
        Ok(())
    }

    pub(crate) fn push_with<E: From<io::Error>>(
        &mut self,
        write: impl FnOnce(&mut BytesMut) -> Result<(), E>,
    ) -> Result<(), E> {
        self.encoder.try_push_with(|out| write(out).map_err(Failed)).map_err(|Failed(error)| error)?;
        self.queued_frames = self.queued_frames.wrapping_add(1);
        Ok(())
    }

    pub(crate) fn push_batch<M: AsRef<[u8]>>(
        &mut self,
        messages: impl IntoIterator<Item = M>,
    ) -> Result<(), EncodeError> {
        let mut count = 0;
        self.encoder.push_batch(messages.into_iter().inspect(|_| count += 1))?;
        self.queued_frames = self.queued_frames.wrapping_add(count);
        Ok(())
    }

    pub(crate) fn push_raw(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.encoder.push_raw(bytes)
    }

    pub(crate) const fn framing(&self) -> &F {
        self.encoder.framing()
    }

    pub(crate) fn map<G: Framing>(self, framing: G) -> Outlet<G> {
        let Self { encoder, limit, queued_frames, sent_bytes } = self;
        Outlet { encoder: encoder.with_framing(framing), limit, queued_frames, sent_bytes }
    }
}

impl<F> Outlet<F> {
    pub(crate) fn into_encoder(self) -> Encoder<F> {
        self.encoder
    }

    #[inline]
    pub(crate) fn unsent(&self) -> usize {
        self.encoder.remaining()
    }

    pub(crate) fn counters(&self) -> Counters {
        Counters { frames: self.queued_frames, bytes: self.sent_bytes, ..Counters::default() }
    }

    /// Whether another message must wait.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.unsent() >= self.limit
    }

    /// Whether a message of `len` bytes leaves the queue within the limit. One that is longer than that goes alone.
    #[inline]
    pub(crate) fn has_room(&self, len: usize) -> bool {
        let unsent = self.unsent();
        unsent == 0 || unsent.saturating_add(len).saturating_add(AROUND) <= self.limit
    }

    /// Lets `write` take some of the unsent bytes, and returns its result.
    pub(crate) fn write_with<T>(
        &mut self,
        write: impl FnOnce(&[IoSlice<'_>]) -> T,
        count: impl FnOnce(&T) -> Option<usize>,
    ) -> T {
        let mut slices = [IoSlice::new(&[]); SLICES];
        let filled = self.encoder.chunks_vectored(&mut slices);
        let result = write(slices.get(..filled).unwrap_or_default());
        if let Some(count) = count(&result) {
            // A writer that claims more than it was offered is not believed.
            let offered = slices.iter().map(|slice| slice.len()).sum::<usize>();
            let count = count.min(offered);
            self.encoder.advance(count);
            self.sent_bytes = self.sent_bytes.wrapping_add(count as u64);
        }
        result
    }
}

/// A transport that takes no byte of those offered will take no byte of the next ones.
pub(crate) fn write_zero() -> io::Error {
    io::Error::new(io::ErrorKind::WriteZero, "the transport took 0 bytes of a frame")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framing::prefix::Prefix;
    use std::vec;
    use std::vec::Vec;

    #[test]
    fn what_is_queued_stays_within_the_limit() {
        let mut outlet = Outlet::new(Encoder::new(Prefix::u32_be()));
        outlet.set_limit(1000);
        assert!(outlet.has_room(5000), "alone");
        outlet.push(&[0; 496]).unwrap();
        // 500 are queued.
        for (len, room) in [(0, true), (483, true), (484, true), (485, false), (usize::MAX, false)] {
            assert_eq!(outlet.has_room(len), room, "{len}");
        }
        outlet.push(&[0; 484]).unwrap();
        assert!(outlet.unsent() <= 1000 && !outlet.has_room(0));
    }

    /// A writer that takes everything, and remembers how much that was each time.
    #[derive(Default)]
    struct Taker(Vec<usize>);

    impl std::io::Write for Taker {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.push(bytes.len());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn no_write_is_longer_than_a_readers_block() {
        for len in [64, 1000, 1024, 60_000, crate::adapt::inlet::BLOCK_LEN] {
            let mut writer = crate::io::FrameWriter::new(Taker::default(), Prefix::u32_be());
            for _ in 0..3 * LIMIT / len {
                writer.write(vec![0; len]).unwrap();
            }
            writer.flush().unwrap();
            let most = writer.get_ref().0.iter().copied().max();
            assert_eq!(most.filter(|most| *most > LIMIT), (len == LIMIT).then_some(LIMIT + 4), "{len}");
        }
    }

    /// A transport that takes this many bytes and then none.
    struct Stuck(usize);

    impl std::io::Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            Ok(taken)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// So whoever looks at `unsent` first is never left with a message that was not taken.
    #[test]
    fn writer_below_its_limit_takes_a_message() {
        for taken in [0, 1, 50, 100] {
            for len in [0, 1, 79, 80, 81, 96, 200] {
                let mut writer = crate::io::FrameWriter::new(Stuck(taken), Prefix::u32_be()).with_limit(100);
                while writer.unsent() < 100 {
                    let before = writer.unsent();
                    writer.write(vec![0; len]).unwrap();
                    assert!(writer.unsent() + taken >= before + len + 4);
                }
                // At the limit it is not, unless the transport takes some.
                let result = writer.write(b"").map_err(|error| error.kind());
                assert!(result == Err(io::ErrorKind::WouldBlock) || taken > 0, "{result:?}");
            }
        }
    }

    #[cfg(feature = "tokio")]
    #[test]
    fn asynchronous_writer_below_its_limit_takes_a_message() {
        use futures::FutureExt;

        for len in [1, 79, 80, 81, 200] {
            // Nobody reads from the other end.
            let (near, _far) = ::tokio::io::duplex(10);
            let mut writer = crate::tokio::FrameWriter::new(near, Prefix::u32_be()).with_limit(100);
            while writer.unsent() < 100 {
                assert!(matches!(writer.write(&vec![0; len]).now_or_never(), Some(Ok(()))), "{len}");
            }
            // What the transport takes is taken here, and the next message waits.
            let waits = (0..3).any(|_| writer.write(&[0; 100]).now_or_never().is_none());
            assert!(waits && writer.unsent() >= 100, "{len}");
        }
    }
}
