//! The text form of framings around another one in parentheses.

use core::fmt;

use super::{Bytes, Key, flag, limit, set_of_bytes};
use crate::contract::{DEFAULT_MAX_PAYLOAD_LEN, Framing};
use crate::framing::any::{AnyFraming, AnyMavlink};
use crate::framing::blocks::Blocks;
use crate::framing::checked::{Checked, Edge, Place};
use crate::framing::escaped_frame::EscapedFrame;
use crate::framing::mavlink::COMMON;
use crate::framing::stuffed::{AnyStuffing, Escaping, How, Stuffed, Stuffing};
use crate::order::Order;
use crate::sum::{AnySum, SumForm};

pub(super) fn checked(framing: &Checked<AnyFraming, AnySum>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "({}),sum={}", framing.inner(), SumName(framing.sum()))?;
    let (form, from, to, place) = framing.rules();
    f.write_str(form_option(form))?;
    if from != Edge::Start(0) {
        edge("from", from, f)?;
    }
    if to != Edge::End {
        edge("to", to, f)?;
    }
    match place {
        Place::Header(at) => write!(f, ",at={at}"),
        Place::Trailer { before, after } => {
            for (name, literal) in [("before", before), ("after", after)] {
                if let Some(literal) = literal {
                    write!(f, ",{name}={}", Bytes(literal.as_slice()))?;
                }
            }
            Ok(())
        }
    }
}

const fn form_option(form: SumForm) -> &'static str {
    match form {
        SumForm::Binary(Order::Big) => "",
        SumForm::Binary(Order::Little) => ",form=le",
        SumForm::HexLower => ",form=hex",
        SumForm::HexUpper => ",form=HEX",
        SumForm::Decimal => ",form=dec",
    }
}

pub(super) fn stuffed(framing: &Stuffed<AnyStuffing, Option<AnySum>>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match framing.stuffing() {
        AnyStuffing::Slip(_) => f.write_str("slip")?,
        AnyStuffing::Cobs(_) => f.write_str("cobs")?,
        AnyStuffing::CobsVariant(cobs) => {
            let (sentinel, reduced, lead) = cobs.parts();
            // The sentinel shows that it is this form even where it is the usual one.
            write!(f, "cobs,sentinel={sentinel}")?;
            flag("reduced", reduced, f)?;
            flag("lead", lead, f)?;
        }
        AnyStuffing::Escaping(escaping) => {
            let (escape, .., lead) = escaping.parts();
            write!(f, "escape:{}:{}", Key(escaping.delimiter()), Key(escape))?;
            escapes(escaping, f)?;
            flag("lead", lead, f)?;
        }
        AnyStuffing::HexLine(line) => write!(f, "hexline:{}", Key(line.start()))?,
    }
    let (form, takes_empty) = framing.form();
    if let Some(sum) = framing.sum() {
        write!(f, ",sum={}{}", SumName(sum), form_option(form))?;
    }
    flag("empty", takes_empty, f)?;
    limit(framing.max_payload_len(), DEFAULT_MAX_PAYLOAD_LEN, f)
}

/// The options of an escaping: how the escaped byte is changed, and which control characters are escaped.
fn escapes(escaping: &Escaping, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (_, how, control, _) = escaping.parts();
    match how {
        How::Xor(0x20) => {}
        How::Xor(xor) => write!(f, ",xor={xor:#04x}")?,
        How::Codes(one, other) => write!(f, ",codes={}", Bytes(&[one, other]))?,
    }
    if control != 0 {
        write!(f, ",control={control:#x}")?;
    }
    set_of_bytes("also", escaping.also(), f)
}

pub(super) fn escaped_frame(framing: &EscapedFrame<AnyFraming>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let escaping = framing.escaping();
    write!(f, "({}),escape={}:{}", framing.inner(), Key(escaping.delimiter()), Key(escaping.parts().0))?;
    escapes(escaping, f)
}

pub(super) fn blocks(framing: &Blocks<AnyFraming, AnySum>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (sum, form) = (SumName(framing.sum()), form_option(framing.form()));
    write!(f, "({}),sum={sum}{form},block={}", framing.inner(), framing.block_len())
}

pub(super) fn mavlink(framing: &AnyMavlink, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("mavlink")?;
    if framing.table() != COMMON {
        let mut before = ':';
        for (number, extra) in framing.table() {
            write!(f, "{before}{number}={extra}")?;
            before = '|';
        }
    }
    limit(framing.max_payload_len(), 255, f)
}

fn edge(name: &str, edge: Edge, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match edge {
        Edge::Start(offset) => write!(f, ",{name}={offset}"),
        Edge::Payload => write!(f, ",{name}=payload"),
        Edge::PayloadEnd => write!(f, ",{name}=trailer"),
        Edge::End => write!(f, ",{name}=end"),
    }
}

/// A checksum as the text form has it.
pub(super) struct SumName<'a>(pub(super) &'a AnySum);

impl fmt::Display for SumName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let crc = match self.0 {
            AnySum::Plain(sum) => return f.write_str(sum.name()),
            AnySum::Crc(crc) => crc,
        };
        if let Some(name) = crc.name() {
            return f.write_str(name);
        }
        let (poly, init, xor, reflects_input, reflects_output) = crc.parameters();
        write!(f, "crc:{}:{poly:#x}:{init:#x}:{xor:#x}", crc.bits())?;
        f.write_str(if reflects_input { ":in" } else { "" })?;
        f.write_str(if reflects_output { ":out" } else { "" })
    }
}
