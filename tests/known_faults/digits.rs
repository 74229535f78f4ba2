//! Lengths as text.

use anysplit::{DecodeErrorKind, Decoder, EofError, Piece, Prefix, Truncated};

use crate::{fails, gives};

/// Text that a language's own parser takes for a number: signs, blanks, underscores, `0x`, digits of other scripts.
#[test]
fn length_with_anything_but_digits_is_an_error() {
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
fn leading_zero_is_an_error() {
    fails(Prefix::netstring(), b"05:hello,", &[], 1, DecodeErrorKind::LeadingZero);
    fails(Prefix::netstring(), b"00:,", &[], 1, DecodeErrorKind::LeadingZero);
    gives(Prefix::netstring(), b"0:,", &[b""]);
}

/// Digit by digit a count grows beyond its type, wraps, and passes the limit.
#[test]
fn digits_beyond_the_greatest_number_do_not_wrap() {
    let max = u64::MAX;
    let all = Prefix::netstring().with_max_payload_len(max);
    // 2^64 is one more than fits. The digit that proves it is the last.
    fails(all, b"18446744073709551616:", &[], 19, DecodeErrorKind::NumberTooLarge { max });
    fails(all, b"99999999999999999999:", &[], 19, DecodeErrorKind::NumberTooLarge { max });
    fails(all, b"184467440737095516150:", &[], 20, DecodeErrorKind::NumberTooLarge { max });
    let fixed = Prefix::ascii(20).unwrap();
    fails(fixed, b"18446744073709551616", &[], 19, DecodeErrorKind::NumberTooLarge { max });
}

/// At 2^64 - 1 a counter of missing bytes subtracts the wrong way, or never gets there.
#[test]
fn greatest_count_passes_in_pieces() {
    let all = Prefix::netstring().with_max_payload_len(u64::MAX);
    let mut decoder = Decoder::new(all);
    for byte in b"18446744073709551615:" {
        decoder.push(&[*byte]).unwrap();
        while let Ok(Some(piece)) = decoder.next_piece() {
            assert_eq!(piece, Piece::Start { header: b"18446744073709551615:", len: Some(u64::MAX), control: false });
        }
    }
    for _ in 0..1000 {
        decoder.push(&[b'a'; 512]).unwrap();
        assert_eq!(decoder.next_piece(), Ok(Some(Piece::Data(&[b'a'; 512]))));
        assert_eq!(decoder.next_piece(), Ok(None));
        assert!(decoder.capacity() < 4096);
    }
    let part = Truncated::Payload { have: 512_000, need: u64::MAX };
    assert_eq!(decoder.finish_piece(), Err(EofError::Truncated { frame_offset: 0, end: 512_021, part }));
}

/// A megabyte of digits is stored, and searched again and again for the colon.
#[test]
fn digits_without_end_fail_at_the_first_too_many() {
    let limited = Prefix::netstring().with_max_payload_len(999);
    fails(limited, b"1000", &[], 3, DecodeErrorKind::Oversize { len: 1000, max: 999 });
    fails(limited, &[b'9'; 30], &[], 3, DecodeErrorKind::Oversize { len: 1000, max: 999 });
}

/// The byte after a netstring is dropped unseen, whatever it is: 4 bytes too many in the count, and all is shifted.
#[test]
fn wrong_byte_after_the_payload_is_an_error_that_stays() {
    let comma = DecodeErrorKind::Mismatch { found: b';', expected: b',' };
    fails(Prefix::netstring(), b"2:hi,2:yo;2:no,", &[b"hi"], 9, comma);
}
