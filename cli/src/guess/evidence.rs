//! How much a framing says about a sample, in bits: how unlikely it is that bytes without these frames look like this.

use std::collections::{HashMap, HashSet};

use anysplit::decode::Deframer;
use anysplit::stuffing::Stuffing;
use anysplit::{AnyFraming, DecodeErrorKind};

use super::sample::{Histogram, Numbers, Sample};
use super::walk::{Span, Walk, after_frame};

/// Evidence for a framing, in bits.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Evidence {
    /// Each frame began where the one before it ended, which other bytes of the sample seldom allow.
    pub(crate) chain: f64,
    /// The bytes at the same places of the frames are alike.
    pub(crate) columns: f64,
    /// The last frame ends with the stream.
    pub(crate) end: f64,
    /// The frames end where lines of text end.
    pub(crate) lines: f64,
}

impl Evidence {
    pub(crate) fn total(self) -> f64 {
        self.chain + self.columns + self.end + self.lines
    }
}

impl std::iter::Sum for Evidence {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            chain: sum.chain + one.chain,
            columns: sum.columns + one.columns,
            end: sum.end + one.end,
            lines: sum.lines + one.lines,
        })
    }
}

/// What is known of a sample before any framing is tried.
pub(super) struct Background<'a> {
    pub(super) sample: Sample<'a>,
    pub(super) histogram: Histogram,
    pub(super) text: f64,
    /// Offsets in the sample at which a frame is looked for to see how rare frames are.
    offsets: Vec<usize>,
    /// The sample's bytes in another order.
    shuffled: Vec<u8>,
    /// How likely each byte was, after those before it.
    shares: Vec<f64>,
}

/// Offsets that are tried.
const TRIALS: usize = 160;
/// Offsets of the shuffled bytes that are tried.
const SHUFFLED: usize = 160;

impl<'a> Background<'a> {
    pub(super) fn of(sample: Sample<'a>) -> Self {
        let bytes = sample.bytes();
        let histogram = Histogram::of(bytes);
        let mut numbers = Numbers::new(0x9e37_79b9_7f4a_7c15);
        let mut offsets: Vec<usize> = match bytes.len() {
            len if len <= TRIALS => (1..len).collect(),
            len => (0..TRIALS).map(|_| 1 + numbers.below(len - 1)).collect(),
        };
        offsets.sort_unstable();
        offsets.dedup();
        let mut shuffled: Vec<u8> = bytes.to_vec();
        for at in (1..shuffled.len()).rev() {
            shuffled.swap(at, numbers.below(at + 1));
        }
        Self {
            sample,
            text: histogram.share_of_text(bytes),
            shares: shares(bytes, &histogram),
            histogram,
            offsets,
            shuffled,
        }
    }

    /// How likely a frame follows the first `before` frames at a byte at which no frame of `walk` begins.
    fn rate(&self, framing: &AnyFraming, walk: &Walk, before: usize) -> f64 {
        let bytes = self.sample.bytes();
        let mut deframer = Deframer::new(framing);
        let mut rest = bytes;
        for _ in 0..before {
            rest = after_frame(&mut deframer, rest).unwrap_or_default();
        }
        let accepts =
            |bytes: &[u8], at: usize| after_frame(&mut deframer.clone(), bytes.get(at..).unwrap_or_default()).is_some();
        let is_start = |at: usize| walk.frames.binary_search_by(|frame| frame.start.cmp(&at)).is_ok();
        let others = self.offsets.iter().filter(|at| !is_start(**at));
        let (mut tried, mut accepted) = (0_u32, 0_u32);
        for &at in others {
            tried += 1;
            accepted += u32::from(accepts(bytes, at));
        }
        let own = f64::from(accepted) / f64::from(tried + 1);
        if own < 0.25 {
            let mut numbers = Numbers::new(0x2545_f491_4f6c_dd1d);
            for _ in 0..SHUFFLED {
                let at = numbers.below(self.shuffled.len());
                tried += 1;
                accepted += u32::from(accepts(&self.shuffled, at));
            }
        }
        own.max((f64::from(accepted) + 0.5) / (f64::from(tried) + 1.0))
    }

