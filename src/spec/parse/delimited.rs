//! Lines and other messages that a delimiter ends.

use alloc::vec::Vec;

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::character::complete::char;
use nom::combinator::{opt, value};

use super::options::{At, Opt, Scope, Taken, Wrapping, options};
use crate::error::ConfigError;
use crate::framing::any::AnyFraming;
use crate::framing::delimited::{Delimited, DelimiterTable, Unterminated};
use crate::spec::error::SpecErrorKind;
use crate::spec::lex::{Failed, Parsed, built, bytes, expected, expecting, fail, limit, sign, small};

/// The options of all framings with delimiters.
#[derive(Default)]
struct DelimitedOptions<'a> {
    max: Option<At<'a, u64>>,
    keep: Option<At<'a, ()>>,
    unterminated: Option<At<'a, Unterminated>>,
    wrapping: Wrapping<'a>,
}

impl<'a> DelimitedOptions<'a> {
    fn take(&mut self, option: Opt<'a>) -> Taken<'a> {
        match option.name {
            "max" => option.value(&mut self.max, limit),
            "keep" => option.flag(&mut self.keep),
            "unterminated" => {
                let outcome = alt((value(Unterminated::Take, tag("take")), value(Unterminated::Fail, tag("fail"))));
                option.value(&mut self.unterminated, expecting("take or fail", outcome))
            }
            _ => self.wrapping.take(option),
        }
    }

    fn apply(self, mut framing: Delimited<DelimiterTable>) -> Result<AnyFraming, Failed<'a>> {
        if let Some(max) = self.max {
            framing = framing.with_max_payload_len(*max);
        }
        if self.keep.is_some() {
            framing = framing.keeping_delimiter();
        }
        if let Some(unterminated) = self.unterminated {
            framing = framing.with_unterminated(*unterminated);
        }
        self.wrapping.apply(framing.into())
    }
}

pub(super) fn lines(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    let mut crlf = None;
    let mut others = DelimitedOptions::default();
    let known = "an option of lines: crlf, start, between, forbid, keep, unterminated, max";
    let rest = options(scope, input, known, |option| match option.name {
        "crlf" => option.flag(&mut crlf),
        _ => others.take(option),
    })?;
    let line = Delimited::line();
    Ok((rest, others.apply(if crlf.is_some() { line.with_crlf() } else { line }.to_table())?))
}

pub(super) fn delimiters(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    let (first, _) = sign(':', "`:` and a delimiter")(input)?;
    let mut places = Vec::new();
    let mut set = Vec::new();
    let mut at = first;
    let rest = loop {
        let (rest, delimiter) = bytes(at)?;
        places.push(at);
        set.push(delimiter);
        match opt(char('|')).parse(rest)? {
            (after, Some(_)) => at = after,
            (_, None) => break rest,
        }
    };
    let mut write = None;
    let mut others = DelimitedOptions::default();
    let known = "an option of delimiters: write, start, between, forbid, keep, unterminated, max";
    let rest = options(scope, rest, known, |option| match option.name {
        "write" => option.value(&mut write, small::<usize>("which delimiter is written, counted from 1")),
        _ => others.take(option),
    })?;
    let mut framing = DelimiterTable::new(&set).and_then(Delimited::any_of).map_err(|error| {
        let index = match error {
            ConfigError::PrefixOfAnother { shorter, longer } => Some(longer.max(shorter)),
            ConfigError::EmptyLiteral => set.iter().position(Vec::is_empty),
            ConfigError::LiteralTooLong { len, .. } => set.iter().position(|delimiter| delimiter.len() == len),
            _ => None,
        };
        let at = index.and_then(|index| places.get(index)).unwrap_or(&first);
        fail(at, SpecErrorKind::Config(error))
    })?;
    if let Some(write) = write {
        let index = write.checked_sub(1).ok_or_else(|| expected(write.at, "a delimiter's number, counted from 1"))?;
        framing = built(write.at, framing.writing(index))?;
    }
    Ok((rest, others.apply(framing)?))
}
