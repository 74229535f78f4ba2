//! The answers, as JSON.

use anysplit::protocols::{self, ALL};
use anysplit::spec::SpecError;
use anysplit::{AnyFraming, DecodeError, Decoder, Encoder, EofError, Event, Frame, Framing, Recovery, Stretch};
use bytes::Buf;

use crate::json::Json;

/// The argument at `index`, or nothing.
fn argument(arguments: &[Vec<u8>], index: usize) -> &[u8] {
    arguments.get(index).map_or(&[], Vec::as_slice)
}

#[inline(never)]
fn framing(arguments: &[Vec<u8>]) -> Result<AnyFraming, SpecError> {
    String::from_utf8_lossy(argument(arguments, 0)).parse()
}

fn object(write: impl FnOnce(&mut Json)) -> String {
    let mut json = Json::default();
    json.object(write);
    json.into_text()
}

/// `{"column":7,"error":"expected …"}`, with the column in characters, counted from 1.
fn wrong_spec(error: &SpecError) -> String {
    object(|json| {
        json.name("column").len(error.column);
        json.name("error").string(error.kind);
    })
}

/// Argument: a text form. `{"spec":"u32be,max=8388608"}`, and for a protocol `"expanded"`, the text form that does without
/// its name; or `{"column":…,"error":…}`.
pub(crate) fn parse(arguments: &[Vec<u8>]) -> String {
    match framing(arguments) {
        Err(error) => wrong_spec(&error),
        Ok(framing) => object(|json| {
            json.name("spec").string(&framing);
            if let AnyFraming::Protocol(named) = &framing {
                if let Some(protocol) = protocols::by_name(named.name()) {
                    json.name("expanded").string(protocol.any_framing());
                }
            }
            match framing.max_payload_len() {
                u64::MAX => {}
                max => json.name("max").number(max),
            }
        }),
    }
}

/// Arguments: a text form, and messages. `{"wire":"…","messages":[{"len":7},{"error":"…","debug":"…"}]}`: the frames in hexadecimal
/// digits, and for each message the length of its frame or why it is refused.
pub(crate) fn encode(arguments: &[Vec<u8>]) -> String {
    let framing = match framing(arguments) {
        Ok(framing) => framing,
        Err(error) => return wrong_spec(&error),
    };
    let mut encoder = Encoder::new(&framing as &dyn Framing);
    object(|json| {
        json.name("messages").array(|json| {
            for message in arguments.get(1..).unwrap_or_default() {
                json.object(|json| match encoder.push(message) {
                    Ok(len) => json.name("len").len(len),
                    Err(error) => {
                        json.name("error").string(error);
                        json.name("debug").string(format_args!("{error:?}"));
                    }
                });
            }
        });
        let len = encoder.remaining();
        json.name("wire").hex(&encoder.copy_to_bytes(len));
    })
}

/// No arguments. A list of `{"name":"dns","title":…,"specification":…,"proof":…}`.
pub(crate) fn protocols(_: &[Vec<u8>]) -> String {
    let mut json = Json::default();
    json.array(|json| {
        for protocol in ALL {
            json.object(|json| {
                json.name("name").string(protocol.name);
                json.name("title").string(protocol.title);
                json.name("specification").string(protocol.specification);
                json.name("proof").string(protocol.proof);
            });
        }
    });
    json.into_text()
}

