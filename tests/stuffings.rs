//! Stuffings of any configuration, with a checksum inside and without, against naive twins, and under the laws.

#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use anysplit::order::Order;
use anysplit::stuffing::{AnyStuffing, CobsVariant, Escaping, HexLine};
use anysplit::sum::SumForm;
use anysplit::sum::{AnySum, Sum};
use anysplit::testing;
use anysplit::{DecodeErrorKind, Decoder, Event, Framing, Recovery, Stuffed};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// A stuffing, described in parts that its naive twin can read.
#[derive(Clone, Copy, Debug)]
enum Config {
    Cobs {
        sentinel: u8,
        reduced: bool,
        lead: bool,
    },
    /// Delimiter, escape, XOR, and control characters.
    Xor(u8, u8, u8, u32),
    /// Delimiter, escape, and their codes.
    Codes(u8, u8, u8, u8),
    Line(u8),
}

impl Config {
    fn build(self) -> Option<AnyStuffing> {
        Some(match self {
            Self::Cobs { sentinel, reduced, lead } => {
                let cobs = CobsVariant::new(sentinel);
                let cobs = if reduced { cobs.reduced() } else { cobs };
                if lead { cobs.with_delimiter_before() } else { cobs }.into()
            }
            Self::Xor(delimiter, escape, xor, control) => {
                Escaping::xor(delimiter, escape, xor).ok()?.with_control_characters(control).ok()?.into()
            }
            Self::Codes(delimiter, escape, one, other) => Escaping::codes(delimiter, escape, one, other).ok()?.into(),
            Self::Line(start) => HexLine::new(start).into(),
        })
    }

    fn delimiter(self) -> u8 {
        match self {
            Self::Cobs { sentinel, .. } => sentinel,
            Self::Xor(delimiter, ..) | Self::Codes(delimiter, ..) => delimiter,
            Self::Line(_) => b'\n',
        }
    }

    /// The message that the bytes before a delimiter stand for.
    fn undo(self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut message = Vec::new();
        match self {
            Self::Cobs { sentinel, reduced, .. } => {
                let bytes: Vec<u8> = bytes.iter().map(|byte| byte ^ sentinel).collect();
                let mut rest = &bytes[..];
                while let Some((&code, after)) = rest.split_first() {
                    let len = usize::from(code) - 1;
                    if after.len() < len {
                        reduced.then_some(())?;
                        message.extend_from_slice(after);
                        message.push(code);
                        break;
                    }
                    message.extend_from_slice(&after[..len]);
                    rest = &after[len..];
                    if code < 255 && !rest.is_empty() {
                        message.push(0);
                    }
                }
            }
            Self::Xor(_, escape, xor, control) => {
                let is_control = |byte: u8| byte < 32 && control >> byte & 1 == 1;
                let mut rest = bytes.iter().copied().filter(|&byte| !is_control(byte));
                while let Some(byte) = rest.next() {
                    message.push(if byte == escape { rest.next()? ^ xor } else { byte });
                }
            }
            Self::Codes(delimiter, escape, one, other) => {
                let mut rest = bytes.iter().copied();
                while let Some(byte) = rest.next() {
                    message.push(match byte {
                        byte if byte != escape => byte,
                        _ => match rest.next()? {
                            code if code == one => delimiter,
                            code if code == other => escape,
                            _ => return None,
                        },
                    });
                }
            }
            Self::Line(start) => {
                let digits = bytes.strip_prefix(&[start])?.strip_suffix(b"\r")?;
                let is_even = !digits.is_empty() && digits.len() % 2 == 0;
                (is_even && digits.iter().all(u8::is_ascii_hexdigit)).then_some(())?;
                for pair in digits.chunks(2) {
                    message.push(u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap());
                }
            }
        }
        Some(message)
    }

