//! The framings that fit a stream, the likeliest first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use anysplit::{AnyFraming, DecodeError, protocols};

use super::evidence::{Background, Evidence};
use super::generic::{Candidate, candidates};
use super::sample::Sample;
use super::signature::looks_like;
use super::walk::Walk;

/// How sure a guess is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Confidence {
    /// It may well be another.
    Low,
    /// Nothing else fits nearly as well.
    Medium,
    /// Other bytes would hardly look like this.
    High,
}

impl Confidence {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// One way to split the stream, and the framings that split it so.
#[derive(Clone, Debug)]
pub(crate) struct Guess {
    /// The SPEC to go on with, for each direction.
    pub(crate) specs: Vec<String>,
    /// Other SPECs with the same frames, the likeliest first.
    pub(crate) same: Vec<String>,
    /// Names of protocols whose framing says more than the frames' lengths do.
    pub(crate) names: Vec<&'static str>,
    /// The frames, for each direction.
    pub(crate) walks: Vec<Walk>,
    pub(crate) evidence: Evidence,
    pub(crate) score: f64,
    pub(crate) confidence: Confidence,
}

/// A framing that does not fit, and why.
#[derive(Clone, Debug)]
pub(crate) struct Misfit {
    pub(crate) spec: String,
    pub(crate) frames: usize,
    pub(crate) explained: usize,
    pub(crate) error: DecodeError,
}

/// What can be said of a stream.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ranking {
    /// The likeliest first.
    pub(crate) guesses: Vec<Guess>,
    /// Framings that came far, the farthest first.
    pub(crate) misfits: Vec<Misfit>,
    /// How many framings were tried.
    pub(crate) tried: usize,
    /// What the bytes look like, if they are no stream of frames.
    pub(crate) file: Option<&'static str>,
}

/// A framing for each direction.
struct Trial {
    specs: Vec<String>,
    name: Option<&'static str>,
    framings: Vec<AnyFraming>,
    cost: f64,
}

struct Fit {
    specs: Vec<String>,
    name: Option<&'static str>,
    walks: Vec<Walk>,
    evidence: Evidence,
    /// Bytes that each frame of a protocol must begin with.
    fixed: usize,
    score: f64,
}

