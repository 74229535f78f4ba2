//! Numbers.

use alloc::vec::Vec;

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::character::complete::{char, digit1};
use nom::combinator::{opt, value};
use nom::sequence::preceded;

use super::known::{BINARY, NUMBERS, ORDERS};
use super::options::{At, Opt, Scope, Taken, options};
use crate::error::ConfigError;
use crate::number::{AnyNumber, Ascii, Bcd, Binary, Bits, Escaped, Varint};
use crate::order::Order;
use crate::spec::error::SpecErrorKind;
use crate::spec::lex::{Failed, Parsed, built, bytes, expected, expecting, fail, name, sign, size, small};
use crate::spec::print::VARINTS;

/// A number without its options.
#[derive(Clone, Copy)]
pub(super) enum Base {
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

/// `known` names what could stand here.
pub(super) fn base<'a>(input: &'a str, known: &'static str) -> Parsed<'a, Base> {
    let (rest, kind) = expecting(known, name)(input)?;
    // As the constructor is called.
    let kind = if kind == "leb128" { "varint" } else { kind };
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

pub(super) fn binary<'a>(input: &'a str, known: &'static str) -> Parsed<'a, Binary> {
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

pub(super) fn order(input: &str) -> Parsed<'_, Order> {
    let orders = alt((value(Order::Big, tag("be")), value(Order::Little, tag("le")), value(Order::HOST, tag("ne"))));
    expecting(ORDERS, orders)(input)
}

#[derive(Default)]
pub(super) struct NumberOptions<'a> {
    end: Option<At<'a, Vec<u8>>>,
    digits: Option<At<'a, usize>>,
    greatest: Option<At<'a, u64>>,
    mask: Option<At<'a, u64>>,
    longer: Option<At<'a, ()>>,
    steps: Vec<At<'a, (u8, Binary, u64)>>,
}

impl<'a> NumberOptions<'a> {
    pub(super) fn take(&mut self, option: Opt<'a>) -> Taken<'a> {
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
    pub(super) fn build(self, base: Base, at: &'a str, rest: &'a str) -> Result<AnyNumber, Failed<'a>> {
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
                return only(at, "only a number in digits has `end`, `greatest` or `digits`");
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

/// A number as the value of an option: its own options stand in parentheses with it.
pub(super) fn nested_number(input: &str) -> Parsed<'_, AnyNumber> {
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

/// A value of an escaped number's bits, and what it announces.
fn step(input: &str) -> Parsed<'_, (u8, Binary, u64)> {
    let (rest, value) = small("a value of the bits, at most 255")(input)?;
    let (rest, _) = sign(':', "`:` and the number that is announced")(rest)?;
    let (rest, number) = binary(rest, BINARY)?;
    let (rest, base) = opt(preceded(char('+'), size)).parse(rest)?;
    Ok((rest, (value, number, base.unwrap_or_default())))
}
