//! Decoders and readers whose framing can be set between two frames.

use crate::contract::Framing;
#[cfg(feature = "alloc")]
use crate::decode::decoder::Decoder;
use crate::decode::deframer::Deframer;
use crate::decode::fixed::FixedDecoder;
use crate::decode::small::SmallDecoder;

/// A decoder or reader whose framing can be set between two frames.
///
/// Implemented by [`Decoder`](crate::Decoder), [`FixedDecoder`](crate::FixedDecoder), [`Deframer`](crate::decode::Deframer),
/// [`SmallDecoder`], and the readers of `io`, `tokio` and `embedded`.
///
/// A [`SmallDecoder`] skips what it rejects, perhaps an answer. So use it where a request is sent only after the answer to the one
/// before has come, or a time has passed: then [`SmallDecoder::clear`] the decoder, and [`Answers::reset`](crate::answers::Answers::reset).
pub trait Reframe<F> {
    /// Continues with another framing. Bytes that were already received stay, and so do the position, the policy, the counts, and
    /// an error or the end that was reached.
    fn set_framing(&mut self, framing: F);
}

#[cfg(feature = "alloc")]
impl<F: Framing> Reframe<F> for Decoder<F> {
    fn set_framing(&mut self, framing: F) {
        self.set_framing(framing);
    }
}

impl<F: Framing> Reframe<F> for Deframer<F> {
    fn set_framing(&mut self, framing: F) {
        self.set_framing(framing);
    }
}

impl<F: Framing, B: AsRef<[u8]> + AsMut<[u8]>> Reframe<F> for FixedDecoder<F, B> {
    fn set_framing(&mut self, framing: F) {
        self.set_framing(framing);
    }
}

impl<F: Framing, B: AsMut<[u8]>> Reframe<F> for SmallDecoder<F, B> {
    fn set_framing(&mut self, framing: F) {
        self.set_framing(framing);
    }
}

#[cfg(feature = "std")]
impl<R, F: Framing> Reframe<F> for crate::adapt::io::FrameReader<R, F> {
    fn set_framing(&mut self, framing: F) {
        self.set_framing(framing);
    }
}

#[cfg(feature = "tokio")]
impl<R, F: Framing> Reframe<F> for crate::adapt::tokio::FrameReader<R, F> {
    fn set_framing(&mut self, framing: F) {
        self.set_framing(framing);
    }
}

#[cfg(feature = "embedded-io")]
impl<R, F: Framing, B: AsRef<[u8]> + AsMut<[u8]>> Reframe<F> for crate::adapt::embedded::FrameReader<R, F, B> {
    fn set_framing(&mut self, framing: F) {
        self.set_framing(framing);
    }
}

impl<F, D: Reframe<F> + ?Sized> Reframe<F> for &mut D {
    fn set_framing(&mut self, framing: F) {
        (**self).set_framing(framing);
    }
}
