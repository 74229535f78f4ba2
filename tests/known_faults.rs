//! Faults that framing code is known for, each as a test that this crate does not have it.
//!
//! Where a fault was published, or can be read in the source of a released version, the comment says of what.

#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "common/stuffed.rs"]
#[allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "shared, and of use in parts")]
mod twins;

use std::cell::Cell;

use anysplit::number::{Ascii, Binary, Bits, Number, Varint};
use anysplit::stuffed::{Cobs, Slip, Stuffing};
use anysplit::{
    Body, ByType, Closed, ConfigError, DecodeError, DecodeErrorKind, Decoder, Deframer, Delimited, EncodeError,
    Encoder, Envelope, EofError, Fixed, Framing, LengthField, Located, Oversize, Prefix, Progress, Step, Truncated,
    UntilClose,
};

/// What came out: payloads, how many frames were skipped, and the end.
#[derive(Debug, PartialEq)]
struct Seen {
    payloads: Vec<Vec<u8>>,
    skipped: Vec<(u64, u64)>,
    end: Result<(), EofError>,
}

fn seen<F: Framing>(mut decoder: Decoder<F>, chunks: &[&[u8]]) -> Seen {
    let mut seen = Seen { payloads: Vec::new(), skipped: Vec::new(), end: Ok(()) };
    for chunk in chunks {
        decoder.push(chunk).unwrap();
        loop {
            match decoder.next_frame() {
                Ok(Some(frame)) => seen.payloads.push(frame.payload().to_vec()),
                Ok(None) => break,
                Err(DecodeError { frame, kind: DecodeErrorKind::Skipped { len }, .. }) => {
                    seen.skipped.push((frame, len))
                }
                Err(error) => return Seen { end: Err(error.into()), ..seen },
            }
        }
    }
    loop {
        match decoder.finish() {
            Ok(Some(frame)) => seen.payloads.push(frame.payload().to_vec()),
            Ok(None) => return seen,
            Err(EofError::Decode(DecodeError { frame, kind: DecodeErrorKind::Skipped { len }, .. })) => {
                seen.skipped.push((frame, len));
            }
            Err(error) => return Seen { end: Err(error), ..seen },
        }
    }
}

/// What comes out, the same for every cut: all of them for short streams, else every two.
#[track_caller]
fn however_cut<F: Framing>(framing: F, oversize: Oversize, stream: &[u8]) -> Seen {
    let decoder = || Decoder::new(&framing).with_oversize(oversize);
    let whole = seen(decoder(), &[stream]);
    let bytes: Vec<_> = stream.chunks(1).collect();
    assert_eq!(seen(decoder(), &bytes), whole, "one byte at a time");
    for first in 0..=stream.len() {
        for second in first..=stream.len() {
            let chunks = [&stream[..first], &stream[first..second], &stream[second..]];
            assert_eq!(seen(decoder(), &chunks), whole, "cut at {first} and {second}");
        }
    }
    if stream.len() <= 10 {
        for cuts in 0_u32..1 << stream.len().saturating_sub(1) {
            let mut chunks = Vec::new();
            let mut begin = 0;
            for at in 1..=stream.len() {
                if at == stream.len() || cuts >> (at - 1) & 1 == 1 {
                    chunks.push(&stream[begin..at]);
                    begin = at;
                }
            }
            assert_eq!(seen(decoder(), &chunks), whole, "cuts {cuts:b}");
        }
    }
    whole
}

/// Just these payloads and a clean end, however the stream is cut.
#[track_caller]
fn gives(framing: impl Framing, stream: &[u8], payloads: &[&[u8]]) {
    let seen = however_cut(framing, Oversize::Fail, stream);
    assert_eq!(seen.end, Ok(()));
    assert_eq!(seen.payloads, payloads);
}

/// These payloads, and then this fault at this offset, however the stream is cut.
#[track_caller]
fn fails(framing: impl Framing, stream: &[u8], payloads: &[&[u8]], offset: u64, kind: DecodeErrorKind) {
    let seen = however_cut(framing, Oversize::Fail, stream);
    assert_eq!(seen.payloads, payloads);
    match seen.end {
        Err(EofError::Decode(error)) => assert_eq!((error.offset, error.kind), (offset, kind)),
        other => panic!("{other:?} where {kind:?} is right"),
    }
}

/// These payloads, and these frames skipped (offset and length), however the stream is cut.
#[track_caller]
fn skips(framing: impl Framing, stream: &[u8], payloads: &[&[u8]], skipped: &[(u64, u64)]) {
    let seen = however_cut(framing, Oversize::Skip, stream);
    assert_eq!(seen.end, Ok(()));
    assert_eq!(seen.payloads, payloads);
    assert_eq!(seen.skipped, skipped);
}

#[track_caller]
fn refuses(framing: impl Framing, message: &[u8], refusal: EncodeError) {
    let mut out = b"kept".to_vec();
    assert_eq!(framing.encode(message, &mut out), Err(refusal));
    assert_eq!(out, b"kept");
}

// ---- lengths ----

/// A decoder that drops the bytes of an unfinished varint reads the rest of it as a new one.
#[test]
fn a_varint_prefix_cut_across_reads_keeps_its_place() {
    let message = [b'x'; 300];
    let mut wire = Vec::new();
    for _ in 0..2 {
        Prefix::leb128().encode(&message, &mut wire).unwrap();
    }
    for at in 0..wire.len() {
        let seen = seen(Decoder::new(Prefix::leb128()), &[&wire[..at], &wire[at..]]);
        assert_eq!((seen.payloads.len(), seen.end), (2, Ok(())));
    }
}

/// The tenth byte has room for one bit: shifting the others out makes 2^64 a 0.
#[test]
fn a_tenth_varint_byte_above_1_is_an_error_and_not_a_zero() {
    for last in [2, 3, 0x7f, 0x80, 0x81, 0xff] {
        let mut wire = [0x80; 10];
        wire[9] = last;
        fails(Prefix::leb128(), &wire, &[], 9, DecodeErrorKind::NumberTooLarge { max: u64::MAX });
    }
}

