//! Bytes from and to Python.

use pyo3::buffer::PyUntypedBuffer;
use pyo3::exceptions::PyBufferError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMemoryView};

/// Calls `take` with the bytes of an object that has the buffer interface: those of `bytes` where they are, others after one copy,
/// because another thread may write to them.
pub(crate) fn with_bytes<T>(data: &Bound<'_, PyAny>, take: impl FnOnce(&[u8]) -> T) -> PyResult<T> {
    if let Ok(bytes) = data.cast::<PyBytes>() {
        return Ok(take(bytes.as_bytes()));
    }
    if !PyUntypedBuffer::get(data)?.is_c_contiguous() {
        return Err(PyBufferError::new_err("a contiguous buffer is required"));
    }
    let copy = PyMemoryView::from(data)?.call_method0("tobytes")?;
    Ok(take(copy.cast::<PyBytes>()?.as_bytes()))
}

/// Copies a slice into a new `bytes`. `MemoryError` where there is no memory.
pub(crate) fn bytes<'py>(py: Python<'py>, slice: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    PyBytes::new_with(py, slice.len(), |bytes| {
        bytes.copy_from_slice(slice);
        Ok(())
    })
}
