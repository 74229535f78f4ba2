//! Checks that every representation must pass.

use crate::error::EncodeError;
use crate::number::{Decoded, Number};
use crate::short::ShortBytes;

const WIDE: usize = 64;

/// Checks that the value after the greatest is refused, and that nothing is written.
#[track_caller]
pub(super) fn refuses_more(number: &impl Number) {
    let max = number.max();
    let Some(value) = max.checked_add(1) else { return };
    let mut out = ShortBytes::new(b"kept").unwrap();
    assert_eq!(number.encode(value, &mut out), Err(EncodeError::DoesNotFit { value, max }));
    assert_eq!(number.encoded_len(value), None);
    assert_eq!(out.as_slice(), b"kept");
}

/// Writes `value`, and reads it back alone, with bytes after it, and cut at every place. Returns its length.
#[track_caller]
pub(super) fn holds(number: &impl Number, value: u64) -> usize {
    let mut wire = ShortBytes::empty();
    number.encode(value, &mut wire).unwrap();
    assert_eq!(number.encoded_len(value), Some(wire.len()));
    assert!(number.fixed_len().is_none_or(|len| len == wire.len()));
    for after in [0x00, 0x01, b'0', b':', 0x80, 0xff] {
        let mut input = [after; WIDE];
        input[..wire.len()].copy_from_slice(&wire);
        for end in wire.len()..wire.len() + 10 {
            let decoded = number.decode(&input[..end], value);
            assert_eq!(decoded, Ok(Decoded::Value { value, len: wire.len() }), "{:02x?}", &input[..end]);
        }
    }
    obeys_contract(number, &wire, u64::MAX);
    let mut rewritten = ShortBytes::empty();
    number.rewrite(value, &[0; WIDE][..wire.len()], &mut rewritten).unwrap();
    assert_eq!(rewritten, wire);
    wire.len()
}

/// Decodes every prefix of `input`, and checks the contract of `Number::decode`:
///
/// - more input changes neither a number nor an error;
/// - an error is at the last byte of the shortest input that has it;
/// - the count of missing bytes is exact: some bytes of this count complete a number, and no fewer do.
#[track_caller]
pub(super) fn obeys_contract(number: &impl Number, input: &[u8], limit: u64) {
    let mut settled = None;
    let mut least = 0;
    for end in 0..=input.len() {
        let result = number.decode(&input[..end], limit);
        if settled.is_some() {
            assert_eq!(Some(result), settled, "{:02x?} has another result at {end}", input);
            continue;
        }
        match result {
            Ok(Decoded::Incomplete(need)) => {
                assert!(end < number.fixed_len().unwrap_or(WIDE));
                assert!(number.fixed_len().is_none_or(|len| len - end == need.get()));
                least = least.max(end + need.get());
                completes(number, &input[..end], need.get(), limit);
            }
            Ok(Decoded::Value { len, .. }) => {
                assert_eq!(len, end, "{input:02x?} is a number late or early");
                assert!(end >= least, "{input:02x?} was reported to need {least}");
                settled = Some(result);
            }
            Err(error) => {
                assert_eq!(error.at + 1, end, "{input:02x?} has its error late or early");
                settled = Some(result);
            }
        }
    }
}

/// Checks that some `need` bytes after `start` complete a number.
#[track_caller]
fn completes(number: &impl Number, start: &[u8], need: usize, limit: u64) {
    let mut input = [0; WIDE];
    input[..start.len()].copy_from_slice(start);
    for left in (0..need).rev() {
        let end = start.len() + need - left;
        // The likely bytes first, then all.
        let byte = [b'0', 0x01, 0x7f, 0x80].into_iter().chain(0..=255).find(|byte| {
            input[end - 1] = *byte;
            match number.decode(&input[..end], limit) {
                Ok(Decoded::Incomplete(need)) => need.get() == left,
                Ok(Decoded::Value { .. }) => left == 0,
                Err(_) => false,
            }
        });
        assert!(byte.is_some(), "{start:02x?} cannot be completed with {need} bytes");
    }
}
