//! Messages of many frames: what is split comes back, in every cut and by every call, and the limits hold.

#![cfg(all(feature = "protocols", feature = "spec", feature = "testing"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "join/captures.rs"]
mod captures;
#[path = "join/limits.rs"]
mod limits;
#[path = "join/names.rs"]
mod names;
#[path = "common/plus.rs"]
mod plus;
#[path = "join/rules.rs"]
mod rules;

use anysplit::join::{
    HttpChunks, JoinError, Joined, Joiner, MessagePiece, MySql, MySqlParts, NextPart, OncRpc, Replies, Rule, SideBands,
    Split, TlsHandshake, WebSocket, WebSocketParts, Zmtp,
};
use anysplit::{Decoder, FixedDecoder, Framing, protocols};
use proptest::collection::vec as several;
use proptest::prelude::*;
use proptest::sample::Index;

/// What came out of a stream: messages, and the wire of control frames.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    Message(Vec<u8>),
    Control(Vec<u8>),
}

/// Reads a stream, cut at these places, with `next_message`.
fn messages<F: Framing, R: Rule>(
    framing: F,
    joiner: &mut Joiner<R>,
    stream: &[u8],
    cuts: &[usize],
) -> (Vec<Seen>, Option<JoinError>) {
    let mut decoder = Decoder::new(&framing as &dyn Framing);
    let mut seen = Vec::new();
    let mut begin = 0;
    for &end in cuts.iter().chain([&stream.len()]) {
        decoder.push(&stream[begin..end]).unwrap();
        begin = end;
        while let Some(frame) = decoder.next_frame().unwrap() {
            loop {
                match joiner.next_message(&frame) {
                    Ok(Some(Joined::Message(message))) => seen.push(Seen::Message(message.payload().to_vec())),
                    Ok(Some(Joined::Control(frame))) => seen.push(Seen::Control(frame.payload().to_vec())),
                    Ok(None) => break,
                    Err(error) => {
                        assert_eq!(joiner.next_message(&frame).unwrap_err(), error, "the error stays");
                        return (seen, Some(error));
                    }
                }
            }
        }
    }
    decoder.finish().unwrap();
    let end = joiner.finish().err();
    (seen, end)
}

/// Reads the stream with `next_part` and a decoder without an allocator.
fn parts<F: Framing, R: Rule>(framing: F, joiner: &mut Joiner<R>, stream: &[u8]) -> Vec<Seen> {
    let mut decoder = FixedDecoder::new(&framing as &dyn Framing, vec![0; 1 << 17]);
    let (mut seen, mut message) = (Vec::new(), Vec::new());
    let mut rest = stream;
    while !rest.is_empty() {
        let taken = decoder.push(rest).unwrap();
        rest = &rest[taken..];
        while let Some(frame) = decoder.next_frame().unwrap() {
            while let Some(next) = joiner.next_part(&frame).unwrap() {
                match next {
                    NextPart::Control(frame) => seen.push(Seen::Control(frame.payload().to_vec())),
                    NextPart::Part(part) => {
                        message.extend_from_slice(part.payload);
                        if part.is_last {
                            seen.push(Seen::Message(std::mem::take(&mut message)));
                        }
                    }
                }
            }
        }
    }
    seen
}

/// Reads the stream with `next_piece`, a byte at a time.
fn pieces<F: Framing, R: Rule>(framing: F, joiner: &mut Joiner<R>, stream: &[u8]) -> Vec<Seen> {
    let mut decoder = Decoder::new(&framing as &dyn Framing);
    let (mut seen, mut message, mut control) = (Vec::new(), Vec::new(), Vec::new());
    for byte in stream {
        decoder.push(&[*byte]).unwrap();
        loop {
            let offset = decoder.position();
            let Some(piece) = decoder.next_piece().unwrap() else { break };
            match joiner.next_piece(piece, offset).unwrap() {
                MessagePiece::Start { is_first, .. } => assert!(is_first || joiner.is_inside()),
                MessagePiece::Data(bytes) => message.extend_from_slice(bytes),
                MessagePiece::End { is_last: true, .. } => seen.push(Seen::Message(std::mem::take(&mut message))),
                MessagePiece::End { .. } => {}
                MessagePiece::Control(anysplit::Piece::Data(bytes)) => control.extend_from_slice(bytes),
                MessagePiece::Control(anysplit::Piece::End { .. }) => {
                    seen.push(Seen::Control(std::mem::take(&mut control)));
                }
                MessagePiece::Control(_) => {}
            }
        }
    }
    joiner.finish().unwrap();
    seen
}

/// Holds a stream to what was written: whole, in pieces and parts, and in every cut.
fn holds<F: Framing + Copy, R: Rule + Copy>(
    (framing, rule): (F, R),
    stream: &[u8],
    expected: &[Seen],
    cuts: &[Index],
) -> Result<(), TestCaseError> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
    places.sort_unstable();
    let every: Vec<usize> = (0..stream.len()).collect();
    for cuts in [&[][..], &places, &every] {
        let (seen, end) = messages(framing, &mut Joiner::new(rule), stream, cuts);
        prop_assert_eq!((&seen[..], end), (expected, None));
    }
    prop_assert_eq!(&parts(framing, &mut Joiner::new(rule), stream)[..], expected);
    if !rule.reads_payload() {
        prop_assert_eq!(&pieces(framing, &mut Joiner::new(rule), stream)[..], expected);
    }
    Ok(())
}

