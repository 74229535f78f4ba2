//! Numbers of variable length: small ones take fewer bytes.

use crate::error::{DecodeErrorKind, EncodeError, FrameError};
use crate::number::{AnyNumber, Decoded, Number, at_least_one};
use crate::short::ShortBytes;

/// A number whose own first bytes say how many bytes it takes.
///
/// ```text
///  value                5     300            65 537         at most
///  Varint::leb128      05     ac 02          81 80 04       10 bytes
///  Varint::mqtt        05     ac 02          81 80 04        4 bytes
///  Varint::quic        05     41 2c          80 01 00 01     8 bytes
///  Varint::ber         05     82 01 2c       83 01 00 01     9 bytes
/// ```
///
/// ```
/// use anysplit::number::{Decoded, Number, Varint};
/// use anysplit::{FrameError, DecodeErrorKind, ShortBytes};
///
/// let mut out = ShortBytes::empty();
/// Varint::leb128().encode(300, &mut out)?;
/// assert_eq!(out.as_slice(), [0xac, 0x02]);
/// assert_eq!(Varint::leb128().decode(&out, u64::MAX)?, Decoded::Value { value: 300, len: 2 });
///
/// // 5 in two bytes, where one would do.
/// let longer = [0x85, 0x00];
/// assert_eq!(Varint::leb128().decode(&longer, u64::MAX), Err(FrameError::new(1, DecodeErrorKind::NotShortest)));
/// let lenient = Varint::leb128().allowing_longer_forms();
/// assert_eq!(lenient.decode(&longer, u64::MAX)?, Decoded::Value { value: 5, len: 2 });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The shortest form is always written. A longer one is a fault when read, as two forms of one number are two forms of
/// one message: see [`allowing_longer_forms`](Self::allowing_longer_forms).
///
/// Errors, when read, each at the first byte that proves it:
///
/// - [`DecodeErrorKind::NumberTooLarge`] for a number that is greater than the form holds, or takes more bytes than it has;
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
    /// Seven bits a byte, the least significant first; all bytes but the last have the top bit set.
    Leb128 { max: u64, max_len: u8 },
    /// The top two bits of the first byte are the logarithm of the length; the rest is big-endian.
    Quic,
    /// A byte below 80, or 80 and a length, then so many bytes, big-endian.
    Ber,
}

impl Varint {
    /// Seven bits a byte, the least significant first, as in Protocol Buffers, DWARF and WebAssembly: 0 to 2^64 − 1 in
    /// at most 10 bytes.
    ///
    /// The tenth byte can only be 1: above, it is [`DecodeErrorKind::NumberTooLarge`].
    ///
    /// ```
    /// use anysplit::number::{Number, Varint};
    ///
    /// let mut out = anysplit::ShortBytes::empty();
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

    /// As [`leb128`](Self::leb128), 0 to 2^32 − 1 in at most 5 bytes.
    ///
    /// Specification: WebAssembly Core 2.0, section 5.2.2, `u32`, which allows longer forms.
    #[must_use]
    pub const fn leb128_u32() -> Self {
        // The fit of `u32` in `u64` is plain, and `u64::from` cannot be called in a `const fn`.
        Self { form: Form::Leb128 { max: u32::MAX as u64, max_len: 5 }, longer: false }
    }

    /// The variable byte integer of MQTT, LEB128 of at most 4 bytes: 0 to 268 435 455.
    ///
    /// ```
    /// use anysplit::number::{Number, Varint};
    ///
    /// let mut out = anysplit::ShortBytes::empty();
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

    /// The variable-length integer of QUIC, in 1, 2, 4 or 8 bytes: 0 to 2^62 − 1.
    ///
    /// ```
    /// use anysplit::number::{Number, Varint};
    ///
    /// let mut out = anysplit::ShortBytes::empty();
    /// Varint::quic().encode(15_293, &mut out)?;
    /// assert_eq!(out.as_slice(), [0x7b, 0xbd]);
    /// # Ok::<(), anysplit::EncodeError>(())
    /// ```
    ///
    /// Specification: RFC 9000, section 16, which allows longer forms. Here they must be allowed by
    /// [`allowing_longer_forms`](Self::allowing_longer_forms).
    #[must_use]
    pub const fn quic() -> Self {
        Self { form: Form::Quic, longer: false }
    }

