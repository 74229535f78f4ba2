//! What somebody may have meant by a SPEC that is none.

use anysplit::spec::{SpecError, SpecErrorKind};
use anysplit::{AnyFraming, protocols};

use super::nearest;
use crate::vocabulary::{FRAMINGS, OPTIONS};

/// Names of the library and of other programs, and the words for them.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("uleb128", "varint"),
    ("protobuf-varint", "varint"),
    ("lines", "line"),
    ("newline", "line"),
    ("lf", "line"),
    ("cr", "delim:\\r"),
    ("nul", "delim:\\0"),
    ("null", "delim:\\0"),
    ("zero", "delim:\\0"),
    ("delimited", "delim:;"),
    ("delimiter", "delim:;"),
    ("lengthfield", "field:offset=2,size=2"),
    ("length-field", "field:offset=2,size=2"),
    ("untilclose", "close"),
    ("universalline", "anyline"),
    ("headerblock", "header:Content-Length"),
    ("linethenblock", "block:VALUE:3"),
    ("bytype", "type:P=2,Q=u16be"),
    ("byfirstbyte", "first:0-9=(ascii,end=\\x20),<=line"),
    ("dotted", "dots"),
    ("messagepack", "msgpack"),
    ("ndjson", "line"),
    ("jsonl", "line"),
    ("u8be", "u8"),
    ("hdlc", "@hdlc"),
];

/// Checksums by names that do not say which is meant, and those that are often meant.
const OTHER_CHECKSUMS: &[(&str, &[&str])] = &[
    ("crc", &["CRC-16/MODBUS", "CRC-16/XMODEM", "CRC-32/ISO-HDLC"]),
    ("crc8", &["CRC-8/SMBUS", "CRC-8/MAXIM-DOW"]),
    ("crc16", &["CRC-16/MODBUS", "CRC-16/XMODEM", "CRC-16/IBM-SDLC"]),
    ("crc32", &["CRC-32/ISO-HDLC"]),
    ("crc32c", &["CRC-32/ISCSI"]),
    ("checksum", &["xor", "sum8", "CRC-16/MODBUS"]),
];

/// The hint for the error of this text, if there is one that is likely right.
pub(super) fn hint(text: &str, error: SpecError) -> Option<String> {
    let before: String = text.chars().take(error.column.saturating_sub(1)).collect();
    let rest: String = text.chars().skip(error.column.saturating_sub(1)).collect();
    let word: String = rest.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect();
    if let Some(mended) = mended_size(&before, &rest) {
        return Some(meant(&[mended]));
    }
    // A SPEC has no blanks, except one on each side of `then`.
    let words: Vec<_> = text.split_whitespace().collect();
    let parts: Vec<_> = text.split([' ', ',']).filter(|part| !part.is_empty()).collect();
    if let Some(squeezed) = [words.join(" "), parts.join(",")].into_iter().find(|squeezed| is_spec(squeezed)) {
        return Some(meant(&[squeezed]));
    }
    let SpecErrorKind::Expected(expected) = error.kind else { return None };
    if before.ends_with('@') {
        if protocols::joined_by_name(&word).is_some() {
            return Some("`decode` and `explain` take such names.".to_owned());
        }
        // Only some protocols have messages of several frames.
        if let Some(frames) = word.strip_suffix("-messages").filter(|name| protocols::by_name(name).is_some()) {
            return Some(meant(&[format!("@{frames}")]));
        }
        let joined = protocols::JOINED.iter().map(|joined| joined.name);
        let names = protocols::ALL.iter().map(|protocol| protocol.name).chain(joined);
        let near: Vec<_> = nearest(&word.to_lowercase(), names).iter().map(|name| format!("@{name}")).collect();
        return Some(match near.is_empty() {
            true => "`anysplit protocols` lists the names.".to_owned(),
            false => meant(&near),
        });
    }
    let in_place = |other: &str| format!("{before}{other}{}", rest.strip_prefix(&word).unwrap_or_default());
    if expected.starts_with("a byte order") && word.is_empty() {
        return Some(meant(&[in_place("be"), in_place("le")]));
    }
    if expected.starts_with("a framing") {
        return framing(&word, &rest, in_place);
    }
    let option =
        if expected.starts_with("a checksum") { Some("") } else { expected.contains(" sum,").then_some("sum=") };
    if let Some(near) = option.and_then(|option| checksums(&rest, option, &before)) {
        return Some(meant(&near));
    }
    // The text lists what can stand here, after a colon if it has one.
    let listed = expected.rsplit_once(": ").map_or(expected, |(_, listed)| listed);
    let listed = listed.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').filter(|word| word.len() > 1);
    let near: Vec<_> = nearest(&word.to_lowercase(), listed).into_iter().map(in_place).collect();
    (!near.is_empty()).then(|| meant(&near))
}

