//! A delimiter after every message: [`Delimited`], and the types that configure it.
//!
//! | type | is |
//! | --- | --- |
//! | [`Delimiters`], [`Lines`] | the delimiters: several of one type, and LF with an optional CR before it |
//! | `DelimiterTable` (feature `alloc`) | delimiters that are chosen at run time |
//! | [`Unterminated`] | what bytes after the last delimiter mean at the end of the stream |

use core::fmt;

use crate::contract::shape::FrameEnd;
use crate::contract::{AtEof, DEFAULT_MAX_PAYLOAD_LEN, Envelope, Extent, Framing, Located, NextStart, Progress, Shape};
use crate::error::{ConfigError, DecodeErrorKind, EncodeError, FrameError};
use crate::scan::ByteSet;
use crate::short::ShortBytes;

mod search;
mod set;
#[cfg(feature = "alloc")]
mod table;

use search::{Begun, End, Known, Search};
pub use set::{Delimiters, Lines};
#[cfg(feature = "alloc")]
pub use table::DelimiterTable;

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
/// The one that ends earliest. Of several that end at the same place, the longest that begins within the frame. So in
/// `hello\r\n`, of `\n` and `\r\n`, the longer one ends the message, and the payload is `hello`.
///
/// A delimiter that begins with another one could never be found, so such sets are refused. A delimiter that contains another one
/// further inside is never found either: decoding ignores it, and encoding with it refuses every message.
///
/// # Limit
///
/// The limit counts payload bytes; a delimiter that is dropped does not count. [`DecodeErrorKind::Oversize`] is returned as soon as
/// the payload must exceed the limit, even if the next bytes are a delimiter. Its offset is that of the first payload byte over the
/// limit, which may not have arrived yet if the delimiter is kept.
///
/// # Errors
///
/// [`DecodeErrorKind::Oversize`] and nothing else. A frame that is rejected ends with its next delimiter.
///
/// # Cost
///
/// Decoding searches every byte once, with `memchr` where the delimiters have up to three different last bytes. Only
/// bytes that could begin a delimiter, fewer than the longest has, are searched again with the next
/// chunk. In a set with delimiters of several bytes, all are compared at each of their last bytes; it has at most 256
/// delimiters. A `DelimiterTable` takes more, and searches each byte once for any number and length of them. Encoding
/// searches the message once.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Delimited<S> {
    delimiters: S,
    max: u64,
    known: Known,
    /// Index of the delimiter that is written.
    writes: usize,
    /// Whether some message without a delimiter contains one together with the delimiter written after it. A table
    /// stores this for each index.
    seams: bool,
    keeps: bool,
    unterminated: Unterminated,
}

/// How the end of the stream treats the bytes after the last delimiter: see [`Delimited::with_unterminated`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Unterminated {
    /// A message.
    Take,
    /// An error, [`Truncated::Unterminated`](crate::Truncated::Unterminated).
    #[default]
    Fail,
}

impl Delimited<Lines> {
    /// Lines: each ends with LF, and one CR before it is dropped too. Written with LF alone.
    ///
    /// A CR elsewhere is data. The end of the stream ends a last line, with a CR at its end as part of the message.
    /// A message that ends with CR is refused, because that CR would be dropped.
    ///
    /// ```
    /// use anysplit::contract::{Extent, Located, Progress};
    /// use anysplit::{Delimited, Framing};
    ///
    /// let line = Delimited::line();
    /// let locate = |input| line.locate(input, &mut Progress::default());
    /// assert_eq!(locate(b"hello\r\nworld"), Ok(Located::Known(Extent::new(0, 5, 2))));
    /// assert_eq!(locate(b"hel\rlo\n"), Ok(Located::Known(Extent::new(0, 6, 1))));
    /// ```
    ///
    /// Specification: POSIX.1-2017, section 3.206, and for the sequence CR LF RFC 5234, appendix B.1. Both are
    /// read.
    #[must_use]
    pub const fn line() -> Self {
        Self {
            delimiters: Lines,
            max: DEFAULT_MAX_PAYLOAD_LEN,
            known: Known::new(Search::Lines, b'\n'),
            writes: 0,
            seams: true,
            keeps: false,
            unterminated: Unterminated::Take,
        }
    }

    /// Writes lines with CR LF. Reading is unchanged.
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
            known: Known::new(Search::Bytes, byte),
            writes: 0,
            seams: false,
            keeps: false,
            unterminated: Unterminated::Fail,
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
    /// For protocols that forbid other line ends, such as SMTP, where accepting them lets one message pass for two.
    ///
    /// ```
    /// use anysplit::contract::{Extent, Located, Progress};
    /// use anysplit::{Delimited, Framing};
    ///
    /// let found = Delimited::crlf().locate(b"a\nb\r\n", &mut Progress::default());
    /// assert_eq!(found, Ok(Located::Known(Extent::new(0, 3, 2))));
    /// ```
    #[must_use]
    pub const fn crlf() -> Self {
        Self::two(*b"\r\n")
    }

