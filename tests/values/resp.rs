//! RESP 2 and 3.

use super::*;
use crate::common::{decode_error, encode, messages, refused, truncated};
use anysplit::contract::FrameError;
use anysplit::values::Resp;
use anysplit::{DecodeErrorKind, Decoder, Recovery, Truncated};

pub(crate) fn values() -> impl Strategy<Value = Vec<u8>> {
    let fixed = prop::sample::select(vec![
        "+OK\r\n",
        "-ERR wrong\r\n",
        ":0\r\n",
        ":-12\r\n",
        ":+7\r\n",
        "$-1\r\n",
        "*-1\r\n",
        "_\r\n",
        "#t\r\n",
        "#f\r\n",
        ",1.5\r\n",
        ",inf\r\n",
        "(3492890328409238509324850943850943825024385\r\n",
        "=5\r\ntxt:x\r\n",
        "!3\r\nERR\r\n",
        "$?\r\n;4\r\nHell\r\n;1\r\no\r\n;0\r\n",
        "$?\r\n;0\r\n",
        "$0\r\n\r\n",
        "+\r\n",
        "$2\r\n\r\n\r\n",
    ]);
    let bulk = several(any::<u8>(), 0..40)
        .prop_map(|bytes| [format!("${}\r\n", bytes.len()).into_bytes(), bytes, b"\r\n".to_vec()].concat());
    let leaf = prop_oneof![fixed.prop_map(|text| text.as_bytes().to_vec()), bulk];
    leaf.prop_recursive(5, 24, 4, |inner| {
        let counted = |kind: char, count: usize, items: Vec<Vec<u8>>| {
            [format!("{kind}{count}\r\n").into_bytes(), items.concat()].concat()
        };
        let pairs = || several((inner.clone(), inner.clone()), 0..3).prop_map(|pairs| {
            pairs.into_iter().map(|(key, value)| [key, value].concat()).collect::<Vec<_>>()
        });
        let list = prop::sample::select(vec!['*', '~', '>']);
        prop_oneof![
            3 => (list.clone(), several(inner.clone(), 0..5)).prop_map(move |(kind, items)| counted(kind, items.len(), items)),
            2 => pairs().prop_map(move |pairs| counted('%', pairs.len(), pairs)),
            1 => (pairs(), inner.clone()).prop_map(move |(pairs, value)| {
                [counted('|', pairs.len(), pairs), value].concat()
            }),
            1 => (list, several(inner.clone(), 0..4)).prop_map(|(kind, items)| {
                [format!("{kind}?\r\n").into_bytes(), items.concat(), b".\r\n".to_vec()].concat()
            }),
            1 => pairs().prop_map(|pairs| [b"%?\r\n".to_vec(), pairs.concat(), b".\r\n".to_vec()].concat()),
        ]
    })
}

pub(crate) fn harmed_values() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        8 => prop::sample::select(&b"+-:$*~>%|_#=!(,.;?\r\n0123"[..]),
        1 => any::<u8>(),
    ];
    harmed(values(), byte)
}

