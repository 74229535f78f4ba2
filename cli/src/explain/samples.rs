//! Messages that a framing can carry.

use anysplit::any::AnyMavlink;
use anysplit::number::Number;
use anysplit::{AnyFraming, Body, DecodeErrorKind, EncodeError, Framing};

use super::text_form::{split, unescaped};

/// A message that the framing can carry, if no other is wanted.
pub(super) fn fitting(framing: &AnyFraming) -> Vec<u8> {
    const SAMPLE: &[u8] = b"hello";
    let unnamed = match framing {
        AnyFraming::Protocol(named) => named.framing(),
        other => other,
    };
    if matches!(unnamed, AnyFraming::Slip(_) | AnyFraming::Cobs(_)) {
        // Contains both bytes that are escaped.
        return b"a\xc0\0b".to_vec();
    }
    if matches!(unnamed, AnyFraming::Midi(_)) {
        return b"\x90\x3c\x40".to_vec();
    }
    if matches!(unnamed, AnyFraming::Http1(_)) {
        return b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello".to_vec();
    }
    if let AnyFraming::Values(values) = unnamed {
        let sample: &[u8] = match values.name() {
            "json" | "json-seq" => b"\"hello\"",
            "cbor" => b"\x65hello",
            "msgpack" => b"\xa5hello",
            "resp" => b"+hello\r\n",
            _ => b"\x04\x05hello",
        };
        return sample.to_vec();
    }
    if samples(framing, SAMPLE).iter().any(|(framing, message)| framing.envelope(message).is_ok()) {
        return SAMPLE.to_vec();
    }
    let len = match framing.envelope(SAMPLE) {
        Err(EncodeError::TooShort { min, .. }) => Some(min),
        Err(EncodeError::Oversize { max, .. } | EncodeError::DoesNotFit { max, .. }) => Some(max),
        _ => None,
    };
    len.and_then(|len| of_len(SAMPLE, len)).unwrap_or_else(|| SAMPLE.to_vec())
}

/// Messages made of `sample`: one, or one of each kind, with the framing that they are drawn in.
pub(super) fn samples(framing: &AnyFraming, sample: &[u8]) -> Vec<(AnyFraming, Vec<u8>)> {
    match framing {
        AnyFraming::Protocol(named) => samples(named.framing(), sample),
        AnyFraming::Then(then) => [samples(then.first(), sample), samples(then.rest(), sample)].concat(),
        AnyFraming::ByFirstByte(by_first_byte) => {
            let at = usize::from(by_first_byte.offset());
            let kinds = by_first_byte.table().iter().flat_map(|(range, inner)| {
                samples(inner, sample).into_iter().filter_map(|(inner, mut message)| {
                    let begins = |message: &[u8]| {
                        let mut wire = Vec::new();
                        inner.encode(message, &mut wire).is_ok()
                            && wire.get(at).is_some_and(|byte| range.contains(*byte))
                    };
                    if !begins(&message) {
                        // If the byte belongs to the message, try one that this range contains.
                        *message.get_mut(at)? = range.start();
                        message = mended(&inner, message);
                    }
                    begins(&message).then_some((inner, message))
                })
            });
            kinds.collect()
        }
        _ => messages(framing, sample).into_iter().map(|message| (framing.clone(), message)).collect(),
    }
}

