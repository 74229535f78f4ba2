//! Some bytes before every frame of another framing.

use crate::contract::{AtEof, Envelope, Framing, Located, NextStart, Part, Patch, Progress, Shape};
use crate::error::{ConfigError, EncodeError, FrameError};
use crate::framing::by_type::is_by_header;
use crate::framing::nested::Nested;
use crate::literal::Literal;
use crate::scan::ByteSet;

/// Start bytes before every frame of another framing: HL7's MLLP, `STX … ETX`, NMEA's `$ … \r\n`, a sync word.
///
/// ```text
///  offset   0    1   2   3   4   5   6    7
///  wire     0b   h   e   l   l   o   1c   0d
///           header payload             trailer
/// ```
///
/// The start bytes belong to the frame and not to the message. A message may contain them too: they count only at the
/// start of a frame.
///
/// ```
/// use anysplit::{Decoder, Delimited, Enclosed, Framing, Prefix};
///
/// let framing = Enclosed::new(b"\x0b", Delimited::new(b"\x1c\r")?)?;
/// let mut wire = Vec::new();
/// framing.encode(b"hello", &mut wire)?;
/// assert_eq!(wire, b"\x0bhello\x1c\r");
///
/// let mut decoder = Decoder::new(framing);
/// decoder.push(&wire)?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"hello");
///
/// // Any framing, here a length after a sync word.
/// let framing = Enclosed::new(b"\xaa\x55", Prefix::u16_be())?;
/// wire.clear();
/// framing.encode(b"hello", &mut wire)?;
/// assert_eq!(wire, b"\xaa\x55\x00\x05hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// With a checksum, the order of the types determines what it covers: `Checked::new(Enclosed::new(start, framing)?, …)?` covers the
/// start bytes too, and `Enclosed::new(start, Checked::new(framing, …)?)?` does not.
///
/// A framing that writes filler before its frames, as SLIP does, cannot follow the start bytes: the encoder refuses every
/// message. A header that is part of the message, such as that of [`LengthField`](crate::LengthField), may follow at
/// most 15 start bytes.
///
/// Errors: [`DecodeErrorKind::Mismatch`](crate::DecodeErrorKind::Mismatch) at the first byte that is not the expected
/// start byte, and those of the inner framing.
///
/// Cost: that of the inner framing, and a comparison of the start bytes for each call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Enclosed<F> {
    start: Literal,
    /// Bytes between frames. The first start byte is not one of them.
    between: ByteSet,
    inner: F,
}

impl<F: Framing> Enclosed<F> {
    /// Returns a framing with `start` before every frame of `inner`.
    ///
    /// # Errors
    ///
    /// As [`Literal::new`].
    pub fn new(start: &[u8], inner: F) -> Result<Self, ConfigError> {
        Ok(Self { start: Literal::new(start)?, between: ByteSet::EMPTY, inner })
    }

    /// Skips these bytes between frames, such as the LF that some senders of HL7 put there. They are not reported, and
    /// never written.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] if the first start byte is one of them.
    pub fn skipping_between(mut self, bytes: ByteSet) -> Result<Self, ConfigError> {
        if self.start.as_slice().first().is_some_and(|&first| bytes.contains(first)) {
            return Err(ConfigError::Conflict("a byte that is skipped begins a frame"));
        }
        self.between = bytes;
        Ok(self)
    }
}

impl<F> Enclosed<F> {
    /// Returns a framing with a start of one byte.
    #[cfg(feature = "protocols")]
    pub(crate) const fn by_byte(start: u8, between: ByteSet, inner: F) -> Self {
        Self { start: Literal::byte(start), between, inner }
    }

    /// Replaces the framing after the start bytes.
    pub(crate) fn map<G>(self, change: impl FnOnce(F) -> G) -> Enclosed<G> {
        Enclosed { start: self.start, between: self.between, inner: change(self.inner) }
    }

    /// Returns the bytes before every inner frame.
    #[must_use]
    pub const fn start(&self) -> &Literal {
        &self.start
    }

    /// Returns the bytes that are skipped between frames.
    #[must_use]
    pub const fn between(&self) -> &ByteSet {
        &self.between
    }

    /// Returns the framing after the start bytes.
    #[must_use]
    pub const fn inner(&self) -> &F {
        &self.inner
    }

    #[inline]
    const fn nested(&self) -> Nested<'_, F>
    where
        F: Framing,
    {
        Nested::around_message(&self.inner, self.start.len_u16())
    }
}