/// A value by recursion. `Ok(None)`: the mark that ends a streamed value.
fn value(bytes: &[u8], at: usize, may_end: bool) -> Result<(usize, bool), Front> {
    let first = *bytes.get(at).ok_or(Front::Unfinished)?;
    let rest = &bytes[at + 1..];
    let list = |mut at: usize, count: u64| {
        for _ in 0..count {
            at = value(bytes, at, false)?.0;
        }
        Ok((at, false))
    };
    let string = |at: usize, len: u64| {
        let end = at + usize::try_from(len).unwrap();
        literal(bytes.get(end..).unwrap_or_default(), b"\r\n")?;
        if end > bytes.len() { Err(Front::Unfinished) } else { Ok((end + 2, false)) }
    };
    let starts = |text: &[u8]| rest.starts_with(text);
    match first {
        b'+' | b'-' | b',' | b'(' => {
            let len = rest.iter().position(|byte| b"\r\n".contains(byte)).ok_or(Front::Unfinished)?;
            literal(&rest[len..], b"\r\n")?;
            Ok((at + 3 + len, false))
        }
        b':' => {
            let sign = usize::from(rest.first().is_some_and(|byte| b"+-".contains(byte)));
            let len = rest[sign..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            if len > 20 || len == 0 && rest.len() > sign {
                return Err(Front::Wrong);
            }
            literal(&rest[sign + len..], b"\r\n")?;
            Ok((at + 3 + sign + len, false))
        }
        b'_' => literal(rest, b"\r\n").map(|()| (at + 3, false)),
        b'#' if starts(b"t") || starts(b"f") => literal(&rest[1..], b"\r\n").map(|()| (at + 4, false)),
        b'#' if rest.is_empty() => Err(Front::Unfinished),
        b'.' if may_end => literal(rest, b"\r\n").map(|()| (at + 3, true)),
        b'$' | b'*' if starts(b"-") => literal(rest, b"-1\r\n").map(|()| (at + 5, false)),
        b'$' if starts(b"?") => {
            literal(rest, b"?\r\n")?;
            let mut at = at + 4;
            loop {
                literal(bytes.get(at..).unwrap_or_default(), b";")?;
                let (start, len) = number(bytes, at + 1)?;
                if len == 0 {
                    return Ok((start, false));
                }
                at = string(start, len)?.0;
            }
        }
        b'*' | b'~' | b'>' | b'%' if starts(b"?") => {
            literal(rest, b"?\r\n")?;
            let mut at = at + 4;
            loop {
                let (end, is_mark) = value(bytes, at, true)?;
                at = end;
                if is_mark {
                    return Ok((at, false));
                }
                if first == b'%' {
                    at = value(bytes, at, false)?.0;
                }
            }
        }
        b'$' | b'!' | b'=' | b'*' | b'~' | b'>' | b'%' | b'|' => {
            let (start, count) = number(bytes, at + 1)?;
            match first {
                b'$' | b'!' | b'=' => string(start, count),
                b'%' => list(start, 2 * count),
                b'|' => list(start, 2 * count + 1),
                _ => list(start, count),
            }
        }
        _ => Err(Front::Wrong),
    }
}

fn literal(bytes: &[u8], expected: &[u8]) -> Result<(), Front> {
    if bytes.starts_with(expected) {
        Ok(())
    } else if expected.starts_with(bytes) {
        Err(Front::Unfinished)
    } else {
        Err(Front::Wrong)
    }
}

/// Returns where the line of a length ends, and the length, which is below the limit of 8 MiB.
fn number(bytes: &[u8], at: usize) -> Result<(usize, u64), Front> {
    let rest = bytes.get(at..).unwrap_or_default();
    let len = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if len == 0 && !rest.is_empty() || len > 1 && rest[0] == b'0' {
        return Err(Front::Wrong);
    }
    if len == 0 {
        return Err(Front::Unfinished);
    }
    literal(&rest[len..], b"\r\n")?;
    let number = std::str::from_utf8(&rest[..len]).unwrap().parse().map_err(|_| Front::Wrong)?;
    if number > 1 << 22 { Err(Front::Wrong) } else { Ok((at + len + 2, number)) }
}

/// What `redis-protocol` finds, by either version of the protocol.
fn by_redis_protocol(bytes: &[u8]) -> [Option<usize>; 2] {
    let two = redis_protocol::resp2::decode::decode(bytes).ok().flatten().map(|(_, len)| len);
    let three = redis_protocol::resp3::decode::complete::decode(bytes).ok().flatten().map(|(_, len)| len);
    [two, three]
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn resp_ends_where_redis_protocol_ends(bytes in harmed_values()) {
        prop_assume!(!bytes.is_empty());
        let found = front(&Resp::new(), &bytes);
        match value(&bytes, 0, false) {
            Ok((end, _)) => prop_assert_eq!(found, Front::Value(end), "{}", bytes.escape_ascii()),
            Err(Front::Wrong) => prop_assert_eq!(found, Front::Wrong, "{}", bytes.escape_ascii()),
            Err(_) => prop_assert!(!matches!(found, Front::Value(_)), "{found:?} {}", bytes.escape_ascii()),
        }
        for end in by_redis_protocol(&bytes).into_iter().flatten() {
            // It does not look at the CR LF after a string, and takes any text for a null and a sign in a length.
            let agrees = found == Front::Value(end) || found == Front::Wrong;
            prop_assert!(agrees, "{found:?} and not {end}: {}", bytes.escape_ascii());
        }
    }

    #[test]
    fn resp_value_that_was_not_harmed_ends_where_redis_protocol_ends(bytes in values()) {
        prop_assert_eq!(front(&Resp::new(), &bytes), Front::Value(bytes.len()));
        for end in by_redis_protocol(&bytes).into_iter().flatten() {
            prop_assert_eq!(end, bytes.len(), "{}", bytes.escape_ascii());
        }
    }
}

#[test]
fn resp_examples_of_the_specifications_pass() {
    let values = [
        // The Redis serialization protocol specification.
        "+OK\r\n",
        "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
        ":0\r\n",
        ":1000\r\n",
        "$5\r\nhello\r\n",
        "$0\r\n\r\n",
        "$-1\r\n",
        "*0\r\n",
        "*2\r\n$5\r\nhello\r\n$5\r\nworld\r\n",
        "*5\r\n:1\r\n:2\r\n:3\r\n:4\r\n$5\r\nhello\r\n",
        "*-1\r\n",
        "*2\r\n*3\r\n:1\r\n:2\r\n:3\r\n*2\r\n+Hello\r\n-World\r\n",
        "*3\r\n$5\r\nhello\r\n$-1\r\n$5\r\nworld\r\n",
        "_\r\n",
        "#t\r\n",
        "#f\r\n",
        ",1.23\r\n",
        ",10\r\n",
        ",-inf\r\n",
        "(3492890328409238509324850943850943825024385\r\n",
        "!21\r\nSYNTAX invalid syntax\r\n",
        "=15\r\ntxt:Some string\r\n",
        "%2\r\n+first\r\n:1\r\n+second\r\n:2\r\n",
        // RESP3: sets, attributes, pushes, and streamed values.
        "~5\r\n+orange\r\n+apple\r\n#t\r\n:100\r\n:999\r\n",
        "|1\r\n+key-popularity\r\n%2\r\n$1\r\na\r\n,0.1923\r\n$1\r\nb\r\n,0.0012\r\n*2\r\n:2039123\r\n:9543892\r\n",
        "*3\r\n:1\r\n:2\r\n|1\r\n+ttl\r\n:3600\r\n:3\r\n",
        ">4\r\n+pubsub\r\n+message\r\n+somechannel\r\n+this is the message\r\n",
        "$?\r\n;4\r\nHell\r\n;5\r\no wor\r\n;1\r\nd\r\n;0\r\n",
        "*?\r\n:1\r\n:2\r\n:3\r\n.\r\n",
        "%?\r\n+a\r\n:1\r\n+b\r\n:2\r\n.\r\n",
    ];
    assert_eq!(messages(Resp::new(), values.concat().as_bytes()), values.map(str::as_bytes));
    for value in values {
        assert_eq!(encode(Resp::new(), value.as_bytes()), value.as_bytes());
    }
}

#[test]
fn resp_errors_name_the_byte() {
    let mismatch = |found, expected| DecodeErrorKind::Mismatch { found, expected };
    let forbidden = |found| DecodeErrorKind::Forbidden { found };
    for (text, at, kind) in [
        ("PING\r\n", 0, DecodeErrorKind::UnknownType { found: b'P' }),
        ("+a\rb", 3, mismatch(b'b', b'\n')),
        ("+a\n", 2, forbidden(b'\n')),
        ("$1x", 2, DecodeErrorKind::NotADigit { found: b'x', radix: 10 }),
        ("$+1\r\n", 1, DecodeErrorKind::NotADigit { found: b'+', radix: 10 }),
        ("$01", 2, DecodeErrorKind::LeadingZero),
        ("$\r\n", 1, DecodeErrorKind::NotADigit { found: b'\r', radix: 10 }),
        ("$-2", 2, mismatch(b'2', b'1')),
        ("%-1", 1, DecodeErrorKind::NotADigit { found: b'-', radix: 10 }),
        ("$2\r\nabc", 6, mismatch(b'c', b'\r')),
        ("$18446744073709551616", 20, DecodeErrorKind::NumberTooLarge { max: u64::MAX }),
        (":1a", 2, DecodeErrorKind::NotADigit { found: b'a', radix: 10 }),
        ("#x", 1, forbidden(b'x')),
        (".\r\n", 0, forbidden(b'.')),
        ("*1\r\n.", 4, forbidden(b'.')),
        ("%?\r\n:1\r\n.", 8, forbidden(b'.')),
        ("$?\r\n:", 4, mismatch(b':', b';')),
    ] {
        assert_eq!(decode_error(Resp::new(), text.as_bytes()), (0, at, kind), "{text:?}");
    }
    assert_eq!(truncated(Resp::new(), b":1\r\n$5\r\nab"), (4, Truncated::Unterminated { have: 6 }));
    assert_eq!(refused(Resp::new(), b"*2\r\n:1\r\n"), EncodeError::TooShort { len: 8, min: 11 });
    assert_eq!(refused(Resp::new(), b":1\r\n:2\r\n"), EncodeError::WrongLength { len: 8, expected: 4 });
    let error = FrameError::new(0, DecodeErrorKind::UnknownType { found: b'G' });
    assert_eq!(refused(Resp::new(), b"GET k\r\n"), EncodeError::Malformed(error));
}

#[test]
fn resp_limits_have_edges() {
    for text in
        ["*2\r\n:1\r\n$3\r\nabc\r\n", "+a long line\r\n", "$?\r\n;3\r\nabc\r\n;0\r\n", "|1\r\n+a\r\n+b\r\n:1\r\n"]
    {
        has_the_limit(text.as_bytes(), |max| Resp::new().with_max_payload_len(max));
    }
    let oversize = |len| DecodeErrorKind::Oversize { len, max: 8 << 20 };
    assert_eq!(decode_error(Resp::new(), b"$8388608\r\n"), (0, 9, oversize((8 << 20) + 12)));
    assert_eq!(decode_error(Resp::new(), b"%1398102\r\n"), (0, 9, oversize(1_398_102 * 6 + 10)));
    assert_eq!(decode_error(Resp::new(), b"*18446744073709551615\r\n"), (0, 22, oversize(u64::MAX)));
    let streamed = |depth: usize| ["*?\r\n".repeat(depth), ".\r\n".repeat(depth)].concat().into_bytes();
    for depth in [31, 32] {
        assert_eq!(messages(Resp::new(), &streamed(depth)), [streamed(depth)]);
    }
    assert_eq!(decode_error(Resp::new(), &streamed(33)), (0, 32 * 4 + 3, DecodeErrorKind::TooDeep { max: 32 }));
    let counted = ["*1\r\n".repeat(10_000), "_\r\n".to_owned()].concat();
    assert_eq!(front(&Resp::new(), counted.as_bytes()), Front::Value(counted.len()));
}

#[test]
fn resp_work_is_linear() {
    let long = format!(
        "*3\r\n${}\r\n{}\r\n+{}\r\n*2000\r\n{}",
        5000,
        "x".repeat(5000),
        "y".repeat(3000),
        "_\r\n".repeat(2000)
    );
    is_linear(&Resp::new(), long.as_bytes(), b":12345678901234567890\r\n");
}

#[test]
fn resp_value_over_the_limit_is_skipped() {
    let mut decoder = Decoder::new(Resp::new().with_max_payload_len(20)).with_recovery(Recovery::SkipOversize);
    decoder.push(b"*2\r\n$30\r\n012345678901234567890123456789\r\n:1\r\n+OK\r\n").unwrap();
    assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"+OK\r\n");
    assert_eq!(decoder.skipped().bytes, 45);
}
