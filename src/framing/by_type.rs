//! The first byte is a type, and the type determines the length.

use crate::contract::shape::Kind;
use crate::contract::{AtEof, Envelope, Extent, Framing, Located, Part, Patch, Progress, Shape};
use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError};
use crate::framing::fixed::Fixed;
use crate::framing::nested::Nested;
use crate::number::Number;
use crate::short::ShortBytes;

/// The first byte of a message is its type, and a table gives the rest for each type: a number of bytes, or another
/// framing.
///
/// ```text
///  type     'P' → 2 bytes                'Q' → a 16-bit length prefix
///  offset   0   1   2                    0   1   2   3   4   5   6   7
///  wire     P   h   i                    Q   00  05  h   e   l   l   o
///           header payload                 header        payload
///  message  P h i                        Q h e l l o
/// ```
///
/// The type byte is part of the message: [`Frame::message`](crate::Frame::message) begins with it, and so does the
/// input of `encode`. The payload begins after it. A type that is not in the table is an error.
///
/// ```
/// use anysplit::{ByType, Decoder, Framing, Prefix, Body};
///
/// let framing = ByType::new([(b'P', Body::Len(2)), (b'Q', Body::Framed(Prefix::u16_be()))])?;
/// let mut wire = Vec::new();
/// framing.encode(b"Phi", &mut wire)?;
/// framing.encode(b"Qhello", &mut wire)?;
/// assert_eq!(wire, b"PhiQ\x00\x05hello");
///
/// let mut decoder = Decoder::new(framing);
/// decoder.push(&wire)?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"Phi");
/// let frame = decoder.next_frame()?.unwrap();
/// assert_eq!((frame.header(), frame.payload()), (&b"Q\x00\x05"[..], &b"hello"[..]));
/// assert_eq!(frame.message(), b"Qhello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Where the types need framings of several kinds, `F` can be [`Either`](crate::Either), `&dyn Framing`, an enum of one's
/// own, or `AnyFraming`. Framings that check or rewrite their frames are allowed. All of them share what a frame leaves for
/// the next one ([`Progress::next`]).
///
/// Errors: [`DecodeErrorKind::UnknownType`] for a type that is not in the table, those of the framings, and
/// [`DecodeErrorKind::HeaderTooLong`] where the type byte and a framing's header are more than 65,535 bytes.
///
/// Cost: constant time for each frame, and that of the framing after the type. The value itself is 512 bytes and the table.
/// The payload of a checked frame is returned in one piece.
#[derive(Clone, Copy, Debug)]
pub struct ByType<F, T> {
    table: T,
    /// For each type byte, 1 + its index in the table, or 0.
    index: [u16; 256],
    /// Whether every frame is known by its header.
    by_header: bool,
    framing: core::marker::PhantomData<F>,
}

/// Tables are equal if they have the same entries in the same order.
impl<F, T: PartialEq> PartialEq for ByType<F, T> {
    fn eq(&self, other: &Self) -> bool {
        self.table == other.table
    }
}

impl<F, T: Eq> Eq for ByType<F, T> {}

/// The part of a message after its type byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Body<F> {
    /// This many bytes of payload. May be 0.
    Len(u64),
    /// A frame of this framing.
    Framed(F),
}

impl<const N: usize> ByType<Fixed, [(u8, Body<Fixed>); N]> {
    /// Returns a framing with a length for each type: the number of bytes that follow its byte.
    ///
    /// # Errors
    ///
    /// As [`ByType::new`].
    pub fn lengths(table: [(u8, u64); N]) -> Result<Self, ConfigError> {
        Self::new(table.map(|(kind, len)| (kind, Body::Len(len))))
    }
}

impl<F: Framing, T: AsRef<[(u8, Body<F>)]>> ByType<F, T> {
    /// Returns a framing from pairs of a type and what follows its byte. An array works without an allocator.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Empty`] for an empty table, [`ConfigError::DuplicateType`] for a type that is in it twice.
    pub fn new(table: T) -> Result<Self, ConfigError> {
        let entries = table.as_ref();
        if entries.is_empty() {
            return Err(ConfigError::Empty);
        }
        // With more than 256 entries one of the first 257 is a duplicate.
        for (number, &(kind, _)) in entries.iter().take(257).enumerate() {
            if entries.iter().take(number).any(|&(earlier, _)| earlier == kind) {
                return Err(ConfigError::DuplicateType { found: kind });
            }
        }
        Ok(Self::from_table(table))
    }

    /// Creates one from a table that is known to be valid.
    pub(crate) fn from_table(table: T) -> Self {
        let mut index = [0; 256];
        for (number, &(kind, _)) in (1..=256).zip(table.as_ref()) {
            index[usize::from(kind)] = number;
        }
        let by_header = Self::all_by_header(table.as_ref());
        Self { table, index, by_header, framing: core::marker::PhantomData }
    }

