//! A delimiter behind every message.

use core::fmt;

use memchr::memmem;

use crate::error::{ConfigError, Cut, Fault, FaultKind, Refusal};
use crate::framing::{
    AtEnd, DEFAULT_MAX_PAYLOAD_LEN, Envelope, Extent, Framing, Head, Located, Progress, at_least_one,
};
use crate::scan::ByteSet;

/// A delimiter behind every message: lines, C strings, SMTP, MIME parts, IRC, Redis inline commands.
///
/// ```text
///  offset   0   1   2   3   4   5   6
///  wire     h   e   l   l   o   \r  \n     payload of 5 bytes, tail of 2 bytes
/// ```
///
/// `S` holds the delimiters, one or several, and needs no allocator: see [`Delimiters`].
///
/// ```
/// use anysplit::{Delimited, Framing, Refusal};
///
/// let crlf = Delimited::new(b"\r\n")?;
/// let mut wire = [0; 7];
/// assert_eq!(crlf.encode_into(b"hello", &mut wire), Ok(7));
/// assert_eq!(&wire, b"hello\r\n");
/// // No message can forge a second one.
/// assert_eq!(crlf.encode_into(b"a\r\nb", &mut wire), Err(Refusal::ContainsDelimiter { at: 1 }));
///
/// let either = Delimited::any_of([b"\n", b"\0"])?.with_max_payload_len(512);
/// let unequal = Delimited::any_of([&b"\r\n"[..], b";"])?;
/// # let _ = (either, unequal);
/// # Ok::<(), anysplit::ConfigError>(())
/// ```
///
/// # Which delimiter ends a message
///
/// The one that ends earliest. Of several that end at the same place, the longest that lies wholly within the frame. So
/// of `\n` and `\r\n`, both at the end of `hello\r\n`, the longer is taken and the payload is `hello`.
///
/// A delimiter that begins with another could never be found, and such sets are refused. So could one that has another
/// further inside: decoding ignores it, and encoding with it refuses every message.
///
/// # Limit
///
/// It counts payload bytes; a delimiter that is dropped counts for nothing. [`FaultKind::Oversize`] comes with the first
/// byte after which no delimiter could leave a payload within the limit. It lies at the first payload byte over the
/// limit, which has not come yet where a delimiter is kept and has no room any more.
///
/// # Cost
///
/// Decoding searches every byte once, with `memchr` where the delimiters have up to three different last bytes. Only
/// the bytes that could be the beginning of a delimiter, fewer than the longest has, are looked at again with the next
/// chunk. In a set with delimiters of several bytes, all are tried at each of their last bytes. Encoding searches the
/// message once.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Delimited<S> {
    delimiters: S,
    max: u64,
    /// The last bytes of all delimiters.
    last: ByteSet,
    search: Search,
    /// Index of the delimiter that is written.
    writes: usize,
    /// Whether some delimiter has another inside it, not at its end, and so is never found.
    shadows: bool,
    /// Whether some message without a delimiter makes one together with the delimiter written behind it.
    seams: bool,
    keeps: bool,
    takes_unterminated: bool,
}

/// How the delimiters are found.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Search {
    /// All of one byte: every last byte is a delimiter.
    Bytes,
    /// LF and CR LF: every LF is one, and then the byte before it is looked at.
    Lines,
    /// By the last byte, then the bytes before it.
    Last,
    /// One delimiter too long for that: comparing it at each of its last bytes would not be linear.
    Long,
}

/// One delimiter of more bytes is searched for with `memmem`, which is linear in the bytes whatever the delimiter's
/// length, but takes some preparation for each search.
const LONG: usize = 16;

/// What holds the delimiters of a [`Delimited`].
///
/// Implemented for arrays, slices and vectors of whatever gives bytes: `&[u8]`, `[u8; N]`, [`Mark`](crate::Mark), `&str`,
/// `Vec<u8>`; for references and boxes; and for [`Lines`]. An implementation of one's own must always answer the same.
///
/// ```
/// use anysplit::{Delimiters, Lines, Mark};
///
/// assert_eq!([b"\r\n", b"\n\n"].delimiter(1), Some(&b"\n\n"[..]));
/// assert_eq!([Mark::byte(0)].delimiter(1), None);
/// assert_eq!(Lines.delimiter(0), Some(&b"\n"[..]));
/// ```
pub trait Delimiters {
    /// The delimiter with this index, counted from 0, and none for the index behind the last.
    fn delimiter(&self, index: usize) -> Option<&[u8]>;
}

impl<M: AsRef<[u8]>> Delimiters for [M] {
    #[inline]
    fn delimiter(&self, index: usize) -> Option<&[u8]> {
        self.get(index).map(M::as_ref)
    }
}

impl<M: AsRef<[u8]>, const N: usize> Delimiters for [M; N] {
    #[inline]
    fn delimiter(&self, index: usize) -> Option<&[u8]> {
        self.as_slice().delimiter(index)
    }
}

impl<S: Delimiters + ?Sized> Delimiters for &S {
    #[inline]
    fn delimiter(&self, index: usize) -> Option<&[u8]> {
        (**self).delimiter(index)
    }
}

#[cfg(feature = "alloc")]
impl<M: AsRef<[u8]>> Delimiters for alloc::vec::Vec<M> {
    #[inline]
    fn delimiter(&self, index: usize) -> Option<&[u8]> {
        self.as_slice().delimiter(index)
    }
}

#[cfg(feature = "alloc")]
impl<S: Delimiters + ?Sized> Delimiters for alloc::boxed::Box<S> {
    #[inline]
    fn delimiter(&self, index: usize) -> Option<&[u8]> {
        (**self).delimiter(index)
    }
}

/// The delimiters of [`Delimited::line`]: LF (index 0) and CR LF (index 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Lines;