    /// Creates one from two bytes that differ: then no message can make the delimiter begin earlier.
    pub(crate) const fn two(delimiter: [u8; 2]) -> Self {
        Self {
            delimiters: [delimiter],
            max: DEFAULT_MAX_PAYLOAD_LEN,
            known: Known::new(Search::Last, delimiter[1]),
            writes: 0,
            seams: false,
            keeps: false,
            unterminated: Unterminated::Fail,
        }
    }
}

impl<D: AsRef<[u8]>> Delimited<[D; 1]> {
    /// This delimiter after every message.
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyLiteral`] for no byte, [`ConfigError::LiteralTooLong`] for more than 65,535.
    pub fn new(delimiter: D) -> Result<Self, ConfigError> {
        Self::any_of([delimiter])
    }
}

impl<S: Delimiters> Delimited<S> {
    /// One of these delimiters after every message. The first of them is written.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Empty`] for an empty set; [`ConfigError::TooMany`] for more than 256 delimiters that are not in a
    /// `DelimiterTable`; [`ConfigError::EmptyLiteral`] and [`ConfigError::LiteralTooLong`] for a delimiter that is not of 1
    /// to 65,535 bytes; [`ConfigError::PrefixOfAnother`].
    ///
    /// Cost: proportional to the square of the delimiters' lengths together. Constant for a table, which is checked already.
    pub fn any_of(delimiters: S) -> Result<Self, ConfigError> {
        let known = Known::of(&delimiters)?;
        Ok(Self::over(delimiters, known))
    }

    fn over(delimiters: S, known: Known) -> Self {
        let mut framing = Self {
            delimiters,
            max: DEFAULT_MAX_PAYLOAD_LEN,
            known,
            writes: 0,
            seams: false,
            keeps: false,
            unterminated: Unterminated::Fail,
        };
        framing.seams = framing.has_seams();
        framing
    }

    /// Writes the delimiter of this index in the set, counted from 0.
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

    /// Copies the delimiters into a table of their own.
    #[cfg(feature = "alloc")]
    pub(crate) fn to_table(&self) -> Delimited<DelimiterTable> {
        let delimiters = DelimiterTable::of_checked(self.delimiters().map(alloc::boxed::Box::from).collect());
        let known = Known::of_table(&delimiters);
        let Self { max, writes, keeps, unterminated, .. } = *self;
        let mut framing = Delimited { max, writes, keeps, unterminated, ..Delimited::over(delimiters, known) };
        framing.seams = framing.has_seams();
        framing
    }

    /// Returns all delimiters, in the order of their indices.
    pub fn delimiters(&self) -> impl Iterator<Item = &[u8]> {
        set::each(&self.delimiters)
    }

    /// Returns the delimiter that is written.
    #[must_use]
    pub fn written(&self) -> &[u8] {
        self.delimiters.delimiter(self.writes).unwrap_or_default()
    }
}

impl<S> Delimited<S> {
    /// Sets the limit, in bytes of payload. It applies to encoding and decoding.
    #[must_use]
    pub const fn with_max_payload_len(mut self, max: u64) -> Self {
        self.max = max;
        self
    }

    /// Keeps the delimiter: it is part of the payload, and the frame has no trailer.
    ///
    /// It then counts towards the limit. A message to encode must end with one delimiter and have none before.
    ///
    /// ```
    /// use anysplit::contract::{Extent, Located, Progress};
    /// use anysplit::{Delimited, EncodeError, Framing};
    ///
    /// let line = Delimited::line().keeping_delimiter();
    /// let located = line.locate(b"hello\n", &mut Progress::default());
    /// assert_eq!(located, Ok(Located::Known(Extent::new(0, 6, 0))));
    /// assert_eq!(line.encode_into(b"hello", &mut [0; 8]), Err(EncodeError::NotTerminated));
    /// ```
    #[must_use]
    pub const fn keeping_delimiter(mut self) -> Self {
        self.keeps = true;
        self
    }

    /// Sets how the end of the stream treats the bytes after the last delimiter.
    ///
    /// The default is an error, and for [`line`](Delimited::line) a message.
    ///
    /// ```
    /// use anysplit::contract::{AtEof, Extent, Progress};
    /// use anysplit::delimited::Unterminated;
    /// use anysplit::{Delimited, Framing};
    ///
    /// let nul = Delimited::nul();
    /// assert_eq!(nul.at_eof(b"hello", &mut Progress::default()), Ok(AtEof::Truncated));
    /// let nul = nul.with_unterminated(Unterminated::Take);
    /// assert_eq!(nul.at_eof(b"hello", &mut Progress::default()), Ok(AtEof::Frame(Extent::new(0, 5, 0))));
    /// ```
    #[must_use]
    pub const fn with_unterminated(mut self, unterminated: Unterminated) -> Self {
        self.unterminated = unterminated;
        self
    }

    /// Returns whether the delimiter is part of the payload.
    #[must_use]
    pub const fn keeps_delimiter(&self) -> bool {
        self.keeps
    }

    /// Returns how the end of the stream treats the bytes after the last delimiter.
    #[must_use]
    pub const fn unterminated(&self) -> Unterminated {
        self.unterminated
    }

    /// Index of the delimiter that is written.
    #[must_use]
    pub const fn writes(&self) -> usize {
        self.writes
    }

