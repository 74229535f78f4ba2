//! Law 10 for the protocols of serial lines.

use std::cell::RefCell;
use std::collections::HashSet;

use anysplit::contract::{AtEof, Envelope, FrameError, Located, NextStart, Part, Progress};
use anysplit::testing::Damage;
use anysplit::{Decoder, EncodeError, Frame, Framing, Recovery};

use crate::serial::{self, Serial};
use crate::{all_damage, survive_each};

/// A framing that notes where the frames are whose check is wrong. A decoder may check one twice.
struct Counted<'a> {
    inner: &'a dyn Framing,
    wrong: &'a RefCell<HashSet<*const u8>>,
}

impl Framing for Counted<'_> {
    fn locate(&self, input: &[u8], progress: &mut Progress) -> Result<Located, FrameError> {
        self.inner.locate(input, progress)
    }

    fn check(&self, part: Part<'_>, sum: &mut u64) -> Result<(), FrameError> {
        let judged = self.inner.check(part, sum);
        if judged.is_err() {
            self.wrong.borrow_mut().insert(part.bytes.as_ptr());
        }
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
    let mut judged = Judged::default();
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
        let wrong = RefCell::default();
        let mut decoder = Decoder::new(Counted { inner: framing, wrong: &wrong }).with_recovery(Recovery::Resync);
        decoder.push(&damage.done_to(&wire)).unwrap();
        while let Some(frame) = decoder.next_frame().unwrap() {
            forge(frame);
        }
        while let Ok(Some(frame)) = decoder.finish() {
            forge(frame);
        }
        judged.wrong += wrong.borrow().len();
    }
    judged
}

/// Half of these are ours, with marks inside, and half what another program wrote.
fn trains(serial: &Serial, framing: &dyn Framing) -> Vec<Vec<Vec<u8>>> {
    [Some(serial.train()), serial::recorded(framing, serial.name)].into_iter().flatten().collect()
}

/// From one case of damage to the next that is tried. `ANYSPLIT_FIGURES=1` tries all, for minutes, and prints the rows of the table
/// in docs/choosing.md; `ANYSPLIT_FIGURES=xbee` does it for one protocol, and `None` says that this is another.
fn step(name: &str) -> Option<usize> {
    match std::env::var("ANYSPLIT_FIGURES") {
        Ok(only) => (only == "1" || only == name).then_some(1),
        // A prime number, so that each kind of damage comes at other bytes.
        Err(_) => Some(31),
    }
}

fn print_row(&Serial { name, bits, .. }: &Serial, judged: &Judged, untouched: usize, lost: usize) {
    let Judged { damages, wrong, forged } = judged;
    println!("| `{name}` | {bits} | {damages} | {untouched} | {wrong} | {forged} | {lost} |");
}

fn survive_all(part: usize) {
    for serial in serial::ALL.iter().skip(part).step_by(2).filter(|serial| serial.name != "midi") {
        let Some(step) = step(serial.name) else { continue };
        let &Serial { name, bits, header, .. } = serial;
        let framing = serial.framing();
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
        if step == 1 {
            print_row(serial, &total, untouched, lost);
        }
        let Judged { damages, wrong, forged } = total;
        assert!(untouched * step > 100_000, "{name}: {untouched} frames");
        match bits {
            // Every damage makes another message. Without a delimiter it may swallow the next one.
            0 => {
                let may_lose = if name == "mavlink, signed" { damages } else { 0 };
                assert!(lost <= may_lose && forged <= damages, "{name}: {lost} and {forged} of {damages}");
            }
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

/// The messages that the damage neither overlaps nor adjoins, by their place in the damaged stream, and whether each must come out of
/// it. That is so from one on that has a status: one without has the status of a message before it, and a real-time message can be
/// taken for a part of a damaged one.
fn untouched(sent: &[Placed], damage: &Damage, len: usize, damaged_len: usize) -> Vec<(Placed, bool)> {
    let (mut untouched, mut knows_status) = (Vec::new(), false);
    for (offset, message) in sent {
        let is_before = offset + message.len() < damage.at;
        let is_after = *offset > damage.at + damage.len;
        if !is_before && !is_after {
            knows_status = false;
            continue;
        }
        knows_status |= (0x80..0xf8).contains(&message[0]);
        let offset = if is_before { *offset } else { offset + damaged_len - len };
        untouched.push(((offset, message.clone()), knows_status));
    }
    untouched
}

/// MIDI has no check. Its status bytes say where a message begins.
#[test]
fn midi_goes_on_with_the_next_status() {
    let serial = Serial::named("midi");
    let Some(step) = step(serial.name) else { return };
    let framing = serial.framing();
    let (mut all, mut lost, mut total) = (0, 0, Judged::default());
    for messages in trains(serial, &*framing) {
        let wire = serial::encoded(&*framing, &messages);
        let sent = placed(&*framing, Recovery::Fail, &wire);
        assert_eq!(sent.len(), messages.len());
        let mut survivors = 0;
        for damage in all_damage(&wire, 3) {
            let damaged = damage.done_to(&wire);
            let found = placed(&*framing, Recovery::Resync, &damaged);
            total.damages += 1;
            total.forged += found.iter().filter(|(_, message)| !messages.contains(message)).count();
            for (frame, knows_status) in untouched(&sent, &damage, wire.len(), damaged.len()) {
                let is_found = found.contains(&frame);
                assert!(is_found || !knows_status, "{frame:?} after {damage:?}: {found:?}");
                survivors += usize::from(knows_status);
                all += 1;
                lost += usize::from(!is_found);
            }
        }
        assert!(survivors > 10_000, "{survivors}");
    }
    if step == 1 {
        print_row(serial, &total, all, lost);
    }
}

#[test]
fn table_has_a_row_for_each_protocol() {
    let table = include_str!("../../docs/choosing.md");
    for Serial { name, bits, .. } in serial::ALL {
        assert!(table.contains(&format!("| `{name}` | {bits} | ")), "no row of {name} with {bits} bits");
    }
}