    /// The payloads between the delimiters of a stream.
    fn twin(self, stream: &[u8], sum: Option<AnySum>, max: usize) -> Vec<Vec<u8>> {
        let mut between: Vec<&[u8]> = stream.split(|&byte| byte == self.delimiter()).collect();
        between.pop();
        let frames = between.into_iter().filter(|bytes| !bytes.is_empty());
        let messages = frames.filter_map(|bytes| {
            let mut message = self.undo(bytes)?;
            if let Some(sum) = sum {
                let len = message.len().checked_sub(sum.width())?;
                let found = message.split_off(len);
                (found == sum.of(&message).to_be_bytes()[8 - sum.width()..]).then_some(())?;
            }
            (message.len() <= max).then_some(message)
        });
        messages.collect()
    }
}

fn configs() -> impl Strategy<Value = Config> {
    let byte = || select(vec![0, 1, 2, 0x0a, 0x11, 0x20, b'a', 0x7d, 0x7e, 0xff]);
    let controls = prop_oneof![2 => Just(0), 1 => Just(u32::MAX), 1 => any::<u32>()];
    prop_oneof![
        (byte(), any::<bool>(), any::<bool>()).prop_map(|(sentinel, reduced, lead)| Config::Cobs {
            sentinel,
            reduced,
            lead
        }),
        (byte(), byte(), byte(), controls)
            .prop_map(|(delimiter, escape, xor, map)| Config::Xor(delimiter, escape, xor, map)),
        (byte(), byte(), byte(), byte())
            .prop_map(|(delimiter, escape, one, other)| Config::Codes(delimiter, escape, one, other)),
        select(vec![b':', b'a', b'0']).prop_map(Config::Line),
    ]
    .prop_filter("a stuffing that can be built", |config| config.build().is_some())
}

fn bytes() -> impl Strategy<Value = u8> {
    prop_oneof![
        4 => select(vec![0, 1, 2, 3, 0x0a, 0x0d, 0x11, 0x20, b'a', b'0', b':', 0x5d, 0x5e, 0x7d, 0x7e, 0xff]),
        1 => any::<u8>(),
    ]
}

fn messages() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let long = (250_usize..260, bytes()).prop_map(|(len, byte)| {
        let mut message = vec![7; len];
        message.push(byte);
        message
    });
    vec(prop_oneof![4 => vec(bytes(), 0..12), 1 => long], 0..6)
}

const LONG: u64 = 1000;

fn decoded(framing: &dyn Framing, stream: &[u8]) -> Vec<Vec<u8>> {
    let mut decoder = Decoder::new(framing).with_recovery(Recovery::SkipFrame);
    decoder.push(stream).unwrap();
    let mut payloads = Vec::new();
    while let Some(event) = decoder.next_event().unwrap() {
        if let Event::Frame(frame) = event {
            payloads.push(frame.payload().to_vec());
        }
    }
    payloads
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(200),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn stuffings_agree_with_their_twins_and_keep_the_laws(
        config in configs(),
        sum in select(vec![None, Some("sum8"), Some("CRC-16/IBM-SDLC"), Some("CRC-64/XZ")]),
        messages in messages(),
        noise in vec(bytes(), 0..60),
        at in any::<prop::sample::Index>(),
        max in select(vec![3, LONG]),
        case in testing::cases(),
    ) {
        let sum = sum.map(|name| AnySum::named(name).unwrap());
        let stuffing = Stuffed::new(config.build().unwrap()).with_max_payload_len(max);
        let with_sum = |stuffing: Stuffed<AnyStuffing>| -> Box<dyn Framing> {
            match sum {
                Some(sum) => Box::new(stuffing.with_sum(sum, SumForm::Binary(Order::Big))),
                None => Box::new(stuffing),
            }
        };
        let framing = with_sum(stuffing);
        let (mut wire, mut sent) = (Vec::new(), Vec::new());
        for message in messages {
            let mut out = [0; 3000];
            if let Ok(len) = framing.encode_into(&message, &mut out) {
                wire.extend_from_slice(&out[..len]);
                sent.push(message);
            }
        }
        let max = usize::try_from(max).unwrap();
        prop_assert_eq!(&decoded(&*framing, &wire), &sent, "{:?}", config);
        prop_assert_eq!(&config.twin(&wire, sum, max), &sent, "{:?}", config);
        let place = at.index(wire.len() + 1);
        wire.splice(place..place, noise);
        prop_assert_eq!(decoded(&*framing, &wire), config.twin(&wire, sum, max), "{:?} {:?}", config, wire);
        // Long messages make the laws slow.
        testing::check_case(&*with_sum(stuffing.with_max_payload_len(20)), &case)
            .map_err(|violation| TestCaseError::fail(format!("{violation}, by {config:?} {sum:?}")))?;
    }
}

