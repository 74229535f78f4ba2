//! The mistakes of a first try at a framing with start bytes, a length and a checksum, and what `check_all` says about each.
//! The framing without them is in docs/own_framing.md.

use anysplit::contract::{Envelope, Extent, FrameError, Located, NextStart, Part, Progress, ShortBytes};
use anysplit::sum::{Crc, Sum};
use anysplit::testing::{Law, check_all};
use anysplit::{DecodeErrorKind, EncodeError, Framing};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mistake {
    None,
    /// The start bytes are looked at with the complete header.
    StartIsJudgedLate,
    /// More bytes are announced than the shortest frame has.
    LeastIsTooGreat,
    /// The bytes that are missing are returned, not the frame's length.
    LeastIsWhatIsMissing,
    /// No limit in `locate`.
    NoLimitRead,
    /// No limit in `envelope`.
    NoLimitWritten,
    /// No limit in `max_payload_len`.
    NoLimitNamed,
    /// `lenient` is ignored.
    NotLenient,
    /// `check` is never asked.
    NotChecked,
    /// The sum begins with 0.
    SumBeginsWithZero,
    /// The sum begins anew with each part.
    SumBeginsAnew,
    /// The sum covers itself too.
    SumCoversItself,
    /// The wrong sum is reported at the frame's start.
    SumAtStart,
    /// The sum is written with its bytes swapped.
    SumSwapped,
    /// The length is written with its bytes swapped.
    LengthSwapped,
    /// The sum is counted as part of the payload.
    SumInPayload,
    /// The search goes on at the rejected frame's own first byte.
    SearchStaysInPlace,
    /// The search begins after the bytes that were rejected.
    SearchSkipsAll,
}

use Mistake as M;

struct Sensor {
    crc: Crc,
    mistake: Mistake,
}

const START: [u8; 2] = *b"\xaa\x55";
const MAX: u64 = 256;

impl Framing for Sensor {
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        if self.mistake != M::StartIsJudgedLate || input.len() >= 4 {
            for (at, (&found, expected)) in input.iter().zip(START).enumerate() {
                if found != expected {
                    return Err(FrameError::new(at, DecodeErrorKind::Mismatch { found, expected }));
                }
            }
        }
        let Some(header) = input.first_chunk::<4>() else {
            return Ok(Located::Header(match self.mistake {
                M::LeastIsTooGreat => 7,
                M::LeastIsWhatIsMissing => 4 - input.len() as u64,
                _ => 6,
            }));
        };
        let len = u64::from(u16::from_le_bytes([header[2], header[3]]));
        let lenient = progress.lenient && self.mistake != M::NotLenient;
        if len > MAX && !lenient && self.mistake != M::NoLimitRead {
            return Err(FrameError::new(3, DecodeErrorKind::Oversize { len, max: MAX }));
        }
        let extent = match self.mistake {
            M::SumInPayload => Extent::new(4, len + 2, 0),
            _ => Extent::new(4, len, 2),
        };
        Ok(Located::Known(if self.mistake == M::NotChecked { extent } else { extent.checked() }))
    }

    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        if (part.at == 0 && self.mistake != M::SumBeginsWithZero) || self.mistake == M::SumBeginsAnew {
            *sum = self.crc.start();
        }
        let trailer = part.trailer();
        let own = if self.mistake == M::SumCoversItself { 0 } else { trailer.map_or(0, <[u8]>::len) };
        *sum = self.crc.update(*sum, &part.bytes[..part.bytes.len() - own]);
        if let Some(&[low, high]) = trailer {
            let (found, computed) = (u16::from_le_bytes([low, high]).into(), self.crc.finish(*sum, part.header));
            if found != computed {
                let at = if self.mistake == M::SumAtStart { 0 } else { part.trailer_start() };
                return Err(FrameError::new(at, DecodeErrorKind::Check { found, computed }));
            }
        }
        Ok(())
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        let len = message.len() as u64;
        if len > MAX && self.mistake != M::NoLimitWritten {
            return Err(EncodeError::Oversize { len, max: MAX });
        }
        let mut header = ShortBytes::new(&START)?;
        let [low, high, ..] = len.to_le_bytes();
        header.push(&if self.mistake == M::LengthSwapped { [high, low] } else { [low, high] })?;
        let sum = self.crc.update(self.crc.update(self.crc.start(), &header), message);
        let [low, high, ..] = self.crc.finish(sum, &header).to_le_bytes();
        let sum = if self.mistake == M::SumSwapped { [high, low] } else { [low, high] };
        Ok(Envelope::new(header).with_computed_trailer(ShortBytes::new(&sum)?))
    }

    fn max_payload_len(&self) -> u64 {
        if self.mistake == M::NoLimitNamed { u64::MAX } else { MAX }
    }

    fn next_start(&self, input: &[u8], from: usize) -> NextStart {
        match self.mistake {
            M::SearchStaysInPlace => NextStart::at_word(input, 0, &START),
            M::SearchSkipsAll => NextStart::NotBefore(input.len()),
            _ => NextStart::at_word(input, from, &START),
        }
    }
}

#[track_caller]
fn is_named(mistake: Mistake, law: Law, text: &str) {
    let sensor = Sensor { crc: Crc::named("CRC-16/MODBUS").unwrap(), mistake };
    let violation = check_all(&sensor, 300).unwrap_err();
    assert_eq!(violation.law, law, "{mistake:?}: {violation}");
    assert!(violation.to_string().contains(text), "{mistake:?}: {violation}");
}

#[test]
fn framing_of_the_guide_keeps_all_laws() {
    let sensor = Sensor { crc: Crc::named("CRC-16/MODBUS").unwrap(), mistake: M::None };
    check_all(&sensor, 100).unwrap();
    let mut wire = Vec::new();
    sensor.encode(b"hello", &mut wire).unwrap();
    assert_eq!(wire, b"\xaa\x55\x05\x00hello\xce\x60");
}

#[test]
fn each_mistake_is_named() {
    is_named(
        M::LeastIsTooGreat,
        Law::Contract,
        "a least length no greater than the frame's, found 7 for a frame of 6 bytes",
    );
    is_named(M::LeastIsWhatIsMissing, Law::Contract, "a least length above what is there, found 2 with 2 bytes");
    is_named(M::NoLimitRead, Law::Contract, "a payload of at most max_payload_len, 256");
    is_named(M::NoLimitWritten, Law::EncoderRefuses, "payload of more than 256 bytes");
    is_named(M::NotLenient, Law::Contract, "no limit while `progress.lenient` is set");
    is_named(M::SumBeginsWithZero, Law::RoundTrip, "does not match the computed");
    is_named(M::SumBeginsAnew, Law::Contract, "in parts");
    is_named(M::SumCoversItself, Law::RoundTrip, "does not match the computed 0x0");
    is_named(M::SumSwapped, Law::RoundTrip, "does not match the computed");
    is_named(M::LengthSwapped, Law::RoundTrip, "3 of 256 bytes");
    is_named(M::SumInPayload, Law::RoundTrip, "found");
    is_named(M::SearchStaysInPlace, Law::Contract, "a next start from 1 to");
    is_named(M::SearchSkipsAll, Law::NothingUndamagedIsLost, "which no damage touched");
}

/// No law can know the protocol. These framings are consistent; each is another protocol, or reports less.
#[test]
fn other_choices_keep_all_laws() {
    for mistake in [M::StartIsJudgedLate, M::NoLimitNamed, M::NotChecked, M::SumAtStart] {
        let sensor = Sensor { crc: Crc::named("CRC-16/MODBUS").unwrap(), mistake };
        check_all(&sensor, 50).unwrap();
    }
}