/// A varint without a bound on its length is read for ever.
#[test]
fn a_varint_that_never_ends_is_an_error_at_its_last_possible_byte() {
    fails(Prefix::leb128(), &[0xff; 40], &[], 9, DecodeErrorKind::NumberTooLarge { max: u64::MAX });
    fails(Prefix::new(Varint::mqtt()), &[0x80; 9], &[], 3, DecodeErrorKind::NumberTooLarge { max: 268_435_455 });
}

/// Two forms of one length get past whoever compares bytes.
#[test]
fn a_varint_filled_up_with_zeros_is_an_error_unless_allowed() {
    fails(Prefix::leb128(), b"\x82\x00hi", &[], 1, DecodeErrorKind::NotShortest);
    gives(Prefix::new(Varint::leb128().allowing_longer_forms()), b"\x82\x00hi", &[b"hi"]);
}

/// Decoders that look at the first byte alone, and then read as many as it says, reach beyond what came.
#[test]
fn the_first_byte_of_a_long_quic_or_ber_number_is_no_panic() {
    for number in [Varint::quic(), Varint::ber()] {
        for first in 0..=255 {
            let seen = seen(Decoder::new(Prefix::new(number)), &[&[first]]);
            assert!(seen.payloads.len() <= 1);
        }
    }
}

/// `80` announces no length in BER. Read as one of no octets it is 0, and the contents are parsed as frames.
#[test]
fn an_indefinite_ber_length_is_not_an_empty_frame() {
    fails(Prefix::new(Varint::ber()), b"\x80\x01a\x00\x00", &[], 0, DecodeErrorKind::ReservedForm { found: 0x80 });
}

/// The payload is what is left of the length without the header: of 2 without 4, 2^64 - 2 bytes, or -2.
#[test]
fn a_self_inclusive_length_below_its_own_header_is_an_error() {
    let own = Prefix::u32_be().self_inclusive();
    for len in 0..4 {
        fails(own, &[0, 0, 0, len, b'a'], &[], 0, DecodeErrorKind::TooShort { len: len.into(), min: 4 });
    }
    gives(own, &[0, 0, 0, 4, 0, 0, 0, 5, b'a'], &[b"", b"a"]);
    // The same in a header of one's own: the number counts the whole packet of at least 4 bytes.
    let packet = LengthField::new(2, Binary::u16_be()).with_length_adjustment(-4);
    fails(packet, &[1, 2, 0, 3, b'a'], &[], 2, DecodeErrorKind::TooShort { len: 3, min: 4 });
}

/// git's `0001` to `0003` are no lengths, and taking 4 from them wraps. `0000` is not an empty message.
#[test]
fn lengths_that_stand_for_something_else_are_neither_lengths_nor_messages() {
    let mut decoder = Decoder::new(Prefix::pkt_line());
    decoder.push(b"0000000100020003000400050").unwrap();
    for _ in 0..4 {
        assert!(decoder.next_frame().unwrap().unwrap().is_control());
    }
    let empty = decoder.next_frame().unwrap().unwrap();
    assert!(!empty.is_control() && empty.payload().is_empty());
    assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"0");
}

/// Length and header are added in the width of the length: 2^32 - 1 and 4 make 3.
#[test]
fn a_length_and_its_header_together_do_not_wrap() {
    let len = u64::from(u32::MAX);
    for framing in [Prefix::u32_be(), Prefix::u32_be().with_length_adjustment(4)] {
        let seen = seen(Decoder::new(framing), &[&[0xff; 12]]);
        assert!(matches!(seen.end, Err(EofError::Decode(DecodeError { kind: DecodeErrorKind::Oversize { .. }, .. }))));
        assert_eq!(seen.payloads, [b""; 0]);
    }
    let all = Prefix::u32_be().with_max_payload_len(u64::MAX);
    let cut = Truncated::Payload { have: 8, need: len };
    // On 32-bit machines it is refused as beyond memory.
    match seen(Decoder::new(all), &[&[0xff; 12]]).end {
        Err(EofError::Truncated { cut: found, .. }) => assert_eq!(found, cut),
        Err(EofError::Decode(error)) => {
            assert_eq!(error.kind, DecodeErrorKind::Oversize { len, max: isize::MAX as u64 });
            assert!(size_of::<usize>() == 4);
        }
        Ok(()) => panic!("no frame has come"),
    }
}

/// A 64-bit length cut down to the `usize` of a 32-bit machine: 2^32 + 2 is read as 2.
#[test]
fn a_64_bit_length_is_not_cut_down_to_the_width_of_memory() {
    for high in [1_u64 << 31, 1 << 32, 1 << 33, 1 << 62, 1 << 63] {
        let len = high + 2;
        let wire = [&len.to_be_bytes()[..], b"hi"].concat();
        fails(
            Prefix::u64_be(),
            &wire,
            &[],
            0,
            DecodeErrorKind::Oversize { len, max: anysplit::DEFAULT_MAX_PAYLOAD_LEN },
        );
        let mut decoder = Decoder::new(Prefix::u64_be().with_max_payload_len(u64::MAX));
        decoder.push(&wire).unwrap();
        assert!(!matches!(decoder.next_frame(), Ok(Some(_))));
    }
}