fn encoded(framing: &impl Framing, message: &[u8]) -> Vec<u8> {
    let mut out = [0; 600];
    let len = framing.encode_into(message, &mut out).unwrap();
    out[..len].to_vec()
}

/// The bytes are those of version 1.2.2 of the Python package `cobs`.
#[test]
fn reduced_cobs_gives_the_published_bytes() {
    let framing = Stuffed::new(CobsVariant::new(0).reduced());
    for (message, wire) in [
        (&b""[..], &b"\x01\0"[..]),
        (b"\x00", b"\x01\x01\0"),
        (b"\x01", b"\x02\x01\0"),
        (b"\x02\x01", b"\x03\x02\x01\0"),
        (b"\x03\x02", b"\x03\x03\x02\0"),
        (b"\x11\x22\x00\x33", b"\x03\x11\x22\x33\0"),
        (b"a\0", b"\x02a\x01\0"),
    ] {
        assert_eq!(encoded(&framing, message), wire);
        assert_eq!(decoded(&framing, wire), [message]);
    }
    assert_eq!(encoded(&framing, &[0xff; 254]).len(), 255);
    assert_eq!(encoded(&framing, &[7; 254]).len(), 256);
}

/// RFC 1662, sections 4.2 and 7.1: what a receiver must take.
#[test]
fn hdlc_takes_shared_flags_escapes_and_aborts() {
    let framing = Stuffed::new(Escaping::hdlc());
    let wire = b"\x7e\x7e\xff\x7d\x23\x7d\x20\x21\x7e\x7e\xff\x03\xc0\x21\x7e\x01\x7d\x7e\x02\x7e";
    assert_eq!(decoded(&framing, wire), [&b"\xff\x03\x00\x21"[..], b"\xff\x03\xc0\x21", b"\x02"]);
    let mut decoder = Decoder::new(framing);
    decoder.push(&wire[15..]).unwrap();
    let error = decoder.next_frame().unwrap_err();
    assert_eq!((error.offset, error.kind), (2, DecodeErrorKind::Forbidden { found: 0x7e }));
    let accm = Stuffed::new(Escaping::hdlc().with_control_characters(1 << 0x11 | 1 << 0x13).unwrap());
    assert_eq!(encoded(&accm, b"\x11\x12"), b"\x7e\x7d\x31\x12\x7e");
    assert_eq!(decoded(&accm, b"\x7e\x7d\x13\x31\x12\x11\x7e"), [b"\x11\x12"]);
}

#[test]
fn wrong_sum_inside_a_stuffing_is_reported_at_the_delimiter() {
    let sum = AnySum::named("CRC-16/IBM-SDLC").unwrap();
    let framing = Stuffed::new(Escaping::hdlc()).with_sum(sum, SumForm::Binary(Order::Little));
    let mut wire = encoded(&framing, b"hello");
    assert_eq!(decoded(&framing, &wire), [b"hello"]);
    wire[1] ^= 1;
    let mut decoder = Decoder::new(framing);
    decoder.push(&wire).unwrap();
    let error = decoder.next_frame().unwrap_err();
    assert_eq!(error.offset, 8);
    assert!(matches!(error.kind, DecodeErrorKind::Check { .. }));
    let mut decoder = Decoder::new(framing);
    decoder.push(b"\x7ea\x7e").unwrap();
    assert_eq!(decoder.next_frame().unwrap_err().kind, DecodeErrorKind::TooShort { len: 1, min: 2 });
}
