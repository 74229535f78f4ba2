//! A number ahead of the payload says how long it is.

use crate::contract::{DEFAULT_MAX_PAYLOAD_LEN, Envelope, Extent, Framing, Located, PlainPrefix, Progress};
use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError};
use crate::literal::Literal;
use crate::number::{Ascii, Binary, Decoded, Number, Varint};
use crate::short::ShortBytes;

/// A length prefix: any [`Number`] ahead of the payload.
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
/// The limit is [`DEFAULT_MAX_PAYLOAD_LEN`], or what the number can say if that is less. It counts payload bytes, after
/// any adjustment, and is judged as soon as the number has come; for digits ended by a mark, at the digit that proves
/// the payload too long.
///
/// Cost: constant time a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Prefix<N> {
    number: N,
    rules: Rules,
}

/// All of a [`Prefix`] but its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Rules {
    /// Payload length = number + adjustment.
    pub(crate) adjustment: i64,
    pub(crate) max: u64,
    /// Numbers below this are control frames.
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

    /// The same with what follows from the rest brought up to date.
    const fn settled(mut self) -> Self {
        let plain = self.adjustment == 0 && self.controls == 0 && self.trailer.is_none() && !self.self_inclusive;
        self.plain_below = if plain { self.max.saturating_add(1) } else { 0 };
        self
    }

    /// What is added to the number to get the payload's length, where the number takes `header` bytes.
    #[inline]
    fn total_adjustment(&self, header: usize) -> i128 {
        let own = if self.self_inclusive { header as u64 } else { 0 };
        i128::from(self.adjustment) - i128::from(own)
    }

    /// The greatest number that can stand for a payload within the limit. May be too great, never too small.
    #[inline]
    fn useful(&self) -> u64 {
        let own = if self.self_inclusive { ShortBytes::CAPACITY as u64 } else { 0 };
        let most = self.max.saturating_add(own);
        if self.adjustment >= 0 {
            // The controls may be greater than all that stand for payloads.
            most.saturating_sub(self.adjustment.unsigned_abs()).max(self.controls)
        } else {
            most.saturating_add(self.adjustment.unsigned_abs())
        }
    }

    /// The frame whose number is `value`, in `header` bytes at the front of `input`.
    #[inline]
    fn extent(&self, value: u64, header: usize, input: &[u8], progress: Progress) -> Result<Located, FrameError> {
        let header_len = u16::try_from(header)
            .map_err(|_| FrameError::new(0, DecodeErrorKind::Custom("a length prefix is longer than 65535 bytes")))?;
        if value < self.plain_below {
            return Ok(Located::Known(Extent::new(header_len, value, 0)));
        }
        if value < self.controls {
            return Ok(Located::Known(Extent::new(header_len, 0, 0).as_control()));
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
        if payload > self.max && !progress.unlimited {
            return Err(FrameError::new(0, DecodeErrorKind::Oversize { len: payload, max: self.max }));
        }
        if let Some(trailer) = &self.trailer {
            let left = payload.saturating_sub(progress.passed);
            let end = usize::try_from(left).ok().and_then(|left| left.checked_add(header));
            if let Some((end, after)) = end.and_then(|end| Some((end, input.get(end..)?))) {
                trailer.check(after).map_err(|fault| fault.shifted(end))?;
            }
        }
        Ok(Located::Known(Extent::new(header_len, payload, self.trailer_len())))
    }

    /// As [`Framing::locate`], with the number named in the type.
    #[inline]
    pub(crate) fn locate<N: Number>(
        &self,
        number: &N,
        input: &[u8],
        progress: Progress,
    ) -> Result<Located, FrameError> {
        let useful = if progress.unlimited { u64::MAX } else { self.useful() };
        match number.decode(input, useful) {
            Ok(Decoded::Value { value, len }) => self.extent(value, len, input, progress),
            Ok(Decoded::More(need)) => Ok(Located::Header { need, scanned: 0 }),
            // The number itself could be greater: it is the payload that is too long.
            Err(FrameError { at, kind: DecodeErrorKind::NumberTooLarge { max } })
                if max == useful && max < number.max() =>
            {
                let len = self.max.saturating_add(1);
                Err(FrameError::new(at, DecodeErrorKind::Oversize { len, max: self.max }))
            }
            Err(fault) => Err(fault),
        }
    }

    /// As [`Framing::locate_by_header`], with the number named in the type.
    #[inline]
    pub(crate) fn locate_by_header<N: Number>(&self, number: &N, input: &[u8]) -> Option<Extent> {
        // With a trailer to look at, the header alone never tells, and would be read twice.
        if self.plain_below == 0 {
            return None;
        }
        match number.decode(input, self.max) {
            Ok(Decoded::Value { value, len }) if value < self.plain_below => {
                Some(Extent::new(u16::try_from(len).ok()?, value, 0))
            }
            _ => None,
        }
    }

    /// The header of a payload of `len` bytes.
    #[inline]
    pub(crate) fn header<N: Number>(&self, number: &N, len: u64) -> Result<ShortBytes, EncodeError> {
        if len > self.max {
            return Err(EncodeError::Oversize { len, max: self.max });
        }
        let mut header = ShortBytes::empty();
        number.encode(self.value(number, len)?, &mut header)?;
        Ok(header)
    }

    /// The number that stands for a payload of `len` bytes.
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
        Ok(Envelope::new(self.header(number, message.len() as u64)?).with_trailer(self.trailer()))
    }
}

