//! Framings of any configuration.

use anysplit::number::{Ascii, Binary, Bits, Number, Varint};
use anysplit::order::Order;
use anysplit::{Body, ByType, ConfigError, Delimited, Fixed, Framing, LengthField, Prefix, Unterminated, UntilClose};
use proptest::collection::vec as several;
use proptest::option;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};

/// A number representation.
#[derive(Clone, Debug)]
pub(crate) enum Num {
    Binary { width: usize, big: bool },
    Bits { width: usize, big: bool, mask: u64 },
    Fixed { radix: u64, width: usize, mark: Option<Vec<u8>>, max: u64 },
    Ended { radix: u64, mark: Vec<u8>, max: u64 },
    Leb { max: u64, max_len: usize, longer: bool },
    Quic { longer: bool },
    Ber { longer: bool },
}

/// The bytes after the payload of a packet with a length field.
#[derive(Clone, Debug)]
pub(crate) enum Follow {
    Nothing,
    Literal(Vec<u8>),
    Multiple(u16),
    PadLen(u16),
}

/// A framing.
#[derive(Clone, Debug)]
pub(crate) enum Config {
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
        /// Offset, width, unit and padding.
        second: Option<(u16, usize, u8, u8)>,
        required: Vec<(u16, Vec<u8>)>,
        follow: Follow,
        max: u64,
    },
    Delimited {
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
    ByType(Vec<(u8, Result<u64, Config>)>),
}

fn order(big: bool) -> Order {
    if big { Order::Big } else { Order::Little }
}

impl Num {
    /// Leaked, because tests are short.
    pub(crate) fn build(&self) -> Result<&'static dyn Number, ConfigError> {
        Ok(match self.clone() {
            Self::Binary { width, big } => Box::leak(Box::new(Binary::new(width, order(big))?)),
            Self::Bits { width, big, mask } => Box::leak(Box::new(Bits::new(Binary::new(width, order(big))?, mask)?)),
            Self::Fixed { radix, width, mark, max } => {
                let digits = if radix == 16 { Ascii::hex(width)? } else { Ascii::decimal(width)? };
                let digits = match mark {
                    Some(mark) => digits.followed_by(&mark)?,
                    None => digits,
                };
                Box::leak(Box::new(digits.with_max(max)))
            }
            Self::Ended { radix: 16, mark, max } => Box::leak(Box::new(Ascii::hex_ended_by(&mark)?.with_max(max))),
            Self::Ended { mark, max, .. } => Box::leak(Box::new(Ascii::decimal_ended_by(&mark)?.with_max(max))),
            Self::Leb { max_len, longer, .. } => {
                let number = match max_len {
                    4 => Varint::mqtt(),
                    5 => Varint::leb128_u32(),
                    _ => Varint::leb128(),
                };
                Box::leak(Box::new(if longer { number.allowing_longer_forms() } else { number }))
            }
            Self::Quic { longer } => {
                Box::leak(Box::new(if longer { Varint::quic().allowing_longer_forms() } else { Varint::quic() }))
            }
            Self::Ber { longer } => {
                Box::leak(Box::new(if longer { Varint::ber().allowing_longer_forms() } else { Varint::ber() }))
            }
        })
    }

    pub(crate) fn fixed_len(&self) -> Option<usize> {
        match self {
            Self::Binary { width, .. } | Self::Bits { width, .. } => Some(*width),
            Self::Fixed { width, mark, .. } => Some(width + mark.as_ref().map_or(0, Vec::len)),
            _ => None,
        }
    }
}

