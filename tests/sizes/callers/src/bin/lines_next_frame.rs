//! Lines.

fn main() {
    println!("{}", anysplit_callers::next_frame(anysplit::Delimited::line(), b"hello\ngoodbye\r\n"));
}
