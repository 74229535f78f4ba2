//! Sums of tables, each of another byte of the input.

use crate::op::{Kind, Op, mask};
use crate::range::Range;
use crate::set::{HashMap, Sets};
use crate::term::{Form, Terms, Value};

impl Terms {
    /// The sum of a number and of values that depend on one byte each.
    pub fn sum(&mut self, mut number: u128, parts: Vec<Value>) -> Value {
        let add = Op::new(Kind::Add, 128, 0);
        let sub = Op::new(Kind::Sub, 128, 0);
        let mut tables: Vec<Value> = Vec::new();
        for part in parts {
            if let Value::Known(value) = part {
                number += value;
                continue;
            }
            match tables.iter_mut().find(|table| self.bytes(**table) == self.bytes(part)) {
                Some(table) => *table = self.compute(add, vec![*table, part]),
                None => tables.push(part),
            }
        }
        // The least value of each table goes into the number, so that equal sums are equal terms.
        for table in &mut tables {
            if let Some((_, values)) = self.as_table(*table) {
                let least = values.iter().copied().min().unwrap_or(0);
                number += least;
                *table = self.compute(sub, vec![*table, Value::Known(least)]);
            }
        }
        tables.retain(|table| match table {
            Value::Known(value) => {
                number += value;
                false
            }
            Value::Term(_) => true,
        });
        tables.sort_by_key(|table| self.bytes(*table));
        match tables.as_slice() {
            [] => Value::Known(number),
            [table] => self.compute(add, vec![*table, Value::Known(number)]),
            _ => {
                let bytes = tables.iter().fold(0, |bytes, table| bytes | self.bytes(*table));
                let range = tables
                    .iter()
                    .fold(Range::one(number), |all, table| Range::of(add, &[all, self.full_range(*table)]));
                self.store(Form::Sum(number, tables), bytes, range)
            }
        }
    }

    /// A value as the sum of values that depend on one byte each.
    pub fn as_sum(&mut self, value: Value) -> Option<Vec<Value>> {
        let Value::Term(term) = value else { return Some(vec![value]) };
        match self.terms[term as usize].form.clone() {
            Form::Table(..) => Some(vec![value]),
            Form::Sum(number, mut tables) => {
                tables.push(Value::Known(number));
                Some(tables)
            }
            Form::Lanes(lanes) if lanes.iter().any(|lane| self.bytes(*lane).count_ones() > 1) => None,
            Form::Lanes(lanes) => Some(
                (0..)
                    .zip(lanes)
                    .map(|(at, lane)| self.compute(Op::new(Kind::Shl, 128, 0), vec![lane, Value::Known(8 * at)]))
                    .collect(),
            ),
            _ => None,
        }
    }

    /// The result of an operation as a sum of tables, if it is one and does not overflow.
    pub fn by_sum(&mut self, op: Op, args: &[Value], sets: &Sets) -> Option<Value> {
        use Kind::*;
        let bytes = args.iter().fold(0, |bytes, arg| bytes | self.bytes(*arg));
        if bytes.count_ones() <= 1 || op.bits > 64 {
            return None;
        }
        let known = |at: usize| match args.get(at) {
            Some(Value::Known(value)) => Some(*value),
            _ => None,
        };
        let cut = Op::new(Extract, op.bits, 0);
        let mut parts = self.as_sum(args[0])?;
        match (op.kind, known(1)) {
            (Add, _) => {
                parts.extend(self.as_sum(args[1])?);
            }
            (Mul | Shl, Some(by)) => {
                parts = parts.into_iter().map(|part| self.compute(op, vec![part, Value::Known(by)])).collect();
            }
            (Join, _) => {
                let by = Value::Known(u128::from(op.other));
                parts = parts.into_iter().map(|part| self.compute(Op::new(Shl, 128, 0), vec![part, by])).collect();
                parts.extend(self.as_sum(args[1])?);
            }
            (And, Some(mask)) => {
                let ends = (1..64).filter(|at| (mask >> at ^ mask >> (at - 1)) & 1 != 0);
                for end in ends {
                    self.none_carries(&parts, end, sets)?;
                }
                parts = parts.into_iter().map(|part| self.compute(op, vec![part, Value::Known(mask)])).collect();
            }
            (Extract | Shr, by) => {
                let by = if op.kind == Extract { u128::from(op.other) } else { by.filter(|by| *by < 64)? };
                self.none_carries(&parts, by as u8, sets)?;
                parts = parts
                    .into_iter()
                    .map(|part| self.compute(Op::new(Shr, 128, 0), vec![part, Value::Known(by)]))
                    .collect();
            }
            _ => return None,
        }
        let parts: Vec<Value> = parts.into_iter().map(|part| self.compute(cut, vec![part])).collect();
        self.none_carries(&parts, op.bits, sets)?;
        Some(self.sum(0, parts))
    }

    /// Whether the low bits of a sum, this many, do not change those above.
    pub fn none_carries(&mut self, parts: &[Value], bits: u8, sets: &Sets) -> Option<()> {
        if bits == 0 {
            return Some(());
        }
        let mut most = 0;
        for part in parts {
            let low = self.compute(Op::new(Kind::Extract, bits, 0), vec![*part]);
            most += self.range(low, sets, &mut HashMap::default()).high;
        }
        (most <= mask(bits)).then_some(())
    }

    pub fn is_sum(&self, value: Value) -> bool {
        matches!(value, Value::Term(term) if matches!(self.terms[term as usize].form, Form::Sum(..)))
    }

    /// A sum that has the same low bits, written in one way.
    pub fn sum_modulo(&mut self, value: Value, bits: u8) -> Value {
        let all = mask(bits);
        let Some(parts) = self.as_sum(value) else { return value };
        let mut number = 0;
        let mut tables = Vec::new();
        for part in parts {
            match (part, self.as_table(part)) {
                (Value::Known(value), _) => number += value,
                (_, Some((byte, values))) => {
                    let first = values[0];
                    let values = values.iter().map(|value| value.wrapping_sub(first) & all).collect();
                    number += first & all;
                    tables.push(self.table(byte as u8, values));
                }
                _ => return value,
            }
        }
        self.sum(number & all, tables)
    }

    /// Whether two sums have a part in common.
    pub fn share(&self, args: &[Value]) -> bool {
        let parts = |value: Value| match value {
            Value::Term(term) => match &self.terms[term as usize].form {
                Form::Sum(number, tables) => (*number, tables.as_slice()),
                _ => (0, [].as_slice()),
            },
            Value::Known(_) => (0, [].as_slice()),
        };
        let (one, two) = (parts(args[0]), parts(args[1]));
        one.0.min(two.0) > 0 || one.1.iter().any(|part| two.1.contains(part))
    }

    /// Two sums without the parts that both have.
    pub fn apart(&mut self, one: Value, two: Value) -> (Value, Value) {
        let (Some(one), Some(two)) = (self.as_sum(one), self.as_sum(two)) else { return (one, two) };
        let number = |parts: &[Value]| match parts.last() {
            Some(Value::Known(number)) => *number,
            _ => 0,
        };
        let less = number(&one).min(number(&two));
        let mut rest = |these: &[Value], others: &[Value]| {
            let parts =
                these.iter().filter(|part| matches!(part, Value::Term(_)) && !others.contains(part)).copied().collect();
            self.sum(number(these) - less, parts)
        };
        (rest(&one, &two), rest(&two, &one))
    }
}
