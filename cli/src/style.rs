//! Colours, and when to use them.

use std::io::{stderr, stdout};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Color, Effects, Style};

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

impl Palette {
    pub(crate) fn stdout(when: When) -> Self {
        Self::new(when, AutoStream::choice(&stdout()))
    }

    pub(crate) fn stderr(when: When) -> Self {
        Self::new(when, AutoStream::choice(&stderr()))
    }

    fn new(when: When, auto: ColorChoice) -> Self {
        let on = match when {
            When::Auto => auto != ColorChoice::Never,
            When::Always => true,
            When::Never => false,
        };
        if !on {
            return Self::default();
        }
        let span = |style: Style| Span { open: style.render().to_string(), close: style.render_reset().to_string() };
        let color = |color: AnsiColor| Style::new().fg_color(Some(Color::Ansi(color)));
        Self {
            faint: span(Style::new().effects(Effects::DIMMED)),
            header: span(color(AnsiColor::Cyan)),
            payload: span(color(AnsiColor::Green)),
            trailer: span(color(AnsiColor::Magenta)),
            escape: span(color(AnsiColor::Yellow)),
            bad: span(color(AnsiColor::Red).effects(Effects::BOLD)),
            note: span(color(AnsiColor::Yellow).effects(Effects::BOLD)),
            plain: Span::default(),
        }
    }
}
