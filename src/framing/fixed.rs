//! Every message has a length agreed beforehand.

use crate::contract::{Envelope, Extent, Framing, Located, Progress, Shape};
use crate::error::{ConfigError, EncodeError, FrameError};
use crate::short::ShortBytes;

/// Messages of one length, agreed beforehand, with nothing around them.
///
/// ```text
///  offset   0   1   2   3   4
///  wire     h   e   l   l   o      payload of 5 bytes, frame of 5 bytes
/// ```
///
/// ```
/// use anysplit::{Decoder, Fixed, Framing};
///
/// let five = Fixed::new(5)?;
/// let mut decoder = Decoder::new(five);
/// decoder.push(b"hellowor")?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"hello");
/// assert!(decoder.next_frame()?.is_none());
/// assert_eq!(decoder.need(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Cost: constant time for each frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fixed {
    len: u64,
}

impl Fixed {
    /// Returns a framing of messages of `len` bytes.
    ///
    /// # Errors
    ///
    /// [`ConfigError::ZeroLength`] for 0.
    pub const fn new(len: u64) -> Result<Self, ConfigError> {
        if len == 0 { Err(ConfigError::ZeroLength) } else { Ok(Self { len }) }
    }

    /// Returns the length of every message in bytes.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Returns `false`: the length is at least 1.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        false
    }
}

impl Framing for Fixed {
    #[inline]
    fn locate(&self, _: &[u8], _: &mut Progress) -> Result<Located, FrameError> {
        Ok(Located::Known(Extent::new(0, self.len, 0)))
    }

    #[inline]
    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let len = message.len() as u64;
        if len != self.len {
            return Err(EncodeError::WrongLength { len, expected: self.len });
        }
        Ok(Envelope::new(ShortBytes::empty()))
    }

    #[inline]
    fn max_payload_len(&self) -> u64 {
        self.len
    }

    #[inline]
    fn shape(&self) -> Shape<'_> {
        Shape::by_header()
    }
}
