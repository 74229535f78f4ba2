//! The first byte of a frame chooses its framing.

use core::ops::RangeInclusive;

use crate::contract::{AtEof, Envelope, Extent, Framing, Located, Part, Patch, Progress};
use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError};
use crate::framing::nested::{begins_with_filler, share_words};

/// The first byte of a frame chooses its framing, and is part of what that framing reads.
///
/// For streams that begin in one form and go on in another, such as SSH's line before its packets or the preface of
/// HTTP/2, and for those that mix two forms, such as syslog's counted octets and lines. Where the first byte is a type
/// before the framing's own bytes, see [`ByType`](crate::ByType).
///
/// ```text
///  '1' to '9' → digits and a blank       '<' → a line
///  offset   0   1   2   3   4   5   6    0   1   2   3   4   5
///  wire     5   _   <   1   3   >   a    <   1   3   >   a   \n     (_ is the blank)
///           header    payload            payload             trailer
/// ```
///
/// A frame is what the chosen framing makes of all its bytes, the first included. Framings that check or rewrite
/// their frames are allowed.
///
/// A message is written with the first framing of the table that takes it and that decoding would choose for the result.
/// If a framing refuses the message for its type, and the message's own first byte is in that framing's range, no other is
/// tried: a type that is not in the table is not written as something else.
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
/// Errors: [`DecodeErrorKind::UnknownType`] for a first byte that is in no range, those of the framings, and
/// [`DecodeErrorKind::Custom`] for a framing that leaves more than 23 bits for the next frame ([`Progress::next`]): the
/// other bits keep the first byte. All framings of the table share that word.
///
/// Cost: the table is searched in order once for each call; add the cost of the framing. A frame that is
/// rewritten is encoded twice, because its first byte has to be known first; without an allocator such a frame has at
/// most 256 bytes. The payload of a frame without a header that is checked or rewritten is passed on as one
/// piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ByFirstByte<F, T> {
    table: T,
    framing: core::marker::PhantomData<F>,
}

/// The bytes from one to another, both included: a [`RangeInclusive<u8>`] that is `Copy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ByteRange {
    start: u8,
    end: u8,
}

impl ByteRange {
    /// Returns the bytes from `start` to `end`; no bytes if `end` is less.
    #[must_use]
    pub const fn new(start: u8, end: u8) -> Self {
        Self { start, end }
    }

    /// Returns the first byte.
    #[must_use]
    pub const fn start(&self) -> u8 {
        self.start
    }

    /// Returns the last byte.
    #[must_use]
    pub const fn end(&self) -> u8 {
        self.end
    }

    /// Returns whether `byte` is one of them.
    #[inline]
    #[must_use]
    pub const fn contains(&self, byte: u8) -> bool {
        self.start <= byte && byte <= self.end
    }

    /// Returns whether the range has no byte.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.start > self.end
    }
}

impl From<RangeInclusive<u8>> for ByteRange {
    fn from(range: RangeInclusive<u8>) -> Self {
        // A range that was iterated to its end is empty whatever its bounds are.
        if range.is_empty() { Self::new(1, 0) } else { Self::new(*range.start(), *range.end()) }
    }
}

impl<F: Framing, const N: usize> ByFirstByte<F, [(ByteRange, F); N]> {
    /// Returns a framing from ranges of first bytes, each with the framing of the frames that begin with one of them. Works
    /// without an allocator.
    ///
    /// # Errors
    ///
    /// As [`with_table`](Self::with_table).
    pub fn new(table: [(RangeInclusive<u8>, F); N]) -> Result<Self, ConfigError> {
        Self::with_table(table.map(|(range, framing)| (range.into(), framing)))
    }
}

