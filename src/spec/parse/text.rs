//! The framings that read lines and words.

use alloc::vec::Vec;

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::character::complete::{char, satisfy};
use nom::combinator::{opt, peek, value};

use super::options::{Scope, options};
use crate::error::ConfigError;
use crate::framing::any::AnyFraming;
use crate::framing::chunked::Chunked;
use crate::framing::header_block::HeaderBlock;
use crate::framing::http1::{Http1, Question};
use crate::framing::line_then_block::{BlockRule, LineThenBlock};
use crate::spec::error::SpecErrorKind;
use crate::spec::lex::{
    Parsed, built, expected, expecting, fail, limit, name, name_end, one_byte, sign, small, utf8, word,
};

pub(super) fn chunked(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    let (mut max, mut header) = (None, None);
    let rest = options(scope, input, "an option of chunks: max, maxheader", |option| match option.name {
        "max" => option.value(&mut max, limit),
        "maxheader" => option.value(&mut header, small(HEAD)),
        _ => option.unknown(),
    })?;
    let mut framing = Chunked::new();
    framing = max.map_or(framing, |max| framing.with_max_payload_len(*max));
    framing = header.map_or(framing, |header| framing.with_max_header_len(*header));
    Ok((rest, framing.into()))
}

pub(super) fn http1(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    const METHOD: &str = "a method that determines the answer's body: HEAD or CONNECT";
    let (mut answers, mut max, mut header) = (None, None, None);
    let method = |text| {
        expecting(METHOD, alt((value(Question::Head, tag("HEAD")), value(Question::Connect, tag("CONNECT")))))(text)
    };
    let rest = options(scope, input, "an option of HTTP/1: answers, max, maxheader", |option| match option.name {
        "answers" => option.value(&mut answers, method),
        "max" => option.value(&mut max, limit),
        "maxheader" => option.value(&mut header, small(HEAD)),
        _ => option.unknown(),
    })?;
    let mut framing = Http1::new();
    framing = answers.map_or(framing, |method| framing.answering(*method));
    framing = max.map_or(framing, |max| framing.with_max_payload_len(*max));
    framing = header.map_or(framing, |header| framing.with_max_header_len(*header));
    Ok((rest, framing.into()))
}

const HEAD: &str = "the header's greatest length, at most 65535 bytes";

pub(super) fn header_block(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    const KNOWN: &str = "an option of a header block: forbid, separator, startline, lf, fieldend, missing, until, \
                         blanklines, blanks, case, lengthfirst, keep, uncounted, maxheader, max";
    const NAME: &str = "a field's name";
    let (first, _) = sign(':', "`:` and the name of the field with the length, such as Content-Length")(input)?;
    let (rest, name) = utf8(NAME)(first)?;
    let mut framing = match &*name {
        "" => HeaderBlock::without_length(),
        name => built(first, HeaderBlock::new(name))?,
    };
    let (mut rest, other) = opt(char('|')).parse(rest)?;
    if other.is_some() {
        let (after, name) = utf8(NAME)(rest)?;
        framing = built(rest, framing.or_named(&name))?;
        rest = after;
    }
    let (mut forbid, mut separator, mut field_end, mut until, mut missing) = (None, None, None, None, None);
    let (mut start_line, mut lf, mut blank_lines, mut keep) = (None, None, None, None);
    let (mut blanks, mut case, mut first_length) = (None, None, None);
    let (mut uncounted, mut header, mut max) = (None, None, None);
    let rest = options(scope, rest, KNOWN, |option| match option.name {
        "forbid" => option.value(&mut forbid, utf8(NAME)),
        "separator" => option.value(&mut separator, one_byte("one byte between name and value")),
        "startline" => option.flag(&mut start_line),
        "lf" => option.flag(&mut lf),
        "fieldend" => option.value(&mut field_end, one_byte("one byte that ends a field")),
        "missing" => option.value(&mut missing, expecting("empty", value((), tag("empty")))),
        "until" => option.value(&mut until, one_byte("one byte that ends a payload")),
        "blanklines" => option.flag(&mut blank_lines),
        "blanks" => option.flag(&mut blanks),
        "case" => option.flag(&mut case),
        "lengthfirst" => option.flag(&mut first_length),
        "keep" => option.flag(&mut keep),
        "uncounted" => option.value(&mut uncounted, small("bytes that are not counted, at most 65535")),
        "maxheader" => option.value(&mut header, small(HEAD)),
        "max" => option.value(&mut max, limit),
        _ => option.unknown(),
    })?;
    let conflict = |at, text| Err(fail(at, SpecErrorKind::Config(ConfigError::Conflict(text))));
    match (&lf, &field_end, &missing, &until) {
        (Some(_), Some(end), ..) => return conflict(end.at, "`lf` and `fieldend` exclude each other"),
        (_, _, Some(_), Some(until)) => {
            return conflict(until.at, "`missing` and `until` exclude each other");
        }
        _ => {}
    }
    if let Some(separator) = separator {
        framing = built(separator.at, framing.with_separator(*separator))?;
    }
    if let Some(end) = field_end {
        framing = built(end.at, framing.with_fields_ended_by(*end))?;
    }
    if let Some(name) = forbid {
        framing = built(name.at, framing.forbidding(&name))?;
    }
    framing = start_line.map_or(framing, |_| framing.with_start_line());
    framing = lf.map_or(framing, |_| framing.allowing_bare_lf());
    framing = missing.map_or(framing, |_| framing.empty_without_length());
    framing = until.map_or(framing, |end| framing.ended_by(*end));
    framing = blank_lines.map_or(framing, |_| framing.with_blank_lines_between());
    framing = blanks.map_or(framing, |_| framing.allowing_blanks_before_separator());
    framing = case.map_or(framing, |_| framing.matching_case());
    framing = first_length.map_or(framing, |_| framing.with_length_first());
    framing = keep.map_or(framing, |_| framing.keeping_header());
    framing = uncounted.map_or(framing, |len| framing.with_length_excluding(*len));
    framing = header.map_or(framing, |header| framing.with_max_header_len(*header));
    framing = max.map_or(framing, |max| framing.with_max_payload_len(*max));
    Ok((rest, framing.into()))
}

