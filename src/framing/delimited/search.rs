//! How the delimiters are found.

use memchr::memmem;

use super::Delimited;
use super::set::{Delimiters, each};
#[cfg(feature = "alloc")]
use super::table::{Automaton, DelimiterTable};
use crate::contract::Progress;
use crate::error::ConfigError;
use crate::scan::ByteSet;

/// How the delimiters are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Search {
    /// All of one byte: every last byte is a delimiter.
    Bytes,
    /// LF and CR LF: every LF is one, and then the byte before it is looked at.
    Lines,
    /// By the last byte, then the bytes before it.
    Last,
    /// One delimiter too long for that: comparing it at each of its last bytes would not be linear.
    Long,
    /// All at once, by the index of a table.
    #[cfg(feature = "alloc")]
    Table,
}

/// One delimiter of more bytes is searched for with `memmem`, which is linear in the bytes whatever the delimiter's
/// length, but takes some preparation for each search.
const LONG: usize = 16;

/// How many delimiters a set without an index has at most: as many as there are bytes.
pub(super) const MAX_LEN: usize = 256;

/// What is known of the delimiters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Known {
    pub(super) search: Search,
    /// The last bytes of all delimiters. Empty where the search does not need them.
    pub(super) last: ByteSet,
    /// The indexes of those that have another inside, not at the end, and so are never found. Empty for a table's index,
    /// which leaves them out.
    pub(super) shadowed: ByteSet,
}

impl Known {
    /// For delimiters that do not overlap, with this search and this last byte.
    pub(super) const fn new(search: Search, last: u8) -> Self {
        Self { search, last: ByteSet::of(last), shadowed: ByteSet::EMPTY }
    }

    /// For these delimiters, if they can be distinguished.
    pub(super) fn of<S: Delimiters>(delimiters: &S) -> Result<Self, ConfigError> {
        #[cfg(feature = "alloc")]
        if let Some(table) = delimiters.table() {
            return Ok(Self::of_table(table));
        }
        let found = each(delimiters).count();
        if found > MAX_LEN {
            return Err(ConfigError::TooMany { found, max: MAX_LEN });
        }
        check(delimiters)?;
        Ok(Self::of_checked(delimiters))
    }

    #[cfg(feature = "alloc")]
    pub(super) fn of_table(table: &DelimiterTable) -> Self {
        match table.automaton() {
            Some(_) => Self { search: Search::Table, last: ByteSet::EMPTY, shadowed: ByteSet::EMPTY },
            None => Self::of_checked(table),
        }
    }

    /// For at most 256 delimiters that can be distinguished.
    fn of_checked<S: Delimiters>(delimiters: &S) -> Self {
        let last = each(delimiters).filter_map(<[u8]>::last).fold(ByteSet::EMPTY, |set, &last| set.with(last));
        let shadowed = (0..=u8::MAX).zip(each(delimiters));
        let shadowed = shadowed.filter(|(_, delimiter)| is_shadowed(delimiters, delimiter));
        let shadowed = shadowed.fold(ByteSet::EMPTY, |set, (index, _)| set.with(index));
        Self { search: Search::of(delimiters), last, shadowed }
    }
}

impl Search {
    fn of<S: Delimiters>(delimiters: &S) -> Self {
        let mut first = each(delimiters);
        match (first.next(), first.next(), first.next()) {
            _ if each(delimiters).all(|delimiter| delimiter.len() == 1) => Self::Bytes,
            (Some(b"\n"), Some(b"\r\n"), None) | (Some(b"\r\n"), Some(b"\n"), None) => Self::Lines,
            (Some(one), None, None) if one.len() > LONG => Self::Long,
            _ => Self::Last,
        }
    }
}

/// Checks that these delimiters can be distinguished. Compares all pairs, so it is for few delimiters.
fn check<S: Delimiters>(delimiters: &S) -> Result<(), ConfigError> {
    for (index, delimiter) in each(delimiters).enumerate() {
        if delimiter.is_empty() {
            return Err(ConfigError::EmptyLiteral);
        }
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
    }
    each(delimiters).next().map(|_| ()).ok_or(ConfigError::Empty)
}

/// Whether another delimiter inside this one ends before it does.
fn is_shadowed<S: Delimiters>(delimiters: &S, delimiter: &[u8]) -> bool {
    let (_, inside) = delimiter.split_last().unwrap_or((&0, &[]));
    each(delimiters).any(|other| other.len() <= inside.len() && memmem::find(inside, other).is_some())
}

