//! Framings of arbitrary configuration: those of `tests/common/configs.rs`, those that read lines and words, those that hold
//! others, and the protocols.

use anysplit::delimited::Unterminated;
use anysplit::http1::Question;
use anysplit::values::AnyValues;
use anysplit::{
    AnyFraming, BlockRule, ByFirstByte, Chunked, Delimited, Enclosed, Framing, HeaderBlock, Http1, Limit,
    LineThenBlock, Stuffed, Then,
};
use arbitrary::{Error, Result, Unstructured};

use crate::configs::{self, limit, mark};

/// A framing, and what is known of it beside the trait.
pub struct Config {
    pub framing: Box<dyn Framing>,
    /// How it would be printed.
    pub label: String,
    pub kind: Kind,
}

/// What the checks must know about a framing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Any,
    /// A message is refused exactly if it would not come back.
    Delimited,
    /// Any message within the limit is accepted.
    UntilClose,
}

/// Builds the framing that the bytes describe, or returns `None` if no framing can be built from them.
///
/// With `unlimited`, every limit is as high as possible, and everything else is the same.
pub fn config(bytes: &[u8], unlimited: bool) -> Option<Config> {
    match bytes.split_first() {
        Some((&first @ 200.., rest)) => text(&mut Unstructured::new(rest), first, unlimited).ok(),
        _ => any(&mut Unstructured::new(bytes), unlimited, 2).ok(),
    }
}

fn refused<E>(_: E) -> arbitrary::Error {
    arbitrary::Error::IncorrectFormat
}

fn any(u: &mut Unstructured, unlimited: bool, depth: u8) -> Result<Config> {
    let config = configs::Config::read(u, unlimited, depth)?;
    let kind = match config {
        configs::Config::Delimited { keeps: false, .. } | configs::Config::Lines { keeps: false, .. } => {
            Kind::Delimited
        }
        configs::Config::UntilClose { .. } => Kind::UntilClose,
        _ => Kind::Any,
    };
    Ok(Config { label: format!("{config:?}"), framing: config.build().map_err(refused)?, kind })
}

fn plain(framing: impl Framing + std::fmt::Debug + 'static, kind: Kind) -> Config {
    Config { label: format!("{framing:?}"), framing: Box::new(framing), kind }
}

const QUESTIONS: [Question; 3] = [Question::Head, Question::Connect, Question::Other];

/// Framings that read lines and words, and the framings of protocols.
fn text(u: &mut Unstructured, first: u8, unlimited: bool) -> Result<Config> {
    // These have no unlimited twin: their limit is not set in a constructor alone.
    let max = if unlimited { return Err(refused(())) } else { limit(u, false)? };
    Ok(match first {
        200..205 => {
            let mut http1 = Http1::new().with_max_payload_len(max).answering(*u.choose(&QUESTIONS)?);
            if u.arbitrary()? {
                http1 = http1.with_max_header_len(u.int_in_range(0..=90)?);
            }
            plain(http1, Kind::Any)
        }
        205..210 => {
            let mut chunked = Chunked::new().with_max_payload_len(max);
            if u.arbitrary()? {
                chunked = chunked.with_max_header_len(u.int_in_range(0..=40)?);
            }
            plain(chunked, Kind::Any)
        }
        210..220 => plain(header_block(u)?.with_max_payload_len(max), Kind::Any),
        220..230 => {
            let mut rules = Vec::new();
            for _ in 0..u.int_in_range(0..=3)? {
                let word = *u.choose(&["a", "ab", "SET", "+", "$"])?;
                let mut rule = match u.int_in_range(0..=2)? {
                    0 => BlockRule::word(word),
                    1 => BlockRule::sign(word),
                    _ => Ok(BlockRule::braces()),
                }
                .map_err(refused)?;
                if u.arbitrary()? {
                    rule = rule.in_field(u.int_in_range(0..=4)?).map_err(refused)?;
                }
                if u.arbitrary()? {
                    rule = rule.ignoring_case();
                }
                if u.ratio(1, 3)? {
                    rule = rule.without_block(u.choose(&["-1", "0", "x"])?).map_err(refused)?;
                }
                rules.push(rule);
            }
            let mut lines = LineThenBlock::new(rules).map_err(refused)?.with_max_payload_len(max);
            if u.arbitrary()? {
                lines = lines.allowing_bare_lf();
            }
            if u.ratio(1, 3)? {
                lines = lines.without_block_trailer();
            }
            if u.arbitrary()? {
                lines = lines.with_max_line_len(u.int_in_range(0..=40)?);
            }
            plain(lines, Kind::Any)
        }
        230..240 => {
            let start = mark(u, 3)?;
            let mut rest = Delimited::new(mark(u, 3)?).map_err(refused)?.with_max_payload_len(max);
            if u.arbitrary()? {
                rest = rest.keeping_delimiter();
            }
            if u.arbitrary()? {
                rest = rest.with_unterminated(Unterminated::Take);
            }
            plain(Enclosed::new(&start, rest).map_err(refused)?, Kind::Any)
        }
        240..244 => {
            let mut table = Vec::new();
            let mut label = String::from("ByFirstByte [");
            for _ in 0..u.int_in_range(1..=3)? {
                let (from, to) = (u.arbitrary::<u8>()?, u.arbitrary::<u8>()?);
                let inner = any(u, false, 1)?;
                label += &format!("{from}..={to} => {}, ", inner.label);
                table.push(((from..=to).into(), inner.framing));
            }
            let offset = u.int_in_range(0..=3)?;
            label += &format!("] choosing at {offset}");
            let framing = ByFirstByte::with_table(table).map_err(refused)?.choosing_at(offset);
            Config { framing: Box::new(framing), label, kind: Kind::Any }
        }
        244..246 => stuffed(u, max)?,
        246 => serial(u, max)?,
        247..249 => {
            let (first, rest) = (inner(u, max)?, inner(u, max)?);
            let label = format!("Then [{}, {}]", first.label, rest.label);
            Config { framing: Box::new(Then::new(first.framing, rest.framing)), label, kind: Kind::Any }
        }
        249..251 => {
            let start = mark(u, 3)?;
            let inner = inner(u, max)?;
            let label = format!("Enclosed [\"{}\", {}]", start.escape_ascii(), inner.label);
            let framing = Enclosed::new(&start, inner.framing).map_err(refused)?;
            Config { framing: Box::new(framing), label, kind: Kind::Any }
        }
        _ => {
            let protocol = u.choose(anysplit::protocols::ALL)?;
            let framing = match u.ratio(1, 2)? {
                true => protocol.any_framing().with_max_payload_len(max),
                false => protocol.framing(),
            };
            Config { framing: Box::new(framing), label: protocol.name.to_owned(), kind: Kind::Any }
        }
    })
}

