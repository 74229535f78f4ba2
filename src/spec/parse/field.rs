//! Length fields: a number inside the header.

use alloc::vec::Vec;

use nom::Parser;
use nom::character::complete::char;
use nom::combinator::opt;
use nom::sequence::preceded;

use super::known::BINARY;
use super::number::{binary, nested_number, order};
use super::options::{At, Opt, Scope, Taken, option, options};
use crate::error::ConfigError;
use crate::framing::any::AnyFraming;
use crate::framing::length_field::LengthField;
use crate::number::{AnyNumber, Binary, Bits};
use crate::order::Order;
use crate::spec::error::SpecErrorKind;
use crate::spec::lex::{Failed, Parsed, Wrong, built, bytes, expected, fail, limit, sign, signed, size, small};

#[derive(Default)]
struct FieldOptions<'a> {
    max: Option<At<'a, u64>>,
    min: Option<At<'a, u64>>,
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
    second_unit: Option<At<'a, u8>>,
    second_pad: Option<At<'a, u8>>,
    required: Vec<At<'a, (u16, Vec<u8>)>>,
    extra: Option<At<'a, (u16, u8, u8)>>,
}

pub(super) fn field(scope: Scope, input: &str) -> Parsed<'_, AnyFraming> {
    const KNOWN: &str = "an option of a length field: offset, size, order, mask, number, header, after, adjust, unit, \
                         trailer, pad, padlen, second, secondunit, secondpad, require, extra, min, max";
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
            "min" => option.value(&mut self.min, size),
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
            "secondunit" => option.value(&mut self.second_unit, small("what the second number counts, 1 to 255 bytes")),
            "secondpad" => option.value(&mut self.second_pad, small("a multiple of 1 to 255 bytes")),
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
                    let conflict = ConfigError::Conflict("`number` cannot be combined with `size`, `order` and `mask`");
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
        let offset = self.offset.as_ref().map_or(at, |offset| offset.at);
        let mut framing = built(offset, LengthField::new(self.offset.map_or(0, |offset| *offset), number))?;
        match (self.header, self.after) {
            (Some(header), None) => framing = built(header.at, framing.with_header_len(*header))?,
            (None, Some(after)) => framing = built(after.at, framing.with_header_after(*after))?,
            (None, None) => {}
            (Some(_), Some(after)) => {
                let conflict = ConfigError::Conflict("`header` and `after` have the same meaning: give one of them");
                return Err(fail(after.at, SpecErrorKind::Config(conflict)));
            }
        }
        if let Some(adjust) = self.adjust {
            framing = framing.with_length_adjustment(*adjust);
        }
        if let Some(max) = self.max {
            framing = framing.with_max_payload_len(*max);
        }
        if let Some(min) = self.min {
            framing = framing.with_min_payload_len(*min);
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
            framing = built(second.at, framing.with_second_length_at(second.value.0, second.value.1))?;
        }
        if let Some(unit) = self.second_unit {
            framing = built(unit.at, framing.with_second_unit(*unit))?;
        }
        if let Some(pad) = self.second_pad {
            framing = built(pad.at, framing.with_second_padding_to(*pad))?;
        }
        if let Some(extra) = self.extra {
            let (offset, mask, unit) = extra.value;
            framing = built(extra.at, framing.with_optional_header(offset, mask, unit))?;
        }
        for required in self.required {
            framing = built(required.at, framing.with_magic_at(required.value.0, &required.value.1))?;
        }
        Ok(framing)
    }
}

/// An offset, `:`, and the item at that offset.
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

/// Where header bytes are announced, in which bits, and in which unit.
fn extra(input: &str) -> Parsed<'_, (u16, u8, u8)> {
    let (rest, (offset, mask)) = placed(small("the bits of a byte, such as 0x80"))(input)?;
    let (rest, unit) = opt(preceded(char(':'), small("what they count, 1 to 255 bytes"))).parse(rest)?;
    Ok((rest, (offset, mask, unit.unwrap_or(1))))
}

fn offset(input: &str) -> Parsed<'_, u16> {
    small("an offset in bytes, at most 65535")(input)
}
