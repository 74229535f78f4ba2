//! Text to framings.

use alloc::boxed::Box;
use alloc::vec::Vec;

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::character::complete::{char, digit1, satisfy};
use nom::combinator::{opt, peek, value};
use nom::sequence::preceded;

use super::lex::{
    Failed, Parsed, Wrong, built, bytes, expected, expecting, fail, key, limit, name, sign, signed, size, small,
};
use super::print::VARINTS;
use super::{MAX_DEPTH, SpecError, SpecErrorKind};
use crate::error::ConfigError;
use crate::framing::any::AnyFraming;
use crate::framing::by_first_byte::ByFirstByte;
use crate::framing::by_type::{Body, ByType};
use crate::framing::delimited::{Delimited, Delimiters};
use crate::framing::enclosed::Enclosed;
use crate::framing::fixed::Fixed;
use crate::framing::length_field::LengthField;
use crate::framing::prefix::Prefix;
use crate::framing::until_close::UntilClose;
use crate::number::{AnyNumber, Ascii, Bcd, Binary, Bits, Escaped, Varint};
use crate::order::Order;

mod text;

const FRAMINGS: &str = "a framing: fixed, ascii, hex, bcd, u8, u16be to u64le, varint, varint32, quic, mqtt, ber, escaped, \
                        netstring, pkt-line, line, delim, type, first, field, header, block, chunked or close";
#[cfg(feature = "protocols")]
const PROTOCOLS: &str = "the name of a protocol, such as dns, postgres or mqtt";
const NUMBERS: &str = "a number: ascii, hex, bcd, u8, u16be to u64le, varint, varint32, quic, mqtt, ber or escaped";
const BINARY: &str = "a binary number: u8, or u16, u24, u32, u40, u48, u56, u64 with be, le or ne after it";
const ORDERS: &str = "a byte order: be, le or ne";

/// Where a framing stands.
#[derive(Clone, Copy)]
struct Scope {
    /// How many parentheses are open.
    depth: usize,
    /// Whether options can follow, or belong to what is outside.
    options: bool,
}

pub(super) fn whole(text: &str) -> Result<AnyFraming, SpecError> {
    let top = Scope { depth: 0, options: true };
    let result = framing(top, text).and_then(|(rest, framing)| match rest {
        "" => Ok(framing),
        _ => Err(expected(rest, "a comma and an option, or the end")),
    });
    result.map_err(|error| {
        let (at, kind) = match error {
            nom::Err::Error(Wrong { at, kind }) | nom::Err::Failure(Wrong { at, kind }) => (at, kind),
            nom::Err::Incomplete(_) => ("", SpecErrorKind::Expected("more")),
        };
        let before = text.get(..text.len().saturating_sub(at.len())).unwrap_or(text);
        SpecError { column: before.chars().count().saturating_add(1), kind }
    })
}

fn framing(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    #[cfg(feature = "protocols")]
    if let Some(after) = input.strip_prefix('@') {
        let (rest, name) = expecting(PROTOCOLS, name)(after)?;
        let named = crate::protocols::Named::new(name).ok_or_else(|| expected(after, PROTOCOLS))?;
        let (rest, max) = only_max(scope, rest)?;
        return Ok((rest, max.map_or(named.clone(), |max| named.with_max_payload_len(max)).into()));
    }
    let (rest, kind) = expecting(FRAMINGS, name)(input)?;
    match kind {
        "fixed" => {
            let (at, _) = sign(':', "`:` and the length of every message")(rest)?;
            let (rest, len) = size(at)?;
            Ok((rest, built(at, Fixed::new(len))?.into()))
        }
        "close" => {
            let (rest, max) = only_max(scope, rest)?;
            Ok((rest, max.map_or(UntilClose::new(), |max| UntilClose::new().with_max_payload_len(max)).into()))
        }
        "line" => lines(scope, rest),
        "delim" => delimiters(scope, rest),
        "type" | "first" | "field" if !scope.options => {
            Err(expected(input, "parentheses around `type`, `first` and `field` inside another framing"))
        }
        "type" => by_type(scope, rest),
        "first" => by_first_byte(scope, rest),
        "header" => text::header_block(scope, rest),
        "block" => text::line_then_block(scope, rest),
        "chunked" => text::chunked(scope, rest),
        "field" => field(scope, rest),
        _ => prefix(scope, input),
    }
}

