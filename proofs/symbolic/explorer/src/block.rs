//! Basic blocks in the intermediate form, read from the text that `explore.py` writes.

use crate::op::{Kind, Op};

#[derive(Clone, Copy, Debug)]
pub enum Atom {
    Tmp(usize),
    Const(u128),
}

#[derive(Clone, Debug)]
pub enum Expr {
    Atom(Atom),
    /// A register: its offset, and a number of bytes.
    Get(u64, usize),
    Load(usize, Atom),
    Op(Op, Vec<Atom>),
}

#[derive(Clone, Debug)]
pub enum Statement {
    Set(usize, Expr),
    /// Offset, bytes, value.
    Put(u64, usize, Atom),
    /// Address, bytes, value.
    Store(Atom, usize, Atom),
    /// Goes to the address if the condition holds.
    Exit(Atom, u64),
    /// The end of the block.
    Next(Atom),
    /// An instruction that stops the program.
    Trap,
}

#[derive(Debug)]
pub struct Block {
    pub temporaries: usize,
    pub statements: Vec<Statement>,
}

impl Block {
    /// Reads lines up to `end`.
    pub fn read(mut line: impl FnMut() -> String) -> Result<Self, String> {
        let mut block = Self { temporaries: 0, statements: Vec::new() };
        let mut lines = Vec::new();
        while lines.last().is_none_or(|text: &String| text.trim() != "end") {
            lines.push(line());
        }
        for text in lines {
            let words: Vec<&str> = text.split_whitespace().collect();
            let bad = || format!("not understood: {text}");
            let statement = match *words.as_slice() {
                ["end"] => return Ok(block),
                ["set", to, ref expr @ ..] => {
                    let to = to.parse().map_err(|_| bad())?;
                    block.temporaries = block.temporaries.max(to + 1);
                    Statement::Set(to, read_expr(expr).ok_or_else(bad)?)
                }
                ["put", at, bits, value] => Statement::Put(
                    at.parse().map_err(|_| bad())?,
                    bytes(bits).ok_or_else(bad)?,
                    atom(value).ok_or_else(bad)?,
                ),
                ["store", at, bits, value] => Statement::Store(
                    atom(at).ok_or_else(bad)?,
                    bytes(bits).ok_or_else(bad)?,
                    atom(value).ok_or_else(bad)?,
                ),
                ["exit", guard, to] => Statement::Exit(atom(guard).ok_or_else(bad)?, to.parse().map_err(|_| bad())?),
                ["next", to] => Statement::Next(atom(to).ok_or_else(bad)?),
                ["trap"] => Statement::Trap,
                _ => return Err(bad()),
            };
            block.statements.push(statement);
        }
        Err("a block without its end".into())
    }
}

/// How many bytes hold this many bits.
fn bytes(bits: &str) -> Option<usize> {
    Some(bits.parse::<usize>().ok()?.div_ceil(8))
}

fn atom(word: &str) -> Option<Atom> {
    match word.strip_prefix('t') {
        Some(tmp) => tmp.parse().ok().map(Atom::Tmp),
        None => u128::from_str_radix(word.strip_prefix('#')?, 16).ok().map(Atom::Const),
    }
}

fn read_expr(words: &[&str]) -> Option<Expr> {
    let atoms = |words: &[&str]| words.iter().map(|word| atom(word)).collect::<Option<Vec<_>>>();
    Some(match *words {
        ["get", at, bits] => Expr::Get(at.parse().ok()?, bytes(bits)?),
        ["load", bits, at] => Expr::Load(bytes(bits)?, atom(at)?),
        ["op", name, ref args @ ..] => Expr::Op(Op::named(name)?, atoms(args)?),
        ["choose", ref args @ ..] => Expr::Op(Op::new(Kind::Choose, 128, 0), atoms(args)?),
        ["call", name, ref args @ ..] => {
            let kind = match name {
                "amd64g_calculate_condition" => Kind::Condition,
                "amd64g_calculate_rflags_c" => Kind::Carry,
                "amd64g_calculate_rflags_all" => Kind::Flags,
                "amd64g_calculate_mmx_psadbw" => Kind::Differences,
                _ => return None,
            };
            Expr::Op(Op::new(kind, 64, 0), atoms(args)?)
        }
        [word] => Expr::Atom(atom(word)?),
        _ => return None,
    })
}
