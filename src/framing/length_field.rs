//! A whole packet with its length inside its header.

use crate::contract::{DEFAULT_MAX_PAYLOAD_LEN, Envelope, Extent, Framing, Located, Patch, Progress};
use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError};
use crate::literal::Literal;
use crate::number::at_least_one;
use crate::number::{Binary, Decoded, Number};
use crate::short::ShortBytes;

/// A packet whose header holds its length somewhere.
///
/// ```text
///                     LengthField::new(1, Binary::u16_be()).with_header_len(4)
///  offset    0   1   2   3   4   5   6   7   8
///  wire      16  00  05  01  h   e   l   l   o
///            header          payload
///            ty  length  fl
/// ```
///
/// The message is the whole packet, header included: [`Frame::header`](crate::Frame::header) is the header,
/// [`Frame::payload`](crate::Frame::payload) what follows it, and [`Frame::message`](crate::Frame::message) both.
/// `encode` takes a packet whose length field is right and refuses any other; [`fill`](Self::fill) and
/// [`encode_with`](Framing::encode_with) put the length in.
///
/// With the names that Netty gave them:
///
/// ```text
///  field end       = offset + width of the number
///  packet length   = field end + number × unit + adjustment + second number + announced header bytes
///  payload length  = packet length − header length
///  trailer            = padding, or a mark
/// ```
///
/// ```
/// use anysplit::number::Binary;
/// use anysplit::{Decoder, Framing, LengthField, EncodeError};
///
/// // Two bytes of type, then a length that counts the whole packet.
/// let framing = LengthField::new(2, Binary::u16_be()).with_length_adjustment(-4);
///
/// let mut packet = *b"\x00\x01\x00\x00hello";
/// assert_eq!(framing.encode(&packet, &mut Vec::new()), Err(EncodeError::LengthDisagrees { found: 0, expected: 9 }));
/// framing.fill(&mut packet)?;
/// assert_eq!(&packet, b"\x00\x01\x00\x09hello");
///
/// let mut decoder = Decoder::new(framing);
/// decoder.push(&packet)?;
/// let frame = decoder.next_frame()?.unwrap();
/// assert_eq!((frame.header(), frame.payload()), (&b"\x00\x01\x00\x09"[..], &b"hello"[..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The limit counts the payload, not the header. Cost: constant time a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LengthField<N> {
    number: N,
    layout: Layout,
}

/// All of a [`LengthField`] but its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Layout {
    pub(crate) offset: u16,
    /// Header bytes after the field.
    pub(crate) after: u16,
    /// Bytes that the number counts one of.
    pub(crate) unit: u32,
    pub(crate) adjustment: i64,
    pub(crate) max: u64,
    /// A second number, which adds to the payload.
    pub(crate) second: Option<(u16, Binary)>,
    pub(crate) trailer: Trailer,
    /// Bytes that the header must have.
    pub(crate) required: [Option<(u16, Literal)>; Layout::REQUIRED],
    /// Header bytes that some bits of an earlier byte announce.
    pub(crate) extra: Option<Extra>,
    /// Numbers from the first of these, and fewer than the second above it, say all that there is to know, and stand
    /// for a payload within the limit: set by [`settled`](Self::settled).
    plain: (u64, u64),
}

/// As many more header bytes as the bits of a byte say, times a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Extra {
    /// Not after the first byte of the length field.
    pub(crate) at: u16,
    /// One unbroken run of bits.
    pub(crate) mask: u8,
    pub(crate) unit: u8,
}

impl Extra {
    /// How many bytes the header at the front of `input` announces.
    #[inline]
    fn len(&self, input: &[u8]) -> usize {
        let byte = input.get(usize::from(self.at)).copied().unwrap_or_default() & self.mask;
        usize::from(byte.wrapping_shr(self.mask.trailing_zeros())) * usize::from(self.unit)
    }
}

