//! Limits, and messages that are larger than any memory.

use anysplit::join::{
    Candidate, JoinErrorKind, Joined, Joiner, MessagePiece, MySql, MySqlParts, NextPart, OncRpc, Rule, Split,
    TlsHandshake, Verdict, Zmtp,
};
use anysplit::{Decoder, Piece, Recovery, protocols};

use super::{Seen, greeting, greeting_parts, messages};

/// The records of these lengths, one fragment after another.
fn fragments(lens: &[u8]) -> Vec<u8> {
    let last = lens.len() - 1;
    let parts = lens.iter().enumerate().map(|(at, &len)| {
        let header = [if at == last { 0x80 } else { 0 }, 0, 0, len];
        [&header[..], &vec![b'x'; len.into()]].concat()
    });
    parts.collect::<Vec<_>>().concat()
}

#[test]
fn message_limit_counts_all_parts() {
    for (max, right) in [(9, false), (10, true), (11, true)] {
        let mut joiner = Joiner::new(OncRpc).with_max_message_len(max);
        let (seen, error) = messages(protocols::onc_rpc(), &mut joiner, &fragments(&[4, 6]), &[]);
        if right {
            assert_eq!((seen, error), (vec![Seen::Message(vec![b'x'; 10])], None));
        } else {
            let error = error.unwrap();
            assert_eq!((error.message_offset, error.offset), (0, 8));
            assert_eq!(error.kind, JoinErrorKind::Oversize { len: 10, max: 9 });
        }
    }
}

#[test]
fn part_limit_counts_empty_parts() {
    for (parts, right) in [(2, true), (3, true), (4, false)] {
        let mut joiner = Joiner::new(OncRpc).with_max_parts(3);
        let (seen, error) = messages(protocols::onc_rpc(), &mut joiner, &fragments(&vec![0; parts]), &[]);
        if right {
            assert_eq!((seen, error), (vec![Seen::Message(Vec::new())], None));
        } else {
            let error = error.unwrap();
            assert_eq!((error.offset, error.kind), (12, JoinErrorKind::TooManyParts { max: 3 }));
        }
    }
}

#[test]
fn a_million_empty_parts_are_refused_by_default() {
    let stream = b"\x00\x00\x00\x00".repeat(1_000_000);
    let mut decoder = Decoder::new(protocols::onc_rpc());
    let mut joiner = Joiner::new(OncRpc);
    let mut frames = decoder.frames_in(&stream).unwrap();
    let mut count = 0;
    let error = loop {
        let frame = frames.next_frame().unwrap().unwrap();
        match joiner.next_message(&frame) {
            Ok(found) => assert!(found.is_none()),
            Err(error) => break error,
        }
        count += 1;
    };
    assert_eq!((count, error.kind), (65_536, JoinErrorKind::TooManyParts { max: 65_536 }));
    assert_eq!(error.offset, 4 * 65_536);
}

#[test]
fn two_to_the_forty_bytes_pass_in_parts() {
    // The bytes are the same block again and again, borrowed from it: nothing is copied or kept.
    let block = vec![0; 0xff_ffff];
    let mut joiner = Joiner::new(MySql).with_max_message_len(1 << 41).with_max_parts(1 << 20);
    let (mut len, mut offset, mut sequence) = (0_u64, 0_u64, 0_u8);
    while len < 1 << 40 {
        let header = [0xff, 0xff, 0xff, sequence];
        sequence = sequence.wrapping_add(1);
        let start = Piece::Start { header: &header, len: Some(0xff_ffff), control: false };
        let is_first = len == 0;
        let expected = MessagePiece::Start { header: &header, len: Some(0xff_ffff), is_first };
        assert_eq!(joiner.next_piece(start, offset), Ok(expected));
        let Ok(MessagePiece::Data(bytes)) = joiner.next_piece(Piece::Data(&block), offset + 4) else { panic!() };
        len += bytes.len() as u64;
        offset += 4 + 0xff_ffff;
        let end = joiner.next_piece(Piece::End { trailer: b"" }, offset);
        assert_eq!(end, Ok(MessagePiece::End { trailer: b"", is_last: false }));
    }
    let header = [0, 0, 0, sequence];
    joiner.next_piece(Piece::Start { header: &header, len: Some(0), control: false }, offset).unwrap();
    let end = joiner.next_piece(Piece::End { trailer: b"" }, offset + 4);
    assert_eq!(end, Ok(MessagePiece::End { trailer: b"", is_last: true }));
    joiner.finish().unwrap();
}