/// A value of an option, and where it stands.
struct At<'a, T> {
    at: &'a str,
    value: T,
}

impl<T> core::ops::Deref for At<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// An option whose name has been read.
#[derive(Clone, Copy)]
struct Opt<'a> {
    name: &'a str,
    /// The text from the name on.
    at: &'a str,
    /// The text after the name.
    rest: &'a str,
    /// What options there are.
    known: &'static str,
}

type Taken<'a> = Result<&'a str, Failed<'a>>;

impl<'a> Opt<'a> {
    /// Reads the value, and gives the text after it.
    fn value<T>(
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
    fn flag(self, slot: &mut Option<At<'a, ()>>) -> Taken<'a> {
        if slot.is_some() {
            return Err(fail(self.at, SpecErrorKind::Repeated));
        }
        *slot = Some(At { at: self.at, value: () });
        Ok(self.rest)
    }

    fn unknown(self) -> Taken<'a> {
        Err(expected(self.at, self.known))
    }
}

/// Reads options for as long as there is a comma, and gives the text after them.
fn options<'a>(
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

fn option<'a>(at: &'a str, known: &'static str, take: &mut impl FnMut(Opt<'a>) -> Taken<'a>) -> Taken<'a> {
    let (rest, name) = expecting(known, name)(at)?;
    take(Opt { name, at, rest, known })
}

/// Where there is no other option.
fn only_max(scope: Scope, input: &str) -> Parsed<'_, Option<u64>> {
    let mut max = None;
    let rest = options(scope, input, "the option max", |option| match option.name {
        "max" => option.value(&mut max, limit),
        _ => option.unknown(),
    })?;
    Ok((rest, max.map(|max| *max)))
}

fn prefix(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    const KNOWN: &str = "an option of a length prefix: max, adjust, self, trailer, control, or of its number: end, digits, \
                         greatest, mask, step, longer";
    let (rest, preset) =
        opt(alt((value(Preset::Netstring, tag("netstring")), value(Preset::PktLine, tag("pkt-line"))))
            .and(peek(name_end)))
        .parse(input)?;
    let (rest, base) = match preset {
        Some((Preset::Netstring, ())) => (rest, Base::Ascii(Ascii::netstring())),
        Some((Preset::PktLine, ())) => (rest, Base::Ascii(Ascii::hex4())),
        None => base(input, FRAMINGS)?,
    };
    let (mut max, mut adjust, mut own, mut trailer, mut control) = (None, None, None, None, None);
    let mut number = NumberOptions::default();
    let rest = options(scope, rest, KNOWN, |option| match option.name {
        "max" => option.value(&mut max, limit),
        "adjust" => option.value(&mut adjust, signed),
        "self" => option.flag(&mut own),
        "trailer" => option.value(&mut trailer, bytes),
        "control" => option.value(&mut control, size),
        _ => number.take(option),
    })?;
    let mut rules = match preset {
        Some((Preset::Netstring, ())) => *Prefix::netstring().rules(),
        Some((Preset::PktLine, ())) => *Prefix::pkt_line().rules(),
        None => *Prefix::u8().rules(),
    };
    rules.max = max.map_or(rules.max, |max| *max);
    rules.adjustment = adjust.map_or(rules.adjustment, |adjust| *adjust);
    rules.controls = control.map_or(rules.controls, |control| *control);
    rules.self_inclusive |= own.is_some();
    let mut framing = Prefix::from_parts(number.build(base, input, rest)?, rules);
    if let Some(trailer) = trailer {
        framing = built(trailer.at, framing.with_trailer(&trailer))?;
    }
    Ok((rest, framing.into()))
}

/// A prefix with a name of its own.
#[derive(Clone, Copy)]
enum Preset {
    Netstring,
    PktLine,
}

