//! Headers: whether one is text, and whether there can be one.

use anysplit::number::AnyNumber;
use anysplit::{AnyFraming, Body};

/// Whether this framing writes headers as text, and this one has only characters and line ends. The bytes alone do not decide
/// it: `35` may be the digit 5 or the length 53.
pub(super) fn is_text(framing: &AnyFraming, header: &[u8]) -> bool {
    let shows = |&byte: &u8| matches!(byte, b' '..=b'~' | b'\r' | b'\n' | b'\t');
    header.iter().all(shows) && writes_text(framing, header)
}

fn writes_text(framing: &AnyFraming, header: &[u8]) -> bool {
    match framing {
        AnyFraming::Prefix(prefix) => matches!(prefix.number(), AnyNumber::Ascii(_)),
        AnyFraming::ByType(by_type) => {
            let Some((kind, rest)) = header.split_first() else { return true };
            by_type.table().iter().any(|(of, body)| match body {
                Body::Len(_) => of == kind,
                Body::Framed(inner) => of == kind && writes_text(inner, rest),
            })
        }
        AnyFraming::ByFirstByte(by_first_byte) => {
            by_first_byte.table().iter().any(|(_, inner)| writes_text(inner, header))
        }
        AnyFraming::Then(then) => writes_text(then.first(), header) || writes_text(then.rest(), header),
        AnyFraming::Enclosed(enclosed) => {
            let rest = header.get(enclosed.start().as_slice().len()..).unwrap_or_default();
            rest.is_empty() || writes_text(enclosed.inner(), rest)
        }
        AnyFraming::After(after) => writes_text(after.inner(), header),
        AnyFraming::Checked(checked) => writes_text(checked.inner(), header),
        AnyFraming::Blocks(blocks) => writes_text(blocks.inner(), header),
        AnyFraming::Forbid(forbid) => writes_text(forbid.inner(), header),
        AnyFraming::Require(require) => writes_text(require.inner(), header),
        AnyFraming::Protocol(named) => writes_text(named.framing(), header),
        // Start bytes, lines, fields and literals. The rest have numbers in their headers.
        AnyFraming::Delimited(_)
        | AnyFraming::HeaderBlock(_)
        | AnyFraming::LineThenBlock(_)
        | AnyFraming::Chunked(_)
        | AnyFraming::Http1(_)
        | AnyFraming::Dotted(_)
        | AnyFraming::UniversalLine(_)
        | AnyFraming::Values(_) => true,
        _ => false,
    }
}

/// Whether frames without a header and frames with one can come in the same stream.
pub(super) fn is_optional(framing: &AnyFraming) -> bool {
    match framing {
        AnyFraming::LineThenBlock(_) => true,
        AnyFraming::ByFirstByte(by_first_byte) => by_first_byte.table().iter().any(|(_, inner)| has_header(inner)),
        AnyFraming::Then(then) => has_header(then.first()) || has_header(then.rest()),
        AnyFraming::Protocol(named) => is_optional(named.framing()),
        _ => false,
    }
}

fn has_header(framing: &AnyFraming) -> bool {
    match framing {
        AnyFraming::Prefix(_)
        | AnyFraming::LengthField(_)
        | AnyFraming::HeaderBlock(_)
        | AnyFraming::Chunked(_)
        | AnyFraming::Http1(_)
        | AnyFraming::Enclosed(_) => true,
        AnyFraming::Checked(checked) => has_header(checked.inner()),
        AnyFraming::Forbid(forbid) => has_header(forbid.inner()),
        AnyFraming::Require(require) => has_header(require.inner()),
        framing => is_optional(framing),
    }
}
