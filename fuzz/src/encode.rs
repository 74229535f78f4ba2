//! Every way through an encoder, and back.

use anysplit::contract::Envelope;
use anysplit::testing::OwnedEvent;
use anysplit::{EncodeError, Encoder, Framing, Recovery};
use bytes::{Buf, Bytes, BytesMut};

use crate::config::{Config, Kind};
use crate::input::Input;
use crate::outcome::whole;

/// The message of a frame that carries one.
fn message_of(event: &OwnedEvent) -> Option<&[u8]> {
    match event {
        OwnedEvent::Frame { control: false, message, .. } => message.as_deref(),
        _ => None,
    }
}

/// The frame of one message, made in every way, or why there is none.
fn frame(framing: &dyn Framing, message: &[u8]) -> Result<(Vec<u8>, bool), EncodeError> {
    let mut appended = b"kept".to_vec();
    let encoded = (&framing).encode(message, &mut appended);
    assert!(appended.starts_with(b"kept"));
    let wire = appended.split_off(4);
    assert_eq!((&framing).encoded_len(message), encoded.map(|len| len as u64));
    let mut encoder = Encoder::new(framing);
    let pushed = encoder.push(message);
    assert_eq!(pushed, encoded);
    assert_eq!(encoder.remaining(), wire.len());
    let mut shared = Encoder::new(framing);
    assert_eq!(shared.push_bytes(Bytes::copy_from_slice(message)), encoded);
    assert_eq!(drained(shared, 3), wire);
    assert_eq!(drained(encoder, 2), wire);
    match framing.envelope(message) {
        Err(error) => {
            assert_eq!(encoded, Err(error));
            assert_eq!(wire, b"", "nothing is written of what is refused");
            Err(error)
        }
        Ok(envelope) => {
            assert_eq!(encoded, Ok(wire.len()));
            assert_eq!(envelope.frame_len(message), wire.len() as u64);
            match envelope.slices(message) {
                Some(slices) => assert_eq!(slices.concat(), wire),
                None => {
                    let mut sealed = vec![0; wire.len()];
                    framing.seal(message, &mut sealed);
                    assert_eq!(sealed, wire);
                }
            }
            let mut room = vec![0xa5; wire.len() + 2];
            assert_eq!(framing.encode_into(message, &mut room), Ok(wire.len()));
            assert_eq!(room, [&wire[..], &[0xa5, 0xa5]].concat());
            if !wire.is_empty() {
                room.fill(0xa5);
                let (need, have) = (wire.len() as u64, wire.len() as u64 - 1);
                let short = &mut room[..wire.len() - 1];
                assert_eq!(framing.encode_into(message, short), Err(EncodeError::NoRoom { need, have }));
                assert!(short.iter().all(|byte| *byte == 0xa5), "nothing is written where there is no room");
                let mut slice = &mut room[..wire.len() - 1];
                assert_eq!((&framing).encode(message, &mut slice), Err(EncodeError::NoRoom { need, have }));
            }
            Ok((wire, envelope.is_last()))
        }
    }
}

/// What an encoder gives to a transport that takes `at_a_time` bytes.
fn drained<F: Framing>(mut encoder: Encoder<F>, at_a_time: usize) -> Vec<u8> {
    let mut sent = Vec::new();
    while encoder.has_remaining() {
        let taken = encoder.chunk().len().min(at_a_time);
        assert!(taken > 0);
        sent.extend_from_slice(&encoder.chunk()[..taken]);
        encoder.advance(taken);
    }
    sent
}

/// Written before its header is known, it is the same frame.
fn written_first(framing: &dyn Framing, message: &[u8], encoded: &Result<(Vec<u8>, bool), EncodeError>) {
    let mut out = b"kept".to_vec();
    let found = (&framing).encode_with(&mut out, |out| out.extend_from_slice(message));
    let mut other = BytesMut::from(&b"kept"[..]);
    assert_eq!((&framing).encode_with(&mut other, |out| out.extend_from_slice(message)), found);
    assert_eq!(out, other);
    let mut encoder = Encoder::new(framing);
    assert_eq!(encoder.push_with(|out| out.extend_from_slice(message)), found);
    assert_eq!([b"kept", &drained(encoder, 7)[..]].concat(), out);
    match found {
        Ok(len) => {
            assert_eq!(len + 4, out.len());
            let wire = &out[4..];
            match (framing.patch(message), encoded) {
                // A correct message is written unchanged.
                (_, Ok((expected, _))) => assert_eq!(wire, expected),
                (Ok(None), Err(error)) => panic!("refused otherwise: {error}"),
                // The bytes that the framing filled in make it right.
                (Ok(Some(_)), Err(_)) => {
                    let outcome = whole(framing, Recovery::Fail, wire);
                    let [event] = &outcome.events[..] else { panic!("not one frame: {outcome:?}") };
                    assert_eq!(outcome.end, Ok(()));
                    let patched = message_of(event).expect("a message");
                    assert_eq!(frame(framing, patched).map(|(wire, _)| wire).as_deref(), Ok(wire));
                }
                (Err(error), Err(_)) => panic!("patched without: {error}"),
            }
        }
        Err(_) => {
            assert_eq!(out, b"kept", "nothing is written of what is refused");
            assert!(encoded.is_err(), "refused, though it is right as it was written");
        }
    }
}

