//! The figures of docs/ascii_vs_binary.md: tables between the marks in its text, and plots beside it.

use std::cmp::Ordering;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anysplit::contract::ShortBytes;
use anysplit::number::{Ascii, Decoded, Number};
use anysplit::{Decoder, Framing};

use crate::measure::{BINARY, FRAMINGS, Form, NUMBERS, TEXT, Tally, What, framings, numbers, percent, ratio};
use crate::plot::{Dots, Series, Steps};
use crate::sets::{self, Set};

const PAGE: &str = "ascii_vs_binary.md";

/// The block that differs in every run.
pub(crate) const TIMES: &str = "times";

/// A table by the name of its mark, or a plot by the name of its file.
type Part = (&'static str, String);

/// Everything on the page that is the same at every run and on every machine.
pub(crate) struct Page {
    tables: Vec<Part>,
    plots: Vec<Part>,
}

impl Page {
    /// Computed, and checked by encoding and decoding each number.
    pub(crate) fn new() -> Self {
        let sets = sets::all();
        let tallies: Vec<Tally> = sets.iter().map(|set| tally(set, numbers().expect("the names are specs"))).collect();
        let named: Vec<(&Set, &Tally)> = sets.iter().zip(&tallies).collect();
        let tables = vec![
            ("sets", set_table(&named)),
            ("text", byte_table(&named, &NUMBERS.map(|(name, _)| name)[..8])),
            ("binary", byte_table(&named, &NUMBERS.map(|(name, _)| name)[8..])),
            ("against", against_table(&named)),
            ("crossovers", crossover_table()),
            ("widths", width_table()),
            ("overhead", overhead_table()),
            ("overhead of sets", overhead_of_sets(&sets)),
        ];
        let plots = vec![
            ("ascii_vs_binary_value.svg", value_plot()),
            ("ascii_vs_binary_sets.svg", set_plot(&named)),
            ("ascii_vs_binary_overhead.svg", overhead_plot()),
        ];
        Self { tables, plots }
    }

    /// Returns the parts of the page that are out of date.
    pub(crate) fn stale(&self) -> Vec<&'static str> {
        let page = read(PAGE);
        let tables = self.tables.iter().filter(|(name, table)| block(&page, name) != Some(table));
        let plots = self.plots.iter().filter(|(name, plot)| read(name) != *plot);
        tables.chain(plots).map(|(name, _)| *name).collect()
    }

    /// Writes the page. Its text is unchanged.
    pub(crate) fn write(&self, times: String) {
        let mut page = read(PAGE);
        for (name, table) in self.tables.iter().chain([&(TIMES, times)]) {
            let old = block(&page, name).unwrap_or_else(|| panic!("{PAGE} has the marks of `{name}`"));
            let start = old.as_ptr() as usize - page.as_ptr() as usize;
            page.replace_range(start..start + old.len(), table);
        }
        fs::write(path(PAGE), page).expect("the page can be written");
        for (name, plot) in &self.plots {
            fs::write(path(name), plot).expect("a plot can be written");
        }
    }
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name)
}

/// Returns an empty string if the file does not exist.
fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_default().replace("\r\n", "\n")
}

/// Returns the text between the marks of this name.
fn block<'p>(page: &'p str, name: &str) -> Option<&'p str> {
    let (_, after) = page.split_once(&format!("<!-- {name} -->\n"))?;
    Some(after.split_once("<!-- end -->")?.0)
}

/// Counts the bytes of the numbers, and encodes and decodes each to confirm the count.
fn tally(set: &Set, forms: Vec<Form>) -> Tally {
    let mut tally = Tally::new(forms);
    set.values.iter().for_each(|value| tally.add(*value));
    for row in &tally.rows {
        let (mut bytes, mut unfit) = (0, 0);
        for &value in &set.values {
            match encoded(&row.form, value) {
                Some(len) => bytes += u128::from(len),
                None => unfit += 1,
            }
        }
        assert_eq!((bytes, unfit), (row.bytes, row.unfit), "{} in {}", set.name, row.form.name);
    }
    tally
}

