//! What the first bytes of a stream are, for four framings, read as simply as can be.

use anysplit::{AnyFraming, Delimited, Limit, Prefix, Stuffed};

/// The framings of the test, each with a limit of 5 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A byte that says how many follow.
    Counted,
    /// Decimal digits, a colon, the payload, a comma.
    Netstring,
    /// Lines that end with LF, or CR LF.
    Line,
    /// SLIP.
    Slip,
}

const MAX: usize = 5;

/// What the bytes at the front of a stream are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Front {
    /// A frame: its length on the wire, its header, its payload, its trailer.
    Frame { len: usize, header: Vec<u8>, payload: Vec<u8>, trailer: Vec<u8> },
    /// A frame that is not complete, with its header if that is, and the payload so far.
    Unfinished { header: Option<Vec<u8>>, payload: Vec<u8> },
    /// No frame. What came before the first wrong byte; whether the payload is too long; the frame's length if its end is there,
    /// and whether it has an end at all; whether nothing but the length is wrong up to there.
    Wrong { header: Option<Vec<u8>>, payload: Vec<u8>, oversize: bool, intact: bool, end: End },
    /// Bytes between frames.
    Filler(usize),
    /// Nothing.
    Empty,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    At(usize),
    NotYet,
    Never,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Counted, Self::Netstring, Self::Line, Self::Slip];

    pub(crate) fn framing(self) -> AnyFraming {
        match self {
            Self::Counted => Prefix::u8().with_max_payload_len(MAX as u64).into(),
            Self::Netstring => Prefix::netstring().with_max_payload_len(MAX as u64).into(),
            Self::Line => Delimited::line().with_max_payload_len(MAX as u64).into(),
            Self::Slip => AnyFraming::from(Stuffed::slip()).with_max_payload_len(MAX as u64),
        }
    }

    /// Where the frame after a rejected one may begin: after the first delimiter, or at `from` if there are no delimiters.
    pub(crate) fn next_start(self, bytes: &[u8], from: usize) -> Option<usize> {
        let delimiter = match self {
            Self::Counted | Self::Netstring => return Some(from).filter(|&from| from <= bytes.len()),
            Self::Line => b'\n',
            Self::Slip => 0xc0,
        };
        bytes.iter().position(|&byte| byte == delimiter).map(|at| at + 1)
    }

    /// Reads the front of `bytes`. `eof`: nothing will follow.
    pub(crate) fn front(self, bytes: &[u8], eof: bool) -> Front {
        match self {
            _ if bytes.is_empty() => Front::Empty,
            Self::Counted => counted(bytes),
            Self::Netstring => netstring(bytes),
            Self::Line => line(bytes, eof),
            Self::Slip => slip(bytes),
        }
    }

    /// How many bytes must be there before more can be said of the unfinished frame that begins with these.
    pub(crate) fn least(self, bytes: &[u8]) -> usize {
        match (self, bytes) {
            (Self::Counted, [len, ..]) => 1 + usize::from(*len),
            (Self::Netstring, [digit @ b'0'..=b'9', b':', ..]) => usize::from(digit - b'0') + 3,
            _ => bytes.len() + 1,
        }
    }
}

fn counted(bytes: &[u8]) -> Front {
    let (header, rest) = (vec![bytes[0]], &bytes[1..]);
    let len = usize::from(bytes[0]);
    let end = if rest.len() >= len { End::At(1 + len) } else { End::NotYet };
    if len > MAX {
        return Front::Wrong { header: None, payload: Vec::new(), oversize: true, intact: true, end };
    }
    match rest.get(..len) {
        Some(payload) => Front::Frame { len: 1 + len, header, payload: payload.to_vec(), trailer: Vec::new() },
        None => Front::Unfinished { header: Some(header), payload: rest.to_vec() },
    }
}