    /// The definite length of BER, short form or long form of at most 8 octets: 0 to 2^64 − 1.
    ///
    /// As built it reads the shortest form only, which is DER. The first byte says a number is too large where it
    /// announces more than 8 octets, also if these began with zeros.
    ///
    /// ```
    /// use anysplit::number::{Number, Varint};
    ///
    /// let mut out = anysplit::ShortBytes::empty();
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

    /// The same, reading numbers in more bytes than they need as well. The shortest form is still what is written.
    ///
    /// The bounds on value and length stay as they are: a LEB128 number may be filled up with zeros to its greatest
    /// length, a BER length to 8 octets after the first.
    ///
    /// A decoder that allows them gives the same message for several wires. Do not where frames are compared, signed
    /// or counted by their wire.
    #[must_use]
    pub const fn allowing_longer_forms(mut self) -> Self {
        self.longer = true;
        self
    }

    /// Whether numbers in more bytes than they need are read too.
    #[must_use]
    pub const fn allows_longer_forms(&self) -> bool {
        self.longer
    }

    /// The first byte below which a number is that byte and no more.
    #[inline]
    const fn one_byte(&self) -> u8 {
        match self.form {
            Form::Quic => 0x40,
            Form::Leb128 { .. } | Form::Ber => 0x80,
        }
    }

    /// The shortest form of `value`, which is not over `max`, and its length.
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