/// As [`samples`], for a framing that contains no other.
fn messages(framing: &AnyFraming, sample: &[u8]) -> Vec<Vec<u8>> {
    match framing {
        AnyFraming::HeaderBlock(block) if block.keeps_header() => {
            let canonical = framing.to_string();
            let mut parts = split(&canonical, ',').into_iter();
            let name = parts.next().and_then(|first| split(first.split_once(':')?.1, '|').first().copied());
            let options: Vec<_> = parts.map(|part| part.split_once('=').unwrap_or((part, ""))).collect();
            let value =
                |name: &str| options.iter().find(|(option, _)| *option == name).map(|(_, value)| unescaped(value));
            let (end, blank) = match (value("fieldend"), value("lf")) {
                (Some(end), _) => (end, Vec::new()),
                (None, Some(_)) => (b"\n".to_vec(), b"\n".to_vec()),
                (None, None) => (b"\r\n".to_vec(), b"\r\n".to_vec()),
            };
            let start = value("startline").map_or(Vec::new(), |_| [b"START", &end[..]].concat());
            let separator = value("separator").unwrap_or(b":".to_vec());
            let uncounted = value("uncounted").and_then(|len| String::from_utf8(len).ok()?.parse().ok()).unwrap_or(0);
            let payload = of_len(sample, uncounted.max(sample.len() as u64)).unwrap_or_default();
            let name = unescaped(name.unwrap_or_default());
            if name.is_empty() {
                // Without a length the message is the header.
                return vec![[&start[..], &blank].concat()];
            }
            let len = (payload.len() as u64).saturating_sub(uncounted).to_string();
            vec![[&start, &name, &separator, len.as_bytes(), &end, &blank, &payload].concat()]
        }
        AnyFraming::LineThenBlock(_) => {
            let canonical = framing.to_string();
            let rules =
                split(&canonical, ',').first().and_then(|first| Some(first.split_once(':')?.1)).unwrap_or_default();
            let line = framing.envelope(sample).is_ok().then(|| sample.to_vec());
            let first = split(rules, '|').first().map(|rule| {
                let rule = split(rule, ':');
                let (word, place) =
                    (rule.first().copied().unwrap_or_default(), rule.get(1).copied().unwrap_or_default());
                let (word, len) = (unescaped(word), sample.len());
                let line = match (place, place.parse::<usize>()) {
                    ("rest", _) => [&word, len.to_string().as_bytes()].concat(),
                    ("last", _) => [&word, format!(" x {len}").as_bytes()].concat(),
                    (_, Ok(field)) => [&word, " x".repeat(field - 1).as_bytes(), format!(" {len}").as_bytes()].concat(),
                    _ => format!("line {{{len}+}}").into_bytes(),
                };
                [&line, &b"\r\n"[..], sample].concat()
            });
            line.into_iter().chain(first).collect()
        }
        AnyFraming::ByType(by_type) => {
            let kinds = by_type.table().iter().filter_map(|(kind, rest)| {
                let rest = match rest {
                    Body::Len(len) => of_len(sample, *len)?,
                    // The first sample is enough.
                    Body::Framed(framing) => samples(framing, sample).into_iter().next()?.1,
                };
                Some([&[*kind][..], &rest].concat())
            });
            kinds.take(MOST_TYPES).collect()
        }
        AnyFraming::Fixed(fixed) => of_len(sample, fixed.len()).into_iter().collect(),
        AnyFraming::LengthField(field) => {
            let mut message = vec![0; usize::from(field.offset())];
            let mut number = anysplit::contract::ShortBytes::empty();
            let _ = field.number().encode(0, &mut number);
            message.extend_from_slice(&number);
            message.resize(message.len() + usize::from(field.header_after()), 0);
            message.extend_from_slice(sample);
            vec![mended(framing, message)]
        }
        AnyFraming::Delimited(delimited) if delimited.keeps_delimiter() => {
            vec![[sample, delimited.written()].concat()]
        }
        AnyFraming::After(after) => {
            let before = vec![1; after.before_len().into()];
            samples(after.inner(), sample).into_iter().map(|(_, message)| [&before[..], &message].concat()).collect()
        }
        AnyFraming::Require(require) => around(framing, require.inner(), sample),
        AnyFraming::Masked(masked) => around(framing, masked.inner(), sample),
        AnyFraming::Forbid(forbid) => around(framing, forbid.inner(), sample),
        AnyFraming::Mavlink(mavlink) => mavlink_packets(mavlink, sample),
        AnyFraming::Blocks(blocks) => around(framing, blocks.inner(), sample),
        AnyFraming::EscapedFrame(escaped) => around(framing, escaped.inner(), sample),
        AnyFraming::Checked(checked) => around(framing, checked.inner(), sample),
        AnyFraming::Enclosed(enclosed) => {
            samples(enclosed.inner(), sample).into_iter().map(|(_, message)| message).collect()
        }
        _ => vec![sample.to_vec()],
    }
}

