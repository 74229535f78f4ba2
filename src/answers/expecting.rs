//! The framing of a decoder that reads answers, and the plainest expectation.

use crate::answers::{Expectation, Next};
use crate::contract::{AtEof, Envelope, Framing, Located, NextStart, Part, Patch, Progress, Shape};
use crate::error::{DecodeErrorKind, EncodeError, FrameError};
use crate::join::Candidate;

/// The framing of the expected answer, or a framing without any frames. A decoder has this framing, and
/// [`Answers::prepare`](crate::answers::Answers::prepare) sets it.
///
/// While nothing is expected every byte is [`DecodeErrorKind::NothingExpected`], and the end of the stream is clean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Expecting<F>(Option<F>);

impl<F> Expecting<F> {
    /// Expects nothing.
    #[must_use]
    pub const fn nothing() -> Self {
        Self(None)
    }

    /// Expects a frame of this framing.
    #[must_use]
    pub const fn some(framing: F) -> Self {
        Self(Some(framing))
    }

    /// Returns the framing that is expected.
    #[must_use]
    pub const fn framing(&self) -> Option<&F> {
        self.0.as_ref()
    }
}

impl<F: Framing> Framing for Expecting<F> {
    #[inline]
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        match &self.0 {
            Some(framing) => framing.locate(input, progress),
            None if input.is_empty() => Ok(Located::Header(1)),
            None => Err(FrameError::new(0, DecodeErrorKind::NothingExpected)),
        }
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        match &self.0 {
            Some(framing) => framing.envelope(message),
            None => Err(EncodeError::Custom("no answer is expected")),
        }
    }

    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        self.0.as_ref().map_or(Ok(()), |framing| framing.check(part, sum))
    }

    fn open(&self, header: &[u8], payload: &mut [u8], at: u64, memo: &mut u64) -> usize {
        match &self.0 {
            Some(framing) => framing.open(header, payload, at, memo),
            None => payload.len(),
        }
    }

    fn seal(&self, message: &[u8], frame: &mut [u8]) {
        if let Some(framing) = &self.0 {
            framing.seal(message, frame);
        }
    }

    fn at_eof(&self, rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
        match &self.0 {
            Some(framing) => framing.at_eof(rest, progress),
            None if rest.is_empty() => Ok(AtEof::Clean),
            None => Err(FrameError::new(0, DecodeErrorKind::NothingExpected)),
        }
    }

    fn next_start(&self, input: &[u8], from: usize) -> NextStart {
        self.0.as_ref().map_or(NextStart::At(from), |framing| framing.next_start(input, from))
    }

    fn envelope_after(&self, previous: u32, message: &[u8]) -> Result<(Envelope<'_>, u32), EncodeError> {
        match &self.0 {
            Some(framing) => framing.envelope_after(previous, message),
            None => Ok((self.envelope(message)?, 0)),
        }
    }

    fn seal_after(&self, previous: u32, message: &[u8], frame: &mut [u8]) {
        if let Some(framing) = &self.0 {
            framing.seal_after(previous, message, frame);
        }
    }

    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        self.0.as_ref().map_or(Ok(None), |framing| framing.patch(message))
    }

    fn max_payload_len(&self) -> u64 {
        self.0.as_ref().map_or(0, Framing::max_payload_len)
    }

    #[inline]
    fn shape(&self) -> Shape<'_> {
        self.0.as_ref().map_or(Shape::UNKNOWN, Framing::shape)
    }
}

/// An answer of one frame: the plainest expectation, for protocols in which only the request knows the answer's length or
/// framing.
///
/// ```
/// use anysplit::answers::{Answers, Expecting, OneFrame};
/// use anysplit::{Decoder, Fixed};
///
/// // Modbus RTU: the answer to "read 3 registers" has 5 bytes around 6 bytes of data, that to "write a register" has 8.
/// let mut decoder = Decoder::new(Expecting::nothing());
/// let mut answers = Answers::<OneFrame<Fixed>, 1>::new();
/// for (answer_len, answer) in [(11, &b"\x01\x03\x06\0\x01\0\x02\0\x03\xfd\x74"[..]), (8, b"\x01\x06\0\x01\0\x03\x98\x0b")] {
///     answers.expect(OneFrame(Fixed::new(answer_len)?))?;
///     decoder.push(answer)?;
///     answers.prepare(&mut decoder);
///     let frame = decoder.next_frame()?.unwrap();
///     assert!(answers.take(&frame)?.is_last);
///     assert_eq!(frame.payload(), answer);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OneFrame<F>(pub F);

impl<F: Framing + Clone> Expectation for OneFrame<F> {
    type Framing = F;

    fn framing(&self) -> F {
        self.0.clone()
    }

    fn next(&mut self, _: &Candidate<'_>) -> Result<Next<F>, FrameError> {
        Ok(Next::Done)
    }

    fn reads_payload(&self) -> bool {
        false
    }
}
