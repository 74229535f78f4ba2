//! The words of the text form: names, sizes, bytes.

use alloc::string::String;
use alloc::vec::Vec;

use nom::branch::alt;
use nom::bytes::complete::{tag, take, take_while1};
use nom::character::complete::{char, digit1, hex_digit1, none_of, one_of};
use nom::combinator::{map_opt, not, opt, value};
use nom::error::{ErrorKind, ParseError};
use nom::multi::{fold_many0, fold_many1};
use nom::sequence::preceded;
use nom::{IResult, Parser};

use super::error::SpecErrorKind;
use crate::error::ConfigError;

pub(super) type Parsed<'a, T> = IResult<&'a str, T, Wrong<'a>>;
pub(super) type Failed<'a> = nom::Err<Wrong<'a>>;

/// What is wrong with the text from here on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wrong<'a> {
    pub(super) at: &'a str,
    pub(super) kind: SpecErrorKind,
}

impl<'a> ParseError<&'a str> for Wrong<'a> {
    fn from_error_kind(at: &'a str, _: ErrorKind) -> Self {
        Wrong { at, kind: SpecErrorKind::Expected("something else") }
    }

    fn append(_: &'a str, _: ErrorKind, other: Self) -> Self {
        other
    }
}

/// No other reading of the text is tried.
pub(super) fn fail(at: &str, kind: SpecErrorKind) -> Failed<'_> {
    nom::Err::Failure(Wrong { at, kind })
}

pub(super) fn expected<'a>(at: &'a str, what: &'static str) -> Failed<'a> {
    fail(at, SpecErrorKind::Expected(what))
}

/// What was built of the text at `at`.
pub(super) fn built<T>(at: &str, result: Result<T, ConfigError>) -> Result<T, Failed<'_>> {
    result.map_err(|error| fail(at, SpecErrorKind::Config(error)))
}

/// `parser`, with a word for what it reads. What is already a failure keeps its own.
pub(super) fn expecting<'a, T>(
    what: &'static str,
    mut parser: impl Parser<&'a str, Output = T, Error = Wrong<'a>>,
) -> impl FnMut(&'a str) -> Parsed<'a, T> {
    move |input| {
        parser.parse(input).map_err(|error| match error {
            nom::Err::Failure(wrong) => nom::Err::Failure(wrong),
            nom::Err::Error(_) | nom::Err::Incomplete(_) => expected(input, what),
        })
    }
}

/// Letters, digits and hyphens.
pub(super) fn name(input: &str) -> Parsed<'_, &str> {
    take_while1(|c: char| c.is_ascii_alphanumeric() || c == '-')(input)
}

/// Where a name is over.
pub(super) fn name_end(input: &str) -> Parsed<'_, ()> {
    match name(input) {
        Ok(_) => Err(nom::Err::Error(Wrong { at: input, kind: SpecErrorKind::Expected("the end of a name") })),
        Err(_) => Ok((input, ())),
    }
}

/// This character and nothing else.
pub(super) fn sign<'a>(wanted: char, what: &'static str) -> impl FnMut(&'a str) -> Parsed<'a, char> {
    expecting(what, char(wanted))
}

/// A number from 0 to 2^64 - 1, perhaps with a suffix.
pub(super) fn size(input: &str) -> Parsed<'_, u64> {
    let hex = preceded(tag("0x"), map_opt(hex_digit1, |digits| u64::from_str_radix(digits, 16).ok()));
    let decimal = map_opt((digit1, opt(one_of("kKMGT"))), |(digits, suffix): (&str, _)| {
        let unit: u64 = match suffix {
            None => 1,
            Some('k' | 'K') => 1 << 10,
            Some('M') => 1 << 20,
            Some('G') => 1 << 30,
            Some(_) => 1 << 40,
        };
        digits.parse::<u64>().ok()?.checked_mul(unit)
    });
    expecting("a size from 0 to 2^64 - 1, such as 512, 64k, 8M or 0x3fff", alt((hex, decimal)))(input)
}

