//! Law 10: nothing undamaged is lost.

use std::format;
use std::vec::Vec;

use super::shared::{encode_all, in_stream, open};
use crate::contract::Progress;
use crate::testing::drivers::DriverKind;
use crate::testing::outcome::{OwnedEvent, outcome};
use crate::testing::{Law, Violation};
use crate::{Framing, Recovery};

/// One run of a stream's bytes, replaced by others, by none, or by more.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Damage {
    /// Index of the first byte that is replaced.
    pub at: usize,
    /// How many are replaced.
    pub len: usize,
    /// The bytes that replace them.
    pub by: Vec<u8>,
}

impl Damage {
    /// Returns `stream` with this damage. Beyond its end there is nothing to replace.
    #[must_use]
    pub fn done_to(&self, stream: &[u8]) -> Vec<u8> {
        let at = self.at.min(stream.len());
        let end = self.at.saturating_add(self.len).min(stream.len());
        [&stream[..at], &self.by, &stream[end..]].concat()
    }

    /// Whether it overlaps or adjoins the bytes from `start` to `end`.
    fn touches(&self, start: u64, end: u64) -> bool {
        let at = self.at as u64;
        at <= end && at.saturating_add(self.len as u64) >= start
    }
}

/// What came out of a damaged stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Survivors {
    /// Frames that the damage did not touch. All of them were returned, except the lost ones.
    pub untouched: usize,
    /// Frames that were returned and never sent: the check of the damaged bytes happened to be right, or a payload holds a
    /// complete frame.
    pub forged: usize,
    /// Untouched frames that were not returned, because a forged frame overlaps them.
    pub lost: usize,
}

/// Law 10: after `damage` to the frames of `messages`, [`Recovery::Resync`] returns every frame that the damage does not
/// touch, in the order of the stream, for every driver of the crate.
///
/// A frame is touched if the damage overlaps or adjoins it, its filler, or the trailer before it. After a trailer of more than
/// two bytes it is also touched with the frame before, and that with the one before it if its payload has only bytes of the
/// trailer: delimiters that overlap can shift through all of them.
///
/// A frame that was never sent is counted, and with it the frames that it overlaps in the same way: how often a check is right
/// by chance is for the caller to judge.
/// Framings that leave a word for the next frame promise nothing here, and nothing is asked of them.
///
/// ```
/// use anysplit::{Prefix, testing};
///
/// // `5:` becomes `9:`, whose comma is not where it should be.
/// let damage = testing::Damage { at: 0, len: 1, by: b"9".to_vec() };
/// let survivors = testing::nothing_undamaged_is_lost(&Prefix::netstring(), &[&b"hello"[..], b"world"], &damage)?;
/// assert_eq!((survivors.untouched, survivors.forged), (1, 0));
/// # Ok::<(), testing::Violation>(())
/// ```
///
/// # Errors
///
/// [`Violation`].
pub fn nothing_undamaged_is_lost<M: AsRef<[u8]>>(
    framing: &dyn Framing,
    messages: &[M],
    damage: &Damage,
) -> Result<Survivors, Violation> {
    let (wire, _) = encode_all(framing, messages);
    let leaves_words =
        messages.iter().any(|message| framing.envelope_after(0, message.as_ref()).is_ok_and(|(_, left)| left != 0));
    if leaves_words {
        return Ok(Survivors::default());
    }
    let sent = decoded(DriverKind::NextEvent, framing, Recovery::Fail, &wire)?;
    let damaged = damage.done_to(&wire);
    let mut survivors = Survivors::default();
    // The frames that were compared last: most kinds of drivers find the same ones.
    let mut compared = None;
    for kind in DriverKind::ALL {
        let found = decoded(kind, framing, Recovery::Resync, &damaged)?;
        if compared.as_ref() == Some(&found) {
            continue;
        }
        // Damage can make a frame that leaves a word, such as a line that ends with CR.
        if found.iter().any(|event| leaves_a_word(framing, &damaged, event.offset())) {
            return Ok(Survivors::default());
        }
        survivors = compare(&sent, &found, damage, wire.len(), damaged.len())
            .map_err(|violation| in_stream(violation, &damaged).with_case(&format!("by {kind:?}, {damage:?}")))?;
        compared = Some(found);
    }
    Ok(survivors)
}

/// Whether the frame at this offset leaves a word for the next one.
fn leaves_a_word(framing: &dyn Framing, stream: &[u8], offset: u64) -> bool {
    let rest = usize::try_from(offset).ok().and_then(|offset| stream.get(offset..)).unwrap_or_default();
    let mut progress = Progress::default();
    framing.locate(rest, &mut progress).is_ok() && progress.next != 0
}

/// The frames of `stream`.
fn decoded(
    kind: DriverKind,
    framing: &dyn Framing,
    recovery: Recovery,
    stream: &[u8],
) -> Result<Vec<OwnedEvent>, Violation> {
    let mut events = outcome(open(kind, framing, recovery, stream), stream, &[])?.events;
    events.retain(OwnedEvent::is_frame);
    Ok(events)
}

/// Moves a frame by `to - from` bytes.
fn moved(event: &OwnedEvent, from: usize, to: usize) -> OwnedEvent {
    let mut event = event.clone();
    if let OwnedEvent::Frame { offset, .. } = &mut event {
        *offset = (*offset + to as u64).saturating_sub(from as u64);
    }
    event
}

fn compare(
    sent: &[OwnedEvent],
    found: &[OwnedEvent],
    damage: &Damage,
    len: usize,
    damaged_len: usize,
) -> Result<Survivors, Violation> {
    let mut untouched = Vec::new();
    let mut start = 0;
    for event in sent {
        // From the last byte of the frame before, which may be its delimiter, to the end.
        if !damage.touches(start, event.end()) {
            let is_after = event.offset() > damage.at as u64;
            let before = event.offset() - start;
            untouched.push((before, if is_after { moved(event, len, damaged_len) } else { event.clone() }));
        }
        let OwnedEvent::Frame { trailer, payload, .. } = event else { continue };
        // A longer delimiter may overlap another that the damage has made of its first bytes and those before it, and that
        // one the next, as long as nothing else stands between them.
        start = match trailer.len() > 2 {
            true if payload.iter().all(|byte| trailer.contains(byte)) => start,
            true => event.offset(),
            false => event.end() - trailer.len() as u64,
        };
    }
    let is_other = |found: &&OwnedEvent| !untouched.iter().any(|(_, event)| event == *found);
    // A frame that the damage adjoins was sent too.
    let was_sent =
        |found: &OwnedEvent| sent.iter().any(|event| event == found || moved(event, len, damaged_len) == *found);
    let forged = found.iter().filter(is_other).filter(|found| !was_sent(found)).count();
    let mut survivors = Survivors { untouched: untouched.len(), forged, lost: 0 };
    for (before, event) in &untouched {
        if found.contains(event) {
            continue;
        }
        let start = event.offset().saturating_sub(*before);
        let overlaps = |other: &OwnedEvent| other.offset() < event.end() && start < other.end();
        if !found.iter().filter(is_other).any(overlaps) {
            let expected = format!("the {event:?}, which no damage touched");
            return Err(Violation::new(Law::NothingUndamagedIsLost, expected, format!("{found:?}")));
        }
        survivors.lost += 1;
    }
    Ok(survivors)
}
