//! Framings of any configuration that read lines, words and first bytes, given in the text form, keep the laws on
//! streams that look like theirs.

#![cfg(all(feature = "testing", feature = "spec"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use anysplit::spec::SpecError;
use anysplit::testing::{self, Case, Violation};
use anysplit::{AnyFraming, Encoder};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Tokens that these framings look for, and near misses.
const TOKENS: [&[u8]; 56] = [
    b"\x1e[",
    b"\x1e1\n",
    b"[1,",
    b"{\"l\":",
    b"]}",
    b"12 ",
    b"\x9f\x82\x61",
    b"\xff",
    b"*1\r\n",
    b"\x30\x80\x02\x01",
    b"l: 5\r\n",
    b"l: 0\n",
    b"L:3\r\n",
    b"n:2\r\n",
    b"l=4;",
    b"l: 05 \r\n",
    b"l :5\r\n",
    b"l: 99\r\n",
    b"t: x\r\n",
    b"x: y\r\n",
    b" z\r\n",
    b"\r\n",
    b"\n",
    b"\r",
    b";",
    b"\0",
    b"hello",
    b"hel",
    b"a b 5\r\n",
    b"a b 2 c\r\n",
    b"A 3\n",
    b"$5\r\n",
    b"$-1\r\n",
    b"$\r\n",
    b"x {3}\r\n",
    b"{5+}\r\n",
    b"{x}\r\n",
    b"5\r\n",
    b"3;x=y\r\n",
    b"0\r\n",
    b"0\r\n\r\n",
    b"c\r\n",
    b"<<",
    b">>",
    b">",
    b"5 ",
    b"\x01\x05",
    b"\x7e\x00\x03",
    b"\x81\x02",
    b"\x00\x03",
    b"\xc0",
    b"\xdb\xdc",
    b"\xdba",
    b"\x02a\0",
    b"\x03a\0",
    b"\0\0",
];

fn streams() -> impl Strategy<Value = Vec<u8>> {
    let token = prop_oneof![12 => select(&TOKENS[..]).prop_map(<[u8]>::to_vec), 1 => vec(any::<u8>(), 1..3)];
    vec(token, 0..10).prop_map(|tokens| tokens.concat())
}

/// One of these after a comma, or none.
fn maybe(options: &'static [&'static str]) -> impl Strategy<Value = String> {
    option::of(select(options)).prop_map(|option| option.map_or(String::new(), |option| format!(",{option}")))
}

fn max() -> impl Strategy<Value = String> {
    prop_oneof![2 => Just(String::new()), 3 => (0..8_u32).prop_map(|max| format!(",max={max}"))]
}

fn joined(parts: impl Strategy<Value = Vec<String>> + 'static) -> BoxedStrategy<String> {
    parts.prop_map(|parts| parts.concat()).boxed()
}

