//! Shared by the framings of text: lines within a limit, digits, blanks, and the bytes required after a payload.

use crate::contract::{Located, Part};
use crate::error::{DecodeErrorKind, FrameError};
use crate::scan::ByteSet;

/// How a line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum LineEnd {
    CrLf,
    /// LF, with one optional CR before it.
    Lf,
    /// This byte alone. A line end of text is then an ordinary byte.
    Byte(u8),
}

impl LineEnd {
    #[inline]
    const fn last(self) -> u8 {
        match self {
            Self::CrLf | Self::Lf => b'\n',
            Self::Byte(byte) => byte,
        }
    }

    /// Returns the least length of the end.
    #[inline]
    pub(crate) const fn least(self) -> usize {
        match self {
            Self::CrLf => 2,
            Self::Lf | Self::Byte(_) => 1,
        }
    }

    /// Returns how many bytes of the end have arrived for a line that has not ended: 1 for the CR of CR LF.
    #[inline]
    pub(crate) fn begun(self, line: &[u8]) -> usize {
        usize::from(self == Self::CrLf && line.ends_with(b"\r"))
    }

    /// Returns how many bytes at the end of a line that has not ended a search must look at again.
    #[inline]
    pub(crate) fn again(self, line: &[u8]) -> usize {
        usize::from(!matches!(self, Self::Byte(_)) && line.ends_with(b"\r"))
    }
}

/// The meaning of a CR or an LF that is not part of the end of a line. An LF is one with [`LineEnd::Lf`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lone {
    /// A byte of the line.
    Data,
    /// An error.
    IsError,
}

/// A complete line, as indexes into the bytes in which it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Where its content ends and its line end begins.
    pub(crate) content: usize,
    /// Where the next line begins.
    pub(crate) next: usize,
}

/// Finds the end of the line that begins at `start`. The line does not end before `from`.
///
/// A search without a result can go on at the end of `input`, less [`LineEnd::again`] bytes for [`Lone::IsError`].
#[inline]
pub(crate) fn find_line(
    input: &[u8],
    start: usize,
    from: usize,
    end: LineEnd,
    lone: Lone,
) -> Result<Option<Line>, FrameError> {
    let mut from = from.max(start);
    loop {
        let Some(rest) = input.get(from..) else { return Ok(None) };
        let found = match (lone, end) {
            (Lone::IsError, LineEnd::CrLf | LineEnd::Lf) => memchr::memchr2(b'\r', b'\n', rest),
            _ => memchr::memchr(end.last(), rest),
        };
        let Some(at) = found.map(|index| from + index) else { return Ok(None) };
        if lone == Lone::IsError && input[at] == b'\r' && !matches!(end, LineEnd::Byte(_)) {
            return match input.get(at + 1) {
                None => Ok(None),
                Some(b'\n') => Ok(Some(Line { content: at, next: at + 2 })),
                Some(&found) => Err(mismatch(at + 1, found, b'\n')),
            };
        }
        let after_cr = at > start && input[at - 1] == b'\r';
        match (end, after_cr) {
            (LineEnd::Byte(_), _) | (LineEnd::Lf, false) => return Ok(Some(Line { content: at, next: at + 1 })),
            (LineEnd::CrLf | LineEnd::Lf, true) => return Ok(Some(Line { content: at - 1, next: at + 1 })),
            (LineEnd::CrLf, false) if lone == Lone::Data => from = at + 1,
            (LineEnd::CrLf, false) => return Err(mismatch(at, b'\n', b'\r')),
        }
    }
}

/// Returns an error for the first byte of `set` in `input`, from `from` up to `to`.
#[inline]
pub(crate) fn allow(input: &[u8], from: usize, to: usize, set: &ByteSet) -> Result<(), FrameError> {
    let to = to.min(input.len());
    match input.get(from.min(to)..to).and_then(|searched| set.find(searched)) {
        None => Ok(()),
        Some(at) => {
            let at = from.saturating_add(at);
            Err(FrameError::new(at, DecodeErrorKind::Forbidden { found: input.get(at).copied().unwrap_or_default() }))
        }
    }
}

/// Where the search for forbidden bytes ends: with the line, or with an error.
#[inline]
pub(crate) fn searched(found: &Result<Option<Line>, FrameError>, len: usize) -> usize {
    match found {
        Ok(Some(line)) => line.content,
        Ok(None) => len,
        Err(error) => error.at,
    }
}

/// What no line of a protocol of text may have.
pub(crate) const NUL: ByteSet = ByteSet::of(0);

/// Control bytes, other than a tab and the bytes of a line end.
pub(crate) const CONTROLS: ByteSet = ByteSet::range(0, 0x1f).with(0x7f).without(b'\t').without(b'\r').without(b'\n');