/// The end of a frame, found by the delimiters alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// Length of the frame.
    pub(super) len: usize,
    /// Length of the delimiter at its end.
    pub(super) delimiter: usize,
}

/// The result of a search in input in which no frame ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Begun {
    /// Where the longest beginning of a delimiter at the input's end begins.
    pub(super) at: usize,
    /// How many bytes the delimiter is missing that is missing fewest.
    pub(super) missing: usize,
}

impl<S: Delimiters> Delimited<S> {
    /// Goes on with the search of the frame at the front of `input`.
    #[inline]
    pub(super) fn search(&self, input: &[u8], progress: &mut Progress) -> Result<End, Begun> {
        let from = progress.scanned.min(input.len());
        #[cfg(feature = "alloc")]
        if let Some(automaton) = self.automaton() {
            return search_all(automaton, input, from, progress);
        }
        match self.find(input, from) {
            Some(end) => Ok(end),
            None => {
                let begun = self.begun(input, from);
                progress.scanned = begun.at;
                Err(begun)
            }
        }
    }

    #[cfg(feature = "alloc")]
    #[inline]
    pub(super) fn automaton(&self) -> Option<&Automaton> {
        match self.known.search {
            Search::Table => self.delimiters.table()?.automaton(),
            _ => None,
        }
    }

    /// Whether some message without a delimiter makes one together with the delimiter written after it.
    pub(super) fn has_seams(&self) -> bool {
        let written = self.written();
        // Whoever has an index asks it about each message.
        self.search_is_by_comparing()
            && (1..=written.len()).any(|end| {
                let (begun, is_complete) = (&written[..end], end == written.len());
                self.delimiters().any(|delimiter| match delimiter.len() > end {
                    true => delimiter.ends_with(begun),
                    false => !is_complete && begun.ends_with(delimiter),
                })
            })
    }

    fn search_is_by_comparing(&self) -> bool {
        match self.known.search {
            Search::Bytes | Search::Lines | Search::Last | Search::Long => true,
            #[cfg(feature = "alloc")]
            Search::Table => false,
        }
    }

    /// The length of the longest delimiter with which `bytes` ends.
    #[inline]
    pub(super) fn longest_ending(&self, bytes: &[u8]) -> Option<usize> {
        self.delimiters().filter(|delimiter| bytes.ends_with(delimiter)).map(<[u8]>::len).max()
    }

    /// The earliest end of a frame in `input`, where no delimiter begins before `from`.
    #[inline(always)]
    pub(super) fn find(&self, input: &[u8], from: usize) -> Option<End> {
        let rest = input.get(from..)?;
        match self.search_kind() {
            Search::Bytes => self.known.last.find(rest).map(|at| End { len: from + at + 1, delimiter: 1 }),
            Search::Lines => {
                let at = from + memchr::memchr(b'\n', rest)?;
                Some(End { len: at + 1, delimiter: line_ending(input, at) })
            }
            _ => self.find_apart(input, from),
        }
    }

    /// How the delimiters are found; known at compile time for [`Lines`](super::Lines).
    #[inline(always)]
    fn search_kind(&self) -> Search {
        if self.delimiters.is_lines() { Search::Lines } else { self.known.search }
    }

    /// Out of line, so that the commonest sets are searched in the caller.
    #[inline(never)]
    fn find_apart(&self, input: &[u8], from: usize) -> Option<End> {
        let rest = input.get(from..)?;
        match self.known.search {
            Search::Bytes | Search::Lines => None,
            Search::Last => self.find_by_last(input, from),
            Search::Long => {
                let delimiter = self.written();
                // Shorter ones are not worth the preparation.
                let at = if rest.len() < delimiter.len() { None } else { memmem::find(rest, delimiter) };
                at.map(|at| End { len: from + at + delimiter.len(), delimiter: delimiter.len() })
            }
            #[cfg(feature = "alloc")]
            Search::Table => {
                let (len, delimiter) = self.automaton()?.find(0, rest).ok()?;
                Some(End { len: from + len, delimiter })
            }
        }
    }

