//! Marks after a payload.

use anysplit::number::Ascii;
use anysplit::{ConfigError, DecodeErrorKind, Delimited, EncodeError, Prefix};

use crate::{fails, gives, refuses, skips};

/// Seen separately, the CR ends one line and the LF another.
#[test]
fn crlf_cut_between_its_bytes_makes_no_empty_line() {
    gives(Delimited::line(), b"a\r\nb\r\n", &[b"a", b"b"]);
    gives(Delimited::any_of([&b"\r\n"[..], b"\n"]).unwrap(), b"a\r\nb\r\n", &[b"a", b"b"]);
    gives(Delimited::new(b"\r\n").unwrap(), b"a\r\nb\r\n", &[b"a", b"b"]);
}

/// While the LF is missing the CR is counted, and the line is one byte too long.
#[test]
fn line_of_exactly_the_limit_cut_inside_its_crlf_passes() {
    gives(Delimited::line().with_max_payload_len(5), b"hello\r\nworld\n", &[b"hello", b"world"]);
    let oversize = DecodeErrorKind::Oversize { len: 6, max: 5 };
    fails(Delimited::line().with_max_payload_len(5), b"hello\rx\n", &[], 5, oversize);
}

/// Skipping to a CR, or to an LF that was the end already, also skips the next good line.
#[test]
fn line_after_one_that_is_skipped_is_returned() {
    let framing = Delimited::line().with_max_payload_len(3);
    skips(framing, b"12345\r\nabc\r\n", &[b"abc"], &[(0, 7)]);
    skips(framing, b"12345\nabc\n12345678\nde\n", &[b"abc", b"de"], &[(0, 6), (10, 9)]);
    skips(Delimited::new(b"\r\n").unwrap().with_max_payload_len(3), b"1234\r\r\nabc\r\n", &[b"abc"], &[(0, 7)]);
}

/// After the error, the rest of the line is read as if a line began there.
#[test]
fn rest_of_a_rejected_line_is_no_line() {
    let framing = Delimited::line().with_max_payload_len(3);
    let oversize = DecodeErrorKind::Oversize { len: 4, max: 3 };
    fails(framing, b"ab\n12345\ncd\n", &[b"ab"], 6, oversize);
    skips(framing, b"ab\n12345\ncd\n", &[b"ab", b"cd"], &[(3, 6)]);
}

/// After the error, the payload that was too long is read as headers.
#[test]
fn payload_of_a_rejected_frame_is_not_read_as_frames() {
    let framing = Prefix::u8().with_max_payload_len(3);
    let stream = b"\x01a\x06\x01x\x01y\x01z\x01b";
    fails(framing, stream, &[b"a"], 2, DecodeErrorKind::Oversize { len: 6, max: 3 });
    skips(framing, stream, &[b"a", b"b"], &[(2, 7)]);
}

/// A CR alone ends a line for one reader and is data for the next.
#[test]
fn lone_cr_is_data_and_one_is_dropped_before_the_lf() {
    gives(Delimited::line(), b"a\rb\r\r\n\r\n\n", &[b"a\rb\r", b"", b""]);
}

/// The search matches an empty delimiter everywhere, without going on.
#[test]
fn empty_delimiter_cannot_be_built() {
    assert_eq!(Delimited::new(b"").unwrap_err(), ConfigError::EmptyLiteral);
    assert_eq!(Delimited::any_of([&b"\n"[..], b""]).unwrap_err(), ConfigError::EmptyLiteral);
    assert_eq!(Delimited::any_of([b"a"; 0]).unwrap_err(), ConfigError::Empty);
    assert_eq!(Prefix::u8().with_trailer(b"").unwrap_err(), ConfigError::EmptyLiteral);
    assert_eq!(Ascii::decimal_ended_by(b"").unwrap_err(), ConfigError::EmptyLiteral);
}

/// Looking back from the last byte of the delimiter goes below the start of the buffer.
#[test]
fn last_byte_of_a_delimiter_at_the_start_does_not_panic() {
    gives(Delimited::new(b"\r\n").unwrap(), b"\n\n\r\n", &[b"\n\n"]);
    gives(Delimited::new(b"ab--").unwrap(), b"---ab--", &[b"---"]);
    gives(Delimited::any_of([&b"xyz;"[..], b"abc\0"]).unwrap(), b"\0;;abc\0;xyz;", &[b"\0;;", b";"]);
    gives(Delimited::line(), b"\n\r\n", &[b"", b""]);
}

/// Found first by length, or by place in the list, the answer depends on how much has arrived.
#[test]
fn delimiter_that_begins_another_cannot_be_built() {
    let sets: [[&[u8]; 2]; 3] = [[b"\r", b"\r\n"], [b"--a", b"--"], [b";", b";"]];
    for set in sets {
        assert!(matches!(Delimited::any_of(set), Err(ConfigError::PrefixOfAnother { .. })));
    }
    // A delimiter that ends another is allowed: the earliest end is the same whatever has arrived.
    gives(Delimited::any_of([&b"\n"[..], b"\r\n"]).unwrap(), b"a\r\nb\nc\r\n", &[b"a", b"b", b"c"]);
}

/// A search that starts again after a false start misses the delimiter that began inside it.
#[test]
fn delimiter_that_overlaps_its_own_start_is_found() {
    gives(Delimited::new(b"\r\n\r\n").unwrap(), b"a\r\n\r\r\n\r\nb\r\n\r\n", &[b"a\r\n\r", b"b"]);
    gives(Delimited::new(b"aab").unwrap(), b"aaabaab", &[b"a", b""]);
    gives(Delimited::new(b"abac").unwrap(), b"ababacxabac", &[b"ab", b"x"]);
}

/// A message with the delimiter in it is written unchanged, and the reader finds two.
#[test]
fn message_that_forges_a_second_one_is_refused() {
    refuses(Delimited::line(), b"a\nQUIT", EncodeError::ContainsDelimiter { at: 1 });
    refuses(Delimited::new(b"\r\n").unwrap(), b"a\r\nQUIT", EncodeError::ContainsDelimiter { at: 1 });
    refuses(Delimited::nul(), b"a\0", EncodeError::ContainsDelimiter { at: 1 });
    // Forged only together with the delimiter after it: the CR would be dropped with the LF.
    refuses(Delimited::line(), b"a\r", EncodeError::ContainsDelimiter { at: 1 });
    refuses(Delimited::new(b"aa").unwrap(), b"ba", EncodeError::ContainsDelimiter { at: 1 });
}
