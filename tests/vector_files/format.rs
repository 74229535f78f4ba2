//! The format of the files: see vectors/README.md.

use anysplit::{DecodeError, DecodeErrorKind, EncodeError, EofError, Recovery, Stretch, Truncated};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

/// The version of the format.
pub(crate) const VERSION: u32 = 1;

/// Bytes, as two lower-case hexadecimal digits each.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Hex(pub(crate) Vec<u8>);

pub(crate) fn bytes(digits: &str) -> Option<Vec<u8>> {
    if digits.len() % 2 != 0 || !digits.is_ascii() {
        return None;
    }
    (0..digits.len() / 2).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).ok()).collect()
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl std::fmt::Debug for Hex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&digits(&self.0))
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        bytes(&text).map(Hex).ok_or_else(|| de::Error::custom("an even number of hexadecimal digits is due"))
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    #[serde(rename = "$schema")]
    pub(crate) schema: String,
    pub(crate) version: u32,
    pub(crate) about: String,
    pub(crate) decode: Vec<Decode>,
    pub(crate) encode: Vec<Encode>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decode {
    pub(crate) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    pub(crate) framing: String,
    pub(crate) recovery: String,
    pub(crate) input: Hex,
    pub(crate) events: Vec<Event>,
    pub(crate) end: End,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum Event {
    Frame {
        /// How many bytes have to be there; none if the end of the stream has to be known.
        after: Option<u64>,
        offset: u64,
        wire_len: u64,
        header: Hex,
        payload: Hex,
        trailer: Hex,
        message: Hex,
        control: bool,
    },
    Skipped {
        after: Option<u64>,
        offset: u64,
        len: u64,
        reason: Error,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum End {
    Clean,
    Error {
        after: Option<u64>,
        #[serde(flatten)]
        error: Error,
    },
    Truncated {
        offset: u64,
        frame_offset: u64,
        part: String,
        have: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        need: Option<u64>,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Error {
    pub(crate) kind: String,
    pub(crate) offset: u64,
    pub(crate) frame_offset: u64,
    pub(crate) details: Map<String, Value>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Encode {
    pub(crate) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    pub(crate) framing: String,
    pub(crate) messages: Vec<Hex>,
    pub(crate) wire: Hex,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refused: Option<Refused>,
}

/// The message after the others, which is not encoded.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refused {
    pub(crate) message: Hex,
    pub(crate) kind: String,
    pub(crate) details: Map<String, Value>,
}

pub(crate) fn policy(recovery: Recovery) -> &'static str {
    match recovery {
        Recovery::Fail => "fail",
        Recovery::SkipOversize => "skip-oversize",
        Recovery::SkipFrame => "skip-frame",
        Recovery::Resync => "resync",
        other => panic!("{other:?} has no name here"),
    }
}

pub(crate) fn recovery(policy: &str) -> Recovery {
    let all = [Recovery::Fail, Recovery::SkipOversize, Recovery::SkipFrame, Recovery::Resync];
    all.into_iter().find(|&recovery| self::policy(recovery) == policy).expect("a known policy")
}

/// The name of a variant in lower case with underscores, and its numbers.
fn named(debug: &str) -> (String, Map<String, Value>) {
    let (name, fields) = debug.split_once(" {").unwrap_or((debug.split('(').next().unwrap_or(debug), ""));
    let mut snake = String::new();
    for char in name.chars() {
        if char.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(char.to_lowercase());
    }
    let fields = fields.trim_end_matches('}').split(',').filter_map(|field| field.split_once(':'));
    let number = |text: &str| text.trim().parse::<u64>().expect("a number");
    let details = fields.map(|(name, value)| {
        let value = number(value);
        assert!(value < 1 << 53, "{value} is no number of every JSON reader");
        (name.trim().to_owned(), value.into())
    });
    (snake, details.collect())
}

fn kind(kind: DecodeErrorKind) -> (String, Map<String, Value>) {
    match kind {
        DecodeErrorKind::Truncated(part) => (String::from("truncated"), named(&format!("{part:?}")).1),
        // Its text is not part of the format.
        DecodeErrorKind::Custom(_) => (String::from("custom"), Map::new()),
        kind => named(&format!("{kind:?}")),
    }
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        let (kind, details) = kind(error.kind);
        Self { kind, offset: error.offset, frame_offset: error.frame_offset, details }
    }
}

impl Event {
    pub(crate) fn skipped(stretch: Stretch, after: Option<u64>) -> Self {
        Self::Skipped { after, offset: stretch.offset, len: stretch.len, reason: stretch.reason.into() }
    }
}

impl End {
    pub(crate) fn new(result: Result<(), EofError>, after: Option<u64>) -> Self {
        match result {
            Ok(()) => Self::Clean,
            Err(EofError::Decode(error)) => Self::Error { after, error: error.into() },
            Err(EofError::Truncated { frame_offset, end, part }) => {
                let (have, need) = match part {
                    Truncated::Header { have, need }
                    | Truncated::Payload { have, need }
                    | Truncated::Trailer { have, need } => (have, Some(need)),
                    Truncated::Unterminated { have } | Truncated::Skipped { have } => (have, None),
                    other => panic!("{other:?} has no form here"),
                };
                let (part, _) = named(&format!("{part:?}"));
                Self::Truncated { offset: end, frame_offset, part, have, need }
            }
        }
    }
}

impl Refused {
    pub(crate) fn new(message: &[u8], error: EncodeError) -> Self {
        let (kind, details) = match error {
            // Their texts and inner errors are not part of the format.
            EncodeError::Custom(_) => (String::from("custom"), Map::new()),
            EncodeError::Header(_) => (String::from("header"), Map::new()),
            EncodeError::Malformed(_) => (String::from("malformed"), Map::new()),
            error => named(&format!("{error:?}")),
        };
        Self { message: Hex(message.to_vec()), kind, details }
    }
}

/// One event or property a line, so that a change is easy to see.
pub(crate) fn write(file: &File) -> String {
    let json = |value: &dyn erased::Json| value.json();
    let mut text = format!("{{\n\"$schema\": {},\n\"version\": {},\n", json(&file.schema), file.version);
    text += &format!("\"about\": {},\n\"decode\": [", json(&file.about));
    for (at, vector) in file.decode.iter().enumerate() {
        text += if at == 0 { "\n" } else { ",\n" };
        text += &format!("  {{\n    \"name\": {},\n", json(&vector.name));
        if let Some(source) = &vector.source {
            text += &format!("    \"source\": {},\n", json(source));
        }
        text +=
            &format!("    \"framing\": {},\n    \"recovery\": {},\n", json(&vector.framing), json(&vector.recovery));
        text += &format!("    \"input\": {},\n    \"events\": [", json(&vector.input));
        for (at, event) in vector.events.iter().enumerate() {
            text += if at == 0 { "\n      " } else { ",\n      " };
            text += &json(event);
        }
        text += if vector.events.is_empty() { "],\n" } else { "\n    ],\n" };
        text += &format!("    \"end\": {}\n  }}", json(&vector.end));
    }
    text += "\n],\n\"encode\": [";
    for (at, vector) in file.encode.iter().enumerate() {
        text += if at == 0 { "\n  " } else { ",\n  " };
        text += &json(vector);
    }
    text + "\n]\n}\n"
}

/// What can be written as JSON on a line.
mod erased {
    pub(crate) trait Json {
        fn json(&self) -> String;
    }

    impl<T: serde::Serialize> Json for T {
        fn json(&self) -> String {
            serde_json::to_string(self).expect("strings, numbers, lists and maps")
        }
    }
}
