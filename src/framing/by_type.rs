//! The first byte is a type, and the type determines the length.

use crate::contract::{AtEof, Envelope, Extent, Framing, Located, Progress};
use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError, Truncated};
use crate::framing::fixed::Fixed;
use crate::short::ShortBytes;

/// The first byte of a message is its type, and a table says what follows each type: a number of bytes, or another
/// framing for the rest.
///
/// ```text
///  type     'P' → 2 bytes                'Q' → a 16-bit length prefix
///  offset   0   1   2                    0   1   2   3   4   5   6   7
///  wire     P   h   i                    Q   00  05  h   e   l   l   o
///           header payload                 header        payload
///  message  P h i                        Q h e l l o
/// ```
///
/// The type byte is part of the message: [`Frame::message`](crate::Frame::message) begins with it, and so does what
/// is given to `encode`. The payload is what comes after it. A type that the table does not have is an error.
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
/// Where the types need framings of several kinds, `F` can be `&dyn Framing`, an enum of one's own, or
/// `AnyFraming`.
///
/// Cost: constant time a frame beside that of the framing after the type; the value itself is 512 bytes and the table.
#[derive(Clone, Debug)]
pub struct ByType<F, T> {
    table: T,
    /// For each type byte, 1 + its index in the table, or 0.
    index: [u16; 256],
    framing: core::marker::PhantomData<F>,
}

/// Of the same entries in the same order.
impl<F, T: PartialEq> PartialEq for ByType<F, T> {
    fn eq(&self, other: &Self) -> bool {
        self.table == other.table
    }
}

impl<F, T: Eq> Eq for ByType<F, T> {}

/// What follows a type byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Body<F> {
    /// So many bytes of payload. May be 0.
    Len(u64),
    /// A frame of this framing.
    Framed(F),
}

impl<const N: usize> ByType<Fixed, [(u8, Body<Fixed>); N]> {
    /// Every type with the length of what follows its byte.
    ///
    /// # Errors
    ///
    /// As [`ByType::new`].
    pub fn lengths(table: [(u8, u64); N]) -> Result<Self, ConfigError> {
        Self::new(table.map(|(kind, len)| (kind, Body::Len(len))))
    }
}

impl<F: Framing, T: AsRef<[(u8, Body<F>)]>> ByType<F, T> {
    /// Every type with what follows its byte.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Empty`] for an empty table, [`ConfigError::DuplicateType`] for a type that stands in it twice.
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

    /// A table that is known to be right.
    pub(crate) fn from_table(table: T) -> Self {
        let mut index = [0; 256];
        for (number, &(kind, _)) in (1..=256).zip(table.as_ref()) {
            index[usize::from(kind)] = number;
        }
        Self { table, index, framing: core::marker::PhantomData }
    }

    /// The table, in the order in which it was given.
    pub fn table(&self) -> &[(u8, Body<F>)] {
        self.table.as_ref()
    }

    pub(crate) fn table_mut(&mut self) -> &mut [(u8, Body<F>)]
    where
        T: AsMut<[(u8, Body<F>)]>,
    {
        self.table.as_mut()
    }

    /// The same table over other framings.
    #[cfg(feature = "alloc")]
    pub(crate) fn map<G, U: FromIterator<(u8, Body<G>)>>(&self, map: impl Fn(&F) -> G) -> ByType<G, U> {
        let entries = self.table().iter().map(|(kind, rest)| match rest {
            Body::Len(len) => (*kind, Body::Len(*len)),
            Body::Framed(framing) => (*kind, Body::Framed(map(framing))),
        });
        ByType { table: entries.collect(), index: self.index, framing: core::marker::PhantomData }
    }

    #[inline]
    fn rest(&self, kind: u8) -> Option<&Body<F>> {
        let entry = usize::from(self.index[usize::from(kind)]).checked_sub(1)?;
        self.table.as_ref().get(entry).map(|(_, rest)| rest)
    }
}

/// How far the framing after the type byte got, in bytes that begin after that byte.
fn inner(progress: Progress) -> Progress {
    Progress { scanned: progress.scanned.saturating_sub(1), header: progress.header.saturating_sub(1), ..progress }
}

impl<F: Framing, T: AsRef<[(u8, Body<F>)]>> Framing for ByType<F, T> {
    #[inline]
    fn locate(&self, input: &[u8], progress: Progress) -> Result<Located, FrameError> {
        let Some((&found, after)) = input.split_first() else { return Ok(Located::header(1)) };
        match self.rest(found) {
            Some(&Body::Len(len)) => Ok(Located::Known(Extent::new(1, len, 0).with_message_header(1))),
            Some(Body::Framed(framing)) => match framing.locate(after, inner(progress)) {
                Ok(located) => Ok(located.nested(1)),
                Err(fault) => Err(fault.shifted(1)),
            },
            None => Err(FrameError::new(0, DecodeErrorKind::UnknownType { found })),
        }
    }