/// A size that `T` holds.
pub(super) fn small<'a, T: TryFrom<u64>>(what: &'static str) -> impl FnMut(&'a str) -> Parsed<'a, T> {
    move |input| match size(input) {
        Ok((rest, size)) => Ok((rest, T::try_from(size).map_err(|_| expected(input, what))?)),
        Err(_) => Err(expected(input, what)),
    }
}

/// A size, or none.
pub(super) fn limit(input: &str) -> Parsed<'_, u64> {
    alt((value(u64::MAX, tag("none")), size)).parse(input)
}

/// A number from -2^63 to 2^63 - 1.
pub(super) fn signed(input: &str) -> Parsed<'_, i64> {
    let number = map_opt((opt(one_of("+-")), size), |(sign, size)| match sign {
        Some('-') => 0_i64.checked_sub_unsigned(size),
        _ => i64::try_from(size).ok(),
    });
    expecting("a number from -2^63 to 2^63 - 1", number)(input)
}

/// The word between a first framing and the rest. Bytes and words end before it.
pub(super) const THEN: &str = " then ";

/// A character that stands for itself: any but these.
fn plain<'a>(special: &'static str) -> impl Parser<&'a str, Output = Piece, Error = Wrong<'a>> {
    preceded(not(tag(THEN)), none_of(special)).map(Piece::Char)
}

/// Any number of bytes.
pub(super) fn bytes(input: &str) -> Parsed<'_, Vec<u8>> {
    let plain = plain("\\,|()");
    fold_many0(alt((plain, escape.map(Piece::Byte))), Vec::new, joined).parse(input)
}

fn joined(mut bytes: Vec<u8>, piece: Piece) -> Vec<u8> {
    match piece {
        Piece::Byte(byte) => bytes.push(byte),
        Piece::Char(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
    }
    bytes
}

enum Piece {
    Byte(u8),
    Char(char),
}

/// Text of at least one character up to a separator. `=` and `:` are separators too.
pub(super) fn word<'a>(what: &'static str) -> impl FnMut(&'a str) -> Parsed<'a, String> {
    move |input| {
        let plain = plain("\\,|()=:");
        let (rest, bytes) =
            fold_many1(alt((plain, escape.map(Piece::Byte))), Vec::new, joined).parse(input).map_err(|error| {
                match error {
                    nom::Err::Failure(wrong) => nom::Err::Failure(wrong),
                    _ => expected(input, what),
                }
            })?;
        Ok((rest, String::from_utf8(bytes).map_err(|_| expected(input, what))?))
    }
}

/// Bytes that are text.
pub(super) fn utf8<'a>(what: &'static str) -> impl FnMut(&'a str) -> Parsed<'a, String> {
    move |input| {
        let (rest, bytes) = bytes(input)?;
        Ok((rest, String::from_utf8(bytes).map_err(|_| expected(input, what))?))
    }
}

/// One byte.
pub(super) fn one_byte<'a>(what: &'static str) -> impl FnMut(&'a str) -> Parsed<'a, u8> {
    move |input| match bytes(input)? {
        (rest, bytes) if bytes.len() == 1 => Ok((rest, bytes[0])),
        _ => Err(expected(input, what)),
    }
}

/// One byte that is a type.
pub(super) fn key(input: &str) -> Parsed<'_, u8> {
    let plain = map_opt(none_of("\\,|()=:"), |c| u8::try_from(c).ok().filter(u8::is_ascii));
    expecting("a type byte: an ASCII character, or an escape such as \\x01 or \\,", alt((plain, escape)))(input)
}

fn escape(input: &str) -> Parsed<'_, u8> {
    let (rest, _) = char('\\')(input)?;
    let hex = preceded(
        char('x'),
        map_opt(take(2_usize), |digits: &str| {
            digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u8::from_str_radix(digits, 16).ok())?
        }),
    );
    let named = map_opt(one_of("rnt0\\,|()=:"), |c| match c {
        'r' => Some(b'\r'),
        'n' => Some(b'\n'),
        't' => Some(b'\t'),
        '0' => Some(0),
        other => u8::try_from(other).ok(),
    });
    let what = "an escape: \\r, \\n, \\t, \\0, \\xHH, or \\ before one of \\ , | ( ) = :";
    expecting(what, alt((named, hex)))(rest).map_err(|_| expected(input, what))
}
