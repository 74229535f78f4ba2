//! CBOR, MessagePack, and BER.

use super::*;
use crate::common::{decode_error, encode, messages, refused, truncated};
use anysplit::contract::FrameError;
use anysplit::values::{Ber, Cbor, MessagePack};
use anysplit::{DecodeErrorKind, Truncated};

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    digits.chunks(2).map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}

/// A number of a CBOR item, in the shortest form or a longer one.
fn head(major: u8, number: u64, longer: u8) -> Vec<u8> {
    let least = [24, 0x100, 0x1_0000, 0x1_0000_0000].iter().filter(|&&most| number >= most).count();
    let form = least.max(longer.into()).min(4);
    let mut head =
        vec![major << 5 | if form == 0 { u8::try_from(number).unwrap() } else { 23 + u8::try_from(form).unwrap() }];
    let width = [0, 1, 2, 4, 8][form];
    head.extend_from_slice(&number.to_be_bytes()[8 - width..]);
    head
}

pub(crate) fn cbor_values() -> impl Strategy<Value = Vec<u8>> {
    let longer = || prop_oneof![4 => Just(0_u8), 1 => 0_u8..5];
    let strings = || (prop_oneof![Just(2_u8), Just(3)], several(b'a'..=b'z', 0..30), longer());
    let string = strings().prop_map(|(major, text, longer)| [head(major, text.len() as u64, longer), text].concat());
    let chunks =
        (prop_oneof![Just(2_u8), Just(3)], several(several(b'a'..=b'z', 0..4), 0..4)).prop_map(|(major, chunks)| {
            let chunks = chunks.into_iter().flat_map(|chunk| [head(major, chunk.len() as u64, 0), chunk].concat());
            [major << 5 | 31].into_iter().chain(chunks).chain([0xff]).collect()
        });
    let leaf = prop_oneof![
        (0_u8..2, any::<u64>(), longer()).prop_map(|(major, number, longer)| head(major, number, longer)),
        (0_u8..2, 0_u64..300, longer()).prop_map(|(major, number, longer)| head(major, number, longer)),
        string,
        chunks,
        prop::sample::select(vec!["f4", "f5", "f6", "f7", "f90000", "fa47c35000", "fb3ff199999999999a"]).prop_map(hex),
    ];
    leaf.prop_recursive(5, 24, 4, |inner| {
        prop_oneof![
            (several(inner.clone(), 0..5), 0_u8..2)
                .prop_map(|(items, longer)| { [head(4, items.len() as u64, longer), items.concat()].concat() }),
            several(inner.clone(), 0..5).prop_map(|items| [vec![0x9f], items.concat(), vec![0xff]].concat()),
            several((inner.clone(), inner.clone()), 0..3).prop_map(|items| {
                let pairs: Vec<_> = items.iter().map(|(key, value)| [&key[..], value].concat()).collect();
                [head(5, pairs.len() as u64, 0), pairs.concat()].concat()
            }),
            several((inner.clone(), inner.clone()), 0..3).prop_map(|items| {
                let pairs: Vec<_> = items.iter().map(|(key, value)| [&key[..], value].concat()).collect();
                [vec![0xbf], pairs.concat(), vec![0xff]].concat()
            }),
            (inner, 0_u64..40).prop_map(|(item, tag)| [head(6, tag, 0), item].concat()),
        ]
    })
}

pub(crate) fn harmed_cbor() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        4 => prop::sample::select(hex("9f bf 5f 7f ff 81 82 a1 61 41 c1 00 f8 18")),
        1 => any::<u8>(),
    ];
    harmed(cbor_values(), byte)
}

/// RFC 8949, appendix C, in the words of its pseudocode. `Err(None)`: not well-formed.
fn cbor_twin(bytes: &[u8]) -> Front {
    match well_formed(bytes, 0, false) {
        Ok((end, _)) => Front::Value(end),
        Err(front) => front,
    }
}

