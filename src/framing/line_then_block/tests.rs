//! What `line_then_block.rs` promises, compared with a naive twin and examples.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

extern crate std;

use super::*;
use crate::framing::testing::{cuts_agree, prefixes_agree};
use std::format;
use std::string::String;
use std::vec::Vec;

fn mixed() -> LineThenBlock<[BlockRule; 5]> {
    LineThenBlock::new([
        BlockRule::word("VALUE").unwrap().in_field(3).unwrap(),
        BlockRule::word("MSG").unwrap().ignoring_case(),
        BlockRule::sign("$").unwrap().without_block("-1").unwrap(),
        BlockRule::sign(";").unwrap().without_block("0").unwrap(),
        BlockRule::braces(),
    ])
    .unwrap()
    .with_max_payload_len(99)
    .with_max_line_len(40)
}

/// By splitting text, with no thought for speed: the lengths of line and block.
fn naive(text: &str) -> Option<(usize, Option<u64>)> {
    let (line, _) = text.split_once("\r\n")?;
    if line.contains(['\r', '\n', '\0']) {
        return None;
    }
    let fields: Vec<&str> = line.split([' ', '\t']).filter(|field| !field.is_empty()).collect();
    let number = match line.chars().next() {
        Some('$') if line != "$-1" => Some(&line[1..]),
        Some(';') if line != ";0" => Some(&line[1..]),
        _ if line.starts_with("VALUE ") => Some(*fields.get(3)?),
        _ if line.starts_with("msg ") || line.starts_with("MSG ") => Some(*fields[1..].last()?),
        _ if line.ends_with('}') => line.rfind('{').map(|open| line[open + 1..].trim_end_matches(['}', '+'])),
        _ => None,
    };
    // A sender waits after a number in braces without a plus.
    let waits = !line.starts_with('$') && line.ends_with('}') && !line.ends_with("+}");
    match number {
        Some(number) => {
            let number = number.parse().ok().filter(|number| *number < 100)?;
            Some((line.len(), (!waits).then_some(number)))
        }
        None => Some((line.len(), None)),
    }
}

#[test]
fn lines_are_read_as_by_the_naive_twin() {
    let lines = [
        "",
        "END",
        "VALUE k 0 5",
        "VALUE  k\t0 5 77 ",
        "VALUE k 0",
        "VALUE k 0 x",
        "VALUES k 0 5",
        "VALUE k 0 -1",
        "MSG a 1 5",
        "msg a 1 b 5",
        "MSG  ",
        "MSGS a 1 5",
        "$5",
        "$05",
        "$-1",
        "$ 5",
        "$5 ",
        "$",
        "+5",
        ";0",
        ";5",
        "a LOGIN {5}",
        "a LOGIN {5+}",
        "a {} {x}",
        "{100}",
        "$99999999999999999999",
        "MSG a 100",
        "a\nb",
        "a\rb\r",
    ];
    for line in lines {
        let wire = format!("{line}\r\nhello\r\n");
        let located = mixed().locate(wire.as_bytes(), &mut Progress::default());
        let found = match located {
            Ok(Located::Known(extent)) if extent.header_len() > 0 => {
                Some((extent.header_len() - 2, Some(extent.payload_len())))
            }
            Ok(Located::Known(extent)) => Some((usize::try_from(extent.payload_len()).unwrap(), None)),
            other => {
                assert!(other.is_err());
                None
            }
        };
        let expected = if line == "a {} {x}" { Some((line.len(), None)) } else { naive(&wire) };
        assert_eq!(found, expected, "{line:?}");
        cuts_agree(&mixed(), wire.as_bytes()).ok();
    }
}

#[test]
fn every_cut_gives_the_same_messages() {
    let wire = "VALUE k 0 5\r\nhe\r\no\r\nEND\r\n\r\n$-1\r\nmsg a 1 b 0\r\n\r\na b\r\n$2\r\n\r\n\r\n";
    let messages = ["VALUE k 0 5\r\nhe\r\no", "END", "", "$-1", "msg a 1 b 0\r\n", "a b", "$2\r\n\r\n"];
    let seen = cuts_agree(&mixed(), wire.as_bytes()).unwrap();
    let seen: Vec<_> = seen.into_iter().map(|(message, _)| String::from_utf8(message).unwrap()).collect();
    assert_eq!(seen, messages);
    let mut out = Vec::new();
    for message in messages {
        mixed().encode(message.as_bytes(), &mut out).unwrap();
    }
    assert_eq!(String::from_utf8(out).unwrap(), wire);

    let imap = LineThenBlock::new([BlockRule::braces()]).unwrap().without_block_trailer().allowing_bare_lf();
    let seen = cuts_agree(&imap, b"a LOGIN {2}\r\nme {3+}\nyou\r\nb\n").unwrap();
    let seen: Vec<_> = seen.iter().map(|(message, len)| (message.as_slice(), *len)).collect();
    assert_eq!(seen, [(&b"a LOGIN {2}"[..], 13), (b"me", 2), (b" {3+}\nyou", 9), (b"", 2), (b"b", 2)]);
    // What servers send waits for nothing, and a block of no bytes stays with its line.
    let seen = cuts_agree(&imap, b"* 1 FETCH {2}\r\nhi)\r\na {0}\r\n\r\n").unwrap();
    let seen: Vec<_> = seen.iter().map(|(message, len)| (message.as_slice(), *len)).collect();
    assert_eq!(seen, [(&b"* 1 FETCH {2}\r\nhi"[..], 17), (b")", 3), (b"a {0}\r\n", 7), (b"", 2)]);
}

