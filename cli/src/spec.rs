//! What a SPEC stands for.

use std::path::Path;

use anysplit::join::AnyMessages;
use anysplit::spec::SpecError;
use anysplit::{AnyFraming, Recovery};

use crate::failure::{Failure, refused};

mod hint;

/// The framing that `text` stands for.
pub(crate) fn read(text: &str) -> Result<AnyFraming, Failure> {
    text.parse().map_err(|error| hinted(text, error, hint::hint(text, error)))
}

/// As [`read_messages`], but the frames alone.
pub(crate) fn read_before(text: &str, file: Option<&Path>) -> Result<AnyFraming, Failure> {
    text.parse().map_err(|error| before(text, error, file))
}

/// The messages that `text` stands for, for a command that has its file after the SPEC: those of a framing, or those of several
/// frames by name.
pub(crate) fn read_messages(text: &str, file: Option<&Path>) -> Result<AnyMessages, Failure> {
    text.parse().map_err(|error| before(text, error, file))
}

/// The failure of a SPEC that may be a file, with the file a SPEC.
fn before(text: &str, error: SpecError, file: Option<&Path>) -> Failure {
    let swapped = file.and_then(Path::to_str).filter(|file| file.parse::<AnyMessages>().is_ok());
    let swapped = swapped.map(|spec| format!("The SPEC comes before the file: {} {}", quoted(spec), quoted(text)));
    hinted(text, error, swapped.or_else(|| hint::hint(text, error)))
}

/// As [`read`], for a command that has an address before the SPEC.
pub(crate) fn read_after(text: &str, addresses: &[&str]) -> Result<AnyFraming, Failure> {
    text.parse().map_err(|error| {
        let is_spec = |address: &str| address.parse::<AnyFraming>().is_ok();
        let swapped = addresses.iter().position(|address| is_spec(address)).map(|at| {
            let mut others = addresses.to_vec();
            let spec = others.remove(at);
            let shown: Vec<_> = others.into_iter().chain([text, spec]).map(quoted).collect();
            format!("The SPEC comes last: {}", shown.join(" "))
        });
        hinted(text, error, swapped.or_else(|| hint::hint(text, error)))
    })
}

fn hinted(text: &str, error: SpecError, hint: Option<String>) -> Failure {
    match (refused(text, error), hint) {
        (Failure::Usage(report), Some(hint)) => Failure::Usage(format!("{report}\n{hint}\n")),
        (failure, _) => failure,
    }
}

/// What happens to rejected frames. On serial lines, where bytes are lost, the next frame is likely to be good.
pub(crate) fn recovery(framing: &AnyFraming, skip_oversize: bool) -> Recovery {
    match framing {
        AnyFraming::Slip(_) | AnyFraming::Cobs(_) | AnyFraming::Stuffed(_) => Recovery::SkipFrame,
        AnyFraming::Then(then) => recovery(then.rest(), skip_oversize),
        _ if skip_oversize => Recovery::SkipOversize,
        _ => Recovery::Fail,
    }
}

/// `text` as a shell takes it for one argument.
pub(crate) fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@_:=,.+/-%^".contains(c);
    match text.is_empty() || !text.chars().all(is_plain) {
        true => format!("'{}'", text.replace('\'', "'\\''")),
        false => text.to_owned(),
    }
}

/// The words that are similar to `word`, the most similar first.
pub(crate) fn nearest<'a>(word: &str, words: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    // A letter in three may be wrong.
    let most = word.chars().count().div_ceil(3).min(3);
    let mut near: Vec<_> = words.map(|other| (distance(word, other), other)).filter(|(far, _)| *far <= most).collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter().map(|(_, word)| word).take(3).collect()
}

/// How many characters must be put in, left out, changed or swapped with the next one.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<_>, Vec<_>) = (one.chars().collect(), other.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, c) in one.iter().enumerate() {
        let mut next = vec![at + 1];
        for (column, d) in other.iter().enumerate() {
            let mut least = (row[column] + usize::from(c != d)).min(row[column + 1] + 1).min(next[column] + 1);
            let swapped = at > 0 && column > 0 && one[at - 1] == *d && other[column - 1] == *c;
            if let Some(far) = before.get(column.wrapping_sub(1)).filter(|_| swapped) {
                least = least.min(far + 1);
            }
            next.push(least);
        }
        before = row;
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