/// The first message of the table in both versions, and signed.
fn mavlink_packets(mavlink: &AnyMavlink, sample: &[u8]) -> Vec<Vec<u8>> {
    let number = mavlink.table().first().map_or(0, |(number, _)| *number);
    let [low, middle, high, _] = number.to_le_bytes();
    let packets = [
        (number < 256).then(|| [&[0xfe, 0, 0, 1, 1, low], sample].concat()),
        Some([&[0xfd, 0, 0, 0, 0, 1, 1, low, middle, high], sample].concat()),
        Some([&[0xfd, 0, 1, 0, 0, 1, 1, low, middle, high], sample, &[b's'; 13]].concat()),
    ];
    packets.into_iter().flatten().filter_map(|mut packet| mavlink.fill(&mut packet).is_ok().then_some(packet)).collect()
}

/// At most this many types of a table are drawn.
const MOST_TYPES: usize = 8;

/// Repeats the sample to `len` bytes, if that is short enough to draw.
fn of_len(sample: &[u8], len: u64) -> Option<Vec<u8>> {
    let len = usize::try_from(len).ok().filter(|len| *len <= LONGEST)?;
    let filler = if sample.is_empty() { b"." } else { sample };
    Some(filler.iter().copied().cycle().take(len).collect())
}

/// Messages of a greater fixed length are not drawn.
const LONGEST: usize = 1 << 20;

/// The samples of an inner framing, as far as the outer one takes them.
fn around(outer: &AnyFraming, inner: &AnyFraming, sample: &[u8]) -> Vec<Vec<u8>> {
    samples(inner, sample).into_iter().map(|(_, message)| mended(outer, message)).collect()
}

/// A refusal in the message's own header, as one of the message.
fn plain(refusal: EncodeError) -> EncodeError {
    let EncodeError::Header(error) = refusal else { return refusal };
    match error.kind {
        DecodeErrorKind::Mismatch { found, expected } => EncodeError::Mismatch { at: error.at, found, expected },
        DecodeErrorKind::Forbidden { found } => EncodeError::Forbidden { at: error.at, found },
        _ => refusal,
    }
}

/// The byte at `at` is refused: the first value there that is not.
fn allowed(framing: &AnyFraming, packet: &mut [u8], at: usize) -> bool {
    for value in 0..=u8::MAX {
        let Some(byte) = packet.get_mut(at) else { return false };
        *byte = value;
        match framing.envelope(packet).map_err(plain) {
            Err(EncodeError::Forbidden { at: still, .. }) if still == at => {}
            _ => return true,
        }
    }
    false
}

/// Repairs the packet as far as possible, by doing what each refusal asks for.
fn mended(framing: &AnyFraming, mut packet: Vec<u8>) -> Vec<u8> {
    for _ in 0..1024 {
        if let Ok(Some(patch)) = framing.patch(&packet) {
            let end = patch.at.saturating_add(patch.len);
            if end <= packet.len() {
                packet.splice(patch.at..end, patch.bytes.iter().copied());
            }
        }
        let refusal = framing.envelope(&packet).err().or(framing.patch(&packet).err());
        match refusal.map(plain) {
            Some(EncodeError::Mismatch { at, expected, .. }) if at < packet.len() => packet[at] = expected,
            Some(EncodeError::Forbidden { at, .. }) if allowed(framing, &mut packet, at) => {}
            // Pads to a complete unit, to the least length, and to a length whose own bytes are allowed.
            Some(EncodeError::NotAMultiple { .. } | EncodeError::Forbidden { .. }) => packet.push(0),
            Some(EncodeError::TooShort { min, .. }) if (packet.len() as u64) < min => packet.push(0),
            _ => break,
        }
    }
    packet
}
