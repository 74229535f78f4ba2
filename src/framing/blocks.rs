//! Payloads in blocks, each with a checksum: DNP3, wireless M-Bus.

use core::num::NonZeroU16;

use crate::contract::{Envelope, Extent, Framing, Located, Part, Patch, Progress};
use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError};
use crate::framing::nested::announces_length;
use crate::short::ShortBytes;
use crate::sum::{Sum, SumForm};

/// A checksum after each block of another framing's payload.
///
/// ```text
///  Blocks::new(header, 16, Crc::named("CRC-16/DNP").unwrap(), SumForm::Binary(Order::Little))?
///
///  offset   0          8    10        26   28        …
///  wire     05 64 …    crc  16 bytes  crc  16 bytes  crc  the rest  crc       DNP3
///           header          payload
/// ```
///
/// The sums are no part of the message, and the length of the inner framing does not count them. The last block may be shorter;
/// an empty payload has no block. For the header's own sum put a [`Checked`](crate::Checked) with
/// [`in_header_at`](crate::Checked::in_header_at) inside.
///
/// The inner framing must announce the payload's length, and must have no check of its own, except one of the header. Other frames
/// are [`DecodeErrorKind::Custom`] and [`EncodeError::Custom`].
///
/// # Errors
///
/// [`DecodeErrorKind::Check`] at the first byte of the first wrong sum, and those of the inner framing.
///
/// # Cost
///
/// The frame is returned in one piece and is copied once.
///
/// # Examples
///
/// ```
/// use anysplit::sum::{Plain, Sum};
/// use anysplit::order::Order;
/// use anysplit::sum::SumForm;
/// use anysplit::{Blocks, Decoder, Framing, Prefix};
///
/// let framing = Blocks::new(Prefix::u8(), 4, Plain::Xor, SumForm::Binary(Order::Big))?;
/// let mut wire = Vec::new();
/// framing.encode(b"abcdef", &mut wire)?;
/// assert_eq!(wire, b"\x06abcd\x04ef\x03");
///
/// let mut decoder = Decoder::new(framing);
/// decoder.push(&wire)?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"abcdef");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Specification
///
/// IEEE 1815-2012, section 9.2.4; EN 13757-4, frame format A.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Blocks<F, S> {
    inner: F,
    block: NonZeroU16,
    sum: S,
    form: SumForm,
}

impl<F: Framing, S: Sum> Blocks<F, S> {
    /// Creates a framing with a sum after every `block` bytes of the payload of `inner`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Width`] for blocks of 0 bytes, or for a sum of 0 bytes. [`ConfigError::Conflict`] if `inner` announces no
    /// length, as [`Delimited`](crate::Delimited).
    pub fn new(inner: F, block: u16, sum: S, form: SumForm) -> Result<Self, ConfigError> {
        let width = ConfigError::Width { found: 0, min: 1, max: u16::MAX.into() };
        let block = NonZeroU16::new(block).ok_or(width)?;
        if sum.width() == 0 {
            return Err(width);
        }
        announces_length(&inner, "blocks in a framing that does not announce the payload's length")?;
        Ok(Self { inner, block, sum, form })
    }

    /// Returns how many bytes the sum after each block takes.
    #[must_use]
    pub fn sum_len(&self) -> usize {
        self.form.len(self.sum.width())
    }

    /// Returns how many bytes of sums a payload of this length has.
    fn sums_len(&self, payload: u64) -> u64 {
        payload.div_ceil(self.block.get().into()).saturating_mul(self.sum_len() as u64)
    }

    /// Returns the payloads of the blocks with their sums.
    fn blocks<'a>(&self, wire: &'a [u8]) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        let len = self.sum_len();
        let block = usize::from(self.block.get()).saturating_add(len);
        wire.chunks(block).map(move |both| both.split_at(both.len().saturating_sub(len)))
    }

    /// Returns the parts of the inner frame: its header, payload and trailer.
    fn located(&self, bytes: &[u8]) -> Option<Extent> {
        let mut progress = Progress { lenient: true, ..Progress::default() };
        self.inner.locate(bytes, &mut progress).ok()?.known()
    }
}

