//! Framings of any configuration, made of bytes: for the fuzz targets those of their input, for other tests random ones. Each
//! is described first and then built, so that its naive twin can be asked too.

use anysplit::contract::DEFAULT_MAX_PAYLOAD_LEN;
use anysplit::delimited::{DelimiterTable, Delimiters, Unterminated};
use anysplit::number::{Ascii, Bcd, Binary, Bits, Escaped, Number, Varint};
use anysplit::order::Order;
use anysplit::{Body, ByType, ConfigError, Delimited, Fixed, Framing, LengthField, Prefix, UntilClose};
use arbitrary::{Result, Unstructured};

/// A number of whole bytes.
#[derive(Clone, Copy, Debug)]
pub struct Whole {
    pub width: usize,
    pub big: bool,
}

/// A number representation.
#[derive(Clone, Debug)]
pub enum Num {
    Binary(Whole),
    Bits {
        whole: Whole,
        mask: u64,
    },
    Fixed {
        radix: u64,
        width: usize,
        mark: Option<Vec<u8>>,
        max: u64,
    },
    Ended {
        radix: u64,
        mark: Vec<u8>,
        max: u64,
    },
    Bcd(usize),
    Escaped {
        mask: u8,
        /// First bytes, the numbers that follow them, and what those begin with.
        steps: Vec<(u8, Whole, u64)>,
        max: Option<u64>,
        longer: bool,
    },
    Leb {
        max: u64,
        max_len: usize,
        longer: bool,
    },
    Quic {
        longer: bool,
    },
    Ber {
        longer: bool,
    },
}

/// The bytes after the payload of a packet with a length field.
#[derive(Clone, Debug)]
pub enum Follow {
    Nothing,
    Literal(Vec<u8>),
    Multiple(u16),
    PadLen(u16),
}

/// How delimiters are searched for.
#[derive(Clone, Copy, Debug)]
pub enum Search {
    Byte,
    One,
    Set,
    Table,
}

/// A framing.
#[derive(Clone, Debug)]
pub enum Config {
    Fixed(u64),
    UntilClose {
        max: u64,
    },
    Prefix {
        num: Num,
        adjustment: i64,
        own: bool,
        controls: u64,
        trailer: Vec<u8>,
        max: u64,
    },
    Field {
        offset: u16,
        num: Num,
        after: u16,
        unit: u32,
        adjustment: i64,
        /// Offset, number, unit and padding.
        second: Option<(u16, Whole, u8, u8)>,
        required: Vec<(u16, Vec<u8>)>,
        /// Offset and mask of the flags, and the length of the header that they announce.
        optional: Option<(u16, u8, u8)>,
        follow: Follow,
        max: u64,
    },
    Delimited {
        search: Search,
        set: Vec<Vec<u8>>,
        writes: usize,
        keeps: bool,
        takes: bool,
        max: u64,
    },
    Lines {
        crlf: bool,
        keeps: bool,
        takes: bool,
        max: u64,
    },
    ByType(Vec<(u8, std::result::Result<u64, Config>)>),
}

impl Whole {
    fn read(u: &mut Unstructured<'_>) -> Result<Self> {
        Ok(Self { width: u.int_in_range(1..=8)?, big: u.arbitrary()? })
    }

    fn build(self) -> std::result::Result<Binary, ConfigError> {
        Binary::new(self.width, if self.big { Order::Big } else { Order::Little })
    }
}

/// Mostly small, as streams are; sometimes about a power of two.
pub fn length(u: &mut Unstructured<'_>) -> Result<u64> {
    Ok(match u.arbitrary::<u8>()? {
        small @ 0..200 => u64::from(small % 40),
        power @ 200..=250 => (1_u64 << (power % 64)).wrapping_add(u.int_in_range(0..=2)?).wrapping_sub(1),
        _ => u.arbitrary()?,
    })
}

/// Takes the same bytes either way, so that what follows does not change.
pub fn limit(u: &mut Unstructured<'_>, unlimited: bool) -> Result<u64> {
    let max = if u.ratio(1, 4)? { DEFAULT_MAX_PAYLOAD_LEN } else { length(u)? };
    Ok(if unlimited { u64::MAX } else { max })
}

/// Bytes of a small alphabet, as delimiters and marks of random bytes would never be met.
pub fn mark(u: &mut Unstructured<'_>, most: usize) -> Result<Vec<u8>> {
    const ALPHABET: [u8; 8] = *b"ab\r\n,:\0a";
    let len = u.int_in_range(0..=most)?;
    (0..len).map(|_| u.choose(&ALPHABET).copied()).collect()
}

