//! Arbitrary framings, made through the public constructors.

use anysplit::delimited::{DelimiterTable, Unterminated};
use anysplit::http1::Question;
use anysplit::number::{AnyNumber, Ascii, Bcd, Binary, Bits, Escaped, Varint};
use anysplit::order::Order;
use anysplit::stuffing::{AnyStuffing, Cobs, CobsVariant, Escaping, HexLine, Slip};
use anysplit::sum::SumForm;
use anysplit::sum::{AnySum, Crc};
use anysplit::{
    After, AnyFraming, BlockRule, Blocks, Body, ByFirstByte, ByType, ByteSet, Checked, Chunked, Condition, ConfigError,
    Delimited, Dotted, Doubled, Edge, Enclosed, EscapedFrame, Fixed, Forbid, HeaderBlock, Http1, LengthField, Limit,
    LineThenBlock, Masked, Mavlink, Midi, Prefix, Require, SmpSerial, Stuffed, Then, UniversalLine, UntilClose,
};
use proptest::collection;
use proptest::option;
use proptest::prelude::*;

/// Every framing, with every option, nested a few levels deep.
pub(crate) fn any_framing() -> impl Strategy<Value = AnyFraming> {
    // Boxed, because their values together are too large for the stack of a test.
    let leaf = prop_oneof![
        1 => (1..=u64::MAX).prop_map(|len| Fixed::new(len).unwrap().into()).boxed(),
        4 => any_prefix().boxed(),
        4 => any_length_field().boxed(),
        3 => any_delimited().boxed(),
        1 => any_max().prop_map(|max| UntilClose::new().with_max_payload_len(max).into()).boxed(),
        1 => any_chunked().boxed(),
        1 => any_http1().boxed(),
        1 => option::of(any_max()).prop_map(|max| limited(Stuffed::slip(), max)).boxed(),
        1 => option::of(any_max()).prop_map(|max| limited(Stuffed::cobs(), max)).boxed(),
        2 => any_stuffed().boxed(),
        1 => (any_byte(), any_byte(), option::of(any_max()))
            .prop_filter_map("another end", |(escape, end, max)| Some(limited(Doubled::new(escape, end).ok()?, max)))
            .boxed(),
        1 => option::of(any_max()).prop_map(|max| limited(Dotted::new(), max)).boxed(),
        1 => option::of(any_max()).prop_map(|max| limited(Midi::new(), max)).boxed(),
        1 => option::of(any_max()).prop_map(|max| limited(SmpSerial::new(), max)).boxed(),
        1 => (collection::btree_map(0_u32..1 << 24, any::<u8>(), 1..4), option::of(any_max()))
            .prop_map(|(table, max)| limited(Mavlink::new(Vec::from_iter(table)).unwrap(), max))
            .boxed(),
        1 => option::of(any_max()).prop_map(|max| limited(UniversalLine::new(), max)).boxed(),
        3 => any_header_block().boxed(),
        3 => any_line_then_block().boxed(),
        1 => any_protocol().boxed(),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let rest = prop_oneof![any_size().prop_map(Body::Len), inner.clone().prop_map(Body::Framed)];
        let types = collection::btree_map(any::<u8>(), rest, 1..5);
        let firsts = collection::btree_map(any_byte(), (any::<u8>(), inner.clone()), 1..5);
        prop_oneof![
            any_checked(inner.clone()).boxed(),
            (inner.clone(), 1_u16.., any::<bool>())
                .prop_filter_map("a framing that announces no length", |(inner, block, little)| {
                    let form = if little { SumForm::Binary(Order::Little) } else { SumForm::HexLower };
                    Some(Blocks::new(inner, block, AnySum::named("CRC-16/DNP").unwrap(), form).ok()?.into())
                })
                .boxed(),
            (inner.clone(), any_escaping())
                .prop_filter_map("a framing that announces no length", |(inner, escaping)| {
                    Some(EscapedFrame::new(escaping, inner).ok()?.into())
                })
                .boxed(),
            (1_u8..=15, inner.clone()).prop_map(|(len, inner)| After::new(len, inner).unwrap().into()).boxed(),
            (any_mark(), inner.clone()).prop_map(|(start, inner)| Enclosed::new(&start, inner).unwrap().into()).boxed(),
            (any_mark(), any_set(), inner.clone())
                .prop_map(|(start, set, inner)| {
                    let enclosed = Enclosed::new(&start, inner).unwrap();
                    enclosed.clone().skipping_between(set).unwrap_or(enclosed).into()
                })
                .boxed(),
            (any::<u8>(), 1..=u8::MAX, inner.clone())
                .prop_map(|(at, flag, inner)| Masked::new(at, flag, inner).unwrap().into())
                .boxed(),
            (any_set(), inner.clone()).prop_map(|(set, inner)| Forbid::new(set, inner).unwrap().into()).boxed(),
            (collection::vec(any_condition(), 1..7), inner.clone())
                .prop_map(|(conditions, inner)| {
                    let all = conditions.into_iter().fold(Require::new(inner), |all, one| all.with(one).unwrap());
                    all.into()
                })
                .boxed(),
            (inner.clone(), inner).prop_map(|(first, rest)| Then::new(first, rest).into()).boxed(),
            types.prop_map(|table| ByType::new(Vec::from_iter(table)).unwrap().into()).boxed(),
            firsts
                .prop_map(|table| {
                    // Each range ends before the next begins.
                    let starts: Vec<u8> = table.keys().copied().skip(1).collect();
                    let ends = starts.into_iter().map(|next| next - 1).chain([u8::MAX]);
                    let table = table
                        .into_iter()
                        .zip(ends)
                        .map(|((start, (end, framing)), last)| ((start..=end.clamp(start, last)).into(), framing));
                    // A later byte chooses in some of them.
                    let table: Vec<_> = table.collect();
                    let offset =
                        table.first().map_or(0, |(range, _): &(anysplit::ByteRange, AnyFraming)| range.start() % 3);
                    ByFirstByte::with_table(table).unwrap().choosing_at(offset).into()
                })
                .boxed(),
        ]
    })
}

