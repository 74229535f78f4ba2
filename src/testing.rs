//! The laws that every framing keeps, as functions: call them on a framing of your own.
//!
//! Each returns a [`Violation`] with the broken law, the reason and the input. Use them in plain tests, in
//! property tests and in fuzz targets alike. They do not panic on purpose. All of them test the law under each
//! [`Recovery`](crate::Recovery) policy and with each [`DriverKind`].
//!
//! ```
//! use anysplit::{Delimited, Prefix, testing};
//!
//! testing::round_trip(&Prefix::netstring(), &[&b"hello"[..], b"", b"world"])?;
//! testing::any_split(&Delimited::line(), b"hello\r\nworld\n", &[3, 6, 6])?;
//! # Ok::<(), testing::Violation>(())
//! ```
//!
//! | law | function | input |
//! | --- | --- | --- |
//! | 1 round trip | [`round_trip`] | messages |
//! | 2 any split | [`any_split`] | any bytes, and where to cut them |
//! | 3 neither late nor greedy | [`neither_late_nor_greedy`] | any bytes |
//! | 4 refusal | [`refusal`] | messages, good and bad |
//! | 5 memory follows what has arrived | [`memory`] | any bytes, and where to cut them |
//! | 6 linear | [`linear`] | a long stream |
//! | 7 the end reports what was cut | [`end_reports_what_was_cut`] | messages |
//! | 8 errors are exact and sticky | [`errors_exact_and_sticky`] | any bytes |
//! | 9 no input panics | [`no_panic`] | any bytes, and where to cut them |
//! | 9 a panic in a callback leaves the stream unchanged | [`callbacks`] | any bytes, and where to cut them |
//! | 10 nothing undamaged is lost | [`nothing_undamaged_is_lost`] | messages, and the damage to their frames |
//! | what [`Framing`](crate::Framing) promises of each method | [`contract`], [`limit`] | any bytes |
//! | 2, 3 and 8, for streams of any length | [`fixpoint`] | an alphabet |
//!
//! A [`Driver`] of your own, such as an adapter, is held to law 2 by [`outcome`], whose answer must be that of
//! [`DriverKind::NextEvent`].
//!
//! [`check_all`] makes up messages, streams and splits, and holds a framing to all of them:
//!
//! ```
//! # #[cfg(not(miri))]
//! anysplit::testing::check_all(&anysplit::Prefix::u16_be(), 50)?;
//! # Ok::<(), anysplit::testing::Violation>(())
//! ```

use std::fmt;
use std::string::String;

mod contract;
mod drivers;
mod fixpoint;
mod generate;
mod laws;
mod model;
mod outcome;

pub use contract::contract;
pub use drivers::DriverKind;
#[doc(hidden)]
pub use drivers::{OwnedPiece, PiecesSoFar};
pub use fixpoint::{Fixpoint, fixpoint, fixpoint_within};
pub use generate::check_all;
#[doc(hidden)]
pub use generate::{Case, Split, cases, check_case, messages, splits};
#[doc(hidden)]
pub use laws::shared::fitting;
pub use laws::{
    Damage, Survivors, any_split, callbacks, end_reports_what_was_cut, errors_exact_and_sticky, limit, linear, memory,
    neither_late_nor_greedy, no_panic, nothing_undamaged_is_lost, refusal, round_trip,
};
#[doc(hidden)]
pub use laws::{memory_of, prompt_of, same_as, sticky_of};
#[doc(hidden)]
pub use outcome::{Collected, OwnedEvent, Refused, chunks, stretches};
pub use outcome::{Driver, Outcome, outcome};

/// A law of the crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Law {
    /// Decoding gives back the messages that were encoded.
    RoundTrip,
    /// How the bytes were cut never shows.
    AnySplit,
    /// A frame is returned with its last byte, and nothing after that is asked for.
    NeitherLateNorGreedy,
    /// What would not come back the same is refused before a byte is written.
    EncoderRefuses,
    /// Memory follows what has arrived, never what was announced.
    Memory,
    /// Work is proportional to the bytes, for every split.
    Linear,
    /// The end of the stream reports what was cut.
    EofNamesWhatWasCut,
    /// Errors name the byte, and stay.
    ErrorsExactAndSticky,
    /// No input panics, overflows or loops.
    NoPanic,
    /// Under [`Resync`](crate::Recovery::Resync) every frame is returned that no damage has touched.
    NothingUndamagedIsLost,
    /// The methods of a framing agree with each other.
    Contract,
}

impl Law {
    /// Its number in DESIGN.md; the contract of the methods, which the laws rest on, is 0.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Contract => 0,
            Self::RoundTrip => 1,
            Self::AnySplit => 2,
            Self::NeitherLateNorGreedy => 3,
            Self::EncoderRefuses => 4,
            Self::Memory => 5,
            Self::Linear => 6,
            Self::EofNamesWhatWasCut => 7,
            Self::ErrorsExactAndSticky => 8,
            Self::NoPanic => 9,
            Self::NothingUndamagedIsLost => 10,
        }
    }
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RoundTrip => "law 1, round trip",
            Self::AnySplit => "law 2, any split",
            Self::NeitherLateNorGreedy => "law 3, neither late nor greedy",
            Self::EncoderRefuses => "law 4, refusal",
            Self::Memory => "law 5, memory follows what has arrived",
            Self::Linear => "law 6, linear",
            Self::EofNamesWhatWasCut => "law 7, the end reports what was cut",
            Self::ErrorsExactAndSticky => "law 8, errors are exact and sticky",
            Self::NoPanic => "law 9, no input panics",
            Self::NothingUndamagedIsLost => "law 10, nothing undamaged is lost",
            Self::Contract => "the contract of the methods",
        })
    }
}

/// A law was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// Which.
    pub law: Law,
    /// What it asks for.
    pub expected: String,
    /// What happened.
    pub found: String,
    /// The input and what was done with it, such as where a stream was cut.
    pub case: String,
}

impl Violation {
    /// This law expects `expected`, and `found` was the result.
    #[must_use]
    pub fn new(law: Law, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { law, expected: expected.into(), found: found.into(), case: String::new() }
    }

    /// Adds the case in which it happened. An inner case stays in front of an outer one.
    #[must_use]
    pub fn with_case(mut self, case: &str) -> Self {
        if !self.case.is_empty() {
            self.case.push_str(", ");
        }
        self.case.push_str(case);
        self
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is broken: expected {}, found {}", self.law, self.expected, self.found)?;
        if self.case.is_empty() { Ok(()) } else { write!(f, " ({})", self.case) }
    }
}

impl std::error::Error for Violation {}
