//! A complete packet with its length in its header.

use crate::contract::{Envelope, Extent, Framing, Located, Part, Patch, Progress, Shape};
use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError};
use crate::literal::Literal;
use crate::number::{BuiltIn, Decoded, Number};
use crate::short::ShortBytes;

mod layout;
mod second;

use layout::Plain;
pub(crate) use layout::{Extra, Layout, Trailer};
#[cfg(feature = "protocols")]
pub(crate) use second::Second;

/// A packet whose header contains its length.
///
/// ```text
///                     LengthField::new(1, Binary::u16_be())?.with_header_len(4)?
///  offset    0   1   2   3   4   5   6   7   8
///  wire      16  00  05  01  h   e   l   l   o
///            header          payload
///            ty  length  fl
/// ```
///
/// The message is the complete packet, header included: [`Frame::header`](crate::Frame::header) is the header,
/// [`Frame::payload`](crate::Frame::payload) the bytes after it, and [`Frame::message`](crate::Frame::message) both.
/// `encode` takes a packet whose length field is right and refuses any other; [`fill`](Self::fill) and
/// [`encode_with`](Framing::encode_with) put the length in.
///
/// With the names that Netty gave them:
///
/// ```text
///  field end       = offset + width of the number
///  packet length   = field end + number × unit + adjustment + second number + announced header bytes
///  payload length  = packet length − header length
///  trailer         = padding, or a literal
/// ```
///
/// The default adjustment is the number of header bytes after the field, so that the number counts the bytes after the
/// header: see [`with_length_adjustment`](Self::with_length_adjustment).
///
/// ```
/// use anysplit::number::Binary;
/// use anysplit::{Decoder, Framing, LengthField, EncodeError};
///
/// // Two bytes of type, then a length that counts the complete packet.
/// let framing = LengthField::new(2, Binary::u16_be())?.with_length_adjustment(-4);
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
/// The limit counts the payload, not the header.
///
/// # Errors
///
/// - For an invalid number, the errors of that [`Number`], at the invalid byte.
/// - [`DecodeErrorKind::Mismatch`] at the first byte that differs from a required one, in the header and in the trailer.
/// - [`DecodeErrorKind::Oversize`] and [`DecodeErrorKind::TooShort`] at the first byte of the length field.
/// - [`DecodeErrorKind::HeaderTooLong`] for more than 65,535 header bytes, if a number has variable width or announces bytes.
///
/// Of several errors, the one that the earliest byte proves.
///
/// # Cost
///
/// Constant time for each frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LengthField<N> {
    number: N,
    layout: Layout,
}

/// Padding is written as zeros.
static ZEROS: [u8; 256] = [0; 256];

/// The numbers in a header.
struct Fields {
    /// Length of the complete header.
    header: usize,
    value: u64,
    /// The bytes that the second number adds to the payload.
    second: i128,
}

impl<N: Number> LengthField<N> {
    /// Creates a framing with `number` at `offset`. The header ends with the number, which counts the bytes after it.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] where the header would be longer than 65,535 bytes.
    pub fn new(offset: u16, number: N) -> Result<Self, ConfigError> {
        let layout = Layout::new(offset);
        layout.check_header_len(number.fixed_len())?;
        Ok(Self { number, layout: layout.settled() })
    }

    /// Sets the limit, in bytes of payload. It applies to encoding and decoding.
    #[must_use]
    pub const fn with_max_payload_len(mut self, max: u64) -> Self {
        self.layout.max = max;
        self.layout = self.layout.settled();
        self
    }

    /// Sets the least payload, in bytes. It applies to encoding and decoding.
    #[must_use]
    pub const fn with_min_payload_len(mut self, min: u64) -> Self {
        self.layout.min = min;
        self.layout = self.layout.settled();
        self
    }

