//! Compares digits with slow implementations and examples.

extern crate std;

use std::format;
use std::vec::Vec;

use super::*;
use crate::number::testing::{holds, obeys_contract, refuses_more};

#[track_caller]
fn not_a_digit(number: Ascii, at: usize, found: u8) -> Result<Decoded, FrameError> {
    Err(FrameError::new(at, DecodeErrorKind::NotADigit { found, radix: number.radix() }))
}

fn too_large(at: usize, max: u64) -> Result<Decoded, FrameError> {
    Err(FrameError::new(at, DecodeErrorKind::NumberTooLarge { max }))
}

fn value(value: u64, len: usize) -> Result<Decoded, FrameError> {
    Ok(Decoded::Value { value, len })
}

fn incomplete(need: usize) -> Result<Decoded, FrameError> {
    Ok(Decoded::Incomplete(NonZeroUsize::new(need).unwrap()))
}

/// Formats with the standard library.
fn written(number: Ascii, value: u64) -> Vec<u8> {
    let width = number.width().unwrap_or(1);
    let mut text = match number.radix() {
        10 => format!("{value:0width$}").into_bytes(),
        _ => format!("{value:0width$x}").into_bytes(),
    };
    text.extend(number.terminator().map_or(&[][..], Literal::as_slice));
    text
}

/// Parses complete input with the standard library.
fn naive(number: Ascii, input: &[u8], limit: u64) -> Option<(u64, usize)> {
    let terminator = number.terminator().map_or(&[][..], Literal::as_slice);
    let is_digit = |byte: &&u8| byte.is_ascii_digit() || (number.radix() == 16 && byte.is_ascii_hexdigit());
    let run = input.iter().take_while(is_digit).count();
    let count = number.width().unwrap_or(run);
    if run < count || !input[count..].starts_with(terminator) {
        return None;
    }
    let digits = core::str::from_utf8(&input[..count]).unwrap();
    let value = u64::from_str_radix(digits, number.radix().into()).ok().filter(|value| *value <= number.max())?;
    let leading_zero = count > 1 && digits.starts_with('0');
    if number.width().is_none() && (leading_zero || value > limit) {
        return None;
    }
    Some((value, count + terminator.len()))
}

#[track_caller]
fn agrees_with_naive(number: Ascii, input: &[u8], limit: u64) {
    obeys_contract(&number, input, limit);
    let found = match number.decode(input, limit) {
        Ok(Decoded::Value { value, len }) => Some((value, len)),
        _ => None,
    };
    assert_eq!(found, naive(number, input, limit), "{}", input.escape_ascii());
}

fn some_of_every_form() -> Vec<Ascii> {
    let mut numbers = Vec::new();
    for width in 1..=20 {
        let plain = Ascii::decimal(width).unwrap();
        numbers.extend([plain, plain.followed_by(b": ").unwrap(), plain.with_max(plain.max() / 3 + 7)]);
    }
    for width in 1..=16 {
        let plain = Ascii::hex(width).unwrap();
        numbers.extend([plain, plain.followed_by(b"\r\n").unwrap(), plain.with_max(plain.max() / 3 + 7)]);
    }
    for terminator in [&b":"[..], b"\r\n", b" the end "] {
        for ended in [Ascii::decimal_ended_by(terminator).unwrap(), Ascii::hex_ended_by(terminator).unwrap()] {
            numbers.extend([ended, ended.with_max(0), ended.with_max(300), ended.with_max_digits(6).unwrap()]);
        }
    }
    numbers
}

#[test]
fn ascii_of_every_form_writes_as_std_and_reads_back() {
    for number in some_of_every_form() {
        let max = number.max();
        let tens = (0..20).flat_map(|log| [10_u64.pow(log) - 1, 10_u64.pow(log), 10_u64.pow(log) + 1]);
        let bits = (0..64).step_by(7).flat_map(|bit| [(1 << bit) - 1, 1 << bit]);
        for value in (0..=20).chain([99, 255, 300]).chain(tens).chain(bits).chain([max.saturating_sub(1), max]) {
            if value > max {
                continue;
            }
            let mut out = ShortBytes::empty();
            number.encode(value, &mut out).unwrap();
            assert_eq!(out.as_slice(), written(number, value));
            assert_eq!(holds(&number, value), out.len());
        }
        refuses_more(&number);
    }
}

