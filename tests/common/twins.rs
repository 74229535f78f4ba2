//! A naive twin of each framing: the whole stream in, what comes of it out. Short enough to check by eye.

use anysplit::testing::{Event, Outcome};
use anysplit::{Cut, EndError, FaultKind};

use super::configs::{Config, Follow, Num};

/// What a stream gives: frames (and lengths of skipped frames), and how it ends.
#[derive(Debug, PartialEq)]
pub(crate) struct Twin {
    pub(crate) events: Vec<TwinEvent>,
    pub(crate) end: TwinEnd,
}

#[derive(Debug, PartialEq)]
pub(crate) enum TwinEvent {
    Frame { head: Vec<u8>, payload: Vec<u8>, tail: Vec<u8> },
    Skipped(usize),
}

#[derive(Debug, PartialEq)]
pub(crate) enum TwinEnd {
    Clean,
    /// The end cuts the frame at this offset.
    Cut(usize, &'static str),
    /// Offsets of the faulty frame and the wrong byte.
    Fault(usize, usize, &'static str),
}

/// The name of a kind of fault.
pub(crate) fn name(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Oversize { .. } => "oversize",
        FaultKind::NotADigit { .. } => "not a digit",
        FaultKind::LeadingZero => "leading zero",
        FaultKind::NumberTooLarge { .. } => "number too large",
        FaultKind::NotShortest => "not shortest",
        FaultKind::ReservedForm { .. } => "reserved form",
        FaultKind::TooShort { .. } => "too short",
        FaultKind::UnknownType { .. } => "unknown type",
        FaultKind::Mismatch { .. } => "mismatch",
        FaultKind::Skipped { .. } => "skipped",
        _ => "other",
    }
}

fn cut_name(cut: Cut) -> &'static str {
    match cut {
        Cut::Head { .. } => "head",
        Cut::Payload { .. } => "payload",
        Cut::Tail { .. } => "tail",
        Cut::Unterminated { .. } => "unterminated",
        Cut::Skipped { .. } => "skipped",
        _ => "other",
    }
}

impl From<&Outcome> for Twin {
    fn from(outcome: &Outcome) -> Self {
        let short = |offset: u64| usize::try_from(offset).unwrap();
        let event = |event: &Event| match event.clone() {
            Event::Frame { head, payload, tail, .. } => TwinEvent::Frame { head, payload, tail },
            Event::Skipped(error) => TwinEvent::Skipped(short(event.end() - error.frame)),
        };
        let end = match outcome.end {
            Ok(()) => TwinEnd::Clean,
            Err(EndError::Cut { frame, cut, .. }) => TwinEnd::Cut(short(frame), cut_name(cut)),
            Err(EndError::Fault(error)) => TwinEnd::Fault(short(error.frame), short(error.offset), name(error.kind)),
        };
        Self { events: outcome.events.iter().map(event).collect(), end }
    }
}