/// With the greatest number and the greatest adjustments the sums are beyond every width.
#[test]
fn the_greatest_numbers_units_and_adjustments_do_not_wrap() {
    for adjustment in [i64::MIN, -1, 0, 1, i64::MAX] {
        for unit in [1, 2, u32::MAX] {
            let framing = LengthField::new(0, Binary::u64_be())
                .with_max_payload_len(u64::MAX)
                .with_unit(unit)
                .unwrap()
                .with_length_adjustment(adjustment);
            for value in [0, 1, u64::from(u32::MAX), u64::MAX / 2, u64::MAX - 1, u64::MAX] {
                let wire = [&value.to_be_bytes()[..], b"a"].concat();
                let right = i128::from(value) * i128::from(unit) + i128::from(adjustment);
                match framing.locate(&wire, Progress { unlimited: true, ..Progress::default() }) {
                    Ok(Located::Known(extent)) => assert_eq!(i128::from(extent.payload_len()), right),
                    Ok(other) => panic!("{other:?}"),
                    Err(_) => assert!(u64::try_from(right).is_err()),
                }
            }
        }
    }
}

/// The number is written with its lowest bytes alone, and 256 bytes go out under the length 0.
#[test]
fn a_length_that_does_not_fit_is_refused_and_not_cut() {
    refuses(Prefix::u8(), &[0; 256], EncodeError::DoesNotFit { value: 256, max: 255 });
    refuses(Prefix::u16_be(), &[0; 65_536], EncodeError::DoesNotFit { value: 65_536, max: 65_535 });
    refuses(Prefix::ascii(2).unwrap(), &[0; 100], EncodeError::DoesNotFit { value: 100, max: 99 });
    // With what the number counts beside the payload it is one too many.
    refuses(Prefix::u8().self_inclusive(), &[0; 255], EncodeError::DoesNotFit { value: 256, max: 255 });
    let bits = Prefix::new(Bits::new(Binary::u16_be(), 0x03ff).unwrap());
    refuses(bits, &[0; 1024], EncodeError::DoesNotFit { value: 1024, max: 1023 });
}

/// Asked for a width of 0, some read no byte and loop over empty frames.
#[test]
fn a_length_field_of_no_width_is_not_built() {
    assert_eq!(Ascii::decimal(0), Err(ConfigError::Width { found: 0, min: 1, max: 20 }));
    assert_eq!(Ascii::hex(0), Err(ConfigError::Width { found: 0, min: 1, max: 16 }));
    assert_eq!(Binary::new(0, anysplit::order::Order::Big), Err(ConfigError::Width { found: 0, min: 1, max: 8 }));
    assert_eq!(Fixed::new(0), Err(ConfigError::ZeroLength));
}

/// The end is clean for whoever looks only at whether payload bytes are there.
#[test]
fn the_end_right_after_a_header_is_not_clean() {
    let cut = |frame, end, cut| Err(EofError::Truncated { frame, end, cut });
    let seen = however_cut(Prefix::u16_be(), Oversize::Fail, b"\x00\x01a\x00\x02");
    assert_eq!(seen.end, cut(3, 5, Truncated::Payload { have: 0, need: 2 }));
    let types = ByType::lengths([(b'P', 2)]).unwrap();
    assert_eq!(however_cut(types, Oversize::Fail, b"P").end, cut(0, 1, Truncated::Payload { have: 0, need: 2 }));
    assert_eq!(
        however_cut(Prefix::u16_be(), Oversize::Fail, b"\0").end,
        cut(0, 1, Truncated::Header { have: 1, need: 2 })
    );
    let seen = however_cut(Prefix::netstring(), Oversize::Fail, b"1:a");
    assert_eq!(seen.end, cut(0, 3, Truncated::Trailer { have: 0, need: 1 }));
}

/// tokio-util's length codec reserves what a header announces: four bytes for 8 MiB.
#[test]
fn announcing_a_length_reserves_no_memory() {
    for announced in [8 * 1024 * 1024_u64, 128 * 1024 * 1024, u64::from(u32::MAX)] {
        let framing = Prefix::u64_be().with_max_payload_len(1 << 33);
        let mut decoder = Decoder::new(framing);
        decoder.push(&announced.to_be_bytes()).unwrap();
        let _ = decoder.next_frame();
        assert!(decoder.capacity() <= 512, "{} bytes for 8", decoder.capacity());
        let _ = decoder.push(b"a");
        assert!(decoder.capacity() <= 512, "{} bytes for 9", decoder.capacity());
    }
}

/// The limit is compared with what is buffered, so two good frames in one read are one too long.
#[test]
fn a_limit_counts_the_bytes_of_one_frame_and_not_all_that_came() {
    gives(Prefix::u8().with_max_payload_len(2), b"\x02hi\x02yo\x01!", &[b"hi", b"yo", b"!"]);
    gives(Delimited::line().with_max_payload_len(2), b"hi\nyo\r\n!\n", &[b"hi", b"yo", b"!"]);
}

/// One of the comparisons is `>=`, or counts the delimiter, or only some reads get to it.
#[test]
fn a_payload_of_exactly_the_limit_passes_and_one_byte_more_fails() {
    let oversize = DecodeErrorKind::Oversize { len: 4, max: 3 };
    gives(Prefix::u8().with_max_payload_len(3), b"\x03abc", &[b"abc"]);
    fails(Prefix::u8().with_max_payload_len(3), b"\x04abcd", &[], 0, oversize);
    for delimiter in [&b";"[..], b"\r\n", b"\r\n\r\n"] {
        let framing = Delimited::new(delimiter).unwrap().with_max_payload_len(3);
        gives(framing, &[b"abc", delimiter].concat(), &[b"abc"]);
        fails(framing, &[b"abcd", delimiter].concat(), &[], 3, oversize);
    }
    gives(UntilClose::new().with_max_payload_len(3), b"abc", &[b"abc"]);
    fails(UntilClose::new().with_max_payload_len(3), b"abcd", &[], 3, oversize);
}

// ---- lengths as text ----

