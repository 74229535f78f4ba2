//! Values that are bytes beside each other, where each depends on one byte of the input.

use crate::op::{Kind, Op};
use crate::range::Range;
use crate::set::{HashMap, Sets};
use crate::term::{Form, Terms, Value};

impl Terms {
    /// A value of these bytes.
    pub fn lanes(&mut self, mut lanes: Vec<Value>) -> Value {
        while lanes.last() == Some(&Value::Known(0)) {
            lanes.pop();
        }
        let bytes = lanes.iter().fold(0, |bytes, lane| bytes | self.bytes(*lane));
        if bytes.count_ones() <= 1 {
            // A number or a table.
            return lanes
                .into_iter()
                .rev()
                .fold(Value::Known(0), |all, lane| self.compute(Op::new(Kind::Join, 128, 8), vec![all, lane]));
        }
        let join = Op::new(Kind::Join, 128, 8);
        let range = lanes.iter().rev().fold(Range::one(0), |all, lane| Range::of(join, &[all, self.full_range(*lane)]));
        self.store(Form::Lanes(lanes), bytes, range)
    }

    /// The bytes of a value, if each depends on one byte of the input.
    pub fn as_lanes(&mut self, value: Value, count: usize) -> Option<Vec<Value>> {
        let mut lanes = match value {
            Value::Term(term) => match &self.terms[term as usize].form {
                Form::Lanes(lanes) => lanes.clone(),
                Form::Table(..) => Vec::new(),
                _ => return None,
            },
            Value::Known(_) => Vec::new(),
        };
        if lanes.is_empty() {
            lanes = (0..16).map(|at| self.compute(Op::new(Kind::Extract, 8, 8 * at), vec![value])).collect();
        }
        lanes.resize(count, Value::Known(0));
        Some(lanes)
    }

    /// The result of an operation whose every byte depends on one byte of the input.
    pub fn by_lanes(&mut self, op: Op, args: &[Value], sets: &Sets) -> Option<Value> {
        use Kind::*;
        let bytes = args.iter().fold(0, |bytes, arg| bytes | self.bytes(*arg));
        if bytes.count_ones() <= 1 || op.bits < 8 {
            return None;
        }
        let by = match (op.kind, args.get(1)) {
            (Shl | Shr, Some(Value::Known(by))) if *by < u128::from(op.bits) => *by as usize,
            (Shl | Shr, _) => return None,
            (Extract | Join, _) => usize::from(op.other),
            (And | Or | Xor | Not | Add | Sub, _) => 0,
            _ => return None,
        };
        let count = usize::from(op.bits / 8);
        let small = Op::new(op.kind, 8, 0);
        let mut result = Vec::with_capacity(count);
        match op.kind {
            Join if by % 8 == 0 => {
                let mut low = self.as_lanes(args[1], by / 8)?;
                low.extend(self.as_lanes(args[0], count.max(by / 8) - by / 8)?);
                result = low;
            }
            Extract | Shr if by % 8 == 0 => {
                let lanes = self.as_lanes(args[0], 16)?;
                result = lanes[by / 8..].iter().copied().take(count).collect();
            }
            Shl | Shr | Extract => {
                // Bits go from one byte to the next, unless they are known to be zeros.
                let lanes = self.as_lanes(args[0], 18)?;
                for at in 0..count {
                    let parts = self.shifted(op, &lanes, by, at).map(|part| self.narrow(part, sets));
                    result.push(self.one_byte(Op::new(Or, 8, 0), parts.to_vec())?);
                }
            }
            Not => {
                for lane in self.as_lanes(args[0], count)? {
                    result.push(self.compute(small, vec![lane]));
                }
            }
            And if matches!(args[1], Value::Known(_)) && self.as_lanes(args[0], count).is_none() => {
                // Of the bits that a shift brings from the next byte, the mask may leave none.
                let (shift, shifted) = self.as_op(args[0])?;
                let (Shl | Shr, Value::Known(by)) = (shift.kind, *shifted.get(1)?) else { return None };
                let mask = self.as_lanes(args[1], count)?;
                let lanes = self.as_lanes(shifted[0], 18)?;
                for (at, mask) in mask.into_iter().enumerate() {
                    let lane = self.shifted(shift, &lanes, by as usize, at);
                    let parts = lane.map(|part| self.compute(small, vec![part, mask]));
                    result.push(self.one_byte(Op::new(Or, 8, 0), parts.to_vec())?);
                }
            }
            And | Or | Xor | Add | Sub => {
                let (one, other) = (self.as_lanes(args[0], count)?, self.as_lanes(args[1], count)?);
                let carries = match op.kind {
                    Add => Some(CarryOut),
                    Sub => Some(BorrowOut),
                    _ => None,
                };
                let mut carry = 0;
                for (at, (one, other)) in one.into_iter().zip(other).enumerate() {
                    let mut lane = self.one_byte(small, vec![one, other])?;
                    if let Some(kind) = carries {
                        lane = self.compute(small, vec![lane, Value::Known(carry)]);
                        let ranges = [one, other].map(|lane| self.range(lane, sets, &mut HashMap::default()));
                        let out = Range::of(Op::new(kind, 8, 0), &[ranges[0], ranges[1], Range::one(carry)]);
                        result.push(lane);
                        match out.exact() {
                            Some(out) => carry = out,
                            None if at + 1 == count => {}
                            None if at == 0 => return None,
                            None => {
                                // From here on a byte depends on several.
                                let sum = self.compute(op, args.to_vec());
                                for at in at + 1..count {
                                    result.push(self.compute(Op::new(Extract, 8, 8 * at as u8), vec![sum]));
                                }
                                break;
                            }
                        }
                    } else {
                        result.push(lane);
                    }
                }
            }
            _ => return None,
        }
        Some(self.lanes(result))
    }

