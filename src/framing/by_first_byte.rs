//! The first byte of a frame chooses its framing.

use core::ops::RangeInclusive;

use crate::contract::{AtEof, Envelope, Extent, Framing, Located, Patch, Progress};
use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError, Truncated};

/// The first byte of a frame chooses its framing, and is part of what that framing reads.
///
/// For streams that open in one form and go on in another, such as SSH's line ahead of its packets or the preface of
/// HTTP/2, and for those that mix two forms, such as syslog's counted octets and lines. Where the first byte is a type
/// ahead of the framing's own bytes, see [`ByType`](crate::ByType).
///
/// ```text
///  '1' to '9' → digits and a blank       '<' → a line
///  offset   0   1   2   3   4   5   6    0   1   2   3   4   5
///  wire     5   _   <   1   3   >   a    <   1   3   >   a   \n     (_ is the blank)
///           header    payload              message_header payload      trailer
///  message          < 1 3 > a            < 1 3 > a
/// ```
///
/// Every frame begins with at least one byte that is not payload: in a frame whose framing has no header, the first byte
/// is the message_header, as a type byte is in [`ByType`](crate::ByType). The message has it in either case.
///
/// A message is written with the first framing of the table that takes it and that decoding would choose for the result.
/// But where a framing refuses the message for its type, and the message's own first byte is in that framing's range, no
/// other is tried: a type that the table does not know is not written as something else.
///
/// ```
/// use anysplit::number::Ascii;
/// use anysplit::{ByFirstByte, Decoder, Delimited, Either, Framing, Prefix};
///
/// let framing = ByFirstByte::new([
///     (b'1'..=b'9', Either::A(Prefix::new(Ascii::decimal_ended_by(b" ")?))),
///     (b'<'..=b'<', Either::B(Delimited::line())),
/// ])?;
/// let mut wire = Vec::new();
/// framing.encode(b"<13>a", &mut wire)?;
/// assert_eq!(wire, b"5 <13>a");
///
/// let mut decoder = Decoder::new(framing);
/// decoder.push(b"5 <13>a<13>b\n")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"<13>a");
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"<13>b");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Errors: [`DecodeErrorKind::UnknownType`] for a first byte that is in no range, and those of the framings.
///
/// Cost: the table is searched once a call, in order; beside that, what the framing costs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ByFirstByte<F, T> {
    table: T,
    framing: core::marker::PhantomData<F>,
}

impl<F: Framing, T: AsRef<[(RangeInclusive<u8>, F)]>> ByFirstByte<F, T> {
    /// Ranges of first bytes, each with the framing of the frames that begin with one of them.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Empty`] for an empty table, [`ConfigError::Conflict`] for an empty range,
    /// [`ConfigError::DuplicateType`] for a byte in two ranges.
    pub fn new(table: T) -> Result<Self, ConfigError> {
        let entries = table.as_ref();
        if entries.is_empty() {
            return Err(ConfigError::Empty);
        }
        for (index, (range, _)) in entries.iter().enumerate() {
            if range.is_empty() {
                return Err(ConfigError::Conflict("a range of first bytes is empty"));
            }
            let other = entries
                .iter()
                .take(index)
                .find(|(other, _)| other.contains(range.start()) || range.contains(other.start()));
            if let Some((other, _)) = other {
                return Err(ConfigError::DuplicateType { found: *range.start().max(other.start()) });
            }
        }
        Ok(Self::from_table(table))
    }

    /// A table that is known to be right.
    pub(crate) const fn from_table(table: T) -> Self {
        Self { table, framing: core::marker::PhantomData }
    }

    /// The same ranges over other framings.
    #[cfg(feature = "alloc")]
    pub(crate) fn map<G: Framing, U>(&self, map: impl Fn(&F) -> G) -> ByFirstByte<G, U>
    where
        U: FromIterator<(RangeInclusive<u8>, G)> + AsRef<[(RangeInclusive<u8>, G)]>,
    {
        ByFirstByte::from_table(self.table().iter().map(|(range, framing)| (range.clone(), map(framing))).collect())
    }

    /// The table, in the order in which it was given.
    pub fn table(&self) -> &[(RangeInclusive<u8>, F)] {
        self.table.as_ref()
    }

    pub(crate) fn table_mut(&mut self) -> &mut [(RangeInclusive<u8>, F)]
    where
        T: AsMut<[(RangeInclusive<u8>, F)]>,
    {
        self.table.as_mut()
    }