/// A stuffing with a checksum inside, or one of the forms without a name.
fn any_stuffed() -> impl Strategy<Value = AnyFraming> {
    let cobs = (any::<u8>(), any::<bool>(), any::<bool>()).prop_map(|(sentinel, reduced, lead)| {
        let cobs = CobsVariant::new(sentinel);
        let cobs = if reduced { cobs.reduced() } else { cobs };
        AnyStuffing::from(if lead { cobs.with_delimiter_before() } else { cobs })
    });
    let escaping = any_escaping().prop_map(AnyStuffing::from);
    let line = any_byte().prop_map(|start| AnyStuffing::from(HexLine::new(start)));
    let sum = prop::sample::select(vec!["CRC-16/IBM-SDLC", "sum8-twos"]).prop_map(|name| AnySum::named(name).unwrap());
    let forms = prop::sample::select(vec![SumForm::Binary(Order::Little), SumForm::HexUpper]);
    (prop_oneof![cobs, escaping, line, Just(Slip.into()), Just(Cobs.into())], sum, forms, option::of(any_max()))
        .prop_map(|(stuffing, sum, form, max)| {
            let framing = Stuffed::new(stuffing).with_sum(sum, form);
            max.map_or(framing, |max| framing.with_max_payload_len(max)).into()
        })
}

fn any_escaping() -> impl Strategy<Value = Escaping> {
    (any_byte(), any_byte(), any_byte(), any_byte(), option::of(any::<u32>()), any::<bool>()).prop_filter_map(
        "a stuffing that can be built",
        |(delimiter, escape, one, other, control, lead)| {
            let escaping = match control {
                Some(control) => Escaping::xor(delimiter, escape, one).ok()?.with_control_characters(control).ok()?,
                None => Escaping::codes(delimiter, escape, one, other).ok()?,
            };
            Some(escaping.with_delimiter_before(lead))
        },
    )
}

