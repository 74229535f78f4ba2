//! Stuffings, and checksums inside them.

use nom::Parser;

use super::around::{form, sum};
use super::options::{At, Opt, Scope, Taken, options};
use crate::error::ConfigError;
use crate::framing::any::AnyFraming;
use crate::framing::stuffed::{AnyStuffing, Cobs, CobsVariant, Escaping, HexLine, Slip, Stuffed};
use crate::order::Order;
use crate::spec::error::SpecErrorKind;
use crate::spec::lex::{Failed, Parsed, built, bytes, fail, key, limit, sign, small};
use crate::sum::{AnySum, SumForm};

/// What every stuffing takes.
#[derive(Default)]
struct Common<'a> {
    max: Option<At<'a, u64>>,
    sum: Option<At<'a, AnySum>>,
    form: Option<At<'a, SumForm>>,
}

impl<'a> Common<'a> {
    fn take(&mut self, option: Opt<'a>) -> Taken<'a> {
        match option.name {
            "max" => option.value(&mut self.max, limit),
            "sum" => option.value(&mut self.sum, sum),
            "form" => option.value(&mut self.form, form),
            _ => option.unknown(),
        }
    }

    /// `plain` has no checksum.
    fn build<S: Into<AnyStuffing>>(
        self,
        stuffing: S,
        plain: impl FnOnce(Stuffed<S>) -> AnyFraming,
    ) -> Result<AnyFraming, Failed<'a>> {
        let mut framing = Stuffed::new(stuffing);
        if let Some(max) = self.max {
            framing = framing.with_max_payload_len(max.value);
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
    let rest = options(scope, input, "an option of slip: max, sum, form", |option| common.take(option))?;
    Ok((rest, common.build(Slip, AnyFraming::from)?))
}

pub(super) fn cobs(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    const KNOWN: &str = "an option of cobs: max, sum, form, sentinel, reduced, lead";
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
    const KNOWN: &str = "an option of escape: max, sum, form, xor, codes, control, lead";
    let (at, _) = sign(':', "`:` and the delimiter")(input)?;
    let (rest, delimiter) = key(at)?;
    let (rest, _) = sign(':', "`:` and the escape byte")(rest)?;
    let (rest, escape) = key(rest)?;
    let (mut common, mut xor, mut codes, mut control, mut lead) = (Common::default(), None, None, None, None);
    let rest = options(scope, rest, KNOWN, |option| match option.name {
        "xor" => option.value(&mut xor, small::<u8>("what an escaped byte is XORed with, 1 to 255")),
        "codes" => option.value(&mut codes, codes_of),
        "control" => option.value(&mut control, small::<u32>("a bit for each of 32 control characters")),
        "lead" => option.flag(&mut lead),
        _ => common.take(option),
    })?;
    let mut stuffing = match (xor, codes) {
        (None, Some(codes)) => built(codes.at, Escaping::codes(delimiter, escape, codes.value.0, codes.value.1))?,
        (Some(_), Some(codes)) => {
            let conflict = ConfigError::Conflict("after an escape stands a code or the byte XORed");
            return Err(fail(codes.at, SpecErrorKind::Config(conflict)));
        }
        (xor, None) => built(
            xor.as_ref().map_or(at, |xor| xor.at),
            Escaping::xor(delimiter, escape, xor.as_ref().map_or(0x20, |xor| xor.value)),
        )?,
    };
    if let Some(control) = control {
        stuffing = built(control.at, stuffing.with_control_characters(control.value))?;
    }
    Ok((rest, common.build(stuffing.with_delimiter_before(lead.is_some()), AnyFraming::from)?))
}

/// The byte for the delimiter and the one for the escape.
fn codes_of(input: &str) -> Parsed<'_, (u8, u8)> {
    match bytes.parse(input)? {
        (rest, codes) if codes.len() == 2 => Ok((rest, (codes[0], codes[1]))),
        _ => Err(crate::spec::lex::expected(input, "two bytes, which stand for the delimiter and for the escape")),
    }
}

pub(super) fn hex_line(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    let (at, _) = sign(':', "`:` and a line's first character")(input)?;
    let (rest, start) = key(at)?;
    let mut common = Common::default();
    let rest = options(scope, rest, "an option of hexline: max, sum, form", |option| common.take(option))?;
    Ok((rest, common.build(HexLine::new(start), AnyFraming::from)?))
}
