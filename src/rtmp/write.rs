//! Writes a message as chunks.

use crate::error::EncodeError;
use crate::join::{OutPart, SplitRule};
use crate::rtmp::framing::{CONTROL_LEN, CONTROL_RULE, CONTROL_STREAM, EXTENDED, MAX_CHUNK_SIZE, be24, is_control};
use crate::rtmp::{MessageHeader, SET_CHUNK_SIZE};
use crate::short::ShortBytes;

/// The greatest chunk stream id: 65,535 in two bytes, and 64 that have the short form.
const MAX_CHUNK_STREAM: u32 = 65_599;

/// Writes a message as one chunk of type 0 and chunks of type 3. The size of the parts is the chunk size.
///
/// # Errors
///
/// [`EncodeError::Oversize`] for more than 16,777,215 bytes, [`EncodeError::DoesNotFit`] for a chunk stream above 65,599 and a
/// chunk size above 2,147,483,647,
/// and [`EncodeError::Custom`] for chunk streams 0 and 1, and for messages of types 1 and 2 that a
/// [`Chunks`](crate::rtmp::Chunks) would refuse.
impl SplitRule for MessageHeader {
    fn part<'m>(&mut self, rest: &'m [u8], max: usize, is_first: bool) -> Result<OutPart<'m>, EncodeError> {
        if is_first {
            self.judge(rest)?;
        }
        let extended = self.timestamp >= EXTENDED;
        let kind = if is_first { 0 } else { 0xc0 };
        let mut header = ShortBytes::empty();
        match self.chunk_stream.saturating_sub(64).to_le_bytes() {
            _ if self.chunk_stream < 64 => header.push(&[kind | self.chunk_stream.to_le_bytes()[0]])?,
            [low, 0, ..] => header.push(&[kind, low])?,
            [low, high, ..] => header.push(&[kind | 1, low, high])?,
        }
        if is_first {
            header.push(&be24(self.timestamp.min(EXTENDED)))?;
            // `judge` has compared it with the limit.
            header.push(&be24(u32::try_from(rest.len()).unwrap_or(EXTENDED)))?;
            header.push(&[self.message_type])?;
            header.push(&self.message_stream.to_le_bytes())?;
        }
        if extended {
            header.push(&self.timestamp.to_be_bytes())?;
        }
        let payload = rest.get(..max).unwrap_or(rest);
        Ok(OutPart::new(header, payload, payload.len() == rest.len()))
    }
}

impl MessageHeader {
    /// Judges whether a reader gets this message back.
    fn judge(&self, message: &[u8]) -> Result<(), EncodeError> {
        let (len, max) = (message.len() as u64, EXTENDED.into());
        if len > max {
            return Err(EncodeError::Oversize { len, max });
        }
        if self.chunk_stream < 2 {
            return Err(EncodeError::Custom("chunk streams 0 and 1 do not exist"));
        }
        if self.chunk_stream > MAX_CHUNK_STREAM {
            return Err(EncodeError::DoesNotFit { value: self.chunk_stream.into(), max: MAX_CHUNK_STREAM.into() });
        }
        if !is_control(self.message_type) {
            return Ok(());
        }
        let number = message.try_into().map(u32::from_be_bytes);
        match number {
            Ok(0) if self.message_type == SET_CHUNK_SIZE => Err(EncodeError::Custom("a chunk size is at least 1")),
            Ok(value) if self.message_type == SET_CHUNK_SIZE && value > MAX_CHUNK_SIZE => {
                Err(EncodeError::DoesNotFit { value: value.into(), max: MAX_CHUNK_SIZE.into() })
            }
            Ok(_) if self.chunk_stream == CONTROL_STREAM => Ok(()),
            _ => Err(EncodeError::Custom(CONTROL_RULE)),
        }
    }
}

const _: () = assert!(CONTROL_LEN == 4);
