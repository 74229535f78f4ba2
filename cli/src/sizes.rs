//! `anysplit sizes`.

use std::fmt::Write as _;

use anysplit::contract::{Envelope, ShortBytes};
use anysplit::number::{AnyNumber, Number};
use anysplit::spec::SpecError;
use anysplit::{AnyFraming, Framing};

use crate::failure::Failure;
use crate::input::{Input, Source};
use crate::output::print;
use crate::style::{Palette, Span, When};

mod measure;
mod read;

use measure::{BINARY, Form, Tally, What, framings, numbers, percent, ratio};

/// Compare how many bytes numbers take as text and as binary
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: Source,
    /// The numbers are lengths of messages: also show the overhead of each framing
    #[arg(long)]
    lengths: bool,
}

const EXAMPLES: &str = "\
Numbers are decimal, or hexadecimal after 0x, from 0 to 18446744073709551615, with blanks, commas or line ends between \
them. They are counted, not kept. What is no number ends the program with exit code 1.

The best is marked with a *: what takes the fewest bytes of all that hold every number. `ratio` is to the best, `shortest` \
for how many of the numbers nothing in the table is shorter. A line is cheap because it carries no line ends.

Examples:
  echo 0 1 1 0 70000 | anysplit sizes
  find . -type f -printf '%s\\n' | anysplit sizes --lengths
  awk '{print length}' access.log | anysplit sizes --lengths
  git log --format=%ct | anysplit sizes";

pub(crate) fn run(arguments: &Arguments, color: When) -> Result<(), Failure> {
    let mut tallies = vec![Tally::new(numbers().map_err(inner)?)];
    if arguments.lengths {
        tallies.push(Tally::new(framings().map_err(inner)?));
    }
    let mut input = Input::open(&arguments.source)?;
    let mut reader = read::Numbers::new();
    let mut add = |value| tallies.iter_mut().for_each(|tally| tally.add(value));
    let bad = |bad: read::Bad| Failure::Data(bad.to_string());
    while input.advance()? {
        for chunk in input.chunks() {
            reader.push(chunk, &mut add).map_err(bad)?;
        }
    }
    reader.end().map_err(bad)?.into_iter().for_each(add);

    let palette = Palette::stdout(color);
    let mut text = String::new();
    for tally in &tallies {
        match tally.rows.first().map(|row| &row.form.what) {
            _ if tally.count == 0 => text = "no numbers\n".to_owned(),
            Some(What::Number(_)) => {
                summary(tally, &mut text);
                table(tally, &palette, &mut text);
                compare(tally, &mut text);
            }
            _ => {
                let (messages, s) = (tally.count, if tally.count == 1 { "" } else { "s" });
                let _ = writeln!(text, "\nAs lengths: {messages} message{s}, {} bytes of payload\n", tally.sum);
                table(tally, &palette, &mut text);
            }
        }
    }
    print(text)
}

/// The tables are part of the tool, so the user cannot correct them.
fn inner(error: SpecError) -> Failure {
    Failure::Usage(format!("a table of the tool is wrong: {error}"))
}

fn summary(tally: &Tally, text: &mut String) {
    let Tally { count, least, greatest, bits, .. } = tally;
    let s = if *count == 1 { "" } else { "s" };
    let _ = writeln!(text, "{count} number{s} from {least} to {greatest}, {} of them 0 or 1\n", percent(*bits, *count));
}

fn table(tally: &Tally, palette: &Palette, text: &mut String) {
    let lengths = matches!(tally.rows.first(), Some(row) if matches!(row.form.what, What::Around { .. }));
    let titles = if lengths {
        ["framing", "around 5", "bytes", "a message", "ratio", "shortest"]
    } else {
        ["representation", "5 is", "bytes", "a number", "ratio", "shortest"]
    };
    let best = tally.best();
    let rows = tally.rows.iter().map(|row| {
        let cells = if row.unfit == 0 {
            let ratio_to_best = best.map_or_else(String::new, |best| ratio(row.bytes, best));
            [row.bytes.to_string(), ratio(row.bytes, tally.count.into()), ratio_to_best]
        } else {
            [String::new(), String::new(), String::new()]
        };
        let [bytes, each, to_best] = cells;
        let shortest = percent(row.shortest, tally.count);
        ([row.form.name.to_owned(), sample(&row.form), bytes, each, to_best, shortest], row)
    });
    let rows: Vec<_> = rows.collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|(cells, _)| cells.get(column)).chain(None);
        let title = titles.get(column).map_or(0, |title| title.len());
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default().max(title)
    };
    let unfit = |unfit: u64| format!("does not fit: {unfit} of {}", tally.count);
    let widest =
        tally.rows.iter().filter(|row| row.unfit > 0).map(|row| unfit(row.unfit).len()).max().unwrap_or_default();
    let [a, b, c, d, e, f] = [0, 1, 2, 3, 4, 5].map(width);
    // The note spans the columns of bytes, mean and ratio, with two blanks between each.
    let c = c.max(widest.saturating_sub(d + e + 4));
    let line = |cells: [&str; 6]| {
        let [name, sample, bytes, each, to_best, shortest] = cells;
        format!("{name:<a$}  {sample:<b$}  {bytes:>c$}  {each:>d$}  {to_best:>e$}  {shortest:>f$}")
    };
    let Span { open, close } = &palette.faint;
    let _ = writeln!(text, "  {open}{}{close}", line(titles));
    for (cells, row) in &rows {
        let [name, sample, _, _, _, shortest] = cells;
        if row.unfit > 0 {
            let unfit = unfit(row.unfit);
            let room = c + d + e + 4;
            let _ = writeln!(text, "  {name:<a$}  {sample:<b$}  {unfit:>room$}  {shortest:>f$}");
        } else if Some(row.bytes) == best {
            let Span { open, close } = &palette.payload;
            let _ = writeln!(text, "{open}* {}{close}", line(cells.each_ref().map(String::as_str)));
        } else {
            let _ = writeln!(text, "  {}", line(cells.each_ref().map(String::as_str)));
        }
    }
}

/// What a small number looks like on the wire, or what surrounds a message of that length.
fn sample(form: &Form) -> String {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
    let shown = |bytes: &[u8], number: &AnyNumber| match number {
        AnyNumber::Ascii(_) => text(bytes),
        _ => hex(bytes),
    };
    match &form.what {
        What::Number(number) => {
            let mut header = ShortBytes::empty();
            // Every representation can hold 5.
            let _ = number.encode(5, &mut header);
            shown(&header, number)
        }
        What::Around { framing, .. } => {
            let Ok(Envelope::Around(around)) = framing.envelope(b"hello") else { return String::new() };
            let header = match framing {
                AnyFraming::Prefix(prefix) => shown(around.header(), prefix.number()),
                _ => text(around.header()),
            };
            format!("{header}…{}", text(around.trailer()))
        }
    }
}

/// Compares the text with each binary form.
fn compare(tally: &Tally, text: &mut String) {
    let _ = writeln!(
        text,
        "\n  {:<20}{:>10}{:>10}{:>10}{:>14}",
        "text against", "shorter", "as long", "longer", "does not fit"
    );
    for row in BINARY.iter().filter_map(|name| tally.row(name)) {
        let [shorter, same, longer, unfit] =
            [row.first[0], row.first[1], row.first[2], row.unfit].map(|of| percent(of, tally.count));
        let _ = writeln!(text, "  {:<20}{shorter:>10}{same:>10}{longer:>10}{unfit:>14}", row.form.name);
    }
}
