//! A stuffing chosen at run time, or by reference.

use crate::error::DecodeErrorKind;
use crate::framing::stuffed::{Cobs, CobsVariant, Escaping, HexLine, Slip, StuffedRun, Stuffing};

/// Any stuffing of the crate, chosen at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AnyStuffing {
    /// SLIP.
    Slip(Slip),
    /// COBS.
    Cobs(Cobs),
    /// COBS in another form.
    CobsVariant(CobsVariant),
    /// Escapes in general.
    Escaping(Escaping),
    /// Hexadecimal digits on a line.
    HexLine(HexLine),
}

macro_rules! stuffings {
    ($($name:ident),*) => {
        $(impl From<$name> for AnyStuffing {
            fn from(stuffing: $name) -> Self {
                Self::$name(stuffing)
            }
        })*

        impl Stuffing for AnyStuffing {
            fn delimiter(&self) -> u8 {
                match self { $(Self::$name(stuffing) => stuffing.delimiter()),* }
            }
            fn unstuff(&self, state: &mut u64, first: u8, after: &[u8]) -> Result<StuffedRun, DecodeErrorKind> {
                match self { $(Self::$name(stuffing) => stuffing.unstuff(state, first, after)),* }
            }
            fn stuff(&self, message: &[u8], sum: &[u8], write: impl FnMut(&[u8])) {
                match self { $(Self::$name(stuffing) => stuffing.stuff(message, sum, write)),* }
            }
            fn end(&self, state: u64) -> Result<(), DecodeErrorKind> {
                match self { $(Self::$name(stuffing) => stuffing.end(state)),* }
            }
            fn last(&self, state: u64) -> Option<u8> {
                match self { $(Self::$name(stuffing) => stuffing.last(state)),* }
            }
            fn adds_at_end(&self) -> bool {
                match self { $(Self::$name(stuffing) => stuffing.adds_at_end()),* }
            }
            fn begins_with_delimiter(&self) -> bool {
                match self { $(Self::$name(stuffing) => stuffing.begins_with_delimiter()),* }
            }
            fn takes_any_byte(&self) -> bool {
                match self { $(Self::$name(stuffing) => stuffing.takes_any_byte()),* }
            }
            fn escape(&self) -> Option<u8> {
                match self { $(Self::$name(stuffing) => stuffing.escape()),* }
            }
            fn begins_with_header(&self) -> bool {
                match self { $(Self::$name(stuffing) => stuffing.begins_with_header()),* }
            }
        }
    };
}

stuffings!(Slip, Cobs, CobsVariant, Escaping, HexLine);

impl<S: Stuffing + ?Sized> Stuffing for &S {
    #[inline]
    fn delimiter(&self) -> u8 {
        (**self).delimiter()
    }

    #[inline]
    fn unstuff(&self, state: &mut u64, first: u8, after: &[u8]) -> Result<StuffedRun, DecodeErrorKind> {
        (**self).unstuff(state, first, after)
    }

    #[inline]
    fn stuff(&self, message: &[u8], sum: &[u8], write: impl FnMut(&[u8])) {
        (**self).stuff(message, sum, write);
    }

    #[inline]
    fn last(&self, state: u64) -> Option<u8> {
        (**self).last(state)
    }

    #[inline]
    fn adds_at_end(&self) -> bool {
        (**self).adds_at_end()
    }

    #[inline]
    fn end(&self, state: u64) -> Result<(), DecodeErrorKind> {
        (**self).end(state)
    }

    #[inline]
    fn begins_with_delimiter(&self) -> bool {
        (**self).begins_with_delimiter()
    }

    #[inline]
    fn takes_any_byte(&self) -> bool {
        (**self).takes_any_byte()
    }

    #[inline]
    fn escape(&self) -> Option<u8> {
        (**self).escape()
    }

    #[inline]
    fn begins_with_header(&self) -> bool {
        (**self).begins_with_header()
    }
}
