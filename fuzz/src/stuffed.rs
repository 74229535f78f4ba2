//! SLIP and COBS: any bytes in any split decode as the twins decode them, and encoded messages come back.

use anysplit::Stuffed;
use anysplit::stuffing::Stuffing;

use crate::input::Input;

#[path = "../../tests/common/stuffed.rs"]
mod twins;

use twins::{Event, Seen, by_need, cobs, decoded, encoded, slip};

/// Checks a stuffed stream.
///
/// ```text
///  as for the others: the configuration is the limit, in its first byte; 0 stands for none
/// ```
pub fn check(data: &[u8]) -> bool {
    let input = Input::new(data);
    let max = match input.config.first() {
        None | Some(0) => usize::MAX,
        Some(&max) => usize::from(max) - 1,
    };
    let chunks = input.chunks();
    all(Stuffed::slip(), slip, max, &chunks, input.stream);
    all(Stuffed::cobs(), cobs, max, &chunks, input.stream);
    true
}

fn all<S: Stuffing + Copy>(
    framing: Stuffed<S>,
    twin: fn(&[u8], usize) -> Seen,
    max: usize,
    chunks: &[&[u8]],
    stream: &[u8],
) {
    let expected = twin(stream, max);
    assert_eq!(decoded(framing, max, [stream]), expected);
    assert_eq!(decoded(framing, max, chunks.iter().copied()), expected);
    assert_eq!(decoded(framing, max, stream.chunks(1)), expected);
    assert_eq!(by_need(framing, max, stream), expected);
    // The chunks are payloads too.
    let payloads: Vec<_> = chunks.iter().copied().filter(|payload| !payload.is_empty()).collect();
    let (events, cut) = decoded(framing, usize::MAX, encoded(&framing, &payloads).chunks(7));
    let found: Vec<_> = events
        .iter()
        .map(|event| match event {
            Event::Frame { payload, .. } => &payload[..],
            Event::Skipped { .. } => panic!("{event:?}"),
        })
        .collect();
    assert_eq!((found, cut), (payloads, None));
}
