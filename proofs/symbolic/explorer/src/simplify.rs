//! Operations on terms, written in one way where there are several.

use crate::op::{Kind, Op, mask};
use crate::range::Range;
use crate::term::{Form, Terms, Value};

impl Terms {
    pub fn compute(&mut self, op: Op, args: Vec<Value>) -> Value {
        use Kind::*;
        let mut numbers = [0; 5];
        let mut known = true;
        for (number, arg) in numbers.iter_mut().zip(&args) {
            match arg {
                Value::Known(value) => *number = *value,
                Value::Term(_) => known = false,
            }
        }
        if known {
            return Value::Known(op.eval(&numbers[..args.len()]));
        }
        // Terms that say the same are written in one way.
        match (op.kind, args.as_slice()) {
            (ZeroExtend, [value]) => return *value,
            (Extract, [value]) if op.other == 0 && self.bits(*value) <= op.bits => return *value,
            (Extract, [value]) if self.bits(*value) <= op.other => return Value::Known(0),
            (Or | Xor | Add | Shl | Shr | Sub, [value, Value::Known(0)]) => return *value,
            (Or | Xor | Add, [Value::Known(0), value]) => return *value,
            (And | Mul, [_, Value::Known(0)] | [Value::Known(0), _]) => return Value::Known(0),
            (And, [value, Value::Known(bits)] | [Value::Known(bits), value]) if *bits == mask(self.bits(*value)) => {
                return *value;
            }
            (Xor | Sub, [one, other]) if one == other => return Value::Known(0),
            (And | Or, [one, other]) if one == other => return *one,
            (Equal | AtMostU | AtMostS, [one, other]) if one == other => return Value::Known(1),
            (Differ | LessU | LessS, [one, other]) if one == other => return Value::Known(0),
            (Join, [Value::Known(0), low]) => return *low,
            (Product, [_, Value::Known(0)] | [Value::Known(0), _]) => return Value::Known(0),
            (CarryOut, [_, Value::Known(0), Value::Known(0)]) => return Value::Known(0),
            (LessU, [sum, part]) if self.is_sum_with(*sum, *part, op.bits) => {
                let (_, parts) = self.as_op(*sum).unwrap();
                return self.compute(Op::new(CarryOut, op.bits, 0), vec![parts[0], parts[1], Value::Known(0)]);
            }
            (LessU | Equal | Differ, [Value::Term(_), Value::Term(_)]) if self.share(&args) => {
                // What both sums have is taken away.
                let (one, two) = self.apart(args[0], args[1]);
                return self.compute(op, vec![one, two]);
            }
            (AtMostU, [one, two]) => {
                let less = self.compute(Op::new(LessU, op.bits, 0), vec![*two, *one]);
                return self.not(less);
            }
            (Choose, [Value::Known(condition), yes, no]) => return if condition & 1 != 0 { *yes } else { *no },
            (Choose, [_, yes, no]) if yes == no => return *yes,
            (Add | Mul | And | Or | Xor | Equal | Differ, [one, other]) if order(*one) > order(*other) => {
                return self.compute(op, vec![*other, *one]);
            }
            (Extract, [value @ Value::Term(_)]) if op.other == 0 && self.is_sum(*value) => {
                let value = self.sum_modulo(*value, op.bits);
                let bytes = self.bytes(value);
                if bytes.count_ones() > 1 {
                    return self.store(Form::Op(op, vec![value]), bytes, Range::any(op.bits));
                }
                return self.compute(op, vec![value]);
            }
            (Extract, [Value::Term(term)]) => {
                if let Form::Op(inner, parts) = &self.terms[*term as usize].form {
                    let (from, to) = (op.other, op.other + op.bits);
                    let (inner, parts) = (*inner, parts.clone());
                    if inner.kind == Join && to <= inner.other {
                        return self.compute(op, vec![parts[1]]);
                    }
                    if inner.kind == Join && from >= inner.other {
                        return self.compute(Op { other: from - inner.other, ..op }, vec![parts[0]]);
                    }
                    if inner.kind == Extract {
                        let bits = op.bits.min(inner.bits.saturating_sub(op.other));
                        return self.compute(Op::new(Extract, bits, op.other + inner.other), parts);
                    }
                }
            }
            (Condition, [Value::Known(condition), Value::Known(operation), one, two, older]) => {
                if let Some(value) = self.condition(condition >> 1, *operation, [*one, *two, *older]) {
                    return if condition & 1 != 0 { self.not(value) } else { value };
                }
            }
            (Carry, [Value::Known(operation), one, two, older]) => {
                if let Some(value) = self.condition(1, *operation, [*one, *two, *older]) {
                    return value;
                }
            }
            _ => {}
        }
        let bytes = args.iter().fold(0, |bytes, arg| bytes | self.bytes(*arg));
        if bytes.count_ones() == 1 {
            return self.compute_table(op, args, bytes.trailing_zeros() as u8);
        }
        let ranges: Vec<Range> = args.iter().map(|arg| self.full_range(*arg)).collect();
        self.store(Form::Op(op, args), bytes, Range::of(op, &ranges))
    }