#[test]
fn eight_digits_of_every_value_write_and_read_as_std() {
    let (decimal, hex, netstring) = (Ascii::decimal(8).unwrap(), Ascii::hex(8).unwrap(), Ascii::netstring());
    // Every pair of digits in every place, and steps that reach every run of four.
    let pairs = (0..4).flat_map(|place| (0..100).map(move |pair| pair * 100_u64.pow(place)));
    for value in pairs.chain((0..100_000_000).step_by(1009)) {
        let digits = |number: Ascii| {
            let mut out = ShortBytes::empty();
            number.encode(value, &mut out).unwrap();
            assert_eq!(number.decode(&out, value), Ok(Decoded::Value { value, len: out.len() }));
            out
        };
        assert_eq!(*digits(decimal), *format!("{value:08}").as_bytes());
        assert_eq!(*digits(hex), *format!("{value:08x}").as_bytes());
        assert_eq!(*digits(netstring), *format!("{value}:").as_bytes());
    }
}

#[test]
fn decimal5_and_hex4_of_every_value_read_back() {
    let mut wire = ShortBytes::empty();
    for expected in 0..=99_999 {
        wire = ShortBytes::empty();
        Ascii::decimal5().encode(expected, &mut wire).unwrap();
        assert_eq!(Ascii::decimal5().decode(&wire, 0), value(expected, 5));
    }
    assert_eq!(wire.as_slice(), b"99999");
    for expected in 0..=0xffff {
        wire = ShortBytes::empty();
        Ascii::hex4().encode(expected, &mut wire).unwrap();
        assert_eq!(Ascii::hex4().decode(&wire, 0), value(expected, 4));
        assert_eq!(Ascii::hex4().decode(&wire.to_ascii_uppercase(), 0), value(expected, 4));
    }
    assert_eq!(wire.as_slice(), b"ffff");
}

#[test]
fn fixed_width_with_any_byte_anywhere_reads_as_naive() {
    for number in some_of_every_form() {
        let Some(width) = number.width() else { continue };
        for fill in [b'0', b'1', b'9', b'f', b'F'] {
            if number.radix() == 10 && !fill.is_ascii_digit() {
                continue;
            }
            for at in 0..width {
                for byte in 0..=255 {
                    let mut input = Vec::new();
                    input.resize(width, fill);
                    input[at] = byte;
                    input.extend(number.terminator().map_or(&b"12345678"[..], Literal::as_slice));
                    let expected = naive(number, &input, 0);
                    let decoded = number.decode(&input, 0);
                    match expected {
                        Some((expected, len)) => assert_eq!(decoded, value(expected, len)),
                        None => assert!(decoded.is_err()),
                    }
                    assert_eq!(number.decode(&input[..width + number.mark_len()], 0), decoded);
                }
            }
        }
    }
}

#[test]
fn ascii_of_four_typical_bytes_reads_as_naive() {
    const TYPICAL: [u8; 11] = *b"019aFg: \r\n\xff";
    let numbers = [
        Ascii::decimal(1).unwrap(),
        Ascii::decimal(3).unwrap().with_max(109),
        Ascii::decimal(2).unwrap().followed_by(b": ").unwrap(),
        Ascii::hex(2).unwrap(),
        Ascii::hex(3).unwrap().with_max(0x1af),
        Ascii::hex(1).unwrap().followed_by(b"\r\n").unwrap(),
        Ascii::netstring(),
        Ascii::netstring().with_max(10),
        Ascii::decimal_ended_by(b"\r\n").unwrap().with_max_digits(2).unwrap(),
        Ascii::hex_ended_by(b": ").unwrap(),
        Ascii::hex_ended_by(b"g").unwrap().with_max(0xa9),
    ];
    for number in numbers {
        let limit = if number.width().is_none() { &[u64::MAX, 9][..] } else { &[0] };
        for limit in limit {
            for code in 0..TYPICAL.len().pow(4) {
                let input = [0, 1, 2, 3].map(|at| TYPICAL[code / TYPICAL.len().pow(at) % TYPICAL.len()]);
                agrees_with_naive(number, &input, *limit);
            }
        }
    }
}

#[test]
fn twenty_digits_over_2_to_64_fail_at_the_first_proof() {
    let number = Ascii::decimal(20).unwrap();
    let max = u64::MAX;
    assert_eq!(number.max(), max);
    assert_eq!(number.decode(b"18446744073709551615", 0), value(max, 20));
    assert_eq!(number.decode(b"18446744073709551616", 0), too_large(19, max));
    assert_eq!(number.decode(b"18446744073709551620", 0), too_large(18, max));
    assert_eq!(number.decode(b"18446744073709551620", 0), number.decode(b"1844674407370955162", 0));
    assert_eq!(number.decode(b"19", 0), too_large(1, max));
    assert_eq!(number.decode(b"2", 0), too_large(0, max));
    assert_eq!(number.decode(b"99999999999999999999", 0), too_large(0, max));
    for text in [&b"18446744073709551615"[..], b"18446744073709551616", b"20000000000000000000", b"0184467440737x"] {
        agrees_with_naive(number, text, 0);
    }
}