    /// Returns `len`, or an error if that many bytes of payload in the input are over the limit.
    #[inline]
    fn within_limit(&self, len: usize, progress: &Progress) -> Result<u64, FrameError> {
        let len = len as u64;
        if len.saturating_add(progress.consumed) > self.max && !progress.lenient {
            return Err(self.oversize(progress));
        }
        Ok(len)
    }

    #[cold]
    fn oversize(&self, progress: &Progress) -> FrameError {
        // At most a delimiter's length after the input's end, so it fits.
        let at = usize::try_from(self.max.saturating_sub(progress.consumed)).unwrap_or(usize::MAX);
        FrameError::new(at, DecodeErrorKind::Oversize { len: self.max.saturating_add(1), max: self.max })
    }

    /// Length of the frame's trailer, whose delimiter has `len` bytes.
    #[inline]
    fn trailer_len(&self, len: usize) -> u16 {
        if self.keeps { 0 } else { short(len) }
    }
}

/// A trailer is at most as long as a delimiter, and construction checks that length.
#[inline]
fn short(trailer: usize) -> u16 {
    u16::try_from(trailer).unwrap_or(u16::MAX)
}

impl<S: Delimiters> Framing for Delimited<S> {
    #[inline]
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let Begun { at, missing } = match self.search(input, progress) {
            Ok(End { len, delimiter }) => {
                let trailer = self.trailer_len(delimiter);
                let payload = self.within_limit(len.saturating_sub(trailer.into()), progress)?;
                return Ok(Located::Known(Extent::new(0, payload, trailer)));
            }
            Err(begun) => begun,
        };
        let least_len = input.len().saturating_add(missing);
        // The least payload that any end can still give, that of the stream included.
        let least_payload = match (self.keeps, self.unterminated) {
            (false, _) => at,
            (true, Unterminated::Take) => input.len(),
            // An empty input is no error yet, even if the limit leaves no room for a delimiter.
            (true, Unterminated::Fail) if input.is_empty() && progress.consumed == 0 => 0,
            (true, Unterminated::Fail) => least_len,
        };
        self.within_limit(least_payload, progress)?;
        Ok(Located::Search { so_far: Extent::new(0, at as u64, 0), least: least_len as u64 })
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let len = message.len() as u64;
        if len > self.max {
            return Err(EncodeError::Oversize { len, max: self.max });
        }
        if self.keeps {
            return match self.find(message, 0) {
                Some(End { len, .. }) if len == message.len() => Ok(Envelope::new(ShortBytes::empty())),
                Some(End { len, delimiter }) => Err(EncodeError::ContainsDelimiter { at: len - delimiter }),
                None => Err(EncodeError::NotTerminated),
            };
        }
        match self.early_delimiter(message) {
            Some(at) => Err(EncodeError::ContainsDelimiter { at }),
            None => Ok(Envelope::around(ShortBytes::empty(), self.written())),
        }
    }

    fn at_eof(&self, rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
        if rest.is_empty() && progress.consumed == 0 {
            return Ok(AtEof::Clean);
        }
        match (self.locate(rest, progress)?, self.unterminated) {
            (Located::Known(extent), _) => Ok(AtEof::Frame(extent)),
            // Bytes that could have begun a delimiter are payload now.
            (_, Unterminated::Take) => Ok(AtEof::Frame(Extent::new(0, self.within_limit(rest.len(), progress)?, 0))),
            (_, Unterminated::Fail) => Ok(AtEof::Truncated),
        }
    }

    fn next_start(&self, input: &[u8], _: usize) -> NextStart {
        NextStart::after_end(self, input)
    }

    #[inline]
    fn shape(&self) -> Shape<'_> {
        let last = &self.known.last;
        match (self.known.search, self.keeps) {
            (Search::Bytes, false) => Shape::ends_with(last),
            (Search::Lines, false) => Shape::lines(last),
            (Search::Bytes | Search::Lines, true) => Shape::ends_with_kept(last),
            (Search::Last, _) => match (self.delimiters.delimiter(0), self.delimiters.delimiter(1)) {
                (Some(one), None) => Shape::delimiter(last, one, self.trailer_len(one.len())),
                _ => Shape::ends_where(last, self),
            },
            // Comparing long delimiters at each of their last bytes would not be linear.
            _ => Shape::ends_where(&ByteSet::EMPTY, self),
        }
    }

    fn max_payload_len(&self) -> u64 {
        self.max
    }
}

impl<S: Delimiters> FrameEnd for Delimited<S> {
    #[inline]
    fn trailer_len(&self, wire: &[u8]) -> Option<u16> {
        self.longest_ending(wire).map(|len| self.trailer_len(len))
    }
}

impl<S: Delimiters> fmt::Debug for Delimited<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Delimited { delimiters: [")?;
        for (index, delimiter) in self.delimiters().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}\"{}\"", delimiter.escape_ascii())?;
        }
        let Self { max, writes, keeps, unterminated, .. } = self;
        write!(f, "], max: {max}, writes: {writes}, keeps: {keeps}, unterminated: {unterminated:?} }}")
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests;
