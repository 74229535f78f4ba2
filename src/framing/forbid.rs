//! Bytes that the messages of another framing must not have.

use crate::contract::shape::{Ends, Kind};
use crate::contract::{AtEof, Envelope, Extent, Framing, Located, NextStart, Part, Patch, Progress};
use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError};
use crate::framing::text::mismatch;
use crate::scan::ByteSet;

/// Another framing whose payloads must not contain certain bytes: NUL and CR in a line of IRC, control bytes in HL7.
///
/// A peer may end a message at a byte that is data for the framing. Such a byte is refused in both directions.
///
/// ```
/// use anysplit::{ByteSet, DecodeErrorKind, Decoder, Delimited, EncodeError, Forbid, Framing};
///
/// let line = Forbid::new(ByteSet::of(0).with(b'\r'), Delimited::line())?;
/// let mut wire = Vec::new();
/// let refused = line.encode(b"PING a\rPING b", &mut wire);
/// assert_eq!(refused, Err(EncodeError::Forbidden { at: 6, found: b'\r' }));
///
/// let mut decoder = Decoder::new(line);
/// decoder.push(b"PING a\r\nPING\0")?;
/// assert_eq!(decoder.next_frame()?.unwrap().message(), b"PING a");
/// let error = decoder.next_frame().unwrap_err();
/// assert_eq!((error.offset, error.kind), (12, DecodeErrorKind::Forbidden { found: 0 }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Decoding searches the payload: neither header nor trailer, and a message header is not part of it. A delimiter that is
/// kept is. Of a frame that is rewritten, such as one of SLIP, it searches the bytes that the payload opens to. A frame that can
/// only be opened as a whole is not searched: one of COBS/R, or one whose checksum is escaped with the payload. Encoding
/// searches every message.
///
/// # Errors
///
/// [`DecodeErrorKind::Forbidden`] at the first such byte. If a delimiter ends the payload, the error comes as soon
/// as the forbidden byte arrives. If the length was announced, or the framing may rewrite payloads, it comes with the last byte of the
/// frame. A forbidden byte that begins a delimiter of two bytes, such as the CR of CR LF, is [`DecodeErrorKind::Mismatch`] at the
/// byte after it, which proves that it is none.
///
/// A rejected frame can be skipped, to the end that the other framing finds. A payload is returned in one piece.
///
/// # Cost
///
/// That of the other framing, and a search of each payload, with vector instructions for up to three bytes. To search a payload
/// that is rewritten, a copy of it is opened. Frames are located one by one, without the fast path for the frames of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Forbid<F> {
    set: ByteSet,
    inner: F,
}

impl<F: Framing> Forbid<F> {
    /// Returns `inner` with these bytes forbidden in payloads.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Empty`] for an empty set.
    pub fn new(set: ByteSet, inner: F) -> Result<Self, ConfigError> {
        if set.is_empty() { Err(ConfigError::Empty) } else { Ok(Self { set, inner }) }
    }
}

impl<F> Forbid<F> {
    /// Creates one from a set that is known not to be empty.
    #[cfg(feature = "protocols")]
    pub(crate) const fn from_parts(set: ByteSet, inner: F) -> Self {
        Self { set, inner }
    }

    /// Returns the bytes that are forbidden.
    #[must_use]
    pub const fn set(&self) -> &ByteSet {
        &self.set
    }

    /// Returns the framing whose payloads are searched.
    #[must_use]
    pub const fn inner(&self) -> &F {
        &self.inner
    }

    /// Replaces the framing.
    pub(crate) fn map<G>(self, change: impl FnOnce(F) -> G) -> Forbid<G> {
        Forbid { set: self.set, inner: change(self.inner) }
    }
}

impl<F: Framing> Forbid<F> {
    /// Returns an error for the first forbidden byte of `bytes` from `from` up to `to`.
    #[inline]
    fn search(&self, bytes: &[u8], from: usize, to: usize) -> Result<(), FrameError> {
        let to = to.min(bytes.len());
        match bytes.get(from.min(to)..to).and_then(|payload| self.set.find(payload)) {
            None => Ok(()),
            Some(at) => Err(self.error(bytes, from.saturating_add(at))),
        }
    }

    /// Returns an error for the first byte of the wire that opens to a forbidden byte. The part is not changed: a copy is opened, 64
    /// bytes at a time.
    fn search_opened(&self, part: Part<'_>) -> Result<(), FrameError> {
        let (mut at, mut memo) = (0_usize, 0);
        let mut room = [0; 64];
        let mut find = |bytes: &[u8], at: usize, memo: &mut u64| {
            let room = room.get_mut(..bytes.len())?;
            room.copy_from_slice(bytes);
            let len = self.inner.open(part.header, room, at as u64, memo);
            let opened = room.get(..len)?;
            opened.get(self.set.find(opened)?).copied()
        };
        for piece in part.payload().chunks(64) {
            let mut again = memo;
            if find(piece, at, &mut memo).is_some() {
                for (index, byte) in piece.chunks(1).enumerate() {
                    let at = at.saturating_add(index);
                    if let Some(found) = find(byte, at, &mut again) {
                        let at = part.header.len().saturating_add(at);
                        return Err(FrameError::new(at, DecodeErrorKind::Forbidden { found }));
                    }
                }
            }
            at = at.saturating_add(piece.len());
        }
        Ok(())
    }