    /// The two parts of a byte of shifted lanes.
    pub fn shifted(&mut self, op: Op, lanes: &[Value], by: usize, at: usize) -> [Value; 2] {
        use Kind::{Shl, Shr};
        let (skip, bits) = (by / 8, (by % 8) as u128);
        let (near, far, one, other) = if op.kind == Shl {
            (at.checked_sub(skip), at.checked_sub(skip + 1), Shl, Shr)
        } else {
            (Some(at + skip), Some(at + skip + 1), Shr, Shl)
        };
        let pick = |at: Option<usize>| at.and_then(|at| lanes.get(at).copied()).unwrap_or(Value::Known(0));
        let near = self.compute(Op::new(one, 8, 0), vec![pick(near), Value::Known(bits)]);
        let far = self.compute(Op::new(other, 8, 0), vec![pick(far), Value::Known(8 - bits)]);
        [near, far]
    }

    /// The result if it depends on one byte of the input at most, or if one of the operands depends on several.
    pub fn one_byte(&mut self, op: Op, args: Vec<Value>) -> Option<Value> {
        let several = args.iter().any(|arg| self.bytes(*arg).count_ones() > 1);
        let value = self.compute(op, args);
        (several || self.bytes(value).count_ones() <= 1).then_some(value)
    }

    /// The range of a sum or a difference, computed byte by byte. A byte that is not 0 can make a carry certain, which the bits
    /// of the complete value do not show.
    pub fn range_by_lanes(
        &self,
        op: Op,
        args: &[Value],
        sets: &Sets,
        memory: &mut HashMap<u32, Range>,
    ) -> Option<Range> {
        use Kind::{Add, Extract, Join, Sub};
        if !matches!(op.kind, Add | Sub) || op.bits < 16 {
            return None;
        }
        let lanes = |value: Value| match value {
            Value::Known(value) => Some((0..16).map(|at| Value::Known(value >> (8 * at) & 0xff)).collect()),
            Value::Term(term) => match &self.terms[term as usize].form {
                Form::Lanes(lanes) if lanes.iter().any(|lane| self.bytes(*lane).count_ones() > 1) => None,
                Form::Lanes(lanes) => Some(lanes.clone()),
                _ => None,
            },
        };
        let (one, other): (Vec<Value>, Vec<Value>) = (lanes(args[0])?, lanes(args[1])?);
        let (add, sub) = (Op::new(Add, 16, 0), Op::new(Sub, 16, 0));
        let mut carry = Range::one(0);
        let mut result = Vec::new();
        for at in 0..usize::from(op.bits / 8) {
            let mut lane =
                |lanes: &[Value]| lanes.get(at).map_or(Range::one(0), |lane| self.range(*lane, sets, memory));
            let (one, other) = (lane(&one), lane(&other));
            let total = if op.kind == Add {
                Range::of(add, &[Range::of(add, &[one, other]), carry])
            } else {
                let above = Range::of(add, &[one, Range::one(0x100)]);
                Range::of(sub, &[Range::of(sub, &[above, other]), carry])
            };
            result.push(Range::of(Op::new(Extract, 8, 0), &[total]));
            carry = Range::of(Op::new(Extract, 1, 8), &[total]);
            if op.kind == Sub {
                carry = Range::of(Op::new(Sub, 1, 0), &[Range::one(1), carry]);
            }
        }
        Some(result.into_iter().rev().fold(Range::one(0), |all, lane| Range::of(Op::new(Join, 128, 8), &[all, lane])))
    }
}