#[test]
fn fixed_width_cut_short_needs_the_rest_and_the_mark() {
    let plain = Ascii::decimal5();
    let marked = plain.followed_by(b": ").unwrap();
    for have in 0..5 {
        assert_eq!(plain.decode(&b"01234"[..have], 0), incomplete(5 - have));
        assert_eq!(marked.decode(&b"01234"[..have], 0), incomplete(7 - have));
    }
    assert_eq!(marked.decode(b"01234", 0), incomplete(2));
    assert_eq!(marked.decode(b"01234:", 0), incomplete(1));
    assert_eq!(marked.decode(b"01234: x", 0), value(1234, 7));
    assert_eq!((plain.fixed_len(), marked.fixed_len()), (Some(5), Some(7)));
}

#[test]
fn wrong_byte_in_incomplete_number_fails_at_once() {
    assert_eq!(Ascii::decimal5().decode(b"0x", 0), not_a_digit(Ascii::decimal5(), 1, b'x'));
    assert_eq!(Ascii::hex4().decode(b"-", 0), not_a_digit(Ascii::hex4(), 0, b'-'));
    let marked = Ascii::decimal(2).unwrap().followed_by(b": ").unwrap();
    assert_eq!(marked.decode(b"0:", 0), not_a_digit(marked, 1, b':'));
    let mismatch = |at, found, expected| Err(FrameError::new(at, DecodeErrorKind::Mismatch { found, expected }));
    assert_eq!(marked.decode(b"055", 0), mismatch(2, b'5', b':'));
    assert_eq!(marked.decode(b"05:5", 0), mismatch(3, b'5', b' '));
}

#[test]
fn ended_number_cut_short_needs_the_mark_and_one_digit() {
    let number = Ascii::decimal_ended_by(b"\r\n").unwrap();
    assert_eq!(number.decode(b"", 9), incomplete(3));
    assert_eq!(number.decode(b"7", 9), incomplete(2));
    assert_eq!(number.decode(b"7\r", 9), incomplete(1));
    assert_eq!(number.decode(b"7\r\n", 9), value(7, 3));
    assert_eq!(number.decode(b"\r\n", 9), not_a_digit(number, 0, b'\r'));
    assert_eq!(number.decode(b"7\n", 9), not_a_digit(number, 1, b'\n'));
    let mismatch = FrameError::new(2, DecodeErrorKind::Mismatch { found: b'8', expected: b'\n' });
    assert_eq!(number.decode(b"7\r8", 9), Err(mismatch));
    assert_eq!(number.fixed_len(), None);
}

#[test]
fn leading_zero_fails_at_the_digit_after_it() {
    for text in [&b"00:"[..], b"01:", b"00", b"01"] {
        assert_eq!(Ascii::netstring().decode(text, 9), Err(FrameError::new(1, DecodeErrorKind::LeadingZero)));
    }
    assert_eq!(Ascii::netstring().decode(b"0:", 0), value(0, 2));
    let hex = Ascii::hex_ended_by(b";").unwrap();
    assert_eq!(hex.decode(b"0F", 255), Err(FrameError::new(1, DecodeErrorKind::LeadingZero)));
}

#[test]
fn ended_number_over_the_limit_fails_at_the_first_proof() {
    let number = Ascii::netstring().with_max(2000);
    assert_eq!(number.decode(b"1000:", 1000), value(1000, 5));
    assert_eq!(number.decode(b"1001:", 1000), too_large(3, 1000));
    assert_eq!(number.decode(b"2001:", 9000), too_large(3, 2000));
    assert_eq!(number.decode(b"1:", 0), too_large(0, 0));
    assert_eq!(Ascii::netstring().decode(b"18446744073709551615:", u64::MAX), value(u64::MAX, 21));
    assert_eq!(Ascii::netstring().decode(b"18446744073709551616:", u64::MAX), too_large(19, u64::MAX));
    assert_eq!(Ascii::netstring().decode(b"99999999999999999999:", u64::MAX), too_large(19, u64::MAX));
    // With a fixed width the caller compares.
    assert_eq!(Ascii::decimal5().decode(b"02001", 1000), value(2001, 5));
}