/// What stands after the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Trailer {
    None,
    Literal(Literal),
    /// As many bytes as make the payload a multiple of this.
    Multiple(u16),
    /// As many bytes as the header byte at this offset says.
    PadLen(u16),
}

impl Layout {
    /// How many runs of bytes may be required.
    pub(crate) const REQUIRED: usize = 2;

    /// A number at `offset` that ends the header and counts what follows it.
    pub(crate) const fn new(offset: u16) -> Self {
        Self {
            offset,
            after: 0,
            unit: 1,
            adjustment: 0,
            max: DEFAULT_MAX_PAYLOAD_LEN,
            second: None,
            trailer: Trailer::None,
            required: [None; Self::REQUIRED],
            extra: None,
            plain: (0, 0),
        }
    }

    /// The same with what follows from the rest brought up to date.
    const fn settled(mut self) -> Self {
        let plain = self.unit == 1
            && self.second.is_none()
            && matches!(self.trailer, Trailer::None)
            && matches!(self.required, [None, None])
            && self.extra.is_none();
        let (least, most) = match self.adjustment.checked_sub(self.after as i64) {
            Some(less) if less < 0 => (less.unsigned_abs(), self.max.checked_add(less.unsigned_abs())),
            Some(more) => (0, self.max.checked_sub(more.unsigned_abs())),
            None => (0, None),
        };
        self.plain = match most {
            Some(most) if plain && most >= least => (least, (most - least).saturating_add(1)),
            _ => (0, 0),
        };
        self
    }
}

/// Padding is written as zeros.
static ZEROS: [u8; 256] = [0; 256];

/// The numbers of a header that has come as far as they go.
struct Fields {
    /// Length of the whole header.
    header: usize,
    value: u64,
    second: u64,
}

impl<N: Number> LengthField<N> {
    /// A packet with `number` at `offset`. The header ends with it, and it counts what follows.
    #[must_use]
    pub const fn new(offset: u16, number: N) -> Self {
        Self { number, layout: Layout::new(offset).settled() }
    }

    /// The same with another limit, in bytes of payload. Binds both directions.
    #[must_use]
    pub const fn with_max_payload_len(mut self, max: u64) -> Self {
        self.layout.max = max;
        self.layout = self.layout.settled();
        self
    }

    /// The same with packet length = field end + number × unit + `adjustment`, as in Netty.
    ///
    /// A number that counts the whole packet has the adjustment −(offset + width); one that counts the payload alone,
    /// in a header that goes on after the field, has the length of the rest of the header.
    #[must_use]
    pub const fn with_length_adjustment(mut self, adjustment: i64) -> Self {
        self.layout.adjustment = adjustment;
        self.layout = self.layout.settled();
        self
    }

    /// The same with a header of `len` bytes in all, and the number counting what follows the header.
    ///
    /// Sets the adjustment as well: give [`with_length_adjustment`](Self::with_length_adjustment) afterwards where the
    /// number counts otherwise.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] where the number has no fixed width, where the header would end before the field, and as
    /// [`with_header_after`](Self::with_header_after).
    pub fn with_header_len(self, len: u16) -> Result<Self, ConfigError> {
        let Some(end) = self.field_end() else {
            return Err(ConfigError::Conflict("a header with a number of variable width has no fixed length"));
        };
        match usize::from(len).checked_sub(end).and_then(|after| u16::try_from(after).ok()) {
            Some(after) => self.with_header_after(after),
            None => Err(ConfigError::Conflict("the header ends before its length field does")),
        }
    }

    /// The same with `len` header bytes after the field, and the number counting what follows the header.
    ///
    /// Sets the adjustment as well, as [`with_header_len`](Self::with_header_len) does.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] where a second number, a padding length or required bytes would lie after the header.
    pub fn with_header_after(mut self, len: u16) -> Result<Self, ConfigError> {
        self.layout.after = len;
        self.layout.adjustment = len.into();
        self.layout = self.layout.settled();
        let second = self.layout.second.map(|(at, number)| (at, number.width()));
        let pad_len = match self.layout.trailer {
            Trailer::PadLen(at) => Some((at, 1)),
            _ => None,
        };
        let required = self.layout.required.iter().flatten().map(|(at, mark)| (*at, mark.as_slice().len()));
        for (at, len) in required.chain(second).chain(pad_len) {
            self.check_place(at, len)?;
        }
        Ok(self)
    }

