//! Values that depend on bytes of the input, each stored once.
//!
//! A value that depends on one byte is a table of its 256 results. A value that depends on several is an operation on
//! others, or bytes beside each other, or a sum. A term equals the value in the program for all inputs of the path on which it
//! was made. What it is for other inputs does not matter, so all paths share the terms.

use std::rc::Rc;

use crate::op::{Kind, Op};
use crate::range::Range;
use crate::set::{HashMap, Set, Sets, each};

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Value {
    Known(u128),
    Term(u32),
}

#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Form {
    /// A byte, and the value for each of its values.
    Table(u8, Box<[u128]>),
    Op(Op, Vec<Value>),
    /// Bytes from the lowest: most of them numbers, or tables of one byte of the input.
    Lanes(Vec<Value>),
    /// The sum of a number and tables, each of another byte of the input. It does not overflow.
    Sum(u128, Vec<Value>),
    /// A number of bytes of data that is known, at this address.
    Lookup(Rc<Known>, usize, Value),
}

pub struct Term {
    pub form: Form,
    /// The bytes on which it depends.
    bytes: u32,
    /// What is known of it for all inputs.
    range: Range,
}

/// Bytes that do not depend on the input, and where they are.
#[derive(PartialEq, Eq, Hash)]
pub struct Known {
    pub base: u64,
    pub bytes: Vec<u8>,
}

impl Known {
    /// The number that this many bytes at the address are.
    pub fn number(&self, at: u64, count: usize) -> Option<u128> {
        let from = usize::try_from(at.checked_sub(self.base)?).ok()?;
        let bytes = self.bytes.get(from..from.checked_add(count)?)?;
        Some(bytes.iter().rev().fold(0, |all, byte| (all << 8) | u128::from(*byte)))
    }
}

#[derive(Default)]
pub struct Terms {
    pub terms: Vec<Term>,
    by_form: HashMap<Form, u32>,
    /// Results of operations on single bytes.
    results: HashMap<(Op, Vec<Value>), Value>,
    /// What a term becomes when some bytes are known.
    fixed: HashMap<(u32, Vec<(u8, u8)>), Value>,
    /// Terms computed again for sets of their bytes.
    again: HashMap<(u32, Vec<Set>), Value>,
}

impl Terms {
    /// A byte of the input.
    pub fn byte(&mut self, at: u8) -> Value {
        self.table(at, (0..256).collect())
    }

    /// The bytes on which a value depends.
    pub fn bytes(&self, value: Value) -> u32 {
        match value {
            Value::Known(_) => 0,
            Value::Term(term) => self.terms[term as usize].bytes,
        }
    }

    pub fn bits(&self, value: Value) -> u8 {
        match value {
            Value::Known(value) => (128 - value.leading_zeros()) as u8,
            Value::Term(term) => (128 - self.terms[term as usize].range.high.leading_zeros()) as u8,
        }
    }

    pub fn store(&mut self, form: Form, bytes: u32, range: Range) -> Value {
        if let Some(value) = range.exact() {
            return Value::Known(value);
        }
        if let Some(term) = self.by_form.get(&form) {
            return Value::Term(*term);
        }
        let term = u32::try_from(self.terms.len()).unwrap();
        self.by_form.insert(form.clone(), term);
        self.terms.push(Term { form, bytes, range });
        Value::Term(term)
    }

    /// A value for each value of one byte.
    pub fn table(&mut self, byte: u8, values: Box<[u128]>) -> Value {
        if values.iter().all(|value| *value == values[0]) {
            return Value::Known(values[0]);
        }
        let range = values.iter().map(|value| Range::one(*value)).reduce(Range::or).unwrap();
        self.store(Form::Table(byte, values), 1 << byte, range)
    }

    /// The byte and the table of a value that depends on one.
    pub fn as_table(&self, value: Value) -> Option<(usize, &[u128])> {
        match value {
            Value::Known(_) => None,
            Value::Term(term) => match &self.terms[term as usize].form {
                Form::Table(byte, values) => Some((usize::from(*byte), values)),
                _ => None,
            },
        }
    }

    /// The operation that a value is.
    pub fn as_op(&self, value: Value) -> Option<(Op, Vec<Value>)> {
        match value {
            Value::Known(_) => None,
            Value::Term(term) => match &self.terms[term as usize].form {
                Form::Op(op, args) => Some((*op, args.clone())),
                _ => None,
            },
        }
    }

