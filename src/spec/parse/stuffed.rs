//! Stuffings and checksums inside them, and what serial protocols have of their own.

use alloc::vec::Vec;

use nom::Parser;

use super::around::{form, sum};
use super::limited;
use super::options::{At, Opt, Scope, Taken, Wrapping, options, set_of_bytes};
use crate::error::ConfigError;
use crate::framing::any::AnyFraming;
use crate::framing::doubled::Doubled;
use crate::framing::mavlink::Mavlink;
use crate::framing::stuffed::{AnyStuffing, Cobs, CobsVariant, Escaping, HexLine, Slip, Stuffed, Stuffing};
use crate::order::Order;
use crate::scan::ByteSet;
use crate::spec::error::SpecErrorKind;
use crate::spec::lex::{Failed, Parsed, built, bytes, fail, key, limit, sign, small};
use crate::sum::{AnySum, SumForm};

/// What every stuffing takes.
#[derive(Default)]
struct Common<'a> {
    max: Option<At<'a, u64>>,
    sum: Option<At<'a, AnySum>>,
    form: Option<At<'a, SumForm>>,
    empty: Option<At<'a, ()>>,
}

impl<'a> Common<'a> {
    fn take(&mut self, option: Opt<'a>) -> Taken<'a> {
        match option.name {
            "max" => option.value(&mut self.max, limit),
            "sum" => option.value(&mut self.sum, sum),
            "form" => option.value(&mut self.form, form),
            "empty" => option.flag(&mut self.empty),
            _ => option.unknown(),
        }
    }

    /// `plain` has no checksum.
    fn build<S: Stuffing + Into<AnyStuffing>>(
        self,
        stuffing: S,
        plain: impl FnOnce(Stuffed<S>) -> AnyFraming,
    ) -> Result<AnyFraming, Failed<'a>> {
        let mut framing = Stuffed::new(stuffing);
        if let Some(max) = self.max {
            framing = framing.with_max_payload_len(max.value);
        }
        if let Some(empty) = self.empty {
            framing = built(empty.at, framing.with_empty_frames())?;
        }
        match (self.sum, self.form) {
            (Some(sum), form) => {
                let form = form.map_or(SumForm::Binary(Order::Big), |form| form.value);
                Ok(framing.with_sum(sum.value, form).into())
            }
            (None, None) => Ok(plain(framing)),
            (None, Some(form)) => {
                let conflict = ConfigError::Conflict("an option of a checksum without `sum=`");
                Err(fail(form.at, SpecErrorKind::Config(conflict)))
            }
        }
    }
}

pub(super) fn slip(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    let mut common = Common::default();
    let rest = options(scope, input, "an option of slip: max, sum, form, empty", |option| common.take(option))?;
    Ok((rest, common.build(Slip, AnyFraming::from)?))
}

pub(super) fn cobs(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    const KNOWN: &str = "an option of cobs: max, sum, form, empty, sentinel, reduced, lead";
    let (mut common, mut sentinel, mut reduced, mut lead) = (Common::default(), None, None, None);
    let rest = options(scope, input, KNOWN, |option| match option.name {
        "sentinel" => option.value(&mut sentinel, small::<u8>("the delimiter, 0 to 255")),
        "reduced" => option.flag(&mut reduced),
        "lead" => option.flag(&mut lead),
        _ => common.take(option),
    })?;
    if sentinel.is_none() && reduced.is_none() && lead.is_none() {
        return Ok((rest, common.build(Cobs, AnyFraming::from)?));
    }
    let mut stuffing = CobsVariant::new(sentinel.map_or(0, |sentinel| sentinel.value));
    if reduced.is_some() {
        stuffing = stuffing.reduced();
    }
    if lead.is_some() {
        stuffing = stuffing.with_delimiter_before();
    }
    Ok((rest, common.build(stuffing, AnyFraming::from)?))
}

pub(super) fn escape(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    const KNOWN: &str = "an option of escape: max, sum, form, empty, xor, codes, control, also, lead";
    let (at, _) = sign(':', "`:` and the delimiter")(input)?;
    let (rest, delimiter) = key(at)?;
    let (rest, _) = sign(':', "`:` and the escape byte")(rest)?;
    let (rest, escape) = key(rest)?;
    let (mut common, mut escapes, mut lead) = (Common::default(), Escapes::default(), None);
    let rest = options(scope, rest, KNOWN, |option| match option.name {
        "xor" | "codes" | "control" | "also" => escapes.take(option),
        "lead" => option.flag(&mut lead),
        _ => common.take(option),
    })?;
    let stuffing = escapes.build(at, delimiter, escape)?;
    Ok((rest, common.build(stuffing.with_delimiter_before(lead.is_some()), AnyFraming::from)?))
}

