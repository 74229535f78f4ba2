//! Operations of the intermediate form (VEX), as functions of numbers.
//!
//! A value of fewer than 128 bits is kept as a number with zeros above, so a zero extension changes nothing.

/// What an operation computes. `bits` is its width.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Op {
    pub kind: Kind,
    pub bits: u8,
    /// The width before an extension, the first bit of an extract, the width of the lower half of a join.
    pub other: u8,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    Add,
    Sub,
    Mul,
    And,
    Or,
    Xor,
    Not,
    Shl,
    Shr,
    Sar,
    Equal,
    Differ,
    LessU,
    AtMostU,
    LessS,
    AtMostS,
    ZeroExtend,
    SignExtend,
    /// `bits` bits from bit `other`.
    Extract,
    /// The first operand above the `other` bits of the second.
    Join,
    /// A condition, and two values.
    Choose,
    /// A wide product of two unsigned numbers.
    Product,
    /// The remainder above the quotient.
    Divide,
    TrailingZeros,
    LeadingZeros,
    /// Lanes of bytes.
    EqualBytes,
    AddBytes,
    SubBytes,
    LeastBytes,
    HighBits,
    InterleaveBytes,
    Interleave64,
    Add64,
    ShiftLanes,
    /// Condition, operation, two operands and the older flags, as VEX computes conditions from them.
    Condition,
    /// The carry flag of the same.
    Carry,
    /// All flags of the same.
    Flags,
    /// Whether the sum of three numbers has more bits.
    CarryOut,
    /// Whether the first number is less than the sum of the two others.
    BorrowOut,
    /// The sum of the differences of eight bytes.
    Differences,
}

pub fn mask(bits: u8) -> u128 {
    if bits >= 128 { u128::MAX } else { (1 << bits) - 1 }
}

impl Op {
    pub const fn new(kind: Kind, bits: u8, other: u8) -> Self {
        Self { kind, bits, other }
    }

    /// Returns the operation that VEX calls this, without `Iop_`.
    pub fn named(name: &str) -> Option<Self> {
        use Kind::*;
        let fixed = match name {
            "CmpEQ8x16" => Self::new(EqualBytes, 128, 0),
            "Add8x16" => Self::new(AddBytes, 128, 0),
            "Sub8x16" => Self::new(SubBytes, 128, 0),
            "Min8Ux16" => Self::new(LeastBytes, 128, 0),
            "GetMSBs8x16" => Self::new(HighBits, 16, 0),
            "InterleaveLO8x16" => Self::new(InterleaveBytes, 128, 0),
            "InterleaveLO64x2" => Self::new(Interleave64, 128, 0),
            "Add64x2" => Self::new(Add64, 128, 0),
            "ShrN16x8" => Self::new(ShiftLanes, 128, 16),
            "ShrN64x2" => Self::new(ShiftLanes, 128, 64),
            "Ctz64" => Self::new(TrailingZeros, 64, 0),
            "Clz64" => Self::new(LeadingZeros, 64, 0),
            "DivModU128to64" => Self::new(Divide, 128, 64),
            "DivModU64to32" => Self::new(Divide, 64, 32),
            "64HIto32" => Self::new(Extract, 32, 32),
            "128HIto64" | "V128HIto64" => Self::new(Extract, 64, 64),
            "32HIto16" => Self::new(Extract, 16, 16),
            "16HIto8" => Self::new(Extract, 8, 8),
            "64HLto128" | "64HLtoV128" => Self::new(Join, 128, 64),
            "32HLto64" => Self::new(Join, 64, 32),
            "16HLto32" => Self::new(Join, 32, 16),
            "8HLto16" => Self::new(Join, 16, 8),
            _ => return Self::sized(name),
        };
        Some(fixed)
    }

    /// A name with widths in it.
    fn sized(name: &str) -> Option<Self> {
        use Kind::*;
        if let Some((from, to)) = name.split_once("to") {
            let to = width(to)?;
            if let Some(from) = from.strip_suffix('U') {
                return Some(Self::new(ZeroExtend, to, width(from)?));
            }
            if let Some(from) = from.strip_suffix('S') {
                return Some(Self::new(SignExtend, to, width(from)?));
            }
            width(from)?;
            return Some(Self::new(Extract, to, 0));
        }
        for (stem, end, kind) in [
            ("CmpLT", "U", LessU),
            ("CmpLE", "U", AtMostU),
            ("CmpLT", "S", LessS),
            ("CmpLE", "S", AtMostS),
            ("CmpEQ", "", Equal),
            ("CmpNE", "", Differ),
            ("ExpCmpNE", "", Differ),
            ("MullU", "", Product),
            ("Add", "", Add),
            ("Sub", "", Sub),
            ("Mul", "", Mul),
            ("And", "", And),
            ("Or", "", Or),
            ("Xor", "", Xor),
            ("Not", "", Not),
            ("Shl", "", Shl),
            ("Shr", "", Shr),
            ("Sar", "", Sar),
        ] {
            if let Some(bits) = name.strip_prefix(stem).and_then(|rest| rest.strip_suffix(end)).and_then(width) {
                return Some(Self::new(kind, bits, 0));
            }
        }
        None
    }

