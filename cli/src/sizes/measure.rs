//! How many bytes a number takes in each representation, and a message's length in each framing.
//!
//! The only copy: the tool, `benches/ascii_vs_binary.rs` and `tests/sizes.rs` share it, and with them
//! `docs/ascii_vs_binary.md` of the repository.

use std::cmp::Ordering;

use anysplit::contract::Envelope;
use anysplit::number::{AnyNumber, Number};
use anysplit::spec::SpecError;
use anysplit::{AnyFraming, Framing};

/// One way to put a number on the wire.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    /// The name in the tables.
    pub(crate) name: &'static str,
    pub(crate) what: What,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    /// The number itself.
    Number(AnyNumber),
    /// A message of this many bytes: the number is its length, and everything around the message counts.
    Around {
        framing: AnyFraming,
        /// Bytes after an empty message, and therefore after each.
        trailer: u64,
    },
}

/// The representations of numbers, by the names of the tables and in their order; the first is the text that all are
/// compared with. After the name is the framing that has it as its length prefix.
pub(crate) const NUMBERS: [(&str, &str); 13] = [
    (TEXT, "ascii,end=:"),
    ("decimal, 5 digits", "ascii:5"),
    ("decimal, 10 digits", "ascii:10"),
    ("decimal, 20 digits", "ascii:20"),
    ("hex, terminated", "hex,end=:"),
    ("hex, 4 digits", "hex:4"),
    ("hex, 8 digits", "hex:8"),
    ("hex, 16 digits", "hex:16"),
    ("16 bits", "u16be"),
    ("32 bits", "u32be"),
    ("64 bits", "u64be"),
    ("LEB128", "varint"),
    ("QUIC", "quic"),
];

/// The text that binary is compared with: decimal digits and one byte that ends them.
pub(crate) const TEXT: &str = "decimal, terminated";

/// The forms that text is compared with.
pub(crate) const BINARY: [&str; 5] = ["16 bits", "32 bits", "64 bits", "LEB128", "QUIC"];

/// The framings whose overhead is compared.
pub(crate) const FRAMINGS: [&str; 6] = ["ascii:5", "u16be", "u32be", "varint", "netstring", "line"];

/// The representations of [`NUMBERS`].
pub(crate) fn numbers() -> Result<Vec<Form>, SpecError> {
    let forms = NUMBERS.iter().map(|&(name, spec)| {
        Ok(match spec.parse()? {
            AnyFraming::Prefix(prefix) => Some(Form { name, what: What::Number(*prefix.number()) }),
            _ => None,
        })
    });
    forms.filter_map(Result::transpose).collect()
}

/// The framings of [`FRAMINGS`]. A configurable limit is not part of the wire format, so there is none.
pub(crate) fn framings() -> Result<Vec<Form>, SpecError> {
    let forms = FRAMINGS.iter().map(|&name| {
        let framing: AnyFraming = format!("{name},max=none").parse()?;
        let trailer = match framing.envelope(b"") {
            Ok(Envelope::Around(around)) => around.trailer().len() as u64,
            _ => 0,
        };
        Ok(Form { name, what: What::Around { framing, trailer } })
    });
    forms.collect()
}

impl Form {
    /// The bytes that `value` takes, or `None` if it does not fit. Never fewer for a greater value.
    pub(crate) fn bytes(&self, value: u64) -> Option<u64> {
        match &self.what {
            What::Number(number) => number.encoded_len(value).map(|len| len as u64),
            // The length alone is enough, so a message of this length need not exist.
            What::Around { framing: AnyFraming::Prefix(prefix), trailer } => {
                (prefix.number().encoded_len(value)? as u64).checked_add(*trailer)
            }
            What::Around { trailer, .. } => Some(*trailer),
        }
    }
}

/// The sizes of many numbers. The size of the tally does not depend on their count.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    pub(crate) rows: Vec<Row>,
    pub(crate) count: u64,
    pub(crate) least: u64,
    pub(crate) greatest: u64,
    /// How many are 0 or 1.
    pub(crate) bits: u64,
    pub(crate) sum: u128,
    /// The bytes of the current number.
    taken: Vec<Option<u64>>,
}

/// The sizes of many numbers in one form.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) form: Form,
    /// Of the numbers that fit this form.
    pub(crate) bytes: u128,
    pub(crate) unfit: u64,
    /// Numbers for which no form is shorter.
    pub(crate) shortest: u64,
    /// Numbers for which the first form is shorter, as long, and longer than this. The rest fit only one of the two.
    pub(crate) first: [u64; 3],
}

impl Tally {
    pub(crate) fn new(forms: Vec<Form>) -> Self {
        let taken = vec![None; forms.len()];
        let row = |form| Row { form, bytes: 0, unfit: 0, shortest: 0, first: [0; 3] };
        let rows = forms.into_iter().map(row).collect();
        Self { rows, count: 0, least: u64::MAX, greatest: 0, bits: 0, sum: 0, taken }
    }

    pub(crate) fn add(&mut self, value: u64) {
        self.count = self.count.saturating_add(1);
        self.least = self.least.min(value);
        self.greatest = self.greatest.max(value);
        self.bits = self.bits.saturating_add(u64::from(value < 2));
        self.sum = self.sum.saturating_add(value.into());
        for (taken, row) in self.taken.iter_mut().zip(&self.rows) {
            *taken = row.form.bytes(value);
        }
        let shortest = self.taken.iter().flatten().min().copied();
        let first = self.taken.first().copied().flatten();
        for (taken, row) in self.taken.iter().zip(&mut self.rows) {
            let Some(bytes) = *taken else {
                row.unfit = row.unfit.saturating_add(1);
                continue;
            };
            row.bytes = row.bytes.saturating_add(bytes.into());
            row.shortest = row.shortest.saturating_add(u64::from(shortest == Some(bytes)));
            let [shorter, same, longer] = &mut row.first;
            let of = match first.map(|first| first.cmp(&bytes)) {
                Some(Ordering::Less) => shorter,
                Some(Ordering::Equal) => same,
                Some(Ordering::Greater) => longer,
                None => continue,
            };
            *of = of.saturating_add(1);
        }
    }

    pub(crate) fn row(&self, name: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.form.name == name)
    }

    /// The fewest bytes of a form that holds every number.
    pub(crate) fn best(&self) -> Option<u128> {
        self.rows.iter().filter(|row| row.unfit == 0).map(|row| row.bytes).min()
    }
}

/// `of` over `all` to two digits, without the errors of floating point.
pub(crate) fn ratio(of: u128, all: u128) -> String {
    let Some(twice) = all.checked_mul(2).filter(|twice| *twice > 0) else { return "-".to_owned() };
    let rounded = of.saturating_mul(200).saturating_add(all) / twice;
    format!("{}.{:02}", rounded / 100, rounded % 100)
}

/// `of` in per cent of `all`. A share that is not exactly 0 or 100 % is not rounded to it.
pub(crate) fn percent(of: u64, all: u64) -> String {
    match ratio(u128::from(of).saturating_mul(100), all.into()) {
        text if text == "0.00" && of > 0 => "<0.01 %".to_owned(),
        text if text == "100.00" && of < all => ">99.99 %".to_owned(),
        text => format!("{text} %"),
    }
}
