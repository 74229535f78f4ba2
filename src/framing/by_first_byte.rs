//! The first byte of a frame, or another near its start, chooses its framing.

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
/// With [`choosing_at`](Self::choosing_at) a later byte chooses: the address type of SOCKS, the fourth byte of a request; a flag that
/// makes a length wider; a length of 0 that announces another one. A frame then ends after that byte, and does not begin with
/// bytes that are skipped.
///
/// ```text
///  choosing at 3: 01 → 10 bytes            03 → a length at offset 4, which 2 bytes follow
///  offset   0   1   2   3   4 … 10         0   1   2   3   4   5
///  wire     05  01  00  01  …              05  01  00  03  01  a   00  50
/// ```
///
/// Errors: [`DecodeErrorKind::UnknownType`] for a byte that is in no range, [`DecodeErrorKind::TooShort`] for a frame that ends
/// before the byte that chose its framing, those of the framings, and
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
    /// Offset of the byte that chooses.
    at: u8,
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
        Self { table, at: 0, framing: core::marker::PhantomData }
    }

    /// Lets the byte at this offset of the frame choose. The default is 0, the first byte.
    ///
    /// ```
    /// use anysplit::number::Binary;
    /// use anysplit::{AnyFraming, ByFirstByte, Decoder, LengthField};
    ///
    /// // Bit 2 of the flags after two bytes of magic makes the length eight bytes wide.
    /// let framing = ByFirstByte::new([
    ///     (1..=1, AnyFraming::from(LengthField::new(3, Binary::u32_le())?)),
    ///     (5..=5, AnyFraming::from(LengthField::new(3, Binary::u64_le())?)),
    /// ])?;
    /// let mut decoder = Decoder::new(framing.choosing_at(2));
    /// decoder.push(b"ZX\x01\x02\0\0\0hiZX\x05\x01\0\0\0\0\0\0\0!")?;
    /// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"hi");
    /// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"!");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn choosing_at(mut self, offset: u8) -> Self {
        self.at = offset;
        self
    }

    /// Returns the offset of the byte that chooses.
    #[must_use]
    pub const fn offset(&self) -> u8 {
        self.at
    }

    /// Replaces each framing; the ranges stay.
    #[cfg(feature = "alloc")]
    pub(crate) fn map<G: Framing, U>(&self, map: impl Fn(&F) -> G) -> ByFirstByte<G, U>
    where
        U: FromIterator<(ByteRange, G)> + AsRef<[(ByteRange, G)]>,
    {
        let table = self.table().iter().map(|(range, framing)| (*range, map(framing))).collect();
        ByFirstByte::from_table(table).choosing_at(self.at)
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
    fn chosen(&self, byte: u8) -> Option<&F> {
        self.table().iter().find(|(range, _)| range.contains(byte)).map(|(_, framing)| framing)
    }

    #[inline]
    fn index(&self) -> usize {
        self.at.into()
    }

    /// Returns the byte that chooses, of a frame with this header and these bytes after it.
    #[inline]
    fn choosing_byte_of(&self, header: &[u8], after: &[u8]) -> Option<u8> {
        match self.index().checked_sub(header.len()) {
            None => header.get(self.index()).copied(),
            Some(at) => after.get(at).copied(),
        }
    }

    /// Returns the byte that chooses, if it has arrived.
    #[inline]
    fn choosing_byte(&self, input: &[u8], progress: &Progress) -> Option<u8> {
        match progress.next & 1 {
            0 => input.get(self.index()).copied(),
            _ => Some((progress.next >> 1).to_le_bytes()[0]),
        }
    }

    /// `check` and `open` see the byte in the header, or in the payload. If it is not in the header, later parts of a
    /// payload do not show which framing must check or open them.
    #[inline]
    const fn in_reach(&self, extent: Extent) -> Extent {
        if extent.header_len() <= self.at as usize && (extent.is_checked() || extent.is_rewritten()) {
            extent.in_one_piece()
        } else {
            extent
        }
    }

    /// Returns an error for a frame that ends before the byte that chose its framing. If payload bytes
    /// have already left the input, the frame is longer.
    #[inline]
    fn holds_choice(&self, extent: Extent, progress: &Progress) -> Result<(), FrameError> {
        let seen = match extent.is_rewritten() {
            true => extent.frame_len().saturating_sub(extent.trailer_len() as u64),
            false => extent.frame_len(),
        };
        if self.at == 0 || progress.consumed != 0 || seen > u64::from(self.at) {
            return Ok(());
        }
        let kind = DecodeErrorKind::TooShort { len: seen, min: u64::from(self.at) + 1 };
        Err(FrameError::new(0, kind))
    }

    /// Returns the framing that writes `message`, with its envelope and the word for the next frame. `sealed` returns
    /// the byte that chooses of a frame of this length that this framing rewrites.
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
                        Envelope::Around(around) => Ok(nth(&around.slices(message), self.index())),
                    };
                    match first {
                        Ok(Some(first)) if range.contains(first) => return Ok((envelope, next)),
                        Ok(Some(found)) => refused = EncodeError::UnknownType { found },
                        Ok(None) if refused == EncodeError::Empty => {
                            let len = envelope.frame_len(message);
                            refused = EncodeError::TooShort { len, min: u64::from(self.at) + 1 };
                        }
                        Ok(None) => {}
                        Err(error) => refused = error,
                    }
                }
                Err(error @ EncodeError::UnknownType { found })
                    if range.contains(found) && message.get(self.index()) == Some(&found) =>
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
/// 0 otherwise. The byte itself has left the input when the payload of a frame without a header is returned in pieces
/// or skipped, and the chosen framing must still search the rest of the payload.
///
/// The alternative is a header of one byte for such frames. It would stay in the input, but the framing must not
/// see it again, and a rewritten payload could not begin with it.
const CHOICE_BITS: u32 = 9;
const FILLER: &str = "a frame whose framing a later byte chooses cannot begin with filler";
const WORD: &str = "a framing chosen by its first byte leaves more than 23 bits for the next frame";

