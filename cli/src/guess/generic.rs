//! Framings without a name that could fit a sample: the families that are tried, and quick walks that leave few of them.

use super::evidence::bits;
use super::sample::Sample;

/// A framing that may fit, and what it costs to name it, in bits.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Candidate {
    pub(super) spec: String,
    pub(super) cost: f64,
}

impl Candidate {
    fn new(spec: impl Into<String>, cost: f64) -> Self {
        Self { spec: spec.into(), cost }
    }
}

/// Framings that every sample is tried with.
const PLAIN: &[&str] = &[
    "u8",
    "u16be",
    "u16le",
    "u24be",
    "u24le",
    "u32be",
    "u32le",
    "u64be",
    "u64le",
    "varint",
    "quic",
    "ber",
    "u8,self",
    "u16be,self",
    "u16le,self",
    "u32be,self",
    "u32le,self",
    "u64be,self",
    "u64le,self",
    "line",
    "line,crlf",
    "delim:\\0",
    "delim:\\r",
    "delim:\\n\\n",
    "delim:\\r\\n\\r\\n",
    "delim:\\x03,start=\\x02",
    "delim:\\x1c\\r,start=\\x0b",
    "delim:\\x1e",
    "delim:\\x04",
    "delim:\\x03",
    "delim:;",
    "netstring",
    "pkt-line",
    "ascii,end=\\x20",
    "ascii,end=:",
    "ascii,end=\\n",
    "ascii,end=\\r\\n",
    "ascii,end=\\,",
    "hex,end=\\r\\n",
    "hex,end=\\x20",
    "hex,end=\\n",
    "slip",
    "cobs",
    "escape:~:}",
    "escape:~:},lead,sum=CRC-16/IBM-SDLC,form=le",
    "doubled:\\x10:\\x03,start=\\x10\\x02",
    "dots",
    "json",
    "json-seq",
    "cbor",
    "msgpack",
    "resp",
    "asn1",
    "chunked",
    "header:Content-Length",
    "header:Content-Length,startline,missing=empty",
    "http1",
];

/// Prefixes with these numbers of digits are tried.
const DIGITS: std::ops::RangeInclusive<usize> = 2..=8;

/// The candidates for this sample.
pub(super) fn candidates(sample: &Sample<'_>) -> Vec<Candidate> {
    let mut all: Vec<_> = PLAIN.iter().map(|spec| Candidate::new(*spec, 5.0)).collect();
    for digits in DIGITS {
        for kind in ["ascii", "hex"] {
            all.push(Candidate::new(format!("{kind}:{digits}"), 7.0));
            all.push(Candidate::new(format!("{kind}:{digits},self"), 8.0));
        }
    }
    for offset in 1..=3 {
        for number in ["varint", "ber", "quic"] {
            all.push(Candidate::new(format!("field:offset={offset},number={number}"), 9.0));
        }
    }
    fixed(sample.bytes(), &mut all);
    fields(sample, &mut all);
    all
}

/// Fixed lengths at which bytes are often repeated.
fn fixed(bytes: &[u8], all: &mut Vec<Candidate>) {
    let bytes = bytes.get(..bytes.len().min(8192)).unwrap_or_default();
    let mut lens: Vec<(usize, usize)> = (2..=MOST_FIXED.min(bytes.len() / 3))
        .map(|len| {
            let same = bytes.iter().zip(bytes.get(len..).unwrap_or_default()).filter(|(one, other)| one == other);
            (same.count() * 1000 / (bytes.len() - len), len)
        })
        .collect();
    lens.sort_unstable_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
    all.extend(lens.iter().take(6).map(|(_, len)| Candidate::new(format!("fixed:{len}"), 14.0)));
}

const MOST_FIXED: usize = 512;

/// A number in the header of every frame: its place, and what the frame's length is made of it.
#[derive(Clone, Copy, Debug)]
struct Field {
    offset: usize,
    size: usize,
    little: bool,
    unit: usize,
    /// What is added to the number to make the length of the frame.
    add: usize,
}