fn adjustment(u: &mut Unstructured<'_>) -> Result<i64> {
    Ok(match u.arbitrary::<u8>()? {
        0..100 => 0,
        small @ 100..240 => i64::from(small) - 170,
        240..245 => i64::MIN + i64::from(u.arbitrary::<u8>()?),
        245..250 => i64::MAX - i64::from(u.arbitrary::<u8>()?),
        _ => u.arbitrary()?,
    })
}

impl Num {
    fn read(u: &mut Unstructured<'_>) -> Result<Self> {
        Ok(match u.int_in_range(0..=9)? {
            0..=2 => Self::Binary(Whole::read(u)?),
            3 => {
                let whole = Whole::read(u)?;
                let (low, bits) = (u.int_in_range(0..=63)?, u.int_in_range(1..=64)?);
                let most = u64::MAX.checked_shr(64 - 8 * u32::try_from(whole.width).unwrap_or(8)).unwrap_or(0);
                Self::Bits { whole, mask: u64::MAX.checked_shr(64 - bits).unwrap_or(0) << low & most }
            }
            4..=6 => {
                let radix = if u.arbitrary()? { 16 } else { 10 };
                let form = u.int_in_range(0..=3)?;
                let (width, mark) = match form {
                    0 => (0, Some(mark(u, 3)?)),
                    form => {
                        let width = u.int_in_range(1..=if radix == 16 { 16 } else { 20 })?;
                        (width, if form == 1 { Some(mark(u, 3)?) } else { None })
                    }
                };
                let max = if u.ratio(1, 3)? { length(u)? } else { u64::MAX };
                match (form, mark) {
                    (0, Some(mark)) => Self::Ended { radix, mark, max },
                    (_, mark) => Self::Fixed { radix, width, mark, max },
                }
            }
            7 => Self::Bcd(u.int_in_range(1..=8)?),
            8 => {
                let mask = *u.choose(&[0x7f, 0xff, 0xf0, 0x02, 0x1f, 0x80])?;
                let steps = (0..u.int_in_range(0..=3)?).map(|_| {
                    let (value, whole) = (u.arbitrary()?, Whole::read(u)?);
                    Ok((value, whole, if u.arbitrary()? { length(u)? } else { 0 }))
                });
                let steps = steps.collect::<Result<_>>()?;
                let max = if u.ratio(1, 3)? { Some(length(u)?) } else { None };
                Self::Escaped { mask, steps, max, longer: u.arbitrary()? }
            }
            _ => {
                let kind = u.int_in_range(0..=4)?;
                let longer = u.arbitrary()?;
                match kind {
                    0 => Self::Leb { max: u64::MAX, max_len: 10, longer },
                    1 => Self::Leb { max: u32::MAX.into(), max_len: 5, longer },
                    2 => Self::Leb { max: (1 << 28) - 1, max_len: 4, longer },
                    3 => Self::Quic { longer },
                    _ => Self::Ber { longer },
                }
            }
        })
    }

    /// The framing of this description around this number.
    fn build(&self, config: &Config) -> std::result::Result<Box<dyn Framing>, ConfigError> {
        let varint = |number: Varint, longer| if longer { number.allowing_longer_forms() } else { number };
        match *self {
            Self::Binary(whole) => config.with(whole.build()?),
            Self::Bits { whole, mask } => config.with(Bits::new(whole.build()?, mask)?),
            Self::Fixed { radix, width, ref mark, max } => {
                let digits = if radix == 16 { Ascii::hex(width)? } else { Ascii::decimal(width)? };
                let digits = mark.as_ref().map_or(Ok(digits), |mark| digits.followed_by(mark))?;
                config.with(if max == u64::MAX { digits } else { digits.with_max(max) })
            }
            Self::Ended { radix, ref mark, max } => {
                let digits = if radix == 16 { Ascii::hex_ended_by(mark)? } else { Ascii::decimal_ended_by(mark)? };
                config.with(if max == u64::MAX { digits } else { digits.with_max(max) })
            }
            Self::Bcd(width) => config.with(Bcd::new(width)?),
            Self::Escaped { mask, ref steps, max, longer } => {
                let mut number = Escaped::new(mask)?;
                for &(value, whole, base) in steps {
                    number = number.with_step_from(value, whole.build()?, base)?;
                }
                number = max.map_or(number, |max| number.with_max(max));
                config.with(if longer { number.allowing_longer_forms() } else { number })
            }
            Self::Leb { max_len: 4, longer, .. } => config.with(varint(Varint::mqtt(), longer)),
            Self::Leb { max_len: 5, longer, .. } => config.with(varint(Varint::leb128_u32(), longer)),
            Self::Leb { longer, .. } => config.with(varint(Varint::leb128(), longer)),
            Self::Quic { longer } => config.with(varint(Varint::quic(), longer)),
            Self::Ber { longer } => config.with(varint(Varint::ber(), longer)),
        }
    }
}

