//! What the bytes of another framing's headers may be.

use crate::contract::{AtEof, Envelope, Framing, Located, NextStart, Part, Patch, Progress};
use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError};
use crate::short::ShortBytes;

/// Rules for single bytes at fixed offsets in the frames of another framing.
///
/// ```text
///  offset    0   1   2   3   4   …
///  wire      68  05  05  68  …        byte 0 is 68, byte 2 equals byte 1, byte 3 is 68: IEC 60870-5
///            d3  00  05  …            byte 0 is d3, the upper six bits of byte 1 are 0: RTCM 3
/// ```
///
/// On links that lose bytes a reader finds the next frame by such bytes. The more of a header is known, the fewer
/// positions look like a frame. The rules bind both directions. A rule for a byte after the frame's last one is met.
///
/// # Errors
///
/// At the first byte that breaks a rule: [`DecodeErrorKind::Mismatch`] if only one byte is allowed there, otherwise
/// [`DecodeErrorKind::Forbidden`]. Those of the inner framing, if earlier bytes prove them. Encoding fails with
/// [`EncodeError::Header`], whose index counts from the start of the frame. It refuses frames that are rewritten.
///
/// # Cost
///
/// That of the inner framing, and one comparison for each rule and each call.
///
/// # Examples
///
/// ```
/// use anysplit::number::{Binary, Bits};
/// use anysplit::{ByteRule, Decoder, Framing, LengthField, Plausible};
///
/// let field = LengthField::new(1, Bits::new(Binary::u16_be(), 0x03ff)?)?;
/// let framing = Plausible::new(field, &[ByteRule::byte(0, 0xd3), ByteRule::masked(1, 0xfc, 0)])?;
/// let mut decoder = Decoder::new(framing);
/// decoder.push(b"\xd3\x00\x02hi\xd3\x44")?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"hi");
/// assert_eq!(decoder.next_frame().unwrap_err().offset, 6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Plausible<F> {
    inner: F,
    rules: [Option<ByteRule>; RULES],
}

/// How many rules a framing takes.
const RULES: usize = 8;

/// What one byte of a frame may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ByteRule {
    at: u16,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// These bits of it, from the first number to the second.
    Range { mask: u8, low: u8, high: u8 },
    /// What the byte at this offset is.
    Same(u16),
}

impl ByteRule {
    /// The byte at this offset is this one.
    #[must_use]
    pub const fn byte(at: u16, byte: u8) -> Self {
        Self::range(at, byte, byte)
    }

    /// The byte is one from `low` to `high`.
    #[must_use]
    pub const fn range(at: u16, low: u8, high: u8) -> Self {
        Self { at, kind: Kind::Range { mask: 0xff, low, high } }
    }

    /// Those bits of the byte that `mask` has are as in `bits`.
    #[must_use]
    pub const fn masked(at: u16, mask: u8, bits: u8) -> Self {
        Self { at, kind: Kind::Range { mask, low: bits, high: bits } }
    }

    /// The byte equals the one at the earlier offset `other`. [`Plausible::fill`] writes it.
    #[must_use]
    pub const fn same(at: u16, other: u16) -> Self {
        Self { at, kind: Kind::Same(other) }
    }

    /// Returns the offset of the byte, from the start of the frame.
    #[must_use]
    pub const fn offset(&self) -> u16 {
        self.at
    }

    #[cfg(feature = "spec")]
    pub(crate) const fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the error of a frame of these bytes, as far as the frame goes.
    #[inline]
    fn broken(&self, frame: &[u8]) -> Option<FrameError> {
        let at = usize::from(self.at);
        let found = *frame.get(at)?;
        let kind = match self.kind {
            Kind::Range { mask, low, high } if (low..=high).contains(&(found & mask)) => return None,
            Kind::Range { mask: 0xff, low, high } if low == high => DecodeErrorKind::Mismatch { found, expected: low },
            Kind::Range { .. } => DecodeErrorKind::Forbidden { found },
            Kind::Same(other) => match frame.get(usize::from(other)) {
                Some(&expected) if expected != found => DecodeErrorKind::Mismatch { found, expected },
                _ => return None,
            },
        };
        Some(FrameError::new(at, kind))
    }
}