/// Calls the chosen framing with its own words in `progress`. The bits for the choice are left clear.
#[inline]
fn inside<T>(
    progress: &mut Progress,
    call: impl FnOnce(&mut Progress) -> Result<T, FrameError>,
) -> Result<T, FrameError> {
    share_words(progress, CHOICE_BITS, 0, WORD, call)
}

/// The byte at this index of these slices, one after the other.
fn nth(slices: &[&[u8]], index: usize) -> Option<u8> {
    slices.iter().flat_map(|slice| slice.iter()).nth(index).copied()
}

impl<F: Framing, T: AsRef<[(ByteRange, F)]>> Framing for ByFirstByte<F, T> {
    #[inline]
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let Some(found) = self.choosing_byte(input, progress) else {
            return Ok(Located::Header(u64::from(self.at) + 1));
        };
        let Some(framing) = self.chosen(found) else {
            return Err(FrameError::new(self.index(), DecodeErrorKind::UnknownType { found }));
        };
        Ok(match inside(progress, |progress| framing.locate(input, progress))? {
            Located::Known(extent) => {
                self.holds_choice(extent, progress)?;
                Located::Known(self.in_reach(extent))
            }
            Located::Search { so_far, least } => {
                progress.next |= u32::from(found) << 1 | 1;
                Located::Search { so_far: self.in_reach(so_far), least }
            }
            Located::Filler(_) if self.at != 0 => return Err(FrameError::new(0, DecodeErrorKind::Custom(FILLER))),
            // Filler too: it is between frames here, and the byte after it chooses again.
            other => other,
        })
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        Ok(self.envelope_after(0, message)?.0)
    }

    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        // In one piece, if the byte is not in the header: these bytes then begin with the frame.
        let byte = part.header.get(self.index()).or(part.bytes.get(self.index()));
        byte.and_then(|&byte| self.chosen(byte)).map_or(Ok(()), |framing| framing.check(part, sum))
    }

    fn open(&self, header: &[u8], payload: &mut [u8], at: u64, memo: &mut u64) -> usize {
        match self.choosing_byte_of(header, payload).and_then(|byte| self.chosen(byte)) {
            Some(framing) => framing.open(header, payload, at, memo),
            None => payload.len(),
        }
    }

    fn seal(&self, message: &[u8], frame: &mut [u8]) {
        self.seal_after(0, message, frame);
    }

    fn at_eof(&self, rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
        let Some(found) = self.choosing_byte(rest, progress) else {
            return Ok(if rest.is_empty() { AtEof::Clean } else { AtEof::Truncated });
        };
        let Some(framing) = self.chosen(found) else {
            return Err(FrameError::new(self.index(), DecodeErrorKind::UnknownType { found }));
        };
        Ok(match inside(progress, |progress| framing.at_eof(rest, progress))? {
            AtEof::Frame(extent) => AtEof::Frame(self.in_reach(extent)),
            other => other,
        })
    }

    fn envelope_after(&self, previous: u32, message: &[u8]) -> Result<(Envelope<'_>, u32), EncodeError> {
        let (envelope, next) = self.choose(previous, message, |framing, len| {
            with_room(len, |frame| {
                framing.seal_after(previous, message, frame);
                frame.get(self.index()).copied()
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
            Ok(frame.get(self.index()).copied())
        });
    }

    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        // Only a message with its length filled in shows which framing will take it. Its own first byte shows the same
        // if the framing has something to fill in.
        let byte = message.get(self.index());
        byte.and_then(|&byte| self.chosen(byte)).map_or(Ok(None), |framing| framing.patch(message))
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
