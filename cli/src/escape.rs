//! Bytes as text in one line, and back.

use crate::style::Span;

/// Appends `bytes` as text that shows every byte: printable ones unchanged, the rest as escapes.
pub(crate) fn show(bytes: &[u8], escape: &Span, out: &mut Vec<u8>) {
    for chunk in bytes.utf8_chunks() {
        let mut rest = chunk.valid();
        while let Some(c) = rest.chars().next() {
            // Most text consists of such runs.
            let run = rest.bytes().take_while(|byte| matches!(byte, b' '..=b'~' if *byte != b'\\')).count();
            if run > 0 {
                let (plain, after) = rest.split_at(run);
                out.extend_from_slice(plain.as_bytes());
                rest = after;
                continue;
            }
            let (one, after) = rest.split_at(c.len_utf8());
            rest = after;
            match c {
                '\\' => marked(b"\\\\", escape, out),
                '\n' => marked(b"\\n", escape, out),
                '\r' => marked(b"\\r", escape, out),
                '\t' => marked(b"\\t", escape, out),
                '\0' => marked(b"\\0", escape, out),
                _ if c.is_ascii() || is_wild(c) => hex(one.as_bytes(), escape, out),
                _ => out.extend_from_slice(one.as_bytes()),
            }
        }
        hex(chunk.invalid(), escape, out);
    }
}

/// Whether this character is invisible, changes how the line around it is shown, or is one that a terminal acts on.
pub(crate) fn is_wild(c: char) -> bool {
    c.is_control() || !c.is_ascii() && c.escape_debug().len() != 1
}

/// Text of the user in a message: a file name, an address, an argument. What a terminal would act on is an escape.
pub(crate) fn tame(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars() {
        match is_wild(c) {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
    }
    shown
}

/// Appends `bytes` as text that keeps its lines, and shows what a terminal would act on as escapes.
pub(crate) fn show_lines(bytes: &[u8], out: &mut Vec<u8>) {
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        show(text, &Span::default(), out);
        out.extend_from_slice(&line[text.len()..]);
    }
}

/// As [`show`], in at most `columns` columns. Returns how many of the bytes are shown.
pub(crate) fn show_some(bytes: &[u8], columns: usize, escape: &Span, out: &mut Vec<u8>) -> usize {
    let (mut shown, mut used) = (0, 0_usize);
    for chunk in bytes.utf8_chunks() {
        let chars = chunk.valid().chars().map(|c| (c.len_utf8(), columns_of(c)));
        for (len, width) in chars.chain(chunk.invalid().iter().map(|_| (1, 4))) {
            used = used.saturating_add(width);
            if used > columns {
                show(&bytes[..shown], escape, out);
                return shown;
            }
            shown += len;
        }
    }
    show(bytes, escape, out);
    shown
}

/// The columns that [`show`] takes for a character, at most.
fn columns_of(c: char) -> usize {
    match c {
        '\\' | '\n' | '\r' | '\t' | '\0' => 2,
        ' '..='~' => 1,
        _ if c.is_ascii() || is_wild(c) => 4 * c.len_utf8(),
        // Letters of the East take two columns.
        '\u{1100}'.. => 2,
        _ => 1,
    }
}

fn marked(text: &[u8], escape: &Span, out: &mut Vec<u8>) {
    out.extend_from_slice(escape.open.as_bytes());
    out.extend_from_slice(text);
    out.extend_from_slice(escape.close.as_bytes());
}

fn hex(bytes: &[u8], escape: &Span, out: &mut Vec<u8>) {
    for &byte in bytes {
        marked(&[b'\\', b'x', digit(byte >> 4), digit(byte & 15)], escape, out);
    }
}

/// A hexadecimal digit of a number below 16.
pub(crate) fn digit(value: u8) -> u8 {
    b"0123456789abcdef".get(usize::from(value)).copied().unwrap_or(b'?')
}

/// Returns the bytes that `text` stands for, with the escapes that [`show`] makes.
pub(crate) fn read(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((plain, after)) = rest.split_once('\\') {
        bytes.extend_from_slice(plain.as_bytes());
        let (byte, len) = match after.as_bytes() {
            [b'n', ..] => (b'\n', 1),
            [b'r', ..] => (b'\r', 1),
            [b't', ..] => (b'\t', 1),
            [b'0', ..] => (0, 1),
            [b'\\', ..] => (b'\\', 1),
            [b'x', high, low, ..] => match (nibble(*high), nibble(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, 3),
                _ => return Err("two hexadecimal digits belong after \\x".to_owned()),
            },
            _ => return Err("an escape is one of \\n \\r \\t \\0 \\\\ \\xHH".to_owned()),
        };
        bytes.push(byte);
        rest = after.get(len..).unwrap_or_default();
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(bytes)
}

/// The value of a hexadecimal digit.
pub(crate) fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