/// Where a name is over.
fn name_end(input: &str) -> Parsed<'_, ()> {
    match name(input) {
        Ok(_) => Err(nom::Err::Error(Wrong { at: input, kind: SpecErrorKind::Expected("the end of a name") })),
        Err(_) => Ok((input, ())),
    }
}

/// A number without its options.
#[derive(Clone, Copy)]
enum Base {
    Binary(Binary),
    Ascii(Ascii),
    /// Digits that something has yet to end.
    Digits {
        hex: bool,
    },
    Varint(Varint),
    Bcd(Bcd),
    Escaped(Escaped),
}

/// `known` says what could stand here.
fn base<'a>(input: &'a str, known: &'static str) -> Parsed<'a, Base> {
    let (rest, kind) = expecting(known, name)(input)?;
    if let Some((_, varint)) = VARINTS.iter().find(|(name, _)| *name == kind) {
        return Ok((rest, Base::Varint(*varint)));
    }
    if kind == "bcd" {
        let (at, _) = sign(':', "`:` and how many bytes")(rest)?;
        let (rest, width) = small::<usize>("how many bytes, with two digits each")(at)?;
        return Ok((rest, Base::Bcd(built(at, Bcd::new(width))?)));
    }
    if kind == "escaped" {
        let (at, _) = sign(':', "`:` and the bits of the first byte that are the number, such as 0x7f")(rest)?;
        let (rest, mask) = small::<u8>("the bits of a byte, such as 0x7f")(at)?;
        return Ok((rest, Base::Escaped(built(at, Escaped::new(mask))?)));
    }
    let hex = match kind {
        "ascii" => false,
        "hex" => true,
        _ => return binary(input, known).map(|(rest, binary)| (rest, Base::Binary(binary))),
    };
    let (rest, width) = opt(preceded(char(':'), small::<usize>("how many digits"))).parse(rest)?;
    let at = input.get(kind.len().saturating_add(1)..).unwrap_or_default();
    Ok((
        rest,
        match width {
            None => Base::Digits { hex },
            Some(width) => Base::Ascii(built(at, if hex { Ascii::hex(width) } else { Ascii::decimal(width) })?),
        },
    ))
}

fn binary<'a>(input: &'a str, known: &'static str) -> Parsed<'a, Binary> {
    let (rest, _) = expecting(known, name)(input)?;
    let (after, (_, bits)) = expecting(known, (char('u'), digit1))(input)?;
    let bits = bits.parse::<usize>().ok().filter(|bits| bits % 8 == 0 && (8..=64).contains(bits));
    let width = bits.ok_or_else(|| expected(input, BINARY))? / 8;
    let order = match after.strip_suffix(rest) {
        Some("") if width == 1 => Order::NETWORK,
        _ => {
            let (end, order) = order(after)?;
            if end != rest {
                return Err(expected(after, ORDERS));
            }
            order
        }
    };
    Ok((rest, built(input, Binary::new(width, order))?))
}

fn order(input: &str) -> Parsed<'_, Order> {
    let orders = alt((value(Order::Big, tag("be")), value(Order::Little, tag("le")), value(Order::HOST, tag("ne"))));
    expecting(ORDERS, orders)(input)
}

#[derive(Default)]
struct NumberOptions<'a> {
    end: Option<At<'a, Vec<u8>>>,
    digits: Option<At<'a, usize>>,
    greatest: Option<At<'a, u64>>,
    mask: Option<At<'a, u64>>,
    longer: Option<At<'a, ()>>,
    steps: Vec<At<'a, (u8, Binary, u64)>>,
}