/// Returns the bytes of `input` that can belong to a header of at most `max` bytes.
#[inline]
pub(crate) fn within(input: &[u8], max: u16) -> &[u8] {
    input.get(..max.into()).unwrap_or(input)
}

/// Returns the answer for a header that is not complete in `input`, or the error if it is over its limit.
///
/// `missing`: how many bytes the frame is missing at least.
pub(crate) fn incomplete(input: &[u8], max: u16, missing: u64) -> Result<Located, FrameError> {
    if input.len() > max.into() {
        return Err(too_long(max));
    }
    Ok(Located::Header((input.len() as u64).saturating_add(missing)))
}

/// Returns the error of a header that does not end within `max` bytes, at the first byte after them.
pub(crate) const fn too_long(max: u16) -> FrameError {
    FrameError::new(max as usize, DecodeErrorKind::HeaderTooLong { max: max as u64 })
}

/// Returns the length of a header in the type of an extent.
#[inline]
pub(crate) fn header_len(len: usize) -> Result<u16, FrameError> {
    u16::try_from(len).map_err(|_| too_long(u16::MAX))
}

/// The digits of a number that have been read so far. Leading zeros are digits like any other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Digits {
    pub(crate) value: u64,
    pub(crate) count: usize,
}

impl Digits {
    /// Continues up to the first byte of `field` that is no digit of this radix, 10 or 16. `field` begins with the
    /// first digit.
    ///
    /// # Errors
    ///
    /// At the digit with which the number does not fit a `u64`, or at which `judge` reports an error.
    #[inline]
    pub(crate) fn read<const RADIX: u8>(
        &mut self,
        field: &[u8],
        judge: impl Fn(Self) -> Result<(), DecodeErrorKind>,
    ) -> Result<(), FrameError> {
        while let Some(digit) = field.get(self.count).and_then(|&byte| char::from(byte).to_digit(RADIX.into())) {
            let value = self.value.checked_mul(RADIX.into()).and_then(|value| value.checked_add(digit.into()));
            let next = match value {
                Some(value) => Self { value, count: self.count + 1 },
                None => return Err(too_large(self.count)),
            };
            judge(next).map_err(|kind| FrameError::new(self.count, kind))?;
            *self = next;
        }
        Ok(())
    }
}

/// A number that does not fit.
pub(crate) const NUMBER_TOO_LARGE: DecodeErrorKind = DecodeErrorKind::NumberTooLarge { max: u64::MAX };

pub(crate) const fn too_large(at: usize) -> FrameError {
    FrameError::new(at, NUMBER_TOO_LARGE)
}

pub(crate) const fn not_a_digit(at: usize, found: u8, radix: u8) -> FrameError {
    FrameError::new(at, DecodeErrorKind::NotADigit { found, radix })
}

pub(crate) const fn mismatch(at: usize, found: u8, expected: u8) -> FrameError {
    FrameError::new(at, DecodeErrorKind::Mismatch { found, expected })
}

#[inline]
pub(crate) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Returns the index of the first byte at or after `from` that is no blank, or the end.
#[inline]
pub(crate) fn after_blanks(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|&&byte| is_blank(byte)).count()
}

/// Compares the trailer of a frame with the required bytes.
///
/// # Errors
///
/// [`DecodeErrorKind::Mismatch`] at the first byte that differs.
pub(crate) fn check_trailer(part: Part<'_>, expected: &[u8]) -> Result<(), FrameError> {
    let found = part.trailer().unwrap_or_default();
    for (index, (&found, &expected)) in found.iter().zip(expected).enumerate() {
        if found != expected {
            return Err(mismatch(part.trailer_start().saturating_add(index), found, expected));
        }
    }
    Ok(())
}

#[cfg(all(test, feature = "alloc"))]
mod tests {
    use super::*;
    use crate::contract::Extent;