/// Returns the bytes that `value` takes when it is encoded, if it can be. It must come back equal.
pub(crate) fn encoded(form: &Form, value: u64) -> Option<u64> {
    match &form.what {
        What::Number(number) => {
            let mut header = ShortBytes::empty();
            number.encode(value, &mut header).ok()?;
            assert_eq!(
                number.decode(&header, u64::MAX),
                Ok(Decoded::Value { value, len: header.len() }),
                "{}",
                form.name
            );
            Some(header.len() as u64)
        }
        What::Around { framing, .. } => {
            let message = vec![b'x'; usize::try_from(value).expect("it is to be a message")];
            let mut wire = Vec::new();
            framing.encode(&message, &mut wire).ok()?;
            let mut decoder = Decoder::new(framing.clone());
            decoder.push(&wire).expect("the frame is good");
            let frame = decoder.next_frame().expect("the frame is good").expect("the frame is whole");
            assert_eq!(frame.payload(), message, "{}", form.name);
            Some(wire.len() as u64 - value)
        }
    }
}

/// Returns the values at which a form begins to take more bytes. The length never falls, so bisection finds each step.
pub(crate) fn steps(form: &Form) -> Vec<(u64, Option<u64>)> {
    let mut steps = vec![(0, form.bytes(0))];
    while let Some(&(from, bytes)) = steps.last() {
        // `low` takes as many bytes as `from`; nothing is known below `high`.
        let (mut low, mut high) = (from, u64::MAX);
        if form.bytes(high) == bytes {
            break;
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            *(if form.bytes(middle) == bytes { &mut low } else { &mut high }) = middle;
        }
        steps.push((high, form.bytes(high)));
    }
    steps
}

/// How two forms compare for the numbers from `from` to `to`; `None` if one of them does not hold these.
pub(crate) struct Range {
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) order: Option<Ordering>,
}

/// All numbers, in ranges in which `one` is shorter than `other`, as long, or longer.
pub(crate) fn compared(one: &Form, other: &Form) -> Vec<Range> {
    let mut from: Vec<u64> = steps(one).into_iter().chain(steps(other)).map(|(from, _)| from).collect();
    from.sort_unstable();
    from.dedup();
    let mut ranges: Vec<Range> = Vec::new();
    for (at, &start) in from.iter().enumerate() {
        let to = from.get(at + 1).map_or(u64::MAX, |next| next - 1);
        let order = one.bytes(start).zip(other.bytes(start)).map(|(one, other)| one.cmp(&other));
        match ranges.last_mut().filter(|last| last.order == order) {
            Some(last) => last.to = to,
            None => ranges.push(Range { from: start, to, order }),
        }
    }
    ranges
}

pub(crate) fn form(name: &str) -> Form {
    let mut all = numbers().expect("the names are specs").into_iter().chain(framings().expect("they are specs"));
    all.find(|form| form.name == name).unwrap_or_else(|| panic!("{name} is a form"))
}

