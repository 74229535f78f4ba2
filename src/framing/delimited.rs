//! A delimiter after every message.

use core::fmt;

use memchr::memmem;

use crate::contract::{AtEof, DEFAULT_MAX_PAYLOAD_LEN, Envelope, Extent, Framing, LastBytes, Located, Progress};
use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError, Truncated};
use crate::number::at_least_one;
use crate::scan::ByteSet;
use crate::short::ShortBytes;

/// A delimiter after every message: lines, C strings, SMTP, MIME parts, IRC, Redis inline commands.
///
/// ```text
///  offset   0   1   2   3   4   5   6
///  wire     h   e   l   l   o   \r  \n     payload of 5 bytes, trailer of 2 bytes
/// ```
///
/// `S` holds the delimiters, one or several, and needs no allocator: see [`Delimiters`].
///
/// ```
/// use anysplit::{Delimited, Framing, EncodeError};
///
/// let crlf = Delimited::new(b"\r\n")?;
/// let mut wire = [0; 7];
/// assert_eq!(crlf.encode_into(b"hello", &mut wire), Ok(7));
/// assert_eq!(&wire, b"hello\r\n");
/// // No message can forge a second one.
/// assert_eq!(crlf.encode_into(b"a\r\nb", &mut wire), Err(EncodeError::ContainsDelimiter { at: 1 }));
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
/// It counts payload bytes; a delimiter that is dropped counts for nothing. [`DecodeErrorKind::Oversize`] comes with the first
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
    /// Whether some message without a delimiter makes one together with the delimiter written after it.
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
/// Implemented for arrays, slices and vectors of whatever gives bytes: `&[u8]`, `[u8; N]`, [`Literal`](crate::Literal), `&str`,
/// `Vec<u8>`; for references and boxes; and for [`Lines`]. An implementation of one's own must always answer the same.
///
/// ```
/// use anysplit::{Delimiters, Lines, Literal};
///
/// assert_eq!([b"\r\n", b"\n\n"].delimiter(1), Some(&b"\n\n"[..]));
/// assert_eq!([Literal::byte(0)].delimiter(1), None);
/// assert_eq!(Lines.delimiter(0), Some(&b"\n"[..]));
/// ```
pub trait Delimiters {
    /// The delimiter with this index, counted from 0, and none for the index after the last.
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
    /// One byte after every message.
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

    /// A zero byte after every message, as in C strings and `find -print0`.
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
    /// CR LF after every message, and nothing else: a lone CR or LF is data.
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
    /// This delimiter after every message.
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyLiteral`] for no byte, [`ConfigError::LiteralTooLong`] for more than 65535.
    pub fn new(delimiter: D) -> Result<Self, ConfigError> {
        Self::any_of([delimiter])
    }
}

impl<S: Delimiters> Delimited<S> {
    /// One of these delimiters after every message. The first of them is written.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Empty`] for an empty set, [`ConfigError::EmptyLiteral`] and [`ConfigError::LiteralTooLong`] for a
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

    /// The same with the delimiter kept: it is part of the payload, and the frame has no trailer.
    ///
    /// It then counts for the limit. A message that is encoded must end with one delimiter and have none before.
    ///
    /// ```
    /// use anysplit::{Delimited, Extent, Framing, Located, Progress, EncodeError};
    ///
    /// let line = Delimited::line().keeping_delimiter();
    /// assert_eq!(line.locate(b"hello\n", Progress::default()), Ok(Located::Known(Extent::new(0, 6, 0))));
    /// assert_eq!(line.encode_into(b"hello", &mut [0; 8]), Err(EncodeError::NotTerminated));
    /// ```
    #[must_use]
    pub const fn keeping_delimiter(mut self) -> Self {
        self.keeps = true;
        self
    }

    /// The same, with what the end of the stream finds after the last delimiter taken for a message.
    #[must_use]
    pub const fn taking_unterminated(mut self) -> Self {
        self.takes_unterminated = true;
        self
    }

    /// The same, with the end of the stream after an unfinished message an error,
    /// [`Truncated::Unterminated`](crate::Truncated::Unterminated). The default except for [`line`](Delimited::line).
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
    fn within_limit(&self, len: usize, progress: Progress) -> Result<u64, FrameError> {
        let len = len as u64;
        if len.saturating_add(progress.passed) > self.max && !progress.unlimited {
            return Err(self.oversize(progress));
        }
        Ok(len)
    }

    #[cold]
    fn oversize(&self, progress: Progress) -> FrameError {
        // Not far after the input's end, so it fits.
        let at = usize::try_from(self.max.saturating_sub(progress.passed)).unwrap_or(usize::MAX);
        FrameError::new(at, DecodeErrorKind::Oversize { len: self.max.saturating_add(1), max: self.max })
    }

    /// Length of the frame's trailer, whose delimiter has `len` bytes.
    #[inline]
    fn trailer_len(&self, len: usize) -> usize {
        if self.keeps { 0 } else { len }
    }
}