/// What a language's own parser takes for a number: signs, blanks, underscores, `0x`, digits of other scripts.
#[test]
fn only_digits_are_digits() {
    for text in ["+0005", "-0001", " 0005", "0005 ", "0_005", "0x005", "5e+00", "\t0005", "٠٠٠٠"] {
        let at = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap();
        let kind = DecodeErrorKind::NotADigit { found: text.as_bytes()[at], radix: 10 };
        let wire = format!("{text:.5}hello");
        fails(Prefix::ascii5(), wire.as_bytes(), &[], at as u64, kind);
    }
    let found = b'x';
    fails(Prefix::hex4(), b"0x05hello", &[], 1, DecodeErrorKind::NotADigit { found, radix: 16 });
}

/// `05:` and `5:` are the same to one reader of a netstring and not to another.
#[test]
fn a_leading_zero_is_an_error() {
    fails(Prefix::netstring(), b"05:hello,", &[], 1, DecodeErrorKind::LeadingZero);
    fails(Prefix::netstring(), b"00:,", &[], 1, DecodeErrorKind::LeadingZero);
    gives(Prefix::netstring(), b"0:,", &[b""]);
}

/// Digit by digit a count grows beyond its type, wraps, and passes the limit.
#[test]
fn digits_beyond_the_greatest_number_do_not_wrap_however_they_come() {
    let max = u64::MAX;
    let all = Prefix::netstring().with_max_payload_len(max);
    // 2^64 is one more than fits. The digit that proves it is the last.
    fails(all, b"18446744073709551616:", &[], 19, DecodeErrorKind::NumberTooLarge { max });
    fails(all, b"99999999999999999999:", &[], 19, DecodeErrorKind::NumberTooLarge { max });
    fails(all, b"184467440737095516150:", &[], 20, DecodeErrorKind::NumberTooLarge { max });
    let fixed = Prefix::ascii(20).unwrap();
    fails(fixed, b"18446744073709551616", &[], 19, DecodeErrorKind::NumberTooLarge { max });
}

/// At 2^64 - 1 a counter of what is missing subtracts the wrong way, or never gets there.
#[test]
fn the_greatest_count_neither_subtracts_the_wrong_way_nor_stalls() {
    let all = Prefix::netstring().with_max_payload_len(u64::MAX);
    let mut decoder = Decoder::new(all);
    for byte in b"18446744073709551615:" {
        decoder.push(&[*byte]).unwrap();
        while let Ok(Some(piece)) = decoder.next_piece() {
            assert_eq!(
                piece,
                anysplit::Piece::Start { header: b"18446744073709551615:", len: Some(u64::MAX), control: false }
            );
        }
    }
    for _ in 0..1000 {
        decoder.push(&[b'a'; 512]).unwrap();
        assert_eq!(decoder.next_piece(), Ok(Some(anysplit::Piece::Data(&[b'a'; 512]))));
        assert_eq!(decoder.next_piece(), Ok(None));
        assert!(decoder.capacity() < 4096);
    }
    let cut = Truncated::Payload { have: 512_000, need: u64::MAX };
    assert_eq!(decoder.finish_piece(), Err(EofError::Truncated { frame: 0, end: 512_021, cut }));
}

/// A megabyte of digits is stored, and searched again and again for the colon.
#[test]
fn digits_without_an_end_fail_at_the_first_that_is_too_many() {
    let limited = Prefix::netstring().with_max_payload_len(999);
    fails(limited, b"1000", &[], 3, DecodeErrorKind::Oversize { len: 1000, max: 999 });
    fails(limited, &[b'9'; 30], &[], 3, DecodeErrorKind::Oversize { len: 1000, max: 999 });
}

/// The byte after a netstring is dropped unseen, whatever it is: 4 bytes too many in the count, and all is shifted.
#[test]
fn a_wrong_byte_after_the_payload_is_an_error_that_stays() {
    let comma = DecodeErrorKind::Mismatch { found: b';', expected: b',' };
    fails(Prefix::netstring(), b"2:hi,2:yo;2:no,", &[b"hi"], 9, comma);
}

// ---- delimiters ----

/// Seen separately, the CR ends one line and the LF another.
#[test]
fn a_crlf_cut_between_its_bytes_makes_no_empty_line() {
    gives(Delimited::line(), b"a\r\nb\r\n", &[b"a", b"b"]);
    gives(Delimited::any_of([&b"\r\n"[..], b"\n"]).unwrap(), b"a\r\nb\r\n", &[b"a", b"b"]);
    gives(Delimited::new(b"\r\n").unwrap(), b"a\r\nb\r\n", &[b"a", b"b"]);
}

/// With the LF still to come the CR is counted, and the line is one byte too long.
#[test]
fn a_line_of_exactly_the_limit_passes_when_it_is_cut_between_cr_and_lf() {
    gives(Delimited::line().with_max_payload_len(5), b"hello\r\nworld\n", &[b"hello", b"world"]);
    let oversize = DecodeErrorKind::Oversize { len: 6, max: 5 };
    fails(Delimited::line().with_max_payload_len(5), b"hello\rx\n", &[], 5, oversize);
}

/// Skipping to a CR, or to an LF that was the end already, takes the next good line along.
#[test]
fn a_line_is_not_swallowed_with_the_long_one_before_it() {
    let framing = Delimited::line().with_max_payload_len(3);
    skips(framing, b"12345\r\nabc\r\n", &[b"abc"], &[(0, 7)]);
    skips(framing, b"12345\nabc\n12345678\nde\n", &[b"abc", b"de"], &[(0, 6), (10, 9)]);
    skips(Delimited::new(b"\r\n").unwrap().with_max_payload_len(3), b"1234\r\r\nabc\r\n", &[b"abc"], &[(0, 7)]);
}

/// After the error, what is left of the line is read as if a line began there.
#[test]
fn the_rest_of_a_rejected_line_does_not_come_back_as_a_line() {
    let framing = Delimited::line().with_max_payload_len(3);
    let oversize = DecodeErrorKind::Oversize { len: 4, max: 3 };
    fails(framing, b"ab\n12345\ncd\n", &[b"ab"], 6, oversize);
    skips(framing, b"ab\n12345\ncd\n", &[b"ab", b"cd"], &[(3, 6)]);
}

