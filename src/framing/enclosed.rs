//! A mark before every message and a delimiter after it.

use crate::contract::{AtEof, Envelope, Extent, Framing, Located, Progress};
use crate::error::{ConfigError, EncodeError, FrameError, Truncated};
use crate::framing::delimited::{Delimited, Delimiters};
use crate::literal::Literal;
use crate::short::ShortBytes;

/// A start mark ahead of a [`Delimited`] message: HL7's MLLP, `STX … ETX`, NMEA's `$ … \r\n`.
///
/// ```text
///  offset   0    1   2   3   4   5   6    7
///  wire     0b   h   e   l   l   o   1c   0d
///           header payload             trailer
/// ```
///
/// The mark belongs to the frame and not to the message. It may stand inside a message too: only at the start of a
/// frame does it count. Any other byte there is [`DecodeErrorKind::Mismatch`](crate::DecodeErrorKind::Mismatch).
///
/// ```
/// use anysplit::{Decoder, Delimited, Enclosed, Framing};
///
/// let framing = Enclosed::new(b"\x0b", Delimited::new(b"\x1c\r")?)?;
/// let mut wire = Vec::new();
/// framing.encode(b"hello", &mut wire)?;
/// assert_eq!(wire, b"\x0bhello\x1c\r");
///
/// let mut decoder = Decoder::new(framing);
/// decoder.push(&wire)?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Cost: as [`Delimited`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Enclosed<S> {
    start: Literal,
    rest: Delimited<S>,
}

impl<S: Delimiters> Enclosed<S> {
    /// `start` ahead of every frame of `rest`.
    ///
    /// # Errors
    ///
    /// As [`Literal::new`].
    pub fn new(start: &[u8], rest: Delimited<S>) -> Result<Self, ConfigError> {
        Ok(Self { start: Literal::new(start)?, rest })
    }
}

impl<S> Enclosed<S> {
    /// With a start mark of one byte.
    #[cfg(feature = "protocols")]
    pub(crate) const fn by_byte(start: u8, rest: Delimited<S>) -> Self {
        Self { start: Literal::byte(start), rest }
    }

    /// The same mark ahead of another framing.
    pub(crate) fn with_rest<T>(self, change: impl FnOnce(Delimited<S>) -> Delimited<T>) -> Enclosed<T> {
        Enclosed { start: self.start, rest: change(self.rest) }
    }

    /// The same with another limit, in bytes of payload. Binds both directions.
    #[must_use]
    pub fn with_max_payload_len(self, max: u64) -> Self {
        self.with_rest(|rest| rest.with_max_payload_len(max))
    }

    /// The mark ahead of a message.
    #[must_use]
    pub const fn start(&self) -> &Literal {
        &self.start
    }

    /// What is after the start mark.
    #[must_use]
    pub const fn rest(&self) -> &Delimited<S> {
        &self.rest
    }

    /// How far the delimiter's framing got, in bytes that begin after the mark.
    fn inner(&self, progress: Progress) -> Progress {
        let scanned = progress.scanned.saturating_sub(self.start.as_slice().len());
        Progress { scanned, header: progress.header.saturating_sub(self.start.len_u16()), ..progress }
    }

    /// An extent of the delimiter's framing, which has no header, after the mark.
    fn after_mark(&self, extent: Extent) -> Extent {
        let trailer = u16::try_from(extent.trailer_len()).unwrap_or(u16::MAX);
        Extent::new(self.start.len_u16(), extent.payload_len(), trailer)
    }
}

impl<S: Delimiters> Framing for Enclosed<S> {
    #[inline]
    fn locate(&self, input: &[u8], progress: Progress) -> Result<Located, FrameError> {
        self.start.check(input)?;
        let len = self.start.as_slice().len();
        let Some(after) = input.get(len..) else {
            let least = match self.rest.locate(b"", Progress::default()) {
                Ok(Located::Header { need, .. } | Located::Open { need, .. }) => need.get(),
                _ => 0,
            };
            return Ok(Located::header(len.saturating_sub(input.len()).saturating_add(least)));
        };
        match self.rest.locate(after, self.inner(progress)) {
            Ok(Located::Known(extent)) => Ok(Located::Known(self.after_mark(extent))),
            Ok(located) => Ok(located.nested(self.start.len_u16())),
            Err(fault) => Err(fault.shifted(len)),
        }
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let trailer = self.rest.envelope(message)?.trailer();
        Ok(Envelope::new(ShortBytes::new(self.start.as_slice())?).with_trailer(trailer))
    }

