//! The first byte is a type, and the type determines the length.

use crate::error::{ConfigError, Cut, Fault, FaultKind, Refusal};
use crate::framing::fixed::Fixed;
use crate::framing::{AtEnd, Envelope, Extent, Framing, Located, Progress};
use crate::head::Head;

/// The first byte of a message is its type, and a table says what follows each type: a number of bytes, or another
/// framing for the rest.
///
/// ```text
///  type     'P' → 2 bytes                'Q' → a 16-bit length prefix
///  offset   0   1   2                    0   1   2   3   4   5   6   7
///  wire     P   h   i                    Q   00  05  h   e   l   l   o
///           head payload                 head        payload
///  message  P h i                        Q h e l l o
/// ```
///
/// The type byte is part of the message: [`Frame::message`](crate::Frame::message) begins with it, and so does what
/// is given to `encode`. The payload is what comes behind it. A type that the table does not have is an error.
///
/// ```
/// use anysplit::{ByType, Decoder, Framing, Prefix, Rest};
///
/// let framing = ByType::new([(b'P', Rest::Len(2)), (b'Q', Rest::Framed(Prefix::u16_be()))])?;
/// let mut wire = Vec::new();
/// framing.encode(b"Phi", &mut wire)?;
/// framing.encode(b"Qhello", &mut wire)?;
/// assert_eq!(wire, b"PhiQ\x00\x05hello");
///
/// let mut decoder = Decoder::new(framing);
/// decoder.push(&wire)?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"Phi");
/// let frame = decoder.next_frame()?.unwrap();
/// assert_eq!((frame.head(), frame.payload()), (&b"Q\x00\x05"[..], &b"hello"[..]));
/// assert_eq!(frame.message(), b"Qhello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Where the types need framings of several kinds, `F` can be `&dyn Framing`, an enum of one's own, or
/// `AnyFraming`.
///
/// Cost: constant time a frame beside that of the framing behind the type; the value itself is 512 bytes and the table.
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
pub enum Rest<F> {
    /// So many bytes of payload. May be 0.
    Len(u64),
    /// A frame of this framing.
    Framed(F),
}

impl<const N: usize> ByType<Fixed, [(u8, Rest<Fixed>); N]> {
    /// Every type with the length of what follows its byte.
    ///
    /// # Errors
    ///
    /// As [`ByType::new`].
    pub fn lengths(table: [(u8, u64); N]) -> Result<Self, ConfigError> {
        Self::new(table.map(|(kind, len)| (kind, Rest::Len(len))))
    }
}

impl<F: Framing, T: AsRef<[(u8, Rest<F>)]>> ByType<F, T> {
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
    pub fn table(&self) -> &[(u8, Rest<F>)] {
        self.table.as_ref()
    }

    pub(crate) fn table_mut(&mut self) -> &mut [(u8, Rest<F>)]
    where
        T: AsMut<[(u8, Rest<F>)]>,
    {
        self.table.as_mut()
    }

    /// The same table over other framings.
    #[cfg(feature = "alloc")]
    pub(crate) fn map<G, U: FromIterator<(u8, Rest<G>)>>(&self, map: impl Fn(&F) -> G) -> ByType<G, U> {
        let entries = self.table().iter().map(|(kind, rest)| match rest {
            Rest::Len(len) => (*kind, Rest::Len(*len)),
            Rest::Framed(framing) => (*kind, Rest::Framed(map(framing))),
        });
        ByType { table: entries.collect(), index: self.index, framing: core::marker::PhantomData }
    }

    #[inline]
    fn rest(&self, kind: u8) -> Option<&Rest<F>> {
        let entry = usize::from(self.index[usize::from(kind)]).checked_sub(1)?;
        self.table.as_ref().get(entry).map(|(_, rest)| rest)
    }
}

/// How far the framing behind the type byte got, in bytes that begin behind that byte.
fn inner(progress: Progress) -> Progress {
    Progress { scanned: progress.scanned.saturating_sub(1), head: progress.head.saturating_sub(1), ..progress }
}

impl<F: Framing, T: AsRef<[(u8, Rest<F>)]>> Framing for ByType<F, T> {
    #[inline]
    fn locate(&self, input: &[u8], progress: Progress) -> Result<Located, Fault> {
        let Some((&found, behind)) = input.split_first() else { return Ok(Located::head(1)) };
        match self.rest(found) {
            Some(&Rest::Len(len)) => Ok(Located::Known(Extent::new(1, len, 0).with_front(1))),
            Some(Rest::Framed(framing)) => match framing.locate(behind, inner(progress)) {
                Ok(located) => Ok(located.nested(1)),
                Err(fault) => Err(fault.shifted(1)),
            },
            None => Err(Fault::new(0, FaultKind::UnknownType { found })),
        }
    }

