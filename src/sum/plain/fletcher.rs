//! Fletcher's two sums of bytes, modulo 256.

/// Fewer bytes than this are added one by one.
const FEW: usize = 32;

/// Returns the state after `bytes`: the first sum in the lowest byte, the second in the one above.
pub(super) fn update(state: u64, bytes: &[u8]) -> u64 {
    let [mut first, mut second, ..] = state.to_le_bytes();
    if bytes.len() < FEW {
        for &byte in bytes {
            first = first.wrapping_add(byte);
            second = second.wrapping_add(first);
        }
    } else {
        let [sum, weighted] = of_many(bytes);
        let [len, ..] = bytes.len().to_le_bytes();
        second = second.wrapping_add(weighted).wrapping_add(len.wrapping_mul(first));
        first = first.wrapping_add(sum);
    }
    u64::from(u16::from_le_bytes([first, second]))
}

/// Returns the two sums of `bytes`. In the second one, the first of n bytes has the weight n and the last has 1. With these weights
/// the second sum does not depend on the first, so the compiler can use vectors.
fn of_many(bytes: &[u8]) -> [u8; 2] {
    let [low, high, ..] = bytes.len().to_le_bytes();
    let (mut weight, mut sum, mut weighted) = (u16::from_le_bytes([low, high]), 0_u16, 0_u16);
    for &byte in bytes {
        sum = sum.wrapping_add(byte.into());
        weighted = weighted.wrapping_add(u16::from(byte).wrapping_mul(weight));
        weight = weight.wrapping_sub(1);
    }
    let ([sum, _], [weighted, _]) = (sum.to_le_bytes(), weighted.to_le_bytes());
    [sum, weighted]
}
