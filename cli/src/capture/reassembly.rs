//! Puts the bytes of one direction of a TCP connection in order. Segments may come in any order.
//!
//! Repeated bytes are dropped, and early segments are held. Missing bytes become a gap when the receiver has
//! acknowledged bytes after them, when too much is held, or at the end.

use std::collections::BTreeMap;

/// The most bytes that are held for one direction.
const MOST_HELD: usize = 4 * 1024 * 1024;

/// The most segments that are held for one direction.
const MOST_SEGMENTS: usize = 4096;

/// A segment that begins farther than this after the next byte does not belong to the connection.
const FARTHEST: u64 = 1 << 30;

/// The next part of the stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<'a> {
    Bytes(&'a [u8]),
    /// This many bytes are not in the capture.
    Gap(u64),
}

/// Counts of what happened to the segments of a direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Segments that repeat bytes: all of theirs, or some.
    pub(super) again: u64,
    /// Segments that came later than a segment that follows them.
    pub(super) late: u64,
    /// Segments that cannot belong to the stream.
    pub(super) stray: u64,
    pub(super) gaps: u64,
}

#[derive(Default)]
pub(super) struct Half {
    /// The sequence number of the next byte, once it is known.
    next: Option<u32>,
    /// The offset of the next byte in the stream.
    offset: u64,
    /// Segments after the next byte, by offset.
    held: BTreeMap<u64, Vec<u8>>,
    held_bytes: usize,
    pub(super) counts: Counts,
}

impl Half {
    /// The direction begins: its first byte is the one after this sequence number.
    pub(super) fn open(&mut self, sequence: u32) {
        if self.next.is_none() {
            self.next = Some(sequence.wrapping_add(1));
        }
    }

