//! Compares varints with a slow implementation and published samples.

use super::*;
use crate::number::testing::{holds, obeys_contract, refuses_more};

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

/// Reads by the definitions, in 128 bits and without a limit of length.
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
fn agrees_with_naive(number: Varint, input: &[u8]) {
    obeys_contract(&number, input, u64::MAX);
    let lenient = number.allowing_longer_forms();
    obeys_contract(&lenient, input, u64::MAX);
    let max_len = if let Form::Leb128 { max_len, .. } = number.form { max_len.into() } else { 9 };
    let expected = naive(number, input)
        .filter(|(value, len)| *value <= number.max().into() && *len <= max_len)
        .map(|(value, len)| Decoded::Value { value: u64::try_from(value).unwrap(), len });
    let found = |decoded| match decoded {
        Ok(value @ Decoded::Value { .. }) => Some(value),
        _ => None,
    };
    assert_eq!(found(lenient.decode(input, 0)), expected, "{input:02x?}");
    let shortest = expected.filter(|decoded| match *decoded {
        Decoded::Value { value, len } => number.encoded_len(value) == Some(len),
        Decoded::Incomplete(_) => false,
    });
    assert_eq!(found(number.decode(input, 0)), shortest, "{input:02x?}");
    // An error that only the strict form reports has one cause.
    if let (Err(error), Ok(_)) = (number.decode(input, 0), lenient.decode(input, 0)) {
        assert_eq!(error.kind, DecodeErrorKind::NotShortest);
    }
}

#[test]
fn varint_of_every_form_holds_its_values() {
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
fn encode_word_of_one_byte_equals_the_long_form() {
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
fn varint_of_typical_bytes_reads_as_naive() {
    const TYPICAL: [u8; 12] = [0x00, 0x01, 0x0f, 0x10, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0x88, 0x89, 0xff];
    for number in all() {
        agrees_with_naive(number, &[]);
        for first in 0..=255 {
            for second in 0..=255 {
                agrees_with_naive(number, &[first, second]);
            }
            for typical in TYPICAL {
                // First, a run of one byte, then another: all lengths of all forms, and one more.
                for run in 0..=10 {
                    for last in TYPICAL {
                        let mut input = [last; 12];
                        input[0] = first;
                        input[1..=run].fill(typical);
                        obeys_contract(&number, &input, u64::MAX);
                    }
                }
            }
        }
        for first in TYPICAL.into_iter().chain([0xc0, 0x82, 0x84]) {
            for second in TYPICAL {
                for third in TYPICAL {
                    for run in [0, 1, 2, 5, 6, 7, 9] {
                        for last in [0x00, 0x01, 0x40, 0x80] {
                            let mut input = [third; 12];
                            input[0] = first;
                            input[1] = second;
                            input[2 + run] = last;
                            agrees_with_naive(number, &input[..3 + run]);
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn leb128_of_published_samples_writes_their_bytes() {
    // 2 to 12,857 are the examples of DWARF 5, section 7.6; 150 that of Protocol Buffers; 624,485 is the customary one.
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
fn leb128_over_its_limit_fails_at_the_last_byte() {
    for (number, last, most) in [(Varint::leb128(), 9, 1), (Varint::leb128_u32(), 4, 15), (Varint::mqtt(), 3, 127)] {
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
fn leb128_with_zeros_after_it_fails_unless_allowed() {
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
fn quic_at_the_bounds_of_rfc_9000_has_their_widths() {
    let bounds = [(63, 1), (64, 2), (16_383, 2), (16_384, 4), ((1 << 30) - 1, 4), (1 << 30, 8), ((1 << 62) - 1, 8)];
    for (value, len) in bounds {
        assert_eq!(holds(&Varint::quic(), value), len);
    }
    // The greatest number of each shorter form.
    let faults: [(&[u8], usize); 3] =
        [(&[0x40, 0x3f], 1), (&[0x80, 0, 0x3f, 0xff], 2), (&[0xc0, 0, 0, 0, 0x3f, 0xff, 0xff, 0xff], 4)];
    for (wire, at) in faults {
        assert_eq!(Varint::quic().decode(wire, 0), Err(FrameError::new(at, DecodeErrorKind::NotShortest)));
        assert_eq!(Varint::quic().decode(&wire[..=at], 0), Err(FrameError::new(at, DecodeErrorKind::NotShortest)));
        assert!(matches!(Varint::quic().decode(&wire[..at], 0), Ok(Decoded::Incomplete(_))));
    }
}

#[test]
fn ber_of_x_690_samples_writes_their_bytes() {
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
fn ber_of_reserved_forms_or_over_8_octets_fails() {
    for number in [Varint::ber(), Varint::ber().allowing_longer_forms()] {
        for found in [0x80, 0xff] {
            assert_eq!(number.decode(&[found, 1], 0), Err(FrameError::new(0, DecodeErrorKind::ReservedForm { found })));
        }
        for first in 0x89..=0xfe {
            let too_large = FrameError::new(0, DecodeErrorKind::NumberTooLarge { max: u64::MAX });
            assert_eq!(number.decode(&[first], 0), Err(too_large));
        }
    }
}

#[test]
fn ber_with_needless_octets_fails_unless_allowed() {
    let longer: [(&[u8], u64); 4] =
        [(&[0x81, 0], 0), (&[0x81, 0x7f], 127), (&[0x82, 0, 0xff], 255), (&[0x88, 0, 0, 0, 0, 0, 0, 0, 5], 5)];
    for (wire, value) in longer {
        assert_eq!(Varint::ber().decode(wire, 0), Err(FrameError::new(1, DecodeErrorKind::NotShortest)));
        let lenient = Varint::ber().allowing_longer_forms().decode(wire, 0);
        assert_eq!(lenient, Ok(Decoded::Value { value, len: wire.len() }));
    }
}
