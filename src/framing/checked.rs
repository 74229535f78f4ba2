//! A checksum in every frame of another framing.

use crate::contract::{AtEof, Envelope, Extent, Framing, Located, Part, Patch, Progress};
use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError};
use crate::literal::Literal;
use crate::short::ShortBytes;
#[cfg(feature = "protocols")]
use crate::sum::{Crc, Plain};
use crate::sum::{Sum, SumForm};

mod complete;
mod place;
#[cfg(all(test, feature = "alloc"))]
mod tests;

pub use place::Edge;
pub(crate) use place::Place;

/// A checksum in every frame of another framing.
///
/// ```text
///              Checked::new(field, Plain::Fletcher16Mod256, SumForm::Binary(Order::Little))?
///                  .covering(Edge::Start(2), Edge::End)?
///
///  offset    0   1   2   3   4   5   6   7   8   9
///  wire      b5  62  06  01  02  00  0a  04  17  49         UBX
///            header                  payload trailer
///                    └────── covered ──────┘ sum
/// ```
///
/// The sum is after the inner frame, perhaps with fixed bytes before it and after it. It covers the bytes on the wire
/// from one [`Edge`] to another, by default the complete inner frame. Start bytes that it does not cover go around it:
/// [`Enclosed`](crate::Enclosed) holds a `Checked`. The encoder writes it. It is not part of the message,
/// and the inner framing does not count it. If the length on the wire counts the checksum, give the inner framing an
/// adjustment.
///
/// With [`in_header_at`](Self::in_header_at) the sum is in a header that is part of the message, such as that of
/// [`LengthField`](crate::LengthField). Then the encoder refuses a message whose sum is wrong, and [`fill`](Self::fill) writes
/// the sum into it. If the sum covers only header bytes, it is verified before the length in the header is used.
///
/// For a checksum inside a stuffing, over the bytes of the message, see [`Stuffed::with_sum`](crate::Stuffed::with_sum).
///
/// # Errors
///
/// - [`DecodeErrorKind::Check`], with the sum on the wire and the computed one, at the first byte of the sum.
/// - [`DecodeErrorKind::NotADigit`] and [`DecodeErrorKind::Mismatch`] in the digits and the fixed bytes around them.
/// - Those of the inner framing. Its errors about a length in the header come after a wrong header checksum.
///
/// Encoding fails with [`EncodeError::Check`] if a sum inside the message is wrong. It refuses a frame that lasts until the
/// end of the stream.
///
/// # Cost
///
/// That of the inner framing and of the sum. Frames are borrowed where the inner framing's are, and can be passed on in
/// pieces; the error of a wrong sum then comes after the pieces. If the inner frame has a check of its own, it comes in one
/// piece.
///
/// # Examples
///
/// ```
/// use anysplit::number::Binary;
/// use anysplit::order::Order;
/// use anysplit::sum::Crc;
/// use anysplit::sum::SumForm;
/// use anysplit::{Checked, DecodeErrorKind, Decoder, Framing, Prefix};
///
/// let crc = Crc::named("CRC-16/XMODEM").unwrap();
/// let framing = Checked::new(Prefix::new(Binary::u8()), crc, SumForm::Binary(Order::Big))?;
/// let mut wire = Vec::new();
/// framing.encode(b"hello", &mut wire)?;
/// assert_eq!(wire, b"\x05hello\x80\x63");
///
/// let mut decoder = Decoder::new(framing);
/// decoder.push(b"\x05hello\x80\x63")?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"hello");
/// decoder.push(b"\x05hallo\x80\x63")?;
/// let error = decoder.next_frame().unwrap_err();
/// assert_eq!(error.offset, 14);
/// assert_eq!(error.kind, DecodeErrorKind::Check { found: 0x8063, computed: 0x4a92 });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Checked<F, S> {
    inner: F,
    sum: S,
    form: SumForm,
    from: Edge,
    to: Edge,
    place: Place,
    /// How many bytes the sum takes on the wire, and how many are added after the inner frame. They follow from the rest.
    sum_len: u16,
    trailer_len: u16,
}

/// The lengths of a frame that a cover refers to.
#[derive(Clone, Copy)]
struct Lens {
    header: u64,
    payload_end: u64,
    end: u64,
}

