//! The rules' refusals, and the examples of the specifications.

use anysplit::join::{
    ImapCommands, JoinErrorKind, Joiner, MySql, OncRpc, Replies, SideBands, Split, TlsHandshake, WebSocket,
    WebSocketParts,
};
use anysplit::{Decoder, EncodeError, Piece, protocols};

use super::{Seen, messages};

fn message(bytes: &[u8]) -> Seen {
    Seen::Message(bytes.to_vec())
}

/// The line that announces a literal belongs to the message, and a piece is only payload.
#[test]
fn imap_commands_with_literals_need_complete_frames() {
    let mut decoder = Decoder::new(protocols::imap());
    decoder.push(b"a LOGIN {2+}\r\nme you\r\n").unwrap();
    let piece = decoder.next_piece().unwrap().unwrap();
    let error = Joiner::new(ImapCommands).next_piece(piece, 0).unwrap_err();
    assert_eq!(error.kind, JoinErrorKind::NeedsFrames);
}

#[test]
fn masked_payload_that_was_not_unmasked_is_refused() {
    let stream = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
    let masked = JoinErrorKind::Custom("the payload is masked: the framing must take the mask off");
    let mut decoder = Decoder::new(protocols::websocket());
    decoder.push(stream).unwrap();
    let frame = decoder.next_frame().unwrap().unwrap();
    assert_eq!(Joiner::new(WebSocket::from_clients()).next_part(&frame).unwrap_err().kind, masked);
    let mut decoder = Decoder::new(protocols::websocket());
    decoder.push(stream).unwrap();
    let piece = decoder.next_piece().unwrap().unwrap();
    assert_eq!(Joiner::new(WebSocket::from_clients()).next_piece(piece, 0).unwrap_err().kind, masked);
}

