//! Framings of arbitrary configuration, by their constructors.

use anysplit::number::{Ascii, Bcd, Binary, Bits, Escaped, Number, Varint};
use anysplit::order::Order;
use anysplit::values::AnyValues;
use anysplit::{
    AnyFraming, BlockRule, Body, ByFirstByte, ByType, Chunked, Delimited, DelimiterTable, Enclosed, Fixed, Framing,
    HeaderBlock, LengthField, Limit, LineThenBlock, Prefix, Stuffed, Then, Unterminated, UntilClose,
};
use arbitrary::{Error, Result, Unstructured};

/// A framing, and what is known of it beside the trait.
pub struct Config {
    pub framing: Box<dyn Framing>,
    /// How it would be printed.
    pub label: String,
    pub kind: Kind,
}

/// What the checks must know of a framing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Any,
    /// A message is refused exactly if it would not come back.
    Delimited,
    /// Any message within the limit is accepted.
    UntilClose,
    /// What is written depends on the messages before, so that only an encoder writes more than one.
    Then,
}

/// What the bytes say, or nothing where they say something that no framing can be built of.
///
/// With `unlimited` every limit is as high as it goes; all else is the same.
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
    Ok(match u.int_in_range(0..=if depth == 0 { 8 } else { 9 })? {
        0 => {
            let len = length(u)?;
            plain(Fixed::new(len).map_err(refused)?, Kind::Any)
        }
        1..=3 => numbered(u, unlimited, Use::Prefix)?,
        4..=5 => numbered(u, unlimited, Use::Field)?,
        6..=7 => delimited(u, unlimited)?,
        8 => plain(UntilClose::new().with_max_payload_len(limit(u, unlimited)?), Kind::UntilClose),
        _ => by_type(u, unlimited, depth)?,
    })
}

fn plain(framing: impl Framing + std::fmt::Debug + 'static, kind: Kind) -> Config {
    Config { label: format!("{framing:?}"), framing: Box::new(framing), kind }
}

/// Mostly small, as streams are; sometimes about a power of two.
fn length(u: &mut Unstructured) -> Result<u64> {
    Ok(match u.arbitrary::<u8>()? {
        small @ 0..200 => u64::from(small % 40),
        power @ 200..=250 => (1_u64 << (power % 64)).wrapping_add(u.int_in_range(0..=2)?).wrapping_sub(1),
        _ => u.arbitrary()?,
    })
}

/// Takes the same bytes either way, so that what follows does not change.
fn limit(u: &mut Unstructured, unlimited: bool) -> Result<u64> {
    let max = match u.ratio(1, 4)? {
        true => anysplit::DEFAULT_MAX_PAYLOAD_LEN,
        false => length(u)?,
    };
    Ok(if unlimited { u64::MAX } else { max })
}

fn adjustment(u: &mut Unstructured) -> Result<i64> {
    Ok(match u.arbitrary::<u8>()? {
        0..100 => 0,
        small @ 100..240 => i64::from(small) - 170,
        240..245 => i64::MIN + i64::from(u.arbitrary::<u8>()?),
        245..250 => i64::MAX - i64::from(u.arbitrary::<u8>()?),
        _ => u.arbitrary()?,
    })
}

/// Bytes of a small alphabet, as delimiters and marks of random bytes would never be met.
fn mark(u: &mut Unstructured, most: usize) -> Result<Vec<u8>> {
    const ALPHABET: [u8; 8] = *b"ab\r\n,:\0a";
    let len = u.int_in_range(0..=most)?;
    (0..len).map(|_| u.choose(&ALPHABET).copied()).collect()
}

fn order(u: &mut Unstructured) -> Result<Order> {
    Ok(if u.arbitrary()? { Order::Big } else { Order::Little })
}

fn binary(u: &mut Unstructured) -> Result<Binary> {
    let width = u.int_in_range(1..=8)?;
    Binary::new(width, order(u)?).map_err(refused)
}

#[derive(Clone, Copy)]
enum Use {
    Prefix,
    Field,
}