    #[inline]
    fn find_by_last(&self, input: &[u8], from: usize) -> Option<End> {
        let mut end = from;
        loop {
            end += self.known.last.find(&input[end..])? + 1;
            if let Some(delimiter) = self.longest_ending(&input[..end]) {
                return Some(End { len: end, delimiter });
            }
        }
    }

    /// Where a delimiter may have begun in `input`, which contains none. No delimiter begins before `from`.
    #[inline]
    fn begun(&self, input: &[u8], from: usize) -> Begun {
        match self.known.search {
            Search::Bytes => Begun { at: input.len(), missing: 1 },
            Search::Lines => Begun { at: input.len() - usize::from(input.ends_with(b"\r")), missing: 1 },
            _ => {
                let rest = input.get(from..).unwrap_or_default();
                let (mut longest, mut missing) = (0, usize::MAX);
                for (index, delimiter) in self.delimiters().enumerate() {
                    // One that is never found holds nothing back, and is missing more than the one inside it.
                    if u8::try_from(index).is_ok_and(|index| self.known.shadowed.contains(index)) {
                        continue;
                    }
                    let len = begun_at_end(rest, delimiter);
                    longest = longest.max(len);
                    missing = missing.min(delimiter.len() - len);
                }
                Begun { at: input.len() - longest, missing }
            }
        }
    }

    /// Where the delimiter begins that ends `message ‖ written` too early, or swallows some of `message`.
    pub(super) fn early_delimiter(&self, message: &[u8]) -> Option<usize> {
        #[cfg(feature = "alloc")]
        if let Some(automaton) = self.automaton() {
            return early_of_all(automaton, message, self.written());
        }
        match self.find(message, 0) {
            Some(End { len, delimiter }) => Some(len - delimiter),
            None if self.seams => self.seam(message),
            None => None,
        }
    }

    /// As [`early_delimiter`](Self::early_delimiter), where `message` has none by itself.
    fn seam(&self, message: &[u8]) -> Option<usize> {
        if self.known.search == Search::Lines {
            // The CR at the end, before the LF.
            return message.strip_suffix(b"\r").map(<[u8]>::len);
        }
        let written = self.written();
        for end in 1..=written.len() {
            let begun = &written[..end];
            let ends_here = |delimiter: &&[u8]| match delimiter.len().checked_sub(end) {
                Some(before) => {
                    let (in_message, after) = delimiter.split_at(before);
                    after == begun && message.ends_with(in_message)
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

/// As [`Delimited::search`], all at once. `carry[0]` is the state after the bytes that were searched.
#[cfg(feature = "alloc")]
#[inline]
fn search_all(automaton: &Automaton, input: &[u8], from: usize, progress: &mut Progress) -> Result<End, Begun> {
    let state = automaton.state(progress.carry[0]).unwrap_or(0);
    let searched = from.saturating_add(automaton.begun(state).0);
    let (state, searched) = if searched <= input.len() { (state, searched) } else { (0, from) };
    match automaton.find(state, &input[searched..]) {
        Ok((len, delimiter)) => Ok(End { len: searched + len, delimiter }),
        Err(state) => {
            let (depth, missing) = automaton.begun(state);
            let at = input.len().saturating_sub(depth);
            progress.scanned = at;
            progress.carry[0] = state.into();
            Err(Begun { at, missing })
        }
    }
}

/// As [`Delimited::early_delimiter`], all at once.
#[cfg(feature = "alloc")]
fn early_of_all(automaton: &Automaton, message: &[u8], written: &[u8]) -> Option<usize> {
    match automaton.find(0, message) {
        Ok((len, delimiter)) => Some(len.saturating_sub(delimiter)),
        Err(state) => match automaton.find(state, written) {
            Ok(found) if found == (written.len(), written.len()) => None,
            Ok((len, delimiter)) => Some(message.len().saturating_add(len).saturating_sub(delimiter)),
            // One that is never found has another inside, which is.
            Err(_) => Some(message.len()),
        },
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

/// How many bytes at the end of `rest` begin `delimiter`: at most one less than its length.
fn begun_at_end(rest: &[u8], delimiter: &[u8]) -> usize {
    let Some((&first, after)) = delimiter.split_first() else { return 0 };
    let most = &rest[rest.len().saturating_sub(after.len())..];
    memchr::memchr_iter(first, most)
        .map(|at| &most[at..])
        .find(|begun| delimiter.starts_with(begun))
        .map_or(0, <[u8]>::len)
}