    /// Takes the payload of a segment, and passes on what is complete with it.
    pub(super) fn take<E>(
        &mut self,
        sequence: u32,
        payload: &[u8],
        pass: &mut (impl FnMut(Next<'_>) -> Result<(), E> + ?Sized),
    ) -> Result<(), E> {
        if payload.is_empty() {
            return Ok(());
        }
        let next = *self.next.get_or_insert(sequence);
        // Halfway around, a sequence number is before the next one.
        let ahead = u64::from(sequence.wrapping_sub(next));
        let behind = u64::from(next.wrapping_sub(sequence));
        if ahead != 0 && behind <= ahead {
            let known = usize::try_from(behind).unwrap_or(usize::MAX);
            let fresh = payload.get(known..).unwrap_or_default();
            // A probe that only keeps the connection alive repeats one byte.
            if payload.len() > 1 || known > 1 {
                self.counts.again = self.counts.again.saturating_add(1);
            }
            return match fresh {
                [] => Ok(()),
                fresh => self.pass_on(fresh, pass),
            };
        }
        if ahead == 0 {
            if !self.held.is_empty() {
                self.counts.late = self.counts.late.saturating_add(1);
            }
            return self.pass_on(payload, pass);
        }
        if ahead > FARTHEST {
            self.counts.stray = self.counts.stray.saturating_add(1);
            return Ok(());
        }
        self.hold(self.offset.saturating_add(ahead), payload);
        while self.held_bytes > MOST_HELD || self.held.len() > MOST_SEGMENTS {
            self.give_up(pass)?;
        }
        Ok(())
    }

    /// The receiver has all bytes before this sequence number, so those that are still missing were not captured.
    pub(super) fn acknowledged<E>(
        &mut self,
        sequence: u32,
        pass: &mut (impl FnMut(Next<'_>) -> Result<(), E> + ?Sized),
    ) -> Result<(), E> {
        let Some(next) = self.next else { return Ok(()) };
        let ahead = u64::from(sequence.wrapping_sub(next));
        if ahead > FARTHEST {
            return Ok(());
        }
        let acknowledged = self.offset.saturating_add(ahead);
        while self.held.first_key_value().is_some_and(|(start, _)| *start < acknowledged) {
            self.give_up(pass)?;
        }
        Ok(())
    }

    /// Passes on all that is held.
    pub(super) fn finish<E>(&mut self, pass: &mut (impl FnMut(Next<'_>) -> Result<(), E> + ?Sized)) -> Result<(), E> {
        while !self.held.is_empty() {
            self.give_up(pass)?;
        }
        Ok(())
    }

    fn hold(&mut self, start: u64, payload: &[u8]) {
        let held = self.held.entry(start).or_default();
        if held.len() >= payload.len() {
            self.counts.again = self.counts.again.saturating_add(1);
            return;
        }
        self.held_bytes = self.held_bytes.saturating_sub(held.len()).saturating_add(payload.len());
        *held = payload.to_vec();
    }

    /// Passes on the next bytes, and those held that follow them.
    fn pass_on<E>(
        &mut self,
        bytes: &[u8],
        pass: &mut (impl FnMut(Next<'_>) -> Result<(), E> + ?Sized),
    ) -> Result<(), E> {
        self.advance(bytes.len() as u64);
        pass(Next::Bytes(bytes))?;
        while let Some(entry) = self.held.first_entry() {
            if *entry.key() > self.offset {
                break;
            }
            let (start, bytes) = entry.remove_entry();
            self.held_bytes = self.held_bytes.saturating_sub(bytes.len());
            let known = usize::try_from(self.offset.saturating_sub(start)).unwrap_or(usize::MAX);
            if let Some(fresh @ [_, ..]) = bytes.get(known..) {
                self.advance(fresh.len() as u64);
                pass(Next::Bytes(fresh))?;
            }
        }
        Ok(())
    }

    /// Reports the bytes before the first segment held as missing, and passes that segment on.
    fn give_up<E>(&mut self, pass: &mut (impl FnMut(Next<'_>) -> Result<(), E> + ?Sized)) -> Result<(), E> {
        let Some((start, bytes)) = self.held.pop_first() else { return Ok(()) };
        self.held_bytes = self.held_bytes.saturating_sub(bytes.len());
        let gap = start.saturating_sub(self.offset);
        self.advance(gap);
        self.counts.gaps = self.counts.gaps.saturating_add(1);
        pass(Next::Gap(gap))?;
        self.pass_on(&bytes, pass)
    }

    fn advance(&mut self, len: u64) {
        self.offset = self.offset.saturating_add(len);
        // Sequence numbers go around.
        let len = u32::try_from(len % (1 << 32)).unwrap_or_default();
        self.next = self.next.map(|next| next.wrapping_add(len));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what passes, with a gap of N bytes as `[N]`, for segments and, with an empty payload, acknowledgements.
    fn passed(segments: &[(u32, &str)]) -> (String, Counts) {
        let mut half = Half::default();
        let mut text = String::new();
        let mut pass = |next: Next<'_>| {
            match next {
                Next::Bytes(bytes) => text.push_str(core::str::from_utf8(bytes).map_err(drop)?),
                Next::Gap(len) => text.push_str(&format!("[{len}]")),
            }
            Ok::<(), ()>(())
        };
        half.open(u32::MAX - 3);
        for (at, payload) in segments {
            let sequence = at.wrapping_add(u32::MAX - 2);
            let done = match payload.is_empty() {
                true => half.acknowledged(sequence, &mut pass),
                false => half.take(sequence, payload.as_bytes(), &mut pass),
            };
            assert_eq!(done, Ok(()));
        }
        assert_eq!(half.finish(&mut pass), Ok(()));
        (text, half.counts)
    }

    #[test]
    fn segments_in_order_pass_across_the_end_of_the_numbers() {
        assert_eq!(passed(&[(0, "abc"), (3, "def"), (6, "g")]), ("abcdefg".to_owned(), Counts::default()));
    }

    #[test]
    fn segments_out_of_order_pass_in_order() {
        let counts = Counts { late: 1, ..Counts::default() };
        assert_eq!(passed(&[(3, "def"), (6, "gh"), (0, "abc"), (8, "i")]), ("abcdefghi".to_owned(), counts));
    }

    #[test]
    fn bytes_that_come_again_are_dropped() {
        let counts = Counts { again: 3, ..Counts::default() };
        assert_eq!(passed(&[(0, "abc"), (0, "abc"), (1, "bcde"), (2, "cd"), (5, "f")]), ("abcdef".to_owned(), counts));
    }

    #[test]
    fn overlap_of_held_segments_passes_once() {
        let (text, counts) = passed(&[(2, "cde"), (2, "c"), (4, "efg"), (0, "ab"), (7, "h")]);
        assert_eq!(text, "abcdefgh");
        assert_eq!((counts.again, counts.late), (1, 1));
    }

    #[test]
    fn gap_is_reported_once_the_bytes_after_it_are_acknowledged() {
        let counts = Counts { gaps: 1, ..Counts::default() };
        // Acknowledged up to the gap and then past it.
        assert_eq!(passed(&[(0, "ab"), (5, "fg"), (2, ""), (7, ""), (7, "h")]), ("ab[3]fgh".to_owned(), counts));
        assert_eq!(passed(&[(0, "ab"), (5, "fg")]), ("ab[3]fg".to_owned(), counts));
    }

    #[test]
    fn probe_that_keeps_the_connection_alive_is_not_counted() {
        assert_eq!(passed(&[(0, "ab"), (1, "b"), (2, "c")]), ("abc".to_owned(), Counts::default()));
    }

    #[test]
    fn what_is_held_is_bounded() {
        let mut half = Half::default();
        half.open(0);
        let (mut gaps, mut bytes) = (0, 0);
        let mut pass = |next: Next<'_>| {
            match next {
                Next::Bytes(more) => bytes += more.len(),
                Next::Gap(_) => gaps += 1,
            }
            Ok::<(), ()>(())
        };
        for index in 1..2000_u32 {
            assert_eq!(half.take(index * 20_000, &[0; 10_000], &mut pass), Ok(()));
            assert!(half.held_bytes <= MOST_HELD && half.held.len() <= MOST_SEGMENTS);
        }
        assert_eq!(half.take(1 << 31, b"far away", &mut pass), Ok(()));
        assert_eq!(half.finish(&mut pass), Ok(()));
        assert_eq!((gaps, bytes), (1999, 1999 * 10_000));
    }
}
