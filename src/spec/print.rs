//! Framings to text.

use alloc::string::ToString;
use core::fmt;

use super::lex::THEN;
use crate::contract::{DEFAULT_MAX_PAYLOAD_LEN, Framing};
use crate::framing::any::AnyFraming;
use crate::framing::by_first_byte::ByteRange;
use crate::framing::by_type::Body;
use crate::framing::chunked::Chunked;
use crate::framing::delimited::{Delimited, Delimiters, Unterminated};
use crate::framing::header_block::{HeaderBlock, LineEnd, Missing};
use crate::framing::http1::{Http1, Question};
use crate::framing::length_field::{LengthField, Trailer};
use crate::framing::line_then_block::{BlockRule, LineThenBlock, Place};
use crate::framing::prefix::Prefix;
use crate::framing::require::{Condition, Test};
use crate::number::{AnyNumber, Ascii, Binary, Escaped, Number, Varint};
use crate::order::Order;
use crate::scan::ByteSet;

mod around;

impl fmt::Display for AnyFraming {
    /// Writes the text form: see [`spec`](crate::spec).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(fixed) => write!(f, "fixed:{}", fixed.len()),
            Self::Prefix(framing) => prefix(framing, f),
            Self::LengthField(framing) => field(framing, f),
            Self::Delimited(framing) => delimited(framing, f),
            Self::ByType(framing) => by_type(framing.table(), f),
            Self::UntilClose(framing) => {
                f.write_str("close")?;
                limit(framing.max_payload_len(), DEFAULT_MAX_PAYLOAD_LEN, f)
            }
            Self::Chunked(framing) => {
                f.write_str("chunked")?;
                small_limit("maxheader", framing.max_header, Chunked::DEFAULT_MAX_HEADER_LEN, f)?;
                limit(framing.max_payload_len(), DEFAULT_MAX_PAYLOAD_LEN, f)
            }
            Self::HeaderBlock(framing) => header_block(framing, f),
            Self::Http1(framing) => {
                f.write_str(match framing.question() {
                    Question::Head => "http1,answers=HEAD",
                    Question::Connect => "http1,answers=CONNECT",
                    Question::Other => "http1",
                })?;
                small_limit("maxheader", framing.max_header, Http1::DEFAULT_MAX_HEADER_LEN, f)?;
                limit(framing.max_payload_len(), DEFAULT_MAX_PAYLOAD_LEN, f)
            }
            Self::LineThenBlock(framing) => line_then_block(framing, f),
            Self::Enclosed(framing) => {
                match framing.inner() {
                    inner @ Self::Prefix(_) if framing.between().is_empty() => inner.fmt(f)?,
                    inner @ (Self::Delimited(_) | Self::Doubled(_)) => inner.fmt(f)?,
                    Self::Forbid(inner) if matches!(inner.inner(), Self::Delimited(_)) => framing.inner().fmt(f)?,
                    inner => write!(f, "({inner})")?,
                }
                write!(f, ",start={}", Bytes(framing.start().as_slice()))?;
                set_of_bytes("between", framing.between(), f)
            }
            Self::Forbid(framing) => {
                match framing.inner() {
                    inner @ Self::Delimited(_) => inner.fmt(f)?,
                    inner => write!(f, "({inner})")?,
                }
                set_of_bytes("forbid", framing.set(), f)
            }
            Self::Require(framing) => {
                write!(f, "({})", framing.inner())?;
                framing.conditions().try_for_each(|one| condition(one, f))
            }
            Self::ByFirstByte(framing) => by_first_byte(framing.offset(), framing.table(), f),
            Self::Slip(framing) => {
                f.write_str("slip")?;
                flag("empty", framing.form().1, f)?;
                limit(framing.max_payload_len(), DEFAULT_MAX_PAYLOAD_LEN, f)
            }
            Self::UniversalLine(framing) => {
                f.write_str("anyline")?;
                limit(framing.max_payload_len(), DEFAULT_MAX_PAYLOAD_LEN, f)
            }
            Self::Cobs(framing) => {
                f.write_str("cobs")?;
                flag("empty", framing.form().1, f)?;
                limit(framing.max_payload_len(), DEFAULT_MAX_PAYLOAD_LEN, f)
            }
            Self::Stuffed(framing) => around::stuffed(framing, f),
            Self::Then(framing) => {
                match framing.first() {
                    first @ Self::Then(_) => write!(f, "({first})")?,
                    first => first.fmt(f)?,
                }
                write!(f, "{THEN}{}", framing.rest())
            }
            Self::After(framing) => write!(f, "({}),skip={}", framing.inner(), framing.before_len()),
            Self::Checked(framing) => around::checked(framing, f),
            Self::Blocks(framing) => around::blocks(framing, f),
            Self::EscapedFrame(framing) => around::escaped_frame(framing, f),
            Self::Doubled(framing) => {
                write!(f, "doubled:{}:{}", Key(framing.escape()), Key(framing.end()))?;
                limit(framing.max_payload_len(), DEFAULT_MAX_PAYLOAD_LEN, f)
            }
            Self::Dotted(framing) => {
                f.write_str("dots")?;
                limit(framing.max_payload_len(), DEFAULT_MAX_PAYLOAD_LEN, f)
            }
            Self::Mavlink(framing) => around::mavlink(framing, f),
            Self::Midi(framing) => {
                f.write_str("midi")?;
                limit(framing.max_payload_len(), DEFAULT_MAX_PAYLOAD_LEN, f)
            }
            Self::SmpSerial(framing) => {
                f.write_str("smp")?;
                limit(framing.max_payload_len(), 65_533, f)
            }
            Self::Masked(framing) => {
                let (at, flag) = framing.flag();
                write!(f, "({}),mask={at}:{flag:#04x}", framing.inner())
            }
            Self::Values(framing) => {
                f.write_str(framing.name())?;
                limit(framing.max_payload_len(), DEFAULT_MAX_PAYLOAD_LEN, f)
            }
            Self::Protocol(named) => {
                write!(f, "@{}", named.name())?;
                named.other_max_payload_len().map_or(Ok(()), |max| max_option(max, f))
            }
        }
    }
}

