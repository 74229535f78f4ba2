//! Compares escaped numbers with a slow implementation and examples.

extern crate std;

use std::vec::Vec;

use super::*;
use crate::number::testing::{holds, obeys_contract};

fn web_socket() -> Escaped {
    let number = Escaped::new(0x7f).unwrap().with_step(126, Binary::u16_be()).unwrap();
    number.with_step(127, Binary::u64_be()).unwrap().with_max(i64::MAX.unsigned_abs())
}

fn compact_size() -> Escaped {
    let number = Escaped::new(0xff).unwrap().with_step(0xfd, Binary::u16_le()).unwrap();
    number.with_step(0xfe, Binary::u32_le()).unwrap().with_step(0xff, Binary::u64_le()).unwrap()
}

fn coap() -> Escaped {
    let number = Escaped::new(0xf0).unwrap().with_step_from(13, Binary::u8(), 13).unwrap();
    let number = number.with_step_from(14, Binary::u16_be(), 269).unwrap();
    number.with_step_from(15, Binary::u32_be(), 65_805).unwrap()
}

fn zmtp() -> Escaped {
    let number = Escaped::new(0x02).unwrap().with_step(0, Binary::u8()).unwrap();
    number.with_step(1, Binary::u64_be()).unwrap().allowing_longer_forms()
}

fn all() -> [Escaped; 5] {
    [web_socket(), compact_size(), coap(), zmtp(), Escaped::new(0x3c).unwrap()]
}

/// Compares the bits with each step.
fn naive(number: &Escaped, input: &[u8]) -> Option<(u64, usize)> {
    let bits = (*input.first()? & number.mask()) >> number.mask().trailing_zeros();
    let steps: Vec<_> = number.steps().collect();
    let Some(&(_, wide, base)) = steps.iter().find(|(value, ..)| *value == bits) else {
        return Some((bits.into(), 1));
    };
    let bytes = input.get(1..=wide.width())?;
    let value = match wide.order() {
        Order::Big => bytes.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte)),
        Order::Little => bytes.iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte)),
    };
    Some((value.checked_add(base)?, 1 + wide.width()))
}

#[test]
fn escaped_around_every_step_holds_its_values() {
    for number in all() {
        let edges = [0, 13, 126, 253, 255, 256, 269, 65_535, 65_536, 65_805, u32::MAX.into(), number.max()];
        for edge in edges {
            for value in edge.saturating_sub(3)..=edge.saturating_add(3) {
                if value <= number.max() {
                    holds(&number, value);
                } else {
                    let refused = Err(EncodeError::DoesNotFit { value, max: number.max() });
                    assert_eq!(number.encode(value, &mut ShortBytes::empty()), refused);
                    assert_eq!(number.encoded_len(value), None);
                }
            }
        }
    }
}

#[test]
fn escaped_of_typical_bytes_reads_as_naive() {
    for number in all() {
        for first in 0..=255 {
            for second in [0x00, 0x01, 0x7d, 0x7e, 0xfc, 0xfd, 0xff] {
                for last in [0x00, 0x01, 0x0c, 0x80, 0xff] {
                    let input = [first, second, 0, 0, 0, 0, 0, 0, last];
                    obeys_contract(&number, &input, u64::MAX);
                    let number = number.allowing_longer_forms();
                    if let Ok(Decoded::Value { value, len }) = number.decode(&input, u64::MAX) {
                        assert_eq!(naive(&number, &input), Some((value, len)));
                        assert!(value <= number.max());
                    } else {
                        assert!(naive(&number, &input).is_none_or(|(value, _)| value > number.max()));
                    }
                }
            }
        }
    }
}

#[test]
fn specification_examples_decode_to_their_values() {
    let value = |value, len| Ok(Decoded::Value { value, len });
    // RFC 6455, section 5.7: 256 bytes, and 64 KiB.
    assert_eq!(web_socket().decode(&[0x7e, 0x01, 0x00], 0), value(256, 3));
    assert_eq!(web_socket().decode(&[0x7f, 0, 0, 0, 0, 0, 1, 0, 0], 0), value(65_536, 9));
    // RFC 8323, section 3.2.
    assert_eq!(coap().decode(&[0xd0, 0x00], 0), value(13, 2));
    assert_eq!(coap().decode(&[0xe0, 0x00, 0x00], 0), value(269, 3));
    // Bitcoin developer reference, CompactSize unsigned integers: 515.
    assert_eq!(compact_size().decode(&[0xfd, 0x03, 0x02], 0), value(515, 3));
}

#[test]
fn bits_above_the_least_step_that_are_no_step_fail() {
    // CBOR's argument (RFC 8949, section 3): 24 to 27 announce, 28 to 31 are reserved or have no length.
    let mut cbor = Escaped::new(0x1f).unwrap();
    for (value, number) in [(24, Binary::u8()), (25, Binary::u16_be()), (26, Binary::u32_be()), (27, Binary::u64_be())]
    {
        cbor = cbor.with_step(value, number).unwrap();
    }
    for found in 28..=31 {
        assert_eq!(cbor.decode(&[found], 0), Err(FrameError::new(0, DecodeErrorKind::ReservedForm { found })));
    }
    assert_eq!(cbor.decode(&[0x18, 0x17], 0), Err(FrameError::new(1, DecodeErrorKind::NotShortest)));
    holds(&cbor, 24);
    assert_eq!(cbor.with_step(31, Binary::u8()).map_err(|_| ()), Err(()));
}

