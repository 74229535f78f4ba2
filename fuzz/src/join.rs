//! Messages of many frames, HTTP/1 messages, and RTMP: any bytes in any split give the same messages, by every call, and what was joined
//! is split and joined again.

use anysplit::http1::{Messages, Question};
use anysplit::join::{
    HttpChunks, HttpMessages, ImapCommands, JoinErrorKind, Joined, Joiner, MessagePiece, MySql, MySqlParts, NextPart,
    OncRpc, Replies, Rule, SideBands, Split, TlsHandshake, WebSocket, WebSocketParts, Zmtp,
};
use anysplit::rtmp::Chunks;
use anysplit::{Decoder, EncodeError, Framing, Piece, Stuffed, UniversalLine, protocols};

use crate::input::Input;
use crate::plus::Plus;

/// Checks a stream of messages.
///
/// ```text
///  configuration   the rule; the limit for a message; the limit for its parts; the size of the parts, or the requests
/// ```
pub fn check(data: &[u8]) -> bool {
    let input = Input::new(data);
    let at = |index: usize| input.config.get(index).copied().unwrap_or(200);
    let stream = input.stream;
    let of = Of { chunks: input.chunks(), stream, max: at(1).into(), parts: at(2).into(), part_len: at(3).into() };
    let len = usize::from(at(3));
    match input.config.first() {
        Some(0) => {
            of.joined(&protocols::onc_rpc(), OncRpc, |message, out| Split::new(OncRpc, message, len).encode(out))
        }
        Some(1) => of.joined(&protocols::mysql(), MySql, |message, out| {
            Split::new(MySqlParts::new(0), message, len).encode(out)
        }),
        Some(2) => of.joined(&protocols::websocket_unmasked(), WebSocket::from_clients(), |message, out| {
            let mut key = 0_u8;
            let keys = || {
                key = key.wrapping_mul(5).wrapping_add(3);
                [key, !key, 7, 0xff]
            };
            Split::new(WebSocketParts::binary().masked(keys), message, len).encode(out)
        }),
        Some(3) => of.joined(&protocols::websocket_unmasked(), WebSocket::from_servers(), |message, out| {
            Split::new(WebSocketParts::text(), message, len).encode(out)
        }),
        Some(4) => of.joined(&protocols::zmtp(), Zmtp, |message, out| {
            out.extend(b"\xff\0\0\0\0\0\0\0\x01\x7f\x03");
            out.extend([0; 53]);
            Split::new(Zmtp, message, len).encode(out)
        }),
        Some(5) => of.joined(&protocols::http_chunked(), HttpChunks, |message, out| {
            Split::new(HttpChunks, message, len).encode(out)
        }),
        Some(6) => {
            of.joined(&protocols::git(), SideBands, |message, out| Split::new(SideBands, message, len).encode(out))
        }
        Some(7) => of
            .joined(&protocols::tls(), TlsHandshake, |message, out| Split::new(TlsHandshake, message, len).encode(out)),
        Some(8) => of.joined(&protocols::smtp(), Replies::smtp(), |message, out| {
            Split::new(Replies::smtp(), message, len).encode(out)
        }),
        Some(9) => of.joined(&protocols::ftp(), Replies::ftp(), |message, out| {
            Split::new(Replies::ftp(), message, len).encode(out)
        }),
        // No rule splits commands.
        Some(10) => of.joined(&protocols::imap(), ImapCommands, |_, _| Ok(0)),
        Some(11) => of.http1(&[], Messages::requests),
        Some(12) => of.http1(input.config.get(2..).unwrap_or_default(), Messages::answers),
        // Filler stands between the frames of these. No rule splits their messages.
        Some(13) => of.joined(&Stuffed::slip(), Plus, |_, _| Ok(0)),
        Some(14) => of.joined(&UniversalLine::new(), Replies::ftp(), |_, _| Ok(0)),
        Some(15) => of.joined(&protocols::websocket_unmasked(), WebSocket::from_either(), |message, out| {
            Split::new(WebSocketParts::text(), message, len).encode(out)
        }),
        // Its messages are bodies, which have no header to be written with.
        Some(16) => of.joined(&protocols::http1(), HttpMessages::from_either(), |_, _| Ok(0)),
        Some(17) => of.rtmp(),
        _ => return false,
    }
    true
}

/// What came out: offset, whether it is a control frame, and bytes; and how the stream ended.
type Outcome = (Vec<(u64, bool, Vec<u8>)>, String);

struct Of<'a> {
    stream: &'a [u8],
    chunks: Vec<&'a [u8]>,
    max: u64,
    parts: u64,
    part_len: usize,
}

