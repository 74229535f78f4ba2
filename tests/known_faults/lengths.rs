//! Numbers that announce the length of a payload.

use anysplit::contract::{Located, Progress};
use anysplit::number::{Ascii, Binary, Bits, Varint};
use anysplit::{
    ByType, ConfigError, DecodeError, DecodeErrorKind, Decoder, Delimited, EncodeError, EofError, Fixed, Framing,
    LengthField, Prefix, Recovery, Truncated, UntilClose,
};

use crate::{fails, gives, however_cut, refuses, seen};

/// A decoder that drops the bytes of an unfinished varint reads the rest of it as a new one.
#[test]
fn varint_cut_across_reads_keeps_its_place() {
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
fn tenth_varint_byte_above_1_is_an_error() {
    for last in [2, 3, 0x7f, 0x80, 0x81, 0xff] {
        let mut wire = [0x80; 10];
        wire[9] = last;
        fails(Prefix::leb128(), &wire, &[], 9, DecodeErrorKind::NumberTooLarge { max: u64::MAX });
    }
}

/// A varint without a bound on its length is read for ever.
#[test]
fn varint_without_end_fails_at_its_last_possible_byte() {
    fails(Prefix::leb128(), &[0xff; 40], &[], 9, DecodeErrorKind::NumberTooLarge { max: u64::MAX });
    fails(Prefix::new(Varint::mqtt()), &[0x80; 9], &[], 3, DecodeErrorKind::NumberTooLarge { max: 268_435_455 });
}

/// Two forms of one length deceive a reader that compares bytes.
#[test]
fn varint_filled_up_with_zeros_is_an_error_unless_allowed() {
    fails(Prefix::leb128(), b"\x82\x00hi", &[], 1, DecodeErrorKind::NotShortest);
    gives(Prefix::new(Varint::leb128().allowing_longer_forms()), b"\x82\x00hi", &[b"hi"]);
}

/// Decoders that read as many bytes as the first byte announces reach beyond the input.
#[test]
fn first_byte_of_a_long_number_alone_does_not_panic() {
    for number in [Varint::quic(), Varint::ber()] {
        for first in 0..=255 {
            let seen = seen(Decoder::new(Prefix::new(number)), &[&[first]]);
            assert!(seen.payloads.len() <= 1);
        }
    }
}

/// `80` announces no length in BER. Read as one of no octets it is 0, and the contents are parsed as frames.
#[test]
fn indefinite_ber_length_is_an_error() {
    fails(Prefix::new(Varint::ber()), b"\x80\x01a\x00\x00", &[], 0, DecodeErrorKind::ReservedForm { found: 0x80 });
}

/// The payload is the length less the header: 2 less 4 gives 2^64 - 2 bytes, or -2.
#[test]
fn self_inclusive_length_below_its_own_header_is_an_error() {
    let own = Prefix::u32_be().self_inclusive();
    for len in 0..4 {
        fails(own, &[0, 0, 0, len, b'a'], &[], 0, DecodeErrorKind::TooShort { len: len.into(), min: 4 });
    }
    gives(own, &[0, 0, 0, 4, 0, 0, 0, 5, b'a'], &[b"", b"a"]);
    // The same in a header of one's own: the number counts the complete packet of at least 4 bytes.
    let packet = LengthField::new(2, Binary::u16_be()).unwrap().with_length_adjustment(-4);
    fails(packet, &[1, 2, 0, 3, b'a'], &[], 2, DecodeErrorKind::TooShort { len: 3, min: 4 });
}

/// git's `0001` to `0003` are no lengths, and taking 4 from them wraps. `0000` is not an empty message, and `0003` is an error.
#[test]
fn lengths_that_are_reserved_give_control_frames() {
    let mut decoder = Decoder::new(Prefix::pkt_line());
    decoder.push(b"000000010002000400050").unwrap();
    for _ in 0..3 {
        assert!(decoder.next_frame().unwrap().unwrap().is_control());
    }
    let empty = decoder.next_frame().unwrap().unwrap();
    assert!(!empty.is_control() && empty.payload().is_empty());
    assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"0");
}

/// Length and header are added in the width of the length: 2^32 - 1 and 4 make 3.
#[test]
fn length_and_its_header_together_do_not_wrap() {
    let len = u64::from(u32::MAX);
    for framing in [Prefix::u32_be(), Prefix::u32_be().with_length_adjustment(4)] {
        let seen = seen(Decoder::new(framing), &[&[0xff; 12]]);
        assert!(matches!(seen.end, Err(EofError::Decode(DecodeError { kind: DecodeErrorKind::Oversize { .. }, .. }))));
        assert_eq!(seen.payloads, [b""; 0]);
    }
    let all = Prefix::u32_be().with_max_payload_len(u64::MAX);
    let cut = Truncated::Payload { have: 8, need: len };
    // On 32-bit machines it is refused because it exceeds memory.
    match seen(Decoder::new(all), &[&[0xff; 12]]).end {
        Err(EofError::Truncated { part: found, .. }) => assert_eq!(found, cut),
        Err(EofError::Decode(error)) => {
            assert_eq!(error.kind, DecodeErrorKind::Oversize { len, max: isize::MAX as u64 });
            assert!(size_of::<usize>() == 4);
        }
        Ok(()) => panic!("no frame has come"),
    }
}