/// Ranks the framings for one direction of a stream, or for both. Protocols for which `hidden` returns true are not tried.
pub(crate) fn rank(samples: &[Sample<'_>], hidden: impl Fn(&str) -> bool) -> Ranking {
    if let Some(file) = samples.iter().find_map(|sample| looks_like(sample.bytes())) {
        return Ranking { file: Some(file), ..Ranking::default() };
    }
    let backgrounds: Vec<_> = samples.iter().map(|sample| Background::of(*sample)).collect();
    let (mut fits, mut misfits, mut tried) = (Vec::new(), Vec::new(), 0);
    for trial in named(samples, hidden).into_iter().chain(generic(samples)) {
        tried += 1;
        let walks: Vec<_> =
            trial.framings.iter().zip(samples).map(|(framing, sample)| Walk::of(framing, sample)).collect();
        if let Some(error) = walks.iter().find_map(|walk| walk.error) {
            let (frames, explained) = (walks.iter().map(|walk| walk.frames.len()).sum(), explained(&walks));
            misfits.push(Misfit { spec: joined(&trial.specs), frames, explained, error });
            continue;
        }
        if walks.iter().any(|walk| walk.frames.is_empty()) {
            continue;
        }
        let parts = backgrounds.iter().zip(&trial.framings).zip(&walks);
        let evidence = parts.map(|((background, framing), walk)| background.evidence(framing, walk)).sum::<Evidence>();
        let score = evidence.total() - trial.cost;
        let named = trial.name.map_or(&[][..], |_| &trial.framings[..]);
        let fixed = backgrounds.iter().zip(named).zip(&walks);
        let fixed =
            fixed.map(|((background, framing), walk)| background.fixed(framing, walk)).min().unwrap_or_default();
        fits.push(Fit { specs: trial.specs, name: trial.name, walks, evidence, fixed, score });
    }
    misfits.sort_by_key(|misfit| Reverse(misfit.explained));
    Ranking { guesses: grouped(fits), misfits, tried, file: None }
}

fn explained(walks: &[Walk]) -> usize {
    walks.iter().map(Walk::explained).sum()
}

/// The cost, in bits, of choosing one of the protocols.
const NAMED_COST: f64 = 6.0;

/// Protocols in which a client and a server have framings of their own.
const PAIRS: &[(&str, &str)] = &[
    ("erlang", "erlang-accepting"),
    ("gdb-requests", "gdb"),
    ("modbus-rtu", "modbus-rtu-responses"),
    ("nbd", "nbd-replies"),
    ("redis", "resp-replies"),
    ("socks5", "socks5-replies"),
    ("socks5-password", "socks5-password-replies"),
    ("x11", "x11-server"),
];

fn named(samples: &[Sample<'_>], hidden: impl Fn(&str) -> bool) -> Vec<Trial> {
    let trial = |names: Vec<&'static str>| {
        let framings: Option<Vec<_>> = names.iter().map(|name| Some(protocols::by_name(name)?.framing())).collect();
        let specs = names.iter().map(|name| format!("@{name}")).collect();
        Some(Trial { specs, name: names.first().copied(), framings: framings?, cost: NAMED_COST })
    };
    let all = protocols::ALL.iter().map(|protocol| protocol.name).filter(|name| !hidden(name));
    let mut trials: Vec<_> = all.filter_map(|name| trial(vec![name; samples.len()])).collect();
    if samples.len() == 2 {
        let pairs = PAIRS.iter().filter(|(one, other)| !hidden(one) && !hidden(other));
        let both = pairs.flat_map(|(one, other)| [vec![*one, *other], vec![*other, *one]]);
        trials.extend(both.filter_map(trial));
    }
    trials
}

fn generic(samples: &[Sample<'_>]) -> Vec<Trial> {
    let mut all = BTreeMap::new();
    for Candidate { spec, cost } in samples.iter().flat_map(candidates) {
        all.insert(spec, cost);
    }
    let trials = all.into_iter().filter_map(|(spec, cost)| {
        let framing: AnyFraming = spec.parse().ok()?;
        let (specs, framings) = (vec![spec; samples.len()], vec![framing; samples.len()]);
        Some(Trial { specs, name: None, framings, cost })
    });
    trials.collect()
}

/// Framings with the same frames are one guess.
fn grouped(fits: Vec<Fit>) -> Vec<Guess> {
    let mut groups: HashMap<Vec<Vec<usize>>, Vec<Fit>> = HashMap::new();
    for fit in fits {
        let ends = fit.walks.iter().map(|walk| walk.ends().collect()).collect();
        groups.entry(ends).or_default().push(fit);
    }
    let mut guesses: Vec<_> = groups.into_values().filter_map(guess).collect();
    guesses.sort_by(|one, other| other.score.total_cmp(&one.score).then_with(|| one.specs.cmp(&other.specs)));
    let sure = confidence(&guesses);
    if let (Some(first), Some(sure)) = (guesses.first_mut(), sure) {
        first.confidence = sure;
    }
    guesses.retain(|guess| guess.score >= LEAST_SCORE);
    guesses
}

/// Guesses that say less, in bits, are none.
const LEAST_SCORE: f64 = 10.0;

/// How sure the first of these is.
fn confidence(guesses: &[Guess]) -> Option<Confidence> {
    let first = guesses.first()?;
    let second = guesses.get(1);
    let ahead = first.score - second.map_or(0.0, |second| second.score.max(0.0));
    // Evidence that holds for all lines of text does not point to a protocol.
    let proof = first.evidence.chain + (first.evidence.lines - MOST_OF_LINES).max(0.0);
    let nested = second.is_some_and(|second| second.score >= 30.0 && (first.splits(second) || second.splits(first)));
    let varies = !first.walks.iter().all(Walk::has_one_length);
    Some(match first.score {
        score if score >= 60.0 && ahead >= 20.0 && proof >= 30.0 && varies && !nested => Confidence::High,
        score if score >= 30.0 && ahead >= 6.0 && proof >= 20.0 => Confidence::Medium,
        _ => Confidence::Low,
    })
}

/// Lines of text count as proof only with the bits above this number.
const MOST_OF_LINES: f64 = 32.0;

fn guess(mut fits: Vec<Fit>) -> Option<Guess> {
    let plain = fits.iter().filter(|fit| fit.name.is_none()).map(|fit| fit.evidence.chain).fold(0.0, f64::max);
    let says_more = |fit: &Fit| {
        fit.name.is_some() && (fit.fixed >= NAMED_FIXED || fit.evidence.chain - plain >= NAMED_BITS.max(plain / 2.0))
    };
    // A name that says no more than the lengths do comes after the framing without a name.
    let rank = |fit: &Fit| match (says_more(fit), fit.name) {
        (true, _) => 0,
        (false, None) => 1,
        (false, Some(_)) => 2,
    };
    fits.sort_by(|one, other| {
        rank(one).cmp(&rank(other)).then(other.score.total_cmp(&one.score)).then_with(|| one.specs.cmp(&other.specs))
    });
    let score = fits.iter().map(|fit| fit.score).fold(f64::MIN, f64::max);
    let names = fits.iter().filter(|fit| says_more(fit)).filter_map(|fit| fit.name).collect();
    let mut fits = fits.into_iter();
    let Fit { specs, walks, evidence, .. } = fits.next()?;
    let same = fits.map(|fit| joined(&fit.specs)).collect();
    Some(Guess { specs, same, names, walks, evidence, score, confidence: Confidence::Low })
}

/// A protocol is named if its chain of frames gives this many bits more evidence than the best framing without a name does,
/// and at least half as many again.
const NAMED_BITS: f64 = 12.0;

/// Or if every frame must have this many fixed bytes, whatever the chain counts for.
const NAMED_FIXED: usize = 4;

/// The SPECs of both directions, or the one of both.
pub(crate) fn joined(specs: &[String]) -> String {
    match specs {
        [one, other] if one != other => format!("{one} and {other}"),
        [one, ..] => one.clone(),
        [] => String::new(),
    }
}

impl Guess {
    /// Protocols whose frames these are too. With too little proof a name would only be one of many.
    pub(crate) fn same_names(&self) -> Vec<&str> {
        let enough = self.confidence > Confidence::Low;
        let names = self.same.iter().map(String::as_str).filter(|spec| spec.starts_with('@'));
        names.filter(|_| enough).collect()
    }

    /// Whether each frame of `other` is one or more frames of this.
    fn splits(&self, other: &Self) -> bool {
        self.walks.iter().zip(&other.walks).all(|(mine, others)| {
            let mut ends = mine.ends().peekable();
            others.ends().all(|end| {
                while ends.peek().is_some_and(|mine| *mine < end) {
                    ends.next();
                }
                ends.peek() == Some(&end)
            })
        })
    }
}
