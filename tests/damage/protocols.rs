//! Law 10 for the protocols of serial lines.

use std::cell::Cell;
use std::collections::HashSet;

use anysplit::contract::{AtEof, Envelope, FrameError, Located, NextStart, Part, Progress};
use anysplit::testing::Damage;
use anysplit::{Decoder, EncodeError, Frame, Framing, Recovery};

use crate::serial::{self, Serial};
use crate::{all_damage, survive_each};

/// A framing that counts the frames whose check is wrong.
struct Counted<'a> {
    inner: &'a dyn Framing,
    wrong: &'a Cell<usize>,
}

impl Framing for Counted<'_> {
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        self.inner.locate(input, progress)
    }

    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        let judged = self.inner.check(part, sum);
        self.wrong.set(self.wrong.get() + usize::from(judged.is_err()));
        judged
    }

    fn open(&self, header: &[u8], payload: &mut [u8], at: u64, memo: &mut u64) -> usize {
        self.inner.open(header, payload, at, memo)
    }

    fn at_eof(&self, rest: &[u8], progress: &mut Progress) -> Result<AtEof, FrameError> {
        self.inner.at_eof(rest, progress)
    }

    fn next_start(&self, input: &[u8], from: usize) -> NextStart {
        self.inner.next_start(input, from)
    }

    fn envelope(&self, message: &[u8]) -> Result<Envelope<'_>, EncodeError> {
        self.inner.envelope(message)
    }
}

/// What one decoder makes of all streams with this damage.
#[derive(Default)]
struct Judged {
    damages: usize,
    /// Frames whose check is wrong.
    wrong: usize,
    /// Messages that were not sent.
    forged: usize,
}

fn judged(name: &str, framing: &dyn Framing, messages: &[Vec<u8>], burst: usize, step: usize) -> Judged {
    // The check of CRSF does not cover its first byte, the address.
    let covered = |message: &[u8]| message[usize::from(name == "crsf")..].to_vec();
    let sent: HashSet<Vec<u8>> = messages.iter().map(|message| covered(message)).collect();
    let (wrong, mut judged) = (Cell::new(0), Judged::default());
    let wire = serial::encoded(framing, messages);
    for damage in all_damage(&wire, burst).step_by(step) {
        judged.damages += 1;
        // XOR does not see four equal bytes more.
        let unseen = name == "nmea" && damage.len == 0 && damage.by.len() == 4;
        let mut forge = |frame: Frame<'_>| {
            // Acknowledgements of one byte have no check.
            let forged = frame.wire_len() > 1 && !sent.contains(&covered(&frame.message().to_vec()));
            judged.forged += usize::from(forged && !unseen);
        };
        let mut decoder = Decoder::new(Counted { inner: framing, wrong: &wrong }).with_recovery(Recovery::Resync);
        decoder.push(&damage.done_to(&wire)).unwrap();
        while let Some(frame) = decoder.next_frame().unwrap() {
            forge(frame);
        }
        while let Ok(Some(frame)) = decoder.finish() {
            forge(frame);
        }
    }
    judged.wrong = wrong.get();
    judged
}

/// Half of these are ours, with marks inside, and half what another program wrote.
fn trains(serial: &Serial, framing: &dyn Framing) -> Vec<Vec<Vec<u8>>> {
    [Some(serial.train()), serial::recorded(framing, serial.name)].into_iter().flatten().collect()
}

/// `ANYSPLIT_FIGURES=1` does all damage, for minutes, and prints the rows of the table in docs/choosing.md.
fn survive_all(part: usize) {
    let all = std::env::var_os("ANYSPLIT_FIGURES").is_some();
    for serial in serial::ALL.iter().skip(part).step_by(2).filter(|serial| serial.name != "midi") {
        let &Serial { name, bits, header, .. } = serial;
        let framing = serial.framing();
        // A prime number, so that each kind of damage comes at other bytes.
        let step = if all { 1 } else { 31 };
        let (mut untouched, mut lost, mut total) = (0, 0, Judged::default());
        for messages in trains(serial, &*framing) {
            let survivors = survive_each(&*framing, &messages, header, step);
            untouched += survivors.untouched;
            lost += survivors.lost;
            let judged = judged(name, &*framing, &messages, header, step);
            total.damages += judged.damages;
            total.wrong += judged.wrong;
            total.forged += judged.forged;
        }
        let Judged { damages, wrong, forged } = total;
        if all {
            println!("| `{name}` | {bits} | {damages} | {untouched} | {wrong} | {forged} | {lost} |");
        }
        assert!(untouched * step > 100_000, "{name}: {untouched} frames");
        match bits {
            // Every damage makes another message, which may swallow the next one.
            0 => assert!(lost <= damages && forged <= damages, "{name}: {lost} and {forged} of {damages}"),
            // The check of a damaged frame is right by chance once in 2^bits.
            _ => {
                assert!(forged <= 3 * (wrong >> bits) + 3, "{name}: {forged} beside {wrong}");
                assert!(lost <= forged, "{name}: {lost} by {forged}");
            }
        }
    }
}

#[test]
fn no_untouched_frame_of_a_protocol_is_lost() {
    survive_all(0);
}

#[test]
fn no_untouched_frame_of_other_protocols_is_lost() {
    survive_all(1);
}

/// A frame, by its place in the stream.
type Placed = (usize, Vec<u8>);

fn placed(framing: &dyn Framing, recovery: Recovery, stream: &[u8]) -> Vec<Placed> {
    let mut decoder = Decoder::new(framing).with_recovery(recovery);
    decoder.push(stream).unwrap();
    let mut placed = Vec::new();
    while let Some(frame) = decoder.next_frame().unwrap() {
        placed.push((usize::try_from(frame.offset()).unwrap(), frame.payload().to_vec()));
    }
    placed
}

/// The messages that must come out of a damaged stream: those that the damage neither overlaps nor adjoins, from one on that has a
/// status. One without has the status of a message before it, and a real-time message can be taken for a part of a damaged one.
fn must_survive(sent: &[Placed], damage: &Damage, len: usize, damaged_len: usize) -> Vec<Placed> {
    let (mut survivors, mut knows_status) = (Vec::new(), false);
    for (offset, message) in sent {
        let is_before = offset + message.len() < damage.at;
        let is_after = *offset > damage.at + damage.len;
        let has_status = (0x80..0xf8).contains(&message[0]);
        knows_status = (is_before || is_after) && (knows_status || has_status);
        if knows_status {
            survivors.push((if is_before { *offset } else { offset + damaged_len - len }, message.clone()));
        }
    }
    survivors
}

/// MIDI has no check. Its status bytes say where a message begins.
#[test]
fn midi_goes_on_with_the_next_status() {
    let serial = Serial::named("midi");
    let framing = serial.framing();
    for messages in trains(serial, &*framing) {
        let wire = serial::encoded(&*framing, &messages);
        let sent = placed(&*framing, Recovery::Fail, &wire);
        assert_eq!(sent.len(), messages.len());
        let mut survivors = 0;
        for damage in all_damage(&wire, 3) {
            let damaged = damage.done_to(&wire);
            let found = placed(&*framing, Recovery::Resync, &damaged);
            for survivor in must_survive(&sent, &damage, wire.len(), damaged.len()) {
                assert!(found.contains(&survivor), "{survivor:?} after {damage:?}: {found:?}");
                survivors += 1;
            }
        }
        assert!(survivors > 10_000, "{survivors}");
    }
}
