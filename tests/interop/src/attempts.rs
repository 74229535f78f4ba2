//! Hostile messages, and the server's verdict on each.

use std::collections::BTreeMap;

use anysplit::{AnyFraming, EncodeError, Encoder, Framing};
use bytes::Buf;

use crate::dialect::{Dialect, Note, Unit};
use crate::line::{Line, Next, shown};
use crate::stage::Fallible;

/// What may look like the end of a message to a server.
const ENDS: [&[u8]; 14] = [
    b"\n",
    b"\r",
    b"\r\n",
    b"\0",
    b"\n\n",
    b"\r\r\n",
    b"\n\r",
    b"\r\n\r\n",
    b"\0\n",
    b"\0\r\n",
    b"\x0b",
    b"\x1c\r",
    b"\t\n",
    b" \n ",
];

/// After this many failures a dialect is not tried any further. A silence costs seconds, so fewer of them are enough.
const MOST_FAILED: usize = 150;
const MOST_SILENCES: usize = 3;

/// Failures that are printed for each dialect.
const MOST_SHOWN: usize = 20;

/// Counts of one run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) frames: usize,
    /// Hostile messages.
    pub(crate) attempts: usize,
    /// Those that the encoder refused.
    pub(crate) refused: usize,
    /// Those that the server gave one answer.
    pub(crate) answered: usize,
    /// Those that the server did not answer, but it went on with the next message.
    pub(crate) ignored: usize,
    /// Those for which the server closed the connection.
    pub(crate) closed: usize,
    /// Those that got two answers.
    pub(crate) forged: usize,
    /// Those that got two answers, or none, for a reason that no framing can know.
    pub(crate) known: usize,
    pub(crate) failed: usize,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.frames += other.frames;
        self.attempts += other.attempts;
        self.refused += other.refused;
        self.answered += other.answered;
        self.ignored += other.ignored;
        self.closed += other.closed;
        self.forged += other.forged;
        self.known += other.known;
        self.failed += other.failed;
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { frames, attempts, refused, answered, ignored, closed, known, failed, .. } = self;
        write!(f, "{frames} frames, {attempts} forged attempts ({refused} refused, {answered} answered once, ")?;
        write!(f, "{ignored} ignored, {closed} disconnected, {known} known exceptions), {failed} failed")
    }
}

/// How the encoder is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The message unchanged.
    Plain,
    /// The framing puts in the length.
    Filled,
}

/// The server's reaction to one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    Refused(EncodeError),
    /// The server gave these answers, of each the last frame, and then answered the probe.
    Answers(Vec<Vec<u8>>),
    /// The same, but it closed the connection before the probe's answer.
    Closed(Vec<Vec<u8>>),
    /// The server took the probe for a part of the message, after these answers.
    Swallowed(Vec<Vec<u8>>),
}

/// Sends the dialect's messages. With `framing`, that one writes the requests, nothing is printed, and the first forged
/// message is enough.
pub(crate) fn run(name: &str, port: u16, dialect: &dyn Dialect, framing: Option<AnyFraming>) -> Fallible<Counts> {
    let is_quiet = framing.is_some();
    let framing = framing.map_or_else(|| dialect.framing(), Ok)?;
    let (answers, counts) = (dialect.answers()?, Counts::default());
    let mut trial = Trial { port, dialect, framing, answers, counts, known: BTreeMap::new(), seed: 1 };
    let templates = dialect.templates();
    for make in &templates {
        let unit = make(b"x");
        match trial.send(&unit, Way::Filled) {
            Ok(Verdict::Answers(answers)) if answers.len() == 1 => {}
            other => return Err(format!("{}: good message {}: {other:?}", dialect.name(), shown_unit(&unit)).into()),
        }
    }
    let mut silences = 0;
    for unit in hostile(dialect, &trial.framing) {
        for way in [Way::Filled, Way::Plain] {
            let Some(failure) = trial.attempt(&unit, way) else { continue };
            trial.counts.failed += 1;
            silences += usize::from(failure == Failure::Swallowed);
            if !is_quiet && trial.counts.failed <= MOST_SHOWN {
                println!("{name}: {} wrote {}: {failure}", dialect.name(), shown_unit(&unit));
            }
            if trial.counts.failed >= MOST_FAILED || silences >= MOST_SILENCES || is_quiet && trial.counts.forged > 0 {
                if !is_quiet {
                    println!("{name}: {}: too many failures, the rest is left out", dialect.name());
                }
                return Ok(trial.counts);
            }
        }
    }
    for (reason, count) in &trial.known {
        println!("{name}: {}: {count} known exceptions: {reason}", dialect.name());
    }
    Ok(trial.counts)
}

