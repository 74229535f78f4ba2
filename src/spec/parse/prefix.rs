//! Length prefixes.

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::combinator::{opt, peek, value};

use super::known::FRAMINGS;
use super::number::{Base, NumberOptions, base};
use super::options::{Scope, enclosed, options};
use crate::framing::any::AnyFraming;
use crate::framing::prefix::Prefix;
use crate::number::Ascii;
use crate::spec::lex::{Parsed, built, bytes, limit, name_end, signed, size};

pub(super) fn prefix(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    const KNOWN: &str = "an option of a length prefix: max, adjust, self, trailer, control, start, or of its number: end, \
                         digits, greatest, mask, step, longer";
    let (rest, preset) =
        opt(alt((value(Preset::Netstring, tag("netstring")), value(Preset::PktLine, tag("pkt-line"))))
            .and(peek(name_end)))
        .parse(input)?;
    let (rest, base) = match preset {
        Some((Preset::Netstring, ())) => (rest, Base::Ascii(Ascii::netstring())),
        Some((Preset::PktLine, ())) => (rest, Base::Ascii(Ascii::hex4())),
        None => base(input, FRAMINGS)?,
    };
    let (mut max, mut adjust, mut own, mut trailer, mut control, mut start) = (None, None, None, None, None, None);
    let mut number = NumberOptions::default();
    let rest = options(scope, rest, KNOWN, |option| match option.name {
        "max" => option.value(&mut max, limit),
        "adjust" => option.value(&mut adjust, signed),
        "self" => option.flag(&mut own),
        "trailer" => option.value(&mut trailer, bytes),
        "control" => option.value(&mut control, size),
        "start" => option.value(&mut start, bytes),
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
    Ok((rest, enclosed(start, framing)?))
}

/// A prefix with a name of its own.
#[derive(Clone, Copy)]
enum Preset {
    Netstring,
    PktLine,
}