    /// Every number of more than one byte, and the lack of a first one.
    fn decode_long(&self, input: &[u8]) -> Result<Decoded, FrameError> {
        let Some(&first) = input.first() else { return Ok(more(1)) };
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
    fn encode_word(&self, value: u64) -> Option<([u8; 8], u8)> {
        match u8::try_from(value) {
            Ok(byte) if byte < self.one_byte() => Some(([byte, 0, 0, 0, 0, 0, 0, 0], 1)),
            _ => None,
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
    fn to_any(&self) -> Option<AnyNumber> {
        Some((*self).into())
    }
}

#[inline]
fn decode_leb128(input: &[u8], max: u64, max_len: u8, longer: bool) -> Result<Decoded, FrameError> {
    let last = usize::from(max_len).saturating_sub(1);
    let mut value = 0;
    let mut shift = 0_u32;
    for (at, &byte) in input.iter().enumerate() {
        // What the last byte can add at most has the top bit clear, so a byte that says it is not the last is over it.
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
    Ok(more(1))
}

/// `first` is the first byte of `input`.
#[inline]
fn decode_quic(first: u8, input: &[u8], longer: bool) -> Result<Decoded, FrameError> {
    let len = 1 << (first >> 6);
    // A number is in the shortest form if it does not fit the half of its bytes that a shorter form would have had:
    // so there must be a bit in the first half, or in the top two bits after it, where that form has its length.
    let half = len / 2;
    if let (Some(&[_, ref ahead @ .., after]), false) = (input.get(..=half), longer || half == 0) {
        if first & 0x3f == 0 && ahead.iter().all(|byte| *byte == 0) && after < 0x40 {
            return Err(FrameError::new(half, DecodeErrorKind::NotShortest));
        }
    }
    Ok(match input.get(1..len) {
        Some(rest) => Decoded::Value { value: join(u64::from(first & 0x3f), rest), len },
        None => more(len.saturating_sub(input.len())),
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
        // One octet must be worth more than the short form holds, and the first of several must not be idle.
        if top == 0 || (octets == 1 && top < 0x80) {
            return Err(FrameError::new(1, DecodeErrorKind::NotShortest));
        }
    }
    let len = octets + 1;
    Ok(match input.get(1..len) {
        Some(rest) => Decoded::Value { value: join(0, rest), len },
        None => more(len.saturating_sub(input.len())),
    })
}

/// `start` and the bytes after it as one big-endian number. They have at most 8 bytes together.
#[inline]
fn join(start: u64, rest: &[u8]) -> u64 {
    rest.iter().fold(start, |value, &byte| value << 8 | u64::from(byte))
}

#[inline]
fn more(need: usize) -> Decoded {
    Decoded::More(at_least_one(need))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::binary::tests::{answers_agree, holds, refuses_more};

    fn all() -> [Varint; 5] {
        [Varint::leb128(), Varint::leb128_u32(), Varint::mqtt(), Varint::quic(), Varint::ber()]
    }

    #[track_caller]
    fn same_both_ways(number: Varint, value: u64, wire: &[u8]) {
        let mut out = ShortBytes::empty();
        number.encode(value, &mut out).unwrap();
        assert_eq!(out.as_slice(), wire);
        assert_eq!(holds(&number, value), wire.len());
        holds(&number.allowing_longer_forms(), value);
    }

    /// All values that one form of these bytes can have, by the definitions, in 128 bits and with no bound on length.
    fn naive(number: Varint, input: &[u8]) -> Option<(u128, usize)> {
        let big = |bytes: &[u8]| bytes.iter().fold(0_u128, |value, byte| value * 256 + u128::from(*byte));
        match number.form {
            Form::Leb128 { .. } => {
                let end = input.iter().position(|byte| *byte < 128)?;
                let digits = input[..=end].iter().rev();
                Some((digits.fold(0, |value, byte| value * 128 + u128::from(byte % 128)), end + 1))
            }
            Form::Quic => {
                let len = [1, 2, 4, 8][usize::from(*input.first()? / 64)];
                let value = big(input.get(..len)?);
                Some((value % (1 << (8 * len - 2)), len))
            }
            Form::Ber => match *input.first()? {
                first @ 0..=127 => Some((first.into(), 1)),
                128 | 255 => None,
                first => {
                    let len = usize::from(first) - 128 + 1;
                    Some((big(input.get(1..len)?), len))
                }
            },
        }
    }

    #[track_caller]
    fn agrees_with_the_twin(number: Varint, input: &[u8]) {
        answers_agree(&number, input, u64::MAX);
        let lenient = number.allowing_longer_forms();
        answers_agree(&lenient, input, u64::MAX);
        let max_len = if let Form::Leb128 { max_len, .. } = number.form { max_len.into() } else { 9 };
        let twin = naive(number, input)
            .filter(|(value, len)| *value <= number.max().into() && *len <= max_len)
            .map(|(value, len)| Decoded::Value { value: u64::try_from(value).unwrap(), len });
        let found = |decoded| match decoded {
            Ok(value @ Decoded::Value { .. }) => Some(value),
            _ => None,
        };
        assert_eq!(found(lenient.decode(input, 0)), twin, "{input:02x?}");
        let shortest = twin.filter(|decoded| match *decoded {
            Decoded::Value { value, len } => number.encoded_len(value) == Some(len),
            Decoded::More(_) => false,
        });
        assert_eq!(found(number.decode(input, 0)), shortest, "{input:02x?}");
        // Where only the strict one says no, it must say why.
        if let (Err(fault), Ok(_)) = (number.decode(input, 0), lenient.decode(input, 0)) {
            assert_eq!(fault.kind, DecodeErrorKind::NotShortest);
        }
    }

    #[test]
    fn every_form_holds_every_value_around_a_bit_and_at_its_limit() {
        for number in all() {
            let max = number.max();
            let bits = (0..64).flat_map(|bit| [(1 << bit) - 1, 1 << bit, (1 << bit) + 1]);
            for value in (0..20_000).chain(bits).chain([max - 1, max]).filter(|value| *value <= max) {
                holds(&number, value);
                holds(&number.allowing_longer_forms(), value);
            }
            refuses_more(&number);
        }
    }

    #[test]
    fn one_byte_is_written_as_a_word_and_the_long_way_says_the_same() {
        for number in all() {
            let most = if number == Varint::quic() { 0x3f } else { 0x7f };
            for value in 0..=255 {
                let (bytes, len) = number.bytes(value);
                let word = number.encode_word(value);
                assert_eq!(word.is_some(), value <= most);
                if let Some((word, 1)) = word {
                    assert_eq!(u64::from_le_bytes(word), value);
                    assert_eq!((&bytes[..len], &bytes[1..]), (&word[..1], &[0; 9][..]));
                } else {
                    assert!(word.is_none() && len == 2);
                }
            }
            assert_eq!(number.encode_word(256), None);
        }
    }

    #[test]
    fn every_two_bytes_and_every_run_of_telling_bytes_read_as_the_naive_twin_does() {
        const TELLING: [u8; 12] = [0x00, 0x01, 0x0f, 0x10, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0x88, 0x89, 0xff];
        for number in all() {
            agrees_with_the_twin(number, &[]);
            for first in 0..=255 {
                for second in 0..=255 {
                    agrees_with_the_twin(number, &[first, second]);
                }
                for telling in TELLING {
                    // First, a run of one byte, then another: all lengths of all forms, and one more.
                    for run in 0..=10 {
                        for last in TELLING {
                            let mut input = [last; 12];
                            input[0] = first;
                            input[1..=run].fill(telling);
                            answers_agree(&number, &input, u64::MAX);
                        }
                    }
                }
            }
            for first in TELLING.into_iter().chain([0xc0, 0x82, 0x84]) {
                for second in TELLING {
                    for third in TELLING {
                        for run in [0, 1, 2, 5, 6, 7, 9] {
                            for last in [0x00, 0x01, 0x40, 0x80] {
                                let mut input = [third; 12];
                                input[0] = first;
                                input[1] = second;
                                input[2 + run] = last;
                                agrees_with_the_twin(number, &input[..3 + run]);
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn leb128_writes_the_published_samples() {
        // 2 to 12 857 are the examples of DWARF 5, section 7.6; 150 that of Protocol Buffers; 624 485 is the customary one.
        let samples: [(u64, &[u8]); 9] = [
            (2, &[2]),
            (127, &[127]),
            (128, &[0x80, 1]),
            (129, &[0x81, 1]),
            (12_857, &[0xb9, 0x64]),
            (150, &[0x96, 0x01]),
            (624_485, &[0xe5, 0x8e, 0x26]),
            (u64::from(u32::MAX), &[0xff, 0xff, 0xff, 0xff, 0x0f]),
            (u64::MAX, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]),
        ];
        for (value, wire) in samples {
            same_both_ways(Varint::leb128(), value, wire);
        }
        same_both_ways(Varint::leb128_u32(), u64::from(u32::MAX), &[0xff, 0xff, 0xff, 0xff, 0x0f]);
    }

    #[test]
    fn leb128_ends_with_the_last_byte_that_its_limit_allows() {
        for (number, last, most) in [(Varint::leb128(), 9, 1), (Varint::leb128_u32(), 4, 15), (Varint::mqtt(), 3, 127)]
        {
            let mut input = [0xff; 12];
            for byte in 1..=most {
                input[last] = byte;
                assert!(matches!(number.decode(&input, 0), Ok(Decoded::Value { len, .. }) if len == last + 1));
            }
            for byte in most + 1..=255 {
                input[last] = byte;
                let too_large = FrameError::new(last, DecodeErrorKind::NumberTooLarge { max: number.max() });
                assert_eq!(number.decode(&input, 0), Err(too_large));
                assert_eq!(number.allowing_longer_forms().decode(&input[..=last], 0), Err(too_large));
            }
        }
    }

    #[test]
    fn leb128_may_be_filled_up_with_zeros_only_where_allowed_and_only_to_the_greatest_length() {
        for (number, max_len) in [(Varint::leb128(), 10), (Varint::leb128_u32(), 5), (Varint::mqtt(), 4)] {
            for len in 2..=max_len {
                let mut wire = [0x80; 11];
                wire[0] = 0x85;
                wire[len - 1] = 0;
                assert_eq!(number.decode(&wire, 0), Err(FrameError::new(len - 1, DecodeErrorKind::NotShortest)));
                let lenient = number.allowing_longer_forms().decode(&wire, 0);
                assert_eq!(lenient, Ok(Decoded::Value { value: 5, len }));
            }
            let too_large = FrameError::new(max_len - 1, DecodeErrorKind::NumberTooLarge { max: number.max() });
            assert_eq!(number.allowing_longer_forms().decode(&[0x80; 12], 0), Err(too_large));
        }
    }

    #[test]
    fn quic_has_the_bounds_of_rfc_9000_section_16_table_4() {
        let bounds = [(63, 1), (64, 2), (16_383, 2), (16_384, 4), ((1 << 30) - 1, 4), (1 << 30, 8), ((1 << 62) - 1, 8)];
        for (value, len) in bounds {
            assert_eq!(holds(&Varint::quic(), value), len);
        }
        // The greatest number in a form too long, and the least that needs it.
        let faults: [(&[u8], usize); 3] =
            [(&[0x40, 0x3f], 1), (&[0x80, 0, 0x3f, 0xff], 2), (&[0xc0, 0, 0, 0, 0x3f, 0xff, 0xff, 0xff], 4)];
        for (wire, at) in faults {
            assert_eq!(Varint::quic().decode(wire, 0), Err(FrameError::new(at, DecodeErrorKind::NotShortest)));
            assert_eq!(Varint::quic().decode(&wire[..=at], 0), Err(FrameError::new(at, DecodeErrorKind::NotShortest)));
            assert!(matches!(Varint::quic().decode(&wire[..at], 0), Ok(Decoded::More(_))));
        }
    }

    #[test]
    fn ber_reads_and_writes_the_forms_of_x_690_section_8_1_3() {
        // The examples of 8.1.3.4 and 8.1.3.5: 38 and 201.
        let samples: [(u64, &[u8]); 8] = [
            (38, &[0b0010_0110]),
            (201, &[0b1000_0001, 0b1100_1001]),
            (0, &[0]),
            (127, &[0x7f]),
            (128, &[0x81, 0x80]),
            (256, &[0x82, 1, 0]),
            (65_536, &[0x83, 1, 0, 0]),
            (u64::MAX, &[0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        ];
        for (value, wire) in samples {
            same_both_ways(Varint::ber(), value, wire);
        }
    }

    #[test]
    fn ber_refuses_the_indefinite_and_the_reserved_form_and_more_than_8_octets() {
        for number in [Varint::ber(), Varint::ber().allowing_longer_forms()] {
            for found in [0x80, 0xff] {
                assert_eq!(
                    number.decode(&[found, 1], 0),
                    Err(FrameError::new(0, DecodeErrorKind::ReservedForm { found }))
                );
            }
            for first in 0x89..=0xfe {
                let too_large = FrameError::new(0, DecodeErrorKind::NumberTooLarge { max: u64::MAX });
                assert_eq!(number.decode(&[first], 0), Err(too_large));
            }
        }
    }

    #[test]
    fn ber_has_needless_octets_only_where_allowed() {
        let longer: [(&[u8], u64); 4] =
            [(&[0x81, 0], 0), (&[0x81, 0x7f], 127), (&[0x82, 0, 0xff], 255), (&[0x88, 0, 0, 0, 0, 0, 0, 0, 5], 5)];
        for (wire, value) in longer {
            assert_eq!(Varint::ber().decode(wire, 0), Err(FrameError::new(1, DecodeErrorKind::NotShortest)));
            let lenient = Varint::ber().allowing_longer_forms().decode(wire, 0);
            assert_eq!(lenient, Ok(Decoded::Value { value, len: wire.len() }));
        }
    }
}
