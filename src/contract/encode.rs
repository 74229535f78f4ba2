//! Messages into outputs: the one place where envelopes are written.

use crate::contract::Envelope;
#[cfg(feature = "alloc")]
use crate::contract::Framing;
use crate::error::EncodeError;

/// Writes the frame of `message` to the front of `out` and returns its length.
pub(crate) fn write_into(
    envelope: &Envelope<'_>,
    message: &[u8],
    out: &mut [u8],
    seal: impl FnOnce(&mut [u8]),
) -> Result<usize, EncodeError> {
    let (need, have) = (envelope.frame_len(message), out.len() as u64);
    let len = usize::try_from(need).ok().filter(|&len| len <= out.len()).ok_or(EncodeError::NoRoom { need, have })?;
    let Some(frame) = out.get_mut(..len) else { return Err(EncodeError::NoRoom { need, have }) };
    match envelope {
        Envelope::Rewritten { .. } => seal(frame),
        Envelope::Around(around) => {
            let mut room = frame;
            for part in around.slices(message) {
                // As `copy_from_slice`, without the code for a panic.
                let Some((here, rest)) = room.split_at_mut_checked(part.len()) else { break };
                here.iter_mut().zip(part).for_each(|(to, from)| *to = *from);
                room = rest;
            }
        }
    }
    Ok(len)
}

#[cfg(feature = "alloc")]
pub use growing::Output;
#[cfg(feature = "alloc")]
pub(crate) use growing::{Written, append, append_with, is_prefixed, write_after_number, write_prefixed, write_to};

#[cfg(feature = "alloc")]
mod growing {
    use alloc::vec;
    use alloc::vec::Vec;

    use bytes::{BufMut, BytesMut};

    use super::{EncodeError, Envelope, Framing};
    use crate::contract::shape::Kind;
    use crate::number::Number;

    /// A growing buffer of bytes in one piece, for [`Framing::encode_with`]: `Vec<u8>` or `BytesMut`.
    ///
    /// Sealed, so that methods can be added.
    pub trait Output: BufMut + AsMut<[u8]> + AsRef<[u8]> + sealed::Sealed {}

    impl Output for Vec<u8> {}
    impl Output for BytesMut {}

    mod sealed {
        pub trait Sealed {
            fn truncate_to(&mut self, len: usize);
        }

        impl Sealed for alloc::vec::Vec<u8> {
            fn truncate_to(&mut self, len: usize) {
                self.truncate(len);
            }
        }

        impl Sealed for bytes::BytesMut {
            fn truncate_to(&mut self, len: usize) {
                self.truncate(len);
            }
        }
    }

