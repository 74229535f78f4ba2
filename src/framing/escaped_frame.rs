//! Frames that are escaped after their first byte, length and checksum included: XBee.

use crate::contract::{Envelope, Extent, Framing, Located, NextStart, Part, Patch, Progress};
use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError};
use crate::framing::nested::announces_length;
use crate::framing::stuffed::{Escaping, StuffedRun, Stuffing};
use crate::short::ShortBytes;

/// A start byte, and after it a frame of another framing, all of it escaped, so that the start byte never stands inside.
///
/// ```text
///  inner frame        00  02  23  11      cb            length, payload, checksum
///  wire           7e  00  02  23  7d  31  cb            XBee, API mode 2: 11 is sent as 7d 31
///                 header  payload
/// ```
///
/// The length and the checksum of the inner framing count the bytes before they are escaped. [`Escaping`] lists the bytes that are
/// escaped and how; its delimiter is the start byte. The frame on the wire has one byte of header, and everything else is its payload
/// there; the message is that of the inner frame.
///
/// The inner framing must announce the length in the first 47 bytes of its frames. It may have one check, as a
/// [`Checked`](crate::Checked) has. Others are [`DecodeErrorKind::Custom`] and [`EncodeError::Custom`]. The limit counts the
/// complete message, its header included.
///
/// # Errors
///
/// - [`DecodeErrorKind::Mismatch`] at another first byte.
/// - [`DecodeErrorKind::Forbidden`] at a start byte inside a frame, where another frame begins.
/// - Those of the inner framing, at the byte on the wire that proves them.
///
/// # Cost
///
/// Every byte is read once to find the end, once for the check, and once to undo the escapes, in place. The frame comes in one
/// piece.
///
/// # Examples
///
/// ```
/// use anysplit::order::Order;
/// use anysplit::sum::Plain;
/// use anysplit::stuffing::Escaping;
/// use anysplit::sum::SumForm;
/// use anysplit::{Checked, Decoder, Edge, EscapedFrame, Framing, Prefix};
///
/// let inner = Checked::new(Prefix::u16_be(), Plain::Sum8Ones, SumForm::Binary(Order::Big))?;
/// let inner = inner.covering(Edge::Payload, Edge::End)?;
/// let framing = EscapedFrame::new(Escaping::hdlc().with_control_characters(1 << 0x11 | 1 << 0x13)?, inner)?;
/// let mut wire = Vec::new();
/// framing.encode(b"\x23\x11", &mut wire)?;
/// assert_eq!(wire, b"\x7e\x00\x02\x23\x7d\x31\xcb");
///
/// let mut decoder = Decoder::new(framing);
/// decoder.push(&wire)?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"\x23\x11");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Specification
///
/// Digi, XBee/XBee-PRO S2C user guide, "API operating mode", escaped characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EscapedFrame<F> {
    escaping: Escaping,
    inner: F,
}

/// The first bytes of an inner frame.
type Lead = ShortBytes<47>;

/// Reads the bytes after the start byte.
struct Reader<'a> {
    escaping: &'a Escaping,
    at: usize,
    state: u64,
    lenient: bool,
}

impl Reader<'_> {
    /// Returns the next byte without its escape, if it has arrived.
    fn next(&mut self, input: &[u8]) -> Option<Result<u8, FrameError>> {
        loop {
            let found = *input.get(self.at)?;
            if found == self.escaping.delimiter() && !self.lenient {
                return Some(Err(FrameError::new(self.at, DecodeErrorKind::Forbidden { found })));
            }
            match self.escaping.unstuff(&mut self.state, found, &[]) {
                Err(kind) if !self.lenient => return Some(Err(FrameError::new(self.at, kind))),
                Ok(StuffedRun::Nothing) => self.at = self.at.saturating_add(1),
                Ok(StuffedRun::Byte(byte)) => {
                    self.at = self.at.saturating_add(1);
                    return Some(Ok(byte));
                }
                Ok(StuffedRun::Plain(_)) | Err(_) => {
                    self.at = self.at.saturating_add(1);
                    return Some(Ok(found));
                }
            }
        }
    }
}