    /// The same with a number that counts units of `unit` bytes, as RTP's and RTCP's count 32-bit words.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Unit`] for 0.
    pub fn with_unit(mut self, unit: u32) -> Result<Self, ConfigError> {
        if unit == 0 {
            return Err(ConfigError::Unit { found: 0, max: u32::MAX.into() });
        }
        self.layout.unit = unit;
        self.layout = self.layout.settled();
        Ok(self)
    }

    /// The same with payloads padded with zeros to a multiple of `multiple` bytes, 1 to 256. The padding is not
    /// counted in the number; what it holds is not looked at.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Unit`] for another multiple, [`ConfigError::Conflict`] where there is another trailer.
    pub fn with_padding_to(self, multiple: u16) -> Result<Self, ConfigError> {
        if multiple == 0 || multiple > 256 {
            return Err(ConfigError::Unit { found: multiple.into(), max: 256 });
        }
        self.with_other_trailer(Trailer::Multiple(multiple))
    }

    /// The same with as much padding after the payload as the header byte at `offset` says, as in FastCGI. It is
    /// written as zeros; what it holds is not looked at.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] where the byte lies outside the header or in the length field, or where there is
    /// another trailer.
    pub fn with_pad_len_at(self, offset: u16) -> Result<Self, ConfigError> {
        self.check_place(offset, 1)?;
        self.with_other_trailer(Trailer::PadLen(offset))
    }

    /// The same with these bytes after every payload, as AMQP's frame-end octet. They are not counted.
    ///
    /// # Errors
    ///
    /// As [`Literal::new`], and [`ConfigError::Conflict`] where there is another trailer.
    pub fn with_trailer(self, trailer: &[u8]) -> Result<Self, ConfigError> {
        self.with_other_trailer(Trailer::Literal(Literal::new(trailer)?))
    }

    fn with_other_trailer(mut self, trailer: Trailer) -> Result<Self, ConfigError> {
        if self.layout.trailer != Trailer::None {
            return Err(ConfigError::Conflict(
                "a packet has one kind of trailer: a mark, padding, or a padding length",
            ));
        }
        self.layout.trailer = trailer;
        self.layout = self.layout.settled();
        Ok(self)
    }

    /// The same with a second number at `offset` in the header, whose bytes of payload are added to the first's.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] where it lies outside the header or in the length field, or where there is one
    /// already.
    pub fn with_second(mut self, offset: u16, number: Binary) -> Result<Self, ConfigError> {
        self.check_place(offset, number.width())?;
        if self.layout.second.is_some() {
            return Err(ConfigError::Conflict("a packet has two length fields at most"));
        }
        self.layout.second = Some((offset, number));
        self.layout = self.layout.settled();
        Ok(self)
    }

    /// The same with these bytes required at `offset` in the header, such as a magic number or a version.
    ///
    /// # Errors
    ///
    /// As [`Literal::new`]; [`ConfigError::Conflict`] where they lie outside the header or in the length field;
    /// [`ConfigError::TooMany`] for a third run of bytes.
    pub fn with_required(mut self, offset: u16, bytes: &[u8]) -> Result<Self, ConfigError> {
        let mark = Literal::new(bytes)?;
        self.check_place(offset, bytes.len())?;
        match self.layout.required.iter_mut().find(|slot| slot.is_none()) {
            Some(slot) => *slot = Some((offset, mark)),
            None => {
                return Err(ConfigError::TooMany { found: Layout::REQUIRED + 1, max: Layout::REQUIRED });
            }
        }
        self.layout = self.layout.settled();
        Ok(self)
    }

