//! Checksums and rules for headers around framings, against naive twins, and under the laws.

#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use anysplit::number::Binary;
use anysplit::order::Order;
use anysplit::sum::SumForm;
use anysplit::sum::{AnySum, Crc, Plain, Sum};
use anysplit::testing::{self, Case};
use anysplit::{Checked, ConfigError, Decoder, Delimited, Edge, Enclosed, Framing, LengthField, Prefix};
use proptest::prelude::*;
use proptest::sample::select;

/// A framing with a checksum, described in parts that its naive twin can read.
#[derive(Clone, Copy, Debug)]
struct Config {
    inner: Inner,
    sum: AnySum,
    form: SumForm,
    from: Edge,
    to: Edge,
    literals: (&'static [u8], &'static [u8]),
}

#[derive(Clone, Copy, Debug)]
enum Inner {
    /// A length of one byte.
    Prefix,
    /// From `$` to `*`.
    Enclosed,
    /// A header of two bytes, the second one the length, and the trailer `!`. It has a check of its own.
    Field,
}

const MAX: usize = 20;

impl Config {
    fn build(&self) -> Result<Box<dyn Framing>, ConfigError> {
        let max = MAX as u64;
        let inner: Box<dyn Framing> = match self.inner {
            Inner::Prefix => Box::new(Prefix::u8().with_max_payload_len(max)),
            Inner::Enclosed => Box::new(Enclosed::new(b"$", Delimited::new("*")?.with_max_payload_len(max))?),
            Inner::Field => Box::new(LengthField::new(1, Binary::u8())?.with_trailer(b"!")?.with_max_payload_len(max)),
        };
        let checked = Checked::new(inner, self.sum, self.form)?.covering(self.from, self.to)?;
        Ok(Box::new(checked.between(self.literals.0, self.literals.1)?))
    }

    /// The lengths of header, payload and trailer of the inner frame at the front of these bytes, if it is complete.
    fn inner(&self, bytes: &[u8]) -> Option<(usize, usize, usize)> {
        let lens = match self.inner {
            Inner::Prefix => (1, usize::from(*bytes.first()?), 0),
            Inner::Enclosed => {
                let end = bytes.iter().position(|&byte| byte == b'*')?;
                (bytes[0] == b'$').then_some(())?;
                (1, end - 1, 1)
            }
            Inner::Field => (2, usize::from(*bytes.get(1)?), 1),
        };
        let end = lens.0 + lens.1 + lens.2;
        (lens.1 <= MAX && bytes.len() >= end).then_some(())?;
        (!matches!(self.inner, Inner::Field) || bytes[end - 1] == b'!').then_some(lens)
    }

    /// The payloads of the frames at the start of the stream, up to the first that is incomplete or wrong.
    fn twin(&self, stream: &[u8]) -> Vec<Vec<u8>> {
        let (mut rest, mut payloads) = (stream, Vec::new());
        while let Some((header, payload, trailer)) = self.inner(rest) {
            let end = header + payload + trailer;
            let index = |edge| match edge {
                Edge::Start(offset) => usize::from(offset).min(end),
                Edge::Payload => header,
                Edge::PayloadEnd => header + payload,
                Edge::End => end,
            };
            let covered = rest.get(index(self.from)..index(self.to)).unwrap_or_default();
            let (sum, width) = (self.sum.of(covered), self.sum.width());
            let digits = match self.form {
                SumForm::Binary(Order::Big) => sum.to_be_bytes()[8 - width..].to_vec(),
                SumForm::Binary(Order::Little) => sum.to_le_bytes()[..width].to_vec(),
                SumForm::HexLower => format!("{sum:0len$x}", len = 2 * width).into_bytes(),
                SumForm::HexUpper => format!("{sum:0len$X}", len = 2 * width).into_bytes(),
                _ => format!("{sum:0len$}", len = (u64::MAX >> (64 - 8 * width)).to_string().len()).into_bytes(),
            };
            let expected = [self.literals.0, &digits, self.literals.1].concat();
            let Some(found) = rest.get(end..end + expected.len()) else { break };
            // Digits are read in both cases, the literals here have no letters.
            let is_hex = matches!(self.form, SumForm::HexLower | SumForm::HexUpper);
            if found != expected && !(is_hex && found.eq_ignore_ascii_case(&expected)) {
                break;
            }
            payloads.push(rest[header..header + payload].to_vec());
            rest = &rest[end + expected.len()..];
        }
        payloads
    }
}