/// The greatest trailer that an encoder computes.
const MOST: usize = ShortBytes::<15>::CAPACITY;

impl<F: Framing, S: Sum> Checked<F, S> {
    /// Creates a framing with a sum over each frame of `inner`, after it.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Width`] if the sum takes no byte on the wire or more than 15.
    pub fn new(inner: F, sum: S, form: SumForm) -> Result<Self, ConfigError> {
        let width = sum.width();
        let checked = Self::of_width(inner, sum, width, form, (Edge::Start(0), Edge::End));
        checked.check_len()?;
        Ok(checked)
    }

    /// Sets what the sum covers: the bytes from one edge to another. If the edges are in the other order, as they may be in
    /// a short frame, the sum covers no bytes.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] if `to` comes before `from` in every frame.
    pub fn covering(mut self, from: Edge, to: Edge) -> Result<Self, ConfigError> {
        let is_in_order = match (from, to) {
            (Edge::Start(from), Edge::Start(to)) => from <= to,
            _ => from.rank() <= to.rank(),
        };
        if !is_in_order {
            return Err(ConfigError::Conflict("the covered bytes end before they begin"));
        }
        (self.from, self.to) = (from, to);
        Ok(self)
    }

    /// Puts fixed bytes before the sum and after it, such as `*` and CR LF, or `10=` and `01`. Empty ones are left out. The
    /// sum does not cover them.
    ///
    /// # Errors
    ///
    /// As [`Literal::new`]; [`ConfigError::Width`] if they and the sum together are longer than 15 bytes.
    pub fn between(self, before: &[u8], after: &[u8]) -> Result<Self, ConfigError> {
        let literal = |bytes: &[u8]| if bytes.is_empty() { Ok(None) } else { Literal::new(bytes).map(Some) };
        let checked = self.placed(Place::Trailer { before: literal(before)?, after: literal(after)? });
        checked.check_len()?;
        Ok(checked)
    }

    /// Puts the sum into the header, at `offset` from the start of the frame. Its own bytes count as zeros. The message has
    /// them, so the header must be part of the message, as that of [`LengthField`](crate::LengthField) is.
    ///
    /// If the sum covers bytes up to an [`Edge::Start`], it is verified as soon as they have arrived, before a length in them
    /// is used.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] if the sum would end after 65,535 bytes.
    pub fn in_header_at(self, offset: u16) -> Result<Self, ConfigError> {
        match offset.checked_add(self.sum_len) {
            Some(_) => Ok(self.placed(Place::Header(offset))),
            None => Err(ConfigError::Conflict("the header is longer than 65,535 bytes")),
        }
    }

    /// Writes what the framing fills in, a length and a checksum, into a message that has room for them.
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

    fn check_len(&self) -> Result<(), ConfigError> {
        match self.trailer_len {
            found @ (0 | 16..) if matches!(self.place, Place::Trailer { .. }) => {
                Err(ConfigError::Width { found: found.into(), min: 1, max: MOST })
            }
            _ => Ok(()),
        }
    }

    /// Returns where the header check ends, and where its sum is, if the sum covers and stands in header bytes alone.
    #[inline]
    fn header_check(&self) -> Option<(usize, u16)> {
        match (self.place, self.to) {
            (Place::Header(at), Edge::Start(to)) => Some((to.max(at.saturating_add(self.sum_len)).into(), at)),
            _ => None,
        }
    }

    /// Returns the offsets of the first byte that is covered and of the first that is not.
    fn covered(&self, lens: Lens) -> (u64, u64) {
        let offset = |edge| match edge {
            Edge::Start(offset) => offset.into(),
            Edge::Payload => lens.header,
            Edge::PayloadEnd => lens.payload_end,
            Edge::End if matches!(self.place, Place::Header(_)) => lens.payload_end,
            Edge::End => lens.end,
        };
        (offset(self.from), offset(self.to))
    }

