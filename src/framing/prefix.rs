//! A number before the payload gives its length.

use crate::contract::{DEFAULT_MAX_PAYLOAD_LEN, Envelope, Extent, Framing, Located, Part, Progress, Shape};
use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError};
use crate::literal::Literal;
use crate::number::{Ascii, Binary, BuiltIn, Decoded, Number, Varint};
use crate::short::ShortBytes;

/// A length prefix: any [`Number`] before the payload.
///
/// The payload `hello` in some of them:
///
/// ```text
///  Prefix::ascii5()      30 30 30 30 35  68 65 6c 6c 6f        00005hello
///  Prefix::u32_be()      00 00 00 05     68 65 6c 6c 6f        network order
///  Prefix::u16_le()      05 00           68 65 6c 6c 6f
///  Prefix::leb128()      05              68 65 6c 6c 6f
///  Prefix::hex4()        30 30 30 35     68 65 6c 6c 6f        0005hello
///  Prefix::netstring()   35 3a           68 65 6c 6c 6f  2c    5:hello,
///                        header            payload         trailer
/// ```
///
/// ```
/// use anysplit::{Decoder, Framing, Prefix};
///
/// let mut wire = Vec::new();
/// Prefix::ascii5().encode(b"hello", &mut wire)?;
/// assert_eq!(wire, b"00005hello");
///
/// let mut decoder = Decoder::new(Prefix::ascii5());
/// for byte in wire {
///     assert!(decoder.next_frame()?.is_none());
///     decoder.push(&[byte])?;
/// }
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The limit is [`DEFAULT_MAX_PAYLOAD_LEN`], or the number's greatest value if that is less. It counts payload bytes,
/// after any adjustment, and is checked as soon as the number is complete; for digits with a terminator, at the digit
/// that proves the payload too long.
///
/// # Errors
///
/// - For an invalid number, the errors of that [`Number`], at the invalid byte.
/// - [`DecodeErrorKind::Oversize`] for a payload over the limit, at the number's first byte.
/// - [`DecodeErrorKind::TooShort`] for a number that is less than the bytes that it counts besides the payload, there too.
/// - [`DecodeErrorKind::Mismatch`] at the first wrong byte of the trailer.
/// - [`DecodeErrorKind::HeaderTooLong`] for a number of a custom type that takes more than 65,535 bytes.
///
/// # Cost
///
/// Constant time for each frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Prefix<N> {
    number: N,
    rules: Rules,
}

/// All of a [`Prefix`] except its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Rules {
    /// Payload length = number + adjustment.
    pub(crate) adjustment: i64,
    pub(crate) max: u64,
    /// Numbers below this mean control frames.
    pub(crate) controls: u64,
    pub(crate) trailer: Option<Literal>,
    /// Whether the number counts its own bytes too.
    pub(crate) self_inclusive: bool,
    /// Numbers below this are the length of a payload within the limit, with nothing else to look at. One comparison
    /// for all of the above: set by [`settled`](Self::settled).
    plain_below: u64,
}

impl Rules {
    pub(crate) const DEFAULT: Self = Self {
        adjustment: 0,
        max: DEFAULT_MAX_PAYLOAD_LEN,
        controls: 0,
        trailer: None,
        self_inclusive: false,
        plain_below: DEFAULT_MAX_PAYLOAD_LEN + 1,
    };

    #[inline]
    const fn trailer_len(&self) -> u16 {
        match &self.trailer {
            Some(trailer) => trailer.len_u16(),
            None => 0,
        }
    }

    #[inline]
    fn trailer(&self) -> &[u8] {
        self.trailer.as_ref().map_or(&[], Literal::as_slice)
    }

    /// Updates the fields that depend on the others.
    const fn settled(mut self) -> Self {
        let plain = self.adjustment == 0 && self.controls == 0 && self.trailer.is_none() && !self.self_inclusive;
        self.plain_below = if plain { self.max.saturating_add(1) } else { 0 };
        self
    }

    /// Returns the difference from the number to the payload's length, for a number of `header` bytes.
    #[inline]
    fn total_adjustment(&self, header: usize) -> i128 {
        let own = if self.self_inclusive { header as u64 } else { 0 };
        i128::from(self.adjustment) - i128::from(own)
    }

