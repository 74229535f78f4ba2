//! What is known of a value whose bytes are known to be in sets: an interval, and bits.

use crate::op::{Kind, Op, mask, signed};

/// Values from `low` to `high` that have all bits of `ones` and none outside `may`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    pub low: u128,
    pub high: u128,
    ones: u128,
    may: u128,
}

impl Range {
    pub fn one(value: u128) -> Self {
        Self { low: value, high: value, ones: value, may: value }
    }

    pub fn any(bits: u8) -> Self {
        Self { low: 0, high: mask(bits), ones: 0, may: mask(bits) }
    }

    fn interval(low: u128, high: u128) -> Self {
        let same = mask((128 - (low ^ high).leading_zeros()) as u8);
        Self { low, high, ones: low & !same, may: high | same }
    }

    fn bits(ones: u128, may: u128) -> Self {
        Self { low: ones, high: may, ones, may }
    }

    /// What is known by both.
    fn meet(self, other: Self) -> Self {
        let ones = self.ones | other.ones;
        let may = self.may & other.may;
        Self { low: self.low.max(other.low).max(ones), high: self.high.min(other.high).min(may), ones, may }
    }

    /// One of the two.
    pub fn or(self, other: Self) -> Self {
        Self {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
            ones: self.ones & other.ones,
            may: self.may | other.may,
        }
    }

    pub fn exact(self) -> Option<u128> {
        (self.low == self.high).then_some(self.low)
    }

    #[cfg(test)]
    pub fn contains(self, value: u128) -> bool {
        self.low <= value && value <= self.high && value & self.ones == self.ones && value & !self.may == 0
    }

    fn truth(value: Option<bool>) -> Self {
        value.map_or(Self::any(1), |value| Self::one(u128::from(value)))
    }

    /// What is known of the result of the operation.
    pub fn of(op: Op, args: &[Self]) -> Self {
        use Kind::*;
        let exact: Option<Vec<u128>> = args.iter().map(|arg| arg.exact()).collect();
        if let Some(exact) = exact {
            return Self::one(op.eval(&exact));
        }
        let all = mask(op.bits);
        let top = Self::any(op.result_bits());
        let a = args[0];
        let b = args.get(1).copied().unwrap_or(Self::one(0));
        match op.kind {
            And => Self::bits(a.ones & b.ones, a.may & b.may).meet(Self { high: a.high.min(b.high), ..top }),
            Or => Self::bits(a.ones | b.ones, a.may | b.may).meet(Self {
                low: a.low.max(b.low),
                high: all,
                ones: 0,
                may: all,
            }),
            Xor => Self::bits((a.ones & !b.may) | (b.ones & !a.may), (a.may | b.may) & !(a.ones & b.ones)),
            Not => Self { low: all - a.high, high: all - a.low, ones: !a.may & all, may: !a.ones & all },
            Add => {
                let bits = Self::carried(a, b, 0, all);
                match (a.low.checked_add(b.low), a.high.checked_add(b.high)) {
                    (Some(low), Some(high)) => bits.meet(Self::wrapped(low, high, all)),
                    _ => bits,
                }
            }
            Sub => {
                let complement = Self { low: all - b.high, high: all - b.low, ones: !b.may & all, may: !b.ones & all };
                let bits = Self::carried(a, complement, 1, all);
                if a.low >= b.high {
                    bits.meet(Self::interval(a.low - b.high, a.high - b.low))
                } else if a.high < b.low && op.bits < 128 {
                    bits.meet(Self::interval(all + 1 - (b.high - a.low), all + 1 - (b.low - a.high)))
                } else {
                    bits
                }
            }
            Mul | Product => match (a.low.checked_mul(b.low), a.high.checked_mul(b.high)) {
                (Some(low), Some(high)) if high <= mask(op.result_bits()) => Self::interval(low, high),
                _ => top,
            },
            Shl => match b.exact() {
                Some(by) if by < u128::from(op.bits) => {
                    let bits = Self::bits((a.ones << by) & all, (a.may << by) & all);
                    if a.high <= all >> by {
                        bits.meet(Self { low: a.low << by, high: a.high << by, ..top })
                    } else {
                        bits
                    }
                }
                _ => top,
            },
            Shr | Extract => {
                let by = if op.kind == Extract { Some(u128::from(op.other)) } else { b.exact() };
                match by {
                    Some(by) if by < 128 => {
                        let bits = Self::bits((a.ones >> by) & all, (a.may >> by) & all);
                        if a.high >> by <= all {
                            bits.meet(Self { low: a.low >> by, high: a.high >> by, ..top })
                        } else {
                            bits
                        }
                    }
                    _ => top,
                }
            }
            Join => Self {
                low: (a.low << op.other) | b.low,
                high: (a.high << op.other) | b.high,
                ones: (a.ones << op.other) | b.ones,
                may: (a.may << op.other) | b.may,
            },
            ZeroExtend => a,
            SignExtend if a.high >> (op.other - 1) == 0 => a,
            SignExtend if a.low >> (op.other - 1) == 1 => {
                let above = all & !mask(op.other);
                Self { low: a.low | above, high: a.high | above, ones: a.ones | above, may: a.may | above }
            }
            Equal => Self::truth(a.equals(b)),
            Differ => Self::truth(a.equals(b).map(|equal| !equal)),
            LessU => Self::truth(less(a.low, a.high, b.low, b.high)),
            AtMostU => Self::truth(less(b.low, b.high, a.low, a.high).map(|less| !less)),
            CarryOut => {
                let c = args[2];
                Self::truth(less(all, all, a.low + b.low + c.low, a.high + b.high + c.high))
            }
            BorrowOut => {
                let c = args[2];
                Self::truth(less(a.low, a.high, b.low + c.low, b.high + c.high))
            }
            LessS | AtMostS => {
                let (Some((al, ah)), Some((bl, bh))) = (a.with_sign(op.bits), b.with_sign(op.bits)) else { return top };
                Self::truth(if op.kind == LessS {
                    less(al, ah, bl, bh)
                } else {
                    less(bl, bh, al, ah).map(|less| !less)
                })
            }
            TrailingZeros => {
                let (low, high) = (a.may.trailing_zeros().min(64), a.ones.trailing_zeros().min(64));
                Self::interval(u128::from(low), u128::from(high))
            }
            EqualBytes => {
                let differ = (a.ones & !b.may) | (b.ones & !a.may);
                let unknown = (a.may ^ a.ones) | (b.may ^ b.ones);
                let lane = |at: u32| 0xff << (8 * at);
                let bits = |with: &dyn Fn(u128) -> bool| (0..16).map(lane).filter(|lane| with(*lane)).sum();
                Self::bits(bits(&|lane| (differ | unknown) & lane == 0), bits(&|lane| differ & lane == 0))
            }
            HighBits => Self::bits(op.eval(&[a.ones]), op.eval(&[a.may])),
            LeadingZeros => {
                let zeros = |value: u128| u128::from((value as u64).leading_zeros());
                Self::interval(zeros(a.high), zeros(a.low))
            }
            Choose => match a.exact() {
                Some(condition) => {
                    if condition & 1 != 0 {
                        b
                    } else {
                        args[2]
                    }
                }
                None => b.or(args[2]),
            },
            _ => top,
        }
    }