/// Arguments: a text form; `fail`, `skip-oversize`, `skip-frame`, `resync` or `resync-confirmed`; the stream; where it is cut,
/// as offsets of four bytes in little-endian order, ascending; and `chunks` if the answer should describe each chunk.
///
/// ```text
/// {"events": [ {"event": "frame", "offset": 0, "wire_len": 8, "header": "353a", "payload": "68656c6c6f", "trailer": "2c",
///               "message": "68656c6c6f", "control": false, "rewritten": false},
///              {"event": "skipped", "offset": 8, "len": 3, "reason": {"text": "…", "debug": "…", "offset": 9, "frame_offset": 8}} ],
///  "end": {"end": "clean"} | {"end": "error", "text": …} | {"end": "truncated", "text": …},
///  "chunks": [ {"to": 3, "events": 0, "held": 3, "need": 5, "inside": "inside a payload, 1 of 5 bytes"} ]}
/// ```
///
/// Names and numbers are those of the vectors. `debug` is the error as Rust shows it. In `chunks`, `events` counts the events
/// so far, and `inside` is what the end of the stream would report there. An error ends the list of chunks.
pub(crate) fn decode(arguments: &[Vec<u8>]) -> String {
    let framing = match framing(arguments) {
        Ok(framing) => framing,
        Err(error) => return wrong_spec(&error),
    };
    let recovery = match argument(arguments, 1) {
        b"skip-oversize" => Recovery::SkipOversize,
        b"skip-frame" => Recovery::SkipFrame,
        b"resync" => Recovery::Resync,
        b"resync-confirmed" => Recovery::ResyncConfirmed,
        _ => Recovery::Fail,
    };
    let stream = argument(arguments, 2);
    let wants_chunks = argument(arguments, 4) == b"chunks";
    let mut ends: Vec<usize> = argument(arguments, 3).chunks_exact(4).filter_map(offset).collect();
    ends.push(stream.len());

    let mut decoder = Decoder::new(&framing as &dyn Framing).with_recovery(recovery);
    let mut events = Events::default();
    let mut chunks = Json::default();
    let mut end = None;
    chunks.array(|chunks| {
        let mut from = 0;
        for to in ends {
            // Offsets out of order give an empty chunk, as an equal one does.
            let to = to.clamp(from, stream.len());
            end = events.push(&mut decoder, &stream[from..to]).err();
            from = to;
            if wants_chunks {
                chunks.object(|chunk| {
                    chunk.name("to").len(to);
                    chunk.name("events").len(events.count);
                    if end.is_none() {
                        chunk.name("held").len(decoder.buffered().len());
                        chunk.name("need").len(decoder.need());
                        if let Some(part) = unfinished(&framing, recovery, &stream[..to]) {
                            chunk.name("inside").string(part);
                        }
                    }
                });
            }
            if end.is_some() {
                return;
            }
        }
    });
    let end = end.or_else(|| events.finish(&mut decoder).err());
    object(|json| {
        json.name("events").raw(&events.into_text());
        json.name("end").object(|json| match end {
            None => json.name("end").string("clean"),
            Some(EofError::Decode(error)) => {
                json.name("end").string("error");
                write_reason(json, &error);
            }
            Some(EofError::Truncated { frame_offset, end, part }) => {
                json.name("end").string("truncated");
                json.name("text").string(format_args!("the stream ended {part}"));
                json.name("debug").string(format_args!("{part:?}"));
                json.name("offset").number(end);
                json.name("frame_offset").number(frame_offset);
            }
        });
        if wants_chunks {
            json.name("chunks").raw(&chunks.into_text());
        }
    })
}

fn offset(bytes: &[u8]) -> Option<usize> {
    let number = u32::from_le_bytes(bytes.try_into().ok()?);
    usize::try_from(number).ok()
}

/// What the end of the stream would cut after these bytes.
fn unfinished(framing: &AnyFraming, recovery: Recovery, stream: &[u8]) -> Option<impl core::fmt::Display> {
    let mut decoder = Decoder::new(framing as &dyn Framing).with_recovery(recovery);
    decoder.push(stream).ok()?;
    loop {
        match decoder.finish_event() {
            Ok(Some(_)) => {}
            Err(EofError::Truncated { part, .. }) => return Some(part),
            Ok(None) | Err(EofError::Decode(_)) => return None,
        }
    }
}

/// The frames and the skipped stretches, in the order of the stream.
#[derive(Default)]
struct Events {
    json: Json,
    count: usize,
}