    /// Returns the greatest number for a payload within the limit. May be too great, never too small.
    #[inline]
    fn useful(&self) -> u64 {
        let own = if self.self_inclusive { <ShortBytes>::CAPACITY as u64 } else { 0 };
        let most = self.max.saturating_add(own);
        if self.adjustment >= 0 {
            // The control numbers may be greater than all payload lengths.
            most.saturating_sub(self.adjustment.unsigned_abs()).max(self.controls)
        } else {
            most.saturating_add(self.adjustment.unsigned_abs())
        }
    }

    /// Returns the frame whose number is `value`, in `header` bytes.
    #[inline]
    fn extent(&self, value: u64, header: usize, lenient: bool) -> Result<Extent, FrameError> {
        let header_len = u16::try_from(header).map_err(|_| header_too_long())?;
        if value < self.plain_below {
            return Ok(Extent::new(header_len, value, 0));
        }
        if value < self.controls {
            return Ok(Extent::new(header_len, 0, 0).as_control());
        }
        let adjustment = self.total_adjustment(header);
        let Ok(payload) = u64::try_from(i128::from(value) + adjustment) else {
            let kind = if adjustment < 0 {
                DecodeErrorKind::TooShort {
                    len: value,
                    min: u64::try_from(adjustment.unsigned_abs()).unwrap_or(u64::MAX),
                }
            } else {
                DecodeErrorKind::Oversize { len: u64::MAX, max: self.max }
            };
            return Err(FrameError::new(0, kind));
        };
        if payload > self.max && !lenient {
            return Err(FrameError::new(0, DecodeErrorKind::Oversize { len: payload, max: self.max }));
        }
        let extent = Extent::new(header_len, payload, self.trailer_len());
        Ok(if self.trailer.is_some() { extent.checked() } else { extent })
    }

    /// As [`Framing::locate`], with the number named in the type.
    #[inline]
    pub(crate) fn locate<N: Number>(
        &self,
        number: &N,
        input: &[u8],
        progress: &mut Progress,
    ) -> Result<Located, FrameError> {
        if self.plain_below > 0 {
            if let Ok(Decoded::Value { value, len }) = number.decode(input, self.max) {
                if value < self.plain_below {
                    if let Ok(header) = u16::try_from(len) {
                        return Ok(Located::Known(Extent::new(header, value, 0)));
                    }
                }
            }
        }
        self.locate_slow(number, input, progress)
    }

    /// Out of line, so that the slow path costs the caller's loop no registers.
    #[inline(never)]
    fn locate_slow<N: Number>(&self, number: &N, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let useful = if progress.lenient { u64::MAX } else { self.useful() };
        match number.decode(input, useful) {
            Ok(Decoded::Value { value, len }) => self.extent(value, len, progress.lenient).map(Located::Known),
            Ok(Decoded::Incomplete(need)) => unfinished(number, input.len().saturating_add(need.get())),
            // The payload is too long; the number itself could be greater.
            Err(FrameError { at, kind: DecodeErrorKind::NumberTooLarge { max } })
                if max == useful && max < number.max() =>
            {
                let len = self.max.saturating_add(1);
                Err(FrameError::new(at, DecodeErrorKind::Oversize { len, max: self.max }))
            }
            Err(error) => Err(error),
        }
    }

    /// As [`Framing::check`].
    #[inline]
    pub(crate) fn check(&self, part: Part<'_>) -> Result<(), FrameError> {
        match (&self.trailer, part.trailer()) {
            (Some(expected), Some(found)) => expected.check(found).map_err(|error| error.shifted(part.trailer_start())),
            _ => Ok(()),
        }
    }

