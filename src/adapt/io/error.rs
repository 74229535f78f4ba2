//! The errors of this crate in [`io::Error`], and out of it.

use std::io::{self, ErrorKind};

use crate::error::{Closed, DecodeError, DecodeErrorKind, EncodeError, EofError};

/// The error inside an adapter's [`std::io::Error`]: see [`cause`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// The bytes are no frame.
    Decode(DecodeError),
    /// The stream ended inside a frame.
    End(EofError),
    /// The framing refuses the message.
    Encode(EncodeError),
    /// Bytes were offered after an error or the end.
    Closed(Closed),
}

/// Returns the error of this crate inside `error`, if there is one.
///
/// ```
/// use anysplit::io::{Cause, FrameReader, cause};
/// use anysplit::{Truncated, EofError, Prefix};
///
/// let mut reader = FrameReader::new(&b"\x05he"[..], Prefix::u8());
/// let error = reader.read_frame().unwrap_err();
/// assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
/// let part = Truncated::Payload { have: 2, need: 5 };
/// assert_eq!(cause(&error), Some(Cause::End(EofError::Truncated { frame_offset: 0, end: 3, part })));
/// ```
#[must_use]
pub fn cause(error: &io::Error) -> Option<Cause> {
    let inner = error.get_ref()?;
    let decode = inner.downcast_ref().copied().map(Cause::Decode);
    let end = || inner.downcast_ref().copied().map(Cause::End);
    let encode = || inner.downcast_ref().copied().map(Cause::Encode);
    let closed = || inner.downcast_ref().copied().map(Cause::Closed);
    decode.or_else(end).or_else(encode).or_else(closed)
}

impl From<DecodeError> for io::Error {
    /// `InvalidData`. After the end of the stream has cut a frame, as from [`EofError`].
    fn from(error: DecodeError) -> Self {
        match error.kind {
            DecodeErrorKind::Truncated(_) => Self::new(ErrorKind::UnexpectedEof, EofError::from(error)),
            _ => Self::new(ErrorKind::InvalidData, error),
        }
    }
}

impl From<EofError> for io::Error {
    /// `UnexpectedEof` with the [`EofError`] where a frame was cut, `InvalidData` with the [`DecodeError`] where the
    /// bytes are none.
    fn from(error: EofError) -> Self {
        match error {
            EofError::Truncated { .. } => Self::new(ErrorKind::UnexpectedEof, error),
            EofError::Decode(error) => error.into(),
        }
    }
}

impl From<EncodeError> for io::Error {
    /// `InvalidInput`.
    fn from(error: EncodeError) -> Self {
        Self::new(ErrorKind::InvalidInput, error)
    }
}

impl From<Closed> for io::Error {
    /// `InvalidInput` after the end; the error itself after an error.
    fn from(error: Closed) -> Self {
        match error {
            Closed::Failed(error) => error.into(),
            Closed::Ended(_) => Self::new(ErrorKind::InvalidInput, error),
        }
    }
}