fn stuffed(u: &mut Unstructured, max: u64) -> Result<Config> {
    Ok(match u.arbitrary()? {
        true if u.ratio(1, 2)? => {
            let values = u.choose(&["json", "json-seq", "cbor", "msgpack", "resp", "asn1"])?;
            let values = AnyValues::by_name(values).ok_or(Error::IncorrectFormat)?;
            plain(values.with_max_payload_len(max), Kind::Any)
        }
        true => plain(Stuffed::slip().with_max_payload_len(max), Kind::Any),
        false => plain(Stuffed::cobs().with_max_payload_len(max), Kind::Any),
    })
}

/// Checksums, rules, stuffings, and what serial protocols have of their own, by their text form.
fn serial(u: &mut Unstructured, max: u64) -> Result<Config> {
    let inner = *u.choose(&["u8", "u16be", "delim:*", "field:offset=1,size=1,after=2", "cobs", "netstring"])?;
    let sum =
        *u.choose(&["CRC-8/SMBUS", "CRC-16/MODBUS", "CRC-64/XZ", "xor", "sum16", "fletcher32", "internet", "adler32"])?;
    let form = *u.choose(&["be", "le", "hex", "HEX", "dec"])?;
    let edges = ["0", "1", "3", "payload", "trailer", "end"];
    let (at, low, high) = (u.int_in_range(0..=4_u8)?, u.arbitrary::<u8>()?, u.arbitrary::<u8>()?);
    let text = match u.int_in_range(0..=11_u8)? {
        0 | 1 => format!("({inner}),sum={sum},form={form},from={},to={}", u.choose(&edges)?, u.choose(&edges)?),
        2 => format!("(field:offset=1,size=1,after=22),sum={sum},form={form},at=3,to={}", u.choose(&edges)?),
        3 => format!("({inner}),sum={sum},form={form},block={}", u16::from(low) + 1),
        4 => format!("(({inner}),sum={sum}),escape=\\x{low:02x}:\\x{high:02x}"),
        5 => format!("({inner}),allow={at}:\\x{low:02x}-\\x{high:02x}|\\x{high:02x},same=5:{at}"),
        6 => format!("({inner}),allow={at}:\\x{low:02x}-\\x{high:02x},below={high}"),
        7 => format!("({inner}),forbid=\\x{low:02x}\\x{high:02x}"),
        8 => format!("escape:\\x{low:02x}:\\x{high:02x},control={},sum={sum},form={form}", u.arbitrary::<u32>()?),
        9 => format!("cobs,sentinel={low},{},sum={sum},form={form}", u.choose(&["reduced", "lead"])?),
        10 => format!("doubled:\\x{low:02x}:\\x{high:02x}"),
        _ => (*u.choose(&["hexline:$,sum=sum8-twos", "dots", "smp", "mavlink", "midi"])?).to_owned(),
    };
    let framing: AnyFraming = text.parse().map_err(refused)?;
    Ok(Config { framing: Box::new(framing.with_max_payload_len(max)), label: text, kind: Kind::Any })
}

/// The inner framing of another framing.
fn inner(u: &mut Unstructured, max: u64) -> Result<Config> {
    if u.ratio(1, 4)? { stuffed(u, max) } else { any(u, false, 1) }
}

fn header_block(u: &mut Unstructured) -> Result<HeaderBlock> {
    let mut block = HeaderBlock::new("l").map_err(refused)?;
    if u.ratio(1, 4)? {
        block = block.or_named("n").map_err(refused)?;
    }
    if u.ratio(1, 4)? {
        block = block.forbidding("t").map_err(refused)?;
    }
    if u.arbitrary()? {
        block = block.keeping_header();
    }
    if u.arbitrary()? {
        block = block.with_start_line();
    }
    if u.ratio(1, 4)? {
        block = block.with_separator(*u.choose(b":=l\n")?).map_err(refused)?;
    }
    if u.arbitrary()? {
        block = block.allowing_bare_lf();
    }
    if u.ratio(1, 4)? {
        block = block.with_fields_ended_by(*u.choose(b";\x01")?).map_err(refused)?;
    }
    if u.arbitrary()? {
        block = block.empty_without_length();
    }
    if u.ratio(1, 4)? {
        block = block.ended_by(*u.choose(b"\0;")?);
    }
    if u.arbitrary()? {
        block = block.with_blank_lines_between();
    }
    if u.ratio(1, 4)? {
        block = block.with_length_excluding(u.int_in_range(0..=5)?);
    }
    if u.arbitrary()? {
        block = block.with_max_header_len(u.int_in_range(0..=60)?);
    }
    Ok(block)
}
