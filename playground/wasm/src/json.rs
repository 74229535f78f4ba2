//! JSON, written as it comes.

use std::fmt::{Display, Write as _};

/// Writes one text of JSON. A comma is put where one is needed.
#[derive(Default)]
pub(crate) struct Json {
    text: String,
    follows: bool,
}

impl Json {
    fn begin(&mut self) {
        if self.follows {
            self.text.push(',');
        }
        self.follows = true;
    }

    fn nested(&mut self, open: char, close: char, write: impl FnOnce(&mut Self)) {
        self.begin();
        self.text.push(open);
        self.follows = false;
        write(self);
        self.text.push(close);
        self.follows = true;
    }

    pub(crate) fn object(&mut self, write: impl FnOnce(&mut Self)) {
        self.nested('{', '}', write);
    }

    pub(crate) fn array(&mut self, write: impl FnOnce(&mut Self)) {
        self.nested('[', ']', write);
    }

    /// Writes the name of a member. Its value comes next.
    pub(crate) fn name(&mut self, name: &str) -> &mut Self {
        self.string(name);
        self.text.push(':');
        self.follows = false;
        self
    }

    pub(crate) fn string(&mut self, value: impl Display) {
        self.begin();
        self.text.push('"');
        let start = self.text.len();
        let _ = write!(self.text, "{value}");
        let escaped = escape(&self.text[start..]);
        if let Some(escaped) = escaped {
            self.text.truncate(start);
            self.text.push_str(&escaped);
        }
        self.text.push('"');
    }

    pub(crate) fn hex(&mut self, bytes: &[u8]) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        self.begin();
        self.text.push('"');
        for byte in bytes {
            self.text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            self.text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        self.text.push('"');
    }

    pub(crate) fn number(&mut self, value: impl Into<u64>) {
        self.begin();
        let _ = write!(self.text, "{}", value.into());
    }

    pub(crate) fn len(&mut self, value: usize) {
        self.begin();
        let _ = write!(self.text, "{value}");
    }

    pub(crate) fn bool(&mut self, value: bool) {
        self.begin();
        self.text.push_str(if value { "true" } else { "false" });
    }

    /// Writes a value that is JSON already.
    pub(crate) fn raw(&mut self, value: &str) {
        self.begin();
        self.text.push_str(value);
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

fn escape(text: &str) -> Option<String> {
    if !text.contains(|c: char| c == '"' || c == '\\' || c < ' ') {
        return None;
    }
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '"' | '\\' => escaped.extend(['\\', c]),
            c if c < ' ' => {
                let _ = write!(escaped, "\\u{:04x}", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    Some(escaped)
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn text_is_escaped_and_commas_stand_between() {
        let mut json = Json::default();
        json.array(|json| {
            json.string("a\"b\\c\n");
            json.object(|json| {
                json.name("x").len(1);
                json.name("y").array(|_| {});
            });
            json.hex(&[0, 0xff]);
            json.bool(true);
        });
        assert_eq!(json.into_text(), r#"["a\"b\\c\u000a",{"x":1,"y":[]},"00ff",true]"#);
    }
}