impl Delimiters for Lines {
    #[inline]
    fn delimiter(&self, index: usize) -> Option<&[u8]> {
        match index {
            0 => Some(b"\n"),
            1 => Some(b"\r\n"),
            _ => None,
        }
    }
}

impl Delimited<Lines> {
    /// Lines: each ends with LF, and one CR before it is dropped too. Written with LF alone.
    ///
    /// A CR elsewhere is data. A last line that the end of the stream ends is taken, with its CR if it ends with one.
    /// A message that ends with CR is refused, as that CR would be dropped.
    ///
    /// ```
    /// use anysplit::{Delimited, Extent, Framing, Located, Progress};
    ///
    /// let line = Delimited::line();
    /// let first = Progress::default();
    /// assert_eq!(line.locate(b"hello\r\nworld", first), Ok(Located::Known(Extent::new(0, 5, 2))));
    /// assert_eq!(line.locate(b"hel\rlo\n", first), Ok(Located::Known(Extent::new(0, 6, 1))));
    /// ```
    ///
    /// Specification: POSIX.1-2017, section 3.206, and as the sequence CR LF RFC 5234, appendix B.1. Here the one is
    /// read as well as the other.
    #[must_use]
    pub const fn line() -> Self {
        Self {
            delimiters: Lines,
            max: DEFAULT_MAX_PAYLOAD_LEN,
            last: ByteSet::of(b'\n'),
            search: Search::Lines,
            writes: 0,
            shadows: false,
            seams: true,
            keeps: false,
            takes_unterminated: true,
        }
    }

    /// The same, written with CR LF. What is read stays the same.
    ///
    /// ```
    /// use anysplit::{Delimited, Framing};
    ///
    /// let mut wire = [0; 7];
    /// assert_eq!(Delimited::line().with_crlf().encode_into(b"hello", &mut wire), Ok(7));
    /// assert_eq!(&wire, b"hello\r\n");
    /// ```
    #[must_use]
    pub const fn with_crlf(mut self) -> Self {
        self.writes = 1;
        self.seams = false;
        self
    }
}

impl Delimited<[[u8; 1]; 1]> {
    /// One byte behind every message.
    #[must_use]
    pub const fn byte(byte: u8) -> Self {
        Self {
            delimiters: [[byte]],
            max: DEFAULT_MAX_PAYLOAD_LEN,
            last: ByteSet::of(byte),
            search: Search::Bytes,
            writes: 0,
            shadows: false,
            seams: false,
            keeps: false,
            takes_unterminated: false,
        }
    }

    /// A zero byte behind every message, as in C strings and `find -print0`.
    ///
    /// ```text
    ///  wire     68 65 6c 6c 6f 00
    /// ```
    #[must_use]
    pub const fn nul() -> Self {
        Self::byte(0)
    }
}

impl Delimited<[[u8; 2]; 1]> {
    /// CR LF behind every message, and nothing else: a lone CR or LF is data.
    ///
    /// For protocols that forbid other line ends, such as SMTP, where to accept them lets one message pass for two.
    ///
    /// ```
    /// use anysplit::{Delimited, Extent, Framing, Located, Progress};
    ///
    /// let found = Delimited::crlf().locate(b"a\nb\r\n", Progress::default());
    /// assert_eq!(found, Ok(Located::Known(Extent::new(0, 3, 2))));
    /// ```
    #[must_use]
    pub const fn crlf() -> Self {
        Self::two(*b"\r\n")
    }

    /// These two bytes, which must be different: then no message can make the delimiter begin earlier.
    pub(crate) const fn two(delimiter: [u8; 2]) -> Self {
        Self {
            delimiters: [delimiter],
            max: DEFAULT_MAX_PAYLOAD_LEN,
            last: ByteSet::of(delimiter[1]),
            search: Search::Last,
            writes: 0,
            shadows: false,
            seams: false,
            keeps: false,
            takes_unterminated: false,
        }
    }
}

impl<D: AsRef<[u8]>> Delimited<[D; 1]> {
    /// This delimiter behind every message.
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyMark`] for no byte, [`ConfigError::MarkTooLong`] for more than 65535.
    pub fn new(delimiter: D) -> Result<Self, ConfigError> {
        Self::any_of([delimiter])
    }
}

impl<S: Delimiters> Delimited<S> {
    /// One of these delimiters behind every message. The first of them is written.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Empty`] for an empty set, [`ConfigError::EmptyMark`] and [`ConfigError::MarkTooLong`] for a
    /// delimiter that is not of 1 to 65535 bytes, [`ConfigError::PrefixOfAnother`].
    ///
    /// Cost: proportional to the square of the delimiters' lengths together.
    pub fn any_of(delimiters: S) -> Result<Self, ConfigError> {
        let last = checked(&delimiters)?;
        let mut framing = Self {
            delimiters,
            max: DEFAULT_MAX_PAYLOAD_LEN,
            last,
            search: Search::Last,
            writes: 0,
            shadows: false,
            seams: false,
            keeps: false,
            takes_unterminated: false,
        };
        framing.search = framing.choose_search();
        framing.shadows = framing.has_shadows();
        framing.seams = framing.has_seams();
        Ok(framing)
    }

    /// The same, written with the delimiter of this index in the set, counted from 0.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Conflict`] for an index that the set does not have.
    pub fn writing(mut self, index: usize) -> Result<Self, ConfigError> {
        if self.delimiters.delimiter(index).is_none() {
            return Err(ConfigError::Conflict("the delimiter to be written is not in the set"));
        }
        self.writes = index;
        self.seams = self.has_seams();
        Ok(self)
    }

    /// All delimiters, in the order of their indices.
    pub fn delimiters(&self) -> impl Iterator<Item = &[u8]> {
        each(&self.delimiters)
    }

    /// The delimiter that is written.
    #[must_use]
    pub fn written(&self) -> &[u8] {
        self.delimiters.delimiter(self.writes).unwrap_or_default()
    }
}