    /// As [`Framing::shape`], with the number named in the type.
    #[inline]
    pub(crate) fn shape<N: Number>(&self, number: &N) -> Shape<'static> {
        let Self { adjustment, max, controls, trailer, self_inclusive, .. } = *self;
        let is_plain = adjustment == 0 && controls == 0 && !self_inclusive;
        match (number.built_in().filter(|_| is_plain).map(BuiltIn::to_any), trailer) {
            (Some(number), None) => Shape::prefix(number, max.saturating_add(1)),
            (Some(number), Some(trailer)) => Shape::prefix_and_trailer(number, max.saturating_add(1), trailer),
            (None, None) => Shape::by_header(),
            // `check` compares bytes that are not in the header.
            (None, Some(_)) => Shape::UNKNOWN,
        }
    }

    /// Returns the header of a payload of `len` bytes.
    #[inline]
    pub(crate) fn header<N: Number>(&self, number: &N, len: u64) -> Result<ShortBytes, EncodeError> {
        if len > self.max {
            return Err(EncodeError::Oversize { len, max: self.max });
        }
        let value = self.value(number, len)?;
        let mut header = ShortBytes::empty();
        match number.built_in().and_then(|number| number.encode_word(value)) {
            Some((word, len)) => header.push_word(word, len)?,
            None => number.encode(value, &mut header)?,
        }
        Ok(header)
    }

    /// Returns the number for a payload of `len` bytes.
    #[inline]
    fn value<N: Number>(&self, number: &N, len: u64) -> Result<u64, EncodeError> {
        if len < self.plain_below {
            return Ok(len);
        }
        let too_short = EncodeError::TooShort { len, min: self.adjustment.unsigned_abs() };
        let bare = match self.adjustment {
            0 => len,
            more if more > 0 => len.checked_sub(more.unsigned_abs()).ok_or(too_short)?,
            less => len
                .checked_add(less.unsigned_abs())
                .ok_or(EncodeError::DoesNotFit { value: u64::MAX, max: number.max() })?,
        };
        let value = if self.self_inclusive { with_own_len(number, bare)? } else { bare };
        if value < self.controls {
            return Err(EncodeError::TooShort { len, min: len.saturating_add(self.controls - value) });
        }
        Ok(value)
    }

    #[inline]
    pub(crate) fn envelope<N: Number>(&self, number: &N, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        Ok(Envelope::around(self.header(number, message.len() as u64)?, self.trailer()))
    }
}

/// Returns the answer while bytes of a number are missing that takes at least `least` bytes.
#[inline]
fn unfinished<N: Number>(number: &N, least: usize) -> Result<Located, FrameError> {
    if u16::try_from(least).is_err() {
        return Err(header_too_long());
    }
    Ok(match number.built_in() {
        // Its bytes cannot be wrong, so fewer bytes need not be shown.
        Some(BuiltIn::Binary(_) | BuiltIn::Bits(_)) => Located::Wait(least as u64),
        _ => Located::Header(least as u64),
    })
}

#[cold]
const fn header_too_long() -> FrameError {
    FrameError::new(0, DecodeErrorKind::HeaderTooLong { max: u16::MAX as u64 })
}

/// Returns `bare` plus the length of the sum itself, encoded as this number.
///
/// The length never falls as the number grows, so counting up from 0 bytes finds the least sum that is right.
fn with_own_len<N: Number>(number: &N, bare: u64) -> Result<u64, EncodeError> {
    let mut own = 0;
    loop {
        let value = bare.saturating_add(own);
        let too_large = EncodeError::DoesNotFit { value, max: number.max() };
        let len = number.encoded_len(value).ok_or(too_large)? as u64;
        if len <= own {
            return Ok(value);
        }
        own = len;
    }
}

impl<N: Number> Prefix<N> {
    /// Creates a framing: this number, then that many bytes of payload.
    #[must_use]
    pub fn new(number: N) -> Self {
        Self { number, rules: Rules::DEFAULT }
    }

    /// Sets the limit, in bytes of payload. It applies to encoding and decoding.
    #[must_use]
    pub const fn with_max_payload_len(mut self, max: u64) -> Self {
        self.rules.max = max;
        self.rules = self.rules.settled();
        self
    }

    /// Sets payload length = number + `adjustment`, as in Netty. Replaces an earlier adjustment. The default is 0.
    ///
    /// `Prefix::u16_be().with_length_adjustment(-2)` reads `00 07` before `hello`. Where the number counts its own bytes,
    /// [`self_inclusive`](Self::self_inclusive) does that for every width.
    #[must_use]
    pub const fn with_length_adjustment(mut self, adjustment: i64) -> Self {
        self.rules.adjustment = adjustment;
        self.rules = self.rules.settled();
        self
    }