    /// Adds those of `bytes`, which begin at offset `at`, that are covered. The sum's own bytes are taken as zeros.
    fn add(&self, state: u64, at: u64, bytes: &[u8], (from, to): (u64, u64)) -> u64 {
        let within = |from: u64, to: u64| {
            let index = |offset: u64| usize::try_from(offset.saturating_sub(at)).unwrap_or(usize::MAX).min(bytes.len());
            bytes.get(index(from)..index(to)).unwrap_or_default()
        };
        let Place::Header(own) = self.place else { return self.sum.update(state, within(from, to)) };
        let (own, own_end) = (u64::from(own), u64::from(own) + u64::from(self.sum_len));
        let zeros = within(own.max(from), own_end.min(to)).len();
        let state = self.sum.update(state, within(from, to.min(own)));
        let state = self.sum.update(state, [0; 20].get(..zeros).unwrap_or_default());
        self.sum.update(state, within(from.max(own_end), to))
    }

    /// Returns the sum of a frame that lies in these slices, one after the other.
    fn of_slices(&self, slices: [&[u8]; 3], lens: Lens, header: &[u8]) -> u64 {
        let (mut state, mut at) = (self.sum.start(), 0);
        for slice in slices {
            state = self.add(state, at, slice, self.covered(lens));
            at += slice.len() as u64;
        }
        self.sum.finish(state, header)
    }

    /// Compares the sum on the wire, which is at `offset`, with the computed one.
    #[inline]
    fn compare(&self, bytes: &[u8], offset: usize, computed: u64) -> Result<(), FrameError> {
        let found = self.form.read(bytes).map_err(|error| error.shifted(offset))?;
        match found == computed {
            true => Ok(()),
            false => Err(FrameError::new(offset, DecodeErrorKind::Check { found, computed })),
        }
    }

    /// Verifies a header check that ends with `header`.
    fn check_header(&self, header: &[u8], at: u16) -> Result<(), FrameError> {
        let at = usize::from(at);
        let len = header.len() as u64;
        let computed = self.of_slices([header, &[], &[]], Lens { header: len, payload_end: len, end: len }, header);
        let own = header.get(at..).and_then(|own| own.get(..self.sum_len.into()));
        self.compare(own.unwrap_or_default(), at, computed)
    }

    /// Judges the bytes after the inner frame, which begin at `offset`.
    fn check_trailer(&self, trailer: &[u8], offset: usize, computed: u64) -> Result<(), FrameError> {
        let Place::Trailer { before, after } = &self.place else { return Ok(()) };
        let mut at = 0;
        let mut check = |literal: &Option<Literal>, skip: usize| {
            if let Some(literal) = literal {
                let found = trailer.get(at + skip..).unwrap_or_default();
                literal.check(found).map_err(|error| error.shifted(offset + at + skip))?;
                at += literal.as_slice().len();
            }
            Ok(at)
        };
        let start = check(before, 0)?;
        let len = usize::from(self.sum_len);
        let sum = trailer.get(start..).and_then(|sum| sum.get(..len)).unwrap_or_default();
        self.compare(sum, offset + start, computed)?;
        check(after, len)?;
        Ok(())
    }

    /// Judges any part of a frame.
    fn check_slow(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        if self.header_check().is_some() {
            return self.inner.check(part, sum);
        }
        let len = self.trailer_len;
        let extent: Extent = part.extent.inside_check(len);
        let (bytes, trailer) = match part.is_last {
            true => part.bytes.split_at(part.bytes.len().saturating_sub(len.into())),
            false => (part.bytes, &[][..]),
        };
        if extent.is_checked() {
            // The complete frame: see `with_check_around`.
            self.inner.check(Part { extent, bytes, ..part }, &mut 0)?;
        }
        let end = part.at.saturating_add(bytes.len() as u64);
        let lens = match part.is_last {
            true => Lens {
                header: extent.header_len() as u64,
                payload_end: end.saturating_sub(extent.trailer_len() as u64),
                end,
            },
            // No byte of the trailer is in this part.
            false => Lens { header: extent.header_len() as u64, payload_end: u64::MAX, end: u64::MAX },
        };
        let covered = self.covered(lens);
        if part.at == 0 {
            *sum = self.sum.start();
        } else if part.at == lens.header {
            // The part before this one was the header alone, or the frame is skipped and the header did not come.
            *sum = self.add(self.sum.start(), 0, part.header, covered);
        }
        *sum = self.add(*sum, part.at, bytes, covered);
        if !part.is_last {
            return Ok(());
        }
        let computed = self.sum.finish(*sum, part.header);
        match self.place {
            Place::Trailer { .. } => self.check_trailer(trailer, usize::try_from(end).unwrap_or(usize::MAX), computed),
            Place::Header(at) => {
                let own = part.header.get(at.into()..).and_then(|own| own.get(..self.sum_len.into()));
                self.compare(own.unwrap_or_default(), at.into(), computed)
            }
        }
    }