/// What is at the front of the rest of a stream, at whose end nothing more comes.
enum One {
    Frame(usize, usize, usize),
    Cut(&'static str),
    Fault(usize, &'static str),
}

/// What the whole of `stream` gives.
pub(crate) fn twin(config: &Config, stream: &[u8], skip: bool) -> Twin {
    let mut events = Vec::new();
    let mut start = 0;
    let end = loop {
        let rest = &stream[start..];
        if rest.is_empty() {
            break TwinEnd::Clean;
        }
        match one(config, rest, true) {
            One::Frame(head, payload, tail) => {
                let (payload_at, tail_at, end) = (head, head + payload, head + payload + tail);
                events.push(TwinEvent::Frame {
                    head: rest[..payload_at].to_vec(),
                    payload: rest[payload_at..tail_at].to_vec(),
                    tail: rest[tail_at..end].to_vec(),
                });
                start += end;
            }
            One::Cut(cut) => break TwinEnd::Cut(start, cut),
            One::Fault(_, "oversize") if skip => match one(config, rest, false) {
                One::Frame(head, payload, tail) => {
                    events.push(TwinEvent::Skipped(head + payload + tail));
                    start += head + payload + tail;
                }
                One::Cut(_) => break TwinEnd::Cut(start, "skipped"),
                One::Fault(at, kind) => break TwinEnd::Fault(start, start + at, kind),
            },
            One::Fault(at, kind) => break TwinEnd::Fault(start, start + at, kind),
        }
    };
    Twin { events, end }
}

/// The frame at the front. Without `limited` it is being skipped: its length does not matter.
fn one(config: &Config, rest: &[u8], limited: bool) -> One {
    match config {
        Config::Fixed(len) => announced(rest, 0, (*len).into(), 0),
        Config::UntilClose { max } => {
            if limited && rest.len() as u64 > *max {
                One::Fault(usize::try_from(*max).unwrap(), "oversize")
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
                return One::Fault(0, "unknown type");
            };
            match follows {
                Ok(len) => announced(rest, 1, (*len).into(), 0),
                Err(config) if rest.len() == 1 => match config {
                    Config::Fixed(_) => One::Cut("payload"),
                    Config::Prefix { .. } | Config::Field { .. } | Config::ByType(_) => One::Cut("head"),
                    _ => One::Cut("unterminated"),
                },
                Err(config) => match one(config, &rest[1..], limited) {
                    One::Frame(head, payload, tail) => One::Frame(head + 1, payload, tail),
                    One::Fault(at, kind) => One::Fault(at + 1, kind),
                    cut => cut,
                },
            }
        }
    }
}

/// A frame of these lengths, or what the end of the stream cuts of it.
fn announced(rest: &[u8], head: usize, payload: i128, tail: usize) -> One {
    let have = rest.len() as i128;
    let payload_end = head as i128 + payload;
    if have < head as i128 {
        One::Cut("head")
    } else if have < payload_end {
        One::Cut("payload")
    } else if have < payload_end + tail as i128 {
        One::Cut("tail")
    } else {
        One::Frame(head, usize::try_from(payload).unwrap(), tail)
    }
}

/// As `announced`, with a tail that must be this mark.
fn marked(rest: &[u8], head: usize, payload: i128, mark: &[u8]) -> One {
    if let Some(behind) = usize::try_from(head as i128 + payload).ok().and_then(|end| rest.get(end..)) {
        if let Some(wrong) = (0..mark.len().min(behind.len())).find(|at| behind[*at] != mark[*at]) {
            return One::Fault(head + usize::try_from(payload).unwrap() + wrong, "mismatch");
        }
    }
    announced(rest, head, payload, mark.len())
}

type Number = Result<Option<(u64, usize)>, (usize, &'static str)>;

/// The number at the front, and its length. `useful` is the greatest that is wanted.
fn number(num: &Num, rest: &[u8], useful: u64) -> Number {
    match num {
        Num::Binary { width, big } => Ok(rest.get(..*width).map(|bytes| (binary(bytes, *big), *width))),
        Num::Bits { width, big, mask } => {
            Ok(rest.get(..*width).map(|bytes| ((binary(bytes, *big) & mask) >> mask.trailing_zeros(), *width)))
        }
        Num::Fixed { radix, width, mark, max } => {
            let mut value = 0_u128;
            for at in 0..*width {
                let Some(&byte) = rest.get(at) else { return Ok(None) };
                value = value * u128::from(*radix) + digit(byte, *radix).ok_or((at, "not a digit"))?;
                // Digits to come make it no smaller.
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
        Num::Quic { longer } => {
            let len = 1 << (rest.first().copied().unwrap_or_default() >> 6);
            // What a shorter form would have held is proved by the bytes of its length more.
            let half = len / 2;
            if let (Some(front), true, false) = (rest.get(..=half), len > 1, *longer) {
                let top = binary(front, true) & !(0xc0 << (8 * half));
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
    let Config::Prefix { num, adjustment, own, controls, tail, max } = config else { unreachable!() };
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
    let (value, head) = match number(num, rest, useful) {
        Ok(Some(found)) => found,
        Ok(None) => return One::Cut("head"),
        Err((at, kind)) => return One::Fault(at, kind),
    };
    if value < *controls {
        return One::Frame(head, 0, 0);
    }
    let own = if *own { head as i128 } else { 0 };
    let payload = i128::from(value) + i128::from(*adjustment) - own;
    match payload {
        ..0 => One::Fault(0, "too short"),
        _ if payload > u64::MAX.into() || (limited && payload > i128::from(*max)) => One::Fault(0, "oversize"),
        _ => marked(rest, head, payload, tail),
    }
}

fn field(config: &Config, rest: &[u8], limited: bool) -> One {
    let Config::Field { offset, num, behind, unit, adjustment, second, required, follow, max } = config else {
        unreachable!()
    };
    let offset = usize::from(*offset);
    // All that can be wrong, each with the byte that proves it: the first counts.
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
        Some((at, width)) => {
            let at = usize::from(*at);
            rest.get(at..at + width).map(|bytes| (binary(bytes, true), at + width))
        }
    };
    let mut payload = 0;
    let mut header = None;
    if let (Ok(Some((value, width))), Some((second, second_end))) = (first, second) {
        payload =
            i128::from(value) * i128::from(*unit) + i128::from(second) + i128::from(*adjustment) - i128::from(*behind);
        header = Some(offset + width + usize::from(*behind));
        let proved = (offset + width).max(second_end) - 1;
        if payload < 0 {
            faults.push((proved, offset, "too short"));
        } else if payload > u64::MAX.into() || (limited && payload > i128::from(*max)) {
            faults.push((proved, offset, "oversize"));
        }
    }
    faults.sort_by_key(|(proved, _, kind)| (*proved, *kind != "mismatch"));
    if let Some((_, at, kind)) = faults.first() {
        return One::Fault(*at, kind);
    }
    let Some(header) = header.filter(|header| *header <= rest.len()) else { return One::Cut("head") };
    match follow {
        Follow::Nothing => announced(rest, header, payload, 0),
        Follow::Mark(mark) => marked(rest, header, payload, mark),
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
    let oversize = || One::Fault(usize::try_from(max).unwrap(), "oversize");
    for end in 1..=rest.len() {
        let ending = set.iter().filter(|delimiter| rest[..end].ends_with(delimiter)).map(Vec::len).max();
        if let Some(delimiter) = ending {
            let (payload, tail) = if keeps { (end, 0) } else { (end - delimiter, delimiter) };
            return if over(payload) { oversize() } else { One::Frame(0, payload, tail) };
        }
    }
    // One that has another inside is never found.
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
        One::Cut("unterminated")
    } else if over(rest.len()) {
        oversize()
    } else {
        One::Frame(0, rest.len(), 0)
    }
}
