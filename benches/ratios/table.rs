//! The table: its rows, how they are measured, and how they are printed.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::Run;
use crate::common::{Input, Moved, Sum};

pub(crate) struct Bench {
    pub(crate) rounds: usize,
    only: Option<String>,
    /// The name, the text and the rows of each.
    sections: Vec<(String, String, Vec<Row>)>,
    /// The index of the current section.
    section: usize,
    /// The index of the current row.
    row: usize,
}

/// A contender's work and another's, with the least that either took.
struct Row {
    work: String,
    here: f64,
    unit: &'static str,
    other: String,
    there: f64,
    goal: Goal,
}

/// The bound of a row: our time divided by the other's, or the other's by ours.
#[derive(Clone, Copy)]
pub(crate) enum Goal {
    AtMost(f64),
    TimesFaster(f64),
}

impl Row {
    /// Whether the goal is met.
    fn print(&self) -> bool {
        let Self { work, here, unit, other, there, goal } = self;
        let (ratio, bound, met) = match goal {
            Goal::AtMost(most) => (here / there, format!("≤ {most:.2} ×"), here / there <= *most),
            Goal::TimesFaster(least) => (there / here, format!("≥ {least:.1} × faster"), there / here >= *least),
        };
        let reached = if met { "yes" } else { "**no**" };
        println!("| {work} | {here:.2} {unit} | {other} | {there:.2} {unit} | {ratio:.2} | {bound} | {reached} |");
        met
    }
}

impl Bench {
    /// Measures each row `rounds` times in each pass. With `only`, leaves out sections whose name does not contain this word.
    pub(crate) const fn new(rounds: usize, only: Option<String>) -> Self {
        Self { rounds, only, sections: Vec::new(), section: 0, row: 0 }
    }

    /// Returns whether a section is wanted. Its rows follow, in the same order in every pass.
    pub(crate) fn section(&mut self, name: &str, text: &str) -> bool {
        if !self.only.as_ref().is_none_or(|only| name.contains(only.as_str())) {
            return false;
        }
        self.section = self.sections.iter().position(|(known, ..)| known == name).unwrap_or_else(|| {
            self.sections.push((name.to_owned(), text.to_owned(), Vec::new()));
            self.sections.len() - 1
        });
        self.row = 0;
        true
    }

    /// Returns the least time of each in nanoseconds, divided by `per`.
    pub(crate) fn least(&self, wire: &[u8], expected: Sum, per: u64, runs: &mut [Run<'_>]) -> Vec<f64> {
        let mut moved = Moved::new(wire);
        let mut least = vec![Duration::MAX; runs.len()];
        for round in 0..self.rounds {
            let wire = moved.to(round);
            for (run, least) in runs.iter_mut().zip(&mut least) {
                let start = Instant::now();
                let sum = run(black_box(wire));
                *least = start.elapsed().min(*least);
                assert_eq!(sum, expected);
            }
        }
        least.into_iter().map(|time| time.as_secs_f64() * 1e9 / per as f64).collect()
    }

    pub(crate) fn row(&mut self, work: &str, here: f64, unit: &'static str, other: &str, there: f64, goal: Goal) {
        let rows = &mut self.sections[self.section].2;
        match rows.get_mut(self.row) {
            Some(row) => {
                assert_eq!((row.work.as_str(), row.other.as_str()), (work, other));
                row.here = row.here.min(here);
                row.there = row.there.min(there);
            }
            None => rows.push(Row { work: work.to_owned(), here, unit, other: other.to_owned(), there, goal }),
        }
        self.row += 1;
    }

    pub(crate) fn print(&self) {
        let (mut met, mut all) = (0, 0);
        for (name, text, rows) in &self.sections {
            println!("\n## {name}\n\n{text}\n");
            println!("| work | here | compared with | its time | ratio | goal | reached |");
            println!("| --- | ---: | --- | ---: | ---: | ---: | --- |");
            met += rows.iter().filter(|row| row.print()).count();
            all += rows.len();
        }
        println!("\n{met} of {all} rows reach their goal.");
    }

    pub(crate) fn frames(&mut self, work: &str, input: &Input, own: Run<'_>, others: Vec<(&str, Goal, Run<'_>)>) {
        let (goals, mut runs): (Vec<_>, Vec<_>) =
            others.into_iter().map(|(name, goal, run)| ((name, goal), run)).unzip();
        runs.insert(0, own);
        let times = self.least(input.wire(), input.expected, input.expected.frames, &mut runs);
        for ((other, goal), &there) in goals.into_iter().zip(&times[1..]) {
            self.row(work, times[0], "ns", other, there, goal);
        }
    }
}