/// Returns the end of the item, and its major type, or 99 for a break.
fn well_formed(bytes: &[u8], at: usize, breakable: bool) -> Result<(usize, u8), Front> {
    let first = *bytes.get(at).ok_or(Front::Unfinished)?;
    let (major, info) = (first >> 5, first & 31);
    let mut at = at + 1;
    let mut number = u64::from(info);
    if (24..28).contains(&info) {
        let width = 1 << (info - 24);
        if first == 0xf8 && *bytes.get(at).ok_or(Front::Unfinished)? < 32 {
            return Err(Front::Wrong);
        }
        let digits = bytes.get(at..at + width).ok_or(Front::Unfinished)?;
        number = digits.iter().fold(0, |number, &byte| number << 8 | u64::from(byte));
        at += width;
    } else if (28..31).contains(&info) {
        return Err(Front::Wrong);
    } else if info == 31 {
        return match major {
            2 | 3 => loop {
                let next = *bytes.get(at).ok_or(Front::Unfinished)?;
                if next != 0xff && (next >> 5 != major || next & 31 == 31) {
                    return Err(Front::Wrong);
                }
                let (end, kind) = well_formed(bytes, at, true)?;
                at = end;
                if kind == 99 {
                    return Ok((at, major));
                }
            },
            4 | 5 => loop {
                let (end, kind) = well_formed(bytes, at, true)?;
                at = end;
                if kind == 99 {
                    return Ok((at, major));
                }
                if major == 5 {
                    at = well_formed(bytes, at, false)?.0;
                }
            },
            7 if breakable => Ok((at, 99)),
            _ => Err(Front::Wrong),
        };
    }
    // More than a limit of 8 MiB.
    if number > 1 << 23 && (2..=5).contains(&major) {
        return Err(Front::Wrong);
    }
    let count = usize::try_from(number).unwrap_or(0);
    match major {
        2 | 3 if bytes.len() - at < count => return Err(Front::Unfinished),
        2 | 3 => at += count,
        4 | 5 => {
            for _ in 0..count * usize::from(major - 3) {
                at = well_formed(bytes, at, false)?.0;
            }
        }
        6 => at = well_formed(bytes, at, false)?.0,
        _ => {}
    }
    Ok((at, major))
}

/// What `ciborium` finds.
fn by_ciborium(bytes: &[u8]) -> Option<usize> {
    let mut rest = bytes;
    let value: Result<ciborium::Value, _> = ciborium::from_reader(&mut rest);
    value.ok().map(|_| bytes.len() - rest.len())
}

/// What `rmpv` finds.
fn by_rmpv(bytes: &[u8]) -> Option<usize> {
    let mut rest = bytes;
    let value = rmpv::decode::read_value(&mut rest);
    value.ok().map(|_| bytes.len() - rest.len())
}