impl<F, S> Blocks<F, S> {
    /// Creates a framing whose parts are known to fit.
    #[cfg(feature = "protocols")]
    pub(crate) const fn of_parts(inner: F, block: NonZeroU16, sum: S, form: SumForm) -> Self {
        Self { inner, block, sum, form }
    }

    /// Replaces the framing and the sum.
    pub(crate) fn map<G, T>(self, framing: impl FnOnce(F) -> G, sum: impl FnOnce(S) -> T) -> Blocks<G, T> {
        Blocks { inner: framing(self.inner), block: self.block, sum: sum(self.sum), form: self.form }
    }

    /// Returns the framing of the frames whose payloads are in blocks.
    #[must_use]
    pub const fn inner(&self) -> &F {
        &self.inner
    }

    /// Returns the sum after each block.
    #[must_use]
    pub const fn sum(&self) -> &S {
        &self.sum
    }

    /// Returns how many bytes of payload a block has.
    #[must_use]
    pub const fn block_len(&self) -> u16 {
        self.block.get()
    }

    #[cfg(feature = "spec")]
    pub(crate) const fn form(&self) -> SumForm {
        self.form
    }
}

impl<F: Framing, S: Sum> Framing for Blocks<F, S> {
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let custom = |text| Err(FrameError::new(0, DecodeErrorKind::Custom(text)));
        let unannounced = || custom("blocks in a payload whose length is not announced");
        let start = Progress { previous: progress.previous, lenient: progress.lenient, ..Progress::default() };
        // A frame whose end was searched for looks the same as another once its end is there. So does an error in it.
        let searched_after = |len: usize| {
            let lead = input.get(..len.max(1)).filter(|lead| lead.len() < input.len());
            lead.is_some_and(|lead| matches!(self.inner.locate(lead, &mut { start }), Ok(Located::Search { .. })))
        };
        Ok(match self.inner.locate(input, progress) {
            Err(error) if searched_after(error.at.min(input.len().saturating_sub(1))) => return unannounced(),
            Ok(Located::Known(extent)) if searched_after(extent.header_len()) => return unannounced(),
            Ok(Located::Known(extent)) if extent.is_checked() || extent.is_rewritten() => {
                return custom("blocks in a frame that is checked or rewritten itself");
            }
            Ok(Located::Known(extent)) if extent.payload_len() == 0 => Located::Known(extent),
            Ok(Located::Known(extent)) => {
                let len = extent.payload_len();
                let len = len.saturating_add(self.sums_len(len));
                Located::Known(extent.with_payload_len(len).checked().rewritten().in_one_piece())
            }
            Ok(Located::Search { .. }) => return unannounced(),
            other => other?,
        })
    }

    /// The frame comes in one part.
    fn check(&self, part: Part<'_>, _: &mut u64) -> Result<(), FrameError> {
        let mut at = part.extent.header_len();
        for (bytes, sum) in self.blocks(part.payload()) {
            at = at.saturating_add(bytes.len());
            let computed = self.sum.of(bytes);
            let found = self.form.read(sum).map_err(|error| error.shifted(at))?;
            if found != computed {
                return Err(FrameError::new(at, DecodeErrorKind::Check { found, computed }));
            }
            at = at.saturating_add(sum.len());
        }
        Ok(())
    }

    fn open(&self, _: &[u8], payload: &mut [u8], _: u64, _: &mut u64) -> usize {
        let (len, block) = (self.sum_len(), usize::from(self.block.get()));
        let (mut from, mut to) = (0, 0);
        while from < payload.len() {
            let bytes = block.min(payload.len().saturating_sub(from).saturating_sub(len));
            payload.copy_within(from..from + bytes, to);
            to += bytes;
            from += bytes + len;
        }
        to
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let envelope = self.inner.envelope(message)?;
        let Some(slices @ [header, payload, _]) = envelope.slices(message) else {
            return Err(EncodeError::Custom("blocks in a frame that is rewritten itself"));
        };
        let mut lead = ShortBytes::<255>::new(header)?;
        lead.push(payload.get(..ShortBytes::<255>::CAPACITY - header.len()).unwrap_or(payload))?;
        let extent = self.located(&lead);
        let extent = extent.ok_or(EncodeError::Custom("blocks in a payload whose length is not announced"))?;
        if extent.is_checked() {
            return Err(EncodeError::Custom("blocks in a frame that is checked itself"));
        }
        match extent.payload_len() {
            0 => Ok(envelope),
            payload => {
                let len = slices.iter().map(|slice| slice.len() as u64).sum::<u64>();
                Ok(Envelope::Rewritten { len: len.saturating_add(self.sums_len(payload)) })
            }
        }
    }

    fn seal(&self, message: &[u8], frame: &mut [u8]) {
        // The inner frame is written to the front, and then each block moves to its place, from the last on.
        let Ok(inner_len) = self.inner.encode_into(message, frame) else { return };
        let Some(extent) = self.located(frame.get(..inner_len).unwrap_or_default()) else { return };
        let (start, block, len) = (extent.header_len(), usize::from(self.block.get()), self.sum_len());
        let end = inner_len.saturating_sub(extent.trailer_len());
        let payload = end.saturating_sub(start);
        let count = payload.div_ceil(block);
        if frame.len() < inner_len + count * len {
            return;
        }
        frame.copy_within(end..inner_len, end + count * len);
        for index in (0..count).rev() {
            let from = start + index * block;
            let bytes = block.min(end - from);
            let to = from + index * len;
            frame.copy_within(from..from + bytes, to);
            let sum = self.form.write(self.sum.of(&frame[to..to + bytes]), self.sum.width());
            frame[to + bytes..to + bytes + len].copy_from_slice(&sum);
        }
    }

    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        self.inner.patch(message)
    }

    fn max_payload_len(&self) -> u64 {
        self.inner.max_payload_len()
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    extern crate std;

    use std::vec::Vec;

    use super::*;
    use crate::framing::testing::cuts_agree;
    use crate::order::Order;
    use crate::sum::{Crc, Plain};
    use crate::{Delimited, Prefix};

    #[test]
    fn every_length_comes_back_and_every_damaged_block_is_found() {
        let crc = Crc::named("CRC-16/DNP").unwrap();
        for block in [1, 3, 16] {
            let framing = Blocks::new(Prefix::u8(), block, crc, SumForm::Binary(Order::Little)).unwrap();
            for len in 0..40 {
                let message: Vec<u8> = (0..len).collect();
                let mut wire = Vec::new();
                framing.encode(&message, &mut wire).unwrap();
                assert_eq!(cuts_agree(&framing, &wire), Ok([(message, wire.len())].to_vec()));
                for at in 1..wire.len() {
                    let mut damaged = wire.clone();
                    damaged[at] ^= 4;
                    assert!(cuts_agree(&framing, &damaged).is_err(), "{block} {len} {at}");
                }
            }
        }
    }

    #[test]
    fn error_is_at_the_sum_of_its_block() {
        let framing = Blocks::new(Prefix::u8(), 2, Plain::Xor, SumForm::Binary(Order::Big)).unwrap();
        let wire = b"\x03ab\x03c\x64";
        let extent = framing.locate(wire, &mut Progress::default()).unwrap().known().unwrap();
        let kind = DecodeErrorKind::Check { found: 0x64, computed: 0x63 };
        assert_eq!(framing.check(Part::all(extent, wire), &mut 0), Err(FrameError::new(5, kind)));
        assert!(Blocks::new(Prefix::u8(), 0, Plain::Xor, SumForm::Binary(Order::Big)).is_err());
        assert!(Blocks::new(Delimited::line(), 2, Plain::Xor, SumForm::Binary(Order::Big)).is_err());
    }
}