/// A checksum around a framing.
fn any_checked(inner: impl Strategy<Value = AnyFraming>) -> impl Strategy<Value = AnyFraming> {
    let named =
        prop::sample::select(vec!["CRC-8/SMBUS", "CRC-16/MODBUS", "CRC-24/LTE-A", "xor", "sum16-twos", "adler32"]);
    let crc = (1_u8..=64, any::<u64>(), any::<u64>(), any::<u64>(), any::<bool>(), any::<bool>());
    let sum = prop_oneof![
        named.prop_map(|name| AnySum::named(name).unwrap()),
        crc.prop_map(|(width, poly, init, xor, refin, refout)| Crc::new(width, poly, init, xor, refin, refout).into()),
    ];
    let forms = vec![
        SumForm::Binary(Order::Big),
        SumForm::Binary(Order::Little),
        SumForm::HexLower,
        SumForm::HexUpper,
        SumForm::Decimal,
    ];
    let edge = || {
        prop_oneof![any::<u16>().prop_map(Edge::Start), Just(Edge::Payload), Just(Edge::PayloadEnd), Just(Edge::End)]
    };
    let literal = || collection::vec(any_byte(), 0..4);
    let place = prop_oneof![(literal(), literal()).prop_map(Ok), any::<u16>().prop_map(Err)];
    (inner, sum, prop::sample::select(forms), edge(), edge(), place)
        .prop_map(|(inner, sum, form, from, to, place)| {
            let checked = Checked::new(inner, sum, form)?.covering(from, to)?;
            let checked = match place {
                Ok((before, after)) => checked.between(&before, &after)?,
                Err(at) => checked.in_header_at(at)?,
            };
            Ok::<AnyFraming, ConfigError>(checked.into())
        })
        .prop_filter_map("a framing that can be built", Result::ok)
}

fn any_set() -> impl Strategy<Value = ByteSet> {
    prop_oneof![
        collection::vec(any_byte(), 1..6).prop_map(|bytes| bytes.into_iter().fold(ByteSet::EMPTY, ByteSet::with)),
        (any_byte(), any_byte()).prop_map(|(one, other)| ByteSet::range(one.min(other), one.max(other))),
    ]
}

fn any_condition() -> impl Strategy<Value = Condition> {
    let place = (any::<u16>(), any::<bool>());
    (place, any_mark(), any_set(), 0..4_u8).prop_map(|((at, from_end), mark, set, form)| {
        let condition = match form {
            0 => Condition::bytes(at, &mark).unwrap(),
            1 => Condition::one_of(at, set).unwrap(),
            2 => Condition::same(at, at / 2).unwrap_or(Condition::below_payload_len(at)),
            _ => Condition::below_payload_len(at),
        };
        if from_end { condition.from_payload_end().unwrap_or(condition) } else { condition }
    })
}

fn limited<F: Limit + Into<AnyFraming>>(framing: F, max: Option<u64>) -> AnyFraming {
    max.into_iter().fold(framing, F::with_max_payload_len).into()
}

/// A protocol's framing, by name, with a limit or without.
fn any_protocol() -> impl Strategy<Value = AnyFraming> {
    (prop::sample::select(vec!["@dns", "@http2", "@stomp", "@coap"]), option::of(any_max())).prop_map(|(name, max)| {
        let named: AnyFraming = name.parse().unwrap_or_else(|_| Prefix::u16_be().into());
        max.map_or(named.clone(), |max| named.with_max_payload_len(max))
    })
}

fn any_chunked() -> impl Strategy<Value = AnyFraming> {
    (option::of(any_max()), option::of(any::<u16>())).prop_map(|(max, header)| {
        let framing = max.map_or(Chunked::new(), |max| Chunked::new().with_max_payload_len(max));
        header.map_or(framing, |header| framing.with_max_header_len(header)).into()
    })
}

fn any_http1() -> impl Strategy<Value = AnyFraming> {
    let question = prop::sample::select(vec![Question::Head, Question::Connect, Question::Other]);
    (question, option::of(any_max()), option::of(any::<u16>())).prop_map(|(question, max, header)| {
        let framing = Http1::new().answering(question);
        let framing = max.map_or(framing, |max| framing.with_max_payload_len(max));
        header.map_or(framing, |header| framing.with_max_header_len(header)).into()
    })
}