    /// The same with `unit` more header bytes for each that the bits `mask` of the byte at `offset` count, after all else
    /// in the header. The number does not count them.
    ///
    /// So a flag announces a key, as WebSocket's MASK does: `with_extra(1, 0x80, 4)`. So four bits announce the length
    /// of a token, as in CoAP over TCP: `with_extra(0, 0x0f, 1)`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] for a byte after the first of the length field, or where there is such a rule already;
    /// [`ConfigError::BitMask`] for a mask that is 0 or has a hole; [`ConfigError::Unit`] for a unit of 0.
    pub fn with_extra(mut self, offset: u16, mask: u8, unit: u8) -> Result<Self, ConfigError> {
        let run = mask.wrapping_shr(mask.trailing_zeros());
        if mask == 0 || run & run.wrapping_add(1) != 0 {
            return Err(ConfigError::BitMask { found: mask.into() });
        }
        if unit == 0 {
            return Err(ConfigError::Unit { found: 0, max: u8::MAX.into() });
        }
        if offset > self.layout.offset {
            return Err(ConfigError::Conflict(
                "what announces header bytes must not lie after the length field's start",
            ));
        }
        if self.layout.extra.is_some() {
            return Err(ConfigError::Conflict("a packet has one rule for more header bytes at most"));
        }
        self.layout.extra = Some(Extra { at: offset, mask, unit });
        self.layout = self.layout.settled();
        Ok(self)
    }

    /// Where the length field ends, if its number has a fixed width.
    fn field_end(&self) -> Option<usize> {
        Some(usize::from(self.layout.offset).saturating_add(self.number.fixed_len()?))
    }

    /// Whether `len` header bytes at `offset` lie in the header and beside the length field.
    fn check_place(&self, offset: u16, len: usize) -> Result<(), ConfigError> {
        let start = usize::from(offset);
        let end = start.saturating_add(len);
        let field = usize::from(self.layout.offset);
        if end <= field {
            return Ok(());
        }
        match self.field_end() {
            None => Err(ConfigError::Conflict("after a number of variable width nothing has a fixed offset")),
            Some(field_end) if start < field_end => Err(ConfigError::Conflict("the bytes lie across the length field")),
            Some(field_end) if end > field_end.saturating_add(self.layout.after.into()) => {
                Err(ConfigError::Conflict("the bytes lie after the header: give the header's length first"))
            }
            Some(_) => Ok(()),
        }
    }

    /// Writes into a packet's length field how long the packet is. Other bits in the field's bytes are kept.
    ///
    /// # Errors
    ///
    /// A [`EncodeError`] where the packet has no whole header, or where its length does not fit the field. The packet is
    /// then unchanged. For a number of variable width, [`EncodeError::WrongLength`] where the number there has another
    /// width than the one wanted; [`encode_with`](Framing::encode_with) makes room.
    pub fn fill(&self, packet: &mut [u8]) -> Result<(), EncodeError> {
        if let Some(Patch { at, len, bytes }) = self.patch(packet)? {
            if bytes.len() != len {
                return Err(EncodeError::WrongLength { len: len as u64, expected: bytes.len() as u64 });
            }
            if let Some(field) = packet.get_mut(at..).and_then(|after| after.get_mut(..len)) {
                field.copy_from_slice(&bytes);
            }
        }
        Ok(())
    }

    /// The number representation.
    pub const fn number(&self) -> &N {
        &self.number
    }

    /// Where the number begins, in bytes from the start of the packet.
    #[must_use]
    pub const fn offset(&self) -> u16 {
        self.layout.offset
    }

    /// Bytes of the header after the number.
    #[must_use]
    pub const fn header_after(&self) -> u16 {
        self.layout.after
    }

    #[cfg(feature = "spec")]
    pub(crate) const fn layout(&self) -> &Layout {
        &self.layout
    }

