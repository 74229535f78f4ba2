//! The end of the stream reports what was cut.

#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use anysplit::delimited::Unterminated;
use anysplit::number::Binary;
use anysplit::{
    Closed, DecodeErrorKind, Decoder, Delimited, EofError, Event, Fixed, FixedDecoder, Framing, HeaderBlock,
    LengthField, Piece, Prefix, Recovery, Stuffed, Truncated, UntilClose,
};
use common::{decode, decode_by, decode_error, messages, truncated};

#[test]
fn end_between_frames_is_clean() {
    assert_eq!(messages(Prefix::u16_be(), b""), [b""; 0]);
    assert_eq!(messages(Prefix::u16_be(), b"\0\x02hi\0\0"), [&b"hi"[..], b""]);
    assert_eq!(messages(Fixed::new(2).unwrap(), b"hiyo"), [b"hi", b"yo"]);
}

#[test]
fn end_inside_a_header_reports_the_received_length() {
    assert_eq!(truncated(Prefix::ascii5(), b"0000"), (0, Truncated::Header { have: 4, need: 5 }));
    assert_eq!(truncated(Prefix::u16_be(), b"\0\x02hi\0"), (4, Truncated::Header { have: 1, need: 2 }));
    assert_eq!(truncated(Prefix::leb128(), b"\x80"), (0, Truncated::Header { have: 1, need: 2 }));
    assert_eq!(truncated(Prefix::netstring(), b"12"), (0, Truncated::Header { have: 2, need: 3 }));
}

#[test]
fn end_right_after_a_header_is_inside_the_payload() {
    assert_eq!(truncated(Prefix::ascii5(), b"00003"), (0, Truncated::Payload { have: 0, need: 3 }));
    assert_eq!(truncated(Prefix::u32_be(), b"\0\x0f\x42\x40"), (0, Truncated::Payload { have: 0, need: 1_000_000 }));
    assert_eq!(truncated(Prefix::netstring(), b"3:"), (0, Truncated::Payload { have: 0, need: 3 }));
    assert_eq!(
        truncated(LengthField::new(1, Binary::u8()).unwrap(), b"a\x03"),
        (0, Truncated::Payload { have: 0, need: 3 })
    );
}

#[test]
fn end_inside_a_payload_reports_the_received_length() {
    assert_eq!(truncated(Prefix::ascii5(), b"00003ab"), (0, Truncated::Payload { have: 2, need: 3 }));
    assert_eq!(truncated(Fixed::new(5).unwrap(), b"hellowor"), (5, Truncated::Payload { have: 3, need: 5 }));
}

#[test]
fn end_after_a_payload_reports_the_received_trailer() {
    assert_eq!(truncated(Prefix::netstring(), b"2:hi"), (0, Truncated::Trailer { have: 0, need: 1 }));
    let crlf = Prefix::u8().with_trailer(b"\r\n").unwrap();
    assert_eq!(truncated(crlf, b"\x02hi\r"), (0, Truncated::Trailer { have: 1, need: 2 }));
}

#[test]
fn end_without_a_delimiter_reports_the_received_length() {
    assert_eq!(truncated(Delimited::nul(), b"a\0bcd"), (2, Truncated::Unterminated { have: 3 }));
    assert_eq!(truncated(Delimited::new(b"\r\n").unwrap(), b"hello\r"), (0, Truncated::Unterminated { have: 6 }));
    assert_eq!(
        truncated(Delimited::line().with_unterminated(Unterminated::Fail), b"a"),
        (0, Truncated::Unterminated { have: 1 })
    );
}

#[test]
fn end_completes_a_last_line_with_its_lone_cr() {
    assert_eq!(messages(Delimited::line(), b"a\nb"), [b"a", b"b"]);
    assert_eq!(messages(Delimited::line(), b"a\nb\r"), [&b"a"[..], b"b\r"]);
    assert_eq!(messages(Delimited::line(), b"a\n"), [b"a"]);
}

#[test]
fn last_line_too_long_with_its_lone_cr_is_over_the_limit() {
    let line = Delimited::line().with_max_payload_len(1);
    assert_eq!(decode_error(line, b"a\r"), (0, 1, DecodeErrorKind::Oversize { len: 2, max: 1 }));
}

#[test]
fn end_completes_the_message_that_lasts_until_it() {
    assert_eq!(messages(UntilClose::new(), b"hello"), [b"hello"]);
    assert_eq!(messages(UntilClose::new(), b""), [b""; 0]);
}

#[test]
fn end_inside_a_skipped_frame_reports_it_as_skipped() {
    let decoder = Decoder::new(Prefix::u8().with_max_payload_len(1)).with_recovery(Recovery::SkipOversize);
    let (messages, end) = decode_by(decoder, &[b"\x01a\x05", b"bc"]);
    assert_eq!(messages, [b"a"]);
    assert_eq!(end, Err(EofError::Truncated { frame_offset: 2, end: 5, part: Truncated::Skipped { have: 3 } }));
}