/// One digit is enough for the limit, so a second digit is wrong.
fn netstring(bytes: &[u8]) -> Front {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let never = Front::Wrong { header: None, payload: Vec::new(), oversize: false, intact: false, end: End::Never };
    if digits == 0 || (digits > 1 && bytes[0] == b'0') {
        return never;
    }
    let value = bytes[..digits].iter().fold(0_u64, |value, byte| value.saturating_mul(10) + u64::from(byte - b'0'));
    let colon = match bytes.get(digits) {
        Some(b':') => true,
        Some(_) => return never,
        None => false,
    };
    if value > MAX as u64 {
        // The length is wrong as soon as its digits prove it. Its end is where a complete number says.
        let trailer =
            usize::try_from(value).ok().filter(|_| colon).and_then(|value| bytes.get(digits + 1..)?.get(value));
        let end = match trailer {
            Some(_) => End::At(digits + 2 + usize::try_from(value).expect("an index")),
            None => End::NotYet,
        };
        let intact = trailer.is_none_or(|&trailer| trailer == b',');
        return Front::Wrong { header: None, payload: Vec::new(), oversize: true, intact, end };
    }
    if !colon {
        return Front::Unfinished { header: None, payload: Vec::new() };
    }
    let (header, rest) = bytes.split_at(digits + 1);
    let header = header.to_vec();
    let len = usize::try_from(value).expect("at most 5");
    match (rest.get(..len), rest.get(len)) {
        (Some(payload), Some(b',')) => {
            Front::Frame { len: digits + len + 2, header, payload: payload.to_vec(), trailer: b",".to_vec() }
        }
        (Some(payload), Some(_)) => Front::Wrong {
            header: Some(header),
            payload: payload.to_vec(),
            oversize: false,
            intact: false,
            end: End::At(digits + len + 2),
        },
        _ => Front::Unfinished { header: Some(header), payload: rest[..rest.len().min(len)].to_vec() },
    }
}

fn line(bytes: &[u8], eof: bool) -> Front {
    let header = Some(Vec::new());
    let lf = bytes.iter().position(|&byte| byte == b'\n');
    let wire = &bytes[..lf.unwrap_or(bytes.len())];
    let (payload, ending) = match wire.strip_suffix(b"\r") {
        Some(payload) if lf.is_some() => (payload, 2),
        Some(payload) if !eof => (payload, 0),
        _ => (wire, usize::from(lf.is_some())),
    };
    if payload.len() > MAX {
        let end = match lf {
            Some(lf) => End::At(lf + 1),
            None if eof => End::At(bytes.len()),
            None => End::NotYet,
        };
        // A CR that may be part of the line's end is no payload yet when the byte after the limit comes. If only the end of the
        // stream makes a CR the byte after the limit, the bytes before it were payload already.
        let most = &payload[..MAX];
        let at_the_end = lf.is_none() && payload[MAX..] == *b"\r";
        let before = if at_the_end { most } else { most.strip_suffix(b"\r").unwrap_or(most) };
        return Front::Wrong { header, payload: before.to_vec(), oversize: true, intact: true, end };
    }
    match lf {
        Some(lf) => Front::Frame {
            len: lf + 1,
            header: Vec::new(),
            payload: payload.to_vec(),
            trailer: bytes[lf + 1 - ending..=lf].to_vec(),
        },
        None if eof => {
            Front::Frame { len: bytes.len(), header: Vec::new(), payload: payload.to_vec(), trailer: Vec::new() }
        }
        None => Front::Unfinished { header, payload: payload.to_vec() },
    }
}

fn slip(bytes: &[u8]) -> Front {
    let flags = bytes.iter().take_while(|&&byte| byte == 0xc0).count();
    if flags > 0 {
        return Front::Filler(flags);
    }
    let end = match bytes.iter().position(|&byte| byte == 0xc0) {
        Some(at) => End::At(at + 1),
        None => End::NotYet,
    };
    let (mut payload, mut escaped) = (Vec::new(), false);
    for (at, &byte) in bytes.iter().enumerate() {
        match (escaped, byte) {
            (false, 0xc0) => {
                return Front::Frame { len: at + 1, header: Vec::new(), payload, trailer: vec![0xc0] };
            }
            (false, 0xdb) => {
                escaped = true;
                continue;
            }
            (false, byte) => payload.push(byte),
            (true, 0xdc) => payload.push(0xc0),
            (true, 0xdd) => payload.push(0xdb),
            (true, _) => {
                return Front::Wrong { header: Some(Vec::new()), payload, oversize: false, intact: false, end };
            }
        }
        escaped = false;
        if payload.len() > MAX {
            payload.pop();
            return Front::Wrong { header: Some(Vec::new()), payload, oversize: true, intact: true, end };
        }
    }
    Front::Unfinished { header: Some(Vec::new()), payload }
}
