//! One path through the code: registers, memory, and the inputs that take it.

use std::rc::Rc;

use crate::block::{Atom, Block, Expr, Statement};
use crate::memory::Memory;
use crate::op::{Kind, Op};
use crate::set::{HashMap, Set, Sets};
use crate::split::{self, Choice, Facts};
use crate::term::{Known, Terms, Value};

/// Where a path does not just go on.
pub enum Stop {
    /// The inputs of the path do different things from here.
    Fork(Vec<Choice>),
    Failed(String),
}

/// How the run of a path ends.
pub enum End {
    Returned(u128),
    Panic,
    Trap,
}

/// Registers by the offsets of VEX for AMD64.
const RAX: u64 = 16;
const RDX: u64 = 32;
const RSP: u64 = 48;
const RSI: u64 = 64;
const RDI: u64 = 72;
const DIRECTION: u64 = 176;
const REGISTERS: usize = 1024;

const STACK: u64 = 0x7000_0000;
const STACK_LEN: u64 = 0x1_0000;
/// The input ends here, and so does the memory, so that a read after it fails.
const INPUT_END: u64 = 0x6000_1000;
const INPUT_ROOM: u64 = 64;
/// Where the function returns to.
const CALLER: u64 = 0x5000_0000;
/// No path of a function that ends has this many blocks.
const MOST_BLOCKS: u64 = 2_000_000;

/// Larger tables are not taken as one value.
const MOST_LOOKED_UP: u64 = 4096;

/// What all paths share: the code, and the functions that are not in it.
pub struct Program {
    pub blocks: HashMap<u64, Rc<Block>>,
    pub hooks: HashMap<u64, String>,
    pub entry: u64,
    pub panic: u64,
    /// Data that the code may change.
    pub data: Vec<Known>,
    /// Data that it may not, and the code.
    pub constants: Rc<Vec<Known>>,
}

#[derive(Clone)]
pub struct Path {
    registers: Memory,
    stack: Memory,
    input: Memory,
    /// Data that the code may change.
    data: Vec<Memory>,
    constants: Rc<Vec<Known>>,
    pub sets: Sets,
    pub facts: Facts,
    /// The next block, or the block in which it stands.
    pub pc: u64,
    block: Option<Rc<Block>>,
    at: usize,
    temporaries: Vec<Value>,
    steps: u64,
}

impl Path {
    /// A call of the function with an input of this length.
    pub fn new(program: &Program, len: usize, terms: &mut Terms) -> Self {
        let mut path = Self {
            registers: Memory::new(0, REGISTERS),
            stack: Memory::new(STACK, STACK_LEN as usize),
            input: Memory::new(INPUT_END - INPUT_ROOM, INPUT_ROOM as usize),
            data: program.data.iter().map(|data| Memory::filled(data.base, &data.bytes)).collect(),
            constants: Rc::clone(&program.constants),
            sets: vec![Set::ALL; len],
            facts: Facts::new(),
            pc: program.entry,
            block: None,
            at: 0,
            temporaries: Vec::new(),
            steps: 0,
        };
        let start = INPUT_END - len as u64;
        for at in 0..len {
            let byte = terms.byte(at as u8);
            path.input.store(start + at as u64, 1, byte);
        }
        // As after a call: the address to return to is aligned to 16 bytes and 8.
        let top = STACK + STACK_LEN - 0x108;
        path.stack.store(top, 8, Value::Known(u128::from(CALLER)));
        for (register, value) in [(RSP, top), (RDI, start), (RSI, len as u64), (DIRECTION, 1)] {
            path.registers.store(register, 8, Value::Known(u128::from(value)));
        }
        path
    }

    /// Runs to the end, or to a place where the inputs differ. Returns the address of a block that is not known yet.
    pub fn run(
        &mut self,
        program: &Program,
        terms: &mut Terms,
        splits: &mut split::Memory,
    ) -> Result<Result<End, u64>, Stop> {
        loop {
            let block = match &self.block {
                Some(block) => Rc::clone(block),
                None => {
                    if self.pc == CALLER {
                        let result = self.registers.load(RAX, 4, terms, &self.sets);
                        return Ok(Ok(End::Returned(split::number(result, terms, &self.sets, &self.facts)?)));
                    }
                    if self.pc == program.panic {
                        return Ok(Ok(End::Panic));
                    }
                    if let Some(name) = program.hooks.get(&self.pc) {
                        self.call(name, terms)?;
                        continue;
                    }
                    let Some(block) = program.blocks.get(&self.pc) else { return Ok(Err(self.pc)) };
                    self.steps += 1;
                    if self.steps > MOST_BLOCKS {
                        return Err(Stop::Failed("a path that does not end".into()));
                    }
                    self.at = 0;
                    self.temporaries.clear();
                    self.temporaries.resize(block.temporaries, Value::Known(0));
                    self.block = Some(Rc::clone(block));
                    Rc::clone(block)
                }
            };
            while let Some(statement) = block.statements.get(self.at) {
                if self.step(statement, terms, splits)? {
                    break;
                }
                self.at += 1;
                if matches!(statement, Statement::Trap) {
                    return Ok(Ok(End::Trap));
                }
            }
            self.block = None;
        }
    }