    /// Returns the bytes after the inner frame.
    fn trailer<const N: usize>(&self, inner: &[u8], computed: u64) -> Result<ShortBytes<N>, EncodeError> {
        let mut trailer = ShortBytes::new(inner)?;
        if let Place::Trailer { before, after } = &self.place {
            trailer.push(before.as_ref().map_or(&[], Literal::as_slice))?;
            trailer.push(&self.form.write(computed, self.sum.width()))?;
            trailer.push(after.as_ref().map_or(&[], Literal::as_slice))?;
        }
        Ok(trailer)
    }

    /// Returns the length of the header of the inner frame at the front of these bytes, or this one.
    fn header_len(&self, lead: &[u8], previous: u32, otherwise: usize) -> usize {
        let mut progress = Progress { previous, lenient: true, ..Progress::default() };
        match self.inner.locate(lead, &mut progress) {
            Ok(Located::Known(extent) | Located::Search { so_far: extent, .. }) => extent.header_len(),
            _ => otherwise,
        }
    }
}

impl<F, S> Checked<F, S> {
    /// Creates a framing whose parts are known to fit, with a sum that is `width` bytes wide.
    const fn of_width(inner: F, sum: S, width: usize, form: SumForm, (from, to): (Edge, Edge)) -> Self {
        let sum_len = form.len_u16(width);
        let place = Place::Trailer { before: None, after: None };
        Self { inner, sum, form, from, to, place, sum_len, trailer_len: sum_len }
    }

    /// Puts the sum elsewhere.
    pub(crate) const fn placed(mut self, place: Place) -> Self {
        self.trailer_len = place.trailer_len(self.sum_len);
        self.place = place;
        self
    }

    /// Replaces the framing and the sum.
    pub(crate) fn map<G, T>(self, framing: impl FnOnce(F) -> G, sum: impl FnOnce(S) -> T) -> Checked<G, T> {
        let Self { form, from, to, place, sum_len, trailer_len, .. } = self;
        Checked { inner: framing(self.inner), sum: sum(self.sum), form, from, to, place, sum_len, trailer_len }
    }

    /// Returns the framing of the frames that are checked.
    #[must_use]
    pub const fn inner(&self) -> &F {
        &self.inner
    }

    /// Returns the sum.
    #[must_use]
    pub const fn sum(&self) -> &S {
        &self.sum
    }

    /// Returns how the sum is written, from where to where it covers the frame, and where it stands.
    #[cfg(feature = "spec")]
    pub(crate) const fn rules(&self) -> (SumForm, Edge, Edge, &Place) {
        (self.form, self.from, self.to, &self.place)
    }
}

#[cfg(feature = "protocols")]
impl<F> Checked<F, Plain> {
    /// Creates a framing whose parts are known to fit.
    pub(crate) const fn of_plain(inner: F, sum: Plain, form: SumForm, edges: (Edge, Edge)) -> Self {
        Self::of_width(inner, sum, sum.bytes(), form, edges)
    }
}

#[cfg(feature = "protocols")]
impl<F> Checked<F, Crc> {
    /// Creates a framing whose parts are known to fit.
    pub(crate) const fn of_crc(inner: F, sum: Crc, form: SumForm, edges: (Edge, Edge)) -> Self {
        Self::of_width(inner, sum, sum.bytes(), form, edges)
    }
}

/// Whether the error is about a length, which may be wrong itself as long as a header checksum is not verified.
const fn is_about_a_length(kind: DecodeErrorKind) -> bool {
    use DecodeErrorKind::{HeaderTooLong, NumberTooLarge, Oversize, TooShort};
    matches!(kind, Oversize { .. } | TooShort { .. } | HeaderTooLong { .. } | NumberTooLarge { .. })
}