#[test]
fn rewrite_to_any_width_keeps_the_other_bits() {
    let rewritten = |value, field: &[u8]| {
        let mut out = ShortBytes::empty();
        web_socket().rewrite(value, field, &mut out).map(|()| out.to_vec())
    };
    assert_eq!(rewritten(300, &[0x85]), Ok(std::vec![0xfe, 0x01, 0x2c]));
    assert_eq!(rewritten(300, &[0xfe, 0x00, 0x00]), Ok(std::vec![0xfe, 0x01, 0x2c]));
    assert_eq!(rewritten(3, &[0xfe, 0x01, 0x2c]), Ok(std::vec![0x83]));
    assert_eq!(rewritten(3, &[]), Ok(std::vec![0x03]));
    let max = web_socket().max();
    assert_eq!(rewritten(u64::MAX, &[0x85]), Err(EncodeError::DoesNotFit { value: u64::MAX, max }));
}

#[test]
fn masks_with_holes_and_steps_that_do_not_rise_are_refused() {
    assert_eq!(Escaped::new(0), Err(ConfigError::BitMask { found: 0 }));
    assert_eq!(Escaped::new(0b101), Err(ConfigError::BitMask { found: 5 }));
    let number = Escaped::new(0x0f).unwrap();
    assert!(number.with_step(16, Binary::u8()).is_err());
    let number = number.with_step(13, Binary::u16_be()).unwrap();
    assert!(number.with_step(13, Binary::u32_be()).is_err());
    assert!(number.with_step(14, Binary::u16_le()).is_err());
    assert!(number.with_step(14, Binary::u24_be()).is_ok());
}

#[test]
fn base_that_leaves_a_gap_and_fifth_step_are_refused() {
    let number = Escaped::new(0xff).unwrap();
    let gap = ConfigError::Conflict("some numbers between two steps cannot be written");
    assert_eq!(number.with_step_from(250, Binary::u8(), 251), Err(gap));
    let number = number.with_step_from(250, Binary::u8(), 250).unwrap();
    assert_eq!(number.with_step_from(251, Binary::u16_be(), 507), Err(gap));
    let number = number.with_step_from(251, Binary::u16_be(), 506).unwrap();
    let number = number.with_step(252, Binary::u24_be()).unwrap().with_step(253, Binary::u32_be()).unwrap();
    assert_eq!(number.with_step(254, Binary::u64_be()), Err(ConfigError::TooMany { found: 5, max: 4 }));
}

#[test]
fn with_max_only_lowers_the_greatest_number() {
    let number = coap();
    assert_eq!(number.max(), 65_805 + u64::from(u32::MAX));
    assert_eq!(number.with_max(u64::MAX), number);
    let number = number.with_max(300);
    assert_eq!((number.max(), number.with_max(301).max(), number.with_max(12).max()), (300, 300, 12));
    #[cfg(feature = "spec")]
    assert_eq!((number.reach(), Escaped::new(0x3c).unwrap().reach()), (65_805 + u64::from(u32::MAX), 15));
    let too_large = |at, max| Err(FrameError::new(at, DecodeErrorKind::NumberTooLarge { max }));
    assert_eq!(number.decode(&[0xe0, 0, 31], 0), Ok(Decoded::Value { value: 300, len: 3 }));
    assert_eq!(number.decode(&[0xe0, 0, 32], 0), too_large(2, 300));
    assert_eq!(number.decode(&[0xe0, 1], 0), too_large(1, 300));
    assert_eq!(number.decode(&[0xf0], 0), too_large(0, 300));
    assert_eq!(number.with_max(12).decode(&[0xd0], 0), too_large(0, 12));
}

#[test]
fn accessors_return_the_parts() {
    assert!(zmtp().allows_longer_forms());
    assert!(!coap().allows_longer_forms());
    assert_eq!((Escaped::new(0x3c).unwrap().fixed_len(), coap().fixed_len()), (Some(1), None));
}

#[test]
fn errors_in_both_orders_are_at_the_first_proof() {
    for order in [Order::Big, Order::Little] {
        for (base, max) in [(0, 300), (0, 0x1234), (250, 251), (100, 400), (7, u64::MAX)] {
            let number = Escaped::new(0xff).unwrap();
            let number = number.with_step_from(251, Binary::new(2, order).unwrap(), base).unwrap().with_max(max);
            for (low, high) in (0..=255).flat_map(|low| [0, 1, 2, 0x12, 0xff].map(|high| (low, high))) {
                obeys_contract(&number, &[251, low, high], 0);
                obeys_contract(&number, &[251, high, low], 0);
            }
        }
    }
    let number = Escaped::new(0xff).unwrap().with_step(253, Binary::u16_le()).unwrap().with_max(300);
    let error = |at, kind| Err(FrameError::new(at, kind));
    // 80 is too small and 80 + 256 too large; 32 + 256 is neither.
    assert_eq!(number.decode(&[253, 80], 0), error(1, DecodeErrorKind::NumberTooLarge { max: 300 }));
    assert_eq!(number.decode(&[253, 32, 1], 0), Ok(Decoded::Value { value: 288, len: 3 }));
    assert_eq!(number.decode(&[253, 32, 0], 0), error(2, DecodeErrorKind::NotShortest));
    assert_eq!(number.decode(&[253, 32, 2], 0), error(2, DecodeErrorKind::NumberTooLarge { max: 300 }));
}

#[test]
fn values_below_the_least_step_fit_high_bits() {
    let number = Escaped::new(0xf0).unwrap().with_step(14, Binary::u8()).unwrap();
    for value in 0..14 {
        assert_eq!(holds(&number, value), 1);
    }
    assert_eq!(holds(&number, 14), 2);
}