/// A value of MessagePack by recursion.
fn message_pack_twin(bytes: &[u8], at: usize) -> Result<usize, Front> {
    let first = *bytes.get(at).ok_or(Front::Unfinished)?;
    let number = |width: usize| -> Result<u64, Front> {
        let digits = bytes.get(at + 1..at + 1 + width).ok_or(Front::Unfinished)?;
        Ok(digits.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    };
    let wide = |width: usize| -> Result<usize, Front> {
        let number = number(width)?;
        if number > 1 << 23 { Err(Front::Wrong) } else { Ok(usize::try_from(number).unwrap()) }
    };
    let (header, content, values) = match first {
        0x00..=0x7f | 0xc0 | 0xc2 | 0xc3 | 0xe0..=0xff => (1, 0, 0),
        0x80..=0x8f => (1, 0, 2 * usize::from(first & 15)),
        0x90..=0x9f => (1, 0, usize::from(first & 15)),
        0xa0..=0xbf => (1, usize::from(first & 31), 0),
        0xc1 => return Err(Front::Wrong),
        0xc4..=0xc6 => (1 + (1 << (first - 0xc4)), wide(1 << (first - 0xc4))?, 0),
        0xc7..=0xc9 => (1 + (1 << (first - 0xc7)), wide(1 << (first - 0xc7))? + 1, 0),
        0xca | 0xce | 0xd2 => (1, 4, 0),
        0xcb | 0xcf | 0xd3 => (1, 8, 0),
        0xcc | 0xd0 => (1, 1, 0),
        0xcd | 0xd1 => (1, 2, 0),
        0xd4..=0xd8 => (1, 1 + (1 << (first - 0xd4)), 0),
        0xd9..=0xdb => (1 + (1 << (first - 0xd9)), wide(1 << (first - 0xd9))?, 0),
        0xdc | 0xdd => (1 + (2 << (first - 0xdc)), 0, wide(2 << (first - 0xdc))?),
        0xde | 0xdf => (1 + (2 << (first - 0xde)), 0, 2 * wide(2 << (first - 0xde))?),
    };
    let mut end = at + header + content;
    if end > bytes.len() {
        return Err(Front::Unfinished);
    }
    for _ in 0..values {
        end = message_pack_twin(bytes, end)?;
    }
    Ok(end)
}

pub(crate) fn message_pack_values() -> impl Strategy<Value = Vec<u8>> {
    let leaf = prop_oneof![
        prop::sample::select(vec![
            "00",
            "7f",
            "ff",
            "c0",
            "c2",
            "cc80",
            "cd0100",
            "ce00010000",
            "cf0000000100000000",
            "d0ff",
            "d1ff00",
            "d2ffff0000",
            "d3ffffffff00000000",
            "ca3f800000",
            "cb3ff0000000000000",
            "a0",
            "a161",
            "d90161",
            "da000161",
            "db0000000161",
            "c40161",
            "c5000161",
            "c60000000161",
            "d40161",
            "d5016161",
            "c7010161",
            "c800010161",
            "c9000000010161",
            "d80100112233445566778899aabbccddeeff",
            "d60100000000",
        ])
        .prop_map(hex),
        several(b'a'..=b'z', 0..32).prop_map(|text| [vec![0xa0 | u8::try_from(text.len()).unwrap()], text].concat()),
    ];
    leaf.prop_recursive(5, 24, 4, |inner| {
        let len = |items: &[Vec<u8>]| u8::try_from(items.len()).unwrap();
        prop_oneof![
            several(inner.clone(), 0..5).prop_map(move |items| [vec![0x90 | len(&items)], items.concat()].concat()),
            several(inner.clone(), 0..5).prop_map(move |items| [vec![0xdc, 0, len(&items)], items.concat()].concat()),
            several(inner.clone(), 0..3)
                .prop_map(move |items| { [vec![0x80 | len(&items)], items.concat(), items.concat()].concat() }),
            several(inner, 0..3)
                .prop_map(move |items| { [vec![0xdf, 0, 0, 0, len(&items)], items.concat(), items.concat()].concat() }),
        ]
    })
}

pub(crate) fn harmed_message_pack() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        4 => prop::sample::select(hex("91 92 81 a1 a0 c0 c1 c4 d9 dc de df 00 01 d4 c7")),
        1 => any::<u8>(),
    ];
    harmed(message_pack_values(), byte)
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn cbor_ends_where_ciborium_ends(bytes in harmed_cbor()) {
        prop_assume!(!bytes.is_empty());
        let found = front(&Cbor::new(), &bytes);
        if let Some(end) = by_ciborium(&bytes) {
            // It also takes what RFC 8949 forbids in sections 3.2.3 and 3.3: a string of indefinite length inside another, and
            // simple values below 32 in two bytes.
            let nested = bytes.iter().filter(|byte| matches!(byte, 0x5f | 0x7f)).count() > 1;
            let simple = bytes.windows(2).any(|two| matches!(two, [0xf8, 0..32]));
            let wrong = found == Front::Wrong && cbor_twin(&bytes) == Front::Wrong;
            let forbidden = (nested || simple) && wrong;
            prop_assert!(found == Front::Value(end) || forbidden, "{found:?} and not {end}, {:02x?}", &bytes);
        }
        match cbor_twin(&bytes) {
            // The sum of the announced lengths may already prove that the value exceeds the limit.
            Front::Unfinished => prop_assert!(!matches!(found, Front::Value(_)), "{found:?} {:02x?}", &bytes),
            twin => prop_assert_eq!(found, twin, "{:02x?}", &bytes),
        }
    }

    #[test]
    fn message_pack_ends_where_rmpv_ends(bytes in harmed_message_pack()) {
        prop_assume!(!bytes.is_empty());
        let found = front(&MessagePack::new(), &bytes);
        if let Some(end) = by_rmpv(&bytes) {
            // `rmpv` takes `c1` for nil.
            prop_assert!(found == Front::Value(end) || bytes.contains(&0xc1), "{found:?} {end} {:02x?}", &bytes);
        }
        match message_pack_twin(&bytes, 0) {
            Ok(end) => prop_assert_eq!(found, Front::Value(end), "{:02x?}", &bytes),
            Err(Front::Wrong) => prop_assert_eq!(found, Front::Wrong, "{:02x?}", &bytes),
            Err(_) => prop_assert!(!matches!(found, Front::Value(_)), "{found:?} {:02x?}", &bytes),
        }
    }
}

