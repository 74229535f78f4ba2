//! Values that end themselves: the laws, naive twins, other people's parsers, and the examples of the specifications.

#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "values/binary.rs"]
mod binary;
mod common;
#[path = "values/json.rs"]
mod json;
#[path = "values/resp.rs"]
mod resp;

use anysplit::contract::{Located, Progress};
use anysplit::testing::{self, Split, Violation};
use anysplit::{EncodeError, Framing};
use proptest::collection::vec as several;
use proptest::prelude::*;
use proptest::sample::Index;

/// What is at the front of some bytes, as found by a naive reader that sees all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Front {
    /// A value ends before this index.
    Value(usize),
    /// More bytes are needed.
    Unfinished,
    /// No value begins here.
    Wrong,
}

/// Returns what `framing` finds at the front of `bytes`, which is no filler.
fn front(framing: &dyn Framing, bytes: &[u8]) -> Front {
    match framing.locate(bytes, &mut Progress::default()) {
        Ok(Located::Known(extent)) => match extent.fits(bytes.len()) {
            Some(_) => Front::Value(usize::try_from(extent.payload_len()).unwrap()),
            None => Front::Unfinished,
        },
        Ok(Located::Filler(len)) => panic!("{len} bytes of filler"),
        Ok(_) => Front::Unfinished,
        Err(_) => Front::Wrong,
    }
}

fn cases(default: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(default);
    ProptestConfig { cases, failure_persistence: None, max_global_rejects: u32::MAX, ..ProptestConfig::default() }
}

/// Values, values whose bytes were harmed, and arbitrary bytes.
fn harmed(
    values: impl Strategy<Value = Vec<u8>>,
    bytes: impl Strategy<Value = u8> + 'static,
) -> impl Strategy<Value = Vec<u8>> {
    let bytes = bytes.boxed();
    let harm = (any::<Index>(), 0_usize..3, several(bytes.clone(), 0..3));
    let harms = prop_oneof![2 => several(harm.clone(), 0..=0), 3 => several(harm, 1..4)];
    let mutated = (values, harms).prop_map(|(mut value, harms)| {
        for (at, len, by) in harms {
            let at = at.index(value.len() + 1);
            let end = value.len().min(at + len);
            value.splice(at..end, by);
        }
        value
    });
    prop_oneof![4 => mutated, 1 => several(bytes, 0..24)]
}

/// Every law, for the frames of these values and for a stream that was harmed.
fn keeps_the_laws(framing: &dyn Framing, values: &[Vec<u8>], harmed: &[u8], split: &Split) -> Result<(), Violation> {
    testing::round_trip(framing, values)?;
    testing::refusal(framing, values)?;
    testing::end_reports_what_was_cut(framing, values)?;
    let mut stream = Vec::new();
    for value in values {
        let _ = (&framing).encode(value, &mut stream);
    }
    stream.extend_from_slice(harmed);
    stream.extend_from_slice(values.first().map_or(&[][..], |value| value));
    for stream in [&stream[..], harmed] {
        let cuts = split.cuts(stream.len());
        testing::no_panic(framing, stream, &cuts)?;
        testing::contract(framing, stream)?;
        testing::any_split(framing, stream, &cuts)?;
        testing::neither_late_nor_greedy(framing, stream)?;
        testing::memory(framing, stream, &cuts)?;
        testing::errors_exact_and_sticky(framing, stream)?;
        testing::callbacks(framing, stream, &cuts)?;
    }
    Ok(())
}

/// Work is proportional to the bytes of a value that is long, and to those of many short ones.
fn is_linear(framing: &dyn Framing, long: &[u8], short: &[u8]) {
    let mut stream = long.to_vec();
    while stream.len() < long.len() + 4096 {
        (&framing).encode(short, &mut stream).unwrap();
    }
    stream.extend_from_slice(&long[..long.len() / 2]);
    testing::linear(framing, &stream).unwrap();
}

/// The limit counts the bytes of the value: one below it, at it, and one above.
fn has_the_limit<F: Framing + Copy>(value: &[u8], with_limit: impl Fn(u64) -> F) {
    let len = value.len() as u64;
    for max in [len, len + 1] {
        assert_eq!(common::messages(with_limit(max), &common::encode(with_limit(max), value)), [value]);
    }
    let max = len - 1;
    assert_eq!(common::refused(with_limit(max), value), EncodeError::Oversize { len, max });
    let wire = common::encode(with_limit(len), value);
    let (frame, offset, kind) = common::decode_error(with_limit(max), &wire);
    assert!(matches!(kind, anysplit::DecodeErrorKind::Oversize { max: found, .. } if found == max), "{kind:?}");
    assert!(frame == 0 && offset <= max);
}

/// What a search keeps between two calls: 64 bytes, and no heap memory.
#[test]
fn state_of_a_search_has_64_bytes() {
    assert!(size_of::<Progress>() <= 64);
    let framings = [
        size_of::<anysplit::values::Ber>(),
        size_of::<anysplit::values::Cbor>(),
        size_of::<anysplit::values::Json>(),
        size_of::<anysplit::values::JsonSeq>(),
        size_of::<anysplit::values::MessagePack>(),
        size_of::<anysplit::values::Resp>(),
    ];
    // The framings have nothing but their limit.
    assert_eq!(framings, [8; 6]);
}

macro_rules! laws_hold {
    ($($name:ident: $values:expr, $harmed:expr, $($framing:expr),*;)*) => {
        mod check_all {
            use super::*;
            $(#[test]
            fn $name() {
                $(let framing: &dyn Framing = &$framing;
                if let Err(violation) = testing::check_all(framing, common::CASES) {
                    panic!("{violation}");
                })*
            })*
        }
        proptest! {
            #![proptest_config(cases(60))]
            $(#[test]
            fn $name(values in several($values, 0..4), harmed in $harmed, split in testing::splits()) {
                $({
                    let framing: &dyn Framing = &$framing;
                    let kept = keeps_the_laws(framing, &values, &harmed, &split);
                    kept.map_err(|violation| TestCaseError::fail(violation.to_string()))?;
                })*
            })*
        }
    };
}

laws_hold! {
    json_keeps_the_laws: json::values(), json::harmed_values(), anysplit::values::Json::new(),
        anysplit::values::Json::new().with_max_payload_len(9);
    json_seq_keeps_the_laws: json::values(), json::harmed_sequences(), anysplit::values::JsonSeq::new(),
        anysplit::values::JsonSeq::new().with_max_payload_len(9);
    cbor_keeps_the_laws: binary::cbor_values(), binary::harmed_cbor(), anysplit::values::Cbor::new(),
        anysplit::values::Cbor::new().with_max_payload_len(9);
    message_pack_keeps_the_laws: binary::message_pack_values(), binary::harmed_message_pack(),
        anysplit::values::MessagePack::new(), anysplit::values::MessagePack::new().with_max_payload_len(9);
    resp_keeps_the_laws: resp::values(), resp::harmed_values(), anysplit::values::Resp::new(),
        anysplit::values::Resp::new().with_max_payload_len(20);
    ber_keeps_the_laws: binary::ber_values(), binary::harmed_ber(), anysplit::values::Ber::new(),
        anysplit::values::Ber::new().with_max_payload_len(9);
}