/// After the error, the payload that was too long is read as headers.
#[test]
fn the_body_of_a_rejected_frame_is_not_parsed_as_frames() {
    let framing = Prefix::u8().with_max_payload_len(3);
    let stream = b"\x01a\x06\x01x\x01y\x01z\x01b";
    fails(framing, stream, &[b"a"], 2, DecodeErrorKind::Oversize { len: 6, max: 3 });
    skips(framing, stream, &[b"a", b"b"], &[(2, 7)]);
}

/// A CR alone ends a line for one reader and is data for the next.
#[test]
fn a_lone_cr_is_data_and_only_one_is_dropped_before_the_lf() {
    gives(Delimited::line(), b"a\rb\r\r\n\r\n\n", &[b"a\rb\r", b"", b""]);
}

/// The search matches an empty delimiter everywhere, without going on.
#[test]
fn an_empty_delimiter_is_not_built() {
    assert_eq!(Delimited::new(b"").unwrap_err(), ConfigError::EmptyLiteral);
    assert_eq!(Delimited::any_of([&b"\n"[..], b""]).unwrap_err(), ConfigError::EmptyLiteral);
    assert_eq!(Delimited::any_of([b"a"; 0]).unwrap_err(), ConfigError::Empty);
    assert_eq!(Prefix::u8().with_trailer(b"").unwrap_err(), ConfigError::EmptyLiteral);
    assert_eq!(Ascii::decimal_ended_by(b"").unwrap_err(), ConfigError::EmptyLiteral);
}

/// Looking back from the last byte of the delimiter goes below the start of the buffer.
#[test]
fn the_last_byte_of_a_delimiter_at_the_very_start_is_no_panic() {
    gives(Delimited::new(b"\r\n").unwrap(), b"\n\n\r\n", &[b"\n\n"]);
    gives(Delimited::new(b"ab--").unwrap(), b"---ab--", &[b"---"]);
    gives(Delimited::any_of([&b"xyz;"[..], b"abc\0"]).unwrap(), b"\0;;abc\0;xyz;", &[b"\0;;", b";"]);
    gives(Delimited::line(), b"\n\r\n", &[b"", b""]);
}

/// Found first by length, or by place in the list, the answer depends on how much has come.
#[test]
fn a_delimiter_that_begins_another_is_not_built() {
    let sets: [[&[u8]; 2]; 3] = [[b"\r", b"\r\n"], [b"--a", b"--"], [b";", b";"]];
    for set in sets {
        assert!(matches!(Delimited::any_of(set), Err(ConfigError::PrefixOfAnother { .. })));
    }
    // One that ends another is: the earliest end is the same whatever has come.
    gives(Delimited::any_of([&b"\n"[..], b"\r\n"]).unwrap(), b"a\r\nb\nc\r\n", &[b"a", b"b", b"c"]);
}

/// A search that starts anew after a false start misses the delimiter that began inside it.
#[test]
fn a_delimiter_that_overlaps_its_own_beginning_is_found() {
    gives(Delimited::new(b"\r\n\r\n").unwrap(), b"a\r\n\r\r\n\r\nb\r\n\r\n", &[b"a\r\n\r", b"b"]);
    gives(Delimited::new(b"aab").unwrap(), b"aaabaab", &[b"a", b""]);
    gives(Delimited::new(b"abac").unwrap(), b"ababacxabac", &[b"ab", b"x"]);
}

/// A message with the delimiter in it is written as it is, and is two for the reader.
#[test]
fn no_message_forges_a_second_one() {
    refuses(Delimited::line(), b"a\nQUIT", EncodeError::ContainsDelimiter { at: 1 });
    refuses(Delimited::new(b"\r\n").unwrap(), b"a\r\nQUIT", EncodeError::ContainsDelimiter { at: 1 });
    refuses(Delimited::nul(), b"a\0", EncodeError::ContainsDelimiter { at: 1 });
    // Only together with the delimiter after it: the CR would be dropped with the LF.
    refuses(Delimited::line(), b"a\r", EncodeError::ContainsDelimiter { at: 1 });
    refuses(Delimited::new(b"aa").unwrap(), b"ba", EncodeError::ContainsDelimiter { at: 1 });
}

// ---- streams ----

/// An unfinished line is lost, or the same one is given at every call.
#[test]
fn the_last_line_without_its_end_is_given_once() {
    gives(Delimited::line(), b"a\nb", &[b"a", b"b"]);
    gives(Delimited::line(), b"a\n", &[b"a"]);
    gives(Delimited::line(), b"", &[]);
    let seen = however_cut(Delimited::line().failing_unterminated(), Oversize::Fail, b"a\nb");
    let cut = Truncated::Unterminated { have: 1 };
    assert_eq!((seen.payloads, seen.end), (vec![b"a".to_vec()], Err(EofError::Truncated { frame: 2, end: 3, cut })));
}

/// The end is told before all frames were taken, and only the first of them comes.
#[test]
fn frames_that_were_not_taken_before_the_end_come_all_of_them() {
    let mut decoder = Decoder::new(Delimited::line());
    decoder.push(b"a\nb\nc").unwrap();
    for expected in [b"a", b"b", b"c"] {
        assert_eq!(decoder.finish().unwrap().unwrap().payload(), expected);
    }
    assert_eq!(decoder.finish(), Ok(None));
}

/// No bytes are taken for the end of the stream, as `read` says it, and what was begun is given up or given out.
#[test]
fn an_empty_chunk_is_not_the_end() {
    let mut decoder = Decoder::new(Delimited::line());
    for chunk in [&b""[..], b"hel", b"", b"", b"lo\nwor", b""] {
        decoder.push(chunk).unwrap();
        if chunk.ends_with(b"wor") {
            assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"hello");
        }
        assert_eq!(decoder.next_frame(), Ok(None));
    }
    assert_eq!(decoder.finish().unwrap().unwrap().payload(), b"wor");
}