    /// How many of the first bytes of a frame must be what they are: with any bit of them changed, it is no frame.
    pub(super) fn fixed(&self, framing: &AnyFraming, walk: &Walk) -> usize {
        // The first frame may be a greeting.
        let before = usize::from(walk.frames.len() > 1);
        let Some(frame) = walk.frames.get(before) else { return 0 };
        let bytes = self.sample.bytes();
        let mut deframer = Deframer::new(framing);
        if before > 0 && after_frame(&mut deframer, bytes).is_none() {
            return 0;
        }
        let mut beginning =
            bytes.get(frame.start..frame.end.min(frame.start + MOST_FIXED)).unwrap_or_default().to_vec();
        let is_fixed = |at: &usize| {
            (0..8).all(|bit| {
                beginning[*at] ^= 1 << bit;
                let answer = deframer.clone().step(&beginning);
                beginning[*at] ^= 1 << bit;
                let mismatch = matches!(answer, Err(error) if matches!(error.kind, DecodeErrorKind::Mismatch { .. }));
                mismatch
            })
        };
        (0..frame.end.min(frame.start + MOST_FIXED) - frame.start).filter(is_fixed).count()
    }

    /// The evidence for `framing`, which made `walk` of the sample.
    pub(super) fn evidence(&self, framing: &AnyFraming, walk: &Walk) -> Evidence {
        if walk.frames.is_empty() {
            return Evidence::default();
        }
        let chain = self.chain(framing, walk);
        let mean = walk.explained() / walk.frames.len();
        let end = match (self.sample.is_complete(), walk.unfinished) {
            (true, 0) => bits(mean).min(8.0) * 0.8,
            (true, _) => -12.0,
            (false, _) => 0.0,
        };
        let lines = self.lines(framing, walk);
        // Likeness alone is no proof: rows of a picture are alike too.
        let columns = self.columns(framing, walk).min(2.0 * chain + lines + MOST_COLUMNS_ALONE);
        // Lines that begin in many ways are lines.
        let columns = if is_line(framing) && lines > 0.0 { columns.max(0.0) } else { columns };
        Evidence { chain, columns, end, lines }
    }

    fn chain(&self, framing: &AnyFraming, walk: &Walk) -> f64 {
        // A delimiter ends whatever is before it.
        if matches!(framing, AnyFraming::Delimited(_) | AnyFraming::UniversalLine(_)) {
            return 0.0;
        }
        let (first, others) = self.counted(walk);
        // Frames of one length are the likeness of their first bytes, which the columns count.
        let others = if walk.has_one_length() { others / 2.0 } else { others };
        let chain = -self.rate(framing, walk, 0).log2() * first;
        // A delimiter before a frame, where one belongs.
        let chain = chain + self.delimiter(framing) * number(walk.delimiters).min(MOST_COUNTED);
        if others > 0.0 { chain - self.rate(framing, walk, 1).log2() * others } else { chain }
    }

    /// How rare the delimiter of a stuffing is, in bits.
    fn delimiter(&self, framing: &AnyFraming) -> f64 {
        let delimiter = match framing {
            AnyFraming::Protocol(named) => return self.delimiter(named.framing()),
            AnyFraming::Slip(_) => b'\xc0',
            AnyFraming::Stuffed(stuffed) => stuffed.stuffing().delimiter(),
            _ => return 0.0,
        };
        -self.histogram.share(delimiter).log2()
    }

    /// How many frames count in the chain: the first, and those after it. A frame without a payload, or one that was there
    /// before, says little.
    fn counted(&self, walk: &Walk) -> (f64, f64) {
        let bytes = self.sample.bytes();
        let (mut seen, mut first, mut others) = (HashSet::new(), 0.0, 0.0);
        for (at, frame) in walk.frames.iter().enumerate().take(MOST_IN_COLUMNS) {
            let beginning = bytes.get(frame.start..frame.end.min(frame.start + COLUMNS)).unwrap_or_default();
            let weight =
                match (frame.end - frame.start > frame.header, seen.insert((beginning, frame.end - frame.start))) {
                    (true, true) => 1.0,
                    (true, false) => 0.1,
                    (false, _) => 0.05,
                };
            if at == 0 { first = weight } else { others += weight }
        }
        (first, f64::min(others, MOST_COUNTED))
    }

