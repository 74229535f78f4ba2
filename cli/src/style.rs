//! Colours, when to use them, and how wide the terminal is.

use std::io::{stderr, stdout};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Color, Effects, Style};
use terminal_size::terminal_size_of;

/// The columns of the terminal to which standard output goes.
pub(crate) fn stdout_columns() -> Option<usize> {
    terminal_size_of(stdout()).map(|(width, _)| width.0.into()).filter(|columns| *columns > 0)
}

/// The columns of the terminal to which stderr goes.
pub(crate) fn stderr_columns() -> Option<usize> {
    terminal_size_of(stderr()).map(|(width, _)| width.0.into()).filter(|columns| *columns > 0)
}

/// When to use colours.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum When {
    // On a terminal, unless `NO_COLOR` is set.
    Auto,
    // Also into files and pipes.
    Always,
    // Not at all.
    Never,
}

/// The escape sequences before styled text and after it. Both are empty without colours.
#[derive(Clone, Debug, Default)]
pub(crate) struct Span {
    pub(crate) open: String,
    pub(crate) close: String,
}

/// The styles, each named after its use.
#[derive(Clone, Debug, Default)]
pub(crate) struct Palette {
    /// Offsets, lengths, rulers.
    pub(crate) faint: Span,
    pub(crate) header: Span,
    pub(crate) payload: Span,
    pub(crate) trailer: Span,
    /// A byte that has no shape of its own.
    pub(crate) escape: Span,
    /// Errors, and the bytes that they are about.
    pub(crate) bad: Span,
    pub(crate) note: Span,
    pub(crate) plain: Span,
}

/// Text of clap's own, as standard output takes it.
pub(crate) fn help(text: &clap::builder::StyledStr, when: When) -> String {
    if is_on(when, AutoStream::choice(&stdout())) { text.ansi().to_string() } else { text.to_string() }
}

fn is_on(when: When, auto: ColorChoice) -> bool {
    match when {
        When::Auto => auto != ColorChoice::Never,
        When::Always => true,
        When::Never => false,
    }
}

impl Palette {
    pub(crate) fn stdout(when: When) -> Self {
        Self::new(when, AutoStream::choice(&stdout()))
    }

    pub(crate) fn stderr(when: When) -> Self {
        Self::new(when, AutoStream::choice(&stderr()))
    }

    fn new(when: When, auto: ColorChoice) -> Self {
        if !is_on(when, auto) {
            return Self::default();
        }
        // The background may be dark or light. No yellow and no white, which vanish on a light one, and no blue and no black, which
        // vanish on a dark one.
        let span = |style: Style| Span { open: style.render().to_string(), close: style.render_reset().to_string() };
        let color = |color: AnsiColor| Style::new().fg_color(Some(Color::Ansi(color)));
        Self {
            faint: span(Style::new().effects(Effects::DIMMED)),
            header: span(color(AnsiColor::Cyan)),
            payload: span(color(AnsiColor::Green)),
            trailer: span(color(AnsiColor::Magenta)),
            escape: span(color(AnsiColor::Magenta)),
            bad: span(color(AnsiColor::Red).effects(Effects::BOLD)),
            note: span(Style::new().effects(Effects::BOLD)),
            plain: Span::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_can_be_read_on_a_dark_and_on_a_light_terminal() {
        let Palette { faint, header, payload, trailer, escape, bad, note, plain } =
            Palette::new(When::Always, ColorChoice::Never);
        for span in [faint, header, payload, trailer, escape, bad, note, plain] {
            let codes = span.open.split(|c: char| !c.is_ascii_digit()).filter_map(|code| code.parse::<u8>().ok());
            for code in codes {
                // Bold, dim, red, green, magenta, cyan. Bright colours begin at 90, and backgrounds at 40.
                assert!(matches!(code, 1 | 2 | 31 | 32 | 35 | 36), "{code} in {span:?}");
            }
        }
    }
}