fn any_header_block() -> impl Strategy<Value = AnyFraming> {
    let name = || "[a-zA-Z0-9:=,|(§ -]{1,12}";
    let names = (name(), option::of(name()), option::of(name()));
    let bytes = (option::of(any_byte()), option::of(option::of(any_byte())), option::of(option::of(any_byte())));
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    let sizes = (option::of(any::<u16>()), option::of(any::<u16>()), option::of(any_max()));
    (names, bytes, flags, sizes).prop_map(|((name, other, forbidden), bytes, flags, sizes)| {
        let (separator, line, missing) = bytes;
        let (start_line, blank_lines, keeps) = flags;
        let (uncounted, header, max) = sizes;
        let mut framing = HeaderBlock::new(&name).unwrap();
        // Options that conflict with the others are left out.
        let try_with = |framing: HeaderBlock, change: &dyn Fn(HeaderBlock) -> Result<HeaderBlock, ConfigError>| {
            change(framing).unwrap_or(framing)
        };
        framing = other.map_or(framing, |name| try_with(framing, &|framing| framing.or_named(&name)));
        framing = forbidden.map_or(framing, |name| try_with(framing, &|framing| framing.forbidding(&name)));
        framing = separator.map_or(framing, |byte| try_with(framing, &|framing| framing.with_separator(byte)));
        framing = match line {
            Some(Some(end)) => try_with(framing, &|framing| framing.with_fields_ended_by(end)),
            Some(None) => framing.allowing_bare_lf(),
            None => framing,
        };
        framing = match missing {
            Some(Some(end)) => framing.ended_by(end),
            Some(None) => framing.empty_without_length(),
            None => framing,
        };
        framing = if start_line { framing.with_start_line() } else { framing };
        framing = if blank_lines { framing.with_blank_lines_between() } else { framing };
        framing = if keeps { framing.keeping_header() } else { framing };
        framing = if uncounted.is_some_and(|len| len % 2 == 0) { framing.matching_case() } else { framing };
        framing = if uncounted.is_some_and(|len| len % 3 == 0) { framing.with_length_first() } else { framing };
        framing = if start_line != blank_lines { framing.allowing_blanks_before_separator() } else { framing };
        framing = uncounted.map_or(framing, |len| framing.with_length_excluding(len));
        framing = header.map_or(framing, |header| framing.with_max_header_len(header));
        max.map_or(framing, |max| framing.with_max_payload_len(max)).into()
    })
}

fn any_line_then_block() -> impl Strategy<Value = AnyFraming> {
    let words = prop::sample::select(vec!["VALUE", "braces", "rest", "$", ":", "=|", "(\\)", "last", "§", "3", "\r"]);
    let without = collection::vec(prop::sample::select(vec!["-1", "0", "?", ":=", "§"]), 0..3);
    let rule =
        (words, 0..4_u8, 1..=u8::MAX, any::<bool>(), without).prop_map(|(word, place, field, nocase, without)| {
            let rule = match place {
                0 => BlockRule::sign(word).unwrap(),
                1 => BlockRule::word(word).unwrap(),
                2 => BlockRule::word(word).unwrap().in_field(field).unwrap(),
                _ => BlockRule::braces(),
            };
            let rule = if nocase { rule.ignoring_case() } else { rule };
            let rule = if field % 2 == 0 { rule.splitting_at_space() } else { rule };
            without.iter().fold(rule, |rule, text| rule.without_block(text).unwrap())
        });
    let options = (any::<bool>(), any::<bool>(), option::of(any::<u16>()), option::of(any_max()));
    (collection::vec(rule, 1..4), options).prop_map(|(rules, (lf, no_trailer, line, max))| {
        let framing = LineThenBlock::new(rules).unwrap();
        let framing = if lf { framing.allowing_bare_lf() } else { framing };
        let framing = if no_trailer { framing.without_block_trailer() } else { framing };
        let framing = line.into_iter().fold(framing, LineThenBlock::with_max_line_len);
        max.into_iter().fold(framing, LineThenBlock::with_max_payload_len).into()
    })
}

/// Every number, with every option.
pub(crate) fn any_number() -> impl Strategy<Value = AnyNumber> {
    prop_oneof![
        any_binary().prop_map(AnyNumber::from),
        any_bits().prop_map(AnyNumber::from),
        any_ascii().prop_map(AnyNumber::from),
        any_varint().prop_map(AnyNumber::from),
        (1..=Bcd::MAX_WIDTH).prop_map(|width| Bcd::new(width).unwrap().into()),
        any_escaped().prop_map(AnyNumber::from),
    ]
}

fn any_escaped() -> impl Strategy<Value = Escaped> {
    let steps = collection::vec((any::<u8>(), any_binary(), prop_oneof![Just(0), 0..300_u64]), 0..6);
    let more = (option::of(any_size()), any::<bool>());
    (0..8_u32, 1..=8_u32, steps, more).prop_map(|(shift, bits, steps, (max, longer))| {
        let mask = u8::try_from((((1_u32 << bits) - 1) << shift) & 0xff).unwrap();
        let mut number = Escaped::new(mask).unwrap();
        for (value, binary, base) in steps {
            // Steps that do not rise are left out.
            number = number.with_step_from(value, binary, base).unwrap_or(number);
        }
        number = max.map_or(number, |max| number.with_max(max));
        if longer { number.allowing_longer_forms() } else { number }
    })
}