fn set_of_bytes(name: &str, set: &ByteSet, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if set.is_empty() {
        return Ok(());
    }
    write!(f, ",{name}=")?;
    set.iter().try_for_each(|byte| write!(f, "{}", Bytes(&[byte])))
}

fn condition(condition: &Condition, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (from_end, at) = condition.place();
    let minus = if from_end { "-" } else { "" };
    let set = match condition.test() {
        Test::Bytes(bytes) => return write!(f, ",must={minus}{at}:{}", Bytes(bytes.as_slice())),
        Test::BelowLen => return write!(f, ",below={at}"),
        Test::Same(other) => return write!(f, ",same={at}:{other}"),
        Test::OneOf(set) => set,
    };
    write!(f, ",allow={minus}{at}:")?;
    let mut first = None;
    let mut separator = "";
    for byte in set.iter() {
        let begun = *first.get_or_insert(byte);
        if byte < u8::MAX && set.contains(byte + 1) {
            continue;
        }
        write!(f, "{separator}{}", Key(begun))?;
        if begun != byte {
            write!(f, "-{}", Key(byte))?;
        }
        (first, separator) = (None, "|");
    }
    Ok(())
}

fn prefix(framing: &Prefix<AnyNumber>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (number, rules) = (framing.number(), framing.rules());
    let comma = rules.trailer.as_ref().is_some_and(|trailer| trailer.as_slice() == b",");
    let mut max = DEFAULT_MAX_PAYLOAD_LEN;
    match number {
        AnyNumber::Ascii(ascii) if comma && *ascii == Ascii::netstring().with_max(ascii.max()) => {
            f.write_str("netstring")?;
            greatest(ascii, u64::MAX, f)?;
            limit(rules.max, max, f)?;
            adjustment(rules.adjustment, f)?;
            own(rules.self_inclusive, f)?;
            return controls(rules.controls, f);
        }
        AnyNumber::Ascii(ascii)
            if rules.self_inclusive && rules.controls == 3 && *ascii == Ascii::hex4().with_max(ascii.max()) =>
        {
            f.write_str("pkt-line")?;
            greatest(ascii, Ascii::hex4().max(), f)?;
            max = 65_516;
        }
        _ => {
            write!(f, "{number}")?;
            own(rules.self_inclusive, f)?;
            controls(rules.controls, f)?;
        }
    }
    limit(rules.max, max, f)?;
    adjustment(rules.adjustment, f)?;
    match &rules.trailer {
        Some(trailer) => write!(f, ",trailer={}", Bytes(trailer.as_slice())),
        None => Ok(()),
    }
}

