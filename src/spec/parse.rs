//! Text to framings: the framing's name, and framings that are made of others.

use alloc::vec::Vec;

use nom::Parser;
use nom::character::complete::{char, satisfy};
use nom::combinator::{opt, peek};
use nom::sequence::preceded;

use self::known::FRAMINGS;
#[cfg(feature = "protocols")]
use self::known::PROTOCOLS;
use self::options::{Scope, only_max};
use super::error::{SpecError, SpecErrorKind};
use super::lex::{Failed, Parsed, THEN, Wrong, built, expected, expecting, fail, key, name, sign, size, small};
use crate::error::ConfigError;
use crate::framing::any::AnyFraming;
use crate::framing::by_first_byte::{ByFirstByte, ByteRange};
use crate::framing::by_type::{Body, ByType};
use crate::framing::dotted::Dotted;
use crate::framing::fixed::Fixed;
use crate::framing::limit::Limit;
use crate::framing::midi::Midi;
use crate::framing::smp_serial::SmpSerial;
use crate::framing::then::Then;
use crate::framing::universal_line::UniversalLine;
use crate::framing::until_close::UntilClose;
use crate::framing::values::AnyValues;
use crate::join::AnyMessages;

mod around;
mod delimited;
mod field;
mod known;
mod number;
mod options;
mod prefix;
mod stuffed;
mod text;

const TOP: Scope = Scope { depth: 0, options: true };

pub(super) fn whole(text: &str) -> Result<AnyFraming, SpecError> {
    finished(text, framing(TOP, text), "a comma and an option, ` then ` and a framing, or the end")
}

/// A framing, or messages of several frames by name.
pub(super) fn whole_messages(text: &str) -> Result<AnyMessages, SpecError> {
    match messages_by_name(text) {
        Some(result) => finished(text, result, "a comma and the option max, or the end"),
        None => Ok(whole(text)?.into()),
    }
}

#[cfg(feature = "protocols")]
fn messages_by_name(text: &str) -> Option<Parsed<'_, AnyMessages>> {
    let (rest, name) = name(text.strip_prefix('@')?).ok()?;
    let messages = crate::protocols::joined_by_name(name)?.messages()?;
    Some(
        only_max(TOP, rest)
            .map(|(rest, max)| (rest, max.into_iter().fold(messages, AnyMessages::with_max_message_len))),
    )
}

#[cfg(not(feature = "protocols"))]
const fn messages_by_name(_: &str) -> Option<Parsed<'_, AnyMessages>> {
    None
}

/// All of the text was read, or `end` is expected.
fn finished<T>(text: &str, parsed: Parsed<'_, T>, end: &'static str) -> Result<T, SpecError> {
    let result = parsed.and_then(|(rest, whole)| if rest.is_empty() { Ok(whole) } else { Err(expected(rest, end)) });
    result.map_err(|error| {
        let (at, kind) = match error {
            nom::Err::Error(Wrong { at, kind }) | nom::Err::Failure(Wrong { at, kind }) => (at, kind),
            nom::Err::Incomplete(_) => ("", SpecErrorKind::Expected("more")),
        };
        let before = text.get(..text.len().saturating_sub(at.len())).unwrap_or(text);
        SpecError { column: before.chars().count().saturating_add(1), kind }
    })
}

/// One framing, or several with ` then ` between them.
fn framing(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    let (at, first) = one(scope, input)?;
    match at.strip_prefix(THEN) {
        Some(after) => {
            let (rest, others) = framing(scope.inside(at)?, after)?;
            Ok((rest, Then::new(first, others).into()))
        }
        None => Ok((at, first)),
    }
}

/// A framing in parentheses, which may have start bytes, or one with a name.
fn one(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    if !input.starts_with('(') {
        return named(scope, input);
    }
    let (rest, framing) = in_parentheses(scope, input)?;
    around::around(framing, rest)
}

fn in_parentheses(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    let (inside, _) = sign('(', "`(`")(input)?;
    let (rest, framing) = framing(scope.inside(input)?, inside)?;
    let (rest, _) = sign(')', "a comma and an option, ` then ` and a framing, or `)`")(rest)?;
    Ok((rest, framing))
}