fn numbered(u: &mut Unstructured, unlimited: bool, what: Use) -> Result<Config> {
    match u.int_in_range(0..=9)? {
        0..=2 => {
            let number = binary(u)?;
            with_number(u, unlimited, what, number)
        }
        3 => {
            let number = binary(u)?;
            let low = u.int_in_range(0..=63)?;
            let bits = u.int_in_range(1..=64)?;
            let mask = u64::MAX.checked_shr(64 - bits).unwrap_or(0) << low;
            let number = Bits::new(number, mask & Number::max(&number)).map_err(refused)?;
            with_number(u, unlimited, what, number)
        }
        4..=6 => {
            let number = ascii(u)?;
            with_number(u, unlimited, what, number)
        }
        7 => {
            let number = Bcd::new(u.int_in_range(1..=8)?).map_err(refused)?;
            with_number(u, unlimited, what, number)
        }
        8 => {
            let number = escaped(u)?;
            with_number(u, unlimited, what, number)
        }
        _ => {
            let number =
                *u.choose(&[Varint::leb128(), Varint::leb128_u32(), Varint::mqtt(), Varint::quic(), Varint::ber()])?;
            let number = if u.arbitrary()? { number.allowing_longer_forms() } else { number };
            with_number(u, unlimited, what, number)
        }
    }
}

fn escaped(u: &mut Unstructured) -> Result<Escaped> {
    let mask = *u.choose(&[0x7f, 0xff, 0xf0, 0x02, 0x1f, 0x80])?;
    let mut number = Escaped::new(mask).map_err(refused)?;
    for _ in 0..u.int_in_range(0..=3)? {
        let (value, binary) = (u.arbitrary()?, binary(u)?);
        let base = if u.arbitrary()? { length(u)? } else { 0 };
        number = number.with_step_from(value, binary, base).map_err(refused)?;
    }
    if u.ratio(1, 3)? {
        number = number.with_max(length(u)?);
    }
    Ok(if u.arbitrary()? { number.allowing_longer_forms() } else { number })
}

fn ascii(u: &mut Unstructured) -> Result<Ascii> {
    let hex: bool = u.arbitrary()?;
    let mut number = match u.int_in_range(0..=3)? {
        0 => {
            let end = mark(u, 3)?;
            if hex { Ascii::hex_ended_by(&end) } else { Ascii::decimal_ended_by(&end) }
        }
        form => {
            let width = u.int_in_range(1..=if hex { 16 } else { 20 })?;
            let number = if hex { Ascii::hex(width) } else { Ascii::decimal(width) };
            match form {
                1 => number.and_then(|number| number.followed_by(&mark(u, 3).unwrap_or_default())),
                _ => number,
            }
        }
    }
    .map_err(refused)?;
    if u.ratio(1, 3)? {
        number = number.with_max(length(u)?);
    }
    Ok(number)
}

fn with_number<N>(u: &mut Unstructured, unlimited: bool, what: Use, number: N) -> Result<Config>
where
    N: Number + std::fmt::Debug + 'static,
{
    match what {
        Use::Prefix => {
            let mut prefix = Prefix::new(number)
                .with_max_payload_len(limit(u, unlimited)?)
                .with_length_adjustment(adjustment(u)?)
                .with_control_frames_below(if u.ratio(1, 4)? { length(u)? } else { 0 });
            if u.ratio(1, 3)? {
                prefix = prefix.self_inclusive();
            }
            if u.ratio(1, 3)? {
                prefix = prefix.with_trailer(&mark(u, 4)?).map_err(refused)?;
            }
            Ok(plain(prefix, Kind::Any))
        }
        Use::Field => {
            let field = LengthField::new(u.int_in_range(0..=9)?, number).map_err(refused)?;
            let mut field = field.with_max_payload_len(limit(u, unlimited)?);
            if u.arbitrary()? {
                field = field.with_header_after(u.int_in_range(0..=9)?).map_err(refused)?;
            }
            if u.arbitrary()? {
                field = field.with_length_adjustment(adjustment(u)?);
            }
            if u.ratio(1, 4)? {
                field = field.with_unit(length(u)?.try_into().unwrap_or(u32::MAX)).map_err(refused)?;
            }
            if u.ratio(1, 4)? {
                let number = binary(u)?;
                field = field.with_second_length_at(u.int_in_range(0..=18)?, number).map_err(refused)?;
                field = field.with_second_unit(u.int_in_range(1..=4)?).map_err(refused)?;
                field = field.with_second_padding_to(u.int_in_range(1..=8)?).map_err(refused)?;
            }
            for _ in 0..u.int_in_range(0..=2)? {
                let at = u.int_in_range(0..=18)?;
                field = field.with_magic_at(at, &mark(u, 3)?).map_err(refused)?;
            }
            if u.ratio(1, 4)? {
                let mask = *u.choose(&[0x80, 0x0f, 0x01])?;
                field = field
                    .with_optional_header(u.int_in_range(0..=9)?, mask, u.int_in_range(1..=4)?)
                    .map_err(refused)?;
            }
            field = match u.int_in_range(0..=4)? {
                0 => field.with_trailer(&mark(u, 4)?),
                1 => field.with_padding_to(u.int_in_range(0..=17)?),
                2 => field.with_pad_len_at(u.int_in_range(0..=18)?),
                _ => Ok(field),
            }
            .map_err(refused)?;
            Ok(plain(field, Kind::Any))
        }
    }
}