impl<F: Framing> EscapedFrame<F> {
    /// Creates frames that begin with the delimiter of `escaping` and are escaped by it.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] if `inner` announces no length, as [`Delimited`](crate::Delimited).
    pub fn new(escaping: Escaping, inner: F) -> Result<Self, ConfigError> {
        announces_length(&inner, "an escaped frame that does not announce its length")?;
        Ok(Self::of_parts(escaping, inner))
    }
}

impl<F> EscapedFrame<F> {
    /// As [`new`](Self::new), of a framing that announces a length.
    pub(crate) const fn of_parts(escaping: Escaping, inner: F) -> Self {
        Self { escaping: escaping.with_delimiter_before(false), inner }
    }

    /// Replaces the framing.
    pub(crate) fn map<G>(self, change: impl FnOnce(F) -> G) -> EscapedFrame<G> {
        EscapedFrame { escaping: self.escaping, inner: change(self.inner) }
    }

    /// Returns the framing of the frames before they are escaped.
    #[must_use]
    pub const fn inner(&self) -> &F {
        &self.inner
    }

    /// Returns how they are escaped.
    #[must_use]
    pub const fn escaping(&self) -> &Escaping {
        &self.escaping
    }

    fn reader(&self, at: usize, lenient: bool) -> Reader<'_> {
        Reader { escaping: &self.escaping, at, state: 0, lenient }
    }

    /// Returns an error in the inner frame, at its byte on the wire.
    fn on_wire(&self, error: FrameError, wire: &[u8], start: usize, lenient: bool) -> FrameError {
        let mut reader = self.reader(start, lenient);
        for _ in 0..error.at {
            if !matches!(reader.next(wire), Some(Ok(_))) {
                break;
            }
        }
        // The byte itself may have an escape before it.
        let before = reader.at;
        let at = match reader.next(wire) {
            Some(Ok(_)) => reader.at.saturating_sub(1),
            _ => before,
        };
        FrameError::new(at, error.kind)
    }
}

/// What is known of the inner frame.
enum Inner {
    Known(Extent),
    /// It has at least this many bytes.
    Least(u64),
}

impl<F: Framing> EscapedFrame<F> {
    fn locate_inner(&self, lead: &Lead, lenient: bool) -> Result<Inner, FrameError> {
        let custom = |text| match lead.is_empty() {
            // An error names a byte that has arrived.
            true => Ok(Inner::Least(1)),
            false => Err(FrameError::new(0, DecodeErrorKind::Custom(text))),
        };
        let mut progress = Progress { lenient, ..Progress::default() };
        match self.inner.locate(lead, &mut progress)? {
            Located::Known(extent) if extent.is_rewritten() || extent.is_in_one_piece() => {
                custom("an escaped frame that is rewritten itself, or has two checks")
            }
            Located::Known(extent) => {
                let (len, max) = (extent.message_header_len() as u64, self.max_payload_len());
                let len = len.saturating_add(extent.payload_len());
                if len > max && !lenient {
                    let kind = DecodeErrorKind::Oversize { len, max };
                    return Err(FrameError::new(lead.len().saturating_sub(1), kind));
                }
                Ok(Inner::Known(extent))
            }
            Located::Wait(_) | Located::Header(_) if lead.len() == Lead::CAPACITY => {
                let kind = DecodeErrorKind::HeaderTooLong { max: Lead::CAPACITY as u64 };
                Err(FrameError::new(Lead::CAPACITY - 1, kind))
            }
            Located::Wait(least) | Located::Header(least) => Ok(Inner::Least(least)),
            Located::Search { .. } | Located::Filler(_) => custom("an escaped frame that does not announce its length"),
        }
    }

    /// Whether a reader learns the length of the frame of these bytes, as `locate` reads it.
    fn announces(&self, mut frame: impl Iterator<Item = u8>) -> bool {
        let mut lead = Lead::empty();
        loop {
            match self.locate_inner(&lead, false) {
                Ok(Inner::Known(_)) => return true,
                Ok(Inner::Least(_)) => {}
                Err(_) => return false,
            }
            match frame.next() {
                Some(byte) if lead.push(&[byte]).is_ok() => {}
                _ => return false,
            }
        }
    }