impl Config {
    /// Reads a description from bytes. A table holds others to this depth. With `unlimited` every limit is as high as it
    /// goes, and all else is the same.
    pub fn read(u: &mut Unstructured<'_>, unlimited: bool, depth: u8) -> Result<Self> {
        Ok(match u.int_in_range(0..=if depth == 0 { 8 } else { 9 })? {
            0 => Self::Fixed(length(u)?),
            1..=3 => Self::Prefix {
                num: Num::read(u)?,
                max: limit(u, unlimited)?,
                adjustment: adjustment(u)?,
                controls: if u.ratio(1, 4)? { length(u)? } else { 0 },
                own: u.ratio(1, 3)?,
                trailer: if u.ratio(1, 3)? { mark(u, 4)? } else { Vec::new() },
            },
            4..=5 => Self::field(u, unlimited)?,
            6..=7 => Self::delimited(u, unlimited)?,
            8 => Self::UntilClose { max: limit(u, unlimited)? },
            _ => {
                let entries = (0..u.int_in_range(1..=4)?).map(|_| {
                    let kind = *u.choose(b"PQR\0\xff0a")?;
                    let is_len = u.ratio(1, 3)?;
                    let inner = if is_len { Ok(length(u)?) } else { Err(Self::read(u, unlimited, depth - 1)?) };
                    Ok((kind, inner))
                });
                Self::ByType(entries.collect::<Result<_>>()?)
            }
        })
    }

    fn field(u: &mut Unstructured<'_>, unlimited: bool) -> Result<Self> {
        let num = Num::read(u)?;
        let (offset, max) = (u.int_in_range(0..=9)?, limit(u, unlimited)?);
        let after = if u.arbitrary()? { u.int_in_range(0..=9)? } else { 0 };
        let adjustment = if u.arbitrary()? { adjustment(u)? } else { 0 };
        let unit = if u.ratio(1, 4)? { length(u)?.try_into().unwrap_or(u32::MAX) } else { 1 };
        let second = if u.ratio(1, 4)? {
            let whole = Whole::read(u)?;
            Some((u.int_in_range(0..=18)?, whole, u.int_in_range(1..=4)?, u.int_in_range(1..=8)?))
        } else {
            None
        };
        let required = (0..u.int_in_range(0..=2)?).map(|_| Ok((u.int_in_range(0..=18)?, mark(u, 3)?)));
        let required = required.collect::<Result<_>>()?;
        let optional = if u.ratio(1, 4)? {
            let mask = *u.choose(&[0x80, 0x0f, 0x01])?;
            Some((u.int_in_range(0..=9)?, mask, u.int_in_range(1..=4)?))
        } else {
            None
        };
        let follow = match u.int_in_range(0..=4)? {
            0 => Follow::Literal(mark(u, 4)?),
            1 => Follow::Multiple(u.int_in_range(0..=17)?),
            2 => Follow::PadLen(u.int_in_range(0..=18)?),
            _ => Follow::Nothing,
        };
        Ok(Self::Field { offset, num, after, unit, adjustment, second, required, optional, follow, max })
    }

    fn delimited(u: &mut Unstructured<'_>, unlimited: bool) -> Result<Self> {
        let (search, set, writes) = match u.int_in_range(0..=4)? {
            0 => {
                let (crlf, max) = (u.arbitrary()?, limit(u, unlimited)?);
                return Ok(Self::Lines { crlf, max, keeps: u.ratio(1, 4)?, takes: u.arbitrary()? });
            }
            1 => (Search::Byte, vec![vec![*u.choose(b"a\n\0")?]], 0),
            // Long enough for the search that prepares itself.
            2 => (Search::One, vec![mark(u, 40)?], 0),
            _ => {
                let set: Vec<_> = (0..u.int_in_range(1..=5)?).map(|_| mark(u, 5)).collect::<Result<_>>()?;
                let writes = if u.arbitrary()? { u.int_in_range(0..=4)? } else { 0 };
                // By turns one by one and with an index.
                (if set.len() % 2 == 0 { Search::Table } else { Search::Set }, set, writes)
            }
        };
        let max = limit(u, unlimited)?;
        Ok(Self::Delimited { search, set, writes, max, keeps: u.ratio(1, 4)?, takes: u.arbitrary()? })
    }

