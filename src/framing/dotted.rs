//! Lines that end with a line of one dot: SMTP's DATA, POP3, NNTP.

use crate::contract::{DEFAULT_MAX_PAYLOAD_LEN, Envelope, Extent, Framing, Located, NextStart, Progress};
use crate::error::{DecodeErrorKind, EncodeError, FrameError};
use crate::short::ShortBytes;

/// A block of lines that ends with a line of one dot. A line that begins with a dot is sent with another before it.
///
/// ```text
///  message    H i CR LF . CR LF b y e
///  wire       H i CR LF . . CR LF b y e  CR LF . CR LF
///             payload                    trailer
/// ```
///
/// The message is the lines without the CR LF of the last one. A block without a line, `2e 0d 0a`, is a control frame; the
/// empty message is one empty line.
///
/// CR and LF occur only together. Servers that take a single LF for the end of a line see another end of the block than
/// those that do not, so both directions refuse one.
///
/// # Errors
///
/// - [`DecodeErrorKind::Forbidden`] at an LF without CR, [`DecodeErrorKind::Mismatch`] at a byte other than LF after a CR.
/// - [`DecodeErrorKind::Oversize`] at the first byte that proves that the message exceeds the limit.
///
/// Encoding refuses a message with a single CR or LF: [`EncodeError::Forbidden`].
///
/// # Cost
///
/// One search for CR and LF. A block without a line that begins with a dot is borrowed; otherwise it is copied once.
///
/// # Examples
///
/// ```
/// use anysplit::{Decoder, Dotted, Framing};
///
/// let mut wire = Vec::new();
/// Dotted::new().encode(b"Hi\r\n.\r\nbye", &mut wire)?;
/// assert_eq!(wire, b"Hi\r\n..\r\nbye\r\n.\r\n");
///
/// let mut decoder = Decoder::new(Dotted::new());
/// decoder.push(&wire)?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"Hi\r\n.\r\nbye");
/// decoder.push(b".\r\n")?;
/// assert!(decoder.next_frame()?.unwrap().is_control());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Specification
///
/// RFC 5321, sections 2.3.8 and 4.5.2; RFC 1939, section 3; RFC 3977, section 3.1.1. A dot before a line that does not begin
/// with one is removed, as RFC 5321 has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Dotted {
    max: u64,
}

const END: &[u8; 5] = b"\r\n.\r\n";

impl Dotted {
    /// Creates the framing, with the default limit.
    #[must_use]
    pub const fn new() -> Self {
        Self { max: DEFAULT_MAX_PAYLOAD_LEN }
    }

    /// Sets the limit, in bytes of the message. Binds both directions.
    #[must_use]
    pub const fn with_max_payload_len(mut self, max: u64) -> Self {
        self.max = max;
        self
    }

    /// Returns the control frame: a block without a line.
    #[must_use]
    pub const fn no_lines(&self) -> &'static [u8] {
        b".\r\n"
    }
}

impl Default for Dotted {
    fn default() -> Self {
        Self::new()
    }
}

/// What the bytes at the start of a line, or at a CR, turn out to be.
enum Turn {
    /// Not enough of them have arrived.
    Open,
    /// The last line.
    End,
    /// The start of a line after this many bytes, and whether a dot was removed.
    Line(usize, bool),
    /// An error after this many bytes.
    Broken(usize, DecodeErrorKind),
}

/// Judges a CR and the bytes after it. At the start of a frame there is no CR LF.
fn turn(bytes: &[u8], is_first: bool) -> Turn {
    let broken = |at, found| Turn::Broken(at, DecodeErrorKind::Mismatch { found, expected: b'\n' });
    let line = if is_first { 0 } else { 2 };
    match bytes.get(..line) {
        None if bytes.len() < 2 => return Turn::Open,
        Some(&[_, found]) if found != b'\n' => return broken(1, found),
        _ => {}
    }
    match bytes.get(line..).unwrap_or_default() {
        [] | [b'.'] | [b'.', b'\r'] => Turn::Open,
        [b'.', b'\r', b'\n', ..] => Turn::End,
        [b'.', b'\r', found, ..] => broken(line + 2, *found),
        [b'.', ..] => Turn::Line(line + 1, true),
        _ => Turn::Line(line, false),
    }
}

