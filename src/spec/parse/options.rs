//! The options of a framing or of a number.

use alloc::vec::Vec;

use nom::Parser;
use nom::character::complete::char;
use nom::combinator::opt;
use nom::sequence::preceded;

use crate::error::ConfigError;
use crate::framing::any::AnyFraming;
use crate::framing::enclosed::Enclosed;
use crate::framing::forbid::Forbid;
use crate::framing::require::{Condition, Require};
use crate::scan::ByteSet;
use crate::spec::error::{MAX_DEPTH, SpecErrorKind};
use crate::spec::lex::{Failed, Parsed, Wrong, built, bytes, expected, expecting, fail, key, limit, name, sign, small};

/// Where a framing stands.
#[derive(Clone, Copy)]
pub(super) struct Scope {
    /// Inside how many other framings.
    pub(super) depth: usize,
    /// Whether options can follow, or belong to what is outside.
    pub(super) options: bool,
}

impl Scope {
    /// One deeper, where options can follow. `at` is the text that goes deeper.
    pub(super) fn inside(self, at: &str) -> Result<Self, Failed<'_>> {
        match self.depth {
            MAX_DEPTH.. => Err(fail(at, SpecErrorKind::TooDeep { max: MAX_DEPTH })),
            depth => Ok(Self { depth: depth + 1, options: true }),
        }
    }
}

/// `framing`, or what the option `start` makes of it.
pub(super) fn enclosed<'a>(
    start: Option<At<'a, Vec<u8>>>,
    framing: impl Into<AnyFraming>,
) -> Result<AnyFraming, Failed<'a>> {
    match start {
        Some(start) => Ok(built(start.at, Enclosed::new(&start, framing.into()))?.into()),
        None => Ok(framing.into()),
    }
}

/// The options that make another framing of one.
#[derive(Default)]
pub(super) struct Wrapping<'a> {
    start: Option<At<'a, Vec<u8>>>,
    between: Option<At<'a, ByteSet>>,
    forbid: Option<At<'a, ByteSet>>,
    conditions: Vec<At<'a, Condition>>,
}

impl<'a> Wrapping<'a> {
    pub(super) fn take(&mut self, option: Opt<'a>) -> Taken<'a> {
        match option.name {
            "start" => option.value(&mut self.start, bytes),
            "between" => option.value(&mut self.between, set_of_bytes),
            "forbid" => option.value(&mut self.forbid, set_of_bytes),
            _ => option.unknown(),
        }
    }

    /// As [`take`](Self::take), and conditions.
    pub(super) fn take_all(&mut self, option: Opt<'a>) -> Taken<'a> {
        let mut found = None;
        let rest = match option.name {
            "must" => option.value(&mut found, must)?,
            "allow" => option.value(&mut found, allow)?,
            "same" => option.value(&mut found, same)?,
            "below" => option.value(&mut found, below)?,
            _ => return self.take(option),
        };
        self.conditions.extend(found);
        Ok(rest)
    }

    /// Where the first of them stands.
    pub(super) fn at(&self) -> Option<&'a str> {
        let others = [
            self.start.as_ref().map(|start| start.at),
            self.between.as_ref().map(|between| between.at),
            self.forbid.as_ref().map(|forbid| forbid.at),
            self.conditions.first().map(|condition| condition.at),
        ];
        others.into_iter().flatten().next()
    }

    pub(super) fn apply(self, framing: AnyFraming) -> Result<AnyFraming, Failed<'a>> {
        let mut framing = framing;
        if !self.conditions.is_empty() {
            let mut all = Require::new(framing);
            for condition in self.conditions {
                all = built(condition.at, all.with(*condition))?;
            }
            framing = all.into();
        }
        if let Some(set) = self.forbid {
            framing = built(set.at, Forbid::new(*set, framing))?.into();
        }
        match (self.start, self.between) {
            (Some(start), Some(between)) => {
                let enclosed = built(start.at, Enclosed::new(&start, framing))?;
                Ok(built(between.at, enclosed.skipping_between(*between))?.into())
            }
            (None, Some(between)) => {
                let conflict = ConfigError::Conflict("bytes can be skipped only before start bytes");
                Err(fail(between.at, SpecErrorKind::Config(conflict)))
            }
            (start, None) => enclosed(start, framing),
        }
    }
}

pub(super) fn set_of_bytes(input: &str) -> Parsed<'_, ByteSet> {
    let (rest, bytes) = bytes(input)?;
    Ok((rest, bytes.into_iter().fold(ByteSet::EMPTY, ByteSet::with)))
}

/// An offset, from the payload's end if there is a minus before it, and a colon.
fn place(input: &str) -> Parsed<'_, (bool, u16)> {
    let (rest, minus) = opt(char('-')).parse(input)?;
    let (rest, at) = small("an offset in bytes, at most 65535")(rest)?;
    Ok((rest, (minus.is_some(), at)))
}

