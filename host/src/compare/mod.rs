//! Compares two builds of a plugin: two workers in lock-step, round after round, until each case is decided.
//!
//! ```text
//! matching  which cases both sides have, with the same parameters      → Contest, or why not
//! pilot     one round that counts for nothing: sizes of batch and warm-up
//! round     two fresh workers, pairs of samples in coin-tossed order    → one number a metric
//! contest   what a case has seen so far, and what it cost; a track for each metric
//! seen      what the samples say against themselves                 → flags, or that it is wrong
//! conclude  contest → Comparison
//! ```
//!
//! All cases are open at once and take turns, a round each, so that a disturbance of the machine falls on all of them.
//! After every round the whole family is judged together; a case whose metrics are all decided takes no further turns.

mod conclude;
mod contest;
mod matching;
mod metric;
mod pilot;
mod refusal;
mod round;
mod seen;
pub mod stored;
mod track;

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use benchhost_record::Comparison;
use benchhost_stats::{Bounds, Paired, SplitMix64, decide};

pub use self::{
    contest::{Contest, Side},
    matching::{Matched, Sides, matched},
    track::Track,
};
use crate::run::Setting;

/// Times that probes look during a sample, where what they cost is asked.
const LOOKS_A_SAMPLE: u64 = 2;

/// What to look at, how strictly, and for how long.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// Level of false decisions for the whole family, 0–1.
    pub level: f64,
    /// A change must be larger than this ratio − 1.
    pub tolerance: f64,
    /// A difference within this ratio − 1 is none.
    pub margin: f64,
    /// Time of each case.
    pub max_time: Duration,
    /// Rounds of each case.
    pub max_rounds: u64,
    /// Seed of the coins and of the order of the cases.
    pub seed: u64,
    /// Names of the metrics.
    pub metrics: Vec<String>,
    /// What reading the clock costs, ns.
    pub clock_read_ns: f64,
    /// Probes that look at the candidate; empty for none.
    pub probes: Vec<String>,
}

impl Terms {
    /// How long a sample should be at least, ns: long enough for probes to look while it lasts.
    pub(crate) fn sample_ns(&self, poll_ns: u64) -> u64 {
        if self.probes.is_empty() {
            pilot::SAMPLE_NS
        } else {
            LOOKS_A_SAMPLE * poll_ns
        }
    }

    /// The bounds as logarithms of ratios.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        Bounds {
            tolerance: self.tolerance.ln_1p(),
            margin: self.margin.ln_1p(),
        }
    }
}

/// Is told what happens, for progress.
pub trait Watcher {
    /// A round of the case called `label` begins; `decided` of `all` cases need no more.
    fn round(&mut self, label: &str, round: u64, decided: usize, all: usize);
}

/// Plays all contests to their ends. Those that were open when the user interrupted say so.
pub fn execute(
    contests: &mut [Contest<'_>],
    terms: &Terms,
    setting: &Setting<'_>,
    watcher: &mut dyn Watcher,
) -> Vec<Comparison> {
    let mut coin = SplitMix64::new(terms.seed);
    let interrupted = || setting.interrupted.load(Ordering::Relaxed);
    loop {
        let mut open: Vec<usize> = (0..contests.len())
            .filter(|i| contests[*i].is_open(terms))
            .collect();
        if open.is_empty() || interrupted() {
            break;
        }
        shuffle(&mut open, &mut coin);
        for index in open {
            if interrupted() {
                break;
            }
            let decided = contests.iter().filter(|one| !one.is_open(terms)).count();
            let all = contests.len();
            let contest = &mut contests[index];
            watcher.round(&contest.label(), contest.rounds() + 1, decided, all);
            let started = Instant::now();
            contest.turn(setting, terms, &mut coin);
            contest.spend(started.elapsed());
            judge(contests, terms);
        }
    }
    let held = contests.iter().filter(|one| one.was_held());
    let family = held.map(|one| one.tracks().len()).sum();
    contests
        .iter()
        .flat_map(|contest| conclude::comparisons(contest, terms, family, interrupted()))
        .collect()
}

/// Looks at the whole family.
fn judge(contests: &mut [Contest<'_>], terms: &Terms) {
    let family: Vec<&Paired> = contests
        .iter()
        .filter(|contest| contest.was_held())
        .flat_map(|contest| contest.tracks().iter().map(|track| &track.paired))
        .collect();
    let mut decided = decide(&family, terms.level).into_iter();
    for contest in contests.iter_mut().filter(|one| one.was_held()) {
        for track in contest.tracks_mut() {
            if let Some(now) = decided.next() {
                track.learn(now);
            }
        }
    }
}

/// A random order (Fisher & Yates).
fn shuffle(order: &mut [usize], random: &mut SplitMix64) {
    for last in (1..order.len()).rev() {
        order.swap(last, random.index(last + 1));
    }
}
