//! State between two calls.

use anysplit::contract::{Envelope, Extent, FrameError, Located, Part, Progress};
use anysplit::decode::Deframer;
use anysplit::delimited::Unterminated;
use anysplit::number::Binary;
use anysplit::{
    Body, ByType, Closed, DecodeErrorKind, Decoder, Delimited, EncodeError, EofError, FixedDecoder, Framing,
    LengthField, Prefix, Recovery, Truncated, UntilClose,
};

use crate::{gives, however_cut, skips};

/// An unfinished line is lost, or every call returns it again.
#[test]
fn last_line_without_its_end_is_returned_once() {
    gives(Delimited::line(), b"a\nb", &[b"a", b"b"]);
    gives(Delimited::line(), b"a\n", &[b"a"]);
    gives(Delimited::line(), b"", &[]);
    let seen = however_cut(Delimited::line().with_unterminated(Unterminated::Fail), Recovery::Fail, b"a\nb");
    let part = Truncated::Unterminated { have: 1 };
    assert_eq!(
        (seen.payloads, seen.end),
        (vec![b"a".to_vec()], Err(EofError::Truncated { frame_offset: 2, end: 3, part }))
    );
}

/// The end is reported before all frames were taken, and only the first of them is returned.
#[test]
fn frames_not_taken_before_the_end_all_come_after_it() {
    let mut decoder = Decoder::new(Delimited::line());
    decoder.push(b"a\nb\nc").unwrap();
    for expected in [b"a", b"b", b"c"] {
        assert_eq!(decoder.finish().unwrap().unwrap().payload(), expected);
    }
    assert_eq!(decoder.finish(), Ok(None));
}