    /// The most bits that a result has.
    pub fn result_bits(self) -> u8 {
        use Kind::*;
        match self.kind {
            Equal | Differ | LessU | AtMostU | LessS | AtMostS | Condition | Carry | CarryOut | BorrowOut => 1,
            Product => self.bits.saturating_mul(2),
            TrailingZeros | LeadingZeros => 7,
            _ => self.bits,
        }
    }

    /// Computes the result.
    pub fn eval(self, args: &[u128]) -> u128 {
        use Kind::*;
        let bits = self.bits;
        let all = mask(bits);
        let a = args[0];
        let b = args.get(1).copied().unwrap_or(0);
        match self.kind {
            Add => a.wrapping_add(b) & all,
            Sub => a.wrapping_sub(b) & all,
            Mul => a.wrapping_mul(b) & all,
            And => a & b,
            Or => a | b,
            Xor => a ^ b,
            Not => !a & all,
            Shl => shift(b, bits).map_or(0, |by| (a << by) & all),
            Shr => shift(b, bits).map_or(0, |by| a >> by),
            Sar => {
                let by = u32::from(bits - 1).min(u32::try_from(b).unwrap_or(u32::MAX));
                (signed(a, bits) >> by) as u128 & all
            }
            Equal => u128::from(a == b),
            Differ => u128::from(a != b),
            LessU => u128::from(a < b),
            AtMostU => u128::from(a <= b),
            LessS => u128::from(signed(a, bits) < signed(b, bits)),
            AtMostS => u128::from(signed(a, bits) <= signed(b, bits)),
            ZeroExtend => a,
            SignExtend => signed(a, self.other) as u128 & all,
            Extract => (a >> self.other) & all,
            Join => (a << self.other) | b,
            Choose => {
                if a & 1 != 0 {
                    b
                } else {
                    args[2]
                }
            }
            Product => a.wrapping_mul(b),
            Divide => {
                if b == 0 {
                    return 0;
                }
                let half = mask(self.other);
                (((a % b) & half) << self.other) | ((a / b) & half)
            }
            TrailingZeros => u128::from(a.trailing_zeros().min(64)),
            LeadingZeros => u128::from((a as u64).leading_zeros()),
            EqualBytes => lanes(a, b, |a, b| if a == b { 0xff } else { 0 }),
            AddBytes => lanes(a, b, u8::wrapping_add),
            SubBytes => lanes(a, b, u8::wrapping_sub),
            LeastBytes => lanes(a, b, u8::min),
            HighBits => a.to_le_bytes().iter().rev().fold(0, |all, byte| (all << 1) | u128::from(byte >> 7)),
            InterleaveBytes => {
                let (a, b) = (a.to_le_bytes(), b.to_le_bytes());
                u128::from_le_bytes(std::array::from_fn(|at| if at % 2 == 0 { b[at / 2] } else { a[at / 2] }))
            }
            Interleave64 => ((a & mask(64)) << 64) | (b & mask(64)),
            Add64 => {
                let high = (a >> 64).wrapping_add(b >> 64) & mask(64);
                (high << 64) | (a.wrapping_add(b) & mask(64))
            }
            ShiftLanes => {
                let width = u32::from(self.other);
                let by = shift(b, self.other);
                (0..128 / width).fold(0, |all, lane| {
                    let moved = by.map_or(0, |by| ((a >> (width * lane)) & mask(self.other)) >> by);
                    all | (moved << (width * lane))
                })
            }
            Condition => u128::from(holds(a, Thunk::new(&args[1..]).flags())),
            Carry => Thunk::new(args).flags() & CARRY,
            Flags => Thunk::new(args).flags(),
            CarryOut => u128::from(a + b + args[2] > all),
            BorrowOut => u128::from(a < b + args[2]),
            Differences => {
                let (a, b) = (a.to_le_bytes(), b.to_le_bytes());
                (0..8).map(|at| u128::from(a[at].abs_diff(b[at]))).sum()
            }
        }
    }
}

fn width(text: &str) -> Option<u8> {
    text.strip_prefix('V').unwrap_or(text).parse().ok().filter(|bits| [1, 8, 16, 32, 64, 128].contains(bits))
}

