//! JSON.

use super::*;
use crate::common::{decode, decode_error, encode, messages, refused, truncated};
use anysplit::contract::FrameError;
use anysplit::values::{Json, JsonSeq};
use anysplit::{DecodeErrorKind, Decoder, Event, Recovery, Truncated};

/// Texts of any shape, with white space inside.
pub(crate) fn values() -> impl Strategy<Value = Vec<u8>> {
    let scalar = prop_oneof![
        Just("true"),
        Just("false"),
        Just("null"),
        Just("0"),
        Just("-0"),
        Just("12"),
        Just("-1.50"),
        Just("1e9"),
        Just("0.1E-2"),
        Just("\"\""),
        Just("\"]\""),
        Just("\"a\\\"}\""),
        Just("\"\\u00e9\\\\\""),
        Just("\"é\u{1f600}\""),
    ];
    let scalar = scalar.prop_map(str::to_owned);
    let space = || prop_oneof![6 => Just(""), 1 => Just(" "), 1 => Just("\n"), 1 => Just("\t\r")];
    let text = scalar.prop_recursive(4, 16, 4, move |inner| {
        let array = (several((space(), inner.clone(), space()), 0..4), space());
        let object = (several((space(), Just("\"k\\\"\""), space(), inner), 0..4), space());
        prop_oneof![
            array.prop_map(|(items, space)| {
                let items: Vec<_> = items.into_iter().map(|(a, item, b)| format!("{a}{item}{b}")).collect();
                format!("[{}{space}]", items.join(","))
            }),
            object.prop_map(|(items, space)| {
                let items: Vec<_> =
                    items.into_iter().map(|(a, key, b, value)| format!("{a}{key}{b}:{a}{value}")).collect();
                format!("{{{}{space}}}", items.join(","))
            }),
        ]
    });
    text.prop_map(String::into_bytes)
}

pub(crate) fn harmed_values() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        8 => prop::sample::select(&b"[]{}:,\"\\ \n0123456789-+.eEutrfalsn/"[..]),
        1 => any::<u8>(),
    ];
    harmed(values(), byte)
}

pub(crate) fn harmed_sequences() -> impl Strategy<Value = Vec<u8>> {
    let sequence = several(values(), 1..3)
        .prop_map(|texts| texts.iter().flat_map(|text| [b"\x1e", &text[..], b"\n"].concat()).collect());
    let byte = prop_oneof![8 => prop::sample::select(&b"\x1e\x1e\n 0[]{}\""[..]), 1 => any::<u8>()];
    harmed(sequence, byte)
}