fn sums() -> impl Strategy<Value = AnySum> {
    let crcs = ["CRC-8/SMBUS", "CRC-16/MODBUS", "CRC-16/XMODEM", "CRC-24/LTE-A", "CRC-32/ISO-HDLC", "CRC-12/UMTS"];
    prop_oneof![
        select(crcs.to_vec()).prop_map(|name| AnySum::named(name).unwrap()),
        select(Plain::ALL.to_vec()).prop_map(|(_, sum)| sum.into()),
        Just(Crc::named("CRC-64/XZ").unwrap().into()),
    ]
}

fn configs() -> impl Strategy<Value = Config> {
    let forms = [
        SumForm::Binary(Order::Big),
        SumForm::Binary(Order::Little),
        SumForm::HexLower,
        SumForm::HexUpper,
        SumForm::Decimal,
    ];
    let edges =
        || prop_oneof![(0_u16..5).prop_map(Edge::Start), Just(Edge::Payload), Just(Edge::PayloadEnd), Just(Edge::End)];
    let inner = select(vec![Inner::Prefix, Inner::Enclosed, Inner::Field]);
    let literals = select(vec![(&b""[..], &b""[..]), (b"*", b"\r\n"), (b"", b"\n"), (b"10=", b"")]);
    (inner, sums(), select(forms.to_vec()), edges(), edges(), literals)
        .prop_map(|(inner, sum, form, from, to, literals)| Config { inner, sum, form, from, to, literals })
        .prop_filter("a framing that can be built", |config| config.build().is_ok())
}

/// The payloads of the frames up to the first error or the end.
fn decoded(framing: &dyn Framing, stream: &[u8]) -> Vec<Vec<u8>> {
    let mut decoder = Decoder::new(framing);
    let mut payloads = Vec::new();
    decoder.push(stream).unwrap();
    while let Ok(Some(frame)) = decoder.next_frame() {
        payloads.push(frame.payload().to_vec());
    }
    payloads
}

fn lawful(framing: &dyn Framing, case: &Case, what: &dyn std::fmt::Debug) -> Result<(), TestCaseError> {
    testing::check_case(framing, case).map_err(|violation| TestCaseError::fail(format!("{violation}, by {what:?}")))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(300),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn checked_framings_agree_with_their_twin_and_keep_the_laws(config in configs(), case in testing::cases()) {
        let framing = config.build().unwrap();
        let stream = case.stream(&*framing);
        prop_assert_eq!(decoded(&*framing, &stream), config.twin(&stream), "{:?} of {:?}", config, stream);
        lawful(&*framing, &case, &config)?;
    }

    #[test]
    fn sums_in_headers_keep_the_laws(
        sum in sums(), at in 2_u16..5, from in 0_u16..4, header_only in any::<bool>(), case in testing::cases(),
    ) {
        let header = at + u16::try_from(sum.width()).unwrap();
        let field = LengthField::new(1, Binary::u8()).unwrap().with_header_len(header).unwrap().with_max_payload_len(20);
        let to = if header_only { Edge::Start(header) } else { Edge::End };
        let checked = Checked::new(field, sum, SumForm::Binary(Order::Big)).unwrap();
        let checked = checked.covering(Edge::Start(from), to).unwrap().in_header_at(at).unwrap();
        // Messages as an application makes them.
        let (mut wire, mut sent) = (Vec::new(), Vec::new());
        for mut message in case.messages(&field) {
            if checked.fill(&mut message).is_ok() && checked.encode(&message, &mut wire).is_ok() {
                sent.push(message[header.into()..].to_vec());
            }
        }
        prop_assert_eq!(decoded(&checked, &wire), sent);
        testing::any_split(&checked, &wire, &case.cuts(wire.len())).unwrap();
        for at in 0..wire.len().min(12) {
            let mut wire = wire.clone();
            wire[at] ^= 0x10;
            testing::any_split(&checked, &wire, &case.cuts(wire.len())).unwrap();
        }
        lawful(&checked, &case, &(sum, at, from, header_only))?;
    }
}