impl Framing for Dotted {
    /// `carry`: the bytes of the message so far, whether a dot was removed, and whether the first line has begun. `scanned` is in a
    /// line, at a CR whose meaning is open, or at the start.
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        let [mut opened, mut dots, mut begun, _] = progress.carry;
        let mut at = progress.scanned;
        let found = loop {
            let rest = input.get(at..).unwrap_or_default();
            let is_first = begun == 0;
            if !is_first {
                let plain = memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
                let room = self.max.saturating_sub(opened);
                if plain as u64 > room && !progress.lenient {
                    return Err(self.oversize(at.saturating_add(usize::try_from(room).unwrap_or(usize::MAX))));
                }
                opened = opened.saturating_add(plain as u64);
                at = at.saturating_add(plain);
                match rest.get(plain) {
                    None => break None,
                    Some(b'\n') if progress.lenient => {
                        at = at.saturating_add(1);
                        continue;
                    }
                    Some(&found @ b'\n') => return Err(FrameError::new(at, DecodeErrorKind::Forbidden { found })),
                    Some(_) => {}
                }
            }
            match turn(input.get(at..).unwrap_or_default(), is_first) {
                Turn::Open => break None,
                Turn::End if is_first => return Ok(Located::Known(Extent::new(0, 0, 3).as_control())),
                Turn::End => break Some(Extent::new(0, at as u64, 5)),
                // The CR is a byte of the line, and the next one is looked at again.
                Turn::Broken(..) if progress.lenient => at = at.saturating_add(1),
                Turn::Broken(by, kind) => return Err(FrameError::new(at.saturating_add(by), kind)),
                Turn::Line(by, is_dotted) => {
                    at = at.saturating_add(by);
                    let ended = if is_first { 0 } else { 2 };
                    if ended > self.max.saturating_sub(opened) && !progress.lenient {
                        return Err(self.oversize(at));
                    }
                    opened = opened.saturating_add(ended);
                    dots |= u64::from(is_dotted);
                }
            }
            begun = 1;
        };
        progress.scanned = at;
        progress.carry = [opened, dots, begun, 0];
        Ok(match found {
            Some(extent) if dots == 0 => Located::Known(extent),
            Some(extent) => Located::Known(extent.rewritten()),
            None if begun == 0 => Located::Header(3),
            None => {
                // The complete end is missing.
                let so_far = Extent::new(0, at as u64, 0).rewritten();
                Located::Search { so_far, least: (at as u64).saturating_add(5) }
            }
        })
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let len = message.len() as u64;
        if len > self.max {
            return Err(EncodeError::Oversize { len, max: self.max });
        }
        let mut dots = u64::from(message.first() == Some(&b'.'));
        for at in memchr::memchr2_iter(b'\r', b'\n', message) {
            let next = message.get(at.saturating_add(1));
            let before = at.checked_sub(1).and_then(|before| message.get(before));
            match message.get(at) {
                Some(b'\r') if next == Some(&b'\n') => {}
                Some(b'\n') if before == Some(&b'\r') => dots = dots.saturating_add(u64::from(next == Some(&b'.'))),
                Some(&found) => return Err(EncodeError::Forbidden { at, found }),
                None => {}
            }
        }
        Ok(match dots {
            0 => Envelope::new(ShortBytes::empty()).with_trailer(END),
            dots => Envelope::Rewritten { len: len.saturating_add(dots).saturating_add(END.len() as u64) },
        })
    }

    fn seal(&self, message: &[u8], frame: &mut [u8]) {
        let mut places = frame.iter_mut();
        let mut write = |byte| places.next().into_iter().for_each(|place| *place = byte);
        let mut is_start = true;
        for &byte in message {
            if is_start && byte == b'.' {
                write(byte);
            }
            write(byte);
            is_start = byte == b'\n';
        }
        END.iter().for_each(|&byte| write(byte));
    }

    /// `memo` is 0 at the start of a line, and 1 in it.
    fn open(&self, _: &[u8], payload: &mut [u8], _: u64, memo: &mut u64) -> usize {
        let mut to = 0;
        for from in 0..payload.len() {
            let byte = payload[from];
            let is_stuffing = *memo == 0 && byte == b'.';
            *memo = u64::from(byte != b'\n');
            if !is_stuffing {
                payload[to] = byte;
                to += 1;
            }
        }
        to
    }

    /// After the next line of one dot.
    fn next_start(&self, input: &[u8], _: usize) -> NextStart {
        match NextStart::at_word(input, 0, END) {
            NextStart::At(at) => NextStart::At(at.saturating_add(END.len())),
            not_before @ NextStart::NotBefore(_) => not_before,
        }
    }

    fn max_payload_len(&self) -> u64 {
        self.max
    }
}

