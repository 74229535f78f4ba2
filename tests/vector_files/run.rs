//! Decoding a vector in one split, and all splits of it.

use anysplit::{AnyFraming, DecodeError, Decoder, EncodeError, Encoder, Framing, Recovery};
use bytes::Buf;

use super::format::{End, Event, Hex};

/// How bytes go in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    Push,
    FramesIn,
}

fn owned(event: anysplit::Event<'_>, after: Option<u64>) -> Event {
    match event {
        anysplit::Event::Skipped(stretch) => Event::skipped(stretch, after),
        anysplit::Event::Frame(frame) => Event::Frame {
            after,
            offset: frame.offset(),
            wire_len: frame.wire_len() as u64,
            header: Hex(frame.header().to_vec()),
            payload: Hex(frame.payload().to_vec()),
            trailer: Hex(frame.trailer().to_vec()),
            message: Hex(frame.message().to_vec()),
            control: frame.is_control(),
        },
    }
}

fn feed<F: Framing>(
    decoder: &mut Decoder<F>,
    way: Way,
    chunk: &[u8],
    mut take: impl FnMut(anysplit::Event<'_>),
) -> Result<(), DecodeError> {
    match way {
        Way::Push => {
            decoder.push(chunk).expect("a decoder that has not failed takes bytes");
            while let Some(event) = decoder.next_event()? {
                take(event);
            }
        }
        Way::FramesIn => {
            let mut frames = decoder.frames_in(chunk).expect("a decoder that has not failed takes bytes");
            while let Some(event) = frames.next_event()? {
                take(event);
            }
        }
    }
    Ok(())
}

/// The outcome of these chunks. `after` of each event is how many bytes were there when it came.
pub(crate) fn decode(framing: &AnyFraming, recovery: Recovery, way: Way, chunks: &[&[u8]]) -> (Vec<Event>, End) {
    let mut decoder = Decoder::new(framing).with_recovery(recovery);
    let (mut events, mut fed) = (Vec::new(), 0);
    for chunk in chunks {
        fed += chunk.len() as u64;
        let result = feed(&mut decoder, way, chunk, |event| events.push(owned(event, Some(fed))));
        if let Err(error) = result {
            return (events, End::new(Err(error.into()), Some(fed)));
        }
    }
    loop {
        match decoder.finish_event() {
            Ok(Some(event)) => events.push(owned(event, None)),
            Ok(None) => return (events, End::Clean),
            Err(error) => return (events, End::new(Err(error), None)),
        }
    }
}

/// The bytes of these messages, up to the one that is refused.
pub(crate) fn encode(framing: &AnyFraming, messages: &[Vec<u8>]) -> (Vec<u8>, Option<(usize, EncodeError)>) {
    let mut encoder = Encoder::new(framing);
    let refused = messages.iter().enumerate().find_map(|(at, message)| Some((at, encoder.push(message).err()?)));
    (encoder.copy_to_bytes(encoder.remaining()).to_vec(), refused)
}

/// Every byte alone.
pub(crate) fn singles(input: &[u8]) -> Vec<&[u8]> {
    input.chunks(1).collect()
}

/// Places to cut: nowhere, at every byte, at each one place, at each two places of a short input, and at random places with
/// empty chunks.
pub(crate) fn splits(len: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new(), (1..len).collect()];
    let step = (len / 400).max(1);
    all.extend((0..=len).step_by(step).map(|cut| vec![cut]));
    if len <= 40 {
        all.extend((0..=len).flat_map(|one| (one..=len).map(move |other| vec![one, other])));
    }
    // A generator with a fixed seed, so that a failure can be repeated.
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below as u64).expect("less than a length")
    };
    for _ in 0..20 {
        let mut cuts: Vec<usize> = (0..=random(12)).map(|_| random(len + 1)).collect();
        cuts.sort_unstable();
        all.push(cuts);
    }
    all
}

/// The chunks between these places.
pub(crate) fn chunks<'i>(input: &'i [u8], cuts: &[usize]) -> Vec<&'i [u8]> {
    let ends = cuts.iter().copied().chain([input.len()]);
    let starts = std::iter::once(0).chain(cuts.iter().copied());
    starts.zip(ends).map(|(start, end)| &input[start..end]).collect()
}

/// When an event comes that needs `after` bytes: with the chunk that holds the last of them.
pub(crate) fn comes(after: Option<u64>, chunks: &[&[u8]]) -> Option<u64> {
    let mut fed = 0;
    chunks.iter().find_map(|chunk| {
        fed += chunk.len() as u64;
        after.is_some_and(|after| after <= fed).then_some(fed)
    })
}
