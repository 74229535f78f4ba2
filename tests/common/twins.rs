//! A naive twin of each framing: takes the complete stream and returns its outcome. Short enough to check by eye.

use anysplit::testing::{Outcome, OwnedEvent};
use anysplit::{DecodeErrorKind, EofError, Truncated};

use arbitrary::Unstructured;
use proptest::prelude::{Strategy, any};

use super::configs::{Config, Follow, Num, Whole};

/// Any framing that can be built and has a twin.
pub(crate) fn configs() -> impl Strategy<Value = Config> {
    proptest::collection::vec(any::<u8>(), 16..120).prop_filter_map("a framing with a twin", |bytes| {
        let config = Config::read(&mut Unstructured::new(&bytes), false, 1).ok()?;
        (has_twin(&config) && config.build().is_ok()).then_some(config)
    })
}

fn has_twin(config: &Config) -> bool {
    /// About the greatest length of a frame in one piece: longer ones pass only in pieces.
    const MOST: u64 = usize::MAX as u64 / 4;
    let is_near = |adjustment: i64| adjustment.unsigned_abs() <= 1 << 40;
    let has_number = |num: &Num| !matches!(num, Num::Bcd(_) | Num::Escaped { .. });
    match config {
        Config::Fixed(len) => *len <= 1000,
        Config::Prefix { num, adjustment, controls, max, .. } => {
            has_number(num) && is_near(*adjustment) && *controls < 6 && *max <= MOST
        }
        Config::Field { num, adjustment, second, optional, max, .. } => {
            let small = second.is_none_or(|(_, Whole { width, big }, ..)| big && width <= 2);
            has_number(num) && is_near(*adjustment) && small && optional.is_none() && *max <= MOST
        }
        Config::UntilClose { max } | Config::Delimited { max, .. } | Config::Lines { max, .. } => *max <= MOST,
        Config::ByType(table) => table.iter().all(|(_, inner)| match inner {
            Ok(len) => *len <= 1000,
            Err(inner) => !matches!(inner, Config::ByType(_)) && has_twin(inner),
        }),
    }
}

/// The outcome of a stream: frames (and lengths of skipped frames), and how it ends.
#[derive(Debug, PartialEq)]
pub(crate) struct Twin {
    pub(crate) events: Vec<TwinEvent>,
    pub(crate) end: TwinEnd,
}

#[derive(Debug, PartialEq)]
pub(crate) enum TwinEvent {
    Frame { header: Vec<u8>, payload: Vec<u8>, trailer: Vec<u8> },
    Skipped(usize),
}

#[derive(Debug, PartialEq)]
pub(crate) enum TwinEnd {
    Clean,
    /// The end cuts the frame at this offset.
    Truncated(usize, &'static str),
    /// Offsets of the faulty frame and the wrong byte.
    FrameError(usize, usize, &'static str),
}

/// The name of a kind of fault.
pub(crate) fn name(kind: DecodeErrorKind) -> &'static str {
    match kind {
        DecodeErrorKind::Oversize { .. } => "oversize",
        DecodeErrorKind::NotADigit { .. } => "not a digit",
        DecodeErrorKind::LeadingZero => "leading zero",
        DecodeErrorKind::NumberTooLarge { .. } => "number too large",
        DecodeErrorKind::NotShortest => "not shortest",
        DecodeErrorKind::ReservedForm { .. } => "reserved form",
        DecodeErrorKind::TooShort { .. } => "too short",
        DecodeErrorKind::UnknownType { .. } => "unknown type",
        DecodeErrorKind::Mismatch { .. } => "mismatch",
        _ => "other",
    }
}

fn part_name(part: Truncated) -> &'static str {
    match part {
        Truncated::Header { .. } => "header",
        Truncated::Payload { .. } => "payload",
        Truncated::Trailer { .. } => "trailer",
        Truncated::Unterminated { .. } => "unterminated",
        Truncated::Skipped { .. } => "skipped",
        _ => "other",
    }
}

