//! Payloads that are masked with a key in the frame's header.

use crate::contract::{AtEof, Envelope, Extent, Framing, Located, NextStart, Part, Patch, Progress};
use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError};

/// Another framing whose payloads are masked with a key of four bytes, as those of WebSocket clients are.
///
/// ```text
///  wire     81  85   37 fa 21 3d   7f 9f 4d 51 58           bit 0x80 of byte 1: the last four bytes of the header are the key
///  message  81  85   37 fa 21 3d   H  e  l  l  o
///
///  wire     81  05   H  e  l  l  o                          no key: the payload is unchanged and borrowed
/// ```
///
/// A frame is masked if any bit of `flag` is set in the header's byte `at`. A frame whose header ends before that byte is not
/// masked. Byte n of the payload is combined with byte n mod 4 of the key by exclusive or. The message has its header, key
/// included, as with [`LengthField`](crate::LengthField): so the caller chooses the key.
///
/// ```
/// use anysplit::number::Binary;
/// use anysplit::{Decoder, Framing, LengthField, Masked};
///
/// // Flags, a length, and a key.
/// let framing = Masked::new(0, 0x80, LengthField::new(1, Binary::u8())?.with_header_after(4)?)?;
/// let mut wire = Vec::new();
/// framing.encode(b"\x80\x05\x01\x02\x04\x08hello", &mut wire)?;
/// assert_eq!(wire, b"\x80\x05\x01\x02\x04\x08\x69\x67\x68\x64\x6e");
///
/// let mut decoder = Decoder::new(framing);
/// decoder.push(&wire)?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"\x80\x05\x01\x02\x04\x08hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Those of the other framing. Frames that it rewrites itself, and frames with the bit whose header has no room for a key, are
/// [`DecodeErrorKind::Custom`]. A message without its header is refused.
///
/// # Cost
///
/// A masked frame is copied into the decoder's buffer once and unmasked there. Other frames are not copied. All are located one by one,
/// without the fast path for the frames of a chunk.
///
/// # Specification
///
/// RFC 6455, section 5.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Masked<F> {
    at: u8,
    flag: u8,
    inner: F,
}

const KEY_LEN: usize = 4;

impl<F: Framing> Masked<F> {
    /// Creates a framing of the frames of `inner` whose payloads are masked if byte `at` of the header has a bit of `flag`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Empty`] for a `flag` of 0.
    pub fn new(at: u8, flag: u8, inner: F) -> Result<Self, ConfigError> {
        if flag == 0 { Err(ConfigError::Empty) } else { Ok(Self { at, flag, inner }) }
    }
}

impl<F> Masked<F> {
    /// Returns the offset of the byte, and its bits, that mark a frame with a key.
    #[must_use]
    pub const fn flag(&self) -> (u8, u8) {
        (self.at, self.flag)
    }

    /// Returns the framing whose payloads are masked.
    #[must_use]
    pub const fn inner(&self) -> &F {
        &self.inner
    }

    /// Creates one for a protocol.
    #[cfg(feature = "protocols")]
    pub(crate) const fn from_parts(at: u8, flag: u8, inner: F) -> Self {
        Self { at, flag, inner }
    }

    /// Replaces the framing.
    pub(crate) fn map<G>(self, change: impl FnOnce(F) -> G) -> Masked<G> {
        Masked { at: self.at, flag: self.flag, inner: change(self.inner) }
    }

    /// Whether the frame at the front of `input` is masked. `None`: the byte with the flag has not arrived.
    fn is_masked(&self, input: &[u8], extent: Extent) -> Option<bool> {
        if usize::from(self.at) >= extent.header_len() {
            return Some(false);
        }
        input.get(usize::from(self.at)).map(|byte| byte & self.flag != 0)
    }

