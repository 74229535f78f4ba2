//! The nine laws.

mod costs;
mod ends;
mod errors;
mod messages;
mod shared;
mod splits;

pub use costs::{linear, memory, memory_of};
pub use ends::end_says_what_it_cut;
pub use errors::{errors_exact_and_sticky, no_panic, sticky_of};
pub use messages::{refusal, round_trip};
pub use splits::{any_split, neither_late_nor_greedy, prompt_of, same_as};