    /// Sets packet length = field end + number × unit + `adjustment`, as in Netty.
    ///
    /// The default is the number of header bytes after the field, so that the number counts what follows the header. An
    /// adjustment that is set here replaces the default, whether this or [`with_header_after`](Self::with_header_after) is
    /// called first. So `with_length_adjustment(0)` is not the default where header bytes follow the field:
    ///
    /// ```text
    ///  offset             0  1  2  3  4 ... 11  12 ...
    ///  wire              00 01 00 nn (8 bytes)  h  e  l  l  o     the number at offset 2 has 2 bytes, 8 follow it
    ///
    ///  the number counts              adjustment   nn
    ///  what follows the header        default, 8   05
    ///  what follows the field         0            0d
    ///  the complete packet            -4           11
    /// ```
    ///
    /// ```
    /// use anysplit::number::Binary;
    /// use anysplit::contract::{Located, Progress};
    /// use anysplit::{Framing, LengthField};
    ///
    /// let field = LengthField::new(2, Binary::u16_be())?.with_header_after(8)?;
    /// let payload_len = |framing: LengthField<Binary>, number| {
    ///     let located = framing.locate(&[0, 1, 0, number], &mut Progress::default());
    ///     located.unwrap().known().unwrap().payload_len()
    /// };
    /// assert_eq!(payload_len(field, 5), 5);
    /// assert_eq!(payload_len(field.with_length_adjustment(0), 13), 5);
    /// assert_eq!(payload_len(field.with_length_adjustment(-4), 17), 5);
    /// # Ok::<(), anysplit::ConfigError>(())
    /// ```
    #[must_use]
    pub const fn with_length_adjustment(mut self, adjustment: i64) -> Self {
        self.layout.adjustment = Some(adjustment);
        self.layout = self.layout.settled();
        self
    }

    /// Sets the length of the complete header.
    ///
    /// The number counts the bytes after the header, unless [`with_length_adjustment`](Self::with_length_adjustment)
    /// sets another rule, before or after this call.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] where the number has no fixed width, where the header would end before the field, and as
    /// [`with_header_after`](Self::with_header_after).
    pub fn with_header_len(self, len: u16) -> Result<Self, ConfigError> {
        let Some(width) = self.number.fixed_len() else {
            return Err(ConfigError::Conflict("a header with a number of variable width has no fixed length"));
        };
        let end = usize::from(self.layout.offset).saturating_add(width);
        match usize::from(len).checked_sub(end).and_then(|after| u16::try_from(after).ok()) {
            Some(after) => self.with_header_after(after),
            None => Err(ConfigError::Conflict("the header ends before its length field does")),
        }
    }

    /// Sets the number of header bytes after the field.
    ///
    /// The number counts the bytes after the header, unless [`with_length_adjustment`](Self::with_length_adjustment)
    /// sets another rule, before or after this call.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] where the header would be longer than 65,535 bytes, and where a second number, a padding
    /// length or required bytes would lie after it.
    pub fn with_header_after(mut self, len: u16) -> Result<Self, ConfigError> {
        self.layout.after = len;
        self.layout.check_header_len(self.number.fixed_len())?;
        self.layout.check_places(self.number.fixed_len())?;
        self.layout = self.layout.settled();
        Ok(self)
    }

    /// Makes the number count units of `unit` bytes, as RTP and RTCP count 32-bit words.
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

    /// Pads payloads with zeros to a multiple of `multiple` bytes, 1 to 256. The padding is not counted in the number, and
    /// not checked.
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

    /// Puts as many bytes of padding after the payload as the header byte at `offset` gives, as in FastCGI. The padding
    /// is written as zeros, and is not checked.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] where the byte lies outside the header or in the length field, or where there is
    /// another trailer.
    pub fn with_pad_len_at(self, offset: u16) -> Result<Self, ConfigError> {
        self.layout.check_place(offset, 1, self.number.fixed_len())?;
        self.with_other_trailer(Trailer::PadLen(offset))
    }