    #[cfg(any(feature = "alloc", feature = "protocols"))]
    pub(crate) const fn from_parts(number: N, layout: Layout) -> Self {
        Self { number, layout: layout.settled() }
    }

    #[cfg(feature = "alloc")]
    pub(crate) fn into_parts(self) -> (N, Layout) {
        (self.number, self.layout)
    }

    /// The first required byte that is another. An earlier byte proves its fault first, however the bytes were split.
    #[inline]
    fn mismatch(&self, input: &[u8]) -> Option<FrameError> {
        let mut first: Option<FrameError> = None;
        for &(offset, mark) in self.layout.required.iter().flatten() {
            let Some(there) = input.get(offset.into()..) else { continue };
            if let Err(fault) = mark.check(there) {
                let fault = fault.shifted(offset.into());
                if first.is_none_or(|other| fault.at < other.at) {
                    first = Some(fault);
                }
            }
        }
        first
    }

    /// Where the last required byte ends, or 0.
    #[inline]
    fn required_end(&self) -> usize {
        let ends = self.layout.required.iter().flatten();
        ends.map(|(offset, mark)| usize::from(*offset).saturating_add(mark.as_slice().len())).max().unwrap_or_default()
    }

    /// The numbers in the header at the front of `input`, or how many bytes it lacks at least.
    ///
    /// A fault is proved by the byte that it names, so of two faults the earlier is the one to report: then it does not
    /// matter how many bytes arrived together.
    #[inline]
    fn fields(&self, input: &[u8], mismatch: Option<FrameError>) -> Result<Result<Fields, usize>, FrameError> {
        let offset = usize::from(self.layout.offset);
        let after = usize::from(self.layout.after);
        let decoded = match input.get(offset..) {
            None => {
                return mismatch.map_or(Ok(Err(offset - input.len() + self.number.fixed_len().unwrap_or(1))), Err);
            }
            Some(field) => self.number.decode(field, u64::MAX).map_err(|fault| fault.shifted(offset)),
        };
        let (value, width) = match (decoded, mismatch) {
            (Ok(Decoded::Value { value, len }), _) => (value, len),
            (Err(fault), Some(mismatch)) if mismatch.at < fault.at => return Err(mismatch),
            (Err(fault), _) => return Err(fault),
            (Ok(Decoded::More(_)), Some(mismatch)) => return Err(mismatch),
            (Ok(Decoded::More(need)), None) => return Ok(Err(need.get().saturating_add(after))),
        };
        let field_end = offset.saturating_add(width);
        let header = field_end.saturating_add(after).saturating_add(self.extra_len(input));
        let (second, second_end) = match self.layout.second {
            None => (0, 0),
            Some((at, number)) => match input.get(at.into()..).map(|field| number.decode(field, u64::MAX)) {
                Some(Ok(Decoded::Value { value, len })) => (value, usize::from(at).saturating_add(len)),
                // A binary number has no faults.
                _ => return mismatch.map_or(Ok(Err(header.saturating_sub(input.len()))), Err),
            },
        };
        match mismatch {
            // Before all has come that says how long the payload is.
            Some(mismatch) if mismatch.at < field_end.max(second_end) => Err(mismatch),
            _ => Ok(Ok(Fields { header, value, second })),
        }
    }

    /// Header bytes that are announced by bits, which have come once the number has.
    #[inline]
    fn extra_len(&self, input: &[u8]) -> usize {
        self.layout.extra.as_ref().map_or(0, |extra| extra.len(input))
    }

    /// What is added to the number's bytes to get the payload's length.
    #[inline]
    fn payload_adjustment(&self) -> i128 {
        i128::from(self.layout.adjustment) - i128::from(self.layout.after)
    }