impl<S> Delimited<S> {
    /// The same with another limit, in bytes of payload.
    #[must_use]
    pub const fn with_max_payload_len(mut self, max: u64) -> Self {
        self.max = max;
        self
    }

    /// The same with the delimiter kept: it is part of the payload, and the frame has no tail.
    ///
    /// It then counts for the limit. A message that is encoded must end with one delimiter and have none before.
    ///
    /// ```
    /// use anysplit::{Delimited, Extent, Framing, Located, Progress, Refusal};
    ///
    /// let line = Delimited::line().keeping_delimiter();
    /// assert_eq!(line.locate(b"hello\n", Progress::default()), Ok(Located::Known(Extent::new(0, 6, 0))));
    /// assert_eq!(line.encode_into(b"hello", &mut [0; 8]), Err(Refusal::NotTerminated));
    /// ```
    #[must_use]
    pub const fn keeping_delimiter(mut self) -> Self {
        self.keeps = true;
        self
    }

    /// The same, with what the end of the stream finds behind the last delimiter taken for a message.
    #[must_use]
    pub const fn taking_unterminated(mut self) -> Self {
        self.takes_unterminated = true;
        self
    }

    /// The same, with the end of the stream behind an unfinished message an error,
    /// [`Cut::Unterminated`](crate::Cut::Unterminated). The default except for [`line`](Delimited::line).
    #[must_use]
    pub const fn failing_unterminated(mut self) -> Self {
        self.takes_unterminated = false;
        self
    }

    /// Whether the delimiter is part of the payload.
    #[must_use]
    pub const fn keeps_delimiter(&self) -> bool {
        self.keeps
    }

    /// Whether an unterminated last message is taken.
    #[must_use]
    pub const fn takes_unterminated(&self) -> bool {
        self.takes_unterminated
    }

    /// Index of the delimiter that is written.
    #[must_use]
    pub const fn writes(&self) -> usize {
        self.writes
    }

    /// The same with its delimiters, which must stay what they are, held in another way.
    #[cfg(feature = "alloc")]
    pub(crate) fn with_same_delimiters<T>(self, delimiters: T) -> Delimited<T> {
        let Self { delimiters: _, max, last, search, writes, shadows, seams, keeps, takes_unterminated } = self;
        Delimited { delimiters, max, last, search, writes, shadows, seams, keeps, takes_unterminated }
    }

    /// `len` bytes of payload that are in the input, or its fault if they are too many.
    #[inline]
    fn within_limit(&self, len: usize, progress: Progress) -> Result<u64, Fault> {
        let len = len as u64;
        if len.saturating_add(progress.passed) > self.max && !progress.unlimited {
            return Err(self.oversize(progress));
        }
        Ok(len)
    }

    #[cold]
    fn oversize(&self, progress: Progress) -> Fault {
        // Not far behind the input's end, so it fits.
        let at = usize::try_from(self.max.saturating_sub(progress.passed)).unwrap_or(usize::MAX);
        Fault::new(at, FaultKind::Oversize { len: self.max.saturating_add(1), max: self.max })
    }

    /// Length of the frame's tail, whose delimiter has `len` bytes.
    #[inline]
    fn tail_len(&self, len: usize) -> usize {
        if self.keeps { 0 } else { len }
    }
}

/// A tail is at most as long as a delimiter, of which construction checks the length.
#[inline]
fn extent(payload: u64, tail: usize) -> Extent {
    Extent::new(0, payload, u16::try_from(tail).unwrap_or(u16::MAX))
}

/// One frame's end, as far as the delimiters alone say.
struct End {
    /// Length of the frame.
    len: usize,
    /// Length of the delimiter at its end.
    delimiter: usize,
}

fn each<S: Delimiters>(delimiters: &S) -> impl Iterator<Item = &[u8]> {
    (0..).map_while(|index| delimiters.delimiter(index))
}

/// The last bytes of the delimiters, if these can be told apart.
fn checked<S: Delimiters>(delimiters: &S) -> Result<ByteSet, ConfigError> {
    let mut set: Option<ByteSet> = None;
    for (index, delimiter) in each(delimiters).enumerate() {
        let &last = delimiter.last().ok_or(ConfigError::EmptyMark)?;
        if u16::try_from(delimiter.len()).is_err() {
            return Err(ConfigError::MarkTooLong { len: delimiter.len(), max: u16::MAX.into() });
        }
        for (earlier, other) in each(delimiters).take(index).enumerate() {
            if delimiter.starts_with(other) {
                return Err(ConfigError::PrefixOfAnother { shorter: earlier, longer: index });
            }
            if other.starts_with(delimiter) {
                return Err(ConfigError::PrefixOfAnother { shorter: index, longer: earlier });
            }
        }
        set = Some(set.map_or(ByteSet::of(last), |set| set.with(last)));
    }
    set.ok_or(ConfigError::Empty)
}

impl<S: Delimiters> Delimited<S> {
    fn choose_search(&self) -> Search {
        let mut delimiters = self.delimiters();
        match (delimiters.next(), delimiters.next(), delimiters.next()) {
            _ if self.delimiters().all(|delimiter| delimiter.len() == 1) => Search::Bytes,
            (Some(b"\n"), Some(b"\r\n"), None) | (Some(b"\r\n"), Some(b"\n"), None) => Search::Lines,
            (Some(one), None, None) if one.len() > LONG => Search::Long,
            _ => Search::Last,
        }
    }

    fn has_shadows(&self) -> bool {
        self.delimiters().any(|delimiter| self.is_shadowed(delimiter))
    }