impl<F: Framing, T: AsRef<[(ByteRange, F)]>> ByFirstByte<F, T> {
    /// As [`new`](ByFirstByte::new), from a table of any kind, such as a `Vec`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Empty`] for an empty table, [`ConfigError::Conflict`] for an empty range,
    /// [`ConfigError::DuplicateType`] for a byte in two ranges.
    pub fn with_table(table: T) -> Result<Self, ConfigError> {
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
                return Err(ConfigError::DuplicateType { found: range.start().max(other.start()) });
            }
        }
        Ok(Self::from_table(table))
    }

    /// Creates one from a table that is known to be valid.
    pub(crate) const fn from_table(table: T) -> Self {
        Self { table, framing: core::marker::PhantomData }
    }

    /// Replaces each framing; the ranges stay.
    #[cfg(feature = "alloc")]
    pub(crate) fn map<G: Framing, U>(&self, map: impl Fn(&F) -> G) -> ByFirstByte<G, U>
    where
        U: FromIterator<(ByteRange, G)> + AsRef<[(ByteRange, G)]>,
    {
        ByFirstByte::from_table(self.table().iter().map(|(range, framing)| (*range, map(framing))).collect())
    }

    /// Returns the table, in the order in which it was given.
    pub fn table(&self) -> &[(ByteRange, F)] {
        self.table.as_ref()
    }

    pub(crate) fn table_mut(&mut self) -> &mut [(ByteRange, F)]
    where
        T: AsMut<[(ByteRange, F)]>,
    {
        self.table.as_mut()
    }

    #[inline]
    fn chosen(&self, first: u8) -> Option<&F> {
        self.table().iter().find(|(range, _)| range.contains(first)).map(|(_, framing)| framing)
    }

    /// Returns the framing that writes `message`, with its envelope and the word for the next frame. `sealed` returns
    /// the first byte of a frame of this length that this framing rewrites.
    fn choose<'f>(
        &'f self,
        previous: u32,
        message: &[u8],
        mut sealed: impl FnMut(&'f F, u64) -> Result<Option<u8>, EncodeError>,
    ) -> Result<(Envelope<'f>, u32), EncodeError> {
        let mut refused = EncodeError::Empty;
        for (range, framing) in self.table() {
            match framing.envelope_after(previous, message) {
                Ok((envelope, next)) => {
                    let first = match &envelope {
                        Envelope::Rewritten { .. } if begins_with_filler(framing, previous) => Err(
                            EncodeError::Custom("a frame that begins with filler cannot be chosen by its first byte"),
                        ),
                        Envelope::Rewritten { len } => sealed(framing, *len),
                        Envelope::Around(around) => {
                            Ok(around.slices(message).iter().find_map(|part| part.first().copied()))
                        }
                    };
                    match first {
                        Ok(Some(first)) if range.contains(first) => return Ok((envelope, next)),
                        Ok(Some(found)) => refused = EncodeError::UnknownType { found },
                        Ok(None) => {}
                        Err(error) => refused = error,
                    }
                }
                Err(error @ EncodeError::UnknownType { found })
                    if range.contains(found) && message.first() == Some(&found) =>
                {
                    return Err(error);
                }
                // The first reason is the one to report: the table is in the writer's order of preference.
                Err(error) if refused == EncodeError::Empty => refused = error,
                Err(_) => {}
            }
        }
        Err(refused)
    }
}

/// The word of a frame is its framing's word, and below it 9 bits: 1 and the first byte while its end is searched for,
/// 0 otherwise. The byte itself has left the input when the payload of a frame without a header is passed on in pieces
/// or skipped, and the chosen framing must still search the rest of the payload.
///
/// The alternative is a header of one byte for such frames. It would stay in the input, but the framing must not
/// see it again, and a rewritten payload could not begin with it.
const CHOICE_BITS: u32 = 9;
const WORD: &str = "a framing chosen by its first byte leaves more than 23 bits for the next frame";

/// The byte that chooses the framing, if it has arrived.
#[inline]
fn choosing_byte(input: &[u8], progress: &Progress) -> Option<u8> {
    match progress.next & 1 {
        0 => input.first().copied(),
        _ => Some((progress.next >> 1).to_le_bytes()[0]),
    }
}

/// Calls the chosen framing with its own words in `progress`. The bits for the choice are left clear.
#[inline]
fn inside<T>(
    progress: &mut Progress,
    call: impl FnOnce(&mut Progress) -> Result<T, FrameError>,
) -> Result<T, FrameError> {
    share_words(progress, CHOICE_BITS, 0, WORD, call)
}