pub(super) fn line_then_block(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    const KNOWN: &str = "an option of lines with blocks: lf, notrailer, maxline, max";
    let (first, _) = sign(':', "`:` and a rule, such as VALUE:3")(input)?;
    let mut rules = Vec::new();
    let mut at = first;
    let rest = loop {
        let (rest, rule) = block_rule(at)?;
        rules.push(rule);
        match opt(char('|')).parse(rest)? {
            (after, Some(_)) => at = after,
            (_, None) => break rest,
        }
    };
    let (mut lf, mut no_trailer, mut line, mut max) = (None, None, None, None);
    let rest = options(scope, rest, KNOWN, |option| match option.name {
        "lf" => option.flag(&mut lf),
        "notrailer" => option.flag(&mut no_trailer),
        "maxline" => option.value(&mut line, small("a line's greatest length, at most 65535 bytes")),
        "max" => option.value(&mut max, limit),
        _ => option.unknown(),
    })?;
    let mut framing = built(first, LineThenBlock::new(rules.into_boxed_slice()))?;
    if lf.is_some() {
        framing = framing.allowing_bare_lf();
    }
    if no_trailer.is_some() {
        framing = framing.without_block_trailer();
    }
    if let Some(line) = line {
        framing = framing.with_max_line_len(*line);
    }
    if let Some(max) = max {
        framing = framing.with_max_payload_len(*max);
    }
    Ok((rest, AnyFraming::LineThenBlock(framing)))
}

/// A rule of lines with blocks, up to the separator after it.
fn block_rule(input: &str) -> Parsed<'_, BlockRule> {
    const PLACE: &str = "`:` and where the number stands: rest, last, or a field's number";
    let (mut rest, start) = word("a word at a line's start, or braces")(input)?;
    let place = |rest| -> Parsed<'_, Place> {
        let (rest, _) = char(':')(rest)?;
        let all = value(Place::Body, tag("rest").and(peek(name_end)));
        let last = value(Place::Last, tag("last").and(peek(name_end)));
        match alt((all, last)).parse(rest) {
            Ok(found) => Ok(found),
            Err(_) => {
                peek(satisfy(|c| c.is_ascii_digit())).parse(rest)?;
                small::<u8>("a field's number, from 1 to 255")(rest).map(|(rest, field)| (rest, Place::Nth(field)))
            }
        }
    };
    let mut rule = match place(rest) {
        Ok((after, found)) => {
            let rule = match found {
                Place::Body => BlockRule::sign(&start),
                Place::Last => BlockRule::word(&start),
                Place::Nth(field) => BlockRule::word(&start).and_then(|rule| rule.in_field(field)),
            };
            rest = after;
            built(input, rule)?
        }
        Err(nom::Err::Failure(wrong)) => return Err(nom::Err::Failure(wrong)),
        Err(_) if start == "braces" => BlockRule::braces(),
        Err(_) => return Err(expected(rest, PLACE)),
    };
    while let (at, Some(_)) = opt(char(':')).parse(rest)? {
        let what = "nocase, sp or none=";
        let (after, option) = expecting(what, name)(at)?;
        rest = match option {
            "nocase" if rule.ignores_case => return Err(fail(at, SpecErrorKind::Repeated)),
            "nocase" => {
                rule = rule.ignoring_case();
                after
            }
            "sp" if rule.only_space => return Err(fail(at, SpecErrorKind::Repeated)),
            "sp" => {
                rule = rule.splitting_at_space();
                after
            }
            "none" => {
                let (at, _) = sign('=', "`=` and what stands there in a line without a block")(after)?;
                let (after, text) = word("what stands there in a line without a block")(at)?;
                rule = built(at, rule.without_block(&text))?;
                after
            }
            _ => return Err(expected(at, what)),
        };
    }
    Ok((rest, rule))
}

/// Where the number stands in a line that announces a block.
#[derive(Clone, Copy)]
enum Place {
    Body,
    Last,
    Nth(u8),
}
