//! What the search for all reachable states compares.

use core::hash::Hash;

use super::Deframer;
use crate::contract::Framing;
use crate::decode::recovery::Recovery;
use crate::decode::state::State;

impl<F: Framing> Deframer<F> {
    /// At the start of a stream whose frame before left this word.
    pub(crate) fn after(framing: F, previous: u32) -> Self {
        Self { framing, recovery: Recovery::Fail, room: u32::MAX, state: State::after(previous) }
    }

    /// The word that the frame before left.
    pub(crate) const fn previous(&self) -> u32 {
        self.state.progress().previous
    }

    /// What is kept between two calls, without the offset in the stream.
    pub(crate) const fn memory(&self) -> impl Copy + Eq + Hash + use<F> {
        self.state.without_offset()
    }
}