fn shift(by: u128, bits: u8) -> Option<u32> {
    (by < u128::from(bits)).then_some(by as u32)
}

pub fn signed(value: u128, bits: u8) -> i128 {
    let unused = 128 - u32::from(bits);
    (value << unused) as i128 >> unused
}

fn lanes(a: u128, b: u128, with: impl Fn(u8, u8) -> u8) -> u128 {
    let (a, b) = (a.to_le_bytes(), b.to_le_bytes());
    u128::from_le_bytes(std::array::from_fn(|at| with(a[at], b[at])))
}

const CARRY: u128 = 1;
const PARITY: u128 = 1 << 2;
const ZERO: u128 = 1 << 6;
const SIGN: u128 = 1 << 7;
const OVERFLOW: u128 = 1 << 11;

/// Whether the condition holds: bit 0 negates what the others choose.
fn holds(condition: u128, flags: u128) -> bool {
    let has = |flag| flags & flag != 0;
    let less = has(SIGN) != has(OVERFLOW);
    let plain = match condition >> 1 {
        0 => has(OVERFLOW),
        1 => has(CARRY),
        2 => has(ZERO),
        3 => has(CARRY) || has(ZERO),
        4 => has(SIGN),
        5 => has(PARITY),
        6 => less,
        7 => less || has(ZERO),
        _ => panic!("no such condition"),
    };
    plain != (condition & 1 != 0)
}

/// An operation and its operands, from which VEX computes the flags when they are needed. Adjust is not computed.
struct Thunk {
    operation: u128,
    one: u128,
    two: u128,
    older: u128,
}

impl Thunk {
    fn new(args: &[u128]) -> Self {
        Self { operation: args[0], one: args[1], two: args[2], older: args[3] }
    }

    fn flags(&self) -> u128 {
        if self.operation == 0 {
            return self.one & (CARRY | PARITY | ZERO | SIGN | OVERFLOW);
        }
        assert!(self.operation <= 52, "flags of an operation that is not described here");
        let bits = 8 << ((self.operation - 1) % 4);
        let all = mask(bits);
        let top = |value: u128| (value >> (bits - 1)) & 1 != 0;
        let (one, two) = (self.one & all, self.two & all);
        let old_carry = self.older & CARRY;
        let of = |carry: bool, result: u128, overflow: bool| {
            let mut flags = u128::from(carry);
            flags |= if (result as u8).count_ones().is_multiple_of(2) { PARITY } else { 0 };
            flags |= if result & all == 0 { ZERO } else { 0 };
            flags |= if top(result) { SIGN } else { 0 };
            flags | if overflow { OVERFLOW } else { 0 }
        };
        match (self.operation - 1) / 4 {
            0 => {
                let sum = one.wrapping_add(two) & all;
                of(sum < one, sum, top((one ^ sum) & (two ^ sum)))
            }
            1 => {
                let rest = one.wrapping_sub(two) & all;
                of(one < two, rest, top((one ^ two) & (one ^ rest)))
            }
            2 => {
                let two = (self.two ^ old_carry) & all;
                let sum = one.wrapping_add(two).wrapping_add(old_carry);
                of(
                    if old_carry != 0 { sum & all <= one } else { sum & all < one },
                    sum & all,
                    top((one ^ sum) & (two ^ sum)),
                )
            }
            3 => {
                let two = (self.two ^ old_carry) & all;
                let rest = one.wrapping_sub(two).wrapping_sub(old_carry) & all;
                of(if old_carry != 0 { one <= two } else { one < two }, rest, top((one ^ two) & (one ^ rest)))
            }
            4 => of(false, one, false),
            5 => of(old_carry != 0, one, one == 1 << (bits - 1)),
            6 => of(old_carry != 0, one, one == (1 << (bits - 1)) - 1),
            7 => of(top(two), one, top(one ^ two)),
            8 => of(two & 1 != 0, one, top(one ^ two)),
            9 => self.rotated(one & 1 != 0, top(one) != (one & 1 != 0)),
            10 => self.rotated(top(one), top(one) != top(one << 1)),
            11 => {
                let product = if bits == 64 { one.wrapping_mul(two) } else { one * two };
                let wide = product >> bits != 0;
                of(wide, product & all, wide)
            }
            _ => {
                let product = signed(one, bits).wrapping_mul(signed(two, bits));
                let wide = product != signed(product as u128 & all, bits);
                of(wide, product as u128 & all, wide)
            }
        }
    }

    /// A rotation changes two flags.
    fn rotated(&self, carry: bool, overflow: bool) -> u128 {
        let kept = self.older & (PARITY | ZERO | SIGN);
        kept | u128::from(carry) | if overflow { OVERFLOW } else { 0 }
    }
}
