//! What decoded frames look like.

use std::io::{IsTerminal, stdout};

use crate::escape;
use crate::failure::Failure;
use crate::sink::Sink;
use crate::style::{Palette, When, stdout_columns};

mod count;
mod hex;
mod json;
mod raw;
mod text;

pub(crate) use count::Count;
pub(crate) use hex::Hex;
pub(crate) use json::Json;
pub(crate) use raw::Raw;
pub(crate) use text::Text;

/// How frames are shown.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Shown {
    /// text (a line for each frame), hex, json, raw or count
    #[arg(long, short, value_enum, default_value_t = Format::Text, hide_default_value = true,
          hide_possible_values = true)]
    pub(crate) format: Format,
    /// With raw: bytes after every payload, such as `\n`
    #[arg(long, value_name = "BYTES", value_parser = escape::read)]
    separator: Option<Bytes>,
    /// With text: at most N bytes of every payload
    #[arg(long, value_name = "N")]
    shorten: Option<usize>,
    /// With text: shorten nothing on a terminal
    #[arg(long)]
    full: bool,
}

/// The full path, because clap lets an option of type `Vec` be repeated.
type Bytes = std::vec::Vec<u8>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    // A line for each frame.
    Text,
    // All bytes of each frame.
    Hex,
    // A line for each frame too.
    Json,
    // The payloads as they are.
    Raw,
    // Numbers and lengths in all.
    Count,
}

impl Shown {
    /// Refuses an option that the format does not have.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let only = |option: &str, format: &str| Failure::Usage(format!("--{option} goes with --format {format} only"));
        match self.format {
            Format::Raw => {}
            _ if self.separator.is_some() => return Err(only("separator", "raw")),
            _ => {}
        }
        match self.format {
            Format::Text => Ok(()),
            _ if self.shorten.is_some() => Err(only("shorten", "text")),
            _ if self.full => Err(only("full", "text")),
            _ => Ok(()),
        }
    }

    pub(crate) fn text(&self, color: When) -> Text {
        let is_wide = self.full || !stdout().is_terminal();
        Text::new(Palette::stdout(color), self.shorten, stdout_columns().filter(|_| !is_wide))
    }

    pub(crate) fn raw(&self) -> Raw {
        Raw::new(self.separator.clone().unwrap_or_default())
    }

    /// The sink of this format.
    pub(crate) fn sink(&self, color: When) -> Box<dyn Sink + Send> {
        match self.format {
            Format::Text => Box::new(self.text(color)),
            Format::Hex => Box::new(Hex::new(Palette::stdout(color))),
            Format::Json => Box::new(Json),
            Format::Raw => Box::new(self.raw()),
            Format::Count => Box::new(Count::default()),
        }
    }
}