    fn at_eof(&self, rest: &[u8], progress: Progress) -> Result<AtEof, FrameError> {
        self.start.check(rest)?;
        let len = self.start.as_slice().len();
        let Some(after) = rest.get(len..).filter(|_| !rest.is_empty()) else {
            return Ok(match rest {
                [] => AtEof::Clean,
                _ => AtEof::Truncated(self.locate(rest, progress)?.cut(rest.len(), progress)),
            });
        };
        match self.rest.at_eof(after, self.inner(progress)) {
            // The mark came, and nothing after it.
            Ok(AtEof::Clean) => Ok(AtEof::Truncated(Truncated::Unterminated { have: len as u64 })),
            Ok(AtEof::Truncated(Truncated::Unterminated { have })) => {
                Ok(AtEof::Truncated(Truncated::Unterminated { have: have.saturating_add(len as u64) }))
            }
            Ok(AtEof::Truncated(cut)) => Ok(AtEof::Truncated(cut)),
            Ok(AtEof::Frame(extent)) => Ok(AtEof::Frame(self.after_mark(extent))),
            Err(fault) => Err(fault.shifted(len)),
        }
    }

    fn header_room(&self) -> usize {
        self.start.as_slice().len()
    }

    fn max_payload_len(&self) -> u64 {
        self.rest.max_payload_len()
    }
}

impl<S: Delimiters> core::fmt::Debug for Enclosed<S> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Enclosed").field("start", &self.start).field("rest", &self.rest).finish()
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    extern crate std;

    use super::*;
    use crate::{DecodeErrorKind, Decoder, Lines};
    use std::vec::Vec;

    fn framing() -> Enclosed<[&'static [u8]; 1]> {
        Enclosed::new(b"<<", Delimited::new(&b">>"[..]).unwrap().with_max_payload_len(5)).unwrap()
    }

    #[test]
    fn every_cut_gives_the_same_messages() {
        let wire = b"<<hello>><<>><<<<>><<>>";
        for step in 1..=wire.len() {
            let mut decoder = Decoder::new(framing());
            let mut seen: Vec<Vec<u8>> = Vec::new();
            for chunk in wire.chunks(step) {
                decoder.push(chunk).unwrap();
                while let Some(frame) = decoder.next_frame().unwrap() {
                    assert_eq!((frame.header(), frame.trailer()), (&b"<<"[..], &b">>"[..]));
                    seen.push(frame.message().to_vec());
                }
            }
            assert!(decoder.finish().unwrap().is_none());
            assert_eq!(seen, [&b"hello"[..], b"", b"<<", b""]);
        }
    }

    #[test]
    fn another_byte_at_the_start_is_a_fault_at_that_byte() {
        for (wire, offset) in [(&b"<<a>>x"[..], 5), (b"<<a>><x", 6), (b"?", 0)] {
            for step in 1..=wire.len() {
                let mut decoder = Decoder::new(framing());
                let error = wire.chunks(step).find_map(|chunk| {
                    decoder.push(chunk).unwrap();
                    while decoder.next_frame().ok()?.is_some() {}
                    None::<()>
                });
                assert_eq!(error, None);
                let error = loop {
                    if let Err(error) = decoder.next_frame() {
                        break error;
                    }
                };
                assert_eq!(error.offset, offset);
                assert!(matches!(error.kind, DecodeErrorKind::Mismatch { expected: b'<', .. }));
            }
        }
    }

    #[test]
    fn the_end_cuts_the_header_or_the_message() {
        let cut = |wire: &[u8]| framing().at_eof(wire, Progress::default()).unwrap();
        assert_eq!(cut(b""), AtEof::Clean);
        assert_eq!(cut(b"<"), AtEof::Truncated(Truncated::Header { have: 1, need: 4 }));
        assert_eq!(cut(b"<<"), AtEof::Truncated(Truncated::Unterminated { have: 2 }));
        assert_eq!(cut(b"<<hi>"), AtEof::Truncated(Truncated::Unterminated { have: 5 }));
        let line = Enclosed::<Lines>::new(b"$", Delimited::line()).unwrap();
        assert_eq!(line.at_eof(b"$hi", Progress::default()), Ok(AtEof::Frame(Extent::new(1, 2, 0))));
    }

    #[test]
    fn a_message_that_would_not_come_back_is_refused() {
        let mut out = [0; 16];
        assert_eq!(framing().encode_into(b"a>>b", &mut out), Err(EncodeError::ContainsDelimiter { at: 1 }));
        assert_eq!(framing().encode_into(b"a>", &mut out), Err(EncodeError::ContainsDelimiter { at: 1 }));
        assert_eq!(framing().encode_into(b"hello!", &mut out), Err(EncodeError::Oversize { len: 6, max: 5 }));
        assert_eq!(framing().encode_into(b"a<<b", &mut out), Ok(8));
        assert_eq!(&out[..8], b"<<a<<b>>");
    }

    #[test]
    fn what_it_says_of_itself_is_its_marks_and_its_delimiters() {
        assert_eq!((framing().header_room(), framing().max_payload_len()), (2, 5));
        let debug = std::format!("{:?}", framing());
        assert_eq!(debug, std::format!("Enclosed {{ start: {:?}, rest: {:?} }}", framing().start(), framing().rest()));
    }
}