    /// Carries out one statement. Returns whether the block ends with it.
    fn step(&mut self, statement: &Statement, terms: &mut Terms, splits: &mut split::Memory) -> Result<bool, Stop> {
        match statement {
            Statement::Set(to, expr) => self.temporaries[*to] = self.value(expr, terms, splits)?,
            Statement::Put(at, bytes, value) => {
                let value = self.atom(*value);
                self.registers.store(*at, *bytes, value);
            }
            Statement::Store(at, bytes, value) => {
                let at = split::number(self.atom(*at), terms, &self.sets, &self.facts)?;
                let value = self.atom(*value);
                self.store(at as u64, *bytes, value)?;
            }
            Statement::Exit(guard, to) => {
                if self.decide(self.atom(*guard), terms, splits)? {
                    self.pc = *to;
                    return Ok(true);
                }
            }
            Statement::Next(to) => {
                self.pc = split::number(self.atom(*to), terms, &self.sets, &self.facts)? as u64;
                return Ok(true);
            }
            Statement::Trap => {}
        }
        Ok(false)
    }

    pub fn decide(&mut self, value: Value, terms: &mut Terms, splits: &mut split::Memory) -> Result<bool, Stop> {
        split::decide(value, terms, &self.sets, &self.facts, splits)
    }

    fn atom(&self, atom: Atom) -> Value {
        match atom {
            Atom::Tmp(tmp) => self.temporaries[tmp],
            Atom::Const(value) => Value::Known(value),
        }
    }

    fn value(&mut self, expr: &Expr, terms: &mut Terms, splits: &mut split::Memory) -> Result<Value, Stop> {
        match expr {
            Expr::Atom(atom) => Ok(self.atom(*atom)),
            Expr::Get(at, bytes) => Ok(self.registers.load(*at, *bytes, terms, &self.sets)),
            Expr::Load(bytes, at) => self.load(self.atom(*at), *bytes, terms),
            Expr::Op(op, args) => {
                if let Some(result) = self.known(*op, args) {
                    return Ok(Value::Known(result));
                }
                let args: Vec<Value> = args.iter().map(|arg| self.atom(*arg)).collect();
                if op.kind == Kind::Choose {
                    return self.choose(args, terms, splits);
                }
                if let (Kind::Shl | Kind::Shr | Kind::Sar, [_, by]) = (op.kind, args.as_slice()) {
                    // Paths for the distances, so that the bytes of the result are known.
                    if terms.bytes(*by).count_ones() > 1 {
                        split::number(*by, terms, &self.sets, &self.facts)?;
                    }
                }
                Ok(terms.apply(*op, args, &self.sets))
            }
        }
    }

    /// The result of an operation on numbers.
    fn known(&self, op: Op, args: &[Atom]) -> Option<u128> {
        let mut numbers = [0; 5];
        for (number, arg) in numbers.iter_mut().zip(args) {
            let Value::Known(value) = self.atom(*arg) else { return None };
            *number = value;
        }
        Some(op.eval(&numbers[..args.len()]))
    }

    /// One of two values: a table if all depends on one byte, or else each on a path of its own.
    fn choose(&mut self, args: Vec<Value>, terms: &mut Terms, splits: &mut split::Memory) -> Result<Value, Stop> {
        let args: Vec<Value> = args.into_iter().map(|arg| terms.narrow(arg, &self.sets)).collect();
        let bytes = args.iter().fold(0, |bytes, arg| bytes | terms.bytes(*arg));
        if bytes.count_ones() <= 1 || args[1] == args[2] {
            return Ok(terms.apply(Op::new(Kind::Choose, 128, 0), args, &self.sets));
        }
        Ok(if self.decide(args[0], terms, splits)? { args[1] } else { args[2] })
    }

    fn load(&self, at: Value, bytes: usize, terms: &mut Terms) -> Result<Value, Stop> {
        let at = terms.narrow(at, &self.sets);
        if !matches!(at, Value::Known(_))
            && let Some(value) = self.load_table(at, bytes, terms).or_else(|| self.lookup(at, bytes, terms))
        {
            return Ok(value);
        }
        let at = split::number(at, terms, &self.sets, &self.facts)? as u64;
        for memory in [&self.stack, &self.input].into_iter().chain(&self.data) {
            if memory.holds(at, bytes) {
                return Ok(memory.load(at, bytes, terms, &self.sets));
            }
        }
        match self.constants.iter().find_map(|data| data.number(at, bytes)) {
            Some(value) => Ok(Value::Known(value)),
            None => Err(Stop::Failed(format!("a read of {at:#x}, where nothing is"))),
        }
    }