impl<'a> NumberOptions<'a> {
    fn take(&mut self, option: Opt<'a>) -> Taken<'a> {
        match option.name {
            "end" => option.value(&mut self.end, bytes),
            "digits" => option.value(&mut self.digits, small("how many digits at most")),
            "greatest" => option.value(&mut self.greatest, size),
            "mask" => option.value(&mut self.mask, size),
            "longer" => option.flag(&mut self.longer),
            "step" => {
                let mut one = None;
                let rest = option.value(&mut one, step)?;
                self.steps.extend(one);
                Ok(rest)
            }
            _ => option.unknown(),
        }
    }

    /// An escaped number with these options.
    fn escaped(self, mut number: Escaped) -> Result<AnyNumber, Failed<'a>> {
        let others = [self.end.map(|end| end.at), self.digits.map(|digits| digits.at), self.mask.map(|mask| mask.at)];
        if let Some(at) = others.into_iter().flatten().next() {
            let conflict = ConfigError::Conflict("an escaped number has the options step, greatest and longer");
            return Err(fail(at, SpecErrorKind::Config(conflict)));
        }
        for step in self.steps {
            let (value, binary, base) = step.value;
            number = built(step.at, number.with_step_from(value, binary, base))?;
        }
        if let Some(greatest) = self.greatest {
            number = number.with_max(*greatest);
        }
        Ok(if self.longer.is_some() { number.allowing_longer_forms() } else { number }.into())
    }

    /// The number `base` at `at` with these options, which end where `rest` begins.
    fn build(self, base: Base, at: &'a str, rest: &'a str) -> Result<AnyNumber, Failed<'a>> {
        let only = |at, text| Err(fail(at, SpecErrorKind::Config(ConfigError::Conflict(text))));
        if let Base::Escaped(number) = base {
            return self.escaped(number);
        }
        if let Some(step) = self.steps.first() {
            return only(step.at, "only an escaped number has steps");
        }
        if !matches!(base, Base::Ascii(_) | Base::Digits { .. }) {
            let places = [self.end.map(|end| end.at), self.digits.map(|digits| digits.at)];
            if let Some(at) = places.into_iter().chain([self.greatest.map(|greatest| greatest.at)]).flatten().next() {
                return only(at, "only a number in digits has an end mark, a greatest value or a number of digits");
            }
            return match (base, self.mask, self.longer) {
                (Base::Varint(_) | Base::Bcd(_), Some(mask), _) => only(mask.at, "only a binary number has a mask"),
                (Base::Binary(_) | Base::Bcd(_), _, Some(longer)) => {
                    only(longer.at, "only a number of variable length has longer forms")
                }
                (Base::Binary(binary), Some(mask), None) => Ok(built(mask.at, Bits::new(binary, *mask))?.into()),
                (Base::Binary(binary), None, None) => Ok(binary.into()),
                (Base::Varint(varint), None, Some(_)) => Ok(varint.allowing_longer_forms().into()),
                (Base::Varint(varint), None, None) => Ok(varint.into()),
                (Base::Bcd(bcd), None, None) => Ok(bcd.into()),
                (Base::Ascii(_) | Base::Digits { .. } | Base::Escaped(_), ..) => Err(expected(at, NUMBERS)),
            };
        }
        if let Some(mask) = self.mask {
            return only(mask.at, "only a binary number has a mask");
        }
        if let Some(longer) = self.longer {
            return only(longer.at, "only a number of variable length has longer forms");
        }
        let mut ascii = match (base, self.end) {
            (Base::Ascii(ascii), None) => ascii,
            (Base::Ascii(ascii), Some(end)) => built(end.at, ascii.followed_by(&end))?,
            (Base::Digits { hex: false }, Some(end)) => built(end.at, Ascii::decimal_ended_by(&end))?,
            (_, Some(end)) => built(end.at, Ascii::hex_ended_by(&end))?,
            (_, None) => return Err(expected(rest, "what ends the digits: a width such as `ascii:5`, or `end=`")),
        };
        if let Some(digits) = self.digits {
            ascii = built(digits.at, ascii.with_max_digits(*digits))?;
        }
        Ok(self.greatest.map_or(ascii, |greatest| ascii.with_max(*greatest)).into())
    }
}

/// The options of all framings with delimiters.
#[derive(Default)]
struct DelimitedOptions<'a> {
    max: Option<At<'a, u64>>,
    keep: Option<At<'a, ()>>,
    takes: Option<At<'a, bool>>,
    start: Option<At<'a, Vec<u8>>>,
}