    pub fn not(&mut self, condition: Value) -> Value {
        self.compute(Op::new(Kind::Xor, 1, 0), vec![condition, Value::Known(1)])
    }

    pub fn is_sum_with(&self, sum: Value, part: Value, bits: u8) -> bool {
        let Value::Term(term) = sum else { return false };
        matches!(&self.terms[term as usize].form, Form::Op(op, parts) if *op == Op::new(Kind::Add, bits, 0) && parts.contains(&part))
    }

    /// A condition on the flags of an operation, as a comparison.
    pub fn condition(&mut self, condition: u128, operation: u128, args: [Value; 3]) -> Option<Value> {
        use Kind::*;
        let class = operation.checked_sub(1)? / 4;
        let bits = 8 << ((operation - 1) % 4);
        let op = |kind| Op::new(kind, bits, 0);
        let [one, two] = [args[0], args[1]].map(|arg| self.compute(op(Extract), vec![arg]));
        let older = self.compute(Op::new(Extract, 1, 0), vec![args[2]]);
        // Where an older carry takes part, the second operand is stored with it.
        let two = if matches!(class, 2 | 3) { self.compute(op(Xor), vec![two, older]) } else { two };
        let older = if matches!(class, 2 | 3) { older } else { Value::Known(0) };
        let zero = Value::Known(0);
        Some(match (class, condition) {
            (1, 1) => self.compute(op(LessU), vec![one, two]),
            (1, 2) => self.compute(op(Equal), vec![one, two]),
            (1, 3) => self.compute(op(AtMostU), vec![one, two]),
            (1, 6) => self.compute(op(LessS), vec![one, two]),
            (1, 7) => self.compute(op(AtMostS), vec![one, two]),
            (0 | 2, 1) => self.compute(op(CarryOut), vec![one, two, older]),
            (3, 1) => self.compute(op(BorrowOut), vec![one, two, older]),
            (0 | 2, 2) => {
                let sum = self.compute(op(Add), vec![one, two]);
                let sum = self.compute(op(Add), vec![sum, older]);
                self.compute(op(Equal), vec![sum, zero])
            }
            (4, 1) => zero,
            (4..=8, 2) => self.compute(op(Equal), vec![one, zero]),
            (4..=8, 4) => self.compute(op(LessS), vec![one, zero]),
            (11, 0 | 1) => {
                let product = self.compute(op(Product), vec![one, two]);
                let above = self.compute(Op::new(Extract, bits, bits), vec![product]);
                self.compute(op(Differ), vec![above, zero])
            }
            _ => return None,
        })
    }
}

fn order(value: Value) -> (bool, u128) {
    match value {
        Value::Term(term) => (false, u128::from(term)),
        Value::Known(value) => (true, value),
    }
}
