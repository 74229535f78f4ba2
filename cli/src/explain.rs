//! `anysplit explain`.

use std::fmt::Write as _;

use anysplit::join::AnyMessages;
use anysplit::{AnyFraming, protocols};

use self::drawing::{draw, shape};
use self::facts::facts;
use self::samples::{fitting, samples};
pub(crate) use self::shown::bytes_of;
use self::shown::rounded;
use self::words::describe;
use crate::escape;
use crate::failure::Failure;
use crate::output::print;
use crate::spec;
use crate::style::{Palette, Span, When};

mod drawing;
mod facts;
mod samples;
mod shown;
mod text_form;
mod words;

/// Draw what a SPEC means, byte by byte
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The framing to explain, such as `u16be,self`: see `help spec`.
    /// Or messages of several frames, such as `@mysql-messages`
    spec: String,
    /// The message that is drawn, in place of `hello`; escapes such as `\n` and `\x00` can be used
    #[arg(long, value_name = "TEXT", value_parser = escape::read)]
    sample: Option<Bytes>,
}

/// The full path, because clap lets an option of type `Vec` be repeated.
type Bytes = std::vec::Vec<u8>;

const EXAMPLES: &str = "\
Examples:
  anysplit explain u32be
  anysplit explain 'delim:\\r\\n|\\n'
  anysplit explain field:offset=2,size=2,adjust=-4
  anysplit explain --sample 'hello world' pkt-line";

pub(crate) fn run(arguments: &Arguments, color: When) -> Result<(), Failure> {
    let palette = Palette::stdout(color);
    let mut text = String::new();
    let messages = spec::read_messages(&arguments.spec, None)?;
    joined(&messages, &palette, &mut text);
    let framing = messages.framing().clone();
    let sample = arguments.sample.clone().unwrap_or_else(|| fitting(&framing));
    drawn(&framing, Some(&sample), &palette, &mut text);
    facts(&framing, &sample, &palette, &mut text);
    print(text)
}

/// What the messages are, if they are several frames each. What follows is about their frames.
fn joined(messages: &AnyMessages, palette: &Palette, text: &mut String) {
    let Some(joined) = messages.name().and_then(protocols::joined_by_name) else { return };
    let Span { open, close } = &palette.note;
    let max = messages.max_message_len();
    let limit =
        if max == u64::MAX { "none".to_owned() } else { format!("messages of {}{}", bytes_of(max), rounded(max)) };
    let _ = writeln!(text, "{open}{messages}{close}\n  {}\n  {}", joined.title, joined.specification);
    let _ = writeln!(text, "  limit     {limit}\n  joined from the frames of @{}:\n", joined.protocol);
}

/// What the framing is, in words and in pictures. Pictures that would show the same parts are drawn once.
pub(crate) fn drawn(framing: &AnyFraming, sample: Option<&[u8]>, palette: &Palette, text: &mut String) {
    describe(framing, palette, text);
    let sample = sample.map_or_else(|| fitting(framing), <[u8]>::to_vec);
    let (mut seen, mut alike) = (Vec::new(), 0);
    for (framing, message) in samples(framing, &sample) {
        let shape = shape(&framing, &message);
        if shape.is_some() && seen.contains(&shape) {
            alike += 1;
            continue;
        }
        draw(&framing, &message, palette, text);
        seen.push(shape);
    }
    match alike {
        0 => {}
        1 => text.push_str("  one more kind of frame has the same parts\n\n"),
        kinds => text.push_str(&format!("  {kinds} more kinds of frames have the same parts\n\n")),
    }
}
