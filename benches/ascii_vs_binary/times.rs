//! The times of docs/ascii_vs_binary.md. The representations take turns, and the least time of each counts: other load
//! on the machine makes a run slower, never faster.

use std::fmt::Write as _;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::measure::{Form, What, numbers};
use crate::{pass, sets};

/// The sets whose times are on the page.
const SETS: [&str; 6] =
    ["zeros and ones", "uniform, 16 bits", "uniform, 32 bits", "uniform, 64 bits", "messages", "files"];
const ROUNDS: usize = 300;

/// Each in nanoseconds for each number; `None` if they do not fit.
struct Contender<'a> {
    form: &'a Form,
    wire: Vec<u8>,
    least: Option<[Duration; 2]>,
}

/// The table, with machine and date.
pub(crate) fn table() -> String {
    let forms = numbers().expect("the names are specs");
    let mut columns: Vec<Vec<String>> = Vec::new();
    for set in sets::all().iter().filter(|set| SETS.contains(&set.name)) {
        let contenders = forms.iter().map(|form| {
            let mut wire = Vec::new();
            let fits = set.values.iter().all(|value| form.bytes(*value).is_some());
            if let (What::Number(number), true) = (&form.what, fits) {
                pass::encode(number, &set.values, &mut wire);
            }
            Contender { form, wire, least: fits.then_some([Duration::MAX; 2]) }
        });
        let mut contenders: Vec<_> = contenders.collect();
        let (mut bytes, mut values) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            for Contender { form, wire, least } in &mut contenders {
                let (What::Number(number), Some([encode, decode])) = (&form.what, least) else { continue };
                bytes.clear();
                let start = Instant::now();
                pass::encode(number, black_box(&set.values), &mut bytes);
                *encode = start.elapsed().min(*encode);
                assert_eq!(bytes, *wire);
                values.clear();
                let start = Instant::now();
                pass::decode(number, black_box(wire), &mut values);
                *decode = start.elapsed().min(*decode);
                assert_eq!(values, set.values);
            }
        }
        let each = |time: Duration| time.as_secs_f64() * 1e9 / set.values.len() as f64;
        let cells = contenders.iter().map(|contender| match contender.least {
            Some([encode, decode]) => format!("{:.1} / {:.1}", each(encode), each(decode)),
            None => "does not fit".to_owned(),
        });
        columns.push(cells.collect());
    }
    let mut text = format!("\n| date | {} |\n| --- | --- |\n", said_by("date", &["+%F"]));
    let _ = writeln!(text, "| machine | {} |", machine());
    let _ = writeln!(text, "| compiler | {}, the bench profile as it comes |\n", said_by("rustc", &["--version"]));
    let _ = writeln!(text, "| | {} |\n| --- |{}", SETS.join(" | "), " ---: |".repeat(SETS.len()));
    for (at, form) in forms.iter().enumerate() {
        let cells: Vec<&str> = columns.iter().map(|column| column[at].as_str()).collect();
        let _ = writeln!(text, "| {} | {} |", form.name, cells.join(" | "));
    }
    text + "\n"
}

fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = cpu.lines().find(|line| line.split(':').next().is_some_and(|key| key.trim() == name));
        line.and_then(|line| line.split(':').nth(1)).map(|value| value.trim().to_owned()).unwrap_or_default()
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let (name, family, model) = (field("model name"), field("cpu family"), field("model"));
    format!("{name} (family {family}, model {model}), {cores} cores, {}", std::env::consts::OS)
}

fn said_by(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or_else(|_| "unknown".to_owned(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