    #[inline]
    fn chosen(&self, first: u8) -> Option<&F> {
        self.table().iter().find(|(range, _)| range.contains(&first)).map(|(_, framing)| framing)
    }

    /// The framing, and what it is given of a frame of which a part has passed.
    ///
    /// The first byte of a frame without a header stays where it is while the rest of the payload passes. A framing that
    /// announced the payload's length has seen it all. One that looks for the end must not see that byte again.
    fn inner<'a>(&self, first: u8, input: &'a [u8], progress: Progress) -> Option<(&F, &'a [u8], Progress, bool)> {
        let framing = self.chosen(first)?;
        let fresh = Progress { unlimited: true, ..Progress::default() };
        let searches = progress.passed > 0 && {
            let message_header = framing.locate(input.get(..1).unwrap_or_default(), fresh);
            matches!(message_header, Ok(Located::Open { header: 0, .. }))
        };
        if !searches {
            // A header of one byte may be the message_header alone, of which the framing knows nothing.
            let message_header = || framing.locate(input.get(..1).unwrap_or_default(), fresh);
            let header = match progress.header {
                1 if !matches!(message_header(), Ok(Located::Open { header: 1, .. })) => 0,
                header => header,
            };
            return Some((framing, input, Progress { header, ..progress }, false));
        }
        let progress = Progress {
            scanned: progress.scanned.saturating_sub(1),
            passed: progress.passed.saturating_add(1),
            header: 0,
            ..progress
        };
        Some((framing, input.get(1..).unwrap_or_default(), progress, true))
    }
}

/// The extent of a frame without a header, whose first byte becomes its front.
#[inline]
fn fronted(extent: Extent, passing: bool) -> Extent {
    if passing {
        // The first byte stands ahead of what the framing saw.
        return extent.nested(1);
    }
    match extent.payload_len().checked_sub(1) {
        Some(payload) if extent.header_len() == 0 => {
            // A trailer fits 16 bits in every extent.
            let trailer = u16::try_from(extent.trailer_len()).unwrap_or(u16::MAX);
            let message_header = Extent::new(1, payload, trailer).with_message_header(1);
            if extent.is_control() { message_header.as_control() } else { message_header }
        }
        _ => extent,
    }
}

impl<F: Framing, T: AsRef<[(RangeInclusive<u8>, F)]>> Framing for ByFirstByte<F, T> {
    #[inline]
    fn locate(&self, input: &[u8], progress: Progress) -> Result<Located, FrameError> {
        let Some(&found) = input.first() else { return Ok(Located::header(1)) };
        let Some((framing, input, progress, passing)) = self.inner(found, input, progress) else {
            return Err(FrameError::new(0, DecodeErrorKind::UnknownType { found }));
        };
        match framing.locate(input, progress) {
            Ok(Located::Known(extent)) => Ok(Located::Known(fronted(extent, passing))),
            Ok(located) if passing => Ok(located.nested(1)),
            // While the first byte may still turn out to be the end's, nothing of the payload is certain.
            Ok(Located::Open { header: 0, scanned: 0, need }) => Ok(Located::Header { need, scanned: 0 }),
            Ok(Located::Open { header: 0, scanned, need }) => Ok(Located::Open { header: 1, scanned, need }),
            Ok(located) => Ok(located),
            Err(fault) => Err(fault.shifted(passing.into())),
        }
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let mut refused = Err(EncodeError::Empty);
        for (range, framing) in self.table() {
            match framing.envelope(message) {
                Ok(envelope) => {
                    let first = envelope.slices(message).iter().find_map(|part| part.first().copied());
                    match first {
                        Some(first) if range.contains(&first) => return Ok(envelope),
                        Some(found) => refused = refused.or(Err(EncodeError::UnknownType { found })),
                        None => {}
                    }
                }
                Err(refusal @ EncodeError::UnknownType { found })
                    if range.contains(&found) && message.first() == Some(&found) =>
                {
                    return Err(refusal);
                }
                // The first reason is the one that matters: the table's order is the writer's.
                Err(refusal) if matches!(refused, Err(EncodeError::Empty)) => refused = Err(refusal),
                Err(_) => {}
            }
        }
        refused
    }

