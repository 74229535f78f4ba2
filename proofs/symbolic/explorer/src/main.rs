//! Follows a function of machine code on all inputs of a length, path by path, to the end of each.
//!
//! `explore.py` starts this program, and answers what it asks on standard output: a basic block in the intermediate form. The
//! program answers with the number of paths, with one input of each and the result that it must have, and with an input for
//! which the function panics or does not return 0.

mod block;
mod lanes;
mod memory;
mod op;
mod path;
mod range;
mod set;
mod simplify;
mod split;
mod sum;
mod term;
#[cfg(test)]
mod tests;

use std::io::{BufRead, Write};
use std::rc::Rc;

use block::Block;
use path::{End, Path, Program, Stop};
use set::HashMap;
use split::{Choice, Random};
use term::{Known, Terms};

/// How much of a search for an input that takes a path.
const TRIES: u32 = 200_000;

struct Explorer {
    program: Program,
    terms: Terms,
    splits: split::Memory,
    random: Random,
    seconds: f64,
}

/// What was found on all inputs of a length.
struct Summary {
    paths: u64,
    /// The number of inputs of all paths. It is not known if a path has a fact about several bytes.
    inputs: Option<u128>,
}

enum Failure {
    Found(String),
    Time,
    NotFollowed(String),
}

fn main() {
    let mut explorer = Explorer {
        program: Program {
            blocks: HashMap::default(),
            hooks: HashMap::default(),
            entry: 0,
            panic: 0,
            data: Vec::new(),
            constants: Rc::new(Vec::new()),
        },
        terms: Terms::default(),
        splits: split::Memory::default(),
        random: Random(0x9e37_79b9_7f4a_7c15),
        seconds: f64::MAX,
    };
    let mut constants = Vec::new();
    loop {
        let text = line();
        let words: Vec<&str> = text.split_whitespace().collect();
        match *words.as_slice() {
            [kind @ ("constant" | "data"), at, bytes] => {
                let bytes = (0..bytes.len() / 2)
                    .map(|at| u8::from_str_radix(&bytes[2 * at..2 * at + 2], 16).unwrap())
                    .collect();
                let part = Known { base: at.parse().unwrap(), bytes };
                if kind == "data" { explorer.program.data.push(part) } else { constants.push(part) }
            }
            ["hook", at, name] => {
                explorer.program.hooks.insert(at.parse().unwrap(), name.into());
            }
            ["panic", at] => explorer.program.panic = at.parse().unwrap(),
            ["entry", at] => explorer.program.entry = at.parse().unwrap(),
            ["seconds", seconds] => explorer.seconds = seconds.parse().unwrap(),
            ["explore", len] => {
                if !constants.is_empty() {
                    explorer.program.constants = Rc::new(std::mem::take(&mut constants));
                }
                let mut paths = 0;
                let outcome = explorer.explore(len.parse().unwrap(), &mut paths);
                let seconds = cpu_seconds();
                match outcome {
                    Ok(summary) => say(&format!(
                        "complete {} {seconds} {}",
                        summary.paths,
                        summary.inputs.map_or("-".into(), |inputs| inputs.to_string())
                    )),
                    Err(Failure::Found(found)) => say(&format!("found {paths} {seconds} {found}")),
                    Err(Failure::Time) => say(&format!("time {paths} {seconds}")),
                    Err(Failure::NotFollowed(why)) => say(&format!("failed {paths} {seconds} {why}")),
                }
            }
            [] => return,
            _ => panic!("not understood: {text}"),
        }
    }
}

fn line() -> String {
    let mut text = String::new();
    std::io::stdin().lock().read_line(&mut text).unwrap();
    text
}

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").unwrap();
    out.flush().unwrap();
}

/// The time that this process has used.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks: u64 = stat
        .rsplit(')')
        .next()
        .unwrap_or("")
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    ticks as f64 / 100.0
}

impl Explorer {
    fn explore(&mut self, len: usize, paths: &mut u64) -> Result<Summary, Failure> {
        let mut waiting = vec![Path::new(&self.program, len, &mut self.terms)];
        let mut inputs = Some(0);
        let mut runs = 0_u64;
        while let Some(mut path) = waiting.pop() {
            runs += 1;
            if runs.is_multiple_of(64) && cpu_seconds() > self.seconds {
                return Err(Failure::Time);
            }
            match self.run(&mut path)? {
                Err(Stop::Failed(why)) => return Err(Failure::NotFollowed(why)),
                Err(Stop::Fork(choices)) => {
                    for choice in choices {
                        let mut next = path.clone();
                        match choice {
                            Choice::Byte(byte, set) => next.sets[byte] = set,
                            Choice::Fact(value, holds) => {
                                next.facts.push((value, holds));
                                inputs = None;
                            }
                        }
                        if next.facts.is_empty() || split::settle(&mut self.terms, &mut next.sets, &next.facts) {
                            waiting.push(next);
                        }
                    }
                }
                Ok(end) => {
                    *paths += 1;
                    self.end(&path, end)?;
                    if let Some(inputs) = &mut inputs {
                        *inputs += path.sets.iter().map(|set| set.len() as u128).product::<u128>();
                    }
                }
            }
        }
        Ok(Summary { paths: *paths, inputs })
    }

    /// Runs a path, and asks for the blocks that it needs.
    fn run(&mut self, path: &mut Path) -> Result<Result<End, Stop>, Failure> {
        loop {
            match path.run(&self.program, &mut self.terms, &mut self.splits) {
                Ok(Ok(end)) => return Ok(Ok(end)),
                Ok(Err(address)) => {
                    say(&format!("block {address}"));
                    let block = Block::read(line).map_err(Failure::NotFollowed)?;
                    self.program.blocks.insert(address, Rc::new(block));
                }
                Err(stop) => return Ok(Err(stop)),
            }
        }
    }

    /// Looks at the result of a path.
    fn end(&mut self, path: &Path, end: End) -> Result<(), Failure> {
        let result = match end {
            End::Returned(result) => Some(result),
            End::Panic | End::Trap => None,
        };
        let mut tries = TRIES;
        let input = match split::input(&mut self.terms, path.sets.clone(), &path.facts, &mut self.random, &mut tries) {
            Ok(Some(input)) => input,
            // No input takes this path.
            Ok(None) => return Ok(()),
            Err(()) if result == Some(0) => return Ok(()),
            Err(()) => {
                return Err(Failure::NotFollowed(
                    "a path to another result, of which it is not known whether any input takes it".into(),
                ));
            }
        };
        let hex: String = input.iter().map(|byte| format!("{byte:02x}")).collect();
        match result {
            Some(0) => say(&format!("sample {hex}-")),
            Some(result) => return Err(Failure::Found(format!("{hex}- {result}"))),
            None => return Err(Failure::Found(format!("{hex}- panic"))),
        }
        Ok(())
    }
}