impl Field {
    fn spec(self) -> String {
        let Self { offset, size, little, unit, add } = self;
        let mut spec = format!("field:offset={offset},size={size}");
        if little {
            spec.push_str(",order=le");
        }
        if unit > 1 {
            spec.push_str(&format!(",unit={unit}"));
        }
        match add.cmp(&(offset + size)) {
            std::cmp::Ordering::Less => spec.push_str(&format!(",adjust=-{}", offset + size - add)),
            std::cmp::Ordering::Equal => {}
            std::cmp::Ordering::Greater => spec.push_str(&format!(",after={}", add - offset - size)),
        }
        spec
    }

    /// Usual headers are cheap to name.
    fn cost(self) -> f64 {
        let Self { offset, size, unit, add, .. } = self;
        let usual = if add == offset + size || add == 0 { 9.0 } else { 12.0 };
        let odd = if size == 3 { 2.0 } else { 0.0 };
        let place = if offset % size.min(4) == 0 { 0.0 } else { 1.5 };
        let unit = if unit == 1 { 0.0 } else { 3.0 };
        usual + odd + place + unit + (f64::from(u32::try_from(offset).unwrap_or(u32::MAX)) + 1.0).log2()
    }

    /// Estimates how unlikely it is, in bits, that the numbers of this many frames stay within the sample.
    fn promise(self, frames: usize, end: usize, len: usize) -> f64 {
        let range = bits(self.unit) + 8.0 * f64::from(u32::try_from(self.size).unwrap_or(u32::MAX));
        let each = (range - bits(len / 2)).max(0.0);
        let cut = if end < len { 12.0 } else { 0.0 };
        each * f64::from(u32::try_from(frames.min(40)).unwrap_or(u32::MAX)) - cut
    }

    /// The frames and the bytes in them, if the frames reach the end of the sample.
    fn walk(self, sample: &Sample<'_>) -> Option<(usize, usize)> {
        let bytes = sample.bytes();
        let (mut at, mut frames, mut lens) = (0_usize, 0_usize, [0_usize; 2]);
        while at < bytes.len() {
            let Some(number) = bytes.get(at + self.offset..at + self.offset + self.size) else { break };
            let value = number.iter().enumerate().fold(0_u64, |value, (index, byte)| {
                let shift = if self.little { index } else { self.size - 1 - index };
                value | u64::from(*byte) << (8 * shift)
            });
            let len = usize::try_from(value).ok()?.checked_mul(self.unit)?.checked_add(self.add)?;
            if len < self.offset + self.size {
                return None;
            }
            let next = at.checked_add(len)?;
            if next > bytes.len() {
                // The last frame may be cut, if its length is one that could come.
                if frames < 3 || len > 4 * (at / frames) + 4096 {
                    return None;
                }
                break;
            }
            lens = [lens[0].max(len), if frames == 0 { len } else { lens[1].min(len) }];
            at = next;
            frames += 1;
            if frames >= MOST_STEPS {
                break;
            }
        }
        // Frames of one length are tried as such.
        (frames >= 2 && lens[0] != lens[1]).then_some((frames, at))
    }
}

const MOST_STEPS: usize = 600;
const MOST_OFFSET: usize = 24;
const MOST_ADDED: usize = 48;
/// At most this many fields, the most promising, become candidates.
const MOST_FIELDS: usize = 100;

fn fields(sample: &Sample<'_>, all: &mut Vec<Candidate>) {
    let mut found = Vec::new();
    for offset in 0..=MOST_OFFSET {
        for (size, little) in
            [(1, false), (2, false), (2, true), (3, false), (3, true), (4, false), (4, true), (8, false), (8, true)]
        {
            for unit in [1, 2, 4] {
                for add in 0..=MOST_ADDED {
                    let field = Field { offset, size, little, unit, add };
                    if let Some((frames, end)) = field.walk(sample) {
                        found.push((field.cost() - field.promise(frames, end, sample.bytes().len()), field));
                    }
                }
            }
        }
    }
    found.sort_by(|one, other| one.0.total_cmp(&other.0));
    all.extend(found.iter().take(MOST_FIELDS).map(|(_, field)| Candidate::new(field.spec(), field.cost())));
}