impl<'a> DelimitedOptions<'a> {
    fn take(&mut self, option: Opt<'a>) -> Taken<'a> {
        match option.name {
            "max" => option.value(&mut self.max, limit),
            "keep" => option.flag(&mut self.keep),
            "start" => option.value(&mut self.start, bytes),
            "unterminated" => {
                let takes = alt((value(true, tag("take")), value(false, tag("fail"))));
                option.value(&mut self.takes, expecting("take or fail", takes))
            }
            _ => option.unknown(),
        }
    }

    fn apply<S: Delimiters>(self, mut framing: Delimited<S>) -> Result<AnyFraming, Failed<'a>> {
        if let Some(max) = self.max {
            framing = framing.with_max_payload_len(*max);
        }
        if self.keep.is_some() {
            framing = framing.keeping_delimiter();
        }
        framing = match self.takes.map(|takes| *takes) {
            Some(true) => framing.taking_unterminated(),
            Some(false) => framing.failing_unterminated(),
            None => framing,
        };
        match self.start {
            Some(start) => Ok(built(start.at, Enclosed::new(&start, framing))?.into()),
            None => Ok(framing.into()),
        }
    }
}

fn lines(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    let mut crlf = None;
    let mut others = DelimitedOptions::default();
    let known = "an option of lines: crlf, start, keep, unterminated, max";
    let rest = options(scope, input, known, |option| match option.name {
        "crlf" => option.flag(&mut crlf),
        _ => others.take(option),
    })?;
    let line = Delimited::line();
    Ok((rest, others.apply(if crlf.is_some() { line.with_crlf() } else { line })?))
}

fn delimiters(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    let (first, _) = sign(':', "`:` and a delimiter")(input)?;
    let mut places = Vec::new();
    let mut set = Vec::new();
    let mut at = first;
    let rest = loop {
        let (rest, delimiter) = bytes(at)?;
        places.push(at);
        set.push(Box::<[u8]>::from(delimiter));
        match opt(char('|')).parse(rest)? {
            (after, Some(_)) => at = after,
            (_, None) => break rest,
        }
    };
    let mut write = None;
    let mut others = DelimitedOptions::default();
    let known = "an option of delimiters: write, start, keep, unterminated, max";
    let rest = options(scope, rest, known, |option| match option.name {
        "write" => option.value(&mut write, small::<usize>("which delimiter is written, counted from 1")),
        _ => others.take(option),
    })?;
    let empty = set.iter().position(|delimiter| delimiter.is_empty());
    let mut framing = Delimited::any_of(set).map_err(|error| {
        let index = match error {
            ConfigError::PrefixOfAnother { shorter, longer } => Some(longer.max(shorter)),
            ConfigError::EmptyLiteral => empty,
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

fn by_first_byte(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    let (first, _) = sign(':', "`:` and a table, such as 0-9=u8,<=line")(input)?;
    let mut table = Vec::new();
    let mut at = first;
    let rest = loop {
        let (rest, start) = key(at)?;
        let (rest, to) = opt(preceded(char('-'), key)).parse(rest)?;
        let (rest, _) = sign('=', "`=` and the framing that begins so, or `-` and the last of the bytes")(rest)?;
        let (rest, framing) = inside(scope, rest)?;
        table.push((start..=to.unwrap_or(start), framing));
        // An entry that does not go with those before it ends the table, so there are never many.
        built(at, ByFirstByte::new(&table[..]).map(drop))?;
        match opt(char(',')).parse(rest)? {
            (after, Some(_)) => at = after,
            (_, None) => break rest,
        }
    };
    Ok((rest, AnyFraming::ByFirstByte(built(first, ByFirstByte::new(table.into_boxed_slice()))?)))
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
    let (inside, open) = opt(char('(')).parse(input)?;
    if open.is_none() {
        return framing(Scope { options: false, ..scope }, input);
    }
    if scope.depth >= MAX_DEPTH {
        return Err(fail(input, SpecErrorKind::TooDeep { max: MAX_DEPTH }));
    }
    let (rest, framing) = framing(Scope { depth: scope.depth + 1, options: true }, inside)?;
    let (rest, _) = sign(')', "a comma and an option, or `)`")(rest)?;
    Ok((rest, framing))
}

/// A number as the value of an option: its own options stand in parentheses with it.
fn nested_number(input: &str) -> Parsed<'_, AnyNumber> {
    let (inside, open) = opt(char('(')).parse(input)?;
    let scope = Scope { depth: 0, options: open.is_some() };
    let mut options_of_it = NumberOptions::default();
    let (rest, base) = base(inside, NUMBERS)?;
    let known = "an option of a number: end, digits, greatest, mask, step, longer";
    let rest = options(scope, rest, known, |option| options_of_it.take(option))?;
    let number = options_of_it.build(base, inside, rest)?;
    match open {
        Some(_) => sign(')', "a comma and an option, or `)`")(rest).map(|(rest, _)| (rest, number)),
        None => Ok((rest, number)),
    }
}

/// What stands at an offset.
fn placed<'a, T>(
    mut what: impl Parser<&'a str, Output = T, Error = Wrong<'a>>,
) -> impl FnMut(&'a str) -> Parsed<'a, (u16, T)> {
    move |input| {
        let (rest, offset) = offset(input)?;
        let (rest, _) = sign(':', "`:` and what stands at that offset")(rest)?;
        let (rest, what) = what.parse(rest)?;
        Ok((rest, (offset, what)))
    }
}

/// A value of an escaped number's bits, and what it announces.
fn step(input: &str) -> Parsed<'_, (u8, Binary, u64)> {
    let (rest, value) = small("a value of the bits, at most 255")(input)?;
    let (rest, _) = sign(':', "`:` and the number that is announced")(rest)?;
    let (rest, number) = binary(rest, BINARY)?;
    let (rest, base) = opt(preceded(char('+'), size)).parse(rest)?;
    Ok((rest, (value, number, base.unwrap_or_default())))
}

/// Where header bytes are announced, in which bits, and in which unit.
fn extra(input: &str) -> Parsed<'_, (u16, u8, u8)> {
    let (rest, (offset, mask)) = placed(small("the bits of a byte, such as 0x80"))(input)?;
    let (rest, unit) = opt(preceded(char(':'), small("what they count, 1 to 255 bytes"))).parse(rest)?;
    Ok((rest, (offset, mask, unit.unwrap_or(1))))
}

fn offset(input: &str) -> Parsed<'_, u16> {
    small("an offset in bytes, at most 65535")(input)
}

