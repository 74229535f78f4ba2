//! Numbers of variable length: small ones take fewer bytes.

use crate::error::{DecodeErrorKind, EncodeError, FrameError};
use crate::number::any::BuiltIn;
use crate::number::{Decoded, Number, at_least_one};
use crate::short::ShortBytes;

/// A number whose own bytes determine its length.
///
/// ```text
///  value                5     300            65,537         at most
///  Varint::leb128      05     ac 02          81 80 04       10 bytes
///  Varint::mqtt        05     ac 02          81 80 04        4 bytes
///  Varint::quic        05     41 2c          80 01 00 01     8 bytes
///  Varint::ber         05     82 01 2c       83 01 00 01     9 bytes
/// ```
///
/// ```
/// use anysplit::number::{Decoded, Number, Varint};
/// use anysplit::contract::{FrameError, ShortBytes};
/// use anysplit::DecodeErrorKind;
///
/// let mut out = ShortBytes::empty();
/// Varint::leb128().encode(300, &mut out)?;
/// assert_eq!(out.as_slice(), [0xac, 0x02]);
/// assert_eq!(Varint::leb128().decode(&out, u64::MAX)?, Decoded::Value { value: 300, len: 2 });
///
/// // 5 needs one byte, and has two.
/// let longer = [0x85, 0x00];
/// assert_eq!(Varint::leb128().decode(&longer, u64::MAX), Err(FrameError::new(1, DecodeErrorKind::NotShortest)));
/// let lenient = Varint::leb128().allowing_longer_forms();
/// assert_eq!(lenient.decode(&longer, u64::MAX)?, Decoded::Value { value: 5, len: 2 });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Encoding always writes the shortest form. Decoding refuses a longer one, because two forms of one number are two
/// forms of one message: see [`allowing_longer_forms`](Self::allowing_longer_forms).
///
/// Errors of decoding, each at the first byte that proves it:
///
/// - [`DecodeErrorKind::NumberTooLarge`] for a number of a greater value or more bytes than the form allows;
/// - [`DecodeErrorKind::NotShortest`] for a number in more bytes than it needs;
/// - [`DecodeErrorKind::ReservedForm`] for the first bytes `80` (indefinite length) and `ff` of BER.
///
/// Cost: constant time, at most 10 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Varint {
    form: Form,
    longer: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Form {
    /// Seven bits in each byte, the least significant first. All bytes but the last have the top bit set.
    Leb128 { max: u64, max_len: u8 },
    /// The top two bits of the first byte are the logarithm of the length. The other bits are big-endian.
    Quic,
    /// One byte below 80, or 80 plus a length and that many bytes, big-endian.
    Ber,
}

impl Varint {
    /// Creates a number of seven bits in each byte, the least significant first, as in Protocol Buffers, DWARF and
    /// WebAssembly: 0 to 2^64 − 1 in at most 10 bytes.
    ///
    /// The tenth byte can only be 1. A greater one is [`DecodeErrorKind::NumberTooLarge`].
    ///
    /// ```
    /// use anysplit::number::{Number, Varint};
    ///
    /// let mut out = anysplit::contract::ShortBytes::empty();
    /// Varint::leb128().encode(624_485, &mut out)?;
    /// assert_eq!(out.as_slice(), [0xe5, 0x8e, 0x26]);
    /// # Ok::<(), anysplit::EncodeError>(())
    /// ```
    ///
    /// Specification: DWARF version 5, section 7.6, unsigned LEB128; Protocol Buffers, Encoding, Base 128 Varints.
    #[must_use]
    pub const fn leb128() -> Self {
        Self { form: Form::Leb128 { max: u64::MAX, max_len: 10 }, longer: false }
    }

    /// Creates a [`leb128`](Self::leb128) number from 0 to 2^32 − 1 in at most 5 bytes.
    ///
    /// Specification: WebAssembly Core 2.0, section 5.2.2, `u32`, which allows longer forms.
    #[must_use]
    pub const fn leb128_u32() -> Self {
        // A `const fn` cannot call `u64::from`.
        Self { form: Form::Leb128 { max: u32::MAX as u64, max_len: 5 }, longer: false }
    }

    /// Creates the variable byte integer of MQTT, LEB128 of at most 4 bytes: 0 to 268,435,455.
    ///
    /// ```
    /// use anysplit::number::{Number, Varint};
    ///
    /// let mut out = anysplit::contract::ShortBytes::empty();
    /// Varint::mqtt().encode(268_435_455, &mut out)?;
    /// assert_eq!(out.as_slice(), [0xff, 0xff, 0xff, 0x7f]);
    /// # Ok::<(), anysplit::EncodeError>(())
    /// ```
    ///
    /// Specification: MQTT 5.0, section 1.5.5, which demands the shortest form (MQTT-1.5.5-1).
    #[must_use]
    pub const fn mqtt() -> Self {
        Self { form: Form::Leb128 { max: (1 << 28) - 1, max_len: 4 }, longer: false }
    }

