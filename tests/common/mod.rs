//! Shared by the tests: framings of any configuration, and a naive twin of each.

#![allow(dead_code, unreachable_pub, reason = "no test uses all of it")]

#[cfg(feature = "testing")]
mod configs;
#[cfg(feature = "testing")]
mod twins;

#[cfg(feature = "testing")]
#[allow(unused_imports, reason = "no test uses all of it")]
pub(crate) use configs::Config;
#[cfg(feature = "testing")]
#[allow(unused_imports, reason = "no test uses all of it")]
pub(crate) use twins::{Twin, configs, twin};

/// Cases for each framing in a quick run; `PROPTEST_CASES` sets another number.
pub(crate) const CASES: u32 = 40;

use anysplit::{DecodeError, DecodeErrorKind, Decoder, EofError, Framing, Truncated};

/// Returns the messages of a stream and how it ends, fed in these chunks.
pub(crate) fn decode_chunks(framing: impl Framing, chunks: &[&[u8]]) -> (Vec<Vec<u8>>, Result<(), EofError>) {
    decode_by(Decoder::new(&framing as &dyn Framing), chunks)
}

/// As `decode_chunks`, with a decoder of any policy. Skipped stretches leave no trace here.
pub(crate) fn decode_by<F: Framing>(mut decoder: Decoder<F>, chunks: &[&[u8]]) -> (Vec<Vec<u8>>, Result<(), EofError>) {
    let mut messages = Vec::new();
    for chunk in chunks {
        decoder.push(chunk).unwrap();
        loop {
            match decoder.next_frame() {
                Ok(Some(frame)) => messages.push(frame.message().to_vec()),
                Ok(None) => break,
                Err(error) => return (messages, Err(EofError::Decode(error))),
            }
        }
    }
    loop {
        match decoder.finish() {
            Ok(Some(frame)) => messages.push(frame.message().to_vec()),
            Ok(None) => return (messages, Ok(())),
            Err(error) => return (messages, Err(error)),
        }
    }
}

/// Returns the messages of a stream in one piece, after checking that every cut in two and single bytes give the same.
pub(crate) fn decode(framing: impl Framing, stream: &[u8]) -> (Vec<Vec<u8>>, Result<(), EofError>) {
    let framing: &dyn Framing = &framing;
    let whole = decode_chunks(framing, &[stream]);
    for at in 0..=stream.len() {
        let (begin, rest) = stream.split_at(at);
        assert_eq!(decode_chunks(framing, &[begin, &[], rest]), whole, "cut at {at}: \"{}\"", stream.escape_ascii());
    }
    let bytes: Vec<_> = stream.chunks(1).collect();
    assert_eq!(decode_chunks(framing, &bytes), whole, "one byte at a time: \"{}\"", stream.escape_ascii());
    whole
}

/// All messages of a stream that ends clean.
pub(crate) fn messages(framing: impl Framing, stream: &[u8]) -> Vec<Vec<u8>> {
    let (messages, end) = decode(framing, stream);
    assert_eq!(end, Ok(()), "\"{}\"", stream.escape_ascii());
    messages
}

/// Returns the error of a stream: the frame's offset, the wrong byte's, and the kind.
pub(crate) fn decode_error(framing: impl Framing, stream: &[u8]) -> (u64, u64, DecodeErrorKind) {
    match decode(framing, stream) {
        (_, Err(EofError::Decode(DecodeError { frame_offset, offset, kind }))) => (frame_offset, offset, kind),
        other => panic!("no error in \"{}\": {other:?}", stream.escape_ascii()),
    }
}

/// Returns what the end of the stream cuts, and where that frame begins.
pub(crate) fn truncated(framing: impl Framing, stream: &[u8]) -> (u64, Truncated) {
    match decode(framing, stream) {
        (_, Err(EofError::Truncated { frame_offset, end, part })) => {
            assert_eq!(end, stream.len() as u64);
            (frame_offset, part)
        }
        other => panic!("\"{}\" is not truncated: {other:?}", stream.escape_ascii()),
    }
}

/// Returns the frame of one message.
pub(crate) fn encode<F: Framing>(framing: F, message: &[u8]) -> Vec<u8> {
    let mut wire = Vec::new();
    framing.encode(message, &mut wire).unwrap();
    wire
}

/// Returns why a message cannot be sent. Nothing was written.
pub(crate) fn refused<F: Framing>(framing: F, message: &[u8]) -> anysplit::EncodeError {
    let mut wire = Vec::new();
    let error = framing.encode(message, &mut wire).unwrap_err();
    assert!(wire.is_empty());
    error
}
