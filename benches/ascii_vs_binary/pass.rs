//! Numbers to bytes and back: the measured work.

use anysplit::contract::ShortBytes;
use anysplit::number::{AnyNumber, Decoded, Number};

/// Appends all numbers. The representation is matched once.
pub(crate) fn encode(number: &AnyNumber, values: &[u64], out: &mut Vec<u8>) {
    match number {
        AnyNumber::Binary(number) => encode_all(number, values, out),
        AnyNumber::Ascii(number) => encode_all(number, values, out),
        AnyNumber::Varint(number) => encode_all(number, values, out),
        other => encode_all(other, values, out),
    }
}

/// Appends the numbers in `wire`.
pub(crate) fn decode(number: &AnyNumber, wire: &[u8], values: &mut Vec<u64>) {
    match number {
        AnyNumber::Binary(number) => decode_all(number, wire, values),
        AnyNumber::Ascii(number) => decode_all(number, wire, values),
        AnyNumber::Varint(number) => decode_all(number, wire, values),
        other => decode_all(other, wire, values),
    }
}

fn encode_all(number: &impl Number, values: &[u64], out: &mut Vec<u8>) {
    for &value in values {
        if let Some((word, len)) = number.built_in().and_then(|number| number.encode_word(value)) {
            out.extend_from_slice(&word[..len.into()]);
        } else {
            let mut header = ShortBytes::empty();
            number.encode(value, &mut header).expect("the number fits");
            out.extend_from_slice(&header);
        }
    }
}

fn decode_all(number: &impl Number, mut wire: &[u8], values: &mut Vec<u64>) {
    while !wire.is_empty() {
        match number.decode(wire, u64::MAX) {
            Ok(Decoded::Value { value, len }) => {
                values.push(value);
                wire = &wire[len..];
            }
            other => panic!("{other:?}"),
        }
    }
}
