//! Python's buffers as slices, and slices as `bytes`.

use pyo3::buffer::PyUntypedBuffer;
use pyo3::exceptions::PyBufferError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// Calls `take` with the bytes of an object that has the buffer interface, without a copy.
///
/// `take` must not run Python code: it would see a buffer that it may write to while the slice is borrowed. Making `bytes` is
/// no such code. Neither is anything that does not touch Python.
pub(crate) fn with_bytes<T>(data: &Bound<'_, PyAny>, take: impl FnOnce(&[u8]) -> T) -> PyResult<T> {
    // They never change, so this needs no more.
    if let Ok(bytes) = data.cast::<PyBytes>() {
        return Ok(take(bytes.as_bytes()));
    }
    let buffer = PyUntypedBuffer::get(data)?;
    if !buffer.is_c_contiguous() {
        return Err(PyBufferError::new_err("a contiguous buffer is required"));
    }
    if buffer.len_bytes() == 0 {
        // Its pointer may be null.
        return Ok(take(&[]));
    }
    // SAFETY: The buffer is contiguous, so `len_bytes` bytes from `buf_ptr` on are its contents. As long as `buffer` lives, its
    // exporter neither frees nor moves them: that is what the buffer interface promises. Nobody writes to them meanwhile: this
    // thread holds the interpreter's lock, `take` runs no Python code, and the slice does not outlive `take`. A thread without
    // the lock that writes to a buffer that was passed to a function breaks the rule that all of Python's own C code relies
    // on as well.
    let bytes = unsafe { std::slice::from_raw_parts(buffer.buf_ptr().cast::<u8>(), buffer.len_bytes()) };
    Ok(take(bytes))
}

/// Copies a slice into a new `bytes`. `MemoryError` where there is no memory: `PyBytes::new` would panic.
pub(crate) fn bytes<'py>(py: Python<'py>, slice: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    // A slice is at most `isize::MAX` bytes long.
    let len = ffi::Py_ssize_t::try_from(slice.len()).unwrap_or(ffi::Py_ssize_t::MAX);
    // SAFETY: The pointer and the length are those of a slice. The result is null, with an exception set, or a new reference to
    // a `bytes`, which nobody else owns.
    unsafe {
        let object = ffi::PyBytes_FromStringAndSize(slice.as_ptr().cast(), len);
        Ok(Bound::from_owned_ptr_or_err(py, object)?.cast_into_unchecked())
    }
}