/// Small numbers, powers of two and of ten, and all others.
fn any_size() -> impl Strategy<Value = u64> {
    let near = |power: u64| (0..3_u64).prop_map(move |more| (power - 1).saturating_add(more));
    prop_oneof![
        0..20_u64,
        (0..64_u32).prop_flat_map(move |bit| near(1 << bit)),
        (0..20_u32).prop_flat_map(move |digits| near(10_u64.pow(digits))),
        any::<u64>(),
        Just(u64::MAX),
    ]
}

fn any_max() -> impl Strategy<Value = u64> {
    prop_oneof![any_size(), Just(anysplit::contract::DEFAULT_MAX_PAYLOAD_LEN), Just(65_516)]
}

fn any_adjustment() -> impl Strategy<Value = i64> {
    prop_oneof![-20..20_i64, any::<i64>(), Just(i64::MIN), Just(i64::MAX)]
}

fn any_mark() -> impl Strategy<Value = Vec<u8>> {
    collection::vec(any_byte(), 1..=15)
}

/// Bytes with a meaning in the text form are more frequent.
fn any_byte() -> impl Strategy<Value = u8> {
    prop_oneof![prop::sample::select(&b",|()=:\\ \r\n\t\0\xffab19x"[..]), any::<u8>()]
}

fn any_binary() -> impl Strategy<Value = Binary> {
    let order = prop_oneof![Just(Order::Big), Just(Order::Little)];
    (1..=8_usize, order).prop_map(|(width, order)| Binary::new(width, order).unwrap())
}

fn any_bits() -> impl Strategy<Value = Bits> {
    (any_binary(), any::<(u32, u32)>()).prop_map(|(binary, (first, second))| {
        let bits = 8 * u32::try_from(binary.width()).unwrap();
        let (from, to) = (first % bits, second % bits);
        let mask = (from.min(to)..=from.max(to)).fold(0, |mask, bit| mask | 1 << bit);
        Bits::new(binary, mask).unwrap()
    })
}

fn any_ascii() -> impl Strategy<Value = Ascii> {
    let form = (any::<bool>(), option::of(1..=20_usize), option::of(any_mark()), option::of(any_size()));
    form.prop_map(|(hex, width, mark, max)| {
        let mark = mark.filter(|mark| !mark[0].is_ascii_hexdigit());
        let ascii = match (width, &mark) {
            (Some(width), _) if hex => Ascii::hex(width.min(16)).unwrap(),
            (Some(width), _) => Ascii::decimal(width).unwrap(),
            (None, None) => Ascii::netstring(),
            (None, Some(mark)) if hex => Ascii::hex_ended_by(mark).unwrap(),
            (None, Some(mark)) => Ascii::decimal_ended_by(mark).unwrap(),
        };
        let ascii = match (width, &mark) {
            (Some(_), Some(mark)) => ascii.followed_by(mark).unwrap(),
            _ => ascii,
        };
        max.map_or(ascii, |max| ascii.with_max(max))
    })
}

fn any_varint() -> impl Strategy<Value = Varint> {
    let forms = vec![Varint::leb128(), Varint::leb128_u32(), Varint::mqtt(), Varint::quic(), Varint::ber()];
    (prop::sample::select(forms), any::<bool>())
        .prop_map(|(form, longer)| if longer { form.allowing_longer_forms() } else { form })
}

fn any_prefix() -> impl Strategy<Value = AnyFraming> {
    let plain = any_number().prop_map(Prefix::new);
    let presets = vec![Prefix::netstring(), Prefix::pkt_line(), Prefix::hex4(), Prefix::ascii5()];
    let preset = prop::sample::select(presets).prop_map(with_any_number);
    let options = (
        option::of(any_max()),
        option::of(any_adjustment()),
        any::<bool>(),
        option::of(prop_oneof![any_mark(), Just(b",".to_vec())]),
        option::of(prop_oneof![Just(4), any_size()]),
    );
    (prop_oneof![3 => plain, 1 => preset], options).prop_map(
        |(mut framing, (max, adjustment, own, trailer, controls))| {
            framing = max.map_or(framing, |max| framing.with_max_payload_len(max));
            framing = adjustment.map_or(framing, |adjustment| framing.with_length_adjustment(adjustment));
            framing = if own { framing.self_inclusive() } else { framing };
            framing = trailer.map_or(framing, |trailer| framing.with_trailer(&trailer).unwrap());
            controls.map_or(framing, |controls| framing.with_control_frames_below(controls)).into()
        },
    )
}

