//! A prefix of 32 bits.

fn main() {
    println!("{}", anysplit_callers::next_frame(anysplit::Prefix::u32_be(), b"\0\0\0\x05hello\0\0\0\x07goodbye"));
}
