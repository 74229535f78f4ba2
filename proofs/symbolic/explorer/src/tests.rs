//! What the exploration rests on: ranges contain the results, and terms equal what they were made from.

use crate::op::{Kind, Op, mask};
use crate::range::Range;
use crate::set::{HashMap, Set, Sets};
use crate::split::Random;
use crate::term::{Terms, Value};

/// Every kind of operation, with the widths that it has.
fn operations() -> Vec<Op> {
    use Kind::*;
    let mut all = Vec::new();
    for bits in [8, 16, 32, 64] {
        for kind in [
            Add, Sub, Mul, And, Or, Xor, Not, Shl, Shr, Sar, Equal, Differ, LessU, AtMostU, LessS, AtMostS, Product,
            CarryOut, BorrowOut, Choose,
        ] {
            all.push(Op::new(kind, bits, 0));
        }
    }
    for (from, to) in [(8, 16), (8, 64), (16, 32), (32, 64)] {
        all.push(Op::new(SignExtend, to, from));
        all.push(Op::new(ZeroExtend, to, from));
        all.push(Op::new(Extract, from, 0));
        all.push(Op::new(Extract, from, to - from));
        all.push(Op::new(Join, 2 * from, from));
    }
    for kind in [EqualBytes, AddBytes, SubBytes, LeastBytes, InterleaveBytes, Interleave64, Add64, And, Or, Xor] {
        all.push(Op::new(kind, 128, 0));
    }
    all.extend([16, 64].map(|width| Op::new(ShiftLanes, 128, width)));
    for kind in [HighBits, TrailingZeros, LeadingZeros, Differences, Condition, Carry] {
        all.push(Op::new(kind, 64, 0));
    }
    all
}

/// The widths of the operands.
fn widths(op: Op) -> Vec<u8> {
    use Kind::*;
    match op.kind {
        Not => vec![op.bits],
        Shl | Shr | Sar | ShiftLanes => vec![op.bits, 8],
        CarryOut | BorrowOut => vec![op.bits, op.bits, 1],
        Choose => vec![1, op.bits, op.bits],
        SignExtend | ZeroExtend => vec![op.other],
        Extract => vec![(op.bits + op.other).max(64)],
        Join => vec![op.bits - op.other, op.other],
        HighBits => vec![128],
        TrailingZeros | LeadingZeros => vec![64],
        Differences => vec![64, 64],
        Condition => vec![4, 6, 64, 64, 1],
        Carry => vec![6, 64, 64, 1],
        _ => vec![op.bits, op.bits],
    }
}

/// A number of this width: often small, large, or with few bits.
fn number(random: &mut Random, bits: u8) -> u128 {
    let any = u128::from(random.word()) | u128::from(random.word()) << 64;
    let value = match random.below(5) {
        0 => any & 0xff,
        1 => u128::MAX - (any & 0xff),
        2 => 1 << random.below(128),
        3 => any & 0x8080_8080_8080_8080_8080_8080_8080_8080,
        _ => any,
    };
    value & mask(bits)
}

/// Operands of an operation. Conditions and operations are those that exist.
fn operands(random: &mut Random, op: Op) -> Vec<u128> {
    let mut numbers: Vec<u128> = widths(op).into_iter().map(|bits| number(random, bits)).collect();
    match op.kind {
        Kind::Condition => numbers[1] = 1 + random.below(52) as u128,
        Kind::Carry => numbers[0] = 1 + random.below(52) as u128,
        _ => {}
    }
    numbers
}

#[test]
fn a_range_contains_every_result() {
    let mut random = Random(1);
    for op in operations() {
        for _ in 0..3000 {
            // Each operand is one of a few numbers.
            let count = 1 + random.below(3);
            let choices: Vec<Vec<u128>> = (0..count).map(|_| operands(&mut random, op)).collect();
            let ranges: Vec<Range> = (0..choices[0].len())
                .map(|at| choices.iter().map(|numbers| Range::one(numbers[at])).reduce(Range::or).unwrap())
                .collect();
            let result = Range::of(op, &ranges);
            for _ in 0..8 {
                let numbers: Vec<u128> = (0..ranges.len()).map(|at| choices[random.below(count)][at]).collect();
                let value = op.eval(&numbers);
                assert!(
                    result.contains(value),
                    "{op:?} of {numbers:x?} is {value:x}, not in {result:x?} of {ranges:x?}"
                );
            }
        }
    }
}

#[test]
fn a_term_equals_what_it_was_made_from() {
    let mut random = Random(2);
    let operations = operations();
    for round in 0..4000 {
        let mut terms = Terms::default();
        let count = 2 + random.below(3);
        let sets: Sets = (0..count).map(|_| set(&mut random)).collect();
        // One input, whose results are computed beside the terms.
        let input: Vec<u8> = sets.iter().map(|set| random.one_of(&set.values().collect::<Vec<_>>())).collect();
        let mut made: Vec<(Value, u128, u8)> =
            (0..count).map(|at| (terms.byte(at as u8), u128::from(input[at]), 8)).collect();
        for _ in 0..30 {
            let op = operations[random.below(operations.len())];
            let plain = operands(&mut random, op);
            let (mut args, mut numbers) = (Vec::new(), Vec::new());
            for (at, bits) in widths(op).into_iter().enumerate() {
                let is_code = matches!(op.kind, Kind::Condition if at < 2) || matches!(op.kind, Kind::Carry if at < 1);
                let (value, number, wide) = made[random.below(made.len())];
                if is_code || wide > bits || random.below(4) == 0 {
                    args.push(Value::Known(plain[at]));
                    numbers.push(plain[at]);
                } else {
                    args.push(value);
                    numbers.push(number);
                }
            }
            let value = terms.apply(op, args.clone(), &sets);
            let expected = op.eval(&numbers);
            let range = terms.range(value, &sets, &mut HashMap::default());
            assert!(
                range.contains(expected),
                "round {round}: {op:?} of {numbers:x?} is {expected:x}, not in {range:x?}"
            );
            let again = terms.again(value, &sets);
            for value in [value, again] {
                let singles: Sets = input.iter().map(|byte| Set::of(*byte)).collect();
                let found = terms.narrow(value, &singles);
                assert_eq!(found, Value::Known(expected), "round {round}: {op:?} of {numbers:x?} for {input:x?}");
            }
            made.push((value, expected, op.result_bits()));
        }
    }
}

fn set(random: &mut Random) -> Set {
    let mut set = Set::NONE;
    match random.below(4) {
        0 => return Set::ALL,
        1 => (b'0'..=b'9').for_each(|value| set.insert(value)),
        2 => (0..1 + random.below(20)).for_each(|_| set.insert(random.word() as u8)),
        _ => (1..=127).for_each(|value| set.insert(value)),
    }
    set
}
