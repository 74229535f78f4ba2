//! Checks bytes at known places in the frames of another framing.

use crate::contract::{AtEof, Envelope, Extent, Framing, Located, NextStart, Part, Patch, Progress};
use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError};
use crate::literal::Literal;
use crate::scan::ByteSet;
use crate::short::ShortBytes;

/// Another framing, with conditions for bytes of its frames: a sync word, a preface, a version, reserved bits.
///
/// ```text
///  offset    0   1   2   3   4   …
///  wire      68  05  05  68  …        byte 0 is 68, byte 2 equals byte 1, byte 3 is 68: IEC 60870-5-1, format FT 1.2
///            d3  00  05  …            byte 0 is d3, the upper six bits of byte 1 are 0: RTCM 3
/// ```
///
/// ```
/// use anysplit::number::Binary;
/// use anysplit::{ByteSet, Condition, DecodeErrorKind, Decoder, LengthField, Require};
///
/// // TLS: a type from 20 to 24, and the first byte of the version, which is 3.
/// let record = LengthField::new(3, Binary::u16_be())?;
/// let record = Require::new(record).with(Condition::one_of(0, ByteSet::range(20, 24))?)?.with(Condition::bytes(1, b"\x03")?)?;
/// let mut decoder = Decoder::new(record);
/// decoder.push(b"\x15\x03\x03\x00\x02\x01\x00GET / HTTP/1.1\r\n")?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"\x01\x00");
/// let error = decoder.next_frame().unwrap_err();
/// assert_eq!((error.offset, error.kind), (7, DecodeErrorKind::Forbidden { found: b'G' }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Offsets count from the start of the frame on the wire, or back from the end of its payload. A frame that ends before a
/// byte does not need it. A frame is known to its end only once the bytes that are counted from its start have arrived.
///
/// On links that lose bytes, [`Recovery::Resync`](crate::Recovery::Resync) looks for the next frame at a byte that the
/// conditions at offset 0 allow. The more of a header is known, the fewer places look like a frame.
///
/// # Errors
///
/// [`DecodeErrorKind::Mismatch`] and [`DecodeErrorKind::Forbidden`] at the first byte that is not as required, as soon as it
/// has arrived, and [`DecodeErrorKind::TooShort`] for [`Condition::below_payload_len`]; for bytes that are counted from the payload's end, with the frame's last byte. Of this and an error of the
/// other framing, the one that the earlier byte proves. The encoder refuses such messages, and frames that are rewritten.
///
/// # Cost
///
/// That of the other framing, and a comparison for each condition and call. Frames are located one by one, without the fast
/// path for the frames of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Require<F> {
    conditions: [Option<Condition>; Require::<()>::MOST],
    inner: F,
}

/// What [`Require`] asks of some bytes of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Condition {
    at: u16,
    from_end: bool,
    test: Test,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Test {
    Bytes(Literal),
    OneOf(ByteSet),
    /// The byte is less than the payload's length.
    BelowLen,
    /// The byte equals the one at this offset.
    Same(u16),
}

impl Condition {
    /// These bytes are at `at`, counted from the start of the frame.
    ///
    /// # Errors
    ///
    /// As [`Literal::new`].
    pub const fn bytes(at: u16, bytes: &[u8]) -> Result<Self, ConfigError> {
        match Literal::new(bytes) {
            Ok(bytes) => Ok(Self { at, from_end: false, test: Test::Bytes(bytes) }),
            Err(error) => Err(error),
        }
    }

    /// This byte is at `at`, counted from the start of the frame.
    #[must_use]
    pub const fn byte(at: u16, byte: u8) -> Self {
        Self { at, from_end: false, test: Test::Bytes(Literal::byte(byte)) }
    }

    /// The byte at `at`, counted from the start of the frame, is one of these: [`ByteSet::range`] and [`ByteSet::masked`]
    /// make such sets.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Empty`] for an empty set.
    pub const fn one_of(at: u16, set: ByteSet) -> Result<Self, ConfigError> {
        if set.is_empty() {
            return Err(ConfigError::Empty);
        }
        Ok(Self { at, from_end: false, test: Test::OneOf(set) })
    }