impl From<&Outcome> for Twin {
    fn from(outcome: &Outcome) -> Self {
        let short = |offset: u64| usize::try_from(offset).unwrap();
        let event = |event: &OwnedEvent| match event.clone() {
            OwnedEvent::Frame { header, payload, trailer, .. } => TwinEvent::Frame { header, payload, trailer },
            OwnedEvent::Skipped(stretch) => TwinEvent::Skipped(short(stretch.len)),
        };
        let end = match outcome.end {
            Ok(()) => TwinEnd::Clean,
            Err(EofError::Truncated { frame_offset, part, .. }) => {
                TwinEnd::Truncated(short(frame_offset), part_name(part))
            }
            Err(EofError::Decode(error)) => {
                TwinEnd::FrameError(short(error.frame_offset), short(error.offset), name(error.kind))
            }
        };
        Self { events: outcome.events.iter().map(event).collect(), end }
    }
}

/// The front of the rest of a stream that has ended.
enum One {
    Frame(usize, usize, usize),
    Truncated(&'static str),
    FrameError(usize, &'static str),
}

/// Returns the outcome of the complete `stream`.
pub(crate) fn twin(config: &Config, stream: &[u8], skip: bool) -> Twin {
    let mut events = Vec::new();
    let mut start = 0;
    let end = loop {
        let rest = &stream[start..];
        if rest.is_empty() {
            break TwinEnd::Clean;
        }
        match one(config, rest, true) {
            One::Frame(header, payload, trailer) => {
                let (payload_at, trailer_at, end) = (header, header + payload, header + payload + trailer);
                events.push(TwinEvent::Frame {
                    header: rest[..payload_at].to_vec(),
                    payload: rest[payload_at..trailer_at].to_vec(),
                    trailer: rest[trailer_at..end].to_vec(),
                });
                start += end;
            }
            One::Truncated(cut) => break TwinEnd::Truncated(start, cut),
            One::FrameError(_, "oversize") if skip => match one(config, rest, false) {
                One::Frame(header, payload, trailer) => {
                    events.push(TwinEvent::Skipped(header + payload + trailer));
                    start += header + payload + trailer;
                }
                One::Truncated(_) => {
                    // A stretch, cut by the end.
                    events.push(TwinEvent::Skipped(rest.len()));
                    break TwinEnd::Truncated(start, "skipped");
                }
                One::FrameError(at, kind) => break TwinEnd::FrameError(start, start + at, kind),
            },
            One::FrameError(at, kind) => break TwinEnd::FrameError(start, start + at, kind),
        }
    };
    Twin { events, end }
}

/// The frame at the front. Without `limited` it is skipped: its length does not matter.
fn one(config: &Config, rest: &[u8], limited: bool) -> One {
    match config {
        Config::Fixed(len) => announced(rest, 0, (*len).into(), 0),
        Config::UntilClose { max } => {
            if limited && rest.len() as u64 > *max {
                One::FrameError(usize::try_from(*max).unwrap(), "oversize")
            } else {
                One::Frame(0, rest.len(), 0)
            }
        }
        Config::Prefix { .. } => prefix(config, rest, limited),
        Config::Field { .. } => field(config, rest, limited),
        Config::Lines { keeps, takes, max, .. } => {
            delimited(&[b"\n".to_vec(), b"\r\n".to_vec()], *keeps, *takes, *max, rest, limited)
        }
        Config::Delimited { set, keeps, takes, max, .. } => delimited(set, *keeps, *takes, *max, rest, limited),
        Config::ByType(table) => {
            let Some((_, follows)) = table.iter().find(|(kind, _)| *kind == rest[0]) else {
                return One::FrameError(0, "unknown type");
            };
            match follows {
                Ok(len) => announced(rest, 1, (*len).into(), 0),
                Err(config) if rest.len() == 1 => match config {
                    Config::Fixed(_) => One::Truncated("payload"),
                    Config::Prefix { .. } | Config::Field { .. } | Config::ByType(_) => One::Truncated("header"),
                    _ => One::Truncated("unterminated"),
                },
                Err(config) => match one(config, &rest[1..], limited) {
                    One::Frame(header, payload, trailer) => One::Frame(header + 1, payload, trailer),
                    One::FrameError(at, kind) => One::FrameError(at + 1, kind),
                    cut => cut,
                },
            }
        }
    }
}

/// A frame of these lengths, or the part where the end of the stream cuts it.
fn announced(rest: &[u8], header: usize, payload: i128, trailer: usize) -> One {
    let have = rest.len() as i128;
    let payload_end = header as i128 + payload;
    if have < header as i128 {
        One::Truncated("header")
    } else if have < payload_end {
        One::Truncated("payload")
    } else if have < payload_end + trailer as i128 {
        One::Truncated("trailer")
    } else {
        One::Frame(header, usize::try_from(payload).unwrap(), trailer)
    }
}

/// As `announced`, with a trailer that must be this mark.
fn marked(rest: &[u8], header: usize, payload: i128, mark: &[u8]) -> One {
    if let Some(after) = usize::try_from(header as i128 + payload).ok().and_then(|end| rest.get(end..)) {
        // The mark is compared once it is complete.
        let there = if after.len() < mark.len() { 0 } else { mark.len() };
        if let Some(wrong) = (0..there).find(|at| after[*at] != mark[*at]) {
            return One::FrameError(header + usize::try_from(payload).unwrap() + wrong, "mismatch");
        }
    }
    announced(rest, header, payload, mark.len())
}

type Number = Result<Option<(u64, usize)>, (usize, &'static str)>;

/// The number at the front, and its length. `useful` is the greatest value needed.
fn number(num: &Num, rest: &[u8], useful: u64) -> Number {
    match num {
        Num::Binary(Whole { width, big }) => Ok(rest.get(..*width).map(|bytes| (binary(bytes, *big), *width))),
        Num::Bits { whole: Whole { width, big }, mask } => {
            Ok(rest.get(..*width).map(|bytes| ((binary(bytes, *big) & mask) >> mask.trailing_zeros(), *width)))
        }
        Num::Fixed { radix, width, mark, max } => {
            let mut value = 0_u128;
            for at in 0..*width {
                let Some(&byte) = rest.get(at) else { return Ok(None) };
                value = value * u128::from(*radix) + digit(byte, *radix).ok_or((at, "not a digit"))?;
                // Later digits make it no smaller.
                let least = value * u128::from(*radix).pow(u32::try_from(width - 1 - at).unwrap());
                if least > u128::from(*max) {
                    return Err((at, "number too large"));
                }
            }
            let len = *width;
            match mark {
                Some(mark) => with_mark(rest, value, len, mark),
                None => Ok(Some((u64::try_from(value).unwrap(), len))),
            }
        }
        Num::Ended { radix, mark, max } => {
            let mut value = 0_u128;
            for (at, &byte) in rest.iter().enumerate() {
                match digit(byte, *radix) {
                    None if at == 0 || byte != mark[0] => return Err((at, "not a digit")),
                    None => return with_mark(rest, value, at, mark),
                    Some(_) if at > 0 && value == 0 => return Err((at, "leading zero")),
                    Some(digit) => value = value * u128::from(*radix) + digit,
                }
                if value > u128::from(*max) && *max <= useful {
                    return Err((at, "number too large"));
                }
                if value > u128::from(useful) {
                    return Err((at, "oversize"));
                }
            }
            Ok(None)
        }
        Num::Leb { max, max_len, longer } => {
            let mut value = 0_u128;
            for (at, &byte) in rest.iter().enumerate() {
                value += u128::from(byte & 0x7f) << (7 * at);
                let too_long = at + 1 == *max_len && byte >= 0x80;
                if value > u128::from(*max) || too_long {
                    return Err((at, "number too large"));
                }
                if byte < 0x80 {
                    let needless = byte == 0 && at > 0 && !longer;
                    return if needless { Err((at, "not shortest")) } else { Ok(Some((low(value), at + 1))) };
                }
            }
            Ok(None)
        }
        Num::Bcd(_) | Num::Escaped { .. } => unreachable!("it has no twin"),
        Num::Quic { longer } => {
            let len = 1 << (rest.first().copied().unwrap_or_default() >> 6);
            // The bytes of a shorter form prove that it would be enough.
            let half = len / 2;
            if let (Some(message_header), true, false) = (rest.get(..=half), len > 1, *longer) {
                let top = binary(message_header, true) & !(0xc0 << (8 * half));
                if top < 1 << 6 {
                    return Err((half, "not shortest"));
                }
            }
            Ok(rest.get(..len).map(|bytes| (binary(bytes, true) & !(0xc0 << (8 * (len - 1))), len)))
        }
        Num::Ber { longer } => {
            let Some(&first) = rest.first() else { return Ok(None) };
            match first {
                0..0x80 => return Ok(Some((first.into(), 1))),
                0x80 | 0xff => return Err((0, "reserved form")),
                0x89..0xff => return Err((0, "number too large")),
                _ => {}
            }
            let len = usize::from(first - 0x80);
            if let (Some(&top), false) = (rest.get(1), *longer) {
                if top == 0 || (len == 1 && top < 0x80) {
                    return Err((1, "not shortest"));
                }
            }
            Ok(rest.get(1..=len).map(|bytes| (binary(bytes, true), len + 1)))
        }
    }
}

fn low(value: u128) -> u64 {
    u64::try_from(value).unwrap()
}

fn binary(bytes: &[u8], big: bool) -> u64 {
    let mut bytes = bytes.to_vec();
    if !big {
        bytes.reverse();
    }
    bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

fn digit(byte: u8, radix: u64) -> Option<u128> {
    char::from(byte).to_digit(u32::try_from(radix).unwrap()).map(u128::from)
}

fn with_mark(rest: &[u8], value: u128, digits: usize, mark: &[u8]) -> Number {
    for (at, expected) in mark.iter().enumerate() {
        match rest.get(digits + at) {
            None => return Ok(None),
            Some(found) if found != expected => return Err((digits + at, "mismatch")),
            Some(_) => {}
        }
    }
    Ok(Some((low(value), digits + mark.len())))
}

fn prefix(config: &Config, rest: &[u8], limited: bool) -> One {
    let Config::Prefix { num, adjustment, own, controls, trailer, max } = config else { unreachable!() };
    let own_most = if *own { 47 } else { 0 };
    let useful = (i128::from(*max) + own_most - i128::from(*adjustment)).max(0);
    // A sum of limit and room for the number's own bytes stays within 64 bits before it is adjusted.
    let useful = if *adjustment >= 0 {
        let most = u64::try_from(i128::from(*max) + own_most).unwrap_or(u64::MAX);
        most.saturating_sub(adjustment.unsigned_abs()).max(*controls)
    } else {
        u64::try_from(useful).unwrap_or(u64::MAX)
    };
    let useful = if limited { useful } else { u64::MAX };
    let (value, header) = match number(num, rest, useful) {
        Ok(Some(found)) => found,
        Ok(None) => return One::Truncated("header"),
        Err((at, kind)) => return One::FrameError(at, kind),
    };
    if value < *controls {
        return One::Frame(header, 0, 0);
    }
    let own = if *own { header as i128 } else { 0 };
    let payload = i128::from(value) + i128::from(*adjustment) - own;
    match payload {
        ..0 => One::FrameError(0, "too short"),
        _ if payload > u64::MAX.into() || (limited && payload > i128::from(*max)) => One::FrameError(0, "oversize"),
        _ => marked(rest, header, payload, trailer),
    }
}

fn field(config: &Config, rest: &[u8], limited: bool) -> One {
    let Config::Field { offset, num, after, unit, adjustment, second, required, follow, max, .. } = config else {
        unreachable!()
    };
    let offset = usize::from(*offset);
    // All possible errors, each with the byte that proves it: the first counts.
    let mut faults: Vec<(usize, usize, &'static str)> = Vec::new();
    for (at, bytes) in required {
        for (at, expected) in (usize::from(*at)..).zip(bytes) {
            if rest.get(at).is_some_and(|found| found != expected) {
                faults.push((at, at, "mismatch"));
            }
        }
    }
    let first = rest.get(offset..).map_or(Ok(None), |rest| number(num, rest, u64::MAX));
    if let Err((at, kind)) = first {
        faults.push((offset + at, offset + at, kind));
    }
    let second = match second {
        None => Some((0, 0)),
        Some((at, Whole { width, .. }, unit, multiple)) => {
            let at = usize::from(*at);
            let padded = |bytes| (binary(bytes, true) * u64::from(*unit)).next_multiple_of((*multiple).into());
            rest.get(at..at + width).map(|bytes| (padded(bytes), at + width))
        }
    };
    let mut payload = 0;
    let mut header = None;
    if let (Ok(Some((value, width))), Some((second, second_end))) = (first, second) {
        payload =
            i128::from(value) * i128::from(*unit) + i128::from(second) + i128::from(*adjustment) - i128::from(*after);
        header = Some(offset + width + usize::from(*after));
        let proved = (offset + width).max(second_end) - 1;
        if payload < 0 {
            faults.push((proved, offset, "too short"));
        } else if payload > u64::MAX.into() || (limited && payload > i128::from(*max)) {
            faults.push((proved, offset, "oversize"));
        }
    }
    faults.sort_by_key(|(proved, _, kind)| (*proved, *kind != "mismatch"));
    if let Some((_, at, kind)) = faults.first() {
        return One::FrameError(*at, kind);
    }
    let Some(header) = header.filter(|header| *header <= rest.len()) else { return One::Truncated("header") };
    match follow {
        Follow::Nothing => announced(rest, header, payload, 0),
        Follow::Literal(mark) => marked(rest, header, payload, mark),
        Follow::Multiple(multiple) => {
            let multiple = i128::from(*multiple);
            let padding = (multiple - payload % multiple) % multiple;
            announced(rest, header, payload, usize::try_from(padding).unwrap())
        }
        Follow::PadLen(at) => announced(rest, header, payload, rest[usize::from(*at)].into()),
    }
}

fn delimited(set: &[Vec<u8>], keeps: bool, takes: bool, max: u64, rest: &[u8], limited: bool) -> One {
    let over = |len: usize| limited && len as u64 > max;
    let oversize = || One::FrameError(usize::try_from(max).unwrap(), "oversize");
    for end in 1..=rest.len() {
        let ending = set.iter().filter(|delimiter| rest[..end].ends_with(delimiter)).map(Vec::len).max();
        if let Some(delimiter) = ending {
            let (payload, trailer) = if keeps { (end, 0) } else { (end - delimiter, delimiter) };
            return if over(payload) { oversize() } else { One::Frame(0, payload, trailer) };
        }
    }
    // A delimiter that contains another is never found.
    let found =
        set.iter().filter(|one| !set.iter().any(|other| one[..one.len() - 1].windows(other.len()).any(|w| w == other)));
    let least = found.flat_map(|delimiter| {
        let begun = (0..delimiter.len()).filter(|begun| rest.ends_with(&delimiter[..*begun]));
        begun.map(|begun| rest.len() - begun + if keeps { delimiter.len() } else { 0 })
    });
    let least = least.chain((keeps && takes).then_some(rest.len())).min().unwrap();
    if over(least) {
        oversize()
    } else if !takes {
        One::Truncated("unterminated")
    } else if over(rest.len()) {
        oversize()
    } else {
        One::Frame(0, rest.len(), 0)
    }
}
