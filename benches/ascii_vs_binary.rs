//! Which is smaller and which is faster, numbers as text or as binary?
//!
//! `cargo bench -p anysplit-benches --bench ascii_vs_binary [-- FILTER]`: names are `bytes|encode|decode/numbers/representation`.
//! Values that do not fit are reported on a separate line. `-- --page` writes docs/ascii_vs_binary.md again.

#![allow(clippy::unwrap_used, clippy::cast_precision_loss, reason = "a bench may panic, and its numbers are small")]

use std::hint::black_box;
use std::time::Duration;

use anysplit::number::AnyNumber;
use criterion::measurement::{Measurement, ValueFormatter};
use criterion::{Criterion, SamplingMode, Throughput};

#[path = "../cli/src/sizes/measure.rs"]
#[allow(dead_code, reason = "the tool uses the rest")]
mod measure;
#[path = "ascii_vs_binary/page.rs"]
#[allow(dead_code, reason = "the test uses the rest")]
mod page;
#[path = "ascii_vs_binary/pass.rs"]
mod pass;
#[path = "ascii_vs_binary/plot.rs"]
mod plot;
#[path = "ascii_vs_binary/sets.rs"]
mod sets;
#[path = "ascii_vs_binary/times.rs"]
mod times;

/// Measures bytes on the wire instead of nanoseconds. Criterion still prints `time`.
struct Bytes;

impl Measurement for Bytes {
    type Intermediate = ();
    type Value = f64;

    fn start(&self) {}

    /// Only what a bench counts itself is measured: [`criterion::Bencher::iter_custom`].
    fn end(&self, (): ()) -> f64 {
        0.0
    }

    fn add(&self, one: &f64, other: &f64) -> f64 {
        one + other
    }

    fn zero(&self) -> f64 {
        0.0
    }

    fn to_f64(&self, value: &f64) -> f64 {
        *value
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        self
    }
}

impl ValueFormatter for Bytes {
    fn scale_values(&self, _: f64, _: &mut [f64]) -> &'static str {
        "B"
    }

    fn scale_throughputs(&self, _: f64, throughput: &Throughput, values: &mut [f64]) -> &'static str {
        if let Throughput::Elements(count) = throughput {
            values.iter_mut().for_each(|value| *value /= *count as f64);
        }
        "B/number"
    }

    fn scale_for_machines(&self, _: &mut [f64]) -> &'static str {
        "B"
    }
}

/// The numbers of every set in every representation that holds them all.
fn each(mut run: impl FnMut(&sets::Set, &str, &AnyNumber)) {
    for set in sets::all() {
        for form in measure::numbers().unwrap() {
            let measure::What::Number(number) = &form.what else { continue };
            if set.values.iter().all(|value| form.bytes(*value).is_some()) {
                run(&set, &format!("{}/{}", set.name, form.name), number);
            }
        }
    }
}

/// Prints how many numbers `each` leaves out.
fn say_what_does_not_fit() {
    for set in sets::all() {
        for form in measure::numbers().unwrap() {
            let unfit = set.values.iter().filter(|value| form.bytes(**value).is_none()).count();
            if unfit > 0 {
                eprintln!("{}/{}: does not fit: {unfit} of {}", set.name, form.name, set.values.len());
            }
        }
    }
}

fn bytes() {
    let mut criterion = Criterion::default().with_measurement(Bytes).configure_from_args();
    each(|set, name, number| {
        let mut group = criterion.benchmark_group("bytes");
        // Criterion takes bytes for nanoseconds here: these are some passes over the numbers, all equal.
        group.warm_up_time(Duration::from_millis(1)).measurement_time(Duration::from_millis(3)).sample_size(10);
        group.sampling_mode(SamplingMode::Flat);
        group.throughput(Throughput::Elements(set.values.len() as u64));
        let (mut out, mut decoded) = (Vec::new(), Vec::new());
        let mut up = false;
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|passes| {
                let mut bytes = 0.0;
                for _ in 0..passes {
                    out.clear();
                    pass::encode(number, &set.values, &mut out);
                    bytes += out.len() as f64;
                }
                decoded.clear();
                pass::decode(number, &out, &mut decoded);
                assert_eq!(decoded, set.values);
                // Criterion divides by the spread of the samples to compare two runs, so there has to be one: they are
                // alternately too large and too small, by far less than a byte.
                up = !up;
                bytes * if up { 1.0 + SPREAD } else { 1.0 - SPREAD }
            });
        });
        group.finish();
    });
    criterion.final_summary();
}

const SPREAD: f64 = 1e-9;

fn times() {
    let mut criterion = Criterion::default().configure_from_args();
    each(|set, name, number| {
        let mut wire = Vec::new();
        pass::encode(number, &set.values, &mut wire);
        let count = Throughput::Elements(set.values.len() as u64);
        for direction in ["encode", "decode"] {
            let mut group = criterion.benchmark_group(direction);
            group.warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_millis(400)).sample_size(20);
            group.throughput(count.clone());
            if direction == "encode" {
                let mut out = wire.clone();
                group.bench_function(name, |bencher| {
                    bencher.iter(|| {
                        out.clear();
                        pass::encode(number, black_box(&set.values), &mut out);
                    });
                });
                assert_eq!(out, wire);
            } else {
                let mut out = set.values.clone();
                group.bench_function(name, |bencher| {
                    bencher.iter(|| {
                        out.clear();
                        pass::decode(number, black_box(&wire), &mut out);
                    });
                });
                assert_eq!(out, set.values);
            }
            group.finish();
        }
    });
    criterion.final_summary();
}

fn main() {
    if std::env::args().any(|argument| argument == "--page") {
        return page::Page::new().write(times::table());
    }
    say_what_does_not_fit();
    bytes();
    times();
}