/// Whoever loops over frames while errors come never ends.
#[test]
fn an_error_is_the_last_word_until_reset() {
    let mut decoder = Decoder::new(Prefix::netstring());
    decoder.push(b"1:a,x").unwrap();
    assert!(decoder.next_frame().unwrap().is_some());
    let error = decoder.next_frame().unwrap_err();
    for _ in 0..3 {
        assert_eq!(decoder.next_frame(), Err(error));
        assert_eq!(decoder.push(b"1:b,"), Err(Closed::Failed(error)));
        assert_eq!(decoder.finish(), Err(EofError::Decode(error)));
    }
    decoder.reset();
    decoder.push(b"1:b,").unwrap();
    assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"b");
}

/// The error of a skipped frame comes again and again, as nothing of it is consumed.
#[test]
fn every_skipped_frame_is_reported_once() {
    let framing = Prefix::u8().with_max_payload_len(1);
    skips(framing, b"\x02aa\x02bb\x01c\x02dd", &[b"c"], &[(0, 3), (3, 3), (8, 3)]);
}

/// A message in the buffer is followed by the rest of the longer one before it.
#[test]
fn a_shorter_frame_after_a_longer_one_has_none_of_its_bytes() {
    gives(Prefix::u8(), b"\x05hello\x01a\x00\x02bc", &[b"hello", b"a", b"", b"bc"]);
    let mut decoder = Decoder::new(Delimited::line());
    decoder.push(b"hello wo").unwrap();
    assert_eq!(decoder.next_frame(), Ok(None));
    decoder.reset();
    decoder.push(b"a\n").unwrap();
    assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"a");
}

/// Empty frames are taken for "nothing there yet".
#[test]
fn empty_messages_are_messages() {
    gives(Prefix::u8(), b"\0\0\0", &[b"", b"", b""]);
    gives(Delimited::line(), b"\n\r\n\n", &[b"", b"", b""]);
    gives(Prefix::netstring(), b"0:,0:,", &[b"", b""]);
    gives(ByType::lengths([(b'a', 0)]).unwrap(), b"aa", &[b"", b""]);
}

/// Each frame without a message is passed over by a call inside the last, until the stack ends.
#[test]
fn a_million_frames_without_a_message_need_no_stack() {
    let mut decoder = Decoder::new(Prefix::u8().with_max_payload_len(0)).with_oversize(Oversize::Skip);
    decoder.push(&b"\x01a".repeat(1_000_000)).unwrap();
    let mut skipped = 0;
    while let Err(error) = decoder.next_frame() {
        assert!(error.is_skipped());
        skipped += 1;
    }
    assert_eq!(skipped, 1_000_000);
    let mut decoder = Decoder::new(Prefix::pkt_line());
    decoder.push(&b"0000".repeat(1_000_000)).unwrap();
    let mut controls = 0;
    while decoder.next_frame().unwrap().is_some() {
        controls += 1;
    }
    assert_eq!(controls, 1_000_000);
}

/// The state points beyond a buffer that has since become shorter: the program's fault, but no reason to panic.
#[test]
fn a_shorter_buffer_after_a_partial_decode_is_no_panic() {
    fn shrink(framing: impl Framing, stream: &[u8]) {
        for oversize in [Oversize::Fail, Oversize::Skip] {
            for first in (0..=stream.len()).rev() {
                for second in 0..first {
                    let mut deframer = Deframer::new(&framing).with_oversize(oversize);
                    let _ = deframer.step(&stream[..first]);
                    for _ in 0..3 {
                        let _ = deframer.step(&stream[..second]);
                        let _ = deframer.need(&stream[..second]);
                    }
                    let _ = deframer.finish(b"");
                }
            }
        }
    }
    shrink(Prefix::u16_be(), b"\x00\x09hello");
    shrink(Prefix::netstring(), b"9:hello");
    shrink(Prefix::u8().with_max_payload_len(2), b"\x09hello");
    shrink(Delimited::line().with_max_payload_len(4), b"hello\r");
    shrink(Delimited::new(b"abcabd").unwrap(), b"xabcabc");
    shrink(LengthField::new(2, Binary::u16_be()).with_trailer(b"end").unwrap(), b"ab\x00\x02hie");
    shrink(UntilClose::new().with_max_payload_len(3), b"hello");
    shrink(ByType::new([(b'a', Body::Framed(Prefix::leb128()))]).unwrap(), b"a\x80\x01");
}

/// Bytes that came with the last message of one protocol are lost to the next.
#[test]
fn nothing_is_lost_where_the_protocol_changes() {
    let stream = b"STARTTLS\r\n\x00\x02hi";
    for cut in 0..=stream.len() {
        let mut decoder = Decoder::new(Delimited::line());
        decoder.push(&stream[..cut]).unwrap();
        let mut rest = &stream[cut..];
        while decoder.next_frame().unwrap().is_none() {
            decoder.push(&rest[..1]).unwrap();
            rest = &rest[1..];
        }
        let mut decoder = decoder.with_framing(Prefix::u16_be());
        decoder.push(rest).unwrap();
        let frame = decoder.next_frame().unwrap().unwrap();
        assert_eq!((frame.payload(), frame.offset()), (&b"hi"[..], 10));
    }
}

/// A framing that counts how many bytes it is shown anew.
struct Counting<F>(F, Cell<usize>);

impl<F: Framing> Framing for Counting<F> {
    fn locate(&self, input: &[u8], progress: Progress) -> Result<Located, anysplit::FrameError> {
        self.1.set(self.1.get() + input.len() - progress.scanned);
        self.0.locate(input, progress)
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        self.0.envelope(message)
    }
}