    /// The payload's length for these numbers.
    #[inline]
    fn payload_len(&self, fields: &Fields, unlimited: bool) -> Result<u64, DecodeErrorKind> {
        let adjustment = self.payload_adjustment();
        let max = self.layout.max;
        // In 128 bits, where nothing here can overflow: 2^64 × 2^32 + 2^64 + 2^63.
        let counted = i128::from(fields.value) * i128::from(self.layout.unit) + i128::from(fields.second);
        let len = counted + adjustment;
        match u64::try_from(len) {
            Ok(len) if len <= max || unlimited => Ok(len),
            Ok(len) => Err(DecodeErrorKind::Oversize { len, max }),
            Err(_) if len.is_negative() => Err(DecodeErrorKind::TooShort {
                len: u64::try_from(counted).unwrap_or(u64::MAX),
                min: u64::try_from(adjustment.unsigned_abs()).unwrap_or(u64::MAX),
            }),
            // Longer than any stream: not even skipping gets past it.
            Err(_) => Err(DecodeErrorKind::Oversize { len: u64::MAX, max }),
        }
    }

    /// The bytes after a payload, if all of the header that says so is there.
    #[inline]
    fn trailer_len(&self, input: &[u8], payload: u64) -> Option<u16> {
        Some(match &self.layout.trailer {
            Trailer::None => 0,
            Trailer::Literal(mark) => mark.len_u16(),
            Trailer::Multiple(multiple) => padding(payload, *multiple),
            Trailer::PadLen(at) => u16::from(*input.get(usize::from(*at))?),
        })
    }

    /// What the number must be for a packet of `len` bytes with a header of `header` bytes.
    fn expected(&self, len: usize, header: usize, second: u64) -> Result<u64, EncodeError> {
        let (len, min) = (len as u64, header as u64);
        let payload = len.checked_sub(min).ok_or(EncodeError::TooShort { len, min })?;
        if payload > self.layout.max {
            return Err(EncodeError::Oversize { len: payload, max: self.layout.max });
        }
        let counted = i128::from(payload) - i128::from(second) - self.payload_adjustment();
        let unit = u64::from(self.layout.unit);
        let max = self.number.max();
        match u64::try_from(counted) {
            Ok(counted) if counted % unit != 0 => Err(EncodeError::NotAMultiple { len: counted, unit }),
            Ok(counted) if counted / unit > max => Err(EncodeError::DoesNotFit { value: counted / unit, max }),
            Ok(counted) => Ok(counted / unit),
            // Less than 0: a packet of at most 2^63 − 1 bytes less the least adjustment still fits.
            Err(_) => {
                let short = u64::try_from(counted.unsigned_abs()).unwrap_or(u64::MAX);
                Err(EncodeError::TooShort { len, min: len.saturating_add(short) })
            }
        }
    }
}

/// How many bytes make `len` a multiple of `multiple`.
#[inline]
fn padding(len: u64, multiple: u16) -> u16 {
    let over = u16::try_from(len % u64::from(multiple)).unwrap_or_default();
    if over == 0 { 0 } else { multiple - over }
}

impl<N: Number> Framing for LengthField<N> {
    #[inline]
    fn locate(&self, input: &[u8], progress: Progress) -> Result<Located, FrameError> {
        let mismatch = self.mismatch(input);
        let fields = match self.fields(input, mismatch)? {
            Ok(fields) => fields,
            Err(need) => return Ok(Located::Header { need: at_least_one(need), scanned: 0 }),
        };
        let payload = self
            .payload_len(&fields, progress.unlimited)
            .map_err(|kind| FrameError::new(self.layout.offset.into(), kind))?;
        if let Some(mismatch) = mismatch {
            return Err(mismatch);
        }
        if input.len() < self.required_end() {
            // A byte that is still to come can be wrong.
            let need = fields.header.saturating_sub(input.len());
            return Ok(Located::Header { need: at_least_one(need), scanned: 0 });
        }
        let Some(trailer_len) = self.trailer_len(input, payload) else {
            let need = fields.header.saturating_sub(input.len());
            return Ok(Located::Header { need: at_least_one(need), scanned: 0 });
        };
        if let Trailer::Literal(mark) = &self.layout.trailer {
            let left = payload.saturating_sub(progress.passed);
            let end = usize::try_from(left).ok().and_then(|left| left.checked_add(fields.header));
            if let Some((end, after)) = end.and_then(|end| Some((end, input.get(end..)?))) {
                mark.check(after).map_err(|fault| fault.shifted(end))?;
            }
        }
        let header = u16::try_from(fields.header)
            .map_err(|_| FrameError::new(0, DecodeErrorKind::Custom("a header is longer than 65535 bytes")))?;
        Ok(Located::Known(Extent::new(header, payload, trailer_len).with_message_header(header)))
    }

