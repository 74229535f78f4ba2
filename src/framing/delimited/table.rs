//! Many delimiters, searched for all at once.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;

use super::set::Delimiters;
use crate::error::ConfigError;
use crate::scan::ByteSet;

/// A list of delimiters with an index, so that a search takes the same time for one delimiter as for many, long or short.
///
/// ```
/// use anysplit::contract::{Extent, Located, Progress};
/// use anysplit::delimited::DelimiterTable;
/// use anysplit::{Delimited, Framing};
///
/// let words = (0..1000).map(|number| format!("<{number:03}>"));
/// let framing = Delimited::any_of(DelimiterTable::new(words)?)?;
/// let located = framing.locate(b"hello<123>", &mut Progress::default());
/// assert_eq!(located, Ok(Located::Known(Extent::new(0, 5, 5))));
/// # Ok::<(), anysplit::ConfigError>(())
/// ```
///
/// # Cost
///
/// Construction sorts the list, and is otherwise proportional to the delimiters' lengths together. Where they are more
/// than 8 or long, the index takes up to 17 bytes of memory for each of their bytes. A search takes constant time for each
/// byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DelimiterTable {
    delimiters: Box<[Box<[u8]>]>,
    /// None where comparing the delimiters one by one is as fast.
    automaton: Option<Automaton>,
}

impl DelimiterTable {
    /// The greatest number of delimiters.
    pub const MAX_LEN: usize = 65_535;

    /// That many delimiters, each that long, are compared one by one.
    const FEW: (usize, usize) = (8, 16);

    /// One delimiter that long is searched for by itself.
    const ALONE: usize = 256;

    /// Copies these delimiters, in this order.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Empty`] for no delimiter and [`ConfigError::TooMany`] for more than
    /// [`MAX_LEN`](Self::MAX_LEN); [`ConfigError::EmptyLiteral`] and [`ConfigError::LiteralTooLong`] for one that is not of
    /// 1 to 65,535 bytes; [`ConfigError::PrefixOfAnother`].
    pub fn new<I>(delimiters: I) -> Result<Self, ConfigError>
    where
        I: IntoIterator,
        I::Item: AsRef<[u8]>,
    {
        let delimiters: Box<[Box<[u8]>]> = delimiters.into_iter().map(|one| Box::from(one.as_ref())).collect();
        match delimiters.len() {
            0 => return Err(ConfigError::Empty),
            found if found > Self::MAX_LEN => return Err(ConfigError::TooMany { found, max: Self::MAX_LEN }),
            _ => {}
        }
        for delimiter in &delimiters {
            if delimiter.is_empty() {
                return Err(ConfigError::EmptyLiteral);
            }
            if u16::try_from(delimiter.len()).is_err() {
                return Err(ConfigError::LiteralTooLong { len: delimiter.len(), max: u16::MAX.into() });
            }
        }
        // One that begins with another comes after it, and between them are only others that do.
        let mut sorted: Vec<(&[u8], usize)> = delimiters.iter().map(Box::as_ref).zip(0..).collect();
        sorted.sort_unstable();
        for pair in sorted.windows(2) {
            if let [(shorter, at), (longer, other)] = *pair {
                if longer.starts_with(shorter) {
                    return Err(ConfigError::PrefixOfAnother { shorter: at, longer: other });
                }
            }
        }
        Ok(Self::of_checked(delimiters))
    }

    /// For these delimiters: each has 1 to 65,535 bytes, and no delimiter begins with another.
    pub(super) fn of_checked(delimiters: Box<[Box<[u8]>]>) -> Self {
        let automaton = match &*delimiters {
            [one] if one.len() <= Self::ALONE => None,
            several if several.iter().all(|delimiter| delimiter.len() == 1) => None,
            several if several.len() <= Self::FEW.0 && several.iter().all(|one| one.len() <= Self::FEW.1) => None,
            several => Some(Automaton::new(several)),
        };
        Self { delimiters, automaton }
    }

    /// These delimiters, with an index however few they are.
    #[cfg(test)]
    pub(super) fn indexed(delimiters: &[&[u8]]) -> Self {
        let delimiters: Box<[Box<[u8]>]> = delimiters.iter().map(|one| Box::from(*one)).collect();
        Self { automaton: Some(Automaton::new(&delimiters)), delimiters }
    }

    #[inline]
    pub(super) const fn automaton(&self) -> Option<&Automaton> {
        self.automaton.as_ref()
    }
}

impl Delimiters for DelimiterTable {
    #[inline]
    fn delimiter(&self, index: usize) -> Option<&[u8]> {
        self.delimiters.get(index).map(Box::as_ref)
    }

    #[inline]
    fn table(&self) -> Option<&DelimiterTable> {
        Some(self)
    }
}

/// A tree of the delimiters. If a byte does not fit, a node also gives the shorter beginning of a delimiter to go on from (Aho
/// and Corasick, 1975).
///
/// A node stands for some bytes with which a delimiter begins. In a search, the node at hand is the longest of them with
/// which the bytes so far end. Delimiters that have another inside are left out: they can never be found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Automaton {
    /// By depth, and the children of one node in the order of their bytes.
    nodes: Vec<Node>,
    /// The last byte of each node.
    bytes: Vec<u8>,
    /// The first bytes of all delimiters.
    first: ByteSet,
}

/// A place in the tree: the index of a node. The root is 0.
pub(super) type State = u32;

const ROOT: State = 0;

/// At most 65,535 delimiters of 65,535 bytes, and the root, are fewer than 2^32 nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Node {
    /// The longest other node with which this one ends.
    shorter: State,
    /// The first of its children.
    first: State,
    children: u16,
    /// How many bytes it stands for.
    depth: u16,
    /// Length of the longest delimiter with which it ends, or 0.
    ends: u16,
    /// How many bytes that delimiter is missing that is missing fewest.
    missing: u16,
}

