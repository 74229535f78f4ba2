//! Splits the text form of a framing.

use crate::escape;

/// The parts between separators. A separator after a backslash or in parentheses does not count.
pub(super) fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut escaped) = (Vec::new(), 0, 0_u32, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            c if c == separator && depth == 0 => {
                parts.push(text.get(start..at).unwrap_or_default());
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}

/// The bytes of a word of the text form.
pub(super) fn unescaped(text: &str) -> Vec<u8> {
    let mut plain = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next() {
                Some(special @ (',' | '|' | '(' | ')' | '=' | ':')) => plain.push(special),
                Some(other) => plain.extend(['\\', other]),
                None => {}
            },
            c => plain.push(c),
        }
    }
    // The printed form can be read back.
    escape::read(&plain).unwrap_or_default()
}
