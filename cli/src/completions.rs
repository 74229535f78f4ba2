//! `anysplit completions` and `anysplit man`: from the definitions of the commands themselves.

use crate::failure::Failure;
use crate::output::print;

/// Print the completions of commands and options for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The shell
    shell: clap_complete::Shell,
}

const EXAMPLES: &str = "\
Examples:
  anysplit completions bash > ~/.local/share/bash-completion/completions/anysplit
  anysplit completions fish > ~/.config/fish/completions/anysplit.fish";

/// Print the manual page, in the format that `man -l -` reads
#[derive(Debug, clap::Args)]
#[command(after_help = PAGES)]
pub(crate) struct Page {
    /// The command whose page is printed, in place of that of the program
    command: Option<String>,
}

const PAGES: &str = "\
Examples:
  anysplit man | man -l -
  anysplit man decode > anysplit-decode.1";

pub(crate) fn run(arguments: &Arguments, mut command: clap::Command) -> Result<(), Failure> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "anysplit", &mut text);
    print(text)
}

pub(crate) fn page(arguments: &Page, mut command: clap::Command) -> Result<(), Failure> {
    command.build();
    let page = match &arguments.command {
        None => {
            // The first line names the program, and the others describe it.
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            let (name, description) = about.split_once("\n\n").unwrap_or((&about, ""));
            command.about(name.to_owned()).long_about(description.to_owned())
        }
        Some(name) => {
            let found = command.find_subcommand(name).cloned();
            let found = found.ok_or_else(|| Failure::Usage(format!("there is no command {name:?}")))?;
            let title = format!("anysplit-{name}");
            found.name(clap::builder::Str::from(title.clone())).display_name(title)
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    print(text)
}