impl Config {
    pub(crate) fn build(&self) -> Result<Box<dyn Framing>, ConfigError> {
        Ok(match self.clone() {
            Self::Fixed(len) => Box::new(Fixed::new(len)?),
            Self::UntilClose { max } => Box::new(UntilClose::new().with_max_payload_len(max)),
            Self::Prefix { num, adjustment, own, controls, trailer, max } => {
                let mut prefix = Prefix::new(num.build()?)
                    .with_length_adjustment(adjustment)
                    .with_control_frames_below(controls)
                    .with_max_payload_len(max);
                if own {
                    prefix = prefix.self_inclusive();
                }
                if !trailer.is_empty() {
                    prefix = prefix.with_trailer(&trailer)?;
                }
                Box::new(prefix)
            }
            Self::Field { offset, num, after, unit, adjustment, second, required, follow, max } => {
                let mut field = LengthField::new(offset, num.build()?)?
                    .with_header_after(after)?
                    .with_length_adjustment(adjustment)
                    .with_max_payload_len(max)
                    .with_unit(unit)?;
                if let Some((at, width, unit, multiple)) = second {
                    field = field.with_second_length_at(at, Binary::new(width, Order::Big)?)?;
                    field = field.with_second_unit(unit)?.with_second_padding_to(multiple)?;
                }
                for (at, bytes) in required {
                    field = field.with_magic_at(at, &bytes)?;
                }
                Box::new(match follow {
                    Follow::Nothing => field,
                    Follow::Literal(mark) => field.with_trailer(&mark)?,
                    Follow::Multiple(multiple) => field.with_padding_to(multiple)?,
                    Follow::PadLen(at) => field.with_pad_len_at(at)?,
                })
            }
            Self::Delimited { set, writes, keeps, takes, max } => {
                let framing = Delimited::any_of(set)?.writing(writes)?.with_max_payload_len(max);
                let framing = if keeps { framing.keeping_delimiter() } else { framing };
                Box::new(if takes { framing.with_unterminated(Unterminated::Take) } else { framing })
            }
            Self::Lines { crlf, keeps, takes, max } => {
                let framing = Delimited::line().with_max_payload_len(max);
                let framing = if crlf { framing.with_crlf() } else { framing };
                let framing = if keeps { framing.keeping_delimiter() } else { framing };
                Box::new(if takes { framing } else { framing.with_unterminated(Unterminated::Fail) })
            }
            Self::ByType(table) => {
                let table = table.into_iter().map(|(kind, rest)| {
                    Ok(match rest {
                        Ok(len) => (kind, Body::Len(len)),
                        Err(config) => (kind, Body::Framed(config.build()?)),
                    })
                });
                Box::new(ByType::new(table.collect::<Result<Vec<_>, ConfigError>>()?)?)
            }
        })
    }
}

/// About the greatest length of a frame in one piece: longer ones pass only in pieces.
const MOST: u64 = usize::MAX as u64 / 4;

/// Usually small, for limits that matter; sometimes large or none.
fn limits() -> BoxedStrategy<u64> {
    prop_oneof![6 => 0_u64..20, 2 => 20_u64..300, 1 => Just(8 << 20), 1 => Just(MOST)].boxed()
}

fn marks() -> BoxedStrategy<Vec<u8>> {
    several(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b':'), Just(b','), Just(b' ')], 1..4).boxed()
}

pub(crate) fn nums() -> BoxedStrategy<Num> {
    let maxima = || prop_oneof![Just(u64::MAX), 5_u64..300];
    let run = (0_u32..16, 1_u32..10).prop_map(|(shift, len)| ((1 << len) - 1) << shift);
    prop_oneof![
        4 => (1_usize..=8, any::<bool>()).prop_map(|(width, big)| Num::Binary { width, big }),
        2 => (1_usize..=4, any::<bool>(), run).prop_map(|(width, big, mask)| Num::Bits { width, big, mask }),
        3 => (prop_oneof![Just(10_u64), Just(16)], 1_usize..=16, option::of(marks()), maxima())
            .prop_map(|(radix, width, mark, max)| Num::Fixed { radix, width, mark, max }),
        4 => (prop_oneof![Just(10_u64), Just(16)], marks(), maxima())
            .prop_map(|(radix, mark, max)| Num::Ended { radix, mark, max }),
        2 => (prop_oneof![Just((4_usize, (1_u64 << 28) - 1)), Just((5, u32::MAX.into())), Just((10, u64::MAX))], any::<bool>())
            .prop_map(|((max_len, max), longer)| Num::Leb { max, max_len, longer }),
        1 => any::<bool>().prop_map(|longer| Num::Quic { longer }),
        1 => any::<bool>().prop_map(|longer| Num::Ber { longer }),
    ]
    .boxed()
}