/// A framing that begins with its name, and its options.
fn named(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    #[cfg(feature = "protocols")]
    if let Some(after) = input.strip_prefix('@') {
        let (rest, name) = expecting(PROTOCOLS, name)(after)?;
        let what = crate::protocols::joined_by_name(name).map_or(PROTOCOLS, |joined| joined.instead);
        let protocol = crate::protocols::by_name(name).ok_or_else(|| expected(after, what))?;
        return limited(protocol.framing(), scope, rest);
    }
    #[cfg(not(feature = "protocols"))]
    if input.starts_with('@') {
        return Err(expected(input, "a framing without `@`: names of protocols need the feature `protocols`"));
    }
    let (rest, kind) = expecting(FRAMINGS, name)(input)?;
    match kind {
        "fixed" => {
            let (at, _) = sign(':', "`:` and the length of every message")(rest)?;
            let (rest, len) = size(at)?;
            Ok((rest, built(at, Fixed::new(len))?.into()))
        }
        "close" => limited(UntilClose::new(), scope, rest),
        "slip" => stuffed::slip(scope, rest),
        "cobs" => stuffed::cobs(scope, rest),
        "anyline" => limited(UniversalLine::new(), scope, rest),
        "escape" => stuffed::escape(scope, rest),
        "doubled" => stuffed::doubled(scope, rest),
        "mavlink" => stuffed::mavlink(scope, rest),
        "dots" => limited(Dotted::new(), scope, rest),
        "midi" => limited(Midi::new(), scope, rest),
        "smp" => limited(SmpSerial::new(), scope, rest),
        "hexline" => stuffed::hex_line(scope, rest),
        "json" | "json-seq" | "cbor" | "msgpack" | "resp" | "asn1" => match AnyValues::by_name(kind) {
            Some(values) => limited(values, scope, rest),
            None => Err(expected(input, FRAMINGS)),
        },
        "line" => delimited::lines(scope, rest),
        "delim" => delimited::delimiters(scope, rest),
        "type" | "first" | "field" if !scope.options => {
            Err(expected(input, "parentheses around `type`, `first` and `field` inside another framing"))
        }
        "type" => by_type(scope, rest),
        "first" => by_first_byte(scope, rest),
        "header" => text::header_block(scope, rest),
        "block" => text::line_then_block(scope, rest),
        "chunked" => text::chunked(scope, rest),
        "http1" => text::http1(scope, rest),
        "field" => field::field(scope, rest),
        _ => prefix::prefix(scope, input),
    }
}

/// `framing` with the option `max`.
fn limited<F: Limit + Into<AnyFraming>>(framing: F, scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    let (rest, max) = only_max(scope, input)?;
    Ok((rest, max.into_iter().fold(framing, F::with_max_payload_len).into()))
}

fn by_first_byte(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    let (input, offset) =
        opt(preceded(char('@'), small("the offset of the byte that chooses, at most 255"))).parse(input)?;
    let (first, _) = sign(':', "`:` and a table, such as 0-9=u8,<=line")(input)?;
    let mut table = Vec::new();
    let mut at = first;
    let rest = loop {
        let (rest, start) = key(at)?;
        let (rest, to) = opt(preceded(char('-'), key)).parse(rest)?;
        let (rest, _) = sign('=', "`=` and the framing that begins so, or `-` and the last of the bytes")(rest)?;
        let (rest, framing) = inside(scope, rest)?;
        table.push((ByteRange::new(start, to.unwrap_or(start)), framing));
        // An entry that does not go with those before it ends the table, so there are never many.
        built(at, ByFirstByte::with_table(&table[..]).map(drop))?;
        match opt(char(',')).parse(rest)? {
            (after, Some(_)) => at = after,
            (_, None) => break rest,
        }
    };
    let framing = built(first, ByFirstByte::with_table(table.into_boxed_slice()))?;
    Ok((rest, AnyFraming::ByFirstByte(framing.choosing_at(offset.unwrap_or_default()))))
}

fn by_type(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    let (first, _) = sign(':', "`:` and a table, such as P=8,Q=u16be")(input)?;
    let mut table: Vec<(u8, Body<AnyFraming>)> = Vec::new();
    let mut at = first;
    let rest = loop {
        let (rest, kind) = key(at)?;
        if table.iter().any(|(other, _)| *other == kind) {
            return Err(fail(at, SpecErrorKind::Config(ConfigError::DuplicateType { found: kind })));
        }
        let (rest, _) = sign('=', "`=` and what follows this type")(rest)?;
        let (rest, entry) = entry(scope, rest)?;
        table.push((kind, entry));
        match opt(char(',')).parse(rest)? {
            (after, Some(_)) => at = after,
            (_, None) => break rest,
        }
    };
    Ok((rest, built(first, ByType::new(table))?.into()))
}

fn entry(scope: Scope, input: &str) -> Parsed<'_, Body<AnyFraming>> {
    if peek(satisfy(|c| c.is_ascii_digit())).parse(input).map_err(|_: Failed<'_>| ()).is_ok() {
        return size(input).map(|(rest, len)| (rest, Body::Len(len)));
    }
    inside(scope, input).map(|(rest, framing)| (rest, Body::Framed(framing)))
}

/// A framing inside another: in parentheses, or without options.
fn inside(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    match input.starts_with('(') {
        true => in_parentheses(scope, input),
        false => named(Scope { options: false, ..scope }, input),
    }
}