impl<F: Framing> Framing for Enclosed<F> {
    #[inline]
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        if progress.consumed == 0 && input.first().is_some_and(|&first| self.between.contains(first)) {
            return Ok(Located::Filler(input.iter().take_while(|&&byte| self.between.contains(byte)).count()));
        }
        self.start.check(input)?;
        let len = u64::from(self.start.len_u16());
        if input.len() as u64 >= len {
            return self.nested().locate(input, progress);
        }
        // The least length of the inner frame. That frame has not begun, so its progress is unchanged.
        let mut inner = *progress;
        let least = match self.inner.locate(b"", &mut inner) {
            Ok(Located::Known(extent)) => extent.frame_len(),
            Ok(Located::Wait(least) | Located::Header(least) | Located::Search { least, .. }) => least,
            Ok(Located::Filler(_)) | Err(_) => 0,
        };
        Ok(Located::Header(len.saturating_add(least)))
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        Ok(self.envelope_after(0, message)?.0)
    }

    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        self.nested().check(part, sum)
    }

    fn open(&self, header: &[u8], payload: &mut [u8], at: u64, memo: &mut u64) -> usize {
        self.nested().open(header, payload, at, memo)
    }

    fn seal(&self, message: &[u8], frame: &mut [u8]) {
        self.seal_after(0, message, frame);
    }

    fn at_eof(&self, rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
        self.start.check(rest)?;
        if rest.len() >= self.start.as_slice().len() {
            return self.nested().at_eof(rest, progress);
        }
        Ok(if rest.is_empty() && progress.consumed == 0 { AtEof::Clean } else { AtEof::Truncated })
    }

    fn next_start(&self, input: &[u8], from: usize) -> NextStart {
        NextStart::at_word(input, from, self.start.as_slice())
    }

    fn envelope_after(&self, previous: u32, message: &[u8]) -> Result<(Envelope<'_>, u32), EncodeError> {
        self.nested().envelope_after(previous, self.start.as_slice(), message)
    }

    fn seal_after(&self, previous: u32, message: &[u8], frame: &mut [u8]) {
        self.nested().seal_after(previous, self.start.as_slice(), message, frame);
    }

    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        self.nested().patch(message)
    }

    fn max_payload_len(&self) -> u64 {
        self.inner.max_payload_len()
    }

    #[inline]
    fn shape(&self) -> Shape<'_> {
        if is_by_header(self.inner.shape()) && self.between.is_empty() { Shape::by_header() } else { Shape::UNKNOWN }
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    extern crate std;

    use super::*;
    use crate::contract::Extent;
    use crate::framing::testing::cuts_agree;
    use crate::{DecodeErrorKind, Decoder, Delimited, LengthField, Prefix, Stuffed};
    use std::vec::Vec;

    fn framing() -> Enclosed<Delimited<[&'static [u8]; 1]>> {
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
    fn another_byte_at_the_start_is_an_error_at_that_byte() {
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
    fn end_of_stream_truncates_inside_start_or_message() {
        let end = |wire: &[u8]| framing().at_eof(wire, &mut Progress::default()).unwrap();
        assert_eq!(end(b""), AtEof::Clean);
        for wire in [&b"<"[..], b"<<", b"<<hi>"] {
            assert_eq!(end(wire), AtEof::Truncated);
        }
        assert_eq!(framing().locate(b"<", &mut Progress::default()), Ok(Located::Header(4)));
        let line = Enclosed::new(b"$", Delimited::line()).unwrap();
        let frame = AtEof::Frame(Extent::new(1, 2, 0));
        assert_eq!(line.at_eof(b"$hi", &mut Progress::default()), Ok(frame));
    }

    #[test]
    fn message_that_would_not_come_back_is_refused() {
        let mut out = [0; 16];
        assert_eq!(framing().encode_into(b"a>>b", &mut out), Err(EncodeError::ContainsDelimiter { at: 1 }));
        assert_eq!(framing().encode_into(b"a>", &mut out), Err(EncodeError::ContainsDelimiter { at: 1 }));
        assert_eq!(framing().encode_into(b"hello!", &mut out), Err(EncodeError::Oversize { len: 6, max: 5 }));
        assert_eq!(framing().encode_into(b"a<<b", &mut out), Ok(8));
        assert_eq!(&out[..8], b"<<a<<b>>");
    }

    #[test]
    fn shape_is_by_header_where_the_inner_one_is() {
        assert_eq!((framing().shape(), framing().max_payload_len()), (Shape::UNKNOWN, 5));
        assert_eq!(Enclosed::new(b"$", Prefix::u8()).unwrap().shape(), Shape::by_header());
    }

    #[test]
    fn checked_and_rewritten_frames_round_trip() {
        let netstring = Enclosed::new(b"$$", Prefix::netstring()).unwrap();
        let mut wire = Vec::new();
        for message in [&b"hello"[..], b""] {
            netstring.encode(message, &mut wire).unwrap();
        }
        assert_eq!(wire, b"$$5:hello,$$0:,");
        let seen = cuts_agree(&netstring, &wire).unwrap();
        assert_eq!(seen, [(b"hello".to_vec(), 10), (b"".to_vec(), 5)]);
        assert!(cuts_agree(&netstring, b"$$1:a;").unwrap_err().contains("offset: 5"));

        let cobs = Enclosed::new(b"$", Stuffed::new(crate::stuffing::Cobs)).unwrap();
        let mut wire = [0; 6];
        assert_eq!(cobs.encode_into(b"a\0b", &mut wire), Ok(6));
        assert_eq!(&wire, b"$\x02a\x02b\0");
        assert_eq!(cuts_agree(&cobs, &wire).unwrap(), [(b"a\0b".to_vec(), 6)]);
        // Filler must not follow the start.
        assert!(cuts_agree(&cobs, b"$\0").unwrap_err().contains("filler"));
    }

    #[test]
    fn message_header_begins_after_the_mark() {
        let framing = Enclosed::new(b"$", LengthField::new(1, crate::number::Binary::u8()).unwrap()).unwrap();
        let mut wire = [0; 5];
        assert_eq!(framing.encode_into(b"x\x02hi", &mut wire), Ok(5));
        assert_eq!(&wire, b"$x\x02hi");
        let Ok(Located::Known(extent)) = framing.locate(&wire, &mut Progress::default()) else { panic!() };
        assert_eq!(crate::Frame::new(&wire, extent, 0).unwrap().message(), b"x\x02hi");
    }

    #[test]
    fn framing_that_writes_filler_is_refused() {
        let framing = Enclosed::new(b"$", crate::Stuffed::slip()).unwrap();
        assert!(matches!(framing.encode_into(b"hi", &mut [0; 9]), Err(EncodeError::Custom(_))));
        let framing = Enclosed::new(b"$", crate::Stuffed::cobs()).unwrap();
        assert_eq!(framing.encode_into(b"hi", &mut [0; 9]), Ok(5));
    }
}
