//! The contract: four questions that every framing answers.
//!
//! ```text
//!  messages ──encode──▶ bytes ──▶ any transport ──▶ chunks, cut anywhere ──decode──▶ the same messages
//!            envelope                                                     locate
//!            seal                                                         check · open
//! ```
//!
//! A decoder calls `locate` until the frame's end is known. When the frame is complete, it calls `check` once. Then, if the frame
//! is rewritten, it copies the frame into its buffer, unless it is there already, and calls `open` once. Plain frames are borrowed
//! from the chunk.
//!
//! Programs that use the framings of this crate need only [`Framing`], which is in the crate's root too. The other types are
//! for framings of your own.

use crate::error::EncodeError;

mod answer;
pub(crate) mod encode;
mod envelope;
pub(crate) mod shape;

pub use crate::error::FrameError;
pub use crate::literal::Literal;
pub use crate::short::ShortBytes;
pub use answer::{AtEof, Extent, Located, NextStart, Part, Progress};
#[cfg(feature = "alloc")]
pub use encode::Output;
pub use envelope::{Around, Envelope, Patch};
pub use shape::{FrameEnd, Shape};

/// The limit of every framing whose wire form sets no smaller one: 8 MiB of payload.
pub const DEFAULT_MAX_PAYLOAD_LEN: u64 = 8 * 1024 * 1024;