    /// The value, with what the sets say: a number if there is only one, a table if it depends on one byte.
    pub fn narrow(&mut self, value: Value, sets: &Sets) -> Value {
        let Value::Term(term) = value else { return value };
        if let Form::Table(byte, values) = &self.terms[term as usize].form {
            let mut left = sets[usize::from(*byte)].values().map(|at| values[usize::from(at)]);
            let Some(first) = left.next() else { return value };
            return if left.all(|other| other == first) { Value::Known(first) } else { value };
        }
        let known: Vec<(u8, u8)> =
            each(self.terms[term as usize].bytes).filter_map(|at| Some((at as u8, sets[at].only()?))).collect();
        if known.is_empty() { value } else { self.fix(value, known) }
    }

    /// The value computed again, with what the sets say now.
    pub fn again(&mut self, value: Value, sets: &Sets) -> Value {
        let value = self.narrow(value, sets);
        let Value::Term(term) = value else { return value };
        let (op, args) = match &self.terms[term as usize].form {
            Form::Op(op, args) => (Some(*op), args.clone()),
            Form::Lookup(_, _, at) => (None, vec![*at]),
            _ => return value,
        };
        let key = (term, each(self.terms[term as usize].bytes).map(|at| sets[at]).collect());
        if let Some(value) = self.again.get(&key) {
            return *value;
        }
        let args: Vec<Value> = args.into_iter().map(|arg| self.again(arg, sets)).collect();
        let mut result = match (op, self.terms[term as usize].form.clone()) {
            (Some(op), _) => self.apply(op, args, sets),
            (None, Form::Lookup(data, count, _)) => self.lookup(data, count, args[0]),
            (None, _) => value,
        };
        if let Some(value) = self.range(result, sets, &mut HashMap::default()).exact() {
            result = Value::Known(value);
        }
        self.again.insert(key, result);
        result
    }

    /// A comparison of several bytes among the operands of a value, or of their operands.
    pub fn comparison_within(&self, value: Value) -> Option<Value> {
        use Kind::{Differ, Equal, LessS, LessU};
        let args = match &self.terms[self.term(value)?].form {
            Form::Op(_, args) => args.clone(),
            Form::Lookup(_, _, at) => vec![*at],
            _ => return None,
        };
        args.into_iter().filter(|arg| self.bytes(*arg).count_ones() > 1).find_map(|arg| {
            let is_one = |(op, _): &(Op, _)| matches!(op.kind, Equal | Differ | LessU | LessS);
            self.comparison_within(arg).or_else(|| self.as_op(arg).filter(is_one).map(|_| arg))
        })
    }

    fn term(&self, value: Value) -> Option<usize> {
        match value {
            Value::Known(_) => None,
            Value::Term(term) => Some(term as usize),
        }
    }

    /// The value with another in place of one of its operands, or of their operands.
    pub fn replace(&mut self, value: Value, old: Value, new: Value, sets: &Sets) -> Value {
        if value == old {
            return new;
        }
        let Some(term) = self.term(value) else { return value };
        match self.terms[term].form.clone() {
            Form::Op(op, args) => {
                let args = args.into_iter().map(|arg| self.replace(arg, old, new, sets)).collect();
                self.apply(op, args, sets)
            }
            Form::Lookup(data, count, at) => {
                let at = self.replace(at, old, new, sets);
                self.lookup(data, count, at)
            }
            _ => value,
        }
    }

    /// The value, for known values of some bytes.
    pub fn fix(&mut self, value: Value, known: Vec<(u8, u8)>) -> Value {
        let Value::Term(term) = value else { return value };
        let bytes = self.terms[term as usize].bytes;
        let known: Vec<(u8, u8)> = known.into_iter().filter(|(byte, _)| bytes >> byte & 1 != 0).collect();
        if known.is_empty() {
            return value;
        }
        if let Form::Table(_, values) = &self.terms[term as usize].form {
            return Value::Known(values[usize::from(known[0].1)]);
        }
        let key = (term, known);
        if let Some(value) = self.fixed.get(&key) {
            return *value;
        }
        let result = match self.terms[term as usize].form.clone() {
            Form::Op(op, args) => {
                let args: Vec<Value> = args.into_iter().map(|arg| self.fix(arg, key.1.clone())).collect();
                self.compute(op, args)
            }
            Form::Lanes(lanes) => {
                let lanes = lanes.into_iter().map(|lane| self.fix(lane, key.1.clone())).collect();
                self.lanes(lanes)
            }
            Form::Sum(number, tables) => {
                let tables = tables.into_iter().map(|table| self.fix(table, key.1.clone())).collect();
                self.sum(number, tables)
            }
            Form::Lookup(data, count, at) => {
                let at = self.fix(at, key.1.clone());
                self.lookup(data, count, at)
            }
            Form::Table(..) => unreachable!("a table has one byte"),
        };
        self.fixed.insert(key, result);
        result
    }