impl Dotted {
    fn oversize(&self, at: usize) -> FrameError {
        FrameError::new(at, DecodeErrorKind::Oversize { len: self.max.saturating_add(1), max: self.max })
    }
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::framing::testing::{cuts_agree, prefixes_agree};

    fn error(max: u64, wire: &[u8]) -> FrameError {
        Dotted::new().with_max_payload_len(max).locate(wire, &mut Progress::default()).unwrap_err()
    }

    #[test]
    fn every_cut_gives_the_same_blocks_and_errors() {
        for wire in [
            &b"a\r\n..b\r\n\r\n...\r\n.\r\n.\r\n\r\n.\r\n..\r\n.\r\n"[..],
            b"a\nb\r\n.\r\n",
            b"a\rb\r\n.\r\n",
            b"a\r\n.\rb",
            b".\rb",
            b"\r\n\r\n\r\n.\r\n",
            b"a\r\n.\r",
            b"abc\r\nde\r\n.\r\n",
        ] {
            for max in [0, 2, 3, 4, 5, 6, 100] {
                let _ = cuts_agree(&Dotted::new().with_max_payload_len(max), wire);
            }
        }
        assert!(prefixes_agree(&Dotted::new(), b"..a\r\n..\r\n.\r\n").is_ok());
    }

    #[test]
    fn line_ends_in_halves_are_refused_where_they_are_proved() {
        let mismatch = |found| DecodeErrorKind::Mismatch { found, expected: b'\n' };
        assert_eq!(error(9, b"a\nb"), FrameError::new(1, DecodeErrorKind::Forbidden { found: b'\n' }));
        assert_eq!(error(9, b"a\rb"), FrameError::new(2, mismatch(b'b')));
        assert_eq!(error(9, b"a\r\n.\rb"), FrameError::new(5, mismatch(b'b')));
        assert_eq!(error(9, b"a\r\n.\n"), FrameError::new(4, DecodeErrorKind::Forbidden { found: b'\n' }));
        for (message, at, found) in [(&b"a\nb"[..], 1, b'\n'), (b"a\r", 1, b'\r'), (b"\n.\r\n", 0, b'\n')] {
            assert_eq!(Dotted::new().envelope(message), Err(EncodeError::Forbidden { at, found }));
        }
    }

    #[test]
    fn limit_counts_the_line_ends_of_all_lines_but_the_last() {
        assert!(Dotted::new().with_max_payload_len(3).locate(b"abc\r\n.\r\n", &mut Progress::default()).is_ok());
        let oversize = |max| DecodeErrorKind::Oversize { len: max + 1, max };
        assert_eq!(error(2, b"abc"), FrameError::new(2, oversize(2)));
        assert_eq!(error(4, b"abc\r\nd"), FrameError::new(5, oversize(4)));
        assert_eq!(error(5, b"abc\r\nd"), FrameError::new(5, oversize(5)));
        assert_eq!(error(0, b".a"), FrameError::new(1, oversize(0)));
    }
}