/// The form of messages on the wire, in both directions.
///
/// A framing is a small immutable value. It has no buffer, does no I/O and does not allocate. One value can serve any number of
/// connections at once, by reference. `&dyn Framing` is a framing too.
///
/// ```text
///  frame   = header ‖ payload ‖ trailer       all on the wire
///  message = message header ‖ payload         what is given to encode, and what decoding gives back
/// ```
///
/// For most framings there is no message header, and the message is the payload. In [`ByType`](crate::ByType) the message
/// header is the type byte; in [`LengthField`](crate::LengthField) it is the complete header.
///
/// | a framing that | implements |
/// | --- | --- |
/// | puts bytes around the message | [`locate`](Self::locate), [`envelope`](Self::envelope) |
/// | has a checksum | [`check`](Self::check) as well |
/// | changes the message's bytes | [`open`](Self::open) and [`seal`](Self::seal) as well |
/// | ends with the stream | [`at_eof`](Self::at_eof) as well |
/// | has a delimiter or a sync word | [`next_start`](Self::next_start) as well, for lossy links |
///
/// Everything else is provided. The laws that a framing must keep are in the crate's DESIGN.md, and the `testing` feature
/// checks them for any framing.
///
/// # Examples
///
/// A sign byte `-` or `+`, then a length byte, then that many bytes. The sign is part of the message.
///
/// ```
/// use anysplit::contract::{Envelope, Extent, FrameError, Located, Progress, ShortBytes};
/// use anysplit::{DecodeErrorKind, EncodeError, Framing};
///
/// struct Signed;
///
/// impl Framing for Signed {
///     fn locate(&self, input: &[u8], _: &mut Progress) -> Result<Located, FrameError> {
///         match *input {
///             [] => Ok(Located::Header(2)),
///             [found, ..] if found != b'+' && found != b'-' => {
///                 Err(FrameError::new(0, DecodeErrorKind::UnknownType { found }))
///             }
///             [_] => Ok(Located::Header(2)),
///             [_, len, ..] => Ok(Located::Known(Extent::new(2, len.into(), 0).with_message_header(1))),
///         }
///     }
///
///     fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
///         let (&sign, payload) = message.split_first().ok_or(EncodeError::Empty)?;
///         if sign != b'+' && sign != b'-' {
///             return Err(EncodeError::UnknownType { found: sign });
///         }
///         let value = payload.len() as u64;
///         let len = u8::try_from(payload.len()).map_err(|_| EncodeError::DoesNotFit { value, max: 255 })?;
///         Ok(Envelope::new(ShortBytes::new(&[sign, len])?).skipping(1))
///     }
/// }
///
/// let mut wire = [0; 7];
/// assert_eq!(Signed.encode_into(b"+hello", &mut wire), Ok(7));
/// assert_eq!(&wire, b"+\x05hello");
/// assert_eq!(Signed.encode_into(b"?hello", &mut wire), Err(EncodeError::UnknownType { found: b'?' }));
/// ```
///
/// A length byte, the payload, and the sum of the payload's bytes modulo 256. The trailer is left to `check`.
///
/// ```
/// use anysplit::contract::{Envelope, Extent, FrameError, Located, Part, Progress, ShortBytes};
/// use anysplit::{DecodeErrorKind, Decoder, EncodeError, Framing};
///
/// struct Summed;
///
/// fn add(sum: u64, bytes: &[u8]) -> u64 {
///     bytes.iter().fold(sum, |sum, &byte| (sum + u64::from(byte)) & 0xff)
/// }
///
/// impl Framing for Summed {
///     fn locate(&self, input: &[u8], _: &mut Progress) -> Result<Located, FrameError> {
///         Ok(match *input {
///             [] => Located::Header(1),
///             [len, ..] => Located::Known(Extent::new(1, len.into(), 1).checked()),
///         })
///     }
///
///     fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
///         *sum = add(*sum, part.payload());
///         match part.trailer() {
///             Some(&[found]) if u64::from(found) != *sum => {
///                 let kind = DecodeErrorKind::Check { found: found.into(), computed: *sum };
///                 Err(FrameError::new(part.trailer_start(), kind))
///             }
///             _ => Ok(()),
///         }
///     }
///
///     fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
///         let value = message.len() as u64;
///         let len = u8::try_from(message.len()).map_err(|_| EncodeError::DoesNotFit { value, max: 255 })?;
///         let sum = message.iter().fold(0, |sum: u8, &byte| sum.wrapping_add(byte));
///         Ok(Envelope::new(ShortBytes::new(&[len])?).with_computed_trailer(ShortBytes::new(&[sum])?))
///     }
/// }
///
/// let mut wire = Vec::new();
/// Summed.encode(b"abc", &mut wire)?;
/// assert_eq!(wire, b"\x03abc\x26");
/// let mut decoder = Decoder::new(Summed);
/// decoder.push(&wire)?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"abc");
/// decoder.push(b"\x03abd\x26")?;
/// let error = decoder.next_frame().unwrap_err();
/// assert_eq!((error.offset, error.kind), (9, DecodeErrorKind::Check { found: 0x26, computed: 0x27 }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Framing {
    /// Finds the end of the frame at the front of `input`, as soon as it is known.
    ///
    /// `input` begins with the first byte of a frame and holds what has arrived of it, and perhaps of frames after it.
    /// `progress` is the framing's memory of this frame: see [`Progress`].
    ///
    /// [`Located::Known`] and errors are final: bytes that follow do not change them. The answer for a longer input agrees with
    /// every answer for a shorter one. A least length is never greater than the frame's real length. Trailers are verified by
    /// [`check`](Self::check), when they are complete.
    ///
    /// At the end of the stream `locate` is called once more, whatever it waits for.
    ///
    /// # Errors
    ///
    /// A [`FrameError`] at the first byte that proves that no frame begins here. A payload over the limit is
    /// [`DecodeErrorKind::Oversize`](crate::DecodeErrorKind::Oversize), unless `progress.lenient`.
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError>;

    /// Returns what is written for `message`.
    ///
    /// # Errors
    ///
    /// An [`EncodeError`] for every message that decoding would not return unchanged, or that a reader following the protocol would
    /// take for something else.
    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError>;

    /// Judges whether a [checked](Extent::checked) frame is intact, by its bytes on the wire.
    ///
    /// A complete frame is one [`Part`]. A frame that is returned in pieces is checked in several parts, in order. `sum` is 0
    /// at first and is kept between the parts. Default: every frame is intact.
    ///
    /// # Errors
    ///
    /// A [`FrameError`] whose `at` counts bytes on the wire from the frame's start.
    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        let _ = (part, sum);
        Ok(())
    }

    /// Turns the wire payload of a [rewritten](Extent::rewritten) frame into the message's, in place, at the front of
    /// `payload`, and returns its length.
    ///
    /// It cannot fail: [`locate`](Self::locate) and [`check`](Self::check) find every error. A payload that is passed on in
    /// pieces comes part by part: `at` bytes of it came before these, and `memo`, 0 at first, is kept between the parts.
    /// Default: the payload stays unchanged.
    fn open(&self, header: &[u8], payload: &mut [u8], at: u64, memo: &mut u64) -> usize {
        let _ = (header, at, memo);
        payload.len()
    }

    /// Writes the frame of a message whose envelope is [`Envelope::Rewritten`]. `frame` has exactly the length given there.
    fn seal(&self, message: &[u8], frame: &mut [u8]) {
        let _ = (message, frame);
    }

    /// Returns what the end of the stream means for `rest`, the bytes in which [`locate`](Self::locate) found no complete
    /// frame.
    ///
    /// Where `progress.consumed` is not 0, a frame has begun whose payload so far is gone, so that `rest` may be empty and
    /// the end not clean. Default: nothing left is a clean end, anything else was cut.
    ///
    /// # Errors
    ///
    /// A [`FrameError`] where `rest` is no beginning of a frame.
    fn at_eof(&self, rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
        Ok(if rest.is_empty() && progress.consumed == 0 { AtEof::Clean } else { AtEof::Truncated })
    }

    /// Returns the first index of `input`, at or after `from`, at which a frame may begin. For
    /// [`Recovery::Resync`](crate::Recovery::Resync).
    ///
    /// `input` begins with a rejected frame, and `from` is 1; or with bytes that are known to belong to none, and `from` is
    /// 0. The answer does not depend on what follows the bytes that it rests on. Default: every byte may begin a frame.
    fn next_start(&self, input: &[u8], from: usize) -> NextStart {
        let _ = input;
        NextStart::At(from)
    }

    /// As [`envelope`](Self::envelope), after a message that left `previous`, and returns what this one leaves. 0 at first.
    ///
    /// For framings whose written form depends on the message before, such as [`Then`](crate::Then). Default: ignores
    /// `previous` and leaves 0.
    ///
    /// # Errors
    ///
    /// As [`envelope`](Self::envelope).
    fn envelope_after(&self, previous: u32, message: &[u8]) -> Result<(Envelope<'_>, u32), EncodeError> {
        let _ = previous;
        Ok((self.envelope(message)?, 0))
    }

    /// As [`seal`](Self::seal), after a message that left `previous`. Default: ignores `previous`.
    fn seal_after(&self, previous: u32, message: &[u8], frame: &mut [u8]) {
        let _ = previous;
        self.seal(message, frame);
    }

    /// Returns the bytes of `message` that the framing fills in, such as the number in a length field inside it.
    ///
    /// `encode_with` fills them in if the [`envelope`](Self::envelope) refuses the unchanged message. Default: none.
    ///
    /// # Errors
    ///
    /// An [`EncodeError`] where the message has no place for them.
    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        let _ = message;
        Ok(None)
    }

    /// Returns the greatest payload in bytes that is sent or accepted. Default: no limit.
    fn max_payload_len(&self) -> u64 {
        u64::MAX
    }

    /// Returns promises about all frames of this framing, which make decoding faster. Default: none.
    fn shape(&self) -> Shape<'_> {
        Shape::UNKNOWN
    }

    /// Returns the length of `message`'s frame in bytes.
    ///
    /// # Errors
    ///
    /// As [`envelope`](Self::envelope).
    fn encoded_len(&self, message: &[u8]) -> Result<u64, EncodeError> {
        Ok(self.envelope(message)?.frame_len(message))
    }

    /// Writes the frame of `message` to the front of `out` and returns its length in bytes. Needs no allocator.
    ///
    /// # Errors
    ///
    /// As [`envelope`](Self::envelope), and [`EncodeError::NoRoom`]. Nothing was written.
    fn encode_into(&self, message: &[u8], out: &mut [u8]) -> Result<usize, EncodeError> {
        let envelope = self.envelope(message)?;
        encode::write_into(&envelope, message, out, |frame| self.seal(message, frame))
    }

    /// Appends the frame of `message` to `out` and returns its length in bytes.
    ///
    /// Cost: one copy of the message. A frame that is rewritten is built in a block of its own and copied from there;
    /// [`encode_into`](Self::encode_into) and [`Encoder`](crate::Encoder) build it in place. To send without copying, see
    /// [`Envelope::slices`] and [`Encoder`](crate::Encoder).
    ///
    /// # Errors
    ///
    /// As [`envelope`](Self::envelope), and [`EncodeError::NoRoom`] for an output that cannot grow. Nothing was written.
    #[cfg(feature = "alloc")]
    #[inline]
    fn encode<B: bytes::BufMut>(&self, message: &[u8], out: &mut B) -> Result<usize, EncodeError>
    where
        Self: Sized,
    {
        // By reference: an envelope is too large to be moved for every message.
        match &self.envelope(message) {
            Ok(envelope) => encode::write_to(envelope, message, out, |frame| self.seal(message, frame)),
            Err(error) => Err(*error),
        }
    }

    /// Appends a frame whose message `write` appends to `out`: the header is put in afterwards.
    ///
    /// No byte of the message moves if the header is as long as that of an empty message, as with every prefix of fixed
    /// width. `write` must leave alone what was in `out` before. A length field inside the message is filled in too: `write`
    /// writes any number there (for a field of variable width, 0 in its shortest form).
    ///
    /// ```
    /// use anysplit::{Framing, Prefix};
    /// use std::io::Write;
    ///
    /// let mut out = Vec::new();
    /// Prefix::u32_be().encode_with(&mut out, |out| write!(out, "{}", 6 * 7).unwrap())?;
    /// assert_eq!(out, b"\x00\x00\x00\x0242");
    /// # Ok::<(), anysplit::EncodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`envelope`](Self::envelope). `out` is then as it was before.
    #[cfg(feature = "alloc")]
    fn encode_with<O: crate::contract::Output>(
        &self,
        out: &mut O,
        write: impl FnOnce(&mut O),
    ) -> Result<usize, EncodeError>
    where
        Self: Sized,
    {
        self.try_encode_with(out, |out| {
            write(out);
            Ok(())
        })
    }

    /// As [`encode_with`](Self::encode_with), for a `write` that can fail.
    ///
    /// # Errors
    ///
    /// What `write` returns, and as [`envelope`](Self::envelope). `out` is then as it was before.
    #[cfg(feature = "alloc")]
    fn try_encode_with<O, E>(&self, out: &mut O, write: impl FnOnce(&mut O) -> Result<(), E>) -> Result<usize, E>
    where
        Self: Sized,
        O: crate::contract::Output,
        E: From<EncodeError>,
    {
        encode::append_with(self, 0, out, write).map(|written| written.len)
    }
}