    /// The byte at `at` equals the one at `other`, which is nearer to the start of the frame. [`Require::fill`] writes it.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] if `other` is not less than `at`.
    pub const fn same(at: u16, other: u16) -> Result<Self, ConfigError> {
        if other >= at {
            return Err(ConfigError::Conflict("a byte can be compared only with an earlier one"));
        }
        Ok(Self { at, from_end: false, test: Test::Same(other) })
    }

    /// The header byte at `at`, counted from the start of the frame, is less than the length of the payload, as a padding
    /// length is. A byte after the header is not judged.
    #[must_use]
    pub const fn below_payload_len(at: u16) -> Self {
        Self { at, from_end: false, test: Test::BelowLen }
    }

    /// Counts the offset back from the end of the payload: 1 is its last byte.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] for 0, for bytes that would lie beyond the payload's end, and for a byte that is compared with
    /// another or with the length.
    pub const fn from_payload_end(mut self) -> Result<Self, ConfigError> {
        if self.at < self.len() || matches!(self.test, Test::BelowLen | Test::Same(_)) {
            return Err(ConfigError::Conflict("required bytes end after the payload's end"));
        }
        self.from_end = true;
        Ok(self)
    }

    /// How many bytes it judges.
    const fn len(&self) -> u16 {
        match &self.test {
            Test::Bytes(bytes) => bytes.len_u16(),
            Test::OneOf(_) | Test::BelowLen | Test::Same(_) => 1,
        }
    }

    /// Where the offset counts from, and the offset.
    #[cfg(feature = "spec")]
    pub(crate) const fn place(&self) -> (bool, u16) {
        (self.from_end, self.at)
    }

    #[cfg(feature = "spec")]
    pub(crate) const fn test(&self) -> &Test {
        &self.test
    }

    /// Judges the byte `index` places after the first.
    #[inline]
    fn judge(&self, index: u16, found: u8, byte: impl Fn(u64) -> Option<u8>) -> Result<(), DecodeErrorKind> {
        let expected = match &self.test {
            Test::Bytes(bytes) => bytes.as_slice().get(usize::from(index)).copied(),
            Test::Same(other) => byte((*other).into()),
            Test::OneOf(set) if !set.contains(found) => return Err(DecodeErrorKind::Forbidden { found }),
            Test::OneOf(_) | Test::BelowLen => None,
        };
        match expected {
            Some(expected) if expected != found => Err(DecodeErrorKind::Mismatch { found, expected }),
            _ => Ok(()),
        }
    }

    /// The first byte that is not as required. `byte` returns the bytes of a frame; the condition's first is at `start`.
    #[inline]
    fn broken(&self, start: u64, byte: impl Fn(u64) -> Option<u8>) -> Option<(u64, DecodeErrorKind)> {
        (0..self.len()).find_map(|index| {
            let at = start.saturating_add(index.into());
            self.judge(index, byte(at)?, &byte).err().map(|kind| (at, kind))
        })
    }

    /// Whether a frame may begin with this byte.
    fn allows_first(&self, first: u8) -> bool {
        self.judge(0, first, |_| None).is_ok()
    }

    /// Where it begins in a frame whose payload ends at `end`; `None` where it judges nothing.
    fn start(&self, end: u64) -> Option<u64> {
        match self.from_end {
            false => Some(self.at.into()),
            true => end.checked_sub(self.at.into()),
        }
    }
}

impl Require<()> {
    /// How many conditions there may be.
    const MOST: usize = 6;
}

impl<F> Require<F> {
    /// How many conditions there may be.
    pub const MOST_CONDITIONS: usize = Require::<()>::MOST;

    /// Returns `inner` without a condition.
    #[must_use]
    pub const fn new(inner: F) -> Self {
        Self { conditions: [None; Require::<()>::MOST], inner }
    }

    /// Creates one from conditions that are known to be valid.
    #[cfg(feature = "protocols")]
    pub(crate) const fn from_parts<const N: usize>(conditions: [Condition; N], inner: F) -> Self {
        const { assert!(N <= Require::<()>::MOST, "too many conditions") };
        let mut all = [None; Require::<()>::MOST];
        let mut at = 0;
        while at < N {
            all[at] = Some(conditions[at]);
            at += 1;
        }
        Self { conditions: all, inner }
    }

