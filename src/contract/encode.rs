//! Outputs that a frame's message can be written to before its header.

use alloc::vec::Vec;

use bytes::{BufMut, BytesMut};

use crate::contract::Framing;
use crate::error::EncodeError;
use crate::short::ShortBytes;

/// A growing buffer of bytes in one piece, for [`Framing::encode_with`]: `Vec<u8>` or `BytesMut`.
///
/// Sealed, so that methods can be added.
pub trait Output: BufMut + AsMut<[u8]> + AsRef<[u8]> + sealed::Sealed {}

impl Output for Vec<u8> {}
impl Output for BytesMut {}

mod sealed {
    pub trait Sealed {
        fn truncate_to(&mut self, len: usize);
    }

    impl Sealed for alloc::vec::Vec<u8> {
        fn truncate_to(&mut self, len: usize) {
            self.truncate(len);
        }
    }

    impl Sealed for bytes::BytesMut {
        fn truncate_to(&mut self, len: usize) {
            self.truncate(len);
        }
    }
}

/// See [`Framing::try_encode_with`]. Also gives whether the frame is the last.
pub(crate) fn encode_with<F, O, E>(
    framing: &F,
    out: &mut O,
    write: impl FnOnce(&mut O) -> Result<(), E>,
) -> Result<(usize, bool), E>
where
    F: Framing,
    O: Output,
    E: From<EncodeError>,
{
    let start = out.as_ref().len();
    let room = framing.header_room().min(ShortBytes::CAPACITY);
    out.put_bytes(0, room);
    let result = write(out).and_then(|()| finish(framing, out, start, room).map_err(E::from));
    if result.is_err() {
        out.truncate_to(start);
    }
    result
}

/// Makes a frame of the message at `start + room`.
fn finish<F: Framing, O: Output>(
    framing: &F,
    out: &mut O,
    start: usize,
    room: usize,
) -> Result<(usize, bool), EncodeError> {
    let begin = start.saturating_add(room);
    if out.as_ref().len() < begin {
        return Err(EncodeError::Custom("the writer removed bytes that were not its own"));
    }
    let envelope = match framing.envelope(message(out, begin)) {
        // What is right stays as it was written.
        Ok(envelope) => envelope,
        Err(refusal) => {
            let patch = framing.patch(message(out, begin))?.ok_or(refusal)?;
            splice(out, begin.saturating_add(patch.at), patch.len, &patch.bytes);
            framing.envelope(message(out, begin))?
        }
    };
    let last = envelope.is_last();
    // The header takes the place of the room and of the message's message_header, which it has too.
    splice(out, start, room.saturating_add(envelope.skip()), envelope.header());
    out.put_slice(envelope.trailer());
    Ok((out.as_ref().len().saturating_sub(start), last))
}

fn message<O: Output>(out: &O, begin: usize) -> &[u8] {
    out.as_ref().get(begin..).unwrap_or_default()
}

/// Puts `bytes` in the place of `len` bytes at index `at`. What is after them moves only where the lengths differ.
fn splice<O: Output>(out: &mut O, at: usize, len: usize, bytes: &[u8]) {
    let old = out.as_ref().len();
    let after = at.saturating_add(len).min(old);
    let (moved, new) = (at.saturating_add(bytes.len()), (old - after).saturating_add(at).saturating_add(bytes.len()));
    if new > old {
        out.put_bytes(0, new - old);
    }
    if moved != after {
        out.as_mut().copy_within(after..old, moved);
    }
    if new < old {
        out.truncate_to(new);
    }
    if let Some(place) = out.as_mut().get_mut(at..moved) {
        place.copy_from_slice(bytes);
    }
}
