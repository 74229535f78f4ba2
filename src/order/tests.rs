//! Compares orders with a slow implementation and examples.

extern crate std;

use std::string::ToString;

use super::*;

const ORDERS: [Order; 2] = [Order::Big, Order::Little];

/// Writes byte by byte.
fn naive(order: Order, value: u128, width: usize) -> [u8; 16] {
    let mut bytes = [0; 16];
    for (at, byte) in bytes[..width].iter_mut().enumerate() {
        let place = if order == Order::Big { width - 1 - at } else { at };
        *byte = value.to_le_bytes()[place];
    }
    bytes
}

fn boundaries() -> impl Iterator<Item = u128> {
    (0..128).flat_map(|bit| [(1 << bit) - 1, 1 << bit, (1_u128 << bit) | 1]).chain([u128::MAX - 1, u128::MAX])
}

#[test]
fn c_functions_put_the_most_significant_byte_first() {
    assert_eq!(htons(0x0102).to_ne_bytes(), [1, 2]);
    assert_eq!(htonl(0x0102_0304).to_ne_bytes(), [1, 2, 3, 4]);
    assert_eq!(htonll(0x0102_0304_0506_0708).to_ne_bytes(), [1, 2, 3, 4, 5, 6, 7, 8]);
    const { assert!(ntohl(htonl(0xdead_beef)) == 0xdead_beef) };
    for value in 0..=u16::MAX {
        assert_eq!(ntohs(htons(value)), value);
        assert_eq!(htons(value).to_ne_bytes(), value.to_be_bytes());
    }
    for bit in 0..64 {
        assert_eq!(ntohll(htonll(1 << bit)), 1 << bit);
        assert_eq!(ntohl(htonl(1 << (bit % 32))), 1 << (bit % 32));
    }
}

#[test]
fn order_of_a_byteorder_type_is_its_order() {
    assert_eq!(Order::of::<BigEndian>(), Order::Big);
    assert_eq!(Order::of::<LittleEndian>(), Order::Little);
    assert_eq!(Order::of::<NetworkEndian>(), Order::NETWORK);
    assert_eq!(Order::of::<NativeEndian>(), Order::HOST);
    assert_eq!(Order::HOST.read_uint(&0x0102_u16.to_ne_bytes()), Ok(0x0102));
}

#[test]
fn unsigned_field_of_every_width_refuses_greater_values() {
    for order in ORDERS {
        for width in 1..=16 {
            for value in boundaries() {
                let mut field = [0xee; 16];
                let fits = width == 16 || value < 1 << (8 * width);
                let written = order.write_uint(value, &mut field[..width]);
                if fits {
                    assert_eq!(written, Ok(()));
                    assert_eq!(field[..width], naive(order, value, width)[..width]);
                    assert_eq!(order.read_uint(&field[..width]), Ok(value));
                } else {
                    assert_eq!(written, Err(FieldError::DoesNotFit { value, width }));
                    assert_eq!(field, [0xee; 16]);
                }
            }
        }
    }
}

#[test]
fn signed_field_of_every_width_refuses_values_outside_it() {
    for order in ORDERS {
        for width in 1..=16 {
            let least = i128::MIN >> (128 - 8 * width);
            for value in boundaries().map(|value| i128::from_ne_bytes(value.to_ne_bytes())) {
                let mut field = [0xee; 16];
                let written = order.write_int(value, &mut field[..width]);
                if value >= least && value <= !least {
                    assert_eq!(written, Ok(()));
                    let bits = u128::from_ne_bytes(value.to_ne_bytes());
                    assert_eq!(field[..width], naive(order, bits, width)[..width]);
                    assert_eq!(order.read_int(&field[..width]), Ok(value));
                } else {
                    assert_eq!(written, Err(FieldError::DoesNotFitSigned { value, width }));
                    assert_eq!(field, [0xee; 16]);
                }
            }
            for value in [least, least + 1, -1, !least - 1, !least] {
                assert_eq!(order.write_int(value, &mut [0; 16][..width]), Ok(()));
            }
        }
    }
}