/// The whole buffer is searched again with every read.
#[test]
fn bytes_that_trickle_in_are_not_searched_again() {
    const N: usize = 20_000;
    for delimiter in [&b"\n"[..], b"\r\n", b"aaaaab", b"\r\n--boundary of more than 16 bytes"] {
        let mut decoder = Decoder::new(Counting(Delimited::new(delimiter).unwrap(), Cell::new(0)));
        for _ in 0..N {
            decoder.push(b"a").unwrap();
            assert_eq!(decoder.next_frame(), Ok(None));
        }
        let looked_at = decoder.framing().1.get();
        assert!(looked_at <= N * (delimiter.len() + 1), "{looked_at} bytes for {N}");
    }
}

// ---- encoders ----

/// The header is out before the payload proves too long, and the reader waits for the rest.
#[test]
fn nothing_is_written_of_a_message_that_is_refused() {
    let framing = Prefix::u16_be().with_max_payload_len(3);
    refuses(framing, b"hello", EncodeError::Oversize { len: 5, max: 3 });
    let mut out = b"kept".to_vec();
    let written = framing.encode_with(&mut out, |out| out.extend_from_slice(b"hello"));
    assert_eq!((written, &out[..]), (Err(EncodeError::Oversize { len: 5, max: 3 }), &b"kept"[..]));
    let mut encoder = Encoder::new(framing);
    assert_eq!(encoder.push(b"hello"), Err(EncodeError::Oversize { len: 5, max: 3 }));
    assert_eq!(bytes::Buf::remaining(&encoder), 0);
    let mut room = [7; 4];
    assert_eq!(Prefix::u8().encode_into(b"hello", &mut room), Err(EncodeError::NoRoom { need: 6, have: 4 }));
    assert_eq!(room, [7; 4]);
}

/// A length whose own digits it counts grows by one with them: 96 and 4 make 100.
#[test]
fn a_length_that_counts_its_own_digits_agrees_with_itself() {
    let framing = Prefix::new(Ascii::decimal_ended_by(b" ").unwrap()).self_inclusive();
    for len in (0..=1100).chain(9_980..10_010) {
        let message = vec![b'x'; len];
        let mut wire = Vec::new();
        framing.encode(&message, &mut wire).unwrap();
        assert!(wire.starts_with(format!("{} ", wire.len()).as_bytes()));
        let mut decoder = Decoder::new(framing);
        decoder.push(&wire).unwrap();
        assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), message);
    }
}

/// A payload that is a multiple already gets a whole unit of padding more.
#[test]
fn a_multiple_needs_no_padding() {
    let framing = LengthField::new(0, Binary::u8()).with_padding_to(4).unwrap();
    for (payload, padding) in [(0, 0), (1, 3), (3, 1), (4, 0), (5, 3)] {
        let mut packet = vec![b'a'; 1 + payload];
        framing.fill(&mut packet).unwrap();
        let mut wire = Vec::new();
        framing.encode(&packet, &mut wire).unwrap();
        assert_eq!(wire.len(), packet.len() + padding);
        gives(framing, &wire, &[&packet[1..]]);
    }
}

/// A step that is asked what it did with the same bytes says something else.
#[test]
fn asking_again_with_the_same_bytes_changes_nothing() {
    let mut deframer = Deframer::new(Prefix::netstring());
    for _ in 0..3 {
        assert_eq!(deframer.step(b"5:hel").unwrap(), Step::Need(3.try_into().unwrap()));
        assert_eq!(deframer.position(), 0);
    }
}

/// A number that is written over flags it shares its bytes with takes them along.
#[test]
fn filling_in_a_length_keeps_the_flags_beside_it() {
    let bits = Bits::new(Binary::u16_be(), 0x3fff).unwrap();
    assert_eq!(bits.max(), 0x3fff);
    let framing = LengthField::new(0, bits);
    let mut packet = *b"\xc0\x00hello";
    framing.fill(&mut packet).unwrap();
    assert_eq!(&packet, b"\xc0\x05hello");
}

// ---- stuffed frames ----

/// A payload, or the offsets of a frame and of what is wrong with it.
type StuffedAs<T> = Result<T, (u64, u64, DecodeErrorKind)>;
type Stuffed = StuffedAs<Vec<u8>>;

fn stuffed<S: Stuffing>(stuffing: S, max: usize, chunks: &[&[u8]]) -> Vec<Stuffed> {
    let (events, _) = twins::decoded(stuffing, max, chunks.iter().copied());
    let told = events.into_iter().map(|event| match event {
        twins::Event::Frame { payload, .. } => Ok(payload),
        twins::Event::FrameError { frame, offset, kind } => Err((frame as u64, offset as u64, kind)),
    });
    told.collect()
}

/// Just these, however the stream is cut in three, and byte by byte.
#[track_caller]
fn unstuffs<S: Stuffing>(stuffing: S, max: usize, stream: &[u8], expected: &[StuffedAs<&[u8]>]) {
    let expected: Vec<Stuffed> = expected.iter().map(|event| event.map(<[u8]>::to_vec)).collect();
    assert_eq!(stuffed(stuffing, max, &stream.chunks(1).collect::<Vec<_>>()), expected);
    for first in 0..=stream.len() {
        for second in first..=stream.len() {
            let chunks = [&stream[..first], &stream[first..second], &stream[second..]];
            assert_eq!(stuffed(stuffing, max, &chunks), expected, "cut at {first} and {second}");
        }
    }
}

const fn no_escape(found: u8) -> DecodeErrorKind {
    DecodeErrorKind::Mismatch { found, expected: 0xdc }
}

