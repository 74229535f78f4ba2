//! Lines.

fn main() {
    println!("{}", anysplit_callers::for_each(anysplit::Delimited::line(), b"hello\ngoodbye\r\n"));
}