fn lots() -> impl Strategy<Value = Vec<(Vec<u8>, usize)>> {
    several((prop_oneof![4 => several(any::<u8>(), 0..40), 1 => several(any::<u8>(), 100..400)], 1_usize..300), 0..6)
}

fn cuts() -> impl Strategy<Value = Vec<Index>> {
    several(any::<Index>(), 0..8)
}

/// A greeting of ZMTP, which comes in three frames.
fn greeting() -> Vec<u8> {
    [&b"\xff\0\0\0\0\0\0\0\x01\x7f\x03"[..], &[0; 53]].concat()
}

fn greeting_parts() -> [Seen; 3] {
    let greeting = greeting();
    [&greeting[..10], &greeting[10..11], &greeting[11..]].map(|part| Seen::Control(part.to_vec()))
}

/// The messages in parts, one after another.
fn written(lots: &[(Vec<u8>, usize)], mut write: impl FnMut(&[u8], usize, &mut Vec<u8>)) -> (Vec<u8>, Vec<Seen>) {
    let mut stream = Vec::new();
    for (message, len) in lots {
        write(message, *len, &mut stream);
    }
    (stream, lots.iter().map(|(message, _)| Seen::Message(message.clone())).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn onc_rpc_records_come_back(lots in lots(), cuts in cuts()) {
        let (stream, expected) = written(&lots, |message, len, out| {
            Split::new(OncRpc, message, len).encode(out).unwrap();
        });
        holds((protocols::onc_rpc(), OncRpc), &stream, &expected, &cuts)?;
    }

    #[test]
    fn zmtp_messages_come_back(lots in lots(), cuts in cuts()) {
        let (stream, expected) = written(&lots, |message, len, out| {
            Split::new(Zmtp, message, len).encode(out).unwrap();
        });
        let stream = [&greeting()[..], &stream].concat();
        let expected: Vec<Seen> = greeting_parts().into_iter().chain(expected).collect();
        holds((protocols::zmtp(), Zmtp), &stream, &expected, &cuts)?;
    }

    #[test]
    fn websocket_messages_come_back(lots in lots(), cuts in cuts(), key in any::<[u8; 4]>(), pings in any::<bool>()) {
        let framing = protocols::websocket_unmasked();
        let ping = [&b"\x89\x82"[..], &key, &[b'h' ^ key[0], b'i' ^ key[1]]].concat();
        let (mut stream, mut expected) = (Vec::new(), Vec::new());
        for (message, len) in &lots {
            let mut split = Split::new(WebSocketParts::binary().masked(|| key), message, *len);
            while let Some(part) = split.next_part().unwrap() {
                let mut bytes = vec![0; part.wire_len()];
                part.write_into(&mut bytes).unwrap();
                stream.extend(bytes);
                if pings {
                    stream.extend(&ping);
                    if !part.is_last() {
                        expected.push(Seen::Control(b"hi".to_vec()));
                    }
                }
            }
            expected.push(Seen::Message(message.clone()));
            if pings {
                expected.push(Seen::Control(b"hi".to_vec()));
            }
        }
        holds((framing, WebSocket::from_clients()), &stream, &expected, &cuts)?;
        let (stream, expected) = written(&lots, |message, len, out| {
            Split::new(WebSocketParts::text(), message, len).encode(out).unwrap();
        });
        holds((framing, WebSocket::from_servers()), &stream, &expected, &cuts)?;
    }

    #[test]
    fn mysql_packets_come_back(lots in lots(), cuts in cuts(), sequence in any::<u8>()) {
        let mut writer = MySqlParts::new(sequence);
        let (stream, expected) = written(&lots, |message, len, out| {
            Split::new(&mut writer, message, len).encode(out).unwrap();
        });
        holds((protocols::mysql(), MySql), &stream, &expected, &cuts)?;
    }

    #[test]
    fn http_bodies_come_back(lots in lots(), cuts in cuts()) {
        let (stream, expected) = written(&lots, |message, len, out| {
            Split::new(HttpChunks, message, len).encode(out).unwrap();
        });
        holds((protocols::http_chunked(), HttpChunks), &stream, &expected, &cuts)?;
    }

    #[test]
    fn packs_in_side_bands_come_back(lots in lots(), cuts in cuts()) {
        let (stream, expected) = written(&lots, |message, len, out| {
            Split::new(SideBands, message, len).encode(out).unwrap();
        });
        holds((protocols::git(), SideBands), &stream, &expected, &cuts)?;
    }

    /// Several messages share records: the messages are cut without regard to where they end.
    #[test]
    fn tls_handshake_messages_come_back(lots in lots(), len in 1_usize..50, cuts in cuts(), alert in any::<bool>()) {
        let mut all = Vec::new();
        let mut expected = Vec::new();
        for (message, _) in &lots {
            let [.., a, b, c] = message.len().to_be_bytes();
            let message = [&[1, a, b, c][..], message].concat();
            all.extend(&message);
            expected.push(Seen::Message(message));
        }
        let mut stream = Vec::new();
        for record in all.chunks(len) {
            stream.extend([22, 3, 3, 0, u8::try_from(record.len()).unwrap()]);
            stream.extend(record);
        }
        if alert {
            stream.extend(b"\x15\x03\x03\x00\x02\x01\x00");
            expected.push(Seen::Control(b"\x01\x00".to_vec()));
        }
        holds((protocols::tls(), TlsHandshake), &stream, &expected, &cuts)?;
        let (stream, expected) = written(&lots, |message, len, out| {
            let [.., a, b, c] = message.len().to_be_bytes();
            Split::new(TlsHandshake, &[&[1, a, b, c][..], message].concat(), len).encode(out).unwrap();
        });
        let expected: Vec<_> = expected.into_iter().map(|seen| match seen {
            Seen::Message(body) => {
                let [.., a, b, c] = body.len().to_be_bytes();
                Seen::Message([&[1, a, b, c][..], &body].concat())
            }
            control => control,
        }).collect();
        holds((protocols::tls(), TlsHandshake), &stream, &expected, &cuts)?;
    }

    #[test]
    fn replies_come_back(replies in several((100_u16..1000, several("[ -~]{0,20}", 1..5)), 0..5), cuts in cuts()) {
        let replies: Vec<Vec<u8>> = replies.into_iter().map(|(code, lines)| {
            let last = lines.len() - 1;
            let lines = lines.iter().enumerate();
            let lines: Vec<String> =
                lines.map(|(at, line)| format!("{code}{}{line}", if at == last { ' ' } else { '-' })).collect();
            lines.join("\r\n").into_bytes()
        }).collect();
        let mut stream = Vec::new();
        for reply in &replies {
            Split::new(Replies::smtp(), reply, 1).encode(&mut stream).unwrap();
        }
        let expected: Vec<Seen> = replies.into_iter().map(Seen::Message).collect();
        holds((protocols::smtp(), Replies::smtp()), &stream, &expected, &cuts)?;
        holds((protocols::ftp(), Replies::ftp()), &stream, &expected, &cuts)?;
    }

    /// No input makes a joiner panic, and the outcome is the same in every cut.
    #[test]
    fn any_bytes_give_the_same_in_every_cut(stream in several(prop_oneof![0_u8..4, Just(0x80), Just(22), any::<u8>()], 0..80), cuts in cuts()) {
        any_split(protocols::onc_rpc(), OncRpc, &stream, &cuts)?;
        any_split(protocols::mysql(), MySql, &stream, &cuts)?;
        any_split(protocols::websocket_unmasked(), WebSocket::from_clients(), &stream, &cuts)?;
        any_split(protocols::websocket_unmasked(), WebSocket::from_servers(), &stream, &cuts)?;
        any_split(protocols::zmtp(), Zmtp, &[&greeting()[..], &stream].concat(), &cuts)?;
        any_split(protocols::tls(), TlsHandshake, &stream, &cuts)?;
        any_split(protocols::git(), SideBands, &stream, &cuts)?;
        any_split(protocols::ftp(), Replies::ftp(), &stream, &cuts)?;
    }
}

/// Checks that in every split the messages before the first error are the same.
fn any_split<F: Framing + Copy, R: Rule + Copy>(
    framing: F,
    rule: R,
    stream: &[u8],
    cuts: &[Index],
) -> Result<(), TestCaseError> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
    places.sort_unstable();
    let outcome = |cuts: &[usize]| {
        let mut decoder = Decoder::new(&framing as &dyn Framing);
        let mut joiner = Joiner::new(rule).with_max_message_len(40).with_max_parts(5);
        let (mut seen, mut error) = (Vec::new(), None);
        let mut begin = 0;
        'stream: for &end in cuts.iter().chain([&stream.len()]) {
            if decoder.push(&stream[begin..end]).is_err() {
                break;
            }
            begin = end;
            while let Ok(Some(frame)) = decoder.next_frame() {
                loop {
                    match joiner.next_message(&frame) {
                        Ok(Some(Joined::Message(message))) => {
                            seen.push((message.offset(), message.payload().to_vec()));
                        }
                        Ok(Some(Joined::Control(frame))) => seen.push((frame.offset(), frame.payload().to_vec())),
                        Ok(None) => break,
                        Err(found) => {
                            error = Some(found);
                            break 'stream;
                        }
                    }
                }
            }
        }
        (seen, error, joiner.finish().err())
    };
    let whole = outcome(&[]);
    prop_assert_eq!(&outcome(&places), &whole);
    prop_assert_eq!(&outcome(&(0..stream.len()).collect::<Vec<_>>()), &whole);
    Ok(())
}