    /// Creates the variable-length integer of QUIC, in 1, 2, 4 or 8 bytes: 0 to 2^62 − 1.
    ///
    /// ```
    /// use anysplit::number::{Number, Varint};
    ///
    /// let mut out = anysplit::contract::ShortBytes::empty();
    /// Varint::quic().encode(15_293, &mut out)?;
    /// assert_eq!(out.as_slice(), [0x7b, 0xbd]);
    /// # Ok::<(), anysplit::EncodeError>(())
    /// ```
    ///
    /// Specification: RFC 9000, section 16, which allows longer forms. Here only
    /// [`allowing_longer_forms`](Self::allowing_longer_forms) does.
    #[must_use]
    pub const fn quic() -> Self {
        Self { form: Form::Quic, longer: false }
    }

    /// Creates the definite length of BER, short form or long form of at most 8 octets: 0 to 2^64 − 1.
    ///
    /// Without [`allowing_longer_forms`](Self::allowing_longer_forms) it reads the shortest form only, which is DER. A
    /// first byte that announces more than 8 octets is [`DecodeErrorKind::NumberTooLarge`], even if these begin with
    /// zeros.
    ///
    /// ```
    /// use anysplit::number::{Number, Varint};
    ///
    /// let mut out = anysplit::contract::ShortBytes::empty();
    /// Varint::ber().encode(127, &mut out)?;
    /// Varint::ber().encode(128, &mut out)?;
    /// assert_eq!(out.as_slice(), [0x7f, 0x81, 0x80]);
    /// # Ok::<(), anysplit::EncodeError>(())
    /// ```
    ///
    /// Specification: ITU-T X.690 (02/2021), section 8.1.3, and 10.1 for the shortest form. The indefinite form `80`
    /// and the reserved `ff` are [`DecodeErrorKind::ReservedForm`].
    #[must_use]
    pub const fn ber() -> Self {
        Self { form: Form::Ber, longer: false }
    }

    /// Accepts numbers in more bytes than they need too. Encoding still writes the shortest form.
    ///
    /// The limits of value and length stay: zeros may extend a LEB128 number to its greatest length, and a BER length
    /// to 8 octets after the first.
    ///
    /// A decoder then gives the same message for different bytes. Do not use it if frames are compared, signed or
    /// counted by their bytes.
    #[must_use]
    pub const fn allowing_longer_forms(mut self) -> Self {
        self.longer = true;
        self
    }

    /// Returns whether decoding accepts numbers in more bytes than they need.
    #[must_use]
    pub const fn allows_longer_forms(&self) -> bool {
        self.longer
    }

    /// Returns the limit below which the first byte is the complete number.
    #[inline]
    const fn one_byte(&self) -> u8 {
        match self.form {
            Form::Quic => 0x40,
            Form::Leb128 { .. } | Form::Ber => 0x80,
        }
    }

    /// Returns the shortest form of `value`, which is at most `max`, and its length.
    fn bytes(&self, value: u64) -> ([u8; 10], usize) {
        let mut bytes = [0; 10];
        let mut len = 1;
        match self.form {
            Form::Leb128 { .. } => {
                let mut rest = value;
                for (at, byte) in bytes.iter_mut().enumerate() {
                    let [low, ..] = rest.to_le_bytes();
                    rest >>= 7;
                    len = at + 1;
                    if rest == 0 {
                        *byte = low;
                        break;
                    }
                    *byte = low | 0x80;
                }
            }
            Form::Quic => {
                let (log, width) = match value {
                    0..0x40 => (0, 1),
                    0x40..0x4000 => (1, 2),
                    0x4000..0x4000_0000 => (2, 4),
                    _ => (3, 8),
                };
                bytes[..width].copy_from_slice(&value.to_be_bytes()[8 - width..]);
                bytes[0] |= log << 6;
                len = width;
            }
            Form::Ber => {
                let all = value.to_be_bytes();
                let zeros = all.iter().take_while(|byte| **byte == 0).count();
                let octets = all.get(zeros..).unwrap_or_default();
                match *octets {
                    [] => {}
                    [byte] if byte < 0x80 => bytes[0] = byte,
                    _ => {
                        // 0x81 for one octet to 0x88 for eight.
                        bytes[0] = octets.iter().fold(0x80, |sum, _| sum + 1);
                        bytes[1..=octets.len()].copy_from_slice(octets);
                        len = 1 + octets.len();
                    }
                }
            }
        }
        (bytes, len)
    }

    /// Returns `value` at the start of a word, and its length, if it takes one byte.
    #[inline]
    pub(super) fn encode_word(&self, value: u64) -> Option<([u8; 8], u8)> {
        match u8::try_from(value) {
            Ok(byte) if byte < self.one_byte() => Some(([byte, 0, 0, 0, 0, 0, 0, 0], 1)),
            _ => None,
        }
    }