/// A reader by recursion. It sees all bytes, and `eof` says whether they are all of the stream.
fn twin(bytes: &[u8], eof: bool) -> Front {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    let word = bytes.iter().take_while(|byte| is_word(**byte)).count();
    if word > 0 {
        // A bare number or word needs a separator.
        return match (word_fits(&bytes[..word]), bytes.get(word)) {
            (Fits::Yes, Some(b' ' | b'\t' | b'\n' | b'\r')) => Front::Value(word),
            (Fits::Yes, None) if eof => Front::Value(word),
            (Fits::Yes | Fits::Begins, None) => Front::Unfinished,
            _ => Front::Wrong,
        };
    }
    match value(bytes, 0, 0) {
        Ok(end) => Front::Value(end),
        Err(front) => front,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fits {
    Yes,
    Begins,
    No,
}

/// RFC 8259, sections 3 and 6, by hand.
fn word_fits(word: &[u8]) -> Fits {
    for known in [&b"true"[..], b"false", b"null"] {
        if known == word {
            return Fits::Yes;
        }
        if known.starts_with(word) {
            return Fits::Begins;
        }
    }
    let rest = word.strip_prefix(b"-").unwrap_or(word);
    let digits = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let int = match rest.first() {
        Some(b'0') => 1,
        _ => digits(rest),
    };
    let mut rest = &rest[int..];
    if int == 0 {
        return if rest.is_empty() { Fits::Begins } else { Fits::No };
    }
    if let Some(fraction) = rest.strip_prefix(b".") {
        let len = digits(fraction);
        rest = &fraction[len..];
        if len == 0 {
            return if rest.is_empty() { Fits::Begins } else { Fits::No };
        }
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = exponent.strip_prefix(b"+").or(exponent.strip_prefix(b"-")).unwrap_or(exponent);
        let len = digits(exponent);
        rest = &exponent[len..];
        if len == 0 {
            return if rest.is_empty() { Fits::Begins } else { Fits::No };
        }
    }
    if rest.is_empty() { Fits::Yes } else { Fits::No }
}

fn space(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().take_while(|byte| b" \t\n\r".contains(byte)).count()
}

fn value(bytes: &[u8], at: usize, depth: usize) -> Result<usize, Front> {
    match *bytes.get(at).ok_or(Front::Unfinished)? {
        b'"' => string(bytes, at),
        b'[' | b'{' if depth == 128 => Err(Front::Wrong),
        b'[' => list(bytes, at + 1, b']', |at| value(bytes, at, depth + 1)),
        b'{' => list(bytes, at + 1, b'}', |at| {
            let at = space(bytes, string(bytes, at)?);
            match bytes.get(at).ok_or(Front::Unfinished)? {
                b':' => value(bytes, space(bytes, at + 1), depth + 1),
                _ => Err(Front::Wrong),
            }
        }),
        _ => {
            let len =
                bytes[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)).count();
            match (word_fits(&bytes[at..at + len]), at + len == bytes.len()) {
                (Fits::Yes, false) => Ok(at + len),
                (Fits::Yes | Fits::Begins, true) => Err(Front::Unfinished),
                _ => Err(Front::Wrong),
            }
        }
    }
}

fn list(bytes: &[u8], at: usize, end: u8, item: impl Fn(usize) -> Result<usize, Front>) -> Result<usize, Front> {
    let mut at = space(bytes, at);
    if bytes.get(at) == Some(&end) {
        return Ok(at + 1);
    }
    loop {
        at = space(bytes, item(at)?);
        match *bytes.get(at).ok_or(Front::Unfinished)? {
            b',' => at = space(bytes, at + 1),
            found if found == end => return Ok(at + 1),
            _ => return Err(Front::Wrong),
        }
    }
}

fn string(bytes: &[u8], at: usize) -> Result<usize, Front> {
    let get = |at: usize| bytes.get(at).copied().ok_or(Front::Unfinished);
    if get(at)? != b'"' {
        return Err(Front::Wrong);
    }
    let mut at = at + 1;
    loop {
        match get(at)? {
            b'"' => return Ok(at + 1),
            b'\\' => match get(at + 1)? {
                b'u' => {
                    for digit in at + 2..at + 6 {
                        if !get(digit)?.is_ascii_hexdigit() {
                            return Err(Front::Wrong);
                        }
                    }
                    at += 6;
                }
                byte if b"\"\\/bfnrt".contains(&byte) => at += 2,
                _ => return Err(Front::Wrong),
            },
            0..0x20 => return Err(Front::Wrong),
            _ => at += 1,
        }
    }
}

/// What `serde_json` finds, without building a value.
fn by_serde(bytes: &[u8]) -> Front {
    let mut texts = serde_json::Deserializer::from_slice(bytes).into_iter::<serde::de::IgnoredAny>();
    match texts.next() {
        Some(Ok(_)) => Front::Value(texts.byte_offset()),
        Some(Err(error)) if error.is_eof() => Front::Unfinished,
        _ => Front::Wrong,
    }
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn json_ends_where_serde_json_ends(bytes in harmed_values()) {
        let bytes = &bytes[space(&bytes, 0)..];
        prop_assume!(!bytes.is_empty());
        let found = front(&Json::new(), bytes);
        let twin = twin(bytes, false);
        // A wrong byte after a bare word that has begun is found with the byte.
        prop_assert_eq!(found, twin, "{}", bytes.escape_ascii());
        match by_serde(bytes) {
            Front::Value(end) if found == Front::Unfinished => {
                // The end of the stream completes a number or a word.
                prop_assert_eq!(decode(Json::new(), bytes), (vec![bytes[..end].to_vec()], Ok(())));
            }
            // `1[` is an error here.
            Front::Value(end) if found == Front::Wrong => {
                prop_assert!(!b"\"]}".contains(&bytes[end - 1]), "{}", bytes.escape_ascii());
            }
            Front::Value(end) => prop_assert_eq!(found, Front::Value(end), "{}", bytes.escape_ascii()),
            _ => prop_assert!(!matches!(found, Front::Value(_)), "{}", bytes.escape_ascii()),
        }
    }
}

#[test]
fn json_texts_of_rfc_8259_section_13_pass() {
    let image = br#"{
        "Image": {
            "Width":  800,
            "Height": 600,
            "Title":  "View from 15th Floor",
            "Thumbnail": {
                "Url":    "http://www.example.com/image/481989943",
                "Height": 125,
                "Width":  100
            },
            "Animated" : false,
            "IDs": [116, 943, 234, 38793]
          }
      }"#;
    for text in [&image[..], b"\"Hello world!\"", b"42", b"true"] {
        let separator: &[u8] = if b"2e".contains(&text[text.len() - 1]) { b"\n" } else { b"" };
        assert_eq!(encode(Json::new(), text), [text, separator].concat());
        assert_eq!(messages(Json::new(), &[text, b" ", text].concat()), [text, text]);
    }
}