fn own(included: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if included { f.write_str(",self") } else { Ok(()) }
}

fn controls(below: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if below == 0 { Ok(()) } else { write!(f, ",control={below}") }
}

fn adjustment(adjustment: i64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if adjustment == 0 { Ok(()) } else { write!(f, ",adjust={adjustment}") }
}

pub(super) fn limit(max: u64, usual: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if max == usual { Ok(()) } else { max_option(max, f) }
}

fn max_option(max: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match max {
        u64::MAX => f.write_str(",max=none"),
        _ => write!(f, ",max={max}"),
    }
}

fn small_limit(name: &str, max: u16, usual: u16, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if max == usual { Ok(()) } else { write!(f, ",{name}={max}") }
}

fn flag(name: &str, set: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if set { write!(f, ",{name}") } else { Ok(()) }
}

fn header_block(framing: &HeaderBlock, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("header:")?;
    for (index, name) in framing.names.iter().flatten().enumerate() {
        write!(f, "{}{}", if index == 0 { "" } else { "|" }, Bytes(name.as_slice()))?;
    }
    if let Some(name) = framing.forbidden {
        write!(f, ",forbid={}", Bytes(name.as_slice()))?;
    }
    if framing.separator != b':' {
        write!(f, ",separator={}", Bytes(&[framing.separator]))?;
    }
    flag("startline", framing.start_line, f)?;
    match framing.line {
        LineEnd::CrLf => {}
        LineEnd::Lf => f.write_str(",lf")?,
        LineEnd::Byte(end) => write!(f, ",fieldend={}", Bytes(&[end]))?,
    }
    match framing.missing {
        Missing::Error => {}
        Missing::Empty => f.write_str(",missing=empty")?,
        Missing::Until(end) => write!(f, ",until={}", Bytes(&[end]))?,
    }
    flag("blanklines", framing.blank_lines, f)?;
    flag("blanks", framing.blanks, f)?;
    flag("case", framing.matches_case, f)?;
    flag("lengthfirst", framing.length_first, f)?;
    let implied =
        framing.start_line || matches!(framing.line, LineEnd::Byte(_)) || matches!(framing.missing, Missing::Until(_));
    flag("keep", framing.keeps_header() && !implied, f)?;
    small_limit("uncounted", framing.length_excludes, 0, f)?;
    small_limit("maxheader", framing.max_header, HeaderBlock::DEFAULT_MAX_HEADER_LEN, f)?;
    limit(framing.max, DEFAULT_MAX_PAYLOAD_LEN, f)
}

fn line_then_block<R: AsRef<[BlockRule]>>(framing: &LineThenBlock<R>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, rule) in framing.rules().iter().enumerate() {
        f.write_str(if index == 0 { "block:" } else { "|" })?;
        for byte in rule.word.iter().flat_map(|word| word.as_slice()) {
            write!(f, "{}", Key(*byte))?;
        }
        match rule.place {
            Place::Body => f.write_str(":rest")?,
            Place::Last => f.write_str(":last")?,
            Place::Nth(field) => write!(f, ":{field}")?,
            Place::Braces => f.write_str("braces")?,
        }
        if rule.ignores_case {
            f.write_str(":nocase")?;
        }
        if rule.only_space {
            f.write_str(":sp")?;
        }
        for text in rule.without.iter().flatten() {
            f.write_str(":none=")?;
            for byte in text.as_slice() {
                write!(f, "{}", Key(*byte))?;
            }
        }
    }
    flag("lf", framing.bare_lf, f)?;
    flag("notrailer", !framing.block_trailer, f)?;
    small_limit("maxline", framing.max_line, LineThenBlock::<R>::DEFAULT_MAX_LINE_LEN, f)?;
    limit(framing.max, DEFAULT_MAX_PAYLOAD_LEN, f)
}

fn by_first_byte(offset: u8, table: &[(ByteRange, AnyFraming)], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match offset {
        0 => f.write_str("first:")?,
        _ => write!(f, "first@{offset}:")?,
    }
    for (index, (range, framing)) in table.iter().enumerate() {
        write!(f, "{}{}", if index == 0 { "" } else { "," }, Key(range.start()))?;
        if range.end() != range.start() {
            write!(f, "-{}", Key(range.end()))?;
        }
        f.write_str("=")?;
        inner(framing, f)?;
    }
    Ok(())
}