/// A decoder that drops a frame at a bad escape, and not what it had of it, puts that ahead of the next frame.
#[test]
fn after_a_bad_escape_no_stale_byte_is_in_the_next_slip_frame() {
    unstuffs(Slip, 99, b"ab\xdbcd\xc0ef\xc0", &[Err((0, 3, no_escape(b'c'))), Ok(b"ef")]);
    unstuffs(Slip, 99, b"ab\xdb\xdb\xdc\xc0ef\xc0", &[Err((0, 3, no_escape(0xdb))), Ok(b"ef")]);
}

/// RFC 1055's own code takes a byte after ESC as it is, END included, and so runs two frames together.
#[test]
fn an_end_after_an_escape_ends_the_slip_frame() {
    unstuffs(Slip, 99, b"ab\xdb\xc0cd\xc0", &[Err((0, 3, no_escape(0xc0))), Ok(b"cd")]);
}

/// A sender that begins with END, as RFC 1055 advises, gives an empty frame ahead of each to a receiver that counts ENDs.
#[test]
fn an_end_that_begins_a_slip_frame_is_no_empty_frame() {
    unstuffs(Slip, 99, b"\xc0a\xc0\xc0b\xc0\xc0\xc0\xc0c\xc0", &[Ok(b"a"), Ok(b"b"), Ok(b"c")]);
}

/// A decoder that remembers the escape in its caller's chunk forgets it with the chunk.
#[test]
fn an_escape_at_the_end_of_a_chunk_is_not_forgotten() {
    unstuffs(Slip, 99, b"\xdb\xdc\xdb\xdd\xc0", &[Ok(b"\xc0\xdb")]);
}

/// An encoder that escapes END and not ESC writes what reads as another payload.
#[test]
fn an_escape_in_the_payload_is_escaped_as_the_delimiter_is() {
    let mut wire = Vec::new();
    Slip.encode(b"\xdb\xdc\xc0\xdd", &mut wire).unwrap();
    assert_eq!(wire, b"\xc0\xdb\xdd\xdc\xdb\xdc\xdd\xc0");
    unstuffs(Slip, 99, &wire, &[Ok(b"\xdb\xdc\xc0\xdd")]);
}

/// An accumulator that is reset where its buffer is full takes the rest of the frame for a frame.
#[test]
fn the_rest_of_a_stuffed_frame_over_the_limit_is_no_frame() {
    let over = DecodeErrorKind::Oversize { len: 4, max: 3 };
    unstuffs(Cobs, 3, b"\x07abcd\x02e\0\x02f\0", &[Err((0, 4, over)), Ok(b"f")]);
    unstuffs(Slip, 3, b"abcdefghi\xc0f\xc0", &[Err((0, 3, over)), Ok(b"f")]);
}

/// A code that points after the frame makes a decoder of whole frames read beyond its buffer, and one of streams take the
/// next frame's bytes.
#[test]
fn a_cobs_code_that_points_past_the_delimiter_is_a_fault_of_that_frame_alone() {
    let short = |min| DecodeErrorKind::TooShort { len: 0, min };
    unstuffs(Cobs, 99, b"\x05ab\0\x02c\0", &[Err((0, 3, short(2))), Ok(b"c")]);
    unstuffs(Cobs, 99, b"\xff\0\x02c\0", &[Err((0, 1, short(254))), Ok(b"c")]);
    unstuffs(Cobs, 99, b"\x02a\x02\0\x02c\0", &[Err((0, 3, short(1))), Ok(b"c")]);
}

/// The zero that a code stands for belongs between two runs, and not after the last.
#[test]
fn a_cobs_payload_has_no_zero_too_many_and_none_too_few() {
    unstuffs(Cobs, 99, b"\x02a\0", &[Ok(b"a")]);
    unstuffs(Cobs, 99, b"\x02a\x01\0", &[Ok(b"a\0")]);
    unstuffs(Cobs, 99, b"\x01\x01\x01\0", &[Ok(b"\0\0")]);
    unstuffs(Cobs, 99, b"\x01\0\x01\0", &[Ok(b""), Ok(b"")]);
}

/// A run of 254 bytes has no zero after it, and needs no code after it at the end of a payload. Some encoders write one.
#[test]
fn a_full_cobs_run_at_the_end_of_a_payload_has_both_its_forms() {
    let run = [b'x'; 254];
    let mut wire = Vec::new();
    Cobs.encode(&run, &mut wire).unwrap();
    assert_eq!(wire, [&b"\xff"[..], &run, b"\0"].concat());
    for wire in [wire, [&b"\xff"[..], &run, b"\x01\0"].concat()] {
        assert_eq!(stuffed(Cobs, 254, &[&wire]), [Ok(run.to_vec())]);
        assert_eq!(stuffed(Cobs, 254, &wire.chunks(1).collect::<Vec<_>>()), [Ok(run.to_vec())]);
    }
    let mut wire = Vec::new();
    Cobs.encode(&[&run[..], &[0]].concat(), &mut wire).unwrap();
    assert_eq!(wire, [&b"\xff"[..], &run, b"\x01\x01\0"].concat());
}

/// A reader that joins in the middle has half a frame first: an error or a payload of its own, and then what is right.
#[test]
fn a_reader_that_joins_in_the_middle_is_right_from_the_next_delimiter_on() {
    let mut wire = Vec::new();
    Slip.encode(b"a\xc0\xdbb", &mut wire).unwrap();
    for from in 1..wire.len() {
        let stream = [&wire[from..], &wire].concat();
        assert_eq!(stuffed(Slip, 99, &[&stream]).last(), Some(&Ok(b"a\xc0\xdbb".to_vec())), "from {from}");
    }
    let mut wire = Vec::new();
    Cobs.encode(b"ab\0cd", &mut wire).unwrap();
    for from in 1..wire.len() {
        let stream = [&wire[from..], &wire].concat();
        assert_eq!(stuffed(Cobs, 99, &[&stream]).last(), Some(&Ok(b"ab\0cd".to_vec())), "from {from}");
    }
}