    /// A place in a small table of known data, at an address that depends on several bytes.
    fn lookup(&self, at: Value, bytes: usize, terms: &mut Terms) -> Option<Value> {
        let range = terms.range(at, &self.sets, &mut HashMap::default());
        let (low, high) = (range.low as u64, range.high as u64);
        if high - low > MOST_LOOKED_UP {
            return None;
        }
        let mut known = |at: u64| match self.load(Value::Known(u128::from(at)), 1, terms) {
            Ok(Value::Known(byte)) => Some(byte as u8),
            _ => None,
        };
        let bytes_there = (low..high + bytes as u64).map(&mut known).collect::<Option<Vec<u8>>>()?;
        Some(terms.lookup(Rc::new(Known { base: low, bytes: bytes_there }), bytes, at))
    }

    /// The value for each value of the byte on which the address depends, if no other byte plays a part.
    fn load_table(&self, at: Value, bytes: usize, terms: &mut Terms) -> Option<Value> {
        let (byte, addresses) = terms.as_table(at)?;
        let places: Vec<(u8, u64)> =
            self.sets[byte].values().map(|value| (value, addresses[usize::from(value)] as u64)).collect();
        let mut loaded: HashMap<u64, Value> = HashMap::default();
        let mut values = vec![0; 256];
        for (value, place) in places {
            let found = match loaded.get(&place) {
                Some(found) => *found,
                None => {
                    let found = self.load(Value::Known(u128::from(place)), bytes, terms).ok()?;
                    loaded.insert(place, found);
                    found
                }
            };
            values[usize::from(value)] = match (found, terms.as_table(found)) {
                (Value::Known(number), _) => number,
                (_, Some((other, table))) if other == byte => table[usize::from(value)],
                _ => return None,
            };
        }
        Some(terms.table(byte as u8, values.into()))
    }

    fn store(&mut self, at: u64, bytes: usize, value: Value) -> Result<(), Stop> {
        for memory in [&mut self.stack].into_iter().chain(&mut self.data) {
            if memory.holds(at, bytes) {
                memory.store(at, bytes, value);
                return Ok(());
            }
        }
        Err(Stop::Failed(format!("a write to {at:#x}, where nothing may be written")))
    }

    /// The functions of C that the code calls.
    fn call(&mut self, name: &str, terms: &mut Terms) -> Result<(), Stop> {
        let mut register = |at: u64| {
            let value = self.registers.load(at, 8, terms, &self.sets);
            split::number(value, terms, &self.sets, &self.facts).map(|value| value as u64)
        };
        let (to, from, count) = (register(RDI)?, register(RSI), register(RDX)?);
        let mut result = Value::Known(u128::from(to));
        match name {
            "memcpy" | "memmove" => {
                let from = from?;
                let mut bytes = Vec::new();
                for at in 0..count {
                    bytes.push(self.load(Value::Known(u128::from(from + at)), 1, terms)?);
                }
                // Parts of one term stay together.
                for (at, byte) in (0..).zip(bytes) {
                    let cell = [&self.stack, &self.input]
                        .into_iter()
                        .find(|memory| memory.holds(from + at, 1))
                        .map(|memory| memory.cell(from + at));
                    self.store(to + at, 1, byte)?;
                    if let (Some(cell), "memcpy") = (cell, name) {
                        self.stack.set_cell(to + at, cell);
                    }
                }
            }
            "memset" => {
                let byte = self.registers.load(RSI, 1, terms, &self.sets);
                for at in 0..count {
                    self.store(to + at, 1, byte)?;
                }
            }
            // Only whether the bytes are equal is asked for.
            "bcmp" => {
                let from = from?;
                result = Value::Known(0);
                for at in 0..count {
                    let one = self.load(Value::Known(u128::from(to + at)), 1, terms)?;
                    let other = self.load(Value::Known(u128::from(from + at)), 1, terms)?;
                    let differ = terms.apply(Op::new(Kind::Xor, 8, 0), vec![one, other], &self.sets);
                    result = terms.apply(Op::new(Kind::Or, 8, 0), vec![result, differ], &self.sets);
                }
            }
            _ => return Err(Stop::Failed(format!("a call of {name}"))),
        }
        self.registers.store(RAX, 8, result);
        let top = split::number(self.registers.load(RSP, 8, terms, &self.sets), terms, &self.sets, &self.facts)?;
        let back = self.load(Value::Known(top), 8, terms)?;
        self.pc = split::number(back, terms, &self.sets, &self.facts)? as u64;
        self.registers.store(RSP, 8, Value::Known(top + 8));
        Ok(())
    }
}