/// A framing inside another.
fn inner(framing: &AnyFraming, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    use AnyFraming::{ByFirstByte, ByType, LengthField, Then};
    let nested = matches!(framing, ByType(_) | ByFirstByte(_) | LengthField(_) | Then(_));
    let text = framing.to_string();
    if nested || text.contains(',') { write!(f, "({text})") } else { f.write_str(&text) }
}

fn delimited<S: Delimiters>(framing: &Delimited<S>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let lines = framing.delimiters().eq([&b"\n"[..], b"\r\n"]);
    if lines {
        f.write_str("line")?;
        if framing.writes() == 1 {
            f.write_str(",crlf")?;
        }
    } else {
        for (index, delimiter) in framing.delimiters().enumerate() {
            write!(f, "{}{}", if index == 0 { "delim:" } else { "|" }, Bytes(delimiter))?;
        }
        if framing.writes() != 0 {
            write!(f, ",write={}", framing.writes().saturating_add(1))?;
        }
    }
    if framing.keeps_delimiter() {
        f.write_str(",keep")?;
    }
    match (framing.unterminated(), lines) {
        (Unterminated::Take, true) | (Unterminated::Fail, false) => {}
        (Unterminated::Take, false) => f.write_str(",unterminated=take")?,
        (Unterminated::Fail, true) => f.write_str(",unterminated=fail")?,
    }
    limit(framing.max_payload_len(), DEFAULT_MAX_PAYLOAD_LEN, f)
}

fn by_type(table: &[(u8, Body<AnyFraming>)], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("type:")?;
    for (index, (kind, rest)) in table.iter().enumerate() {
        write!(f, "{}{}=", if index == 0 { "" } else { "," }, Key(*kind))?;
        match rest {
            Body::Len(len) => write!(f, "{len}")?,
            Body::Framed(framing) => inner(framing, f)?,
        }
    }
    Ok(())
}

fn field(framing: &LengthField<AnyNumber>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let layout = framing.layout();
    write!(f, "field:offset={}", layout.offset)?;
    let (binary, mask) = match framing.number() {
        AnyNumber::Binary(binary) => (Some(*binary), None),
        AnyNumber::Bits(bits) => (Some(bits.number()), Some(bits.mask())),
        _ => (None, None),
    };
    if let Some(binary) = binary {
        write!(f, ",size={}", binary.width())?;
        if binary.order() == Order::Little {
            f.write_str(",order=le")?;
        }
        if let Some(mask) = mask {
            write!(f, ",mask={mask:#x}")?;
        }
    } else {
        let text = framing.number().to_string();
        if text.contains(',') { write!(f, ",number=({text})")? } else { write!(f, ",number={text}")? }
    }
    if layout.after != 0 {
        write!(f, ",after={}", layout.after)?;
    }
    if let Some(adjustment) = layout.adjustment {
        write!(f, ",adjust={adjustment}")?;
    }
    if layout.unit != 1 {
        write!(f, ",unit={}", layout.unit)?;
    }
    match &layout.trailer {
        Trailer::None => {}
        Trailer::Literal(literal) => write!(f, ",trailer={}", Bytes(literal.as_slice()))?,
        Trailer::Multiple(multiple) => write!(f, ",pad={multiple}")?,
        Trailer::PadLen(offset) => write!(f, ",padlen={offset}")?,
    }
    if let Some(second) = layout.second {
        write!(f, ",second={}:{}", second.at, BinaryName(second.number))?;
        if second.unit != 1 {
            write!(f, ",secondunit={}", second.unit)?;
        }
        if second.multiple != 1 {
            write!(f, ",secondpad={}", second.multiple)?;
        }
    }
    for (offset, literal) in layout.required.iter().flatten() {
        write!(f, ",require={offset}:{}", Bytes(literal.as_slice()))?;
    }
    if let Some(extra) = layout.extra {
        write!(f, ",extra={}:{:#04x}", extra.at, extra.mask)?;
        if extra.unit != 1 {
            write!(f, ":{}", extra.unit)?;
        }
    }
    if layout.min != 0 {
        write!(f, ",min={}", layout.min)?;
    }
    limit(layout.max, DEFAULT_MAX_PAYLOAD_LEN, f)
}