    /// # Errors
    ///
    /// The constructor's, for the many descriptions that fit no framing.
    pub fn build(&self) -> std::result::Result<Box<dyn Framing>, ConfigError> {
        Ok(match self.clone() {
            Self::Fixed(len) => Box::new(Fixed::new(len)?),
            Self::UntilClose { max } => Box::new(UntilClose::new().with_max_payload_len(max)),
            Self::Prefix { num, .. } | Self::Field { num, .. } => num.build(self)?,
            Self::Delimited { search: Search::Byte, set, .. } => self.ended(Delimited::byte(set[0][0])),
            Self::Delimited { search: Search::One, set, .. } => self.ended(Delimited::new(set[0].clone())?),
            Self::Delimited { search: Search::Set, set, writes, .. } => {
                self.ended(Delimited::any_of(set)?.writing(writes)?)
            }
            Self::Delimited { search: Search::Table, set, writes, .. } => {
                self.ended(Delimited::any_of(DelimiterTable::new(set)?)?.writing(writes)?)
            }
            Self::Lines { crlf: true, .. } => self.ended(Delimited::line().with_crlf()),
            Self::Lines { .. } => self.ended(Delimited::line()),
            Self::ByType(table) => {
                let table = table.into_iter().map(|(kind, inner)| {
                    Ok(match inner {
                        Ok(len) => (kind, Body::Len(len)),
                        Err(config) => (kind, Body::Framed(config.build()?)),
                    })
                });
                Box::new(ByType::new(table.collect::<std::result::Result<Vec<_>, ConfigError>>()?)?)
            }
        })
    }

    fn ended<S: Delimiters + 'static>(&self, framing: Delimited<S>) -> Box<dyn Framing> {
        let (Self::Delimited { keeps, takes, max, .. } | Self::Lines { keeps, takes, max, .. }) = *self else {
            unreachable!("{self:?} has no delimiter");
        };
        let framing = framing.with_max_payload_len(max);
        let framing = if keeps { framing.keeping_delimiter() } else { framing };
        Box::new(framing.with_unterminated(if takes { Unterminated::Take } else { Unterminated::Fail }))
    }

    fn with<N: Number + 'static>(&self, number: N) -> std::result::Result<Box<dyn Framing>, ConfigError> {
        match self.clone() {
            Self::Prefix { adjustment, own, controls, trailer, max, .. } => {
                let prefix = Prefix::new(number)
                    .with_length_adjustment(adjustment)
                    .with_control_frames_below(controls)
                    .with_max_payload_len(max);
                let prefix = if own { prefix.self_inclusive() } else { prefix };
                Ok(Box::new(if trailer.is_empty() { prefix } else { prefix.with_trailer(&trailer)? }))
            }
            Self::Field { offset, after, unit, adjustment, second, required, optional, follow, max, .. } => {
                let mut field = LengthField::new(offset, number)?
                    .with_header_after(after)?
                    .with_length_adjustment(adjustment)
                    .with_max_payload_len(max)
                    .with_unit(unit)?;
                if let Some((at, whole, unit, multiple)) = second {
                    field = field.with_second_length_at(at, whole.build()?)?;
                    field = field.with_second_unit(unit)?.with_second_padding_to(multiple)?;
                }
                for (at, bytes) in required {
                    field = field.with_magic_at(at, &bytes)?;
                }
                if let Some((at, mask, len)) = optional {
                    field = field.with_optional_header(at, mask, len)?;
                }
                Ok(Box::new(match follow {
                    Follow::Nothing => field,
                    Follow::Literal(mark) => field.with_trailer(&mark)?,
                    Follow::Multiple(multiple) => field.with_padding_to(multiple)?,
                    Follow::PadLen(at) => field.with_pad_len_at(at)?,
                }))
            }
            other => unreachable!("{other:?} has no number"),
        }
    }
}