impl Of<'_> {
    fn joined<R: Rule + Copy>(
        &self,
        framing: &dyn Framing,
        rule: R,
        write: impl Fn(&[u8], &mut Vec<u8>) -> Result<usize, EncodeError>,
    ) {
        let joiner = || Joiner::new(rule).with_max_message_len(self.max).with_max_parts(self.parts);
        let expected = by_message(framing, joiner(), &[self.stream]);
        assert_eq!(by_message(framing, joiner(), &self.chunks), expected);
        assert_eq!(by_message(framing, joiner(), &self.stream.chunks(1).collect::<Vec<_>>()), expected);
        let by_part = by_part(framing, joiner(), &self.chunks);
        assert_eq!(by_part, expected);
        for (_, is_control, message) in &expected.0 {
            assert!(*is_control || message.len() as u64 <= self.max);
        }
        // A piece shows what is wrong earlier than a complete frame. Without an error all is the same.
        if let Some(pieces) = by_piece(framing, joiner(), &self.chunks) {
            if pieces.1 == "clean" || expected.1 == "clean" {
                let without_offsets = |outcome: &Outcome| {
                    outcome.0.iter().map(|(_, control, bytes)| (*control, bytes.clone())).collect::<Vec<_>>()
                };
                assert_eq!((without_offsets(&pieces), &pieces.1), (without_offsets(&expected), &expected.1));
            }
        }
        for (_, _, message) in expected.0.iter().filter(|(_, is_control, _)| !is_control) {
            let mut wire = Vec::new();
            match write(message, &mut wire) {
                Ok(0) | Err(_) => continue,
                Ok(_) => {}
            }
            let joiner = Joiner::new(rule).with_max_parts(u64::MAX);
            let (again, end) = by_message(framing, joiner, &wire.chunks(self.part_len + 1).collect::<Vec<_>>());
            assert_eq!(end, "clean");
            let again: Vec<_> = again.into_iter().filter(|(_, is_control, _)| !is_control).collect();
            assert_eq!(again.len(), 1);
            assert_eq!(&again[0].2, message);
        }
    }

    fn http1(&self, questions: &[u8], make: fn() -> Messages) {
        let read = |chunks: &[&[u8]]| {
            let mut messages = make().with_max_body_len(self.max).with_max_header_len(256);
            for question in questions {
                let question = [Question::Other, Question::Head, Question::Connect][usize::from(question % 3)];
                if messages.expect(question).is_err() {
                    break;
                }
            }
            let mut seen = Vec::new();
            let mut end = None;
            'stream: for chunk in chunks {
                messages.push(chunk).expect("neither failed nor ended");
                loop {
                    match messages.next_message() {
                        Ok(Some(message)) => seen.push(all_of(&message)),
                        Ok(None) => break,
                        Err(error) => {
                            end = Some(error);
                            break 'stream;
                        }
                    }
                }
            }
            while end.is_none() {
                match messages.finish() {
                    Ok(Some(message)) => seen.push(all_of(&message)),
                    Ok(None) => break,
                    Err(error) => end = Some(error),
                }
            }
            if let Some(error) = end {
                assert_eq!(messages.next_message().map(|_| ()), Err(error));
                assert_eq!(messages.finish().map(|_| ()), Err(error));
            }
            (seen, end)
        };
        let expected = read(&[self.stream]);
        assert_eq!(read(&self.chunks), expected);
        assert_eq!(read(&self.stream.chunks(1).collect::<Vec<_>>()), expected);
        for (offset, header, body, _) in &expected.0 {
            let start = usize::try_from(*offset).expect("an index");
            assert!(self.stream[start..].starts_with(header) && header.ends_with(b"\r\n\r\n"));
            assert!(body.len() as u64 <= self.max);
        }
    }

    fn rtmp(&self) {
        let read = |chunks: &[&[u8]]| {
            let mut rtmp = Chunks::<4>::after_handshake().with_max_message_len(self.max);
            let mut decoder = Decoder::new(rtmp.framing());
            let mut seen = Vec::new();
            let mut read = || -> Result<(), Box<dyn std::error::Error>> {
                for chunk in chunks {
                    decoder.push(chunk)?;
                    loop {
                        rtmp.prepare(&mut decoder);
                        let Some(frame) = decoder.next_frame()? else { break };
                        seen.push((frame.offset(), rtmp.take(&frame)?, frame.payload().to_vec()));
                    }
                }
                rtmp.prepare(&mut decoder);
                decoder.finish()?;
                Ok(rtmp.finish()?)
            };
            let end = read().err().map(|error| error.to_string());
            (seen, end)
        };
        let expected = read(&[self.stream]);
        assert_eq!(read(&self.chunks), expected);
        assert_eq!(read(&self.stream.chunks(1).collect::<Vec<_>>()), expected);
        assert!(expected.0.iter().all(|(_, _, payload)| payload.len() as u64 <= self.max));
    }
}

