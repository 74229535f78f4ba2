//! `anysplit help`: the help of a command, and the manual of the SPEC language.

use std::fmt::Write as _;

use anysplit::AnyFraming;

use crate::explain;
use crate::failure::Failure;
use crate::output::print;
use crate::spec::nearest;
use crate::style::{self, Palette, Span, When};
use crate::vocabulary::{FRAMINGS, Family, OPTIONS, OptionWord, meaning};

/// Show the help of a command, or the manual of SPECs: `help spec`
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A command, or `spec`, and after that perhaps a word of a SPEC
    #[arg(value_name = "TOPIC")]
    topic: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  anysplit help decode
  anysplit help spec | less
  anysplit help spec cobs
  anysplit help spec unit";

const MANUAL: &str = "\
A SPEC is a framing in one line of text: its name, what belongs to the name
after a colon, and options after commas. A shell wants some of them quoted.

  u16be                  a length of two bytes before every message
  line,crlf,max=64k      lines with CR LF, of at most 64 KiB
  field:offset=2,size=2  a length inside the header of every message
  (u16be),sum=xor        parentheses, for options of any framing
  line then u16be        one message in the first, the others in the second
  @dns  @http2,max=1M    the framing of a protocol: see `anysplit protocols`
  @mysql-messages        messages of several frames, for decode and explain

Bytes are written as they are, or as \\r \\n \\t \\0 \\xHH. A backslash stands
before each of  \\ , | ( ) = :  that is a byte. Sizes are decimal numbers,
with k, M, G or T for powers of 1024, or hexadecimal numbers after 0x.

Each word below has an example, its meaning, and a drawing of a message.
`anysplit help spec WORD` shows one word, `anysplit explain SPEC` any SPEC.
";

pub(crate) fn run(arguments: &Arguments, mut command: clap::Command, color: When) -> Result<(), Failure> {
    let palette = Palette::stdout(color);
    let topic: Vec<_> = arguments.topic.iter().map(String::as_str).collect();
    let text = match topic[..] {
        [] => style::help(&command.render_help(), color),
        ["spec"] => manual(None, &palette),
        ["spec", word] => manual(Some(word), &palette),
        [name] => {
            command.build();
            let names: Vec<_> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
            match command.find_subcommand_mut(name) {
                Some(found) => style::help(&found.render_help(), color),
                None => return Err(Failure::Usage(unknown(name, names.iter().map(String::as_str).chain(["spec"])))),
            }
        }
        _ => return Err(Failure::Usage("help shows one command, or `spec` and a word".to_owned())),
    };
    if let (["spec", word], true) = (&topic[..], text.is_empty()) {
        let words = FRAMINGS.iter().map(|framing| framing.word).chain(OPTIONS.iter().map(|option| option.name));
        return Err(Failure::Usage(unknown(word, words)));
    }
    print(text)
}

/// Options that `-h` leaves out, so that it fits a small screen.
const RARE: &[&str] =
    &["read_size", "separator", "shorten", "full", "pieces", "ignore_skipped", "plain", "keep_open", "baud", "color"];

/// The answer to `-h`: what is needed most.
pub(crate) fn short(mut command: clap::Command, name: Option<&str>) -> String {
    command.build();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let (found, call) = match name.and_then(|name| command.find_subcommand(name)) {
        Some(found) => (found.clone(), format!("anysplit {}", found.get_name())),
        // Only the first line of what describes the program.
        None => (command.clone().about(about.lines().next().unwrap_or_default().to_owned()), "anysplit".to_owned()),
    };
    let more = format!("`{call} --help` also has examples, and options that are seldom needed.");
    let hidden = |arg: clap::Arg| if RARE.contains(&arg.get_id().as_str()) { arg.hide(true) } else { arg };
    style::help(&found.mut_args(hidden).after_help(more).render_help(), When::Auto)
}

fn unknown<'a>(word: &str, words: impl Iterator<Item = &'a str>) -> String {
    let near = nearest(word, words);
    let hint = match &near[..] {
        [] => String::new(),
        [one] => format!(": did you mean {one}?"),
        [others @ .., last] => format!(": did you mean {} or {last}?", others.join(", ")),
    };
    format!("there is no help for {word:?}{hint}")
}

/// The manual, or what it contains about one word.
fn manual(only: Option<&str>, palette: &Palette) -> String {
    let wanted = |word: &str| only.is_none_or(|only| only == word);
    let mut text = if only.is_none() { format!("{MANUAL}\nFRAMINGS\n\n") } else { String::new() };
    for framing in FRAMINGS.iter().filter(|framing| wanted(framing.word)) {
        entry(framing.example, palette, &mut text);
    }
    for family in Family::ALL {
        let mut options = OPTIONS.iter().filter(|option| option.of.contains(&family) && wanted(option.name)).peekable();
        if options.peek().is_some() {
            let Span { open, close } = &palette.note;
            let _ = writeln!(text, "{open}OPTIONS of {}{close}\n", family.title());
        }
        let (mut own, mut shared) = (Vec::new(), Vec::new());
        for option in options {
            if option.of.first() == Some(&family) { own.push(option) } else { shared.push(option.name) }
        }
        if !shared.is_empty() {
            let _ = writeln!(text, "{}: as above\n", shared.join(", "));
        }
        for option in own {
            one(option, palette, &mut text);
        }
    }
    text
}