impl Events {
    fn push<F: Framing>(&mut self, decoder: &mut Decoder<F>, chunk: &[u8]) -> Result<(), EofError> {
        // It is closed only by an error or the end, and then nothing is pushed.
        let _ = decoder.push(chunk);
        while let Some(event) = decoder.next_event()? {
            self.add(event);
        }
        Ok(())
    }

    fn finish<F: Framing>(&mut self, decoder: &mut Decoder<F>) -> Result<(), EofError> {
        while let Some(event) = decoder.finish_event()? {
            self.add(event);
        }
        Ok(())
    }

    fn add(&mut self, event: Event<'_>) {
        self.count += 1;
        self.json.object(|json| match event {
            Event::Frame(frame) => write_frame(json, &frame),
            Event::Skipped(stretch) => write_stretch(json, &stretch),
        });
    }

    fn into_text(self) -> String {
        format!("[{}]", self.json.into_text())
    }
}

fn write_frame(json: &mut Json, frame: &Frame<'_>) {
    json.name("event").string("frame");
    json.name("offset").number(frame.offset());
    json.name("wire_len").len(frame.wire_len());
    json.name("header").hex(frame.header());
    json.name("payload").hex(frame.payload());
    json.name("trailer").hex(frame.trailer());
    json.name("message").hex(&frame.message().to_vec());
    json.name("control").bool(frame.is_control());
    json.name("rewritten").bool(frame.extent().is_rewritten());
}

fn write_stretch(json: &mut Json, stretch: &Stretch) {
    json.name("event").string("skipped");
    json.name("offset").number(stretch.offset);
    json.name("len").number(stretch.len);
    json.name("reason").object(|json| write_reason(json, &stretch.reason));
}

fn write_reason(json: &mut Json, error: &DecodeError) {
    json.name("text").string(error.kind);
    json.name("debug").string(format_args!("{:?}", error.kind));
    json.name("offset").number(error.offset);
    json.name("frame_offset").number(error.frame_offset);
}

#[cfg(test)]
mod tests {
    use super::{decode, encode, parse};

    fn arguments(all: &[&[u8]]) -> Vec<Vec<u8>> {
        all.iter().map(|bytes| bytes.to_vec()).collect()
    }

    #[test]
    fn chunks_report_what_is_held_and_needed() {
        let cut = 3_u32.to_le_bytes();
        let answer = decode(&arguments(&[b"u8", b"fail", b"\x05hello", &cut, b"chunks"]));
        let frame = r#"{"event":"frame","offset":0,"wire_len":6,"header":"05","payload":"68656c6c6f","trailer":"","message":"68656c6c6f","control":false,"rewritten":false}"#;
        let first = r#"{"to":3,"events":0,"held":3,"need":3,"inside":"inside a payload, 2 of 5 bytes"}"#;
        let last = r#"{"to":6,"events":1,"held":0,"need":1}"#;
        assert_eq!(answer, format!(r#"{{"events":[{frame}],"end":{{"end":"clean"}},"chunks":[{first},{last}]}}"#));
    }

    #[test]
    fn missing_and_strange_arguments_are_answered() {
        assert!(parse(&[]).starts_with(r#"{"column":1,"error":"#));
        assert!(parse(&arguments(&[b"\xff"])).starts_with(r#"{"column":1,"error":"#));
        assert_eq!(encode(&arguments(&[b"u8"])), r#"{"messages":[],"wire":""}"#);
        assert_eq!(decode(&arguments(&[b"u8"])), r#"{"events":[],"end":{"end":"clean"}}"#);
        // Offsets out of order, after the end, and half of one.
        let cuts: Vec<u8> = [9_u32, 1, u32::MAX].iter().flat_map(|cut| cut.to_le_bytes()).chain([7, 7]).collect();
        let answer = decode(&arguments(&[b"u8", b"fail", b"\x01a", &cuts, b"chunks"]));
        assert_eq!(answer.matches(r#""to":2,"events":1"#).count(), 4);
    }
}