    #[inline]
    fn locate_by_head(&self, input: &[u8]) -> Option<Extent> {
        let (&found, behind) = input.split_first()?;
        match self.rest(found)? {
            &Rest::Len(len) => Some(Extent::new(1, len, 0).with_front(1)),
            Rest::Framed(framing) => Some(framing.locate_by_head(behind)?.nested(1)),
        }
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, Refusal> {
        let (&found, payload) = message.split_first().ok_or(Refusal::TooShort { len: 0, min: 1 })?;
        match self.rest(found) {
            Some(&Rest::Len(len)) => {
                if payload.len() as u64 != len {
                    let expected = len.saturating_add(1);
                    return Err(Refusal::WrongLength { len: message.len() as u64, expected });
                }
                Ok(Envelope::new(Head::empty()))
            }
            Some(Rest::Framed(framing)) => {
                framing.envelope(payload).map_err(|refusal| refusal.shifted(1))?.nested(&[found])
            }
            None => Err(Refusal::UnknownType { found }),
        }
    }

    fn at_end(&self, rest: &[u8], progress: Progress) -> Result<AtEnd, Fault> {
        let Some((&found, behind)) = rest.split_first() else { return Ok(AtEnd::Clean) };
        let Some(Rest::Framed(framing)) = self.rest(found) else {
            return Ok(AtEnd::Cut(self.locate(rest, progress)?.cut(rest.len(), progress)));
        };
        match framing.at_end(behind, inner(progress)) {
            // The type byte came, and nothing of what it announces.
            Ok(AtEnd::Clean) => Ok(AtEnd::Cut(match self.locate(rest, progress)? {
                Located::Open { .. } => Cut::Unterminated { have: 1 },
                located => located.cut(rest.len(), progress),
            })),
            Ok(AtEnd::Frame(extent)) => Ok(AtEnd::Frame(extent.nested(1))),
            Ok(AtEnd::Cut(Cut::Head { have, need })) => {
                Ok(AtEnd::Cut(Cut::Head { have: have.saturating_add(1), need: need.saturating_add(1) }))
            }
            Ok(AtEnd::Cut(Cut::Unterminated { have })) => {
                Ok(AtEnd::Cut(Cut::Unterminated { have: have.saturating_add(1) }))
            }
            Ok(AtEnd::Cut(cut)) => Ok(AtEnd::Cut(cut)),
            Err(fault) => Err(fault.shifted(1)),
        }
    }

    fn amendment(&self, message: &[u8]) -> Result<Option<crate::framing::Amendment>, Refusal> {
        let Some((&found, payload)) = message.split_first() else { return Ok(None) };
        let Some(Rest::Framed(framing)) = self.rest(found) else { return Ok(None) };
        let amendment = framing.amendment(payload).map_err(|refusal| refusal.shifted(1))?;
        Ok(amendment.map(|inner| crate::framing::Amendment { at: inner.at.saturating_add(1), ..inner }))
    }

    fn max_payload_len(&self) -> u64 {
        let greatest = self.table().iter().map(|(_, rest)| match rest {
            Rest::Len(len) => *len,
            Rest::Framed(framing) => framing.max_payload_len(),
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
    fn the_head_alone_tells_what_stands_behind_a_type() {
        let framing = ByType::new([(b'a', Rest::Len(2)), (b'b', Rest::Framed(Prefix::u8()))]).unwrap();
        assert_eq!(framing.locate_by_head(b"a"), Some(Extent::new(1, 2, 0).with_front(1)));
        assert_eq!(framing.locate_by_head(b"b\x05"), Some(Extent::new(2, 5, 0).with_front(1)));
        for none in [&b""[..], b"b", b"c\x05"] {
            assert_eq!(framing.locate_by_head(none), None);
        }
    }

    #[test]
    fn a_length_inside_the_message_is_put_in_behind_the_type() {
        let field = LengthField::new(1, Binary::u8());
        let framing = ByType::new([(b'a', Rest::Len(2)), (b'b', Rest::Framed(field))]).unwrap();
        let mut out = Vec::new();
        framing.encode_with(&mut out, |out| out.extend_from_slice(b"bx?hello")).unwrap();
        framing.encode_with(&mut out, |out| out.extend_from_slice(b"ahi")).unwrap();
        assert_eq!(out, b"bx\x05helloahi");
    }

    #[test]
    fn the_type_is_no_part_of_a_head_behind_it_that_is_not_read_again() {
        let head = HeaderBlock::new("l").unwrap().with_start_line().allowing_bare_lf().ended_by(0);
        let framing = ByType::new([(b'a', Rest::Framed(head))]).unwrap();
        let seen = cuts_agree(&framing, b"aX\n\n\0aY\n\nhello\0").unwrap();
        assert_eq!(seen, [(b"aX\n\n".to_vec(), 5), (b"aY\n\nhello".to_vec(), 10)]);
    }
}
