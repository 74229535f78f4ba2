//! Memory of a path: bytes that are numbers or parts of a term. Paths share the pages that they have not changed.

use std::rc::Rc;

use crate::op::{Kind, Op, mask};
use crate::set::Sets;
use crate::term::{Terms, Value};

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Cell {
    Known(u8),
    /// Byte `at` of a term that was stored in `of` bytes.
    Part {
        term: u32,
        at: u8,
        of: u8,
    },
}

/// Eight bytes: a number, or byte by byte.
#[derive(Clone)]
enum Word {
    Known(u64),
    Cells(Rc<[Cell; 8]>),
}

/// Words in a page.
const PAGE: usize = 16;

#[derive(Clone)]
pub struct Memory {
    base: u64,
    pages: Vec<Rc<[Word; PAGE]>>,
}

impl Memory {
    /// Zeros. The base is a multiple of 8.
    pub fn new(base: u64, len: usize) -> Self {
        let page = Rc::new([const { Word::Known(0) }; PAGE]);
        Self { base, pages: vec![page; len.div_ceil(8 * PAGE)] }
    }

    /// Memory with these bytes in it. Up to the end of the last page there are zeros.
    pub fn filled(base: u64, bytes: &[u8]) -> Self {
        let mut memory = Self::new(base, bytes.len());
        for (at, byte) in (base..).zip(bytes) {
            memory.set_cell(at, Cell::Known(*byte));
        }
        memory
    }

    /// Whether the bytes lie in this memory.
    pub fn holds(&self, at: u64, count: usize) -> bool {
        let end = at.checked_sub(self.base).and_then(|from| from.checked_add(count as u64));
        end.is_some_and(|end| end <= (self.pages.len() * PAGE * 8) as u64)
    }

    /// The word in which a byte lies, and its place there.
    fn place(&self, at: u64) -> (usize, usize, usize) {
        let from = (at - self.base) as usize;
        (from / (8 * PAGE), from / 8 % PAGE, from % 8)
    }

    pub fn cell(&self, at: u64) -> Cell {
        let (page, word, byte) = self.place(at);
        match &self.pages[page][word] {
            Word::Known(value) => Cell::Known(value.to_le_bytes()[byte]),
            Word::Cells(cells) => cells[byte],
        }
    }

    pub fn set_cell(&mut self, at: u64, cell: Cell) {
        let (page, word, byte) = self.place(at);
        let word = &mut Rc::make_mut(&mut self.pages[page])[word];
        match (&mut *word, cell) {
            (Word::Known(value), Cell::Known(new)) => {
                let mut bytes = value.to_le_bytes();
                bytes[byte] = new;
                *value = u64::from_le_bytes(bytes);
            }
            (Word::Known(value), Cell::Part { .. }) => {
                let mut cells = value.to_le_bytes().map(Cell::Known);
                cells[byte] = cell;
                *word = Word::Cells(Rc::new(cells));
            }
            (Word::Cells(cells), _) => {
                Rc::make_mut(cells)[byte] = cell;
                if matches!(cell, Cell::Known(_)) {
                    let known = cells.map(|cell| match cell {
                        Cell::Known(byte) => Some(byte),
                        Cell::Part { .. } => None,
                    });
                    if known.iter().all(Option::is_some) {
                        *word = Word::Known(u64::from_le_bytes(known.map(Option::unwrap_or_default)));
                    }
                }
            }
        }
    }

    pub fn store(&mut self, at: u64, count: usize, value: Value) {
        match value {
            Value::Known(value) => {
                let mut done = 0;
                while done < count {
                    let (page, word, byte) = self.place(at + done as u64);
                    let bytes = (8 - byte).min(count - done);
                    let part = (value >> (8 * done)) as u64;
                    let word = &mut Rc::make_mut(&mut self.pages[page])[word];
                    match word {
                        _ if bytes == 8 => *word = Word::Known(part),
                        Word::Known(old) => {
                            let all = (mask(8 * bytes as u8) as u64) << (8 * byte);
                            *old = (*old & !all) | (part << (8 * byte) & all);
                        }
                        Word::Cells(_) => {
                            for (index, part) in part.to_le_bytes().into_iter().enumerate().take(bytes) {
                                self.set_cell(at + (done + index) as u64, Cell::Known(part));
                            }
                        }
                    }
                    done += bytes;
                }
            }
            Value::Term(term) => {
                for index in 0..count {
                    self.set_cell(at + index as u64, Cell::Part { term, at: index as u8, of: count as u8 });
                }
            }
        }
    }

    /// The number that the bytes are.
    fn known(&self, at: u64, count: usize) -> Option<u128> {
        let mut value = 0;
        let mut done = 0;
        while done < count {
            let (page, word, byte) = self.place(at + done as u64);
            let bytes = (8 - byte).min(count - done);
            match &self.pages[page][word] {
                Word::Known(part) => value |= (u128::from(part >> (8 * byte)) & mask(8 * bytes as u8)) << (8 * done),
                Word::Cells(cells) => {
                    for (index, cell) in cells[byte..byte + bytes].iter().enumerate() {
                        let Cell::Known(part) = cell else { return None };
                        value |= u128::from(*part) << (8 * (done + index));
                    }
                }
            }
            done += bytes;
        }
        Some(value)
    }

    pub fn load(&self, at: u64, count: usize, terms: &mut Terms, sets: &Sets) -> Value {
        if let Some(value) = self.known(at, count) {
            return Value::Known(value);
        }
        if let Cell::Part { term, at: 0, of } = self.cell(at) {
            let same = |index: usize| self.cell(at + index as u64) == Cell::Part { term, at: index as u8, of };
            if usize::from(of) == count && (1..count).all(same) {
                return terms.narrow(Value::Term(term), sets);
            }
        }
        let mut all = Value::Known(0);
        let mut index = count;
        // From the high end, each stretch of bytes from one term at a time.
        while index > 0 {
            let end = index;
            index -= 1;
            let part = match self.cell(at + index as u64) {
                Cell::Known(byte) => Value::Known(u128::from(byte)),
                Cell::Part { term, at: mut first, of } => {
                    while index > 0
                        && first > 0
                        && self.cell(at + index as u64 - 1) == (Cell::Part { term, at: first - 1, of })
                    {
                        index -= 1;
                        first -= 1;
                    }
                    let bits = 8 * (end - index) as u8;
                    terms.apply(Op::new(Kind::Extract, bits, 8 * first), vec![Value::Term(term)], sets)
                }
            };
            let bits = 8 * (end - index) as u8;
            all = terms.apply(Op::new(Kind::Join, (8 * (count - index)) as u8, bits), vec![all, part], sets);
        }
        all
    }
}
