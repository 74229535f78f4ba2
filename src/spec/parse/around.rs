//! What may be put around a framing in parentheses: start bytes, conditions, a checksum.

use alloc::vec::Vec;

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while1};
use nom::combinator::{map, opt, peek, value};
use nom::sequence::preceded;

use super::options::{At, Opt, Scope, Taken, Wrapping, options};
use super::stuffed::Escapes;
use crate::error::ConfigError;
use crate::framing::after::After;
use crate::framing::any::AnyFraming;
use crate::framing::blocks::Blocks;
use crate::framing::checked::{Checked, Edge};
use crate::framing::escaped_frame::EscapedFrame;
use crate::framing::masked::Masked;
use crate::order::Order;
use crate::spec::error::SpecErrorKind;
use crate::spec::lex::{
    Failed, Parsed, built, bytes, expected, expecting, fail, key, name, name_end, sign, size, small,
};
use crate::sum::{AnySum, Crc, SumForm};

const SUM: &str = "a checksum: a CRC by its catalogue name, crc:WIDTH:POLYNOMIAL:START:XOR, xor, sum8, sum16, internet, \
                   fletcher16, fletcher32, adler32";

#[derive(Default)]
struct Around<'a> {
    wrapping: Wrapping<'a>,
    sum: Option<At<'a, AnySum>>,
    form: Option<At<'a, SumForm>>,
    from: Option<At<'a, Edge>>,
    to: Option<At<'a, Edge>>,
    at: Option<At<'a, u16>>,
    before: Option<At<'a, Vec<u8>>>,
    after: Option<At<'a, Vec<u8>>>,
    skip: Option<At<'a, u8>>,
    block: Option<At<'a, u16>>,
    escape: Option<At<'a, (u8, u8)>>,
    escapes: Escapes<'a>,
    mask: Option<At<'a, (u8, u8)>>,
}

/// The options after a framing in parentheses, and what they make of it.
pub(super) fn around(framing: AnyFraming, input: &str) -> Parsed<'_, AnyFraming> {
    const KNOWN: &str = "an option of parentheses: start, between, forbid; must, allow, same, below; sum, form, from, to, at, before, after, block; skip; mask; escape, xor, codes, control, also";
    let mut all = Around::default();
    let scope = Scope { depth: 0, options: true };
    let rest = options(scope, input, KNOWN, |option| all.take(option))?;
    Ok((rest, all.build(framing)?))
}

impl<'a> Around<'a> {
    fn take(&mut self, option: Opt<'a>) -> Taken<'a> {
        match option.name {
            "sum" => option.value(&mut self.sum, sum),
            "form" => option.value(&mut self.form, form),
            "from" => option.value(&mut self.from, edge),
            "to" => option.value(&mut self.to, edge),
            "at" => option.value(&mut self.at, small("an offset in the header, at most 65535")),
            "before" => option.value(&mut self.before, bytes),
            "after" => option.value(&mut self.after, bytes),
            "block" => option.value(&mut self.block, small("bytes of payload with a checksum after them, 1 to 65535")),
            "escape" => option.value(&mut self.escape, delimiter_and_escape),
            "xor" | "codes" | "control" | "also" => self.escapes.take(option),
            "skip" => option.value(&mut self.skip, small("bytes of the message before the frame, 1 to 15")),
            "mask" => option.value(&mut self.mask, mask),
            _ => self.wrapping.take_all(option),
        }
    }

    fn build(self, framing: AnyFraming) -> Result<AnyFraming, Failed<'a>> {
        let conflict = |at, text| Err(fail(at, SpecErrorKind::Config(ConfigError::Conflict(text))));
        let of_sum = [
            self.form.as_ref().map(|form| form.at),
            self.from.as_ref().map(|from| from.at),
            self.to.as_ref().map(|to| to.at),
            self.at.as_ref().map(|at| at.at),
            self.before.as_ref().map(|before| before.at),
            self.after.as_ref().map(|after| after.at),
            self.block.as_ref().map(|block| block.at),
        ];
        let kinds = [
            self.wrapping.at(),
            self.sum.as_ref().map(|sum| sum.at),
            self.skip.as_ref().map(|skip| skip.at),
            self.escape.as_ref().map(|escape| escape.at),
            self.mask.as_ref().map(|mask| mask.at),
        ];
        if let (Some(_), Some(at)) = {
            let mut kinds = kinds.into_iter().flatten();
            (kinds.next(), kinds.next())
        } {
            return conflict(
                at,
                "a checksum, skipped bytes, a mask, escapes and other options need parentheses of their own each",
            );
        }
        if let (Some(at), None) = (self.escapes.at(), &self.escape) {
            return conflict(at, "an option of escapes without `escape=`");
        }
        let Some(sum) = self.sum else {
            if let Some(at) = of_sum.into_iter().flatten().next() {
                return conflict(at, "an option of a checksum without `sum=`");
            }
            if let Some(skip) = self.skip {
                return Ok(built(skip.at, After::new(skip.value, framing))?.into());
            }
            if let Some(escape) = self.escape {
                let (delimiter, byte) = escape.value;
                let escaping = self.escapes.build(escape.at, delimiter, byte)?;
                return Ok(built(escape.at, EscapedFrame::new(escaping, framing))?.into());
            }
            if let Some(mask) = self.mask {
                let (at, flag) = mask.value;
                return Ok(built(mask.at, Masked::new(at, flag, framing))?.into());
            }
            return self.wrapping.apply(framing);
        };
        let places = of_sum.into_iter().skip(1).flatten().collect::<Vec<_>>();
        let form = self.form.map_or(SumForm::Binary(Order::Big), |form| form.value);
        if let Some(block) = self.block {
            if let Some(at) = places.into_iter().find(|&at| at != block.at) {
                return conflict(at, "a checksum after each block cannot have another place");
            }
            return Ok(built(block.at, Blocks::new(framing, block.value, sum.value, form))?.into());
        }
        let mut checked = built(sum.at, Checked::new(framing, sum.value, form))?;
        if self.from.is_some() || self.to.is_some() {
            let at = self.to.as_ref().or(self.from.as_ref()).map_or(sum.at, |edge| edge.at);
            let from = self.from.map_or(Edge::Start(0), |from| from.value);
            checked = built(at, checked.covering(from, self.to.map_or(Edge::End, |to| to.value)))?;
        }
        match (self.at, self.before, self.after) {
            (None, None, None) => {}
            (Some(at), None, None) => checked = built(at.at, checked.in_header_at(at.value))?,
            (None, before, after) => {
                let at = before.as_ref().or(after.as_ref()).map_or(sum.at, |literal| literal.at);
                let literal = |literal: Option<At<'_, Vec<u8>>>| literal.map_or(Vec::new(), |literal| literal.value);
                checked = built(at, checked.between(&literal(before), &literal(after)))?;
            }
            (Some(at), ..) => return conflict(at.at, "a checksum in the header has no bytes of its own around it"),
        }
        Ok(checked.into())
    }
}

