//! Every stream over a small alphabet, cut in every way.
//!
//! Lengths keep a quick run quick; `ANYSPLIT_EXHAUSTIVE=2` makes all streams two bytes longer.

#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use anysplit::delimited::Unterminated;
use anysplit::number::{Ascii, Binary, Varint};
use anysplit::testing::{self, DriverKind, Outcome};
use anysplit::{Body, ByFirstByte, ByType, Delimited, Fixed, Framing, LengthField, Prefix, Recovery, UntilClose};

/// All streams of up to this many bytes of the alphabet.
fn streams(alphabet: &[u8], most: usize) -> impl Iterator<Item = Vec<u8>> {
    let more: usize = std::env::var("ANYSPLIT_EXHAUSTIVE").ok().and_then(|more| more.parse().ok()).unwrap_or(0);
    let most = most + more;
    (0..=most).flat_map(move |len| {
        let count = alphabet.len().pow(u32::try_from(len).unwrap());
        (0..count).map(move |mut number| {
            let mut digit = || {
                let byte = alphabet[number % alphabet.len()];
                number /= alphabet.len();
                byte
            };
            (0..len).map(|_| digit()).collect()
        })
    })
}

fn cuts(stream: &[u8], set: usize) -> Vec<usize> {
    (1..stream.len()).filter(|cut| set & 1 << (cut - 1) != 0).collect()
}

/// Memory that does not grow has this many bytes.
const ROOM: usize = 8;

fn outcome(kind: DriverKind, framing: &dyn Framing, recovery: Recovery, stream: &[u8]) -> Outcome {
    testing::outcome(kind.open(framing, recovery, ROOM), stream, &[]).unwrap()
}

/// All 2^(n-1) ways to cut every stream, with each driver in turn.
fn every_split_of_every_stream(framing: &dyn Framing, alphabet: &[u8], most: usize) {
    let mut turn = 0;
    for stream in streams(alphabet, most) {
        testing::contract(framing, &stream).unwrap_or_else(|violation| panic!("{violation}"));
        for recovery in [Recovery::Fail, Recovery::SkipOversize, Recovery::SkipFrame, Recovery::Resync] {
            let expected = outcome(DriverKind::NextEvent, framing, recovery, &stream);
            for set in 0..1 << stream.len().saturating_sub(1) {
                let kind = DriverKind::ALL[turn % DriverKind::ALL.len()];
                turn += 1;
                let cuts = cuts(&stream, set);
                // Memory that does not grow may reject a frame for its length.
                let in_room = kind.is_fixed().then(|| outcome(kind, framing, recovery, &stream));
                let expected = in_room.as_ref().unwrap_or(&expected);
                let driver = kind.open(framing, recovery, ROOM);
                let same = testing::same_as(expected, driver, &stream, &cuts, kind.is_in_pieces());
                if let Err(violation) = same {
                    panic!("{violation}: \"{}\" cut at {cuts:?} by {kind:?}, {recovery:?}", stream.escape_ascii());
                }
            }
        }
    }
}

/// All ways to cut one stream, with every driver.
fn every_split(framing: &dyn Framing, stream: &[u8]) {
    for set in 0..1 << (stream.len() - 1) {
        testing::any_split(framing, stream, &cuts(stream, set)).unwrap_or_else(|violation| panic!("{violation}"));
    }
}

macro_rules! every_split_of_every_stream {
    ($($name:ident: $framing:expr, $alphabet:expr, $most:expr;)*) => {$(
        #[test]
        fn $name() {
            every_split_of_every_stream(&$framing, $alphabet, $most);
        }
    )*};
}