impl<F: Framing> Plausible<F> {
    /// Creates a framing whose frames follow these rules, at most eight.
    ///
    /// # Errors
    ///
    /// [`ConfigError::TooMany`] for more; [`ConfigError::BitMask`] for a rule that no byte meets;
    /// [`ConfigError::Conflict`] for a byte that is to equal one that is not before it.
    pub fn new(inner: F, rules: &[ByteRule]) -> Result<Self, ConfigError> {
        if rules.len() > RULES {
            return Err(ConfigError::TooMany { found: rules.len(), max: RULES });
        }
        for rule in rules {
            match rule.kind {
                Kind::Range { mask, low, high } if !(0..=u8::MAX).any(|byte| (low..=high).contains(&(byte & mask))) => {
                    return Err(ConfigError::BitMask { found: mask.into() });
                }
                Kind::Same(other) if other >= rule.at => {
                    return Err(ConfigError::Conflict("a byte that equals another stands after it"));
                }
                _ => {}
            }
        }
        let mut all = [None; RULES];
        for (place, rule) in all.iter_mut().zip(rules) {
            *place = Some(*rule);
        }
        Ok(Self { inner, rules: all })
    }

    /// Writes what the framing fills in, a length and the bytes that equal others, into a message that has room for them.
    ///
    /// # Errors
    ///
    /// An [`EncodeError`] if the message has no complete header or its length does not fit. It is then unchanged.
    pub fn fill(&self, message: &mut [u8]) -> Result<(), EncodeError> {
        if let Some(Patch { at, len, bytes }) = self.patch(message)? {
            if bytes.len() != len {
                return Err(EncodeError::WrongLength { len: len as u64, expected: bytes.len() as u64 });
            }
            if let Some(field) = message.get_mut(at..).and_then(|after| after.get_mut(..len)) {
                field.copy_from_slice(&bytes);
            }
        }
        Ok(())
    }

    /// Returns the first broken rule among the bytes of the frame at the front of `input`.
    #[inline]
    fn broken(&self, frame: &[u8]) -> Option<FrameError> {
        self.rules.iter().flatten().filter_map(|rule| rule.broken(frame)).min_by_key(|error| error.at)
    }

    /// Returns where the last byte that has a rule ends.
    #[inline]
    fn end(&self) -> u64 {
        self.rules.iter().flatten().map(|rule| u64::from(rule.at) + 1).max().unwrap_or_default()
    }
}

impl<F> Plausible<F> {
    /// Creates a framing whose rules are known to fit.
    #[cfg(feature = "protocols")]
    pub(crate) const fn of_parts<const N: usize>(inner: F, rules: [ByteRule; N]) -> Self {
        const { assert!(N <= RULES, "too many rules") };
        let mut all = [None; RULES];
        let mut at = 0;
        while at < N {
            all[at] = Some(rules[at]);
            at += 1;
        }
        Self { inner, rules: all }
    }

    /// Replaces the framing.
    pub(crate) fn map<G>(self, change: impl FnOnce(F) -> G) -> Plausible<G> {
        Plausible { inner: change(self.inner), rules: self.rules }
    }

    /// Returns the framing of the frames.
    #[must_use]
    pub const fn inner(&self) -> &F {
        &self.inner
    }

    /// Returns the rules.
    pub fn rules(&self) -> impl Iterator<Item = &ByteRule> {
        self.rules.iter().flatten()
    }
}

