//! Some bytes of the message before every frame of another framing.

use crate::contract::{AtEof, Envelope, Framing, Located, Part, Patch, Progress};
use crate::error::{ConfigError, EncodeError, FrameError};
use crate::framing::nested::Nested;
use crate::short::ShortBytes;

/// A few bytes that belong to the message, such as an address, before every frame of another framing.
///
/// ```text
///  offset   0    1    2    3 …
///  wire     11   03   02   12 34          Modbus RTU: a unit's address, then what the function code announces
///           unit code len  payload
/// ```
///
/// The bytes are any; [`Require`](crate::Require) judges them.
///
/// ```
/// use anysplit::{After, Decoder, Prefix};
///
/// let mut decoder = Decoder::new(After::new(2, Prefix::u8())?);
/// decoder.push(b"ab\x02hi")?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"hi");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Errors: those of the inner framing. Encoding refuses a message that is shorter than these bytes
/// ([`EncodeError::TooShort`]).
///
/// Cost: that of the inner framing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct After<F> {
    len: u8,
    inner: F,
}

impl<F: Framing> After<F> {
    /// The most bytes before the inner frame.
    pub const MAX_LEN: u8 = 15;

    /// Creates a framing with `len` bytes of the message, 1 to 15, before each frame of `inner`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Width`] for another length.
    pub fn new(len: u8, inner: F) -> Result<Self, ConfigError> {
        match len {
            1..=Self::MAX_LEN => Ok(Self { len, inner }),
            _ => Err(ConfigError::Width { found: len.into(), min: 1, max: Self::MAX_LEN.into() }),
        }
    }

    const fn nested(&self) -> Nested<'_, F> {
        Nested::in_message(&self.inner, self.len as u16)
    }

    /// Returns the bytes of the message before the inner frame.
    fn before<'m>(&self, message: &'m [u8]) -> Result<&'m [u8], EncodeError> {
        let short = EncodeError::TooShort { len: message.len() as u64, min: self.len.into() };
        message.get(..self.len.into()).ok_or(short)
    }
}

impl<F> After<F> {
    /// Creates a framing after one byte.
    #[cfg(feature = "protocols")]
    pub(crate) const fn one_byte(inner: F) -> Self {
        Self { len: 1, inner }
    }

    /// Replaces the framing.
    pub(crate) fn map<G>(self, change: impl FnOnce(F) -> G) -> After<G> {
        After { len: self.len, inner: change(self.inner) }
    }

    /// Returns how many bytes of the message are before the inner frame.
    #[must_use]
    pub const fn before_len(&self) -> u8 {
        self.len
    }

    /// Returns the framing after these bytes.
    #[must_use]
    pub const fn inner(&self) -> &F {
        &self.inner
    }
}

impl<F: Framing> Framing for After<F> {
    #[inline]
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        if input.len() >= self.len.into() {
            return self.nested().locate(input, progress);
        }
        let mut inner = *progress;
        let least = match self.inner.locate(b"", &mut inner) {
            Ok(Located::Known(extent)) => extent.frame_len(),
            Ok(Located::Wait(least) | Located::Header(least) | Located::Search { least, .. }) => least,
            Ok(Located::Filler(_)) | Err(_) => 0,
        };
        Ok(Located::Header(least.saturating_add(self.len.into())))
    }

    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        self.nested().check(part, sum)
    }

    fn open(&self, header: &[u8], payload: &mut [u8], at: u64, memo: &mut u64) -> usize {
        self.nested().open(header, payload, at, memo)
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        Ok(self.envelope_after(0, message)?.0)
    }

    fn envelope_after(&self, previous: u32, message: &[u8]) -> Result<(Envelope<'_>, u32), EncodeError> {
        let before = self.before(message)?;
        self.nested().envelope_after(previous, before, message)
    }

    fn seal(&self, message: &[u8], frame: &mut [u8]) {
        self.seal_after(0, message, frame);
    }

    fn seal_after(&self, previous: u32, message: &[u8], frame: &mut [u8]) {
        let before = ShortBytes::<15>::new(self.before(message).unwrap_or_default()).unwrap_or_default();
        self.nested().seal_after(previous, &before, message, frame);
    }

    fn at_eof(&self, rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
        if rest.len() >= self.len.into() {
            return self.nested().at_eof(rest, progress);
        }
        Ok(if rest.is_empty() && progress.consumed == 0 { AtEof::Clean } else { AtEof::Truncated })
    }

    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        self.before(message)?;
        self.nested().patch(message)
    }

    fn max_payload_len(&self) -> u64 {
        self.inner.max_payload_len()
    }
}