macro_rules! forward {
    ($($kind:ty),*) => {$(
        impl<F: Framing + ?Sized> Framing for $kind {
            #[inline]
            fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
                (**self).locate(input, progress)
            }
            #[inline]
            fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
                (**self).envelope(message)
            }
            #[inline]
            fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
                (**self).check(part, sum)
            }
            #[inline]
            fn open(&self, header: &[u8], payload: &mut [u8], at: u64, memo: &mut u64) -> usize {
                (**self).open(header, payload, at, memo)
            }
            #[inline]
            fn seal(&self, message: &[u8], frame: &mut [u8]) {
                (**self).seal(message, frame);
            }
            #[inline]
            fn at_eof(&self, rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
                (**self).at_eof(rest, progress)
            }
            #[inline]
            fn next_start(&self, input: &[u8], from: usize) -> NextStart {
                (**self).next_start(input, from)
            }
            #[inline]
            fn envelope_after(&self, previous: u32, message: &[u8]) -> Result<(Envelope<'_>, u32), EncodeError> {
                (**self).envelope_after(previous, message)
            }
            #[inline]
            fn seal_after(&self, previous: u32, message: &[u8], frame: &mut [u8]) {
                (**self).seal_after(previous, message, frame);
            }
            #[inline]
            fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
                (**self).patch(message)
            }
            #[inline]
            fn max_payload_len(&self) -> u64 {
                (**self).max_payload_len()
            }
            #[inline]
            fn shape(&self) -> Shape<'_> {
                (**self).shape()
            }
        }
    )*};
}

forward!(&F);
#[cfg(feature = "alloc")]
forward!(alloc::boxed::Box<F>, alloc::rc::Rc<F>, alloc::sync::Arc<F>);
