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
    /// After a bad frame, search for the next one
    #[arg(long, conflicts_with = "skip_oversize")]
    resync: bool,
    /// With --resync: skipped bytes are no failure
    #[arg(long, requires = "resync")]
    ignore_skipped: bool,
}

impl Policy {
    pub(crate) fn options(self, framing: &AnyFraming, color: When) -> Options {
        let recovery = match self.resync {
            true => Recovery::Resync,
            false => spec::recovery(framing, self.skip_oversize),
        };
        Options { recovery, skip: 0, pieces: false, ignore_skipped: self.ignore_skipped, color, spec: "the SPEC" }
    }
}
