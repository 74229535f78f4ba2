//! What holds the delimiters.

#[cfg(feature = "alloc")]
use super::table::DelimiterTable;

/// What holds the delimiters of a [`Delimited`](crate::Delimited).
///
/// Implemented for arrays, slices and vectors of whatever gives bytes: `&[u8]`, `[u8; N]`,
/// [`Literal`](crate::contract::Literal), `&str`, `Vec<u8>`; for references and boxes; for [`Lines`]; and for `DelimiterTable`, which
/// searches for many delimiters as fast as for few. A custom implementation must always return the same delimiters.
///
/// ```
/// use anysplit::contract::Literal;
/// use anysplit::delimited::{Delimiters, Lines};
///
/// assert_eq!([b"\r\n", b"\n\n"].delimiter(1), Some(&b"\n\n"[..]));
/// assert_eq!([Literal::byte(0)].delimiter(1), None);
/// assert_eq!(Lines.delimiter(0), Some(&b"\n"[..]));
/// ```
pub trait Delimiters {
    /// Returns the delimiter with this index, counted from 0, and none for the index after the last.
    fn delimiter(&self, index: usize) -> Option<&[u8]>;

    /// Returns the table that this is, if it is one.
    #[cfg(feature = "alloc")]
    #[doc(hidden)]
    #[inline]
    fn table(&self) -> Option<&DelimiterTable> {
        None
    }

    /// Returns whether these are the [`Lines`], so that code that searches for others is left out of small programs.
    #[doc(hidden)]
    #[inline]
    fn is_lines(&self) -> bool {
        false
    }
}

impl<M: AsRef<[u8]>> Delimiters for [M] {
    #[inline]
    fn delimiter(&self, index: usize) -> Option<&[u8]> {
        self.get(index).map(M::as_ref)
    }
}

impl<M: AsRef<[u8]>, const N: usize> Delimiters for [M; N] {
    #[inline]
    fn delimiter(&self, index: usize) -> Option<&[u8]> {
        self.as_slice().delimiter(index)
    }
}

impl<S: Delimiters + ?Sized> Delimiters for &S {
    #[inline]
    fn delimiter(&self, index: usize) -> Option<&[u8]> {
        (**self).delimiter(index)
    }

    #[cfg(feature = "alloc")]
    #[inline]
    fn table(&self) -> Option<&DelimiterTable> {
        (**self).table()
    }
}

#[cfg(feature = "alloc")]
impl<M: AsRef<[u8]>> Delimiters for alloc::vec::Vec<M> {
    #[inline]
    fn delimiter(&self, index: usize) -> Option<&[u8]> {
        self.as_slice().delimiter(index)
    }
}

#[cfg(feature = "alloc")]
impl<S: Delimiters + ?Sized> Delimiters for alloc::boxed::Box<S> {
    #[inline]
    fn delimiter(&self, index: usize) -> Option<&[u8]> {
        (**self).delimiter(index)
    }

    #[inline]
    fn table(&self) -> Option<&DelimiterTable> {
        (**self).table()
    }
}

/// The delimiters of [`Delimited::line`](crate::Delimited::line): LF (index 0) and CR LF (index 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Lines;

impl Delimiters for Lines {
    #[inline]
    fn delimiter(&self, index: usize) -> Option<&[u8]> {
        match index {
            0 => Some(b"\n"),
            1 => Some(b"\r\n"),
            _ => None,
        }
    }

    #[inline]
    fn is_lines(&self) -> bool {
        true
    }
}

/// All delimiters, in the order of their indices.
pub(super) fn each<S: Delimiters + ?Sized>(delimiters: &S) -> impl Iterator<Item = &[u8]> {
    (0..).map_while(|index| delimiters.delimiter(index))
}