/// Framings without others inside, with options after a comma if there are some.
fn plain() -> BoxedStrategy<String> {
    let header = (
        (select(&["header:l", "header:l|n", "header:n|l"][..]), maybe(&["forbid=t"]), maybe(&["separator=="])),
        (maybe(&["startline"]), maybe(&["lf", "fieldend=;"]), maybe(&["missing=empty", "until=\\0", "until=;"])),
        (
            maybe(&["blanklines"]),
            maybe(&["keep"]),
            maybe(&["uncounted=2"]),
            maybe(&["maxheader=9", "maxheader=20"]),
            max(),
        ),
    );
    let header = header.prop_map(|((name, a, b), (c, d, e), (f, g, h, i, j))| {
        [name.to_owned(), a, b, c, d, e, f, g, h, i, j].to_vec()
    });
    let rule =
        select(&["a:last", "a:2", "a:1:nocase", "$:rest:none=-1", "braces", "x:last:none=y:none=0", ";:rest"][..]);
    let block = (vec(rule, 1..4), maybe(&["lf"]), maybe(&["notrailer"]), maybe(&["maxline=8", "maxline=2"]), max());
    let block = block.prop_map(|(rules, a, b, c, d)| vec![format!("block:{}", rules.join("|")), a, b, c, d]);
    let chunked = (maybe(&["maxheader=4", "maxheader=9"]), max()).prop_map(|(a, b)| vec!["chunked".to_owned(), a, b]);
    let http1 = (maybe(&["answers=HEAD", "answers=CONNECT"]), maybe(&["maxheader=20", "maxheader=90"]), max());
    let http1 = http1.prop_map(|(a, b, c)| vec!["http1".to_owned(), a, b, c]);
    let enclosed = (
        select(&["delim:>>", "delim:\\r\\n|;", "line", "line,crlf"][..]),
        select(&[",start=<<", ",start=\\0", ",start=>"][..]),
        (maybe(&["keep"]), maybe(&["unterminated=take", "unterminated=fail"]), max()),
    );
    let enclosed = enclosed.prop_map(|(a, b, (c, d, e))| vec![a.to_owned(), b.to_owned(), c, d, e]);
    let numbers = [
        "bcd:1",
        "bcd:2",
        "escaped:0x7f,step=126:u16be",
        "escaped:0x0f,step=13:u8+13,longer",
        "escaped:0x02,step=0:u8,step=1:u32le",
        "escaped:0x7f,step=5:u16le,greatest=300",
    ];
    let prefix = (select(numbers.to_vec()), maybe(&["self", "control=2", "trailer=;", "adjust=1"]), max());
    let prefix = prefix.prop_map(|(a, b, c)| vec![a.to_owned(), b, c]);
    let extra = select(&["extra=0:0x80:4", "extra=0:0x0f", "extra=1:0x80:2"][..]);
    let field = (0..2_u8, select(numbers.to_vec()), option::of(1..3_u8), extra, max());
    let field = field.prop_map(|(offset, number, after, extra, max)| {
        let after = after.map_or(String::new(), |after| format!(",after={after}"));
        vec![format!("field:offset={offset},number=({number}){after},{extra}"), max]
    });
    let stuffed = (select(&["slip", "cobs", "json", "json-seq", "cbor", "msgpack", "resp", "asn1"][..]), max())
        .prop_map(|(name, max)| vec![name.to_owned(), max]);
    prop_oneof![
        4 => joined(header), 3 => joined(block), 1 => joined(chunked), 1 => joined(http1), 2 => joined(enclosed), 1 => joined(prefix),
        2 => joined(field), 2 => joined(stuffed),
    ]
    .boxed()
}

/// Checksums, rules and escapes around a framing, and what serial protocols have of their own.
fn serial() -> BoxedStrategy<String> {
    let inner = select(
        &["u8,max=20", "u16be,max=20", "delim:>>,max=20", "field:offset=1,size=1,after=2,max=20", "cobs,max=20"][..],
    );
    let sum = select(&["CRC-8/SMBUS", "CRC-16/MODBUS", "xor", "sum16", "fletcher32", "internet"][..]);
    let form = select(&["be", "le", "hex", "dec"][..]);
    let edge = || select(&["0", "1", "payload", "trailer", "end"][..]);
    let checked = (inner.clone(), sum.clone(), form.clone(), edge(), edge())
        .prop_map(|(inner, sum, form, from, to)| format!("({inner}),sum={sum},form={form},from={from},to={to}"));
    let header = (sum.clone(), select(&["5", "6", "payload", "end"][..]))
        .prop_map(|(sum, to)| format!("(field:offset=1,size=1,after=6,max=20),sum={sum},at=3,to={to}"));
    let blocks = (sum.clone(), form.clone(), 1..4_u8)
        .prop_map(|(sum, form, block)| format!("(u8,max=20),sum={sum},form={form},block={block}"));
    let escapes = select(&["", ",xor=0x40", ",codes=hl", ",control=0x2000"][..]);
    let escaped = (prop_oneof![inner.clone().prop_map(str::to_owned), checked.clone()], escapes.clone())
        .prop_map(|(inner, escapes)| format!("({inner}),escape=<:>{escapes}"));
    let rewritten = select(&["slip,max=20", "doubled:>:<,max=20", "dots,max=20", "cobs,sum=xor,max=20"][..]);
    let rules = (
        prop_oneof![inner, rewritten],
        select(
            &[
                "allow=0:\\0-\\x0f",
                "allow=1:\\0-\\x7f",
                "same=1:0",
                "allow=0:\\0-\\x20",
                "below=9",
                "forbid=l;",
                "must=0:\\0",
            ][..],
        ),
    )
        .prop_map(|(inner, rule)| format!("({inner}),{rule}"));
    let stuffed = (
        select(
            &[
                "escape:\\n:l",
                "escape:>:},empty,also=hl",
                "cobs,empty",
                "cobs,sentinel=10",
                "cobs,reduced",
                "hexline:$",
                "slip",
            ][..],
        ),
        sum,
        form,
    )
        .prop_map(|(name, sum, form)| format!("{name},sum={sum},form={form},max=20"));
    let own = select(&["doubled:l:o", "doubled:>:<,start=<<", "dots", "midi", "smp", "mavlink:0=50|1=124"][..]);
    let own =
        (own, max()).prop_map(|(name, max)| if max.is_empty() { name.to_owned() } else { format!("{name},{max}") });
    prop_oneof![3 => checked, 1 => header, 2 => blocks, 3 => escaped, 2 => rules, 2 => stuffed, 3 => own].boxed()
}