/// The options of an escape byte: how a byte is escaped, and which bytes are.
#[derive(Default)]
pub(super) struct Escapes<'a> {
    xor: Option<At<'a, u8>>,
    codes: Option<At<'a, (u8, u8)>>,
    control: Option<At<'a, u32>>,
    also: Option<At<'a, ByteSet>>,
}

impl<'a> Escapes<'a> {
    pub(super) fn take(&mut self, option: Opt<'a>) -> Taken<'a> {
        match option.name {
            "xor" => option.value(&mut self.xor, small("what an escaped byte is XORed with, 1 to 255")),
            "codes" => option.value(&mut self.codes, codes_of),
            "also" => option.value(&mut self.also, set_of_bytes),
            _ => option.value(&mut self.control, small("a bit for each of 32 control characters")),
        }
    }

    /// Where the first of them stands.
    pub(super) fn at(&self) -> Option<&'a str> {
        let (xor, codes) = (self.xor.as_ref().map(|xor| xor.at), self.codes.as_ref().map(|codes| codes.at));
        let (control, also) = (self.control.as_ref().map(|control| control.at), self.also.as_ref().map(|also| also.at));
        xor.or(codes).or(control).or(also)
    }

    pub(super) fn build(self, at: &'a str, delimiter: u8, escape: u8) -> Result<Escaping, Failed<'a>> {
        let stuffing = match (self.xor, self.codes) {
            (None, Some(codes)) => built(codes.at, Escaping::codes(delimiter, escape, codes.value.0, codes.value.1))?,
            (Some(_), Some(codes)) => {
                let conflict = ConfigError::Conflict("`xor` and `codes` exclude each other");
                return Err(fail(codes.at, SpecErrorKind::Config(conflict)));
            }
            (xor, None) => built(
                xor.as_ref().map_or(at, |xor| xor.at),
                Escaping::xor(delimiter, escape, xor.as_ref().map_or(0x20, |xor| xor.value)),
            )?,
        };
        let stuffing = match self.control {
            Some(control) => built(control.at, stuffing.with_control_characters(control.value))?,
            None => stuffing,
        };
        match self.also {
            Some(also) => built(also.at, stuffing.with_also_escaped(also.value)),
            None => Ok(stuffing),
        }
    }
}

/// The byte for the delimiter and the one for the escape.
fn codes_of(input: &str) -> Parsed<'_, (u8, u8)> {
    match bytes.parse(input)? {
        (rest, codes) if codes.len() == 2 => Ok((rest, (codes[0], codes[1]))),
        _ => Err(crate::spec::lex::expected(input, "two bytes: the codes of the delimiter and of the escape byte")),
    }
}

pub(super) fn hex_line(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    let (at, _) = sign(':', "`:` and a line's first character")(input)?;
    let (rest, start) = key(at)?;
    let mut common = Common::default();
    let rest = options(scope, rest, "an option of hexline: max, sum, form, empty", |option| common.take(option))?;
    Ok((rest, common.build(HexLine::new(start), AnyFraming::from)?))
}

pub(super) fn doubled(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    let (at, _) = sign(':', "`:` and the byte that is doubled")(input)?;
    let (rest, escape) = key(at)?;
    let (rest, _) = sign(':', "`:` and the byte that ends a frame after it")(rest)?;
    let (rest, end) = key(rest)?;
    let doubled = built(at, Doubled::new(escape, end))?;
    let (mut max, mut wrapping) = (None, Wrapping::default());
    let rest = options(scope, rest, "an option of doubled: max, start, between, forbid", |option| match option.name {
        "max" => option.value(&mut max, limit),
        _ => wrapping.take(option),
    })?;
    let doubled = max.map_or(doubled, |max| doubled.with_max_payload_len(max.value));
    Ok((rest, wrapping.apply(doubled.into())?))
}

pub(super) fn mavlink(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    let Some(mut at) = input.strip_prefix(':') else {
        return limited(Mavlink::common(), scope, input);
    };
    let (first, mut table) = (at, Vec::new());
    let rest = loop {
        let (rest, number) = small::<u32>("the number of a message")(at)?;
        let (rest, _) = sign('=', "`=` and the last byte of its CRC")(rest)?;
        let (rest, extra) = small::<u8>("the last byte of its CRC, 0 to 255")(rest)?;
        table.push((number, extra));
        match rest.strip_prefix('|') {
            Some(after) => at = after,
            None => break rest,
        }
    };
    limited(built(first, Mavlink::new(table))?, scope, rest)
}