#[test]
fn json_texts_follow_each_other_without_a_separator() {
    assert_eq!(
        messages(Json::new(), b"[][1]{}\"a\"\"b\"1 2\ttrue\r\n null"),
        [&b"[]"[..], b"[1]", b"{}", b"\"a\"", b"\"b\"", b"1", b"2", b"true", b"null"]
    );
    assert_eq!(messages(Json::new(), b" \n\t\r"), [b""; 0]);
}

#[test]
fn json_errors_name_the_byte() {
    let forbidden = |found| DecodeErrorKind::Forbidden { found };
    for (text, at, kind) in [
        (&b"[1}"[..], 2, forbidden(b'}')),
        (b"{\"a\" 1}", 5, forbidden(b'1')),
        (b"\"a\nb\"", 2, forbidden(b'\n')),
        (b"\"\\x\"", 2, forbidden(b'x')),
        (b"\"\\u12g4\"", 5, forbidden(b'g')),
        (b"[01]", 2, forbidden(b'1')),
        (b"[1,]", 3, forbidden(b']')),
        (b"{,}", 1, forbidden(b',')),
        (b"1[2]", 1, forbidden(b'[')),
        (b"trux", 3, forbidden(b'x')),
        (b"nullx", 4, forbidden(b'x')),
        (b"\xef\xbb\xbf{}", 0, forbidden(0xef)),
        (b"]", 0, forbidden(b']')),
    ] {
        assert_eq!(decode_error(Json::new(), text), (0, at, kind), "{}", text.escape_ascii());
    }
    assert_eq!(truncated(Json::new(), b"[] [1"), (3, Truncated::Unterminated { have: 2 }));
    assert_eq!(truncated(Json::new(), b"tru"), (0, Truncated::Unterminated { have: 3 }));
    assert_eq!(truncated(Json::new(), b"-"), (0, Truncated::Unterminated { have: 1 }));
}

#[test]
fn json_encoder_takes_exactly_one_text() {
    let malformed = |at, found| EncodeError::Malformed(FrameError::new(at, DecodeErrorKind::Forbidden { found }));
    assert_eq!(refused(Json::new(), b""), EncodeError::Empty);
    assert_eq!(refused(Json::new(), b" 1"), malformed(0, b' '));
    assert_eq!(refused(Json::new(), b"[1}"), malformed(2, b'}'));
    assert_eq!(refused(Json::new(), b"1 "), EncodeError::WrongLength { len: 2, expected: 1 });
    assert_eq!(refused(Json::new(), b"[][]"), EncodeError::WrongLength { len: 4, expected: 2 });
    assert_eq!(refused(Json::new(), b"{\"a\":"), EncodeError::TooShort { len: 5, min: 6 });
}

#[test]
fn json_levels_have_a_limit() {
    let nested = |depth: usize| [b"[".repeat(depth), b"]".repeat(depth)].concat();
    for depth in [127, 128] {
        assert_eq!(messages(Json::new(), &nested(depth)), [nested(depth)]);
        let objects = [b"{\"a\":".repeat(depth), b"0".to_vec(), b"}".repeat(depth)].concat();
        assert_eq!(messages(Json::new(), &objects), [objects]);
    }
    assert_eq!(decode_error(Json::new(), &nested(129)), (0, 128, DecodeErrorKind::TooDeep { max: 128 }));
    let error = FrameError::new(128, DecodeErrorKind::TooDeep { max: 128 });
    assert_eq!(refused(Json::new(), &nested(129)), EncodeError::Malformed(error));
}

#[test]
fn json_limit_counts_the_text() {
    for text in [&b"[1, 2]"[..], b"\"abcdef\"", b"{\"a\":{}}"] {
        has_the_limit(text, |max| Json::new().with_max_payload_len(max));
    }
    let framing = Json::new().with_max_payload_len(2);
    assert_eq!(messages(framing, b"12 \n \n 34\n56"), [b"12", b"34", b"56"]);
    assert_eq!(decode_error(framing, b"123"), (0, 2, DecodeErrorKind::Oversize { len: 3, max: 2 }));
}

#[test]
fn json_work_is_linear() {
    is_linear(&Json::new(), format!("[\"{}\",{}]", "x".repeat(6000), "1".repeat(3000)).as_bytes(), b"[1,{}]");
    is_linear(&Json::new(), format!("[\"{}\"]", "\\u1234".repeat(1000)).as_bytes(), b"12345678");
}