    /// The bits of a sum that are known: where both bits and the carry into them are.
    fn carried(a: Self, b: Self, carry: u128, all: u128) -> Self {
        let most = a.may.wrapping_add(b.may).wrapping_add(carry);
        let least = a.ones.wrapping_add(b.ones).wrapping_add(carry);
        let no_carry = !(most ^ a.may ^ b.may);
        let a_carry = least ^ a.ones ^ b.ones;
        let known = !(a.may ^ a.ones) & !(b.may ^ b.ones) & (no_carry | a_carry) & all;
        Self::bits(least & known, (least & known) | (!known & all))
    }

    /// The interval of sums, cut to the width.
    fn wrapped(low: u128, high: u128, all: u128) -> Self {
        match (low > all, high > all) {
            (false, false) => Self::interval(low, high),
            (true, true) => Self::interval(low & all, high & all),
            _ => Self { low: 0, high: all, ones: 0, may: all },
        }
    }

    fn equals(self, other: Self) -> Option<bool> {
        let apart = self.high < other.low || other.high < self.low;
        let bits_differ = self.ones & !other.may != 0 || other.ones & !self.may != 0;
        if apart || bits_differ {
            return Some(false);
        }
        (self.exact().is_some() && self.exact() == other.exact()).then_some(true)
    }

    /// The bounds as signed numbers, if the sign is known.
    fn with_sign(self, bits: u8) -> Option<(i128, i128)> {
        (self.low >> (bits - 1) == self.high >> (bits - 1)).then(|| (signed(self.low, bits), signed(self.high, bits)))
    }
}

/// Whether values of the first interval are less than those of the second, if that is so for all or for none.
fn less<T: PartialOrd>(a_low: T, a_high: T, b_low: T, b_high: T) -> Option<bool> {
    if a_high < b_low {
        Some(true)
    } else if a_low >= b_high {
        Some(false)
    } else {
        None
    }
}