#[test]
fn cbor_examples_of_rfc_8949_appendix_a_pass() {
    let examples = "00 01 0a 17 1818 1819 1864 1903e8 1a000f4240 1b000000e8d4a51000 1bffffffffffffffff
        c249010000000000000000 3bffffffffffffffff c349010000000000000000 20 29 3863 3903e7 f90000 f98000 f93c00
        fb3ff199999999999a f93e00 f97bff fa47c35000 fa7f7fffff fb7e37e43c8800759c f90001 f90400 f9c400
        fbc010666666666666 f97c00 f97e00 f9fc00 fa7f800000 fa7fc00000 faff800000 fb7ff0000000000000
        fb7ff8000000000000 fbfff0000000000000 f4 f5 f6 f7 f0 f8ff
        c074323031332d30332d32315432303a30343a30305a c11a514b67b0 c1fb41d452d9e8200000 d74401020304
        d818456449455446 d82076687474703a2f2f7777772e6578616d706c652e636f6d 40 4401020304 60 6161 6449455446
        62225c 62c3bc 63e6b0b4 64f0908591 80 83010203 8301820203820405
        98190102030405060708090a0b0c0d0e0f101112131415161718181819 a0 a201020304 a26161016162820203
        826161a161626163 a56161614161626142616361436164614461656145 5f42010243030405ff 7f657374726561646d696e67ff
        9fff 9f018202039f0405ffff 9f01820203820405ff 83018202039f0405ff 83019f0203ff820405
        9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff bf61610161629f0203ffff 826161bf61626163ff
        bf6346756ef563416d7421ff";
    let items: Vec<_> = examples.split_whitespace().map(hex).collect();
    assert_eq!(messages(Cbor::new(), &items.concat()), items);
    for item in &items {
        assert_eq!(encode(Cbor::new(), item), *item);
    }
}

#[test]
fn cbor_items_of_rfc_8949_appendix_f_are_not_well_formed() {
    // Appendix F.1: too little data.
    for text in "18 19 1a 1b 1901 1a0102 1b01020304050607 38 58 78 98 9a01ff00 b8 d8 f8 f900 fa0000 fb000000 41 61
        5affffffff00 5bffffffffffffffff010203 7affffffff00 7b7fffffffffffffff010203 81 818181818181818181 8200 a1 a20102
        a100 a2000000 c0 5f4100 7f6100 9f 9f0102 bf bf01020102 819f 9f8000 9f9f9f9f9fffffffff 9f819f819f9fffffff"
        .split_whitespace()
    {
        assert!(!matches!(front(&Cbor::new(), &hex(text)), Front::Value(_)), "{text}");
    }
    // Reserved values, chunks of another type, breaks that stand alone or after a key.
    for text in "1c 1d 1e 3c 5c 7c 9c bc dc fc f800 f801 f818 f81f 5f00ff 5f21ff 5f6100ff 5f80ff 5fa0ff 5fc000ff 5fe0ff
        7f4100ff 5f5f4100ffff 7f7f6100ffff ff 81ff 8200ff a1ff a1ff00 a100ff a20000ff 9f81ff 9f829f819f9fffffffff bf00ff
        bf000000ff 1f 3f df"
        .split_whitespace()
    {
        assert_eq!(front(&Cbor::new(), &hex(text)), Front::Wrong, "{text}");
    }
}

