//! Shared by the laws.

use std::boxed::Box;
use std::format;
use std::string::String;
use std::vec::Vec;

use crate::contract::Envelope;
use crate::testing::drivers::DriverKind;
use crate::testing::outcome::{Driver, show};
use crate::testing::{Law, Violation};
use crate::{DecodeErrorKind, EncodeError, Framing, Recovery};

pub(super) const POLICIES: [Recovery; 5] =
    [Recovery::Fail, Recovery::SkipOversize, Recovery::SkipFrame, Recovery::Resync, Recovery::ResyncConfirmed];

/// Those that never look for a frame inside a rejected one.
pub(super) const IN_ORDER: [Recovery; 3] = [Recovery::Fail, Recovery::SkipOversize, Recovery::SkipFrame];

/// Creates a decoder of this kind, with room for all of the stream.
pub(super) fn open<'f>(
    kind: DriverKind,
    framing: &'f dyn Framing,
    recovery: Recovery,
    stream: &[u8],
) -> Box<dyn Driver + 'f> {
    kind.open(framing, recovery, stream.len().saturating_add(1))
}

/// Both are equal, or the law is broken.
pub(super) fn equal<T: PartialEq + std::fmt::Debug>(
    law: Law,
    expected: T,
    found: T,
    case: &str,
) -> Result<(), Violation> {
    if expected == found {
        return Ok(());
    }
    Err(Violation::new(law, format!("{expected:?}"), format!("{found:?}")).with_case(case))
}

pub(super) fn must(holds: bool, law: Law, expected: &str, found: impl FnOnce() -> String) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(Violation::new(law, expected, found())) }
}

pub(super) fn in_stream(violation: Violation, stream: &[u8]) -> Violation {
    violation.with_case(&format!("in the stream {}", show(stream)))
}

/// The bytes appended for a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::testing) struct Appended {
    pub(in crate::testing) len: usize,
    pub(in crate::testing) is_last: bool,
    /// The word that it leaves for the next message.
    pub(in crate::testing) next: u32,
}

/// Appends the frame of `message`, after one that left `previous`. Uses `envelope` and `seal` alone.
pub(in crate::testing) fn append(
    framing: &dyn Framing,
    previous: u32,
    message: &[u8],
    out: &mut Vec<u8>,
) -> Result<Appended, EncodeError> {
    /// Longer frames are not sealed: a wrong length would take all memory.
    const MOST: u64 = 1 << 26;
    let (envelope, next) = framing.envelope_after(previous, message)?;
    let start = out.len();
    match &envelope {
        Envelope::Around(around) => around.slices(message).iter().for_each(|part| out.extend_from_slice(part)),
        Envelope::Rewritten { len } => {
            let no_room = EncodeError::NoRoom { need: *len, have: MOST };
            let len = usize::try_from(*len).ok().filter(|_| *len <= MOST).ok_or(no_room)?;
            out.resize(start + len, 0);
            framing.seal_after(previous, message, &mut out[start..]);
        }
    }
    Ok(Appended { len: out.len() - start, is_last: envelope.is_last(), next })
}

/// Returns the frames of the messages that the framing takes, one after the other.
pub(in crate::testing) fn encode_all<'m, M: AsRef<[u8]>>(
    framing: &dyn Framing,
    messages: &'m [M],
) -> (Vec<u8>, Vec<(u64, &'m [u8])>) {
    let (mut wire, mut sent, mut previous) = (Vec::new(), Vec::new(), 0);
    for message in messages.iter().map(AsRef::as_ref) {
        let offset = wire.len() as u64;
        let Ok(appended) = append(framing, previous, message, &mut wire) else { continue };
        sent.push((offset, message));
        previous = appended.next;
        if appended.is_last {
            break;
        }
    }
    (wire, sent)
}

/// Returns a message that `framing` takes, made from `message` by doing what each refusal asks for; `None` if that does
/// not help.
pub fn fitting(framing: &dyn Framing, message: &[u8]) -> Option<Vec<u8>> {
    let mut message = message.to_vec();
    // Each refusal corrects one thing, and the next may be about another.
    for _ in 0..24 {
        if let Ok(Some(patch)) = framing.patch(&message) {
            let end = patch.at.checked_add(patch.len)?;
            if end <= message.len() {
                message.splice(patch.at..end, patch.bytes.iter().copied());
            }
        }
        let refusal = match framing.envelope(&message) {
            Ok(_) => return Some(message),
            Err(refusal) => refusal,
        };
        match refusal {
            EncodeError::Oversize { len, max } => {
                let over = usize::try_from(len.saturating_sub(max)).ok()?;
                message.truncate(message.len().saturating_sub(over.max(1)));
            }
            EncodeError::TooShort { len, min } => {
                let lacking = usize::try_from(min.saturating_sub(len)).ok().filter(|lacking| *lacking < 4096)?;
                message.resize(message.len() + lacking.max(1), 0);
            }
            EncodeError::WrongLength { expected, .. } => {
                message.resize(usize::try_from(expected).ok().filter(|len| *len < 4096)?, 0);
            }
            EncodeError::NotAMultiple { .. } => message.push(0),
            EncodeError::ContainsDelimiter { at } => message.truncate(at),
            EncodeError::Mismatch { at, expected, .. } => *message.get_mut(at)? = expected,
            EncodeError::UnknownType { .. } | EncodeError::Empty => {
                let rest = message.get(1..).unwrap_or_default().to_vec();
                let known = |first: &u8| {
                    let message = [&[*first], &rest[..]].concat();
                    !matches!(framing.envelope(&message), Err(EncodeError::UnknownType { .. }))
                };
                // If several types are known, the old first byte chooses one.
                let types: Vec<u8> = (0..=u8::MAX).filter(known).collect();
                let chosen = types.get(usize::from(message.first().copied().unwrap_or(0)) % types.len().max(1))?;
                message = [&[*chosen], &rest[..]].concat();
            }
            EncodeError::Header(fault) | EncodeError::Malformed(fault) => match fault.kind {
                DecodeErrorKind::Mismatch { expected, .. } => *message.get_mut(fault.at)? = expected,
                _ => *message.get_mut(fault.at)? = b'0',
            },
            EncodeError::DoesNotFit { .. } => message.truncate(message.len() / 2),
            _ => return None,
        }
    }
    None
}