impl<F: Framing> Framing for Plausible<F> {
    #[inline]
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let located = self.inner.locate(input, progress);
        // What follows was judged when these bytes came.
        if progress.consumed > 0 || matches!(located, Ok(Located::Filler(_))) {
            return located;
        }
        let frame_len = match located {
            Ok(Located::Known(extent)) => extent.frame_len(),
            _ => u64::MAX,
        };
        let frame = match usize::try_from(frame_len) {
            Ok(len) => input.get(..len).unwrap_or(input),
            Err(_) => input,
        };
        if let Some(broken) = self.broken(frame) {
            // An error that the bytes before prove was found when those had come.
            let mut before = Progress { previous: progress.previous, lenient: progress.lenient, ..Progress::default() };
            self.inner.locate(frame.get(..broken.at).unwrap_or(frame), &mut before)?;
            return Err(broken);
        }
        let missing = self.end().min(frame_len);
        Ok(match located? {
            Located::Known(_) if (input.len() as u64) < missing => Located::Header(missing),
            Located::Search { least, .. } if (input.len() as u64) < missing => Located::Header(least),
            // A byte with a rule may be wrong before there is news for the inner framing.
            Located::Wait(least) if (input.len() as u64) < missing => Located::Header(least),
            other => other,
        })
    }

    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        self.inner.check(part, sum)
    }

    fn open(&self, header: &[u8], payload: &mut [u8], at: u64, memo: &mut u64) -> usize {
        self.inner.open(header, payload, at, memo)
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        Ok(self.envelope_after(0, message)?.0)
    }

    fn envelope_after(&self, previous: u32, message: &[u8]) -> Result<(Envelope<'_>, u32), EncodeError> {
        let (envelope, next) = self.inner.envelope_after(previous, message)?;
        let Some(slices) = envelope.slices(message) else {
            return Err(EncodeError::Custom("rules for the bytes of a frame that is rewritten"));
        };
        let byte = |at: u16| {
            let mut at = usize::from(at);
            for slice in slices {
                match slice.get(at) {
                    Some(&byte) => return Some(byte),
                    None => at -= slice.len(),
                }
            }
            None
        };
        for rule in self.rules.iter().flatten() {
            // One byte, or two where one is to equal the other.
            let (Some(found), broken) = (byte(rule.at), *rule) else { continue };
            let error = match broken.kind {
                Kind::Range { .. } => ByteRule { at: 0, ..broken }.broken(&[found]),
                Kind::Same(other) => byte(other).and_then(|other| ByteRule::same(1, 0).broken(&[other, found])),
            };
            if let Some(error) = error {
                return Err(EncodeError::Header(FrameError::new(rule.at.into(), error.kind)));
            }
        }
        Ok((envelope, next))
    }

    fn seal(&self, message: &[u8], frame: &mut [u8]) {
        self.inner.seal(message, frame);
    }

    fn seal_after(&self, previous: u32, message: &[u8], frame: &mut [u8]) {
        self.inner.seal_after(previous, message, frame);
    }

    fn at_eof(&self, rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
        let end = self.inner.at_eof(rest, progress)?;
        match self.broken(rest) {
            Some(error) if progress.consumed == 0 => Err(error),
            _ => Ok(end),
        }
    }

    /// At a byte that the rules for offset 0 allow. Without such a rule, where the inner framing says.
    fn next_start(&self, input: &[u8], from: usize) -> NextStart {
        let first = || self.rules.iter().flatten().filter(|rule| rule.at == 0);
        if first().next().is_none() {
            return self.inner.next_start(input, from);
        }
        let begins = |byte: &u8| first().all(|rule| rule.broken(&[*byte]).is_none());
        let rest = input.get(from..).unwrap_or_default();
        match rest.iter().position(begins) {
            Some(at) => NextStart::At(from.saturating_add(at)),
            None => NextStart::NotBefore(from.max(input.len())),
        }
    }

    /// For a frame that begins with the message.
    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        let patch = self.inner.patch(message)?;
        let same = || self.rules.iter().flatten().filter(|rule| matches!(rule.kind, Kind::Same(_)));
        let Some(end) = same().map(|rule| usize::from(rule.at) + 1).max() else { return Ok(patch) };
        let end = patch.as_ref().map_or(end, |patch| end.max(patch.at.saturating_add(patch.len)));
        let too_short = EncodeError::TooShort { len: message.len() as u64, min: end as u64 };
        let mut bytes = [0; <ShortBytes>::CAPACITY];
        let lead = bytes.get_mut(..end).ok_or(EncodeError::HeaderTooLong { max: <ShortBytes>::CAPACITY })?;
        lead.copy_from_slice(message.get(..end).ok_or(too_short)?);
        if let Some(Patch { at, len, bytes: new }) = patch {
            let field = lead.get_mut(at..at.saturating_add(len)).filter(|field| field.len() == new.len());
            field.ok_or(EncodeError::Custom("a length that moves the bytes after it"))?.copy_from_slice(&new);
        }
        for rule in same() {
            if let Kind::Same(other) = rule.kind {
                lead[usize::from(rule.at)] = lead[usize::from(other)];
            }
        }
        Ok(Some(Patch { at: 0, len: end, bytes: ShortBytes::new(lead)? }))
    }

    fn max_payload_len(&self) -> u64 {
        self.inner.max_payload_len()
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::framing::testing::cuts_agree;
    use crate::number::Binary;
    use crate::{Delimited, LengthField};

    /// `68 len len 68`, and `len` bytes.
    fn ft12() -> Plausible<LengthField<Binary>> {
        let field = LengthField::new(1, Binary::u8()).unwrap().with_header_len(4).unwrap();
        let rules = [ByteRule::byte(0, 0x68), ByteRule::same(2, 1), ByteRule::byte(3, 0x68)];
        Plausible::new(field.with_max_payload_len(8), &rules).unwrap()
    }

    #[test]
    fn every_cut_gives_the_same_frames_and_errors() {
        for wire in [
            &b"\x68\x02\x02\x68hi\x68\x00\x00\x68"[..],
            b"\x69\x02\x02\x68hi",
            b"\x68\x02\x03\x68hi",
            b"\x68\x02\x02\x69hi",
            // The length is over the limit, and the byte after it is wrong.
            b"\x68\x09\x03\x68",
            b"\x67\x09\x03\x68",
        ] {
            let _ = cuts_agree(&ft12(), wire);
        }
    }

    #[test]
    fn first_byte_that_is_wrong_is_reported() {
        let error = |wire: &[u8]| ft12().locate(wire, &mut Progress::default()).unwrap_err();
        assert_eq!(error(b"\x68\x02\x03"), FrameError::new(2, DecodeErrorKind::Mismatch { found: 3, expected: 2 }));
        assert_eq!(error(b"\x68\x09\x03").kind, DecodeErrorKind::Oversize { len: 9, max: 8 });
        assert_eq!(error(b"\x67\x09\x03").at, 0);
        let ranges = [ByteRule::range(0, b'a', b'c'), ByteRule::masked(1, 0x0f, 1)];
        let line = Plausible::new(Delimited::line(), &ranges).unwrap();
        let located = |wire: &[u8]| line.locate(wire, &mut Progress::default());
        assert_eq!(located(b"d"), Err(FrameError::new(0, DecodeErrorKind::Forbidden { found: b'd' })));
        assert_eq!(located(b"ab"), Err(FrameError::new(1, DecodeErrorKind::Forbidden { found: b'b' })));
        assert!(located(b"aa\n").is_ok());
        // The second rule's byte is not in this frame.
        assert!(located(b"\nx").is_err());
        assert!(located(b"a\nx").is_err());
    }

    #[test]
    fn encoder_refuses_what_breaks_a_rule_and_fill_repairs_it() {
        let framing = ft12();
        let mut message = *b"\x68\x00\x00\x68hi";
        assert!(framing.envelope(&message).is_err());
        framing.fill(&mut message).unwrap();
        assert_eq!(&message, b"\x68\x02\x02\x68hi");
        assert!(framing.envelope(&message).is_ok());
        message[2] = 3;
        let kind = DecodeErrorKind::Mismatch { found: 3, expected: 2 };
        assert_eq!(framing.envelope(&message), Err(EncodeError::Header(FrameError::new(2, kind))));
    }

    #[test]
    fn rules_that_cannot_be_met_are_refused() {
        let new = |rule| Plausible::new(Delimited::line(), &[rule]).unwrap_err();
        assert_eq!(new(ByteRule::range(0, 2, 1)), ConfigError::BitMask { found: 0xff });
        assert_eq!(new(ByteRule::masked(0, 0x0f, 0x10)), ConfigError::BitMask { found: 0x0f });
        assert!(matches!(new(ByteRule::same(1, 1)), ConfigError::Conflict(_)));
        let nine = [ByteRule::byte(0, 0); 9];
        assert_eq!(Plausible::new(Delimited::line(), &nine).unwrap_err(), ConfigError::TooMany { found: 9, max: 8 });
    }
}
