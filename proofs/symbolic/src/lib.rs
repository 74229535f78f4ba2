//! The local property of a decoder's step, one function of C for each framing.
//!
//! `check_NAME(bytes, len)` asks one decoder about all bytes at once. For each cut it asks another about the bytes before the
//! cut and then about all of them. It returns 0 if all answer the same and no answer asked for too much, or else the cut and
//! what is wrong. `fault_NAME` runs the check on a framing that answers one input wrongly. The search must find that input.

#![no_std]
#![allow(clippy::unwrap_used, reason = "a configuration that cannot be built is a panic, which the check finds")]

mod configs;

use anysplit::contract::{AtEof, Envelope, Extent, FrameError, Located, NextStart, Part, Progress};
use anysplit::decode::{Deframer, Step};
use anysplit::{DecodeError, DecodeErrorKind, EncodeError, Fixed, Framing};

/// Where every panic ends. The check looks for this address, so it must not become a part of other functions.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn reached_a_panic() -> ! {
    loop {
        core::hint::spin_loop();
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    reached_a_panic()
}

// The prebuilt `core` refers to it, although nothing unwinds here.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

/// How a decoder answers, once filler is gone.
#[derive(Clone, Copy, PartialEq)]
enum Answer {
    Frame(Extent),
    Error(DecodeError),
    Need(usize),
}

/// A decoder that has answered, and how much filler it dropped.
struct Asked<'f, F> {
    deframer: Deframer<&'f F>,
    dropped: usize,
}

impl<F: Framing> Asked<'_, F> {
    /// Asks until the answer is more than to drop filler.
    fn answer(&mut self, bytes: &[u8]) -> Answer {
        loop {
            match self.deframer.step(bytes.get(self.dropped..).unwrap_or_default()) {
                Ok(Step::Frame(extent)) => return Answer::Frame(extent),
                Ok(Step::Discard { len, .. }) => self.dropped += len,
                Ok(Step::Skipped { .. }) => unreachable!("nothing is skipped without a policy"),
                Ok(Step::Need(need)) => return Answer::Need(need.get()),
                Err(error) => return Answer::Error(error),
            }
        }
    }
}

fn ask<F: Framing>(framing: &F) -> Asked<'_, F> {
    Asked { deframer: Deframer::new(framing), dropped: 0 }
}

/// Returns 0, or the cut times 16 and what is wrong.
fn local_property<F: Framing>(framing: &F, bytes: &[u8]) -> u32 {
    let mut at_once = ask(framing);
    let all = at_once.answer(bytes);
    let wrong = match all {
        Answer::Frame(extent) if extent.fits(bytes.len() - at_once.dropped).is_none() || extent.frame_len() == 0 => 1,
        Answer::Error(_) if at_once.answer(bytes) != all => 2,
        Answer::Need(0) => 3,
        _ if bytes.is_empty() && !matches!(all, Answer::Need(_)) => 4,
        _ => 0,
    };
    let mut cut = 0;
    while wrong == 0 && cut < bytes.len() {
        let wrong = one_cut(framing, bytes, cut, all, &at_once);
        if wrong != 0 {
            return (cut as u32) << 4 | wrong;
        }
        cut += 1;
    }
    wrong
}

/// Returns 0, or what is wrong with the answers to the bytes before the cut, and then to all.
fn one_cut<F: Framing>(framing: &F, bytes: &[u8], cut: usize, all: Answer, at_once: &Asked<'_, F>) -> u32 {
    let mut resumed = ask(framing);
    let first = resumed.answer(bytes.get(..cut).unwrap_or_default());
    let later = match first {
        Answer::Need(_) => resumed.answer(bytes),
        // A frame or an error is final.
        _ => first,
    };
    if later != all {
        return 5;
    }
    if at_once.dropped != resumed.dropped || at_once.deframer.position() != resumed.deframer.position() {
        return 6;
    }
    if let (Answer::Need(need), Answer::Frame(extent)) = (first, all) {
        let end = extent.frame_len().saturating_add(at_once.dropped as u64);
        if (cut as u64).saturating_add(need as u64) > end {
            return 7;
        }
    }
    0
}

/// A framing that answers one input wrongly: exactly these bytes are an error.
struct Faulty<F> {
    inner: F,
    at: &'static [u8],
}

impl<F: Framing> Framing for Faulty<F> {
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        if input == self.at {
            return Err(FrameError::new(0, DecodeErrorKind::Custom("planted")));
        }
        self.inner.locate(input, progress)
    }
    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        self.inner.envelope(message)
    }
    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        self.inner.check(part, sum)
    }
    fn at_eof(&self, rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
        self.inner.at_eof(rest, progress)
    }
    fn next_start(&self, input: &[u8], from: usize) -> NextStart {
        self.inner.next_start(input, from)
    }
}

/// Frames of seven bytes, from a framing that does something else after the bytes `abcde`.
struct Misled(fn(&[u8]) -> Result<Located, FrameError>);

impl Framing for Misled {
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        if input == b"abcde" {
            return (self.0)(input);
        }
        Fixed::new(7).unwrap().locate(input, progress)
    }
    fn envelope(&self, _: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        Err(EncodeError::Custom("never asked"))
    }
}

/// # Safety
///
/// `bytes` points to `len` bytes.
unsafe fn slice<'b>(bytes: *const u8, len: usize) -> &'b [u8] {
    // SAFETY: the caller's promise.
    unsafe { core::slice::from_raw_parts(bytes, len) }
}

/// One pair of functions for each framing: its name, the name with a fault, the bytes of the fault, the framing.
macro_rules! framings {
    ($($name:ident, $faulty:ident, $at:literal: $framing:expr;)*) => {$(
        /// # Safety
        ///
        /// `bytes` points to `len` bytes.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(bytes: *const u8, len: usize) -> u32 {
            // SAFETY: the caller's promise.
            crate::local_property(&$framing, unsafe { crate::slice(bytes, len) })
        }

        /// # Safety
        ///
        /// `bytes` points to `len` bytes.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $faulty(bytes: *const u8, len: usize) -> u32 {
            let framing = crate::Faulty { inner: $framing, at: $at };
            // SAFETY: the caller's promise.
            crate::local_property(&framing, unsafe { crate::slice(bytes, len) })
        }
    )*};
}
pub(crate) use framings;

/// Functions that the search must find an input for: the name, and what the framing does after five bytes.
macro_rules! faults {
    ($($name:ident: $answer:expr;)*) => {$(
        /// # Safety
        ///
        /// `bytes` points to `len` bytes.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(bytes: *const u8, len: usize) -> u32 {
            // SAFETY: the caller's promise.
            crate::local_property(&crate::Misled($answer), unsafe { crate::slice(bytes, len) })
        }
    )*};
}
pub(crate) use faults;