    /// Counts the number's own bytes in it: `00 07 hello`.
    ///
    /// A number less than its own length is [`DecodeErrorKind::TooShort`].
    #[must_use]
    pub const fn self_inclusive(mut self) -> Self {
        self.rules.self_inclusive = true;
        self.rules = self.rules.settled();
        self
    }

    /// Puts these bytes after every payload, as netstring's comma. They are not counted in the number.
    ///
    /// # Errors
    ///
    /// As [`Literal::new`].
    pub fn with_trailer(mut self, trailer: &[u8]) -> Result<Self, ConfigError> {
        self.rules.trailer = Some(Literal::new(trailer)?);
        self.rules = self.rules.settled();
        Ok(self)
    }

    /// Makes numbers below `controls` control frames: a header without payload, trailer or message.
    ///
    /// As in git's pkt-line, whose lengths include their own 4 bytes, so that `0000` to `0002` are no lengths.
    /// [`Frame::is_control`](crate::Frame::is_control) recognises them, [`control`](Self::control) makes them.
    #[must_use]
    pub const fn with_control_frames_below(mut self, controls: u64) -> Self {
        self.rules.controls = controls;
        self.rules = self.rules.settled();
        self
    }

    /// Returns the control frame with this number.
    ///
    /// ```
    /// use anysplit::Prefix;
    ///
    /// assert_eq!(&Prefix::pkt_line().control(0)?[..], b"0000");
    /// # Ok::<(), anysplit::EncodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`EncodeError::DoesNotFit`] for a number that is not below the payload lengths.
    pub fn control(&self, value: u64) -> Result<ShortBytes, EncodeError> {
        if value >= self.rules.controls {
            return Err(EncodeError::DoesNotFit { value, max: self.rules.controls.saturating_sub(1) });
        }
        let mut header = ShortBytes::empty();
        self.number.encode(value, &mut header)?;
        Ok(header)
    }

    /// Returns the number representation.
    pub const fn number(&self) -> &N {
        &self.number
    }

    #[cfg(feature = "alloc")]
    pub(crate) const fn rules(&self) -> &Rules {
        &self.rules
    }

    #[cfg(any(feature = "alloc", feature = "protocols"))]
    pub(crate) const fn from_parts(number: N, rules: Rules) -> Self {
        Self { number, rules: rules.settled() }
    }

    #[cfg(feature = "alloc")]
    pub(crate) fn into_parts(self) -> (N, Rules) {
        (self.number, self.rules)
    }
}

