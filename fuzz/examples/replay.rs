//! Says what inputs mean, and runs them: `cargo +nightly run --release --example replay TARGET FILE ...`.

use anysplit_fuzz::{adapters, config, decode, encode, input::Input, join, peers, spec, stuffed};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let target = arguments.next().expect("the name of a target");
    for file in arguments {
        let data = std::fs::read(&file).expect("a file");
        let input = Input::new(&data);
        println!("{file}");
        match config::config(input.config, false) {
            Some(config) => println!("  framing  {}", config.label),
            None => println!("  no framing"),
        }
        println!("  stream   \"{}\"", input.stream.escape_ascii());
        println!("  chunks   {:?}", input.chunks().iter().map(|chunk| chunk.len()).collect::<Vec<_>>());
        match &*target {
            "adapters" => adapters::check(&data),
            "decode" => decode::check(&data),
            "encode" => encode::check(&data),
            "join" => join::check(&data),
            "peers" => peers::check(&data),
            "spec" => spec::check(&data),
            "stuffed" => stuffed::check(&data),
            other => panic!("no target {other}"),
        };
    }
}