#[test]
fn rejected_json_text_is_skipped_up_to_its_line_feed() {
    for recovery in [Recovery::SkipFrame, Recovery::Resync] {
        let mut decoder = Decoder::new(Json::new()).with_recovery(recovery);
        decoder.push(b"[1}]]\n[2]\n").unwrap();
        let Some(Event::Skipped(stretch)) = decoder.next_event().unwrap() else { panic!() };
        assert_eq!((stretch.offset, stretch.len, stretch.reason.offset), (0, 6, 2));
        assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"[2]");
    }
    let mut decoder = Decoder::new(Json::new().with_max_payload_len(4)).with_recovery(Recovery::SkipOversize);
    decoder.push(b"[1,\n2,3] [4]").unwrap();
    let Some(Event::Skipped(stretch)) = decoder.next_event().unwrap() else { panic!() };
    assert_eq!((stretch.offset, stretch.len), (0, 8));
    assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"[4]");
}

/// The texts of a sequence, up to the first that is wrong: cut at the separators, and judged by the twin of one text.
fn sequence_twin(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut texts = Vec::new();
    let mut elements = bytes.split(|&byte| byte == 0x1e);
    if elements.next().is_some_and(|before| space(before, 0) < before.len()) {
        return texts;
    }
    for element in elements.filter(|element| !element.is_empty()) {
        let start = space(element, 0);
        match twin(&element[start..], false) {
            Front::Value(end) if start < 16 => {
                let after = &element[start + end..];
                if !after.first().is_some_and(|byte| b" \t\r\n".contains(byte)) {
                    return texts;
                }
                texts.push(element[start..start + end].to_vec());
                if space(after, 0) < after.len() {
                    return texts;
                }
            }
            _ => return texts,
        }
    }
    texts
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn json_sequence_gives_the_texts_of_its_twin(bytes in harmed_sequences()) {
        let (found, _) = crate::common::decode_chunks(JsonSeq::new(), &[&bytes]);
        prop_assert_eq!(found, sequence_twin(&bytes), "{}", bytes.escape_ascii());
    }
}

#[test]
fn json_sequences_of_rfc_7464_pass() {
    // Sections 2.1 and 2.2.
    assert_eq!(encode(JsonSeq::new(), b"{\"a\":1}"), b"\x1e{\"a\":1}\n");
    assert_eq!(messages(JsonSeq::new(), b"\x1e{}\n\x1e\x1e\x1e 12 \n\x1e\"a\"\r\n"), [&b"{}"[..], b"12", b"\"a\""]);
    // Section 2.4: a number that is cut.
    assert_eq!(decode_error(JsonSeq::new(), b"\x1e12\x1e"), (0, 3, DecodeErrorKind::Forbidden { found: 0x1e }));
    assert_eq!(truncated(JsonSeq::new(), b"\x1e12"), (0, Truncated::Unterminated { have: 3 }));
    let mismatch = |found, expected| DecodeErrorKind::Mismatch { found, expected };
    assert_eq!(decode_error(JsonSeq::new(), b"\x1e{}\x1e"), (0, 3, mismatch(0x1e, b'\n')));
    assert_eq!(decode_error(JsonSeq::new(), b"{}"), (0, 0, mismatch(b'{', 0x1e)));
    let spaces = |len: usize| [b"\x1e".to_vec(), b" ".repeat(len), b"{}\n".to_vec()].concat();
    for len in [14, 15] {
        assert_eq!(messages(JsonSeq::new(), &spaces(len)), [b"{}"]);
    }
    assert_eq!(decode_error(JsonSeq::new(), &spaces(16)), (0, 16, DecodeErrorKind::HeaderTooLong { max: 16 }));
    for text in [&b"[1, 2]"[..], b"123456"] {
        for max in [6, 7] {
            let framing = JsonSeq::new().with_max_payload_len(max);
            assert_eq!(messages(framing, &encode(framing, text)), [text]);
        }
        let framing = JsonSeq::new().with_max_payload_len(5);
        let kind = DecodeErrorKind::Oversize { len: 6, max: 5 };
        assert_eq!(decode_error(framing, &encode(JsonSeq::new(), text)), (0, 6, kind));
    }
    is_linear(&JsonSeq::new(), format!("\x1e[\"{}\"]\n", "x".repeat(6000)).as_bytes(), b"12");
    let mut decoder = Decoder::new(JsonSeq::new()).with_recovery(Recovery::Resync);
    decoder.push(b"noise\x1e{\"a\x1e[1]\n").unwrap();
    let Some(Event::Skipped(_)) = decoder.next_event().unwrap() else { panic!() };
    assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"[1]");
}