/// A 64-bit length cut down to the `usize` of a 32-bit machine: 2^32 + 2 is read as 2.
#[test]
fn length_of_64_bits_is_not_cut_to_the_width_of_memory() {
    for high in [1_u64 << 31, 1 << 32, 1 << 33, 1 << 62, 1 << 63] {
        let len = high + 2;
        let wire = [&len.to_be_bytes()[..], b"hi"].concat();
        fails(
            Prefix::u64_be(),
            &wire,
            &[],
            0,
            DecodeErrorKind::Oversize { len, max: anysplit::contract::DEFAULT_MAX_PAYLOAD_LEN },
        );
        let mut decoder = Decoder::new(Prefix::u64_be().with_max_payload_len(u64::MAX));
        decoder.push(&wire).unwrap();
        assert!(!matches!(decoder.next_frame(), Ok(Some(_))));
    }
}

/// With the greatest number and the greatest adjustments the sums are beyond every width.
#[test]
fn greatest_numbers_units_and_adjustments_do_not_wrap() {
    for adjustment in [i64::MIN, -1, 0, 1, i64::MAX] {
        for unit in [1, 2, u32::MAX] {
            let framing = LengthField::new(0, Binary::u64_be())
                .unwrap()
                .with_max_payload_len(u64::MAX)
                .with_unit(unit)
                .unwrap()
                .with_length_adjustment(adjustment);
            for value in [0, 1, u64::from(u32::MAX), u64::MAX / 2, u64::MAX - 1, u64::MAX] {
                let wire = [&value.to_be_bytes()[..], b"a"].concat();
                let right = i128::from(value) * i128::from(unit) + i128::from(adjustment);
                match framing.locate(&wire, &mut Progress { lenient: true, ..Progress::default() }) {
                    Ok(Located::Known(extent)) => assert_eq!(i128::from(extent.payload_len()), right),
                    Ok(other) => panic!("{other:?}"),
                    Err(_) => assert!(u64::try_from(right).is_err()),
                }
            }
        }
    }
}

/// Only the lowest bytes of the number are written, and 256 bytes are sent under the length 0.
#[test]
fn length_that_does_not_fit_is_refused() {
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
fn length_field_of_no_width_cannot_be_built() {
    assert_eq!(Ascii::decimal(0), Err(ConfigError::Width { found: 0, min: 1, max: 20 }));
    assert_eq!(Ascii::hex(0), Err(ConfigError::Width { found: 0, min: 1, max: 16 }));
    assert_eq!(Binary::new(0, anysplit::order::Order::Big), Err(ConfigError::Width { found: 0, min: 1, max: 8 }));
    assert_eq!(Fixed::new(0), Err(ConfigError::ZeroLength));
}

/// The end is clean for a decoder that only checks whether payload bytes are there.
#[test]
fn end_right_after_a_header_is_an_error() {
    let cut = |frame, end, part| Err(EofError::Truncated { frame_offset: frame, end, part });
    let seen = however_cut(Prefix::u16_be(), Recovery::Fail, b"\x00\x01a\x00\x02");
    assert_eq!(seen.end, cut(3, 5, Truncated::Payload { have: 0, need: 2 }));
    let types = ByType::lengths([(b'P', 2)]).unwrap();
    assert_eq!(however_cut(types, Recovery::Fail, b"P").end, cut(0, 1, Truncated::Payload { have: 0, need: 2 }));
    assert_eq!(
        however_cut(Prefix::u16_be(), Recovery::Fail, b"\0").end,
        cut(0, 1, Truncated::Header { have: 1, need: 2 })
    );
    let seen = however_cut(Prefix::netstring(), Recovery::Fail, b"1:a");
    assert_eq!(seen.end, cut(0, 3, Truncated::Trailer { have: 0, need: 1 }));
}

/// tokio-util's length codec reserves what a header announces: four bytes for 8 MiB.
#[test]
fn length_that_is_announced_reserves_no_memory() {
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

/// The limit is compared with the bytes in the buffer, so two good frames in one read are one too long.
#[test]
fn limit_counts_the_bytes_of_one_frame_alone() {
    gives(Prefix::u8().with_max_payload_len(2), b"\x02hi\x02yo\x01!", &[b"hi", b"yo", b"!"]);
    gives(Delimited::line().with_max_payload_len(2), b"hi\nyo\r\n!\n", &[b"hi", b"yo", b"!"]);
}

/// One of the comparisons is `>=`, or counts the delimiter, or is not reached by some reads.
#[test]
fn payload_of_exactly_the_limit_passes_and_one_more_fails() {
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
