//! The seeds of the fuzz targets, replayed: every way through a decoder and an encoder gives the same.

#![cfg(all(feature = "std", feature = "protocols"))]
// The files are those of the fuzz targets, where they are a library.
#![allow(unreachable_pub, dead_code, clippy::cast_possible_truncation, clippy::unwrap_used)]

#[path = "../fuzz/src/config.rs"]
mod config;
#[path = "../fuzz/src/decode.rs"]
mod decode;
#[path = "../fuzz/src/encode.rs"]
mod encode;
#[path = "../fuzz/src/input.rs"]
mod input;
#[path = "../fuzz/src/stuffed.rs"]
mod stuffed;

/// One input a line, in hex.
fn inputs(text: &str) -> impl Iterator<Item = Vec<u8>> {
    text.lines().map(|line| {
        let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        line.as_bytes().chunks(2).map(|pair| digit(&pair[0]).unwrap() << 4 | digit(&pair[1]).unwrap()).collect()
    })
}

#[test]
fn every_way_through_a_decoder_gives_the_same() {
    let framings = inputs(include_str!("../fuzz/seeds/decode.hex")).filter(|input| decode::check(input)).count();
    assert!(framings > 100, "{framings} framings");
}

#[test]
fn every_way_through_an_encoder_gives_the_same_and_it_comes_back() {
    let framings = inputs(include_str!("../fuzz/seeds/encode.hex")).filter(|input| encode::check(input)).count();
    assert!(framings > 100, "{framings} framings");
}

#[test]
fn every_way_through_a_stuffed_stream_gives_the_same() {
    let streams = inputs(include_str!("../fuzz/seeds/stuffed.hex")).filter(|input| stuffed::check(input)).count();
    assert!(streams > 20, "{streams} streams");
}