/// The start byte of escaped frames, and the escape byte.
fn delimiter_and_escape(input: &str) -> Parsed<'_, (u8, u8)> {
    let (rest, delimiter) = key(input)?;
    let (rest, _) = sign(':', "`:` and the escape byte")(rest)?;
    let (rest, escape) = key(rest)?;
    Ok((rest, (delimiter, escape)))
}

/// A checksum, by its name or by the parameters of a CRC.
pub(super) fn sum(input: &str) -> Parsed<'_, AnySum> {
    if let Some(parameters) = input.strip_prefix("crc:") {
        return crc(parameters);
    }
    let (rest, name) = expecting(SUM, take_while1(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '/'))(input)?;
    Ok((rest, AnySum::named(name).ok_or_else(|| expected(input, SUM))?))
}

fn crc(input: &str) -> Parsed<'_, AnySum> {
    const WIDTH: &str = "a CRC's width, 1 to 64 bits";
    let (rest, width) = small::<u8>(WIDTH)(input)?;
    if !(1..=64).contains(&width) {
        return Err(expected(input, WIDTH));
    }
    let mut next = preceded(sign(':', "`:` and a parameter of the CRC"), size);
    let (rest, poly) = next.parse(rest)?;
    let (rest, init) = next.parse(rest)?;
    let (rest, xor) = next.parse(rest)?;
    let (rest, reflects_input) = opt(tag(":in")).parse(rest)?;
    let (rest, reflects_output) = opt(tag(":out")).parse(rest)?;
    let crc = Crc::new(width, poly, init, xor, reflects_input.is_some(), reflects_output.is_some());
    Ok((rest, crc.into()))
}

/// The byte of a header, and its bits, that mark a frame with a key.
fn mask(input: &str) -> Parsed<'_, (u8, u8)> {
    let (rest, at) = small("the offset of a byte in the header, at most 255")(input)?;
    let (rest, _) = sign(':', "`:` and the bits of that byte")(rest)?;
    let (rest, flag) = small("bits of a byte, 1 to 255")(rest)?;
    Ok((rest, (at, flag)))
}

/// How a checksum is written.
pub(super) fn form(input: &str) -> Parsed<'_, SumForm> {
    let what = "how the checksum is written: be, le, hex, HEX or dec";
    let (rest, form) = expecting(what, name)(input)?;
    Ok((
        rest,
        match form {
            "be" => SumForm::Binary(Order::Big),
            "le" => SumForm::Binary(Order::Little),
            "hex" => SumForm::HexLower,
            "HEX" => SumForm::HexUpper,
            "dec" => SumForm::Decimal,
            _ => return Err(expected(input, what)),
        },
    ))
}

/// Where the covered bytes begin or end.
fn edge(input: &str) -> Parsed<'_, Edge> {
    let word = |text, edge| value(edge, tag(text).and(peek(name_end)));
    let offset = map(small("an offset, or payload, trailer or end"), Edge::Start);
    alt((word("payload", Edge::Payload), word("trailer", Edge::PayloadEnd), word("end", Edge::End), offset))
        .parse(input)
}