    /// Applies an operation.
    pub fn apply(&mut self, op: Op, mut args: Vec<Value>, sets: &Sets) -> Value {
        for arg in &mut args {
            *arg = self.narrow(*arg, sets);
        }
        if let Some(value) = self.by_lanes(op, &args, sets).or_else(|| self.by_sum(op, &args, sets)) {
            return value;
        }
        self.compute(op, args)
    }

    /// An operation on values that depend on one byte.
    pub fn compute_table(&mut self, op: Op, args: Vec<Value>, byte: u8) -> Value {
        let key = (op, args);
        if let Some(value) = self.results.get(&key) {
            return *value;
        }
        let mut values = Vec::with_capacity(256);
        for at in 0..256 {
            let mut numbers = [0; 5];
            for (number, arg) in numbers.iter_mut().zip(&key.1) {
                *number = match arg {
                    Value::Known(value) => *value,
                    Value::Term(term) => match &self.terms[*term as usize].form {
                        Form::Table(_, values) => values[at],
                        _ => unreachable!("a term of one byte is a table"),
                    },
                };
            }
            values.push(op.eval(&numbers[..key.1.len()]));
        }
        let result = self.table(byte, values.into());
        self.results.insert(key, result);
        result
    }

    /// A number from known data, at an address that depends on the input. Outside the data it is 0; no input leads there.
    pub fn lookup(&mut self, data: Rc<Known>, count: usize, at: Value) -> Value {
        let number = |at: u128| data.number(at as u64, count).unwrap_or(0);
        if let Value::Known(at) = at {
            return Value::Known(number(at));
        }
        if let Some((byte, addresses)) = self.as_table(at) {
            let values = addresses.iter().map(|at| number(*at)).collect();
            return self.table(byte as u8, values);
        }
        let bytes = self.bytes(at);
        self.store(Form::Lookup(data, count, at), bytes, Range::any((count * 8) as u8))
    }

    pub fn full_range(&self, value: Value) -> Range {
        match value {
            Value::Known(value) => Range::one(value),
            Value::Term(term) => self.terms[term as usize].range,
        }
    }

    /// What is known of a value.
    pub fn range(&self, value: Value, sets: &Sets, memory: &mut HashMap<u32, Range>) -> Range {
        let term = match value {
            Value::Known(value) => return Range::one(value),
            Value::Term(term) => term,
        };
        if let Some(range) = memory.get(&term) {
            return *range;
        }
        let range = match &self.terms[term as usize].form {
            Form::Table(byte, values) => sets[usize::from(*byte)]
                .values()
                .map(|at| Range::one(values[usize::from(at)]))
                .reduce(Range::or)
                .unwrap_or(Range::one(0)),
            Form::Op(op, args) => {
                if let Some(range) = self.range_by_lanes(*op, args, sets, memory) {
                    range
                } else {
                    let args: Vec<Range> = args.iter().map(|arg| self.range(*arg, sets, memory)).collect();
                    Range::of(*op, &args)
                }
            }
            Form::Lanes(lanes) => lanes.iter().rev().fold(Range::one(0), |all, lane| {
                Range::of(Op::new(crate::op::Kind::Join, 128, 8), &[all, self.range(*lane, sets, memory)])
            }),
            Form::Sum(number, tables) => tables.iter().fold(Range::one(*number), |all, table| {
                Range::of(Op::new(crate::op::Kind::Add, 128, 0), &[all, self.range(*table, sets, memory)])
            }),
            Form::Lookup(data, count, at) => match self.range(*at, sets, memory).exact() {
                Some(at) => Range::one(data.number(at as u64, *count).unwrap_or(0)),
                None => Range::any((*count * 8) as u8),
            },
        };
        memory.insert(term, range);
        range
    }
}