#[derive(Default)]
struct FieldOptions<'a> {
    max: Option<At<'a, u64>>,
    offset: Option<At<'a, u16>>,
    size: Option<At<'a, usize>>,
    order: Option<At<'a, Order>>,
    mask: Option<At<'a, u64>>,
    number: Option<At<'a, AnyNumber>>,
    header: Option<At<'a, u16>>,
    after: Option<At<'a, u16>>,
    adjust: Option<At<'a, i64>>,
    unit: Option<At<'a, u32>>,
    trailer: Option<At<'a, Vec<u8>>>,
    pad: Option<At<'a, u16>>,
    padlen: Option<At<'a, u16>>,
    second: Option<At<'a, (u16, Binary)>>,
    required: Vec<At<'a, (u16, Vec<u8>)>>,
    extra: Option<At<'a, (u16, u8, u8)>>,
}

fn field(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    const KNOWN: &str = "an option of a length field: offset, size, order, mask, number, header, after, adjust, unit, \
                         trailer, pad, padlen, second, require, extra, max";
    let (first, _) = sign(':', "`:` and options such as offset=2,size=2")(input)?;
    let mut all = FieldOptions::default();
    let mut take = |option| all.take(option);
    let rest = option(first, KNOWN, &mut take)?;
    let rest = options(scope, rest, KNOWN, take)?;
    Ok((rest, all.build(first, rest)?.into()))
}