    /// Whether another delimiter inside this one ends before it does.
    fn is_shadowed(&self, delimiter: &[u8]) -> bool {
        let (_, inside) = delimiter.split_last().unwrap_or((&0, &[]));
        self.delimiters().any(|other| memmem::find(inside, other).is_some())
    }

    fn has_seams(&self) -> bool {
        let written = self.written();
        (1..=written.len()).any(|end| {
            let (begun, whole) = (&written[..end], end == written.len());
            self.delimiters().any(|delimiter| match delimiter.len() > end {
                true => delimiter.ends_with(begun),
                false => !whole && begun.ends_with(delimiter),
            })
        })
    }

    /// The length of the longest delimiter with which `bytes` ends.
    #[inline]
    fn longest_ending(&self, bytes: &[u8]) -> Option<usize> {
        self.delimiters().filter(|delimiter| bytes.ends_with(delimiter)).map(<[u8]>::len).max()
    }

    /// The earliest end of a frame in `input`, where no delimiter begins before `from`.
    #[inline]
    fn find(&self, input: &[u8], from: usize) -> Option<End> {
        let rest = input.get(from..)?;
        match self.search {
            Search::Bytes => self.last.find(rest).map(|at| End { len: from + at + 1, delimiter: 1 }),
            Search::Lines => {
                let at = from + memchr::memchr(b'\n', rest)?;
                Some(End { len: at + 1, delimiter: line_ending(input, at) })
            }
            Search::Last => self.find_by_last(input, from),
            Search::Long => {
                let delimiter = self.written();
                // Shorter ones are not worth the preparation.
                let at = if rest.len() < delimiter.len() { None } else { memmem::find(rest, delimiter) };
                at.map(|at| End { len: from + at + delimiter.len(), delimiter: delimiter.len() })
            }
        }
    }

    #[inline]
    fn find_by_last(&self, input: &[u8], from: usize) -> Option<End> {
        let mut end = from;
        loop {
            end += self.last.find(&input[end..])? + 1;
            if let Some(delimiter) = self.longest_ending(&input[..end]) {
                return Some(End { len: end, delimiter });
            }
        }
    }

    /// For `input` without an end: where the longest beginning of a delimiter at its end begins, not before `from`,
    /// and how many bytes the delimiter lacks that lacks fewest.
    #[inline]
    fn begun(&self, input: &[u8], from: usize) -> (usize, usize) {
        match self.search {
            Search::Bytes => (input.len(), 1),
            Search::Lines => (input.len() - usize::from(input.ends_with(b"\r")), 1),
            Search::Last | Search::Long => {
                let rest = input.get(from..).unwrap_or_default();
                let (mut longest, mut need) = (0, usize::MAX);
                for delimiter in self.delimiters() {
                    // One that is never found holds nothing back, and lacks more than the one inside it.
                    if self.shadows && self.is_shadowed(delimiter) {
                        continue;
                    }
                    let len = begun_at_end(rest, delimiter);
                    longest = longest.max(len);
                    need = need.min(delimiter.len() - len);
                }
                (input.len() - longest, need)
            }
        }
    }

    /// Where the delimiter begins that ends `message ‖ written` too early, or swallows some of `message`.
    fn seam(&self, message: &[u8]) -> Option<usize> {
        if self.search == Search::Lines {
            // The CR at the end, in front of the LF.
            return message.strip_suffix(b"\r").map(<[u8]>::len);
        }
        let written = self.written();
        for end in 1..=written.len() {
            let begun = &written[..end];
            let ends_here = |delimiter: &&[u8]| match delimiter.len().checked_sub(end) {
                Some(before) => {
                    let (front, back) = delimiter.split_at(before);
                    back == begun && message.ends_with(front)
                }
                None => begun.ends_with(delimiter),
            };
            if let Some(len) = self.delimiters().filter(ends_here).map(<[u8]>::len).max() {
                let at = message.len() + end - len;
                return (at != message.len() || end != written.len()).then_some(at);
            }
        }
        None
    }
}

/// The length of the line's end whose LF is at `at`.
///
/// Nothing is lost by looking beyond the start of the line: the byte there is the LF of the line before.
#[inline]
fn line_ending(input: &[u8], at: usize) -> usize {
    match input[..at] {
        [.., b'\r'] => 2,
        _ => 1,
    }
}

/// How many bytes at the end of `rest` begin `delimiter`, at most all but one of its own.
fn begun_at_end(rest: &[u8], delimiter: &[u8]) -> usize {
    let Some((&first, behind)) = delimiter.split_first() else { return 0 };
    let most = &rest[rest.len().saturating_sub(behind.len())..];
    memchr::memchr_iter(first, most)
        .map(|at| &most[at..])
        .find(|begun| delimiter.starts_with(begun))
        .map_or(0, <[u8]>::len)
}

