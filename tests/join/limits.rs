//! Limits, and messages that are larger than any memory.

use anysplit::join::{
    Candidate, JoinErrorKind, Joined, Joiner, MessagePiece, MySql, MySqlParts, NextPart, OncRpc, Replies, Rule, Split,
    TlsHandshake, Verdict, Zmtp,
};
use anysplit::{AnyFraming, Decoder, FixedDecoder, Frame, Piece, Recovery, SmallDecoder, protocols};

use super::plus::Plus;
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

/// Reads a stream in every cut in two and byte by byte, in each of the ways that a decoder lends frames.
fn in_every_cut(
    framing: &AnyFraming,
    recovery: Recovery,
    stream: &[u8],
    rule: impl Rule + Copy,
) -> (Vec<Vec<u8>>, Option<JoinErrorKind>) {
    /// Takes a frame, until an error.
    fn take(joiner: &mut Joiner<impl Rule>, frame: &Frame<'_>, seen: &mut (Vec<Vec<u8>>, Option<JoinErrorKind>)) {
        while seen.1.is_none() {
            match joiner.next_message(frame) {
                Ok(Some(Joined::Message(message))) => seen.0.push(message.payload().to_vec()),
                Ok(Some(Joined::Control(_))) => {}
                Ok(None) => return,
                Err(error) => seen.1 = Some(error.kind),
            }
        }
    }
    let mut whole = None;
    let cuts = (0..=stream.len()).map(|cut| vec![&stream[..cut], &stream[cut..]]);
    for chunks in cuts.chain([stream.chunks(1).collect()]) {
        let mut all = [const { (Vec::new(), None) }; 5];
        let mut joiners = [(); 5].map(|()| Joiner::new(rule));
        let mut decoders = [(); 4].map(|()| Decoder::new(framing).with_recovery(recovery));
        let [lends, in_chunk, owns, in_batch] = &mut decoders;
        let mut memory = FixedDecoder::new(framing, [0; 64]).with_recovery(recovery);
        let mut small = (recovery == Recovery::Resync).then_some((Vec::new(), None));
        let (mut machine, mut joiner) = (SmallDecoder::new(framing, [0; 64]), Joiner::new(rule));
        for chunk in chunks {
            lends.push(chunk).unwrap();
            while let Some(frame) = lends.next_frame().unwrap() {
                take(&mut joiners[0], &frame, &mut all[0]);
            }
            let mut frames = in_chunk.frames_in(chunk).unwrap();
            while let Some(frame) = frames.next_frame().unwrap() {
                take(&mut joiners[1], &frame, &mut all[1]);
            }
            drop(frames);
            owns.push(chunk).unwrap();
            while let Some(frame) = owns.next_bytes().unwrap() {
                take(&mut joiners[2], &frame.frame(), &mut all[2]);
            }
            in_batch.push(chunk).unwrap();
            while let Some(batch) = in_batch.next_batch().unwrap() {
                batch.iter().for_each(|frame| take(&mut joiners[3], &frame, &mut all[3]));
            }
            assert_eq!(memory.push(chunk).unwrap(), chunk.len());
            while let Some(frame) = memory.next_frame().unwrap() {
                take(&mut joiners[4], &frame, &mut all[4]);
            }
            machine.push(chunk);
            while let Some(frame) = machine.next_frame() {
                small.iter_mut().for_each(|seen| take(&mut joiner, &frame, seen));
            }
        }
        for seen in all.into_iter().chain(small) {
            assert_eq!(*whole.get_or_insert_with(|| seen.clone()), seen);
        }
    }
    whole.unwrap()
}

fn framing(spec: &str) -> AnyFraming {
    spec.parse().unwrap()
}

#[test]
fn filler_inside_a_message_is_no_gap() {
    let expected = (vec![b"hello".to_vec(), b"you".to_vec()], None);
    for (spec, stream) in [
        ("slip", &b"\xc0+hel\xc0\xc0lo\xc0\xc0you\xc0"[..]),
        ("slip", b"\xc0\xc0+hel\xc0\xc0\xc0\xc0+l\xc0o\xc0you\xc0"),
        ("cobs", b"\0\x05+hel\0\0\0\x03lo\0\x04you\0"),
        ("u8,start=$", b"$\x04+hel$\x02lo$\x03you"),
        ("(u8),start=$,between=\\r\\n", b"$\x04+hel\r\n$\x02lo\n\n$\x03you"),
        ("(delim:;),start=$,between=\\n", b"$+hel;\n$lo;$you;"),
        ("((u8),sum=sum8),start=$,between=\\n", b"$\x04+hel\x68\n$\x02lo\xdd\n\n$\x03you\x60"),
    ] {
        for recovery in [Recovery::Fail, Recovery::SkipFrame, Recovery::Resync, Recovery::ResyncConfirmed] {
            let mut seen = in_every_cut(&framing(spec), recovery, stream, Plus);
            if recovery == Recovery::ResyncConfirmed && seen.0.len() == 1 {
                seen.0.push(b"you".to_vec());
            }
            assert_eq!(seen, expected, "{spec}");
        }
    }
    // The LF after a CR that has ended a line.
    let replies = b"250-a\r\n250-b\r250 c\r\n220 d\n";
    let seen = in_every_cut(&framing("anyline"), Recovery::Fail, replies, Replies::smtp());
    assert_eq!(seen, (vec![b"250-a\r250-b\r250 c".to_vec(), b"220 d".to_vec()], None));
}

#[test]
fn skipped_frame_beside_filler_is_a_gap() {
    let gap = (vec![b"you".to_vec()], Some(JoinErrorKind::Gap));
    let checked = "((u8),sum=sum8),start=$,between=\\n";
    for (spec, recovery, stream) in [
        ("slip", Recovery::SkipFrame, &b"\xc0you\xc0\xc0+hel\xc0\xc0+\xdb\0\xc0\xc0lo\xc0"[..]),
        ("slip", Recovery::SkipFrame, b"\xc0you\xc0\xc0+hel\xc0+\xdb\0\xc0lo\xc0"),
        ("slip", Recovery::Resync, b"\xc0you\xc0\xc0+hel\xc0\xc0+\xdb\0\xc0\xc0lo\xc0"),
        (checked, Recovery::SkipFrame, b"$\x03you\x60$\x04+hel\x68\n$\x02+?\xdd\n\n$\x02lo\xdd\n"),
        (checked, Recovery::Resync, b"$\x03you\x60$\x04+hel\x68\n$\x02+?\xdd\n\n$\x02lo\xdd\n"),
        (checked, Recovery::Resync, b"$\x03you\x60$\x04+hel\x68\n!!\n\n$\x02lo\xdd\n"),
    ] {
        assert_eq!(in_every_cut(&framing(spec), recovery, stream, Plus), gap, "{spec} {}", stream.escape_ascii());
    }
}

#[test]
fn frame_that_was_not_passed_on_is_a_gap() {
    let mut decoder = Decoder::new(protocols::onc_rpc());
    decoder.push(&fragments(&[2, 3, 2])).unwrap();
    let mut joiner = Joiner::new(OncRpc);
    assert!(joiner.next_part(&decoder.next_frame().unwrap().unwrap()).unwrap().is_some());
    decoder.next_frame().unwrap().unwrap();
    let error = joiner.next_part(&decoder.next_frame().unwrap().unwrap()).unwrap_err();
    assert_eq!((error.offset, error.kind), (13, JoinErrorKind::Gap));
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