#[test]
fn cbor_levels_have_a_limit() {
    let nested = |depth: usize| [[0x9f].repeat(depth), [0xff].repeat(depth)].concat();
    for depth in [31, 32] {
        assert_eq!(messages(Cbor::new(), &nested(depth)), [nested(depth)]);
    }
    let kind = DecodeErrorKind::TooDeep { max: 32 };
    assert_eq!(decode_error(Cbor::new(), &nested(33)), (0, 32, kind));
    assert_eq!(refused(Cbor::new(), &nested(33)), EncodeError::Malformed(FrameError::new(32, kind)));
    // Five more items are due outside of each level: two groups.
    let five = |depth: usize| [hex("86 9f").repeat(depth), [vec![0xff], vec![0; 5]].concat().repeat(depth)].concat();
    for depth in [15, 16] {
        assert_eq!(messages(Cbor::new(), &five(depth)), [five(depth)]);
    }
    assert_eq!(decode_error(Cbor::new(), &five(17)), (0, 33, kind));
    // Definite lengths and tags have no such limit.
    let definite = [[0x81].repeat(100_000), vec![0]].concat();
    assert_eq!(front(&Cbor::new(), &definite), Front::Value(100_001));
}

#[test]
fn binary_limits_count_the_value() {
    for text in ["830102430a0b0c", "9f0102ff", "7f616161 62ff", "a161 6101"] {
        has_the_limit(&hex(text), |max| Cbor::new().with_max_payload_len(max));
    }
    for text in ["9301a16102", "81a16101", "c403010203"] {
        has_the_limit(&hex(text), |max| MessagePack::new().with_max_payload_len(max));
    }
    let oversize = |len| DecodeErrorKind::Oversize { len, max: 8 << 20 };
    assert_eq!(decode_error(Cbor::new(), &hex("5a00800000")), (0, 4, oversize((8 << 20) + 5)));
    assert_eq!(decode_error(Cbor::new(), &hex("ba00400000")), (0, 4, oversize((8 << 20) + 5)));
    assert_eq!(decode_error(Cbor::new(), &hex("9bffffffffffffffff")), (0, 8, oversize(u64::MAX)));
    assert_eq!(decode_error(MessagePack::new(), &hex("df00400000")), (0, 4, oversize((8 << 20) + 5)));
    assert_eq!(decode_error(MessagePack::new(), &hex("dbffffffff")), (0, 4, oversize((1 << 32) + 4)));
}

#[test]
fn binary_work_is_linear() {
    let cbor = [hex("82 59 2000"), vec![0; 0x2000], hex("9f"), vec![1; 3000], hex("ff")].concat();
    is_linear(&Cbor::new(), &cbor, &hex("1b0000000000000000"));
    let pack = [hex("92 c5 2000"), vec![0; 0x2000], hex("dc 0bb8"), vec![1; 3000]].concat();
    is_linear(&MessagePack::new(), &pack, &hex("c60000000101"));
}

#[test]
fn cut_binary_values_are_truncated() {
    assert_eq!(truncated(Cbor::new(), &hex("00 8201")), (1, Truncated::Unterminated { have: 2 }));
    assert_eq!(truncated(Cbor::new(), &hex("4401")), (0, Truncated::Unterminated { have: 2 }));
    assert_eq!(truncated(MessagePack::new(), &hex("c0 cd01")), (1, Truncated::Unterminated { have: 2 }));
}

#[test]
fn message_pack_formats_of_its_specification_pass() {
    // Section Formats, in the order of its table of first bytes.
    let formats =
        "00 7f 80 8101c0 90 92c001 a0 bf61616161616161616161616161616161616161616161616161616161616161 c0 c2 c3
        c40161 c5000161 c60000000161 c7010061 c800010061 c9000000010061 ca00000000 cb0000000000000000 cc00 cd0000
        ce00000000 cf0000000000000000 d000 d10000 d200000000 d30000000000000000 d40061 d5006161 d60061616161
        d7006161616161616161 d80061616161616161616161616161616161 d90161 da000161 db0000000161 dc0001c0 dd00000001c0
        de0001c0c0 df00000001c0c0 e0 ff";
    let values: Vec<_> = formats.split_whitespace().map(hex).collect();
    assert_eq!(messages(MessagePack::new(), &values.concat()), values);
    for value in &values {
        assert_eq!(encode(MessagePack::new(), value), *value);
    }
    assert_eq!(decode_error(MessagePack::new(), &hex("92c1")), (0, 1, DecodeErrorKind::Forbidden { found: 0xc1 }));
    assert_eq!(refused(MessagePack::new(), &hex("c0c0")), EncodeError::WrongLength { len: 2, expected: 1 });
    let deep = [[0x91].repeat(100_000), vec![0xc0]].concat();
    assert_eq!(front(&MessagePack::new(), &deep), Front::Value(100_001));
}