macro_rules! constructors {
    ($($(#[doc = $doc:literal])+ $name:ident: $number:ty = $value:expr;)*) => {$(
        impl Prefix<$number> {
            $(#[doc = $doc])+
            #[must_use]
            pub const fn $name() -> Self {
                Self { number: $value, rules: Rules::DEFAULT }
            }
        }
    )*};
}

constructors! {
    /// One byte: `05 hello`. Payloads to 255 bytes.
    u8: Binary = Binary::u8();
    /// 16 bits in network order (big-endian): `00 05 hello`. Payloads to 65,535 bytes.
    u16_be: Binary = Binary::u16_be();
    /// 16 bits, little-endian: `05 00 hello`. Payloads to 65,535 bytes.
    u16_le: Binary = Binary::u16_le();
    /// 24 bits in network order (big-endian): `00 00 05 hello`.
    u24_be: Binary = Binary::u24_be();
    /// 24 bits, little-endian: `05 00 00 hello`.
    u24_le: Binary = Binary::u24_le();
    /// 32 bits in network order (big-endian): `00 00 00 05 hello`.
    u32_be: Binary = Binary::u32_be();
    /// 32 bits, little-endian: `05 00 00 00 hello`.
    u32_le: Binary = Binary::u32_le();
    /// 64 bits in network order (big-endian): `00 00 00 00 00 00 00 05 hello`.
    u64_be: Binary = Binary::u64_be();
    /// 64 bits, little-endian: `05 00 00 00 00 00 00 00 hello`.
    u64_le: Binary = Binary::u64_le();
    /// Five decimal digits: `00005hello`. Payloads to 99,999 bytes.
    ascii5: Ascii = Ascii::decimal5();
    /// Four hexadecimal digits: `0005hello`, as in the ADB host protocol. Payloads to 65,535 bytes.
    hex4: Ascii = Ascii::hex4();
    /// LEB128 of up to 64 bits, the varint of protocol buffers: `05 hello`.
    leb128: Varint = Varint::leb128();
}

impl Prefix<Ascii> {
    /// A netstring: decimal digits, a colon, the payload, a comma: `5:hello,`.
    ///
    /// Specification: D. J. Bernstein, "Netstrings", 1997-02-01.
    #[must_use]
    pub const fn netstring() -> Self {
        let rules = Rules { trailer: Some(Literal::byte(b',')), ..Rules::DEFAULT }.settled();
        Self { number: Ascii::netstring(), rules }
    }

    /// git's pkt-line: four hexadecimal digits that count themselves, `0009hello`, and the control packets `0000`, `0001` and `0002`.
    ///
    /// Specification: git, gitprotocol-common, "pkt-line format": at most 65,516 bytes of payload.
    #[must_use]
    pub const fn pkt_line() -> Self {
        let rules = Rules { self_inclusive: true, controls: 3, max: 65_516, ..Rules::DEFAULT }.settled();
        Self { number: Ascii::hex4(), rules }
    }

    /// `digits` decimal digits: `005hello` for 3. 1 to 20.
    ///
    /// # Errors
    ///
    /// As [`Ascii::decimal`].
    pub fn ascii(digits: usize) -> Result<Self, ConfigError> {
        Ok(Self::new(Ascii::decimal(digits)?))
    }
}

impl<N: Number> Framing for Prefix<N> {
    #[inline]
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        self.rules.locate(&self.number, input, progress)
    }

    #[inline]
    fn check(&self, part: Part<'_>, _: &mut u64) -> Result<(), FrameError> {
        self.rules.check(part)
    }

    #[inline]
    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        self.rules.envelope(&self.number, message)
    }

    #[inline]
    fn shape(&self) -> Shape<'_> {
        self.rules.shape(&self.number)
    }

    #[cfg(feature = "alloc")]
    #[inline]
    fn encode<B: bytes::BufMut>(&self, message: &[u8], out: &mut B) -> Result<usize, EncodeError> {
        match crate::contract::encode::write_after_number(&self.number, self.rules.plain_below, message, out) {
            Some(len) => Ok(len),
            None => match &self.envelope(message) {
                Ok(envelope) => crate::contract::encode::write_to(envelope, message, out, |_| {}),
                Err(error) => Err(*error),
            },
        }
    }

    fn max_payload_len(&self) -> u64 {
        let adjustment = self.rules.total_adjustment(self.number.encoded_len(self.number.max()).unwrap_or_default());
        let greatest = (i128::from(self.number.max()) + adjustment).max(0);
        self.rules.max.min(u64::try_from(greatest).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::number::Bits;

    fn locate<N: Number>(framing: &Prefix<N>, input: &[u8]) -> Result<Located, FrameError> {
        framing.locate(input, &mut Progress::default())
    }

    #[test]
    fn binary_number_is_waited_for() {
        let bits = Prefix::new(Bits::new(Binary::u16_be(), 0x0fff).unwrap());
        for input in [&b""[..], b"\x01"] {
            assert_eq!(locate(&Prefix::u16_le(), input), Ok(Located::Wait(2)));
            assert_eq!(locate(&bits, input), Ok(Located::Wait(2)));
        }
        assert_eq!(locate(&Prefix::u16_le(), b"\x01\0"), Ok(Located::Known(Extent::new(2, 1, 0))));
    }

    #[test]
    fn wrong_digit_is_reported_at_its_byte() {
        let wrong = |at| Err(FrameError::new(at, DecodeErrorKind::NotADigit { found: b'x', radix: 10 }));
        for (at, input) in [b"x", &b"0x"[..], b"00x", b"000x", b"0000x"].into_iter().enumerate() {
            assert_eq!(locate(&Prefix::ascii5(), &input[..at]), Ok(Located::Header(5)));
            assert_eq!(locate(&Prefix::ascii5(), input), wrong(at));
        }
        assert_eq!(locate(&Prefix::leb128(), b"\x80"), Ok(Located::Header(2)));
    }

    #[test]
    fn trailer_is_judged_by_check() {
        let extent = Extent::new(2, 5, 1).checked();
        for wire in [b"5:hello,", b"5:hello;"] {
            assert_eq!(locate(&Prefix::netstring(), wire), Ok(Located::Known(extent)));
        }
        let check =
            |at, bytes, is_last| Prefix::netstring().check(Part { extent, header: b"5:", at, bytes, is_last }, &mut 0);
        let wrong = Err(FrameError::new(7, DecodeErrorKind::Mismatch { found: b';', expected: b',' }));
        assert_eq!(check(0, b"5:hello,", true), Ok(()));
        assert_eq!(check(0, b"5:hello;", true), wrong);
        assert_eq!(check(0, b"5:hel;", false), Ok(()));
        assert_eq!(check(5, b"lo;", true), wrong);
    }

    #[test]
    fn shape_promises_what_holds_for_every_frame() {
        let max = DEFAULT_MAX_PAYLOAD_LEN + 1;
        assert_eq!(Prefix::u16_be().shape(), Shape::prefix(Binary::u16_be().into(), max));
        let comma = Literal::byte(b',');
        assert_eq!(Prefix::netstring().shape(), Shape::prefix_and_trailer(Ascii::netstring().into(), max, comma));
        assert_eq!(Prefix::pkt_line().shape(), Shape::by_header());
        assert_eq!(Prefix::u16_be().with_length_adjustment(-2).shape(), Shape::by_header());
        assert_eq!(Prefix::u16_be().with_length_adjustment(-2).with_trailer(b"!").unwrap().shape(), Shape::UNKNOWN);
    }

    #[test]
    fn control_frames_are_below_payload_lengths() {
        let framing = Prefix::u8().self_inclusive().with_control_frames_below(1);
        assert_eq!(locate(&framing, b"\0"), Ok(Located::Known(Extent::new(1, 0, 0).as_control())));
        assert_eq!(locate(&framing, b"\x01"), Ok(Located::Known(Extent::new(1, 0, 0))));
        let too_short = DecodeErrorKind::TooShort { len: 0, min: 1 };
        assert_eq!(locate(&Prefix::u8().self_inclusive(), b"\0"), Err(FrameError::new(0, too_short)));
    }

    #[test]
    fn number_over_65535_bytes_is_an_error() {
        // As long as the bytes are zeros.
        struct Zeros;
        impl Number for Zeros {
            fn max(&self) -> u64 {
                1
            }
            fn encoded_len(&self, value: u64) -> Option<usize> {
                usize::try_from(value).ok()
            }
            fn encode(&self, _: u64, _: &mut ShortBytes) -> Result<(), EncodeError> {
                Ok(())
            }
            fn decode(&self, input: &[u8], _: u64) -> Result<Decoded, FrameError> {
                Ok(match input.iter().position(|&byte| byte != 0) {
                    Some(at) => Decoded::Value { value: 1, len: at + 1 },
                    None => Decoded::Incomplete(crate::number::at_least_one(1)),
                })
            }
        }
        let framing = Prefix::new(Zeros);
        let mut input = [0; 65_536];
        assert_eq!(locate(&framing, &input[..65_534]), Ok(Located::Header(65_535)));
        let too_long = FrameError::new(0, DecodeErrorKind::HeaderTooLong { max: 65_535 });
        assert_eq!(locate(&framing, &input[..65_535]), Err(too_long));
        input[65_535] = 1;
        assert_eq!(locate(&framing, &input), Err(too_long));
        input[65_534] = 1;
        assert_eq!(locate(&framing, &input), Ok(Located::Known(Extent::new(65_535, 1, 0))));
    }
}
