//! `anysplit protocols`: what `@NAME` stands for.

use std::fmt::Write as _;

use anysplit::protocols::{ALL, JOINED};

use crate::escape::tame;
use crate::failure::Failure;
use crate::output::print;
use crate::style::{Palette, Span, When};

/// List the protocols that @NAME stands for
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only those whose name or title contains this
    #[arg(value_name = "WORD")]
    word: Option<String>,
    /// Show how each framing was tested, too
    #[arg(long)]
    proof: bool,
    /// Show each framing's text form, without the name
    #[arg(long)]
    spec: bool,
}

pub(crate) fn run(arguments: &Arguments, color: When) -> Result<(), Failure> {
    let palette = Palette::stdout(color);
    let (Span { open, close }, faint) = (&palette.header, &palette.faint);
    let word = arguments.word.as_deref().unwrap_or_default().to_lowercase();
    // As in a SPEC.
    let word = word.strip_prefix('@').unwrap_or(&word).to_owned();
    let mut text = String::new();
    for protocol in ALL {
        if !protocol.name.contains(&word) && !protocol.title.to_lowercase().contains(&word) {
            continue;
        }
        let _ = writeln!(text, "{open}@{:<17}{close} {}", protocol.name, protocol.title);
        let _ = writeln!(text, "                   {}{}{}", faint.open, protocol.specification, faint.close);
        if arguments.proof {
            let _ = writeln!(text, "                   {}{}{}", faint.open, protocol.proof, faint.close);
        }
        if arguments.spec {
            let _ = writeln!(text, "                   {}", protocol.any_framing());
        }
    }
    for joined in JOINED {
        let (name, title) = (joined.name, joined.title);
        if !name.contains(&word) && !title.to_lowercase().contains(&word) {
            continue;
        }
        let _ = writeln!(text, "{open}@{name:<17}{close} {title}");
        let (specification, protocol) = (joined.specification, joined.protocol);
        let from = format!("{specification}; joined from the frames of @{protocol}");
        let _ = writeln!(text, "                   {}{from}{}", faint.open, faint.close);
    }
    if text.is_empty() {
        return Err(Failure::Usage(format!("no protocol has `{}` in its name or title", tame(&word))));
    }
    print(text)
}
