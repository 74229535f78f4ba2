//! SLIP and COBS: any bytes in any split are what the twins say, and what is encoded comes back.

use anysplit::stuffed::{Cobs, Slip, Stuffing, encode_all};

use crate::input::Input;

#[path = "../../tests/common/stuffed.rs"]
mod twins;

use twins::{Event, Seen, by_need, cobs, decoded, slip};

/// All that is checked of a stuffed stream.
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
    all(Slip, slip, max, &chunks, input.stream);
    all(Cobs, cobs, max, &chunks, input.stream);
    true
}

fn all<S: Stuffing>(stuffing: S, twin: fn(&[u8], usize) -> Seen, max: usize, chunks: &[&[u8]], stream: &[u8]) {
    let expected = twin(stream, max);
    assert_eq!(decoded(stuffing, max, [stream]), expected);
    assert_eq!(decoded(stuffing, max, chunks.iter().copied()), expected);
    assert_eq!(decoded(stuffing, max, stream.chunks(1)), expected);
    assert_eq!(by_need(stuffing, max, stream), expected.0);
    // The chunks are payloads too.
    let payloads: Vec<_> = chunks.iter().copied().filter(|payload| !payload.is_empty()).collect();
    let wire = encode_all(stuffing, &payloads).expect("not empty");
    let (events, cut) = decoded(stuffing, usize::MAX, wire.chunks(7));
    let seen: Vec<_> = events
        .iter()
        .map(|event| match event {
            Event::Frame { payload, .. } => &payload[..],
            Event::FrameError { .. } => panic!("{event:?}"),
        })
        .collect();
    assert_eq!((seen, cut), (payloads, None));
}
