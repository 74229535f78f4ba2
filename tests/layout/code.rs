//! Source text without comments and literals, as tokens, and where its test code is.

use std::iter::Peekable;
use std::ops::Range;
use std::str::CharIndices;

/// A word, a `::`, or one other character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) text: String,
    /// Counted from 1.
    pub(crate) line: usize,
}

impl Token {
    pub(crate) fn is(&self, text: &str) -> bool {
        self.text == text
    }

    pub(crate) fn is_word(&self) -> bool {
        self.text.starts_with(|c: char| c.is_alphanumeric() || c == '_')
    }
}

/// Returns the source with a blank for every comment and `""` for every literal in quotes. Lines keep their numbers.
pub(crate) fn stripped(source: &str) -> String {
    let mut code = String::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let after_word = code.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let (len, literal) = match c {
            '/' if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), false),
            '/' if rest.starts_with("/*") => (comment_len(rest), false),
            '"' => (quoted_len(rest, '"'), true),
            'r' | 'b' | 'c' if !after_word && prefixed_len(rest).is_some() => (prefixed_len(rest).unwrap_or(1), true),
            '\'' if !is_lifetime(rest) => (quoted_len(rest, '\''), true),
            _ => {
                code.push(c);
                rest = &rest[c.len_utf8()..];
                continue;
            }
        };
        let (gone, after) = rest.split_at(len);
        code.push_str(if literal { "\"\"" } else { " " });
        code.extend(gone.chars().filter(|c| *c == '\n'));
        rest = after;
    }
    code
}

/// A block comment may contain others.
fn comment_len(text: &str) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// Returns the length of the literal from this quote to the next one without a backslash before it.
fn quoted_len(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// A literal such as `r"a"`, `br#"a"#`, `b"a"` or `b'a'`.
fn prefixed_len(text: &str) -> Option<usize> {
    let prefix = ["br", "cr", "r", "b", "c"].into_iter().find(|prefix| {
        let rest = text.strip_prefix(prefix).unwrap_or_default();
        rest.starts_with('"')
            || (prefix.ends_with('r') && rest.trim_start_matches('#').starts_with('"'))
            || (*prefix == "b" && rest.starts_with('\''))
    })?;
    let rest = &text[prefix.len()..];
    if !prefix.ends_with('r') {
        return Some(prefix.len() + quoted_len(rest, rest.chars().next()?));
    }
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    let end = format!("\"{}", "#".repeat(hashes));
    let start = prefix.len() + hashes + 1;
    Some(text[start..].find(&end).map_or(text.len(), |at| start + at + end.len()))
}

/// A lifetime has no quote after its first letter; a letter in quotes has one.
fn is_lifetime(text: &str) -> bool {
    let mut chars = text.chars().skip(1);
    let (first, second) = (chars.next(), chars.next());
    first.is_some_and(|c| c.is_alphabetic() || c == '_') && second != Some('\'')
}

/// The tokens of a source.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let code = stripped(source);
    let mut all = Vec::new();
    let mut line = 1;
    let mut chars = code.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        let text = match c {
            '\n' => {
                line += 1;
                continue;
            }
            c if c.is_whitespace() => continue,
            ':' if chars.next_if(|(_, c)| *c == ':').is_some() => "::",
            '"' if chars.next_if(|(_, c)| *c == '"').is_some() => "\"\"",
            '\'' => {
                // A lifetime is one token, so its letters are no word.
                let end = word_end(&mut chars, code.len());
                &code[start..end]
            }
            c if c.is_alphanumeric() || c == '_' => {
                let end = word_end(&mut chars, code.len());
                &code[start..end]
            }
            c => &code[start..start + c.len_utf8()],
        };
        all.push(Token { text: text.to_owned(), line });
    }
    all
}

fn word_end(chars: &mut Peekable<CharIndices<'_>>, len: usize) -> usize {
    while chars.next_if(|(_, c)| c.is_alphanumeric() || *c == '_').is_some() {}
    chars.peek().map_or(len, |(at, _)| *at)
}

/// Returns the items that exist only in test builds, with their attributes.
pub(crate) fn test_items(tokens: &[Token]) -> Vec<Range<usize>> {
    let mut items = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if !tokens[at].is("#") {
            at += 1;
            continue;
        }
        let inner = tokens.get(at + 1).is_some_and(|token| token.is("!"));
        let open = at + 1 + usize::from(inner);
        let Some(end) = tokens.get(open).filter(|token| token.is("[")).map(|_| closing(tokens, open)) else {
            at += 1;
            continue;
        };
        if !is_test_only(&tokens[open + 1..end]) {
            at = end + 1;
        } else if inner {
            return vec![Range { start: 0, end: tokens.len() }];
        } else {
            let after = item_end(tokens, end + 1);
            items.push(at..after);
            at = after;
        }
    }
    items
}

/// Returns the tokens that are not test code.
pub(crate) fn shipped(tokens: &[Token]) -> Vec<Token> {
    let items = test_items(tokens);
    let shipped = tokens.iter().enumerate().filter(|(at, _)| !items.iter().any(|item| item.contains(at)));
    shipped.map(|(_, token)| token.clone()).collect()
}

/// Returns where the bracket at `open` is closed.
pub(crate) fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len()
}

/// Returns whether an attribute is a `cfg` that holds in test builds alone.
fn is_test_only(attribute: &[Token]) -> bool {
    attribute.first().is_some_and(|token| token.is("cfg")) && attribute.len() > 3 && {
        let end = closing(attribute, 1);
        needs_test(&attribute[2..end.min(attribute.len())])
    }
}

fn needs_test(condition: &[Token]) -> bool {
    let Some(name) = condition.first() else { return false };
    if condition.len() == 1 {
        return name.is("test");
    }
    if !condition[1].is("(") {
        return false;
    }
    let inside = &condition[2..closing(condition, 1)];
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < inside.len() {
        match inside[at].text.as_str() {
            "(" => at = closing(inside, at),
            "," => {
                parts.push(&inside[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    parts.push(&inside[start.min(inside.len())..]);
    parts.retain(|part| !part.is_empty());
    match name.text.as_str() {
        "all" => parts.into_iter().any(needs_test),
        "any" => !parts.is_empty() && parts.into_iter().all(needs_test),
        _ => false,
    }
}

/// Returns the index after the item that begins at `start`, perhaps with more attributes.
fn item_end(tokens: &[Token], start: usize) -> usize {
    let mut at = start;
    while at < tokens.len() {
        match tokens[at].text.as_str() {
            ";" | "," => return at + 1,
            "{" => {
                let end = closing(tokens, at);
                // An import in braces has a semicolon after it.
                return if tokens.get(end + 1).is_some_and(|token| token.is(";")) { end + 2 } else { end + 1 };
            }
            "}" => return at,
            "<" => {
                // The commas between type parameters end nothing.
                let close = tokens[at..].iter().position(|token| token.is(">") || token.is("{") || token.is(";"));
                at += close.unwrap_or(1).max(1);
            }
            "(" | "[" => at = closing(tokens, at) + 1,
            _ => at += 1,
        }
    }
    tokens.len()
}
