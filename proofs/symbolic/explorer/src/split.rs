//! Where the inputs of a path differ: sets of bytes for each way, or a fact about several bytes.

use crate::op::{Kind, Op};
use crate::path::Stop;
use crate::range::Range;
use crate::set::{HashMap, Set, Sets, each};
use crate::term::{Terms, Value};

/// What makes the inputs of a new path fewer.
#[derive(Clone, Debug)]
pub enum Choice {
    Byte(usize, Set),
    Fact(Value, bool),
}

/// Conditions on several bytes that hold or do not, where no sets of bytes describe them.
pub type Facts = Vec<(Value, bool)>;

/// What was found for a condition and sets.
pub type Memory = HashMap<(Value, Vec<Set>), Vec<Choice>>;

/// Fewer values than this are followed one by one.
const FEW: usize = 16;

/// Returns whether the condition holds for all inputs.
pub fn decide(value: Value, terms: &mut Terms, sets: &Sets, facts: &Facts, memory: &mut Memory) -> Result<bool, Stop> {
    let value = terms.narrow(value, sets);
    if let Value::Known(value) = value {
        return Ok(value & 1 != 0);
    }
    if let Some((byte, values)) = terms.as_table(value) {
        let (mut yes, mut no) = (Set::NONE, Set::NONE);
        for at in sets[byte].values() {
            if values[usize::from(at)] & 1 != 0 { yes.insert(at) } else { no.insert(at) }
        }
        return match (yes.len(), no.len()) {
            (_, 0) => Ok(true),
            (0, _) => Ok(false),
            _ => Err(Stop::Fork(vec![Choice::Byte(byte, yes), Choice::Byte(byte, no)])),
        };
    }
    // Each condition is written in one way, so that it is found among the facts.
    if let Some((op, args)) = terms.as_op(value) {
        let other = match (op.kind, args.as_slice()) {
            (Kind::Xor, [inner, Value::Known(1)]) => Some(*inner),
            (Kind::Differ, _) => Some(terms.apply(Op::new(Kind::Equal, op.bits, 0), args, sets)),
            (Kind::AtMostS, [one, two]) => Some(terms.apply(Op::new(Kind::LessS, op.bits, 0), vec![*two, *one], sets)),
            _ => None,
        };
        if let Some(other) = other {
            return decide(other, terms, sets, facts, memory).map(|holds| !holds);
        }
    }
    let again = terms.again(value, sets);
    if again != value {
        return decide(again, terms, sets, facts, memory);
    }
    for (fact, holds) in facts {
        if terms.again(*fact, sets) == value {
            return Ok(*holds);
        }
    }
    // A number that a comparison is part of depends on nothing else of its bytes.
    if let Some(inner) = terms.comparison_within(value) {
        let holds = decide(inner, terms, sets, facts, memory)?;
        let rest = terms.replace(value, inner, Value::Known(holds.into()), sets);
        return decide(rest, terms, sets, facts, memory);
    }
    let key = (value, each(terms.bytes(value)).map(|at| sets[at]).collect());
    let choices = match memory.get(&key) {
        Some(choices) => choices.clone(),
        None => {
            let choices = choices(value, terms, sets);
            memory.insert(key, choices.clone());
            choices
        }
    };
    match choices.as_slice() {
        [Choice::Fact(_, holds)] => Ok(*holds),
        _ => Err(Stop::Fork(choices)),
    }
}

/// The ways that a condition on several bytes leaves open. A single fact is the answer.
fn choices(value: Value, terms: &Terms, sets: &Sets) -> Vec<Choice> {
    match by_values(value, terms, sets) {
        Split::Exact(answer) => vec![Choice::Fact(value, answer & 1 != 0)],
        Split::Byte(choices) => choices,
        Split::Open => match smallest(value, terms, sets) {
            Some(byte) if sets[byte].len() <= FEW => one_by_one(byte, sets),
            _ => vec![Choice::Fact(value, true), Choice::Fact(value, false)],
        },
    }
}

enum Split {
    /// The value on all inputs.
    Exact(u128),
    /// The value is known for some values of a byte.
    Byte(Vec<Choice>),
    /// No byte alone says more.
    Open,
}

/// Values of a byte, and what is known for them.
type Part = (Option<u128>, Set);

/// Finds the byte that says most about a value of several bytes.
fn by_values(value: Value, terms: &Terms, sets: &Sets) -> Split {
    if let Some(answer) = terms.range(value, sets, &mut HashMap::default()).exact() {
        return Split::Exact(answer);
    }
    let mut best: Option<(usize, usize, Vec<Part>)> = None;
    for byte in live(value, terms, sets) {
        let mut parts: Vec<Part> = vec![(None, Set::NONE)];
        let mut narrower = sets.clone();
        for at in sets[byte].values() {
            narrower[byte] = Set::of(at);
            let known = terms.range(value, &narrower, &mut HashMap::default()).exact();
            match parts.iter_mut().find(|(other, _)| *other == known) {
                Some((_, part)) => part.insert(at),
                None => parts.push((known, Set::of(at))),
            }
        }
        let open = parts[0].1.len();
        if let ([_, (Some(answer), _)], 0) = (parts.as_slice(), open) {
            return Split::Exact(*answer);
        }
        // The byte that leaves the smallest part of its values open.
        let part = (open * 256) / sets[byte].len();
        if open < sets[byte].len() && best.as_ref().is_none_or(|(least, ..)| part < *least) {
            best = Some((part, byte, parts));
        }
    }
    match best {
        Some((_, byte, parts)) => Split::Byte(
            parts.into_iter().filter(|(_, part)| part.len() > 0).map(|(_, part)| Choice::Byte(byte, part)).collect(),
        ),
        None => Split::Open,
    }
}