    /// Adds a condition.
    ///
    /// # Errors
    ///
    /// [`ConfigError::TooMany`] for more than [`MOST_CONDITIONS`](Self::MOST_CONDITIONS).
    pub fn with(mut self, condition: Condition) -> Result<Self, ConfigError> {
        match self.conditions.iter_mut().find(|slot| slot.is_none()) {
            Some(slot) => *slot = Some(condition),
            None => {
                return Err(ConfigError::TooMany { found: Require::<()>::MOST + 1, max: Require::<()>::MOST });
            }
        }
        Ok(self)
    }

    /// Returns the conditions, in the order in which they were added.
    pub fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.conditions.iter().flatten()
    }

    /// Returns the framing whose frames are judged.
    #[must_use]
    pub const fn inner(&self) -> &F {
        &self.inner
    }

    /// Replaces the framing.
    pub(crate) fn map<G>(self, change: impl FnOnce(F) -> G) -> Require<G> {
        Require { conditions: self.conditions, inner: change(self.inner) }
    }

    /// Where the last byte ends that is counted from the frame's start.
    #[inline]
    fn end(&self) -> u64 {
        let from_start = self.conditions().filter(|condition| !condition.from_end);
        from_start.map(|condition| u64::from(condition.at) + u64::from(condition.len())).max().unwrap_or_default()
    }

    fn counts_from_end(&self) -> bool {
        self.conditions().any(|condition| condition.from_end)
    }

    /// The first byte of `input` that is not as required, of those that are counted from the start.
    #[inline]
    fn broken(&self, input: &[u8]) -> Option<FrameError> {
        let from_start = self.conditions().filter(|condition| !condition.from_end);
        let broken = from_start.filter_map(|condition| {
            let byte = |at| input.get(usize::try_from(at).ok()?).copied();
            let (at, kind) = condition.broken(condition.at.into(), byte)?;
            Some(FrameError::new(usize::try_from(at).ok()?, kind))
        });
        broken.min_by_key(|error| error.at)
    }
}

impl<F: Framing> Require<F> {
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

    /// The conditions for bytes that equal others: where the byte is, and where the other.
    fn same(&self) -> impl Iterator<Item = (usize, usize)> {
        self.conditions().filter_map(|condition| match condition.test {
            Test::Same(other) => Some((condition.at.into(), other.into())),
            _ => None,
        })
    }

    /// Whether the frame that begins `input` ends before the byte at `at`, or has an error before it.
    #[cold]
    fn is_over_before(&self, input: &[u8], at: usize, progress: Progress) -> bool {
        let mut again = Progress { scanned: 0, carry: [0; 4], ..progress };
        match self.inner.locate(input.get(..at).unwrap_or(input), &mut again) {
            Ok(Located::Known(extent)) => extent.frame_len() <= at as u64,
            Ok(Located::Filler(_)) | Err(_) => true,
            Ok(_) => false,
        }
    }

    /// As [`Framing::locate`], without a judgement of payload bytes.
    fn locate_leniently(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let before = *progress;
        let located = match self.inner.locate(input, progress) {
            Ok(located) => located,
            Err(error) => {
                return Err(self
                    .broken(input)
                    .filter(|one| !self.is_over_before(input, one.at, before))
                    .unwrap_or(error));
            }
        };
        let header = match &located {
            Located::Known(extent) | Located::Search { so_far: extent, .. } => extent.header_len(),
            Located::Filler(_) => 0,
            Located::Wait(_) | Located::Header(_) => input.len(),
        };
        match self.broken(input.get(..header).unwrap_or(input)) {
            Some(error) => Err(error),
            None => Ok(match located {
                Located::Known(extent) if (input.len() as u64) < self.end().min(header as u64) => {
                    *progress = before;
                    Located::Header(extent.frame_len())
                }
                Located::Wait(len) if (input.len() as u64) < self.end() => Located::Header(len),
                other => other,
            }),
        }
    }

    fn flagged(&self, extent: Extent) -> Extent {
        if self.counts_from_end() { extent.checked().in_one_piece() } else { extent }
    }

    /// The byte that is not less than the payload's length.
    fn too_great(&self, input: &[u8], extent: Extent) -> Option<FrameError> {
        self.conditions().filter(|condition| matches!(condition.test, Test::BelowLen)).find_map(|condition| {
            let at = usize::from(condition.at);
            if at >= extent.header_len() {
                return None;
            }
            let least = u64::from(*input.get(at)?).saturating_add(1);
            let len = extent.payload_len();
            (least > len).then_some(FrameError::new(at, DecodeErrorKind::TooShort { len, min: least }))
        })
    }