/// Messages, one after the other, come back as they were.
fn round_trip(config: &Config, messages: &[&[u8]]) {
    let framing = &*config.framing;
    let mut wire = Vec::new();
    let mut sent: Vec<&[u8]> = Vec::new();
    let mut queue = Encoder::new(framing);
    if depends(framing, messages) {
        return by_encoder(framing, messages);
    }
    for &message in messages {
        let encoded = frame(framing, message);
        written_first(framing, message, &encoded);
        match encoded {
            Ok((frame, last)) => {
                assert_eq!(queue.push_bytes(Bytes::copy_from_slice(message)), Ok(frame.len()));
                wire.extend_from_slice(&frame);
                sent.push(message);
                if last {
                    assert_eq!(queue.push(message), Err(EncodeError::AfterLast));
                    break;
                }
            }
            Err(error) => {
                assert!(!error.to_string().is_empty());
                would_not_come_back(config, message, error);
            }
        }
    }
    assert_eq!(drained(queue, 5), wire);
    come_back(framing, &wire, &sent);
}

fn come_back(framing: &dyn Framing, wire: &[u8], sent: &[&[u8]]) {
    let outcome = whole(framing, Recovery::Fail, wire);
    let found: Vec<_> =
        outcome.events.iter().map(|event| message_of(event).expect("no message makes a control frame")).collect();
    assert_eq!(found, sent, "{:?}", outcome.end);
    assert_eq!(outcome.end, Ok(()));
    assert_eq!(outcome.position, wire.len() as u64);
}

/// Whether the frame of a message depends on the messages before it.
/// Only an encoder can write more than one of them then.
fn depends(framing: &dyn Framing, messages: &[&[u8]]) -> bool {
    let leaves_word = |message: &&[u8]| framing.envelope_after(0, message).is_ok_and(|(_, next)| next != 0);
    messages.iter().any(leaves_word)
}

/// Frames that depend on earlier frames are the same by copy, by share, by closure and by hand, and decode to the messages.
fn by_encoder(framing: &dyn Framing, messages: &[&[u8]]) {
    let (mut copied, mut shared) = (Encoder::new(framing), Encoder::new(framing));
    let mut wire = Vec::new();
    let mut sent: Vec<&[u8]> = Vec::new();
    let (mut previous, mut last) = (0, false);
    for &message in messages {
        let result = copied.push(message);
        assert_eq!(shared.push_bytes(Bytes::copy_from_slice(message)), result);
        if last {
            assert_eq!(result, Err(EncodeError::AfterLast));
            continue;
        }
        let before = wire.len();
        match framing.envelope_after(previous, message) {
            Ok((envelope, next)) => {
                match envelope {
                    Envelope::Around(around) => wire.extend_from_slice(&around.slices(message).concat()),
                    Envelope::Rewritten { len } => {
                        wire.resize(before + usize::try_from(len).expect("in memory"), 0);
                        framing.seal_after(previous, message, &mut wire[before..]);
                    }
                }
                assert_eq!(result, Ok(wire.len() - before));
                sent.push(message);
                (previous, last) = (next, envelope.is_last());
            }
            Err(error) => assert_eq!(result, Err(error)),
        }
    }
    assert_eq!(drained(shared, 3), wire);
    assert_eq!(drained(copied, 5), wire);
    come_back(framing, &wire, &sent);
    // A closure may leave the number to be filled in, so that more is accepted.
    let mut written = Encoder::new(framing);
    for message in messages {
        let _ = written.push_with(|out| out.extend_from_slice(message));
    }
    let wire = drained(written, 7);
    let outcome = whole(framing, Recovery::Fail, &wire);
    assert_eq!(outcome.end, Ok(()), "{outcome:?}");
}

/// An error has its reason.
fn would_not_come_back(config: &Config, message: &[u8], error: EncodeError) {
    let max = config.framing.max_payload_len();
    match (config.kind, error) {
        (_, EncodeError::Oversize { len, max: limit }) => assert!(len > limit && len <= message.len() as u64),
        (Kind::Delimited, EncodeError::ContainsDelimiter { .. }) => {
            // With the delimiter that is written for any other message of this framing.
            if let Ok(Envelope::Around(around)) = config.framing.envelope(b"") {
                let outcome = whole(&*config.framing, Recovery::Fail, &[message, around.trailer()].concat());
                let same = matches!(&outcome.events[..], [OwnedEvent::Frame { payload, .. }] if payload == message);
                assert!(!same, "refused, but it comes back");
            }
        }
        (Kind::Delimited, other) => panic!("{other}"),
        (Kind::UntilClose, EncodeError::Empty) => assert!(message.is_empty()),
        (Kind::UntilClose, other) => panic!("{other} for {} bytes of {max}", message.len()),
        (Kind::Any, _) => {}
    }
}

/// A decoded message can be encoded again, and the result decodes to the same message.
fn again(config: &Config, stream: &[u8]) {
    let framing = &*config.framing;
    let events = whole(framing, Recovery::Fail, stream).events;
    let messages: Vec<_> = events.iter().filter_map(message_of).collect();
    if depends(framing, &messages) {
        return by_encoder(framing, &messages);
    }
    for message in messages {
        if let Ok((wire, last)) = frame(framing, message) {
            let outcome = whole(framing, Recovery::Fail, &wire);
            let [event @ OwnedEvent::Frame { header, payload, .. }] = &outcome.events[..] else {
                panic!("not one frame: {outcome:?} of {message:?}")
            };
            assert_eq!(message_of(event), Some(message));
            // Stuffing and doubling stay within twice the bytes.
            assert!(last || wire.len() <= 2 * (header.len() + payload.len()) + 256);
        }
    }
}

/// All that is checked of encoding. Whether the bytes described a framing.
pub fn check(data: &[u8]) -> bool {
    let input = Input::new(data);
    let Some(config) = crate::config::config(input.config, false) else { return false };
    round_trip(&config, &input.chunks());
    again(&config, input.stream);
    true
}