pub(crate) fn ber_values() -> impl Strategy<Value = Vec<u8>> {
    let identifier = |constructed: bool| {
        let bit = if constructed { 0x20 } else { 0 };
        prop_oneof![
            4 => prop::sample::select(vec![0x02_u8, 0x04, 0x0a, 0x10, 0x81, 0x42]).prop_map(move |tag| vec![tag | bit]),
            1 => prop::sample::select(hex("01 7f")).prop_map(move |tag| vec![0x9f | bit, tag]),
            1 => Just(vec![0x5f | bit, 0x81, 0x00]),
        ]
    };
    let definite = |identifier: Vec<u8>, content: &[u8], longer: usize| {
        let len = content.len();
        let width = if longer == 0 && len > 127 { 2 } else { longer };
        let length = match width {
            0 => vec![u8::try_from(len).unwrap()],
            _ => [&[0x80 | u8::try_from(width).unwrap()], &(len as u64).to_be_bytes()[8 - width..]].concat(),
        };
        [&identifier[..], &length, content].concat()
    };
    let longer = || prop_oneof![4 => Just(0_usize), 1 => 2_usize..9];
    let leaf = (identifier(false), several(any::<u8>(), 0..20), longer())
        .prop_map(move |(identifier, content, longer)| definite(identifier, &content, longer));
    leaf.prop_recursive(5, 24, 4, move |inner| {
        prop_oneof![
            (identifier(true), several(inner.clone(), 0..4), longer())
                .prop_map(move |(identifier, items, longer)| definite(identifier, &items.concat(), longer)),
            (identifier(true), several(inner, 0..4)).prop_map(|(identifier, items)| [
                identifier,
                vec![0x80],
                items.concat(),
                vec![0, 0]
            ]
            .concat()),
        ]
    })
}

pub(crate) fn harmed_ber() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        4 => prop::sample::select(hex("30 80 00 00 02 01 04 81 82 1f 3f ff")),
        1 => any::<u8>(),
    ];
    harmed(ber_values(), byte)
}

/// A value of BER by recursion. The second is whether it is the end of contents.
fn ber_twin(bytes: &[u8], at: usize, may_end: bool) -> Result<(usize, bool), Front> {
    let get = |at: usize| bytes.get(at).copied().ok_or(Front::Unfinished);
    let first = get(at)?;
    let mut next = at + 1;
    if first == 0 {
        return match may_end {
            true if get(next)? == 0 => Ok((next + 1, true)),
            _ => Err(Front::Wrong),
        };
    }
    if first & 31 == 31 {
        if get(next)? == 0x80 {
            return Err(Front::Wrong);
        }
        while get(next)? & 0x80 != 0 {
            next += 1;
            if next - at > 8 {
                return Err(Front::Wrong);
            }
        }
        next += 1;
    }
    let length = get(next)?;
    next += 1;
    let len = match length {
        0x80 if first & 0x20 == 0 => return Err(Front::Wrong),
        0x80 => loop {
            let (end, is_end) = ber_twin(bytes, next, true)?;
            next = end;
            if is_end {
                return Ok((next, false));
            }
        },
        0..0x80 => u64::from(length),
        _ => {
            let width = usize::from(length & 0x7f);
            if width > 8 {
                return Err(Front::Wrong);
            }
            let digits = bytes.get(next..next + width).ok_or(Front::Unfinished)?;
            next += width;
            digits.iter().fold(0, |number, &byte| number << 8 | u64::from(byte))
        }
    };
    if len > 1 << 23 {
        return Err(Front::Wrong);
    }
    let end = next + usize::try_from(len).unwrap();
    if end > bytes.len() { Err(Front::Unfinished) } else { Ok((end, false)) }
}