    fn judge_end(&self, part: Part<'_>) -> Result<(), FrameError> {
        let end = (part.extent.header_len() as u64).saturating_add(part.extent.payload_len());
        let broken = self.conditions().filter(|condition| condition.from_end).filter_map(|condition| {
            condition.broken(condition.start(end)?, |at| part.within(at, at.saturating_add(1)).first().copied())
        });
        match broken.min_by_key(|(at, _)| *at) {
            Some((at, kind)) => Err(FrameError::new(usize::try_from(at).unwrap_or(usize::MAX), kind)),
            None => Ok(()),
        }
    }

    /// Judges what is written for `message`.
    fn allow(&self, message: &[u8], envelope: &Envelope<'_>) -> Result<(), EncodeError> {
        let Envelope::Around(around) = envelope else {
            return Err(EncodeError::Custom("a frame that is rewritten has no bytes that could be required"));
        };
        let [header, payload, trailer] = around.slices(message);
        let lens = [header, payload, trailer].map(|part| part.len() as u64);
        let end = lens[0].saturating_add(lens[1]);
        let byte = |at: u64| {
            let index = |at: Option<u64>| usize::try_from(at?).ok();
            let part = [header, payload, trailer].into_iter().zip([0, lens[0], end]);
            part.filter_map(|(part, start)| part.get(index(at.checked_sub(start))?).copied()).next()
        };
        for condition in self.conditions() {
            let broken = match condition.test {
                Test::BelowLen => None,
                _ => condition.start(end).and_then(|start| condition.broken(start, byte)),
            };
            let Some((at, kind)) = broken else { continue };
            let at = usize::try_from(at).unwrap_or(usize::MAX);
            let at = at.saturating_add(around.skip()).saturating_sub(header.len());
            return Err(match kind {
                DecodeErrorKind::Mismatch { found, expected } => EncodeError::Mismatch { at, found, expected },
                DecodeErrorKind::Forbidden { found } => EncodeError::Forbidden { at, found },
                other => EncodeError::Header(FrameError::new(at, other)),
            });
        }
        if self.conditions().any(|condition| matches!(condition.test, Test::BelowLen)) {
            if !header.is_empty() {
                let len = u16::try_from(header.len()).unwrap_or(u16::MAX);
                let extent = Extent::new(len, lens[1], 0);
                return self.too_great(header, extent).map_or(Ok(()), |error| Err(EncodeError::Header(error)));
            }
            // The header is part of the message, if there is one.
            let mut progress = Progress { lenient: true, ..Progress::default() };
            if let Ok(Located::Known(extent)) = self.inner.locate(message, &mut progress) {
                return self.too_great(message, extent).map_or(Ok(()), |error| Err(EncodeError::Header(error)));
            }
        }
        Ok(())
    }
}

