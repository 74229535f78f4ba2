//! What the programs share: each counts the bytes of the payloads in a stream that the compiler does not know.

use anysplit::{Decoder, Framing};

/// With `for_each`, in one place.
pub fn for_each(framing: impl Framing, wire: &[u8]) -> usize {
    let (mut decoder, mut len) = (Decoder::new(framing), 0);
    for chunk in core::hint::black_box(wire).chunks(9) {
        let Ok(frames) = decoder.frames_in(chunk) else { return 0 };
        if frames.for_each(|frame| len += frame.payload().len()).is_err() {
            return 0;
        }
    }
    len
}

/// With `next_frame`, in a loop.
pub fn next_frame(framing: impl Framing, wire: &[u8]) -> usize {
    let (mut decoder, mut len) = (Decoder::new(framing), 0);
    for chunk in core::hint::black_box(wire).chunks(9) {
        let Ok(mut frames) = decoder.frames_in(chunk) else { return 0 };
        while let Ok(Some(frame)) = frames.next_frame() {
            len += frame.payload().len();
        }
    }
    len
}