impl<'a> FieldOptions<'a> {
    fn take(&mut self, option: Opt<'a>) -> Taken<'a> {
        match option.name {
            "max" => option.value(&mut self.max, limit),
            "offset" => option.value(&mut self.offset, offset),
            "size" => option.value(&mut self.size, small("a width of 1 to 8 bytes")),
            "order" => option.value(&mut self.order, order),
            "mask" => option.value(&mut self.mask, size),
            "number" => option.value(&mut self.number, nested_number),
            "header" => option.value(&mut self.header, small("the header's length, at most 65535 bytes")),
            "after" => option.value(&mut self.after, small("header bytes after the field, at most 65535")),
            "adjust" => option.value(&mut self.adjust, signed),
            "unit" => option.value(&mut self.unit, small("what the number counts, 1 to 2^32 - 1 bytes")),
            "trailer" => option.value(&mut self.trailer, bytes),
            "pad" => option.value(&mut self.pad, small("a multiple of 1 to 256 bytes")),
            "padlen" => option.value(&mut self.padlen, offset),
            "extra" => option.value(&mut self.extra, extra),
            "second" => option.value(&mut self.second, placed(|input| binary(input, BINARY))),
            "require" => {
                let mut required = None;
                let rest = option.value(&mut required, placed(bytes))?;
                self.required.extend(required);
                Ok(rest)
            }
            _ => option.unknown(),
        }
    }

    fn number(&self, at: &'a str, rest: &'a str) -> Result<AnyNumber, Failed<'a>> {
        let parts = [self.size.as_ref().map(|size| size.at), self.order.as_ref().map(|order| order.at)];
        let part = parts.into_iter().chain([self.mask.as_ref().map(|mask| mask.at)]).flatten().next();
        match (&self.number, &self.size) {
            (Some(number), _) => match part {
                Some(at) => {
                    let conflict = ConfigError::Conflict("`number` says all, beside it are no size, order and mask");
                    Err(fail(at, SpecErrorKind::Config(conflict)))
                }
                None => Ok(**number),
            },
            (None, Some(size)) => {
                let order = self.order.as_ref().map_or(Order::NETWORK, |order| **order);
                let binary = built(size.at, Binary::new(**size, order))?;
                match &self.mask {
                    Some(mask) => Ok(built(mask.at, Bits::new(binary, **mask))?.into()),
                    None => Ok(binary.into()),
                }
            }
            (None, None) => Err(expected(part.map_or(rest, |_| at), "the field's width: `size=` or `number=`")),
        }
    }

    fn build(self, at: &'a str, rest: &'a str) -> Result<LengthField<AnyNumber>, Failed<'a>> {
        let number = self.number(at, rest)?;
        let mut framing = LengthField::new(self.offset.map_or(0, |offset| *offset), number);
        match (self.header, self.after) {
            (Some(header), None) => framing = built(header.at, framing.with_header_len(*header))?,
            (None, Some(after)) => framing = built(after.at, framing.with_header_after(*after))?,
            (None, None) => {}
            (Some(_), Some(after)) => {
                let conflict = ConfigError::Conflict("`header` and `after` say the same, give one of them");
                return Err(fail(after.at, SpecErrorKind::Config(conflict)));
            }
        }
        if let Some(adjust) = self.adjust {
            framing = framing.with_length_adjustment(*adjust);
        }
        if let Some(max) = self.max {
            framing = framing.with_max_payload_len(*max);
        }
        if let Some(unit) = self.unit {
            framing = built(unit.at, framing.with_unit(*unit))?;
        }
        if let Some(trailer) = self.trailer {
            framing = built(trailer.at, framing.with_trailer(&trailer))?;
        }
        if let Some(pad) = self.pad {
            framing = built(pad.at, framing.with_padding_to(*pad))?;
        }
        if let Some(padlen) = self.padlen {
            framing = built(padlen.at, framing.with_pad_len_at(*padlen))?;
        }
        if let Some(second) = self.second {
            framing = built(second.at, framing.with_second(second.value.0, second.value.1))?;
        }
        if let Some(extra) = self.extra {
            let (offset, mask, unit) = extra.value;
            framing = built(extra.at, framing.with_extra(offset, mask, unit))?;
        }
        for required in self.required {
            framing = built(required.at, framing.with_required(required.value.0, &required.value.1))?;
        }
        Ok(framing)
    }
}