    /// The bits that are saved by knowing the position of each byte in its frame.
    fn columns(&self, framing: &AnyFraming, walk: &Walk) -> f64 {
        let frames = walk.frames.get(..walk.frames.len().min(MOST_IN_COLUMNS)).unwrap_or_default();
        // Frames of a byte or two have no positions to speak of.
        if frames.len() < 2 || walk.explained() < 4 * walk.frames.len() {
            return 0.0;
        }
        let mut saved = 0.0;
        for place in 0..COLUMNS {
            let column = frames.iter().filter(|frame| frame.start + place < frame.end);
            saved += self.column(column.map(|frame| frame.start + place));
        }
        let last = if is_ended(framing) { 0 } else { LAST_COLUMNS };
        for place in 1..=last {
            let column = frames.iter().filter(|frame| frame.end - frame.start >= COLUMNS + place);
            saved += self.column(column.map(|frame| frame.end - place));
        }
        saved
    }

    fn column(&self, column: impl Iterator<Item = usize>) -> f64 {
        let mut counts = [0_u16; 256];
        let (mut seen, mut saved, mut blend) = (0.0, 0.0, Blend::of([0.5, 0.5]));
        for at in column {
            let (Some(&byte), Some(&share)) = (self.sample.bytes().get(at), self.shares.get(at)) else { continue };
            let count = &mut counts[usize::from(byte)];
            let here = (f64::from(*count) + WEIGHT * share) / (seen + WEIGHT);
            saved += (blend.take([share, here]) / share).log2();
            *count = count.saturating_add(1);
            seen += 1.0;
        }
        saved
    }

    /// The evidence that frames are lines of text, or consist of them.
    fn lines(&self, framing: &AnyFraming, walk: &Walk) -> f64 {
        let bytes = self.sample.bytes();
        let newlines = |span: std::ops::Range<usize>| {
            let bytes = bytes.get(span).unwrap_or_default();
            bytes.iter().filter(|byte| **byte == b'\n').count()
        };
        let is_binary = matches!(framing, AnyFraming::LengthField(_) | AnyFraming::Prefix(_) | AnyFraming::Fixed(_));
        if is_binary || self.text < TEXT_WITH_BINARY || walk.frames.len() < 2 {
            return 0.0;
        }
        let fields: f64 =
            walk.frames.iter().map(|frame| fields(bytes.get(frame.start..frame.start + frame.header))).sum();
        let fields = fields.clamp(0.0, MOST_OF_FIELDS);
        let ends_line = |frame: &Span| bytes.get(frame.end - 1) == Some(&b'\n');
        if !walk.frames.iter().all(ends_line) {
            return fields;
        }
        let all = number(newlines(0..bytes.len()));
        let pairs = number(bytes.windows(2).filter(|two| *two == b"\r\n").count());
        let regular = all.min(MOST_COUNTED) / if pairs >= all { 2.0 } else { 4.0 };
        if matches!(framing, AnyFraming::Delimited(_)) {
            return if is_line(framing) && self.text >= TEXT { 12.0 + regular } else { 0.0 };
        }
        // A length that ends where a line ends is no chance.
        let blocks = walk.frames.iter().filter(|frame| newlines(frame.start..frame.end - 1) > 0).count();
        let rare = (bits(bytes.len()) - all.max(1.0).log2()).max(0.0);
        12.0 + regular + fields + rare * number(blocks).min(MOST_COUNTED)
    }
}

/// Whether the frames are lines, and nothing more is known of them.
fn is_line(framing: &AnyFraming) -> bool {
    matches!(framing, AnyFraming::Delimited(delimited) if matches!(delimited.written(), b"\n" | b"\r\n"))
}

/// The evidence for a header of fields: its lines have a form that is rare in other lines.
fn fields(header: Option<&[u8]>) -> f64 {
    let lines = header.unwrap_or_default().split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    // The first line may be a start line, and the last one is blank.
    let lines = lines.skip(1).map(|line| line.trim_ascii()).filter(|line| !line.is_empty());
    let has_name = |line: &[u8]| {
        let name = line.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')).count();
        name > 0 && line.get(name) == Some(&b':')
    };
    lines.map(|line| if has_name(line) { 1.5 } else { -3.0 }).sum()
}

/// From this share on, a sample is text, and text with some binary payloads.
const TEXT: f64 = 0.995;
const TEXT_WITH_BINARY: f64 = 0.8;
/// Fields of headers count for no more than this, in bits.
const MOST_OF_FIELDS: f64 = 60.0;