#[test]
fn block_of_its_own_follows_its_line_only() {
    let imap = LineThenBlock::new([BlockRule::braces()]).unwrap().without_block_trailer().with_max_payload_len(9);
    let (envelope, next) = imap.envelope_after(0, b"a X {2}").unwrap();
    assert_eq!((envelope.frame_len(b"a X {2}"), next), (9, 2));
    let (envelope, next) = imap.envelope_after(2, b"\r\n").unwrap();
    assert_eq!((envelope.frame_len(b"\r\n"), next), (2, 0));
    assert_eq!(imap.envelope_after(2, b"abc"), Err(EncodeError::LengthDisagrees { found: 2, expected: 3 }));
    assert_eq!(imap.envelope(b"a X {2}\r\nhi"), Err(EncodeError::ContainsDelimiter { at: 7 }));
    assert_eq!(imap.patch(b"a X {7}\r\nhi"), Ok(None));
    for (text, max, fits) in
        [("9", 9, true), ("10", 9, false), ("4294967295", u64::MAX, true), ("4294967296", u64::MAX, false)]
    {
        let imap = imap.with_max_payload_len(max);
        let message = format!("a X {{{text}}}");
        assert_eq!(imap.envelope(message.as_bytes()).is_ok(), fits, "{message}");
        let located = imap.locate(format!("{message}\r\n").as_bytes(), &mut Progress::default());
        assert_eq!(located.is_ok(), fits, "{message}");
    }
}

#[test]
fn block_after_an_open_quote_is_an_error() {
    let imap = LineThenBlock::new([BlockRule::braces()]).unwrap().without_block_trailer();
    let error = FrameError::new(5, DecodeErrorKind::Mismatch { expected: b'"', found: b'{' });
    assert_eq!(imap.locate(b"a X \"{2+}\r\n", &mut Progress::default()), Err(error));
    assert_eq!(imap.envelope(b"a X \"{2+}\r\nhi"), Err(EncodeError::Header(error)));
    assert_eq!(imap.envelope(b"a X \"{2}"), Err(EncodeError::Header(error)));
    for closed in ["a X \"\" {2+}", r#"a X "\"" {2+}"#, r#"a X "\\" {2+}"#] {
        let message = format!("{closed}\r\nhi");
        assert!(imap.envelope(message.as_bytes()).is_ok(), "{message}");
    }
}

#[test]
fn errors_lie_at_the_byte_that_proves_them() {
    let locate = |wire: &str| mixed().locate(wire.as_bytes(), &mut Progress::default()).unwrap_err();
    assert_eq!(locate("VALUE k 0 5x\r\n"), FrameError::new(11, DecodeErrorKind::NotADigit { found: b'x', radix: 10 }));
    assert_eq!(locate("VALUE k 0 \r\n"), FrameError::new(10, DecodeErrorKind::NoLength));
    assert_eq!(locate("$100\r\n"), FrameError::new(1, DecodeErrorKind::Oversize { len: 100, max: 99 }));
    let long = "x".repeat(50);
    assert_eq!(prefixes_agree(&mixed(), long.as_bytes()), Err(text::too_long(40)));
    assert!(prefixes_agree(&mixed(), format!("{}\r\n", &long[..38]).as_bytes()).is_ok());
}

