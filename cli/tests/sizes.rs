//! Text against binary: where one becomes longer than the other, and that docs/ascii_vs_binary.md agrees.
#![allow(clippy::unwrap_used, clippy::cast_precision_loss, reason = "a test may panic, and its numbers are small")]

#[path = "../src/sizes/measure.rs"]
#[allow(dead_code, reason = "the tool uses the rest")]
mod measure;
#[path = "../../benches/ascii_vs_binary/page.rs"]
#[allow(dead_code, reason = "the bench uses the rest")]
mod page;
#[path = "../../benches/ascii_vs_binary/plot.rs"]
mod plot;
#[path = "../../benches/ascii_vs_binary/sets.rs"]
mod sets;

use std::cmp::Ordering::{self, Equal, Greater, Less};

use measure::{Form, TEXT, Tally};
use page::{compared, encoded, form, steps};

/// Checks how `one` compares with `other` below each value, and from the last value on, by encoding.
#[track_caller]
fn changes(one: &str, other: &str, until: &[(u64, Ordering)], then: Option<Ordering>) {
    let (one, other) = (form(one), form(other));
    let really = |value| encoded(&one, value).zip(encoded(&other, value)).map(|(one, other)| one.cmp(&other));
    let mut orders = until.iter().map(|(_, order)| Some(*order)).chain([then]);
    let mut order = orders.next().unwrap();
    assert_eq!(really(0), order);
    for ((value, _), next) in until.iter().zip(orders) {
        assert_eq!(really(value - 1), order, "{} and {} one below {value}", one.name, other.name);
        assert_eq!(really(*value), next, "{} and {} at {value}", one.name, other.name);
        assert_eq!(really(value + 1), next, "{} and {} one above {value}", one.name, other.name);
        order = next;
    }
    assert_eq!(really(u64::MAX), order);
    // The order changes nowhere else.
    let ranges: Vec<_> = compared(&one, &other).into_iter().map(|range| (range.from, range.order)).collect();
    let starts = [0].into_iter().chain(until.iter().map(|(value, _)| *value));
    let orders = until.iter().map(|(_, order)| Some(*order)).chain([then]);
    assert_eq!(ranges, starts.zip(orders).collect::<Vec<_>>());
}

#[test]
fn text_is_shorter_than_32_bits_below_100_and_equal_below_1000() {
    changes(TEXT, "32 bits", &[(100, Less), (1000, Equal), (1 << 32, Greater)], None);
}

#[test]
fn text_is_shorter_than_64_bits_below_a_million() {
    changes(TEXT, "64 bits", &[(1_000_000, Less), (10_000_000, Equal)], Some(Greater));
}

#[test]
fn text_is_never_shorter_than_16_bits_and_as_long_below_10() {
    changes(TEXT, "16 bits", &[(10, Equal), (1 << 16, Greater)], None);
}

#[test]
fn text_is_always_longer_than_leb128_and_quic() {
    changes(TEXT, "LEB128", &[], Some(Greater));
    changes(TEXT, "QUIC", &[(1 << 62, Greater)], None);
}

#[test]
fn hexadecimal_text_moves_the_limits_to_powers_of_16() {
    changes("hex, terminated", "16 bits", &[(16, Equal), (1 << 16, Greater)], None);
    changes("hex, terminated", "32 bits", &[(256, Less), (4096, Equal), (1 << 32, Greater)], None);
    changes("hex, terminated", "64 bits", &[(1 << 24, Less), (1 << 28, Equal)], Some(Greater));
}

#[test]
fn leb128_and_quic_are_shorter_than_binary_for_small_numbers() {
    changes("LEB128", "16 bits", &[(128, Less), (1 << 14, Equal), (1 << 16, Greater)], None);
    changes("LEB128", "32 bits", &[(1 << 21, Less), (1 << 28, Equal), (1 << 32, Greater)], None);
    changes("LEB128", "64 bits", &[(1 << 49, Less), (1 << 56, Equal)], Some(Greater));
    changes("QUIC", "16 bits", &[(64, Less), (1 << 14, Equal), (1 << 16, Greater)], None);
    changes("QUIC", "32 bits", &[(1 << 14, Less), (1 << 30, Equal), (1 << 32, Greater)], None);
    changes("QUIC", "64 bits", &[(1 << 30, Less), (1 << 62, Equal)], None);
}

/// Every place where a form takes one more byte, and the values beside it.
fn edges(form: &Form) -> impl Iterator<Item = u64> {
    let around = |(from, _): (u64, _)| [from.saturating_sub(1), from, from.saturating_add(1)];
    steps(form).into_iter().flat_map(around).chain([u64::MAX - 1, u64::MAX])
}

#[test]
fn counted_bytes_are_the_encoded_bytes() {
    let (numbers, framings) = (measure::numbers().unwrap(), measure::framings().unwrap());
    assert_eq!((numbers.len(), framings.len()), (measure::NUMBERS.len(), measure::FRAMINGS.len()));
    for form in numbers {
        assert!(steps(&form).len() <= 21, "{}", form.name);
        let powers = (0..64).map(|bit| 1 << bit).chain((0..20).map(|digits| 10_u64.pow(digits)));
        for value in powers.flat_map(|power| [power - 1, power, power + 1]).chain(edges(&form)) {
            assert_eq!(encoded(&form, value), form.bytes(value), "{value} in {}", form.name);
        }
    }
    for form in framings {
        for len in edges(&form).filter(|len| *len <= 100_001) {
            assert_eq!(encoded(&form, len), form.bytes(len), "{len} bytes in {}", form.name);
        }
    }
}

#[test]
fn netstring_of_10_to_99_bytes_costs_as_much_as_32_bits() {
    let [netstring, bits, digits] = ["netstring", "u32be", "ascii:5"].map(form);
    for (len, of_bits, of_digits) in [
        (9, Less, Less),
        (10, Equal, Less),
        (99, Equal, Less),
        (100, Greater, Equal),
        (999, Greater, Equal),
        (1000, Greater, Greater),
    ] {
        let [netstring, bits, digits] = [&netstring, &bits, &digits].map(|form| encoded(form, len).unwrap());
        assert_eq!((netstring.cmp(&bits), netstring.cmp(&digits)), (of_bits, of_digits), "{len}");
    }
}

#[test]
fn tally_counts_misfits_and_shortest_forms() {
    let mut tally = Tally::new(measure::numbers().unwrap());
    [0, 1, 9, 100, 70_000, u64::MAX].into_iter().for_each(|value| tally.add(value));
    let row = |name: &str| tally.row(name).unwrap();
    assert_eq!((tally.count, tally.least, tally.greatest, tally.bits), (6, 0, u64::MAX, 2));
    assert_eq!((row("16 bits").unfit, row("16 bits").bytes), (2, 8));
    assert_eq!((row("QUIC").unfit, row("LEB128").unfit), (1, 0));
    assert_eq!(row(TEXT).bytes, 2 + 2 + 2 + 4 + 6 + 21);
    // Shorter, as long, longer: the greatest does not fit.
    assert_eq!(row("32 bits").first, [3, 1, 1]);
    assert_eq!((row("LEB128").shortest, row("QUIC").shortest, row("64 bits").shortest), (5, 3, 1));
    assert_eq!(tally.best(), Some(1 + 1 + 1 + 1 + 3 + 10));
}

#[test]
fn page_has_current_figures() {
    let stale = page::Page::new().stale();
    assert!(
        stale.is_empty(),
        "docs/ascii_vs_binary.md: {stale:?} would be made otherwise now; \
         `cargo bench -p anysplit-benches --bench ascii_vs_binary -- --page` writes them anew"
    );
}