/// Whether the last bytes of a frame are its delimiter, which is there by definition.
fn is_ended(framing: &AnyFraming) -> bool {
    match framing {
        AnyFraming::Protocol(named) => is_ended(named.framing()),
        AnyFraming::Enclosed(enclosed) => is_ended(enclosed.inner()),
        AnyFraming::Forbid(forbid) => is_ended(forbid.inner()),
        AnyFraming::Require(require) => is_ended(require.inner()),
        AnyFraming::Checked(checked) => is_ended(checked.inner()),
        AnyFraming::Then(then) => is_ended(then.rest()),
        AnyFraming::ByFirstByte(by_first_byte) => by_first_byte.table().iter().any(|(_, inner)| is_ended(inner)),
        AnyFraming::Delimited(_)
        | AnyFraming::UniversalLine(_)
        | AnyFraming::Stuffed(_)
        | AnyFraming::Slip(_)
        | AnyFraming::Cobs(_)
        | AnyFraming::Doubled(_)
        | AnyFraming::Dotted(_)
        | AnyFraming::LineThenBlock(_)
        | AnyFraming::HeaderBlock(_)
        | AnyFraming::Chunked(_)
        | AnyFraming::Http1(_) => true,
        _ => false,
    }
}

/// A count as a number that can be weighed.
fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The first bytes of a frame that are changed, to see which are fixed.
const MOST_FIXED: usize = 24;
/// The first bytes of a frame that are compared, and the last.
const COLUMNS: usize = 10;
const LAST_COLUMNS: usize = 2;
/// Frames that are compared.
const MOST_IN_COLUMNS: usize = 256;
/// Frames whose chain counts.
const MOST_COUNTED: f64 = 40.0;
/// Columns without other evidence count for no more than this.
const MOST_COLUMNS_ALONE: f64 = 20.0;
/// How much the sample's own shares weigh against what was seen in a column, in bytes.
const WEIGHT: f64 = 2.0;

/// Several predictions of the next byte as one: each counts by how well it did so far.
#[derive(Clone, Copy, Debug)]
struct Blend<const N: usize>([f64; N]);

impl<const N: usize> Blend<N> {
    fn of(weights: [f64; N]) -> Self {
        Self(weights)
    }

    /// `shares` is how likely each of them had the byte. Returns how likely all of them together had it.
    fn take(&mut self, shares: [f64; N]) -> f64 {
        let total: f64 = self.0.iter().zip(shares).map(|(weight, share)| weight * share).sum();
        let least = 0.01 / f64::from(u8::try_from(N).unwrap_or(u8::MAX));
        for (weight, share) in self.0.iter_mut().zip(shares) {
            *weight = 0.99 * (*weight * share / total) + least;
        }
        total
    }
}

/// How likely each byte is, by its value alone, after the byte before it, and after the two before it, as far as they have
/// been seen.
fn shares(bytes: &[u8], histogram: &Histogram) -> Vec<f64> {
    let (mut pairs, mut triples) = (vec![0_u16; 1 << 16], HashMap::<u32, u16>::new());
    let (mut after_one, mut after_two) = ([0_u32; 256], HashMap::<u16, u32>::new());
    let (mut one, mut two) = (0_u8, 0_u8);
    let mut blend = Blend::of([0.6, 0.2, 0.2]);
    let mut all = Vec::with_capacity(bytes.len());
    for &byte in bytes {
        let context = u16::from_be_bytes([two, one]);
        let pair = &mut pairs[usize::from(u16::from_be_bytes([one, byte]))];
        let triple = triples.entry(u32::from_be_bytes([0, two, one, byte])).or_default();
        let (seen_one, seen_two) = (&mut after_one[usize::from(one)], after_two.entry(context).or_default());
        let alone = histogram.share(byte);
        let first = (f64::from(*pair) + WEIGHT * alone) / (f64::from(*seen_one) + WEIGHT);
        let second = (f64::from(*triple) + first) / (f64::from(*seen_two) + 1.0);
        all.push(blend.take([alone, first, second]));
        *pair = pair.saturating_add(1);
        *triple = triple.saturating_add(1);
        *seen_one = seen_one.saturating_add(1);
        *seen_two = seen_two.saturating_add(1);
        (two, one) = (one, byte);
    }
    all
}

/// The logarithm of a length.
pub(super) fn bits(len: usize) -> f64 {
    f64::from(u32::try_from(len).unwrap_or(u32::MAX).max(1)).log2()
}
