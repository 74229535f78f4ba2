//! All states that a decoder can reach.

use std::collections::{BTreeMap, HashSet};
use std::format;
use std::vec::Vec;

use super::contract::agree;
use super::outcome::show;
use super::{Law, Violation};
use crate::contract::Extent;
use crate::decode::{Deframer, Step};
use crate::{DecodeError, Framing};

/// Transitions that [`fixpoint`] tries at most.
const MOST_TRANSITIONS: usize = 200_000;

/// Frames up to this many bytes are held to the contract, which costs the cube of their length.
const CLOSE: usize = 64;

/// At most this many bytes of the alphabet are tried after each frame and each error.
const MOST_FOLLOWERS: usize = 16;

/// A decoder that keeps more gets no more bytes: it has no small limit, and there is nothing new to learn.
const MOST_KEPT: usize = 4096;

/// What [`fixpoint`] has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Fixpoint {
    /// Different pairs of a decoder's state and the bytes that it keeps.
    pub states: usize,
    /// Bytes tried: the states that were left, times the alphabet.
    pub transitions: usize,
    /// Transitions that completed a frame.
    pub frames: usize,
    /// Transitions that dropped filler.
    pub fillers: usize,
    /// Transitions that failed.
    pub errors: usize,
    /// The most bytes that a decoder kept.
    pub kept: usize,
    /// Whether nothing new appeared at last. Then what was checked holds for streams of any length over the alphabet.
    /// Otherwise it holds for those with fewer than `kept` bytes in a frame.
    pub is_complete: bool,
}

/// Feeds a decoder byte by byte with every byte of `alphabet`, from every state that it can reach, until no new state appears.
///
/// A state is what the decoder remembers and the bytes that it keeps. After each byte
///
/// - the answer is that of another decoder that is asked once, with all bytes of the frame;
/// - a frame or an error stays the same if one more byte follows (the first 16 of the alphabet are tried), or the same bytes again;
/// - a complete frame ends with the byte, and is not shorter than a `need` before it allowed;
/// - after a frame the decoder is in the state of a new one, apart from the word that the frame leaves for the next;
/// - an error stays;
/// - the promises of [`contract`](super::contract) hold for the frame or the error, up to 64 bytes: its check and its opening in
///   parts, a search without the payload that is gone, the shape.
///
/// So the result is a proof by cases: a stream of any length, over this alphabet, cut in any way, takes the decoder through
/// these states only. The number of states grows with the limit of the framing: choose a small limit and an alphabet of the
/// bytes that mean something.
///
/// ```
/// use anysplit::{Delimited, testing};
///
/// let found = testing::fixpoint(&Delimited::line().with_max_payload_len(3), b"a\r\n")?;
/// assert!(found.is_complete);
/// assert_eq!((found.states, found.kept), (23, 4));
/// # Ok::<(), testing::Violation>(())
/// ```
///
/// A framing with a limit of megabytes has too many states. After 200,000 transitions the search ends, and `is_complete` is
/// `false`; [`fixpoint_within`] takes another number.
///
/// # Errors
///
/// [`Violation`] of law 2, 3, 8 or 9, or of the contract. Its case is the bytes of the frame.
pub fn fixpoint(framing: &dyn Framing, alphabet: &[u8]) -> Result<Fixpoint, Violation> {
    fixpoint_within(framing, alphabet, MOST_TRANSITIONS)
}

/// As [`fixpoint`], with at most `transitions` transitions.
///
/// # Errors
///
/// As [`fixpoint`].
pub fn fixpoint_within(framing: &dyn Framing, alphabet: &[u8], transitions: usize) -> Result<Fixpoint, Violation> {
    let mut found = Fixpoint { states: 1, is_complete: true, ..Fixpoint::default() };
    let start = Node::new(framing, 0);
    let mut seen = HashSet::from([start.key()]);
    // By the bytes kept, the shortest first.
    let mut open = BTreeMap::from([(0, Vec::from([start]))]);
    while let Some(mut level) = open.first_entry() {
        let Some(node) = level.get_mut().pop() else {
            level.remove();
            continue;
        };
        if found.transitions + alphabet.len() > transitions || node.window.len() > MOST_KEPT {
            found.is_complete = false;
            break;
        }
        for &byte in alphabet {
            found.transitions += 1;
            let fed = node.fed(framing, byte, alphabet, &mut found).map_err(|violation| {
                let before = [&node.filler[..], &node.window, &[byte]].concat();
                let word = if node.word == 0 { std::string::String::new() } else { format!(" after {}", node.word) };
                violation.with_case(&format!("byte by byte {}{word}", show(&before)))
            })?;
            let Some(next) = fed else { continue };
            if seen.insert(next.key()) {
                found.states += 1;
                found.kept = found.kept.max(next.window.len());
                open.entry(next.window.len()).or_default().push(next);
            }
        }
    }
    Ok(found)
}

/// A decoder that waits for a byte.
struct Node<'f> {
    deframer: Deframer<&'f dyn Framing>,
    /// The bytes of the frame so far.
    window: Vec<u8>,
    /// The word at the start of `filler`.
    word: u32,
    /// The filler that was dropped last, and nothing after a frame: with it and without it the frame must be the same.
    filler: Vec<u8>,
    /// The frame has at least this many bytes, by every `need` so far.
    least: usize,
}

/// What an answer means after filler is removed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Answer {
    Frame(Extent),
    Error(DecodeError),
    Need,
}