impl<F: Framing> Framing for Require<F> {
    #[inline]
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        if progress.consumed > 0 {
            // They were judged when the payload began.
            let located = self.inner.locate(input, progress)?;
            if progress.lenient {
                return Ok(located);
            }
            return Ok(match located {
                Located::Known(extent) => Located::Known(self.flagged(extent)),
                Located::Search { so_far, least } => Located::Search { so_far: self.flagged(so_far), least },
                other => other,
            });
        }
        let before = *progress;
        if progress.lenient {
            return self.locate_leniently(input, progress);
        }
        if let Some(error) = self.broken(input) {
            if !self.is_over_before(input, error.at, before) {
                return Err(error);
            }
        }
        match self.inner.locate(input, progress)? {
            Located::Known(extent) => {
                let needed = self.end().min(extent.frame_len());
                if (input.len() as u64) < needed {
                    // The same frame will be located again.
                    *progress = before;
                    return Ok(Located::Header(extent.frame_len()));
                }
                match self.too_great(input, extent) {
                    Some(error) => Err(error),
                    None => Ok(Located::Known(self.flagged(extent))),
                }
            }
            Located::Search { least, .. } if (input.len() as u64) < self.end() => {
                // A framing around this one has not seen the payload yet.
                *progress = before;
                Ok(Located::Header(least))
            }
            Located::Search { so_far, least } => Ok(Located::Search { so_far: self.flagged(so_far), least }),
            // A byte that is waited for may be one that is judged.
            Located::Wait(len) => {
                Ok(if (input.len() as u64) < self.end() { Located::Header(len) } else { Located::Wait(len) })
            }
            other => Ok(other),
        }
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let envelope = self.inner.envelope(message)?;
        self.allow(message, &envelope)?;
        Ok(envelope)
    }

    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        let inner = self.inner.check(part, sum);
        // Frames that are judged come in one piece.
        if part.at > 0 || !part.is_last {
            return inner;
        }
        match (self.judge_end(part), inner) {
            (Err(error), Err(inner)) if inner.at < error.at => Err(inner),
            (Err(error), _) => Err(error),
            (Ok(()), inner) => inner,
        }
    }

    fn open(&self, header: &[u8], payload: &mut [u8], at: u64, memo: &mut u64) -> usize {
        self.inner.open(header, payload, at, memo)
    }

    fn seal(&self, message: &[u8], frame: &mut [u8]) {
        self.inner.seal(message, frame);
    }

    fn at_eof(&self, rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
        if progress.lenient {
            return self.inner.at_eof(rest, progress);
        }
        if progress.consumed == 0 {
            if let Some(error) = self.broken(rest) {
                if !self.is_over_before(rest, error.at, *progress) {
                    // `locate` has let it pass: the frame was cut.
                    return Ok(AtEof::Truncated);
                }
            }
        }
        let at_eof = match self.inner.at_eof(rest, progress) {
            // The bytes that are judged have not come.
            Err(_) if progress.consumed == 0 && !rest.is_empty() && (rest.len() as u64) < self.end() => {
                return Ok(AtEof::Truncated);
            }
            at_eof => at_eof?,
        };
        Ok(match at_eof {
            AtEof::Frame(extent) => AtEof::Frame(self.flagged(extent)),
            other => other,
        })
    }

    /// Finds a byte that the conditions for offset 0 allow. Without such a condition, the inner framing decides.
    fn next_start(&self, input: &[u8], from: usize) -> NextStart {
        let first = || self.conditions().filter(|condition| condition.at == 0 && !condition.from_end);
        if first().next().is_none() {
            return self.inner.next_start(input, from);
        }
        let rest = input.get(from..).unwrap_or_default();
        match rest.iter().position(|&byte| first().all(|condition| condition.allows_first(byte))) {
            Some(at) => NextStart::At(from.saturating_add(at)),
            None => NextStart::NotBefore(from.max(input.len())),
        }
    }

    fn envelope_after(&self, previous: u32, message: &[u8]) -> Result<(Envelope<'_>, u32), EncodeError> {
        let (envelope, next) = self.inner.envelope_after(previous, message)?;
        self.allow(message, &envelope)?;
        Ok((envelope, next))
    }

    fn seal_after(&self, previous: u32, message: &[u8], frame: &mut [u8]) {
        self.inner.seal_after(previous, message, frame);
    }

    /// For a frame that begins with the message.
    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        let patch = self.inner.patch(message)?;
        let Some(end) = self.same().map(|(at, _)| at + 1).max() else { return Ok(patch) };
        let end = patch.as_ref().map_or(end, |patch| end.max(patch.at.saturating_add(patch.len)));
        let too_short = EncodeError::TooShort { len: message.len() as u64, min: end as u64 };
        let mut bytes = [0; <ShortBytes>::CAPACITY];
        let lead = bytes.get_mut(..end).ok_or(EncodeError::HeaderTooLong { max: <ShortBytes>::CAPACITY })?;
        lead.copy_from_slice(message.get(..end).ok_or(too_short)?);
        if let Some(Patch { at, len, bytes: new }) = patch {
            let field = lead.get_mut(at..at.saturating_add(len)).filter(|field| field.len() == new.len());
            field.ok_or(EncodeError::Custom("a length that moves the bytes after it"))?.copy_from_slice(&new);
        }
        for (at, other) in self.same() {
            lead[at] = lead[other];
        }
        Ok(Some(Patch { at: 0, len: end, bytes: ShortBytes::new(lead)? }))
    }

    fn max_payload_len(&self) -> u64 {
        self.inner.max_payload_len()
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests;