#[inline]
fn extent(payload: u64, trailer: usize) -> Extent {
    Extent::new(0, payload, short(trailer))
}

/// A trailer is at most as long as a delimiter, of which construction checks the length.
#[inline]
fn short(trailer: usize) -> u16 {
    u16::try_from(trailer).unwrap_or(u16::MAX)
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
        let &last = delimiter.last().ok_or(ConfigError::EmptyLiteral)?;
        if u16::try_from(delimiter.len()).is_err() {
            return Err(ConfigError::LiteralTooLong { len: delimiter.len(), max: u16::MAX.into() });
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
                    let (message_header, back) = delimiter.split_at(before);
                    back == begun && message.ends_with(message_header)
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
    let Some((&first, after)) = delimiter.split_first() else { return 0 };
    let most = &rest[rest.len().saturating_sub(after.len())..];
    memchr::memchr_iter(first, most)
        .map(|at| &most[at..])
        .find(|begun| delimiter.starts_with(begun))
        .map_or(0, <[u8]>::len)
}

impl<S: Delimiters> Framing for Delimited<S> {
    #[inline]
    fn locate(&self, input: &[u8], progress: Progress) -> Result<Located, FrameError> {
        let from = progress.scanned.min(input.len());
        if let Some(End { len, delimiter }) = self.find(input, from) {
            let trailer = self.trailer_len(delimiter);
            let payload = self.within_limit(len - trailer, progress)?;
            return Ok(Located::Known(extent(payload, trailer)));
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
        Ok(Located::Open { header: 0, scanned, need: at_least_one(need) })
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let len = message.len() as u64;
        if len > self.max {
            return Err(EncodeError::Oversize { len, max: self.max });
        }
        match self.find(message, 0) {
            Some(End { len, .. }) if self.keeps && len == message.len() => Ok(Envelope::new(ShortBytes::empty())),
            Some(End { len, delimiter }) => Err(EncodeError::ContainsDelimiter { at: len - delimiter }),
            None if self.keeps => Err(EncodeError::NotTerminated),
            None => match self.seams.then(|| self.seam(message)).flatten() {
                Some(at) => Err(EncodeError::ContainsDelimiter { at }),
                None => Ok(Envelope::new(ShortBytes::empty()).with_trailer(self.written())),
            },
        }
    }

    fn at_eof(&self, rest: &[u8], progress: Progress) -> Result<AtEof, FrameError> {
        if rest.is_empty() && progress.passed == 0 {
            return Ok(AtEof::Clean);
        }
        match self.locate(rest, progress)? {
            Located::Known(extent) => Ok(AtEof::Frame(extent)),
            // What could have been the beginning of a delimiter is payload now.
            _ if self.takes_unterminated => {
                Ok(AtEof::Frame(Extent::new(0, self.within_limit(rest.len(), progress)?, 0)))
            }
            _ => Ok(AtEof::Truncated(Truncated::Unterminated {
                have: (rest.len() as u64).saturating_add(progress.passed),
            })),
        }
    }

    #[inline]
    fn last_bytes(&self) -> Option<LastBytes<'_>> {
        Some(match (self.search, self.keeps) {
            (Search::Bytes, false) => LastBytes::each(&self.last),
            (Search::Lines, false) => LastBytes::lines(&self.last),
            (Search::Bytes | Search::Lines, true) => LastBytes::kept(&self.last),
            (Search::Last, _) => match (self.delimiters.delimiter(0), self.delimiters.delimiter(1)) {
                (Some(one), None) => LastBytes::by(&self.last, one, short(self.trailer_len(one.len()))),
                _ => LastBytes::some(&self.last),
            },
            // Comparing a long delimiter at each of its last bytes would not be linear.
            (Search::Long, _) => LastBytes::some(&ByteSet::EMPTY),
        })
    }

    #[inline]
    fn ending(&self, wire: &[u8]) -> Option<Extent> {
        let trailer = self.trailer_len(self.longest_ending(wire)?);
        Some(extent(wire.len().checked_sub(trailer)? as u64, trailer))
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
mod tests;