    /// Whether the payload of a complete frame is left to `check`: its end is known before its last byte, or it was not searched as it
    /// came.
    #[cold]
    fn is_left_to_check(&self, input: &[u8], extent: Extent, progress: Progress) -> bool {
        let mut again = Progress { scanned: 0, carry: [0; 4], ..progress };
        let len = extent.fits(input.len()).unwrap_or(input.len()).saturating_sub(1);
        match self.inner.locate(input.get(..len).unwrap_or(input), &mut again) {
            Ok(Located::Known(_)) => true,
            // It was not searched as it came: it might have turned out to be rewritten.
            Ok(Located::Search { so_far, .. }) => so_far.is_rewritten(),
            _ => false,
        }
    }

    /// Searches the bytes before an error of the other framing, as if they had arrived alone.
    #[cold]
    fn search_before(&self, error: FrameError, input: &[u8], progress: Progress) -> Result<(), FrameError> {
        // What is payload for certain right before the byte that proves the error: not further from the byte that the error
        // names than a delimiter is long.
        let locate = |len: usize| {
            let mut again = Progress { scanned: 0, carry: [0; 4], ..progress };
            self.inner.locate(input.get(..len).unwrap_or(input), &mut again)
        };
        let mut len = error.at.min(input.len());
        let mut located = locate(len);
        while located.is_err() && len > 0 {
            len -= 1;
            located = locate(len);
        }
        while len < input.len() {
            let longer = locate(len.saturating_add(1));
            if longer.is_err() {
                break;
            }
            (len, located) = (len.saturating_add(1), longer);
        }
        if let Ok(Located::Search { so_far, .. }) = located {
            if !so_far.is_rewritten() {
                self.search(input, so_far.header_len(), Self::end(so_far))?;
            }
        }
        Ok(())
    }

    #[cold]
    fn error(&self, bytes: &[u8], at: usize) -> FrameError {
        let found = bytes.get(at).copied().unwrap_or_default();
        if let (Kind::Ends { how: Ends::Delimiter(&[first, second], _), .. }, Some(&next)) =
            (self.inner.shape().0, bytes.get(at.saturating_add(1)))
        {
            if first == found && next != second {
                return mismatch(at.saturating_add(1), next, second);
            }
        }
        FrameError::new(at, DecodeErrorKind::Forbidden { found })
    }

    /// The frame, whose payload `check` will search.
    const fn checked(extent: Extent) -> Extent {
        if extent.is_rewritten() && extent.is_in_one_piece() { extent } else { extent.checked_in_one_piece() }
    }

    /// Where the payload ends, as an index.
    fn end(extent: Extent) -> usize {
        usize::try_from(extent.payload_len()).unwrap_or(usize::MAX).saturating_add(extent.header_len())
    }

    /// Returns an error if `message` has such a byte.
    fn allow(&self, message: &[u8]) -> Result<(), EncodeError> {
        match self.set.find(message) {
            Some(at) => Err(EncodeError::Forbidden { at, found: message.get(at).copied().unwrap_or_default() }),
            None => Ok(()),
        }
    }
}

impl<F: Framing> Framing for Forbid<F> {
    #[inline]
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let scanned = progress.scanned;
        let located = self.inner.locate(input, progress);
        if progress.lenient {
            // A frame that is skipped is not searched.
            return located;
        }
        match located {
            Ok(Located::Known(extent)) => {
                if extent.fits(input.len()).is_some() && !extent.is_rewritten() {
                    let found = self.search(input, scanned.max(extent.header_len()), Self::end(extent));
                    if found.is_err() && !self.is_left_to_check(input, extent, *progress) {
                        found?;
                    }
                }
                Ok(Located::Known(Self::checked(extent)))
            }
            Ok(Located::Search { so_far, least }) => {
                if !so_far.is_rewritten() {
                    self.search(input, scanned.max(so_far.header_len()), Self::end(so_far))?;
                }
                Ok(Located::Search { so_far: Self::checked(so_far), least })
            }
            Ok(other) => Ok(other),
            Err(error) => {
                self.search_before(error, input, *progress)?;
                Err(error)
            }
        }
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let envelope = self.inner.envelope(message)?;
        self.allow(message)?;
        Ok(envelope)
    }

    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        let inner = self.inner.check(part, sum);
        // Frames that are searched come in one piece.
        if part.at > 0 || !part.is_last || (part.extent.is_rewritten() && !part.extent.opens_in_pieces()) {
            return inner;
        }
        let searched = match part.extent.is_rewritten() {
            true => self.search_opened(part),
            false => self.search(part.bytes, part.extent.header_len(), Self::end(part.extent)),
        };
        match (searched, inner) {
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
        let end = self.inner.at_eof(rest, progress)?;
        if progress.lenient {
            return Ok(end);
        }
        Ok(match end {
            AtEof::Frame(extent) if extent.is_rewritten() => AtEof::Frame(extent),
            // What is no payload yet, half a delimiter, was cut.
            AtEof::Frame(extent) if self.search(rest, extent.header_len(), Self::end(extent)).is_err() => {
                AtEof::Truncated
            }
            AtEof::Frame(extent) => AtEof::Frame(Self::checked(extent)),
            other => other,
        })
    }

    fn next_start(&self, input: &[u8], from: usize) -> NextStart {
        self.inner.next_start(input, from)
    }

    fn envelope_after(&self, previous: u32, message: &[u8]) -> Result<(Envelope<'_>, u32), EncodeError> {
        let (envelope, next) = self.inner.envelope_after(previous, message)?;
        self.allow(message)?;
        Ok((envelope, next))
    }

    fn seal_after(&self, previous: u32, message: &[u8], frame: &mut [u8]) {
        self.inner.seal_after(previous, message, frame);
    }

    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        self.inner.patch(message)
    }

    fn max_payload_len(&self) -> u64 {
        self.inner.max_payload_len()
    }
}