fn with_any_number(preset: Prefix<Ascii>) -> Prefix<AnyNumber> {
    match preset.into() {
        AnyFraming::Prefix(prefix) => prefix,
        other => panic!("{other}"),
    }
}

fn any_length_field() -> impl Strategy<Value = AnyFraming> {
    let shape = (0..200_u16, any_number(), option::of(0..200_u16), option::of(any_adjustment()), option::of(any_max()));
    let unit = option::of(1..=u32::MAX);
    let trailer = option::of((0..3_u8, any_mark(), 1..=256_u16, 0..400_u16));
    let second = option::of((0..400_u16, any_binary()));
    let required = collection::vec((0..400_u16, any_mark()), 0..3);
    let extra = option::of((0..200_u16, prop::sample::select(&[1, 0x80, 0x0f, 0xff, 0x38, 0x05][..]), any::<u8>()));
    (shape, unit, trailer, second, required, extra).prop_map(|(shape, unit, trailer, second, required, extra)| {
        let (offset, number, after, adjustment, max) = shape;
        let mut framing = LengthField::new(offset, number).unwrap();
        framing = after.map_or(framing, |after| framing.with_header_after(after).unwrap());
        framing = adjustment.map_or(framing, |adjustment| framing.with_length_adjustment(adjustment));
        framing = max.map_or(framing, |max| framing.with_max_payload_len(max));
        framing = if offset % 3 == 0 { framing.with_min_payload_len(offset.into()) } else { framing };
        framing = unit.map_or(framing, |unit| framing.with_unit(unit).unwrap());
        // Options that conflict with the others are left out.
        framing = match trailer {
            Some((0, mark, ..)) => framing.with_trailer(&mark).unwrap_or(framing),
            Some((1, _, multiple, _)) => framing.with_padding_to(multiple).unwrap_or(framing),
            Some((_, _, _, offset)) => framing.with_pad_len_at(offset).unwrap_or(framing),
            None => framing,
        };
        framing = second.map_or(framing, |(at, number)| framing.with_second_length_at(at, number).unwrap_or(framing));
        if offset % 2 == 1 {
            framing = framing.with_second_unit(3).unwrap_or(framing).with_second_padding_to(8).unwrap_or(framing);
        }
        for (at, mark) in required {
            framing = framing.with_magic_at(at, &mark).unwrap_or(framing);
        }
        if let Some((at, mask, unit)) = extra {
            framing = framing.with_optional_header(at, mask, unit).unwrap_or(framing);
        }
        framing.into()
    })
}

fn any_delimited() -> impl Strategy<Value = AnyFraming> {
    let lines = Just(vec![b"\n".to_vec(), b"\r\n".to_vec()]);
    let set = prop_oneof![1 => lines, 3 => collection::vec(collection::vec(any_byte(), 1..6), 1..5), 1 => collection::vec(collection::vec(any_byte(), 1..200), 1)];
    let options = (any::<bool>(), option::of(any::<bool>()), option::of(any_max()), any::<prop::sample::Index>());
    let options = (options, option::weighted(0.3, any_mark()));
    (set, options).prop_filter_map("delimiters must be told apart", |(set, ((keep, takes, max, writes), start))| {
        let writes = writes.index(set.len());
        let mut framing = Delimited::any_of(DelimiterTable::new(set).ok()?).ok()?.writing(writes).ok()?;
        framing = if keep { framing.keeping_delimiter() } else { framing };
        framing = match takes {
            Some(true) => framing.with_unterminated(Unterminated::Take),
            Some(false) => framing.with_unterminated(Unterminated::Fail),
            None => framing,
        };
        let framing = max.into_iter().fold(framing, Delimited::with_max_payload_len);
        Some(match start {
            Some(start) => Enclosed::new(&start, framing).unwrap().into(),
            None => framing.into(),
        })
    })
}
