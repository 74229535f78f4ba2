//! What the tests share: framings of any configuration, and a naive twin of each.

#![allow(dead_code, reason = "no test uses all of it")]

mod configs;
mod twins;

pub(crate) use configs::{Config, configs};
pub(crate) use twins::{Twin, twin};

/// Cases a framing in a quick run; `PROPTEST_CASES` sets another number.
pub(crate) const CASES: u32 = 40;
