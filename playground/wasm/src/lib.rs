//! The functions that the page calls. Only [`input_room`] has a parameter.
//!
//! The page asks for room with [`input_room`], writes its arguments there, calls [`parse`], [`encode`], [`decode`] or
//! [`protocols`], and reads as many bytes of JSON as that returns from [`output`]. The arguments are messages framed by the
//! crate itself, with a length of four bytes in little-endian order before each.
//!
//! No block of unsafe code is needed: both buffers are ordinary vectors, and the page asks for their addresses.

mod answer;
mod json;

use std::sync::{Mutex, MutexGuard, PoisonError};

use anysplit::{Decoder, Framing, Prefix};

static INPUT: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static OUTPUT: Mutex<Vec<u8>> = Mutex::new(Vec::new());

fn locked(buffer: &'static Mutex<Vec<u8>>) -> MutexGuard<'static, Vec<u8>> {
    buffer.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Splits what the page wrote into its arguments, calls `answer`, and returns the length of the answer.
fn call(answer: fn(&[Vec<u8>]) -> String) -> usize {
    let input = locked(&INPUT);
    let prefix = Prefix::u32_le();
    let mut decoder = Decoder::new(&prefix as &dyn Framing);
    let mut arguments = Vec::new();
    if let Ok(frames) = decoder.frames_in(&input) {
        // An argument that is cut or too long is missing, and `answer` judges what is there.
        let _ = frames.for_each(|frame| arguments.push(frame.payload().to_vec()));
    }
    let mut output = locked(&OUTPUT);
    *output = answer(&arguments).into_bytes();
    output.len()
}

// SAFETY, for each `no_mangle` below: no other function of these names is linked into the module.

/// Makes room for `len` bytes of arguments and returns where it is.
#[allow(unsafe_code, reason = "the page finds the function by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn input_room(len: usize) -> *mut u8 {
    let mut input = locked(&INPUT);
    input.clear();
    input.resize(len, 0);
    input.as_mut_ptr()
}

/// Returns where the last answer is.
#[allow(unsafe_code, reason = "the page finds the function by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn output() -> *const u8 {
    locked(&OUTPUT).as_ptr()
}

/// Reads the text form of a framing: see [`answer::parse`].
#[allow(unsafe_code, reason = "the page finds the function by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn parse() -> usize {
    call(answer::parse)
}

/// Writes messages: see [`answer::encode`].
#[allow(unsafe_code, reason = "the page finds the function by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn encode() -> usize {
    call(answer::encode)
}

/// Decodes a stream that arrives in chunks: see [`answer::decode`].
#[allow(unsafe_code, reason = "the page finds the function by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn decode() -> usize {
    call(answer::decode)
}

/// Lists the protocols: see [`answer::protocols`].
#[allow(unsafe_code, reason = "the page finds the function by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn protocols() -> usize {
    call(answer::protocols)
}