/// Plain framings, and tables of them by type and by first byte.
fn texts() -> BoxedStrategy<String> {
    let first = vec(plain(), 1..4).prop_map(|inner| {
        let ranges = ["\\0-\\x20", "!-<", "=-z"];
        let entries: Vec<_> = ranges.iter().zip(inner).map(|(range, text)| format!("{range}=({text})")).collect();
        format!("first:{}", entries.join(","))
    });
    let typed = (plain(), plain()).prop_map(|(one, other)| format!("type:a=({one}),l=({other}),\\0=3"));
    let start = select(&["<<", "\\0", ">", "\\xc0"][..]);
    let enclosed = (plain(), start).prop_map(|(inner, start)| format!("({inner}),start={start}"));
    let then = (plain(), prop_oneof![3 => plain(), 1 => enclosed.clone()]);
    let then = then.prop_map(|(one, other)| format!("{one} then {other}"));
    prop_oneof![6 => plain(), 4 => serial(), 3 => first, 1 => typed, 2 => enclosed, 2 => then].boxed()
}

fn keeps_the_laws(framing: &AnyFraming, case: &Case, stream: &[u8], cuts: &[usize]) -> Result<(), Violation> {
    testing::check_case(framing, case)?;
    testing::contract(framing, stream)?;
    testing::any_split(framing, stream, cuts)?;
    testing::any_split(framing, stream, &(0..stream.len()).collect::<Vec<_>>())?;
    testing::neither_late_nor_greedy(framing, stream)?;
    testing::errors_exact_and_sticky(framing, stream)?;
    testing::memory(framing, stream, cuts)?;
    testing::no_panic(framing, stream, cuts)?;
    // Beginnings of the stream are messages too, good and bad ones.
    let messages: Vec<&[u8]> = (0..=stream.len().min(24)).map(|len| &stream[..len]).collect();
    testing::refusal(framing, &messages)?;
    let mut encoder = Encoder::new(framing);
    let good: Vec<&[u8]> = messages.into_iter().filter(|message| encoder.push(message).is_ok()).collect();
    testing::round_trip(framing, &good)?;
    testing::end_reports_what_was_cut(framing, &good)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(300),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn framings_of_any_text_form_keep_the_laws(
        text in texts(), case in testing::cases(), stream in streams(), cuts in vec(any::<Index>(), 0..6),
    ) {
        let parsed: Result<AnyFraming, SpecError> = text.parse();
        // Options that conflict are refused.
        let Ok(framing) = parsed else { return Ok(()) };
        prop_assert_eq!(framing.to_string().parse::<AnyFraming>(), Ok(framing.clone()));
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.sort_unstable();
        if let Err(violation) = keeps_the_laws(&framing, &case, &stream, &cuts) {
            return Err(TestCaseError::fail(format!("{text}, \"{}\": {violation}", stream.escape_ascii())));
        }
    }
}
