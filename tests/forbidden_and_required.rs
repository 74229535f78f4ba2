//! Bytes that must not stand in a frame, and bytes that must: the laws, for arbitrary configurations.

#![cfg(all(feature = "std", feature = "testing"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use anysplit::delimited::Unterminated;
use anysplit::number::{Ascii, Binary};
use anysplit::order::Order;
use anysplit::sum::{Plain as PlainSum, SumForm};
use anysplit::testing::{Case, cases, check_case};
use anysplit::{
    BlockRule, ByteSet, Condition, Delimited, Dotted, Doubled, Enclosed, Fixed, Forbid, Framing, HeaderBlock,
    LengthField, LineThenBlock, Prefix, Require, Stuffed, UniversalLine,
};
use proptest::collection::vec as several;
use proptest::prelude::*;

fn sets() -> impl Strategy<Value = ByteSet> {
    let bytes = prop::sample::select(&b"\r\n\0ab:01"[..]);
    several(bytes, 1..5).prop_map(|bytes| bytes.into_iter().fold(ByteSet::EMPTY, ByteSet::with))
}

/// A framing of any kind, small limits included.
#[derive(Clone, Copy, Debug)]
struct Plain {
    kind: u8,
    one: bool,
    other: bool,
    max: u64,
}

impl Plain {
    fn build(self) -> Box<dyn Framing> {
        let Self { kind, one, other, max } = self;
        let unterminated = if one { Unterminated::Take } else { Unterminated::Fail };
        match kind {
            0 => {
                let line = Delimited::line().with_unterminated(unterminated).with_max_payload_len(max);
                Box::new(if other { line.keeping_delimiter() } else { line })
            }
            1 => {
                let line = Delimited::crlf().with_unterminated(unterminated).with_max_payload_len(max);
                Box::new(if other { line.keeping_delimiter() } else { line })
            }
            2 => {
                let set = [&b"ab"[..], b"\r\n\r\n", b"\0"];
                Box::new(Delimited::any_of(set).unwrap().with_unterminated(unterminated).with_max_payload_len(max))
            }
            3 => Box::new(Prefix::u8().with_max_payload_len(max)),
            4 => Box::new(Prefix::new(Ascii::netstring()).with_trailer(b",").unwrap().with_max_payload_len(max)),
            5 => {
                let field = LengthField::new(1, Binary::u8()).unwrap().with_header_after(2).unwrap();
                Box::new(field.with_max_payload_len(max).with_min_payload_len(if one { 2 } else { 0 }))
            }
            6 => Box::new(Fixed::new(max.max(1)).unwrap()),
            7 => Box::new(UniversalLine::new().with_max_payload_len(max)),
            8 if one && other => Box::new(Stuffed::slip().with_max_payload_len(max)),
            8 if one => Box::new(Stuffed::cobs().with_max_payload_len(max)),
            8 if other => Box::new(Doubled::new(b'a', b'b').unwrap().with_max_payload_len(max)),
            8 => Box::new(Dotted::new().with_max_payload_len(max)),
            9 => {
                Box::new(Stuffed::slip().with_sum(PlainSum::Xor, SumForm::Binary(Order::Big)).with_max_payload_len(max))
            }
            _ => {
                let line = Delimited::crlf().with_max_payload_len(max);
                Box::new(Enclosed::new(b"<", line).unwrap().skipping_between(ByteSet::of(b'\n')).unwrap())
            }
        }
    }
}

fn plain() -> impl Strategy<Value = Plain> {
    let max = prop_oneof![3 => 0_u64..12, 2 => Just(1000)];
    (0..11_u8, any::<bool>(), any::<bool>(), max).prop_map(|(kind, one, other, max)| Plain { kind, one, other, max })
}

fn conditions() -> impl Strategy<Value = Vec<Condition>> {
    let one = (0..7_u16, 0..7_u8, prop::sample::select(vec![&b"a"[..], b"ab", b"\x02", b"1:"]), sets());
    let one = one.prop_map(|(at, form, bytes, set)| match form {
        0 => Condition::bytes(at, bytes).unwrap(),
        1 => Condition::one_of(at, set).unwrap(),
        2 => Condition::below_payload_len(at),
        3 => Condition::one_of(at, ByteSet::masked(0x81, 1)).unwrap(),
        4 => Condition::one_of(at, ByteSet::range(0, b'a')).unwrap(),
        5 => Condition::same(at, at / 2).unwrap_or(Condition::byte(at, 2)),
        _ => {
            let condition = Condition::bytes(at, bytes).unwrap();
            condition.from_payload_end().unwrap_or(condition)
        }
    });
    several(one, 1..6)
}

fn holds(framing: &dyn Framing, case: &Case) -> Result<(), TestCaseError> {
    check_case(framing, case).map_err(|violation| TestCaseError::fail(violation.to_string()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn forbidden_bytes_keep_the_laws(inner in plain(), set in sets(), case in cases()) {
        holds(&Forbid::new(set, inner.build()).unwrap(), &case)?;
    }

    #[test]
    fn required_bytes_keep_the_laws(inner in plain(), conditions in conditions(), case in cases()) {
        let framing = conditions.into_iter().fold(Require::new(inner.build()), |all, one| all.with(one).unwrap());
        holds(&framing, &case)?;
    }

    #[test]
    fn both_keep_the_laws(inner in plain(), conditions in conditions(), set in sets(), case in cases()) {
        let framing = conditions.into_iter().fold(Require::new(inner.build()), |all, one| all.with(one).unwrap());
        holds(&Forbid::new(set, framing).unwrap(), &case)?;
    }

    #[test]
    fn plain_framings_keep_the_laws(inner in plain(), case in cases()) {
        holds(&inner.build(), &case)?;
    }

    #[test]
    fn headers_with_stricter_or_wider_fields_keep_the_laws(
        flags in any::<[bool; 5]>(), max in 0_u64..12, case in cases(),
    ) {
        let framing = HeaderBlock::new("a").unwrap().with_max_payload_len(max);
        let framing = if flags[0] { framing.allowing_bare_lf() } else { framing };
        let framing = if flags[1] { framing.allowing_blanks_before_separator() } else { framing };
        let framing = if flags[2] { framing.with_length_first() } else { framing };
        let framing = if flags[3] { framing.matching_case() } else { framing };
        let framing = if flags[4] { framing.with_start_line() } else { framing };
        holds(&framing, &case)?;
        if flags[1] {
            let framing = HeaderBlock::new("1").unwrap().with_separator(b':').unwrap();
            let framing = framing.with_fields_ended_by(b',').unwrap().with_length_first().with_start_line();
            holds(&framing, &case)?;
        }
    }

    #[test]
    fn lines_with_blocks_keep_the_laws(flags in any::<[bool; 4]>(), line in 2_u16..30, case in cases()) {
        let rule = if flags[0] { BlockRule::word("a").unwrap() } else { BlockRule::sign("a").unwrap() };
        let rule = if flags[1] { rule.splitting_at_space() } else { rule };
        let framing = LineThenBlock::new([rule]).unwrap().with_max_line_len(line);
        let framing = if flags[2] { framing.allowing_bare_lf() } else { framing };
        let framing = if flags[3] { framing.without_block_trailer() } else { framing };
        holds(&framing, &case)?;
    }
}