/// The bytes of a value that have more than one value.
fn live(value: Value, terms: &Terms, sets: &Sets) -> Vec<usize> {
    each(terms.bytes(value)).filter(|at| sets[*at].only().is_none()).collect()
}

fn smallest(value: Value, terms: &Terms, sets: &Sets) -> Option<usize> {
    live(value, terms, sets).into_iter().min_by_key(|at| sets[*at].len())
}

fn one_by_one(byte: usize, sets: &Sets) -> Vec<Choice> {
    sets[byte].values().map(|at| Choice::Byte(byte, Set::of(at))).collect()
}

/// Returns the number that a value is on all inputs.
pub fn number(value: Value, terms: &mut Terms, sets: &Sets, facts: &Facts) -> Result<u128, Stop> {
    let value = terms.narrow(value, sets);
    if let Value::Known(value) = value {
        return Ok(value);
    }
    if let Some((byte, values)) = terms.as_table(value) {
        let mut groups: Vec<(u128, Set)> = Vec::new();
        for at in sets[byte].values() {
            let number = values[usize::from(at)];
            match groups.iter_mut().find(|(other, _)| *other == number) {
                Some((_, set)) => set.insert(at),
                None => groups.push((number, Set::of(at))),
            }
        }
        return match groups.as_slice() {
            [(number, _)] => Ok(*number),
            _ => Err(Stop::Fork(groups.into_iter().map(|(_, set)| Choice::Byte(byte, set)).collect())),
        };
    }
    let value = terms.again(value, sets);
    if !matches!(value, Value::Term(_)) || terms.as_table(value).is_some() {
        return number(value, terms, sets, facts);
    }
    if let Some(inner) = terms.comparison_within(value) {
        let holds = decide(inner, terms, sets, facts, &mut Memory::default())?;
        let rest = terms.replace(value, inner, Value::Known(holds.into()), sets);
        return number(rest, terms, sets, facts);
    }
    match by_values(value, terms, sets) {
        Split::Exact(number) => Ok(number),
        Split::Byte(choices) => Err(Stop::Fork(choices)),
        Split::Open => match smallest(value, terms, sets) {
            Some(byte) => Err(Stop::Fork(one_by_one(byte, sets))),
            None => Err(Stop::Failed("a number that no byte explains".into())),
        },
    }
}

/// Makes the sets as small as the facts say. Returns whether any input is left, as far as that is known.
pub fn settle(terms: &mut Terms, sets: &mut Sets, facts: &Facts) -> bool {
    let mut again = true;
    while again {
        again = false;
        for (fact, holds) in facts {
            let value = terms.narrow(*fact, sets);
            let known = match value {
                Value::Known(value) => Some(value),
                _ => match terms.as_table(value) {
                    Some((byte, values)) => {
                        let mut left = Set::NONE;
                        for at in sets[byte].values().filter(|at| (values[usize::from(*at)] & 1 != 0) == *holds) {
                            left.insert(at);
                        }
                        if left.len() == 0 {
                            return false;
                        }
                        again |= left != sets[byte];
                        sets[byte] = left;
                        None
                    }
                    None => terms.range(value, sets, &mut HashMap::default()).exact(),
                },
            };
            if known.is_some_and(|value| (value & 1 != 0) != *holds) {
                return false;
            }
        }
    }
    true
}

/// Finds an input in these sets for which the facts hold.
pub fn input(
    terms: &mut Terms,
    mut sets: Sets,
    facts: &Facts,
    random: &mut Random,
    tries: &mut u32,
) -> Result<Option<Vec<u8>>, ()> {
    if !settle(terms, &mut sets, facts) {
        return Ok(None);
    }
    let mut open = None;
    for (fact, _) in facts {
        let value = terms.narrow(*fact, &sets);
        if terms.as_table(value).is_none() && terms.range(value, &sets, &mut HashMap::default()) == Range::any(1) {
            open = smallest(value, terms, &sets);
            break;
        }
    }
    let Some(byte) = open else {
        return Ok(Some(sets.iter().map(|set| random.one_of(&set.values().collect::<Vec<_>>())).collect()));
    };
    let mut values: Vec<u8> = sets[byte].values().collect();
    while !values.is_empty() {
        *tries = tries.checked_sub(1).ok_or(())?;
        let value = values.swap_remove(random.below(values.len()));
        let mut narrower = sets.clone();
        narrower[byte] = Set::of(value);
        if let Some(input) = self::input(terms, narrower, facts, random, tries)? {
            return Ok(Some(input));
        }
    }
    Ok(None)
}

/// Numbers that look random, the same in every run (xorshift).
pub struct Random(pub u64);

impl Random {
    pub fn word(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.word() >> 11) as usize % end
    }

    pub fn one_of(&mut self, values: &[u8]) -> u8 {
        values[self.below(values.len())]
    }
}