/// In groups of three digits, or as a power of two if it is one.
fn shown(value: u64) -> String {
    const LARGE: u64 = 1 << 20;
    match value.checked_add(1) {
        None => return "2^64 − 1".to_owned(),
        Some(next) if next > LARGE && next.is_power_of_two() => return format!("2^{} − 1", next.ilog2()),
        _ if value > LARGE && value.is_power_of_two() => return format!("2^{}", value.ilog2()),
        _ => {}
    }
    let digits = value.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn table(titles: &[&str], left: usize, rows: impl Iterator<Item = Vec<String>>) -> String {
    let rules: Vec<&str> = (0..titles.len()).map(|column| if column < left { "---" } else { "---:" }).collect();
    let mut text = format!("\n| {} |\n| {} |\n", titles.join(" | "), rules.join(" | "));
    for row in rows {
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    text + "\n"
}

fn set_table(named: &[(&Set, &Tally)]) -> String {
    let rows = named.iter().map(|(set, tally)| {
        let mut sorted = set.values.clone();
        sorted.sort_unstable();
        let [least, median, greatest] = [0, sorted.len() / 2, sorted.len() - 1].map(|at| shown(sorted[at]));
        let bits = percent(tally.bits, tally.count);
        vec![set.name.to_owned(), set.what.to_owned(), shown(tally.count), least, median, greatest, bits]
    });
    table(&["numbers", "what they are", "how many", "least", "median", "greatest", "0 or 1"], 2, rows)
}

fn byte_table(named: &[(&Set, &Tally)], columns: &[&str]) -> String {
    let titles = [&["numbers"], columns].concat();
    let rows = named.iter().map(|(set, tally)| {
        let cells = columns.iter().map(|name| {
            let row = tally.row(name).expect("the name is one of the forms");
            let mean = ratio(row.bytes, tally.count.into());
            match row.unfit {
                0 if tally.best() == Some(row.bytes) => format!("**{mean}**"),
                0 => mean,
                unfit if unfit == tally.count => "does not fit".to_owned(),
                unfit => format!("{} does not fit", percent(unfit, tally.count)),
            }
        });
        [set.name.to_owned()].into_iter().chain(cells).collect()
    });
    table(&titles, 1, rows)
}

fn against_table(named: &[(&Set, &Tally)]) -> String {
    const FIXED: &[&str] = BINARY.split_at(3).0;
    let titles = [&["numbers"], FIXED].concat();
    let rows = named.iter().map(|(set, tally)| {
        let cells = FIXED.iter().map(|name| {
            let row = tally.row(name).expect("the name is one of the forms");
            let [shorter, same, longer] = row.first.map(|of| ratio(u128::from(of) * 100, tally.count.into()));
            match row.unfit {
                0 => format!("{shorter} / {same} / {longer}"),
                unfit if unfit == tally.count => "does not fit".to_owned(),
                unfit => format!("{shorter} / {same} / {longer}, {} does not fit", percent(unfit, tally.count)),
            }
        });
        [set.name.to_owned()].into_iter().chain(cells).collect()
    });
    table(&titles, 1, rows)
}

fn crossover_table() -> String {
    let text = BINARY.map(|name| (TEXT, name));
    let hex = ["16 bits", "32 bits", "64 bits"].map(|name| ("hex, terminated", name));
    let leb128 = ["16 bits", "32 bits", "64 bits", "QUIC"].map(|name| ("LEB128", name));
    let quic = ["16 bits", "32 bits", "64 bits"].map(|name| ("QUIC", name));
    let pairs = text.into_iter().chain(hex).chain(leb128).chain(quic);
    let rows = pairs.map(|(one, other)| {
        let ranges = compared(&form(one), &form(other));
        let cells = [Some(Ordering::Less), Some(Ordering::Equal), Some(Ordering::Greater), None].map(|order| {
            let of = ranges.iter().filter(|range| range.order == order).map(|range| match range {
                Range { from, to: u64::MAX, .. } => format!("from {}", shown(*from)),
                Range { from: 0, to, .. } => format!("to {}", shown(*to)),
                Range { from, to, .. } if from == to => shown(*from),
                Range { from, to, .. } => format!("{} to {}", shown(*from), shown(*to)),
            });
            match of.collect::<Vec<_>>().join("; ") {
                none if none.is_empty() => "never".to_owned(),
                all if all == "from 0" => "always".to_owned(),
                some => some,
            }
        });
        [one.to_owned(), other.to_owned()].into_iter().chain(cells).collect()
    });
    table(&["", "against", "shorter", "as long", "longer", "one does not fit"], 2, rows)
}

fn width_table() -> String {
    let rows = [8, 16, 32, 64].map(|bits: u32| {
        let greatest = u64::MAX >> (64 - bits);
        let width = |digits: fn(usize) -> Ascii| (1..).find(|width| digits(*width).max() >= greatest);
        let decimal = width(|width| Ascii::decimal(width).expect("20 digits are enough"));
        let hex = width(|width| Ascii::hex(width).expect("16 digits are enough"));
        let cells = [decimal, hex].map(|width| width.unwrap_or_default().to_string());
        let [decimal, hex] = cells;
        vec![format!("{bits} bits"), shown(greatest), decimal, hex, (bits / 8).to_string()]
    });
    table(&["every number of", "to", "decimal digits", "hexadecimal digits", "binary"], 1, rows.into_iter())
}

/// Message lengths around which an overhead changes.
const LENGTHS: [u64; 17] =
    [0, 1, 9, 10, 99, 100, 127, 128, 999, 1000, 9999, 10_000, 16_383, 16_384, 65_535, 65_536, 99_999];
const LONGEST: u64 = 100_000;

fn overhead_table() -> String {
    let forms = framings().expect("they are specs");
    let rows = LENGTHS.into_iter().chain([LONGEST]).map(|len| {
        let cells = forms.iter().map(|form| {
            let bytes = form.bytes(len);
            assert_eq!(encoded(form, len), bytes, "{} around {len}", form.name);
            bytes.map_or_else(|| "does not fit".to_owned(), |bytes| bytes.to_string())
        });
        [shown(len)].into_iter().chain(cells).collect()
    });
    table(&[&["payload"], &FRAMINGS.map(|name| name)[..]].concat(), 0, rows)
}

fn overhead_of_sets(sets: &[Set]) -> String {
    let sets = sets.iter().filter(|set| ["messages", "lines", "files"].contains(&set.name));
    let rows = sets.map(|set| {
        let mut tally = Tally::new(framings().expect("they are specs"));
        set.values.iter().for_each(|value| tally.add(*value));
        let cells = tally.rows.iter().map(|row| match row.unfit {
            0 => {
                let wire = tally.sum + row.bytes;
                format!("{} ({} %)", ratio(row.bytes, tally.count.into()), ratio(row.bytes * 100, wire))
            }
            unfit => format!("{} does not fit", percent(unfit, tally.count)),
        });
        [set.name.to_owned()].into_iter().chain(cells).collect()
    });
    table(&[&["messages as long as"], &FRAMINGS[..]].concat(), 1, rows)
}

fn series(name: &str, label: (u64, f64)) -> Series {
    let form = form(name);
    Series { name: form.name.to_owned(), steps: steps(&form), label }
}

fn value_plot() -> String {
    let ten = |power| 10_u64.pow(power);
    let ticks = [
        (0, "0"),
        (ten(1), "10"),
        (ten(2), "100"),
        (ten(3), "1000"),
        (ten(4), "10⁴"),
        (ten(5), "10⁵"),
        (ten(6), "10⁶"),
        (ten(7), "10⁷"),
        (ten(9), "10⁹"),
        (ten(11), "10¹¹"),
        (ten(13), "10¹³"),
        (ten(15), "10¹⁵"),
        (ten(17), "10¹⁷"),
        (ten(19), "10¹⁹"),
    ];
    Steps {
        title: "Bytes that a number takes",
        x: "the number, on a logarithmic scale",
        y: "bytes",
        last: u64::MAX,
        ticks: &ticks,
        most: 22,
        series: &[
            series(TEXT, (ten(12), -26.0)),
            series("hex, terminated", (ten(17), 34.0)),
            series("16 bits", (40_000, 22.0)),
            series("32 bits", (ten(9) * 3, 24.0)),
            series("64 bits", (20, -14.0)),
            series("LEB128", (ten(18), -10.0)),
            series("QUIC", (ten(17), 26.0)),
        ],
    }
    .svg()
}

fn set_plot(named: &[(&Set, &Tally)]) -> String {
    let names = [TEXT, "32 bits", "64 bits", "LEB128", "QUIC"];
    let rows: Vec<_> = named
        .iter()
        .map(|(set, tally)| {
            let rows = names.map(|name| tally.row(name).expect("the name is one of the forms"));
            let means = rows.map(|row| (row.unfit == 0).then(|| row.bytes as f64 / tally.count as f64));
            let unfit: Vec<_> = rows.iter().filter(|row| row.unfit > 0).map(|row| row.form.name).collect();
            let note = if unfit.is_empty() { String::new() } else { format!("not in {}", unfit.join(", ")) };
            (set.name.to_owned(), means.to_vec(), note)
        })
        .collect();
    let title = "Bytes a number, on average";
    Dots { title, x: "bytes a number", most: 21, names: &names, rows: &rows }.svg()
}

fn overhead_plot() -> String {
    let ticks =
        [(0, "0"), (1, "1"), (10, "10"), (100, "100"), (1000, "1000"), (10_000, "10 000"), (100_000, "100 000")];
    Steps {
        title: "Bytes around a message",
        x: "bytes of payload, on a logarithmic scale",
        y: "bytes of overhead",
        last: LONGEST,
        ticks: &ticks,
        most: 9,
        series: &[
            series("ascii:5", (4, -12.0)),
            series("u16be", (4, -12.0)),
            series("u32be", (4, -12.0)),
            series("varint", (1200, 24.0)),
            series("netstring", (3000, -10.0)),
            series("line", (1200, 26.0)),
        ],
    }
    .svg()
}