/// An option: its example, and what it means if the example can be written without it.
fn one(option: &OptionWord, palette: &Palette, text: &mut String) {
    let mut shown = String::new();
    entry(option.example, palette, &mut shown);
    if !shown.contains(&format!("\n  {:<13} ", option.name)) {
        let parts = option.example.split([',', ':']).filter_map(|part| part.split_once('='));
        let value = parts.into_iter().find(|(name, _)| *name == option.name).map_or("", |(_, value)| value);
        let family = option.of.first().copied().unwrap_or(Family::Limit);
        let _ = writeln!(text, "{}\n  {}\n  the same as:", option.example, meaning(family, option.name, value));
    }
    text.push_str(&shown);
}

/// An example, as `explain` shows it.
fn entry(example: &str, palette: &Palette, text: &mut String) {
    match example.parse::<AnyFraming>() {
        Ok(framing) => explain::drawn(&framing, None, palette, text),
        Err(error) => {
            let _ = writeln!(text, "{example}: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the parser has in its place for this word, as its error lists it.
    fn listed(probe: &str) -> Vec<String> {
        let error = probe.parse::<AnyFraming>().expect_err("no SPEC").to_string();
        let list = error.rsplit_once(": expected ").map_or(error.as_str(), |(_, list)| list);
        let words = list.split_once(':').map_or(list, |(_, words)| words);
        let words = words.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        let fillers =
            if probe == "?" { &["to", "or", ""][..] } else { &["", "or", "of", "its", "number", "the", "option"] };
        words.filter(|word| !fillers.contains(word)).map(str::to_owned).collect()
    }

    fn probe(family: Family) -> &'static str {
        match family {
            Family::Prefix => "u8,zz",
            Family::Field => "field:zz",
            Family::Line => "line,zz",
            Family::Delim => "delim:;,zz",
            Family::Header => "header:A,zz",
            Family::Block => "block:A:1,zz",
            Family::Chunked => "chunked,zz",
            Family::Http1 => "http1,zz",
            Family::Slip => "slip,zz",
            Family::Cobs => "cobs,zz",
            Family::Escape => "escape:~:},zz",
            Family::HexLine => "hexline:\\:,zz",
            Family::Doubled => "doubled:\\x10:\\x03,zz",
            Family::Around => "(u8),zz",
            Family::Limit => "close,zz",
        }
    }

    #[test]
    fn every_framing_of_the_parser_is_in_the_manual() {
        let words = listed("?");
        assert!(words.len() > 35, "{words:?}");
        for word in words {
            assert!(FRAMINGS.iter().any(|framing| framing.word == word), "{word}");
        }
    }

    #[test]
    fn every_option_of_the_parser_is_in_the_manual_and_none_besides() {
        let mut all = 0;
        for family in Family::ALL {
            let words = listed(probe(family));
            all += words.len();
            for word in &words {
                // The number of a length field has the same name as its option.
                let known = OPTIONS.iter().any(|option| option.name == word && option.of.contains(&family));
                assert!(known, "{word} of {family:?}");
            }
            for option in OPTIONS.iter().filter(|option| option.of.contains(&family)) {
                let is_listed = words.iter().any(|word| word == option.name) || option.name == "number";
                assert!(is_listed, "{} of {family:?}", option.name);
            }
        }
        assert!(all > 90, "{all} options");
    }

    #[test]
    fn every_word_has_a_drawing_and_says_what_it_means() {
        let mut wrong = Vec::new();
        for option in OPTIONS {
            let (mut text, name) = (String::new(), option.name);
            one(option, &Palette::default(), &mut text);
            let line = text.lines().find(|line| line.starts_with(&format!("  {name:<13} "))).map(str::trim);
            if !line.is_some_and(|line| line.len() > 24 && !line.contains('{')) {
                wrong.push(format!("{name}:\n{text}"));
            }
        }
        for example in FRAMINGS.iter().map(|framing| framing.example).chain(OPTIONS.iter().map(|option| option.example))
        {
            let mut text = String::new();
            entry(example, &Palette::default(), &mut text);
            let is_drawn = text.contains("\n  offset ") && !text.contains("refused");
            let is_described = text.lines().nth(1).is_some_and(|line| !line.trim().is_empty());
            if !is_drawn || !is_described || text.lines().any(|line| line.chars().count() > 80) {
                wrong.push(text);
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