    #[test]
    fn line_ends_are_found_by_their_rules() {
        type Found = Result<Option<Line>, FrameError>;
        let line = |content, next| Ok(Some(Line { content, next }));
        let lf = Err(mismatch(1, b'\n', b'\r'));
        let cases: [(&[u8], LineEnd, Lone, Found); 14] = [
            (b"a\r\nb", LineEnd::CrLf, Lone::Data, line(1, 3)),
            (b"a\nb\r\n", LineEnd::CrLf, Lone::Data, line(3, 5)),
            (b"a\nb\r\n", LineEnd::CrLf, Lone::IsError, lf),
            (b"a\rb\n", LineEnd::Lf, Lone::IsError, Err(mismatch(2, b'b', b'\n'))),
            (b"a\nb\r\n", LineEnd::Lf, Lone::IsError, line(1, 2)),
            (b"a\rb\r\n", LineEnd::CrLf, Lone::IsError, Err(mismatch(2, b'b', b'\n'))),
            (b"a\rb\x01", LineEnd::Byte(1), Lone::IsError, line(3, 4)),
            (b"a\r\r\n", LineEnd::CrLf, Lone::IsError, Err(mismatch(2, b'\r', b'\n'))),
            (b"a\r", LineEnd::CrLf, Lone::IsError, Ok(None)),
            (b"a\n", LineEnd::Lf, Lone::Data, line(1, 2)),
            (b"a\r\r\n", LineEnd::Lf, Lone::Data, line(2, 4)),
            (b"\r\n", LineEnd::Lf, Lone::Data, line(0, 2)),
            (b"a\r\n\x01", LineEnd::Byte(1), Lone::Data, line(3, 4)),
            (b"", LineEnd::Lf, Lone::Data, Ok(None)),
        ];
        for (input, end, lone, expected) in cases {
            assert_eq!(find_line(input, 0, 0, end, lone), expected, "{} {end:?} {lone:?}", input.escape_ascii());
            // Resumes with every byte.
            let mut from = 0;
            let resumed = (0..=input.len()).find_map(|len| {
                let found = find_line(&input[..len], 0, from, end, lone);
                from = len - end.again(&input[..len]);
                (found != Ok(None)).then_some(found)
            });
            assert_eq!(resumed.unwrap_or(Ok(None)), expected, "{}, resumed", input.escape_ascii());
        }
        // The CR before `start` belongs to another line.
        assert_eq!(find_line(b"\r\na", 1, 1, LineEnd::Lf, Lone::Data), line(1, 2));
        assert_eq!(find_line(b"abc", 9, 9, LineEnd::Lf, Lone::Data), Ok(None));
    }

    #[test]
    fn digits_are_read_once_and_overflow_at_the_right_one() {
        let any = |_: Digits| Ok(());
        let mut digits = Digits::default();
        for len in 0..=4 {
            assert_eq!(digits.read::<16>(&b"0fA;"[..len], any), Ok(()));
        }
        assert_eq!(digits, Digits { value: 0xfa, count: 3 });
        let mut digits = Digits::default();
        assert_eq!(digits.read::<10>(b"18446744073709551615", any), Ok(()));
        assert_eq!(digits, Digits { value: u64::MAX, count: 20 });
        let mut digits = Digits::default();
        assert_eq!(digits.read::<16>(b"ffffffffffffffff", any), Ok(()));
        assert_eq!(digits, Digits { value: u64::MAX, count: 16 });
        assert_eq!(Digits::default().read::<10>(b"18446744073709551616", any), Err(too_large(19)));
        assert_eq!(Digits::default().read::<10>(b"0184467440737095516150", any), Err(too_large(21)));
        assert_eq!(Digits::default().read::<16>(b"10000000000000000", any), Err(too_large(16)));
        let small = |digits: Digits| if digits.value > 9 { Err(NUMBER_TOO_LARGE) } else { Ok(()) };
        assert_eq!(Digits::default().read::<10>(b"0012", small), Err(too_large(3)));
    }

    #[test]
    fn header_of_the_limit_fits_and_one_byte_more_does_not() {
        assert_eq!(header_len(65_535), Ok(65_535));
        assert_eq!(header_len(65_536), Err(too_long(65_535)));
        assert_eq!(incomplete(b"abc", 3, 2), Ok(Located::Header(5)));
        assert_eq!(incomplete(b"abcd", 3, 2), Err(too_long(3)));
        assert_eq!(incomplete(b"a", 3, u64::MAX), Ok(Located::Header(u64::MAX)));
        assert_eq!(within(b"abcd", 3), b"abc");
    }

    #[test]
    fn trailer_is_judged_in_the_last_part_alone() {
        let extent = Extent::new(1, 2, 2);
        for (wire, expected) in [
            (b"1hi\r\n", Ok(())),
            (b"1hi\r!", Err(mismatch(4, b'!', b'\n'))),
            (b"1hi!!", Err(mismatch(3, b'!', b'\r'))),
        ] {
            assert_eq!(check_trailer(Part::all(extent, wire), b"\r\n"), expected);
            let part = Part { bytes: &wire[..3], is_last: false, ..Part::all(extent, wire) };
            assert_eq!(check_trailer(part, b"\r\n"), Ok(()));
            let part = Part { at: 3, bytes: &wire[3..], ..Part::all(extent, wire) };
            assert_eq!(check_trailer(part, b"\r\n"), expected);
        }
    }
}
