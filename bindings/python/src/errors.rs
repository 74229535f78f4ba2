//! The crate's errors as exceptions: a text, a kind, and numbers.

use anysplit::spec::SpecError;
use anysplit::{Closed, DecodeError, DecodeErrorKind, EncodeError, EofError, Truncated};
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyDict, PyType};

use crate::objects;

/// The name of a kind, and its numbers by name. `vectors/README.md` uses the same names.
type Named = (&'static str, Vec<(&'static str, u64)>);

fn decode_kind(kind: DecodeErrorKind) -> Named {
    use DecodeErrorKind as Kind;
    match kind {
        Kind::Oversize { len, max } => ("oversize", vec![("len", len), ("max", max)]),
        Kind::NotADigit { found, radix } => ("not_a_digit", vec![("found", found.into()), ("radix", radix.into())]),
        Kind::LeadingZero => ("leading_zero", vec![]),
        Kind::NumberTooLarge { max } => ("number_too_large", vec![("max", max)]),
        Kind::NotShortest => ("not_shortest", vec![]),
        Kind::ReservedForm { found } => ("reserved_form", vec![("found", found.into())]),
        Kind::TooShort { len, min } => ("too_short", vec![("len", len), ("min", min)]),
        Kind::EndsEarly { missing } => ("ends_early", vec![("missing", missing)]),
        Kind::UnknownType { found } => ("unknown_type", vec![("found", found.into())]),
        Kind::Mismatch { found, expected } => {
            ("mismatch", vec![("found", found.into()), ("expected", expected.into())])
        }
        Kind::HeaderTooLong { max } => ("header_too_long", vec![("max", max)]),
        Kind::NoLength => ("no_length", vec![]),
        Kind::Repeated => ("repeated", vec![]),
        Kind::ForbiddenField => ("forbidden_field", vec![]),
        Kind::Forbidden { found } => ("forbidden", vec![("found", found.into())]),
        Kind::TooDeep { max } => ("too_deep", vec![("max", max)]),
        Kind::Check { found, computed } => ("check", vec![("found", found), ("computed", computed)]),
        Kind::Truncated(part) => ("truncated", truncated_part(part).1),
        // And what a later version of the crate adds.
        _ => ("custom", vec![]),
    }
}

fn truncated_part(part: Truncated) -> Named {
    match part {
        Truncated::Header { have, need } => ("header", vec![("have", have), ("need", need)]),
        Truncated::Payload { have, need } => ("payload", vec![("have", have), ("need", need)]),
        Truncated::Trailer { have, need } => ("trailer", vec![("have", have), ("need", need)]),
        Truncated::Unterminated { have } => ("unterminated", vec![("have", have)]),
        Truncated::Skipped { have } => ("skipped", vec![("have", have)]),
        _ => ("unknown", vec![]),
    }
}

fn index(at: usize) -> u64 {
    u64::try_from(at).unwrap_or(u64::MAX)
}

fn encode_kind(error: EncodeError) -> Named {
    use EncodeError as Kind;
    match error {
        Kind::Oversize { len, max } => ("oversize", vec![("len", len), ("max", max)]),
        Kind::TooShort { len, min } => ("too_short", vec![("len", len), ("min", min)]),
        Kind::WrongLength { len, expected } => ("wrong_length", vec![("len", len), ("expected", expected)]),
        Kind::DoesNotFit { value, max } => ("does_not_fit", vec![("value", value), ("max", max)]),
        Kind::NotAMultiple { len, unit } => ("not_a_multiple", vec![("len", len), ("unit", unit)]),
        Kind::ContainsDelimiter { at } => ("contains_delimiter", vec![("at", index(at))]),
        Kind::NotTerminated => ("not_terminated", vec![]),
        Kind::UnknownType { found } => ("unknown_type", vec![("found", found.into())]),
        Kind::LengthDisagrees { found, expected } => {
            ("length_disagrees", vec![("found", found), ("expected", expected)])
        }
        Kind::Mismatch { at, found, expected } => {
            ("mismatch", vec![("at", index(at)), ("found", found.into()), ("expected", expected.into())])
        }
        Kind::Check { found, computed } => ("check", vec![("found", found), ("computed", computed)]),
        Kind::Forbidden { at, found } => ("forbidden", vec![("at", index(at)), ("found", found.into())]),
        Kind::Header(_) => ("header", vec![]),
        Kind::Malformed(_) => ("malformed", vec![]),
        Kind::Empty => ("empty", vec![]),
        Kind::HeaderTooLong { max } => ("header_too_long", vec![("max", index(max))]),
        Kind::NoRoom { need, have } => ("no_room", vec![("need", need), ("have", have)]),
        Kind::AfterLast => ("after_last", vec![]),
        // And what a later version of the crate adds.
        _ => ("custom", vec![]),
    }
}

fn dict(py: Python<'_>, details: Vec<(&'static str, u64)>) -> PyResult<Py<PyDict>> {
    details.into_py_dict(py).map(Bound::unbind)
}

/// An exception of this class with these arguments; or the one that making it raised.
fn raise<'py, A>(class: PyResult<&Bound<'py, PyType>>, arguments: PyResult<A>) -> PyErr
where
    A: pyo3::call::PyCallArgs<'py>,
{
    match class.and_then(|class| class.call1(arguments?)) {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}

pub(crate) fn decode(py: Python<'_>, error: DecodeError) -> PyErr {
    if let DecodeErrorKind::Truncated(_) = error.kind {
        return eof(py, error.into());
    }
    let (kind, details) = decode_kind(error.kind);
    let arguments =
        dict(py, details).map(|details| (error.to_string(), kind, error.offset, error.frame_offset, details));
    raise(objects::decode_error_class(py), arguments)
}

pub(crate) fn eof(py: Python<'_>, error: EofError) -> PyErr {
    match error {
        EofError::Decode(error) => decode(py, error),
        EofError::Truncated { frame_offset, end, part } => {
            let (part, details) = truncated_part(part);
            let arguments =
                dict(py, details).map(|details| (error.to_string(), "truncated", end, frame_offset, details, part));
            raise(objects::truncated_error_class(py), arguments)
        }
    }
}

pub(crate) fn closed(py: Python<'_>, error: Closed) -> PyErr {
    match error {
        Closed::Failed(error) => decode(py, error),
        Closed::Ended(_) => raise(objects::closed_error_class(py), Ok((error.to_string(),))),
    }
}

pub(crate) fn encode(py: Python<'_>, error: EncodeError) -> PyErr {
    let (kind, details) = encode_kind(error);
    let arguments = dict(py, details).map(|details| (error.to_string(), kind, details));
    raise(objects::encode_error_class(py), arguments)
}

pub(crate) fn spec(py: Python<'_>, text: &str, error: SpecError) -> PyErr {
    let arguments = (error.rendered(text).to_string(), error.column, error.kind.to_string());
    raise(objects::spec_error_class(py), Ok(arguments))
}