    fn all_by_header(table: &[(u8, Body<F>)]) -> bool {
        table.iter().all(|(_, body)| match body {
            Body::Len(_) => true,
            Body::Framed(framing) => is_by_header(framing.shape()),
        })
    }

    /// Returns the table, in the order in which it was given.
    pub fn table(&self) -> &[(u8, Body<F>)] {
        self.table.as_ref()
    }

    /// Replaces the framing of each type.
    pub(crate) fn change(&mut self, change: impl Fn(&F) -> F)
    where
        T: AsMut<[(u8, Body<F>)]>,
    {
        for (_, body) in self.table.as_mut() {
            if let Body::Framed(framing) = body {
                *framing = change(framing);
            }
        }
        self.by_header = Self::all_by_header(self.table());
    }

    /// Replaces each framing; the types stay.
    #[cfg(feature = "alloc")]
    pub(crate) fn map<G, U>(&self, map: impl Fn(&F) -> G) -> ByType<G, U>
    where
        G: Framing,
        U: FromIterator<(u8, Body<G>)> + AsRef<[(u8, Body<G>)]>,
    {
        let entries = self.table().iter().map(|(kind, body)| match body {
            Body::Len(len) => (*kind, Body::Len(*len)),
            Body::Framed(framing) => (*kind, Body::Framed(map(framing))),
        });
        ByType::from_table(entries.collect())
    }

    #[inline]
    fn body(&self, kind: u8) -> Option<&Body<F>> {
        let entry = usize::from(self.index[usize::from(kind)]).checked_sub(1)?;
        self.table.as_ref().get(entry).map(|(_, body)| body)
    }

    /// The framing after the type byte at the start of `bytes`.
    #[inline]
    fn nested(&self, bytes: &[u8]) -> Option<Nested<'_, F>> {
        match self.body(*bytes.first()?)? {
            Body::Len(_) => None,
            Body::Framed(framing) => Some(Nested::in_message(framing, 1)),
        }
    }
}

/// Whether all frames are known by their headers.
pub(crate) fn is_by_header(shape: Shape<'_>) -> bool {
    match shape.0 {
        Kind::ByHeader => true,
        // Promises nothing for numbers from `below` on.
        Kind::Prefix { number, below, trailer: None } => number.max() < below,
        _ => false,
    }
}