    #[inline]
    fn locate_by_header(&self, input: &[u8]) -> Option<Extent> {
        let (&found, after) = input.split_first()?;
        match self.rest(found)? {
            &Body::Len(len) => Some(Extent::new(1, len, 0).with_message_header(1)),
            Body::Framed(framing) => Some(framing.locate_by_header(after)?.nested(1)),
        }
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let (&found, payload) = message.split_first().ok_or(EncodeError::TooShort { len: 0, min: 1 })?;
        match self.rest(found) {
            Some(&Body::Len(len)) => {
                if payload.len() as u64 != len {
                    let expected = len.saturating_add(1);
                    return Err(EncodeError::WrongLength { len: message.len() as u64, expected });
                }
                Ok(Envelope::new(ShortBytes::empty()))
            }
            Some(Body::Framed(framing)) => {
                framing.envelope(payload).map_err(|refusal| refusal.shifted(1))?.nested(&[found])
            }
            None => Err(EncodeError::UnknownType { found }),
        }
    }

    fn at_eof(&self, rest: &[u8], progress: Progress) -> Result<AtEof, FrameError> {
        let Some((&found, after)) = rest.split_first() else { return Ok(AtEof::Clean) };
        let Some(Body::Framed(framing)) = self.rest(found) else {
            return Ok(AtEof::Truncated(self.locate(rest, progress)?.cut(rest.len(), progress)));
        };
        match framing.at_eof(after, inner(progress)) {
            // The type byte came, and nothing of what it announces.
            Ok(AtEof::Clean) => Ok(AtEof::Truncated(match self.locate(rest, progress)? {
                Located::Open { .. } => Truncated::Unterminated { have: 1 },
                located => located.cut(rest.len(), progress),
            })),
            Ok(AtEof::Frame(extent)) => Ok(AtEof::Frame(extent.nested(1))),
            Ok(AtEof::Truncated(Truncated::Header { have, need })) => {
                Ok(AtEof::Truncated(Truncated::Header { have: have.saturating_add(1), need: need.saturating_add(1) }))
            }
            Ok(AtEof::Truncated(Truncated::Unterminated { have })) => {
                Ok(AtEof::Truncated(Truncated::Unterminated { have: have.saturating_add(1) }))
            }
            Ok(AtEof::Truncated(cut)) => Ok(AtEof::Truncated(cut)),
            Err(fault) => Err(fault.shifted(1)),
        }
    }

    fn patch(&self, message: &[u8]) -> Result<Option<crate::contract::Patch>, EncodeError> {
        let Some((&found, payload)) = message.split_first() else { return Ok(None) };
        let Some(Body::Framed(framing)) = self.rest(found) else { return Ok(None) };
        let patch = framing.patch(payload).map_err(|refusal| refusal.shifted(1))?;
        Ok(patch.map(|inner| crate::contract::Patch { at: inner.at.saturating_add(1), ..inner }))
    }

    fn max_payload_len(&self) -> u64 {
        let greatest = self.table().iter().map(|(_, rest)| match rest {
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
    fn tables_are_equal_whose_entries_are_equal() {
        let table = ByType::lengths([(b'a', 1), (b'b', 2)]).unwrap();
        assert_eq!(table, ByType::lengths([(b'a', 1), (b'b', 2)]).unwrap());
        assert_ne!(table, ByType::lengths([(b'a', 1), (b'b', 3)]).unwrap());
        assert_ne!(table, ByType::lengths([(b'b', 2), (b'a', 1)]).unwrap());
    }

    #[test]
    fn the_header_alone_tells_what_stands_after_a_type() {
        let framing = ByType::new([(b'a', Body::Len(2)), (b'b', Body::Framed(Prefix::u8()))]).unwrap();
        assert_eq!(framing.locate_by_header(b"a"), Some(Extent::new(1, 2, 0).with_message_header(1)));
        assert_eq!(framing.locate_by_header(b"b\x05"), Some(Extent::new(2, 5, 0).with_message_header(1)));
        for none in [&b""[..], b"b", b"c\x05"] {
            assert_eq!(framing.locate_by_header(none), None);
        }
    }

    #[test]
    fn a_length_inside_the_message_is_put_in_after_the_type() {
        let field = LengthField::new(1, Binary::u8());
        let framing = ByType::new([(b'a', Body::Len(2)), (b'b', Body::Framed(field))]).unwrap();
        let mut out = Vec::new();
        framing.encode_with(&mut out, |out| out.extend_from_slice(b"bx?hello")).unwrap();
        framing.encode_with(&mut out, |out| out.extend_from_slice(b"ahi")).unwrap();
        assert_eq!(out, b"bx\x05helloahi");
    }

    #[test]
    fn the_type_is_no_part_of_a_header_after_it_that_is_not_read_again() {
        let header = HeaderBlock::new("l").unwrap().with_start_line().allowing_bare_lf().ended_by(0);
        let framing = ByType::new([(b'a', Body::Framed(header))]).unwrap();
        let seen = cuts_agree(&framing, b"aX\n\n\0aY\n\nhello\0").unwrap();
        assert_eq!(seen, [(b"aX\n\n".to_vec(), 5), (b"aY\n\nhello".to_vec(), 10)]);
    }
}