#[test]
fn end_stays_for_every_call_and_takes_no_bytes() {
    let mut decoder = Decoder::new(Prefix::u8());
    decoder.push(b"\x01a\x05bc").unwrap();
    // Frames that were not taken before come first.
    assert_eq!(decoder.finish().unwrap().unwrap().payload(), b"a");
    let error = EofError::Truncated { frame_offset: 2, end: 5, part: Truncated::Payload { have: 2, need: 5 } };
    for _ in 0..3 {
        assert_eq!(decoder.finish(), Err(error));
        assert_eq!(decoder.push(b"more"), Err(Closed::Failed(error.into())));
        assert_eq!(decoder.next_frame(), Err(error.into()));
        assert!(decoder.frames_in(b"more").is_err());
    }
    let parts = decoder.into_parts();
    assert_eq!((&parts.rest[..], parts.position), (&b"\x05bc"[..], 2));
}

#[test]
fn clean_end_takes_no_bytes() {
    let mut decoder = Decoder::new(Prefix::u8());
    decoder.push(b"\x01a").unwrap();
    assert!(decoder.finish().unwrap().is_some());
    assert!(decoder.finish().unwrap().is_none());
    assert_eq!(decoder.push(b""), Err(Closed::Ended(2)));
    decoder.reset();
    decoder.push(b"\x01b").unwrap();
    assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"b");
}

/// The decoder takes a few bytes without a look at them where it can; not at the end.
#[test]
fn closed_decoder_takes_no_chunk_of_any_length() {
    fn test(framing: impl Framing + Clone, unfinished: &[u8]) {
        let policies = [Recovery::Fail, Recovery::SkipOversize, Recovery::SkipFrame, Recovery::Resync];
        for (policy, len) in policies.into_iter().flat_map(|policy| (0..=64).map(move |len| (policy, len))) {
            let chunk = vec![b'x'; len];
            let mut decoder = Decoder::new(framing.clone()).with_recovery(policy);
            decoder.push(unfinished).unwrap();
            while decoder.next_frame().unwrap().is_some() {}
            while let Ok(Some(_)) = decoder.finish_event() {}
            let closed = decoder.push(&chunk).unwrap_err();
            assert_eq!(decoder.frames_in(&chunk).map(|_| ()), Err(closed), "{policy:?}, {len} B");
            assert_eq!(decoder.position() + decoder.buffered().len() as u64, unfinished.len() as u64);

            let mut fixed = FixedDecoder::new(framing.clone(), [0; 256]).with_recovery(policy);
            assert_eq!(fixed.push(unfinished), Ok(unfinished.len()));
            while fixed.next_frame().unwrap().is_some() {}
            while let Ok(Some(_)) = fixed.finish_event() {}
            assert_eq!(fixed.push(&chunk), Err(closed), "{policy:?}, {len} B");
        }
    }
    test(Prefix::u32_be(), &[0, 0]);
    test(Prefix::u32_be(), &[0, 0, 0, 99, b'a', b'b']);
    test(Prefix::u16_le(), &[99, 0, b'a']);
    test(Delimited::byte(b'\n'), b"a\nbcd");
    test(Delimited::line(), b"bcd");
    test(Delimited::any_of([b"\n", b"\0"]).unwrap(), b"bcd");
    test(HeaderBlock::new("l").unwrap(), b"l: 2\r\nk");
    test(Stuffed::cobs(), &[9, b'a', b'b']);
    test(UntilClose::new(), b"bcd");
}

#[test]
fn end_in_pieces_cuts_the_same() {
    let mut decoder = Decoder::new(Prefix::netstring());
    decoder.push(b"5:he").unwrap();
    assert!(matches!(decoder.next_piece(), Ok(Some(Piece::Start { header: b"5:", len: Some(5), control: false }))));
    assert_eq!(decoder.next_piece(), Ok(Some(Piece::Data(b"he"))));
    let part = Truncated::Payload { have: 2, need: 5 };
    assert_eq!(decoder.finish_piece(), Err(EofError::Truncated { frame_offset: 0, end: 4, part }));
    assert_eq!(decode(Prefix::netstring(), b"5:he").1, Err(EofError::Truncated { frame_offset: 0, end: 4, part }));
}

#[test]
fn stretch_comes_before_the_error_that_cuts_it() {
    let mut decoder = Decoder::new(Prefix::u8().with_max_payload_len(1)).with_recovery(Recovery::SkipFrame);
    decoder.push(b"\x05bc").unwrap();
    assert_eq!(decoder.next_event(), Ok(None));
    let Ok(Some(Event::Skipped(stretch))) = decoder.finish_event() else { panic!() };
    assert_eq!((stretch.offset, stretch.len), (0, 3));
    let error = EofError::Truncated { frame_offset: 0, end: 3, part: Truncated::Skipped { have: 3 } };
    assert_eq!(decoder.finish_event(), Err(error));
    assert_eq!(decoder.next_frame(), Err(error.into()));
    // Any policy may have skipped it, not only one for the limit.
    let text = "stream ended at byte 3 after 3 bytes of a frame that was being skipped (frame begins at byte 0)";
    assert_eq!(error.to_string(), text);
}
