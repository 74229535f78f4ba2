//! `anysplit explain`.

use self::drawing::draw;
use self::facts::facts;
use self::samples::{fitting, samples};
use self::words::describe;
use crate::escape;
use crate::failure::Failure;
use crate::output::Output;
use crate::spec;
use crate::style::{Palette, When};

mod drawing;
mod facts;
mod samples;
mod shown;
mod text_form;
mod words;

/// Draw what a SPEC means: the bytes of a sample message, what is what, and the limits
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The framing to explain, such as `u16be,self`: see `anysplit --help`
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
    let framing = spec::read(&arguments.spec)?;
    describe(&framing, &palette, &mut text);
    let sample = arguments.sample.clone().unwrap_or_else(|| fitting(&framing));
    for (framing, message) in samples(&framing, &sample) {
        draw(&framing, &message, &palette, &mut text);
    }
    facts(&framing, &sample, &palette, &mut text);
    let mut out = Output::new();
    out.write(text.as_bytes())?;
    Ok(out.flush()?)
}