#[test]
fn width_of_0_or_over_16_is_refused() {
    for width in [0, 17, 40] {
        let refused = FieldError::Width { width };
        let mut field = [1; 40];
        assert_eq!(Order::Big.read_uint(&field[..width]), Err(refused));
        assert_eq!(Order::Big.read_int(&field[..width]), Err(refused));
        assert_eq!(Order::Big.write_uint(0, &mut field[..width]), Err(refused));
        assert_eq!(Order::Big.write_int(0, &mut field[..width]), Err(refused));
    }
    assert_eq!(width_for(0, usize::MAX), Err(FieldError::Width { width: usize::MAX }));
}

#[cfg(feature = "alloc")]
#[test]
fn field_in_a_buf_equals_the_field_in_a_slice() {
    use bytes::Buf;

    for order in ORDERS {
        for width in 1..=16 {
            for value in boundaries() {
                let mut out = std::vec::Vec::new();
                let mut field = [0; 16];
                assert_eq!(order.put_uint(&mut out, value, width), order.write_uint(value, &mut field[..width]));
                if !out.is_empty() {
                    assert_eq!(out, field[..width]);
                    // Two pieces, so that the field spans both.
                    for cut in 0..=width {
                        let mut input = out[..cut].chain(&out[cut..]);
                        assert_eq!(order.take_uint(&mut input, width), Ok(value));
                        assert_eq!(input.remaining(), 0);
                    }
                }
                let value = i128::from_ne_bytes(value.to_ne_bytes());
                let mut out = std::vec::Vec::new();
                assert_eq!(order.put_int(&mut out, value, width), order.write_int(value, &mut field[..width]));
                if !out.is_empty() {
                    assert_eq!(out, field[..width]);
                    assert_eq!(order.take_int(&mut &out[..], width), Ok(value));
                }
            }
        }
    }
}

#[cfg(feature = "alloc")]
#[test]
fn buf_without_enough_bytes_or_room_is_unchanged() {
    for order in ORDERS {
        for width in 1..=16 {
            let have = width - 1;
            let short = FieldError::Short { offset: 0, needed: width, available: have };
            let mut input = &[1; 16][..have];
            assert_eq!(order.take_uint(&mut input, width), Err(short));
            assert_eq!(order.take_int(&mut input, width), Err(short));
            assert_eq!(input.len(), have);
            let mut room = [1; 16];
            let mut out = &mut room[..have];
            assert_eq!(order.put_uint(&mut out, 0, width), Err(short));
            assert_eq!(order.put_int(&mut out, 0, width), Err(short));
            assert_eq!(out.len(), have);
            assert_eq!(room, [1; 16]);
        }
        for width in [0, 17] {
            let refused = FieldError::Width { width };
            assert_eq!(order.take_uint(&mut &[1; 20][..], width), Err(refused));
            assert_eq!(order.take_int(&mut &[1; 20][..], width), Err(refused));
            assert_eq!(order.put_uint(&mut std::vec::Vec::new(), 0, width), Err(refused));
            assert_eq!(order.put_int(&mut std::vec::Vec::new(), 0, width), Err(refused));
        }
    }
}

#[test]
fn field_error_displays_one_clause_with_its_numbers() {
    let texts = [
        (FieldError::Width { width: 17 }, "a field of 17 bytes is outside 1 to 16"),
        (FieldError::Short { offset: 5, needed: 4, available: 2 }, "a field of 4 bytes at offset 5 where 2 are left"),
        (FieldError::DoesNotFit { value: 256, width: 1 }, "256 does not fit an unsigned field of 1 byte"),
        (FieldError::DoesNotFitSigned { value: -129, width: 1 }, "-129 does not fit a signed field of 1 byte"),
        (FieldError::Left { offset: 5, left: 2 }, "2 bytes left at offset 5, where the fields end"),
    ];
    for (error, text) in texts {
        assert_eq!(error.to_string(), text);
    }
}