/// `check` and `open` see the first byte in the header, or at the payload's start. If there is no header, later parts
/// of a payload do not show which framing must check or open them.
#[inline]
const fn in_reach(extent: Extent) -> Extent {
    if extent.header_len() == 0 && (extent.is_checked() || extent.is_rewritten()) {
        extent.in_one_piece()
    } else {
        extent
    }
}

impl<F: Framing, T: AsRef<[(ByteRange, F)]>> Framing for ByFirstByte<F, T> {
    #[inline]
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let Some(found) = choosing_byte(input, progress) else { return Ok(Located::Header(1)) };
        let Some(framing) = self.chosen(found) else {
            return Err(FrameError::new(0, DecodeErrorKind::UnknownType { found }));
        };
        Ok(match inside(progress, |progress| framing.locate(input, progress))? {
            Located::Known(extent) => Located::Known(in_reach(extent)),
            Located::Search { so_far, least } => {
                progress.next |= u32::from(found) << 1 | 1;
                Located::Search { so_far: in_reach(so_far), least }
            }
            // Filler too: it is between frames here, and the byte after it chooses again.
            other => other,
        })
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        Ok(self.envelope_after(0, message)?.0)
    }

    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        part.header
            .first()
            .or(part.bytes.first())
            .and_then(|&first| self.chosen(first))
            .map_or(Ok(()), |framing| framing.check(part, sum))
    }

    fn open(&self, header: &[u8], payload: &mut [u8], at: u64, memo: &mut u64) -> usize {
        match header.first().or(payload.first()).and_then(|&first| self.chosen(first)) {
            Some(framing) => framing.open(header, payload, at, memo),
            None => payload.len(),
        }
    }

    fn seal(&self, message: &[u8], frame: &mut [u8]) {
        self.seal_after(0, message, frame);
    }

    fn at_eof(&self, rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
        let Some(found) = choosing_byte(rest, progress) else { return Ok(AtEof::Clean) };
        let Some(framing) = self.chosen(found) else {
            return Err(FrameError::new(0, DecodeErrorKind::UnknownType { found }));
        };
        Ok(match inside(progress, |progress| framing.at_eof(rest, progress))? {
            AtEof::Frame(extent) => AtEof::Frame(in_reach(extent)),
            other => other,
        })
    }

    fn envelope_after(&self, previous: u32, message: &[u8]) -> Result<(Envelope<'_>, u32), EncodeError> {
        let (envelope, next) = self.choose(previous, message, |framing, len| {
            with_room(len, |frame| {
                framing.seal_after(previous, message, frame);
                frame.first().copied()
            })
        })?;
        if next > u32::MAX >> CHOICE_BITS { Err(EncodeError::Custom(WORD)) } else { Ok((envelope, next)) }
    }

    fn seal_after(&self, previous: u32, message: &[u8], frame: &mut [u8]) {
        // Makes the same choice as `envelope_after`, with the frame itself, which then stays written.
        let _ = self.choose(previous, message, |framing, len| {
            if len != frame.len() as u64 {
                return Ok(None);
            }
            framing.seal_after(previous, message, frame);
            Ok(frame.first().copied())
        });
    }

    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        // Only a message with its length filled in shows which framing will take it. Its own first byte shows the same
        // if the framing has something to fill in.
        message.first().and_then(|&first| self.chosen(first)).map_or(Ok(None), |framing| framing.patch(message))
    }

    fn max_payload_len(&self) -> u64 {
        self.table().iter().map(|(_, framing)| framing.max_payload_len()).max().unwrap_or_default()
    }
}

/// Calls a closure with `len` bytes to write a frame into.
fn with_room<T>(len: u64, write: impl FnOnce(&mut [u8]) -> T) -> Result<T, EncodeError> {
    let mut short = [0; 256];
    if let Some(frame) = usize::try_from(len).ok().and_then(|len| short.get_mut(..len)) {
        return Ok(write(frame));
    }
    #[cfg(feature = "alloc")]
    {
        let no_room = |_| EncodeError::NoRoom { need: len, have: usize::MAX as u64 };
        Ok(write(&mut alloc::vec![0; usize::try_from(len).map_err(no_room)?]))
    }
    #[cfg(not(feature = "alloc"))]
    Err(EncodeError::NoRoom { need: len, have: short.len() as u64 })
}

#[cfg(all(test, feature = "alloc"))]
mod tests;