impl fmt::Display for AnyNumber {
    /// Writes the number as in the text form of a framing: see [`spec`](crate::spec).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Binary(binary) => write!(f, "{}", BinaryName(*binary)),
            Self::Bits(bits) => write!(f, "{},mask={:#x}", BinaryName(bits.number()), bits.mask()),
            Self::Ascii(ascii) => digits(ascii, f),
            Self::Varint(varint) => variable(*varint, f),
            Self::Bcd(bcd) => write!(f, "bcd:{}", bcd.width()),
            Self::Escaped(escaped) => steps(escaped, f),
        }
    }
}

fn digits(ascii: &Ascii, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let hex = ascii.radix() == 16;
    f.write_str(if hex { "hex" } else { "ascii" })?;
    if let Some(width) = ascii.width() {
        write!(f, ":{width}")?;
    }
    if let Some(terminator) = ascii.terminator() {
        write!(f, ",end={}", Bytes(terminator.as_slice()))?;
    }
    let full = ascii.width().and_then(|width| if hex { Ascii::hex(width) } else { Ascii::decimal(width) }.ok());
    greatest(ascii, full.map_or(u64::MAX, |full| full.max()), f)
}

/// The limit on the number itself, where it is not what the form has.
fn greatest(ascii: &Ascii, full: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let max = ascii.max();
    if max == full {
        return Ok(());
    }
    let radix = u64::from(ascii.radix());
    // Said in digits where that is the same and has no width beside it to be taken for.
    match max.checked_add(1).filter(|next| ascii.width().is_none() && *next > 1) {
        Some(next) if radix.checked_pow(next.ilog(radix)) == Some(next) => write!(f, ",digits={}", next.ilog(radix)),
        _ => write!(f, ",greatest={max}"),
    }
}

fn variable(varint: Varint, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let longer = varint.allows_longer_forms();
    let as_here = |form: Varint| if longer { form.allowing_longer_forms() } else { form };
    for (name, form) in VARINTS {
        if as_here(form) == varint {
            f.write_str(name)?;
        }
    }
    if longer { f.write_str(",longer") } else { Ok(()) }
}

fn steps(escaped: &Escaped, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "escaped:{:#04x}", escaped.mask())?;
    for (value, number, base) in escaped.steps() {
        write!(f, ",step={value}:{}", BinaryName(number))?;
        if base != 0 {
            write!(f, "+{base}")?;
        }
    }
    if escaped.max() != escaped.reach() {
        write!(f, ",greatest={}", escaped.max())?;
    }
    flag("longer", escaped.allows_longer_forms(), f)
}

/// All forms of variable length.
pub(super) const VARINTS: [(&str, Varint); 5] = [
    ("varint", Varint::leb128()),
    ("varint32", Varint::leb128_u32()),
    ("quic", Varint::quic()),
    ("mqtt", Varint::mqtt()),
    ("ber", Varint::ber()),
];

struct BinaryName(Binary);

impl fmt::Display for BinaryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = 8 * self.0.width();
        match self.0.order() {
            Order::Big if bits == 8 => f.write_str("u8"),
            Order::Big => write!(f, "u{bits}be"),
            Order::Little => write!(f, "u{bits}le"),
        }
    }
}

/// Bytes of a delimiter, terminator or trailer.
struct Bytes<'a>(&'a [u8]);

impl fmt::Display for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|&byte| match byte {
            b'\\' | b',' | b'|' | b'(' | b')' => write!(f, "\\{}", char::from(byte)),
            other => plain(other, f),
        })
    }
}

/// A type byte.
struct Key(u8);

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            b'\\' | b',' | b'|' | b'(' | b')' | b'=' | b':' => write!(f, "\\{}", char::from(self.0)),
            other => plain(other, f),
        }
    }
}

/// A byte that is no separator. A blank is escaped as well: at the end of a line it would be easily lost.
fn plain(byte: u8, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match byte {
        b'\r' => f.write_str("\\r"),
        b'\n' => f.write_str("\\n"),
        b'\t' => f.write_str("\\t"),
        0 => f.write_str("\\0"),
        0x21..=0x7e => write!(f, "{}", char::from(byte)),
        other => write!(f, "\\x{other:02x}"),
    }
}