#[test]
fn websocket_examples_of_rfc_6455_section_5_7() {
    let read = |rule, stream: &[u8]| messages(protocols::websocket_unmasked(), &mut Joiner::new(rule), stream, &[]).0;
    let (client, server) = (WebSocket::from_clients(), WebSocket::from_servers());
    assert_eq!(read(server, b"\x81\x05Hello"), [message(b"Hello")]);
    assert_eq!(read(client, b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), [message(b"Hello")]);
    assert_eq!(read(server, b"\x01\x03Hel\x80\x02lo"), [message(b"Hello")]);
    assert_eq!(read(server, b"\x89\x05Hello"), [Seen::Control(b"Hello".to_vec())]);
    assert_eq!(read(client, b"\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), [Seen::Control(b"Hello".to_vec())]);
}

#[test]
fn websocket_lengths_are_written_in_the_shortest_form() {
    for (len, header) in [
        (125, &b"\x82\x7d"[..]),
        (126, b"\x82\x7e\x00\x7e"),
        (65_535, b"\x82\x7e\xff\xff"),
        (65_536, b"\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
    ] {
        let mut wire = Vec::new();
        Split::new(WebSocketParts::binary(), &vec![0; len], usize::MAX).encode(&mut wire).unwrap();
        assert_eq!(&wire[..header.len()], header);
        assert_eq!(wire.len(), header.len() + len);
    }
}

#[test]
fn websocket_frames_in_the_wrong_place_are_refused() {
    let error = |stream: &[u8]| {
        let mut joiner = Joiner::new(WebSocket::from_servers());
        let error = messages(protocols::websocket_unmasked(), &mut joiner, stream, &[]).1.unwrap();
        (error.offset, error.kind)
    };
    assert_eq!(error(b"\x80\x00"), (0, JoinErrorKind::NothingToContinue));
    assert_eq!(error(b"\x01\x01a\x81\x00"), (3, JoinErrorKind::Interrupted));
    assert!(matches!(error(b"\x01\x01a\xc0\x00"), (3, JoinErrorKind::Custom(_))));
    assert!(matches!(error(b"\x81\x80\0\0\0\0"), (0, JoinErrorKind::Custom(_))));
    assert!(matches!(error(&[b"\x89\x7e\x00\x7e", &[0; 126][..]].concat()), (0, JoinErrorKind::Custom(_))));
    let unmasked =
        messages(protocols::websocket_unmasked(), &mut Joiner::new(WebSocket::from_clients()), b"\x81\x00", &[]);
    assert!(matches!(unmasked.1.unwrap().kind, JoinErrorKind::Custom(_)));
}

#[test]
fn compressed_message_sets_rsv1_in_its_first_frame() {
    let mut wire = Vec::new();
    Split::new(WebSocketParts::text().compressed(), b"abc", 2).encode(&mut wire).unwrap();
    assert_eq!(wire, b"\x41\x02ab\x80\x01c");
}

#[test]
fn mysql_sequence_numbers_follow_each_other() {
    let packet = |sequence| [&[0xff, 0xff, 0xff, sequence][..], &vec![0; 0xff_ffff]].concat();
    for (second, right) in [(0, true), (1, false), (255, false)] {
        let stream = [&packet(255)[..], &[0, 0, 0, second]].concat();
        let mut joiner = Joiner::new(MySql).with_max_message_len(1 << 25);
        let (seen, error) = messages(protocols::mysql(), &mut joiner, &stream, &[]);
        assert_eq!(seen.len(), usize::from(right));
        let expected = JoinErrorKind::Sequence { found: second.into(), expected: 0 };
        assert_eq!(error.map(|error| (error.offset, error.kind)), (!right).then_some((0x100_0003, expected)));
    }
}

#[test]
fn tls_records_inside_a_message_are_refused() {
    let error = |stream: &[u8]| messages(protocols::tls(), &mut Joiner::new(TlsHandshake), stream, &[]).1.unwrap();
    let part = b"\x16\x03\x03\x00\x05\x01\x00\x00\x09a";
    let found = error(&[&part[..], b"\x15\x03\x03\x00\x02\x01\x00"].concat());
    assert_eq!((found.offset, found.kind), (10, JoinErrorKind::Interrupted));
    assert_eq!(error(b"\x16\x03\x03\x00\x00").kind, JoinErrorKind::EmptyPart);
}

#[test]
fn tls_message_with_a_wrong_length_is_not_written() {
    let encode = |message: &[u8]| Split::new(TlsHandshake, message, 100).encode(&mut Vec::new()).unwrap_err();
    assert_eq!(encode(b"\x01\x00\x00"), EncodeError::TooShort { len: 3, min: 4 });
    assert_eq!(encode(b"\x01\x00\x00\x02a"), EncodeError::LengthDisagrees { found: 2, expected: 1 });
}

#[test]
fn smtp_example_of_rfc_5321_section_4_2_1() {
    let stream = b"250-First line\r\n250-Second line\r\n250-234 Text beginning with numbers\r\n250 The last line\r\n";
    let (seen, error) = messages(protocols::smtp(), &mut Joiner::new(Replies::smtp()), stream, &[]);
    assert_eq!((seen, error), (vec![message(&stream[..stream.len() - 2])], None));
}

#[test]
fn ftp_example_of_rfc_959_section_4_2() {
    let stream = b"123-First line\r\nSecond line\r\n  234 A line beginning with numbers\r\n123 The last line\r\n";
    let (seen, error) = messages(protocols::ftp(), &mut Joiner::new(Replies::ftp()), stream, &[]);
    assert_eq!((seen, error), (vec![message(&stream[..stream.len() - 2])], None));
    let error = messages(protocols::ftp(), &mut Joiner::new(Replies::smtp()), stream, &[]).1.unwrap();
    assert_eq!(error.offset, 16);
}

#[test]
fn replies_that_are_none_are_refused() {
    for stream in [&b"25 x\r\n"[..], b"\r\n", b"250x\r\n", b"hello\r\n", b"2500 x\r\n"] {
        let error = messages(protocols::ftp(), &mut Joiner::new(Replies::ftp()), stream, &[]).1.unwrap();
        assert!(matches!((error.offset, error.kind), (0, JoinErrorKind::Custom(_))), "{stream:?}");
    }
    for reply in
        [&b"250-a"[..], b"250 a\r\n250 b", b"250-a\r\n251 b", b"", b"250-a\nb\r\n250 c", b"250 a\r\n", b"250 \0"]
    {
        let mut out = b"kept".to_vec();
        assert!(Split::new(Replies::smtp(), reply, 1).encode(&mut out).is_err(), "{reply:?}");
        assert_eq!(out, b"kept");
    }
}

#[test]
fn imap_command_with_literals_is_one_message() {
    let stream = b"a LOGIN {0+}\r\n {3+}\r\nyou\r\n* OK {5}\r\nb NOOP\r\n";
    let (seen, error) = messages(protocols::imap(), &mut Joiner::new(ImapCommands), stream, &[]);
    let expected = [message(b"a LOGIN {0+}\r\n {3+}\r\nyou"), message(b"* OK {5}"), message(b"b NOOP")];
    assert_eq!((&seen[..], error), (&expected[..], None));
}

#[test]
fn side_bands_are_kept_apart() {
    let stream = b"0008\x01PAC000a\x0250 %\n0006\x01K00000008\x03bad";
    let (seen, error) = messages(protocols::git(), &mut Joiner::new(SideBands), stream, &[]);
    let expected = [Seen::Control(b"\x0250 %\n".to_vec()), message(b"PACK"), Seen::Control(b"\x03bad".to_vec())];
    assert_eq!((&seen[..], error), (&expected[..], None));
    let error = messages(protocols::git(), &mut Joiner::new(SideBands), b"0006\x04x", &[]).1.unwrap();
    assert!(matches!(error.kind, JoinErrorKind::Custom(_)));
}

#[test]
fn rule_that_reads_payloads_refuses_pieces() {
    let start = Piece::Start { header: b"", len: None, control: false };
    let error = Joiner::new(Replies::ftp()).next_piece(start, 7).unwrap_err();
    assert_eq!((error.offset, error.kind), (7, JoinErrorKind::NeedsFrames));
}

#[test]
fn empty_message_is_one_empty_part() {
    let mut wire = Vec::new();
    Split::new(OncRpc, b"", 5).encode(&mut wire).unwrap();
    assert_eq!(wire, b"\x80\0\0\0");
}
