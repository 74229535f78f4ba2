//! SLIP and COBS.

use std::fmt::Write;

use super::shown::{bytes_of, rounded};
use crate::stuffed::{Kind, Stuffed};
use crate::style::{Palette, Span};

/// SLIP and COBS: the sample above its wire.
pub(super) fn stuffing(stuffed: Stuffed, sample: &[u8], palette: &Palette, text: &mut String) {
    let Span { open, close } = &palette.header;
    let (what, specification, overhead) = match stuffed.kind {
        Kind::Slip => (
            "c0 ahead of every message and after it; inside, c0 is written db dc, and db is written db dd",
            "RFC 1055",
            "2 bytes a message, and one for each c0 and db in it",
        ),
        Kind::Cobs => (
            "00 after every message; inside, each zero is replaced by how far it is to the next",
            "S. Cheshire and M. Baker, \"Consistent Overhead Byte Stuffing\", 1999",
            "2 bytes a message, and one for every 254 in a row without a zero",
        ),
    };
    let _ = writeln!(text, "{open}{}{close}\n  {what}\n  {specification}\n", stuffed.name());
    let digits = |bytes: &[u8]| bytes.iter().fold(String::new(), |line, byte| format!("{line} {byte:02x}"));
    let mut wire = Vec::new();
    match stuffed.encode(sample, &mut wire) {
        Err(refusal) => {
            let _ = writeln!(text, "  the sample is refused: {refusal}\n");
        }
        Ok(_) => {
            let Palette { payload: Span { open, close }, .. } = palette;
            let _ = writeln!(text, "  payload {open}{}{close}\n  wire    {}\n", digits(sample), digits(&wire));
        }
    }
    let Span { open, close } = &palette.faint;
    let limit = match stuffed.max {
        u64::MAX => "none".to_owned(),
        max => format!("payloads of {}{}", bytes_of(max), rounded(max)),
    };
    let empty = if stuffed.encode(b"", &mut Vec::new()).is_ok() { "can" } else { "cannot" };
    let _ = writeln!(text, "  {open}told by   {close}a delimiter that no message can hold");
    let _ = writeln!(text, "  {open}limit     {close}{limit}\n  {open}overhead  {close}{overhead}");
    let _ = writeln!(text, "  {open}empty     {close}messages {empty} be sent");
}