every_split_of_every_stream! {
    messages_of_fixed_length: Fixed::new(3).unwrap(), b"ab", 7;
    a_message_to_the_end: UntilClose::new().with_max_payload_len(4), b"ab", 7;
    lines: Delimited::line().with_max_payload_len(2), b"a\r\n", 6;
    lines_kept: Delimited::line().keeping_delimiter().with_max_payload_len(3), b"a\r\n", 6;
    lines_that_must_end: Delimited::line().with_unterminated(Unterminated::Fail), b"a\r\n", 6;
    a_delimiter_of_two_bytes: Delimited::new(b"\r\n").unwrap().with_max_payload_len(3), b"a\r\n", 6;
    a_delimiter_that_repeats_itself: Delimited::new(b"aab").unwrap().with_max_payload_len(3), b"ab", 8;
    delimiters_that_overlap: Delimited::any_of([&b"aba"[..], b"bb"]).unwrap().with_max_payload_len(2), b"ab", 8;
    delimiters_kept: Delimited::any_of([&b"aba"[..], b"bb"]).unwrap().keeping_delimiter().with_max_payload_len(4),
        b"ab", 8;
    a_delimiter_within_another: Delimited::any_of([&b"abb"[..], b"b"]).unwrap().with_unterminated(Unterminated::Take), b"ab", 8;
    a_byte_ahead: Prefix::u8().with_max_payload_len(3), b"\0\x01\x02\x05", 5;
    two_bytes_ahead_that_count_themselves: Prefix::u16_le().self_inclusive().with_max_payload_len(2), b"\0\x02\x04", 6;
    two_digits_ahead: Prefix::ascii(2).unwrap().with_max_payload_len(11), b"012", 6;
    netstrings: Prefix::netstring().with_max_payload_len(2), b"01:,", 5;
    netstrings_over_ten: Prefix::netstring().with_max_payload_len(12), b"1:,", 6;
    varints: Prefix::leb128().with_max_payload_len(130), b"\0\x01\x80\x81", 5;
    varints_in_any_form: Prefix::new(Varint::mqtt().allowing_longer_forms()), b"\0\x01\x80", 6;
    ber: Prefix::new(Varint::ber()), b"\0\x01\x81\x82", 5;
    quic: Prefix::new(Varint::quic()).with_max_payload_len(2), b"\0\x03\x40", 6;
    hex_with_a_long_mark: Prefix::new(Ascii::hex_ended_by(b"\r\n").unwrap()).with_trailer(b"\r\n").unwrap(), b"1a\r\n", 5;
    controls: Prefix::u8().self_inclusive().with_control_frames_below(1).with_trailer(b"\x02").unwrap(), b"\0\x01\x02", 6;
    a_length_inside: LengthField::new(1, Binary::u8()).unwrap().with_length_adjustment(-2).with_max_payload_len(1),
        b"\0\x02\x03\x04", 5;
    a_length_with_a_trailer: LengthField::new(1, Binary::u8()).unwrap().with_trailer(b"\x01").unwrap().with_max_payload_len(1),
        b"\0\x01\x02", 6;
    a_length_with_padding: LengthField::new(0, Binary::u8()).unwrap().with_padding_to(2).unwrap().with_max_payload_len(2),
        b"\0\x01\x03", 6;
    a_length_with_a_padding_length: LengthField::new(0, Binary::u8()).unwrap().with_header_after(2).unwrap().with_pad_len_at(2).unwrap()
        .with_max_payload_len(1), b"\0\x01\x02", 6;
    two_lengths_and_a_magic_number: LengthField::new(1, Binary::u8()).unwrap().with_header_after(2).unwrap().with_second_length_at(2, Binary::u8())
        .unwrap().with_magic_at(0, b"\x01").unwrap().with_magic_at(3, b"\x02").unwrap().with_max_payload_len(2),
        b"\0\x01\x02", 6;
    a_second_length_with_padding: LengthField::new(0, Binary::u8()).unwrap().with_header_after(1).unwrap().with_second_length_at(1, Binary::u8())
        .unwrap().with_second_padding_to(2).unwrap().with_max_payload_len(3), b"\0\x01\x02", 6;
    a_later_byte: ByFirstByte::new([
        (b'a'..=b'a', Box::new(Fixed::new(2).unwrap()) as Box<dyn Framing>),
        (b'\n'..=b'\n', Box::new(Delimited::line())),
        (1..=1, Box::new(Prefix::u8())),
    ]).unwrap().choosing_at(1), b"a\n\x01", 6;
    a_varint_inside: LengthField::new(1, Varint::leb128()).unwrap().with_header_after(1).unwrap().with_max_payload_len(1), b"\0\x01\x80", 6;
    types_with_lengths: ByType::lengths([(b'a', 0), (b'b', 2)]).unwrap(), b"abc", 6;
    types_with_framings: ByType::new([
        (b'a', Body::Len(1)),
        (b'b', Body::Framed(Box::new(Prefix::u8().with_max_payload_len(2)) as Box<dyn Framing>)),
        (b'\n', Body::Framed(Box::new(Delimited::line().with_max_payload_len(1)))),
        (1, Body::Framed(Box::new(UntilClose::new().with_max_payload_len(1)))),
    ]).unwrap(), b"ab\n\x01", 5;
}

#[test]
fn every_split_of_streams_of_twelve_bytes() {
    every_split(&Prefix::ascii5(), b"00003abc0000");
    every_split(&Prefix::netstring().with_max_payload_len(3), b"3:abc,0:,9:x");
    every_split(&Delimited::line().with_max_payload_len(4), b"ab\r\n\r\r\ncdefg");
}