#[test]
fn pieces_are_refused_with_the_byte_above_the_limit() {
    struct ByLine;
    impl Rule for ByLine {
        fn judge(&self, _: &Candidate<'_>, _: &mut u64) -> Result<Verdict, JoinErrorKind> {
            Ok(Verdict::last())
        }
    }
    let mut joiner = Joiner::new(ByLine).with_max_message_len(3);
    joiner.next_piece(Piece::Start { header: b"", len: None, control: false }, 0).unwrap();
    joiner.next_piece(Piece::Data(b"abc"), 0).unwrap();
    let error = joiner.next_piece(Piece::Data(b"d"), 3).unwrap_err();
    assert_eq!(error.kind, JoinErrorKind::Oversize { len: 4, max: 3 });
    assert_eq!(joiner.finish(), Err(error));
    // An announced length is refused with the header.
    joiner.reset();
    let error = joiner.next_piece(Piece::Start { header: b"", len: Some(4), control: false }, 0).unwrap_err();
    assert_eq!(error.kind, JoinErrorKind::Oversize { len: 4, max: 3 });
}

#[test]
fn tls_message_over_the_limit_is_refused_with_its_header() {
    let mut joiner = Joiner::new(TlsHandshake).with_max_message_len(100);
    let (_, error) = messages(protocols::tls(), &mut joiner, b"\x16\x03\x03\x00\x04\x0b\x00\x00\x61", &[]);
    assert_eq!(error.unwrap().kind, JoinErrorKind::Oversize { len: 101, max: 100 });
    let mut joiner = Joiner::new(TlsHandshake).with_max_message_len(101);
    let (_, error) = messages(protocols::tls(), &mut joiner, b"\x16\x03\x03\x00\x04\x0b\x00\x00\x61", &[]);
    assert_eq!(error.unwrap().kind, JoinErrorKind::Truncated { parts: 1, len: 4 });
}

#[test]
fn mysql_message_of_sixteen_mebibytes_ends_with_an_empty_packet() {
    for (len, packets) in [(0xff_fffe, 1), (0xff_ffff, 2), (0x100_0000, 2), (2 * 0xff_ffff, 3)] {
        let message = vec![b'm'; len];
        let mut wire = Vec::new();
        let mut writer = MySqlParts::new(254);
        Split::new(&mut writer, &message, 1).encode(&mut wire).unwrap();
        assert_eq!(wire.len(), len + 4 * packets);
        assert_eq!(usize::from(writer.sequence().wrapping_sub(254)), packets);
        let mut decoder = Decoder::new(protocols::mysql());
        let mut joiner = Joiner::new(MySql).with_max_message_len(1 << 26);
        let mut frames = decoder.frames_in(&wire).unwrap();
        let mut found = 0;
        while let Some(frame) = frames.next_frame().unwrap() {
            while let Some(joined) = joiner.next_message(&frame).unwrap() {
                let Joined::Message(joined) = joined else { panic!() };
                assert_eq!((joined.payload().len(), joined.parts()), (len, packets as u64));
                assert!(joined.payload() == message);
                found += 1;
            }
        }
        assert_eq!(found, 1);
    }
}

#[test]
fn skipped_frame_inside_a_message_is_a_gap() {
    let framing = protocols::onc_rpc().with_max_payload_len(8);
    for stream in [fragments(&[2, 9, 2]), fragments(&[2, 9])] {
        let mut decoder = Decoder::new(framing).with_recovery(Recovery::SkipOversize);
        let mut joiner = Joiner::new(OncRpc);
        decoder.push(&stream).unwrap();
        decoder.push(&fragments(&[3])).unwrap();
        let error = loop {
            let frame = decoder.next_frame().unwrap().unwrap();
            if let Err(error) = joiner.next_part(&frame) {
                break error;
            }
        };
        assert_eq!((error.message_offset, error.offset, error.kind), (0, 6 + 13, JoinErrorKind::Gap));
    }
    // Between two messages nothing is missing.
    let mut decoder = Decoder::new(framing).with_recovery(Recovery::SkipOversize);
    let mut joiner = Joiner::new(OncRpc);
    decoder.push(&[fragments(&[9]), fragments(&[3])].concat()).unwrap();
    let frame = decoder.next_frame().unwrap().unwrap();
    assert!(matches!(joiner.next_part(&frame), Ok(Some(NextPart::Part(part))) if part.is_first && part.is_last));
}

#[test]
fn truncated_message_is_reported_at_the_end() {
    let mut joiner = Joiner::new(Zmtp);
    let stream = [&greeting()[..], b"\x01\x02hi\x01\x00"].concat();
    let (seen, error) = messages(protocols::zmtp(), &mut joiner, &stream, &[]);
    assert_eq!(seen, greeting_parts());
    let error = error.unwrap();
    assert_eq!((error.message_offset, error.kind), (64, JoinErrorKind::Truncated { parts: 2, len: 2 }));
    assert_eq!(joiner.finish(), Err(error));
    joiner.reset();
    assert_eq!(joiner.finish(), Ok(()));
}
