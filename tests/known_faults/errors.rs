//! Law 8: errors that stay.

use anysplit::{Closed, DecodeErrorKind, Decoder, Delimited, EofError, FixedDecoder, Framing, Prefix, Recovery};

/// The end rejects a frame that the stream before it did not, and the next call of another kind finds a frame again.
#[test]
fn error_of_the_end_stays_for_every_call() {
    let mut decoder = Decoder::new(Delimited::line().with_max_payload_len(1));
    decoder.push(b"<\r").unwrap();
    assert_eq!(decoder.next_frame(), Ok(None));
    let Err(EofError::Decode(error)) = decoder.finish() else { panic!("an error at the end") };
    assert_eq!((error.frame_offset, error.offset), (0, 1));
    assert_eq!(error.kind, DecodeErrorKind::Oversize { len: 2, max: 1 });
    for _ in 0..2 {
        assert_eq!(decoder.next_piece(), Err(error));
        assert_eq!(decoder.next_frame(), Err(error));
        assert_eq!(decoder.next_event(), Err(error));
        assert_eq!(decoder.next_bytes(), Err(error));
        assert_eq!(decoder.next_batch().err(), Some(error));
        assert_eq!(decoder.finish(), Err(EofError::Decode(error)));
        assert_eq!(decoder.finish_piece(), Err(EofError::Decode(error)));
        assert_eq!(decoder.push(b"\n"), Err(Closed::Failed(error)));
        assert_eq!(decoder.need(), 0);
    }
    let mut fixed = FixedDecoder::new(Delimited::line().with_max_payload_len(1), [0; 8]);
    assert_eq!(fixed.push(b"<\r"), Ok(2));
    assert_eq!(fixed.finish(), Err(EofError::Decode(error)));
    assert_eq!(fixed.next_piece(), Err(error));
    assert_eq!(fixed.next_frame(), Err(error));
}

/// Setting a policy begins again at the frame that was rejected.
#[test]
fn policy_set_after_an_error_does_not_clear_it() {
    fn stays(framing: impl Framing, stream: &[u8]) {
        let mut decoder = Decoder::new(&framing);
        let mut fixed = FixedDecoder::new(&framing, [0; 16]);
        decoder.push(stream).unwrap();
        assert_eq!(fixed.push(stream), Ok(stream.len()));
        let error = decoder.next_frame().unwrap_err();
        assert_eq!(fixed.next_frame(), Err(error));
        for recovery in [Recovery::SkipOversize, Recovery::SkipFrame, Recovery::Fail] {
            decoder = decoder.with_recovery(recovery);
            fixed = fixed.with_recovery(recovery);
            assert_eq!(decoder.next_frame(), Err(error));
            assert_eq!(decoder.finish(), Err(EofError::Decode(error)));
            assert_eq!(decoder.push(b"\x01a"), Err(Closed::Failed(error)));
            assert_eq!(fixed.next_frame(), Err(error));
            assert_eq!(fixed.push(b"\x01a"), Err(Closed::Failed(error)));
        }
        assert_eq!(decoder.skipped().stretches, 0);
    }
    stays(Prefix::u8().with_max_payload_len(1), b"\x02aa\x01b");
    stays(Delimited::line().with_max_payload_len(1), b"aa\nb\n");
    stays(Prefix::netstring(), b"1:a;1:b,");
}

/// An escaped frame whose inner framing has no length is refused at its second byte, which has not arrived.
#[cfg(all(feature = "testing", feature = "spec"))]
#[test]
fn escaped_frame_without_a_length_is_refused_at_a_byte_that_has_arrived() {
    for text in ["((delim:>>,max=20),sum=CRC-8/SMBUS,form=be,from=0,to=0),escape=<:>", "(slip),escape=<:>"] {
        let Ok(framing) = text.parse::<anysplit::AnyFraming>() else { continue };
        for stream in [&b"<<"[..], b"<a>", b"<"] {
            anysplit::testing::contract(&framing, stream).unwrap_or_else(|violation| panic!("{text}: {violation}"));
        }
    }
}