fn all_of(message: &anysplit::http1::Message<'_>) -> (u64, Vec<u8>, Vec<u8>, Vec<u8>) {
    (message.offset(), message.header().to_vec(), message.body().to_vec(), message.trailers().to_vec())
}

/// Passes all frames to `take`, and returns how the stream ended.
fn frames(
    framing: &dyn Framing,
    chunks: &[&[u8]],
    mut take: impl FnMut(&anysplit::Frame<'_>) -> Result<(), String>,
) -> String {
    let mut decoder = Decoder::new(framing);
    let mut read = || {
        for chunk in chunks {
            decoder.push(chunk).map_err(|error| error.to_string())?;
            while let Some(frame) = decoder.next_frame().map_err(|error| error.to_string())? {
                take(&frame)?;
            }
        }
        while let Some(frame) = decoder.finish().map_err(|error| error.to_string())? {
            take(&frame)?;
        }
        Ok(())
    };
    read().err().unwrap_or_default()
}

fn ended<R: Rule>(end: String, joiner: &mut Joiner<R>) -> String {
    match (end.is_empty(), joiner.finish()) {
        (true, Ok(())) => "clean".to_owned(),
        (true, Err(error)) => error.to_string(),
        (false, _) => end,
    }
}

fn by_message<R: Rule>(framing: &dyn Framing, mut joiner: Joiner<R>, chunks: &[&[u8]]) -> Outcome {
    let mut seen = Vec::new();
    let end = frames(framing, chunks, |frame| {
        loop {
            match joiner.next_message(frame).map_err(|error| error.to_string())? {
                Some(Joined::Message(message)) => seen.push((message.offset(), false, message.payload().to_vec())),
                Some(Joined::Control(frame)) => seen.push((frame.offset(), true, frame.payload().to_vec())),
                None => return Ok(()),
            }
        }
    });
    (seen, ended(end, &mut joiner))
}

fn by_part<R: Rule>(framing: &dyn Framing, mut joiner: Joiner<R>, chunks: &[&[u8]]) -> Outcome {
    let (mut seen, mut message, mut offset) = (Vec::new(), Vec::new(), 0);
    let end = frames(framing, chunks, |frame| {
        while let Some(next) = joiner.next_part(frame).map_err(|error| error.to_string())? {
            match next {
                NextPart::Control(frame) => seen.push((frame.offset(), true, frame.payload().to_vec())),
                NextPart::Part(part) => {
                    if part.is_first {
                        offset = frame.offset();
                    }
                    message.extend_from_slice(part.payload);
                    if part.is_last {
                        seen.push((offset, false, std::mem::take(&mut message)));
                    }
                }
            }
        }
        Ok(())
    });
    (seen, ended(end, &mut joiner))
}

/// `None`: the rule reads payloads.
fn by_piece<R: Rule>(framing: &dyn Framing, mut joiner: Joiner<R>, chunks: &[&[u8]]) -> Option<Outcome> {
    let mut decoder = Decoder::new(framing);
    let (mut seen, mut message, mut control) = (Vec::new(), Vec::new(), Vec::new());
    let mut needs_frames = false;
    let mut read = || {
        for (index, chunk) in chunks.iter().chain([&&[][..]]).enumerate() {
            decoder.push(chunk).map_err(|error| error.to_string())?;
            loop {
                let offset = decoder.position();
                let piece = if index == chunks.len() {
                    decoder.finish_piece().map_err(|error| error.to_string())?
                } else {
                    decoder.next_piece().map_err(|error| error.to_string())?
                };
                let Some(piece) = piece else { break };
                let piece = joiner.next_piece(piece, offset).map_err(|error| {
                    needs_frames |= error.kind == JoinErrorKind::NeedsFrames;
                    error.to_string()
                })?;
                match piece {
                    MessagePiece::Data(bytes) => message.extend_from_slice(bytes),
                    MessagePiece::End { is_last: true, .. } => seen.push((0, false, std::mem::take(&mut message))),
                    MessagePiece::Control(Piece::Data(bytes)) => control.extend_from_slice(bytes),
                    MessagePiece::Control(Piece::End { .. }) => seen.push((0, true, std::mem::take(&mut control))),
                    _ => {}
                }
            }
        }
        Ok(())
    };
    let end = read().err().unwrap_or_default();
    (!needs_frames).then(|| (seen, ended(end, &mut joiner)))
}