impl<S: Delimiters> Framing for Delimited<S> {
    #[inline]
    fn locate(&self, input: &[u8], progress: Progress) -> Result<Located, Fault> {
        let from = progress.scanned.min(input.len());
        if let Some(End { len, delimiter }) = self.find(input, from) {
            let tail = self.tail_len(delimiter);
            let payload = self.within_limit(len - tail, progress)?;
            return Ok(Located::Known(extent(payload, tail)));
        }
        let (scanned, need) = self.begun(input, from);
        // The least payload that any end, that of the stream included, can still make of this.
        let least = match (self.keeps, self.takes_unterminated) {
            (false, _) => scanned,
            (true, true) => input.len(),
            // Nothing is no fault yet, even where the limit leaves no room for a delimiter.
            (true, false) if input.is_empty() && progress.passed == 0 => 0,
            (true, false) => input.len().saturating_add(need),
        };
        self.within_limit(least, progress)?;
        Ok(Located::Open { head: 0, scanned, need: at_least_one(need) })
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, Refusal> {
        let len = message.len() as u64;
        if len > self.max {
            return Err(Refusal::Oversize { len, max: self.max });
        }
        match self.find(message, 0) {
            Some(End { len, .. }) if self.keeps && len == message.len() => Ok(Envelope::new(Head::empty())),
            Some(End { len, delimiter }) => Err(Refusal::ContainsDelimiter { at: len - delimiter }),
            None if self.keeps => Err(Refusal::NotTerminated),
            None => match self.seams.then(|| self.seam(message)).flatten() {
                Some(at) => Err(Refusal::ContainsDelimiter { at }),
                None => Ok(Envelope::new(Head::empty()).with_tail(self.written())),
            },
        }
    }

    fn at_end(&self, rest: &[u8], progress: Progress) -> Result<AtEnd, Fault> {
        if rest.is_empty() && progress.passed == 0 {
            return Ok(AtEnd::Clean);
        }
        match self.locate(rest, progress)? {
            Located::Known(extent) => Ok(AtEnd::Frame(extent)),
            // What could have been the beginning of a delimiter is payload now.
            _ if self.takes_unterminated => {
                Ok(AtEnd::Frame(Extent::new(0, self.within_limit(rest.len(), progress)?, 0)))
            }
            _ => Ok(AtEnd::Cut(Cut::Unterminated { have: (rest.len() as u64).saturating_add(progress.passed) })),
        }
    }

    #[inline]
    fn last_bytes(&self) -> Option<&ByteSet> {
        match self.search {
            // Comparing a long delimiter at each of its last bytes would not be linear.
            Search::Long => Some(&ByteSet::EMPTY),
            _ => Some(&self.last),
        }
    }

    #[inline]
    fn ending(&self, wire: &[u8]) -> Option<Extent> {
        let delimiter = match self.search {
            Search::Bytes => 1,
            Search::Lines => 1 + usize::from(wire.ends_with(b"\r\n")),
            Search::Last | Search::Long => self.longest_ending(wire)?,
        };
        let tail = self.tail_len(delimiter);
        Some(extent(wire.len().checked_sub(tail)? as u64, tail))
    }

    fn max_payload_len(&self) -> u64 {
        self.max
    }
}

impl<S: Delimiters> fmt::Debug for Delimited<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Delimited { delimiters: [")?;
        for (index, delimiter) in self.delimiters().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}\"{}\"", delimiter.escape_ascii())?;
        }
        let Self { max, writes, keeps, takes_unterminated, .. } = self;
        write!(f, "], max: {max}, writes: {writes}, keeps: {keeps}, takes_unterminated: {takes_unterminated} }}")
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    extern crate std;

    use super::*;
    use crate::Decoder;
    use crate::error::DecodeError;
    use crate::mark::Mark;
    use std::boxed::Box;
    use std::format;
    use std::vec;
    use std::vec::Vec;

    type Set = Vec<&'static [u8]>;

    /// Sets that overlap one another and themselves, each with three bytes that make up the inputs.
    fn sets() -> Vec<(Set, &'static [u8; 3])> {
        let sets: [&[&'static [u8]]; 15] = [
            &[b"c"],
            &[b"b", b"c"],
            &[b"a", b"b", b"c"],
            &[b"x", b"a", b"y", b"b", b"z"],
            &[b"ab"],
            &[b"aa"],
            &[b"aba"],
            &[b"abab", b"bb"],
            &[b"c", b"bc"],
            &[b"bc", b"c", b"abc"],
            &[b"ab", b"ba"],
            &[b"b", b"abc"],
            &[b"cabc", b"b", b"aac"],
            &[b"aab", b"aba", b"baa"],
            &[b"bab", b"aa", b"cc", b"cac"],
        ];
        let mut all: Vec<(Set, _)> = sets.iter().map(|set| (set.to_vec(), b"abc")).collect();
        all.push((vec![b"\n", b"\r\n"], b"x\r\n"));
        all.push((vec![b"\r\n", b"\n"], b"x\r\n"));
        all
    }

    /// The framing, and the same with the search for one long delimiter where there is but one.
    fn framings(set: &Set) -> Vec<Delimited<Set>> {
        let framing = Delimited::any_of(set.clone()).unwrap();
        let mut all = vec![framing.clone()];
        if set.len() == 1 {
            all.push(Delimited { search: Search::Long, ..framing });
        }
        all.into_iter().flat_map(|framing| [framing.clone(), framing.keeping_delimiter()]).collect()
    }

    fn inputs(alphabet: &[u8], longest: usize) -> Vec<Vec<u8>> {
        let mut all = vec![vec![]];
        let mut begin = 0;
        for _ in 0..longest {
            let end = all.len();
            for i in begin..end {
                for &byte in alphabet {
                    all.push([&all[i][..], &[byte]].concat());
                }
            }
            begin = end;
        }
        all
    }

    /// The definition: the first place where some delimiter ends, and there the longest.
    fn naive_end(set: &Set, input: &[u8]) -> Option<(usize, usize)> {
        (1..=input.len()).find_map(|end| {
            let ending = set.iter().filter(|delimiter| input[..end].ends_with(delimiter));
            ending.map(|delimiter| (end - delimiter.len(), end)).min()
        })
    }

    /// What lies in the future of an input without an end.
    struct Future {
        start: usize,
        end: usize,
    }

    /// The least start and the least end of a delimiter over every way the bytes could go on.
    fn future(set: &Set, input: &[u8], endings: &[Vec<u8>]) -> Future {
        let ends = endings.iter().filter_map(|more| naive_end(set, &[input, more].concat()));
        ends.fold(Future { start: input.len(), end: usize::MAX }, |least, (start, end)| Future {
            start: least.start.min(start),
            end: least.end.min(end),
        })
    }

    /// What `locate` must say, from the definition and the future alone.
    fn expected<S>(
        framing: &Delimited<S>,
        input: &[u8],
        end: Option<(usize, usize)>,
        future: &Future,
    ) -> Result<Located, Fault> {
        let fault = |least: usize, answer| match least as u64 > framing.max {
            true => {
                let kind = FaultKind::Oversize { len: framing.max + 1, max: framing.max };
                Err(Fault::new(usize::try_from(framing.max).unwrap(), kind))
            }
            false => Ok(answer),
        };
        let tail = |start, end| u16::try_from(end - start).unwrap();
        match end {
            Some((_, end)) if framing.keeps => fault(end, Located::Known(Extent::new(0, end as u64, 0))),
            Some((start, end)) => fault(start, Located::Known(Extent::new(0, start as u64, tail(start, end)))),
            None => {
                let least = match (framing.keeps, framing.takes_unterminated) {
                    (true, false) if input.is_empty() => 0,
                    (true, false) => future.end,
                    (true, true) => input.len(),
                    (false, _) => future.start,
                };
                let need = at_least_one(future.end - input.len());
                fault(least, Located::Open { head: 0, scanned: future.start, need })
            }
        }
    }

    fn scanned(answer: Result<Located, Fault>) -> Option<usize> {
        match answer {
            Ok(Located::Open { scanned, .. }) => Some(scanned),
            _ => None,
        }
    }

    #[test]
    fn locate_agrees_with_its_definition_for_every_short_input() {
        for (set, alphabet) in sets() {
            let endings = inputs(alphabet, set.iter().map(|delimiter| delimiter.len()).max().unwrap());
            for input in inputs(alphabet, if cfg!(debug_assertions) { 6 } else { 8 }) {
                let (end, future) = (naive_end(&set, &input), future(&set, &input, &endings));
                for framing in framings(&set) {
                    for max in [0, 1, 2, 3, 5, 100] {
                        let framing = framing.clone().with_max_payload_len(max);
                        for framing in [framing.clone(), framing.taking_unterminated()] {
                            let answer = framing.locate(&input, Progress::default());
                            assert_eq!(answer, expected(&framing, &input, end, &future), "{framing:?} {input:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn answers_stay_the_same_as_bytes_arrive_and_as_searched_ones_are_passed_on() {
        // Unoptimised, two bytes more take a minute.
        let longest = if cfg!(debug_assertions) { 7 } else { 9 };
        for (set, alphabet) in sets() {
            for framing in framings(&set) {
                for max in [0, 2, 4, 100] {
                    let framing = framing.clone().with_max_payload_len(max);
                    for input in inputs(alphabet, longest).into_iter().filter(|input| input.len() == longest) {
                        answers_stay_the_same(&framing, &input);
                    }
                }
            }
        }
    }

    fn answers_stay_the_same(framing: &Delimited<Set>, input: &[u8]) {
        let boundless = framing.clone().with_max_payload_len(u64::MAX);
        let mut settled = None;
        let mut resumed = Progress::default();
        let mut passing = Progress::default();
        let mut gone = 0;
        for len in 0..=input.len() {
            let scratch = framing.locate(&input[..len], Progress::default());
            assert!(settled.is_none_or(|earlier| earlier == scratch), "{framing:?} {input:?}");
            if scanned(scratch).is_none() {
                settled = Some(scratch);
            }
            // With what the last answer said.
            assert_eq!(framing.locate(&input[..len], resumed), scratch, "{framing:?} {input:?} {resumed:?}");
            resumed.scanned = scanned(scratch).unwrap_or(resumed.scanned);
            // With what was searched passed on and gone.
            let left = framing.locate(&input[gone..len], passing);
            match scratch {
                Ok(Located::Known(extent)) => {
                    let payload = extent.payload_len() - gone as u64;
                    let tail = u16::try_from(extent.tail_len()).unwrap();
                    assert_eq!(left, Ok(Located::Known(Extent::new(0, payload, tail))));
                }
                Ok(Located::Open { scanned, need, .. }) => {
                    assert_eq!(left, Ok(Located::Open { head: 0, scanned: scanned - gone, need }));
                    passing.passed = scanned as u64;
                    gone = scanned;
                }
                Ok(Located::Head { .. }) => panic!("no head"),
                Err(fault) => assert_eq!(left, Err(Fault::new(fault.at - gone, fault.kind)), "{framing:?} {input:?}"),
            }
            // With the limit off.
            let unlimited = framing.locate(&input[..len], Progress { unlimited: true, ..Progress::default() });
            assert_eq!(unlimited, boundless.locate(&input[..len], Progress::default()));
        }
    }

    /// Hides every method that has a provided one.
    struct Plain<'a, F>(&'a F);

    impl<F: Framing> Framing for Plain<'_, F> {
        fn locate(&self, input: &[u8], progress: Progress) -> Result<Located, Fault> {
            self.0.locate(input, progress)
        }
        fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, Refusal> {
            self.0.envelope(message)
        }
    }

    type Found = (Vec<(Extent, u64)>, Result<(), DecodeError>);

    /// The frames of one chunk by the two ways of going through it, which must be the same.
    fn frames<F: Framing>(framing: &F, input: &[u8]) -> Found {
        let mut decoder = Decoder::new(framing);
        let mut found = Vec::new();
        let end = decoder.frames_in(input).unwrap().for_each(|frame| found.push((frame.extent(), frame.offset())));
        let (mut decoder, mut one_by_one) = (Decoder::new(framing), Vec::new());
        let mut walk = decoder.frames_in(input).unwrap();
        let result = loop {
            match walk.next_frame() {
                Ok(Some(frame)) => one_by_one.push((frame.extent(), frame.offset())),
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        assert_eq!((&one_by_one, result), (&found, end));
        (found, end)
    }

    #[test]
    fn the_frames_of_every_short_input_are_those_without_shortcuts() {
        let longest = if cfg!(debug_assertions) { 6 } else { 9 };
        for (set, alphabet) in sets() {
            for framing in framings(&set) {
                for max in [0, 1, 3, 100] {
                    let framing = framing.clone().with_max_payload_len(max);
                    for input in inputs(alphabet, longest) {
                        assert_eq!(frames(&framing, &input), frames(&Plain(&framing), &input), "{framing:?} {input:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_frames_of_long_inputs_are_those_without_shortcuts() {
        for (set, alphabet) in sets() {
            for framing in framings(&set) {
                // So many of 256 bytes are not filling.
                for dense in [1, 3, 20, 120, 250] {
                    let mut state = 1_u32;
                    let input: Vec<u8> = (0..5000)
                        .map(|_| {
                            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                            let [_, _, pick, random] = state.to_le_bytes();
                            if random < dense { alphabet[usize::from(pick) % 3] } else { b'-' }
                        })
                        .collect();
                    for max in [5, 60, 5000] {
                        let framing = framing.clone().with_max_payload_len(max);
                        for input in [&input[..], &input[..63], &input[7..500]] {
                            let expected = frames(&Plain(&framing), input);
                            assert_eq!(frames(&framing, input), expected, "{framing:?} {dense}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn every_message_comes_back_or_is_refused_where_an_earlier_delimiter_begins() {
        for (set, alphabet) in sets() {
            for (writes, written) in set.iter().enumerate() {
                for framing in
                    framings(&set).into_iter().filter(|framing| framing.search != Search::Long || writes == 0)
                {
                    let framing = framing.writing(writes).unwrap().with_max_payload_len(5);
                    for message in inputs(alphabet, 6) {
                        comes_back_or_is_refused(&framing, &set, written, &message);
                    }
                }
            }
        }
    }

    fn comes_back_or_is_refused(framing: &Delimited<Set>, set: &Set, written: &[u8], message: &[u8]) {
        let wire = if framing.keeps { message.to_vec() } else { [message, written].concat() };
        let expected = match naive_end(set, &wire) {
            _ if message.len() > 5 => Err(Refusal::Oversize { len: message.len() as u64, max: 5 }),
            None => Err(Refusal::NotTerminated),
            Some((_, end)) if framing.keeps && end == wire.len() => Ok(wire.len()),
            Some((start, end)) if !framing.keeps && (start, end) == (message.len(), wire.len()) => Ok(end),
            Some((at, _)) => Err(Refusal::ContainsDelimiter { at }),
        };
        let mut out = [0; 16];
        let answer = framing.encode_into(message, &mut out);
        assert_eq!(answer, expected, "{framing:?} {message:?}");
        if let Ok(len) = answer {
            assert_eq!(out[..len], wire);
            let Ok(Located::Known(extent)) = framing.locate(&wire, Progress::default()) else {
                panic!("{framing:?} {message:?}")
            };
            assert_eq!((extent.payload_len(), extent.frame_len()), (message.len() as u64, len as u64));
        }
    }

    const OVER_5: FaultKind = FaultKind::Oversize { len: 6, max: 5 };

    #[test]
    fn a_line_is_too_long_at_the_first_byte_that_proves_it() {
        let line = Delimited::line().with_max_payload_len(5);
        let locate = |input: &[u8]| line.locate(input, Progress::default());
        let open = |scanned| Ok(Located::Open { head: 0, scanned, need: at_least_one(1) });
        assert_eq!(locate(b"hello"), open(5));
        assert_eq!(locate(b"hello\r"), open(5));
        assert_eq!(locate(b"hello\r\n"), Ok(Located::Known(Extent::new(0, 5, 2))));
        assert_eq!(locate(b"hellox"), Err(Fault::new(5, OVER_5)));
        for input in [&b"hello\rX"[..], b"hello\r\r\n", b"helloooo\n", b"helloooo\r\nx"] {
            assert_eq!(locate(input), Err(Fault::new(5, OVER_5)), "{input:?}");
        }
        // `hello` was passed on.
        let passed = Progress { passed: 5, ..Progress::default() };
        assert_eq!(line.locate(b"\r\n", passed), Ok(Located::Known(Extent::new(0, 0, 2))));
        assert_eq!(line.locate(b"\rX", passed), Err(Fault::new(0, OVER_5)));
    }

    #[test]
    fn the_end_of_the_stream_ends_a_last_line_or_cuts_it() {
        let line = Delimited::line().with_max_payload_len(6);
        let first = Progress::default();
        assert_eq!(line.at_end(b"", first), Ok(AtEnd::Clean));
        assert_eq!(line.at_end(b"hello\r", first), Ok(AtEnd::Frame(Extent::new(0, 6, 0))));
        assert_eq!(line.with_max_payload_len(5).at_end(b"hello\r", first), Err(Fault::new(5, OVER_5)));
        let cut = line.failing_unterminated();
        assert_eq!(cut.at_end(b"hello\r", first), Ok(AtEnd::Cut(Cut::Unterminated { have: 6 })));
        assert_eq!(cut.at_end(b"", first), Ok(AtEnd::Clean));

        let passed = Progress { passed: 5, ..first };
        assert_eq!(cut.at_end(b"", passed), Ok(AtEnd::Cut(Cut::Unterminated { have: 5 })));
        assert_eq!(line.at_end(b"", passed), Ok(AtEnd::Frame(Extent::new(0, 0, 0))));
        assert_eq!(line.with_max_payload_len(5).at_end(b"\r", passed), Err(Fault::new(0, OVER_5)));
        let skipping = Progress { unlimited: true, ..passed };
        let skipped = line.with_max_payload_len(5).at_end(b"\r", skipping);
        assert_eq!(skipped, Ok(AtEnd::Frame(Extent::new(0, 1, 0))));
    }

    #[test]
    fn a_kept_delimiter_counts_for_the_limit() {
        let kept = Delimited::new(b"\r\n").unwrap().keeping_delimiter().with_max_payload_len(5);
        let first = Progress::default();
        assert_eq!(kept.locate(b"hel\r\n", first), Ok(Located::Known(Extent::new(0, 5, 0))));
        // Two bytes are still to come.
        assert_eq!(kept.locate(b"hell", first), Err(Fault::new(5, OVER_5)));
        assert_eq!(kept.locate(b"hell\r\n", first), Err(Fault::new(5, OVER_5)));
        // Or the end of the stream.
        let taking = kept.taking_unterminated();
        assert_eq!(taking.at_end(b"hello", first), Ok(AtEnd::Frame(Extent::new(0, 5, 0))));
        assert_eq!(taking.at_end(b"hellos", first), Err(Fault::new(5, OVER_5)));
    }

    #[test]
    fn a_long_delimiter_is_found_however_it_arrives() {
        let mut boundary = b"\r\n--".to_vec();
        boundary.extend([b'-'; 60]);
        for delimiter in [boundary, vec![b'a'; 300], [vec![b'a'; 40], vec![b'b'], vec![b'a'; 40]].concat()] {
            let framing = Delimited::new(delimiter.clone()).unwrap();
            assert!(framing.search == Search::Long);
            let wire = [b"one", &delimiter[..], b"bb", &delimiter, b"", &delimiter, &delimiter[..20]].concat();
            assert_eq!(frames(&framing, &wire), frames(&Plain(&framing), &wire));
            assert_eq!(frames(&framing, &wire).0.len(), 3);
            assert_eq!(frames(&framing.clone().with_max_payload_len(2), &wire).0.len(), 0);
            let frame = 3 + delimiter.len();
            let mut progress = Progress::default();
            for len in 0..frame {
                let Ok(Located::Open { scanned, need, .. }) = framing.locate(&wire[..len], progress) else {
                    panic!("{len}")
                };
                let lacks = if len < 3 { delimiter.len() } else { frame - len };
                assert_eq!((scanned, need.get()), (len.min(3), lacks));
                progress.scanned = scanned;
            }
            let tail = u16::try_from(delimiter.len()).unwrap();
            let found = framing.locate(&wire[..frame], progress);
            assert_eq!(found, Ok(Located::Known(Extent::new(0, 3, tail))));
        }
    }

    #[test]
    fn sets_that_could_not_be_told_apart_are_refused() {
        let refused = |set: &[&[u8]]| Delimited::any_of(set).unwrap_err();
        assert_eq!(refused(&[]), ConfigError::Empty);
        assert_eq!(refused(&[b";", b""]), ConfigError::EmptyMark);
        assert_eq!(refused(&[b"ab", b";", b"a"]), ConfigError::PrefixOfAnother { shorter: 2, longer: 0 });
        assert_eq!(refused(&[b"a", b";", b"ab"]), ConfigError::PrefixOfAnother { shorter: 0, longer: 2 });
        assert_eq!(refused(&[b"a", b"a"]), ConfigError::PrefixOfAnother { shorter: 0, longer: 1 });
        assert_eq!(Delimited::new(b"").unwrap_err(), ConfigError::EmptyMark);
        let too_long = ConfigError::MarkTooLong { len: 65536, max: 65535 };
        assert_eq!(Delimited::new(vec![b'a'; 65536]).unwrap_err(), too_long);
        assert!(Delimited::new(vec![b'a'; 65535]).is_ok());
        assert!(Delimited::byte(b';').writing(1).is_err());
    }

    #[test]
    fn delimiters_are_held_in_many_ways() {
        fn ends<S: Delimiters>(framing: Result<Delimited<S>, ConfigError>) {
            let found = framing.unwrap().locate(b"hello;", Progress::default());
            assert_eq!(found, Ok(Located::Known(Extent::new(0, 5, 1))));
        }
        ends(Ok(Delimited::byte(b';')));
        ends(Delimited::new(b";"));
        ends(Delimited::new([b';']));
        ends(Delimited::new(";"));
        ends(Delimited::new(Mark::byte(b';')));
        ends(Delimited::any_of([Mark::byte(b';'), Mark::byte(b',')]));
        ends(Delimited::any_of(&[&b"\r\n"[..], b";"][..]));
        ends(Delimited::any_of(&[b";", b","]));
        ends(Delimited::any_of(vec![b"\r\n".to_vec(), b";".to_vec()]));
        ends(Delimited::any_of(Box::<[Box<[u8]>]>::from([Box::from(&b";"[..])])));
        ends(Delimited::any_of(Box::new([b";"]) as Box<dyn Delimiters>));
    }

    #[test]
    fn constants_are_the_same_as_what_the_constructors_make_of_their_delimiters() {
        let made = Delimited::any_of(Lines).unwrap().taking_unterminated();
        assert!(made == Delimited::line());
        assert!(made.writing(1).unwrap() == Delimited::line().with_crlf());
        assert!(Delimited::any_of([[0]]).unwrap() == Delimited::nul());
        assert!(Delimited::any_of([*b"\r\n"]).unwrap() == Delimited::crlf());
        assert!(Delimited::any_of([*b"\x1c\r"]).unwrap() == Delimited::two(*b"\x1c\r"));
    }

    #[test]
    fn the_debug_form_shows_the_delimiters_as_text() {
        let text = "Delimited { delimiters: [\"\\n\", \"\\r\\n\"], max: 8388608, writes: 1, keeps: false, \
                    takes_unterminated: true }";
        assert_eq!(format!("{:?}", Delimited::line().with_crlf()), text);
    }
}