#[test]
fn with_max_digits_sets_the_greatest_number() {
    let number = Ascii::netstring().with_max_digits(3).unwrap();
    assert_eq!(number, Ascii::netstring().with_max(999));
    assert_eq!(number.decode(b"1000", u64::MAX), too_large(3, 999));
    assert_eq!(Ascii::netstring().with_max_digits(20), Ok(Ascii::netstring()));
    assert_eq!(Ascii::hex_ended_by(b" ").unwrap().with_max_digits(4).unwrap().max(), 0xffff);
    for found in [0, 21, usize::MAX] {
        let refused = Err(ConfigError::Width { found, min: 1, max: 20 });
        assert_eq!(Ascii::netstring().with_max_digits(found), refused);
    }
    assert_eq!(Ascii::decimal5().with_max(1_000_000), Ascii::decimal5());
}

#[test]
fn invalid_widths_and_marks_are_refused() {
    for found in [0, 21, 256, 261] {
        assert_eq!(Ascii::decimal(found), Err(ConfigError::Width { found, min: 1, max: 20 }));
    }
    for found in [0, 17, 256, 260] {
        assert_eq!(Ascii::hex(found), Err(ConfigError::Width { found, min: 1, max: 16 }));
    }
    for terminator in [&b"5"[..], b"0x"] {
        let refused = Err(ConfigError::LiteralStartsWithDigit { found: terminator[0] });
        assert_eq!(Ascii::decimal_ended_by(terminator), refused);
        assert_eq!(Ascii::hex_ended_by(terminator), refused);
        assert_eq!(Ascii::decimal5().followed_by(terminator), refused);
    }
    for terminator in [&b"a"[..], b"F "] {
        assert_eq!(Ascii::hex_ended_by(terminator), Err(ConfigError::LiteralStartsWithDigit { found: terminator[0] }));
        assert!(Ascii::decimal_ended_by(terminator).is_ok());
    }
    assert_eq!(Ascii::decimal_ended_by(b""), Err(ConfigError::EmptyLiteral));
    assert_eq!(Ascii::hex_ended_by(&[b' '; 16]), Err(ConfigError::LiteralTooLong { len: 16, max: 15 }));
    assert!(matches!(Ascii::netstring().followed_by(b":"), Err(ConfigError::Conflict(_))));
    let once = Ascii::hex4().followed_by(b":").unwrap();
    assert!(matches!(once.followed_by(b":"), Err(ConfigError::Conflict(_))));
}

#[test]
fn accessors_return_the_parts() {
    let number = Ascii::decimal5().followed_by(b": ").unwrap().with_max(70_000);
    assert_eq!((number.radix(), number.width(), number.max()), (10, Some(5), 70_000));
    assert_eq!(number.terminator().map(Literal::as_slice), Some(&b": "[..]));
    assert_eq!(Ok(Ascii::decimal5()), Ascii::decimal(5));
    assert_eq!(Ok(Ascii::hex4()), Ascii::hex(4));
    assert_eq!(Ok(Ascii::netstring()), Ascii::decimal_ended_by(b":"));
    assert_eq!((Ascii::hex4().radix(), Ascii::netstring().width()), (16, None));
    const FIXED: Result<Ascii, ConfigError> = Ascii::decimal(8);
    assert_eq!(FIXED.map(|number| number.max()), Ok(99_999_999));
}

#[test]
fn encode_without_room_changes_nothing() {
    let mut out = ShortBytes::new(&[b'.'; <ShortBytes>::CAPACITY - 2]).unwrap();
    let before = out;
    assert_eq!(
        Ascii::netstring().encode(10, &mut out),
        Err(EncodeError::HeaderTooLong { max: <ShortBytes>::CAPACITY })
    );
    assert_eq!(out, before);
}

#[test]
fn encode_with_just_enough_room_fills_it() {
    let numbers = [
        Ascii::netstring(),
        Ascii::decimal_ended_by(b" the end ").unwrap(),
        Ascii::decimal(20).unwrap(),
        Ascii::decimal(3).unwrap().followed_by(b": ").unwrap(),
        Ascii::hex(16).unwrap().followed_by(b"\r\n").unwrap(),
    ];
    for number in numbers {
        let text = written(number, number.max());
        for room in 0..=text.len() {
            let mut out = ShortBytes::new(&[b'.'; <ShortBytes>::CAPACITY][room..]).unwrap();
            let before = out;
            if room == text.len() {
                assert_eq!(number.encode(number.max(), &mut out), Ok(()));
                assert_eq!(out.as_slice(), [&before[..], &text].concat());
            } else {
                let refused = Err(EncodeError::HeaderTooLong { max: <ShortBytes>::CAPACITY });
                assert_eq!(number.encode(number.max(), &mut out), refused);
                assert_eq!(out, before);
            }
        }
    }
}

