//! A framing that is chosen at run time.

use anysplit::{AnyFraming, Delimited, Prefix};

fn main() {
    let has_lines = std::env::args().len() < 2;
    let framing: AnyFraming = if has_lines { Delimited::line().into() } else { Prefix::u32_be().into() };
    println!("{}", anysplit_callers::for_each(framing, b"hello\ngoodbye\r\n"));
}