fn delimited(u: &mut Unstructured, unlimited: bool) -> Result<Config> {
    Ok(match u.int_in_range(0..=4)? {
        0 => {
            let mut line = Delimited::line();
            if u.arbitrary()? {
                line = line.with_crlf();
            }
            options(u, unlimited, line)?
        }
        1 => {
            let byte = *u.choose(b"a\n\0")?;
            options(u, unlimited, Delimited::byte(byte))?
        }
        2 => {
            // Long enough for the search that prepares itself.
            let long = mark(u, 40)?;
            options(u, unlimited, Delimited::new(long).map_err(refused)?)?
        }
        _ => {
            let set: Vec<_> = (0..u.int_in_range(1..=5)?).map(|_| mark(u, 5)).collect::<Result<_>>()?;
            let writes = if u.arbitrary()? { u.int_in_range(0..=4)? } else { 0 };
            // By turns one by one and with an index.
            if set.len() % 2 == 0 {
                let table = DelimiterTable::new(set).map_err(refused)?;
                options(u, unlimited, Delimited::any_of(table).and_then(|set| set.writing(writes)).map_err(refused)?)?
            } else {
                options(u, unlimited, Delimited::any_of(set).and_then(|set| set.writing(writes)).map_err(refused)?)?
            }
        }
    })
}

fn options<S>(u: &mut Unstructured, unlimited: bool, framing: Delimited<S>) -> Result<Config>
where
    S: anysplit::Delimiters + 'static,
{
    let mut framing = framing.with_max_payload_len(limit(u, unlimited)?);
    let mut kind = Kind::Delimited;
    if u.ratio(1, 4)? {
        framing = framing.keeping_delimiter();
        kind = Kind::Any;
    }
    let unterminated = if u.arbitrary()? { Unterminated::Take } else { Unterminated::Fail };
    framing = framing.with_unterminated(unterminated);
    Ok(plain(framing, kind))
}

fn by_type(u: &mut Unstructured, unlimited: bool, depth: u8) -> Result<Config> {
    let mut table = Vec::new();
    let mut label = String::from("ByType [");
    for _ in 0..u.int_in_range(1..=4)? {
        let kind: u8 = *u.choose(b"PQR\0\xff0a")?;
        let rest = if u.ratio(1, 3)? {
            let len = length(u)?;
            label += &format!("{kind:#04x} => {len}, ");
            Body::Len(len)
        } else {
            let inner = any(u, unlimited, depth.saturating_sub(1))?;
            label += &format!("{kind:#04x} => {}, ", inner.label);
            Body::Framed(inner.framing)
        };
        table.push((kind, rest));
    }
    let framing = ByType::new(table).map_err(refused)?;
    Ok(Config { framing: Box::new(framing), label: label + "]", kind: Kind::Any })
}

/// What reads lines and words, and the framings of protocols.
fn text(u: &mut Unstructured, first: u8, unlimited: bool) -> Result<Config> {
    // None of these has its limit in a constructor alone.
    let max = if unlimited { return Err(refused(())) } else { limit(u, false)? };
    Ok(match first {
        200..210 => {
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
            Config { framing: Box::new(Then::new(first.framing, rest.framing)), label, kind: Kind::Then }
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
    let kind = if text == "midi" { Kind::Then } else { Kind::Any };
    Ok(Config { framing: Box::new(framing.with_max_payload_len(max)), label: text, kind })
}

/// What stands inside another framing.
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