// A fast path may leave a number to a slow one with the same result. So the fast paths are also tested alone: otherwise
// only the time would show that one is not taken.

#[test]
fn encode_word_takes_every_number_that_fits_a_word() {
    for number in some_of_every_form() {
        let max = number.max();
        let values = [0, 9, 10, 4321, 9_999_999, 10_000_000, 99_999_999, 100_000_000, 0xfff_ffff, 0xffff_ffff, 1 << 32];
        for value in values.into_iter().chain([max.saturating_sub(1), max, max.saturating_add(1)]) {
            let text = written(number, value);
            let is_short = match (number.width(), number.mark_len()) {
                (Some(_), 0) | (None, 1) => text.len() <= 8 && value <= max,
                _ => false,
            };
            let word = number.encode_word(value).map(|(word, len)| word[..len.into()].to_vec());
            assert_eq!(word, is_short.then_some(text));
        }
    }
}

#[test]
fn digits_of_every_width_are_read_as_words() {
    for (radix, digits) in [(Radix::Decimal, &b"0123456789"[..]), (Radix::Hex, b"0123456789abcdefABCDEF")] {
        for width in 1..=if radix == Radix::Hex { 16 } else { 20 } {
            for at in 0..width {
                for (fill, digit) in digits.iter().flat_map(|fill| digits.iter().map(move |digit| (*fill, *digit))) {
                    let mut input = std::vec![fill; width];
                    input[at] = digit;
                    let text = core::str::from_utf8(&input).unwrap();
                    let expected = u64::from_str_radix(text, radix.value().into()).ok();
                    assert_eq!(radix.read(&input, width), expected);
                    input.extend(b"/after it");
                    assert_eq!(radix.read(&input, width), expected);
                    assert_eq!(radix.read(&input[..width - 1], width), None);
                }
            }
        }
    }
}

#[test]
fn short_ended_number_with_any_mark_is_read_as_a_word() {
    let all = |terminator| [Ascii::decimal_ended_by(&[terminator]), Ascii::hex_ended_by(&[terminator])];
    for number in (0..=255).flat_map(all).flatten() {
        let terminator = number.terminator().unwrap();
        let values =
            [0, 1, 9, 10, 0xab, 0xfa, 0xf0f, 1234, 0xa_bcde, 999_999, 1_000_000, 0xfff_ffff, 9_999_999, 10_000_000];
        for expected in values {
            for after in [b'0', b'f', terminator.as_slice()[0], 0x00, 0xff] {
                let text = written(number, expected);
                for mut input in [text.to_vec(), text.to_ascii_uppercase()] {
                    // The terminator itself keeps its case.
                    input.truncate(text.len() - 1);
                    input.extend(terminator.as_slice());
                    input.resize(input.len().max(8), after);
                    let short = (text.len() <= 8).then_some(Decoded::Value { value: expected, len: text.len() });
                    assert_eq!(
                        number.decode_ended_short(&input, terminator, expected),
                        short,
                        "{}",
                        input.escape_ascii()
                    );
                    assert_eq!(number.decode_ended_short(&input[..7], terminator, expected), None);
                    assert_eq!(number.decode(&input, expected), value(expected, text.len()));
                    if let Some(less) = expected.checked_sub(1) {
                        assert_eq!(number.decode_ended_short(&input, terminator, less), None);
                    }
                }
            }
        }
    }
}

#[test]
fn write_short_of_more_than_eight_digits_returns_none() {
    let digits = |digits: [u8; 8]| Some(u64::from_le_bytes(digits));
    assert_eq!(Radix::Decimal.write_short(12_345_678), digits([1, 2, 3, 4, 5, 6, 7, 8]));
    assert_eq!(Radix::Decimal.write_short(99_999_999), digits([9; 8]));
    assert_eq!(Radix::Decimal.write_short(100_000_000), None);
    // The arithmetic alone would make a 1 of this.
    assert_eq!(Radix::Decimal.write_short(10_000 << 32), None);
    assert_eq!(Radix::Hex.write_short(0x89ab_cdef), digits([8, 9, 10, 11, 12, 13, 14, 15]));
    assert_eq!(Radix::Hex.write_short(0xffff_ffff), digits([15; 8]));
    assert_eq!(Radix::Hex.write_short(0x1_0000_0000), None);
}
