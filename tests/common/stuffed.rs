//! SLIP and COBS as one reads them in their specifications, and what the decoder makes of the same bytes. Used by the fuzz
//! targets too.

use anysplit::stuffed::{StuffedDecoder, Stuffing};
use anysplit::{DecodeErrorKind, EofError, Truncated};

/// A frame by its payload, its offset and its length on the wire; or a fault by the frame's offset and its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Frame { payload: Vec<u8>, offset: usize, wire_len: usize },
    FrameError { frame: usize, offset: usize, kind: DecodeErrorKind },
}

use Event::{Frame, FrameError};

/// What comes of a stream, and at which byte the frame begins that its end cuts.
pub type Seen = (Vec<Event>, Option<usize>);

/// What stands between delimiters, by its offset, with whether a delimiter is after it. Nothing is no frame.
fn between(wire: &[u8], delimiter: u8) -> impl Iterator<Item = (usize, &[u8], bool)> {
    let mut begin = 0;
    wire.split(move |&byte| byte == delimiter).filter_map(move |bytes| {
        let at = begin;
        begin += bytes.len() + 1;
        (!bytes.is_empty()).then_some((at, bytes, at + bytes.len() < wire.len()))
    })
}

/// What the frames are, where `undo` gives the payload of one, or the index of the wrong byte and what is wrong. Of a
/// frame whose delimiter is still to come, `undo` says nothing.
fn naive(wire: &[u8], delimiter: u8, undo: impl Fn(&[u8], bool) -> Result<Vec<u8>, (usize, DecodeErrorKind)>) -> Seen {
    let (mut events, mut cut) = (Vec::new(), None);
    for (at, bytes, ended) in between(wire, delimiter) {
        match undo(bytes, ended) {
            Ok(payload) if ended => events.push(Frame { payload, offset: at, wire_len: bytes.len() + 1 }),
            Ok(_) => cut = Some(at),
            Err((index, kind)) => events.push(FrameError { frame: at, offset: at + index, kind }),
        }
    }
    (events, cut)
}

fn within(payload: &[u8], max: usize, index: usize) -> Result<(), (usize, DecodeErrorKind)> {
    let max = max as u64;
    if payload.len() as u64 <= max { Ok(()) } else { Err((index, DecodeErrorKind::Oversize { len: max + 1, max })) }
}

/// RFC 1055: ESC ESC_END stands for END, ESC ESC_ESC for ESC, any other byte for itself.
pub fn slip(wire: &[u8], max: usize) -> Seen {
    naive(wire, 0xc0, |bytes, ended| {
        let (mut payload, mut bytes, end) = (vec![], bytes.iter().enumerate(), bytes.len());
        while let Some((index, &byte)) = bytes.next() {
            let mut last = index;
            payload.push(match byte {
                0xdb => match bytes.next() {
                    Some((at, 0xdc)) => {
                        last = at;
                        0xc0
                    }
                    Some((at, 0xdd)) => {
                        last = at;
                        0xdb
                    }
                    Some((at, &found)) => return Err((at, DecodeErrorKind::Mismatch { found, expected: 0xdc })),
                    None if ended => return Err((end, DecodeErrorKind::Mismatch { found: 0xc0, expected: 0xdc })),
                    None => break,
                },
                byte => byte,
            });
            within(&payload, max, last)?;
        }
        Ok(payload)
    })
}

/// The paper: a code, as many bytes as it says less one, and a zero but after the longest and the last.
pub fn cobs(wire: &[u8], max: usize) -> Seen {
    naive(wire, 0, |bytes, ended| {
        let (mut payload, mut at, mut zero) = (vec![], 0, false);
        while at < bytes.len() {
            if zero {
                payload.push(0);
                within(&payload, max, at)?;
            }
            let code = usize::from(bytes[at]);
            for index in at + 1..at + code {
                let missing = (at + code - index) as u64;
                match bytes.get(index) {
                    Some(&byte) => payload.push(byte),
                    None if ended => return Err((index, DecodeErrorKind::TooShort { len: 0, min: missing })),
                    None => return Ok(vec![]),
                }
                within(&payload, max, index)?;
            }
            (at, zero) = (at + code, code < 255);
        }
        Ok(payload)
    })
}

pub fn at(offset: u64) -> usize {
    usize::try_from(offset).unwrap()
}

/// All that is whole, after `given` bytes of the stream.
pub fn take<S: Stuffing>(decoder: &mut StuffedDecoder<S>, events: &mut Vec<Event>) {
    loop {
        match decoder.next_frame() {
            Ok(Some(frame)) => events.push(Frame {
                payload: frame.payload().to_vec(),
                offset: at(frame.offset()),
                wire_len: at(frame.wire_len()),
            }),
            Ok(None) => return,
            Err(error) => {
                events.push(FrameError { frame: at(error.frame), offset: at(error.offset), kind: error.kind });
            }
        }
    }
}

/// What comes of the stream in these chunks. Each event comes with the byte that proves it, memory is bounded by what
/// came, and nothing is left of what was handed out.
pub fn decoded<'a, S: Stuffing>(stuffing: S, max: usize, chunks: impl IntoIterator<Item = &'a [u8]>) -> Seen {
    let mut decoder = StuffedDecoder::new(stuffing).with_max_payload_len(max as u64);
    let (mut events, mut given, mut longest) = (Vec::new(), 0, 0);
    for chunk in chunks {
        let before = given;
        (given, longest) = (given + chunk.len(), longest.max(chunk.len()));
        decoder.push(chunk);
        let known = events.len();
        take(&mut decoder, &mut events);
        for event in &events[known..] {
            let proved = match event {
                Frame { offset, wire_len, .. } => offset + wire_len,
                FrameError { offset, .. } => offset + 1,
            };
            assert!((before + 1..=given).contains(&proved), "{event:?} with bytes {before} to {given}");
        }
        assert_eq!(at(decoder.position()), given);
        assert!(decoder.capacity() <= 2 * (at(decoder.unfinished()) + longest) + 8192);
        assert!(given > 32 || decoder.capacity() <= 2 * (at(decoder.unfinished()) + chunk.len()) + 64);
        assert!(decoder.unfinished() > 0 || decoder.capacity() == 0, "an idle line owns no heap");
    }
    let cut = match decoder.finish() {
        Ok(None) => None,
        Err(EofError::Truncated { frame, end, cut: Truncated::Unterminated { have } }) => {
            assert_eq!((at(end), at(frame + have)), (given, given));
            // It stays so.
            assert!(decoder.finish().is_err());
            Some(at(frame))
        }
        other => panic!("{other:?}"),
    };
    (events, cut)
}

/// Takes no more than is needed, and so never a byte after a frame. What was seen.
pub fn by_need<S: Stuffing>(stuffing: S, max: usize, stream: &[u8]) -> Vec<Event> {
    let mut decoder = StuffedDecoder::new(stuffing).with_max_payload_len(max as u64);
    let (mut events, mut given) = (Vec::new(), 0);
    while given < stream.len() {
        let need = decoder.need();
        assert!(need > 0);
        let end = (given + need).min(stream.len());
        decoder.push(&stream[given..end]);
        given = end;
        let known = events.len();
        take(&mut decoder, &mut events);
        for event in &events[known..] {
            if let Frame { offset, wire_len, .. } = event {
                assert_eq!(offset + wire_len, given, "a byte after the frame was taken");
            }
        }
    }
    events
}