struct Trial<'a> {
    port: u16,
    dialect: &'a dyn Dialect,
    framing: AnyFraming,
    answers: AnyFraming,
    counts: Counts,
    /// How many known exceptions there were of each kind.
    known: BTreeMap<&'static str, usize>,
    seed: u64,
}

#[derive(Debug, PartialEq, Eq)]
enum Failure {
    Answers(Vec<Vec<u8>>),
    Swallowed,
    Other(String),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Answers(answers) => {
                let shown: Vec<String> = answers.iter().map(|answer| format!("\"{}\"", shown(answer))).collect();
                write!(f, "{} answers to one message: {}", answers.len(), shown.join(", "))
            }
            Self::Swallowed => f.write_str("the server took the next message for a part of it"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl Trial<'_> {
    /// Sends a hostile unit and counts what came of it.
    fn attempt(&mut self, unit: &Unit, way: Way) -> Option<Failure> {
        if way == Way::Filled && self.write(unit, Way::Filled) == self.write(unit, Way::Plain) {
            return None;
        }
        self.counts.attempts += 1;
        let verdict = self.send(unit, way);
        if let Some(reason) = self.known(unit, &verdict) {
            self.counts.known += 1;
            *self.known.entry(reason).or_default() += 1;
            return None;
        }
        let (count, failure) = match verdict {
            Ok(Verdict::Refused(_)) => (&mut self.counts.refused, None),
            Ok(Verdict::Answers(answers)) if answers.is_empty() => (&mut self.counts.ignored, None),
            Ok(Verdict::Answers(answers)) if answers.len() == 1 => (&mut self.counts.answered, None),
            Ok(Verdict::Closed(answers)) if answers.len() < 2 => (&mut self.counts.closed, None),
            Ok(Verdict::Answers(answers) | Verdict::Closed(answers)) => {
                (&mut self.counts.forged, Some(Failure::Answers(answers)))
            }
            Ok(Verdict::Swallowed(_)) => return Some(Failure::Swallowed),
            Err(error) => return Some(Failure::Other(error.to_string())),
        };
        *count += 1;
        failure
    }

    /// Returns the reason for a bad verdict that is expected.
    fn known(&self, unit: &Unit, verdict: &Fallible<Verdict>) -> Option<&'static str> {
        match verdict {
            Ok(Verdict::Answers(answers) | Verdict::Closed(answers)) if answers.len() < 2 => None,
            Ok(Verdict::Answers(answers) | Verdict::Closed(answers) | Verdict::Swallowed(answers)) => {
                self.dialect.exception(unit, answers)
            }
            _ => None,
        }
    }

    /// Returns the bytes of one unit, cut after each message at whose end the client waits.
    fn write(&self, unit: &Unit, way: Way) -> Result<Vec<Vec<u8>>, EncodeError> {
        let mut encoder = Encoder::new(&self.framing);
        let mut wire = vec![unit.before.clone()];
        for message in &unit.messages {
            match way {
                Way::Plain => encoder.push(message)?,
                Way::Filled => encoder.push_with(|out| out.extend_from_slice(message))?,
            };
            let written = encoder.copy_to_bytes(encoder.remaining());
            wire.last_mut().into_iter().for_each(|part| part.extend_from_slice(&written));
            if self.dialect.waits(message) {
                wire.push(Vec::new());
            }
        }
        wire.last_mut().into_iter().for_each(|part| part.extend_from_slice(&unit.after));
        Ok(wire)
    }