/// `bare` and the bytes that the sum itself takes as this number.
///
/// The length never falls as the number grows, so counting up from 0 bytes meets the least sum that is right.
fn with_own_len<N: Number>(number: &N, bare: u64) -> Result<u64, EncodeError> {
    let mut own = 0;
    loop {
        let value = bare.saturating_add(own);
        let refusal = EncodeError::DoesNotFit { value, max: number.max() };
        let len = number.encoded_len(value).ok_or(refusal)? as u64;
        if len <= own {
            return Ok(value);
        }
        own = len;
    }
}

impl<N: Number> Prefix<N> {
    /// This number ahead of the payload.
    #[must_use]
    pub fn new(number: N) -> Self {
        Self { number, rules: Rules::DEFAULT }
    }

    /// The same with another limit, in bytes of payload. Binds both directions.
    #[must_use]
    pub const fn with_max_payload_len(mut self, max: u64) -> Self {
        self.rules.max = max;
        self.rules = self.rules.settled();
        self
    }

    /// The same with payload length = number + `adjustment`, as in Netty. Takes the place of an earlier adjustment.
    ///
    /// `Prefix::u16_be().with_length_adjustment(-2)` reads `00 07` ahead of `hello`. Where it is the number's own bytes
    /// that are counted, [`self_inclusive`](Self::self_inclusive) says so for every width.
    #[must_use]
    pub const fn with_length_adjustment(mut self, adjustment: i64) -> Self {
        self.rules.adjustment = adjustment;
        self.rules = self.rules.settled();
        self
    }

    /// The same with the number's own bytes counted in it: `00 07 hello`.
    ///
    /// A number less than its own length is [`DecodeErrorKind::TooShort`].
    #[must_use]
    pub const fn self_inclusive(mut self) -> Self {
        self.rules.self_inclusive = true;
        self.rules = self.rules.settled();
        self
    }

    /// The same with these bytes after every payload, as netstring's comma. They are not counted in the number.
    ///
    /// # Errors
    ///
    /// As [`Literal::new`].
    pub fn with_trailer(mut self, trailer: &[u8]) -> Result<Self, ConfigError> {
        self.rules.trailer = Some(Literal::new(trailer)?);
        self.rules = self.rules.settled();
        Ok(self)
    }

    /// The same with numbers below `controls` standing for control frames: a header, no payload, no trailer, no message.
    ///
    /// As in git's pkt-line, whose `0000` to `0003` would be lengths smaller than the 4 bytes they include.
    /// [`Frame::is_control`](crate::Frame::is_control) tells them, [`control`](Self::control) makes them.
    #[must_use]
    pub const fn with_controls_below(mut self, controls: u64) -> Self {
        self.rules.controls = controls;
        self.rules = self.rules.settled();
        self
    }