    /// Decodes a number of more than one byte, or empty input.
    fn decode_long(&self, input: &[u8]) -> Result<Decoded, FrameError> {
        let Some(&first) = input.first() else { return Ok(incomplete(1)) };
        match self.form {
            Form::Leb128 { max, max_len } => decode_leb128(input, max, max_len, self.longer),
            Form::Quic => decode_quic(first, input, self.longer),
            Form::Ber => decode_ber(first, input, self.longer),
        }
    }
}

impl Number for Varint {
    #[inline]
    fn max(&self) -> u64 {
        match self.form {
            Form::Leb128 { max, .. } => max,
            Form::Quic => (1 << 62) - 1,
            Form::Ber => u64::MAX,
        }
    }

    fn encoded_len(&self, value: u64) -> Option<usize> {
        (value <= self.max()).then(|| self.bytes(value).1)
    }

    #[inline]
    fn encode(&self, value: u64, out: &mut ShortBytes) -> Result<(), EncodeError> {
        let max = self.max();
        if value > max {
            return Err(EncodeError::DoesNotFit { value, max });
        }
        match u8::try_from(value) {
            Ok(byte) if byte < self.one_byte() => out.push(&[byte]),
            _ => {
                let (bytes, len) = self.bytes(value);
                out.push(&bytes[..len])
            }
        }
    }

    #[inline]
    fn decode(&self, input: &[u8], _: u64) -> Result<Decoded, FrameError> {
        match input.first() {
            Some(&byte) if byte < self.one_byte() => Ok(Decoded::Value { value: byte.into(), len: 1 }),
            _ => self.decode_long(input),
        }
    }

    #[inline]
    fn built_in(&self) -> Option<BuiltIn<'_>> {
        Some(BuiltIn::Varint(self))
    }
}

#[inline]
fn decode_leb128(input: &[u8], max: u64, max_len: u8, longer: bool) -> Result<Decoded, FrameError> {
    let last = usize::from(max_len).saturating_sub(1);
    let mut value = 0;
    let mut shift = 0_u32;
    for (at, &byte) in input.iter().enumerate() {
        // The greatest last byte has the top bit clear. So a byte that announces another is too great too.
        if at == last && u64::from(byte) > max.wrapping_shr(shift) {
            return Err(FrameError::new(at, DecodeErrorKind::NumberTooLarge { max }));
        }
        value |= u64::from(byte & 0x7f).wrapping_shl(shift);
        if byte < 0x80 {
            if byte == 0 && at > 0 && !longer {
                return Err(FrameError::new(at, DecodeErrorKind::NotShortest));
            }
            return Ok(Decoded::Value { value, len: at + 1 });
        }
        shift = shift.saturating_add(7);
    }
    Ok(incomplete(1))
}

/// `first` is the first byte of `input`.
#[inline]
fn decode_quic(first: u8, input: &[u8], longer: bool) -> Result<Decoded, FrameError> {
    let len = 1 << (first >> 6);
    // The next shorter form has half the bytes. The number does not fit it if a bit is set in the first half, or in the
    // two bits after it, which that form uses for its length.
    let half = len / 2;
    if let (Some(&[_, ref between @ .., after]), false) = (input.get(..=half), longer || half == 0) {
        if first & 0x3f == 0 && between.iter().all(|byte| *byte == 0) && after < 0x40 {
            return Err(FrameError::new(half, DecodeErrorKind::NotShortest));
        }
    }
    Ok(match input.get(1..len) {
        Some(rest) => Decoded::Value { value: join(u64::from(first & 0x3f), rest), len },
        None => incomplete(len.saturating_sub(input.len())),
    })
}

/// `first` is the first byte of `input`.
#[inline]
fn decode_ber(first: u8, input: &[u8], longer: bool) -> Result<Decoded, FrameError> {
    let octets = match first {
        0..0x80 => return Ok(Decoded::Value { value: first.into(), len: 1 }),
        0x80 | 0xff => return Err(FrameError::new(0, DecodeErrorKind::ReservedForm { found: first })),
        0x81..=0x88 => usize::from(first & 0x7f),
        0x89..0xff => return Err(FrameError::new(0, DecodeErrorKind::NumberTooLarge { max: u64::MAX })),
    };
    if let (Some(&top), false) = (input.get(1), longer) {
        // One octet must exceed the short form, and the first of several must not be 0.
        if top == 0 || (octets == 1 && top < 0x80) {
            return Err(FrameError::new(1, DecodeErrorKind::NotShortest));
        }
    }
    let len = octets + 1;
    Ok(match input.get(1..len) {
        Some(rest) => Decoded::Value { value: join(0, rest), len },
        None => incomplete(len.saturating_sub(input.len())),
    })
}

/// Reads `start` and the bytes after it as one big-endian number. They have at most 8 bytes together.
#[inline]
fn join(start: u64, rest: &[u8]) -> u64 {
    rest.iter().fold(start, |value, &byte| value << 8 | u64::from(byte))
}

#[inline]
fn incomplete(need: usize) -> Decoded {
    Decoded::Incomplete(at_least_one(need))
}

#[cfg(test)]
mod tests;
