//! Compares binary numbers and bits with a slow implementation and examples.

use super::*;
use crate::number::testing::{holds, refuses_more};

fn every_binary() -> impl Iterator<Item = Binary> {
    (1..=8).flat_map(|width| [Order::Big, Order::Little].map(|order| Binary::new(width, order).unwrap()))
}

/// Reads byte by byte.
fn naive(number: Binary, input: &[u8]) -> Option<u64> {
    let mut bytes = [0; 8];
    for (place, byte) in bytes.iter_mut().take(number.width()).enumerate() {
        let at = match number.order() {
            Order::Big => number.width() - 1 - place,
            Order::Little => place,
        };
        *byte = *input.get(at)?;
    }
    Some(u64::from_le_bytes(bytes))
}

#[test]
fn binary_width_outside_1_to_8_is_refused() {
    for found in [0, 9, 16, 256, 257, usize::MAX] {
        assert_eq!(Binary::new(found, Order::Big), Err(ConfigError::Width { found, min: 1, max: 8 }));
    }
}

#[test]
fn named_constructors_have_their_width_and_order() {
    let named = [
        (Binary::u8(), 1, Order::Big),
        (Binary::u16_be(), 2, Order::Big),
        (Binary::u16_le(), 2, Order::Little),
        (Binary::u24_be(), 3, Order::Big),
        (Binary::u24_le(), 3, Order::Little),
        (Binary::u32_be(), 4, Order::Big),
        (Binary::u32_le(), 4, Order::Little),
        (Binary::u48_be(), 6, Order::Big),
        (Binary::u48_le(), 6, Order::Little),
        (Binary::u64_be(), 8, Order::Big),
        (Binary::u64_le(), 8, Order::Little),
    ];
    for (number, width, order) in named {
        assert_eq!(Ok(number), Binary::new(width, order));
        assert_eq!((number.width(), number.order()), (width, order));
    }
    assert!(size_of::<Binary>() <= 4);
}

#[test]
fn binary_of_every_width_holds_its_values() {
    for number in every_binary() {
        let max = number.max();
        assert_eq!(max, u64::MAX >> (64 - 8 * number.width()));
        for value in (0..=600).chain((0..64).flat_map(|bit| [(1 << bit) - 1, 1 << bit, (1 << bit) + 1])) {
            if value <= max {
                assert_eq!(holds(&number, value), number.width());
            }
        }
        holds(&number, max - 1);
        holds(&number, max);
        refuses_more(&number);
    }
}

#[test]
fn binary_from_input_of_every_length_reads_as_naive() {
    let input = [0x81, 0x02, 0xf3, 0x04, 0x95, 0x06, 0xa7, 0x08, 0xb9, 0x0a, 0xcb];
    for number in every_binary() {
        for end in 0..=input.len() {
            let found = match number.decode(&input[..end], 0).unwrap() {
                Decoded::Value { value, .. } => Some(value),
                Decoded::Incomplete(need) => {
                    assert_eq!(need.get(), number.width() - end);
                    None
                }
            };
            assert_eq!(found, naive(number, &input[..end]));
        }
    }
}

#[test]
fn mask_that_is_empty_broken_or_too_wide_is_refused() {
    for found in [0, 0b101, 0xf0f0, 0x1_0000, 0x1_ffff, u64::MAX, 1 << 63 | 1] {
        assert_eq!(Bits::new(Binary::u16_be(), found), Err(ConfigError::BitMask { found }));
    }
    assert_eq!(Bits::new(Binary::u64_be(), u64::MAX - 2), Err(ConfigError::BitMask { found: u64::MAX - 2 }));
    assert!(Bits::new(Binary::u64_be(), u64::MAX).is_ok());
    assert!(Bits::new(Binary::u64_le(), 1 << 63).is_ok());
    assert!(Bits::new(Binary::u8(), 0x80).is_ok());
}

#[test]
fn bits_of_every_mask_hold_values_and_keep_other_bits() {
    for number in every_binary() {
        let bits = 8 * number.width();
        for low in 0..bits {
            for high in [low, low + 1, low + 6, bits - 1] {
                if high < low || high >= bits {
                    continue;
                }
                let mask = u64::MAX >> (63 - (high - low)) << low;
                let some = Bits::new(number, mask).unwrap();
                let max = u64::MAX >> (63 - (high - low));
                assert_eq!((some.max(), some.mask(), some.number()), (max, mask, number));
                assert_eq!(some.fixed_len(), Some(number.width()));
                for value in [0, 1, max / 3, max] {
                    holds(&some, value);
                    let mut out = ShortBytes::empty();
                    some.rewrite(value, &[0xa5; 8][..number.width()], &mut out).unwrap();
                    let all = naive(number, &out).unwrap();
                    assert_eq!(all & mask, value << low);
                    assert_eq!(all & !mask, 0xa5a5_a5a5_a5a5_a5a5 >> (64 - bits) & !mask);
                    assert_eq!(some.decode(&out, 0), Ok(Decoded::Value { value, len: number.width() }));
                }
                if let Some(value) = max.checked_add(1) {
                    let refused = Err(EncodeError::DoesNotFit { value, max });
                    let mut out = ShortBytes::empty();
                    assert_eq!(some.encode(value, &mut out), refused);
                    assert_eq!(some.rewrite(value, &[0; 8][..number.width()], &mut out), refused);
                    assert!(out.is_empty());
                    assert_eq!(some.encoded_len(value), None);
                }
            }
        }
    }
}

#[test]
fn rewrite_of_a_field_of_another_width_encodes_anew() {
    let some = Bits::new(Binary::u16_be(), 0x0fff).unwrap();
    for len in [0, 1, 3, 9] {
        let mut out = ShortBytes::new(b"kept").unwrap();
        some.rewrite(5, &[0xee; 9][..len], &mut out).unwrap();
        assert_eq!(out.as_slice(), b"kept\0\x05");
    }
}