    /// Returns the extent of the inner frame at the front of these bytes.
    fn extent(&self, bytes: &[u8]) -> Option<Extent> {
        let mut progress = Progress { lenient: true, ..Progress::default() };
        self.inner.locate(bytes, &mut progress).ok()?.known()
    }
}

/// How many bytes the check of the inner framing sees at once.
const MOST_AT_ONCE: usize = 128;

/// Flags in `carry`.
const CHECKED: u64 = 1;
const CONTROL: u64 = 2;

impl<F: Framing> Framing for EscapedFrame<F> {
    /// `carry`: the state of the escapes, the bytes of the inner frame so far, 1 more than all that it will have, and flags.
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let expected = self.escaping.delimiter();
        // The announced end of a rejected frame does not depend on the start bytes in it.
        let lenient = progress.lenient;
        match input.first() {
            None => {
                let Ok(Inner::Least(least)) = self.locate_inner(&Lead::empty(), lenient) else {
                    return Ok(Located::Header(1));
                };
                return Ok(Located::Header(least.saturating_add(1)));
            }
            Some(&found) if found != expected => {
                return Err(FrameError::new(0, DecodeErrorKind::Mismatch { found, expected }));
            }
            Some(_) => {}
        }
        let [mut state, mut opened, mut known, mut flags] = progress.carry;
        let mut reader = Reader { state, ..self.reader(progress.scanned.max(1), lenient) };
        if known == 0 {
            // From the start: the header is short.
            reader = self.reader(1, lenient);
            let mut lead = Lead::empty();
            loop {
                match self.locate_inner(&lead, lenient).map_err(|error| self.on_wire(error, input, 1, lenient))? {
                    Inner::Known(extent) => {
                        known = extent.frame_len().saturating_add(1);
                        flags = if extent.is_checked() { CHECKED } else { 0 };
                        flags |= if extent.is_control() { CONTROL } else { 0 };
                        break;
                    }
                    Inner::Least(least) => match reader.next(input) {
                        None => {
                            let missing = least.saturating_sub(lead.len() as u64).max(1);
                            return Ok(Located::Header((reader.at as u64).saturating_add(missing)));
                        }
                        Some(Err(error)) => return Err(error),
                        // There is room: see `locate_inner`.
                        Some(Ok(byte)) => {
                            let _ = lead.push(&[byte]);
                        }
                    },
                }
            }
            opened = lead.len() as u64;
        }
        let total = known - 1;
        while opened < total {
            match reader.next(input) {
                None => {
                    state = reader.state;
                    progress.scanned = reader.at;
                    progress.carry = [state, opened, known, flags];
                    return Ok(Located::Header((reader.at as u64).saturating_add(total - opened)));
                }
                Some(Err(error)) => return Err(error),
                Some(Ok(_)) => opened = opened.saturating_add(1),
            }
        }
        progress.scanned = reader.at;
        progress.carry = [reader.state, opened, known, flags];
        let mut extent = Extent::new(1, reader.at.saturating_sub(1) as u64, 0).rewritten().in_one_piece();
        if flags & CHECKED != 0 {
            extent = extent.checked();
        }
        Ok(Located::Known(if flags & CONTROL != 0 { extent.as_control() } else { extent }))
    }

    /// The frame comes in one part; the inner framing sees it in several.
    fn check(&self, part: Part<'_>, _: &mut u64) -> Result<(), FrameError> {
        let mut reader = self.reader(1, false);
        let mut lead = Lead::empty();
        let extent = loop {
            match self.locate_inner(&lead, true) {
                Ok(Inner::Known(extent)) if lead.len() >= extent.header_len() => break extent,
                Ok(_) => match reader.next(part.bytes) {
                    Some(Ok(byte)) => {
                        let _ = lead.push(&[byte]);
                    }
                    _ => return Ok(()),
                },
                Err(_) => return Ok(()),
            }
        };
        let header = lead.get(..extent.header_len()).unwrap_or_default();
        let (mut sum, mut at) = (0, 0_u64);
        let mut pass = |bytes: &[u8], is_last| {
            let inner = Part { extent, header, at, bytes, is_last };
            at = at.saturating_add(bytes.len() as u64);
            self.inner.check(inner, &mut sum).map_err(|error| self.on_wire(error, part.bytes, 1, false))
        };
        if extent.frame_len() > header.len() as u64 {
            pass(header, false)?;
        } else {
            return pass(header, true);
        }
        let mut rest = lead.get(extent.header_len()..).unwrap_or_default().iter().copied();
        let mut left = extent.payload_len();
        let mut block = ShortBytes::<MOST_AT_ONCE>::empty();
        loop {
            // The trailer comes in one part with the last bytes of the payload, or alone.
            let trailer = extent.trailer_len() as u64;
            let is_last = left.saturating_add(trailer) <= MOST_AT_ONCE as u64;
            let len = if is_last { left.saturating_add(trailer) } else { left.min(MOST_AT_ONCE as u64) };
            for _ in 0..len {
                let byte = rest.next().or_else(|| reader.next(part.bytes)?.ok());
                // There is room.
                let _ = byte.map(|byte| block.push(&[byte]));
            }
            pass(&block, is_last)?;
            if is_last {
                return Ok(());
            }
            left = left.saturating_sub(len);
            block = ShortBytes::empty();
        }
    }

    fn open(&self, _: &[u8], payload: &mut [u8], _: u64, _: &mut u64) -> usize {
        let (mut reader, mut len) = (self.reader(0, true), 0);
        while let Some(Ok(byte)) = reader.next(payload) {
            // No more bytes than were read.
            payload[len] = byte;
            len += 1;
        }
        let Some(extent) = self.extent(payload.get(..len).unwrap_or_default()) else { return 0 };
        // The message: its header, and the payload.
        let (start, header) = (extent.message_header_start(), extent.message_header_len());
        let end = extent.fits(len).map_or(0, |end| end.saturating_sub(extent.trailer_len()));
        let payload_start = extent.header_len().min(end);
        payload.copy_within(start..start + header, 0);
        payload.copy_within(payload_start..end, header);
        header + (end - payload_start)
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let (len, max) = (message.len() as u64, self.max_payload_len());
        if len > max {
            return Err(EncodeError::Oversize { len, max });
        }
        let envelope = self.inner.envelope(message)?;
        if envelope.is_last() {
            return Err(EncodeError::Custom("an escaped frame that does not announce its length"));
        }
        let Some(slices) = envelope.slices(message) else {
            return Err(EncodeError::Custom("an escaped frame that is rewritten itself"));
        };
        if !self.announces(slices.iter().copied().flatten().copied()) {
            return Err(EncodeError::Custom("an escaped frame that does not announce its length"));
        }
        let mut len = 1_u64;
        for slice in slices {
            self.escaping.stuff(slice, &[], |bytes| len = len.saturating_add(bytes.len() as u64));
        }
        Ok(Envelope::Rewritten { len })
    }

    fn seal(&self, message: &[u8], frame: &mut [u8]) {
        let mut room = frame;
        let mut write = |bytes: &[u8]| {
            if let Some((place, after)) = core::mem::take(&mut room).split_at_mut_checked(bytes.len()) {
                place.copy_from_slice(bytes);
                room = after;
            }
        };
        write(&[self.escaping.delimiter()]);
        if let Ok(envelope) = self.inner.envelope(message) {
            for slice in envelope.slices(message).unwrap_or_default() {
                self.escaping.stuff(slice, &[], &mut write);
            }
        }
    }

    /// At the next start byte.
    fn next_start(&self, input: &[u8], from: usize) -> NextStart {
        NextStart::at_word(input, from, &[self.escaping.delimiter()])
    }

    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        self.inner.patch(message)
    }

    fn max_payload_len(&self) -> u64 {
        self.inner.max_payload_len()
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    extern crate std;

    use std::vec::Vec;

    use super::*;
    use crate::framing::testing::{cuts_agree, prefixes_agree};
    use crate::order::Order;
    use crate::sum::Plain;
    use crate::sum::SumForm;
    use crate::{Checked, Edge, Prefix};

    fn xbee() -> EscapedFrame<Checked<Prefix<crate::number::Binary>, Plain>> {
        let inner =
            Checked::new(Prefix::u16_be().with_max_payload_len(300), Plain::Sum8Ones, SumForm::Binary(Order::Big));
        let inner = inner.unwrap().covering(Edge::Payload, Edge::End).unwrap();
        EscapedFrame::new(Escaping::hdlc().with_control_characters(1 << 0x11 | 1 << 0x13).unwrap(), inner).unwrap()
    }

    #[test]
    fn every_length_and_byte_comes_back_in_every_cut() {
        for len in [0, 1, 16, 17, 19, 45, 46, 64, 125, 126, 127, 128, 129, 256, 300] {
            let message: Vec<u8> = (0_u8..=255).rev().chain(0..=255).take(len).collect();
            let mut wire = Vec::new();
            xbee().encode(&message, &mut wire).unwrap();
            assert_eq!(wire.iter().filter(|&&byte| byte == 0x7e).count(), 1);
            assert_eq!(cuts_agree(&xbee(), &wire), Ok([(message, wire.len())].to_vec()));
            assert!(prefixes_agree(&xbee(), &wire).is_ok());
            let last = wire.len() - 1;
            wire[last] ^= 0x80;
            let error = prefixes_agree(&xbee(), &wire);
            assert!(error.is_err_and(|error| matches!(error.kind, DecodeErrorKind::Check { .. }) && error.at == last));
        }
    }

    #[test]
    fn frame_that_does_not_announce_its_length_is_refused() {
        assert!(EscapedFrame::new(Escaping::hdlc(), crate::Delimited::line()).is_err());
        let framing = EscapedFrame::of_parts(Escaping::hdlc(), crate::Delimited::line());
        assert!(matches!(framing.envelope(b"hi"), Err(EncodeError::Custom(_))));
        assert!(framing.locate(b"\x7eh", &mut Progress::default()).is_err());
    }

    #[test]
    fn limit_counts_the_header_of_the_message() {
        let field = crate::LengthField::new(1, crate::number::Binary::u8()).unwrap().with_header_after(2).unwrap();
        let framing = EscapedFrame::new(Escaping::hdlc(), field.with_max_payload_len(20)).unwrap();
        for payload in [15, 16, 17] {
            let message = [&[1, payload, 3, 4][..], &[b'a'; 17][..payload.into()]].concat();
            let mut wire = Vec::new();
            let encoded = framing.encode(&message, &mut wire);
            if payload > 16 {
                assert_eq!(encoded, Err(EncodeError::Oversize { len: 21, max: 20 }));
                field.encode(&message, &mut wire).unwrap();
                wire.insert(0, 0x7e);
                let kind = DecodeErrorKind::Oversize { len: 21, max: 20 };
                assert_eq!(prefixes_agree(&framing, &wire), Err(FrameError::new(2, kind)));
            } else {
                assert_eq!(cuts_agree(&framing, &wire), Ok([(message, wire.len())].to_vec()));
            }
        }
    }

    #[test]
    fn errors_are_at_the_bytes_on_the_wire() {
        let error = |wire: &[u8]| prefixes_agree(&xbee(), wire).unwrap_err();
        assert_eq!(error(b"a"), FrameError::new(0, DecodeErrorKind::Mismatch { found: b'a', expected: 0x7e }));
        assert_eq!(error(b"\x7e\x00\x02a\x7e"), FrameError::new(4, DecodeErrorKind::Forbidden { found: 0x7e }));
        assert_eq!(error(b"\x7e\x00\x7d\x7e"), FrameError::new(3, DecodeErrorKind::Forbidden { found: 0x7e }));
        // The second byte of the length is escaped.
        let oversize = DecodeErrorKind::Oversize { len: 0x17d, max: 300 };
        let located = xbee().locate(b"\x7e\x01\x7d\x5d", &mut Progress::default());
        assert_eq!(located, Err(FrameError::new(1, oversize)));
    }
}
