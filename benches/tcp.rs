//! `cargo bench -p anysplit-benches --bench tcp`: names are `tcp/u32be/payload/implementation`.

#![allow(
    clippy::type_complexity,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "a bench may panic, and its numbers are small"
)]

use std::time::Duration;

use criterion::{Criterion, Throughput};

use crate::common::tcp::{Passed, by_hand, ours_std, ours_tokio, tokio_util};

mod common;

fn tcp(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tcp");
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(3)).sample_size(10);
    for (len, count) in [(64, 50_000), (1024, 10_000), (65_536, 500)] {
        let message: &'static [u8] = vec![b'a'; len].leak();
        group.throughput(Throughput::Elements(count as u64));
        let mut run = |who: &str, run: &dyn Fn() -> Passed| {
            group.bench_function(format!("u32be/{len}/{who}"), |bencher| {
                bencher.iter(|| assert_eq!(run().sum.bytes, (len * count) as u64));
            });
        };
        run("anysplit-std", &|| ours_std(message, count));
        run("by-hand-std", &|| by_hand(message, count));
        run("anysplit-tokio", &|| ours_tokio(message, count));
        run("tokio-util", &|| tokio_util(message, count, None));
        run("tokio-util-64K", &|| tokio_util(message, count, Some(65_536)));
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    tcp(&mut criterion);
    criterion.final_summary();
}