    /// Sends one unit and the probe on a connection of their own, and counts the answers.
    fn send(&mut self, unit: &Unit, way: Way) -> Fallible<Verdict> {
        let wire = match self.write(unit, way) {
            Ok(wire) => wire,
            Err(error) => return Ok(Verdict::Refused(error)),
        };
        let probe = self.dialect.probe();
        let probe_wire = self.write(&probe, Way::Filled)?.concat();
        self.counts.frames += unit.messages.len() + probe.messages.len();
        let (stream, source) = self.dialect.connect(self.port)?;
        self.seed += 1;
        let mut line = Line::new(stream, source, self.answers.clone(), self.seed)?;
        self.dialect.open(&mut line)?;
        let mut read = self.dialect.reader();
        let mut answers = Vec::new();
        let mut parts = wire.into_iter();
        let last = parts.next_back().unwrap_or_default();
        let mut is_refused = false;
        for part in parts {
            line.send(&part)?;
            is_refused = loop {
                let seen = match line.next()? {
                    Next::Frame(seen) => seen,
                    Next::Closed => return Ok(Verdict::Closed(answers)),
                    Next::Silence => return Ok(Verdict::Swallowed(answers)),
                };
                if self.dialect.consents(&seen) {
                    break false;
                }
                if read(&seen) == Note::Answer {
                    answers.push(seen.message);
                    break true;
                }
            };
            if is_refused {
                break;
            }
        }
        if last.is_empty() && !is_refused && !unit.messages.is_empty() {
            // The server waits for the rest, and the client has none.
            return Ok(Verdict::Answers(answers));
        }
        line.send(&if is_refused { probe_wire } else { [last, probe_wire].concat() })?;
        let verdict = loop {
            match line.next()? {
                Next::Frame(seen) => match read(&seen) {
                    Note::Part => {}
                    Note::Answer => answers.push(seen.message),
                    Note::Probe => break Verdict::Answers(answers),
                },
                Next::Closed => break Verdict::Closed(answers),
                Next::Silence => break Verdict::Swallowed(answers),
            }
        };
        self.counts.frames += line.compare()?;
        Ok(verdict)
    }
}

fn encode(framing: &AnyFraming, message: &[u8], way: Way, wire: &mut Vec<u8>) -> Result<usize, EncodeError> {
    match way {
        Way::Plain => framing.encode(message, wire),
        Way::Filled => framing.encode_with(wire, |wire| wire.extend_from_slice(message)),
    }
}

/// Returns the hostile units of a dialect, each once.
fn hostile(dialect: &dyn Dialect, framing: &AnyFraming) -> Vec<Unit> {
    let forged = dialect.forged();
    let mut pieces: Vec<Vec<u8>> = Vec::new();
    for end in ENDS {
        pieces.push(end.to_vec());
        for forged in &forged {
            pieces.push([end, forged].concat());
            pieces.push([end, forged, end].concat());
        }
    }
    let mut units = dialect.particular();
    for make in dialect.templates() {
        for &len in dialect.lengths() {
            units.push(make(&vec![b'x'; len]));
            units.extend(forged.iter().map(|forged| make(&[&vec![b'x'; len], &b" "[..], forged].concat())));
        }
        for piece in &pieces {
            units.push(make(&[b"x", &piece[..]].concat()));
            units.push(make(&[&piece[..], b"x"].concat()));
        }
        let good = make(b"x");
        let message = &good.messages[good.at];
        let first = dialect.insert_from().min(message.len());
        for piece in &pieces {
            for at in [first, (first + message.len()) / 2, message.len()] {
                units.push(replaced(&good, [&message[..at], piece, &message[at..]].concat()));
            }
        }
        // A second frame inside the message, exactly as it would stand on the wire.
        for other in dialect.templates() {
            let mut second = Vec::new();
            let all_written =
                other(b"y").messages.iter().all(|one| encode(framing, one, Way::Filled, &mut second).is_ok());
            let mut own = Vec::new();
            if all_written && encode(framing, message, Way::Filled, &mut own).is_ok() {
                units.push(replaced(&good, [&message[..], &second].concat()));
                units.push(replaced(&good, [own, second].concat()));
            }
        }
    }
    let mut once: Vec<Unit> = Vec::new();
    for unit in units {
        if !once.contains(&unit) {
            once.push(unit);
        }
    }
    once
}

fn replaced(unit: &Unit, message: Vec<u8>) -> Unit {
    let mut unit = unit.clone();
    let at = unit.at;
    unit.messages[at] = message;
    unit
}

fn shown_unit(unit: &Unit) -> String {
    let messages: Vec<String> = unit.messages.iter().map(|message| format!("\"{}\"", shown(message))).collect();
    messages.join(", ")
}