/// An empty chunk is taken for the end of the stream, as in `read`, and a begun frame is dropped or returned.
#[test]
fn empty_chunk_is_not_the_end() {
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

/// A loop over frames that continues after errors never ends.
#[test]
fn error_stays_until_reset() {
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

/// The error of a skipped frame comes again and again, because it is not consumed.
#[test]
fn skipped_frame_is_reported_once() {
    let framing = Prefix::u8().with_max_payload_len(1);
    skips(framing, b"\x02aa\x02bb\x01c\x02dd", &[b"c"], &[(0, 3), (3, 3), (8, 3)]);
}

/// A message in the buffer is followed by the rest of the longer one before it.
#[test]
fn shorter_frame_has_no_byte_of_the_longer_one_before() {
    gives(Prefix::u8(), b"\x05hello\x01a\x00\x02bc", &[b"hello", b"a", b"", b"bc"]);
    let mut decoder = Decoder::new(Delimited::line());
    decoder.push(b"hello wo").unwrap();
    assert_eq!(decoder.next_frame(), Ok(None));
    decoder.reset();
    decoder.push(b"a\n").unwrap();
    assert_eq!(decoder.next_frame().unwrap().unwrap().payload(), b"a");
}

/// Empty frames are taken for "no frame yet".
#[test]
fn empty_messages_are_returned() {
    gives(Prefix::u8(), b"\0\0\0", &[b"", b"", b""]);
    gives(Delimited::line(), b"\n\r\n\n", &[b"", b"", b""]);
    gives(Prefix::netstring(), b"0:,0:,", &[b"", b""]);
    gives(ByType::lengths([(b'a', 0)]).unwrap(), b"aa", &[b"", b""]);
}

/// Each frame without a message is skipped by a nested call, until the stack overflows.
#[test]
fn million_frames_without_a_message_need_no_stack() {
    let mut decoder = Decoder::new(Prefix::u8().with_max_payload_len(0)).with_recovery(Recovery::SkipOversize);
    decoder.push(&b"\x01a".repeat(1_000_000)).unwrap();
    assert_eq!(decoder.next_frame(), Ok(None));
    assert_eq!((decoder.skipped().stretches, decoder.skipped().bytes), (1_000_000, 2_000_000));
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
fn shorter_buffer_after_a_partial_decode_does_not_panic() {
    fn shrink(framing: impl Framing, stream: &[u8]) {
        for recovery in [Recovery::Fail, Recovery::SkipOversize] {
            for first in (0..=stream.len()).rev() {
                for second in 0..first {
                    let mut deframer = Deframer::new(&framing).with_recovery(recovery);
                    let _ = deframer.step(&stream[..first]);
                    for _ in 0..3 {
                        let _ = deframer.step(&stream[..second]);
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
    shrink(LengthField::new(2, Binary::u16_be()).unwrap().with_trailer(b"end").unwrap(), b"ab\x00\x02hie");
    shrink(UntilClose::new().with_max_payload_len(3), b"hello");
    shrink(ByType::new([(b'a', Body::Framed(Prefix::leb128()))]).unwrap(), b"a\x80\x01");
}

/// Bytes that arrive with the last message of one protocol are lost to the next.
#[test]
fn change_of_protocol_loses_no_byte() {
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

/// The memory holds the longest frame, and the one that must follow it has no room: the decoder takes no byte any more.
#[test]
fn frame_is_confirmed_where_the_memory_has_no_room_for_the_next() {
    let line = Delimited::line().with_max_payload_len(7);
    let mut decoder = FixedDecoder::new(line, [0; 8]).with_recovery(Recovery::ResyncConfirmed);
    let mut seen = Vec::new();
    let mut rest = &b"much too long\nseven..\nseven..\nfive.\n"[..];
    while !rest.is_empty() {
        let taken = decoder.push(rest).unwrap();
        assert!(taken > 0, "the decoder is stuck");
        rest = &rest[taken..];
        while let Some(frame) = decoder.next_frame().unwrap() {
            seen.push(frame.payload().to_vec());
        }
    }
    assert_eq!(seen, [&b"seven.."[..], b"seven..", b"five."]);
}

/// The check of a skipped frame is not asked about its header, and the sum of a good frame over the limit is wrong.
#[test]
fn sum_of_a_frame_over_the_limit_covers_its_header() {
    /// A byte of length, at most 4, the payload, and the sum of all bytes, which begins with 1.
    struct Summed;

    impl Framing for Summed {
        fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
            match input.first() {
                None => Ok(Located::Header(2)),
                Some(&len) if len > 4 && !progress.lenient => {
                    Err(FrameError::new(0, DecodeErrorKind::Oversize { len: len.into(), max: 4 }))
                }
                Some(&len) => Ok(Located::Known(Extent::new(1, len.into(), 1).checked())),
            }
        }

        fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
            if part.at == 0 {
                *sum = 1;
            }
            let (covered, trailer) = part.bytes.split_at(part.bytes.len() - part.trailer().map_or(0, <[u8]>::len));
            *sum = covered.iter().fold(*sum, |sum, &byte| (sum + u64::from(byte)) & 0xff);
            match trailer {
                &[found] if u64::from(found) != *sum => {
                    let (found, computed) = (found.into(), *sum);
                    Err(FrameError::new(part.trailer_start(), DecodeErrorKind::Check { found, computed }))
                }
                _ => Ok(()),
            }
        }

        fn envelope(&self, _: &[u8]) -> Result<Envelope<'_>, EncodeError> {
            Err(EncodeError::Empty)
        }

        fn max_payload_len(&self) -> u64 {
            4
        }
    }

    let frame = |payload: &[u8]| {
        let len = u8::try_from(payload.len()).unwrap();
        let sum = payload.iter().fold(len.wrapping_add(1), |sum, &byte| sum.wrapping_add(byte));
        [&[len], payload, &[sum]].concat()
    };
    let mut wire = [frame(b"hi"), frame(b"longer than that"), frame(b"yo")].concat();
    skips(Summed, &wire, &[b"hi", b"yo"], &[(4, 18)]);
    let seen = however_cut(Summed, Recovery::SkipOversize, &wire);
    assert_eq!((seen.payloads, seen.end), (vec![b"hi".to_vec(), b"yo".to_vec()], Ok(())));
    // A wrong sum is an error in such a frame too.
    wire[10] ^= 1;
    let seen = however_cut(Summed, Recovery::SkipOversize, &wire);
    assert_eq!(seen.payloads, [b"hi"]);
    assert!(seen.end.is_err());
}