impl<'f> Node<'f> {
    fn new(framing: &'f dyn Framing, word: u32) -> Self {
        Self { deframer: Deframer::after(framing, word), window: Vec::new(), word, filler: Vec::new(), least: 0 }
    }

    fn key(&self) -> impl Eq + std::hash::Hash + use<'f> {
        (self.deframer.memory(), self.window.clone(), self.word, self.filler.clone())
    }

    /// Feeds one byte. `None`: the stream has failed.
    fn fed(
        &self,
        framing: &'f dyn Framing,
        byte: u8,
        alphabet: &[u8],
        found: &mut Fixpoint,
    ) -> Result<Option<Self>, Violation> {
        let mut next = Self {
            deframer: self.deframer.clone(),
            window: [&self.window[..], &[byte]].concat(),
            word: self.word,
            filler: self.filler.clone(),
            least: self.least,
        };
        // The word before the bytes of the window.
        let word = next.deframer.previous();
        loop {
            match next.deframer.step(&next.window) {
                Ok(Step::Need(need)) => {
                    next.least = next.least.max(next.window.len().saturating_add(need.get()));
                    next.same_at_once(framing, &next.window, Answer::Need)?;
                    return Ok(Some(next));
                }
                Ok(Step::Frame(extent)) => {
                    found.frames += 1;
                    let len = next.window.len();
                    let late = || format!("{extent:?} with {len} bytes");
                    must(
                        extent.fits(len) == Some(len) && len > 0,
                        Law::NeitherLateNorGreedy,
                        "a frame with its last byte",
                        late,
                    )?;
                    let greedy = || format!("a frame of {len} bytes");
                    let least = format!("a frame of the {} bytes that were asked for at least", next.least);
                    must(len >= next.least, Law::NeitherLateNorGreedy, &least, greedy)?;
                    next.stays(framing, alphabet, Answer::Frame(extent))?;
                    if next.window.len() <= CLOSE {
                        agree(framing, &next.window, word)?;
                    }
                    let after = Self::new(framing, next.deframer.previous());
                    let is_new = next.deframer.memory() == after.deframer.memory();
                    must(is_new, Law::AnySplit, "the state of a new decoder after a frame", || format!("{extent:?}"))?;
                    return Ok(Some(after));
                }
                Ok(Step::Discard { at: 0, len }) if len > 0 && len <= next.window.len() => {
                    found.fillers += 1;
                    let rest = next.window.split_off(len);
                    // What was dropped before is forgotten: one filler after another is tried, and not three.
                    next.word = word;
                    next.filler = core::mem::replace(&mut next.window, rest);
                    next.least = 0;
                    if next.window.is_empty() {
                        next.same_at_once(framing, &[], Answer::Need)?;
                        return Ok(Some(next));
                    }
                }
                Err(error) => {
                    found.errors += 1;
                    let again = next.deframer.step(&next.window);
                    must(again == Err(error), Law::ErrorsExactAndSticky, "the same error again", || {
                        format!("{again:?}")
                    })?;
                    next.stays(framing, alphabet, Answer::Error(error))?;
                    if next.window.len() <= CLOSE {
                        agree(framing, &next.window, word)?;
                    }
                    return Ok(None);
                }
                Ok(step) => {
                    return Err(Violation::new(Law::NoPanic, "a step that goes on", format!("{step:?}")));
                }
            }
        }
    }

    /// The frame or the error stays the same, whatever follows.
    fn stays(&self, framing: &'f dyn Framing, alphabet: &[u8], expected: Answer) -> Result<(), Violation> {
        self.same_at_once(framing, &self.window, expected)?;
        self.same_at_once(framing, &self.window.repeat(2), expected)?;
        for &byte in alphabet.iter().take(MOST_FOLLOWERS) {
            self.same_at_once(framing, &[&self.window[..], &[byte]].concat(), expected)?;
        }
        Ok(())
    }

    /// Asks another decoder once about the filler before and these bytes.
    fn same_at_once(&self, framing: &'f dyn Framing, window: &[u8], expected: Answer) -> Result<(), Violation> {
        let all = [&self.filler[..], window].concat();
        let mut deframer = Deframer::after(framing, self.word);
        let mut dropped = 0;
        let answer = loop {
            match deframer.step(&all[dropped..]) {
                Ok(Step::Need(_)) => break Answer::Need,
                Ok(Step::Frame(extent)) => break Answer::Frame(extent),
                Ok(Step::Discard { at: 0, len }) if len > 0 && len <= all.len() - dropped => dropped += len,
                Ok(step) => return Err(Violation::new(Law::NoPanic, "a step that goes on", format!("{step:?}"))),
                Err(error) => break Answer::Error(error),
            }
        };
        // The first of them counts from the start of the stream, the second from the start of the filler.
        let expected = match expected {
            Answer::Error(error) => {
                let by = self.deframer.position().wrapping_sub(dropped as u64);
                let (frame_offset, offset) = (error.frame_offset.wrapping_sub(by), error.offset.wrapping_sub(by));
                Answer::Error(DecodeError { frame_offset, offset, ..error })
            }
            other => other,
        };
        let same = answer == expected && dropped == self.filler.len();
        must(same, Law::AnySplit, &format!("{answer:?} after {dropped} bytes of filler, as asked once"), || {
            format!("{expected:?} after {}", self.filler.len())
        })
    }
}

fn must(holds: bool, law: Law, expected: &str, found: impl FnOnce() -> std::string::String) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(Violation::new(law, expected, found())) }
}
