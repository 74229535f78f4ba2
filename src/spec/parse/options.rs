//! The options of a framing or of a number.

use alloc::vec::Vec;

use nom::Parser;
use nom::character::complete::char;
use nom::combinator::opt;

use crate::framing::any::AnyFraming;
use crate::framing::enclosed::Enclosed;
use crate::spec::error::{MAX_DEPTH, SpecErrorKind};
use crate::spec::lex::{Failed, Parsed, Wrong, built, expected, expecting, fail, limit, name, sign};

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