    /// What was appended for one message.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Written {
        /// Length of the frame.
        pub(crate) len: usize,
        /// Whether the frame lasts until the end of the stream.
        pub(crate) is_last: bool,
        /// What the message leaves for the next one.
        pub(crate) next: u32,
    }

    /// Appends the frame of `message` to any output and returns its length.
    #[inline]
    pub(crate) fn write_to<B: BufMut>(
        envelope: &Envelope<'_>,
        message: &[u8],
        out: &mut B,
        seal: impl FnOnce(&mut [u8]),
    ) -> Result<usize, EncodeError> {
        let (need, have) = (envelope.frame_len(message), out.remaining_mut() as u64);
        if need > have {
            return Err(EncodeError::NoRoom { need, have });
        }
        match envelope {
            Envelope::Around(around) => {
                let [header, payload, trailer] = around.slices(message);
                put_short(header, out);
                out.put_slice(payload);
                put_short(trailer, out);
                // All of it is in memory.
                Ok(header.len().wrapping_add(payload.len()).wrapping_add(trailer.len()))
            }
            Envelope::Rewritten { .. } => {
                let mut frame = vec![0; usize::try_from(need).map_err(|_| EncodeError::NoRoom { need, have })?];
                seal(&mut frame);
                out.put_slice(&frame);
                Ok(frame.len())
            }
        }
    }

    /// Appends the frame of `message`, which comes after one that left `previous`. A frame that is rewritten is built in
    /// place.
    #[inline]
    pub(crate) fn append<F: Framing, O: Output>(
        framing: &F,
        previous: u32,
        message: &[u8],
        out: &mut O,
    ) -> Result<Written, EncodeError> {
        let answer = framing.envelope_after(previous, message);
        let (envelope, next) = match &answer {
            Ok((envelope, next)) => (envelope, *next),
            Err(error) => return Err(*error),
        };
        let len = match envelope {
            Envelope::Around(_) => write_to(envelope, message, out, |_| {})?,
            Envelope::Rewritten { len } => {
                let start = out.as_ref().len();
                extend(out, *len)?;
                framing.seal_after(previous, message, out.as_mut().get_mut(start..).unwrap_or_default());
                out.as_ref().len() - start
            }
        };
        Ok(Written { len, is_last: envelope.is_last(), next })
    }

    /// Appends `len` zeros.
    fn extend<O: Output>(out: &mut O, len: u64) -> Result<(), EncodeError> {
        let have = out.remaining_mut() as u64;
        match usize::try_from(len) {
            Ok(count) if len <= have => {
                out.put_bytes(0, count);
                Ok(())
            }
            _ => Err(EncodeError::NoRoom { need: len, have }),
        }
    }

    /// Whether [`write_prefixed`] is worth a try.
    pub(crate) fn is_prefixed<F: Framing + ?Sized>(framing: &F) -> bool {
        matches!(framing.shape().0, Kind::Prefix { trailer: None, .. })
    }

    /// As [`write_to`], for a framing whose frames are a number and the message. `None`: there is more to it.
    #[inline]
    pub(crate) fn write_prefixed<F: Framing + ?Sized, B: BufMut>(
        framing: &F,
        message: &[u8],
        out: &mut B,
    ) -> Option<usize> {
        let Kind::Prefix { number, below, trailer: None } = framing.shape().0 else { return None };
        write_after_number(&number, below, message, out)
    }

    /// Writes the length of `message` and then the message. `None`, and nothing, where there is more to it.
    #[inline]
    pub(crate) fn write_after_number<N: Number + ?Sized, B: BufMut>(
        number: &N,
        below: u64,
        message: &[u8],
        out: &mut B,
    ) -> Option<usize> {
        let len = message.len() as u64;
        let (word, width) = number.built_in()?.encode_word(len).filter(|_| len < below)?;
        // The sum of a length in memory and 8 fits.
        if out.remaining_mut() < message.len().wrapping_add(8) {
            return None;
        }
        match word {
            [a, ..] if width == 1 => out.put_slice(&[a]),
            [a, b, ..] if width == 2 => out.put_slice(&[a, b]),
            [a, b, c, d, ..] if width == 4 => out.put_slice(&[a, b, c, d]),
            _ => out.put_slice(word.get(..width.into()).unwrap_or(&word)),
        }
        out.put_slice(message);
        Some(message.len().wrapping_add(width.into()))
    }

    /// Headers and trailers are too short for a call of `memcpy` each: the commonest lengths are copied in place.
    #[inline]
    fn put_short<B: BufMut>(bytes: &[u8], out: &mut B) {
        match *bytes {
            [] => {}
            [a] => out.put_u8(a),
            [a, b] => out.put_slice(&[a, b]),
            [a, b, c, d] => out.put_slice(&[a, b, c, d]),
            _ => out.put_slice(bytes),
        }
    }

    /// Shortens an output to what it was, also if a callback panics.
    struct Restore<'o, O: Output> {
        out: &'o mut O,
        start: usize,
    }

    impl<O: Output> Drop for Restore<'_, O> {
        fn drop(&mut self) {
            self.out.truncate_to(self.start);
        }
    }

    /// See [`Framing::try_encode_with`].
    pub(crate) fn append_with<F, O, E>(
        framing: &F,
        previous: u32,
        out: &mut O,
        write: impl FnOnce(&mut O) -> Result<(), E>,
    ) -> Result<Written, E>
    where
        F: Framing,
        O: Output,
        E: From<EncodeError>,
    {
        let start = out.as_ref().len();
        // As much room as the header of an empty message takes.
        let room = match framing.envelope_after(previous, &[]) {
            Ok((Envelope::Around(around), _)) => around.header().len(),
            _ => 0,
        };
        let mut restore = Restore { out, start };
        restore.out.put_bytes(0, room);
        write(restore.out)?;
        let written = finish(framing, previous, restore.out, start, room)?;
        restore.start = usize::MAX;
        Ok(written)
    }

    /// Makes a frame of the message at `start + room`.
    fn finish<F: Framing, O: Output>(
        framing: &F,
        previous: u32,
        out: &mut O,
        start: usize,
        room: usize,
    ) -> Result<Written, EncodeError> {
        let begin = start.saturating_add(room);
        if out.as_ref().len() < begin {
            return Err(EncodeError::Custom("the writer removed bytes that were not its own"));
        }
        let (envelope, next) = match framing.envelope_after(previous, message(out, begin)) {
            // What is right stays as it was written.
            Ok(answer) => answer,
            Err(error) => {
                let patch = framing.patch(message(out, begin))?.ok_or(error)?;
                splice(out, begin.saturating_add(patch.at), patch.len, &patch.bytes);
                framing.envelope_after(previous, message(out, begin))?
            }
        };
        let is_last = envelope.is_last();
        match envelope {
            Envelope::Around(around) => {
                // The header takes the place of the room and of the message header, which it holds too.
                splice(out, start, room.saturating_add(around.skip()), around.header());
                out.put_slice(around.trailer());
            }
            Envelope::Rewritten { len } => {
                let message = message(out, begin).to_vec();
                out.truncate_to(start);
                extend(out, len)?;
                framing.seal_after(previous, &message, out.as_mut().get_mut(start..).unwrap_or_default());
            }
        }
        Ok(Written { len: out.as_ref().len().saturating_sub(start), is_last, next })
    }

    fn message<O: Output>(out: &O, begin: usize) -> &[u8] {
        out.as_ref().get(begin..).unwrap_or_default()
    }

    /// Puts `bytes` in the place of `len` bytes at index `at`. The bytes after them move only where the lengths differ.
    fn splice<O: Output>(out: &mut O, at: usize, len: usize, bytes: &[u8]) {
        let old = out.as_ref().len();
        let after = at.saturating_add(len).min(old);
        let moved = at.saturating_add(bytes.len());
        let new = (old - after).saturating_add(moved);
        if new > old {
            out.put_bytes(0, new - old);
        }
        if moved != after {
            out.as_mut().copy_within(after..old, moved);
        }
        if new < old {
            out.truncate_to(new);
        }
        if let Some(place) = out.as_mut().get_mut(at..moved) {
            place.copy_from_slice(bytes);
        }
    }
}