    fn at_eof(&self, rest: &[u8], progress: Progress) -> Result<AtEof, FrameError> {
        let Some(&found) = rest.first() else { return Ok(AtEof::Clean) };
        let Some((framing, after, inner, passing)) = self.inner(found, rest, progress) else {
            return Err(FrameError::new(0, DecodeErrorKind::UnknownType { found }));
        };
        match framing.at_eof(after, inner) {
            Ok(AtEof::Frame(extent)) => Ok(AtEof::Frame(fronted(extent, passing))),
            // Counts the first byte, if it is not a header's.
            Ok(AtEof::Truncated(Truncated::Payload { .. })) => {
                Ok(AtEof::Truncated(self.locate(rest, progress)?.cut(rest.len(), progress)))
            }
            Ok(end) => Ok(end),
            Err(fault) => Err(fault.shifted(passing.into())),
        }
    }

    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        // Which framing will take the message is known only once its length is in it; its own first byte says as much
        // where the framing has something to put in.
        message.first().and_then(|&first| self.chosen(first)).map_or(Ok(None), |framing| framing.patch(message))
    }

    fn max_payload_len(&self) -> u64 {
        self.table().iter().map(|(_, framing)| framing.max_payload_len()).max().unwrap_or_default()
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    extern crate std;

    use super::*;
    use crate::framing::testing::cuts_agree;
    use crate::number::Ascii;
    use crate::{Decoder, Delimited, Either, EofError, Fixed, Piece, Prefix, UntilClose};
    use std::vec::Vec;

    type Inner = Either<Either<Prefix<Ascii>, Fixed>, Either<Delimited<[[u8; 2]; 1]>, UntilClose>>;

    fn mixed() -> ByFirstByte<Inner, [(RangeInclusive<u8>, Inner); 4]> {
        let digits = Prefix::new(Ascii::decimal_ended_by(b" ").unwrap());
        let line = Delimited::new(*b"\r\n").unwrap().with_max_payload_len(6);
        ByFirstByte::new([
            (b'0'..=b'9', Either::A(Either::A(digits))),
            (b'F'..=b'F', Either::A(Either::B(Fixed::new(3).unwrap()))),
            (b'\r'..=b'/', Either::B(Either::A(line))),
            (b'U'..=b'Z', Either::B(Either::B(UntilClose::new()))),
        ])
        .unwrap()
    }

    const WIRE: &[u8] = b"5 helloFix<13\r\n0 \r\n<\r\n- \r-\r\nF\r\nUntil\r\n";
    const MESSAGES: [&[u8]; 8] = [b"hello", b"Fix", b"", b"", b"", b"- \r-", b"F\r\n", b"Until\r\n"];

    fn wire() -> Vec<u8> {
        // '<' is in no range of the table above: '-' to '/' stand for it.
        WIRE.iter().map(|&byte| if byte == b'<' { b'-' } else { byte }).collect()
    }

    fn messages() -> Vec<Vec<u8>> {
        let mut all: Vec<Vec<u8>> = MESSAGES.iter().map(|message| message.to_vec()).collect();
        all[2] = b"-13".to_vec();
        all.insert(5, b"-".to_vec());
        all
    }

    #[test]
    fn every_cut_gives_the_same_messages() {
        let (wire, messages) = (wire(), messages());
        for step in 1..wire.len() {
            let mut decoder = Decoder::new(mixed());
            let mut seen: Vec<Vec<u8>> = Vec::new();
            for chunk in wire.chunks(step) {
                decoder.push(chunk).unwrap();
                while let Some(frame) = decoder.next_frame().unwrap() {
                    seen.push(frame.message().to_vec());
                }
            }
            while let Some(frame) = decoder.finish().unwrap() {
                seen.push(frame.message().to_vec());
            }
            assert_eq!(seen, messages, "in chunks of {step}");
        }
    }

    #[test]
    fn a_frame_in_pieces_is_the_same_frame() {
        let (wire, messages) = (wire(), messages());
        for step in 1..wire.len() {
            let mut decoder = Decoder::new(mixed());
            let mut seen: Vec<Vec<u8>> = Vec::new();
            let mut take = |piece: Piece<'_>| match piece {
                Piece::Start { header, .. } => seen.push(header.to_vec()),
                Piece::Data(data) => seen.last_mut().unwrap().extend_from_slice(data),
                Piece::End { .. } => {}
            };
            for chunk in wire.chunks(step) {
                decoder.push(chunk).unwrap();
                while let Some(piece) = decoder.next_piece().unwrap() {
                    take(piece);
                }
            }
            while let Some(piece) = decoder.finish_piece().unwrap() {
                take(piece);
            }
            // The digits are a header that is not part of the message.
            let expected: Vec<Vec<u8>> = { messages.iter().enumerate() }
                .map(|(index, message)| match index {
                    0 => b"5 hello".to_vec(),
                    3 => b"0 ".to_vec(),
                    _ => message.clone(),
                })
                .collect();
            assert_eq!(seen, expected, "in chunks of {step}");
        }
    }

    #[test]
    fn a_message_is_written_by_the_first_framing_that_would_read_it() {
        let mut out = [0; 16];
        let mut written = |message: &[u8]| mixed().encode_into(message, &mut out).map(|len| out[..len].to_vec());
        assert_eq!(written(b"-13"), Ok(b"3 -13".to_vec()));
        let lines = ByFirstByte::new([(b'a'..=b'z', Delimited::line())]).unwrap();
        assert_eq!(lines.encode_into(b"hello", &mut [0; 9]), Ok(6));
        assert_eq!(lines.encode_into(b"Hello", &mut [0; 9]), Err(EncodeError::UnknownType { found: b'H' }));
        assert_eq!(lines.encode_into(b"he\nlo", &mut [0; 9]), Err(EncodeError::ContainsDelimiter { at: 2 }));
    }

    #[test]
    fn a_message_that_one_framing_takes_is_not_amended_for_another() {
        let field = crate::LengthField::new(0, crate::number::Binary::u8());
        let framing = ByFirstByte::new([
            (0..=b' ', Either::A(Prefix::u8().with_max_payload_len(1))),
            (b'!'..=0xff, Either::B(field)),
        ])
        .unwrap();
        let written = |message: &[u8]| {
            let mut out = Vec::new();
            framing.encode_with(&mut out, |out| out.extend_from_slice(message)).map(|_| out)
        };
        assert_eq!(written(b"0"), Ok(b"\x010".to_vec()));
        // Of the other's: its length is put in, and then is no longer what it begins with.
        assert_eq!(written(b"0hello"), Err(EncodeError::UnknownType { found: 5 }));
        let long = [&[0][..], &[b'x'; 40]].concat();
        assert_eq!(written(&[&b"0"[..], &long[1..]].concat()), Ok([&[40][..], &long[1..]].concat()));
    }

    #[test]
    fn a_type_that_is_not_known_is_refused_and_not_written_as_what_has_none() {
        let typed = crate::ByType::new([(b'Q', crate::Body::Framed(Prefix::u32_be()))]).unwrap();
        let framing =
            ByFirstByte::new([(b'A'..=b'Z', Either::A(typed)), (0..=0, Either::B(Prefix::u32_be()))]).unwrap();
        let mut out = [0; 16];
        let mut written = |message: &[u8]| framing.encode_into(message, &mut out).map(|len| out[..len].to_vec());
        assert_eq!(written(b"Qhi"), Ok(b"Q\0\0\0\x02hi".to_vec()));
        assert_eq!(written(b"Rhi"), Err(EncodeError::UnknownType { found: b'R' }));
        assert_eq!(written(b"\0hi"), Ok(b"\0\0\0\x03\0hi".to_vec()));
    }

    #[test]
    fn a_first_byte_in_no_range_is_a_fault_and_one_in_two_ranges_no_table() {
        let mut decoder = Decoder::new(mixed());
        decoder.push(b"Fix?").unwrap();
        assert!(decoder.next_frame().unwrap().is_some());
        let error = decoder.next_frame().unwrap_err();
        assert_eq!((error.offset, error.kind), (3, DecodeErrorKind::UnknownType { found: b'?' }));
        let of = |ranges: [RangeInclusive<u8>; 2]| {
            ByFirstByte::new(ranges.map(|range| (range, UntilClose::new()))).map(|_| ())
        };
        assert_eq!(of([0..=9, 9..=10]), Err(ConfigError::DuplicateType { found: 9 }));
        assert_eq!(of([5..=6, 0..=200]), Err(ConfigError::DuplicateType { found: 5 }));
        #[allow(clippy::reversed_empty_ranges)]
        let empty = of([0..=4, 9..=5]);
        assert!(matches!(empty, Err(ConfigError::Conflict(_))));
        assert_eq!(of([0..=4, 5..=255]), Ok(()));
        let none: [(RangeInclusive<u8>, UntilClose); 0] = [];
        assert_eq!(ByFirstByte::new(none).map(|_| ()), Err(ConfigError::Empty));
    }

    #[test]
    fn the_end_cuts_what_its_framing_says() {
        let mut decoder = Decoder::new(mixed());
        decoder.push(b"-half a line\r\n").unwrap();
        let error = decoder.next_frame().unwrap_err();
        assert_eq!((error.offset, error.kind), (6, DecodeErrorKind::Oversize { len: 7, max: 6 }));
        let mut decoder = Decoder::new(mixed());
        decoder.push(b"-ha").unwrap();
        let cut = crate::Truncated::Unterminated { have: 3 };
        assert_eq!(decoder.finish().unwrap_err(), EofError::Truncated { frame: 0, end: 3, cut });
    }

    /// Lines, by a framing that is told of a header only where it has one.
    struct Headless;

    impl Framing for Headless {
        fn locate(&self, input: &[u8], progress: Progress) -> Result<Located, FrameError> {
            assert_eq!(progress.header, 0);
            Delimited::new(*b"\r\n").unwrap().locate(input, progress)
        }

        fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
            let _ = message;
            Err(EncodeError::Empty)
        }
    }

    /// All that comes of `wire` in pieces, however it is cut in two.
    fn in_pieces<F: Framing>(framing: &F, wire: &[u8]) -> Vec<u8> {
        let cut_at = |cut: usize| {
            let mut decoder = Decoder::new(framing);
            let mut seen = Vec::new();
            for chunk in [&wire[..cut], &wire[cut..]] {
                decoder.push(chunk).unwrap();
                while let Some(piece) = decoder.next_piece().unwrap() {
                    match piece {
                        Piece::Start { header, .. } => seen.extend_from_slice(header),
                        Piece::Data(data) => seen.extend_from_slice(data),
                        Piece::End { .. } => seen.push(b'|'),
                    }
                }
            }
            seen
        };
        let whole = cut_at(0);
        for cut in 1..=wire.len() {
            assert_eq!(cut_at(cut), whole, "cut at {cut}");
        }
        whole
    }

    #[test]
    fn the_message_header_is_no_header_of_the_framing_after_it() {
        let framing = ByFirstByte::new([(0..=255, Headless)]).unwrap();
        let wire = b"hello\r\n\r\na\r\n";
        let messages: Vec<_> = cuts_agree(&framing, wire).unwrap().into_iter().map(|(message, _)| message).collect();
        assert_eq!(messages, [&b"hello"[..], b"", b"a"]);
        assert_eq!(in_pieces(&framing, wire), b"hello||a|");
        // And a header of one byte is one.
        let header = crate::HeaderBlock::new("l").unwrap().allowing_bare_lf().ended_by(0);
        let framing = ByFirstByte::new([(b'\n'..=b'\n', header)]).unwrap();
        let wire = b"\nhello\0\n\0\na\n\0";
        let messages: Vec<_> = cuts_agree(&framing, wire).unwrap().into_iter().map(|(message, _)| message).collect();
        assert_eq!(messages, [&b"\nhello"[..], b"\n", b"\na\n"]);
        assert_eq!(in_pieces(&framing, wire), b"\nhello|\n|\na\n|");
    }

    #[test]
    fn a_first_byte_that_stays_after_makes_no_delimiter_with_what_comes_later() {
        assert_eq!(in_pieces(&mixed(), b"\ra\nb\r\n"), b"\ra\nb|");
    }

    #[test]
    fn a_frame_is_skipped_whose_first_byte_is_over_the_limit_already() {
        let skipped = |line: Delimited<[[u8; 2]; 1]>| {
            let framing = ByFirstByte::new([(0..=255, line)]).unwrap();
            let wire = b"\ra\nb\r\nxyz\r\n";
            for step in 1..=wire.len() {
                let mut decoder = Decoder::new(&framing).with_oversize(crate::Oversize::Skip);
                let mut seen = Vec::new();
                for chunk in wire.chunks(step) {
                    decoder.push(chunk).unwrap();
                    while let Err(error) = decoder.next_frame() {
                        seen.push((error.offset, error.kind));
                    }
                }
                let expected = [(0, DecodeErrorKind::Skipped { len: 6 }), (6, DecodeErrorKind::Skipped { len: 5 })];
                assert_eq!(seen, expected, "in chunks of {step}");
            }
        };
        let line = Delimited::new(*b"\r\n").unwrap();
        skipped(line.with_max_payload_len(0));
        // Even a delimiter alone is too long, so the first byte proves it.
        skipped(line.keeping_delimiter().with_max_payload_len(1));
    }

    #[test]
    fn of_two_refusals_the_first_is_told() {
        let framing = ByFirstByte::new([
            (0..=b'0', Prefix::u8().with_max_payload_len(1)),
            (b'1'..=b'9', Prefix::u8().with_max_payload_len(3)),
        ])
        .unwrap();
        assert_eq!(framing.envelope(b"hello"), Err(EncodeError::Oversize { len: 5, max: 1 }));
    }
}