    /// The control frame with this number.
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
    /// [`EncodeError::DoesNotFit`] for a number that is not below those that stand for payloads.
    pub fn control(&self, value: u64) -> Result<ShortBytes, EncodeError> {
        if value >= self.rules.controls {
            return Err(EncodeError::DoesNotFit { value, max: self.rules.controls.saturating_sub(1) });
        }
        let mut header = ShortBytes::empty();
        self.number.encode(value, &mut header)?;
        Ok(header)
    }

    /// The number representation.
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
    /// 16 bits in network order (big-endian): `00 05 hello`. Payloads to 65 535 bytes.
    u16_be: Binary = Binary::u16_be();
    /// 16 bits, little-endian: `05 00 hello`. Payloads to 65 535 bytes.
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
    /// Five decimal digits: `00005hello`. Payloads to 99 999 bytes.
    ascii5: Ascii = Ascii::decimal5();
    /// Four hexadecimal digits: `0005hello`, as the ADB host protocol has it. Payloads to 65 535 bytes.
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

    /// git's pkt-line: four hexadecimal digits that include themselves, `0009hello`, and control packets below 4.
    ///
    /// Specification: git, gitprotocol-common, "pkt-line format": at most 65 516 bytes of payload.
    #[must_use]
    pub const fn pkt_line() -> Self {
        let rules = Rules { self_inclusive: true, controls: 4, max: 65_516, ..Rules::DEFAULT }.settled();
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

impl<N: Number> Prefix<N> {
    #[cfg(feature = "alloc")]
    #[inline(never)]
    fn append_apart<B: bytes::BufMut>(&self, message: &[u8], out: &mut B) -> Result<(usize, bool), EncodeError> {
        Ok((self.envelope(message)?.write_to(message, out)?, false))
    }
}

impl<N: Number> Framing for Prefix<N> {
    #[inline]
    fn locate(&self, input: &[u8], progress: Progress) -> Result<Located, FrameError> {
        self.rules.locate(&self.number, input, progress)
    }

    #[inline]
    fn locate_by_header(&self, input: &[u8]) -> Option<Extent> {
        self.rules.locate_by_header(&self.number, input)
    }

    #[inline]
    fn plain_prefix(&self) -> Option<PlainPrefix> {
        let Rules { adjustment: 0, controls: 0, self_inclusive: false, max, trailer, .. } = self.rules else {
            return None;
        };
        let prefix = PlainPrefix::new(self.number.to_any()?, max.saturating_add(1));
        Some(match trailer {
            Some(trailer) => prefix.with_trailer(trailer),
            None => prefix,
        })
    }

    #[inline]
    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        self.rules.envelope(&self.number, message)
    }

    #[cfg(feature = "alloc")]
    #[inline]
    fn append<B: bytes::BufMut>(&self, message: &[u8], out: &mut B) -> Result<(usize, bool), EncodeError> {
        let len = message.len() as u64;
        match self.number.encode_word(len) {
            // The sum of a length in memory and 8 fits.
            Some((word, width)) if len < self.rules.plain_below && out.remaining_mut() >= message.len() + 8 => {
                match word {
                    [a, ..] if width == 1 => out.put_slice(&[a]),
                    [a, b, ..] if width == 2 => out.put_slice(&[a, b]),
                    [a, b, c, d, ..] if width == 4 => out.put_slice(&[a, b, c, d]),
                    _ => out.put_slice(word.get(..width.into()).unwrap_or(&word)),
                }
                out.put_slice(message);
                Ok((message.len() + usize::from(width), false))
            }
            _ => self.append_apart(message, out),
        }
    }

    fn header_room(&self) -> usize {
        self.number.encoded_len(self.rules.controls).unwrap_or_default()
    }

    fn max_payload_len(&self) -> u64 {
        let adjustment = self.rules.total_adjustment(self.number.encoded_len(self.number.max()).unwrap_or_default());
        let greatest = (i128::from(self.number.max()) + adjustment).max(0);
        self.rules.max.min(u64::try_from(greatest).unwrap_or(u64::MAX))
    }
}
