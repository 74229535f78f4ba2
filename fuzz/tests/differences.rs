//! Where this crate and its peers are known to differ: each row of COMPARE.md that says so, in the locked versions.

use anysplit::contract::Progress;
use anysplit::number::Binary;
use anysplit::{Decoder, Delimited, EofError, Framing, LengthField, Prefix, Recovery, Truncated};
use anysplit_fuzz::peers::{Made, codec, ours};
use bytes::{Bytes, BytesMut};
use tokio_util::codec::{Decoder as _, Encoder as _, LengthDelimitedCodec, LinesCodec};

fn payloads(made: &Made) -> Vec<&[u8]> {
    made.payloads.iter().map(Vec::as_slice).collect()
}

#[test]
fn tokio_util_takes_the_end_after_a_header_for_clean() {
    let mut theirs = LengthDelimitedCodec::new();
    let mut buffer = BytesMut::from(&b"\0\0\0\x05"[..]);
    assert!(theirs.decode(&mut buffer).unwrap().is_none());
    assert!(theirs.decode_eof(&mut buffer).unwrap().is_none());
    let (_, end) = ours(&Prefix::u32_be(), Recovery::Fail, &[b"\0\0\0\x05"]);
    assert_eq!(
        end,
        Some(EofError::Truncated { frame_offset: 0, end: 4, part: Truncated::Payload { have: 0, need: 5 } })
    );
}

#[test]
fn tokio_util_reserves_what_a_header_announces() {
    let mut theirs = LengthDelimitedCodec::new();
    let mut buffer = BytesMut::from(&b"\0\x7f\xff\xff"[..]);
    assert!(theirs.decode(&mut buffer).unwrap().is_none());
    assert!(buffer.capacity() >= 0x7f_ffff, "{}", buffer.capacity());
    let mut decoder = Decoder::new(Prefix::u32_be());
    decoder.push(b"\0\x7f\xff\xff").unwrap();
    assert!(decoder.next_frame().unwrap().is_none());
    assert!(decoder.capacity() < 512);
}

/// A number of one byte that counts 37 bytes more than the payload: 238 stands for 201.
#[test]
fn tokio_util_refuses_numbers_above_the_greatest_payload() {
    let theirs = LengthDelimitedCodec::builder().length_field_length(1).length_adjustment(-37).new_codec();
    let stream = [&[238][..], &[b'a'; 201]].concat();
    let made = codec(theirs, &[&stream], false, false);
    assert_eq!((payloads(&made), made.failed), (vec![], true));
    let framing = Prefix::new(Binary::u8()).with_length_adjustment(-37);
    assert_eq!(ours(&framing, Recovery::Fail, &[&stream]).0.payloads, [vec![b'a'; 201]]);
}

#[test]
fn tokio_util_compares_the_number_with_the_limit() {
    let mut builder = LengthDelimitedCodec::builder();
    builder.length_field_length(2).length_adjustment(-2).max_frame_length(5);
    let made = codec(builder.new_codec(), &[b"\0\x07hello"], false, false);
    assert!(made.failed);
    let framing = LengthField::new(0, Binary::u16_be()).unwrap().with_length_adjustment(-2).with_max_payload_len(5);
    assert_eq!(payloads(&ours(&framing, Recovery::Fail, &[b"\0\x07hello"]).0), [b"hello"]);
}

#[test]
fn tokio_util_drops_a_cr_at_the_end_of_the_stream() {
    let made = codec(LinesCodec::new(), &[b"a\nb\r"], false, true);
    assert_eq!(payloads(&made), [b"a", b"b"]);
    let made = codec(LinesCodec::new(), &[b"a\n\r"], false, true);
    assert_eq!(payloads(&made), [b"a"]);
    assert_eq!(payloads(&ours(&Delimited::line(), Recovery::Fail, &[b"a\nb\r"]).0), [&b"a"[..], b"b\r"]);
    assert_eq!(payloads(&ours(&Delimited::line(), Recovery::Fail, &[b"a\n\r"]).0), [b"a", b"\r"]);
}

/// Of `hello\r\n` with a limit of 5: the CR is counted, so whether it passes depends on whether the LF came along.
#[test]
fn tokio_util_counts_the_cr_for_the_limit_of_a_line() {
    let lines = || LinesCodec::new_with_max_length(5);
    assert_eq!(payloads(&codec(lines(), &[b"hello\r\n"], true, true)), [b""; 0]);
    assert_eq!(payloads(&codec(LinesCodec::new_with_max_length(6), &[b"hello\r\n"], true, true)), [b"hello"]);
    let framing = Delimited::line().with_max_payload_len(5);
    for at in 0..=7 {
        let chunks = [&b"hello\r\n"[..at], &b"hello\r\n"[at..]];
        assert_eq!(payloads(&ours(&framing, Recovery::Fail, &chunks).0), [b"hello"]);
    }
}

#[test]
fn tokio_util_writes_lines_with_line_ends_inside() {
    let mut wire = BytesMut::new();
    LinesCodec::new().encode("a\nQUIT", &mut wire).unwrap();
    assert_eq!(wire, "a\nQUIT\n");
    assert!(Delimited::line().envelope(b"a\nQUIT").is_err());
}

#[test]
fn unsigned_varint_shifts_out_what_a_tenth_byte_has_above_1() {
    let wire = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 2];
    assert_eq!(unsigned_varint::decode::u64(&wire), Ok((0, &[][..])));
    assert!(Prefix::leb128().locate(&wire, &mut Progress::default()).is_err());
}

#[test]
fn unsigned_varint_takes_the_end_after_a_length_for_clean() {
    let mut theirs = unsigned_varint::codec::UviBytes::<Bytes>::default();
    let mut buffer = BytesMut::from(&b"\x05"[..]);
    assert!(tokio_util::codec::Decoder::decode(&mut theirs, &mut buffer).unwrap().is_none());
    assert!(tokio_util::codec::Decoder::decode_eof(&mut theirs, &mut buffer).unwrap().is_none());
    let (_, end) = ours(&Prefix::leb128(), Recovery::Fail, &[b"\x05"]);
    assert!(matches!(end, Some(EofError::Truncated { .. })));
}

#[test]
fn wire_codec_waits_longer_before_a_payload_is_too_long() {
    use wire_codec::framing::{Delimited as Theirs, Framer};
    let theirs = Theirs::new(b"\r\n").unwrap().with_max_payload(3);
    assert_eq!(theirs.next_frame(b"abcd"), Ok(None));
    assert_eq!(theirs.next_frame(b"abcde"), Ok(None));
    assert!(theirs.next_frame(b"abcdef").is_err());
    let framing = Delimited::new(b"\r\n").unwrap().with_max_payload_len(3);
    assert!(framing.locate(b"abcd", &mut Progress::default()).is_err());
}

#[test]
fn asynchronous_codec_has_no_limit() {
    let mut buffer = BytesMut::from(&[0xff; 64][..]);
    let theirs = asynchronous_codec::Decoder::decode(&mut asynchronous_codec::LengthCodec, &mut buffer);
    assert!(theirs.unwrap().is_none(), "it waits for ever");
    assert!(ours(&Prefix::u64_be(), Recovery::Fail, &[&[0xff; 64]]).0.failed);
}
