//! What becomes of bad frames.

use anysplit::{AnyFraming, Recovery};

use crate::flow::Options;
use crate::spec;
use crate::style::When;

#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Policy {
    /// Skip frames over the limit, instead of failing
    #[arg(long)]
    skip_oversize: bool,
    /// After a bad frame, search for the next one; with =confirmed, for two in a row
    #[arg(
        long,
        value_name = "HOW",
        value_enum,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "any",
        hide_possible_values = true,
        conflicts_with = "skip_oversize"
    )]
    resync: Option<Resync>,
    /// With --resync: skipped bytes are no failure
    #[arg(long, requires = "resync")]
    ignore_skipped: bool,
}

/// What the first frame after a bad one must be.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Resync {
    /// A frame.
    #[value(hide = true)]
    Any,
    /// A frame that another follows.
    Confirmed,
}

impl Policy {
    pub(crate) fn options(self, framing: &AnyFraming, color: When) -> Options {
        let recovery = match self.resync {
            Some(Resync::Any) => Recovery::Resync,
            Some(Resync::Confirmed) => Recovery::ResyncConfirmed,
            None => spec::recovery(framing, self.skip_oversize),
        };
        Options { recovery, skip: 0, pieces: false, ignore_skipped: self.ignore_skipped, color, spec: "the SPEC" }
    }
}