impl<F: Framing, S: Sum> Framing for Checked<F, S> {
    #[inline]
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let located = self.inner.locate(input, progress);
        if let (Some((end, at)), 0) = (self.header_check(), progress.consumed) {
            match located {
                Ok(Located::Filler(_)) => return located,
                Err(error) if error.at < end && !is_about_a_length(error.kind) => return located,
                _ => {}
            }
            let Some(header) = input.get(..end) else { return Ok(Located::Header(end as u64)) };
            self.check_header(header, at)?;
            return match located {
                Ok(Located::Known(extent)) if extent.header_len() < end => {
                    Err(FrameError::new(0, DecodeErrorKind::Custom("a header ends before its checksum")))
                }
                _ => located,
            };
        }
        let len = self.trailer_len;
        match located {
            Ok(Located::Known(extent)) => Ok(Located::Known(extent.with_check_around(len)?)),
            Ok(Located::Header(least)) => Ok(Located::Header(least.saturating_add(len.into()))),
            Ok(Located::Search { so_far, least }) => {
                let so_far = so_far.with_check_around(0)?;
                Ok(Located::Search { so_far, least: least.saturating_add(len.into()) })
            }
            // What is waited for comes before the sum.
            Ok(Located::Wait(_) | Located::Filler(_)) | Err(_) => located,
        }
    }

    #[inline]
    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        match self.of_complete(&part) {
            Some((found, at, computed)) => self.compare(found, at, computed),
            None => self.check_slow(part, sum),
        }
    }

    fn open(&self, header: &[u8], payload: &mut [u8], at: u64, memo: &mut u64) -> usize {
        self.inner.open(header, payload, at, memo)
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        Ok(self.envelope_after(0, message)?.0)
    }

    fn envelope_after(&self, previous: u32, message: &[u8]) -> Result<(Envelope<'_>, u32), EncodeError> {
        let (envelope, next) = self.inner.envelope_after(previous, message)?;
        if envelope.is_last() {
            return Err(EncodeError::Custom("a frame that lasts until the end of the stream has no checksum after it"));
        }
        let around = match (&envelope, self.place) {
            (Envelope::Around(around), _) => around,
            (Envelope::Rewritten { len }, Place::Trailer { .. }) => {
                return Ok((Envelope::Rewritten { len: len.saturating_add(self.trailer_len.into()) }, next));
            }
            (Envelope::Rewritten { .. }, Place::Header(_)) => {
                return Err(EncodeError::Custom("a checksum in the header of a frame that is rewritten"));
            }
        };
        let slices @ [header, payload, trailer] = around.slices(message);
        // Most headers are all in the message or all before it. The rest are short.
        let mut joined = ShortBytes::<255>::new(header)?;
        let lead = if header.is_empty() {
            message
        } else {
            let room = ShortBytes::<255>::CAPACITY - header.len();
            joined.push(payload.get(..room).unwrap_or(payload))?;
            joined.as_slice()
        };
        let header_len = self.header_len(lead, previous, header.len());
        let header_bytes =
            lead.get(..header_len).ok_or(EncodeError::HeaderTooLong { max: ShortBytes::<255>::CAPACITY })?;
        let payload_end = header.len().saturating_add(payload.len());
        let lens = Lens {
            header: header_len as u64,
            payload_end: payload_end as u64,
            end: payload_end.saturating_add(trailer.len()) as u64,
        };
        match (self.place, self.header_check()) {
            (_, Some((end, at))) => {
                let header = lead.get(..end).filter(|_| header_len >= end);
                let header = header.ok_or(EncodeError::TooShort { len: message.len() as u64, min: end as u64 })?;
                self.check_header(header, at).map_err(refused)?;
                Ok((envelope, next))
            }
            (Place::Header(at), None) => {
                let own = header_bytes.get(at.into()..).and_then(|own| own.get(..self.sum_len.into()));
                let own = own.ok_or(EncodeError::Custom("the header has no room for its checksum"))?;
                self.compare(own, at.into(), self.of_slices(slices, lens, header_bytes)).map_err(refused)?;
                Ok((envelope, next))
            }
            (Place::Trailer { .. }, None) => {
                let trailer = self.trailer(trailer, self.of_slices(slices, lens, header_bytes))?;
                Ok((envelope.with_computed_trailer(trailer), next))
            }
        }
    }

    fn seal(&self, message: &[u8], frame: &mut [u8]) {
        self.seal_after(0, message, frame);
    }

    fn seal_after(&self, previous: u32, message: &[u8], frame: &mut [u8]) {
        let len = frame.len().saturating_sub(self.trailer_len.into());
        let (sealed, trailer) = frame.split_at_mut(len);
        self.inner.seal_after(previous, message, sealed);
        let mut sealed = &*sealed;
        let mut progress = Progress { previous, lenient: true, ..Progress::default() };
        let extent = loop {
            match self.inner.locate(sealed, &mut progress) {
                // Delimiters before the frame are no part of it.
                Ok(Located::Filler(filler)) => sealed = sealed.get(filler.max(1)..).unwrap_or_default(),
                Ok(Located::Known(extent)) => break extent,
                _ => break Extent::new(0, sealed.len() as u64, 0),
            }
        };
        let end = sealed.len() as u64;
        let lens = Lens {
            header: extent.header_len() as u64,
            payload_end: end.saturating_sub(extent.trailer_len() as u64),
            end,
        };
        let header = sealed.get(..extent.header_len()).unwrap_or_default();
        let computed = self.of_slices([sealed, &[], &[]], lens, header);
        if let Ok(bytes) = self.trailer::<MOST>(&[], computed) {
            // A frame of another length than the envelope's is the caller's mistake, and no reason to panic.
            trailer.iter_mut().zip(bytes.iter()).for_each(|(to, from)| *to = *from);
        }
    }

    fn at_eof(&self, rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
        Ok(match self.inner.at_eof(rest, progress)? {
            AtEof::Clean => AtEof::Clean,
            // The sum is missing.
            AtEof::Frame(_) | AtEof::Truncated => AtEof::Truncated,
        })
    }

    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        let patch = self.inner.patch(message)?;
        let Place::Header(at) = self.place else { return Ok(patch) };
        let at = usize::from(at);
        let own_end = at.saturating_add(self.sum_len.into());
        let end = patch.as_ref().map_or(own_end, |patch| own_end.max(patch.at.saturating_add(patch.len)));
        let end = self.header_check().map_or(end, |(check_end, _)| end.max(check_end));
        let too_short = EncodeError::TooShort { len: message.len() as u64, min: end as u64 };
        let (lead, after) = message.split_at_checked(end).ok_or(too_short)?;
        let lead = patched(lead, patch)?;
        let header_len = self.header_len(&lead, 0, end);
        let payload_end = message.len() as u64;
        let lens = Lens { header: header_len as u64, payload_end, end: payload_end };
        let header = message.get(..header_len).unwrap_or_default();
        let header = if header_len <= lead.len() { &lead[..header_len] } else { header };
        let computed = match self.header_check() {
            Some((end, _)) => self.of_slices([&lead[..end], &[], &[]], lens, &lead[..end]),
            None => self.of_slices([&lead, after, &[]], lens, header),
        };
        let sum = self.form.write(computed, self.sum.width());
        let own = Patch { at, len: sum.len(), bytes: ShortBytes::new(&sum)? };
        let bytes = patched(&lead, Some(own))?;
        Ok(Some(Patch { at: 0, len: end, bytes }))
    }

    fn max_payload_len(&self) -> u64 {
        self.inner.max_payload_len()
    }
}

/// Returns the bytes with a patch that does not change their number.
fn patched(bytes: &[u8], patch: Option<Patch>) -> Result<ShortBytes, EncodeError> {
    let mut whole = ShortBytes::empty();
    match patch {
        None => whole.push(bytes)?,
        Some(Patch { at, len, bytes: new }) if new.len() == len => {
            whole.push(bytes.get(..at).unwrap_or(bytes))?;
            whole.push(&new)?;
            whole.push(bytes.get(at.saturating_add(len)..).unwrap_or_default())?;
        }
        Some(_) => return Err(EncodeError::Custom("a length that moves the checksum in the header")),
    }
    Ok(whole)
}

/// Returns the reason to refuse a message whose own sum has this error.
const fn refused(error: FrameError) -> EncodeError {
    match error.kind {
        DecodeErrorKind::Check { found, computed } => EncodeError::Check { found, computed },
        _ => EncodeError::Header(error),
    }
}