#[test]
fn message_that_would_not_come_back_is_refused() {
    let refused = |message: &str| mixed().encode_into(message.as_bytes(), &mut [0; 99]).unwrap_err();
    assert_eq!(refused("$5"), EncodeError::NotTerminated);
    assert_eq!(refused("$5\r\nhell"), EncodeError::LengthDisagrees { found: 5, expected: 4 });
    assert_eq!(refused("END\r\n"), EncodeError::ContainsDelimiter { at: 3 });
    assert_eq!(refused("$-1\r\n"), EncodeError::ContainsDelimiter { at: 3 });
    assert_eq!(refused(&"x".repeat(39)), EncodeError::Oversize { len: 39, max: 38 });
    assert_eq!(refused(&format!("$100\r\n{}", "x".repeat(100))), EncodeError::Oversize { len: 100, max: 99 });
    assert!(matches!(refused("$x\r\n"), EncodeError::Header(_)));
    let lenient = mixed().allowing_bare_lf();
    assert_eq!(lenient.encode_into(b"a\r", &mut [0; 9]), Err(EncodeError::ContainsDelimiter { at: 1 }));
    assert_eq!(lenient.encode_into(b"a\nb", &mut [0; 9]), Err(EncodeError::ContainsDelimiter { at: 1 }));
}

#[test]
fn encode_with_puts_the_digits_in() {
    let mut out = Vec::new();
    mixed().encode_with(&mut out, |out| out.extend_from_slice(b"MSG a 1 0\r\nhello, world")).unwrap();
    mixed().encode_with(&mut out, |out| out.extend_from_slice(b"END")).unwrap();
    assert_eq!(out, b"MSG a 1 12\r\nhello, world\r\nEND\r\n");
}

#[test]
fn a_block_of_the_limit_passes_both_ways() {
    let message = format!("$99\r\n{}", "x".repeat(99));
    let wire = format!("{message}\r\n");
    let mut out = [0; 128];
    assert_eq!(mixed().encode_into(message.as_bytes(), &mut out), Ok(wire.len()));
    assert_eq!(out[..wire.len()], *wire.as_bytes());
    assert_eq!(prefixes_agree(&mixed(), wire.as_bytes()), Ok(Extent::new(5, 99, 2).with_message_header(5).checked()));
    // A line is a payload too.
    assert_eq!(mixed().max_payload_len(), 99);
    assert_eq!(mixed().with_max_payload_len(9).max_payload_len(), 38);
}

#[test]
fn trailer_other_than_cr_lf_is_an_error() {
    for (wire, expected) in [
        (&b"$2\r\nhi\r\n"[..], Ok(())),
        (b"$2\r\nhi!\n", Err(text::mismatch(6, b'!', b'\r'))),
        (b"$2\r\nhi\r!", Err(text::mismatch(7, b'!', b'\n'))),
    ] {
        let extent = Extent::new(4, 2, 2).with_message_header(4).checked();
        assert_eq!(mixed().locate(wire, &mut Progress::default()), Ok(Located::Known(extent)));
        assert_eq!(mixed().check(Part::all(extent, wire), &mut 0), expected);
        assert_eq!(cuts_agree(&mixed(), wire).is_ok(), expected.is_ok());
    }
}

#[test]
fn line_of_65535_bytes_is_read_and_written() {
    let framing = mixed().with_max_line_len(u16::MAX).allowing_bare_lf();
    let mut out = std::vec![0; 70_000];
    for (len, fits) in [(65_535, true), (65_536, false)] {
        let message = format!("VALUE {} 0 5\nhello", "k".repeat(len - 11));
        let written = framing.encode_into(message.as_bytes(), &mut out);
        let mut progress = Progress::default();
        let located = framing.locate(format!("{message}\r\n").as_bytes(), &mut progress);
        if fits {
            assert_eq!(written, Ok(len + 7));
            let extent = Extent::new(u16::MAX, 5, 2).with_message_header(u16::MAX).checked();
            assert_eq!(located, Ok(Located::Known(extent)));
        } else {
            assert_eq!(written, Err(EncodeError::Header(text::too_long(u16::MAX))));
            assert_eq!(located, Err(text::too_long(u16::MAX)));
        }
    }
    let alone = |len| framing.encode_into("x".repeat(len).as_bytes(), &mut [0; 70_000]);
    assert_eq!(alone(65_533), Ok(65_535));
    assert_eq!(alone(65_534), Err(EncodeError::Oversize { len: 65_534, max: 65_533 }));
}

#[test]
fn line_is_searched_once_however_it_arrives() {
    let wire = b"VALUE key 0 5\r\n";
    let mut progress = Progress::default();
    for len in 0..wire.len() {
        // What was searched before may be anything but a line end.
        let mut input = wire[..len].to_vec();
        input[..len.saturating_sub(1)].fill(b'?');
        assert!(matches!(mixed().locate(&input, &mut progress), Ok(Located::Header(_))));
        // A CR may begin the line's end, so it is looked at again.
        assert_eq!(progress.scanned, len - usize::from(input.ends_with(b"\r")));
    }
}
