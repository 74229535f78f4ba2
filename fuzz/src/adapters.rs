//! Every adapter gives what the decoder gives, and writes what the framing encodes, whatever its transport does.

use crate::input::Input;
use crate::outcome::{POLICIES, beyond_memory, whole};
use crate::readers::{self, Host, Reader, Way};
use crate::transport::{Plan, Turn};
use crate::writers;

/// What a transport does, from the cuts of the input over and over again.
fn plan(cuts: &[u8]) -> Plan {
    let turn = |cut: &u8| match cut {
        0..40 => Turn::Interrupted,
        40..90 => Turn::NotReady,
        90..=250 => Turn::Bytes(1 + usize::from(cut % 24)),
        _ => Turn::Bytes(1 << (cut - 245)),
    };
    // One that never gets out of trouble is no transport.
    let turns = cuts.chunks(3).flat_map(|three| three.iter().map(turn).chain([Turn::Bytes(1)]));
    Plan::repeating(turns)
}

/// All that is checked of adapters. Whether the bytes described a framing.
pub fn check(data: &[u8]) -> bool {
    let input = Input::new(data);
    let Some(config) = crate::config::config(input.config, false) else { return false };
    let framing = &*config.framing;
    let plan = plan(input.cuts);
    // The blocks of readers, too, are cut by the input.
    let cut = |at: usize| input.cuts.get(at).copied().map(usize::from);
    let block = 1 + cut(1).unwrap_or(255) * 8;
    let small = 1 + cut(0).unwrap_or(0) % 64;
    for recovery in POLICIES {
        let expected = whole(framing, recovery, input.stream);
        let pieces = !beyond_memory(framing, &expected);
        for (host, way) in readers::all().filter(|(_, way)| pieces || *way != Way::Piece) {
            let blocks = match host {
                Host::Embedded | Host::EmbeddedAsync => vec![small, input.stream.len() + 64],
                _ => vec![block],
            };
            for block in blocks {
                for exact in [false, true] {
                    let reader = Reader { host, way, exact, block };
                    reader.check(framing, recovery, input.stream, &plan, &expected);
                }
            }
        }
    }
    let limit = 1 + usize::from(input.cuts.last().copied().unwrap_or(0));
    writers::check(framing, &input.chunks(), &plan, limit);
    true
}