    /// Puts these bytes after every payload, such as AMQP's frame-end octet. They are not counted.
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
                "a packet has one kind of trailer: a literal, padding, or a padding length",
            ));
        }
        self.layout.trailer = trailer;
        self.layout = self.layout.settled();
        Ok(self)
    }

    /// Requires these bytes at `offset` in the header, such as a magic number or a version. At most two runs of bytes.
    ///
    /// # Errors
    ///
    /// As [`Literal::new`]; [`ConfigError::Conflict`] where they lie outside the header or in the length field;
    /// [`ConfigError::TooMany`] for a third run of bytes.
    pub fn with_magic_at(mut self, offset: u16, bytes: &[u8]) -> Result<Self, ConfigError> {
        let magic = Literal::new(bytes)?;
        self.layout.check_place(offset, bytes.len(), self.number.fixed_len())?;
        match self.layout.required.iter_mut().find(|slot| slot.is_none()) {
            Some(slot) => *slot = Some((offset, magic)),
            None => {
                return Err(ConfigError::TooMany { found: Layout::REQUIRED + 1, max: Layout::REQUIRED });
            }
        }
        self.layout = self.layout.settled();
        Ok(self)
    }

    /// Adds `unit` header bytes for each that the bits `mask` of the byte at `offset` count, at the end of the header.
    /// The number does not count them.
    ///
    /// A flag can announce a key, as WebSocket's MASK does: `with_optional_header(1, 0x80, 4)`. Four bits can announce the
    /// length of a token, as in CoAP over TCP: `with_optional_header(0, 0x0f, 1)`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] for a byte after the first of the length field, or where there is such a rule already;
    /// [`ConfigError::BitMask`] for a mask that is 0 or has a hole; [`ConfigError::Unit`] for a unit of 0.
    pub fn with_optional_header(mut self, offset: u16, mask: u8, unit: u8) -> Result<Self, ConfigError> {
        let extra = Extra::new(offset, mask, unit)?;
        if offset > self.layout.offset {
            return Err(ConfigError::Conflict(
                "what announces header bytes must not lie after the length field's start",
            ));
        }
        if self.layout.extra.is_some() {
            return Err(ConfigError::Conflict("a packet has one rule for more header bytes at most"));
        }
        self.layout.extra = Some(extra);
        self.layout = self.layout.settled();
        Ok(self)
    }

    /// Writes a packet's length into its length field. Other bits in the field's bytes are kept.
    ///
    /// # Errors
    ///
    /// An [`EncodeError`] where the packet has no complete header, or where its length does not fit the field. The packet is
    /// then unchanged. For a number of variable width, [`EncodeError::WrongLength`] where the number there has another
    /// width than the required one; [`encode_with`](Framing::encode_with) makes room.
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

    /// Returns the number representation.
    pub const fn number(&self) -> &N {
        &self.number
    }

    /// Returns where the number begins, in bytes from the start of the packet.
    #[must_use]
    pub const fn offset(&self) -> u16 {
        self.layout.offset
    }

    /// Returns how many header bytes follow the number.
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

    /// Returns the numbers in the header at the front of `input`, or the least length of the frame.
    ///
    /// An error is proved by the byte that it names, so the earlier of two is reported: then it does not matter how
    /// many bytes arrived together.
    #[inline]
    fn fields(&self, input: &[u8], mismatch: Option<FrameError>) -> Result<Result<Fields, usize>, FrameError> {
        let offset = usize::from(self.layout.offset);
        let after = usize::from(self.layout.after);
        let decoded = match input.get(offset..) {
            None => {
                let least = offset.saturating_add(self.number.fixed_len().unwrap_or(1)).saturating_add(after);
                return mismatch.map_or(Ok(Err(least)), Err);
            }
            Some(field) => self.number.decode(field, u64::MAX).map_err(|error| error.shifted(offset)),
        };
        let (value, width) = match (decoded, mismatch) {
            (Ok(Decoded::Value { value, len }), _) => (value, len),
            (Err(error), Some(mismatch)) if mismatch.at < error.at => return Err(mismatch),
            (Err(error), _) => return Err(error),
            (Ok(Decoded::Incomplete(_)), Some(mismatch)) => return Err(mismatch),
            (Ok(Decoded::Incomplete(need)), None) => {
                let least = input.len().saturating_add(need.get()).saturating_add(after);
                return if u16::try_from(least).is_ok() { Ok(Err(least)) } else { Err(header_too_long()) };
            }
        };
        let field_end = offset.saturating_add(width);
        let header = field_end.saturating_add(after).saturating_add(self.layout.extra_len(input));
        if u16::try_from(header).is_err() {
            return Err(mismatch.filter(|mismatch| mismatch.at < field_end).unwrap_or(header_too_long()));
        }
        let (second, second_end) = match self.layout.second {
            None => (0, 0),
            Some(second) => match input.get(second.at.into()..).map(|field| second.number.decode(field, u64::MAX)) {
                Some(Ok(Decoded::Value { value, len })) => {
                    (second.len(value), usize::from(second.at).saturating_add(len))
                }
                // A binary number has no errors.
                _ => return mismatch.map_or(Ok(Err(header)), Err),
            },
        };
        match mismatch {
            // The wrong byte comes before the end of the numbers that give the payload's length.
            Some(mismatch) if mismatch.at < field_end.max(second_end) => Err(mismatch),
            _ => Ok(Ok(Fields { header, value, second })),
        }
    }

    /// Returns the payload's length for these numbers.
    #[inline]
    fn payload_len(&self, fields: &Fields, lenient: bool) -> Result<u64, DecodeErrorKind> {
        let adjustment = self.layout.payload_adjustment();
        let max = self.layout.max;
        // 128 bits cannot overflow here: 2^64 × 2^32 + 2^64 × 2^8 + 2^63.
        let counted = i128::from(fields.value) * i128::from(self.layout.unit) + fields.second;
        let len = counted + adjustment;
        match u64::try_from(len) {
            Ok(len) if len < self.layout.min && !lenient => {
                Err(DecodeErrorKind::TooShort { len, min: self.layout.min })
            }
            Ok(len) if len <= max || lenient => Ok(len),
            Ok(len) => Err(DecodeErrorKind::Oversize { len, max }),
            Err(_) if len.is_negative() => Err(DecodeErrorKind::TooShort {
                len: u64::try_from(counted).unwrap_or(u64::MAX),
                min: u64::try_from(adjustment.unsigned_abs()).unwrap_or(u64::MAX),
            }),
            // Longer than any stream: it cannot even be skipped.
            Err(_) => Err(DecodeErrorKind::Oversize { len: u64::MAX, max }),
        }
    }

    /// Returns the extent of a frame whose number alone gives a length within the limit, and which has the required bytes.
    #[inline]
    fn plain(&self, input: &[u8]) -> Option<Extent> {
        let Plain { least, count, more, beside, .. } = self.layout.plain;
        if count == 0 {
            return None;
        }
        match self.number.decode(input.get(self.layout.offset.into()..)?, u64::MAX) {
            Ok(Decoded::Value { value, len })
                if value.wrapping_sub(least) < count && self.layout.has_required(input) =>
            {
                // Such a number does not wrap.
                let payload = value.wrapping_add(more);
                let header = u16::try_from(len).ok()?.checked_add(beside)?;
                Some(Extent::new(header, payload, 0).with_message_header(header))
            }
            _ => None,
        }
    }

    /// Locates any frame. Out of line, so that it costs the frames that are [plain](Self::plain) nothing.
    #[inline(never)]
    fn locate_slow(&self, input: &[u8], lenient: bool) -> Result<Located, FrameError> {
        let mismatch = self.layout.mismatch(input);
        let fields = match self.fields(input, mismatch)? {
            Ok(fields) => fields,
            Err(least) => return Ok(self.unfinished(least)),
        };
        let payload =
            self.payload_len(&fields, lenient).map_err(|kind| FrameError::new(self.layout.offset.into(), kind))?;
        if let Some(mismatch) = mismatch {
            return Err(mismatch);
        }
        if input.len() < self.layout.required_end() {
            // A missing byte can be wrong.
            return Ok(Located::Header(fields.header as u64));
        }
        let Some(trailer_len) = self.layout.trailer_len(input, payload) else {
            return Ok(Located::Header(fields.header as u64));
        };
        let header = u16::try_from(fields.header).map_err(|_| header_too_long())?;
        let extent = Extent::new(header, payload, trailer_len).with_message_header(header);
        Ok(Located::Known(if matches!(self.layout.trailer, Trailer::Literal(_)) { extent.checked() } else { extent }))
    }

    /// Returns the answer while header bytes are missing, for a frame of at least `least` bytes.
    fn unfinished(&self, least: usize) -> Located {
        let Layout { after, required, .. } = &self.layout;
        match self.number.built_in() {
            // No byte can be wrong, and the last header byte decides, so fewer bytes need not be shown.
            Some(BuiltIn::Binary(_) | BuiltIn::Bits(_)) if *after == 0 && required.iter().all(Option::is_none) => {
                Located::Wait(least as u64)
            }
            _ => Located::Header(least as u64),
        }
    }

    /// Returns the number for a packet of `len` bytes with a header of `header` bytes.
    fn expected(&self, len: usize, header: usize, second: i128) -> Result<u64, EncodeError> {
        if u16::try_from(header).is_err() {
            return Err(EncodeError::HeaderTooLong { max: u16::MAX.into() });
        }
        let (len, min) = (len as u64, header as u64);
        let payload = len.checked_sub(min).ok_or(EncodeError::TooShort { len, min })?;
        if payload < self.layout.min {
            return Err(EncodeError::TooShort { len, min: min.saturating_add(self.layout.min) });
        }
        if payload > self.layout.max {
            return Err(EncodeError::Oversize { len: payload, max: self.layout.max });
        }
        let counted = i128::from(payload) - second - self.layout.payload_adjustment();
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

#[cold]
const fn header_too_long() -> FrameError {
    FrameError::new(0, DecodeErrorKind::HeaderTooLong { max: u16::MAX as u64 })
}

/// Returns the reason to refuse a message whose own header has this error.
const fn refused(error: FrameError) -> EncodeError {
    match error.kind {
        DecodeErrorKind::HeaderTooLong { .. } => EncodeError::HeaderTooLong { max: u16::MAX as usize },
        _ => EncodeError::Header(error),
    }
}

impl<N: Number> Framing for LengthField<N> {
    #[inline]
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        match self.plain(input) {
            Some(extent) => Ok(Located::Known(extent)),
            None => self.locate_slow(input, progress.lenient),
        }
    }

    #[inline]
    fn check(&self, part: Part<'_>, _: &mut u64) -> Result<(), FrameError> {
        match (&self.layout.trailer, part.trailer()) {
            (Trailer::Literal(expected), Some(found)) => {
                expected.check(found).map_err(|error| error.shifted(part.trailer_start()))
            }
            _ => Ok(()),
        }
    }

    #[inline]
    fn shape(&self) -> Shape<'_> {
        // `check` compares a literal trailer.
        if matches!(self.layout.trailer, Trailer::Literal(_)) { Shape::UNKNOWN } else { Shape::by_header() }
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let len = message.len() as u64;
        let too_short = |least: usize| EncodeError::TooShort { len, min: least as u64 };
        if let Some(FrameError { at, kind: DecodeErrorKind::Mismatch { found, expected } }) =
            self.layout.mismatch(message)
        {
            return Err(EncodeError::Mismatch { at, found, expected });
        }
        let fields = self.fields(message, None).map_err(refused)?.map_err(too_short)?;
        let expected = self.expected(message.len(), fields.header, fields.second)?;
        if fields.value != expected {
            return Err(EncodeError::LengthDisagrees { found: fields.value, expected });
        }
        let payload = len.saturating_sub(fields.header as u64);
        let trailer = match &self.layout.trailer {
            Trailer::Literal(mark) => mark.as_slice(),
            _ => ZEROS.get(..self.layout.trailer_len(message, payload).unwrap_or_default().into()).unwrap_or_default(),
        };
        Ok(Envelope::around(ShortBytes::empty(), trailer))
    }

    fn patch(&self, message: &[u8]) -> Result<Option<Patch>, EncodeError> {
        let at = usize::from(self.layout.offset);
        let too_short = |min: usize| EncodeError::TooShort { len: message.len() as u64, min: min as u64 };
        let field = message.get(at..).unwrap_or_default();
        let len = match (self.number.fixed_len(), self.number.decode(field, u64::MAX)) {
            // A field of fixed width is overwritten, whatever it holds.
            (Some(len), _) | (None, Ok(Decoded::Value { len, .. })) => len,
            (None, Ok(Decoded::Incomplete(need))) => return Err(too_short(message.len().saturating_add(need.get()))),
            (None, Err(error)) => return Err(EncodeError::Header(error.shifted(at))),
        };
        let after = usize::from(self.layout.after).saturating_add(self.layout.extra_len(message));
        let header = at.saturating_add(len).saturating_add(after);
        let field = field.get(..len).ok_or(too_short(header))?;
        let second = match self.layout.second {
            None => 0,
            Some(second) => match message.get(second.at.into()..).map(|field| second.number.decode(field, u64::MAX)) {
                Some(Ok(Decoded::Value { value, .. })) => second.len(value),
                _ => return Err(too_short(header)),
            },
        };
        let value = self.expected(message.len(), header, second)?;
        let mut bytes = ShortBytes::empty();
        // The field's other bits stay.
        self.number.rewrite(value, field, &mut bytes)?;
        Ok(Some(Patch { at, len, bytes }))
    }

    fn max_payload_len(&self) -> u64 {
        self.layout.max
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests;