/// What `der` finds. It reads DER alone.
fn by_der(bytes: &[u8]) -> Option<usize> {
    use der::{Decode, Reader};
    let mut reader = der::SliceReader::new(bytes).ok()?;
    der::asn1::AnyRef::decode(&mut reader).ok()?;
    usize::try_from(u32::from(reader.position())).ok()
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn ber_ends_where_der_ends(bytes in harmed_ber()) {
        prop_assume!(!bytes.is_empty());
        let found = front(&Ber::new(), &bytes);
        if let Some(end) = by_der(&bytes) {
            prop_assert_eq!(found, Front::Value(end), "{:02x?}", &bytes);
        }
        match ber_twin(&bytes, 0, false) {
            Ok((end, _)) => prop_assert_eq!(found, Front::Value(end), "{:02x?}", &bytes),
            Err(Front::Wrong) => prop_assert_eq!(found, Front::Wrong, "{:02x?}", &bytes),
            Err(_) => prop_assert!(!matches!(found, Front::Value(_)), "{found:?} {:02x?}", &bytes),
        }
    }
}

#[test]
fn ber_examples_of_x_690_pass() {
    let values = [
        // 8.1.3.4 short, 8.1.3.5 long, 8.1.3.6 indefinite; 8.2.2 boolean, 8.3 integer.
        "0101ff",
        "020105",
        "8284 00000001 61",
        "04 81c9",
        "3080 020105 0000",
        // 8.6.4.2: a bit string, primitive, constructed, and constructed of indefinite length.
        "0307040a3b5f291cd0",
        "2380 0303000a3b 0305045f291cd0 0000",
        // 8.8.2 null, 8.9.3 a sequence, 8.14 tags.
        "0500",
        "300a1605536d6974680101ff",
        "1a054a6f6e6573",
        "43054a6f6e6573",
        "a207 43054a6f6e6573",
        "a207 1a054a6f6e6573",
        // 8.1.2.4: a tag of 31 or more.
        "1f1f00",
        "9f8100 0161",
        "bf8100 80 0000",
        // Values of indefinite length inside each other, with one of definite length whose content looks like an end.
        "3080 3080 0402 0000 0000 0000",
    ];
    let mut values = values.map(hex);
    values[3].extend([0; 0xc9]);
    assert_eq!(messages(Ber::new(), &values.concat()), values);
    for value in &values {
        assert_eq!(encode(Ber::new(), value), *value);
    }
}

#[test]
fn ber_errors_name_the_byte() {
    let forbidden = |found| DecodeErrorKind::Forbidden { found };
    for (text, at, kind) in [
        ("0000", 0, forbidden(0)),
        ("3080 0001", 3, forbidden(1)),
        ("1f80", 1, forbidden(0x80)),
        ("0480", 1, forbidden(0x80)),
        ("04ff", 1, DecodeErrorKind::ReservedForm { found: 0xff }),
        ("0489", 1, DecodeErrorKind::NumberTooLarge { max: u64::MAX }),
        ("1fffffffffffffffff", 8, DecodeErrorKind::NumberTooLarge { max: (1 << 56) - 1 }),
    ] {
        assert_eq!(decode_error(Ber::new(), &hex(text)), (0, at, kind), "{text}");
    }
    assert_eq!(truncated(Ber::new(), &hex("0500 3003")), (2, Truncated::Unterminated { have: 2 }));
}

#[test]
fn ber_limits_have_edges() {
    for text in ["30030201 05", "3080 020105 0000", "04820001 61"] {
        has_the_limit(&hex(text), |max| Ber::new().with_max_payload_len(max));
    }
    let oversize = |len| DecodeErrorKind::Oversize { len, max: 8 << 20 };
    assert_eq!(decode_error(Ber::new(), &hex("04 84 00800000")), (0, 5, oversize((8 << 20) + 6)));
    assert_eq!(decode_error(Ber::new(), &hex("04 88 ffffffffffffffff")), (0, 9, oversize(u64::MAX)));
    let nested = |depth: usize| [hex("3080").repeat(depth), hex("0000").repeat(depth)].concat();
    for depth in [127, 128] {
        assert_eq!(messages(Ber::new(), &nested(depth)), [nested(depth)]);
    }
    assert_eq!(decode_error(Ber::new(), &nested(129)), (0, 257, DecodeErrorKind::TooDeep { max: 128 }));
    let long = [hex("3080 04822000"), vec![0; 0x2000], hex("0500").repeat(1000), hex("0000")].concat();
    is_linear(&Ber::new(), &long, &hex("bf8100 84 00000002 0500"));
}
