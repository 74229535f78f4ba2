//! The seeds of the fuzz targets, replayed: every way through a decoder and an encoder returns the same.

#![cfg(all(feature = "testing", feature = "spec", feature = "protocols"))]
// The files are those of the fuzz targets, included as a library.
#![allow(unreachable_pub, dead_code, clippy::cast_possible_truncation, clippy::unwrap_used)]

#[cfg(all(feature = "tokio", feature = "futures", feature = "embedded-io"))]
#[path = "../fuzz/src/adapters.rs"]
mod adapters;
#[path = "../fuzz/src/config.rs"]
mod config;
#[path = "common/configs.rs"]
mod configs;
#[path = "../fuzz/src/decode.rs"]
mod decode;
#[path = "../fuzz/src/encode.rs"]
mod encode;
#[path = "../fuzz/src/input.rs"]
mod input;
#[path = "../fuzz/src/join.rs"]
mod join;
#[path = "common/outcome.rs"]
mod outcome;
#[path = "common/plus.rs"]
mod plus;
#[cfg(all(feature = "tokio", feature = "futures", feature = "embedded-io"))]
#[path = "common/readers.rs"]
mod readers;
#[path = "../fuzz/src/stuffed.rs"]
mod stuffed;
#[cfg(all(feature = "tokio", feature = "futures", feature = "embedded-io"))]
#[path = "common/transport.rs"]
mod transport;
#[cfg(all(feature = "tokio", feature = "futures", feature = "embedded-io"))]
#[path = "common/writers.rs"]
mod writers;

/// One input a line, in hex.
fn inputs(text: &str) -> impl Iterator<Item = Vec<u8>> {
    text.lines().map(|line| {
        let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        line.as_bytes().chunks(2).map(|pair| digit(&pair[0]).unwrap() << 4 | digit(&pair[1]).unwrap()).collect()
    })
}

#[test]
fn seeds_through_every_decoder_give_the_same() {
    let framings = inputs(include_str!("../fuzz/seeds/decode.hex")).filter(|input| decode::check(input)).count();
    assert!(framings > 100, "{framings} framings");
}

#[test]
fn seeds_through_every_encoder_come_back() {
    let framings = inputs(include_str!("../fuzz/seeds/encode.hex")).filter(|input| encode::check(input)).count();
    assert!(framings > 100, "{framings} framings");
}

#[cfg(all(feature = "tokio", feature = "futures", feature = "embedded-io"))]
#[test]
fn seeds_through_every_adapter_give_the_same() {
    let framings = inputs(include_str!("../fuzz/seeds/adapters.hex")).filter(|input| adapters::check(input)).count();
    assert!(framings > 100, "{framings} framings");
}

#[test]
fn seeds_of_stuffed_streams_decode_as_the_twins() {
    let streams = inputs(include_str!("../fuzz/seeds/stuffed.hex")).filter(|input| stuffed::check(input)).count();
    assert!(streams > 20, "{streams} streams");
}

#[test]
fn seeds_of_messages_are_joined_the_same_in_every_split() {
    let streams = inputs(include_str!("../fuzz/seeds/join.hex")).filter(|input| join::check(input)).count();
    assert!(streams > 50, "{streams} streams");
}
