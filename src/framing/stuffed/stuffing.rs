//! What a stuffing decides.

use crate::error::DecodeErrorKind;

/// A way to write messages without the delimiter: [`Stuffed`](crate::Stuffed) implements SLIP, COBS or a protocol of your own with it.
///
/// Three methods describe it: the delimiter, the meaning of the bytes of a frame, and how a message is written. Limits,
/// resumption, offsets and lengths are the framing's part.
///
/// The two directions must agree: [`stuff`](Self::stuff) writes no delimiter, and [`unstuff`](Self::unstuff) restores the message.
///
/// # Examples
///
/// The octet stuffing of PPP in HDLC-like framing (RFC 1662, section 4.2), without its checksum: `7e` is between
/// frames, and inside, `7e` and `7d` are written as `7d` and the byte with bit 5 inverted.
///
/// ```
/// use anysplit::stuffing::{StuffedRun, Stuffing};
/// use anysplit::{DecodeErrorKind, Decoder, Framing, Stuffed};
///
/// #[derive(Clone, Copy)]
/// struct Octets;
///
/// impl Stuffing for Octets {
///     fn delimiter(&self) -> u8 {
///         0x7e
///     }
///
///     fn unstuff(&self, escaped: &mut u64, first: u8, after: &[u8]) -> Result<StuffedRun, DecodeErrorKind> {
///         Ok(match (*escaped, first) {
///             (0, 0x7d) => {
///                 *escaped = 1;
///                 StuffedRun::Nothing
///             }
///             (0, _) => StuffedRun::Plain(1 + after.iter().take_while(|&&byte| byte != 0x7d).count()),
///             _ => {
///                 *escaped = 0;
///                 StuffedRun::Byte(first ^ 0x20)
///             }
///         })
///     }
///
///     fn stuff(&self, message: &[u8], sum: &[u8], mut write: impl FnMut(&[u8])) {
///         for &byte in message.iter().chain(sum) {
///             match byte {
///                 0x7d | 0x7e => write(&[0x7d, byte ^ 0x20]),
///                 _ => write(&[byte]),
///             }
///         }
///     }
///
///     fn begins_with_delimiter(&self) -> bool {
///         true
///     }
/// }
///
/// let framing = Stuffed::new(Octets);
/// let mut wire = [0; 7];
/// assert_eq!(framing.encode_into(b"a\x7eb", &mut wire[..6]), Ok(6));
/// assert_eq!(&wire[..6], b"\x7ea\x7d\x5eb\x7e");
///
/// let mut decoder = Decoder::new(framing);
/// decoder.push(&wire[..6])?;
/// assert_eq!(decoder.next_frame()?.unwrap().payload(), b"a\x7eb");
/// // A delimiter after an escape is an error, as the state is not 0 there.
/// decoder.push(b"c\x7d\x7e")?;
/// assert_eq!(decoder.next_frame().unwrap_err().offset, 8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Stuffing {
    /// Returns the byte that ends a frame and never occurs inside one. Always the same.
    fn delimiter(&self) -> u8;

    /// Returns the meaning of the next bytes of a frame, from `first` on.
    ///
    /// `after` holds the bytes after `first` that have arrived, perhaps none; neither holds the delimiter.
    /// `state` is 0 at the start of the frame and is kept for the frame's next bytes. A long run of plain bytes should be
    /// one [`StuffedRun::Plain`]. How the bytes were cut must not matter, except that a run may end where the input
    /// ends.
    ///
    /// # Errors
    ///
    /// A [`DecodeErrorKind`] if `first` is not allowed here.
    fn unstuff(&self, state: &mut u64, first: u8, after: &[u8]) -> Result<StuffedRun, DecodeErrorKind>;

    /// Passes the stuffed bytes of `message`, and of the checksum `sum` after it, to `write`, in order and in any number of
    /// parts. Without a checksum `sum` is empty.
    ///
    /// It is called once to measure the frame and once to write it. If it passes no bytes, `message` has no frame: the
    /// encoder refuses it with [`EncodeError::Empty`](crate::EncodeError::Empty).
    fn stuff(&self, message: &[u8], sum: &[u8], write: impl FnMut(&[u8]));

    /// Checks whether the frame may end in this state, now that its delimiter has arrived.
    ///
    /// Default: it may in state 0.
    ///
    /// # Errors
    ///
    /// A [`DecodeErrorKind`] if the delimiter is not allowed here.
    fn end(&self, state: u64) -> Result<(), DecodeErrorKind> {
        match state {
            0 => Ok(()),
            _ => Err(DecodeErrorKind::Custom("a delimiter where the frame cannot end")),
        }
    }

    /// Returns a byte of the message that the end of the frame adds in this state. Default: none.
    ///
    /// A stuffing that ever returns one returns `true` from [`adds_at_end`](Self::adds_at_end).
    fn last(&self, state: u64) -> Option<u8> {
        let _ = state;
        None
    }

    /// Returns whether [`last`](Self::last) ever returns a byte. A frame then is returned in one piece. Default: no.
    fn adds_at_end(&self) -> bool {
        false
    }

    /// Returns whether the encoder also writes a delimiter before a frame, which ends any noise before it.
    ///
    /// A decoder takes both forms. Default: no.
    fn begins_with_delimiter(&self) -> bool {
        false
    }

    /// Returns whether [`unstuff`](Self::unstuff) never fails: a byte that is not the delimiter cannot be wrong. Default: no.
    ///
    /// A decoder that gets small chunks then only searches them for the delimiter.
    fn takes_any_byte(&self) -> bool {
        false
    }

    /// Returns the byte that begins an escape, if [`unstuff`](Self::unstuff) fails only at the byte after one. Default: none, and
    /// nothing is promised.
    ///
    /// A decoder that gets small chunks then only searches them for the delimiter and for this byte.
    fn escape(&self) -> Option<u8> {
        None
    }

    /// Returns whether the first byte of a frame is its header, as the first code of COBS is. Default: no.
    ///
    /// [`unstuff`](Self::unstuff) then returns [`StuffedRun::Nothing`] for it.
    fn begins_with_header(&self) -> bool {
        false
    }
}

/// The meaning of the next bytes of a stuffed frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StuffedRun {
    /// This many bytes on the wire, at least 1, are bytes of the message.
    Plain(usize),
    /// One byte on the wire stands for this byte of the message.
    Byte(u8),
    /// One byte on the wire stands for no byte of the message.
    Nothing,
}

impl StuffedRun {
    /// Returns how many of the `available` bytes of the wire it takes, and to how many it opens.
    #[inline]
    pub(super) fn lengths(self, available: usize) -> (usize, usize) {
        match self {
            // A stuffing that breaks its promise must not stop the loop, or go beyond the input.
            Self::Plain(len) => {
                let len = len.clamp(1, available);
                (len, len)
            }
            Self::Byte(_) => (1, 1),
            Self::Nothing => (1, 0),
        }
    }
}
