//! SLIP and COBS implemented directly from their specifications, and the decoder's output for the same bytes. The fuzz
//! target uses this too.

use anysplit::stuffing::Stuffing;
use anysplit::{DecodeErrorKind, Decoder, EofError, Framing, Recovery, Stuffed, Truncated};

/// A frame by its payload, its offset and its length on the wire; or a rejected frame by its offset, its length, and the
/// place and the kind of its error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Frame { payload: Vec<u8>, offset: usize, wire_len: usize },
    Skipped { offset: usize, len: usize, at: usize, kind: DecodeErrorKind },
}

use Event::{Frame, Skipped};

/// The content of a stream, and the start of a frame that its end cuts.
pub type Seen = (Vec<Event>, Option<usize>);

/// The bytes between delimiters, with their offset and whether a delimiter follows. No bytes are no frame.
fn between(wire: &[u8], delimiter: u8) -> impl Iterator<Item = (usize, &[u8], bool)> {
    let mut begin = 0;
    wire.split(move |&byte| byte == delimiter).filter_map(move |bytes| {
        let at = begin;
        begin += bytes.len() + 1;
        (!bytes.is_empty()).then_some((at, bytes, at + bytes.len() < wire.len()))
    })
}

/// Returns the frames. `undo` returns the payload of one, or the index of the wrong byte and the kind of its error. The
/// payload of a frame without its delimiter is not used.
fn naive(wire: &[u8], delimiter: u8, undo: impl Fn(&[u8], bool) -> Result<Vec<u8>, (usize, DecodeErrorKind)>) -> Seen {
    let (mut events, mut cut) = (Vec::new(), None);
    for (offset, bytes, ended) in between(wire, delimiter) {
        let len = bytes.len() + usize::from(ended);
        match undo(bytes, ended) {
            Ok(payload) if ended => events.push(Frame { payload, offset, wire_len: len }),
            Ok(_) => {}
            Err((index, kind)) => events.push(Skipped { offset, len, at: offset + index, kind }),
        }
        if !ended {
            cut = Some(offset);
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

/// The paper: a code, one byte fewer than its value, and a zero, except after the longest run and the last.
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
                    None if ended => return Err((index, DecodeErrorKind::EndsEarly { missing })),
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

/// The frames of `payloads`, one after the other.
pub fn encoded<F: Framing, P: AsRef<[u8]>>(framing: &F, payloads: &[P]) -> Vec<u8> {
    let mut wire = Vec::new();
    for payload in payloads {
        framing.encode(payload.as_ref(), &mut wire).unwrap();
    }
    wire
}

fn decoder<S: Stuffing + Copy>(framing: Stuffed<S>, max: usize) -> Decoder<Stuffed<S>> {
    Decoder::new(framing.with_max_payload_len(max as u64)).with_recovery(Recovery::SkipFrame)
}

fn event(event: anysplit::Event<'_>) -> Event {
    match event {
        anysplit::Event::Frame(frame) => {
            Frame { payload: frame.payload().to_vec(), offset: at(frame.offset()), wire_len: frame.wire_len() }
        }
        anysplit::Event::Skipped(stretch) => {
            let reason = stretch.reason;
            assert_eq!(reason.frame_offset, stretch.offset);
            Skipped { offset: at(stretch.offset), len: at(stretch.len), at: at(reason.offset), kind: reason.kind }
        }
    }
}

const fn end(event: &Event) -> usize {
    match event {
        Frame { offset, wire_len: len, .. } | Skipped { offset, len, .. } => *offset + *len,
    }
}

/// Takes all events that are complete with the bytes up to `given`. They were not complete `before`.
fn take<F: Framing>(decoder: &mut Decoder<F>, events: &mut Vec<Event>, before: usize, given: usize) {
    let known = events.len();
    while let Some(found) = decoder.next_event().unwrap() {
        events.push(event(found));
    }
    for event in &events[known..] {
        assert!((before + 1..=given).contains(&end(event)), "{event:?} with bytes {before} to {given}");
    }
    assert_eq!(at(decoder.position()) + decoder.buffered().len(), given);
}

/// Returns the events that the end of the stream adds, after `given` bytes.
fn finished<F: Framing>(mut decoder: Decoder<F>, mut events: Vec<Event>, given: usize) -> Seen {
    let cut = loop {
        match decoder.finish_event() {
            Ok(Some(found)) => events.push(event(found)),
            Ok(None) => break None,
            Err(EofError::Truncated { frame_offset, end, part }) => {
                let (Truncated::Unterminated { have } | Truncated::Skipped { have }) = part else { panic!("{part:?}") };
                assert_eq!((at(end), at(frame_offset + have)), (given, given));
                assert!(decoder.finish().is_err(), "it stays so");
                break Some(at(frame_offset));
            }
            Err(error) => panic!("{error}"),
        }
    };
    (events, cut)
}

/// Returns the content of a stream in these chunks. Events come with their last byte; an idle decoder owns no heap.
pub fn decoded<'a, S: Stuffing + Copy>(
    framing: Stuffed<S>,
    max: usize,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> Seen {
    let (mut decoder, mut events, mut given) = (decoder(framing, max), Vec::new(), 0);
    for chunk in chunks {
        decoder.push(chunk).unwrap();
        take(&mut decoder, &mut events, given, given + chunk.len());
        given += chunk.len();
        let keeps_header = framing.stuffing().begins_with_header() && decoder.is_skipping();
        let is_idle = decoder.buffered().is_empty() && !keeps_header;
        assert!(!is_idle || decoder.capacity() == 0, "an idle line owns no heap");
    }
    finished(decoder, events, given)
}

/// Takes no more than `need`, and so never a byte after a frame.
pub fn by_need<S: Stuffing + Copy>(framing: Stuffed<S>, max: usize, stream: &[u8]) -> Seen {
    let (mut decoder, mut events, mut given) = (decoder(framing, max), Vec::new(), 0);
    while given < stream.len() {
        let need = decoder.need();
        assert!(need > 0);
        let (before, known) = (given, events.len());
        given = (given + need).min(stream.len());
        decoder.push(&stream[before..given]).unwrap();
        take(&mut decoder, &mut events, before, given);
        for event in &events[known..] {
            assert_eq!(end(event), given, "a byte after {event:?} was taken");
        }
    }
    finished(decoder, events, given)
}
