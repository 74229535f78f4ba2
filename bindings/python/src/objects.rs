//! The classes that are written in Python, and their objects.

use anysplit::decode::Skips;
use anysplit::{Event, Frame, Message, Stretch};
use pyo3::PyTypeInfo;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyList, PyType};

use crate::buffer::bytes;
use crate::errors;

/// The class of this name in `anysplit._types`.
macro_rules! class {
    ($function:ident, $name:literal) => {
        pub(crate) fn $function(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
            static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
            CLASS.import(py, "anysplit._types", $name)
        }
    };
}

class!(frame_class, "Frame");
class!(skipped_class, "Skipped");
class!(skips_class, "Skips");
class!(then_error_class, "ThenError");
class!(spec_error_class, "SpecError");
class!(encode_error_class, "EncodeError");
class!(decode_error_class, "DecodeError");
class!(truncated_error_class, "TruncatedError");
class!(closed_error_class, "ClosedError");

pub(crate) fn message<'py>(py: Python<'py>, message: &Message<'_>) -> PyResult<Bound<'py, PyBytes>> {
    match message.as_slice() {
        Some(slice) => bytes(py, slice),
        None => bytes(py, &message.to_vec()),
    }
}

pub(crate) fn frame<'py>(py: Python<'py>, frame: &Frame<'_>) -> PyResult<Bound<'py, PyAny>> {
    let parts = (
        bytes(py, frame.payload())?,
        message(py, &frame.message())?,
        bytes(py, frame.header())?,
        bytes(py, frame.trailer())?,
        frame.offset(),
        frame.wire_len(),
        frame.is_control(),
    );
    frame_class(py)?.call1(parts)
}

pub(crate) fn skipped<'py>(py: Python<'py>, stretch: &Stretch) -> PyResult<Bound<'py, PyAny>> {
    let reason = errors::decode(py, stretch.reason).into_value(py);
    skipped_class(py)?.call1((stretch.offset, stretch.len, reason))
}

pub(crate) fn event<'py>(py: Python<'py>, event: &Event<'_>) -> PyResult<Bound<'py, PyAny>> {
    match event {
        Event::Frame(found) => frame(py, found),
        Event::Skipped(stretch) => skipped(py, stretch),
    }
}

pub(crate) fn skips<'py>(py: Python<'py>, skips: &Skips) -> PyResult<Bound<'py, PyAny>> {
    let reason = skips.last_reason.map(|reason| errors::decode(py, reason).into_value(py));
    skips_class(py)?.call1((skips.stretches, skips.bytes, reason))
}

/// A list of what came; if an error ended it, one that raises the error after its last item. An error alone is raised at once.
pub(crate) fn list<'py, T: PyTypeInfo>(
    py: Python<'py>,
    items: Vec<Bound<'py, T>>,
    end: PyResult<()>,
) -> PyResult<Bound<'py, PyList>> {
    match end {
        Ok(()) => PyList::new(py, items),
        Err(error) if items.is_empty() => Err(error),
        Err(error) => {
            let items = PyList::new(py, items)?;
            Ok(then_error_class(py)?.call1((items, error.into_value(py)))?.cast_into()?)
        }
    }
}