impl<F: Framing, T: AsRef<[(u8, Body<F>)]>> Framing for ByType<F, T> {
    #[inline]
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let Some(&found) = input.first() else { return Ok(Located::Header(1)) };
        match self.body(found) {
            Some(&Body::Len(len)) => Ok(Located::Known(Extent::new(1, len, 0).with_message_header(1))),
            Some(Body::Framed(framing)) => Nested::in_message(framing, 1).locate(input, progress),
            None => Err(FrameError::new(0, DecodeErrorKind::UnknownType { found })),
        }
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        Ok(self.envelope_after(0, message)?.0)
    }

    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        self.nested(part.header).map_or(Ok(()), |nested| nested.check(part, sum))
    }

    fn open(&self, header: &[u8], payload: &mut [u8], at: u64, memo: &mut u64) -> usize {
        match self.nested(header) {
            Some(nested) => nested.open(header, payload, at, memo),
            None => payload.len(),
        }
    }

    fn seal(&self, message: &[u8], frame: &mut [u8]) {
        self.seal_after(0, message, frame);
    }

    fn at_eof(&self, rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
        match self.nested(rest) {
            Some(nested) => nested.at_eof(rest, progress),
            None if rest.is_empty() && progress.consumed == 0 => Ok(AtEof::Clean),
            None => Ok(AtEof::Truncated),
        }
    }

    fn envelope_after(&self, previous: u32, message: &[u8]) -> Result<(Envelope<'_>, u32), EncodeError> {
        let (&found, payload) = message.split_first().ok_or(EncodeError::TooShort { len: 0, min: 1 })?;
        match self.body(found) {
            Some(&Body::Len(len)) => {
                if payload.len() as u64 != len {
                    let expected = len.saturating_add(1);
                    return Err(EncodeError::WrongLength { len: message.len() as u64, expected });
                }
                Ok((Envelope::new(ShortBytes::empty()), 0))
            }
            Some(Body::Framed(framing)) => Nested::in_message(framing, 1).envelope_after(previous, &[found], message),
            None => Err(EncodeError::UnknownType { found }),
        }
    }

    fn seal_after(&self, previous: u32, message: &[u8], frame: &mut [u8]) {
        if let (Some(nested), Some(before)) = (self.nested(message), message.get(..1)) {
            nested.seal_after(previous, before, message, frame);
        }
    }

    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        self.nested(message).map_or(Ok(None), |nested| nested.patch(message))
    }

    #[inline]
    fn shape(&self) -> Shape<'_> {
        if self.by_header { Shape::by_header() } else { Shape::UNKNOWN }
    }

    fn max_payload_len(&self) -> u64 {
        let greatest = self.table().iter().map(|(_, body)| match body {
            Body::Len(len) => *len,
            Body::Framed(framing) => framing.max_payload_len(),
        });
        greatest.max().unwrap_or_default()
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    extern crate std;

    use super::*;
    use crate::framing::testing::cuts_agree;
    use crate::number::Binary;
    use crate::{HeaderBlock, LengthField, Prefix};
    use std::vec::Vec;

    #[test]
    fn tables_with_equal_entries_are_equal() {
        let table = ByType::lengths([(b'a', 1), (b'b', 2)]).unwrap();
        assert_eq!(table, ByType::lengths([(b'a', 1), (b'b', 2)]).unwrap());
        assert_ne!(table, ByType::lengths([(b'a', 1), (b'b', 3)]).unwrap());
        assert_ne!(table, ByType::lengths([(b'b', 2), (b'a', 1)]).unwrap());
    }

    #[test]
    fn shape_is_by_header_where_every_body_is() {
        let field = LengthField::new(1, Binary::u8()).unwrap();
        let by_header = |body: Body<&dyn Framing>| {
            let table = [(b'a', Body::Len(2)), (b'b', body)];
            ByType::<&dyn Framing, _>::new(table).unwrap().shape() == Shape::by_header()
        };
        assert!(by_header(Body::Len(0)));
        assert!(by_header(Body::Framed(&Fixed::new(3).unwrap())));
        assert!(by_header(Body::Framed(&Prefix::u8())));
        assert!(by_header(Body::Framed(&field)));
        assert!(!by_header(Body::Framed(&Prefix::netstring())));
        assert!(!by_header(Body::Framed(&crate::Delimited::line())));
    }

    #[test]
    fn length_inside_the_message_is_put_in_after_the_type() {
        let field = LengthField::new(1, Binary::u8()).unwrap();
        let framing = ByType::new([(b'a', Body::Len(2)), (b'b', Body::Framed(field))]).unwrap();
        let mut out = Vec::new();
        framing.encode_with(&mut out, |out| out.extend_from_slice(b"bx?hello")).unwrap();
        framing.encode_with(&mut out, |out| out.extend_from_slice(b"ahi")).unwrap();
        assert_eq!(out, b"bx\x05helloahi");
    }

    #[test]
    fn header_that_is_not_read_again_begins_after_the_type() {
        let header = HeaderBlock::new("l").unwrap().with_start_line().allowing_bare_lf().ended_by(0);
        let framing = ByType::new([(b'a', Body::Framed(header))]).unwrap();
        let seen = cuts_agree(&framing, b"aX\n\n\0aY\n\nhello\0").unwrap();
        assert_eq!(seen, [(b"aX\n\n".to_vec(), 5), (b"aY\n\nhello".to_vec(), 10)]);
    }

    #[test]
    fn header_of_the_type_and_65535_bytes_is_refused_both_ways() {
        let field = LengthField::new(65_534, Binary::u8()).unwrap();
        let framing = ByType::new([(b'a', Body::Framed(field))]).unwrap();
        let mut frame = std::vec![b'a'; 65_536];
        frame[65_535] = 0;
        let mut out = Vec::new();
        assert_eq!(framing.encode(&frame, &mut out), Err(EncodeError::HeaderTooLong { max: 65_535 }));
        let error = FrameError::new(0, DecodeErrorKind::HeaderTooLong { max: 65_535 });
        assert_eq!(framing.locate(&frame, &mut Progress::default()), Err(error));
        let mut progress = Progress::default();
        for end in 0..frame.len() {
            assert!(!matches!(framing.locate(&frame[..end], &mut progress), Ok(Located::Known(_)) | Err(_)));
        }
        assert_eq!(framing.locate(&frame, &mut progress), Err(error));
    }

    #[test]
    fn checked_and_rewritten_bodies_round_trip() {
        let slip = crate::Stuffed::new(crate::stuffing::Cobs);
        let table: [(u8, Body<&dyn Framing>); 3] =
            [(b'a', Body::Len(2)), (b'n', Body::Framed(&Prefix::netstring())), (b's', Body::Framed(&slip))];
        // An array of references needs no allocator, and the table is `Copy`.
        let framing = ByType::<&dyn Framing, _>::new(table).unwrap();
        let copy = framing;
        let mut wire = Vec::new();
        for message in [&b"ahi"[..], b"nhello", b"sa\0b"] {
            framing.encode(message, &mut wire).unwrap();
        }
        assert_eq!(wire, b"ahin5:hello,s\x02a\x02b\0");
        let seen = cuts_agree(&copy, &wire).unwrap();
        assert_eq!(seen, [(b"ahi".to_vec(), 3), (b"nhello".to_vec(), 9), (b"sa\0b".to_vec(), 6)]);
        assert!(cuts_agree(&copy, b"ahin5:hello;").unwrap_err().contains("offset: 11"));
    }
}