impl Automaton {
    fn new(delimiters: &[Box<[u8]>]) -> Self {
        let mut sorted: Vec<&[u8]> = delimiters.iter().map(Box::as_ref).collect();
        sorted.sort_unstable();
        let (all, shadowed) = Self::build(&sorted);
        if !shadowed.contains(&true) {
            return all;
        }
        let found = sorted.iter().zip(&shadowed).filter(|(_, shadowed)| !**shadowed);
        Self::build(&found.map(|(delimiter, _)| *delimiter).collect::<Vec<_>>()).0
    }

    /// The tree of these delimiters, and which of them have another inside, not at their end.
    fn build(sorted: &[&[u8]]) -> (Self, Vec<bool>) {
        let root = Node { shorter: ROOT, first: ROOT, children: 0, depth: 0, ends: 0, missing: u16::MAX };
        let mut tree = Self { nodes: vec![root], bytes: vec![0], first: ByteSet::EMPTY };
        let mut shadowed = vec![false; sorted.len()];
        // The delimiters that begin with each node that has no children yet.
        let mut waiting = VecDeque::from([(0, sorted.len())]);
        let mut parent = 0;
        while let Some((start, end)) = waiting.pop_front() {
            let Node { depth, ends, shorter, .. } = tree.nodes[parent];
            let below = &sorted[start..end];
            if ends != 0 {
                // The search ends here, also for longer ones.
                let is_shadowed = below.iter().map(|delimiter| delimiter.len() > depth.into());
                shadowed[start..end].iter_mut().zip(is_shadowed).for_each(|(to, is)| *to = is);
            } else {
                let first = to_state(tree.nodes.len());
                let mut from = start;
                for group in below.chunk_by(|one, other| one[usize::from(depth)] == other[usize::from(depth)]) {
                    let byte = group[0][usize::from(depth)];
                    let shorter = if parent == 0 { ROOT } else { tree.step(shorter, byte) };
                    let is_complete = group[0].len() == usize::from(depth) + 1;
                    let ends = if is_complete { depth + 1 } else { tree.nodes[index(shorter)].ends };
                    tree.nodes.push(Node { shorter, first: 0, children: 0, depth: depth + 1, ends, missing: u16::MAX });
                    tree.bytes.push(byte);
                    waiting.push_back((from, from + group.len()));
                    from += group.len();
                    if parent == 0 {
                        tree.first = tree.first.with(byte);
                    }
                }
                let children = u16::try_from(tree.nodes.len() - index(first)).unwrap_or(u16::MAX);
                tree.nodes[parent].first = first;
                tree.nodes[parent].children = children;
            }
            parent += 1;
        }
        tree.count_missing();
        tree.nodes.shrink_to_fit();
        tree.bytes.shrink_to_fit();
        (tree, shadowed)
    }

    fn count_missing(&mut self) {
        // Below the node first, then by the shorter ones.
        for at in (0..self.nodes.len()).rev() {
            let Node { first, children, ends, .. } = self.nodes[at];
            let below = index(first)..index(first) + usize::from(children);
            let least = self.nodes[below].iter().map(|child| child.missing.saturating_add(1)).min();
            self.nodes[at].missing = if ends != 0 { 0 } else { least.unwrap_or(u16::MAX) };
        }
        for at in 1..self.nodes.len() {
            let by_shorter = self.nodes[index(self.nodes[at].shorter)].missing;
            self.nodes[at].missing = self.nodes[at].missing.min(by_shorter);
        }
    }

    /// The state after one more byte. Over many bytes, constant time for each.
    #[inline]
    fn step(&self, mut state: State, byte: u8) -> State {
        loop {
            #[cfg(test)]
            STEPS.set(STEPS.get() + 1);
            let Node { shorter, first, children, .. } = self.nodes[index(state)];
            let below = &self.bytes[index(first)..index(first) + usize::from(children)];
            if let Ok(at) = below.binary_search(&byte) {
                return to_state(index(first) + at);
            }
            if state == ROOT {
                return ROOT;
            }
            state = shorter;
        }
    }

    /// Goes on over `bytes`: where the first delimiter ends and how long it is, or the state after all of them.
    #[inline]
    pub(super) fn find(&self, mut state: State, bytes: &[u8]) -> Result<(usize, usize), State> {
        let mut at = 0;
        loop {
            if state == ROOT {
                at += self.first.find(&bytes[at..]).ok_or(ROOT)?;
            }
            let &byte = bytes.get(at).ok_or(state)?;
            at += 1;
            state = self.step(state, byte);
            let ends = self.nodes[index(state)].ends;
            if ends != 0 {
                return Ok((at, ends.into()));
            }
        }
    }

    /// The state with this number, if there is one.
    #[inline]
    pub(super) fn state(&self, number: u64) -> Option<State> {
        State::try_from(number).ok().filter(|&state| index(state) < self.nodes.len())
    }

    /// How many bytes of a delimiter have arrived, and how many are missing at least.
    #[inline]
    pub(super) fn begun(&self, state: State) -> (usize, usize) {
        let Node { depth, missing, .. } = self.nodes[index(state)];
        (depth.into(), missing.into())
    }
}

#[cfg(test)]
extern crate std;

// How many nodes were looked at.
#[cfg(test)]
std::thread_local!(pub(super) static STEPS: core::cell::Cell<usize> = const { core::cell::Cell::new(0) });

#[inline]
fn to_state(index: usize) -> State {
    State::try_from(index).unwrap_or(State::MAX)
}

/// A node that there is lies in memory.
#[inline]
fn index(state: State) -> usize {
    usize::try_from(state).unwrap_or(usize::MAX)
}