fn adjustments() -> BoxedStrategy<i64> {
    prop_oneof![4 => Just(0), 4 => -8_i64..=8, 1 => -(1_i64 << 40)..1 << 40].boxed()
}

fn prefixes() -> BoxedStrategy<Config> {
    let controls = prop_oneof![3 => Just(0), 2 => 0_u64..6];
    let trailers = prop_oneof![2 => Just(Vec::new()), 1 => marks()];
    (nums(), adjustments(), any::<bool>(), controls, trailers, limits())
        .prop_map(|(num, adjustment, own, controls, trailer, max)| Config::Prefix {
            num,
            adjustment,
            own,
            controls,
            trailer,
            max,
        })
        .boxed()
}

fn fields() -> BoxedStrategy<Config> {
    let follow = prop_oneof![
        3 => Just(Follow::Nothing),
        1 => marks().prop_map(Follow::Literal),
        1 => (1_u16..9).prop_map(Follow::Multiple),
        1 => (0_u16..6).prop_map(Follow::PadLen),
    ];
    let units = prop_oneof![3 => Just(1), 1 => 1_u32..9, 1 => Just(u32::MAX)];
    let required = several((0_u16..8, several(b'a'..=b'b', 1..3)), 0..=2);
    let seconds = option::weighted(0.3, (0_u16..6, 1_usize..3, 1_u8..4, 1_u8..6));
    (0_u16..5, nums(), 0_u16..4, units, adjustments(), seconds, required, follow, limits())
        .prop_map(|(offset, num, after, unit, adjustment, second, required, follow, max)| Config::Field {
            offset,
            num,
            after,
            unit,
            adjustment,
            second,
            required,
            follow,
            max,
        })
        .boxed()
}

fn delimited() -> BoxedStrategy<Config> {
    let mark = several(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'a'), Just(b'b')], 1..5);
    let set = prop_oneof![
        3 => several(mark, 1..4),
        1 => several(Just(b'a'), 17..20).prop_map(|long| vec![long]),
    ];
    prop_oneof![
        3 => (set, 0_usize..2, any::<bool>(), any::<bool>(), limits()).prop_map(|(set, writes, keeps, takes, max)| {
            Config::Delimited { writes: writes.min(set.len() - 1), set, keeps, takes, max }
        }),
        1 => (any::<bool>(), any::<bool>(), any::<bool>(), limits())
            .prop_map(|(crlf, keeps, takes, max)| Config::Lines { crlf, keeps, takes, max }),
    ]
    .boxed()
}

/// Any framing that can be built.
pub(crate) fn configs() -> BoxedStrategy<Config> {
    let flat = || {
        prop_oneof![
            1 => (1_u64..12).prop_map(Config::Fixed),
            1 => limits().prop_map(|max| Config::UntilClose { max }),
            4 => prefixes(),
            4 => fields(),
            4 => delimited(),
        ]
    };
    let types = prop_oneof![Just(b'a'), Just(b'b'), Just(b'\r'), Just(0_u8), Just(5)];
    let rests = prop_oneof![1 => (0_u64..6).prop_map(Ok), 2 => flat().prop_map(Err)];
    let by_type = several((types, rests), 1..4).prop_map(|table| {
        let mut table = table;
        table.sort_by_key(|(kind, _)| *kind);
        table.dedup_by_key(|(kind, _)| *kind);
        Config::ByType(table)
    });
    prop_oneof![6 => flat(), 1 => by_type]
        .prop_filter("a framing that can be built", |config| config.build().is_ok())
        .boxed()
}
