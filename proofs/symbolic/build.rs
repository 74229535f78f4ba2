//! A library of functions that needs neither the start-up code of C nor its library: what is missing, the check provides.

fn main() {
    println!("cargo::rustc-cdylib-link-arg=-nostartfiles");
    println!("cargo::rustc-cdylib-link-arg=-nodefaultlibs");
}