/// A word that is no framing.
fn framing(word: &str, rest: &str, in_place: impl Fn(&str) -> String) -> Option<String> {
    let plain = word.to_lowercase();
    if protocols::by_name(&plain).is_some() {
        return Some(meant(&[in_place(&format!("@{plain}"))]));
    }
    // The library's names, such as `u16_be` and `Prefix::u32_be()`.
    let called = rest.trim_end_matches("()").rsplit_once("::").map(|(_, function)| function);
    let joined = called.unwrap_or(word).to_lowercase().replace('_', "");
    if word != joined && is_spec(&joined) {
        return Some(meant(&[if called.is_some() { joined } else { in_place(&joined) }]));
    }
    if let Some((_, other)) = OTHER_NAMES.iter().find(|(name, _)| [&plain, &joined].iter().any(|word| word == name)) {
        return Some(meant(&[in_place(other)]));
    }
    if let Some(option) = OPTIONS.iter().find(|option| option.name == plain) {
        return Some(format!("`{plain}` is an option of a framing, as in `{}`.", option.example));
    }
    if rest.contains(['/', '.']) && word.is_empty() || rest.starts_with('-') {
        return Some("A SPEC is no file name: it comes before the file.".to_owned());
    }
    let names = protocols::ALL.iter().map(|protocol| protocol.name);
    let words = FRAMINGS.iter().map(|framing| framing.word).filter(|word| word.len() > 2);
    let near: Vec<_> = nearest(&plain, words.chain(names)).into_iter().collect();
    let near = near.into_iter().map(|name| match protocols::by_name(name) {
        Some(_) if FRAMINGS.iter().all(|framing| framing.word != name) => in_place(&format!("@{name}")),
        _ => in_place(name),
    });
    let near: Vec<_> = near.collect();
    Some(match near.is_empty() {
        true => "`anysplit help spec` lists the framings, `anysplit protocols` the protocols.".to_owned(),
        false => meant(&near),
    })
}

/// The checksums that `rest` may begin with, each a complete SPEC.
fn checksums(rest: &str, option: &str, before: &str) -> Option<Vec<String>> {
    let (word, after) = rest.find([',', ')', '=']).map_or((rest, ""), |end| rest.split_at(end));
    let (_, names) = OTHER_CHECKSUMS.iter().find(|(other, _)| word.to_lowercase().replace(['-', '_'], "") == *other)?;
    let specs = names.iter().map(|name| format!("{before}{option}{name}{after}"));
    Some(specs.filter(|spec| is_spec(spec)).collect())
}

/// Corrects the spelling of a size: `64MB` becomes `64M`, and `1m` becomes `1M`.
fn mended_size(before: &str, rest: &str) -> Option<String> {
    let start = before.rfind(['=', ':']).map_or(0, |at| at + 1);
    let unit: String = rest.chars().take_while(char::is_ascii_alphabetic).collect();
    let (digits, suffix) = before
        .get(start..)?
        .split_at_checked(before.get(start..)?.find(|c: char| !c.is_ascii_digit()).unwrap_or(before.len() - start))?;
    let unit_of = format!("{suffix}{unit}").to_lowercase();
    let letter = match unit_of.trim_end_matches('b').trim_end_matches('i') {
        "k" => "k",
        "m" => "M",
        "g" => "G",
        "t" => "T",
        "" if unit_of == "b" => "",
        _ => return None,
    };
    (!digits.is_empty() && !unit.is_empty()).then(|| {
        format!(
            "{}{digits}{letter}{}",
            before.get(..start).unwrap_or_default(),
            rest.get(unit.len()..).unwrap_or_default()
        )
    })
}

fn is_spec(text: &str) -> bool {
    text.parse::<AnyFraming>().is_ok()
}

/// A question with these answers.
fn meant(answers: &[String]) -> String {
    let shown: Vec<_> = answers.iter().map(|answer| format!("`{answer}`")).collect();
    match &shown[..] {
        [] => String::new(),
        [one] => format!("Did you mean {one}?"),
        [others @ .., last] => format!("Did you mean {} or {last}?", others.join(", ")),
    }
}