    #[inline]
    fn locate_by_header(&self, input: &[u8]) -> Option<Extent> {
        let Layout { offset, after, adjustment, plain: (least, count), .. } = self.layout;
        match self.number.decode(input.get(offset.into()..)?, u64::MAX) {
            Ok(Decoded::Value { value, len }) if value.wrapping_sub(least) < count => {
                // It does not wrap for such a number.
                let payload = value.wrapping_add_signed(adjustment).wrapping_sub(after.into());
                let header = u16::try_from(len).ok()?.checked_add(offset)?.checked_add(after)?;
                Some(Extent::new(header, payload, 0).with_message_header(header))
            }
            _ => None,
        }
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let len = message.len() as u64;
        let too_short = |need: usize| EncodeError::TooShort { len, min: len.saturating_add(need as u64) };
        if let Some(FrameError { at, kind: DecodeErrorKind::Mismatch { found, expected } }) = self.mismatch(message) {
            return Err(EncodeError::Mismatch { at, found, expected });
        }
        let fields = self.fields(message, None).map_err(EncodeError::Header)?.map_err(too_short)?;
        let expected = self.expected(message.len(), fields.header, fields.second)?;
        if fields.value != expected {
            return Err(EncodeError::LengthDisagrees { found: fields.value, expected });
        }
        let payload = len.saturating_sub(fields.header as u64);
        let trailer = match &self.layout.trailer {
            Trailer::Literal(mark) => mark.as_slice(),
            _ => {
                let trailer_len = self.trailer_len(message, payload).unwrap_or_default();
                ZEROS.get(..trailer_len.into()).unwrap_or_default()
            }
        };
        Ok(Envelope::new(ShortBytes::empty()).with_trailer(trailer))
    }

    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        let at = usize::from(self.layout.offset);
        let too_short = |min: usize| EncodeError::TooShort { len: message.len() as u64, min: min as u64 };
        let field = message.get(at..).unwrap_or_default();
        let len = match (self.number.fixed_len(), self.number.decode(field, u64::MAX)) {
            // Whatever stands in a field of fixed width is replaced.
            (Some(len), _) | (None, Ok(Decoded::Value { len, .. })) => len,
            (None, Ok(Decoded::More(need))) => return Err(too_short(message.len().saturating_add(need.get()))),
            (None, Err(fault)) => return Err(EncodeError::Header(fault.shifted(at))),
        };
        let after = usize::from(self.layout.after).saturating_add(self.extra_len(message));
        let header = at.saturating_add(len).saturating_add(after);
        let field = field.get(..len).ok_or(too_short(header))?;
        let second = match self.layout.second {
            None => 0,
            Some((at, number)) => match message.get(at.into()..).map(|field| number.decode(field, u64::MAX)) {
                Some(Ok(Decoded::Value { value, .. })) => value,
                _ => return Err(too_short(header)),
            },
        };
        let value = self.expected(message.len(), header, second)?;
        // Keeps the bits of the field's bytes that are not the number's.
        let mut bytes = ShortBytes::empty();
        self.number.rewrite(value, field, &mut bytes)?;
        Ok(Some(Patch { at, len, bytes }))
    }

    fn max_payload_len(&self) -> u64 {
        self.layout.max
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests;