fn placed<'a>(at: &'a str, from_end: bool, condition: Condition) -> Result<Condition, Failed<'a>> {
    if from_end { built(at, condition.from_payload_end()) } else { Ok(condition) }
}

fn must(input: &str) -> Parsed<'_, Condition> {
    let (rest, (from_end, at)) = place(input)?;
    let (rest, _) = sign(':', "`:` and the bytes at that offset")(rest)?;
    let (rest, bytes) = bytes(rest)?;
    Ok((rest, placed(input, from_end, built(input, Condition::bytes(at, &bytes))?)?))
}

fn allow(input: &str) -> Parsed<'_, Condition> {
    let (rest, (from_end, at)) = place(input)?;
    let (mut rest, _) = sign(':', "`:` and the values of the byte at that offset")(rest)?;
    let mut set = ByteSet::EMPTY;
    loop {
        let (after, first) = key(rest)?;
        let (after, last) = opt(preceded(char('-'), key)).parse(after)?;
        set = set.and(ByteSet::range(first, last.unwrap_or(first)));
        match opt(char('|')).parse(after)? {
            (after, Some(_)) => rest = after,
            (after, None) => {
                let condition = built(input, Condition::one_of(at, set))?;
                return Ok((after, placed(input, from_end, condition)?));
            }
        }
    }
}

/// `OFFSET:OTHER`.
fn same(input: &str) -> Parsed<'_, Condition> {
    let offset = || small("an offset in bytes, at most 65535");
    let (rest, at) = offset()(input)?;
    let (rest, _) = sign(':', "`:` and the offset of the byte that it equals")(rest)?;
    let (rest, other) = offset()(rest)?;
    Ok((rest, built(input, Condition::same(at, other))?))
}

fn below(input: &str) -> Parsed<'_, Condition> {
    let (rest, at) = small("an offset in bytes, at most 65535")(input)?;
    Ok((rest, Condition::below_payload_len(at)))
}

/// A value of an option, and where it stands.
pub(super) struct At<'a, T> {
    pub(super) at: &'a str,
    pub(super) value: T,
}

impl<T> core::ops::Deref for At<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// An option whose name has been read.
#[derive(Clone, Copy)]
pub(super) struct Opt<'a> {
    pub(super) name: &'a str,
    /// The text from the name on.
    pub(super) at: &'a str,
    /// The text after the name.
    pub(super) rest: &'a str,
    /// What options there are.
    pub(super) known: &'static str,
}

pub(super) type Taken<'a> = Result<&'a str, Failed<'a>>;

impl<'a> Opt<'a> {
    /// Reads the value, and gives the text after it.
    pub(super) fn value<T>(
        self,
        slot: &mut Option<At<'a, T>>,
        mut parser: impl Parser<&'a str, Output = T, Error = Wrong<'a>>,
    ) -> Taken<'a> {
        if slot.is_some() {
            return Err(fail(self.at, SpecErrorKind::Repeated));
        }
        let (at, _) = sign('=', "`=` and a value")(self.rest)?;
        let (rest, value) = parser.parse(at)?;
        *slot = Some(At { at, value });
        Ok(rest)
    }

    /// An option without a value.
    pub(super) fn flag(self, slot: &mut Option<At<'a, ()>>) -> Taken<'a> {
        if slot.is_some() {
            return Err(fail(self.at, SpecErrorKind::Repeated));
        }
        *slot = Some(At { at: self.at, value: () });
        Ok(self.rest)
    }

    pub(super) fn unknown(self) -> Taken<'a> {
        Err(expected(self.at, self.known))
    }
}

/// Reads options for as long as there is a comma, and gives the text after them.
pub(super) fn options<'a>(
    scope: Scope,
    input: &'a str,
    known: &'static str,
    mut take: impl FnMut(Opt<'a>) -> Taken<'a>,
) -> Taken<'a> {
    let mut rest = input;
    if !scope.options {
        return Ok(rest);
    }
    while let (at, Some(_)) = opt(char(',')).parse(rest)? {
        rest = option(at, known, &mut take)?;
    }
    Ok(rest)
}

pub(super) fn option<'a>(at: &'a str, known: &'static str, take: &mut impl FnMut(Opt<'a>) -> Taken<'a>) -> Taken<'a> {
    let (rest, name) = expecting(known, name)(at)?;
    take(Opt { name, at, rest, known })
}

/// Where there is no other option.
pub(super) fn only_max(scope: Scope, input: &str) -> Parsed<'_, Option<u64>> {
    let mut max = None;
    let rest = options(scope, input, "the option max", |option| match option.name {
        "max" => option.value(&mut max, limit),
        _ => option.unknown(),
    })?;
    Ok((rest, max.map(|max| *max)))
}