    /// The frame, which `open` will unmask if it has a key.
    fn marked(&self, input: &[u8], extent: Extent) -> Result<Option<Extent>, FrameError> {
        let wrong = |text| Err(FrameError::new(self.at.into(), DecodeErrorKind::Custom(text)));
        match self.is_masked(input, extent) {
            None => Ok(None),
            Some(false) => Ok(Some(extent)),
            Some(true) if extent.is_rewritten() => wrong("a frame that is rewritten cannot be masked"),
            // The key stands after the flag.
            Some(true) if extent.header_len() <= usize::from(self.at).saturating_add(KEY_LEN) => {
                wrong("a header without a place for the key")
            }
            Some(true) => Ok(Some(extent.rewritten())),
        }
    }
}

/// Masks or unmasks bytes that stand at `at` of the payload.
fn mask(header: &[u8], payload: &mut [u8], at: u64) {
    let Some(key) = header.last_chunk::<KEY_LEN>() else { return };
    let mut key = *key;
    // Less than 4.
    key.rotate_left(usize::try_from(at % 4).unwrap_or_default());
    let word = u64::from_ne_bytes([key[0], key[1], key[2], key[3], key[0], key[1], key[2], key[3]]);
    let mut words = payload.chunks_exact_mut(8);
    for bytes in &mut words {
        if let Ok(bytes) = <&mut [u8; 8]>::try_from(bytes) {
            *bytes = (u64::from_ne_bytes(*bytes) ^ word).to_ne_bytes();
        }
    }
    words.into_remainder().iter_mut().zip(key.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
}

impl<F: Framing> Framing for Masked<F> {
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let least = u64::from(self.at).saturating_add(1);
        Ok(match self.inner.locate(input, progress)? {
            Located::Known(extent) => self.marked(input, extent)?.map_or(Located::Header(least), Located::Known),
            Located::Search { so_far, least } => match self.marked(input, so_far)? {
                Some(so_far) => Located::Search { so_far, least },
                None => Located::Header(least),
            },
            other => other,
        })
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let envelope = self.inner.envelope(message)?;
        let Envelope::Around(around) = &envelope else {
            return Err(EncodeError::Custom("a frame that is rewritten cannot be masked"));
        };
        if !around.header().is_empty() {
            return Err(EncodeError::Custom("a message without its header cannot be masked"));
        }
        let located = self.inner.locate(message, &mut Progress::default()).map_err(EncodeError::Header)?;
        let extent = match located {
            Located::Known(extent) | Located::Search { so_far: extent, .. } => extent,
            _ => return Ok(envelope),
        };
        match self.marked(message, extent).map_err(EncodeError::Header)? {
            Some(extent) if extent.is_rewritten() => Ok(Envelope::Rewritten { len: envelope.frame_len(message) }),
            _ => Ok(envelope),
        }
    }

    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        self.inner.check(part, sum)
    }

    fn open(&self, header: &[u8], payload: &mut [u8], at: u64, _: &mut u64) -> usize {
        mask(header, payload, at);
        payload.len()
    }

    fn seal(&self, message: &[u8], frame: &mut [u8]) {
        if self.inner.encode_into(message, frame).is_err() {
            return;
        }
        if let Ok(Located::Known(extent)) = self.inner.locate(frame, &mut Progress::default()) {
            if let Some((header, rest)) = frame.split_at_mut_checked(extent.header_len()) {
                let len = rest.len().saturating_sub(extent.trailer_len());
                mask(header, rest.get_mut(..len).unwrap_or_default(), 0);
            }
        }
    }

    fn at_eof(&self, rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
        Ok(match self.inner.at_eof(rest, progress)? {
            AtEof::Frame(extent) => self.marked(rest, extent)?.map_or(AtEof::Truncated, AtEof::Frame),
            other => other,
        })
    }

    fn next_start(&self, input: &[u8], from: usize) -> NextStart {
        self.inner.next_start(input, from)
    }

    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        self.inner.patch(message)
    }

    fn max_payload_len(&self) -> u64 {
        self.inner.max_payload_len()
    }
}
