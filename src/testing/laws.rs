//! The laws.

mod callbacks;
mod costs;
mod damage;
mod ends;
mod errors;
mod limits;
mod messages;
pub(super) mod shared;
mod splits;

pub use callbacks::callbacks;
pub use costs::{linear, memory, memory_of};
pub use damage::{Damage, Survivors, nothing_undamaged_is_lost};
pub use ends::end_reports_what_was_cut;
pub use errors::{errors_exact_and_sticky, no_panic, sticky_of};
pub use limits::limit;
pub use messages::{refusal, round_trip};
pub use splits::{any_split, neither_late_nor_greedy, prompt_of, same_as};
